//! This page shows the settings in which the runs differ, and no others.

use eframe::egui::{TextStyle, Ui};

use crate::app::compare::differences::{Difference, ENGINE, Setting, differences};
use crate::domain::freeze::{Freeze, Rule, State};
use crate::domain::stored::StoredRun;
use crate::domain::timeline::Timeline;
use crate::words::{numbers, shared};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme;
use super::super::live::empty_note;
use super::{ROW, Scene};

/// A curve's hover has at most so many lines of settings, with so many letters of each value.
const MOST_LINES: usize = 8;
const LONGEST: usize = 60;
/// The names of the settings have this width, and the values of a run at least the other one.
const FIRST_COLUMN: f32 = 150.0;
const LEAST_COLUMN: f32 = 140.0;

pub fn settings_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let runs = scene.runs();
    let stored: Vec<&StoredRun> = runs.iter().map(|run| &*run.run).collect();
    let differing = differences(&stored);
    let mut table = Table::new(std::iter::once(scene.say("compare-setting")).chain(scene.names()));
    for difference in &differing {
        let values = difference.values.iter().enumerate().map(|(run, value)| shown(difference, run, value, scene));
        table.rows.push(std::iter::once(setting_name(&difference.path, scene)).chain(values).collect());
    }
    let card = theme::card_around(ui);
    let title = scene.say("compare-differences");
    theme::heading_row(ui, &title, Some(&scene.hint("compare-differences")), |ui| {
        if !differing.is_empty() {
            save_plot::table_buttons(ui, scene, &title, card, |_| table.clone());
        }
    });
    if differing.is_empty() {
        let id = if runs.len() < 2 { "compare-one-run" } else { "compare-same-settings" };
        return empty_note(ui, &scene.say(id));
    }
    // As many whole columns as there is room for fill the width; none ends in its middle.
    let (gap, room) = (ui.spacing().item_spacing.x, ui.available_width() - FIRST_COLUMN);
    let seen = (room / (LEAST_COLUMN + gap)).floor().clamp(1.0, runs.len() as f32);
    let other = room / seen - gap;
    let columns: Vec<f32> = std::iter::once(FIRST_COLUMN).chain(std::iter::repeat_n(other, runs.len())).collect();
    let heads = theme::fitted_names(ui, "settings", &table.headers, &TextStyle::Small.resolve(ui.style()), other);
    theme::scroll_by_columns(ui, "differences across", &columns, gap, |ui| {
        theme::table(ui, "differences", columns.iter().copied().map(theme::fixed))
            .header(24.0, |mut header| {
                for (head, name) in heads.iter().zip(&table.headers) {
                    header.col(|ui| {
                        ui.style_mut().override_text_style = Some(TextStyle::Small);
                        theme::shown_name(ui, head, name);
                    });
                }
            })
            .body(|body| {
                body.rows(ROW, table.rows.len(), |mut row| {
                    for cell in &table.rows[row.index()] {
                        row.col(|ui| theme::cut(ui, cell));
                    }
                });
            });
    });
}

/// Returns the setting's name in the window if it has one.
fn setting_name(path: &str, scene: &Scene<'_>) -> String {
    let id = match path {
        ENGINE => "compare-engine",
        "data.source" => "panel-data",
        "data.validation" => "panel-validation-part",
        "data.test" => "panel-test-part",
        "data.text_column" => "panel-text-column",
        "data.second_text_column" => "panel-second-column",
        "data.label_column" => "panel-label-column",
        "data.encoding" => "panel-encoding",
        "data.delimiter" => "panel-delimiter",
        "data.quoting" => "panel-quoting",
        "data.header" => "panel-header",
        "data.keep_missing_words" => "panel-keep-missing-words",
        "data.sheet" => "panel-sheet",
        "data.split.test_share" => "panel-test-share",
        "data.split.validation_share" => "panel-validation-share",
        "data.split.seed" => "panel-split-seed",
        "data.split_column" => "panel-split-column",
        "data.max_rows" => "panel-row-limit",
        "data.flip_labels" => "panel-flip-labels",
        "data.rows_per_class" => "compare-rows-per-class",
        "model" => "panel-model",
        "freeze" => "panel-freeze",
        "training.epochs" => "panel-epochs",
        "training.batch_size" => "panel-batch-size",
        "training.accumulation_steps" => "panel-accumulate",
        "training.learning_rate" => "panel-learning-rate",
        "training.weight_decay" => "panel-weight-decay",
        "training.warmup_share" => "panel-warmup",
        "training.schedule" => "panel-schedule",
        "training.clip_norm" => "panel-clip",
        "training.max_length" => "panel-max-length",
        "training.dropout" => "panel-dropout",
        "training.frozen_dropout" => "panel-frozen-dropout",
        "training.seed" => "panel-seed",
        "training.patience" => "panel-patience",
        "training.keep" => "panel-keep",
        "training.class_weights" => "panel-class-weights",
        "training.keep_head" => "panel-keep-head",
        "data.label_map" => "panel-label-map",
        "data.new_head" => "panel-new-head",
        "training.threads" => "panel-threads",
        "training.device" => "panel-device",
        "training.precision" => "panel-precision",
        "training.frozen_precision" => "panel-frozen-precision",
        "training.prefix_cache.enabled" => "panel-cache",
        other => return other.to_owned(),
    };
    scene.say(id)
}

