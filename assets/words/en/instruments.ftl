# Heat map, proof of freeze, learning-rate finder
proof-totals = { $unchanged ->
        [one] 1 tensor
       *[other] { $unchanged } tensors
    } unchanged bit for bit, { $changed } changed.
proof-before = Before
proof-after = After
proof-changed = changed
proof-unchanged = unchanged
proof-broken = FROZEN, YET CHANGED
proof-altered = ALTERED SINCE THE RUN
proof-list = Fingerprints (SHA-256) before and after
cli-params-run_dir = A run folder: fingerprints of its weights before and after the training.
freeze-broken = Frozen, and yet changed: { $names }. This run does not show what its freezing does; please report it.
fingerprints-altered = The weights in { $folder } are not those that the run saved; { $count ->
        [one] 1 tensor differs
       *[other] { $count } tensors differ
    }: { $names }. Something changed model.safetensors or fingerprints.json after the run.
run-without-fingerprints = { $folder } has no fingerprints.json: no run of this version of Thaw has saved its weights there. Train again to have the proof.
fingerprint-without-tensor = model.safetensors in { $folder } lacks { $name }, which fingerprints.json names. The file was replaced after the run.

# The learning-rate finder.
train-blocked-sweeping = The learning-rate finder is at work. Stop it, or wait until it ends.
rate-open = Find…
    .hint = Find a learning rate: a short trial training with an ever larger rate, whose model is thrown away.
rate-title = Learning-rate finder
rate-intro = A trial training on this data and freezing lets the rate grow from 1e-7 to 1, step by step. Where the loss falls, the network learns; where it jumps, the steps are too large. The trial's weights are thrown away.
rate-start = Start the finder
rate-again = Find again
rate-stop = Stop the finder
rate-use = Use { $rate }
rate-used = In use
rate-plot = Loss against learning rate
rate-axis = Learning rate (logarithmic)
rate-loss = Loss (nats)
rate-loss-batch = Batch
rate-loss-smoothed = Running mean
rate-progress = Step { $step } of at most { $steps }
rate-waiting = Reading data and model…
rate-empty = Nothing measured yet.
rate-stopped = Stopped. There is no suggestion from a part of a sweep.
rate-none = The loss did not fall, so nothing is suggested. Usual for this freezing: { $usual }.
rate-suggests = Suggestion: { $rate }, a tenth of the rate with the lowest loss. Usual for this freezing: { $usual }.
rate-mark = suggestion { $rate }
rate-stale = Found for other settings than the ones now chosen. Find again.
rate-plot-summary = Loss against learning rate: { $points ->
        [one] 1 point
       *[other] { $points } points
    }. { $result }
cli-about-find-rate = Find a learning rate: a short trial training with growing steps. Takes the flags of train; those about length, schedule and saving do not matter here.
cli-bar-rate = learning rate { $rate }  loss { $loss }
cli-find-rate-loss = Loss
cli-find-rate-smoothed = Running mean
cli-find-rate-rate = Learning rate
cli-find-rate-stopped = Stopped. There is no suggestion from a part of a sweep.
chart-layers = Layers
    .hint = How far each layer has moved, and how large its gradient is, over the run.
    .empty = Here you will see how far each layer moves.
layers-none = This run has no samples of its layers.
layers-drift = Drift
    .hint = How far the weights have moved from where the run began: |W − W0| / |W0|. A weight that began at zero is measured without the division. Models with more than 24 million trainable parameters are measured on evenly chosen rows.
layers-drift-axis = relative drift
layers-drift-value = drift { $value }
layers-gradient = Gradient
    .hint = The length of each layer's gradient, before clipping.
layers-gradient-axis = gradient norm before clipping
layers-gradient-value = gradient norm { $value }
layers-log = Log
layers-frozen = frozen
layers-not-computed = frozen, gradient not computed
layers-row = { $row }: { $value }
layers-cell = { $row }, step { $step }: { $value }
