//! The frozen prefix, computed once: what the layers below the lowest trainable one make of a text is the same in
//! every epoch, so it is kept and later epochs start there.

use std::sync::Mutex;
use std::sync::PoisonError;

use candle_core::{Device, Tensor};

use crate::data::batch::Batch;
use crate::data::tokens::TokenStore;
use crate::domain::problem::Outcome;
use crate::model::classifier::{Classifier, internal};
use crate::model::encoder::Pass;

/// The states that enter the lowest trainable layer, by row of the data. Losing one changes speed, never results.
pub struct PrefixCache {
    /// False when there is nothing to keep: no frozen prefix, or dropout acts in it.
    used: bool,
    budget_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// `[tokens of the row, hidden]`, or `[1, hidden]` when the whole encoder is frozen.
    states: Vec<Option<Box<[f32]>>>,
    bytes: usize,
}

impl PrefixCache {
    /// A cache for `classifier`'s prefix that holds at most `budget_bytes`.
    pub fn new(classifier: &Classifier, budget_bytes: usize) -> Self {
        let used = classifier.has_frozen_prefix() && !classifier.network().dropout.in_frozen_prefix;
        Self { used, budget_bytes, kept: Mutex::default() }
    }

    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// What `Classifier::prefix` gives for the batch; rows met before are not computed again.
    ///
    /// # Errors
    /// As `Classifier::prefix`.
    pub fn states(&self, classifier: &Classifier, tokens: &TokenStore, batch: &Batch, pass: Pass) -> Outcome<Tensor> {
        if !self.used {
            return classifier.prefix(batch, pass);
        }
        let width = classifier.tree().facts.hidden_size;
        let missing: Vec<u32> = {
            let mut kept = self.lock();
            kept.states.resize_with(tokens.len(), || None);
            batch.rows.iter().copied().filter(|row| kept.states[*row as usize].is_none()).collect()
        };
        let mut fresh = std::collections::BTreeMap::new();
        if !missing.is_empty() {
            let part = Batch::pack(tokens, &[], &missing);
            let states: Vec<f32> =
                classifier.prefix(&part, Pass::EVALUATE)?.flatten_all().and_then(|t| t.to_vec1()).map_err(internal)?;
            let whole_tokens = classifier.boundary() < classifier.network().layers.len();
            let mut from = 0;
            for (i, row) in missing.iter().enumerate() {
                let length = if whole_tokens { part.offsets[i + 1] - part.offsets[i] } else { 1 };
                fresh.insert(*row, states[from..from + length * width].to_vec().into_boxed_slice());
                from += length * width;
            }
        }
        let mut kept = self.lock();
        let mut values = Vec::new();
        for row in &batch.rows {
            let states = kept.states[*row as usize].as_deref().or_else(|| fresh.get(row).map(AsRef::as_ref));
            values.extend_from_slice(states.unwrap_or_default());
        }
        for (row, states) in fresh {
            let bytes = size_of_val(&*states);
            if kept.bytes + bytes <= self.budget_bytes {
                kept.bytes += bytes;
                kept.states[row as usize] = Some(states);
            }
        }
        drop(kept);
        let rows = values.len() / width;
        Tensor::from_vec(values, (rows, width), &Device::Cpu).map_err(internal)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
