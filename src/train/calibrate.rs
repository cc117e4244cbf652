//! A few timed batches, from which `domain::estimate` tells how long any run will take.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::{Tensor, Var};

use crate::data::batch::{Batch, sorted_by_length, stratified_sample};
use crate::data::tokens::TokenStore;
use crate::domain::config::RunConfig;
use crate::domain::estimate::{Calibration, LayerSecs};
use crate::domain::interrupt::Interrupt;
use crate::domain::memory::rows_at_once;
use crate::domain::params::{Parameter, Part};
use crate::domain::precision::FrozenPrecision;
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::{Classifier, sequences};
use crate::model::device::{Engine, Precisions};
use crate::model::encoder::{DropoutConfig, Pass, Reads};
use crate::model::ops::Sequences;
use crate::model::ops::composed::first_tokens;
use crate::model::pretrained::PretrainedModel;

use super::adamw::AdamW;
use super::evaluate::batches;
use super::loss::Loss;
use super::prefix::Budget;
use super::trainer::dropout_config;

/// Each measurement is repeated until so much time has gone, within these bounds. Its median counts, because a run also
/// meets quick moments and slow ones.
const MEASURE: Duration = Duration::from_millis(60);
const LEAST_REPEATS: usize = 3;
const MOST_REPEATS: usize = 15;
/// Rows whose mean length stands for that of all rows.
const SAMPLE_ROWS: usize = 512;
/// Layers that stand for all but the last: enough that their weights do not all stay in the processor's cache.
const MEASURED_LAYERS: usize = 3;

/// Times this model on batches of the data's own texts: its layers forward, and backward with frozen and with trainable
/// weights; embeddings, head and optimiser. This takes about a second for a small model. The times are seconds per token
/// of a layer, per number of an update, per row and per step, as [`Calibration`] says.
///
/// # Errors
/// One that means nothing else once `interrupt` has ended the work;
/// `internal-error` when there are no rows, or when the model cannot read the tokens; `device-not-built` or
/// `device-absent` for a device that this program or machine does not have.
pub fn calibrate(
    pretrained: &PretrainedModel,
    tokens: &TokenStore,
    rows: &[u32],
    config: &RunConfig,
    cache: Budget,
    interrupt: &Interrupt,
) -> Outcome<Calibration> {
    let labels = vec![0; tokens.len()];
    let sample = stratified_sample(rows, &labels, SAMPLE_ROWS, config.data.split.seed);
    let tokens_per_row = sample.iter().map(|r| tokens.row(*r).len()).sum::<usize>() as f64 / sample.len().max(1) as f64;
    // A training sends no more rows through the network at once than these.
    let tree = pretrained.tree(&["0", "1"].map(String::from));
    let longest = sample.iter().map(|row| tokens.row(*row).len()).max().unwrap_or(0);
    let rows_at_once = rows_at_once(&tree, &vec![true; tree.parameters.len()], tokens_per_row, longest);
    let batch = training_batch(tokens, &labels, &sample, config.training.batch_size.min(rows_at_once));
    if batch.labels.is_empty() {
        return Err(Problem::internal("there are no rows to calibrate with"));
    }
    let evaluated = evaluation_batch(tokens, &labels, &sample);
    let bench = Bench { pretrained, config, batch, evaluated, interrupt };
    let measured = bench.with_trained(bench.frozen()?)?;
    let frozen_share = bench.frozen_share()?;
    let (max_length, cache_bytes) = (config.training.max_length, (cache.memory_bytes, cache.file_bytes));
    Ok(Calibration { tokens_per_row, max_length, cache_bytes, frozen_share, ..measured })
}

/// A batch of rows spread over the sample, so that their lengths are as mixed as a shuffled batch's.
fn training_batch(tokens: &TokenStore, labels: &[u32], sample: &[u32], batch_size: usize) -> Batch {
    let sorted = sorted_by_length(tokens, sample);
    let n = batch_size.min(sorted.len());
    let rows: Vec<u32> = (0..n).map(|i| sorted[(2 * i + 1) * sorted.len() / (2 * n)]).collect();
    Batch::pack(tokens, labels, &rows)
}

/// A batch of rows of middling length, as many as validation takes at once.
fn evaluation_batch(tokens: &TokenStore, labels: &[u32], sample: &[u32]) -> Batch {
    let sorted = sorted_by_length(tokens, sample);
    let rows = batches(tokens, &sorted[sorted.len() / 3..]).next().unwrap_or_default();
    Batch::pack(tokens, labels, rows)
}

struct Bench<'a> {
    pretrained: &'a PretrainedModel,
    config: &'a RunConfig,
    batch: Batch,
    evaluated: Batch,
    interrupt: &'a Interrupt,
}

/// What enters the measured layers of a batch, once as it is and once as a variable that wants a gradient.
struct Inputs {
    sequences: Arc<Sequences>,
    tokens: f64,
    /// `[tokens, hidden]`
    states: Tensor,
    tracked: Tensor,
}

