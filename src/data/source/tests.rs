mod kinds;

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

fn read_as(reading: ReadingConfig) -> DataConfig {
    DataConfig { reading, ..DataConfig::default() }
}

/// The rows that all kinds of files of these tests hold.
fn rows() -> Vec<(String, &'static str)> {
    (0..30).map(|i| (format!("film {i}, \"good\" & <fine> 좋다"), ["neg", "pos"][i % 2])).collect()
}

fn csv() -> Vec<u8> {
    let rows = rows().into_iter().map(|(text, label)| format!("\"{}\",{label}\n", text.replace('"', "\"\"")));
    format!("text,label\n{}", rows.collect::<String>()).into_bytes()
}

fn json(text: &str, label: &str) -> String {
    serde_json::json!({"text": text, "label": label}).to_string()
}

fn json_lines() -> String {
    rows().iter().map(|(text, label)| json(text, label) + "\n").collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in files {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = b'0';
        header[257..262].copy_from_slice(b"ustar");
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A workbook of Excel with these sheets: the name, the state and the XML of the rows.
fn xlsx(sheets: &[(&str, &str, String)]) -> Vec<u8> {
    let of_main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let of_links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let listed: String = (1..)
        .zip(sheets)
        .map(|(i, (name, state, _))| {
            format!("<sheet name=\"{name}\" sheetId=\"{i}\" state=\"{state}\" r:id=\"rId{i}\"/>")
        })
        .collect();
    let links: String = (1..=sheets.len())
        .map(|i| {
            format!("<Relationship Id=\"rId{i}\" Type=\"{of_links}/worksheet\" Target=\"worksheets/sheet{i}.xml\"/>")
        })
        .collect();
    let relations = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
    let styles = format!(
        "<styleSheet {of_main}><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let mut files = vec![
        (
            "[Content_Types].xml".to_owned(),
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships {relations}><Relationship Id=\"rId1\" Type=\"{of_links}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook {of_main} xmlns:r=\"{of_links}\"><sheets>{listed}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships {relations}>{links}<Relationship Id=\"rId99\" Type=\"{of_links}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        ("xl/styles.xml".to_owned(), styles),
    ];
    for (i, (_, _, rows)) in (1..).zip(sheets) {
        files.push((
            format!("xl/worksheets/sheet{i}.xml"),
            format!("<worksheet {of_main}><sheetData>{rows}</sheetData></worksheet>"),
        ));
    }
    zip(&files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect::<Vec<_>>())
}

fn inline(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escaped(text))
}

/// The XML of a sheet with these rows below a header in row `header`, which begins in column B.
fn sheet(header: usize) -> String {
    let mut xml = format!(
        "<row r=\"{header}\">{}{}</row>",
        inline(&format!("B{header}"), "text"),
        inline(&format!("C{header}"), "label")
    );
    for (row, (text, label)) in (header + 1..).zip(rows()) {
        xml += &format!(
            "<row r=\"{row}\">{}{}</row>",
            inline(&format!("B{row}"), &text),
            inline(&format!("C{row}"), label)
        );
    }
    xml
}

fn ods(sheets: &[(&str, String)]) -> Vec<u8> {
    let tables: String =
        sheets.iter().map(|(name, rows)| format!("<table:table table:name=\"{name}\">{rows}</table:table>")).collect();
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())])
}

fn ods_cell(text: &str) -> String {
    format!("<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>", escaped(text))
}

