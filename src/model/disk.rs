//! Files that are written whole or not at all, and the room that is left on the file system a path or file lies on.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::domain::problem::{Outcome, Problem};

/// The names of files on their way begin so.
const PART: &str = ".writing-";

/// Writes a file through a temporary one beside it, so that it is whole or not there, even after a power cut.
///
/// # Errors
/// `file-error`, naming the file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Outcome<()> {
    write_with(path, |file| file.write_all(bytes).map_err(|e| Problem::file(path, &e)))
}

/// The same as [`write_whole`], but only the file's owner may read it.
///
/// # Errors
/// `file-error`, naming the file.
pub fn write_private(path: &Path, bytes: &[u8]) -> Outcome<()> {
    put(path, Put::PrivateInstead, |file| file.write_all(bytes).map_err(|e| Problem::file(path, &e)))
}

/// The same as [`write_whole`] for contents that `write` gives piece by piece.
///
/// # Errors
/// `file-error`, naming the file; what `write` returns.
pub fn write_with(path: &Path, write: impl FnOnce(&mut dyn Write) -> Outcome<()>) -> Outcome<()> {
    put(path, Put::Instead, write)
}

/// The same as [`write_with`] for a file that must not be there yet, also not once it is written.
///
/// # Errors
/// `file-exists`, and those of [`write_with`].
pub fn write_new(path: &Path, write: impl FnOnce(&mut dyn Write) -> Outcome<()>) -> Outcome<()> {
    put(path, Put::New, write)
}

/// How a file takes its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Put {
    Instead,
    /// Only its owner may read it.
    PrivateInstead,
    New,
}

fn put(path: &Path, how: Put, write: impl FnOnce(&mut dyn Write) -> Outcome<()>) -> Outcome<()> {
    let failed = |e: io::Error| Problem::file(path, &e);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A part of a long name will do, because file systems know no names over 255 bytes.
    let name: String = path.file_name().unwrap_or_default().to_string_lossy().chars().take(40).collect();
    let prefix = format!("{PART}{name}-");
    remove_abandoned(folder, &prefix);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix);
    // A temporary file is its owner's alone unless it is given other rights; the user's mask still takes some away.
    #[cfg(unix)]
    if how != Put::PrivateInstead {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    mark_as_under_way(file.as_file());
    let mut buffered = BufWriter::with_capacity(1 << 20, file.as_file_mut());
    write(&mut buffered)?;
    buffered.flush().map_err(failed)?;
    drop(buffered);
    file.as_file().sync_all().map_err(failed)?;
    match how {
        Put::New => file.persist_noclobber(path).map_err(|e| match e.error.kind() {
            io::ErrorKind::AlreadyExists => Problem::new("file-exists").with("file", path.display()),
            _ => failed(e.error),
        })?,
        Put::Instead | Put::PrivateInstead => file.persist(path).map_err(|e| failed(e.error))?,
    };
    // The folder is synced so that the new name outlasts a power cut, too; some file systems do that by themselves.
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder) {
        folder.sync_all().ok();
    }
    Ok(())
}

/// Whether a file of this name is one on its way. A program that goes down leaves it behind.
pub fn is_part(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with(PART)
}

/// Removes what programs left in a folder that went down while they wrote there. It is for folders in which no other
/// program writes now.
pub fn remove_parts(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| is_part(&entry.file_name())) {
        if let Err(e) = fs::remove_file(entry.path()) {
            log::warn!("{}: {e}", entry.path().display());
        }
    }
}

/// Tells whoever comes later that this program is still writing the file, by a lock. Some network drives have none.
pub fn mark_as_under_way(file: &File) {
    if cfg!(unix)
        && let Err(e) = file.try_lock()
    {
        log::debug!("a file on its way: {e}");
    }
}

