//! The values of a classifier's weights, read and replaced by name.

use candle_core::{Tensor, Var};

use super::Classifier;
use crate::domain::problem::{Outcome, Problem};
use crate::model::host;
use crate::model::ops::Weight;
use crate::model::tensor_file::Take;

impl Classifier {
    /// The current values of a parameter in row-major order; `None` when there is no such parameter.
    pub fn values(&self, name: &str) -> Option<Vec<f32>> {
        self.read(name).ok()
    }

    /// The same, or why they can't be read.
    ///
    /// # Errors
    /// `internal-error` when there is no such parameter; those of [`Weight::with_values`].
    pub fn read(&self, name: &str) -> Outcome<Vec<f32>> {
        let weight = self.weight(name).ok_or_else(|| Problem::internal(format_args!("no values of {name}")))?;
        weight.with_values(<[f32]>::to_vec)
    }

    /// Hands on the values of a parameter in row-major order, from where they are.
    ///
    /// # Errors
    /// Those of [`Classifier::read`] and of `take`.
    pub fn hand_on(&self, name: &str, take: Take<'_>) -> Outcome<()> {
        const PIECE: usize = 1 << 16;
        let weight = self.weight(name).ok_or_else(|| Problem::internal(format_args!("no values of {name}")))?;
        let mut taken = Ok(());
        weight.for_pieces(PIECE, |piece| {
            if taken.is_ok() {
                taken = take(piece);
            }
        })?;
        taken
    }

    /// Replaces the values of a parameter, given in row-major order.
    ///
    /// # Errors
    /// `freeze-unknown-name` when there is no such parameter; `internal-error` when it has another number of values.
    pub fn set_values(&mut self, name: &str, values: &[f32]) -> Outcome<()> {
        let unknown = || Problem::new("freeze-unknown-name").with("name", name).with("model", &self.tree.facts.name);
        overwrite(&self.weight(name).ok_or_else(unknown)?.tensor, values)
    }

    fn weight(&self, name: &str) -> Option<&Weight> {
        let i = self.tree.parameters.iter().position(|p| p.name == name)?;
        Some(&self.weights[i])
    }

    /// Copies of the values of the `wanted` parameters (parallel to the tree's), each with its index into the tree.
    ///
    /// # Errors
    /// `internal-error` when the device does not give its values.
    pub fn snapshot(&self, wanted: &[bool]) -> Outcome<Vec<(usize, Vec<f32>)>> {
        let weights = self.weights.iter().enumerate().filter(|(i, _)| wanted[*i]);
        weights.map(|(i, w)| Ok((i, w.with_values(<[f32]>::to_vec)?))).collect()
    }

    /// Puts back the values of a [`Classifier::snapshot`].
    ///
    /// # Errors
    /// `internal-error` when the snapshot is of another model.
    pub fn restore(&mut self, snapshot: &[(usize, Vec<f32>)]) -> Outcome<()> {
        snapshot.iter().try_for_each(|(i, values)| overwrite(&self.weights[*i].tensor, values))
    }
}

/// Writes new values into a tensor in place, so that everything that shares it sees them.
fn overwrite(tensor: &Tensor, values: &[f32]) -> Outcome<()> {
    if !tensor.device().is_cpu() {
        // candle would copy a plain tensor into a new variable, and only the copy would be overwritten.
        if !tensor.is_variable() {
            return Err(Problem::internal("frozen weights stay as they are on this device"));
        }
        let new = Tensor::from_slice(values, tensor.dims(), tensor.device())?;
        return Ok(Var::from_tensor(tensor)?.set(&new)?);
    }
    if tensor.elem_count() != values.len() {
        let (found, wanted) = (values.len(), tensor.elem_count());
        return Err(Problem::internal(format_args!("{found} values for a weight of {wanted}")));
    }
    Ok(host::change_values(tensor, |old| old.copy_from_slice(values))?)
}
