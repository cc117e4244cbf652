//! A temporary file of numbers, mapped into memory: room for what memory alone cannot hold. The system removes it when the
//! program ends, however it ends.
//!
//! A page of a mapped file that the file system has no room for ends the program (SIGBUS) when it is written. So the file's
//! own file system is asked how much is free, and the space is really taken before the file is mapped.
#![allow(unsafe_code)] // mapping a file

use std::fs::File;
use std::io;

use memmap2::MmapMut;

use crate::model::disk::free_bytes_of;

/// Bytes that are left free on the disk whatever the budget says.
const LEAVE_FREE_BYTES: u64 = 2 << 30;
/// Bytes that the file grows by at a time.
const GROWTH_BYTES: u64 = 256 << 20;

/// A list of numbers in a file without a name.
pub struct Scratch {
    file: File,
    map: Option<MmapMut>,
    budget_bytes: u64,
    used_bytes: u64,
    size_bytes: u64,
}

impl Scratch {
    /// An empty file that may grow to `budget_bytes`; `None` when the system gives none.
    pub fn create(budget_bytes: u64) -> Option<Self> {
        Some(Self::in_file(tempfile::tempfile().ok()?, budget_bytes))
    }

    fn in_file(file: File, budget_bytes: u64) -> Self {
        Self { file, map: None, budget_bytes, used_bytes: 0, size_bytes: 0 }
    }

    /// Bytes that are free where such a file lies; 0 when the system does not tell, and when the file would lie in memory.
    pub fn free_space_bytes() -> u64 {
        tempfile::tempfile().map_or(0, |file| free_bytes(&file))
    }

    /// Sets another limit; what is in the file already stays.
    pub fn set_budget(&mut self, budget_bytes: u64) {
        self.budget_bytes = budget_bytes;
    }

    /// Bytes of all values that were put in.
    pub fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    /// Appends values; returns the index of the first, or `None` when there is no more room.
    pub fn put(&mut self, values: &[f32]) -> Option<usize> {
        let bytes = size_of_val(values) as u64;
        if self.used_bytes + bytes > self.size_bytes {
            self.grow(bytes)?;
        }
        let from = self.used_bytes as usize;
        let target = &mut self.map.as_mut()?[from..from + bytes as usize];
        for (target, value) in target.chunks_exact_mut(4).zip(values) {
            target.copy_from_slice(&value.to_ne_bytes());
        }
        self.used_bytes += bytes;
        Some(from / 4)
    }

    /// `len` values from index `from`.
    pub fn get(&self, from: usize, len: usize) -> Option<&[f32]> {
        let bytes = self.map.as_ref()?.get(from * 4..(from + len) * 4)?;
        // SAFETY: every bit pattern is an f32; the map begins at a page and offsets are multiples of 4, so nothing is
        // left over before the aligned part, which is checked.
        let (before, values, after) = unsafe { bytes.align_to::<f32>() };
        (before.is_empty() && after.is_empty()).then_some(values)
    }

    fn grow(&mut self, bytes: u64) -> Option<()> {
        let size = (self.size_bytes + GROWTH_BYTES.max(bytes)).min(self.budget_bytes);
        let growth = size.checked_sub(self.size_bytes)?;
        if self.used_bytes + bytes > size || free_bytes(&self.file) < growth + LEAVE_FREE_BYTES {
            return None;
        }
        allocate(&self.file, self.size_bytes, size).ok()?;
        // Until there is a map of the larger file, the one of the smaller file stays in use.
        // SAFETY: the file has no name, so no one else can change or cut it while it is mapped, and it is never cut here.
        self.map = Some(unsafe { MmapMut::map_mut(&self.file) }.ok()?);
        self.size_bytes = size;
        Some(())
    }
}

/// Bytes that are free where a file lies; 0 when the system does not tell, and on a file system that is in memory itself,
/// because a file there takes the very memory that it is meant to spare.
fn free_bytes(file: &File) -> u64 {
    #[cfg(target_os = "linux")]
    if nix::sys::statfs::fstatfs(file).is_ok_and(|fs| fs.filesystem_type() == nix::sys::statfs::TMPFS_MAGIC) {
        return 0;
    }
    free_bytes_of(file).unwrap_or(0)
}

/// Makes a file longer, from one size in bytes to another, and takes the room for it on the disk.
#[cfg(target_os = "linux")]
fn allocate(file: &File, from: u64, to: u64) -> io::Result<()> {
    let (offset, length) =
        (from.try_into().map_err(io::Error::other)?, (to - from).try_into().map_err(io::Error::other)?);
    Ok(nix::fcntl::posix_fallocate(file, offset, length)?)
}

/// Makes a file longer, from one size in bytes to another, by writing zeros: a hole would take no room on the disk.
#[cfg(not(target_os = "linux"))]
fn allocate(mut file: &File, from: u64, to: u64) -> io::Result<()> {
    use std::io::{Read as _, Seek as _, SeekFrom};

    file.seek(SeekFrom::Start(from))?;
    io::copy(&mut io::repeat(0).take(to - from), &mut file).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_the_budget_holds() {
        let mut scratch = Scratch::create(40).unwrap();
        let first = scratch.put(&[1.0, -2.5, f32::MIN_POSITIVE]).unwrap();
        let second = scratch.put(&[7.0; 5]).unwrap();
        assert_eq!(scratch.get(first, 3).unwrap(), [1.0, -2.5, f32::MIN_POSITIVE]);
        assert_eq!(scratch.get(second, 5).unwrap(), [7.0; 5]);
        assert_eq!(scratch.put(&[0.0; 3]), None, "ten numbers fit, eleven do not");
        assert_eq!(scratch.used_bytes(), 32);
    }

    /// The size of a sparse file says nothing of its room, so that these pages would be lost when they are written.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_takes_its_room_before_it_is_mapped() {
        use std::os::unix::fs::MetadataExt;

        let mut scratch = Scratch::create(1 << 20).unwrap();
        scratch.put(&[1.0]).unwrap();
        let metadata = scratch.file.metadata().unwrap();
        assert_eq!(metadata.len(), 1 << 20);
        assert!(metadata.blocks() * 512 >= 1 << 20, "{} blocks", metadata.blocks());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_in_memory_holds_nothing() {
        let file = || tempfile::tempfile_in("/dev/shm").unwrap();
        assert_eq!(free_bytes(&file()), 0);
        assert_eq!(Scratch::in_file(file(), 1 << 20).put(&[1.0]), None);
        assert!(allocate(&file(), 0, 1 << 50).is_err(), "there is no room for so much");
    }
}
