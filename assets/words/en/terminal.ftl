# The terminal program: help, report, problems of runs and of the worker.

cli-about = Fine-tune BERT text classifiers and see what freezing layers does.
cli-about-train = Fine-tune a model on a table of texts and labels.
cli-about-data = Show what a data file holds, how it would be read and divided, and what is not as it should be in it.
cli-about-params = List every parameter of a model, and what a freezing makes of it.
cli-about-evaluate = Measure a trained model on its own test rows or on a file.
cli-about-predict = Classify texts with a trained model.
cli-about-explain = Show what each word of a text adds to the prediction, and what is predicted without it.
cli-after-help = Without a command, Thaw opens its window.
cli-usage = Usage
cli-heading-arguments = Arguments
cli-heading-options = Options
cli-heading-commands = Commands

cli-arg-help = Print help
cli-arg-version = Print the version
cli-arg-json = One JSON object a line on standard output, for other programs
cli-arg-model = The pre-trained model: bundled (all-MiniLM-L6-v2), a folder in Hugging Face layout, or a model of the Hugging Face Hub such as klue/bert-base, downloaded when it is not here yet
cli-arg-freeze = What trains. 1: only the classifier; 2: and the pooler; 3: and the last layer (default); full: everything; top:K: the last K layers; biases: every bias; or a plan file
cli-arg-text_column = The column with the texts (guessed)
cli-arg-second_text_column = The column with a second text for each row, such as a hypothesis beside its premise (none: one text a row)
cli-arg-label_column = The column with the labels (guessed)
cli-arg-encoding = The file's encoding, such as utf-8, euc-kr, windows-1252 (guessed)
cli-arg-delimiter = What stands between two fields: a character, or tab, comma, semicolon, bar (guessed)
cli-arg-quoting = What a quotation mark inside a text looks like: doubled, behind a backslash, or as it is; single: fields stand in apostrophes (guessed)
cli-arg-header = Whether the first row names the columns; without names they are 1, 2, 3, ... (yes, unless it is certainly a row like the others)
cli-arg-keep_missing_words = Take words such as nan, NULL or None for texts and labels, not for missing values
cli-arg-accept_skipped = Use the other rows also when more than a tenth of the file has to be skipped
cli-arg-run_dir = A run folder, or any Hugging Face folder with a sequence classifier
cli-arg-label_map = Which label of the model each label of the file stands for, such as 0=NEGATIVE,1=POSITIVE (guessed only where it can be known); a name with a comma or an equals sign stands in double quotes; or a file: a JSON object, or CSV with two columns and no header
cli-train-new_head = Begin with a new head even where the model's own could be kept
cli-train-keep_head = Refuse to train where the model's own head cannot be kept for the file's labels
cli-train-data = A table (CSV, TSV, JSON, JSON lines, .xlsx, .ods, fastText), also as .gz or .zip, or a folder with a folder for each class; the bundled reviews without it
cli-train-validation_data = A file to validate on, instead of a share of the rows
cli-train-test_data = A file to test on, instead of a share of the rows
cli-train-epochs = Passes over the training rows (3)
cli-train-batch_size = Rows per optimiser step (16)
cli-train-learning_rate = Peak learning rate (by freezing: 1e-3 for 1 and 2, 1e-4 for 3, 5e-5 for full)
cli-train-weight_decay = AdamW's decoupled weight decay (0)
cli-train-warmup_ratio = Share of all steps in which the learning rate climbs (0)
cli-train-schedule = How the learning rate moves after warm-up (linear)
cli-train-clip = The gradient's norm is cut down to this; 0 turns it off (1)
cli-train-max_length = Tokens of a text that are read, the rest is cut (128)
cli-train-dropout = Dropout probability everywhere; 0 turns it off (the model's own)
cli-train-frozen_dropout = Dropout also in the frozen layers below what trains
cli-train-seed = Seed of the head's first values, the order of rows and dropout (42)
cli-train-split_seed = Seed of the split into training, validation and test rows (42)
cli-train-max_rows = Use only so many rows of the file, every class's share kept
cli-train-test_share = Share of the rows kept for the test (0.2)
cli-train-validation_share = Share of the remaining rows kept for validation (0.3)
cli-train-patience = Stop after so many epochs without a lower validation loss (off)
cli-train-keep = Which weights the run ends with: the last epoch's, or the best validation accuracy's (last)
cli-train-class_weights = What the rows of each class count in the loss: balanced, or by name, such as negative=2,positive=1 (all the same)
cli-train-threads = Threads that compute (one for each physical core)
cli-train-device = What computes (cpu); cuda and metal need a build with that feature
cli-train-precision = What the operands of products are rounded to (f32); bf16 is faster where the processor has instructions for it
cli-train-frozen_precision = How the layers below the lowest trainable one are held while training (f32); the saved model keeps the original weights
cli-train-no_prefix_cache = Compute frozen layers in every epoch instead of keeping their results
cli-train-cache_memory = MiB of memory for the frozen layers' results (a quarter of what is free)
cli-train-cache_disk = MiB of a temporary file for them once memory is full (half of the free space); 0 uses none
cli-train-accumulate = Batches whose gradients are added up into one optimiser step (1)
cli-train-out = The run folder; must be new or empty (a new one among your runs)
cli-evaluate-classifier = A run folder, a Hugging Face folder with a sequence classifier, or a model of the Hugging Face Hub, downloaded when it is not here yet; with --head also bundled or any base model
cli-predict-classifier = A run folder, a Hugging Face folder with a sequence classifier, or a model of the Hugging Face Hub, downloaded when it is not here yet; with --head also bundled or any base model
cli-arg-head = The head of this run, folder or safetensors file in place of the model's own; both must be of the same base model
cli-predict-data = A table whose texts are classified, one line a row
cli-evaluate-precision = What products are computed in: f32 or bf16 (as the run was trained)
cli-predict-precision = What products are computed in: f32 or bf16 (as the run was trained)
cli-evaluate-data = A labelled file to measure on; the run's own test rows without it
cli-predict-second = The second text of a pair, once for each TEXT; for a model that was trained on two texts a row
cli-predict-texts = Texts to classify; one a line from standard input without any
cli-explain-classifier = A run folder, a Hugging Face folder with a sequence classifier, or a model of the Hugging Face Hub, downloaded when it is not here yet; with --head also bundled or any base model
cli-explain-texts = Texts whose predictions are explained
cli-explain-second = The second text of a pair, once for each TEXT; for a model that was trained on two texts a row
cli-explain-precision = What products are computed in: f32 or bf16 (as the run was trained)

cli-error = error: { $sentence }
cli-warning = warning: { $sentence }
cli-note = { $sentence }

cli-data = Data
cli-data-line = { $name }: { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    } ({ $encoding }), text in “{ $text }”, { $classes ->
        [one] 1 label
       *[other] { $classes } labels
    } in “{ $label }”: { $labels }
cli-split = Split
cli-split-line = { $train ->
        [one] 1 row
       *[other] { $train } rows
    } to train, { $validation } to validate, { $test } to test
cli-model = Model
cli-evaluated-in = Computed in { $precision }.
cli-precision = Precision
cli-precision-line = products in { $precision }, frozen layers in { $frozen }
cli-model-line = { $name }: { $layers ->
        [one] 1 layer
       *[other] { $layers } layers
    }, hidden size { $hidden }, { $heads ->
        [one] 1 head
       *[other] { $heads } heads
    }
cli-freeze = Freezing
cli-freeze-line = { $name }: { $trainable } of { $total } parameters train ({ $share })
cli-freeze-no-pooler = This model has no pooler: { $name } is the same as preset 1.
cli-head = Head
cli-head-kept = the model's own is kept ({ $labels })
cli-head-replaced = a new one replaces the model's own, which was for { $labels }
cli-labels = Labels
cli-label-map-states = . --label-map states it
cli-training = Training
cli-training-line = epochs { $epochs }, batch { $batch }, learning rate { $rate } ({ $schedule }), max length { $length }, seed { $seed }
cli-training-best = , keeps the best epoch
cli-training-patience = , patience { $epochs }
cli-class-weights = Class weights
cli-schedule-linear = linear
cli-schedule-constant = constant
cli-schedule-cosine = cosine
cli-epoch-epoch = Epoch
cli-epoch-train-loss = Train loss
cli-epoch-train-accuracy = Train acc.
cli-epoch-validation-loss = Valid. loss
cli-epoch-validation-accuracy = Valid. acc.
cli-epoch-speed = Rows/s
cli-epoch-time = Time
cli-bar-step = epoch { $epoch }  loss { $loss }  accuracy { $accuracy }
cli-bar-within-step = step { $step }: { $percent }  loss { $loss }
cli-bar-step-begun = step { $step }: { $percent }
cli-bar-validate = validating { $done }/{ $total }
cli-stage-read-data = reading the data
cli-stage-tokenise = tokenising
cli-stage-load-model = reading the model
cli-stage-load-weights = loading the weights
cli-stage-fingerprint = fingerprinting the weights
cli-stage-validate = validating
cli-stage-test = testing
cli-stage-save = saving
cli-test-line =
    Test rows { $rows }
    accuracy { $accuracy } (95 % interval { $low } to { $high }); always answering “{ $label }”: { $majority }
    macro F1 { $f1 }, loss { $loss }
cli-class-label = Label
cli-class-precision = Precision
cli-class-recall = Recall
cli-class-f1 = F1
cli-class-support = Rows
cli-matrix = Confusion matrix: true labels down, predicted labels across
cli-matrix-corner = true
cli-matrix-of-worst = Confusion matrix of the { $shown } classes most often confused, of { $classes } (rows: true, columns: predicted); metrics.json has all
cli-pairs = Worst pairs
cli-pairs-true = true
cli-pairs-predicted = predicted
cli-pairs-count = rows
cli-pairs-share = share
cli-classes-worst = The { $shown } classes of the lowest F1, of { $classes }; metrics.json has all
cli-ended-completed =
    The run took { $time } and is in { $folder }
    Try it: thaw predict "{ $folder }" { $texts }
cli-ended-stopped = Stopped. What was learned is in { $folder }
cli-ended-nothing = Stopped before the first step; there was nothing to save.
cli-ended-failed = The run failed. What it logged is in { $folder }
cli-data-file = A data file as for train, or bundled
cli-data-rows = Rows shown behind each finding (3; with --json 1000)
cli-card-file-line = { $name } ({ $encoding }): { $rows ->
        [one] 1 usable row
       *[other] { $rows } usable rows
    }, { $skipped } skipped
cli-card-columns = Columns
cli-card-columns-line = text in “{ $text }” ({ $first }), label in “{ $label }” ({ $second }), of { $columns }
cli-card-by-given = as given
cli-card-by-name = by its name
cli-card-by-longest = guessed: the longest texts
cli-card-by-fewest = guessed: the fewest values
cli-card-lengths = Lengths
cli-card-lengths-line = { $median } tokens in the middle, { $longest } at most, as { $model } reads them; { $cut ->
        [0] none is longer than { $most }
        [one] 1 text is cut at { $most }
       *[other] { $cut } texts are cut at { $most }
    }
cli-card-unknown = Words
cli-card-unknown-line = { $share } unknown to the model (by the first rows)
cli-card-label = Label
cli-card-rows = rows
cli-card-train = training
cli-card-validation = validation
cli-card-test = test
cli-card-rarest = The { $shown } rarest of { $labels } labels:
cli-card-more = ... and more (--rows)
cli-card-lists = `thaw data` lists the rows behind each of these lines.
cli-skipped = rows skipped in { $file }: { $count }
cli-skipped-kind = { $count ->
        [one] {"  "}row { $row }: { $reason }
       *[other] {"  "}{ $count } rows, the first is row { $row }: { $reason }
    }
cli-skipped-more = {"  "}...
cli-params-name = Parameter
cli-params-shape = Shape
cli-params-count = Count
cli-params-totals = { $trainable } of { $total } parameters train ({ $share }), { $frozen } are frozen.
cli-trainable = trainable
cli-frozen = frozen
cli-predict-column = The texts are those of the column “{ $column }” of { $file } (guessed; --text-column states it).
cli-predict-prompt = One text a line; Ctrl-D ends.
cli-predict-prompt-pairs = One pair a line, a tab between its two texts; Ctrl-D ends.
cli-predict-columns = The texts are those of the columns “{ $first }” and “{ $second }” of { $file }.

# Problems of runs and of the worker.
run-no-home = Thaw finds no folder of yours for its runs. Name one with --out, or set THAW_RUNS_DIR.
run-folder-not-empty = { $folder } is not empty, and a run never overwrites files. Name a new folder, or empty this one.
run-folder-is-file = { $folder } is a file. Name a folder for the run.
run-or-model-not-found = There is no folder { $name } here, and as a model of the Hub it cannot be had: { $problem }
bundled-without-head = The bundled model has no classification head. Give it one with --head and a run folder, or name a run folder.
run-not-found = There is no folder { $folder }. Check its name; `thaw runs` lists the runs.
run-interrupted = The run in { $folder } has no model yet, because it was interrupted before its end. Go on with it first: thaw train --resume "{ $folder }"
run-without-model = The run in { $folder } has no model: it failed before it was saved. Its steps are in steps.jsonl.
run-without-head = The model in { $folder } has no classification head. Name a run folder, or train it first: thaw train --model "{ $folder }".
run-lacks-parameters = The model in { $folder } has a classification head, but not all of what stands before it: { $names } would be random values. Train it first: thaw train --model "{ $folder }".
run-unreadable = { $file } cannot be read. Name another run, or give the data with --data.
run-fresh-parameters = { $model } comes without { $names }: these start from random values, as the classifier does.
run-unknown-words = Of the words in these texts, { $share } % are unknown to the tokenizer of { $model } (by the first rows). The model cannot tell them apart: choose a model made for this language, or check that the tokenizer is the model's own.
run-under-way = Another run is under way. Stop it, or wait until it has ended.
plan-unreadable = { $file } is not a plan: correct its line { $line }. A plan looks like {"{"}"rules": [{"{"}"parameters": "encoder.layer.5.*", "state": "trainable"{"}"}]{"}"}.
max-length-above-positions = max-length is { $value }, but { $model } reads at most { $positions } tokens. Choose at most { $positions }.
no-model-yet = No model is open yet. Choose one first.
predict-needs-second = This model classifies pairs of texts: it was trained on the columns “{ $first }” and “{ $second }”. Give both (predict: TEXT --second TEXT, or in a line of standard input with a tab between them; of a table --text-column NAME --second-text-column NAME).
predict-one-text = This model was trained on one text a row. Leave out --second and --second-text-column.
predict-run-not-paused = The model of the run under way answers while the run is paused. Pause it, then ask again.
predict-unpaired = { $texts ->
        [one] There is 1 text
       *[other] There are { $texts } texts
    } for { $seconds ->
        [one] 1 second text
       *[other] { $seconds } second texts
    }. Give --second TEXT once for each TEXT.
nothing-trained-yet = No model was trained in this session yet. Train one first.
evaluate-needs-data = { $folder } is not a run of Thaw, so it has no test rows of its own. Give a labelled file with --data.
evaluate-training-unknown = Whether the model was also trained on rows of this file cannot be told: the data that it was trained on, { $file }, are no longer where they were, or have changed.
evaluate-data-changed = { $file } is not what it was when the run read it, so the run's test rows cannot be found in it. Bring the old file back, or give a labelled file with --data.
window-without-display = There is no display to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set). In a terminal, use: thaw train
window-failed = The window could not open. In a terminal, use: thaw train

