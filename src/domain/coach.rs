//! The coach: known signs in a run's numbers, each with its evidence and the place where it is seen. No sign, no advice.

use serde::{Deserialize, Serialize};

use super::config::RunConfig;
use super::history::History;
use super::message::RunOutcome;
use super::metrics::Confusion;
use super::problem::Problem;

/// What the rules want to know of a run beyond its numbers; found when it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunFacts {
    /// Share of the training texts (of a few hundred of them) that fill all tokens which are read.
    pub cut_share: f64,
    /// Whether only the head trains, on a pooler whose bias is exactly 0, as of one that was never trained.
    pub frozen_untrained_pooler: bool,
}

/// One sign: its sentence with the evidence in its blanks, and where it is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    pub sentence: Problem,
    pub place: AdvicePlace,
}

/// Where a sign is seen.
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

/// From where on a sign is one. Chosen on recorded runs (`tests/reference/coach`), such that healthy ones show none.
mod from {
    /// Optimiser steps before which nothing is said of what was learned.
    pub const STEPS: usize = 20;
    /// Share of the run's steps done, likewise.
    pub const PROGRESS: f64 = 0.5;
    /// Steps after which a loss that has exploded is one, and times what guessing costs.
    pub const EXPLODED_STEPS: usize = 5;
    pub const EXPLODED: f64 = 2.0;
    /// Share of the rows predicted as one class.
    pub const ONE_CLASS: f64 = 0.99;
    /// Share of ln(classes) within which the loss is stuck.
    pub const STUCK: f64 = 0.03;
    /// Validation loss above its lowest.
    pub const RISE: f64 = 0.03;
    /// Share of texts cut.
    pub const CUT: f64 = 0.5;
    /// Times the suggested learning rate, and its share.
    pub const HIGH_RATE: f64 = 5.0;
    pub const LOW_RATE: f64 = 0.2;
    /// Share by which the training loss has fallen, below which next to nothing was learned.
    pub const FALL: f64 = 0.1;
    /// Share of ln(classes) that a frozen untrained pooler leaves of the loss.
    pub const POOLER_LOSS: f64 = 0.8;
    /// Rows of the largest class for each of the smallest.
    pub const UNBALANCED: f64 = 4.0;
    /// Validation rows below which classes are not compared.
    pub const ROWS: u64 = 40;
}

