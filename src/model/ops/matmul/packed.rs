//! The right operand of many products, packed once.

use super::lines::{Line, words, words_of};
use super::packing::{pack_right, packed_words};
use super::{Kernel, Onto, Product, Target, Threads, View, threads_for};
use crate::domain::precision::Precision;

/// A matrix `[k, n]` in the precision of the kernel that multiplies with it.
#[derive(Clone, Debug)]
pub struct PackedMatrix {
    kernel: &'static Kernel,
    k: usize,
    n: usize,
    packed: Vec<Line>,
}

impl PackedMatrix {
    /// Packs the transposed of `w`, `[n, k]`, so that its columns are the outputs of a linear map.
    ///
    /// # Panics
    /// When `w` has another number of values, or none.
    pub fn of_transposed(precision: Precision, w: &[f32], n: usize, k: usize) -> Self {
        let (kernel, b) = (Kernel::best(precision), View::new(w, n, k).t());
        assert_eq!(w.len(), n * k, "the matrix is of another size");
        let len = packed_words(kernel, b);
        let mut packed = vec![Line::ZERO; len.div_ceil(16)];
        pack_right(kernel, b, &mut words_of(&mut packed)[..len], true);
        Self { kernel, k, n, packed }
    }

    /// The memory that it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.packed.as_slice())
    }

    /// `x W^T + bias` as new values in row-major order, from `[m, k]` to `[m, n]`. The bits of a row do not depend on the
    /// other rows.
    ///
    /// # Panics
    /// When the shapes do not fit.
    pub fn product(&self, x: &[f32], bias: &[f32]) -> Vec<f32> {
        assert!(x.len().is_multiple_of(self.k) && bias.len() == self.n, "the operands do not fit each other");
        let m = x.len() / self.k;
        let mut values = Vec::with_capacity(m * self.n);
        if m > 0 {
            let (a, to, onto) = (View::new(x, m, self.k), Target(values.as_mut_ptr()), Onto::Row(bias));
            let threads = threads_for(m, self.k, self.n, Threads::All);
            Product { a, n: self.n, to, stride: self.n, scale: 1.0, onto }.multiply(
                self.kernel,
                threads,
                words(&self.packed),
            );
            // SAFETY: a product that starts from a row writes each of the m x n numbers, and reads none.
            unsafe { values.set_len(m * self.n) };
        }
        values
    }
}
