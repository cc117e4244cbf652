//! What the layers make of texts, for those who look into a model.

use std::ops::RangeInclusive;

use candle_core::Tensor;

use crate::data::batch::Batch;
use crate::domain::params::Part;
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

    /// The input of the first encoder layer, `[tokens, hidden]`. Dropout is off.
    ///
    /// # Errors
    /// `internal-error` for token ids outside the vocabulary and for texts longer than the model's positions.
    pub fn embedded(&self, batch: &Batch) -> Outcome<Tensor> {
        Ok(self.network().below(batch, &sequences(batch), 0, Reads::AllTokens, Pass::EVALUATE)?)
    }

    /// Returns what a layer, counted from 1, makes of the states `[tokens, hidden]` that enter it. Dropout is off. The
    /// last layer computes only the first tokens, `[rows, hidden]`.
    ///
    /// # Errors
    /// `internal-error` for a layer that the model does not have; one that means nothing else once the classifier's interrupt
    /// has ended the work.
    pub fn after_layer(&self, states: Tensor, layer: usize, batch: &Batch) -> Outcome<Tensor> {
        let layers = layer - 1..layer;
        Ok(self.network().through(states, &sequences(batch), layers, Reads::FirstToken, Pass::EVALUATE)?)
    }

    /// The first token of each text after a layer, counted from 1, from what [`Classifier::after_layer`] gave: `[rows,
    /// hidden]`, row after row.
    ///
    /// # Errors
    /// `internal-error` when the tensor cannot be read.
    pub fn first_tokens(&self, states: &Tensor, layer: usize, batch: &Batch) -> Outcome<Vec<f32>> {
        if layer == self.network().layers.len() {
            return Ok(host::values(states)?);
        }
        let width = states.dims()[1];
        let firsts = host::with_values(states, |states| {
            batch.offsets[..batch.len()].iter().flat_map(|first| &states[first * width..][..width]).copied().collect()
        })?;
        Ok(firsts)
    }

    /// Counts the lowest encoder layers that have the same weights as those of another model, which has the same shape;
    /// none where the embeddings differ. These layers make the same of a text in both models.
    ///
    /// # Errors
    /// `internal-error` when a weight cannot be read.
    pub fn equal_layers(&self, other: &Self) -> Outcome<usize> {
        let layers = self.network().layers.len();
        let mut equal = layers;
        for (parameter, (own, others)) in self.tree().parameters.iter().zip(self.weights().iter().zip(other.weights()))
        {
            let below = match parameter.part {
                Part::Embeddings => 0,
                Part::Layer { index, .. } => index,
                Part::Pooler | Part::Classifier => continue,
            };
            if below < equal && !own.with_values(|own| others.with_values(|others| own == others))?? {
                equal = below;
            }
        }
        Ok(equal)
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
