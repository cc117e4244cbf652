# Problems of a training.
train-not-finite = The loss is not a number any more at step { $step } (learning rate { $rate }). Nothing learned so far is usable: try a learning rate ten times smaller, or turn gradient clipping on.
