//! Sums of products of bytes: one instruction multiplies four bytes by four and adds all to a sum of 32 bits, which no sum of
//! this program's sizes leaves. `FEAT_I8MM` takes bytes without a sign and bytes with one, as they are packed here;
//! `FEAT_DotProd` takes two of a kind.
//!
//! Rust has no stable functions for either yet, so that they stand here as the instructions themselves.

use std::arch::aarch64::*;
use std::arch::{asm, is_aarch64_feature_detected};

use super::super::bytes::{ByteKernel, PLAIN};
use crate::model::ops::isa::{Limit, limit};

/// 24 of the 32 registers hold the sums of a tile of 8 rows of 12 columns.
pub(in super::super) static MIXED_DOT: ByteKernel = ByteKernel {
    name: "NEON I8MM",
    runs: || limit() > Limit::Avx2 && is_aarch64_feature_detected!("i8mm"),
    rows: 8,
    columns: 12,
    multiply: multiply_mixed,
    ..PLAIN
};

/// 16 registers hold the sums of a tile of 8 rows of 8 columns, and two those of the columns.
pub(in super::super) static SIGNED_DOT: ByteKernel = ByteKernel {
    name: "NEON DotProd",
    runs: || limit() > Limit::Avx2 && is_aarch64_feature_detected!("dotprod"),
    rows: 8,
    columns: 8,
    multiply: multiply_signed,
    ..PLAIN
};

/// Defines a dot product of four bytes in each of four places.
macro_rules! dot {
    ($name:ident, $features:literal, $instruction:literal) => {
        #[inline]
        #[target_feature(enable = $features)]
        fn $name(sum: int32x4_t, a: uint32x4_t, b: uint32x4_t) -> int32x4_t {
            let mut sum = sum;
            // SAFETY: the instruction reads and writes these registers and nothing else.
            unsafe {
                asm!(
                    concat!($instruction, " {sum:v}.4s, {a:v}.16b, {b:v}.16b"),
                    sum = inout(vreg) sum,
                    a = in(vreg) a,
                    b = in(vreg) b,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
            sum
        }
    };
}

dot!(mixed_dot, "neon,i8mm", "usdot");
dot!(signed_dot, "neon,dotprod", "sdot");

unsafe fn multiply_mixed(words: usize, a: *const u32, b: *const u32, rows: usize, sums: *mut i32) {
    // SAFETY: the caller keeps what `ByteKernel::multiply` asks for.
    unsafe { by_rows!(rows_mixed, rows, [1 2 3 4 5 6 7 8], (words, a, b, sums)) }
}

#[target_feature(enable = "neon,i8mm")]
unsafe fn rows_mixed<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, sums: *mut i32) {
    // SAFETY: `a` has words x ROWS words, `b` words x 12, and the sums ROWS x 12.
    unsafe {
        let mut tile = [[vdupq_n_s32(0); 3]; ROWS];
        let (mut a, mut b) = (a, b);
        for _ in 0..words {
            let right = [vld1q_u32(b), vld1q_u32(b.add(4)), vld1q_u32(b.add(8))];
            for (i, row) in tile.iter_mut().enumerate() {
                let left = vdupq_n_u32(*a.add(i));
                row[0] = mixed_dot(row[0], left, right[0]);
                row[1] = mixed_dot(row[1], left, right[1]);
                row[2] = mixed_dot(row[2], left, right[2]);
            }
            a = a.add(ROWS);
            b = b.add(12);
        }
        for (at, sum) in tile.iter().flatten().enumerate() {
            vst1q_s32(sums.add(4 * at), *sum);
        }
    }
}

unsafe fn multiply_signed(words: usize, a: *const u32, b: *const u32, rows: usize, sums: *mut i32) {
    // SAFETY: the caller keeps what `ByteKernel::multiply` asks for.
    unsafe { by_rows!(rows_signed, rows, [1 2 3 4 5 6 7 8], (words, a, b, sums)) }
}

/// A byte without a sign is one with a sign and 128 more: the sum of the column's bytes, 128 times, makes up for that.
#[target_feature(enable = "neon,dotprod")]
unsafe fn rows_signed<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, sums: *mut i32) {
    // SAFETY: `a` has words x ROWS words, `b` words x 8, and the sums ROWS x 8.
    unsafe {
        let mut tile = [[vdupq_n_s32(0); 2]; ROWS];
        let mut of_columns = [vdupq_n_s32(0); 2];
        let ones = vdupq_n_u32(0x0101_0101);
        let (mut a, mut b) = (a, b);
        for _ in 0..words {
            let right = [vld1q_u32(b), vld1q_u32(b.add(4))];
            of_columns[0] = signed_dot(of_columns[0], ones, right[0]);
            of_columns[1] = signed_dot(of_columns[1], ones, right[1]);
            for (i, row) in tile.iter_mut().enumerate() {
                let left = vdupq_n_u32(*a.add(i) ^ 0x8080_8080);
                row[0] = signed_dot(row[0], left, right[0]);
                row[1] = signed_dot(row[1], left, right[1]);
            }
            a = a.add(ROWS);
            b = b.add(8);
        }
        let more = of_columns.map(|sum| vshlq_n_s32::<7>(sum));
        for (i, row) in tile.iter().enumerate() {
            for (j, (sum, more)) in row.iter().zip(more).enumerate() {
                vst1q_s32(sums.add(8 * i + 4 * j), vaddq_s32(*sum, more));
            }
        }
    }
}
