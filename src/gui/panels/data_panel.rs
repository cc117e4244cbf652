//! Section 1 shows the table of texts and labels, how it is read, and how it is divided.

use std::sync::Arc;

use eframe::egui::{
    self, Align, Button, CornerRadius, FontId, Label, Layout, RichText, ScrollArea, Stroke, Ui, Vec2, vec2,
};
use egui_extras::{Column, TableBuilder};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::first_steps::FirstStep;
use crate::app::state::Loading;
use crate::app::train::TrainAction;
use crate::domain::coach::AdvicePlace;
use crate::domain::config::{DataConfig, DataSource, MAX_ROWS};
use crate::domain::dataset::DatasetSummary;
use crate::domain::message::{Progress, Task};
use crate::gui::first_steps;
use crate::gui::legibility;
use crate::gui::theme::{self, palette};
use crate::words::{Number, shared};

use super::charts;
use super::columns::{Columns, accept_skipped, reading};
use super::few_rows;
use super::{Scene, parts};

/// This many rows of the table's head are visible before it scrolls.
const HEAD_ROWS: f32 = 5.0;
const ROW_HEIGHT: f32 = 24.0;
const HEADER_HEIGHT: f32 = 38.0;
const CELL_MARGIN: f32 = 6.0;
/// Every column except that of the texts has this width.
const OTHER_WIDTH: f32 = 92.0;

/// Draws the rest of the section, below the choice of the file and the health of what it holds.
pub fn data_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    match &scene.state.train.dataset {
        Loading::Failed(problem) => {
            parts::problem(ui, scene.words, problem);
            accept_skipped(ui, scene, problem);
            let train = &scene.state.train;
            let columns = train.refused_table.as_ref().map(|table| Columns::of_refused(table, &train.config.data));
            reading(ui, scene, columns);
            // The file may have been refused because the limit leaves too few rows.
            if train.config.data.max_rows.is_some() {
                row_limit(ui, scene);
            }
        }
        other => {
            let latest = other.latest().cloned();
            if other.is_waiting() {
                progress(ui, scene);
            }
            if let Some(data) = latest {
                for note in &data.notes {
                    let note = scene.words.problem(note);
                    ui.label(theme::small_muted(ui, note));
                }
                reading(ui, scene, Some(Columns::of(&data)));
                let model = scene.state.train.model.latest();
                if let Some(line) = model.and_then(|tree| shared::labels_are(scene.words, &tree.facts.matched)) {
                    parts::sentence(ui, line, palette(ui).muted);
                }
                table(ui, scene, &data);
                charts::rows(ui, scene, &data);
                charts::classes(ui, scene, &data);
                let lengths = ui.scope(|ui| charts::lengths(ui, scene)).response;
                theme::mark_in_view(ui, &lengths, scene.state.run.coach.marked == Some(AdvicePlace::Data));
                if let Some(found) = &scene.state.train.legibility {
                    legibility::pieces_ui(ui, scene.words, &found.sample);
                }
                charts::split(ui, scene, &data);
                few_rows::split_column(ui, scene, &data);
            }
            row_limit(ui, scene);
            few_rows::rows_per_class(ui, scene);
            few_rows::flip_labels(ui, scene);
        }
    }
}

