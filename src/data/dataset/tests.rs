mod copies;
mod health;
mod kinds;
mod pairs;
mod untidy;

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::domain::config::{DataSource, ReadingConfig, SplitConfig};
use crate::words::{Catalogue, Language};

fn read_as(reading: ReadingConfig) -> DataConfig {
    DataConfig { reading, ..DataConfig::default() }
}

/// A folder for the files of one test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn open(bytes: impl AsRef<[u8]>) -> Outcome<Dataset> {
    open_with(bytes, DataConfig::default())
}

fn open_with(bytes: impl AsRef<[u8]>, config: DataConfig) -> Outcome<Dataset> {
    let files = Files::new();
    let source = DataSource::File(files.put("my.csv", bytes));
    Dataset::open(&DataConfig { source, ..config }, &|_, _| {})
}

/// A table with `rows` good rows and two labels, in which `extra` comes after the fourth row (row 5 of the file).
fn table_with(extra: &str) -> String {
    let rows: Vec<String> = (0..20).map(|i| format!("text number {i},{}\n", ["neg", "pos"][i % 2])).collect();
    format!("text,label\n{}{extra}{}", rows[..4].concat(), rows[4..].concat())
}

fn texts(dataset: &Dataset) -> Vec<&str> {
    dataset.texts.iter().collect()
}

/// The problem's id, after checking that both languages have a sentence that fills all its blanks.
fn refusal(outcome: Outcome<Dataset>) -> (String, String) {
    let problem = outcome.expect_err("refused");
    for language in Language::ALL {
        let sentence = Catalogue::new(language).problem(&problem);
        assert!(sentence != problem.id && !sentence.contains("{$"), "{sentence}");
        assert!(problem.id == "data-unknown-encoding" || sentence.contains("my.csv"), "{sentence}");
    }
    (problem.id.to_string(), Catalogue::new(Language::English).problem(&problem))
}

#[test]
fn the_bundled_reviews() {
    let reports = std::sync::Mutex::new(Vec::new());
    let dataset =
        Dataset::open(&DataConfig::default(), &|done, total| reports.lock().unwrap().push((done, total))).unwrap();
    let summary = &dataset.summary;
    assert_eq!((summary.name.as_str(), summary.rows, summary.skipped.count), ("movie_reviews.csv", 10_070, 0));
    assert_eq!(dataset.label_names(), ["negative", "positive"]);
    assert_eq!((summary.labels[0].count, summary.labels[1].count), (5075, 4995));
    assert_eq!(summary.split.totals(), (5639, 2417, 2014));
    assert_eq!(
        (summary.columns.join("|"), summary.text_column, summary.label_column),
        ("review|sentiment".into(), 0, 1)
    );
    assert_eq!((summary.encoding.as_str(), summary.delimiter, summary.head.len()), ("UTF-8", ',', 50));
    assert_eq!(dataset.texts.get(0), "Tennessee Williams by way of Oprah's Book Club.");
    assert_eq!((dataset.row_numbers[0], dataset.row_numbers[10_069]), (2, 10_071));
    let reports = reports.into_inner().unwrap();
    assert!(reports.len() > 3 && reports.is_sorted() && reports.last().is_some_and(|(done, total)| done == total));
}

