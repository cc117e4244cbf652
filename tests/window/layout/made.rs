//! These data are made for the screens: long names of as many classes as are asked for, and what a worker answers about
//! them.

use thaw::domain::explanation::{AttentionMap, DELETED, Deletion, Depth, ExplainedWord, Explanation};
use thaw::domain::health::{Found, PartName};
use thaw::domain::lived_words::{LISTED, LabelWords, LivedWord, LivedWords, WeightedWord};
use thaw::domain::message::{Answer, Command, Prediction, Question, RowTexts, RunEvent};
use thaw::domain::metrics::calibration::Temperature;
use thaw::domain::metrics::scores::{RunScores, Scores};
use thaw::domain::metrics::{ClassReport, Confusion};
use thaw::domain::other_test::{MostFrequent, OtherTest};
use thaw::domain::precision::Precision;
use thaw::domain::predictions::{ExploredRows, PredictedRow, RunAnswers};
use thaw::domain::stored::StoredRun;
use thaw::domain::tags::{Tag, Tags};
use thaw::domain::telling_words::TellingWord;
use thaw::domain::text_map::{Hits, LayerPoints, MappedText, Probes, TextMap};
use thaw::domain::text_words;

use super::super::doctor;
use super::super::script::{self, recorded, shown, stored};
use super::*;

/// Half of the names are Korean, and they differ at their ends only.
pub fn labels(classes: usize) -> Vec<String> {
    let name = |i: usize| match i % 2 {
        0 => format!("topic number of the customer's question {i}"),
        _ => format!("고객 상담에서 들어온 문의의 주제 {i}번"),
    };
    let mut labels: Vec<String> = (0..classes).map(name).collect();
    labels.sort();
    labels
}

/// A table with so many classes, whose columns have long names too.
pub fn data(folder: &Path, classes: usize) -> PathBuf {
    let file = folder.join("questions of all customers since the founding · 창립 이래 모든 고객 문의.csv");
    let rows: Vec<String> = labels(classes)
        .iter()
        .flat_map(|label| (0..8).map(move |n| format!("Where is my parcel {n}? 제 소포가 어디 있나요?,{label}\n")))
        .collect();
    let header = "the text that the customer wrote · 고객이 쓴 글,topic chosen by the operator · 상담원이 고른 주제\n";
    std::fs::write(&file, header.to_owned() + &rows.concat()).unwrap();
    file
}

/// A matrix in which most rows are right.
fn confusion(classes: usize) -> Confusion {
    let cell = |truth: usize, predicted: usize| match (truth == predicted, (truth * 7 + predicted) % 11) {
        (true, _) => 12_345,
        (false, 0) => 1_234,
        (false, _) => 0,
    };
    let row = |truth| (0..classes).map(|predicted| cell(truth, predicted)).collect();
    Confusion::try_from((0..classes).map(row).collect::<Vec<Vec<u64>>>()).unwrap()
}

/// Probabilities of twice as many rows as there are classes, each of which is right, or else sure of the class before.
fn scores(labels: &[String], temperature: bool) -> Arc<RunScores> {
    let classes = labels.len();
    let row = |i: usize| {
        let sure = 0.5 + 0.45 * (i % 7) as f64 / 7.0;
        let mut row = vec![(1.0 - sure) / (classes - 1) as f64; classes];
        row[if i.is_multiple_of(5) { (i + classes - 1) % classes } else { i % classes }] = sure;
        row
    };
    let truths = (0..2 * classes.max(20)).map(|i| (i % classes) as u32).collect::<Vec<_>>();
    let probabilities = (0..truths.len()).map(row).collect();
    let plain = Scores { classes, truths, probabilities };
    let fitted =
        Temperature { temperature: 1.2345, rows: 12_345, loss_before: 0.5, loss: 0.4, ece_before: 0.1, ece: 0.02 };
    Arc::new(RunScores::new(labels.to_vec(), &plain, temperature.then_some(fitted)))
}

/// A recorded run, as if its data had had these classes.
fn with_classes(run: &StoredRun, labels: &[String]) -> Arc<StoredRun> {
    let classes = labels.len();
    let mut run = run.clone();
    for (_, event) in &mut run.events {
        match event {
            RunEvent::RunStarted(started) => started.labels = labels.to_vec(),
            RunEvent::LiveValidation(live) => live.confusion = confusion(classes),
            RunEvent::EpochEnded(epoch) => epoch.validation_confusion = confusion(classes),
            RunEvent::TestEvaluated(test) => {
                (test.labels, test.confusion) = (labels.to_vec(), confusion(classes));
                let report = |label: &String| ClassReport {
                    label: label.clone(),
                    precision: 0.9123,
                    recall: 0.8765,
                    f1: 0.8940,
                    support: 12_345,
                };
                test.per_class = labels.iter().map(report).collect();
            }
            _ => {}
        }
    }
    Arc::new(run)
}

