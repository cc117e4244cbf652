//! Every screen in four sizes and both languages, with long names of 2, 25, 150 and 1,000 classes: nothing is cut, nothing lies
//! on anything else, and no two names are shortened to the same letters. No picture is drawn, so this is fast.
//!
//! `LAYOUT_PICTURES=folder cargo test --test window layout` draws the screens with faults all the same, with
//! `LAYOUT_ALL=1` all screens.

#[path = "layout/texts.rs"]
pub mod texts;

use std::collections::BTreeSet;

use thaw::app::compare::desk::{DeskAction, DeskPage};
use thaw::app::compare::{CompareAction, Page};
use thaw::app::doctor::DoctorAction;
use thaw::app::examine::{ExamineAction, ExaminePage};
use thaw::app::explore::ExploreAction;
use thaw::app::hub::HubAction;
use thaw::app::lessons::LessonAction;
use thaw::app::other_tests::OtherTestsAction;
use thaw::app::race::RaceAction;
use thaw::app::run::SideChart;
use thaw::app::run::classes::ClassesAction;
use thaw::app::run::results::{self, Cells, ResultsAction};
use thaw::app::sentences::{MOST, SentencesAction};
use thaw::app::state::{Panel, View};
use thaw::app::text_map::{MapColouring, TextMapAction};
use thaw::app::train::TrainAction;
use thaw::app::train::rate::RateAction;
use thaw::app::train::timeline::TimelineAction;
use thaw::app::why::WhyAction;
use thaw::domain::config::DataSource;
use thaw::domain::explanation::{AttentionMap, DELETED, Deletion, Depth, ExplainedWord, Explanation};
use thaw::domain::health::PartName;
use thaw::domain::lived_words::{LISTED, LabelWords, LivedWord, LivedWords, WeightedWord};
use thaw::domain::message::{Answer, Command, Prediction, Question, RowTexts, RunEvent};
use thaw::domain::metrics::calibration::Temperature;
use thaw::domain::metrics::scores::{RunScores, Scores};
use thaw::domain::metrics::{ClassReport, Confusion};
use thaw::domain::other_test::OtherTest;
use thaw::domain::predictions::{ExploredRows, PredictedRow, RunAnswers};
use thaw::domain::selection::Condition;
use thaw::domain::stored::StoredRun;
use thaw::domain::tags::{Tag, Tags};
use thaw::domain::telling_words::TellingWord;
use thaw::domain::text_map::{Hits, LayerPoints, MapMethod, MappedText, Probes, TextMap};
use thaw::domain::text_words;

use super::doctor;
use super::raster::Raster;
use super::script::{self, between, recorded, shown, stored};
use super::*;

/// The least window, a small laptop's, the usual one, and a display with very many points.
const SIZES: [Vec2; 4] = [vec2(900.0, 600.0), vec2(1024.0, 700.0), vec2(1280.0, 800.0), vec2(3840.0, 2160.0)];

/// The tables here may be wider than the page, and end at a column's edge.
const WITH_TABLES: [&str; 7] = [
    "explore",
    "compared table",
    "compared, other tests",
    "compared settings",
    "race outcome",
    "results, other tests",
    "desk, table",
];

/// What is known to be wrong: the screen's name, part of the fault, and why it is still so.
const KNOWN: &[(&str, &str, &str)] = &[];

/// Half of the names are Korean, and they differ at their ends only.
fn labels(classes: usize) -> Vec<String> {
    let name = |i: usize| match i % 2 {
        0 => format!("topic number of the customer's question {i}"),
        _ => format!("고객 상담에서 들어온 문의의 주제 {i}번"),
    };
    let mut labels: Vec<String> = (0..classes).map(name).collect();
    labels.sort();
    labels
}

