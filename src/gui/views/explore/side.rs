//! The counts of the selection: its confusion matrix, how sure the run is, and how the rows with each tag are answered. A click
//! narrows it.

use eframe::egui::{Align2, FontId, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::explore::ExploreAction;
use crate::domain::predictions::ExploredRows;
use crate::domain::selected::{CONFIDENCE_BINS, SelectedRows, confidence_bin};
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
/// The bars of the confidences have this height, and what stands below them this one.
const BARS: f32 = 32.0;
const CAPTION: f32 = 16.0;

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
    confidence_ui(ui, scene, selected);
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

/// Draws how sure the first run is of the rows: a bar for each tenth, the mistakes on top. A click takes the rows of a bar.
fn confidence_ui(ui: &mut Ui, scene: &mut Scene<'_>, selected: &SelectedRows) {
    let caption = scene.say("explore-column-confidence");
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), BARS + CAPTION), Sense::click());
    let p = theme::palette(ui);
    let width = rect.width() / CONFIDENCE_BINS as f32;
    let most = selected.confidences.iter().map(|[wrong, right]| wrong + right).max().unwrap_or(0).max(1) as f32;
    let bottom = rect.top() + BARS;
    let of_bin = |bin: usize| {
        let left = rect.left() + bin as f32 * width;
        Rect::from_min_max(pos2(left + 1.0, rect.top()), pos2(left + width - 1.0, bottom))
    };
    for (bin, [wrong, right]) in selected.confidences.into_iter().enumerate() {
        let column = of_bin(bin);
        let height = |rows: u64| BARS * rows as f32 / most;
        let middle = bottom - height(right);
        let part = |from: f32, to: f32| Rect::from_min_max(pos2(column.left(), from), pos2(column.right(), to));
        ui.painter().rect_filled(part(middle, bottom), 0.0, p.validation_curve.gamma_multiply(0.75));
        ui.painter().rect_filled(part(middle - height(wrong), middle), 0.0, p.error);
    }
    ui.painter().hline(rect.x_range(), bottom, Stroke::new(1.0, p.grid));
    let font = FontId::proportional(CAPTION - 4.0);
    for (x, align, text) in [
        (rect.left(), Align2::LEFT_TOP, scene.words.write(Number::Percent(0.0))),
        (rect.center().x, Align2::CENTER_TOP, caption.clone()),
        (rect.right(), Align2::RIGHT_TOP, scene.words.write(Number::Percent(1.0))),
    ] {
        ui.painter().text(pos2(x, bottom + 2.0), align, text, font.clone(), p.muted);
    }
    let said = |bin: usize| {
        let ((from, to), [wrong, right]) = (confidence_bin(bin), selected.confidences[bin]);
        let (from, to, rows) = (Number::Percent(from), Number::Percent(to), wrong + right);
        scene.say_with("explore-confident", &[("from", &from), ("to", &to), ("rows", &rows), ("wrong", &wrong)])
    };
    let all: Vec<String> = (0..CONFIDENCE_BINS).filter(|bin| selected.confidences[*bin] != [0, 0]).map(&said).collect();
    let name = format!("{caption}: {}", all.join(" "));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let focused = theme::focused_cell(ui, &response, 1, CONFIDENCE_BINS).map(|(_, bin)| bin);
    if let Some(bin) = focused {
        theme::explain_cell(ui, &response, of_bin(bin), said(bin));
        ui.painter().rect_stroke(of_bin(bin), 2.0, Stroke::new(2.0, p.accent), StrokeKind::Inside);
    }
    let at = |pos: Pos2| ((pos.x - rect.left()) / width).clamp(0.0, CONFIDENCE_BINS as f32 - 1.0) as usize;
    let (pointed, pressed) = (response.hover_pos().map(at), response.interact_pointer_pos().map(at));
    let chosen = pressed.or(focused).filter(|_| response.clicked());
    if let Some(bin) = pointed {
        response.on_hover_text_at_pointer(said(bin));
    }
    if let Some(bin) = chosen.filter(|bin| selected.confidences[*bin] != [0, 0]) {
        let (from, to) = confidence_bin(bin);
        scene.act(ExploreAction::Select(Condition::Confidence { from, to }));
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
