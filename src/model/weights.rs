//! Tensors of a pretrained model, found by name and read when they are asked for, so that opening a model takes no memory
//! for its weights.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use half::f16;
use half::slice::{HalfBitsSliceExt, HalfFloatSliceExt};
use safetensors::Dtype;

use super::family::Family;
use super::pickle;
use super::safetensors_header::{Header, HeaderError, is_git_lfs_pointer};
use crate::domain::params::Parameter;
use crate::domain::problem::{Outcome, Problem};

/// A file is read in pieces of this many bytes.
const CHUNK_BYTES: usize = 1 << 18;

/// The tensors of a model by their names in the tree (`ParamTree`), which have no prefix before the base model's names.
///
/// Clones are cheap and share the open files.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    tensors: BTreeMap<String, RawTensor>,
}

/// One tensor, which is still in its file, or in the program for the bundled model.
#[derive(Clone, Debug)]
pub struct RawTensor {
    shape: Vec<usize>,
    dtype: Dtype,
    /// Whether a matrix is written column by column.
    by_columns: bool,
    /// The place of its first byte, in bytes from the beginning of the source.
    offset: u64,
    source: Arc<Source>,
}

/// Where bytes come from.
#[derive(Debug)]
enum Source {
    Bundled(&'static [u8]),
    /// A file that stays open, so that the model's folder may be moved or replaced while the model is used.
    File {
        path: PathBuf,
        file: Mutex<File>,
    },
}

impl Weights {
    /// The tensors of a safetensors file that is part of the program.
    ///
    /// # Errors
    /// `model-file-damaged`, `model-tensor-twice`.
    pub fn bundled(bytes: &'static [u8], family: Family) -> Outcome<Self> {
        let mut weights = Self::default();
        weights.add(Source::Bundled(bytes), bytes.len() as u64, family)?;
        Ok(weights)
    }

    /// The tensors of one or more files, in the format of safetensors or of PyTorch (`*.bin`). Only the files' tables of
    /// contents are read.
    ///
    /// # Errors
    /// `model-file-damaged`, `model-pickle-unreadable`, `model-lfs-pointer`, `model-tensor-twice`, `file-error`, naming
    /// the file.
    pub fn open(paths: &[PathBuf], family: Family) -> Outcome<Self> {
        let mut weights = Self::default();
        for path in paths {
            let file = File::open(path).map_err(|e| Problem::file(path, &e))?;
            let bytes = file.metadata().map_err(|e| Problem::file(path, &e))?.len();
            let source = Source::File { path: path.clone(), file: Mutex::new(file) };
            if is_pickle(path) {
                weights.add_pickled(source, path, family)?;
            } else {
                weights.add(source, bytes, family)?;
            }
        }
        Ok(weights)
    }

    /// The tensor with this name in the tree.
    pub fn get(&self, name: &str) -> Option<&RawTensor> {
        self.tensors.get(name)
    }

    /// The names of all tensors in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// Checks that these parameters are there, as floating-point numbers and with their shapes. A part that the family may
    /// lack can be absent as a whole; the names of its parameters are returned. `file` is named when a tensor is missing.
    ///
    /// # Errors
    /// `model-tensor-missing`, `model-tensor-shape`, `model-tensor-type`.
    pub fn check(&self, parameters: &[Parameter], family: Family, file: &Path) -> Outcome<Vec<String>> {
        let mut lacking = Vec::new();
        for parameter in parameters {
            let problem =
                |id, file: &Path| Problem::new(id).with("file", file.display()).with("tensor", &parameter.name);
            let Some(tensor) = self.get(&parameter.name) else {
                let mut siblings = parameters.iter().filter(|p| p.part == parameter.part);
                if family.may_lack(parameter.part) && siblings.all(|p| self.get(&p.name).is_none()) {
                    lacking.push(parameter.name.clone());
                    continue;
                }
                return Err(problem("model-tensor-missing", file).with("shape", format!("{:?}", parameter.shape)));
            };
            let place = tensor.source.place();
            if tensor.shape != parameter.shape {
                return Err(problem("model-tensor-shape", place)
                    .with("expected", format!("{:?}", parameter.shape))
                    .with("found", format!("{:?}", tensor.shape)));
            }
            if !tensor.is_float() {
                return Err(problem("model-tensor-type", place).with("type", format!("{:?}", tensor.dtype)));
            }
        }
        Ok(lacking)
    }

    /// Reads all values of these parameters and checks that each is a finite number.
    ///
    /// # Errors
    /// `model-tensor-not-finite`, naming the tensor; `file-error`.
    pub fn check_finite(&self, parameters: &[Parameter]) -> Outcome<()> {
        for parameter in parameters {
            let Some(tensor) = self.get(&parameter.name) else { continue };
            let mut finite = true;
            tensor.read(|bytes| finite &= all_finite(tensor.dtype, bytes))?;
            if !finite {
                return Err(Problem::new("model-tensor-not-finite")
                    .with("file", tensor.source.place().display())
                    .with("tensor", &parameter.name));
            }
        }
        Ok(())
    }

