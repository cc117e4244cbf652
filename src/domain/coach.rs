//! The coach knows some signs in a run's numbers. It shows each with its evidence and the place where it is seen, and says
//! nothing where it sees none.

use serde::{Deserialize, Serialize};

use super::config::RunConfig;
use super::history::History;
use super::message::{RunOutcome, Step};
use super::metrics::wilson_interval;
use super::problem::Problem;
use super::steps::UNSETTLED_STEPS;

/// What the rules need to know of a run beyond its numbers. It is found when the run begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Share of the training texts that are cut at the maximum length, counted on a few hundred of them.
    pub cut_share: f64,
    /// Whether only the head trains, on a pooler whose bias is exactly 0. Such a pooler was never trained.
    pub frozen_untrained_pooler: bool,
}

/// One sign, as a sentence with the evidence in its blanks, and the place where it is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    pub sentence: Problem,
    pub place: AdvicePlace,
}

/// The place where a sign is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdvicePlace {
    Loss,
    Matrix,
    LearningRate,
    /// The data panel with its text lengths and classes.
    Data,
    /// The freeze panel.
    Freeze,
}

/// The thresholds of the signs. They were chosen on recorded runs (`tests/reference/coach`) so that healthy runs show no
/// sign.
mod from {
    /// What was learned is judged only after so many optimiser steps.
    pub const STEPS: usize = 20;
    /// What was learned is judged only after this share of the run's steps.
    pub const PROGRESS: f64 = 0.5;
    /// A loss that is so many times what guessing costs has exploded.
    pub const EXPLODED: f64 = 2.0;
    /// From this share of rows on, the model predicts one class alone.
    pub const ONE_CLASS: f64 = 0.99;
    /// A loss within this share of ln(classes) is stuck there.
    pub const STUCK: f64 = 0.03;
    /// A difference of so many standard errors is no accident.
    pub const ERRORS: f64 = 2.0;
    /// The validation loss has risen when it is above its lowest value by this share.
    pub const RISE: f64 = 0.03;
    /// From this share of cut texts on, something may be missing.
    pub const CUT: f64 = 0.5;
    /// A learning rate of so many times the suggested one may be too high.
    pub const HIGH_RATE: f64 = 5.0;
    /// A learning rate of this share of the suggested one may be too low.
    pub const LOW_RATE: f64 = 0.2;
    /// Next to nothing was learned when the training loss fell by no more than this share.
    pub const FALL: f64 = 0.1;
    /// A frozen pooler that was never trained leaves at least this share of ln(classes) as loss.
    pub const POOLER_LOSS: f64 = 0.8;
    /// Classes are unbalanced when the largest has so many times the rows of the smallest.
    pub const UNBALANCED: f64 = 4.0;
    /// Classes are compared only on so many validation rows.
    pub const ROWS: u64 = 40;
}

/// A rule tells its sign where it sees it.
type Rule = fn(&Seen<'_>) -> Option<Problem>;

/// All signs of a run as far as it has come. Causes come before their effects.
pub fn advise(history: &History, config: &RunConfig) -> Vec<Advice> {
    let Some(run) = Seen::of(history, config) else { return Vec::new() };
    let rules: [(Rule, AdvicePlace); 8] = [
        (rate_too_high, AdvicePlace::LearningRate),
        (rate_too_low, AdvicePlace::LearningRate),
        (untrained_pooler, AdvicePlace::Freeze),
        (one_class, AdvicePlace::Matrix),
        (stuck, AdvicePlace::Loss),
        (overfitting, AdvicePlace::Loss),
        (cut_texts, AdvicePlace::Data),
        (unbalanced, AdvicePlace::Matrix),
    ];
    rules.into_iter().filter_map(|(rule, place)| Some(Advice { sentence: rule(&run)?, place })).collect()
}

/// A run with the figures that several rules look at.
struct Seen<'a> {
    history: &'a History,
    config: &'a RunConfig,
    labels: &'a [String],
    /// The loss of guessing, which is ln(classes).
    guessing: f64,
    /// Whether the run has come far enough to judge what was learned.
    is_under_way: bool,
    /// Mean training loss over the first tenth of the steps so far, and over at least 5.
    first_loss: f64,
    /// The same over the last tenth.
    last_loss: f64,
    /// The first and the last third of the steps so far.
    thirds: [Third; 2],
}

/// What a third of a run's training steps came to.
struct Third {
    /// Rows that were trained on, and those of them that were predicted right.
    rows: f64,
    right: f64,
    loss: f64,
    /// Variance of the mean loss.
    loss_variance: f64,
}

