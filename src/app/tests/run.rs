//! The run on screen, from Train to its end.

use super::*;

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

#[test]
fn an_opened_parameter_is_read_again_after_a_run() {
    let mut state = ready(1000);
    let name = "pooler.dense.weight".to_owned();
    let asked = update(&mut state, Action::Train(TrainAction::OpenParameter(Some(name.clone()))));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Parameter(n))] if *n == name));
    let view = ParameterView {
        name,
        shape: vec![8, 8],
        first: vec![0.0],
        min: 0.0,
        max: 0.0,
        mean: 0.0,
        std: 0.0,
        histogram: vec![64],
        trained: false,
    };
    tell(&mut state, Answer::Parameter(Box::new(view)));
    assert!(state.train.tree.opened.as_ref().unwrap().1.ready().is_some());
    let run = started(&mut state);
    let asked = tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Runs { .. }), Command::Ask(_, Question::Parameter(_))]));
}

#[test]
fn a_sentence_goes_to_the_trained_model_only() {
    let mut state = ready(1000);
    update(&mut state, Action::Run(RunAction::SetSentence(" fine ".into())));
    assert!(update(&mut state, Action::Run(RunAction::Predict)).is_empty());
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    let asked = update(&mut state, Action::Run(RunAction::Predict));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Predictions { texts, .. })] if texts[0] == "fine"));
    refuse(&mut state, |q| matches!(q, Question::Predictions { .. }), Problem::internal("no"));
    assert!(state.run.prediction.failed().is_some() && state.shell.notices.is_empty());
}
