//! How exactly numbers are held while a model computes.

use serde::{Deserialize, Serialize};

/// What the operands of products are rounded to. Weights, the optimiser's moments, LayerNorm, softmax, the loss and all sums
/// are f32 in every precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32 bits: nothing is rounded.
    #[default]
    F32,
    /// bfloat16: the range of f32 with 8 bits of precision.
    Bf16,
}

impl Precision {
    pub const ALL: [Self; 2] = [Self::F32, Self::Bf16];

    /// The name on the command line and in the run folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        }
    }

    /// Whether this is what a run computes in where nothing is said, which its settings then leave out.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// How the weights of the frozen layers below the lowest trainable one are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrozenPrecision {
    /// The weights as they are, in 32 bits.
    #[default]
    F32,
    /// bfloat16, half the memory.
    Bf16,
    /// 8-bit integers with a scale for each output, a quarter of the memory.
    Int8,
}

impl FrozenPrecision {
    pub const ALL: [Self; 3] = [Self::F32, Self::Bf16, Self::Int8];

    /// The name on the command line and in the run folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }

    /// Whether the frozen layers are held as they are, which a run's settings then leave out.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
