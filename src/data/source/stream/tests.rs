use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::super::{Content, File};
use super::*;
use crate::domain::config::{DataSource, ReadingConfig};

const SMALL: Sizes = Sizes { head_bytes: 512, piece_bytes: 64, most_record_bytes: 4096 };

/// What the two ways to read a file must agree on: the columns, and for each record its row, its cells and its fault.
type Read = (Vec<String>, Vec<(usize, Vec<String>, Option<String>)>);

fn records(table: &dyn Table) -> Read {
    let mut all = Vec::new();
    table
        .visit(&mut |record| {
            let cells = (0..record.len().max(table.columns().len())).map(|i| record.get(i).into_owned()).collect();
            all.push((record.row(), cells, record.fault().map(|fault| fault.id.to_string())));
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    (table.columns().to_vec(), all)
}

fn whole(path: &Path, config: &DataConfig) -> Read {
    let file = File::at(path, None, &|_, _| {}).unwrap();
    let content = Content::of(&file, config).unwrap();
    records(content.texts(config).unwrap().as_ref())
}

fn streamed(path: &Path, config: &DataConfig, sizes: Sizes) -> Read {
    let stream = Stream::open_by(path, config, sizes, &|_, _| Ok(())).unwrap().expect("it is read in a stream");
    let mut last = 0;
    stream
        .visit(&mut |record| {
            assert!(record.end() >= last && record.end() <= stream.len(), "{} after {last}", record.end());
            last = record.end();
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    records(&stream)
}

fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn as_config(path: &Path, reading: ReadingConfig) -> DataConfig {
    DataConfig { source: DataSource::File(path.to_owned()), reading, ..DataConfig::default() }
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The lines of a table by number.
fn lines(header: &str, row: impl Fn(usize) -> String) -> String {
    header.to_owned() + &(0..400).map(row).collect::<String>()
}

#[test]
fn a_stream_has_the_records_of_the_whole_file() {
    let quoted = lines("id,text,label\n", |i| match i % 7 {
        0 => format!("{i},\"a text, over\n\"\"two\"\" lines\",good\n"),
        1 => format!("{i},too,many,fields,here\n"),
        2 => format!("{i}\n"),
        3 => "\n".to_owned(),
        _ => format!("{i},a plain text number {i},bad\n"),
    });
    let crlf = quoted.replace('\n', "\r\n");
    let korean = lines("번호,내용,감성\n", |i| format!("{i},정말 재미있는 영화였다 {i},긍정\n"));
    let (korean, _, _) = encoding_rs::EUC_KR.encode(&korean);
    let escaped =
        lines("id;text;label\n", |i| format!("{i};\"she said \\\"no\\\"; twice\";\"{}\"\n", ["a", "b"][i % 2]));
    let spaced = lines("id, \"text\", \"label\"\n", |i| format!("{i}, \"a, b {i}\", \"x\"\n"));
    let single = lines("'id','text','label'\n", |i| format!("{i},'it\\'s, so {i}','x'\n"));
    let unquoted = lines("text\tlabel\n", |i| format!("\"a text {i}\tx\n"));
    let above = "Survey of 2024\n\n".to_owned() + &lines("text,label\n", |i| format!("a text {i},x\n"));
    let json = lines("", |i| match i {
        17 => "{\"text\": broken\n".to_owned(),
        300 => "{\"text\": \"late\", \"only here\": 1, \"deep\": {\"er\": \"x\"}}\n".to_owned(),
        _ => format!("{{\"text\": \"number {i}\", \"label\": {}}}\n", i % 2),
    });
    let lists = lines("[\"text\", \"label\"]\n", |i| format!("[\"number {i}\", {i}]\n"));
    let fasttext = lines("", |i| format!("__label__{} a text, number {i}\n", ["a", "b"][i % 2]));
    let column = lines("review\n", |i| format!("a text, number {i}\n"));
    let announced = "sep=;\n".to_owned() + &lines("text;label\n", |i| format!("a, {i};x\n"));
    let named_rows = lines("text,label\n", |i| format!("{i},a text {i},x\n"));
    let cases: [(&str, &[u8]); 15] = [
        ("quoted.csv", quoted.as_bytes()),
        ("crlf.csv", crlf.as_bytes()),
        ("mark.csv", &[b"\xef\xbb\xbf", quoted.as_bytes()].concat()),
        ("korean.csv", &korean),
        ("escaped.csv", escaped.as_bytes()),
        ("spaced.csv", spaced.as_bytes()),
        ("single.csv", single.as_bytes()),
        ("unquoted.tsv", unquoted.as_bytes()),
        ("above.csv", above.as_bytes()),
        ("lines.jsonl", json.as_bytes()),
        ("lists.jsonl", lists.as_bytes()),
        ("fast.txt", fasttext.as_bytes()),
        ("column.txt", column.as_bytes()),
        ("announced.csv", announced.as_bytes()),
        ("names.csv", named_rows.as_bytes()),
    ];
    for (name, bytes) in cases {
        for (name, bytes) in [(name.to_owned(), bytes.to_vec()), (format!("{name}.gz"), gzipped(bytes))] {
            let (_folder, path) = written(&name, &bytes);
            let config = as_config(&path, ReadingConfig::default());
            let expected = whole(&path, &config);
            assert!(expected.1.len() >= 300, "{name}");
            assert_eq!(streamed(&path, &config, SMALL), expected, "{name}");
        }
    }
}

/// A quote that is never closed costs its own row, also where all that follows is in other pieces.
#[test]
fn a_quote_that_is_never_closed_costs_one_row() {
    let text = lines("id,text,label\n", |i| match i {
        30 => format!("{i},\"never closed {i},x\n"),
        _ => format!("{i},a plain text {i},x\n"),
    });
    let (_folder, path) = written("open.csv", text.as_bytes());
    let config = as_config(&path, ReadingConfig::default());
    let found = streamed(&path, &config, SMALL);
    let faults: Vec<usize> = found.1.iter().filter(|(.., fault)| fault.is_some()).map(|(row, ..)| *row).collect();
    assert_eq!((found.1.len(), faults), (400, vec![32]));
}

#[test]
fn what_is_short_or_has_no_lines_is_read_whole() {
    for (name, bytes) in [
        ("short.csv", b"text,label\na,b\n".to_vec()),
        ("list.json", format!("[{}]", vec!["{\"text\": \"a\"}"; 200].join(",\n")).into_bytes()),
        (
            "utf16.csv",
            lines("\u{feff}text,label\n", |i| format!("{i},x\n")).encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ),
        ("endless.csv", vec![b'a'; 2000]),
    ] {
        let (_folder, path) = written(name, &bytes);
        let stream = Stream::open_by(&path, &as_config(&path, ReadingConfig::default()), SMALL, &|_, _| Ok(()));
        assert!(stream.unwrap().is_none(), "{name}");
    }
    let (_folder, path) =
        written("broken.csv.gz", &gzipped(lines("text,label\n", |i| format!("{i},x\n")).as_bytes())[..900]);
    let stream = Stream::open_by(&path, &as_config(&path, ReadingConfig::default()), SMALL, &|_, _| Ok(()));
    assert_eq!(stream.err().map(|problem| problem.id.to_string()).as_deref(), Some("data-archive-broken"));
}

#[test]
fn the_look_at_a_file_can_be_ended() {
    let (_folder, path) = written("a.csv", lines("text,label\n", |i| format!("{i},x\n")).as_bytes());
    let ended = Stream::open_by(&path, &as_config(&path, ReadingConfig::default()), SMALL, &|_, _| {
        Err(Problem::new("cancelled"))
    });
    assert_eq!(ended.err().map(|problem| problem.id.to_string()).as_deref(), Some("cancelled"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Wherever the pieces end, the cells are those that were written.
    #[test]
    fn any_table_is_read_as_it_was_written(
        rows in prop::collection::vec(prop::collection::vec("[a-z ,;\"\n\ré한😀]{0,12}", 3), 40..80),
        piece_bytes in 1_usize..90,
    ) {
        let mut file = csv::Writer::from_writer(Vec::new());
        file.write_record(["first", "second", "third"]).unwrap();
        // Two rows that fill the head come first, so that the file is never short.
        let first = ["x".repeat(300), "y".to_owned(), "z".to_owned()];
        [&first, &first].into_iter().for_each(|row| file.write_record(row).unwrap());
        rows.iter().for_each(|row| file.write_record(row).unwrap());
        let bytes = file.into_inner().unwrap();
        let (_folder, path) = written("any.csv", &bytes);
        let reading = ReadingConfig {
            delimiter: Some(','),
            quoting: Some(Quoting::Double),
            header: Some(true),
            encoding: Some("utf-8".into()),
            ..ReadingConfig::default()
        };
        let (columns, found) = streamed(&path, &as_config(&path, reading), Sizes { piece_bytes, ..SMALL });
        prop_assert_eq!(columns, ["first", "second", "third"]);
        let cells: Vec<Vec<String>> = found.into_iter().map(|(_, cells, _)| cells).collect();
        let expected: Vec<Vec<String>> = [first.to_vec(), first.to_vec()].into_iter().chain(rows).collect();
        prop_assert_eq!(cells, expected);
    }
}
