//! A linear probe: multinomial logistic regression with an L2 penalty on dense features, as scikit-learn's
//! `LogisticRegression` with its solver `lbfgs`. What a probe tells apart can be read off the features in a straight line.

use rayon::prelude::*;

use crate::domain::problem::Outcome;

use super::minimise::Search;

const SEARCH: Search = Search { remembered: 10, most_iterations: 200, gradient: 1e-5, cost: 1e-10 };
/// Rows that one thread sums up at a time. The sums are added in the rows' order, so that they have the same bits on any
/// number of threads.
const ROWS_PER_SUM: usize = 256;

/// Numbers that stand for rows, `[rows, width]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    width: usize,
    values: Vec<f32>,
}

impl Features {
    /// Features of as many rows as `values` has, one row of `width` numbers after another.
    pub fn new(width: usize, values: Vec<f32>) -> Self {
        Self { width, values }
    }

    /// Numbers of each row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// Tells whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The numbers of row `i`, `[width]`.
    ///
    /// # Panics
    /// When there is no row `i`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.values[i * self.width..][..self.width]
    }

    /// The same features, each with a mean of 0 and a variance of 1 over all rows, so that the penalty weighs all alike. A
    /// feature that is the same in every row becomes 0.
    #[must_use]
    pub fn standardised(mut self) -> Self {
        let (width, rows) = (self.width.max(1), self.len().max(1) as f64);
        let (mut means, mut squares) = (vec![0.0; width], vec![0.0; width]);
        for row in self.values.chunks(width) {
            means.iter_mut().zip(row).for_each(|(mean, x)| *mean += f64::from(*x) / rows);
        }
        for row in self.values.chunks(width) {
            let deviations = row.iter().zip(&means).map(|(x, mean)| (f64::from(*x) - mean).powi(2) / rows);
            squares.iter_mut().zip(deviations).for_each(|(sum, square)| *sum += square);
        }
        let scales: Vec<f64> =
            squares.iter().map(|square| if *square > 0.0 { square.sqrt().recip() } else { 0.0 }).collect();
        for row in self.values.chunks_mut(width) {
            for (x, (mean, scale)) in row.iter_mut().zip(means.iter().zip(&scales)) {
                *x = ((f64::from(*x) - mean) * scale) as f32;
            }
        }
        self
    }
}

/// The weights, `[outputs, width + 1]`: of each output those of the features and then its constant. With two classes there is
/// one output, which tells the second from the first; otherwise there is one for each class.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    classes: usize,
    width: usize,
    weights: Vec<f64>,
}

impl Probe {
    /// The probe whose weights are all 0, where the search begins.
    pub fn zero(classes: usize, width: usize) -> Self {
        let outputs = if classes == 2 { 1 } else { classes };
        Self { classes, width, weights: vec![0.0; outputs * (width + 1)] }
    }

    /// The probe with the least loss on some `rows` under the penalty `c`, as scikit-learn means it: it minimises
    /// `c * (sum of the rows' losses) + (sum of the squared weights) / 2`, where constants are not penalised. `labels[i]` is
    /// the class of row i. The search begins from this probe; the result is `None` once `is_cancelled` is true.
    ///
    /// # Errors
    /// `internal-error` when the optimiser does not take a single step.
    pub fn fitted(
        &self,
        features: &Features,
        labels: &[u32],
        rows: &[usize],
        c: f64,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Outcome<Option<Self>> {
        let objective = Objective { shape: self, features, labels, rows, c, is_cancelled };
        let found = SEARCH.least(&self.weights, is_cancelled, |weights| objective.at(weights))?;
        Ok(found.map(|weights| Self { weights, ..self.clone() }))
    }

    /// The probability of each class for one row of features, `[width]`.
    pub fn probabilities(&self, row: &[f32]) -> Vec<f64> {
        let mut scores = vec![0.0; self.classes];
        self.score(&self.weights, row, &mut scores);
        softmax(&mut scores);
        scores
    }

    fn outputs(&self) -> usize {
        self.weights.len() / (self.width + 1)
    }

    /// Computes the classes' scores of one row with some weights.
    fn score(&self, weights: &[f64], row: &[f32], scores: &mut [f64]) {
        scores.fill(0.0);
        let first = scores.len() - self.outputs();
        for (score, weights) in scores[first..].iter_mut().zip(weights.chunks_exact(self.width + 1)) {
            *score = dot(&weights[..self.width], row) + weights[self.width];
        }
    }
}

/// Makes probabilities of scores. It returns the logarithm of their sum before.
fn softmax(scores: &mut [f64]) -> f64 {
    let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score = (*score - most).exp());
    let sum: f64 = scores.iter().sum();
    scores.iter_mut().for_each(|score| *score /= sum);
    most + sum.ln()
}

/// The sum of products, in lanes that a compiler can compute at once.
fn dot(weights: &[f64], row: &[f32]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let (whole, rest) = (weights.chunks_exact(LANES), row.chunks_exact(LANES));
    let tail: f64 = whole.remainder().iter().zip(rest.remainder()).map(|(w, x)| w * f64::from(*x)).sum();
    for (weights, row) in whole.zip(rest) {
        for lane in 0..LANES {
            sums[lane] += weights[lane] * f64::from(row[lane]);
        }
    }
    sums.iter().sum::<f64>() + tail
}

