//! A race: its runs one after another, each through the one way that a run takes.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::estimate::Calibration;
use crate::domain::freeze::Freeze;
use crate::domain::history::History;
use crate::domain::message::{Event, EventKind, RunEnded, RunId, RunOutcome};
use crate::domain::params::ParamTree;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::{Hits, PlannedRun, RaceEnded, RacePlan, RaceRow, RaceRunStarted, RaceStarted};
use crate::domain::race_statistics::{strategy_means, undecided_pairs};
use crate::domain::race_time::{RaceFacts, race_secs, rows_that_fit};
use crate::runs::{RaceFolder, check_free, finished};

use super::control::Control;
use super::lane::guarded;
use super::questions;
use super::records::fingerprint;
use super::run::{self, Beginning, Performed, unless_stopped};
use super::session::{OpenData, check_max_length};
use super::shared::Shared;
use super::system::release_freed_memory;

/// What a race begins with.
pub enum RaceBeginning {
    New(Box<RacePlan>),
    /// An unfinished race, in its own folder.
    Resume(PathBuf),
}

/// Does the race and tells of it; the last thing it tells is its one `RaceEnded`, whatever happens.
pub fn execute(shared: &Arc<Shared>, control: &Control, race_id: RunId, beginning: RaceBeginning) {
    let race = Race { shared, control, id: race_id };
    let at_hand = {
        let session = shared.session();
        (session.data.clone(), session.seed)
    };
    let mut folder = None;
    let result = guarded(|| race.conduct(beginning, &mut folder));
    let ended = guarded(|| Ok(close(result, folder)))
        .unwrap_or_else(|problem| RaceEnded { error: Some(problem), ..ended(RunOutcome::Failed) });
    // The window's own data comes back, of which a race may have used fewer rows.
    if let (Some(data), seed) = at_hand {
        let mut session = shared.session();
        (session.data, session.seed) = (Some(data), seed);
    }
    control.end();
    race.tell(EventKind::RaceEnded(ended));
    questions::after_run(shared);
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
    end.race_dir = Some(folder.dir().to_owned());
    folder.discard_if_empty();
    end.race_dir = end.race_dir.filter(|dir| dir.exists());
    end
}

struct Race<'a> {
    shared: &'a Arc<Shared>,
    control: &'a Control,
    id: RunId,
}

/// Data and model of a race, and what each strategy trains.
struct Ready {
    data: Arc<OpenData>,
    tree: ParamTree,
    trainable: Vec<Vec<bool>>,
}

