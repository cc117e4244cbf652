//! Our matrix products beside those of the `gemm` crate, which candle's CPU backend uses, at the sizes of a step of MiniLM,
//! of bert-base and of bert-large: forward x W^T, backward to the inputs g W, backward to the weights g^T x. The last
//! column is operations a second (2 for each multiplication and its addition), on all threads.
//! `cargo bench --bench products`; `scripts/compare_products.py` does the same sizes in PyTorch.
#![allow(unsafe_code)] // `gemm` offers no safe function

use std::fmt;

use divan::Bencher;
use divan::counter::ItemsCount;
use thaw::domain::precision::Precision;
use thaw::model::ops::matmul::{ByteMatrix, Products, Threads, View, kernels};

fn main() {
    // `ours` is measured with these kernels, the fastest that `THAW_CPU` leaves.
    for kernel in kernels().iter().filter(|kernel| kernel.chosen) {
        println!("{}: {}", kernel.precision.name(), kernel.name);
    }
    divan::main();
}

/// A dense layer computes these three products in a step.
#[derive(Clone, Copy, Debug)]
enum Pass {
    Forward,
    ToInputs,
    ToWeights,
}

/// A product of a dense layer from `inputs` to `outputs` numbers, over so many tokens.
#[derive(Clone, Copy, Debug)]
struct Case {
    pass: Pass,
    tokens: usize,
    inputs: usize,
    outputs: usize,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pass = match self.pass {
            Pass::Forward => "x W^T",
            Pass::ToInputs => "g W",
            Pass::ToWeights => "g^T x",
        };
        write!(f, "{:>4} tokens {:>4} to {:>4}, {pass}", self.tokens, self.inputs, self.outputs)
    }
}

/// Every product of a layer. `scripts/compare_products.py` has the same list.
fn cases() -> impl Iterator<Item = Case> {
    // Tokens of a step, and the width of the hidden and of the inner layer.
    let sizes = [(430, 384, 1536), (512, 768, 3072), (2048, 768, 3072), (512, 1024, 4096), (2048, 1024, 4096)];
    sizes.into_iter().flat_map(|(tokens, hidden, inner)| {
        [(hidden, hidden), (hidden, inner), (inner, hidden)].into_iter().flat_map(move |(inputs, outputs)| {
            let passes = [Pass::Forward, Pass::ToInputs, Pass::ToWeights];
            passes.map(|pass| Case { pass, tokens, inputs, outputs })
        })
    })
}

impl Case {
    fn operations(self) -> usize {
        2 * self.tokens * self.inputs * self.outputs
    }

    /// The inputs `[tokens, inputs]`, the gradient of the outputs `[tokens, outputs]` and the weights `[outputs, inputs]`.
    fn operands(self) -> [Vec<f32>; 3] {
        let made = |len: usize, seed: usize| (0..len).map(|i| ((i * 31 + seed) % 97) as f32 * 0.01 - 0.5).collect();
        [made(self.tokens * self.inputs, 1), made(self.tokens * self.outputs, 2), made(self.inputs * self.outputs, 3)]
    }
}

#[divan::bench(args = cases())]
fn ours(bencher: Bencher<'_, '_>, case: Case) {
    ours_in(Precision::F32, bencher, case);
}

#[divan::bench(args = cases())]
fn ours_bf16(bencher: Bencher<'_, '_>, case: Case) {
    ours_in(Precision::Bf16, bencher, case);
}

/// The products are written where the engine writes them, so that the times compare: forward and the gradient of the
/// inputs make new values, and that of the weights goes to memory which stays from step to step.
fn ours_in(precision: Precision, bencher: Bencher<'_, '_>, case: Case) {
    let ([x, g, w], Case { tokens, inputs, outputs, .. }) = (case.operands(), case);
    let mut of_weights = vec![0.0; inputs * outputs];
    let (x, g) = (View::new(&x, tokens, inputs), View::new(&g, tokens, outputs));
    let (w, bias) = (View::new(&w, outputs, inputs), vec![0.1; outputs]);
    let products = Products::of(precision);
    bencher.counter(ItemsCount::new(case.operations())).bench_local(|| match case.pass {
        Pass::Forward => products.product(x, w.t(), Some(&bias)),
        Pass::ToInputs => products.product(g, w, None),
        Pass::ToWeights => {
            products.matmul(&mut of_weights, inputs, g.t(), x, 1.0, false, Threads::All);
            Vec::new()
        }
    });
}

/// Frozen layers in 8 bits are only ever computed forward.
#[divan::bench(args = cases().filter(|case| matches!(case.pass, Pass::Forward)))]
fn ours_int8(bencher: Bencher<'_, '_>, case: Case) {
    let ([x, _, w], bias) = (case.operands(), vec![0.1; case.outputs]);
    let w = ByteMatrix::of_transposed(&w, case.outputs, case.inputs);
    bencher.counter(ItemsCount::new(case.operations())).bench_local(|| w.product(&x, &bias));
}

/// The same product by `gemm`, without the bias, into memory that stays.
#[divan::bench(args = cases())]
fn gemm(bencher: Bencher<'_, '_>, case: Case) {
    let ([x, g, w], Case { tokens, inputs, outputs, .. }) = (case.operands(), case);
    // Rows, columns and inner size; then each operand with the distance between its rows and between its columns.
    let ((m, n, k), a, b) = match case.pass {
        Pass::Forward => ((tokens, outputs, inputs), (&x, inputs, 1), (&w, 1, inputs)),
        Pass::ToInputs => ((tokens, inputs, outputs), (&g, outputs, 1), (&w, inputs, 1)),
        Pass::ToWeights => ((outputs, inputs, tokens), (&g, 1, outputs), (&x, inputs, 1)),
    };
    let mut to = vec![0.0_f32; m * n];
    bencher.counter(ItemsCount::new(case.operations())).bench_local(|| {
        let (a, a_rows, a_columns) = (a.0.as_ptr(), a.1 as isize, a.2 as isize);
        let (b, b_rows, b_columns) = (b.0.as_ptr(), b.1 as isize, b.2 as isize);
        let (to, stride, threads) = (to.as_mut_ptr(), n as isize, ::gemm::Parallelism::Rayon(0));
        // SAFETY: `a` is m x k, `b` is k x n and `to` is m x n with these distances, as the slices above were made.
        unsafe {
            ::gemm::gemm(
                m, n, k, to, 1, stride, false, a, a_columns, a_rows, b, b_columns, b_rows, 0.0, 1.0, false, false,
                false, threads,
            );
        }
    });
}
