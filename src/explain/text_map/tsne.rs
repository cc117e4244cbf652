//! t-SNE by Barnes and Hut (van der Maaten, "Accelerating t-SNE using Tree-Based Algorithms", JMLR 2014), as the crate
//! `bhtsne` fits it. It is fitted in pieces of some rounds each, so that it can be watched and ended, and it may begin where
//! another fit ended.

use std::cmp::Ordering;

use bhtsne::{Neighbor, SparseAffinities, tSNE};
use candle_core::{Device, Tensor};
use rayon::prelude::*;

use crate::domain::problem::Outcome;
use crate::train::probe::Features;

/// About so many neighbours count for each point, as in scikit-learn; of few rows fewer.
const PERPLEXITY: usize = 30;
/// The neighbours that are looked at for each that counts.
const NEIGHBOURS_EACH: usize = 3;
/// A cell of the tree that looks smaller than this stands for all its points.
const THETA: f32 = 0.5;
/// The rounds of one piece.
const PIECE: usize = 50;
/// The pieces of a fit from the beginning: first those in which neighbours attract each other twelve times as strongly, so
/// that groups find together (250 and 750 rounds, as in scikit-learn).
const EXAGGERATED: usize = 5;
const PLAIN: usize = 15;
/// The pieces of a fit that begins where another one ended.
const CONTINUED: usize = 10;
const EXAGGERATION: f32 = 12.0;
/// The standard deviation of points that stand together in the middle, from where they find their groups.
const FLAT: f64 = 1e-4;
/// Turns by this angle, in radians, never come back to a direction.
const GOLDEN_ANGLE: f64 = 2.399_963_229_728_653;
/// The least learning rate; the usual one is the rows divided by the exaggeration (Belkina and others 2019), as in
/// scikit-learn, whose rates are four times smaller for the same steps.
const LEAST_RATE: f32 = 200.0;