impl Race<'_> {
    fn conduct(&self, beginning: RaceBeginning, place: &mut Option<RaceFolder>) -> Outcome<RunOutcome> {
        let mut estimated_secs = None;
        let folder = match beginning {
            RaceBeginning::New(mut plan) => {
                plan.check()?;
                if let Some(out) = &plan.config.out {
                    check_free(out)?;
                }
                let Some(ready) = self.open(&plan)? else { return Ok(RunOutcome::Stopped) };
                let mut max_rows = None;
                if plan.minutes.is_some() {
                    let Some(calibration) = self.calibrate(&plan)? else { return Ok(RunOutcome::Stopped) };
                    let facts = ready.facts(&calibration);
                    max_rows = rows_that_fit(&plan, facts)?;
                    plan.config.data.max_rows = max_rows.or(plan.config.data.max_rows);
                    let rows = plan.config.data.max_rows.unwrap_or(facts.rows).min(facts.rows);
                    estimated_secs = Some(race_secs(&plan, facts, rows));
                }
                if self.control.is_stopped() {
                    return Ok(RunOutcome::Stopped);
                }
                RaceFolder::create(*plan, max_rows, &ready.data.dataset.summary.name, fingerprint(&ready.data))?
            }
            RaceBeginning::Resume(dir) => {
                let folder = RaceFolder::open(&dir)?;
                let Some(ready) = self.open(&folder.record.plan)? else { return Ok(RunOutcome::Stopped) };
                if fingerprint(&ready.data) != folder.record.fingerprint {
                    let file = &ready.data.dataset.summary.name;
                    return Err(Problem::new("resume-data-changed").with("file", file));
                }
                folder
            }
        };
        let folder = place.insert(folder);
        let plan = Arc::new(folder.record.plan.clone());
        let runs = plan.runs();
        self.tell(EventKind::RaceStarted(RaceStarted {
            runs: runs.len(),
            max_rows: folder.record.max_rows,
            estimated_secs,
            race_dir: Some(folder.dir().to_owned()),
            plan: Arc::clone(&plan),
        }));
        let lacking: Vec<usize> = folder.lacking().iter().map(|run| run.index).collect();
        for run in &runs {
            let row = folder.record.rows.iter().find(|row| row.index == run.index).map(|row| row.row());
            if let Some(row) = row {
                self.tell_again(&plan, run, row);
            } else if lacking.contains(&run.index) && self.run(folder, run)? == Next::Stop {
                return Ok(RunOutcome::Stopped);
            }
        }
        // Where nothing came of any run there is no race.
        Ok(if folder.record.rows.is_empty() && !folder.record.failed.is_empty() {
            RunOutcome::Failed
        } else {
            RunOutcome::Completed
        })
    }

    /// What all runs read, and whether every strategy can be trained, so that nothing is found out only after hours.
    /// `None` when Stop came first.
    fn open(&self, plan: &RacePlan) -> Outcome<Option<Ready>> {
        let (shared, config, id) = (Arc::clone(self.shared), plan.config.data.clone(), self.id);
        let Some(data) = unless_stopped(self.control, move || shared.open_data(&config, Some(id)))? else {
            return Ok(None);
        };
        let (shared, source) = (Arc::clone(self.shared), plan.config.model.clone());
        let Some(model) = unless_stopped(self.control, move || shared.open_model(&source))? else {
            return Ok(None);
        };
        let (data, model) = (data.0, model.0);
        self.tell(EventKind::DatasetReady(Arc::new(data.dataset.summary.clone())));
        check_max_length(&model, plan.config.training.max_length)?;
        let tree = model.pretrained.tree(&data.dataset.label_names());
        let resolve = |freeze: &Freeze| {
            let plan = freeze.unfreezing(&tree)?;
            plan.check().map(|()| plan.ever())
        };
        let trainable = plan.strategies.iter().map(|strategy| resolve(&strategy.freeze)).collect::<Outcome<_>>()?;
        Ok(Some(Ready { data, tree, trainable }))
    }

    /// `None` when Stop came first.
    fn calibrate(&self, plan: &RacePlan) -> Outcome<Option<Calibration>> {
        let (shared, config) = (Arc::clone(self.shared), plan.config.clone());
        unless_stopped(self.control, move || shared.undisturbed(|| questions::time(&shared, &config)))
    }

    /// Does one run and takes note of what came out.
    fn run(&self, folder: &mut RaceFolder, planned: &PlannedRun) -> Outcome<Next> {
        if self.control.is_stopped() || self.shared.sink.is_gone() {
            return Ok(Next::Stop);
        }
        let (plan, dir) = (folder.record.plan.clone(), folder.run_dir(planned));
        let run_id = RunId::of_race_run(self.id, planned.index);
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
        self.tell(EventKind::RaceRunStarted(started(&plan, planned, run_id)));
        if let Beginning::New(config) = &beginning {
            self.tell_of(run_id, EventKind::RunPlanned(config.clone()));
        }
        // What the run before held counts for this one as little as can be.
        self.shared.session().trained = None;
        release_freed_memory();
        let control = self.control.next_run();
        let Performed { ended, history, hits } = run::perform(self.shared, &control, run_id, beginning);
        self.tell_of(run_id, EventKind::RunEnded(ended.clone()));
        match ended.outcome {
            RunOutcome::Completed => {
                let row = row_of(&plan, planned, &history, Hits(hits.into()));
                return self.take(folder, &plan, planned, row, None);
            }
            RunOutcome::Stopped if self.control.is_stopped() || self.shared.sink.is_gone() => return Ok(Next::Stop),
            RunOutcome::Stopped => folder.record.skipped.insert(planned.index),
            RunOutcome::Failed => folder.record.failed.insert(planned.index),
        };
        folder.save()?;
        Ok(Next::GoOn)
    }

    /// Notes and tells a row. `told_before`: what a run told that had ended before this program began.
    fn take(
        &self,
        folder: &mut RaceFolder,
        plan: &RacePlan,
        planned: &PlannedRun,
        row: Outcome<RaceRow>,
        told_before: Option<History>,
    ) -> Outcome<Next> {
        let row = row?;
        folder.add(planned.index, row.clone())?;
        match told_before {
            Some(history) => self.tell_finished(plan, planned, row, history),
            None => self.tell(EventKind::RaceRow(row)),
        }
        Ok(Next::GoOn)
    }

    /// A row that was there before the race went on, with the run's curves where they can be read.
    fn tell_again(&self, plan: &RacePlan, planned: &PlannedRun, row: RaceRow) {
        let history = row.run_dir.as_deref().and_then(finished).unwrap_or_default();
        self.tell_finished(plan, planned, row, history);
    }

    fn tell_finished(&self, plan: &RacePlan, planned: &PlannedRun, row: RaceRow, history: History) {
        let run_id = RunId::of_race_run(self.id, planned.index);
        self.tell(EventKind::RaceRunStarted(started(plan, planned, run_id)));
        self.tell_of(run_id, EventKind::RunResumed(Arc::new(history)));
        self.tell(EventKind::RaceRow(row));
    }

    fn tell(&self, kind: EventKind) {
        self.tell_of(self.id, kind);
    }

    fn tell_of(&self, run_id: RunId, kind: EventKind) {
        self.shared.sink.send(Event { run_id: Some(run_id), kind });
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
        let summary = &self.data.dataset.summary;
        RaceFacts {
            calibration,
            tree: &self.tree,
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

/// The row of a run that told its test.
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
