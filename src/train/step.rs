//! One training step. This is what fine-tuning repeats, so it is the file to read first.
//!
//! ```text
//! for each batch of the step's rows:
//!     forward     logits = head(encoder(embeddings(tokens)))       [rows, classes]
//!     loss        the mean cross-entropy of logits and labels      one number (class weights: `loss.rs`)
//!     backward    adds the loss's gradient to that of every trainable weight
//! clip            scales all gradients down to a global norm of at most `clip_norm`
//! update          AdamW moves every trainable weight, and the gradients are cleared
//! ```
//!
//! Several batches to a step are gradient accumulation: the gradient of a large batch in the memory of a small one. A batch
//! that is large itself is cut into such parts as well (`parts.rs`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::data::batch::Batch;
use crate::domain::problem::Outcome;
use crate::domain::work::forward_work;
use crate::model::classifier::Classifier;
use crate::model::encoder::{Pass, mix};

use super::adamw::{AdamW, GradientNorms};
use super::evaluate::{confidences, count_correct};
use super::loss::Loss;
use super::prefix::Prefix;

/// A model and what moves its weights.
pub struct Learner<'a> {
    pub classifier: &'a Classifier,
    pub optimiser: &'a mut AdamW,
    pub loss: &'a Loss,
    /// Computes the frozen layers below the lowest trainable one, or remembers what they made of the same text.
    pub prefix: &'a Prefix<'a>,
}

/// How one step is taken. `mass` is what its rows count together in the loss. A `clip_norm` of 0 does not clip; `dropout_key` decides every dropout mask of the step.
pub struct StepPlan {
    pub rows: usize,
    pub mass: f64,
    pub learning_rate: f64,
    pub clip_norm: f64,
    pub dropout_key: u64,
}

/// How far a step has come: the rows done, of which one under way counts as the share of its work that is done, and the mean
/// loss of those that have gone forward, if there are any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Within {
    pub rows: f64,
    pub loss: Option<f64>,
}

/// Backward takes about twice as long as forward.
const FORWARD_SHARE: f64 = 1.0 / 3.0;

/// Sums over the batches of a step. `share` is what the rows so far count among all rows of the step, from 0 to 1.
#[derive(Default)]
struct Sums {
    loss: f64,
    share: f64,
    correct: usize,
    rows: usize,
    confidences: Vec<(u32, f32)>,
}

impl Sums {
    /// The mean loss of the rows so far; `None` before there are any.
    fn mean(&self) -> Option<f64> {
        (self.share > 0.0).then(|| self.loss / self.share)
    }
}

/// What a step found before its update: its rows' mean loss, how many were predicted right, and the gradients' norms.
pub struct StepResult {
    pub loss: f64,
    pub correct: usize,
    /// Each row with the probability that it was given of its own label, which dropout makes a little random.
    pub confidences: Vec<(u32, f32)>,
    pub norms: GradientNorms,
}

impl Learner<'_> {
    /// Takes one step on batches that have `plan.rows` rows together, and tells `progress` of each that has gone forward or
    /// backward, and now and then of the layers in between. `None` where the step ends early, because of a stop: between two
    /// batches, which then end, or within one, by the classifier's interrupt. Where that is so, or the loss or a gradient is
    /// not finite, nothing is updated. The only error is candle's `internal-error`.
    pub fn step(
        &mut self,
        batches: impl Iterator<Item = Batch>,
        plan: &StepPlan,
        progress: &(impl Fn(Within) + Clone + Send + 'static),
    ) -> Outcome<Option<StepResult>> {
        let mut sums = Sums::default();
        for (i, batch) in batches.enumerate() {
            if let Err(problem) = self.go_through(i, &batch, plan, &mut sums, progress) {
                self.classifier.clear_gradients();
                return if self.classifier.interrupt().has_ended() { Ok(None) } else { Err(problem) };
            }
        }
        let Sums { loss, correct, rows, confidences, .. } = sums;
        let found = |norms| StepResult { loss, correct, confidences, norms };
        if rows < plan.rows || !loss.is_finite() {
            self.classifier.clear_gradients();
            return Ok((rows == plan.rows).then(|| found(GradientNorms::default())));
        }
        let norms = self.optimiser.step(self.classifier, plan.learning_rate, plan.clip_norm)?;
        Ok(Some(found(norms)))
    }

    /// The share of a row's work that lies in the frozen layers at the bottom, where their outputs are not kept yet.
    fn share_below(&self) -> f64 {
        const TOKENS: f64 = 128.0;
        let (facts, boundary) = (&self.classifier.tree().facts, self.classifier.boundary());
        let below = forward_work(facts, 0..boundary, TOKENS);
        let above = forward_work(facts, boundary..facts.layers, TOKENS) / FORWARD_SHARE;
        below / (below + above).max(1.0)
    }

    /// Sends one batch forward and backward.
    fn go_through(
        &mut self,
        number: usize,
        batch: &Batch,
        plan: &StepPlan,
        sums: &mut Sums,
        progress: &(impl Fn(Within) + Clone + Send + 'static),
    ) -> Outcome<()> {
        // Each batch's mean counts by its rows, so that their sum is the mean over all rows of the step.
        let share = self.loss.mass(&batch.labels) / plan.mass;
        let key = if number == 0 { plan.dropout_key } else { mix(plan.dropout_key, number as u64) };
        // The update leaves the weight decay of unread word embeddings for later; it is due before they are read.
        self.optimiser.settle(self.classifier, Some(&batch.ids))?;
        let (before, size, so_far) = (sums.rows as f64, batch.len() as f64, sums.mean());
        let (is_computed, below) = (Arc::new(AtomicBool::default()), self.share_below());
        let computed = {
            let (progress, is_computed) = (progress.clone(), Arc::clone(&is_computed));
            move |rows: f64| {
                is_computed.store(true, Ordering::Relaxed);
                progress(Within { rows: before + below * rows, loss: so_far });
            }
        };
        let states = self.prefix.states(self.classifier, batch, Pass::train(key), &computed)?;
        let below = if is_computed.load(Ordering::Relaxed) { below } else { 0.0 };
        let turn = below + (1.0 - below) * FORWARD_SHARE;
        let layers = self.classifier.tree().facts.layers - self.classifier.boundary();
        let interrupt = self.classifier.interrupt().clone();
        // Tells of the layers between two shares of the batch's work.
        let between = |from: f64, to: f64, loss: Option<f64>| {
            let progress = progress.clone();
            move |share: f64| progress(Within { rows: before + (from + (to - from) * share) * size, loss })
        };
        let forward = || self.classifier.from_prefix(states, batch, Pass::train(key));
        let logits = interrupt.telling(layers, between(below, turn, so_far), forward)?;
        let loss = self.loss.mean(&logits, &batch.labels)?;
        sums.loss += share * f64::from(loss.to_scalar::<f32>()?);
        sums.share += share;
        sums.correct += count_correct(&logits, &batch.labels)?;
        sums.confidences.extend(batch.rows.iter().copied().zip(confidences(&logits, &batch.labels)?));
        sums.rows += batch.len();
        let loss_so_far = sums.mean();
        progress(Within { rows: before + turn * size, loss: loss_so_far });
        let scaled = (&loss * share)?;
        interrupt.telling(layers, between(turn, 1.0, loss_so_far), || self.classifier.backward(&scaled))?;
        progress(Within { rows: sums.rows as f64, loss: loss_so_far });
        Ok(())
    }
}
