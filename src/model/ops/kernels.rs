//! Elementwise and row-wise arithmetic over slices, compiled for several instruction sets and chosen at run time.
//!
//! These are plain loops that the compiler vectorises. Every row is computed in the same way whatever the other rows are,
//! so that results depend neither on the other texts of a batch nor on the number of threads.
#![allow(unsafe_code)] // `new_rows` writes values before it reads them, and `simd` chooses among functions.

use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::Activation;
use super::isa::simd;

/// For slices shorter than this, starting a second thread costs more than it gains.
const PARALLEL_FROM: usize = 16 * 1024;

/// Calls `work` on every row of `width` elements, on all threads when there is enough to do.
pub fn for_rows(values: &mut [f32], width: usize, work: impl Fn(usize, &mut [f32]) + Sync) {
    if values.len() < PARALLEL_FROM {
        values.chunks_mut(width).enumerate().for_each(|(i, row)| work(i, row));
    } else {
        let rows_at_once = (2048 / width).max(1);
        values.par_chunks_mut(width).enumerate().with_min_len(rows_at_once).for_each(|(i, row)| work(i, row));
    }
}

/// Makes `len` new values in rows of `width`. Each row begins as zeros and is filled by `work`, on all threads when there is
/// enough to do. A vector of zeros that is filled later would be slower, because here each row is still in the
/// processor's cache when it is filled.
pub fn new_rows(len: usize, width: usize, work: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    if len < PARALLEL_FROM {
        let mut values = vec![0.0; len];
        for_rows(&mut values, width, work);
        return values;
    }
    new_rows_beside((0..len.div_ceil(width)).into_par_iter(), len, width, work)
}

/// The same, where each row is made from, or together with, an item of `beside`, which has one for each row.
pub fn new_rows_beside<T: Send>(
    beside: impl IndexedParallelIterator<Item = T>,
    len: usize,
    width: usize,
    work: impl Fn(T, &mut [f32]) + Sync,
) -> Vec<f32> {
    let mut values = Vec::with_capacity(len);
    let rows_at_once = if len < PARALLEL_FROM { len.max(1) } else { (2048 / width).max(1) };
    let rows = values.spare_capacity_mut()[..len].par_chunks_mut(width);
    assert_eq!(rows.len(), beside.len(), "there is an item for each row");
    rows.zip(beside).with_min_len(rows_at_once).for_each(|(row, item)| {
        row.fill(MaybeUninit::new(0.0));
        // SAFETY: the line above has written every value of the row.
        work(item, unsafe { &mut *(std::ptr::from_mut(row) as *mut [f32]) });
    });
    // SAFETY: the rows cover the first `len` values, and each has been written.
    unsafe { values.set_len(len) };
    values
}

/// Makes `len` zeros, on all threads when there are many.
pub fn zeros(len: usize) -> Vec<f32> {
    new_rows(len, PARALLEL_FROM, |_, _| {})
}

/// e^x within 2 units in the last place. An input below -87.3 counts as -87.3 and one above 88.3 as 88.3, so that the
/// result is a normal number from 1.2e-38 to 2.2e38, or NaN for NaN.
#[inline(always)]
fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to the nearest integer
    let x = x.clamp(-87.3, 88.3);
    let n = (x * LOG2_E + ROUND) - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    // Cephes' expf polynomial on [-ln 2 / 2, ln 2 / 2].
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 5e-1;
    let y = p * r * r + r + 1.0;
    y * f32::from_bits(((n as i32 + 127) << 23) as u32)
}

/// The error function within 4e-7, as a ratio of polynomials on [-4, 4] with the coefficients of Eigen and XLA.
#[inline(always)]
fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let t = x * x;
    let mut p = -2.726_142_3e-10;
    p = p * t + 2.770_681_5e-8;
    p = p * t + -2.101_024e-6;
    p = p * t + -5.692_506_4e-5;
    p = p * t + -7.349_906_3e-4;
    p = p * t + -2.954_6e-3;
    p = p * t + -1.609_603_3e-2;
    let mut q = -1.456_607_1e-5;
    q = q * t + -2.133_740_6e-4;
    q = q * t + -1.682_827e-3;
    q = q * t + -7.373_329e-3;
    q = q * t + -1.426_473_9e-2;
    x * p / q
}

