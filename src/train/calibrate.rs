//! A few timed batches, from which `domain::estimate` tells how long any run will take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use candle_core::{Tensor, Var};

use crate::data::batch::{Batch, sorted_by_length, stratified_sample};
use crate::data::tokens::TokenStore;
use crate::domain::config::RunConfig;
use crate::domain::estimate::{Calibration, LayerSecs};
use crate::domain::params::{ParamTree, Part};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::{Classifier, internal, sequences};
use crate::model::device;
use crate::model::encoder::{DropoutConfig, Pass, Reads};
use crate::model::ops::Sequences;
use crate::model::ops::composed::first_tokens;
use crate::model::pretrained::PretrainedModel;

use super::adamw::AdamW;
use super::evaluate::TOKENS_PER_BATCH;
use super::prefix::Budget;

/// Each measurement is repeated until so much time has gone, within these bounds; the median counts, since a run as well
/// meets now a quick moment and now a slow one.
const MEASURE: Duration = Duration::from_millis(60);
const LEAST_REPEATS: usize = 3;
const MOST_REPEATS: usize = 15;
/// Rows whose mean length is that of all.
const SAMPLE_ROWS: usize = 512;
/// Layers that stand for all but the last: enough that their weights do not all stay in the processor's cache.
const MEASURED_LAYERS: usize = 3;

/// Times this model on batches of the data's own texts: its layers forward, and backward with frozen and with trainable
/// weights; embeddings, head and optimiser. Takes about a second for a small model.
///
/// # Errors
/// When the model cannot read the tokens.
pub fn calibrate(
    pretrained: &PretrainedModel,
    tokens: &TokenStore,
    rows: &[u32],
    config: &RunConfig,
    cache: Budget,
) -> Outcome<Calibration> {
    let labels = vec![0; tokens.len()];
    let sample = stratified_sample(rows, &labels, SAMPLE_ROWS, config.data.split.seed);
    let tokens_per_row = sample.iter().map(|r| tokens.row(*r).len()).sum::<usize>() as f64 / sample.len().max(1) as f64;
    let batch = training_batch(tokens, &labels, &sample, config.training.batch_size);
    if batch.labels.is_empty() {
        return Err(Problem::internal("there are no rows to calibrate with"));
    }
    let evaluated = evaluation_batch(tokens, &labels, &sample);
    let bench = Bench { pretrained, config, batch, evaluated };
    let (frozen_layer, frozen_last, outside) = bench.frozen()?;
    let trained = bench.trained(frozen_layer, frozen_last)?;
    Ok(Calibration {
        tokens_per_row,
        max_length: config.training.max_length,
        layer: trained.layer,
        last: trained.last,
        embed_secs: outside.embed,
        update_secs: trained.update,
        row_secs: outside.row,
        step_secs: trained.step,
        cache_bytes: (cache.memory_bytes, cache.file_bytes),
    })
}

/// So many rows of the sample, spread over it, that their lengths are as mixed as a shuffled batch's.
fn training_batch(tokens: &TokenStore, labels: &[u32], sample: &[u32], batch_size: usize) -> Batch {
    let sorted = sorted_by_length(tokens, sample);
    let n = batch_size.min(sorted.len());
    let rows: Vec<u32> = (0..n).map(|i| sorted[(2 * i + 1) * sorted.len() / (2 * n)]).collect();
    Batch::pack(tokens, labels, &rows)
}

/// Rows of middling length, as many as validation takes at once.
fn evaluation_batch(tokens: &TokenStore, labels: &[u32], sample: &[u32]) -> Batch {
    let sorted = sorted_by_length(tokens, sample);
    let from_middle = &sorted[sorted.len() / 3..];
    let mut sum = 0;
    let fits = |row: &&u32| {
        sum += tokens.row(**row).len();
        sum <= TOKENS_PER_BATCH
    };
    let n = from_middle.iter().take_while(fits).count().clamp(1, from_middle.len().max(1));
    Batch::pack(tokens, labels, &from_middle[..n.min(from_middle.len())])
}

struct Bench<'a> {
    pretrained: &'a PretrainedModel,
    config: &'a RunConfig,
    batch: Batch,
    evaluated: Batch,
}

