//! AdamW (Loshchilov and Hutter, arXiv 1711.05101), as `torch.optim.AdamW` computes it.
//!
//! The plain formula comes first, in `Factors::new` and `update`. [`AdamW`] applies it to all weights that train, with
//! what candle-nn's lacks: gradient clipping, no decay of biases and LayerNorm weights, stages. `sparse` is the same for
//! embedding tables, whose gradient has few rows; `resumable` is what a checkpoint keeps.

mod norms;
pub mod resumable;
mod sparse;

use candle_core::{Result, Tensor, Var, bail};
use rayon::prelude::*;

use crate::domain::params::Parameter;
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::host;
use crate::model::ops::isa::simd;
use crate::model::ops::{GradientValue, Weight, kernels};

pub use norms::{GradientNorms, sum_of_squares};
pub(super) use sparse::SparseRows;

/// How much of the first and of the second moment stays at each step; PyTorch's defaults.
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
/// Keeps the denominator above 0; PyTorch's default.
const EPS: f64 = 1e-8;

/// What is the same for all numbers of a weight in one step.
#[derive(Clone, Copy)]
struct Factors {
    /// Scales the gradient, so that all gradients together keep to the largest norm.
    clip: f32,
    /// 1 - learning rate * weight decay
    decay: f32,
    /// learning rate / (1 - beta1^t)
    step_size: f32,
    /// sqrt(1 - beta2^t)
    root_bias_2: f32,
}

impl Factors {
    /// Those of a weight's step `t`, counted from 1 since it began to train.
    fn new(learning_rate: f64, weight_decay: f64, t: i32, clip: f64) -> Self {
        Self {
            clip: clip as f32,
            decay: (1.0 - learning_rate * weight_decay) as f32,
            step_size: (learning_rate / (1.0 - BETA_1.powi(t))) as f32,
            root_bias_2: (1.0 - BETA_2.powi(t)).sqrt() as f32,
        }
    }
}

simd! {
    /// Moves the numbers `p` of a weight by one step, given their gradients `g`, their first moments `m` (the running mean of
    /// the gradient) and their second moments `v` (that of its square).
    fn update(p: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32], f: Factors) {
        let (beta_1, beta_2, eps) = (BETA_1 as f32, BETA_2 as f32, EPS as f32);
        for (((p, g), m), v) in p.iter_mut().zip(g).zip(m).zip(v) {
            let g = g * f.clip;
            *m += (1.0 - beta_1) * (g - *m);
            // In f32 1 - beta2 is 1.3e-5 below 0.001. It stays so, because recorded runs and checkpoints depend on the bits.
            *v = beta_2 * *v + (1.0 - beta_2) * g * g;
            let denominator = v.sqrt() / f.root_bias_2 + eps;
            *p = *p * f.decay - f.step_size * *m / denominator;
        }
    }
}

/// Numbers that one thread updates at a time.
const CHUNK: usize = 16 * 1024;

/// The optimiser with its memory: two moments for every number that trains.
#[derive(Debug)]
pub struct AdamW {
    weight_decay: f64,
    /// Steps done in all.
    steps: i32,
    /// Parallel to the classifier's weights, as are the following; `None` for the frozen ones.
    moments: Vec<Option<Moments>>,
    /// Whether the weight trained in an earlier stage than the one that it trains in now, if it does.
    moved_before: Vec<bool>,
    /// Multiplies the learning rate.
    rate_factors: Vec<f64>,
    is_host: bool,
}

/// The moments of one weight.
#[derive(Debug)]
struct Moments {
    /// Whether weight decay applies.
    decays: bool,
    /// Steps that were done before the weight was thawed; its bias correction counts from there.
    since: i32,
    values: Values,
}

#[derive(Debug)]
enum Values {
    Host(HostMoments),
    /// The two moments on the weight's device. They are absent before the first update, when they are 0.
    Device(Option<(Tensor, Tensor)>),
}

/// Moments in this machine's own memory.
#[derive(Debug)]
enum HostMoments {
    /// The first and the second, each as long as the weight.
    Whole(Vec<f32>, Vec<f32>),
    /// Those of an embedding table.
    Table(SparseRows),
}

impl AdamW {
    /// An optimiser for what trains now. `weight_decay` is decoupled, in fractions of the learning rate.
    pub fn new(classifier: &Classifier, weight_decay: f64) -> Self {
        Self::with(classifier, weight_decay, classifier.device().is_cpu())
    }

    /// An optimiser whose moments live where the weights are and are updated by candle's own operations.
    #[cfg(test)]
    pub(super) fn on_device(classifier: &Classifier, weight_decay: f64) -> Self {
        Self::with(classifier, weight_decay, false)
    }

    fn with(classifier: &Classifier, weight_decay: f64, is_host: bool) -> Self {
        let n = classifier.trainable().len();
        let moments = std::iter::repeat_with(|| None).take(n).collect();
        let (moved_before, rate_factors) = (vec![false; n], vec![1.0; n]);
        let mut new = Self { weight_decay, steps: 0, moments, moved_before, rate_factors, is_host };
        new.follow(&classifier.tree().parameters, classifier.trainable());
        new
    }

    /// Multiplies the learning rate of each parameter, parallel to the tree's.
    #[must_use]
    pub fn with_factors(self, rate_factors: &[f64]) -> Self {
        Self { rate_factors: rate_factors.to_vec(), ..self }
    }

