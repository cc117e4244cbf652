//! How the data file is read can be changed.

use crate::domain::config::Quoting;
use crate::domain::dataset::{DatasetSummary, TableHead};

use super::*;

#[test]
fn columns_encoding_and_shares_can_be_changed() {
    let mut harness = open(with_panel(Panel::Data, state()));
    harness.get_by_role_and_label(Role::ComboBox, "Encoding").click();
    harness.run();
    harness.get_by_label("EUC-KR (CP949)").click();
    harness.run();
    assert_eq!(harness.state().state.train.config.data.reading.encoding.as_deref(), Some("euc-kr"));
    choose_column(&mut harness, "Text column", "sentiment: negative, positive");
    assert_eq!(harness.state().state.train.config.data.reading.text_column.as_deref(), Some("sentiment"));
    harness.set_size(vec2(380.0, 1400.0));
    harness.run();
    type_into(&mut harness, "Test share", "25");
    assert!((harness.state().state.train.config.data.split.test_share - 0.25).abs() < 1e-12);
}

/// Chooses a column from its list, in which it stands with some of its cells.
fn choose_column(harness: &mut Harness<'_, Window>, list: &str, column: &str) {
    harness.get_by_role_and_label(Role::ComboBox, list).click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, column).click();
    harness.run();
}

#[test]
fn columns_that_were_guessed_wrongly_are_chosen_from_a_list() {
    let mut failed = with_panel(Panel::Data, state());
    let row = |i: usize| vec![i.to_string(), "  A long sentence about nothing at all  ".into(), "good".into()];
    failed.train.refused_table = Some(TableHead {
        columns: vec!["label".into(), "words".into(), String::new()],
        rows: (1..=9).map(row).collect(),
        encoding: "UTF-8".into(),
        delimiter: ',',
        ..TableHead::default()
    });
    let mut harness = open(failed);
    for (list, column) in [
        ("Text column", "words: A long sentence about no…"),
        ("Label column", "label: 1, 2"),
        ("Label column", "(no name): good"),
    ] {
        harness.state_mut().state.train.dataset = Loading::Failed(Problem::new("freeze-nothing-trains"));
        harness.run();
        assert_eq!(harness.query_all_by_role(Role::TextInput).count(), 0, "nothing has to be typed");
        choose_column(&mut harness, list, column);
    }
    let chosen = harness.state().actions.iter().map(|action| match action {
        Action::Train(TrainAction::ChangeData(data)) => {
            (data.reading.text_column.as_deref(), data.reading.label_column.as_deref())
        }
        other => panic!("{other:?}"),
    });
    let (words, label) = (Some("words"), Some("label"));
    assert_eq!(chosen.collect::<Vec<_>>(), [(words, None), (words, label), (words, Some(""))]);
}

/// A file of which much has to be skipped is used once its user says so, and words for missing values can be kept.
#[test]
fn the_other_rows_are_used_when_the_user_says_so() {
    let reason = Problem::new("data-skip-missing-label").with("word", "None").with("place", "");
    let problem = Problem::new("data-many-skipped")
        .with("file", "films.csv")
        .with_count("count", 30_u64)
        .with_count("rows", 100_u64)
        .with_percent("percent", 0.3)
        .with_count("row", 3_u64)
        .with_problem("reason", reason)
        .with_count("left", 70_u64);
    let mut failed = with_panel(Panel::Data, state());
    failed.train.dataset = Loading::Failed(problem.clone());
    let mut harness = open(failed);
    harness.run();
    harness.get_by_label("Use the other 70 rows").click();
    harness.run();
    let Some(Action::Train(TrainAction::ChangeData(data))) = harness.state().actions.last() else {
        panic!("no action")
    };
    assert!(data.reading.accept_skipped && !data.reading.keep_missing_words);
    let mut failed = with_panel(Panel::Data, state());
    failed.train.dataset = Loading::Failed(problem);
    let mut harness = open(failed);
    harness.run();
    assert!(harness.query_by_label("Keep nan, None, NULL").is_some());
}

#[test]
fn quotation_marks_and_the_first_row_are_chosen() {
    let mut harness = open(with_panel(Panel::Data, state()));
    for (list, choice) in [("Quotation marks", "Backslash: \\\""), ("First row", "A row of data")] {
        harness.get_by_role_and_label(Role::ComboBox, list).click();
        harness.run();
        harness.get_by_label(choice).click();
        harness.run();
    }
    let data = &harness.state().state.train.config.data;
    assert_eq!((data.reading.quoting, data.reading.header), (Some(Quoting::Backslash), Some(false)));
}

/// Two columns look like a pair: it is said, one click reads both, and the list takes it back.
#[test]
fn a_second_text_is_chosen_and_never_taken_by_itself() {
    let mut state = with_panel(Panel::Data, state());
    let one = DatasetSummary { second_text_column: None, likely_pair: Some((0, 1)), ..pair_summary() };
    state.train.dataset = Loading::Ready(Arc::new(one));
    let mut harness = open(state);
    harness.run();
    assert!(
        harness
            .query_by_label("“premise” and “hypothesis” look like the two texts of a row. Only “premise” is read.")
            .is_some()
    );
    assert!(harness.state().actions.is_empty());
    harness.get_by_label("Read both texts").click();
    harness.run();
    let reading = harness.state().state.train.config.data.reading.clone();
    assert_eq!(reading.text_column.as_deref(), Some("premise"));
    assert_eq!(reading.second_text_column.as_deref(), Some("hypothesis"));
    harness.state_mut().state.train.dataset = Loading::Ready(Arc::new(pair_summary()));
    harness.run();
    assert!(harness.query_by_label_contains("look like the two texts").is_none());
    assert_eq!(harness.query_all_by_label("Second text").count(), 2, "the list and the mark over the column");
    choose_column(&mut harness, "Second text", "None");
    assert_eq!(harness.state().state.train.config.data.reading.second_text_column, None);
}
