//! A model's weights in 16 bits.

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

/// Writes the weights of `from`, a safetensors file of f32 numbers as Thaw saves them, rounded to the nearest numbers of 16 bits.
/// Tensors of other types stay as they are.
///
/// # Errors
/// `half-overflow` for a number beyond the range of f16, which would become infinite; `export-no-weights` for a file that is no
/// such file; `file-error`.
pub fn write_half(from: &Path, to: &Path, half: Half) -> Outcome<()> {
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
        let is_rounded = info.dtype == Dtype::F32;
        end += if is_rounded { old / 2 } else { old };
        let dtype = match half {
            _ if !is_rounded => info.dtype,
            Half::F16 => Dtype::F16,
            Half::Bf16 => Dtype::BF16,
        };
        (name.clone(), TensorInfo { dtype, shape: info.shape.clone(), data_offsets: (start, end) })
    });
    let infos: Vec<(String, TensorInfo)> = infos.collect();
    let notes = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let written = Metadata::new(Some(notes), infos).map_err(Problem::internal)?;
    let mut head = serde_json::to_vec(&written).map_err(Problem::internal)?;
    head.resize(head.len().next_multiple_of(8), b' ');
    write_with(to, |out| {
        let unwritten = |e: io::Error| Problem::file(to, &e);
        out.write_all(&(head.len() as u64).to_le_bytes()).map_err(unwritten)?;
        out.write_all(&head).map_err(unwritten)?;
        let (mut chunk, mut rounded) = (vec![0; CHUNK_BYTES], Vec::with_capacity(CHUNK_BYTES / 2));
        for (name, info) in &tensors {
            let (start, end) = info.data_offsets;
            file.seek(SeekFrom::Start(header.data_start + start as u64)).map_err(failed)?;
            for at in (start..end).step_by(CHUNK_BYTES) {
                let chunk = &mut chunk[..CHUNK_BYTES.min(end - at)];
                file.read_exact(chunk).map_err(failed)?;
                if info.dtype != Dtype::F32 {
                    out.write_all(chunk).map_err(unwritten)?;
                    continue;
                }
                rounded.clear();
                for bytes in chunk.as_chunks::<4>().0 {
                    rounded.extend_from_slice(&round(f32::from_le_bytes(*bytes), half, name)?);
                }
                out.write_all(&rounded).map_err(unwritten)?;
            }
        }
        Ok(())
    })
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

    #[test]
    fn numbers_are_rounded_to_the_nearest_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let values = [0.0, -1.0, 1.0 / 3.0, 65504.0, 1e-8, -2.5e-5];
        let from = file(folder.path(), &values);
        for half in Half::ALL {
            let to = folder.path().join("half.safetensors");
            write_half(&from, &to, half).unwrap();
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
        let refused = write_half(&from, &to, Half::F16).unwrap_err();
        assert_eq!((refused.id.as_ref(), refused.arg("name").as_deref()), ("half-overflow", Some("a")));
        assert!(!to.exists());
        write_half(&from, &to, Half::Bf16).unwrap();
        std::fs::write(&from, "no weights").unwrap();
        assert_eq!(write_half(&from, &to, Half::Bf16).unwrap_err().id, "export-no-weights");
    }
}
