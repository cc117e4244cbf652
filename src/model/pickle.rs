//! `pytorch_model.bin`: which tensors it holds, and where in the file their numbers are.
//!
//! Since version 1.6, PyTorch stores the numbers uncompressed in a zip archive, together with a pickle that holds names and
//! shapes. Before that, a file was four pickles, one after another (a magic number, the version, facts about the machine, the
//! table of tensors), then a list of keys, and then for each key a count and its numbers. Nothing in a table is believed that
//! the file's length denies.

mod program;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use safetensors::Dtype;
use zip::{CompressionMethod, ZipArchive};

use self::program::{Object, Objects, Ref, run};
use crate::domain::problem::{Outcome, Problem};

/// The table of a model with 1,000 tensors takes about 200 kB.
const MAX_TABLE_BYTES: u64 = 16 << 20;
/// A tensor of a BERT has two dimensions at most.
const MAX_DIMENSIONS: usize = 8;
/// The number that a file from before PyTorch 1.6 begins with, the lowest byte first.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// The instructions around it, and the version of the only such format.
const BEGINNING: [u8; 2] = [0x8a, 0x0a];
const VERSION: i64 = 1001;
/// What is wrong with a file that makes an object of a class instead of a table.
const WHOLE: &str = "a whole model";
/// Under these keys a training program keeps the tensors among other things.
const STATE: [&str; 3] = ["state_dict", "model_state_dict", "model"];

/// One tensor of a file.
pub struct PickledTensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub dtype: Dtype,
    /// Whether a matrix is written column by column.
    pub by_columns: bool,
    /// The place of its first byte, in bytes from the beginning of the file.
    pub offset: u64,
}

/// A tensor as the table describes it.
struct Described {
    name: String,
    shape: Vec<usize>,
    strides: Vec<usize>,
    dtype: Dtype,
    /// The key of its numbers, and how many of them lie before its own.
    key: String,
    skipped: usize,
}

type Archive = ZipArchive<BufReader<File>>;

/// The tensors of a file in PyTorch's format. Only the table is read.
///
/// # Errors
/// `model-pickle-unreadable`, `model-pickle-whole`, naming the file; `file-error`.
pub fn tensors(path: &Path) -> Outcome<Vec<PickledTensor>> {
    let unreadable = |error: String| {
        if error == WHOLE {
            let folder = path.parent().unwrap_or(Path::new("."));
            return Problem::new("model-pickle-whole").with("file", path.display()).with("folder", folder.display());
        }
        Problem::new("model-pickle-unreadable").with("file", path.display()).with_original(error)
    };
    let mut file = File::open(path).map_err(|e| Problem::file(path, &e))?;
    let length = file.metadata().map_err(|e| Problem::file(path, &e))?.len();
    let mut bytes = Vec::new();
    file.by_ref().take(32).read_to_end(&mut bytes).map_err(|e| Problem::file(path, &e))?;
    if is_old(&bytes) {
        file.take(MAX_TABLE_BYTES - bytes.len() as u64).read_to_end(&mut bytes).map_err(|e| Problem::file(path, &e))?;
        let file = File::open(path).map_err(|e| Problem::file(path, &e))?;
        return old_tensors(&bytes, file, length).map_err(unreadable);
    }
    let archive = ZipArchive::new(BufReader::new(file)).map_err(|e| unreadable(e.to_string()))?;
    new_tensors(archive).map_err(unreadable)
}

/// Whether a file begins as one from before PyTorch 1.6, in any version of the pickle format.
fn is_old(bytes: &[u8]) -> bool {
    let program = if let [0x80, _, rest @ ..] = bytes { rest } else { bytes };
    let program = if let [0x95, rest @ ..] = program { rest.get(8..).unwrap_or_default() } else { program };
    program.strip_prefix(&BEGINNING).is_some_and(|number| number.starts_with(&MAGIC))
}

