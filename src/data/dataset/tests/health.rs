//! What is found in data before anything trains on them.

use super::*;
use crate::domain::health::{Finding, Found, FoundRow, PartName};
use crate::words::health::finding;

fn found(dataset: &Dataset) -> Vec<&Found> {
    dataset.summary.findings.iter().map(|finding| &finding.found).collect()
}

/// The row numbers behind the first finding of this kind.
fn rows(dataset: &Dataset, is_it: fn(&Found) -> bool) -> Vec<u32> {
    let found = dataset.summary.findings.iter().find(|finding| is_it(&finding.found)).unwrap();
    found.rows.iter().map(|row| row.row).collect()
}

fn sentences(findings: &[Finding]) -> Vec<String> {
    for language in Language::ALL {
        for found in findings {
            let sentence = finding(&Catalogue::new(language), found);
            assert!(!sentence.contains("{$") && !sentence.contains("health-"), "{sentence}");
        }
    }
    findings.iter().map(|found| finding(&Catalogue::new(Language::English), found)).collect()
}

#[test]
fn healthy_data_have_no_findings() {
    assert_eq!(open(table_with("")).unwrap().summary.findings, []);
    assert_eq!(Dataset::open(&DataConfig::default(), &|_, _| {}).unwrap().summary.findings, []);
}

#[test]
fn a_text_under_two_labels_is_counted_and_listed() {
    let dataset = open(table_with("text  number 0,pos\ntext number 3,pos\n text number 3 ,neg\n")).unwrap();
    let copies = Found::Copies { texts: 2, rows: 5, together: Some(true) };
    assert_eq!(found(&dataset), [&Found::ConflictingLabels { texts: 2, rows: 5 }, &copies]);
    assert_eq!(rows(&dataset, |found| matches!(found, Found::ConflictingLabels { .. })), [2, 6, 5, 7, 8]);
    let first =
        FoundRow { file: PartName::Train, row: 2, label: "neg".into(), text: "text number 0".into(), second: None };
    assert_eq!(dataset.summary.findings[0].rows[0], first);
    let said = sentences(&dataset.summary.findings);
    assert!(said[0].starts_with("2 texts have more than one label (5 rows)."), "{}", said[0]);
    assert!(said[0].ends_with("The first are rows 2 and 6."), "{}", said[0]);
    assert!(said[1].contains("kept in one part"), "{}", said[1]);
}

#[test]
fn files_that_overlap_are_told_with_the_count() {
    let files = Files::new();
    let source = DataSource::File(files.put("my.csv", table_with("")));
    let test = "text,label\nnew one,neg\ntext  number 7,pos\ntext number 8,neg\nnew two,pos\n";
    let validation = "text,label\nnew one,neg\ntext number 1,pos\n";
    let (test, validation) = (Some(files.put("test.csv", test)), Some(files.put("validation.csv", validation)));
    let config = DataConfig { source, test, validation, ..DataConfig::default() };
    let dataset = Dataset::open(&config, &|_, _| {}).unwrap();
    let overlap = |part, with, rows, of| Found::Overlap { part, with, rows, of };
    let expected = [
        overlap(PartName::Test, PartName::Train, 2, 4),
        overlap(PartName::Validation, PartName::Train, 1, 2),
        overlap(PartName::Test, PartName::Validation, 1, 4),
    ];
    assert_eq!(found(&dataset), expected.iter().collect::<Vec<_>>());
    let listed: Vec<(PartName, u32)> = dataset.summary.findings[0].rows.iter().map(|r| (r.file, r.row)).collect();
    let (test, train) = (PartName::Test, PartName::Train);
    assert_eq!(
        listed,
        [(test, 3), (train, 10), (test, 4), (train, 11)].map(|(file, row)| (file, row - u32::from(file == train)))
    );
    let said = sentences(&dataset.summary.findings);
    assert!(
        said[0].starts_with("2 of the 4 test rows hold a text that is also among the training rows"),
        "{}",
        said[0]
    );
    assert!(said[0].contains("Take these rows out of one of the files. The first is row 3."), "{}", said[0]);
}

