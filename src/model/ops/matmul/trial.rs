//! A kernel that its authors could not run is tried before a process first computes with it: a small product is compared with
//! the definition. Where they differ the kernel is never chosen, and `thaw doctor` tells it as a failed check.
//!
//! A trial uses this thread only. It is made while other threads may wait for its outcome, and one that it waited for could
//! be among them.

use crate::domain::precision::Precision;

use super::bytes::{self, ByteKernel};
use super::kernel::Kernel;
use super::{Onto, Product, Target, View, plain};

/// Several tiles in each direction, none of which is full in all of them.
const SHAPES: [[usize; 3]; 2] = [[5, 31, 19], [75, 333, 41]];
/// The largest difference, as a share of the sum of the absolute products.
const LIMIT: f64 = 1e-6;

/// Whether a kernel computes what its definition does, apart from the roundings of sums.
pub(super) fn of_numbers(kernel: &Kernel) -> bool {
    let definition = match kernel.precision {
        Precision::F32 => &plain::F32,
        Precision::Bf16 => &plain::BF16,
    };
    SHAPES.iter().all(|&[m, k, n]| {
        let number = |seed: usize| move |i: usize| f32::from(mixed(i + seed) as i16) / 32768.0;
        let (a, b): (Vec<f32>, Vec<f32>) = ((0..m * k).map(number(1)).collect(), (0..k * n).map(number(2)).collect());
        let product = |kernel: &Kernel, a: &[f32], b: &[f32]| {
            let mut to = vec![f32::NAN; m * n];
            let (a, target) = (View::new(a, m, k), Target(to.as_mut_ptr()));
            Product { a, n, to: target, stride: n, scale: 1.0, onto: Onto::Nothing }.compute(
                View::new(b, k, n),
                kernel,
                1,
            );
            to
        };
        let absolute = |values: &[f32]| -> Vec<f32> { values.iter().map(|x| x.abs()).collect() };
        let (found, defined) = (product(kernel, &a, &b), product(definition, &a, &b));
        let sums = product(definition, &absolute(&a), &absolute(&b));
        found
            .iter()
            .zip(&defined)
            .zip(&sums)
            .all(|((found, defined), sum)| (f64::from(*found) - f64::from(*defined)).abs() <= LIMIT * f64::from(*sum))
    })
}

/// Whether a kernel's sums of bytes are those of the definition.
pub(super) fn of_bytes(kernel: &ByteKernel) -> bool {
    SHAPES.iter().all(|&[_, words, _]| {
        [1, kernel.rows.div_ceil(2), kernel.rows].iter().all(|&rows| {
            let left: Vec<u32> = (0..rows * words).map(|i| mixed(i + 1)).collect();
            let right: Vec<u32> = (0..words * kernel.columns).map(|i| mixed(i + 2)).collect();
            // The definition is that of all kernels, but for the size of its tile.
            let sum = |row: usize, column: usize| -> i32 {
                let words = (0..words).map(|i| (left[row * words + i], right[i * kernel.columns + column]));
                let bytes = words.flat_map(|(a, b)| a.to_le_bytes().into_iter().zip(b.to_le_bytes()));
                bytes.map(|(a, b)| bytes::product(a, b)).sum()
            };
            let mut packed = vec![0; rows * kernel.left.depth(words) + kernel.left.read_beyond()];
            let room = rows * kernel.left.depth(words);
            kernel.pack_left(&left, words, &mut packed[..room]);
            let mut sums = vec![0; kernel.rows * kernel.columns];
            // SAFETY: the kernel is tried where the processor runs it, and the operands are as long as it reads.
            unsafe {
                let _loaded = kernel.thread_state.map(|state| state.loaded());
                (kernel.multiply)(words, packed.as_ptr(), right.as_ptr(), rows, sums.as_mut_ptr());
            }
            let found = sums.chunks(kernel.columns).take(rows).enumerate();
            found
                .flat_map(|(i, row)| row.iter().enumerate().map(move |(j, sum)| (i, j, *sum)))
                .all(|(i, j, found)| found == sum(i, j))
        })
    })
}

/// A word that looks random and is the same each time.
fn mixed(i: usize) -> u32 {
    (i as u32).wrapping_mul(0x9e37_79b1).rotate_left(13).wrapping_mul(0x85eb_ca6b)
}