# Runs on disk.
cli-about-runs = List your runs.
cli-about-export = Write a run into a new folder: its model with a model card, TensorBoard’s file, tables, or its training for a cluster.
cli-train-checkpoint_minutes = Minutes between two checkpoints within an epoch; 0: only at its end (10)
cli-train-resume = Resume an unfinished run from its newest checkpoint, with its own settings
cli-train-continued = Start a new run from a finished run's model and settings; --epochs, --learning-rate and --out may stand beside it
cli-runs-folder = The folder with the runs (your own)
cli-export-to = The folder to write; must be new or empty
cli-run-has-settings = { $own } takes the run's own settings, so { $other } cannot stand beside it
cli-resumed = Resuming after step { $step } of { $total }.
cli-runs-none = There are no runs yet.
cli-runs-name = Name
cli-runs-started = Started
cli-runs-data = Data
cli-runs-model = Model
cli-runs-freeze = Freezing
cli-runs-state = State
cli-runs-accuracy = Accuracy
cli-runs-time = Time
cli-runs-completed = done
cli-runs-stopped = stopped
cli-runs-failed = failed
cli-runs-running = running
cli-runs-unfinished = unfinished, { $step } of { $total }
resume-no-run = { $folder } is no run of Thaw. Name a folder that thaw train has written.
resume-finished = The run in { $folder } has ended, so there is nothing to resume. For more epochs: thaw train --continue "{ $folder }" --epochs 3
resume-data-changed = { $file } is not what it was when the run began, so the run cannot be resumed with the same rows. Bring the old file back, or start a new run.
resume-model-changed = The model { $model } is not what it was when the run began, so its frozen weights do not fit the checkpoint. Bring the old model back, or start a new run.
resume-other-format = The checkpoint was written by another version of Thaw. Resume it with that version, or start a new run.
resume-other-precision = The run has computed with products in { $precision } and frozen layers in { $frozen }. Here this processor, or THAW_CPU, would make that { $here } and { $held }, and the numbers others. Resume it on a processor with the same instructions and with THAW_CPU as it was, or start a new run.
run-in-use = The run in { $folder } is being trained by another program. Wait until that has ended.
run-not-deleted = { $folder } could not be moved to the trash.
checkpoint-damaged = { $file } is damaged, so the run cannot be resumed from it. Start a new run.
checkpoint-not-written = A checkpoint could not be written. { $problem } Training goes on, and the checkpoint before is still there.

