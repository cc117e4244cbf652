//! The folder of a race: `race.json` with the plan and the results so far, and beside it a folder for each run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::history::History;
use crate::domain::message::RunOutcome;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::{Hits, PlannedRun, RacePlan, RaceRow};
use crate::domain::stored::{StoredRace, StoredRaceRun};
use crate::model::disk::remove_parts;

use super::folder::{check_free, make_folder, now, plain, portable, write_json};
use super::lock::RunLock;
use super::reader::{check_exists, read, read_run};
use super::settings::Metrics;
use super::writer::{METRICS, lock_new};

pub const RACE: &str = "race.json";

/// The content of `race.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RaceRecord {
    /// The version of Thaw that made the race.
    pub thaw: String,
    /// When it began, as `2026-11-24 15:04` in local time.
    pub started: String,
    /// The plan. Its row limit is the one that follows from its minutes.
    pub plan: RacePlan,
    /// The row limit that follows from the minutes, if there are any.
    pub max_rows: Option<usize>,
    /// A hash of 16 hexadecimal digits, which changes with any text or label of the data file.
    #[serde(rename = "fingerprint")]
    pub content_hash: String,
    pub rows: Vec<StoredRow>,
    /// The runs that were skipped, by their places in the plan. They have no rows.
    pub skipped: BTreeSet<usize>,
    /// The runs that failed, by their places in the plan. They have no rows.
    pub failed: BTreeSet<usize>,
    /// `None` while the race is under way, and for one that was interrupted.
    pub outcome: Option<RunOutcome>,
}

/// A row with the answers to single test rows, which the terminal's lines leave out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredRow {
    /// The run's place in the plan.
    pub index: usize,
    #[serde(flatten)]
    row: RaceRow,
    hits: Hits,
}

impl StoredRow {
    pub fn row(&self) -> RaceRow {
        RaceRow { hits: self.hits.clone(), ..self.row.clone() }
    }
}

/// The folder of a race, locked by the program that runs the race.
#[derive(Debug)]
pub struct RaceFolder {
    pub dir: PathBuf,
    pub record: RaceRecord,
    lock: RunLock,
}

impl RaceFolder {
    /// Makes the folder that the plan names, or a fresh one among the user's runs.
    ///
    /// # Errors
    /// `run-folder-not-empty`, `run-folder-is-file`, `run-no-home`, `file-error`.
    pub fn create(plan: RacePlan, max_rows: Option<usize>, data: &str, content_hash: String) -> Outcome<Self> {
        let what = if plan.is_ladder() { "ladder" } else { "race" };
        let (dir, is_new) = make_folder(&plan.config, data, what)?;
        let record = RaceRecord {
            thaw: env!("CARGO_PKG_VERSION").to_owned(),
            started: now(),
            plan,
            max_rows,
            content_hash,
            rows: Vec::new(),
            skipped: BTreeSet::new(),
            failed: BTreeSet::new(),
            outcome: None,
        };
        let mut folder = Self { lock: lock_new(&dir, is_new)?, dir, record };
        if let Err(problem) = folder.save() {
            let Self { dir, lock, .. } = folder;
            drop(lock);
            if is_new {
                fs::remove_dir(dir).ok();
            }
            return Err(problem);
        }
        Ok(folder)
    }

    /// Opens the folder of a race that lacks runs.
    ///
    /// # Errors
    /// `run-not-found`; `race-no-race` for a folder that is no race; `race-finished` for a race that lacks no run;
    /// `run-in-use` while another program runs it; `run-unreadable`, `file-error`; those of [`RacePlan::check`].
    pub fn open(dir: &Path) -> Outcome<Self> {
        let refused = |id| Problem::new(id).with("folder", dir.display());
        check_exists(dir)?;
        // Another program may still be recording results, so the record is read only once the lock is held.
        let lock = is_race(dir).then(|| RunLock::take(dir)).transpose()?;
        let Some((lock, record)) = lock.zip(read(&dir.join(RACE))?) else { return Err(refused("race-no-race")) };
        // Whoever changed the file by hand may have written any plan.
        let record: RaceRecord = record;
        record.plan.check()?;
        remove_parts(dir);
        let mut folder = Self { lock, dir: portable(dir), record };
        if folder.lacking().is_empty() {
            // The program may have gone down, or the disk been full, just before this was noted.
            if folder.record.outcome.is_none() {
                folder.record.outcome = Some(RunOutcome::Completed);
                folder.save()?;
            }
            return Err(refused("race-finished"));
        }
        folder.record.failed.clear();
        folder.record.outcome = None;
        Ok(folder)
    }

    pub fn rows(&self) -> Vec<RaceRow> {
        self.record.rows.iter().map(StoredRow::row).collect()
    }

    /// The runs that still have to be done: those without a row that were not skipped.
    pub fn lacking(&self) -> Vec<PlannedRun> {
        let has_row = |run: &PlannedRun| self.record.rows.iter().any(|row| row.index == run.index);
        let is_lacking = |run: &PlannedRun| !has_row(run) && !self.record.skipped.contains(&run.index);
        self.record.plan.runs().into_iter().filter(is_lacking).collect()
    }

