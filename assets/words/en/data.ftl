# Reading data: files, columns, labels.
data-not-a-file = { $file } is not a file but a folder, a pipe or a device. Save the data as a CSV file and choose that.
data-too-large = { $file } has { $gigabytes } GB, more than Thaw can read at once (4 GB). Save a part of it as a file of its own.
data-empty-file = { $file } is empty. Choose a CSV file with a header row and one text and one label a row.
data-header-only = { $file } has a header row but no rows below it. Choose a file with texts and labels.
data-is-binary = { $file } is not a text file. Choose a CSV file: plain text with a header row and one text and one label a row.
data-unknown-encoding = “{ $encoding }” is not the name of a known encoding. Use for example utf-8, utf-16, cp949, euc-kr, shift_jis or windows-1252, or leave it to be guessed.
data-wrong-encoding = { $file } cannot be read as { $encoding }: many rows have bytes that mean nothing in it, the first in row { $row }. Choose another encoding.
data-bad-delimiter = “{ $delimiter }” cannot separate fields. Use one character such as a comma, a semicolon, a tab or a bar.
data-zero-block = { $file } has a block of zero bytes around row { $row }: part of the file is lost. Save it again from its source.
data-nul-in-header = The header row of { $file } has a zero byte in it. Save the file again from its source as CSV.
data-one-column = { $file } has only one column (“{ $column }”). It needs a column of texts and a column of labels; if it has both, choose the character that separates them.
data-unclosed-quote = { $file }: in row { $row } a quotation mark opens a field and is not closed properly, and which of the rows after it belong to the text is not certain. Close it with ", or write "" for a quotation mark inside a quoted text. If quotation marks mean nothing in this file, say so (--quoting none, or “Quotation marks” in Data).
data-unknown-column = { $file } has no column “{ $column }”. Its columns are: { $columns }.
data-duplicate-column = { $file } has more than one column named “{ $column }” (columns { $places }). Rename all but one.
data-same-column = { $file }: the text and the label cannot both come from the column “{ $column }”. Choose two different columns.
data-same-second = { $file }: the second text cannot come from the column “{ $column }”, which already has { $labels ->
        [0] the first text
       *[other] the labels
    }. Choose another column (--second-text-column NAME, or “Second text” in Data). Its columns are: { $columns }.
data-no-header = { $file } seems to have no header row: its first row holds “{ $label }”, which is one of the labels. If so, say it (--header no, or “First row” in Data); if it does name the columns, say that (--header yes).
data-all-skipped = None of the { $rows ->
        [one] 1 row
       *[other] { $rows } rows
    } of { $file } can be used. The most frequent reason, first in row { $row }: { $reason }. Check how the file is read: its delimiter, its quotation marks and its columns ({ $columns }).
data-numeric-text = { $file }: the text column “{ $column }” holds numbers. Choose the column with the texts among: { $columns }.
data-one-class = { $file }: every label in the column “{ $column }” is “{ $label }”. A classifier needs two classes or more; choose another label column or file.
data-labels-all-differ = { $file }: all { $rows } labels in the column “{ $column }” are different, so nothing can be learned from them. Choose another label column.
data-scores = { $file }: the column “{ $column }” holds { $values } different numbers with fractions ({ $examples }, ...). These are scores and no classes, and Thaw trains classifiers. Choose another label column, or write a few whole grades instead of the scores, such as 0 and 1.
data-several-labels = { $file }: { $count } columns could be the label: { $columns }. Thaw learns one label for each text. Choose one of them (--label-column NAME, or “Label column” in Data).
data-label-lists = { $file }: the column “{ $column }” holds several labels in one cell, such as “{ $label }” in row { $row }. Thaw learns one label for each text. Keep one label in each cell; or choose the column yourself (--label-column, or “Label column” in Data) to make each combination a class of its own.
data-many-skipped = { $file }: { $count } of { $rows } rows ({ $percent } %) cannot be used. The most frequent reason, first in row { $row }: { $reason }. Check the file and how it is read, or accept that only the other { $left ->
        [one] row is
       *[other] { $left } rows are
    } used (--accept-skipped, or the button in Data).
data-skipped-before = { $count ->
        [one] Before that, 1 row was skipped, row { $row }: { $reason }.
       *[other] Before that, { $count } rows were skipped, the first in row { $row }: { $reason }.
    }
data-too-many-classes = { $file }: the column “{ $column }” has { $classes } different labels, more than { $most }. Choose another label column.
data-class-too-small = { $file }: only { $count ->
        [one] 1 row has
       *[other] { $count } rows have
    } the label “{ $label }”, too few for each of the { $parts } parts (training and what is cut from it) to get one. Add such rows, remove the label, or change the shares or the row limit.
