# Reports: of runs and races, of a class, and lessons on paper
report-kind-run = Run report
report-kind-runs = Report of several runs
report-kind-race = Race report
report-made-by = Made with Thaw { $version }
report-of-runs = { $runs ->
        [one] 1 run
       *[other] { $runs } runs
    }
report-began = begun { $started }

# The figures at the top
report-accuracy = Test accuracy
report-accuracy-detail = 95 % interval { $low } to { $high }
report-f1 = Macro F1
report-f1-detail = mean over { $classes ->
        [one] 1 label
       *[other] { $classes } labels
    }
report-trainable = Trained parameters
report-trainable-detail = { $trainable } of { $total }
report-time = Training time
report-time-detail = { $epochs ->
        [one] 1 epoch
       *[other] { $epochs } epochs
    }, { $steps ->
        [one] 1 step
       *[other] { $steps } steps
    }
report-no-figure = –

# What was done, in sentences
report-done = What was done
report-done-model = The pretrained model { $model } was fine-tuned on { $data } to tell { $classes ->
        [one] 1 label
       *[other] { $classes } labels
    } apart: { $labels }.
report-done-rows = { $train ->
        [one] 1 row was
       *[other] { $train } rows were
    } trained on, { $validation } served for validation after each epoch, and { $test } were kept for the test at the end.
report-done-freeze = The freezing was { $freeze }: { $trainable } of { $total } parameters trained ({ $share }), and all others kept the values they came with.
report-done-training = Training went through the rows { $epochs ->
        [one] once
       *[other] { $epochs } times
    }, in { $steps ->
        [one] 1 step
       *[other] { $steps } steps
    } of { $batch } rows, with AdamW at a peak learning rate of { $rate }. It took { $time }.
report-done-result = On the { $rows } test rows, the model is right in { $accuracy } of all (95 % interval { $low } to { $high }); always answering “{ $label }” would reach { $majority }.
report-done-untested = The run has no test, so that nothing is known of how well its model does on rows it has not seen.
report-state-stopped = The run was stopped before its end. What follows is what it came to until then.
report-state-failed = The run failed. What follows is what it came to until then.
report-state-unfinished = The run has not ended. What follows is what it has told so far.
report-more-labels = { $shown } and { $more } more

# Results
report-result = Result
report-measure = Measure
report-value = Value
report-interval = 95 % interval
report-range = { $low } to { $high }
report-loss = Loss
report-majority = Always answering “{ $label }”
report-words = Bag of words, logistic regression
report-per-class = Each label
report-label = Label
report-precision = Precision
report-recall = Recall
report-recall-interval = 95 % interval of recall
report-class-f1 = F1
report-support = Rows
report-per-class-note = Precision: of the rows given this label, the share that really have it. Recall: of the rows that have this label, the share the model found. F1 is their harmonic mean.
report-matrix = Confusion matrix
report-matrix-true = true label
report-matrix-predicted = predicted label
report-matrix-caption = Test rows by true and predicted label. The shade is the share of the true label's rows: blue is right, orange is wrong.
report-pairs = The most frequent mistakes
report-pairs-note = The matrix of { $classes } labels is too large to be read; these are the pairs that were confused most often.
report-true = True
report-predicted = Predicted
report-count = Rows
report-share = Share of the true label

# Curves
report-curves = Curves
report-curves-caption = Loss and accuracy over the steps. The training curve is smoothed and stands over the single steps; diamonds are the whole validation part at the ends of epochs, and dots a fixed sample of it between them. Dashed lines are what guessing and counting words reach.
report-axis-step = step
report-axis-loss = loss (nats)
report-axis-accuracy = accuracy (%)
report-level-guessing = guessing
report-training-loss = Training loss
report-validation-loss = Validation loss
report-validation-accuracy = Validation accuracy
report-epoch = Epoch
report-train-loss = Training loss
report-train-accuracy = Training accuracy
report-overlaid = Curves of all runs
report-overlaid-caption = Left, the training loss, smoothed. Right, the accuracy on the validation part at the ends of epochs.

