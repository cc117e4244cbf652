//! Products of operands in bf16 with the dot products of AVX-512 BF16: one instruction multiplies 16 pairs of pairs and adds
//! them to 16 sums in f32. It takes subnormal numbers for 0 and rounds each pair's sum in its own way, so that its bits are
//! not those of the definition in [`super::super::plain`].

use std::arch::x86_64::*;

use crate::domain::precision::Precision;
use crate::model::ops::isa::{Isa, isa};

use super::super::kernel::{BLOCK, Kernel, Store, Tile};
use super::{fetch, first_lanes, store_avx512, store_words, transposed};

/// The tile is that of f32, and each of its words is two numbers deep.
pub(in super::super) static AVX512: Kernel = Kernel {
    precision: Precision::Bf16,
    name: "AVX-512 BF16",
    runs: || isa() >= Isa::Avx512 && is_x86_feature_detected!("avx512bf16"),
    multiply,
    transpose,
    interleave,
    pack_row,
    rows: super::AVX512.rows,
    columns: super::AVX512.columns,
    ..super::super::plain::BF16
};

#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn multiply(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(of_rows, tile.rows, [1 2 3 4 5 6 7 8 9 10 11 12 13 14], (words, a, b, tile, store)) }
}

#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn of_rows<const ROWS: usize>(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    // SAFETY: `a` has words x ROWS words, `b` words x 32.
    unsafe {
        fetch(tile);
        let mut sums = [[_mm512_setzero_ps(); 2]; ROWS];
        let (mut a, mut b) = (a, b);
        for _ in 0..words {
            let (left, right) = (pairs(_mm512_loadu_ps(b.cast())), pairs(_mm512_loadu_ps(b.add(16).cast())));
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = pairs(_mm512_set1_ps(f32::from_bits(*a.add(i))));
                sums[0] = _mm512_dpbf16_ps(sums[0], x, left);
                sums[1] = _mm512_dpbf16_ps(sums[1], x, right);
            }
            a = a.add(ROWS);
            b = b.add(32);
        }
        store_avx512(&sums, tile, store);
    }
}

/// The words of a register as pairs of bf16.
#[inline]
#[target_feature(enable = "avx512f,avx512bf16")]
fn pairs(words: __m512) -> __m512bh {
    // SAFETY: both are 512 bits without a meaning of their own.
    unsafe { std::mem::transmute::<__m512, __m512bh>(words) }
}

/// Two registers of f32 as one of bf16, with `low` in its lower half.
#[inline]
#[target_feature(enable = "avx512f,avx512bf16")]
fn rounded(low: __m512, high: __m512) -> __m512i {
    // SAFETY: both are 512 bits without a meaning of their own.
    unsafe { std::mem::transmute::<__m512bh, __m512i>(_mm512_cvtne2ps_pbh(high, low)) }
}

/// Rounds and transposes in blocks of 16 lanes of 16 words.
#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn transpose(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut u32, width: usize) {
    for lane in (0..width).step_by(16) {
        let (filled, stored) = (lanes.saturating_sub(lane).min(16), first_lanes(width - lane));
        for i in (0..depth).step_by(32) {
            let deep = (depth - i).min(32);
            let masks = (first_lanes(deep), first_lanes(deep.saturating_sub(16)));
            let mut block = [_mm512_setzero_ps(); 16];
            // SAFETY: only lanes below `lanes` are read, and of them only `deep` numbers.
            unsafe {
                for (l, row) in block.iter_mut().enumerate().take(filled) {
                    let at = from.add((lane + l) * stride + i);
                    let low = _mm512_maskz_loadu_ps(masks.0, at);
                    let high = _mm512_maskz_loadu_ps(masks.1, at.wrapping_add(16));
                    *row = _mm512_castsi512_ps(rounded(low, high));
                }
                let words = deep.div_ceil(2);
                store_words(&transposed(block), words, to.add(i / 2 * width + lane), width, stored);
            }
        }
    }
}

/// Rounds two rows at a time and makes a word of the two numbers of each lane.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn interleave(from: *const f32, stride: usize, lanes: usize, depth: usize, to: *mut u32, width: usize) {
    // Lane i's word is number i of the first row and number i of the second, which lie 16 numbers apart.
    let order: [i16; 32] = std::array::from_fn(|i| (i / 2 + i % 2 * 16) as i16);
    // SAFETY: the array is as long as a register.
    let order = unsafe { _mm512_loadu_si512(order.as_ptr().cast()) };
    for lane in (0..width).step_by(16) {
        let (filled, stored) = (first_lanes(lanes.saturating_sub(lane)), first_lanes(width - lane));
        for i in (0..depth).step_by(2) {
            let of_second = if i + 1 < depth { filled } else { 0 };
            let at = from.wrapping_add(i * stride + lane);
            // SAFETY: the masks leave out lanes and rows that are not there.
            unsafe {
                let first = _mm512_maskz_loadu_ps(filled, at);
                let second = _mm512_maskz_loadu_ps(of_second, at.wrapping_add(stride));
                let words = _mm512_permutexvar_epi16(order, rounded(first, second));
                _mm512_mask_storeu_epi32(to.add(i / 2 * width + lane).cast(), stored, words);
            }
        }
    }
}

/// Rounds a row, 32 numbers at a time, which are a block of words.
#[target_feature(enable = "avx512f,avx512bf16")]
unsafe fn pack_row(from: *const f32, depth: usize, to: *mut u32, stride: usize) {
    for i in (0..depth).step_by(2 * BLOCK) {
        let deep = depth - i;
        // SAFETY: the masks leave out numbers that are not there, and `to` has room for whole blocks.
        unsafe {
            let low = _mm512_maskz_loadu_ps(first_lanes(deep), from.add(i));
            let high = _mm512_maskz_loadu_ps(first_lanes(deep.saturating_sub(16)), from.wrapping_add(i + 16));
            _mm512_storeu_si512(to.add(i / (2 * BLOCK) * stride).cast(), rounded(low, high));
        }
    }
}
