# Problems of a training.
train-not-finite = The loss is not a number any more at step { $step } (learning rate { $rate }). Nothing learned so far is usable: try a learning rate ten times smaller, or turn gradient clipping on.

prefix-layers = layers 0–{ $last } computed once: { $memory } in memory
prefix-embeddings = embeddings computed once: { $memory } in memory
prefix-file = { $file } in a file
prefix-full = the rest is computed again
prefix-why = What the frozen layers below the lowest trainable one make of a text never changes, so it is computed once and kept. For this, dropout is off in those layers; with dropout in frozen layers nothing can be kept.
