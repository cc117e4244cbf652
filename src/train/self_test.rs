//! The self-test of `thaw doctor` from its first check to its last measurement: the checks of [`crate::model::self_test`],
//! then what this machine gives at most, and which share of it products and a training reach.

use std::time::{Duration, Instant};

use crate::data::batch::Batch;
use crate::domain::config::{PrefixCacheConfig, RunConfig};
use crate::domain::doctor::{Check, ProductSpeed, SelfTest, SelfTestObserver, SelfTestStep, Speeds, TrainingSpeed};
use crate::domain::params::ModelFacts;
use crate::domain::problem::Outcome;
use crate::model::classifier::Classifier;
use crate::model::pretrained::PretrainedModel;
use crate::model::self_test::{
    ListedKernel, PARTS, Subject, against_candle_transformers, against_composed, against_finite_differences,
    all_kernels, check_kernel, logits_against_composed, peak_gflop_per_sec, same_bits_on_all_threads, speed_of_kernel,
};

use super::adamw::AdamW;
use super::loss::Loss;
use super::prefix::PrefixCache;
use super::step::{Learner, StepPlan};
use super::trainer::dropout_config;

/// The batch of the timed training: as many rows as a training takes by default, of the length of a short review.
const ROWS: usize = 16;
const TOKENS_PER_ROW: usize = 64;
/// Steps are taken for so long, and the quickest counts. On a slow processor a batch has fewer rows, so that a step takes
/// about so many seconds.
const TIMED: Duration = Duration::from_millis(1500);
const STEP_SECS: f64 = 0.5;

type MakeCheck<'a> = Box<dyn Fn() -> Outcome<Check> + 'a>;

/// Makes every check and measurement on the threads of the current pool. `told` hears of each as it is done; where it
/// wants to stop, what was found until then is returned.
///
/// # Errors
/// `internal-error` where the model's operations fail; those of reading the bundled model.
pub fn self_test(observer: &dyn SelfTestObserver) -> Outcome<SelfTest> {
    let began = Instant::now();
    let kernels = all_kernels();
    let subject = Subject::bundled()?;
    let checks = checks(&kernels, &subject);
    let chosen: Vec<&ListedKernel> = kernels.iter().filter(|kernel| kernel.chosen).collect();
    // The peak and the training are measured beside the products.
    let total = checks.len() + chosen.len() + 2;
    let mut test = SelfTest { stopped: true, ..SelfTest::default() };
    let mut done = 0;
    let mut tell = |check: Option<Check>| {
        done += 1;
        observer.told(SelfTestStep { check, done, total });
    };
    let ended = |mut test: SelfTest| {
        test.passed = !test.stopped && test.failed().next().is_none();
        test.secs = began.elapsed().as_secs_f64();
        test
    };
    for make in checks {
        if observer.stop_requested() {
            return Ok(ended(test));
        }
        let check = make()?;
        test.checks.push(check.clone());
        tell(Some(check));
    }
    if observer.stop_requested() {
        return Ok(ended(test));
    }
    let peak = peak_gflop_per_sec();
    test.speeds = Speeds { threads: rayon::current_num_threads(), peak_gflop_per_sec: peak, ..Speeds::default() };
    tell(None);
    for kernel in chosen {
        if observer.stop_requested() {
            return Ok(ended(test));
        }
        let gflop_per_sec = speed_of_kernel(kernel);
        let (precision, kernel) = (kernel.precision, kernel.name.to_owned());
        let share_of_peak = gflop_per_sec / peak;
        test.speeds.products.push(ProductSpeed { precision, kernel, gflop_per_sec, share_of_peak });
        tell(None);
    }
    let reached = test.speeds.products.first().map_or(peak, |of_f32| of_f32.gflop_per_sec);
    test.speeds.training = training(subject.pretrained(), reached, peak, observer)?;
    test.stopped = test.speeds.training.is_none();
    if !test.stopped {
        tell(None);
    }
    Ok(ended(test))
}

