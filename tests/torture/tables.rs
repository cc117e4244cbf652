//! Tables as bytes: text with something between its fields, JSON, fastText's lines, class folders, and maps of labels.

use std::path::{Path, PathBuf};

use thaw::data::dataset::Dataset;
use thaw::data::label_map::read_label_map;
use thaw::data::text_column::read_texts;
use thaw::domain::config::{DataConfig, DataSource, Quoting, ReadingConfig};
use thaw::domain::dataset::DatasetSummary;
use thaw::domain::problem::Outcome;

use super::harness::{Case, Scratch, Target, file, torture};

/// The settings that a number stands for. Half of all numbers stand for none.
fn settings(choice: u16, source: PathBuf) -> DataConfig {
    let none = ReadingConfig::default();
    let reading = match choice % 24 {
        0 => ReadingConfig { header: Some(true), ..none },
        1 => ReadingConfig { header: Some(false), ..none },
        2 => ReadingConfig { quoting: Some(Quoting::Double), ..none },
        3 => ReadingConfig { quoting: Some(Quoting::Backslash), ..none },
        4 => ReadingConfig { quoting: Some(Quoting::None), ..none },
        5 => ReadingConfig { delimiter: Some(','), ..none },
        6 => ReadingConfig { delimiter: Some('\t'), quoting: Some(Quoting::None), header: Some(false), ..none },
        7 => ReadingConfig { text_column: Some("text".into()), label_column: Some("label".into()), ..none },
        8 => ReadingConfig { keep_missing_words: true, accept_skipped: true, ..none },
        9 => ReadingConfig { encoding: Some("euc-kr".into()), ..none },
        10 => ReadingConfig { encoding: Some("utf-16le".into()), accept_skipped: true, ..none },
        11 => ReadingConfig { sheet: Some("Sheet1".into()), ..none },
        _ => ReadingConfig { accept_skipped: choice % 48 >= 24, ..none },
    };
    DataConfig { source: DataSource::File(source), reading, ..DataConfig::default() }
}

/// Reads a file in one of the ways in which the program reads data, and checks that what it tells adds up.
///
/// # Errors
/// Those of the reader.
pub fn read(path: &Path, choice: u16) -> Outcome<()> {
    let config = settings(choice, path.to_owned());
    match choice / 48 % 8 {
        0 => {
            let head = Dataset::head_of(&config)?;
            assert!(head.rows.iter().all(|row| row.len() == head.columns.len()));
            Ok(())
        }
        1 => {
            let found = read_texts(&config, &|_, _| {})?;
            assert_eq!(found.texts.len(), found.rows.len());
            assert!(found.texts.iter().all(|text| !text.trim().is_empty()));
            Ok(())
        }
        way => {
            let data = Dataset::open(&config, &|_, _| {})?;
            check(&data);
            if way == 2 && path.is_file() { read_again(&data, path) } else { Ok(()) }
        }
    }
}

/// Whether the counts of a data set agree with each other.
fn check(data: &Dataset) {
    let DatasetSummary { rows, labels, skipped, split, columns, head, .. } = &data.summary;
    assert_eq!(data.texts.len(), data.labels.len());
    assert_eq!(data.row_numbers.len(), data.labels.len());
    assert_eq!(labels.iter().map(|label| label.count).sum::<usize>(), *rows);
    let (train, validation, test) = split.totals();
    assert_eq!(train + validation + test, data.labels.len());
    assert!(data.labels.iter().all(|label| (*label as usize) < labels.len()));
    assert!(skipped.kinds.iter().map(|kind| kind.count).sum::<usize>() <= skipped.count);
    assert!(head.iter().all(|row| row.len() == columns.len()));
    assert!((0..data.texts.len()).all(|i| !data.texts.get(i).trim().is_empty()));
}

