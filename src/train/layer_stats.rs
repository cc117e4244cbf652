//! Samples of every parameter's drift and gradient norm during a training. They read and change nothing: weights and
//! losses have the same bits with and without them.

use std::sync::Arc;

use rayon::prelude::*;

use crate::domain::layers::{COLUMNS, LayerStats, MOST_KEPT, MeasuredParameter};
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::host::with_values;
use crate::model::ops::isa::simd;

use super::adamw::{AdamW, SparseRows, sum_of_squares};

/// Numbers that one thread sums at a time.
const CHUNK: usize = 16 * 1024;
/// Parameters up to this size are measured whole, whatever else trains.
const SMALL: usize = 64 * 1024;

/// Takes the samples of one run.
#[derive(Debug)]
pub struct LayerSampler {
    parameters: Arc<[MeasuredParameter]>,
    /// The initial weights, parallel to the parameters; `None` for those that train in no stage of the run.
    initial: Vec<Option<Initial>>,
    /// The drift of the last sample. A parameter that rests in a stage keeps its drift.
    drift: Vec<Option<f32>>,
    total_steps: usize,
    steps_per_epoch: usize,
    /// Samples of the whole run, but for those at the epochs' ends.
    columns: usize,
}

/// Rows of a parameter as the run began: all of them, or every `stride`th.
#[derive(Debug)]
struct Initial {
    values: Vec<f32>,
    /// Numbers in a row.
    width: usize,
    stride: usize,
}

impl LayerSampler {
    /// Copies the weights that train, from which drift is measured; of large ones every few rows, where all would be more
    /// than [`MOST_KEPT`] numbers. There are at least `every` steps from one sample to the next.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn new(classifier: &Classifier, total_steps: usize, steps_per_epoch: usize, every: usize) -> Outcome<Self> {
        let (tree, trainable) = (classifier.tree(), classifier.trainable());
        let stride = tree.totals(trainable).0.div_ceil(MOST_KEPT).max(1);
        let initial: Outcome<Vec<Option<Initial>>> = tree
            .parameters
            .iter()
            .zip(classifier.weights())
            .zip(trainable)
            .map(|((parameter, weight), on)| {
                let stride = if parameter.count() <= SMALL { 1 } else { stride };
                let width = parameter.count() / parameter.shape[0].max(1);
                let copy = |values: &[f32]| values.chunks(width.max(1)).step_by(stride).flatten().copied().collect();
                let kept = || Ok(Initial { values: with_values(&weight.tensor, copy)?, width, stride });
                on.then(kept).transpose()
            })
            .collect();
        let initial = initial?;
        let parameters = tree.parameters.iter().zip(&initial).map(|(parameter, initial)| MeasuredParameter {
            name: parameter.name.clone(),
            part: parameter.part,
            norm: initial.as_ref().map_or(0.0, |initial| sum_of_squares(&initial.values).sqrt() as f32),
        });
        Ok(Self {
            parameters: parameters.collect(),
            drift: initial.iter().map(|initial| if initial.is_some() { None } else { Some(0.0) }).collect(),
            initial,
            total_steps,
            steps_per_epoch,
            columns: (total_steps / every.max(1)).clamp(1, COLUMNS),
        })
    }

    /// Whether a sample follows this step, counted from 1: after the first, after each epoch's last, and evenly between.
    pub fn is_due(&self, step: usize) -> bool {
        let columns = |step: usize| step * self.columns / self.total_steps.max(1);
        step == 1 || step.is_multiple_of(self.steps_per_epoch) || columns(step) > columns(step.saturating_sub(1))
    }

    /// Samples after the optimiser's update, whose gradient norms are `grad_norm`. Weight decay that rows of an embedding
    /// table owe counts as paid. `None` where something is not a finite number; the next step then ends the training.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn sample(
        &mut self,
        step: usize,
        classifier: &Classifier,
        optimiser: &AdamW,
        grad_norm: Vec<Option<f32>>,
    ) -> Outcome<Option<LayerStats>> {
        for (i, (initial, drift)) in self.initial.iter().zip(&mut self.drift).enumerate() {
            let Some(initial) = initial.as_ref().filter(|_| drift.is_none() || classifier.trainable()[i]) else {
                continue;
            };
            let rows = optimiser.sparse_rows(i);
            let squares = with_values(&classifier.weights()[i].tensor, |now| initial.squared_distance(now, rows))?;
            *drift = Some((squares.sqrt() / self.parameters[i].scale()) as f32);
        }
        let drift: Vec<f32> = self.drift.iter().map(|drift| drift.unwrap_or_default()).collect();
        let is_finite = drift.iter().chain(grad_norm.iter().flatten()).all(|x| x.is_finite());
        let parameters = (step == 1).then(|| Arc::clone(&self.parameters));
        Ok(is_finite.then_some(LayerStats { step, drift, grad_norm, parameters }))
    }
}

impl Initial {
    /// The squared distance of the weights `now` from the initial ones. It is summed in chunks whose order is fixed, and has
    /// the same bits whether decay is owed, as `sparse` tells, or paid.
    fn squared_distance(&self, now: &[f32], sparse: Option<&SparseRows>) -> f64 {
        let sums: Vec<f64> = if self.width == 1 && self.stride == 1 {
            let chunks = now.par_chunks(CHUNK).zip(self.values.par_chunks(CHUNK));
            chunks.map(|(now, then)| f64::from(chunk_distance(now, then, 1.0))).collect()
        } else {
            let width = self.width.max(1);
            let rows = (CHUNK / width).max(1);
            let of_rows = |(chunk, then): (usize, &[f32])| {
                let rows = then.chunks(width).enumerate().map(|(i, then)| {
                    let row = (chunk * rows + i) * self.stride;
                    let factor = sparse.map_or(1.0, |rows| rows.owed_by(row));
                    f64::from(chunk_distance(&now[row * width..(row + 1) * width], then, factor))
                });
                rows.sum()
            };
            self.values.par_chunks(rows * width).enumerate().map(of_rows).collect()
        };
        sums.iter().sum()
    }
}

simd! {
    fn chunk_distance(now: &[f32], then: &[f32], factor: f32) -> f32 {
        let mut lanes = [0.0f32; 64];
        let (mut now, mut then) = (now.chunks_exact(64), then.chunks_exact(64));
        for (now, then) in (&mut now).zip(&mut then) {
            for ((lane, x), y) in lanes.iter_mut().zip(now).zip(then) {
                let d = x * factor - y;
                *lane += d * d;
            }
        }
        let rest = now.remainder().iter().zip(then.remainder()).map(|(x, y)| (x * factor - y) * (x * factor - y));
        lanes.iter().sum::<f32>() + rest.sum::<f32>()
    }
}
