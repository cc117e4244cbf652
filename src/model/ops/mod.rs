//! The differentiable building blocks of a BERT encoder (arXiv 1810.04805), over packed tokens.
//!
//! A batch of texts is one matrix of its real tokens, `[tokens, hidden]`, together with the offset at which each text
//! begins. No text is padded, so that nothing is computed for padding. The network is made of four blocks, which are the
//! four modules of Hugging Face's BERT: embeddings, self-attention, output (dense + residual + LayerNorm, twice in each
//! layer) and a dense layer with an activation.
//!
//! [`fused`] runs each block as one candle operation with a backward of its own. [`composed`] builds the same blocks from
//! candle's operations. The first is fast; the second is the reference in tests, and runs on devices other than the CPU.

use std::sync::Arc;

use candle_core::{Device, Result, Tensor, bail};

use crate::domain::interrupt::Interrupt;
use crate::domain::precision::Precision;
use crate::domain::problem::Outcome;
use crate::model::host;

pub mod compact;
pub mod composed;
pub mod fused;
mod gradient;
pub mod isa;
pub mod kernels;
pub mod matmul;
pub mod peak;
#[cfg(test)]
mod tests;

pub use self::compact::Compact;
pub use self::gradient::{Gradient, GradientValue};

/// The function after a dense layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Activation {
    /// The layer's result stays as it is.
    None,
    /// GELU (arXiv 1606.08415), x Phi(x), with the exact error function, as in BERT.
    Gelu,
    /// GELU in the approximation by tanh of the same paper.
    GeluTanh,
    /// max(0, x), where NaN stays NaN.
    Relu,
    Tanh,
}

/// Which positions of a self-attention are queries. Keys and values are always those of all positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queries {
    All,
    /// Only the first token of each text, which is all that BERT's pooler reads of the last layer.
    First,
}

/// Dropout with a mask that is a pure function of `key`, so that backward can make the same mask again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Probability that an element becomes 0.
    pub probability: f32,
    /// The seed of the mask, another one for each step and each place in the network.
    pub key: u64,
}

impl Dropout {
    /// The share of all 32-bit numbers that `probability` is.
    fn threshold(self) -> u32 {
        (f64::from(self.probability) * 4_294_967_296.0) as u32
    }

    /// Multiplies each of `values` by 0 or by 1 / (1 - `probability`). `first` is the index of the first value in its
    /// tensor, in row-major order.
    pub fn apply(self, values: &mut [f32], first: usize) {
        let key = (self.key as u32, (self.key >> 32) as u32);
        kernels::drop_row(values, first as u32, key, self.threshold(), 1.0 / (1.0 - self.probability));
    }

    /// The factors for a whole tensor of this shape, each 0 or 1 / (1 - `probability`).
    ///
    /// # Errors
    /// candle's, when the device has no room.
    pub fn mask(self, shape: &[usize], device: &Device) -> Result<Tensor> {
        let mut values = vec![1.0; shape.iter().product()];
        self.apply(&mut values, 0);
        Tensor::from_vec(values, shape, device)
    }
}

/// Where each text of a batch begins among the packed tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequences {
    /// Text r is the tokens `offsets[r]..offsets[r + 1]`; `[rows + 1]`.
    pub offsets: Vec<usize>,
}

impl Sequences {
    /// The number of texts.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The number of tokens of all texts.
    pub fn tokens(&self) -> usize {
        self.offsets[self.rows()]
    }

    /// The index of each text's first token, and the text's length in tokens.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.offsets.windows(2).map(|w| (w[0], w[1] - w[0]))
    }

    /// The index of each text's first token.
    pub fn firsts(&self) -> &[usize] {
        &self.offsets[..self.rows()]
    }
}

/// One weight of the network, with a place for its gradient if it trains.
#[derive(Clone, Debug)]
pub struct Weight {
    /// A candle variable when the weight trains, else a plain tensor that records nothing.
    pub tensor: Tensor,
    /// `Some` exactly when the weight trains.
    pub gradient: Option<Arc<Gradient>>,
    /// The values of a frozen weight that is held in fewer bits. Its tensor then has the shape only, and whoever takes it
    /// for the weight finds nothing but NaN.
    pub compact: Option<Arc<Compact>>,
}

impl Weight {
    /// A weight that does not train.
    pub fn frozen(tensor: Tensor) -> Self {
        Self { tensor, gradient: None, compact: None }
    }

    /// A weight that trains; the tensor is that of a candle variable.
    pub fn trained(tensor: Tensor) -> Self {
        Self { tensor, gradient: Some(Arc::default()), compact: None }
    }

    /// A frozen weight in fewer bits.
    ///
    /// # Errors
    /// candle's.
    pub fn compact(compact: Compact) -> Result<Self> {
        let tensor = Tensor::full(f32::NAN, (), &Device::Cpu)?.broadcast_as(compact.shape().as_slice())?;
        Ok(Self { tensor, gradient: None, compact: Some(Arc::new(compact)) })
    }