/// Outside of the layers: of a token, and of a row.
struct Outside {
    embed: f64,
    row: f64,
}

struct Trained {
    layer: LayerSecs,
    last: LayerSecs,
    /// Of a number, and of a step.
    update: f64,
    step: f64,
}

/// What enters the measured layers of a batch, once as it is and once as something that wants a gradient.
struct Inputs {
    sequences: Arc<Sequences>,
    tokens: f64,
    states: Tensor,
    tracked: Tensor,
}

impl Inputs {
    fn of(classifier: &Classifier, batch: &Batch) -> Outcome<Self> {
        let sequences = sequences(batch);
        let network = classifier.network();
        let states = network.below(&batch.ids, &sequences, 0, Reads::AllTokens, Pass::EVALUATE).map_err(internal)?;
        let tracked = Var::from_tensor(&states).map_err(internal)?.as_tensor().clone();
        Ok(Self { sequences, tokens: batch.ids.len() as f64, states, tracked })
    }
}

impl Bench<'_> {
    fn classifier(&self, trains: impl Fn(Part) -> bool) -> Outcome<Classifier> {
        let label_names: Vec<String> = ["0", "1"].map(String::from).to_vec();
        let tree = self.pretrained.tree(&label_names);
        let trainable: Vec<bool> = tree.parameters.iter().map(|p| trains(p.part)).collect();
        let own = |of_model: f64| self.config.training.dropout.unwrap_or(of_model);
        let of_model = &self.pretrained.config;
        let dropout = DropoutConfig {
            hidden: own(of_model.hidden_dropout_prob),
            attention: own(of_model.attention_probs_dropout_prob),
            classifier: own(of_model.head_dropout()),
            in_frozen_prefix: false,
        };
        let (device, ops) = device::open(self.config.training.device)?;
        Classifier::on(&device, ops, self.pretrained, &label_names, &trainable, dropout, 0)
    }

    /// Layers that stand for all but the last.
    fn measured_layers(&self) -> usize {
        self.pretrained.facts.layers.saturating_sub(1).min(MEASURED_LAYERS)
    }

    /// Everything that needs no trainable weight: of a layer, of the last one, and of what is outside of them.
    fn frozen(&self) -> Outcome<(LayerSecs, LayerSecs, Outside)> {
        let classifier = self.classifier(|_| false)?;
        let network = classifier.network();
        let (training, evaluated) = (Inputs::of(&classifier, &self.batch)?, Inputs::of(&classifier, &self.evaluated)?);
        let layers = self.pretrained.facts.layers;
        let of = |range: std::ops::Range<usize>| -> Outcome<LayerSecs> {
            if range.is_empty() {
                return Ok(LayerSecs::default());
            }
            let n = range.len() as f64;
            let through = |x: &Tensor, inputs: &Inputs, pass: Pass| {
                network.through(x.clone(), &inputs.sequences, range.clone(), Reads::FirstToken, pass).map_err(internal)
            };
            let forward = |inputs: &Inputs| {
                let secs = median(|| through(&inputs.states, inputs, Pass::EVALUATE).map(drop))?;
                Ok::<_, Problem>(secs / (n * inputs.tokens))
            };
            let (in_training, in_evaluation) = (forward(&training)?, forward(&evaluated)?);
            let with_input = median(|| {
                let y = through(&training.tracked, &training, Pass::train(1))?;
                classifier.backward(&y.sum_all().map_err(internal)?)
            })?;
            Ok(LayerSecs {
                forward: in_training,
                evaluate: in_evaluation,
                backward_input: (with_input / (n * training.tokens) - in_training).max(0.0),
                ..LayerSecs::default()
            })
        };
        let layer = of(0..self.measured_layers())?;
        let last = of(layers.saturating_sub(1)..layers)?;
        let embed = || network.below(&self.batch.ids, &training.sequences, 0, Reads::AllTokens, Pass::EVALUATE);
        let embed = median(|| embed().map(drop).map_err(internal))? / training.tokens;
        let firsts = first_tokens(&training.states, &training.sequences).map_err(internal)?;
        let row = median(|| network.head(&firsts, Pass::EVALUATE).map(drop).map_err(internal))?;
        Ok((layer, last, Outside { embed, row: row / self.batch.labels.len() as f64 }))
    }

    /// What trainable weights add to that.
    fn trained(&self, mut layer: LayerSecs, mut last: LayerSecs) -> Outcome<Trained> {
        let (layers, measured) = (self.pretrained.facts.layers, self.measured_layers());
        let classifier = self.classifier(|part| match part {
            Part::Embeddings => false,
            Part::Layer { index, .. } => index < measured || index + 1 == layers,
            Part::Pooler | Part::Classifier => true,
        })?;
        let network = classifier.network();
        let inputs = Inputs::of(&classifier, &self.batch)?;
        let backward = |range: std::ops::Range<usize>, x: &Tensor| {
            let n = range.len() as f64;
            let secs = median(|| {
                let pass = Pass::train(1);
                let y = network.through(x.clone(), &inputs.sequences, range.clone(), Reads::FirstToken, pass);
                classifier.backward(&y.and_then(|y| y.sum_all()).map_err(internal)?)?;
                classifier.clear_gradients();
                Ok(())
            })?;
            Ok::<_, Problem>(secs / (n * inputs.tokens))
        };
        let add = |secs: &mut LayerSecs, range: std::ops::Range<usize>| -> Outcome<()> {
            if range.is_empty() {
                return Ok(());
            }
            let all = backward(range.clone(), &inputs.tracked)?;
            let lowest = backward(range.start..range.start + 1, &inputs.states)?;
            secs.backward_weight = (all - secs.forward - secs.backward_input).max(0.0);
            secs.backward_lowest = (lowest - secs.forward - secs.backward_weight).max(0.0);
            Ok(())
        };
        add(&mut layer, 0..measured)?;
        add(&mut last, layers.saturating_sub(1)..layers)?;

        let mut optimiser = AdamW::new(&classifier, 0.0);
        let clip = self.config.training.clip_norm;
        let firsts = first_tokens(&inputs.states, &inputs.sequences).map_err(internal)?;
        let truth = Tensor::new(self.batch.labels.as_slice(), classifier.device()).map_err(internal)?;
        let step = median(|| {
            let logits = network.head(&firsts, Pass::train(1)).map_err(internal)?;
            let loss = candle_nn::loss::cross_entropy(&logits, &truth).map_err(internal)?;
            classifier.backward(&loss)?;
            optimiser.step(&classifier, 1e-12, clip).map(drop)
        })?;
        // Gradients of the layers, so that there is something to update.
        let mut update = Vec::new();
        for _ in 0..LEAST_REPEATS {
            let range = 0..measured.max(1).min(layers);
            let y = network.through(inputs.states.clone(), &inputs.sequences, range, Reads::AllTokens, Pass::train(1));
            classifier.backward(&y.and_then(|y| y.sum_all()).map_err(internal)?)?;
            let began = Instant::now();
            optimiser.step(&classifier, 1e-12, clip)?;
            update.push(began.elapsed().as_secs_f64());
        }
        let numbers = |wanted: &dyn Fn(Part) -> bool| numbers(classifier.tree(), wanted).max(1) as f64;
        let update =
            middle(update) / numbers(&|part| matches!(part, Part::Layer { index, .. } if index < measured.max(1)));
        let of_head = update * numbers(&|part| matches!(part, Part::Pooler | Part::Classifier));
        Ok(Trained { layer, last, update, step: (step - of_head).max(0.0) })
    }
}

fn numbers(tree: &ParamTree, wanted: &dyn Fn(Part) -> bool) -> usize {
    tree.parameters.iter().filter(|p| wanted(p.part)).map(|p| p.count()).sum()
}

/// Seconds that the work takes.
fn median(mut work: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let began = Instant::now();
    let mut all = Vec::new();
    while all.len() < LEAST_REPEATS || (all.len() < MOST_REPEATS && began.elapsed() < MEASURE) {
        let began = Instant::now();
        work()?;
        all.push(began.elapsed().as_secs_f64());
    }
    Ok(middle(all))
}

fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
