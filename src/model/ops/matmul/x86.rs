//! The inner loops of a matrix product for x86-64, with AVX-512 where the processor has it and with AVX2 and FMA otherwise.
//!
//! They follow Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 2008): both operands
//! are copied into panels in the order in which the innermost loop reads them, and that loop keeps a tile of the result in
//! registers. Every number of the result is a sum by fused multiply-adds in the order of the inner index, in blocks of
//! [`super::WORDS`], so that it depends only on its row and column, not on the tile, the thread or the instruction set.

use std::arch::x86_64::*;

use crate::domain::precision::Precision;
use crate::model::ops::isa::{Isa, isa};

use super::kernel::{Kernel, Left, Store, Tile};
use super::plain;

pub(super) mod amx;
pub(super) mod bf16;
pub(super) mod int8;

/// 28 of the 32 registers of AVX-512 hold the sums of a tile of 14 rows of 32 columns.
pub(super) static AVX512: Kernel = Kernel {
    precision: Precision::F32,
    name: "AVX-512",
    runs: || isa() >= Isa::Avx512,
    per_word: 1,
    rows: 14,
    columns: 32,
    left: Left::ByWord,
    thread_state: None,
    trial: None,
    multiply: multiply_avx512,
    transpose: transpose_avx512,
    interleave: interleave_avx512,
    pack_row: plain::F32.pack_row,
    word: |numbers| numbers[0].to_bits(),
};

/// 12 of the 16 registers of AVX2 hold the sums of a tile of 6 rows of 16 columns.
pub(super) static AVX2: Kernel = Kernel {
    name: "AVX2 with FMA",
    runs: || isa() >= Isa::Avx2,
    rows: 6,
    columns: 16,
    multiply: multiply_avx2,
    transpose: transpose_avx2,
    interleave: interleave_avx2,
    ..plain::F32
};

#[target_feature(enable = "avx512f")]
unsafe fn multiply_avx512(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(rows_avx512, tile.rows, [1 2 3 4 5 6 7 8 9 10 11 12 13 14], (words, a, b, tile, store)) }
}

#[target_feature(enable = "avx512f")]
unsafe fn rows_avx512<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: `a` has words x ROWS numbers, `b` words x 32.
    unsafe {
        fetch(tile);
        let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
        let (mut a, mut b) = (a.cast::<f32>(), b.cast::<f32>());
        for _ in 0..words {
            let (left, right) = (_mm512_loadu_ps(b), _mm512_loadu_ps(b.add(16)));
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = _mm512_set1_ps(*a.add(i));
                sums[0] = _mm512_fmadd_ps(x, left, sums[0]);
                sums[1] = _mm512_fmadd_ps(x, right, sums[1]);
            }
            a = a.add(ROWS);
            b = b.add(32);
        }
        store_avx512(&sums, tile, store);
    }
}

/// Fetches a tile of the result into the cache, which is needed only after the sums are done.
#[inline]
#[target_feature(enable = "avx512f")]
fn fetch(tile: Tile) {
    for i in 0..tile.rows {
        let to = tile.start.wrapping_add(i * tile.stride).cast::<i8>();
        // Fetching an address that is no memory does nothing.
        _mm_prefetch::<_MM_HINT_T0>(to);
        _mm_prefetch::<_MM_HINT_T0>(to.wrapping_add(64));
    }
}

/// Stores the sums of a tile of up to 32 columns.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn store_avx512<const ROWS: usize>(sums: &[[__m512; 2]; ROWS], tile: Tile, store: Store) {
    let masks = [first_lanes(tile.columns), first_lanes(tile.columns.saturating_sub(16))];
    let scale = _mm512_set1_ps(store.scale);
    // A mask stands for a branch, which would keep the compiler from holding the sums in registers.
    let reads = if store.old.is_null() { 0 } else { !0 };
    for (i, sums) in sums.iter().enumerate() {
        for (half, (sum, mask)) in sums.iter().zip(masks).enumerate() {
            let to = tile.start.wrapping_add(i * tile.stride + half * 16);
            let from = store.old.wrapping_add(i * store.old_stride + half * 16);
            // SAFETY: masks keep loads and stores of the result inside the tile.
            unsafe {
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
unsafe fn transpose_avx512(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut u32, width: usize) {
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
                store_words(&transposed(block), deep, to.add(i * width + lane), width, stored);
            }
        }
    }
}

/// Stores the first `deep` of 16 words of 16 lanes; the words of a lane are `width` apart.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn store_words(block: &[__m512; 16], deep: usize, to: *mut u32, width: usize, stored: __mmask16) {
    for (l, row) in block.iter().enumerate().take(deep) {
        // SAFETY: the caller has room for `deep` words in each lane of the mask.
        unsafe { _mm512_mask_storeu_ps(to.add(l * width).cast(), stored, *row) };
    }
}

/// Transposes 16 x 16 words in three steps: pairs, then fours, then quarters of registers.
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

/// Copies lanes that lie side by side.
#[target_feature(enable = "avx512f")]
unsafe fn interleave_avx512(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut u32, width: usize) {
    for lane in (0..width).step_by(16) {
        let (filled, stored) = (first_lanes(lanes.saturating_sub(lane)), first_lanes(width - lane));
        for i in 0..depth {
            // SAFETY: the masks leave out lanes that are not there.
            unsafe {
                let row = _mm512_maskz_loadu_ps(filled, from.wrapping_add(i * stride + lane));
                _mm512_mask_storeu_ps(to.add(i * width + lane).cast(), stored, row);
            }
        }
    }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn multiply_avx2(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(rows_avx2, tile.rows, [1 2 3 4 5 6], (words, a, b, tile, store)) }
}

