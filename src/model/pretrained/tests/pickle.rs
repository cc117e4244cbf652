//! Weights in PyTorch's own archives.

use super::*;

/// An archive with this table and these numbers, as `torch.save` writes it.
fn archive(table: &[u8], numbers: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let plain = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut add = |name: String, bytes: &[u8]| {
        zip.start_file(name, plain).unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    };
    add("archive/data.pkl".into(), table);
    numbers.iter().for_each(|(key, bytes)| add(format!("archive/data/{key}"), bytes));
    zip.finish().unwrap().into_inner()
}

/// The instructions for one tensor of a state dictionary.
fn pickled(name: &str, key: &str, count: usize, shape: &[usize], strides: &[usize]) -> Vec<u8> {
    let text = |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let number = |n: usize| [&b"J"[..], &(n as i32).to_le_bytes()].concat();
    let tuple = |ns: &[usize]| [&b"("[..], &ns.iter().flat_map(|n| number(*n)).collect::<Vec<u8>>(), b"t"].concat();
    let storage = [text("storage"), b"ctorch\nFloatStorage\n".to_vec(), text(key), text("cpu"), number(count)];
    let storage = [b"(".to_vec(), storage.concat(), b"tQ".to_vec()].concat();
    let arguments = [storage, number(0), tuple(shape), tuple(strides), b"\x89".to_vec(), b"N".to_vec()].concat();
    [text(name), b"ctorch._utils\n_rebuild_tensor_v2\n(".to_vec(), arguments, b"tRs".to_vec()].concat()
}

fn table(tensors: &[Vec<u8>]) -> Vec<u8> {
    [&b"\x80\x02}"[..], &tensors.concat(), b"."].concat()
}

impl Folder {
    /// The folder with its weights only as `pytorch_model.bin`. One matrix is written column by column, as the converter from
    /// TensorFlow leaves some.
    fn open_archive(&self, bytes: &[u8]) -> Outcome<PretrainedModel> {
        fs::write(self.path("pytorch_model.bin"), bytes).unwrap();
        self.open_written()
    }

    fn archive(&self, by_columns: &str) -> Vec<u8> {
        let (mut tensors, mut numbers) = (Vec::new(), Vec::new());
        for (name, (_, shape, bytes)) in &self.tensors {
            let mut strides = vec![1; shape.len()];
            let mut bytes = bytes.clone();
            if let [rows, columns] = shape[..] {
                strides = vec![columns, 1];
                if name == by_columns {
                    strides = vec![1, rows];
                    let values = bytes.as_chunks::<4>().0;
                    bytes = (0..columns).flat_map(|c| (0..rows).flat_map(move |r| values[r * columns + c])).collect();
                }
            }
            tensors.push(pickled(name, name, bytes.len() / 4, shape, &strides));
            numbers.push((name.as_str(), bytes));
        }
        archive(&table(&tensors), &numbers)
    }
}

#[test]
fn weights_of_pytorch_are_read_with_a_note() {
    let folder = Folder::new();
    let by_columns = "encoder.layer.1.intermediate.dense.weight";
    let c = folder.open_archive(&folder.archive(by_columns)).unwrap();
    assert_eq!(c.facts.notes[0].id, "model-from-pickle");
    let plain = Folder::new().open().unwrap();
    assert!(plain.facts.notes.is_empty());
    for name in plain.weights.names() {
        let of = |c: &PretrainedModel| c.weights.get(name).unwrap().to_f32().unwrap();
        assert_eq!(of(&c), of(&plain), "{name}");
    }
    fs::write(folder.path("model.safetensors"), folder.weights()).unwrap();
    assert!(folder.open_written().unwrap().facts.notes.is_empty(), "safetensors go first");
}

