//! Each block as one candle operation with a backward of its own, on the CPU.
//!
//! An operation's struct holds its weights, and backward adds their gradients to each weight's gradient directly, because
//! candle's own store would allocate zeros and add to them for every weight. candle carries only the gradients of
//! activations, so that its autograd decides how far backward goes. Nothing is computed for a frozen weight.
//!
//! A whole encoder layer is also one operation, made of the same blocks, and so are layers that follow each other, because
//! candle would allocate zeros and add to them for every gradient that it carries from one operation to the next.

use std::sync::{Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Device, Layout, Result, Shape, Storage, Tensor, bail};
use rayon::prelude::*;

mod attention;
mod dense;
mod embed;
mod layer;
mod output;
mod stack;

use self::stack::Stack;
use super::kernels::{self, for_rows};
use super::matmul::{Products, Threads, View};
use crate::domain::precision::Precision;

use super::{Attention, Dense, Dropout, Embed, LayerBlock, Linear, Norm, Ops, Output, Weight};

/// The blocks as fused CPU operations.
#[derive(Clone, Copy, Debug)]
pub struct Fused {
    products: Products,
}

impl Fused {
    /// Operations whose products have operands of this precision.
    pub fn new(precision: Precision) -> Self {
        Self { products: Products::of(precision) }
    }
}

impl Default for Fused {
    fn default() -> Self {
        Self::new(Precision::default())
    }
}

impl Ops for Fused {
    fn precision(&self) -> Precision {
        self.products.precision()
    }

    fn embed(&self, block: &Embed, record: bool) -> Result<Tensor> {
        match block.anchor().filter(|_| record) {
            Some(anchor) => anchor.apply_op1(Recorded::new(*self, block)),
            None => tensor(block.forward()?.0, block.width()?),
        }
    }

    fn attention(&self, x: &Tensor, block: &Attention, record: bool) -> Result<Tensor> {
        self.run(block, x, record)
    }

    fn output(&self, x: &Tensor, residual: &Tensor, block: &Output, record: bool) -> Result<Tensor> {
        let (x, residual, anchor) = (x.contiguous()?, residual.contiguous()?, block.anchor());
        if record && (anchor.is_some() || x.track_op() || residual.track_op()) {
            return x.apply_op3(&residual, anchor.unwrap_or(&x), Recorded::new(*self, block));
        }
        let (values, _) = read(&x, |x| read(&residual, |residual| block.forward(*self, x, residual)))???;
        tensor(values, residual.dim(1)?)
    }

    fn dense(&self, x: &Tensor, block: &Dense, record: bool) -> Result<Tensor> {
        self.run(block, x, record)
    }

    fn layer(&self, x: &Tensor, block: &LayerBlock, record: bool) -> Result<Tensor> {
        self.run(block, x, record)
    }

    fn layers(&self, x: &Tensor, blocks: Vec<LayerBlock>, record: bool) -> Result<Tensor> {
        if blocks.is_empty() { Ok(x.clone()) } else { self.run(&Stack(blocks), x, record) }
    }
}

/// A block with one input.
trait Block: Clone + Send + Sync + 'static {
    const NAME: &'static str;
    /// What backward needs of forward.
    type Saved: Send + 'static;

    /// A tensor that trains, if the block has one; see [`anchor`].
    fn anchor(&self) -> Option<&Tensor>;

    /// The width of the result's rows.
    fn width(&self) -> Result<usize>;

    /// Computes the result, and with `keep` returns what backward needs.
    fn forward(&self, ops: Fused, x: &[f32], keep: bool) -> Result<(Vec<f32>, Option<Self::Saved>)>;

    /// Runs backward from the result's gradient `g`. `dx` is as in [`Fused::linear_backward`].
    fn backward(&self, ops: Fused, g: Vec<f32>, x: &[f32], saved: Self::Saved, dx: Option<&mut Vec<f32>>)
    -> Result<()>;
}