fn checks<'a>(kernels: &'a [ListedKernel], subject: &'a Subject) -> Vec<MakeCheck<'a>> {
    let runs = kernels.iter().filter(|kernel| kernel.runs);
    let mut checks: Vec<MakeCheck<'a>> =
        runs.map(|kernel| -> MakeCheck<'a> { Box::new(|| Ok(check_kernel(kernel))) }).collect();
    checks.push(Box::new(same_bits_on_all_threads));
    checks.push(Box::new(|| against_candle_transformers(subject)));
    checks.push(Box::new(|| logits_against_composed(subject)));
    checks.push(Box::new(|| against_composed(subject)));
    checks.extend(PARTS.map(|part| -> MakeCheck<'a> { Box::new(move || against_finite_differences(subject, part)) }));
    checks
}

/// Fine-tunes all of the bundled model for a while; `None` where it was stopped. The products of f32 have `reached` so
/// many GFLOP/s.
///
/// # Errors
/// `internal-error` where a step fails.
fn training(
    pretrained: &PretrainedModel,
    reached: f64,
    peak: f64,
    observer: &dyn SelfTestObserver,
) -> Outcome<Option<TrainingSpeed>> {
    let facts = &pretrained.facts;
    let rows = ((STEP_SECS * reached * 1e9 / step_flop(facts, 1)) as usize).clamp(1, ROWS);
    let labels = ["0", "1"].map(String::from);
    let trainable = vec![true; pretrained.tree(&labels).parameters.len()];
    let dropout = dropout_config(pretrained, &RunConfig::default());
    let classifier = Classifier::new(pretrained, &labels, &trainable, dropout, 1)?;
    let mut optimiser = AdamW::new(&classifier, 0.01);
    let cache = PrefixCache::off();
    let prefix = cache.for_run(&classifier, &PrefixCacheConfig::default());
    let mut learner =
        Learner { classifier: &classifier, optimiser: &mut optimiser, loss: &Loss::PLAIN, prefix: &prefix };
    let (began, mut quickest, mut steps) = (Instant::now(), f64::INFINITY, 0);
    while steps == 0 || began.elapsed() < TIMED {
        if observer.stop_requested() {
            return Ok(None);
        }
        let batch = batch(facts.vocabulary, rows, steps);
        let (mass, dropout_key) = (rows as f64, steps as u64);
        let plan = StepPlan { rows, mass, learning_rate: 2e-5, clip_norm: 1.0, dropout_key };
        let step = Instant::now();
        learner.step(std::iter::once(batch), &plan, &|_| ())?;
        quickest = quickest.min(step.elapsed().as_secs_f64());
        steps += 1;
    }
    let gflop_per_sec = step_flop(facts, rows) / quickest / 1e9;
    Ok(Some(TrainingSpeed {
        rows_per_sec: rows as f64 / quickest,
        tokens_per_row: TOKENS_PER_ROW,
        gflop_per_sec,
        share_of_peak: gflop_per_sec / peak,
    }))
}

/// Rows of tokens that look random, which are words for the timing's sake only.
fn batch(vocabulary: usize, rows: usize, step: usize) -> Batch {
    let id = |row: usize, place: usize| {
        let at = ((step * ROWS + row) * TOKENS_PER_ROW + place) as u32;
        (at.wrapping_mul(0x9e37_79b1) >> 8) % vocabulary as u32
    };
    let ids: Vec<Vec<u32>> = (0..rows).map(|row| (0..TOKENS_PER_ROW).map(|place| id(row, place)).collect()).collect();
    let mut batch = Batch::from_ids(&ids);
    batch.labels = (0..rows as u32).map(|row| row % 2).collect();
    batch
}

/// Multiplications and additions of the products of one step, forward and twice as many backward. Of the last layer only
/// the keys and values of all tokens are computed; the rest of it is for one token of each row.
fn step_flop(facts: &ModelFacts, rows: usize) -> f64 {
    let (hidden, inner, tokens) = (facts.hidden_size as f64, facts.intermediate_size as f64, TOKENS_PER_ROW as f64);
    let (all, rows) = (rows as f64 * tokens, rows as f64);
    let keys_and_values = 2.0 * hidden * hidden;
    let rest = 2.0 * hidden * hidden + 2.0 * hidden * inner + 2.0 * tokens * hidden;
    let layers = facts.layers.saturating_sub(1) as f64;
    let forward = layers * all * (keys_and_values + rest) + all * keys_and_values + rows * rest;
    3.0 * 2.0 * forward
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::domain::doctor::CheckKind;

    #[derive(Default)]
    struct Hears {
        steps: Mutex<Vec<SelfTestStep>>,
        /// It wants to stop after so many.
        most: usize,
    }

    impl SelfTestObserver for Hears {
        fn told(&self, step: SelfTestStep) {
            self.steps.lock().unwrap().push(step);
        }

        fn stop_requested(&self) -> bool {
            self.steps.lock().unwrap().len() >= self.most
        }
    }

    #[test]
    fn every_check_passes_far_below_its_limit_and_a_stop_keeps_what_was_found() {
        // The measurements are left out, because they say nothing beside other tests.
        let count = checks(&all_kernels(), &Subject::bundled().unwrap()).len();
        let hears = Hears { most: count, ..Hears::default() };
        let test = self_test(&hears).unwrap();
        assert!(test.stopped && !test.passed && test.speeds.training.is_none());
        let steps = hears.steps.into_inner().unwrap();
        assert_eq!((test.checks.len(), steps.len(), steps[count - 1].done), (count, count, count));
        assert!(steps.iter().all(|step| step.total > count));
        for check in &test.checks {
            assert!(check.passed && check.error <= check.limit / 2.0, "{check:?}");
        }
        for kind in [CheckKind::Kernel, CheckKind::Threads, CheckKind::CandleTransformers, CheckKind::FiniteDifferences]
        {
            assert!(test.checks.iter().any(|check| check.kind == kind), "{kind:?}");
        }
    }

    #[test]
    fn the_work_of_a_step_is_that_of_its_layers() {
        let facts = ModelFacts { layers: 2, hidden_size: 10, intermediate_size: 40, ..ModelFacts::default() };
        let of_layer = |tokens: f64| tokens * (4.0 * 100.0 + 2.0 * 400.0 + 2.0 * 64.0 * 10.0);
        let (all, rows) = (1024.0, 16.0);
        let last = all * 200.0 + of_layer(rows) - rows * 200.0;
        assert_eq!(step_flop(&facts, 16), 6.0 * (of_layer(all) + last));
    }
}
