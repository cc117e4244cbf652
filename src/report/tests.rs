//! Reports of made runs and races: what is in them, that every program can read them, and that no text breaks them.

mod class;
mod made;

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::domain::history::History;
use crate::domain::metrics::wilson_interval;
use crate::domain::report::{Mistakes, ReportFormat, Reported, ReportedRun};
use crate::domain::stored::RunState;
use crate::words::{Catalogue, Language};

use self::made::{race, run, usual};
use super::document::{Block, Document};
use super::pdf::laid_out;
use super::{bytes, document};

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
