//! A file on its way into the cache. It gets its name there only when its hash is right.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::Cancel;
use super::cache::Repo;
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::free_bytes;

/// A file is read in pieces of this many bytes.
pub const CHUNK_BYTES: usize = 1 << 20;

/// The hash that the Hub names a file's content by, in hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hash {
    /// The SHA-256 of the bytes of a file in large file storage.
    Sha256(String),
    /// Git's name for any other file: the SHA-1 of `blob LENGTH\0` and its bytes.
    Git(String),
}

impl Hash {
    /// The hexadecimal digits.
    pub fn hex(&self) -> &str {
        match self {
            Self::Sha256(hex) | Self::Git(hex) => hex,
        }
    }
}

/// Computes a [`Hash`] piece by piece.
pub enum Hasher {
    Sha256(Box<Sha256>),
    Git(Box<Sha1>),
}

impl Hasher {
    /// Begins a SHA-256.
    pub fn sha256() -> Self {
        Self::Sha256(Box::default())
    }

    /// Begins the hash of a file with so many bytes.
    pub fn git(bytes: u64) -> Self {
        let mut hasher = Sha1::new();
        hasher.update(format!("blob {bytes}\0"));
        Self::Git(Box::new(hasher))
    }

    fn like(hash: &Hash, bytes: u64) -> Self {
        match hash {
            Hash::Sha256(_) => Self::sha256(),
            Hash::Git(_) => Self::git(bytes),
        }
    }

    /// Adds the next bytes of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Git(hasher) => hasher.update(bytes),
        }
    }

    /// The hexadecimal digits of the hash.
    pub fn hex(self) -> String {
        match self {
            Self::Sha256(hasher) => hex(&hasher.finalize()),
            Self::Git(hasher) => hex(&hasher.finalize()),
        }
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file of a model, as the Hub describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteFile {
    pub name: String,
    pub bytes: u64,
    pub hash: Hash,
}

/// The part of a file that is on disk already, open for more.
pub struct Partial {
    path: PathBuf,
    blob: PathBuf,
    file: File,
    hash: Hash,
    bytes: u64,
    hasher: Hasher,
    done: u64,
    /// Keeps other programs from downloading the same file. Python takes the same lock.
    _lock: File,
}

impl Partial {
    /// Opens what an earlier try left of a file, or begins it.
    ///
    /// # Errors
    /// `hub-busy` when another program downloads the file; `hub-disk-full`, `file-error`.
    pub fn open(repo: &Repo, remote: &RemoteFile, cancel: &Cancel) -> Outcome<Self> {
        let blob = repo.blob(remote.hash.hex());
        let lock = lock(&repo.lock(remote.hash.hex()), &remote.name)?;
        let path = blob.with_file_name(format!("{}.incomplete", remote.hash.hex()));
        let failed = |e: std::io::Error| disk_problem(&path, &e);
        fs::create_dir_all(path.parent().unwrap_or(&repo.dir)).map_err(failed)?;
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path).map_err(failed)?;
        let hasher = Hasher::like(&remote.hash, remote.bytes);
        let (hash, bytes) = (remote.hash.clone(), remote.bytes);
        let mut partial = Self { path, blob, file, hash, bytes, hasher, done: 0, _lock: lock };
        partial.read_beginning(cancel)?;
        Ok(partial)
    }

    /// Hashes the part that is on disk.
    fn read_beginning(&mut self, cancel: &Cancel) -> Outcome<()> {
        let mut chunk = vec![0; CHUNK_BYTES];
        while !cancel.is_cancelled() && self.done <= self.bytes {
            let n = self.file.read(&mut chunk).map_err(|e| Problem::file(&self.path, &e))?;
            if n == 0 {
                break;
            }
            self.hasher.update(&chunk[..n]);
            self.done += n as u64;
        }
        if self.done > self.bytes { self.restart() } else { Ok(()) }
    }

    /// How many bytes of the file are there.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Whether all bytes of the file are there.
    pub fn is_full(&self) -> bool {
        self.done == self.bytes
    }

    /// Begins the file anew.
    ///
    /// # Errors
    /// `file-error`.
    pub fn restart(&mut self) -> Outcome<()> {
        self.file.set_len(0).map_err(|e| Problem::file(&self.path, &e))?;
        self.hasher = Hasher::like(&self.hash, self.bytes);
        self.done = 0;
        Ok(())
    }

    /// Adds the next bytes. Returns `false`, and adds nothing, when they are more than the file has.
    ///
    /// # Errors
    /// `hub-disk-full`, `file-error`.
    pub fn write(&mut self, chunk: &[u8]) -> Outcome<bool> {
        if self.done + chunk.len() as u64 > self.bytes {
            return Ok(false);
        }
        self.file.write_all(chunk).map_err(|e| disk_problem(&self.path, &e))?;
        self.hasher.update(chunk);
        self.done += chunk.len() as u64;
        Ok(true)
    }

    /// Gives the whole file its name when its hash is right. Otherwise it begins the file anew and returns `false`.
    ///
    /// # Errors
    /// `hub-disk-full`, `file-error`.
    pub fn finish(&mut self) -> Outcome<bool> {
        let found = std::mem::replace(&mut self.hasher, Hasher::sha256()).hex();
        if found != self.hash.hex() {
            log::warn!("{}: hash {found}", self.path.display());
            self.restart()?;
            return Ok(false);
        }
        self.file.sync_all().map_err(|e| disk_problem(&self.path, &e))?;
        fs::rename(&self.path, &self.blob).map_err(|e| Problem::file(&self.blob, &e))?;
        Ok(true)
    }

    /// Removes the file.
    pub fn discard(self) {
        fs::remove_file(&self.path).ok();
    }
}

