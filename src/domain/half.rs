//! Weights that are given away in 16 bits, and what that changes.

use serde::{Deserialize, Serialize};

use super::problem::Problem;

/// The numbers of 16 bits that the weights of an exported model are rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Half {
    /// IEEE half precision: 11 bits of precision up to 65504.
    F16,
    /// bfloat16: the range of f32 with 8 bits of precision.
    Bf16,
}

impl Half {
    pub const ALL: [Self; 2] = [Self::F16, Self::Bf16];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }

    /// The name of the type in PyTorch.
    pub const fn torch_name(self) -> &'static str {
        match self {
            Self::F16 => "float16",
            Self::Bf16 => "bfloat16",
        }
    }
}

/// The form in which a run is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportAs {
    /// The model with its card, with rounded weights or with those that it has.
    Model(Option<Half>),
    /// TensorBoard's event file.
    Board,
    /// All that the run has told, as CSV files and JSON lines.
    Tables,
    /// The training as a folder that runs on a cluster.
    Cluster,
}

impl ExportAs {
    pub const ALL: [Self; 6] = [
        Self::Model(None),
        Self::Model(Some(Half::F16)),
        Self::Model(Some(Half::Bf16)),
        Self::Board,
        Self::Tables,
        Self::Cluster,
    ];

    /// The end of the folder's name, behind the run's name.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Model(None) => "",
            Self::Model(Some(Half::F16)) => "-f16",
            Self::Model(Some(Half::Bf16)) => "-bf16",
            Self::Board => "-tensorboard",
            Self::Tables => "-tables",
            Self::Cluster => "-cluster",
        }
    }
}

/// The same rows answered with the original weights and with rounded ones.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HalfMeasured {
    /// The rows of the run's test part.
    pub rows: u64,
    pub accuracy_before: f64,
    pub accuracy: f64,
    /// Mean cross-entropy, in nats.
    pub loss_before: f64,
    pub loss: f64,
    /// The largest difference of the probability of any label in any row.
    pub largest_difference: f64,
    /// The rows that are predicted otherwise.
    pub changed: u64,
}

/// The result of an export with rounded weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rounded {
    pub half: Half,
    /// The difference that rounding makes, or why it could not be measured.
    pub measured: Result<HalfMeasured, Problem>,
}
