//! Checks of the engine that a user runs on hardware that its authors never saw (`thaw doctor`): kernels against their
//! definition, the encoder against another implementation of BERT, gradients against two other ways to find them.

mod encoder;
mod gradients;
mod kernels;

#[cfg(target_arch = "x86_64")]
pub use super::ops::matmul::tile_instruction_sets;
pub use super::ops::matmul::{ListedKernel, kernels as all_kernels};
pub use super::ops::peak::peak_gflop_per_sec;
pub use encoder::{against_candle_transformers, logits_against_composed};
pub use gradients::{PARTS, against_composed, against_finite_differences};
pub use kernels::{check as check_kernel, same_bits_on_all_threads, speed as speed_of_kernel};

use std::sync::{Arc, OnceLock};

use crate::data::batch::Batch;
use crate::domain::config::ModelSource;
use crate::domain::problem::Outcome;

use super::classifier::Classifier;
use super::device::Engine;
use super::encoder::DropoutConfig;
use super::ops::Ops;
use super::pretrained::PretrainedModel;

/// The texts that the bundled model reads in its checks: a single word, a short and a longer text.
const TEXTS: [&str; 3] = [
    "Thaw",
    "The film was slow, but its ending made up for all of it.",
    "The hall was full, and no one made a sound. The story is old: a son comes home, and the house is to be sold.",
];

/// The bundled model with the texts of the checks.
pub struct Subject {
    pretrained: PretrainedModel,
    batch: Batch,
    /// The gradients of all parameters, once they are known.
    gradients: OnceLock<Vec<Vec<f32>>>,
}

impl Subject {
    /// # Errors
    /// Those of reading the model, which is a part of the program.
    pub fn bundled() -> Outcome<Self> {
        let pretrained = PretrainedModel::open(&ModelSource::Bundled)?;
        let rows: Vec<Vec<u32>> = TEXTS
            .iter()
            .map(|text| pretrained.tokeniser.encode(text, pretrained.facts.positions).ids.to_vec())
            .collect();
        let mut batch = Batch::from_ids(&rows);
        batch.labels = (0..rows.len() as u32).map(|row| row % 2).collect();
        Ok(Self { pretrained, batch, gradients: OnceLock::new() })
    }

    /// The bundled model, read once for all checks.
    pub fn pretrained(&self) -> &PretrainedModel {
        &self.pretrained
    }

    /// A classifier of two classes without dropout. Its new head is the same each time.
    fn classifier(&self, ops: Arc<dyn Ops>, trains: bool) -> Outcome<Classifier> {
        let labels = ["0", "1"].map(String::from);
        let trainable = vec![trains; self.pretrained.tree(&labels).parameters.len()];
        Classifier::on(&Engine::with(ops), &self.pretrained, &labels, &trainable, DropoutConfig::default(), 1, &|_| ())
    }
}

/// The instruction sets of this processor that matter to the kernels.
pub fn instruction_sets() -> Vec<&'static str> {
    #[cfg(target_arch = "x86_64")]
    let [tiles, tiles_of_bf16, tiles_of_bytes] = tile_instruction_sets();
    #[cfg(target_arch = "x86_64")]
    let all = [
        ("AVX", is_x86_feature_detected!("avx")),
        ("FMA", is_x86_feature_detected!("fma")),
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("AVX-VNNI", is_x86_feature_detected!("avxvnni")),
        ("AVX-512F", is_x86_feature_detected!("avx512f")),
        ("AVX-512BW", is_x86_feature_detected!("avx512bw")),
        ("AVX-512VL", is_x86_feature_detected!("avx512vl")),
        ("AVX-512 VNNI", is_x86_feature_detected!("avx512vnni")),
        ("AVX-512 BF16", is_x86_feature_detected!("avx512bf16")),
        tiles,
        tiles_of_bf16,
        tiles_of_bytes,
    ];
    #[cfg(target_arch = "aarch64")]
    let all = [
        ("NEON", std::arch::is_aarch64_feature_detected!("neon")),
        ("FP16", std::arch::is_aarch64_feature_detected!("fp16")),
        ("DotProd", std::arch::is_aarch64_feature_detected!("dotprod")),
        ("I8MM", std::arch::is_aarch64_feature_detected!("i8mm")),
        ("BF16", std::arch::is_aarch64_feature_detected!("bf16")),
        ("SVE", std::arch::is_aarch64_feature_detected!("sve")),
    ];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let all: [(&'static str, bool); 0] = [];
    all.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
}

/// The largest difference between two lists of numbers; not a number where one of the numbers is none, and infinite where
/// their lengths differ.
fn largest_difference(a: &[f32], b: &[f32]) -> f64 {
    if a.len() != b.len() {
        return f64::INFINITY;
    }
    let differences = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
    differences.fold(0.0, largest)
}

/// The larger of two numbers, or what is no number if one of them is none.
fn largest(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_the_largest_difference() {
        assert_eq!(largest_difference(&[1.0, 2.0], &[1.5, 2.25]), 0.5);
        assert!(largest_difference(&[f32::NAN, 2.0], &[1.5, 9.0]).is_nan());
        assert!(largest_difference(&[1.5, f32::NAN], &[1.0, 9.0]).is_nan());
        assert!(largest_difference(&[1.0], &[]).is_infinite());
    }
}