#[test]
fn what_reading_found_is_in_the_same_list() {
    let rows: String = (0..40).map(|i| format!("text number {i},{},,same\n", [" Good", "bad"][i % 2].trim())).collect();
    let csv = format!("text,label,note,source\n{rows}nan,good,,same\ntext,label,note,source\nlast one,good,,same\n");
    let dataset = open(&csv).unwrap();
    let kinds: Vec<String> =
        dataset.summary.findings.iter().map(|f| serde_json::to_value(f).unwrap()["finding"].to_string()).collect();
    let expected = ["skipped_rows", "skipped_rows", "label_spellings", "empty_column", "constant_column"]
        .map(|name| format!("\"{name}\""));
    assert_eq!(kinds, expected);
    let spelt = &dataset.summary.findings[2].rows;
    assert_eq!(spelt.iter().map(|row| (row.row, row.label.as_str())).collect::<Vec<_>>(), [(44, "good")]);
    let missing = &dataset.summary.findings[0].rows[0];
    assert_eq!((missing.row, missing.text.as_str(), missing.label.as_str()), (42, "nan", "good"));
    let said = sentences(&dataset.summary.findings);
    assert!(said[0].starts_with("Row 42 is skipped: the text is “nan”"), "{}", said[0]);
    assert_eq!(said[3], "The column “note” is empty in every row.");
}

#[test]
fn a_file_that_is_measured_on_is_compared_with_what_was_trained_on() {
    let trained = open(table_with("")).unwrap();
    let all: String = (0..20).map(|i| format!("text number {i},{}\n", ["neg", "pos"][i % 2])).collect();
    let files = Files::new();
    let source = DataSource::File(files.put("again.csv", format!("text,label\n{all}a new one,neg\n")));
    let config = DataConfig { source, ..DataConfig::default() };
    let tested = Dataset::open_for_evaluation(&config, &trained.label_names(), &|_, _| {}).unwrap();
    let (train, validation, _) = trained.summary.split.totals();
    let overlap = |with, rows| Found::Overlap { part: PartName::Test, with, rows, of: 21 };
    let met: Vec<Found> = tested.met_in(&trained).into_iter().map(|finding| finding.found).collect();
    assert_eq!(met, [overlap(PartName::Train, train), overlap(PartName::Validation, validation)]);
}

/// A column that holds nothing, or the same in every row, is told and never guessed, whatever its name.
#[test]
fn empty_and_constant_columns_are_neither_texts_nor_labels() {
    let row =
        |i: usize, cells: &str| cells.replace("TEXT", &format!("a text number {i}")).replace("N", &(i % 2).to_string());
    let table =
        |head: &str, cells: &str| format!("{head}\n{}", (0..30).map(|i| row(i, cells) + "\n").collect::<String>());
    let empty = |column: &str| Found::EmptyColumn { column: column.into() };
    let constant = |column: &str| Found::ConstantColumn { column: column.into(), value: "all alike here".into() };
    for (head, cells, text, label, told) in [
        ("id,text,comment,label", "TEXT,,and a long TEXT,N", "comment", "label", vec![empty("text")]),
        ("text,label,sentiment", "TEXT,,N", "text", "sentiment", vec![empty("label")]),
        ("text,label,sentiment", "TEXT,all alike here,N", "text", "sentiment", vec![constant("label")]),
        ("text,x,y", "all alike here,TEXT,N", "x", "y", vec![constant("text")]),
        ("a,b,c,d", ",TEXT,all alike here,N", "b", "d", vec![empty("a"), constant("c")]),
    ] {
        let dataset = open(table(head, cells)).unwrap();
        let DatasetSummary { columns, text_column, label_column, .. } = &dataset.summary;
        assert_eq!((columns[*text_column].as_str(), columns[*label_column].as_str()), (text, label), "{head}");
        assert_eq!(found(&dataset), told.iter().collect::<Vec<_>>(), "{head}");
    }
}
