//! Whose work it is, the file that it is handed in as, and the questions before work is left behind.

use eframe::egui::{TextEdit, TextStyle, Ui};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::lessons::{Departure, LessonAction};
use crate::domain::lesson::{Lesson, LessonWork};
use crate::gui::scene::Scene;
use crate::gui::theme::{self, space};
use crate::words::Fill;

use super::show_when_new;

/// The fields of the student's name and number are at most so wide.
const NAME: f32 = 180.0;
const NUMBER: f32 = 120.0;
/// What the edges of both fields and those of a button take.
const FIELD_MARGINS: f32 = 24.0;
const BUTTON_MARGINS: f32 = 22.0;

/// Draws the student's name and number, and the button for the next student.
pub fn student_ui(ui: &mut Ui, scene: &mut Scene<'_>, work: &LessonWork) {
    ui.horizontal_wrapped(|ui| {
        fields_ui(ui, scene, work);
        let is_free = !scene.state.is_running();
        scene.hinted_button(ui, "lesson-new-student", is_free, LessonAction::NewStudent);
    });
}

fn fields_ui(ui: &mut Ui, scene: &mut Scene<'_>, work: &LessonWork) {
    // Both fields stand in one line with the button, where there is room for that.
    let button = theme::text_width(ui, &scene.say("lesson-new-student"), TextStyle::Button) + BUTTON_MARGINS;
    let labels = ["lesson-student-name", "lesson-student-number"]
        .map(|id| theme::text_width(ui, &scene.say(id), TextStyle::Body));
    let room = ui.available_width() - button - labels.iter().sum::<f32>() - 4.0 * (ui.spacing().item_spacing.x + 1.0);
    let share = (room - FIELD_MARGINS) / (NAME + NUMBER);
    let share = if share < 0.5 { 1.0 } else { share.min(1.0) };
    let mut name = work.student.clone();
    let label = ui.label(scene.say("lesson-student-name"));
    let field = TextEdit::singleline(&mut name).id_salt("student").desired_width(NAME * share);
    if ui.add(field).labelled_by(label.id).changed() {
        scene.act(LessonAction::SetStudent(name));
    }
    let mut number = work.student_number.clone();
    let label = ui.label(scene.say("lesson-student-number"));
    let field = TextEdit::singleline(&mut number).id_salt("student number").desired_width(NUMBER * share);
    if ui.add(field).labelled_by(label.id).changed() {
        scene.act(LessonAction::SetStudentNumber(number));
    }
}

/// Draws what is still open, the points, and the button that writes the file.
pub fn hand_in_ui(ui: &mut Ui, scene: &mut Scene<'_>, lesson: &Lesson, work: &LessonWork) {
    ui.add_space(space::S);
    let is_open = |at: &usize| lesson.steps[*at].question.is_some() && work.steps[*at].attempts == 0;
    let open: Vec<String> = (0..work.steps.len()).filter(is_open).map(|at| (at + 1).to_string()).collect();
    if !open.is_empty() {
        ui.label(scene.say_with("lesson-unanswered", &[("steps", &open.join(", "))]));
    }
    // The button stands beside the points, where it is in view below a long answer.
    ui.horizontal_wrapped(|ui| {
        points_ui(ui, scene, lesson, work);
        save_ui(ui, scene, work);
    });
    saved_ui(ui, scene);
}

fn points_ui(ui: &mut Ui, scene: &Scene<'_>, lesson: &Lesson, work: &LessonWork) {
    if let Some(points) = work.points(lesson) {
        let [earned, most, open] = [points.earned, points.most, points.open].map(u64::from);
        let mut args: Vec<(&str, &dyn Fill)> = vec![("earned", &earned), ("most", &most)];
        let text = if open == 0 {
            scene.say_with("lesson-points", &args)
        } else {
            args.push(("open", &open));
            scene.say_with("lesson-points-open", &args)
        };
        ui.label(theme::semibold(text));
    }
}

fn save_ui(ui: &mut Ui, scene: &mut Scene<'_>, work: &LessonWork) {
    let state = scene.state;
    let is_free = !work.student.trim().is_empty() && !state.shell.dialog_open && !state.is_running();
    let dialog = Dialog::SaveLessonWork { name: work.file_name() };
    let button = scene.button(ui, "lesson-save", is_free, Action::OpenDialog(dialog));
    button.on_disabled_hover_text(scene.hint("lesson-save"));
}

/// Says where the file is, below the row of the button: in it, the sentence would have what the buttons leave.
fn saved_ui(ui: &mut Ui, scene: &Scene<'_>) {
    let state = scene.state;
    let told = ui.scope(|ui| {
        if let Some(file) = &state.lessons.saved {
            ui.label(scene.say_with("lesson-saved", &[("file", &file.display())]));
        }
    });
    show_when_new(ui, &told.response, &state.lessons.saved);
}

/// Asks before work that is in no file is left behind; saving it goes on with what was asked for.
pub fn departure_ui(ui: &mut Ui, scene: &mut Scene<'_>, departure: &Departure, work: &LessonWork) {
    let anyway = match departure {
        Departure::NewStudent => {
            let student = name_of(scene, work);
            ui.label(scene.say_with("lesson-ask-new-student", &[("student", &student)]));
            "lesson-clear-anyway"
        }
        Departure::Leave | Departure::Open(_) => {
            ui.label(scene.say("lesson-ask-leave"));
            "lesson-leave-anyway"
        }
    };
    ui.horizontal_wrapped(|ui| fields_ui(ui, scene, work));
    ui.horizontal_wrapped(|ui| {
        save_ui(ui, scene, work);
        scene.button(ui, anyway, !scene.state.is_running(), LessonAction::DepartAnyway);
        scene.button(ui, "lesson-stay", true, LessonAction::Stay);
    });
    saved_ui(ui, scene);
}

/// Asks who sits here, before the answers that someone has left are shown.
pub fn whose_ui(ui: &mut Ui, scene: &mut Scene<'_>, work: &LessonWork) {
    let student = name_of(scene, work);
    ui.label(scene.say_with("lesson-whose", &[("student", &student)]));
    ui.horizontal_wrapped(|ui| {
        let go_on = scene.say_with("lesson-go-on-as", &[("student", &student)]);
        if ui.button(go_on).clicked() {
            scene.act(LessonAction::Stay);
        }
        scene.hinted_button(ui, "lesson-new-student", !scene.state.is_running(), LessonAction::NewStudent);
    });
}

fn name_of(scene: &Scene<'_>, work: &LessonWork) -> String {
    let name = work.student.trim();
    if name.is_empty() { scene.say("lesson-someone") } else { name.to_owned() }
}