#[test]
fn encodings_delimiters_and_line_ends_load_all_rows() {
    let rows = [("정말, \"재미\"있다", "긍정"), ("지루하다\n그리고 길다", "부정")];
    for delimiter in [",", ";", "\t", "|"] {
        for end in ["\n", "\r\n", "\r"] {
            let mut text = format!("번호{delimiter}감성{delimiter}내용{end}");
            for i in 0..12 {
                let (review, label) = rows[i % 2];
                text += &format!("{i}{delimiter} {label} {delimiter}\"{}\"{end}", review.replace('"', "\"\""));
            }
            let utf16 = |order: fn(u16) -> [u8; 2]| format!("\u{feff}{text}").encode_utf16().flat_map(order).collect();
            let encoded: [(&str, Vec<u8>); 5] = [
                ("UTF-8", text.clone().into_bytes()),
                ("UTF-8", format!("\u{feff}{text}").into_bytes()),
                ("UTF-16LE", utf16(u16::to_le_bytes)),
                ("UTF-16BE", utf16(u16::to_be_bytes)),
                ("EUC-KR", encoding_rs::EUC_KR.encode(&text).0.into_owned()),
            ];
            for (name, bytes) in encoded {
                let dataset = open(bytes).unwrap();
                assert_eq!(
                    (dataset.summary.encoding.as_str(), dataset.summary.delimiter.to_string().as_str()),
                    (name, delimiter)
                );
                assert_eq!((dataset.summary.rows, dataset.summary.skipped.count), (12, 0));
                assert_eq!(texts(&dataset)[..2], ["정말, \"재미\"있다", "지루하다\n그리고 길다"]);
                assert_eq!(dataset.label_names(), ["긍정", "부정"]);
                assert_eq!(dataset.row_numbers, (2..14).collect::<Vec<u32>>());
            }
        }
    }
    let western = "review;label\nTr\u{e8}s bon\u{2026} 5\u{20ac};pos\nL\u{2019}\u{e9}t\u{e9};neg\n".to_owned()
        + &"plain;pos\nplain too;neg\n".repeat(4);
    let dataset = open(encoding_rs::WINDOWS_1252.encode(&western).0).unwrap();
    assert_eq!(texts(&dataset)[..2], ["Tr\u{e8}s bon\u{2026} 5\u{20ac}", "L\u{2019}\u{e9}t\u{e9}"]);
}

#[test]
fn what_was_told_goes_before_guesses() {
    let config = read_as(ReadingConfig {
        text_column: Some("b".into()),
        label_column: Some("C".into()),
        delimiter: Some('~'),
        encoding: Some("cp949".into()),
        ..ReadingConfig::default()
    });
    let text = "text~label~b~c\n".to_owned() + &"x~y~하나~1\nx~y~둘~2\n".repeat(5);
    let summary = open_with(encoding_rs::EUC_KR.encode(&text).0, config).unwrap().summary;
    assert_eq!((summary.text_column, summary.label_column), (2, 3));
    assert_eq!((summary.encoding.as_str(), summary.encoding_guessed), ("EUC-KR", false));
    assert_eq!((summary.delimiter, summary.delimiter_guessed), ('~', false));
}

#[test]
fn a_refused_file_still_tells_its_columns() {
    let files = Files::new();
    let source = DataSource::File(files.put("my.csv", "text;label;note\n1;a;x\n2;b;y\n"));
    let config = DataConfig { source, ..DataConfig::default() };
    assert_eq!(refusal(Dataset::open(&config, &|_, _| {})).0, "data-numeric-text");
    assert_eq!(Dataset::head_of(&config).unwrap().columns, ["text", "label", "note"]);
}

#[test]
fn labels_are_trimmed_and_ordered() {
    let table = |labels: &[&str]| {
        let rows: Vec<String> = (0..60).map(|i| format!("text {i},{}\n", labels[i % labels.len()])).collect();
        open(format!("text,label\n{}", rows.concat())).unwrap().label_names()
    };
    assert_eq!(table(&["10", " 9", "1.5 ", "-2"]), ["-2", "1.5", "9", "10"]);
    assert_eq!(table(&["5", "4", "3", "2", "1"]), ["1", "2", "3", "4", "5"]);
    assert_eq!(table(&["10", "9", "b"]), ["10", "9", "b"]);
    assert_eq!(table(&["\tneg ", "neg", "Pos"]), ["Pos", "neg"]);
    let hundred = (0..1000).fold("text,label\n".to_owned(), |t, i| t + &format!("text {i},{}\n", i % 100));
    assert_eq!(open(hundred).unwrap().label_names().len(), 100);
}

#[test]
fn html_line_breaks_are_spaces() {
    let dataset = open(table_with("One<br /><br />two<BR>three <b>four</b> <brave>,neg\n")).unwrap();
    assert_eq!(dataset.texts.get(4), "One  two three <b>four</b> <brave>");
    assert_eq!(clean_text(" <br/> <br"), "<br");
    assert_eq!(clean_text("끝 < 시작<br >"), "끝 < 시작");
    assert_eq!(open(table_with("<br />,neg\n")).unwrap().summary.skipped.count, 1);
}

