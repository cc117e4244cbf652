//! The tile instructions in plain Rust, as Intel's manual describes their operation, so that the kernels are tested on
//! processors without them. Names in capitals are the manual's; where it lets a processor raise an exception, these panic.

use std::cell::RefCell;

use super::super::super::kernel::bf16_bits;
use super::*;

/// The kernel of bf16 over emulated tiles, with all else as it is in [`super::BF16`].
pub(in super::super::super) static BF16: Kernel = Kernel {
    name: "AMX-BF16, emulated",
    runs: || bf16::AVX512.is_available(),
    trial: None,
    thread_state: Some(STATE),
    multiply: |words, a, b, tile, store| unsafe { multiply_and_store::<Emulated>(words, a, b, tile, store) },
    ..super::BF16
};

/// The same with packing and storing in plain Rust, for processors without AVX-512.
pub(in super::super::super) static PLAIN_BF16: Kernel = Kernel {
    name: "AMX-BF16, emulated, without AVX-512",
    rows: SIZE,
    columns: SIZE,
    left: Left::InBlocks,
    thread_state: Some(STATE),
    multiply: multiply_plain,
    ..super::super::super::plain::BF16
};

/// The kernel of bf16 that is nearest to the real one on this processor. One is enough, since emulated tiles are slow.
pub(in super::super::super) fn kernel() -> &'static Kernel {
    if BF16.is_available() { &BF16 } else { &PLAIN_BF16 }
}

/// The kernel of bytes over emulated tiles.
pub(in super::super::super) static INT8: ByteKernel = ByteKernel {
    name: "AMX-INT8, emulated",
    runs: || true,
    trial: None,
    thread_state: Some(STATE),
    multiply: multiply_bytes::<Emulated>,
    ..super::INT8
};

const STATE: ThreadState = ThreadState { load: load::<Emulated>, release: Emulated::release };

unsafe fn multiply_plain(words: usize, a: *const u32, b: *const u32, tile: Tile, store: Store) {
    let mut sums = Words::<SIZE>([[0; SIZE]; SIZE]);
    // SAFETY: the caller keeps what `Kernel::multiply` asks for.
    unsafe {
        multiply_rows::<Emulated, false>(words, a, b, tile.rows, sums.0.as_mut_ptr().cast());
        for (i, sums) in sums.0.iter().enumerate().take(tile.rows) {
            for (j, sum) in sums.iter().enumerate().take(tile.columns) {
                let old = if store.old.is_null() { 0.0 } else { *store.old.add(i * store.old_stride + j) };
                *tile.start.add(i * tile.stride + j) = f32::from_bits(*sum).mul_add(store.scale, old);
            }
        }
    }
}

/// A tile register: 16 rows of 64 bytes, read as double words.
type Register = [[u32; 16]; 16];

#[derive(Clone, Copy)]
struct State {
    /// TILECFG; palette 0 is the initial state.
    config: Config,
    /// TILEDATA.
    tiles: [Register; 8],
}

impl State {
    const INITIAL: Self = Self {
        config: Config { palette: 0, start_row: 0, reserved: [0; 14], bytes_per_row: [0; 16], rows: [0; 16] },
        tiles: [[[0; 16]; 16]; 8],
    };

    /// The rows and the double words of a row of a tile.
    fn shape(&self, tile: u8) -> (usize, usize) {
        assert!(self.config.palette == 1, "#UD: no tiles are configured");
        let (rows, bytes) = (self.config.rows[usize::from(tile)], self.config.bytes_per_row[usize::from(tile)]);
        assert!(rows > 0 && bytes > 0 && bytes % 4 == 0, "#UD: tile {tile} is not configured");
        (usize::from(rows), usize::from(bytes) / 4)
    }

    /// `write_row_and_zero`.
    fn write_row(&mut self, tile: u8, row: usize, words: &[u32]) {
        let to = &mut self.tiles[usize::from(tile)][row];
        to[..words.len()].copy_from_slice(words);
        to[words.len()..].fill(0);
    }

