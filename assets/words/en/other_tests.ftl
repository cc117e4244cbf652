# Runs on other files
other-tests = Other test
    .hint = The run on a file of another kind beside its own test: what freezing costs, or gives, where texts are not those of training
other-tests-about = How well does it do on texts of another kind? All labelled rows of the file are asked. The difference to the run's own test is in percentage points, with its 95 % interval.
other-tests-own = own test
other-tests-no-run = Train a run, or open one with a model, to test it on another file.
other-tests-none = No run with a model is chosen yet.
other-tests-test = Test on another file…
    .hint = A file with texts and labels, as for training. The result is kept with the run.
other-tests-test-all = Test all on another file…
    .hint = A file with texts and labels, as for training. All these runs are tested on it, one after the other, and each keeps its result.
other-tests-under-way = Testing on { $file }: run { $number } of { $total }
other-tests-map = Which label is which?
    .hint = 0=negative, 1=positive
other-tests-test-mapped = Test with these labels
other-tests-dismiss = Never mind
other-tests-accuracy-on = Accuracy on
other-tests-test-name = test
other-tests-interval = 95 % interval
other-tests-beside = beside own test
other-tests-difference = difference
other-tests-range = { $low } to { $high }
other-tests-own-hover = The run's test on rows of its own data
other-tests-decided = The difference is larger than chance would make it (95 %).
other-tests-undecided = The difference may be chance: its 95 % interval holds 0.
other-tests-warning = * { $test }: { $warning }
other-test-not-kept = What the run answers on this file could not be kept in { $folder }: { $problem }
