//! Races as the window has them.

use std::collections::BTreeMap;

use thaw::domain::message::{RaceEvent, Step};
use thaw::domain::race::{RaceEnded, RacePlan, RaceRow, RaceRunStarted, RaceStarted, Strategy};
use thaw::words::shared::run_name;
use thaw::words::{Catalogue, Language};

use super::*;

fn plan(desk: &Desk, freezes: &[Freeze], seeds: &[u64], epochs: usize) -> Box<RacePlan> {
    let mut config = *desk.config(Freeze::Preset3, epochs);
    config.training.dropout = Some(0.0);
    let strategies = freezes.iter().map(|freeze| Strategy { name: freeze.name(), freeze: freeze.clone() });
    Box::new(RacePlan { config, strategies: strategies.collect(), seeds: seeds.to_vec(), ..RacePlan::default() })
}

/// What a race tells until its end.
#[derive(Default)]
struct Told {
    started: Option<RaceStarted>,
    runs: Vec<RaceRunStarted>,
    first_losses: BTreeMap<RunId, f64>,
    rows: Vec<RaceRow>,
    ends: Vec<(RunId, RunEnded)>,
}

impl Desk {
    /// Listens until the race ends, doing `at_step` at each step.
    fn race(&self, id: RunId, mut at_step: impl FnMut(RunId, &Step)) -> (Told, RaceEnded) {
        let mut told = Told::default();
        let ended = self.wait(|event| {
            if let Event::Race(of, event) = event {
                assert_eq!(of, id);
                match event {
                    RaceEvent::RaceStarted(started) => told.started = Some(started),
                    RaceEvent::RaceRunStarted(started) => told.runs.push(started),
                    RaceEvent::RaceRow(row) => told.rows.push(row),
                    RaceEvent::RaceEnded(ended) => return Some(ended),
                }
                return None;
            }
            match of_run(event)? {
                (of, RunEvent::Step(step)) => {
                    told.first_losses.entry(of).or_insert(step.loss);
                    at_step(of, &step);
                }
                (of, RunEvent::RunEnded(ended)) => told.ends.push((of, ended)),
                _ => {}
            }
            None
        });
        (told, ended)
    }
}

#[test]
fn all_strategies_begin_with_the_same_rows_and_the_same_head() {
    let desk = Desk::new();
    let freezes = [Freeze::Preset1, Freeze::Preset3, Freeze::Full];
    desk.run(RunCommand::StartRace(RunId(3), plan(&desk, &freezes, &[1, 2], 1)));
    let (told, ended) = desk.race(RunId(3), |_, _| {});
    assert_eq!((ended.outcome, &ended.error), (RunOutcome::Completed, &None));
    let started = told.started.unwrap();
    assert_eq!((started.runs, started.plan.seeds.as_slice()), (6, &[1, 2][..]));

    let of: Vec<(&str, u64)> = told.runs.iter().map(|run| (run.freeze.as_str(), run.seed)).collect();
    assert_eq!(of, [("1", 1), ("3", 1), ("full", 1), ("1", 2), ("3", 2), ("full", 2)], "seed by seed");
    let losses: Vec<f64> = told.runs.iter().map(|run| told.first_losses[&run.run_id]).collect();
    for same in [&losses[..3], &losses[3..]] {
        assert!(same.iter().all(|loss| (loss - same[0]).abs() < 1e-5), "{losses:?}");
    }
    assert!((losses[0] - losses[3]).abs() > 1e-4, "another seed has another head and order: {losses:?}");

    assert_eq!((told.rows.len(), told.ends.len(), ended.means.len()), (6, 6, 3));
    let means: Vec<(&str, usize, f64)> =
        ended.means.iter().map(|m| (m.freeze.as_str(), m.trainable, m.learning_rate)).collect();
    assert_eq!(means, [("1", 770, 1e-3), ("3", 1_923_074, 1e-4), ("full", 22_713_986, 5e-5)]);
    for row in &told.rows {
        let dir = row.run_dir.as_ref().unwrap();
        assert!(dir.join("model.safetensors").is_file() && dir.starts_with(desk.out()));
        assert_eq!((row.hits.0.len(), row.test_rows), (12, 12));
        let right = row.hits.0.iter().filter(|hit| **hit).count();
        assert!((right as f64 / 12.0 - row.accuracy).abs() < 1e-12);
    }
    let question = Question::Runs { folder: Some(desk.place.path().to_owned()), others: Vec::new() };
    let Ok(Answer::Runs(runs)) = desk.ask(question) else { panic!() };
    assert_eq!(runs.len(), 6);
    assert!(runs.iter().all(|run| run.race.as_deref() == Some(&desk.out()) && run.name.is_empty()));
    let english = Catalogue::new(Language::English);
    let mut names: Vec<String> = runs.iter().map(|run| run_name(&english, run)).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 6, "each is told from the others: {names:?}");
    assert!(names.iter().any(|name| name.starts_with("Preset 3 · ") && name.contains(" · seed ")), "{names:?}");

    desk.run(RunCommand::ResumeRace(RunId(4), desk.out()));
    let (_, ended) = desk.race(RunId(4), |_, _| {});
    assert_eq!(ended.error.unwrap().id, "race-finished");
}

