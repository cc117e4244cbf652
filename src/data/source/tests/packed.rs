//! Class folders and archives, also broken and hostile ones.

use super::*;

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
