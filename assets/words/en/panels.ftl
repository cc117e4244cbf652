# The left side of the window.
panel-locked = Locked during a run.
panel-off = off
panel-on = on

# Sections
panel-data = Data
panel-data-summary = { $file } · { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    } · { $classes ->
        [one] 1 class
       *[other] { $classes } classes
    }
panel-data-reading = Reading the file …
panel-data-failed = The file could not be used
panel-model = Model
panel-model-summary = { $model } · { $layers ->
        [one] 1 layer
       *[other] { $layers } layers
    }
panel-model-reading = Reading the model …
panel-model-failed = The model could not be used
panel-freeze = Freeze
panel-freeze-summary = { $preset } · { $share } trains
panel-training = Training
panel-training-summary = { $epochs ->
        [one] 1 epoch
       *[other] { $epochs } epochs
    } · learning rate { $rate }
panel-training-summary-time = { $settings } · about { $time }

# Data
panel-choose-file = Choose file…
    .hint = A table with a column of texts and one of labels: CSV, TSV, JSON, .xlsx or .ods, also packed as .zip or .gz.
panel-bundled-data = Bundled reviews
    .hint = Sentences from film reviews, positive or negative, that come with Thaw.
panel-recent = Recent
panel-drop-file = Or drop a table, or a folder with a folder for each class, anywhere on the window.
panel-guess = Guess
panel-guessed = { $name } (guessed)
panel-encoding = Encoding
    .hint = How the file's bytes stand for letters. Change it when accents or Hangul look broken in the table below.
panel-delimiter = Delimiter
    .hint = The character between two fields of a row.
panel-delimiter-comma = Comma
panel-delimiter-semicolon = Semicolon
panel-delimiter-tab = Tab
panel-delimiter-bar = Vertical bar
panel-quoting = Quotation marks
    .hint = How a quotation mark inside a text is written. Change it when texts in the table below have stray backslashes or quotation marks.
panel-quoting-double = Doubled: ""
panel-quoting-backslash = Backslash: \"
panel-quoting-single = Apostrophes: ''
panel-quoting-none = Like other characters
panel-header = First row
    .hint = Whether the first row names the columns, or is a row like the others. Without names, the columns are called 1, 2, 3, ...
panel-header-yes = Column names
panel-header-no = A row of data
panel-keep-missing-words = Keep nan, None, NULL
    .hint = Such words stand for missing values, so rows with one as text or label are skipped. Switch it on where they are real texts or labels.
panel-text-column = Text column
    .hint = The column that the model reads.
panel-second-column = Second text
    .hint = A column with a second text for each row, such as a hypothesis beside its premise. The model reads both in one row.
panel-second-none = None
panel-likely-pair = “{ $first }” and “{ $second }” look like the two texts of a row. Only “{ $read }” is read.
panel-read-pair = Read both texts
    .hint = Gives the model both texts of each row, as for sentence pairs, paraphrases, or questions and answers.
panel-label-column = Label column
    .hint = The column with the class that the model learns to predict.
panel-text-mark = Text
panel-second-mark = Second text
panel-label-mark = Label
panel-unnamed = (no name)
panel-rows = { $count ->
        [one] 1 usable row
       *[other] { $count } usable rows
    }
health-well = Nothing amiss: no copies, no contradicting labels.
health-title = { $count ->
        [one] Health: 1 finding
       *[other] Health: { $count } findings
    }
    .hint = What in these data makes a test say too much, or leaves less to learn from than it seems.
panel-accept-skipped = Use the other { $rows ->
        [one] row
       *[other] { $rows } rows
    }
    .hint = Trains on what can be read, and leaves the skipped rows out.
panel-more = and { $count } more
panel-classes = Classes ({ $count })
panel-lengths = Text length in tokens
    .hint = A token is a word or a piece of one. The time of a run grows with the number of tokens.
