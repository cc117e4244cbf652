//! The lock of a run's folder, which tells other programs that the run is under way.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::domain::problem::{Outcome, Problem};

/// The name of the file that is locked.
pub const LOCK: &str = "running.lock";
/// A program that only looks whether the lock is taken holds it for a moment, or longer on a busy machine. For this
/// long the lock is tried again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Held by the program that trains a run. The system lets go of it when the program goes down, however it does.
#[derive(Debug)]
pub struct RunLock {
    path: PathBuf,
    file: Option<File>,
}

impl RunLock {
    /// Takes the lock of a run's folder.
    ///
    /// # Errors
    /// `run-in-use` while another program holds it; `file-error`.
    pub fn take(dir: &Path) -> Outcome<Self> {
        let path = dir.join(LOCK);
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let file = open(&path).map_err(|e| Problem::file(&path, &e))?;
            if !lock(&file, &path).ok_or_else(|| Problem::new("run-in-use").with("folder", dir.display()))? {
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            // The holder before may have removed the file after it was opened here; whoever comes next would then make
            // and lock a new one.
            if is_in_place(&file, &path) {
                return Ok(Self { path, file: Some(file) });
            }
        }
        Err(Problem::new("run-in-use").with("folder", dir.display()))
    }

    /// Whether some program trains the run now.
    pub fn is_taken(dir: &Path) -> bool {
        let file = File::open(dir.join(LOCK));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// Whether the lock is still the one of the folder. It is not once someone has removed or renamed the folder.
    pub fn is_in_place(&self) -> bool {
        self.file.as_ref().is_some_and(|file| is_in_place(file, &self.path))
    }
}

impl Drop for RunLock {
    /// Removes the file such that no one can lock it any more once another could be made in its place.
    fn drop(&mut self) {
        // Another program may have made and locked a new file where the folder was removed meanwhile.
        if !self.is_in_place() {
            return;
        }
        // Windows removes no file that is open; elsewhere the file goes while it is still locked.
        if cfg!(windows) {
            self.file = None;
        }
        fs::remove_file(&self.path).ok();
    }
}

fn open(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    // FILE_SHARE_READ | FILE_SHARE_WRITE, without FILE_SHARE_DELETE: no one removes the file while someone has it open.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 3);
    options.open(path)
}

/// Tries to lock the file, and returns whether it is locked now. It is not when someone looks at the lock at this very moment.
/// `None` means that another program holds it.
fn lock(file: &File, path: &Path) -> Option<bool> {
    match file.try_lock() {
        Ok(()) => Some(true),
        // Some network drives know no locks; a run must not fail for that.
        Err(TryLockError::Error(e)) => {
            log::warn!("{}: {e}", path.display());
            Some(true)
        }
        Err(TryLockError::WouldBlock) => file.try_lock_shared().is_ok().then_some(false),
    }
}

/// Whether the path still names the open file.
#[cfg(unix)]
pub fn is_in_place(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |metadata: std::io::Result<fs::Metadata>| metadata.ok().map(|m| (m.dev(), m.ino()));
    id(file.metadata()).is_some_and(|own| id(fs::metadata(path)) == Some(own))
}

#[cfg(not(unix))]
pub fn is_in_place(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;

    /// One that opened the file before its holder let go may lock it, but it is no longer the file of the folder.
    #[cfg(unix)]
    #[test]
    fn a_file_that_was_removed_meanwhile_is_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(LOCK);
        let first = RunLock::take(dir.path()).unwrap();
        let late = open(&path).unwrap();
        assert_eq!(lock(&late, &path), None);
        drop(first);
        assert_eq!((lock(&late, &path), is_in_place(&late, &path)), (Some(true), false));
        let second = RunLock::take(dir.path()).unwrap();
        assert!(!is_in_place(&late, &path) && is_in_place(second.file.as_ref().unwrap(), &path));
    }

    #[test]
    fn no_two_hold_it_at_once_however_they_hurry() {
        let dir = tempfile::tempdir().unwrap();
        let holders = AtomicUsize::new(0);
        let hurry = || {
            for _ in 0..2000 {
                match RunLock::take(dir.path()) {
                    Ok(lock) => {
                        assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "another holds it too");
                        std::thread::yield_now();
                        holders.fetch_sub(1, Ordering::SeqCst);
                        drop(lock);
                    }
                    Err(problem) => assert_eq!(problem.id, "run-in-use"),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(hurry);
            }
        });
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left");
    }

    #[test]
    fn looking_whether_it_is_taken_keeps_no_one_from_it() {
        let dir = tempfile::tempdir().unwrap();
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    RunLock::is_taken(dir.path());
                }
            });
            let taken = (0..500).map(|_| RunLock::take(dir.path()).map(drop)).collect::<Outcome<Vec<()>>>();
            is_over.store(true, Ordering::SeqCst);
            assert_eq!(taken.map(|all| all.len()), Ok(500));
        });
        let _lock = RunLock::take(dir.path()).unwrap();
        assert!(RunLock::is_taken(dir.path()));
        assert_eq!(RunLock::take(dir.path()).unwrap_err().id, "run-in-use");
    }
}
