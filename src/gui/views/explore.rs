//! Explore shows the rows behind a run's numbers: one selection of them as a table, as a confusion matrix and by tags.

mod side;
mod table;

use eframe::egui::{Align, Label, Layout, ProgressBar, Rect, TextEdit, Ui, Vec2, pos2, vec2};

use crate::app::action::Action;
use crate::app::explore::{ExploreAction, ExploreState};
use crate::app::state::{Loading, View};
use crate::domain::health::PartName;
use crate::domain::message::Task;
use crate::domain::selected::SelectedRows;
use crate::domain::selection::Condition;
use crate::domain::tags::Tag;
use crate::words::Number;
use crate::words::shared::short_name;

use super::super::problem::problem_ui;
use super::super::theme::{self, space};
use super::Scene;
use super::examine;
use super::live::empty_note;

/// The lists at the side have this width where there is room for them beside the table; otherwise they stand below it.
const SIDE: f32 = 300.0;
const WIDE: f32 = 820.0;
/// In a smaller space the view scrolls.
const LEAST: Vec2 = vec2(460.0, 480.0);
/// A text in the breadcrumb is cut after so many characters.
const CRUMB: usize = 24;

pub fn explore_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    examine::tabs_ui(ui, scene);
    if examine::page_ui(ui, scene) {
        return;
    }
    let all = ui.available_rect_before_wrap();
    let explore = &scene.state.explore;
    if explore.shown().is_none() {
        return theme::card_at(ui, all, |ui| missing_ui(ui, scene));
    }
    theme::at_least(ui, all, LEAST, "explore", |ui, rect| cards_ui(ui, rect, scene));
}

/// Says why there are no rows, or how far they are computed.
fn missing_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let explore = &scene.state.explore;
    match &explore.rows {
        Loading::Failed(problem) => {
            let colour = theme::palette(ui).error;
            problem_ui(ui, scene.words, problem, colour);
            ui.add_space(space::S);
            ui.horizontal(|ui| {
                scene.button(ui, "explore-retry", true, ExploreAction::Retry);
                if explore.are_chosen && scene.state.run.last_dir.is_some() {
                    scene.button(ui, "explore-this-run", true, ExploreAction::ShowScreen);
                }
            });
        }
        Loading::Nothing if scene.state.is_running() => empty_note(ui, &scene.say("explore-later")),
        Loading::Nothing => {
            ui.vertical_centered(|ui| {
                ui.add_space((ui.available_height() / 3.0).min(120.0));
                ui.set_max_width(420.0);
                ui.add(Label::new(theme::muted(ui, scene.say("explore-empty"))).wrap());
                ui.add_space(space::S);
                scene.button(ui, "compare-add-list", true, Action::ShowView(View::Runs));
            });
        }
        Loading::Waiting(..) | Loading::Ready(_) => {
            let progress = explore.progress.filter(|progress| progress.total > 0);
            let id = match progress.map(|progress| progress.task) {
                Some(Task::Validate | Task::Test) => "explore-computing",
                _ => "explore-reading",
            };
            ui.add(Label::new(scene.say(id)).wrap());
            let share = progress.map_or(0.0, |progress| progress.done as f32 / progress.total as f32);
            let bar = ui.add(ProgressBar::new(share).desired_width(ui.available_width().min(420.0)));
            bar.widget_info(|| {
                let text = scene.say(id);
                eframe::egui::WidgetInfo::labeled(eframe::egui::Role::ProgressIndicator, true, text)
            });
            scene.button(ui, "explore-cancel", true, ExploreAction::Cancel);
        }
    }
}

/// Draws the breadcrumb above, the table, and the matrix and the tags beside or below it.
fn cards_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let explore = &scene.state.explore;
    let Some((rows, selected)) = explore.shown() else { return };
    let head_height = 2.0 * ui.spacing().interact_size.y + space::S;
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), head_height));
    theme::inside(ui, head, |ui| head_ui(ui, scene, selected));
    let body = Rect::from_min_max(pos2(rect.left(), head.bottom() + space::XS), rect.max);
    let gap = space::S;
    let (of_table, of_matrix, of_tags) = if body.width() >= WIDE {
        let left = body.right() - SIDE;
        let middle = body.top() + (body.height() - gap) * 0.5;
        (
            Rect::from_min_max(body.min, pos2(left - gap, body.bottom())),
            Rect::from_min_max(pos2(left, body.top()), pos2(body.right(), middle)),
            Rect::from_min_max(pos2(left, middle + gap), body.max),
        )
    } else {
        let (below, middle) = (body.top() + (body.height() - gap) * 0.58, body.left() + (body.width() - gap) * 0.5);
        (
            Rect::from_min_max(body.min, pos2(body.right(), below)),
            Rect::from_min_max(pos2(body.left(), below + gap), pos2(middle, body.bottom())),
            Rect::from_min_max(pos2(middle + gap, below + gap), body.max),
        )
    };
    theme::card_at(ui, of_table, |ui| table::table_ui(ui, scene, rows, selected));
    theme::card_at(ui, of_matrix, |ui| side::matrix_ui(ui, scene, rows, selected));
    theme::card_at(ui, of_tags, |ui| side::tags_ui(ui, scene, selected));
}

