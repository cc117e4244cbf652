//! The settings, the data and the model of a run as names with their values.

use crate::domain::config::{FinalWeights, Quoting, Schedule, TrainingConfig};
use crate::domain::params::HeadStart;
use crate::domain::report::ReportedRun;
use crate::words::numbers::{count, learning_rate};
use crate::words::{Catalogue, Fill, Number, health, shared};

use super::document::Block;

type Facts = Vec<(String, String)>;

/// The training's settings.
pub fn settings(words: &Catalogue, run: &ReportedRun) -> Facts {
    let t = &run.config.training;
    let usual = TrainingConfig::default();
    let say = |id: &'static str| words.say(id);
    let share = |share: f64| words.write(Number::Percent(share));
    let schedule = say(match t.schedule {
        Schedule::Linear => "panel-schedule-linear",
        Schedule::Constant => "panel-schedule-constant",
        Schedule::Cosine => "panel-schedule-cosine",
    });
    let keep = say(if t.keep == FinalWeights::Best { "panel-keep-best" } else { "panel-keep-last" });
    let off = || say("report-off");
    let or_off = |value: f64| if value == 0.0 { off() } else { value.to_string() };
    let plain = |number: u64| words.write(Number::Plain(number));
    let started = run.history.started.as_ref();
    let mut facts = vec![
        (say("panel-freeze"), shared::freezing(words, &run.config.freeze)),
        (say("panel-epochs"), t.epochs.to_string()),
        (say("panel-batch-size"), t.batch_text()),
        (say("report-optimiser"), "AdamW".to_owned()),
        (say("panel-learning-rate"), learning_rate(run.learning_rate)),
        (say("panel-schedule"), schedule),
        (say("panel-warmup"), if t.warmup_share == 0.0 { off() } else { share(t.warmup_share) }),
        (say("panel-weight-decay"), or_off(t.weight_decay)),
        (say("panel-clip"), or_off(t.clip_norm)),
        (say("panel-max-length"), t.max_length.to_string()),
        (say("panel-dropout"), t.dropout.map_or_else(|| say("report-own-dropout"), or_off)),
        (say("panel-keep"), keep),
        (say("panel-seed"), plain(t.seed)),
        (say("panel-split-seed"), plain(run.config.data.split.seed)),
    ];
    if let Some(column) = &run.config.data.split_column {
        facts.push((say("panel-split-column"), column.clone()));
    }
    if let Some(patience) = t.patience {
        facts.push((say("panel-patience"), patience.to_string()));
    }
    if t.frozen_dropout != usual.frozen_dropout {
        facts.push((say("panel-frozen-dropout"), say("panel-on")));
    }
    if t.precision != usual.precision {
        facts.push((say("panel-precision"), t.precision.name().to_owned()));
    }
    if t.frozen_precision != usual.frozen_precision {
        facts.push((say("panel-frozen-precision"), t.frozen_precision.name().to_owned()));
    }
    facts.extend(
        shared::class_weights(words, &run.labels, &run.class_weights).map(|line| (say("panel-class-weights"), line)),
    );
    facts.extend(started.map(|started| (say("report-device"), started.device.clone())));
    let peak = run.history.ended.as_ref().map_or(0, |ended| ended.peak_memory_bytes);
    if peak > 0 {
        facts.push((say("report-memory"), words.write(Number::Bytes(peak))));
    }
    facts.push((say("report-program"), format!("Thaw {}", run.thaw)));
    facts
}

/// The model that the run began with.
pub fn model(words: &Catalogue, run: &ReportedRun) -> Facts {
    let facts = &run.model;
    let say = |id: &'static str| words.say(id);
    let shape: [(&str, &dyn Fill); 3] =
        [("layers", &facts.layers), ("hidden", &facts.hidden_size), ("heads", &facts.heads)];
    let reads: [(&str, &dyn Fill); 2] = [("positions", &facts.positions), ("vocabulary", &facts.vocabulary)];
    let head = say(match facts.head {
        HeadStart::New => "report-head-new",
        HeadStart::Kept => "report-head-kept",
        HeadStart::Replaced => "report-head-replaced",
    });
    let mut rows = vec![
        (say("report-model-name"), facts.name.clone()),
        (say("report-model-family"), facts.family.clone()),
        (say("report-model-shape"), words.say_with("report-model-shape-value", &shape)),
        (say("report-model-reads"), words.say_with("report-model-reads-value", &reads)),
    ];
    if let Some(started) = &run.history.started {
        rows.push((say("report-model-parameters"), count(started.trainable + started.frozen)));
    }
    let matched = shared::label_match(words, &facts.matched).map(|pairs| format!("{head}. {pairs}"));
    rows.push((say("report-model-head"), matched.unwrap_or(head)));
    rows
}

