//! Named f32 tensors in a safetensors file. A checkpoint is such a file with a note in its header.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};

use super::disk::write_with;
use super::safetensors_header::{Header, HeaderError};
use crate::domain::problem::{Outcome, Problem};

/// Values become bytes and bytes values in pieces of so many bytes.
const CHUNK_BYTES: usize = 1 << 16;

/// The key of the note among the header's metadata.
const NOTE: &str = "thaw";

/// Takes the values of a tensor in row-major order, in as many parts as they come in.
pub type Take<'t> = &'t mut dyn FnMut(&[f32]) -> Outcome<()>;

/// One tensor to write. Its values are asked for only when its turn comes, and are taken from where they are, so that no
/// second copy of them is in memory.
pub struct Piece<'a> {
    pub name: String,
    /// The number of its values.
    pub len: usize,
    /// Hands them on.
    pub values: Box<dyn Fn(Take<'_>) -> Outcome<()> + 'a>,
}

/// Writes the pieces with a note. The file is whole or as it was before, even after a power cut.
///
/// # Errors
/// `file-error`; what a piece's `values` returns; `internal-error` when a piece has another number of values than its `len`.
pub fn write(path: &Path, note: &str, pieces: &[Piece<'_>]) -> Outcome<()> {
    let shapes = pieces.iter().map(|piece| (piece.name.clone(), vec![piece.len])).collect();
    write_tensors(path, (NOTE, note), shapes, &|i, take| (pieces[i].values)(take))
}

/// Writes f32 tensors with these names and shapes, and one entry of metadata, as a safetensors file. `values` hands on the
/// tensor with an index into `shapes`.
///
/// # Errors
/// Those of [`write()`].
pub(super) fn write_tensors(
    path: &Path,
    (key, text): (&str, &str),
    shapes: Vec<(String, Vec<usize>)>,
    values: &dyn Fn(usize, Take<'_>) -> Outcome<()>,
) -> Outcome<()> {
    let lengths: Vec<usize> = shapes.iter().map(|(_, shape)| shape.iter().product()).collect();
    let mut end = 0;
    let infos = shapes.into_iter().zip(&lengths).map(|((name, shape), len)| {
        let start = end;
        end += len * size_of::<f32>();
        (name, TensorInfo { dtype: Dtype::F32, shape, data_offsets: (start, end) })
    });
    let infos = infos.collect();
    let metadata = HashMap::from([(key.to_owned(), text.to_owned())]);
    let metadata = Metadata::new(Some(metadata), infos).map_err(Problem::internal)?;
    let mut header = serde_json::to_vec(&metadata).map_err(Problem::internal)?;
    header.resize(header.len().next_multiple_of(8), b' ');
    write_with(path, |file| {
        let failed = |e: io::Error| Problem::file(path, &e);
        file.write_all(&(header.len() as u64).to_le_bytes()).map_err(failed)?;
        file.write_all(&header).map_err(failed)?;
        let mut bytes = Vec::with_capacity(CHUNK_BYTES);
        for (i, len) in lengths.iter().enumerate() {
            let mut written = 0;
            values(i, &mut |values| {
                written += values.len();
                for chunk in values.chunks(CHUNK_BYTES / size_of::<f32>()) {
                    bytes.clear();
                    bytes.extend(chunk.iter().flat_map(|v| v.to_le_bytes()));
                    file.write_all(&bytes).map_err(failed)?;
                }
                Ok(())
            })?;
            if written != *len {
                return Err(Problem::internal(format_args!("{written} values of tensor {i}, not {len}")));
            }
        }
        Ok(())
    })
}

/// A file that [`write()`] wrote. Its tensors are read when they are asked for.
#[derive(Debug)]
pub struct TensorFile {
    path: PathBuf,
    file: File,
    header: Header,
}

impl TensorFile {
    /// Opens a file and reads its header, no values yet.
    ///
    /// # Errors
    /// `file-error`; `checkpoint-damaged` for a file that is not whole or that this program did not write.
    pub fn open(path: &Path) -> Outcome<Self> {
        let failed = |e: io::Error| Problem::file(path, &e);
        let file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let header = Header::read(|offset, buffer| read_at(&file, offset, buffer), bytes);
        let header = header.map_err(|error| match error {
            HeaderError::Unreadable(error) => failed(error),
            HeaderError::GitLfsPointer | HeaderError::Damaged(_) => damaged(path),
        })?;
        Ok(Self { path: path.to_owned(), file, header })
    }

    /// The values of a tensor that must be there and have `len` values, in row-major order.
    ///
    /// # Errors
    /// `checkpoint-damaged` when there is no such tensor; `file-error`.
    pub fn need(&self, name: &str, len: usize) -> Outcome<Vec<f32>> {
        self.read(name)?.filter(|values| values.len() == len).ok_or_else(|| self.damaged())
    }

    /// Checks that a tensor is there and has `len` values, without reading them.
    ///
    /// # Errors
    /// `checkpoint-damaged`.
    pub fn check(&self, name: &str, len: usize) -> Outcome<()> {
        let bytes = self.header.metadata.info(name).map(|info| info.data_offsets.1.saturating_sub(info.data_offsets.0));
        if bytes == Some(len * size_of::<f32>()) { Ok(()) } else { Err(self.damaged()) }
    }

    /// The problem to report when the file does not hold what it should.
    pub fn damaged(&self) -> Problem {
        damaged(&self.path)
    }

    /// The note that the file was written with.
    pub fn note(&self) -> &str {
        self.header.metadata.metadata().as_ref().and_then(|notes| notes.get(NOTE)).map_or("", String::as_str)
    }

    /// The values of a tensor in row-major order; `None` when there is none with this name.
    ///
    /// # Errors
    /// `checkpoint-damaged` when the tensor leaves the file; `file-error`.
    pub fn read(&self, name: &str) -> Outcome<Option<Vec<f32>>> {
        let Some(info) = self.header.metadata.info(name) else { return Ok(None) };
        let (from, to) = info.data_offsets;
        if from > to || to > self.header.metadata.data_len() {
            return Err(self.damaged());
        }
        let mut values = Vec::with_capacity((to - from) / size_of::<f32>());
        let mut bytes = vec![0; CHUNK_BYTES.min(to - from)];
        for at in (from..to).step_by(CHUNK_BYTES) {
            let bytes = &mut bytes[..CHUNK_BYTES.min(to - at)];
            let place = self.header.data_start + at as u64;
            read_at(&self.file, place, bytes).map_err(|e| Problem::file(&self.path, &e))?;
            values.extend(bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)));
        }
        Ok(Some(values))
    }
}

