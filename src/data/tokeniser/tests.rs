//! Tokenisers from every kind of files, with the ids of transformers.

use super::*;
use proptest::prelude::*;

const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\nmovie\n##s\n.\n中\ncaf\n##e\n";

fn from_files(json: Option<&[u8]>, vocab: Option<&[u8]>, config: Option<&[u8]>, place: &str) -> Outcome<Tokeniser> {
    let files = TokeniserFiles {
        tokenizer_json: json,
        vocab_txt: vocab,
        tokenizer_config: config,
        ..TokeniserFiles::default()
    };
    Tokeniser::from_files(files, place)
}

fn tokens(tokeniser: &Tokeniser, text: &str) -> Vec<String> {
    tokeniser.encode(text, 32).ids.iter().map(|id| tokeniser.token(*id).unwrap()).collect()
}

/// The ids are those that Python's `BertTokenizer` gives for this vocabulary.
#[test]
fn the_bundled_tokeniser() {
    let tokeniser = bundled_for_tests();
    assert_eq!(tokeniser.vocabulary_size(), 30_522);
    assert_eq!(tokeniser.encode("A good MOVIE, Café!", 32).ids, [101, 1037, 2204, 3185, 1010, 7668, 999, 102]);
    assert_eq!(
        tokeniser.encode("a good movie", 4),
        Encoded { ids: vec![101, 1037, 2204, 102], of_type_1: 0, cut: true }
    );
    assert_eq!(tokeniser.encode("a good", 4), Encoded { ids: vec![101, 1037, 2204, 102], of_type_1: 0, cut: false });
    assert_eq!(tokeniser.encode(" \u{200b} ", 4), Encoded { ids: vec![101, 102], of_type_1: 0, cut: false });
    let long = "word ".repeat(1000);
    assert_eq!(tokeniser.encode(&long, 512).ids.len(), 512);
}

#[test]
fn a_text_of_another_language_is_read_letter_by_letter() {
    use crate::domain::legibility::Legibility;
    let tokeniser = bundled_for_tests();
    let of = |text: &str| Legibility::of([&tokeniser.pieces(text)[..]]);
    let english = of("A good movie, and it is well played; I liked it a lot.");
    assert!(!english.is_poor(), "{english:?}");
    let korean = of("배우들의 연기가 훌륭하고 이야기도 재미있어서 다시 보고 싶은 영화입니다.");
    assert!(korean.is_poor() && korean.unread_share() > 0.9, "{korean:?}");
    assert!(!of("1,000 - 2,000 (!)").is_poor());
}

#[test]
fn saved_and_read_again() {
    for tokeniser in [bundled_for_tests(), from_files(None, Some(VOCABULARY.as_bytes()), None, "x").unwrap()] {
        let json = tokeniser.json().unwrap();
        let value: Value = serde_json::from_slice(&json).unwrap();
        assert!(value["padding"].is_null() && value["truncation"].is_null());
        let config = tokeniser.config_json(512, true).unwrap();
        let again = from_files(Some(&json), None, Some(&config), "saved").unwrap();
        for text in ["Good movies.", "caf\u{e9} 中中 [SEP] unknown-word", ""] {
            assert_eq!(again.encode(text, 16), tokeniser.encode(text, 16));
        }
        assert_eq!(serde_json::from_slice::<Value>(&config).unwrap()["tokenizer_class"], "BertTokenizer");
    }
}

