//! The prefix cache finds no states of another network.

use std::path::Path;

use serde_json::Value;

use super::*;

/// A tiny RoBERTa with one setting of its `config.json` replaced.
fn roberta(setting: Option<(&str, Value)>) -> Classifier {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/families/roberta");
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(source.join("model.safetensors"), folder.path().join("model.safetensors")).unwrap();
    let mut config: Value = serde_json::from_slice(&std::fs::read(source.join("config.json")).unwrap()).unwrap();
    if let Some((name, value)) = setting {
        assert!(config[name] != value && !config[name].is_null(), "{name} changes");
        config[name] = value;
    }
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let words: String = (5..120).map(|i| format!("w{i}\n")).collect();
    std::fs::write(folder.path().join("vocab.txt"), format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{words}")).unwrap();
    let pretrained = PretrainedModel::open(&ModelSource::Folder(folder.path().to_owned())).unwrap();
    let labels = ["a", "b", "c"].map(String::from);
    let trainable = Freeze::Preset1.resolve(&pretrained.tree(&labels)).unwrap();
    Classifier::new(&pretrained, &labels, &trainable, DropoutConfig::default(), 1).unwrap()
}

#[test]
fn another_setting_of_the_network_finds_no_stale_states() {
    let batch = Batch::from_ids(&[vec![7, 30, 119, 5], vec![12, 11]]);
    let shared = PrefixCache::new(ROOMY);
    let states = |classifier: &Classifier, cache: &PrefixCache| -> Vec<f32> {
        let prefix = cache.for_run(classifier, &PrefixCacheConfig::default());
        let states = prefix.states(classifier, &batch, Pass::EVALUATE).unwrap();
        states.flatten_all().unwrap().to_vec1().unwrap()
    };
    let original = states(&roberta(None), &shared);
    for setting in [("hidden_act", "relu".into()), ("layer_norm_eps", 0.01.into()), ("pad_token_id", 0.into())] {
        let name = setting.0;
        let other = roberta(Some(setting));
        let found = states(&other, &shared);
        assert_eq!(found, states(&other, &PrefixCache::off()), "{name}");
        assert_ne!(found, original, "{name}");
        assert_eq!(states(&roberta(None), &shared), original, "{name}");
    }
}
