//! The kinds of tables that people bring, each of which reads in the one sensible way or is refused with what to say.

use crate::domain::config::Quoting;

use super::*;

const LABELS: [&str; 2] = ["neg", "pos"];

/// A header and 60 rows of texts with two labels.
fn rows(header: &str, row: impl Fn(&str, &str) -> String) -> String {
    let text = |i: usize| format!("the village number {i} was quiet");
    let lines: Vec<String> = (0..60).map(|i| row(&text(i), LABELS[i % 2])).collect();
    format!("{header}\n{}\n", lines.join("\n"))
}

fn plain() -> String {
    rows("text,label", |text, label| format!("{text},{label}"))
}

/// Checks that all 60 rows are read, with both labels.
#[track_caller]
fn reads(bytes: impl AsRef<[u8]>) -> DatasetSummary {
    let dataset = open(bytes).unwrap();
    assert_eq!((dataset.summary.rows, dataset.label_names()), (60, LABELS.map(String::from).to_vec()));
    assert!(dataset.texts.get(0).starts_with("the village number"), "{:?}", dataset.texts.get(0));
    dataset.summary
}

fn notes(summary: &DatasetSummary) -> Vec<&str> {
    summary.notes.iter().map(|note| note.id.as_ref()).collect()
}

#[test]
fn what_stands_above_the_header_is_said_and_left_out() {
    for (above, lines) in [("# exported 2024-05-01, by someone\n", 1), ("Survey of reviews\n\n", 2), ("Survey,\n", 1)] {
        let dataset = open(format!("{above}{}", plain())).unwrap();
        assert_eq!((dataset.summary.rows, dataset.row_numbers[0]), (60, lines + 2), "{above}");
        assert_eq!(notes(&dataset.summary), ["data-note-above"], "{above}");
    }
    for above in ["\n\n", ",\n"] {
        assert_eq!(notes(&reads(format!("{above}{}", plain()))), [""; 0], "{above:?}");
    }
    let told = read_as(ReadingConfig { header: Some(false), ..ReadingConfig::default() });
    assert!(open_with(format!("# a remark, it is\n{}", plain()), told).unwrap_err().id.starts_with("data-"));
}

#[test]
fn labels_with_marks_that_are_not_to_be_seen_are_the_labels() {
    let marks = ["", "\u{200b}", "\u{feff}", "\u{a0}", " "];
    let text =
        (0..60).map(|i| format!("the village number {i},{}{}\n", LABELS[i % 2], marks[i % 5])).collect::<String>();
    assert!(reads(format!("text,label\n{text}")).merged.is_empty());
    assert_eq!(reads(plain().replace("text,label", "\u{200b}text\u{200b},label\u{feff}")).columns, ["text", "label"]);
}

#[test]
fn fields_in_apostrophes_or_behind_spaces() {
    let weka = rows("'text','label'", |text, label| format!("'{text}, it\\'s \"so\"','{label}'"));
    let summary = reads(&weka);
    assert_eq!((summary.quoting, summary.quoting_guessed), (Quoting::Single, true));
    assert!(open(&weka).unwrap().texts.get(1).ends_with(", it's \"so\""));
    let only_texts = rows("text,label", |text, label| format!("'{text}, or so',{label}"));
    assert_eq!(reads(&only_texts).quoting, Quoting::Single);
    // Texts that begin and end like this are texts.
    let speech = rows("text\tlabel", |text, label| format!("{text} 'so'\t{label}"));
    assert_eq!(reads(speech).quoting, Quoting::Double);
    let spaced = rows("text, label", |text, label| format!("\"{text}, really\", \"{label}\""));
    assert_eq!(reads(spaced).columns, ["text", "label"]);
}

#[test]
fn a_row_that_sums_up_the_others_is_skipped() {
    for (last, count) in [("Total,60\n", 1), ("합계:,60\r\n", 1), ("Grand total,", 1), ("a quiet village,pos\n", 0)] {
        let dataset = open(plain() + last).unwrap();
        assert_eq!((dataset.label_names().len(), dataset.summary.skipped.count), (2, count), "{last}");
    }
    // A text may be such a word.
    assert_eq!(open(plain() + "Total,pos\n").unwrap().summary.rows, 61);
}

#[test]
fn rows_of_empty_cells_are_blank_lines() {
    let dataset = open(plain().replace("text,label\n", "text,label\n,\n") + &", \n".repeat(500)).unwrap();
    assert_eq!((dataset.summary.rows, dataset.summary.skipped.count, dataset.row_numbers[0]), (60, 0, 3));
    let joined = format!("{}TEXT, Label\n{}", plain(), plain().replace("text,label\n", ""));
    assert_eq!((open(&joined).unwrap().summary.rows, open(&joined).unwrap().label_names().len()), (120, 2));
}

#[test]
fn columns_that_tell_parts_are_said_not_to_be_used() {
    for (column, values) in [("split", ["train", "test"]), ("is_valid", ["True", "False"])] {
        let text = (0..60).map(|i| format!("the village number {i},{},{}\n", LABELS[i % 2], values[i % 3 / 2]));
        let summary = reads(format!("text,label,{column}\n{}", text.collect::<String>()));
        assert_eq!(notes(&summary), ["data-note-part-column"]);
    }
}

