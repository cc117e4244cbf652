//! Proof of freeze: which parameters are, bit for bit, what they were before the training.

use serde::{Deserialize, Serialize};

/// SHA-256 of one parameter's values as little-endian f32 in memory order, in 64 hexadecimal digits.
pub type Fingerprint = String;

/// One parameter before and after a training.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterProof {
    pub name: String,
    /// Whether it was to train.
    pub trainable: bool,
    pub before: Fingerprint,
    pub after: Fingerprint,
}

impl ParameterProof {
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// All parameters of a run in tree order; also what `fingerprints.json` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreezeProof {
    /// Parameters whose every bit is as it was.
    pub unchanged: usize,
    pub changed: usize,
    /// Names of what was frozen and yet changed; empty unless the program or a file is at fault.
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

/// A run's proof made anew from the weights in its folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredProof {
    /// `after` is of the weights as they are on disk now.
    #[serde(flatten)]
    pub proof: FreezeProof,
    /// Names of the parameters that are no longer what the run saved.
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
