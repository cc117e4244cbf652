//! Packed batches: the tokens of some rows one after another, without padding.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

pub use super::split::stratified_sample;
use super::tokens::TokenStore;

/// Some rows in the form in which the encoder reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The tokens of all rows, `[tokens]`.
    pub ids: Vec<u32>,
    /// The tokens of row r are `ids[offsets[r]..offsets[r + 1]]`; `[rows + 1]`.
    pub offsets: Vec<usize>,
    /// The rows' label ids, `[rows]`.
    pub labels: Vec<u32>,
    /// The index of each row's text, `[rows]`.
    pub rows: Vec<u32>,
}

impl Batch {
    /// Packs `rows`, which are tokenised unless they already are. `labels[i]` is the label id of text i.
    pub fn pack(tokens: &TokenStore, labels: &[u32], rows: &[u32]) -> Self {
        let mut batch = Self::of(rows.iter().map(|row| tokens.row(*row)));
        batch.labels = rows.iter().map(|row| labels[*row as usize]).collect();
        batch.rows = rows.to_vec();
        batch
    }

    /// Packs token ids that belong to no data set. Their labels are 0, and their rows are numbered from 0.
    pub fn from_ids(rows: &[Vec<u32>]) -> Self {
        let mut batch = Self::of(rows.iter().map(Vec::as_slice));
        batch.labels = vec![0; rows.len()];
        batch.rows = (0..rows.len() as u32).collect();
        batch
    }

    fn of<'a>(rows: impl Iterator<Item = &'a [u32]>) -> Self {
        let mut batch = Self { offsets: vec![0], ..Self::default() };
        for row in rows {
            batch.ids.extend_from_slice(row);
            batch.offsets.push(batch.ids.len());
        }
        batch
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of tokens of the longest row.
    pub fn longest(&self) -> usize {
        self.offsets.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0)
    }
}

/// The order of the training rows in one epoch. It is drawn from the run's seed and the epoch, so that each epoch has
/// another order and each run with this seed has the same ones.
pub fn epoch_order(rows: &[u32], seed: u64, epoch: usize) -> Vec<u32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch as u64);
    let mut order = rows.to_vec();
    order.shuffle(&mut rng);
    order
}

/// Sorts `rows` from the shortest to the longest in tokens; rows of one length stay in their order. Rows that are not yet
/// tokenised are tokenised on all threads.
pub fn sorted_by_length(tokens: &TokenStore, rows: &[u32]) -> Vec<u32> {
    let mut lengths: Vec<(usize, u32)> = rows.par_iter().map(|row| (tokens.row(*row).len(), *row)).collect();
    lengths.sort_by_key(|(length, _)| *length);
    lengths.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::data::dataset::Texts;
    use crate::data::tokeniser::bundled_for_tests;

    #[test]
    fn packs_without_padding() {
        let texts: Texts = ["good movie", "bad", "a much longer text of words"].into_iter().collect();
        let tokens = TokenStore::new(Arc::new(texts), Arc::new(bundled_for_tests()), 32);
        let batch = Batch::pack(&tokens, &[1, 0, 1], &[2, 0]);
        assert_eq!(
            (batch.offsets.as_slice(), batch.labels.as_slice(), batch.rows.as_slice()),
            (&[0, 8, 12][..], &[1, 1][..], &[2, 0][..])
        );
        assert_eq!(batch.ids[8..], *tokens.row(0));
        assert_eq!((batch.len(), batch.longest()), (2, 8));
        let own = Batch::from_ids(&[tokens.row(2).to_vec(), tokens.row(0).to_vec()]);
        assert_eq!((own.ids, own.offsets, own.labels), (batch.ids, batch.offsets, vec![0, 0]));
        assert_eq!(sorted_by_length(&tokens, &[2, 0, 1]), [1, 0, 2]);
    }

    #[test]
    fn every_epoch_has_its_own_order() {
        let rows: Vec<u32> = (0..100).collect();
        let first = epoch_order(&rows, 42, 1);
        assert_eq!(first, epoch_order(&rows, 42, 1));
        assert_ne!(first, epoch_order(&rows, 42, 2));
        assert_ne!(first, epoch_order(&rows, 43, 1));
        let mut back = first;
        back.sort_unstable();
        assert_eq!(back, rows);
    }
}
