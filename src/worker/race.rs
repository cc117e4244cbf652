//! A race: its runs one after another, each through the one way that a run takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::domain::config::RunConfig;
use crate::domain::disk_need::DiskNeed;
use crate::domain::history::History;
use crate::domain::message::{Event, RaceEvent, RunEvent, RunId, RunNotice, RunOutcome};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::{Hits, PlannedRun, RaceEnded, RacePlan, RaceRow, RaceRunStarted, RaceStarted, Strategy};
use crate::domain::race_statistics::{strategy_means, undecided_pairs};
use crate::domain::race_time::{RaceFacts, race_secs, rows_that_fit};
use crate::runs::{Interrupted, RaceFolder, check_free, finished, tidy_finished};

use super::calibration;
use super::disk::{check_disk_of_race, need_of};
use super::lane::guarded;
use super::prelude::Material;
use super::records::fingerprint;
use super::run::{self, Beginning, Performed};
use super::work::Work;

/// What a race begins with.
pub enum RaceBeginning {
    New(Box<RacePlan>),
    /// An unfinished race, in its own folder.
    Resume(PathBuf),
}

/// Does the race, whatever happens, and leaves its `RaceEnded` to be sent.
pub fn perform(work: &Work, beginning: RaceBeginning) -> RaceEnded {
    let seed = work.shared.seed.load(Ordering::Acquire);
    let mut folder = None;
    let result = guarded(|| work.conduct(beginning, &mut folder));
    let ended = guarded(|| Ok(close(result, folder))).unwrap_or_else(|problem| ended(Err(problem)));
    // The window's own data and seed come back, since a race may have used fewer rows and has seeds of its own.
    let mut session = work.shared.session();
    if session.asked_data.is_some() {
        session.data = session.asked_data.clone();
    }
    drop(session);
    work.shared.seed.store(seed, Ordering::Release);
    ended
}

/// The end that a result makes, without rows.
pub fn ended(result: Outcome<RunOutcome>) -> RaceEnded {
    let (error, outcome) = (result.clone().err(), result.unwrap_or(RunOutcome::Failed));
    RaceEnded { outcome, error, means: Vec::new(), undecided: Vec::new(), skipped: 0, failed: 0, race_dir: None }
}

/// Closes the race's folder, or takes it back when no run has begun.
fn close(result: Outcome<RunOutcome>, folder: Option<RaceFolder>) -> RaceEnded {
    let mut end = ended(result);
    let Some(mut folder) = folder else { return end };
    let rows = folder.rows();
    end.means = strategy_means(&folder.record.plan, &rows);
    end.undecided = undecided_pairs(&end.means, &rows);
    (end.skipped, end.failed) = (folder.record.skipped.len(), folder.record.failed.len());
    folder.record.outcome = Some(end.outcome);
    if let Err(problem) = folder.save() {
        end.outcome = RunOutcome::Failed;
        end.error.get_or_insert(problem);
    }
    let dir = folder.dir.clone();
    folder.discard_if_empty();
    end.race_dir = Some(dir).filter(|dir| dir.exists());
    end
}

