//! What a run tells goes into its folder's log and to the face; checkpoints go into the folder as well.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crossbeam_channel::select;

use crate::domain::interrupt::Interrupt;
use crate::domain::message::{Progress, RunEvent, RunNotice, RunObserver, RunOutcome, Task, Teller};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::Hits;
use crate::model::tensor_file::{Piece, TensorFile};
use crate::runs::{RunWriter, unless_gone};
use crate::train::checkpoint::{BestEpoch, Checkpoint, CheckpointStore, Position};
use crate::train::clock::TrainingTime;

use super::lane::lock;
use super::reference::Fitting;
use super::run::{Performed, ended};
use super::run_memory::RunMemory;
use super::session::OpenData;
use super::work::Work;

/// The outside of a run that has a folder.
pub struct Recorder {
    work: Work,
    data: Arc<OpenData>,
    writer: Mutex<RunWriter>,
    /// A log that can't be written is warned of once.
    is_log_broken: AtomicBool,
    /// The reference lines begin to be fitted with the first step.
    fitting: OnceLock<Fitting>,
    pub time: TrainingTime,
    /// What the run needs of memory is watched from its first batch on.
    pub memory: Option<RunMemory>,
    /// Whether each test row was predicted right; empty without a test.
    pub hits: Vec<bool>,
}

impl Recorder {
    pub fn new(work: &Work, data: &Arc<OpenData>, writer: RunWriter) -> Self {
        Self {
            work: work.clone(),
            data: Arc::clone(data),
            writer: Mutex::new(writer),
            is_log_broken: AtomicBool::default(),
            fitting: OnceLock::default(),
            time: TrainingTime::default(),
            memory: None,
            hits: Vec::new(),
        }
    }

    pub fn writer(&self) -> MutexGuard<'_, RunWriter> {
        lock(&self.writer)
    }

    /// Sees to it that the run's folder is there before something is written into it, and warns where it had to be made again.
    ///
    /// # Errors
    /// Those of [`RunWriter::hold`].
    pub fn hold(&self) -> Outcome<()> {
        let held = self.writer().hold();
        self.tell_of_folder();
        held
    }

    /// Tells that the model is being saved, or that it is.
    pub fn tell_saving(&self, done: usize) {
        self.notify(RunNotice::Progress(Progress { task: Task::Save, done, total: 1 }));
    }

    fn tell_of_folder(&self) {
        let mut writer = self.writer();
        if writer.take_made_again() {
            let problem = made_again(&writer.dir);
            drop(writer);
            self.work.notify(RunNotice::Warning(problem));
        }
    }

    /// Waits for the reference lines and tells them; tells nothing when Stop comes first, or where they can't be fitted.
    pub fn tell_reference(&self) {
        // A run that is resumed after its last step has none that would have begun the fit.
        let Fitting { result, .. } = self.fitting.get_or_init(|| Fitting::begin(&self.work.shared, &self.data));
        if result.is_empty() {
            self.notify(RunNotice::Progress(Progress { task: Task::Reference, done: 0, total: 1 }));
        }
        let fitted = select! {
            recv(result) -> fitted => fitted.unwrap_or(Ok(None)),
            recv(self.work.control.stopped) -> _ => Ok(None),
        };
        match fitted {
            Ok(Some(reference)) => self.emit(RunEvent::ReferenceReady(Box::new(reference))),
            Ok(None) => {}
            Err(problem) => self.notify(RunNotice::Warning(problem)),
        }
    }

    /// Closes the run's folder, or takes it back when nothing was learned.
    pub fn close(self, result: Outcome<RunOutcome>) -> Performed {
        let mut writer = self.writer.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut ended = ended(result);
        ended.peak_memory_bytes = self.memory.as_ref().map_or(0, RunMemory::bytes);
        if writer.history.steps.is_empty() {
            writer.discard();
            return Performed::without_steps(ended);
        }
        ended.run_dir = Some(writer.dir.clone());
        (ended.train_secs, ended.shared_secs) = (self.time.secs, self.time.shared_secs);
        // A run that the disk had no room for is to be resumed, so its folder must not say that it has ended.
        let is_cut_off = ended.error.as_ref().is_some_and(Problem::is_of_room);
        let recorded = if is_cut_off { writer.flush() } else { writer.record(&RunEvent::RunEnded(ended.clone())) };
        let history = writer.history.clone();
        // A race may be interrupted before it has taken note of its run's end.
        let hits = if self.work.id.race().is_some() { self.hits.clone() } else { Vec::new() };
        let closed = recorded.and_then(|()| if is_cut_off { Ok(()) } else { writer.finish(Hits(hits.into())) });
        if writer.take_made_again() {
            self.work.notify(RunNotice::Warning(made_again(&writer.dir)));
        }
        if let Err(problem) = closed {
            ended.outcome = RunOutcome::Failed;
            ended.error.get_or_insert(problem);
        }
        ended.error = ended.error.map(Problem::of_run);
        Performed { ended, history, hits: self.hits }
    }
}

