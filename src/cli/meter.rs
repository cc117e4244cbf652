//! The cost meter for reading: what of it the model alone tells.

use serde_json::{Value, json};

use crate::domain::config::TrainingConfig;
use crate::domain::meter::{Backward, Meter, Surprise, memory_of_full_batches};
use crate::domain::params::ParamTree;
use crate::words::{Catalogue, Number, shared};

/// One line each says how deep backward goes, how much memory is needed, and what surprises people.
pub fn lines(words: &Catalogue, tree: &ParamTree, trainable: &[bool]) -> Vec<String> {
    let training = TrainingConfig::default();
    let meter = Meter::of(tree, trainable, &training, None);
    let memory = memory_of_full_batches(tree, trainable, &training);
    let memory = words.say_with(
        "cli-meter-memory",
        &[
            ("optimiser", &Number::Megabytes(memory.optimiser_bytes)),
            ("activations", &Number::Megabytes(memory.activations_bytes)),
            ("batch", &training.batch_size),
            ("length", &training.max_length),
        ],
    );
    let lessons = meter.surprises.iter().map(|surprise| shared::surprise(words, surprise, None));
    [shared::backward(words, meter.backward), memory].into_iter().chain(lessons).collect()
}

/// The cost meter as fields of a JSON line.
pub fn fields(tree: &ParamTree, trainable: &[bool]) -> Value {
    let training = TrainingConfig::default();
    let meter = Meter::of(tree, trainable, &training, None);
    let memory = memory_of_full_batches(tree, trainable, &training);
    let frozen_above = meter.surprises.iter().find_map(|surprise| match surprise {
        Surprise::FrozenAbove { frozen, .. } => Some(frozen.as_slice()),
        Surprise::OnlySmallParts { .. } => None,
    });
    json!({
        "backward": match meter.backward {
            Backward::Nowhere => "nowhere",
            Backward::Head => "head",
            Backward::Layers { .. } => "layers",
            Backward::Embeddings { .. } => "embeddings",
        },
        "lowest_layer": meter.backward.lowest_layer(),
        "frozen_layers_above": frozen_above.unwrap_or_default(),
        "optimiser_bytes": memory.optimiser_bytes,
        "activation_bytes": memory.activations_bytes,
    })
}
