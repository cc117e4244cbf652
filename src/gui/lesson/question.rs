//! A question: what the student types or chooses, the button that gives it as the answer, and what is told afterwards.

use eframe::egui::{TextEdit, Ui};

use crate::app::lessons::LessonAction;
use crate::domain::lesson::{Question, QuestionKind, StepWork};
use crate::gui::markdown::plain;
use crate::gui::scene::Scene;
use crate::gui::theme;
use crate::words::Fill;

use super::{show_when_new, text_ui};

pub fn question_ui(ui: &mut Ui, scene: &mut Scene<'_>, question: &Question, work: &StepWork) {
    let answer = work.draft.as_ref().unwrap_or(&work.answer);
    answer_ui(ui, scene, question, answer);
    let is_new = work.attempts == 0 || *answer != work.answer;
    ui.horizontal_wrapped(|ui| {
        let button = theme::primary_button(ui, &scene.say("lesson-give-answer"), is_new && question.takes(answer));
        if button.clicked() {
            scene.act(LessonAction::Answer);
        }
        if question.kind == QuestionKind::Number && !answer.trim().is_empty() && !question.takes(answer) {
            ui.label(theme::muted(ui, scene.say("lesson-not-a-number")));
        }
        if let Some(points) = question.points {
            let points = scene.say_with("lesson-points-of-question", &[("points", &u64::from(points))]);
            ui.label(theme::small_muted(ui, points));
        }
    });
    // What is told about a new answer is brought into view.
    let told = ui.scope(|ui| given_ui(ui, scene, question, work)).response;
    show_when_new(ui, &told, work.attempts);
}

fn answer_ui(ui: &mut Ui, scene: &mut Scene<'_>, question: &Question, answer: &str) {
    if question.kind == QuestionKind::Choice {
        for (i, choice) in question.choices.iter().enumerate() {
            let number = (i + 1).to_string();
            if ui.radio(answer == number, plain(choice.tongue(scene.words.tag()))).clicked() {
                scene.act(LessonAction::Draft(number));
            }
        }
        return;
    }
    let mut typed = answer.to_owned();
    let is_number = question.kind == QuestionKind::Number;
    let field =
        if is_number { TextEdit::singleline(&mut typed) } else { TextEdit::multiline(&mut typed).desired_rows(3) };
    let field = field.id_salt("answer").desired_width(if is_number { 120.0 } else { f32::INFINITY });
    if ui.add(field).accessible_name(scene.say("lesson-own-answer")).changed() {
        scene.act(LessonAction::Draft(typed));
    }
}

/// Draws what is told about an answer that was given.
fn given_ui(ui: &mut Ui, scene: &Scene<'_>, question: &Question, work: &StepWork) {
    if work.attempts == 0 {
        return;
    }
    let told = match work.right {
        Some(true) => "lesson-right",
        Some(false) => "lesson-not-right",
        // Nothing else would say that an answer which is neither right nor wrong was taken.
        None => "lesson-taken",
    };
    ui.label(theme::semibold(scene.say(told)));
    if work.attempts > 1 {
        let first = first_answer(scene, question, work);
        let args: [(&str, &dyn Fill); 2] = [("attempts", &work.attempts), ("first", &first)];
        ui.label(theme::small_muted(ui, scene.say_with("lesson-attempts", &args)));
    }
    if let Some(explanation) = &question.explanation {
        text_ui(ui, scene, explanation);
    }
}

fn first_answer(scene: &Scene<'_>, question: &Question, work: &StepWork) -> String {
    let chosen = question.chosen(&work.first_answer).filter(|_| question.kind == QuestionKind::Choice);
    chosen.map_or_else(|| work.first_answer.clone(), |choice| plain(choice.tongue(scene.words.tag())))
}
