//! This page shows what students handed in: a row for each student, a column for each step that asks or runs something,
//! and a summary above.

use std::collections::BTreeMap;

use eframe::egui::{ScrollArea, Ui, vec2};

use crate::domain::lesson::{Bundle, BundledStep, StepWork};
use crate::domain::race::RaceMean;
use crate::words::{Catalogue, Number, numbers};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, space};
use super::{ROW, Scene, texts_ui};

/// A lesson's heading and the space below its table take this height.
const HEADING: f32 = 52.0;

pub fn answers_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    // Students with another version of a lesson answered other questions, so each version has its own table.
    let mut lessons: BTreeMap<(&str, &str), Vec<&Bundle>> = BTreeMap::new();
    for opened in &scene.state.compare.bundles {
        let bundle = &*opened.bundle;
        lessons.entry((&bundle.lesson, &bundle.lesson_hash)).or_default().push(bundle);
    }
    let share = ui.available_height() / lessons.len() as f32 - HEADING;
    ScrollArea::vertical().id_salt("answers").auto_shrink(false).show(ui, |ui| {
        for ((id, hash), mut bundles) in lessons {
            bundles.sort_by_key(|bundle| bundle.student.to_lowercase());
            ui.push_id((id, hash), |ui| lesson_ui(ui, scene, &bundles, share.max(160.0)));
            ui.add_space(space::M);
        }
    });
}

fn lesson_ui(ui: &mut Ui, scene: &mut Scene<'_>, bundles: &[&Bundle], height: f32) {
    let title = bundles[0].title.tongue(scene.words.tag());
    let table = answers_table(bundles, scene.words);
    let card = theme::card_around(ui);
    theme::heading_row(ui, title, None, |ui| {
        save_plot::button(ui, scene, title, card, |_| table.clone());
        ui.label(theme::small_muted(ui, scene.say_with("answers-students", &[("count", &bundles.len())])));
    });
    // The table puts the usual gap below its head and below every row.
    let row_height = ROW + ui.spacing().item_spacing.y;
    let size = vec2(ui.available_width(), height.min(row_height * (table.rows.len() + 1) as f32 + space::L));
    ui.allocate_ui(size, |ui| {
        texts_ui(ui, "answers", [theme::fixed(110.0), theme::wide(130.0)], ROW, &table, Some(0));
    });
}

/// Returns a summary row and a row for each student. All bundles belong to the same lesson.
fn answers_table(bundles: &[&Bundle], words: &Catalogue) -> Table {
    let asks = |at: usize| {
        let mut works = bundles.iter().filter_map(|bundle| bundle.steps.get(at)).map(|step| &step.work);
        works.any(|work| !work.answer.is_empty() || work.refused.is_some() || work.best_accuracy().is_some())
    };
    let steps: Vec<usize> = (0..bundles[0].steps.len()).filter(|at| asks(*at)).collect();
    let head = |at: &usize| format!("{}. {}", at + 1, bundles[0].steps[*at].title.tongue(words.tag()));
    let mut table = Table::new(std::iter::once(words.say("lesson-head-student")).chain(steps.iter().map(head)));
    let sums = steps.iter().map(|at| summary(bundles, *at, words));
    table.rows.push(std::iter::once(words.say("answers-all")).chain(sums).collect());
    for bundle in bundles {
        let cells = steps.iter().map(|at| cell(bundle, *at, words));
        table.rows.push(std::iter::once(bundle.student.clone()).chain(cells).collect());
    }
    table
}