/// Draws whose rows they are, the search, and below them the breadcrumb.
fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>, selected: &SelectedRows) {
    let explore = &scene.state.explore;
    let names: Vec<String> = explore.runs.iter().map(|dir| short_name(dir)).collect();
    ui.horizontal(|ui| {
        ui.set_height(ui.spacing().interact_size.y);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut search = explore.search.clone();
            let hint = scene.say("explore-search");
            let field = ui.add(TextEdit::singleline(&mut search).hint_text(&hint).desired_width(180.0));
            if field.accessible_name(hint).changed() {
                scene.act(ExploreAction::Search(search));
            }
            let screen = scene.state.run.last_dir.as_ref();
            if explore.are_chosen && screen.is_some() && explore.runs.first() != screen {
                let link = theme::link_button(ui, &scene.say("explore-this-run"));
                if link.on_hover_text(scene.hint("explore-this-run")).clicked() {
                    scene.act(ExploreAction::ShowScreen);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                theme::cut(ui, theme::heading(names.join(" · ")))
            });
        });
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let all = explore.rows.latest().map_or(0, |rows| rows.len());
        if theme::link_button(ui, &scene.say_with("explore-all", &[("rows", &all)])).clicked() {
            scene.act(ExploreAction::Widen(0));
        }
        for (i, step) in explore.selection.steps.iter().enumerate() {
            ui.label(theme::muted(ui, "›"));
            let crumb = theme::link_button(ui, &crumb(scene, explore, step, &names));
            if crumb.on_hover_text(scene.say("explore-widen")).clicked() {
                scene.act(ExploreAction::Widen(i + 1));
            }
        }
        let (rows, right) = (selected.places.len(), selected.confusion.correct());
        let accuracy = Number::Percent(selected.confusion.accuracy());
        let counts = [("rows", &rows as &dyn crate::words::Fill), ("right", &right), ("accuracy", &accuracy)];
        ui.add(Label::new(theme::small_muted(ui, scene.say_with("explore-count", &counts))).truncate());
    });
}

/// Names a condition in a few words.
fn crumb(scene: &Scene<'_>, explore: &ExploreState, step: &Condition, names: &[String]) -> String {
    let labels = explore.rows.latest().map(|rows| rows.labels.as_slice()).unwrap_or_default();
    let label = |id: &u32| short(labels.get(*id as usize).map_or("", String::as_str));
    match step {
        Condition::Split { split: PartName::Validation } => scene.say("explore-validation"),
        Condition::Split { .. } => scene.say("explore-test"),
        Condition::TrueLabel { label: id } => scene.say_with("explore-true", &[("label", &label(id))]),
        Condition::PredictedLabel { label: id } => scene.say_with("explore-predicted", &[("label", &label(id))]),
        Condition::Cell { label: truth, predicted } => {
            scene.say_with("explore-cell", &[("label", &label(truth)), ("predicted", &label(predicted))])
        }
        Condition::Correct { is: true } => scene.say("explore-right"),
        Condition::Correct { is: false } => scene.say("explore-wrong"),
        Condition::Confidence { from, to } => {
            let (from, to) = (Number::Percent(*from), Number::Percent(*to));
            scene.say_with("explore-confidence", &[("from", &from), ("to", &to)])
        }
        Condition::Rows { rows } => scene.say_with("explore-rows", &[("rows", &rows.len())]),
        Condition::Search { text } | Condition::Word { word: text } => format!("“{}”", short(text)),
        Condition::Tag { tag } => tag_name(scene, *tag),
        Condition::Answered { right, wrong } => {
            let of = |runs: &[usize]| {
                let named = runs.iter().filter_map(|run| names.get(*run)).map(|name| short(name));
                named.collect::<Vec<_>>().join(", ")
            };
            match (right.is_empty(), wrong.is_empty()) {
                (false, false) => {
                    scene.say_with("explore-right-wrong", &[("right", &of(right)), ("wrong", &of(wrong))])
                }
                (true, _) => scene.say("explore-all-wrong"),
                (_, true) => scene.say("explore-all-right"),
            }
        }
    }
}

/// Cuts a long text in its middle, because names of one kind often differ only at their ends.
fn short(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= CRUMB {
        return text.to_owned();
    }
    let (head, tail) = (CRUMB / 2, CRUMB - CRUMB / 2 - 1);
    letters[..head].iter().chain(&['…']).chain(&letters[letters.len() - tail..]).collect()
}

fn tag_id(tag: Tag) -> &'static str {
    match tag {
        Tag::VeryLong => "tag-very-long",
        Tag::Cut => "tag-cut",
        Tag::Short => "tag-short",
        Tag::Negation => "tag-negation",
        Tag::Question => "tag-question",
        Tag::Numbers => "tag-numbers",
        Tag::UnknownWords => "tag-unknown-words",
        Tag::NoSimilar => "tag-no-similar",
        Tag::NeighboursDisagree => "tag-neighbours-disagree",
        Tag::AlmostRight => "tag-almost-right",
    }
}

fn tag_name(scene: &Scene<'_>, tag: Tag) -> String {
    scene.say(tag_id(tag))
}
