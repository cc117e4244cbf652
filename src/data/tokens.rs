//! The tokens of all texts, which are made when they are first needed and shared among threads.

use std::iter::repeat_with;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use rayon::prelude::*;

use super::dataset::Texts;
use super::tokeniser::{Encoded, Tokeniser};
use crate::domain::dataset::TokenLengths;
use crate::domain::legibility::{Legibility, Piece};

/// [`TokenStore::fill`] reports after each so many rows.
const REPORT_ROWS: usize = 1000;
/// The language of the texts is judged by so many of them, and by so much of each.
const LOOK_ROWS: usize = 100;
const LOOK_BYTES: usize = 600;

/// The tokens of every text, cut at one length. A row is tokenised only once, by the thread that first asks for it.
#[derive(Debug)]
pub struct TokenStore {
    texts: Arc<Texts>,
    tokeniser: Arc<Tokeniser>,
    max_length: usize,
    rows: Vec<OnceLock<Tokenised>>,
    /// The number of rows of each length, as in `TokenLengths::counts`.
    counts: Vec<AtomicUsize>,
}

/// The tokens of a row, and the seconds that it took to make them.
#[derive(Debug)]
pub(super) struct Tokenised {
    ids: Box<[u32]>,
    of_type_1: u32,
    /// Whether the row has more tokens than these.
    cut: bool,
    secs: f32,
}

impl Tokenised {
    /// Tokenises row `i` of the texts.
    pub fn of(texts: &Texts, i: usize, tokeniser: &Tokeniser, max_length: usize) -> Self {
        let began = Instant::now();
        let encoded = match texts.second(i) {
            None => tokeniser.encode(texts.get(i), max_length),
            Some(second) => tokeniser.encode_pair(texts.get(i), second, max_length),
        };
        let (ids, of_type_1, cut) = (encoded.ids.into_boxed_slice(), encoded.of_type_1 as u32, encoded.cut);
        Self { ids, of_type_1, cut, secs: began.elapsed().as_secs_f32() }
    }
}

/// The tokens of a row, and how many of them, at its end, are of type 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    pub ids: &'a [u32],
    pub of_type_1: usize,
}

impl<'a> From<&'a Encoded> for Row<'a> {
    fn from(encoded: &'a Encoded) -> Self {
        Self { ids: &encoded.ids, of_type_1: encoded.of_type_1 }
    }
}

impl TokenStore {
    /// A store in which nothing is tokenised yet. Of each text, the first `max_length` tokens are kept, special tokens
    /// included.
    pub fn new(texts: Arc<Texts>, tokeniser: Arc<Tokeniser>, max_length: usize) -> Self {
        let rows = repeat_with(OnceLock::new).take(texts.len()).collect();
        let counts = repeat_with(AtomicUsize::default).take(max_length + 2).collect();
        Self { texts, tokeniser, max_length, rows, counts }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The largest number of tokens of a row, special tokens included.
    pub fn max_length(&self) -> usize {
        self.max_length
    }

    /// Whether these are the tokens of such texts. A new split or a new label column changes none.
    pub fn is_of(&self, texts: &Arc<Texts>, tokeniser: &Arc<Tokeniser>, max_length: usize) -> bool {
        self.max_length == max_length && Arc::ptr_eq(&self.tokeniser, tokeniser) && self.texts == *texts
    }

    /// The token ids of row `i`, special tokens included, without padding.
    ///
    /// # Panics
    /// When there is no row `i`.
    pub fn row(&self, i: u32) -> &[u32] {
        self.typed_row(i).ids
    }

    /// The token ids of row `i`, as [`TokenStore::row`] gives them, with their types.
    ///
    /// # Panics
    /// When there is no row `i`.
    pub fn typed_row(&self, i: u32) -> Row<'_> {
        let tokenised = self.rows[i as usize].get_or_init(|| {
            let tokenised = Tokenised::of(&self.texts, i as usize, &self.tokeniser, self.max_length);
            self.count(&tokenised);
            tokenised
        });
        Row { ids: &tokenised.ids, of_type_1: tokenised.of_type_1 as usize }
    }

    /// Returns whether row `i` has more tokens than are kept.
    ///
    /// # Panics
    /// When there is no row `i`.
    pub fn is_cut(&self, i: u32) -> bool {
        self.typed_row(i);
        self.rows[i as usize].get().is_some_and(|tokenised| tokenised.cut)
    }

