# Cost meter, reference lines, guesses
stage-reference = 비교를 위해 낱말을 세는 중
cli-stage-reference = 비교를 위해 낱말을 세는 중