#[test]
fn delimiters_that_texts_have_seldom_go_before_commas() {
    let sms = (0..60).map(|i| format!("{}\tthe village number {i}, he said \"ok\n", LABELS[i % 2])).collect::<String>();
    let summary = open(&sms).unwrap().summary;
    assert_eq!((summary.delimiter, summary.headless), ('\t', true));
    let decimal = rows("id;text;score;label", |text, label| format!("1;{text};0,5;{label}"));
    assert_eq!(reads(decimal).delimiter, ';');
    assert_eq!(reads(format!("sep=;\r\n{}", plain().replace(',', ";"))).delimiter, ';');
}

#[test]
fn usual_columns_under_many_names() {
    for name in ["class", "target", "polarity", "감정", "레이블", "Category", "gold_label"] {
        let text = rows(&format!(",fold,document,{name}"), |text, label| format!("7,1,{text},{label}"));
        let summary = reads(text);
        assert_eq!((summary.text_column, summary.label_column), (2, 3), "{name}");
    }
    let stars = (0..60).map(|i| format!("the village number {i},{} out of 5 stars\n", i % 5 + 1)).collect::<String>();
    assert_eq!(open(format!("review,rating\n{stars}")).unwrap().label_names()[0], "1 out of 5 stars");
    let tweets = (0..60)
        .map(|i| format!("\"{}\",\"{i}\",\"Mon Apr 06\",\"me\",\"@you the village {i}, caf\u{e9}\"\n", i % 2 * 4));
    let tweets = open(encoding_rs::WINDOWS_1252.encode(&tweets.collect::<String>()).0).unwrap();
    assert_eq!((tweets.label_names().join(" "), tweets.summary.headless), ("0 4".into(), true));
    assert!(tweets.texts.get(0).ends_with("caf\u{e9}"));
}

#[test]
fn encodings_and_line_ends() {
    let utf16 = |text: &str, is_little: bool| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(|unit: u16| if is_little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    };
    for is_little in [true, false] {
        reads(utf16(&plain(), is_little));
    }
    for (from, to) in [("\n", "\r"), ("\n", "\r\n"), ("text,label", "\u{feff}\u{feff}text,label"), ("text", "\"text\"")]
    {
        reads(plain().replace(from, to));
    }
    reads(plain() + &" ".repeat(8) + "\n\n");
    let cut = [plain().as_bytes(), b"cut \xec\xa2"].concat();
    assert_eq!(open(cut).unwrap().summary.rows, 60);
}

#[test]
fn what_is_no_table_is_told_for_what_it_is() {
    let table = format!("<table><tr><td>{}</td></tr></table>", plain());
    for (text, id) in [
        (format!("<html xmlns:o=\"x\"><body>{table}"), "data-is-web-page"),
        (format!("\n<!DOCTYPE html>\n<html lang=\"en\">{table}"), "data-is-web-page"),
        (table.clone(), "data-is-web-page"),
        ("<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>".into(), "data-is-old-workbook"),
        ("<?xml version=\"1.0\"?><reviews><review/></reviews>".into(), "data-is-xml"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".into(), "data-is-pointer"),
        ("% made by hand\n@RELATION reviews\n@attribute text string\n@data\n'a',b\n".into(), "data-is-arff"),
        ("[{'text': 'a', 'label': 0}, {'text': 'b', 'label': 1}]".into(), "data-to-convert"),
        ("{'text': 'a', 'label': 0}\n{'text': 'b', 'label': 1}\n".into(), "data-to-convert"),
        ("\t\u{8}\u{8}\0\0\u{5}\u{5}\0".into(), "data-is-old-workbook"),
        (String::new(), "data-empty-file"),
        (" \n\n".into(), "data-empty-file"),
        ("text,label".into(), "data-header-only"),
        ("text,label\none,pos\n".into(), "data-one-class"),
        (rows("text,label", |text, _| format!("{text},pos")), "data-one-class"),
        (plain().replace(" was", "\0was"), "data-all-skipped"),
    ] {
        let problem = open(&text).unwrap_err();
        assert_eq!(problem.id, id, "{text:.40}");
        // Every blank of the sentence is filled in both languages.
        assert!(Language::ALL.iter().all(|language| !Catalogue::new(*language).problem(&problem).is_empty()));
    }
}

#[test]
fn very_long_fields_and_very_many_columns() {
    let long = plain().replace("number 5 ", &format!("number 5 {}", "word ".repeat(210_000)));
    assert!(open(&long).unwrap().texts.iter().any(|text| text.len() > 1_000_000));
    let more = |cell: &str| format!(",{cell}").repeat(5000);
    let wide = rows(&format!("text,label{}", more("c")), |text, label| format!("{text},{label}{}", more("1")));
    assert_eq!(reads(wide).columns.len(), 5002);
}
