//! The kernels of matrix products: each against its definition, one thread against many, and how fast each is.

use std::time::{Duration, Instant};

use rayon::ThreadPoolBuilder;

use crate::domain::doctor::{Check, CheckKind};
use crate::domain::problem::{Outcome, Problem};
use crate::model::ops::matmul::{ListedKernel, View, kernels};

use super::largest;

/// The largest difference from the definition, as a share of the sum of the absolute products. The roundings of an f32 sum
/// of a few hundred products stay far below it; one product that is left out does not.
const LIMIT: f64 = 1e-6;
/// Shapes `m x k x n` with all kinds of edges: less than a tile, tiles that are not full, several blocks of the inner size.
const SHAPES: [[usize; 3]; 5] = [[1, 1, 1], [5, 17, 3], [13, 64, 33], [31, 300, 50], [64, 515, 97]];
/// Products of the larger size are timed, as many as fit into `TIMED`; of smaller ones on a slow processor.
const TIMED_SIZES: [usize; 3] = [256, 512, 1024];
const TIMED: Duration = Duration::from_millis(350);

/// Compares the products of a kernel with the definition in f64, in which operands are rounded as the kernel does it. One
/// that failed its trial, and is therefore never chosen, passes no check.
pub fn check(kernel: &ListedKernel) -> Check {
    let mut worst = if kernel.trusted { 0.0 } else { f64::INFINITY };
    for (n, [rows, inner, columns]) in SHAPES.into_iter().enumerate() {
        let seed = n as u32;
        let (a, b) = (numbers(rows * inner, 2 * seed), numbers(inner * columns, 2 * seed + 1));
        // Each operand lies in memory row by row or column by column.
        let (a_turned, b_turned) = (turned(&a, rows, inner), turned(&b, inner, columns));
        // A column of the right operand is a row of the turned one.
        let b_rounded = turned(&kernel.rounded(&b_turned, columns), columns, inner);
        let defined = definition(&kernel.rounded(&a, rows), &b_rounded, inner, columns);
        for a in [View::new(&a, rows, inner), View::new(&a_turned, inner, rows).t()] {
            for b in [View::new(&b, inner, columns), View::new(&b_turned, columns, inner).t()] {
                let off = kernel.by(b)(a, 1).into_iter().zip(&defined).map(|(found, (sum, absolute_sum))| {
                    (f64::from(found) - sum).abs() / absolute_sum.max(f64::MIN_POSITIVE)
                });
                worst = off.fold(worst, largest);
            }
        }
    }
    Check::new(CheckKind::Kernel, worst, LIMIT).of_kernel(kernel.precision, kernel.name)
}

/// The product by its definition, and the sum of the absolute products beside each of its numbers.
fn definition(a: &[f32], b: &[f32], inner: usize, columns: usize) -> Vec<(f64, f64)> {
    let mut all = vec![(0.0, 0.0); a.len() / inner * columns];
    for (a, sums) in a.chunks(inner).zip(all.chunks_mut(columns)) {
        for (a, b) in a.iter().zip(b.chunks(columns)) {
            for ((sum, absolute_sum), b) in sums.iter_mut().zip(b) {
                let product = f64::from(*a) * f64::from(*b);
                *sum += product;
                *absolute_sum += product.abs();
            }
        }
    }
    all
}

/// The same matrix column by column.
fn turned(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..rows * columns).map(|i| values[i % rows * columns + i / rows]).collect()
}

/// Counts the numbers of a product whose bits differ between one thread and all threads of the current pool.
///
/// # Errors
/// `internal-error` when the system gives no more threads.
pub fn same_bits_on_all_threads() -> Outcome<Check> {
    let alone = ThreadPoolBuilder::new().num_threads(1).build().map_err(Problem::internal)?;
    let [rows, inner, columns] = [150, 270, 130];
    let (a, b) = (numbers(rows * inner, 20), numbers(inner * columns, 21));
    let (a, b) = (View::new(&a, rows, inner), View::new(&b, inner, columns));
    let mut differing = 0;
    for kernel in kernels().iter().filter(|kernel| kernel.chosen) {
        // At least two, so that something is checked on a machine of one core as well.
        let threads = rayon::current_num_threads().max(2);
        let (one, all) = (alone.install(|| kernel.by(b)(a, 1)), kernel.by(b)(a, threads));
        differing += one.iter().zip(&all).filter(|(one, all)| one.to_bits() != all.to_bits()).count();
    }
    Ok(Check::new(CheckKind::Threads, differing as f64, 0.0))
}

/// The GFLOP/s of a large product on all threads of the current pool, by the quickest of several.
pub fn speed(kernel: &ListedKernel) -> f64 {
    let most = TIMED_SIZES[TIMED_SIZES.len() - 1];
    let (a, b) = (numbers(most * most, 30), numbers(most * most, 31));
    let (began, mut gflop_per_sec) = (Instant::now(), 0.0f64);
    for n in TIMED_SIZES {
        let (a, multiply) = (View::new(&a, n, n), kernel.by(View::new(&b, n, n)));
        let flop = 2.0 * (n as f64).powi(3);
        // The smaller size tells whether there is time for one more.
        let expected = |gflop_per_sec: f64| Duration::from_secs_f64((flop / 1e9 / gflop_per_sec).min(60.0));
        while gflop_per_sec == 0.0 || began.elapsed() + expected(gflop_per_sec) < TIMED {
            let one = Instant::now();
            std::hint::black_box(multiply(a, rayon::current_num_threads()));
            gflop_per_sec = gflop_per_sec.max(flop / one.elapsed().as_secs_f64() / 1e9);
            if n < most {
                break;
            }
        }
    }
    gflop_per_sec
}

/// Numbers from -1 to 1 that look random and are the same each time.
fn numbers(n: usize, seed: u32) -> Vec<f32> {
    let mix = |i: u32| (i ^ seed.wrapping_mul(0x27d4_eb2f)).wrapping_mul(0x9e37_79b1).rotate_left(13);
    (0..n as u32).map(|i| (mix(i).wrapping_mul(0x85eb_ca6b) >> 8) as f32 / (1 << 23) as f32 - 1.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kernel_of_this_processor_passes_far_below_the_limit() {
        let checks: Vec<Check> = kernels().iter().filter(|kernel| kernel.runs).map(check).collect();
        assert!(checks.iter().any(|check| check.subject.as_deref() == Some("plain Rust")));
        for check in checks {
            assert!(check.passed && check.error < check.limit / 2.0, "{check:?}");
        }
        assert!(same_bits_on_all_threads().unwrap().passed);
    }
}
