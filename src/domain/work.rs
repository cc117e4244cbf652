//! The multiplications of a text's forward pass, by which work is measured where time would differ each time.

use std::ops::Range;

use super::params::ModelFacts;

/// Those of the weight matrices of one encoder layer on a text of so many tokens. The last layer has keys and values of all
/// tokens, and everything else of the first token alone, because the head reads no other.
pub fn matrix_work(facts: &ModelFacts, layer: usize, tokens: f64) -> f64 {
    let (hidden, inner) = (facts.hidden_size as f64, facts.intermediate_size as f64);
    let (squares, feed_forward) = (hidden * hidden, 2.0 * hidden * inner);
    if layer + 1 == facts.layers {
        (2.0 * tokens + 2.0) * squares + feed_forward
    } else {
        tokens * (4.0 * squares + feed_forward)
    }
}

/// Those of the encoder layers in `layers` on a text of so many tokens, attention included.
pub fn forward_work(facts: &ModelFacts, layers: Range<usize>, tokens: f64) -> f64 {
    let of_layer = |layer| {
        let queries = if layer + 1 == facts.layers { 1.0 } else { tokens };
        matrix_work(facts, layer, tokens) + 2.0 * queries * tokens * facts.hidden_size as f64
    };
    layers.map(of_layer).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_multiplies_each_token_by_each_of_its_weights() {
        let facts = ModelFacts { layers: 2, hidden_size: 768, intermediate_size: 3072, ..ModelFacts::default() };
        let weights = 4.0 * 768.0 * 768.0 + 2.0 * 768.0 * 3072.0;
        assert_eq!(matrix_work(&facts, 0, 256.0), 256.0 * weights);
        assert_eq!(forward_work(&facts, 0..1, 256.0), 256.0 * (weights + 2.0 * 256.0 * 768.0));
        assert!(forward_work(&facts, 1..2, 256.0) < 0.2 * forward_work(&facts, 0..1, 256.0), "the last layer is short");
    }
}
