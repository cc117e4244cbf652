//! A lesson shows its current step in a strip at the window's foot. A small window lists the lessons to choose from.

use eframe::egui::{self, ScrollArea, TextEdit, Ui};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::lessons::{FIRST_GUESS, LessonAction};
use crate::app::state::AppState;
use crate::domain::lesson::{LessonStep, Question, QuestionKind, StepWork};
use crate::words::{Catalogue, Fill, Number};

use super::floating::floating;
use super::theme::{self, space};

/// Draws the list of lessons in a window of its own.
pub fn list_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    if !state.lessons.shows_list {
        return;
    }
    let tag = words.tag();
    let at = ui.ctx().content_rect().right_top() + egui::vec2(-480.0, 72.0);
    let stays = floating(ui, "lessons", theme::semibold(words.say("lesson-list")), at, |ui| {
        ui.set_width(420.0);
        for lesson in &state.lessons.listed {
            let button = ui.add_enabled(!state.is_running(), egui::Button::new(lesson.title.tongue(tag)));
            if button.clicked() {
                actions.push(Action::Lesson(LessonAction::Open(lesson.id.clone().into())));
            }
            ui.label(theme::small_muted(ui, lesson.about.tongue(tag)));
        }
        ui.separator();
        let is_free = !state.is_running() && !state.dialog_open;
        if ui.add_enabled(is_free, egui::Button::new(words.say("lesson-open-file"))).clicked() {
            actions.push(Action::OpenDialog(Dialog::Lesson));
        }
    });
    if !stays {
        actions.push(Action::Lesson(LessonAction::ShowList(false)));
    }
}

/// Draws the current step of the lesson.
pub fn strip_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let Some((lesson, work)) = state.lesson() else { return };
    let tag = words.tag();
    let (at, last) = (work.at, lesson.steps.len() - 1);
    let step = &lesson.steps[at];
    let mut saves = false;
    let mut act = |action| actions.push(Action::Lesson(action));
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::heading(step.title.tongue(tag)));
        let place = words.say_with(
            "lesson-place",
            &[("lesson", &lesson.title.tongue(tag)), ("step", &(at + 1)), ("steps", &(last + 1))],
        );
        ui.label(theme::small_muted(ui, place));
        if ui.add_enabled(at > 0, egui::Button::new(words.say("lesson-back"))).clicked() {
            act(LessonAction::Turn(at - 1));
        }
        if ui.add_enabled(at < last, egui::Button::new(words.say("lesson-next"))).clicked() {
            act(LessonAction::Turn(at + 1));
        }
        if ui.add_enabled(!state.is_running(), egui::Button::new(words.say("lesson-leave"))).clicked() {
            act(LessonAction::Leave);
        }
    });
    ScrollArea::vertical().id_salt("lesson").auto_shrink(false).show(ui, |ui| {
        ui.label(paragraphs(step.text.tongue(tag)));
        let own = &work.steps[at];
        if let Some(question) = &step.question {
            question_ui(ui, question, own, words, &mut act);
        }
        if step.run.is_some() || step.race.is_some() {
            task_ui(ui, state, step, own, words, &mut act);
        }
        if at == last {
            saves = bundle_ui(ui, state, &work.student, words, &mut act);
        }
    });
    if saves {
        actions.push(Action::OpenDialog(Dialog::SaveLessonWork));
    }
}

/// Joins the lines of each paragraph, which lesson files wrap at will, and keeps the paragraphs apart.
fn paragraphs(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let joined = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()).map(|lines| lines.join(" "));
    joined.collect::<Vec<_>>().join("\n\n")
}

fn question_ui(
    ui: &mut Ui,
    question: &Question,
    work: &StepWork,
    words: &Catalogue,
    act: &mut impl FnMut(LessonAction),
) {
    let tag = words.tag();
    if question.kind == QuestionKind::Choice {
        for (i, choice) in question.choices.iter().enumerate() {
            let number = (i + 1).to_string();
            if ui.radio(work.answer == number, choice.tongue(tag)).clicked() {
                act(LessonAction::Answer(number));
            }
        }
    } else {
        let mut answer = work.answer.clone();
        let is_number = question.kind == QuestionKind::Number;
        let field = if is_number { TextEdit::singleline(&mut answer) } else { TextEdit::multiline(&mut answer) };
        let width = if is_number { 120.0 } else { f32::INFINITY };
        let field = field.id_salt("answer").desired_width(width);
        if ui.add(field).accessible_name(words.say("lesson-answer")).changed() {
            act(LessonAction::Answer(answer));
        }
    }
    if work.answer.trim().is_empty() {
        return;
    }
    if let Some(right) = work.right {
        ui.label(theme::semibold(words.say(if right { "lesson-right" } else { "lesson-not-right" })));
    }
    if let Some(explanation) = &question.explanation {
        ui.label(explanation.tongue(tag));
    }
}

