//! Large inputs that ask for more than their size: a little more work for each byte is no harm, work for each pair of bytes
//! is. Time and memory are bounded as in all targets.

use thaw::data::label_map::read_label_map;
use thaw::data::tokeniser::{Tokeniser, TokeniserFiles};
use thaw::domain::lesson::sheet::Sheet;
use thaw::domain::lesson::{Grades, StepWork};
use thaw::domain::problem::{Outcome, Problem};
use thaw::model::family::Family;
use thaw::model::hub::{Listing, found_in};
use thaw::model::weights::Weights;
use thaw::runs::{read_bundle, read_lesson};
use thaw::worker::read_plan;
use zip::CompressionMethod;

use super::archives::{gzip, tar};
use super::harness::{Case, Scratch, Target};
use super::tables::read;
use super::tokenisers;
use super::workbooks::packed;

/// About the size of each input in bytes.
const SIZE: usize = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };

/// So many times the same that it has [`SIZE`] bytes.
fn many(text: &str) -> String {
    text.repeat(SIZE / text.len())
}

/// A line for each number until there are [`SIZE`] bytes.
fn numbered(line: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for n in 0.. {
        if text.len() >= SIZE {
            break;
        }
        text.push_str(&line(n));
    }
    text
}

fn texts() -> Vec<(&'static str, String)> {
    let half = SIZE / 2;
    vec![
        ("many columns", many("a,")),
        ("many columns and rows", format!("{}\n{}", "a,".repeat(8_000), many("b\n"))),
        ("many empty rows", format!("text,label\n{}", many(",\n"))),
        ("quotes", format!("text,label\n{}", many("\""))),
        ("open quotes", format!("text,label\n{}", many("\"a,b\n"))),
        ("closed in the middle", format!("text,label\n{}", many("\"a\" b,c\n"))),
        ("escaped quotes", format!("text,label\n{}", many("\"a\\\"b\",c\n"))),
        ("one long line", format!("text,label\n{},a\n", many("a \"b\" "))),
        ("one long quoted field", format!("text,label\n\"{}\",a\n", many("a, \n"))),
        ("line ends", format!("text,label\n{}", many("\r\n\r"))),
        ("labels without end", numbered(|n| format!("a text of {n},label {n}\n"))),
        (
            "labels of all cases",
            format!(
                "text,label\n{}",
                numbered(|n| format!("text {n},{}\n", ["Pos", "pOs", "POS ", "0", "0.0"][n % 5]))
            ),
        ),
        ("reasons to skip", format!("text,label\n{}", numbered(|n| format!("a{}\n", ",b".repeat(n % 40))))),
        ("nested lists", "[".repeat(SIZE)),
        ("nested objects", many("{\"a\":")),
        ("a key for each record", numbered(|n| format!("{{\"k{n}\":{n},\"text\":\"a b\",\"label\":{}}}\n", n % 2))),
        ("many keys in each record", {
            let keys: String = (0..2_000).map(|n| format!("\"k{n}\":1,")).collect();
            numbered(|_| format!("{{{keys}\"text\":\"a b\",\"label\":1}}\n"))
        }),
        ("deep keys", numbered(|n| format!("{}1{}\n", "{\"a\":".repeat(n % 60 + 1), "}".repeat(n % 60 + 1)))),
        ("not a number", format!("[{}1]", "{\"text\":NaN,\"label\":-Infinity},".repeat(SIZE / 31))),
        ("not a number in lines", many("{\"text\":\"a b\",\"label\":NaN}\n")),
        ("objects one after another", many("{\"a\":1}")),
        ("objects over lines", many("{\n\"a\":\n1}\n")),
        (
            "columns of lists",
            format!("{{\"text\":[{}1],\"label\":[{}1]}}", "1,".repeat(half / 2), "1,".repeat(half / 2)),
        ),
        ("records by index", {
            let records = numbered(|n| format!("\"{n}\":{{\"text\":\"a b\",\"label\":{}}},", n % 2));
            format!("{{{}}}", records.trim_end_matches(','))
        }),
        ("labels on one line", many("__label__a ")),
        ("labels at the end", numbered(|n| format!("a text of {n} __label__{}\n", n % 900))),
        ("surrogates", format!("[{{\"text\":\"{}\"}}]", many("\\ud83d\\ude00"))),
    ]
}

