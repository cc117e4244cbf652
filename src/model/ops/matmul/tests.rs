//! Every kernel that this processor runs is compared with the definition of the product.

use proptest::prelude::*;

use super::*;

/// The kernels that this processor runs, and those of AMX over emulated tiles.
fn kernels() -> impl Iterator<Item = &'static Kernel> {
    #[cfg(target_arch = "x86_64")]
    let emulated = [x86::amx::emulated::kernel()];
    #[cfg(not(target_arch = "x86_64"))]
    let emulated: [&Kernel; 0] = [];
    Kernel::all().iter().copied().chain(emulated).filter(|kernel| kernel.is_available())
}

/// The same for sums of bytes.
fn byte_kernels() -> impl Iterator<Item = &'static ByteKernel> {
    #[cfg(target_arch = "x86_64")]
    let emulated: [&ByteKernel; 1] = [&x86::amx::emulated::INT8];
    #[cfg(not(target_arch = "x86_64"))]
    let emulated: [&ByteKernel; 0] = [];
    ByteKernel::all().iter().copied().chain(emulated).filter(|kernel| kernel.is_available())
}

/// A number as a kernel multiplies it.
fn rounded(kernel: &Kernel, x: f32) -> f32 {
    match kernel.precision {
        Precision::F32 => x,
        Precision::Bf16 => f32::from_bits(kernel::bf16_bits(x) << 16),
    }
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
    Product { a, n: case.n, to, stride, scale: 0.5, onto }.compute(b, kernel, case.threads);
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
    Products::of(Precision::F32).matmul(&mut dst, usize::MAX / 2 + 1, a, b, 1.0, false, Threads::One);
}

/// Each of two heads writes its own columns, and a part of a row is no matrix.
#[test]
fn columns_of_one_matrix_are_written_apart() {
    let (m, k, n) = (33, 5, 20);
    let (a, b) = (numbers(m * k, 1), numbers(k * 3 * n, 2));
    let products = Products::of(Precision::F32);
    let (a, whole) = (View::new(&a, m, k), View::new(&b, k, 3 * n));
    let mut found = vec![f32::NAN; m * 3 * n];
    let heads: Vec<Columns<'_>> = Columns::of(&mut found, 3 * n, n).collect();
    heads.into_par_iter().enumerate().for_each(|(i, mut columns)| {
        products.matmul_into(&mut columns, a, View::columns_of(&b[i * n..], k, n, 3 * n));
    });
    assert_eq!(found, products.product(a, whole, None));
    let mut used = vec![7.0; 3];
    products.product_in(&mut used, a, whole);
    assert_eq!(used, found, "what was there before is gone");
    for (len, stride, columns) in [(59, 20, 10), (60, 20, 15), (60, 20, 0)] {
        let made = std::panic::catch_unwind(|| Columns::of(&mut vec![0.0; len], stride, columns).count());
        assert!(made.is_err(), "{columns} of {stride} columns in {len} numbers");
    }
}

#[test]
#[should_panic(expected = "the result is of another size")]
fn a_product_that_does_not_fit_its_columns_is_refused() {
    let ones = [1.0; 4];
    let mut to = [0.0; 8];
    let mut columns = Columns::of(&mut to, 4, 2).next().unwrap();
    Products::of(Precision::F32).matmul_into(&mut columns, View::new(&ones, 2, 2), View::new(&ones, 2, 1));
}

