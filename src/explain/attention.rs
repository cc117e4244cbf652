//! Where the heads of one layer look: the attention of each token to each.

use candle_core::{D, Tensor};

use crate::data::batch::Batch;
use crate::data::tokens::Row;
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::{Classifier, sequences};
use crate::model::encoder::{Pass, Reads};
use crate::model::ops::{Activation, Dense, Linear};

/// The attention probabilities of one layer for one row, softmax(Q K^T / sqrt(head size)): `[heads, tokens, tokens]`, in which
/// each row sums to 1. They are `output_attentions` of Hugging Face's models.
///
/// # Errors
/// `internal-error` when there is no such layer or the text is longer than the model's positions.
pub fn attention(classifier: &Classifier, row: Row<'_>, layer: usize) -> Outcome<Tensor> {
    if layer >= classifier.network().layers.len() {
        return Err(Problem::internal(format_args!("no layer {layer}")));
    }
    let (network, batch) = (classifier.network(), Batch::from_rows(std::iter::once(row)));
    let sequences = sequences(&batch);
    let below = network.below(&batch, &sequences, 0, Reads::AllTokens, Pass::EVALUATE)?;
    let states = network.through(below, &sequences, 0..layer, Reads::AllTokens, Pass::EVALUATE)?;
    let weights = &network.layers[layer].attention;
    let (tokens, width) = states.dims2()?;
    let (heads, size) = (weights.heads, width / weights.heads);
    let project = |weights: &Linear| -> Outcome<Tensor> {
        let dense = Dense { weights: weights.clone(), activation: Activation::None };
        let projected = network.ops.dense(&states, &dense, false)?;
        Ok(projected.reshape((tokens, heads, size))?.transpose(0, 1)?.contiguous()?)
    };
    let (query, key) = (project(&weights.query)?, project(&weights.key)?);
    let scores = (query.matmul(&key.transpose(1, 2)?.contiguous()?)? / (size as f64).sqrt())?;
    let exponents = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?)?.exp()?;
    Ok(exponents.broadcast_div(&exponents.sum_keepdim(D::Minus1)?)?)
}
