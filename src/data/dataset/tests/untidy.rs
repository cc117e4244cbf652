//! Tables as people bring them: each reads in the only sensible way, or is refused with what to say.

use crate::domain::config::Quoting;

use super::*;

/// A table with a header and `rows` good rows of two classes.
fn table(header: &str, rows: usize, row: impl Fn(usize, &str) -> String) -> String {
    let lines: String = (0..rows).map(|i| row(i, ["0", "1"][i % 2]) + "\n").collect();
    format!("{header}\n{lines}")
}

fn accepting() -> DataConfig {
    read_as(ReadingConfig { accept_skipped: true, ..ReadingConfig::default() })
}

fn skipped_ids(dataset: &Dataset) -> Vec<(usize, &str, usize)> {
    dataset.summary.skipped.kinds.iter().map(|kind| (kind.row, kind.reason.id.as_ref(), kind.count)).collect()
}

#[test]
fn one_ragged_row_is_skipped_and_named() {
    let text = table("id\tdocument\tlabel", 400, |i, label| match i {
        199 => format!("{i}\t탭이\t하나 더\t{label}"),
        56 => format!("{i}\t\"명작이라고? 아니다\t{label}"),
        _ => format!("{i}\t정말 훌륭하다 {i}\t{label}"),
    });
    let dataset = open(&text).unwrap();
    assert_eq!(skipped_ids(&dataset), [(201, "data-skip-fields", 1)]);
    assert_eq!((dataset.summary.rows, dataset.summary.quoting), (399, Quoting::None));
    assert_eq!(dataset.texts.get(56), "\"명작이라고? 아니다");
    let before = open(text.replace('"', "")).unwrap();
    assert_eq!(before.row_numbers, dataset.row_numbers);
}

#[test]
fn escapes_by_backslash_are_read() {
    let quotes = table("text,label", 300, |i, label| match i % 3 {
        0 => format!("\"they said \\\"village {i}\\\" again\",{label}"),
        1 => format!("\"they said \\\"yes, village {i}\\\", twice\",{label}"),
        _ => format!("\"the village {i}, as told\",{label}"),
    });
    let dataset = open(&quotes).unwrap();
    assert_eq!((dataset.summary.rows, dataset.summary.skipped.count), (300, 0));
    assert_eq!(texts(&dataset)[..2], ["they said \"village 0\" again", "they said \"yes, village 1\", twice"]);
    assert_eq!((dataset.summary.quoting, dataset.summary.quoting_guessed), (Quoting::Backslash, true));
    let commas = table("text,label", 300, |i, label| {
        if i % 2 == 0 { format!("village {i},{label}") } else { format!("village {i}\\, indeed,{label}") }
    });
    let dataset = open(&commas).unwrap();
    assert_eq!((dataset.summary.rows, dataset.texts.get(1)), (300, "village 1, indeed"));
    let config = read_as(ReadingConfig { quoting: Some(Quoting::Double), ..ReadingConfig::default() });
    let (id, sentence) = refusal(open_with(&commas, config));
    assert!(id == "data-many-skipped" && sentence.contains("150 of 300"), "{sentence}");
}

#[test]
fn a_first_row_of_data_makes_no_header() {
    let rows = table("", 200, |i, label| format!("{},{label},\"the river museum of town {i}\"", i + 7));
    let rows = rows.trim_start();
    let dataset = open(rows).unwrap();
    assert_eq!((dataset.summary.rows, dataset.row_numbers[0], dataset.summary.headless), (200, 1, true));
    assert_eq!(dataset.summary.columns, ["1", "2", "3"]);
    assert_eq!((dataset.summary.text_column, dataset.summary.label_column), (2, 1));
    assert!(dataset.summary.header_guessed);
    let short = table("", 40, |i, label| format!("fine {i},{label}"));
    let short = short.trim_start();
    let (id, sentence) = refusal(open(short));
    assert!(id == "data-no-header" && sentence.contains("--header no"), "{sentence}");
    let config =
        read_as(ReadingConfig { header: Some(false), text_column: Some("1".into()), ..ReadingConfig::default() });
    let told = open_with(short, config.clone()).unwrap();
    assert_eq!((told.summary.rows, told.texts.get(0), told.summary.header_guessed), (40, "fine 0", false));
    let files = Files::new();
    let test = Some(files.put("test.csv", "well,1\nbad,0\n"));
    let with_test = open_with(rows, DataConfig { test, ..DataConfig::default() });
    assert_eq!(with_test.unwrap_err().id, "data-unknown-column", "the other file has no third column");
    let test = Some(files.put("test.csv", "1,0,well\n2,1,bad\n"));
    let with_test = open_with(rows, DataConfig { test, ..DataConfig::default() }).unwrap();
    assert_eq!(with_test.summary.split.test, [1, 1]);
    let header = read_as(ReadingConfig { header: Some(true), ..ReadingConfig::default() });
    assert_eq!(open_with(rows, header).unwrap().summary.rows, 199);
}