# Freezing
report-freezing = Freezing
report-tree-sentence = Of the { $total } parameters of the model with its head, { $trainable } trained. The picture shows the network with its input below and its head above.
report-tree-caption = A bar for each part of the network. Its length follows the logarithm of its number of parameters; blue is frozen, orange trains.
report-tree-about = Parameters that train, of all, from the input to the head.
report-tree-missing = The model's files are gone, so that its parameters cannot be counted here.
report-tree-parameters = parameters
report-tree-trainable = trained
report-part-embeddings = embeddings
report-part-layer = layer { $layer }
report-part-pooler = pooler
report-part-classifier = head
report-frozen = frozen
report-trains = trains
report-trains-partly = trains in part
report-stages = Stages
report-stage = Stage
report-from-epoch = From epoch
report-drift = Drift
report-drift-sentence = How far each part moved from the weights that the run began with: |W − W0| / |W0| at the last sample, after step { $step }. What is frozen stays at exactly 0.
report-drift-none = 0, frozen
report-proof = Proof of freeze
report-proof-sentence = Every tensor was fingerprinted (SHA-256) before and after the training. { $totals }
report-proof-holds = All that was frozen is the same bit for bit.
report-proof-missing = The run has no fingerprints: it ended before its weights were saved.

# Mistakes
report-mistakes = Mistakes
report-mistakes-none = The model answered every test row right.
report-mistakes-sentence = { $count ->
        [one] 1 of { $rows } test rows was
       *[other] { $count } of { $rows } test rows were
    } answered wrong. { $shown ->
        [one] This is the one
       *[other] These are the { $shown }
    } of which the model was surest.
report-mistakes-untold = Which rows were answered wrong is not shown here.
report-mistakes-no-texts = The texts are not shown.
report-row = Row
report-text = Text
report-second-text = Second: { $text }
report-confidence = Probability

# Data
report-data = Data card
report-file = File
report-usable-rows = Rows
report-rows-value = { $rows } usable, { $skipped } skipped
report-columns = Columns
report-columns-value = text “{ $text }”, label “{ $label }”
report-columns-pair = texts “{ $text }” and “{ $second }”, label “{ $label }”
report-read-as = Read as
report-read-value = { $encoding }, fields separated by { $delimiter }
report-tab = tabs
report-no-header = The file names no columns; they go by their numbers.
report-labels = Labels
report-label-rows = { $label } ({ $rows } test rows)
report-split = Split
report-split-value = { $train } training, { $validation } validation and { $test } test rows
report-split-shares = The test is { $test } of the rows, the validation { $validation } of the rest, with the same mixture of labels in each part (seed { $seed }).
report-split-files = Some parts are files of their own.
report-row-limit = At most { $rows } rows of the file were used.
report-rows-per-class = At most { $rows } rows of each label were trained on.
report-flipped = { $share } of the labels were made wrong on purpose.
report-fingerprint = Fingerprint
report-findings = What stands out in the data

# Model and settings
report-model = Model
report-model-name = Pretrained model
report-model-family = Family
report-model-shape = Shape
report-model-shape-value = { $layers ->
        [one] 1 layer
       *[other] { $layers } layers
    } of width { $hidden }, { $heads ->
        [one] 1 attention head
       *[other] { $heads } attention heads
    } each
report-model-reads = Reads
report-model-reads-value = up to { $positions } tokens, { $vocabulary } different ones
report-model-parameters = Parameters with the head
report-model-head = Head
report-head-new = new, from random values
report-head-kept = the model's own, kept
report-head-replaced = new, in the place of the model's own
report-settings = Settings
report-off = off
report-own-dropout = the model's own
report-optimiser = Optimiser
report-memory = Memory needed
report-device = Device
report-program = Program

# How to repeat it
report-repeat = How to repeat it
report-repeat-sentence = With the same data and model, this command trains the same run again:
report-repeat-plan = The freezing has no name on the command line. Save this as { $file } first:
report-repeat-python = The same in Python, with PyTorch and transformers. The command “thaw code” writes it with the files that it reads:
report-repeat-race = With the same data and model, this command runs the same race again:

# Several runs and races
report-compared = Comparison
report-race-sentence = { $strategies ->
        [one] 1 freezing
       *[other] { $strategies } freezings
    } raced on the same split, each from { $seeds ->
        [one] 1 training seed
       *[other] { $seeds } training seeds
    }: { $names }. Every run saw the same test rows.
report-race-missing = { $count ->
        [one] 1 run of the race has
       *[other] { $count } runs of the race have
    } no result: { $skipped } skipped, { $failed } failed, { $open } not done.
report-race-decided = { $count ->
        [0] No two of them are told apart by this test.
        [one] 1 difference is decided: larger than the test rows and the seeds explain.
       *[other] { $count } differences are decided: larger than the test rows and the seeds explain.
    }
