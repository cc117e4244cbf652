# The instructor's desk: what a class handed in.
desk-tab = Class
    .hint = What students handed in: their answers, points and guesses.
desk-empty = No work of students is open. Drop the files that they handed in on the window.
desk-questions = Questions
    .hint = One question at a time, with all answers in full.
desk-table = Students
    .hint = A row for each student, and one fact in a cell.
desk-guesses = Guesses
    .hint = What students guessed before a run, against what came out.
desk-hide-names = Hide names
    .hint = Students are called Student 1, 2 and so on, here and on the curves, to show their work to the class. Copies and saved files hide the names as well.
desk-save = Save for grading…
    .hint = One CSV file for a spreadsheet: a row for each student, with all answers, points and times. With names hidden, the file has no names either.
desk-file = { $lesson } class
desk-student = Student { $number }
desk-version = version { $letter }
desk-versions = { $count } versions of this lesson were handed in, and their texts differ. { $versions }. Each version is shown by itself; the file for grading has all of them.
desk-repeated = Handed in more than once: { $students }. Each file is shown, the older first.
desk-run = { $student } · step { $step } · { $freeze }
desk-run-seed = { $run } · seed { $seed }
desk-runs-of = Runs of
desk-all-steps = All steps
desk-step = Step { $step }

## Questions
desk-previous = Previous
desk-next = Next
desk-place = { $at } of { $count }
desk-first-answers = { $count ->
    [one] First answer of { $count } student, before the explanation
   *[other] First answers of { $count } students, before the explanation
}
desk-chosen = { $choice }: chosen by { $count } of { $of }
desk-no-answer = No answer.
desk-first-answer = First answer: { $answer }
desk-attempts = { $count ->
    [one] { $count } attempt
   *[other] { $count } attempts
}
desk-points = { $most ->
    [one] { $points } of { $most } point
   *[other] { $points } of { $most } points
}
desk-give = Points
desk-give-points = { $student }: { $points } of { $most }

## Guesses
desk-no-guesses = No one guessed in this lesson. A step with a run asks for a guess where its file has guess = true.
desk-guessed-accuracy = Accuracy
desk-guessed-secs = Seconds
desk-axis-accuracy = guessed test accuracy
desk-axis-secs = guessed seconds of training
desk-axis-answer = answer
desk-right-answer = right answer
desk-axis-students = students
desk-guesses-are = { $count ->
    [one] { $count } guess: { $median }.
   *[other] { $count } guesses, median { $median }.
}
desk-truth-is = Reached: { $truth }. Guessed too low: { $low }, too high: { $high }.
desk-truth-line = reached { $truth }

## The sheet for grading
sheet-number = student number
sheet-lesson = lesson
sheet-version = version of the lesson
sheet-saved = saved
sheet-total = points
sheet-most = points possible
sheet-ungraded = answers to grade
sheet-points = points
sheet-first-answer = first answer
sheet-attempts = attempts
sheet-answer-secs = time to first answer (s)
sheet-guessed-accuracy = guessed accuracy
sheet-guessed-secs = guessed time (s)
sheet-train-secs = training time (s)
sheet-refused = refused
sheet-race = accuracy of { $strategy }
desk-mean = mean { $value }
desk-sum = { $value } in all