    /// `zero_upper_rows`.
    fn zero_upper_rows(&mut self, tile: u8, first: usize) {
        self.tiles[usize::from(tile)][first..].fill([0; 16]);
    }

    /// The exceptions of AMX-E4, and the sizes M, N and K in double words.
    fn shapes(&self, sums: u8, a: u8, b: u8) -> (usize, usize, usize) {
        assert!(sums != a && sums != b && a != b, "#UD: two operands are the same tile");
        let (of_sums, of_a, of_b) = (self.shape(sums), self.shape(a), self.shape(b));
        assert_eq!(of_sums.0, of_a.0, "#UD: the rows of the sums and of A differ");
        assert_eq!(of_sums.1, of_b.1, "#UD: the columns of the sums and of B differ");
        assert_eq!(of_a.1, of_b.0, "#UD: the columns of A and the rows of B differ");
        (of_sums.0, of_sums.1, of_a.1)
    }
}

thread_local! {
    static TILES: RefCell<State> = const { RefCell::new(State::INITIAL) };
}

/// Tiles of this thread, in memory.
pub(in super::super::super) struct Emulated;

impl Emulated {
    /// Whether this thread has no tiles configured.
    pub fn is_released() -> bool {
        TILES.with_borrow(|state| state.config.palette == 0)
    }
}

/// A number that is subnormal as 0 of its sign: DAZ for what goes in, FTZ for what comes out.
fn flushed(x: f32) -> f32 {
    if x.is_subnormal() { 0.0f32.copysign(x) } else { x }
}

impl Tiles for Emulated {
    unsafe fn configure(config: &Config) {
        assert!(config.palette <= 1 && config.reserved == [0; 14], "#GP: reserved bits are set");
        assert!(config.bytes_per_row[8..] == [0; 8] && config.rows[8..] == [0; 8], "#GP: palette 1 has eight tiles");
        for (bytes, rows) in config.bytes_per_row.into_iter().zip(config.rows) {
            assert!(bytes <= 64 && rows <= 16 && (bytes == 0) == (rows == 0), "#GP: no such size");
        }
        TILES.set(State { config: *config, ..State::INITIAL });
    }

    unsafe fn release() {
        TILES.set(State::INITIAL);
    }

    unsafe fn zero<const TILE: u8>() {
        TILES.with_borrow_mut(|state| {
            state.shape(TILE);
            state.zero_upper_rows(TILE, 0);
        });
    }

    unsafe fn load<const TILE: u8>(from: *const u8, stride: usize) {
        TILES.with_borrow_mut(|state| {
            let (rows, words) = state.shape(TILE);
            for row in 0..rows {
                let mut of_row = [0; 16];
                for (word, to) in of_row.iter_mut().enumerate().take(words) {
                    // SAFETY: the caller has memory as far as the tile reaches.
                    *to = unsafe { from.add(row * stride + 4 * word).cast::<u32>().read_unaligned() };
                }
                state.write_row(TILE, row, &of_row[..words]);
            }
            state.zero_upper_rows(TILE, rows);
        });
    }

    unsafe fn store<const TILE: u8>(to: *mut u8, stride: usize) {
        TILES.with_borrow(|state| {
            let (rows, words) = state.shape(TILE);
            for (row, of_row) in state.tiles[usize::from(TILE)].iter().enumerate().take(rows) {
                for (word, from) in of_row.iter().enumerate().take(words) {
                    // SAFETY: the caller has memory as far as the tile reaches.
                    unsafe { to.add(row * stride + 4 * word).cast::<u32>().write_unaligned(*from) };
                }
            }
        });
    }

