//! A model as its named parameters, which the tree shows and a freezing chooses from.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::labels::MatchedLabel;
use super::problem::Problem;

/// The place of a parameter in the network, in order from the input to the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    Embeddings,
    Layer { index: usize, block: Block },
    Pooler,
    Classifier,
}

impl Part {
    /// Whether it belongs to the last `k` of a model's `layers` encoder layers, or stands above all of them.
    pub fn is_in_top(self, k: usize, layers: usize) -> bool {
        match self {
            Self::Embeddings => false,
            Self::Layer { index, .. } => index + k >= layers,
            Self::Pooler | Self::Classifier => true,
        }
    }
}

/// The blocks of one encoder layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Block {
    Attention,
    FeedForward,
    Norms,
}

/// One named parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its Hugging Face name as `model.base_model.named_parameters()` prints it, such as
    /// `encoder.layer.0.attention.self.query.weight`. The parameters of the head, such as `classifier.weight`, have the names
    /// that `model.named_parameters()` prints.
    pub name: String,
    pub shape: Vec<usize>,
    pub part: Part,
}

impl Parameter {
    /// How many numbers the parameter holds.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn is_bias(&self) -> bool {
        self.name.ends_with(".bias")
    }

    /// Whether it is the table of word embeddings, of which a training step touches only the rows of the words it reads.
    pub fn is_word_table(&self) -> bool {
        self.name.ends_with("word_embeddings.weight")
    }

    /// Whether it belongs to a LayerNorm. In DistilBERT's layers these are called `sa_layer_norm` and `output_layer_norm`.
    fn is_norm(&self) -> bool {
        self.name.contains("LayerNorm") || self.name.contains("layer_norm")
    }

    /// Whether weight decay applies. It applies to everything but biases and LayerNorm weights.
    pub fn decays(&self) -> bool {
        !self.is_bias() && !self.is_norm()
    }
}

/// The values that a classification head starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadStart {
    /// Fresh values, because the pretrained model has no head.
    #[default]
    New,
    /// Those of the pretrained model's own head, which classifies into the same labels.
    Kept,
    /// Fresh values, because the pretrained model's own head classifies into other labels.
    Replaced,
}

impl HeadStart {
    pub fn is_new(&self) -> bool {
        *self == Self::New
    }
}

/// What a model is, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// The name of its folder, or `all-MiniLM-L6-v2`.
    pub name: String,
    /// The `model_type` of its `config.json`.
    pub family: String,
    pub layers: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub heads: usize,
    pub vocabulary: usize,
    /// The longest text it can read, in tokens.
    pub positions: usize,
    pub file_bytes: u64,
    /// The labels of the head that the pretrained model came with, if it came with one.
    pub head_labels: Option<Vec<String>>,
    /// The values that the head starts from for the labels at hand.
    #[serde(default)]
    pub head: HeadStart,
    /// The labels at hand with the classes of the head that they were taken for, where the head is kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched: Vec<MatchedLabel>,
    /// What the user should know of how the model was read.
    #[serde(default)]
    pub notes: Vec<Problem>,
    /// The model's own dropout probability on hidden states.
    pub hidden_dropout: f64,
}

/// All parameters of a model with its head, in `named_parameters()` order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParamTree {
    pub facts: ModelFacts,
    pub parameters: Vec<Parameter>,
}

impl ModelFacts {
    /// The prefix of the base model's names in Hugging Face's classifier, such as `bert.`.
    pub fn prefix(&self) -> String {
        // XLM-RoBERTa's base model has the same name as RoBERTa's.
        format!("{}.", if self.family == "xlm-roberta" { "roberta" } else { &self.family })
    }
}

impl ParamTree {
    /// Whether there is a pooler between the encoder and the head, which presets 2 and 3 train.
    pub fn has_pooler(&self) -> bool {
        self.parameters.iter().any(|p| p.part == Part::Pooler)
    }

