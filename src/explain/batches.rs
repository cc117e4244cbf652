//! Whatever keeps what the layers make of every row goes through the rows in these batches.

use std::collections::HashMap;

use crate::data::batch::{Batch, sorted_by_length};
use crate::data::tokens::TokenStore;
use crate::domain::interrupt::Interrupt;
use crate::domain::message::RunObserver;
use crate::domain::problem::Outcome;
use crate::train::evaluate::batches;

/// The observer of the work, and the interrupt that ends a pass between two layers.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    pub observer: &'a dyn RunObserver,
    pub interrupt: &'a Interrupt,
}

/// Calls `pass` with each batch of some rows and with the places of its rows among them; `labels` are those of all rows of the
/// data. `tell` hears how many rows are done. The result is `None` where the observer asks to stop.
///
/// # Errors
/// Those of `pass`.
pub fn for_each_batch(
    tokens: &TokenStore,
    labels: &[u32],
    rows: &[u32],
    Watch { observer, interrupt }: Watch<'_>,
    tell: &dyn Fn(usize),
    mut pass: impl FnMut(&Batch, &[usize]) -> Outcome<()>,
) -> Outcome<Option<()>> {
    let place_of: HashMap<u32, usize> = rows.iter().copied().zip(0..).collect();
    let mut done = 0;
    tell(0);
    let order = sorted_by_length(tokens, rows);
    for chunk in batches(tokens, &order) {
        if observer.stop_requested() {
            return Ok(None);
        }
        let batch = Batch::pack(tokens, labels, chunk);
        let places: Vec<usize> = chunk.iter().map(|row| place_of[row]).collect();
        match pass(&batch, &places) {
            Err(_) if interrupt.has_ended() => return Ok(None),
            result => result?,
        }
        done += chunk.len();
        tell(done);
    }
    Ok(Some(()))
}
