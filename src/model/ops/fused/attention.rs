//! Self-attention within each text: projections, scores, softmax, dropout and context, forward and backward.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::super::kernels;
use super::super::matmul::{Threads, View, matmul};
use super::super::{AttentionWeights, Dropout, Queries, Sequences};
use super::{ForBackward, linear, linear_backward, read, slice, stored, tensor};

/// [`Ops::attention`](super::Ops::attention) as one operation.
pub(super) struct Attention {
    pub sequences: Arc<Sequences>,
    pub weights: AttentionWeights,
    pub queries: Queries,
    pub dropout: Option<Dropout>,
    pub saved: ForBackward<Projected>,
}

/// What backward needs: the queries q `[queries, hidden]`, the keys k and values v `[tokens, hidden]`, and the
/// probabilities p before dropout. These are `[queries of the text, tokens of the text]` for each head of each text, one
/// after another.
pub(super) struct Projected {
    q: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
    p: Vec<f32>,
}

/// Results for all texts, and a function that tells how many of their rows belong to a text with a given number of queries
/// and of tokens.
type Buffer<'a> = (&'a mut [f32], fn(usize, usize) -> usize);

/// One text's share of the work of an attention.
struct TextWork<'a> {
    first_token: usize,
    length: usize,
    /// Where the text's probabilities begin in `Projected::p`.
    p_start: usize,
    outs: [&'a mut [f32]; 3],
}

/// Cuts a slice into consecutive pieces of the given lengths.
fn pieces(mut values: &mut [f32], lengths: impl Iterator<Item = usize>) -> Vec<&mut [f32]> {
    lengths
        .map(|n| {
            let (piece, rest) = std::mem::take(&mut values).split_at_mut(n);
            values = rest;
            piece
        })
        .collect()
}

impl Attention {
    /// The number of queries of a text of `length` tokens.
    fn query_count(&self, length: usize) -> usize {
        if self.queries == Queries::All { length } else { 1 }
    }

    /// What scores are multiplied by: 1 / sqrt(width of a head).
    fn scale(&self, width: usize) -> f32 {
        1.0 / ((width / self.weights.heads) as f32).sqrt()
    }

