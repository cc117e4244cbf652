//! Explanations of predictions. They are kept by model and text, and those of a text that no one looks at any more are ended.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use crate::domain::config::ClassifierSource;
use crate::domain::explanation::{AttentionMap, Depth, Explanation};
use crate::domain::interrupt::Interrupt;
use crate::domain::message::RowTexts;
use crate::domain::problem::Outcome;
use crate::explain::explanation::{Deepening, Explainer};

use super::lane::lock;
use super::questions::ready_model;
use super::session::ReadyModel;
use super::shared::Shared;

/// So many explanations are kept.
const MOST_KEPT: usize = 32;
/// The explanations that were made last, and which text is looked at now.
#[derive(Default)]
pub struct Explanations {
    kept: Mutex<Vec<Kept>>,
    asked: Mutex<RowTexts>,
    /// Counts the texts that were looked at.
    number: Arc<AtomicU64>,
}

struct Kept {
    /// It does not stay in memory for its explanations.
    model: Weak<ReadyModel>,
    texts: RowTexts,
    found: Deepening,
}

impl Explanations {
    /// Notes that these texts are looked at from now on, and returns what says whether they still are. The same texts may be
    /// asked of several models.
    pub fn look_at(&self, texts: &RowTexts) -> impl Fn() -> bool + Clone + Send + Sync + use<> {
        let mut asked = lock(&self.asked);
        if *asked != *texts {
            asked.clone_from(texts);
            self.number.fetch_add(1, Ordering::AcqRel);
        }
        let (number, own) = (Arc::clone(&self.number), self.number.load(Ordering::Acquire));
        move || number.load(Ordering::Acquire) == own
    }

    /// Returns what is known of a text, however deep it goes.
    fn find(&self, model: &Arc<ReadyModel>, texts: &RowTexts) -> Option<Deepening> {
        let kept = lock(&self.kept);
        let is_it = |kept: &&Kept| kept.model.ptr_eq(&Arc::downgrade(model)) && kept.texts == *texts;
        kept.iter().rev().find(is_it).map(|kept| kept.found.clone())
    }

    fn keep(&self, model: &Arc<ReadyModel>, texts: &RowTexts, found: &Deepening) {
        let mut kept = lock(&self.kept);
        kept.retain(|kept| {
            let is_it = kept.model.ptr_eq(&Arc::downgrade(model)) && kept.texts == *texts;
            kept.model.strong_count() > 0 && !is_it
        });
        let surplus = (kept.len() + 1).saturating_sub(MOST_KEPT);
        kept.drain(..surplus);
        kept.push(Kept { model: Arc::downgrade(model), texts: texts.clone(), found: found.clone() });
    }
}

/// Explains what a model, or that of the last run with `None`, predicts for a row. `None` once `is_wanted` says no.
///
/// # Errors
/// Those of [`ready_model`].
pub fn explain(
    shared: &Arc<Shared>,
    texts: &RowTexts,
    model: Option<&ClassifierSource>,
    depth: Depth,
    is_wanted: impl Fn() -> bool + Send + Sync + 'static,
) -> Outcome<Option<Explanation>> {
    if !is_wanted() {
        return Ok(None);
    }
    let model = ready_model(shared, model, std::slice::from_ref(texts))?;
    let known = shared.explanations.find(&model, texts);
    if let Some(known) = known.as_ref().filter(|known| known.explanation.depth >= depth) {
        return Ok(Some(known.explanation.clone()));
    }
    let gone = Arc::clone(shared);
    let interrupt = Interrupt::new(move || gone.sink.is_gone() || !is_wanted());
    let classifier = model.classifier.frozen()?.interruptible(interrupt.clone());
    let (tokeniser, max_length) = (&model.tokeniser, model.max_length);
    let explainer = Explainer { classifier: &classifier, tokeniser, max_length };
    match shared.pool()?.install(|| explainer.deepen(known, texts, depth)) {
        Err(_) if interrupt.has_ended() => Ok(None),
        found => {
            let found = found?;
            shared.explanations.keep(&model, texts, &found);
            Ok(Some(found.explanation))
        }
    }
}

/// Returns where the heads of one layer look.
///
/// # Errors
/// Those of [`ready_model`]; `internal-error` when there is no such layer.
pub fn attention(
    shared: &Arc<Shared>,
    texts: &RowTexts,
    model: Option<&ClassifierSource>,
    layer: usize,
) -> Outcome<AttentionMap> {
    let model = ready_model(shared, model, std::slice::from_ref(texts))?;
    let (tokeniser, max_length) = (&model.tokeniser, model.max_length);
    let explainer = Explainer { classifier: &model.classifier, tokeniser, max_length };
    shared.pool()?.install(|| explainer.attention(texts, layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_looked_at_until_another_one_is() {
        let explanations = Explanations::default();
        let first = explanations.look_at(&"a fine film".into());
        let of_other_model = explanations.look_at(&"a fine film".into());
        assert!(first() && of_other_model());
        let second = explanations.look_at(&"a dull film".into());
        assert!(second() && !first() && !of_other_model());
    }
}
