//! A model's weights as they are given away: in 16 bits, and with a temperature in the head.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::disk::write_with;
use super::safetensors_header::{Header, HeaderError};
use crate::domain::half::Half;
use crate::domain::problem::{Outcome, Problem};

/// So many bytes of a tensor are rounded at once; a multiple of the four of a number.
const CHUNK_BYTES: usize = 1 << 16;

/// The changes that are made to weights while they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rewrite {
    /// They are rounded to the nearest of these numbers of 16 bits.
    pub half: Option<Half>,
    /// Weight and bias of the head's last layer are divided by it, and with them the logits.
    pub temperature: Option<f64>,
}

impl Rewrite {
    /// Returns whether nothing is changed.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Writes the weights of `from`, a safetensors file of f32 numbers as Thaw saves them, with these changes. Tensors of other types
/// stay as they are.
///
/// # Errors
/// `half-overflow` for a number beyond the range of f16, which would become infinite; `export-no-weights` for a file that is no
/// such file, or has no head to put a temperature in; `file-error`.
pub fn rewrite(from: &Path, to: &Path, Rewrite { half, temperature }: Rewrite) -> Outcome<()> {
    let failed = |e: io::Error| Problem::file(from, &e);
    let mut file = File::open(from).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    let read_at = |mut file: &File, at: u64, to: &mut [u8]| {
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(to)
    };
    let header = Header::read(|at, to| read_at(&file, at, to), bytes).map_err(|error| match error {
        HeaderError::Unreadable(error) => failed(error),
        HeaderError::GitLfsPointer | HeaderError::Damaged(_) => {
            Problem::new("export-no-weights").with("file", from.display())
        }
    })?;
    // In the order of their places, so that the file is read from its beginning to its end.
    let mut tensors: Vec<(String, &TensorInfo)> = header.metadata.tensors().into_iter().collect();
    tensors.sort_by_key(|(_, info)| info.data_offsets);
    let mut end = 0;
    let infos = tensors.iter().map(|(name, info)| {
        let (start, old) = (end, info.data_offsets.1 - info.data_offsets.0);
        let is_rounded = half.is_some() && info.dtype == Dtype::F32;
        end += if is_rounded { old / 2 } else { old };
        let dtype = match half {
            Some(Half::F16) if is_rounded => Dtype::F16,
            Some(Half::Bf16) if is_rounded => Dtype::BF16,
            _ => info.dtype,
        };
        (name.clone(), TensorInfo { dtype, shape: info.shape.clone(), data_offsets: (start, end) })
    });
    let infos: Vec<(String, TensorInfo)> = infos.collect();
    let last_layer = last_layer(&tensors);
    if temperature.is_some() && last_layer.is_none() {
        return Err(Problem::new("export-no-weights").with("file", from.display()));
    }
    let notes = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let written = Metadata::new(Some(notes), infos).map_err(Problem::internal)?;
    let mut head = serde_json::to_vec(&written).map_err(Problem::internal)?;
    head.resize(head.len().next_multiple_of(8), b' ');
    write_with(to, |out| {
        let unwritten = |e: io::Error| Problem::file(to, &e);
        out.write_all(&(head.len() as u64).to_le_bytes()).map_err(unwritten)?;
        out.write_all(&head).map_err(unwritten)?;
        let (mut chunk, mut rounded) = (vec![0; CHUNK_BYTES], Vec::with_capacity(CHUNK_BYTES));
        for (name, info) in &tensors {
            let (start, end) = info.data_offsets;
            let is_last = last_layer.is_some_and(|prefix| name.starts_with(prefix));
            let divisor = temperature.filter(|_| is_last).map(|temperature| temperature as f32);
            file.seek(SeekFrom::Start(header.data_start + start as u64)).map_err(failed)?;
            for at in (start..end).step_by(CHUNK_BYTES) {
                let chunk = &mut chunk[..CHUNK_BYTES.min(end - at)];
                file.read_exact(chunk).map_err(failed)?;
                if info.dtype != Dtype::F32 || (half.is_none() && divisor.is_none()) {
                    out.write_all(chunk).map_err(unwritten)?;
                    continue;
                }
                rounded.clear();
                for bytes in chunk.as_chunks::<4>().0 {
                    let x = f32::from_le_bytes(*bytes);
                    let x = divisor.map_or(x, |divisor| x / divisor);
                    match half {
                        Some(half) => rounded.extend_from_slice(&round(x, half, name)?),
                        None => rounded.extend_from_slice(&x.to_le_bytes()),
                    }
                }
                out.write_all(&rounded).map_err(unwritten)?;
            }
        }
        Ok(())
    })
}

/// The names of the tensors that make the logits begin so: with the last layer's name, which RoBERTa and ELECTRA have within their
/// head. `None` where there is none in f32.
fn last_layer(tensors: &[(String, &TensorInfo)]) -> Option<&'static str> {
    let has = |layer: &str| {
        tensors.iter().any(|(name, info)| name.strip_prefix(layer) == Some("weight") && info.dtype == Dtype::F32)
    };
    ["classifier.out_proj.", "classifier."].into_iter().find(|layer| has(layer))
}

