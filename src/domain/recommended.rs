//! A short list of models for teaching, with what each costs to train on this machine.

use serde::Serialize;

use super::config::TrainingConfig;
use super::dataset::SplitCounts;
use super::estimate::{Calibration, Workload};
use super::memory::{TextSizes, memory_need};
use super::params::{Block, ModelFacts, ParamTree, Parameter, Part};
use super::precision::FrozenPrecision;

/// A model as its `config.json` describes it. All figures of the list are computed from that.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Recommended {
    pub id: &'static str,
    /// Its `model_type`.
    pub family: &'static str,
    /// The id of the message that names the languages it reads.
    pub languages: &'static str,
    pub license: &'static str,
    pub layers: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub vocabulary: usize,
    pub heads: usize,
    /// Rows of the tables of positions and token types, together.
    #[serde(skip)]
    other_rows: usize,
    /// The width of the embeddings. In ELECTRA's small model it is not the hidden size.
    #[serde(skip)]
    embedding_size: usize,
    #[serde(skip)]
    has_pooler: bool,
}

/// What it takes to train a model on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Seconds of an epoch with preset 3, as the mean over the run's epochs.
    pub preset_3_epoch_secs: f64,
    /// The same when everything trains.
    pub full_epoch_secs: f64,
    /// The memory when everything trains.
    pub full_memory_bytes: u64,
}

const BASE: Recommended = Recommended {
    id: "google-bert/bert-base-uncased",
    family: "bert",
    languages: "languages-english",
    license: "apache-2.0",
    layers: 12,
    hidden_size: 768,
    intermediate_size: 3072,
    vocabulary: 30_522,
    heads: 12,
    other_rows: 512 + 2,
    embedding_size: 768,
    has_pooler: true,
};

const DISTILBERT: Recommended = Recommended {
    id: "distilbert/distilbert-base-uncased",
    family: "distilbert",
    layers: 6,
    other_rows: 512,
    has_pooler: false,
    ..BASE
};

const ROBERTA: Recommended = Recommended {
    id: "FacebookAI/roberta-base",
    family: "roberta",
    license: "mit",
    vocabulary: 50_265,
    other_rows: 514 + 1,
    ..BASE
};

/// The list, from small to large for each language.
pub const RECOMMENDED: [Recommended; 9] = [
    Recommended {
        id: "google/electra-small-discriminator",
        family: "electra",
        hidden_size: 256,
        intermediate_size: 1024,
        heads: 4,
        embedding_size: 128,
        has_pooler: false,
        ..BASE
    },
    DISTILBERT,
    BASE,
    ROBERTA,
    Recommended {
        id: "google-bert/bert-large-uncased",
        layers: 24,
        hidden_size: 1024,
        intermediate_size: 4096,
        heads: 16,
        embedding_size: 1024,
        ..BASE
    },
    Recommended {
        id: "klue/bert-base",
        languages: "languages-korean",
        license: "cc-by-sa-4.0",
        vocabulary: 32_000,
        ..BASE
    },
    Recommended {
        id: "distilbert/distilbert-base-multilingual-cased",
        languages: "languages-many",
        vocabulary: 119_547,
        ..DISTILBERT
    },
    Recommended {
        id: "google-bert/bert-base-multilingual-cased",
        languages: "languages-many",
        vocabulary: 119_547,
        ..BASE
    },
    Recommended {
        id: "FacebookAI/xlm-roberta-base",
        family: "xlm-roberta",
        languages: "languages-many",
        vocabulary: 250_002,
        ..ROBERTA
    },
];

/// Returns the list for a reader of Korean or of another language: models that read the reader's language come first, and
/// then those that read many.
pub fn recommended_for(reads_korean: bool) -> Vec<&'static Recommended> {
    let mut models: Vec<&Recommended> = RECOMMENDED.iter().collect();
    if reads_korean {
        let order = ["languages-korean", "languages-many"];
        let rank = |model: &&Recommended| order.iter().position(|id| *id == model.languages).unwrap_or(order.len());
        models.sort_by_key(rank);
    }
    models
}

impl Recommended {
    /// How many numbers the base model has, without a head.
    pub fn parameters(&self) -> usize {
        self.tree(&ParamTree::default(), 0).count()
    }

    /// The size of the weights as f32.
    pub fn bytes(&self) -> u64 {
        self.parameters() as u64 * 4
    }

    /// What this model would take here. It is scaled from what the machine took for the model at hand.
    pub fn cost(
        &self,
        calibration: &Calibration,
        calibrated: &ParamTree,
        split: &SplitCounts,
        training: &TrainingConfig,
        texts: TextSizes,
    ) -> Cost {
        let own = &calibrated.facts;
        let numbers = matrices(self.hidden_size, self.intermediate_size);
        let calibrated_numbers = matrices(own.hidden_size, own.intermediate_size);
        let layer = numbers as f64 / calibrated_numbers.max(1) as f64;
        let outside = (self.hidden_size as f64 / own.hidden_size.max(1) as f64).powi(2);
        let scaled = Calibration {
            layer: calibration.layer.scaled(layer),
            last: calibration.last.scaled(layer),
            row_secs: calibration.row_secs * outside,
            ..*calibration
        };
        let tree = self.tree(calibrated, split.train.len());
        let preset_3: Vec<bool> = tree.parameters.iter().map(|p| p.part.is_in_top(1, self.layers)).collect();
        let full = vec![true; preset_3.len()];
        let workload = Workload { calibration: &scaled, tree: &tree, split, training };
        let epoch_secs =
            |trainable: &[bool]| workload.estimate(trainable, true).total_secs / training.epochs.max(1) as f64;
        Cost {
            preset_3_epoch_secs: epoch_secs(&preset_3),
            full_epoch_secs: epoch_secs(&full),
            full_memory_bytes: memory_need(&tree, &full, texts, FrozenPrecision::F32).total_bytes(),
        }
    }