/// The hyperbolic tangent within 3e-7.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let x = x.clamp(-9.0, 9.0);
    let e = exp(2.0 * x);
    (e - 1.0) / (e + 1.0)
}

const INV_SQRT_2: f32 = std::f32::consts::FRAC_1_SQRT_2;
const INV_SQRT_2_PI: f32 = 0.398_942_3;
const SQRT_2_OVER_PI: f32 = 0.797_884_6;

/// Makes functions that fill a row `y` with `activation(x)`.
macro_rules! activations {
    ($($name:ident: |$x:ident| $value:expr;)*) => {$(
        simd! {
            fn $name(x: &[f32], y: &mut [f32]) {
                for (y, &$x) in y.iter_mut().zip(x) {
                    *y = $value;
                }
            }
        }
    )*};
}

activations! {
    gelu_row: |x| 0.5 * x * (1.0 + erf(x * INV_SQRT_2));
    gelu_tanh_row: |x| 0.5 * x * (1.0 + tanh(SQRT_2_OVER_PI * (x + 0.044_715 * x * x * x)));
    tanh_row: |x| tanh(x);
}

/// Makes functions that multiply a row `g` by `activation'(x)`.
macro_rules! slopes {
    ($($name:ident: |$x:ident| $slope:expr;)*) => {$(
        simd! {
            fn $name(x: &[f32], g: &mut [f32]) {
                for (g, &$x) in g.iter_mut().zip(x) {
                    *g *= $slope;
                }
            }
        }
    )*};
}

slopes! {
    gelu_backward_row: |x| {
        let cdf = 0.5 * (1.0 + erf(x * INV_SQRT_2));
        cdf + x * INV_SQRT_2_PI * exp(-0.5 * x * x)
    };
    gelu_tanh_backward_row: |x| {
        let t = tanh(SQRT_2_OVER_PI * (x + 0.044_715 * x * x * x));
        let slope = SQRT_2_OVER_PI * (1.0 + 3.0 * 0.044_715 * x * x);
        0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * slope
    };
    tanh_backward_row: |x| {
        let t = tanh(x);
        1.0 - t * t
    };
}

/// `activation(x)` for rows of `width` values.
pub fn activate(activation: Activation, x: &[f32], width: usize) -> Vec<f32> {
    new_rows(x.len(), width, |i, y| {
        let x = &x[i * width..(i + 1) * width];
        match activation {
            Activation::None => y.copy_from_slice(x),
            Activation::Gelu => gelu_row(x, y),
            Activation::GeluTanh => gelu_tanh_row(x, y),
            // `max` would turn what is no number into 0, and hide that the training has gone wrong.
            Activation::Relu => y.iter_mut().zip(x).for_each(|(y, &x)| *y = if x <= 0.0 { 0.0 } else { x }),
            Activation::Tanh => tanh_row(x, y),
        }
    })
}

/// `g *= activation'(x)` for rows of `width` values.
pub fn activate_backward(activation: Activation, x: &[f32], g: &mut [f32], width: usize) {
    for_rows(g, width, |i, g| {
        let x = &x[i * width..(i + 1) * width];
        match activation {
            Activation::None => {}
            Activation::Gelu => gelu_backward_row(x, g),
            Activation::GeluTanh => gelu_tanh_backward_row(x, g),
            Activation::Relu => g.iter_mut().zip(x).for_each(|(g, &x)| *g = if x <= 0.0 { 0.0 } else { *g }),
            Activation::Tanh => tanh_backward_row(x, g),
        }
    });
}

/// A sum over a row is made of so many partial sums: enough for the widest registers, and as many on every machine, so that
/// the results are the same everywhere.
const LANES: usize = 16;

/// The sum of `of(x)` over a row.
#[inline(always)]
fn sum_of(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let mut chunks = row.chunks_exact(LANES);
    for chunk in &mut chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += of(x);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += of(x);
    }
    total(lanes)
}