#[test]
fn unusable_rows_are_skipped_and_counted() {
    let extra = ",neg\ntext,\n  ,neg\ntext, \nfew\ntoo,many,pos\nnul\0,neg\n\nfine,pos\n";
    let config = read_as(ReadingConfig { accept_skipped: true, ..ReadingConfig::default() });
    let dataset = open_with(table_with(extra), config).unwrap();
    let skipped = &dataset.summary.skipped;
    assert_eq!((dataset.summary.rows, skipped.count), (21, 7));
    let told: Vec<(usize, &str)> = skipped.first.iter().map(|s| (s.row, s.reason.id.as_ref())).collect();
    let reasons = ["text", "label", "text", "label"].map(|what| format!("data-skip-empty-{what}"));
    let expected: Vec<(usize, &str)> =
        (6..).zip(reasons.iter().map(String::as_str).chain(["data-skip-empty-label"])).collect();
    assert_eq!(told, expected);
    // A blank line counts as a row, as in a spreadsheet.
    assert_eq!((dataset.texts.get(4), dataset.row_numbers[4]), ("fine", 14));
    for language in Language::ALL {
        let catalogue = Catalogue::new(language);
        assert!(skipped.first.iter().all(|s| !catalogue.problem(&s.reason).contains(['{', '}'])));
    }
    assert_eq!(dataset.summary.head[4], ["", "neg"]);
}

#[test]
fn a_huge_cell_loads() {
    let huge = "word ".repeat(420_000);
    let dataset = open(table_with(&format!("{huge},pos\n"))).unwrap();
    assert_eq!(dataset.texts.get(4), huge.trim());
    assert!(dataset.summary.head[4][0].chars().count() <= 201);
}

#[test]
fn damaged_characters_cost_their_row_or_the_encoding() {
    let korean = "text,label\n".to_owned() + &"정말 재미있는 영화였다,긍정\n지루하고 길다,부정\n".repeat(10);
    let broken = [korean.as_bytes(), b"half \xec\x98,neg\n"].concat();
    let dataset = open(&broken).unwrap();
    assert_eq!((dataset.summary.rows, dataset.summary.skipped.first[0].row), (20, 22));
    assert_eq!(dataset.summary.skipped.first[0].reason.id, "data-skip-undecodable");
    let config = read_as(ReadingConfig { encoding: Some("utf-8".into()), ..ReadingConfig::default() });
    let (id, sentence) = refusal(open_with(encoding_rs::EUC_KR.encode(&korean).0, config));
    assert!(id == "data-wrong-encoding" && sentence.contains("row 2"), "{sentence}");
}

#[test]
fn refused_with_file_and_place() {
    let numbered = |n: usize, label: fn(usize) -> String| {
        (0..n).fold("text,label\n".to_owned(), |table, i| table + &format!("text {i},{}\n", label(i)))
    };
    let tiny = table_with("rare,tiny\nrarer,tiny\n");
    for (bytes, id, place) in [
        (&b""[..], "data-empty-file", ""),
        (b"\xef\xbb\xbf\r\n", "data-empty-file", ""),
        (b"text,label\n", "data-header-only", ""),
        (b"text,label", "data-header-only", ""),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01", "data-is-binary", ""),
        (b"PK\x03\x04\x14\0\x06\0\x08\0", "data-archive-broken", "Download it again"),
        (b"text\nnice\nbad\n", "data-one-column", "text"),
        (b"text,label\na,x\nb,x\nc,x\n", "data-one-class", "x"),
        (b"text,label\na,x\nb,y\nc,z\n", "data-labels-all-differ", "label"),
        (b"text,label\n1,x\n2.5,y\n3,x\n4,y\n", "data-numeric-text", "text"),
        (b"text,label,text\na,x,b\n", "data-duplicate-column", "1, 3"),
        (b"text,label\na\nb\n", "data-all-skipped", "row 2"),
        (b"good film indeed,1\nbad film,0\nlong and dull,1\nso so,0\nfine,1\n", "data-no-header", "1"),
        (table_with("\"open,neg\nnext,pos\nthe end\"\n").as_bytes(), "data-unclosed-quote", "row 6"),
        (table_with(&"\0".repeat(99)).as_bytes(), "data-zero-block", "row 6"),
        (tiny.as_bytes(), "data-class-too-small", "only 2 rows have the label “tiny”"),
        (numbered(2002, |i| (i / 2).to_string()).as_bytes(), "data-too-many-classes", "1,001"),
        (numbered(50, |i| i.to_string()).as_bytes(), "data-labels-all-differ", "50"),
    ] {
        let (found, sentence) = refusal(open(bytes));
        assert!(found == id && sentence.contains(place), "{id}: {sentence}");
    }
    let missing = Dataset::open(
        &DataConfig { source: DataSource::File("/no/such/file.csv".into()), ..DataConfig::default() },
        &|_, _| {},
    );
    assert_eq!(missing.unwrap_err().id, "file-error");
    let config = read_as(ReadingConfig { text_column: Some("body".into()), ..ReadingConfig::default() });
    let (id, sentence) = refusal(open_with("text,label\na,b\n", config));
    assert!(id == "data-unknown-column" && sentence.contains("body") && sentence.contains("text, label"));
    let config = read_as(ReadingConfig { encoding: Some("klingon".into()), ..ReadingConfig::default() });
    assert_eq!(refusal(open_with("text,label\na,b\n", config)).0, "data-unknown-encoding");
}

