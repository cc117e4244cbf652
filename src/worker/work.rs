//! What a run, a race and a sweep have in common: how each is steered, and where it tells what happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crossbeam_channel::{bounded, select};

use crate::domain::interrupt::Interrupt;
use crate::domain::message::{Progress, RunId, RunNotice, Task};
use crate::domain::problem::{Outcome, Problem};

use super::control::Control;
use super::lane::guarded;
use super::shared::Shared;

/// One run, race or sweep under way.
#[derive(Clone)]
pub struct Work {
    pub shared: Arc<Shared>,
    pub control: Arc<Control>,
    pub id: RunId,
}

impl Work {
    pub fn notify(&self, notice: RunNotice) {
        self.shared.notify_of_run(self.id, notice);
    }

    /// Does what can't be interrupted on a thread of its own, which is left behind when Stop comes first. Such a thread
    /// may only return something: what it wrote elsewhere would change the session after the stop.
    ///
    /// # Errors
    /// Those of the work.
    pub fn unless_stopped<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Outcome<T> + Send + 'static,
    ) -> Outcome<Option<T>> {
        let (done, result) = bounded(1);
        let work = move || drop(done.send(guarded(work)));
        thread::Builder::new().name("thaw-open".into()).spawn(work).map_err(Problem::internal)?;
        select! {
            recv(result) -> result => result.map_err(Problem::internal)?.map(Some),
            recv(self.control.stopped) -> _ => Ok(None),
        }
    }

    /// Stands still while the work is paused; then whether it should end.
    pub fn should_end(&self) -> bool {
        self.control.wait_while_paused(|is_paused| self.notify(RunNotice::Paused(is_paused)));
        self.control.is_stopped()
    }

    /// Asks the same between two layers of a network.
    pub fn interrupt(&self) -> Interrupt {
        let work = self.clone();
        Interrupt::new(move || work.should_end())
    }

    /// Tells the share of a task that is done. What a thread tells that was left behind by a stop is not heard.
    pub fn tells(&self, task: Task) -> impl Fn(f64) + Send + Sync + use<> {
        let work = self.clone();
        let told = AtomicUsize::new(usize::MAX);
        move |share| {
            let done = (share * 100.0) as usize;
            if told.swap(done, Ordering::Relaxed) != done && !work.control.is_stopped() {
                work.notify(RunNotice::Progress(Progress { task, done, total: 100 }));
            }
        }
    }

    /// Ends the work when no one hears of it any more.
    pub fn stop_if_unheard(&self) {
        if self.shared.sink.is_gone() {
            self.control.stop();
        }
    }
}
