//! A lesson shows its current step in a strip at the window's foot. A small window lists the lessons to choose from.

mod hand_in;
mod question;

use std::hash::{DefaultHasher, Hash, Hasher};

use eframe::egui::{
    Button, DragValue, Rect, Response, Role, ScrollArea, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::lessons::LessonAction;
use crate::domain::lesson::{LessonStep, StepWork, Text};
use crate::domain::report::ReportSubject;
use crate::words::{Number, shared};

use super::floating::{floating, most_height};
use super::legibility;
use super::markdown::{keep_picture, markdown_ui, plain};
use super::panels::parts;
use super::problem::problem_ui;
use super::report_button;
use super::scene::Scene;
use super::theme::{self, space};
use hand_in::{departure_ui, hand_in_ui, student_ui, whose_ui};
use question::question_ui;

/// The title of the list and the button below it take so much of its window's height.
const LIST_ENDS: f32 = 100.0;

/// Draws the list of lessons in a window of its own.
pub fn list_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    if !scene.state.lessons.shows_list {
        return;
    }
    let at = ui.ctx().content_rect().right_top() + vec2(-480.0, 72.0);
    let title = theme::semibold(scene.say("lesson-list"));
    floating(ui, scene, "lessons", title, at, LessonAction::ShowList(false), |ui, scene| {
        ui.set_width(420.0);
        let height = most_height(ui) - LIST_ENDS;
        let area = ScrollArea::vertical().id_salt("lesson list").max_height(height).auto_shrink([false, true]);
        area.show(ui, |ui| lessons_ui(ui, scene));
        ui.separator();
        let is_free = !scene.state.is_running() && !scene.state.shell.dialog_open;
        scene.button(ui, "lesson-open-file", is_free, Action::OpenDialog(Dialog::Lesson));
    });
}

/// Draws a button for each lesson, with its links to paper and what it is about.
fn lessons_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let tag = scene.words.tag();
    for lesson in &scene.state.lessons.listed {
        let title = lesson.title.tongue(tag);
        ui.horizontal_wrapped(|ui| {
            if ui.add_enabled(!scene.state.is_running(), Button::new(title)).clicked() {
                scene.act(LessonAction::Open(lesson.id.clone().into()));
            }
            if scene.state.reports.is_writing() {
                return;
            }
            for (id, with_solutions) in [("handout-save", false), ("handout-save-solutions", true)] {
                let lesson = lesson.id.clone().into();
                let subject = ReportSubject::Handout { lesson, with_solutions };
                report_button::link_of(ui, scene, id, subject, title);
            }
        });
        ui.label(theme::small_muted(ui, lesson.about.tongue(tag)));
    }
}

