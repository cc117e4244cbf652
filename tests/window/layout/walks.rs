//! These walks go through all pages, each of which is looked at on the way.

use thaw::app::compare::desk::{DeskAction, DeskPage};
use thaw::app::compare::{CompareAction, Page};
use thaw::app::doctor::DoctorAction;
use thaw::app::examine::{ExamineAction, ExaminePage};
use thaw::app::explore::ExploreAction;
use thaw::app::hub::HubAction;
use thaw::app::lessons::LessonAction;
use thaw::app::other_tests::OtherTestsAction;
use thaw::app::race::RaceAction;
use thaw::app::run::SideChart;
use thaw::app::run::classes::ClassesAction;
use thaw::app::run::results::{self, Cells, ResultsAction};
use thaw::app::sentences::{MOST, SentencesAction};
use thaw::app::state::{Panel, View};
use thaw::app::text_map::{MapColouring, TextMapAction};
use thaw::app::train::TrainAction;
use thaw::app::train::rate::RateAction;
use thaw::app::train::timeline::TimelineAction;
use thaw::app::why::WhyAction;
use thaw::domain::selection::Condition;
use thaw::domain::tags::Tag;
use thaw::domain::text_map::MapMethod;

use super::super::script::shown;
use super::*;

/// The names of the recorded runs, as people give them.
const NAMES: [&str; 4] = ["full", "preset1", "preset2", "preset3"];

/// A text with short and long words in two scripts.
const SENTENCE: &str = "A warm and unbelievably 고객센터에서는 unread";

pub fn see_all_screens(classes: usize) {
    let mut walk = Walk::begin(classes);
    see_panels(&mut walk);
    see_windows(&mut walk);
    see_a_run(&mut walk);
    see_comparisons(&mut walk);
    see_a_race(&mut walk);
    see_a_lesson(&mut walk);
    see_a_desk(&mut walk);
    walk.end();
}

/// The screens that show classes. The walk with two classes sees all others, on which their number makes no difference.
pub fn see_screens_of_classes(classes: usize) {
    let mut walk = Walk::begin(classes);
    see_panels(&mut walk);
    walk.see("live, empty");
    walk.act(Action::ShowView(View::Runs));
    walk.studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 4));
    let dir = walk.studio.state().runs.entries.ready().unwrap()[0].dir.clone();
    walk.act(RunsAction::Open { dir, purpose: Purpose::Show });
    walk.studio.wait("the run", |s| !s.state().run.shown.history.steps.is_empty());
    walk.act(Action::ShowView(View::Results));
    walk.see("results");
    see_pages_of_results(&mut walk);
    walk.act(RunAction::Classes(ClassesAction::WorstFirst(true)));
    walk.act(RunAction::Classes(ClassesAction::Search("1".into())));
    walk.see("results, searched");
    walk.act(RunAction::Classes(ClassesAction::ListPairs(true)));
    walk.act(RunAction::Classes(ClassesAction::Search(String::new())));
    walk.see("results, worst pairs");
    walk.act(RunAction::Classes(ClassesAction::OpenCell { truth: classes - 1, predicted: 0 }));
    walk.see("results, a cell opened");
    see_rows(&mut walk);
    walk.act(RunAction::ZoomMatrix(false));
    walk.act(Action::ShowView(View::Live));
    walk.see("live");
    walk.act(RunAction::ZoomMatrix(true));
    walk.see("live, matrix zoomed");
    walk.act(RunAction::ZoomMatrix(false));
    walk.act(Action::ShowView(View::Try));
    walk.act(RunAction::SetSentence(SENTENCE.into()));
    walk.act(RunAction::Predict);
    walk.studio.wait("the prediction", |s| s.has_part("topic number"));
    walk.see("try");
    walk.act(Action::ShowView(View::Compare));
    walk.act(CompareAction::Open(NAMES[..2].iter().map(|name| shown(Path::new(name))).collect()));
    walk.studio.wait("the runs", |s| s.state().compare.runs.len() == 2);
    walk.act(CompareAction::ShowPage(Page::Matrices));
    walk.see("compared matrices");
    walk.end();
}

