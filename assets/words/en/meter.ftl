# Cost meter, reference lines, guesses
stage-reference = Counting words for comparison
cli-stage-reference = counting words for comparison

## Cost meter
meter-line = { $backward } · about { $time }
meter-backward-nowhere = Nothing trains
meter-backward-head = Backward stops at the head
meter-backward-layer = Backward through layer { $from }
meter-backward-layers = Backward through layers { $from }–{ $to }
meter-backward-all = Backward through all layers and embeddings
meter-trainable = Trainable
meter-trainable-value = { $on } parameters ({ $share })
meter-backward = Backward pass
meter-cache = Frozen results
meter-kept = layers 0–{ $last } are computed once and kept
meter-kept-embeddings = the embeddings are computed once and kept
meter-no-room = more than there is room for: a part is computed anew in every epoch
meter-none-embeddings = nothing to keep: something in the embeddings trains, so that nothing below is frozen
meter-none-dropout = not kept: dropout acts in the frozen layers
meter-none-off = not kept: switched off
meter-optimiser = Optimiser memory
meter-activations = Activation memory
meter-first-epoch = First epoch
meter-later-epochs = Each later epoch
meter-lesson-above = Frozen, yet not free: layers { $frozen } stand above one that trains. Its gradient has to come down through them, so they cost forward and backward in every step; only their own weights' gradients are saved.
meter-lesson-biases = Few parameters, same backward pass: it must go just as deep as if all of these layers trained. Only the weights' gradients are saved, at most about a third of the time.
meter-lesson-biases-saved = Few parameters, same backward pass: it must go just as deep as if all of these layers trained. Only the weights' gradients are saved: here about { $share } of the time, and at most about a third.
cli-meter-memory = Optimiser memory { $optimiser }; activation memory { $activations } at most, with batches of { $batch ->
        [one] 1 text
       *[other] { $batch } texts
    } of { $length ->
        [one] 1 token
       *[other] { $length } tokens
    }.

## Reference lines
verdict-chance = No better than chance: always answering “{ $label }” reaches { $majority }, so these rows do not show that the model tells the classes apart.
verdict-model-ahead = Better than counting words: a bag of words with logistic regression reaches { $words } on the same rows.
verdict-undecided = About as good as counting words: a bag of words with logistic regression reaches { $words } on the same rows, which is within the interval.
verdict-words-ahead = Counting words does better: a bag of words with logistic regression reaches { $words } on the same rows. Frozen features that were never trained for this task can lose to it; thaw more layers.
reference-majority = majority class
reference-words = bag of words
cli-reference-line = Bag of words with logistic regression: accuracy { $words }, macro F1 { $f1 } ({ $features ->
        [one] 1 word or pair
       *[other] { $features } words and pairs
    }, C = { $c })

## Guess and reveal
guess-switch = Guess first
    .hint = Say what you expect before you train. Afterwards Results sets your guess beside what came out. What you leave at “–” is not guessed.
guess-accuracy = Test accuracy you expect
    .hint = The share of test rows that you expect the model to get right.
guess-secs = Seconds you expect
    .hint = How long you expect training to take.
guess-accuracy-line = You guessed an accuracy of { $guess }; it is { $truth } ({ $difference } percentage points).
time-shared = { $time }, of which { $shared } shared
guess-secs-line = You guessed { $guess } of training; it took { $truth }.
guess-own-line = Thaw's own estimate was { $secs }.
cli-train-guess_accuracy = Test accuracy you expect, 0 to 1; set beside the truth at the end (needs --guess-secs)
cli-train-guess_secs = Seconds of training you expect (needs --guess-accuracy)
