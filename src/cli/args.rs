//! What the command line takes; what it means is in `settings`. The help's sentences are in the words catalogue (`help.rs`).

mod reading;
mod settings;
mod values;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};

use crate::domain::class_weights::ClassWeights;
use crate::domain::config::{DeviceKind, FinalWeights, Schedule};
use crate::domain::half::Half;
use crate::domain::health::PartName;
use crate::domain::hub::ModelId;
use crate::domain::lived_words;
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::program::ProgramStyle;
use crate::domain::text_map::MapMethod;

pub use settings::{conflict, reads_nothing};
pub use values::{Expected, FixedRow, FreezeArg, LabelMapArg, ModelArg};

use reading::Reading;
use values::{
    class_weights, device, fixed_row, freeze, frozen_precision, half, held_out, keep, label_map, map_method, model,
    model_id, precision, program_style, rows_per_class, schedule, some_rows,
};

#[derive(Debug, Parser)]
#[command(name = "thaw", version, disable_help_flag = true, disable_help_subcommand = true)]
#[command(disable_version_flag = true)]
pub struct CommandLine {
    #[command(subcommand)]
    pub command: Option<Task>,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    Train(Box<Train>),
    Code(Box<Code>),
    Data(Box<DataCard>),
    Params(Params),
    Evaluate(Evaluate),
    Predict(Predict),
    Explain(Explain),
    Rows(Rows),
    Check(Check),
    Labels(Labels),
    Map(Map),
    Words(Words),
    #[command(subcommand)]
    Models(ModelsTask),
    #[command(subcommand)]
    Lesson(LessonTask),
    Race(Box<Race>),
    FindRate(Box<OneRun>),
    Runs(Runs),
    Export(Box<Export>),
    Report(Report),
    Doctor,
}

/// How many rows are used, and how they are split.
#[derive(Debug, Args)]
struct Splitting {
    #[arg(long, value_name = "N")]
    split_seed: Option<u64>,
    #[arg(long, value_name = "NAME")]
    split_column: Option<String>,
    #[arg(long, value_name = "N")]
    max_rows: Option<usize>,
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    flip_labels: Option<f32>,
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    test_share: Option<f64>,
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    validation_share: Option<f64>,
}

