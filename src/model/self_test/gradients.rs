//! The bundled model's gradients against those that candle finds for the composed operations, and against slopes of the
//! loss that are measured by moving the weights.

use std::sync::Arc;

use candle_core::{Device, Tensor};

use crate::domain::doctor::{Check, CheckKind};
use crate::domain::params::{ParamTree, Part};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::encoder::Pass;
use crate::model::host::values;
use crate::model::ops::composed::Composed;
use crate::model::ops::fused::Fused;
use crate::model::ops::{Ops, Weight};

use super::{Subject, largest, largest_difference};

/// Two correct ways to sum in f32 differ by some 1e-6 of the largest gradient of a parameter.
const COMPOSED_LIMIT: f64 = 1e-4;
/// What the loss's curvature and the roundings of its logits may do to a measured slope.
const SLOPE_LIMIT: f64 = 1e-2;
/// The weights are moved so far that the loss should change by this, once up and once down.
const LOSS_CHANGE: f64 = 4e-4;

/// The parts of the model whose slopes are measured, by the names that programs know.
pub const PARTS: [&str; 3] = ["embeddings", "layers", "head"];

/// Compares every gradient of the classifier with that of the same network made of candle's operations. A difference
/// counts as a share of the parameter's largest gradient. Where nearly all of that is rounding, as for the biases of
/// attention keys, whose true gradient is 0, it counts as a share of a thousandth of the model's largest one.
///
/// # Errors
/// `internal-error` where one of the two cannot compute.
pub fn against_composed(subject: &Subject) -> Outcome<Check> {
    let fused = fused(subject)?;
    let composed = gradients(subject, Arc::new(Composed::default()))?;
    let size = |gradient: &[f32]| gradient.iter().map(|x| f64::from(x.abs())).fold(0.0, largest);
    let of_all = composed.iter().map(|gradient| size(gradient)).fold(0.0, largest);
    let share = |(fused, composed): (&Vec<f32>, &Vec<f32>)| {
        largest_difference(fused, composed) / size(composed).max(of_all * 1e-3).max(f64::MIN_POSITIVE)
    };
    let worst = fused.iter().zip(&composed).map(share).fold(0.0, largest);
    Ok(Check::new(CheckKind::ComposedGradients, worst, COMPOSED_LIMIT))
}

/// Moves the weights of one of [`PARTS`] along their gradient, up and down, and compares the slope of the loss with the
/// gradient's length.
///
/// # Errors
/// `internal-error` where the loss cannot be computed.
pub fn against_finite_differences(subject: &Subject, part: &'static str) -> Outcome<Check> {
    let gradients = fused(subject)?;
    let mut classifier = subject.classifier(Arc::new(Fused::default()), false)?;
    let wanted = members(classifier.tree(), part);
    let before = classifier.snapshot(&wanted)?;
    let directions: Vec<&Vec<f32>> = before.iter().map(|(i, _)| &gradients[*i]).collect();
    let length = directions.iter().copied().flatten().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    let mut losses = [0.0; 2];
    // The slope along the gradient is its length, so that this step changes the loss as wanted.
    let step = LOSS_CHANGE / (length * length);
    for (sign, loss_there) in [1.0, -1.0].into_iter().zip(&mut losses) {
        let by = (sign * step) as f32;
        let moved = before.iter().zip(&directions).map(|((i, values), direction)| {
            (*i, values.iter().zip(*direction).map(|(value, slope)| value + by * slope).collect())
        });
        let moved: Vec<(usize, Vec<f32>)> = moved.collect();
        classifier.restore(&moved)?;
        *loss_there = exact_loss(subject, &classifier)?;
    }
    let slope = (losses[0] - losses[1]) / (2.0 * LOSS_CHANGE / length);
    Ok(Check::new(CheckKind::FiniteDifferences, (slope - length).abs() / length, SLOPE_LIMIT).of(part))
}

/// The gradients of all parameters as training finds them, in the tree's order; found once for all checks.
fn fused(subject: &Subject) -> Outcome<&Vec<Vec<f32>>> {
    if let Some(known) = subject.gradients.get() {
        return Ok(known);
    }
    let found = gradients(subject, Arc::new(Fused::default()))?;
    Ok(subject.gradients.get_or_init(|| found))
}

/// The gradients of all parameters, in the tree's order.
fn gradients(subject: &Subject, ops: Arc<dyn Ops>) -> Outcome<Vec<Vec<f32>>> {
    let classifier = subject.classifier(ops, true)?;
    classifier.backward(&loss(subject, &classifier, Pass { record: true, dropout_key: None })?)?;
    classifier.weights().iter().map(whole).collect()
}

fn members(tree: &ParamTree, part: &str) -> Vec<bool> {
    let name = |part| match part {
        Part::Embeddings => PARTS[0],
        Part::Layer { .. } => PARTS[1],
        Part::Pooler | Part::Classifier => PARTS[2],
    };
    tree.parameters.iter().map(|parameter| name(parameter.part) == part).collect()
}

/// The mean cross-entropy of the texts, as training computes it.
fn loss(subject: &Subject, classifier: &Classifier, pass: Pass) -> Outcome<Tensor> {
    let logits = classifier.logits(&subject.batch, pass)?;
    let labels = Tensor::new(subject.batch.labels.as_slice(), &Device::Cpu)?;
    Ok(candle_nn::loss::cross_entropy(&logits, &labels)?)
}

/// The same loss summed in f64, so that only the logits are rounded.
fn exact_loss(subject: &Subject, classifier: &Classifier) -> Outcome<f64> {
    let logits = values(&classifier.logits(&subject.batch, Pass::EVALUATE)?)?;
    let labels = &subject.batch.labels;
    let rows = logits.chunks(logits.len() / labels.len());
    let of_row = |(row, label): (&[f32], &u32)| {
        let of_label = f64::from(row[*label as usize]);
        row.iter().map(|logit| (f64::from(*logit) - of_label).exp()).sum::<f64>().ln()
    };
    Ok(rows.zip(labels).map(of_row).sum::<f64>() / labels.len() as f64)
}

/// A weight's gradient with a number for each of its elements.
fn whole(weight: &Weight) -> Outcome<Vec<f32>> {
    let missing = || Problem::internal("no gradient arrived");
    let gradient = weight.gradient.as_ref().ok_or_else(missing)?.lock();
    if !gradient.present {
        return Err(missing());
    }
    let Some(rows) = &gradient.rows else { return Ok(gradient.values.clone()) };
    let width = weight.tensor.dim(1)?;
    let mut all = vec![0.0; weight.tensor.elem_count()];
    for (row, values) in rows.iter().zip(gradient.values.chunks(width)) {
        all[*row as usize * width..][..width].copy_from_slice(values);
    }
    Ok(all)
}
