//! Every kernel that this processor runs is compared with the definition of the product.

use proptest::prelude::*;

use super::*;

/// The kernels that this processor runs.
fn kernels() -> Vec<&'static Kernel> {
    #[allow(unused_mut, reason = "other processors have one only")]
    let mut kernels = vec![&plain::PLAIN];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            kernels.push(&x86::AVX512);
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            kernels.push(&x86::AVX2);
        }
    }
    kernels
}

/// Numbers that look random and are the same each time.
fn numbers(n: usize, seed: u32) -> Vec<f32> {
    let mix = |i: u32| (i ^ seed).wrapping_mul(0x9e37_79b1).rotate_left(13).wrapping_mul(0x85eb_ca6b);
    (0..n as u32).map(|i| (mix(i) >> 8) as f32 / (1 << 23) as f32 - 1.0).collect()
}

#[derive(Clone, Debug)]
struct Case {
    m: usize,
    k: usize,
    n: usize,
    /// How `a` and `b` lie in memory; `Strided` has gaps in both directions.
    lie: [Lie; 2],
    gap: usize,
    accumulate: bool,
    threads: usize,
}

#[derive(Clone, Copy, Debug)]
enum Lie {
    Rows,
    Transposed,
    Strided,
}

fn cases() -> impl Strategy<Value = Case> {
    let lie = || prop_oneof![Just(Lie::Rows), Just(Lie::Transposed), Just(Lie::Strided)];
    let size = || prop_oneof![1usize..20, 20usize..70];
    let depth = prop_oneof![1usize..40, 250usize..300, 510usize..520];
    (size(), depth, size(), [lie(), lie()], 0usize..3, any::<bool>(), 1usize..5)
        .prop_map(|(m, k, n, lie, gap, accumulate, threads)| Case { m, k, n, lie, gap, accumulate, threads })
}

fn view(values: &[f32], rows: usize, columns: usize, lie: Lie) -> View<'_> {
    match lie {
        Lie::Rows => View::new(values, rows, columns),
        Lie::Transposed => View::new(values, columns, rows).t(),
        Lie::Strided => View::strided(values, rows, columns, columns * 3 + 1, 3),
    }
}

fn compute(kernel: &Kernel, case: &Case, a: View<'_>, b: View<'_>, dst: &mut [f32]) {
    let (to, stride) = (Target(dst.as_mut_ptr()), case.n + case.gap);
    let onto = if case.accumulate { Onto::Itself } else { Onto::Nothing };
    let product = Product { a, b, to, stride, scale: 0.5, onto };
    product.compute(kernel, case.threads);
}

/// Products of sizes and strides used to overflow to a small index, which the slice has.
#[test]
fn a_view_that_leaves_its_slice_is_refused_when_it_is_made() {
    let values = [0.0; 8];
    let half = usize::MAX / 2 + 1;
    for (rows, columns, stride) in [
        (3, 2, half),       // 2 * half is 0
        (half + 1, 1, 2),   // half * 2 is 0
        (2, 2, usize::MAX), // the last index is 0
        (3, 3, 3),          // one short
        (usize::MAX, 1, 0), // more rows than numbers
    ] {
        let made = std::panic::catch_unwind(|| View::columns_of(&values, rows, columns, stride).columns);
        let told = made.unwrap_err().downcast_ref::<&str>().map(|text| (*text).to_owned());
        assert_eq!(told.as_deref(), Some("a view leaves its slice"), "{rows} x {columns}, {stride} apart");
    }
    assert_eq!(View::columns_of(&values, 0, 4, 9).t().columns, 0);
    assert_eq!(View::columns_of(&values[1..], 2, 3, 4).rows, 2, "the last row need not be as long as the stride");
}

#[test]
#[should_panic(expected = "the result does not fit its slice")]
fn a_result_that_leaves_its_slice_is_refused() {
    let ones = [1.0; 3];
    let mut dst = [0.0; 4];
    let (a, b) = (View::new(&ones, 3, 1), View::new(&ones, 1, 1));
    matmul(&mut dst, usize::MAX / 2 + 1, a, b, 1.0, false, Threads::One);
}

