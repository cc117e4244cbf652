//! How fast the engine is: each block forward and backward beside the composed path, encoding, one training step per
//! preset, filling the prefix cache, reading and tokenising. `cargo bench --bench engine`

use std::sync::Arc;

use candle_core::Var;
use divan::Bencher;
use divan::counter::ItemsCount;
use thaw::data::batch::Batch;
use thaw::data::dataset::Dataset;
use thaw::data::tokens::TokenStore;
use thaw::domain::config::{DataConfig, DataSource, ModelSource, PrefixCacheConfig};
use thaw::domain::freeze::Freeze;
use thaw::model::classifier::Classifier;
use thaw::model::device::Engine;
use thaw::model::encoder::{DropoutConfig, Pass, Reads};
use thaw::model::ops::composed::Composed;
use thaw::model::ops::fused::Fused;
use thaw::model::ops::{Dropout, Embed, LayerBlock, LayerDropout, Ops, Queries, Sequences};
use thaw::model::pretrained::PretrainedModel;
use thaw::train::adamw::AdamW;
use thaw::train::layer_stats::LayerSampler;
use thaw::train::loss::Loss;
use thaw::train::prefix::PrefixCache;
use thaw::train::step::{Learner, StepPlan};

fn main() {
    divan::main();
}

/// The bundled model on sixteen of the bundled reviews.
struct Bed {
    classifier: Classifier,
    batch: Batch,
    tokens: TokenStore,
    dataset: Dataset,
}

const DROPOUT: DropoutConfig = DropoutConfig { hidden: 0.1, attention: 0.1, classifier: 0.1, in_frozen_prefix: false };

impl Bed {
    fn new(freeze: &Freeze, ops: Arc<dyn Ops>) -> Self {
        let pretrained = PretrainedModel::open(&ModelSource::Bundled).expect("the bundled model");
        let dataset = Dataset::open(&DataConfig::default(), &|_, _| {}).expect("the bundled reviews");
        let tokens = TokenStore::new(dataset.texts.clone(), pretrained.tokeniser.clone(), 128);
        let batch = Batch::pack(&tokens, &dataset.labels, &dataset.splits.train[..16]);
        let labels = dataset.label_names();
        let trainable = freeze.resolve(&pretrained.tree(&labels)).expect("a preset");
        let classifier = Classifier::on(&Engine::with(ops), &pretrained, &labels, &trainable, DROPOUT, 42, &|_| ())
            .expect("a classifier");
        Self { classifier, batch, tokens, dataset }
    }
}

#[divan::bench(args = ["1", "2", "3", "full"])]
fn training_step(bencher: Bencher<'_, '_>, preset: &str) {
    step(bencher, preset, Arc::new(Fused::default()));
}

#[divan::bench(args = ["3", "full"])]
fn training_step_composed(bencher: Bencher<'_, '_>, preset: &str) {
    step(bencher, preset, Arc::new(Composed::default()));
}

/// A whole step, with the frozen prefix computed anew.
fn step(bencher: Bencher<'_, '_>, preset: &str, ops: Arc<dyn Ops>) {
    let bed = Bed::new(&Freeze::parse_name(preset).expect("a preset"), ops);
    let mut optimiser = AdamW::new(&bed.classifier, 0.0);
    let cache = PrefixCache::off();
    let prefix = cache.for_run(&bed.classifier, &PrefixCacheConfig::default());
    let (optimiser, loss) = (&mut optimiser, &Loss::PLAIN);
    let mut learner = Learner { classifier: &bed.classifier, optimiser, loss, prefix: &prefix };
    let rows = bed.batch.len();
    let plan = StepPlan { rows, mass: rows as f64, learning_rate: 1e-9, clip_norm: 1.0, dropout_key: 1 };
    bencher
        .counter(ItemsCount::new(16u32))
        .bench_local(|| learner.step(std::iter::once(bed.batch.clone()), &plan, &|_| ()).expect("a step"));
}

/// Sampling drift takes a copy of the initial weights once a run, and a sample every few steps. Beside `training_step`,
/// these benches tell its share of a training's time.
#[divan::bench(args = ["2", "3", "full"])]
fn layers_copy(bencher: Bencher<'_, '_>, preset: &str) {
    let bed = Bed::new(&Freeze::parse_name(preset).expect("a preset"), Arc::new(Fused::default()));
    bencher.bench_local(|| LayerSampler::new(&bed.classifier, 100, 100, 1));
}

#[divan::bench(args = ["2", "3", "full"])]
fn layers_sample(bencher: Bencher<'_, '_>, preset: &str) {
    let bed = Bed::new(&Freeze::parse_name(preset).expect("a preset"), Arc::new(Fused::default()));
    let optimiser = AdamW::new(&bed.classifier, 0.0);
    let mut sampler = LayerSampler::new(&bed.classifier, 100, 100, 1).expect("a copy");
    let norms = vec![None; bed.classifier.weights().len()];
    bencher.bench_local(|| sampler.sample(2, &bed.classifier, &optimiser, norms.clone()));
}

#[divan::bench]
fn encode_tokens(bencher: Bencher<'_, '_>) {
    let bed = Bed::new(&Freeze::Preset1, Arc::new(Fused::default()));
    let tokens = bed.batch.ids.len();
    bencher.counter(ItemsCount::new(tokens)).bench_local(|| bed.classifier.logits(&bed.batch, Pass::EVALUATE));
}