/// The sum of the lanes: the upper half is added to the lower until one is left.
#[inline(always)]
fn total(mut lanes: [f32; LANES]) -> f32 {
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
    }
    lanes[0]
}

/// Replaces every x of a row by `of(x)`. The numbers after the last whole chunk go through the same vector arithmetic, so
/// that a number's result does not depend on its place.
#[inline(always)]
fn map_row(row: &mut [f32], of: impl Fn(f32) -> f32) {
    let mut chunks = row.chunks_exact_mut(LANES);
    for chunk in &mut chunks {
        for x in chunk {
            *x = of(*x);
        }
    }
    let rest = chunks.into_remainder();
    let mut lanes = [0.0; LANES];
    lanes[..rest.len()].copy_from_slice(rest);
    for x in &mut lanes {
        *x = of(*x);
    }
    rest.copy_from_slice(&lanes[..rest.len()]);
}

/// The sum of `of(x, y)` over two rows.
#[inline(always)]
fn sum_of_two(a: &[f32], b: &[f32], of: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let (mut xs, mut ys) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    for (x, y) in (&mut xs).zip(&mut ys) {
        for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
            *lane += of(x, y);
        }
    }
    for ((lane, &x), &y) in lanes.iter_mut().zip(xs.remainder()).zip(ys.remainder()) {
        *lane += of(x, y);
    }
    total(lanes)
}

simd! {
    /// Replaces a row by (row - mean) / sqrt(variance + eps) and returns 1 / sqrt(variance + eps).
    pub fn normalise_row(row: &mut [f32], eps: f32) -> f32 {
        let n = row.len() as f32;
        let mean = sum_of(row, |x| x) / n;
        let variance = sum_of(row, |x| (x - mean) * (x - mean)) / n;
        let inverse_std = 1.0 / (variance + eps).sqrt();
        for x in row.iter_mut() {
            *x = (*x - mean) * inverse_std;
        }
        inverse_std
    }
}

simd! {
    /// `y = gamma * x + beta` for one row.
    pub fn scale_shift_row(x: &[f32], gamma: &[f32], beta: &[f32], y: &mut [f32]) {
        for (((y, &x), &g), &b) in y.iter_mut().zip(x).zip(gamma).zip(beta) {
            *y = x * g + b;
        }
    }
}

simd! {
    /// Backward of LayerNorm for one row. `g` comes in as the gradient of `gamma * xhat + beta`, `xhat` being the normalised
    /// row, and leaves as the gradient of the row before [`normalise_row`].
    pub fn layer_norm_backward_row(g: &mut [f32], xhat: &[f32], gamma: &[f32], inverse_std: f32) {
        for (g, &gamma) in g.iter_mut().zip(gamma) {
            *g *= gamma;
        }
        let n = g.len() as f32;
        let mean = sum_of(g, |g| g) / n;
        let slope = sum_of_two(g, xhat, |g, x| g * x) / n;
        for (g, &x) in g.iter_mut().zip(xhat) {
            *g = inverse_std * (*g - mean - x * slope);
        }
    }
}

simd! {
    /// Replaces one row by softmax(scale * row).
    pub fn softmax_row(row: &mut [f32], scale: f32) {
        let mut lanes = [f32::NEG_INFINITY; LANES];
        let mut chunks = row.chunks_exact(LANES);
        for chunk in &mut chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane = if x > *lane { x } else { *lane };
            }
        }
        let max = lanes.iter().chain(chunks.remainder()).fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
        map_row(row, |x| exp((x - max) * scale));
        let inverse = 1.0 / sum_of(row, |x| x);
        for x in row.iter_mut() {
            *x *= inverse;
        }
    }
}

simd! {
    /// Backward of [`softmax_row`]. `g` comes in as the gradient of the probabilities `p` and leaves as that of the scores
    /// before they were scaled: p * (g - sum(g * p)) * scale.
    pub fn softmax_backward_row(g: &mut [f32], p: &[f32], scale: f32) {
        let dot = sum_of_two(g, p, |g, p| g * p);
        for (g, &p) in g.iter_mut().zip(p) {
            *g = p * (*g - dot) * scale;
        }
    }
}

