//! The tests of the panels use these hand-made states.

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::race::{Race, RaceRun, named};
use crate::app::state::{AppState, Loading};
use crate::domain::config::Quoting;
use crate::domain::dataset::{DatasetSummary, LabelCount, Skipped, SkippedKind, SkippedRow, SplitCounts, TokenLengths};
use crate::domain::estimate::{Calibration, LayerSecs};
use crate::domain::freeze::Freeze;
use crate::domain::health::{Finding, Found, FoundRow};
use crate::domain::history::History;
use crate::domain::message::RunId;
use crate::domain::params::{Block, ModelFacts, ParamTree, Parameter, Part};
use crate::domain::problem::Problem;
use crate::domain::race::{RacePlan, RaceRunStarted};

/// Returns the parameters of a BERT with a head, named and ordered as Hugging Face has them.
pub fn bert_tree(layers: usize, hidden: usize, classes: usize) -> ParamTree {
    let mut parameters = Vec::new();
    let mut add = |name: String, shape: &[usize], part: Part| {
        parameters.push(Parameter { name, shape: shape.to_vec(), part });
    };
    for (name, rows) in [("word", 30_522), ("position", 512), ("token_type", 2)] {
        add(format!("embeddings.{name}_embeddings.weight"), &[rows, hidden], Part::Embeddings);
    }
    for end in ["weight", "bias"] {
        add(format!("embeddings.LayerNorm.{end}"), &[hidden], Part::Embeddings);
    }
    for index in 0..layers {
        let wide = 4 * hidden;
        for (name, out, within, block) in [
            ("attention.self.query", hidden, hidden, Block::Attention),
            ("attention.self.key", hidden, hidden, Block::Attention),
            ("attention.self.value", hidden, hidden, Block::Attention),
            ("attention.output.dense", hidden, hidden, Block::Attention),
            ("attention.output.LayerNorm", hidden, 0, Block::Norms),
            ("intermediate.dense", wide, hidden, Block::FeedForward),
            ("output.dense", hidden, wide, Block::FeedForward),
            ("output.LayerNorm", hidden, 0, Block::Norms),
        ] {
            let part = Part::Layer { index, block };
            let shape = if within == 0 { vec![out] } else { vec![out, within] };
            add(format!("encoder.layer.{index}.{name}.weight"), &shape, part);
            add(format!("encoder.layer.{index}.{name}.bias"), &[out], part);
        }
    }
    add("pooler.dense.weight".into(), &[hidden, hidden], Part::Pooler);
    add("pooler.dense.bias".into(), &[hidden], Part::Pooler);
    add("classifier.weight".into(), &[classes, hidden], Part::Classifier);
    add("classifier.bias".into(), &[classes], Part::Classifier);
    let facts = ModelFacts {
        name: "all-MiniLM-L6-v2".into(),
        family: "bert".into(),
        layers,
        hidden_size: hidden,
        intermediate_size: 4 * hidden,
        heads: 12,
        vocabulary: 30_522,
        positions: 512,
        file_bytes: 90_868_376,
        head_labels: None,
        hidden_dropout: 0.1,
        ..ModelFacts::default()
    };
    ParamTree { facts, parameters }
}

/// Data with two texts a row, of which both are read.
pub fn pair_summary() -> DatasetSummary {
    let row = |first: &str, second: &str, label: &str| vec![first.to_owned(), second.to_owned(), label.to_owned()];
    DatasetSummary {
        name: "nli.csv".into(),
        columns: ["premise", "hypothesis", "label"].map(String::from).into(),
        text_column: 0,
        second_text_column: Some(1),
        label_column: 2,
        head: vec![row("It rains.", "It is wet outside.", "positive"); 8],
        ..summary()
    }
}

