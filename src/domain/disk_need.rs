//! How much a run writes into its folder.

use super::config::{FinalWeights, TrainingConfig};
use super::estimate::different_words;
use super::layers::COLUMNS;
use super::looks::MOST_LOOKS;
use super::params::ParamTree;

/// What a training writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskNeed {
    /// The model as it is when the run ends, with its tokeniser.
    pub model_bytes: u64,
    /// A checkpoint: what trains, and the two moments that the optimiser keeps of it.
    pub checkpoint_bytes: u64,
    /// The weights of the best epoch, where the run is to end with them.
    pub best_bytes: u64,
    /// Settings, rows, the log and the results.
    pub log_bytes: u64,
}

/// The sizes of a training that its settings do not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSizes {
    pub train_rows: usize,
    pub all_rows: usize,
    /// Tokens of all training rows.
    pub train_tokens: usize,
    pub classes: usize,
}

/// Weights and moments are f32.
const NUMBER_BYTES: usize = 4;
/// A step's line in the log has about the first number of bytes, and a number of a sample or a matrix at most the
/// second.
const STEP_BYTES: usize = 200;
const TEXT_NUMBER_BYTES: usize = 24;
/// A word of the vocabulary takes about the first number of bytes in the tokeniser's files, and all small files
/// together take about the second.
const WORD_BYTES: usize = 64;
const SMALL_FILES_BYTES: usize = 1 << 20;

/// What a run writes that trains these parameters in some stage.
pub fn disk_need(tree: &ParamTree, trainable: &[bool], sizes: DiskSizes, training: &TrainingConfig) -> DiskNeed {
    let words = different_words(sizes.train_tokens);
    // A checkpoint keeps only those rows of a table of words that had a gradient, unless decay moves all of them.
    let numbers = tree.trained(trainable).map(|parameter| match parameter.shape[..] {
        [rows, width] if parameter.is_word_table() => {
            let touched = rows.min(words) * width;
            2 * touched + if training.weight_decay == 0.0 { touched } else { rows * width }
        }
        _ => 3 * parameter.count(),
    });
    let checkpoint = numbers.sum::<usize>() * NUMBER_BYTES;
    let best = match training.keep {
        FinalWeights::Best => tree.totals(trainable).0 * NUMBER_BYTES,
        FinalWeights::Last => 0,
    };
    let steps = sizes.train_rows.div_ceil(training.rows_per_step().max(1)) * training.epochs;
    let samples = (COLUMNS + training.epochs) * 2 * tree.parameters.len();
    let matrices = (MOST_LOOKS + training.epochs) * sizes.classes.pow(2);
    let log = steps * STEP_BYTES + (samples + matrices + sizes.all_rows) * TEXT_NUMBER_BYTES + SMALL_FILES_BYTES;
    DiskNeed {
        model_bytes: (tree.count() * NUMBER_BYTES + tree.facts.vocabulary * WORD_BYTES) as u64,
        checkpoint_bytes: checkpoint as u64,
        best_bytes: best as u64,
        log_bytes: log as u64,
    }
}

impl DiskNeed {
    /// What the folder takes at its fullest. A new checkpoint, or the model, is whole before the old checkpoint goes.
    pub fn most_bytes(&self) -> u64 {
        let newest = self.checkpoint_bytes + self.best_bytes;
        self.log_bytes + newest + newest.max(self.model_bytes)
    }

    /// What stays once the run is complete.
    pub fn left_bytes(&self) -> u64 {
        self.log_bytes + self.model_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::params::{Block, ModelFacts, Parameter, Part};

    #[test]
    fn what_trains_is_kept_three_times_and_twice_while_a_checkpoint_is_written() {
        let parameter =
            |name: &str, shape: &[usize], part| Parameter { name: name.into(), shape: shape.to_vec(), part };
        let layer = Part::Layer { index: 0, block: Block::FeedForward };
        let tree = ParamTree {
            facts: ModelFacts { layers: 1, vocabulary: 1000, ..ModelFacts::default() },
            parameters: vec![
                parameter("embeddings.word_embeddings.weight", &[250_000, 100], Part::Embeddings),
                parameter("encoder.layer.0.output.dense.weight", &[1000, 1000], layer),
                parameter("classifier.weight", &[2, 100], Part::Classifier),
            ],
        };
        let sizes = DiskSizes { train_rows: 160, all_rows: 300, train_tokens: 1000, classes: 2 };
        let mut training = TrainingConfig::default();
        let need = |trainable: [bool; 3], training: &TrainingConfig| disk_need(&tree, &trainable, sizes, training);
        let layer = need([false, true, true], &training);
        assert_eq!((layer.checkpoint_bytes, layer.best_bytes), (3 * 4 * 1_000_200, 0));
        assert_eq!(layer.model_bytes, 4 * 26_000_200 + 64_000);
        assert_eq!(layer.most_bytes(), layer.log_bytes + layer.checkpoint_bytes + layer.model_bytes);
        let all = need([true; 3], &training);
        let rows = (all.checkpoint_bytes - layer.checkpoint_bytes) / (3 * 4 * 100);
        assert!(rows > 0 && rows <= 1000, "rows of words that do not occur are not kept: {rows}");
        training.keep = FinalWeights::Best;
        training.weight_decay = 0.1;
        let decayed = need([true; 3], &training);
        assert_eq!(decayed.best_bytes, 4 * 26_000_200);
        assert!(decayed.checkpoint_bytes > 4 * 26_000_200);
        assert_eq!(decayed.most_bytes(), decayed.log_bytes + 2 * (decayed.checkpoint_bytes + decayed.best_bytes));
    }
}
