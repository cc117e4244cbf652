//! A folder of checkpoints, and an observer that stops a training.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

/// Keeps checkpoints in a folder, as a run does.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl CheckpointStore for Folder {
    fn write(&self, position: &Position, pieces: &[Piece<'_>]) -> Outcome<()> {
        tensor_file::write(&self.0.path().join("newest"), &serde_json::to_string(position).unwrap(), pieces)
    }

    fn write_best(&self, best: &BestEpoch, pieces: &[Piece<'_>]) -> Outcome<TensorFile> {
        let path = self.0.path().join(best.epoch.to_string());
        tensor_file::write(&path, "", pieces)?;
        TensorFile::open(&path)
    }

    fn newest(&self) -> Outcome<Option<Checkpoint>> {
        let path = self.0.path().join("newest");
        if !path.exists() {
            return Ok(None);
        }
        let state = TensorFile::open(&path)?;
        let position: Position = serde_json::from_str(state.note()).unwrap();
        let open = |best: BestEpoch| TensorFile::open(&self.0.path().join(best.epoch.to_string()));
        let best = position.best.map(open).transpose()?;
        Ok(Some(Checkpoint { position, is_over: false, state, best }))
    }
}

/// Collects what a training reports, without its clocks, and requests a stop when it is asked for the n-th time, between
/// batches or between layers.
pub struct StopAt {
    pub reported: Mutex<Vec<RunEvent>>,
    pub asked: Arc<AtomicUsize>,
    pub at: usize,
}

impl RunObserver for StopAt {
    fn emit(&self, event: RunEvent) {
        let event = match event {
            RunEvent::Step(step) => RunEvent::Step(Step { elapsed_secs: 0.0, shared_secs: 0.0, ..step }),
            RunEvent::EpochEnded(e) => RunEvent::EpochEnded(EpochEnded { elapsed_secs: 0.0, rows_per_sec: 0.0, ..e }),
            RunEvent::LiveValidation(_) | RunEvent::StageStarted(_) | RunEvent::LayerStats(_) => event,
            _ => return,
        };
        self.reported.lock().unwrap().push(event);
    }

    fn stop_requested(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) + 1 >= self.at
    }

    fn interrupt(&self) -> Interrupt {
        let (asked, at) = (Arc::clone(&self.asked), self.at);
        Interrupt::new(move || asked.fetch_add(1, Ordering::Relaxed) + 1 >= at)
    }
}
