//! The inner loops in plain Rust, which the compiler turns into the vector instructions that every processor of the target
//! has.

use super::{Kernel, Store, Tile};

const COLUMNS: usize = 16;

/// The kernel that runs on every processor.
pub(super) static PLAIN: Kernel = Kernel { rows: 6, columns: COLUMNS, multiply, transpose };

unsafe fn multiply(depth: usize, a: *const f32, b: *const f32, tile: Tile, store: Store) {
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe { by_rows!(of_rows, tile.rows, [1 2 3 4 5 6], (depth, a, b, tile, store)) }
}

unsafe fn of_rows<const ROWS: usize>(depth: usize, a: *const f32, b: *const f32, tile: Tile, store: Store) {
    // SAFETY: `a` has depth x ROWS numbers, `b` depth x COLUMNS.
    let (a, b) =
        unsafe { (std::slice::from_raw_parts(a, depth * ROWS), std::slice::from_raw_parts(b, depth * COLUMNS)) };
    let mut sums = [[0.0f32; COLUMNS]; ROWS];
    for (a, b) in a.as_chunks::<ROWS>().0.iter().zip(b.as_chunks::<COLUMNS>().0) {
        for (sums, a) in sums.iter_mut().zip(a) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = multiply_add(*a, *b, *sum);
            }
        }
    }
    for (i, sums) in sums.iter().enumerate() {
        for (j, sum) in sums.iter().enumerate().take(tile.columns) {
            // SAFETY: the tile lies in the result, and what is added to is as large.
            unsafe {
                let old = if store.old.is_null() { 0.0 } else { *store.old.add(i * store.old_stride + j) };
                *tile.start.add(i * tile.stride + j) = multiply_add(*sum, store.scale, old);
            }
        }
    }
}

/// `a b + c`, rounded only once where every processor of the target does that in one instruction.
#[inline(always)]
fn multiply_add(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(any(target_arch = "aarch64", target_feature = "fma")) { a.mul_add(b, c) } else { a * b + c }
}

/// See [`Kernel::transpose`].
pub(super) unsafe fn transpose(
    from: *const f32,
    stride: usize,
    lanes: usize,
    depth: usize,
    to: *mut f32,
    width: usize,
) {
    // Sixteen numbers of each lane at a time: a cache line.
    for first in (0..depth).step_by(16) {
        for lane in 0..width {
            for i in first..(first + 16).min(depth) {
                // SAFETY: lanes below `lanes` have `depth` numbers, and `to` has depth x width.
                unsafe { *to.add(i * width + lane) = if lane < lanes { *from.add(lane * stride + i) } else { 0.0 } };
            }
        }
    }
}