/// Rows of all classes, as long and short as rows are, with every tag.
fn explored(dirs: &[PathBuf], labels: &[String]) -> ExploredRows {
    let classes = labels.len() as u32;
    let answer = |i: u32| PredictedRow {
        row: 98_000 + i,
        split: if i.is_multiple_of(2) { PartName::Validation } else { PartName::Test },
        label: i % classes,
        probabilities: (0..classes).map(|label| if label == (i / 3) % classes { 0.9 } else { 0.01 }).collect(),
    };
    let rows: Arc<Vec<PredictedRow>> = Arc::new((0..60).map(answer).collect());
    let text = |i: usize| format!("{i}. {}", "Where is my parcel? 제 소포가 어디 있나요? ".repeat(1 + i % 7));
    let all = Tag::ALL.into_iter().fold(Tags::default(), |tags, tag| tags.with(tag, true));
    ExploredRows {
        labels: labels.to_vec(),
        runs: dirs.iter().map(|dir| RunAnswers { dir: dir.clone(), rows: Arc::clone(&rows) }).collect(),
        texts: (0..60).map(|i| text(i).into()).collect(),
        lengths: (0..60).collect(),
        tags: vec![all; 60],
    }
}

/// A map of the test rows among those, with many layers.
fn text_map(dir: &Path, labels: &[String]) -> TextMap {
    let classes = labels.len() as u32;
    let row = |i: u32| MappedText {
        place: 30 + i,
        row: 98_001 + 2 * i,
        label: i % classes,
        predicted: (i / 3) % classes,
        confidence: 0.3 + 0.7 * f64::from(i) / 30.0,
    };
    let points = |turn: f32| {
        Arc::new((0..30).map(|i| [(i as f32 + turn).sin() * 9.0, (i as f32 * turn).cos()]).collect::<Vec<_>>())
    };
    let layer = |i: usize| LayerPoints { before: Some(points(1.0 + i as f32)), after: points(1.5 + i as f32) };
    TextMap {
        dir: dir.to_owned(),
        labels: labels.to_vec(),
        rows: (0..30).map(row).collect(),
        test_rows: 123_456,
        layers: (0..24).map(layer).collect(),
        shares: vec![[0.4567, 0.1234]; 24],
        unchanged: 24,
        precision: Precision::Bf16,
    }
}

fn probes() -> Probes {
    let hits = |right| Hits { right, rows: 1_000 };
    Probes {
        part: PartName::Validation,
        rows: 1_000,
        layers: (0..24).map(|i| (Some(hits(500 + i)), hits(1_000 - i))).collect(),
    }
}

fn telling_words() -> Vec<TellingWord> {
    let word = |word: &str| TellingWord { word: word.to_owned(), chosen: 12_345, others: 98_765, score: 12.3 };
    ["incomprehensibilities-of-the-customer", "소포가", "parcel"].map(word).to_vec()
}

fn long_name(dir: &Path) -> String {
    let name = dir.file_name().unwrap().to_string_lossy();
    format!("2026-11-24 고객 문의 전체를 한국어 모델로 학습한 {name} without the rows of the year before last")
}

pub fn answer(command: &Command, labels: &[String]) -> Option<Vec<thaw::domain::message::Event>> {
    let Command::Ask(id, question) = command else { return script::answer(command) };
    let answer = match question {
        Question::Runs { .. } => {
            let mut runs = thaw::runs::list(&recorded(), &[]).unwrap();
            for run in &mut runs {
                (run.dir, run.name) = (shown(&run.dir), long_name(&run.dir));
            }
            Answer::Runs(runs)
        }
        Question::Machine => Answer::Machine(Box::new(doctor::machine())),
        Question::SelfTest => Answer::SelfTest(Box::new(doctor::self_test())),
        Question::Run(dir) => Answer::Run(with_classes(&stored(dir), labels)),
        Question::Comparison(sources) if sources.iter().all(|source| source.extension().is_none()) => {
            let runs = sources.iter().map(|dir| with_classes(&stored(dir), labels)).collect();
            Answer::Comparison(thaw::domain::stored::OpenedRuns { runs, bundles: Vec::new() })
        }
        Question::Comparison(_) => return None,
        Question::Scores(_) => Answer::Scores(scores(labels, labels.len() != 2)),
        Question::Rows { dirs, .. } => Answer::Rows(Arc::new(explored(dirs, labels))),
        Question::TextMap(dir) => Answer::TextMap(Arc::new(text_map(dir, labels))),
        Question::TextMapProbes(_) => Answer::TextMapProbes(Arc::new(probes())),
        Question::TextMapTsne(dir) => Answer::TextMapTsne(Arc::new(text_map(dir, labels).layers)),
        Question::TellingWords { .. } => Answer::TellingWords(Arc::new(telling_words())),
        Question::Predictions { texts, .. } => {
            let share = 1.0 / labels.len() as f64;
            let probabilities: Vec<_> = labels.iter().map(|label| (label.clone(), share)).collect();
            let answer = |texts: &RowTexts| Prediction {
                text: texts.text.clone(),
                second: texts.second.clone(),
                label: labels[0].clone(),
                probabilities: probabilities.clone(),
                pieces: Vec::new(),
            };
            Answer::Predictions(texts.iter().map(answer).collect())
        }
        Question::Explanation { texts, depth, .. } => Answer::Explanation(Box::new(explanation(texts, *depth, labels))),
        Question::LivedWords { rows, .. } => Answer::LivedWords(Arc::new(lived_words(*rows, labels))),
        Question::OtherTests(dirs) => {
            Answer::OtherTests(dirs.iter().map(|dir| (dir.clone(), other_tests(dir))).collect())
        }
        Question::Attention { texts, .. } => Answer::Attention(Box::new(attention(texts))),
        _ => return script::answer(command),
    };
    Some(vec![thaw::domain::message::Event::Answer(*id, Ok(answer))])
}