/// The steps of a race.
impl Work {
    fn conduct(&self, beginning: RaceBeginning, place: &mut Option<RaceFolder>) -> Outcome<RunOutcome> {
        let opened = match beginning {
            RaceBeginning::New(plan) => self.create(*plan)?,
            RaceBeginning::Resume(dir) => self.reopen(dir)?.map(|folder| (folder, None)),
        };
        let Some((folder, estimated_secs)) = opened else { return Ok(RunOutcome::Stopped) };
        let folder = place.insert(folder);
        let plan = Arc::new(folder.record.plan.clone());
        let runs = plan.runs();
        self.tell(RaceEvent::RaceStarted(RaceStarted {
            runs: runs.len(),
            max_rows: folder.record.max_rows,
            estimated_secs,
            race_dir: Some(folder.dir.clone()),
            plan: Arc::clone(&plan),
        }));
        for run in &runs {
            let row = folder.record.rows.iter().find(|row| row.index == run.index).map(|row| row.row());
            if let Some(row) = row {
                // The row was there before the race was resumed. Its run's curves come with it where they can be read.
                let history = row.run_dir.as_deref().and_then(finished).map(|(history, _)| history).unwrap_or_default();
                self.tell_finished(&plan, run, row, history);
            } else if !folder.record.skipped.contains(&run.index) && !self.run(folder, &plan, run)? {
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
        let Some((material, trainable)) = self.open(&plan)? else { return Ok(None) };
        let summary = &material.data.dataset.summary;
        let (mut max_rows, mut estimated_secs) = (None, None);
        if plan.minutes.is_some() {
            let (shared, config, timed) = (Arc::clone(&self.shared), plan.config.clone(), material.clone());
            let interrupt = self.interrupt();
            let calibration = self.unless_stopped(move || calibration::time(&shared, &config, &timed, &interrupt))?;
            let Some(calibration) = calibration else { return Ok(None) };
            let facts = RaceFacts {
                calibration: &calibration,
                tree: &material.tree,
                trainable: &trainable,
                rows: summary.rows,
                classes: summary.labels.len(),
            };
            max_rows = rows_that_fit(&plan, facts)?;
            plan.config.data.max_rows = max_rows.or(plan.config.data.max_rows);
            let rows = plan.config.data.max_rows.unwrap_or(facts.rows).min(facts.rows);
            estimated_secs = Some(race_secs(&plan, facts, rows));
        }
        if self.control.is_stopped() {
            return Ok(None);
        }
        self.check_disk(&plan, &plan.runs(), &material, &trainable, None)?;
        let folder = RaceFolder::create(plan, max_rows, &summary.name, fingerprint(&material.data.dataset))?;
        Ok(Some((folder, estimated_secs)))
    }

    /// The folder of a race that lacks runs. `None` when Stop came first.
    fn reopen(&self, dir: PathBuf) -> Outcome<Option<RaceFolder>> {
        let Some(folder) = self.unless_stopped(move || RaceFolder::open(&dir))? else { return Ok(None) };
        let Some((material, trainable)) = self.open(&folder.record.plan)? else { return Ok(None) };
        let dataset = &material.data.dataset;
        if fingerprint(dataset) != folder.record.content_hash {
            return Err(Problem::new("resume-data-changed").with("file", &dataset.summary.name));
        }
        self.check_disk(&folder.record.plan, &folder.lacking(), &material, &trainable, Some(&folder.dir))?;
        Ok(Some(folder))
    }

    /// Refuses a race whose runs the disk has no room for.
    fn check_disk(
        &self,
        plan: &RacePlan,
        runs: &[PlannedRun],
        material: &Material,
        trainable: &[Vec<bool>],
        dir: Option<&Path>,
    ) -> Outcome<()> {
        let needs: Vec<DiskNeed> = trainable.iter().map(|on| need_of(&plan.config, material, on)).collect();
        let needs: Vec<DiskNeed> = runs.iter().map(|run| needs[run.strategy]).collect();
        check_disk_of_race(&plan.config, &needs, dir)
    }

    /// Reads what all runs read, and checks that every strategy can be trained, so that nothing is found out only after
    /// hours. It returns what each strategy trains as well. `None` when Stop came first.
    fn open(&self, plan: &RacePlan) -> Outcome<Option<(Material, Vec<Vec<bool>>)>> {
        let Some(material) = Material::open(self, &plan.config)? else { return Ok(None) };
        let ever = |strategy: &Strategy| material.plan(&strategy.freeze).map(|plan| plan.ever());
        let trainable = plan.strategies.iter().map(ever).collect::<Outcome<_>>()?;
        Ok(Some((material, trainable)))
    }

    /// Does one run and takes note of what came out. The result is false when the race ends with it.
    fn run(&self, folder: &mut RaceFolder, plan: &RacePlan, planned: &PlannedRun) -> Outcome<bool> {
        if self.is_over() {
            return Ok(false);
        }
        let dir = folder.run_dir(planned);
        if let Some((history, hits)) = finished(&dir) {
            tidy_finished(&dir);
            let row = row_of(plan, planned, &history, hits)?;
            folder.add(planned.index, row.clone())?;
            self.tell_finished(plan, planned, row, history);
            return Ok(true);
        }
        let run_id = RunId::of_race_run(self.id, planned.index);
        let may_resume = dir.exists() && !folder.record.failed.contains(&planned.index);
        let beginning = if may_resume && Interrupted::open(&dir).is_ok() {
            Beginning::Resume(dir)
        } else {
            let out = Some(folder.free_run_dir(planned));
            Beginning::New(Box::new(RunConfig { out, ..plan.config_of(planned) }))
        };
        self.tell_started(plan, planned);
        if let Beginning::New(config) = &beginning {
            self.shared.notify_of_run(run_id, RunNotice::Planned(config.clone()));
        }
        // No run is to have less room than another, so what the run before held is freed.
        self.shared.session().trained = None;
        let of_run = Work { shared: Arc::clone(&self.shared), control: self.control.next_run(), id: run_id };
        let Performed { ended, history, hits } = run::perform(&of_run, beginning);
        self.shared.send_of_run(run_id, RunEvent::RunEnded(ended.clone()));
        match ended.outcome {
            RunOutcome::Completed => {
                let row = row_of(plan, planned, &history, Hits(hits.into()))?;
                folder.add(planned.index, row.clone())?;
                self.tell(RaceEvent::RaceRow(row));
                return Ok(true);
            }
            RunOutcome::Stopped if self.is_over() => return Ok(false),
            RunOutcome::Stopped => folder.record.skipped.insert(planned.index),
            RunOutcome::Failed => {
                // The next runs would have no more room. Once there is some, the race is resumed with this run.
                if let Some(problem) = ended.error.filter(Problem::is_of_room) {
                    return Err(problem);
                }
                folder.record.failed.insert(planned.index)
            }
        };
        folder.save().map(|()| true)
    }

    /// A run that had ended before, with its curves.
    fn tell_finished(&self, plan: &RacePlan, planned: &PlannedRun, row: RaceRow, history: History) {
        self.tell_started(plan, planned);
        let run_id = RunId::of_race_run(self.id, planned.index);
        self.shared.notify_of_run(run_id, RunNotice::Resumed(Arc::new(history)));
        self.tell(RaceEvent::RaceRow(row));
    }

    fn tell_started(&self, plan: &RacePlan, planned: &PlannedRun) {
        self.tell(RaceEvent::RaceRunStarted(RaceRunStarted {
            run_id: RunId::of_race_run(self.id, planned.index),
            index: planned.index,
            strategy: planned.strategy,
            freeze: plan.strategies[planned.strategy].name.clone(),
            seed: planned.seed,
            rows_per_class: planned.rows_per_class,
            learning_rate: plan.config_of(planned).learning_rate(),
        }));
    }

    fn tell(&self, event: RaceEvent) {
        self.shared.sink.send(Event::Race(self.id, event));
    }

    /// Whether Stop came, or no one hears of the race any more.
    fn is_over(&self) -> bool {
        self.control.is_stopped() || self.shared.sink.is_gone()
    }
}

/// The row of a run that came to its test.
fn row_of(plan: &RacePlan, planned: &PlannedRun, history: &History, hits: Hits) -> Outcome<RaceRow> {
    let (Some(begun), Some(test), Some(ended)) = (&history.started, &history.test, &history.ended) else {
        return Err(Problem::internal("a run of the race ended without its test"));
    };
    Ok(RaceRow {
        freeze: plan.strategies[planned.strategy].name.clone(),
        seed: planned.seed,
        rows_per_class: planned.rows_per_class,
        train_rows: begun.train_rows,
        trainable: begun.trainable,
        learning_rate: plan.config_of(planned).learning_rate(),
        accuracy: test.accuracy,
        macro_f1: test.macro_f1,
        train_secs: ended.train_secs,
        shared_secs: ended.shared_secs,
        peak_memory_bytes: ended.peak_memory_bytes,
        test_rows: test.confusion.rows() as usize,
        run_dir: ended.run_dir.clone(),
        hits,
    })
}
