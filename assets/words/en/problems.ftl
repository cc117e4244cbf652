# Problems that any part of the program can have.
internal-error = Something went wrong inside Thaw: { $error }. Nothing on disk was changed; please report this text.
file-error = { $file }: { $error }. Check that the file exists and may be read or written.
disk-full = The disk is full: { $file } could not be written. Make room and try again.
run-disk-full = The disk is full: { $file } could not be written. Make room, then resume the run: it goes on from its newest checkpoint.
checkpoint-disk-full = The disk is full: { $file } could not be written. Training goes on, and the checkpoint before is still there. Make room, and the next checkpoint is written.
log-disk-full = The disk is full: { $file } could not be written. Training goes on, and what is missing is written once there is room.
disk-too-small = About { $need_mb } MB will be written into { $folder }, but only { $free_mb } MB are free there. Make room, or put the run on another disk with --out or THAW_RUNS_DIR.
setting-out-of-bounds = { $setting } is { $value }, but must be from { $min } to { $max }.
freeze-too-many-layers = top:{ $k } asks for more encoder layers than the model has ({ $layers }). Choose 0 to { $layers }.
freeze-unknown-name = The model { $model } has no parameter “{ $name }”. `thaw params` lists the names.
freeze-bad-glob = The plan's rule “{ $rule }” is not a valid pattern: { $error }.
freeze-rule-matches-nothing = The plan's rule “{ $rule }” matches no parameter of this model. `thaw params` lists the names.
freeze-nothing-trains = Every parameter is frozen, so nothing would be learned. Make at least one trainable, for example the classifier.
