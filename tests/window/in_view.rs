//! What must be read at once lies in view: the list of the proof is as wide as its columns, and what a lesson tells about an
//! answer, and that it is saved, never lies below its fold.

use std::collections::BTreeMap;

use eframe::egui::{Pos2, Rect};
use thaw::app::compare::{CompareAction, Page};
use thaw::app::lessons::LessonAction;
use thaw::app::state::View;
use thaw::domain::message::{Answer, Command, Question, RunEvent};
use thaw::domain::metrics::Confusion;
use thaw::words::Catalogue;

use super::script::{self, scripted, shown};
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

/// The recorded run, whose validation rows are of one class mostly when the coach is to speak.
fn answered(command: &Command) -> Option<Vec<thaw::domain::message::Event>> {
    let Command::Ask(id, Question::Run(dir)) = command else { return script::answer(command) };
    let mut run = (*script::stored(&shown(Path::new("preset3")))).clone();
    run.dir.clone_from(dir);
    for (_, event) in run.events.iter_mut().filter(|_| dir.ends_with("unbalanced")) {
        if let RunEvent::EpochEnded(epoch) = event {
            epoch.validation_confusion = Confusion::try_from(vec![vec![100, 10], vec![10, 10]]).unwrap();
        }
    }
    Some(vec![thaw::domain::message::Event::Answer(*id, Ok(Answer::Run(Arc::new(run))))])
}

/// What can be pressed or read, by its name and place. The place of what stands in a line after a number is that of the
/// line.
fn places(studio: &Studio) -> BTreeMap<String, Vec<[i32; 2]>> {
    let mut places: BTreeMap<String, Vec<[i32; 2]>> = BTreeMap::new();
    for role in [Role::Button, Role::Tab, Role::Label] {
        for node in studio.harness.query_all_by_role(role) {
            let (rect, name) = (node.rect(), node.accesskit_node().label().or_else(|| node.accesskit_node().value()));
            let name = name.unwrap_or_default();
            places.entry(format!("{role:?} {name}")).or_default().push([rect.left() as i32, rect.top() as i32]);
        }
    }
    places
}

#[test]
fn nothing_moves_when_the_coach_speaks() {
    for (language, size) in Language::ALL.into_iter().flat_map(|language| SIZES.map(|size| (language, size))) {
        let settings = Settings { language: Some(language), ..few_rows() };
        let between = |worker, waker| script::between(worker, waker, answered);
        let mut studio = Studio::open_with(settings, Harness::builder().with_size(size), between);
        studio.wait_until_ready();
        for view in [View::Live, View::Results] {
            let [before, after] = ["balanced", "unbalanced"].map(|name| {
                act(&mut studio, RunsAction::Open { dir: shown(Path::new(name)), purpose: Purpose::Show });
                studio.wait("the run", |s| s.state().run.last_dir.as_ref().is_some_and(|dir| dir.ends_with(name)));
                act(&mut studio, Action::ShowView(view));
                assert_eq!(studio.state().run.coach.advice.is_empty(), name == "balanced");
                places(&studio)
            });
            let mut same = 0;
            for (name, at) in &before {
                if let Some(then) = after.get(name) {
                    assert_eq!(at, then, "{view:?} {language:?} {size}: {name}");
                    same += 1;
                }
            }
            assert!(same + 5 > before.len() && same > 20, "only {same} of {} are compared", before.len());
        }
        // What it says opens over the view, and closes again.
        let before = places(&studio);
        let button = studio.harness.query_all_by_role(Role::Button).find(|node| {
            let name = node.accesskit_node().label().unwrap_or_default();
            name.starts_with(&Catalogue::new(language).say("coach-name"))
        });
        button.unwrap().click();
        studio.harness.run_ok();
        let open = places(&studio);
        assert!(open.len() > before.len() && before.iter().all(|(name, at)| open.get(name) == Some(at)));
        let window = Rect::from_min_size(Pos2::ZERO, size);
        let less = Catalogue::new(language).say("coach-less");
        let less = studio.harness.get_by_role_and_label(Role::Button, &less);
        assert!(window.contains_rect(less.rect()));
        less.click();
        studio.harness.run_ok();
        assert_eq!(places(&studio), before);
    }
}

/// Name and accuracy, with whether that is higher than another's, are what runs are compared for.
#[test]
fn the_columns_that_matter_are_seen_without_scrolling() {
    for language in Language::ALL {
        let (mut studio, words) = (open(language, SIZES[0]), Catalogue::new(language));
        let dirs = ["full", "preset1", "preset2", "preset3"].map(|name| shown(Path::new(name))).to_vec();
        act(&mut studio, Action::ShowView(View::Compare));
        act(&mut studio, CompareAction::Open(dirs));
        studio.wait("the runs", |s| s.state().compare.runs.len() == 4);
        act(&mut studio, CompareAction::ShowPage(Page::Table));
        studio.harness.run_ok();
        let on_page = |text: &str| {
            let mut found = studio.harness.query_all_by_label_contains(text).map(|node| node.rect());
            found.find(|rect| rect.left() > 330.0).unwrap_or_else(|| panic!("no {text}"))
        };
        let [accuracy, verdict] = ["runs-accuracy", "compare-verdict"].map(|id| on_page(&words.say(id)));
        assert!(accuracy.right() < verdict.left() && verdict.right() < SIZES[0].x, "{language:?}: {verdict:?}");
        let test = studio.state().compare.runs[0].run.history_at(f64::INFINITY).test.unwrap();
        let cell = on_page(&thaw::words::numbers::ratio(test.accuracy));
        assert!(cell.left() > 300.0 && cell.right() < SIZES[0].x - 20.0, "{language:?}: {cell:?}");
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
