//! The blocks built from candle's own operations. Tests compare [`super::fused`] with them, and devices other than the CPU
//! run them. Backward leaves the gradients of weights in candle's store.

use candle_core::{D, DType, Result, Tensor};

use super::{Activation, Attention, Dense, Dropout, Embed, Linear, Norm, Ops, Output, Queries, Sequences, Weight};
use crate::domain::precision::Precision;

/// The blocks as compositions of candle operations.
///
/// In bf16 the operands of products are rounded, as everywhere, and their results too, which is what a GPU's library gives
/// for such operands and what PyTorch's autocast does; the sums within a product are f32.
#[derive(Clone, Copy, Debug, Default)]
pub struct Composed {
    /// The operands of products are rounded to it.
    pub precision: Precision,
}

impl Ops for Composed {
    fn precision(&self) -> Precision {
        self.precision
    }

    fn embed(&self, block: &Embed, record: bool) -> Result<Tensor> {
        let Embed { weights, ids, types, sequences, dropout } = block;
        let device = weights.words.tensor.device();
        let at = weights.position_rows(ids, sequences)?;
        let ids = Tensor::new(ids.as_slice(), device)?;
        let at = Tensor::from_vec(at, ids.dims1()?, device)?;
        let words = values(&weights.words, record).index_select(&ids, 0)?;
        let positions = values(&weights.positions, record).index_select(&at, 0)?;
        let mut sum = (words + positions)?;
        if let Some(table) = &weights.types {
            let table = values(table, record);
            sum = match types.as_slice() {
                [] => sum.broadcast_add(&table.narrow(0, 0, 1)?)?,
                types => (sum + table.index_select(&Tensor::new(types, device)?, 0)?)?,
            };
        }
        drop(layer_norm(&sum, &weights.norm, record)?, *dropout)
    }

    fn attention(&self, x: &Tensor, block: &Attention, record: bool) -> Result<Tensor> {
        let Attention { weights, sequences, queries, dropout } = block;
        let (heads, width) = (weights.heads, x.dim(1)?);
        let head = width / heads;
        let queried = match queries {
            Queries::All => x.clone(),
            Queries::First => first_tokens(x, sequences)?,
        };
        let q = self.linear(&queried, &weights.query, record)?;
        let k = self.linear(x, &weights.key, record)?;
        let v = self.linear(x, &weights.value, record)?;
        let mask = dropout.map(|d| d.mask(&[block.probability_count()], x.device())).transpose()?;
        let (mut contexts, mut q_from, mut p_from) = (Vec::new(), 0, 0);
        for (first, n) in sequences.iter() {
            let queries = block.query_count(n);
            let of = |t: &Tensor, from: usize, n: usize| -> Result<Tensor> {
                t.narrow(0, from, n)?.reshape((n, heads, head))?.transpose(0, 1)?.contiguous()
            };
            let (q, k, v) = (of(&q, q_from, queries)?, of(&k, first, n)?, of(&v, first, n)?);
            let scores = (self.product(&q, &k.transpose(1, 2)?.contiguous()?)? / (head as f64).sqrt())?;
            let mut p = candle_nn::ops::softmax(&scores, D::Minus1)?;
            if let Some(mask) = &mask {
                p = (p * mask.narrow(0, p_from, heads * queries * n)?.reshape((heads, queries, n))?)?;
            }
            contexts.push(self.product(&p, &v)?.transpose(0, 1)?.reshape((queries, width))?);
            q_from += queries;
            p_from += heads * queries * n;
        }
        Tensor::cat(&contexts, 0)
    }

    fn output(&self, x: &Tensor, residual: &Tensor, block: &Output, record: bool) -> Result<Tensor> {
        let y = drop(self.linear(x, &block.weights.dense, record)?, block.dropout)?;
        let residual = match &block.firsts {
            Some(sequences) => first_tokens(residual, sequences)?,
            None => residual.clone(),
        };
        layer_norm(&(y + residual)?, &block.weights.norm, record)
    }

    fn dense(&self, x: &Tensor, block: &Dense, record: bool) -> Result<Tensor> {
        let y = self.linear(x, &block.weights, record)?;
        match block.activation {
            Activation::None => Ok(y),
            Activation::Gelu => y.gelu_erf(),
            Activation::GeluTanh => y.gelu(),
            // candle's `relu` turns what is no number into 0.
            Activation::Relu => y.le(0.0)?.where_cond(&y.zeros_like()?, &y),
            Activation::Tanh => y.tanh(),
        }
    }
}

impl Composed {
    /// x W^T + b.
    fn linear(&self, x: &Tensor, weights: &Linear, record: bool) -> Result<Tensor> {
        self.product(x, &values(&weights.weight, record).t()?)?.broadcast_add(&values(&weights.bias, record))
    }

    /// a b, in f32 whatever its operands are rounded to.
    fn product(&self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        match self.precision {
            Precision::F32 => a.matmul(b),
            Precision::Bf16 => a.to_dtype(DType::BF16)?.matmul(&b.to_dtype(DType::BF16)?)?.to_dtype(DType::F32),
        }
    }
}

/// A weight's tensor, detached from the graph where nothing is to be recorded.
fn values(weight: &Weight, record: bool) -> Tensor {
    if record { weight.tensor.clone() } else { weight.tensor.detach() }
}

fn layer_norm(x: &Tensor, norm: &Norm, record: bool) -> Result<Tensor> {
    let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
    let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
    let xhat = centred.broadcast_div(&(variance + f64::from(norm.eps))?.sqrt()?)?;
    xhat.broadcast_mul(&values(&norm.weight, record))?.broadcast_add(&values(&norm.bias, record))
}

fn drop(x: Tensor, dropout: Option<Dropout>) -> Result<Tensor> {
    match dropout {
        Some(dropout) => &x * dropout.mask(x.dims(), x.device())?,
        None => Ok(x),
    }
}

/// The rows of the texts' first tokens, from `[tokens, hidden]` to `[rows, hidden]`.
///
/// # Errors
/// candle's, when the shapes do not fit.
pub fn first_tokens(x: &Tensor, sequences: &Sequences) -> Result<Tensor> {
    let firsts: Vec<u32> = sequences.firsts().iter().map(|i| *i as u32).collect();
    x.index_select(&Tensor::from_vec(firsts, sequences.rows(), x.device())?, 0)
}
