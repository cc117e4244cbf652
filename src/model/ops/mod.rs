//! The differentiable building blocks of a BERT encoder, over packed tokens.
//!
//! A batch of texts is one matrix of its real tokens, `[tokens, hidden]`, with the offset at which each text begins:
//! nothing is padded, so nothing is computed for padding. Four blocks make the network, and they are the four modules
//! of Hugging Face's BERT: embeddings, self-attention, output (dense + residual + LayerNorm, used twice a layer) and a
//! dense layer with an activation.
//!
//! [`fused`] runs each block as one candle operation with its own backward; [`composed`] builds the same from candle's
//! operations. The first is fast, the second is what the tests compare it with and what other devices than the CPU use.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{Device, Result, Tensor, bail};

pub mod composed;
pub mod fused;
pub mod kernels;
pub mod matmul;
#[cfg(test)]
mod tests;

/// The function after a dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Activation {
    /// The layer's result stays as it is.
    None,
    /// x Phi(x) with the exact error function, as in BERT (arXiv 1606.08415).
    Gelu,
    /// GELU's tanh approximation.
    GeluTanh,
    Relu,
    Tanh,
}

/// Which positions ask in a self-attention; all positions answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queries {
    All,
    /// Only the first token of each text: all that BERT's pooler reads of the last layer.
    First,
}

/// Dropout with a mask that is a pure function of `key`, so that it can be made again in backward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Probability that an element becomes 0.
    pub probability: f32,
    pub key: u64,
}

impl Dropout {
    fn threshold(self) -> u32 {
        (f64::from(self.probability) * 4_294_967_296.0) as u32
    }

    /// Multiplies `values`, whose first element has index `first` in its tensor, by 0 or 1 / (1 - p).
    pub fn apply(self, values: &mut [f32], first: usize) {
        let key = (self.key as u32, (self.key >> 32) as u32);
        kernels::drop_row(values, first as u32, key, self.threshold(), 1.0 / (1.0 - self.probability));
    }

    /// The factors of a whole tensor.
    ///
    /// # Errors
    /// When candle cannot make the tensor.
    pub fn mask(self, shape: &[usize], device: &Device) -> Result<Tensor> {
        let mut values = vec![1.0; shape.iter().product()];
        self.apply(&mut values, 0);
        Tensor::from_vec(values, shape, device)
    }
}

/// The texts of a batch: text r is the tokens `offsets[r]..offsets[r + 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequences {
    pub offsets: Vec<usize>,
}

impl Sequences {
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    pub fn tokens(&self) -> usize {
        self.offsets[self.rows()]
    }

    /// (first token, length) of each text.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.offsets.windows(2).map(|w| (w[0], w[1] - w[0]))
    }

    /// The index of each text's first token.
    pub fn firsts(&self) -> &[usize] {
        &self.offsets[..self.rows()]
    }
}

/// What backward found for one trainable weight, waiting for the optimiser. The allocation is kept between steps.
#[derive(Debug, Default)]
pub struct Gradient(Mutex<GradientValue>);

#[derive(Debug, Default)]
pub struct GradientValue {
    /// Row-major values: of the whole weight, or of `rows` only.
    pub values: Vec<f32>,
    /// For an embedding table: the sorted rows that `values` holds; all others have a gradient of 0.
    pub rows: Option<Vec<u32>>,
    /// On another device than the CPU: the gradient of the whole weight, instead of `values`.
    pub on_device: Option<Tensor>,
    /// False until backward has put something in since the last `clear`.
    pub present: bool,
}

impl Gradient {
    pub fn lock(&self) -> MutexGuard<'_, GradientValue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `write` add into the `len` values; its flag says whether they hold something already (else: overwrite).
    pub fn add(&self, len: usize, write: impl FnOnce(&mut [f32], bool)) {
        let mut g = self.lock();
        g.values.resize(len, 0.0);
        let present = g.present;
        write(&mut g.values, present);
        g.present = true;
    }

    /// As `add`, for sums: the values begin as zeros.
    pub fn add_sums(&self, len: usize, write: impl FnOnce(&mut [f32])) {
        self.add(len, |values, present| {
            if !present {
                values.fill(0.0);
            }
            write(values);
        });
    }

    /// Adds the gradient of some rows of an embedding table; `rows` are sorted and distinct.
    pub fn add_rows(&self, rows: Vec<u32>, values: Vec<f32>, width: usize) {
        let mut g = self.lock();
        if !g.present {
            (g.rows, g.values, g.present) = (Some(rows), values, true);
            return;
        }
        let old_rows = g.rows.take().unwrap_or_default();
        let mut merged: Vec<u32> = old_rows.iter().chain(&rows).copied().collect();
        merged.sort_unstable();
        merged.dedup();
        let mut sums = vec![0.0; merged.len() * width];
        for (rows, values) in [(&old_rows, &g.values), (&rows, &values)] {
            let mut at = 0;
            for (row, values) in rows.iter().zip(values.chunks_exact(width)) {
                while merged[at] != *row {
                    at += 1;
                }
                kernels::add_to(&mut sums[at * width..(at + 1) * width], values);
            }
        }
        (g.rows, g.values) = (Some(merged), sums);
    }

    /// Adds a gradient that stays on its device.
    ///
    /// # Errors
    /// candle's, when shapes or devices differ.
    pub fn add_on_device(&self, found: &Tensor) -> Result<()> {
        let mut g = self.lock();
        g.on_device = Some(match g.on_device.take().filter(|_| g.present) {
            Some(sum) => (sum + found)?,
            None => found.clone(),
        });
        g.present = true;
        Ok(())
    }

    pub fn clear(&self) {
        self.lock().present = false;
    }
}

