# Races and ladders
race-no-strategies = A race needs at least one freezing. Name some, for example 1,2,3,full.
race-strategy-twice = “{ $name }” is in the race twice. Name each freezing once; two plan files need different names.
race-seed-twice = Seed { $seed } is in the race twice. Give different seeds.
race-too-many-runs = This plan has { $count } runs, more than one race can have ({ $most }). Choose fewer seeds, strategies or steps.
race-rows-twice = The ladder has a step of { $rows } rows twice. Give each number once.
race-minutes-too-few = { $minutes } minutes are too few for this race: even on the fewest rows it takes about { $needed }. Give it more minutes, or choose fewer freezings, seeds or epochs.
race-no-race = { $folder } holds no race. Name the folder that race.json is in.
race-finished = The race in { $folder } is already complete; there is nothing to resume. Start a new one.

# Rows of each class, in the data panel.
panel-rows-per-class = Training rows per class
    .hint = Train on only so many rows of each class; validation and test stay whole. Smaller sets are contained in larger ones, so that steps can be compared.
panel-rows-per-class-all = all
panel-rows-per-class-left = { $rows ->
        [one] 1 training row
       *[other] { $rows } training rows
    }

# The terminal.
cli-about-race = Train several freezings beside each other, on the same rows and seeds.
cli-train-rows_per_class = Train on only so many rows of each class; validation and test stay whole (all)
cli-race-column-freeze = Freezing
cli-race-freeze = What is raced, with commas between: 1, 2, 3, full, top:K, biases, or plan files (1,2,3,full)
cli-race-seed = The first training seed (42)
cli-race-learning_rate = One peak learning rate for all (each freezing's own)
cli-race-seeds = Training seeds, from --seed upwards (3)
cli-race-minutes = Minutes for everything; the rows are limited so that it fits
cli-race-rows_per_class = Training rows of each class; several make a ladder, accuracy against rows (all)
cli-race-resume = Resume an unfinished race: only its missing runs train
cli-race-out = The race's folder; must be new or empty (a new one among your runs)
cli-race-beginning = { $runs ->
        [one] 1 run
       *[other] { $runs } runs
    }: { $names }; seeds { $seeds }, epochs { $epochs }
cli-race-fitted = { $rows ->
        [one] 1 row fits
       *[other] { $rows } rows fit
    } into { $minutes ->
        [one] 1 minute
       *[other] { $minutes } minutes
    }
cli-race-expected = expected time { $time }
cli-race-row = { $run }/{ $runs }  { $freeze }  seed { $seed }  accuracy { $accuracy }  macro F1 { $f1 }  time { $time }
cli-race-row-rows = {"  "}training rows { $rows }
cli-race-run-failed = run { $run } of the race failed and has no row: { $problem }
cli-race-rows = Train rows
cli-race-runs = Runs
cli-race-rate = Rate
cli-race-accuracy = Accuracy %
cli-race-spread = Spread
cli-race-interval = 95 % interval
cli-race-range = { $low } to { $high }
cli-race-f1 = Macro F1
cli-race-time = Time
cli-race-shared = Shared
cli-race-memory = Memory
cli-race-trainable = Trainable
cli-race-undecided = Undecided: { $a } and { $b } differ by { $difference } points, which chance alone can make.
cli-race-undecided-rows = Undecided on { $rows ->
        [one] 1 training row
       *[other] { $rows } training rows
    }: { $a } and { $b } differ by { $difference } points, which chance alone can make.
cli-race-ended = The race is in { $folder }
cli-race-stopped =
    Stopped. What was run is in { $folder }
    Resume: thaw race --resume "{ $folder }"

# A race in the window
compare-race = Race
    .hint = Freezings against each other, on the same rows, order and first head.
race-title = Race of freezings
    .hint = They run one after another on the same split, in the same order, from the same head; what the frozen layers give is shared.
race-strategy-hover = { $name } with the learning rate that it will use. What you choose in the freeze panel can race too.
race-add-plan = Add a plan…
    .hint = A plan file takes part, such as the timeline saves or you write.
race-seeds = Seeds
race-common = One learning rate for all
    .hint = Off, each freezing has the rate that suits it: the fewer parameters train, the larger.
race-fit = Time limit
    .hint = Limits the rows so that the whole race takes about so long: three minutes for a lecture.
race-ladder = Ladder of rows per class
    .hint = Train on few rows and on more: where does freezing win?
race-all-rows = all
race-start = Start race
race-resume = Resume the race
    .hint = Train the runs that the last race is missing.
race-expected = About { $time }
race-expected-rows = About { $time } with { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    }
race-now = Run { $run } of { $runs }: { $name }, seed { $seed }, learning rate { $rate }, step { $step }
race-progress = { $percent } of the race
race-preparing = Reading data and model…
race-pause = Pause race
race-go-on = Resume race
race-skip = Skip this run
race-stop = Stop race
race-completed = The race is over.
race-stopped = The race was stopped; what was measured stands here.
race-failed = The race could not go on; what was measured stands here.
race-loss = Training loss
race-accuracy = Accuracy on the validation sample
race-curves-hover = A line for each freezing: the mean over its seeds. The band goes from the lowest to the highest seed.
race-rows = { $rows ->
        [one] 1 row per class
       *[other] { $rows } rows per class
    }
race-rows-all-classes = { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    }
race-by-seconds = Accuracy against time
race-by-trainable = Accuracy against trainable parameters
race-trainable-axis = trainable parameters
race-accuracy-axis = test accuracy
race-interval-hover = Bars are 95 % intervals. If the bars overlap widely, the test set is too small to tell.
race-ladder-plot = Accuracy against training rows
race-train-rows-axis = training rows of all classes
race-train-rows = training rows
race-spread = spread over seeds
race-undecided = Undecided: { $first } and { $second } are not told apart by this test.
race-table = Means of the race
race-shared-note = Runs that freeze the same layers share that work; its time is counted for each.
