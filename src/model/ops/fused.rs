//! Each block as one candle operation with its own backward, on the CPU.
//!
//! Weights ride in the operation's struct, and their gradients go straight into their [`Gradient`]: candle's own store
//! would allocate zeros and add for each. What candle carries is the gradient of activations, so that its autograd
//! decides how far backward goes. Nothing is computed for a frozen weight.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp1, CustomOp2, CustomOp3, Device, Layout, Result, Shape, Storage, Tensor, bail};
use rayon::prelude::*;

use super::kernels::{self, for_rows};
use super::matmul::{Threads, View, matmul};
use super::{
    Activation, AttentionWeights, Dropout, EmbeddingWeights, Gradient, Linear, Norm, Ops, OutputWeights, Queries,
    Sequences, Weight,
};

/// The blocks as fused CPU operations.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fused;

impl Ops for Fused {
    fn embed(
        &self,
        ids: &[u32],
        sequences: &Arc<Sequences>,
        weights: &EmbeddingWeights,
        dropout: Option<Dropout>,
        record: bool,
    ) -> Result<Tensor> {
        let op = Embed {
            ids: ids.to_vec(),
            sequences: sequences.clone(),
            weights: weights.clone(),
            dropout,
            saved: Saved::new(),
        };
        match op.anchor().filter(|_| record) {
            Some(anchor) => anchor.apply_op1(op),
            None => {
                let (values, _) = op.forward(false)?;
                tensor(values, op.weights.hidden()?)
            }
        }
    }

    fn attention(
        &self,
        x: &Tensor,
        sequences: &Arc<Sequences>,
        weights: &AttentionWeights,
        queries: Queries,
        dropout: Option<Dropout>,
        record: bool,
    ) -> Result<Tensor> {
        let x = x.contiguous()?;
        let op =
            Attention { sequences: sequences.clone(), weights: weights.clone(), queries, dropout, saved: Saved::new() };
        let anchor = anchor([&weights.query, &weights.key, &weights.value]);
        if record && (anchor.is_some() || x.track_op()) {
            return x.apply_op2(anchor.unwrap_or(&x), op);
        }
        let width = x.dim(1)?;
        let (values, _) = read(&x, |x| op.forward(x, width))??;
        tensor(values, width)
    }

    fn output(
        &self,
        x: &Tensor,
        residual: &Tensor,
        firsts: Option<&Arc<Sequences>>,
        weights: &OutputWeights,
        dropout: Option<Dropout>,
        record: bool,
    ) -> Result<Tensor> {
        let (x, residual) = (x.contiguous()?, residual.contiguous()?);
        let op = Output { firsts: firsts.cloned(), weights: weights.clone(), dropout, saved: Saved::new() };
        let norm_anchor = [&weights.norm.weight, &weights.norm.bias].into_iter().find(|w| w.trains());
        let anchor = anchor([&weights.dense]).or(norm_anchor.map(|w| &w.tensor));
        if record && (anchor.is_some() || x.track_op() || residual.track_op()) {
            return x.apply_op3(&residual, anchor.unwrap_or(&x), op);
        }
        let width = residual.dim(1)?;
        let (values, _) = read(&x, |x| read(&residual, |residual| op.forward(x, residual, width, false)))???;
        tensor(values, width)
    }

    fn dense(&self, x: &Tensor, weights: &Linear, activation: Activation, record: bool) -> Result<Tensor> {
        let x = x.contiguous()?;
        let op = Dense { weights: weights.clone(), activation, saved: Saved::new() };
        if record && (weights.trains() || x.track_op()) {
            return x.apply_op2(anchor([weights]).unwrap_or(&x), op);
        }
        let width = weights.weight.tensor.dim(0)?;
        let (values, _) = read(&x, |x| op.forward(x, false))??;
        tensor(values, width)
    }
}

/// A trainable tensor among some layers': as an argument it makes candle record an operation.
fn anchor<const N: usize>(layers: [&Linear; N]) -> Option<&Tensor> {
    layers.into_iter().flat_map(|l| [&l.weight, &l.bias]).find(|w| w.trains()).map(|w| &w.tensor)
}

/// What forward keeps for backward.
struct Saved<T>(Mutex<Option<T>>);

impl<T> Saved<T> {
    fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    fn take(&self) -> Result<T> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(value) => Ok(value),
            None => bail!("backward ran twice over one forward"),
        }
    }
}

