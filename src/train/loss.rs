//! The loss: cross-entropy, in which the rows of some classes may count more than those of others.

use candle_core::{D, Tensor};

use crate::domain::problem::Outcome;

/// The mean cross-entropy of some rows, in nats. With class weights it is that of PyTorch's
/// `CrossEntropyLoss(weight=..., reduction="mean")`: each row counts by the weight of its true class, and the sum is divided
/// by the sum of these weights, not by the number of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loss {
    /// A weight for each class, in label order; `None` where every row counts the same.
    weights: Option<Vec<f64>>,
}

impl Loss {
    /// Every row counts the same.
    pub const PLAIN: Self = Self { weights: None };

    /// Rows count by these weights of their classes, in label order.
    pub fn weighted(weights: Vec<f64>) -> Self {
        Self { weights: Some(weights) }
    }

    /// The weight of each class, in label order; none where every row counts the same.
    pub fn weights(&self) -> &[f64] {
        self.weights.as_deref().unwrap_or_default()
    }

    /// How much a row of this class counts.
    pub fn weight(&self, label: u32) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[label as usize])
    }

    /// What the rows with these labels count together. The means of several batches are put together by it.
    pub fn mass<'a>(&self, labels: impl IntoIterator<Item = &'a u32>) -> f64 {
        labels.into_iter().map(|label| self.weight(*label)).sum()
    }

    /// The mean loss of logits `[rows, classes]`, as a tensor that can be differentiated.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn mean(&self, logits: &Tensor, labels: &[u32]) -> Outcome<Tensor> {
        let truth = Tensor::new(labels, logits.device())?;
        if self.weights.is_none() {
            return Ok(candle_nn::loss::cross_entropy(logits, &truth)?);
        }
        let mass = self.mass(labels);
        let shares: Vec<f64> = labels.iter().map(|label| -self.weight(*label) / mass).collect();
        let shares = Tensor::new(shares, logits.device())?.to_dtype(logits.dtype())?;
        let log = candle_nn::ops::log_softmax(logits, D::Minus1)?;
        let of_truth = log.gather(&truth.unsqueeze(1)?, 1)?.squeeze(1)?;
        Ok((of_truth * shares)?.sum_all()?)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Var};
    use serde::Deserialize;

    use crate::domain::class_weights::ClassWeights;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        cases: Vec<Case>,
        balanced: Balanced,
    }

    #[derive(Deserialize)]
    struct Case {
        weights: Vec<f64>,
        labels: Vec<u32>,
        logits: Vec<Vec<f32>>,
        loss: f64,
        gradient: Vec<Vec<f64>>,
    }

    #[derive(Deserialize)]
    struct Balanced {
        labels: Vec<usize>,
        weights: Vec<f64>,
    }

    /// `tests/reference/make_class_weights.py` makes these numbers.
    fn golden() -> Golden {
        serde_json::from_str(include_str!("../../tests/reference/class_weights.json")).unwrap()
    }

    fn logits(case: &Case, dtype: DType) -> Var {
        let rows = case.logits.len();
        let flat: Vec<f32> = case.logits.concat();
        let tensor = Tensor::from_vec(flat, (rows, case.weights.len()), &Device::Cpu).unwrap();
        Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
    }

    fn number(loss: &Tensor) -> f64 {
        loss.to_dtype(DType::F64).unwrap().to_scalar().unwrap()
    }

    #[test]
    fn the_weighted_loss_and_its_gradient_are_those_of_pytorch() {
        for case in golden().cases {
            let (logits, loss) = (logits(&case, DType::F32), Loss::weighted(case.weights.clone()));
            let mean = loss.mean(&logits, &case.labels).unwrap();
            assert!((number(&mean) - case.loss).abs() < 1e-6 * case.loss.max(1.0), "{} {}", number(&mean), case.loss);
            let gradient = mean.backward().unwrap().get(&logits).unwrap().to_vec2::<f32>().unwrap();
            for (a, b) in gradient.concat().iter().zip(case.gradient.concat()) {
                assert!((f64::from(*a) - b).abs() < 1e-6, "{a} {b}");
            }
        }
    }

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        const STEP: f64 = 1e-5;
        for case in golden().cases {
            let (logits, loss) = (logits(&case, DType::F64), Loss::weighted(case.weights.clone()));
            let store = loss.mean(&logits, &case.labels).unwrap().backward().unwrap();
            let gradient = store.get(&logits).unwrap().to_vec2::<f64>().unwrap().concat();
            let begun = logits.to_vec2::<f64>().unwrap().concat();
            for (i, expected) in gradient.iter().enumerate() {
                let at = |shift: f64| {
                    let mut moved = begun.clone();
                    moved[i] += shift;
                    let moved = Tensor::from_vec(moved, logits.shape(), &Device::Cpu).unwrap();
                    number(&loss.mean(&moved, &case.labels).unwrap())
                };
                let slope = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                assert!((slope - expected).abs() < 1e-8, "{slope} {expected}");
            }
        }
    }

    /// However the rows are cut into batches, their means add up by what the batches count.
    #[test]
    fn batches_add_up_to_the_whole() {
        for case in golden().cases {
            let (logits, loss) = (logits(&case, DType::F64), Loss::weighted(case.weights.clone()));
            let (rows, all) = (case.labels.len(), loss.mass(&case.labels));
            for size in 1..=rows {
                let batch = |from: usize| {
                    let labels = &case.labels[from..rows.min(from + size)];
                    let part = logits.narrow(0, from, labels.len()).unwrap();
                    number(&loss.mean(&part, labels).unwrap()) * loss.mass(labels) / all
                };
                let sum: f64 = (0..rows).step_by(size).map(batch).sum();
                assert!((sum - case.loss).abs() < 1e-6 * case.loss.max(1.0), "{sum} {}", case.loss);
            }
        }
    }

    #[test]
    fn balanced_weights_are_those_of_scikit_learn() {
        let Balanced { labels, weights } = golden().balanced;
        let rows: Vec<usize> = (0..weights.len()).map(|class| labels.iter().filter(|l| **l == class).count()).collect();
        let names: Vec<String> = (0..weights.len()).map(|class| class.to_string()).collect();
        for (a, b) in ClassWeights::Balanced.resolve(&names, &rows).unwrap().iter().zip(&weights) {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
    }

    #[test]
    fn equal_weights_are_the_plain_loss() {
        let case = &golden().cases[1];
        let logits = logits(case, DType::F32);
        let plain = number(&Loss::PLAIN.mean(&logits, &case.labels).unwrap());
        let equal = number(&Loss::weighted(vec![3.0; 4]).mean(&logits, &case.labels).unwrap());
        assert!((plain - equal).abs() < 1e-6, "{plain} {equal}");
        assert_eq!(Loss::PLAIN.mass(&case.labels), case.labels.len() as f64);
    }
}