/// A number in 16 bits.
///
/// # Errors
/// `half-overflow`.
fn round(x: f32, half: Half, name: &str) -> Outcome<[u8; 2]> {
    let (bytes, is_finite) = match half {
        Half::F16 => (f16::from_f32(x).to_le_bytes(), f16::from_f32(x).is_finite()),
        Half::Bf16 => (bf16::from_f32(x).to_le_bytes(), bf16::from_f32(x).is_finite()),
    };
    if is_finite || !x.is_finite() {
        return Ok(bytes);
    }
    Err(Problem::new("half-overflow").with("name", name).with("value", format!("{x:e}")).with("half", half.name()))
}

#[cfg(test)]
mod tests {
    use super::super::tensor_file::{Piece, write};
    use super::*;

    fn file(folder: &Path, values: &[f32]) -> std::path::PathBuf {
        let path = folder.join("model.safetensors");
        let piece =
            |name: &str| Piece { name: name.to_owned(), len: values.len(), values: Box::new(|take| take(values)) };
        write(&path, "", &[piece("a"), piece("b")]).unwrap();
        path
    }

    fn in_half(half: Half) -> Rewrite {
        Rewrite { half: Some(half), ..Rewrite::default() }
    }

    #[test]
    fn a_temperature_divides_the_last_layer_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("model.safetensors"), folder.path().join("out.safetensors"));
        let values = [1.0_f32, -3.0];
        let with = |names: &[&str]| {
            let piece =
                |name: &&str| Piece { name: (*name).to_owned(), len: 2, values: Box::new(|take| take(&values)) };
            write(&from, "", &names.iter().map(piece).collect::<Vec<_>>()).unwrap();
            rewrite(&from, &to, Rewrite { temperature: Some(2.0), ..Rewrite::default() })
        };
        let read = |name: &str| -> Vec<f32> {
            let bytes = std::fs::read(&to).unwrap();
            let read = safetensors::SafeTensors::deserialize(&bytes).unwrap();
            read.tensor(name).unwrap().data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
        };
        with(&["bert.pooler.dense.weight", "classifier.weight", "classifier.bias"]).unwrap();
        assert_eq!((read("bert.pooler.dense.weight"), read("classifier.bias")), (vec![1.0, -3.0], vec![0.5, -1.5]));
        assert_eq!(read("classifier.weight"), [0.5, -1.5]);
        with(&["classifier.dense.weight", "classifier.out_proj.weight", "classifier.out_proj.bias"]).unwrap();
        assert_eq!(
            (read("classifier.dense.weight"), read("classifier.out_proj.bias")),
            (vec![1.0, -3.0], vec![0.5, -1.5])
        );
        assert_eq!(with(&["bert.pooler.dense.weight"]).unwrap_err().id, "export-no-weights");
    }

    #[test]
    fn numbers_are_rounded_to_the_nearest_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let values = [0.0, -1.0, 1.0 / 3.0, 65504.0, 1e-8, -2.5e-5];
        let from = file(folder.path(), &values);
        for half in Half::ALL {
            let to = folder.path().join("half.safetensors");
            rewrite(&from, &to, in_half(half)).unwrap();
            let bytes = std::fs::read(&to).unwrap();
            let read = safetensors::SafeTensors::deserialize(&bytes).unwrap();
            for name in ["a", "b"] {
                let tensor = read.tensor(name).unwrap();
                let pairs = tensor.data().as_chunks::<2>().0.iter();
                let found: Vec<f32> = match half {
                    Half::F16 => pairs.map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
                    Half::Bf16 => pairs.map(|b| bf16::from_le_bytes(*b).to_f32()).collect(),
                };
                let expected: Vec<f32> = values
                    .iter()
                    .map(|x| if half == Half::F16 { f16::from_f32(*x).to_f32() } else { bf16::from_f32(*x).to_f32() })
                    .collect();
                assert_eq!((found, tensor.shape()), (expected, &[6][..]));
            }
        }
    }

    #[test]
    fn what_would_become_infinite_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let from = file(folder.path(), &[1.0, -70_000.0]);
        let to = folder.path().join("half.safetensors");
        let refused = rewrite(&from, &to, in_half(Half::F16)).unwrap_err();
        assert_eq!((refused.id.as_ref(), refused.arg("name").as_deref()), ("half-overflow", Some("a")));
        assert!(!to.exists());
        rewrite(&from, &to, in_half(Half::Bf16)).unwrap();
        std::fs::write(&from, "no weights").unwrap();
        assert_eq!(rewrite(&from, &to, in_half(Half::Bf16)).unwrap_err().id, "export-no-weights");
    }
}
