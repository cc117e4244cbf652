//! Weights by their names to a network: which parameter goes where in each family.

use std::sync::Arc;

use crate::domain::interrupt::Interrupt;
use crate::domain::params::ParamTree;
use crate::domain::problem::{Outcome, Problem};
use crate::model::config::EncoderConfig;
use crate::model::encoder::{DropoutConfig, Head, Network};
use crate::model::ops::{
    Activation, AttentionWeights, Dense, EmbeddingWeights, Layer, Linear, Norm, Ops, OutputWeights, Weight,
};

/// Puts the weights, parallel to the tree's parameters, into their places in a network.
///
/// # Errors
/// `internal-error` when the tree lacks a parameter that the family has.
pub(super) fn assemble(
    config: &EncoderConfig,
    tree: &ParamTree,
    weights: &[Weight],
    dropout: DropoutConfig,
    ops: Arc<dyn Ops>,
) -> Outcome<Network> {
    let named = NamedWeights { config, tree, weights };
    let (family, anatomy) = (config.family, config.family.anatomy());
    let types = || named.weight("embeddings.token_type_embeddings.weight");
    let projection = || named.dense("embeddings_project", Activation::None);
    Ok(Network {
        ops,
        embeddings: EmbeddingWeights {
            words: named.weight("embeddings.word_embeddings.weight")?,
            positions: named.weight("embeddings.position_embeddings.weight")?,
            types: family.has_token_types().then(types).transpose()?,
            norm: named.norm("embeddings.LayerNorm")?,
            padding_id: anatomy.counts_from_padding.then_some(config.pad_token_id),
        },
        projection: config.projects_embeddings().then(projection).transpose()?,
        layers: (0..config.num_hidden_layers).map(|index| named.layer(index)).collect::<Outcome<_>>()?,
        activation: config.hidden_act,
        drops_attention_output: anatomy.drops_attention_output,
        head: Head {
            dense: named.dense(anatomy.head.dense, anatomy.head.activation)?,
            output: named.dense(anatomy.head.output, Activation::None)?,
            drops_first_token: anatomy.head.drops_first_token,
        },
        dropout,
        interrupt: Interrupt::never(),
    })
}

/// Finds weights by the names of their parameters.
struct NamedWeights<'a> {
    config: &'a EncoderConfig,
    tree: &'a ParamTree,
    weights: &'a [Weight],
}

impl NamedWeights<'_> {
    fn weight(&self, name: &str) -> Outcome<Weight> {
        let found = self.tree.parameters.iter().position(|parameter| parameter.name == name);
        let index = found.ok_or_else(|| Problem::internal(format_args!("the model has no {name}")))?;
        Ok(self.weights[index].clone())
    }

    fn linear(&self, name: &str) -> Outcome<Linear> {
        Ok(Linear { weight: self.weight(&format!("{name}.weight"))?, bias: self.weight(&format!("{name}.bias"))? })
    }

    fn dense(&self, name: &str, activation: Activation) -> Outcome<Dense> {
        Ok(Dense { weights: self.linear(name)?, activation })
    }

    fn norm(&self, name: &str) -> Outcome<Norm> {
        let Linear { weight, bias } = self.linear(name)?;
        Ok(Norm { weight, bias, eps: self.config.layer_norm_eps as f32 })
    }

    fn output(&self, dense: &str, norm: &str) -> Outcome<OutputWeights> {
        Ok(OutputWeights { dense: self.linear(dense)?, norm: self.norm(norm)? })
    }

    fn layer(&self, index: usize) -> Outcome<Layer> {
        let at = |name: &str| self.config.family.in_layer(index, name);
        let names = &self.config.family.anatomy().layer;
        Ok(Layer {
            attention: AttentionWeights {
                query: self.linear(&at(names.query))?,
                key: self.linear(&at(names.key))?,
                value: self.linear(&at(names.value))?,
                heads: self.config.num_attention_heads,
            },
            attention_output: self.output(&at(names.attention_output), &at(names.attention_norm))?,
            intermediate: self.linear(&at(names.intermediate))?,
            output: self.output(&at(names.output), &at(names.output_norm))?,
        })
    }
}
