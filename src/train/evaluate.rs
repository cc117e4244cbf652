//! What a classifier answers: on labelled rows, with loss and confusion matrix, and on texts of the user's own.

use candle_core::Tensor;
use rayon::prelude::*;

use crate::data::batch::{Batch, sorted_by_length};
use crate::data::tokeniser::{Encoded, Tokeniser};
use crate::data::tokens::{Row, TokenStore};
use crate::domain::message::{Prediction, Progress, RowTexts, RunNotice, RunObserver, Task, TestEvaluated};
use crate::domain::metrics::Confusion;
use crate::domain::metrics::scores::Scores;
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::encoder::Pass;

use super::loss::Loss;
use super::prefix::Prefix;

/// Tokens and rows that are computed at once, at most.
const TOKENS_PER_BATCH: usize = 2048;
const ROWS_PER_BATCH: usize = 256;

/// The answers on some rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Mean cross-entropy over the rows, in nats; the weighted mean where classes have weights.
    pub loss: f64,
    pub confusion: Confusion,
    /// Predicted label ids, parallel to the rows that were asked.
    pub predictions: Vec<u32>,
    /// The probability of every label, in label order, for the same rows: the softmax of the logits, which are divided by
    /// the classifier's temperature.
    pub probabilities: Vec<Vec<f64>>,
    /// Whether stop was requested; the numbers are then those of the rows done so far.
    pub stopped: bool,
}

impl Evaluation {
    /// The measures of a test set.
    pub fn report(&self, labels: &[String]) -> TestEvaluated {
        TestEvaluated {
            accuracy: self.confusion.accuracy(),
            macro_f1: self.confusion.macro_f1(),
            loss: self.loss,
            confusion: self.confusion.clone(),
            labels: labels.to_vec(),
            per_class: self.confusion.per_class(labels),
            frozen: None,
        }
    }

    /// Returns the probabilities with the true labels; `labels` are those of all rows of the data, and `rows` those
    /// that were asked. An evaluation that was stopped gives none.
    pub fn scores(&self, labels: &[u32], rows: &[u32]) -> Scores {
        let classes = self.confusion.classes();
        if self.stopped {
            return Scores { classes, ..Scores::default() };
        }
        let truths = rows.iter().map(|row| labels[*row as usize]).collect();
        Scores { classes, truths, probabilities: self.probabilities.clone() }
    }
}

/// Rows that a classifier is measured on.
#[derive(Clone, Copy)]
pub struct Measured<'a> {
    pub tokens: &'a TokenStore,
    /// The label id of every row of the data.
    pub labels: &'a [u32],
    /// The rows that are measured.
    pub rows: &'a [u32],
    /// What the rows count in the loss.
    pub loss: &'a Loss,
}

/// Classifies rows, shortest texts first, and compares with their labels. Tells the `Progress` of the task. Dropout is off. The
/// cache behind `prefix` changes no number. The classifier's temperature changes loss and probabilities, and no prediction.
///
/// # Errors
/// `internal-error` when a text is longer than the model's positions.
pub fn evaluate(
    classifier: &Classifier,
    prefix: &Prefix<'_>,
    measured: Measured<'_>,
    observer: &dyn RunObserver,
    task: Task,
) -> Outcome<Evaluation> {
    let Measured { tokens, labels, rows, loss: weighed } = measured;
    let interrupt = observer.interrupt();
    let classifier = &classifier.interruptible(interrupt.clone());
    let order = sorted_by_length(tokens, rows);
    let temperature = classifier.temperature();
    let mut predicted = vec![None; tokens.len()];
    let mut confusion = Confusion::new(classifier.label_names().len());
    let (mut loss, mut mass, mut done, mut stopped) = (0.0, 0.0, 0, false);
    let total = rows.len();
    let tell = |done| observer.notify(RunNotice::Progress(Progress { task, done, total }));
    // A batch of a large model takes seconds, so that it is told of between its layers as well.
    let within = |done: usize| {
        let teller = observer.teller();
        move |more: f64| teller(RunNotice::Progress(Progress { task, done: done + more as usize, total }))
    };
    tell(0);
    for chunk in batches(tokens, &order) {
        if observer.stop_requested() {
            stopped = true;
            break;
        }
        let batch = Batch::pack(tokens, labels, chunk);
        let logits = match answer(classifier, prefix, &batch, &within(done)) {
            Err(_) if interrupt.has_ended() => {
                stopped = true;
                break;
            }
            logits => logits?,
        };
        for ((row, logits), truth) in chunk.iter().zip(logits.to_vec2::<f32>()?).zip(&batch.labels) {
            let answer = argmax(&logits);
            let weight = weighed.weight(*truth);
            let log = log_softmax(&logits, temperature);
            loss -= weight * log[*truth as usize];
            mass += weight;
            confusion.add(*truth as usize, answer);
            predicted[*row as usize] = Some((answer as u32, log.into_iter().map(f64::exp).collect::<Vec<_>>()));
        }
        done += chunk.len();
        tell(done);
    }
    let (predictions, probabilities) = rows.iter().filter_map(|row| predicted[*row as usize].take()).unzip();
    let loss = if mass > 0.0 { loss / mass } else { 0.0 };
    Ok(Evaluation { loss, confusion, predictions, probabilities, stopped })
}

