//! All kernels of the program, so that each that this processor runs can be compared with the definition.

use crate::domain::doctor::Precision;

use super::{Kernel, Onto, Product, Target, View, best_kernel, plain};

/// A kernel as `thaw doctor` sees it.
pub struct ListedKernel {
    pub precision: Precision,
    /// The instruction sets that it needs, or `plain Rust`.
    pub name: &'static str,
    /// Whether this processor runs it.
    pub runs: bool,
    /// Whether products are computed with it.
    pub chosen: bool,
    kernel: &'static Kernel,
}

/// Every kernel for this kind of processor, the fastest of a precision first.
pub fn kernels() -> Vec<ListedKernel> {
    let chosen = best_kernel();
    let listed = |name, kernel: &'static Kernel, runs| ListedKernel {
        precision: Precision::F32,
        name,
        runs,
        chosen: std::ptr::eq(kernel, chosen),
        kernel,
    };
    let mut kernels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        kernels.push(listed("AVX-512", &super::x86::AVX512, is_x86_feature_detected!("avx512f")));
        kernels.push(listed("AVX2 with FMA", &super::x86::AVX2, has_avx2));
    }
    kernels.push(listed("plain Rust", &plain::PLAIN, true));
    kernels
}

impl ListedKernel {
    /// `a b` from `[m, k]` and `[k, n]` to `[m, n]`, on so many threads of the current pool; 0 stands for as many as pay.
    ///
    /// # Panics
    /// When the shapes do not fit each other, k is 0, or this processor does not run the kernel.
    pub fn product(&self, a: View<'_>, b: View<'_>, threads: usize) -> Vec<f32> {
        assert!(self.runs, "this processor does not run {}", self.name);
        assert!(a.columns == b.rows && a.columns > 0, "the shapes do not fit");
        let mut values = vec![0.0; a.rows * b.columns];
        if !values.is_empty() {
            let to = Target(values.as_mut_ptr());
            let threads = if threads == 0 { rayon::current_num_threads() } else { threads };
            Product { a, b, to, stride: b.columns, scale: 1.0, onto: Onto::Nothing }.compute(self.kernel, threads);
        }
        values
    }
}
