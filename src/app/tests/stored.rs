//! Runs of the disk in the window: listed, replayed, named, started from.

use super::*;
use crate::app::loading::Loading;
use crate::app::run::results::{Page, ResultsAction};
use crate::domain::metrics::calibration::Temperature;
use crate::domain::metrics::scores::{RunScores, Scores};
use crate::words::{Catalogue, Language};

pub(super) fn entry(dir: &str, state: RunState) -> RunEntry {
    RunEntry {
        dir: dir.into(),
        name: dir.into(),
        note: String::new(),
        race: None,
        started: "2026-11-24 15:04".into(),
        data: "films.csv".into(),
        rows: Some(600),
        rows_per_class: None,
        seed: Some(42),
        engine: crate::domain::engine::Engine::Thaw,
        model: "m".into(),
        freeze: "3".into(),
        state,
        step: 7,
        total_steps: 30,
        test_accuracy: None,
        train_secs: None,
        has_model: state == RunState::Completed,
        can_resume: state == RunState::Unfinished,
        can_open: true,
        damage: Vec::new(),
    }
}

/// A run of ten steps in ten seconds, its matrix at the fifth and its test at the end.
pub(super) fn stored_run() -> Arc<StoredRun> {
    let at = |n: usize| {
        let RunEvent::Step(step) = step(n) else { panic!("a step") };
        RunEvent::Step(Step { elapsed_secs: n as f64, ..step })
    };
    let mut events = vec![run_started(10)];
    events.extend((1..=10).map(at));
    let confusion = Confusion::try_from(vec![vec![3, 1], vec![0, 4]]).unwrap();
    let live = LiveValidation { step: 5, rows: 8, loss: 0.4, accuracy: 0.875, confusion };
    events.insert(6, RunEvent::LiveValidation(live));
    events.push(run_ended(RunOutcome::Completed));
    let config = RunConfig { freeze: Freeze::Preset1, ..RunConfig::default() };
    Arc::new(StoredRun::new("runs/one".into(), config, events))
}

#[test]
fn an_interrupted_run_is_offered_once() {
    let mut state = ready(1000);
    let runs = vec![entry("done", RunState::Completed), entry("cut", RunState::Unfinished)];
    tell(&mut state, Answer::Runs(runs.clone()));
    let [notice] = &state.shell.notices[..] else { panic!("{:?}", state.shell.notices) };
    assert_eq!((notice.is_error, &notice.offer), (false, &Some(RunsAction::Resume("cut".into()).into())));
    let asked = update(&mut state, Action::Runs(RunsAction::Resume("cut".into())));
    let [Command::Run(RunCommand::Resume(RunId(run), _))] = asked[..] else { panic!("{asked:?}") };
    assert!(state.shell.notices.is_empty() && state.is_running(), "the offer was taken");
    tell(&mut state, Answer::Runs(runs));
    assert!(state.shell.notices.is_empty(), "and is not made again");

    let before = stored_run().history_at(4.0);
    note_run(&mut state, run, RunNotice::Planned(Box::new(stored_run().config.clone())));
    note_run(&mut state, run, RunNotice::Resumed(Arc::new(before)));
    tell_run(&mut state, run, step(5));
    assert_eq!((state.run.shown.history.steps.len(), &state.run.shown.config.freeze), (5, &Freeze::Preset1));
}

#[test]
fn a_replay_shows_the_run_as_it_was_and_then_what_was_there_before() {
    let mut state = ready(1000);
    let live = started(&mut state);
    tell_run(&mut state, live, step(1));
    tell_run(&mut state, live, run_ended(RunOutcome::Stopped));
    let before = state.run.shown.history.steps.clone();
    let asked = update(&mut state, Action::Runs(RunsAction::Open { dir: "runs/one".into(), purpose: Purpose::Replay }));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Run(_))]));
    tell(&mut state, Answer::Run(stored_run()));
    assert_eq!((state.run.shown.phase, state.shell.view), (RunPhase::Replaying, View::Live));
    assert_eq!(state.train_blocker().unwrap().id, "train-blocked-replay");
    assert!(state.run.shown.history.started.is_some() && state.run.shown.history.steps.is_empty());

    // Ten seconds in twenty: half as fast as it was.
    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::Advance(10.0))));
    assert_eq!((state.run.shown.history.steps.len(), state.run.shown.history.live.len()), (5, 1));
    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::SetSpeed(Speed::Real))));
    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::Advance(2.5))));
    assert_eq!(state.run.shown.history.steps.len(), 7);
    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::Play(false))));
    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::Advance(2.5))));
    assert_eq!(state.run.shown.history.steps.len(), 7, "held");
    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::Seek(3.0))));
    assert_eq!((state.run.shown.history.steps.len(), state.run.shown.history.live.len()), (3, 0));
    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::Seek(1e9))));
    assert!(state.run.shown.history.ended.is_some() && state.run.replay.as_ref().unwrap().secs == 10.0);
    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::Play(true))));
    assert!(state.run.shown.history.steps.is_empty(), "it begins anew");

    update(&mut state, Action::Run(RunAction::Replay(ReplayAction::End)));
    assert_eq!((&state.run.shown.history.steps, state.run.shown.phase), (&before, RunPhase::Ended));
    assert!(state.can_train());
}