    /// The folder of a run, whether it exists yet or not.
    pub fn run_dir(&self, run: &PlannedRun) -> PathBuf {
        let strategy = plain(&self.record.plan.strategies[run.strategy].name);
        let rows = match run.rows_per_class {
            Some(rows) => format!("-rows{rows}"),
            None if self.record.plan.is_ladder() => "-all".to_owned(),
            None => String::new(),
        };
        self.dir.join(format!("{:02}-{strategy}{rows}-seed{}", run.index + 1, run.seed))
    }

    /// A free folder for a run, beside those of earlier tries.
    pub fn free_run_dir(&self, run: &PlannedRun) -> PathBuf {
        let dir = self.run_dir(run);
        let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let tries = (2..).map(|n| self.dir.join(format!("{name}-{n}")));
        std::iter::once(dir.clone()).chain(tries).find(|dir| check_free(dir).is_ok()).unwrap_or(dir)
    }

    /// Adds the row of a run that has ended with its test.
    ///
    /// # Errors
    /// `file-error`.
    pub fn add(&mut self, index: usize, row: RaceRow) -> Outcome<()> {
        self.record.failed.remove(&index);
        self.record.rows.push(StoredRow { index, hits: row.hits.clone(), row });
        self.record.rows.sort_by_key(|row| row.index);
        self.save()
    }

    /// Writes `race.json`, whole or not at all. The folder is made again where someone has removed or renamed it.
    ///
    /// # Errors
    /// `run-in-use` and `run-folder-not-empty` where another program has made a race in its place; `disk-full`,
    /// `file-error`.
    pub fn save(&mut self) -> Outcome<()> {
        if !self.lock.is_in_place() {
            fs::create_dir_all(&self.dir).map_err(|e| Problem::file(&self.dir, &e))?;
            let lock = RunLock::take(&self.dir)?;
            let found = read::<RaceRecord>(&self.dir.join(RACE))?;
            if found.is_some_and(|found| found.plan != self.record.plan || found.started != self.record.started) {
                return Err(Problem::new("run-folder-not-empty").with("folder", self.dir.display()));
            }
            self.lock = lock;
        }
        let mut record = self.record.clone();
        for row in &mut record.rows {
            row.row.run_dir = row.row.run_dir.as_deref().map(portable);
        }
        write_json(&self.dir.join(RACE), &record)
    }

    /// Removes the folder if no run has begun.
    pub fn discard_if_empty(self) {
        let has_runs = fs::read_dir(&self.dir)
            .is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| entry.path().is_dir())));
        if has_runs || !self.record.rows.is_empty() {
            return;
        }
        fs::remove_file(self.dir.join(RACE)).ok();
        let Self { dir, lock, .. } = self;
        // The file of the lock is in the folder and has to go first.
        drop(lock);
        fs::remove_dir(dir).ok();
    }
}

/// A race of the disk with all that its runs have told. One whose folder was moved has its runs in the folder where it is now.
///
/// # Errors
/// `run-not-found`; `race-no-race` for a folder that is no race; `run-in-use` while a program runs it; `run-unreadable`,
/// `file-error`; those of [`RacePlan::check`].
pub fn read_race(dir: &Path) -> Outcome<StoredRace> {
    let refused = |id| Problem::new(id).with("folder", dir.display());
    check_exists(dir)?;
    let record: Option<RaceRecord> = if is_race(dir) { read(&dir.join(RACE))? } else { None };
    let record = record.ok_or_else(|| refused("race-no-race"))?;
    if RunLock::is_taken(dir) {
        return Err(refused("run-in-use"));
    }
    // Whoever changed the file by hand may have written any plan.
    record.plan.check()?;
    let stored = |stored: &StoredRow| {
        let mut row = stored.row();
        if let Some(run_dir) = &mut row.run_dir
            && !run_dir.is_dir()
            && let Some(name) = run_dir.file_name()
        {
            *run_dir = dir.join(name);
        }
        let read = |dir: &PathBuf| read_run(dir).inspect_err(|problem| log::warn!("{problem}")).ok();
        let history = row.run_dir.as_ref().and_then(read).map(|run| run.history_at(f64::INFINITY));
        // A run that is gone cannot be tested or looked into any more, but its result is known.
        row.run_dir = row.run_dir.filter(|dir| dir.is_dir());
        StoredRaceRun { index: stored.index, row, history: history.unwrap_or_default() }
    };
    Ok(StoredRace {
        dir: dir.to_owned(),
        runs: record.rows.iter().map(stored).collect(),
        plan: record.plan,
        max_rows: record.max_rows,
        skipped: record.skipped.len(),
        failed: record.failed.len(),
        outcome: record.outcome,
    })
}

