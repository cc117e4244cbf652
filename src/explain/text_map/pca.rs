//! Principal component analysis: the two directions in which vectors vary most, as scikit-learn's `PCA` finds them.
//!
//! The covariance matrix is one product. Its leading eigenvectors are found by subspace iteration with Rayleigh and Ritz's
//! step (Golub and Van Loan, Matrix Computations, 8.2): a few directions more than are wanted make it fast, also where the
//! wanted ones vary almost equally.

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use crate::domain::problem::Outcome;
use crate::train::probe::Features;

/// The directions that are iterated, of which the first two are kept.
const BLOCK: usize = 8;
const MOST_ROUNDS: usize = 500;
/// The search ends when the variances along both axes change by less than this share from one round to the next.
const TOLERANCE: f64 = 1e-13;

/// Two axes through the middle of some vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    mean: Vec<f64>,
    /// They are of length 1 and at right angles; all are 0 where fewer than two rows or numbers give none.
    axes: [Vec<f64>; 2],
    /// The share of the whole variance along each axis.
    pub shares: [f64; 2],
}

impl Axes {
    /// The axes along which the rows of all `parts` together vary most. The largest number of an axis is above 0, as in
    /// scikit-learn, so that the same vectors never come out mirrored.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub fn of(parts: &[&Features]) -> Outcome<Self> {
        let width = parts.first().map_or(0, |part| part.width());
        let rows: Vec<&[f32]> = parts.iter().flat_map(|part| (0..part.len()).map(|i| part.row(i))).collect();
        let mut mean = vec![0.0; width];
        for row in &rows {
            mean.iter_mut().zip(*row).for_each(|(mean, x)| *mean += f64::from(*x) / rows.len() as f64);
        }
        if rows.len() < 2 || width < 2 {
            return Ok(Self { mean, axes: [vec![0.0; width], vec![0.0; width]], shares: [0.0; 2] });
        }
        let centred: Vec<f64> =
            rows.iter().flat_map(|row| row.iter().zip(&mean).map(|(x, mean)| f64::from(*x) - mean)).collect();
        let centred = Tensor::from_vec(centred, (rows.len(), width), &Device::Cpu)?;
        let scaled = (centred.t()?.matmul(&centred)? / (rows.len() - 1) as f64)?;
        let covariance: Vec<f64> = scaled.flatten_all()?.to_vec1()?;
        let all: f64 = (0..width).map(|i| covariance[i * width + i]).sum();
        let (variances, vectors) = leading(&covariance, width);
        let [first, second] = [0, 1].map(|i| upright(vectors[i].clone()));
        let shares = [0, 1].map(|i| if all > 0.0 { (variances[i] / all).max(0.0) } else { 0.0 });
        Ok(Self { mean, axes: [first, second], shares })
    }

    /// Returns where the rows stand on these axes.
    pub fn points(&self, features: &Features) -> Vec<[f32; 2]> {
        let place = |row: &[f32], axis: &[f64]| -> f64 {
            row.iter().zip(&self.mean).zip(axis).map(|((x, mean), a)| (f64::from(*x) - mean) * a).sum()
        };
        let point = |i: usize| [0, 1].map(|axis| place(features.row(i), &self.axes[axis]) as f32);
        (0..features.len()).into_par_iter().map(point).collect()
    }
}

/// The vector or its opposite, whichever has its largest number above 0.
fn upright(mut vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().copied().fold(0.0, |most: f64, x| if x.abs() > most.abs() { x } else { most });
    if largest < 0.0 {
        vector.iter_mut().for_each(|x| *x = -*x);
    }
    vector
}