#[test]
fn a_race_skips_stops_and_goes_on() {
    let desk = Desk::new();
    let plan = plan(&desk, &[Freeze::Full, Freeze::Preset3, Freeze::Preset1], &[1], 400);
    desk.run(RunCommand::StartRace(RunId(1), plan));
    let runs: Vec<RunId> = (0..3).map(|index| RunId::of_race_run(RunId(1), index)).collect();
    let (first, second) = (runs[0], runs[1]);
    // Pause holds the run that is under way.
    let mut is_paused = false;
    let (told, ended) = desk.race(RunId(1), |run, step| match step.step {
        3 if run == first && !is_paused => {
            is_paused = true;
            desk.run(RunCommand::SetPaused(true));
            desk.run(RunCommand::SetPaused(false));
        }
        6 if run == first => desk.run(RunCommand::Skip),
        8 if run == second => desk.run(RunCommand::Stop),
        _ => {}
    });
    assert_eq!((ended.outcome, ended.skipped, told.rows.len()), (RunOutcome::Stopped, 1, 0));
    assert!(told.ends.iter().all(|(_, end)| end.outcome == RunOutcome::Stopped && end.run_dir.is_some()));
    assert_eq!(told.runs.len(), 2, "the third never began");

    // Another worker, as after a new start; what is skipped stays so, the second goes on where it was.
    let other = Desk::new();
    other.run(RunCommand::ResumeRace(RunId(5), ended.race_dir.unwrap()));
    let (second, third) = (RunId::of_race_run(RunId(5), 1), RunId::of_race_run(RunId(5), 2));
    let mut first_step = None;
    let (told, ended) = other.race(RunId(5), |run, step| {
        if run == second && first_step.is_none() {
            first_step = Some(step.step);
            other.run(RunCommand::Skip);
        }
        if run == third && step.step == 2 {
            other.run(RunCommand::Skip);
        }
    });
    assert!(first_step.unwrap() > 1, "{first_step:?}");
    assert_eq!((ended.outcome, ended.skipped, told.runs.len()), (RunOutcome::Completed, 3, 2));
}

#[test]
fn a_race_is_refused_before_anything_is_written() {
    let desk = Desk::new();
    let refused = |change: &dyn Fn(&mut RacePlan)| {
        let mut plan = plan(&desk, &[Freeze::Preset1, Freeze::Full], &[1, 2], 1);
        change(&mut plan);
        desk.run(RunCommand::StartRace(RunId(1), plan));
        let (_, ended) = desk.race(RunId(1), |_, _| {});
        assert!(ended.outcome == RunOutcome::Failed && !desk.out().exists());
        ended.error.unwrap().id
    };
    assert_eq!(refused(&|plan| plan.strategies.clear()), "race-no-strategies");
    assert_eq!(refused(&|plan| plan.strategies[1].name = "1".into()), "race-strategy-twice");
    assert_eq!(refused(&|plan| plan.seeds = vec![7, 7]), "race-seed-twice");
    assert_eq!(refused(&|plan| plan.strategies[1].freeze = Freeze::Top(9)), "freeze-too-many-layers");
    assert_eq!(refused(&|plan| plan.rows_per_class = vec![4, 16]), "setting-out-of-bounds");
    assert_eq!(refused(&|plan| (plan.minutes, plan.seeds) = (Some(0.1), (0..90).collect())), "race-minutes-too-few");
    let nowhere = |plan: &mut RacePlan| plan.config.data.source = DataSource::File("nowhere.csv".into());
    assert_eq!(refused(&nowhere), "file-error");
    desk.run(RunCommand::ResumeRace(RunId(2), desk.place.path().to_owned()));
    assert_eq!(desk.race(RunId(2), |_, _| {}).1.error.unwrap().id, "race-no-race");
}

/// Presets 1 and 2 freeze the same layers. Whichever comes first computes what these make of the texts, and both are
/// charged for it.
#[test]
fn what_two_runs_share_is_charged_to_both() {
    let desk = Desk::new();
    let mut plan = plan(&desk, &[Freeze::Preset1, Freeze::Preset2], &[1, 2], 1);
    (plan.config.data.max_rows, plan.config.training.max_length) = (Some(240), 64);
    desk.run(RunCommand::StartRace(RunId(1), plan));
    let mut last_step = BTreeMap::new();
    let (told, ended) = desk.race(RunId(1), |run, step| {
        last_step.insert(run, *step);
    });
    assert_eq!(ended.outcome, RunOutcome::Completed);
    let times: Vec<(f64, f64)> = told.rows.iter().map(|row| (row.train_secs, row.shared_secs)).collect();
    let (first, _) = times[0];
    assert!(times[0].1 < 0.5 * first, "the first computes it: {times:?}");
    for (secs, shared_secs) in &times[1..] {
        assert!(*shared_secs > 0.5 * secs && *secs > 0.5 * first, "the others take it over: {times:?}");
    }
    for (row, run) in told.rows.iter().zip(&told.runs) {
        let step = last_step[&run.run_id];
        assert!(step.elapsed_secs <= row.train_secs && step.shared_secs <= row.shared_secs, "{step:?} {row:?}");
        assert!(step.elapsed_secs > 0.4 * first, "curves over seconds have the same times: {step:?}");
    }
    let mean = &ended.means[1];
    let middle = (times[1].0 + times[3].0) / 2.0;
    assert!((mean.train_secs - middle).abs() < 1e-9 && mean.shared_secs > 0.5 * mean.train_secs);
    let line = serde_json::to_value(&told.rows[1]).unwrap();
    assert_eq!(line["shared_secs"], told.rows[1].shared_secs);
}
