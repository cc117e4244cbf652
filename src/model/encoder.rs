//! A BERT over packed tokens, from token ids to logits, in the blocks of [`super::ops`]. All families are this one network,
//! and what only some of them have (a projection after the embeddings, another head) is a field of it.

use std::sync::Arc;

use candle_core::{Result, Tensor};

use crate::data::batch::Batch;
use crate::domain::interrupt::Interrupt;

use super::ops::{
    Activation, Dense, Dropout, Embed, EmbeddingWeights, Layer, LayerBlock, LayerDropout, Ops, Queries, Sequences,
};

/// Which positions of the last layer someone will read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// The first token of each text, as the classification head does. The last layer then computes these tokens only,
    /// with the same result.
    FirstToken,
    /// Every token, as attention maps, attributions and mean pooling do.
    AllTokens,
}

/// Dropout probabilities of a network.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DropoutConfig {
    /// Acts on the embeddings and on the outputs of attention and feed-forward.
    pub hidden: f64,
    /// Acts on the attention probabilities.
    pub attention: f64,
    /// Acts before the classifier.
    pub classifier: f64,
    /// Whether dropout also acts in the frozen prefix, whose states then cannot be computed once and kept.
    pub in_frozen_prefix: bool,
}

/// How one forward pass runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// Whether to keep what backward needs.
    pub record: bool,
    /// The seed of this step's dropout masks; `None` turns dropout off, as in evaluation.
    pub dropout_key: Option<u64>,
}

impl Pass {
    /// A pass without dropout that keeps nothing for backward.
    pub const EVALUATE: Self = Self { record: false, dropout_key: None };

    /// A pass of a training step, with the seed of its dropout masks.
    pub fn train(dropout_key: u64) -> Self {
        Self { record: true, dropout_key: Some(dropout_key) }
    }

    /// The dropout at the place number `site`, if there is any.
    fn dropout(&self, probability: f64, site: usize) -> Option<Dropout> {
        let key = self.dropout_key.filter(|_| probability > 0.0)?;
        Some(Dropout { probability: probability as f32, key: mix(key, site as u64) })
    }
}

/// Mixes a seed and a stream number by SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), so that every step and every place
/// of dropout has an independent key.
pub fn mix(seed: u64, stream: u64) -> u64 {
    let mut z = seed.wrapping_add(stream.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The classification head, output(dropout(activation(dense(x)))). The dense layer of BERT's head is its pooler.
#[derive(Clone, Debug)]
pub struct Head {
    /// `[hidden, hidden]`.
    pub dense: Dense,
    /// `[classes, hidden]`, without an activation.
    pub output: Dense,
    /// Whether dropout also acts before the dense layer, as in RoBERTa and ELECTRA.
    pub drops_first_token: bool,
}

/// Embeddings, encoder layers and classification head.
#[derive(Clone)]
pub struct Network {
    /// How the blocks are computed.
    pub ops: Arc<dyn Ops>,
    pub embeddings: EmbeddingWeights,
    /// ELECTRA's map from narrow embeddings to the width of the layers, `[hidden, embedding]`.
    pub projection: Option<Dense>,
    pub layers: Vec<Layer>,
    /// The activation of every feed-forward block.
    pub activation: Activation,
    /// Whether dropout acts on the output of the attention block. In DistilBERT it does not.
    pub drops_attention_output: bool,
    pub head: Head,
    pub dropout: DropoutConfig,
    /// Asked before each layer, forward and backward.
    pub interrupt: Interrupt,
}

impl Network {
    /// Computes the input of layer `to` from a batch's tokens: `[tokens, hidden]`, or `[rows, hidden]` where `to` is the
    /// number of layers and only first tokens are read. A model without types of tokens, or with only one, leaves theirs
    /// out.
    ///
    /// # Errors
    /// candle's, for ids outside the vocabulary and for texts longer than the model's positions.
    pub fn below(
        &self,
        batch: &Batch,
        sequences: &Arc<Sequences>,
        to: usize,
        reads: Reads,
        pass: Pass,
    ) -> Result<Tensor> {
        let (weights, ids, dropout) =
            (self.embeddings.clone(), batch.ids.clone(), pass.dropout(self.dropout.hidden, 0));
        let types = if weights.has_several_types() { batch.types.clone() } else { Vec::new() };
        let embed = Embed { weights, ids, types, sequences: sequences.clone(), dropout };
        let mut x = self.ops.embed(&embed, pass.record)?;
        if let Some(projection) = &self.projection {
            x = self.ops.dense(&x, projection, pass.record)?;
        }
        self.through(x, sequences, 0..to, reads, pass)
    }

    /// Sends x, `[tokens, hidden]`, through the given encoder layers. The result has the same shape, or `[rows, hidden]`
    /// after the last layer where only first tokens are read.
    ///
    /// # Errors
    /// candle's, when shapes do not fit; one that means nothing else once `interrupt` has ended the work.
    pub fn through(
        &self,
        x: Tensor,
        sequences: &Arc<Sequences>,
        layers: std::ops::Range<usize>,
        reads: Reads,
        pass: Pass,
    ) -> Result<Tensor> {
        let block = |index: usize| {
            let last = index + 1 == self.layers.len();
            let queries = if last && reads == Reads::FirstToken { Queries::First } else { Queries::All };
            let site = 3 * index + 1;
            let dropout = LayerDropout {
                probabilities: pass.dropout(self.dropout.attention, site),
                attention: pass.dropout(self.dropout.hidden, site + 1).filter(|_| self.drops_attention_output),
                output: pass.dropout(self.dropout.hidden, site + 2),
            };
            let block = self.layers[index].block(sequences, self.activation, queries, dropout);
            LayerBlock { interrupt: self.interrupt.clone(), ..block }
        };
        self.ops.layers(&x, layers.map(block).collect(), pass.record)
    }

    /// Computes the logits `[rows, classes]` from the last layer's first tokens `[rows, hidden]`.
    ///
    /// # Errors
    /// candle's, when shapes do not fit.
    pub fn head(&self, first_tokens: &Tensor, pass: Pass) -> Result<Tensor> {
        let (head, site) = (&self.head, 3 * self.layers.len() + 1);
        let drop = |x: Tensor, site: usize| match pass.dropout(self.dropout.classifier, site) {
            Some(dropout) => &x * dropout.mask(x.dims(), x.device())?,
            None => Ok(x),
        };
        let mut x = first_tokens.clone();
        if head.drops_first_token {
            x = drop(x, site + 1)?;
        }
        let dense = self.ops.dense(&x, &head.dense, pass.record)?;
        self.ops.dense(&drop(dense, site)?, &head.output, pass.record)
    }
}