#[test]
fn last_cells_may_be_missing_or_too_many() {
    let short = table("text,label,note", 300, |i, label| {
        if i % 5 == 0 { format!("text {i},{label},checked") } else { format!("text {i},{label}") }
    });
    let dataset = open(&short).unwrap();
    assert_eq!((dataset.summary.rows, dataset.summary.skipped.count), (300, 0));
    assert_eq!(dataset.summary.head[1], ["text 1", "1", ""]);
    let long = table("text,label", 40, |i, label| format!("text {i},{label},, ,"));
    assert_eq!(open(&long).unwrap().summary.rows, 40);
    let lines = table("text,label,note", 40, |i, label| format!("\"text {i}\nof lines, and\n, more\",{label}"));
    assert_eq!(open(&lines).unwrap().summary.rows, 40);
    let no_label = table("text,label", 40, |i, label| if i == 7 { "text".into() } else { format!("text {i},{label}") });
    assert_eq!(skipped_ids(&open(&no_label).unwrap()), [(9, "data-skip-empty-label", 1)]);
}

#[test]
fn words_for_missing_values_are_counted_by_their_word() {
    let labels = table("text,label", 200, |i, label| {
        let label = if i % 25 == 3 { "nan".into() } else { format!("{label}.0") };
        format!("village {i},{label}")
    });
    let dataset = open(&labels).unwrap();
    assert_eq!((dataset.label_names().join(" "), dataset.summary.rows), ("0.0 1.0".into(), 192));
    assert_eq!(skipped_ids(&dataset), [(5, "data-skip-missing-label", 8)]);
    let sentence = Catalogue::new(Language::English).problem(&dataset.summary.skipped.kinds[0].reason);
    assert!(sentence.contains("“nan”") && sentence.contains("--keep-missing-words"), "{sentence}");
    let texts =
        table(
            "text,label",
            200,
            |i, label| {
                if i % 25 == 3 { format!("NULL,{label}") } else { format!("village {i},{label}") }
            },
        );
    assert_eq!(skipped_ids(&open(&texts).unwrap()), [(5, "data-skip-missing-text", 8)]);
    let keep = read_as(ReadingConfig { keep_missing_words: true, ..ReadingConfig::default() });
    assert_eq!(open_with(&texts, keep.clone()).unwrap().summary.rows, 200);
    let class = table("text,label", 60, |i, _| format!("village {i},{}", ["None", "Some"][i % 2]));
    let (id, sentence) = refusal(open(&class));
    assert!(id == "data-many-skipped" && sentence.contains("“None”") && sentence.contains("--keep-missing-words"));
    assert_eq!(open_with(&class, keep).unwrap().label_names(), ["None", "Some"]);
}

#[test]
fn several_label_like_columns_are_named_and_none_is_taken() {
    let toxic = table("id,comment_text,toxic,obscene,threat", 60, |i, label| {
        format!("{i:06},village {i} was there,{label},{},{}", i / 2 % 2, u8::from(i % 5 == 0))
    });
    let (id, sentence) = refusal(open(&toxic));
    assert!(id == "data-several-labels" && sentence.contains("toxic, obscene, threat"), "{sentence}");
    let config = read_as(ReadingConfig { label_column: Some("toxic".into()), ..ReadingConfig::default() });
    assert_eq!(open_with(&toxic, config).unwrap().summary.label_column, 2);
    let lists = table("text,labels", 60, |i, _| {
        format!("village {i},{}", ["joy", "\"joy,calm\"", "calm", "anger", "\"anger,joy\""][i % 5])
    });
    let (id, sentence) = refusal(open(&lists));
    assert!(id == "data-label-lists" && sentence.contains("row 3") && sentence.contains("joy,calm"), "{sentence}");
    let config = read_as(ReadingConfig { label_column: Some("labels".into()), ..ReadingConfig::default() });
    assert_eq!(open_with(&lists, config).unwrap().label_names().len(), 5);
    let brackets = lists.replace("\"joy,calm\"", "\"['joy', 'calm']\"").replace("joy\n", "['joy']\n");
    assert_eq!(refusal(open(brackets)).0, "data-label-lists");
    let names = table("text,label", 60, |i, _| format!("village {i},{}", ["\"Arts, Crafts\"", "Garden"][i % 2]));
    assert_eq!(open(names).unwrap().label_names(), ["Arts, Crafts", "Garden"]);
}