/// The values of a contiguous f32 CPU tensor.
fn read<R>(tensor: &Tensor, with: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(with(slice(storage, layout)?)),
        _ => bail!("the fused operations run on the CPU"),
    }
}

fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((from, to)) => Ok(&storage.as_slice::<f32>()?[from..to]),
        None => bail!("a fused operation was given a strided tensor"),
    }
}

fn tensor(values: Vec<f32>, width: usize) -> Result<Tensor> {
    let rows = values.len() / width;
    Tensor::from_vec(values, (rows, width), &Device::Cpu)
}

fn stored(values: Vec<f32>, width: usize) -> (CpuStorage, Shape) {
    let shape = Shape::from((values.len() / width, width));
    (CpuStorage::F32(values), shape)
}

/// A gradient as values of our own to work in.
fn owned(grad: &Tensor) -> Result<Vec<f32>> {
    read(&grad.contiguous()?, <[f32]>::to_vec)
}

/// x W^T + b: `[n, in]` to `[n, out]`. Each row's result has the same bits whatever rows stand beside it.
fn linear(x: &[f32], weights: &Linear) -> Result<Vec<f32>> {
    let (out, inner) = weights.weight.tensor.dims2()?;
    let rows = x.len() / inner;
    // gemm takes other ways for a single row and for products of up to 256 numbers, which add in another order.
    let enough = 2.max(256 / out + 1);
    if rows < enough {
        let mut padded = x.to_vec();
        padded.resize(enough * inner, 0.0);
        let mut y = linear(&padded, weights)?;
        y.truncate(rows * out);
        return Ok(y);
    }
    let mut y = vec![0.0; rows * out];
    read(&weights.bias.tensor, |b| for_rows(&mut y, out, |_, y| y.copy_from_slice(b)))?;
    read(&weights.weight.tensor, |w| {
        matmul(&mut y, out, View::new(x, rows, inner), View::new(w, out, inner).t(), 1.0, true, Threads::All);
    })?;
    Ok(y)
}

/// Backward of `linear`: adds to the gradients of what trains, and to `dx` if there is one.
fn linear_backward(g: &[f32], x: &[f32], weights: &Linear, dx: Option<(&mut [f32], bool)>) -> Result<()> {
    let (out, inner) = weights.weight.tensor.dims2()?;
    let rows = g.len() / out;
    if let Some(gradient) = &weights.bias.gradient {
        gradient.add_sums(out, |sums| kernels::add_rows_to(sums, g));
    }
    if let Some(gradient) = &weights.weight.gradient {
        gradient.add(out * inner, |dw, present| {
            matmul(dw, inner, View::new(g, rows, out).t(), View::new(x, rows, inner), 1.0, present, Threads::All);
        });
    }
    if let Some((dx, accumulate)) = dx {
        read(&weights.weight.tensor, |w| {
            matmul(dx, inner, View::new(g, rows, out), View::new(w, out, inner), 1.0, accumulate, Threads::All);
        })?;
    }
    Ok(())
}

/// LayerNorm over rows, in place: leaves the normalised rows in `x` for backward and returns (output, 1 / std).
fn layer_norm(x: &mut [f32], norm: &Norm, width: usize) -> Result<(Vec<f32>, Vec<f32>)> {
    let mut inverse_std = vec![0.0; x.len() / width];
    let mut y = vec![0.0; x.len()];
    read(&norm.weight.tensor, |gamma| {
        read(&norm.bias.tensor, |beta| {
            let rows = x.par_chunks_mut(width).zip(y.par_chunks_mut(width)).zip(&mut inverse_std).with_min_len(8);
            rows.for_each(|((x, y), inverse_std)| {
                *inverse_std = kernels::normalise_row(x, norm.eps);
                kernels::scale_shift_row(x, gamma, beta, y);
            });
        })
    })??;
    Ok((y, inverse_std))
}

/// Backward of `layer_norm`: turns `g` from the output's gradient into the input's.
fn layer_norm_backward(g: &mut [f32], xhat: &[f32], inverse_std: &[f32], norm: &Norm, width: usize) -> Result<()> {
    if let Some(gradient) = &norm.weight.gradient {
        gradient.add_sums(width, |sums| kernels::multiply_add_rows_to(sums, g, xhat));
    }
    if let Some(gradient) = &norm.bias.gradient {
        gradient.add_sums(width, |sums| kernels::add_rows_to(sums, g));
    }
    read(&norm.weight.tensor, |gamma| {
        for_rows(g, width, |i, g| {
            kernels::layer_norm_backward_row(g, &xhat[i * width..(i + 1) * width], gamma, inverse_std[i]);
        });
    })
}

