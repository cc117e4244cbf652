//! The reference lines of the data at hand are fitted on a thread of their own, once for each split, while a run trains or
//! while there is nothing else to do.

use std::sync::{Arc, Mutex, Weak};

use crossbeam_channel::{Receiver, bounded};

use crate::domain::config::DataConfig;
use crate::domain::message::Notice;
use crate::domain::problem::Outcome;
use crate::domain::reference::Reference;
use crate::train::reference::fit;

use super::lane::{guarded, lock};
use super::session::OpenData;
use super::shared::Shared;

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

fn find_or_fit(references: &References, data: &OpenData, is_wanted: &Weak<()>) -> Outcome<Option<Reference>> {
    let key = (data.config.clone(), data.dataset.summary.content_hash);
    let known = lock(references).iter().find(|(of, _)| *of == key).map(|(_, reference)| reference.clone());
    if known.is_some() {
        return Ok(known);
    }
    let fitted = fit(&data.dataset, &|| is_wanted.strong_count() == 0)?;
    if let Some(reference) = &fitted {
        let mut references = lock(references);
        if references.len() == REMEMBERED {
            references.remove(0);
        }
        references.push((key, reference.clone()));
    }
    Ok(fitted)
}
