//! The stages of an unfreezing plan: at the first step of each, other parameters begin to train.

use crate::domain::message::{RunEvent, StageStarted};
use crate::domain::problem::Outcome;

use super::Run;

impl Run<'_> {
    /// Where the plan has stages, makes that of an epoch the one that trains. Classifier, optimiser and cache follow: the
    /// cache has the layers below the new lowest trainable one.
    pub(super) fn enter_stage(&mut self, epoch: usize) -> Outcome<()> {
        self.optimiser.settle(self.job.classifier, None)?;
        self.take_up_stage(epoch, |_| Ok(()))
    }

    /// `enter_stage` from a checkpoint, which `put_back` puts into the optimiser and the weights in between, while all
    /// that trains in some stage can still be written to.
    pub(super) fn take_up_stage(&mut self, epoch: usize, put_back: impl Fn(&mut Self) -> Outcome<()>) -> Outcome<()> {
        if self.plan.stages.len() == 1 {
            return put_back(self);
        }
        self.stage = self.stage_of(epoch);
        let trainable = self.plan.stages[self.stage].trainable.clone();
        self.optimiser.follow(&self.job.classifier.tree().parameters, &trainable);
        put_back(self)?;
        self.job.classifier.set_trainable(&trainable)?;
        self.prefix = self.job.prefix_cache.for_run(self.job.classifier, &self.job.config.training.prefix_cache);
        Ok(())
    }

    /// The stage of the epoch under way, when it is not the one that trains yet.
    pub(super) fn next_stage(&mut self) -> Outcome<()> {
        if self.stage_of(self.epoch) != self.stage {
            self.enter_stage(self.epoch)?;
            if !self.patience.is_over() {
                self.tell_of_stage();
            }
        }
        Ok(())
    }

    /// After the last epoch it is still the last epoch's.
    fn stage_of(&self, epoch: usize) -> usize {
        self.plan.stage_of(epoch.min(self.job.config.training.epochs))
    }

    pub(super) fn tell_of_stage(&self) {
        let (classifier, stages) = (&*self.job.classifier, self.plan.stages.len());
        if stages == 1 {
            return;
        }
        let (trainable, frozen) = classifier.tree().totals(classifier.trainable());
        self.job.observer.emit(RunEvent::StageStarted(StageStarted {
            stage: self.stage + 1,
            stages,
            step: self.step + 1,
            epoch: self.epoch,
            trainable,
            frozen,
        }));
    }
}
