//! The settings that decide a run. Its folder keeps them in `settings.json`, and equal settings give equal runs.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::class_weights::ClassWeights;
use super::freeze::Freeze;
use super::labels::LabelPair;
use super::precision::{FrozenPrecision, Precision};
use super::problem::{Outcome, Problem};
pub use super::reading::{Quoting, ReadingConfig};

/// The whole description of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunConfig {
    pub data: DataConfig,
    pub model: ModelSource,
    pub freeze: Freeze,
    pub training: TrainingConfig,
    /// The run folder. With `None` the program makes one among the user's runs.
    pub out: Option<PathBuf>,
    /// Where the user's runs are kept. `None` is `THAW_RUNS_DIR`, or else the user's data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs_dir: Option<PathBuf>,
    /// What the user expected of the run before it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guess: Option<Guess>,
    /// Seconds of training that the program itself expected, to be shown beside the guess.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_secs: Option<f64>,
}

/// A guess at how a run will end, to be compared with how it ended.
/// What was left untouched was not guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guess {
    /// Test accuracy, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// Seconds of training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secs: Option<f64>,
}

/// A table of texts and labels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DataSource {
    /// The review sentences that come with the program.
    #[default]
    Bundled,
    File(PathBuf),
}

/// Where the examples come from, how they are read, and how they are split.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DataConfig {
    pub source: DataSource,
    /// A file that replaces the validation part of the split.
    pub validation: Option<PathBuf>,
    /// A file that replaces the test part of the split.
    pub test: Option<PathBuf>,
    #[serde(flatten)]
    pub reading: ReadingConfig,
    pub split: SplitConfig,
    /// The column by which rows are drawn and split in place of the labels; each of its values keeps its share. A copy with
    /// fixed labels names there the labels from before, so that its rows come into the same parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split_column: Option<String>,
    /// At most so many rows of the file are used. They are drawn so that every class keeps its share.
    pub max_rows: Option<usize>,
    /// At most so many rows of each class are trained on. Validation and test rows stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_class: Option<usize>,
    /// The classes of the model that labels of the file stand for. What it leaves out is matched by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label_map: Vec<LabelPair>,
    /// A share of the main file's rows is given another label, so that students can hunt for them. Drawn with the split's
    /// seed. The file stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flip_labels: Option<f32>,
    /// Whether a new head begins even where the model's own could be kept for the labels.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_head: bool,
}

/// What is stated of the head that a run begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadConfig {
    pub label_map: Vec<LabelPair>,
    pub is_new: bool,
}

/// The two cuts of the lecture: first the test rows are taken out, then the validation rows from the rest. Both are
/// stratified by label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SplitConfig {
    /// Share of all rows that is kept for the test.
    pub test_share: f64,
    /// Share of the *remaining* rows that is kept for validation.
    pub validation_share: f64,
    /// The split has a seed of its own, so that training seeds can be compared on one split.
    pub seed: u64,
    /// Whether the copies of a text come into one part. Runs of older versions, whose settings do not say it, were split
    /// row by row, and keep their split.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copies_together: bool,
}

impl Default for SplitConfig {
    fn default() -> Self {
        Self { test_share: 0.2, validation_share: 0.3, seed: 42, copies_together: true }
    }
}

/// A pretrained model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModelSource {
    /// all-MiniLM-L6-v2, which comes with the program.
    #[default]
    Bundled,
    /// A folder in Hugging Face layout: `config.json`, `model.safetensors`, `tokenizer.json` or `vocab.txt`.
    Folder(PathBuf),
}

/// A model that can classify: one with a head of its own, or any with the head of a folder or file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClassifierSource {
    pub model: ModelSource,
    /// A run, a folder or a file of weights whose head takes the place of the model's own.
    pub head: Option<PathBuf>,
    /// This is true where the head is that of a run that is known to have begun with this very model. Its other parameters
    /// may have been trained, too; elsewhere a difference between them means that the head belongs to another model.
    pub is_ancestor: bool,
    /// What products are computed in; `None` is what the run was trained in, and f32 for models from elsewhere.
    pub precision: Option<Precision>,
}