/// What was read, written as a plain table and read again, is the same.
fn read_again(data: &Dataset, path: &Path) -> Outcome<()> {
    let copy = path.with_extension("copy");
    let mut table = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_path(&copy).unwrap();
    table.write_record(["text", "label"]).unwrap();
    let names = data.label_names();
    for (i, label) in data.labels.iter().enumerate() {
        table.write_record([data.texts.get(i), &names[*label as usize]]).unwrap();
    }
    drop(table);
    let reading = ReadingConfig {
        text_column: Some("text".into()),
        label_column: Some("label".into()),
        encoding: Some("utf-8".into()),
        delimiter: Some(','),
        quoting: Some(Quoting::Double),
        header: Some(true),
        keep_missing_words: true,
        ..ReadingConfig::default()
    };
    let config = DataConfig { source: DataSource::File(copy), reading, ..DataConfig::default() };
    let again = Dataset::open(&config, &|_, _| {}).unwrap_or_else(|problem| panic!("read again: {problem}"));
    assert_eq!((again.texts.len(), again.summary.skipped.count), (data.texts.len(), 0), "rows read again");
    assert!((0..data.texts.len()).all(|i| again.texts.get(i) == data.texts.get(i)), "texts read again");
    assert_eq!((again.label_names(), &again.labels), (names, &data.labels), "labels read again");
    Ok(())
}