simd! {
    /// `a += b`.
    pub fn add_to(a: &mut [f32], b: &[f32]) {
        for (a, &b) in a.iter_mut().zip(b) {
            *a += b;
        }
    }
}

simd! {
    /// `sums += a * b`, elementwise.
    pub fn multiply_add_to(sums: &mut [f32], a: &[f32], b: &[f32]) {
        for ((s, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *s += a * b;
        }
    }
}

/// Adds every row of `rows` to `sums`, which is the gradient of a bias.
pub fn add_rows_to(sums: &mut [f32], rows: &[f32]) {
    let width = sums.len();
    // Each thread takes some columns of all rows, so that the order of additions does not depend on their number.
    let columns = if rows.len() < PARALLEL_FROM { width } else { width.div_ceil(rayon::current_num_threads()).max(64) };
    sums.par_chunks_mut(columns).enumerate().for_each(|(i, sums)| {
        for row in rows.chunks_exact(width) {
            add_to(sums, &row[i * columns..i * columns + sums.len()]);
        }
    });
}

/// Adds `a * b`, elementwise, of every row to `sums`, which is the gradient of a LayerNorm's weight.
pub fn multiply_add_rows_to(sums: &mut [f32], a: &[f32], b: &[f32]) {
    let width = sums.len();
    let columns = if a.len() < PARALLEL_FROM { width } else { width.div_ceil(rayon::current_num_threads()).max(64) };
    sums.par_chunks_mut(columns).enumerate().for_each(|(i, sums)| {
        let range = i * columns..i * columns + sums.len();
        for (a, b) in a.chunks_exact(width).zip(b.chunks_exact(width)) {
            multiply_add_to(sums, &a[range.clone()], &b[range.clone()]);
        }
    });
}

simd! {
    /// Multiplies each value by its dropout factor: `keep_scale` where the hash of its index is at least `threshold`, else 0.
    /// `first` is the index of the first value in its tensor.
    pub fn drop_row(values: &mut [f32], first: u32, key: (u32, u32), threshold: u32, keep_scale: f32) {
        for (i, x) in values.iter_mut().enumerate() {
            *x *= if hash(first.wrapping_add(i as u32), key) >= threshold { keep_scale } else { 0.0 };
        }
    }
}

/// A 32-bit hash of an index under a key: MurmurHash3's finaliser, into which the key is mixed twice. It has no state, so
/// that backward can make a mask again, in any order and on any number of threads.
#[inline(always)]
fn hash(index: u32, key: (u32, u32)) -> u32 {
    let mut x = index.wrapping_mul(0x9e37_79b1) ^ key.0;
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b) ^ key.1;
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// erf by its Taylor series in f64.
    fn erf_exact(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..200 {
            term *= -x * x / n as f64;
            sum += term / (2 * n + 1) as f64;
        }
        sum * 2.0 / std::f64::consts::PI.sqrt()
    }

    #[test]
    fn elementary_functions_are_accurate() {
        for i in -4000..=4000 {
            let x = i as f32 * 0.001;
            let error = (f64::from(erf(x)) - erf_exact(f64::from(x))).abs();
            assert!(error < 4e-7, "erf({x}) is off by {error}");
            assert!((f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 3e-7, "tanh({x})");
            let y = x * 20.0;
            assert!((f64::from(exp(y)) / f64::from(y).exp() - 1.0).abs() < 3e-7, "exp({y})");
        }
        assert!(exp(-1000.0) < 1e-37 && exp(1000.0).is_finite());
    }

    #[test]
    fn dropout_keeps_the_share_and_the_mean() {
        let n = 1 << 20;
        let mut x = vec![1.0f32; n];
        drop_row(&mut x, 7, (123, 456), (0.1 * 4_294_967_296.0) as u32, 1.0 / 0.9);
        let kept = x.iter().filter(|x| **x > 0.0).count() as f64 / n as f64;
        assert!((kept - 0.9).abs() < 0.002, "{kept}");
        let neighbours = x.windows(2).filter(|w| w[0] > 0.0 && w[1] > 0.0).count() as f64 / n as f64;
        assert!((neighbours - 0.81).abs() < 0.003, "neighbours are not independent: {neighbours}");
    }
}
