//! `pytorch_model.bin`: which tensors it holds, and where in the file their numbers are.
//!
//! PyTorch stores the numbers uncompressed in a zip archive, together with a pickle that holds names and shapes. A
//! pickle is a program. candle's reader knows only the few instructions that build a table of tensors, and never calls
//! anything. But it trusts lengths and copies without limit, so what a file would make it do is estimated here first.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::panic::catch_unwind;
use std::path::Path;

use candle_core::DType;
use candle_core::pickle::{TensorInfo, read_pth_tensor_info};
use safetensors::Dtype;
use zip::{CompressionMethod, ZipArchive};

use crate::domain::problem::{Outcome, Problem};

/// The table of a model with 1,000 tensors takes about 200 kB.
const MAX_TABLE_BYTES: u64 = 16 << 20;
/// The table of a model with 1,000 tensors takes about 100,000 objects, copies included.
const MAX_OBJECTS: u64 = 2_000_000;
/// A tensor in the table is six levels deep.
const MAX_DEPTH: u32 = 64;

/// One tensor of an archive.
pub struct PickledTensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub dtype: Dtype,
    /// Whether a matrix is written column by column.
    pub by_columns: bool,
    /// The place of its first byte, in bytes from the beginning of the file.
    pub offset: u64,
}

type Archive = ZipArchive<BufReader<File>>;

/// The tensors of a file in PyTorch's format. Only the table is read, and nothing in it is believed that the file's length
/// denies.
///
/// # Errors
/// `model-pickle-unreadable`, naming the file; `file-error`.
pub fn tensors(path: &Path) -> Outcome<Vec<PickledTensor>> {
    let unreadable = |error: &dyn std::fmt::Display| {
        Problem::new("model-pickle-unreadable").with("file", path.display()).with_original(error)
    };
    let file = File::open(path).map_err(|e| Problem::file(path, &e))?;
    let mut archive: Archive = ZipArchive::new(BufReader::new(file)).map_err(|e| unreadable(&e))?;
    weigh_tables(&mut archive).map_err(|e| unreadable(&e))?;
    // candle's reader panics over a tuple that is too short.
    let infos = catch_unwind(|| read_pth_tensor_info(path, false, None))
        .map_err(|_panic| unreadable(&"a tensor is not described as PyTorch does"))?
        .map_err(|e| unreadable(&e))?;
    if infos.is_empty() {
        return Err(unreadable(&"no tensors"));
    }
    infos.into_iter().map(|info| place(&mut archive, info).map_err(|e| unreadable(&e))).collect()
}

/// Finds a tensor's numbers in the file, and checks that there are enough of them.
fn place(archive: &mut Archive, info: TensorInfo) -> Result<PickledTensor, String> {
    let TensorInfo { name, dtype, layout, path, .. } = info;
    let failed = |why: &str| format!("{name}: {why}");
    let dtype_stored = match dtype {
        DType::F32 => Dtype::F32,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::F64 => Dtype::F64,
        DType::I64 => Dtype::I64,
        _ => Dtype::U8,
    };
    let shape = layout.dims().to_vec();
    let by_columns = !layout.is_contiguous();
    if by_columns && !(shape.len() == 2 && layout.is_fortran_contiguous()) {
        return Err(failed("its numbers do not lie side by side"));
    }
    let count = shape.iter().try_fold(1usize, |n, size| n.checked_mul(*size));
    let bytes = count.and_then(|n| n.checked_mul(dtype.size_in_bytes()));
    let end = bytes.and_then(|bytes| layout.start_offset().checked_add(bytes));
    let entry = archive.by_name(&path).map_err(|e| failed(&e.to_string()))?;
    if entry.compression() != CompressionMethod::Stored || end.is_none_or(|end| end as u64 > entry.size()) {
        return Err(failed(&format!("{} B of numbers, too few for {shape:?}", entry.size())));
    }
    let start = entry.data_start().ok_or_else(|| failed("no numbers"))?;
    Ok(PickledTensor { shape, dtype: dtype_stored, by_columns, offset: start + layout.start_offset() as u64, name })
}

/// Weighs every table that candle's reader would read, and refuses one that is too heavy.
fn weigh_tables(archive: &mut Archive) -> Result<(), String> {
    let names: Vec<String> = archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.into_owned()))
        .filter(|n| n.ends_with("data.pkl"))
        .collect();
    for name in names {
        let table = archive.by_name(&name).map_err(|e| e.to_string())?;
        if table.size() > MAX_TABLE_BYTES {
            return Err(format!("a table of {} B", table.size()));
        }
        let mut bytes = Vec::new();
        table.take(MAX_TABLE_BYTES).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        Scales { rest: &bytes, stack: Vec::new(), memo: HashMap::new(), objects: 0 }.weigh()?;
    }
    Ok(())
}

/// Follows a pickle's instructions, but keeps only the sizes of objects where a reader would keep the objects.
struct Scales<'a> {
    rest: &'a [u8],
    stack: Vec<Item>,
    memo: HashMap<u32, Size>,
    /// How many objects a reader would have built and copied so far.
    objects: u64,
}

#[derive(Clone, Copy)]
enum Item {
    Mark,
    Object(Size),
}

#[derive(Clone, Copy, Default)]
struct Size {
    objects: u64,
    depth: u32,
}