/// The sections on the left, one after the other.
fn see_panels(walk: &mut Walk) {
    for (panel, name) in
        [(Panel::Data, "data"), (Panel::Model, "model"), (Panel::Freeze, "freeze"), (Panel::Training, "training")]
    {
        walk.act(Action::ShowPanel(panel));
        walk.see(name);
    }
}

/// The windows over the page.
fn see_windows(walk: &mut Walk) {
    walk.act(TrainAction::Rate(RateAction::Show(true)));
    walk.act(TrainAction::Rate(RateAction::Start));
    walk.studio.wait("the finder", |s| s.state().train.rate.suggestion().is_some());
    walk.see("rate finder");
    walk.act(TrainAction::Rate(RateAction::Show(false)));
    walk.act(TrainAction::Timeline(TimelineAction::Show(true)));
    walk.see("timeline");
    walk.act(TrainAction::Timeline(TimelineAction::Show(false)));
    walk.act(HubAction::Show(true));
    walk.act(HubAction::SetQuery("bert".into()));
    walk.act(HubAction::Search);
    walk.studio.wait("models", |s| s.has_part("bert-base-uncased"));
    walk.see("hub");
    walk.act(HubAction::Show(false));
    walk.act(DoctorAction::Show(true));
    walk.studio.wait("the machine", |s| s.state().doctor.machine.ready().is_some());
    walk.see("this computer");
    walk.act(DoctorAction::Test);
    walk.studio.wait("the self-test", |s| s.state().doctor.test.ready().is_some());
    walk.see("this computer, tested");
    walk.act(DoctorAction::Show(false));
    let name = "encoder.layer.0.attention.self.query.weight";
    walk.act(TrainAction::OpenParameter(Some(name.into())));
    let is_read = |s: &Studio| s.state().train.tree.opened.as_ref().is_some_and(|(_, view)| view.ready().is_some());
    walk.studio.wait("the values", is_read);
    walk.see("parameter");
    walk.act(TrainAction::OpenParameter(None));
}

/// A run that is over, in every view that is about it.
fn see_a_run(walk: &mut Walk) {
    walk.see("live, empty");
    walk.act(Action::ShowView(View::Runs));
    walk.studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 4));
    walk.see("runs");
    let dir = walk.studio.state().runs.entries.ready().unwrap()[0].dir.clone();
    walk.act(RunsAction::Select(dir.clone()));
    walk.see("runs, one selected");
    walk.act(RunsAction::Open { dir: dir.clone(), purpose: Purpose::Show });
    walk.studio.wait("the run", |s| !s.state().run.shown.history.steps.is_empty());
    walk.act(Action::ShowView(View::Results));
    walk.see("results");
    see_pages_of_results(walk);
    see_rows(walk);
    walk.act(Action::ShowView(View::Live));
    walk.see("live");
    walk.studio.harness.query_all_by_label_contains("tensors unchanged").next().unwrap().click();
    walk.studio.harness.run_ok();
    walk.see("proof");
    walk.studio.harness.key_press(Key::Escape);
    walk.act(RunAction::ZoomMatrix(true));
    walk.see("live, matrix zoomed");
    walk.act(RunAction::ZoomMatrix(false));
    walk.act(RunAction::ShowSideChart(SideChart::Layers));
    walk.see("layers");
    walk.act(Action::ShowView(View::Try));
    walk.act(RunAction::SetSentence(SENTENCE.into()));
    walk.act(RunAction::Predict);
    walk.studio.wait("the prediction", |s| s.has_part("topic number"));
    walk.see("try");
    walk.act(WhyAction::Open(true));
    walk.studio.wait("the words", |s| s.has_part("speaks"));
    walk.see("why");
    walk.act(WhyAction::ShowPretrained(true));
    walk.act(WhyAction::ChooseWord(3));
    walk.see("why, two models and a word changed");
    walk.act(WhyAction::ShowPretrained(false));
    walk.act(WhyAction::ShowAttention(true));
    walk.see("why, attention");
    walk.act(WhyAction::Open(false));
    see_sentences(walk);
    walk.act(RunsAction::Open { dir, purpose: Purpose::Replay });
    walk.studio.wait("the replay", |s| s.state().run.replay.is_some());
    walk.act(RunAction::Replay(ReplayAction::Play(false)));
    walk.act(RunAction::Replay(ReplayAction::Seek(60.0)));
    walk.see("replay");
    walk.act(RunAction::Replay(ReplayAction::End));
}

