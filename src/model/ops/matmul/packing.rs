//! Operands are copied into the order in which the innermost loops read them.

use rayon::prelude::*;

use super::{Kernel, View};
use crate::domain::precision::Precision;

/// The words of all panels of a right operand.
pub(super) fn packed_words(kernel: &Kernel, b: View<'_>) -> usize {
    b.columns.div_ceil(kernel.columns) * panel_words(kernel, b.rows)
}

fn panel_words(kernel: &Kernel, k: usize) -> usize {
    k.div_ceil(kernel.per_word) * kernel.columns
}

/// Copies a right operand into panels of the kernel's columns, one row of words after another. Columns beyond the last
/// are 0.
pub(super) fn pack_right(kernel: &Kernel, b: View<'_>, packed: &mut [u32], on_all_threads: bool) {
    let pack_panel = |(i, panel): (usize, &mut [u32])| {
        let first = i * kernel.columns;
        let (from, columns) = (&b.values[first * b.column_stride..], kernel.columns.min(b.columns - first));
        pack(kernel, from, [b.column_stride, b.row_stride], columns, b.rows, kernel.columns, panel);
    };
    let panel_words = panel_words(kernel, b.rows);
    if on_all_threads {
        packed.par_chunks_exact_mut(panel_words).enumerate().for_each(pack_panel);
    } else {
        packed.chunks_exact_mut(panel_words).enumerate().for_each(pack_panel);
    }
}

/// `to[i][lane]` becomes word i of a lane, whose words follow each other in `from`; lanes from `lanes` to `width` become 0.
pub(super) fn pack_words(from: &[u32], words: usize, lanes: usize, to: &mut [u32], width: usize) {
    assert!(from.len() >= lanes * words && to.len() >= words * width && lanes <= width);
    let kernel = Kernel::best(Precision::F32);
    // SAFETY: the lengths are as the function asks. Words are moved as if they were numbers, and none is computed with.
    unsafe { (kernel.transpose)(from.as_ptr().cast(), words, lanes, words, to.as_mut_ptr(), width) };
}

/// `to[i][lane]` becomes the i-th word of a lane of `depth` numbers. Lanes are `strides[0]` apart, and the numbers of a lane
/// `strides[1]`; lanes from `lanes` to `width` become 0.
pub(super) fn pack(
    kernel: &Kernel,
    from: &[f32],
    [lane_stride, stride]: [usize; 2],
    lanes: usize,
    depth: usize,
    width: usize,
    to: &mut [u32],
) {
    assert!((lanes - 1) * lane_stride + (depth - 1) * stride < from.len() && lanes <= width);
    assert!(to.len() >= depth.div_ceil(kernel.per_word) * width, "the words do not fit");
    if stride == 1 {
        // SAFETY: the assertions above are what the function asks for.
        unsafe { (kernel.transpose)(from.as_ptr(), lane_stride, lanes, depth, to.as_mut_ptr(), width) };
    } else if lane_stride == 1 {
        // SAFETY: the same holds here.
        unsafe { (kernel.interleave)(from.as_ptr(), stride, lanes, depth, to.as_mut_ptr(), width) };
    } else {
        for (i, to) in to.chunks_exact_mut(width).enumerate().take(depth.div_ceil(kernel.per_word)) {
            let depths = i * kernel.per_word..depth.min((i + 1) * kernel.per_word);
            for (lane, to) in to.iter_mut().enumerate() {
                let mut numbers = [0.0; 2];
                let taken = if lane < lanes { depths.len() } else { 0 };
                for (x, depth) in numbers.iter_mut().zip(depths.clone()).take(taken) {
                    *x = from[lane * lane_stride + depth * stride];
                }
                *to = (kernel.word)(&numbers[..kernel.per_word]);
            }
        }
    }
}
