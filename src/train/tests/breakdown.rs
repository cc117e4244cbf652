//! What is left of a training whose loss is not a number any more.

use std::collections::BTreeSet;

use super::*;
use crate::data::batch::epoch_order;
use crate::domain::message::LiveValidation;

const WORDS: &str = "embeddings.word_embeddings.weight";
const STEPS_PER_EPOCH: usize = 5;

type Change<'a> = &'a (dyn Fn(&mut Classifier) + Sync);

/// Collects looks, counts steps, and spoils weights as soon as so many steps are done.
struct Spoil<'a> {
    /// A clone shares its weights with the classifier that trains.
    classifier: Mutex<Classifier>,
    spoil: Change<'a>,
    after: usize,
    steps: Mutex<usize>,
    looks: Mutex<Vec<LiveValidation>>,
}

impl RunObserver for Spoil<'_> {
    fn emit(&self, event: RunEvent) {
        match event {
            RunEvent::Step(step) => {
                *self.steps.lock().unwrap() = step.step;
                if step.step == self.after {
                    (self.spoil)(&mut self.classifier.lock().unwrap());
                }
            }
            RunEvent::LiveValidation(look) => self.looks.lock().unwrap().push(look),
            _ => {}
        }
    }

    fn stop_requested(&self) -> bool {
        false
    }
}

/// How a training ended whose weights `spoil` changed after so many steps, or before the first.
struct Ending {
    trained: Trained,
    classifier: Classifier,
    steps: usize,
    looks: Vec<LiveValidation>,
}

fn train_spoilt(bed: &Bed, config: &RunConfig, after: usize, spoil: Change<'_>, with: With<'_>) -> Ending {
    let mut classifier = bed.classifier(config);
    if after == 0 {
        spoil(&mut classifier);
    }
    let (steps, looks) = (Mutex::default(), Mutex::default());
    let observer = Spoil { classifier: Mutex::new(classifier.clone()), spoil, after, steps, looks };
    let trained = bed.train(&mut classifier, config, &observer, with);
    let (steps, looks) = (observer.steps.into_inner().unwrap(), observer.looks.into_inner().unwrap());
    Ending { trained, classifier, steps, looks }
}

impl Ending {
    /// Whether weights were kept, the step that the failure names, and the step that they were kept from.
    fn facts(&self) -> (bool, String, Option<String>) {
        assert_eq!(self.trained.outcome, RunOutcome::Failed);
        let failure = self.trained.failure.as_ref().unwrap();
        let id = if self.trained.is_usable { "train-not-finite" } else { "train-not-finite-lost" };
        assert_eq!(failure.id, id);
        (self.trained.is_usable, failure.arg("step").unwrap(), failure.arg("kept"))
    }
}

fn facts(is_usable: bool, step: usize, kept: Option<usize>) -> (bool, String, Option<String>) {
    (is_usable, step.to_string(), kept.map(|step| step.to_string()))
}

fn config(keep: FinalWeights, checkpoint_minutes: f64) -> RunConfig {
    let training = TrainingConfig {
        epochs: 3,
        batch_size: 4,
        weight_decay: 0.1,
        keep,
        checkpoint_minutes,
        ..TrainingConfig::default()
    };
    RunConfig { freeze: Freeze::Preset1, training, ..RunConfig::default() }
}

fn spoil_all(classifier: &mut Classifier, name: &str) {
    let n = classifier.values(name).unwrap().len();
    classifier.set_values(name, &vec![f32::NAN; n]).unwrap();
}

fn spoil_word(classifier: &mut Classifier, id: u32) {
    let width = classifier.tree().facts.hidden_size;
    let mut values = classifier.values(WORDS).unwrap();
    values[id as usize * width..][..width].fill(f32::NAN);
    classifier.set_values(WORDS, &values).unwrap();
}

