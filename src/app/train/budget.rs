//! "Make it fit": how many rows, and how much of each text, can be learned from in the time there is.

use crate::domain::dataset::{SplitCounts, TokenLengths};
use crate::domain::estimate::Workload;

use super::TrainState;

/// A run that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fit {
    /// `None`: all rows.
    pub max_rows: Option<usize>,
    pub max_length: usize,
}

/// Texts are not cut below this many tokens to make room for more rows.
const SHORTEST: usize = 64;

/// Keeps the length while enough rows fit; else cuts the texts, step by step, and at last takes what fits. `None` before
/// data, model and calibration are there.
pub fn fit(state: &TrainState) -> Option<Fit> {
    let data = state.dataset.ready()?;
    let budget_secs = f64::from(state.budget_minutes) * 60.0;
    // These are worth cutting texts for: below, a class is seen too seldom to be learned.
    let enough_rows = (200 * data.labels.len()).max(2000);
    let longest = state.config.training.max_length;
    let lengths = [longest, 256, 192, 128, 96, SHORTEST].into_iter().filter(|l| *l <= longest);
    let mut best = None;
    for max_length in lengths {
        let rows = rows_that_fit(state, max_length, budget_secs)?;
        let fits_all = rows >= data.rows;
        best = Some(Fit { max_rows: (!fits_all).then_some(round_down(rows)), max_length });
        if fits_all || rows >= enough_rows {
            break;
        }
    }
    best
}

/// The most rows whose run takes at most `budget_secs`, by halving; at least enough to split.
fn rows_that_fit(state: &TrainState, max_length: usize, budget_secs: f64) -> Option<usize> {
    let (data, workload) = (state.dataset.ready()?, state.workload()?);
    let mut calibration = *workload.calibration;
    // The texts that are tokenised so far tell more than the calibration's own.
    calibration.tokens_per_row = match state.token_lengths.as_deref().filter(|lengths| lengths.done > 0) {
        Some(lengths) => mean_cut_at(lengths, max_length),
        None => calibration.tokens_per_row.min(max_length as f64),
    };
    let secs = |rows: usize| {
        let shares = &state.config.data.split;
        let test = rows as f64 * shares.test_share;
        let validation = (rows as f64 - test) * shares.validation_share;
        let train = rows as f64 - test - validation;
        let train = state.config.data.rows_per_class.map_or(train, |n| train.min((n * data.labels.len()) as f64));
        let split = SplitCounts {
            train: vec![train.round() as usize],
            validation: vec![validation.round() as usize],
            test: vec![test.round() as usize],
        };
        state.estimate_of(Workload { calibration: &calibration, split: &split, ..workload }).total_secs
    };
    let least = (10 * data.labels.len()).min(data.rows);
    let (mut fits, mut too_many) = (least, data.rows + 1);
    while too_many - fits > 1 {
        let middle = fits + (too_many - fits) / 2;
        if secs(middle) <= budget_secs { fits = middle } else { too_many = middle }
    }
    Some(fits)
}

/// Mean tokens of a text cut at `max_length`.
fn mean_cut_at(lengths: &TokenLengths, max_length: usize) -> f64 {
    let tokens: usize = lengths.counts.iter().enumerate().map(|(n, rows)| n.min(max_length) * rows).sum();
    tokens as f64 / lengths.counts.iter().sum::<usize>().max(1) as f64
}

/// Two leading digits: 8,731 becomes 8,700.
fn round_down(n: usize) -> usize {
    let unit = 10_usize.pow(n.max(1).ilog10().saturating_sub(1));
    n / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_keeps_two_digits() {
        assert_eq!(round_down(8731), 8700);
        assert_eq!(round_down(99), 99);
        assert_eq!(round_down(100), 100);
        assert_eq!(round_down(19), 19);
        assert_eq!(round_down(7), 7);
    }

    #[test]
    fn mean_length_counts_cut_texts_at_the_cut() {
        let lengths = TokenLengths { counts: vec![0, 0, 4, 0, 6], done: 10, total: 10, max_length: 4, cut: 6 };
        assert!((mean_cut_at(&lengths, 4) - 3.2).abs() < 1e-12);
        assert!((mean_cut_at(&lengths, 3) - 2.6).abs() < 1e-12);
    }
}
