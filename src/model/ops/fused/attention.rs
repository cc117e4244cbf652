//! Self-attention within each text: projections, scores, softmax, dropout and context, forward and backward.

use std::ops::Range;

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::super::matmul::{Columns, Threads, View};
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

/// One head of one text: a thread takes at least so much of the work of an attention.
struct HeadWork<'a, const N: usize> {
    tokens: usize,
    queries: usize,
    /// The head's columns begin here in the row of the text's first token.
    from: usize,
    /// They begin here in the row of the text's first query.
    q_from: usize,
    /// The places of the head's probabilities in `Projected::p`.
    p: Range<usize>,
    /// The head's columns of the results.
    outs: [Columns<'a>; N],
}

/// A matrix of results for all texts, with one row for each query or for each token.
enum Rows<'a> {
    Queries(&'a mut [f32]),
    Tokens(&'a mut [f32]),
}

/// A thread takes heads of at least so many multiplications in a product at once, because fewer would not pay for handing
/// them over.
const WORK_AT_ONCE: usize = 1 << 16;

/// The memory that a thread keeps from one head to the next, so that none is asked for in between.
#[derive(Default)]
struct Scratch {
    dropped: Vec<f32>,
    dp: Vec<f32>,
}

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

    /// Divides results among the heads of all texts.
    fn heads<'a, const N: usize>(&self, width: usize, mut results: [Rows<'a>; N]) -> Vec<HeadWork<'a, N>> {
        let (heads, mut works) = (self.weights.heads, Vec::with_capacity(self.sequences.rows() * self.weights.heads));
        let head = width / heads;
        let mut p_start = 0;
        for (row, (first_token, tokens)) in self.sequences.iter().enumerate() {
            let queries = self.query_count(tokens);
            let first_query = if self.queries == Queries::All { first_token } else { row };
            let mut outs = results.each_mut().map(|rows| {
                let (matrix, rows) = match rows {
                    Rows::Queries(matrix) => (matrix, queries),
                    Rows::Tokens(matrix) => (matrix, tokens),
                };
                let (of_text, rest) = std::mem::take(matrix).split_at_mut(rows * width);
                *matrix = rest;
                Columns::of(of_text, width, head)
            });
            for at in (0..width).step_by(head) {
                let outs = outs.each_mut().map(|columns| columns.next().expect("a result has columns for every head"));
                let p = p_start..p_start + queries * tokens;
                p_start = p.end;
                let (from, q_from) = (first_token * width + at, first_query * width + at);
                works.push(HeadWork { tokens, queries, from, q_from, p, outs });
            }
        }
        works
    }

    /// The most heads that a thread takes at once, so that all threads have work until the end.
    fn heads_at_once(&self, width: usize) -> usize {
        let of_all = self.probability_count() * (width / self.weights.heads);
        let heads = self.sequences.rows() * self.weights.heads;
        (WORK_AT_ONCE * heads).div_ceil(of_all.max(1)).max(1)
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
        let works = self.heads(width, [Rows::Queries(&mut context)]);
        let mut rest = p.as_mut_slice();
        let pieces: Vec<&mut [f32]> =
            works.iter().map(|work| rest.split_off_mut(..work.p.len()).unwrap_or_default()).collect();
        let works = works.into_par_iter().zip(pieces).with_max_len(self.heads_at_once(width));
        works.for_each_init(Scratch::default, |scratch, (work, p)| {
            let HeadWork { tokens: n, queries: asked, from, q_from, p: Range { start, .. }, outs: [mut context] } =
                work;
            let q = View::columns_of(&q[q_from..], asked, head, width);
            let [k, v] = [&k, &v].map(|of| View::columns_of(&of[from..], n, head, width));
            ops.products.matmul(p, n, q, k.t(), 1.0, false, Threads::One);
            p.chunks_exact_mut(n).for_each(|row| kernels::softmax_row(row, scale));
            let p = self.dropped(p, start, &mut scratch.dropped);
            ops.products.matmul_into(&mut context, View::new(p, asked, n), v);
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
        let works = self.heads(width, [Rows::Queries(&mut dq), Rows::Tokens(&mut dk), Rows::Tokens(&mut dv)]);
        let works = works.into_par_iter().with_max_len(self.heads_at_once(width));
        works.for_each_init(Scratch::default, |scratch, work| {
            let HeadWork { tokens: n, queries: asked, from, q_from, p: at, outs: [mut dq, mut dk, mut dv] } = work;
            let Scratch { dropped, dp } = scratch;
            let p = &s.p[at.clone()];
            let [q, g] = [&s.q, g].map(|of| View::columns_of(&of[q_from..], asked, head, width));
            let [k, v] = [&s.k, &s.v].map(|of| View::columns_of(&of[from..], n, head, width));
            let p_dropped = View::new(self.dropped(p, at.start, dropped), asked, n);
            ops.products.matmul_into(&mut dv, p_dropped.t(), g);
            ops.products.product_in(dp, g, v.t());
            if let Some(dropout) = self.dropout {
                dropout.apply(dp, at.start);
            }
            for (dp, p) in dp.chunks_exact_mut(n).zip(p.chunks_exact(n)) {
                kernels::softmax_backward_row(dp, p, scale);
            }
            let ds = View::new(dp, asked, n);
            ops.products.matmul_into(&mut dq, ds, k);
            ops.products.matmul_into(&mut dk, ds.t(), q);
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
