//! Answers that come late, that are about something else, or that fail: each counts only for what was asked.

use super::stored::{entry, stored_run};
use super::*;
use crate::app::effect::Dialog;
use crate::app::hub::HubAction;
use crate::app::lessons::LessonAction;
use crate::domain::dataset::DatasetSummary;
use crate::domain::half::ExportAs;
use crate::domain::lesson::Lesson;
use crate::domain::message::{Prediction, TestEvaluated};
use crate::domain::metrics::scores::Measures;
use crate::domain::precision::Precision;

fn folder(name: &str) -> Action {
    TrainAction::PickModel(ModelSource::Folder(name.into())).into()
}

#[test]
fn a_model_on_its_way_is_not_overtaken_by_the_former_one() {
    let mut state = ready(1000);
    update(&mut state, folder("first"));
    let first = state.newest(|question| matches!(question, Question::Model(_)));
    update(&mut state, folder("second"));
    hear(&mut state, Event::Answer(first, Ok(Answer::Model(Arc::new(tree(2))))));
    assert!(state.train.model.is_waiting(), "the first model's answer comes too late");
    // Data with five classes give the bundled model, which is still at hand, another head.
    let head = Notice::HeadChanged { source: ModelSource::Bundled, tree: Arc::new(tree(5)) };
    hear(&mut state, Event::Notice(head));
    assert!(state.train.model.is_waiting() && !state.can_train());
    let mut second = tree(2);
    second.facts.layers = 2;
    tell(&mut state, Answer::Model(Arc::new(second)));
    assert_eq!(state.train.model.ready().unwrap().facts.layers, 2);
}

#[test]
fn a_late_failure_of_another_file_is_not_this_ones() {
    let mut state = ready(1000);
    update(&mut state, TrainAction::PickData("gone.csv".into()));
    let gone = state.newest(|question| matches!(question, Question::Dataset { .. }));
    update(&mut state, TrainAction::PickData("there.csv".into()));
    hear(&mut state, Event::Answer(gone, Err(Problem::new("data-empty-file"))));
    assert!(state.train.dataset.is_waiting() && state.shell.notices.is_empty());
}

#[test]
fn a_late_failure_of_another_search_is_not_this_ones() {
    let mut state = ready(1000);
    for query in ["first", "second"] {
        update(&mut state, HubAction::SetQuery(query.into()));
        update(&mut state, HubAction::Search);
    }
    let failed = |query: &str| HubEvent::SearchFailed { query: query.into(), problem: Problem::new("hub-offline") };
    hear(&mut state, Event::Hub(failed("first")));
    assert!(state.hub.found.is_waiting(), "the second is still under way");
    hear(&mut state, Event::Hub(failed("second")));
    assert!(state.hub.found.failed().is_some());
}

fn evaluated(data: DatasetSummary) -> Answer {
    let measures = Measures { loss: 0.3, ece: None, mcc: None, balanced_accuracy: None, roc_auc: None };
    let (data, precision) = (Arc::new(data), Precision::F32);
    Answer::Evaluation { test: tested(), measures, temperature: None, data, precision }
}

fn tested() -> TestEvaluated {
    TestEvaluated {
        accuracy: 0.9,
        macro_f1: 0.9,
        loss: 0.3,
        confusion: Confusion::new(2),
        labels: vec!["0".into(), "1".into()],
        per_class: Vec::new(),
        frozen: None,
    }
}

#[test]
fn an_evaluation_leaves_the_windows_data_alone() {
    let mut state = ready(1000);
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    update(&mut state, RunAction::Evaluate);
    assert!(state.run.is_evaluating() && update(&mut state, RunAction::Evaluate).is_empty());
    let data = DatasetSummary { skipped: Skipped { count: 3, ..Skipped::default() }, ..summary(40, 2) };
    tell(&mut state, evaluated(data));
    assert_eq!(state.run.shown.history.test, Some(tested()));
    assert_eq!(state.train.dataset.ready().unwrap().rows, 1000);
    assert!(!state.run.is_evaluating());
}

#[test]
fn what_was_asked_about_one_run_is_not_shown_under_another() {
    let mut state = ready(1000);
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    update(&mut state, RunAction::SetSentence("fine".into()));
    update(&mut state, RunAction::Predict);
    update(&mut state, RunAction::Evaluate);
    update(&mut state, RunsAction::Open { dir: "runs/one".into(), purpose: Purpose::Show });
    tell(&mut state, Answer::Run(stored_run()));
    let said = Prediction {
        text: "fine".into(),
        second: None,
        label: "1".into(),
        probabilities: Vec::new(),
        pieces: Vec::new(),
    };
    tell(&mut state, Answer::Predictions(vec![said]));
    tell(&mut state, evaluated(summary(40, 2)));
    assert!(state.run.prediction.latest().is_none() && state.run.shown.history.test.is_none());
    // Nor is it when the replay of another run has ended meanwhile.
    update(&mut state, RunAction::Evaluate);
    update(&mut state, RunsAction::Open { dir: "runs/two".into(), purpose: Purpose::Replay });
    tell(&mut state, Answer::Run(stored_run()));
    update(&mut state, RunAction::Predict);
    update(&mut state, RunAction::Replay(ReplayAction::End));
    tell(&mut state, Answer::Predictions(Vec::new()));
    assert!(state.run.prediction.ready().is_none());
}

