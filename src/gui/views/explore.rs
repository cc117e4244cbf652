//! Explore shows the rows behind a run's numbers: one selection of them as a table, as a confusion matrix and by tags.

mod detail;
mod map;
mod side;
mod table;

use std::path::PathBuf;

use eframe::egui::{Label, ProgressBar, Rect, TextEdit, Ui, UiBuilder, Vec2, pos2, vec2};

use crate::app::action::Action;
use crate::app::explore::{ExploreAction, ExploreState, all_wrong, only_last_right};
use crate::app::state::{Loading, View};
use crate::app::text_map::TextMapAction;
use crate::domain::health::PartName;
use crate::domain::message::Task;
use crate::domain::selected::SelectedRows;
use crate::domain::selection::{Condition, Selection};
use crate::domain::tags::Tag;
use crate::words::{Fill, Number};

use super::super::problem::problem_ui;
use super::super::theme::{self, space};
use super::Scene;
use super::examine;
use super::live::empty_note;

/// The width of the search field.
const SEARCH: f32 = 180.0;
/// The lists at the side have this width where there is room for them beside the table; otherwise they stand below it.
const SIDE: f32 = 300.0;
const WIDE: f32 = 840.0;
/// The part below the table or the matrix, with the gap above it, is at least this high.
const LOWER: f32 = 168.0;
/// In a smaller space the view scrolls.
const LEAST: Vec2 = vec2(460.0, 440.0);
const LEAST_MAP: Vec2 = vec2(460.0, 720.0);
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
    let least = if scene.state.text_map.is_shown && all.width() < WIDE { LEAST_MAP } else { LEAST };
    theme::at_least(ui, all, least, "explore", |ui, rect| cards_ui(ui, rect, scene));
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

/// Draws the breadcrumb above, the table, and the matrix and the tags beside or below it. The whole text of a marked row
/// stands below the table; where the matrix and the tags are there, it takes their place.
fn cards_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let explore = &scene.state.explore;
    let Some((rows, selected)) = explore.shown() else { return };
    let mut head = ui.new_child(UiBuilder::new().max_rect(rect));
    head_ui(&mut head, scene, selected);
    let body = Rect::from_min_max(pos2(rect.left(), head.min_rect().bottom() + space::S), rect.max);
    if scene.state.text_map.is_shown {
        let [of_map, of_probes, of_words] = map::places(body, body.width() >= WIDE, SIDE);
        theme::card_at(ui, of_map, |ui| map::map_ui(ui, scene, rows, selected));
        theme::card_at(ui, of_probes, |ui| map::probes_ui(ui, scene));
        return theme::card_at(ui, of_words, |ui| map::words_ui(ui, scene));
    }
    let gap = space::S;
    let marked = table::marked(scene, selected);
    let below = |rect: Rect, share: f32| {
        let (upper, lower) = rect.split_top_bottom_at_y(rect.bottom() - (rect.height() * share).max(LOWER));
        (upper, Rect::from_min_max(pos2(lower.left(), lower.top() + gap), lower.max))
    };
    if body.width() < WIDE {
        let (upper, lower) = below(body, 0.36);
        theme::card_at(ui, upper, |ui| table::table_ui(ui, scene, rows, selected));
        if let Some(place) = marked {
            return theme::card_at(ui, lower, |ui| detail::detail_ui(ui, scene, rows, place));
        }
        let (left, right) = lower.split_left_right_at_fraction(0.5);
        let left = Rect::from_min_max(left.min, pos2(left.right() - gap / 2.0, left.bottom()));
        let right = Rect::from_min_max(pos2(right.left() + gap / 2.0, right.top()), right.max);
        theme::card_at(ui, left, |ui| side::matrix_ui(ui, scene, rows, selected));
        return theme::card_at(ui, right, |ui| side::tags_ui(ui, scene, selected));
    }
    let (left, side) = body.split_left_right_at_x(body.right() - SIDE);
    let left = Rect::from_min_max(left.min, pos2(left.right() - gap, left.bottom()));
    let (upper, lower) = below(side, 0.5);
    theme::card_at(ui, upper, |ui| side::matrix_ui(ui, scene, rows, selected));
    theme::card_at(ui, lower, |ui| side::tags_ui(ui, scene, selected));
    let Some(place) = marked else {
        return theme::card_at(ui, left, |ui| table::table_ui(ui, scene, rows, selected));
    };
    let (upper, lower) = below(left, 0.35);
    theme::card_at(ui, upper, |ui| table::table_ui(ui, scene, rows, selected));
    theme::card_at(ui, lower, |ui| detail::detail_ui(ui, scene, rows, place));
}

