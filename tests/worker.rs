//! The conversation with the worker, as the window has it.
#![allow(clippy::unwrap_used)]

#[path = "worker/race.rs"]
mod race;
#[path = "worker/rate_sweep.rs"]
mod rate_sweep;

use std::iter;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use thaw::domain::config::{DataConfig, DataSource, ModelSource, RunConfig, TrainingConfig};
use thaw::domain::freeze::Freeze;
use thaw::domain::message::{Command, Event, EventKind, RunEnded, RunId, RunOutcome};
use thaw::worker::Worker;

struct Desk {
    worker: Worker,
    place: tempfile::TempDir,
    woken: Arc<AtomicUsize>,
}

impl Desk {
    fn new() -> Self {
        let woken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&woken);
        let waker = move || {
            count.fetch_add(1, Ordering::Relaxed);
        };
        Self { worker: Worker::spawn(Arc::new(waker)).unwrap(), place: tempfile::tempdir().unwrap(), woken }
    }

    fn config(&self, freeze: Freeze, epochs: usize) -> Box<RunConfig> {
        let training = TrainingConfig { epochs, batch_size: 8, ..TrainingConfig::default() };
        let data = DataConfig { max_rows: Some(60), ..DataConfig::default() };
        Box::new(RunConfig { data, freeze, training, out: Some(self.out()), ..RunConfig::default() })
    }

    fn out(&self) -> PathBuf {
        self.place.path().join("run")
    }

    fn tell(&self, command: Command) {
        self.worker.commands.send(command).unwrap();
    }

    /// Waits for the event that `found` answers to.
    fn wait<T>(&self, mut found: impl FnMut(Event) -> Option<T>) -> T {
        loop {
            let event = self.worker.events.recv_timeout(Duration::from_secs(60)).expect("an answer within a minute");
            if let Some(found) = found(event) {
                return found;
            }
        }
    }

    fn wait_for_step(&self) {
        self.wait(|event| matches!(event.kind, EventKind::Step(_)).then_some(()));
    }

    /// Whether a step is told within `time`; other news may come at any moment.
    fn steps_within(&self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        iter::from_fn(|| self.worker.events.recv_deadline(deadline).ok())
            .any(|event| matches!(event.kind, EventKind::Step(_)))
    }

    fn wait_for_end(&self) -> (RunId, RunEnded) {
        self.wait(|event| match event.kind {
            EventKind::RunEnded(ended) => Some((event.run_id.unwrap(), ended)),
            _ => None,
        })
    }
}

#[test]
fn a_run_pauses_goes_on_and_stops() {
    let desk = Desk::new();
    desk.tell(Command::Start { run_id: RunId(7), config: desk.config(Freeze::Full, 500) });
    desk.wait_for_step();
    desk.tell(Command::Pause);
    desk.wait(|event| matches!(event.kind, EventKind::Paused).then_some(()));
    assert!(!desk.steps_within(Duration::from_millis(300)), "it stands still");
    desk.tell(Command::Resume);
    desk.wait(|event| matches!(event.kind, EventKind::Resumed).then_some(()));
    desk.wait_for_step();

    desk.tell(Command::Start { run_id: RunId(8), config: desk.config(Freeze::Preset1, 1) });
    let (refused, ended) = desk.wait_for_end();
    assert_eq!((refused, ended.outcome), (RunId(8), RunOutcome::Failed));
    assert_eq!(ended.error.unwrap().id, "run-under-way");

    desk.tell(Command::Pause);
    desk.tell(Command::Stop);
    let (id, ended) = desk.wait_for_end();
    assert_eq!((id, ended.outcome, ended.error), (RunId(7), RunOutcome::Stopped, None));
    assert!(ended.run_dir.unwrap().join("model.safetensors").is_file(), "what was learned is kept");
    assert!(desk.woken.load(Ordering::Relaxed) > 0, "the window was woken");

    desk.tell(Command::InspectParameter { name: "classifier.weight".into() });
    let view = desk.wait(|event| if let EventKind::ParameterReady(view) = event.kind { Some(view) } else { None });
    assert!(view.trained);
    desk.tell(Command::Predict { texts: vec!["a fine film".into()], run_dir: None });
    let predictions = desk.wait(|event| if let EventKind::Predicted(p) = event.kind { Some(p) } else { None });
    assert_eq!((predictions.len(), predictions[0].text.as_str()), (1, "a fine film"));
}

#[test]
fn the_next_run_may_start_when_the_last_has_ended() {
    let desk = Desk::new();
    for id in 1..=2 {
        let mut config = desk.config(Freeze::Preset1, 1);
        config.out = Some(desk.place.path().join(id.to_string()));
        desk.tell(Command::Start { run_id: RunId(id), config });
        let (ended_id, ended) = desk.wait_for_end();
        assert_eq!((ended_id, ended.outcome), (RunId(id), RunOutcome::Completed), "{:?}", ended.error);
    }
    drop(desk.worker);
}