/// Shows which file is in use and the ways to choose another.
pub fn source_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal_wrapped(|ui| {
        scene.hinted_button(ui, "panel-choose-file", true, Action::OpenDialog(Dialog::Data));
        scene.hinted_button(ui, "panel-choose-folder", true, Action::OpenDialog(Dialog::DataFolder));
        let is_bundled = scene.state.train.config.data.source == DataSource::Bundled;
        let bundled = Button::selectable(is_bundled, scene.say("panel-bundled-data")).frame_when_inactive(true);
        if ui.add(bundled).on_hover_text(scene.hint("panel-bundled-data")).clicked() && !is_bundled {
            scene.act(TrainAction::UseBundledData);
        }
        let recent = &scene.state.shell.settings.recent_files;
        if !recent.is_empty() {
            ui.menu_button(scene.say("panel-recent"), |ui| {
                for path in recent {
                    if ui.button(shared::short_name(path)).on_hover_text(path.display().to_string()).clicked() {
                        scene.act(TrainAction::PickData(path.clone()));
                    }
                }
            });
        }
    });
    match &scene.state.train.config.data.source {
        DataSource::Bundled => ui.label(theme::small_muted(ui, scene.say("panel-drop-file"))),
        DataSource::File(path) => {
            let bytes = scene.state.train.dataset.latest().filter(|d| d.path.as_ref() == Some(path)).map(|d| d.bytes);
            ui.horizontal(|ui| {
                ui.spacing_mut().interact_size.y = 20.0;
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.label(theme::small_muted(
                        ui,
                        bytes.map(|n| scene.words.write(Number::Bytes(n))).unwrap_or_default(),
                    ));
                    let name = RichText::new(shared::short_name(path)).family(theme::semibold_family());
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(Label::new(name).truncate()));
                });
            })
            .response
            .on_hover_text(path.display().to_string())
        }
    };
    // What is found amiss below may come of a text that is not read.
    if let Loading::Ready(data) = &scene.state.train.dataset {
        likely_pair(ui, scene, &Arc::clone(data));
    }
}

/// Shows what is being done to a file that is still being read, and how far that has got.
fn progress(ui: &mut Ui, scene: &Scene<'_>) {
    let (mut text, mut share) = (scene.say("panel-data-reading"), None);
    if let Some(Progress { task: Task::ReadData, done, total }) = scene.state.train.progress
        && total > 0
    {
        let of = done as f64 / total as f64;
        text = format!("{text}  {}", scene.words.write(Number::Progress(of)));
        share = Some(of as f32);
    }
    ui.label(theme::muted(ui, &text));
    if let Some(share) = share {
        let size = vec2(ui.available_width(), 6.0);
        theme::bar(ui, share, size, palette(ui).accent, &text);
    }
}

/// Says that a second column of texts is there, which is not read, and offers to read it.
fn likely_pair(ui: &mut Ui, scene: &mut Scene<'_>, data: &DatasetSummary) {
    let Some((first, second)) = data.likely_pair else { return };
    let [first, second] = [first, second].map(|column| data.columns[column].clone());
    let read = &data.columns[data.text_column];
    let line = scene.say_with("panel-likely-pair", &[("first", &first), ("second", &second), ("read", read)]);
    parts::sentence(ui, line, palette(ui).muted);
    let button = ui.button(scene.say("panel-read-pair")).on_hover_text(scene.hint("panel-read-pair"));
    if button.clicked() {
        let mut config = scene.state.train.config.data.clone();
        config.reading.text_column = Some(first);
        config.reading.second_text_column = Some(second);
        scene.act(TrainAction::ChangeData(Box::new(config)));
    }
}

