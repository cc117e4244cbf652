//! The head that a pretrained model came with: which labels it tells apart, or why it is no head of this program's kind.

use std::path::Path;

use serde_json::{Map, Value};

use super::config::{self, EncoderConfig};
use super::pretrained::WEIGHTS;
use super::weights::Weights;
use crate::domain::params::{Parameter, Part};
use crate::domain::problem::{Outcome, Problem};

/// What a model's own head is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum OwnHead {
    /// There is none, or one of pretraining.
    None,
    /// It gives each text one of these labels, which are in the order of its rows.
    Labels(Vec<String>),
    /// It is of another kind, or damaged. Training replaces it, which `note` says; `refusal` says why nothing can be
    /// evaluated with it.
    Other { note: Problem, refusal: Problem },
}

/// What the names of classes end with, and what their heads do. Heads of pretraining have no word here.
const TASKS: [(&str, &str); 8] = [
    ("ForTokenClassification", "tokens"),
    ("ForQuestionAnswering", "answers"),
    ("ForMultipleChoice", "choice"),
    ("ForNextSentencePrediction", "next-sentence"),
    ("ForMaskedLM", ""),
    ("ForPreTraining", ""),
    ("ForCausalLM", ""),
    ("Model", ""),
];
const CLASSIFIES: &str = "ForSequenceClassification";

/// The parameters of a head for this number of labels.
pub(super) fn parameters(config: &EncoderConfig, labels: usize) -> Vec<Parameter> {
    let mut parameters = config.family.parameters(config, labels);
    parameters.retain(|parameter| parameter.part == Part::Classifier);
    parameters
}

/// Finds out what the head in the weights is. What is wrong with it is no error, because training replaces it.
///
/// # Errors
/// `file-error` when the weights can no longer be read.
pub(super) fn read(
    config: &EncoderConfig,
    json: &Map<String, Value>,
    weights: &Weights,
    place: &Path,
) -> Outcome<OwnHead> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let architectures: Vec<String> =
        json.get("architectures").and_then(Value::as_array).into_iter().flatten().map(text).collect();
    let output = weights.get(&format!("{}.weight", config.family.anatomy().head.output));
    let other = |kind: &str, class: &str| {
        let problem = |id| Problem::new(id).with("kind", kind).with("class", class);
        let refusal = problem("run-head-other").with("folder", place.display());
        Ok(OwnHead::Other { note: problem("model-head-other"), refusal })
    };
    let classifies = architectures.is_empty() || architectures.iter().any(|class| class.ends_with(CLASSIFIES));
    if !classifies {
        let class = &architectures[0];
        return match TASKS.iter().find(|(ending, _)| class.ends_with(ending)) {
            Some((_, "")) => Ok(OwnHead::None),
            Some((_, task)) => other(task, class),
            None if output.is_some() => other("custom", class),
            None => Ok(OwnHead::None),
        };
    }
    let Some(tensor) = output else { return Ok(OwnHead::None) };
    let rows = tensor.shape().first().copied().unwrap_or_default();
    match json.get("problem_type").and_then(Value::as_str) {
        None | Some("single_label_classification") => {}
        Some("multi_label_classification") => return other("multi-label", ""),
        Some("regression") => return other("regression", ""),
        Some(unknown) => return other("custom", unknown),
    }
    // As in transformers, a head with one row gives a number.
    if rows == 1 {
        return other("regression", "");
    }
    let labels = || -> Outcome<Vec<String>> {
        let generic = || (0..rows.min(config::MOST_LABELS)).map(|i| format!("LABEL_{i}")).collect();
        let labels = config::labels(json, &place.join("config.json").display().to_string())?.unwrap_or_else(generic);
        let parameters = parameters(config, labels.len());
        let lacking = weights.check(&parameters, config.family, &place.join(WEIGHTS[0]))?;
        if let Some(name) = lacking.first() {
            return Err(Problem::internal(format_args!("no values of {name}")));
        }
        weights.check_finite(&parameters, &|_| ())?;
        Ok(labels)
    };
    match labels() {
        Ok(labels) => Ok(OwnHead::Labels(labels)),
        Err(problem) if problem.id == "file-error" => Err(problem),
        Err(problem) => {
            let note = Problem::new("model-head-misfit").with_problem("why", problem.clone());
            Ok(OwnHead::Other { note, refusal: problem })
        }
    }
}
