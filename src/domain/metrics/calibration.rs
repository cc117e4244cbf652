//! Whether a model is right as often as its probabilities say, and the temperature that brings them closer to that.

use serde::{Deserialize, Serialize};

use super::super::problem::{Outcome, Problem};
use super::scores::Scores;

/// Confidences are put into so many bins of equal width.
pub const BINS: usize = 15;

/// The rows of one bin of a reliability diagram. The confidence of a row is the probability of its predicted label.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    pub rows: u64,
    pub correct: u64,
    /// The mean confidence of the rows; 0 without rows.
    pub confidence: f64,
}

impl Bin {
    /// The share of its rows that were predicted right; 0 without rows.
    pub fn accuracy(&self) -> f64 {
        if self.rows == 0 { 0.0 } else { self.correct as f64 / self.rows as f64 }
    }
}

/// The numbers of a reliability diagram: bin `i` has the confidences above `i / 15` up to and including `(i + 1) / 15`.
pub type Reliability = [Bin; BINS];

/// Counts rows, each given by its confidence and by whether it was predicted right. `None` where there are no rows, or where
/// a confidence is no number.
pub fn reliability(rows: impl IntoIterator<Item = (f64, bool)>) -> Option<Reliability> {
    let mut bins = [Bin::default(); BINS];
    let mut sums = [0.0; BINS];
    for (confidence, is_right) in rows {
        if confidence.is_nan() {
            return None;
        }
        let bin = (1..BINS).find(|i| confidence <= *i as f64 / BINS as f64).map_or(BINS - 1, |i| i - 1);
        bins[bin].rows += 1;
        bins[bin].correct += u64::from(is_right);
        sums[bin] += confidence;
    }
    for (bin, sum) in bins.iter_mut().zip(sums).filter(|(bin, _)| bin.rows > 0) {
        bin.confidence = sum / bin.rows as f64;
    }
    bins.iter().any(|bin| bin.rows > 0).then_some(bins)
}

/// The expected calibration error (Guo et al. 2017): by how much confidence and accuracy differ, as the mean over the rows of
/// the difference in their bin.
pub fn expected_calibration_error(bins: &Reliability) -> f64 {
    let rows: u64 = bins.iter().map(|bin| bin.rows).sum();
    let gap = |bin: &Bin| bin.rows as f64 * (bin.accuracy() - bin.confidence).abs();
    bins.iter().map(gap).sum::<f64>() / rows.max(1) as f64
}

/// A temperature divides the logits of a model before the softmax. It says here as well what that did on the rows that
/// it was fitted on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Temperature {
    /// Above 1 it makes the model less sure, below 1 surer.
    pub temperature: f64,
    /// The validation rows that it was fitted on.
    pub rows: usize,
    /// The mean cross-entropy of these rows at temperature 1, in nats.
    pub loss_before: f64,
    pub loss: f64,
    /// Their expected calibration error at temperature 1.
    pub ece_before: f64,
    pub ece: f64,
}

/// Temperatures are looked for between these.
pub const LOWEST: f64 = 0.01;
pub const HIGHEST: f64 = 100.0;

impl Temperature {
    /// Returns whether it can be used, whoever wrote it.
    pub fn is_sound(value: f64) -> bool {
        (LOWEST..=HIGHEST).contains(&value)
    }

    /// The temperature at which the rows' mean cross-entropy is lowest (Guo et al. 2017). It is looked for by Newton's method
    /// on its logarithm, kept within an interval that halves where a step leaves it, until it moves by less than 1e-12: as
    /// a function of 1/T the loss is convex, so that there is one minimum. The scores are those at temperature 1.
    ///
    /// # Errors
    /// `temperature-no-rows`; `temperature-not-finite` for probabilities that are no numbers; `temperature-at-chance` where the
    /// loss still falls at the highest temperature, because guessing evenly would be better; `temperature-without-minimum`
    /// where it still falls at the lowest one, as when all rows are right.
    pub fn fit(scores: &Scores) -> Outcome<Self> {
        let before = scores.measures();
        if scores.truths.is_empty() {
            return Err(Problem::new("temperature-no-rows"));
        }
        let Some(ece_before) = before.ece else { return Err(Problem::new("temperature-not-finite")) };
        let logits: Vec<Vec<f64>> =
            scores.probabilities.iter().map(|row| row.iter().map(|p| ln(*p)).collect()).collect();
        let slope = |log_temperature: f64| slope(&logits, &scores.truths, (-log_temperature).exp());
        let (mut low, mut high) = (LOWEST.ln(), HIGHEST.ln());
        // The slope by 1/T is negative where the temperature is too high for the minimum, and positive where it is too low.
        let endless = match () {
            () if slope(high).0 >= 0.0 => Some("temperature-at-chance"),
            () if slope(low).0 <= 0.0 => Some("temperature-without-minimum"),
            () => None,
        };
        if let Some(problem) = endless {
            let right = scores.confusion().correct();
            let problem = Problem::new(problem).with_count("right", right as usize);
            return Err(problem.with_count("rows", scores.truths.len()));
        }
        let mut at = 0.0f64;
        for _ in 0..200 {
            let (gradient, curvature) = slope(at);
            if gradient > 0.0 {
                low = at
            } else {
                high = at
            }
            let newton = at + gradient / (curvature * (-at).exp());
            let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
            let moved = (next - at).abs();
            at = next;
            if moved < 1e-12 {
                break;
            }
        }
        let temperature = at.exp();
        let after = scores.tempered(temperature).measures();
        let (loss_before, loss) = (before.loss, after.loss);
        let ece = after.ece.unwrap_or(f64::NAN);
        Ok(Self { temperature, rows: scores.truths.len(), loss_before, loss, ece_before, ece })
    }
}

