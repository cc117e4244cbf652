//! What a checkpoint holds of the weights and the optimiser, and how it is put back.

use std::borrow::Cow;

use candle_core::Tensor;

use crate::domain::params::Parameter;
use crate::domain::problem::Outcome;
use crate::model::classifier::{Classifier, internal};
use crate::model::tensor_file::{Piece, TensorFile};

use super::{AdamW, HostMoments, Moments, Table, Values};

impl AdamW {
    /// Everything that the next step depends on beside the frozen weights, exactly as it is: what an embedding table
    /// owes stays owed. Of a table only the rows that were ever touched, since the others are still the base model's
    /// and have no moments; where weight decay or an earlier stage has moved them too, its weights are whole. Of what an
    /// earlier stage has trained and this one does not, the weights alone.
    pub fn pieces<'a>(&'a self, classifier: &'a Classifier) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        let weights = classifier.tree().parameters.iter().zip(classifier.weights()).zip(&self.moments);
        for (((parameter, weight), moments), moved_before) in weights.zip(&self.moved_before) {
            let mut add = |kind: &str, len, values| {
                pieces.push(Piece { name: format!("{kind}/{}", parameter.name), len, values });
            };
            let n = parameter.count();
            let Some(Moments { decays, since, values }) = moments else {
                if *moved_before {
                    add("weight", n, Box::new(move || all_values(&weight.tensor)));
                }
                continue;
            };
            if *since > 0 {
                // f32 holds whole numbers up to 2^24 exactly.
                add("since", 1, Box::new(move || Ok(Cow::Owned(vec![*since as f32]))));
            }
            match values {
                Values::Host(HostMoments { first, second, table: None }) => {
                    add("weight", n, Box::new(move || all_values(&weight.tensor)));
                    add("first", n, Box::new(move || Ok(Cow::Borrowed(first))));
                    add("second", n, Box::new(move || Ok(Cow::Borrowed(second))));
                }
                Values::Host(HostMoments { first, second, table: Some(table) }) => {
                    let some = table.touched.iter().filter(|touched| **touched).count() * table.width;
                    if *moved_before || (*decays && self.weight_decay != 0.0) {
                        add("weight", n, Box::new(move || all_values(&weight.tensor)));
                    } else {
                        let touched = move || Ok(Cow::Owned(table.gather(&all_values(&weight.tensor)?)));
                        add("weight", some, Box::new(touched));
                    }
                    add("first", some, Box::new(move || Ok(Cow::Owned(table.gather(first)))));
                    add("second", some, Box::new(move || Ok(Cow::Owned(table.gather(second)))));
                    // A row's number has fewer than 24 bits, which f32 holds exactly.
                    let rows = move || Ok(Cow::Owned(table.rows().map(|row| row as f32).collect()));
                    add("rows", some / table.width, Box::new(rows));
                    add("owed", 1, Box::new(move || Ok(Cow::Owned(vec![table.owed]))));
                }
                Values::Device(moments) => {
                    add("weight", n, Box::new(move || all_values(&weight.tensor)));
                    if let Some((first, second)) = moments.values() {
                        add("first", n, Box::new(move || all_values(first)));
                        add("second", n, Box::new(move || all_values(second)));
                    }
                }
            }
        }
        pieces
    }

    /// Puts back what [`AdamW::pieces`] gave after `steps` steps, into a fresh optimiser that follows the same stage and
    /// the weights that the run began with.
    ///
    /// # Errors
    /// `checkpoint-damaged` when it is of another model or freezing; `file-error`; candle's.
    pub fn put_back(&mut self, classifier: &mut Classifier, steps: usize, state: &TensorFile) -> Outcome<()> {
        self.steps = i32::try_from(steps).map_err(|_too_many| state.damaged())?;
        let mut restored = Vec::new();
        let weights = classifier.tree().parameters.iter().zip(classifier.weights()).zip(&mut self.moments);
        for (i, (((parameter, weight), moments), moved_before)) in weights.zip(&mut self.moved_before).enumerate() {
            let name = |kind: &str| format!("{kind}/{}", parameter.name);
            let n = parameter.count();
            let Some(Moments { since, values, .. }) = moments else {
                if let Some(values) = state.read(&name("weight"))? {
                    *moved_before = true;
                    restored.push((i, values));
                }
                continue;
            };
            *since = state.read(&name("since"))?.and_then(|since| since.first().copied()).unwrap_or(0.0) as i32;
            match values {
                Values::Host(HostMoments { first, second, table: None }) => {
                    restored.push((i, state.need(&name("weight"), n)?));
                    *first = state.need(&name("first"), n)?;
                    *second = state.need(&name("second"), n)?;
                }
                Values::Host(HostMoments { first, second, table: Some(table) }) => {
                    let rows = state.read(&name("rows"))?.ok_or_else(|| state.damaged())?;
                    let some = rows.len() * table.width;
                    for row in rows {
                        *table.touched.get_mut(row as usize).ok_or_else(|| state.damaged())? = true;
                    }
                    if table.rows().count() * table.width != some {
                        return Err(state.damaged());
                    }
                    table.owed = state.need(&name("owed"), 1)?[0];
                    table.scatter(&state.need(&name("first"), some)?, first);
                    table.scatter(&state.need(&name("second"), some)?, second);
                    let kept = state.read(&name("weight"))?.ok_or_else(|| state.damaged())?;
                    let whole = if kept.len() == n {
                        // Only then can rows that were not touched differ from the base model's.
                        *moved_before = true;
                        kept
                    } else {
                        let mut whole = all_values(&weight.tensor)?.into_owned();
                        table.scatter(&state.need(&name("weight"), some)?, &mut whole);
                        whole
                    };
                    restored.push((i, whole));
                }
                Values::Device(moments) => {
                    restored.push((i, state.need(&name("weight"), n)?));
                    if self.steps > *since {
                        let (first, second) = (state.need(&name("first"), n)?, state.need(&name("second"), n)?);
                        moments.put_back(&weight.tensor, &first, &second).map_err(internal)?;
                    }
                }
            }
        }
        classifier.restore(&restored)
    }
}

