//! The inner loops of a matrix product for x86-64, with AVX-512 where the processor has it and with AVX2 and FMA otherwise.
//!
//! They follow Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 2008): both operands
//! are copied into panels in the order in which the innermost loop reads them, and that loop keeps a tile of the result in
//! registers. Every number of the result is a sum by fused multiply-adds in the order of the inner index, in blocks of
//! [`super::DEPTH`], so that it depends only on its row and column, not on the tile, the thread or the instruction set.

use std::arch::x86_64::*;

use super::{Kernel, Store, Tile, plain};

/// The fastest kernel that this processor runs; `None` when it has neither AVX-512 nor AVX2 with FMA.
pub(super) fn best() -> Option<&'static Kernel> {
    if is_x86_feature_detected!("avx512f") {
        Some(&AVX512)
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        Some(&AVX2)
    } else {
        None
    }
}

/// 28 of the 32 registers of AVX-512 hold the sums of a tile of 14 rows of 32 columns.
pub(super) static AVX512: Kernel =
    Kernel { rows: 14, columns: 32, multiply: multiply_avx512, transpose: transpose_avx512 };
/// 12 of the 16 registers of AVX2 hold the sums of a tile of 6 rows of 16 columns.
pub(super) static AVX2: Kernel = Kernel { rows: 6, columns: 16, multiply: multiply_avx2, transpose: plain::transpose };

#[target_feature(enable = "avx512f")]
unsafe fn multiply_avx512(depth: usize, a: *const f32, b: *const f32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(rows_avx512, tile.rows, [1 2 3 4 5 6 7 8 9 10 11 12 13 14], (depth, a, b, tile, store)) }
}

#[target_feature(enable = "avx512f")]
unsafe fn rows_avx512<const ROWS: usize>(depth: usize, a: *const f32, b: *const f32, tile: Tile, store: Store) {
    // SAFETY: `a` has depth x ROWS numbers, `b` depth x 32; masks keep loads and stores of the result inside the tile.
    unsafe {
        let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
        let (mut a, mut b) = (a, b);
        // The result is needed only after the loop, so that it can be fetched in the meantime.
        for i in 0..ROWS {
            let to = tile.start.wrapping_add(i * tile.stride).cast::<i8>();
            _mm_prefetch::<_MM_HINT_T0>(to);
            _mm_prefetch::<_MM_HINT_T0>(to.wrapping_add(64));
        }
        for _ in 0..depth {
            let (left, right) = (_mm512_loadu_ps(b), _mm512_loadu_ps(b.add(16)));
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = _mm512_set1_ps(*a.add(i));
                sums[0] = _mm512_fmadd_ps(x, left, sums[0]);
                sums[1] = _mm512_fmadd_ps(x, right, sums[1]);
            }
            a = a.add(ROWS);
            b = b.add(32);
        }
        let masks = [first_lanes(tile.columns), first_lanes(tile.columns.saturating_sub(16))];
        let scale = _mm512_set1_ps(store.scale);
        // A mask stands for a branch, which would keep the compiler from holding the sums in registers.
        let reads = if store.old.is_null() { 0 } else { !0 };
        for (i, sums) in sums.iter().enumerate() {
            for (half, (sum, mask)) in sums.iter().zip(masks).enumerate() {
                let to = tile.start.wrapping_add(i * tile.stride + half * 16);
                let from = store.old.wrapping_add(i * store.old_stride + half * 16);
                let old = _mm512_maskz_loadu_ps(mask & reads, from);
                _mm512_mask_storeu_ps(to, mask, _mm512_fmadd_ps(*sum, scale, old));
            }
        }
    }
}

/// A mask of the first `n` of 16 lanes.
fn first_lanes(n: usize) -> __mmask16 {
    if n >= 16 { !0 } else { (1u16 << n) - 1 }
}

