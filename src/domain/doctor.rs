//! `thaw doctor` tells what this machine is to the program, and how the program's self-test went on it.

use std::path::PathBuf;

use serde::Serialize;

use super::precision::FrozenPrecision;

/// A machine as Thaw sees it. `thaw doctor --json` prints it with these names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Machine {
    pub thaw_version: String,
    /// The operating system's name with its version.
    pub system: String,
    /// The instruction set that the program was built for, such as `x86_64`.
    pub architecture: String,
    pub processor: Processor,
    /// The kernels of matrix products in each precision.
    pub products: Vec<Products>,
    pub memory: Memory,
    pub graphics: Graphics,
    pub file_dialogs: FileDialogs,
    pub hub: HubFacts,
    pub runs: RunsFacts,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Processor {
    pub name: String,
    /// Cores of the machine; two threads of one core count once.
    pub cores: usize,
    /// The system lets this process use so many at once.
    pub threads_allowed: usize,
    /// A run computes with so many where its settings name no number.
    pub threads_used: usize,
    /// The instruction sets that matter to the kernels, of those that were found.
    pub instruction_sets: Vec<String>,
    /// `THAW_CPU` says this, where it is set.
    pub thaw_cpu: Option<String>,
}

/// The kernels of one precision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Products {
    pub precision: FrozenPrecision,
    /// The kernel that products are computed with.
    pub kernel: String,
    pub why: WhyChosen,
    /// This processor runs these kernels, the fastest first.
    pub runs: Vec<String>,
    /// Those of this program that it does not run.
    pub cannot_run: Vec<String>,
}

/// The reasons for which a kernel is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyChosen {
    /// It is the fastest of those that this processor runs.
    Fastest,
    /// Runs compute in f32 instead, because this processor has no instructions that the program may use.
    GainsNothing,
    /// `THAW_CPU` allows no faster one.
    ThawCpu,
    /// A faster one, the first in the list, runs here and computes something else than its definition.
    FasterFailed,
    /// It is the only one that this processor runs.
    OnlyOne,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// The machine has so much, or the group of processes (a container) is allowed so much where that is less. `None` where the
    /// system does not tell.
    pub total_bytes: Option<u64>,
    /// Programs can still get so much.
    pub free_bytes: Option<u64>,
}

/// The window would be drawn on this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Graphics {
    /// The display server with its name, such as `X11 (:0)`; `None` where there is none, so that no window opens.
    pub display: Option<String>,
    /// The kernel's drivers of the graphics cards, as far as the system tells.
    pub drivers: Vec<String>,
    /// OpenGL says this of itself. Only an open window knows it.
    pub renderer: Option<String>,
}

/// The window shows one of these file dialogs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileDialogs {
    /// The operating system's own, which Windows and macOS always have.
    System,
    /// Those of the desktop, through its portal.
    Portal,
    /// Those of the program `zenity`.
    Zenity,
    /// The window's own, because the system has none.
    BuiltIn,
}

/// The Hugging Face Hub and its cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HubFacts {
    pub home: PathBuf,
    pub cache: PathBuf,
    pub endpoint: String,
    pub is_offline: bool,
    /// Whether there is a token; it is not told.
    pub has_token: bool,
    /// How many models of the cache can be trained here.
    pub models: usize,
    /// The weights of these models.
    pub models_bytes: u64,
    /// The room on the cache's disk; `None` where the system does not tell.
    pub free_bytes: Option<u64>,
}

/// The folder in which runs are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RunsFacts {
    /// `None` where the system has no data folder for the user, so that each run must be given one.
    pub folder: Option<PathBuf>,
    pub runs: usize,
    /// The room on its disk; `None` where the system does not tell.
    pub free_bytes: Option<u64>,
}

/// The subject of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// A kernel's products against their definition: the largest difference, as a share of the sum of the absolute
    /// products.
    Kernel,
    /// Products on one thread and on all: how many numbers have other bits.
    Threads,
    /// The bundled model's states against those of candle-transformers' BERT: the largest difference.
    CandleTransformers,
    /// The bundled model's logits against those of the same network made of candle's operations: the largest difference.
    ComposedLogits,
    /// Its gradients against those that candle finds: the largest difference, as a share of the largest gradient.
    ComposedGradients,
    /// Its gradients against finite differences of the loss: the largest difference, as a share of the slope.
    FiniteDifferences,
}

