//! Curves of whole runs, ready to be laid over each other.

use crate::domain::history::History;
use crate::domain::message::EpochEnded;

pub use crate::domain::curve::Point;

/// What curves are drawn against.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Axis {
    #[default]
    Steps,
    /// Seconds since the first batch.
    Secs,
}

/// A curve is thinned to this many ends of epochs.
const MOST_EPOCHS: usize = 400;

/// The curves of one run. Their length does not grow with the run, because its history thins them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// The losses of the steps, smoothed and as they were.
    pub train_loss: Vec<Point>,
    pub single_loss: Vec<Point>,
    /// The validation sample is looked at between the epochs' ends.
    pub sample_accuracy: Vec<Point>,
    /// The whole validation part is looked at at the epochs' ends, and by some programs more often.
    pub validation_loss: Vec<Point>,
    pub validation_accuracy: Vec<Point>,
}

impl Curves {
    pub fn of(history: &History) -> Self {
        let (loss, accuracy) = (&history.curves.loss, &history.curves.accuracy);
        let [train_loss, single_loss, sample_accuracy] =
            [&loss.steps.smooth, &loss.steps.single, &accuracy.sample].map(|curve| curve.points().collect());
        let curves = Self { train_loss, single_loss, sample_accuracy, ..Self::of_epochs(history) };
        if !history.looks_are_whole() {
            return curves;
        }
        let validation_loss = loss.sample.points().collect();
        Self { validation_loss, validation_accuracy: curves.sample_accuracy, sample_accuracy: Vec::new(), ..curves }
    }

    /// Returns the values at the ends of the epochs.
    fn of_epochs(history: &History) -> Self {
        let points = |of: fn(&EpochEnded) -> f64| {
            thinned(history.epochs.iter().map(|e| Point {
                step: history.step_at_end_of(e.epoch) as f64,
                secs: e.elapsed_secs,
                value: of(e),
            }))
        };
        let (validation_loss, validation_accuracy) = (points(|e| e.validation_loss), points(|e| e.validation_accuracy));
        Self { validation_loss, validation_accuracy, ..Self::default() }
    }
}

/// (place on the axis, value); nothing for points whose place is not known, as the seconds of another program's log.
pub fn along(axis: Axis, points: &[Point]) -> Vec<[f64; 2]> {
    let placed = points.iter().map(|p| [if axis == Axis::Steps { p.step } else { p.secs }, p.value]);
    placed.filter(|[place, _]| !place.is_nan()).collect()
}

/// Takes points at equal distances, the first and the last among them. The ends of epochs have no spikes to lose.
fn thinned(points: impl ExactSizeIterator<Item = Point>) -> Vec<Point> {
    let n = points.len();
    let every = n.div_ceil(MOST_EPOCHS).max(1);
    points.enumerate().filter(|(i, _)| i % every == 0 || i + 1 == n).map(|(_, point)| point).collect()
}

