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
use super::foreign;
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
    /// What stands before all names in the files because the model was part of something else, such as `module.`.
    wrapper: Option<String>,
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
        let stored = stored(Source::Bundled(bytes), bytes.len() as u64)?;
        Self::of(stored, family, Path::new("model.safetensors"))
    }

    /// The tensors of one or more files, in the format of safetensors or of PyTorch (`*.bin`). Only the files' tables of
    /// contents are read.
    ///
    /// # Errors
    /// `model-file-damaged`, `model-pickle-unreadable`, `model-lfs-pointer`, `model-tensor-twice`, `model-encoders`,
    /// `model-adapter-inside`, `model-quantised`, `file-error`, naming the file.
    pub fn open(paths: &[PathBuf], family: Family) -> Outcome<Self> {
        let mut all = Vec::new();
        for path in paths {
            let file = File::open(path).map_err(|e| Problem::file(path, &e))?;
            let bytes = file.metadata().map_err(|e| Problem::file(path, &e))?.len();
            let source = Source::File { path: path.clone(), file: Mutex::new(file) };
            all.extend(if is_pickle(path) { pickled(source, path)? } else { stored(source, bytes)? });
        }
        Self::of(all, family, paths.first().map_or(Path::new(""), PathBuf::as_path))
    }

    /// Gives tensors that have these names in files their names in the tree.
    fn of(all: Vec<(String, RawTensor)>, family: Family, file: &Path) -> Outcome<Self> {
        foreign::check_names(all.iter().map(|(name, _)| name.as_str()), file)?;
        let wrapping = Wrapping::find(all.iter().map(|(name, _)| name.as_str()), family, file)?;
        let mut weights = Self { wrapper: wrapping.as_ref().map(|w| w.outer.clone()), ..Self::default() };
        for (stored, tensor) in all {
            let name = wrapping.as_ref().map_or(stored.as_str(), |wrapping| wrapping.strip(&stored));
            let Some(name) = family.tree_name(name) else { continue };
            let place = tensor.source.place().display().to_string();
            if weights.tensors.insert(name.clone(), tensor).is_some() {
                return Err(Problem::new("model-tensor-twice").with("file", place).with("tensor", name));
            }
        }
        Ok(weights)
    }

    /// What was taken away from the beginning of all names in the files, beyond what the family's own names begin with.
    pub fn wrapper(&self) -> Option<&str> {
        self.wrapper.as_deref()
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

    /// Reads all values of these parameters and checks that each is a finite number. Tells the share of them that is read.
    ///
    /// # Errors
    /// `model-tensor-not-finite`, naming the tensor; `file-error`.
    pub fn check_finite(&self, parameters: &[Parameter], progress: &dyn Fn(f64)) -> Outcome<()> {
        let all: usize = parameters.iter().map(Parameter::count).sum();
        let mut done = 0;
        for parameter in parameters {
            progress(done as f64 / all.max(1) as f64);
            done += parameter.count();
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
}

/// The tensors of a safetensors file with their names there. Only its table of contents is read.
fn stored(source: Source, source_bytes: u64) -> Outcome<Vec<(String, RawTensor)>> {
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
    let tensor = |stored: String| {
        let info = metadata.info(&stored)?;
        let tensor = RawTensor {
            shape: info.shape.clone(),
            dtype: info.dtype,
            by_columns: false,
            offset: data_start + info.data_offsets.0 as u64,
            source: Arc::clone(&source),
        };
        Some((stored, tensor))
    };
    Ok(metadata.offset_keys().into_iter().filter_map(tensor).collect())
}

/// The tensors of a file of PyTorch's with their names there. Only its table of contents is read.
fn pickled(source: Source, path: &Path) -> Outcome<Vec<(String, RawTensor)>> {
    let mut first_bytes = [0; 8];
    // A file that is shorter is refused below, because it is no archive.
    if source.try_read_at(0, &mut first_bytes).is_ok() && is_git_lfs_pointer(first_bytes) {
        return Err(git_lfs_pointer(path));
    }
    let source = Arc::new(source);
    let tensor = |stored: pickle::PickledTensor| {
        let pickle::PickledTensor { name, shape, dtype, by_columns, offset } = stored;
        (name, RawTensor { shape, dtype, by_columns, offset, source: Arc::clone(&source) })
    };
    Ok(pickle::tensors(path)?.into_iter().map(tensor).collect())
}

/// What names in a file begin with when the model was saved as part of something else: by a wrapper for several GPUs
/// (`module.bert.`), by a training program (`model.bert.`), or by a class with a name of its own for it (`encoder.`).
struct Wrapping {
    /// What the encoder's names begin with.
    encoder: String,
    /// What all names begin with.
    outer: String,
}

impl Wrapping {
    /// Finds it by the table of words, which every model has; `None` where names begin as usual.
    fn find<'a>(names: impl Iterator<Item = &'a str>, family: Family, file: &Path) -> Outcome<Option<Self>> {
        let beginning = |name: &'a str| {
            let beginning = name.strip_suffix("embeddings.word_embeddings.weight")?;
            (beginning.is_empty() || beginning.ends_with('.')).then_some(beginning)
        };
        let found: Vec<&str> = names.filter_map(beginning).collect();
        let own = family.anatomy().prefix;
        if found.is_empty() || found.contains(&"") || found.contains(&own) {
            return Ok(None);
        }
        let [encoder] = found[..] else {
            let problem = Problem::new("model-encoders").with("file", file.display());
            return Err(problem.with("names", found.join(", ")));
        };
        let outer = encoder.strip_suffix(own).filter(|outer| outer.ends_with('.')).unwrap_or(encoder);
        Ok(Some(Self { encoder: encoder.to_owned(), outer: outer.to_owned() }))
    }

    fn strip<'n>(&self, name: &'n str) -> &'n str {
        name.strip_prefix(&self.encoder).or_else(|| name.strip_prefix(&self.outer)).unwrap_or(name)
    }
}

