# Comparing runs, saving plots
tab-compare = Compare
compare-curves = Curves
    .hint = Loss and accuracy of all runs, over each other.
compare-table = Table
    .hint = One row for each run, sorted and filtered.
compare-matrices = Matrices
    .hint = Where two runs are right and wrong, and the difference.
compare-settings = Settings
    .hint = What is not the same in all runs, and only that.
answers-students = { $count ->
        [one] 1 student
       *[other] { $count } students
    }
answers-all = all
answers-right = { $right } of { $count } right
compare-add = Add runs
compare-add-list = From the list of runs
    .hint = Tick them under Runs and press Compare.
compare-add-folders = From folders…
    .hint = Run folders anywhere, or a folder with runs in it.
compare-add-bundles = From files…
    .hint = Lesson files that students handed in.
compare-clear = Remove all
compare-cleared = { $runs ->
        [one] 1 run was
       *[other] { $runs } runs were
    } taken out{ $files ->
        [0] .
        [one] , with 1 finished lesson.
       *[other] , with { $files } finished lessons.
    }
compare-empty = Set runs side by side, of any day: tick them under Runs and press Compare, or add folders and files from elsewhere.
compare-remove = Take out { $name }
compare-colour = Colour of { $name }
compare-style = Style { $number }
compare-against = Against
compare-steps = Steps
compare-seconds = Seconds
compare-seconds-axis = seconds of training
compare-loss = Loss of all runs
    .hint = Lines: training, smoothed. Markers: validation at the epochs' ends. Drag to move, Ctrl+wheel to zoom, double-click to go back.
compare-accuracy = Accuracy of all runs
    .hint = Markers: validation at the epochs' ends. Pale lines: the validation sample between them. Drag to move, Ctrl+wheel to zoom, double-click to go back.
compare-run = run
compare-curve = curve
compare-low = interval from
compare-high = interval to
compare-filter = Filter by name, data, model or freezing
compare-none-left = No run's name, data, model or freezing contains “{ $filter }”.
compare-rate = rate
compare-f1 = macro F1
compare-secs = time
compare-secs-unit = training time (s)
compare-shared-unit = shared of it (s)
compare-memory = memory
compare-memory-unit = memory needed (bytes)
compare-trainable = trainable
compare-verdict = vs. best
compare-best = best
compare-undecided = undecided
compare-lower = { $by } lower
compare-undecided-note = Undecided: the test rows cannot tell it from the best; the 95 % interval of the difference holds 0.
compare-decided-note = The best is told from runs on the same test rows; a difference is undecided when its 95 % interval holds 0.
compare-sort = Sort by { $name }
compare-sort-rising = Sorted by { $name }, smallest first
compare-sort-falling = Sorted by { $name }, largest first
compare-first = First
compare-second = Second
compare-accuracy-is = accuracy { $value }
compare-untested = This run has no test: it was stopped, or is not done.
compare-second-missing = Choose a second run above, or add one.
compare-difference = Second minus first
    .hint = By how many percentage points of each true label's rows the second run differs. Blue is more, orange is less.
compare-two-tested = The difference needs two runs with a test.
compare-other-labels = No difference: the labels are not the same. First: { $first }. Second: { $second }.
compare-other-rows = other test rows
    .hint = The two runs were not tested on the same rows; part of the difference may come from that.
compare-points = percentage points
compare-cell =
    true { $true }, predicted { $predicted }
    { $first } → { $second } ({ $points } points)
compare-setting = setting
compare-differences = What differs
    .hint = Settings that are the same in all runs are left out.
compare-one-run = Add another run: then what differs stands here.
compare-same-settings = All settings are the same.
compare-left-open = default
compare-bundled = bundled
compare-rows-per-class = Rows per class
nothing-to-compare = { $folder } holds no run, no race and no finished lesson. Choose another; a model's folder has a config.json.
dialog-runs = Choose run folders
dialog-bundles = Choose lesson files to compare

# Saving plots
save-plot = Save: { $name }
save-plot-picture = Picture (PNG)…
save-plot-numbers = Numbers (CSV)…
save-plot-copy = Copy the numbers
dialog-save = Save “{ $name }”
plot-saved = Saved as { $file }.
plot-not-drawn = The plot was no longer in view when its picture was taken. Try once more.
panel-lengths-texts = texts

# Projector
projector = Projector mode

compare-engine = Trained by
compare-unknown = unknown