#[test]
fn a_new_run_starts_from_an_earlier_ones_model() {
    let mut state = ready(1000);
    state.train.config.runs_dir = Some("mine".into());
    update(&mut state, Action::Runs(RunsAction::Open { dir: "runs/one".into(), purpose: Purpose::StartFrom }));
    let asked = tell(&mut state, Answer::Run(stored_run()));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Dataset { .. }), Command::Ask(_, Question::Model(_))]));
    assert_eq!(state.train.config.model, ModelSource::Folder("runs/one".into()));
    assert_eq!((state.shell.panel, state.train.config.runs_dir.clone()), (Panel::Freeze, Some("mine".into())));
}

#[test]
fn starting_from_a_run_says_what_it_takes_and_gives_it_back() {
    let mut state = ready(1000);
    state.train.config.training.epochs = 7;
    let own = state.train.config.clone();
    let start_from = |state: &mut Window, dir: &str| {
        update(state, RunsAction::Open { dir: dir.into(), purpose: Purpose::StartFrom });
        tell(state, Answer::Run(stored_run()));
    };
    start_from(&mut state, "runs/one");
    let [notice] = &state.shell.notices[..] else { panic!("{:?}", state.shell.notices) };
    let said = ["freeze", "epochs", "rows"].map(|arg| notice.problem.arg(arg).unwrap());
    assert_eq!(said, ["freeze-1", "3", "0"]);
    let sentence = |state: &Window| Catalogue::new(Language::English).problem(&state.shell.notices[0].problem);
    assert!(sentence(&state).starts_with("The next run starts from the model of the chosen run and"), "it has no name");
    let offer = notice.offer.clone().unwrap();
    assert_ne!(state.train.config, own);
    let asked = update(&mut state, offer.clone());
    assert!(matches!(asked[..], [Command::Ask(_, Question::Dataset { .. }), Command::Ask(_, Question::Model(_))]));
    assert_eq!(state.train.config, own);
    assert!(state.shell.notices.is_empty(), "the offer was taken");

    // Of two, the last can be taken back; and nothing is while a run is under way.
    start_from(&mut state, "runs/one");
    start_from(&mut state, "runs/one");
    assert_eq!(state.shell.notices.len(), 1);
    let named = RunEntry { dir: "runs/one".into(), ..entry("head only", RunState::Completed) };
    state.runs.entries = Loading::Ready(vec![named]);
    start_from(&mut state, "runs/one");
    assert!(sentence(&state).contains("“head only”"), "{}", sentence(&state));
    tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2))));
    tell(&mut state, Answer::Model(Arc::new(tree(2))));
    started(&mut state);
    let taken = state.train.config.clone();
    assert!(update(&mut state, offer).is_empty());
    assert_eq!(state.train.config, taken);
}

#[test]
fn a_runs_name_is_kept_when_it_was_changed() {
    let mut state = ready(1000);
    tell(&mut state, Answer::Runs(vec![entry("one", RunState::Completed)]));
    update(&mut state, Action::Runs(RunsAction::Select("one".into())));
    assert!(update(&mut state, Action::Runs(RunsAction::SaveLabel)).is_empty());
    update(&mut state, Action::Runs(RunsAction::EditLabel { name: "head only".into(), note: "first".into() }));
    let asked = update(&mut state, Action::Runs(RunsAction::SaveLabel));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::LabelRun { name, .. })] if name == "head only"));
}

#[test]
fn several_runs_are_deleted_at_once_and_come_back() {
    let mut state = ready(1000);
    let runs = ["one", "two", "three"].map(|dir| entry(dir, RunState::Completed)).to_vec();
    tell(&mut state, Answer::Runs(runs.clone()));
    update(&mut state, RunsAction::Select("one".into()));
    let dirs: Vec<PathBuf> = vec!["one".into(), "two".into()];
    update(&mut state, RunsAction::Tick { dirs: dirs.clone(), on: true });
    update(&mut state, RunsAction::Tick { dirs: vec!["three".into()], on: true });
    update(&mut state, RunsAction::Tick { dirs: vec!["three".into()], on: false });
    assert!(state.runs.ticked.iter().eq(&dirs));
    let asked = update(&mut state, RunsAction::Compare(dirs.clone()));
    assert_eq!(asked.len(), 2, "each is read by itself: {asked:?}");
    assert_eq!(state.shell.view, View::Compare);

    let asked = update(&mut state, RunsAction::Delete(dirs.clone()));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::DeleteRuns(asked))] if *asked == dirs));
    let asked = tell(&mut state, Answer::RunsDeleted { dirs: dirs.clone(), can_restore: true });
    assert!(matches!(asked[..], [Command::Ask(_, Question::Runs { .. })]));
    tell(&mut state, Answer::Runs(runs[2..].to_vec()));
    assert!(state.runs.selected.is_none() && state.runs.ticked.is_empty());
    let [notice] = &state.shell.notices[..] else { panic!("{:?}", state.shell.notices) };
    let undo = notice.offer.clone().unwrap();
    assert_eq!((&*notice.problem.id, notice.problem.arg("count").as_deref()), ("runs-deleted", Some("2")));

    // A run that begins meanwhile takes only offers to resume away.
    let run = started(&mut state);
    assert_eq!(state.shell.notices.len(), 1);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    let asked = update(&mut state, undo);
    assert!(matches!(&asked[..], [Command::Ask(_, Question::RestoreRuns(asked))] if *asked == dirs));
    assert!(state.shell.notices.is_empty());
    let asked = tell(&mut state, Answer::RunsRestored(dirs));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Runs { .. })]), "the list is read anew");
}