# Arguments that the terminal cannot use.
usage-help = Help: { $command } --help
usage-unknown-option = There is no option { $option } here.
usage-unexpected = “{ $value }” is one argument too many. Put a text with spaces in quotation marks.
usage-unknown-command = There is no command “{ $command }”.
usage-missing-command = A command is missing: { $names }.
usage-similar = Did you mean { $names }?
usage-value-missing = { $argument } needs a value: { $form }
usage-bad-value = “{ $value }” cannot be the value of { $argument }.
usage-bad-value-of = “{ $value }” cannot be the value of { $argument }. Expected: { $expected }.
usage-takes-no-value = { $argument } takes no value, but has “{ $value }”.
usage-conflict = { $argument } cannot be given together with { $others }.
usage-twice = { $argument } is given twice. Give it once.
usage-missing = Missing: { $arguments }.
usage-not-text = An argument is not valid Unicode text.
usage-other = The arguments cannot be understood.
usage-expects-whole = a whole number, 0 or more
usage-expects-smaller = a smaller number
usage-expects-number = a number, such as 0.5
usage-expects-rows = a number of rows, or all
usage-expects-some-rows = a number of rows, 1 or more
usage-expects-fixed-row = row numbers, such as 47 or test:47
usage-expects-label-map = label=class pairs with commas between, such as 0=NEGATIVE,1=POSITIVE, or a file (.json, .csv, .tsv)
usage-expects-freeze = 1, 2, 3, full, top:K, biases or a plan file (.json)
usage-expects-schedule = linear, constant or cosine
usage-expects-keep = last or best
usage-expects-class-weights = balanced, or NAME=WEIGHT for some classes, such as negative=2,positive=1
usage-expects-precision = f32 or bf16
usage-expects-frozen-precision = f32, bf16 or int8
usage-expects-device = cpu, cuda or metal
usage-expects-delimiter = one character, or tab, comma, semicolon, bar
usage-expects-quoting = double, backslash, none, single
usage-expects-yes-or-no = yes, no
usage-expects-model-id = name, owner/name or owner/name@revision
cli-output-failed = The output could not be written to where it is sent. If that is a file, check the room on its disk.

run-of-trainer = The run in { $folder } was trained by Hugging Face’s Trainer. Its rows, its split and its settings are not in its folder, and this needs them. It can be shown, compared, asked, and measured on a file.
run-not-of-thaw = { $folder } was not written by Thaw, so Thaw does not delete it. Delete the folder yourself.
resume-elsewhere = The run in { $folder } was trained elsewhere and is resumed there: start its train.py again.
trainer-log-damaged = { $file } cannot be read: it was cut off or changed. Copy it again from where the run was trained.
trainer-log-large = { $file } is larger than 256 MB. Train with fewer lines in the log (logging_steps), or open a checkpoint before.