#[target_feature(enable = "avx2,fma")]
unsafe fn rows_avx2<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: `a` has words x ROWS numbers, `b` words x 16; only the tile's columns of the result are touched.
    unsafe {
        let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
        let (mut a, mut b) = (a.cast::<f32>(), b.cast::<f32>());
        for _ in 0..words {
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
            let (to, old) = (tile.start.add(i * tile.stride), store.old.wrapping_add(i * store.old_stride));
            if tile.columns == 16 {
                for (half, sum) in sums.iter().enumerate() {
                    let old =
                        if store.old.is_null() { _mm256_setzero_ps() } else { _mm256_loadu_ps(old.add(half * 8)) };
                    _mm256_storeu_ps(to.add(half * 8), _mm256_fmadd_ps(*sum, scale, old));
                }
                continue;
            }
            let mut row = [0.0f32; 16];
            if !store.old.is_null() {
                std::ptr::copy_nonoverlapping(old, row.as_mut_ptr(), tile.columns);
            }
            for (half, sum) in sums.iter().enumerate() {
                let part = row.as_mut_ptr().add(half * 8);
                _mm256_storeu_ps(part, _mm256_fmadd_ps(*sum, scale, _mm256_loadu_ps(part)));
            }
            std::ptr::copy_nonoverlapping(row.as_ptr(), to, tile.columns);
        }
    }
}

/// Transposes in blocks of 8 x 8, each of which fits into the registers.
#[target_feature(enable = "avx2")]
unsafe fn transpose_avx2(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut u32, width: usize) {
    for lane in (0..width).step_by(8) {
        let (filled, stored) = (lanes.saturating_sub(lane).min(8), width - lane);
        for i in (0..depth).step_by(8) {
            let deep = (depth - i).min(8);
            let mut block = [_mm256_setzero_ps(); 8];
            // SAFETY: only lanes below `lanes` are read, and of them only `deep` numbers.
            unsafe {
                for (l, row) in block.iter_mut().enumerate().take(filled) {
                    *row = _mm256_maskload_ps(from.add((lane + l) * stride + i), first_of_8(deep));
                }
                for (l, row) in transposed_8(block).into_iter().enumerate().take(deep) {
                    store_first(to.add((i + l) * width + lane).cast(), stored, row);
                }
            }
        }
    }
}

/// A mask of the first `n` of 8 lanes.
#[inline]
#[target_feature(enable = "avx2")]
fn first_of_8(n: usize) -> __m256i {
    let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    _mm256_cmpgt_epi32(_mm256_set1_epi32(n.min(8) as i32), lanes)
}

/// Stores the first `n` of 8 lanes. Tiles of 6 rows and of 16 columns need no mask, with which AMD's processors store some ten
/// times as slowly.
///
/// # Safety
/// `to` must have room for them.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn store_first(to: *mut f32, n: usize, lanes: __m256) {
    // SAFETY: the caller has room for `n` lanes, and no more are stored.
    unsafe {
        match n {
            8.. => _mm256_storeu_ps(to, lanes),
            6 => {
                _mm_storeu_ps(to, _mm256_castps256_ps128(lanes));
                _mm_storel_pd(to.add(4).cast(), _mm_castps_pd(_mm256_extractf128_ps::<1>(lanes)));
            }
            _ => _mm256_maskstore_ps(to, first_of_8(n), lanes),
        }
    }
}

/// Transposes 8 x 8 words: pairs, then fours, then halves of registers.
#[inline]
#[target_feature(enable = "avx2")]
fn transposed_8(x: [__m256; 8]) -> [__m256; 8] {
    let mut pairs = x;
    for i in (0..8).step_by(2) {
        pairs[i] = _mm256_unpacklo_ps(x[i], x[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(x[i], x[i + 1]);
    }
    let mut fours = pairs;
    for q in (0..8).step_by(4) {
        fours[q] = _mm256_shuffle_ps::<0x44>(pairs[q], pairs[q + 2]);
        fours[q + 1] = _mm256_shuffle_ps::<0xee>(pairs[q], pairs[q + 2]);
        fours[q + 2] = _mm256_shuffle_ps::<0x44>(pairs[q + 1], pairs[q + 3]);
        fours[q + 3] = _mm256_shuffle_ps::<0xee>(pairs[q + 1], pairs[q + 3]);
    }
    let mut all = fours;
    for c in 0..4 {
        all[c] = _mm256_permute2f128_ps::<0x20>(fours[c], fours[4 + c]);
        all[4 + c] = _mm256_permute2f128_ps::<0x31>(fours[c], fours[4 + c]);
    }
    all
}

/// Copies lanes that lie side by side.
#[target_feature(enable = "avx2")]
unsafe fn interleave_avx2(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut u32, width: usize) {
    for lane in (0..width).step_by(8) {
        let (filled, stored) = (first_of_8(lanes.saturating_sub(lane)), width - lane);
        for i in 0..depth {
            // SAFETY: the mask leaves out lanes that are not there, and `to` has room for those that are stored.
            unsafe {
                let row = _mm256_maskload_ps(from.wrapping_add(i * stride + lane), filled);
                store_first(to.add(i * width + lane).cast(), stored, row);
            }
        }
    }
}
