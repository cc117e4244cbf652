//! The proof of freeze: which parameters are, bit for bit, what they were before the training.

use serde::{Deserialize, Serialize};

/// SHA-256 of one parameter's values as little-endian f32 in memory order, in 64 hexadecimal digits.
pub type Fingerprint = String;

/// One parameter before and after a training.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterProof {
    pub name: String,
    /// Whether it was meant to train.
    pub trainable: bool,
    pub before: Fingerprint,
    pub after: Fingerprint,
}

impl ParameterProof {
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// The proof of all parameters of a run, in tree order. `fingerprints.json` holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeProof {
    /// How many parameters are the same in every bit.
    pub unchanged: usize,
    /// How many parameters are not.
    pub changed: usize,
    /// Names of the parameters that were frozen and yet changed. There are none unless the program or a file is at fault.
    pub broken: Vec<String>,
    pub parameters: Vec<ParameterProof>,
}

impl FreezeProof {
    pub fn of(parameters: Vec<ParameterProof>) -> Self {
        let changed = parameters.iter().filter(|p| p.is_changed()).count();
        let broken = parameters.iter().filter(|p| !p.trainable && p.is_changed()).map(|p| p.name.clone()).collect();
        Self { unchanged: parameters.len() - changed, changed, broken, parameters }
    }
}

/// The proof of a run, made again from the weights in its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredProof {
    /// Its `after` is the hash of the weights as they are on disk now.
    #[serde(flatten)]
    pub proof: FreezeProof,
    /// Names of the parameters whose weights are no longer what the run saved.
    pub altered: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_frozen_and_changed_is_named() {
        let one = |name: &str, trainable, before: &str, after: &str| ParameterProof {
            name: name.into(),
            trainable,
            before: before.into(),
            after: after.into(),
        };
        let proof = FreezeProof::of(vec![
            one("a", false, "0", "0"),
            one("b", false, "0", "1"),
            one("c", true, "0", "0"),
            one("d", true, "0", "1"),
        ]);
        assert_eq!((proof.unchanged, proof.changed, &proof.broken[..]), (2, 2, &["b".to_owned()][..]));
    }
}
