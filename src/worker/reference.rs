//! The reference lines of the data at hand are fitted on a thread of their own, once for each split, while a run trains or
//! while there is nothing else to do.

use std::sync::{Arc, Mutex, Weak};

use crossbeam_channel::{Receiver, bounded, select};

use crate::domain::config::DataConfig;
use crate::domain::message::{Notice, Progress, RunNotice, Task};
use crate::domain::problem::Outcome;
use crate::domain::reference::Reference;
use crate::train::reference::fit;

use super::lane::{guarded, lock};
use super::session::OpenData;
use super::shared::Shared;
use super::work::Work;

/// The session remembers this many references, because the runs of a ladder differ in their training rows.
const REMEMBERED: usize = 32;

/// What was fitted, by the data's configuration and fingerprint.
pub type References = Mutex<Vec<((DataConfig, u64), Reference)>>;

/// A fit under way. Dropping it cancels the fit.
pub struct Fitting {
    /// Receives the reference, `None` where the fit was cancelled.
    pub result: Receiver<Outcome<Option<Reference>>>,
    /// The fit goes on while this is there.
    _wanted: Arc<()>,
}

impl Fitting {
    /// Begins to fit the reference of the data, or takes the one that is known, and sends it to the face once it is there.
    pub fn begin(shared: &Arc<Shared>, data: &Arc<OpenData>) -> Self {
        let (done, result) = bounded(1);
        let wanted = Arc::new(());
        let is_wanted = Arc::downgrade(&wanted);
        let (asked, data) = (Arc::clone(shared), Arc::clone(data));
        shared.lanes.reference.push(move || {
            let reference = guarded(|| find_or_fit(&asked.references, &data, &is_wanted));
            if let Ok(Some(reference)) = &reference {
                asked.notify(Notice::Reference {
                    data: Box::new(data.config.clone()),
                    reference: Box::new(reference.clone()),
                });
            }
            drop(done.send(reference));
        });
        Self { result, _wanted: wanted }
    }
}

/// Fits the reference of the data where it is not known yet, and returns once that is done or Stop came.
pub fn fit_before(work: &Work, data: &Arc<OpenData>) {
    if known(&work.shared.references, data).is_some() {
        return;
    }
    work.notify(RunNotice::Progress(Progress { task: Task::Reference, done: 0, total: 1 }));
    let Fitting { result, _wanted } = Fitting::begin(&work.shared, data);
    select! {
        // Whatever comes of it is remembered, or else told when it is asked for again.
        recv(result) -> _ => {}
        recv(work.control.stopped) -> _ => {}
    }
}

fn key_of(data: &OpenData) -> (DataConfig, u64) {
    (data.config.clone(), data.dataset.summary.content_hash)
}

fn known(references: &References, data: &OpenData) -> Option<Reference> {
    let key = key_of(data);
    lock(references).iter().find(|(of, _)| *of == key).map(|(_, reference)| reference.clone())
}

fn find_or_fit(references: &References, data: &OpenData, is_wanted: &Weak<()>) -> Outcome<Option<Reference>> {
    let known = known(references, data);
    if known.is_some() {
        return Ok(known);
    }
    let fitted = fit(&data.dataset, &|| is_wanted.strong_count() == 0)?;
    if let Some(reference) = &fitted {
        let mut references = lock(references);
        if references.len() == REMEMBERED {
            references.remove(0);
        }
        references.push((key_of(data), reference.clone()));
    }
    Ok(fitted)
}
