//! The log of a run under way, which loses no line where the disk is full for a while.

use std::io::{self, ErrorKind, Write};

use crate::domain::message::RunEvent;

/// The log is written in pieces of about this many bytes.
const WRITE_BYTES: usize = 8 << 10;

/// Lines on their way into a file. What cannot be written stays in memory, whole, and goes out with a later line.
#[derive(Debug)]
pub struct Log<W> {
    pub file: W,
    waiting: Vec<u8>,
}

impl<W: Write> Log<W> {
    pub fn new(file: W) -> Self {
        Self { file, waiting: Vec::new() }
    }

    /// Adds one event.
    ///
    /// # Errors
    /// Those of the file. The event is kept all the same.
    pub fn add(&mut self, event: &RunEvent) -> io::Result<()> {
        let begun = self.waiting.len();
        if let Err(e) = serde_json::to_writer(&mut self.waiting, event) {
            self.waiting.truncate(begun);
            return Err(e.into());
        }
        self.waiting.push(b'\n');
        if self.waiting.len() < WRITE_BYTES { Ok(()) } else { self.flush() }
    }

    /// Writes all that waits.
    ///
    /// # Errors
    /// Those of the file.
    pub fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        let result = loop {
            if written == self.waiting.len() {
                break Ok(());
            }
            match self.file.write(&self.waiting[written..]) {
                Ok(0) => break Err(ErrorKind::WriteZero.into()),
                Ok(n) => written += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => break Err(e),
            }
        };
        self.waiting.drain(..written);
        result
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::message::Step;

    use super::*;

    /// A disk with so much room.
    struct Disk {
        content: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = bytes.len().min(self.room);
            if n == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            self.room -= n;
            self.content.extend_from_slice(&bytes[..n]);
            Ok(n)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn no_line_is_lost_or_cut_where_the_disk_was_full_for_a_while() {
        let step = |step| RunEvent::Step(Step { step, epoch: 1, ..Step::default() });
        let mut log = Log::new(Disk { content: Vec::new(), room: 1000 });
        let full = (1..=300).filter(|n| log.add(&step(*n)).is_err()).count();
        assert!(full > 0 && log.file.content.len() == 1000, "it is full in the middle of a line");
        assert_eq!(log.flush().unwrap_err().kind(), ErrorKind::StorageFull);
        log.file.room = usize::MAX;
        log.add(&step(301)).unwrap();
        log.flush().unwrap();
        let steps = log.file.content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| {
            match serde_json::from_slice(line) {
                Ok(RunEvent::Step(step)) => step.step,
                other => panic!("{other:?}"),
            }
        });
        assert!(steps.eq(1..=301));
    }
}
