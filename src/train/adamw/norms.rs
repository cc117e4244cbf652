//! The norms of gradients.

use candle_core::Tensor;
use rayon::prelude::*;

use crate::model::classifier::Classifier;
use crate::model::ops::Weight;
use crate::model::ops::isa::simd;

use super::CHUNK;

/// L2 norms of the gradients of one step. Sums have a fixed order, so they are the same on every run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GradientNorms {
    /// The sum of squares of each parameter's gradient, in tree order; `None` for what is frozen.
    squares: Vec<Option<f64>>,
}

impl GradientNorms {
    /// The norms of what backward has found since the last update.
    pub fn of(classifier: &Classifier) -> Self {
        let of = |weight: &Weight| {
            let g = weight.gradient.as_ref()?.lock();
            Some(match &g.on_device {
                _ if !g.present => 0.0,
                Some(gradient) => sum_of_squares_on_device(gradient),
                None => sum_of_squares(&g.values),
            })
        };
        let weights = classifier.weights();
        let is_host = classifier.device().is_cpu();
        let squares = if is_host { weights.par_iter().map(of).collect() } else { weights.iter().map(of).collect() };
        Self { squares }
    }

    /// The norm of all gradients taken as one long vector.
    pub fn global(&self) -> f64 {
        self.squares.iter().flatten().sum::<f64>().sqrt()
    }

    /// The norm of each parameter's gradient, in tree order; `None` for what is frozen.
    pub fn each(&self) -> Vec<Option<f32>> {
        self.squares.iter().map(|squares| squares.map(|squares| squares.sqrt() as f32)).collect()
    }
}

/// The sum of squares, in chunks whose order is fixed.
pub fn sum_of_squares(values: &[f32]) -> f64 {
    let sums: Vec<f64> = values.par_chunks(CHUNK).map(|chunk| f64::from(chunk_squares(chunk))).collect();
    sums.iter().sum()
}

/// The sum of squares of a gradient on a device; not a number where the device fails, so that training stops.
fn sum_of_squares_on_device(gradient: &Tensor) -> f64 {
    let sum = gradient.sqr().and_then(|squares| squares.sum_all()).and_then(|sum| sum.to_scalar::<f32>());
    sum.map_or(f64::NAN, f64::from)
}

simd! {
    fn chunk_squares(values: &[f32]) -> f32 {
        let mut lanes = [0.0f32; 64];
        let mut chunks = values.chunks_exact(64);
        for chunk in &mut chunks {
            for (lane, x) in lanes.iter_mut().zip(chunk) {
                *lane += x * x;
            }
        }
        lanes.iter().sum::<f32>() + chunks.remainder().iter().map(|x| x * x).sum::<f32>()
    }
}
