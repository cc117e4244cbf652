//! The device that computes: this computer's processor, or a GPU in programs that were built for one.

use std::sync::Arc;

pub use candle_core::Device;

use super::ops::Ops;
use super::ops::composed::Composed;
use super::ops::fused::Fused;
use crate::domain::config::DeviceKind;
use crate::domain::problem::{Outcome, Problem};

/// Opens a device, and chooses the operations that run on it: the fused ones on the processor, candle's own elsewhere.
///
/// # Errors
/// `device-not-built` when the program was built without this device; `device-absent` when the machine has none that works.
pub fn open(kind: DeviceKind) -> Outcome<(Device, Arc<dyn Ops>)> {
    if !kind.is_built() {
        return Err(Problem::new("device-not-built").with("device", kind.name()));
    }
    let device = match kind {
        DeviceKind::Cpu => return Ok((Device::Cpu, Arc::new(Fused))),
        DeviceKind::Cuda => Device::new_cuda(0),
        DeviceKind::Metal => Device::new_metal(0),
    };
    let device = device.map_err(|e| Problem::new("device-absent").with("device", kind.name()).with_original(e))?;
    Ok((device, Arc::new(Composed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_was_not_built_in_says_how_to_get_it() {
        assert!(open(DeviceKind::Cpu).is_ok_and(|(device, _)| device.is_cpu()));
        for kind in [DeviceKind::Cuda, DeviceKind::Metal] {
            if !kind.is_built() {
                let problem = open(kind).err().unwrap();
                assert_eq!(problem.id, "device-not-built");
                assert!(problem.to_string().contains(kind.name()));
            }
        }
    }
}