fn drop_rows(values: &mut [f32], width: usize, dropout: Option<Dropout>) {
    if let Some(dropout) = dropout {
        for_rows(values, width, |i, row| dropout.apply(row, i * width));
    }
}

struct Dense {
    weights: Linear,
    activation: Activation,
    /// The values before the activation.
    saved: Saved<Vec<f32>>,
}

impl Dense {
    fn forward(&self, x: &[f32], keep: bool) -> Result<(Vec<f32>, Option<Vec<f32>>)> {
        let pre = linear(x, &self.weights)?;
        if self.activation == Activation::None {
            return Ok((pre, None));
        }
        let width = self.weights.weight.tensor.dim(0)?;
        let mut y = vec![0.0; pre.len()];
        kernels::activate(self.activation, &pre, &mut y, width);
        Ok((y, keep.then_some(pre)))
    }
}

impl CustomOp2 for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let (y, pre) = self.forward(slice(s1, l1)?, true)?;
        self.saved.put(pre.unwrap_or_default());
        Ok(stored(y, self.weights.weight.tensor.dim(0)?))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let pre = self.saved.take()?;
        let (out, inner) = self.weights.weight.tensor.dims2()?;
        let mut g = owned(grad)?;
        if self.activation != Activation::None {
            kernels::activate_backward(self.activation, &pre, &mut g, out);
        }
        let mut dx = x.track_op().then(|| vec![0.0; g.len() / out * inner]);
        read(x, |x| linear_backward(&g, x, &self.weights, dx.as_deref_mut().map(|dx| (dx, false))))??;
        Ok((dx.map(|dx| tensor(dx, inner)).transpose()?, None))
    }
}

struct Output {
    firsts: Option<Arc<Sequences>>,
    weights: OutputWeights,
    dropout: Option<Dropout>,
    /// Normalised rows, and 1 / std of each.
    saved: Saved<(Vec<f32>, Vec<f32>)>,
}

type Normed = (Vec<f32>, Option<(Vec<f32>, Vec<f32>)>);

impl Output {
    fn forward(&self, x: &[f32], residual: &[f32], width: usize, keep: bool) -> Result<Normed> {
        let mut y = linear(x, &self.weights.dense)?;
        for_rows(&mut y, width, |i, y| {
            if let Some(dropout) = self.dropout {
                dropout.apply(y, i * width);
            }
            let from = self.firsts.as_ref().map_or(i, |s| s.offsets[i]) * width;
            kernels::add_to(y, &residual[from..from + width]);
        });
        let (out, inverse_std) = layer_norm(&mut y, &self.weights.norm, width)?;
        Ok((out, keep.then_some((y, inverse_std))))
    }
}

impl CustomOp3 for Output {
    fn name(&self) -> &'static str {
        "output"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let width = l2.dims()[1];
        let (y, saved) = self.forward(slice(s1, l1)?, slice(s2, l2)?, width, true)?;
        if let Some(saved) = saved {
            self.saved.put(saved);
        }
        Ok(stored(y, width))
    }

    fn bwd(
        &self,
        x: &Tensor,
        residual: &Tensor,
        _: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (xhat, inverse_std) = self.saved.take()?;
        let (width, inner) = (residual.dim(1)?, x.dim(1)?);
        let mut g = owned(grad)?;
        layer_norm_backward(&mut g, &xhat, &inverse_std, &self.weights.norm, width)?;
        let d_residual = match (&self.firsts, residual.track_op()) {
            (_, false) => None,
            (None, true) => Some(g.clone()),
            (Some(sequences), true) => {
                let mut d = vec![0.0; sequences.tokens() * width];
                for (g, first) in g.chunks_exact(width).zip(sequences.firsts()) {
                    d[first * width..(first + 1) * width].copy_from_slice(g);
                }
                Some(d)
            }
        };
        drop_rows(&mut g, width, self.dropout);
        let mut dx = x.track_op().then(|| vec![0.0; g.len() / width * inner]);
        read(x, |x| linear_backward(&g, x, &self.weights.dense, dx.as_deref_mut().map(|dx| (dx, false))))??;
        let dx = dx.map(|dx| tensor(dx, inner)).transpose()?;
        Ok((dx, d_residual.map(|d| tensor(d, width)).transpose()?, None))
    }
}

