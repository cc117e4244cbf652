//! What the layers make of texts, for those who look into a model.

use std::ops::RangeInclusive;

use candle_core::Tensor;

use crate::data::batch::Batch;
use crate::domain::problem::Outcome;
use crate::model::encoder::{Pass, Reads};
use crate::model::host;

use super::{Classifier, sequences};

impl Classifier {
    /// The means over each text's tokens, special ones included, of what each of some layers makes of them, counted from 1;
    /// 0 are the embeddings. Dropout is off. For each of the layers `[rows, hidden]`, row after row.
    ///
    /// # Errors
    /// `internal-error` for a layer that the model does not have, and for texts longer than its positions; one that means
    /// nothing else once the classifier's interrupt has ended the work.
    pub fn mean_states(&self, batch: &Batch, layers: RangeInclusive<usize>) -> Outcome<Vec<Vec<f32>>> {
        let (network, sequences, first) = (self.network(), sequences(batch), *layers.start());
        let mut states = network.below(batch, &sequences, first, Reads::AllTokens, Pass::EVALUATE)?;
        let mut all = vec![means(batch, &states)?];
        for layer in first..*layers.end() {
            states = network.through(states, &sequences, layer..layer + 1, Reads::AllTokens, Pass::EVALUATE)?;
            all.push(means(batch, &states)?);
        }
        Ok(all)
    }
}

/// The mean of each text's rows of `[tokens, hidden]`.
fn means(batch: &Batch, states: &Tensor) -> Outcome<Vec<f32>> {
    let width = states.dims()[1];
    let means = host::with_values(states, |states| {
        let mut means = Vec::with_capacity(batch.len() * width);
        for ends in batch.offsets.windows(2) {
            let tokens = &states[ends[0] * width..ends[1] * width];
            let mut sum = vec![0.0f32; width];
            tokens.chunks_exact(width).for_each(|token| sum.iter_mut().zip(token).for_each(|(sum, x)| *sum += x));
            let share = 1.0 / (ends[1] - ends[0]).max(1) as f32;
            means.extend(sum.into_iter().map(|sum| sum * share));
        }
        means
    })?;
    Ok(means)
}
