//! Looks at validation: a few rows now and then within an epoch, all rows at its end.

use crate::domain::estimate::LIVE_LOOKS;
use crate::domain::message::{LiveValidation, RunEvent, Task};
use crate::domain::problem::Outcome;
use crate::train::evaluate::{Evaluation, evaluate_with};

use super::{Halt, Run};

impl Run<'_> {
    /// Whether a look is due after the step just done. Looks are spread evenly over the run; the first comes early, so that
    /// a confusion matrix is soon on the screen.
    pub(super) fn is_look_due(&self) -> bool {
        let looks = |step: usize| step * LIVE_LOOKS / self.course.total_steps;
        let step = self.progress.step;
        step == (self.course.steps_per_epoch / 20).clamp(1, 10) || looks(step) > looks(step - 1)
    }

    /// Takes the look at validation that is due. A loss that is not a number is told as it is and ends nothing: whether the
    /// training can go on is decided by its own loss and by the whole validation at the epoch's end.
    pub(super) fn look_if_due(&mut self) -> Result<(), Halt> {
        if self.progress.looked {
            return Ok(());
        }
        self.learning.optimiser.settle(self.job.classifier, None)?;
        let seen = self.validate(&self.course.live_rows)?;
        if seen.stopped {
            return Err(Halt::Stopped);
        }
        self.job.observer.emit(RunEvent::LiveValidation(LiveValidation {
            step: self.progress.step,
            rows: self.course.live_rows.len(),
            loss: seen.loss,
            accuracy: seen.confusion.accuracy(),
            confusion: seen.confusion,
        }));
        self.progress.looked = true;
        self.report_prefix();
        Ok(())
    }

    /// Classifies validation rows with the weights as they are now; the optimiser must have settled them.
    pub(super) fn validate(&self, rows: &[u32]) -> Outcome<Evaluation> {
        let (classifier, prefix, job) = (&*self.job.classifier, &self.learning.prefix, &self.job);
        evaluate_with(classifier, prefix, job.tokens, &job.dataset.labels, rows, job.observer, Task::Validate)
    }
}