fn made_again(dir: &Path) -> Problem {
    Problem::new("run-folder-made-again").with("folder", dir.display())
}

impl RunObserver for Recorder {
    fn emit(&self, event: RunEvent) {
        if matches!(event, RunEvent::Step(_)) {
            self.fitting.get_or_init(|| Fitting::begin(&self.work.shared, &self.data));
        }
        let logged = self.writer().record(&event);
        self.work.shared.send_of_run(self.work.id, event);
        self.tell_of_folder();
        if let Err(problem) = logged
            && !self.is_log_broken.swap(true, Ordering::Relaxed)
        {
            let waits = problem.arg("file").filter(|_| problem.is_of_room());
            let waits = waits.map(|file| Problem::new("log-disk-full").with("file", file));
            self.notify(RunNotice::Warning(waits.unwrap_or(problem)));
        }
        self.work.stop_if_unheard();
    }

    fn learn(&self, epoch: usize, confidences: &[(u32, f32)]) {
        let train = &self.data.dataset.splits.train;
        let place = |(row, confidence): &(u32, f32)| Some((train.binary_search(row).ok()?, *confidence));
        let mut writer = self.writer();
        confidences.iter().filter_map(place).for_each(|(place, confidence)| {
            writer.confidences.put(epoch, place, confidence);
        });
    }

    fn notify(&self, notice: RunNotice) {
        self.work.notify(notice);
        self.work.stop_if_unheard();
    }

    fn stop_requested(&self) -> bool {
        self.memory.iter().for_each(RunMemory::look);
        self.work.should_end()
    }

    fn interrupt(&self) -> Interrupt {
        self.work.interrupt()
    }

    fn teller(&self) -> Teller {
        let work = self.work.clone();
        Arc::new(move |notice| {
            work.notify(notice);
            work.stop_if_unheard();
        })
    }
}