/// The settings of a run, except those of which a race has several.
#[derive(Debug, Args)]
pub struct Settings {
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    validation_data: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    test_data: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[arg(long, value_name = "LABEL=CLASS,...|FILE", value_parser = label_map)]
    label_map: Option<LabelMapArg>,
    #[arg(long, value_name = "bundled|FOLDER|ID", value_parser = model)]
    pub model: Option<ModelArg>,
    #[arg(long, conflicts_with = "new_head")]
    keep_head: bool,
    #[arg(long, conflicts_with = "label_map")]
    new_head: bool,
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    #[arg(long, value_name = "N")]
    batch_size: Option<usize>,
    #[arg(long, value_name = "N")]
    accumulate: Option<usize>,
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    learning_rate: Option<f64>,
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    weight_decay: Option<f64>,
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    warmup_ratio: Option<f64>,
    #[arg(long, value_name = "linear|constant|cosine", value_parser = schedule)]
    schedule: Option<Schedule>,
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    clip: Option<f64>,
    #[arg(long, value_name = "N")]
    max_length: Option<usize>,
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    dropout: Option<f64>,
    #[arg(long)]
    frozen_dropout: bool,
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    #[command(flatten)]
    splitting: Splitting,
    #[arg(long, value_name = "N")]
    patience: Option<usize>,
    #[arg(long, value_name = "last|best", value_parser = keep)]
    keep: Option<FinalWeights>,
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[arg(long, value_name = "cpu|cuda|metal", value_parser = device)]
    device: Option<DeviceKind>,
    #[arg(long, value_name = "f32|bf16", value_parser = precision)]
    precision: Option<Precision>,
    #[arg(long, value_name = "f32|bf16|int8", value_parser = frozen_precision)]
    frozen_precision: Option<FrozenPrecision>,
    #[arg(long)]
    no_prefix_cache: bool,
    #[arg(long, value_name = "MIB")]
    cache_memory: Option<usize>,
    #[arg(long, value_name = "MIB")]
    cache_disk: Option<usize>,
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    checkpoint_minutes: Option<f64>,
    #[arg(long, value_name = "balanced|NAME=X,...", value_parser = class_weights)]
    class_weights: Option<ClassWeights>,
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The settings of one run.
#[derive(Debug, Args)]
pub struct OneRun {
    #[command(flatten)]
    pub settings: Settings,
    #[arg(long, value_name = "1|2|3|full|top:K|biases|PLAN.json", value_parser = freeze)]
    freeze: Option<FreezeArg>,
    #[arg(long, value_name = "N")]
    rows_per_class: Option<usize>,
}

#[derive(Debug, Args)]
pub struct Train {
    #[command(flatten)]
    pub run: OneRun,
    #[arg(long, value_name = "X", requires = "guess_secs")]
    guess_accuracy: Option<f64>,
    #[arg(long, value_name = "S", requires = "guess_accuracy")]
    guess_secs: Option<f64>,
    #[arg(long)]
    tensorboard: bool,
    #[arg(long, value_name = "RUN_DIR")]
    resume: Option<PathBuf>,
    #[arg(long = "continue", value_name = "RUN_DIR")]
    continued: Option<PathBuf>,
}

/// `thaw code` writes the Python of a training with these settings, or with those of a run. `--out` names the program's file.
#[derive(Debug, Args)]
pub struct Code {
    #[arg(value_name = "RUN_DIR")]
    pub of_run: Option<PathBuf>,
    #[command(flatten)]
    pub run: OneRun,
    #[arg(long, value_name = "trainer|pytorch|lecture", value_parser = program_style, default_value = "trainer")]
    pub style: ProgramStyle,
    #[arg(long)]
    pub notebook: bool,
}

#[derive(Debug, Args)]
pub struct Race {
    #[command(flatten)]
    pub settings: Settings,
    #[arg(long, value_name = "1,2,3,full,...", value_parser = freeze, value_delimiter = ',')]
    freeze: Vec<FreezeArg>,
    #[arg(long, value_name = "N")]
    seeds: Option<usize>,
    #[arg(long, value_name = "M", allow_negative_numbers = true)]
    minutes: Option<f64>,
    #[arg(long, value_name = "8,32,...,all", value_parser = rows_per_class, value_delimiter = ',')]
    rows_per_class: Vec<usize>,
    #[arg(long, value_name = "RACE_DIR")]
    pub resume: Option<PathBuf>,
}

/// `thaw data` makes a card of this file, read and split in this way.
#[derive(Debug, Args)]
pub struct DataCard {
    #[arg(value_name = "FILE|bundled")]
    file: PathBuf,
    #[arg(long, value_name = "FILE")]
    validation_data: Option<PathBuf>,
    #[arg(long, value_name = "FILE")]
    test_data: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[arg(long, value_name = "bundled|FOLDER|ID", value_parser = model)]
    pub model: Option<ModelArg>,
    #[arg(long, value_name = "N")]
    max_length: Option<usize>,
    #[command(flatten)]
    splitting: Splitting,
    #[arg(long, value_name = "N")]
    pub rows: Option<usize>,
}

#[derive(Debug, Args)]
pub struct Runs {
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("What").required(true).args(["to", "cluster", "tensorboard", "tables"]))]
pub struct Export {
    #[arg(value_name = "RUN_DIR", required_unless_present = "cluster")]
    pub run_dir: Option<PathBuf>,
    #[arg(long, value_name = "FOLDER")]
    pub to: Option<PathBuf>,
    // Without the sign of equality the folder of the run would be taken for its value.
    #[arg(long, value_name = "f16|bf16", value_parser = half, num_args = 0..=1, default_missing_value = "f16")]
    #[arg(require_equals = true, conflicts_with_all = ["tensorboard", "tables", "cluster"])]
    pub half: Option<Half>,
    #[arg(long, value_name = "FOLDER")]
    pub tensorboard: Option<PathBuf>,
    #[arg(long, value_name = "FOLDER")]
    pub tables: Option<PathBuf>,
    #[arg(long, value_name = "FOLDER")]
    pub cluster: Option<PathBuf>,
    /// The settings are those of a training that was not done yet, for a cluster.
    #[command(flatten)]
    pub training: OneRun,
}

#[derive(Debug, Args)]
pub struct Report {
    #[arg(value_name = "DIR", required = true)]
    pub dirs: Vec<PathBuf>,
    #[arg(long, value_name = "FILE.html|FILE.pdf")]
    pub to: PathBuf,
}

#[derive(Debug, Args)]
pub struct Params {
    #[arg(value_name = "RUN_DIR", conflicts_with_all = ["model", "freeze"])]
    pub run_dir: Option<PathBuf>,
    #[arg(long, value_name = "bundled|FOLDER|ID", value_parser = model)]
    pub model: Option<ModelArg>,
    #[arg(long, value_name = "1|2|3|full|top:K|biases|PLAN.json", value_parser = freeze)]
    pub freeze: Option<FreezeArg>,
}

#[derive(Debug, Args)]
pub struct Evaluate {
    #[arg(value_name = "RUN_DIR|ID|bundled", value_parser = model)]
    pub classifier: ModelArg,
    #[arg(long, value_name = "FOLDER|FILE")]
    pub head: Option<PathBuf>,
    #[arg(long, value_name = "f32|bf16", value_parser = precision)]
    pub precision: Option<Precision>,
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[arg(long, value_name = "LABEL=CLASS,...|FILE", value_parser = label_map)]
    label_map: Option<LabelMapArg>,
    #[arg(long, conflicts_with = "head")]
    pub fit_temperature: bool,
    #[arg(long, conflicts_with_all = ["head", "fit_temperature"])]
    pub forget_temperature: bool,
}

