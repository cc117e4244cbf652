//! What lies in a model's folder beside its tokeniser: `config.json`, and weights in both formats.

use std::path::Path;

use serde_json::{Value, json};
use thaw::domain::config::ModelSource;
use thaw::domain::problem::{Outcome, Problem};
use thaw::model::config::{EncoderConfig, labels};
use thaw::model::family::Family;
use thaw::model::pretrained::PretrainedModel;
use thaw::model::tensor_file::TensorFile;
use thaw::model::weights::Weights;
use zip::CompressionMethod;

use super::harness::{Case, Scratch, Target, file, torture};
use super::workbooks::packed;

fn reference(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(name)).unwrap()
}

const FIELDS: [&[u8]; 22] = [
    b"null",
    b"\"bert\"",
    b"\"distilbert\"",
    b"\"roberta\"",
    b"\"xlm-roberta\"",
    b"\"electra\"",
    b"\"gpt2\"",
    b"\"vocab_size\": 1, ",
    b"\"hidden_size\": 4294967295, ",
    b"\"dim\": 12, ",
    b"\"n_heads\": 0, ",
    b"\"num_attention_heads\": 7, ",
    b"\"pad_token_id\": 4294967295, ",
    b"\"position_embedding_type\": \"relative_key\", ",
    b"\"is_decoder\": true, ",
    b"\"id2label\": {\"0\": \"a\", \"00\": \"b\"}, ",
    b"\"id2label\": null, ",
    b"\"pruned_heads\": {\"0\": [1]}, ",
    b"1e400",
    b"-0.0",
    b"\"architectures\": [\"For\"], ",
    b"{",
];

#[test]
fn configurations() {
    let families = ["bert", "distilbert", "roberta", "xlm-roberta", "electra"];
    // What a configuration is read for, and nothing else, so that damage seldom misses it.
    let compact = |bytes: Vec<u8>| {
        let mut json: serde_json::Map<String, Value> = serde_json::from_slice(&bytes).unwrap();
        let unread = ["label2id", "transformers_version", "use_cache", "dtype", "tie_word_embeddings", "architectures"];
        json.retain(|name, value| !value.is_null() && !unread.contains(&name.as_str()));
        Value::from(json).to_string().into_bytes()
    };
    let target = Target {
        name: "config",
        seeds: families
            .iter()
            .map(|family| vec![("config.json", compact(reference(&format!("families/{family}/config.json"))))])
            .collect(),
        words: FIELDS.into(),
    };
    torture!(target, |case: &Case, _| {
        let unreadable = |e: serde_json::Error| Problem::new("model-json").with("file", "it").with_original(e);
        let Ok(json) = serde_json::from_slice(file(case, "config.json").unwrap()).map_err(unreadable) else {
            return Ok(());
        };
        let config = EncoderConfig::from_json(&json, "config.json")?;
        assert_eq!(config.hidden_size, config.head_size() * config.num_attention_heads);
        assert!(config.positions() > 2 && (0.0..1.0).contains(&config.head_dropout()));
        let names = labels(&json, "config.json")?;
        if config.num_hidden_layers < 16 {
            let all = config.family.parameters(&config, names.map_or(2, |names| names.len()));
            assert!(
                all.iter()
                    .all(|p| config.family.tree_name(&config.family.stored_name(&p.name)).as_ref() == Some(&p.name))
            );
        }
        Ok(())
    });
}

/// Opens weights and reads all of their numbers.
fn read_weights(path: &Path, choice: u16) -> Outcome<()> {
    let weights = Weights::open(&[path.to_owned()], Family::ALL[choice as usize % 5])?;
    for name in weights.names() {
        let tensor = weights.get(name).unwrap();
        // A tensor of integers is no parameter, and is asked for nowhere.
        if let Ok(values) = tensor.to_f32() {
            assert_eq!(values.len(), tensor.count(), "{name}");
        }
    }
    Ok(())
}