/// It says where points begin.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// They begin in the shape of these, but close together: a fit from the beginning.
    Flat(&'a [[f32; 2]]),
    /// They begin where these are: points that fit another layer's vectors move from there.
    From(&'a [[f32; 2]]),
}

/// The points of some rows. `go_on` sees them after each piece and says whether to go on; where it does not, the result is
/// `None`. Fewer than four rows stay where they begin.
///
/// # Errors
/// `internal-error` from candle.
pub fn embed(
    features: &Features,
    start: Start<'_>,
    go_on: &dyn Fn(&[[f32; 2]]) -> bool,
) -> Outcome<Option<Vec<[f32; 2]>>> {
    let rows = features.len();
    let perplexity = PERPLEXITY.min(rows.saturating_sub(1) / NEIGHBOURS_EACH);
    let (mut points, exaggerated, plain) = match start {
        Start::Flat(points) => (flattened(points), EXAGGERATED, PLAIN),
        Start::From(points) => (points.to_vec(), 0, CONTINUED),
    };
    if perplexity == 0 {
        return Ok(Some(points));
    }
    let neighbours = neighbours(features, NEIGHBOURS_EACH * perplexity)?;
    // A fit that goes on has the same rate, because a larger one throws single points far out of the picture.
    let rate = (rows as f32 / EXAGGERATION).max(LEAST_RATE);
    let mut fit = Fit { neighbours, affinities: None, perplexity: perplexity as f32, rate };
    for piece in 0..exaggerated + plain {
        let is_exaggerated = piece < exaggerated;
        points = fit.piece(&points, is_exaggerated);
        if !go_on(&points) {
            return Ok(None);
        }
    }
    Ok(Some(points))
}

struct Fit {
    neighbours: Vec<Vec<Neighbor<f32>>>,
    /// The first piece makes these of the neighbours, and each later one takes them over.
    affinities: Option<SparseAffinities<f32>>,
    perplexity: f32,
    /// The learning rate.
    rate: f32,
}

impl Fit {
    /// Moves the points for some rounds.
    fn piece(&mut self, points: &[[f32; 2]], is_exaggerated: bool) -> Vec<[f32; 2]> {
        let rows: Vec<u32> = (0..points.len() as u32).collect();
        let mut tsne: tSNE<'_, f32, u32, 2> = tSNE::new(&rows);
        let exaggeration = if is_exaggerated { EXAGGERATION } else { 1.0 };
        // It is over in no piece, or from the beginning.
        let ends = if is_exaggerated { usize::MAX } else { 0 };
        let momentum = if is_exaggerated { 0.5 } else { 0.8 };
        tsne.perplexity(self.perplexity)
            .epochs(PIECE)
            .early_exaggeration(exaggeration)
            .stop_lying_epoch(ends)
            .momentum(momentum)
            .final_momentum(momentum)
            .learning_rate(self.rate)
            .initial_embedding(points.as_flattened());
        match self.affinities.take() {
            // The affinities are all that it knows of the rows, so that it measures no distance.
            Some(affinities) => tsne.with_affinities(affinities).barnes_hut(THETA, |_, _| 0.0),
            None => tsne.barnes_hut_with_neighbors(THETA, &self.neighbours),
        };
        self.affinities = tsne.affinities();
        tsne.embedding().as_chunks().0.to_vec()
    }
}

/// Points in the same shape whose first number has a standard deviation of [`FLAT`]. Each is moved by a hundredth of that, no
/// two in one direction, because points at one place would be pushed apart by nothing.
fn flattened(points: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let n = points.len().max(1) as f64;
    let mean = points.iter().map(|point| f64::from(point[0])).sum::<f64>() / n;
    let deviation = (points.iter().map(|point| (f64::from(point[0]) - mean).powi(2)).sum::<f64>() / n).sqrt();
    let scale = if deviation > 0.0 { FLAT / deviation } else { 0.0 };
    let apart = |i: usize| {
        let (radius, angle) = (FLAT / 100.0 * ((i + 1) as f64 / n).sqrt(), i as f64 * GOLDEN_ANGLE);
        [radius * angle.cos(), radius * angle.sin()]
    };
    let moved = |(i, point): (usize, &[f32; 2])| {
        let apart = apart(i);
        [0, 1].map(|axis| (f64::from(point[axis]) * scale + apart[axis]) as f32)
    };
    points.iter().enumerate().map(moved).collect()
}

/// The `k` nearest other rows of each row with their Euclidean distances, the nearest first.
fn neighbours(features: &Features, k: usize) -> Outcome<Vec<Vec<Neighbor<f32>>>> {
    let (rows, width) = (features.len(), features.width());
    let mut mean = vec![0.0_f64; width];
    for i in 0..rows {
        mean.iter_mut().zip(features.row(i)).for_each(|(mean, x)| *mean += f64::from(*x) / rows as f64);
    }
    // Without the mean, less is lost when large numbers are subtracted.
    let centred =
        (0..rows).flat_map(|i| features.row(i).iter().zip(&mean).map(|(x, mean)| (f64::from(*x) - mean) as f32));
    let centred = Tensor::from_vec(centred.collect::<Vec<f32>>(), (rows, width), &Device::Cpu)?;
    let products: Vec<f32> = centred.matmul(&centred.t()?)?.flatten_all()?.to_vec1()?;
    let square = |i: usize| products[i * rows + i];
    let nearest = |i: usize| {
        let distance = |j: usize| (square(i) + square(j) - 2.0 * products[i * rows + j]).max(0.0).sqrt();
        let others = (0..rows).filter(|j| *j != i);
        let mut others: Vec<Neighbor<f32>> =
            others.map(|index| Neighbor { index, distance: distance(index) }).collect();
        if others.len() > k {
            others.select_nth_unstable_by(k - 1, nearer);
            others.truncate(k);
        }
        others.sort_unstable_by(nearer);
        others
    };
    Ok((0..rows).into_par_iter().map(nearest).collect())
}

fn nearer(a: &Neighbor<f32>, b: &Neighbor<f32>) -> Ordering {
    a.distance.total_cmp(&b.distance).then(a.index.cmp(&b.index))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Two groups of rows, far apart in space.
    fn groups(n: usize) -> Features {
        let value =
            |i: usize, j: usize| ((i * 7 + j * 3) as f32 * 0.37).sin() + if i.is_multiple_of(2) { 20.0 } else { 0.0 };
        Features::new(5, (0..n).flat_map(|i| (0..5).map(move |j| value(i, j))).collect())
    }

    fn far(a: [f32; 2], b: [f32; 2]) -> f32 {
        (a[0] - b[0]).hypot(a[1] - b[1])
    }

    #[test]
    fn the_neighbours_are_the_nearest_others() {
        let found = neighbours(&Features::new(1, vec![0.0, 1.0, 3.0, 7.0]), 2).unwrap();
        let told: Vec<Vec<(usize, f32)>> =
            found.iter().map(|row| row.iter().map(|near| (near.index, near.distance.round())).collect()).collect();
        assert_eq!(told[0], [(1, 1.0), (2, 3.0)]);
        assert_eq!(told[3], [(2, 4.0), (1, 6.0)]);
    }

    #[test]
    fn groups_come_apart_and_a_continued_fit_stays_near() {
        let rows = groups(80);
        let start: Vec<[f32; 2]> = (0..80).map(|i| [(i as f32).sin(), (i as f32).cos()]).collect();
        let points = embed(&rows, Start::Flat(&start), &|_| true).unwrap().unwrap();
        let middle = |side: usize| {
            let of_side = points.iter().skip(side).step_by(2);
            of_side.fold([0.0; 2], |sum, point| [sum[0] + point[0] / 40.0, sum[1] + point[1] / 40.0])
        };
        let (even, odd) = (middle(0), middle(1));
        let stray = |side: usize, own: [f32; 2]| {
            points.iter().skip(side).step_by(2).map(|point| far(*point, own)).fold(0.0, f32::max)
        };
        assert!(far(even, odd) > stray(0, even).max(stray(1, odd)), "{even:?} {odd:?}");
        let again = embed(&rows, Start::From(&points), &|_| true).unwrap().unwrap();
        let moved = points.iter().zip(&again).map(|(a, b)| far(*a, *b)).fold(0.0, f32::max);
        assert!(moved < far(even, odd), "{moved}");
    }

    #[test]
    fn it_ends_within_a_piece_and_takes_any_number_of_rows() {
        let seen = Cell::new(0);
        let start = vec![[0.0; 2]; 30];
        let go_on = |_: &[[f32; 2]]| {
            seen.set(seen.get() + 1);
            seen.get() < 2
        };
        assert!(embed(&groups(30), Start::Flat(&start), &go_on).unwrap().is_none());
        assert_eq!(seen.get(), 2);
        for n in [0, 1, 3, 4, 7] {
            let start: Vec<[f32; 2]> = (0..n).map(|i| [i as f32, 0.0]).collect();
            let points = embed(&groups(n), Start::Flat(&start), &|_| true).unwrap().unwrap();
            assert!(points.len() == n && points.iter().flatten().all(|x| x.is_finite()), "{points:?}");
        }
        // The same text may come often.
        let same = Features::new(2, vec![1.0; 2 * 120]);
        let start = vec![[0.0; 2]; 120];
        let points = embed(&same, Start::Flat(&start), &|_| true).unwrap().unwrap();
        assert!(points.iter().flatten().all(|x| x.is_finite()));
    }
}
