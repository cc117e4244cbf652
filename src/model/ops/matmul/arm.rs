//! The inner loops of a matrix product for 64-bit ARM, with NEON, which each of these processors has. They follow those of
//! `x86.rs`: every number of the result is a sum by fused multiply-adds in the order of the inner index, so that its bits
//! are those of the definition in [`super::plain`], which fuses on this kind of processor as well.
//!
//! `THAW_CPU=plain` leaves only the definitions, and `avx2`, which asks for a lesser processor, leaves NEON in f32.

use std::arch::aarch64::*;

use crate::model::ops::isa::{Limit, limit};

use super::kernel::{Kernel, Store, Tile};
use super::plain;

pub(super) mod bf16;
pub(super) mod int8;

/// 24 of the 32 registers hold the sums of a tile of 8 rows of 12 columns.
pub(super) static NEON: Kernel =
    Kernel { name: "NEON", runs: || limit() > Limit::Plain, rows: ROWS, columns: COLUMNS, multiply, ..plain::F32 };
const ROWS: usize = 8;
const COLUMNS: usize = 12;
/// The registers of a row of a tile.
const PARTS: usize = COLUMNS / 4;

unsafe fn multiply(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for, and every processor of this kind has NEON.
    unsafe { by_rows!(of_rows, tile.rows, [1 2 3 4 5 6 7 8], (words, a, b, tile, store)) }
}

#[target_feature(enable = "neon")]
unsafe fn of_rows<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: `a` has words x ROWS numbers, `b` words x COLUMNS.
    unsafe {
        let mut sums = [[vdupq_n_f32(0.0); PARTS]; ROWS];
        let (mut a, mut b) = (a.cast::<f32>(), b.cast::<f32>());
        for _ in 0..words {
            let right = [vld1q_f32(b), vld1q_f32(b.add(4)), vld1q_f32(b.add(8))];
            let (fours, rest) = sums.as_chunks_mut::<4>();
            for (i, four) in fours.iter_mut().enumerate() {
                // One load serves four rows, since an instruction takes its factor from any lane.
                let left = vld1q_f32(a.add(4 * i));
                for (j, right) in right.iter().enumerate() {
                    four[0][j] = vfmaq_laneq_f32::<0>(four[0][j], *right, left);
                    four[1][j] = vfmaq_laneq_f32::<1>(four[1][j], *right, left);
                    four[2][j] = vfmaq_laneq_f32::<2>(four[2][j], *right, left);
                    four[3][j] = vfmaq_laneq_f32::<3>(four[3][j], *right, left);
                }
            }
            for (i, row) in rest.iter_mut().enumerate() {
                let left = vdupq_n_f32(*a.add(ROWS / 4 * 4 + i));
                row[0] = vfmaq_f32(row[0], right[0], left);
                row[1] = vfmaq_f32(row[1], right[1], left);
                row[2] = vfmaq_f32(row[2], right[2], left);
            }
            a = a.add(ROWS);
            b = b.add(COLUMNS);
        }
        store_tile(&sums, tile, store);
    }
}

/// Writes the sums into the result, of which only the tile's columns are touched.
#[inline]
#[target_feature(enable = "neon")]
unsafe fn store_tile<const ROWS: usize>(sums: &[[float32x4_t; PARTS]; ROWS], tile: Tile, store: Store) {
    // SAFETY: the tile lies in the result, and what is added to is as large.
    unsafe {
        let scale = vdupq_n_f32(store.scale);
        for (i, sums) in sums.iter().enumerate() {
            let to = tile.start.add(i * tile.stride);
            let mut row = [0.0f32; COLUMNS];
            if !store.old.is_null() {
                std::ptr::copy_nonoverlapping(store.old.add(i * store.old_stride), row.as_mut_ptr(), tile.columns);
            }
            for (part, sum) in sums.iter().enumerate() {
                let part = row.as_mut_ptr().add(part * 4);
                vst1q_f32(part, vfmaq_f32(vld1q_f32(part), *sum, scale));
            }
            std::ptr::copy_nonoverlapping(row.as_ptr(), to, tile.columns);
        }
    }
}
