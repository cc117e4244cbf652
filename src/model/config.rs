//! `config.json`, which tells what an encoder is made of.

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::family::Family;
use super::ops::Activation;
use crate::domain::problem::{Outcome, Problem};

/// The fields of `config.json` that decide what the network computes. They have the names of Hugging Face's `BertConfig`,
/// also for families that call them something else.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EncoderConfig {
    pub family: Family,
    /// The number of rows of the table of words.
    pub vocab_size: usize,
    /// The width of the embedding tables. Only ELECTRA's may differ from `hidden_size`.
    pub embedding_size: usize,
    /// The width of the encoder layers.
    pub hidden_size: usize,
    pub num_hidden_layers: usize,
    /// The number of attention heads, which divides `hidden_size`.
    pub num_attention_heads: usize,
    /// The width between the two linear maps of a feed-forward block.
    pub intermediate_size: usize,
    /// The number of rows of the table of positions. [`EncoderConfig::positions`] tells how many of them a text can use.
    pub max_position_embeddings: usize,
    /// The number of rows of the table of token types, which is 0 in a family without token types.
    pub type_vocab_size: usize,
    /// What keeps the division in every LayerNorm finite.
    pub layer_norm_eps: f64,
    /// The function between the two linear maps of a feed-forward block: `Gelu`, `GeluTanh` or `Relu`.
    pub hidden_act: Activation,
    /// The probability of dropout on the embeddings and on the outputs of attention and feed-forward.
    pub hidden_dropout_prob: f64,
    /// The probability of dropout on the attention probabilities.
    pub attention_probs_dropout_prob: f64,
    /// The probability of dropout before the classifier; `None` stands for `hidden_dropout_prob`.
    pub classifier_dropout: Option<f64>,
    /// The id of the padding token.
    pub pad_token_id: u32,
    /// The standard deviation of new weights.
    pub initializer_range: f64,
}

/// More labels than any classifier here could have.
pub const MOST_LABELS: usize = 65_536;

/// A text needs its two special tokens and one token between them.
const FEWEST_POSITIONS: usize = 3;

/// Limits far above every published model, yet too low to exhaust a machine before the first tensor is read.
mod most {
    pub const VOCABULARY: usize = 4_000_000;
    pub const HIDDEN: usize = 65_536;
    pub const LAYERS: usize = 512;
    pub const POSITIONS: usize = 1_048_576;
    pub const TYPES: usize = 4096;
}

impl EncoderConfig {
    /// The width of one attention head.
    pub fn head_size(&self) -> usize {
        self.hidden_size / self.num_attention_heads
    }

    /// The probability of dropout before the classifier.
    pub fn head_dropout(&self) -> f64 {
        self.classifier_dropout.unwrap_or(self.hidden_dropout_prob)
    }

    /// The longest text that the model can read, in tokens.
    pub fn positions(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }

    /// The row of the table of positions that belongs to a text's first token.
    fn first_position(&self) -> usize {
        if self.family.anatomy().counts_from_padding { self.pad_token_id as usize + 1 } else { 0 }
    }

    /// Whether a linear map stands between embeddings and layers.
    pub fn projects_embeddings(&self) -> bool {
        self.embedding_size != self.hidden_size
    }

    /// Reads the JSON object of a `config.json`. `file` is its name in messages.
    ///
    /// # Errors
    /// `model-family` for another architecture; `model-config-*`, naming the field, for what is missing, out of range or
    /// not supported.
    pub fn from_json(json: &Map<String, Value>, file: &str) -> Outcome<Self> {
        let fields = Fields { json, file };
        let family = fields.family()?;
        let distil = family == Family::DistilBert;
        // DistilBERT has other names for some fields.
        let name = |bert, distilbert| if distil { distilbert } else { bert };
        let hidden_size = fields.size(name("hidden_size", "dim"), None, most::HIDDEN)?;
        let config = Self {
            family,
            vocab_size: fields.size("vocab_size", None, most::VOCABULARY)?,
            embedding_size: match family {
                Family::Electra => fields.size("embedding_size", Some(128), most::HIDDEN)?,
                _ => hidden_size,
            },
            hidden_size,
            num_hidden_layers: fields.size(name("num_hidden_layers", "n_layers"), None, most::LAYERS)?,
            num_attention_heads: fields.size(name("num_attention_heads", "n_heads"), None, most::HIDDEN)?,
            intermediate_size: fields.size(name("intermediate_size", "hidden_dim"), None, most::HIDDEN * 8)?,
            max_position_embeddings: fields.size("max_position_embeddings", None, most::POSITIONS)?,
            type_vocab_size: if family.has_token_types() {
                fields.size("type_vocab_size", Some(2), most::TYPES)?
            } else {
                0
            },
            // In DistilBERT this is fixed, and transformers ignores what its file says.
            layer_norm_eps: if distil {
                1e-12
            } else {
                fields.number("layer_norm_eps", 1e-12, f64::MIN_POSITIVE, 0.1)?
            },
            hidden_act: fields.activation(name("hidden_act", "activation"))?,
            hidden_dropout_prob: fields.number(name("hidden_dropout_prob", "dropout"), 0.1, 0.0, 0.99)?,
            attention_probs_dropout_prob: fields.number(
                name("attention_probs_dropout_prob", "attention_dropout"),
                0.1,
                0.0,
                0.99,
            )?,
            classifier_dropout: match fields.get::<f64>("classifier_dropout")? {
                _ if distil => Some(fields.number("seq_classif_dropout", 0.2, 0.0, 0.99)?),
                Some(_) => Some(fields.number("classifier_dropout", 0.0, 0.0, 0.99)?),
                None => None,
            },
            pad_token_id: fields.get("pad_token_id")?.unwrap_or(u32::from(family.anatomy().counts_from_padding)),
            initializer_range: fields.number("initializer_range", 0.02, 0.0, 10.0)?,
        };
        if !config.hidden_size.is_multiple_of(config.num_attention_heads) {
            return Err(Problem::new("model-config-heads")
                .with("file", file)
                .with_count("hidden", config.hidden_size)
                .with_count("heads", config.num_attention_heads));
        }
        if config.positions() < FEWEST_POSITIONS {
            let (found, least) = (config.max_position_embeddings, config.first_position() + FEWEST_POSITIONS);
            return Err(fields.out_of_range("max_position_embeddings", found, least, most::POSITIONS));
        }
        fields.only("position_embedding_type", "absolute")?;
        for field in ["is_decoder", "add_cross_attention", "is_encoder_decoder"] {
            if fields.get::<bool>(field)? == Some(true) {
                return Err(fields.unsupported(field, "true", "false"));
            }
        }
        if let Some(pruned) = json.get("pruned_heads").filter(|map| map.as_object().is_some_and(|map| !map.is_empty()))
        {
            return Err(fields.unsupported("pruned_heads", &pruned.to_string(), "{}"));
        }
        Ok(config)
    }
}

