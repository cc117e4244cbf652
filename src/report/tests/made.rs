//! Made runs and races, for the tests of reports.

use std::sync::Arc;

use crate::domain::config::RunConfig;
use crate::domain::data_facts::DataFacts;
use crate::domain::freeze::Freeze;
use crate::domain::history::History;
use crate::domain::layers::{LayerStats, MeasuredParameter};
use crate::domain::message::{
    EpochEnded, LiveValidation, RowTexts, RunEnded, RunEvent, RunOutcome, RunStarted, Step, TestEvaluated,
};
use crate::domain::metrics::Confusion;
use crate::domain::params::{Block as Within, ModelFacts, Parameter, Part};
use crate::domain::proof::{FreezeProof, ParameterProof};
use crate::domain::race::{Hits, RacePlan, RaceRow, Strategy as Competitor};
use crate::domain::race_statistics::{strategy_means, undecided_pairs};
use crate::domain::report::{Mistakes, ReportedMistake, ReportedRace, ReportedRun};
use crate::domain::stored::{RunEntry, RunState};

fn parameters() -> Vec<(Parameter, bool)> {
    let one = |name: &str, shape: &[usize], part, trains| {
        (Parameter { name: name.to_owned(), shape: shape.to_vec(), part }, trains)
    };
    let layer = |index, block| Part::Layer { index, block };
    vec![
        one("embeddings.word_embeddings.weight", &[1000, 32], Part::Embeddings, false),
        one("encoder.layer.0.attention.self.query.weight", &[32, 32], layer(0, Within::Attention), false),
        one("encoder.layer.1.attention.self.query.weight", &[32, 32], layer(1, Within::Attention), true),
        one("encoder.layer.1.output.dense.weight", &[32, 128], layer(1, Within::FeedForward), true),
        one("classifier.weight", &[2, 32], Part::Classifier, true),
    ]
}

/// A completed run with these labels and this name, which gave `matrix` on its test.
pub fn run(name: &str, labels: &[&str], matrix: Vec<Vec<u64>>, text: &str) -> ReportedRun {
    let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
    let confusion = Confusion::try_from(matrix).unwrap();
    let test = TestEvaluated {
        accuracy: confusion.accuracy(),
        macro_f1: confusion.macro_f1(),
        loss: 0.4321,
        per_class: confusion.per_class(&labels),
        confusion: confusion.clone(),
        labels: labels.clone(),
        frozen: None,
    };
    let trainable = 32 * 32 + 32 * 128 + 64;
    let started = RunStarted {
        train_rows: 560,
        validation_rows: 240,
        test_rows: confusion.rows() as usize,
        skipped_rows: 3,
        trainable,
        frozen: 33_024,
        total_steps: 70,
        device: "cpu".into(),
        precision: Default::default(),
        frozen_precision: Default::default(),
        seed: 42,
        labels: labels.clone(),
        text_columns: Vec::new(),
        head: Default::default(),
        class_weights: Vec::new(),
        label_match: Vec::new(),
        findings: Vec::new(),
    };
    let mut history = History::default();
    history.record(&RunEvent::RunStarted(started));
    let measured: Arc<[MeasuredParameter]> = parameters()
        .into_iter()
        .map(|(parameter, trains)| MeasuredParameter {
            name: parameter.name,
            part: parameter.part,
            norm: f32::from(u8::from(trains)),
        })
        .collect();
    for step in 1..=70 {
        let (loss, secs) = (0.7 / f64::from(step), f64::from(step) * 0.1);
        history.record(&RunEvent::Step(Step {
            step: step as usize,
            epoch: 1 + (step as usize - 1) / 35,
            loss,
            accuracy: 0.8,
            elapsed_secs: secs,
            ..Step::default()
        }));
    }
    history.record(&RunEvent::LayerStats(LayerStats {
        step: 70,
        drift: parameters().iter().map(|(_, trains)| if *trains { 0.0123 } else { 0.0 }).collect(),
        grad_norm: parameters().iter().map(|(_, trains)| trains.then_some(0.5)).collect(),
        parameters: Some(measured),
    }));
    history.record(&RunEvent::LiveValidation(LiveValidation {
        step: 35,
        rows: 64,
        loss: 0.5,
        accuracy: 0.75,
        confusion: confusion.clone(),
    }));
    for epoch in 1..=2 {
        history.record(&RunEvent::EpochEnded(EpochEnded {
            epoch,
            train_loss: 0.5,
            train_accuracy: 0.81,
            validation_loss: 0.4444,
            validation_accuracy: 0.8125,
            validation_confusion: confusion.clone(),
            rows_per_sec: 160.0,
            elapsed_secs: 3.5 * epoch as f64,
        }));
    }
    history.record(&RunEvent::TestEvaluated(test));
    let proof = parameters().into_iter().map(|(parameter, trainable)| ParameterProof {
        name: parameter.name,
        trainable,
        before: "0".into(),
        after: if trainable { "1".into() } else { "0".into() },
    });
    history.record(&RunEvent::FreezeProven(Arc::new(FreezeProof::of(proof.collect()))));
    history.record(&RunEvent::RunEnded(RunEnded {
        outcome: RunOutcome::Completed,
        error: None,
        run_dir: None,
        train_secs: 7.25,
        shared_secs: 0.0,
        peak_memory_bytes: 123_000_000,
    }));
    let mistake = ReportedMistake {
        row: 17,
        texts: Some(RowTexts { text: text.to_owned(), second: None }),
        truth: labels[0].clone(),
        predicted: labels[labels.len() - 1].clone(),
        confidence: 0.9876,
    };
    ReportedRun {
        entry: RunEntry {
            dir: format!("runs/{name}").into(),
            name: name.to_owned(),
            note: text.to_owned(),
            race: None,
            started: "2026-11-24 15:04".into(),
            data: "films.csv".into(),
            rows: Some(1000),
            rows_per_class: None,
            seed: Some(42),
            engine: Default::default(),
            model: "tiny".into(),
            freeze: "3".into(),
            state: RunState::Completed,
            step: 70,
            total_steps: 70,
            test_accuracy: Some(confusion.accuracy()),
            train_secs: Some(7.25),
            has_model: true,
            can_resume: false,
            can_open: true,
            damage: Vec::new(),
        },
        thaw: "0.1.0".into(),
        config: RunConfig { freeze: Freeze::Preset3, ..RunConfig::default() },
        learning_rate: 1e-4,
        labels,
        class_weights: Vec::new(),
        model: ModelFacts { name: "tiny".into(), family: "bert".into(), layers: 2, ..ModelFacts::default() },
        data: DataFacts {
            name: "films.csv".into(),
            rows: 1000,
            skipped_rows: 3,
            encoding: "UTF-8".into(),
            delimiter: ',',
            quoting: Default::default(),
            headless: false,
            merged_labels: Vec::new(),
            findings: Vec::new(),
            text_column: "text".into(),
            second_text_column: None,
            label_column: "label".into(),
            content_hash: "0123456789abcdef".into(),
        },
        history: Arc::new(history),
        parameters: parameters(),
        mistakes: Mistakes { rows: vec![mistake], count: 30, missing: None },
        python: None,
    }
}

