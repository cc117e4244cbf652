//! The trainer's checkpoints: how one is written and how a training resumes from one.

use std::time::{Duration, Instant};

use crate::domain::config::RunConfig;
use crate::domain::message::{Progress, RunNotice, RunObserver, Task};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::tensor_file::{Piece, Take, TensorFile};
use crate::train::adamw::AdamW;
use crate::train::adamw::resumable::{check_weights, put_end_back, put_weights_back, snapshot_pieces, weight_pieces};
use crate::train::checkpoint::{BestEpoch, Checkpoint, check_resumable};

use super::Run;

/// The weights of the best epoch so far.
pub(super) enum Best {
    /// In a file of the run, where they take no memory.
    OnDisk(TensorFile),
    /// The values of all that ever trains, where the file could not be written or there is no place for one.
    Held(Vec<(usize, Vec<f32>)>),
}

/// Writing that takes longer than this tells how far it is.
const LONG_WRITE: Duration = Duration::from_millis(500);

/// The same pieces, which tell how far they are written: those of a large model take seconds.
fn told<'a>(pieces: Vec<Piece<'a>>, observer: &'a dyn RunObserver) -> Vec<Piece<'a>> {
    let (all, began) = (pieces.iter().map(|piece| piece.len).sum::<usize>().max(1), Instant::now());
    let mut before = 0;
    let piece = |Piece { name, len, values }: Piece<'a>| {
        let done = 100 * before / all;
        before += len;
        let values = Box::new(move |take: Take<'_>| {
            if began.elapsed() >= LONG_WRITE {
                observer.notify(RunNotice::Progress(Progress { task: Task::Save, done, total: 100 }));
            }
            values(take)
        });
        Piece { name, len, values }
    };
    pieces.into_iter().map(piece).collect()
}

impl Run<'_> {
    /// Writes a checkpoint when so many minutes have gone since the last one as the settings ask for.
    pub(super) fn write_checkpoint_if_due(&mut self) {
        let minutes = self.job.config.training.checkpoint_minutes;
        if minutes > 0.0 && self.written_at.elapsed().as_secs_f64() >= minutes * 60.0 {
            self.write_checkpoint();
        }
    }

    /// Writes a checkpoint. Where that fails, training goes on with a warning, and the checkpoint before is still there.
    pub(super) fn write_checkpoint(&mut self) {
        let written = self.try_to_write_checkpoint();
        self.written_at = Instant::now();
        if let Err(problem) = written {
            let warning = match problem.arg("file") {
                Some(file) if problem.is_of_room() => Problem::new("checkpoint-disk-full").with("file", file),
                _ => {
                    let original = problem.original().unwrap_or_else(|| problem.to_string());
                    Problem::new("checkpoint-not-written").with_problem("problem", problem).with_original(original)
                }
            };
            self.job.observer.notify(RunNotice::Warning(warning));
        }
    }

    fn try_to_write_checkpoint(&mut self) -> Outcome<()> {
        let Some(store) = self.job.checkpoints else { return Ok(()) };
        let classifier = &*self.job.classifier;
        if let (Some(epoch), Some(Best::Held(values))) = (&self.position.best, &self.best) {
            let file = store.write_best(epoch, &told(snapshot_pieces(classifier, values), self.job.observer))?;
            self.best = Some(Best::OnDisk(file));
        }
        let time = self.time.elapsed();
        (self.position.elapsed_secs, self.position.shared_secs) = (time.secs, time.shared_secs);
        store.write(&self.position, &told(self.optimiser.pieces(classifier), self.job.observer))
    }

    /// Keeps the weights as they are now as those of the best epoch so far. Where they can't be written, which the next
    /// checkpoint tells and tries again, they are kept in memory.
    ///
    /// # Errors
    /// `internal-error` from candle.
    pub(super) fn keep_best(&mut self, best: BestEpoch) -> Outcome<()> {
        // Those of the epoch before make room for these. After the last epoch the weights stay as they are.
        self.best = None;
        self.position.best = Some(best);
        if self.is_over() {
            return Ok(());
        }
        let classifier = &*self.job.classifier;
        let pieces = told(weight_pieces(classifier, &self.ever_trainable), self.job.observer);
        let written = self.job.checkpoints.map(|store| store.write_best(&best, &pieces));
        self.best = Some(match written {
            Some(Ok(file)) => Best::OnDisk(file),
            _ => Best::Held(classifier.snapshot(&self.ever_trainable)?),
        });
        Ok(())
    }

    /// Puts the best epoch's weights back, where the run is to end with them; returns that epoch.
    ///
    /// # Errors
    /// `checkpoint-damaged`, `file-error`; `internal-error` from candle.
    pub(super) fn restore_best(&mut self) -> Outcome<Option<usize>> {
        let Some(best) = self.position.best else { return Ok(None) };
        self.job.classifier.set_trainable(&self.ever_trainable)?;
        match &self.best {
            Some(Best::OnDisk(file)) => put_weights_back(self.job.classifier, &self.ever_trainable, file)?,
            Some(Best::Held(values)) => self.job.classifier.restore(values)?,
            // The best epoch was the last one.
            None => {}
        }
        Ok(Some(best.epoch))
    }

    /// Puts the training where its checkpoint left it.
    ///
    /// # Errors
    /// `resume-model-changed`, `resume-other-format`, `resume-other-precision`, `checkpoint-damaged`, `file-error`.
    pub(super) fn resume(&mut self, checkpoint: Checkpoint) -> Outcome<()> {
        let position = &checkpoint.position;
        check_resumable(position, self.job.classifier)?;
        let (epoch, steps) = (position.epoch, self.steps_per_epoch);
        let in_epoch = position.step.checked_sub(epoch.saturating_sub(1) * steps);
        if position.total_steps != self.position.total_steps || epoch == 0 || in_epoch.is_none_or(|done| done > steps) {
            return Err(checkpoint.state.damaged());
        }
        self.position = position.clone();
        self.enter_stage(Some(&checkpoint))?;
        // At the end, the weights are those of the best epoch already, where the run ends with them.
        if self.position.best.is_some() && !checkpoint.is_over {
            let file = checkpoint.best.ok_or_else(|| checkpoint.state.damaged())?;
            check_weights(self.job.classifier, &self.ever_trainable, &file)?;
            self.best = Some(Best::OnDisk(file));
        }
        Ok(())
    }
}

/// Puts a checkpoint's weights into a classifier as the run began with, ready to be evaluated and saved.
///
/// # Errors
/// `resume-model-changed`, `resume-other-format`, `resume-other-precision`, `checkpoint-damaged`, `file-error`; `internal-error` from candle.
pub(super) fn restore_weights(checkpoint: &Checkpoint, classifier: &mut Classifier, config: &RunConfig) -> Outcome<()> {
    let position = &checkpoint.position;
    check_resumable(position, classifier)?;
    if checkpoint.is_over {
        let trained = classifier.trainable().to_vec();
        return put_end_back(classifier, &trained, &checkpoint.state);
    }
    let plan = config.freeze.unfreezing(classifier.tree())?;
    let mut optimiser = AdamW::new(classifier, config.training.weight_decay);
    let stage = plan.stage_of(position.epoch.min(config.training.epochs));
    optimiser.follow(&classifier.tree().parameters, &plan.stages[stage].trainable);
    optimiser.put_back(classifier, position.step, &checkpoint.state)?;
    optimiser.settle(classifier, None)
}
