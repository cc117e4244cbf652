# The window: bar, views, notices, dialogs.
window-title = Thaw
drop-here = Drop one of these here
worker-gone = Thaw's engine has stopped, so nothing can be read or trained. Save what you need and start Thaw again.

## What Train would do
chip-reading = reading…
chip-no-data = no data
chip-no-model = no model
chip-data = Data: { $name }
chip-model = Model: { $name }
chip-freeze = Freezing: { $name }
chip-change = Click to change it.
chip-freeze-hover = { $trainable } of { $total } parameters train. Click to change it.

## Buttons
button-train = Train
    .hint = Fine-tune with these settings (Ctrl+Enter or F5).
button-pause = Pause
    .hint = Pause after this batch (Ctrl+P).
button-resume = Resume
    .hint = Resume where the run was paused (Ctrl+P).
button-stop = Stop
    .hint = End the run after this batch and keep what was learned (Ctrl+.).
button-no-run = Nothing is running.
switch-language = Language
look-menu = View
switch-theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
train-blocked-running = A run is under way. Stop it, or wait until it ends.
train-blocked-data-loading = The data is still being read.
train-blocked-data-failed = The data cannot be used. Data says why, and what to choose instead.
train-blocked-model-loading = The model is still being read.
train-blocked-model-failed = The model could not be read. Choose another one under Model.

## Notices
notice-error = Error
notice-warning = Note
notice-done = Done
notices-more = { $count ->
        [one] 1 more note
       *[other] { $count } more notes
    }
notice-undo = Undo
notice-dismiss = Dismiss

## Dialogs
dialog-data = Choose a data file
dialog-data-folder = Choose a folder of class folders
dialog-tables = Tables (CSV, JSON, .xlsx, .ods, packed)
dialog-all-files = All files
dialog-model = Choose a model folder
folder-not-opened = The file manager could not be opened. The folder is { $folder }.

## Views
tab-live = Live
tab-results = Results
tab-try = Try

chart-step = step
chart-loss = Loss
    .axis = cross-entropy (nats)
    .hint = How wrong the predictions are: mean cross-entropy. Guessing among two classes costs 0.69. Drag to move, Ctrl+wheel to zoom, double-click to go back.
    .empty = The loss of every step will be drawn here. Press Train to begin.
chart-accuracy = Accuracy
    .axis = share predicted right
    .hint = The share of rows predicted right. Drag to move, Ctrl+wheel to zoom, double-click to go back.
    .empty = Accuracy in training and on the validation rows will be drawn here.
chart-learning-rate = Learning rate
    .axis = learning rate
    .hint = How far each step moves the weights, as the schedule sets it.
    .empty = The learning rate of every step will be drawn here.
chart-grad-norm = Gradient norm
    .axis = norm before clipping
    .hint = The length of the whole gradient before clipping.
    .empty = The gradient's norm at every step will be drawn here.
chart-clip = clipped above { $norm }
chart-single-steps = single step
chart-within-step = the step under way
chart-training = training
chart-validation-sample = validation sample
chart-validation = validation
plot-menu = How { $name } is drawn
plot-smoothing = Smoothing
    .hint = A mean in which later steps weigh more, as in TensorBoard. The single steps stay faintly behind it. 0 draws every step as it was.
plot-log = Logarithmic axis
    .hint = Powers of ten are evenly spaced, so that small values can be told apart. Values that are not above 0 are left out.
plot-log-along = Logarithmic
    .hint = Powers of ten are evenly spaced along the bottom, so that the first steps have more room.
plot-middle = Cut off outliers
    .hint = The axis fits the values from the 1st to the 99th percentile. The plot says how many lie outside.
plot-outside = { $count ->
        [one] axis of the 1st–99th percentile; 1 value outside
       *[other] axis of the 1st–99th percentile; { $count } values outside
    }
chart-summary-empty = { $title }: nothing yet
chart-summary = { $title } at step { $step }

