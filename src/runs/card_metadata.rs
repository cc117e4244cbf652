//! The front matter of a model card: what the Hub reads of a model (its schema is that of `modelcard_template.md` and
//! `ModelCardData` in huggingface_hub). What is not known is left out.

use serde_json::json;

use crate::domain::config::DataSource;
use crate::domain::message::TestEvaluated;

use super::settings::{Metrics, RunSettings};

/// The metadata between two lines of hyphens, which are YAML.
pub fn front_matter(settings: &RunSettings, metrics: Option<&Metrics>, base: &str, licence: Option<&str>) -> String {
    let mut lines = vec!["---".to_owned()];
    // The language of other data is not known.
    if settings.config.data.source == DataSource::Bundled {
        lines.push("language: en".to_owned());
    }
    lines.extend(licence.map(|licence| format!("license: {}", quoted(licence))));
    lines.push("library_name: transformers".to_owned());
    lines.push("pipeline_tag: text-classification".to_owned());
    // The name of a folder is no model of the Hub; only an id with an owner is.
    if is_hub_id(base) {
        lines.push(format!("base_model: {}", quoted(base)));
        lines.push("base_model_relation: finetune".to_owned());
    }
    lines.extend(["tags:", "- text-classification", "- thaw"].map(str::to_owned));
    let test = metrics.and_then(|metrics| metrics.test.as_ref());
    if let Some(test) = test {
        lines.extend(["metrics:", "- accuracy", "- f1"].map(str::to_owned));
        lines.push(format!("model-index:\n{}", model_index(settings, base, test)));
    }
    lines.push("---".to_owned());
    lines.join("\n") + "\n\n"
}

/// The results on the test rows, as the Hub lists them.
fn model_index(settings: &RunSettings, base: &str, test: &TestEvaluated) -> String {
    let name = format!("{base} fine-tuned on {}", settings.data.name);
    let dataset = [
        format!("      name: {}", quoted(&settings.data.name)),
        format!("      type: {}", quoted(&dataset_type(&settings.data.name))),
        "      split: test".to_owned(),
    ];
    let metric = |kind: &str, name: &str, value: f64| {
        // A number that is none is no result.
        value.is_finite().then(|| format!("    - type: {kind}\n      value: {value}\n      name: {name}"))
    };
    let metrics = [
        metric("accuracy", "Accuracy", test.accuracy),
        metric("f1", "Macro F1", test.macro_f1),
        metric("loss", "Loss", test.loss),
    ];
    let metrics: Vec<String> = metrics.into_iter().flatten().collect();
    format!(
        "- name: {}\n  results:\n  - task:\n      type: text-classification\n      name: Text Classification\n    \
         dataset:\n{}\n    metrics:\n{}",
        quoted(&name),
        dataset.join("\n"),
        metrics.join("\n")
    )
}

/// The Hub's name for a data set that is not on it: letters, digits and `-_.`, which is all that it takes there.
fn dataset_type(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let plain = plain.trim_matches(['-', '.']).to_owned();
    if plain.is_empty() { "data".to_owned() } else { plain }
}

fn is_hub_id(name: &str) -> bool {
    let is_plain =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    name.split_once('/').is_some_and(|(owner, model)| is_plain(owner) && is_plain(model))
}

/// A text as a scalar of YAML, which takes JSON's strings for its own; plain where nothing in it has a meaning there.
fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !["true", "false", "yes", "no", "null", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { json!(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_quoted_where_yaml_would_read_something_else() {
        for (text, expected) in [
            ("apache-2.0", "apache-2.0"),
            ("sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"),
            ("no", "\"no\""),
            ("1.5", "\"1.5\""),
            ("a: b #c", "\"a: b #c\""),
            ("리뷰 \"x\"", "\"리뷰 \\\"x\\\"\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
        assert_eq!((dataset_type("my films.csv"), dataset_type("리뷰")), ("my-films.csv".into(), "data".into()));
        assert!(
            is_hub_id("klue/bert-base") && !is_hub_id("a/b/c") && !is_hub_id("my folder/model") && !is_hub_id("run")
        );
    }
}