fn task_ui(
    ui: &mut Ui,
    state: &AppState,
    step: &LessonStep,
    work: &StepWork,
    words: &Catalogue,
    act: &mut impl FnMut(LessonAction),
) {
    ui.horizontal_wrapped(|ui| {
        if step.run.as_ref().is_some_and(|run| run.guess) {
            let mut guess = work.guess.unwrap_or(FIRST_GUESS);
            let mut percent = guess.accuracy * 100.0;
            let before = guess;
            ui.add_enabled_ui(work.run_dirs.is_empty() && state.lessons.running.is_none(), |ui| {
                let drag =
                    egui::DragValue::new(&mut percent).range(0.0..=100.0).max_decimals(1).suffix(words.percent_sign());
                let label = ui.label(words.say("lesson-guess-accuracy-short"));
                ui.add(drag).labelled_by(label.id);
                let drag = egui::DragValue::new(&mut guess.secs).range(0.0..=36_000.0).max_decimals(0).suffix(" s");
                let label = ui.label(words.say("lesson-guess-secs-short"));
                ui.add(drag).labelled_by(label.id);
            });
            guess.accuracy = percent / 100.0;
            if guess != before {
                act(LessonAction::SetGuess(Some(guess)));
            }
        }
        let is_ready =
            state.train.dataset.ready().is_some() && state.train.model.ready().is_some() && !state.is_running();
        let id = if step.race.is_some() { "lesson-start-race" } else { "lesson-start-run" };
        if theme::primary_button(ui, &words.say(id), is_ready).clicked() {
            act(LessonAction::Do);
        }
    });
    if let Some(problem) = &work.refused {
        ui.label(words.problem(problem));
    }
    if let Some(accuracy) = work.accuracy {
        let truth = Number::Decimal(accuracy, 3);
        ui.label(match work.guess {
            Some(guess) => {
                let guessed = Number::Decimal(guess.accuracy, 3);
                words.say_with("lesson-guess-truth", &[("guess", &guessed), ("truth", &truth)])
            }
            None => words.say_with("lesson-truth", &[("truth", &truth)]),
        });
    }
    if let Some(secs) = work.train_secs {
        let truth = Number::Seconds(secs);
        ui.label(match work.guess {
            Some(guess) => {
                let guessed = Number::Seconds(guess.secs);
                words.say_with("lesson-guess-secs-truth", &[("guess", &guessed), ("truth", &truth)])
            }
            None => words.say_with("lesson-secs-truth", &[("truth", &truth)]),
        });
    }
    for mean in &work.race_means {
        let (accuracy, secs) = (Number::Decimal(mean.accuracy, 3), Number::Seconds(mean.train_secs));
        let line: [(&str, &dyn Fill); 3] = [("freeze", &mean.freeze), ("accuracy", &accuracy), ("secs", &secs)];
        ui.label(words.say_with("lesson-race-line", &line));
    }
}

fn bundle_ui(
    ui: &mut Ui,
    state: &AppState,
    student: &str,
    words: &Catalogue,
    act: &mut impl FnMut(LessonAction),
) -> bool {
    let mut saves = false;
    ui.add_space(space::S);
    ui.horizontal_wrapped(|ui| {
        let mut name = student.to_owned();
        let label = ui.label(words.say("lesson-name"));
        if ui
            .add(TextEdit::singleline(&mut name).id_salt("student").desired_width(180.0))
            .labelled_by(label.id)
            .changed()
        {
            act(LessonAction::SetStudent(name));
        }
        let is_free = !student.trim().is_empty() && !state.dialog_open && !state.is_running();
        let button = ui.add_enabled(is_free, egui::Button::new(words.say("lesson-save")));
        saves = button.on_disabled_hover_text(words.hint("lesson-save")).clicked();
    });
    if let Some(file) = &state.lessons.saved {
        ui.label(words.say_with("lesson-saved", &[("file", &file.display())]));
    }
    saves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lessons_paragraphs_stay_apart() {
        assert_eq!(paragraphs("One\nparagraph.\n\n\nAnother\none."), "One paragraph.\n\nAnother one.");
    }
}
