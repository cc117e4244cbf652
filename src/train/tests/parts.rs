//! A batch that goes through in parts is still one batch, and a step that is stopped between them leaves nothing behind.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::*;
use crate::domain::memory::{activation_bytes, part_bytes};
use crate::domain::message::{RunNotice, SweepObserver, Task, Teller};
use crate::domain::rate_sweep::RatePoint;
use crate::train::calibrate::calibrate;
use crate::train::evaluate::{Measured, evaluate};
use crate::train::parts::parts;
use crate::train::prefix::Prefix;
use crate::train::rate_sweep::sweep;
use crate::train::step::Within;

#[test]
fn parts_fit_and_a_default_batch_of_short_texts_is_one() {
    let bed = Bed::new(400);
    let config = RunConfig { freeze: Freeze::Full, ..RunConfig::default() };
    let classifier = bed.classifier(&config);
    let rows = &bed.dataset.splits.train;
    assert!(rows.chunks(16).all(|rows| parts(&classifier, &bed.tokens, rows, &Prefix::NONE) == [rows]));

    let all = parts(&classifier, &bed.tokens, rows, &Prefix::NONE);
    let needed = |part: &[u32]| {
        let lengths = part.iter().map(|row| bed.tokens.row(*row).len());
        let (sum, longest) = (lengths.clone().sum(), lengths.max().unwrap());
        activation_bytes(classifier.tree(), classifier.trainable(), sum, longest)
    };
    let most = part_bytes(classifier.tree(), classifier.trainable());
    assert!(all.len() > 2 && all.iter().all(|part| needed(part) <= most));
    assert_eq!(all.concat(), *rows);
}

/// In the gradient, each row counts by its class's weight over that of the whole batch, whatever part it is in.
#[test]
fn the_gradient_of_parts_is_that_of_the_batch() {
    let bed = Bed::tiny();
    let config = RunConfig {
        freeze: Freeze::Full,
        training: TrainingConfig { dropout: Some(0.0), ..TrainingConfig::default() },
        ..RunConfig::default()
    };
    let rows = &bed.dataset.splits.train[..9];
    for loss in [Loss::PLAIN, Loss::weighted(vec![0.4, 2.5, 1.0])] {
        let step = |parts: &[&[u32]]| {
            let classifier = bed.classifier(&config);
            let (mut optimiser, cache) = (AdamW::new(&classifier, 0.0), PrefixCache::off());
            let prefix = cache.for_run(&classifier, &PrefixCacheConfig::default());
            let mut learner =
                Learner { classifier: &classifier, optimiser: &mut optimiser, loss: &loss, prefix: &prefix };
            let labels = rows.iter().map(|row| &bed.dataset.labels[*row as usize]);
            let plan = StepPlan {
                rows: rows.len(),
                mass: loss.mass(labels),
                learning_rate: 1e-4,
                clip_norm: 0.0,
                dropout_key: 3,
            };
            let batches = parts.iter().map(|rows| Batch::pack(&bed.tokens, &bed.dataset.labels, rows));
            let told: Arc<Mutex<Vec<Within>>> = Arc::default();
            let to = Arc::clone(&told);
            let progress = move |within: Within| to.lock().unwrap().push(within);
            let found = learner.step(batches, &plan, &progress).unwrap().unwrap();
            let told = told.lock().unwrap().clone();
            (found, told)
        };
        let (whole, _) = step(&[rows]);
        let (in_parts, told) = step(&[&rows[..2], &rows[2..3], &rows[3..]]);
        assert!((whole.loss - in_parts.loss).abs() < 1e-6, "{} {}", whole.loss, in_parts.loss);
        assert_eq!(whole.correct, in_parts.correct);
        for (a, b) in whole.norms.each().iter().zip(in_parts.norms.each()) {
            let (a, b) = (a.unwrap(), b.unwrap());
            assert!((a - b).abs() <= 1e-4 * a + 1e-7, "{a} {b}");
        }
        let rows: Vec<f64> = told.iter().map(|within| within.rows).collect();
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]) && rows.len() == 6 && rows[5] == 9.0, "{rows:?}");
        assert!((told[5].loss.unwrap() - in_parts.loss).abs() < 1e-6, "the running loss ends as that of the step");
    }
}

