//! What a network computes with: the device, which is this computer's processor or a GPU in programs that were built for one,
//! the operations that run on it, and how exactly they hold numbers.

use std::sync::Arc;

pub use candle_core::Device;

use super::ops::Ops;
use super::ops::composed::Composed;
use super::ops::fused::Fused;
use super::ops::matmul::{ByteKernel, Kernel};
use crate::domain::config::{DeviceKind, TrainingConfig};
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::problem::{Outcome, Problem};

/// A device with the operations that run on it.
#[derive(Clone)]
pub struct Engine {
    pub device: Device,
    pub ops: Arc<dyn Ops>,
    /// How the weights of the frozen prefix are held.
    pub frozen_precision: FrozenPrecision,
}

impl Engine {
    /// This computer's processor, with products of this precision.
    pub fn cpu(precision: Precision) -> Self {
        Self::with(Arc::new(Fused::new(precision)))
    }

    /// This computer's processor with these operations.
    pub fn with(ops: Arc<dyn Ops>) -> Self {
        Self { device: Device::Cpu, ops, frozen_precision: FrozenPrecision::F32 }
    }

    /// The device that the settings ask for: the fused operations on the processor, candle's own elsewhere. Where this
    /// processor gains nothing by a precision, it computes in f32; see [`Precisions::of`]. NVIDIA's GPUs round products to
    /// bf16 as the processor does; what else is smaller than f32 the processor alone computes.
    ///
    /// # Errors
    /// `device-not-built` when the program was built without this device; `device-absent` when the machine has none that
    /// works; `precision-not-on-device` for a precision that this GPU does not compute in.
    pub fn open(training: &TrainingConfig) -> Outcome<Self> {
        let (kind, Precisions { products, frozen, .. }) = (training.device, Precisions::of(training));
        if !kind.is_built() {
            return Err(Problem::new("device-not-built").with("device", kind.name()));
        }
        let device = match kind {
            DeviceKind::Cpu => return Ok(Self { frozen_precision: frozen, ..Self::cpu(products) }),
            DeviceKind::Cuda => Device::new_cuda(0),
            DeviceKind::Metal => Device::new_metal(0),
        };
        let refused = |precision| {
            Problem::new("precision-not-on-device").with("precision", precision).with("device", kind.name())
        };
        if !training.frozen_precision.is_default() {
            return Err(refused(training.frozen_precision.name()));
        }
        if !training.precision.is_default() && kind != DeviceKind::Cuda {
            return Err(refused(training.precision.name()));
        }
        let device = device.map_err(|e| Problem::new("device-absent").with("device", kind.name()).with_original(e))?;
        Ok(Self { device, ..Self::with(Arc::new(Composed { precision: training.precision })) })
    }
}

/// The precisions that a run computes in on this processor.
#[derive(Clone, Debug, PartialEq)]
pub struct Precisions {
    pub products: Precision,
    pub frozen: FrozenPrecision,
    /// What was asked for and is not done, because this processor gains nothing by it.
    pub refused: Vec<Problem>,
}

impl Precisions {
    /// The fastest precision of products on this processor, for pictures, in which the rounding of bf16 is not seen.
    pub fn fastest() -> Precision {
        if Kernel::best(Precision::Bf16).is_definition() { Precision::F32 } else { Precision::Bf16 }
    }

    /// Returns what the settings ask for, as far as the processor has instructions for it. [`Engine::open`] refuses
    /// what a GPU does not compute in.
    pub fn of(training: &TrainingConfig) -> Self {
        if training.device != DeviceKind::Cpu {
            return Self { products: training.precision, frozen: training.frozen_precision, refused: Vec::new() };
        }
        let (bf16, int8) = (Kernel::best(Precision::Bf16), ByteKernel::best());
        let mut refused = Vec::new();
        let mut gains = |name: &str, is_definition: bool| {
            if is_definition {
                refused.push(Problem::new("precision-gains-nothing").with("precision", name));
            }
            !is_definition
        };
        let products = match training.precision {
            Precision::Bf16 if !gains(Precision::Bf16.name(), bf16.is_definition()) => Precision::F32,
            asked => asked,
        };
        let frozen = match training.frozen_precision {
            FrozenPrecision::Bf16 if !gains(FrozenPrecision::Bf16.name(), bf16.is_definition()) => FrozenPrecision::F32,
            FrozenPrecision::Int8 if !gains(FrozenPrecision::Int8.name(), int8.is_definition()) => FrozenPrecision::F32,
            asked => asked,
        };
        refused.dedup();
        Self { products, frozen, refused }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_was_not_built_in_says_how_to_get_it() {
        let open = |device| Engine::open(&TrainingConfig { device, ..TrainingConfig::default() });
        assert!(open(DeviceKind::Cpu).is_ok_and(|engine| engine.device.is_cpu()));
        for kind in [DeviceKind::Cuda, DeviceKind::Metal] {
            if !kind.is_built() {
                let problem = open(kind).err().unwrap();
                assert_eq!(problem.id, "device-not-built");
                assert!(problem.to_string().contains(kind.name()));
            }
        }
    }
}
