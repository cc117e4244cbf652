//! Workbooks, JSON and archives of the kinds that people bring beside the plain ones.

use serde_json::json;

use super::*;

fn cell(column: char, row: usize, text: &str) -> String {
    inline(&format!("{column}{row}"), text)
}

/// A sheet of texts in column A, with these cells in column B.
fn sheet_of(labels: impl Fn(usize) -> String) -> String {
    let header = format!("<row r=\"1\">{}{}</row>", cell('A', 1, "text"), cell('B', 1, "label"));
    let row = |i: usize| format!("<row r=\"{i}\">{}{}</row>", cell('A', i, &format!("film number {i}")), labels(i));
    header + &(2..42).map(row).collect::<String>()
}

fn notes(dataset: &Dataset) -> Vec<&str> {
    dataset.summary.notes.iter().map(|note| note.id.as_ref()).collect()
}

#[test]
fn cells_that_are_merged_over_rows_count_for_each() {
    let rows = sheet_of(|i| match (i - 2) % 5 {
        0 => cell('B', i, ["neg", "pos"][(i - 2) / 5 % 2]),
        _ => String::new(),
    });
    let merged: String = (0..8).map(|n| format!("<mergeCell ref=\"B{}:B{}\"/>", 2 + 5 * n, 6 + 5 * n)).collect();
    let with = format!("{rows}</sheetData><mergeCells>{merged}</mergeCells><sheetData>");
    let found = open(xlsx(&[("s", "visible", with)])).unwrap();
    assert_eq!((found.summary.rows, found.label_names()), (40, vec!["neg".to_owned(), "pos".to_owned()]));
    assert_eq!(found.summary.labels.iter().map(|label| label.count).collect::<Vec<_>>(), [20, 20]);
    assert_eq!(notes(&found), ["data-note-merged"]);
    // Without that, the cells are empty.
    assert_eq!(refused(open(xlsx(&[("s", "visible", rows)]))).id, "data-many-skipped");
    // A title over all columns is none of the rows.
    let title = format!("<row r=\"1\">{}</row>", cell('A', 1, "Survey")) + &sheet(3);
    let title = format!("{title}</sheetData><mergeCells><mergeCell ref=\"A1:C1\"/></mergeCells><sheetData>");
    assert_eq!(notes(&open(xlsx(&[("s", "visible", title)])).unwrap()), [""; 0]);
}

#[test]
fn formulas_count_by_their_values_and_are_told_without_them() {
    let cached = sheet_of(|i| format!("<c r=\"B{i}\" t=\"str\"><f>IF(1,2)</f><v>{}</v></c>", ["neg", "pos"][i % 2]));
    assert_eq!(open(xlsx(&[("s", "visible", cached)])).unwrap().summary.rows, 40);
    let uncached = sheet_of(|i| format!("<c r=\"B{i}\"><f>IF(A{i}=1,2)</f></c>"));
    let problem = refused(open(xlsx(&[("s", "visible", uncached)])));
    assert_eq!(problem.id, "data-note-formulas");
    assert!(Catalogue::new(Language::English).problem(&problem).contains("formulas whose values were not saved"));
}

#[test]
fn truth_values_hidden_sheets_and_what_is_called_a_workbook() {
    let truth = sheet_of(|i| format!("<c r=\"B{i}\" t=\"b\"><v>{}</v></c>", i % 2));
    let hidden = xlsx(&[("Old", "hidden", sheet(1)), ("Data", "visible", truth)]);
    assert_eq!(open(hidden).unwrap().label_names(), ["FALSE", "TRUE"]);
    let files = Files::new();
    for name in ["table.xls", "table.xlsx", "table.txt", "table.gz"] {
        let found = open_at(&files.put(name, csv()), DataConfig::default()).unwrap();
        assert_eq!(found.summary.format, TableFormat::Delimited, "{name}");
    }
    for name in ["table.csv", "table.txt"] {
        assert_eq!(open_at(&files.put(name, gzip(&csv())), DataConfig::default()).unwrap().summary.rows, 30, "{name}");
    }
    let numbers = zip(&[("Index/Document.iwa", b"x"), ("Metadata/Properties.plist", b"x"), ("preview.jpg", b"x")]);
    assert_eq!(refused(open(numbers)).id, "data-is-numbers");
}

#[test]
fn json_of_pandas_and_of_labelling_tools() {
    let of = |value: serde_json::Value| open(value.to_string()).unwrap();
    let text = |i: usize| format!("film number {i}");
    let label = |i: usize| ["neg", "pos"][i % 2];
    let labels = ["neg".to_owned(), "pos".to_owned()];
    let by_index = |value: &dyn Fn(usize) -> String| {
        (0..40).map(|i| (i.to_string(), value(i).into())).collect::<serde_json::Map<_, _>>()
    };
    let columns = json!({ "text": by_index(&text), "label": by_index(&|i| label(i).to_owned()) });
    let indexed: serde_json::Map<_, _> =
        (0..40).map(|i| (i.to_string(), json!({ "text": text(i), "label": label(i) }))).collect();
    let studio = |i: usize| {
        let result = json!([{ "type": "choices", "value": { "choices": [label(i)] }, "from_name": "sentiment" }]);
        json!({ "id": i, "data": { "text": text(i) }, "annotations": [{ "id": i, "result": result }] })
    };
    for value in [
        columns,
        indexed.into(),
        (0..40).map(|i| json!({ "id": i, "text": text(i), "label": [label(i)] })).collect(),
        (0..40).map(studio).collect(),
        json!({ "columns": ["text", "label"], "index": [], "data": (0..40).map(|i| [text(i), label(i).to_owned()]).collect::<Vec<_>>() }),
    ] {
        let found = of(value.clone());
        assert_eq!((found.summary.rows, found.label_names()), (40, labels.to_vec()), "{value:.60}");
    }
    let lines: String = (0..40).map(|i| json!({ "text": text(i), "label": label(i) }).to_string() + ",\n").collect();
    assert_eq!(open(lines).unwrap().summary.rows, 40, "lines of a list that was cut");
    let open_ended: serde_json::Value = (0..40)
        .map(|i| json!({ "sentence": text(i), "gold_label": if i % 20 == 1 { "-" } else { label(i) } }))
        .collect();
    assert_eq!(of(open_ended).summary.skipped.count, 2, "annotators did not agree");
    let missing: serde_json::Value = (0..40)
        .map(|i| {
            if i % 20 == 1 { json!({ "text": text(i) }) } else { json!({ "text": text(i), "label": label(i), "x": i }) }
        })
        .collect();
    assert_eq!((of(missing.clone()).summary.rows, of(missing).summary.skipped.count), (38, 2));
    let wrapped = json!({ "root": { "row": (0..40).map(|i| json!({ "text": text(i), "label": label(i) })).collect::<Vec<_>>() } });
    assert_eq!(of(wrapped).summary.rows, 40);
    let squad = |i: usize| json!({ "title": text(i), "paragraphs": [{ "context": "a" }, { "context": "b" }] });
    let squad = refused(open(json!({ "version": "1", "data": (0..9).map(squad).collect::<Vec<_>>() }).to_string()));
    assert_eq!(squad.id, "data-nested-records");
    assert!(Language::ALL.iter().all(|language| Catalogue::new(*language).problem(&squad).contains("paragraphs")));
}