/// A table with so many classes, whose columns have long names too.
fn data(folder: &Path, classes: usize) -> PathBuf {
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

/// The rows of the run that is shown, all of them and some.
fn see_rows(walk: &mut Walk) {
    walk.act(Action::ShowView(View::Explore));
    walk.studio.wait("the rows", |s| s.state().explore.selected.ready().is_some());
    walk.see("explore");
    for step in [Condition::Cell { label: 1, predicted: 0 }, Condition::Tag { tag: Tag::NeighboursDisagree }] {
        walk.act(ExploreAction::Select(step));
    }
    walk.act(ExploreAction::Search("parcel".into()));
    walk.studio.wait("the selection", |s| s.state().explore.selected.ready().is_some());
    walk.act(ExploreAction::MoveMark(0));
    walk.see("explore, a selection");
    walk.act(TextMapAction::Show(true));
    walk.studio.wait("the probes", |s| s.state().text_map.probes.ready().is_some());
    walk.studio.wait("the words", |s| s.state().text_map.words.ready().is_some());
    walk.see("explore, the map of a selection");
    for colouring in [MapColouring::Confidence, MapColouring::Run] {
        walk.act(TextMapAction::Colour(colouring));
        walk.see("explore, the map in other colours");
    }
    walk.act(TextMapAction::SetMethod(MapMethod::Tsne));
    walk.studio.wait("the points", |s| s.state().text_map.tsne.ready().is_some());
    walk.act(ExploreAction::Widen(0));
    walk.studio.wait("all rows", |s| s.state().explore.selected.ready().is_some());
    walk.see("explore, the map by t-SNE");
    walk.act(TextMapAction::Show(false));
    walk.act(ExamineAction::ShowPage(ExaminePage::Words));
    walk.see("explore, words not found yet");
    walk.act(ExamineAction::FindWords);
    walk.studio.wait("the words", |s| s.state().examine.words.ready().is_some());
    walk.see("explore, words");
    walk.act(ExamineAction::ShowPage(ExaminePage::Rows));
}

/// The names of the recorded runs, as people give them.
const NAMES: [&str; 4] = ["full", "preset1", "preset2", "preset3"];

fn long_name(dir: &Path) -> String {
    let name = dir.file_name().unwrap().to_string_lossy();
    format!("2026-11-24 고객 문의 전체를 한국어 모델로 학습한 {name} without the rows of the year before last")
}

fn answer(command: &Command, labels: &[String]) -> Option<Vec<thaw::domain::message::Event>> {
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

/// A text with short and long words in two scripts.
const SENTENCE: &str = "A warm and unbelievably 고객센터에서는 unread";

/// What the words of a text add to a label with a long name.
/// As many words as are listed, long and short ones of both languages.
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
    };
    vec![test(name, 9_876), test("short.csv", 11_999)]
}

/// What words add to a label with a long name.
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

/// A window that is walked through, with what was found.
struct Walk {
    studio: Studio,
    classes: usize,
    faults: BTreeSet<String>,
    _folder: tempfile::TempDir,
}

impl Walk {
    fn begin(classes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = english();
        settings.config.data.source = DataSource::File(data(folder.path(), classes));
        let names = labels(classes);
        let builder = Harness::builder().with_size(SIZE).renderer(Raster::default());
        let between = move |worker, waker| between(worker, waker, move |command| answer(command, &names));
        let mut studio = Studio::open_with(settings, builder, between);
        studio.wait_until_ready();
        studio.wait("all tokens", |s| s.state().train.token_lengths.as_ref().is_some_and(|l| l.done == l.total));
        Self { studio, classes, faults: BTreeSet::new(), _folder: folder }
    }

    fn act(&mut self, action: impl Into<Action>) {
        let ctx = self.studio.harness.ctx.clone();
        self.studio.harness.state_mut().act(&ctx, action.into());
        self.studio.harness.run_ok();
    }

    /// Looks at the screen in all languages and sizes.
    fn see(&mut self, screen: &str) {
        for language in Language::ALL {
            self.act(Action::SetLanguage(language));
            for size in SIZES {
                self.studio.harness.set_size(size);
                self.studio.harness.run_ok();
                // What only then fits into its place has it in the next frame.
                self.studio.harness.step();
                self.note(screen, language, size);
            }
        }
        self.act(Action::SetLanguage(Language::English));
        self.studio.harness.set_size(SIZE);
        self.studio.harness.run_ok();
    }

    fn end(self) {
        let faults: Vec<String> = self.faults.into_iter().collect();
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }

    fn note(&mut self, screen: &str, language: Language, size: Vec2) {
        let found = texts::faults(
            &self.studio,
            &labels(self.classes),
            WITH_TABLES.iter().any(|table| screen.starts_with(table)),
        );
        let mut is_new = false;
        for fault in found {
            if KNOWN.iter().any(|(on, part, _)| *on == screen && fault.contains(part)) {
                continue;
            }
            let (width, height) = (size.x, size.y);
            let place = format!("{screen}, {} classes, {language:?}, {width} x {height}", self.classes);
            is_new |= self.faults.insert(format!("{place}: {fault}"));
        }
        is_new |= std::env::var_os("LAYOUT_ALL").is_some();
        if let Some(folder) = std::env::var_os("LAYOUT_PICTURES").filter(|_| is_new) {
            let name = format!("{screen} {} {language:?} {}.png", self.classes, size.x);
            self.studio.harness.render().unwrap().save(Path::new(&folder).join(name)).unwrap();
        }
    }
}

