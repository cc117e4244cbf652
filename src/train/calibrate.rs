//! A few timed batches, from which `domain::estimate` tells how long any run will take.

use std::sync::Arc;
use std::time::Instant;

use candle_core::{Tensor, Var};

use crate::data::batch::{Batch, stratified_sample};
use crate::data::tokens::TokenStore;
use crate::domain::config::RunConfig;
use crate::domain::estimate::Calibration;
use crate::domain::params::Part;
use crate::domain::problem::{Outcome, Problem};
use crate::model::checkpoint::Checkpoint;
use crate::model::classifier::{Classifier, internal, sequences};
use crate::model::device;
use crate::model::encoder::{DropoutConfig, Pass, Reads};

use super::adamw::AdamW;
use super::prefix::Budget;

/// Repetitions of each measurement; the fastest counts, since whatever else the machine does only adds.
const REPEATS: usize = 3;
const SAMPLE_ROWS: usize = 64;

/// Times one encoder layer of this model forward and backward, the rest of the network, and the optimiser, on a batch of
/// the data's own texts. Takes about a second for a small model.
///
/// # Errors
/// When the model cannot read the tokens.
pub fn calibrate(
    checkpoint: &Checkpoint,
    tokens: &TokenStore,
    rows: &[u32],
    config: &RunConfig,
    cache: Budget,
) -> Outcome<Calibration> {
    let label_names: Vec<String> = ["0", "1"].map(String::from).to_vec();
    let tree = checkpoint.tree(&label_names);
    // One layer trains: the others' weights are shared with nothing and need no gradients.
    let only_first: Vec<bool> =
        tree.parameters.iter().map(|p| matches!(p.part, Part::Layer { index: 0, .. })).collect();
    let dropout = DropoutConfig { hidden: 0.1, attention: 0.1, classifier: 0.1, in_frozen_prefix: false };
    let (device, ops) = device::open(config.training.device)?;
    let classifier = Classifier::on(&device, ops, checkpoint, &label_names, &only_first, dropout, 0)?;

    let labels = vec![0; tokens.len()];
    let sample = stratified_sample(rows, &labels, SAMPLE_ROWS, config.data.split.seed);
    let tokens_per_row = sample.iter().map(|r| tokens.row(*r).len()).sum::<usize>() as f64 / sample.len().max(1) as f64;
    let in_batch = sample.len().min(config.training.batch_size);
    let Some(chosen) = sample.get(..in_batch).filter(|rows| !rows.is_empty()) else {
        return Err(Problem::internal("there are no rows to calibrate with"));
    };
    let batch = Batch::pack(tokens, &labels, chosen);
    let batch_tokens = batch.ids.len() as f64;
    let network = classifier.network();
    let sequences = sequences(&batch);

    let embed = || network.below(&batch.ids, &sequences, 0, Reads::AllTokens, Pass::EVALUATE).map_err(internal);
    let states = embed()?;
    // A model of one layer would run only its first token; all tokens are what the others compute.
    let layer =
        |x: &Tensor, pass: Pass| network.through(x.clone(), &sequences, 0..1, Reads::AllTokens, pass).map_err(internal);
    let backward = |x: &Tensor| -> Outcome<()> {
        let y = layer(x, Pass::train(1))?;
        classifier.backward(&y.sum_all().map_err(internal)?)?;
        classifier.weights().iter().filter_map(|w| w.gradient.as_ref()).for_each(|g| g.clear());
        Ok(())
    };
    let tracked = Var::from_tensor(&states).map_err(internal)?.as_tensor().clone();

    let forward = fastest(|| layer(&states, Pass::EVALUATE).map(drop))?;
    let with_weights = fastest(|| backward(&states))?;
    let with_both = fastest(|| backward(&tracked))?;
    let firsts = Arc::new(crate::model::ops::composed::first_tokens(&states, &sequences).map_err(internal)?);
    let outside = fastest(|| {
        embed()?;
        network.head(&firsts, Pass::EVALUATE).map(drop).map_err(internal)
    })?;
    let mut optimiser = AdamW::new(&classifier, 0.0);
    let mut update = f64::INFINITY;
    for _ in 0..REPEATS {
        let y = layer(&states, Pass::train(1))?;
        classifier.backward(&y.sum_all().map_err(internal)?)?;
        let began = Instant::now();
        optimiser.step(&classifier, 1e-12, 1.0)?;
        update = update.min(began.elapsed().as_secs_f64());
    }
    let (updated, _) = tree.totals(&only_first);

    Ok(Calibration {
        tokens_per_row,
        max_length: config.training.max_length,
        forward_secs: forward / batch_tokens,
        backward_weight_secs: (with_weights - forward).max(0.0) / batch_tokens,
        backward_input_secs: (with_both - with_weights).max(0.0) / batch_tokens,
        update_secs: update / updated.max(1) as f64,
        row_secs: outside / in_batch as f64,
        step_secs: 2e-4,
        cache_bytes: (cache.memory_bytes, cache.file_bytes),
    })
}

fn fastest(mut work: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..REPEATS {
        let began = Instant::now();
        work()?;
        best = best.min(began.elapsed().as_secs_f64());
    }
    Ok(best)
}
