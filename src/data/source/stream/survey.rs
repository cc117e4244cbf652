//! What only a look at a whole file tells of its bytes: whether they are UTF-8, what they are else, and whether its quotation
//! marks come in pairs.

use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use super::ToldBytes;
use super::pieces::Bytes;
use crate::data::decode::{GUESS_BYTES, guess, tells_utf8};
use crate::domain::problem::Outcome;

/// So many bytes are looked at together.
const BLOCK_BYTES: usize = 1 << 20;

#[derive(Default)]
pub struct Survey {
    /// Characters of several bytes, and places that are no UTF-8.
    valid: usize,
    broken: usize,
    quotes: usize,
    /// Lines beyond ASCII, by which an encoding is guessed.
    evidence: Vec<u8>,
    has_mark: bool,
}

impl Survey {
    /// # Errors
    /// Those of reading the file; what `progress` returns.
    pub fn of(path: &Path, name: &str, file_bytes: u64, progress: ToldBytes<'_>) -> Outcome<Self> {
        let mut bytes = Bytes::open(path, name)?;
        let (mut survey, mut block, mut kept) = (Self::default(), vec![0; BLOCK_BYTES], 0);
        let mut is_first = true;
        loop {
            let n = bytes.read(&mut block[kept..])?;
            let filled = kept + n;
            if std::mem::take(&mut is_first) {
                survey.has_mark = block[..filled].starts_with(b"\xef\xbb\xbf");
            }
            // A line that is cut would be counted as broken; one that fills the whole block is cut all the same.
            let is_whole = n == 0 || filled == BLOCK_BYTES;
            let end = block[..filled].iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
            let end = if end == 0 && is_whole { filled } else { end };
            let end = if n == 0 { filled } else { end };
            survey.look(&block[..end]);
            block.copy_within(end..filled, 0);
            kept = filled - end;
            progress(bytes.file_bytes(), file_bytes)?;
            if n == 0 {
                return Ok(survey);
            }
        }
    }

    fn look(&mut self, bytes: &[u8]) {
        self.quotes += bytes.iter().filter(|b| **b == b'"').count();
        if bytes.is_ascii() {
            return;
        }
        for chunk in bytes.utf8_chunks() {
            self.valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            self.broken += usize::from(!chunk.invalid().is_empty());
        }
        for line in bytes.split_inclusive(|b| *b == b'\n' || *b == b'\r').filter(|line| !line.is_ascii()) {
            let room = GUESS_BYTES.saturating_sub(self.evidence.len());
            if room == 0 {
                break;
            }
            self.evidence.extend_from_slice(&line[..line.len().min(room)]);
        }
    }

    /// The encoding by the rules for whole files.
    pub fn encoding(&self) -> &'static Encoding {
        if self.has_mark || tells_utf8(self.valid, self.broken) { UTF_8 } else { guess(&self.evidence) }
    }

    /// Whether some bytes are no UTF-8.
    pub fn is_broken(&self) -> bool {
        self.broken > 0
    }

    pub fn are_quotes_paired(&self) -> bool {
        self.quotes.is_multiple_of(2)
    }
}
