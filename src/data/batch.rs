//! Packed batches: the tokens of some rows one after another, without padding.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

pub use super::split::stratified_sample;
use super::tokens::{Row, TokenStore};

/// Some rows in the form in which the encoder reads them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The tokens of all rows, `[tokens]`.
    pub ids: Vec<u32>,
    /// The type of each token, 0 or 1, `[tokens]`; empty where all are of type 0, as those of single texts are.
    pub types: Vec<u32>,
    /// The tokens of row r are `ids[offsets[r]..offsets[r + 1]]`; `[rows + 1]`.
    pub offsets: Vec<usize>,
    /// The rows' label ids, `[rows]`.
    pub labels: Vec<u32>,
    /// The index of each row's text, `[rows]`.
    pub rows: Vec<u32>,
}

impl Batch {
    /// Packs `rows`, which are tokenised on all threads unless they already are. `labels[i]` is the label id of text i.
    pub fn pack(tokens: &TokenStore, labels: &[u32], rows: &[u32]) -> Self {
        tokens.make(rows);
        let mut batch = Self::of(rows.iter().map(|row| tokens.typed_row(*row)));
        batch.labels = rows.iter().map(|row| labels[*row as usize]).collect();
        batch.rows = rows.to_vec();
        batch
    }

    /// Packs token ids of single texts that belong to no data set; see [`Batch::from_rows`].
    pub fn from_ids(rows: &[Vec<u32>]) -> Self {
        Self::from_rows(rows.iter().map(|ids| Row { ids, of_type_1: 0 }))
    }

    /// Packs rows that belong to no data set. Their labels are 0, and they are numbered from 0.
    pub fn from_rows<'a>(rows: impl Iterator<Item = Row<'a>>) -> Self {
        let mut batch = Self::of(rows);
        let rows = batch.offsets.len() - 1;
        batch.labels = vec![0; rows];
        batch.rows = (0..rows as u32).collect();
        batch
    }

    fn of<'a>(rows: impl Iterator<Item = Row<'a>>) -> Self {
        let mut batch = Self { offsets: vec![0], ..Self::default() };
        for Row { ids, of_type_1 } in rows {
            if of_type_1 > 0 || !batch.types.is_empty() {
                batch.types.resize(batch.ids.len() + ids.len() - of_type_1, 0);
                batch.types.resize(batch.ids.len() + ids.len(), 1);
            }
            batch.ids.extend_from_slice(ids);
            batch.offsets.push(batch.ids.len());
        }
        batch
    }

    /// The tokens of each row with their types.
    pub fn each_row(&self) -> impl Iterator<Item = Row<'_>> {
        self.offsets.windows(2).map(|at| {
            let types = self.types.get(at[0]..at[1]).unwrap_or_default();
            Row { ids: &self.ids[at[0]..at[1]], of_type_1: types.iter().filter(|of| **of == 1).count() }
        })
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
        assert!(batch.types.is_empty(), "single texts have no types");
    }

    #[test]
    fn the_tokens_of_second_texts_are_of_type_1() {
        let mut texts = Texts::default();
        for (first, second) in [("good movie", "bad"), ("a", "one two")] {
            texts.push_pair(first, second);
        }
        let tokens = TokenStore::new(Arc::new(texts), Arc::new(bundled_for_tests()), 32);
        let batch = Batch::pack(&tokens, &[1, 0], &[0, 1]);
        assert_eq!(batch.ids, [101, 2204, 3185, 102, 2919, 102, 101, 1037, 102, 2028, 2048, 102]);
        assert_eq!(batch.types, [0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 1]);
        let of_type_1: Vec<usize> = batch.each_row().map(|row| row.of_type_1).collect();
        assert_eq!(of_type_1, [2, 3]);
        let single = vec![101, 1037, 102];
        let mixed = [Row { ids: &single, of_type_1: 0 }, tokens.typed_row(1), Row { ids: &single, of_type_1: 0 }];
        assert_eq!(Batch::from_rows(mixed.into_iter()).types, [0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0]);
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
