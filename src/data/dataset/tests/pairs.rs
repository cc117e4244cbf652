//! Rows of two texts.

use crate::domain::health::Found;

use super::*;

/// Reads the texts of two columns, which are given by their names.
fn pair_of(first: Option<&str>, second: &str) -> DataConfig {
    read_as(ReadingConfig {
        text_column: first.map(str::to_owned),
        second_text_column: Some(second.to_owned()),
        ..ReadingConfig::default()
    })
}

/// A table of premises and hypotheses with two labels, in which `extra` comes at the end.
fn entailment(extra: &str) -> String {
    let row = |i: usize| format!("the premise number {i},hypothesis {i},{}\n", ["no", "yes"][i % 2]);
    let rows: String = (0..40).map(row).collect();
    format!("premise,hypothesis,label\n{rows}{extra}")
}

#[test]
fn two_texts_are_read_only_where_the_second_is_named() {
    let one = open(entailment("")).unwrap();
    assert!(!one.texts.are_pairs());
    assert_eq!((one.summary.second_text_column, one.summary.likely_pair), (None, Some((0, 1))));
    assert_eq!(one.summary.text_columns(), [""; 0]);

    for first in [None, Some("premise")] {
        let two = open_with(entailment(""), pair_of(first, "hypothesis")).unwrap();
        assert_eq!((two.texts.get(3), two.texts.second(3)), ("the premise number 3", Some("hypothesis 3")));
        assert_eq!((two.summary.second_text_column, two.summary.likely_pair), (Some(1), None));
        assert_eq!(two.summary.text_columns(), ["premise", "hypothesis"]);
        assert_eq!((two.summary.text_column, two.summary.label_column), (0, 2));
        assert_ne!(two.summary.content_hash, one.summary.content_hash);
        assert_eq!(two.splits.test, one.splits.test);
    }
    let turned = open_with(entailment(""), pair_of(None, "premise")).unwrap();
    assert_eq!(turned.summary.text_columns(), ["hypothesis", "premise"], "the one that is named is the second");
    let limited = DataConfig { max_rows: Some(20), ..pair_of(None, "hypothesis") };
    let limited = open_with(entailment(""), limited).unwrap();
    let texts = &limited.texts;
    assert_eq!(texts.len(), 20);
    assert!((0..20).all(|i| texts.get(i).rsplit(' ').next() == texts.second(i).unwrap().rsplit(' ').next()));
}

/// The second column is neither guessed as text nor as label.
#[test]
fn the_other_columns_are_guessed_beside_the_second() {
    let row = |i: usize| format!("{i},short {i},a much longer second text with the number {i},{}\n", ["x", "y"][i % 2]);
    let csv = format!("id,a,b,c\n{}", (0..40).map(row).collect::<String>());
    let summary = open_with(csv, pair_of(None, "b")).unwrap().summary;
    assert_eq!((summary.text_column, summary.second_text_column, summary.label_column), (1, Some(2), 3));
}

/// In Python such a row ends the program, or the word nan is read as a text.
#[test]
fn rows_without_a_second_text_are_skipped_and_counted() {
    let csv = entailment("a premise,,no\na premise,nan,yes\na premise,\"  \",no\n,a hypothesis,yes\n");
    let dataset = open_with(csv, pair_of(None, "hypothesis")).unwrap();
    let kinds: Vec<(usize, &str, usize)> =
        dataset.summary.skipped.kinds.iter().map(|kind| (kind.row, kind.reason.id.as_ref(), kind.count)).collect();
    let expected =
        [(42, "data-skip-empty-second", 2), (43, "data-skip-missing-second", 1), (45, "data-skip-empty-text", 1)];
    assert_eq!((dataset.summary.rows, kinds), (40, expected.to_vec()));
}

#[test]
fn a_second_column_that_cannot_be_read_is_refused() {
    for (first, second, id, told) in [
        (Some("premise"), "premise", "data-same-second", "first text"),
        (Some("premise"), "label", "data-same-second", "labels"),
        (None, "nope", "data-unknown-column", "premise, hypothesis, label"),
    ] {
        let config = pair_of(first, second);
        let config =
            DataConfig { reading: ReadingConfig { label_column: Some("label".into()), ..config.reading }, ..config };
        let (found, sentence) = refusal(open_with(entailment(""), config));
        assert_eq!(found, id);
        assert!(sentence.contains(told) && sentence.contains(second), "{sentence}");
    }
    let numbers: String = (0..40).map(|i| format!("text {i},{i},{}\n", ["x", "y"][i % 2])).collect();
    let (id, sentence) = refusal(open_with(format!("text,count,label\n{numbers}"), pair_of(None, "count")));
    assert_eq!(id, "data-numeric-text");
    assert!(sentence.contains("count"), "{sentence}");
}

#[test]
fn a_test_file_has_both_columns_too() {
    let files = Files::new();
    let (main, test) = (files.put("my.csv", entailment("")), files.put("test.csv", "premise,label\na,no\nb,yes\n"));
    let config = DataConfig { source: DataSource::File(main), test: Some(test), ..pair_of(None, "hypothesis") };
    let problem = Dataset::open(&config, &|_, _| {}).unwrap_err();
    assert_eq!((problem.id.as_ref(), problem.arg("column").as_deref()), ("data-unknown-column", Some("hypothesis")));
    assert!(problem.arg("file").unwrap().contains("test.csv"));
    std::fs::write(config.test.as_ref().unwrap(), "label,hypothesis,premise\nno,h,p\nyes,i,q\n").unwrap();
    let dataset = Dataset::open(&config, &|_, _| {}).unwrap();
    let last = dataset.texts.len() - 1;
    assert_eq!((dataset.texts.get(last), dataset.texts.second(last)), ("q", Some("i")));
}

/// One premise stands in many rows of such data, each time with another hypothesis.
#[test]
fn a_copy_of_a_pair_is_a_copy_of_both_texts() {
    let row = |i: usize| format!("the premise number {},hypothesis {i},{}\n", i / 4, ["no", "yes"][i % 2]);
    let rows: String = (0..40).map(row).collect();
    let csv = format!("premise,hypothesis,label\n{rows}the premise  number 0,hypothesis 0,yes\n");
    let found = |config: DataConfig| -> Vec<Found> {
        let findings = open_with(&csv, config).unwrap().summary.findings;
        findings.into_iter().map(|finding| finding.found).collect()
    };
    let expected =
        [Found::ConflictingLabels { texts: 1, rows: 2 }, Found::Copies { texts: 1, rows: 2, together: Some(true) }];
    assert_eq!(found(pair_of(Some("premise"), "hypothesis")), expected);
    let findings = open_with(&csv, pair_of(Some("premise"), "hypothesis")).unwrap().summary.findings;
    assert_eq!(findings[0].rows[0].second.as_deref(), Some("hypothesis 0"));
    let one_text = read_as(ReadingConfig { text_column: Some("premise".into()), ..ReadingConfig::default() });
    assert!(found(one_text).contains(&Found::Copies { texts: 10, rows: 41, together: Some(true) }));
}