/// Sees the pages that Results has behind its first one.
fn see_pages_of_results(walk: &mut Walk) {
    let act = |walk: &mut Walk, action: ResultsAction| walk.act(RunAction::Results(action));
    act(walk, ResultsAction::ShowCells(Cells::ColumnShares));
    walk.see("results, shares of columns");
    act(walk, ResultsAction::ShowCells(Cells::Counts));
    act(walk, ResultsAction::Show(results::Page::Measures));
    walk.studio.wait("the probabilities", |s| s.state().run.results.scores.ready().is_some());
    walk.see("results, measures");
    act(walk, ResultsAction::Show(results::Page::Curves));
    act(walk, ResultsAction::SetThreshold(0.35));
    walk.see("results, curves");
    act(walk, ResultsAction::Show(results::Page::Calibration));
    walk.see("results, calibration");
    act(walk, ResultsAction::Show(results::Page::OtherTests));
    walk.studio.wait("the other tests", |s| s.has_part("short.csv"));
    walk.see("results, other tests");
    act(walk, ResultsAction::Show(results::Page::Overview));
}

/// The rows of the run that is shown, all of them and some.
fn see_rows(walk: &mut Walk) {
    walk.act(Action::ShowView(View::Explore));
    walk.studio.wait("the rows", |s| s.state().explore.selected.ready().is_some());
    walk.see("explore");
    for step in [Condition::Cell { label: 1, predicted: 0 }, Condition::Tag { tag: Tag::NeighboursDisagree }] {
        walk.act(ExploreAction::Select(step));
    }
    walk.act(ExploreAction::Search("parcel".into()));
    walk.studio.wait("the selection", |s| s.state().explore.selected.ready().is_some());
    walk.act(ExploreAction::MoveMark(0));
    walk.see("explore, a selection");
    walk.act(TextMapAction::Show(true));
    walk.studio.wait("the probes", |s| s.state().text_map.probes.ready().is_some());
    walk.studio.wait("the words", |s| s.state().text_map.words.ready().is_some());
    walk.see("explore, the map of a selection");
    for colouring in [MapColouring::Confidence, MapColouring::Run] {
        walk.act(TextMapAction::Colour(colouring));
        walk.see("explore, the map in other colours");
    }
    walk.act(TextMapAction::SetMethod(MapMethod::Tsne));
    walk.studio.wait("the points", |s| s.state().text_map.tsne.ready().is_some());
    walk.act(ExploreAction::Widen(0));
    walk.studio.wait("all rows", |s| s.state().explore.selected.ready().is_some());
    walk.see("explore, the map by t-SNE");
    walk.act(TextMapAction::Show(false));
    walk.act(ExamineAction::ShowPage(ExaminePage::Words));
    walk.see("explore, words not found yet");
    walk.act(ExamineAction::FindWords);
    walk.studio.wait("the words", |s| s.state().examine.words.ready().is_some());
    walk.see("explore, words");
    walk.act(ExamineAction::ShowPage(ExaminePage::Rows));
}