fn read_at(mut file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(buffer)
}

fn damaged(path: &Path) -> Problem {
    Problem::new("checkpoint-damaged").with("file", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece<'a>(name: &str, values: &'a [f32]) -> Piece<'a> {
        Piece { name: name.to_owned(), len: values.len(), values: Box::new(move |take| take(values)) }
    }

    #[test]
    fn every_bit_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.safetensors");
        let odd = [f32::MIN_POSITIVE / 2.0, -0.0, f32::MAX, 1.0 / 3.0];
        write(&path, "a \"note\"", &[piece("b", &odd), piece("a", &[]), piece("c", &[2.0])]).unwrap();
        let file = TensorFile::open(&path).unwrap();
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&file.read("b").unwrap().unwrap()), bits(&odd));
        assert_eq!((file.read("a").unwrap(), file.read("c").unwrap()), (Some(vec![]), Some(vec![2.0])));
        assert_eq!((file.read("d").unwrap(), file.note()), (None, "a \"note\""));
    }

    #[test]
    fn a_failed_write_leaves_the_older_file_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.safetensors");
        write(&path, "first", &[piece("a", &[1.0])]).unwrap();
        let full = |_: Take<'_>| Err(Problem::new("file-error"));
        let second = [piece("a", &[2.0]), Piece { name: "b".into(), len: 1, values: Box::new(full) }];
        assert_eq!(write(&path, "second", &second).unwrap_err().id, "file-error");
        assert_eq!(TensorFile::open(&path).unwrap().note(), "first");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no part of the second is left");
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.safetensors");
        write(&path, "", &[piece("a", &[1.0, 2.0])]).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for bytes in [&whole[..whole.len() - 1], &whole[..4], b"", &[0xff; 64]] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(TensorFile::open(&path).unwrap_err().id, "checkpoint-damaged");
        }
    }
}
