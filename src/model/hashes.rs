//! Hashes of the bits of tensors. Each kind has a name that says what it is for; none of them takes numbers that are
//! equal but have other bits (0 and -0) for the same.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::classifier::Classifier;
use super::ops::Weight;
use crate::domain::params::Parameter;
use crate::domain::problem::Outcome;
use crate::domain::proof::Fingerprint;

/// Numbers that are turned into bytes at a time.
const CHUNK: usize = 1 << 14;

/// The digest that proves to anyone that frozen values did not change: SHA-256 of the values as little-endian f32, in
/// hexadecimal digits.
pub fn proof_digest(values: &[f32]) -> Fingerprint {
    let mut hasher = ProofHasher::default();
    values.chunks(CHUNK).for_each(|chunk| hasher.add(chunk));
    hasher.digest()
}

/// [`proof_digest`] of values that come in pieces.
#[derive(Default)]
struct ProofHasher {
    hasher: Sha256,
    bytes: Vec<u8>,
}

impl ProofHasher {
    fn add(&mut self, values: &[f32]) {
        self.bytes.clear();
        self.bytes.extend(values.iter().flat_map(|x| x.to_le_bytes()));
        self.hasher.update(&self.bytes);
    }

    fn digest(self) -> Fingerprint {
        self.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// [`proof_digest`] of every parameter, parallel to the tree's; computed on all threads of the current rayon pool. Tells the
/// share of the weights that is done.
///
/// # Errors
/// `internal-error` when a device does not give its values.
pub fn proof_digests(classifier: &Classifier, progress: &(dyn Fn(f64) + Sync)) -> Outcome<Vec<Fingerprint>> {
    let parameters = &classifier.tree().parameters;
    let (all, done) = (parameters.iter().map(Parameter::count).sum::<usize>(), AtomicUsize::new(0));
    let digest = |(weight, parameter): (&Weight, &Parameter)| {
        let mut hasher = ProofHasher::default();
        weight.for_pieces(CHUNK, |piece| hasher.add(piece))?;
        let before = done.fetch_add(parameter.count(), Ordering::Relaxed);
        progress((before + parameter.count()) as f64 / all.max(1) as f64);
        Ok(hasher.digest())
    };
    classifier.weights().par_iter().zip(parameters).map(digest).collect()
}

/// The checksum by which a checkpoint knows the weights that its run began with. It is kept on disk, so that it must stay
/// the same in every build; it guards against mistakes, not against forgery.
///
/// # Errors
/// `internal-error` when a device does not give its values.
pub fn resume_checksum(classifier: &Classifier) -> Outcome<u64> {
    let mut checksum = START;
    for weight in classifier.weights() {
        // A compact weight is read in the very chunks that `fold_values` folds.
        checksum = match &weight.compact {
            Some(compact) => {
                let mut chunks = Vec::new();
                compact.for_pieces(FOLDED, |chunk| chunks.push(fold_chunk(chunk)))?;
                chunks.into_iter().fold(checksum, fold)
            }
            None => weight.with_values(|values| fold_values(checksum, values))?,
        };
    }
    Ok(checksum)
}

/// The checksum by which the cache of the frozen prefix knows a weight again. It lives in memory only.
///
/// # Errors
/// `internal-error` when a device does not give its values.
pub fn prefix_checksum(weight: &Weight) -> Outcome<u64> {
    match &weight.compact {
        Some(compact) => Ok(compact.checksum()),
        None => weight.with_values(checksum),
    }
}

/// The checksum of some values.
pub fn checksum(values: &[f32]) -> u64 {
    fold_values(START, values)
}

/// FNV's offset basis.
const START: u64 = 0xcbf2_9ce4_8422_2325;

fn fold(hash: u64, bits: u64) -> u64 {
    (hash.rotate_left(5) ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Values that are folded by themselves, before the chunks are folded together.
const FOLDED: usize = 1 << 16;

fn fold_chunk(chunk: &[f32]) -> u64 {
    chunk.iter().fold(START, |hash, x| fold(hash, u64::from(x.to_bits())))
}

/// Values folded into a hash, in chunks of a fixed size that all threads share.
fn fold_values(hash: u64, values: &[f32]) -> u64 {
    let chunks: Vec<u64> = values.par_chunks(FOLDED).map(fold_chunk).collect();
    chunks.into_iter().fold(hash, fold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_of_the_bits() {
        // `printf '\0\0\200\077\0\0\0\300' | sha256sum`
        let known = "ee4ac73c2bd27756ab82780f27c73a7bc4d3f0bb6acb37e008bc27eccd7e588b";
        assert_eq!(proof_digest(&[1.0, -2.0]), known);
        assert_ne!(proof_digest(&[0.0]), proof_digest(&[-0.0]), "equal numbers of other bits are another tensor");
        let long: Vec<f32> = (0..CHUNK + 7).map(|i| i as f32).collect();
        let bytes: Vec<u8> = long.iter().flat_map(|x| x.to_le_bytes()).collect();
        let whole: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(proof_digest(&long), whole);
    }

    #[test]
    fn checksums_are_of_the_bits_too_and_stay_the_same() {
        assert_ne!(checksum(&[0.0]), checksum(&[-0.0]));
        assert_ne!(checksum(&[1.0, 2.0]), checksum(&[2.0, 1.0]));
        // Checkpoints on disk hold checksums of this kind: they must never become others.
        let long: Vec<f32> = (0..(1 << 16) + 3).map(|i| i as f32).collect();
        assert_eq!((checksum(&[1.0, -2.0]), checksum(&long)), (0x44d7_c2cb_04ce_7f45, 0xa19a_0ff8_b319_c36e));
    }
}
