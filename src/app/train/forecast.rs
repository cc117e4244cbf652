//! What the run that Train would start costs: seconds, memory, and the meter of its freezing.

use crate::domain::config::{DataConfig, RunConfig, SplitConfig, TrainingConfig};
use crate::domain::estimate::{Estimate, Workload};
use crate::domain::memory::{MemoryNeed, TextSizes, memory_need};
use crate::domain::meter::{Cache, CacheRoom, Meter, Needs, saved_by_small_parts};

use super::TrainState;

/// Runs longer than this are offered a smaller size.
pub const LONG_RUN_SECS: f64 = 600.0;

/// The settings without those that a calibration does not depend on: when it changes, the machine is timed anew.
pub(super) fn calibrated_part(config: &RunConfig) -> RunConfig {
    let (split, t) = (SplitConfig::default(), &config.training);
    let data = DataConfig { split, max_rows: None, rows_per_class: None, label_map: Vec::new(), ..config.data.clone() };
    let training = TrainingConfig {
        max_length: t.max_length,
        threads: t.threads,
        device: t.device,
        precision: t.precision,
        frozen_precision: t.frozen_precision,
        ..TrainingConfig::default()
    };
    RunConfig { data, model: config.model.clone(), training, ..RunConfig::default() }
}

impl TrainState {
    /// Numbers that train, and that are frozen; `None` before a model is there.
    pub fn totals(&self) -> Option<(usize, usize)> {
        self.model.latest().map(|tree| tree.totals(&self.trainable))
    }

    /// How long the run that Train would start will take; `None` before the machine was timed.
    pub fn estimate(&self) -> Option<Estimate> {
        Some(self.estimate_of(self.workload()?))
    }

    /// The estimate for other rows or texts.
    pub(super) fn estimate_of(&self, workload: Workload<'_>) -> Estimate {
        let is_cached = |trainable: &[bool]| {
            let room = CacheRoom::of(workload, trainable);
            matches!(Meter::of(workload.tree, trainable, workload.training, Some(room)).cache, Cache::Kept { .. })
        };
        match &self.timeline.plan {
            Some(plan) => workload.estimate_stages(plan, &is_cached),
            None => workload.estimate(&self.trainable, is_cached(&self.trainable)),
        }
    }

    /// The memory that the run which Train would start takes; `None` before its texts are counted.
    pub fn memory_need(&self) -> Option<MemoryNeed> {
        let (tree, texts) = (self.model.ready()?, self.text_sizes()?);
        let plan = self.timeline.plan.as_ref();
        let fullest = plan.map(|plan| plan.fullest(tree, texts, &self.config.training));
        let frozen = self.config.training.frozen_precision;
        Some(memory_need(tree, fullest.unwrap_or(&self.trainable), texts, frozen))
    }

    /// The texts as far as memory depends on them; `None` before they are counted.
    pub fn text_sizes(&self) -> Option<TextSizes> {
        let lengths = self.token_lengths.as_ref()?;
        let train_rows = self.dataset.ready()?.split.totals().0;
        Some(TextSizes::counted(lengths, self.config.training.batch_size, train_rows))
    }

    /// What the freezing costs, as far as the model tells; `None` before there is one.
    pub fn meter(&self) -> Option<Meter> {
        Some(Meter::of(self.model.latest()?, &self.trainable, &self.config.training, self.room()))
    }

    /// The run that Train would start, as far as its time depends on it; `None` before the machine was timed.
    pub(super) fn workload(&self) -> Option<Workload<'_>> {
        let (calibration, data) = (self.calibration.as_ref()?, self.dataset.ready()?);
        Some(Workload { calibration, tree: self.model.ready()?, split: &data.split, training: &self.config.training })
    }

    /// CacheRoom for what is kept of frozen layers; `None` before the machine was timed.
    fn room(&self) -> Option<CacheRoom> {
        Some(CacheRoom::of(self.workload()?, &self.trainable))
    }

    /// Bytes that frozen layers' results will take; `None` where nothing is kept, or before the machine was timed.
    pub fn kept_bytes(&self) -> Option<u64> {
        let (room, meter) = (self.room()?, self.meter()?);
        matches!(meter.cache, Cache::Kept { .. } | Cache::NoRoom { .. }).then(|| room.needed.min(room.bytes) as u64)
    }

    /// Seconds and memory, as far as they are known yet.
    pub fn needs(&self) -> Needs {
        Needs { time: self.estimate(), memory: self.memory_need() }
    }

    /// What is saved by training only biases and the like, where that is so.
    pub fn saved_by_small_parts(&self) -> Option<f64> {
        saved_by_small_parts(self.workload()?, &self.trainable)
    }
}
