//! The values of tensors in this computer's memory, whatever device the tensors are on.

use std::cell::Cell;

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, Storage, Tensor, bail};

/// The values of an f32 tensor in row-major order, copied into this computer's memory.
///
/// # Errors
/// candle's, for a tensor of another type and for a device that fails.
pub fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

/// Hands the values of an f32 tensor to `look`, in row-major order. Those of a contiguous tensor on the CPU are read
/// where they are, because a table of words can be a large part of the memory.
///
/// # Errors
/// Those of [`values`].
pub fn with_values<R>(tensor: &Tensor, look: impl FnOnce(&[f32]) -> R) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    if let (Storage::Cpu(CpuStorage::F32(values)), Some((from, to))) = (&*storage, layout.contiguous_offsets()) {
        return Ok(look(&values[from..to]));
    }
    drop(storage);
    Ok(look(&values(tensor)?))
}

/// Lets `change` write to the values of a contiguous f32 tensor on the CPU, in row-major order. Everything that shares the
/// tensor sees the new values, also where it is no variable.
///
/// # Errors
/// candle's, for another tensor.
pub fn change_values(tensor: &Tensor, change: impl FnOnce(&mut [f32])) -> Result<()> {
    struct Change<F>(Cell<Option<F>>);
    impl<F: FnOnce(&mut [f32])> InplaceOp1 for Change<F> {
        fn name(&self) -> &'static str {
            "change"
        }
        fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
            match (storage, layout.contiguous_offsets(), self.0.take()) {
                (CpuStorage::F32(values), Some((from, to)), Some(change)) => change(&mut values[from..to]),
                _ => bail!("weights are contiguous f32"),
            }
            Ok(())
        }
    }
    tensor.inplace_op1(&Change(Cell::new(Some(change))))
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn values_come_in_row_major_order() {
        let tensor = Tensor::new(&[[1.0f32, 2.0, 3.0], [4.0, 5.0, 6.0]], &Device::Cpu).unwrap();
        let (turned, part) = (tensor.t().unwrap(), tensor.narrow(0, 1, 1).unwrap());
        for (tensor, expected) in [
            (&tensor, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..]),
            (&turned, &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]),
            (&part, &[4.0, 5.0, 6.0]),
        ] {
            assert_eq!(values(tensor).unwrap(), expected);
            assert_eq!(with_values(tensor, <[f32]>::to_vec).unwrap(), expected);
        }
        assert!(values(&Tensor::new(&[1u32], &Device::Cpu).unwrap()).is_err());
    }
}