/// Transposes in blocks of 16 x 16, each of which fits into the registers.
#[target_feature(enable = "avx512f")]
unsafe fn transpose_avx512(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut f32, width: usize) {
    for lane in (0..width).step_by(16) {
        let (filled, stored) = (lanes.saturating_sub(lane).min(16), first_lanes(width - lane));
        for i in (0..depth).step_by(16) {
            let deep = (depth - i).min(16);
            let mut block = [_mm512_setzero_ps(); 16];
            // SAFETY: only lanes below `lanes` are read, and of them only `deep` numbers.
            unsafe {
                for (l, row) in block.iter_mut().enumerate().take(filled) {
                    *row = _mm512_maskz_loadu_ps(first_lanes(deep), from.add((lane + l) * stride + i));
                }
                let block = transposed(block);
                for (l, row) in block.iter().enumerate().take(deep) {
                    _mm512_mask_storeu_ps(to.add((i + l) * width + lane), stored, *row);
                }
            }
        }
    }
}

/// Transposes 16 x 16 numbers in three steps: pairs, then fours, then quarters of registers.
#[inline]
#[target_feature(enable = "avx512f")]
fn transposed(x: [__m512; 16]) -> [__m512; 16] {
    let mut pairs = x;
    for i in (0..16).step_by(2) {
        pairs[i] = _mm512_unpacklo_ps(x[i], x[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
    }
    // fours[4 q + c] has, in each quarter r, column 4 r + c of rows 4 q .. 4 q + 4.
    let mut fours = pairs;
    for q in (0..16).step_by(4) {
        fours[q] = _mm512_shuffle_ps::<0x44>(pairs[q], pairs[q + 2]);
        fours[q + 1] = _mm512_shuffle_ps::<0xee>(pairs[q], pairs[q + 2]);
        fours[q + 2] = _mm512_shuffle_ps::<0x44>(pairs[q + 1], pairs[q + 3]);
        fours[q + 3] = _mm512_shuffle_ps::<0xee>(pairs[q + 1], pairs[q + 3]);
    }
    let mut all = fours;
    for c in 0..4 {
        let low = _mm512_shuffle_f32x4::<0x88>(fours[c], fours[4 + c]);
        let high = _mm512_shuffle_f32x4::<0x88>(fours[8 + c], fours[12 + c]);
        all[c] = _mm512_shuffle_f32x4::<0x88>(low, high);
        all[8 + c] = _mm512_shuffle_f32x4::<0xdd>(low, high);
        let low = _mm512_shuffle_f32x4::<0xdd>(fours[c], fours[4 + c]);
        let high = _mm512_shuffle_f32x4::<0xdd>(fours[8 + c], fours[12 + c]);
        all[4 + c] = _mm512_shuffle_f32x4::<0x88>(low, high);
        all[12 + c] = _mm512_shuffle_f32x4::<0xdd>(low, high);
    }
    all
}

#[target_feature(enable = "avx2,fma")]
unsafe fn multiply_avx2(depth: usize, a: *const f32, b: *const f32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(rows_avx2, tile.rows, [1 2 3 4 5 6], (depth, a, b, tile, store)) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn rows_avx2<const ROWS: usize>(depth: usize, a: *const f32, b: *const f32, tile: Tile, store: Store) {
    // SAFETY: `a` has depth x ROWS numbers, `b` depth x 16; only the tile's columns of the result are touched.
    unsafe {
        let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
        let (mut a, mut b) = (a, b);
        for _ in 0..depth {
            let (left, right) = (_mm256_loadu_ps(b), _mm256_loadu_ps(b.add(8)));
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = _mm256_set1_ps(*a.add(i));
                sums[0] = _mm256_fmadd_ps(x, left, sums[0]);
                sums[1] = _mm256_fmadd_ps(x, right, sums[1]);
            }
            a = a.add(ROWS);
            b = b.add(16);
        }
        let scale = _mm256_set1_ps(store.scale);
        for (i, sums) in sums.iter().enumerate() {
            let to = tile.start.add(i * tile.stride);
            let mut row = [0.0f32; 16];
            if !store.old.is_null() {
                std::ptr::copy_nonoverlapping(store.old.add(i * store.old_stride), row.as_mut_ptr(), tile.columns);
            }
            for (half, sum) in sums.iter().enumerate() {
                let part = row.as_mut_ptr().add(half * 8);
                _mm256_storeu_ps(part, _mm256_fmadd_ps(*sum, scale, _mm256_loadu_ps(part)));
            }
            std::ptr::copy_nonoverlapping(row.as_ptr(), to, tile.columns);
        }
    }
}
