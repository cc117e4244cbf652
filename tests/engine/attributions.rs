//! Attributions against Captum's, attention and predictions without single words against those of transformers.

use serde_json::Value;
use thaw::data::tokens::Row;
use thaw::domain::explanation::Depth;
use thaw::domain::freeze::Freeze;
use thaw::explain::attention::attention;
use thaw::explain::attribution::{Budget, attribute};
use thaw::explain::explanation::Explainer;
use thaw::model::classifier::Classifier;

use super::{FAMILIES, Reference, json};

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// The largest difference, as a share of the largest number that is wanted.
fn share_off(found: &[f64], wanted: &[f64]) -> f64 {
    furthest(found, wanted) / wanted.iter().fold(0.0, |largest, x| x.abs().max(largest))
}

fn furthest(found: &[f64], wanted: &[f64]) -> f64 {
    assert_eq!(found.len(), wanted.len());
    found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// One row of PyTorch's.
fn check(name: &str, classifier: &Classifier, wanted: &Value) {
    let ids: Vec<u32> = numbers(&wanted["ids"]).iter().map(|id| *id as u32).collect();
    let row = Row { ids: &ids, of_type_1: 0 };
    let is_word: Vec<bool> = (0..ids.len()).map(|i| i > 0 && i + 1 < ids.len()).collect();
    let (label, steps) = (wanted["label"].as_u64().unwrap() as usize, wanted["steps"].as_u64().unwrap() as usize);
    for first in [steps, steps / 2] {
        // Twice as many steps use the former points again, and come to the same.
        let budget = Budget { first, most: steps, enough: 0.0 };
        let found = attribute(classifier, row, &is_word, label, budget).unwrap();
        // Those of these small models are thousandths, so that the bound is a share of the row's largest.
        for (what, found) in [("attributions", &found.integrated), ("gradient_input", &found.gradient_input)] {
            let error = share_off(found, &numbers(&wanted[what]));
            assert!(error < 1e-4, "{name}: {what} {error:e}");
        }
        assert_eq!(found.steps, if is_word.contains(&true) { steps } else { 0 });
    }
    let layer = wanted["layer"].as_u64().unwrap() as usize;
    let found: Vec<f32> = attention(classifier, row, layer).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    let found: Vec<f64> = found.into_iter().map(f64::from).collect();
    let error = furthest(&found, &numbers(&wanted["attention"]));
    assert!(error < 1e-5, "{name}: {error:e}");
}

#[test]
fn attributions_are_captums_and_attention_is_that_of_transformers() {
    let wanted = json("attributions.json");
    for family in FAMILIES {
        // An explanation freezes the weights that train, and leaves no gradient of them.
        let trained = Reference::family(family).classifier(&Freeze::Full);
        let frozen = trained.frozen().unwrap();
        for row in wanted["families"][family].as_array().unwrap() {
            check(family, &frozen, row);
        }
        assert!(trained.weights().iter().all(|w| w.gradient.as_ref().is_some_and(|g| !g.lock().present)));
    }
    let classifier = Reference::bundled().classifier(&Freeze::Preset3).frozen().unwrap();
    for row in wanted["bundled"].as_array().unwrap() {
        check("bundled", &classifier, row);
    }
}

#[test]
fn a_word_left_out_changes_the_probability_as_in_transformers() {
    let reference = Reference::bundled();
    let classifier = reference.classifier(&Freeze::Preset3).frozen().unwrap();
    let explainer = Explainer { classifier: &classifier, tokeniser: &reference.pretrained.tokeniser, max_length: 64 };
    for wanted in json("attributions.json")["bundled"].as_array().unwrap() {
        let text = wanted["text"].as_str().unwrap();
        let explained = explainer.explain(&text.into(), Depth::Words).unwrap();
        let words: Vec<&str> = explained.words.iter().map(|word| word.word.as_str()).collect();
        assert_eq!(serde_json::json!(words), wanted["words"]);
        let without: Vec<f64> = explained.words.iter().map(|word| word.without.unwrap()).collect();
        let error = furthest(&without, &numbers(&wanted["without"]));
        assert!(error < 1e-5, "{text}: {error:e}");
        // The tokens add what their words add.
        let sum: f64 = explained.words.iter().map(|word| word.attribution.unwrap()).sum();
        let ids: Vec<u32> = numbers(&wanted["ids"]).iter().map(|id| *id as u32).collect();
        let is_word: Vec<bool> = (0..ids.len()).map(|i| i > 0 && i + 1 < ids.len()).collect();
        let label = wanted["label"].as_u64().unwrap() as usize;
        let row = Row { ids: &ids, of_type_1: 0 };
        let of_tokens = attribute(&classifier, row, &is_word, label, Budget::default()).unwrap();
        assert!((sum - of_tokens.integrated.iter().sum::<f64>()).abs() < 1e-6);
    }
}
