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
            let whole = Box::new(move || all_values(&weight.tensor));
            let Some(Moments { decays, since, values }) = moments else {
                if *moved_before {
                    add("weight", n, whole);
                }
                continue;
            };
            if *since > 0 {
                // f32 holds whole numbers up to 2^24 exactly.
                add("since", 1, Box::new(move || Ok(Cow::Owned(vec![*since as f32]))));
            }
            match values {
                Values::Host(HostMoments { first, second, sparse }) => {
                    let kept = move |all: Cow<'a, [f32]>| match sparse {
                        Some(rows) => Cow::Owned(rows.gather(&all)),
                        None => all,
                    };
                    let len = sparse.as_ref().map_or(n, |rows| rows.touched_rows().count() * rows.width);
                    if sparse.is_none() || *moved_before || (*decays && self.weight_decay != 0.0) {
                        add("weight", n, whole);
                    } else {
                        add("weight", len, Box::new(move || Ok(kept(all_values(&weight.tensor)?))));
                    }
                    add("first", len, Box::new(move || Ok(kept(Cow::Borrowed(first)))));
                    add("second", len, Box::new(move || Ok(kept(Cow::Borrowed(second)))));
                    if let Some(rows) = sparse {
                        // A row's number has fewer than 24 bits, which f32 holds exactly.
                        let numbers = move || Ok(Cow::Owned(rows.touched_rows().map(|row| row as f32).collect()));
                        add("rows", len / rows.width, Box::new(numbers));
                        add("owed", 1, Box::new(move || Ok(Cow::Owned(vec![rows.owed]))));
                    }
                }
                Values::Device(moments) => {
                    add("weight", n, whole);
                    if let Some((first, second)) = moments {
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
                Values::Host(HostMoments { first, second, sparse }) => {
                    let mut len = n;
                    if let Some(sparse) = sparse {
                        let rows = state.read(&name("rows"))?.ok_or_else(|| state.damaged())?;
                        for row in &rows {
                            *sparse.touched.get_mut(*row as usize).ok_or_else(|| state.damaged())? = true;
                        }
                        if sparse.touched_rows().count() != rows.len() {
                            return Err(state.damaged());
                        }
                        len = rows.len() * sparse.width;
                        sparse.owed = state.need(&name("owed"), 1)?[0];
                    }
                    let put = |kept: Vec<f32>, all: &mut Vec<f32>| match &*sparse {
                        Some(sparse) if kept.len() < n => sparse.scatter(&kept, all),
                        _ => *all = kept,
                    };
                    put(state.need(&name("first"), len)?, first);
                    put(state.need(&name("second"), len)?, second);
                    let kept = state.read(&name("weight"))?.filter(|kept| kept.len() == n || kept.len() == len);
                    let kept = kept.ok_or_else(|| state.damaged())?;
                    // Only where all weights were written can untouched rows differ from the pretrained model's.
                    *moved_before |= sparse.is_some() && kept.len() == n;
                    let mut whole = if kept.len() < n { all_values(&weight.tensor)?.into_owned() } else { Vec::new() };
                    put(kept, &mut whole);
                    restored.push((i, whole));
                }
                Values::Device(moments) => {
                    restored.push((i, state.need(&name("weight"), n)?));
                    if self.steps > *since {
                        let (dims, device) = (weight.tensor.dims(), weight.tensor.device());
                        let read =
                            |kind| -> Outcome<_> { Ok(Tensor::from_vec(state.need(&name(kind), n)?, dims, device)?) };
                        *moments = Some((read("first")?, read("second")?));
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