    /// A tree of a few parameters, which add up to what the estimate looks at.
    fn tree(&self, like: &ParamTree, labels: usize) -> ParamTree {
        let (width, hidden, inner) = (self.embedding_size, self.hidden_size, self.intermediate_size);
        let mut parameters = Vec::new();
        let mut add =
            |name: &str, shape: Vec<usize>, part| parameters.push(Parameter { name: name.to_owned(), shape, part });
        add("embeddings.word_embeddings.weight", vec![self.vocabulary, width], Part::Embeddings);
        let projection = if width == hidden { 0 } else { (width + 1) * hidden };
        add("", vec![(self.other_rows + 2) * width + projection], Part::Embeddings);
        for index in 0..self.layers {
            let part = Part::Layer { index, block: Block::FeedForward };
            add("", vec![matrices(hidden, inner), 1], part);
            // The biases of six maps, and two LayerNorms.
            add("", vec![5 * hidden + inner + 4 * hidden], part);
        }
        add("", vec![if self.has_pooler { (hidden + 1) * hidden } else { 0 }], Part::Pooler);
        add("", vec![labels * (hidden + 1)], Part::Classifier);
        let (layers, heads) = (self.layers, self.heads);
        let facts = ModelFacts { layers, hidden_size: hidden, intermediate_size: inner, heads, ..like.facts.clone() };
        ParamTree { facts, parameters }
    }
}

/// How many numbers the weight matrices of one encoder layer hold.
fn matrices(hidden: usize, intermediate: usize) -> usize {
    4 * hidden * hidden + 2 * hidden * intermediate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::estimate::LayerSecs;

    #[test]
    fn sizes_are_those_of_the_published_models() {
        let sizes: Vec<usize> = RECOMMENDED.iter().map(Recommended::parameters).collect();
        // Transformers counts these when `AutoModel.from_config` makes the models from their settings.
        assert_eq!(
            sizes,
            [
                13_483_008,
                66_362_880,
                109_482_240,
                124_645_632,
                335_141_888,
                110_617_344,
                134_734_080,
                177_853_440,
                278_043_648
            ]
        );
        assert!(RECOMMENDED.iter().all(|model| super::super::hub::ModelId::parse(model.id).is_ok()));
    }

    #[test]
    fn a_korean_reader_finds_the_korean_models_first() {
        let languages: Vec<&str> = recommended_for(true).iter().map(|model| model.languages).collect();
        assert_eq!(languages[..2], ["languages-korean", "languages-many"]);
        assert_eq!(*languages.last().unwrap(), "languages-english");
        assert_eq!(recommended_for(false)[0].id, RECOMMENDED[0].id);
        assert_eq!(recommended_for(true).len(), RECOMMENDED.len());
    }

    #[test]
    fn a_larger_model_costs_more() {
        let calibration = Calibration {
            tokens_per_row: 26.0,
            max_length: 128,
            layer: LayerSecs {
                forward: 1e-5,
                evaluate: 1e-5,
                backward_input: 1e-5,
                backward_lowest: 1e-5,
                backward_weight: 1e-5,
            },
            last: LayerSecs {
                forward: 2e-6,
                evaluate: 2e-6,
                backward_input: 2e-6,
                backward_lowest: 1e-6,
                backward_weight: 2e-6,
            },
            embed_secs: 1e-7,
            update_secs: 1e-9,
            row_secs: 1e-5,
            step_secs: 1e-3,
            cache_bytes: (1 << 30, 1 << 30),
            frozen_share: None,
        };
        let split = SplitCounts { train: vec![2_820, 2_819], validation: vec![1_208, 1_209], test: vec![1_007, 1_007] };
        let like = BASE.tree(&ParamTree::default(), 2);
        let training = TrainingConfig::default();
        let texts = TextSizes { batch_tokens: 16 * 60, longest: 60, train_tokens: 150_000 };
        let cost = |model: &Recommended| model.cost(&calibration, &like, &split, &training, texts);
        let (small, base, large) = (cost(&RECOMMENDED[0]), cost(&BASE), cost(&RECOMMENDED[4]));
        assert!(small.full_epoch_secs < base.full_epoch_secs && base.full_epoch_secs < large.full_epoch_secs);
        assert!(base.preset_3_epoch_secs < base.full_epoch_secs / 3.0);
        // The model at hand itself costs what the plain estimate says.
        let workload = Workload { calibration: &calibration, tree: &like, split: &split, training: &training };
        let plain = workload.estimate(&vec![true; like.parameters.len()], true);
        assert_eq!(base.full_epoch_secs, plain.total_secs / training.epochs as f64);
        assert_eq!(
            base.full_memory_bytes,
            memory_need(&like, &vec![true; like.parameters.len()], texts, FrozenPrecision::F32).total_bytes()
        );
        assert!(base.full_memory_bytes < large.full_memory_bytes);
    }
}
