//! What each token adds to a prediction: integrated gradients and gradient times input.
//!
//! Integrated gradients (Sundararajan, Taly and Yan 2017, arXiv 1703.01365) go on a straight line from a baseline x' to the
//! input x and sum up what each input adds on the way:
//!
//! ```text
//! attribution_i = (x_i - x'_i) * integral over a from 0 to 1 of dF/dx_i (x' + a (x - x'))
//! ```
//!
//! As in Captum's examples for BERT, x is the embeddings of the text's tokens (the sum of word, position and type embedding
//! after LayerNorm), and x' those of the same positions with `[PAD]` for every word; the special tokens around the text stay.
//! F is the logit of a class minus the mean of all logits. A probability would hardly change where the model is sure, and its
//! logarithm not either, so that the difference to be explained would often be next to nothing. The attributions should sum
//! to F(x) - F(x'); how far they are from it is the completeness error.

use candle_core::Tensor;

use crate::data::batch::Batch;
use crate::data::tokens::Row;
use crate::domain::explanation::{ENOUGH, MOST_STEPS};
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;

use super::quadrature::{point, weights};

/// Tokens that are computed at once on the way, at most.
const TOKENS_PER_BATCH: usize = 1024;

/// It says how long integrated gradients go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// The steps of the first attempt, an even number. With fewer, a small error would be an accident.
    pub first: usize,
    /// Steps double until they are so many.
    pub most: usize,
    /// The completeness error, as a share, that is small enough.
    pub enough: f64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { first: 8, most: MOST_STEPS, enough: ENOUGH }
    }
}

/// The tokens of one row add these to a class's logit above the mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributions {
    /// Integrated gradients give these, `[tokens]`.
    pub integrated: Vec<f64>,
    /// Gradient times input gives these, `[tokens]`.
    pub gradient_input: Vec<f64>,
    /// |sum of `integrated` - (F(x) - F(x'))| / |F(x) - F(x')|; 0 where both are 0.
    pub completeness_error: f64,
    /// The intervals of the way; 0 where the text is its own baseline.
    pub steps: usize,
}

/// One point of the way tells this.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    /// (x - x') times the gradient, summed over each token's width, `[tokens]`.
    products: Vec<f64>,
    /// F at the point.
    value: f64,
}

/// The points of the way that are computed so far. Whoever wants more steps goes on from them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trail {
    seen: Vec<Seen>,
    gradient_input: Vec<f64>,
}

/// Explains the logit of `class` for one row. `is_word` names the tokens that the baseline replaces, `[tokens]`. The
/// classifier's weights should be frozen; see [`Classifier::frozen`].
///
/// # Errors
/// `internal-error` when a text is longer than the model's positions, and one that means nothing else once the classifier's
/// interrupt has ended the work.
pub fn attribute(
    classifier: &Classifier,
    row: Row<'_>,
    is_word: &[bool],
    class: usize,
    budget: Budget,
) -> Outcome<Attributions> {
    go_on(&mut Trail::default(), classifier, row, is_word, class, budget)
}

/// The same from where `trail` ends, which must be of the same row and class. It is longer afterwards.
///
/// # Errors
/// `internal-error` when a text is longer than the model's positions, and one that means nothing else once the classifier's
/// interrupt has ended the work.
pub fn go_on(
    trail: &mut Trail,
    classifier: &Classifier,
    row: Row<'_>,
    is_word: &[bool],
    class: usize,
    budget: Budget,
) -> Outcome<Attributions> {
    let batch = Batch::from_rows(std::iter::once(row));
    let inputs = classifier.inputs(&batch)?;
    let way = Way {
        classifier,
        row,
        baseline: classifier.blank_inputs(&batch, is_word)?,
        factors: factors(class, classifier.label_names().len()),
        inputs,
    };
    if !is_word.contains(&true) {
        let integrated = vec![0.0; row.ids.len()];
        let gradient_input = way.look(&[1.0])?.gradient_input;
        return Ok(Attributions { integrated, gradient_input, completeness_error: 0.0, steps: 0 });
    }
    if trail.seen.is_empty() {
        let points: Vec<f64> = (0..=budget.first).map(|k| point(k, budget.first)).collect();
        *trail = way.look(&points)?;
    }
    loop {
        let steps = trail.seen.len() - 1;
        let integrated = sums(&trail.seen, steps);
        let explained: f64 = integrated.iter().sum();
        let difference = trail.seen[steps].value - trail.seen[0].value;
        let completeness_error = share(explained - difference, difference);
        let is_enough = steps >= budget.first && completeness_error < budget.enough;
        if is_enough || 2 * steps > budget.most {
            let gradient_input = trail.gradient_input.clone();
            return Ok(Attributions { integrated, gradient_input, completeness_error, steps });
        }
        let between: Vec<f64> = (1..2 * steps).step_by(2).map(|k| point(k, 2 * steps)).collect();
        let between = way.look(&between)?.seen;
        trail.seen = interleaved(std::mem::take(&mut trail.seen), between);
    }
}

