//! Reports of made runs and races: what is in them, that every program can read them, and that no text breaks them.

mod class;

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::domain::config::RunConfig;
use crate::domain::data_facts::DataFacts;
use crate::domain::freeze::Freeze;
use crate::domain::history::History;
use crate::domain::layers::{LayerStats, MeasuredParameter};
use crate::domain::message::{
    EpochEnded, LiveValidation, RowTexts, RunEnded, RunEvent, RunOutcome, RunStarted, Step, TestEvaluated,
};
use crate::domain::metrics::{Confusion, wilson_interval};
use crate::domain::params::{Block as Within, ModelFacts, Parameter, Part};
use crate::domain::proof::{FreezeProof, ParameterProof};
use crate::domain::race::{Hits, RacePlan, RaceRow, Strategy as Competitor};
use crate::domain::race_statistics::{strategy_means, undecided_pairs};
use crate::domain::report::{Mistakes, ReportFormat, Reported, ReportedMistake, ReportedRace, ReportedRun};
use crate::domain::stored::{RunEntry, RunState};
use crate::words::{Catalogue, Language};

use super::document::{Block, Document};
use super::pdf::laid_out;
use super::{bytes, document};

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

fn usual() -> ReportedRun {
    run("first", &["negative", "positive"], vec![vec![85, 15], vec![15, 85]], "An <odd> & fine film 🎬")
}

pub fn words(language: Language) -> Catalogue {
    Catalogue::new(language)
}

fn of_run(language: Language, run: ReportedRun) -> Document {
    document(&words(language), &Reported::Runs { races: Vec::new(), runs: vec![run] })
}

fn html(document: &Document) -> String {
    String::from_utf8(bytes(document, ReportFormat::Html).unwrap()).unwrap()
}