impl Fused {
    /// Runs a block, recorded where something at or below it trains.
    fn run<B: Block>(self, block: &B, x: &Tensor, record: bool) -> Result<Tensor> {
        let (x, anchor) = (x.contiguous()?, block.anchor());
        if record && (anchor.is_some() || x.track_op()) {
            return x.apply_op2(anchor.unwrap_or(&x), Recorded::new(self, block));
        }
        let (values, _) = read(&x, |x| block.forward(self, x, false))??;
        tensor(values, block.width()?)
    }
}

/// A block as candle's graph holds it, with the place where forward leaves what backward needs.
struct Recorded<B, S> {
    ops: Fused,
    block: B,
    saved: Mutex<Option<S>>,
}

impl<B: Clone, S> Recorded<B, S> {
    fn new(ops: Fused, block: &B) -> Self {
        Self { ops, block: block.clone(), saved: Mutex::new(None) }
    }

    fn put(&self, saved: Option<S>) {
        *self.saved.lock().unwrap_or_else(PoisonError::into_inner) = saved;
    }

    fn take(&self) -> Result<S> {
        match self.saved.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(saved) => Ok(saved),
            None => bail!("backward ran twice over one forward"),
        }
    }
}

impl<B: Block> CustomOp2 for Recorded<B, B::Saved> {
    fn name(&self) -> &'static str {
        B::NAME
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let (y, saved) = self.block.forward(self.ops, slice(s1, l1)?, true)?;
        self.put(saved);
        Ok(stored(y, self.block.width()?))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, _: &Tensor, grad: &Tensor) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (saved, g) = (self.take()?, owned(grad)?);
        let mut dx = x.track_op().then(Vec::new);
        read(x, |x| self.block.backward(self.ops, g, x, saved, dx.as_mut()))??;
        let width = x.dim(1)?;
        Ok((dx.map(|dx| tensor(dx, width)).transpose()?, None))
    }
}

/// A tensor that trains, if one of these weights does. candle records an operation only when one of its arguments is
/// tracked, so that such a tensor is passed along for that reason alone.
fn anchor<'a>(weights: impl IntoIterator<Item = &'a Weight>) -> Option<&'a Tensor> {
    weights.into_iter().find(|weight| weight.trains()).map(|weight| &weight.tensor)
}

/// The values of a contiguous f32 CPU tensor.
fn read<R>(tensor: &Tensor, with: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(with(slice(storage, layout)?)),
        _ => bail!("the fused operations run on the CPU"),
    }
}

/// The values of a contiguous f32 storage.
fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((from, to)) => Ok(&storage.as_slice::<f32>()?[from..to]),
        None => bail!("a fused operation was given a strided tensor"),
    }
}

/// Rows of `width` values as a tensor.
fn tensor(values: Vec<f32>, width: usize) -> Result<Tensor> {
    let rows = values.len() / width;
    Tensor::from_vec(values, (rows, width), &Device::Cpu)
}

/// Rows of `width` values as an operation returns them to candle.
fn stored(values: Vec<f32>, width: usize) -> (CpuStorage, Shape) {
    let shape = Shape::from((values.len() / width, width));
    (CpuStorage::F32(values), shape)
}

/// A copy of a gradient's rows, for backward to change in place.
fn owned(grad: &Tensor) -> Result<Vec<f32>> {
    let width = grad.dim(1)?;
    read(&grad.contiguous()?, |grad| {
        kernels::new_rows(grad.len(), width, |i, row| row.copy_from_slice(&grad[i * width..(i + 1) * width]))
    })
}

impl Fused {
    /// x W^T + b, from `[rows, inputs]` to `[rows, outputs]`. The bits of a row's result do not depend on the other rows.
    fn linear(self, x: &[f32], weights: &Linear) -> Result<Vec<f32>> {
        let (out, inner) = weights.weight.tensor.dims2()?;
        read(&weights.bias.tensor, |b| match &weights.weight.compact {
            Some(compact) => compact.linear(x, b, self.products),
            None => {
                let x = View::new(x, x.len() / inner, inner);
                read(&weights.weight.tensor, |w| self.products.product(x, View::new(w, out, inner).t(), Some(b)))
            }
        })?
    }