/// The data, and how they were read and split.
pub fn data(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let data = &run.data;
    let say = |id: &'static str| words.say(id);
    let rows: [(&str, &dyn Fill); 2] = [("rows", &data.rows), ("skipped", &data.skipped_rows)];
    let mut facts = vec![
        (say("report-file"), data.name.clone()),
        (say("report-usable-rows"), words.say_with("report-rows-value", &rows)),
        (say("report-columns"), columns(words, run)),
        (say("report-read-as"), read_as(words, run)),
    ];
    let label = |(place, label): (usize, &String)| match &run.history.test {
        Some(test) if place < test.confusion.classes() => {
            words.say_with("report-label-rows", &[("label", label), ("rows", &test.confusion.support(place))])
        }
        _ => label.clone(),
    };
    let named: Vec<String> = run.labels.iter().enumerate().map(label).collect();
    facts.push((say("report-labels"), super::parts::labels(words, &named)));
    let merged = data.merged_labels.iter().map(|merged| (String::new(), shared::merged_label(words, merged)));
    facts.extend(merged);
    if let Some(started) = &run.history.started {
        let parts: [(&str, &dyn Fill); 3] =
            [("train", &started.train_rows), ("validation", &started.validation_rows), ("test", &started.test_rows)];
        facts.push((say("report-split"), words.say_with("report-split-value", &parts)));
    }
    facts.push((say("report-fingerprint"), data.content_hash.clone()));
    let mut blocks = vec![Block::Facts(facts), Block::Paragraph(split(words, run))];
    let findings: Vec<String> = data.findings.iter().map(|found| health::found(words, found)).collect();
    if !findings.is_empty() {
        blocks.push(Block::Heading(3, say("report-findings")));
        blocks.push(Block::List(findings));
    }
    blocks
}

fn columns(words: &Catalogue, run: &ReportedRun) -> String {
    let data = &run.data;
    match &data.second_text_column {
        None => words.say_with("report-columns-value", &[("text", &data.text_column), ("label", &data.label_column)]),
        Some(second) => {
            let args: [(&str, &dyn Fill); 3] =
                [("text", &data.text_column), ("second", second), ("label", &data.label_column)];
            words.say_with("report-columns-pair", &args)
        }
    }
}

fn read_as(words: &Catalogue, run: &ReportedRun) -> String {
    let data = &run.data;
    let delimiter = match data.delimiter {
        '\t' => words.say("report-tab"),
        other => format!("“{other}”"),
    };
    let mut text = words.say_with("report-read-value", &[("encoding", &data.encoding), ("delimiter", &delimiter)]);
    let quoting = match data.quoting {
        Quoting::Double => None,
        Quoting::Backslash => Some("data-read-backslash"),
        Quoting::None => Some("data-read-unquoted"),
        Quoting::Single => Some("data-read-single"),
    };
    for line in quoting.into_iter().chain(data.headless.then_some("report-no-header")) {
        text += &format!(". {}", words.say(line));
    }
    text
}

/// How the rows were chosen and cut, in sentences.
fn split(words: &Catalogue, run: &ReportedRun) -> String {
    let config = &run.config.data;
    let args: [(&str, &dyn Fill); 3] = [
        ("test", &Number::Percent(config.split.test_share)),
        ("validation", &Number::Percent(config.split.validation_share)),
        ("seed", &Number::Plain(config.split.seed)),
    ];
    let mut lines = vec![words.say_with("report-split-shares", &args)];
    if config.validation.is_some() || config.test.is_some() {
        lines.push(words.say("report-split-files"));
    }
    lines.extend(config.max_rows.map(|rows| words.say_with("report-row-limit", &[("rows", &rows)])));
    lines.extend(config.rows_per_class.map(|rows| words.say_with("report-rows-per-class", &[("rows", &rows)])));
    let flipped = config.flip_labels.map(|share| Number::Percent(share.into()));
    lines.extend(flipped.map(|share| words.say_with("report-flipped", &[("share", &share)])));
    lines.join(" ")
}
