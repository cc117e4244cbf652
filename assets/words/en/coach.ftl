# The coach
coach-name = Coach
coach-less = Less
coach-signs = { $count ->
    [one] Coach
   *[other] Coach ({ $count })
}
coach-to-loss = See the loss
coach-to-matrix = See the matrix
coach-to-rate = See the learning rate
coach-to-data = See the data
coach-to-freeze = See the freezing
coach-one-class = Nearly every row is taken for “{ $label }” ({ $share } % of the validation rows): the model has not learned to tell the classes apart. Train longer, thaw more layers, or try another learning rate.
coach-stuck = The training loss stays at { $loss }, which is what guessing among { $classes } classes costs ({ $guessing }): nothing is being learned yet. Try another learning rate, or thaw more layers.
coach-overfitting = The validation loss was lowest after epoch { $epoch } ({ $best }) and is now { $validation }, while the training loss went on falling from { $before } to { $train }: the model learns the training rows by heart. Fewer epochs, early stopping, or keeping the best epoch would help.
coach-cut = { $share } % of the training texts fill all { $length ->
        [one] 1 token
       *[other] { $length } tokens
    }, and what follows is not read. A larger max length reads more of them, at the cost of time.
coach-rate-broke = The loss became NaN at a learning rate of { $rate }: that is too high. { $suggested } is suggested for this freezing.
coach-rate-high = The learning rate of { $rate } is probably too high: { $suggested } is suggested for this freezing, and the loss is at { $loss } after a peak of { $peak }.
coach-rate-low = The learning rate of { $rate } is probably too low: { $suggested } is suggested for this freezing, and the loss has gone only from { $first } to { $last }.
coach-untrained-pooler = Only the head trains, on a pooler that was never trained (its bias is exactly 0): accuracy { $accuracy } where the most frequent class gives { $majority }, loss { $loss } where guessing costs { $guessing }. Preset 2 trains the pooler as well.
coach-unbalanced = The classes are unbalanced: { $most } % of the validation rows are “{ $largest }”, { $fewest } % are “{ $smallest }”. Always answering the first gives an accuracy of { $majority }; look at macro F1 and at each class.
