# Data files of other kinds than CSV: JSON, workbooks, folders, archives.
data-is-web-page = { $file } is a web page (HTML), whatever its name says. If a program saved it so, open it in Excel or LibreOffice and save it as .xlsx or CSV UTF-8; if it was downloaded, download the file itself (on GitHub: “Raw”).
data-is-pointer = { $file } is not the data but a pointer of Git LFS to it. Get the data with “git lfs pull”, or download the file on its page.
data-is-xml = { $file } is XML, which is not read. Save it as CSV UTF-8 where it comes from, with a column of texts and one of labels.
data-is-arff = { $file } is an ARFF file of Weka. Open it in Weka and save it as CSV.
data-is-numbers = { $file } is a spreadsheet of Numbers. Export it from there as CSV or Excel (File > Export To).
data-is-old-workbook = { $file } is a workbook of an old or binary kind (.xls, .xlsb). Open it and save it as .xlsx, .ods or CSV UTF-8.
data-is-document = { $file } is a document, not a table. Copy its table into a spreadsheet and save that as .xlsx or CSV UTF-8.
data-workbook-locked = { $file } is protected with a password. Open it, remove the password and save it again.
data-workbook-broken = { $file } is damaged and cannot be read as a workbook. Download it again, or open it and save it anew.
data-no-sheet = { $file } has no sheet “{ $sheet }”. Its sheets are: { $sheets }.
data-several-sheets = { $file } has a table on several sheets: { $sheets }. Choose one (--sheet NAME).
data-no-table-in-sheets = { $file } has no sheet with a header row and rows below it. Put the table on a sheet that is not hidden, or name the sheet (--sheet NAME).
data-empty-sheet = { $file }: the sheet “{ $sheet }” has no header row. A table needs a header row with a column of texts and one of labels.
data-repeated-cells = In { $file } cells stand for so many others that they would fill the memory. Delete the rows and columns beside the table, or save it as CSV.
data-too-many-columns = { $file } has more than { $most } columns. Save only the texts and the labels.
data-to-convert = { $file } is a file of { $format }, which Thaw does not read. This command makes a CSV file of it (with Python and pandas): { $command }
data-to-unpack = { $file } is packed with { $format }. Unpack it with { $command } and choose what comes out.

format-json-lines = JSON lines, { $encoding }
format-json = JSON, { $encoding }
format-fasttext = fastText, { $encoding }
format-folder = class folders, { $encoding }
format-sheet = sheet “{ $sheet }”
panel-choose-folder = Class folders…
    .hint = A folder with a folder for each class, and in each a file for each text.
plan-is-data = { $file } holds records, not a plan. Choose it as data in section 1, Data.
panel-sheet = Sheet
    .hint = The sheet of the workbook, or the table of the archive, that is read.
panel-sheet-choose = Choose a sheet
cli-arg-sheet = The sheet of a workbook, or the table in an archive (the only one)

data-json-broken = { $file } is damaged at line { $line }, column { $column }: from there on it is not JSON. Save it again from its source, or correct that place.
data-nested-records = { $file }: in all { $rows } records the text or the label is a list or an object, so that no text stands beside its label (columns: { $columns }). Make one record of each text with its label, such as {"{"}"text": "…", "label": "…"{"}"}, or choose other columns.
data-all-skipped-records = None of the { $rows } records of { $file } can be used. The most frequent reason, first in number { $row }: { $reason }. Choose other columns; it has { $columns }.
data-json-no-records = { $file } is JSON without records. It needs a list of objects such as {"{"}"text": "…", "label": "…"{"}"}, or one such object a line.
data-json-several-lists = { $file } has several lists of records: { $names }. Save the one you need as a file of its own.
data-json-document-too-large = { $file } is one JSON object of more than 1 GB. Save its records as JSON lines, one a line.

data-archive-broken = { $file } is damaged and cannot be unpacked. Download it again.
data-archive-locked = { $file } is protected with a password. Unpack it yourself and choose what comes out.
data-archive-unsafe = { $file } has a path in it that leads out of the archive ({ $name }). Do not unpack it; ask whoever made it for another.
data-archive-empty = { $file } is an archive with no data in it. Choose one with a table or with a folder for each class.
data-archive-several = { $file } has { $count } files that could be the data: { $names }. Choose one (--sheet NAME).
data-archive-no-table = { $file } has no table “{ $sheet }”. Its tables are: { $sheets }. Choose one (--sheet NAME).
data-archive-swells = More than { $most_mb } MB come out of { $file }, far more than texts would at its size. If it is right, unpack it and choose what comes out.
data-archive-nested = { $file } holds archives within archives. Unpack it and choose what comes out.
data-archive-too-many = { $file } holds more than { $most } files. Choose a smaller folder or archive.
data-folder-empty = { $file } is a folder without data. Choose a table, or a folder with a folder for each class.
data-folder-of-tables = { $file } is a folder with tables in it ({ $count }): { $names }. Choose one of these files.
data-folder-several-sets = { $file } holds { $count } folders with class folders in them: { $names }. Choose one of these folders.
data-folder-no-classes = { $file } has no class folders. A data folder has a folder for each class, and in it a file for each text; it has: { $names }.
data-folder-no-texts = { $file }: none of its { $count ->
        [one] file is a text.
       *[other] { $count } files is a text.
    } Choose a folder whose class folders hold text files.
data-folder-is-run = { $file } is the folder of a run, not data. Open it as a run, or choose a table or a folder of class folders.
data-folder-is-model = { $file } is the folder of a model, not data. Choose it as the model, or choose a table or a folder of class folders.

data-note-sheet = { $file }: the sheet “{ $sheet }” is read. It is the one with a table, or the one that was chosen.
data-note-within = { $file }: the class folders are those in “{ $folder }”.
data-note-above = { $file }: { $count ->
        [one] the line
       *[other] the { $count } lines
    } above the header (“{ $line }”) will not be read.
data-note-merged = { $file }: { $count ->
        [one] 1 merged cell counts
       *[other] { $count } merged cells count
    } for each of the rows that it covers.
data-note-formulas = { $file }: cells of the sheet “{ $sheet }” hold formulas whose values were not saved, so that they seem empty. Open it in Excel or LibreOffice and save it again.
data-note-part-column = { $file }: the column “{ $column }” is not used. The rows are split anew; to test on those that it names, save them as a file of their own (--test-data).
data-note-encoding = { $file } is taken to be { $encoding } text. If letters look wrong, state its encoding.
data-note-of-archive = { $file }: “{ $name }” in it is read.
data-note-test-folder = { $file }: the { $count ->
        [one] text
       *[other] { $count } texts
    } in its folder “{ $folder }” are the test rows, so that none are cut from the others.
data-note-validation-folder = { $file }: the { $count ->
        [one] text
       *[other] { $count } texts
    } in its folder “{ $folder }” are the validation rows, so that none are cut from the others.
data-note-test-part = Of { $file }, its test part { $part } is read.
data-note-unlabelled = { $file }: its folder “{ $folder }” is left out, because its { $count ->
        [one] text has
       *[other] { $count } texts have
    } no label.

data-skip-json = not JSON, from column { $column } on{ $place }
data-skip-json-element = not JSON, at line { $line }, column { $column }{ $place }
data-skip-total = “{ $text }” sums up the other rows{ $place }
data-skip-json-value = a JSON value that is no record{ $place }
data-skip-nested = the text or the label is a list or an object{ $place }
data-skip-several-labels = { $count } labels ({ $labels }){ $place }
data-skip-not-text = the file is not text{ $place }
