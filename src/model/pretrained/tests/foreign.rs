//! Folders that people take for models of ours, and models that were saved in unusual ways.

use super::*;

/// The problem with a folder that `spoil` has changed, and the argument `name` of it.
fn told(name: &str, spoil: impl Fn(&mut Folder)) -> (String, String) {
    let mut folder = Folder::new();
    fs::write(folder.path("model.safetensors"), folder.weights()).unwrap();
    spoil(&mut folder);
    let problem = folder.open_written().err().expect("refused");
    (problem.id.clone().into_owned(), problem.arg(name).unwrap_or_default())
}

fn pair(id: &str, arg: &str) -> (String, String) {
    (id.to_owned(), arg.to_owned())
}

#[test]
fn models_of_other_classes_are_refused_by_name() {
    for (field, value, name, expected) in [
        ("auto_map", json!({"AutoModel": "mine.MyBert"}), "class", pair("model-code", "mine.MyBert")),
        (
            "quantization_config",
            json!({"quant_method": "bitsandbytes"}),
            "method",
            pair("model-quantised", "bitsandbytes"),
        ),
        ("architectures", json!(["JinaBertModel"]), "class", pair("model-architecture", "JinaBertModel")),
        ("architectures", json!(["AlbertForMaskedLM"]), "class", pair("model-architecture", "AlbertForMaskedLM")),
        (
            "architectures",
            json!(["ElectraForPreTraining"]),
            "class",
            pair("model-architecture", "ElectraForPreTraining"),
        ),
        ("add_cross_attention", json!(true), "field", pair("model-config-unsupported", "add_cross_attention")),
        ("pruned_heads", json!({"0": [1]}), "field", pair("model-config-unsupported", "pruned_heads")),
        (
            "tokenizer_class",
            json!("BertJapaneseTokenizer"),
            "class",
            pair("tokeniser-class-slow", "BertJapaneseTokenizer"),
        ),
    ] {
        assert_eq!(told(name, |f| f.config[field] = value.clone()), expected);
    }
    for class in ["BertLMHeadModel", "BertWithALayerOnTop", "TFBertForSequenceClassification"] {
        let mut folder = Folder::new();
        folder.config["architectures"] = json!([class]);
        assert!(folder.open().is_ok(), "{class}");
    }
    let inside = |tensor: &str| {
        told("file", |f| {
            f.set(tensor, &[1], &[0.0]);
            fs::write(f.path("model.safetensors"), f.weights()).unwrap();
        })
    };
    assert_eq!(inside("encoder.layer.0.attention.self.query.lora_A.weight").0, "model-adapter-inside");
    assert_eq!(inside("encoder.layer.0.attention.self.query.weight.absmax").0, "model-quantised");
}

#[test]
fn an_adapter_is_refused_with_the_model_that_it_changes() {
    let adapter = r#"{"peft_type": "LORA", "base_model_name_or_path": "klue/bert-base"}"#;
    let write = |f: &mut Folder| fs::write(f.path("adapter_config.json"), adapter).unwrap();
    assert_eq!(told("base", write), pair("model-adapter", "klue/bert-base"));
}

#[test]
fn weights_of_other_programs_are_named_with_the_way_out() {
    let only = |file: &str| {
        told("file", |f| {
            fs::remove_file(f.path("model.safetensors")).unwrap();
            fs::create_dir_all(f.path(file).parent().unwrap()).unwrap();
            fs::write(f.path(file), "x").unwrap();
        })
    };
    for (file, id) in [
        ("tf_model.h5", "model-weights-tensorflow"),
        ("flax_model.msgpack", "model-weights-flax"),
        ("bert_model.ckpt.index", "model-weights-tensorflow-1"),
        ("zero_to_fp32.py", "model-weights-parts"),
        ("pytorch_model_fsdp_0/x", "model-weights-parts"),
        ("model.fp16.safetensors", "model-weights-name"),
        ("best.pt", "model-weights-name"),
        ("epoch=3.ckpt", "model-weights-name"),
        ("openvino_model.bin", "model-weights-runtime"),
        ("onnx/model.onnx", "model-weights-runtime"),
        ("model.gguf", "model-weights-runtime"),
        ("training_args.bin", "model-file-missing"),
    ] {
        let (found, named) = only(file);
        assert_eq!(found, id, "{file}");
        assert!(file.contains(&named) && !named.is_empty() || named == "model.safetensors", "{file}: {named}");
    }
}