    unsafe fn dot_bf16<const SUMS: u8, const A: u8, const B: u8>() {
        TILES.with_borrow_mut(|state| {
            let (rows, columns, depth) = state.shapes(SUMS, A, B);
            let number = |word: u32, i: u32| flushed(f32::from_bits(word >> (16 * i) << 16));
            // A sum was flushed when it was given, and needs not be when it is taken.
            let multiply_add = |sum: f32, a: f32, b: f32| flushed(a.mul_add(b, sum));
            let of_b = state.tiles[usize::from(B)].map(|row| row.map(|word| [number(word, 0), number(word, 1)]));
            for m in 0..rows {
                // `temp1`: the sums of the first and of the second numbers of the words.
                let mut parts = [[0.0f32; 2]; 16];
                for (word, of_b) in state.tiles[usize::from(A)][m].iter().zip(&of_b).take(depth) {
                    let a = [number(*word, 0), number(*word, 1)];
                    for (parts, b) in parts.iter_mut().zip(of_b).take(columns) {
                        parts[0] = multiply_add(parts[0], a[0], b[0]);
                        parts[1] = multiply_add(parts[1], a[1], b[1]);
                    }
                }
                let mut sums = state.tiles[usize::from(SUMS)][m];
                for (sum, [first, second]) in sums.iter_mut().zip(parts).take(columns) {
                    let both = flushed(first + second);
                    *sum = flushed(flushed(f32::from_bits(*sum)) + both).to_bits();
                }
                state.write_row(SUMS, m, &sums[..columns]);
            }
            state.zero_upper_rows(SUMS, rows);
        });
    }

    unsafe fn dot_bytes<const SUMS: u8, const A: u8, const B: u8>() {
        TILES.with_borrow_mut(|state| {
            let (rows, columns, depth) = state.shapes(SUMS, A, B);
            for m in 0..rows {
                let mut sums = state.tiles[usize::from(SUMS)][m];
                for k in 0..depth {
                    let a = state.tiles[usize::from(A)][m][k].to_le_bytes();
                    for (sum, b) in sums.iter_mut().zip(state.tiles[usize::from(B)][k]).take(columns) {
                        for (a, b) in a.into_iter().zip(b.to_le_bytes()) {
                            *sum = sum.wrapping_add((i32::from(a) * i32::from(b as i8)) as u32);
                        }
                    }
                }
                state.write_row(SUMS, m, &sums[..columns]);
            }
            state.zero_upper_rows(SUMS, rows);
        });
    }
}

/// The tiles of this thread with a size for the sums, A and B (tiles 0, 1 and 2), filled with words.
fn with_tiles(shapes: [(u8, u16); 3], words: [u32; 3], test: impl FnOnce()) {
    let mut config = Config { palette: 1, ..State::INITIAL.config };
    for (tile, (rows, bytes)) in shapes.into_iter().enumerate() {
        (config.rows[tile], config.bytes_per_row[tile]) = (rows, bytes);
    }
    let of_tiles = words.map(|word| [word; 256]);
    // SAFETY: a tile has at most 256 words.
    unsafe {
        Emulated::configure(&config);
        Emulated::load::<0>(of_tiles[0].as_ptr().cast(), 64);
        Emulated::load::<1>(of_tiles[1].as_ptr().cast(), 64);
        Emulated::load::<2>(of_tiles[2].as_ptr().cast(), 64);
        test();
        Emulated::release();
    }
}

/// A word of two numbers of bf16.
fn pair(first: f32, second: f32) -> u32 {
    bf16_bits(first) | bf16_bits(second) << 16
}

#[test]
fn a_tile_holds_zeros_beyond_its_rows_and_columns() {
    with_tiles([(3, 8), (3, 4), (1, 8)], [7, pair(2.0, 3.0), pair(5.0, 7.0)], || {
        let tiles = || TILES.with_borrow(|state| state.tiles);
        let filled = |tile: Register| tile.iter().flatten().filter(|word| **word != 0).count();
        assert_eq!(tiles().map(filled)[..3], [6, 3, 2]);
        // SAFETY: the tiles are configured.
        unsafe {
            Emulated::zero::<0>();
            Emulated::dot_bf16::<0, 1, 2>();
        }
        assert_eq!(tiles()[0][2][..3], [31.0f32.to_bits(), 31.0f32.to_bits(), 0]);
        assert_eq!(filled(tiles()[0]), 6);
    });
    assert!(Emulated::is_released());
}