    /// Hands the weight's values to `look`, in row-major order. Those of a compact weight are the original ones.
    ///
    /// # Errors
    /// `internal-error` when a device does not give its values; `file-error` for a compact weight whose file can no longer be
    /// read.
    pub fn with_values<R>(&self, look: impl FnOnce(&[f32]) -> R) -> Outcome<R> {
        match &self.compact {
            Some(compact) => Ok(look(&compact.values()?)),
            None => Ok(host::with_values(&self.tensor, look)?),
        }
    }

    /// Hands the weight's values to `take` in row-major order, in pieces of `len` values of which the last may be shorter.
    /// The original ones of a compact weight are never in memory as a whole.
    ///
    /// # Errors
    /// Those of [`Self::with_values`].
    pub fn for_pieces(&self, len: usize, mut take: impl FnMut(&[f32])) -> Outcome<()> {
        match &self.compact {
            Some(compact) => compact.for_pieces(len, take),
            None => self.with_values(|values| values.chunks(len).for_each(&mut take)),
        }
    }

    /// Whether the optimiser changes this weight.
    pub fn trains(&self) -> bool {
        self.gradient.is_some()
    }
}

/// A linear map, y = x W^T + b.
#[derive(Clone, Debug)]
pub struct Linear {
    /// W, `[outputs, inputs]`, as PyTorch stores it.
    pub weight: Weight,
    /// b, `[outputs]`.
    pub bias: Weight,
}

/// LayerNorm (arXiv 1607.06450): y = gamma (x - mean) / sqrt(variance + eps) + beta, over each row.
#[derive(Clone, Debug)]
pub struct Norm {
    /// gamma, `[hidden]`.
    pub weight: Weight,
    /// beta, `[hidden]`.
    pub bias: Weight,
    /// What keeps the division finite.
    pub eps: f32,
}

/// The embeddings, `BertEmbeddings` in Hugging Face's BERT. ELECTRA's width may be smaller than `hidden`.
#[derive(Clone, Debug)]
pub struct EmbeddingWeights {
    /// The table of words, `[vocabulary, hidden]`.
    pub words: Weight,
    /// The table of positions, `[positions, hidden]`.
    pub positions: Weight,
    /// The table of token types, `[types, hidden]`. DistilBERT has no such table.
    pub types: Option<Weight>,
    /// The LayerNorm over the sum of the three.
    pub norm: Norm,
    /// The padding token's id where positions are counted as in RoBERTa: from this id + 1 on, without the tokens that
    /// have this id, whose own position is this id.
    pub padding_id: Option<u32>,
}

impl EmbeddingWeights {
    /// Whether the table of token types tells tokens apart. One of a single row, as in RoBERTa, adds the same to all of them.
    pub fn has_several_types(&self) -> bool {
        self.types.as_ref().is_some_and(|types| types.tensor.dim(0).is_ok_and(|rows| rows > 1))
    }

    /// The row of the position table for each token, `[tokens]`.
    ///
    /// # Errors
    /// candle's, when a text is longer than the table.
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

/// Multi-head self-attention (arXiv 1706.03762), `BertSelfAttention` in Hugging Face's BERT.
#[derive(Clone, Debug)]
pub struct AttentionWeights {
    /// The queries of all heads side by side, `[hidden, hidden]`.
    pub query: Linear,
    /// The keys of all heads side by side, `[hidden, hidden]`.
    pub key: Linear,
    /// The values of all heads side by side, `[hidden, hidden]`.
    pub value: Linear,
    /// The number of heads, which divides `hidden`.
    pub heads: usize,
}

/// LayerNorm(dropout(dense(x)) + residual), `BertSelfOutput` and `BertOutput` in Hugging Face's BERT.
#[derive(Clone, Debug)]
pub struct OutputWeights {
    pub dense: Linear,
    pub norm: Norm,
}

/// One encoder layer, `BertLayer` in Hugging Face's BERT.
#[derive(Clone, Debug)]
pub struct Layer {
    pub attention: AttentionWeights,
    /// The end of the attention block; its dense layer is `[hidden, hidden]`.
    pub attention_output: OutputWeights,
    /// The first map of the feed-forward block, `[intermediate, hidden]`.
    pub intermediate: Linear,
    /// The end of the feed-forward block; its dense layer is `[hidden, intermediate]`.
    pub output: OutputWeights,
}

impl Layer {
    /// The layer with all that one pass decides. `activation` is that of the feed-forward block.
    pub fn block(
        &self,
        sequences: &Arc<Sequences>,
        activation: Activation,
        queries: Queries,
        dropout: LayerDropout,
    ) -> LayerBlock {
        let firsts = (queries == Queries::First).then(|| sequences.clone());
        let (attention, sequences) = (self.attention.clone(), sequences.clone());
        let (attention_output, output) = (self.attention_output.clone(), self.output.clone());
        LayerBlock {
            attention: Attention { weights: attention, sequences, queries, dropout: dropout.probabilities },
            attention_output: Output { weights: attention_output, firsts, dropout: dropout.attention },
            intermediate: Dense { weights: self.intermediate.clone(), activation },
            output: Output { weights: output, firsts: None, dropout: dropout.output },
            interrupt: Interrupt::never(),
        }
    }
}

/// The dropouts of one layer in one pass.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LayerDropout {
    /// Acts on the attention probabilities.
    pub probabilities: Option<Dropout>,
    /// Acts on the output of the attention block, before the residual is added.
    pub attention: Option<Dropout>,
    /// Acts on the output of the feed-forward block, before the residual is added.
    pub output: Option<Dropout>,
}