#[test]
fn damaged_and_hostile_archives_are_refused() {
    let folder = Folder::new();
    let whole = folder.archive("");
    let one = |tensor: Vec<u8>| archive(&table(&[tensor]), &[("0", vec![0; 64])]);
    let bytes = |entry: Vec<u8>| archive(&entry, &[]);
    let cases: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"x".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        whole[..whole.len() - 30].to_vec(),
        one(pickled("embeddings.word_embeddings.weight", "0", 16, &[1 << 30, 1 << 30], &[1 << 30, 1])),
        one(pickled("embeddings.word_embeddings.weight", "0", 16, &[17], &[1])),
        one(pickled("embeddings.word_embeddings.weight", "elsewhere", 16, &[16], &[1])),
        one(pickled("embeddings.word_embeddings.weight", "0", 16, &[2, 2, 2], &[1, 2, 4])),
        bytes(table(&[])),
        bytes(b"\x80\x02X\xff\xff\xff\xffa.".to_vec()),
        bytes([&b"N"[..], &[0x85; 2_000_000], b"."].concat()),
        bytes(b"\x80\x02}X\x01\x00\x00\x00actorch._utils\n_rebuild_tensor_v2\n)Rs.".to_vec()),
    ];
    for (i, bytes) in cases.iter().enumerate() {
        let told = folder.open_archive(bytes).err().expect("refused").to_string();
        assert!(told.starts_with("model-pickle-unreadable") && told.contains("pytorch_model.bin"), "case {i}: {told}");
    }
    let pointer = b"version https://git-lfs.github.com/spec/v1\n";
    assert!(folder.open_archive(pointer).err().unwrap().to_string().starts_with("model-lfs-pointer"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn spoilt_archives_never_crash(changes in proptest::collection::vec((0usize..20_000, 0u8..=255), 1..8)) {
        let folder = Folder::new();
        let mut bytes = folder.archive("");
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        drop(folder.open_archive(&bytes));
    }
}

/// A file as PyTorch wrote it before version 1.6: the table, then the keys of its storages, then each with its count.
fn old_file(table: &[u8], storages: &[(&str, u64, Vec<u8>)]) -> Vec<u8> {
    let text = |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.";
    let system = [&b"\x80\x02}"[..], &text("little_endian"), b"\x88s."].concat();
    let keys: Vec<u8> = storages.iter().flat_map(|(key, ..)| text(key)).collect();
    let keys = [&b"\x80\x02]("[..], &keys, b"e."].concat();
    let numbers = storages.iter().flat_map(|(_, count, bytes)| [&count.to_le_bytes()[..], bytes].concat());
    [magic.to_vec(), system, table.to_vec(), keys, numbers.collect()].concat()
}

impl Folder {
    fn old_file(&self) -> Vec<u8> {
        let shape = |shape: &[usize]| shape.iter().skip(1).chain(&[1]).copied().collect::<Vec<usize>>();
        let tensor = |(name, (_, s, b)): (&String, &(Dtype, Vec<usize>, Vec<u8>))| {
            pickled(name, name, b.len() / 4, s, &shape(s))
        };
        let tensors: Vec<Vec<u8>> = self.tensors.iter().map(tensor).collect();
        let storages: Vec<(&str, u64, Vec<u8>)> =
            self.tensors.iter().map(|(n, (_, _, b))| (n.as_str(), b.len() as u64 / 4, b.clone())).collect();
        old_file(&table(&tensors), &storages)
    }
}

#[test]
fn weights_from_before_pytorch_1_6_are_read() {
    let folder = Folder::new();
    let c = folder.open_archive(&folder.old_file()).unwrap();
    assert_eq!(c.facts.notes[0].id, "model-from-pickle");
    let plain = Folder::new().open().unwrap();
    for name in plain.weights.names() {
        let of = |c: &PretrainedModel| c.weights.get(name).unwrap().to_f32().unwrap();
        assert_eq!(of(&c), of(&plain), "{name}");
    }
}

/// A file of torch's own, with storages that tensors share and one that lies by columns.
#[test]
fn an_old_file_of_torch_holds_what_torch_reads() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let weights = Weights::open(&[reference.join("old_weights.bin")], Family::Bert).unwrap();
    let expected: BTreeMap<String, (Vec<usize>, Vec<f32>)> =
        serde_json::from_slice(&fs::read(reference.join("old_weights.json")).unwrap()).unwrap();
    assert!(weights.names().eq(expected.keys().map(String::as_str)));
    for (name, (shape, values)) in expected {
        let tensor = weights.get(&name).unwrap();
        assert_eq!(tensor.shape(), shape, "{name}");
        if name != "positions" {
            assert_eq!(tensor.to_f32().unwrap(), values, "{name}");
        }
    }
}

