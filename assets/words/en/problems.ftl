# Problems that any part of the program can have.
internal-error = Something went wrong inside Thaw. Nothing on disk was changed. Please report the text below.
file-error = { $kind ->
        [not-found] { $file } does not exist. Check its name and folder.
        [permission] { $file }: no permission. Change its permissions, or use another folder.
        [is-folder] { $file } is a folder, but a file belongs here.
        [not-folder] { $file }: this path is a file or leads through one, where a folder belongs.
        [read-only] { $file } lies on a disk that cannot be written. Use another folder.
        [exists] { $file } exists already. Use another name.
        [busy] { $file } is in use by another program. Close it there and try again.
        [name] { $file } is no valid name for a file. Use a shorter and simpler one.
        [not-text] { $file } is not text in UTF-8. Save it as UTF-8 and try again.
       *[other] { $file } could not be read or written. Check that no other program is using it.
    }
disk-full = The disk is full: { $file } could not be written. Make room and try again.
run-disk-full = The disk is full: { $file } could not be written. Make room, then resume the run: it goes on from its newest checkpoint.
run-folder-made-again = Someone has removed or renamed the run's folder { $folder } while it trained. It was made again with all that the run has told so far. Training goes on.
run-folder-lost = Someone has removed or renamed the run's folder { $folder } just as the run ended, and the model is no longer in it. The folder was made again without it. Resume the run to train it again.
checkpoint-disk-full = The disk is full: { $file } could not be written. Training goes on, and the checkpoint before is still there. Make room, and the next checkpoint is written.
log-disk-full = The disk is full: { $file } could not be written. Training goes on, and what is missing is written once there is room.
disk-too-small = About { $need_mb } MB will be written into { $folder }, but only { $free_mb } MB are free there. Make room, or put the run on another disk with --out or THAW_RUNS_DIR.
setting-out-of-bounds = { $setting } is { $value }, but must be from { $min } to { $max }.
class-weights-unknown = The class weights name “{ $label }”, which is no label of these data ({ $labels }). Correct the name or leave it out.
freeze-too-many-layers = top:{ $k } asks for more encoder layers than the model has ({ $layers }). Choose 0 to { $layers }.
freeze-unknown-name = The model { $model } has no parameter “{ $name }”. `thaw params` lists the names.
freeze-bad-glob = The plan's rule “{ $rule }” is not a valid pattern. A pattern looks like encoder.layer.5.*
freeze-rule-matches-nothing = The plan's rule “{ $rule }” matches no parameter of this model. `thaw params` lists the names.
freeze-nothing-trains = Every parameter is frozen, so nothing would be learned. Make at least one trainable, for example the classifier.