panel-lengths-waiting = Counted once data and model are read.
panel-lengths-axis = tokens
panel-lengths-bar = { $tokens } tokens: { $rows ->
        [one] 1 text
       *[other] { $rows } texts
    }
panel-lengths-cut-bar = Cut: { $rows ->
        [one] 1 text
       *[other] { $rows } texts
    }
panel-lengths-cut = { $share } of the texts ({ $rows }) are cut at { $limit ->
        [one] 1 token
       *[other] { $limit } tokens
    }.
panel-lengths-none-cut = No text is cut: all fit into { $limit ->
        [one] 1 token
       *[other] { $limit } tokens
    }.
panel-tokenised = Tokenised { $done } of { $total }
panel-split = Split
    .hint = First the test rows are set aside, then the validation rows out of the rest. Every class keeps its share in each part.
panel-train-part = Train
panel-validation-part = Validation
panel-test-part = Test
panel-test-share = Test share
    .hint = Of all rows. The model never sees them until the run has ended.
panel-validation-share = Validation, of the rest
    .hint = Of the rows that are left after the test. They are measured during the run, but nothing is learned from them.
panel-split-seed = Split seed
    .hint = Which rows fall to which part. Keep it while you compare runs; it is apart from the training seed.
panel-row-limit = Row limit
    .hint = Use only so many rows of the file, drawn so that every class keeps its share.
panel-row-limit-off = all rows

# Model
panel-bundled-model = Comes with Thaw · small and quick
panel-cached-model = In the Hugging Face cache of this computer · { $size }
panel-choose-model = Choose folder…
    .hint = A folder in Hugging Face layout: config.json, model.safetensors, and tokenizer.json or vocab.txt.
panel-model-facts = { $model }
panel-fact-family = Family
    .hint = The model_type in its config.json.
panel-fact-layers = Encoder layers
    .hint = Transformer blocks on top of each other; each can be frozen on its own.
panel-fact-hidden = Hidden size
    .hint = Numbers that describe one token between two layers.
panel-fact-intermediate = Feed-forward size
    .hint = Width of the inner part of each layer's feed-forward block.
panel-fact-heads = Attention heads
    .hint = Ways of looking at the other tokens that each layer has side by side.
panel-fact-parameters = Parameters
    .hint = All numbers that can be trained, the new classifier's included.
panel-fact-vocabulary = Vocabulary
    .hint = Different tokens that the model knows.
panel-fact-positions = Most tokens
    .hint = The longest text it can read, in tokens.
panel-fact-dropout = Dropout
    .hint = The model's own probability of dropping a hidden value in training.
panel-fact-size = File size
    .hint = Size of model.safetensors.
panel-fact-head = Its own head
    .hint = The classifier that the model came with, and its labels. It is kept when your labels are the same; for others a new one takes its place.
panel-head-kept = kept: { $labels }
panel-head-replaced = replaced; it was for { $labels }
panel-keep-head = Keep its head
    .hint = Refuses to train where the model's own head cannot be kept for your labels. Otherwise a new head takes its place.
panel-new-head = Begin with a new head
    .hint = A new head takes the place of the model's own even where that one could be kept.
panel-label-map = Labels of data and model
    .hint = Which label of the model's own head each label of your data stands for. A guess can be corrected here.
panel-label-map-own = Your label
panel-label-map-model = The model's label
panel-label-map-of = The model's label for { $label }
panel-label-map-unset = choose
panel-label-map-open = The model's own head is kept once every label stands for another of its labels; until then a new head takes its place.
panel-label-map-forget = Guess again

# Freeze
freeze-preset-1 = Preset 1
    .short = 1
    .hint = All of the pre-trained model is frozen; only the new classifier trains.
freeze-preset-2 = Preset 2
    .short = 2
    .hint = The pooler and the classifier train; the encoder is frozen.
    .hint-no-pooler = This model has no pooler, so this is the same as preset 1: only the new classifier trains.
