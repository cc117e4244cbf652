//! The meter is tried on the bundled model.

use std::collections::BTreeSet;

use super::*;
use crate::domain::config::ModelSource;
use crate::domain::dataset::SplitCounts;
use crate::domain::estimate::{Calibration, LayerSecs};
use crate::domain::freeze::Freeze;
use crate::model::pretrained::PretrainedModel;

fn tree() -> ParamTree {
    PretrainedModel::open(&ModelSource::Bundled).unwrap().tree(&["a".into(), "b".into()])
}

fn meter(tree: &ParamTree, freeze: &Freeze) -> Meter {
    Meter::of(tree, &freeze.resolve(tree).unwrap(), &TrainingConfig::default(), None)
}

#[test]
fn presets_go_as_deep_as_they_must() {
    let tree = tree();
    let depth = |freeze| meter(&tree, &freeze).backward;
    assert_eq!(depth(Freeze::Preset1), Backward::Head);
    assert_eq!(depth(Freeze::Preset2), Backward::Head);
    assert_eq!(depth(Freeze::Preset3), Backward::Layers { lowest: 5, last: 5 });
    assert_eq!(depth(Freeze::Top(4)), Backward::Layers { lowest: 2, last: 5 });
    assert_eq!(depth(Freeze::Full), Backward::Embeddings { last: 5 });
    assert_eq!(depth(Freeze::Biases), Backward::Embeddings { last: 5 });
    assert_eq!(depth(Freeze::Names(BTreeSet::new())), Backward::Nowhere);
    let cache = |freeze| meter(&tree, &freeze).cache;
    assert_eq!(cache(Freeze::Preset2), Cache::Kept { layers: 6 });
    assert_eq!(cache(Freeze::Full), Cache::Not(WhyNotCached::EmbeddingsTrain));
    assert!(
        [Freeze::Preset1, Freeze::Preset3, Freeze::Top(2), Freeze::Full]
            .iter()
            .all(|freeze| meter(&tree, freeze).surprises.is_empty())
    );
}

#[test]
fn a_frozen_layer_above_a_trainable_one_is_pointed_out() {
    let tree = tree();
    let names = ["encoder.layer.1.output.dense.weight", "encoder.layer.4.output.dense.weight", "classifier.weight"];
    let of = meter(&tree, &Freeze::Names(names.map(String::from).into()));
    let backward = Backward::Layers { lowest: 1, last: 5 };
    assert_eq!(of.surprises, [Surprise::FrozenAbove { frozen: vec![2, 3, 5], backward }]);
    assert_eq!(ranges(&[2, 3, 5]), "2–3, 5");
    let table = BTreeSet::from(["embeddings.word_embeddings.weight".to_owned()]);
    let of = meter(&tree, &Freeze::Names(table));
    let frozen = (0..6).collect();
    assert_eq!(of.surprises, [Surprise::FrozenAbove { frozen, backward: Backward::Embeddings { last: 5 } }]);
}

#[test]
fn biases_save_a_third_at_most() {
    let tree = tree();
    assert_eq!(
        meter(&tree, &Freeze::Biases).surprises,
        [Surprise::OnlySmallParts { backward: Backward::Embeddings { last: 5 } }]
    );
    // Forward, input gradient and weight gradient of a matrix product cost the same.
    let equal =
        LayerSecs { forward: 1.0, evaluate: 1.0, backward_input: 1.0, backward_lowest: 1.0, backward_weight: 1.0 };
    let calibration =
        Calibration { tokens_per_row: 20.0, layer: equal, last: equal.scaled(0.2), ..Calibration::default() };
    let split = SplitCounts { train: vec![1000], validation: vec![0], test: vec![0] };
    let saved = |freeze: Freeze| {
        let training = TrainingConfig::default();
        let workload = Workload { calibration: &calibration, tree: &tree, split: &split, training: &training };
        saved_by_small_parts(workload, &freeze.resolve(&tree).unwrap())
    };
    assert!((saved(Freeze::Biases).unwrap() - 1.0 / 3.0).abs() < 1e-9);
    assert_eq!((saved(Freeze::Full), saved(Freeze::Preset1)), (None, None));
}

/// Only the layers below the lowest trainable one are held in fewer bits.
#[test]
fn frozen_layers_in_fewer_bits_save_their_share_of_the_first_epoch() {
    let tree = tree();
    let even =
        LayerSecs { forward: 1.0, evaluate: 1.0, backward_input: 1.0, backward_lowest: 1.0, backward_weight: 1.0 };
    let split = SplitCounts { train: vec![1000], validation: vec![0], test: vec![0] };
    let training = TrainingConfig::default();
    let epochs = |freeze: Freeze, frozen_share| {
        let calibration =
            Calibration { tokens_per_row: 20.0, layer: even, last: even, frozen_share, ..Calibration::default() };
        let workload = Workload { calibration: &calibration, tree: &tree, split: &split, training: &training };
        let estimate = workload.estimate(&freeze.resolve(&tree).unwrap(), true);
        (estimate.first_epoch_secs, estimate.later_epoch_secs)
    };
    let (whole, fewer) = (epochs(Freeze::Preset3, None), epochs(Freeze::Preset3, Some(0.25)));
    assert!((whole.0 - fewer.0 - 0.75 * 1000.0 * 20.0 * 5.0).abs() < 1e-6, "{whole:?} {fewer:?}");
    assert_eq!(whole.1, fewer.1);
    assert_eq!(epochs(Freeze::Full, None), epochs(Freeze::Full, Some(0.25)));
}

#[test]
fn what_is_kept_needs_room() {
    let tree = tree();
    let trainable = Freeze::Preset3.resolve(&tree).unwrap();
    let split = SplitCounts { train: vec![700], validation: vec![300], test: vec![0] };
    let calibration = Calibration { tokens_per_row: 10.0, cache_bytes: (8 << 20, 0), ..Calibration::default() };
    let mut training = TrainingConfig::default();
    let verdict = |training: &TrainingConfig| {
        let workload = Workload { calibration: &calibration, tree: &tree, split: &split, training };
        let room = CacheRoom::of(workload, &trainable);
        assert!((room.needed - 1000.0 * 10.0 * 384.0 * 4.0).abs() < 1.0);
        Meter::of(&tree, &trainable, training, Some(room)).cache
    };
    assert_eq!(verdict(&training), Cache::NoRoom { layers: 5 });
    training.prefix_cache.memory_mib = Some(100);
    assert_eq!(verdict(&training), Cache::Kept { layers: 5 });
    training.frozen_dropout = true;
    assert_eq!(verdict(&training), Cache::Not(WhyNotCached::FrozenDropout));
}
