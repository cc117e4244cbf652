//! Threads for work that takes time, so that the desk always answers. Each lane does one job after the other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{Sender, bounded, unbounded};

use crate::domain::problem::{Outcome, Problem};

type Job = Box<dyn FnOnce() + Send>;

/// One thread with its queue; it ends when the lane is dropped and its jobs are done.
#[derive(Debug)]
pub struct Lane {
    jobs: Sender<Job>,
    /// The number of the newest turn.
    newest: Arc<AtomicU64>,
}

impl Lane {
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn open(name: &str) -> Outcome<Self> {
        let (jobs, queue) = unbounded::<Job>();
        let work = move || {
            for job in queue {
                if let Err(panic) = catch_unwind(AssertUnwindSafe(job)) {
                    log::error!("a job panicked: {}", message(&*panic));
                }
            }
        };
        thread::Builder::new().name(format!("thaw-{name}")).spawn(work).map_err(Problem::internal)?;
        Ok(Self { jobs, newest: Arc::default() })
    }

    pub fn push(&self, job: impl FnOnce() + Send + 'static) {
        if self.jobs.send(Box::new(job)).is_err() {
            log::error!("a worker thread is gone");
        }
    }

    /// Takes the next turn: those before it are no longer the newest.
    pub fn next_turn(&self) -> Turn {
        Turn { newest: Arc::clone(&self.newest), own: self.newest.fetch_add(1, Ordering::AcqRel) + 1 }
    }

    /// Waits until the jobs that it has are done.
    pub fn finish(&self) {
        let (last, done) = bounded::<()>(0);
        self.push(move || drop(last));
        // Nothing is sent: the last job disconnects the channel.
        done.recv().ok();
    }
}

/// The lanes of all work. Each kind has its own, so that slow work holds up only its own kind.
#[derive(Debug)]
pub struct Lanes {
    pub data: Lane,
    pub model: Lane,
    pub tokens: Lane,
    pub reference: Lane,
    pub calibration: Lane,
    /// Questions that are answered at once: values in memory and small files.
    pub quick: Lane,
    pub predictions: Lane,
    /// Explanations, of which those that no one waits for any more are ended.
    pub explanations: Lane,
    /// Folders that a file dialog shows may lie on a slow disk or network.
    pub folders: Lane,
    /// Folders of runs are listed, read, renamed and deleted one after the other, so that a list shows what was done.
    pub runs: Lane,
    /// Gigabytes that are copied, hashed or computed with.
    pub long: Lane,
    /// Rows are selected and ordered here while others are computed.
    pub selections: Lane,
    /// The self-test of `thaw doctor`.
    pub self_test: Lane,
    pub search: Lane,
    /// The Hub cache's list, deletions and the token's file are quick, but lie on a disk.
    pub cache: Lane,
    /// Downloads go one after the other: two at once would only share the line.
    pub pull: Lane,
    /// The run, race or sweep under way.
    pub training: Lane,
}

impl Lanes {
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn open() -> Outcome<Self> {
        Ok(Self {
            data: Lane::open("data")?,
            model: Lane::open("model")?,
            tokens: Lane::open("tokens")?,
            reference: Lane::open("reference")?,
            calibration: Lane::open("calibration")?,
            quick: Lane::open("quick")?,
            predictions: Lane::open("predictions")?,
            explanations: Lane::open("explanations")?,
            folders: Lane::open("folders")?,
            runs: Lane::open("runs")?,
            long: Lane::open("long")?,
            selections: Lane::open("selections")?,
            self_test: Lane::open("self-test")?,
            search: Lane::open("search")?,
            cache: Lane::open("cache")?,
            pull: Lane::open("pull")?,
            training: Lane::open("run")?,
        })
    }
}

/// The place of one question among those of a lane of which only the newest is answered.
#[derive(Clone, Debug)]
pub struct Turn {
    newest: Arc<AtomicU64>,
    own: u64,
}

impl Turn {
    pub fn is_newest(&self) -> bool {
        self.newest.load(Ordering::Acquire) == self.own
    }
}

/// Locks what is whole at every moment, so that a panic elsewhere does it no harm.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does the work; a panic in it becomes a problem.
///
/// # Errors
/// Those of the work; `internal-error` with the message of its panic.
pub fn guarded<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Problem::internal(message(&*panic))))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("panic")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_problem_and_the_lane_goes_on() {
        let problem = guarded::<()>(|| panic!("row {}", 7)).unwrap_err();
        assert_eq!((problem.id.as_ref(), problem.args[0].1.to_string().as_str()), ("internal-error", "row 7"));

        let lane = Lane::open("test").unwrap();
        let (done, heard) = crossbeam_channel::bounded(1);
        lane.push(|| panic!("one job"));
        lane.push(move || done.send(2).unwrap());
        assert_eq!(heard.recv(), Ok(2));
    }
}