    /// Begins another stage. A parameter that is thawed has moments of 0 and counts its steps from here; one that is frozen
    /// loses its moments, even if it is thawed again later; one that goes on training keeps them. Decay that is owed must
    /// have been settled.
    pub fn follow(&mut self, parameters: &[Parameter], trainable: &[bool]) {
        for (i, (parameter, on)) in parameters.iter().zip(trainable).enumerate() {
            match &self.moments[i] {
                Some(moments) if !on => {
                    self.moved_before[i] |= self.steps > moments.since;
                    self.moments[i] = None;
                }
                None if *on => {
                    let host = || Values::Host(HostMoments::new(parameter));
                    let values = if self.is_host { host() } else { Values::Device(None) };
                    self.moments[i] = Some(Moments { decays: parameter.decays(), since: self.steps, values });
                }
                _ => {}
            }
        }
    }

    /// Takes one step: scales the gradients down to a global norm of `clip_norm` as `torch.nn.utils.clip_grad_norm_` does
    /// (0 does not clip), updates every trainable weight and clears the gradients. Returns the norms before clipping. Where
    /// they are not finite, nothing is updated.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn step(&mut self, classifier: &Classifier, learning_rate: f64, clip_norm: f64) -> Outcome<GradientNorms> {
        let norms = GradientNorms::of(classifier);
        let norm = norms.global();
        if !norm.is_finite() {
            return Ok(norms);
        }
        let clip = if clip_norm > 0.0 { (clip_norm / (norm + 1e-6)).min(1.0) } else { 1.0 };
        self.steps += 1;
        let (weight_decay, steps) = (self.weight_decay, self.steps);
        let move_weight = |((weight, moments), factor): ((&Weight, &mut Option<Moments>), &f64)| -> Result<()> {
            let (Some(gradient), Some(moments)) = (&weight.gradient, moments) else { return Ok(()) };
            let mut gradient = gradient.lock();
            if !gradient.present {
                return Ok(());
            }
            let weight_decay = if moments.decays { weight_decay } else { 0.0 };
            let factors = Factors::new(learning_rate * factor, weight_decay, steps - moments.since, clip);
            match &mut moments.values {
                Values::Host(moments) => {
                    host::change_values(&weight.tensor, |values| moments.update(values, &gradient, factors))?;
                }
                Values::Device(moments) => update_on_device(&weight.tensor, &gradient, moments, factors)?,
            }
            gradient.present = false;
            Ok(())
        };
        // All weights at once, because one after the other would have the threads wait for each other at the end of each.
        if self.is_host {
            let weights = classifier.weights().par_iter().zip(&mut self.moments).zip(&self.rate_factors);
            weights.try_for_each(move_weight)?;
        } else {
            let mut weights = classifier.weights().iter().zip(&mut self.moments).zip(&self.rate_factors);
            weights.try_for_each(move_weight)?;
        }
        Ok(norms)
    }

    /// What is remembered of the rows of a parameter, given its place in the tree, if it is an embedding table that trains.
    pub(super) fn sparse_rows(&self, parameter: usize) -> Option<&SparseRows> {
        match &self.moments[parameter].as_ref()?.values {
            Values::Host(HostMoments::Table(rows)) => Some(rows),
            Values::Host(HostMoments::Whole(..)) | Values::Device(_) => None,
        }
    }

    /// Pays the weight decay that embedding rows owe: those of the token ids `ids`, before forward reads them, or all rows
    /// with `None`, before weights are evaluated or saved.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn settle(&mut self, classifier: &Classifier, ids: Option<&[u32]>) -> Outcome<()> {
        for (weight, moments) in classifier.weights().iter().zip(&mut self.moments) {
            if let Some(Moments { values: Values::Host(HostMoments::Table(rows)), .. }) = moments {
                rows.settle(&weight.tensor, ids)?;
            }
        }
        Ok(())
    }
}

impl HostMoments {
    fn new(parameter: &Parameter) -> Self {
        if parameter.is_word_table() {
            Self::Table(SparseRows::new(parameter.shape[0], parameter.shape[1]))
        } else {
            // All their pages are written in the first step, and reading them before would make the kernel map each twice.
            let n = parameter.count();
            Self::Whole(kernels::zeros(n), kernels::zeros(n))
        }
    }

    /// Moves all values of a weight by one step.
    fn update(&mut self, values: &mut [f32], gradient: &GradientValue, factors: Factors) {
        match self {
            Self::Table(table) => table.update(values, gradient.rows.as_deref(), &gradient.values, factors),
            Self::Whole(first, second) => {
                let chunks = values.par_chunks_mut(CHUNK).zip(gradient.values.par_chunks(CHUNK));
                let moments = first.par_chunks_mut(CHUNK).zip(second.par_chunks_mut(CHUNK));
                chunks.zip(moments).for_each(|((p, g), (m, v))| update(p, g, m, v, factors));
            }
        }
    }
}

/// Moves the variable `weight` by one step where its device is not the CPU: the same formula, by candle's own operations.
///
/// # Errors
/// candle's, and one for a gradient that is not on the device.
fn update_on_device(
    weight: &Tensor,
    gradient: &GradientValue,
    moments: &mut Option<(Tensor, Tensor)>,
    factors: Factors,
) -> Result<()> {
    let Some(gradient) = &gradient.on_device else { bail!("the gradient is not where the weight is") };
    let g = (gradient * f64::from(factors.clip))?;
    let (first, second) = match moments.take() {
        Some(moments) => moments,
        None => (g.zeros_like()?, g.zeros_like()?),
    };
    let first = ((first * BETA_1)? + (&g * (1.0 - BETA_1))?)?;
    let second = ((second * BETA_2)? + (g.sqr()? * (1.0 - BETA_2))?)?;
    let denominator = ((second.sqrt()? / f64::from(factors.root_bias_2))? + EPS)?;
    let moved = (&first / denominator)? * f64::from(factors.step_size);
    let new = ((weight.detach() * f64::from(factors.decay))? - moved?)?;
    Var::from_tensor(weight)?.set(&new)?;
    *moments = Some((first.detach(), second.detach()));
    Ok(())
}