/// Says what trains from which epoch on, and how the rate falls from layer to layer: "1 Preset 2 → 2 Top 2 → 4 Full
/// ÷2.6".
fn timeline_in_a_line(timeline: &Timeline, scene: &Scene<'_>) -> String {
    let choice = |freeze: &Freeze| match freeze {
        Freeze::Plan(rules) => {
            let rule = |rule: &Rule| {
                let sign = if rule.state == State::Trainable { "+" } else { "−" };
                format!("{sign}{}", rule.parameters)
            };
            rules.iter().map(rule).collect::<Vec<_>>().join(" ")
        }
        Freeze::Names(names) => format!("{} ({})", shared::freezing(scene.words, freeze), names.len()),
        named => shared::freezing(scene.words, named),
    };
    let stages = timeline.stages.iter().map(|stage| format!("{} {}", stage.from_epoch, choice(&stage.freeze)));
    let rates = &timeline.learning_rates;
    let falls = rates.layer_divisor.map(|divisor| format!(" ÷{divisor}"));
    let falls = falls.or_else(|| rates.layer_factor.map(|factor| format!(" ×{factor}"))).unwrap_or_default();
    let groups = rates.groups.iter().map(|group| format!(" {} ×{}", group.parameters, group.factor));
    format!("{}{falls}{}", stages.collect::<Vec<_>>().join(" → "), groups.collect::<String>())
}

/// Says in lines of their own how this run differs from the others, for its curves.
pub fn what_sets_apart(run: usize, differing: &[Difference], scene: &Scene<'_>) -> String {
    let line = |difference: &Difference| {
        let value = shown(difference, run, &difference.values[run], scene);
        let mut short: String = value.chars().take(LONGEST).collect();
        if short.len() < value.len() {
            short.push('…');
        }
        format!("\n{}: {short}", setting_name(&difference.path, scene))
    };
    let mut lines: String = differing.iter().take(MOST_LINES).map(line).collect();
    if differing.len() > MOST_LINES {
        lines.push_str("\n…");
    }
    lines
}

fn shown(difference: &Difference, run: usize, value: &Setting, scene: &Scene<'_>) -> String {
    let config = &scene.runs()[run].run.config;
    let freezing = || shared::freezing(scene.words, &config.freeze);
    let value = match value {
        Setting::Engine(engine) => return shared::engine(scene.words, *engine),
        Setting::Unknown => return scene.say("compare-unknown"),
        Setting::Open => None,
        Setting::Text(text) => Some(text.as_str()),
    };
    match (difference.path.as_str(), value) {
        ("data.max_rows" | "data.rows_per_class", None) => scene.say("panel-row-limit-off"),
        (_, None) => scene.say("compare-left-open"),
        ("freeze", Some(text)) => match &config.freeze {
            // Two custom choices may differ although they have the same name, so their contents are shown.
            Freeze::Names(names) => format!("{} ({}): {text}", freezing(), names.len()),
            Freeze::Plan(_) => format!("{}: {text}", freezing()),
            Freeze::Timeline(timeline) => timeline_in_a_line(timeline, scene),
            _ => freezing(),
        },
        ("training.learning_rate", Some(_)) => numbers::learning_rate(config.learning_rate()),
        ("data.source" | "model", Some("Bundled")) => scene.say("compare-bundled"),
        (_, Some("true")) => scene.say("panel-on"),
        (_, Some("false")) => scene.say("panel-off"),
        (_, Some(text)) => text.to_owned(),
    }
}
