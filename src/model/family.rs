//! Families of models: how their networks differ from BERT's, the names of their parameters in files and in the tree, and
//! the part of the network that each parameter belongs to. To add a family is to add an [`Anatomy`].

use serde::Serialize;

use super::config::EncoderConfig;
use super::ops::Activation;
use crate::domain::params::{Block, Parameter, Part};

/// A kind of network that this program can train.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    Bert,
    DistilBert,
    Roberta,
    XlmRoberta,
    Electra,
}

/// A family's network and the names of its parts, both as in Hugging Face's transformers.
#[derive(Debug)]
pub struct Anatomy {
    /// The `model_type` in its `config.json`.
    pub model_type: &'static str,
    /// What the names of its classes begin with, as in `BertModel` and `BertForSequenceClassification`.
    pub class: &'static str,
    /// What the base model's names begin with in a file that also has a head.
    pub prefix: &'static str,
    /// The tables and the LayerNorm of `embeddings`, in the order of PyTorch's `named_parameters()`.
    embeddings: &'static [&'static str],
    /// What the names of a layer's parameters begin with, up to the layer's number.
    layers: &'static str,
    pub layer: LayerNames,
    pub head: HeadAnatomy,
    /// Whether positions are counted from the padding token's id + 1 on, leaving out padding tokens.
    pub counts_from_padding: bool,
    /// Whether dropout acts between the attention block's dense layer and its LayerNorm.
    pub drops_attention_output: bool,
}

/// The names of the linear maps and LayerNorms of one encoder layer.
#[derive(Debug)]
pub struct LayerNames {
    pub query: &'static str,
    pub key: &'static str,
    pub value: &'static str,
    pub attention_output: &'static str,
    pub attention_norm: &'static str,
    pub intermediate: &'static str,
    pub output: &'static str,
    pub output_norm: &'static str,
}

/// The classification head. All families build it from the first token: a dense layer with an activation, dropout, and a
/// linear map to the classes. BERT's dense layer is its pooler, which is pretrained; that of the others is new.
#[derive(Debug)]
pub struct HeadAnatomy {
    /// The name of the dense layer.
    pub dense: &'static str,
    /// The part of the tree that the dense layer belongs to.
    pub dense_part: Part,
    pub activation: Activation,
    /// The name of the map to the classes.
    pub output: &'static str,
    /// Whether dropout also acts before the dense layer.
    pub drops_first_token: bool,
}

const BERT: Anatomy = Anatomy {
    model_type: "bert",
    class: "Bert",
    prefix: "bert.",
    embeddings: &["word_embeddings", "position_embeddings", "token_type_embeddings", "LayerNorm"],
    layers: "encoder.layer",
    layer: LayerNames {
        query: "attention.self.query",
        key: "attention.self.key",
        value: "attention.self.value",
        attention_output: "attention.output.dense",
        attention_norm: "attention.output.LayerNorm",
        intermediate: "intermediate.dense",
        output: "output.dense",
        output_norm: "output.LayerNorm",
    },
    head: HeadAnatomy {
        dense: "pooler.dense",
        dense_part: Part::Pooler,
        activation: Activation::Tanh,
        output: "classifier",
        drops_first_token: false,
    },
    counts_from_padding: false,
    drops_attention_output: true,
};

const DISTILBERT: Anatomy = Anatomy {
    model_type: "distilbert",
    class: "DistilBert",
    prefix: "distilbert.",
    embeddings: &["word_embeddings", "position_embeddings", "LayerNorm"],
    layers: "transformer.layer",
    layer: LayerNames {
        query: "attention.q_lin",
        key: "attention.k_lin",
        value: "attention.v_lin",
        attention_output: "attention.out_lin",
        attention_norm: "sa_layer_norm",
        intermediate: "ffn.lin1",
        output: "ffn.lin2",
        output_norm: "output_layer_norm",
    },
    head: HeadAnatomy {
        dense: "pre_classifier",
        dense_part: Part::Classifier,
        activation: Activation::Relu,
        ..BERT.head
    },
    drops_attention_output: false,
    ..BERT
};

const ROBERTA: Anatomy = Anatomy {
    model_type: "roberta",
    class: "Roberta",
    prefix: "roberta.",
    embeddings: &["word_embeddings", "token_type_embeddings", "LayerNorm", "position_embeddings"],
    head: HeadAnatomy {
        dense: "classifier.dense",
        dense_part: Part::Classifier,
        output: "classifier.out_proj",
        drops_first_token: true,
        ..BERT.head
    },
    counts_from_padding: true,
    ..BERT
};

