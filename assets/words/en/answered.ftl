# A file whose rows are answered: thaw predict --data FILE --out FILE and its place in Try.

cli-predict-out = Write every row of --data with its prediction and the probability of each label into this new CSV file
answers-file-exists = { $file } is there already, and no file is overwritten. Name another file.
file-exists = { $file } is there already. Name another file.
data-which-texts = No column of { $file } is called as texts usually are, so that it cannot be known which to classify. Name it (--text-column). Its columns are: { $columns }.
data-line-too-long = The line or row { $row } of { $file } is so long that it cannot be read. Check that the file has line ends.
answered-far = { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }, { $speed } a second
answered-far-left = { $far }, { $left } left
answered-done = { $rows ->
        [one] { $rows } row of { $data } is
       *[other] { $rows } rows of { $data } are
    } in { $file } with their predictions ({ $time }, { $speed } rows a second).
cli-answers-without = rows of { $file } without a prediction: { $count }
cli-answers-whole = { $file } is in memory as a whole. Long CSV, TSV, JSON lines and fastText files are read piece by piece.
cli-answers-renamed = { $file } has columns of the same names already, so that these are called { $names }.
cli-answers-cancelled = Cancelled. No file was written.
answers-saved = Saved: { $file }
answered-choose = Answer a file…
    .hint = The model answers every row of a file. What comes out is a CSV file with all its columns, the predicted label and the probability of each label. A file can be dropped here as well.
answered-file = { $file } will be answered row by row.
answered-save = Save the answers as…
    .hint = Choose where the new file goes, and the work begins
answered-under-way = { $file }: { $far }
answered-folder = Show in folder
answered-forget = Close
answered-column = Column of the texts
answered-column-guessed = The texts are those of the column “{ $column }” of { $file }.
dialog-answers = Save the answers
