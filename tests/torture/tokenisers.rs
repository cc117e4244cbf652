//! The files of tokenisers, one beside the other, and texts through what they make.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use thaw::data::tokeniser::{Tokeniser, TokeniserFiles};
use thaw::domain::problem::Outcome;

use super::harness::{Case, Target, file, torture};

const TEXTS: [&str; 4] = [
    "The café [MASK] was <s>tented</s>, 中文 ok?",
    "",
    "\u{0}\u{200d}\u{1f468}\u{200d}\u{1f469} a\u{301}ͅ\u{fdfa} ﷺ",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b  c\t\n그리고 한 문장",
];

/// The files of a case as a tokeniser's.
pub fn files(case: &Case, choice: u16) -> TokeniserFiles<'_> {
    TokeniserFiles {
        tokenizer_json: file(case, "tokenizer.json"),
        vocab_txt: file(case, "vocab.txt"),
        byte_pairs: file(case, "vocab.json").zip(file(case, "merges.txt")),
        tokenizer_config: file(case, "tokenizer_config.json"),
        special_tokens_map: file(case, "special_tokens_map.json"),
        added_tokens: file(case, "added_tokens.json"),
        class_of_model: [None, Some("BertTokenizer"), Some("RobertaTokenizer")][choice as usize % 3],
    }
}

/// Makes a tokeniser of a case and lets it read.
fn read(case: &Case, choice: u16) -> Outcome<()> {
    let tokeniser = Tokeniser::from_files(files(case, choice), "it")?;
    let size = tokeniser.vocabulary_size();
    tokeniser.own_max_length();
    for text in TEXTS {
        let whole = tokeniser.encode(text, 512);
        assert!(whole.ids.iter().all(|id| (*id as usize) < size), "an id beyond the vocabulary");
        let most = 16;
        let short = tokeniser.encode(text, most);
        if whole.ids.len() <= 512 && !whole.cut && whole.ids.len() <= most {
            assert_eq!(short, whole, "a short text is not cut");
        }
        tokeniser.pieces(text);
        let pair = tokeniser.encode_pair(text, TEXTS[choice as usize % TEXTS.len()], 24);
        assert!(pair.ids.iter().all(|id| (*id as usize) < size), "an id of a pair beyond the vocabulary");
        assert!(pair.of_type_1 <= pair.ids.len(), "no more tokens have a type than there are");
    }
    // What is saved with a trained model is the same tokeniser.
    if choice.is_multiple_of(4) {
        let (saved, config) = (tokeniser.json()?, tokeniser.config_json(128, true)?);
        let files = TokeniserFiles {
            tokenizer_json: Some(&saved),
            tokenizer_config: Some(&config),
            ..TokeniserFiles::default()
        };
        let again =
            Tokeniser::from_files(files, "it").unwrap_or_else(|problem| panic!("saved and not read: {problem}"));
        for text in TEXTS {
            assert_eq!(again.encode(text, 64), tokeniser.encode(text, 64), "saved and read, it reads otherwise");
        }
    }
    Ok(())
}

/// A `tokenizer.json` with this model.
fn whole(model: &Value, normalizer: &Value, pre_tokenizer: &Value, post_processor: &Value) -> Vec<u8> {
    let special = |id: u32, content: &str| json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true});
    json!({
        "version": "1.0",
        "truncation": {"max_length": 8, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": "BatchLongest", "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [special(0, "[PAD]"), special(1, "[UNK]"), special(2, "[CLS]"), special(3, "[SEP]"), special(4, "[MASK]")],
        "normalizer": normalizer,
        "pre_tokenizer": pre_tokenizer,
        "post_processor": post_processor,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": model,
    })
    .to_string()
    .into_bytes()
}

const WORDS: [&str; 16] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "a", "b", "c", "##a", "##e", "cafe", "##d", "tent", ",", "中",
];

