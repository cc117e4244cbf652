//! How long a run will take, from a short calibration on this machine with this model and these data.

use super::config::TrainingConfig;
use super::dataset::SplitCounts;
use super::freeze::{embeddings_train, lowest_trainable_layer, trainable_matrices};
use super::looks::{LookPlan, Looked};
use super::memory::rows_at_once;
use super::params::{ParamTree, Parameter};
use super::timeline::Unfreezing;

/// The seconds that one token takes in one encoder layer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerSecs {
    /// The forward pass in a training batch.
    pub forward: f64,
    /// The forward pass in the larger batches of validation.
    pub evaluate: f64,
    /// What training adds whatever is frozen: keeping outputs, dropout, and the gradient with respect to the input.
    pub backward_input: f64,
    /// The same for the lowest trainable layer, which passes no gradient on to a layer below.
    pub backward_lowest: f64,
    /// The gradients of all weight matrices of the layer.
    pub backward_weight: f64,
}

impl LayerSecs {
    /// A layer of which every part takes `factor` times as long.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            forward: self.forward * factor,
            evaluate: self.evaluate * factor,
            backward_input: self.backward_input * factor,
            backward_lowest: self.backward_lowest * factor,
            backward_weight: self.backward_weight * factor,
        }
    }
}

/// What a few timed batches have shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration {
    /// Mean tokens of a text after it was cut at `max_length`.
    pub tokens_per_row: f64,
    pub max_length: usize,
    /// Any encoder layer but the last.
    pub layer: LayerSecs,
    /// The last layer, which needs keys and values of all tokens but everything else of the first token alone.
    pub last: LayerSecs,
    /// Seconds of one token in the embeddings.
    pub embed_secs: f64,
    /// Seconds of the optimiser for one number that trains.
    pub update_secs: f64,
    /// Seconds of one row above the encoder, in pooler and head, forward.
    pub row_secs: f64,
    /// Seconds of one training step whatever its rows: the head's backward pass, the loss, the optimiser's rounds.
    pub step_secs: f64,
    /// Bytes that this machine gives to the outputs of frozen layers, in memory and in a temporary file.
    pub cache_bytes: (u64, u64),
    /// The time of a layer below the lowest trainable one as a share of the same layer's forward pass above it; `None` where
    /// both are held alike, in 32 bits.
    pub frozen_share: Option<f64>,
}

/// The expected time of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    pub first_epoch_secs: f64,
    /// Mean seconds of the epochs after the first.
    pub later_epoch_secs: f64,
    pub total_secs: f64,
    /// Training rows per second in the first epoch.
    pub rows_per_sec: f64,
}

/// A training whose time is estimated: what was timed, the model, the rows, and the settings.
#[derive(Clone, Copy, Debug)]
pub struct Workload<'a> {
    pub calibration: &'a Calibration,
    pub tree: &'a ParamTree,
    pub split: &'a SplitCounts,
    pub training: &'a TrainingConfig,
}

/// The seconds that one token takes in all layers: the frozen prefix computes the same in every epoch, the layers above
/// it do not.
struct TokenSecs {
    prefix_train: f64,
    prefix_evaluate: f64,
    train: f64,
    evaluate: f64,
}

impl TokenSecs {
    fn of(Workload { calibration, tree, .. }: Workload<'_>, trainable: &[bool]) -> Self {
        let layers = tree.facts.layers;
        let secs_of = |index: usize| if index + 1 == layers { &calibration.last } else { &calibration.layer };
        let lowest = lowest_trainable_layer(tree, trainable);
        let embeddings_train = embeddings_train(tree, trainable);
        let embed_secs = calibration.embed_secs;
        let mut secs = Self { prefix_train: embed_secs, prefix_evaluate: embed_secs, train: 0.0, evaluate: 0.0 };
        let frozen_share = calibration.frozen_share.unwrap_or(1.0);
        for layer in (0..lowest).map(secs_of) {
            secs.prefix_train += frozen_share * layer.forward;
            secs.prefix_evaluate += frozen_share * layer.evaluate;
        }
        for (index, trained_share) in trainable_matrices(tree, trainable).into_iter().enumerate().skip(lowest) {
            let layer = secs_of(index);
            let gradient_goes_on = index > lowest || embeddings_train;
            let input = if gradient_goes_on { layer.backward_input } else { layer.backward_lowest };
            secs.train += layer.forward + input + trained_share * layer.backward_weight;
            secs.evaluate += layer.evaluate;
        }
        secs
    }
}