/// Locks the file that stands for the download of the file `name`.
fn lock(path: &Path, name: &str) -> Outcome<File> {
    let failed = |e: std::io::Error| disk_problem(path, &e);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Problem::new("hub-busy").with("file", name)),
        // Some network drives have no locks, and the download works without one.
        Err(TryLockError::Error(e)) if e.kind() == ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(e)) => Err(failed(e)),
    }
}

/// Refuses a download for which the disk has no room.
///
/// # Errors
/// `hub-disk-too-small`.
pub fn check_room(folder: &Path, needed_bytes: u64) -> Outcome<()> {
    match free_bytes(folder) {
        Some(free) if free < needed_bytes => Err(Problem::new("hub-disk-too-small")
            .with("folder", folder.display())
            .with_count("needed_mb", needed_bytes.div_ceil(1_000_000))
            .with_count("free_mb", free / 1_000_000)),
        _ => Ok(()),
    }
}

/// The problem that an error while writing into the cache is; a full disk has one of its own.
pub fn disk_problem(path: &Path, error: &std::io::Error) -> Problem {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Problem::new("hub-disk-full").with("folder", path.parent().unwrap_or(path).display())
        }
        _ => Problem::file(path, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_gits_and_sha256() {
        let hex = |mut hasher: Hasher| {
            hasher.update(b"hello\n");
            hasher.hex()
        };
        // `printf 'hello\n' | git hash-object --stdin`, `printf 'hello\n' | sha256sum`
        assert_eq!(hex(Hasher::git(6)), "ce013625030ba8dba906f756967f9e9ca394464a");
        assert_eq!(hex(Hasher::sha256()), "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
    }

    #[test]
    fn a_full_disk_is_told_as_such() {
        let full = |kind| disk_problem(Path::new("/cache/blobs/a"), &std::io::Error::from(kind)).id;
        assert_eq!(full(ErrorKind::StorageFull), "hub-disk-full");
        assert_eq!(full(ErrorKind::QuotaExceeded), "hub-disk-full");
        assert_eq!(full(ErrorKind::PermissionDenied), "file-error");
        let dir = tempfile::tempdir().unwrap();
        let nested = dir.path().join("not/there/yet");
        assert_eq!(check_room(&nested, 1), Ok(()));
        assert_eq!(check_room(&nested, u64::MAX).unwrap_err().id, "hub-disk-too-small");
    }

    #[test]
    fn what_is_fetched_already_by_another_program_is_left_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let repo = super::super::cache::Cache::new(dir.path()).repo("a/b");
        let remote = RemoteFile {
            name: "f".into(),
            bytes: 6,
            hash: Hash::Git("ce013625030ba8dba906f756967f9e9ca394464a".into()),
        };
        let mut first = Partial::open(&repo, &remote, &Cancel::default()).unwrap();
        assert_eq!(Partial::open(&repo, &remote, &Cancel::default()).err().unwrap().id, "hub-busy");
        assert_eq!(first.write(b"hel"), Ok(true));
        drop(first);
        let mut second = Partial::open(&repo, &remote, &Cancel::default()).unwrap();
        assert_eq!(second.done(), 3);
        assert_eq!(second.write(b"lo\n\n"), Ok(false));
        assert_eq!(second.write(b"lo\n"), Ok(true));
        assert_eq!(second.finish(), Ok(true));
        assert_eq!(fs::read(repo.blob(remote.hash.hex())).unwrap(), b"hello\n");
    }
}