impl CheckpointStore for Recorder {
    fn write(&self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()> {
        let kept = self.writer().keep(position, pieces);
        self.tell_of_folder();
        kept
    }

    fn write_best(&self, best: &BestEpoch, pieces: &[Piece<'_>]) -> Outcome<TensorFile> {
        unless_gone(|| {
            self.hold()?;
            self.writer().checkpoints.keep_best(best, pieces)
        })
    }

    fn newest(&self) -> Outcome<Option<Checkpoint>> {
        Ok(self.writer().checkpoints.newest()?.map(|(saved, _)| saved))
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::{Receiver, unbounded};

    use crate::domain::config::{DataConfig, RunConfig};
    use crate::domain::message::{Event, RunId, Step};
    use crate::runs::read_run;

    use super::super::control::Control;
    use super::super::lane::guarded;
    use super::super::prelude::{Bench, Material};
    use super::super::records::{facts, settings, splits};
    use super::super::shared::Shared;
    use super::super::sink::Sink;
    use super::*;

    /// The outside of a run in `dir`, and what it tells.
    fn recorder(dir: &Path, id: RunId) -> (Recorder, Receiver<Event>) {
        let data = DataConfig { max_rows: Some(60), ..DataConfig::default() };
        let config = RunConfig { data, out: Some(dir.to_owned()), ..RunConfig::default() };
        let (sender, events) = unbounded();
        let shared = Arc::new(Shared::new(Sink::to_terminal(sender)).unwrap());
        let work = Work { shared, control: Arc::new(Control::default()), id };
        let material = Material::open(&work, &config).unwrap().unwrap();
        let bench = Bench::new(&work, &config, &material, &material.plan(&config.freeze).unwrap()).unwrap();
        let classifier = bench.classifier().unwrap();
        let facts = facts(&material, &bench.trainable, &classifier);
        let settings = settings(&config, &material, &bench.trainable, facts);
        let writer = RunWriter::create(&settings, &splits(&material.data)).unwrap();
        (Recorder::new(&work, &material.data, writer), events)
    }

    fn step(step: usize) -> RunEvent {
        RunEvent::Step(Step { step, epoch: 1, elapsed_secs: step as f64, ..Step::default() })
    }

    /// A run that was killed after its last step has no step when it is resumed; its test is compared all the same.
    #[test]
    fn a_run_that_is_resumed_after_its_last_step_tells_its_reference() {
        let folder = tempfile::tempdir().unwrap();
        let (recorder, _events) = recorder(&folder.path().join("run"), RunId(1));
        recorder.tell_reference();
        assert!(recorder.writer().history.reference.is_some());
    }

    #[test]
    fn a_panic_frees_the_lock_and_is_told_as_the_end_of_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("run");
        let (recorder, _events) = recorder(&dir, RunId(1));
        let result = guarded(|| {
            recorder.emit(step(1));
            let _writer = recorder.writer();
            panic!("index out of bounds")
        });
        let ended = recorder.close(result).ended;
        assert_eq!(
            (ended.outcome, ended.error.unwrap().original()),
            (RunOutcome::Failed, Some("index out of bounds".into()))
        );
        assert!(!dir.join("running.lock").exists());
        let logged = read_run(&dir).unwrap().events;
        assert!(matches!(logged.last(), Some((_, RunEvent::RunEnded(_)))) && logged.len() == 2);
    }

    /// Someone removes the folder, then someone renames it. Each time it is made again, with all that was told.
    #[cfg(unix)]
    #[test]
    fn a_folder_that_goes_away_is_made_again_with_all_that_was_told() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, aside) = (folder.path().join("run"), folder.path().join("aside"));
        let (recorder, events) = recorder(&dir, RunId(1));
        let begun = std::fs::read(dir.join("settings.json")).unwrap();
        recorder.emit(step(1));
        std::fs::remove_dir_all(&dir).unwrap();
        recorder.hold().unwrap();
        recorder.emit(step(2));
        recorder.writer().flush().unwrap();
        std::fs::rename(&dir, &aside).unwrap();
        recorder.hold().unwrap();
        recorder.emit(step(3));
        let warned = events.try_iter().filter(|event| match event {
            Event::OfRun(_, RunNotice::Warning(problem)) => problem.id == "run-folder-made-again",
            _ => false,
        });
        assert_eq!(warned.count(), 2);
        let ended = recorder.close(Ok(RunOutcome::Stopped)).ended;
        assert_eq!((ended.outcome, ended.error), (RunOutcome::Stopped, None));
        assert_eq!(std::fs::read(dir.join("settings.json")).unwrap(), begun);
        assert_eq!((read_run(&dir).unwrap().events.len(), read_run(&aside).unwrap().events.len()), (4, 2));
        assert!(!dir.join("running.lock").exists());
    }