    fn add(&mut self, source: Source, source_bytes: u64, family: Family) -> Outcome<()> {
        let place = source.place();
        let header = Header::read(|offset, buffer| source.try_read_at(offset, buffer), source_bytes);
        let Header { metadata, data_start } = header.map_err(|error| match error {
            HeaderError::Unreadable(error) => Problem::file(place, &error),
            HeaderError::GitLfsPointer => git_lfs_pointer(place),
            HeaderError::Damaged(how) => {
                Problem::new("model-file-damaged").with("file", place.display()).with_original(how)
            }
        })?;
        let source = Arc::new(source);
        for stored in metadata.offset_keys() {
            let Some(info) = metadata.info(&stored) else { continue };
            let tensor = RawTensor {
                shape: info.shape.clone(),
                dtype: info.dtype,
                by_columns: false,
                offset: data_start + info.data_offsets.0 as u64,
                source: Arc::clone(&source),
            };
            self.insert(&stored, tensor, family)?;
        }
        Ok(())
    }

    fn add_pickled(&mut self, source: Source, path: &Path, family: Family) -> Outcome<()> {
        let mut first_bytes = [0; 8];
        // A file that is shorter is refused below, because it is no archive.
        if source.try_read_at(0, &mut first_bytes).is_ok() && is_git_lfs_pointer(first_bytes) {
            return Err(git_lfs_pointer(path));
        }
        let source = Arc::new(source);
        for stored in pickle::tensors(path)? {
            let pickle::PickledTensor { name, shape, dtype, by_columns, offset } = stored;
            self.insert(&name, RawTensor { shape, dtype, by_columns, offset, source: Arc::clone(&source) }, family)?;
        }
        Ok(())
    }

    fn insert(&mut self, stored: &str, tensor: RawTensor, family: Family) -> Outcome<()> {
        let Some(name) = family.tree_name(stored) else { return Ok(()) };
        let place = tensor.source.place().display().to_string();
        match self.tensors.insert(name.clone(), tensor) {
            Some(_) => Err(Problem::new("model-tensor-twice").with("file", place).with("tensor", name)),
            None => Ok(()),
        }
    }
}

fn git_lfs_pointer(place: &Path) -> Problem {
    Problem::new("model-lfs-pointer").with("file", place.display())
}

impl RawTensor {
    /// The size of each dimension, the outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of its values.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    fn is_float(&self) -> bool {
        matches!(self.dtype, Dtype::F32 | Dtype::F16 | Dtype::BF16)
    }

    /// Reads its values in row-major order and turns them into f32.
    ///
    /// # Errors
    /// `file-error` when its file can no longer be read; `internal-error` for integers, which no parameter has.
    pub fn to_f32(&self) -> Outcome<Vec<f32>> {
        if !self.is_float() {
            return Err(Problem::internal(format_args!("a tensor of {:?} is no parameter", self.dtype)));
        }
        let mut values = Vec::with_capacity(self.count());
        self.read(|bytes| widen(self.dtype, bytes, &mut values))?;
        match self.shape[..] {
            [rows, columns] if self.by_columns => Ok(by_rows(&values, rows, columns)),
            _ => Ok(values),
        }
    }

    /// Hands its bytes to `take` in their order, in pieces that cut no number in two.
    fn read(&self, mut take: impl FnMut(&[u8])) -> Outcome<()> {
        let bytes = self.count() * self.dtype.bitsize() / 8;
        let mut chunk = vec![0; bytes.min(CHUNK_BYTES)];
        let mut done = 0;
        while done < bytes {
            let now = chunk.len().min(bytes - done);
            self.source.read_at(self.offset + done as u64, &mut chunk[..now])?;
            take(&chunk[..now]);
            done += now;
        }
        Ok(())
    }
}

impl Source {
    /// The name of the file in messages.
    fn place(&self) -> &Path {
        match self {
            Self::Bundled(_) => Path::new("model.safetensors"),
            Self::File { path, .. } => path,
        }
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Outcome<()> {
        self.try_read_at(offset, buffer).map_err(|e| Problem::file(self.place(), &e))
    }

    fn try_read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Bundled(bytes) => bytes.get(offset as usize..).unwrap_or_default().read_exact(buffer),
            Self::File { file, .. } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(buffer)
            }
        }
    }
}

/// Whether a file of weights is in the format of PyTorch, judging by its name.
pub(super) fn is_pickle(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "bin")
}

/// Adds the numbers in `bytes` to `values` as f32.
fn widen(dtype: Dtype, bytes: &[u8], values: &mut Vec<f32>) {
    if dtype == Dtype::F32 {
        values.extend(bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)));
        return;
    }
    let bits = bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b));
    if dtype == Dtype::BF16 {
        values.extend(bits.map(|b| f32::from_bits(u32::from(b) << 16)));
        return;
    }
    let bits: Vec<u16> = bits.collect();
    let start = values.len();
    values.resize(start + bits.len(), 0.0);
    bits.reinterpret_cast::<f16>().convert_to_f32_slice(&mut values[start..]);
}

/// Turns a matrix that was written column by column into row-major order.
fn by_rows(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..rows).flat_map(|row| (0..columns).map(move |column| values[column * rows + row])).collect()
}

/// Whether all numbers are finite. In NaN and the infinities, every bit of the exponent is 1.
fn all_finite(dtype: Dtype, bytes: &[u8]) -> bool {
    let half = |mask: u16| bytes.as_chunks::<2>().0.iter().all(|b| u16::from_le_bytes(*b) & mask != mask);
    match dtype {
        Dtype::F16 => half(0x7c00),
        Dtype::BF16 => half(0x7f80),
        _ => bytes.as_chunks::<4>().0.iter().all(|b| f32::from_le_bytes(*b).is_finite()),
    }
}