    fn count(&self, tokenised: &Tokenised) {
        let length = tokenised.ids.len().min(self.max_length);
        let bin = if tokenised.cut { self.max_length + 1 } else { length };
        self.counts[bin].fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the tokens of row `i` that were made elsewhere, unless it has its own.
    pub(super) fn put(&self, i: usize, tokenised: Tokenised) {
        self.rows[i].get_or_init(|| {
            self.count(&tokenised);
            tokenised
        });
    }

    /// Tokenises those of the rows that are not yet tokenised, on all threads of the current rayon pool.
    pub fn make(&self, rows: &[u32]) {
        let missing: Vec<u32> = rows.iter().copied().filter(|row| self.rows[*row as usize].get().is_none()).collect();
        missing.par_iter().for_each(|row| {
            self.typed_row(*row);
        });
    }

    /// The seconds that tokenising took for those of the rows that are tokenised already, summed over the rows.
    pub fn secs_of(&self, rows: &[u32]) -> f64 {
        rows.iter().filter_map(|row| self.rows[*row as usize].get()).map(|row| f64::from(row.secs)).sum()
    }

    /// Bytes of all tokens so far.
    pub fn memory_bytes(&self) -> u64 {
        let rows = self.counts.iter().map(|n| n.load(Ordering::Relaxed));
        let tokens: usize = rows.enumerate().map(|(length, rows)| length.min(self.max_length) * rows).sum();
        (tokens * size_of::<u32>()) as u64
    }

    /// Tokenises all rows that are not yet tokenised, on all threads. When `stop` is set it returns early, within a few rows.
    /// `progress` is called on this thread about every thousand rows and at the end.
    pub fn fill(&self, stop: &AtomicBool, progress: &dyn Fn(TokenLengths)) {
        let all: Vec<u32> = (0..self.rows.len() as u32).collect();
        for chunk in all.chunks(REPORT_ROWS) {
            chunk.par_iter().for_each(|i| {
                if !stop.load(Ordering::Relaxed) {
                    self.row(*i);
                }
            });
            if stop.load(Ordering::Relaxed) {
                return;
            }
            progress(self.lengths());
        }
    }

    /// How well the tokeniser reads the language of the first texts.
    pub fn legibility(&self) -> Legibility {
        let rows = 0..self.len().min(LOOK_ROWS);
        let texts = rows.flat_map(|i| std::iter::once(self.texts.get(i)).chain(self.texts.second(i)));
        let cut = texts.map(|text| &text[..text.floor_char_boundary(LOOK_BYTES)]);
        let pieces: Vec<Vec<Piece>> = cut.map(|text| self.tokeniser.pieces(text)).collect();
        Legibility::of(pieces.iter().map(Vec::as_slice))
    }

    /// The lengths of the rows tokenised so far.
    pub fn lengths(&self) -> TokenLengths {
        let counts: Vec<usize> = self.counts.iter().map(|n| n.load(Ordering::Relaxed)).collect();
        TokenLengths {
            done: counts.iter().sum(),
            total: self.rows.len(),
            max_length: self.max_length,
            cut: counts.last().copied().unwrap_or(0),
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::tokeniser::bundled_for_tests;

    #[test]
    fn rows_are_tokenised_once_and_counted() {
        let texts: Texts = ["good movie", "bad", "one two three four five six", ""].into_iter().collect();
        let store = TokenStore::new(Arc::new(texts), Arc::new(bundled_for_tests()), 6);
        assert_eq!(store.lengths().done, 0);
        assert_eq!(store.row(1).len(), 3);
        assert_eq!(store.row(1).as_ptr(), store.row(1).as_ptr());
        store.make(&[2, 1, 2]);
        assert_eq!(store.lengths().done, 2);
        let reports = std::cell::RefCell::new(Vec::new());
        store.fill(&AtomicBool::new(false), &|lengths| reports.borrow_mut().push(lengths));
        let lengths = store.lengths();
        assert_eq!(reports.into_inner(), std::slice::from_ref(&lengths));
        assert_eq!((lengths.done, lengths.total, lengths.cut, lengths.max_length), (4, 4, 1, 6));
        assert!(store.is_cut(2) && !store.is_cut(0));
        assert_eq!(lengths.counts, [0, 0, 1, 1, 1, 0, 0, 1]);
    }

    #[test]
    fn a_stopped_fill_leaves_the_rest() {
        let texts: Texts = std::iter::repeat_n("text", 5000).collect();
        let store = TokenStore::new(Arc::new(texts), Arc::new(bundled_for_tests()), 16);
        let stop = AtomicBool::new(false);
        store.fill(&stop, &|_| stop.store(true, Ordering::Relaxed));
        assert_eq!(store.lengths().done, REPORT_ROWS);
    }
}