data-unknown-label = { $file }, row { $row }: the label “{ $label }” does not occur in the training file, whose labels are { $labels }. Correct the label or add such rows to the training file.
data-labels-not-of-model = { $file }, row { $row }: { $count ->
        [one] the label “{ $open }” is
       *[other] { $count } labels ({ $open }) are
    } none of the model's, and what cannot be known is not guessed. The file has { $labels }; the model has { $classes }. State which label of the model each one stands for, such as { $option }, or correct the labels, or choose the file's label column.
labels-not-of-model = The model's own head cannot be kept: { $count ->
        [one] the label “{ $open }” is
       *[other] { $count } labels ({ $open }) are
    } none of its own. The data have { $labels }; the model has { $classes }. State which label of the model each one stands for, such as { $option }, or let a new head begin, without --keep-head and --label-map.
label-map-unknown-class = The label “{ $label }” is to stand for “{ $class }”, but the model has no such label. It has { $classes }.
label-map-twice = The label “{ $label }” is to stand for “{ $class }” and for “{ $other }”. State one of them.
label-map-unused = “{ $label }” of the map of labels is no label of the data, which have { $labels }. This pair changes nothing; correct it or leave it out.
label-map-misspelt = “{ $label }” of the map of labels is no label of the data, which have { $labels }. Did you mean “{ $similar }”?
label-map-unreadable = { $file }, line { $line }: this is no map of labels. Write a JSON object, or two columns without a header: the file's label, then the model's.

# Why a row was skipped.
data-skip-fields = { $fields ->
        [one] 1 field
       *[other] { $fields } fields
    } instead of { $columns }{ $place }
data-skip-empty-text = the text is empty{ $place }
data-skip-empty-second = the second text is empty{ $place }
data-skip-empty-label = the label is empty{ $place }
data-skip-missing-text = the text is “{ $word }”, which stands for a missing value (--keep-missing-words keeps it){ $place }
data-skip-missing-second = the second text is “{ $word }”, which stands for a missing value (--keep-missing-words keeps it){ $place }
data-skip-missing-label = the label is “{ $word }”, which stands for a missing value (--keep-missing-words keeps it){ $place }
data-skip-header = the header row once more{ $place }
data-skip-unclosed-quote = a quotation mark opens a field and is not closed{ $place }
data-skip-nul = a zero byte in the row{ $place }
data-skip-undecodable = characters that are not { $encoding }{ $place }

# How a file was read.
data-read-backslash = a backslash stands before quotation marks and delimiters inside a text (--quoting backslash).
data-read-single = fields stand in apostrophes (--quoting single).
data-read-unquoted = quotation marks are characters like others (--quoting none).
data-read-likely-pair = “{ $first }” and “{ $second }” look like the two texts of a row, and only “{ $read }” is read. To read both: { $flags }.
data-read-headless = the first row is a row of data, so that the columns are named 1, 2, 3, ... (--header no).
data-merged-label = “{ $label }” also stands for { $others }.
data-merged-other = { $count ->
        [one] “{ $label }” (1 row)
       *[other] “{ $label }” ({ $count } rows)
    }

# The health of the data.
health-overlap = { $part ->
       *[test] { $rows } of the { $of } test rows hold a text that is also among the { $with ->
           *[train] training rows, so the test measures in part what the model has seen.
            [validation] validation rows. Where the best epoch is kept, the test has helped to choose it.
        }
        [validation] { $rows } of the { $of } validation rows hold a text that is also among the training rows, so validation measures in part what the model has seen.
    }
health-conflicts = { $texts ->
        [one] 1 text has more than one label ({ $rows } rows). No model can be right in all of them: check its labels.
       *[other] { $texts } texts have more than one label ({ $rows } rows). No model can be right in all of them: check their labels.
    }
health-copies = { $texts ->
        [one] 1 text stands in { $rows } rows.
       *[other] { $texts } texts stand in more than one row ({ $rows } rows in all).
    }
health-copies-together = The copies of a text are kept in one part of the split.
health-copies-apart = Some texts have copies in more than one part of the split.
health-overlap-files = { $line } Take these rows out of one of the files.
health-few-texts = The label “{ $label }” has { $texts ->
        [one] only 1 text ({ $rows } rows), which stands
       *[other] only { $texts } different texts ({ $rows } rows), which stand
    } in all parts of the split: the test cannot show what the model makes of other texts with this label. Add such texts, or leave the label out.
health-skipped = { $count ->
        [one] Row { $row } is skipped: { $reason }.
       *[other] { $count } rows are skipped, the first is row { $row }: { $reason }.
    }
health-skipped-otherwise = { $count ->
        [one] 1 more row is skipped for a rarer reason.
       *[other] { $count } more rows are skipped for rarer reasons.
    }