live-empty-matrix = The confusion matrix for the validation rows appears here.
live-first-numbers = The first numbers are on their way.
live-no-numbers = The run ended before its first numbers.

matrix-heading = Confusion matrix
matrix-hover = Rows are the true labels, columns what the model predicted. Shares are of the row.
matrix-predicted = predicted
matrix-true = true
matrix-of-sample = sample of { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    }, step { $step }
matrix-of-validation = all { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    }, step { $step }
matrix-of-test = { $rows ->
        [one] 1 test row
       *[other] { $rows } test rows
    }
matrix-of-some = { $shown } of { $classes } classes
matrix-fit = Fit
matrix-zoom = Zoom in
matrix-cell = true { $true }, predicted { $predicted }
    { $count ->
        [one] 1 row
       *[other] { $count } rows
    }, { $share } of the true { $true }
matrix-summary = { $title }: { $correct } of { $rows } right

stage-read-data = Reading the data
stage-tokenise = Tokenising
stage-load-model = Reading the model
stage-load-weights = Loading the weights
stage-fingerprint = Fingerprinting the weights
stage-validate = Validating
stage-test = Testing
stage-save = Saving

status-bar = { $percent } of the steps done
status-step = step { $value }
status-epoch = epoch { $value }
status-remaining = { $value } left
status-elapsed = { $value } elapsed
status-rate = { $value } rows/s
status-took = took { $value }
status-ready = Ready to train
status-ready-estimate = Ready: about { $time }
status-starting = Starting
status-training = Training
status-within-step = { $percent } of step { $step }
status-of-race = { $name }, run { $run } of { $runs }: { $doing }
status-paused = Paused
status-stopping = Stopping and saving
status-stopped = Stopped
status-failed = Failed
status-completed = Done
status-see-results = See the results
run-line = { $freeze }, epochs { $epochs }, batch { $batch }, learning rate { $rate }

## Results
results-empty = After a run, its accuracy on the test rows is shown here, with precision, recall and F1 of every class and the confusion matrix.
results-later = The test follows the last epoch.
results-failed = The run failed, so there is nothing to test.
results-untested = Not tested yet
results-stopped = The run was stopped at step { $step } of { $total }, before the test. What it had learned until then is kept in its folder.
results-evaluate = Test it now
    .hint = Measures the saved model on the run's own test rows.
results-evaluating = Testing the saved model…
results-accuracy = Test accuracy
    .hint = The share of test rows predicted right. These rows were kept apart from training.
results-interval = 95 % interval { $low } to { $high }
    .hint = Wilson's interval: with other test rows of this number, the accuracy would mostly lie in here.
results-majority = Majority class { $value }
    .hint = What always answering the most frequent label would reach.
results-scale = Accuracy { $accuracy } with its 95 % interval; the mark is the majority class, { $majority }.
results-macro-f1 = macro F1 { $value }
    .hint = The mean of the classes' F1, each class counting the same.
results-loss = loss { $value }
    .hint = Mean cross-entropy on the test rows, in nats.
results-rows = { $value ->
        [one] 1 row
       *[other] { $value } rows
    }
    .hint = Rows of the test part.
results-run = This run
results-train-time = trained for { $value }
    .hint = Work that several runs share, such as the frozen layers' results, is done once; its time is counted for each.
results-memory = { $value } of memory at most
    .hint = What this run needed, as in the estimate: the program, the model's weights, and what training added. What is kept for other runs is not counted.
results-of-stopped = Stopped early: the numbers are of the model as it was then.
class-weights-line = class weights in the loss: { $weights }
    .hint = The training and validation losses count each row by the weight of its class. Accuracy, F1 and the test loss count every row once.
results-open-folder = Open the run's folder
    .hint = Settings, every step's numbers, metrics and the model, ready for from_pretrained in Python.
results-per-class = Per class
    .hint = How well each label is found and how far its predictions can be trusted.