/// The lists are as long as they can be, of long and short words of both languages.
fn lived_words(rows: usize, labels: &[String]) -> LivedWords {
    let word = |n: usize| match n % 3 {
        0 => format!("unbelievably-well-made-{n}"),
        1 => format!("고객센터에서는{n}"),
        _ => format!("a{n}"),
    };
    let of_label = |label: &String| LabelWords {
        label: label.clone(),
        words: (0..LISTED)
            .map(|n| LivedWord { word: word(n), attribution: 3.5 - n as f64 / 10.0, rows: 1_234 })
            .collect(),
        bag_of_words: (0..LISTED)
            .map(|n| WeightedWord {
                word: format!("{} {}", word(n), word(n + 1)),
                weight: 1.25 - n as f64 / 30.0,
                rows: 12_345,
                others: n as u32 % 2,
                is_second: n % 5 == 4,
            })
            .collect(),
    };
    LivedWords { labels: labels.iter().map(of_label).collect(), rows, test_rows: 12_345, trusted: rows - 7 }
}

/// Tests on two files, one of a long name.
fn other_tests(dir: &Path) -> Vec<OtherTest> {
    let of_run = dir.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let name =
        &format!("{of_run}, questions of another shop since the founding · 다른 가게의 창립 이래 모든 고객 문의.csv");
    let test = |name: &str, correct: u64| OtherTest {
        name: name.to_owned(),
        file: name.into(),
        fingerprint: name.to_owned(),
        rows: 12_345,
        correct,
        macro_f1: 0.5,
        matched: Vec::new(),
        found: vec![Found::Overlap { part: PartName::Test, with: PartName::Train, rows: 7, of: 12_345 }],
        most_frequent: Some(MostFrequent { label: name.to_owned(), share: 0.81 }),
    };
    vec![test(name, 9_876), test("short.csv", 11_999)]
}

/// It tells how much each word adds to a label with a long name.
fn explanation(texts: &RowTexts, depth: Depth, labels: &[String]) -> Explanation {
    let share = 1.0 / labels.len() as f64;
    let letters: Vec<char> = texts.text.chars().collect();
    let word = |(place, range): (usize, std::ops::Range<usize>)| ExplainedWord {
        word: letters[range.clone()].iter().collect(),
        is_second: false,
        start: range.start,
        end: range.end,
        attribution: (place != 5).then_some(1.5 - place as f64),
        gradient_input: Some(0.1),
        without: Some(share),
    };
    let words = text_words::words(&texts.text).into_iter().enumerate().map(word).collect();
    Explanation {
        prediction: Prediction {
            text: texts.text.clone(),
            second: None,
            label: labels[0].clone(),
            probabilities: labels.iter().map(|label| (label.clone(), share)).collect(),
            pieces: Vec::new(),
        },
        words,
        completeness_error: 0.031,
        steps: 128,
        depth,
        deletions: DELETED.map(|words| Deletion { words, top: 0.123, random: 0.912 }).to_vec(),
    }
}

/// Every token takes the same from each.
fn attention(texts: &RowTexts) -> AttentionMap {
    let tokens: Vec<String> = texts.text.split(' ').map(str::to_owned).collect();
    let n = tokens.len();
    AttentionMap { tokens, layer: 5, layers: 6, heads: 12, weights: vec![1.0 / n as f32; 12 * n * n] }
}