#[test]
#[should_panic(expected = "a tile of 15 rows")]
fn a_tile_that_no_kernel_has_is_never_left_as_it_was() {
    let mut to = [0.0f32; 15 * 16];
    let tile = Tile { start: to.as_mut_ptr(), stride: 16, rows: 15, columns: 16 };
    let store = Store { scale: 1.0, old: std::ptr::null(), old_stride: 0 };
    // SAFETY: a depth of 0 reads nothing, and the tile has room for what a kernel of any height would write.
    unsafe { (plain::F32.multiply)(0, std::ptr::null(), std::ptr::null(), tile, store) };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_kernel_gives_the_definition(case in cases()) {
        let Case { m, k, n, lie, gap, .. } = case.clone();
        let (a, b) = (numbers(3 * (m + 1) * (k + 1), 1), numbers(3 * (k + 1) * (n + 1), 2));
        let (a, b) = (view(&a, m, k, lie[0]), view(&b, k, n, lie[1]));
        let before = numbers(m * (n + gap), 3);
        for kernel in kernels() {
            let at = |v: &View<'_>, i: usize, j: usize| {
                f64::from(rounded(kernel, v.values[i * v.row_stride + j * v.column_stride]))
            };
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
            of_kernels.push((kernel, all));
        }
        // The f32 kernels that fuse multiplication and addition agree to the bit.
        let fused: Vec<_> = of_kernels.iter().filter(|(kernel, _)| kernel.precision == Precision::F32 && !kernel.is_definition()).collect();
        prop_assert!(fused.windows(2).all(|w| w[0].1 == w[1].1), "kernels of f32 differ");
    }

    #[test]
    fn new_values_are_product_and_bias((m, k, n) in (1usize..40, 1usize..600, 1usize..70)) {
        let (a, b, bias) = (numbers(m * k, 6), numbers(k * n, 7), numbers(n, 8));
        let (a, b) = (View::new(&a, m, k), View::new(&b, k, n));
        for kernel in kernels() {
            let mut expected = bias.repeat(m);
            let onto = |onto, to: &mut [f32]| Product { a, n, to: Target(to.as_mut_ptr()), stride: n, scale: 1.0, onto };
            onto(Onto::Itself, &mut expected).compute(b, kernel, 1);
            let mut found = vec![f32::NAN; m * n];
            onto(Onto::Row(&bias), &mut found).compute(b, kernel, 2);
            prop_assert_eq!(&found, &expected);
        }
        for precision in Precision::ALL {
            let products = Products::of(precision);
            let mut plain = vec![f32::NAN; m * n];
            products.matmul(&mut plain, n, a, b, 1.0, false, Threads::All);
            prop_assert_eq!(products.product(a, b, None), plain);
            let packed = PackedMatrix::of_transposed(precision, &transposed(&b), n, k);
            prop_assert_eq!(packed.product(a.values, &bias), products.product(a, b, Some(&bias)));
        }
    }

    /// Packing is what rounds, so that it is compared bit by bit, for all bits that a number can have.
    #[test]
    fn every_kernel_packs_the_same_words(bits in prop::collection::vec(number_bits(), 1..900), lanes in 1usize..40, more in 0usize..20) {
        let from: Vec<f32> = bits.iter().map(|bits| f32::from_bits(*bits)).collect();
        let (lanes, width) = (lanes.min(from.len()), lanes.min(from.len()) + more);
        let depth = from.len() / lanes;
        for kernel in kernels() {
            let definition = Kernel::all().iter().find(|k| k.precision == kernel.precision && k.is_definition()).unwrap();
            let packed = |kernel: &Kernel, strides| {
                let mut to = vec![7; depth.div_ceil(kernel.per_word) * width];
                pack(kernel, &from, strides, lanes, depth, width, &mut to);
                to
            };
            for strides in [[depth, 1], [1, lanes]] {
                prop_assert_eq!(packed(kernel, strides), packed(definition, strides), "{} {:?}", kernel.name, strides);
            }
            let row = |kernel: &Kernel| {
                let (blocks, stride) = (from.len().div_ceil(kernel.per_word * kernel::BLOCK), kernel::BLOCK + 3);
                let mut to = vec![7; blocks * stride];
                // SAFETY: the row has so many numbers, and there is room for all blocks.
                unsafe { (kernel.pack_row)(from.as_ptr(), from.len(), to.as_mut_ptr(), stride) };
                to
            };
            prop_assert_eq!(row(kernel), row(definition), "{}", kernel.name);
        }
    }

    /// A number that is not finite reaches the same places of the result whatever the kernel.
    #[test]
    fn what_is_not_finite_stays_so(at in 0usize..6 * 9, odd in prop_oneof![Just(f32::NAN), Just(f32::INFINITY), Just(1e38f32), Just(1e-40f32)]) {
        let (m, k, n) = (6, 9, 20);
        let (mut a, b) = (numbers(m * k, 1), numbers(k * n, 2));
        a[at] = odd;
        let (a, b) = (View::new(&a, m, k), View::new(&b, k, n));
        let of = |kernel: &Kernel| {
            let mut to = vec![0.0f32; m * n];
            Product { a, n, to: Target(to.as_mut_ptr()), stride: n, scale: 1.0, onto: Onto::Nothing }.compute(b, kernel, 1);
            to
        };
        for kernel in kernels() {
            let definition = Kernel::all().iter().find(|k| k.precision == kernel.precision && k.is_definition()).unwrap();
            for (found, expected) in of(kernel).iter().zip(of(definition)) {
                prop_assert_eq!(found.is_nan(), expected.is_nan());
                let near = (found - expected).abs() <= 1e-5 * expected.abs().max(1.0);
                prop_assert!(near || found.is_nan() || *found == expected, "{}: {found}, not {expected}", kernel.name);
            }
        }
    }

    /// The sums of bytes are exact, so that all kernels give the same bits, and the result is as near to the product as
    /// half a step of each scale allows.
    #[test]
    fn bytes_give_the_same_bits_everywhere(m in 1usize..40, k in 1usize..300, n in 1usize..70, zero_row in any::<bool>()) {
        let (mut x, w, bias) = (numbers(m * k, 1), numbers(n * k, 2), numbers(n, 3));
        if zero_row {
            x[..k].fill(0.0);
        }
        let of = |kernel| ByteMatrix::with(kernel, &w, n, k).product(&x, &bias);
        let definition = of(&bytes::PLAIN);
        for kernel in byte_kernels() {
            prop_assert_eq!(&of(kernel), &definition, "{}", kernel.name);
        }
        let one = ByteMatrix::of_transposed(&w, n, k).product(&x[(m - 1) * k..], &bias);
        prop_assert_eq!(&definition[(m - 1) * n..], &one[..], "a row's bits depend on nothing else");
        for i in 0..m {
            for j in 0..n {
                let exact: f64 = (0..k).map(|p| f64::from(x[i * k + p]) * f64::from(w[j * k + p])).sum();
                let off = (f64::from(definition[i * n + j]) - exact - f64::from(bias[j])).abs();
                prop_assert!(off < 0.02 * (k as f64).sqrt() + 0.01, "({i}, {j}) is off by {off}");
            }
        }
    }
}