/// The sections on the left, one after the other.
fn see_panels(walk: &mut Walk) {
    for (panel, name) in
        [(Panel::Data, "data"), (Panel::Model, "model"), (Panel::Freeze, "freeze"), (Panel::Training, "training")]
    {
        walk.act(Action::ShowPanel(panel));
        walk.see(name);
    }
}

fn see_all_screens(classes: usize) {
    let mut walk = Walk::begin(classes);
    see_panels(&mut walk);
    see_windows(&mut walk);
    see_a_run(&mut walk);
    see_comparisons(&mut walk);
    see_a_race(&mut walk);
    see_a_lesson(&mut walk);
    see_a_desk(&mut walk);
    walk.end();
}

/// What a class of thirty handed in, on all pages of the desk.
fn see_a_desk(walk: &mut Walk) {
    let folder = tempfile::tempdir().unwrap();
    walk.studio.drop_class(folder.path());
    walk.act(Action::ShowView(View::Compare));
    walk.act(CompareAction::ShowPage(Page::Desk));
    for (page, name) in [
        (DeskPage::Questions, "desk, questions"),
        (DeskPage::Table, "desk, table"),
        (DeskPage::Guesses, "desk, guesses"),
    ] {
        walk.act(DeskAction::ShowPage(page));
        let steps = walk.studio.state().compare.desk.version().unwrap().asked();
        for step in steps {
            let name = format!("{name}, step {}", step + 1);
            walk.act(DeskAction::ShowStep(step));
            walk.act(DeskAction::ShowTableOf(Some(step)));
            walk.see(&name);
        }
    }
    walk.act(DeskAction::ShowPage(DeskPage::Table));
    walk.act(DeskAction::ShowTableOf(None));
    walk.see("desk, table of all steps");
}

/// The windows over the page.
fn see_windows(walk: &mut Walk) {
    walk.act(TrainAction::Rate(RateAction::Show(true)));
    walk.act(TrainAction::Rate(RateAction::Start));
    walk.studio.wait("the finder", |s| s.state().train.rate.suggestion().is_some());
    walk.see("rate finder");
    walk.act(TrainAction::Rate(RateAction::Show(false)));
    walk.act(TrainAction::Timeline(TimelineAction::Show(true)));
    walk.see("timeline");
    walk.act(TrainAction::Timeline(TimelineAction::Show(false)));
    walk.act(HubAction::Show(true));
    walk.act(HubAction::SetQuery("bert".into()));
    walk.act(HubAction::Search);
    walk.studio.wait("models", |s| s.has_part("bert-base-uncased"));
    walk.see("hub");
    walk.act(HubAction::Show(false));
    walk.act(DoctorAction::Show(true));
    walk.studio.wait("the machine", |s| s.state().doctor.machine.ready().is_some());
    walk.see("this computer");
    walk.act(DoctorAction::Test);
    walk.studio.wait("the self-test", |s| s.state().doctor.test.ready().is_some());
    walk.see("this computer, tested");
    walk.act(DoctorAction::Show(false));
    let name = "encoder.layer.0.attention.self.query.weight";
    walk.act(TrainAction::OpenParameter(Some(name.into())));
    let is_read = |s: &Studio| s.state().train.tree.opened.as_ref().is_some_and(|(_, view)| view.ready().is_some());
    walk.studio.wait("the values", is_read);
    walk.see("parameter");
    walk.act(TrainAction::OpenParameter(None));
}

