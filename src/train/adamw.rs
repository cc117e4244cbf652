//! AdamW (arXiv 1711.05101), as PyTorch computes it, with what candle-nn's lacks: gradient clipping, no decay on biases
//! and LayerNorm weights, and an exact update of embedding tables whose gradient has few rows.

pub mod saved;

use std::cell::RefCell;

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, bail};
use multiversion::multiversion;
use rayon::prelude::*;

use crate::domain::params::Parameter;
use crate::domain::problem::Outcome;
use crate::model::classifier::{Classifier, internal};
use crate::model::ops::GradientValue;

use super::device_adamw::{self, DeviceMoments};

pub(super) const BETA_1: f64 = 0.9;
pub(super) const BETA_2: f64 = 0.999;
pub(super) const EPS: f64 = 1e-8;
/// Numbers updated at a time by one thread.
const CHUNK: usize = 16 * 1024;

/// The optimiser's memory: two moments for everything that trains.
#[derive(Debug)]
pub struct AdamW {
    weight_decay: f64,
    steps: i32,
    /// Parallel to the classifier's weights, as are the following; `None` for the frozen ones.
    moments: Vec<Option<Moments>>,
    /// Whether it trained in an earlier stage than the one that it trains in now, if it does.
    moved_before: Vec<bool>,
    /// On the learning rate.
    factors: Vec<f64>,
    is_host: bool,
}

#[derive(Debug)]
struct Moments {
    decays: bool,
    /// Steps done before it was thawed: its bias correction counts from there.
    since: i32,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Host(HostMoments),
    Device(DeviceMoments),
}

#[derive(Debug)]
struct HostMoments {
    first: Vec<f32>,
    second: Vec<f32>,
    /// For an embedding table.
    table: Option<Table>,
}

/// Rows of an embedding table that never had a gradient have moments of exactly 0: all that AdamW does to them is
/// decay, which can wait. Rows once touched keep moving by their momentum and are updated at every step.
#[derive(Debug)]
struct Table {
    width: usize,
    touched: Vec<bool>,
    /// The product of (1 - learning rate x decay) that untouched rows still owe.
    owed: f32,
}

/// The decay that a table's rows owe.
pub(super) struct Owed<'a>(&'a Table);

impl Owed<'_> {
    pub fn of_row(&self, row: usize) -> f32 {
        if self.0.touched[row] { 1.0 } else { self.0.owed }
    }
}

/// The factors of one step.
#[derive(Clone, Copy)]
pub(super) struct Factors {
    pub clip: f32,
    pub decay: f32,
    /// learning rate / (1 - beta1^t)
    pub step_size: f32,
    /// sqrt(1 - beta2^t)
    pub root_bias_2: f32,
}

impl AdamW {
    pub fn new(classifier: &Classifier, weight_decay: f64) -> Self {
        Self::with(classifier, weight_decay, classifier.device().is_cpu())
    }

    /// With moments that live where the weights are, updated by candle's own operations.
    #[cfg(test)]
    pub(super) fn on_device(classifier: &Classifier, weight_decay: f64) -> Self {
        Self::with(classifier, weight_decay, false)
    }

    fn with(classifier: &Classifier, weight_decay: f64, is_host: bool) -> Self {
        let n = classifier.trainable().len();
        let moments = std::iter::repeat_with(|| None).take(n).collect();
        let (moved_before, factors) = (vec![false; n], vec![1.0; n]);
        let mut new = Self { weight_decay, steps: 0, moments, moved_before, factors, is_host };
        new.follow(&classifier.tree().parameters, classifier.trainable());
        new
    }

    /// With a factor on the learning rate for each parameter.
    #[must_use]
    pub fn with_factors(self, factors: &[f64]) -> Self {
        Self { factors: factors.to_vec(), ..self }
    }

    /// Another stage begins: what is thawed has moments of 0 and counts its steps from here; what is frozen is
    /// forgotten, be it thawed again or not; what goes on training goes on as if nothing had happened. Decay that is
    /// owed must have been settled.
    pub fn follow(&mut self, parameters: &[Parameter], trainable: &[bool]) {
        for (i, (parameter, on)) in parameters.iter().zip(trainable).enumerate() {
            match &self.moments[i] {
                Some(moments) if !on => {
                    self.moved_before[i] |= self.steps > moments.since;
                    self.moments[i] = None;
                }
                None if *on => {
                    let values = if self.is_host {
                        Values::Host(HostMoments::new(parameter))
                    } else {
                        Values::Device(DeviceMoments::default())
                    };
                    self.moments[i] = Some(Moments { decays: parameter.decays(), since: self.steps, values });
                }
                _ => {}
            }
        }
    }

