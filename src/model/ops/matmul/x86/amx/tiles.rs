//! The tile instructions that the kernels use. Rust has no stable functions for them yet, so that they stand here as the
//! instructions themselves.

use std::arch::asm;

/// Eight tile registers and the instructions that read and write them. They are named by their numbers, because an
/// instruction names its registers when it is written.
///
/// # Safety
/// The processor must have the instructions, the tiles must be configured but for [`Tiles::configure`] and
/// [`Tiles::release`], and memory must be there as far as the tile's rows reach.
pub(super) trait Tiles {
    /// Gives each tile its size and clears it (`LDTILECFG`).
    unsafe fn configure(config: &Config);
    /// Forgets sizes and contents (`TILERELEASE`).
    unsafe fn release();
    /// Clears a tile (`TILEZERO`).
    unsafe fn zero<const TILE: u8>();
    /// Reads the rows of a tile, which lie `stride` bytes apart (`TILELOADD`).
    unsafe fn load<const TILE: u8>(from: *const u8, stride: usize);
    /// Writes the rows of a tile (`TILESTORED`).
    unsafe fn store<const TILE: u8>(to: *mut u8, stride: usize);
    /// Adds the products of the pairs of bf16 of each row of A and each column of B (`TDPBF16PS`).
    unsafe fn dot_bf16<const SUMS: u8, const A: u8, const B: u8>();
    /// Adds the products of bytes without a sign in A and bytes with one in B (`TDPBUSD`).
    unsafe fn dot_bytes<const SUMS: u8, const A: u8, const B: u8>();
}

/// The memory that `LDTILECFG` reads.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Config {
    pub palette: u8,
    pub start_row: u8,
    pub reserved: [u8; 14],
    /// The bytes of a row of each tile; palette 1 has eight tiles.
    pub bytes_per_row: [u16; 16],
    pub rows: [u8; 16],
}

impl Config {
    /// All tiles with 16 rows of 64 bytes.
    pub const FULL: Self = {
        let (mut bytes_per_row, mut rows) = ([0; 16], [0; 16]);
        let mut tile = 0;
        while tile < 8 {
            bytes_per_row[tile] = 64;
            rows[tile] = 16;
            tile += 1;
        }
        Self { palette: 1, start_row: 0, reserved: [0; 14], bytes_per_row, rows }
    };
}

/// The processor's own tiles.
pub(super) struct Hardware;

/// The instruction with its operands. The compiler knows the tile registers by name only to know that they change. It never
/// uses any itself, since this program is compiled without AMX, so that a tile keeps its contents from one instruction to the
/// next.
macro_rules! tile_asm {
    ($($operand:tt)*) => {
        asm!(
            $($operand)*,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack, preserves_flags)
        )
    };
}

impl Tiles for Hardware {
    #[inline(always)]
    unsafe fn configure(config: &Config) {
        // SAFETY: the instruction reads 64 bytes.
        unsafe { tile_asm!("ldtilecfg [{config}]", config = in(reg) config) }
    }

    #[inline(always)]
    unsafe fn release() {
        // SAFETY: the instruction touches the tiles only.
        unsafe { tile_asm!("tilerelease") }
    }

    #[inline(always)]
    unsafe fn zero<const TILE: u8>() {
        // SAFETY: the instruction touches the tile only.
        unsafe { tile_asm!("tilezero tmm{tile}", tile = const TILE) }
    }

    #[inline(always)]
    unsafe fn load<const TILE: u8>(from: *const u8, stride: usize) {
        // SAFETY: the caller has memory as far as the tile reaches. The index of the address is the distance of the rows.
        unsafe {
            tile_asm!(
                "tileloadd tmm{tile}, [{from} + {stride}*1]",
                tile = const TILE,
                from = in(reg) from,
                stride = in(reg) stride
            );
        }
    }

    #[inline(always)]
    unsafe fn store<const TILE: u8>(to: *mut u8, stride: usize) {
        // SAFETY: as for `load`.
        unsafe {
            tile_asm!(
                "tilestored [{to} + {stride}*1], tmm{tile}",
                tile = const TILE,
                to = in(reg) to,
                stride = in(reg) stride
            );
        }
    }

    #[inline(always)]
    unsafe fn dot_bf16<const SUMS: u8, const A: u8, const B: u8>() {
        // SAFETY: the instruction touches the tiles only.
        unsafe { tile_asm!("tdpbf16ps tmm{sums}, tmm{a}, tmm{b}", sums = const SUMS, a = const A, b = const B) }
    }

    #[inline(always)]
    unsafe fn dot_bytes<const SUMS: u8, const A: u8, const B: u8>() {
        // SAFETY: the instruction touches the tiles only.
        unsafe { tile_asm!("tdpbusd tmm{sums}, tmm{a}, tmm{b}", sums = const SUMS, a = const A, b = const B) }
    }
}