/// Bits of any number, often of one that is subnormal, infinite, NaN or half way between two of bf16.
fn number_bits() -> impl Strategy<Value = u32> {
    let edges =
        [0u32, 1, 0x7f_ffff, 0x80_0000, 0x3f80_8000, 0x3f81_8000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x7fc0_0000];
    let edge =
        (prop::sample::select(edges.to_vec()), any::<bool>()).prop_map(|(bits, minus)| bits | u32::from(minus) << 31);
    prop_oneof![any::<u32>(), edge]
}

/// The values of a matrix in the order of its transposed.
fn transposed(b: &View<'_>) -> Vec<f32> {
    (0..b.columns).flat_map(|j| (0..b.rows).map(move |i| b.values[i * b.row_stride + j * b.column_stride])).collect()
}

#[test]
fn bytes_pass_on_what_is_not_finite() {
    let w = numbers(20 * 8, 2);
    for odd in [f32::NAN, f32::INFINITY] {
        let mut x = numbers(2 * 8, 1);
        x[3] = odd;
        let y = ByteMatrix::of_transposed(&w, 20, 8).product(&x, &[0.0; 20]);
        assert!(y[..20].iter().all(|y| !y.is_finite()) && y[20..].iter().all(|y| y.is_finite()));
    }
}

/// A block of the inner size that is not a whole number of tiles ends where numbers begin that are not its own.
#[test]
fn what_lies_behind_a_block_does_not_reach_its_sums() {
    let (m, k, n) = (3, 4 * WORDS + 6, 5);
    let a = vec![1.0; m * k];
    let mut b = vec![1.0; k * n];
    // Multiplied with the zeros that fill up the second of three blocks, infinity would become NaN.
    b[2 * k / 3 * n..].fill(f32::INFINITY);
    for kernel in kernels() {
        let mut to = vec![0.0; m * n];
        let (a, target) = (View::new(&a, m, k), Target(to.as_mut_ptr()));
        Product { a, n, to: target, stride: n, scale: 1.0, onto: Onto::Nothing }.compute(
            View::new(&b, k, n),
            kernel,
            1,
        );
        assert!(to.iter().all(|x| *x == f32::INFINITY), "{}: {to:?}", kernel.name);
    }
}

