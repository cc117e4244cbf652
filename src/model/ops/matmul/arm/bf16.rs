//! Products of operands in bf16 with the dot products of `FEAT_BF16`, which add two products at a time to a sum in f32.
//!
//! Rust has no stable function for the dot product yet, so that it stands here as the instruction itself. It takes
//! subnormal numbers for 0 and rounds in its own way, so that its bits are not those of the definition in
//! [`super::super::plain`].

use std::arch::aarch64::*;
use std::arch::{asm, is_aarch64_feature_detected};

use super::super::kernel::{Kernel, Store, Tile};
use super::super::plain;
use super::{COLUMNS, PARTS, ROWS, store_tile};
use crate::model::ops::isa::{Limit, limit};

/// The tile is that of f32, and each of its words is two numbers deep.
pub(in super::super) static DOT: Kernel = Kernel {
    name: "NEON BF16",
    runs: || limit() > Limit::Avx2 && is_aarch64_feature_detected!("bf16"),
    rows: ROWS,
    columns: COLUMNS,
    multiply: multiply_dot,
    ..plain::BF16
};

unsafe fn multiply_dot(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(rows_dot, tile.rows, [1 2 3 4 5 6 7 8], (words, a, b, tile, store)) }
}

#[target_feature(enable = "neon,bf16")]
unsafe fn rows_dot<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: `a` has words x ROWS words, `b` words x COLUMNS.
    unsafe {
        let mut sums = [[vdupq_n_f32(0.0); PARTS]; ROWS];
        let (mut a, mut b) = (a, b);
        for _ in 0..words {
            let right = [vld1q_u32(b), vld1q_u32(b.add(4)), vld1q_u32(b.add(8))];
            for (i, row) in sums.iter_mut().enumerate() {
                let left = vdupq_n_u32(*a.add(i));
                row[0] = dot(row[0], left, right[0]);
                row[1] = dot(row[1], left, right[1]);
                row[2] = dot(row[2], left, right[2]);
            }
            a = a.add(ROWS);
            b = b.add(COLUMNS);
        }
        store_tile(&sums, tile, store);
    }
}

/// Adds the two products of each word to the sum in its place.
#[inline]
#[target_feature(enable = "neon,bf16")]
fn dot(sum: float32x4_t, a: uint32x4_t, b: uint32x4_t) -> float32x4_t {
    let mut sum = sum;
    // SAFETY: the instruction reads and writes these registers and nothing else.
    unsafe {
        asm!(
            "bfdot {sum:v}.4s, {a:v}.8h, {b:v}.8h",
            sum = inout(vreg) sum,
            a = in(vreg) a,
            b = in(vreg) b,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    sum
}