/// The tensors of a zip archive.
fn new_tensors(mut archive: Archive) -> Result<Vec<PickledTensor>, String> {
    let table = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).find(|n| n.ends_with("data.pkl"));
    let table = table.ok_or("no table of tensors")?;
    let entry = archive.by_name(&table).map_err(|e| e.to_string())?;
    if entry.size() > MAX_TABLE_BYTES {
        return Err(format!("a table of {} B", entry.size()));
    }
    let mut bytes = Vec::new();
    entry.take(MAX_TABLE_BYTES).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
    let objects = run(&mut &bytes[..])?;
    let folder = table.strip_suffix(".pkl").unwrap_or(&table);
    let place = |tensor: Described| {
        let failed = |why: String| format!("{}: {why}", tensor.name);
        let entry = archive.by_name(&format!("{folder}/{}", tensor.key)).map_err(|e| failed(e.to_string()))?;
        if entry.compression() != CompressionMethod::Stored {
            return Err(failed("its numbers are compressed".to_owned()));
        }
        let (start, size) = (entry.data_start().ok_or_else(|| failed("no numbers".to_owned()))?, entry.size());
        drop(entry);
        tensor.place(start, size)
    };
    describe(&objects)?.into_iter().map(place).collect()
}

/// The tensors of a file from before PyTorch 1.6, whose first bytes these are.
fn old_tensors(mut bytes: &[u8], mut file: File, length: u64) -> Result<Vec<PickledTensor>, String> {
    let whole = bytes.len();
    run(&mut bytes)?;
    let version = run(&mut bytes)?;
    if *version.get(version.top) != Object::Int(VERSION) {
        return Err(format!("version {:?}", version.get(version.top)));
    }
    let system = run(&mut bytes)?;
    let little =
        system.table(system.top).into_iter().flatten().find(|(key, _)| system.text(*key) == Some("little_endian"));
    if little.is_some_and(|(_, value)| *system.get(*value) == Object::Bool(false)) {
        return Err("its numbers have their highest byte first".to_owned());
    }
    let objects = run(&mut bytes)?;
    let sizes = storage_sizes(&objects);
    let keys = run(&mut bytes)?;
    let mut at = (whole - bytes.len()) as u64;
    let mut places = HashMap::new();
    for key in keys.sequence(keys.top).ok_or("no list of keys")? {
        let key = keys.text(*key).ok_or("a key that is no text")?;
        let bytes_each = *sizes.get(key).ok_or_else(|| format!("{key}: numbers of no tensor"))?;
        let mut count = [0; 8];
        file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut count)).map_err(|e| format!("{key}: {e}"))?;
        let size = u64::from_le_bytes(count).checked_mul(bytes_each as u64);
        let end = size.and_then(|size| (at + 8).checked_add(size)).filter(|end| *end <= length);
        let end = end.ok_or_else(|| format!("{key}: more numbers than the file has room for"))?;
        if places.insert(key, (at + 8, end - at - 8)).is_some() {
            return Err(format!("{key}: twice"));
        }
        at = end;
    }
    let place = |tensor: Described| {
        let (start, size) = *places.get(&*tensor.key).ok_or_else(|| format!("{}: no numbers", tensor.name))?;
        tensor.place(start, size)
    };
    describe(&objects)?.into_iter().map(place).collect()
}

/// The bytes of one number of every storage that a program names, by the storages' keys.
fn storage_sizes(objects: &Objects) -> HashMap<&str, usize> {
    let stored =
        objects.all().iter().filter_map(|object| if let Object::Stored(id) = object { Some(*id) } else { None });
    stored.filter_map(|id| storage(objects, id).ok()).map(|(dtype, key)| (key, dtype.bitsize() / 8)).collect()
}

/// Reads the table of tensors, which may lie beside other things that a training program keeps.
fn describe(objects: &Objects) -> Result<Vec<Described>, String> {
    if let Object::Call(..) = objects.get(objects.top) {
        return Err(WHOLE.to_owned());
    }
    let top = objects.table(objects.top).ok_or("no table of tensors")?;
    let inner = STATE.iter().find_map(|state| {
        let (_, value) = top.iter().find(|(key, _)| objects.text(*key) == Some(*state))?;
        objects.table(*value)
    });
    let mut found = Vec::new();
    for (key, value) in inner.unwrap_or(top) {
        let name = objects.text(*key).unwrap_or_default();
        if let Some(described) = tensor(objects, *value) {
            let described = described.map_err(|why| format!("{name}: {why}"))?;
            found.push(Described { name: name.to_owned(), ..described });
        }
    }
    if found.is_empty() { Err("no tensors".to_owned()) } else { Ok(found) }
}