/// All signs of a run as far as it has come, causes before effects.
pub fn advise(history: &History, config: &RunConfig) -> Vec<Advice> {
    let Some(run) = Seen::of(history, config) else { return Vec::new() };
    let rules: [fn(&Seen<'_>) -> Option<Advice>; 7] =
        [rate_too_high, rate_too_low, untrained_pooler, one_class, stuck, overfitting, cut_texts];
    let mut all: Vec<Advice> = rules.iter().filter_map(|rule| rule(&run)).collect();
    all.extend(unbalanced(&run));
    all
}

/// A run with what several rules look at.
struct Seen<'a> {
    history: &'a History,
    config: &'a RunConfig,
    /// ln(classes): what guessing costs.
    guessing: f64,
    /// Whether enough was done to judge what was learned.
    is_under_way: bool,
    /// Mean training loss over the first and over the last tenth of the steps so far (at least 5).
    first_loss: f64,
    last_loss: f64,
}

impl<'a> Seen<'a> {
    fn of(history: &'a History, config: &'a RunConfig) -> Option<Self> {
        let started = history.started.as_ref()?;
        let steps = &history.steps;
        let few = (steps.len() / 10).max(5).min(steps.len());
        let mean = |steps: &[super::message::Step]| {
            steps.iter().map(|step| step.loss).sum::<f64>() / steps.len().max(1) as f64
        };
        Some(Self {
            history,
            config,
            guessing: (started.labels.len().max(2) as f64).ln(),
            is_under_way: steps.len() >= from::STEPS
                && steps.len() as f64 >= from::PROGRESS * started.total_steps as f64,
            first_loss: mean(&steps[..few]),
            last_loss: mean(&steps[steps.len() - few..]),
        })
    }

    fn is_stuck(&self) -> bool {
        self.is_under_way && (self.last_loss / self.guessing - 1.0).abs() < from::STUCK
    }

    /// The class that all newest validation rows are taken for, with the share, where there is one.
    fn only_class(&self) -> Option<(usize, f64)> {
        let (_, confusion) = self.history.newest_confusion().filter(|_| self.is_under_way)?;
        let columns = columns(confusion);
        let rows = confusion.rows().max(1) as f64;
        let (class, most) = columns.into_iter().enumerate().max_by_key(|(_, count)| *count)?;
        let share = most as f64 / rows;
        // Of rows of one class there is nothing else to say.
        let classes = confusion.0.iter().filter(|row| row.iter().sum::<u64>() > 0).count();
        (share >= from::ONE_CLASS && classes > 1).then_some((class, share))
    }

    fn label(&self, class: usize) -> String {
        self.history.started.as_ref().and_then(|started| started.labels.get(class)).cloned().unwrap_or_default()
    }

    /// The peak learning rate as times of the one suggested for the freezing.
    fn rate_ratio(&self) -> f64 {
        self.config.learning_rate() / self.config.freeze.suggested_learning_rate()
    }
}

fn columns(confusion: &Confusion) -> Vec<u64> {
    (0..confusion.0.len()).map(|column| confusion.0.iter().map(|row| row[column]).sum()).collect()
}

fn advice(sentence: Problem, place: AdvicePlace) -> Option<Advice> {
    Some(Advice { sentence, place })
}

fn figure(x: f64) -> String {
    format!("{x:.3}")
}

fn percent(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

fn rates(sentence: Problem, run: &Seen<'_>) -> Problem {
    let suggested = run.config.freeze.suggested_learning_rate();
    sentence.with("rate", format!("{:e}", run.config.learning_rate())).with("suggested", format!("{suggested:e}"))
}

/// The loss is no number any more; or the rate is far above the suggested one, and the loss is stuck or has climbed above
/// what guessing costs.
fn rate_too_high(run: &Seen<'_>) -> Option<Advice> {
    let ended = run.history.ended.as_ref().filter(|ended| ended.outcome == RunOutcome::Failed);
    let broke = ended.and_then(|ended| ended.error.as_ref()).is_some_and(|e| e.id.starts_with("train-not-finite"));
    if broke {
        return advice(rates(Problem::new("coach-rate-broke"), run), AdvicePlace::LearningRate);
    }
    let peak = run.history.running.iter().skip(from::EXPLODED_STEPS).map(|(loss, _)| *loss).fold(0.0, f64::max);
    let learned_nothing = run.is_stuck() || run.only_class().is_some() || peak > run.guessing * 1.2;
    let exploded = run.history.steps.len() > from::EXPLODED_STEPS && run.last_loss > from::EXPLODED * run.guessing;
    if run.rate_ratio() < from::HIGH_RATE || !(exploded || run.is_under_way && learned_nothing) {
        return None;
    }
    let sentence = Problem::new("coach-rate-high").with("loss", figure(run.last_loss)).with("peak", figure(peak));
    advice(rates(sentence, run), AdvicePlace::LearningRate)
}

/// The rate is far below the suggested one, and the loss has hardly fallen.
fn rate_too_low(run: &Seen<'_>) -> Option<Advice> {
    let fall = 1.0 - run.last_loss / run.first_loss.max(1e-9);
    if !run.is_under_way || run.rate_ratio() > from::LOW_RATE || fall > from::FALL {
        return None;
    }
    let sentence =
        Problem::new("coach-rate-low").with("first", figure(run.first_loss)).with("last", figure(run.last_loss));
    advice(rates(sentence, run), AdvicePlace::LearningRate)
}

/// Only the head trains on a pooler that was never trained, and little is learned.
fn untrained_pooler(run: &Seen<'_>) -> Option<Advice> {
    let is_so = run.history.facts.is_some_and(|facts| facts.frozen_untrained_pooler);
    if !is_so || !run.is_under_way || run.last_loss < from::POOLER_LOSS * run.guessing {
        return None;
    }
    let (_, confusion) = run.history.newest_confusion()?;
    let sentence = Problem::new("coach-untrained-pooler")
        .with("accuracy", figure(confusion.accuracy()))
        .with("majority", figure(confusion.majority_accuracy()))
        .with("loss", figure(run.last_loss))
        .with("guessing", figure(run.guessing));
    advice(sentence, AdvicePlace::Freeze)
}

fn one_class(run: &Seen<'_>) -> Option<Advice> {
    let (class, share) = run.only_class()?;
    let sentence = Problem::new("coach-one-class").with("label", run.label(class)).with("share", percent(share));
    advice(sentence, AdvicePlace::Matrix)
}

fn stuck(run: &Seen<'_>) -> Option<Advice> {
    if !run.is_stuck() {
        return None;
    }
    let classes = run.history.started.as_ref().map_or(2, |started| started.labels.len());
    let sentence = Problem::new("coach-stuck")
        .with("loss", figure(run.last_loss))
        .with("guessing", figure(run.guessing))
        .with("classes", classes);
    advice(sentence, AdvicePlace::Loss)
}

/// Validation loss has risen since its best epoch, while training loss went on falling.
fn overfitting(run: &Seen<'_>) -> Option<Advice> {
    let epochs = &run.history.epochs;
    let last = epochs.last()?;
    let best = epochs.iter().min_by(|a, b| a.validation_loss.total_cmp(&b.validation_loss))?;
    let rose = last.validation_loss > best.validation_loss * (1.0 + from::RISE);
    if !rose || last.train_loss >= best.train_loss {
        return None;
    }
    let sentence = Problem::new("coach-overfitting")
        .with("epoch", best.epoch)
        .with("best", figure(best.validation_loss))
        .with("validation", figure(last.validation_loss))
        .with("train", figure(last.train_loss))
        .with("before", figure(best.train_loss));
    advice(sentence, AdvicePlace::Loss)
}

fn cut_texts(run: &Seen<'_>) -> Option<Advice> {
    let share = run.history.facts?.cut_share;
    if share <= from::CUT {
        return None;
    }
    let sentence =
        Problem::new("coach-cut").with("share", percent(share)).with("length", run.config.training.max_length);
    advice(sentence, AdvicePlace::Data)
}

fn unbalanced(run: &Seen<'_>) -> Option<Advice> {
    let (_, confusion) = run.history.newest_confusion()?;
    let rows: Vec<u64> = confusion.0.iter().map(|row| row.iter().sum()).collect();
    let (largest, most) = rows.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let (smallest, fewest) = rows.iter().enumerate().min_by_key(|(_, count)| **count)?;
    if confusion.rows() < from::ROWS || (*most as f64) < from::UNBALANCED * (*fewest).max(1) as f64 {
        return None;
    }
    let sentence = Problem::new("coach-unbalanced")
        .with("largest", run.label(largest))
        .with("most", percent(*most as f64 / confusion.rows() as f64))
        .with("smallest", run.label(smallest))
        .with("fewest", percent(*fewest as f64 / confusion.rows() as f64))
        .with("majority", figure(confusion.majority_accuracy()));
    advice(sentence, AdvicePlace::Matrix)
}

#[cfg(test)]
mod tests;