/// XLM-RoBERTa is RoBERTa's network under another name. Its base model is also called `roberta`.
const XLM_ROBERTA: Anatomy = Anatomy { model_type: "xlm-roberta", class: "XLMRoberta", ..ROBERTA };

/// ELECTRA has an `embeddings_project` only where its embeddings are narrower than its layers.
const ELECTRA: Anatomy = Anatomy {
    model_type: "electra",
    class: "Electra",
    prefix: "electra.",
    head: HeadAnatomy { activation: Activation::Gelu, ..ROBERTA.head },
    ..BERT
};

/// What the names of heads for other tasks begin with. Such heads are left out.
const OTHER_HEADS: [&str; 9] = [
    "cls.",
    "qa_outputs.",
    "lm_head.",
    "vocab_transform.",
    "vocab_layer_norm.",
    "vocab_projector.",
    "discriminator_predictions.",
    "generator_predictions.",
    "generator_lm_head.",
];

impl Family {
    /// Every family that this program can train.
    pub const ALL: [Self; 5] = [Self::Bert, Self::DistilBert, Self::Roberta, Self::XlmRoberta, Self::Electra];

    /// The family's network and names.
    pub const fn anatomy(self) -> &'static Anatomy {
        match self {
            Self::Bert => &BERT,
            Self::DistilBert => &DISTILBERT,
            Self::Roberta => &ROBERTA,
            Self::XlmRoberta => &XLM_ROBERTA,
            Self::Electra => &ELECTRA,
        }
    }

    /// The class of transformers that loads a saved model.
    pub fn architecture(self) -> String {
        format!("{}ForSequenceClassification", self.anatomy().class)
    }

    /// The family with this `model_type` in its `config.json`.
    pub fn of(model_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.anatomy().model_type == model_type)
    }

    /// The family of a class of transformers, such as `RobertaForMaskedLM`.
    pub fn of_class(class: &str) -> Option<Self> {
        let base = class.find("For").map_or_else(|| class.strip_suffix("Model").unwrap_or(class), |at| &class[..at]);
        Self::ALL.into_iter().find(|family| family.anatomy().class == base)
    }

    /// The model types of all families, for messages that say which models can be trained.
    pub fn model_types() -> String {
        Self::ALL.map(|family| family.anatomy().model_type).join(", ")
    }

    /// Whether the embeddings have a table of token types.
    pub fn has_token_types(self) -> bool {
        self.anatomy().embeddings.contains(&"token_type_embeddings")
    }

    /// The name in the tree of a tensor that has this name in a file. `None` for tensors that the classifier does not use,
    /// such as the heads of pretraining, or a pooler that no classifier of the family reads.
    pub fn tree_name(self, stored: &str) -> Option<String> {
        let anatomy = self.anatomy();
        let name = stored.strip_prefix(anatomy.prefix).unwrap_or(stored);
        let has_pooler = anatomy.head.dense_part == Part::Pooler;
        if OTHER_HEADS.iter().any(|head| name.starts_with(head)) || (!has_pooler && name.starts_with("pooler.")) {
            return None;
        }
        // Models that were converted from TensorFlow before 2019 call a LayerNorm's weight gamma and its bias beta.
        Some(match name.rsplit_once('.') {
            Some((norm, "gamma")) => format!("{norm}.weight"),
            Some((norm, "beta")) => format!("{norm}.bias"),
            _ => name.to_owned(),
        })
    }

    /// Whether a tensor in a file is no parameter but a table that the network makes by itself, such as the positions.
    pub fn is_buffer(name: &str) -> bool {
        name.ends_with("position_ids") || name.ends_with("token_type_ids")
    }

    /// The name in a saved file of the parameter that the tree calls `name`.
    pub fn stored_name(self, name: &str) -> String {
        let Anatomy { head, prefix, .. } = self.anatomy();
        let of_head = |map: &str| name.strip_prefix(map).is_some_and(|rest| rest.starts_with('.'));
        let in_head = of_head(head.output) || (head.dense_part == Part::Classifier && of_head(head.dense));
        if in_head { name.to_owned() } else { format!("{prefix}{name}") }
    }

    /// The name in the tree of a linear map or LayerNorm of layer `index`.
    pub fn in_layer(self, index: usize, name: &str) -> String {
        format!("{}.{index}.{name}", self.anatomy().layers)
    }

    /// Whether a pretrained model may lack this part, which then starts with new values.
    pub fn may_lack(self, part: Part) -> bool {
        matches!(part, Part::Pooler | Part::Classifier)
    }

    /// Every parameter with its shape: the base model's in the order of PyTorch's `named_parameters()`, then those of a head
    /// for `labels` classes.
    pub fn parameters(self, config: &EncoderConfig, labels: usize) -> Vec<Parameter> {
        let Anatomy { embeddings, layer, head, .. } = self.anatomy();
        let (width, hidden, intermediate) = (config.embedding_size, config.hidden_size, config.intermediate_size);
        let mut all = Vec::new();
        // A linear map has a weight `[outputs, inputs]` and a bias `[outputs]`, and a LayerNorm has a weight and a bias
        // `[width]`; a table has a weight alone.
        let mut add = |name: &str, shape: &[usize], part, has_bias: bool| {
            let parameter =
                |kind, shape: &[usize]| Parameter { name: format!("{name}.{kind}"), shape: shape.to_vec(), part };
            all.push(parameter("weight", shape));
            all.extend(has_bias.then(|| parameter("bias", &shape[..1])));
        };
        for name in *embeddings {
            let rows = match *name {
                "word_embeddings" => Some(config.vocab_size),
                "position_embeddings" => Some(config.max_position_embeddings),
                "token_type_embeddings" => Some(config.type_vocab_size),
                _norm => None,
            };
            let shape: Vec<usize> = rows.into_iter().chain([width]).collect();
            add(&format!("embeddings.{name}"), &shape, Part::Embeddings, rows.is_none());
        }
        if config.projects_embeddings() {
            add("embeddings_project", &[hidden, width], Part::Embeddings, true);
        }
        for index in 0..config.num_hidden_layers {
            let mut add = |name, shape: &[usize], block| {
                add(&self.in_layer(index, name), shape, Part::Layer { index, block }, true);
            };
            for name in [layer.query, layer.key, layer.value, layer.attention_output] {
                add(name, &[hidden, hidden], Block::Attention);
            }
            add(layer.attention_norm, &[hidden], Block::Norms);
            add(layer.intermediate, &[intermediate, hidden], Block::FeedForward);
            add(layer.output, &[hidden, intermediate], Block::FeedForward);
            add(layer.output_norm, &[hidden], Block::Norms);
        }
        add(head.dense, &[hidden, hidden], head.dense_part, true);
        add(head.output, &[labels, hidden], Part::Classifier, true);
        all
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

    #[test]
    fn what_belongs_to_no_classifier_is_left_out() {
        assert_eq!(Family::Roberta.tree_name("roberta.pooler.dense.weight"), None);
        assert_eq!(Family::XlmRoberta.tree_name("pooler.dense.weight"), None);
        assert_eq!(Family::XlmRoberta.tree_name("lm_head.dense.weight"), None);
        assert_eq!(Family::DistilBert.tree_name("vocab_layer_norm.bias"), None);
        assert_eq!(Family::Electra.tree_name("discriminator_predictions.dense.weight"), None);
    }

    #[test]
    fn heads_are_stored_without_the_base_models_prefix() {
        assert_eq!(Family::DistilBert.stored_name("pre_classifier.bias"), "pre_classifier.bias");
        assert_eq!(Family::Roberta.stored_name("classifier.dense.weight"), "classifier.dense.weight");
        assert_eq!(Family::XlmRoberta.stored_name("classifier.out_proj.bias"), "classifier.out_proj.bias");
        assert_eq!(Family::Electra.stored_name("embeddings_project.bias"), "electra.embeddings_project.bias");
        assert_eq!(Family::Bert.stored_name("pooler.dense.weight"), "bert.pooler.dense.weight");
    }

    #[test]
    fn families_by_the_names_of_their_classes() {
        for (class, family) in [
            ("BertForMaskedLM", Some(Family::Bert)),
            ("RobertaModel", Some(Family::Roberta)),
            ("XLMRobertaForSequenceClassification", Some(Family::XlmRoberta)),
            ("ElectraForPreTraining", Some(Family::Electra)),
            ("DistilBertModel", Some(Family::DistilBert)),
            ("BertGenerationEncoder", None),
            ("GPT2LMHeadModel", None),
        ] {
            assert_eq!(Family::of_class(class), family, "{class}");
        }
    }
}
