//! Threads for work that takes time, one job after the other, so that the desk always answers.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
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

/// Does the work; a panic in it becomes a problem.
///
/// # Errors
/// What the work says; `internal-error` with the panic's message.
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
