# Cost meter, reference lines, guesses
stage-reference = Counting words for comparison
cli-stage-reference = counting words for comparison
