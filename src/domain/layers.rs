//! What a training does to every parameter: how far it moves, and how large its gradient is.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::params::{ParamTree, Parameter, Part};

/// A run keeps at most so many numbers of the initial weights to measure drift from (96 MB). When more train, the larger
/// parameters are measured on evenly chosen rows.
pub const MOST_KEPT: usize = 24_000_000;

/// The most samples of a run, not counting those at the ends of epochs.
pub const COLUMNS: usize = 64;

/// One sample, taken after an optimiser step. The lists are parallel to the parameter tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerStats {
    /// From 1.
    pub step: usize,
    /// Relative drift |W - W0| / |W0| in Frobenius norms, where W0 are the weights that the run began with. Where W0 is all
    /// zeros, as the bias of a new head is, it is |W - W0|. It is exactly 0 for a parameter that has never trained.
    pub drift: Vec<f32>,
    /// L2 norm of the step's gradient before clipping. `None` for a frozen parameter, whose gradient is not computed.
    pub grad_norm: Vec<Option<f32>>,
    /// The parameters that the lists are about. Only the first sample of a run has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Arc<[MeasuredParameter]>>,
}

/// A parameter of the lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredParameter {
    pub name: String,
    pub part: Part,
    /// |W0|, or 0 for a parameter that never trains, where nothing is measured.
    pub norm: f32,
}

impl MeasuredParameter {
    /// The norm that drift is divided by.
    pub fn scale(&self) -> f64 {
        if self.norm == 0.0 { 1.0 } else { f64::from(self.norm) }
    }
}

impl LayerStats {
    /// Relative drift of several parameters, taken as one long vector.
    pub fn drift_of(&self, parameters: &[MeasuredParameter], members: &[usize]) -> f64 {
        if let [only] = members {
            return f64::from(self.drift[*only]);
        }
        let moved = members.iter().map(|&i| (f64::from(self.drift[i]) * parameters[i].scale()).powi(2)).sum::<f64>();
        let initial = members.iter().map(|&i| f64::from(parameters[i].norm).powi(2)).sum::<f64>();
        (moved / if initial == 0.0 { 1.0 } else { initial }).sqrt()
    }

    /// L2 norm of the gradient of several parameters, or `None` when all of them are frozen.
    pub fn grad_norm_of(&self, members: &[usize]) -> Option<f64> {
        let squares = members.iter().filter_map(|&i| self.grad_norm[i]).map(|norm| f64::from(norm).powi(2));
        squares.reduce(|a, b| a + b).map(f64::sqrt)
    }

    /// Whether the lists are as long as the parameters.
    pub fn fits(&self, parameters: &[MeasuredParameter]) -> bool {
        self.drift.len() == parameters.len() && self.grad_norm.len() == parameters.len()
    }
}

/// Optimiser steps from one sample to the next, chosen so that sampling costs less than about two hundredths of a
/// training's arithmetic. It depends on nothing but what trains and how long the texts are, so that equal runs take equal
/// samples. In a step, a trained number in a matrix costs three multiplications for each token (once forward, twice
/// backward), and every trained number about 20 for its update. Reading one for a sample takes as long as about 50.
pub fn steps_between(tree: &ParamTree, trainable: &[bool], tokens_per_step: usize, is_host: bool) -> usize {
    let numbers = tree.totals(trainable).0;
    let is_in_matrix = |p: &&Parameter| p.shape.len() == 2 && p.part != Part::Embeddings;
    let in_matrices: usize = tree.trained(trainable).filter(is_in_matrix).map(Parameter::count).sum();
    let step = 3.0 * in_matrices as f64 * tokens_per_step as f64 + 20.0 * numbers as f64;
    // Another device than the CPU computes faster than its weights can be fetched.
    let sample = if is_host { 50.0 } else { 2000.0 } * numbers as f64;
    (sample / (0.02 * step.max(1.0))).ceil().max(1.0) as usize
}