#[test]
fn a_vocabulary_alone() {
    let open = |vocabulary: &str, config: Option<&str>| {
        from_files(None, Some(vocabulary.as_bytes()), config.map(str::as_bytes), "my-model")
    };
    let uncased = open(VOCABULARY, None).unwrap();
    assert_eq!(tokens(&uncased, "Good  Movies.中x"), ["[CLS]", "good", "movie", "##s", ".", "中", "[UNK]", "[SEP]"]);
    assert_eq!(tokens(&uncased, "CAF\u{c9} [MASK]"), ["[CLS]", "caf", "##e", "[MASK]", "[SEP]"]);
    let crlf = open(&VOCABULARY.replace('\n', "\r\n"), None).unwrap();
    assert_eq!(crlf.encode("good movies", 9), uncased.encode("good movies", 9));
    let cased = open(VOCABULARY, Some(r#"{"do_lower_case": false}"#)).unwrap();
    assert_eq!(tokens(&cased, "Good movie"), ["[CLS]", "[UNK]", "movie", "[SEP]"]);
    assert_eq!(tokens(&cased, "caf\u{e9}"), ["[CLS]", "[UNK]", "[SEP]"]);
    let capitals = open(&format!("{VOCABULARY}Good\n"), None).unwrap();
    assert_eq!(tokens(&capitals, "Good good"), ["[CLS]", "Good", "good", "[SEP]"]);
    let renamed = VOCABULARY.replace("[CLS]", "<s>").replace("[SEP]", "</s>");
    let config = r#"{"cls_token": {"content": "<s>", "lstrip": false}, "sep_token": "</s>"}"#;
    assert_eq!(tokens(&open(&renamed, Some(config)).unwrap(), "good"), ["<s>", "good", "</s>"]);

    let problem = open(&renamed, None).unwrap_err();
    assert_eq!((problem.id.as_ref(), problem.args[1].1.to_string().as_str()), ("tokeniser-no-token", "[CLS]"));
    assert_eq!(open("", None).unwrap_err().id, "tokeniser-no-token");
    assert_eq!(open(VOCABULARY, Some("{")).unwrap_err().args[1].1.to_string(), "tokenizer_config.json");
}

/// `Hello` is one token by its merges; a leading space belongs to the word after it.
#[test]
fn byte_pairs_without_a_tokenizer_json() {
    let vocabulary = br#"{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"<mask>":4,"H":5,"e":6,"l":7,"o":8,"\u0120":9,"He":10,
        "ll":11,"Hell":12,"Hello":13,"\u0120Hello":14,"!":15}"#;
    let merges = "#version: 0.2\nH e\nl l\nHe ll\nHell o\n\u{120} Hello\n";
    let open = |merges: &str| {
        let byte_pairs = Some((&vocabulary[..], merges.as_bytes()));
        Tokeniser::from_files(TokeniserFiles { byte_pairs, ..TokeniserFiles::default() }, "my-roberta")
    };
    let tokeniser = open(merges).unwrap();
    assert_eq!(tokeniser.encode("Hello Hello!", 9).ids, [0, 13, 14, 15, 2]);
    assert_eq!(tokeniser.encode("Hello <mask>", 9).ids, [0, 13, 9, 4, 2]);
    let config: Value = serde_json::from_slice(&tokeniser.config_json(512, false).unwrap()).unwrap();
    assert_eq!((config["cls_token"].as_str(), config["pad_token"].as_str()), (Some("<s>"), Some("<pad>")));
    assert_eq!(config["model_input_names"], serde_json::json!(["input_ids", "attention_mask"]));
    assert_eq!(open("H\n").unwrap_err().args[1].1.to_string(), "merges.txt");
    assert_eq!(open("H x\n").unwrap_err().id, "tokeniser-unreadable");
}

#[test]
fn files_that_are_no_tokeniser() {
    let id =
        |json: Option<&[u8]>, vocabulary: Option<&[u8]>| from_files(json, vocabulary, None, "my-model").unwrap_err().id;
    assert_eq!(id(None, None), "tokeniser-missing");
    assert_eq!(id(Some(b"{}"), None), "tokeniser-unreadable");
    assert_eq!(id(None, Some(b"[UNK]\n\xff\xfe")), "tokeniser-unreadable");
    let bare: Value = serde_json::from_slice(&bundled_for_tests().json().unwrap()).unwrap();
    let change = |edit: &dyn Fn(&mut Value)| {
        let mut json = bare.clone();
        edit(&mut json);
        id(Some(&serde_json::to_vec(&json).unwrap()), None)
    };
    let unknown_gone = change(&|json| {
        json["model"]["unk_token"] = "[nothing]".into();
    });
    assert_eq!(unknown_gone, "tokeniser-unusable");
    let no_specials = change(&|json| {
        json["post_processor"] = Value::Null;
        json["added_tokens"] = Value::Array(Vec::new());
        json["model"]["vocab"].as_object_mut().unwrap().remove("[SEP]");
    });
    assert_eq!(no_specials, "tokeniser-no-token");
}

/// Texts of two megabytes are cut quickly, whether or not they have a safe place to cut.
#[test]
fn huge_texts_are_fast() {
    let tokeniser = bundled_for_tests();
    let start = std::time::Instant::now();
    let long_word = format!("{} end", "x".repeat(2_000_000));
    for (text, tokens) in [("a fine film ".repeat(180_000), 8), ("中文".repeat(350_000), 8), (long_word, 4)] {
        assert_eq!(tokeniser.encode(&text, 8).ids.len(), tokens);
    }
    assert!(start.elapsed().as_secs() < 20);
}

fn odd_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z]{1,9}",
        2 => "[ \\t\\n\\r]{1,4}",
        1 => Just("\u{a0}\u{3000}\u{2003}\u{85}\u{b}".to_owned()),
        1 => "[\u{4e00}-\u{4e40}\u{ac00}-\u{ac40}]{1,12}",
        1 => "[.,!?\"'()\u{2019}\u{2026}-]{1,3}",
        1 => Just("e\u{301}\u{300} \u{301}\u{327}o".to_owned()),
        1 => Just("\u{0}\u{200b}\u{fffd}\u{7f}".to_owned()),
        1 => Just("[SEP] [MASK][CLS".to_owned()),
        1 => (90_usize..300).prop_map(|n| "long".repeat(n)),
    ];
    prop::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_part_gives_what_the_whole_gives(text in odd_text(), max_length in 4_usize..40) {
        let tokeniser = TOKENISERS.with(|t| t.clone());
        for tokeniser in tokeniser.iter() {
            let whole = tokeniser.ids(&text);
            let room = max_length - 2;
            let kept = &whole[..whole.len().min(room)];
            let expected = [&tokeniser.prefix, kept, &tokeniser.suffix].concat();
            prop_assert_eq!(tokeniser.encode(&text, max_length), Encoded { ids: expected, of_type_1: 0, cut: whole.len() > room });
            // A safe cut leaves the tokens on both sides as they are.
            for wanted in [1, 7, 40, 200] {
                let part = tokeniser.part(&text, wanted);
                let both = [tokeniser.ids(part), tokeniser.ids(&text[part.len()..])].concat();
                prop_assert_eq!(&both, &whole);
            }
        }
    }
}

