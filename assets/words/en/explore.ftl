# The rows behind a run's numbers: thaw rows and Explore.

cli-about-rows = List the rows behind a run's numbers, the most confident mistakes first.
cli-rows-run_dir = A run folder
cli-rows-split = The part whose rows are listed: test or validation (test)
cli-rows-true_label = Only rows that have this label
cli-rows-predicted = Only rows that the model gave this label
cli-rows-against = Another run on the same data and split: only rows that it gets right and RUN_DIR gets wrong
usage-expects-held-out = test or validation
cli-rows-found = { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    } of { $all } { $part ->
        [validation] validation
       *[other] test
    } rows: { $mistakes ->
        [one] { $mistakes } mistake
       *[other] { $mistakes } mistakes
    }, { $right } right.
cli-rows-row = Row
cli-rows-true = True
cli-rows-predicted-label = Predicted
cli-rows-confidence = Confidence
cli-rows-loss = Loss
cli-rows-there = Confidence there
cli-rows-text = Text

rows-data-changed = { $file } is not what it was when the run read it, so the run's rows cannot be found in it. Bring the old file back.
rows-other-data = { $first } and { $second } were trained on different data ({ $file }, { $other_file }), so their rows cannot be compared. Choose a run on the same file.
rows-other-labels = { $first } and { $second } tell different labels apart ({ $labels }; { $other_labels }), so their rows cannot be compared.
rows-other-split = { $first } and { $second } split the data differently ({ $rows ->
        [one] { $rows } test row
       *[other] { $rows } test rows
    } with split seed { $seed }; { $other_rows } with { $other_seed }), so their rows cannot be compared. Choose a run with the same split.
rows-unknown-label = The run has no label “{ $label }”. Its labels are: { $labels }
predictions-of-other-run = { $file } is damaged or does not belong to this run. The answers are computed again.
predictions-not-kept = The answers on single rows could not be kept in { $folder }. { $problem } They are computed again when they are asked for.
cancelled = This was cancelled.

# The view Explore.
tab-explore = Explore
explore-empty = The rows behind a run's numbers appear here: train a run, or open one from the list.
explore-later = The rows appear here when the run has been tested.
explore-reading = Reading the run's rows…
explore-computing = The answers on single rows are not kept with this run, so its model gives them now. They are kept from then on.
explore-cancel = Cancel
explore-retry = Try again
explore-this-run = Rows of the run on the screen
    .hint = Leave the compared runs and list the rows of the run that Results shows.
explore-search = Search the texts
explore-all = All { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }
explore-widen = Go back to this selection
explore-count = { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }, { $right } right ({ $accuracy })
explore-none = No row is in this selection. Widen it with the links above.
explore-validation = validation
explore-test = test
explore-true = true { $label }
explore-predicted = predicted { $label }
explore-cell = true { $label }, predicted { $predicted }
explore-right = right
explore-wrong = wrong
explore-confidence = confidence { $from } to { $to }
explore-probability = probability of { $label }: { $from } to { $to }
explore-rows = { $rows ->
        [one] { $rows } chosen row
       *[other] { $rows } chosen rows
    }
explore-right-wrong = { $right } right, { $wrong } wrong
explore-all-wrong = all wrong
explore-all-right = all right
explore-table = Rows
    .hint = The most confident mistakes come first. Click a heading to sort, a row to read all of it. The arrow keys move from row to row, and Enter asks why.
explore-column-row = row
explore-column-part = part
explore-column-confidence = confidence
explore-column-loss = loss
explore-column-length = tokens
explore-column-text = text
explore-column-tags = tags
explore-column-second = second text
explore-rows-heading = rows
explore-line = Row { $row }: true { $label }, predicted { $predicted }, { $confidence }. { $text }
explore-row = Row { $row }
explore-answer = predicted { $label } { $share }
explore-why = Why?
    .hint = Shows in Try which words made the model answer so (Enter).
explore-copy-text = Copy text
explore-close = Close
    .hint = Close the text (Escape)
explore-busy = A training is running. Ask again when it has ended.
explore-try = Try it
    .hint = Ask the model this text in Try, where its words can be changed.
explore-matrix = Confusion matrix
    .hint = The answers on the rows of the selection. Click a cell to see only its rows.
matrix-click = Click to see these rows.
explore-tags = Tags
    .hint = What these rows have in common, and how often rows with it are answered rightly. Click a tag to see only its rows.
explore-none-tagged = No row of this selection has a tag.
explore-tag = { $tag }: { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }, { $accuracy } right (95 % interval { $low } to { $high })
explore-tag-count = { $tag }: { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }
tag-very-long = very long
    .hint = Among the twentieth of the rows with the most tokens.
tag-cut = cut
    .hint = The text has more tokens than the model reads, so its end is lost.
tag-short = short
    .hint = The text has at most five words.
tag-negation = negation
    .hint = The text denies something: not, never, isn't.
tag-question = question
    .hint = The text has a question mark.
tag-numbers = numbers
    .hint = The text has a digit.
tag-unknown-words = unknown words
    .hint = The model's vocabulary lacks some characters of the text.
tag-no-similar = nothing similar
    .hint = No training row shares many of the text's rare words.
tag-neighbours-disagree = neighbours disagree
    .hint = Most of the training rows that share the most rare words with it have another label.
tag-almost-right = almost right
    .hint = The answer is wrong, but the true label is the second choice; of two labels, by less than 20 points.
explore-only = Only { $name } is right
    .hint = The test rows that this run gets right and the others wrong, with the answers of the first that is wrong.
explore-every-wrong = All are wrong
    .hint = The test rows that none of these runs gets right.
compare-only-first = Rows only the first gets right
    .hint = The test rows that the first run gets right and the second wrong, the second run's most confident mistakes first.
compare-only-second = Rows only the second gets right
    .hint = The test rows that the second run gets right and the first wrong, the first run's most confident mistakes first.
race-rows-all-wrong = Rows that every strategy gets wrong
race-rows-only = Rows that only { $name } gets right
explore-confident = Confidence { $from } to { $to }: { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }, { $wrong } wrong.