#[test]
fn a_folder_of_checkpoints_points_to_the_newest() {
    let dir = tempfile::tempdir().unwrap();
    let open = |path: &Path| PretrainedModel::open(&ModelSource::Folder(path.into())).err().unwrap();
    for step in [500, 1500, 1000] {
        let checkpoint = dir.path().join(format!("checkpoint-{step}"));
        fs::create_dir(&checkpoint).unwrap();
        fs::write(checkpoint.join("config.json"), Folder::new().config.to_string()).unwrap();
        fs::write(checkpoint.join("model.safetensors"), Folder::new().weights()).unwrap();
    }
    let newest = dir.path().join("checkpoint-1500");
    let problem = open(dir.path());
    assert_eq!(problem.id, "model-in-checkpoint-without-tokeniser");
    assert_eq!(problem.arg("checkpoint"), Some(newest.display().to_string()));
    assert_eq!(open(&newest).id, "model-tokeniser-missing");
    fs::write(dir.path().join("vocab.txt"), WORDS).unwrap();
    assert_eq!(open(dir.path()).id, "model-in-checkpoint-beside-tokeniser");
    fs::write(newest.join("vocab.txt"), WORDS).unwrap();
    assert_eq!(open(dir.path()).id, "model-in-checkpoint");
    assert!(PretrainedModel::open(&ModelSource::Folder(newest)).is_ok());

    let outer = tempfile::tempdir().unwrap();
    let inner = outer.path().join("snapshots/77c8b3d7");
    fs::create_dir_all(&inner).unwrap();
    assert_eq!(open(outer.path()).id, "model-file-missing");
    fs::write(inner.join("config.json"), "{}").unwrap();
    assert_eq!(open(outer.path()).arg("inner"), Some(inner.display().to_string()));
}

#[test]
fn a_missing_tokeniser_is_said_with_the_command() {
    let without = |change: &dyn Fn(&mut Folder)| {
        told("base", |f| {
            fs::remove_file(f.path("vocab.txt")).unwrap();
            change(f);
        })
    };
    assert_eq!(without(&|_| {}), pair("model-tokeniser-missing", "MODEL"));
    let known = without(&|f| f.config["_name_or_path"] = json!("klue/bert-base"));
    assert_eq!(known, pair("model-tokeniser-missing", "klue/bert-base"));
    let pieces = without(&|f| fs::write(f.path("sentencepiece.bpe.model"), "x").unwrap());
    assert_eq!(pieces.0, "model-tokeniser-other");
}

#[test]
fn what_a_model_was_wrapped_in_is_stripped_and_said() {
    let plain = Folder::new().open().unwrap();
    for (encoder, head, said) in [
        ("module.bert.", "module.", "module."),
        ("model.model.bert.", "model.model.", "model.model."),
        ("bert.bert.", "bert.", "bert."),
        ("backbone.", "", "backbone."),
        ("0.auto_model.", "", "0.auto_model."),
        ("module.", "module.", "module."),
    ] {
        let mut folder = Folder::new();
        folder.head(&["a", "b"]);
        folder.rename(|name| {
            let name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
            let beginning = if name.starts_with("classifier") { head } else { encoder };
            format!("{beginning}{name}")
        });
        let c = folder.open().unwrap();
        for name in plain.weights.names() {
            let of = |c: &PretrainedModel| c.weights.get(name).unwrap().to_f32().unwrap();
            assert_eq!(of(&c), of(&plain), "{encoder}{name}");
        }
        assert_eq!(c.facts.head_labels, Some(names(&["a", "b"])), "{encoder}");
        let notes: Vec<_> = c.facts.notes.iter().map(|note| (note.id.as_ref(), note.arg("prefix").unwrap())).collect();
        assert_eq!(notes, [("model-prefix-stripped", said.to_owned())]);
    }
    let mut two = Folder::new();
    two.rename(|name| format!("query.{name}"));
    two.set("passage.embeddings.word_embeddings.weight", &[16, 8], &[0.0; 128]);
    assert!(two.refused().starts_with("model-encoders"));
}

#[test]
fn tensors_that_belong_to_nothing_are_said() {
    let mut folder = Folder::new();
    folder.set("encoder.layer.2.output.dense.bias", &[8], &[0.0; 8]);
    folder.set("projection.weight", &[8], &[0.0; 8]);
    let ids: Vec<u8> = (0..10i64).flat_map(i64::to_le_bytes).collect();
    folder.tensors.insert("embeddings.position_ids".into(), (Dtype::I64, vec![1, 10], ids));
    let c = folder.open().unwrap();
    let [note] = &c.facts.notes[..] else { panic!("{:?}", c.facts.notes) };
    assert_eq!((note.id.as_ref(), note.arg("count").as_deref()), ("model-tensors-unused", Some("2")));
    assert_eq!(note.arg("names").as_deref(), Some("encoder.layer.2.output.dense.bias, projection.weight"));
}
