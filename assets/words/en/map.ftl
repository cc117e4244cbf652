# The map of texts: thaw map and its page in Explore.

cli-about-map = Map a run's test rows: what a linear probe reads of the label after each layer and, with --json, the points.
cli-map-run_dir = A run folder
cli-map-layer = The layer whose points --json prints, from 0 (the last one)
cli-map-method = How vectors become points: pca or tsne (pca)
usage-expects-map-method = pca or tsne
cli-map-points = --json prints the points as well.
stage-text-map = Mapping the texts
cli-stage-text-map = mapping the texts
map-no-layer = There is no layer { $layer }. The model's layers are 0 to { $last }.
map-no-before = The model before fine-tuning cannot be opened, so that only the fine-tuned one is mapped. { $problem }
map-other-shape = { $model } has another number of layers or another width than the run's model.
map-layer = Layer
    .hint = The encoder layer after which the vectors are taken, counted from 0 as in Freeze
map-before = Before
map-after = After
map-shown = Shown by two axes
map-interval = { $accuracy } ({ $low } to { $high })
map-probes-told = Accuracy of a linear probe on the first token's vector after each layer, before and after fine-tuning, with its 95 % interval. It was fitted on { $rows ->
        [one] { $rows } { $part ->
            [validation] validation
           *[other] training
        } row
       *[other] { $rows } { $part ->
            [validation] validation
           *[other] training
        } rows
    } and tested on { $tested } of { $all ->
        [one] { $all } test row
       *[other] { $all } test rows
    }.
map-unchanged = { $last ->
        [0] Layer 0 is the same before and after.
       *[other] Layers 0 to { $last } are the same before and after.
    }
map-table = Table
    .hint = The rows as a list
map-map = Map
    .hint = The test rows as points: which texts the model puts near each other after each layer
map-title = Map of texts
    .hint = Each point is a test row: the vector of its first token after the chosen layer, in two dimensions. Rows near each other look alike to the model. Drag around points to select their rows; click one to mark it.
map-waiting = The test rows are sent through the model before and after fine-tuning, all layers at once…
map-not-yet = t-SNE has not come to this layer yet. It begins with the last one.
map-pca = PCA
    .hint = Principal component analysis: the two directions in which the vectors vary most. Distances are true on these axes, but there are more.
map-tsne = t-SNE
    .hint = Keeps neighbours together and shows groups. How far groups are apart and how large they are says little.
map-colour = Colour
map-by-label = true label
map-by-predicted = predicted label
map-by-error = right or wrong
map-by-confidence = confidence
map-by-run = before or after
map-other-labels = other labels
map-less-sure = below { $to }
map-as-sure = { $from } to { $to }
map-side-before = Before fine-tuning
map-side-after = After fine-tuning
map-side-both = Before and after fine-tuning
map-caption = { $side } · probe { $accuracy }
map-moving = { $share } of t-SNE
map-stop = Stop
map-rows = { $rows } of { $all } test rows.
map-precision = The vectors were computed in { $precision }.
map-pca-both = Both plots have the same axes, fitted on both models' vectors together; they show { $share } of the variance.
map-pca-one = The axes show { $share } of the variance.
map-tsne-both = The points after fine-tuning began where those before it ended, and each layer where the next higher one ended.
map-tsne-one = Each layer began where the next higher one ended.
map-same = Fine-tuning has not changed this layer or any below it.
map-lasso = Drag around points to select them.
map-before-x = before, x
map-before-y = before, y
map-summary = { $side }: { $rows } test rows as points, layer { $layer }
map-row = Row { $row }: true { $label }, predicted { $predicted } ({ $confidence })
map-probes = Linear probe
    .hint = How often logistic regression reads the label from the vectors after a layer. A picture in two dimensions may hide or invent groups; this number does not.
map-probes-waiting = Fitting a probe after each layer…
map-probes-later = The probes follow the map.
map-probes-of = Accuracy on the mapped test rows. Fitted on { $rows ->
        [one] { $rows } { $part ->
            [validation] validation
           *[other] training
        } row
       *[other] { $rows } { $part ->
            [validation] validation
           *[other] training
        } rows
    }.
map-probe-both = Layer { $layer }: before { $before }, after { $after }
map-probe-one = Layer { $layer }: { $after }
map-words = Telling words
    .hint = Words that stand in more rows of the selection than chance would bring, the most telling first. Click one to see only rows with it.
map-words-later = Drag around points on the map, or choose rows in another way: the words that tell them from all other rows appear here.
map-words-none = No word tells this selection from the other rows.
map-word = word
map-chosen = selected
map-others = others
map-score = score
map-word-said = { $word }: in { $chosen ->
        [one] { $chosen } selected row
       *[other] { $chosen } selected rows
    } and { $others ->
        [one] { $others } other row
       *[other] { $others } other rows
    }