#[test]
fn a_row_limit_keeps_shares_and_row_numbers() {
    let table = (0..200).fold("text,label\n".to_owned(), |t, i| t + &format!("text {i},{}\n", u8::from(i % 4 == 0)));
    let config = DataConfig { max_rows: Some(40), ..DataConfig::default() };
    let dataset = open_with(&table, config.clone()).unwrap();
    assert_eq!((dataset.summary.rows, dataset.texts.len(), dataset.labels.len()), (200, 40, 40));
    assert_eq!(dataset.summary.split.totals(), (22, 10, 8));
    assert_eq!(dataset.labels.iter().filter(|l| **l == 1).count(), 10);
    for i in 0..40 {
        let original = dataset.row_numbers[i] - 2;
        assert_eq!(dataset.texts.get(i), format!("text {original}"));
        assert_eq!(dataset.labels[i], u32::from(original % 4 == 0));
    }
    let again = open_with(&table, config.clone()).unwrap();
    assert_eq!((again.row_numbers, again.splits), (dataset.row_numbers.clone(), dataset.splits.clone()));
    let other = SplitConfig { seed: 7, ..SplitConfig::default() };
    assert_ne!(open_with(&table, DataConfig { split: other, ..config }).unwrap().row_numbers, dataset.row_numbers);
    let few = DataConfig { max_rows: Some(8), ..DataConfig::default() };
    assert_eq!(refusal(open_with(&table, few)).0, "data-class-too-small");
}

#[test]
fn few_training_rows_leave_the_other_parts_as_they_are() {
    let table = (0..200).fold("text,label\n".to_owned(), |t, i| t + &format!("text {i},{}\n", u8::from(i % 8 == 0)));
    let open = |rows_per_class| {
        let config = DataConfig { rows_per_class, max_rows: Some(160), ..DataConfig::default() };
        open_with(&table, config).unwrap()
    };
    let rows = |dataset: &Dataset, part: &[u32]| -> Vec<u32> {
        part.iter().map(|row| dataset.row_numbers[*row as usize]).collect()
    };
    let (all, eight, sixteen) = (open(None), open(Some(8)), open(Some(16)));
    let train = [&all, &eight, &sixteen].map(|dataset| dataset.summary.split.train.clone());
    assert_eq!(train, [vec![79, 11], vec![8, 8], vec![16, 11]], "of the smaller class all there are");
    for few in [&eight, &sixteen] {
        assert_eq!(few.splits.validation, all.splits.validation);
        assert_eq!(rows(few, &few.splits.test), rows(&all, &all.splits.test));
        assert!(few.splits.train.iter().all(|row| all.splits.train.contains(row)));
        assert!(few.texts.iter().eq(all.texts.iter()), "tokens and kept layers serve every step of a ladder");
    }
    assert!(eight.splits.train.iter().all(|row| sixteen.splits.train.contains(row)));
}