thread_local! {
    /// An uncased tokeniser, and a cased one that does not make words of single Chinese characters.
    static TOKENISERS: std::rc::Rc<[Tokeniser; 2]> = {
        let json = bundled_for_tests().json().unwrap();
        let config = br#"{"do_lower_case": false, "tokenize_chinese_chars": false}"#;
        std::rc::Rc::new([bundled_for_tests(), from_files(Some(&json), None, Some(config), "x").unwrap()])
    };
}

/// What the small files of a folder make of texts is what transformers makes of them, and so is what is saved.
#[test]
fn small_files_that_change_the_tokens() {
    let reference = include_str!("../../../tests/reference/tokenisers.json");
    for case in serde_json::from_str::<Vec<Value>>(reference).unwrap() {
        let file = |name: &str| case["files"][name].as_str().map(str::as_bytes);
        let files = TokeniserFiles {
            tokenizer_json: file("tokenizer.json"),
            vocab_txt: file("vocab.txt"),
            byte_pairs: file("vocab.json").zip(file("merges.txt")),
            tokenizer_config: file("tokenizer_config.json"),
            special_tokens_map: file("special_tokens_map.json"),
            added_tokens: file("added_tokens.json"),
            class_of_model: None,
        };
        let tokeniser = Tokeniser::from_files(files, "folder").unwrap();
        let (json, config) = (tokeniser.json().unwrap(), tokeniser.config_json(512, true).unwrap());
        let again = from_files(Some(&json), None, Some(&config), "saved").unwrap();
        for (text, ids) in case["texts"].as_array().unwrap().iter().zip(case["ids"].as_array().unwrap()) {
            let expected: Vec<u32> = serde_json::from_value(ids.clone()).unwrap();
            let text = text.as_str().unwrap();
            assert_eq!(tokeniser.encode(text, 8).ids, expected, "{}: {text}", case["name"]);
            assert_eq!(again.encode(text, 8).ids, expected, "{}, saved: {text}", case["name"]);
        }
    }
}