impl Third {
    fn of(steps: &[Step], rows_per_step: usize) -> Self {
        let count = steps.len() as f64;
        let mean = |of: fn(&Step) -> f64| steps.iter().map(of).sum::<f64>() / count.max(1.0);
        let loss = mean(|step| step.loss);
        let squares: f64 = steps.iter().map(|step| (step.loss - loss).powi(2)).sum();
        let rows = count * rows_per_step as f64;
        let loss_variance = squares / (count * (count - 1.0)).max(1.0);
        Self { rows, right: rows * mean(|step| step.accuracy), loss, loss_variance }
    }

    fn accuracy(&self) -> f64 {
        self.right / self.rows.max(1.0)
    }
}

impl<'a> Seen<'a> {
    fn of(history: &'a History, config: &'a RunConfig) -> Option<Self> {
        let started = history.started.as_ref()?;
        let (done, steps) = (history.steps.len(), history.steps.kept());
        let tenth = (steps.len() / 10).max(5).min(steps.len());
        let third = (steps.len() / 3).max(1).min(steps.len());
        let rows = config.training.rows_per_step();
        let mean = |steps: &[Step]| steps.iter().map(|step| step.loss).sum::<f64>() / steps.len().max(1) as f64;
        Some(Self {
            history,
            config,
            labels: &started.labels,
            guessing: (started.labels.len().max(2) as f64).ln(),
            is_under_way: done >= from::STEPS && done as f64 >= from::PROGRESS * started.total_steps as f64,
            first_loss: mean(&steps[..tenth]),
            last_loss: mean(&steps[steps.len() - tenth..]),
            thirds: [Third::of(&steps[..third], rows), Third::of(&steps[steps.len() - third..], rows)],
        })
    }

    /// Whether the test has shown that the classes are told apart. The coach does not contradict that.
    fn has_learned(&self) -> bool {
        self.history.test.as_ref().is_some_and(|test| !test.confusion.is_at_chance())
    }

    /// Whether more training rows are predicted right than before, or the training loss has come down below what guessing
    /// costs, and neither is an accident. A loss hardly moves while a model begins to learn.
    fn is_learning(&self) -> bool {
        let [first, last] = &self.thirds;
        let share = (first.right + last.right) / (first.rows + last.rows).max(1.0);
        let error = (share * (1.0 - share) * (1.0 / first.rows.max(1.0) + 1.0 / last.rows.max(1.0))).sqrt();
        let rises = last.accuracy() - first.accuracy() > from::ERRORS * error;
        let falls = first.loss - last.loss > from::ERRORS * (first.loss_variance + last.loss_variance).sqrt();
        rises || falls && last.loss + from::ERRORS * last.loss_variance.sqrt() < self.guessing
    }

    /// Whether more training rows are predicted right of late than one class alone could explain.
    fn tells_training_rows_apart(&self, majority: f64) -> bool {
        let last = &self.thirds[1];
        wilson_interval(last.right.round() as u64, last.rows as u64).0 > majority
    }

    fn is_stuck(&self) -> bool {
        let is_at_guessing = (self.last_loss / self.guessing - 1.0).abs() < from::STUCK;
        self.is_under_way && !self.has_learned() && is_at_guessing && !self.is_learning()
    }

    /// The class that nearly all rows of the newest validation are predicted as, and their share, if there is such a class.
    fn only_class(&self) -> Option<(usize, f64)> {
        let (_, confusion, _) = self.history.newest_confusion().filter(|_| self.is_under_way && !self.has_learned())?;
        let predicted = confusion.predicted();
        let class = (0..confusion.classes()).max_by_key(|class| predicted[*class])?;
        let share = predicted[class] as f64 / confusion.rows().max(1) as f64;
        // Where all rows are of one class, predicting that class is right.
        let classes = (0..confusion.classes()).filter(|class| confusion.support(*class) > 0).count();
        let is_so = share >= from::ONE_CLASS && classes > 1;
        (is_so && !self.tells_training_rows_apart(confusion.majority_accuracy())).then_some((class, share))
    }

    fn label(&self, class: usize) -> &str {
        self.labels.get(class).map_or("", String::as_str)
    }

    /// How many times the suggested rate the peak learning rate is.
    fn rate_ratio(&self) -> f64 {
        self.config.learning_rate() / self.config.freeze.suggested_learning_rate()
    }
}

fn rates(sentence: Problem, run: &Seen<'_>) -> Problem {
    let suggested = run.config.freeze.suggested_learning_rate();
    sentence.with("rate", format!("{:e}", run.config.learning_rate())).with("suggested", format!("{suggested:e}"))
}

