//! This page shows the test matrices of two runs and, if they have the same labels, their difference.

use eframe::egui::{Align, ComboBox, Label, Layout, Rect, ScrollArea, Sense, TextStyle, Ui, UiBuilder, pos2, vec2};

use crate::app::compare::{CompareAction, Compared};
use crate::app::explore::{ExploreAction, only_last_right};
use crate::domain::message::TestEvaluated;
use crate::words::Number;

use super::super::super::matrix::Matrix;
use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, space};
use super::super::live::{empty_note, matrix_table};
use super::Scene;

/// Of labels that cannot be compared so many are named.
const MOST_NAMED: usize = 5;
const CHOICE_HEIGHT: f32 = 30.0;
/// The choice of a run is at most so wide.
const MOST_CHOICE: f32 = 360.0;
/// The button at the right end of a heading, with its gap.
const BUTTON_ROOM: f32 = 32.0;
const LEAST: eframe::egui::Vec2 = vec2(220.0, 200.0);

pub fn matrices_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let [first, second] = scene.state.compare.pair();
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), CHOICE_HEIGHT));
    theme::inside(ui, head, |ui| {
        ui.horizontal(|ui| {
            // Each has half of the room, however long the names are.
            let half = vec2((ui.available_width() - space::S) / 2.0, CHOICE_HEIGHT);
            for (which, id, chosen) in [(0, "compare-first", first), (1, "compare-second", second)] {
                let layout = Layout::left_to_right(Align::Center);
                ui.allocate_ui_with_layout(half, layout, |ui| choice_ui(ui, scene, which, id, chosen));
            }
        });
    });
    // Links to the rows on which both differ come first, because these tell more than the numbers.
    let mut top = head.bottom() + space::XS;
    if let Some((first, second)) = first.zip(second).filter(|(first, second)| first.same_test(second)) {
        let line = Rect::from_min_size(pos2(rect.left(), top), vec2(rect.width(), CHOICE_HEIGHT));
        let mut child = ui.new_child(UiBuilder::new().max_rect(line));
        rows_ui(&mut child, scene, first, second);
        top = child.min_rect().bottom() + space::XS;
    }
    let body = Rect::from_min_max(pos2(rect.left(), top), rect.max);
    // Three matrices stand in a row if there is room, otherwise below each other.
    let is_wide = body.width() >= 3.0 * LEAST.x + 2.0 * space::S;
    let (columns, rows) = if is_wide { (3.0, 1.0) } else { (1.0, 3.0) };
    let gaps = vec2((columns - 1.0) * space::S, (rows - 1.0) * space::S);
    let size = ((body.size() - gaps) / vec2(columns, rows)).max(LEAST);
    theme::inside(ui, body, |ui| {
        ScrollArea::vertical().id_salt("matrices").auto_shrink(false).show(ui, |ui| {
            let (all, _) = ui.allocate_exact_size(size * vec2(columns, rows) + gaps, Sense::hover());
            let step = if is_wide { vec2(size.x + space::S, 0.0) } else { vec2(0.0, size.y + space::S) };
            let at = |i: f32| Rect::from_min_size(all.min + step * i, size);
            theme::card_at(ui, at(0.0), |ui| one_ui(ui, scene, "compare-first", first));
            theme::card_at(ui, at(1.0), |ui| one_ui(ui, scene, "compare-second", second));
            theme::card_at(ui, at(2.0), |ui| difference_ui(ui, scene, first, second));
        });
    });
}

fn choice_ui(ui: &mut Ui, scene: &mut Scene<'_>, which: usize, id: &'static str, chosen: Option<&Compared>) {
    let label = ui.label(theme::small_muted(ui, scene.say(id)));
    let whole = chosen.map_or_else(String::new, |run| scene.name(run));
    let width = ui.available_width().min(MOST_CHOICE);
    // The names of all runs are known, so that the shown one tells it apart from the others.
    let icon = ui.spacing().icon_width + ui.spacing().icon_spacing + 2.0 * ui.spacing().button_padding.x;
    let shown = shown_name(ui, scene, chosen, &format!("compare pair {which}"), TextStyle::Button, width - icon - 2.0);
    let combo = ComboBox::from_id_salt(("compare pair", which)).width(width).truncate().selected_text(shown);
    let response = combo.show_ui(ui, |ui| {
        for run in scene.runs() {
            let is_chosen = chosen.is_some_and(|chosen| chosen.run.dir == run.run.dir);
            if ui.selectable_label(is_chosen, scene.name(run)).clicked() {
                scene.act(CompareAction::Choose { which, dir: run.run.dir.clone() });
            }
        }
    });
    response.response.labelled_by(label.id).on_hover_text(whole);
}

/// Returns a run's name as it is shown in so much room, told apart from those of the other runs.
fn shown_name(ui: &Ui, scene: &Scene<'_>, run: Option<&Compared>, list: &str, style: TextStyle, width: f32) -> String {
    let runs = scene.runs();
    let at = run.and_then(|run| runs.iter().position(|other| other.run.dir == run.run.dir));
    let shown = theme::fitted_names(ui, list, &scene.names(), &style.resolve(ui.style()), width);
    at.and_then(|at| shown.get(at).cloned()).unwrap_or_default()
}

