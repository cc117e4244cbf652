//! SHA-256 of tensors, for the proof that what was frozen did not change.

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::classifier::Classifier;
use crate::domain::problem::Outcome;
use crate::domain::proof::Fingerprint;

/// Numbers that are turned into bytes at a time.
const CHUNK: usize = 1 << 14;

/// Of the values' bits, as little-endian f32.
pub fn of_values(values: &[f32]) -> Fingerprint {
    let mut hasher = Sha256::new();
    let mut bytes = Vec::with_capacity(4 * CHUNK.min(values.len()));
    for chunk in values.chunks(CHUNK) {
        bytes.clear();
        bytes.extend(chunk.iter().flat_map(|x| x.to_le_bytes()));
        hasher.update(&bytes);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Of every parameter, parallel to the tree's; computed on the present thread pool.
///
/// # Errors
/// candle's.
pub fn of_classifier(classifier: &Classifier) -> Outcome<Vec<Fingerprint>> {
    let one = |i: usize| {
        let values: Vec<f32> = classifier.weights()[i].tensor.flatten_all().and_then(|t| t.to_vec1())?;
        Ok(of_values(&values))
    };
    (0..classifier.weights().len()).into_par_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_the_bits() {
        // `printf '\0\0\200\077\0\0\0\300' | sha256sum`
        let known = "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b";
        assert_eq!(of_values(&[1.0, -2.0]), known);
        assert_ne!(of_values(&[0.0]), of_values(&[-0.0]), "equal numbers of other bits are another tensor");
        let long: Vec<f32> = (0..CHUNK + 7).map(|i| i as f32).collect();
        let bytes: Vec<u8> = long.iter().flat_map(|x| x.to_le_bytes()).collect();
        let whole: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(of_values(&long), whole);
    }
}