fn ods(rows: &str) -> Vec<u8> {
    let content = format!(
        r#"<d><table:table table:name="a"><table:table-row><table:table-cell><text:p>text</text:p></table:table-cell><table:table-cell><text:p>label</text:p></table:table-cell></table:table-row>{rows}</table:table></d>"#
    );
    packed(
        &[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())],
        CompressionMethod::Deflated,
    )
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    const CELL: &str =
        "<table:table-cell table:number-columns-repeated=\"16384\"><text:p>x</text:p></table:table-cell>";
    let row =
        |cells: &str| format!("<table:table-row table:number-rows-repeated=\"1048576\">{cells}</table:table-row>");
    let zeros = vec![b'0'; 100 << 20];
    let bomb = packed(&[("a.csv", &zeros)], CompressionMethod::Deflated);
    let names: Vec<String> = (0..SIZE / 120).map(|n| format!("set/{}/{n}.txt", ["a", "b"][n % 2])).collect();
    let listed: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"a text"[..])).collect();
    vec![
        ("a sheet of one cell", ods(&row(CELL))),
        ("a column of one cell", ods(&row("<table:table-cell><text:p>x</text:p></table:table-cell>"))),
        ("a row of one cell", ods(&format!("<table:table-row>{CELL}</table:table-row>"))),
        ("many sheets", ods(&many("</table:table><table:table table:name=\"b\">"))),
        (
            "spaces",
            ods(&format!(
                "<table:table-row><table:table-cell><text:p>{}</text:p></table:table-cell></table:table-row>",
                many("<text:s text:c=\"1000\"/>")
            )),
        ),
        ("open elements", ods(&many("<a>"))),
        ("a bomb", bomb.clone()),
        ("a bomb in a bomb", gzip(&gzip(&bomb))),
        ("many texts", packed(&listed, CompressionMethod::Stored)),
        ("many texts in tar", gzip(&tar(&listed))),
        ("many members", gzip(b"a,b\n").repeat(SIZE / 24)),
    ]
}

#[test]
fn large_inputs_take_time_and_memory_by_their_size() {
    let texts = texts().into_iter().map(|(name, text)| (name, text.into_bytes()));
    let mut run = Target { name: "growth", seeds: Vec::new(), words: Vec::new() }.begin();
    let place = Scratch::new();
    for (name, bytes) in texts.chain(files()) {
        let case: Case = vec![("data", bytes)];
        // The columns and first rows, the texts alone, the whole, and the whole without a header.
        for choice in [20, 48 + 20, 96 + 48 + 20, 96 + 48 + 1] {
            run.try_case(name, &case, choice, &|case: &Case, choice| read(&place.write("data", &case[0].1), choice));
        }
    }
    run.end();
}

#[test]
fn large_texts_are_tokenised_in_time_by_their_size() {
    let mut run = Target { name: "growth-tokens", seeds: Vec::new(), words: Vec::new() }.begin();
    let texts = ["a", "a ", " ", "the cafe ", "e\u{301}", "中", "[MASK]", "\u{1f468}\u{200d}", "\n", "1", "한국어 "];
    for files in tokenisers::seeds() {
        let Ok(tokeniser) = Tokeniser::from_files(tokenisers::files(&files, 0), "it") else { continue };
        for text in texts {
            let case: Case = vec![("text", text.repeat(SIZE / 10 / text.len()).into_bytes())];
            run.try_case(&format!("{text:?}"), &case, 0, &|case: &Case, _| {
                let text = String::from_utf8_lossy(&case[0].1);
                let (short, whole) = (tokeniser.encode(&text, 64), tokeniser.encode(&text, usize::MAX));
                assert!(short.ids.len() <= 64 && whole.ids.len() >= short.ids.len());
                Ok(())
            });
        }
    }
    run.end();
}