/// A run that is over, in every view that is about it.
fn see_a_run(walk: &mut Walk) {
    walk.see("live, empty");
    walk.act(Action::ShowView(View::Runs));
    walk.studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 4));
    walk.see("runs");
    let dir = walk.studio.state().runs.entries.ready().unwrap()[0].dir.clone();
    walk.act(RunsAction::Select(dir.clone()));
    walk.see("runs, one selected");
    walk.act(RunsAction::Open { dir: dir.clone(), purpose: Purpose::Show });
    walk.studio.wait("the run", |s| !s.state().run.shown.history.steps.is_empty());
    walk.act(Action::ShowView(View::Results));
    walk.see("results");
    see_pages_of_results(walk);
    see_rows(walk);
    walk.act(Action::ShowView(View::Live));
    walk.see("live");
    walk.studio.harness.query_all_by_label_contains("tensors unchanged").next().unwrap().click();
    walk.studio.harness.run_ok();
    walk.see("proof");
    walk.studio.harness.key_press(Key::Escape);
    walk.act(RunAction::ZoomMatrix(true));
    walk.see("live, matrix zoomed");
    walk.act(RunAction::ZoomMatrix(false));
    walk.act(RunAction::ShowSideChart(SideChart::Layers));
    walk.see("layers");
    walk.act(Action::ShowView(View::Try));
    walk.act(RunAction::SetSentence(SENTENCE.into()));
    walk.act(RunAction::Predict);
    walk.studio.wait("the prediction", |s| s.has_part("topic number"));
    walk.see("try");
    walk.act(WhyAction::Open(true));
    walk.studio.wait("the words", |s| s.has_part("speaks"));
    walk.see("why");
    walk.act(WhyAction::ShowPretrained(true));
    walk.act(WhyAction::ChooseWord(3));
    walk.see("why, two models and a word changed");
    walk.act(WhyAction::ShowPretrained(false));
    walk.act(WhyAction::ShowAttention(true));
    walk.see("why, attention");
    walk.act(WhyAction::Open(false));
    see_sentences(walk);
    walk.act(RunsAction::Open { dir, purpose: Purpose::Replay });
    walk.studio.wait("the replay", |s| s.state().run.replay.is_some());
    walk.act(RunAction::Replay(ReplayAction::Play(false)));
    walk.act(RunAction::Replay(ReplayAction::Seek(60.0)));
    walk.see("replay");
    walk.act(RunAction::Replay(ReplayAction::End));
}

/// As many sentences as are kept, with the answers of three models.
fn see_sentences(walk: &mut Walk) {
    for n in 0..MOST {
        let text = format!("{n}. Where is my parcel? 제 소포가 어디 있나요? {}", "It was to be here. ".repeat(n));
        walk.act(RunAction::SetSentence(text));
        walk.act(SentencesAction::Keep);
    }
    walk.see("try, my sentences");
    walk.act(WhyAction::ShowPretrained(true));
    walk.act(WhyAction::ShowOther(Some(shown(Path::new(NAMES[3])))));
    let is_answered = |s: &Studio| {
        let columns = &s.state().sentences.columns;
        columns.len() == 3 && columns.iter().all(|column| column.answers.ready().is_some())
    };
    walk.studio.wait("all answers", is_answered);
    walk.see("try, my sentences of three models");
    walk.act(WhyAction::ShowPretrained(false));
    walk.act(WhyAction::ShowOther(None));
    walk.act(SentencesAction::Show(false));
}

/// What Results has behind its first page.
fn see_pages_of_results(walk: &mut Walk) {
    let act = |walk: &mut Walk, action: ResultsAction| walk.act(RunAction::Results(action));
    act(walk, ResultsAction::ShowCells(Cells::ColumnShares));
    walk.see("results, shares of columns");
    act(walk, ResultsAction::ShowCells(Cells::Counts));
    act(walk, ResultsAction::Show(results::Page::Measures));
    walk.studio.wait("the probabilities", |s| s.state().run.results.scores.ready().is_some());
    walk.see("results, measures");
    act(walk, ResultsAction::Show(results::Page::Curves));
    act(walk, ResultsAction::SetThreshold(0.35));
    walk.see("results, curves");
    act(walk, ResultsAction::Show(results::Page::Calibration));
    walk.see("results, calibration");
    act(walk, ResultsAction::Show(results::Page::OtherTests));
    walk.studio.wait("the other tests", |s| s.has_part("short.csv"));
    walk.see("results, other tests");
    act(walk, ResultsAction::Show(results::Page::Overview));
}

fn see_comparisons(walk: &mut Walk) {
    let dirs = NAMES.map(|name| shown(Path::new(name))).to_vec();
    walk.act(Action::ShowView(View::Compare));
    walk.see("compare, empty");
    walk.act(CompareAction::Open(dirs));
    walk.studio.wait("the runs", |s| s.state().compare.runs.len() == NAMES.len());
    for (page, name) in [
        (Page::Curves, "compared curves"),
        (Page::Table, "compared table"),
        (Page::Matrices, "compared matrices"),
        (Page::OtherTests, "compared, other tests"),
        (Page::Settings, "compared settings"),
    ] {
        walk.act(CompareAction::ShowPage(page));
        walk.see(name);
    }
}