#[test]
fn stop_before_the_first_step_leaves_nothing() {
    let desk = Desk::new();
    desk.tell(Command::Start { run_id: RunId(1), config: desk.config(Freeze::Preset1, 1) });
    desk.tell(Command::Stop);
    let (_, ended) = desk.wait_for_end();
    assert_eq!((ended.outcome, ended.run_dir), (RunOutcome::Stopped, None));
    assert!(!desk.out().exists());
}

#[test]
fn a_closing_window_stops_and_saves() {
    let desk = Desk::new();
    desk.tell(Command::Start { run_id: RunId(1), config: desk.config(Freeze::Full, 500) });
    desk.wait_for_step();
    let out = desk.out();
    let Desk { worker, place: _place, .. } = desk;
    drop(worker);
    assert!(out.join("model.safetensors").is_file() && out.join("metrics.json").is_file());
}

#[test]
fn questions_have_answers() {
    let desk = Desk::new();
    desk.tell(Command::InspectParameter { name: "pooler.dense.bias".into() });
    let problem = desk.wait(|event| if let EventKind::RequestFailed(p) = event.kind { Some(p) } else { None });
    assert_eq!(problem.id, "no-model-yet");

    let data = desk.config(Freeze::Preset1, 1).data;
    desk.tell(Command::InspectData { config: data.clone(), max_length: 32 });
    let summary = desk.wait(|event| if let EventKind::DatasetReady(s) = event.kind { Some(s) } else { None });
    assert_eq!((summary.rows, summary.labels.len()), (10_070, 2));
    desk.tell(Command::LoadModel { source: ModelSource::Bundled });
    let tree = desk.wait(|event| if let EventKind::ModelReady(tree) = event.kind { Some(tree) } else { None });
    assert_eq!(tree.count(), 22_713_986);
    let lengths = desk.wait(|event| match event.kind {
        EventKind::TokenLengths(lengths) if lengths.done == lengths.total => Some(lengths),
        _ => None,
    });
    assert_eq!((lengths.total, lengths.max_length), (60, 32));

    for name in ["classifier.weight", "embeddings.word_embeddings.weight"] {
        desk.tell(Command::InspectParameter { name: name.into() });
        let view = desk.wait(|event| if let EventKind::ParameterReady(view) = event.kind { Some(view) } else { None });
        assert!(!view.trained && view.min < view.max, "{name}");
    }
    desk.tell(Command::Calibrate { config: desk.config(Freeze::Preset3, 3) });
    let times = desk.wait(|event| if let EventKind::Calibrated(times) = event.kind { Some(times) } else { None });
    assert!(times.layer.forward > 0.0 && times.last.backward_weight > 0.0 && times.tokens_per_row > 2.0);

    // Three classes make another head.
    let path = desk.place.path().join("three.csv");
    let rows: String = (0..60).map(|i| format!("sentence number {i},{}\n", ["a", "b", "c"][i % 3])).collect();
    std::fs::write(&path, "text,label\n".to_owned() + &rows).unwrap();
    let config = DataConfig { source: DataSource::File(path), ..DataConfig::default() };
    desk.tell(Command::InspectData { config, max_length: 32 });
    let tree = desk.wait(|event| if let EventKind::ModelReady(tree) = event.kind { Some(tree) } else { None });
    assert_eq!(tree.parameters.last().unwrap().shape, [3]);

    let missing = DataConfig { source: DataSource::File("nowhere.csv".into()), ..DataConfig::default() };
    desk.tell(Command::InspectData { config: missing, max_length: 32 });
    let problem = desk.wait(|event| if let EventKind::DatasetFailed(p) = event.kind { Some(p) } else { None });
    assert!(problem.args.iter().any(|(_, value)| value.to_string().contains("nowhere.csv")));
}

/// In a process of its own, for which the desktop's trash lies in a folder of the test.
#[test]
#[cfg(target_os = "linux")]
fn a_run_is_moved_to_the_trash() {
    const WITH_OWN_TRASH: &str = "THAW_TEST_WITH_OWN_TRASH";
    if std::env::var_os(WITH_OWN_TRASH).is_none() {
        let home = tempfile::tempdir().unwrap();
        let mut again = std::process::Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "a_run_is_moved_to_the_trash"]).env(WITH_OWN_TRASH, "1");
        let output = again.env("XDG_DATA_HOME", home.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(std::fs::read_dir(home.path().join("Trash/files")).unwrap().count(), 1);
        return;
    }
    let desk = Desk::new();
    desk.tell(Command::Start { run_id: RunId(1), config: desk.config(Freeze::Preset1, 1) });
    let (_, ended) = desk.wait_for_end();
    let dir = ended.run_dir.unwrap();
    desk.tell(Command::DeleteRun { dir: desk.place.path().to_owned() });
    let refused = desk.wait(|event| if let EventKind::RequestFailed(p) = event.kind { Some(p) } else { None });
    assert_eq!(refused.id, "resume-no-run", "nothing but runs is deleted");
    desk.tell(Command::DeleteRun { dir: dir.clone() });
    let deleted = desk.wait(|event| match event.kind {
        EventKind::RunDeleted(dir) => Some(Ok(dir)),
        EventKind::RequestFailed(problem) => Some(Err(problem)),
        _ => None,
    });
    assert_eq!(deleted, Ok(dir.clone()));
    assert!(!dir.exists());
}
