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
//! Several batches to a step are gradient accumulation: the gradient of a large batch in the memory of a small one.

use candle_core::Tensor;

use crate::data::batch::Batch;
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::encoder::{Pass, mix};

use super::adamw::{AdamW, GradientNorms};
use super::evaluate::count_correct;
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

/// What a step found before its update: its rows' mean loss, how many were predicted right, and the gradients' norms.
pub struct StepResult {
    pub loss: f64,
    pub correct: usize,
    pub norms: GradientNorms,
}

impl Learner<'_> {
    /// Takes one step on batches that have `plan.rows` rows together; `None` where they end early, because of a stop. Where
    /// the loss or a gradient is not finite, nothing is updated. The only error is candle's `internal-error`.
    pub fn step(&mut self, batches: impl Iterator<Item = Batch>, plan: &StepPlan) -> Outcome<Option<StepResult>> {
        let (mut loss, mut correct, mut rows) = (0.0, 0, 0);
        for (i, batch) in batches.enumerate() {
            // Each batch's mean counts by its rows, so that their sum is the mean over all rows of the step.
            let share = self.loss.mass(&batch.labels) / plan.mass;
            let key = if i == 0 { plan.dropout_key } else { mix(plan.dropout_key, i as u64) };
            // The update leaves the weight decay of unread word embeddings for later; it is due before they are read.
            self.optimiser.settle(self.classifier, Some(&batch.ids))?;
            let states = self.prefix.states(self.classifier, &batch, Pass::train(key))?;
            let logits = self.classifier.from_prefix(states, &batch, Pass::train(key))?;
            loss += share * self.backward(&logits, &batch.labels, share)?;
            correct += count_correct(&logits, &batch.labels)?;
            rows += batch.len();
        }
        if rows < plan.rows || !loss.is_finite() {
            self.classifier.clear_gradients();
            return Ok((rows == plan.rows).then_some(StepResult { loss, correct, norms: GradientNorms::default() }));
        }
        let norms = self.optimiser.step(self.classifier, plan.learning_rate, plan.clip_norm)?;
        Ok(Some(StepResult { loss, correct, norms }))
    }

    /// The mean loss of logits `[rows, classes]`, once `share` times its gradient is added to that of the weights.
    pub fn backward(&self, logits: &Tensor, labels: &[u32], share: f64) -> Outcome<f64> {
        let loss = self.loss.mean(logits, labels)?;
        self.classifier.backward(&(&loss * share)?)?;
        Ok(f64::from(loss.to_scalar::<f32>()?))
    }
}
