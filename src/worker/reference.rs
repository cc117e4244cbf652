//! The reference lines of the data at hand are fitted on a thread of their own, once for each split, while a run trains or
//! while there is nothing else to do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, bounded};

use crate::domain::config::DataConfig;
use crate::domain::message::Notice;
use crate::domain::problem::Outcome;
use crate::domain::reference::Reference;
use crate::train::reference::fit;

use super::lane::{Lane, guarded};
use super::session::OpenData;
use super::shared::Shared;

/// The session remembers this many references, because the runs of a ladder differ in their training rows.
const REMEMBERED: usize = 32;

/// See the module.
pub struct References {
    lane: Lane,
    known: Mutex<Vec<Known>>,
}

struct Known {
    config: DataConfig,
    fingerprint: u64,
    reference: Reference,
}

/// A fit under way. Dropping it cancels the fit.
pub struct Fitting {
    result: Receiver<Outcome<Option<Reference>>>,
    cancel: Arc<AtomicBool>,
}

impl Fitting {
    /// Receives the reference, `None` where the fit was cancelled.
    pub fn result(&self) -> &Receiver<Outcome<Option<Reference>>> {
        &self.result
    }
}

impl Drop for Fitting {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::Release);
    }
}

impl References {
    /// # Errors
    /// `internal-error` when the system gives no more threads.
    pub fn new() -> Outcome<Self> {
        Ok(Self { lane: Lane::open("reference")?, known: Mutex::default() })
    }

    /// Begins to fit the reference of the data, or takes the one that is known, and sends it to the face once it is there.
    pub fn begin(shared: &Arc<Shared>, data: &Arc<OpenData>) -> Fitting {
        let (done, result) = bounded(1);
        let cancel = Arc::new(AtomicBool::new(false));
        let fitting = Fitting { result, cancel: Arc::clone(&cancel) };
        let (asked, data) = (Arc::clone(shared), Arc::clone(data));
        shared.references.lane.push(move || {
            let reference = guarded(|| asked.references.of(&data, &|| cancel.load(Ordering::Acquire)));
            if let Ok(Some(reference)) = &reference {
                asked.notify(Notice::Reference {
                    data: Box::new(data.config.clone()),
                    reference: Box::new(reference.clone()),
                });
            }
            drop(done.send(reference));
        });
        fitting
    }

    fn of(&self, data: &OpenData, is_cancelled: &dyn Fn() -> bool) -> Outcome<Option<Reference>> {
        let (config, fingerprint) = (&data.config, data.dataset.summary.content_hash);
        let same = |known: &&Known| known.fingerprint == fingerprint && known.config == *config;
        let known = self.known().iter().find(same).map(|known| known.reference.clone());
        if known.is_some() {
            return Ok(known);
        }
        let fitted = fit(&data.dataset, is_cancelled)?;
        if let Some(reference) = &fitted {
            let mut known = self.known();
            if known.len() == REMEMBERED {
                known.remove(0);
            }
            known.push(Known { config: config.clone(), fingerprint, reference: reference.clone() });
        }
        Ok(fitted)
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