/// Keeps as many sentences as can be kept, and sees them with the answers of three models.
fn see_sentences(walk: &mut Walk) {
    for n in 0..MOST {
        let text = format!("{n}. Where is my parcel? 제 소포가 어디 있나요? {}", "It was to be here. ".repeat(n));
        walk.act(RunAction::SetSentence(text));
        walk.act(SentencesAction::Keep);
    }
    walk.see("try, my sentences");
    walk.act(WhyAction::ShowPretrained(true));
    walk.act(WhyAction::ShowOther(Some(shown(Path::new(NAMES[3])))));
    let is_answered = |s: &Studio| {
        let columns = s.state().sentences.columns(&s.state().run);
        columns.len() == 3 && columns.iter().all(|column| column.answers.ready().is_some())
    };
    walk.studio.wait("all answers", is_answered);
    walk.see("try, my sentences of three models");
    walk.act(WhyAction::ShowPretrained(false));
    walk.act(WhyAction::ShowOther(None));
    walk.act(SentencesAction::Show(false));
}

fn see_comparisons(walk: &mut Walk) {
    let dirs = NAMES.map(|name| shown(Path::new(name))).to_vec();
    walk.act(Action::ShowView(View::Compare));
    walk.see("compare, empty");
    walk.act(CompareAction::Open(dirs));
    walk.studio.wait("the runs", |s| s.state().compare.runs.len() == NAMES.len());
    for (page, name) in [
        (Page::Curves, "compared curves"),
        (Page::Table, "compared table"),
        (Page::Matrices, "compared matrices"),
        (Page::OtherTests, "compared, other tests"),
        (Page::Settings, "compared settings"),
    ] {
        walk.act(CompareAction::ShowPage(page));
        walk.see(name);
    }
}

fn see_a_race(walk: &mut Walk) {
    walk.act(CompareAction::ShowPage(Page::Race));
    walk.see("race");
    walk.act(RaceAction::Start);
    walk.studio.wait("the race", |s| s.state().race.race.as_ref().is_some_and(|race| race.ended.is_some()));
    walk.see("race outcome");
    walk.act(CompareAction::ShowPage(Page::Race));
    walk.act(OtherTestsAction::ShowOn(Some("short.csv".into())));
    walk.see("race outcome on another file");
    walk.act(OtherTestsAction::ShowOn(None));
}

/// The carried lessons, step by step, and what was handed in.
fn see_a_lesson(walk: &mut Walk) {
    walk.act(Action::ShowView(View::Live));
    walk.act(LessonAction::ShowList(true));
    walk.studio.wait("the lessons", |s| s.state().lessons.listed.len() > 1);
    walk.see("lessons");
    walk.act(LessonAction::ShowList(false));
    walk.act(LessonAction::Open("which-layer-is-last".into()));
    walk.studio.wait("the lesson", |s| s.state().lesson().is_some() && s.state().train.dataset.ready().is_some());
    let steps = walk.studio.state().lesson().unwrap().0.steps.len();
    for step in [0, 1, steps - 1] {
        walk.act(LessonAction::Turn(step));
        let choice = walk.studio.harness.query_all_by_role(Role::RadioButton).next();
        choice.into_iter().for_each(|choice| choice.click());
        walk.studio.harness.run_ok();
        walk.see(&format!("lesson, step {}", step + 1));
    }
}

/// What a class of thirty handed in, on all pages of the desk.
fn see_a_desk(walk: &mut Walk) {
    let folder = tempfile::tempdir().unwrap();
    walk.studio.drop_class(folder.path());
    walk.act(Action::ShowView(View::Compare));
    walk.act(CompareAction::ShowPage(Page::Desk));
    for (page, name) in [
        (DeskPage::Questions, "desk, questions"),
        (DeskPage::Table, "desk, table"),
        (DeskPage::Guesses, "desk, guesses"),
    ] {
        walk.act(DeskAction::ShowPage(page));
        let steps = walk.studio.state().compare.desk.version().unwrap().asked();
        for step in steps {
            let name = format!("{name}, step {}", step + 1);
            walk.act(DeskAction::ShowStep(step));
            walk.act(DeskAction::ShowTableOf(Some(step)));
            walk.see(&name);
        }
    }
    walk.act(DeskAction::ShowPage(DeskPage::Table));
    walk.act(DeskAction::ShowTableOf(None));
    walk.see("desk, table of all steps");
}