/// One thing that was checked: it passes where the error is at most the limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    pub kind: CheckKind,
    /// For a kernel its precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<FrozenPrecision>,
    /// For a kernel its name; for finite differences the part of the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    pub error: f64,
    pub limit: f64,
    pub passed: bool,
}

impl Check {
    /// An error that is no number does not pass.
    pub fn new(kind: CheckKind, error: f64, limit: f64) -> Self {
        Self { kind, precision: None, subject: None, error, limit, passed: error <= limit }
    }

    #[must_use]
    pub fn of_kernel(self, precision: FrozenPrecision, kernel: &str) -> Self {
        Self { precision: Some(precision), ..self.of(kernel) }
    }

    #[must_use]
    pub fn of(self, subject: &str) -> Self {
        Self { subject: Some(subject.to_owned()), ..self }
    }
}

/// The speed of products in one precision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProductSpeed {
    pub precision: FrozenPrecision,
    pub kernel: String,
    /// A multiplication and its addition count as two.
    pub gflop_per_sec: f64,
    /// The share of the peak of f32, which a precision with fewer bits can exceed.
    pub share_of_peak: f64,
}

/// The speed at which the bundled model is fine-tuned in full.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrainingSpeed {
    pub rows_per_sec: f64,
    pub tokens_per_row: usize,
    /// The work of its products, forward and backward, without the rest.
    pub gflop_per_sec: f64,
    pub share_of_peak: f64,
}

/// The speeds on all threads that a run would use.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Speeds {
    pub threads: usize,
    /// The processor gives so much in f32 where it only multiplies and adds and waits for no memory.
    pub peak_gflop_per_sec: f64,
    pub products: Vec<ProductSpeed>,
    pub training: Option<TrainingSpeed>,
}

/// The outcome of the self-test.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SelfTest {
    /// Whether every check that was made has passed, and all were made.
    pub passed: bool,
    /// Whether it was ended before all was done.
    pub stopped: bool,
    pub secs: f64,
    pub checks: Vec<Check>,
    pub speeds: Speeds,
}

impl SelfTest {
    /// The checks that did not pass.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| !check.passed)
    }
}

/// The news of a self-test under way: its newest check, and how much of it is done.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTestStep {
    /// `None` for what is measured and not checked.
    pub check: Option<Check>,
    pub done: usize,
    pub total: usize,
}

/// A self-test tells and asks the outside by this.
pub trait SelfTestObserver: Sync {
    fn told(&self, step: SelfTestStep);
    /// Asked before each check and each measurement.
    fn stop_requested(&self) -> bool;
}

/// `thaw doctor` tells all of this.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Doctor {
    #[serde(flatten)]
    pub machine: Machine,
    pub self_test: SelfTest,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_no_number_does_not_pass() {
        let passes = |error| Check::new(CheckKind::Threads, error, 1.0).passed;
        assert!(passes(1.0) && passes(0.0));
        assert!(!passes(1.1) && !passes(f64::NAN) && !passes(f64::INFINITY));
    }

    #[test]
    fn json_names_what_a_check_was_about_and_nothing_else() {
        let check = Check::new(CheckKind::Kernel, 0.5, 1.0).of_kernel(FrozenPrecision::F32, "plain Rust");
        let told =
            r#"{"kind":"kernel","precision":"f32","subject":"plain Rust","error":0.5,"limit":1.0,"passed":true}"#;
        assert_eq!(serde_json::to_string(&check).unwrap(), told);
        let check = Check::new(CheckKind::CandleTransformers, f64::NAN, 1.0);
        let told = r#"{"kind":"candle_transformers","error":null,"limit":1.0,"passed":false}"#;
        assert_eq!(serde_json::to_string(&check).unwrap(), told);
    }
}