/// Shows the first rows as they were read. The columns of the texts and of the labels stand out.
fn table(ui: &mut Ui, scene: &Scene<'_>, data: &DatasetSummary) {
    let p = palette(ui);
    let texts = 1 + usize::from(data.second_text_column.is_some());
    let others = data.columns.len().saturating_sub(texts) as f32;
    let text_width = ((ui.available_width() - others * OTHER_WIDTH) / texts as f32).max(210.0);
    let mark = |column: usize| match column {
        c if c == data.text_column => Some("panel-text-mark"),
        c if Some(c) == data.second_text_column => Some("panel-second-mark"),
        c if c == data.label_column => Some("panel-label-mark"),
        _ => None,
    };
    let ground = |ui: &Ui, column: usize, fill: egui::Color32| {
        if mark(column).is_some() {
            ui.painter().rect_filled(ui.max_rect(), CornerRadius::ZERO, fill);
        }
        // A hair line lies under every row.
        ui.painter().hline(ui.max_rect().x_range(), ui.max_rect().bottom(), Stroke::new(1.0, p.line));
    };
    ScrollArea::horizontal().id_salt("head").show(ui, |ui| {
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        let mut table = TableBuilder::new(ui)
            .id_salt("head of the table")
            .striped(false)
            .min_scrolled_height(HEAD_ROWS * ROW_HEIGHT)
            .max_scroll_height(HEAD_ROWS * ROW_HEIGHT)
            .auto_shrink([true, true])
            .cell_layout(Layout::left_to_right(Align::Center));
        for column in 0..data.columns.len() {
            let is_text = column == data.text_column || Some(column) == data.second_text_column;
            let width = if is_text { text_width } else { OTHER_WIDTH };
            table = table.column(Column::exact(width).clip(true));
        }
        table
            .header(HEADER_HEIGHT, |mut header| {
                for (column, name) in data.columns.iter().enumerate() {
                    header.col(|ui| {
                        ground(ui, column, p.accent_fill);
                        ui.add_space(CELL_MARGIN);
                        let name = if name.is_empty() { scene.say("panel-unnamed") } else { name.clone() };
                        ui.vertical(|ui| {
                            let mark = mark(column).map(|id| scene.say(id)).unwrap_or_default();
                            ui.add_space(3.0);
                            ui.label(RichText::new(mark).size(11.0).color(p.accent));
                            ui.add(
                                Label::new(RichText::new(name).family(theme::semibold_family()).size(13.0)).truncate(),
                            );
                        });
                    });
                }
            })
            .body(|body| {
                body.rows(ROW_HEIGHT, data.head.len(), |mut row| {
                    let cells = &data.head[row.index()];
                    for column in 0..data.columns.len() {
                        row.col(|ui| {
                            ground(ui, column, theme::mix(p.side, p.accent_fill, 0.4));
                            ui.add_space(CELL_MARGIN);
                            let cell = cells.get(column).map_or("", String::as_str);
                            if column == data.label_column {
                                label_ui(ui, cell, data);
                            } else {
                                cell_ui(ui, cell, mark(column).is_some());
                            }
                        });
                    }
                });
            });
    });
}

/// Draws a cell on one line and shows all of it on hover.
fn cell_ui(ui: &mut Ui, cell: &str, matters: bool) {
    let p = palette(ui);
    let line = cell.replace(char::is_whitespace, " ");
    let text = RichText::new(line).size(13.0).color(if matters { p.text } else { p.muted });
    ui.add(Label::new(text).truncate().show_tooltip_when_elided(false)).on_hover_text(cell);
}

/// Draws a label on one line so that it can be told from the other labels, and shows all of it on hover.
fn label_ui(ui: &mut Ui, label: &str, data: &DatasetSummary) {
    let others = data.labels.iter().map(|l| l.label.as_str());
    let (font, width) = (FontId::proportional(13.0), ui.available_width() - CELL_MARGIN);
    let (galley, _) = theme::fitted_among(ui, label, others, &font, palette(ui).text, width);
    ui.add(Label::new(galley)).on_hover_text(label);
}

/// Draws the limit on the number of rows. The training settings show it, too.
pub fn row_limit(ui: &mut Ui, scene: &mut Scene<'_>) {
    let config = &scene.state.train.config.data;
    let rows = scene.state.train.dataset.latest().map_or(2_000, |d| d.rows);
    let when_on = rows.min(2_000).max(MAX_ROWS.min as usize);
    let (mut max_rows, all) = (config.max_rows, scene.say("panel-row-limit-off"));
    let row = ui.scope(|ui| {
        parts::setting(ui, scene.words, "panel-row-limit", |ui| {
            parts::optional(ui, &mut max_rows, when_on, MAX_ROWS, &all)
        });
    });
    first_steps::mark(ui, scene, FirstStep::RowLimit, true, row.response.rect);
    if max_rows != config.max_rows {
        scene.act(TrainAction::ChangeData(Box::new(DataConfig { max_rows, ..config.clone() })));
    }
}