pub fn summary() -> DatasetSummary {
    let head = [
        ("Tennessee Williams by way of Oprah's Book Club.", "negative"),
        ("Stealing Harvard doesn't care about cleverness, wit or any other kind of intelligent humor.", "negative"),
        ("The kind of primal storytelling that George Lucas can only dream of.", "positive"),
        ("An impeccable study in perversity.", "positive"),
        ("이 영화는\n정말 재미있습니다.", "positive"),
        ("Dull.", "negative"),
        ("Bright and lively.", "positive"),
        ("Too long by half.", "negative"),
    ];
    DatasetSummary {
        name: "movie_reviews.csv".into(),
        path: None,
        bytes: 1_247_448,
        encoding: "UTF-8".into(),
        encoding_guessed: true,
        delimiter: ',',
        delimiter_guessed: true,
        quoting: Quoting::Double,
        quoting_guessed: true,
        headless: false,
        header_guessed: true,
        columns: vec!["review".into(), "sentiment".into()],
        text_column: 0,
        label_column: 1,
        head: head.iter().map(|(text, label)| vec![(*text).to_owned(), (*label).to_owned()]).collect(),
        rows: 10_070,
        skipped: Skipped {
            count: 3,
            first: vec![
                SkippedRow { row: 17, reason: Problem::new("freeze-nothing-trains") },
                SkippedRow { row: 4_003, reason: Problem::new("freeze-nothing-trains") },
            ],
            kinds: vec![SkippedKind { reason: Problem::new("freeze-nothing-trains"), count: 3, row: 17 }],
        },
        labels: vec![
            LabelCount { label: "negative".into(), count: 5_035 },
            LabelCount { label: "positive".into(), count: 5_035 },
        ],
        merged: Vec::new(),
        split: SplitCounts { train: vec![2_820, 2_819], validation: vec![1_208, 1_209], test: vec![1_007, 1_007] },
        content_hash: 1,
        findings: vec![skipped()],
        ..DatasetSummary::default()
    }
}

fn skipped() -> Finding {
    let row = |row, text: &str| FoundRow { row, label: "negative".into(), text: text.into(), ..FoundRow::default() };
    Finding {
        found: Found::SkippedRows { reason: Problem::new("data-skip-empty-text").with("place", ""), rows: 3 },
        rows: vec![row(17, ""), row(4_003, ""), row(4_004, "")],
    }
}

pub fn token_lengths(done: usize) -> TokenLengths {
    let mut counts: Vec<usize> = (0..=128usize)
        .map(|n| if n < 4 { 0 } else { (900.0 * (n as f64 / 22.0).powi(2) * (-(n as f64) / 11.0).exp()) as usize })
        .collect();
    let cut = 37;
    counts.push(cut);
    TokenLengths { counts, done, total: 10_070, max_length: 128, cut }
}

/// Returns the window as it opens with everything read: the bundled reviews, the bundled model, and preset 3.
pub fn state() -> AppState {
    let tree = bert_tree(6, 384, 2);
    let mut state = AppState::default();
    state.train.budget_minutes = 5;
    state.train.trainable = state.train.config.freeze.resolve(&tree).unwrap();
    state.train.model = Loading::Ready(Arc::new(tree));
    state.train.dataset = Loading::Ready(Arc::new(summary()));
    state.train.token_lengths = Some(Arc::new(token_lengths(10_070)));
    state.train.calibration = Some(Calibration {
        tokens_per_row: 26.0,
        max_length: 128,
        layer: LayerSecs {
            forward: 2.2e-5,
            evaluate: 2.2e-5,
            backward_input: 2.2e-5,
            backward_lowest: 1.8e-5,
            backward_weight: 2.2e-5,
        },
        last: LayerSecs {
            forward: 4.4e-6,
            evaluate: 4.4e-6,
            backward_input: 4.4e-6,
            backward_lowest: 2e-6,
            backward_weight: 4.4e-6,
        },
        embed_secs: 1e-6,
        update_secs: 1e-9,
        row_secs: 1e-4,
        step_secs: 1e-3,
        cache_bytes: (4 << 30, 0),
        frozen_share: None,
    });
    state.train.tree.unfolded.insert("encoder".into());
    state.shell.settings.recent_files =
        vec![PathBuf::from("/home/student/nlp/imdb.csv"), PathBuf::from("/home/student/nsmc.tsv")];
    state
}

/// Returns the same while presets 1 and 2 race, before the first of them trains or while it does.
pub fn racing(is_training: bool) -> AppState {
    let strategies = [Freeze::Preset1, Freeze::Preset2].map(named).to_vec();
    let plan = RacePlan { strategies, seeds: vec![42], ..RacePlan::default() };
    let started = RaceRunStarted {
        run_id: RunId::of_race_run(RunId(1), 0),
        index: 0,
        strategy: 0,
        freeze: "1".into(),
        seed: 42,
        rows_per_class: None,
        learning_rate: 1e-3,
    };
    let run = RaceRun { started, history: History::default(), curves: None, row: None };
    let runs = if is_training { vec![run] } else { Vec::new() };
    let mut state = state();
    state.race.race = Some(Race { plan, runs, ..Race::default() });
    state
}
