//! A race: its runs one after another, each through the one way that a run takes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::estimate::Calibration;
use crate::domain::history::History;
use crate::domain::message::{Event, RaceEvent, RunEnded, RunEvent, RunId, RunNotice, RunOutcome};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::{Hits, PlannedRun, RaceEnded, RacePlan, RaceRow, RaceRunStarted, RaceStarted, Strategy};
use crate::domain::race_statistics::{strategy_means, undecided_pairs};
use crate::domain::race_time::{RaceFacts, race_secs, rows_that_fit};
use crate::runs::{RaceFolder, check_free, finished};

use super::calibration;
use super::lane::guarded;
use super::prelude::Material;
use super::records::fingerprint;
use super::run::{self, Beginning, Performed};
use super::system::release_freed_memory;
use super::work::Work;

/// What a race begins with.
pub enum RaceBeginning {
    New(Box<RacePlan>),
    /// An unfinished race, in its own folder.
    Resume(PathBuf),
}

/// Does the race. Its last event is its one `RaceEnded`, whatever happens.
pub fn execute(work: Work<'_>, beginning: RaceBeginning) {
    let race = Race { work };
    let seed = work.shared.seed.load(Ordering::Acquire);
    let mut folder = None;
    let result = guarded(|| race.conduct(beginning, &mut folder));
    let ended = guarded(|| Ok(close(result, folder)))
        .unwrap_or_else(|problem| RaceEnded { error: Some(problem), ..ended(RunOutcome::Failed) });
    // The window's own data and seed come back, since a race may have used fewer rows and has seeds of its own.
    let mut session = work.shared.session();
    if session.asked_data.is_some() {
        session.data = session.asked_data.clone();
    }
    drop(session);
    work.shared.seed.store(seed, Ordering::Release);
    work.control.end();
    race.send(RaceEvent::RaceEnded(ended));
    calibration::after_run(work.shared);
}

/// An end without rows.
pub fn ended(outcome: RunOutcome) -> RaceEnded {
    RaceEnded { outcome, error: None, means: Vec::new(), undecided: Vec::new(), skipped: 0, failed: 0, race_dir: None }
}

/// Closes the race's folder, or takes it back when no run has begun.
fn close(result: Outcome<RunOutcome>, folder: Option<RaceFolder>) -> RaceEnded {
    let (outcome, error) = match result {
        Ok(outcome) => (outcome, None),
        Err(problem) => (RunOutcome::Failed, Some(problem)),
    };
    let mut end = RaceEnded { error, ..ended(outcome) };
    let Some(mut folder) = folder else { return end };
    let rows = folder.rows();
    end.means = strategy_means(&folder.record.plan, &rows);
    end.undecided = undecided_pairs(&end.means, &rows);
    (end.skipped, end.failed) = (folder.record.skipped.len(), folder.record.failed.len());
    folder.record.outcome = Some(outcome);
    if let Err(problem) = folder.save() {
        end.outcome = RunOutcome::Failed;
        end.error.get_or_insert(problem);
    }
    end.race_dir = Some(folder.dir.clone());
    folder.discard_if_empty();
    end.race_dir = end.race_dir.filter(|dir| dir.exists());
    end
}

struct Race<'a> {
    work: Work<'a>,
}

/// What all runs of a race read, and what each strategy trains.
struct Ready {
    material: Material,
    trainable: Vec<Vec<bool>>,
}

