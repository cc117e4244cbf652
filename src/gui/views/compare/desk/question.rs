//! One question at a time, with what every student answered, in full.

use eframe::egui::{ComboBox, DragValue, Label, Margin, RichText, Role, ScrollArea, Ui, WidgetInfo, vec2};

use crate::app::compare::desk::{DeskAction, Version};
use crate::domain::lesson::sheet::{points, to_grade};
use crate::domain::lesson::{BundledStep, Question, StepWork};
use crate::domain::stored::OpenedBundle;
use crate::words::{Number, class_sheet};

use super::super::super::super::markdown::{markdown_ui, plain, without_pictures};
use super::super::super::super::problem::problem_ui;
use super::super::super::super::theme::{self, Tone, space};
use super::Scene;

/// Lines of this length are still read with ease.
const READABLE: f32 = 760.0;
/// Where a step has at most this many points, each number of points has a button of its own.
const MOST_BUTTONS: u32 = 10;

pub fn question_ui(ui: &mut Ui, scene: &mut Scene<'_>, version: &Version<'_>) {
    let step = scene.state.compare.desk.step(version);
    steps_ui(ui, scene, version, step);
    ScrollArea::vertical().id_salt(("answers", step)).auto_shrink(false).show(ui, |ui| {
        ui.set_max_width(ui.available_width().min(READABLE));
        let Some(asked) = version.any().steps.get(step) else { return };
        let tag = scene.words.tag();
        if asked.text.is_there() {
            let place = format!("desk-{}", version.any().lesson_hash);
            markdown_ui(ui, &place, &without_pictures(asked.text.tongue(tag)));
            ui.add_space(space::S);
        }
        let choices = asked.question.as_ref().filter(|question| !question.choices.is_empty());
        if let Some(question) = choices {
            choices_ui(ui, scene, version, step, question);
            ui.add_space(space::S);
        }
        for file in &version.files {
            if let Some(bundled) = file.bundle.steps.get(step) {
                answer_ui(ui, scene, file, step, bundled);
            }
        }
    });
}

/// Draws the buttons that turn to the other questions. They stay where they are.
fn steps_ui(ui: &mut Ui, scene: &mut Scene<'_>, version: &Version<'_>, step: usize) {
    let asked = version.asked();
    let at = asked.iter().position(|one| *one == step).unwrap_or(0);
    let title = |step: usize, scene: &Scene<'_>| {
        version
            .any()
            .steps
            .get(step)
            .map_or_else(String::new, |s| plain(&class_sheet::step_title(scene.words, step, &s.title)))
    };
    ui.horizontal(|ui| {
        let before = at.checked_sub(1).map(|at| asked[at]);
        let after = asked.get(at + 1).copied();
        for (id, to) in [("desk-previous", before), ("desk-next", after)] {
            scene.button(ui, id, to.is_some(), DeskAction::ShowStep(to.unwrap_or(step)));
        }
        let place = scene.say_with("desk-place", &[("at", &(at + 1)), ("count", &asked.len())]);
        let place = ui.label(theme::small_muted(ui, place));
        let width = (ui.available_width() - space::S).clamp(80.0, 420.0);
        let combo = ComboBox::from_id_salt("desk step").width(width).truncate().selected_text(title(step, scene));
        let combo = combo.show_ui(ui, |ui| {
            for one in asked {
                if ui.selectable_label(one == step, title(one, scene)).clicked() {
                    scene.act(DeskAction::ShowStep(one));
                }
            }
        });
        combo.response.labelled_by(place.id);
    });
}

/// The answer that was given before the explanation was seen.
fn first(work: &StepWork) -> &str {
    if work.first_answer.is_empty() { &work.answer } else { &work.first_answer }
}

/// Draws how many students chose what at first.
fn choices_ui(ui: &mut Ui, scene: &Scene<'_>, version: &Version<'_>, step: usize, question: &Question) {
    let works = || version.files.iter().filter_map(|file| file.bundle.steps.get(step)).map(|step| &step.work);
    let answered = works().filter(|work| !first(work).is_empty()).count();
    ui.label(theme::small_muted(ui, scene.say_with("desk-first-answers", &[("count", &answered)])));
    for (i, choice) in question.choices.iter().enumerate() {
        let number = (i + 1).to_string();
        let chosen = works().filter(|work| first(work) == number).count();
        let is_right = question.is_right(&number) == Some(true);
        let share = if answered == 0 { 0.0 } else { chosen as f64 / answered as f64 };
        let (p, text) = (theme::palette(ui), format!("{number}. {}", plain(choice.tongue(scene.words.tag()))));
        ui.horizontal(|ui| {
            let name = scene.say_with("desk-chosen", &[("choice", &text), ("count", &chosen), ("of", &answered)]);
            let colour = if is_right { p.good } else { p.accent };
            theme::bar(ui, share as f32, vec2(160.0, 14.0), colour, &name);
            let count = theme::semibold(format!("{chosen} · {}", scene.words.write(Number::Percent(share))));
            ui.add_sized(vec2(84.0, 18.0), Label::new(count));
            let right = || theme::semibold(format!("{text} · {}", scene.say("lesson-right"))).color(p.good);
            let text = if is_right { right() } else { RichText::new(&text) };
            ui.add(Label::new(text).wrap());
        });
    }
}