/// Removes files whose names begin so and that programs left behind which were killed while they wrote them: see
/// [`mark_as_under_way`].
pub fn remove_abandoned(folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_part = entry.file_name().to_string_lossy().starts_with(prefix);
        if cfg!(unix) && is_part && File::open(entry.path()).is_ok_and(|part| part.try_lock().is_ok()) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

/// Free bytes on the file system that `path` lies on, or would lie on once it is made; `None` when the system does not
/// tell. The file system itself is asked, because lists of disks leave out those that live in memory.
pub fn free_bytes(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find_map(|path| fs::canonicalize(path).ok())?;
    #[cfg(unix)]
    return nix::sys::statvfs::statvfs(&existing).ok().map(available);
    #[cfg(not(unix))]
    {
        let disks = sysinfo::Disks::new_with_refreshed_list().ok()?;
        let holding = disks.iter().filter(|disk| existing.starts_with(disk.mount_point()));
        holding.max_by_key(|disk| disk.mount_point().as_os_str().len()).map(sysinfo::Disk::available_space)
    }
}

/// Free bytes on the file system of an open file, which may have no name any more.
#[cfg(unix)]
pub fn free_bytes_of(file: &File) -> Option<u64> {
    nix::sys::statvfs::fstatvfs(file).ok().map(available)
}

/// Free bytes on the file system of an open file. Here only paths can be asked about: it is that of temporary files.
#[cfg(not(unix))]
pub fn free_bytes_of(_file: &File) -> Option<u64> {
    free_bytes(&std::env::temp_dir())
}

#[cfg(unix)]
#[allow(clippy::unnecessary_cast, reason = "both numbers are narrower on some systems")]
fn available(found: nix::sys::statvfs::Statvfs) -> u64 {
    found.blocks_available() as u64 * found.fragment_size() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_whole_or_as_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        write_whole(&path, b"first").unwrap();
        let broken = write_with(&path, |file| {
            file.write_all(b"half").map_err(Problem::internal)?;
            Err(Problem::new("file-error"))
        });
        assert_eq!(broken.unwrap_err().id, "file-error");
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no part of the second is left");
    }

    /// A killed program's part goes with the next write of the same file; that of one which still writes does not.
    #[cfg(unix)]
    #[test]
    fn what_a_killed_program_was_writing_goes_and_what_another_writes_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("model.safetensors");
        let part = |name: &str| dir.path().join(format!("{PART}{name}"));
        for name in ["model.safetensors-dead", "model.safetensors-alive", "metrics.json-dead"] {
            fs::write(part(name), "half").unwrap();
        }
        let alive = File::open(part("model.safetensors-alive")).unwrap();
        mark_as_under_way(&alive);
        write_whole(&path, b"whole").unwrap();
        let has = |name: &str| part(name).exists();
        assert!(!has("model.safetensors-dead") && has("model.safetensors-alive") && has("metrics.json-dead"));
        remove_parts(dir.path());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let long = dir.path().join("n".repeat(250));
        write_whole(&long, b"whole").unwrap();
        assert!(long.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (private, public) = (dir.path().join("token"), dir.path().join("file"));
        write_private(&private, b"secret").unwrap();
        write_whole(&public, b"text").unwrap();
        assert_eq!(mode(&private), 0o600);
        assert_ne!(mode(&public), 0o600);
    }

    /// Lists of disks leave out file systems in memory, so that the room of the disk under `/` was returned for them.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_in_memory_tells_its_own_room() {
        use nix::sys::statvfs::statvfs;
        let memory = Path::new("/dev/shm");
        // Some containers have no file system in memory.
        let Ok(found) = statvfs(memory) else { return };
        let in_memory = found.blocks() * found.fragment_size();
        let free = free_bytes(&memory.join("not/there/yet")).unwrap();
        assert!(free <= in_memory, "{free} B free of {in_memory} B");
        let file = tempfile::tempfile_in(memory).unwrap();
        assert!(free_bytes_of(&file).unwrap() <= in_memory);
    }
}