    /// One step: scales the gradients down to a global norm of `clip_norm` (0: no clipping), updates every trainable
    /// weight and clears the gradients. Returns the norms before clipping; where they are no numbers, nothing is updated.
    ///
    /// # Errors
    /// candle's.
    pub fn step(&mut self, classifier: &Classifier, learning_rate: f64, clip_norm: f64) -> Outcome<GradientNorms> {
        let norms = GradientNorms::of(classifier);
        let norm = norms.global();
        if !norm.is_finite() {
            return Ok(norms);
        }
        let clip = if clip_norm > 0.0 { (clip_norm / (norm + 1e-6)).min(1.0) } else { 1.0 };
        self.steps += 1;
        for ((weight, moments), factor) in classifier.weights().iter().zip(&mut self.moments).zip(&self.factors) {
            let (Some(gradient), Some(moments)) = (&weight.gradient, moments) else { continue };
            let (learning_rate, own_steps) = (learning_rate * factor, self.steps - moments.since);
            let decay = if moments.decays { 1.0 - learning_rate * self.weight_decay } else { 1.0 };
            let factors = Factors {
                clip: clip as f32,
                decay: decay as f32,
                step_size: (learning_rate / (1.0 - BETA_1.powi(own_steps))) as f32,
                root_bias_2: (1.0 - BETA_2.powi(own_steps)).sqrt() as f32,
            };
            let mut gradient = gradient.lock();
            if gradient.present {
                match &mut moments.values {
                    Values::Host(moments) => {
                        let update = Update { gradient: &gradient, moments: RefCell::new(moments), factors };
                        weight.tensor.inplace_op1(&update)
                    }
                    Values::Device(moments) => moments.update(&weight.tensor, &gradient, factors),
                }
                .map_err(internal)?;
                gradient.present = false;
            }
        }
        Ok(norms)
    }

    /// What the rows of a parameter, named by its place in the tree, owe; `None` where nothing is owed.
    pub(super) fn owed(&self, parameter: usize) -> Option<Owed<'_>> {
        match &self.moments[parameter].as_ref()?.values {
            Values::Host(HostMoments { table: Some(table), .. }) if table.owed != 1.0 => Some(Owed(table)),
            _ => None,
        }
    }

    /// Pays the decay that the embedding rows of `ids` owe, before forward reads them; of all rows with `None`, before
    /// weights are evaluated or saved.
    ///
    /// # Errors
    /// candle's.
    pub fn settle(&mut self, classifier: &Classifier, ids: Option<&[u32]>) -> Outcome<()> {
        for (weight, moments) in classifier.weights().iter().zip(&mut self.moments) {
            if let Some(Moments { values: Values::Host(HostMoments { table: Some(table), .. }), .. }) = moments
                && table.owed != 1.0
            {
                weight.tensor.inplace_op1(&Settle { table: RefCell::new(table), ids }).map_err(internal)?;
            }
        }
        Ok(())
    }
}

/// L2 norms of the gradients of one step. Sums have a fixed order, so they are the same on every run.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientNorms {
    /// The sum of squares of each parameter's gradient, in tree order; `None` of what is frozen.
    squares: Vec<Option<f64>>,
}

impl GradientNorms {
    pub fn of(classifier: &Classifier) -> Self {
        let squares = classifier.weights().iter().map(|weight| {
            let g = weight.gradient.as_ref()?.lock();
            Some(match &g.on_device {
                _ if !g.present => 0.0,
                Some(gradient) => device_adamw::sum_of_squares(gradient),
                None => sum_of_squares(&g.values),
            })
        });
        Self { squares: squares.collect() }
    }

    /// That of all gradients together.
    pub fn global(&self) -> f64 {
        self.squares.iter().flatten().sum::<f64>().sqrt()
    }

