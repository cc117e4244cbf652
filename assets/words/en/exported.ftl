# A run as a folder: its model, in 16 bits where that is wanted, TensorBoard's file, tables, or its training for a cluster.

cli-export-run_dir = The run's folder
cli-export-half = Round the weights to 16 bits (f16, or bf16), and measure on the run's test rows what that changes; with --to
cli-export-tensorboard = Write the run's numbers as TensorBoard's event file into this new folder
cli-export-tables = Write what the run has told as CSV files and JSON lines into this new folder: curves, layers, matrix, metrics, predictions
cli-train-tensorboard = Write TensorBoard’s event file into the run's folder tensorboard while it trains
cli-export-cluster = Write the training into this new folder, to run on a cluster with accelerate or torchrun: that of RUN_DIR, or of the settings below
usage-expects-half = f16 or bf16
run-exported = The model is in { $folder }
board-exported = TensorBoard’s file is in { $folder }. To see it: tensorboard --logdir "{ $folder }"
tables-exported = The tables are in { $folder }
cluster-exported = The folder for the cluster is { $folder }. Its README.md says how to start it.
half-overflow = A number of { $name } is { $value }, which { $half } cannot hold. Export with bf16 instead (--half=bf16), or without rounding.
export-no-weights = { $file } holds no weights that can be read. Export without rounding, or train the run again.
rounded-measured = Weights in { $half }. On { $rows ->
        [one] { $rows } test row
       *[other] { $rows } test rows
    }: accuracy { $accuracy_before } to { $accuracy }, loss { $loss_before } to { $loss }, largest difference of a probability { $difference }, predicted otherwise: { $changed }. The card says so.
rounded-unmeasured = Weights in { $half }. What that changes could not be measured: { $problem }
run-exported-rounded = Exported: { $folder }. Weights in { $half }: on { $rows ->
        [one] { $rows } test row
       *[other] { $rows } test rows
    } the accuracy is { $accuracy } instead of { $accuracy_before }, and no probability differs by more than { $difference }.
run-exported-unmeasured = Exported: { $folder }. Weights in { $half }; what that changes could not be measured: { $problem }
runs-export-model = Model…
    .hint = The model with a model card, as Hugging Face reads it
runs-export-f16 = Model in 16 bits (f16)…
    .hint = Half the size. What rounding changes is measured on the run's test rows and written into the card
runs-export-bf16 = Model in 16 bits (bf16)…
    .hint = As f16, for numbers that f16 cannot hold
runs-export-board = TensorBoard…
    .hint = The run's numbers, matrices and card as TensorBoard's event file
runs-export-tables = Tables…
    .hint = Curves, layers, matrix, metrics and predictions as CSV files and JSON lines
runs-export-cluster = For a cluster…
    .hint = The training as a folder that runs on a cluster with PyTorch: data, rows, model, script, and how to start it
runs-export-cancel = Stop the export
    .hint = Stop writing the folder; nothing is left of it
runs-exporting = Exporting: { $percent }
panel-tensorboard = TensorBoard’s file
    .hint = Write TensorBoard’s event file into the run’s folder while it trains. A finished run can be exported so, too.
