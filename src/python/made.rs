//! Made models for tests of programs.

use crate::domain::params::{Block, ModelFacts, ParamTree, Parameter, Part};

/// A model of some family with so many layers, whose parameters have the usual names of BERT.
pub fn tree(family: &str, layers: usize) -> ParamTree {
    let mut parameters = Vec::new();
    let mut add = |name: String, part| parameters.push(Parameter { name, shape: vec![4, 4], part });
    for name in ["word_embeddings.weight", "LayerNorm.weight", "LayerNorm.bias"] {
        add(format!("embeddings.{name}"), Part::Embeddings);
    }
    for index in 0..layers {
        let blocks = [
            ("attention.self.query.weight", Block::Attention),
            ("attention.self.query.bias", Block::Attention),
            ("intermediate.dense.weight", Block::FeedForward),
            ("output.dense.weight", Block::FeedForward),
            ("output.dense.bias", Block::FeedForward),
            ("output.LayerNorm.weight", Block::Norms),
        ];
        for (name, block) in blocks {
            add(format!("encoder.layer.{index}.{name}"), Part::Layer { index, block });
        }
    }
    for (name, part) in [
        ("pooler.dense.weight", Part::Pooler),
        ("pooler.dense.bias", Part::Pooler),
        ("classifier.weight", Part::Classifier),
        ("classifier.bias", Part::Classifier),
    ] {
        add(name.to_owned(), part);
    }
    let facts =
        ModelFacts { name: "made".into(), family: family.into(), layers, positions: 512, ..ModelFacts::default() };
    ParamTree { facts, parameters }
}