/// Returns what a student answered and reached in a step.
fn cell(bundle: &Bundle, at: usize, words: &Catalogue) -> String {
    let Some(BundledStep { work, .. }) = bundle.steps.get(at) else { return String::new() };
    if let Some(problem) = &work.refused {
        return words.problem(problem);
    }
    let mut parts = Vec::new();
    if !work.answer.is_empty() {
        parts.push(work.answer.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    if let Some(right) = work.right {
        parts.push(words.say(if right { "lesson-right" } else { "lesson-not-right" }));
    }
    if work.race_means.is_empty() {
        parts.extend(work.accuracy.map(numbers::ratio));
    } else {
        let mean = |mean: &RaceMean| format!("{}: {}", mean.freeze, numbers::ratio(mean.accuracy));
        parts.extend(work.race_means.iter().map(mean));
    }
    if let Some(guess) = work.guess {
        parts.push(words.say_with("answers-guessed", &[("accuracy", &Number::Ratio(guess.accuracy))]));
    }
    parts.join(" · ")
}

/// Summarises all students: how many are right, and the means of what they reached and guessed.
fn summary(bundles: &[&Bundle], at: usize, words: &Catalogue) -> String {
    let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
    let works = || bundles.iter().filter_map(|bundle| bundle.steps.get(at)).map(|step| &step.work);
    let marked: Vec<bool> = works().filter_map(|work| work.right).collect();
    let mut parts = Vec::new();
    if !marked.is_empty() {
        let right = marked.iter().filter(|right| **right).count();
        parts.push(words.say_with("answers-right", &[("right", &right), ("count", &marked.len())]));
    }
    let reached: Vec<f64> = works().filter_map(StepWork::best_accuracy).collect();
    parts.extend(mean(&reached).map(numbers::ratio));
    let guessed: Vec<f64> = works().filter_map(|work| work.guess).map(|guess| guess.accuracy).collect();
    if let Some(accuracy) = mean(&guessed).map(numbers::ratio) {
        parts.push(words.say_with("answers-guessed", &[("accuracy", &accuracy)]));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::state::AppState;
    use crate::domain::config::Guess;
    use crate::domain::lesson::Text;
    use crate::words::Language;

    fn bundle(student: &str, work: StepWork) -> Bundle {
        let text = |text: &str| Text { en: text.into(), ko: None };
        let read = BundledStep { title: text("Read"), ..BundledStep::default() };
        Bundle {
            thaw_lesson: 2,
            lesson: "one".into(),
            lesson_hash: "1".into(),
            title: text("One"),
            student: student.into(),
            steps: vec![read, BundledStep { title: text("Which?"), work, ..BundledStep::default() }],
            ..Bundle::default()
        }
    }

    #[test]
    fn steps_that_only_tell_are_left_out_and_the_first_row_sums_up() {
        let words = Catalogue::new(Language::English);
        let guess = |accuracy| Some(Guess { accuracy, secs: 1.0 });
        let kim = StepWork { answer: "2".into(), right: Some(true), guess: guess(0.5), ..StepWork::default() };
        let lee = StepWork { answer: "1\n".into(), right: Some(false), guess: guess(0.7), ..StepWork::default() };
        let (kim, lee) = (bundle("Kim", kim), bundle("Lee", lee));
        let table = answers_table(&[&kim, &lee], &words);
        assert_eq!(table.headers, ["student", "2. Which?"]);
        assert_eq!(table.rows[0], ["all", "1 of 2 right · guessed 0.6000"]);
        assert_eq!(table.rows[1], ["Kim", "2 · right · guessed 0.5000"]);
        assert_eq!(table.rows[2], ["Lee", "1 · not right · guessed 0.7000"]);
    }

    #[test]
    fn the_last_student_is_seen_whole() {
        use eframe::egui::Rect;
        use egui_kittest::{Harness, kittest::Queryable};
        let draw = |ui: &mut Ui, table: &mut Rect| {
            let work = || StepWork { answer: "2".into(), ..StepWork::default() };
            let bundles: Vec<Bundle> = (1..=9).map(|n| bundle(&format!("student {n}"), work())).collect();
            let (state, words, actions) = (&AppState::default(), &Catalogue::new(Language::English), &mut Vec::new());
            let scene = &mut Scene { state, words, actions };
            lesson_ui(ui, scene, &bundles.iter().collect::<Vec<_>>(), 600.0);
            *table = ui.min_rect();
        };
        let mut harness = Harness::builder()
            .with_size(vec2(900.0, 700.0))
            .with_context_setup(theme::install)
            .build_ui_state(draw, Rect::NOTHING);
        harness.run_ok();
        assert!(harness.get_by_label("student 9").rect().bottom() < harness.state().bottom());
    }
}