#[test]
fn a_name_being_typed_survives_the_next_list() {
    let mut state = ready(1000);
    tell(&mut state, Answer::Runs(vec![entry("one", RunState::Completed)]));
    update(&mut state, RunsAction::Select("one".into()));
    update(&mut state, RunsAction::EditLabel { name: "head on".into(), note: "a no".into() });
    update(&mut state, Action::ShowView(View::Runs));
    tell(&mut state, Answer::Runs(vec![entry("two", RunState::Completed), entry("one", RunState::Completed)]));
    assert_eq!((&*state.runs.name, &*state.runs.note), ("head on", "a no"));
    // What nobody has touched follows the disk.
    update(&mut state, RunsAction::Select("two".into()));
    update(&mut state, Action::ShowView(View::Runs));
    let named = RunEntry { name: "named elsewhere".into(), ..entry("two", RunState::Completed) };
    tell(&mut state, Answer::Runs(vec![named]));
    assert_eq!(state.runs.name, "named elsewhere");
}

#[test]
fn a_list_that_fails_says_why_and_can_be_asked_for_again() {
    let mut state = ready(1000);
    refuse(&mut state, |question| matches!(question, Question::Runs { .. }), Problem::new("file-error"));
    assert_eq!(state.runs.entries.failed().unwrap().id, "file-error");
    assert!(state.shell.notices.is_empty(), "the view shows it");
    update(&mut state, Action::ShowView(View::Runs));
    tell(&mut state, Answer::Runs(Vec::new()));
    assert!(state.runs.entries.ready().is_some());
}

#[test]
fn whose_failure_it_is_is_not_guessed() {
    let mut state = ready(1000);
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    update(&mut state, RunAction::SetSentence("fine".into()));
    update(&mut state, RunAction::Predict);
    update(&mut state, TrainAction::OpenParameter(Some("pooler.dense.weight".into())));
    update(&mut state, RunAction::Evaluate);
    refuse(&mut state, |question| matches!(question, Question::Parameter { .. }), Problem::new("one"));
    assert_eq!(state.train.tree.opened.as_ref().unwrap().1.failed().unwrap().id, "one");
    assert!(state.run.prediction.is_waiting() && state.run.is_evaluating() && state.shell.notices.is_empty());
}

#[test]
fn a_lesson_is_not_left_through_another_run() {
    let mut state = ready(1000);
    let text = "id = \"mine\"\ntitle = { en = \"A\" }\nabout = { en = \"B\" }\nmodel = \"bundled\"\n\
                [[step]]\ntitle = { en = \"A\" }\ntext = { en = \"B\" }\n";
    let lesson = Arc::new(toml::from_str::<Lesson>(text).unwrap());
    // A run that was chosen to start from just before the lesson began.
    update(&mut state, RunsAction::Open { dir: "runs/one".into(), purpose: Purpose::StartFrom });
    update(&mut state, LessonAction::Open("mine".into()));
    tell(&mut state, Answer::Lesson(lesson));
    let config = state.train.config.clone();
    assert!(tell(&mut state, Answer::Run(stored_run())).is_empty());
    let others: [Action; 4] = [
        RunsAction::Open { dir: "runs/one".into(), purpose: Purpose::StartFrom }.into(),
        RunsAction::TrainOn("runs/one".into()).into(),
        RunsAction::Resume("runs/one".into()).into(),
        RaceAction::Resume("races/one".into()).into(),
    ];
    for action in others {
        state.shell.notices.clear();
        assert!(update(&mut state, action.clone()).is_empty(), "{action:?}");
        assert_eq!(state.shell.notices[0].problem.id, "lesson-locked");
    }
    assert_eq!(state.train.config, config);
    assert!(!state.is_running() && state.lesson().is_some());
}

#[test]
fn one_run_race_or_sweep_is_under_way_at_a_time() {
    use crate::app::train::rate::RateAction;
    let mut state = ready(1000);
    update(&mut state, TrainAction::Rate(RateAction::Start));
    for action in [RunsAction::Resume("cut".into()), RunsAction::TrainOn("runs/one".into())] {
        assert!(update(&mut state, action).is_empty());
    }
    assert_eq!(state.shell.notices[0].problem.id, "train-blocked-sweeping");
    assert!(!state.is_running());
}

#[test]
fn one_dialog_is_open_at_a_time() {
    let mut state = ready(1000);
    let mut open = |dialog| super::super::update::update(&mut state, Action::OpenDialog(dialog)).len();
    assert_eq!((open(Dialog::Data), open(Dialog::Model)), (1, 0));
    update(&mut state, Action::DialogClosed);
    let effects = super::super::update::update(
        &mut state,
        Action::OpenDialog(Dialog::Export { dir: "runs/one".into(), what: ExportAs::Model(None) }),
    );
    assert!(matches!(&effects[..], [Effect::OpenDialog(Dialog::Export { dir, .. })] if dir.ends_with("one")));
}

#[test]
fn a_file_that_the_window_made_is_written_by_the_worker() {
    let mut state = ready(1000);
    let save = || Action::SaveFile { path: "plot.csv".into(), bytes: b"a,b\n".as_slice().into() };
    let asked = update(&mut state, save());
    assert!(matches!(&asked[..], [Command::Ask(_, Question::SaveFile { bytes, .. })] if &**bytes == b"a,b\n"));
    tell(&mut state, Answer::FileSaved("plot.csv".into()));
    assert!(state.shell.notices[0].problem.id == "plot-saved" && !state.shell.notices[0].is_error);
    update(&mut state, save());
    refuse(&mut state, |question| matches!(question, Question::SaveFile { .. }), Problem::new("file-error"));
    assert!(state.shell.notices[1].is_error);
}
