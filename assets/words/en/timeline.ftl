# Plans with stages

## Plan files
plan-choice = The plan’s { $place }freeze and { $place }rules: give one of the two (at the top only where there are no stages).
plan-unknown-freeze = The plan’s { $place }freeze is “{ $name }”. Use 1, 2, 3, full, top:K or biases.
plan-no-stage = The plan’s list of stages is empty. Give at least one, with "from_epoch": 1.
plan-first-stage = The plan’s stages[0].from_epoch is { $epoch }. The first stage begins with epoch 1.
plan-stages-out-of-order = The plan’s stages[{ $stage }].from_epoch is { $epoch }, but the stage before begins with epoch { $before }. Put the stages in order, each from a later epoch.
plan-stage-nothing-trains = In the plan’s stages[{ $stage }], from epoch { $epoch }, every parameter is frozen, so nothing would be learned. Let at least one train there.
plan-stage-not-reached = Stage { $stage } begins at epoch { $epoch }, but the run has { $epochs ->
        [one] 1 epoch
       *[other] { $epochs } epochs
    }: it is never reached. Train for more epochs to have it.
plan-layer-both = The plan’s learning_rates has layer_factor and layer_divisor. Give one of the two.
plan-layer-factor = The plan’s learning_rates.layer_factor is { $value }. It must be above 0 and at most 1: each layer has the rate of the one above times it. For a division, as ULMFiT’s by 2.6, use layer_divisor.
plan-layer-divisor = The plan’s learning_rates.layer_divisor is { $value }. It must be 1 to 1000: each layer has the rate of the one above divided by it.
plan-group-factor = The plan’s learning_rates.groups[{ $group }].factor, for “{ $parameters }”, is { $value }. It must be above 0 and at most { $most }. To freeze parameters, use the stages.
plan-group-matches-nothing = The plan’s learning_rates.groups[{ $group }].parameters, “{ $parameters }”, matches no parameter of this model. `thaw params` lists the names.
plan-saved = The plan is in { $file }.
dialog-plan-save = Save the plan
dialog-plan-open = Open a plan
dialog-plans = Plans (JSON)

## Terminal
cli-stage = Stage { $stage } of { $stages } from epoch { $epoch }: { $trainable } of { $total } parameters train ({ $share })
cli-params-epoch = epoch { $from }
cli-params-epochs = epochs { $from }-{ $to }
cli-params-factor = rate ×

## Window
freeze-timeline = Timeline
timeline-open = Timeline…
    .hint = What trains in which epochs: thaw layer by layer, and give layers learning rates of their own.
timeline-title = Unfreezing timeline
timeline-in-a-line = { $stages ->
        [one] 1 stage
       *[other] { $stages } stages
    }. The tree shows stage { $stage }, from epoch { $epoch }.
timeline-one-stage = The same layers train in every epoch, each at its own rate.
timeline-templates = Begin with
timeline-from-top = From the top
    .hint = The head first, then layer by layer downwards, one more with each epoch: gradual unfreezing (ULMFiT). The lower layers, which know the language best, change last.
timeline-head-first = Head, then all
    .hint = Half of the epochs for the head alone, then everything (LP-FT): the new head is no longer random when the layers below begin to follow its gradients.
timeline-from-bottom = From the bottom
    .hint = The embeddings first, then layer by layer upwards. The backward pass is full from the start: gradients must pass through the frozen layers above.
timeline-needs-epochs = Stages need at least 2 epochs. Set more under Training.
timeline-rates = Learning rates
timeline-rates-same = One for all
    .hint = Every parameter learns at the same rate.
timeline-rates-ulmfit = ÷ 2.6 a layer
    .hint = Each layer has the rate of the one above divided by 2.6 (ULMFiT): the lower, the more slowly.
timeline-rates-sun = × 0.95 a layer
    .hint = Each layer has the rate of the one above times 0.95 (Sun et al., 2019).
timeline-factor = rate ×
timeline-factor-of = Learning rate factor of { $rung }
timeline-rate-of = Peak learning rate { $rate }
timeline-cell-trains = { $rung }, epoch { $epoch }: trains
timeline-cell-frozen = { $rung }, epoch { $epoch }: frozen
timeline-cell-mixed = { $rung }, epoch { $epoch }: trains in part
timeline-same-throughout = The same parameters train in every epoch. Paint cells, or begin with one of the above.
timeline-stages = Stages; the tree shows the chosen one
timeline-stage = Stage { $stage }, { $epochs ->
        [one] epoch { $from }
       *[other] epochs { $from } to { $to }
    }: { $trainable } train ({ $share })
timeline-cost = About { $time } here, the first epoch { $first }; up to { $memory } of memory.
timeline-cost-unknown = What it costs is told once data and model are read and the machine is timed.
timeline-rate = rate
timeline-open-file = Open plan…
    .hint = A JSON file, as thaw train --freeze takes it.
timeline-save-file = Save plan…
    .hint = As a JSON file, for thaw train --freeze and for others.
chart-stages = stages
chart-stages-at = stages begin at steps { $steps }
