# The measures that follow from a model's probabilities, and its temperature.

measure-undefined = not defined
measure-auc-needs-rows = ROC AUC is not defined, because no row has the label “{ $label }”.
cli-evaluate-fit_temperature = Fit a temperature on the run's validation rows first and keep it with the run: it makes the probabilities say how often the model is right, and changes no predicted label
cli-evaluate-forget_temperature = Forget the run's temperature first, so that its probabilities are as trained
cli-measures =
    Probabilities
    balanced accuracy { $balanced }, MCC { $mcc }, ROC AUC { $auc }
    expected calibration error { $ece }
cli-measures-temperature = temperature { $temperature }, by which loss and calibration error are measured
cli-temperature-fitted = Temperature { $temperature } fitted on { $rows ->
    [one] 1 validation row
   *[other] { $rows } validation rows
    }: loss { $before } to { $loss }, expected calibration error { $ece_before } to { $ece } there. It is kept with the run, and predictions and exports use it.
cli-temperature-forgotten = The run has no temperature any more.
temperature-no-rows = The run has no validation rows to fit a temperature on. Train with a validation share above 0.
temperature-not-finite = The model gives no numbers for some validation rows, so no temperature can be fitted.
temperature-at-chance = No temperature fits best: { $right } of the { $rows ->
    [one] 1 validation row is
   *[other] { $rows } validation rows are
    } predicted right, and the loss would fall until all labels are equally probable. On these rows the model is no better than chance: train it further, or check the labels.
temperature-without-minimum = No temperature fits best: { $right } of the { $rows ->
    [one] 1 validation row is
   *[other] { $rows } validation rows are
    } predicted right, and the loss would fall without end. Use more validation rows.

## Results, behind its first page
results-overview = Overview
    .hint = Accuracy, the measures of each class and the confusion matrix.
results-measures = Measures
    .hint = Measures in which a frequent class does not hide a rare one, and how sure the numbers of each class are.
results-curves = Curves
    .hint = ROC and precision-recall: how well a class is told from the others at every threshold.
results-calibration = Calibration
    .hint = Whether the model is right as often as its probabilities say.
results-scores-later = The probabilities of the test rows are computed here when no run is under way.
results-scores-coming = Computing the probabilities of the test rows…
results-measures-note = ROC AUC comes from the probabilities; the others from the predicted labels alone.
results-intervals = 95 % intervals
    .hint = Wilson's interval: with other test rows of this number, precision and recall would mostly lie in here.
measure-low = from
measure-high = to
measure-accuracy = accuracy
    .hint = The share of rows predicted right.
measure-balanced = balanced accuracy
    .hint = The mean of the classes' recall, each class counting the same.
measure-balanced-accuracy = Balanced accuracy
    .hint = The mean of the classes' recall, each class counting the same. Guessing reaches 1 divided by the number of classes.
measure-mcc-short = MCC
    .hint = Matthews' correlation of the true and the predicted labels: 1 if all are right, 0 if they have nothing to do with each other.
measure-mcc = Matthews' correlation (MCC)
    .hint = The correlation of the true and the predicted labels: 1 if all are right, 0 if they have nothing to do with each other.
measure-macro-f1 = Macro F1
    .hint = The mean of the classes' F1, each class counting the same.
measure-roc-auc = ROC AUC
    .hint = How often a row of the class has a higher probability of it than a row of another class. With more than two classes it is the mean over the classes, each against the rest.
measure-ece = Expected calibration error
    .hint = By how much confidence and accuracy differ, as the mean over the rows, in 15 bins of the confidence.
matrix-counts = Counts
    .hint = The cells show rows, and below them their share of the true label.
matrix-row-shares = Row %
    .hint = The cells show the share of the rows of the true label. The diagonal is recall.
matrix-column-shares = Column %
    .hint = The cells show the share of the rows that were predicted so. The diagonal is precision.
matrix-cell-of-column = { $share } of the rows predicted { $predicted }
matrix-at-threshold = Matrix at { $value }
results-class = Class against the rest
    .hint = The curves tell this class from all others, by its probability.
curve-roc = ROC curve
    .hint = At every threshold: the share of the class's rows that are found, against the share of all other rows that are taken for it. The dashed line is guessing.
curve-precision-recall = Precision and recall
    .hint = At every threshold: the share of the rows taken for the class that are of it, against the share of the class that is found. The dashed line is taking every row for the class.
curve-false-positives = false positive rate
curve-true-positives = true positive rate
curve-recall = recall
curve-precision = precision
curve-threshold = threshold
curve-auc = AUC { $value }
curve-average = average precision { $value }
curve-needs-rows = The curve needs test rows of “{ $label }” and of other labels.
curve-summary = { $title } of { $label }: { $area }
results-threshold = Threshold
    .hint = From which probability on a row is predicted as this class. The matrix and the measures follow. It changes nothing but this page.
results-threshold-of = Probability from which “{ $label }” is predicted
results-threshold-even = Back to 0.5
reliability = Reliability diagram
    .hint = Each bar is the accuracy of the rows of one confidence. On the dashed line the model is right as often as it says.
reliability-none = The model gives no numbers for some test rows.
reliability-confidence = confidence
reliability-bin = confidence { $low } to { $high }
    { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    }, on average { $confidence } sure, { $accuracy } right
reliability-read = Bars below the dashed line: the model is too sure. Above it: it is not sure enough.
temperature = Temperature
    .hint = All logits are divided by it before they become probabilities. Above 1 it makes the model less sure, below 1 surer. It changes no predicted label.
temperature-none = None: the probabilities are as trained.
temperature-fit = Fit a temperature
    .hint = Finds the temperature at which the probabilities fit the validation rows best, and keeps it with the run. Try, thaw predict, evaluations and exports then use it.
temperature-forget = Remove the temperature
    .hint = The run's probabilities are as trained again.
temperature-fitting = Computing…
temperature-is = { $value }, fitted on { $rows ->
    [one] 1 validation row
   *[other] { $rows } validation rows
    }.
temperature-changed = On the test rows: calibration error { $ece_before } to { $ece }, loss { $loss_before } to { $loss }.
temperature-kept = It is kept with the run. Try, thaw predict and exports use it.
