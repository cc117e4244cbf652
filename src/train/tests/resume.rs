//! A training that is stopped anywhere and resumed goes on as if it had never been stopped.

use std::sync::atomic::Ordering;

use super::*;

/// Whether an event was reported before a checkpoint was written.
fn is_before(position: &Position, event: &RunEvent) -> bool {
    match event {
        RunEvent::Step(step) => step.step <= position.step,
        RunEvent::LayerStats(sample) => sample.step <= position.step,
        RunEvent::LiveValidation(live) => live.step < position.step + usize::from(position.looked),
        RunEvent::EpochEnded(epoch) => epoch.epoch < position.epoch,
        RunEvent::StageStarted(stage) => stage.epoch <= position.epoch,
        _ => false,
    }
}

/// An embedding table, whose rows owe decay, and the head.
const TABLE_AND_HEAD: [&str; 3] = ["embeddings.word_embeddings.weight", "classifier.weight", "classifier.bias"];

#[test]
fn wherever_it_is_stopped_it_resumes_as_if_it_had_not_been() {
    stop_and_resume(Freeze::Names(TABLE_AND_HEAD.map(String::from).into()), None);
}

#[test]
fn it_resumes_so_with_class_weights() {
    stop_and_resume(Freeze::Names(TABLE_AND_HEAD.map(String::from).into()), Some(ClassWeights::Balanced));
}

/// The table trains, rests, and is thawed again; a bias trains in the last stage alone.
#[test]
fn it_resumes_so_across_the_stages_of_a_plan() {
    let rules = |names: &[&str]| {
        let rule = |name: &&str| Rule { parameters: (*name).to_owned(), state: State::Trainable };
        Freeze::Plan(names.iter().map(rule).collect())
    };
    let choices = [&TABLE_AND_HEAD[..2], &TABLE_AND_HEAD[1..2], &TABLE_AND_HEAD[..]];
    let stage = |(i, names): (usize, &&[&str])| PlannedStage { from_epoch: i + 1, freeze: rules(names) };
    let groups = vec![RateGroup { parameters: "embeddings.*".into(), factor: 0.3 }];
    let freeze = Freeze::Timeline(Timeline {
        stages: choices.iter().enumerate().map(stage).collect(),
        learning_rates: LearningRates { layer_factor: Some(0.95), groups, ..LearningRates::default() },
    });
    stop_and_resume(freeze, None);
}

fn stop_and_resume(freeze: Freeze, class_weights: Option<ClassWeights>) {
    let bed = Bed::tiny();
    // Batches are added up, and the run ends with its best epoch.
    let config = RunConfig {
        freeze,
        training: TrainingConfig {
            epochs: 3,
            batch_size: 2,
            accumulation_steps: 2,
            weight_decay: 0.1,
            learning_rate: Some(1e-3),
            keep: FinalWeights::Best,
            // Every step writes a checkpoint, so that there is one before any stop.
            checkpoint_minutes: 1e-9,
            class_weights,
            ..TrainingConfig::default()
        },
        ..RunConfig::default()
    };
    let run = |folder: &Folder, resume: Option<Checkpoint>, at: usize| {
        let mut classifier = bed.classifier(&config);
        let observer = StopAt { reported: Mutex::default(), asked: Arc::default(), at };
        let with = With { checkpoints: Some(folder), resume, ..With::default() };
        let trained = bed.train(&mut classifier, &config, &observer, with);
        let events = observer.reported.into_inner().unwrap();
        let weights: Vec<Vec<f32>> = TABLE_AND_HEAD.iter().map(|name| classifier.values(name).unwrap()).collect();
        (trained, events, weights, observer.asked.load(Ordering::Relaxed))
    };
    let lines = |events: &[RunEvent]| -> Vec<String> { events.iter().map(|event| format!("{event:?}")).collect() };
    let folder = Folder::new();
    let (_, whole, weights, asked) = run(&folder, None, usize::MAX);
    assert!(asked > 20, "{asked} places to stop at");
    let newest = folder.newest().unwrap().unwrap();
    let best = newest.position.best.unwrap();
    assert!(best.epoch < 3, "the last epoch is not the best, so the best one's weights are put back");
    let kept = newest.best.unwrap().need("weight/classifier.weight", weights[1].len()).unwrap();
    assert!(kept == weights[1], "the best epoch's weights");
    let mut looked = Vec::new();
    // The stops come in the first batches, in the middle of steps and of layers, in looks at validation and at epochs' ends.
    // Every third place is enough: from one layer to the next little differs.
    for at in (2..asked).step_by(3) {
        let folder = Folder::new();
        let (stopped, events, ..) = run(&folder, None, at);
        assert_eq!(stopped.outcome, RunOutcome::Stopped);
        let checkpoint = folder.newest().unwrap();
        let before = |event: &&RunEvent| checkpoint.as_ref().is_some_and(|c| is_before(&c.position, event));
        let mut reported = lines(&events.iter().filter(before).cloned().collect::<Vec<_>>());
        looked.extend(checkpoint.as_ref().map(|checkpoint| checkpoint.position.looked));
        let (resumed, after, found, _) = run(&folder, checkpoint, usize::MAX);
        reported.extend(lines(&after));
        assert_eq!(resumed.outcome, RunOutcome::Completed);
        assert_eq!(reported, lines(&whole), "stopped when asked for the {at}th time");
        assert!(found == weights, "the same bits");
    }
    assert!(looked.contains(&false) && looked.contains(&true), "some stops came in a look: {looked:?}");
}
