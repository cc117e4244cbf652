//! Logistic regression with an L2 penalty over sets of features, as scikit-learn's `LogisticRegression` with its solver
//! `lbfgs`.

use crate::domain::metrics::Confusion;
use crate::domain::problem::Outcome;

use super::super::minimise::Search;

/// scikit-learn's 1e-4 is for the gradient's largest number.
const SEARCH: Search = Search { remembered: 5, most_iterations: 100, gradient: 1e-4, cost: 1e-9 };

/// Labelled sets of features.
pub struct Rows {
    classes: usize,
    features: usize,
    /// The features of all rows, one row after another, and where each row's end.
    entries: Vec<u32>,
    ends: Vec<usize>,
    labels: Vec<u32>,
}

impl Rows {
    /// No rows yet, for labels below `classes` and places of features below `features`.
    pub fn new(classes: usize, features: usize) -> Self {
        Self { classes, features, entries: Vec::new(), ends: Vec::new(), labels: Vec::new() }
    }

    /// Adds a row: the places of its features and its label.
    pub fn push(&mut self, features: &[u32], label: u32) {
        self.entries.extend_from_slice(features);
        self.ends.push(self.entries.len());
        self.labels.push(label);
    }

    fn iter(&self) -> impl Iterator<Item = (&[u32], usize)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let rows = starts.zip(&self.ends).map(|(from, to)| &self.entries[from..*to]);
        rows.zip(self.labels.iter().map(|label| *label as usize))
    }

    /// How many scores are computed for a row. With two classes, the first one's score is 0 and the other's tells both apart.
    fn outputs(&self) -> usize {
        if self.classes == 2 { 1 } else { self.classes }
    }
}

/// The weights, ordered by feature and then by output, and after them the outputs' constants.
#[derive(Clone, Debug)]
pub struct Model {
    weights: Vec<f64>,
}

impl Model {
    /// The model whose weights are all 0, where the search begins.
    pub fn zero(rows: &Rows) -> Self {
        Self { weights: vec![0.0; (rows.features + 1) * rows.outputs()] }
    }

    /// The model with the least loss on the rows under the penalty `c`, as scikit-learn means it: it minimises
    /// `c * (sum of the rows' losses) + (sum of the squared weights) / 2`. The search begins from this model; the result is
    /// `None` once `is_cancelled` is true.
    ///
    /// # Errors
    /// `internal-error` when the optimiser does not take a single step.
    pub fn fitted(&self, rows: &Rows, c: f64, is_cancelled: &dyn Fn() -> bool) -> Outcome<Option<Self>> {
        let objective = Objective { rows, c, is_cancelled };
        let found = SEARCH.least(&self.weights, is_cancelled, |weights| objective.at(weights))?;
        Ok(found.map(|weights| Self { weights }))
    }

    /// Returns what each feature adds to the score of one of `classes` classes. With two, a feature takes from the first one's
    /// score what it adds to the second one's.
    pub fn weights_of(&self, class: usize, classes: usize, features: usize) -> Vec<(u32, f64)> {
        let (outputs, output, sign) = match (classes, class) {
            (2, 0) => (1, 0, -1.0),
            (2, _) => (1, 0, 1.0),
            _ => (classes, class, 1.0),
        };
        (0..features).map(|feature| (feature as u32, sign * self.weights[feature * outputs + output])).collect()
    }

    /// The probability of each class for each of the rows.
    pub fn probabilities(&self, rows: &Rows) -> Vec<Vec<f64>> {
        let of_row = |(features, _): (&[u32], usize)| {
            let mut scores = vec![0.0; rows.classes];
            score(&self.weights, rows, features, &mut scores);
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            scores.iter_mut().for_each(|score| *score = (*score - most).exp());
            let sum: f64 = scores.iter().sum();
            scores.iter_mut().for_each(|score| *score /= sum);
            scores
        };
        rows.iter().map(of_row).collect()
    }

    /// What the model answers on the rows.
    pub fn confusion(&self, rows: &Rows) -> Confusion {
        let mut confusion = Confusion::new(rows.classes);
        let mut scores = vec![0.0; rows.classes];
        for (features, truth) in rows.iter() {
            score(&self.weights, rows, features, &mut scores);
            let answer = (0..scores.len()).rev().max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
            confusion.add(truth, answer.unwrap_or(0));
        }
        confusion
    }
}

