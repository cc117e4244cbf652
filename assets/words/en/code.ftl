# The Python of a training.
cli-about-code = Write the Python program that does what thaw train does with the same settings, or did in a run.
cli-code-of_run = The run whose training is written; without it, the settings below
cli-code-out = The file to write, .py or with --notebook .ipynb; must be new (standard output)
cli-code-style = How the program is put together: trainer, pytorch or lecture (trainer)
cli-code-notebook = Write a Jupyter notebook
usage-expects-program-style = trainer, pytorch or lecture
cli-code-written = The program is in { $file }; its rows, order and head are in { $folder }
cli-code-folder = The rows, the order of batches and the head of this program are in { $folder }
code-file-exists = { $file } is there already. Name another file for the program.
code-extension = { $file } does not end in .{ $extension }, so that nothing would open it as what it is. Give the file that extension.
code-folder-taken = { $folder } holds { $name }, which is no file of a program. Name another file for the program, or move that folder.
code-title = Python code
code-open = Python code…
    .hint = Shows the Python that does what Train would do. It follows every setting, and marks the lines that change.
code-trainer = Trainer
    .hint = Hugging Face's Trainer: the shortest program, with most of the work done inside.
code-pytorch = PyTorch
    .hint = A training loop in plain PyTorch, in which every step is seen.
code-lecture = Lecture
    .hint = The functions of a lecture on BERT: tl_strategy, BertDataset, train_one_epoch, evaluate.
code-changed = { $count ->
        [one] { $count } line changed
       *[other] { $count } lines changed
    }
code-unmark = Unmark
code-line-changed = changed: { $line }
code-waiting = The program appears here once data and model are read.
code-copy = Copy
    .hint = Copies the program. The rows, the order of batches and the head that it reads go into Thaw's data folder.
code-save-script = Save as .py…
    .hint = Writes the program and, beside it, a folder with its rows, order of batches, head and, where needed, data and model.
code-save-notebook = Save as .ipynb…
    .hint = Writes the same as a Jupyter notebook.
code-copying = Writing the files of the copy …
code-saving = Writing the program and its files …
code-cancel = Cancel
code-saved = The program is in { $file }, and its files in { $folder }.
code-copied = Copied. The files that the program reads are in { $folder }.
code-dialog = Save the program