/// Draws whose rows they are, the search, and below them the breadcrumb, which may go on in further lines.
fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>, selected: &SelectedRows) {
    let explore = &scene.state.explore;
    let names = scene.run_names(&explore.runs);
    ui.horizontal(|ui| {
        ui.set_height(ui.spacing().interact_size.y);
        let runs = |ui: &mut Ui, scene: &mut Scene<'_>| {
            let is_map = scene.state.text_map.is_shown;
            for (shows, id) in [(false, "map-table"), (true, "map-map")] {
                scene.choice(ui, id, is_map == shows, TextMapAction::Show(shows)).on_hover_text(scene.hint(id));
            }
            theme::cut(ui, theme::heading(names.join(" · ")))
        };
        theme::ends(ui, scene, runs, |ui, scene| {
            let screen = scene.state.run.last_dir.as_ref();
            if explore.are_chosen && screen.is_some() && explore.runs.first() != screen {
                let link = theme::link_button(ui, &scene.say("explore-this-run"));
                if link.on_hover_text(scene.hint("explore-this-run")).clicked() {
                    scene.act(ExploreAction::ShowScreen);
                }
            }
            let mut search = explore.search.clone();
            let hint = scene.say("explore-search");
            // A field becomes as narrow as the room that the row had for it in the frame before.
            let edit = TextEdit::singleline(&mut search).hint_text(&hint);
            let field = ui.add_sized(vec2(SEARCH, ui.spacing().interact_size.y), edit);
            if field.accessible_name(hint).changed() {
                scene.act(ExploreAction::Search(search));
            }
        });
    });
    if explore.runs.len() > 1 {
        lists_ui(ui, scene, &names);
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, 2.0);
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
        ui.add_space(space::XS);
        let (rows, right) = (selected.places.len(), selected.confusion.correct());
        let accuracy = Number::Percent(selected.confusion.accuracy());
        let counts = [("rows", &rows as &dyn crate::words::Fill), ("right", &right), ("accuracy", &accuracy)];
        ui.add(Label::new(theme::small_muted(ui, scene.say_with("explore-count", &counts))).extend());
    });
}

/// Draws the lists of rows on which several runs disagree, or all are wrong.
fn lists_ui(ui: &mut Ui, scene: &mut Scene<'_>, names: &[String]) {
    let runs = &scene.state.explore.runs;
    let chosen = scene.state.explore.selection.steps.iter().find(|step| matches!(step, Condition::Answered { .. }));
    let mut lists: Vec<(String, String, Vec<PathBuf>, Selection)> = Vec::new();
    for (i, name) in names.iter().enumerate() {
        // The last one is right, and the first of the others is the one whose answers are listed.
        let others = runs.iter().enumerate().filter(|(other, _)| *other != i).map(|(_, dir)| dir.clone());
        let dirs = others.chain([runs[i].clone()]).collect();
        let title = scene.say_with("explore-only", &[("name", &short(name))]);
        lists.push((title, scene.hint("explore-only"), dirs, only_last_right(runs.len())));
    }
    let every = (scene.say("explore-every-wrong"), scene.hint("explore-every-wrong"));
    lists.push((every.0, every.1, runs.clone(), all_wrong(runs.len())));
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, 2.0);
        for (title, hint, dirs, selection) in lists {
            let is_shown = dirs == *runs && chosen.is_some_and(|chosen| selection.steps.contains(chosen));
            if ui.selectable_label(is_shown, title).on_hover_text(hint).clicked() {
                scene.act(ExploreAction::Open { runs: dirs, selection });
            }
        }
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
        Condition::Probability { label: id, from, to } => {
            let args: [(&str, &dyn Fill); 3] =
                [("label", &label(id)), ("from", &Number::Percent(*from)), ("to", &Number::Percent(*to))];
            scene.say_with("explore-probability", &args)
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
