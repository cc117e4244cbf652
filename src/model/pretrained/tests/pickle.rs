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
        bytes([&b"N"[..], &[0x85; 200_000], b"."].concat()),
        bytes(b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.".to_vec()),
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