/// The logits of a batch. Tells meanwhile how many of its rows are done, of which one under way counts as the share of its
/// layers that is done.
///
/// # Errors
/// `internal-error` from candle; one that means nothing else once the classifier's interrupt has ended the work.
fn answer(
    classifier: &Classifier,
    prefix: &Prefix<'_>,
    batch: &Batch,
    tell: &(impl Fn(f64) + Clone + Send + 'static),
) -> Outcome<Tensor> {
    let (layers, boundary, rows) = (classifier.tree().facts.layers, classifier.boundary(), batch.len() as f64);
    let below = boundary as f64 / layers.max(1) as f64;
    let computed = {
        let tell = tell.clone();
        move |computed: f64| tell(below * computed)
    };
    let states = prefix.states(classifier, batch, Pass::EVALUATE, &computed)?;
    let tell = tell.clone();
    let above = move |share: f64| tell((below + (1.0 - below) * share) * rows);
    let forward = || classifier.from_prefix(states, batch, Pass::EVALUATE);
    classifier.interrupt().telling(layers - boundary, above, forward)
}

/// The probability of every label for each row, the softmax of its logits, which are divided by the classifier's temperature.
/// Rows are cut after `max_length` tokens.
///
/// # Errors
/// `internal-error` when `max_length` is more than the model's positions.
pub fn predict(
    classifier: &Classifier,
    tokeniser: &Tokeniser,
    max_length: usize,
    rows: &[RowTexts],
) -> Outcome<Vec<Prediction>> {
    let mut predictions = Vec::with_capacity(rows.len());
    for rows in rows.chunks(ROWS_PER_BATCH) {
        let encoded: Vec<Encoded> = rows.par_iter().map(|row| encode(tokeniser, row, max_length)).collect();
        let mut logits = Vec::with_capacity(rows.len());
        let mut rest = encoded.as_slice();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(fitting(rest.iter().map(|encoded| encoded.ids.len())));
            rest = later;
            let batch = Batch::from_rows(batch.iter().map(Row::from));
            logits.extend(classifier.logits(&batch, Pass::EVALUATE)?.to_vec2::<f32>()?);
        }
        let (names, temperature) = (classifier.label_names(), classifier.temperature());
        let answer = |(RowTexts { text, second }, logits): (&RowTexts, Vec<f32>)| {
            let probabilities =
                names.iter().cloned().zip(log_softmax(&logits, temperature).into_iter().map(f64::exp)).collect();
            let pieces = std::iter::once(text).chain(second).flat_map(|text| tokeniser.pieces(text)).collect();
            let (text, second, label) = (text.clone(), second.clone(), names[argmax(&logits)].clone());
            Prediction { text, second, label, probabilities, pieces }
        };
        predictions.par_extend(rows.par_iter().zip(logits).map(answer));
    }
    Ok(predictions)
}

/// The class that a row is predicted, and the probability of every label in label order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowAnswer {
    pub class: usize,
    pub probabilities: Vec<f64>,
}