fn ods_sheet() -> String {
    let row =
        |text: &str, label: &str| format!("<table:table-row>{}{}</table:table-row>", ods_cell(text), ods_cell(label));
    row("text", "label") + &rows().iter().map(|(text, label)| row(text, label)).collect::<String>()
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

#[test]
fn class_folders_with_test_folder_and_texts_without_labels() {
    let files = Files::new();
    for i in 0..40 {
        let label = ["neg", "pos"][i % 2];
        files.put(&format!("aclImdb/train/{label}/{i}_9.txt"), format!("train {i}<br /><br />fine"));
        files.put(&format!("aclImdb/test/{label}/{i}_1.txt"), format!("test {i}"));
        files.put(&format!("aclImdb/train/unsup/{i}_0.txt"), "none");
    }
    files.put("aclImdb/train/pos/98_9.txt", b"caf\xe9 au lait");
    files.put("aclImdb/train/pos/99_9.txt", b"\x00\x01\x02\x03 picture");
    files.put("aclImdb/README", "about");
    files.put("aclImdb/train/labeledBow.feat", "0:1");
    let root = files.0.path().join("aclImdb");
    let found = open_at(&root, DataConfig::default()).unwrap();
    let summary = &found.summary;
    assert_eq!(
        (summary.rows, summary.split.totals().2, found.label_names()),
        (41, 40, vec!["neg".into(), "pos".into()])
    );
    let notes: Vec<&str> = summary.notes.iter().map(|note| note.id.as_ref()).collect();
    assert_eq!(notes, ["data-note-test-folder", "data-note-unlabelled"]);
    assert_eq!(summary.columns, ["text", "label", "file"]);
    assert!(found.texts.iter().any(|text| text == "caf\u{e9} au lait"));
    assert_eq!((summary.skipped.count, summary.skipped.first[0].reason.id.as_ref()), (1, "data-skip-not-text"));
    let sentence = Catalogue::new(Language::English).problem(&summary.skipped.first[0].reason);
    assert!(sentence.contains("pos/99_9.txt"), "{sentence}");
    for note in &summary.notes {
        assert!(Language::ALL.iter().all(|language| Catalogue::new(*language).problem(note).contains("aclImdb")));
    }
    // A model is measured on the test folder, as everyone does.
    let config = DataConfig { source: DataSource::File(root.clone()), ..DataConfig::default() };
    let evaluated = Dataset::open_for_evaluation(&config, &["neg".into(), "pos".into()], &|_, _| {}).unwrap();
    assert_eq!((evaluated.summary.rows, evaluated.texts.get(0)), (40, "test 0"));
    let own = files.put("own.csv", "text,label\none,neg\ntwo,pos\n");
    let given = open_at(&root, DataConfig { test: Some(own), ..DataConfig::default() }).unwrap();
    assert_eq!(given.summary.split.totals().2, 2, "a file of its own goes before the folder");
    // The same in an archive, as it is handed out.
    let packed: Vec<(String, Vec<u8>)> = (0..40)
        .map(|i| (format!("aclImdb/train/{}/{i}_9.txt", ["neg", "pos"][i % 2]), format!("train {i}").into_bytes()))
        .collect();
    let listed: Vec<(&str, &[u8])> = packed.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    for bytes in [zip(&listed), gzip(&tar(&listed))] {
        assert_eq!(open(bytes).unwrap().summary.format, TableFormat::Folder);
    }
}

#[test]
fn folders_that_hold_no_data() {
    let files = Files::new();
    let folder = |name: &str| files.0.path().join(name);
    files.put("model/config.json", "{}");
    files.put("run/steps.jsonl", "");
    files.put("tables/a.csv", csv());
    files.put("loose/a.txt", "hi");
    files.put("saved/dataset_info.json", "{}");
    for domain in ["books", "dvd"] {
        ["pos/1.txt", "neg/2.txt"].iter().for_each(|name| drop(files.put(&format!("domains/{domain}/{name}"), "hi")));
    }
    files.put("pictures/cat/a.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    files.put("pictures/dog/b.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    for (name, id) in [
        ("model", "data-folder-is-model"),
        ("run", "data-folder-is-run"),
        ("tables", "data-folder-of-tables"),
        ("loose", "data-folder-no-classes"),
        ("domains", "data-folder-several-sets"),
        ("saved", "data-to-convert"),
        ("pictures", "data-folder-no-texts"),
    ] {
        assert_eq!(refused(open_at(&folder(name), DataConfig::default())).id, id, "{name}");
    }
}

#[test]
fn files_that_are_known_and_not_read() {
    let files = Files::new();
    for (bytes, id) in [
        (&b"PAR1\x15\x04"[..], "data-to-convert"),
        (b"\x80\x04\x95", "data-to-convert"),
        (b"ARROW1\0\0", "data-to-convert"),
        (b"SQLite format 3\0", "data-to-convert"),
        (b"BZh91AY", "data-to-unpack"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "data-is-old-workbook"),
    ] {
        let problem = refused(open_at(&files.put("reviews.x", bytes), DataConfig::default()));
        assert_eq!(problem.id, id);
        assert!(problem.arg("command").is_none_or(|command| command.contains("reviews.x")));
    }
    let locked: Vec<u8> =
        [b"\xd0\xcf\x11\xe0".to_vec(), "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
    assert_eq!(refused(open(locked)).id, "data-workbook-locked");
    assert_eq!(refused(open(zip(&[("word/document.xml", b"<w/>")]))).id, "data-is-document");
    assert_eq!(refused(open(zip(&[("a.npy", b"x"), ("b.npy", b"x")]))).id, "data-to-convert");
    assert_eq!(refused(open(zip(&[("a.parquet", b"PAR1\x15\x04")]))).id, "data-to-convert");
}

/// A Mac packs files of its own beside the table, and Kaggle packs several tables together.
#[test]
fn an_archive_with_junk_or_several_tables() {
    let junk = zip(&[("reviews.csv", &csv()), ("__MACOSX/._reviews.csv", b"\0\x05\x16\x07"), (".DS_Store", b"x")]);
    assert_eq!(open(junk).unwrap().summary.format, TableFormat::Delimited);

    let files = Files::new();
    let book = xlsx(&[("s", "visible", sheet(4))]);
    let several = zip(&[("in/train.csv", &csv()), ("in/Test.csv", b"id\n1\n"), ("book.xlsx", &book)]);
    let several = files.put("several.zip", several);
    let of = |sheet: &str| {
        open_at(&several, read_as(ReadingConfig { sheet: Some(sheet.to_owned()), ..ReadingConfig::default() }))
    };
    let refused = refused(open_at(&several, DataConfig::default()));
    assert_eq!((refused.id.as_ref(), refused.arg("count").as_deref()), ("data-archive-several", Some("3")));
    let head = Dataset::head_of(&DataConfig { source: DataSource::File(several.clone()), ..DataConfig::default() });
    let tables = ["book.xlsx", "in/Test.csv", "in/train.csv"];
    assert_eq!(head.unwrap().sheets, tables);
    for name in ["train.csv", "IN/train.csv"] {
        let found = of(name).unwrap().summary;
        assert_eq!((found.sheet.as_deref(), found.sheets), (Some("in/train.csv"), tables.map(String::from).to_vec()));
    }
    assert_eq!(of("book.xlsx").unwrap().summary.format, TableFormat::Workbook);
    let unknown = self::refused(of("valid.csv"));
    assert_eq!((unknown.id.as_ref(), unknown.arg("sheet").as_deref()), ("data-archive-no-table", Some("valid.csv")));
}

#[test]
fn broken_and_hostile_archives() {
    let packed = gzip(&csv());
    let archive = zip(&[("a.csv", &csv())]);
    let workbook = xlsx(&[("s", "visible", sheet(1))]);
    let mut nested = csv();
    for _ in 0..6 {
        nested = gzip(&nested);
    }
    let promised = zip(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/sharedStrings.xml", b"<sst uniqueCount=\"99999999999\"><si><t>a</t></si></sst>"),
        ("xl/workbook.xml", b"<workbook/>"),
    ]);
    let endless = "<table:table-row><table:table-cell office:value-type=\"string\"><office:annotation>";
    for (bytes, id) in [
        (packed[..packed.len() / 2].to_vec(), "data-archive-broken"),
        (archive[..archive.len() / 2].to_vec(), "data-archive-broken"),
        (workbook[..workbook.len() / 2].to_vec(), "data-archive-broken"),
        (zip(&[("[Content_Types].xml", b"<Types/>")]), "data-workbook-broken"),
        (xlsx(&[("s", "visible", "<row r=\"1\"><c".to_owned())]), "data-workbook-broken"),
        (promised, "data-workbook-broken"),
        (
            zip(&[
                ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
                ("content.xml", endless.as_bytes()),
            ]),
            "data-workbook-broken",
        ),
        (ods(&[("s", endless.to_owned())]), "data-workbook-broken"),
        (nested, "data-archive-nested"),
        (zip(&[]), "data-archive-empty"),
        (zip(&[("../a.csv", &csv())]), "data-archive-unsafe"),
        (zip(&[("train.csv", &csv()), ("test.csv", &csv())]), "data-archive-several"),
        (gzip(&tar(&[("/etc/a.csv", &csv())])), "data-archive-unsafe"),
        (gzip(&tar(&[("a.csv", &csv())])[..700]), "data-archive-broken"),
    ] {
        assert_eq!(refused(open(&bytes)).id, id);
    }
    let mut locked = zip(&[("a.csv", &csv())]);
    for start in [6, locked.windows(4).position(|w| w == b"PK\x01\x02").unwrap() + 8] {
        locked[start] |= 1;
    }
    assert_eq!(refused(open(locked)).id, "data-archive-locked");
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