/// The logarithm of a probability, which is finite for one that was too small for a number.
fn ln(probability: f64) -> f64 {
    probability.max(f64::MIN_POSITIVE).ln()
}

/// The first and the second derivative of the mean cross-entropy by `inverse`, which is 1/T: the mean of the logit expected
/// minus the true one, and the mean variance of the logits, both under the softmax at that temperature.
fn slope(logits: &[Vec<f64>], truths: &[u32], inverse: f64) -> (f64, f64) {
    let (mut gradient, mut curvature) = (0.0, 0.0);
    for (row, truth) in logits.iter().zip(truths) {
        let most = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut first, mut second) = (0.0, 0.0, 0.0);
        for logit in row {
            let (shifted, weight) = (logit - most, ((logit - most) * inverse).exp());
            sum += weight;
            first += weight * shifted;
            second += weight * shifted * shifted;
        }
        let mean = first / sum;
        gradient += mean - (row[*truth as usize] - most);
        curvature += (second / sum - mean * mean).max(0.0);
    }
    let rows = truths.len().max(1) as f64;
    (gradient / rows, curvature / rows)
}

/// The probabilities at another temperature, from those at temperature 1: the softmax of their logarithms divided by it. At
/// temperature 1 they keep their bits.
pub fn tempered(probabilities: &[f64], temperature: f64) -> Vec<f64> {
    if temperature == 1.0 {
        return probabilities.to_vec();
    }
    let most = probabilities.iter().copied().fold(f64::MIN_POSITIVE, f64::max).ln();
    let weights = probabilities.iter().map(|p| if p.is_nan() { *p } else { ((ln(*p) - most) / temperature).exp() });
    let sum: f64 = weights.clone().sum();
    weights.map(|weight| weight / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(rows: &[(u32, [f64; 2])]) -> Scores {
        Scores {
            classes: 2,
            truths: rows.iter().map(|row| row.0).collect(),
            probabilities: rows.iter().map(|row| row.1.to_vec()).collect(),
        }
    }

    #[test]
    fn upper_edges_belong_to_their_bin() {
        let bins = reliability([(0.0, false), (1.0 / 15.0, true), (0.2, true), (0.5, true), (1.0, true)]).unwrap();
        let rows: Vec<u64> = bins.iter().map(|bin| bin.rows).collect();
        assert_eq!(rows, [2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(reliability([]), None);
        assert_eq!(reliability([(f64::NAN, true)]), None);
    }

    /// The model is 90 % sure of each row and right on 70 % of them: the temperature turns 0.9 into 0.7.
    #[test]
    fn a_model_that_is_too_sure_is_cooled() {
        let rows: Vec<(u32, [f64; 2])> = (0..10).map(|i| (u32::from(i < 7), [0.1, 0.9])).collect();
        let fitted = Temperature::fit(&scores(&rows)).unwrap();
        assert!((fitted.temperature - 9.0f64.ln() / (7.0f64 / 3.0).ln()).abs() < 1e-9, "{fitted:?}");
        assert!(fitted.loss < fitted.loss_before && fitted.ece < 1e-9 && (fitted.ece_before - 0.2).abs() < 1e-9);
        let cooled = tempered(&[0.1, 0.9], fitted.temperature);
        assert!((cooled[1] - 0.7).abs() < 1e-9 && (cooled[0] + cooled[1] - 1.0).abs() < 1e-12);
        assert_eq!(tempered(&[0.1, 0.9], 1.0), [0.1, 0.9]);
    }

    #[test]
    fn what_tells_no_temperature_is_refused() {
        let refused = |rows: &[(u32, [f64; 2])]| Temperature::fit(&scores(rows)).unwrap_err().id;
        assert_eq!(refused(&[]), "temperature-no-rows");
        assert_eq!(refused(&[(0, [f64::NAN, 0.5])]), "temperature-not-finite");
        assert_eq!(refused(&[(0, [0.9, 0.1]), (1, [0.2, 0.8])]), "temperature-without-minimum", "all are right");
        assert_eq!(refused(&[(1, [0.9, 0.1]), (0, [0.2, 0.8])]), "temperature-at-chance", "all are wrong");
        assert_eq!(refused(&[(0, [0.9, 0.1]), (1, [0.9, 0.1])]), "temperature-at-chance", "as many are right as wrong");
        assert_eq!(refused(&[(1, [0.5, 0.5])]), "temperature-at-chance");
    }
}
