//! A table of embeddings in fewer bits, of which rows are looked up.

use half::bf16;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

use crate::domain::precision::FrozenPrecision;

/// Rows of numbers in bf16, or in bytes with a scale for each row.
#[derive(Clone)]
pub(in crate::model::ops) enum Table {
    Bf16 { values: Vec<bf16>, width: usize },
    Int8 { bytes: Vec<i8>, scales: Vec<f32>, width: usize },
}

impl Table {
    /// Rounds rows of `width` values.
    pub(super) fn new(precision: FrozenPrecision, values: &[f32], width: usize) -> Self {
        if precision == FrozenPrecision::Bf16 {
            let mut rounded = vec![bf16::ZERO; values.len()];
            rounded.convert_from_f32_slice(values);
            return Self::Bf16 { values: rounded, width };
        }
        let mut bytes = vec![0; values.len()];
        let rows = values.par_chunks(width).zip(bytes.par_chunks_mut(width));
        let scales = rows.map(|(row, bytes)| {
            let most = row.iter().fold(0.0f32, |most, x| most.max(x.abs()));
            let scale = most / 127.0;
            for (byte, x) in bytes.iter_mut().zip(row) {
                *byte = if scale > 0.0 { (x / scale).round_ties_even() as i8 } else { 0 };
            }
            scale
        });
        let scales = scales.collect();
        Self::Int8 { bytes, scales, width }
    }

    /// Writes row `i` to `to`.
    pub(super) fn copy(&self, i: usize, to: &mut [f32]) {
        match self {
            Self::Bf16 { values, width } => values[i * width..(i + 1) * width].convert_to_f32_slice(to),
            Self::Int8 { bytes, scales, width } => {
                for (x, byte) in to.iter_mut().zip(&bytes[i * width..(i + 1) * width]) {
                    *x = f32::from(*byte) * scales[i];
                }
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Bf16 { values, .. } => size_of_val(values.as_slice()),
            Self::Int8 { bytes, scales, .. } => bytes.len() + size_of_val(scales.as_slice()),
        }
    }

    /// A number for the kind of rounding.
    pub(super) fn rounding(&self) -> u32 {
        match self {
            Self::Bf16 { .. } => 0,
            Self::Int8 { .. } => 1,
        }
    }
}
