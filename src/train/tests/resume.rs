//! Stopped anywhere, a training goes on as if it had not been.

use super::*;

/// What of it was told before a checkpoint.
fn told_before(position: &Position, event: &RunEvent) -> bool {
    match event {
        RunEvent::Step(step) => step.step <= position.step,
        RunEvent::LayerStats(sample) => sample.step <= position.step,
        RunEvent::LiveValidation(live) => live.step < position.step + usize::from(position.looked),
        RunEvent::EpochEnded(epoch) => epoch.epoch < position.epoch,
        RunEvent::StageStarted(stage) => stage.epoch <= position.epoch,
        _ => false,
    }
}

/// A table whose rows owe decay, and the head.
const TABLE_AND_HEAD: [&str; 3] = ["embeddings.word_embeddings.weight", "classifier.weight", "classifier.bias"];

#[test]
fn wherever_it_is_stopped_it_goes_on_as_if_it_had_not_been() {
    stop_and_go_on(Freeze::Names(TABLE_AND_HEAD.map(String::from).into()));
}

/// The table trains, rests, and is thawed again; a bias trains in the last stage alone.
#[test]
fn so_it_does_across_the_stages_of_a_plan() {
    let rules = |names: &[&str]| {
        let rule = |name: &&str| Rule { parameters: (*name).to_owned(), state: State::Trainable };
        Freeze::Plan(names.iter().map(rule).collect())
    };
    let choices = [&TABLE_AND_HEAD[..2], &TABLE_AND_HEAD[1..2], &TABLE_AND_HEAD[..]];
    let stage = |(i, names): (usize, &&[&str])| PlannedStage { from_epoch: i + 1, freeze: rules(names) };
    let groups = vec![RateGroup { parameters: "embeddings.*".into(), factor: 0.3 }];
    stop_and_go_on(Freeze::Timeline(Timeline {
        stages: choices.iter().enumerate().map(stage).collect(),
        learning_rates: LearningRates { layer_factor: Some(0.95), groups, ..LearningRates::default() },
    }));
}

fn stop_and_go_on(freeze: Freeze) {
    let bed = Bed::new(40);
    let labels = bed.dataset.label_names();
    let names = TABLE_AND_HEAD;
    // Batches that are summed, the best epoch kept.
    let config = RunConfig {
        freeze,
        training: TrainingConfig {
            epochs: 3,
            batch_size: 4,
            accumulation_steps: 2,
            weight_decay: 0.1,
            learning_rate: Some(1e-3),
            max_length: 12,
            // Something to go on from before any stop, too.
            checkpoint_minutes: 1e-9,
            ..TrainingConfig::default()
        },
        ..RunConfig::default()
    };
    let trainable = config.freeze.resolve(&bed.pretrained.tree(&labels)).unwrap();
    let dropout = dropout_config(&bed.pretrained, &config);
    let run = |kept: &Kept, resume: Option<Saved>, at: usize| {
        let mut classifier = Classifier::new(&bed.pretrained, &labels, &trainable, dropout, 42).unwrap();
        let observer = StopAt { told: Mutex::default(), asked: Mutex::default(), at };
        let trained = train(Job {
            classifier: &mut classifier,
            dataset: &bed.dataset,
            tokens: &bed.tokens,
            config: &config,
            prefix_cache: &PrefixCache::off(),
            observer: &observer,
            keeper: Some(kept),
            resume,
            samples_layers: true,
        })
        .unwrap();
        let told: Vec<String> = observer.told.lock().unwrap().iter().map(|e| format!("{e:?}")).collect();
        let events = observer.told.into_inner().unwrap();
        let weights: Vec<Vec<f32>> = names.iter().map(|name| classifier.values(name).unwrap()).collect();
        (trained, told, events, weights, observer.asked.into_inner().unwrap())
    };
    let (_, whole, _, weights, asked) = run(&Kept(tempfile::tempdir().unwrap()), None, usize::MAX);
    assert!(asked > 20, "{asked} places to stop at");
    let mut looked = Vec::new();
    // The first batches, the middle of steps, looks at validation, epochs' ends.
    for at in (2..asked).step_by(4) {
        let kept = Kept(tempfile::tempdir().unwrap());
        let (stopped, _, events, ..) = run(&kept, None, at);
        assert_eq!(stopped.outcome, RunOutcome::Stopped);
        let saved = kept.newest().ok().flatten();
        let before = |event: &&RunEvent| saved.as_ref().is_some_and(|saved| told_before(&saved.position, event));
        let mut told: Vec<String> = events.iter().filter(before).map(|e| format!("{e:?}")).collect();
        looked.extend(saved.as_ref().map(|saved| saved.position.looked));
        let (resumed, after, _, found, _) = run(&kept, saved, usize::MAX);
        told.extend(after);
        assert_eq!(resumed.outcome, RunOutcome::Completed);
        assert_eq!(told, whole, "stopped when asked for the {at}th time");
        assert!(found == weights, "the same bits");
    }
    assert!(looked.contains(&false) && looked.contains(&true), "some stops came in a look: {looked:?}");
}