impl Inputs {
    fn of(classifier: &Classifier, batch: &Batch) -> Outcome<Self> {
        let sequences = sequences(batch);
        let network = classifier.network();
        let states = network.below(batch, &sequences, 0, Reads::AllTokens, Pass::EVALUATE)?;
        let tracked = Var::from_tensor(&states)?.as_tensor().clone();
        Ok(Self { sequences, tokens: batch.ids.len() as f64, states, tracked })
    }
}

impl Bench<'_> {
    /// A classifier whose frozen prefix is held in this precision.
    fn classifier(&self, frozen: FrozenPrecision, trains: impl Fn(Part) -> bool) -> Outcome<Classifier> {
        let label_names: Vec<String> = ["0", "1"].map(String::from).to_vec();
        let tree = self.pretrained.tree(&label_names);
        let trainable: Vec<bool> = tree.parameters.iter().map(|p| trains(p.part)).collect();
        let dropout = DropoutConfig { in_frozen_prefix: false, ..dropout_config(self.pretrained, self.config) };
        let engine = Engine { frozen_precision: frozen, ..Engine::open(&self.config.training)? };
        let classifier = Classifier::on(&engine, self.pretrained, &label_names, &trainable, dropout, 0, &|_| ())?;
        Ok(classifier.interruptible(self.interrupt.clone()))
    }

    /// How many layers stand for all but the last.
    fn measured_layers(&self) -> usize {
        self.pretrained.facts.layers.saturating_sub(1).min(MEASURED_LAYERS)
    }

    /// The last layer, which computes less than the others because the head reads first tokens only.
    fn last_layer(&self) -> Range<usize> {
        let layers = self.pretrained.facts.layers;
        layers.saturating_sub(1)..layers
    }

    /// Times everything that needs no trainable weight; the rest stays 0.
    fn frozen(&self) -> Outcome<Calibration> {
        let (classifier, interrupt) = (self.classifier(FrozenPrecision::F32, |_| false)?, self.interrupt);
        let network = classifier.network();
        let (training, evaluated) = (Inputs::of(&classifier, &self.batch)?, Inputs::of(&classifier, &self.evaluated)?);
        let of_layers = |range: Range<usize>| -> Outcome<LayerSecs> {
            if range.is_empty() {
                return Ok(LayerSecs::default());
            }
            let n = range.len() as f64;
            let through = |x: &Tensor, inputs: &Inputs, pass: Pass| {
                network.through(x.clone(), &inputs.sequences, range.clone(), Reads::FirstToken, pass)
            };
            let forward = |inputs: &Inputs| {
                let secs = median(interrupt, || Ok(through(&inputs.states, inputs, Pass::EVALUATE).map(drop)?))?;
                Ok::<_, Problem>(secs / (n * inputs.tokens))
            };
            let (in_training, in_evaluation) = (forward(&training)?, forward(&evaluated)?);
            let with_input = median(interrupt, || {
                let y = through(&training.tracked, &training, Pass::train(1))?;
                classifier.backward(&y.sum_all()?)
            })?;
            Ok(LayerSecs {
                forward: in_training,
                evaluate: in_evaluation,
                backward_input: (with_input / (n * training.tokens) - in_training).max(0.0),
                ..LayerSecs::default()
            })
        };
        let (layer, last) = (of_layers(0..self.measured_layers())?, of_layers(self.last_layer())?);
        let embed = || network.below(&self.batch, &training.sequences, 0, Reads::AllTokens, Pass::EVALUATE);
        let embed_secs = median(interrupt, || Ok(embed().map(drop)?))? / training.tokens;
        let firsts = first_tokens(&training.states, &training.sequences)?;
        let row = median(interrupt, || Ok(network.head(&firsts, Pass::EVALUATE).map(drop)?))?;
        let row_secs = row / self.batch.labels.len() as f64;
        Ok(Calibration { layer, last, embed_secs, row_secs, ..Calibration::default() })
    }

    /// The time of layers that are held as the frozen ones are, as a share of that of the same layers in 32 bits. Both take
    /// turns, so that quick and slow moments meet both.
    fn frozen_share(&self) -> Outcome<Option<f64>> {
        let frozen = Precisions::of(&self.config.training).frozen;
        if frozen.is_default() || self.pretrained.facts.layers == 0 {
            return Ok(None);
        }
        let of = |frozen| {
            let classifier = self.classifier(frozen, |_| false)?;
            let inputs = Inputs::of(&classifier, &self.batch)?;
            Ok::<_, Problem>((classifier, inputs))
        };
        let both = [of(frozen)?, of(FrozenPrecision::F32)?];
        let range = 0..self.measured_layers().max(1);
        let mut secs = [const { Vec::new() }; 2];
        for _ in 0..MOST_REPEATS / 2 {
            for ((classifier, inputs), secs) in both.iter().zip(&mut secs) {
                let (network, sequences, reads) = (classifier.network(), &inputs.sequences, Reads::AllTokens);
                let layers = || network.through(inputs.states.clone(), sequences, range.clone(), reads, Pass::EVALUATE);
                secs.push(secs_of(self.interrupt, || Ok(layers().map(drop)?))?);
            }
        }
        let [held, whole] = secs.map(middle);
        Ok(Some(held / whole.max(1e-9)))
    }

    /// Times what trainable weights add to that.
    fn with_trained(&self, frozen: Calibration) -> Outcome<Calibration> {
        let (layers, measured, interrupt) = (self.pretrained.facts.layers, self.measured_layers(), self.interrupt);
        let classifier = self.classifier(FrozenPrecision::F32, |part| match part {
            Part::Embeddings => false,
            Part::Layer { index, .. } => index < measured || index + 1 == layers,
            Part::Pooler | Part::Classifier => true,
        })?;
        let inputs = Inputs::of(&classifier, &self.batch)?;
        let layer = backward(&classifier, &inputs, 0..measured, frozen.layer)?;
        let last = backward(&classifier, &inputs, self.last_layer(), frozen.last)?;

        let network = classifier.network();
        let mut optimiser = AdamW::new(&classifier, 0.0);
        let clip = self.config.training.clip_norm;
        let firsts = first_tokens(&inputs.states, &inputs.sequences)?;
        let step = median(interrupt, || {
            let logits = network.head(&firsts, Pass::train(1))?;
            classifier.backward(&Loss::PLAIN.mean(&logits, &self.batch.labels)?)?;
            optimiser.step(&classifier, 1e-12, clip).map(drop)
        })?;
        let mut updates = Vec::new();
        for _ in 0..LEAST_REPEATS {
            // The layers get gradients first, so that there is something to update.
            let range = 0..measured.max(1).min(layers);
            let states = inputs.states.clone();
            let y = network.through(states, &inputs.sequences, range, Reads::AllTokens, Pass::train(1))?;
            classifier.backward(&y.sum_all()?)?;
            updates.push(secs_of(interrupt, || optimiser.step(&classifier, 1e-12, clip).map(drop))?);
        }
        let numbers = |wanted: &dyn Fn(Part) -> bool| {
            let wanted = classifier.tree().parameters.iter().filter(|p| wanted(p.part));
            wanted.map(Parameter::count).sum::<usize>().max(1) as f64
        };
        let in_layers = numbers(&|part| matches!(part, Part::Layer { index, .. } if index < measured.max(1)));
        let update_secs = middle(updates) / in_layers;
        let of_head = update_secs * numbers(&|part| matches!(part, Part::Pooler | Part::Classifier));
        Ok(Calibration { layer, last, update_secs, step_secs: (step - of_head).max(0.0), ..frozen })
    }
}

