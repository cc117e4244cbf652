//! The cost meter for reading: what of it the model alone tells.

use serde_json::{Value, json};

use crate::domain::config::TrainingConfig;
use crate::domain::meter::{Backward, Meter, Surprise, memory_of_full_batches, ranges};
use crate::domain::params::ParamTree;
use crate::words::Catalogue;

/// One line each says how deep backward goes, how much memory is needed, and what surprises people.
pub fn lines(words: &Catalogue, tree: &ParamTree, trainable: &[bool]) -> Vec<String> {
    let training = TrainingConfig::default();
    let meter = Meter::of(tree, trainable, &training, None);
    let backward = match meter.backward {
        Backward::Nowhere => words.say("meter-backward-nowhere"),
        Backward::Head => words.say("meter-backward-head"),
        Backward::Layers { lowest, last } if lowest == last => {
            words.say_with("meter-backward-layer", &[("from", &lowest)])
        }
        Backward::Layers { lowest, last } => {
            words.say_with("meter-backward-layers", &[("from", &lowest), ("to", &last)])
        }
        Backward::Embeddings { .. } => words.say("meter-backward-all"),
    };
    let memory = memory_of_full_batches(tree, trainable, &training);
    let megabytes = |bytes: u64| format!("{:.0}", bytes as f64 / 1e6);
    let memory = words.say_with(
        "cli-meter-memory",
        &[
            ("optimiser", &megabytes(memory.optimiser_bytes)),
            ("activations", &megabytes(memory.activations_bytes)),
            ("batch", &training.batch_size),
            ("length", &training.max_length),
        ],
    );
    let lesson = |lesson: &Surprise| match lesson {
        Surprise::FrozenAbove { frozen, .. } => words.say_with("meter-lesson-above", &[("frozen", &ranges(frozen))]),
        Surprise::OnlySmallParts { .. } => words.say("meter-lesson-biases"),
    };
    [backward, memory].into_iter().chain(meter.surprises.iter().map(lesson)).collect()
}

/// The cost meter as fields of a JSON line.
pub fn fields(tree: &ParamTree, trainable: &[bool]) -> Value {
    let training = TrainingConfig::default();
    let meter = Meter::of(tree, trainable, &training, None);
    let memory = memory_of_full_batches(tree, trainable, &training);
    let frozen_above: Vec<usize> = meter
        .surprises
        .iter()
        .find_map(|lesson| match lesson {
            Surprise::FrozenAbove { frozen, .. } => Some(frozen.clone()),
            Surprise::OnlySmallParts { .. } => None,
        })
        .unwrap_or_default();
    json!({
        "backward": match meter.backward {
            Backward::Nowhere => "nowhere",
            Backward::Head => "head",
            Backward::Layers { .. } => "layers",
            Backward::Embeddings { .. } => "embeddings",
        },
        "lowest_layer": meter.backward.lowest_layer(),
        "frozen_layers_above": frozen_above,
        "optimiser_bytes": memory.optimiser_bytes,
        "activation_bytes": memory.activations_bytes,
    })
}