fn see_a_race(walk: &mut Walk) {
    walk.act(CompareAction::ShowPage(Page::Race));
    walk.see("race");
    walk.act(RaceAction::Start);
    walk.studio.wait("the race", |s| s.state().race.race.as_ref().is_some_and(|race| race.ended.is_some()));
    walk.see("race outcome");
    walk.act(CompareAction::ShowPage(Page::Race));
    walk.act(OtherTestsAction::ShowOn(Some("short.csv".into())));
    walk.see("race outcome on another file");
    walk.act(OtherTestsAction::ShowOn(None));
}

/// The carried lessons, step by step, and what was handed in.
fn see_a_lesson(walk: &mut Walk) {
    walk.act(Action::ShowView(View::Live));
    walk.act(LessonAction::ShowList(true));
    walk.studio.wait("the lessons", |s| s.state().lessons.listed.len() > 1);
    walk.see("lessons");
    walk.act(LessonAction::ShowList(false));
    walk.act(LessonAction::Open("which-layer-is-last".into()));
    walk.studio.wait("the lesson", |s| s.state().lesson().is_some() && s.state().train.dataset.ready().is_some());
    let steps = walk.studio.state().lesson().unwrap().0.steps.len();
    for step in [0, 1, steps - 1] {
        walk.act(LessonAction::Turn(step));
        let choice = walk.studio.harness.query_all_by_role(Role::RadioButton).next();
        choice.into_iter().for_each(|choice| choice.click());
        walk.studio.harness.run_ok();
        walk.see(&format!("lesson, step {}", step + 1));
    }
}

#[test]
fn two_classes_with_long_names_can_be_read() {
    see_all_screens(2);
}

/// The screens that show classes. The walk with two classes sees all others, on which their number makes no difference.
fn see_screens_of_classes(classes: usize) {
    let mut walk = Walk::begin(classes);
    see_panels(&mut walk);
    walk.see("live, empty");
    walk.act(Action::ShowView(View::Runs));
    walk.studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 4));
    let dir = walk.studio.state().runs.entries.ready().unwrap()[0].dir.clone();
    walk.act(RunsAction::Open { dir, purpose: Purpose::Show });
    walk.studio.wait("the run", |s| !s.state().run.shown.history.steps.is_empty());
    walk.act(Action::ShowView(View::Results));
    walk.see("results");
    see_pages_of_results(&mut walk);
    walk.act(RunAction::Classes(ClassesAction::WorstFirst(true)));
    walk.act(RunAction::Classes(ClassesAction::Search("1".into())));
    walk.see("results, searched");
    walk.act(RunAction::Classes(ClassesAction::ListPairs(true)));
    walk.act(RunAction::Classes(ClassesAction::Search(String::new())));
    walk.see("results, worst pairs");
    walk.act(RunAction::Classes(ClassesAction::OpenCell { truth: classes - 1, predicted: 0 }));
    walk.see("results, a cell opened");
    see_rows(&mut walk);
    walk.act(RunAction::ZoomMatrix(false));
    walk.act(Action::ShowView(View::Live));
    walk.see("live");
    walk.act(RunAction::ZoomMatrix(true));
    walk.see("live, matrix zoomed");
    walk.act(RunAction::ZoomMatrix(false));
    walk.act(Action::ShowView(View::Try));
    walk.act(RunAction::SetSentence(SENTENCE.into()));
    walk.act(RunAction::Predict);
    walk.studio.wait("the prediction", |s| s.has_part("topic number"));
    walk.see("try");
    walk.act(Action::ShowView(View::Compare));
    walk.act(CompareAction::Open(NAMES[..2].iter().map(|name| shown(Path::new(name))).collect()));
    walk.studio.wait("the runs", |s| s.state().compare.runs.len() == 2);
    walk.act(CompareAction::ShowPage(Page::Matrices));
    walk.see("compared matrices");
    walk.end();
}

#[test]
fn twenty_five_classes_can_be_read() {
    see_screens_of_classes(25);
}

#[test]
fn a_hundred_and_fifty_classes_can_be_read() {
    see_screens_of_classes(150);
}

#[test]
fn a_thousand_classes_can_be_read() {
    see_screens_of_classes(1000);
}