    /// That of each parameter, in tree order; `None` of what is frozen.
    pub fn each(&self) -> Vec<Option<f32>> {
        self.squares.iter().map(|squares| squares.map(|squares| squares.sqrt() as f32)).collect()
    }
}

/// The sum of squares, in chunks whose order is fixed.
pub fn sum_of_squares(values: &[f32]) -> f64 {
    let sums: Vec<f64> = values.par_chunks(CHUNK).map(|chunk| f64::from(chunk_squares(chunk))).collect();
    sums.iter().sum()
}

#[multiversion(targets = "simd")]
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

impl HostMoments {
    fn new(parameter: &Parameter) -> Self {
        let n = parameter.count();
        let is_table = parameter.is_word_table();
        let table = || Table { width: parameter.shape[1], touched: vec![false; parameter.shape[0]], owed: 1.0 };
        // Zeroed pages cost no memory until they are written.
        Self { first: vec![0.0; n], second: vec![0.0; n], table: is_table.then(table) }
    }
}

struct Update<'a> {
    gradient: &'a GradientValue,
    moments: RefCell<&'a mut HostMoments>,
    factors: Factors,
}

impl InplaceOp1 for Update<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let values = whole(storage, layout)?;
        let mut moments = self.moments.borrow_mut();
        let HostMoments { first, second, table } = &mut **moments;
        let factors = self.factors;
        match (&self.gradient.rows, table) {
            (Some(rows), Some(table)) => {
                let width = table.width;
                for (row, touched) in rows.iter().map(|r| *r as usize).zip(std::iter::repeat(true)) {
                    table.touched[row] = touched;
                }
                table.owed *= factors.decay;
                let mut at = vec![None; table.touched.len()];
                rows.iter().enumerate().for_each(|(i, row)| at[*row as usize] = Some(i));
                let zeros = vec![0.0; width];
                let rows =
                    values.par_chunks_mut(width).zip(first.par_chunks_mut(width)).zip(second.par_chunks_mut(width));
                rows.zip(&table.touched).zip(&at).with_min_len(256).for_each(|((((p, m), v), touched), at)| {
                    if *touched {
                        let g = at.map_or(&zeros[..], |i| &self.gradient.values[i * width..(i + 1) * width]);
                        update(p, g, m, v, factors);
                    }
                });
            }
            _ => {
                let chunks = values.par_chunks_mut(CHUNK).zip(self.gradient.values.par_chunks(CHUNK));
                let moments = first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK));
                chunks.zip(moments).for_each(|((p, g), (m, v))| update(p, g, m, v, factors));
            }
        }
        Ok(())
    }
}

struct Settle<'a> {
    table: RefCell<&'a mut Table>,
    ids: Option<&'a [u32]>,
}

impl InplaceOp1 for Settle<'_> {
    fn name(&self) -> &'static str {
        "settle"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let values = whole(storage, layout)?;
        let mut table = self.table.borrow_mut();
        let (width, owed) = (table.width, table.owed);
        match self.ids {
            Some(ids) => {
                for row in ids.iter().map(|id| *id as usize) {
                    // A row settled now will be touched by this very step's backward.
                    if !std::mem::replace(&mut table.touched[row], true) {
                        values[row * width..(row + 1) * width].iter_mut().for_each(|p| *p *= owed);
                    }
                }
            }
            None => {
                let rows = values.par_chunks_mut(width).zip(&table.touched).with_min_len(256);
                rows.filter(|(_, touched)| !**touched).for_each(|(row, _)| row.iter_mut().for_each(|p| *p *= owed));
                table.owed = 1.0;
            }
        }
        Ok(())
    }
}

fn whole<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((from, to))) => Ok(&mut values[from..to]),
        _ => bail!("weights are contiguous f32"),
    }
}

#[multiversion(targets = "simd")]
fn update(p: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32], f: Factors) {
    let (b1, b2, eps) = (BETA_1 as f32, BETA_2 as f32, EPS as f32);
    for (((p, g), m), v) in p.iter_mut().zip(g).zip(m).zip(v) {
        let g = g * f.clip;
        *m += (1.0 - b1) * (g - *m);
        *v = b2 * *v + (1.0 - b2) * g * g;
        let denominator = v.sqrt() / f.root_bias_2 + eps;
        *p = *p * f.decay - f.step_size * *m / denominator;
    }
}
