//! The instruction sets that the engine computes with: those that this processor has, unless `THAW_CPU` asks for fewer.

#![allow(unsafe_code)] // A function that is compiled for an instruction set may only be called where the processor has it.

use std::sync::LazyLock;

/// The environment variable that limits the instruction sets, so that a machine can show what a lesser one would do:
/// `native` (or nothing) for all, `avx512` for all but AMX, `avx2` for none beyond AVX2 with FMA, `plain` for those of every
/// processor of the target.
pub const VARIABLE: &str = "THAW_CPU";

/// The widest vectors that elementwise loops and products use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// Every processor of the target has these.
    Plain,
    /// AVX2 with FMA: vectors of 256 bits.
    Avx2,
    /// AVX-512 F, BW, DQ and VL: vectors of 512 bits.
    Avx512,
}

/// The instruction sets that `THAW_CPU` allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    Plain,
    Avx2,
    Avx512,
    Native,
}

impl Limit {
    /// The values of the variable.
    pub const NAMES: [(&str, Self); 4] =
        [("native", Self::Native), ("avx512", Self::Avx512), ("avx2", Self::Avx2), ("plain", Self::Plain)];

    /// The limit that the environment asks for; the value itself where it means nothing.
    ///
    /// # Errors
    /// The value of the variable that is none of [`Limit::NAMES`].
    pub fn of_environment() -> Result<Self, String> {
        let value = std::env::var_os(VARIABLE).unwrap_or_default();
        let named = Self::NAMES.iter().find(|(name, _)| value.eq_ignore_ascii_case(name));
        match named {
            _ if value.is_empty() => Ok(Self::Native),
            Some((_, limit)) => Ok(*limit),
            None => Err(value.to_string_lossy().into_owned()),
        }
    }
}

/// The limit that holds in this process.
pub fn limit() -> Limit {
    static LIMIT: LazyLock<Limit> = LazyLock::new(|| Limit::of_environment().unwrap_or(Limit::Native));
    *LIMIT
}

/// The widest instruction set that this processor has and the limit allows.
pub fn isa() -> Isa {
    static ISA: LazyLock<Isa> = LazyLock::new(detect);
    *ISA
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Isa {
    let wide = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl");
    let narrow = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    match limit() {
        Limit::Native | Limit::Avx512 if wide && narrow => Isa::Avx512,
        Limit::Native | Limit::Avx512 | Limit::Avx2 if narrow => Isa::Avx2,
        _ => Isa::Plain,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Isa {
    Isa::Plain
}

/// Defines functions that are compiled for every [`Isa`] and choose among these copies when they are called. Their bodies
/// are plain loops, which the compiler vectorises; the results have the same bits in all copies, because nothing is fused
/// or reordered that the source does not say.
macro_rules! simd {
    ($($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {$(
        $(#[$meta])*
        #[inline]
        #[allow(unsafe_code)]
        $vis fn $name($($arg: $type),*) $(-> $result)? {
            #[inline(always)]
            fn plain($($arg: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn avx512($($arg: $type),*) $(-> $result)? {
                    plain($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) $(-> $result)? {
                    plain($($arg),*)
                }
                match $crate::model::ops::isa::isa() {
                    // SAFETY: `isa` has seen that the processor has these instructions.
                    $crate::model::ops::isa::Isa::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: The same holds here.
                    $crate::model::ops::isa::Isa::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::model::ops::isa::Isa::Plain => {}
                }
            }
            plain($($arg),*)
        }
    )*};
}

pub(crate) use simd;