/// The largest eigenvalues of a symmetric matrix `[width, width]` and their vectors.
fn leading(matrix: &[f64], width: usize) -> (Vec<f64>, Vec<Vec<f64>>) {
    let block = BLOCK.min(width);
    // Any start will do that is not at right angles to what is looked for.
    let start = |i: usize| (0..width).map(|j| ((i * 7919 + j * 104_729) as f64 * 0.618).sin()).collect();
    let mut vectors: Vec<Vec<f64>> = (0..block).map(start).collect();
    orthonormalise(&mut vectors);
    let mut before = vec![f64::INFINITY; block];
    for _ in 0..MOST_ROUNDS {
        let images: Vec<Vec<f64>> = vectors.iter().map(|vector| product(matrix, width, vector)).collect();
        // Within the space of the block, the directions themselves are found at once.
        let inner: Vec<Vec<f64>> = vectors.iter().map(|v| images.iter().map(|image| dot(v, image)).collect()).collect();
        let (values, turns) = small_eigen(inner);
        let turned = |turn: &Vec<f64>| {
            let mut sum = vec![0.0; width];
            for (share, image) in turn.iter().zip(&images) {
                sum.iter_mut().zip(image).for_each(|(sum, x)| *sum += share * x);
            }
            sum
        };
        vectors = turns.iter().map(turned).collect();
        orthonormalise(&mut vectors);
        let moved = values.iter().zip(&before).take(2).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
        let is_settled = moved <= TOLERANCE * values[0].abs();
        before = values;
        if is_settled {
            break;
        }
    }
    (before, vectors)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn product(matrix: &[f64], width: usize, vector: &[f64]) -> Vec<f64> {
    matrix.par_chunks_exact(width).map(|row| dot(row, vector)).collect()
}

/// Makes vectors of length 1 at right angles to those before them, by Gram and Schmidt, twice for the sake of rounding. One
/// that lies in the space of the others becomes a unit vector beside it, or 0.
fn orthonormalise(vectors: &mut [Vec<f64>]) {
    for i in 0..vectors.len() {
        let (done, rest) = vectors.split_at_mut(i);
        let vector = &mut rest[0];
        for _ in 0..2 {
            for other in done.iter() {
                let share = dot(vector, other);
                vector.iter_mut().zip(other).for_each(|(x, y)| *x -= share * y);
            }
            let length = dot(vector, vector).sqrt();
            let scale = if length > 1e-150 { length.recip() } else { 0.0 };
            vector.iter_mut().for_each(|x| *x *= scale);
        }
    }
}

/// The eigenvalues of a small symmetric matrix, the largest first, and their vectors, by Jacobi's rotations.
fn small_eigen(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let n = a.len();
    let mut vectors: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for _ in 0..50 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j].powi(2)).sum();
        let on: f64 = (0..n).map(|i| a[i][i].powi(2)).sum();
        if off <= 1e-32 * on {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q] == 0.0 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
                let c = t.hypot(1.0).recip();
                let s = t * c;
                for row in a.iter_mut() {
                    (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                }
                let (before, from_q) = a.split_at_mut(q);
                for (x, y) in before[p].iter_mut().zip(&mut from_q[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
                let (before, from_q) = vectors.split_at_mut(q);
                for (x, y) in before[p].iter_mut().zip(&mut from_q[0]) {
                    (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
                }
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| a[*j][*j].total_cmp(&a[*i][*i]));
    (order.iter().map(|i| a[*i][*i]).collect(), order.into_iter().map(|i| vectors[i].clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows on an ellipse that is turned in space.
    fn ellipse(n: usize) -> Features {
        let value = |i: usize| {
            let angle = i as f32 * 0.7;
            let (x, y) = (3.0 * angle.cos(), angle.sin());
            [0.6 * x + 1.0, 0.8 * x - 2.0, y]
        };
        Features::new(3, (0..n).flat_map(value).collect())
    }

    #[test]
    fn the_axes_are_those_of_an_ellipse() {
        let rows = ellipse(900);
        let found = Axes::of(&[&rows]).unwrap();
        for (axis, wanted) in found.axes.iter().zip([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]) {
            assert!(axis.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-3), "{axis:?}");
        }
        assert!((found.shares[0] - 0.9).abs() < 1e-3 && (found.shares[0] + found.shares[1] - 1.0).abs() < 1e-9);
        let points = found.points(&rows);
        assert!((points[0][0] - 3.0).abs() < 1e-2 && points[0][1].abs() < 1e-2, "{:?}", points[0]);
    }

    #[test]
    fn rows_that_do_not_vary_stand_in_one_place() {
        for n in [0, 1, 5] {
            let rows = Features::new(3, vec![2.0; 3 * n]);
            let axes = Axes::of(&[&rows]).unwrap();
            assert_eq!(axes.shares, [0.0; 2]);
            assert!(axes.points(&rows).iter().all(|point| *point == [0.0; 2]));
        }
    }
}
