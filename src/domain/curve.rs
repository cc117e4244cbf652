//! A run's curves, thinned once as they grow, so that drawing them costs the same after a million steps as after a
//! thousand.

use super::message::{LiveValidation, Step};
use super::smoothing::{MovingMean, Smoothing};
use super::steps::Steps;

/// A value of a run with the step and the second it belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    pub step: f64,
    pub secs: f64,
    pub value: f64,
}

/// A curve keeps at most this many points, because a plot has no more pixels across.
pub const MOST_POINTS: usize = 1200;

/// A curve that owns its points. Whenever it is full, it halves them: of every four it keeps the lowest and the highest,
/// so that no spike is lost. It always keeps the first point and the newest.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// The first point, followed by the lowest and the highest point of every complete stretch, in the order of steps.
    kept: Vec<Point>,
    /// A stretch has this many points. It is 1 until the curve is full for the first time.
    stretch: usize,
    /// The lowest and the highest point of the stretch that is not complete.
    open: Option<(Point, Point)>,
    open_count: usize,
    last: Option<Point>,
}

impl Curve {
    /// Adds a point to the right of all others.
    pub fn push(&mut self, point: Point) {
        if self.last.replace(point).is_none() {
            (self.kept, self.stretch) = (vec![point], 1);
            return;
        }
        self.open = Some(self.open.map_or((point, point), |range| stretched(range, point)));
        self.open_count += 1;
        if self.open_count == self.stretch {
            self.kept.extend(self.open.take().into_iter().flat_map(in_order));
            self.open_count = 0;
            if self.kept.len() > MOST_POINTS {
                self.halve();
            }
        }
    }

    fn halve(&mut self) {
        let range = |four: &[Point]| four.iter().fold((four[0], four[0]), |range, point| stretched(range, *point));
        let halved: Vec<Point> = self.kept[1..].chunks(4).flat_map(|four| in_order(range(four))).collect();
        self.kept.truncate(1);
        self.kept.extend(halved);
        self.stretch = if self.stretch == 1 { 4 } else { 2 * self.stretch };
    }

    /// Returns the points to draw: all of them, or after thinning the lowest and the highest of every stretch. There are
    /// never more than [`MOST_POINTS`] and three.
    pub fn points(&self) -> impl Iterator<Item = Point> {
        let open = self.open.into_iter().flat_map(in_order);
        let last = self.last.filter(|last| {
            let (low, high) = self.open.unwrap_or_else(|| self.kept.last().map_or((*last, *last), |p| (*p, *p)));
            low.step.max(high.step) < last.step
        });
        self.kept.iter().copied().chain(open).chain(last)
    }
}

/// The lowest of equal points is the first and the highest the last, so that a level stretch keeps both its ends.
fn stretched((low, high): (Point, Point), point: Point) -> (Point, Point) {
    let is_lower = point.value.total_cmp(&low.value).is_lt();
    let is_higher = point.value.total_cmp(&high.value).is_ge();
    (if is_lower { point } else { low }, if is_higher { point } else { high })
}

/// The two points of a stretch from left to right, or the only one.
fn in_order((low, high): (Point, Point)) -> impl Iterator<Item = Point> {
    let (first, second) = if low.step <= high.step { (low, high) } else { (high, low) };
    std::iter::once(first).chain((first.step < second.step).then_some(second))
}

/// A value of every step: as it was, and smoothed.
#[derive(Clone, Debug, Default)]
pub struct StepCurve {
    pub single: Curve,
    pub smooth: Curve,
    mean: MovingMean,
}

impl StepCurve {
    fn push(&mut self, point: Point) {
        self.single.push(point);
        self.push_smooth(point);
    }

    fn smooth(&mut self, smoothing: Smoothing, steps: &Steps, of: fn(&Step) -> f64) {
        (self.smooth, self.mean) = (Curve::default(), MovingMean::new(smoothing));
        let mut before = 0;
        for step in steps.iter() {
            let value = self.mean.follow_after(step.step.saturating_sub(before), of(step));
            self.smooth.push(Point { step: step.step as f64, secs: step.elapsed_secs, value });
            before = step.step;
        }
    }

    fn push_smooth(&mut self, point: Point) {
        self.smooth.push(Point { value: self.mean.follow(point.value), ..point });
    }
}

/// The curves of a loss or of an accuracy.
#[derive(Clone, Debug, Default)]
pub struct MetricCurves {
    pub steps: StepCurve,
    /// The values on the validation sample.
    pub sample: Curve,
}

/// The curves of a run that grow with its steps.
#[derive(Clone, Debug, Default)]
pub struct RunCurves {
    pub loss: MetricCurves,
    pub accuracy: MetricCurves,
    pub learning_rate: Curve,
    pub grad_norm: StepCurve,
    smoothing: Smoothing,
}

impl RunCurves {
    pub fn smoothing(&self) -> Smoothing {
        self.smoothing
    }

    /// Takes in the newest step.
    pub fn push_step(&mut self, step: &Step) {
        let at = |value| Point { step: step.step as f64, secs: step.elapsed_secs, value };
        self.loss.steps.push(at(step.loss));
        // A log of another program may not tell it.
        if !step.accuracy.is_nan() {
            self.accuracy.steps.push(at(step.accuracy));
        }
        if !step.learning_rate.is_nan() {
            self.learning_rate.push(at(step.learning_rate));
        }
        self.grad_norm.push(at(step.grad_norm));
    }

