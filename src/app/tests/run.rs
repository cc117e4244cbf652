//! The run on screen, from Train to its end.

use super::*;
use crate::domain::message::{Progress, Task};

#[test]
fn a_run_from_train_to_its_end() {
    let mut state = ready(1000);
    update(&mut state, Action::ShowView(View::Try));
    let run = started(&mut state);
    assert_eq!((state.run.shown.phase, state.shell.view), (RunPhase::Running, View::Live));
    assert_eq!(state.train_blocker().unwrap().id, "train-blocked-running");
    assert!(update(&mut state, Action::Train(TrainAction::Start)).is_empty(), "one run at a time");
    tell_run(&mut state, run, run_started(300));
    assert_eq!(state.run.shown.steps_per_epoch(), 100);
    for n in 1..=10 {
        tell_run(&mut state, run, step(n));
    }
    assert!((state.run.shown.rows_per_sec().unwrap() - 160.0).abs() < 1e-6);
    assert!((state.run.shown.remaining_secs().unwrap() - 29.0).abs() < 1e-6);
    assert!(matches!(
        update(&mut state, Action::Run(RunAction::Pause))[..],
        [Command::Run(RunCommand::SetPaused(true))]
    ));
    note_run(&mut state, run, RunNotice::Paused(true));
    assert_eq!(state.run.shown.phase, RunPhase::Paused);
    assert!(matches!(
        update(&mut state, Action::Run(RunAction::Resume))[..],
        [Command::Run(RunCommand::SetPaused(false))]
    ));
    note_run(&mut state, run, RunNotice::Paused(false));
    assert!(matches!(update(&mut state, Action::Run(RunAction::Stop))[..], [Command::Run(RunCommand::Stop)]));
    assert_eq!(state.run.shown.phase, RunPhase::Stopping);
    assert!(update(&mut state, Action::Run(RunAction::Stop)).is_empty(), "once is enough");
    tell_run(&mut state, run, run_ended(RunOutcome::Stopped));
    assert_eq!(state.run.shown.phase, RunPhase::Ended);
    assert_eq!(state.run.last_dir, Some("runs/one".into()));
    assert!(state.can_train());
}

#[test]
fn only_a_long_step_shows_how_far_it_is() {
    let mut state = ready(1000);
    let run = started(&mut state);
    tell_run(&mut state, run, run_started(3));
    let within = |share: f64| RunNotice::WithinStep(WithinStep { step: 1, share, loss: Some(0.7) });
    note_run(&mut state, run, within(0.5));
    assert_eq!(state.run.shown.within_step.unwrap().share, 0.5);
    tell_run(&mut state, run, step(1));
    let next = WithinStep { step: 2, share: 0.0, loss: None };
    assert_eq!(state.run.shown.within_step, Some(next), "the next one will be long too, and nothing flickers");
    tell_run(&mut state, run, step(2));
    assert_eq!(state.run.shown.within_step, None, "it was not");
    note_run(&mut state, run, RunNotice::WithinStep(WithinStep { step: 3, ..next }));
    tell_run(&mut state, run, step(3));
    assert_eq!(state.run.shown.within_step, None, "nothing comes after the last");
}

#[test]
fn what_comes_before_the_first_step_is_named_until_the_run_begins() {
    let mut state = ready(1000);
    let run = started(&mut state);
    let hashing = Progress { task: Task::Fingerprint, done: 40, total: 100 };
    note_run(&mut state, run, RunNotice::Progress(hashing));
    assert_eq!(state.run.shown.progress, Some(hashing));
    tell_run(&mut state, run, run_started(3));
    assert_eq!(state.run.shown.progress, None);
}

#[test]
fn events_of_another_run_change_nothing() {
    let mut state = ready(1000);
    let first = started(&mut state);
    tell_run(&mut state, first, run_ended(RunOutcome::Completed));
    let second = started(&mut state);
    tell_run(&mut state, first, step(7));
    tell_run(&mut state, first, run_ended(RunOutcome::Failed));
    assert_ne!(first, second);
    assert!(state.run.shown.history.steps.is_empty() && state.shell.notices.is_empty());
    assert_eq!(state.run.shown.phase, RunPhase::Running);
}

#[test]
fn a_failed_run_says_why_and_keeps_the_former_model() {
    let mut state = ready(1000);
    let first = started(&mut state);
    tell_run(&mut state, first, run_ended(RunOutcome::Completed));
    let second = started(&mut state);
    tell_run(&mut state, second, run_ended(RunOutcome::Failed));
    assert_eq!(state.run.last_dir, Some("runs/one".into()));
    assert!(state.shell.notices[0].is_error && state.shell.notices[0].problem.id == "internal-error");
    update(&mut state, Action::DismissNotice(0));
    assert!(state.shell.notices.is_empty());
}

