//! A temporary file of numbers, mapped into memory: room for what memory alone cannot hold. The system removes it when
//! the program ends, however it ends.
#![allow(unsafe_code)] // mapping a file

use std::fs::File;

use memmap2::MmapMut;

/// Space that is left free on the disk whatever the budget says.
const LEAVE_FREE_BYTES: u64 = 2 << 30;
/// The file grows by so much at a time.
const GROWTH_BYTES: u64 = 256 << 20;

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
        let file = tempfile::tempfile().ok()?;
        Some(Self { file, map: None, budget_bytes, used_bytes: 0, size_bytes: 0 })
    }

    /// Free space where temporary files live; 0 when the system does not tell.
    pub fn free_space_bytes() -> u64 {
        let folder = std::env::temp_dir();
        let Ok(disks) = sysinfo::Disks::new_with_refreshed_list() else { return 0 };
        let holding = disks.iter().filter(|disk| folder.starts_with(disk.mount_point()));
        holding.max_by_key(|disk| disk.mount_point().as_os_str().len()).map_or(0, sysinfo::Disk::available_space)
    }

    /// Another limit; what is in the file already stays.
    pub fn set_budget(&mut self, budget_bytes: u64) {
        self.budget_bytes = budget_bytes;
    }

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
        if self.used_bytes + bytes > size || Self::free_space_bytes() < growth + LEAVE_FREE_BYTES {
            return None;
        }
        self.map = None;
        self.file.set_len(size).ok()?;
        // SAFETY: the file has no name, so no one else can change or cut it while it is mapped.
        self.map = Some(unsafe { MmapMut::map_mut(&self.file) }.ok()?);
        self.size_bytes = size;
        Some(())
    }
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
}
