//! The proof of freeze in a run's folder, and the same made again from the weights that are there now.

use std::path::Path;

use rayon::prelude::*;

use crate::domain::config::ModelSource;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::proof::{FreezeProof, ParameterProof, StoredProof};
use crate::model::hashes;
use crate::model::pretrained::PretrainedModel;

use super::reader::{RunReader, read};
use super::trainer;

pub const FINGERPRINTS: &str = "fingerprints.json";

/// Hashes the weights of a run as they are on disk now, and compares them with those that it began with and saved.
///
/// # Errors
/// `run-not-found`, `run-without-model`, `run-unreadable`; `run-without-fingerprints` where the run wrote none, and
/// `run-of-trainer` for one of Hugging Face's `Trainer`; `file-error`; the model room's where the folder holds no sound model.
pub fn prove(dir: &Path) -> Outcome<StoredProof> {
    let run = RunReader::open(dir)?;
    let none = || match trainer::is_of_trainer(dir) {
        true => trainer::unknown_of(dir),
        false => Problem::new("run-without-fingerprints").with("folder", dir.display()),
    };
    let saved: FreezeProof = read(&run.dir.join(FINGERPRINTS))?.ok_or_else(none)?;
    let weights = PretrainedModel::open(&ModelSource::Folder(dir.to_owned()))?.weights;
    let hash_again = |p: &ParameterProof| {
        let tensor = weights.get(&p.name).ok_or_else(|| {
            Problem::new("fingerprint-without-tensor").with("folder", dir.display()).with("name", &p.name)
        })?;
        Ok(ParameterProof { after: hashes::proof_digest(&tensor.to_f32()?), ..p.clone() })
    };
    let parameters = saved.parameters.par_iter().map(hash_again).collect::<Outcome<Vec<_>>>()?;
    let both = saved.parameters.iter().zip(&parameters);
    let altered = both.filter(|(saved, now)| saved.after != now.after).map(|(saved, _)| saved.name.clone()).collect();
    Ok(StoredProof { proof: FreezeProof::of(parameters), altered })
}