    /// Backward of [`Self::linear`] from the result's gradient `g`, `[rows, outputs]`: dW = g^T x, db = the sum of g's
    /// rows, and dx = g W. Gradients of weights are added where the weights train. `dx` is filled where it is empty and
    /// added to where it is not.
    fn linear_backward(self, g: &[f32], x: &[f32], weights: &Linear, dx: Option<&mut Vec<f32>>) -> Result<()> {
        let (out, inner) = weights.weight.tensor.dims2()?;
        let rows = g.len() / out;
        if let Some(gradient) = &weights.bias.gradient {
            gradient.add_sums(out, |sums| kernels::add_rows_to(sums, g));
        }
        let g = View::new(g, rows, out);
        if let Some(gradient) = &weights.weight.gradient {
            gradient.add(out * inner, |dw, present| {
                self.products.matmul(dw, inner, g.t(), View::new(x, rows, inner), 1.0, present, Threads::All);
            });
        }
        if let Some(dx) = dx {
            weights
                .weight
                .with_values(|w| {
                    let w = View::new(w, out, inner);
                    if dx.is_empty() {
                        *dx = self.products.product(g, w, None);
                    } else {
                        self.products.matmul(dx, inner, g, w, 1.0, true, Threads::All);
                    }
                })
                .map_err(candle_core::Error::wrap)?;
        }
        Ok(())
    }
}

/// LayerNorm over each row, after `prepare` has changed the row, and `finish` on the row of the result. Leaves the
/// normalised rows in `x` for backward, and returns the result and 1 / std of each row. All is done in one go, so that the
/// threads meet only once and each row is still in the processor's cache.
fn layer_norm(
    x: &mut [f32],
    norm: &Norm,
    width: usize,
    prepare: impl Fn(usize, &mut [f32]) + Sync,
    finish: impl Fn(usize, &mut [f32]) + Sync,
) -> Result<(Vec<f32>, Vec<f32>)> {
    let (len, mut inverse_std) = (x.len(), vec![0.0; x.len() / width]);
    let rows = x.par_chunks_mut(width).zip(&mut inverse_std).enumerate();
    let y = read(&norm.weight.tensor, |gamma| {
        read(&norm.bias.tensor, |beta| {
            kernels::new_rows_beside(rows, len, width, |(i, (x, inverse_std)), y| {
                prepare(i, x);
                *inverse_std = kernels::normalise_row(x, norm.eps);
                kernels::scale_shift_row(x, gamma, beta, y);
                finish(i, y);
            })
        })
    })??;
    Ok((y, inverse_std))
}

/// Backward of [`layer_norm`]: turns `g` from the gradient of the result into the gradient of the input.
fn layer_norm_backward(g: &mut [f32], xhat: &[f32], inverse_std: &[f32], norm: &Norm, width: usize) -> Result<()> {
    let of_weight = |g: &[f32]| {
        if let Some(gradient) = &norm.weight.gradient {
            gradient.add_sums(width, |sums| kernels::multiply_add_rows_to(sums, g, xhat));
        }
    };
    let of_bias = |g: &[f32]| {
        if let Some(gradient) = &norm.bias.gradient {
            gradient.add_sums(width, |sums| kernels::add_rows_to(sums, g));
        }
    };
    rayon::join(|| of_weight(g), || of_bias(g));
    read(&norm.weight.tensor, |gamma| {
        for_rows(g, width, |i, g| {
            kernels::layer_norm_backward_row(g, &xhat[i * width..(i + 1) * width], gamma, inverse_std[i]);
        });
    })
}

/// Applies dropout to a tensor with rows of `width` values.
fn drop_rows(values: &mut [f32], width: usize, dropout: Option<Dropout>) {
    if let Some(dropout) = dropout {
        for_rows(values, width, |i, row| dropout.apply(row, i * width));
    }
}
