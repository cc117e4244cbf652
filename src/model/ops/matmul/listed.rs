//! All kernels of the program, so that each that this processor runs can be compared with the definition.

use crate::domain::precision::{FrozenPrecision, Precision};

use super::kernel::bf16_bits;
use super::{ByteKernel, ByteMatrix, Kernel, Onto, Product, Target, View};

/// A kernel as `thaw doctor` sees it.
pub struct ListedKernel {
    pub precision: FrozenPrecision,
    /// The instruction sets that it needs, or `plain Rust`.
    pub name: &'static str,
    /// Whether this processor runs it.
    pub runs: bool,
    /// This is true where it runs here and has not failed its trial, if it has one.
    pub trusted: bool,
    /// Whether products are computed with it.
    pub chosen: bool,
    /// Whether it is the plain loops that define what the others compute.
    pub is_definition: bool,
    kernel: AnyKernel,
}

enum AnyKernel {
    Numbers(&'static Kernel),
    Bytes(&'static ByteKernel),
}

/// The map from a left operand to its product, on so many threads.
pub type Multiply<'a> = Box<dyn Fn(View<'_>, usize) -> Vec<f32> + 'a>;

/// Every kernel for this kind of processor, the fastest of a precision first.
pub fn kernels() -> Vec<ListedKernel> {
    let numbers = Kernel::all().iter().map(|kernel| ListedKernel {
        precision: match kernel.precision {
            Precision::F32 => FrozenPrecision::F32,
            Precision::Bf16 => FrozenPrecision::Bf16,
        },
        name: kernel.name,
        runs: kernel.is_available(),
        trusted: kernel.is_trusted(),
        chosen: std::ptr::eq(*kernel, Kernel::best(kernel.precision)),
        is_definition: kernel.is_definition(),
        kernel: AnyKernel::Numbers(kernel),
    });
    let bytes = ByteKernel::all().iter().map(|kernel| ListedKernel {
        precision: FrozenPrecision::Int8,
        name: kernel.name,
        runs: kernel.is_available(),
        trusted: kernel.is_trusted(),
        chosen: std::ptr::eq(*kernel, ByteKernel::best()),
        is_definition: kernel.is_definition(),
        kernel: AnyKernel::Bytes(kernel),
    });
    numbers.chain(bytes).collect()
}

impl ListedKernel {
    /// Makes the map from `a` to `a b`, from `[m, k]` and `[k, n]` to `[m, n]`, on so many threads of the current pool;
    /// kernels of bytes choose the number themselves. They pack `b` once, as the weights of a frozen layer are packed.
    ///
    /// # Panics
    /// When this processor does not run the kernel, or k is 0; the map where the shapes do not fit each other.
    pub fn by<'a>(&self, b: View<'a>) -> Multiply<'a> {
        assert!(self.runs, "this processor does not run {}", self.name);
        assert!(b.rows > 0, "there is nothing to sum over");
        match self.kernel {
            AnyKernel::Bytes(kernel) => {
                let packed = ByteMatrix::with(kernel, &by_rows(b.t()), b.columns, b.rows);
                let bias = vec![0.0; b.columns];
                Box::new(move |a, _| packed.product(&by_rows(a), &bias))
            }
            AnyKernel::Numbers(kernel) => Box::new(move |a, threads| {
                assert_eq!(a.columns, b.rows, "inner sizes differ");
                let mut values = vec![0.0; a.rows * b.columns];
                if !values.is_empty() {
                    let to = Target(values.as_mut_ptr());
                    let product = Product { a, n: b.columns, to, stride: b.columns, scale: 1.0, onto: Onto::Nothing };
                    product.compute(b, kernel, threads);
                }
                values
            }),
        }
    }

    /// What the kernel multiplies instead of a matrix that lies row by row, of which each of `lanes` rows is summed over.
    pub fn rounded(&self, values: &[f32], lanes: usize) -> Vec<f32> {
        match self.precision {
            FrozenPrecision::F32 => values.to_vec(),
            FrozenPrecision::Bf16 => values.iter().map(|x| f32::from_bits(bf16_bits(*x) << 16)).collect(),
            FrozenPrecision::Int8 => {
                let of_lane = |lane: &[f32]| -> Vec<f32> {
                    let scale = lane.iter().fold(0.0f32, |most, x| most.max(x.abs())) / 127.0;
                    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
                    lane.iter().map(|x| (x * inverse).round_ties_even() * scale).collect()
                };
                values.chunks(values.len() / lanes).flat_map(of_lane).collect()
            }
        }
    }
}

/// The values of a view, row by row.
fn by_rows(view: View<'_>) -> Vec<f32> {
    let row = |i: usize| (0..view.columns).map(move |j| view.values[i * view.row_stride + j * view.column_stride]);
    (0..view.rows).flat_map(row).collect()
}
