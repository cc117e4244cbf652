//! The prefix cache finds no states of another network.

use serde_json::Value;

use crate::domain::precision::{FrozenPrecision, Precision};

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

/// States of a frozen prefix in fewer bits are others than those of the original weights, whatever was computed first.
#[test]
fn precisions_share_no_states_and_original_weights_do() {
    let bed = Bed::tiny();
    let classifier = |frozen_precision| {
        let labels = bed.dataset.label_names();
        let trainable = Freeze::Preset3.resolve(&bed.pretrained.tree(&labels)).unwrap();
        let engine = Engine { frozen_precision, ..Engine::cpu(Precision::F32) };
        Classifier::on(&engine, &bed.pretrained, &labels, &trainable, DropoutConfig::default(), 1, &|_| ()).unwrap()
    };
    let batch = Batch::pack(&bed.tokens, &bed.dataset.labels, &bed.dataset.splits.train[..8]);
    let states = |classifier: &Classifier, cache: &PrefixCache| {
        let prefix = cache.for_run(classifier, &PrefixCacheConfig::default());
        let states = prefix.states(classifier, &batch, Pass::EVALUATE, &|_| ()).unwrap();
        (states.flatten_all().unwrap().to_vec1::<f32>().unwrap(), prefix.status())
    };
    let whole = classifier(FrozenPrecision::F32);
    for frozen in [FrozenPrecision::Bf16, FrozenPrecision::Int8] {
        let shared = PrefixCache::new(ROOMY);
        let compact = classifier(frozen);
        let (exact, _) = states(&whole, &shared);
        let (rounded, _) = states(&compact, &shared);
        assert_eq!(rounded, states(&compact, &PrefixCache::off()).0, "{frozen:?}");
        assert_ne!(rounded, exact, "{frozen:?}");
        // The original weights are the whole ones: what they compute is the same, and it is found again.
        let account = || shared.account();
        let (before, _) = states(&whole, &shared);
        let original = compact.with_original_weights().unwrap();
        let account = account();
        let prefix = shared.for_stage(&original, &PrefixCacheConfig::default(), &account);
        let found = prefix.states(&original, &batch, Pass::EVALUATE, &|_| ()).unwrap();
        assert_eq!(found.flatten_all().unwrap().to_vec1::<f32>().unwrap(), before);
        assert!(account.taken_over_secs() > 0.0, "{frozen:?}: the states were taken over");
    }
}
