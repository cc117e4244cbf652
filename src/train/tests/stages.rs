//! Plans that thaw in stages.

use super::*;

fn stages(stages: &[(usize, Freeze)], learning_rates: LearningRates) -> Freeze {
    let stage =
        |(from_epoch, freeze): &(usize, Freeze)| PlannedStage { from_epoch: *from_epoch, freeze: freeze.clone() };
    Freeze::Timeline(Timeline { stages: stages.iter().map(stage).collect(), learning_rates })
}

#[test]
fn a_stage_without_end_is_the_plain_freezing_to_the_bit() {
    let bed = Bed::tiny();
    let plain = bed.losses(Freeze::Preset3, &PrefixCache::new(ROOMY), 100);
    let later = [(1, Freeze::Preset3), (9, Freeze::Preset2)];
    let one = stages(&later, LearningRates::default());
    assert_eq!(bed.losses(one, &PrefixCache::new(ROOMY), 100), plain);
    // A learning rate factor of 1 changes nothing; another one does.
    let groups = |factor| vec![RateGroup { parameters: "classifier.*".into(), factor }];
    let with = |factor| {
        let rates = LearningRates { groups: groups(factor), ..LearningRates::default() };
        bed.losses(stages(&later[..1], rates), &PrefixCache::new(ROOMY), 100)
    };
    assert_eq!(with(1.0), plain);
    assert_ne!(with(0.5), plain);
}

#[test]
fn the_cache_follows_the_boundary_and_changes_no_bit() {
    let bed = Bed::tiny();
    // The boundary goes down twice, and then up over layers that were trained meanwhile.
    let plan = [(1, Freeze::Preset1), (2, Freeze::Preset3), (3, Freeze::Top(2)), (4, Freeze::Preset3)];
    let plan = stages(&plan, LearningRates::default());
    let without = bed.losses(plan.clone(), &PrefixCache::off(), 100);
    assert_eq!(without.len(), 4 * bed.dataset.splits.train.len().div_ceil(4));
    let cache = PrefixCache::new(ROOMY);
    assert_eq!(bed.losses(plan.clone(), &cache, 100), without);
    assert_eq!(bed.losses(plan.clone(), &cache, 100), without, "what a run has left behind is not stale");
    let cramped = PrefixCache::new(Budget { memory_bytes: 1 << 10, file_bytes: 1 << 10 });
    assert_eq!(bed.losses(plan, &cramped, 100), without);
}

#[test]
fn what_is_frozen_in_all_stages_keeps_its_bits_and_each_stage_is_told() {
    let bed = Bed::new(60);
    let labels = bed.dataset.label_names();
    let freeze = stages(&[(1, Freeze::Preset1), (2, Freeze::Preset3), (3, Freeze::Preset2)], LearningRates::default());
    let training = TrainingConfig { epochs: 4, batch_size: 4, keep: FinalWeights::Best, ..TrainingConfig::default() };
    let config = RunConfig { freeze, training, ..RunConfig::default() };
    let tree = bed.pretrained.tree(&labels);
    let ever = config.freeze.resolve(&tree).unwrap();
    assert_eq!(ever, Freeze::Preset3.resolve(&tree).unwrap());
    let mut classifier = bed.classifier(&config);
    let values = |classifier: &Classifier| -> Vec<Vec<f32>> {
        tree.parameters.iter().map(|p| classifier.values(&p.name).unwrap()).collect()
    };
    let before = values(&classifier);
    let observer = StopAt { reported: Mutex::default(), asked: Arc::default(), at: usize::MAX };
    let cache = PrefixCache::new(ROOMY);
    bed.train(&mut classifier, &config, &observer, With { cache: Some(&cache), ..With::default() });
    for ((before, after), (parameter, ever)) in
        before.iter().zip(values(&classifier)).zip(tree.parameters.iter().zip(&ever))
    {
        let same = before.iter().zip(&after).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same || *ever, "{}", parameter.name);
    }
    let reported = observer.reported.into_inner().unwrap();
    let begun: Vec<(usize, usize, usize, usize)> = reported
        .iter()
        .filter_map(|event| if let RunEvent::StageStarted(s) = event { Some(s) } else { None })
        .map(|s| (s.stage, s.step, s.epoch, s.trainable))
        .collect();
    assert_eq!(begun, [(1, 1, 1, 770), (2, 10, 2, 1_923_074), (3, 19, 3, 148_610)]);
}
