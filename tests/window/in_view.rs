//! What must be read at once lies in view: the list of the proof is as wide as its columns, and what a lesson tells about an
//! answer, and that it is saved, never lies below its fold.

use eframe::egui::Rect;
use thaw::app::lessons::LessonAction;
use thaw::words::Catalogue;

use super::script::{scripted, shown};
use super::*;

/// The least window, and a small laptop's.
const SIZES: [Vec2; 2] = [vec2(900.0, 600.0), vec2(1024.0, 700.0)];

fn open(language: Language, size: Vec2) -> Studio {
    let settings = Settings { language: Some(language), ..few_rows() };
    let mut studio = Studio::open_with(settings, Harness::builder().with_size(size), scripted);
    studio.wait_until_ready();
    studio
}

fn act(studio: &mut Studio, action: impl Into<Action>) {
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, action.into());
    studio.harness.run_ok();
}

fn press(studio: &mut Studio, role: Role, name: &str) {
    studio.harness.get_by_role_and_label(role, name).click_accesskit();
    studio.harness.run_ok();
}

/// The place of the first thing whose name contains this.
fn place(studio: &Studio, part: &str) -> Rect {
    studio.harness.query_all_by_label_contains(part).next().unwrap_or_else(|| panic!("no {part}")).rect()
}

#[test]
fn the_proof_lists_all_its_columns() {
    for (language, size) in Language::ALL.into_iter().flat_map(|language| SIZES.map(|size| (language, size))) {
        let (mut studio, words) = (open(language, size), Catalogue::new(language));
        act(&mut studio, RunsAction::Open { dir: shown(Path::new("preset3")), purpose: Purpose::Show });
        studio.wait("the run", |s| s.state().run.shown.history.proof.is_some());
        act(&mut studio, Action::ShowView(thaw::app::state::View::Results));
        let proof = studio.state().run.shown.history.proof.clone().unwrap();
        studio.click(Role::Button, &thaw::words::shared::proof_totals(&words, &proof));
        let first = &proof.parameters[0].name;
        let name = place(&studio, first);
        let head = |id| studio.harness.query_all_by_label(&words.say(id)).last().unwrap().rect();
        let [before, after] = ["proof-before", "proof-after"].map(head);
        let unchanged = words.say("proof-unchanged");
        let verdicts = studio.harness.query_all_by_label(&unchanged);
        let verdict =
            verdicts.map(|node| node.rect()).find(|rect| (rect.center().y - name.center().y).abs() < 4.0).unwrap();
        let columns = [name, before, after, verdict];
        assert!(columns.windows(2).all(|pair| pair[0].right() < pair[1].left()), "{language:?} {size}: {columns:?}");
        assert!(name.left() >= 0.0 && verdict.right() <= size.x - 12.0, "{language:?} {size}: {columns:?}");
        assert!(name.height() < 24.0 && verdict.height() < 24.0, "no cell is broken into lines: {columns:?}");
    }
}

#[test]
fn what_a_lesson_tells_is_in_view() {
    for (language, size) in Language::ALL.into_iter().flat_map(|language| SIZES.map(|size| (language, size))) {
        let (mut studio, words) = (open(language, size), Catalogue::new(language));
        act(&mut studio, LessonAction::Open("which-layer-is-last".into()));
        studio.wait("the lesson", |s| s.state().lesson().is_some() && s.state().train.dataset.ready().is_some());
        let steps = studio.state().lesson().unwrap().0.steps.clone();
        let fold = words.say("lesson-fold");
        let strip = |studio: &Studio| {
            let head = studio.harness.get_by_role_and_label(Role::Button, &words.say("lesson-next")).rect();
            Rect::from_x_y_ranges(0.0..=size.x, head.bottom()..=size.y)
        };
        assert!(strip(&studio).height() < 0.34 * size.y, "the strip is low: {:?}", strip(&studio));
        let mut asked = 0;
        for (at, step) in steps.iter().enumerate() {
            let Some(question) = step.question.as_ref().filter(|question| !question.choices.is_empty()) else {
                continue;
            };
            act(&mut studio, LessonAction::Turn(at));
            asked += 1;
            // Both a wrong answer and, after it, a right one: then most is told.
            let right = question.right.unwrap() as usize;
            let wrong = if right == 1 { 2 } else { 1 };
            for (number, verdict) in [(wrong, "lesson-not-right"), (right, "lesson-right")] {
                // They may be scrolled out of view, where the keyboard still reaches them.
                press(&mut studio, Role::RadioButton, question.choices[number - 1].tongue(words.tag()));
                press(&mut studio, Role::Button, &words.say("lesson-give-answer"));
                let told = studio.harness.get_by_role_and_label(Role::Label, &words.say(verdict)).rect();
                assert!(strip(&studio).contains_rect(told), "{language:?} {size}: {told:?} in {:?}", strip(&studio));
                let explanation = question.explanation.as_ref().unwrap().tongue(words.tag());
                let begin: String = explanation.chars().take_while(|c| !"*`[\n".contains(*c)).take(16).collect();
                let shown = place(&studio, begin.trim());
                let head = Rect::from_min_max(shown.min, shown.min + vec2(20.0, 16.0));
                assert!(strip(&studio).contains_rect(head), "{language:?} {size}: {shown:?} in {:?}", strip(&studio));
            }
        }
        assert!(asked > 0);
        act(&mut studio, LessonAction::Turn(steps.len() - 1));
        act(&mut studio, LessonAction::SetStudent("Kim".into()));
        let folder = tempfile::tempdir().unwrap();
        act(&mut studio, LessonAction::Save(folder.path().join("kim.thaw-lesson")));
        studio.wait("the file", |s| s.state().lessons.saved.is_some());
        studio.harness.run_ok();
        let saved = place(&studio, "kim.thaw-lesson");
        assert!(strip(&studio).contains_rect(saved), "{language:?} {size}: {saved:?} in {:?}", strip(&studio));
        // The step can be folded away; its buttons stay.
        studio.click(Role::Button, &fold);
        assert!(strip(&studio).height() < 12.0 && !studio.has_part("kim.thaw-lesson"), "{:?}", strip(&studio));
        studio.click(Role::Button, &words.say("lesson-show"));
        assert!(studio.has_part("kim.thaw-lesson"));
    }
}