/// A safetensors file with this header.
fn stored(header: &[u8], length: u64, data: usize) -> Vec<u8> {
    let mut bytes = length.to_le_bytes().to_vec();
    bytes.extend_from_slice(header);
    bytes.extend((0..data).map(|n| n as u8));
    bytes
}

#[test]
fn safetensors() {
    let header = |entries: Value| entries.to_string().into_bytes();
    let headers = [
        header(json!({
            "__metadata__": {"format": "pt"},
            "bert.embeddings.word_embeddings.weight": {"dtype": "F32", "shape": [4, 2], "data_offsets": [0, 32]},
            "bert.pooler.dense.bias": {"dtype": "F16", "shape": [4], "data_offsets": [32, 40]},
            "classifier.weight": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [40, 48]},
            "bert.embeddings.position_ids": {"dtype": "I64", "shape": [1, 2], "data_offsets": [48, 64]},
        })),
        header(json!({
            "module.roberta.embeddings.word_embeddings.weight": {"dtype": "F64", "shape": [2, 2], "data_offsets": [0, 32]},
            "empty": {"dtype": "F32", "shape": [0, 9], "data_offsets": [32, 32]},
            "module.roberta.encoder.layer.0.output.LayerNorm.gamma": {"dtype": "F32", "shape": [8], "data_offsets": [32, 64]},
        })),
    ];
    const WORDS: [&[u8]; 20] = [
        b"\"F8_E4M3\"",
        b"\"F4\"",
        b"\"U8\"",
        b"\"BOOL\"",
        b"\"C64\"",
        b"[0, 0]",
        b"[18446744073709551615, 2]",
        b"[4294967296, 4294967296]",
        b"[]",
        b"[64, 0]",
        b"[0, 18446744073709551615]",
        b"\"__metadata__\": {}",
        b"version ",
        b"embeddings.word_embeddings.weight",
        b"module.",
        b"base_model.model.",
        b"lora_A",
        b"SCB",
        b"{",
        b"}",
    ];
    let target = Target {
        name: "safetensors",
        seeds: headers.into_iter().map(|header| vec![("header", header), ("file", Vec::new())]).collect(),
        words: WORDS.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| {
        let header = file(case, "header").unwrap();
        let length = header.len() as u64;
        // Mostly the length is right, so that the damage is in what it is the length of.
        let length = match choice / 64 % 16 {
            0 => length + 1,
            1 => length.wrapping_sub(1),
            2 => u64::MAX,
            3 => length | 1 << 40,
            _ => length,
        };
        let path = place.write("model.safetensors", &stored(header, length, 64));
        if choice / 1024 % 4 == 0 {
            // A checkpoint is such a file, too.
            let file = TensorFile::open(&path)?;
            for name in ["classifier.weight", "empty", "bert.pooler.dense.bias"] {
                file.read(name)?;
            }
            file.note();
            return Ok(());
        }
        read_weights(&path, choice)
    });
}