/// One weight of the network: its values, and a place for its gradient if it trains.
#[derive(Clone, Debug)]
pub struct Weight {
    /// A candle variable when the weight trains, else a plain tensor that records nothing.
    pub tensor: Tensor,
    pub gradient: Option<Arc<Gradient>>,
}

impl Weight {
    pub fn trains(&self) -> bool {
        self.gradient.is_some()
    }
}

/// y = x W^T + b, `weight` being `[out, in]` as PyTorch keeps it.
#[derive(Clone, Debug)]
pub struct Linear {
    pub weight: Weight,
    pub bias: Weight,
}

impl Linear {
    fn trains(&self) -> bool {
        self.weight.trains() || self.bias.trains()
    }
}

/// LayerNorm's scale and shift, each `[hidden]`.
#[derive(Clone, Debug)]
pub struct Norm {
    pub weight: Weight,
    pub bias: Weight,
    pub eps: f32,
}

/// BertEmbeddings.
#[derive(Clone, Debug)]
pub struct EmbeddingWeights {
    /// `[vocabulary, hidden]`
    pub words: Weight,
    /// `[positions, hidden]`
    pub positions: Weight,
    /// `[types, hidden]`; every token is of type 0. DistilBERT has none.
    pub types: Option<Weight>,
    pub norm: Norm,
    /// RoBERTa's: positions are counted from this id + 1 on, and a token of this id is skipped and has this position.
    pub padding_id: Option<u32>,
}

impl EmbeddingWeights {
    /// The row of the position table for each token.
    ///
    /// # Errors
    /// When a text is longer than the table.
    pub fn position_rows(&self, ids: &[u32], sequences: &Sequences) -> Result<Vec<u32>> {
        let mut rows = Vec::with_capacity(ids.len());
        for (first, n) in sequences.iter() {
            match self.padding_id {
                None => rows.extend(0..n as u32),
                Some(padding) => {
                    let mut last = padding;
                    rows.extend(ids[first..first + n].iter().map(|id| {
                        if *id == padding {
                            return padding;
                        }
                        last += 1;
                        last
                    }));
                }
            }
        }
        let positions = self.positions.tensor.dim(0)?;
        match rows.iter().find(|row| **row as usize >= positions) {
            Some(row) => bail!("position {row} is outside the model's {positions} positions"),
            None => Ok(rows),
        }
    }
}

/// BertSelfAttention.
#[derive(Clone, Debug)]
pub struct AttentionWeights {
    pub query: Linear,
    pub key: Linear,
    pub value: Linear,
    pub heads: usize,
}

/// BertSelfOutput and BertOutput: LayerNorm(dropout(dense(x)) + residual).
#[derive(Clone, Debug)]
pub struct OutputWeights {
    pub dense: Linear,
    pub norm: Norm,
}

/// One encoder layer (BertLayer).
#[derive(Clone, Debug)]
pub struct Layer {
    pub attention: AttentionWeights,
    pub attention_output: OutputWeights,
    pub intermediate: Linear,
    pub output: OutputWeights,
}

/// The dropouts of one layer in one pass: of attention probabilities, and of the two outputs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerDropout {
    pub probabilities: Option<Dropout>,
    pub attention: Option<Dropout>,
    pub output: Option<Dropout>,
}

/// The blocks. With `record`, what is needed for backward is kept wherever something below trains; gradients of
/// weights arrive in their [`Gradient`] (fused) or in candle's store (composed), those of inputs through candle.
pub trait Ops: Send + Sync {
    /// The sum of word, position and type embeddings, normalised: `[tokens, hidden]`.
    ///
    /// # Errors
    /// As for all blocks: candle's, when shapes do not fit.
    fn embed(
        &self,
        ids: &[u32],
        sequences: &Arc<Sequences>,
        weights: &EmbeddingWeights,
        dropout: Option<Dropout>,
        record: bool,
    ) -> Result<Tensor>;

    /// Multi-head self-attention within each text: `[tokens, hidden]`, or `[rows, hidden]` of the first tokens.
    fn attention(
        &self,
        x: &Tensor,
        sequences: &Arc<Sequences>,
        weights: &AttentionWeights,
        queries: Queries,
        dropout: Option<Dropout>,
        record: bool,
    ) -> Result<Tensor>;

    /// LayerNorm(dropout(x W^T + b) + residual). With `firsts`, x has one row a text, and the residual's rows are the
    /// first tokens of the texts.
    fn output(
        &self,
        x: &Tensor,
        residual: &Tensor,
        firsts: Option<&Arc<Sequences>>,
        weights: &OutputWeights,
        dropout: Option<Dropout>,
        record: bool,
    ) -> Result<Tensor>;

    /// activation(x W^T + b)
    fn dense(&self, x: &Tensor, weights: &Linear, activation: Activation, record: bool) -> Result<Tensor>;

    /// A whole encoder layer: self-attention and feed-forward, each with its output block. `[tokens, hidden]`, or
    /// `[rows, hidden]` of the first tokens.
    #[allow(clippy::too_many_arguments, reason = "what a layer needs, each by its name")]
    fn layer(
        &self,
        x: &Tensor,
        sequences: &Arc<Sequences>,
        layer: &Layer,
        activation: Activation,
        queries: Queries,
        dropout: LayerDropout,
        record: bool,
    ) -> Result<Tensor> {
        let firsts = (queries == Queries::First).then_some(sequences);
        let context = self.attention(x, sequences, &layer.attention, queries, dropout.probabilities, record)?;
        let attended = self.output(&context, x, firsts, &layer.attention_output, dropout.attention, record)?;
        let inner = self.dense(&attended, &layer.intermediate, activation, record)?;
        self.output(&inner, &attended, None, &layer.output, dropout.output, record)
    }
}