/// Adds to the `secs` of frozen layers those that backward takes for their weights, above other trainable layers and as the
/// lowest one.
fn backward(classifier: &Classifier, inputs: &Inputs, range: Range<usize>, secs: LayerSecs) -> Outcome<LayerSecs> {
    if range.is_empty() {
        return Ok(secs);
    }
    let (network, interrupt) = (classifier.network(), classifier.interrupt());
    let through = |range: Range<usize>, x: &Tensor| {
        let n = range.len() as f64;
        let secs = median(interrupt, || {
            let pass = Pass::train(1);
            let y = network.through(x.clone(), &inputs.sequences, range.clone(), Reads::FirstToken, pass)?;
            classifier.backward(&y.sum_all()?)?;
            classifier.clear_gradients();
            Ok(())
        })?;
        Ok::<_, Problem>(secs / (n * inputs.tokens))
    };
    let all = through(range.clone(), &inputs.tracked)?;
    let lowest = through(range.start..range.start + 1, &inputs.states)?;
    let backward_weight = (all - secs.forward - secs.backward_input).max(0.0);
    let backward_lowest = (lowest - secs.forward - backward_weight).max(0.0);
    Ok(LayerSecs { backward_weight, backward_lowest, ..secs })
}

/// The median of the seconds that the work takes.
fn median(interrupt: &Interrupt, mut work: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let began = Instant::now();
    let mut all = Vec::new();
    while all.len() < LEAST_REPEATS || (all.len() < MOST_REPEATS && began.elapsed() < MEASURE) {
        all.push(secs_of(interrupt, &mut work)?);
    }
    Ok(middle(all))
}

/// The seconds that the work takes, without pauses.
fn secs_of(interrupt: &Interrupt, work: impl FnOnce() -> Outcome<()>) -> Outcome<f64> {
    let (began, paused) = (Instant::now(), interrupt.blocked());
    work()?;
    Ok(began.elapsed().saturating_sub(interrupt.blocked() - paused).as_secs_f64())
}

fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