/// The class of each row and the probability of every label, as [`predict`] finds them, but shortest texts first, so that the
/// rows of a batch are alike. `tell` hears how many rows are done. The result is `None` where the observer asks to stop.
///
/// # Errors
/// `internal-error` when `max_length` is more than the model's positions.
pub fn answer_rows(
    classifier: &Classifier,
    tokeniser: &Tokeniser,
    max_length: usize,
    rows: &[&RowTexts],
    observer: &dyn RunObserver,
    tell: &dyn Fn(usize),
) -> Outcome<Option<Vec<RowAnswer>>> {
    let interrupt = observer.interrupt();
    let classifier = &classifier.interruptible(interrupt.clone());
    let encoded: Vec<Encoded> = rows.par_iter().map(|row| encode(tokeniser, row, max_length)).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|row| encoded[*row].ids.len());
    let (mut answers, mut rest, mut done) = (vec![RowAnswer::default(); rows.len()], order.as_slice(), 0);
    while !rest.is_empty() {
        if observer.stop_requested() {
            return Ok(None);
        }
        let (batch, later) = rest.split_at(fitting(rest.iter().map(|row| encoded[*row].ids.len())));
        rest = later;
        let logits =
            classifier.logits(&Batch::from_rows(batch.iter().map(|row| Row::from(&encoded[*row]))), Pass::EVALUATE);
        let logits = match logits {
            Err(_) if interrupt.has_ended() => return Ok(None),
            logits => logits?.to_vec2::<f32>()?,
        };
        for (row, logits) in batch.iter().zip(logits) {
            let probabilities = log_softmax(&logits, classifier.temperature()).into_iter().map(f64::exp).collect();
            answers[*row] = RowAnswer { class: argmax(&logits), probabilities };
        }
        done += batch.len();
        tell(done);
    }
    Ok(Some(answers))
}

fn encode(tokeniser: &Tokeniser, row: &RowTexts, max_length: usize) -> Encoded {
    match &row.second {
        None => tokeniser.encode(&row.text, max_length),
        Some(second) => tokeniser.encode_pair(&row.text, second, max_length),
    }
}

/// How many of the next rows, given by their tokens, are computed at once: at least one.
fn fitting(tokens: impl Iterator<Item = usize>) -> usize {
    let mut sum = 0;
    let fits = |tokens: &usize| {
        sum += tokens;
        sum <= TOKENS_PER_BATCH
    };
    tokens.take(ROWS_PER_BATCH).take_while(fits).count().max(1)
}

/// Cuts rows in order into batches within the limits.
pub fn batches<'a>(tokens: &'a TokenStore, rows: &'a [u32]) -> impl Iterator<Item = &'a [u32]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let n = fitting(rest.iter().map(|row| tokens.row(*row).len())).min(rest.len());
        let (batch, later) = rest.split_at(n);
        rest = later;
        (!batch.is_empty()).then_some(batch)
    })
}

/// How many rows of the logits `[rows, classes]` are highest at their label.
///
/// # Errors
/// `internal-error` from candle.
pub(super) fn count_correct(logits: &Tensor, labels: &[u32]) -> Outcome<usize> {
    let rows = logits.to_vec2::<f32>()?;
    Ok(rows.iter().zip(labels).filter(|(logits, label)| argmax(logits) == **label as usize).count())
}

/// The probability of each row's own label, the softmax of its logits `[rows, classes]`.
///
/// # Errors
/// `internal-error` from candle.
pub(super) fn confidences(logits: &Tensor, labels: &[u32]) -> Outcome<Vec<f32>> {
    let rows = logits.to_vec2::<f32>()?;
    // A temperature is fitted once training is over.
    let confidence = |(logits, label): (&Vec<f32>, &u32)| log_softmax(logits, 1.0)[*label as usize].exp() as f32;
    Ok(rows.iter().zip(labels).map(confidence).collect())
}

/// The place of the highest number, or of the first of several.
pub fn argmax(logits: &[f32]) -> usize {
    logits.iter().enumerate().fold(0, |best, (i, x)| if *x > logits[best] { i } else { best })
}

/// The logarithms of the softmax of logits that are divided by the temperature, in f64; the highest logit is subtracted first,
/// so that nothing overflows.
pub fn log_softmax(logits: &[f32], temperature: f64) -> Vec<f64> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let shifted = logits.iter().map(|x| f64::from(x - max) / temperature);
    let log_sum = shifted.clone().map(f64::exp).sum::<f64>().ln();
    shifted.map(|x| x - log_sum).collect()
}
