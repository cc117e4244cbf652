//! The bytes of a file, unpacked where it is gzipped, and the text that they are.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::{Decoder, Encoding};
use flate2::read::MultiGzDecoder;

use super::super::archive::is_tar;
use super::super::file::{EMPTY_ZIP, GZIP, ZIP};
use super::super::{LEAST_UNPACKED_BYTES, MOST_RATIO};
use crate::domain::problem::{Outcome, Problem};

/// So many bytes are read from the disk at once.
const BUFFER_BYTES: usize = 1 << 18;

/// Whether bytes begin like an archive, which holds no lines by itself.
pub fn is_packed(head: &[u8]) -> bool {
    [GZIP, ZIP, EMPTY_ZIP].iter().any(|magic| head.starts_with(magic)) || is_tar(head)
}

/// Counts what is read through it.
struct Counting {
    file: File,
    read: Rc<Cell<u64>>,
}

impl Read for Counting {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(to)?;
        self.read.set(self.read.get() + n as u64);
        Ok(n)
    }
}

/// The bytes of a file, unpacked where it is gzipped. No more may come out of it than of any packed file.
pub struct Bytes<'p> {
    from: Box<dyn Read>,
    is_packed: bool,
    path: &'p Path,
    name: &'p str,
    /// The bytes that were read from the disk, and those that came out.
    read: Rc<Cell<u64>>,
    out: u64,
    file_bytes: u64,
}

impl<'p> Bytes<'p> {
    /// # Errors
    /// `file-error`.
    pub fn open(path: &'p Path, name: &'p str) -> Outcome<Self> {
        let failed = |e: io::Error| Problem::file(path, &e);
        let mut begin = Vec::new();
        File::open(path).map_err(failed)?.take(GZIP.len() as u64).read_to_end(&mut begin).map_err(failed)?;
        let file = File::open(path).map_err(failed)?;
        let file_bytes = file.metadata().map_err(failed)?.len();
        let read = Rc::<Cell<u64>>::default();
        let counting = BufReader::with_capacity(BUFFER_BYTES, Counting { file, read: Rc::clone(&read) });
        let is_packed = begin == GZIP;
        let from: Box<dyn Read> = if is_packed { Box::new(MultiGzDecoder::new(counting)) } else { Box::new(counting) };
        Ok(Self { from, is_packed, path, name, read, out: 0, file_bytes })
    }

    /// The first bytes, at most so many.
    ///
    /// # Errors
    /// Those of [`Bytes::read`].
    pub fn head(&mut self, most: usize) -> Outcome<Vec<u8>> {
        let (mut head, mut filled) = (vec![0; most], 0);
        while filled < most {
            match self.read(&mut head[filled..])? {
                0 => break,
                n => filled += n,
            }
        }
        head.truncate(filled);
        Ok(head)
    }

    /// Fills some of `to`; 0 at the end of the file.
    ///
    /// # Errors
    /// `file-error`, `data-archive-broken`, `data-archive-swells`.
    pub fn read(&mut self, to: &mut [u8]) -> Outcome<usize> {
        let n = self.from.read(to).map_err(|error| match self.is_packed {
            true => Problem::new("data-archive-broken").with("file", self.name).with_original(error),
            false => Problem::file(self.path, &error),
        })?;
        self.out += n as u64;
        let most = LEAST_UNPACKED_BYTES + MOST_RATIO * self.file_bytes;
        if self.is_packed && self.out > most {
            let problem = Problem::new("data-archive-swells").with("file", self.name);
            return Err(problem.with_count("most_mb", most / 1_000_000));
        }
        Ok(n)
    }

    /// The bytes of the file on the disk that were read so far.
    pub fn file_bytes(&self) -> u64 {
        self.read.get()
    }
}

/// The text of a file, of which a part is in memory.
pub struct Pieces<'p> {
    bytes: Bytes<'p>,
    decoder: Decoder,
    buffer: Vec<u8>,
    text: String,
    /// The bytes of the text that were forgotten.
    before: u64,
    is_at_end: bool,
}

impl<'p> Pieces<'p> {
    pub fn new(bytes: Bytes<'p>, encoding: &'static Encoding) -> Self {
        let (decoder, buffer) = (encoding.new_decoder_with_bom_removal(), vec![0; BUFFER_BYTES]);
        Self { bytes, decoder, buffer, text: String::new(), before: 0, is_at_end: false }
    }

    /// Reads until the text is `bytes` longer, or the file ends. Bytes that mean nothing become U+FFFD.
    ///
    /// # Errors
    /// Those of [`Bytes::read`].
    pub fn more(&mut self, bytes: usize) -> Outcome<()> {
        let wanted = self.text.len() + bytes;
        while !self.is_at_end && self.text.len() < wanted {
            let room = bytes.min(self.buffer.len());
            let n = self.bytes.read(&mut self.buffer[..room])?;
            self.is_at_end = n == 0;
            let most = self.decoder.max_utf8_buffer_length(n).unwrap_or(n * 3 + 3);
            self.text.reserve(most);
            // The room that was asked for is enough for all of it.
            let (_, _, _) = self.decoder.decode_to_string(&self.buffer[..n], &mut self.text, self.is_at_end);
        }
        Ok(())
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Forgets the first so many bytes of the text.
    pub fn drop_front(&mut self, bytes: usize) {
        self.text.drain(..bytes);
        self.before += bytes as u64;
    }

    /// Whether nothing follows the text.
    pub fn is_at_end(&self) -> bool {
        self.is_at_end
    }

    /// Where in the file on the disk this place of the text is, about.
    pub fn place(&self, at: usize) -> u64 {
        let all = self.before + self.text.len() as u64;
        (self.bytes.file_bytes() as f64 * (self.before + at as u64) as f64 / all.max(1) as f64) as u64
    }
}