freeze-preset-3 = Preset 3
    .short = 3
    .hint = The last encoder layer, the pooler and the classifier train.
    .hint-no-pooler = The last encoder layer and the classifier train. This model has no pooler.
freeze-full = Full
    .short = Full
    .hint = Everything trains: ordinary fine-tuning.
freeze-top = Top { $k }
    .short = Top k
freeze-top-hint = { $k ->
        [one] The last layer
       *[other] The last { $k } layers
    }, the pooler and the classifier train.
freeze-top-hint-no-pooler = { $k ->
        [one] The last layer
       *[other] The last { $k } layers
    } and the classifier train. This model has no pooler.
freeze-top-number = Number of top layers
freeze-biases = Biases only
    .short = Biases
    .hint = Only the biases and the classifier train (BitFit).
freeze-custom = Custom
    .hint = Your own choice of parameters.
panel-trains = Trains { $on } of { $all } ({ $share })
panel-trains-hint = { $frozen ->
        [one] 1 parameter stays exactly as it was.
       *[other] { $frozen } parameters stay exactly as they were.
    }
panel-filter = Filter by name
panel-filter-clear = Clear the filter
panel-filter-none = No parameter's name contains “{ $filter }”.
panel-embeddings = Embeddings
    .hint = Turn token numbers and positions into vectors.
panel-encoder = Encoder
    .hint = All layers of the model.
panel-layer = Layer { $index }
    .hint = One transformer block. Backward must reach down to the lowest one that trains.
panel-last-layer = last
panel-attention = Attention
    .hint = Query, key, value and output: how tokens look at each other.
panel-feed-forward = Feed-forward
    .hint = Two dense layers that work on each token alone.
panel-norms = Norms
    .hint = The two LayerNorms of the layer.
panel-pooler = Pooler
    .hint = A dense layer on the first token ([CLS]), between encoder and classifier.
panel-classifier = Classifier
    .hint = The new head: one score for each class.
panel-frozen = Frozen
panel-mixed = Partly trainable
panel-trainable = Trainable
panel-fold = Fold { $group }
panel-unfold = Unfold { $group }
panel-open-parameter = Show the values of { $name }

# A parameter
panel-parameter-reading = Reading the values …
panel-parameter-shape = Shape { $shape }, { $count ->
        [one] 1 value
       *[other] { $count } values
    }
panel-requires-grad-true-hint = It gets a gradient and is changed by training.
panel-requires-grad-false-hint = It is frozen: training does not touch it.
panel-requires-grad-next = in the next run
panel-requires-grad-run = in this run
panel-values-before = Before training
panel-values-after = After training
panel-values-model = Values of the pretrained model { $model }, before training
panel-values-head = Values of a new head for { $model }, before training: they are random
panel-values-run = Values of the run “{ $run }”, after training
panel-min = min
panel-max = max
panel-mean = mean
panel-std = std
panel-histogram = Distribution
panel-histogram-bar = { $from } to { $to }: { $count }
panel-first-values = { $count ->
        [one] First value
       *[other] First { $count } values
    }

# Training
panel-epochs = Epochs
    .hint = How many times the model sees every training row.
panel-batch-size = Batch size
    .hint = Rows that are learned from in one step. Larger batches take fewer, steadier steps.
panel-learning-rate = Learning rate
    .hint = How far each step moves the parameters. Too high and the loss jumps; too low and nothing is learned.
panel-suggested = Suggested for this freezing: { $rate }
    .hint = The fewer parameters train, the larger the steps they need.
panel-suggested-use = Use it
panel-max-length = Max length
    .hint = Tokens of a text that are read; the rest is cut. Time grows with it.
panel-seed = Seed
    .hint = Rules how the classifier starts, the order of the rows, and dropout. The same seed gives the same run.
panel-more-settings = More settings
panel-schedule = Schedule
    .hint = How the learning rate moves after the warm-up.
