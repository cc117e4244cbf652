//! What a user sees of a parameter's values: the first of them, their moments and a histogram.

use crate::domain::params::ParameterView;

/// A parameter shows this many of its values.
const FIRST: usize = 32;
const BINS: usize = 40;

/// Summarises all values of a parameter, given in row-major order; whose they are is the caller's to say.
/// Moments and histogram leave out values that are not finite. The values of a constant tensor are all in the histogram's
/// middle bin.
pub fn view(name: &str, shape: &[usize], values: &[f32]) -> ParameterView {
    let finite = || values.iter().copied().filter(|v| v.is_finite());
    let count = finite().count().max(1) as f64;
    let (mut min, mut max, mut sum) = (f32::INFINITY, f32::NEG_INFINITY, 0.0);
    for v in finite() {
        min = min.min(v);
        max = max.max(v);
        sum += f64::from(v);
    }
    if min > max {
        (min, max) = (0.0, 0.0);
    }
    let mean = sum / count;
    let mut squares = 0.0;
    let mut histogram = vec![0; BINS];
    let (low, width) = (f64::from(min), f64::from(max) - f64::from(min));
    for v in finite().map(f64::from) {
        squares += (v - mean) * (v - mean);
        let bin = if width > 0.0 { ((v - low) / width * BINS as f64) as usize } else { BINS / 2 };
        histogram[bin.min(BINS - 1)] += 1;
    }
    ParameterView {
        name: name.to_owned(),
        shape: shape.to_vec(),
        first: values[..values.len().min(FIRST)].to_vec(),
        min,
        max,
        mean,
        std: (squares / count).sqrt(),
        histogram,
        ..ParameterView::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_histogram_of_a_ramp() {
        let values: Vec<f32> = (0..=400).map(|i| i as f32 / 4.0 - 50.0).collect();
        let v = view("pooler.dense.bias", &[401], &values);
        assert_eq!((v.min, v.max, v.first.len(), v.first[1]), (-50.0, 50.0, 32, -49.75));
        assert!(v.mean.abs() < 1e-12);
        // A discrete uniform distribution has the deviation step * sqrt((n² - 1) / 12).
        assert!((v.std - 0.25 * ((401.0f64 * 401.0 - 1.0) / 12.0).sqrt()).abs() < 1e-9);
        assert_eq!(v.histogram.len(), 40);
        assert!(v.histogram[..39].iter().all(|n| *n == 10) && v.histogram[39] == 11, "{:?}", v.histogram);
    }

    #[test]
    fn constant_empty_and_broken_tensors() {
        let v = view("x", &[3], &[2.5; 3]);
        assert_eq!((v.min, v.max, v.mean, v.std, v.histogram[20]), (2.5, 2.5, 2.5, 0.0, 3));
        let v = view("x", &[0], &[]);
        assert_eq!((v.min, v.max, v.mean, v.std, v.histogram.iter().sum::<u64>()), (0.0, 0.0, 0.0, 0.0, 0));
        let v = view("x", &[3], &[f32::NAN, f32::INFINITY, 1.0]);
        assert_eq!((v.min, v.max, v.histogram.iter().sum::<u64>()), (1.0, 1.0, 1));
        let v = view("x", &[2], &[f32::MIN, f32::MAX]);
        assert_eq!((v.histogram[0], v.histogram[39]), (1, 1));
    }
}
