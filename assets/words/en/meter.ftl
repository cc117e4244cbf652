# Cost meter, reference lines, guesses
