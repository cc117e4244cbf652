//! Finds labels that are probably wrong: probabilities of every row from probes that have not seen it, and the confident
//! joint of them (`domain::suspects`).
//!
//! The features are those of the pre-trained model, before any fine-tuning. A fine-tuned model has been taught the very
//! labels that are in question: what it makes of a training row already leans to its label, right or wrong. A bag of words is
//! asked as well, and both probabilities are averaged: it errs on other rows than the probe does. On the bundled reviews, of
//! which 300 labels were flipped, the first 600 suspects hold 121 of them by the bag of words alone, 137 by the last layer,
//! 158 by the last four layers, and 172 by both (measured with scikit-learn on the same features).

use std::collections::HashMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::data::dataset::Texts;
use crate::data::tokens::TokenStore;
use crate::domain::message::{Progress, RunNotice, RunObserver, Task};
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::train::probe::{Features, Probe};
use crate::train::reference;

use super::batches::{Watch, for_each_batch};

/// Each row is judged by a probe that was fitted on the other four fifths.
pub const FOLDS: usize = 5;
/// The penalties that are tried, as scikit-learn's `C`, the strongest first, until one is no better than that before. Each fit
/// begins where the one before ended. Few rows need the weak ones.
const PENALTIES: [f64; 7] = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3];
/// The features are those of so many layers, the last ones.
const LAYERS: usize = 4;
/// Fewer layers of many rows are taken, so that there are no more numbers than these.
const MOST_NUMBERS: usize = 1 << 26;
/// The same holds for many classes, so that one look at all rows does not take more products than these.
const MOST_PRODUCTS: usize = 1 << 27;
/// Fitting takes about this part of the time that the features take with the bundled model.
const FITTING_SHARE: f64 = 0.2;

/// The rows whose labels are in question.
#[derive(Clone, Copy)]
pub struct Labelled<'a> {
    pub tokens: &'a TokenStore,
    pub texts: &'a Texts,
    /// The label id of every row of the data, below `classes`.
    pub labels: &'a [u32],
    pub classes: usize,
    /// The rows that are judged.
    pub rows: &'a [u32],
}

/// The probability of each class for each of the rows, from probes that were fitted on others: `FOLDS`-fold and stratified,
/// drawn with `seed`. Rows of the same text are in one fold. Of several penalties the one with the least loss over all rows
/// that were left out is taken. `None` where the observer asks to stop.
///
/// # Errors
/// `internal-error` from candle or from the optimiser.
pub fn out_of_sample(
    pretrained: &Classifier,
    labelled: Labelled<'_>,
    seed: u64,
    observer: &dyn RunObserver,
) -> Outcome<Option<Vec<Vec<f64>>>> {
    let Labelled { texts, labels, classes, rows, .. } = labelled;
    let total = rows.len() + (rows.len() as f64 * FITTING_SHARE) as usize;
    let tell = |done| observer.notify(RunNotice::Progress(Progress { task: Task::Suspects, done, total }));
    let Some(features) = features(pretrained, labelled, observer, &tell)? else { return Ok(None) };
    let features = features.standardised();
    let labels: Vec<u32> = rows.iter().map(|row| labels[*row as usize]).collect();
    let folds = folds(texts, rows, &labels, classes, seed);
    let is_cancelled = || observer.stop_requested();
    let mut probes = vec![Probe::zero(classes, features.width()); FOLDS];
    let mut best: Option<(f64, Vec<Vec<f64>>)> = None;
    for (tried, c) in PENALTIES.into_iter().enumerate() {
        let mut probabilities = vec![Vec::new(); rows.len()];
        for (fold, probe) in probes.iter_mut().enumerate() {
            let others: Vec<usize> = (0..rows.len()).filter(|i| folds[*i] != fold).collect();
            let Some(fitted) = probe.fitted(&features, &labels, &others, c, &is_cancelled)? else { return Ok(None) };
            for i in (0..rows.len()).filter(|i| folds[*i] == fold) {
                probabilities[i] = fitted.probabilities(features.row(i));
            }
            *probe = fitted;
            let share = (tried * FOLDS + fold + 1) as f64 / (PENALTIES.len() * FOLDS) as f64;
            tell(rows.len() + ((total - rows.len()) as f64 * share) as usize);
        }
        let loss = |(row, label): (&Vec<f64>, &u32)| -row[*label as usize].max(f64::MIN_POSITIVE).ln();
        let loss: f64 = probabilities.iter().zip(&labels).map(loss).sum();
        if best.as_ref().is_some_and(|(least, _)| loss >= *least) {
            break;
        }
        best = Some((loss, probabilities));
    }
    let Some((_, mut probabilities)) = best else { return Ok(None) };
    let of_data = (texts, labelled.labels, classes);
    let Some(words) = reference::out_of_sample(of_data, rows, (&folds, FOLDS), &is_cancelled)? else { return Ok(None) };
    for (own, words) in probabilities.iter_mut().zip(words) {
        own.iter_mut().zip(words).for_each(|(own, word)| *own = (*own + word) / 2.0);
    }
    Ok(Some(probabilities))
}

/// The means over each row's tokens of what the last layers make of them, in the order of the rows.
fn features(
    pretrained: &Classifier,
    labelled: Labelled<'_>,
    observer: &dyn RunObserver,
    tell: &dyn Fn(usize),
) -> Outcome<Option<Features>> {
    let Labelled { tokens, labels, rows, .. } = labelled;
    let interrupt = observer.interrupt();
    let classifier = pretrained.interruptible(interrupt.clone());
    let facts = &classifier.tree().facts;
    let hidden = facts.hidden_size;
    let numbers = (rows.len() * hidden).max(1);
    let fitting = (MOST_NUMBERS / numbers).min(MOST_PRODUCTS / (numbers * labelled.classes.saturating_sub(1).max(1)));
    let layers = fitting.clamp(1, LAYERS.min(facts.layers.max(1)));
    let (layers, width) = (facts.layers + 1 - layers..=facts.layers, layers * hidden);
    let mut values = vec![0.0; rows.len() * width];
    let watch = Watch { observer, interrupt: &interrupt };
    let is_done = for_each_batch(tokens, labels, rows, watch, tell, |batch, places| {
        for (layer, means) in classifier.mean_states(batch, layers.clone())?.iter().enumerate() {
            for (place, mean) in places.iter().zip(means.chunks_exact(hidden)) {
                values[place * width + layer * hidden..][..hidden].copy_from_slice(mean);
            }
        }
        Ok(())
    })?;
    Ok(is_done.map(|()| Features::new(width, values)))
}

/// The fold of each row: every class is spread evenly, and a text that comes several times stays together, so that no probe
/// has seen the text that it judges.
fn folds(texts: &Texts, rows: &[u32], labels: &[u32], classes: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let (mut folds, mut next, mut known) = (vec![0; rows.len()], vec![0; classes], HashMap::new());
    for i in order {
        let (row, label) = (rows[i] as usize, labels[i] as usize);
        folds[i] = *known.entry((texts.get(row), texts.second(row))).or_insert_with(|| {
            next[label] += 1;
            next[label] % FOLDS
        });
    }
    folds
}

#[cfg(test)]
mod tests;
