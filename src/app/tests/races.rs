//! A race as the window follows it.

use super::stored::entry;
use super::*;

fn race_run(race: u64, index: usize, freeze: &str) -> RaceRunStarted {
    RaceRunStarted {
        run_id: RunId::of_race_run(RunId(race), index),
        index,
        strategy: index,
        freeze: freeze.into(),
        seed: 42,
        rows_per_class: None,
        learning_rate: 1e-3,
    }
}

fn race_row(freeze: &str, accuracy: f64) -> RaceRow {
    RaceRow {
        freeze: freeze.into(),
        seed: 42,
        rows_per_class: None,
        train_rows: 560,
        trainable: 10,
        learning_rate: 1e-3,
        accuracy,
        macro_f1: accuracy,
        train_secs: 2.0,
        shared_secs: 0.0,
        peak_memory_bytes: 1,
        test_rows: 200,
        run_dir: None,
        hits: Hits::default(),
    }
}

#[test]
fn a_race_fills_its_runs_and_live_follows_it() {
    let mut state = ready(1000);
    let act = |state: &mut Window, action| update(state, Action::Race(action));
    act(&mut state, RaceAction::Toggle(race::named(Freeze::Preset2)));
    act(&mut state, RaceAction::SetEpochs(Some(5)));
    let (secs, fitted) = state.race.estimate(&state.train).unwrap().unwrap();
    assert!(secs > 0.0 && fitted.is_none());
    let commands = act(&mut state, RaceAction::Start);
    let [Command::Run(RunCommand::StartRace(run_id, plan))] = &commands[..] else { panic!("{commands:?}") };
    let names: Vec<&str> = plan.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    assert_eq!((names, plan.config.training.epochs, &plan.seeds[..]), (vec!["1", "3", "full"], 5, &[42][..]));
    let (id, plan) = (run_id.0, Arc::new(plan.as_ref().clone()));
    assert!(state.is_running() && !state.can_train() && state.race_blocker().is_some());
    assert_eq!(act(&mut state, RaceAction::Start).len(), 0, "one race at a time");
    let dropped = Action::Train(TrainAction::Timeline(TimelineAction::Open("plan.json".into())));
    assert!(update(&mut state, dropped).is_empty() && state.shell.notices[0].problem.id == "panel-locked");
    state.shell.notices.clear();

    tell_race(&mut state, id, RaceEvent::RaceStarted(RaceStarted { runs: 3, plan, ..RaceStarted::default() }));
    for (index, freeze) in ["1", "3"].into_iter().enumerate() {
        let run = race_run(id, index, freeze);
        let of_run = run.run_id.0;
        tell_race(&mut state, id, RaceEvent::RaceRunStarted(run));
        assert_eq!((state.run.shown.id.0, state.run.shown.config.freeze.name().as_str()), (of_run, freeze));
        tell_run(&mut state, of_run, step(1));
        tell_run(&mut state, of_run, step(2));
        assert_eq!(state.run.shown.history.steps.len(), 2);
        tell_run(&mut state, of_run, run_ended(RunOutcome::Completed));
        assert!(state.is_running(), "between two runs the race goes on");
        tell_race(&mut state, id, RaceEvent::RaceRow(race_row(freeze, 0.7 + index as f64 / 10.0)));
    }
    let race = state.race.race.as_ref().unwrap();
    assert_eq!((race.runs.len(), race.runs[0].history.steps.len(), race.rows().len()), (2, 2, 2));
    assert!((race.means[1].accuracy - 0.8).abs() < 1e-12);
    assert_eq!(race.undecided, [], "0.7 and 0.8 of 200 rows: 2.33 standard errors");

    tell_race(&mut state, id, RaceEvent::RaceRunStarted(race_run(id, 2, "full")));
    assert!(matches!(act(&mut state, RaceAction::Skip)[..], [Command::Run(RunCommand::Skip)]));
    assert!(matches!(update(&mut state, Action::Run(RunAction::Stop))[..], [Command::Run(RunCommand::Stop)]));
    assert_eq!(state.run.shown.phase, RunPhase::Stopping);
    let ended = RaceEnded {
        outcome: RunOutcome::Stopped,
        error: None,
        means: Vec::new(),
        undecided: Vec::new(),
        skipped: 0,
        failed: 0,
        race_dir: None,
    };
    tell_race(&mut state, id, RaceEvent::RaceEnded(ended));
    assert!(!state.is_running() && state.can_train() && state.race_blocker().is_none());
    assert_eq!(act(&mut state, RaceAction::Skip).len(), 0);
    // Stragglers of that race change nothing.
    tell_race(&mut state, id, RaceEvent::RaceRunStarted(race_run(id, 2, "full")));
}

#[test]
fn a_race_that_cannot_run_says_why() {
    let mut state = ready(1000);
    let act = |state: &mut Window, action| update(state, Action::Race(action));
    for preset in [Freeze::Preset1, Freeze::Preset2, Freeze::Preset3, Freeze::Full] {
        act(&mut state, RaceAction::Toggle(race::named(preset)));
    }
    assert_eq!(state.race_blocker().unwrap().id, "race-no-strategies");
    act(&mut state, RaceAction::Toggle(race::named(Freeze::Top(99))));
    assert_eq!(state.race_blocker().unwrap().id, "freeze-too-many-layers");
    assert!(act(&mut state, RaceAction::Start).is_empty());
    act(&mut state, RaceAction::Toggle(race::named(Freeze::Top(99))));
    act(&mut state, RaceAction::Toggle(race::named(Freeze::Full)));
    act(&mut state, RaceAction::SetMinutes(Some(0.1)));
    act(&mut state, RaceAction::SetSeeds(80));
    assert_eq!(state.race.estimate(&state.train).unwrap().unwrap_err().id, "race-minutes-too-few");
}

#[test]
fn an_interrupted_run_of_a_race_offers_the_race() {
    let mut state = Window::new();
    startup(&mut state);
    let entry = RunEntry { race: Some("races/one".into()), ..entry("races/one/01-3-seed42", RunState::Unfinished) };
    tell(&mut state, Answer::Runs(vec![entry]));
    let offer = state.shell.notices[0].offer.clone().unwrap();
    assert_eq!(offer, RaceAction::Resume("races/one".into()).into());
    let commands = update(&mut state, offer);
    assert!(matches!(commands[..], [Command::Run(RunCommand::ResumeRace(..))]), "{commands:?}");
    assert!(state.is_running() && state.shell.notices.is_empty());
}