#[test]
fn a_column_sorts_and_a_second_click_turns_it_round() {
    let mut state = ready(1000);
    assert_eq!(state.runs.sort, (RunColumn::Started, true), "the newest is first");
    update(&mut state, RunsAction::Sort(RunColumn::Name));
    assert_eq!(state.runs.sort, (RunColumn::Name, false));
    update(&mut state, RunsAction::Sort(RunColumn::Name));
    assert_eq!(state.runs.sort, (RunColumn::Name, true));
    update(&mut state, RunsAction::Sort(RunColumn::Accuracy));
    assert_eq!(state.runs.sort, (RunColumn::Accuracy, true), "the best is first");
}

fn scores(temperature: Option<Temperature>) -> Answer {
    let rows = [(0, 0.2), (0, 0.6), (1, 0.4), (1, 0.9)];
    let plain = Scores {
        classes: 2,
        truths: rows.iter().map(|row| row.0).collect(),
        probabilities: rows.iter().map(|row| vec![1.0 - row.1, row.1]).collect(),
    };
    Answer::Scores(Arc::new(RunScores::new(vec!["0".into(), "1".into()], &plain, temperature)))
}

#[test]
fn the_probabilities_of_a_run_are_asked_for_when_a_page_needs_them() {
    let mut state = ready(1000);
    update(&mut state, Action::Runs(RunsAction::Open { dir: "runs/one".into(), purpose: Purpose::Show }));
    tell(&mut state, Answer::Run(stored_run()));
    let act = |state: &mut Window, action: ResultsAction| update(state, RunAction::Results(action));
    assert!(act(&mut state, ResultsAction::Show(Page::Overview)).is_empty());
    let asked = act(&mut state, ResultsAction::Show(Page::Measures));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Scores(dir))] if dir.ends_with("runs/one")), "{asked:?}");
    assert!(act(&mut state, ResultsAction::Show(Page::Curves)).is_empty(), "they are on their way");
    tell(&mut state, scores(None));
    let shown = &state.run.results;
    assert_eq!((shown.class, shown.ranking.as_ref().unwrap().roc_auc()), (1, Some(0.75)));
    let right = |state: &Window| state.run.results.at_threshold.as_ref().unwrap().correct();
    assert_eq!(right(&state), 2);
    act(&mut state, ResultsAction::SetThreshold(0.3));
    assert_eq!(right(&state), 3);
    act(&mut state, ResultsAction::ChooseClass(0));
    assert_eq!(state.run.results.class, 0);

    let asked = act(&mut state, ResultsAction::FitTemperature(true));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Temperature { fit: true, .. })]), "{asked:?}");
    assert!(act(&mut state, ResultsAction::FitTemperature(true)).is_empty(), "one at a time");
    let fitted = Temperature { temperature: 2.0, rows: 9, loss_before: 0.6, loss: 0.5, ece_before: 0.2, ece: 0.1 };
    let asked = tell(&mut state, Answer::Temperature(Some(fitted)));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Scores(_))]), "{asked:?}");
    tell(&mut state, scores(Some(fitted)));
    assert_eq!(state.run.results.class, 0, "the class stays");
    assert_eq!(state.run.results.scores.ready().unwrap().fitted.unwrap().0, fitted);

    // An answer about a run that is no longer shown is of no interest.
    act(&mut state, ResultsAction::FitTemperature(false));
    update(&mut state, Action::Runs(RunsAction::Open { dir: "runs/one".into(), purpose: Purpose::Show }));
    tell(&mut state, Answer::Run(stored_run()));
    assert!(tell(&mut state, Answer::Temperature(None)).is_empty());
    assert!(state.run.results.scores.latest().is_none() && state.run.results.page == Page::Overview);

    // A replay is no run that has a model.
    update(&mut state, Action::Runs(RunsAction::Open { dir: "runs/one".into(), purpose: Purpose::Replay }));
    tell(&mut state, Answer::Run(stored_run()));
    assert!(act(&mut state, ResultsAction::Show(Page::Curves)).is_empty());
}