impl Scales<'_> {
    fn weigh(mut self) -> Result<(), String> {
        loop {
            let code = self.number(1)? as u8;
            match code {
                b'.' => return Ok(()),
                0x80 => drop(self.bytes(1)?),
                b'c' => {
                    self.line()?;
                    self.line()?;
                    self.push(&[])?;
                }
                // Plain values that take so many bytes.
                b'K' => self.leaf(1)?,
                b'M' => self.leaf(2)?,
                b'J' => self.leaf(4)?,
                b'G' => self.leaf(8)?,
                b'N' | 0x88 | 0x89 | b')' | b']' | b'}' => self.leaf(0)?,
                b'X' => {
                    let length = self.number(4)?;
                    self.leaf(length as usize)?;
                }
                0x8a => {
                    let length = self.number(1)?;
                    if length > 8 {
                        return Err(format!("a number of {length} B"));
                    }
                    self.leaf(length as usize)?;
                }
                b'(' => self.stack.push(Item::Mark),
                b't' | b'd' => {
                    let parts = self.take_marked()?;
                    self.push(&parts)?;
                }
                b'e' | b'u' => {
                    let mut parts = self.take_marked()?;
                    parts.push(self.pop()?);
                    self.push(&parts)?;
                }
                b'Q' | 0x85 => self.join(1)?,
                0x86 | b'R' | b'b' | 0x81 | b'a' => self.join(2)?,
                0x87 | b's' => self.join(3)?,
                b'q' | b'r' => {
                    let id = self.number(if code == b'q' { 1 } else { 4 })?;
                    let Some(Item::Object(top)) = self.stack.last().copied() else { return Err("no object".into()) };
                    self.count(top.objects)?;
                    self.memo.insert(id, top);
                }
                b'h' | b'j' => {
                    let id = self.number(if code == b'h' { 1 } else { 4 })?;
                    let found = *self.memo.get(&id).ok_or("no object of this number")?;
                    self.count(found.objects)?;
                    self.stack.push(Item::Object(found));
                }
                other => return Err(format!("instruction {other}")),
            }
        }
    }

    /// Takes the next `n` bytes of the program.
    fn bytes(&mut self, n: usize) -> Result<&[u8], String> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or("it ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes a little-endian number of up to four bytes.
    fn number(&mut self, n: usize) -> Result<u32, String> {
        Ok(self.bytes(n)?.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    /// Skips the rest of a line.
    fn line(&mut self) -> Result<(), String> {
        let length = self.rest.iter().position(|byte| *byte == b'\n').ok_or("it ends too early")?;
        self.bytes(length + 1).map(drop)
    }

    fn count(&mut self, objects: u64) -> Result<(), String> {
        self.objects += objects;
        if self.objects > MAX_OBJECTS { Err(format!("more than {MAX_OBJECTS} objects")) } else { Ok(()) }
    }

    /// Skips a plain value of so many bytes and puts it on the stack.
    fn leaf(&mut self, bytes: usize) -> Result<(), String> {
        self.bytes(bytes)?;
        self.push(&[])
    }

    /// Puts an object of these parts on the stack.
    fn push(&mut self, parts: &[Size]) -> Result<(), String> {
        let size = Size {
            objects: 1 + parts.iter().map(|part| part.objects).sum::<u64>(),
            depth: 1 + parts.iter().map(|part| part.depth).max().unwrap_or(0),
        };
        if size.depth > MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} levels"));
        }
        self.count(1)?;
        self.stack.push(Item::Object(size));
        Ok(())
    }

    fn pop(&mut self) -> Result<Size, String> {
        match self.stack.pop() {
            Some(Item::Object(size)) => Ok(size),
            // candle's reader takes a mark for an object like any other.
            Some(Item::Mark) => Ok(Size { objects: 1, depth: 1 }),
            None => Err("no object".into()),
        }
    }

    /// Makes one object of the last `n` on the stack.
    fn join(&mut self, n: usize) -> Result<(), String> {
        let parts: Vec<Size> = (0..n).map(|_| self.pop()).collect::<Result<_, _>>()?;
        self.push(&parts)
    }

    /// Takes all objects down to the last mark, and the mark.
    fn take_marked(&mut self) -> Result<Vec<Size>, String> {
        let at = self.stack.iter().rposition(|item| matches!(item, Item::Mark)).ok_or("no mark")?;
        let parts = self.stack.drain(at..).skip(1);
        Ok(parts.map(|item| if let Item::Object(size) = item { size } else { Size::default() }).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weigh(bytes: &[u8]) -> Result<(), String> {
        Scales { rest: bytes, stack: Vec::new(), memo: HashMap::new(), objects: 0 }.weigh()
    }

    #[test]
    fn what_would_exhaust_the_machine_is_told_by_its_weight() {
        // This is a dictionary with one entry, as `torch.save` writes it.
        assert_eq!(weigh(b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x05s."), Ok(()));
        assert!(weigh(b"X\xff\xff\xff\xffabc.").unwrap_err().contains("too early"));
        assert!(weigh(b"\x8a\x09123456789.").unwrap_err().contains("9 B"));
        assert!(weigh(b"}}ibuiltins\neval\n.").unwrap_err().contains("instruction"));
        let nested: Vec<u8> = [&b"N"[..], &[0x85; 100_000], b"."].concat();
        assert!(weigh(&nested).unwrap_err().contains("levels"));
        // Pairs of pairs of pairs make 2 to the power of 40 objects from 200 bytes.
        let mut doubled = b"N".to_vec();
        for _ in 0..40 {
            doubled.extend(b"q\x00h\x00\x86");
        }
        doubled.push(b'.');
        assert!(weigh(&doubled).unwrap_err().contains("objects"));
        assert!(weigh(b"").is_err() && weigh(b"s.").is_err() && weigh(b"t.").is_err() && weigh(b"h\x05.").is_err());
    }
}