health-constant = The column “{ $column }” holds “{ $value }” in every row.
health-empty = The column “{ $column }” is empty in every row.
health-overlap-title = { $rows } of { $of } { $part ->
       *[test] test rows
        [validation] validation rows
    } stand in { $with ->
       *[train] training
        [validation] validation
    }, too
health-few-texts-title = “{ $label }”: { $texts ->
        [one] 1 text
       *[other] { $texts } texts
    } in { $rows } rows
health-conflicts-title = { $texts ->
        [one] 1 text has
       *[other] { $texts } texts have
    } several labels ({ $rows } rows)
health-skipped-title = { $count ->
        [one] 1 row skipped
       *[other] { $count } rows skipped
    }: { $reason }
health-copies-title = { $texts ->
        [one] 1 text
       *[other] { $texts } texts
    } in several rows ({ $rows } rows)
health-spellings-title = “{ $label }” is written in { $count } ways
health-unknown-title = { $share } of the words are unknown to the model
health-letters-title = { $share } of the pieces are unread or letters
health-constant-title = “{ $column }” is the same in every row
health-rows-first = { $line } The first is row { $first }.
health-rows-first-two = { $line } The first are rows { $first } and { $second }.
health-row-of = { $row } ({ $part ->
       *[validation] validation file
        [test] test file
    })
health-test-seen = { $rows ->
        [one] 1 of the { $of } test rows holds a text
       *[other] { $rows } of the { $of } test rows hold a text
    } that was also trained on, so these numbers say too much.

# A checkpoint's tokeniser.
tokeniser-missing = { $place } has no tokeniser: neither tokenizer.json nor vocab.txt is there. Add one of them.
tokeniser-unreadable = { $file } of { $place } cannot be read. Download the file again.
tokeniser-no-token = The tokeniser of { $place } has no “{ $token }” token, which a text classifier needs. Check that its files belong to a BERT model.
tokeniser-no-pairs = The tokenizer of { $model } does not say how two texts stand in one row. Choose another model, or one text a row.
tokeniser-unusable = The tokeniser of { $place } cannot be used. Check that its files belong to a BERT model.
tokeniser-class = The tokenizer of { $place } is a { $class }, which this version does not compute. If it has a fast version, this writes it down as tokenizer.json, which can be read: `python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('{ $place }', trust_remote_code=True).save_pretrained('{ $place }')"`. Otherwise choose another model.
tokeniser-class-slow = The tokenizer of { $place } is a { $class }, which exists only as a program in Python: it has no tokenizer.json, and with other rules most words would be unknown. Choose another model.
tokeniser-class-of-file = tokenizer_config.json in { $place } names the tokenizer class { $class }, which may change what tokenizer.json says. If tokenizer.json is the whole tokenizer, write "tokenizer_class": "PreTrainedTokenizerFast" there; otherwise choose another model.
tokeniser-code = tokenizer_config.json in { $place } names a program as the model's tokenizer ({ $class } in “auto_map”), and programs of others are not run here. Choose another model; or, if the tokenizer works without that program, delete “auto_map” there.
tokeniser-needs-json = The tokenizer of { $place } is a { $class }, which is read only from tokenizer.json. This writes it: `python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('{ $place }').save_pretrained('{ $place }')"`.
tokeniser-class-files = The tokenizer of { $place } is a { $class }, but its files are missing: { $files }. Copy the model's own tokenizer into the folder.
tokeniser-sentence-pieces = vocab.txt in { $place } holds the pieces of a SentencePiece tokenizer, not BERT's words: read as BERT's, almost every word would be unknown. Add the model's own tokenizer.json, or choose another model.
tokeniser-setting = “{ $field }” in tokenizer_config.json of { $place } is { $value }, which only the slow tokenizers of Python follow. Add the model's tokenizer.json, or choose another model.
tokeniser-added-id = { $file } of { $place } gives the token “{ $token }” the number { $id }, but by the vocabulary its number is { $found }. The files belong to different models: copy all files of the model's own tokenizer into the folder.
tokeniser-special-conflict = tokenizer_config.json of { $place } names “{ $token }” as { $name }_token, but tokenizer.json puts “{ $found }” there. Copy all files of the model's own tokenizer into the folder.

# A file to measure a model on.
label-match-line = Labels: { $pairs }
label-match-number = { $pairs } (guessed: labels taken as numbers from 0)
label-match-form = { $pairs } (guessed: the names differ only in how they are written)
label-match-stated = { $pairs } (as stated)

legibility-poor = This model can hardly read the language of these texts: { $share } of their pieces are unknown or single letters. Choose a model that was made for this language.
legibility-pieces = The pieces that the model reads
legibility-colours = Marked are single letters, and pieces that the model does not know.