#[test]
#[should_panic(expected = "a tile of 15 rows")]
fn a_tile_that_no_kernel_has_is_never_left_as_it_was() {
    let mut to = [0.0f32; 15 * 16];
    let tile = Tile { start: to.as_mut_ptr(), stride: 16, rows: 15, columns: 16 };
    let store = Store { scale: 1.0, old: std::ptr::null(), old_stride: 0 };
    // SAFETY: a depth of 0 reads nothing, and the tile has room for what a kernel of any height would write.
    unsafe { (plain::PLAIN.multiply)(0, std::ptr::null(), std::ptr::null(), tile, store) };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_kernel_gives_the_definition(case in cases()) {
        let Case { m, k, n, lie, gap, .. } = case.clone();
        let (a, b) = (numbers(3 * (m + 1) * (k + 1), 1), numbers(3 * (k + 1) * (n + 1), 2));
        let (a, b) = (view(&a, m, k, lie[0]), view(&b, k, n, lie[1]));
        let before = numbers(m * (n + gap), 3);
        let at = |v: &View<'_>, i: usize, j: usize| f64::from(v.values[i * v.row_stride + j * v.column_stride]);
        for kernel in kernels() {
            let mut dst = before.clone();
            compute(kernel, &case, a, b, &mut dst);
            for i in 0..m {
                for j in 0..n + gap {
                    let old = f64::from(before[i * (n + gap) + j]);
                    let expected = if j < n {
                        let sum: f64 = (0..k).map(|p| at(&a, i, p) * at(&b, p, j)).sum();
                        0.5 * sum + if case.accumulate { old } else { 0.0 }
                    } else {
                        old
                    };
                    let found = f64::from(dst[i * (n + gap) + j]);
                    prop_assert!((found - expected).abs() < 2e-5 * (k as f64).sqrt(), "({i}, {j}): {found}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn a_rows_bits_depend_on_nothing_else(case in cases()) {
        let Case { m, k, n, lie, gap, .. } = case.clone();
        let (a, b) = (numbers(3 * (m + 1) * (k + 1), 4), numbers(3 * (k + 1) * (n + 1), 5));
        let (a, b) = (view(&a, m, k, lie[0]), view(&b, k, n, lie[1]));
        let mut of_kernels = Vec::new();
        for kernel in kernels() {
            let mut all = vec![1.0; m * (n + gap)];
            compute(kernel, &case, a, b, &mut all);
            let row = m / 2;
            let alone = View { values: &a.values[row * a.row_stride..], rows: 1, ..a };
            let mut one = vec![1.0; n + gap];
            compute(kernel, &Case { m: 1, threads: 1, ..case.clone() }, alone, b, &mut one);
            prop_assert_eq!(&all[row * (n + gap)..(row + 1) * (n + gap)], &one[..]);
            of_kernels.push(all);
        }
        // The kernels that fuse multiplication and addition agree to the bit.
        prop_assert!(of_kernels[1..].windows(2).all(|w| w[0] == w[1]), "AVX-512 and AVX2 differ");
    }

    #[test]
    fn new_values_are_product_and_bias((m, k, n) in (1usize..40, 1usize..600, 1usize..70)) {
        let (a, b, bias) = (numbers(m * k, 6), numbers(k * n, 7), numbers(n, 8));
        let (a, b) = (View::new(&a, m, k), View::new(&b, k, n));
        for kernel in kernels() {
            let mut expected = bias.repeat(m);
            Product { a, b, to: Target(expected.as_mut_ptr()), stride: n, scale: 1.0, onto: Onto::Itself }
                .compute(kernel, 1);
            let mut found = vec![f32::NAN; m * n];
            Product { a, b, to: Target(found.as_mut_ptr()), stride: n, scale: 1.0, onto: Onto::Row(&bias) }
                .compute(kernel, 2);
            prop_assert_eq!(&found, &expected);
        }
        let mut plain = vec![f32::NAN; m * n];
        matmul(&mut plain, n, a, b, 1.0, false, Threads::All);
        prop_assert_eq!(product(a, b, None), plain);
    }
}
