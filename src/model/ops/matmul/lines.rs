//! Memory for packed operands in whole cache lines, which a thread keeps from one product to the next.

use std::cell::Cell;

/// Sixteen words that fill one cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Line([u32; 16]);

impl Line {
    pub const ZERO: Self = Self([0; 16]);
}

/// The words of some lines.
pub(super) fn words(lines: &[Line]) -> &[u32] {
    // SAFETY: a line is sixteen words and nothing else.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast::<u32>(), lines.len() * 16) }
}

/// The words of some lines, for writing.
pub(super) fn words_of(lines: &mut [Line]) -> &mut [u32] {
    // SAFETY: a line is sixteen words and nothing else.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast::<u32>(), lines.len() * 16) }
}

thread_local! {
    // The buffers are kept between products. A thread whose own product waits may help with another one; it then finds
    // its buffer taken and begins an empty one.
    pub(super) static PACKED_A: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
    pub(super) static PACKED_B: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// Room for words, taken from a thread's buffer.
pub(super) struct Lines {
    lines: Vec<Line>,
    len: usize,
}

impl Lines {
    pub fn sized(buffer: &Cell<Vec<Line>>, len: usize) -> Self {
        let mut lines = buffer.take();
        if lines.len() * 16 < len {
            lines.resize(len.div_ceil(16), Line::ZERO);
        }
        Self { lines, len }
    }

    pub fn words(&mut self) -> &mut [u32] {
        &mut words_of(&mut self.lines)[..self.len]
    }

    pub fn give_back(self, buffer: &Cell<Vec<Line>>) {
        buffer.set(self.lines);
    }
}
