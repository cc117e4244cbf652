//! What the processor gives at most: multiplications and additions in registers, which wait for no memory.
#![allow(unsafe_code)] // The functions for an instruction set are called where the processor has it.

use std::hint::black_box;
use std::time::{Duration, Instant};

#[cfg(target_arch = "x86_64")]
use super::isa::{Isa, isa};

/// Registers of sums that do not wait for each other: enough to fill the pipelines of all processors that are known, few
/// enough to leave registers for the operands.
const SUMS: usize = 12;
const ROUNDS: usize = 30_000;
const TIMED: Duration = Duration::from_millis(300);

/// The GFLOP/s of f32 on all threads of the current pool, by the quickest of several rounds; a multiplication and its
/// addition count as two. Each thread only multiplies and adds in its registers, with the widest that it has.
pub fn peak_gflop_per_sec() -> f64 {
    let (began, mut most) = (Instant::now(), 0.0f64);
    while began.elapsed() < TIMED {
        let of_threads = rayon::broadcast(|_| {
            let one = Instant::now();
            let lanes = multiply_and_add(black_box(0.999), black_box(0.001));
            (2 * SUMS * ROUNDS * lanes) as f64 / one.elapsed().as_secs_f64()
        });
        // The threads work side by side, and the slowest is the last to be done.
        let slowest = of_threads.iter().copied().fold(f64::INFINITY, f64::min);
        most = most.max(slowest * of_threads.len() as f64);
    }
    most / 1e9
}

/// Computes for a while and returns how many numbers one instruction takes.
#[cfg(target_arch = "x86_64")]
fn multiply_and_add(factor: f32, summand: f32) -> usize {
    if isa() >= Isa::Avx512 {
        // SAFETY: the processor has the instructions.
        black_box(unsafe { avx512(factor, summand) });
        16
    } else if isa() >= Isa::Avx2 {
        // SAFETY: the processor has the instructions.
        black_box(unsafe { avx2(factor, summand) });
        8
    } else {
        // SAFETY: every processor of this kind has the instructions.
        black_box(unsafe { sse2(factor, summand) });
        4
    }
}

/// Computes for a while and returns how many numbers one instruction takes.
#[cfg(target_arch = "aarch64")]
fn multiply_and_add(factor: f32, summand: f32) -> usize {
    // SAFETY: every processor of this kind has the instructions.
    black_box(unsafe { neon(factor, summand) });
    4
}

/// Computes for a while and returns how many numbers one instruction takes.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn multiply_and_add(factor: f32, summand: f32) -> usize {
    black_box(rounds(|x| x, |sum| sum * factor + summand));
    1
}

/// The loops, which become the instructions of the function that they are in. Sums that begin alike would be computed only
/// once.
#[inline(always)]
fn rounds<V: Copy>(spread: impl Fn(f32) -> V, multiply_add: impl Fn(V) -> V) -> [V; SUMS] {
    let mut sums: [V; SUMS] = std::array::from_fn(|i| spread(black_box(i as f32)));
    for _ in 0..ROUNDS {
        for sum in &mut sums {
            *sum = multiply_add(*sum);
        }
    }
    sums
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn avx512(factor: f32, summand: f32) -> [std::arch::x86_64::__m512; SUMS] {
    use std::arch::x86_64::*;
    let (factor, summand) = (_mm512_set1_ps(factor), _mm512_set1_ps(summand));
    rounds(|x| _mm512_set1_ps(x), |sum| _mm512_fmadd_ps(sum, factor, summand))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2(factor: f32, summand: f32) -> [std::arch::x86_64::__m256; SUMS] {
    use std::arch::x86_64::*;
    let (factor, summand) = (_mm256_set1_ps(factor), _mm256_set1_ps(summand));
    rounds(|x| _mm256_set1_ps(x), |sum| _mm256_fmadd_ps(sum, factor, summand))
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
fn sse2(factor: f32, summand: f32) -> [std::arch::x86_64::__m128; SUMS] {
    use std::arch::x86_64::*;
    let (factor, summand) = (_mm_set1_ps(factor), _mm_set1_ps(summand));
    rounds(|x| _mm_set1_ps(x), |sum| _mm_add_ps(_mm_mul_ps(sum, factor), summand))
}

#[cfg(target_arch = "aarch64")]
#[target_feature(enable = "neon")]
fn neon(factor: f32, summand: f32) -> [std::arch::aarch64::float32x4_t; SUMS] {
    use std::arch::aarch64::*;
    let (factor, summand) = (vdupq_n_f32(factor), vdupq_n_f32(summand));
    rounds(|x| vdupq_n_f32(x), |sum| vfmaq_f32(summand, sum, factor))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_peak_is_measured() {
        assert!(super::peak_gflop_per_sec() > 0.0);
    }
}