/// Several curves of one thing at one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub x: f64,
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// Mean, lowest and highest of the curves at the steps that all of them have, in straight lines between their points;
/// empty when they share none. Against seconds a step stands at the mean of the seconds in which it was done. Every curve
/// runs from left to right.
pub fn spread(axis: Axis, curves: &[Vec<Point>]) -> Vec<Spread> {
    let ends = |end: fn(&Vec<Point>) -> Option<&Point>| curves.iter().map(move |c| end(c).map(|p| p.step));
    let from = ends(|c| c.first()).try_fold(f64::NEG_INFINITY, |a, x| x.map(|x| a.max(x)));
    let to = ends(|c| c.last()).try_fold(f64::INFINITY, |a, x| x.map(|x| a.min(x)));
    let (Some(from), Some(to), Some(first)) = (from, to, curves.first()) else { return Vec::new() };
    let places = first.iter().map(|p| p.step).filter(|step| (from..=to).contains(step));
    let at = |step: f64| {
        let (mut secs, mut sum, mut low, mut high) = (0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
        for curve in curves {
            let value = value_at(curve, step, |p| p.value);
            secs += value_at(curve, step, |p| p.secs);
            (sum, low, high) = (sum + value, low.min(value), high.max(value));
        }
        let n = curves.len() as f64;
        let x = if axis == Axis::Steps { step } else { secs / n };
        Spread { x, mean: sum / n, low, high }
    };
    places.map(at).collect()
}

fn value_at(curve: &[Point], step: f64, of: fn(&Point) -> f64) -> f64 {
    let after = curve.partition_point(|p| p.step < step).min(curve.len() - 1);
    let (right, left) = (&curve[after], &curve[after.saturating_sub(1)]);
    let width = right.step - left.step;
    let share = if width <= 0.0 { 1.0 } else { ((step - left.step) / width).clamp(0.0, 1.0) };
    of(left) + (of(right) - of(left)) * share
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::curve::MOST_POINTS;
    use crate::domain::message::{LiveValidation, RunEvent, Step};
    use crate::domain::metrics::Confusion;
    use proptest::prelude::*;

    fn history(steps: usize) -> History {
        let mut history = History::default();
        for step in 1..=steps {
            history.record(&RunEvent::Step(Step {
                step,
                epoch: 1 + (step - 1) * 2 / steps,
                loss: 1.0 / step as f64,
                elapsed_secs: step as f64 * 0.5,
                ..Step::default()
            }));
        }
        history.record(&RunEvent::LiveValidation(LiveValidation {
            step: 3,
            rows: 8,
            loss: 0.4,
            accuracy: 0.75,
            confusion: Confusion::new(2),
        }));
        for epoch in [1, 2] {
            history.record(&RunEvent::EpochEnded(EpochEnded {
                epoch,
                train_loss: 0.5,
                train_accuracy: 0.5,
                validation_loss: 0.3,
                validation_accuracy: 0.8,
                validation_confusion: Confusion::new(2),
                rows_per_sec: 1.0,
                elapsed_secs: epoch as f64 * steps as f64 * 0.25 + 0.1,
            }));
        }
        history
    }

    #[test]
    fn every_point_knows_its_step_and_its_second() {
        let curves = Curves::of(&history(10));
        assert_eq!(curves.train_loss.len(), 10);
        assert_eq!(curves.sample_accuracy, [Point { step: 3.0, secs: 1.5, value: 0.75 }]);
        assert_eq!(curves.validation_loss[0], Point { step: 5.0, secs: 2.6, value: 0.3 });
        assert_eq!(curves.validation_loss[1], Point { step: 10.0, secs: 5.1, value: 0.3 });
        assert_eq!(along(Axis::Secs, &curves.sample_accuracy), [[1.5, 0.75]]);
        assert_eq!(curves.single_loss[1].value, 0.5);
    }

    #[test]
    fn curves_stay_short_and_reach_the_newest_step() {
        let long = Curves::of(&history(100_000));
        for curve in [long.train_loss, long.single_loss] {
            assert!(curve.len() <= MOST_POINTS + 3 && curve.last().unwrap().step == 100_000.0, "{}", curve.len());
        }
    }

    fn point(step: f64, secs: f64, value: f64) -> Point {
        Point { step, secs, value }
    }

    #[test]
    fn a_band_lies_where_all_curves_are() {
        let curves = [
            vec![point(0.0, 0.0, 0.0), point(2.0, 1.0, 2.0), point(4.0, 2.0, 4.0)],
            vec![point(1.0, 2.0, 3.0), point(5.0, 10.0, 3.0)],
        ];
        let band = spread(Axis::Steps, &curves);
        assert_eq!(
            band,
            [(2.0, 2.5, 2.0, 3.0), (4.0, 3.5, 3.0, 4.0)].map(|(x, mean, low, high)| Spread { x, mean, low, high })
        );
        let secs: Vec<f64> = spread(Axis::Secs, &curves).iter().map(|at| at.x).collect();
        assert_eq!(secs, [2.5, 5.0], "the mean of 1 and 4 seconds, of 2 and 8");
        assert!(spread(Axis::Steps, &[vec![point(0.0, 0.0, 1.0)], Vec::new()]).is_empty());
        assert!(spread(Axis::Steps, &[]).is_empty());
        assert!(spread(Axis::Secs, &[vec![point(0.0, 0.0, 1.0)], vec![point(2.0, 1.0, 1.0)]]).is_empty());
    }

    proptest! {
        #[test]
        fn the_mean_lies_within_the_band(curves in prop::collection::vec(
            prop::collection::vec((0.0..100.0f64, -5.0..5.0f64), 1..20), 1..5,
        )) {
            let curves: Vec<Vec<Point>> = curves.into_iter().map(|mut points| {
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                points.into_iter().map(|(step, value)| point(step, step * 0.5, value)).collect()
            }).collect();
            for axis in [Axis::Steps, Axis::Secs] {
                let band = spread(axis, &curves);
                prop_assert!(band.is_sorted_by_key(|at| at.x));
                for at in band {
                    prop_assert!(at.low - 1e-9 <= at.mean && at.mean <= at.high + 1e-9);
                }
            }
        }
    }
}
