//! The values of a column by which rows are drawn and split in place of their labels.

use std::collections::HashMap;

use super::labels::in_order;

/// The value of each row.
#[derive(Default)]
pub struct Strata {
    /// The ids of the rows' values.
    pub ids: Vec<u32>,
    names: Vec<String>,
    known: HashMap<String, u32>,
}

impl Strata {
    pub fn push(&mut self, value: &str) {
        let next = self.names.len() as u32;
        let id = *self.known.entry(value.to_owned()).or_insert_with(|| {
            self.names.push(value.to_owned());
            next
        });
        self.ids.push(id);
    }

    /// The number of different values.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// Gives the values the ids that labels of these names have, because a split depends on the order of the ids.
    pub fn order(&mut self) {
        let mut new_ids = vec![0; self.names.len()];
        for (new, old) in in_order(&self.names).into_iter().enumerate() {
            new_ids[old] = new as u32;
        }
        self.ids.iter_mut().for_each(|id| *id = new_ids[*id as usize]);
    }
}
