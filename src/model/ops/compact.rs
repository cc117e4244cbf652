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
use crate::domain::problem::{Outcome, Problem};
use crate::model::hashes::checksum;
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

/// The values as they are held in memory.
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

/// The use of a weight.
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

    /// How its values are held; f32 where they are the original ones.
    pub fn precision(&self) -> FrozenPrecision {
        match &self.form {
            Form::Bf16(_) | Form::Table(Table::Bf16 { .. }) => FrozenPrecision::Bf16,
            Form::Int8(_) | Form::Table(Table::Int8 { .. }) => FrozenPrecision::Int8,
            Form::Original => FrozenPrecision::F32,
        }
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
    /// `file-error` when the model's file can no longer be read; `model-weights-changed` when another program has written
    /// other values into it since.
    pub fn values(&self) -> Outcome<Vec<f32>> {
        let values = self.original.to_f32()?;
        if checksum(&values) == self.checksum {
            return Ok(values);
        }
        Err(Problem::new("model-weights-changed").with("file", self.original.place().display()))
    }

    /// Hands the original values to `take` in row-major order, in pieces of `len` values of which the last may be shorter, so
    /// that they are never in memory as a whole.
    ///
    /// # Errors
    /// Those of [`Self::values`].
    pub fn for_pieces(&self, len: usize, take: impl FnMut(&[f32])) -> Outcome<()> {
        self.original.for_pieces(len, take)
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

    /// A table from which the rows of these words can be read now.
    ///
    /// # Errors
    /// Those of [`Self::values`], and one for the matrix of a linear map.
    pub(super) fn rows(&self, words: &[u32]) -> Result<Rows<'_>> {
        match &self.form {
            Form::Table(table) => Ok(Rows::Compact(table)),
            Form::Original => {
                let mut wanted = words.to_vec();
                wanted.sort_unstable();
                wanted.dedup();
                let values = self.original.rows_to_f32(&wanted).map_err(candle_core::Error::wrap)?;
                Ok(Rows::Read { wanted, values, width: self.shape[1] })
            }
            Form::Bf16(_) | Form::Int8(_) => candle_core::bail!("a linear map is no table of embeddings"),
        }
    }
}

/// The rows of a table of embeddings.
pub(super) enum Rows<'a> {
    Compact(&'a Table),
    /// The rows that were wanted, in ascending order, one after another.
    Read {
        wanted: Vec<u32>,
        values: Vec<f32>,
        width: usize,
    },
}

impl Rows<'_> {
    /// Writes row `i` to `to`.
    ///
    /// # Panics
    /// When the row was not among those that were wanted.
    pub(super) fn copy(&self, i: usize, to: &mut [f32]) {
        match self {
            Self::Compact(table) => table.copy(i, to),
            Self::Read { wanted, values, width } => {
                let place = wanted.partition_point(|row| (*row as usize) < i);
                assert!(wanted.get(place).is_some_and(|row| *row as usize == i), "row {i} was not read");
                to.copy_from_slice(&values[place * width..(place + 1) * width]);
            }
        }
    }
}

impl fmt::Debug for Compact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compact").field("shape", &self.shape).field("bytes", &self.bytes()).finish_non_exhaustive()
    }
}