results-search = Find a class
    .hint = Lists only classes with this text in their name. The matrix then shows them with those that they are confused with.
results-none-found = No class has this text in its name.
results-order-data = As in the data
    .hint = The classes in the order of the data, in the table and in the matrix.
results-order-worst = Worst first
    .hint = The classes of the lowest F1 first, in the table and in the matrix.
results-pairs = Worst pairs
    .hint = The mistakes that were made most often: what the rows were, what was predicted, and how many of the class's rows that were.
results-no-pairs = There are no such mistakes.
results-true = true
results-predicted = predicted
results-count = rows
results-share = share
results-open-cell = Click to see the cell in the matrix.
results-rows-of = Test rows that are { $label }
results-rows-predicted = Test rows that were predicted { $label }
results-label = label
    .hint = The true label.
results-precision = precision
    .hint = Of the rows given this label, the share that really have it.
results-recall = recall
    .hint = Of the rows that have this label, the share the model found.
results-f1 = F1
    .hint = The harmonic mean of precision and recall.
results-support = rows
    .hint = Test rows with this label.
results-copy = Copy table
    .hint = Copies the table for a spreadsheet.

## Try
try-sentence = Sentence
    .hint = Write a sentence in the language of your data
try-first = First text
    .hint = Write a text as in the first column of your data
try-second = Second text
    .hint = Write a text as in the second column of your data
try-column = { $name } ({ $column })
try-write-both = Write both texts first.
try-hint-pair = Press Enter to see what the model of the last run makes of the two.
try-predict = Predict
    .hint = Ask the trained model (Enter).
try-write-first = Write a sentence first.
try-no-model = There is no trained model yet. Press Train; when the run ends, its model answers here.
try-while-running = A run is under way. Its model answers here while the run is paused, and when it has ended.
try-hint = Press Enter to see what the model of the last run makes of it.
try-verdict = { $label }, { $probability }
try-keep = Keep it
    .hint = Keeps the sentence in a list, which is there the next time as well. It shows what each of several models answers.
try-kept-already = This sentence is kept.
try-kept-all = { $most } sentences are kept, which is all there is room for. Remove one first.
try-kept = My sentences
    .hint = The sentences that you keep, each with the answer of this run, of the pre-trained model and of another run.
try-kept-click = Click a sentence to look at it alone. An answer in bold has another label than this run's.
try-none-kept = No sentence is kept yet. Write one and press “Keep it”.
try-remove = Remove
try-remove-this = Remove “{ $text }”
try-paused = The run is paused and answers as it is now. Its words explain themselves once it has ended.
try-of-run = Answer of this run, { $name }
try-of-paused = Answer of this run, paused after step { $step }

## Runs on disk
tab-runs = Runs
runs-empty = Your runs are listed here. Press Train to make the first one.
runs-reading = Reading the runs…
runs-name = name
runs-started = started
runs-data = data
runs-model = model
runs-freeze = freezing
runs-accuracy = accuracy
runs-time = time
runs-completed = done
runs-stopped = stopped
runs-failed = failed
runs-unfinished = unfinished
runs-running = running
runs-steps = step { $step } of { $total }
runs-own-name = Name
runs-note = Note
runs-resume = Resume
    .hint = Train on from the newest checkpoint, as if nothing had happened.
runs-open = Open
    .hint = Show its curves and results.
runs-open-race = Open its race
    .hint = Show the race that this run belongs to: its outcome, the rows behind it, and its report.
runs-replay = Replay
    .hint = Show the run again as it happened, faster.
runs-start-from = Start from this run
    .hint = Take its model, data and settings for a new run: first the head, then thaw more layers.
runs-export = Export
    .hint = Write the model, TensorBoard’s file, tables or the training itself into a folder.
runs-folder = Open folder
    .hint = Settings, every step's numbers, metrics and the model.