/// The function to minimise: the mean of the rows' losses, and the penalty.
struct Objective<'a> {
    shape: &'a Probe,
    features: &'a Features,
    labels: &'a [u32],
    rows: &'a [usize],
    c: f64,
    is_cancelled: &'a dyn Fn() -> bool,
}

impl Objective<'_> {
    /// The cost and the gradient at some weights; `None` where it was cancelled.
    fn at(&self, weights: &[f64]) -> Option<(f64, Vec<f64>)> {
        if (self.is_cancelled)() {
            return None;
        }
        let (shape, features, labels) = (self.shape, self.features, self.labels);
        let (width, n) = (shape.width, self.rows.len().max(1) as f64);
        let first = shape.classes - shape.outputs();
        let part = |rows: &[usize]| {
            let (mut cost, mut gradient, mut scores) = (0.0, vec![0.0; weights.len()], vec![0.0; shape.classes]);
            for i in rows {
                let (row, truth) = (features.row(*i), labels[*i] as usize);
                shape.score(weights, row, &mut scores);
                let own = scores[truth];
                cost += softmax(&mut scores) - own;
                // The loss's slope by a score is the class's probability, less one for the true class.
                scores[truth] -= 1.0;
                for (slopes, slope) in gradient.chunks_exact_mut(width + 1).zip(&scores[first..]) {
                    slopes.iter_mut().zip(row).for_each(|(sum, x)| *sum += slope * f64::from(*x));
                    slopes[width] += slope;
                }
            }
            (cost, gradient)
        };
        let parts: Vec<(f64, Vec<f64>)> = self.rows.par_chunks(ROWS_PER_SUM).map(part).collect();
        let (mut cost, mut gradient) = (0.0, vec![0.0; weights.len()]);
        for (part_cost, part_gradient) in parts {
            cost += part_cost / n;
            gradient.iter_mut().zip(part_gradient).for_each(|(sum, slope)| *sum += slope / n);
        }
        let penalty = 1.0 / (self.c * n);
        for (slopes, weights) in gradient.chunks_exact_mut(width + 1).zip(weights.chunks_exact(width + 1)) {
            for (slope, weight) in slopes.iter_mut().zip(&weights[..width]) {
                cost += 0.5 * penalty * weight * weight;
                *slope += penalty * weight;
            }
        }
        Some((cost, gradient))
    }
}

#[cfg(test)]
mod tests {
    use super::super::minimise::tests::assert_gradient_is_the_costs;
    use super::*;

    /// Rows whose classes overlap.
    fn rows(classes: usize) -> (Features, Vec<u32>) {
        let (n, width) = (60, 4);
        let label = |i: usize| (i % classes) as u32;
        let value =
            |i: usize, j: usize| ((i * 7 + j * 3) as f32 * 0.37).sin() + if i % classes == j { 0.8 } else { 0.0 };
        let values = (0..n).flat_map(|i| (0..width).map(move |j| value(i, j))).collect();
        (Features::new(width, values), (0..n).map(label).collect())
    }

    #[test]
    fn standardised_features_have_no_mean_and_one_variance() {
        let features = Features::new(2, vec![1.0, 5.0, 3.0, 5.0]).standardised();
        assert_eq!(features, Features::new(2, vec![-1.0, 0.0, 1.0, 0.0]));
        assert_eq!((features.len(), features.row(1)), (2, &[1.0, 0.0][..]));
    }

    #[test]
    fn the_gradient_is_the_costs_own() {
        for classes in [2, 3] {
            let (features, labels) = rows(classes);
            let shape = Probe::zero(classes, 4);
            let all: Vec<usize> = (0..60).collect();
            let objective = Objective {
                shape: &shape,
                features: &features,
                labels: &labels,
                rows: &all,
                c: 0.5,
                is_cancelled: &|| false,
            };
            let function = |weights: &[f64]| objective.at(weights);
            assert_gradient_is_the_costs(shape.weights.len(), function, &format!("{classes} classes"));
        }
    }

    /// scikit-learn: LogisticRegression(C=0.5, tol=1e-10, max_iter=1000).fit on the same rows, and its `predict_proba` of
    /// the first row.
    #[test]
    fn the_probabilities_are_scikit_learns() {
        for (classes, expected) in [(2, &[0.728_716_7, 0.271_283_3][..]), (3, &[0.517_883_0, 0.173_166_7, 0.308_950_3])]
        {
            let (features, labels) = rows(classes);
            let all: Vec<usize> = (0..60).collect();
            let probe = Probe::zero(classes, 4).fitted(&features, &labels, &all, 0.5, &|| false).unwrap().unwrap();
            let found = probe.probabilities(features.row(0));
            for (own, theirs) in found.iter().zip(expected) {
                assert!((own - theirs).abs() < 1e-4, "{found:?} {expected:?}");
            }
        }
        let (features, labels) = rows(2);
        assert!(Probe::zero(2, 4).fitted(&features, &labels, &[0, 1], 1.0, &|| true).unwrap().is_none());
    }
}