impl From<PathBuf> for ClassifierSource {
    fn from(folder: PathBuf) -> Self {
        Self { model: ModelSource::Folder(folder), head: None, is_ancestor: false, precision: None }
    }
}

/// How the learning rate changes after warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It falls in a straight line to 0 at the last step.
    #[default]
    Linear,
    Constant,
    /// It falls along half a cosine to 0 at the last step.
    Cosine,
}

/// The epoch whose weights a run ends with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinalWeights {
    #[default]
    Last,
    /// The epoch with the best validation accuracy; the earlier one where two are equal.
    Best,
}

/// The kind of device that computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    #[default]
    Cpu,
    /// The first NVIDIA GPU, in builds with the feature `cuda`.
    Cuda,
    /// Apple's GPU, in builds with the feature `metal`.
    Metal,
}

impl DeviceKind {
    pub const ALL: [Self; 3] = [Self::Cpu, Self::Cuda, Self::Metal];

    /// The name on the command line and in the run folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Metal => "metal",
        }
    }

    /// Whether this build can use it at all.
    pub const fn is_built(self) -> bool {
        match self {
            Self::Cpu => true,
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Metal => cfg!(feature = "metal"),
        }
    }
}

/// How much of the frozen layers' outputs may be kept. It changes the speed and never the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrefixCacheConfig {
    pub enabled: bool,
    /// MiB of memory. `None` is a quarter of what is free.
    pub memory_mib: Option<usize>,
    /// MiB of a temporary file, which is used once the memory is full. `None` is half of the free space there.
    pub file_mib: Option<usize>,
}

impl Default for PrefixCacheConfig {
    fn default() -> Self {
        Self { enabled: true, memory_mib: None, file_mib: None }
    }
}

/// The hyper-parameters of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainingConfig {
    pub epochs: usize,
    /// Rows that go through the network at once.
    pub batch_size: usize,
    /// Batches whose gradients are summed into one optimiser step. The step sees the rows of all of them and takes the
    /// memory of one.
    pub accumulation_steps: usize,
    /// Peak learning rate. `None` is the one that `Freeze::suggested_learning_rate` suggests.
    pub learning_rate: Option<f64>,
    /// AdamW's decoupled weight decay. Biases and LayerNorm weights do not decay.
    pub weight_decay: f64,
    /// Share of all steps in which the learning rate climbs from 0 to its peak.
    pub warmup_share: f64,
    pub schedule: Schedule,
    /// The gradient is scaled down so that its global norm is at most this. 0 turns clipping off.
    pub clip_norm: f64,
    /// Tokens of a text that are read, special tokens included. The rest of the text is cut.
    pub max_length: usize,
    /// One dropout probability everywhere, where 0 is off. `None` keeps the model's own probabilities.
    pub dropout: Option<f64>,
    /// Whether dropout also acts in the frozen layers below the lowest trainable one, as it does with Hugging Face.
    pub frozen_dropout: bool,
    /// The seed of head initialisation, row order and dropout. The split has its own.
    pub seed: u64,
    /// The run ends after so many epochs without a lower validation loss.
    pub patience: Option<usize>,
    pub keep: FinalWeights,
    /// Whether the run is refused where the model's own head can't be kept for the labels.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_head: bool,
    /// Threads that compute. `None` is one for each physical core.
    pub threads: Option<usize>,
    pub device: DeviceKind,
    /// What the operands of products are rounded to.
    #[serde(skip_serializing_if = "Precision::is_default")]
    pub precision: Precision,
    /// How the weights of the layers below the lowest trainable one are held.
    #[serde(skip_serializing_if = "FrozenPrecision::is_default")]
    pub frozen_precision: FrozenPrecision,
    pub prefix_cache: PrefixCacheConfig,
    /// Minutes between two checkpoints within an epoch. With 0 there are checkpoints only at the ends of epochs.
    pub checkpoint_minutes: f64,
    /// With this, TensorBoard's event file is written into the run's folder while it trains.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tensorboard: bool,
    /// What the rows of each class count in the loss; `None` where all count the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
}

