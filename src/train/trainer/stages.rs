//! The stages of an unfreezing plan: at the first step of each, other parameters begin to train.

use crate::domain::problem::Outcome;

use super::Run;

impl Run<'_> {
    /// Lets the parameters train that the plan wants in an epoch, if it has several stages.
    pub(super) fn enter_stage(&mut self, epoch: usize) -> Outcome<()> {
        self.learning.optimiser.settle(self.job.classifier, None)?;
        self.enter_stage_with(epoch, |_| Ok(()))
    }

    /// As `enter_stage`; `put_back` puts a checkpoint into the optimiser and the weights, at the moment when the optimiser
    /// is the stage's already and every parameter that trains in some stage can still be written to.
    pub(super) fn enter_stage_with(
        &mut self,
        epoch: usize,
        put_back: impl Fn(&mut Self) -> Outcome<()>,
    ) -> Outcome<()> {
        if self.course.unfreezing.stages.len() == 1 {
            return put_back(self);
        }
        self.learning.stage = self.stage_of(epoch);
        let trainable = self.course.unfreezing.stages[self.learning.stage].trainable.clone();
        self.learning.optimiser.follow(&self.job.classifier.tree().parameters, &trainable);
        put_back(self)?;
        self.job.classifier.set_trainable(&trainable)?;
        // The cache now holds the layers below the new lowest trainable one.
        let cache = &self.job.config.training.prefix_cache;
        self.learning.prefix = self.job.prefix_cache.for_run(self.job.classifier, cache);
        Ok(())
    }

    /// Enters the stage of the epoch under way, unless it is the one that trains already.
    pub(super) fn enter_next_stage(&mut self) -> Outcome<()> {
        if self.stage_of(self.progress.epoch) != self.learning.stage {
            self.enter_stage(self.progress.epoch)?;
            if !self.progress.patience.is_over() {
                self.report_stage();
            }
        }
        Ok(())
    }

    /// The stage of an epoch. Beyond the last epoch it is the last one's.
    fn stage_of(&self, epoch: usize) -> usize {
        self.course.unfreezing.stage_of(epoch.min(self.job.config.training.epochs))
    }
}
