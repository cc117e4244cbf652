//! Frozen weights in fewer bits. What never trains need not be kept as exactly as what does: a step of the optimiser is
//! often smaller than what rounding to 8 bits takes away, but nothing is ever added to a frozen weight. QLoRA (arXiv
//! 2305.14314) goes the same way.
//!
//! The weights as they were are still in the model's file. They are read from there when their bits are asked for, when the
//! model is saved, and for every product of a network that computes with the original weights.

use std::fmt;

use candle_core::Result;

use super::matmul::{ByteMatrix, PackedMatrix, Products, View};
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::problem::Outcome;
use crate::model::weights::RawTensor;

mod table;

use table::Table;

/// A frozen weight that is not held as it is.
#[derive(Clone)]
pub struct Compact {
    form: Form,
    /// `[outputs, inputs]`, or `[vocabulary, width]`.
    shape: [usize; 2],
    original: RawTensor,
    /// A checksum of the original values, so that they need not be read again for one.
    checksum: u64,
}

/// What is held in memory.
#[derive(Clone)]
enum Form {
    /// W^T of a linear map, packed for products in bf16.
    Bf16(PackedMatrix),
    /// The same in 8 bits.
    Int8(ByteMatrix),
    /// A table of which rows are looked up.
    Table(Table),
    /// Nothing: the original values are read whenever they are needed.
    Original,
}

/// What a weight is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// The matrix W of x W^T + b.
    Linear,
    /// A table of embeddings.
    Table,
}

impl Compact {
    /// Rounds `values`, which are those of `original`; `None` for [`FrozenPrecision::F32`].
    pub fn new(
        precision: FrozenPrecision,
        weight_use: Use,
        values: &[f32],
        shape: [usize; 2],
        original: RawTensor,
        checksum: u64,
    ) -> Option<Self> {
        let [rows, columns] = shape;
        let form = match (precision, weight_use) {
            (FrozenPrecision::F32, _) => return None,
            (_, Use::Table) => Form::Table(Table::new(precision, values, columns)),
            (FrozenPrecision::Bf16, Use::Linear) => {
                Form::Bf16(PackedMatrix::of_transposed(Precision::Bf16, values, rows, columns))
            }
            (FrozenPrecision::Int8, Use::Linear) => Form::Int8(ByteMatrix::of_transposed(values, rows, columns)),
        };
        Some(Self { form, shape, original, checksum })
    }

    /// The same weight with its original values, which are not held in memory.
    #[must_use]
    pub fn original(&self) -> Self {
        Self { form: Form::Original, ..self.clone() }
    }

    /// The number of its rows and of its columns.
    pub fn shape(&self) -> [usize; 2] {
        self.shape
    }

    /// The memory that its values take.
    pub fn bytes(&self) -> usize {
        match &self.form {
            Form::Bf16(matrix) => matrix.bytes(),
            Form::Int8(matrix) => matrix.bytes(),
            Form::Table(table) => table.bytes(),
            Form::Original => 0,
        }
    }

    /// A checksum of the values that it computes with: those of the original and how they are rounded.
    pub fn checksum(&self) -> u64 {
        let rounding = match &self.form {
            Form::Bf16(_) => 1,
            Form::Int8(_) => 2,
            Form::Table(table) => 3 + table.rounding(),
            Form::Original => 0,
        };
        self.checksum.rotate_left(rounding) ^ u64::from(rounding)
    }

    /// The original values in row-major order.
    ///
    /// # Errors
    /// `file-error` when the model's file can no longer be read.
    pub fn values(&self) -> Outcome<Vec<f32>> {
        self.original.to_f32()
    }

    /// x W^T + b, from `[rows, inputs]` to `[rows, outputs]`. The original weights are multiplied as `products` does.
    ///
    /// # Errors
    /// Those of [`Self::values`], and one for a table.
    pub(super) fn linear(&self, x: &[f32], bias: &[f32], products: Products) -> Result<Vec<f32>> {
        let [out, inner] = self.shape;
        match &self.form {
            Form::Bf16(matrix) => Ok(matrix.product(x, bias)),
            Form::Int8(matrix) => Ok(matrix.product(x, bias)),
            Form::Table(_) => candle_core::bail!("a table of embeddings is no linear map"),
            Form::Original => {
                let w = self.values().map_err(candle_core::Error::wrap)?;
                let x = View::new(x, x.len() / inner, inner);
                Ok(products.product(x, View::new(&w, out, inner).t(), Some(bias)))
            }
        }
    }

    /// A table from which rows can be read now.
    ///
    /// # Errors
    /// Those of [`Self::values`], and one for the matrix of a linear map.
    pub(super) fn rows(&self) -> Result<Rows<'_>> {
        match &self.form {
            Form::Table(table) => Ok(Rows::Compact(table)),
            Form::Original => Ok(Rows::Whole(self.values().map_err(candle_core::Error::wrap)?, self.shape[1])),
            Form::Bf16(_) | Form::Int8(_) => candle_core::bail!("a linear map is no table of embeddings"),
        }
    }
}

/// The rows of a table of embeddings.
pub(super) enum Rows<'a> {
    Compact(&'a Table),
    /// All values, and the width of a row.
    Whole(Vec<f32>, usize),
}

impl Rows<'_> {
    /// Writes row `i` to `to`.
    pub(super) fn copy(&self, i: usize, to: &mut [f32]) {
        match self {
            Self::Compact(table) => table.copy(i, to),
            Self::Whole(values, width) => to.copy_from_slice(&values[i * width..(i + 1) * width]),
        }
    }
}

impl fmt::Debug for Compact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compact").field("shape", &self.shape).field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}
