//! The points at which the gradient is looked at on the way from padding to the text, and their weights.
//!
//! Clenshaw and Curtis (1960) integrate the polynomial through points that lie dense at both ends of the interval, where a
//! gradient changes most. With twice as many steps the points are the former ones and one between each two, so that no
//! gradient is computed twice, and of a smooth function far fewer are needed than by the trapezoidal rule.

use std::f64::consts::PI;

/// The point number `k` of `steps` + 1 between 0 and 1, (1 - cos(pi k / steps)) / 2.
pub fn point(k: usize, steps: usize) -> f64 {
    (1.0 - (PI * k as f64 / steps as f64).cos()) / 2.0
}

/// The weights of the `steps` + 1 points; they sum to 1. `steps` is even.
pub fn weights(steps: usize) -> Vec<f64> {
    let n = steps as f64;
    let weight = |k: usize| {
        let angle = PI * k as f64 / n;
        let terms = (1..=steps / 2).map(|j| {
            let (share, j) = (if 2 * j == steps { 1.0 } else { 2.0 }, j as f64);
            share / (4.0 * j * j - 1.0) * (2.0 * j * angle).cos()
        });
        let ends = if k == 0 || k == steps { 0.5 } else { 1.0 };
        ends / n * (1.0 - terms.sum::<f64>())
    };
    (0..=steps).map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integral(f: impl Fn(f64) -> f64, steps: usize) -> f64 {
        weights(steps).iter().enumerate().map(|(k, w)| w * f(point(k, steps))).sum()
    }

    #[test]
    fn polynomials_and_smooth_functions_are_integrated() {
        for steps in [2, 8, 64] {
            assert!((weights(steps).iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!((integral(|x| x, steps) - 0.5).abs() < 1e-12);
        }
        assert!((integral(|x| x.powi(7), 8) - 1.0 / 8.0).abs() < 1e-12);
        assert!((integral(f64::exp, 8) - (1f64.exp() - 1.0)).abs() < 1e-9);
    }

    #[test]
    fn twice_as_many_steps_keep_the_points() {
        for k in 0..=8 {
            assert!((point(k, 8) - point(2 * k, 16)).abs() < 1e-15);
        }
        assert_eq!((point(0, 8), point(8, 8)), (0.0, 1.0));
    }
}