#[divan::bench]
fn fill_prefix_cache(bencher: Bencher<'_, '_>) {
    let bed = Bed::new(&Freeze::Preset3, Arc::new(Fused::default()));
    let rows = &bed.dataset.splits.train[..256];
    let batches: Vec<Batch> = rows.chunks(16).map(|r| Batch::pack(&bed.tokens, &bed.dataset.labels, r)).collect();
    bencher.counter(ItemsCount::new(rows.len())).bench_local(|| {
        batches.iter().for_each(|b| drop(bed.classifier.prefix(b, Pass::EVALUATE)));
    });
}

#[divan::bench]
fn tokenise(bencher: Bencher<'_, '_>) {
    let bed = Bed::new(&Freeze::Preset1, Arc::new(Fused::default()));
    let pretrained = PretrainedModel::open(&ModelSource::Bundled).expect("the bundled model");
    bencher.counter(ItemsCount::new(bed.dataset.texts.len())).bench_local(|| {
        let store = TokenStore::new(bed.dataset.texts.clone(), pretrained.tokeniser.clone(), 128);
        store.fill(&std::sync::atomic::AtomicBool::new(false), &|_| {});
    });
}

/// Reading and tokenising data of the size of IMDB's reviews: 50,000 texts of some 230 words.
mod long_rows {
    use std::fmt::Write;
    use std::sync::atomic::AtomicBool;

    use super::*;

    const ROWS: usize = 50_000;

    /// A table of bundled reviews that are joined until each text has 230 words.
    fn file() -> tempfile::NamedTempFile {
        let short = Dataset::open(&DataConfig::default(), &|_, _| {}).expect("the bundled reviews");
        let words: Vec<&str> = short.texts.iter().flat_map(|text| text.split(' ')).collect();
        let mut words = words.into_iter().cycle();
        let mut csv = String::from("review,sentiment\n");
        for row in 0..ROWS {
            let text = words.by_ref().take(230).collect::<Vec<_>>().join(" ").replace('"', "\"\"");
            let label = ["negative", "positive"][row % 2];
            writeln!(csv, "\"{text}\",{label}").expect("a line");
        }
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        std::fs::write(file.path(), csv).expect("the table");
        file
    }

    fn config(file: &tempfile::NamedTempFile) -> DataConfig {
        DataConfig { source: DataSource::File(file.path().into()), ..DataConfig::default() }
    }

    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn read_csv(bencher: Bencher<'_, '_>) {
        let file = file();
        let config = config(&file);
        bencher.counter(ItemsCount::new(ROWS)).bench_local(|| Dataset::open(&config, &|_, _| {}).expect("the table"));
    }

    #[divan::bench(sample_count = 2, sample_size = 1)]
    fn tokenise(bencher: Bencher<'_, '_>) {
        let file = file();
        let dataset = Dataset::open(&config(&file), &|_, _| {}).expect("the table");
        let pretrained = PretrainedModel::open(&ModelSource::Bundled).expect("the bundled model");
        bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
            let store = TokenStore::new(dataset.texts.clone(), pretrained.tokeniser.clone(), 512);
            store.fill(&AtomicBool::new(false), &|_| {});
        });
    }
}

/// The blocks of one layer, forward and backward, on 430 tokens of 384.
mod blocks {
    use super::*;

    fn run(bencher: Bencher<'_, '_>, ops: &dyn Ops, block: &str) {
        let bed = Bed::new(&Freeze::Full, Arc::new(Fused::default()));
        let network = bed.classifier.network();
        let sequences = Arc::new(Sequences { offsets: bed.batch.offsets.clone() });
        let states = network.below(&bed.batch, &sequences, 0, Reads::AllTokens, Pass::EVALUATE).expect("embeddings");
        let x = Var::from_tensor(&states).expect("a variable").as_tensor().clone();
        let dropout = Some(Dropout { probability: 0.1, key: 7 });
        let dropouts = LayerDropout { probabilities: dropout, attention: dropout, output: dropout };
        let LayerBlock { attention, intermediate, output, .. } =
            network.layers[0].block(&sequences, network.activation, Queries::All, dropouts);
        let (weights, ids) = (network.embeddings.clone(), bed.batch.ids.clone());
        let embed = Embed { weights, ids, types: Vec::new(), sequences: sequences.clone(), dropout };
        let inner = ops.dense(&states, &intermediate, false).expect("dense");
        bencher.counter(ItemsCount::new(bed.batch.ids.len())).bench_local(|| {
            let y = match block {
                "embed" => ops.embed(&embed, true),
                "attention" => ops.attention(&x, &attention, true),
                "dense" => ops.dense(&x, &intermediate, true),
                _ => ops.output(&inner, &x, &output, true),
            };
            let loss = y.and_then(|y| y.sum_all()).expect("forward");
            bed.classifier.backward(&loss)
        });
    }

    #[divan::bench(args = ["embed", "attention", "dense", "output"])]
    fn fused(bencher: Bencher<'_, '_>, block: &str) {
        run(bencher, &Fused::default(), block);
    }

    #[divan::bench(args = ["embed", "attention", "dense", "output"])]
    fn composed(bencher: Bencher<'_, '_>, block: &str) {
        run(bencher, &Composed::default(), block);
    }
}