#[test]
fn damaged_and_hostile_old_files_are_refused() {
    let folder = Folder::new();
    let whole = folder.old_file();
    let name = "embeddings.word_embeddings.weight";
    let one = |tensor: Vec<u8>, storages: &[(&str, u64, Vec<u8>)]| old_file(&table(&[tensor]), storages);
    let tensor = |shape: &[usize], strides: &[usize]| pickled(name, "0", 16, shape, strides);
    let numbers = || vec![("0", 16, vec![0; 64])];
    let keys = |keys: &[u8]| {
        let file = one(tensor(&[16], &[1]), &[]);
        [&file[..file.len() - 5], keys, b"."].concat()
    };
    let cases: Vec<Vec<u8>> = vec![
        whole[..16].to_vec(),
        whole[..whole.len() / 2].to_vec(),
        whole[..whole.len() - 1].to_vec(),
        one(tensor(&[16], &[1]), &[("0", u64::MAX, vec![0; 64])]),
        one(tensor(&[16], &[1]), &[("0", 1 << 40, vec![0; 64])]),
        one(tensor(&[16], &[1]), &[("0", 15, vec![0; 60])]),
        one(tensor(&[16], &[1]), &[("elsewhere", 16, vec![0; 64])]),
        one(tensor(&[16], &[1]), &[]),
        one(tensor(&[17], &[1]), &numbers()),
        one(tensor(&[1 << 30, 1 << 30], &[1 << 30, 1]), &numbers()),
        one(tensor(&[2, 2, 2], &[1, 2, 4]), &numbers()),
        one(pickled(name, "0", 16, &[16], &[1]), &[("0", 16, vec![0; 64]), ("0", 16, vec![0; 64])]),
        old_file(b"N.", &[]),
        keys(b"N"),
        keys(b"](K\x01e"),
        [&b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.K\x01."[..], &whole[20..]].concat(),
    ];
    for (i, bytes) in cases.iter().enumerate() {
        let told = folder.open_archive(bytes).err().expect("refused").to_string();
        assert!(told.starts_with("model-pickle-unreadable") && told.contains("pytorch_model.bin"), "case {i}: {told}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn spoilt_old_files_never_crash(changes in proptest::collection::vec((0usize..20_000, 0u8..=255), 1..8)) {
        let folder = Folder::new();
        let mut bytes = folder.old_file();
        for (at, value) in changes {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        drop(folder.open_archive(&bytes));
    }
}

/// A file that makes an object of a class, or calls anything else, is no table; nothing of it is called.
#[test]
fn a_whole_model_as_a_program_is_refused_with_the_way_out() {
    let folder = Folder::new();
    let program = b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.";
    for bytes in [archive(program, &[]), old_file(program, &[])] {
        let told = folder.open_archive(&bytes).err().unwrap().to_string();
        assert!(told.starts_with("model-pickle-whole") && told.contains("pytorch_model.bin"), "{told}");
    }
}

/// A training program keeps the tensors among other things, and wraps the model.
#[test]
fn tensors_are_found_among_other_things() {
    let folder = Folder::new();
    let text = |text: &str| [&b"X"[..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let tensors: Vec<u8> = folder
        .tensors
        .iter()
        .flat_map(|(name, (_, shape, bytes))| {
            let strides: Vec<usize> = shape.iter().skip(1).chain(&[1]).copied().collect();
            pickled(&format!("model.bert.{name}"), name, bytes.len() / 4, shape, &strides)
        })
        .collect();
    let parts = [&b"\x80\x02}"[..], &text("epoch"), b"K\x03s", &text("state_dict"), b"}", &tensors, b"s."].concat();
    let numbers: Vec<(&str, Vec<u8>)> = folder.tensors.iter().map(|(n, (_, _, b))| (n.as_str(), b.clone())).collect();
    let c = folder.open_archive(&archive(&parts, &numbers)).unwrap();
    let plain = Folder::new().open().unwrap();
    assert!(c.weights.names().eq(plain.weights.names()));
    let said = c.facts.notes.iter().find(|note| note.id == "model-prefix-stripped").unwrap();
    assert_eq!(said.arg("prefix").as_deref(), Some("model."));
}