/// Computes the classes' scores of one row.
fn score(weights: &[f64], rows: &Rows, features: &[u32], scores: &mut [f64]) {
    let outputs = rows.outputs();
    let scores = &mut scores[rows.classes - outputs..];
    scores.copy_from_slice(&weights[rows.features * outputs..]);
    for feature in features {
        let of_feature = &weights[*feature as usize * outputs..][..outputs];
        scores.iter_mut().zip(of_feature).for_each(|(score, weight)| *score += weight);
    }
}

/// The function to minimise: the mean of the rows' losses, and the penalty.
struct Objective<'a> {
    rows: &'a Rows,
    c: f64,
    is_cancelled: &'a dyn Fn() -> bool,
}

impl Objective<'_> {
    /// The cost and the gradient at some weights; `None` where it was cancelled.
    fn at(&self, weights: &[f64]) -> Option<(f64, Vec<f64>)> {
        let rows = self.rows;
        let (outputs, n) = (rows.outputs(), rows.labels.len().max(1) as f64);
        let mut gradient = vec![0.0; weights.len()];
        let (slopes, constants) = gradient.split_at_mut(rows.features * outputs);
        let mut scores = vec![0.0; rows.classes];
        let mut cost = 0.0;
        for (i, (features, truth)) in rows.iter().enumerate() {
            if i % 1024 == 0 && (self.is_cancelled)() {
                return None;
            }
            scores.fill(0.0);
            score(weights, rows, features, &mut scores);
            let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let own = scores[truth];
            scores.iter_mut().for_each(|score| *score = (*score - most).exp());
            let sum: f64 = scores.iter().sum();
            cost += sum.ln() + most - own;
            // The loss's slope by a score is the class's probability, less one for the true class.
            scores.iter_mut().for_each(|score| *score /= sum * n);
            scores[truth] -= 1.0 / n;
            let of_outputs = &scores[rows.classes - outputs..];
            for feature in features {
                let slopes = &mut slopes[*feature as usize * outputs..][..outputs];
                slopes.iter_mut().zip(of_outputs).for_each(|(sum, slope)| *sum += slope);
            }
            constants.iter_mut().zip(of_outputs).for_each(|(sum, slope)| *sum += slope);
        }
        let penalty = 1.0 / (self.c * n);
        let penalised = &weights[..slopes.len()];
        cost = cost / n + 0.5 * penalty * penalised.iter().map(|w| w * w).sum::<f64>();
        slopes.iter_mut().zip(penalised).for_each(|(slope, weight)| *slope += penalty * weight);
        Some((cost, gradient))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::minimise::tests::assert_gradient_is_the_costs;
    use super::*;

    fn rows(classes: usize) -> Rows {
        let mut rows = Rows::new(classes, 4);
        for i in 0..60u32 {
            let label = i % classes as u32;
            let wrong = i % 7 == 0;
            rows.push(&[if wrong { (label + 1) % classes as u32 } else { label }, 3], label);
        }
        rows
    }

    #[test]
    fn the_gradient_is_the_costs_own() {
        for classes in [2, 3] {
            let rows = rows(classes);
            let objective = Objective { rows: &rows, c: 0.5, is_cancelled: &|| false };
            let function = |weights: &[f64]| objective.at(weights);
            assert_gradient_is_the_costs(5 * rows.outputs(), function, &format!("{classes} classes"));
        }
    }

    /// scikit-learn 1.9: LogisticRegression(C=0.5, tol=1e-10).fit on the same rows of two classes.
    #[test]
    fn the_weights_are_scikit_learns() {
        let model = Model::zero(&rows(2)).fitted(&rows(2), 0.5, &|| false).unwrap().unwrap();
        let expected = [-1.207_773_3, 1.207_773_3, 0.0, 0.0, -0.050_764_3];
        for (own, theirs) in model.weights.iter().zip(expected) {
            assert!((own - theirs).abs() < 2e-3, "{:?} {expected:?}", model.weights);
        }
        assert_eq!(model.confusion(&rows(2)).correct(), 51);
    }
}