/// The labels of a model's own head in the order of its rows, from `id2label`. `None` when the file names none.
///
/// # Errors
/// `model-config-labels` when the ids are not 0, 1, 2, ... or two of them have the same label.
pub fn labels(json: &Map<String, Value>, file: &str) -> Outcome<Option<Vec<String>>> {
    let damaged = || Problem::new("model-config-labels").with("file", file);
    let Some(map) = json.get("id2label").filter(|map| !map.is_null()) else { return Ok(None) };
    let map = map.as_object().ok_or_else(damaged)?;
    let mut labels = vec![None; map.len()];
    for (id, label) in map {
        let slot = id.parse::<usize>().ok().and_then(|id| labels.get_mut(id)).filter(|slot| slot.is_none());
        *slot.ok_or_else(damaged)? = Some(label.as_str().map_or_else(|| label.to_string(), str::to_owned));
    }
    let labels: Vec<String> = labels.into_iter().flatten().collect();
    let distinct: std::collections::BTreeSet<&String> = labels.iter().collect();
    if distinct.len() == map.len() { Ok(Some(labels)) } else { Err(damaged()) }
}

/// Reads fields in such a way that every problem names the file and the field.
struct Fields<'a> {
    json: &'a Map<String, Value>,
    file: &'a str,
}

impl Fields<'_> {
    /// The field's value; `None` when it is absent or null.
    fn get<T: DeserializeOwned>(&self, field: &str) -> Outcome<Option<T>> {
        let Some(value) = self.json.get(field).filter(|v| !v.is_null()) else { return Ok(None) };
        let value = serde_json::from_value(value.clone());
        value.map(Some).map_err(|e| self.problem("model-config-field", field).with_original(e))
    }

    /// A size of at least 1 and at most `max`, or `default` when the field is absent.
    fn size(&self, field: &str, default: Option<usize>, max: usize) -> Outcome<usize> {
        let value = self.get(field)?.or(default).ok_or_else(|| self.problem("model-config-missing", field))?;
        if value == 0 || value > max {
            return Err(self.out_of_range(field, value, 1, max));
        }
        Ok(value)
    }

    /// A number from `min` to `max`, or `default` when the field is absent.
    fn number(&self, field: &str, default: f64, min: f64, max: f64) -> Outcome<f64> {
        let value: f64 = self.get(field)?.unwrap_or(default);
        if (min..=max).contains(&value) { Ok(value) } else { Err(self.out_of_range(field, value, min, max)) }
    }

    fn problem(&self, id: &'static str, field: &str) -> Problem {
        Problem::new(id).with("file", self.file).with("field", field)
    }

    fn out_of_range<T: Display>(&self, field: &str, value: T, min: T, max: T) -> Problem {
        self.problem("model-config-range", field).with("value", value).with("min", min).with("max", max)
    }

    fn unsupported(&self, field: &str, value: &str, supported: &str) -> Problem {
        self.problem("model-config-unsupported", field).with("value", value).with("supported", supported)
    }

    /// Refuses every value of a text field except one, which an absent field stands for.
    fn only(&self, field: &str, supported: &str) -> Outcome<()> {
        match self.get::<String>(field)? {
            Some(value) if value != supported => Err(self.unsupported(field, &value, supported)),
            _ => Ok(()),
        }
    }

    /// An activation by the name that transformers gives it, or GELU when the field is absent.
    fn activation(&self, field: &str) -> Outcome<Activation> {
        let name: String = self.get(field)?.unwrap_or_else(|| "gelu".into());
        match name.as_str() {
            "gelu" | "gelu_python" => Ok(Activation::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" => Ok(Activation::GeluTanh),
            "relu" => Ok(Activation::Relu),
            _ => Err(self.unsupported(field, &name, "gelu, gelu_new, gelu_pytorch_tanh, relu")),
        }
    }

    /// The family by `model_type`. Files from before that field existed name only a class, or nothing; then it is BERT.
    fn family(&self) -> Outcome<Family> {
        let other = |found: &str| {
            let problem = Problem::new("model-family").with("file", self.file).with("family", found);
            problem.with("families", Family::model_types())
        };
        if let Some(model_type) = self.get::<String>("model_type")? {
            return Family::of(&model_type).ok_or_else(|| other(&model_type));
        }
        let architectures: Vec<String> = self.get("architectures")?.unwrap_or_default();
        match architectures.first() {
            Some(name) => Family::of_class(name).ok_or_else(|| other(name)),
            None => Ok(Family::Bert),
        }
    }
}

#[cfg(test)]
mod tests;
