//! What a run's folder says of it from the start, its settings and its rows, and whether both are still true.

use std::path::PathBuf;

use crate::data::dataset::Dataset;
use crate::domain::coach::RunFacts;
use crate::domain::config::{DataSource, ModelSource, RunConfig};
use crate::domain::engine::Engine;
use crate::domain::health::of_run;
use crate::domain::params::Part;
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::runs::{DataFacts, Interrupted, RunSettings, SplitFiles, SplitRows, now, portable};

use super::prelude::{Material, weights_of};
use super::session::OpenData;

/// Refuses to resume a run with other rows than it began with.
///
/// # Errors
/// `resume-data-changed`.
pub fn check_same_data(run: &Interrupted, data: &OpenData) -> Outcome<()> {
    if fingerprint(&data.dataset) != run.settings.data.content_hash || splits(data) != run.splits {
        return Err(Problem::new("resume-data-changed").with("file", &run.settings.data.name));
    }
    Ok(())
}

/// The data file's fingerprint as folders have it.
pub fn fingerprint(dataset: &Dataset) -> String {
    format!("{:016x}", dataset.summary.content_hash)
}

/// Everything that decides the run. `trainable` says which parameters some stage trains.
pub fn settings(config: &RunConfig, material: &Material, trainable: &[bool], facts: RunFacts) -> RunSettings {
    let (tree, dataset) = (&material.tree, &material.data.dataset);
    let summary = &dataset.summary;
    let names = tree.parameters.iter().zip(trainable).filter(|(_, on)| **on).map(|(p, _)| p.name.clone());
    RunSettings {
        engine: Engine::Thaw,
        thaw: env!("CARGO_PKG_VERSION").to_owned(),
        started: now(),
        config: anchored(config.clone()),
        learning_rate: config.learning_rate(),
        labels: dataset.label_names(),
        // The names were checked when the data were opened.
        class_weights: weights_of(config, summary).unwrap_or_default(),
        model: tree.facts.clone(),
        data: DataFacts {
            name: summary.name.clone(),
            rows: summary.rows,
            skipped_rows: summary.skipped.count,
            encoding: summary.encoding.clone(),
            delimiter: summary.delimiter,
            quoting: summary.quoting,
            headless: summary.headless,
            merged_labels: summary.merged.clone(),
            findings: of_run(&summary.findings),
            text_column: summary.columns[summary.text_column].clone(),
            second_text_column: summary.second_text_column.map(|second| summary.columns[second].clone()),
            label_column: summary.columns[summary.label_column].clone(),
            content_hash: fingerprint(dataset),
        },
        trainable: names.collect(),
        facts: Some(facts),
    }
}

/// What the coach wants to know. `classifier` is as the run begins with it.
pub fn facts(material: &Material, trainable: &[bool], classifier: &Classifier) -> RunFacts {
    const SAMPLE: usize = 256;
    let (train, tokens) = (&material.data.dataset.splits.train, &material.tokens);
    let sample: Vec<&u32> = train.iter().step_by(train.len().div_ceil(SAMPLE).max(1)).collect();
    let cut = sample.iter().filter(|row| tokens.row(***row).len() >= tokens.max_length()).count();
    let parameters = &classifier.tree().parameters;
    let only_head = parameters.iter().zip(trainable).all(|(p, on)| !on || p.part == Part::Classifier);
    let bias = parameters.iter().find(|p| p.part == Part::Pooler && p.is_bias());
    let is_zero = bias.and_then(|p| classifier.values(&p.name)).is_some_and(|bias| bias.iter().all(|x| *x == 0.0));
    RunFacts { cut_share: cut as f64 / sample.len().max(1) as f64, frozen_untrained_pooler: only_head && is_zero }
}

/// The configuration with paths that hold from any folder.
pub fn anchored(mut config: RunConfig) -> RunConfig {
    let RunConfig { data, model, out, runs_dir, .. } = &mut config;
    let main = if let DataSource::File(path) = &mut data.source { Some(path) } else { None };
    let model = if let ModelSource::Folder(path) = model { Some(path) } else { None };
    let others = [&mut data.validation, &mut data.test, out, runs_dir].into_iter().flatten();
    others.chain(main).chain(model).for_each(|path| *path = portable(path));
    config
}

/// The numbers that rows have in their files.
pub fn numbers(dataset: &Dataset, rows: &[u32]) -> Vec<u32> {
    rows.iter().map(|row| dataset.row_numbers[*row as usize]).collect()
}

/// Which rows go where.
pub fn splits(data: &OpenData) -> SplitRows {
    let (dataset, config) = (&data.dataset, &data.config);
    let main = if let DataSource::File(path) = &config.source { Some(path) } else { None };
    let own_or_main = |own: Option<&PathBuf>| own.or(main).map(|path| portable(path));
    SplitRows {
        train: numbers(dataset, &dataset.splits.train),
        validation: numbers(dataset, &dataset.splits.validation),
        test: numbers(dataset, &dataset.splits.test),
        files: SplitFiles {
            validation: own_or_main(config.validation.as_ref()),
            test: own_or_main(config.test.as_ref()),
            train: own_or_main(None),
        },
    }
}