/// Words in blocks are the same words in another order, however the rows lie in memory.
#[test]
fn a_left_operand_lies_in_blocks_where_the_kernel_wants_it() {
    for (rows, depth) in [(1, 1), (3, 31), (5, 32), (17, 75), (32, 515)] {
        let (words, numbers) = (usize::div_ceil(depth, 2), numbers(3 * (rows + 1) * (depth + 1), 9));
        let kernel = Kernel { rows: 32, left: Left::InBlocks, ..plain::BF16 };
        for lie in [Lie::Rows, Lie::Transposed, Lie::Strided] {
            let a = view(&numbers, rows, depth, lie);
            let mut by_word = vec![7; words * rows];
            pack(&kernel, a.values, [a.row_stride, a.column_stride], rows, depth, rows, &mut by_word);
            let product =
                Product { a, n: 1, to: Target(std::ptr::null_mut()), stride: 1, scale: 1.0, onto: Onto::Nothing };
            let (mut blocks, mut spare) = (vec![7; rows * kernel.left.depth(words)], vec![7; rows * words]);
            product.pack_a(&kernel, 0, rows, &(0..depth), &mut blocks, &mut spare);
            for (at, word) in blocks.iter().enumerate() {
                let (row, i) = (at / BLOCK % rows, at / BLOCK / rows * BLOCK + at % BLOCK);
                let expected = if i < words { by_word[i * rows + row] } else { 0 };
                assert_eq!(*word, expected, "{rows} x {depth}, {lie:?}: row {row}, word {i}");
            }
        }
    }
}

/// Tiles that nobody has configured are refused by the emulation as by the processor, so that each thread must load its own.
#[test]
#[cfg(target_arch = "x86_64")]
fn the_state_of_a_thread_is_loaded_for_a_product_and_released_after_it() {
    use x86::amx::emulated::{Emulated, INT8, PLAIN_BF16};
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (a, b) = (numbers(70 * 40, 1), numbers(40 * 50, 2));
    pool.install(|| {
        let mut to = vec![0.0; 70 * 50];
        let target = Target(to.as_mut_ptr());
        Product { a: View::new(&a, 70, 40), n: 50, to: target, stride: 50, scale: 1.0, onto: Onto::Nothing }.compute(
            View::new(&b, 40, 50),
            &PLAIN_BF16,
            2,
        );
        ByteMatrix::with(&INT8, &b, 50, 40).product(&a, &[0.0; 50]);
    });
    assert!(trial::of_numbers(&PLAIN_BF16), "it is right without AVX-512 as well");
    assert!(pool.broadcast(|_| Emulated::is_released()).into_iter().all(|is_released| is_released));
}

#[test]
fn a_kernel_that_computes_something_else_is_never_chosen() {
    // The words are one too few.
    unsafe fn short(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
        // SAFETY: the caller has one word more.
        unsafe { (plain::BF16.multiply)(words - 1, a, b, tile, store) }
    }
    unsafe fn short_bytes(words: usize, a: *const u32, b: *const u32, rows: usize, sums: *mut i32) {
        // SAFETY: the same.
        unsafe { (bytes::PLAIN.multiply)(words - 1, a, b, rows, sums) }
    }
    static WRONG: Kernel = Kernel { trial: Some(|| trial::of_numbers(&WRONG)), multiply: short, ..plain::BF16 };
    static WRONG_BYTES: ByteKernel =
        ByteKernel { trial: Some(|| trial::of_bytes(&WRONG_BYTES)), multiply: short_bytes, ..bytes::PLAIN };
    let best = Kernel::best_of(&[&plain::F32, &WRONG, &plain::BF16], Precision::Bf16);
    assert!(std::ptr::eq(best, &plain::BF16) && WRONG.is_available());
    assert!(std::ptr::eq(ByteKernel::best_of(&[&WRONG_BYTES, &bytes::PLAIN]), &bytes::PLAIN));
    assert!(kernels().all(trial::of_numbers) && byte_kernels().all(trial::of_bytes), "the others are");
}
