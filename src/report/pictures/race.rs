//! What accuracy cost in a race: seconds and trained parameters; on a ladder, training rows.

use crate::domain::race::{RaceMean, RacePlan};
use crate::domain::report::ReportedRace;
use crate::words::{Catalogue, shared};

use super::super::plot::{Axis, Mark, Marks, Measured, Plot, Series};
use super::super::svg::{Svg, WIDTH};
use super::curves::CLASSES;

const HEIGHT: f64 = 290.0;
const GAP: f64 = 24.0;

/// The values that the axis of accuracies has to hold.
fn reach(means: &[RaceMean]) -> impl Iterator<Item = f64> {
    means.iter().flat_map(|mean| [mean.accuracy_interval.0, mean.accuracy_interval.1])
}

/// A strategy has the colour of its place in the plan, so that it is the same in every picture of a race, whichever runs are
/// missing.
fn colour(plan: &RacePlan, strategy: &str) -> &'static str {
    let place = plan.strategies.iter().position(|of_plan| of_plan.name == strategy);
    CLASSES[place.unwrap_or(0) % CLASSES.len()]
}

fn measured(race: &ReportedRace, names: &[String], x: impl Fn(&RaceMean) -> f64) -> Vec<Measured> {
    let one = |(mean, name): (&RaceMean, &String)| Measured {
        name: name.clone(),
        colour: colour(&race.plan, &mean.freeze),
        at: [x(mean), mean.accuracy],
        low: mean.accuracy_interval.0,
        high: mean.accuracy_interval.1,
    };
    race.means.iter().zip(names).map(one).collect()
}

/// Accuracy against seconds and against trained parameters, beside each other.
pub fn race_costs(words: &Catalogue, race: &ReportedRace, names: &[String]) -> Option<Svg> {
    let means = &race.means;
    if means.is_empty() {
        return None;
    }
    let told = |(mean, name): (&RaceMean, &String)| format!("{name} {:.4}", mean.accuracy);
    let told: Vec<String> = means.iter().zip(names).map(told).collect();
    let mut svg = Svg::new(WIDTH, HEIGHT, format!("{}: {}", words.say("report-by-time"), told.join(", ")));
    let half = (WIDTH - GAP) / 2.0;
    let seconds = |mean: &RaceMean| mean.train_secs;
    let trained = |mean: &RaceMean| mean.trainable as f64;
    let y = || Axis::around(words.say("report-axis-accuracy"), Marks::Percent, reach(means));
    let plot = |title: &'static str, x: Axis, measured| Plot {
        title: words.say(title),
        x,
        y: y(),
        series: Vec::new(),
        measured,
        levels: Vec::new(),
        stages: Vec::new(),
    };
    let x = Axis::around(words.say("report-race-seconds"), Marks::Plain, means.iter().map(seconds).chain([0.0]));
    plot("report-by-time", x, measured(race, names, seconds)).draw(&mut svg, [0.0, 0.0, half, HEIGHT]);
    let x = Axis::logarithmic(words.say("report-race-parameters"), Marks::Count, means.iter().map(trained));
    let points = measured(race, names, trained);
    plot("report-by-parameters", x, points).draw(&mut svg, [half + GAP, 0.0, half, HEIGHT]);
    Some(svg)
}

/// Accuracy against training rows, with a line for each strategy.
pub fn race_ladder(words: &Catalogue, race: &ReportedRace) -> Option<Svg> {
    let means = &race.means;
    if means.is_empty() {
        return None;
    }
    let rows = |mean: &RaceMean| mean.train_rows as f64;
    let (mut series, mut points) = (Vec::new(), Vec::new());
    for strategy in &race.plan.strategies {
        let colour = colour(&race.plan, &strategy.name);
        let own: Vec<&RaceMean> = means.iter().filter(|mean| mean.freeze == strategy.name).collect();
        points.extend(own.iter().map(|mean| Measured {
            name: String::new(),
            colour,
            at: [rows(mean), mean.accuracy],
            low: mean.accuracy_interval.0,
            high: mean.accuracy_interval.1,
        }));
        series.push(Series {
            name: shared::strategy_name(words, strategy),
            colour,
            mark: Mark::Curve,
            points: own.iter().map(|mean| [rows(mean), mean.accuracy]).collect(),
        });
    }
    let mut svg = Svg::new(WIDTH, HEIGHT, words.say("report-by-rows"));
    Plot {
        title: words.say("report-by-rows"),
        x: Axis::logarithmic(words.say("report-training-rows"), Marks::Count, means.iter().map(rows)),
        y: Axis::around(words.say("report-axis-accuracy"), Marks::Percent, reach(means)),
        series,
        measured: points,
        levels: Vec::new(),
        stages: Vec::new(),
    }
    .draw(&mut svg, [0.0, 0.0, WIDTH, HEIGHT]);
    Some(svg)
}

#[cfg(test)]
mod tests {
    use crate::domain::freeze::Freeze;
    use crate::domain::race::Strategy;

    use super::*;

    #[test]
    fn a_strategy_keeps_its_colour_where_another_has_no_run() {
        let strategy = |name: &str| Strategy { name: name.into(), freeze: Freeze::Preset1 };
        let plan = RacePlan { strategies: ["1", "2", "full"].map(strategy).into(), ..RacePlan::default() };
        assert_eq!(["1", "full"].map(|name| colour(&plan, name)), [CLASSES[0], CLASSES[2]]);
    }
}
