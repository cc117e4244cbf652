//! A batch goes through the network in parts, so that a step needs no more memory with more rows, and tells in between how
//! far it is. The gradient is that of the whole batch.

use crate::data::tokens::TokenStore;
use crate::domain::memory::{activation_bytes, part_bytes};
use crate::domain::work::forward_work;
use crate::model::classifier::Classifier;

use super::prefix::Prefix;

/// The multiplications of a forward pass after which progress is told: those of two texts of 256 tokens in a BERT-base, which
/// take half a second on two cores of a laptop.
pub const PART_WORK: f64 = 5e10;

/// Cuts rows in order into parts, each of as many rows as need [`part_bytes`] for backward at most, and of one at least. Where
/// frozen layers are computed each time, their [`PART_WORK`] is a limit too; where they are kept, they are
/// computed in such parts by themselves.
pub fn parts<'a>(classifier: &Classifier, tokens: &TokenStore, rows: &'a [u32], prefix: &Prefix<'_>) -> Vec<&'a [u32]> {
    let layers = if prefix.is_kept() { 0 } else { classifier.boundary() };
    let work = |tokens: usize| forward_work(&classifier.tree().facts, 0..layers, tokens as f64);
    let needed =
        |tokens: usize, longest: usize| activation_bytes(classifier.tree(), classifier.trainable(), tokens, longest);
    let most = part_bytes(classifier.tree(), classifier.trainable());
    let mut parts = Vec::new();
    let (mut first, mut sum, mut longest, mut done) = (0, 0, 0, 0.0);
    for (i, row) in rows.iter().enumerate() {
        let length = tokens.row(*row).len();
        let is_full = needed(sum + length, longest.max(length)) > most || done + work(length) > PART_WORK;
        if i > first && is_full {
            parts.push(&rows[first..i]);
            (first, sum, longest, done) = (i, 0, 0, 0.0);
        }
        (sum, longest, done) = (sum + length, longest.max(length), done + work(length));
    }
    parts.push(&rows[first..]);
    parts
}