panel-schedule-linear = Linear to 0
panel-schedule-constant = Constant
panel-schedule-cosine = Cosine to 0
panel-warmup = Warm-up
    .hint = Share of all steps in which the learning rate climbs from 0. It makes the start gentler.
panel-weight-decay = Weight decay
    .hint = Pulls weights towards 0 in every step (AdamW). Biases and LayerNorms are left alone.
panel-clip = Gradient clipping
    .hint = A gradient with a larger norm is scaled down to this one. 0 turns it off.
panel-dropout = Dropout
    .hint = Chance that a hidden value is set to 0 in training, so that the model does not lean on single ones.
panel-dropout-own = Model's own ({ $value })
panel-dropout-own-unknown = Model's own
panel-dropout-value = Value
panel-frozen-dropout = Dropout in frozen layers
    .hint = Whether dropout also acts below the lowest trainable layer, as in Hugging Face. Off, frozen layers always give the same.
panel-patience = Early stopping
    .hint = Stop when the validation loss has not fallen for so many epochs.
panel-keep = Keep
    .hint = Which weights the run ends with: the last epoch's, or those with the best validation accuracy.
panel-keep-last = Last epoch
panel-keep-best = Best epoch
panel-class-weights = Class weights
    .hint = What the rows of each class count in the training and validation loss. Balanced helps rare classes: each class counts the same, however few rows it has.
panel-class-weights-none = All the same
panel-class-weights-balanced = Balanced
panel-class-weights-named = By class
panel-threads = Threads
    .hint = How many threads compute. The default is one for each core.
panel-threads-automatic = default
panel-accumulate = Batches per step
    .hint = Gradients of so many batches are added up before the weights move: a larger batch in the memory of a small one.
panel-device = Device
    .hint = What computes. A GPU needs a build of Thaw made for it.
panel-device-cpu = Processor
panel-device-not-built = { $device } (not in this build)
panel-precision = Precision
    .hint = What the numbers of products are rounded to. bf16 keeps 8 of 24 bits; it is faster where the processor has instructions for it.
panel-frozen-precision = Frozen layers in
    .hint = How the layers below the lowest trainable one are held in memory while training. Fewer bits take less memory and less time. The saved model keeps the original weights.
panel-precision-note = Fewer bits are faster and a little less exact. Weights that train, their updates and all sums stay in 32 bits.
panel-cache = Keep frozen results
    .hint = Compute what the frozen layers make of each text only once. This changes the speed, never the results.
panel-cache-memory = … in memory, MiB
    .hint = At most so much memory for them. The default is a quarter of what is free.
panel-cache-file = … in a file, MiB
    .hint = At most so much of a temporary file, once the memory is used up. The default is half of the free space; 0 uses none.
panel-cache-kept = Kept at present
    .hint = The frozen layers' results that later runs use again. They count for no single run, and the two limits above hold for all of them together.
panel-estimate = About { $time } for { $epochs ->
        [one] 1 epoch
       *[other] { $epochs } epochs
    }
    .hint = From a short measurement on this computer with your data and model.
panel-estimate-memory = About { $memory } of memory
    .hint = Weights, gradients, the optimiser's moments and what one batch keeps for backward. What is kept of frozen layers takes only what is free. A run that does not fit is refused.
panel-estimate-memory-kept = About { $memory } of memory, and { $kept } kept of frozen layers
panel-estimate-epochs = First epoch { $first }, each later one { $later }
panel-estimate-each = { $time } for each epoch
panel-estimate-measuring = Measuring how fast this computer is …
panel-estimate-waiting = The time is estimated once data and model are read.
panel-long-run = That is long. A part of the rows often shows the same lesson.
panel-budget = Time budget
panel-minutes = min
panel-fit = Fit into { $minutes } min
    .hint = Sets the row limit, and if need be the max length, so that the run takes about this long.
panel-checkpoint-minutes = Checkpoint every, min
    .hint = Save a resume point every N minutes (0: only after each epoch).
panel-checkpoint-epochs = at epochs’ ends
