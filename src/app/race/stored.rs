//! A race that was run before, as the disk keeps it: it is shown as it was when it had just ended.

use std::sync::Arc;

use crate::domain::message::{RunId, RunOutcome};
use crate::domain::race::{RaceEnded, RaceRunStarted, RaceStarted};
use crate::domain::race_statistics;
use crate::domain::stored::StoredRace;

use super::super::run::curves::Curves;
use super::{Race, RaceRun};

impl Race {
    /// The race under a new name, because those of its own session are forgotten.
    pub(super) fn of(stored: &StoredRace, id: RunId) -> Self {
        let plan = &stored.plan;
        let planned = plan.runs();
        let run_of = |run: &crate::domain::stored::StoredRaceRun| {
            let place = planned.get(run.index)?;
            let started = RaceRunStarted {
                run_id: RunId::of_race_run(id, run.index),
                index: run.index,
                strategy: place.strategy,
                freeze: run.row.freeze.clone(),
                seed: run.row.seed,
                rows_per_class: run.row.rows_per_class,
                learning_rate: run.row.learning_rate,
            };
            let (history, row) = (run.history.clone(), Some(run.row.clone()));
            Some(RaceRun { started, curves: Some(Curves::of(&history)), history, row })
        };
        let runs: Vec<RaceRun> = stored.runs.iter().filter_map(run_of).collect();
        let rows: Vec<_> = runs.iter().filter_map(|run| run.row.clone()).collect();
        let means = race_statistics::strategy_means(plan, &rows);
        let undecided = race_statistics::undecided_pairs(&means, &rows);
        let started = RaceStarted {
            runs: planned.len(),
            max_rows: stored.max_rows,
            estimated_secs: None,
            race_dir: Some(stored.dir.clone()),
            plan: Arc::new(plan.clone()),
        };
        let ended = RaceEnded {
            // One that was cut off has stopped, and can be resumed.
            outcome: stored.outcome.unwrap_or(RunOutcome::Stopped),
            error: None,
            means: means.clone(),
            undecided: undecided.clone(),
            skipped: stored.skipped,
            failed: stored.failed,
            race_dir: Some(stored.dir.clone()),
        };
        Self {
            id,
            plan: plan.clone(),
            started: Some(started),
            runs,
            means,
            undecided,
            is_stopping: false,
            ended: Some(ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use crate::app::effect::Intent;
    use crate::app::race::{RaceAction, RaceState, reduce, update};
    use crate::app::run::ScreenState;
    use crate::app::shell::Shell;
    use crate::app::tests::asked;
    use crate::app::train::TrainState;
    use crate::domain::freeze::Freeze;
    use crate::domain::history::History;
    use crate::domain::message::{Answer, Event, Question};
    use crate::domain::problem::Problem;
    use crate::domain::race::{Hits, RacePlan, RaceRow, Strategy};
    use crate::domain::stored::StoredRaceRun;

    use super::*;

    fn stored(dir: &Path) -> StoredRace {
        let strategy = |name: &str, freeze| Strategy { name: name.into(), freeze };
        let plan = RacePlan {
            strategies: vec![strategy("1", Freeze::Preset1), strategy("full", Freeze::Full)],
            seeds: vec![42, 43],
            ..RacePlan::default()
        };
        let run = |index: usize, freeze: &str, right: usize| StoredRaceRun {
            index,
            row: RaceRow {
                freeze: freeze.into(),
                seed: 42,
                rows_per_class: None,
                train_rows: 80,
                trainable: 770,
                learning_rate: 1e-3,
                accuracy: right as f64 / 100.0,
                macro_f1: 0.5,
                train_secs: 2.0,
                shared_secs: 0.0,
                peak_memory_bytes: 1,
                test_rows: 100,
                run_dir: Some(dir.join(freeze)),
                hits: Hits((0..100).map(|i| i < right).collect()),
            },
            history: History::default(),
        };
        StoredRace {
            dir: dir.to_owned(),
            plan,
            max_rows: None,
            runs: vec![run(0, "1", 60), run(1, "full", 90)],
            skipped: 0,
            failed: 0,
            outcome: None,
        }
    }

    #[test]
    fn a_race_is_opened_again_as_it_had_ended() {
        let (mut state, mut run) = (RaceState::default(), ScreenState::default());
        let (mut shell, train) = (Shell::default(), TrainState::default());
        let dir = PathBuf::from("races/one");
        update(&mut state, RaceAction::Open(dir.clone()), &train, &mut run, &mut shell);
        let (id, question) = asked(&mut shell);
        assert!(matches!(question, Question::Race(of) if of == dir));
        reduce(&mut state, &Event::Answer(id, Ok(Answer::Race(Arc::new(stored(&dir))))), &mut run, &mut shell);
        let race = state.race.as_ref().unwrap();
        assert!(!race.is_running() && race.current().is_none());
        assert_eq!(race.dirs(), [dir.join("1"), dir.join("full")]);
        assert_eq!(race.means.iter().map(|mean| mean.accuracy).collect::<Vec<_>>(), [0.6, 0.9]);
        let ended = race.ended.as_ref().unwrap();
        assert_eq!((ended.outcome, ended.race_dir.as_ref()), (RunOutcome::Stopped, Some(&dir)), "it lacks a seed");
        assert!(matches!(shell.intents.pop_front(), Some(Intent::ShowRace)));
    }

    #[test]
    fn a_race_that_cannot_be_read_leaves_the_one_that_is_shown() {
        let (mut state, mut run) = (RaceState::default(), ScreenState::default());
        let (mut shell, train) = (Shell::default(), TrainState::default());
        state.race = Some(Race::of(&stored(Path::new("shown")), RunId(1)));
        update(&mut state, RaceAction::Open("gone".into()), &train, &mut run, &mut shell);
        let (id, _) = asked(&mut shell);
        let problem = Problem::new("race-no-race").with("folder", "gone");
        reduce(&mut state, &Event::Answer(id, Err(problem)), &mut run, &mut shell);
        assert_eq!(state.race.as_ref().map(|race| race.dirs().len()), Some(2));
        assert!(shell.intents.is_empty() && shell.notices.len() == 1);
    }
}