    /// What another program has begun in the meantime is left to it.
    #[cfg(unix)]
    #[test]
    fn a_run_leaves_a_folder_that_another_run_has_taken_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("run");
        let (first, _events) = recorder(&dir, RunId(1));
        first.emit(step(1));
        std::fs::rename(&dir, folder.path().join("aside")).unwrap();
        let (second, _more_events) = recorder(&dir, RunId(2));
        assert_eq!(first.hold().unwrap_err().id, "run-in-use");
        second.emit(step(1));
        second.close(Ok(RunOutcome::Stopped));
        let metrics = std::fs::read(dir.join("metrics.json")).unwrap();
        std::fs::write(
            dir.join("settings.json"),
            std::fs::read_to_string(dir.join("settings.json")).unwrap().replace("42", "43"),
        )
        .unwrap();
        assert_eq!(first.hold().unwrap_err().id, "run-folder-not-empty");
        let ended = first.close(Ok(RunOutcome::Stopped)).ended;
        assert_eq!(ended.error.unwrap().id, "run-folder-not-empty");
        assert_eq!(std::fs::read(dir.join("metrics.json")).unwrap(), metrics);
    }

    /// The model is saved before the run ends. If the folder goes away after that, the run does not count as one with results.
    #[cfg(unix)]
    #[test]
    fn a_run_whose_model_went_away_at_its_end_is_not_complete() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("run");
        let (recorder, _events) = recorder(&dir, RunId(1));
        recorder.emit(step(1));
        std::fs::remove_dir_all(&dir).unwrap();
        let ended = recorder.close(Ok(RunOutcome::Completed)).ended;
        assert_eq!((ended.outcome, ended.error.unwrap().id.as_ref()), (RunOutcome::Failed, "run-folder-lost"));
        assert!(!dir.join("metrics.json").exists() && dir.join("splits.json").exists());
    }

    /// A window that draws nothing never holds a run up. It catches up in one go, and the log has everything.
    #[test]
    fn steps_are_logged_and_kept_for_a_window_that_never_reads() {
        const STEPS: usize = 100_000;
        let folder = tempfile::tempdir().unwrap();
        let data = DataConfig { max_rows: Some(60), ..DataConfig::default() };
        let config = RunConfig { data, out: Some(folder.path().join("run")), ..RunConfig::default() };
        let (sender, events) = unbounded();
        let shared = Arc::new(Shared::new(Sink::to_window(sender, Arc::new(|| {})).unwrap()).unwrap());
        let work = Work { shared: Arc::clone(&shared), control: Arc::new(Control::default()), id: RunId(1) };
        let material = Material::open(&work, &config).unwrap().unwrap();
        let bench = Bench::new(&work, &config, &material, &material.plan(&config.freeze).unwrap()).unwrap();
        let classifier = bench.classifier().unwrap();
        let facts = facts(&material, &bench.trainable, &classifier);
        let settings = settings(&config, &material, &bench.trainable, facts);
        let writer = RunWriter::create(&settings, &splits(&material.data)).unwrap();

        let recorder = Recorder::new(&work, &material.data, writer);
        for step in 1..=STEPS {
            recorder.emit(RunEvent::Step(Step { step, epoch: 1, elapsed_secs: step as f64, ..Step::default() }));
        }
        let ended = recorder.close(Ok(RunOutcome::Stopped)).ended;
        shared.send_of_run(work.id, RunEvent::RunEnded(ended.clone()));

        let line = |event: &RunEvent| serde_json::to_string(event).unwrap();
        let mut seen = Vec::new();
        while !seen.last().is_some_and(|event| matches!(event, RunEvent::RunEnded(_))) {
            if let Event::Run(_, events) = events.recv().unwrap() {
                seen.extend(events);
            }
        }
        let logged = read_run(&ended.run_dir.unwrap()).unwrap().events;
        assert_eq!((seen.len(), logged.len()), (STEPS + 1, STEPS + 1));
        assert!(seen.iter().zip(&logged).take(STEPS).all(|(seen, (_, logged))| line(seen) == line(logged)));
    }
}