/// A pickle of a table of tensors, as PyTorch writes it.
fn pickle(names: &[&str]) -> Vec<u8> {
    let text = |text: &str| [&[b'X'][..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let mut out = b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01(".to_vec();
    for (key, name) in names.iter().enumerate() {
        out.extend(text(name));
        out.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        out.extend(text("storage"));
        out.extend(b"ctorch\nFloatStorage\n");
        out.extend(text(&key.to_string()));
        out.extend(text("cpu"));
        out.extend(b"K\x06tQK\x00K\x02K\x03\x86K\x03K\x01\x86\x89ccollections\nOrderedDict\n)RtR");
    }
    out.extend(b"u}X\x09\x00\x00\x00_metadatah\x01sb.");
    out
}

const PICKLE: [&[u8]; 26] = [
    b"q\xff",
    b"r\xff\xff\xff\x7f",
    b"h\x00",
    b"j\xff\xff\xff\xff",
    b"(",
    b"t",
    b"u",
    b"s",
    b"R",
    b"Q",
    b".",
    b"\x85",
    b"\x86",
    b"\x87",
    b"\x94",
    b"\x93",
    b"}",
    b"]",
    b"X\xff\xff\xff\xff",
    b"\x8a\xff",
    b"J\xff\xff\xff\x7f",
    b"cos\nsystem\n",
    b"ctorch\nHalfStorage\n",
    b"K\xff",
    b"M\xff\xff",
    b"ctorch._utils\n_rebuild_parameter\n",
];

#[test]
fn pickles() {
    let target = Target {
        name: "pickle",
        seeds: vec![
            vec![("data.pkl", pickle(&["embeddings.word_embeddings.weight", "b"]))],
            vec![("data.pkl", pickle(&["module.bert.embeddings.word_embeddings.weight"]))],
        ],
        words: PICKLE.into(),
    };
    let place = Scratch::new();
    let numbers: Vec<u8> = (0..24).collect();
    torture!(target, move |case: &Case, choice| {
        let table = file(case, "data.pkl").unwrap();
        let method = if choice / 64 % 8 == 0 { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let whole = packed(
            &[("m/data.pkl", table), ("m/data/0", &numbers), ("m/data/1", &numbers), ("m/version", b"3\n")],
            method,
        );
        read_weights(&place.write("pytorch_model.bin", &whole), choice)
    });
}

/// The whole file, in the format of before PyTorch 1.6 and in the newer one.
#[test]
fn pickled_files() {
    let numbers: Vec<u8> = (0..24).collect();
    let new = packed(&[("m/data.pkl", &pickle(&["a"])), ("m/data/0", &numbers)], CompressionMethod::Stored);
    let target = Target {
        name: "pickled-file",
        seeds: vec![vec![("file", reference("old_weights.bin"))], vec![("file", new)]],
        words: PICKLE.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| {
        read_weights(&place.write("pytorch_model.bin", file(case, "file").unwrap()), choice)
    });
}

/// A whole model of one narrow layer.
#[test]
fn model_folders() {
    let config = json!({"model_type": "bert", "vocab_size": 16, "hidden_size": 2, "num_hidden_layers": 1, "num_attention_heads": 1,
        "intermediate_size": 2, "max_position_embeddings": 8, "id2label": {"0": "a", "1": "b"}});
    let parsed = EncoderConfig::from_json(config.as_object().unwrap(), "config.json").unwrap();
    let (mut entries, mut end) = (serde_json::Map::new(), 0);
    for parameter in Family::Bert.parameters(&parsed, 2) {
        let start = end;
        end += 4 * parameter.shape.iter().product::<usize>();
        let entry = json!({"dtype": "F32", "shape": parameter.shape, "data_offsets": [start, end]});
        entries.insert(Family::Bert.stored_name(&parameter.name), entry);
    }
    let header = Value::from(entries).to_string().into_bytes();
    let mut weights = (header.len() as u64).to_le_bytes().to_vec();
    weights.extend_from_slice(&header);
    weights.resize(weights.len() + end, 0);
    let words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n";
    let seed = vec![
        ("config.json", config.to_string().into_bytes()),
        ("vocab.txt", words.as_bytes().to_vec()),
        ("tokenizer_config.json", br#"{"tokenizer_class": "BertTokenizer"}"#.to_vec()),
        ("model.safetensors", weights),
    ];
    let target = Target { name: "model-folder", seeds: vec![seed], words: FIELDS.into() };
    let place = Scratch::new();
    torture!(target, move |case: &Case, _| {
        place.write_all(case);
        let model = PretrainedModel::open(&ModelSource::Folder(place.path().to_owned()))?;
        let names = ["a".to_owned(), "b".to_owned()];
        assert!(!model.tree(&names).parameters.is_empty());
        // A head that cannot be kept is told when it is asked for.
        model.head_rows(&names).ok();
        model.head_for(&names).ok();
        Ok(())
    });
}
