//! What is counted of the selection: its confusion matrix, and how the rows with each tag are answered. A click narrows it.

use eframe::egui::{Role, Sense, Ui, WidgetInfo};

use crate::app::explore::ExploreAction;
use crate::domain::predictions::ExploredRows;
use crate::domain::selected::SelectedRows;
use crate::domain::selection::Condition;
use crate::domain::tags::Tag;
use crate::words::Number;

use super::super::super::matrix::Matrix;
use super::super::super::save_plot::{self, Table};
use super::super::super::theme;
use super::super::Scene;
use super::super::live::{empty_note, matrix_table};
use super::{tag_id, tag_name};

const ROW: f32 = 26.0;

pub fn matrix_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &ExploredRows, selected: &SelectedRows) {
    let (title, card) = (scene.say("explore-matrix"), theme::card_around(ui));
    theme::heading_row(ui, &title, Some(&scene.hint("explore-matrix")), |ui| {
        save_plot::button(ui, scene, &title, card, |scene| {
            matrix_table(&rows.labels, &selected.confusion, scene.words)
        });
    });
    let shown: Vec<usize> = (0..rows.labels.len()).collect();
    let matrix = Matrix::of("explored matrix", &rows.labels, &selected.confusion, &shown, &title);
    let clicked = Matrix { is_clickable: true, ..matrix }.show(ui, scene.words);
    if let Some((truth, predicted)) = clicked {
        let cell = Condition::Cell { label: truth as u32, predicted: predicted as u32 };
        scene.act(ExploreAction::Select(cell));
    }
}

pub fn tags_ui(ui: &mut Ui, scene: &mut Scene<'_>, selected: &SelectedRows) {
    let (title, card) = (scene.say("explore-tags"), theme::card_around(ui));
    theme::heading_row(ui, &title, Some(&scene.hint("explore-tags")), |ui| {
        save_plot::button(ui, scene, &title, card, |scene| export(scene, selected));
    });
    if selected.tags.is_empty() {
        return empty_note(ui, &scene.say("explore-none-tagged"));
    }
    let number = |text: String| theme::text_width(ui, &text, eframe::egui::TextStyle::Body).ceil() + 2.0;
    let most = selected.tags.iter().map(|share| share.rows).max().unwrap_or(0);
    let widths =
        [number(crate::words::numbers::count(most as usize)), number(scene.words.write(Number::Percent(0.999)))];
    let columns = [theme::wide(60.0), theme::fixed(widths[0]), theme::fixed(widths[1])];
    let mut chosen = None;
    theme::table(ui, "tags", columns).sense(Sense::click()).body(|body| {
        body.rows(ROW, selected.tags.len(), |mut row| {
            let share = selected.tags[row.index()];
            let accuracy = scene.words.write(Number::Percent(share.accuracy()));
            row.set_selected(selected.selection.steps.contains(&Condition::Tag { tag: share.tag }));
            row.col(|ui| theme::cut(ui, tag_name(scene, share.tag)));
            let count = crate::words::numbers::count(share.rows as usize);
            for text in [count, if share.tag == Tag::AlmostRight { String::new() } else { accuracy.clone() }] {
                row.col(|ui| {
                    ui.with_layout(theme::of_column(1), |ui| ui.label(text));
                });
            }
            let response = row.response();
            let text = sentence(scene, share.tag, selected);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
            let hover = format!("{text}\n{}", scene.hint(tag_id(share.tag)));
            if response.on_hover_text(hover).clicked() {
                chosen = Some(share.tag);
            }
        });
    });
    if let Some(tag) = chosen {
        scene.act(ExploreAction::Select(Condition::Tag { tag }));
    }
}

/// Says of a tag how many rows have it, and how many of them are answered rightly.
fn sentence(scene: &Scene<'_>, tag: Tag, selected: &SelectedRows) -> String {
    let Some(share) = selected.tags.iter().find(|share| share.tag == tag) else { return String::new() };
    let (name, (low, high)) = (tag_name(scene, tag), share.interval());
    if tag == Tag::AlmostRight {
        return scene.say_with("explore-tag-count", &[("tag", &name), ("rows", &share.rows)]);
    }
    let numbers = [share.accuracy(), low, high].map(Number::Percent);
    let filled = [
        ("tag", &name as &dyn crate::words::Fill),
        ("rows", &share.rows),
        ("accuracy", &numbers[0]),
        ("low", &numbers[1]),
        ("high", &numbers[2]),
    ];
    scene.say_with("explore-tag", &filled)
}

fn export(scene: &Scene<'_>, selected: &SelectedRows) -> Table {
    let heads = ["explore-tags", "explore-rows-heading", "results-accuracy", "compare-low", "compare-high"];
    let mut table = Table::new(heads.map(|id| scene.say(id)));
    for share in &selected.tags {
        let (low, high) = share.interval();
        let numbers = [share.accuracy(), low, high].map(save_plot::number);
        table.rows.push([tag_name(scene, share.tag), share.rows.to_string()].into_iter().chain(numbers).collect());
    }
    table
}
