//! The header of a safetensors file: eight bytes that tell its length, then JSON that tells each tensor's type, shape and
//! place (<https://github.com/huggingface/safetensors>, "Format").

use std::io;

use safetensors::tensor::Metadata;

/// Headers of published models are below 100 kB, so that a much longer one is no header at all.
const MAX_HEADER_BYTES: u64 = 16 << 20;

/// What a safetensors file says about its tensors.
#[derive(Debug)]
pub struct Header {
    pub metadata: Metadata,
    /// The place of the first tensor's first byte, in bytes from the beginning of the file.
    pub data_start: u64,
}

/// Why a file has no header that can be used.
#[derive(Debug)]
pub enum HeaderError {
    /// The file could not be read.
    Unreadable(io::Error),
    /// Git has left a pointer in place of a large file that it did not fetch.
    GitLfsPointer,
    /// The file is not safetensors, or is not whole; the text says how it shows.
    Damaged(String),
}

impl Header {
    /// Reads the header of a file of `file_bytes` bytes and believes nothing that this length denies. `read_at` fills a
    /// buffer from a place in the file.
    ///
    /// # Errors
    /// Each [`HeaderError`].
    pub fn read(
        mut read_at: impl FnMut(u64, &mut [u8]) -> io::Result<()>,
        file_bytes: u64,
    ) -> Result<Self, HeaderError> {
        if file_bytes < 8 {
            return Err(HeaderError::Damaged(format!("{file_bytes} B")));
        }
        let mut length = [0; 8];
        read_at(0, &mut length).map_err(HeaderError::Unreadable)?;
        if is_git_lfs_pointer(length) {
            return Err(HeaderError::GitLfsPointer);
        }
        let header_bytes = u64::from_le_bytes(length);
        if header_bytes > MAX_HEADER_BYTES.min(file_bytes - 8) {
            return Err(HeaderError::Damaged(format!("header of {header_bytes} B in a file of {file_bytes} B")));
        }
        let mut header = vec![0; header_bytes as usize];
        read_at(8, &mut header).map_err(HeaderError::Unreadable)?;
        let metadata: Metadata =
            serde_json::from_slice(&header).map_err(|error| HeaderError::Damaged(error.to_string()))?;
        let (data_start, data_bytes) = (8 + header_bytes, metadata.data_len() as u64);
        if data_start + data_bytes != file_bytes {
            let found = file_bytes - data_start;
            return Err(HeaderError::Damaged(format!("{found} B of data, not {data_bytes} B")));
        }
        Ok(Self { metadata, data_start })
    }
}

/// Whether a file begins with `version https://git-lfs...`, as the pointers of Git's large file storage do.
pub fn is_git_lfs_pointer(first_bytes: [u8; 8]) -> bool {
    first_bytes == *b"version "
}