    /// The parameters that train. `trainable` is parallel to `parameters`.
    pub fn trained(&self, trainable: &[bool]) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().zip(trainable).filter(|(_, on)| **on).map(|(parameter, _)| parameter)
    }

    /// How many numbers the model has.
    pub fn count(&self) -> usize {
        self.parameters.iter().map(Parameter::count).sum()
    }

    /// The outputs of the head's last map, whose weight and bias end the list.
    pub fn classes(&self) -> Option<usize> {
        self.parameters.last().filter(|p| p.part == Part::Classifier).map(|p| p.shape[0])
    }

    /// Gives the head's last map so many outputs. A dense layer before it stays as it is.
    pub fn set_classes(&mut self, classes: usize) {
        let last = self.parameters.last().map(|p| p.name.clone()).unwrap_or_default();
        let of_map = |name: &str| name.rsplit_once('.').map(|(map, _)| map.to_owned());
        for parameter in self.parameters.iter_mut().filter(|p| of_map(&p.name) == of_map(&last)) {
            parameter.shape[0] = classes;
        }
    }

    /// How many numbers are (trainable, frozen). `trainable` is parallel to `parameters`.
    pub fn totals(&self, trainable: &[bool]) -> (usize, usize) {
        let on = self.trained(trainable).map(Parameter::count).sum();
        (on, self.count() - on)
    }
}

/// Whose values of a parameter are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValuesOf {
    /// The pretrained model's, before training.
    #[default]
    Model,
    /// The last run's, after training.
    Run,
}

/// A parameter's first values, and how all of its values are distributed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterView {
    pub name: String,
    pub shape: Vec<usize>,
    /// The first values in memory order, at most 32.
    pub first: Vec<f32>,
    pub min: f32,
    pub max: f32,
    pub mean: f64,
    pub std: f64,
    /// How many values are in each of the equal bins from `min` to `max`.
    pub histogram: Vec<u64>,
    /// Whose values these are. They are the model's where no run has any.
    pub of: ValuesOf,
    /// The name of the pretrained model.
    pub model: String,
    /// The folder of the last run, if it grew from this model and has such a parameter.
    pub run: Option<PathBuf>,
    /// Whether the parameter trained in the run whose values these are.
    pub trained: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn biases_and_norms_of_every_family_do_not_decay() {
        let decays = |name: &str| Parameter { name: name.into(), shape: vec![4], part: Part::Embeddings }.decays();
        for name in [
            "embeddings.LayerNorm.weight",
            "encoder.layer.0.attention.output.LayerNorm.bias",
            "transformer.layer.0.sa_layer_norm.weight",
            "transformer.layer.0.output_layer_norm.weight",
            "classifier.out_proj.bias",
        ] {
            assert!(!decays(name), "{name}");
        }
        assert!(decays("embeddings.word_embeddings.weight") && decays("transformer.layer.0.ffn.lin1.weight"));
    }

    #[test]
    fn another_number_of_classes_changes_the_heads_last_map_alone() {
        let parameter = |name: &str, shape: &[usize]| Parameter {
            name: name.into(),
            shape: shape.to_vec(),
            part: Part::Classifier,
        };
        let parameters = vec![
            parameter("classifier.dense.weight", &[8, 8]),
            parameter("classifier.dense.bias", &[8]),
            parameter("classifier.out_proj.weight", &[3, 8]),
            parameter("classifier.out_proj.bias", &[3]),
        ];
        let mut tree = ParamTree { parameters, ..ParamTree::default() };
        assert_eq!(tree.classes(), Some(3));
        tree.set_classes(2);
        assert_eq!(tree.count(), 64 + 8 + 16 + 2);
    }

    #[test]
    fn the_prefix_of_a_base_model() {
        let prefix = |family: &str| ModelFacts { family: family.into(), ..ModelFacts::default() }.prefix();
        assert_eq!(["bert", "xlm-roberta", "electra"].map(prefix), ["bert.", "roberta.", "electra."]);
    }
}