/// A table of so many rows.
pub fn rows(header: &str, row: &dyn Fn(usize, &str, &str) -> String) -> Vec<u8> {
    const TEXTS: [&str; 6] = [
        "a film that is worth every minute",
        "dull, long and without any wit",
        "she said \"fine\" and left; nothing else",
        "배우들의 연기가 좋았다",
        "naïve café, très bien",
        "it's 3 / 5 \\ maybe",
    ];
    let body = (0..12).map(|i| row(i, TEXTS[i % TEXTS.len()], ["pos", "neg"][i % 2]));
    format!("{header}{}", body.collect::<String>()).into_bytes()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

pub fn comma_table() -> Vec<u8> {
    rows("text,label\n", &|_, text, label| format!("{},{label}\n", quoted(text)))
}

fn alone(bytes: Vec<u8>) -> Case {
    vec![("data", bytes)]
}

fn utf16(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text).into_owned();
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

const WORDS: [&[u8]; 31] = [
    b"\"",
    b"\"\"",
    b"\\\"",
    b",",
    b"\t",
    b";",
    b"|",
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"sep=;\n",
    b"nan",
    b"None",
    b"text",
    b"label",
    b"0",
    b"1",
    b"0.0",
    b"True",
    b" ",
    b"\xc2\xa0",
    b"\xe2\x80\xa8",
    b"\xed\xa0\x80",
    b"\x1b$B",
    b"'",
    b"__label__x ",
    b"{\"a\":1}\n",
    b"\xb0\xa1\xb0\xa2",
];

#[test]
fn delimited_tables() {
    let plain = |text: &str| text.replace(['"', ',', ';', '\t'], " ");
    let target = Target {
        name: "delimited",
        seeds: [
            comma_table(),
            rows("id\ttext\tlabel\n", &|i, text, label| format!("{i}\t{text}\t{label}\n")),
            rows("label;text;\r\n", &|_, text, label| format!("{label};{};\r\n", quoted(text))),
            rows("text|label\n", &|_, text, label| format!("{}|{label}\n", plain(text))),
            rows("", &|i, text, _| format!("{},{}\n", i % 2, quoted(text))),
            rows("sep=;\nlabel;text\n", &|i, text, _| format!("{};{}\n", i % 3, quoted(text))),
            rows("text,label\n", &|_, text, label| format!("\"{}\",{label}\n", text.replace('"', "\\\""))),
            rows("text,label\n", &|i, text, label| format!("{} {i}\nand more,{label}\n", plain(text))),
            rows("text,label\n", &|i, text, label| format!("{},{label}\n", quoted(&format!("{text}\n{i}\n")))),
            [b"\xef\xbb\xbf".to_vec(), comma_table()].concat(),
            utf16(&comma_table()),
            encoding_rs::EUC_KR.encode(&String::from_utf8_lossy(&comma_table())).0.into_owned(),
            rows("a,b,c,d,text,label\n", &|i, text, label| format!("{i},,nan,{i}.5,{},{label}\n", quoted(text))),
            rows("Class Index,Title,Description\n", &|i, text, _| {
                format!("{},{},{}\n", i % 4 + 1, plain(text), quoted(text))
            }),
        ]
        .map(alone)
        .into(),
        words: WORDS.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| read(&place.write("data", file(case, "data").unwrap()), choice));
}

#[test]
fn json_tables() {
    let record =
        |text: &str, label: &str| serde_json::json!({"text": text, "label": label, "meta": {"id": 7, "tags": []}});
    let list = |of: &dyn Fn(&str, &str) -> serde_json::Value| -> Vec<serde_json::Value> {
        (0..12).map(|i| of(["one fine text", "한 줄의 글", "so \"so\" \\ \n"][i % 3], ["pos", "neg"][i % 2])).collect()
    };
    let records = list(&record);
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    let columns = serde_json::json!({
        "text": list(&|text, _| text.into()), "label": list(&|_, label| label.into()),
    });
    let lists: Vec<serde_json::Value> = list(&|text, label| serde_json::json!([text, label]));
    let mut seeds = vec![
        lines.clone(),
        serde_json::Value::from(records.clone()).to_string(),
        format!("{:#}", serde_json::Value::from(records.clone())),
        serde_json::json!({ "data": records, "version": 1 }).to_string(),
        columns.to_string(),
        serde_json::json!({ "columns": ["text", "label"], "data": lists, "index": [0] }).to_string(),
        lists.iter().map(|list| format!("{list}\n")).collect(),
        serde_json::Value::from(lists).to_string(),
        lines.replace("7", "NaN"),
        records.iter().map(|record| format!("{record:#}\n")).collect(),
    ];
    // Each record has a column of its own, and each value is a record.
    seeds.push((0..40).map(|i| format!("{{\"k{i}\": {i}, \"text\": \"a text\", \"label\": {}}}\n", i % 2)).collect());
    let by_index: serde_json::Map<String, serde_json::Value> =
        (0..12).map(|i| (i.to_string(), record("a text", ["a", "b"][i % 2]))).collect();
    seeds.push(serde_json::Value::from(by_index).to_string());
    const JSON: [&[u8]; 12] = [
        b"[[[[[[[[",
        b"]]]]",
        b"{\"a\":{\"a\":{\"a\":",
        b"}}}",
        b"NaN",
        b"-Infinity",
        b"null",
        b"\"\\ud800\"",
        b"\\u0000",
        b"[]",
        b"{}",
        b",",
    ];
    let target = Target {
        name: "json",
        seeds: seeds.into_iter().map(|text| alone(text.into_bytes())).collect(),
        words: WORDS.into_iter().chain(JSON).collect(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| read(&place.write("data", file(case, "data").unwrap()), choice));
}

#[test]
fn lines_of_fasttext() {
    let target = Target {
        name: "fasttext",
        seeds: [
            rows("", &|_, text, label| format!("__label__{label} {text}\n")),
            rows("", &|_, text, label| format!("{text} __label__{label}\r\n")),
            rows("", &|i, text, label| format!("__label__{label} __label__{} {text}\n", i % 3)),
        ]
        .map(alone)
        .into(),
        words: WORDS.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| read(&place.write("data", file(case, "data").unwrap()), choice));
}

#[test]
fn maps_of_labels() {
    let target = Target {
        name: "label-map",
        seeds: vec![
            vec![("map.json", br#"{"0": "negative", "1": 1, "a, \"b\"": "x"}"#.to_vec())],
            vec![("map.csv", b"0,negative\n\"a, b\",x\n".to_vec())],
            vec![("map.tsv", b"\xef\xbb\xbf0\tnegative\r\n1\tpositive\r\n".to_vec())],
        ],
        words: WORDS.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, _| {
        let (name, bytes) = &case[0];
        let map = read_label_map(&place.write(name, bytes))?;
        assert!(!map.is_empty());
        Ok(())
    });
}

/// Files in folders as they lie on a disk. A case has a file for each path.
#[test]
fn class_folders() {
    const PATHS: [&str; 8] = [
        "train-pos-1.txt",
        "train-pos-2.txt",
        "train-neg-1.txt",
        "train-neg-2.txt",
        "train-unsup-1.txt",
        "test-pos-1.txt",
        "test-neg-1.txt",
        "README",
    ];
    let seed = |text: &str| -> Case {
        PATHS.iter().enumerate().map(|(i, path)| (*path, format!("{text} {i}").into_bytes())).collect()
    };
    let target =
        Target { name: "folders", seeds: vec![seed("a text of"), seed("글\n\n또 글")], words: WORDS.into() };
    let place = Scratch::new();
    for folder in ["train/pos", "train/neg", "train/unsup", "test/pos", "test/neg"] {
        std::fs::create_dir_all(place.path().join(folder)).unwrap();
    }
    torture!(target, move |case: &Case, choice| {
        for (name, bytes) in case {
            std::fs::write(place.path().join(name.replace('-', "/")), bytes).unwrap();
        }
        read(place.path(), choice)
    });
}