/// Reads the call that makes a tensor; `None` for anything else.
fn tensor(objects: &Objects, at: Ref) -> Option<Result<Described, String>> {
    let Object::Call(function, arguments) = objects.get(at) else { return None };
    let Object::Global(module, name) = objects.get(*function) else { return None };
    let arguments = objects.sequence(*arguments).unwrap_or_default();
    match (module.as_str(), name.as_str()) {
        ("torch._utils", "_rebuild_tensor_v2" | "_rebuild_tensor") => Some(rebuilt(objects, arguments)),
        // A tensor that was kept as a parameter of its module; it has the tensor inside.
        ("torch._utils", "_rebuild_parameter") => match objects.get(*arguments.first()?) {
            Object::Call(inner, rest) if matches!(objects.get(*inner), Object::Global(_, n) if n != "_rebuild_parameter") => {
                Some(rebuilt(objects, objects.sequence(*rest).unwrap_or_default()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The arguments of PyTorch's `_rebuild_tensor_v2` are a storage, the place of the first number in it, shape and strides.
fn rebuilt(objects: &Objects, arguments: &[Ref]) -> Result<Described, String> {
    let [storage_id, skipped, shape, strides, ..] = arguments else { return Err("too few facts".to_owned()) };
    let sizes = |at: Ref| {
        let sizes = objects.sequence(at).filter(|sizes| sizes.len() <= MAX_DIMENSIONS)?;
        sizes.iter().map(|size| objects.size(*size)).collect::<Option<Vec<usize>>>()
    };
    let Object::Stored(id) = objects.get(*storage_id) else { return Err("no storage".to_owned()) };
    let (dtype, key) = storage(objects, *id)?;
    Ok(Described {
        name: String::new(),
        shape: sizes(*shape).ok_or("no shape")?,
        strides: sizes(*strides).ok_or("no strides")?,
        dtype,
        key: key.to_owned(),
        skipped: objects.size(*skipped).ok_or("no place")?,
    })
}

/// The type and the key of a storage, which is `("storage", class, key, device, count)`, in older files with one more.
fn storage(objects: &Objects, id: Ref) -> Result<(Dtype, &str), String> {
    let parts = objects.sequence(id).unwrap_or_default();
    let [_, class, key, _, _, view @ ..] = parts else { return Err("no storage".to_owned()) };
    if view.iter().any(|view| *objects.get(*view) != Object::Other) {
        return Err("a view of another storage".to_owned());
    }
    let Object::Global(_, class) = objects.get(*class) else { return Err("a storage of no type".to_owned()) };
    let dtype = match class.as_str() {
        "FloatStorage" => Dtype::F32,
        "HalfStorage" => Dtype::F16,
        "BFloat16Storage" => Dtype::BF16,
        "DoubleStorage" => Dtype::F64,
        "LongStorage" => Dtype::I64,
        "IntStorage" => Dtype::I32,
        "ShortStorage" => Dtype::I16,
        "CharStorage" => Dtype::I8,
        "ByteStorage" => Dtype::U8,
        "BoolStorage" => Dtype::BOOL,
        other => return Err(format!("numbers of the type {other}")),
    };
    Ok((dtype, objects.text(*key).ok_or("a storage without a key")?))
}

impl Described {
    /// Finds its numbers in a storage that begins at `start` and has `size` bytes.
    fn place(self, start: u64, size: u64) -> Result<PickledTensor, String> {
        let Self { name, shape, strides, dtype, skipped, .. } = self;
        let by_columns = !is_row_by_row(&shape, &strides);
        if by_columns && !(shape.len() == 2 && strides == [1, shape[0]]) {
            return Err(format!("{name}: its numbers do not lie side by side"));
        }
        let bytes_each = dtype.bitsize() / 8;
        let count = shape.iter().try_fold(1usize, |n, size| n.checked_mul(*size));
        let before = skipped.checked_mul(bytes_each);
        let end =
            count.and_then(|n| n.checked_mul(bytes_each)).zip(before).and_then(|(own, before)| own.checked_add(before));
        if end.is_none_or(|end| end as u64 > size) {
            return Err(format!("{name}: {size} B of numbers, too few for {shape:?}"));
        }
        Ok(PickledTensor { offset: start + before.unwrap_or_default() as u64, name, shape, dtype, by_columns })
    }
}

/// Whether the last dimension's numbers lie side by side, then the one before it, and so on.
fn is_row_by_row(shape: &[usize], strides: &[usize]) -> bool {
    let mut expected = 1usize;
    shape.len() == strides.len()
        && shape.iter().zip(strides).rev().all(|(size, stride)| {
            let fits = *size <= 1 || *stride == expected;
            expected = expected.saturating_mul(*size);
            fits
        })
}