/// All that a completed run in a folder has told, with the answers to single test rows. The program may have gone down
/// after the run ended and before the race recorded its row.
pub fn finished(dir: &Path) -> Option<(History, Hits)> {
    let metrics: Option<Metrics> = read(&dir.join(METRICS)).ok()?;
    let metrics = metrics.filter(|metrics| metrics.outcome == RunOutcome::Completed)?;
    let history = read_run(dir).ok()?.history_at(f64::INFINITY);
    history.test.is_some().then_some((history, metrics.hits))
}

/// Whether the folder is that of a race.
pub fn is_race(dir: &Path) -> bool {
    dir.join(RACE).is_file()
}

/// The folders of a race's runs. `None` for a folder that is no race.
pub fn runs_in(dir: &Path) -> Option<Vec<PathBuf>> {
    let entries = is_race(dir).then(|| fs::read_dir(dir).ok())??;
    Some(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
}

#[cfg(all(test, unix))]
mod tests {
    use crate::domain::freeze::Freeze;
    use crate::domain::race::Strategy;

    use super::*;

    #[test]
    fn a_race_that_was_cut_off_after_its_last_row_is_noted_as_complete() {
        let dir = tempfile::tempdir().unwrap();
        let strategies = vec![Strategy { name: "1".into(), freeze: Freeze::Preset1 }];
        let mut plan = RacePlan { strategies, seeds: vec![1], ..RacePlan::default() };
        plan.config.out = Some(dir.path().join("race"));
        let mut race = RaceFolder::create(plan, None, "films", "0".repeat(16)).unwrap();
        race.record.skipped = race.lacking().iter().map(|run| run.index).collect();
        race.save().unwrap();
        let dir = race.dir.clone();
        drop(race);
        assert_eq!(RaceFolder::open(&dir).unwrap_err().id, "race-finished");
        assert_eq!(read::<RaceRecord>(&dir.join(RACE)).unwrap().unwrap().outcome, Some(RunOutcome::Completed));
    }

    #[test]
    fn a_race_is_read_again_with_the_runs_that_are_still_there() {
        let home = tempfile::tempdir().unwrap();
        let strategies = vec![Strategy { name: "1".into(), freeze: Freeze::Preset1 }];
        let mut plan = RacePlan { strategies, seeds: vec![1, 2], ..RacePlan::default() };
        plan.config.out = Some(home.path().join("race"));
        let mut race = RaceFolder::create(plan, None, "films", "0".repeat(16)).unwrap();
        for run in race.lacking() {
            let dir = race.run_dir(&run);
            if run.index == 0 {
                fs::create_dir_all(&dir).unwrap();
            }
            let row = RaceRow {
                freeze: "1".into(),
                seed: run.seed,
                rows_per_class: None,
                train_rows: 8,
                trainable: 770,
                learning_rate: 1e-3,
                accuracy: 0.5,
                macro_f1: 0.5,
                train_secs: 1.0,
                shared_secs: 0.0,
                peak_memory_bytes: 1,
                test_rows: 2,
                run_dir: Some(dir),
                hits: Hits([true, false].into()),
            };
            race.add(run.index, row).unwrap();
        }
        race.record.outcome = Some(RunOutcome::Completed);
        race.save().unwrap();
        assert_eq!(read_race(&race.dir).unwrap_err().id, "run-in-use");
        let dir = race.dir.clone();
        drop(race);
        let moved = home.path().join("moved");
        fs::rename(&dir, &moved).unwrap();
        let stored = read_race(&moved).unwrap();
        assert_eq!((stored.runs.len(), stored.outcome), (2, Some(RunOutcome::Completed)));
        let dirs: Vec<_> = stored.runs.iter().map(|run| run.row.run_dir.clone()).collect();
        assert_eq!(dirs, [Some(moved.join("01-1-seed1")), None], "one run's folder is gone");
        assert_eq!(stored.runs[1].row.hits, Hits([true, false].into()));
        assert_eq!(read_race(home.path()).unwrap_err().id, "race-no-race");
    }

    #[test]
    fn a_folder_that_goes_away_is_made_again_and_another_races_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (out, aside) = (dir.path().join("race"), dir.path().join("aside"));
        let mut plan = RacePlan::default();
        plan.config.out = Some(out.clone());
        let create = |plan: &RacePlan| RaceFolder::create(plan.clone(), None, "films", "0".repeat(16)).unwrap();
        let mut first = create(&plan);
        fs::remove_dir_all(&out).unwrap();
        first.save().unwrap();
        assert!(is_race(&out) && RunLock::is_taken(&out));

        fs::rename(&out, &aside).unwrap();
        plan.seeds = vec![7];
        let other = create(&plan);
        assert_eq!(first.save().unwrap_err().id, "run-in-use");
        drop(other);
        assert_eq!(first.save().unwrap_err().id, "run-folder-not-empty");
        assert_eq!(read::<RaceRecord>(&out.join(RACE)).unwrap().unwrap().plan.seeds, [7]);
    }
}