/// Draws the current step of the lesson.
pub fn strip_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some((lesson, work)) = scene.state.lesson() else { return };
    let tag = scene.words.tag();
    let (at, last) = (work.at, lesson.steps.len() - 1);
    let step = &lesson.steps[at];
    // The buttons stand at the right end, where no title moves them: of two clicks on Next, the second may do nothing,
    // but it never leaves the lesson.
    let title = lesson.title.tongue(tag);
    let place = scene.say_with("lesson-place", &[("lesson", &title), ("step", &(at + 1)), ("steps", &(last + 1))]);
    let titles = |ui: &mut Ui, scene: &mut Scene<'_>| {
        fold_ui(ui, scene);
        theme::cut(ui, theme::heading(plain(step.title.tongue(tag))));
        theme::cut(ui, theme::small_muted(ui, place));
    };
    let buttons = |ui: &mut Ui, scene: &mut Scene<'_>| {
        scene.button(ui, "lesson-leave", !scene.state.is_running(), LessonAction::Leave);
        ui.add_space(space::XL);
        scene.button(ui, "lesson-back", at > 0, LessonAction::Turn(at.saturating_sub(1)));
        scene.button(ui, "lesson-next", at < last, LessonAction::Turn(at + 1));
    };
    ui.horizontal(|ui| theme::ends(ui, scene, titles, buttons));
    if scene.state.lessons.hides_step() {
        return;
    }
    // What is to be read stands at the left, what is to be done beside it, so that an answer's explanation and what came
    // out are in view when they appear, and push nothing away.
    let room = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(room);
    let is_asked = scene.state.lessons.asks.is_some() || scene.state.lessons.asks_whose;
    let has_task = step.question.is_some() || step.run.is_some() || step.race.is_some();
    let asks = is_asked || has_task || at == 0 || at == last;
    let (middle, gap) = if asks { (room.center().x, space::L) } else { (room.right(), 0.0) };
    let left = Rect::from_min_max(room.min, pos2(middle - gap, room.bottom()));
    theme::inside(ui, left, |ui| {
        ScrollArea::vertical().id_salt(("lesson text", at)).auto_shrink(false).show(ui, |ui| {
            text_ui(ui, scene, &step.text);
            // It comes later than the text, which someone may be reading by then.
            if let Some(found) = scene.state.train.legibility.as_ref().filter(|found| found.is_poor()) {
                legibility::warning_ui(ui, scene.words, found);
                legibility::pieces_ui(ui, scene.words, &found.sample);
            }
        });
    });
    let right = Rect::from_min_max(pos2(middle, room.top()), room.max);
    let mut ui = ui.new_child(UiBuilder::new().id_salt("to do").max_rect(right));
    ScrollArea::vertical().id_salt(("lesson", at)).auto_shrink(false).show(&mut ui, |ui| {
        // The strip is low, so that its lines are close to each other.
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.spacing_mut().interact_size.y = 24.0;
        if let Some(departure) = &scene.state.lessons.asks {
            return departure_ui(ui, scene, departure, work);
        }
        if scene.state.lessons.asks_whose {
            return whose_ui(ui, scene, work);
        }
        if at == 0 || at == last {
            student_ui(ui, scene, work);
        }
        let own = &work.steps[at];
        if let Some(question) = &step.question {
            question_ui(ui, scene, question, own);
        }
        if step.run.is_some() || step.race.is_some() {
            task_ui(ui, scene, step, own);
        }
        if at == last {
            hand_in_ui(ui, scene, lesson, work);
        }
    });
}

/// Draws the button that folds the step away and shows it again.
fn fold_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let p = theme::palette(ui);
    let is_folded = scene.state.lessons.hides_step();
    let name = scene.say(if is_folded { "lesson-show" } else { "lesson-fold" });
    let (rect, response) = ui.allocate_exact_size(vec2(20.0, space::CONTROL), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &name));
    let colour = if response.hovered() || response.has_focus() { p.accent } else { p.text };
    let (c, up) = (rect.center(), if is_folded { 1.0 } else { -1.0 });
    let line = vec![c + vec2(-5.0, 2.5 * up), c + vec2(0.0, -2.5 * up), c + vec2(5.0, 2.5 * up)];
    ui.painter().add(Shape::line(line, Stroke::new(1.8, colour)));
    if response.on_hover_text(name).clicked() {
        scene.act(LessonAction::Fold(!is_folded));
    }
}

/// Scrolls to what is told once its `key` has changed.
fn show_when_new(ui: &Ui, told: &Response, key: impl Hash) {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let (id, now) = (told.id.with("told"), hasher.finish());
    let before: Option<u64> = ui.data_mut(|data| {
        let before = data.get_temp(id);
        data.insert_temp(id, now);
        before
    });
    if before.is_some_and(|before| before != now) {
        told.scroll_to_me(None);
    }
}

/// Draws a text of the lesson with its pictures.
fn text_ui(ui: &mut Ui, scene: &Scene<'_>, text: &Text) {
    let Some(lesson) = &scene.state.lessons.current else { return };
    let place = format!("lesson-{}", lesson.hash);
    for (name, picture) in &lesson.pictures {
        keep_picture(ui, &place, name, picture);
    }
    markdown_ui(ui, &place, text.tongue(scene.words.tag()));
}