fn git_lfs_pointer(place: &Path) -> Problem {
    Problem::new("model-lfs-pointer").with("file", place.display())
}

impl RawTensor {
    /// A tensor with these values, for tests of what reads one.
    #[cfg(test)]
    pub fn of_values(values: &[f32], shape: &[usize]) -> Self {
        let bytes: Vec<u8> = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        let source = Arc::new(Source::Bundled(bytes.leak()));
        Self { shape: shape.to_vec(), dtype: Dtype::F32, by_columns: false, offset: 0, source }
    }

    /// The file that it is in, for messages.
    pub fn place(&self) -> &Path {
        self.source.place()
    }

    /// The size of each dimension, the outermost first.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of its values.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    fn is_float(&self) -> bool {
        matches!(self.dtype, Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16)
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

    /// Hands its values to `take` as f32 in row-major order, in pieces of `len` values of which the last may be shorter. Only
    /// one piece is in memory at a time, except for a matrix that is written column by column.
    ///
    /// # Errors
    /// Those of [`RawTensor::to_f32`].
    pub fn for_pieces(&self, len: usize, mut take: impl FnMut(&[f32])) -> Outcome<()> {
        if self.by_columns || !self.is_float() {
            self.to_f32()?.chunks(len).for_each(take);
            return Ok(());
        }
        let number_bytes = self.dtype.bitsize() / 8;
        let (count, mut done) = (self.count(), 0);
        let (mut bytes, mut values) = (vec![0; len.min(count) * number_bytes], Vec::with_capacity(len.min(count)));
        while done < count {
            let bytes = &mut bytes[..len.min(count - done) * number_bytes];
            self.source.read_at(self.offset + (done * number_bytes) as u64, bytes)?;
            values.clear();
            widen(self.dtype, bytes, &mut values);
            take(&values);
            done += values.len();
        }
        Ok(())
    }

    /// Reads these rows of a matrix, given in ascending order, and turns them into f32. It takes no more memory than they
    /// do, except for a matrix that is written column by column.
    ///
    /// # Errors
    /// Those of [`RawTensor::to_f32`]; `file-error` also for a row that the matrix does not have.
    pub fn rows_to_f32(&self, rows: &[u32]) -> Outcome<Vec<f32>> {
        let width = self.shape.last().copied().unwrap_or(1);
        if self.by_columns || !self.is_float() {
            let whole = self.to_f32()?;
            return Ok(rows.iter().flat_map(|row| whole[*row as usize * width..][..width].iter().copied()).collect());
        }
        let row_bytes = width * self.dtype.bitsize() / 8;
        let (mut bytes, mut values) = (vec![0; row_bytes], Vec::with_capacity(rows.len() * width));
        for row in rows {
            self.source.read_at(self.offset + (*row as usize * row_bytes) as u64, &mut bytes)?;
            widen(self.dtype, &bytes, &mut values);
        }
        Ok(values)
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
    if dtype == Dtype::F64 {
        values.extend(bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b) as f32));
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
        // As f32 a large number becomes infinite.
        Dtype::F64 => bytes.as_chunks::<8>().0.iter().all(|b| (f64::from_le_bytes(*b) as f32).is_finite()),
        _ => bytes.as_chunks::<4>().0.iter().all(|b| f32::from_le_bytes(*b).is_finite()),
    }
}
