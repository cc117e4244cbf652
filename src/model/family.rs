//! Families of models: the names of their parameters, in files and in the tree, and the part of the network that each
//! belongs to. A further family is a further arm of every `match` here.

use serde::Serialize;

use super::config::BertConfig;
use crate::domain::params::{Block, Parameter, Part};

/// A kind of network that this program can train.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Bert,
}

impl Family {
    /// By the `model_type` of a `config.json`.
    pub fn of(model_type: &str) -> Option<Self> {
        match model_type {
            "bert" => Some(Self::Bert),
            _ => None,
        }
    }

    pub const fn model_type(self) -> &'static str {
        match self {
            Self::Bert => "bert",
        }
    }

    /// What stands before the base model's names in a file that has a head, too.
    const fn prefix(self) -> &'static str {
        match self {
            Self::Bert => "bert.",
        }
    }

    /// The class of Hugging Face transformers that the saved model is.
    pub const fn architecture(self) -> &'static str {
        match self {
            Self::Bert => "BertForSequenceClassification",
        }
    }

    /// The name in the tree of a tensor with this name in a file; `None` for what is no part of the model, such as the
    /// heads of pre-training.
    pub fn tree_name(self, stored: &str) -> Option<String> {
        let name = stored.strip_prefix(self.prefix()).unwrap_or(stored);
        if name.starts_with("cls.") {
            return None;
        }
        // Checkpoints converted from TensorFlow before 2019 call a LayerNorm's weight gamma and its bias beta.
        Some(match name.rsplit_once("LayerNorm.") {
            Some((owner, "gamma")) => format!("{owner}LayerNorm.weight"),
            Some((owner, "beta")) => format!("{owner}LayerNorm.bias"),
            _ => name.to_owned(),
        })
    }

    /// The name in a saved file of the tree's parameter `name`.
    pub fn stored_name(self, name: &str) -> String {
        if name.starts_with("classifier.") { name.to_owned() } else { format!("{}{name}", self.prefix()) }
    }

    /// Whether a checkpoint may lack this part: it then starts with fresh values.
    pub fn may_lack(self, part: Part) -> bool {
        matches!(part, Part::Pooler | Part::Classifier)
    }

    /// Every parameter with a head for `labels` classes, in `named_parameters()` order.
    pub fn parameters(self, config: &BertConfig, labels: usize) -> Vec<Parameter> {
        let Self::Bert = self;
        let (hidden, intermediate) = (config.hidden_size, config.intermediate_size);
        let mut all = Names(Vec::new());
        for (table, rows) in [
            ("word_embeddings", config.vocab_size),
            ("position_embeddings", config.max_position_embeddings),
            ("token_type_embeddings", config.type_vocab_size),
        ] {
            all.push(format!("embeddings.{table}.weight"), vec![rows, hidden], Part::Embeddings);
        }
        all.norm("embeddings.LayerNorm", hidden, Part::Embeddings);
        for index in 0..config.num_hidden_layers {
            let at = |name: &str| format!("encoder.layer.{index}.{name}");
            let part = |block| Part::Layer { index, block };
            for name in ["self.query", "self.key", "self.value", "output.dense"] {
                all.linear(&at(&format!("attention.{name}")), hidden, hidden, part(Block::Attention));
            }
            all.norm(&at("attention.output.LayerNorm"), hidden, part(Block::Norms));
            all.linear(&at("intermediate.dense"), intermediate, hidden, part(Block::FeedForward));
            all.linear(&at("output.dense"), hidden, intermediate, part(Block::FeedForward));
            all.norm(&at("output.LayerNorm"), hidden, part(Block::Norms));
        }
        all.linear("pooler.dense", hidden, hidden, Part::Pooler);
        all.linear("classifier", labels, hidden, Part::Classifier);
        all.0
    }
}

/// Parameters in the order in which they are named.
struct Names(Vec<Parameter>);

impl Names {
    fn push(&mut self, name: String, shape: Vec<usize>, part: Part) {
        self.0.push(Parameter { name, shape, part });
    }

    /// A linear map's weight `[outputs, inputs]` and bias `[outputs]`.
    fn linear(&mut self, name: &str, outputs: usize, inputs: usize, part: Part) {
        self.push(format!("{name}.weight"), vec![outputs, inputs], part);
        self.push(format!("{name}.bias"), vec![outputs], part);
    }

    fn norm(&mut self, name: &str, size: usize, part: Part) {
        self.push(format!("{name}.weight"), vec![size], part);
        self.push(format!("{name}.bias"), vec![size], part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_files_and_in_the_tree() {
        let tree = |stored| Family::Bert.tree_name(stored);
        let same = "encoder.layer.0.attention.self.query.weight";
        assert_eq!(tree(same).as_deref(), Some(same));
        assert_eq!(tree("bert.pooler.dense.bias").as_deref(), Some("pooler.dense.bias"));
        assert_eq!(tree("bert.embeddings.LayerNorm.gamma").as_deref(), Some("embeddings.LayerNorm.weight"));
        assert_eq!(
            tree("encoder.layer.3.output.LayerNorm.beta").as_deref(),
            Some("encoder.layer.3.output.LayerNorm.bias")
        );
        assert_eq!(tree("cls.predictions.bias"), None);
        assert_eq!(tree("classifier.weight").as_deref(), Some("classifier.weight"));
        assert_eq!(Family::Bert.stored_name(same), format!("bert.{same}"));
        assert_eq!(Family::Bert.stored_name("classifier.bias"), "classifier.bias");
    }
}