#[test]
fn files_of_their_own_replace_parts_of_the_split() {
    let files = Files::new();
    let source = DataSource::File(files.put("my.csv", table_with("")));
    let extra = files.put("other.csv", "label;text\npos;one\nneg;two\n;three\nneg;four\n");
    let reading = ReadingConfig { accept_skipped: true, ..ReadingConfig::default() };
    let config = DataConfig { source, reading, ..DataConfig::default() };
    let open = |validation: bool, test: bool, config: &DataConfig| {
        let validation = validation.then(|| extra.clone());
        let test = test.then(|| extra.clone());
        Dataset::open(&DataConfig { validation, test, ..config.clone() }, &|_, _| {})
    };
    let neither = open(false, false, &config).unwrap();
    assert_eq!(neither.summary.split.totals(), (11, 5, 4));
    let test = open(false, true, &config).unwrap();
    assert_eq!((test.summary.split.totals(), test.summary.rows), ((14, 6, 3), 20));
    let own: Vec<&str> = test.splits.test.iter().map(|i| test.texts.get(*i as usize)).collect();
    assert_eq!(own, ["one", "two", "four"]);
    assert_eq!(test.row_numbers[20..], [2, 3, 5]);
    assert_eq!(test.labels[20..], [1, 0, 0]);
    assert_eq!(test.summary.skipped.first[0].reason.args[0].1.to_string(), " (other.csv)");
    assert_eq!(open(true, false, &config).unwrap().summary.split.totals(), (16, 3, 4));
    let both = open(true, true, &DataConfig { max_rows: Some(8), ..config.clone() }).unwrap();
    assert_eq!((both.summary.split.totals(), both.texts.len()), ((8, 3, 3), 14));
    assert_eq!(both.texts.get(both.splits.test[2] as usize), "four");
    assert_ne!(neither.summary.content_hash, test.summary.content_hash);

    files.put("other.csv", "text,label\none,pos\ntwo,maybe\n");
    let problem = open(false, true, &config).unwrap_err();
    assert_eq!(
        (problem.id.as_ref(), problem.args[1].1.to_string().as_str(), problem.args[2].1.to_string().as_str()),
        ("data-unknown-label", "3", "maybe")
    );
    files.put("other.csv", "review,label\none,pos\n");
    assert_eq!(open(true, false, &config).unwrap_err().id, "data-unknown-column");
}

#[test]
fn a_file_for_a_models_own_labels() {
    let files = Files::new();
    let source = DataSource::File(files.put("my.csv", "text,label\na,pos\nb,pos\nc,pos\n"));
    let config = DataConfig { source, ..DataConfig::default() };
    let names = ["neg", "pos", "mixed"].map(str::to_owned);
    let dataset = Dataset::open_for_evaluation(&config, &names, &|_, _| {}).unwrap();
    assert_eq!((dataset.labels.as_slice(), dataset.splits.test.as_slice()), (&[1, 1, 1][..], &[0, 1, 2][..]));
    assert_eq!(dataset.label_names(), names);
    assert_eq!(dataset.summary.split.test, [0, 3, 0]);
    assert_eq!(refusal(Dataset::open_for_evaluation(&config, &names[..1], &|_, _| {})).0, "data-labels-not-of-model");
}

#[test]
fn the_content_hash_follows_texts_and_labels_alone() {
    let content_hash = |bytes: String| open(bytes).unwrap().summary.content_hash;
    let table = table_with("");
    assert_eq!(content_hash(table.clone()), content_hash(table.replace('\n', "\r\n")));
    assert_ne!(content_hash(table.clone()), content_hash(table.replacen("number 3", "number 33", 1)));
    assert_ne!(content_hash(table.clone()), content_hash(table.replacen("neg", "pos", 1)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Every file is either read or refused, whatever it holds. When it is read, every record is used or counted as skipped.
    #[test]
    fn no_file_breaks_the_reader(text in "(text,label\n)?([ab\",;\t\r\n\0가]|x,1\n|\"y, z\",2\n){0,80}", cut in 0_usize..200) {
        let bytes = text.as_bytes();
        let bytes = &bytes[..bytes.len() - cut.min(bytes.len()) / 8];
        for encoding in [None, Some("utf-16".to_owned()), Some("cp949".to_owned())] {
            if let Ok(dataset) = open_with(bytes, read_as(ReadingConfig { encoding, ..ReadingConfig::default() })) {
                prop_assert_eq!(dataset.texts.len(), dataset.summary.rows);
                prop_assert_eq!(dataset.splits.train.len() + dataset.splits.validation.len() + dataset.splits.test.len(), dataset.summary.rows);
                prop_assert!(dataset.texts.iter().all(|text| !text.trim().is_empty()));
            }
        }
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _outcome = open(bytes);
    }
}