fn one_ui(ui: &mut Ui, scene: &mut Scene<'_>, id: &'static str, run: Option<&Compared>) {
    let title = run.map_or_else(|| scene.say(id), |run| scene.name(run));
    let Some(test) = run.and_then(|run| run.history.test.as_ref()) else {
        theme::heading_row(ui, &title, None, |_| {});
        let id = if run.is_some() { "compare-untested" } else { "compare-second-missing" };
        return empty_note(ui, &scene.say(id));
    };
    let accuracy = scene.say_with("compare-accuracy-is", &[("value", &Number::Ratio(test.accuracy))]);
    let told = format!(" · {accuracy}");
    // The accuracy is never cut, and of the name what tells it apart from the others is left.
    let room = ui.available_width() - BUTTON_ROOM - theme::text_width(ui, &told, TextStyle::Heading);
    let shown = shown_name(ui, scene, run, &format!("{id} heading"), TextStyle::Heading, room);
    let title = format!("{title}{told}");
    let card = theme::card_around(ui);
    heading_ui(ui, &format!("{shown}{told}"), &title, |ui| {
        save_plot::button(ui, scene, &title, card, |scene| matrix_table(&test.labels, &test.confusion, scene.words));
    });
    let shown: Vec<usize> = (0..test.labels.len()).collect();
    Matrix::of(id, &test.labels, &test.confusion, &shown, &title).show(ui, scene.words);
}

fn difference_ui(ui: &mut Ui, scene: &mut Scene<'_>, first: Option<&Compared>, second: Option<&Compared>) {
    let title = scene.say("compare-difference");
    let hover = scene.hint("compare-difference");
    let tests = first.zip(second).and_then(|(a, b)| a.history.test.as_ref().zip(b.history.test.as_ref()));
    let Some((a, b)) = tests.filter(|(a, b)| a.labels == b.labels) else {
        let labels = |test: &TestEvaluated| match test.labels.get(..MOST_NAMED) {
            Some(first) if test.labels.len() > MOST_NAMED => format!("{}, …", first.join(", ")),
            _ => test.labels.join(", "),
        };
        theme::heading_row(ui, &title, Some(&hover), |_| {});
        let why = tests.map_or_else(
            || scene.say("compare-two-tested"),
            |(a, b)| scene.say_with("compare-other-labels", &[("first", &labels(a)), ("second", &labels(b))]),
        );
        return empty_note(ui, &why);
    };
    let card = theme::card_around(ui);
    heading_ui(ui, &title, &hover, |ui| {
        save_plot::button(ui, scene, &title, card, |scene| shares(a, b, scene));
        if first.zip(second).is_some_and(|(first, second)| !first.same_test(second)) {
            let note = theme::small_muted(ui, scene.say("compare-other-rows"));
            ui.label(note.color(theme::palette(ui).warning)).on_hover_text(scene.hint("compare-other-rows"));
        }
    });
    let shown: Vec<usize> = (0..b.labels.len()).collect();
    let of_second = Matrix::of("difference", &b.labels, &b.confusion, &shown, &title);
    Matrix { less: Some(&a.confusion), ..of_second }.show(ui, scene.words);
}

/// Draws what leads to the rows that one run gets right and the other wrong; those of the run that is wrong are listed.
fn rows_ui(ui: &mut Ui, scene: &mut Scene<'_>, first: &Compared, second: &Compared) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        for (id, wrong, right) in [("compare-only-first", second, first), ("compare-only-second", first, second)] {
            if theme::link_button(ui, &scene.say(id)).on_hover_text(scene.hint(id)).clicked() {
                let runs = vec![wrong.run.dir.clone(), right.run.dir.clone()];
                scene.act(ExploreAction::Open { runs, selection: only_last_right(2) });
            }
        }
    });
}

/// Draws a heading that becomes shorter where the controls at its right need the room.
fn heading_ui(ui: &mut Ui, title: &str, hover: &str, right: impl FnOnce(&mut Ui)) {
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        ui.set_height(20.0);
        right(ui);
        ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
            ui.add(Label::new(theme::heading(title)).truncate()).on_hover_text(hover);
        });
    });
}

/// Returns by how many percentage points the shares in the rows of the true labels differ.
fn shares(a: &TestEvaluated, b: &TestEvaluated, scene: &Scene<'_>) -> Table {
    let heading = format!("{} ({})", scene.say("matrix-true"), scene.say("compare-points"));
    let mut table = Table::new(std::iter::once(heading).chain(a.labels.iter().cloned()));
    for (truth, label) in a.labels.iter().enumerate() {
        let change = |p| 100.0 * (b.confusion.row_share(truth, p) - a.confusion.row_share(truth, p));
        let cells = (0..a.labels.len()).map(|predicted| save_plot::number(change(predicted)));
        table.rows.push(std::iter::once(label.clone()).chain(cells).collect());
    }
    table
}