/// Reads plans, lessons, bundles, weights, tokens and answers that are large.
#[test]
fn large_files_of_other_kinds() {
    let place = Scratch::new();
    let json = |value: serde_json::Value| value.to_string().into_bytes();
    let plan = |bytes: &[u8]| read_plan(&place.write("plan.json", bytes)).map(drop);
    let lesson = |bytes: &[u8]| read_lesson(&place.write("lesson.toml", bytes)).map(drop);
    let weights = |bytes: &[u8]| Weights::open(&[place.write("model.safetensors", bytes)], Family::Bert).map(drop);
    let pickle = |bytes: &[u8]| Weights::open(&[place.write("pytorch_model.bin", bytes)], Family::Bert).map(drop);
    let map = |bytes: &[u8]| read_label_map(&place.write("map.csv", bytes)).map(drop);
    let bundle = |bytes: &[u8]| {
        let bundle = read_bundle(&place.write("it.thaw-lesson", bytes))?;
        let grades = Grades::default();
        assert!(!Sheet::of(vec![&bundle], &grades).columns.is_empty());
        Ok(())
    };
    let tokens = |bytes: &[u8]| {
        let vocabulary = b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n";
        let files = TokeniserFiles {
            vocab_txt: Some(vocabulary),
            tokenizer_config: Some(bytes),
            special_tokens_map: Some(bytes),
            ..TokeniserFiles::default()
        };
        Tokeniser::from_files(files, "it").map(drop)
    };
    let answer = |bytes: &[u8]| {
        let answer: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        found_in(answer.clone());
        Listing::read(answer).map(drop).map_err(|error| Problem::new("hub-unreadable-answer").with("host", error))
    };

    let head = "id = \"mine\"\ntitle = { en = \"A\" }\nabout = { en = \"B\" }\n";
    let step = |text: &str| format!("{head}[[step]]\ntitle = {{ en = \"A\" }}\ntext = {{ en = '''{text}''' }}\n");
    let rules: Vec<_> =
        (0..SIZE / 60).map(|n| serde_json::json!({"parameters": format!("*.{n}.*"), "state": "frozen"})).collect();
    let stages: Vec<_> = (1..SIZE / 40).map(|n| serde_json::json!({"from_epoch": n, "freeze": "1"})).collect();
    let work = serde_json::to_value(StepWork { answer: "a".into(), attempts: 1, ..StepWork::default() }).unwrap();
    let steps: Vec<_> = (0..SIZE / 300)
        .map(|n| serde_json::json!({"title": {"en": format!("step {n}")}, "text": {}, "question": null, "work": work, "runs": []}))
        .collect();
    let handed_in = serde_json::json!({"thaw_lesson": 2, "thaw": "0.1.0", "lesson": "a", "lesson_hash": "0", "title": {"en": "A"},
        "student": "Kim", "saved": "2026-11-24 15:04", "steps": steps});
    let tensors: serde_json::Map<String, serde_json::Value> = (0..SIZE / 70)
        .map(|n| (format!("a.{n}.weight"), serde_json::json!({"dtype": "F32", "shape": [0], "data_offsets": [0, 0]})))
        .collect();
    let header = json(tensors.into());
    let names: Vec<String> = (0..SIZE / 12).map(|n| format!("<t{n}>")).collect();
    let siblings: Vec<_> = (0..SIZE / 80)
        .map(
            |n| serde_json::json!({"rfilename": format!("model-{n}.safetensors"), "size": n, "blobId": "a".repeat(40)}),
        )
        .collect();
    type Reader<'r> = &'r dyn Fn(&[u8]) -> Outcome<()>;
    let inputs: [(&str, Reader<'_>, Vec<u8>); 18] = [
        ("many rules", &plan, json(serde_json::json!({ "rules": rules }))),
        ("many stages", &plan, json(serde_json::json!({ "stages": stages }))),
        ("nested plan", &plan, many("{\"rules\":[").into_bytes()),
        (
            "many steps",
            &lesson,
            format!("{head}{}", many("[[step]]\ntitle = { en = \"A\" }\ntext = { en = \"B\" }\n")).into_bytes(),
        ),
        ("open brackets", &lesson, step(&many("[")).into_bytes()),
        ("open pictures", &lesson, step(&many("![](")).into_bytes()),
        ("quotes and lists", &lesson, step(&many("> - ")).into_bytes()),
        ("stars", &lesson, step(&many("*a_ ")).into_bytes()),
        ("nested arrays", &lesson, format!("a = {}", many("[")).into_bytes()),
        ("dotted keys", &lesson, format!("{}a = 1", many("a.")).into_bytes()),
        ("many steps handed in", &bundle, json(handed_in)),
        ("many tensors", &weights, [&(header.len() as u64).to_le_bytes()[..], &header].concat()),
        ("many objects", &pickle, packed(&[("m/data.pkl", many("N").as_bytes())], CompressionMethod::Stored)),
        ("many marks", &pickle, packed(&[("m/data.pkl", many("((K\u{1}t").as_bytes())], CompressionMethod::Stored)),
        ("many labels", &map, numbered(|n| format!("{n},class {n}\n")).into_bytes()),
        ("many tokens", &tokens, json(serde_json::json!({ "additional_special_tokens": names }))),
        ("many files", &answer, json(serde_json::json!({ "sha": "a".repeat(40), "siblings": siblings }))),
        ("many models", &answer, format!("[{}{{}}]", many("{\"id\":\"a/b\"},")).into_bytes()),
    ];
    let mut run = Target { name: "growth-others", seeds: Vec::new(), words: Vec::new() }.begin();
    for (name, read, bytes) in inputs {
        let case: Case = vec![("data", bytes)];
        run.try_case(name, &case, 0, &|case: &Case, _| read(&case[0].1));
    }
    run.end();
}
