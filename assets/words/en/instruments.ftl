# Heat map, proof of freeze, learning-rate finder
proof-totals = { $unchanged } tensors unchanged bit for bit, { $changed } changed.
proof-before = Before
proof-after = After
proof-changed = changed
proof-unchanged = unchanged
proof-broken = FROZEN, YET CHANGED
proof-altered = ALTERED SINCE THE RUN
proof-list = Fingerprints (SHA-256) before and after
cli-params-run_dir = A run folder: fingerprints of its weights before and after the training.
freeze-broken = Frozen, and yet changed: { $names }. This run does not show what its freezing does; please report it.
fingerprints-altered = The weights in { $folder } are not those that the run saved; { $count } tensors differ: { $names }. Something changed model.safetensors or fingerprints.json after the run.
run-without-fingerprints = { $folder } has no fingerprints.json: no run of this version of Thaw has saved its weights there. Train again to have the proof.
fingerprint-without-tensor = model.safetensors in { $folder } lacks { $name }, which fingerprints.json names. The file was replaced after the run.