/// A run that most tests do with. Its text has what a page or a sheet may stumble over.
pub fn usual() -> ReportedRun {
    run("first", &["negative", "positive"], vec![vec![85, 15], vec![15, 85]], "An <odd> & fine film 🎬")
}

pub fn race() -> ReportedRace {
    let strategy = |name: &str, freeze| Competitor { name: name.into(), freeze };
    let plan = RacePlan {
        strategies: vec![strategy("1", Freeze::Preset1), strategy("full", Freeze::Full)],
        seeds: vec![42, 43],
        ..RacePlan::default()
    };
    let row = |freeze: &str, seed: u64, right: usize, trainable: usize, secs: f64| RaceRow {
        freeze: freeze.into(),
        seed,
        rows_per_class: None,
        train_rows: 560,
        trainable,
        learning_rate: 1e-3,
        accuracy: right as f64 / 200.0,
        macro_f1: 0.5,
        train_secs: secs,
        shared_secs: 0.0,
        peak_memory_bytes: 100,
        test_rows: 200,
        run_dir: None,
        hits: Hits((0..200).map(|i| i < right).collect()),
    };
    let rows = vec![
        row("1", 42, 130, 770, 2.0),
        row("1", 43, 132, 770, 2.2),
        row("full", 42, 170, 22_713_986, 40.0),
        row("full", 43, 172, 22_713_986, 41.0),
    ];
    let means = strategy_means(&plan, &rows);
    ReportedRace {
        name: "the race".into(),
        thaw: "0.1.0".into(),
        started: "2026-11-24 15:04".into(),
        undecided: undecided_pairs(&means, &rows),
        means,
        rows,
        plan,
        skipped: 0,
        failed: 0,
        outcome: Some(RunOutcome::Completed),
        runs: vec![usual(), run("second", &["negative", "positive"], vec![vec![60, 40], vec![40, 60]], "")],
    }
}