/// A word of the `with` rows that the `without` rows do not have.
fn word(bed: &Bed, with: &[u32], without: &[u32]) -> u32 {
    let words = |rows: &[u32]| -> BTreeSet<u32> { rows.iter().flat_map(|row| bed.tokens.row(*row)).copied().collect() };
    *words(with).difference(&words(without)).next().unwrap()
}

#[test]
fn after_a_training_loss_that_is_not_a_number_the_newest_good_weights_are_kept() {
    let bed = Bed::tiny();
    let splits = &bed.dataset.splits;
    let config = config(FinalWeights::Last, 10.0);
    let head = |classifier: &mut Classifier| spoil_all(classifier, "classifier.weight");
    let pooler = |classifier: &mut Classifier| spoil_all(classifier, "pooler.dense.weight");

    // The checkpoint of the first epoch's end is good.
    let folder = Folder::new();
    let with = With { checkpoints: Some(&folder), ..With::default() };
    let ending = train_spoilt(&bed, &config, 8, &head, with);
    assert_eq!(ending.facts(), facts(true, 9, Some(STEPS_PER_EPOCH)));
    let values = ending.classifier.values("classifier.weight").unwrap();
    let initial = bed.classifier(&config).values("classifier.weight").unwrap();
    assert!(values.iter().all(|v| v.is_finite()) && values != initial);

    // Without one, neither weights that are no numbers are good nor weights that validate to none.
    assert_eq!(train_spoilt(&bed, &config, 8, &head, With::default()).facts(), facts(false, 9, None));
    assert_eq!(train_spoilt(&bed, &config, 8, &pooler, With::default()).facts(), facts(false, 9, None));

    // A word of the next step that validation does not have leaves the weights as good as they were.
    let order = epoch_order(&splits.train, config.training.seed, 2);
    let id = word(&bed, &order[12..16], &splits.validation);
    let ending = train_spoilt(&bed, &config, 8, &|classifier| spoil_word(classifier, id), With::default());
    assert_eq!(ending.facts(), facts(true, 9, Some(8)));
}

#[test]
fn weights_whose_validation_is_not_a_number_are_not_kept_as_good() {
    let bed = Bed::tiny();
    let splits = &bed.dataset.splits;
    let id = word(&bed, &splits.validation, &splits.train);
    let spoil = |classifier: &mut Classifier| spoil_word(classifier, id);

    // The training goes on after looks that give no number; the whole validation ends it, after the epoch's last step.
    let last = config(FinalWeights::Last, 10.0);
    let ending = train_spoilt(&bed, &last, 0, &spoil, With::default());
    assert_eq!(ending.facts(), facts(false, STEPS_PER_EPOCH, None));
    assert_eq!(ending.steps, STEPS_PER_EPOCH);
    assert!(!ending.looks.is_empty() && ending.looks.iter().all(|look| look.loss.is_nan()));

    // A checkpoint within the epoch was never validated; it is good only if its validation is a number.
    let every_step = config(FinalWeights::Last, 1e-9);
    let spoilt = || {
        let mut classifier = bed.classifier(&every_step);
        spoil(&mut classifier);
        Ok(classifier)
    };
    for (fresh, kept) in [(None, Some(STEPS_PER_EPOCH)), (Some(&spoilt as &(dyn Fn() -> _ + Sync)), None)] {
        let folder = Folder::new();
        // The frozen words do not belong to the checkpoint's hash, or it would be refused as another model's.
        let after = if kept.is_some() { 1 } else { 0 };
        let with = With { checkpoints: Some(&folder), fresh, ..With::default() };
        let ending = train_spoilt(&bed, &every_step, after, &spoil, with);
        assert_eq!(ending.facts(), facts(kept.is_some(), STEPS_PER_EPOCH, kept));
    }

    // The best epoch was validated.
    let best = config(FinalWeights::Best, 0.0);
    let ending = train_spoilt(&bed, &best, 8, &spoil, With::default());
    assert_eq!(ending.facts(), facts(true, 2 * STEPS_PER_EPOCH, Some(STEPS_PER_EPOCH)));
}