impl Workload<'_> {
    /// Seconds of a run with these settings. With `prefix_cached` the frozen prefix is computed once and kept.
    pub fn estimate(self, trainable: &[bool], prefix_cached: bool) -> Estimate {
        self.estimate_stage(trainable, prefix_cached, self.looked_at_rows(&[(trainable, self.training.epochs.max(1))]))
    }

    /// The validation rows that looks classify in the mean epoch.
    fn looked_at_rows(self, stages: &[(&[bool], usize)]) -> f64 {
        let Self { calibration, tree, split, training } = self;
        let (train_rows, validation_rows, _) = split.totals();
        let tokens = (calibration.tokens_per_row, calibration.tokens_per_row);
        let plan = LookPlan::of(Looked { tree, stages, training, train_rows, validation_rows, tokens });
        plan.all_rows() as f64 / training.epochs.max(1) as f64
    }

    /// Seconds of a run that trains the same throughout, with looks at so many rows in each epoch.
    fn estimate_stage(self, trainable: &[bool], prefix_cached: bool, looked_at_rows: f64) -> Estimate {
        let Self { calibration, tree, split, training } = self;
        let token_secs = TokenSecs::of(self, trainable);
        let (train_rows, validation_rows, _) = split.totals();
        let steps_secs = self.steps_secs(trainable);
        let (train_rows, validation_rows) = (train_rows as f64, validation_rows as f64);
        let epochs = training.epochs.max(1) as f64;

        let prefix_cached = prefix_cached && !embeddings_train(tree, trainable);
        let row_secs = |token_secs: f64| calibration.tokens_per_row * token_secs + calibration.row_secs;
        let train_secs = |prefix: f64| train_rows * row_secs(prefix + token_secs.train) + steps_secs;
        let evaluate_secs = |rows: f64, prefix: f64| rows * row_secs(prefix + token_secs.evaluate);
        let epoch_secs = |train_prefix: f64, validation_prefix: f64| {
            train_secs(train_prefix)
                + evaluate_secs(validation_rows, validation_prefix)
                + evaluate_secs(looked_at_rows, if prefix_cached { 0.0 } else { validation_prefix })
        };
        let first = epoch_secs(token_secs.prefix_train, token_secs.prefix_evaluate);
        let later = if prefix_cached { epoch_secs(0.0, 0.0) } else { first };
        Estimate {
            first_epoch_secs: first,
            later_epoch_secs: later,
            total_secs: first + later * (epochs - 1.0),
            rows_per_sec: train_rows / train_secs(token_secs.prefix_train).max(1e-9),
        }
    }

    /// What an epoch's steps take whatever their rows, the optimiser's updates included.
    fn steps_secs(self, trainable: &[bool]) -> f64 {
        let Self { calibration, tree, split, training } = self;
        let train_rows = split.totals().0;
        let tokens = calibration.tokens_per_row;
        let at_once = rows_at_once(tree, trainable, tokens, tokens.ceil() as usize);
        let batches = train_rows.div_ceil(training.batch_size.clamp(1, at_once)) as f64;
        let steps = train_rows.div_ceil(training.rows_per_step().max(1)) as f64;
        let train_tokens = (train_rows as f64 * tokens) as usize;
        let updated: f64 = tree.trained(trainable).map(|parameter| updated_numbers(parameter, train_tokens)).sum();
        batches * calibration.step_secs + steps * updated * calibration.update_secs
    }

    /// Seconds of a run in stages. `is_cached` answers, for what a stage trains, whether its frozen prefix is kept.
    pub fn estimate_stages(self, plan: &Unfreezing, is_cached: &dyn Fn(&[bool]) -> bool) -> Estimate {
        let Self { tree, training, .. } = self;
        let (mut first, mut later_secs, mut boundary) = (None, 0.0, None);
        let stages: Vec<(&[bool], usize)> =
            plan.within(training.epochs).map(|(stage, epochs)| (stage.trainable.as_slice(), epochs)).collect();
        let looked_at_rows = self.looked_at_rows(&stages);
        for (stage, epochs) in plan.within(training.epochs) {
            let cached = is_cached(&stage.trainable);
            let own = self.estimate_stage(&stage.trainable, cached, looked_at_rows);
            let lowest = lowest_trainable_layer(tree, &stage.trainable);
            // The stage before has kept the outputs of the same layers, and they serve this one too.
            let is_kept = cached && boundary == Some(lowest);
            boundary = Some(lowest);
            let first_secs = if is_kept { own.later_epoch_secs } else { own.first_epoch_secs };
            later_secs += own.later_epoch_secs * (epochs as f64 - 1.0);
            match &first {
                None => first = Some(own),
                Some(_) => later_secs += first_secs,
            }
        }
        let first = first.unwrap_or_default();
        let later_epoch_secs = match training.epochs {
            0 | 1 => first.later_epoch_secs,
            epochs => later_secs / (epochs as f64 - 1.0),
        };
        Estimate { later_epoch_secs, total_secs: first.first_epoch_secs + later_secs, ..first }
    }
}

/// How many numbers of a trainable parameter a step moves: in the table of words, only the rows of words that have occurred.
fn updated_numbers(parameter: &Parameter, train_tokens: usize) -> f64 {
    if parameter.is_word_table() {
        (parameter.shape[0].min(different_words(train_tokens)) * parameter.shape[1]) as f64
    } else {
        parameter.count() as f64
    }
}

/// How many different words so many tokens hold. New words get rarer with every text: this is Heaps' law, with a generous
/// constant.
pub(super) fn different_words(tokens: usize) -> usize {
    (10.0 * (tokens as f64).powf(0.6)) as usize
}