fn task_ui(ui: &mut Ui, scene: &mut Scene<'_>, step: &LessonStep, work: &StepWork) {
    let (state, words) = (scene.state, scene.words);
    ui.horizontal_wrapped(|ui| {
        if step.run.as_ref().is_some_and(|run| run.guess) {
            let mut guess = work.guess.unwrap_or_default();
            let before = guess;
            ui.add_enabled_ui(work.run_dirs.is_empty() && state.lessons.running.is_none(), |ui| {
                let mut percent = guess.accuracy.map(|accuracy| accuracy * 100.0);
                let label = ui.label(words.say("lesson-guess-accuracy-short"));
                guess_field(ui, &mut percent, 100.0, words.percent_sign()).labelled_by(label.id);
                let label = ui.label(words.say("lesson-guess-secs-short"));
                guess_field(ui, &mut guess.secs, 36_000.0, words.seconds_sign()).labelled_by(label.id);
                if percent != before.accuracy.map(|accuracy| accuracy * 100.0) {
                    guess.accuracy = percent.map(|percent| percent / 100.0);
                }
            });
            if guess != before {
                scene.act(LessonAction::SetGuess(guess.made()));
            }
        }
        let is_ready =
            state.train.dataset.ready().is_some() && state.train.model.ready().is_some() && !state.is_running();
        let id = if step.race.is_some() { "lesson-start-race" } else { "lesson-start-run" };
        if theme::primary_button(ui, &words.say(id), is_ready).clicked() {
            scene.act(LessonAction::Do);
        }
    });
    let told = ui.scope(|ui| outcome_ui(ui, scene, work)).response;
    let key = (work.refused.is_some(), work.accuracy.map(f64::to_bits), work.race_means.len());
    show_when_new(ui, &told, key);
}

/// Draws what came out of the step's run or race, beside the guess.
fn outcome_ui(ui: &mut Ui, scene: &Scene<'_>, work: &StepWork) {
    let words = scene.words;
    if let Some(problem) = &work.refused {
        let colour = ui.visuals().text_color();
        problem_ui(ui, words, problem, colour);
    }
    if let Some(accuracy) = work.accuracy {
        let truth = Number::Decimal(accuracy, 3);
        ui.label(match work.guess.and_then(|guess| guess.accuracy).map(|guess| Number::Decimal(guess, 3)) {
            Some(guess) => words.say_with("lesson-guess-truth", &[("guess", &guess), ("truth", &truth)]),
            None => words.say_with("lesson-truth", &[("truth", &truth)]),
        });
    }
    if let Some(secs) = work.train_secs {
        let truth = shared::seconds(words, secs, work.shared_secs);
        ui.label(match work.guess.and_then(|guess| guess.secs).map(Number::Seconds) {
            Some(guess) => words.say_with("lesson-guess-secs-truth", &[("guess", &guess), ("truth", &truth)]),
            None => words.say_with("lesson-secs-truth", &[("truth", &truth)]),
        });
    }
    for mean in &work.race_means {
        let accuracy = Number::Decimal(mean.accuracy, 3);
        let secs = shared::seconds(words, mean.train_secs, mean.shared_secs);
        ui.label(
            words.say_with("lesson-race-line", &[("freeze", &mean.freeze), ("accuracy", &accuracy), ("secs", &secs)]),
        );
    }
}

/// Reads a guess with or without its unit. Elsewhere the window writes an accuracy as 0.7, so that this means 70 %.
fn guessed_number(text: &str, unit: &str) -> Option<f64> {
    let bare = text.trim().trim_end_matches(unit).trim_end();
    let number: f64 = bare.parse().ok()?;
    let is_share = unit == "%" && bare == text.trim() && number < 1.0;
    Some(if is_share { number * 100.0 } else { number })
}

/// Draws a number that shows a dash until it is guessed.
fn guess_field(ui: &mut Ui, value: &mut Option<f64>, most: f64, unit: &'static str) -> Response {
    parts::guessed(ui, value, |ui, shown| {
        let drag = DragValue::new(shown).range(0.0..=most).max_decimals(1);
        let written = move |x: f64, _| parts::or_dash(x, |x| format!("{}{unit}", parts::plain(x)));
        let parsed = move |text: &str| guessed_number(text, unit.trim());
        ui.add(drag.custom_formatter(written).custom_parser(parsed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_may_be_written_as_a_share_or_in_percent() {
        for (text, accuracy) in [("70", 70.0), ("70 %", 70.0), ("0.7", 70.0), ("0.5 %", 0.5), ("1", 1.0)] {
            assert_eq!(guessed_number(text, "%"), Some(accuracy), "{text}");
        }
        assert_eq!(guessed_number("0.7 s", "s"), Some(0.7));
        assert_eq!(guessed_number("0.7", "s"), Some(0.7));
        assert_eq!(guessed_number("0.7초", "초"), Some(0.7));
        assert_eq!(guessed_number("much", "%"), None);
    }
}