/// The texts of a page that is well-formed XML.
///
/// # Panics
/// When it is not, or when it names something outside of itself.
pub fn texts_of(page: &str) -> Vec<String> {
    let (mut reader, mut texts, mut open) = (Reader::from_str(page), Vec::new(), Vec::new());
    reader.config_mut().check_end_names = true;
    let mut text = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                check_attributes(&tag);
                texts.push(std::mem::take(&mut text));
                open.push(tag.name().as_ref().to_owned());
            }
            Event::Empty(tag) => check_attributes(&tag),
            Event::End(_) => {
                let is_style = open.pop().unwrap() == "style";
                let own = std::mem::take(&mut text);
                texts.extend((!is_style).then_some(own));
            }
            Event::Text(part) => text += &part,
            Event::GeneralRef(name) => {
                text += match &*name {
                    "lt" => "<",
                    "gt" => ">",
                    "amp" => "&",
                    "quot" => "\"",
                    "apos" | "#39" => "'",
                    "#38" => "&",
                    "#60" => "<",
                    "#62" => ">",
                    "#34" => "\"",
                    other => panic!("&{other};"),
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty());
    texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

fn check_attributes(tag: &quick_xml::events::BytesStart<'_>) {
    let mut names = BTreeSet::new();
    for attribute in tag.attributes() {
        let attribute = attribute.unwrap();
        assert!(names.insert(attribute.key.as_ref().to_owned()));
        let is_link = ["src", "href", "xlink:href"].iter().any(|name| attribute.key.as_ref() == *name);
        assert!(!is_link || attribute.value.starts_with("data:image/"), "{attribute:?}");
    }
}

#[test]
fn a_page_of_a_run_has_its_numbers_and_needs_nothing_else() {
    let run = usual();
    let page = html(&of_run(Language::English, run.clone()));
    let texts = texts_of(&page);
    let has = |text: &str| texts.iter().any(|own| own == text);
    let (low, high) = wilson_interval(170, 200);
    for text in [
        "0.8500",
        "0.4321",
        "0.4444",
        "0.8125",
        "85",
        "15",
        "An <odd> & fine film 🎬",
        "0.9876",
        "17",
        "0123456789abcdef",
    ] {
        assert!(has(text), "{text} in {texts:?}");
    }
    assert!(has(&format!("{low:.4} to {high:.4}")), "{texts:?}");
    assert!(has("thaw train"), "the command of all that is usual");
    let trained = format!("{} of {}", "5,184", "38,208");
    assert!(has(&trained) && has("13.6 %"), "{texts:?}");
    assert!(has(
        "Every tensor was fingerprinted (SHA-256) before and after the training. 2 tensors unchanged bit for bit, 3 changed. All that was frozen is the same bit for bit."
    ));
    // What is drawn are the run's numbers, too.
    assert!(page.contains(
        "aria-label=\"Confusion matrix. negative: negative 85, positive 15; positive: negative 15, positive 85\""
    ));
    for outside in ["http://", "https://", "//", "url(h", "@import"] {
        let without = page.replace("http://www.w3.org/2000/svg", "");
        let found =
            without.match_indices(outside).find(|(at, _)| !without[..*at].ends_with("base64,") && outside != "//");
        assert!(found.is_none(), "{outside}");
    }
    assert!(page.matches("@font-face").count() >= 3 && page.len() < 500_000, "{}", page.len());
}

#[test]
fn equal_runs_give_equal_files_in_both_languages() {
    for language in Language::ALL {
        let document = of_run(language, usual());
        for format in [ReportFormat::Html, ReportFormat::Pdf] {
            assert_eq!(bytes(&document, format).unwrap(), bytes(&document, format).unwrap());
        }
        let all = texts_of(&html(&document)).join("\n");
        assert!(!all.contains("report-") && !all.contains('\u{2068}'), "{all}");
    }
    let korean = texts_of(&html(&of_run(Language::Korean, usual()))).join("\n");
    assert!(
        korean.contains("혼동 행렬") && korean.contains("파라미터 38,208개 중 5,184개(13.6%)를 학습했고"),
        "{korean}"
    );
}

#[test]
fn what_is_not_there_is_said() {
    let mut run = usual();
    run.parameters.clear();
    run.mistakes = Mistakes {
        missing: Some(crate::domain::problem::Problem::new("rows-data-changed").with("file", "films.csv")),
        ..Mistakes::default()
    };
    let words = words(Language::English);
    let all = texts_of(&html(&of_run(Language::English, run.clone()))).join("\n");
    assert!(all.contains(&words.say("report-tree-missing")) && all.contains("films.csv"), "{all}");
    run.history = Arc::new(History::default());
    run.entry.state = RunState::Failed;
    let failed = of_run(Language::English, run);
    let all = texts_of(&html(&failed)).join("\n");
    assert!(all.contains(&words.say("report-state-failed")) && all.contains(&words.say("report-done-untested")));
    assert!(!bytes(&failed, ReportFormat::Pdf).unwrap().is_empty());
}

#[test]
fn many_labels_have_a_list_of_mistakes_in_the_place_of_the_matrix() {
    let labels: Vec<String> = (0..60).map(|i| format!("label {i}")).collect();
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    let matrix = (0..60).map(|truth| {
        (0..60).map(|predicted| u64::from(truth == predicted) * 9 + u64::from(predicted == (truth + 1) % 60)).collect()
    });
    let document = of_run(Language::English, run("many", &names, matrix.collect(), ""));
    let all = texts_of(&html(&document)).join("\n");
    assert!(all.contains("The most frequent mistakes") && !all.contains("predicted label"), "{all}");
    assert!(!bytes(&document, ReportFormat::Pdf).unwrap().is_empty());
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

#[test]
fn a_race_tells_what_is_decided_and_how_to_repeat_it() {
    let document = document(&words(Language::English), &Reported::Runs { races: vec![race()], runs: Vec::new() });
    let texts = texts_of(&html(&document));
    let has = |text: &str| texts.iter().any(|own| own == text);
    assert!(
        has("Full is higher than Preset 1 by 20.0 points.") || texts.iter().any(|t| t.contains("by 20.0 points")),
        "{texts:?}"
    );
    assert!(has("thaw race --freeze 1,full --seeds 2"), "{texts:?}");
    assert!(has("0.6550") && has("0.8550") && has("22,713,986"), "{texts:?}");
    assert!(has("25.0 lower") && has("best"), "{texts:?}");
    assert!(!bytes(&document, ReportFormat::Pdf).unwrap().is_empty());
    let both = super::document(&words(Language::Korean), &Reported::Runs { races: vec![race()], runs: vec![usual()] });
    assert!(
        texts_of(&html(&both)).iter().any(|text| text == "thaw train")
            && !bytes(&both, ReportFormat::Pdf).unwrap().is_empty()
    );
}

#[test]
fn sheets_hold_what_stands_on_them_and_headings_are_never_last() {
    let document = of_run(Language::English, usual());
    let layout = laid_out(&document);
    assert!(layout.sheets.len() > 2, "{} sheets", layout.sheets.len());
    for (level, text, sheet, y) in &layout.headings {
        let bottom = super::pdf::SHEET_BOTTOM;
        assert!(*y < bottom - 25.0, "{level} {text} at {y} on sheet {sheet}");
    }
    let headings = document.blocks.iter().filter(|block| matches!(block, Block::Heading(..))).count();
    assert_eq!(layout.headings.len(), headings);
}

/// Texts of all kinds that people name labels and runs by.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[<>&\"' ]{0,12}",
        "[a-z]{60,90}",
        Just("שלום עולם <b>\u{202E}abc".to_owned()),
        Just("👩‍👩‍👧‍👦 가족 영화 🎬\u{0}\u{7}".to_owned()),
        any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_text_gives_files_that_can_be_read(name in text(), first in text(), second in text(), film in text()) {
        let made = run(&name, &[&first, &second], vec![vec![1, 2], vec![0, 9]], &film);
        let document = of_run(Language::Korean, made);
        let texts = texts_of(&html(&document));
        let cleaned = super::document::clean(&first);
        prop_assert!(first.trim().is_empty() || texts.iter().any(|text| text.contains(cleaned.trim())), "{:?} in {:?}", first, texts);
        let pdf = bytes(&document, ReportFormat::Pdf).unwrap();
        prop_assert!(pdf.starts_with(b"%PDF-") && pdf.ends_with(b"%%EOF"));
    }
}
