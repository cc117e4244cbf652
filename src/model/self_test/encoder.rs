//! The bundled model's encoder against candle-transformers' own BERT, and against the composed operations.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};

use crate::domain::doctor::{Check, CheckKind};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::sequences;
use crate::model::encoder::{Pass, Reads};
use crate::model::host::values;
use crate::model::ops::composed::Composed;
use crate::model::ops::fused::Fused;
use crate::model::pretrained::{bundled_config, bundled_weights};

use super::{Subject, largest, largest_difference};

/// The states are of the order of 1, and two correct implementations differ by some 1e-6.
const STATES_LIMIT: f64 = 2e-4;
/// Logits are sums over a few hundred states.
const LOGITS_LIMIT: f64 = 1e-4;

/// Compares the states of every token after the last layer with those of the BERT of candle-transformers, which reads the
/// weights by itself and takes one text at a time.
///
/// # Errors
/// `internal-error` where one of the two cannot compute.
pub fn against_candle_transformers(subject: &Subject) -> Outcome<Check> {
    let config: Config = serde_json::from_slice(bundled_config()).map_err(Problem::internal)?;
    let weights = VarBuilder::from_slice_safetensors(bundled_weights(), DType::F32, &Device::Cpu)?;
    let witness = BertModel::load(weights, &config)?;
    let classifier = subject.classifier(Arc::new(Fused::default()), false)?;
    let (network, batch, sequences) = (classifier.network(), &subject.batch, sequences(&subject.batch));
    let ours = network.below(batch, &sequences, network.layers.len(), Reads::AllTokens, Pass::EVALUATE)?;
    let mut worst = 0.0;
    for (first, n) in sequences.iter() {
        let ids = Tensor::new(&batch.ids[first..first + n], &Device::Cpu)?.unsqueeze(0)?;
        let theirs = witness.forward(&ids, &ids.zeros_like()?, None)?;
        worst = largest(worst, largest_difference(&values(&ours.narrow(0, first, n)?)?, &values(&theirs)?));
    }
    Ok(Check::new(CheckKind::CandleTransformers, worst, STATES_LIMIT))
}

/// Compares the logits with those of the same network made of candle's operations.
///
/// # Errors
/// `internal-error` where one of the two cannot compute.
pub fn logits_against_composed(subject: &Subject) -> Outcome<Check> {
    let fused = subject.classifier(Arc::new(Fused::default()), false)?.logits(&subject.batch, Pass::EVALUATE)?;
    let composed = subject.classifier(Arc::new(Composed::default()), false)?.logits(&subject.batch, Pass::EVALUATE)?;
    let worst = largest_difference(&values(&fused)?, &values(&composed)?);
    Ok(Check::new(CheckKind::ComposedLogits, worst, LOGITS_LIMIT))
}