/// The sum of word, position and type embeddings after LayerNorm and dropout, `[tokens, hidden]`.
#[derive(Clone, Debug)]
pub struct Embed {
    pub weights: EmbeddingWeights,
    /// The token ids of all texts, `[tokens]`.
    pub ids: Vec<u32>,
    /// The type of each token, `[tokens]`; empty where all are of type 0. They mean nothing without a table of types.
    pub types: Vec<u32>,
    pub sequences: Arc<Sequences>,
    pub dropout: Option<Dropout>,
}

/// Multi-head self-attention within each text, from x `[tokens, hidden]` to `[tokens, hidden]`, or to `[rows, hidden]` with
/// [`Queries::First`].
#[derive(Clone, Debug)]
pub struct Attention {
    pub weights: AttentionWeights,
    pub sequences: Arc<Sequences>,
    pub queries: Queries,
    /// Acts on the attention probabilities.
    pub dropout: Option<Dropout>,
}

impl Attention {
    /// The number of queries of a text of `length` tokens.
    fn query_count(&self, length: usize) -> usize {
        if self.queries == Queries::All { length } else { 1 }
    }

    /// The number of attention probabilities of all texts and heads.
    fn probability_count(&self) -> usize {
        self.sequences.iter().map(|(_, n)| self.weights.heads * self.query_count(n) * n).sum()
    }
}

/// LayerNorm(dropout(x W^T + b) + residual), as many rows as x has.
#[derive(Clone, Debug)]
pub struct Output {
    pub weights: OutputWeights,
    /// With these, x has one row for each text, and of the residual `[tokens, hidden]` only the texts' first tokens are used.
    pub firsts: Option<Arc<Sequences>>,
    pub dropout: Option<Dropout>,
}

/// activation(x W^T + b), from `[rows, inputs]` to `[rows, outputs]`.
#[derive(Clone, Debug)]
pub struct Dense {
    pub weights: Linear,
    pub activation: Activation,
}

/// A whole encoder layer: self-attention and feed-forward, each with its output block. From `[tokens, hidden]` to the same,
/// or to `[rows, hidden]` with [`Queries::First`].
#[derive(Clone, Debug)]
pub struct LayerBlock {
    pub attention: Attention,
    pub attention_output: Output,
    pub intermediate: Dense,
    pub output: Output,
    /// Asked before the layer's backward, where it is one operation.
    pub interrupt: Interrupt,
}

/// How the blocks of the network are computed; [`Embed`] to [`LayerBlock`] say what. With `record`, what backward needs is
/// kept wherever something at or below the block trains. Backward puts the gradients of weights into their [`Gradient`]
/// (fused) or into candle's store (composed), and hands those of inputs on through candle.
///
/// Every block fails with candle's errors when shapes do not fit or its device has no room.
pub trait Ops: Send + Sync {
    /// What the operands of products are rounded to.
    fn precision(&self) -> Precision {
        Precision::F32
    }

    /// Computes embeddings.
    ///
    /// # Errors
    /// candle's, also for ids outside the vocabulary and texts longer than the position table.
    fn embed(&self, block: &Embed, record: bool) -> Result<Tensor>;

    /// Computes self-attention.
    ///
    /// # Errors
    /// candle's.
    fn attention(&self, x: &Tensor, block: &Attention, record: bool) -> Result<Tensor>;

    /// Computes the end of a block.
    ///
    /// # Errors
    /// candle's.
    fn output(&self, x: &Tensor, residual: &Tensor, block: &Output, record: bool) -> Result<Tensor>;

    /// Computes a dense layer.
    ///
    /// # Errors
    /// candle's.
    fn dense(&self, x: &Tensor, block: &Dense, record: bool) -> Result<Tensor>;

    /// Computes an encoder layer.
    ///
    /// # Errors
    /// candle's.
    fn layer(&self, x: &Tensor, block: &LayerBlock, record: bool) -> Result<Tensor> {
        let context = self.attention(x, &block.attention, record)?;
        let attended = self.output(&context, x, &block.attention_output, record)?;
        let inner = self.dense(&attended, &block.intermediate, record)?;
        self.output(&inner, &attended, &block.output, record)
    }

    /// Computes encoder layers that follow each other, the lowest first; without any, the result is x.
    ///
    /// # Errors
    /// candle's; one that means nothing else once a block's `interrupt` has ended the work.
    fn layers(&self, x: &Tensor, blocks: Vec<LayerBlock>, record: bool) -> Result<Tensor> {
        let mut x = x.clone();
        for block in blocks {
            if block.interrupt.ends() {
                bail!("the work was ended between two layers");
            }
            x = self.layer(&x, &block, record)?;
        }
        Ok(x)
    }
}