impl Default for TrainingConfig {
    fn default() -> Self {
        Self {
            epochs: 3,
            batch_size: 16,
            accumulation_steps: 1,
            learning_rate: None,
            weight_decay: 0.0,
            warmup_share: 0.0,
            schedule: Schedule::Linear,
            clip_norm: 1.0,
            max_length: 128,
            dropout: None,
            frozen_dropout: false,
            seed: 42,
            patience: None,
            keep: FinalWeights::Last,
            keep_head: false,
            threads: None,
            device: DeviceKind::Cpu,
            precision: Precision::F32,
            frozen_precision: FrozenPrecision::F32,
            prefix_cache: PrefixCacheConfig::default(),
            checkpoint_minutes: 10.0,
            tensorboard: false,
            class_weights: None,
        }
    }
}

impl TrainingConfig {
    /// The batch size as people write it: `16`, or `16 × 4` with four batches a step.
    pub fn batch_text(&self) -> String {
        match self.accumulation_steps {
            1 => self.batch_size.to_string(),
            steps => format!("{} × {steps}", self.batch_size),
        }
    }

    /// Rows that one optimiser step sees.
    pub fn rows_per_step(&self) -> usize {
        self.batch_size * self.accumulation_steps
    }
}

/// The sane range of one setting. The window's controls keep to it, and what the terminal was given is checked against it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The setting's name on the command line, without the dashes.
    pub name: &'static str,
    pub min: f64,
    pub max: f64,
}

impl Bounds {
    pub(super) const fn new(name: &'static str, min: f64, max: f64) -> Self {
        Self { name, min, max }
    }

    /// # Errors
    /// `setting-out-of-bounds` when `value` is not a number within the bounds.
    pub fn check(&self, value: f64) -> Outcome<()> {
        if value >= self.min && value <= self.max {
            return Ok(());
        }
        Err(Problem::new("setting-out-of-bounds")
            .with("setting", self.name)
            .with("value", value)
            .with("min", self.min)
            .with("max", self.max))
    }
}

pub const EPOCHS: Bounds = Bounds::new("epochs", 1.0, 1000.0);
pub const BATCH_SIZE: Bounds = Bounds::new("batch-size", 1.0, 1024.0);
pub const ACCUMULATION_STEPS: Bounds = Bounds::new("accumulate", 1.0, 1024.0);
pub const LEARNING_RATE: Bounds = Bounds::new("learning-rate", 1e-8, 1.0);
pub const WEIGHT_DECAY: Bounds = Bounds::new("weight-decay", 0.0, 1.0);
pub const WARMUP_SHARE: Bounds = Bounds::new("warmup-ratio", 0.0, 1.0);
pub const CLIP_NORM: Bounds = Bounds::new("clip", 0.0, 1000.0);
/// The model's own number of positions is the real upper end, which is checked once the model is known.
pub const MAX_LENGTH: Bounds = Bounds::new("max-length", 4.0, 8192.0);
pub const DROPOUT: Bounds = Bounds::new("dropout", 0.0, 0.9);
pub const TEST_SHARE: Bounds = Bounds::new("test-share", 0.01, 0.9);
pub const VALIDATION_SHARE: Bounds = Bounds::new("validation-share", 0.01, 0.9);
pub const PATIENCE: Bounds = Bounds::new("patience", 1.0, 1000.0);
pub const THREADS: Bounds = Bounds::new("threads", 1.0, 1024.0);
/// MiB, up to 16 TiB.
pub const CACHE_MEMORY: Bounds = Bounds::new("cache-memory", 0.0, 16_777_216.0);
pub const CACHE_FILE: Bounds = Bounds::new("cache-disk", 0.0, 16_777_216.0);
pub const CHECKPOINT_MINUTES: Bounds = Bounds::new("checkpoint-minutes", 0.0, 10_080.0);
/// What may be guessed of a run before it has ended.
pub const GUESS_ACCURACY: Bounds = Bounds::new("guess-accuracy", 0.0, 1.0);
pub const GUESS_SECS: Bounds = Bounds::new("guess-secs", 0.0, 1e7);
pub const MAX_ROWS: Bounds = Bounds::new("max-rows", 8.0, 1e9);
/// At most half of the labels are made wrong, because otherwise the wrong ones would be the rule.
pub const FLIP_LABELS: Bounds = Bounds::new("flip-labels", 0.0, 0.5);
pub const ROWS_PER_CLASS: Bounds = Bounds::new("rows-per-class", 8.0, 1e9);

