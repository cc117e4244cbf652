//! The prefix cache finds no states of another network.

use serde_json::Value;

use super::*;

/// A tiny RoBERTa, which counts its positions from its padding id on.
fn roberta(setting: Option<(&str, Value)>) -> Classifier {
    let pretrained = tiny_model("roberta", setting);
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
        let states = prefix.states(classifier, &batch, Pass::EVALUATE, &|_| ()).unwrap();
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
