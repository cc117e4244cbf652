//! A run that is cut off after its last epoch has only its test left to do.

use std::fs;
use std::path::Path;

use crossbeam_channel::{Receiver, unbounded};

use crate::domain::config::{DataConfig, FinalWeights, TrainingConfig};
use crate::domain::freeze::Freeze;
use crate::domain::message::{Event, RunId};
use crate::runs::Interrupted;

use super::super::control::Control;
use super::super::shared::Shared;
use super::super::sink::Sink;
use super::*;

/// What a run works with, and who hears of it, without whom it would stop.
fn work() -> (Work, Receiver<Event>) {
    let (sender, events) = unbounded();
    let shared = Arc::new(Shared::new(Sink::to_window(sender, Arc::new(|| {})).unwrap()).unwrap());
    (Work { shared, control: Arc::new(Control::default()), id: RunId(1) }, events)
}

/// Does a run, or the rest of one, to its end.
fn done(beginning: Beginning) -> Performed {
    let (work, _events) = work();
    perform(&work, beginning)
}

fn config(dir: &Path) -> RunConfig {
    let data = DataConfig { max_rows: Some(60), ..DataConfig::default() };
    let keep = FinalWeights::Best;
    let training = TrainingConfig { epochs: 2, batch_size: 8, max_length: 16, keep, ..TrainingConfig::default() };
    RunConfig { data, freeze: Freeze::Preset2, training, out: Some(dir.to_owned()), ..RunConfig::default() }
}

/// Trains a run and keeps its model, and goes no further, as if the program had been killed then. A folder of the model's
/// name stands for a disk that has no room for it.
fn cut_off_in_its_test(dir: &Path, has_room: bool) {
    let ((work, _events), config) = (work(), config(dir));
    let material = Material::open(&work, &config).unwrap().unwrap();
    let plan = material.plan(&config.freeze).unwrap();
    let bench = Bench::new(&work, &config, &material, &plan).unwrap();
    let (mut classifier, before) = bench.classifier_and_digests().unwrap().unwrap();
    let (mut recorder, _) = bench.open_folder(None, &classifier).unwrap();
    let trained = bench.train(&mut classifier, None, &mut recorder).unwrap();
    let in_the_way = dir.join("model.safetensors");
    if !has_room {
        fs::create_dir_all(in_the_way.join("x")).unwrap();
    }
    let kept = bench.keep_at_end(&classifier, &before, &trained.over.unwrap(), &recorder);
    assert_eq!(kept.is_ok(), has_room);
    if !has_room {
        fs::remove_dir_all(in_the_way).unwrap();
    }
}

#[test]
fn a_run_that_is_cut_off_in_its_test_is_only_tested_when_it_is_resumed() {
    let place = tempfile::tempdir().unwrap();
    let [whole, cut, unsaved] = ["whole", "cut", "unsaved"].map(|name| place.path().join(name));
    let expected = done(Beginning::New(Box::new(config(&whole))));
    assert_eq!((expected.ended.outcome, &expected.ended.error), (RunOutcome::Completed, &None));

    cut_off_in_its_test(&cut, true);
    cut_off_in_its_test(&unsaved, false);
    let size = |dir: &Path| fs::metadata(dir.join("checkpoint/newest.safetensors")).unwrap().len();
    assert!(size(&cut) < 10_000, "the weights are in the model alone");
    assert!(size(&unsaved) > 100_000, "the checkpoint has them");

    for dir in [&cut, &unsaved] {
        let saved = Interrupted::open(dir).unwrap().saved.unwrap();
        assert!(saved.is_over && saved.best.is_none());
        let resumed = done(Beginning::Resume(dir.clone()));
        assert_eq!((resumed.ended.outcome, resumed.ended.error), (RunOutcome::Completed, None));
        assert_eq!(resumed.history.steps.len(), expected.history.steps.len());
        assert_eq!(resumed.history.test, expected.history.test);
        for name in ["model.safetensors", "fingerprints.json"] {
            assert!(fs::read(dir.join(name)).unwrap() == fs::read(whole.join(name)).unwrap(), "{name}");
        }
        assert!(!dir.join("checkpoint").exists());
    }
}

#[test]
fn a_saved_model_that_someone_has_changed_is_not_resumed_from() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("run");
    cut_off_in_its_test(&dir, true);
    let path = dir.join("model.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let problem = Interrupted::open(&dir).unwrap_err();
    assert_eq!(problem.id, "checkpoint-damaged");
    assert!(problem.arg("file").unwrap().ends_with("model.safetensors"));
}