    /// The rows of x that are queries.
    fn queried<'a>(&self, x: &'a [f32], width: usize) -> std::borrow::Cow<'a, [f32]> {
        match self.queries {
            Queries::All => x.into(),
            Queries::First => {
                self.sequences.firsts().iter().flat_map(|i| &x[i * width..(i + 1) * width]).copied().collect()
            }
        }
    }

    /// Divides three buffers among the texts.
    fn texts<'a>(&self, buffers: [Buffer<'a>; 3], width: usize) -> Vec<TextWork<'a>> {
        let heads = self.weights.heads;
        let cut = |(values, unit): Buffer<'a>| {
            pieces(values, self.sequences.iter().map(move |(_, n)| unit(self.query_count(n), n) * width))
        };
        let [a, b, c] = buffers.map(cut);
        let mut p_start = 0;
        let outs = a.into_iter().zip(b).zip(c);
        self.sequences
            .iter()
            .zip(outs)
            .map(|((first_token, length), ((a, b), c))| {
                let work = TextWork { first_token, length, p_start, outs: [a, b, c] };
                p_start += heads * self.query_count(length) * length;
                work
            })
            .collect()
    }

    /// Computes the context softmax(q k^T scale) v of each head, `[queries, hidden]`, and what backward needs.
    pub fn forward(&self, x: &[f32], width: usize) -> Result<(Vec<f32>, Projected)> {
        let (heads, scale) = (self.weights.heads, self.scale(width));
        let head = width / heads;
        let q = linear(&self.queried(x, width), &self.weights.query)?;
        let (k, v) = (linear(x, &self.weights.key)?, linear(x, &self.weights.value)?);
        let mut context = kernels::zeros(q.len());
        let p_len = self.sequences.iter().map(|(_, n)| heads * self.query_count(n) * n).sum();
        let mut p = kernels::zeros(p_len);
        let p_lengths = self.sequences.iter().map(|(_, n)| heads * self.query_count(n) * n);
        let p_pieces = pieces(&mut p, p_lengths);
        let texts = self.texts([(&mut context, |q, _| q), (&mut [], |_, _| 0), (&mut [], |_, _| 0)], width);
        texts.into_par_iter().zip(p_pieces).enumerate().for_each(|(row, (text, p))| {
            let (n, asked) = (text.length, self.query_count(text.length));
            let from = text.first_token * width;
            let q_from = if self.queries == Queries::All { from } else { row * width };
            let [context, ..] = text.outs;
            let mut dropped = Vec::new();
            for (h, p) in p.chunks_exact_mut(asked * n).enumerate() {
                let at = h * head;
                let q = View::columns_of(&q[q_from + at..], asked, head, width);
                let k = View::columns_of(&k[from + at..], n, head, width);
                let v = View::columns_of(&v[from + at..], n, head, width);
                matmul(p, n, q, k.t(), 1.0, false, Threads::One);
                p.chunks_exact_mut(n).for_each(|row| kernels::softmax_row(row, scale));
                let p = self.dropped(p, text.p_start + h * asked * n, &mut dropped);
                matmul(&mut context[at..], width, View::new(p, asked, n), v, 1.0, false, Threads::One);
            }
        });
        Ok((context, Projected { q, k, v, p }))
    }

    /// The probabilities after dropout, which are made in `buffer`; without dropout, `p` itself.
    fn dropped<'a>(&self, p: &'a [f32], first: usize, buffer: &'a mut Vec<f32>) -> &'a [f32] {
        let Some(dropout) = self.dropout else { return p };
        buffer.clear();
        buffer.extend_from_slice(p);
        dropout.apply(buffer, first);
        buffer
    }

    /// Computes the gradients dq, dk and dv from the gradient `g` of the context.
    fn core_backward(&self, g: &[f32], s: &Projected, width: usize) -> [Vec<f32>; 3] {
        let (heads, scale) = (self.weights.heads, self.scale(width));
        let head = width / heads;
        let [mut dq, mut dk, mut dv] = [&s.q, &s.k, &s.v].map(|like| kernels::zeros(like.len()));
        let texts = self.texts([(&mut dq, |q, _| q), (&mut dk, |_, n| n), (&mut dv, |_, n| n)], width);
        texts.into_par_iter().enumerate().for_each(|(row, text)| {
            let (n, asked) = (text.length, self.query_count(text.length));
            let from = text.first_token * width;
            let q_from = if self.queries == Queries::All { from } else { row * width };
            let [dq, dk, dv] = text.outs;
            let (mut dropped, mut dp) = (Vec::new(), vec![0.0; asked * n]);
            for h in 0..heads {
                let at = h * head;
                let p_from = text.p_start + h * asked * n;
                let p = &s.p[p_from..p_from + asked * n];
                let q = View::columns_of(&s.q[q_from + at..], asked, head, width);
                let k = View::columns_of(&s.k[from + at..], n, head, width);
                let v = View::columns_of(&s.v[from + at..], n, head, width);
                let g = View::columns_of(&g[q_from + at..], asked, head, width);
                let p_dropped = View::new(self.dropped(p, p_from, &mut dropped), asked, n);
                matmul(&mut dv[at..], width, p_dropped.t(), g, 1.0, false, Threads::One);
                matmul(&mut dp, n, g, v.t(), 1.0, false, Threads::One);
                if let Some(dropout) = self.dropout {
                    dropout.apply(&mut dp, p_from);
                }
                for (dp, p) in dp.chunks_exact_mut(n).zip(p.chunks_exact(n)) {
                    kernels::softmax_backward_row(dp, p, scale);
                }
                let ds = View::new(&dp, asked, n);
                matmul(&mut dq[at..], width, ds, k, 1.0, false, Threads::One);
                matmul(&mut dk[at..], width, ds.t(), q, 1.0, false, Threads::One);
            }
        });
        [dq, dk, dv]
    }
}

impl Attention {
    /// Runs backward from the context's gradient `g`. `dx` is as in [`linear_backward`].
    pub fn backward(&self, g: &[f32], x: &[f32], saved: &Projected, mut dx: Option<&mut Vec<f32>>) -> Result<()> {
        let width = self.weights.query.weight.tensor.dim(1)?;
        let [dq, dk, dv] = self.core_backward(g, saved, width);
        linear_backward(&dk, x, &self.weights.key, dx.as_deref_mut())?;
        linear_backward(&dv, x, &self.weights.value, dx.as_deref_mut())?;
        let queried = self.queried(x, width);
        match (self.queries, dx) {
            (Queries::First, Some(dx)) => {
                let mut d_first = Vec::new();
                linear_backward(&dq, &queried, &self.weights.query, Some(&mut d_first))?;
                for (d, first) in d_first.chunks_exact(width).zip(self.sequences.firsts()) {
                    kernels::add_to(&mut dx[first * width..(first + 1) * width], d);
                }
                Ok(())
            }
            (_, dx) => linear_backward(&dq, &queried, &self.weights.query, dx),
        }
    }
}

impl CustomOp2 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let width = l1.dims()[1];
        let (context, saved) = self.forward(slice(s1, l1)?, width)?;
        self.saved.put(saved);
        Ok(stored(context, width))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let saved = self.saved.take()?;
        let width = x.dim(1)?;
        let mut dx = x.track_op().then(Vec::new);
        read(&grad.contiguous()?, |g| read(x, |x| self.backward(g, x, &saved, dx.as_mut())))???;
        Ok((dx.map(|dx| tensor(dx, width)).transpose()?, None))
    }
}
