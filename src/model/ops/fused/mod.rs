//! Each block as one candle operation with its own backward, on the CPU.
//!
//! Weights ride in the operation's struct, and their gradients go straight into their [`Gradient`]: candle's own store
//! would allocate zeros and add for each. What candle carries is the gradient of activations, so that its autograd
//! decides how far backward goes. Nothing is computed for a frozen weight.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, CustomOp3, Device, Layout, Result, Shape, Storage, Tensor, bail};
use rayon::prelude::*;

mod attention;
mod embed;

use self::attention::Attention;
use self::embed::Embed;
use super::kernels::{self, for_rows};
use super::matmul::{Threads, View, matmul};
use super::{
    Activation, AttentionWeights, Dropout, EmbeddingWeights, Linear, Norm, Ops, OutputWeights, Queries, Sequences,
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
