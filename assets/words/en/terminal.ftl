# The terminal program: help, report, problems of runs and of the worker.

cli-about = Fine-tune BERT text classifiers and see what freezing layers does.
cli-about-train = Fine-tune a model on a table of texts and labels.
cli-about-params = List every parameter of a model, and what a freezing makes of it.
cli-about-evaluate = Measure a trained model on its own test rows or on a file.
cli-about-predict = Classify texts with a trained model.
cli-after-help = Without a command, Thaw opens its window.
cli-usage = Usage
cli-heading-arguments = Arguments
cli-heading-options = Options
cli-heading-commands = Commands

cli-arg-help = Print help
cli-arg-version = Print the version
cli-arg-json = One JSON object a line on standard output, for other programs
cli-arg-model = The pre-trained model: bundled (all-MiniLM-L6-v2), or a folder in Hugging Face layout
cli-arg-freeze = What trains. 1: only the classifier; 2: and the pooler; 3: and the last layer (default); full: everything; top:K: the last K layers; biases: every bias; or a plan file
cli-arg-text_column = The column with the texts (guessed)
cli-arg-label_column = The column with the labels (guessed)
cli-arg-encoding = The file's encoding, such as utf-8, euc-kr, windows-1252 (guessed)
cli-arg-delimiter = What stands between two fields: a character, or tab, comma, semicolon, bar (guessed)
cli-arg-run_dir = A run folder, or any Hugging Face folder with a sequence classifier
cli-train-data = A CSV file with a header; the bundled reviews without it
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
cli-train-threads = Threads that compute (one for each physical core)
cli-train-out = The run folder; must be new or empty (a new one among your runs)
cli-evaluate-data = A labelled file to measure on; the run's own test rows without it
cli-predict-texts = Texts to classify; one a line from standard input without any

cli-error = error: { $sentence }
cli-warning = warning: { $sentence }
cli-note = { $sentence }

cli-data = Data
cli-data-line = { $name }: { $rows } rows ({ $encoding }), text in “{ $text }”, { $classes } labels in “{ $label }”: { $labels }
cli-split = Split
cli-split-line = { $train } rows to train, { $validation } to validate, { $test } to test
cli-model = Model
cli-model-line = { $name }: { $layers } layers, hidden size { $hidden }, { $heads } heads
cli-freeze = Freezing
cli-freeze-line = { $name }: { $trainable } of { $total } numbers train ({ $share } %)
cli-training = Training
cli-training-line = { $epochs } epochs, batch { $batch }, learning rate { $rate } ({ $schedule }), max length { $length }, seed { $seed }
cli-training-best = , keeps the best epoch
cli-training-patience = , stops after { $epochs } epochs without progress
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
cli-bar-validate = validating { $done }/{ $total }
cli-stage-read-data = reading the data
cli-stage-tokenise = tokenising
cli-stage-load-model = reading the model
cli-stage-validate = validating
cli-stage-test = testing
cli-stage-save = saving
cli-test-line =
    Test on { $rows } rows
    accuracy { $accuracy } (95 % interval { $low } to { $high }); always answering “{ $label }”: { $majority }
    macro F1 { $f1 }, loss { $loss }
cli-class-label = Label
cli-class-precision = Precision
cli-class-recall = Recall
cli-class-f1 = F1
cli-class-support = Rows
cli-matrix = Confusion matrix: true labels down, predicted labels across
cli-matrix-corner = true
cli-matrix-too-wide = The confusion matrix of { $classes } labels is in the run's metrics.json, and in --json output.
cli-ended-completed =
    The run took { $time } and is in { $folder }
    Try it: thaw predict "{ $folder }" "…"
cli-ended-stopped = Stopped. What was learned is in { $folder }
cli-ended-nothing = Stopped before the first step; there was nothing to save.
cli-ended-failed = The run failed. What it logged is in { $folder }
cli-skipped = { $count } rows of { $file } were skipped
cli-skipped-row = {"  "}row { $row }: { $reason }
cli-skipped-more = {"  "}...
cli-params-name = Parameter
cli-params-shape = Shape
cli-params-count = Count
cli-params-totals = { $trainable } of { $total } numbers train ({ $share } %), { $frozen } are frozen.
cli-trainable = trainable
cli-frozen = frozen
cli-predict-prompt = One text a line; Ctrl-D ends.

# Problems of runs and of the worker.
run-no-home = Thaw finds no folder of yours for its runs. Name one with --out, or set THAW_RUNS_DIR.
run-folder-not-empty = { $folder } is not empty, and a run never overwrites files. Name a new folder, or empty this one.
run-folder-is-file = { $folder } is a file. Name a folder for the run.
run-not-found = There is no folder { $folder }. Name a run folder, or a Hugging Face folder with a sequence classifier.
run-without-model = The run in { $folder } has no model: it failed before it was saved. Its steps are in steps.jsonl.
run-without-head = The model in { $folder } has no classification head. Name a run folder, or train it first: thaw train --model "{ $folder }".
run-unreadable = { $file } cannot be read: { $error }. Name another run, or give the data with --data.
run-under-way = Another run is under way. Stop it, or wait until it has ended.
plan-unreadable = { $file } is not a plan: { $error }. A plan looks like {"{"}"rules": [{"{"}"parameters": "encoder.layer.5.*", "state": "trainable"{"}"}]{"}"}.
max-length-above-positions = max-length is { $value }, but { $model } reads at most { $positions } tokens. Choose at most { $positions }.
no-model-yet = No model is open yet. Choose one first.
nothing-trained-yet = No model was trained in this session yet. Train one first.
evaluate-needs-data = { $folder } is not a run of Thaw, so it has no test rows of its own. Give a labelled file with --data.
evaluate-data-changed = { $file } is not what it was when the run read it, so the run's test rows cannot be found in it. Bring the old file back, or give a labelled file with --data.
window-without-display = There is no display to open the window on (neither DISPLAY nor WAYLAND_DISPLAY is set). In a terminal, use: thaw train
window-failed = The window could not open: { $error }. In a terminal, use: thaw train