struct Attention {
    sequences: Arc<Sequences>,
    weights: AttentionWeights,
    queries: Queries,
    dropout: Option<Dropout>,
    saved: Saved<Projected>,
}

/// Queries `[queries, hidden]`, keys and values `[tokens, hidden]`, and the probabilities before dropout: text after
/// text, head after head, `[queries of the text, tokens of the text]`.
struct Projected {
    q: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
    p: Vec<f32>,
}

/// Results for all texts, and how many rows of them belong to a text of so many (queries, tokens).
type Buffer<'a> = (&'a mut [f32], fn(usize, usize) -> usize);

/// One text's share of the work of an attention.
struct TextWork<'a> {
    first_token: usize,
    length: usize,
    /// Where its probabilities begin in `Projected::p`.
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
    fn query_count(&self, length: usize) -> usize {
        if self.queries == Queries::All { length } else { 1 }
    }

    fn scale(&self, width: usize) -> f32 {
        1.0 / ((width / self.weights.heads) as f32).sqrt()
    }

    /// The rows of x that ask.
    fn asking<'a>(&self, x: &'a [f32], width: usize) -> std::borrow::Cow<'a, [f32]> {
        match self.queries {
            Queries::All => x.into(),
            Queries::First => {
                self.sequences.firsts().iter().flat_map(|i| &x[i * width..(i + 1) * width]).copied().collect()
            }
        }
    }

    /// One `TextWork` a text over three buffers, cut by the given lengths per (query count, length).
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

    fn forward(&self, x: &[f32], width: usize) -> Result<(Vec<f32>, Projected)> {
        let (heads, scale) = (self.weights.heads, self.scale(width));
        let head = width / heads;
        let q = linear(&self.asking(x, width), &self.weights.query)?;
        let (k, v) = (linear(x, &self.weights.key)?, linear(x, &self.weights.value)?);
        let mut context = vec![0.0; q.len()];
        let p_len = self.sequences.iter().map(|(_, n)| heads * self.query_count(n) * n).sum();
        let mut p = vec![0.0; p_len];
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

    /// The probabilities after dropout, in `buffer` if there is any.
    fn dropped<'a>(&self, p: &'a [f32], first: usize, buffer: &'a mut Vec<f32>) -> &'a [f32] {
        let Some(dropout) = self.dropout else { return p };
        buffer.clear();
        buffer.extend_from_slice(p);
        dropout.apply(buffer, first);
        buffer
    }

    /// (dq, dk, dv) from the gradient of the context.
    fn core_backward(&self, g: &[f32], s: &Projected, width: usize) -> [Vec<f32>; 3] {
        let (heads, scale) = (self.weights.heads, self.scale(width));
        let head = width / heads;
        let (mut dq, mut dk, mut dv) = (vec![0.0; s.q.len()], vec![0.0; s.k.len()], vec![0.0; s.v.len()]);
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
        let [dq, dk, dv] = read(&grad.contiguous()?, |g| self.core_backward(g, &saved, width))?;
        drop(saved);
        let mut dx = x.track_op().then(|| vec![0.0; self.sequences.tokens() * width]);
        read(x, |x| -> Result<()> {
            linear_backward(&dk, x, &self.weights.key, dx.as_deref_mut().map(|dx| (dx, false)))?;
            linear_backward(&dv, x, &self.weights.value, dx.as_deref_mut().map(|dx| (dx, true)))?;
            let asking = self.asking(x, width);
            match (self.queries, dx.as_deref_mut()) {
                (_, None) => linear_backward(&dq, &asking, &self.weights.query, None),
                (Queries::All, Some(dx)) => linear_backward(&dq, &asking, &self.weights.query, Some((dx, true))),
                (Queries::First, Some(dx)) => {
                    let mut d_first = vec![0.0; dq.len()];
                    linear_backward(&dq, &asking, &self.weights.query, Some((&mut d_first, false)))?;
                    for (d, first) in d_first.chunks_exact(width).zip(self.sequences.firsts()) {
                        kernels::add_to(&mut dx[first * width..(first + 1) * width], d);
                    }
                    Ok(())
                }
            }
        })??;
        Ok((dx.map(|dx| tensor(dx, width)).transpose()?, None))
    }
}