/// Stops when it is asked for the n-th time after the second step.
struct StopWithin {
    steps: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
    at: usize,
}

impl StopWithin {
    fn ask(steps: &AtomicUsize, asked: &AtomicUsize, at: usize) -> bool {
        steps.load(Ordering::Relaxed) >= 2 && asked.fetch_add(1, Ordering::Relaxed) + 1 >= at
    }
}

impl RunObserver for StopWithin {
    fn emit(&self, event: RunEvent) {
        if matches!(event, RunEvent::Step(_)) {
            self.steps.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn stop_requested(&self) -> bool {
        Self::ask(&self.steps, &self.asked, self.at)
    }

    fn interrupt(&self) -> Interrupt {
        let (steps, asked, at) = (Arc::clone(&self.steps), Arc::clone(&self.asked), self.at);
        Interrupt::new(move || Self::ask(&steps, &asked, at))
    }
}

#[test]
fn a_step_that_is_stopped_leaves_the_weights_of_the_step_before() {
    let bed = Bed::tiny();
    let training = TrainingConfig {
        batch_size: 2,
        accumulation_steps: 2,
        weight_decay: 0.1,
        learning_rate: Some(1e-3),
        ..TrainingConfig::default()
    };
    let config = RunConfig { freeze: Freeze::Full, training, ..RunConfig::default() };
    let stopped_at = |at: usize| {
        let mut classifier = bed.classifier(&config);
        let observer = StopWithin { steps: Arc::default(), asked: Arc::default(), at };
        let folder = Folder::new();
        let with = With { checkpoints: Some(&folder), ..With::default() };
        let trained = bed.train(&mut classifier, &config, &observer, with);
        assert!(trained.outcome == RunOutcome::Stopped && trained.is_usable);
        let position = folder.newest().unwrap().unwrap().position;
        assert_eq!(position.step, observer.steps.load(Ordering::Relaxed), "the checkpoint is of the last whole step");
        assert!(!classifier.interrupt().ends(), "what the classifier does afterwards is not stopped");
        let names = classifier.tree().parameters.iter().map(|parameter| &parameter.name);
        let weights: Vec<Vec<f32>> = names.map(|name| classifier.values(name).unwrap()).collect();
        (position.step, weights)
    };
    let (_, before) = stopped_at(1);
    let mut places = 1;
    loop {
        let (step, weights) = stopped_at(places + 1);
        if step > 2 {
            break;
        }
        assert!(weights == before, "stopped when asked for the {}th time", places + 1);
        places += 1;
    }
    // Between two batches, and forward and backward before each of the layers.
    let layers = bed.pretrained.facts.layers;
    assert!(places >= 2 * (1 + 2 * layers), "{places} places");
}

/// Never asks to stop between batches.
struct Between(Interrupt);

impl RunObserver for Between {
    fn emit(&self, _: RunEvent) {}

    fn stop_requested(&self) -> bool {
        false
    }

    fn interrupt(&self) -> Interrupt {
        self.0.clone()
    }
}

impl SweepObserver for Between {
    fn measured(&self, _: RatePoint) {}

    fn stop_requested(&self) -> bool {
        false
    }

    fn interrupt(&self) -> Interrupt {
        self.0.clone()
    }
}

#[test]
fn all_that_computes_ends_between_two_layers() {
    let bed = Bed::tiny();
    let rows = &bed.dataset.splits.train;
    for freeze in [Freeze::Full, Freeze::Preset1] {
        let config = RunConfig { freeze, ..RunConfig::default() };
        let ended = || Between(Interrupt::new(|| true));
        let classifier = bed.classifier(&config);
        let cache = PrefixCache::new(ROOMY);
        let prefix = cache.for_run(&classifier, &PrefixCacheConfig::default());
        let measured =
            Measured { tokens: &bed.tokens, labels: &bed.dataset.labels, rows: rows.as_slice(), loss: &Loss::PLAIN };
        let found = evaluate(&classifier, &prefix, measured, &ended(), Task::Test).unwrap();
        assert!(found.stopped && found.predictions.is_empty());
        assert!(
            classifier.logits(&Batch::from_ids(&[vec![1, 2]]), Pass::EVALUATE).is_ok(),
            "the next answer is not ended"
        );

        let factors = vec![1.0; classifier.trainable().len()];
        assert!(sweep(classifier, &bed.dataset, &bed.tokens, &config, &factors, &ended()).unwrap().is_none());
        let interrupt = ended().0;
        assert!(calibrate(&bed.pretrained, &bed.tokens, rows, &config, ROOMY, &interrupt).is_err());
        assert!(interrupt.has_ended());
    }
}

/// An interrupt that makes every layer as slow as one of a large model, which is when its progress is told.
fn slow() -> Interrupt {
    Interrupt::new(|| {
        let began = Instant::now();
        while began.elapsed() < Duration::from_millis(110) {
            std::hint::spin_loop();
        }
        false
    })
}

/// Collects the rows that an evaluation tells of.
struct Rows(Arc<Mutex<Vec<usize>>>);

impl RunObserver for Rows {
    fn emit(&self, _: RunEvent) {}

    fn stop_requested(&self) -> bool {
        false
    }

    fn interrupt(&self) -> Interrupt {
        slow()
    }

    fn teller(&self) -> Teller {
        let rows = Arc::clone(&self.0);
        Arc::new(move |notice| {
            if let RunNotice::Progress(progress) = notice {
                rows.lock().unwrap().push(progress.done);
            }
        })
    }
}

#[test]
fn a_slow_batch_is_told_of_between_its_layers() {
    let bed = Bed::tiny();
    let layers = bed.pretrained.facts.layers;
    let rows = &bed.dataset.splits.train[..8];
    for freeze in [Freeze::Full, Freeze::Preset1] {
        let config = RunConfig { freeze, ..RunConfig::default() };
        let mut classifier = bed.classifier(&config);
        classifier.set_interrupt(slow());
        let cache = PrefixCache::new(ROOMY);
        let prefix = cache.for_run(&classifier, &PrefixCacheConfig::default());
        let told: Arc<Mutex<Vec<f64>>> = Arc::default();
        let to = Arc::clone(&told);
        let progress = move |within: Within| to.lock().unwrap().push(within.rows);
        let mut optimiser = AdamW::new(&classifier, 0.0);
        let loss = &Loss::PLAIN;
        let mut learner = Learner { classifier: &classifier, optimiser: &mut optimiser, loss, prefix: &prefix };
        let plan = StepPlan { rows: 8, mass: 8.0, learning_rate: 1e-4, clip_norm: 0.0, dropout_key: 3 };
        let batch = Batch::pack(&bed.tokens, &bed.dataset.labels, rows);
        learner.step(std::iter::once(batch), &plan, &progress).unwrap().unwrap();
        let told = std::mem::take(&mut *told.lock().unwrap());
        let passes = if classifier.boundary() == 0 { 2 } else { 1 };
        let is_in_order = told.windows(2).all(|pair| pair[0] <= pair[1]) && told.last() == Some(&8.0);
        assert!(is_in_order && told.len() >= passes * (layers - 1) + 2, "{told:?}");

        let cache = PrefixCache::new(ROOMY);
        let prefix = cache.for_run(&classifier, &PrefixCacheConfig::default());
        let seen = Rows(Arc::default());
        let measured = Measured { tokens: &bed.tokens, labels: &bed.dataset.labels, rows, loss };
        evaluate(&classifier, &prefix, measured, &seen, Task::Validate).unwrap();
        let done = seen.0.lock().unwrap();
        assert!(done.is_sorted() && done.len() >= layers - 1 && done[0] > 0, "{done:?} of 8 rows");
    }
}