impl Table {
    /// The rows that were ever touched, in order.
    fn rows(&self) -> impl Iterator<Item = usize> {
        self.touched.iter().enumerate().filter(|(_, touched)| **touched).map(|(row, _)| row)
    }

    fn gather(&self, all: &[f32]) -> Vec<f32> {
        self.rows().flat_map(|row| &all[row * self.width..(row + 1) * self.width]).copied().collect()
    }

    fn scatter(&self, some: &[f32], all: &mut [f32]) {
        for (row, values) in self.rows().zip(some.chunks(self.width)) {
            all[row * self.width..(row + 1) * self.width].copy_from_slice(values);
        }
    }
}

/// The pieces of a snapshot (`Classifier::snapshot`).
pub fn snapshot_pieces<'a>(classifier: &Classifier, snapshot: &'a [(usize, Vec<f32>)]) -> Vec<Piece<'a>> {
    let piece = |(i, values): &'a (usize, Vec<f32>)| Piece {
        name: format!("weight/{}", classifier.tree().parameters[*i].name),
        len: values.len(),
        values: Box::new(move || Ok(Cow::Borrowed(values))),
    };
    snapshot.iter().map(piece).collect()
}

/// The snapshot of these parameters (parallel to the tree's) that was written as [`snapshot_pieces`].
///
/// # Errors
/// `checkpoint-damaged`, `file-error`.
pub fn read_snapshot(classifier: &Classifier, wanted: &[bool], file: &TensorFile) -> Outcome<Vec<(usize, Vec<f32>)>> {
    let parameters = classifier.tree().parameters.iter().enumerate().filter(|(i, _)| wanted[*i]);
    let read = |(i, parameter): (usize, &Parameter)| {
        Ok((i, file.need(&format!("weight/{}", parameter.name), parameter.count())?))
    };
    parameters.map(read).collect()
}

fn all_values(tensor: &Tensor) -> Outcome<Cow<'static, [f32]>> {
    tensor.flatten_all().and_then(|t| t.to_vec1()).map(Cow::Owned).map_err(internal)
}
