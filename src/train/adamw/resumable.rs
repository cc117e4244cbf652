//! What a checkpoint holds of the weights and the optimiser, so that the next step has the same bits after it is put back.

use candle_core::Tensor;

use crate::domain::params::Parameter;
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::host;
use crate::model::ops::Weight;
use crate::model::tensor_file::{Piece, Take, TensorFile};

use super::sparse::Which;
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
            let whole = whole_tensor(&weight.tensor);
            let Some(Moments { decays, since, values }) = moments else {
                if *moved_before {
                    add("weight", n, whole);
                }
                continue;
            };
            if *since > 0 {
                // f32 holds whole numbers up to 2^24 exactly.
                add("since", 1, Box::new(move |take| take(&[*since as f32])));
            }
            match values {
                Values::Host(HostMoments::Whole(first, second)) => {
                    add("weight", n, whole);
                    add("first", n, Box::new(move |take| take(first)));
                    add("second", n, Box::new(move |take| take(second)));
                }
                Values::Host(HostMoments::Table(table)) => {
                    let rows = table.touched_rows().count();
                    let len = rows * table.width;
                    if *moved_before || (*decays && self.weight_decay != 0.0) {
                        add("weight", n, whole);
                    } else {
                        let touched =
                            move |take: Take<'_>| host::with_values(&weight.tensor, |all| table.each_row(all, take))?;
                        add("weight", len, Box::new(touched));
                    }
                    add("first", len, Box::new(move |take| table.each_moment(Which::First, take)));
                    add("second", len, Box::new(move |take| table.each_moment(Which::Second, take)));
                    // A row's number has fewer than 24 bits, which f32 holds exactly.
                    let numbers = table.touched_rows().map(|row| row as f32);
                    let numbers = move |take: Take<'_>| numbers.clone().try_for_each(|row| take(&[row]));
                    add("rows", rows, Box::new(numbers));
                    add("owed", 1, Box::new(move |take| take(&[table.owed])));
                }
                Values::Device(moments) => {
                    add("weight", n, whole);
                    if let Some((first, second)) = moments {
                        add("first", n, whole_tensor(first));
                        add("second", n, whole_tensor(second));
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
                Values::Host(HostMoments::Whole(first, second)) => {
                    *first = state.need(&name("first"), n)?;
                    *second = state.need(&name("second"), n)?;
                    restored.push((i, state.need(&name("weight"), n)?));
                }
                Values::Host(HostMoments::Table(table)) => {
                    let rows = state.read(&name("rows"))?.ok_or_else(|| state.damaged())?;
                    for row in &rows {
                        let row = *row as usize;
                        if row >= table.count() || table.touch(row) {
                            return Err(state.damaged());
                        }
                    }
                    let len = rows.len() * table.width;
                    table.owed = state.need(&name("owed"), 1)?[0];
                    table.scatter_moments(Which::First, &state.need(&name("first"), len)?);
                    table.scatter_moments(Which::Second, &state.need(&name("second"), len)?);
                    let kept = state.read(&name("weight"))?.filter(|kept| kept.len() == n || kept.len() == len);
                    let mut whole = kept.ok_or_else(|| state.damaged())?;
                    if whole.len() == n {
                        // Only where all weights were written can untouched rows differ from the pretrained model's.
                        *moved_before = true;
                    } else {
                        let kept = std::mem::replace(&mut whole, all_values(&weight.tensor)?);
                        table.scatter(&kept, &mut whole);
                    }
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

/// The pieces that hold the values of the `wanted` parameters (parallel to the tree's).
pub fn weight_pieces<'a>(classifier: &'a Classifier, wanted: &[bool]) -> Vec<Piece<'a>> {
    let weights = classifier.tree().parameters.iter().zip(classifier.weights()).zip(wanted).filter(|(_, on)| **on);
    let piece = |((parameter, weight), _): ((&Parameter, &'a Weight), _)| Piece {
        name: format!("weight/{}", parameter.name),
        len: parameter.count(),
        values: whole_tensor(&weight.tensor),
    };
    weights.map(piece).collect()
}

/// The same of values that were copied (`Classifier::snapshot`).
pub fn snapshot_pieces<'a>(classifier: &Classifier, snapshot: &'a [(usize, Vec<f32>)]) -> Vec<Piece<'a>> {
    let piece = |(i, values): &'a (usize, Vec<f32>)| Piece {
        name: format!("weight/{}", classifier.tree().parameters[*i].name),
        len: values.len(),
        values: Box::new(move |take| take(values)),
    };
    snapshot.iter().map(piece).collect()
}

/// Refuses a file that does not have the [`weight_pieces`] of these parameters. It reads no values.
///
/// # Errors
/// `checkpoint-damaged`.
pub fn check_weights(classifier: &Classifier, wanted: &[bool], file: &TensorFile) -> Outcome<()> {
    let mut parameters = classifier.tree().parameters.iter().zip(wanted).filter(|(_, on)| **on);
    parameters.try_for_each(|(parameter, _)| file.check(&format!("weight/{}", parameter.name), parameter.count()))
}

/// Puts the values of [`weight_pieces`] back, one parameter after the other, so that no second copy of all is in memory.
///
/// # Errors
/// `checkpoint-damaged`, `file-error`; `internal-error` from candle.
pub fn put_weights_back(classifier: &mut Classifier, wanted: &[bool], file: &TensorFile) -> Outcome<()> {
    check_weights(classifier, wanted, file)?;
    for i in (0..wanted.len()).filter(|i| wanted[*i]) {
        let parameter = &classifier.tree().parameters[i];
        let values = file.need(&format!("weight/{}", parameter.name), parameter.count())?;
        classifier.restore(&[(i, values)])?;
    }
    Ok(())
}

/// Puts the weights of a training that is over back into the classifier that it began with. They are in a file of
/// [`weight_pieces`] or in the saved model.
///
/// # Errors
/// `checkpoint-damaged` when it is of another model; `file-error`; `internal-error` from candle.
pub fn put_end_back(classifier: &mut Classifier, wanted: &[bool], file: &TensorFile) -> Outcome<()> {
    for i in (0..wanted.len()).filter(|i| wanted[*i]) {
        let parameter = &classifier.tree().parameters[i];
        let (name, len) = (&parameter.name, parameter.count());
        let values = match file.read(&format!("weight/{name}"))? {
            Some(values) if values.len() == len => values,
            Some(_) => return Err(file.damaged()),
            None => file.need(&classifier.stored_name(name), len)?,
        };
        classifier.restore(&[(i, values)])?;
    }
    Ok(())
}

/// How a piece hands its values on.
type HandOn<'a> = Box<dyn Fn(Take<'_>) -> Outcome<()> + 'a>;

/// Hands on the values of a tensor from where they are.
fn whole_tensor(tensor: &Tensor) -> HandOn<'_> {
    Box::new(|take| host::with_values(tensor, take)?)
}

fn all_values(tensor: &Tensor) -> Outcome<Vec<f32>> {
    Ok(host::values(tensor)?)
}