#[test]
fn tokenisers_that_are_not_computed_here_are_refused_by_name() {
    let bundled = bundled_for_tests().json().unwrap();
    let refused = |files: TokeniserFiles<'_>, config: &str| {
        let problem = Tokeniser::from_files(TokeniserFiles { tokenizer_config: Some(config.as_bytes()), ..files }, "x");
        let problem = problem.unwrap_err();
        let named = ["class", "field", "token"].iter().find_map(|name| problem.arg(name));
        (problem.id.into_owned(), named.unwrap_or_default())
    };
    let vocabulary = TokeniserFiles { vocab_txt: Some(VOCABULARY.as_bytes()), ..TokeniserFiles::default() };
    let whole = TokeniserFiles { tokenizer_json: Some(&bundled), ..TokeniserFiles::default() };
    let told = |id: &str, named: &str| (id.to_owned(), named.to_owned());
    for (files, config, expected) in [
        (vocabulary, r#"{"tokenizer_class": "KoBertTokenizer"}"#, told("tokeniser-class-slow", "KoBertTokenizer")),
        (vocabulary, r#"{"tokenizer_class": "MyTokenizer"}"#, told("tokeniser-class", "MyTokenizer")),
        (whole, r#"{"tokenizer_class": "MyTokenizerFast"}"#, told("tokeniser-class-of-file", "MyTokenizerFast")),
        (
            vocabulary,
            r#"{"tokenizer_class": "XLMRobertaTokenizer"}"#,
            told("tokeniser-needs-json", "XLMRobertaTokenizer"),
        ),
        (vocabulary, r#"{"tokenizer_class": "RobertaTokenizer"}"#, told("tokeniser-class-files", "RobertaTokenizer")),
        (
            whole,
            r#"{"tokenizer_class": "BertTokenizer", "auto_map": {"AutoTokenizer": [null, "mine.Fast"]}}"#,
            told("tokeniser-code", "mine.Fast"),
        ),
        (vocabulary, r#"{"do_basic_tokenize": false}"#, told("tokeniser-setting", "do_basic_tokenize")),
        (vocabulary, r#"{"never_split": ["[CLS]", "good"]}"#, told("tokeniser-setting", "never_split")),
        (vocabulary, r#"{"word_tokenizer_type": "mecab"}"#, told("tokeniser-setting", "word_tokenizer_type")),
        (vocabulary, r#"{"added_tokens_decoder": {"99": {"content": "new"}}}"#, told("tokeniser-added-id", "new")),
        (vocabulary, r#"{"added_tokens_decoder": {"x": {"content": "new"}}}"#, told("tokeniser-unreadable", "")),
        (whole, r#"{"cls_token": "movie"}"#, told("tokeniser-special-conflict", "movie")),
    ] {
        assert_eq!(refused(files, config), expected);
    }
    let of_model = TokeniserFiles { class_of_model: Some("BertJapaneseTokenizer"), ..vocabulary };
    assert_eq!(refused(of_model, "{}").0, "tokeniser-class-slow");
    let pieces = TokeniserFiles {
        vocab_txt: Some("[UNK]\n[CLS]\n[SEP]\n\u{2581}\n\u{2581}영화\n는".as_bytes()),
        ..vocabulary
    };
    assert_eq!(refused(pieces, r#"{"do_lower_case": false}"#).0, "tokeniser-sentence-pieces");
    // What a `tokenizer.json` says goes before settings that only the slow tokenisers follow.
    let fast = TokeniserFiles { tokenizer_config: Some(br#"{"never_split": ["good"]}"#), ..whole };
    assert!(Tokeniser::from_files(fast, "x").is_ok());
}

#[test]
fn capital_letters_in_a_vocabulary_are_a_guess_that_is_told() {
    let open = |vocabulary: &str, config: &str| {
        from_files(None, Some(vocabulary.as_bytes()), Some(config.as_bytes()), "x").unwrap().guesses_case()
    };
    assert!(open(&format!("{VOCABULARY}Good\n"), "{}") && !open(VOCABULARY, "{}"));
    assert!(!open(&format!("{VOCABULARY}Good\n"), r#"{"do_lower_case": false}"#));
}
