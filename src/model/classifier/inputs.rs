//! The states that enter a classifier's first layer, and gradients with respect to them: what explanations start from.

use candle_core::{Tensor, Var};

use crate::data::batch::Batch;
use crate::domain::problem::Outcome;
use crate::model::encoder::{Pass, Reads};
use crate::model::ops::Weight;

use super::{Classifier, sequences};

impl Classifier {
    /// The same classifier with every weight frozen, so that backward stops at its inputs. The values are shared.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn frozen(&self) -> Outcome<Self> {
        let mut same = self.clone();
        same.set_trainable(&vec![false; self.trainable.len()])?;
        Ok(same)
    }

    /// The embeddings of a batch's tokens after LayerNorm, and in ELECTRA after the projection: `[tokens, hidden]`.
    ///
    /// # Errors Those of [`Classifier::prefix`].
    pub fn inputs(&self, batch: &Batch) -> Outcome<Tensor> {
        Ok(self.network.below(batch, &sequences(batch), 0, Reads::FirstToken, Pass::EVALUATE)?)
    }

    /// The same with the padding token in the place of each token that `is_word` names, `[tokens]`. Positions and types of
    /// the tokens stay, also where positions are counted from the padding token on, as in RoBERTa.
    ///
    /// # Errors Those of [`Classifier::prefix`].
    pub fn blank_inputs(&self, batch: &Batch, is_word: &[bool]) -> Outcome<Tensor> {
        let padding = self.config.pad_token_id;
        let ids = batch.ids.iter().zip(is_word).map(|(id, is_word)| if *is_word { padding } else { *id }).collect();
        let mut network = self.network.clone();
        let weights = &mut network.embeddings;
        if let Some(padding) = weights.padding_id.take() {
            let (table, first) = (&weights.positions.tensor, padding as usize + 1);
            weights.positions = Weight::frozen(table.narrow(0, first, table.dim(0)?.saturating_sub(first))?);
        }
        let blank = Batch { ids, ..batch.clone() };
        Ok(network.below(&blank, &sequences(batch), 0, Reads::FirstToken, Pass::EVALUATE)?)
    }

    /// Computes the logits `[rows, classes]` from `inputs` `[tokens, hidden]` in the place of the batch's own, and the gradient
    /// of the sum of all logits, each times its class's `factor`, with respect to the inputs, `[tokens, hidden]`.
    ///
    /// # Errors
    /// `internal-error` when shapes do not fit; one that means nothing else once the interrupt has ended the work.
    pub fn logits_and_gradient(&self, inputs: Tensor, batch: &Batch, factors: &[f32]) -> Outcome<(Tensor, Tensor)> {
        let inputs = Var::from_tensor(&inputs)?;
        let logits = self.logits_from(&inputs, batch)?;
        let factors = Tensor::from_slice(factors, (1, factors.len()), logits.device())?;
        let store = logits.broadcast_mul(&factors)?.sum_all()?.backward()?;
        let gradient = match store.get(inputs.as_tensor()) {
            Some(gradient) => gradient.clone(),
            // Nothing depends on the inputs.
            None => inputs.as_tensor().zeros_like()?,
        };
        Ok((logits.detach(), gradient))
    }

    /// Computes the logits `[rows, classes]` without dropout, and returns the embeddings `[tokens, hidden]` that they come
    /// from as a variable: after backward, candle's store has the gradient with respect to these inputs, even where every
    /// weight is frozen.
    ///
    /// # Errors Those of [`Classifier::prefix`].
    pub fn logits_and_inputs(&self, batch: &Batch) -> Outcome<(Tensor, Var)> {
        let inputs = Var::from_tensor(&self.inputs(batch)?)?;
        Ok((self.logits_from(&inputs, batch)?, inputs))
    }

    /// Computes the logits from inputs that are followed into backward.
    fn logits_from(&self, inputs: &Var, batch: &Batch) -> Outcome<Tensor> {
        let (network, recorded) = (&self.network, Pass { record: true, dropout_key: None });
        let layers = 0..network.layers.len();
        let states = inputs.as_tensor().clone();
        let firsts = network.through(states, &sequences(batch), layers, Reads::FirstToken, recorded)?;
        Ok(network.head(&firsts, recorded)?)
    }
}