report-race-higher = { $first } is higher than { $second } by { $points } points.
report-race-undecided = { $first } and { $second } differ by { $points } points, which chance alone can make.
report-race-best = The highest mean accuracy is that of { $name }, { $accuracy } (95 % interval { $low } to { $high }).
report-race-caption = Mean test accuracy against what it cost: seconds of training on the left, trained parameters on the right. The bars are 95 % intervals; where they overlap widely, the test set is too small to tell.
report-race-seconds = seconds of training
report-race-parameters = trained parameters
report-by-time = Accuracy against time
report-by-parameters = Accuracy against trained parameters
report-ladder-caption = Mean test accuracy against the number of training rows. The bars are 95 % intervals.
report-by-rows = Accuracy against training rows
report-training-rows = training rows
report-strategy = Freezing
report-spread = Spread
report-seeds = Runs
report-time-short = Time
report-verdict = Against the best
report-best = best
report-undecided = undecided
report-lower = { $points } lower
report-other-test = other test rows
report-untested = no test
report-run = Run
report-each = Each run
report-compared-note = Undecided: the test rows cannot tell the run from the best, because the 95 % interval of the difference holds 0.
report-shared-note = Runs that freeze the same layers share that work; its time is counted for each.
report-more-runs = { $count ->
        [one] 1 more run is
       *[other] { $count } more runs are
    } in the table only.

# Asking for a report
report-other-kind = { $file } is neither a page nor paper. Name a file that ends with .html or .pdf.
report-nothing = { $folder } holds no run and no race. Name the folder of a run (with settings.json) or of a race (with race.json).
report-save = Report…
    .hint = One file with all that is told here, to open anywhere (.html) or to print and hand in (.pdf).
report-progress = Writing the report: { $done } of { $total }
report-cancel = Cancel the report
report-written = The report is saved as { $file }.
notice-open = Open
dialog-report = Save the report
dialog-reports = Reports (PDF, HTML)
stage-report = Writing the report
cli-stage-report = writing the report
cli-about-report = Write a report of runs or races: one file to open anywhere, or to print
cli-report-dirs = Folders of runs and races
cli-report-to = The file to write, .html or .pdf; what is there is replaced
cli-reported = The report is { $file }

# The report of a class
class-kind = Class report
class-files = Files handed in
class-points = Points, mean
class-points-detail = of { $most }; { $ungraded } answers in words have no points yet
class-right = Right answers
class-best = Best accuracy
class-best-detail = mean over the students' best runs
class-results = Results
class-guesses = Guesses against the truth
class-guesses-caption = A mark for each guess: across, what was guessed; upwards, what came out. A guess on the line was right.
class-guesses-title = Test accuracy
class-guessed-axis = guessed accuracy (%)
class-reached-axis = reached accuracy (%)
class-guess-right = guessed right
class-guess-student = a student's guess
class-answers = Answers by question
class-no-answer = Nobody has answered.
class-students = Students

# A lesson on paper
handout-kind = Lesson
handout-kind-solutions = Lesson with solutions
handout-name = Name
handout-date = Date
handout-answer = Answer
handout-points = { $points ->
        [one] 1 point
       *[other] { $points } points
    }
handout-right = The right answer is { $answer }.
handout-run = To do: train with { $freeze } for { $epochs ->
        [one] 1 epoch
       *[other] { $epochs } epochs
    }. Guess first, then write down what came out.
handout-race = To do: race these { $count } freezings, each for { $epochs ->
        [one] 1 epoch
       *[other] { $epochs } epochs
    }. Guess first, then write down what came out.
handout-guess = Guess
handout-result = Result
class-save = Report…
    .hint = One file with this lesson's results, guesses and answers, to open anywhere (.html) or to print (.pdf). Names are hidden where they are hidden here.
handout-save = On paper
    .hint = This lesson as a handout with room for answers (.pdf, .html).
handout-save-solutions = With solutions
    .hint = The same for the instructor, with the right answers and explanations.
cli-about-lesson-report = Write one report of what a class handed in
cli-lesson-report-bundles = Files that students handed in, or folders with them
cli-lesson-report-hide_names = Call everyone Student 1, 2 and so on
cli-lesson-report-to = The file to write, .html or .pdf; what is there is replaced
cli-about-lesson-handout = Write a lesson as a handout with room for answers
cli-lesson-handout-lesson = A lesson's name (see list) or a lesson file
cli-lesson-handout-to = The file to write, .html or .pdf; what is there is replaced
cli-lesson-handout-solutions = With the right answers and explanations, for the instructor
