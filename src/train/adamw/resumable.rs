//! What a checkpoint holds of the weights and the optimiser, so that the next step has the same bits after it is put back.

use std::borrow::Cow;

use candle_core::Tensor;

use crate::domain::params::Parameter;
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::host;
use crate::model::tensor_file::{Piece, TensorFile};

use super::{AdamW, HostMoments, Moments, Values};

impl AdamW {
    /// Everything that the next step depends on beside the frozen weights, exactly as it is; decay that an embedding table
    /// owes stays owed. A table gives only the rows that ever had a gradient, because the others are still the pretrained
    /// model's and have no moments; but where weight decay or an earlier stage has moved those too, it gives all its weights.
    /// A parameter that an earlier stage has trained and this one does not gives its weights alone.
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
                Values::Host(HostMoments { first, second, sparse: None }) => {
                    add("weight", n, Box::new(move || all_values(&weight.tensor)));
                    add("first", n, Box::new(move || Ok(Cow::Borrowed(first))));
                    add("second", n, Box::new(move || Ok(Cow::Borrowed(second))));
                }
                Values::Host(HostMoments { first, second, sparse: Some(rows) }) => {
                    let some = rows.touched_rows().count() * rows.width;
                    if *moved_before || (*decays && self.weight_decay != 0.0) {
                        add("weight", n, Box::new(move || all_values(&weight.tensor)));
                    } else {
                        let touched = move || Ok(Cow::Owned(rows.gather(&all_values(&weight.tensor)?)));
                        add("weight", some, Box::new(touched));
                    }
                    add("first", some, Box::new(move || Ok(Cow::Owned(rows.gather(first)))));
                    add("second", some, Box::new(move || Ok(Cow::Owned(rows.gather(second)))));
                    // A row's number has fewer than 24 bits, which f32 holds exactly.
                    let numbers = move || Ok(Cow::Owned(rows.touched_rows().map(|row| row as f32).collect()));
                    add("rows", some / rows.width, Box::new(numbers));
                    add("owed", 1, Box::new(move || Ok(Cow::Owned(vec![rows.owed]))));
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
    /// into the weights that the run began with.
    ///
    /// # Errors
    /// `checkpoint-damaged` when it is of another model or freezing; `file-error`; `internal-error` from candle.
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
                Values::Host(HostMoments { first, second, sparse: None }) => {
                    restored.push((i, state.need(&name("weight"), n)?));
                    *first = state.need(&name("first"), n)?;
                    *second = state.need(&name("second"), n)?;
                }
                Values::Host(HostMoments { first, second, sparse: Some(sparse) }) => {
                    let rows = state.read(&name("rows"))?.ok_or_else(|| state.damaged())?;
                    let some = rows.len() * sparse.width;
                    for row in rows {
                        *sparse.touched.get_mut(row as usize).ok_or_else(|| state.damaged())? = true;
                    }
                    if sparse.touched_rows().count() * sparse.width != some {
                        return Err(state.damaged());
                    }
                    sparse.owed = state.need(&name("owed"), 1)?[0];
                    sparse.scatter(&state.need(&name("first"), some)?, first);
                    sparse.scatter(&state.need(&name("second"), some)?, second);
                    let kept = state.read(&name("weight"))?.ok_or_else(|| state.damaged())?;
                    let whole = if kept.len() == n {
                        // Only where all weights were written can untouched rows differ from the pretrained model's.
                        *moved_before = true;
                        kept
                    } else {
                        let mut whole = all_values(&weight.tensor)?.into_owned();
                        sparse.scatter(&state.need(&name("weight"), some)?, &mut whole);
                        whole
                    };
                    restored.push((i, whole));
                }
                Values::Device(moments) => {
                    restored.push((i, state.need(&name("weight"), n)?));
                    if self.steps > *since {
                        let (first, second) = (state.need(&name("first"), n)?, state.need(&name("second"), n)?);
                        moments.put_back(&weight.tensor, &first, &second)?;
                    }
                }
            }
        }
        classifier.restore(&restored)
    }
}

/// The pieces that hold a snapshot (`Classifier::snapshot`).
pub fn snapshot_pieces<'a>(classifier: &Classifier, snapshot: &'a [(usize, Vec<f32>)]) -> Vec<Piece<'a>> {
    let piece = |(i, values): &'a (usize, Vec<f32>)| Piece {
        name: format!("weight/{}", classifier.tree().parameters[*i].name),
        len: values.len(),
        values: Box::new(move || Ok(Cow::Borrowed(values))),
    };
    snapshot.iter().map(piece).collect()
}

/// The snapshot of the `wanted` parameters (parallel to the tree's), read from a file of [`snapshot_pieces`].
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
    Ok(Cow::Owned(host::values(tensor)?))
}