impl Race<'_> {
    fn conduct(&self, beginning: RaceBeginning, place: &mut Option<RaceFolder>) -> Outcome<RunOutcome> {
        let opened = match beginning {
            RaceBeginning::New(plan) => self.create(*plan)?,
            RaceBeginning::Resume(dir) => self.reopen(dir)?.map(|folder| (folder, None)),
        };
        let Some((folder, estimated_secs)) = opened else { return Ok(RunOutcome::Stopped) };
        let folder = place.insert(folder);
        let plan = Arc::new(folder.record.plan.clone());
        let runs = plan.runs();
        self.send(RaceEvent::RaceStarted(RaceStarted {
            runs: runs.len(),
            max_rows: folder.record.max_rows,
            estimated_secs,
            race_dir: Some(folder.dir.clone()),
            plan: Arc::clone(&plan),
        }));
        let lacking: Vec<usize> = folder.lacking().iter().map(|run| run.index).collect();
        for run in &runs {
            let row = folder.record.rows.iter().find(|row| row.index == run.index).map(|row| row.row());
            if let Some(row) = row {
                // The row was there before the race was resumed. Its run's curves come with it where they can be read.
                let history = row.run_dir.as_deref().and_then(finished).unwrap_or_default();
                self.send_finished(&plan, run, row, history);
            } else if lacking.contains(&run.index) && self.run(folder, run)? == Next::Stop {
                return Ok(RunOutcome::Stopped);
            }
        }
        // A race of which every run failed has failed.
        Ok(if folder.record.rows.is_empty() && !folder.record.failed.is_empty() {
            RunOutcome::Failed
        } else {
            RunOutcome::Completed
        })
    }

    /// A new race's folder and the seconds that it is expected to take. `None` when Stop came first.
    fn create(&self, mut plan: RacePlan) -> Outcome<Option<(RaceFolder, Option<f64>)>> {
        plan.check()?;
        if let Some(out) = &plan.config.out {
            check_free(out)?;
        }
        let Some(ready) = self.open(&plan)? else { return Ok(None) };
        let (mut max_rows, mut estimated_secs) = (None, None);
        if plan.minutes.is_some() {
            let Some(calibration) = self.calibrate(&plan, &ready.material)? else { return Ok(None) };
            let facts = ready.facts(&calibration);
            max_rows = rows_that_fit(&plan, facts)?;
            plan.config.data.max_rows = max_rows.or(plan.config.data.max_rows);
            let rows = plan.config.data.max_rows.unwrap_or(facts.rows).min(facts.rows);
            estimated_secs = Some(race_secs(&plan, facts, rows));
        }
        if self.work.control.is_stopped() {
            return Ok(None);
        }
        let data = &ready.material.data;
        let folder = RaceFolder::create(plan, max_rows, &data.dataset.summary.name, fingerprint(data))?;
        Ok(Some((folder, estimated_secs)))
    }

    /// The folder of a race that lacks runs. `None` when Stop came first.
    fn reopen(&self, dir: PathBuf) -> Outcome<Option<RaceFolder>> {
        let Some(folder) = self.work.unless_stopped(move || RaceFolder::open(&dir))? else { return Ok(None) };
        let Some(Ready { material, .. }) = self.open(&folder.record.plan)? else { return Ok(None) };
        if fingerprint(&material.data) != folder.record.content_hash {
            let file = &material.data.dataset.summary.name;
            return Err(Problem::new("resume-data-changed").with("file", file));
        }
        Ok(Some(folder))
    }

    /// Reads what all runs read, and checks that every strategy can be trained, so that nothing is found out only after
    /// hours. `None` when Stop came first.
    fn open(&self, plan: &RacePlan) -> Outcome<Option<Ready>> {
        let Some(material) = Material::open(self.work, &plan.config)? else { return Ok(None) };
        let ever = |strategy: &Strategy| material.plan(&strategy.freeze).map(|plan| plan.ever());
        let trainable = plan.strategies.iter().map(ever).collect::<Outcome<_>>()?;
        Ok(Some(Ready { material, trainable }))
    }

    /// `None` when Stop came first.
    fn calibrate(&self, plan: &RacePlan, material: &Material) -> Outcome<Option<Calibration>> {
        let (shared, config) = (Arc::clone(self.work.shared), plan.config.clone());
        let (data, model) = (Arc::clone(&material.data), Arc::clone(&material.model));
        let tokens = shared.tokens_of(&data, &model, config.training.max_length);
        self.work.unless_stopped(move || calibration::time(&shared, &config, &data, &model, &tokens))
    }

    /// Does one run and takes note of what came out.
    fn run(&self, folder: &mut RaceFolder, planned: &PlannedRun) -> Outcome<Next> {
        if self.is_over() {
            return Ok(Next::Stop);
        }
        let (plan, dir) = (folder.record.plan.clone(), folder.run_dir(planned));
        let run_id = RunId::of_race_run(self.work.id, planned.index);
        if let Some(history) = finished(&dir) {
            let row = row_of(&plan, planned, &history, Hits::default());
            return self.take(folder, &plan, planned, row, Some(history));
        }
        let beginning = match dir.exists() && !folder.record.failed.contains(&planned.index) {
            true if run::can_resume(&dir) => Beginning::Resume(dir),
            _ => {
                let mut config = plan.config_of(planned);
                config.out = Some(folder.free_run_dir(planned));
                Beginning::New(Box::new(config))
            }
        };
        self.send(RaceEvent::RaceRunStarted(started(&plan, planned, run_id)));
        let shared = self.work.shared;
        if let Beginning::New(config) = &beginning {
            shared.notify_of_run(run_id, RunNotice::Planned(config.clone()));
        }
        // The run's peak of memory is to be its own, so what the run before held is freed.
        shared.session().trained = None;
        release_freed_memory();
        let control = self.work.control.next_run();
        let Performed { ended, history, hits } =
            run::perform(Work { shared, control: &control, id: run_id }, beginning);
        shared.send_of_run(run_id, RunEvent::RunEnded(ended.clone()));
        match ended.outcome {
            RunOutcome::Completed => {
                let row = row_of(&plan, planned, &history, Hits(hits.into()));
                return self.take(folder, &plan, planned, row, None);
            }
            RunOutcome::Stopped if self.is_over() => return Ok(Next::Stop),
            RunOutcome::Stopped => folder.record.skipped.insert(planned.index),
            RunOutcome::Failed => folder.record.failed.insert(planned.index),
        };
        folder.save()?;
        Ok(Next::GoOn)
    }

    /// Adds a row to the race. `history`: all events of a run that had ended before this program began.
    fn take(
        &self,
        folder: &mut RaceFolder,
        plan: &RacePlan,
        planned: &PlannedRun,
        row: Outcome<RaceRow>,
        history: Option<History>,
    ) -> Outcome<Next> {
        let row = row?;
        folder.add(planned.index, row.clone())?;
        match history {
            Some(history) => self.send_finished(plan, planned, row, history),
            None => self.send(RaceEvent::RaceRow(row)),
        }
        Ok(Next::GoOn)
    }

    /// A run that had ended before, with its curves.
    fn send_finished(&self, plan: &RacePlan, planned: &PlannedRun, row: RaceRow, history: History) {
        let run_id = RunId::of_race_run(self.work.id, planned.index);
        self.send(RaceEvent::RaceRunStarted(started(plan, planned, run_id)));
        self.work.shared.notify_of_run(run_id, RunNotice::Resumed(Arc::new(history)));
        self.send(RaceEvent::RaceRow(row));
    }

    fn send(&self, event: RaceEvent) {
        self.work.shared.sink.send(Event::Race(self.work.id, event));
    }

    /// Whether Stop came, or no one hears of the race any more.
    fn is_over(&self) -> bool {
        self.work.control.is_stopped() || self.work.shared.sink.is_gone()
    }
}