impl DataConfig {
    pub fn head(&self) -> HeadConfig {
        HeadConfig { label_map: self.label_map.clone(), is_new: self.new_head }
    }

    /// Forgets what was stated of a model's head, once there is another model.
    pub fn forget_head(&mut self) {
        (self.label_map, self.new_head) = (Vec::new(), false);
    }

    /// The settings for another file: the split and the limits of rows stay, and how the file is read is guessed anew. What
    /// an old run did with copies concerns its own file only.
    #[must_use]
    pub fn for_source(&self, source: DataSource) -> Self {
        let Self { max_rows, rows_per_class, .. } = *self;
        let split = SplitConfig { copies_together: true, ..self.split };
        Self { source, split, max_rows, rows_per_class, ..Self::default() }
    }
}

impl Guess {
    /// The guess, unless nothing was guessed.
    #[must_use]
    pub fn made(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

impl RunConfig {
    /// Checks every number against its bounds. What depends on data or model is checked when those are read.
    ///
    /// # Errors
    /// `setting-out-of-bounds` for the first setting that is out of its range.
    pub fn check(&self) -> Outcome<()> {
        let (t, d) = (&self.training, &self.data);
        let number = |n: usize| n as f64;
        let settings = [
            (EPOCHS, Some(number(t.epochs))),
            (BATCH_SIZE, Some(number(t.batch_size))),
            (ACCUMULATION_STEPS, Some(number(t.accumulation_steps))),
            (LEARNING_RATE, Some(self.learning_rate())),
            (WEIGHT_DECAY, Some(t.weight_decay)),
            (WARMUP_SHARE, Some(t.warmup_share)),
            (CLIP_NORM, Some(t.clip_norm)),
            (MAX_LENGTH, Some(number(t.max_length))),
            (DROPOUT, t.dropout),
            (TEST_SHARE, Some(d.split.test_share)),
            (VALIDATION_SHARE, Some(d.split.validation_share)),
            (PATIENCE, t.patience.map(number)),
            (THREADS, t.threads.map(number)),
            (CACHE_MEMORY, t.prefix_cache.memory_mib.map(number)),
            (CACHE_FILE, t.prefix_cache.file_mib.map(number)),
            (CHECKPOINT_MINUTES, Some(t.checkpoint_minutes)),
            (GUESS_ACCURACY, self.guess.and_then(|guess| guess.accuracy)),
            (GUESS_SECS, self.guess.and_then(|guess| guess.secs)),
            (FLIP_LABELS, d.flip_labels.map(f64::from)),
            (MAX_ROWS, d.max_rows.map(number)),
            (ROWS_PER_CLASS, d.rows_per_class.map(number)),
        ];
        settings.into_iter().try_for_each(|(bounds, value)| value.map_or(Ok(()), |value| bounds.check(value)))?;
        t.class_weights.as_ref().map_or(Ok(()), ClassWeights::check)
    }

    /// The peak learning rate that this run uses.
    pub fn learning_rate(&self) -> f64 {
        self.training.learning_rate.unwrap_or_else(|| self.freeze.suggested_learning_rate())
    }
}
