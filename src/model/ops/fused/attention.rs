//! Self-attention within each text: projections, scores, softmax, dropout and context, forward and backward.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::super::matmul::{Threads, View};
use super::super::{Attention, AttentionWeights, Queries, kernels};
use super::{Block, Fused, anchor};

/// What backward needs: the queries q `[queries, hidden]`, the keys k and values v `[tokens, hidden]`, and the
/// probabilities p before dropout. These are `[queries of the text, tokens of the text]` for each head of each text, one
/// after another.
pub(super) struct Projected {
    q: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
    p: Vec<f32>,
}

/// One text's share of the work of an attention.
struct TextWork<'a, const N: usize> {
    /// The rows of its first token and of its first query.
    first_token: usize,
    first_query: usize,
    tokens: usize,
    queries: usize,
    /// Where the text's probabilities begin in `Projected::p`.
    p_start: usize,
    outs: [&'a mut [f32]; N],
}

/// Results for all texts, and a function that tells how many of them belong to a text with a given number of queries and
/// of tokens.
type Buffer<'a, 'f> = (&'a mut [f32], &'f dyn Fn(usize, usize) -> usize);

impl Attention {
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

    /// Divides buffers among the texts.
    fn texts<'a, const N: usize>(&self, mut buffers: [Buffer<'a, '_>; N]) -> Vec<TextWork<'a, N>> {
        let mut p_start = 0;
        let texts = self.sequences.iter().enumerate().map(|(row, (first_token, tokens))| {
            let queries = self.query_count(tokens);
            let outs = buffers.each_mut().map(|(values, share)| {
                let (piece, rest) = std::mem::take(values).split_at_mut(share(queries, tokens));
                *values = rest;
                piece
            });
            let first_query = if self.queries == Queries::All { first_token } else { row };
            let work = TextWork { first_token, first_query, tokens, queries, p_start, outs };
            p_start += self.weights.heads * queries * tokens;
            work
        });
        texts.collect()
    }

    /// Computes the context softmax(q k^T scale) v of each head, `[queries, hidden]`, and what backward needs.
    ///
    /// # Errors
    /// candle's, where the shapes do not fit.
    pub(super) fn compute(&self, ops: Fused, x: &[f32]) -> Result<(Vec<f32>, Projected)> {
        let (heads, width) = (self.weights.heads, self.width()?);
        let (head, scale) = (width / heads, self.scale(width));
        let q = ops.linear(&self.queried(x, width), &self.weights.query)?;
        let (k, v) = (ops.linear(x, &self.weights.key)?, ops.linear(x, &self.weights.value)?);
        let (mut context, mut p) = (kernels::zeros(q.len()), kernels::zeros(self.probability_count()));
        let texts = self.texts([(&mut context, &|q, _| q * width), (&mut p, &|q, n| heads * q * n)]);
        texts.into_par_iter().for_each(|text| {
            let (n, asked) = (text.tokens, text.queries);
            let (from, q_from) = (text.first_token * width, text.first_query * width);
            let [context, p] = text.outs;
            let mut dropped = Vec::new();
            for (h, p) in p.chunks_exact_mut(asked * n).enumerate() {
                let at = h * head;
                let q = View::columns_of(&q[q_from + at..], asked, head, width);
                let k = View::columns_of(&k[from + at..], n, head, width);
                let v = View::columns_of(&v[from + at..], n, head, width);
                ops.products.matmul(p, n, q, k.t(), 1.0, false, Threads::One);
                p.chunks_exact_mut(n).for_each(|row| kernels::softmax_row(row, scale));
                let p = self.dropped(p, text.p_start + h * asked * n, &mut dropped);
                ops.products.matmul(&mut context[at..], width, View::new(p, asked, n), v, 1.0, false, Threads::One);
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
    fn core_backward(&self, ops: Fused, g: &[f32], s: &Projected, width: usize) -> [Vec<f32>; 3] {
        let heads = self.weights.heads;
        let (head, scale) = (width / heads, self.scale(width));
        let [mut dq, mut dk, mut dv] = [&s.q, &s.k, &s.v].map(|like| kernels::zeros(like.len()));
        let (of_queries, of_tokens) = (|q, _| q * width, |_, n| n * width);
        let texts = self.texts([(&mut dq, &of_queries), (&mut dk, &of_tokens), (&mut dv, &of_tokens)]);
        texts.into_par_iter().for_each(|text| {
            let (n, asked) = (text.tokens, text.queries);
            let (from, q_from) = (text.first_token * width, text.first_query * width);
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
                ops.products.matmul(&mut dv[at..], width, p_dropped.t(), g, 1.0, false, Threads::One);
                ops.products.matmul(&mut dp, n, g, v.t(), 1.0, false, Threads::One);
                if let Some(dropout) = self.dropout {
                    dropout.apply(&mut dp, p_from);
                }
                for (dp, p) in dp.chunks_exact_mut(n).zip(p.chunks_exact(n)) {
                    kernels::softmax_backward_row(dp, p, scale);
                }
                let ds = View::new(&dp, asked, n);
                ops.products.matmul(&mut dq[at..], width, ds, k, 1.0, false, Threads::One);
                ops.products.matmul(&mut dk[at..], width, ds.t(), q, 1.0, false, Threads::One);
            }
        });
        [dq, dk, dv]
    }
}

impl Block for Attention {
    const NAME: &'static str = "attention";
    type Saved = Projected;

    fn anchor(&self) -> Option<&Tensor> {
        let AttentionWeights { query, key, value, .. } = &self.weights;
        anchor([query, key, value].into_iter().flat_map(|linear| [&linear.weight, &linear.bias]))
    }

    fn width(&self) -> Result<usize> {
        self.weights.query.weight.tensor.dim(1)
    }

    fn forward(&self, ops: Fused, x: &[f32], _keep: bool) -> Result<(Vec<f32>, Option<Projected>)> {
        let (context, projected) = self.compute(ops, x)?;
        Ok((context, Some(projected)))
    }

    fn backward(
        &self,
        ops: Fused,
        g: Vec<f32>,
        x: &[f32],
        saved: Projected,
        mut dx: Option<&mut Vec<f32>>,
    ) -> Result<()> {
        let width = self.width()?;
        let [dq, dk, dv] = self.core_backward(ops, &g, &saved, width);
        ops.linear_backward(&dk, x, &self.weights.key, dx.as_deref_mut())?;
        ops.linear_backward(&dv, x, &self.weights.value, dx.as_deref_mut())?;
        let queried = self.queried(x, width);
        match (self.queries, dx) {
            (Queries::First, Some(dx)) => {
                let mut d_first = Vec::new();
                ops.linear_backward(&dq, &queried, &self.weights.query, Some(&mut d_first))?;
                for (d, first) in d_first.chunks_exact(width).zip(self.sequences.firsts()) {
                    kernels::add_to(&mut dx[first * width..(first + 1) * width], d);
                }
                Ok(())
            }
            (_, dx) => ops.linear_backward(&dq, &queried, &self.weights.query, dx),
        }
    }
}
