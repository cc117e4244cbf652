//! A model as its named parameters: what the tree shows and what a freezing chooses from.

use serde::{Deserialize, Serialize};

/// Where a parameter stands in the network, from the input upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    Embeddings,
    Layer { index: usize, block: Block },
    Pooler,
    Classifier,
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
    /// Its Hugging Face name as `model.bert.named_parameters()` prints it, e.g.
    /// `encoder.layer.0.attention.self.query.weight`; the head's are `classifier.weight`, `classifier.bias`.
    pub name: String,
    pub shape: Vec<usize>,
    pub part: Part,
}

impl Parameter {
    /// How many numbers it holds.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn is_bias(&self) -> bool {
        self.name.ends_with(".bias")
    }

    /// Whether weight decay applies: to everything but biases and LayerNorm weights.
    pub fn decays(&self) -> bool {
        !self.is_bias() && !self.name.contains("LayerNorm")
    }
}

/// What a model is, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// What to call it: the folder's name, or `all-MiniLM-L6-v2`.
    pub name: String,
    /// `model_type` of its `config.json`.
    pub family: String,
    pub layers: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub heads: usize,
    pub vocabulary: usize,
    /// The longest text it can read, in tokens.
    pub positions: usize,
    pub file_bytes: u64,
    /// The labels of the head the checkpoint came with, if it came with one.
    pub head_labels: Option<Vec<String>>,
    /// The model's own dropout probability on hidden states.
    pub hidden_dropout: f64,
}

/// All parameters of a model with its head, in `named_parameters()` order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParamTree {
    pub facts: ModelFacts,
    pub parameters: Vec<Parameter>,
}

impl ParamTree {
    pub fn count(&self) -> usize {
        self.parameters.iter().map(Parameter::count).sum()
    }

    /// Parameters, numbers: (trainable, frozen). `trainable` runs parallel to `parameters`.
    pub fn totals(&self, trainable: &[bool]) -> (usize, usize) {
        let on = self.parameters.iter().zip(trainable).filter(|(_, t)| **t).map(|(p, _)| p.count()).sum();
        (on, self.count() - on)
    }
}

/// A parameter opened: its first values and how all of them are distributed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterView {
    pub name: String,
    pub shape: Vec<usize>,
    /// The first values in memory order, at most 32.
    pub first: Vec<f32>,
    pub min: f32,
    pub max: f32,
    pub mean: f64,
    pub std: f64,
    /// Counts in equal bins from `min` to `max`.
    pub histogram: Vec<u64>,
    /// True when these values are of the trained model of this session, false for the checkpoint's.
    pub trained: bool,
}