runs-delete = Delete
    .hint = Move the run to the trash. That can be undone.
runs-deleted = { $count ->
    [one] 1 run was moved to the trash.
   *[other] { $count } runs were moved to the trash.
}
runs-chosen = { $count } chosen
runs-tick = Choose { $name }
runs-tick-all = Choose all that are listed
runs-compare = Compare
    .hint = Show the chosen runs side by side.
runs-delete-chosen = Delete chosen
    .hint = Move the chosen runs to the trash. That can be undone.
runs-filter = Filter runs
runs-none-left = No run’s name, data, model or note holds “{ $filter }”.
runs-damaged = damaged
runs-damage = Damaged: { $what }
run-rows = { $rows ->
    [one] 1 row
   *[other] { $rows } rows
}
run-rows-per-class = { $rows ->
    [one] 1 row a class
   *[other] { $rows } rows a class
}
run-seed = seed { $seed }
run-file-missing = { $file } is missing
run-file-damaged = { $file } cannot be read
run-bad-lines = { $count ->
    [one] 1 line of { $file } cannot be read
   *[other] { $count } lines of { $file } cannot be read
}
run-not-restored = { $folder } could not be brought back from the trash.
run-not-in-trash = { $folder } is no longer in the trash.
runs-interrupted-unnamed = A run on { $data }, begun { $started }, was interrupted at step { $step } of { $total }. It can be resumed from its newest checkpoint; all runs are under Runs.
runs-interrupted = The run “{ $name }” was interrupted at step { $step } of { $total }. It can be resumed from its newest checkpoint; all runs are under Runs.
notice-resume = Resume
start-from-named = “{ $name }”
start-from-unnamed = the chosen run
start-from-taken = The next run starts from the model of { $run } and has taken its settings: { $data ->
        [bundled] the bundled reviews
       *[other] { $data }
    }, { $rows ->
        [0] all rows
       *[other] at most { $rows } rows
    }, { $freeze ->
        [freeze-1] preset 1
        [freeze-2] preset 2
        [freeze-3] preset 3
        [freeze-full] the full model trains
        [freeze-biases] only biases train
        [freeze-timeline] a timeline
        [freeze-custom] a custom choice of what trains
       *[other] the top { $top } layers train
    }, { $epochs ->
        [one] 1 epoch
       *[other] { $epochs } epochs
    }, batch size { $batch }, learning rate { $rate }, max length { $length }, seed { $seed }, and the rest under Data and Training.
dialog-export = Choose where the exported folder goes
status-replay = Replay
status-unfinished = Unfinished
train-blocked-replay = A run is being replayed. End the replay first.

## Replay
replay-title = Replay
replay-play = Play
replay-pause = Pause replay
replay-speed-1 = 1×
    .hint = As fast as it was
replay-speed-10 = 10×
    .hint = Ten times as fast
replay-speed-60 = 60×
    .hint = A minute in a second
replay-speed-show = 20 s
    .hint = The whole run in 20 seconds
replay-time = Time of the replay
replay-end = End replay
    .hint = Back to what was shown before.
dialog-run = Choose a run folder
runs-elsewhere = Open a run from another folder…
    .hint = Open a run folder that lies outside the runs folder, as made with --out. It is listed here from then on.
runs-train-on = Train longer
    .hint = Train the model for more epochs, with the run’s data, settings and freezing, as a new run.
runs-more-epochs = more epochs

## Room for the view
left-fold = Fold the left side away
left-show = Show the left side
full-screen = Full screen

# The program that trained a run.
engine-accelerate = trained elsewhere, with accelerate
engine-trainer = trained by Hugging Face’s Trainer
runs-left-list = { $count ->
    [one] 1 run was taken off the list. Its folder stays: Thaw did not write it.
   *[other] { $count } runs were taken off the list. Their folders stay: Thaw did not write them.
}

live-matrix-unknown = The log of this run has no confusion matrix.
