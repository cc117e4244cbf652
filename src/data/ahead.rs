//! Tokens that are made while a file is still being read, on the threads that reading leaves idle.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::texts::Texts;
use super::tokeniser::Tokeniser;
use super::tokens::{TokenStore, Tokenised};

/// A thread takes this many rows at a time, which keep it busy for longer than it takes to fetch them.
const CHUNK: usize = 64;

/// Takes each row as it is read, and tokenises it meanwhile.
pub struct Ahead {
    tokeniser: Arc<Tokeniser>,
    max_length: usize,
    /// The number of rows taken, and the last of them, which are not yet a chunk.
    taken: Mutex<(usize, Texts)>,
    made: Arc<Made>,
}

/// Threads share this.
#[derive(Default)]
struct Made {
    is_over: AtomicBool,
    /// The first row of each chunk, and its rows' tokens.
    chunks: Mutex<Vec<(usize, Vec<Tokenised>)>>,
}

impl Ahead {
    /// Nothing is tokenised yet. Of each text, the first `max_length` tokens are kept, special tokens included.
    pub fn new(tokeniser: Arc<Tokeniser>, max_length: usize) -> Self {
        Self { tokeniser, max_length, taken: Mutex::default(), made: Arc::default() }
    }

    /// Takes the next row.
    pub fn take(&self, text: &str, second: Option<&str>) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, chunk) = &mut *taken;
        match second {
            None => chunk.push(text),
            Some(second) => chunk.push_pair(text, second),
        }
        *count += 1;
        if chunk.len() == CHUNK {
            let (first, chunk) = (*count - CHUNK, std::mem::take(chunk));
            let (tokeniser, max_length, made) = (Arc::clone(&self.tokeniser), self.max_length, Arc::clone(&self.made));
            rayon::spawn(move || made.add(first, &chunk, &tokeniser, max_length));
        }
    }

    /// Ends tokenising ahead, and makes a store of the texts with what is made so far. What a thread is at is lost, and so
    /// is everything where these are not the texts that were taken, because rows were left out.
    pub fn into_store(self, texts: &Arc<Texts>) -> TokenStore {
        self.made.is_over.store(true, Ordering::Release);
        let store = TokenStore::new(Arc::clone(texts), self.tokeniser, self.max_length);
        let (count, _) = self.taken.into_inner().unwrap_or_else(PoisonError::into_inner);
        let chunks = std::mem::take(&mut *self.made.chunks.lock().unwrap_or_else(PoisonError::into_inner));
        if count == texts.len() {
            for (first, rows) in chunks {
                rows.into_iter().enumerate().for_each(|(i, tokens)| store.put(first + i, tokens));
            }
        }
        store
    }
}

impl Made {
    fn add(&self, first: usize, chunk: &Texts, tokeniser: &Tokeniser, max_length: usize) {
        if self.is_over.load(Ordering::Acquire) {
            return;
        }
        let row = |i| Tokenised::of(chunk, i, tokeniser, max_length);
        let rows = (0..chunk.len()).map(row).collect();
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner).push((first, rows));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokeniser::bundled_for_tests;
    use super::*;

    fn texts(rows: usize) -> Texts {
        (0..rows).map(|i| format!("good movie number {i}")).collect::<Vec<_>>().iter().map(String::as_str).collect()
    }

    fn ahead_of(texts: &Texts, tokeniser: &Arc<Tokeniser>) -> Ahead {
        let ahead = Ahead::new(Arc::clone(tokeniser), 6);
        (0..texts.len()).for_each(|i| ahead.take(texts.get(i), texts.second(i)));
        ahead
    }

    #[test]
    fn what_was_made_ahead_is_what_the_store_would_make() {
        let (texts, tokeniser) = (Arc::new(texts(3 * CHUNK + 5)), Arc::new(bundled_for_tests()));
        let ahead = ahead_of(&texts, &tokeniser);
        while ahead.made.chunks.lock().unwrap().len() < 3 {
            std::thread::yield_now();
        }
        let store = ahead.into_store(&texts);
        assert_eq!(store.lengths().done, 3 * CHUNK);
        let fresh = TokenStore::new(Arc::clone(&texts), tokeniser, 6);
        assert!((0..texts.len() as u32).all(|row| store.typed_row(row) == fresh.typed_row(row)));
        assert_eq!(store.lengths(), fresh.lengths());
    }

    #[test]
    fn rows_that_were_left_out_make_it_worthless() {
        let (all, tokeniser) = (texts(2 * CHUNK), Arc::new(bundled_for_tests()));
        let ahead = ahead_of(&all, &tokeniser);
        while ahead.made.chunks.lock().unwrap().len() < 2 {
            std::thread::yield_now();
        }
        let some = Arc::new(all.of_rows(&[3, 4]));
        let store = ahead.into_store(&some);
        assert_eq!((store.len(), store.lengths().done), (2, 0));
    }
}
