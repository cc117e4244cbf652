//! Trained models are saved and opened again.

use safetensors::SafeTensors;

use super::*;
use crate::model::save::save_folder;
use crate::model::tensor_file::Take;

/// Values as saving asks for them; those of a parameter that is not there are an error.
fn given<'a>(values: &'a dyn Fn(&str) -> Option<Vec<f32>>) -> impl Fn(&str, Take<'_>) -> Outcome<()> + 'a {
    |name, take| take(&values(name).ok_or_else(|| Problem::internal(format_args!("no values of {name}")))?)
}

#[test]
fn a_saved_model_opens_again_with_its_head() {
    let folder = Folder::new();
    let labels = names(&["나쁨", "좋음 \"!\"", "2"]);
    let c = folder.open().unwrap();
    let tree = c.tree(&labels);
    let value = |name: &str, i: usize| name.len() as f32 + i as f32 / 100.0;
    let values = |name: &str| {
        let parameter = tree.parameters.iter().find(|p| p.name == name)?;
        Some((0..parameter.count()).map(|i| value(name, i)).collect::<Vec<f32>>())
    };
    let out = folder.path("out/model");
    save_folder(&out, &c, &given(&values), &tree, &labels, &[]).unwrap();

    let saved = PretrainedModel::open(&ModelSource::Folder(out.clone())).unwrap();
    assert_eq!(saved.facts.head_labels, Some(labels.clone()));
    assert_eq!(saved.tokeniser.vocabulary_size(), 16);
    for parameter in tree.parameters.iter() {
        assert_eq!(saved.weights.get(&parameter.name).unwrap().to_f32().ok(), values(&parameter.name));
    }
    let head = saved.head_for(&labels).unwrap().unwrap();
    assert_eq!(head.get("classifier.weight"), values("classifier.weight").as_ref());
    assert_eq!(head.get("classifier.bias"), values("classifier.bias").as_ref());

    let bytes = fs::read(out.join("model.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert!(file.tensor("bert.embeddings.LayerNorm.weight").is_ok() && file.tensor("classifier.bias").is_ok());
    let read = |name: &str| serde_json::from_slice::<Value>(&fs::read(out.join(name)).unwrap()).unwrap();
    let config = read("config.json");
    assert_eq!(config["architectures"], json!(["BertForSequenceClassification"]));
    assert_eq!(config["label2id"], json!({"나쁨": 0, "좋음 \"!\"": 1, "2": 2}));
    assert_eq!((config["vocab_size"].as_u64(), config["torch_dtype"].as_str()), (Some(16), Some("float32")));
    assert_eq!(read("tokenizer_config.json")["do_lower_case"], true);
    let left = fs::read_dir(&out).unwrap().count();
    assert_eq!(left, 5, "config, weights, tokenizer, its config, vocabulary; no temporary file");

    let broken = save_folder(&out, &c, &given(&|_| None), &tree, &labels, &[]);
    assert!(broken.unwrap_err().to_string().starts_with("internal-error"));
    assert_eq!(fs::read(out.join("model.safetensors")).unwrap(), bytes, "the old weights stay");
    assert_eq!(fs::read_dir(&out).unwrap().count(), left);
    let file = save_folder(&folder.path("vocab.txt"), &c, &given(&values), &tree, &labels, &[]);
    assert!(file.unwrap_err().to_string().contains("vocab.txt"));
}

/// The tiny model of every family is saved with other labels, under the names and classes of transformers.
#[test]
fn every_family_is_saved_under_its_own_names() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/families");
    for (family, class, prefix) in [
        ("bert", "BertForSequenceClassification", "bert."),
        ("distilbert", "DistilBertForSequenceClassification", "distilbert."),
        ("roberta", "RobertaForSequenceClassification", "roberta."),
        ("xlm-roberta", "XLMRobertaForSequenceClassification", "roberta."),
        ("electra", "ElectraForSequenceClassification", "electra."),
    ] {
        let dir = tempfile::tempdir().unwrap();
        for file in ["config.json", "model.safetensors"] {
            fs::copy(reference.join(family).join(file), dir.path().join(file)).unwrap();
        }
        let words: String = (5..120).map(|i| format!("w{i}\n")).collect();
        fs::write(dir.path().join("vocab.txt"), format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{words}")).unwrap();
        let c = PretrainedModel::open(&ModelSource::Folder(dir.path().into())).unwrap();
        assert_eq!(c.facts.head_labels.as_ref().map(Vec::len), Some(3), "{family}");
        let labels = names(&["a", "b", "c", "d"]);
        let tree = c.tree(&labels);
        assert_eq!((tree.facts.family.as_str(), tree.facts.prefix()), (family, prefix.to_owned()));
        assert_eq!(tree.has_pooler(), family == "bert");
        let golden: Value =
            serde_json::from_slice(&fs::read(reference.join(format!("{family}_case.json"))).unwrap()).unwrap();
        let listed = |key: &str| golden[key].as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned());
        let expected: Vec<String> = listed("base_parameters").chain(listed("head_parameters")).collect();
        let found: Vec<String> = tree.parameters.iter().map(|p| p.name.clone()).collect();
        assert_eq!(found, expected, "{family}");

        let out = dir.path().join("out");
        let value = |name: &str, i: usize| name.len() as f32 + i as f32 / 100.0;
        let values = |name: &str| {
            let parameter = tree.parameters.iter().find(|p| p.name == name)?;
            Some((0..parameter.count()).map(|i| value(name, i)).collect::<Vec<f32>>())
        };
        save_folder(&out, &c, &given(&values), &tree, &labels, &[]).unwrap();
        let bytes = fs::read(out.join("model.safetensors")).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let mut stored: Vec<String> =
            listed("base_parameters").map(|n| format!("{prefix}{n}")).chain(listed("head_parameters")).collect();
        stored.sort();
        let mut names_in_file = file.names();
        names_in_file.sort_unstable();
        assert_eq!(names_in_file, stored, "{family}");
        let json: Value = serde_json::from_slice(&fs::read(out.join("config.json")).unwrap()).unwrap();
        assert_eq!(json["architectures"], json!([class]));
        let again = PretrainedModel::open(&ModelSource::Folder(out)).unwrap();
        assert_eq!(again.tree(&labels).facts.head, HeadStart::Kept);
        let head = again.head_for(&labels).unwrap().unwrap();
        let expected = listed("head_parameters").map(|name| (name.clone(), values(&name).unwrap())).collect();
        assert_eq!(head, expected, "{family}");
    }
}
