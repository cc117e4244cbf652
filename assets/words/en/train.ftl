# Problems of a training.
train-not-finite = The loss became NaN at step { $step } (learning rate { $rate }), so the run has ended. The model after step { $kept } is kept in its folder. Try a learning rate of { $less }, or turn gradient clipping on.
train-not-finite-lost = The loss became NaN at step { $step } (learning rate { $rate }), so the run has ended. Nothing learned so far is usable. Try a learning rate of { $less }, or turn gradient clipping on.

prefix-layers = layers 0–{ $last } computed once: { $memory } in memory
prefix-embeddings = embeddings computed once: { $memory } in memory
prefix-file = { $file } in a file
prefix-full = the rest is computed again
prefix-none-embeddings = nothing to keep: the embeddings train, so no layer below is frozen
prefix-none-dropout = nothing kept: dropout acts in the frozen layers
prefix-none-off = nothing kept: switched off in the settings
prefix-why = What the frozen layers below the lowest trainable one make of a text never changes, so it is computed once and kept. For this, dropout is off in those layers; with dropout in frozen layers nothing can be kept.
cpu-unknown = { $variable } is { $value }, which is no kind of processor. Set it to one of { $names }, or leave it unset.
precision-gains-nothing = This processor has no instructions for { $precision }, so nothing would be gained. The run computes in f32.
precision-not-on-device = { $precision } is not computed on { $device }. Leave that precision at f32, or train on the processor.
frozen-precision-nothing-frozen = Nothing below the lowest trainable layer is frozen, so no weights are held in { $precision }: the run computes as it would without.
frozen-test-line = With the frozen layers in { $precision }, as they were while training: { $accuracy } ({ $difference } points; { $changed ->
    [one] { $changed } row is
   *[other] { $changed } rows are
} predicted otherwise).
device-not-built = This build of Thaw cannot train on { $device }. Train on the processor, or build one that can: cargo build --release --features { $device }
device-absent = { $device } does not work on this computer. Train on the processor instead.
memory-too-small = This run needs about { $need } GB of memory, and { $free } GB are free. Any one of these would fit: { $fitting }. Or close other programs.
memory-too-small-for-all = This run needs about { $need } GB of memory, and { $free } GB are free. Not even its smallest batches would fit. Close other programs, or choose a smaller model.
