//! A training that is stopped anywhere and resumed goes on as if it had never been stopped.

use std::sync::atomic::Ordering;

use crate::domain::config::Schedule;
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::problem::Problem;
use crate::model::device::Precisions;
use crate::train::checkpoint::check_resumable;

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
    stop_and_resume(Freeze::Names(TABLE_AND_HEAD.map(String::from).into()), TrainingConfig::default());
}

#[test]
fn it_resumes_so_with_class_weights() {
    let training = TrainingConfig { class_weights: Some(ClassWeights::Balanced), ..TrainingConfig::default() };
    stop_and_resume(Freeze::Names(TABLE_AND_HEAD.map(String::from).into()), training);
}

/// A disk without room for the best weights.
struct Full;

impl CheckpointStore for Full {
    fn write(&self, _: &Position, _: &[Piece<'_>]) -> Outcome<()> {
        Ok(())
    }

    fn write_best(&self, _: &BestEpoch, _: &[Piece<'_>]) -> Outcome<TensorFile> {
        Err(Problem::new("disk-full").with("file", "best"))
    }

    fn newest(&self) -> Outcome<Option<Checkpoint>> {
        Ok(None)
    }
}

/// Wherever they are kept, the model ends as it was after its best epoch, which is not the last one.
#[test]
fn the_best_weights_come_back_from_disk_or_from_memory() {
    let bed = Bed::tiny();
    let config = |keep, epochs| RunConfig {
        freeze: Freeze::Full,
        training: TrainingConfig {
            epochs,
            keep,
            batch_size: 4,
            learning_rate: Some(3e-3),
            schedule: Schedule::Constant,
            ..TrainingConfig::default()
        },
        ..RunConfig::default()
    };
    let after = |config: &RunConfig, checkpoints: Option<&dyn CheckpointStore>| {
        let mut classifier = bed.classifier(config);
        let watch = Watch { steps: Mutex::default(), last: usize::MAX };
        let trained = bed.train(&mut classifier, config, &watch, With { checkpoints, ..With::default() });
        assert_eq!(trained.outcome, RunOutcome::Completed);
        classifier.snapshot(&vec![true; classifier.trainable().len()]).unwrap()
    };
    let folder = Folder::new();
    let best = config(FinalWeights::Best, 6);
    let kept = after(&best, Some(&folder));
    let epoch = folder.newest().unwrap().unwrap().position.best.unwrap().epoch;
    assert!(epoch < 6, "the best epoch is not the last");
    assert!(kept == after(&config(FinalWeights::Last, epoch), None), "they are those of epoch {epoch}");
    assert!(kept == after(&best, None), "without a place on disk");
    assert!(kept == after(&best, Some(&Full)), "where the disk is full");
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
    stop_and_resume(freeze, TrainingConfig::default());
}

/// In bf16 everything trains; with frozen layers in 8 bits only what is above the last layer.
#[test]
fn it_resumes_so_in_each_precision() {
    let bf16 = TrainingConfig { precision: Precision::Bf16, ..TrainingConfig::default() };
    let int8 = TrainingConfig { frozen_precision: FrozenPrecision::Int8, ..TrainingConfig::default() };
    for (freeze, training) in [(Freeze::Full, bf16), (Freeze::Top(1), int8)] {
        if Precisions::of(&training).refused.is_empty() {
            stop_and_resume(freeze, training);
        }
    }
}

#[test]
fn a_checkpoint_of_another_precision_is_refused() {
    let bed = Bed::tiny();
    let config = RunConfig { freeze: Freeze::Preset3, ..RunConfig::default() };
    let folder = Folder::new();
    let observer = StopAt { reported: Mutex::default(), asked: Arc::default(), at: 200 };
    let training = TrainingConfig { checkpoint_minutes: 1e-9, ..config.training.clone() };
    let config = RunConfig { training, ..config };
    let with = With { checkpoints: Some(&folder), ..With::default() };
    bed.train(&mut bed.classifier(&config), &config, &observer, with);
    let position = folder.newest().unwrap().unwrap().position;
    check_resumable(&position, &bed.classifier(&config)).unwrap();
    let elsewhere = [
        Position { precision: Precision::Bf16, ..position.clone() },
        Position { frozen_precision: FrozenPrecision::Int8, ..position },
    ];
    for position in elsewhere {
        let problem = check_resumable(&position, &bed.classifier(&config)).unwrap_err();
        assert_eq!(problem.id, "resume-other-precision");
        assert_eq!(["here", "held"].map(|arg| problem.arg(arg)), [Some("f32".into()), Some("f32".into())]);
    }
}

fn stop_and_resume(freeze: Freeze, training: TrainingConfig) {
    let bed = Bed::tiny();
    let is_rounded = !training.precision.is_default() || !training.frozen_precision.is_default();
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
            ..training
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
    let (trained, whole, weights, asked) = run(&folder, None, usize::MAX);
    assert!(asked > 20, "{asked} places to stop at");
    let newest = folder.newest().unwrap().unwrap();
    let (best, over) = (newest.position.best.unwrap(), trained.over.unwrap());
    assert!(newest.position.step == over.step && over.epoch == 4, "only the last validation is done after it");
    assert!(
        is_rounded || Some(best) == over.best,
        "the last epoch is not the best, so that one's weights are put back"
    );
    let kept = newest.best.unwrap().need("weight/classifier.weight", weights[1].len()).unwrap();
    assert!(kept == weights[1] || Some(best) != over.best, "the best epoch's weights");
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
