//! How far a race has come, and how long it will still take.

use crate::domain::message::Step;
use crate::domain::race::PlannedRun;

use super::{Race, RaceRun};

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RaceProgress {
    /// The share of its time that is over, from 0 to 1.
    pub share: f64,
    /// Seconds that are left, if anything is known of its runs' times.
    pub left_secs: Option<f64>,
}

impl Race {
    /// Judges by the runs that are over: a run takes as long as those of its strategy did. What the race was expected to
    /// take counts as long as none is over.
    pub fn progress(&self) -> RaceProgress {
        let planned = self.plan.runs();
        let begun = self.runs.last().map_or(0, |run| run.started.index + 1);
        let current = self.current();
        let over = self.runs.iter().filter(|run| run.history.ended.is_some());
        let mut done_secs: f64 = over.map(secs_so_far).sum();
        let coming = planned.iter().filter(|run| run.index >= begun).map(|run| self.expected_secs(run, planned.len()));
        let mut left_secs = coming.sum::<Option<f64>>();
        if let Some(run) = current {
            done_secs += secs_so_far(run);
            left_secs = left_secs.zip(self.current_left_secs(run, &planned)).map(|(coming, own)| coming + own);
        }
        let share = match left_secs {
            Some(left) if done_secs + left > 0.0 => done_secs / (done_secs + left),
            _ => {
                let over = begun - usize::from(current.is_some()).min(begun);
                over as f64 / planned.len().max(1) as f64
            }
        };
        RaceProgress { share, left_secs }
    }

    /// Seconds that a run which has not begun is expected to take.
    fn expected_secs(&self, planned: &PlannedRun, runs: usize) -> Option<f64> {
        let is_over = |run: &&RaceRun| run.history.ended.is_some();
        let is_alike = |run: &&RaceRun| {
            run.started.strategy == planned.strategy && run.started.rows_per_class == planned.rows_per_class
        };
        let mean = |secs: Vec<f64>| (!secs.is_empty()).then(|| secs.iter().sum::<f64>() / secs.len() as f64);
        let of = |runs: Vec<&RaceRun>| mean(runs.into_iter().map(secs_so_far).collect());
        let alike = of(self.runs.iter().filter(is_over).filter(is_alike).collect());
        let estimated = || Some(self.started.as_ref()?.estimated_secs? / runs.max(1) as f64);
        alike.or_else(estimated).or_else(|| of(self.runs.iter().filter(is_over).collect()))
    }

    /// Seconds that the run under way still takes.
    fn current_left_secs(&self, run: &RaceRun, planned: &[PlannedRun]) -> Option<f64> {
        let by_steps = || {
            let (started, last) = (run.history.started.as_ref()?, run.history.steps.last()?);
            let left = started.total_steps.saturating_sub(last.step) as f64;
            Some(last.spent_secs() / last.step.max(1) as f64 * left)
        };
        let by_plan = || self.expected_secs(planned.get(run.started.index)?, planned.len());
        by_steps().or_else(by_plan)
    }
}

/// Seconds that a run has spent so far. What it took over from others costs the race no time.
fn secs_so_far(run: &RaceRun) -> f64 {
    let spent = run.history.steps.last().map_or(0.0, Step::spent_secs);
    run.history.ended.as_ref().map_or(spent, |ended| (ended.train_secs - ended.shared_secs).max(spent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::freeze::Freeze;
    use crate::domain::history::History;
    use crate::domain::message::{RunEnded, RunEvent, RunId, RunOutcome, RunStarted};
    use crate::domain::params::HeadStart;
    use crate::domain::precision::{FrozenPrecision, Precision};
    use crate::domain::race::{RacePlan, RaceRunStarted, RaceStarted};

    use super::super::named;

    /// Returns a run of ten seconds for each place of its strategy, which has done so many of ten steps.
    fn run(plan: &RacePlan, index: usize, steps: usize) -> RaceRun {
        let planned = plan.runs()[index];
        let started = RaceRunStarted {
            run_id: RunId(index as u64),
            index,
            strategy: planned.strategy,
            freeze: plan.strategies[planned.strategy].name.clone(),
            seed: planned.seed,
            rows_per_class: planned.rows_per_class,
            learning_rate: 1e-4,
        };
        let mut history = History::default();
        history.record(&RunEvent::RunStarted(RunStarted {
            train_rows: 10,
            validation_rows: 10,
            test_rows: 10,
            skipped_rows: 0,
            trainable: 1,
            frozen: 1,
            total_steps: 10,
            device: "cpu".into(),
            precision: Precision::F32,
            frozen_precision: FrozenPrecision::F32,
            seed: 1,
            labels: vec!["a".into(), "b".into()],
            text_columns: Vec::new(),
            head: HeadStart::New,
            class_weights: Vec::new(),
            label_match: Vec::new(),
            findings: Vec::new(),
        }));
        let secs = |step: usize| (planned.strategy + 1) as f64 * step as f64;
        for step in 1..=steps {
            history.record(&RunEvent::Step(Step { step, epoch: 1, elapsed_secs: secs(step), ..Step::default() }));
        }
        if steps == 10 {
            let outcome = RunOutcome::Completed;
            let (run_dir, error) = (None, None);
            history.ended = Some(RunEnded { outcome, run_dir, error, train_secs: secs(10), ..ended() });
        }
        RaceRun { started, history, curves: None, row: None }
    }

    fn ended() -> RunEnded {
        serde_json::from_value(serde_json::json!({
            "outcome": "completed", "train_secs": 0.0, "peak_memory_bytes": 0, "run_dir": null, "error": null,
        }))
        .unwrap()
    }

    #[test]
    fn what_is_left_is_judged_by_the_runs_of_each_strategy() {
        let strategies = [Freeze::Preset1, Freeze::Full].map(named).to_vec();
        let plan = RacePlan { strategies, seeds: vec![1, 2], ..RacePlan::default() };
        let mut race = Race { plan: plan.clone(), ..Race::default() };
        assert_eq!(race.progress(), RaceProgress { share: 0.0, left_secs: None });
        race.started = Some(RaceStarted { estimated_secs: Some(100.0), ..RaceStarted::default() });
        assert_eq!(race.progress(), RaceProgress { share: 0.0, left_secs: Some(100.0) });
        race.runs = vec![run(&plan, 0, 10), run(&plan, 1, 5)];
        // Of the first seed 10 s and half of 20 s are over; of the second seed 10 s are known, and 25 s were planned.
        assert_eq!(race.progress().left_secs, Some(10.0 + 10.0 + 25.0));
        race.runs = vec![run(&plan, 0, 10), run(&plan, 1, 10), run(&plan, 2, 10), run(&plan, 3, 5)];
        assert_eq!(race.progress(), RaceProgress { share: 50.0 / 60.0, left_secs: Some(10.0) });
    }
}