/// What becomes of the race after a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    GoOn,
    Stop,
}

impl Ready {
    fn facts<'a>(&'a self, calibration: &'a Calibration) -> RaceFacts<'a> {
        let summary = &self.material.data.dataset.summary;
        RaceFacts {
            calibration,
            tree: &self.material.tree,
            trainable: &self.trainable,
            rows: summary.rows,
            classes: summary.labels.len(),
        }
    }
}

fn started(plan: &RacePlan, planned: &PlannedRun, run_id: RunId) -> RaceRunStarted {
    RaceRunStarted {
        run_id,
        index: planned.index,
        strategy: planned.strategy,
        freeze: plan.strategies[planned.strategy].name.clone(),
        seed: planned.seed,
        rows_per_class: planned.rows_per_class,
        learning_rate: plan.config_of(planned).learning_rate(),
    }
}

/// The row of a run that came to its test.
fn row_of(plan: &RacePlan, planned: &PlannedRun, history: &History, hits: Hits) -> Outcome<RaceRow> {
    let (Some(begun), Some(test), Some(ended)) = (&history.started, &history.test, &history.ended) else {
        return Err(Problem::internal("a run of the race ended without its test"));
    };
    let RunEnded { train_secs, peak_memory_bytes, run_dir, .. } = ended;
    Ok(RaceRow {
        freeze: plan.strategies[planned.strategy].name.clone(),
        seed: planned.seed,
        rows_per_class: planned.rows_per_class,
        train_rows: begun.train_rows,
        trainable: begun.trainable,
        learning_rate: plan.config_of(planned).learning_rate(),
        accuracy: test.accuracy,
        macro_f1: test.macro_f1,
        train_secs: *train_secs,
        peak_memory_bytes: *peak_memory_bytes,
        test_rows: test.confusion.rows() as usize,
        run_dir: run_dir.clone(),
        hits,
    })
}
