//! A slider sets how many rows of each class are trained on, from 8 to all. Each step is twice the one before.

use eframe::egui::{Slider, Ui};

use crate::app::train::TrainAction;
use crate::domain::config::{Bounds, DataConfig, FLIP_LABELS};
use crate::domain::dataset::DatasetSummary;
use crate::gui::theme;
use crate::words::numbers;

use super::{Scene, parts};

/// Draws the slider and says how many rows it leaves. A new value counts when the slider is let go, because each change
/// divides the rows anew.
pub fn rows_per_class(ui: &mut Ui, scene: &mut Scene<'_>) {
    let config = &scene.state.train.config.data;
    let Some(data) = scene.state.train.dataset.latest() else { return };
    let mut steps = data.few_rows_steps(config);
    let most = data.most_train_rows(config);
    // A number that was set elsewhere is a step as well.
    steps.extend(config.rows_per_class.filter(|rows| *rows < most));
    steps.sort_unstable();
    steps.dedup();
    let all = steps.len();
    let chosen = config.rows_per_class.and_then(|rows| steps.iter().position(|step| *step == rows)).unwrap_or(all);
    let text = scene.say("panel-rows-per-class-all");
    let text_of = |at: f64| steps.get(at.round() as usize).map_or_else(|| text.clone(), |rows| numbers::count(*rows));

    let mut changed = None;
    parts::setting(ui, scene.words, "panel-rows-per-class", |ui| {
        theme::slider_look(ui, theme::palette(ui).side);
        ui.spacing_mut().slider_width = (ui.available_width() - 62.0).max(40.0);
        let (response, at) = parts::settled(ui, "rows per class", chosen as f64, |ui, at| {
            let slider = Slider::new(at, 0.0..=all as f64).integer().custom_formatter(|at, _| text_of(at));
            ui.add_enabled(
                all > 0,
                slider.custom_parser(|typed| {
                    let rows = parts::parse_grouped(typed)?;
                    Some(steps.iter().position(|step| *step as f64 >= rows).unwrap_or(all) as f64)
                }),
            )
        });
        changed = at.map(|at| steps.get(at as usize).copied());
        response
    });
    if config.rows_per_class.is_some() {
        let left = data.split.totals().0;
        ui.label(theme::small_muted(ui, scene.say_with("panel-rows-per-class-left", &[("rows", &left)])));
    }
    if let Some(rows_per_class) = changed {
        scene.act(TrainAction::ChangeData(Box::new(DataConfig { rows_per_class, ..config.clone() })));
    }
}

/// Draws the share of labels that are made wrong on purpose, in percent.
pub fn flip_labels(ui: &mut Ui, scene: &mut Scene<'_>) {
    const THREE_PERCENT: usize = 3;
    let config = &scene.state.train.config.data;
    let bounds = Bounds { min: 1.0, max: FLIP_LABELS.max * 100.0, ..FLIP_LABELS };
    let before = config.flip_labels.map(|share| (share * 100.0).round() as usize);
    let (mut percent, none) = (before, scene.say("panel-flip-labels-off"));
    parts::setting(ui, scene.words, "panel-flip-labels", |ui| {
        parts::optional(ui, &mut percent, THREE_PERCENT, bounds, &none)
    });
    if percent != before {
        let flip_labels = percent.map(|percent| percent as f32 / 100.0);
        scene.act(TrainAction::ChangeData(Box::new(DataConfig { flip_labels, ..config.clone() })));
    }
}

/// Draws the column that the rows are split by, where it is not that of the labels: a copy with fixed labels has one.
pub fn split_column(ui: &mut Ui, scene: &mut Scene<'_>, data: &DatasetSummary) {
    let config = &scene.state.train.config.data;
    let Some(chosen) = &config.split_column else { return };
    let mut new = config.split_column.clone();
    let labels = scene.say("panel-split-by-labels");
    parts::setting(ui, scene.words, "panel-split-column", |ui| {
        let columns = data.columns.iter().map(|name| (Some(name.clone()), name.clone()));
        let options = std::iter::once((None, labels)).chain(columns);
        let width = ui.available_width();
        parts::choice(ui, "panel-split-column", width, chosen, &mut new, options)
    });
    if new != config.split_column {
        scene.act(TrainAction::ChangeData(Box::new(DataConfig { split_column: new, ..config.clone() })));
    }
}
