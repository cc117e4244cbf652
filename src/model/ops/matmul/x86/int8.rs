//! Sums of products of bytes with VNNI: one instruction multiplies four bytes without a sign by four with one and adds all
//! to a sum of 32 bits, which no sum of this program's sizes leaves.

use std::arch::x86_64::*;
use std::sync::LazyLock;

use super::super::bytes::{ByteKernel, PLAIN};
use super::super::trial;
use crate::model::ops::isa::{Isa, isa};

/// 28 of the 32 registers hold the sums of a tile of 14 rows of 32 columns.
pub(in super::super) static AVX512_VNNI: ByteKernel = ByteKernel {
    name: "AVX-512 VNNI",
    runs: || isa() >= Isa::Avx512 && is_x86_feature_detected!("avx512vnni"),
    rows: 14,
    columns: 32,
    multiply: multiply_512,
    ..PLAIN
};

/// The instructions of AVX-VNNI in their older form, for processors with AVX-512; slower than 512 bits, and here so that
/// the loops of AVX-VNNI are tested where there is none.
pub(in super::super) static AVX512VL_VNNI: ByteKernel = ByteKernel {
    name: "AVX-512 VNNI, 256 bits",
    runs: || isa() >= Isa::Avx512 && is_x86_feature_detected!("avx512vnni"),
    rows: 6,
    columns: 16,
    multiply: multiply_256_vl,
    ..PLAIN
};

/// 12 of the 16 registers hold the sums of a tile of 6 rows of 16 columns.
pub(in super::super) static AVX_VNNI: ByteKernel = ByteKernel {
    name: "AVX-VNNI",
    runs: || isa() >= Isa::Avx2 && is_x86_feature_detected!("avxvnni"),
    rows: 6,
    columns: 16,
    trial: Some(|| *AVX_VNNI_PASSES),
    multiply: multiply_256_vex,
    ..PLAIN
};

/// The authors have no processor with these instructions.
static AVX_VNNI_PASSES: LazyLock<bool> = LazyLock::new(|| trial::of_bytes(&AVX_VNNI));

#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn multiply_512(words: usize, a: *const u32, b: *const u32, rows: usize, sums: *mut i32) {
    // SAFETY: the caller keeps what `ByteKernel::multiply` asks for.
    unsafe { by_rows!(rows_512, rows, [1 2 3 4 5 6 7 8 9 10 11 12 13 14], (words, a, b, sums)) }
}

#[target_feature(enable = "avx512f,avx512vnni")]
unsafe fn rows_512<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, sums: *mut i32) {
    // SAFETY: `a` has words x ROWS words, `b` words x 32, and the sums ROWS x 32.
    unsafe {
        let mut tile = [[_mm512_setzero_si512(); 2]; ROWS];
        let (mut a, mut b) = (a, b);
        for _ in 0..words {
            let (left, right) = (_mm512_loadu_si512(b.cast()), _mm512_loadu_si512(b.add(16).cast()));
            for (i, sums) in tile.iter_mut().enumerate() {
                let x = _mm512_set1_epi32(*a.add(i) as i32);
                sums[0] = _mm512_dpbusd_epi32(sums[0], x, left);
                sums[1] = _mm512_dpbusd_epi32(sums[1], x, right);
            }
            a = a.add(ROWS);
            b = b.add(32);
        }
        for (i, row) in tile.iter().enumerate() {
            _mm512_storeu_si512(sums.add(i * 32).cast(), row[0]);
            _mm512_storeu_si512(sums.add(i * 32 + 16).cast(), row[1]);
        }
    }
}

/// Makes the loops over registers of 256 bits with one form of the instruction.
macro_rules! loops_256 {
    ($multiply:ident, $rows:ident, $features:literal, $dot:ident) => {
        #[target_feature(enable = $features)]
        unsafe fn $multiply(words: usize, a: *const u32, b: *const u32, rows: usize, sums: *mut i32) {
            // SAFETY: the caller keeps what `ByteKernel::multiply` asks for.
            unsafe { by_rows!($rows, rows, [1 2 3 4 5 6], (words, a, b, sums)) }
        }

        #[target_feature(enable = $features)]
        unsafe fn $rows<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, sums: *mut i32) {
            // SAFETY: `a` has words x ROWS words, `b` words x 16, and the sums ROWS x 16.
            unsafe {
                let mut tile = [[_mm256_setzero_si256(); 2]; ROWS];
                let (mut a, mut b) = (a, b);
                for _ in 0..words {
                    let (left, right) = (_mm256_loadu_si256(b.cast()), _mm256_loadu_si256(b.add(8).cast()));
                    for (i, sums) in tile.iter_mut().enumerate() {
                        let x = _mm256_set1_epi32(*a.add(i) as i32);
                        sums[0] = $dot(sums[0], x, left);
                        sums[1] = $dot(sums[1], x, right);
                    }
                    a = a.add(ROWS);
                    b = b.add(16);
                }
                for (i, row) in tile.iter().enumerate() {
                    _mm256_storeu_si256(sums.add(i * 16).cast(), row[0]);
                    _mm256_storeu_si256(sums.add(i * 16 + 8).cast(), row[1]);
                }
            }
        }
    };
}

loops_256!(multiply_256_vl, rows_256_vl, "avx2,avx512vl,avx512vnni", _mm256_dpbusd_epi32);
loops_256!(multiply_256_vex, rows_256_vex, "avx2,avxvnni", _mm256_dpbusd_avx_epi32);
