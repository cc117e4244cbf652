//! A head that was trained elsewhere, on a model that is at hand.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::{PretrainedModel, find_weights, read_small};
use crate::domain::params::{Parameter, Part};
use crate::domain::problem::{Outcome, Problem};
use crate::model::weights::Weights;
use crate::model::{config, head};

impl PretrainedModel {
    /// The model with the head of a run, of a folder or of a file of weights in its own head's place. The head's labels are
    /// those of the `config.json` beside its weights, else `LABEL_0`, `LABEL_1`, ... Weights of a whole model must be this
    /// one's outside the head: on another model the head would say nothing.
    ///
    /// # Errors
    /// `head-missing`, `head-of-other-model`; `model-*` for weights, shapes and labels that are damaged or don't fit;
    /// `file-error`.
    pub fn with_head(self, place: &Path) -> Outcome<Self> {
        self.with_head_of(place, false)
    }

    /// The model with the head of a run that began with it, whatever that run has trained besides. A pooler is this model's
    /// own; where it has none, the run made one, which comes with the head.
    ///
    /// # Errors
    /// Those of [`Self::with_head`] but `head-of-other-model`.
    pub fn with_descendants_head(self, place: &Path) -> Outcome<Self> {
        self.with_head_of(place, true)
    }

    fn with_head_of(mut self, place: &Path, is_descendant: bool) -> Outcome<Self> {
        let is_folder = place.is_dir();
        let folder = if is_folder { place } else { place.parent().unwrap_or(Path::new("")) };
        let paths = if is_folder { find_weights(place)? } else { vec![place.to_owned()] };
        let family = self.config.family;
        let weights = Weights::open(&paths, family)?;
        let output = format!("{}.weight", family.anatomy().head.output);
        let rows = weights.get(&output).and_then(|tensor| tensor.shape().first().copied()).filter(|rows| *rows > 1);
        let Some(rows) = rows else {
            return Err(Problem::new("head-missing").with("head", place.display()).with("tensor", output));
        };
        let labels = labels_beside(folder)?;
        let labels =
            labels.unwrap_or_else(|| (0..rows.min(config::MOST_LABELS)).map(|i| format!("LABEL_{i}")).collect());
        let mut parameters = head::parameters(&self.config, labels.len());
        if is_descendant {
            parameters.extend(self.base().filter(|parameter| self.lacking.contains(&parameter.name)));
        }
        let lacking = weights.check(&parameters, family, &paths[0])?;
        if is_descendant {
            self.lacking = lacking;
            self.facts.notes.retain(|note| note.id != "run-fresh-parameters");
        }
        weights.check_finite(&parameters, &|_| ())?;
        if !is_descendant {
            self.check_same_below(&weights, place)?;
        }
        let mut values = std::collections::BTreeMap::new();
        for parameter in parameters {
            if let Some(tensor) = weights.get(&parameter.name) {
                values.insert(parameter.name, tensor.to_f32()?);
            }
        }
        self.given_head = Some(Arc::new(values));
        self.facts.head_labels = Some(labels);
        self.other_head = None;
        Ok(self)
    }

    /// Refuses the head of weights that differ from this model's outside the head.
    fn check_same_below(&self, weights: &Weights, place: &Path) -> Outcome<()> {
        for parameter in self.base() {
            let (Some(other), Some(own)) = (weights.get(&parameter.name), self.weights.get(&parameter.name)) else {
                continue;
            };
            if other.shape() != own.shape() || other.to_f32()? != own.to_f32()? {
                return Err(Problem::new("head-of-other-model")
                    .with("head", place.display())
                    .with("model", &self.facts.name)
                    .with("name", &parameter.name));
            }
        }
        Ok(())
    }

    /// The parameters outside the head.
    fn base(&self) -> impl Iterator<Item = Parameter> {
        self.config.family.parameters(&self.config, 0).into_iter().filter(|p| p.part != Part::Classifier)
    }
}

/// The labels that the `config.json` of a folder names.
fn labels_beside(folder: &Path) -> Outcome<Option<Vec<String>>> {
    let Some(json) = read_small(folder, "config.json")? else { return Ok(None) };
    let file = folder.join("config.json").display().to_string();
    let json: Map<String, Value> = serde_json::from_slice(&json)
        .map_err(|e| Problem::new("model-json-damaged").with("file", &file).with_original(e))?;
    config::labels(&json, &file)
}
