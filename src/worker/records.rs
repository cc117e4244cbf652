//! What a run's folder says of it from the start, its settings and its rows, and whether both are still true.

use std::path::PathBuf;

use crate::data::tokens::TokenStore;
use crate::domain::coach::RunFacts;
use crate::domain::config::{DataSource, ModelSource, RunConfig};
use crate::domain::params::Part;
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::runs::{DataFacts, Interrupted, RunSettings, SplitFiles, SplitRows, now, portable};

use super::session::OpenData;

/// Refuses to resume a run with other rows than it began with.
///
/// # Errors
/// `resume-data-changed`.
pub fn check_same_data(run: &Interrupted, data: &OpenData) -> Outcome<()> {
    if fingerprint(data) != run.settings.data.content_hash || splits(data) != run.splits {
        return Err(Problem::new("resume-data-changed").with("file", &run.settings.data.name));
    }
    Ok(())
}

/// The data file's fingerprint as folders have it.
pub fn fingerprint(data: &OpenData) -> String {
    format!("{:016x}", data.dataset.summary.content_hash)
}

/// Everything that decides the run.
pub fn settings(config: &RunConfig, data: &OpenData, classifier: &Classifier, facts: RunFacts) -> RunSettings {
    let (tree, summary) = (classifier.tree(), &data.dataset.summary);
    let names = tree.parameters.iter().zip(classifier.trainable()).filter(|(_, on)| **on).map(|(p, _)| p.name.clone());
    RunSettings {
        thaw: env!("CARGO_PKG_VERSION").to_owned(),
        started: now(),
        config: anchored(config),
        learning_rate: config.learning_rate(),
        labels: classifier.label_names().to_vec(),
        model: tree.facts.clone(),
        data: DataFacts {
            name: summary.name.clone(),
            rows: summary.rows,
            skipped_rows: summary.skipped.count,
            encoding: summary.encoding.clone(),
            delimiter: summary.delimiter,
            text_column: summary.columns[summary.text_column].clone(),
            label_column: summary.columns[summary.label_column].clone(),
            content_hash: fingerprint(data),
        },
        trainable: names.collect(),
        facts: Some(facts),
    }
}

/// What the coach wants to know. `trainable` marks every parameter that some stage trains.
pub fn facts(data: &OpenData, tokens: &TokenStore, classifier: &Classifier, trainable: &[bool]) -> RunFacts {
    const SAMPLE: usize = 256;
    let train = &data.dataset.splits.train;
    let sample = train.iter().step_by(train.len().div_ceil(SAMPLE).max(1));
    let (mut cut, mut rows) = (0, 0);
    for row in sample {
        rows += 1;
        cut += usize::from(tokens.row(*row).len() >= tokens.max_length());
    }
    let parameters = &classifier.tree().parameters;
    let only_head = parameters.iter().zip(trainable).all(|(p, on)| !on || p.part == Part::Classifier);
    let bias = parameters.iter().find(|p| p.part == Part::Pooler && p.is_bias());
    let is_zero = bias.and_then(|p| classifier.values(&p.name)).is_some_and(|bias| bias.iter().all(|x| *x == 0.0));
    RunFacts { cut_share: cut as f64 / f64::from(rows.max(1)), frozen_untrained_pooler: only_head && is_zero }
}

/// The configuration with paths that hold from any folder.
fn anchored(config: &RunConfig) -> RunConfig {
    let mut config = config.clone();
    if let DataSource::File(path) = &mut config.data.source {
        *path = portable(path);
    }
    if let ModelSource::Folder(path) = &mut config.model {
        *path = portable(path);
    }
    for path in [&mut config.data.validation, &mut config.data.test, &mut config.out, &mut config.runs_dir]
        .into_iter()
        .flatten()
    {
        *path = portable(path);
    }
    config
}

/// Which rows go where.
pub fn splits(data: &OpenData) -> SplitRows {
    let (dataset, config) = (&data.dataset, &data.config);
    let numbers = |rows: &[u32]| rows.iter().map(|row| dataset.row_numbers[*row as usize]).collect();
    let main = match &config.source {
        DataSource::Bundled => None,
        DataSource::File(path) => Some(portable(path)),
    };
    let own_or_main = |own: &Option<PathBuf>| own.as_deref().map(portable).or_else(|| main.clone());
    SplitRows {
        train: numbers(&dataset.splits.train),
        validation: numbers(&dataset.splits.validation),
        test: numbers(&dataset.splits.test),
        files: SplitFiles {
            validation: own_or_main(&config.validation),
            test: own_or_main(&config.test),
            train: main.clone(),
        },
    }
}