/// Whose values of a parameter the last of these commands asks for.
fn asks_for_values(commands: &[Command]) -> Option<ValuesOf> {
    let Some(Command::Ask(_, Question::Parameter { of, .. })) = commands.last() else { return None };
    Some(*of)
}

#[test]
fn an_opened_parameter_shows_the_models_values_and_after_a_run_the_runs() {
    let mut state = ready(1000);
    let name = "pooler.dense.weight".to_owned();
    let asked = update(&mut state, Action::Train(TrainAction::OpenParameter(Some(name.clone()))));
    assert!(
        matches!(&asked[..], [Command::Ask(_, Question::Parameter { name: n, of: ValuesOf::Model })] if *n == name)
    );
    let view = ParameterView { name, shape: vec![8, 8], first: vec![0.0], ..ParameterView::default() };
    tell(&mut state, Answer::Parameter(Box::new(view)));
    assert!(state.train.tree.opened.as_ref().unwrap().1.ready().is_some());
    let run = started(&mut state);
    let asked = tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    assert!(
        matches!(
            asked[..],
            [Command::Ask(_, Question::Parameter { of: ValuesOf::Run, .. }), Command::Ask(_, Question::Runs { .. })]
        ),
        "{asked:?}"
    );
    // The user may look back, and a run that failed has no values to look at.
    let asked = update(&mut state, TrainAction::ShowValuesOf(ValuesOf::Model));
    assert_eq!(asks_for_values(&asked), Some(ValuesOf::Model));
    let run = started(&mut state);
    let asked = tell_run(&mut state, run, run_ended(RunOutcome::Failed));
    assert_eq!((asks_for_values(&asked), state.train.tree.values_of), (None, ValuesOf::Model));
}

#[test]
fn another_model_is_looked_at_before_training() {
    let mut state = ready(1000);
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    let open = |state: &mut Window| {
        asks_for_values(&update(state, TrainAction::OpenParameter(Some("pooler.dense.weight".into()))))
    };
    assert_eq!(open(&mut state), Some(ValuesOf::Run));
    update(&mut state, TrainAction::PickModel(ModelSource::Folder("other".into())));
    tell(&mut state, Answer::Model(Arc::new(tree(2))));
    assert_eq!(open(&mut state), Some(ValuesOf::Model));
}

#[test]
fn a_sentence_goes_to_the_trained_model_only() {
    let mut state = ready(1000);
    update(&mut state, Action::Run(RunAction::SetSentence(" fine ".into())));
    assert!(update(&mut state, Action::Run(RunAction::Predict)).is_empty());
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    let asked = update(&mut state, Action::Run(RunAction::Predict));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Predictions { texts, .. })] if texts[0] == "fine".into()));
    refuse(&mut state, |q| matches!(q, Question::Predictions { .. }), Problem::internal("no"));
    assert!(state.run.prediction.failed().is_some() && state.shell.notices.is_empty());
}

/// Half a pair is no question.
#[test]
fn a_model_of_pairs_is_asked_with_two_texts() {
    let mut state = ready(1000);
    let reading = ReadingConfig { second_text_column: Some("hypothesis".into()), ..ReadingConfig::default() };
    update(&mut state, TrainAction::ChangeData(Box::new(DataConfig { reading, ..DataConfig::default() })));
    tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2))));
    let run = started(&mut state);
    assert!(state.run.reads_pairs());
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    update(&mut state, RunAction::SetSentence("it rains".into()));
    assert!(update(&mut state, RunAction::Predict).is_empty());
    update(&mut state, RunAction::SetSecondSentence(" it is dry ".into()));
    let asked = update(&mut state, RunAction::Predict);
    let pair = RowTexts { text: "it rains".into(), second: Some("it is dry".into()) };
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Predictions { texts, .. })] if texts[..] == [pair]));
    // The panels may have moved on to other data meanwhile.
    update(&mut state, TrainAction::ChangeData(Box::default()));
    assert!(state.run.reads_pairs());
}

#[test]
fn every_curve_is_as_smooth_as_the_settings_say() {
    let mut state = ready(1000);
    update(&mut state, Action::Plots(PlotAction::Smooth(0.5.into())));
    let run = started(&mut state);
    tell_run(&mut state, run, run_started(10));
    for n in 1..=4 {
        let RunEvent::Step(step) = step(n) else { panic!("a step") };
        tell_run(&mut state, run, RunEvent::Step(Step { loss: n as f64, ..step }));
    }
    let newest = |state: &Window| state.run.shown.history.curves.loss.steps.smooth.points().last().map(|p| p.value);
    // (4 / 2 + 3 / 4 + 2 / 8 + 1 / 16) / (15 / 16)
    assert!(newest(&state).is_some_and(|mean| (mean - 3.266_666_7).abs() < 1e-6), "{:?}", newest(&state));
    update(&mut state, Action::Plots(PlotAction::Smooth(Smoothing::NONE)));
    assert_eq!(newest(&state), Some(4.0));
}
