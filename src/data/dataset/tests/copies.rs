//! The copies of a text stand in one part of the split.

use super::*;
use crate::data::copies::Key;
use crate::domain::health::Found;

/// Sixty texts ten times each, mixed, with a label by text that nothing in the text tells. Some copies have other spaces.
fn copied() -> String {
    let row = |i: usize| {
        let text = i * 7 % 60;
        let gap = [" ", "  ", "\t"][i % 3];
        format!("note {text}:{gap}a tram came{gap}at its hour,{}\n", ["dull", "fine"][text * text / 3 % 2])
    };
    format!("text,label\n{}", (0..600).map(row).collect::<String>())
}

/// The rows of the second part whose texts are in the first one, too.
fn shared(dataset: &Dataset, first: &[u32], second: &[u32]) -> usize {
    let key = |row: &u32| Key::of(dataset.texts.get(*row as usize), None);
    let known: Vec<Key<'_>> = first.iter().map(key).collect();
    second.iter().filter(|row| known.contains(&key(row))).count()
}

#[test]
fn no_test_text_was_seen_in_training() {
    let dataset = open(copied()).unwrap();
    let Splits { train, validation, test } = &dataset.splits;
    assert_eq!((train.len() + validation.len() + test.len(), test.len()), (600, 120));
    assert_eq!((shared(&dataset, train, test), shared(&dataset, train, validation)), (0, 0));
    assert_eq!(shared(&dataset, validation, test), 0);
}

/// Runs of older versions resume, and are measured and shown, with the split that they were trained with.
#[test]
fn settings_of_older_runs_split_row_by_row() {
    let mut settings = serde_json::to_value(DataConfig::default()).unwrap();
    let split = settings["split"].as_object_mut().unwrap();
    assert_eq!(split.remove("copies_together"), Some(true.into()), "new runs say it");
    let old: DataConfig = serde_json::from_value(settings).unwrap();
    let dataset = open_with(copied(), old.clone()).unwrap();
    assert!(shared(&dataset, &dataset.splits.train, &dataset.splits.test) > 100);
    assert_eq!(dataset.summary.split.totals(), (336, 144, 120));
    let written = serde_json::to_string(&old).unwrap();
    assert!(!written.contains("copies_together"), "old settings stay as they were: {written}");
    assert!(old.for_source(DataSource::Bundled).split.copies_together, "another file is split as new runs are");
}

/// A class of one text cannot be tested on another one, and that is said.
#[test]
fn a_class_of_copies_is_divided_and_named() {
    let many: String = (0..40).map(|i| format!("a text of its own number {i},common\n")).collect();
    let csv = format!("text,label\n{many}{}", "always the same,rare\n".repeat(30));
    let dataset = open(&csv).unwrap();
    assert_eq!((dataset.summary.split.test[1], dataset.summary.split.train[1]), (6, 17));
    let found: Vec<&Found> = dataset.summary.findings.iter().map(|finding| &finding.found).collect();
    let few = Found::FewTexts { label: "rare".into(), texts: 1, rows: 30 };
    let seen = Found::Overlap { part: PartName::Test, with: PartName::Train, rows: 6, of: 14 };
    assert_eq!(found[..2], [&few, &seen]);
    assert!(found.contains(&&Found::Copies { texts: 1, rows: 30, together: Some(false) }), "{found:?}");
    let three = csv + "another,rare\nand a third,rare\n";
    let dataset = open(&three).unwrap();
    assert_eq!((dataset.summary.split.test[1], dataset.summary.split.train[1]), (1, 30));
    let [only] = &dataset.summary.findings[..] else { panic!("{:?}", dataset.summary.findings) };
    assert_eq!(only.found, Found::Copies { texts: 1, rows: 30, together: Some(true) });
}