/// The learning rate is too high: the loss is no number any more, or the rate is far above the suggested one and the loss
/// is stuck or has climbed above what guessing costs.
fn rate_too_high(run: &Seen<'_>) -> Option<Problem> {
    let ended = run.history.ended.as_ref().filter(|ended| ended.outcome == RunOutcome::Failed);
    let broke = ended.and_then(|ended| ended.error.as_ref()).is_some_and(|e| e.id.starts_with("train-not-finite"));
    if broke {
        return Some(rates(Problem::new("coach-rate-broke"), run));
    }
    let peak = run.history.steps.peak_loss();
    let learned_nothing = run.is_stuck() || run.only_class().is_some() || peak > run.guessing * 1.2;
    let exploded = run.history.steps.len() > UNSETTLED_STEPS && run.last_loss > from::EXPLODED * run.guessing;
    if run.rate_ratio() < from::HIGH_RATE || !(exploded || run.is_under_way && learned_nothing) {
        return None;
    }
    let sentence = Problem::new("coach-rate-high").with_decimal("loss", run.last_loss, 3).with_decimal("peak", peak, 3);
    Some(rates(sentence, run))
}

/// The learning rate is too low: it is far below the suggested one, and the loss has hardly fallen.
fn rate_too_low(run: &Seen<'_>) -> Option<Problem> {
    let fall = 1.0 - run.last_loss / run.first_loss.max(1e-9);
    if !run.is_under_way || run.rate_ratio() > from::LOW_RATE || fall > from::FALL {
        return None;
    }
    let sentence =
        Problem::new("coach-rate-low").with_decimal("first", run.first_loss, 3).with_decimal("last", run.last_loss, 3);
    Some(rates(sentence, run))
}

/// Only the head trains, on a pooler that was never trained, and little is learned.
fn untrained_pooler(run: &Seen<'_>) -> Option<Problem> {
    let is_so = run.history.facts.is_some_and(|facts| facts.frozen_untrained_pooler);
    if !is_so || !run.is_under_way || run.last_loss < from::POOLER_LOSS * run.guessing {
        return None;
    }
    let (_, confusion, _) = run.history.newest_confusion()?;
    let sentence = Problem::new("coach-untrained-pooler")
        .with_decimal("accuracy", confusion.accuracy(), 3)
        .with_decimal("majority", confusion.majority_accuracy(), 3);
    Some(sentence.with_decimal("loss", run.last_loss, 3).with_decimal("guessing", run.guessing, 3))
}

/// The model predicts one class alone.
fn one_class(run: &Seen<'_>) -> Option<Problem> {
    let (class, share) = run.only_class()?;
    Some(Problem::new("coach-one-class").with("label", run.label(class)).with_percent("share", share))
}

/// The loss stays where guessing leaves it.
fn stuck(run: &Seen<'_>) -> Option<Problem> {
    let sentence =
        Problem::new("coach-stuck").with_decimal("loss", run.last_loss, 3).with_decimal("guessing", run.guessing, 3);
    run.is_stuck().then(|| sentence.with_count("classes", run.labels.len()))
}

/// The validation loss has risen since its best epoch, while the training loss went on falling.
fn overfitting(run: &Seen<'_>) -> Option<Problem> {
    let epochs = &run.history.epochs;
    let last = epochs.last()?;
    let best = epochs.iter().min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss))?;
    let rose = last.validation_loss > best.validation_loss * (1.0 + from::RISE);
    if !rose || last.train_loss >= best.train_loss {
        return None;
    }
    let sentence = Problem::new("coach-overfitting")
        .with_count("epoch", best.epoch)
        .with_decimal("best", best.validation_loss, 3)
        .with_decimal("validation", last.validation_loss, 3);
    Some(sentence.with_decimal("train", last.train_loss, 3).with_decimal("before", best.train_loss, 3))
}

/// Many texts are longer than what the model reads of them.
fn cut_texts(run: &Seen<'_>) -> Option<Problem> {
    let share = run.history.facts?.cut_share;
    let sentence = Problem::new("coach-cut").with_count("length", run.config.training.max_length);
    (share > from::CUT).then(|| sentence.with_percent("share", share))
}

/// One class has many times the rows of another, so that accuracy says little.
fn unbalanced(run: &Seen<'_>) -> Option<Problem> {
    let (_, confusion, _) = run.history.newest_confusion()?;
    let rows: Vec<u64> = (0..confusion.classes()).map(|class| confusion.support(class)).collect();
    let (largest, most) = rows.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let (smallest, fewest) = rows.iter().enumerate().min_by_key(|(_, count)| **count)?;
    if confusion.rows() < from::ROWS || (*most as f64) < from::UNBALANCED * (*fewest).max(1) as f64 {
        return None;
    }
    let share = |count: u64| count as f64 / confusion.rows() as f64;
    let sentence = Problem::new("coach-unbalanced")
        .with("largest", run.label(largest))
        .with("smallest", run.label(smallest))
        .with_decimal("majority", confusion.majority_accuracy(), 3);
    Some(sentence.with_percent("most", share(*most)).with_percent("fewest", share(*fewest)))
}

#[cfg(test)]
mod tests;
