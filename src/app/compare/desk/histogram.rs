//! Values counted in bins of equal width, to be seen from the last row of a lecture hall.

/// How many values lie in each bin. Values beyond an end are counted in the bin there, so that one wild guess does not press
/// all others together.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Where the first bin begins.
    pub from: f64,
    pub width: f64,
    /// A value on the border of two bins counts in the upper one.
    pub counts: Vec<usize>,
    /// Whether there are values below the first bin, and beyond the last.
    pub is_open: [bool; 2],
}

/// Accuracies are counted in twentieths, from 0 to 1.
const SHARE_BINS: usize = 20;
/// Other values get about so many bins.
const BINS: f64 = 15.0;
/// The bins reach to one and a half times the value below which this share of the values lies.
const WITHIN: f64 = 0.9;

impl Histogram {
    /// Counts shares from 0 to 1.
    pub fn of_shares(values: &[f64]) -> Self {
        Self::counted(values, 0.0, 1.0 / SHARE_BINS as f64, SHARE_BINS)
    }

    /// Counts values in bins as wide as 1, 2 or 5 times a power of ten. The bins hold 0 and all `truths`.
    pub fn of_amounts(values: &[f64], truths: &[f64]) -> Self {
        let end = |share: f64| quantile(values, share).unwrap_or(0.0) * 1.5;
        let lowest = truths.iter().copied().fold(end(1.0 - WITHIN).min(0.0), f64::min);
        let highest = truths.iter().copied().fold(end(WITHIN).max(0.0), f64::max);
        let range = highest - lowest;
        let range = if range > 0.0 && range.is_finite() { range } else { 1.0 };
        let wanted = range / BINS;
        let power = 10_f64.powf(wanted.log10().floor());
        let widths = [1.0, 2.0, 5.0, 10.0].map(|m| m * power);
        let width = widths.into_iter().find(|width| *width >= wanted * 0.999).unwrap_or(wanted);
        let from = (lowest / width).floor() * width;
        let bins = ((lowest + range - from) / width).floor() as usize + 1;
        Self::counted(values, from, width, bins)
    }

    fn counted(values: &[f64], from: f64, width: f64, bins: usize) -> Self {
        let mut counts = vec![0; bins];
        for value in values.iter().filter(|value| value.is_finite()) {
            // A guess of 0.15 belongs to the bin that begins at 0.15, although no binary fraction is exactly that.
            let bin = (((value - from) / width + 1e-9).floor().max(0.0) as usize).min(bins - 1);
            counts[bin] += 1;
        }
        let end = from + width * bins as f64 + 1e-9 * width;
        let is_open = [values.iter().any(|value| *value < from), values.iter().any(|value| *value > end)];
        Self { from, width, counts, is_open }
    }

    /// Where the last bin ends.
    pub fn to(&self) -> f64 {
        self.from + self.width * self.counts.len() as f64
    }
}

/// The value below which this share of the values lies; `None` if there are none.
pub fn quantile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    let at = share.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

/// The middle value; `None` of no values.
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_counted_in_twentieths() {
        let histogram = Histogram::of_shares(&[0.0, 0.15, 0.15, 0.7, 0.70001, 1.0, f64::NAN]);
        assert_eq!(histogram.counts.iter().sum::<usize>(), 6);
        assert_eq!(
            (histogram.counts[0], histogram.counts[3], histogram.counts[14], histogram.counts[19]),
            (1, 2, 2, 1)
        );
        assert!((histogram.to() - 1.0).abs() < 1e-9 && histogram.is_open == [false; 2]);
    }

    #[test]
    fn one_wild_guess_leaves_the_others_apart() {
        let mut guesses: Vec<f64> = (1..=29).map(f64::from).collect();
        guesses.push(36_000.0);
        let histogram = Histogram::of_amounts(&guesses, &[12.0, 33.0]);
        assert!(histogram.is_open[1] && histogram.to() > 33.0 && histogram.to() < 60.0, "{histogram:?}");
        assert_eq!(histogram.counts.iter().sum::<usize>(), 30);
        assert!(histogram.counts.iter().filter(|count| **count > 0).count() >= 7);
        let below = Histogram::of_amounts(&[-3.0, -1.0, 2.0], &[-2.0]);
        assert!(below.from <= -3.0 && below.to() > 2.0 && below.is_open == [false; 2], "{below:?}");
        assert_eq!(Histogram::of_amounts(&[], &[]).counts.iter().sum::<usize>(), 0);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!((median(&[3.0, 1.0, 2.0]), median(&[1.0, 2.0]), median(&[])), (Some(2.0), Some(1.5), None));
    }
}
