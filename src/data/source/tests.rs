mod kinds;
mod made;
mod packed;

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::data::dataset::Dataset;
use crate::domain::config::{DataConfig, DataSource, ReadingConfig};
use crate::domain::dataset::TableFormat;
use crate::domain::problem::{Outcome, Problem};
use crate::words::{Catalogue, Language};

use made::*;

fn read_as(reading: ReadingConfig) -> DataConfig {
    DataConfig { reading, ..DataConfig::default() }
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Files {
    /// The folder with one file in it, and the file.
    fn put_kept(self, bytes: Vec<u8>) -> (Self, PathBuf) {
        let path = self.put("kept", bytes);
        (self, path)
    }
}

fn open_at(path: &Path, config: DataConfig) -> Outcome<Dataset> {
    Dataset::open(&DataConfig { source: DataSource::File(path.to_owned()), ..config }, &|_, _| {})
}

fn open(bytes: impl AsRef<[u8]>) -> Outcome<Dataset> {
    let files = Files::new();
    open_at(&files.put("my.file", bytes), DataConfig::default())
}

/// The id of a problem that both languages have a sentence for, which names the file.
fn refused(outcome: Outcome<Dataset>) -> Problem {
    let problem = outcome.expect_err("refused");
    for language in Language::ALL {
        let sentence = Catalogue::new(language).problem(&problem);
        assert!(sentence != problem.id && !sentence.contains("{$"), "{sentence}");
    }
    problem
}

#[test]
fn every_kind_of_file_gives_the_same_data() {
    let wanted = open(csv()).unwrap();
    let data: Vec<serde_json::Value> = json_lines().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let list = serde_json::to_string_pretty(&data).unwrap();
    let column = |name: &str| data.iter().map(|record| record[name].clone()).collect::<Vec<_>>();
    let by_index = |name: &str| {
        column(name).into_iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect::<serde_json::Map<_, _>>()
    };
    let split = column("text").into_iter().zip(column("label")).map(|(text, label)| serde_json::json!([text, label]));
    let fast: String = rows().iter().map(|(text, label)| format!("__label__{label} {text}\n")).collect();
    let packed = gzip(&csv());
    use TableFormat::{Delimited, FastText, Folder, Json, JsonLines, Workbook};
    let mut kinds: Vec<(&str, Vec<u8>, TableFormat)> = vec![
        ("lines", json_lines().into(), JsonLines),
        ("lines with CRLF and blank ones", json_lines().replace('\n', "\r\n\r\n").into(), JsonLines),
        ("list", list.clone().into(), Json),
        ("list on one line", serde_json::to_string(&data).unwrap().into(), Json),
        ("wrapped", format!("{{\"version\": 1, \"data\": {list}}}").into(), Json),
        (
            "one after another",
            data.iter().map(|v| serde_json::to_string_pretty(v).unwrap() + "\n").collect::<String>().into(),
            Json,
        ),
        ("columns", serde_json::json!({"text": column("text"), "label": column("label")}).to_string().into(), Json),
        (
            "pandas columns",
            serde_json::json!({"text": by_index("text"), "label": by_index("label")}).to_string().into(),
            Json,
        ),
        (
            "pandas index",
            serde_json::Value::Object(data.iter().cloned().enumerate().map(|(i, v)| (i.to_string(), v)).collect())
                .to_string()
                .into(),
            Json,
        ),
        (
            "pandas split",
            serde_json::json!({"columns": ["text", "label"], "index": [0], "data": split.clone().collect::<Vec<_>>()})
                .to_string()
                .into(),
            Json,
        ),
        (
            "lists with a header",
            std::iter::once(serde_json::json!(["text", "label"]))
                .chain(split)
                .map(|v| v.to_string() + "\n")
                .collect::<String>()
                .into(),
            JsonLines,
        ),
        (
            "labels in lists",
            data.iter()
                .map(|v| serde_json::json!({"text": v["text"], "label": [v["label"]]}).to_string() + "\n")
                .collect::<String>()
                .into(),
            JsonLines,
        ),
        ("UTF-16", list.encode_utf16().flat_map(u16::to_le_bytes).collect(), Json),
        ("fastText", fast.clone().into(), FastText),
        (
            "fastText behind",
            rows().iter().map(|(text, label)| format!("{text} __label__{label}\n")).collect::<String>().into(),
            FastText,
        ),
        ("gz", packed.clone(), Delimited),
        ("gz twice in parts", [gzip(&csv()[..100]), gzip(&csv()[100..])].concat(), Delimited),
        (
            "zip",
            zip(&[("IMDB Dataset.csv", &csv()), ("__MACOSX/._IMDB Dataset.csv", b"x"), ("README.txt", b"hi")]),
            Delimited,
        ),
        ("zip of gz", zip(&[("a/b.csv.gz", &packed)]), Delimited),
        ("tar.gz", gzip(&tar(&[("data/reviews.jsonl", json_lines().as_bytes())])), JsonLines),
        ("xlsx", xlsx(&[("Reviews", "visible", sheet(1))]), Workbook),
        ("xlsx in zip", zip(&[("a.xlsx", &xlsx(&[("Reviews", "visible", sheet(1))]))]), Workbook),
        ("ods", ods(&[("Reviews", ods_sheet())]), Workbook),
    ];
    kinds.push(("csv", csv(), Delimited));
    for (kind, bytes, format) in kinds {
        let found = open(bytes).unwrap_or_else(|problem| panic!("{kind}: {problem}"));
        let summary = &found.summary;
        assert_eq!((summary.format, summary.rows, summary.skipped.count), (format, 30, 0), "{kind}");
        assert_eq!(found.texts, wanted.texts, "{kind}");
        assert_eq!(summary.content_hash, wanted.summary.content_hash, "{kind}");
        assert_eq!(found.splits, wanted.splits, "{kind}");
        let config = DataConfig { source: DataSource::File(Files::new().put("x", csv())), ..DataConfig::default() };
        assert!(Dataset::head_of(&config).is_err(), "its folder is gone");
    }
    let files = Files::new();
    for (i, (text, label)) in rows().iter().enumerate() {
        files.put(&format!("set/{label}/{:02}.txt", i / 2), text);
    }
    let folder = open_at(&files.0.path().join("set"), DataConfig::default()).unwrap();
    assert_eq!((folder.summary.format, folder.summary.rows), (Folder, 30));
    assert_eq!(folder.texts.get(1), rows()[2].0, "class by class, each in the order of its files");
}

#[test]
fn json_cells_and_records() {
    let lines = "{\"text\": \"a b\", \"label\": 1.0, \"meta\": {\"id\": 7, \"tags\": [1, 2]}}\n\
        {\"label\": true, \"text\": \"c d\", \"other\": null}\n\
        {\"text\": \"broken, \"label\": 1}\n\
        {\"text\": \"e f\", \"label\": [\"x\", \"y\"]}\n\
        {\"text\": NaN, \"label\": 1.0}\n\
        3\n\
        {\"text\": \"g h\", \"label\": null}\n"
        .to_owned()
        + &"{\"text\": \"one more\", \"label\": 1.0}\n{\"text\": \"and more\", \"label\": true}\n".repeat(30);
    let found = open(lines).unwrap();
    let summary = &found.summary;
    assert_eq!(summary.columns, ["text", "label", "meta.id", "meta.tags", "other"]);
    assert_eq!(summary.head[0], ["a b", "1.0", "7", "[1,2]", ""]);
    assert_eq!(found.label_names(), ["1.0", "true"]);
    let told: Vec<(usize, &str)> = summary.skipped.first.iter().map(|s| (s.row, s.reason.id.as_ref())).collect();
    assert_eq!(
        told,
        [
            (3, "data-skip-json"),
            (4, "data-skip-nested"),
            (5, "data-skip-empty-text"),
            (6, "data-skip-json-value"),
            (7, "data-skip-empty-label"),
        ]
    );
    assert_eq!((found.row_numbers[0], found.row_numbers[2]), (1, 8));
}

#[test]
fn json_that_is_none() {
    let list = "[\n".to_owned() + &"{\"text\": \"a\", \"label\": \"x\"},\n".repeat(5);
    for (text, id, place) in [
        (list.clone() + "{\"text\": \"b\" \"label\"", "data-json-broken", Some(("line", "7"))),
        (list.clone(), "data-json-broken", None),
        (list.clone() + "{\"text\": \"b\"}", "data-json-broken", None),
        ("{\"a\": {\"b\": [1,\n2}}".to_owned(), "data-json-broken", Some(("line", "2"))),
        ("{\"a\": [], \"b\": {}}".to_owned(), "data-json-no-records", None),
        ("[]".to_owned(), "data-json-no-records", None),
        ("{\"text\": \"a\"}\n{\"text\": \"b\"}".to_owned(), "data-one-column", None),
        (
            "{\"train\": [{\"text\": \"a\"}], \"test\": [{\"text\": \"b\"}]}".to_owned(),
            "data-json-several-lists",
            Some(("names", "train, test")),
        ),
        ("[".repeat(100_000), "data-json-broken", None),
        ("{\"a\":".repeat(100_000), "data-json-broken", None),
    ] {
        let problem = refused(open(&text));
        assert_eq!(problem.id, id, "{}", &text[..text.len().min(90)]);
        if let Some((name, value)) = place {
            assert_eq!(problem.arg(name).as_deref(), Some(value), "{problem}");
        }
    }
    // A table may begin with a bracket.
    let table = "[text],label\n".to_owned() + &"[a] b,x\nc,y\n".repeat(9);
    assert_eq!(open(table).unwrap().summary.format, TableFormat::Delimited);
}

#[test]
fn a_workbook_with_several_sheets() {
    let files = Files::new();
    let notes = format!("<row r=\"1\">{}</row>", inline("A1", "only a title"));
    let one = [("About", "visible", notes.clone()), ("Data", "visible", sheet(4)), ("Old", "hidden", sheet(1))];
    let found = open(xlsx(&one)).unwrap();
    assert_eq!((found.summary.sheet.as_deref(), found.row_numbers[0]), (Some("Data"), 5));
    assert_eq!(found.summary.notes[0].id, "data-note-sheet");
    let two = files.put(
        "two.xlsx",
        xlsx(&[("First", "visible", sheet(1)), ("Second", "visible", sheet(3)), ("Third", "visible", notes.clone())]),
    );
    let problem = refused(open_at(&two, DataConfig::default()));
    assert_eq!((problem.id.as_ref(), problem.arg("sheets").as_deref()), ("data-several-sheets", Some("First, Second")));
    let config = DataConfig { source: DataSource::File(two.clone()), ..DataConfig::default() };
    assert_eq!(Dataset::head_of(&config).unwrap().sheets, ["First", "Second"]);
    let of = |sheet: &str| {
        open_at(&two, read_as(ReadingConfig { sheet: Some(sheet.to_owned()), ..ReadingConfig::default() }))
    };
    let second = of("second").unwrap();
    assert_eq!((second.row_numbers[0], second.summary.sheets.len()), (4, 2));
    assert_eq!(refused(of("Fourth")).id, "data-no-sheet");
    assert_eq!(refused(of("Third")).id, "data-empty-sheet");
    assert_eq!(refused(open(xlsx(&[("About", "visible", notes)]))).id, "data-no-table-in-sheets");
    let both = ods(&[("First", ods_sheet()), ("Second", ods_sheet())]);
    assert_eq!(refused(open(&both)).id, "data-several-sheets");
    let sheet = files.put("both.ods", &both);
    assert_eq!(
        open_at(&sheet, read_as(ReadingConfig { sheet: Some("Second".into()), ..ReadingConfig::default() }))
            .unwrap()
            .summary
            .rows,
        30
    );
}

#[test]
fn cells_of_workbooks_are_what_a_reader_sees() {
    let rows: String = (2..32)
        .map(|row| {
            let label = row % 2;
            format!(
                "<row r=\"{row}\">{}<c r=\"B{row}\"><v>{label}.0</v></c><c r=\"C{row}\" s=\"1\"><v>45413</v></c>\
                 <c r=\"D{row}\" t=\"b\"><v>1</v></c><c r=\"E{row}\" t=\"e\"><v>#N/A</v></c>\
                 <c r=\"G{row}\"><f>1+1</f><v>2.5</v></c></row>",
                inline(&format!("A{row}"), "a text of words")
            )
        })
        .collect();
    let header = format!("<row r=\"1\">{}{}{}</row>", inline("A1", "text"), inline("B1", "label"), inline("C1", "day"));
    let found = open(xlsx(&[("s", "visible", header + &rows)])).unwrap();
    assert_eq!(found.summary.columns, ["text", "label", "day", "", "", ""]);
    assert_eq!(found.summary.head[0], ["a text of words", "0", "2024-05-01", "TRUE", "#N/A", "2.5"]);

    let headless = Files::new().put_kept(xlsx(&[("s", "visible", rows.clone())]));
    let columns = (Some("1".to_owned()), Some("2".to_owned()));
    let (text_column, label_column) = columns;
    let config = read_as(ReadingConfig { header: Some(false), text_column, label_column, ..ReadingConfig::default() });
    let found = open_at(&headless.1, config).unwrap();
    assert_eq!((&found.summary.columns[..2], found.summary.headless), (&["1".to_owned(), "2".to_owned()][..], true));
    assert_eq!((found.summary.rows, found.row_numbers[0]), (30, 2));

    let cell = |kind: &str| format!("<table:table-cell {kind}><text:p>shown</text:p></table:table-cell>");
    let row = format!(
        "<table:table-row table:number-rows-repeated=\"15\">{}{}{}{}{}</table:table-row>",
        "<table:table-cell office:value-type=\"string\"><text:p>one<text:s text:c=\"2\"/>&amp; <text:span>two</text:span></text:p><text:p>three</text:p><office:annotation><text:p>note</text:p></office:annotation></table:table-cell>",
        cell("office:value-type=\"float\" office:value=\"LABEL\""),
        cell("office:value-type=\"date\" office:date-value=\"2024-05-01T00:00:00\""),
        cell("office:value-type=\"boolean\" office:boolean-value=\"true\""),
        "<table:table-cell table:number-columns-repeated=\"16000\"/>",
    );
    let header = format!("<table:table-row>{}{}</table:table-row>", ods_cell("text"), ods_cell("label"));
    let empty = "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let content = header + &row.replace("LABEL", "1.0") + &row.replace("LABEL", "0") + empty;
    let found = open(ods(&[("s", content)])).unwrap();
    assert_eq!((found.summary.rows, found.row_numbers[15]), (30, 17));
    assert_eq!(found.summary.head[0], ["one  & two three", "1", "2024-05-01", "TRUE"]);
    assert_eq!(found.texts.get(0), "one  & two\nthree");
}

/// A cell in the last column of the last row makes a table of two cells, not one of 17 billion.
#[test]
fn far_cells_take_no_room() {
    let far = format!("<row r=\"1048576\">{}{}</row>", inline("A1048576", "far away"), inline("XFD1048576", "x"));
    let found = open(xlsx(&[("s", "visible", sheet(1) + &far)])).unwrap().summary;
    assert_eq!((found.rows, found.skipped.first[0].row), (30, 1_048_576));
    let wide = "<table:table-row table:number-rows-repeated=\"1000000\">".to_owned()
        + "<table:table-cell table:number-columns-repeated=\"16384\" office:value-type=\"string\"><text:p>"
        + &"x".repeat(300_000)
        + "</text:p></table:table-cell></table:table-row>";
    assert_eq!(refused(open(ods(&[("s", ods_sheet() + &wide)]))).id, "data-repeated-cells");
}
