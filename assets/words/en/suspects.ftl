# Suspicious labels

cli-about-labels = List the rows of a run's data whose labels are probably wrong, most suspicious first. Nothing is changed.
cli-labels-run_dir = The run folder
cli-labels-fix = Give these suspected rows, by their numbers, the suggested label, in the file of --copy; test:47 is row 47 of the test file
cli-labels-copy = Write a copy of the data with these labels, to train on; the data stay as they are
labels-copied = { $fixed ->
    [one] 1 label is
   *[other] { $fixed } labels are
} fixed in { $file }. The data of the run stay as they are.
labels-train-copy = Train on the copy: { $command }
labels-copy-exists = { $file } is there already. Name another file for the copy.
labels-copy-original = { $file } is the data of the run, which Thaw never writes to. Save the copy elsewhere.
labels-not-suspected = Row { $row } is not among the suspects, so no label is suggested for it.
labels-row-of-several = Several files of the data have a suspected row { $row }: { $rows }. Name the row with its part, as written here.
labels-copy-taken = The next run has the settings of the run on the screen and trains on { $file }, in which { $fixed ->
    [one] 1 label is
   *[other] { $fixed } labels are
} fixed. Press Train, then compare both runs.
dialog-templates = Choose a file of templates
dialog-fixed-copy = Choose where the copy goes
labels-estimated = Confident learning estimates { $wrong } wrong labels among { $rows } ({ $share }). The estimate is too high where the model errs itself, so read a row before you correct it.
labels-pair = labelled { $given }, looks like { $looks }: { $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}
labels-none = No label is suspicious.
labels-row = Row
labels-score = Score
labels-given = Given
labels-suggested = Suggested
labels-text = Text
labels-more = The first { $shown } of { $all } suspects. --json lists all.
stage-suspects = Judging the labels
cli-stage-suspects = judging the labels
labels-map = Of { $rows } training rows the model found { $easy } easy, { $ambiguous } ambiguous and { $hard } hard (data_map.csv in the run folder).
labels-hunt = Thaw made { $flipped } labels wrong on purpose. { $found } of them are among the first { $read } suspects (precision { $precision }, recall { $recall }).
cli-train-flip_labels = Give this share of the rows another label on purpose, to hunt for them with thaw labels (none)
cli-data-flip_labels = Give this share of the rows another label on purpose (none)
panel-flip-labels = Labels made wrong (%)
    .hint = A share of the rows gets another label, so that you can hunt for them. The file stays as it is.
panel-flip-labels-off = none
examine-no-run = Train a run, or open one with a model, to look into its labels and its behaviour.
examine-labels = Suspicious labels
    .hint = Each row is judged by a model that has not seen it. Tick what you would correct: the corrections go into a copy, and your file stays as it is.
examine-labels-about = Which labels of this run's data are probably wrong? Each row is judged by a model that has not seen it (confident learning). With the bundled reviews it takes about a minute; the result is kept with the run.
examine-labels-find = Find suspicious labels
examine-fix = Fix
examine-fix-row = Row { $row }: take { $suggested } instead of { $given }
examine-fixed = { $count ->
    [0] No label fixed yet.
    [one] 1 label fixed.
   *[other] { $count } labels fixed.
}
examine-save-copy = Save a fixed copy…
    .hint = A CSV file with all rows and your corrections. Train on it and compare both runs. The original stays as it is.
examine-train-copy = Train on the copy
    .hint = The next run has this run's settings, and the copy as its data. Compare shows both side by side.
examine-hunt = Thaw made { $flipped } labels wrong on purpose. Tick those that you think are wrong, then see how many you found.
examine-reveal = Show what I found
    .hint = The wrong labels get a cross. Tick first: afterwards it is no hunt any more.
examine-hunt-own = You ticked { $read } and found { $found } of the { $flipped } wrong labels (precision { $precision }, recall { $recall }).
examine-none-ticked = Tick at least one label first: none is ticked.
examine-made-wrong = Thaw made this label wrong.
examine-map = Map of the training rows
    .hint = Each point is a training row: how sure the model was of its label, on average over the epochs, and how much that changed. Wrong labels are often at the lower left.
examine-map-regions = { $rows } rows: { $easy } easy, { $ambiguous } ambiguous, { $hard } hard
examine-map-rows = { $rows } rows:
examine-map-only = Show only these rows on the map.
examine-map-point = Row { $row }, { $region }: mean confidence { $confidence }, variability { $variability }
examine-map-confidence = mean confidence
examine-map-variability = variability
examine-map-region = region
examine-map-easy = easy
examine-map-ambiguous = ambiguous
examine-map-hard = hard
examine-behaviour = Behaviour tests
    .hint = The model is asked about test rows again, changed in ways whose effect is known. A failure is an answer that changed where it must stay, or stayed where it must change.
examine-behaviour-about = Does the model read “not”? Test rows are changed in ways whose effect is known, and the model is asked again: where the change means nothing, as a typo or another name, its answer must stay; where it turns the meaning, it must change.
examine-behaviour-check = Test the behaviour
examine-example = Surest failure
check-before = Before
check-after = After
examine-rows = Rows
    .hint = The rows behind the numbers
cli-train-split_column = Draw and split the rows by this column in place of the labels, as a copy with fixed labels needs it (the labels)
panel-split-column = Split by
    .hint = Rows are drawn and split by the values of this column in place of the labels. In a copy with fixed labels it holds those from before, so that the rows stay in their parts.
panel-split-by-labels = the labels