    /// Takes in the newest look at validation, and the second at which its step was done.
    pub fn push_look(&mut self, look: &LiveValidation, secs: f64) {
        let at = |value| Point { step: look.step as f64, secs, value };
        self.loss.sample.push(at(look.loss));
        if !look.accuracy.is_nan() {
            self.accuracy.sample.push(at(look.accuracy));
        }
    }

    /// Smooths the curves of all steps so far anew, and from now on those to come.
    pub fn smooth(&mut self, smoothing: Smoothing, steps: &Steps) {
        self.smoothing = smoothing;
        self.loss.steps.smooth(smoothing, steps, |s| s.loss);
        if self.accuracy.steps.single.last.is_some() {
            self.accuracy.steps.smooth(smoothing, steps, |s| s.accuracy);
        }
        self.grad_norm.smooth(smoothing, steps, |s| s.grad_norm);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curve(values: impl IntoIterator<Item = f64>) -> Curve {
        let mut curve = Curve::default();
        for (i, value) in values.into_iter().enumerate() {
            curve.push(Point { step: i as f64, secs: i as f64 * 0.5, value });
        }
        curve
    }

    #[test]
    fn a_curve_that_is_not_full_keeps_every_point() {
        let values: Vec<f64> = (0..MOST_POINTS).map(|i| (i as f64).sin()).collect();
        let curve = curve(values.iter().copied());
        assert!(curve.points().map(|p| p.value).eq(values));
        assert!(Curve::default().points().next().is_none());
    }

    #[test]
    fn a_spike_survives_however_long_the_curve_grows() {
        let mut values = vec![1.0; 1_000_000];
        values[31_234] = 9.0;
        values[117_001] = -3.0;
        let curve = curve(values);
        for spike in [(31_234.0, 9.0), (117_001.0, -3.0)] {
            assert!(curve.points().any(|p| (p.step, p.value) == spike));
        }
        assert!(curve.points().count() > MOST_POINTS / 2, "a level curve is drawn to its full length");
    }

    #[test]
    fn ten_million_steps_cost_as_little_as_a_thousand() {
        const STEPS: usize = 10_000_000;
        let (mut curves, mut most) = (RunCurves::default(), 0);
        let step = |step: usize| {
            let loss = 1.0 / (1.0 + step as f64 * 1e-6) + (step % 97) as f64 * 1e-3;
            Step { step, epoch: 1, loss, elapsed_secs: step as f64 * 0.01, ..Step::default() }
        };
        // The steps come one by one, as in a run; here they are not kept.
        let loss = &mut curves.loss.steps;
        for number in 1..=STEPS {
            let step = step(number);
            loss.push(Point { step: step.step as f64, secs: step.elapsed_secs, value: step.loss });
            if number % 99_991 == 0 {
                most = most.max(loss.single.points().count().max(loss.smooth.points().count()));
            }
        }
        assert!(most <= MOST_POINTS + 3, "{most} points are drawn");
        for curve in [&loss.single, &loss.smooth] {
            assert!(curve.kept.capacity() < 4 * MOST_POINTS, "memory for {} points", curve.kept.capacity());
            assert_eq!(curve.points().last().map(|p| p.step), Some(STEPS as f64));
        }
    }

    #[test]
    fn what_is_smoothed_anew_is_as_if_it_had_always_been_smoothed_so() {
        let step = |step: usize| Step {
            step,
            loss: (step as f64).sin(),
            grad_norm: step as f64,
            elapsed_secs: step as f64,
            ..Step::default()
        };
        let (mut late, mut always) = (RunCurves::default(), RunCurves::default());
        (1..=300).for_each(|n| late.push_step(&step(n)));
        late.smooth(0.6.into(), &(1..=300).map(step).collect());
        (301..=500).for_each(|n| late.push_step(&step(n)));
        always.smooth(0.6.into(), &Steps::default());
        (1..=500).for_each(|n| always.push_step(&step(n)));
        assert!(late.loss.steps.smooth.points().eq(always.loss.steps.smooth.points()));
        let raw: Vec<f64> = late.loss.steps.single.points().map(|p| p.value).collect();
        assert_eq!(raw.len(), 500, "the single steps stay as they were");
        assert_ne!(raw[1], late.loss.steps.smooth.points().nth(1).unwrap().value);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn memory_is_bounded_and_ends_and_extremes_are_kept(
            waves in prop::collection::vec(-5.0..5.0f64, 1..30), count in 1usize..20_000,
        ) {
            let value = |i: usize| waves[i % waves.len()] + waves[i * i % waves.len()] * (i as f64 * 0.01).sin();
            let values: Vec<f64> = (0..count).map(value).collect();
            let curve = curve(values.iter().copied());
            let points: Vec<Point> = curve.points().collect();
            prop_assert!(points.len() <= MOST_POINTS + 3 && curve.kept.capacity() < 4 * MOST_POINTS);
            prop_assert_eq!((points[0].step, points.last().unwrap().step), (0.0, (count - 1) as f64));
            prop_assert!(points.windows(2).all(|pair| pair[0].step < pair[1].step));
            prop_assert!(points.iter().all(|p| p.value == values[p.step as usize]));
            for extreme in [f64::max, f64::min] {
                let of_kept = points.iter().map(|p| p.value).reduce(extreme);
                prop_assert_eq!(of_kept, values.iter().copied().reduce(extreme));
            }
        }
    }
}
