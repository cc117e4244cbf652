//! The keys by which states are found: hashes of a text's tokens, and of everything that decides a layer's input.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::data::tokens::Row;
use crate::domain::params::Part;
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::hashes::prefix_checksum;

use super::states::TextKey;

/// Hashes the tokens of a row twice, so that two rows never have the same key.
pub(super) fn text_key(row: Row<'_>) -> TextKey {
    let hash = |salt: u64| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        row.ids.hash(&mut hasher);
        row.of_type_1.hash(&mut hasher);
        hasher.finish()
    };
    (hash(0), hash(1))
}

/// For each layer up to the boundary, a hash of everything that decides the states that enter it.
///
/// # Errors
/// `internal-error` from candle, where a device does not give its values.
pub(super) fn prefix_hashes(classifier: &Classifier) -> Outcome<Vec<u64>> {
    let (tree, network) = (classifier.tree(), classifier.network());
    let of_weights: Outcome<Vec<u64>> = classifier.weights().iter().map(prefix_checksum).collect();
    let of_weights = of_weights?;
    let mut hasher = DefaultHasher::new();
    (tree.facts.heads, tree.facts.hidden_size, &tree.facts.family).hash(&mut hasher);
    // All LayerNorms of a network have one epsilon.
    (network.embeddings.norm.eps.to_bits(), network.embeddings.padding_id).hash(&mut hasher);
    format!("{:?} {:?}", network.activation, classifier.device().location()).hash(&mut hasher);
    network.ops.precision().hash(&mut hasher);
    let mut add = |wanted: &dyn Fn(Part) -> bool| {
        for (parameter, hash) in tree.parameters.iter().zip(&of_weights) {
            if wanted(parameter.part) {
                hash.hash(&mut hasher);
            }
        }
        hasher.finish()
    };
    let mut all = vec![add(&|part| part == Part::Embeddings)];
    for layer in 0..classifier.boundary() {
        all.push(add(&|part| matches!(part, Part::Layer { index, .. } if index == layer)));
    }
    Ok(all)
}
