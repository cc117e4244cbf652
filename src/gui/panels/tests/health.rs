//! The health of the data stands in one line, or in one for each finding, which shows its rows.

use crate::domain::health::{Finding, Found, FoundRow, PartName};
use crate::domain::legibility::{Legibility, Piece, PieceKind};

use super::*;

fn with_findings(findings: Vec<Finding>) -> AppState {
    let mut state = with_panel(Panel::Data, state());
    state.train.dataset = Loading::Ready(Arc::new(DatasetSummary { findings, ..summary() }));
    state
}

fn conflicts(rows: u32) -> Finding {
    let row =
        |i| FoundRow { row: i + 2, label: format!("label {i}"), text: format!("text {i}"), ..FoundRow::default() };
    let found = Found::ConflictingLabels { texts: rows as usize / 2, rows: rows as usize };
    Finding { found, rows: (0..rows).map(row).collect() }
}

#[test]
fn one_line_when_all_is_well() {
    for language in Language::ALL {
        let words = Catalogue::new(language);
        let harness = open_in(with_findings(Vec::new()), language, Theme::Light);
        harness.get_by_label(&words.say("health-well"));
    }
}

#[test]
fn a_line_opens_its_rows_with_mouse_and_keyboard() {
    let overlap = Found::Overlap { part: PartName::Test, with: PartName::Train, rows: 1, of: 9 };
    let own =
        FoundRow { file: PartName::Test, row: 12, label: "positive".into(), text: "seen before".into(), second: None };
    let findings = vec![Finding { found: overlap, rows: vec![own] }, conflicts(40)];
    let mut harness = open(with_findings(findings));
    let words = Catalogue::new(Language::English);
    let line = |harness: &Harness<'_, Window>, i: usize| {
        let data = harness.state().state.train.dataset.latest().unwrap().clone();
        crate::words::health::title(&words, &data.findings[i].found)
    };
    assert_eq!(harness.query_all_by_label("text 0").count(), 0);
    let (first, second) = (line(&harness, 0), line(&harness, 1));
    harness.get_by_role_and_label(Role::Button, &first).click();
    harness.run();
    harness.get_by_label("12 (test file)");
    harness.get_by_label_contains("so the test measures in part what the model has seen");
    harness.get_by_label("seen before");
    harness.get_by_role_and_label(Role::Button, &second).focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label("text 0");
    // Far rows are not laid out until the list is scrolled to them, which the keyboard can do.
    assert_eq!(harness.query_all_by_label("text 39").count(), 0);
    harness.key_press(Key::Tab);
    harness.run();
    harness.key_press(Key::End);
    harness.run();
    harness.get_by_label("text 39");
    harness.get_by_role_and_label(Role::Button, &first).focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.query_all_by_label("seen before").count(), 0);
}

#[test]
fn words_that_the_model_does_not_know_are_among_the_findings() {
    let mut state = with_findings(Vec::new());
    let piece = |kind| Piece { text: "x".into(), kind };
    let pieces: Vec<Piece> = [PieceKind::Word, PieceKind::Unknown].repeat(9).into_iter().map(piece).collect();
    state.train.legibility = Some(Arc::new(Legibility::of([&pieces[..]])));
    let harness = open(state);
    harness.get_by_label("50.0 % of the words are unknown to the model");
}