#[test]
fn scores_are_no_classes() {
    let scores = |steps: usize, by: f64| {
        open(table("text,score", 600, |i, _| format!("village {i},{:.1}", (i * 7 % steps) as f64 * by)))
    };
    let (id, sentence) = refusal(scores(51, 0.1));
    assert!(id == "data-scores" && sentence.contains("51 different") && sentence.contains("“score”"), "{sentence}");
    assert_eq!(refusal(scores(11, 0.1)).0, "data-scores");
    assert_eq!(scores(11, 0.5).unwrap().label_names().len(), 11, "half stars are a scale");
    assert_eq!(scores(5, 1.0).unwrap().label_names(), ["0.0", "1.0", "2.0", "3.0", "4.0"]);
    let all = table("text,score", 300, |i, _| format!("village {i},{}.{i:03}", i % 5));
    assert_eq!(refusal(open(all)).0, "data-scores");
}

#[test]
fn repeated_headers_are_skipped() {
    let text = table("text,label", 240, |i, label| {
        let row = format!("village {i},{label}");
        if i % 40 == 39 { format!("{row}\ntext,label") } else { row }
    });
    let dataset = open(&text).unwrap();
    assert_eq!((dataset.label_names().join(" "), dataset.summary.rows), ("0 1".into(), 240));
    assert_eq!(skipped_ids(&dataset), [(42, "data-skip-header", 6)]);
    let marked = text.replace("\ntext,label", "\n\u{feff}text,label");
    assert_eq!(skipped_ids(&open(marked).unwrap()), [(42, "data-skip-header", 6)]);
}

#[test]
fn labels_in_several_spellings_are_one() {
    let text =
        table("text,label", 60, |i, _| format!("village {i},{}", ["1", "0", "1", "0.0", "1.0", "0", "1", "0"][i % 8]));
    let dataset = open(&text).unwrap();
    assert_eq!(dataset.label_names(), ["0", "1"]);
    let merged = &dataset.summary.merged;
    let others: Vec<(&str, &str, usize)> =
        merged.iter().map(|m| (m.label.as_str(), m.others[0].label.as_str(), m.others[0].count)).collect();
    assert_eq!(others, [("1", "1.0", 7), ("0", "0.0", 8)]);
    let cases = table("text,label", 60, |i, _| format!("village {i},{}", ["True", "FALSE", "TRUE", "FALSE"][i % 4]));
    assert_eq!(open(&cases).unwrap().label_names(), ["FALSE", "True"]);
    let files = Files::new();
    let test = Some(files.put("test.csv", "text,label\none, true\ntwo,False\nthree,maybe\n"));
    let config = DataConfig { test, ..DataConfig::default() };
    assert_eq!(open_with(&cases, config.clone()).unwrap_err().arg("label").as_deref(), Some("maybe"));
    files.put("test.csv", "text,label\none, true\ntwo,False\nthree,TRUE\n");
    let with_test = open_with(&cases, config).unwrap();
    assert_eq!(with_test.summary.split.test, [1, 2]);
    let told: usize = with_test.summary.merged.iter().flat_map(|m| &m.others).map(|other| other.count).sum();
    assert_eq!(told, 15 + 3);
}

#[test]
fn many_skipped_rows_ask_first() {
    let text =
        table(
            "text,label",
            100,
            |i, label| {
                if i % 8 == 0 { format!("village {i},") } else { format!("village {i},{label}") }
            },
        );
    let (id, sentence) = refusal(open(&text));
    assert!(id == "data-many-skipped" && sentence.contains("13 of 100 rows") && sentence.contains("87"), "{sentence}");
    let dataset = open_with(&text, accepting()).unwrap();
    assert_eq!((dataset.summary.rows, dataset.summary.skipped.count), (87, 13));
    let few = text.replacen("village 0,", "village 0,1", 4);
    assert_eq!(refusal(open(few)).0, "data-many-skipped", "12 %");
    let labels = Dataset::open_for_evaluation;
    let files = Files::new();
    let source = DataSource::File(files.put("my.csv", &text));
    let names = ["0", "1"].map(str::to_owned);
    let config = DataConfig { source, ..DataConfig::default() };
    assert_eq!(refusal(labels(&config, &names, &|_, _| {})).0, "data-many-skipped");
}

