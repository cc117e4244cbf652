//! Several runs beside each other: a table with intervals and verdicts, and their curves.

use crate::domain::metrics::difference_interval;
use crate::domain::race::RacePlan;
use crate::domain::report::ReportedRun;
use crate::words::numbers::{clock, count, learning_rate, ratio};
use crate::words::{Catalogue, Number, shared};

use super::document::{Block, Picture, Table};
use super::parts::{heading, interval, left, range, right};
use super::pictures::overlaid;
use super::run::{self, parameters, seconds};

/// So many runs have a part of their own; those beyond are in the table.
pub const MOST_PARTS: usize = 24;

/// The names of the runs. Where two are called the same, their numbers tell them apart.
pub fn names(words: &Catalogue, runs: &[&ReportedRun]) -> Vec<String> {
    let own: Vec<String> = runs.iter().map(|run| shared::run_name(words, &run.entry)).collect();
    let is_twice = |name: &String| own.iter().filter(|other| *other == name).count() > 1;
    (1..).zip(&own).map(|(n, name)| if is_twice(name) { format!("{name} ({n})") } else { name.clone() }).collect()
}

/// The right answers and the rows of a run's test.
fn hits(run: &ReportedRun) -> Option<(u64, u64)> {
    run.history.test.as_ref().map(|test| (test.confusion.correct(), test.confusion.rows()))
}

/// Returns whether both were tested on the same rows, as far as their settings tell.
fn same_test(a: &ReportedRun, b: &ReportedRun) -> bool {
    let test = |run: &ReportedRun| {
        let data = &run.config.data;
        (
            run.data.content_hash.clone(),
            data.split,
            data.max_rows,
            data.test.clone(),
            data.flip_labels,
            hits(run).map(|hits| hits.1),
        )
    };
    test(a) == test(b)
}

/// How each run stands against the best that was tested on the same rows as the best of all.
fn verdicts(words: &Catalogue, runs: &[&ReportedRun]) -> Vec<String> {
    let accuracy = |run: &ReportedRun| hits(run).map_or(-1.0, |(right, rows)| right as f64 / rows.max(1) as f64);
    let best = runs.iter().copied().reduce(|a, b| if accuracy(b) > accuracy(a) { b } else { a });
    let verdict = |run: &&ReportedRun| {
        let (Some(own), Some(best)) = (hits(run), best) else { return words.say("report-untested") };
        let Some(highest) = hits(best) else { return words.say("report-untested") };
        if best.entry.dir == run.entry.dir {
            return words.say("report-best");
        }
        if !same_test(best, run) {
            return words.say("report-other-test");
        }
        if difference_interval(highest, own).0 <= 0.0 {
            return words.say("report-undecided");
        }
        let points = Number::Decimal((accuracy(best) - accuracy(run)) * 100.0, 1);
        words.say_with("report-lower", &[("points", &points)])
    };
    runs.iter().map(verdict).collect()
}

/// The table of all runs, and their curves, in the colours of their strategies where they are a race's.
pub fn comparison(words: &Catalogue, runs: &[&ReportedRun], race: Option<&RacePlan>) -> Vec<Block> {
    let names = names(words, runs);
    let mut table = Table::new([
        left(words, "report-run"),
        right(words, "report-accuracy"),
        right(words, "report-interval"),
        left(words, "report-verdict"),
        right(words, "report-f1"),
        right(words, "report-trainable"),
        right(words, "panel-learning-rate"),
        right(words, "report-time-short"),
    ]);
    for ((run, name), verdict) in runs.iter().zip(&names).zip(verdicts(words, runs)) {
        let test = run.history.test.as_ref();
        table.rows.push(vec![
            name.clone(),
            test.map(|test| ratio(test.accuracy)).unwrap_or_default(),
            test.map(|test| range(words, interval(test))).unwrap_or_default(),
            verdict,
            test.map(|test| ratio(test.macro_f1)).unwrap_or_default(),
            parameters(run).map(|(on, _)| count(on)).unwrap_or_default(),
            learning_rate(run.learning_rate),
            seconds(run).map(|(secs, _)| clock(secs)).unwrap_or_default(),
        ]);
    }
    let named: Vec<(String, &ReportedRun)> = names.into_iter().zip(runs.iter().copied()).collect();
    let mut blocks = vec![Block::Table(table), Block::Aside(words.say("report-compared-note"))];
    if let Some(svg) = overlaid(words, &named, race) {
        blocks.push(Block::Picture(Picture { svg, caption: words.say("report-overlaid-caption") }));
    }
    blocks
}

/// A part for each run.
pub fn each(words: &Catalogue, level: u8, runs: &[&ReportedRun]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (run, name) in runs.iter().zip(names(words, runs)).take(MOST_PARTS) {
        blocks.push(Block::Heading(level, name));
        blocks.extend(run::short(words, run));
    }
    let more = runs.len().saturating_sub(MOST_PARTS);
    if more > 0 {
        blocks.push(Block::Paragraph(words.say_with("report-more-runs", &[("count", &more)])));
    }
    blocks
}

/// Several runs that belong to no race.
pub fn several(words: &Catalogue, runs: &[&ReportedRun]) -> Vec<Block> {
    let mut blocks = vec![heading(words, 2, "report-compared")];
    blocks.extend(comparison(words, runs, None));
    blocks.push(heading(words, 1, "report-each"));
    blocks.extend(each(words, 2, runs));
    blocks
}