#[test]
fn bytes_of_the_left_tile_have_no_sign() {
    with_tiles([(1, 4), (1, 4), (1, 4)], [10, 0x0000_00ff, 0x0000_00ff], || {
        // SAFETY: the tiles are configured.
        unsafe { Emulated::dot_bytes::<0, 1, 2>() };
        assert_eq!(TILES.with_borrow(|state| state.tiles[0][0][0]) as i32, 10 - 255);
    });
}

#[test]
fn what_is_subnormal_counts_as_nothing_and_is_never_given() {
    let sum = |sum: f32, a: [f32; 2], b: [f32; 2]| {
        let (mut found, [a, b]) = (f32::NAN, [a, b].map(|x| x[0].to_bits() >> 16 | x[1].to_bits() >> 16 << 16));
        with_tiles([(1, 4), (1, 4), (1, 4)], [sum.to_bits(), a, b], || {
            // SAFETY: the tiles are configured.
            unsafe { Emulated::dot_bf16::<0, 1, 2>() };
            found = f32::from_bits(TILES.with_borrow(|state| state.tiles[0][0][0]));
        });
        found
    };
    let tiny = f32::from_bits(0x0040_0000);
    assert_eq!(sum(0.5, [tiny, 1.0], [1e38, 2.0]), 2.5);
    assert_eq!(sum(tiny, [1.0, 0.0], [0.0, 0.0]), 0.0);
    assert_eq!(sum(0.0, [1e-20, 0.0], [1e-20, 0.0]), 0.0);
    assert!(sum(0.0, [f32::INFINITY, f32::NEG_INFINITY], [1.0, 1.0]).is_nan());
    // The two numbers of a word are summed apart.
    assert_eq!(sum(1.0, [1.5 * 2f32.powi(100), -1.5 * 2f32.powi(100)], [1.0, 1.0]), 1.0);
}

#[test]
fn what_the_manual_forbids_is_refused() {
    let refused = |what: fn()| std::panic::catch_unwind(what).is_err();
    // SAFETY: no emulated instruction that is refused touches memory.
    unsafe {
        assert!(refused(|| Emulated::zero::<0>()), "no tiles are configured");
        let odd = |change: fn(&mut Config)| {
            let mut config = Config::FULL;
            change(&mut config);
            std::panic::catch_unwind(move || Emulated::configure(&config)).is_err()
        };
        assert!(!odd(|_| ()));
        assert!(odd(|config| config.rows[0] = 17) && odd(|config| config.bytes_per_row[7] = 65));
        assert!(odd(|config| config.rows[3] = 0) && odd(|config| config.reserved[13] = 1));
        assert!(odd(|config| config.palette = 2) && odd(|config| config.rows[8] = 1));
    }
    with_tiles([(2, 8), (2, 4), (1, 8)], [0; 3], || {
        // SAFETY: as above.
        unsafe {
            assert!(refused(|| Emulated::dot_bf16::<0, 0, 2>()), "the same tile twice");
            assert!(refused(|| Emulated::dot_bytes::<0, 2, 1>()), "sizes that do not fit");
            assert!(refused(|| Emulated::zero::<3>()), "a tile that has no size");
        }
    });
}

/// The layout that `LDTILECFG` reads: palette, first row, bytes of a row from 16 on, rows from 48 on.
#[test]
fn the_configuration_lies_in_memory_as_the_manual_says() {
    assert_eq!(size_of::<Config>(), 64);
    assert_eq!(std::mem::offset_of!(Config, bytes_per_row), 16);
    assert_eq!(std::mem::offset_of!(Config, rows), 48);
}