/// Draws what one student did in the step.
fn answer_ui(ui: &mut Ui, scene: &mut Scene<'_>, file: &OpenedBundle, step: usize, bundled: &BundledStep) {
    let (p, work) = (theme::palette(ui), &bundled.work);
    let name = scene.student(&file.file);
    theme::ground(p.well, Margin::symmetric(10, 6)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            ui.label(theme::semibold(&name));
            let number = &file.bundle.student_number;
            // A namesake's name has the number already.
            if !scene.state.compare.desk.hides_names && !number.is_empty() && !name.contains(number.as_str()) {
                ui.label(theme::muted(ui, number));
            }
            facts_ui(ui, scene, file, step, bundled);
        });
        if work.answer.is_empty() && work.best_accuracy().is_none() && work.refused.is_none() {
            ui.label(theme::muted(ui, scene.say("desk-no-answer")));
        } else if !work.answer.is_empty() {
            let text = answer_text(scene, bundled, &work.answer);
            ui.add(Label::new(text).wrap().selectable(true));
        }
        if work.attempts > 1 && work.first_answer != work.answer {
            let text = answer_text(scene, bundled, &work.first_answer);
            let text = scene.say_with("desk-first-answer", &[("answer", &text)]);
            ui.add(Label::new(theme::muted(ui, text)).wrap().selectable(true));
        }
        run_ui(ui, scene, work);
        if let Some(most) = to_grade(bundled) {
            grade_ui(ui, scene, file, step, most, &name);
        }
    });
}

/// An answer in words, which for a choice is the text that was chosen.
fn answer_text(scene: &Scene<'_>, step: &BundledStep, answer: &str) -> String {
    let chosen = step.question.as_ref().and_then(|question| question.chosen(answer));
    chosen.map_or_else(|| answer.to_owned(), |text| format!("{answer}. {}", plain(text.tongue(scene.words.tag()))))
}

/// Draws whether the answer is right, its points and how often the student answered.
fn facts_ui(ui: &mut Ui, scene: &Scene<'_>, file: &OpenedBundle, step: usize, bundled: &BundledStep) {
    let (p, work) = (theme::palette(ui), &bundled.work);
    if let Some(right) = work.right {
        let text = scene.say(if right { "lesson-right" } else { "lesson-not-right" });
        ui.label(RichText::new(text).color(if right { p.good } else { p.error }));
    }
    let most = bundled.question.as_ref().and_then(|question| question.points);
    if let Some((points, most)) = points(&file.bundle, step, &scene.state.shell.settings.grades).zip(most) {
        let text = scene.say_with("desk-points", &[("points", &u64::from(points)), ("most", &u64::from(most))]);
        theme::chip(ui, &text, Tone::Neutral);
    }
    if work.attempts > 1 {
        let text = scene.say_with("desk-attempts", &[("count", &work.attempts)]);
        theme::chip(ui, &text, Tone::Neutral);
    }
}

/// Draws what came of the step's run or race.
fn run_ui(ui: &mut Ui, scene: &Scene<'_>, work: &StepWork) {
    let mut lines = Vec::new();
    if let Some(problem) = &work.refused {
        let colour = ui.visuals().text_color();
        problem_ui(ui, scene.words, problem, colour);
    }
    if work.race_means.is_empty() {
        lines.extend(work.best_accuracy().map(|accuracy| {
            let truth = Number::Decimal(accuracy, 3);
            match work.guess.and_then(|guess| guess.accuracy).map(|guess| Number::Decimal(guess, 3)) {
                Some(guess) => scene.say_with("lesson-guess-truth", &[("guess", &guess), ("truth", &truth)]),
                None => scene.say_with("lesson-truth", &[("truth", &truth)]),
            }
        }));
    }
    for mean in &work.race_means {
        let strategy = class_sheet::strategy(scene.words, &mean.freeze);
        lines.push(format!("{strategy}: {}", scene.words.write(Number::Ratio(mean.accuracy))));
    }
    for line in lines {
        ui.add(Label::new(line).wrap().selectable(true));
    }
}

/// Draws the points that the instructor may give. A click on those that were given takes them back.
fn grade_ui(ui: &mut Ui, scene: &mut Scene<'_>, file: &OpenedBundle, step: usize, most: u32, student: &str) {
    let given = scene.state.shell.settings.grades.get(&file.bundle, step);
    let grade = |points| DeskAction::Grade { file: file.file.clone(), step, points };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let label = ui.label(theme::small_muted(ui, scene.say("desk-give")));
        if most <= MOST_BUTTONS {
            for points in 0..=most {
                let is_given = given == Some(points);
                let response = ui.selectable_label(is_given, points.to_string());
                let args: [(&str, &dyn crate::words::Fill); 3] =
                    [("student", &student), ("points", &u64::from(points)), ("most", &u64::from(most))];
                let name = scene.say_with("desk-give-points", &args);
                response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_given, &name));
                if response.clicked() {
                    scene.act(grade(Some(points).filter(|_| !is_given)));
                }
            }
        } else {
            let mut points = given.unwrap_or_default();
            let drag = DragValue::new(&mut points).range(0..=most);
            if ui.add(drag).labelled_by(label.id).changed() {
                scene.act(grade(Some(points)));
            }
        }
    });
}