struct Embed {
    ids: Vec<u32>,
    sequences: Arc<Sequences>,
    weights: EmbeddingWeights,
    dropout: Option<Dropout>,
    saved: Saved<(Vec<f32>, Vec<f32>)>,
}

impl EmbeddingWeights {
    fn hidden(&self) -> Result<usize> {
        self.words.tensor.dim(1)
    }
}

impl Embed {
    fn anchor(&self) -> Option<Tensor> {
        let w = &self.weights;
        let all: [&Weight; 5] = [&w.words, &w.positions, &w.types, &w.norm.weight, &w.norm.bias];
        all.into_iter().find(|w| w.trains()).map(|w| w.tensor.clone())
    }

    fn forward(&self, keep: bool) -> Result<Normed> {
        let width = self.weights.hidden()?;
        let (vocabulary, positions) = (self.weights.words.tensor.dim(0)?, self.weights.positions.tensor.dim(0)?);
        if let Some(id) = self.ids.iter().find(|id| **id as usize >= vocabulary) {
            bail!("token id {id} is outside the vocabulary of {vocabulary}");
        }
        if let Some((_, n)) = self.sequences.iter().find(|(_, n)| *n > positions) {
            bail!("a text of {n} tokens is longer than the model's {positions} positions");
        }
        let mut x = vec![0.0; self.ids.len() * width];
        let at: Vec<usize> = self.sequences.iter().flat_map(|(_, n)| 0..n).collect();
        read(&self.weights.words.tensor, |words| {
            read(&self.weights.positions.tensor, |positions| {
                read(&self.weights.types.tensor, |types| {
                    for_rows(&mut x, width, |i, x| {
                        let word = self.ids[i] as usize * width;
                        x.copy_from_slice(&words[word..word + width]);
                        kernels::add_to(x, &types[..width]);
                        kernels::add_to(x, &positions[at[i] * width..(at[i] + 1) * width]);
                    });
                })
            })
        })???;
        let (mut y, inverse_std) = layer_norm(&mut x, &self.weights.norm, width)?;
        drop_rows(&mut y, width, self.dropout);
        Ok((y, keep.then_some((x, inverse_std))))
    }

    /// The gradient of the word table's touched rows; each row's sum in the order of its tokens.
    fn word_gradient(&self, g: &[f32], width: usize, gradient: &Gradient) {
        let mut order: Vec<u32> = (0..self.ids.len() as u32).collect();
        order.sort_by_key(|i| (self.ids[*i as usize], *i));
        let groups: Vec<&[u32]> = order.chunk_by(|a, b| self.ids[*a as usize] == self.ids[*b as usize]).collect();
        let mut values = vec![0.0; groups.len() * width];
        for_rows(&mut values, width, |i, sums| {
            for token in groups[i] {
                let from = *token as usize * width;
                kernels::add_to(sums, &g[from..from + width]);
            }
        });
        let rows = groups.iter().map(|group| self.ids[group[0] as usize]).collect();
        gradient.add_rows(rows, values, width);
    }
}

impl CustomOp1 for Embed {
    fn name(&self) -> &'static str {
        "embed"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let (y, saved) = self.forward(true)?;
        if let Some(saved) = saved {
            self.saved.put(saved);
        }
        Ok(stored(y, self.weights.hidden()?))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (xhat, inverse_std) = self.saved.take()?;
        let width = self.weights.hidden()?;
        let mut g = owned(grad)?;
        drop_rows(&mut g, width, self.dropout);
        layer_norm_backward(&mut g, &xhat, &inverse_std, &self.weights.norm, width)?;
        if let Some(gradient) = &self.weights.words.gradient {
            self.word_gradient(&g, width, gradient);
        }
        if let Some(gradient) = &self.weights.types.gradient {
            let len = self.weights.types.tensor.elem_count();
            gradient.add_sums(len, |sums| kernels::add_rows_to(&mut sums[..width], &g));
        }
        if let Some(gradient) = &self.weights.positions.gradient {
            let len = self.weights.positions.tensor.elem_count();
            gradient.add_sums(len, |sums| {
                for (first, n) in self.sequences.iter() {
                    kernels::add_to(&mut sums[..n * width], &g[first * width..(first + n) * width]);
                }
            });
        }
        Ok(None)
    }
}
