//! Whether a run fits into the memory that is free.

use std::cmp::Reverse;

use crate::domain::config::{RunConfig, TrainingConfig};
use crate::domain::memory::{TextSizes, memory_need, what_fits};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::Unfreezing;
use crate::model::device::Precisions;

use super::prelude::Material;
use super::system::{available_memory_bytes, resident_memory_bytes};

/// Refuses a run whose fullest stage the memory which is free now cannot hold, with what would fit.
///
/// # Errors
/// `memory-too-small`, `memory-too-small-for-all`.
pub fn check_memory(config: &RunConfig, material: &Material, plan: &Unfreezing) -> Outcome<()> {
    // Where this processor gains nothing by fewer bits, frozen layers stay as they are.
    let frozen_precision = Precisions::of(&config.training).frozen;
    let training = &TrainingConfig { frozen_precision, ..config.training.clone() };
    let (tree, texts) = (&material.tree, text_sizes(training.batch_size, material));
    let trainable = plan.fullest(tree, texts, training);
    // What this program holds already is part of the need.
    let free_bytes = available_memory_bytes().saturating_add(resident_memory_bytes());
    let need = memory_need(tree, trainable, texts, frozen_precision).total_bytes();
    log::info!("memory: about {} MB needed, {} MB free", need >> 20, free_bytes >> 20);
    if need <= free_bytes {
        return Ok(());
    }
    let gigabytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1e9);
    let fitting = what_fits(tree, trainable, texts, training, free_bytes);
    let fitting: Vec<String> = fitting.iter().map(|smaller| smaller.flags(tree.facts.layers)).collect();
    let id = if fitting.is_empty() { "memory-too-small-for-all" } else { "memory-too-small" };
    let problem = Problem::new(id).with("need", gigabytes(need)).with("free", gigabytes(free_bytes));
    Err(if fitting.is_empty() { problem } else { problem.with("fitting", fitting.join("; ")) })
}

/// How large batches can be. The rows with the longest texts make the fullest batch, and a few others stand for all.
pub(super) fn text_sizes(batch_size: usize, Material { data, tokens, .. }: &Material) -> TextSizes {
    const SAMPLE: usize = 64;
    let dataset = &data.dataset;
    let mut rows = dataset.splits.train.clone();
    rows.sort_by_key(|row| Reverse(dataset.texts.bytes_of(*row as usize)));
    let one_text = |row: &u32| (tokens.row(*row).len(), 1);
    let sample = rows.iter().step_by(rows.len().div_ceil(SAMPLE).max(1)).map(one_text);
    TextSizes::new(rows.iter().map(one_text), sample, batch_size, rows.len())
}
