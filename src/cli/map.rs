//! `thaw map`: where a run's model puts its test rows after a layer, and what a linear probe reads after each.

use anyhow::Result;
use serde::Serialize;

use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::text_map::{Hits, LayerPoints, MapMethod, Probes, TextMap};
use crate::words::{Catalogue, Number};
use crate::worker::Worker;

use super::args::Map;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::output::{Exit, Output};
use super::table::Table;

/// A mapped row as a line of JSON.
#[derive(Serialize)]
struct PointLine<'a> {
    row: u32,
    x: f32,
    y: f32,
    label: &'a str,
    predicted: &'a str,
    /// `null` where the model before fine-tuning is gone.
    before_x: Option<f32>,
    before_y: Option<f32>,
}

/// This line of JSON says what was read after a layer.
#[derive(Serialize)]
struct ProbeLine {
    layer: usize,
    probe_accuracy: f64,
    low: f64,
    high: f64,
    before_accuracy: Option<f64>,
    before_low: Option<f64>,
    before_high: Option<f64>,
    rows: u64,
}

pub fn map(output: &Output, args: Map) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let mut bars = Bars::new(output);
    let mut ask = |question| {
        ask_and_hear(&worker, question, |event| match event {
            Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
            event => bars.follow(event),
        })
    };
    let run = args.run_dir;
    let Answer::TextMap(map) = ask(Question::TextMap(run.clone()))? else { return Err(other_answer()) };
    let layer = layer(args.layer, map.layers.len())?;
    let Answer::TextMapProbes(probes) = ask(Question::TextMapProbes(run.clone()))? else { return Err(other_answer()) };
    if !output.json {
        output.line(&text(&output.words, &map, &probes))?;
        output.note("cli-note", &output.words.say("cli-map-points"));
        return Ok(Exit::Done);
    }
    let points = match args.method {
        MapMethod::Pca => map.layers.get(layer).cloned(),
        MapMethod::Tsne => {
            let Answer::TextMapTsne(layers) = ask(Question::TextMapTsne(run))? else { return Err(other_answer()) };
            layers.get(layer).cloned()
        }
    };
    drop(bars);
    (0..).zip(&probes.layers).try_for_each(|(layer, found)| output.json_line(&probe_line(layer, found)))?;
    if let Some(points) = points {
        (0..map.rows.len()).try_for_each(|i| output.json_line(&point_line(&map, &points, i)))?;
    }
    Ok(Exit::Done)
}

/// The layer that was asked for, counted from 0 as in the freezing; otherwise the last one.
///
/// # Errors
/// `map-no-layer`.
fn layer(asked: Option<usize>, layers: usize) -> Outcome<usize> {
    match asked {
        Some(layer) if layer < layers => Ok(layer),
        Some(layer) => Err(Problem::new("map-no-layer").with("layer", layer).with("last", layers.saturating_sub(1))),
        None => Ok(layers.saturating_sub(1)),
    }
}

fn probe_line(layer: usize, (before, after): &(Option<Hits>, Hits)) -> ProbeLine {
    let (low, high) = after.interval();
    ProbeLine {
        layer,
        probe_accuracy: after.accuracy(),
        low,
        high,
        before_accuracy: before.map(|hits| hits.accuracy()),
        before_low: before.map(|hits| hits.interval().0),
        before_high: before.map(|hits| hits.interval().1),
        rows: after.rows,
    }
}

fn point_line<'a>(map: &'a TextMap, points: &LayerPoints, i: usize) -> PointLine<'a> {
    let row = &map.rows[i];
    let name = |id: u32| map.labels.get(id as usize).map_or("", String::as_str);
    let ([x, y], before) = (points.after[i], points.before.as_ref().map(|points| points[i]));
    PointLine {
        row: row.row,
        x,
        y,
        label: name(row.label),
        predicted: name(row.predicted),
        before_x: before.map(|[x, _]| x),
        before_y: before.map(|[_, y]| y),
    }
}

/// Says what can be read after each layer.
fn text(words: &Catalogue, map: &TextMap, probes: &Probes) -> String {
    let percent = |share| words.write(Number::Percent(share));
    let with_interval = |hits: Hits| {
        let (low, high) = hits.interval();
        let args = [hits.accuracy(), low, high].map(Number::Percent);
        words.say_with("map-interval", &[("accuracy", &args[0]), ("low", &args[1]), ("high", &args[2])])
    };
    let has_before = probes.layers.iter().any(|(before, _)| before.is_some());
    let layers: Vec<_> = (0..).zip(&probes.layers).zip(&map.shares).collect();
    let mut table =
        Table::of(layers).right(words.say("map-layer"), |((layer, _), _): &((usize, _), _)| layer.to_string());
    if has_before {
        table = table
            .right(words.say("map-before"), |((_, (before, _)), _)| before.map_or_else(String::new, with_interval));
    }
    let table = table
        .right(words.say("map-after"), |((_, (_, after)), _)| with_interval(*after))
        .right(words.say("map-shown"), |(_, shares)| percent(shares[0] + shares[1]));
    let told = words.say_with(
        "map-probes-told",
        &[("rows", &probes.rows), ("part", &probes.part.name()), ("tested", &map.rows.len()), ("all", &map.test_rows)],
    );
    let mut parts = vec![told, table.text()];
    if !map.precision.is_default() {
        parts.push(words.say_with("map-precision", &[("precision", &map.precision.name())]));
    }
    if has_before && map.unchanged > 0 {
        parts.push(words.say_with("map-unchanged", &[("last", &(map.unchanged - 1))]));
    }
    parts.join("\n\n")
}