pub fn seeds() -> Vec<Case> {
    let text = |text: &str| text.as_bytes().to_vec();
    let ids: serde_json::Map<String, Value> =
        WORDS.iter().zip(0..).map(|(word, id): (_, u32)| ((*word).to_owned(), id.into())).collect();
    let pieces = json!({"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": ids});
    let bert = json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true});
    let template = json!({
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}},
    });
    let mut pair_ids = ids.clone();
    for (n, word) in ["Ġ", "t", "h", "e", "th", "Ġt", "Ġthe", "</w>"].iter().enumerate() {
        pair_ids.insert((*word).to_owned(), (n + 16).into());
    }
    let pairs = json!({"type": "BPE", "dropout": null, "unk_token": "[UNK]", "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": pair_ids, "merges": [["t", "h"], ["Ġ", "t"]]});
    let unigram = json!({"type": "Unigram", "unk_id": 1, "byte_fallback": false, "vocab": WORDS.iter().map(|word| json!([word, -1.5])).collect::<Vec<_>>()});
    let split = json!({"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": "\\s+(?!\\S)|\\p{L}+|[^\\s]"}, "behavior": "Isolated", "invert": false},
        {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
        {"type": "Punctuation", "behavior": "Isolated"}, {"type": "Digits", "individual_digits": true},
        {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
    ]});
    let normalizers = json!({"type": "Sequence", "normalizers": [
        {"type": "NFKC"}, {"type": "Strip", "strip_left": true, "strip_right": false}, {"type": "StripAccents"}, {"type": "Lowercase"},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}, {"type": "Prepend", "prepend": "▁"}, {"type": "Nmt"},
    ]});
    let roberta = json!({"type": "RobertaProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2], "trim_offsets": true, "add_prefix_space": true});
    let words = WORDS.join("\n") + "\n";
    let config = json!({"tokenizer_class": "BertTokenizer", "do_lower_case": true, "model_max_length": 128, "truncation_side": "left",
        "cls_token": "[CLS]", "sep_token": {"content": "[SEP]", "lstrip": true}, "strip_accents": null});
    let decoder = json!({"added_tokens_decoder": {"4": {"content": "[MASK]", "lstrip": true, "special": true}, "16": {"content": "<new>", "rstrip": true}},
        "additional_special_tokens": ["<new>"], "tokenizer_class": "PreTrainedTokenizerFast"});
    let byte = |n: u8| json!({"type": "BertPreTokenizer", "n": n});
    let plain = byte(0);
    let vocabulary: serde_json::Map<String, Value> =
        ["<s>", "<pad>", "</s>", "<unk>", "Ġ", "t", "h", "e", "th", "a", "c", "f", "b", "Ã", "©"]
            .iter()
            .enumerate()
            .map(|(n, word)| ((*word).to_owned(), n.into()))
            .collect();
    vec![
        vec![
            ("vocab.txt", text(&words)),
            ("tokenizer_config.json", text(&config.to_string())),
            (
                "special_tokens_map.json",
                text(r#"{"unk_token": "[UNK]", "additional_special_tokens": ["<x>", {"content": "<y>"}]}"#),
            ),
            ("added_tokens.json", text(r#"{"<x>": 16, "<y>": 17}"#)),
        ],
        vec![
            ("tokenizer.json", whole(&pieces, &bert, &plain, &template)),
            ("tokenizer_config.json", text(&decoder.to_string())),
        ],
        vec![("tokenizer.json", whole(&pairs, &Value::Null, &split, &roberta)), ("tokenizer_config.json", text("{}"))],
        vec![("tokenizer.json", whole(&unigram, &normalizers, &split, &template))],
        vec![(
            "tokenizer.json",
            whole(
                &pieces,
                &normalizers,
                &json!({"type": "WhitespaceSplit"}),
                &json!({"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}),
            ),
        )],
        vec![
            ("vocab.json", text(&Value::from(vocabulary).to_string())),
            ("merges.txt", text("#version: 0.2\nt h\nth e\nĠ t\n")),
            ("tokenizer_config.json", text(r#"{"tokenizer_class": "RobertaTokenizer", "add_prefix_space": true}"#)),
        ],
        vec![("vocab.txt", text(&words)), ("tokenizer_config.json", text(&config.to_string()))],
    ]
}

const TAGS: [&[u8]; 28] = [
    b"null",
    b"[]",
    b"{}",
    b"\"\"",
    b"-1",
    b"4294967295",
    b"4294967296",
    b"1e400",
    b"\"[CLS]\"",
    b"\"[SEP]\"",
    b"[CLS]",
    b"[SEP]\n",
    b"##",
    b"\"##\"",
    b"\"Ignore\"",
    b"\"type\"",
    b"\"Regex\": \"(a+)+$\"",
    b"\"Regex\": \"(?<=a)(?!b)\\\\G\"",
    b"\"Regex\": \"\"",
    b"\"String\": \"\"",
    b"true",
    b"false",
    b"\\u0000",
    b"\xff",
    b"\r\n",
    b"\"prefix\"",
    b"\"byte_fallback\": true",
    b"\"<0x41>\"",
];

#[test]
fn tokenisers() {
    let target = Target { name: "tokenisers", seeds: seeds(), words: TAGS.into() };
    torture!(target, read);
}

/// The reference's own folders, which cover more classes and settings.
#[test]
fn tokenisers_of_the_reference() {
    #[derive(serde::Deserialize)]
    struct Given {
        files: BTreeMap<String, String>,
    }
    const NAMES: [&str; 6] =
        ["tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json"];
    let all: Vec<Given> = serde_json::from_str(include_str!("../reference/tokenisers.json")).unwrap();
    let case = |given: &Given| -> Case {
        NAMES
            .iter()
            .chain(&["added_tokens.json"])
            .filter_map(|name| Some((*name, given.files.get(*name)?.clone().into_bytes())))
            .collect()
    };
    let seeds: Vec<Case> = all.iter().map(case).filter(|case| !case.is_empty()).collect();
    let target = Target { name: "tokenisers-of-models", seeds, words: TAGS.into() };
    torture!(target, read);
}
