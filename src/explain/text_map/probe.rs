//! Linear probes: logistic regression on the vectors after a layer, which says how well the label can be read there in a
//! straight line (Alain and Bengio 2016).

use crate::domain::problem::Outcome;
use crate::domain::text_map::Hits;
use crate::train::probe::{Features, Probe};

/// scikit-learn's `C`. Of 0.001, 0.01, 0.1 and 1 it reads most after the last layer of the bundled model, and after preset 3
/// second most (`scripts/map_of_texts.py`): with as many numbers as a vector has, a weaker penalty lets the probe learn the
/// rows by heart.
pub const PENALTY: f64 = 0.01;

/// Fits a probe on the vectors of some rows and tests it on those of others; each is a pair of vectors and of label ids below
/// `classes`. The numbers are standardised over all of these rows, whose labels have no part in that. `None` once
/// `is_cancelled` is true.
///
/// # Errors
/// `internal-error` when the optimiser does not take a single step.
pub fn probe(
    fit: (&Features, &[u32]),
    test: (&Features, &[u32]),
    classes: usize,
    is_cancelled: &dyn Fn() -> bool,
) -> Outcome<Option<Hits>> {
    let width = fit.0.width();
    let all = [fit.0, test.0].into_iter().flat_map(|part| (0..part.len()).flat_map(|i| part.row(i)));
    let features = Features::new(width, all.copied().collect()).standardised();
    let (labels, fitted): (Vec<u32>, Vec<usize>) = fit.1.iter().copied().zip(0..).unzip();
    let found = Probe::zero(classes, width).fitted(&features, &labels, &fitted, PENALTY, is_cancelled)?;
    Ok(found.map(|probe| {
        let is_right = |(i, label): (usize, &u32)| {
            let probabilities = probe.probabilities(features.row(fitted.len() + i));
            let best = (0..classes).fold(0, |best, i| if probabilities[i] > probabilities[best] { i } else { best });
            best == *label as usize
        };
        let right = test.1.iter().enumerate().filter(|(i, label)| is_right((*i, label))).count();
        Hits { right: right as u64, rows: test.1.len() as u64 }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_apart_is_read_and_what_does_not_is_not() {
        let rows = |n: usize, apart: f32| -> (Features, Vec<u32>) {
            let label = |i: usize| (i % 3) as u32;
            let value =
                |i: usize, j: usize| ((i * 7 + j * 3) as f32 * 0.37).sin() + if i % 3 == j { apart } else { 0.0 };
            let values = (0..n).flat_map(|i| (0..4).map(move |j| value(i, j))).collect();
            (Features::new(4, values), (0..n).map(label).collect())
        };
        let hits = |apart| {
            let (fit, test) = (rows(120, apart), rows(60, apart));
            probe((&fit.0, &fit.1), (&test.0, &test.1), 3, &|| false).unwrap().unwrap()
        };
        let (near, far) = (hits(0.0), hits(9.0));
        assert!(far.accuracy() > 0.99 && near.accuracy() < 0.7 && near.rows == 60, "{near:?} {far:?}");
        let (fit, test) = (rows(9, 1.0), rows(3, 1.0));
        assert!(probe((&fit.0, &fit.1), (&test.0, &test.1), 3, &|| true).unwrap().is_none());
    }
}
