//! The first token's vector of each text after each layer of two models, from one pass.

use std::sync::Arc;

use crate::data::batch::Batch;
use crate::data::tokens::TokenStore;
use crate::domain::message::{Progress, RunNotice, RunObserver, Task};
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::train::probe::Features;

use super::super::batches::{Watch, for_each_batch};

/// The model that a run grew from, and the run's.
#[derive(Clone, Copy)]
pub struct Models<'a> {
    pub before: Option<&'a Classifier>,
    pub after: &'a Classifier,
}

/// The vectors that the models make of some rows, in the order of the rows.
#[derive(Clone, Debug, Default)]
pub struct Vectors {
    /// There is one for each layer from the lowest, `[rows, hidden]`. Layers that are the same on both sides have the same
    /// features.
    pub before: Option<Vec<Arc<Features>>>,
    pub after: Vec<Arc<Features>>,
    /// So many of the lowest layers are the same before and after.
    pub unchanged: usize,
}

impl Vectors {
    /// Both sides of a layer, counted from 0; the first is that before fine-tuning.
    pub fn layer(&self, layer: usize) -> (Option<&Arc<Features>>, &Arc<Features>) {
        (self.before.as_ref().map(|before| &before[layer]), &self.after[layer])
    }
}

/// One side's values, row by row of each layer.
struct Side {
    layers: Vec<Vec<f32>>,
    width: usize,
}

impl Side {
    fn new(layers: usize, rows: usize, width: usize) -> Self {
        Self { layers: vec![vec![0.0; rows * width]; layers], width }
    }

    fn take(&mut self, layer: usize, places: &[usize], firsts: &[f32]) {
        for (place, first) in places.iter().zip(firsts.chunks_exact(self.width)) {
            // A model that gives no numbers has no place on a map, but one that gives few of them does.
            let to = &mut self.layers[layer - 1][place * self.width..][..self.width];
            to.iter_mut().zip(first).for_each(|(to, x)| *to = if x.is_finite() { *x } else { 0.0 });
        }
    }

    fn features(self) -> impl Iterator<Item = Arc<Features>> {
        self.layers.into_iter().map(move |values| Arc::new(Features::new(self.width, values)))
    }
}

/// The vectors of some rows, of which `labels` are those of all rows of the data. Layers that both models have in common are
/// computed once. `None` where the observer asks to stop; `tell` hears how many rows are done.
///
/// # Errors
/// `internal-error` from candle, and for models of different shapes.
pub fn vectors(
    models: Models<'_>,
    tokens: &TokenStore,
    labels: &[u32],
    rows: &[u32],
    observer: &dyn RunObserver,
    (done_before, total): (usize, usize),
) -> Outcome<Option<Vectors>> {
    let interrupt = observer.interrupt();
    let after = models.after.interruptible(interrupt.clone());
    let before = models.before.map(|before| before.interruptible(interrupt.clone()));
    let facts = &after.tree().facts;
    let (layers, width) = (facts.layers, facts.hidden_size);
    let unchanged = before.as_ref().map_or(Ok(layers), |before| after.equal_layers(before))?;
    let mut sides = (Side::new(layers - unchanged, rows.len(), width), Side::new(layers, rows.len(), width));
    if before.is_none() {
        sides.0.layers.clear();
    }
    let tell = |done: usize| {
        let progress = Progress { task: Task::TextMap, done: done_before + done, total };
        observer.notify(RunNotice::Progress(progress));
    };
    let watch = Watch { observer, interrupt: &interrupt };
    let is_done = for_each_batch(tokens, labels, rows, watch, &tell, |batch, places| {
        through(&after, before.as_ref(), unchanged, batch, places, &mut sides)
    })?;
    if is_done.is_none() {
        return Ok(None);
    }
    let has_before = before.is_some();
    let after: Vec<Arc<Features>> = sides.1.features().collect();
    let before = has_before.then(|| after[..unchanged].iter().cloned().chain(sides.0.features()).collect());
    Ok(Some(Vectors { before, after, unchanged }))
}

/// Sends a batch through both models.
fn through(
    after: &Classifier,
    before: Option<&Classifier>,
    unchanged: usize,
    batch: &Batch,
    places: &[usize],
    (other, own): &mut (Side, Side),
) -> Outcome<()> {
    let layers = own.layers.len();
    let mut states = after.embedded(batch)?;
    let mut forked = None;
    for layer in 1..=layers {
        if layer == unchanged + 1 {
            forked = Some(states.clone());
        }
        states = after.after_layer(states, layer, batch)?;
        own.take(layer, places, &after.first_tokens(&states, layer, batch)?);
    }
    if let (Some(before), Some(forked)) = (before, forked) {
        // Nothing is shared where not even the embeddings are the same.
        let mut states = if unchanged == 0 { before.embedded(batch)? } else { forked };
        for layer in unchanged + 1..=layers {
            states = before.after_layer(states, layer, batch)?;
            other.take(layer - unchanged, places, &before.first_tokens(&states, layer, batch)?);
        }
    }
    Ok(())
}