#[derive(Clone, Debug, Args)]
pub struct Predict {
    #[arg(value_name = "RUN_DIR|ID|bundled", value_parser = model)]
    pub classifier: ModelArg,
    #[arg(value_name = "TEXT", conflicts_with_all = ["data"])]
    pub texts: Vec<String>,
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["data"])]
    pub second: Vec<String>,
    #[arg(long, value_name = "FOLDER|FILE")]
    pub head: Option<PathBuf>,
    #[arg(long, value_name = "f32|bf16", value_parser = precision)]
    pub precision: Option<Precision>,
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    #[arg(long, value_name = "FILE.csv", requires = "data")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
pub struct Explain {
    #[arg(value_name = "RUN_DIR|ID|bundled", value_parser = model)]
    pub classifier: ModelArg,
    #[arg(value_name = "TEXT", required = true)]
    pub texts: Vec<String>,
    #[arg(long, value_name = "TEXT")]
    pub second: Vec<String>,
    #[arg(long, value_name = "FOLDER|FILE")]
    pub head: Option<PathBuf>,
    #[arg(long, value_name = "f32|bf16", value_parser = precision)]
    pub precision: Option<Precision>,
}

#[derive(Debug, Args)]
pub struct Rows {
    #[arg(value_name = "RUN_DIR")]
    pub run_dir: PathBuf,
    #[arg(long, value_name = "test|validation", value_parser = held_out, default_value = "test")]
    pub split: PartName,
    #[arg(long = "true", value_name = "LABEL")]
    pub true_label: Option<String>,
    #[arg(long, value_name = "LABEL")]
    pub predicted: Option<String>,
    #[arg(long, value_name = "OTHER_RUN")]
    pub against: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Check {
    #[arg(value_name = "RUN_DIR")]
    pub run_dir: PathBuf,
    #[arg(long, value_name = "FILE.toml")]
    pub templates: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Labels {
    #[arg(value_name = "RUN_DIR")]
    pub run_dir: PathBuf,
    #[arg(long, value_name = "ROW,ROW,...", value_delimiter = ',', requires = "copy", value_parser = fixed_row)]
    pub fix: Vec<FixedRow>,
    #[arg(long, value_name = "FILE.csv", requires = "fix")]
    pub copy: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Map {
    #[arg(value_name = "RUN_DIR")]
    pub run_dir: PathBuf,
    #[arg(long, value_name = "N")]
    pub layer: Option<usize>,
    #[arg(long, value_name = "pca|tsne", value_parser = map_method, default_value = "pca")]
    pub method: MapMethod,
}

#[derive(Debug, Args)]
pub struct Words {
    #[arg(value_name = "RUN_DIR")]
    pub run_dir: PathBuf,
    #[arg(long, value_name = "N", default_value_t = lived_words::ROWS, value_parser = some_rows)]
    pub rows: usize,
}

#[derive(Debug, Subcommand)]
pub enum LessonTask {
    List,
    Run {
        #[arg(value_name = "NAME|FILE.toml")]
        lesson: PathBuf,
        #[arg(long, value_name = "BUNDLE")]
        out: Option<PathBuf>,
        #[arg(long, value_name = "STUDENT")]
        name: Option<String>,
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
        #[arg(long, value_name = "FILE.json|-")]
        answers: Option<PathBuf>,
    },
    Report {
        #[arg(value_name = "BUNDLE", required = true)]
        bundles: Vec<PathBuf>,
        #[arg(long, value_name = "FILE.html|FILE.pdf")]
        to: PathBuf,
        #[arg(long)]
        hide_names: bool,
    },
    Handout {
        #[arg(value_name = "NAME|FILE.toml")]
        lesson: PathBuf,
        #[arg(long, value_name = "FILE.html|FILE.pdf")]
        to: PathBuf,
        #[arg(long)]
        solutions: bool,
    },
    Show {
        #[arg(value_name = "BUNDLE", required = true)]
        bundles: Vec<PathBuf>,
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum ModelsTask {
    Search {
        #[arg(value_name = "QUERY")]
        query: Vec<String>,
    },
    Pull {
        #[arg(value_name = "ID", value_parser = model_id)]
        id: ModelId,
    },
    List,
    Remove {
        #[arg(value_name = "ID", value_parser = model_id)]
        id: ModelId,
    },
    Import {
        #[arg(value_name = "FOLDER")]
        folder: PathBuf,
        #[arg(long = "as", value_name = "ID", value_parser = model_id)]
        import_as: Option<ModelId>,
    },
}
