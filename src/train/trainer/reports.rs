//! What a training reports of its course, beside its steps and looks.

use crate::domain::health::of_run;
use crate::domain::message::{EpochEnded, RunEvent, RunNotice, RunStarted, StageStarted};
use crate::domain::precision::FrozenPrecision;
use crate::model::device::Precisions;
use crate::train::evaluate::Evaluation;
use crate::train::loss::Loss;

use super::Run;

impl Run<'_> {
    pub(super) fn report_start(&self) {
        let (dataset, classifier) = (self.job.dataset, &*self.job.classifier);
        let (trainable, frozen) = classifier.tree().totals(classifier.trainable());
        let precisions = Precisions::of(&self.job.config.training);
        self.job.observer.emit(RunEvent::RunStarted(RunStarted {
            train_rows: dataset.splits.train.len(),
            validation_rows: dataset.splits.validation.len(),
            test_rows: dataset.splits.test.len(),
            skipped_rows: dataset.summary.skipped.count,
            trainable,
            frozen,
            total_steps: self.position.total_steps,
            device: self.job.config.training.device.name().into(),
            precision: precisions.products,
            frozen_precision: if classifier.is_compact() { precisions.frozen } else { FrozenPrecision::F32 },
            seed: self.job.config.training.seed,
            labels: classifier.label_names().to_vec(),
            text_columns: dataset.summary.text_columns(),
            head: classifier.tree().facts.head,
            class_weights: self.loss.weights().to_vec(),
            label_match: classifier.tree().facts.matched.clone(),
            findings: of_run(&dataset.summary.findings),
        }));
    }

    /// Reports the stage that begins; a plan of a single stage reports none.
    pub(super) fn report_stage(&self) {
        let (classifier, stages) = (&*self.job.classifier, self.unfreezing.stages.len());
        if stages == 1 {
            return;
        }
        let (trainable, frozen) = classifier.tree().totals(classifier.trainable());
        self.job.observer.emit(RunEvent::StageStarted(StageStarted {
            stage: self.stage + 1,
            stages,
            step: self.position.step + 1,
            epoch: self.position.epoch,
            trainable,
            frozen,
        }));
    }

    pub(super) fn report_epoch(&self, validation: &Evaluation) {
        let sums = &self.position.sums;
        let rows = sums.rows as f64;
        self.job.observer.emit(RunEvent::EpochEnded(EpochEnded {
            epoch: self.position.epoch,
            train_loss: sums.loss / if self.loss == Loss::PLAIN { rows } else { sums.mass },
            train_accuracy: sums.correct as f64 / rows,
            validation_loss: validation.loss,
            validation_accuracy: validation.confusion.accuracy(),
            validation_confusion: validation.confusion.clone(),
            rows_per_sec: rows / sums.training.as_secs_f64(),
            elapsed_secs: self.time.elapsed().secs,
        }));
        self.report_prefix();
    }

    /// Reports how much the prefix cache holds for this run.
    pub(super) fn report_prefix(&self) {
        self.job.observer.notify(RunNotice::PrefixCached(self.prefix.status()));
    }
}