/// |a / b|, and 0 where both are 0.
fn share(a: f64, b: f64) -> f64 {
    if a == 0.0 { 0.0 } else { (a / b).abs().min(f64::MAX) }
}

/// F = the logit of `class` minus the mean of all logits, as a factor for each logit.
fn factors(class: usize, classes: usize) -> Vec<f32> {
    let mean = 1.0 / classes as f32;
    (0..classes).map(|other| if other == class { 1.0 - mean } else { -mean }).collect()
}

/// The integral for each token.
fn sums(seen: &[Seen], steps: usize) -> Vec<f64> {
    let mut sums = vec![0.0; seen[0].products.len()];
    for (weight, seen) in weights(steps).iter().zip(seen) {
        sums.iter_mut().zip(&seen.products).for_each(|(sum, product)| *sum += weight * product);
    }
    sums
}

/// The points of both, which lie between each other.
fn interleaved(seen: Vec<Seen>, between: Vec<Seen>) -> Vec<Seen> {
    let (mut all, mut between) = (Vec::with_capacity(seen.len() + between.len()), between.into_iter());
    for seen in seen {
        all.push(seen);
        all.extend(between.next());
    }
    all
}

/// The way from the baseline to the text.
struct Way<'a> {
    classifier: &'a Classifier,
    row: Row<'a>,
    inputs: Tensor,
    baseline: Tensor,
    factors: Vec<f32>,
}

impl Way<'_> {
    /// Computes F and its gradient at some points of the way, several of them as the rows of one batch. The text itself is
    /// the point 1; where it is the last one, the input times its gradient there is told as well.
    fn look(&self, points: &[f64]) -> Outcome<Trail> {
        let (tokens, width) = self.inputs.dims2()?;
        let difference = (&self.inputs - &self.baseline)?;
        let mut trail = Trail { seen: Vec::with_capacity(points.len()), gradient_input: Vec::new() };
        for points in points.chunks((TOKENS_PER_BATCH / tokens.max(1)).max(1)) {
            let on_the_way = points.iter().map(|a| &self.baseline + (&difference * *a)?);
            let inputs = Tensor::cat(&on_the_way.collect::<candle_core::Result<Vec<_>>>()?, 0)?;
            let batch = Batch::from_rows(points.iter().map(|_| self.row));
            let (logits, gradient) = self.classifier.logits_and_gradient(inputs, &batch, &self.factors)?;
            let gradient = gradient.reshape((points.len(), tokens, width))?;
            let products = gradient.broadcast_mul(&difference)?.sum(2)?.to_vec2::<f32>()?;
            for (products, logits) in products.into_iter().zip(logits.to_vec2::<f32>()?) {
                let products = products.into_iter().map(f64::from).collect();
                trail.seen.push(Seen { products, value: self.value(&logits) });
            }
            if points.last() == Some(&1.0) {
                let of_text = gradient.get(points.len() - 1)?;
                let sums = (of_text * &self.inputs)?.sum(1)?.to_vec1::<f32>()?;
                trail.gradient_input = sums.into_iter().map(f64::from).collect();
            }
        }
        Ok(trail)
    }

    /// F of a row's logits.
    fn value(&self, logits: &[f32]) -> f64 {
        self.factors.iter().zip(logits).map(|(factor, logit)| f64::from(*factor) * f64::from(*logit)).sum()
    }
}