/// What is refused later says that rows were skipped before.
#[test]
fn errors_say_what_was_skipped_before() {
    let one_class = table("text,label", 40, |i, _| format!("village {i},{}", if i == 3 { "" } else { "0" }));
    let (id, sentence) = refusal(open(&one_class));
    assert!(id == "data-one-class" && sentence.contains("1 row was skipped, row 5"), "{sentence}");
    let open_quote = one_class.replace("village 30", "\"village 30").replace("village 33,0", "an end\"");
    let (id, sentence) = refusal(open(&open_quote));
    assert!(id == "data-unclosed-quote" && sentence.contains("row 32") && sentence.contains("row 5"), "{sentence}");
}

#[test]
fn columns_that_hold_nothing_are_not_guessed() {
    let of = |text: &str| {
        let summary = open(text).unwrap().summary;
        (summary.text_column, summary.label_column)
    };
    let empty = table("text,label,body,stars", 60, |i, label| format!(",x,village {i} was there,{label}"));
    assert_eq!(of(&empty), (2, 3));
    let news = table("Class Index,Title,Description", 60, |i, label| {
        format!("{},Village {i},The village with number {i} was there as usual", label.parse::<u8>().unwrap() + 1)
    });
    assert_eq!(of(&news), (2, 0));
    let titles = table("title,label,url", 60, |i, label| format!("A long title of film {i} and more,{label},h/{i}"));
    assert_eq!(of(&titles), (0, 1));
    let sorted = (0..3000).map(|i| format!("{i},village {i} here,{}\n", u8::from(i > 1500))).collect::<String>();
    assert_eq!(of(&format!("id,text,label\n{sorted}")), (1, 2), "a label may change late in the file");
    assert_eq!(of(&format!("id,words,kind\n{sorted}")), (1, 2));
    let address = table("page,words,label", 60, |i, label| {
        format!("https://example.org/a/very/long/address/of/page/{i}.html,it is {i},{label}")
    });
    assert_eq!(of(&address), (1, 2));
}

/// R and pandas write row names without a name in the header.
#[test]
fn row_names_may_have_no_name() {
    let text = table("text,label", 40, |i, label| format!("{i},village {i},{label}"));
    let dataset = open(&text).unwrap();
    assert_eq!((dataset.summary.rows, dataset.texts.get(0)), (40, "village 0"));
    assert_eq!(dataset.summary.columns, ["", "text", "label"]);
    let ragged = table("text,label", 40, |i, label| format!("so, village {i},{label}"));
    assert_eq!(refusal(open(&ragged)).0, "data-all-skipped");
}

/// What could be read before reads as it did: texts, labels, row numbers and parts.
#[test]
fn tidy_tables_keep_their_bits() {
    let bundled = Dataset::open(&DataConfig::default(), &|_, _| {}).unwrap();
    assert_eq!(format!("{:016x}", bundled.summary.content_hash), "2d77cfa77f456191");
    let odd = "text,label\n\"Great\" movie,1\n\"a, \"\"b\"\"\n\nc\",0\n  5\" one ,1\n\"C:\\\",0\n".to_owned()
        + &"x \\n y,1\nz,0\n".repeat(6);
    let dataset = open(&odd).unwrap();
    assert_eq!(texts(&dataset)[..4], ["Great movie", "a, \"b\"\n\nc", "5\" one", "C:\\"]);
    assert_eq!(dataset.row_numbers[..4], [2, 3, 4, 5]);
}

/// Each of two rows one after the other opens a quotation mark that it does not close, so that they seem to close each other's.
#[test]
fn unclosed_quotes_in_adjacent_rows_cost_only_these_rows() {
    for bad in [&[20, 21][..], &[20, 21, 22], &[20, 22], &[58, 59]] {
        let text = table("text,label", 60, |i, label| match bad.contains(&i) {
            true => format!("\"village {i}, never closed,{label}").replacen(", never", " never", 1),
            false => format!("\"village {i}, the \"\"old\"\" one\",{label}"),
        });
        let dataset = open(&text).unwrap();
        assert_eq!((dataset.summary.rows, dataset.summary.skipped.count), (60 - bad.len(), bad.len()), "{bad:?}");
        assert_eq!(dataset.summary.skipped.first[0].row, bad[0] + 2);
    }
}
