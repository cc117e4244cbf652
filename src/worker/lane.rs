//! Threads for work that takes time, so that the desk always answers. Each lane does one job after the other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Sender, unbounded};

use crate::domain::problem::{Outcome, Problem};

type Job = Box<dyn FnOnce() + Send>;

/// One thread with its queue; it ends when the lane is dropped and its jobs are done.
#[derive(Debug)]
pub struct Lane {
    jobs: Sender<Job>,
}

impl Lane {
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn open(name: &str) -> Outcome<Self> {
        let (jobs, queue) = unbounded::<Job>();
        let work = move || {
            for job in queue {
                if let Err(problem) = guarded(|| {
                    job();
                    Ok(())
                }) {
                    log::error!("{problem}");
                }
            }
        };
        thread::Builder::new().name(format!("thaw-{name}")).spawn(work).map_err(Problem::internal)?;
        Ok(Self { jobs })
    }

    pub fn push(&self, job: impl FnOnce() + Send + 'static) {
        if self.jobs.send(Box::new(job)).is_err() {
            log::error!("a worker thread is gone");
        }
    }
}

/// The lanes of questions. Each kind of work has its own, so that a slow question holds up only its own kind.
#[derive(Debug)]
pub struct Lanes {
    pub data: Lane,
    pub model: Lane,
    pub tokens: Lane,
    pub calibration: Lane,
    /// Questions that are answered at once: values in memory and small files.
    pub quick: Lane,
    pub predictions: Lane,
    /// Folders of runs are listed, read, renamed and deleted one after the other, so that a list shows what was done.
    pub runs: Lane,
    /// Gigabytes that are copied, hashed or computed with.
    pub long: Lane,
}

impl Lanes {
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn open() -> Outcome<Self> {
        Ok(Self {
            data: Lane::open("data")?,
            model: Lane::open("model")?,
            tokens: Lane::open("tokens")?,
            calibration: Lane::open("calibration")?,
            quick: Lane::open("quick")?,
            predictions: Lane::open("predictions")?,
            runs: Lane::open("runs")?,
            long: Lane::open("long")?,
        })
    }
}

/// Counts the questions of a kind of which only the newest is answered.
#[derive(Debug, Default)]
pub struct Turns(Arc<AtomicU64>);

/// The place of one question among those of its kind.
#[derive(Clone, Debug)]
pub struct Turn {
    newest: Arc<AtomicU64>,
    own: u64,
}

impl Turns {
    /// A newer question: those before it are no longer the newest.
    pub fn next(&self) -> Turn {
        Turn { newest: Arc::clone(&self.0), own: self.0.fetch_add(1, Ordering::AcqRel) + 1 }
    }
}

impl Turn {
    pub fn is_newest(&self) -> bool {
        self.newest.load(Ordering::Acquire) == self.own
    }
}

/// Does the work; a panic in it becomes a problem.
///
/// # Errors
/// Those of the work; `internal-error` with the message of its panic.
pub fn guarded<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Problem::internal(message(&*panic))))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
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
