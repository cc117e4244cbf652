//! Which class of tokenisers a model's files ask for, and whether this program computes what that class computes.

use serde_json::Value;

use super::TokeniserFiles;
use super::files::Config;
use crate::domain::problem::{Outcome, Problem};

/// What a class of transformers makes a tokeniser from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// BERT's: `vocab.txt`, and its own rules about case, accents and Chinese characters.
    WordPieces,
    /// RoBERTa's: `vocab.json` and `merges.txt`.
    BytePairs,
    /// A model of SentencePiece, which this program reads only as it stands in `tokenizer.json`.
    SentencePieces,
    /// Nothing but `tokenizer.json`, as it is.
    OneFile,
}

/// The classes that this program computes exactly. `Fast` at the end of a name means the same tokeniser.
const KNOWN: [(&str, Kind); 17] = [
    ("BertTokenizer", Kind::WordPieces),
    ("DistilBertTokenizer", Kind::WordPieces),
    ("ElectraTokenizer", Kind::WordPieces),
    ("ConvBertTokenizer", Kind::WordPieces),
    ("MobileBertTokenizer", Kind::WordPieces),
    ("SqueezeBertTokenizer", Kind::WordPieces),
    ("RetriBertTokenizer", Kind::WordPieces),
    ("RobertaTokenizer", Kind::BytePairs),
    ("LongformerTokenizer", Kind::BytePairs),
    ("BartTokenizer", Kind::BytePairs),
    ("XLMRobertaTokenizer", Kind::SentencePieces),
    ("CamembertTokenizer", Kind::SentencePieces),
    ("AlbertTokenizer", Kind::SentencePieces),
    ("HerbertTokenizer", Kind::OneFile),
    ("PreTrainedTokenizer", Kind::OneFile),
    ("PythonBackend", Kind::OneFile),
    ("TokenizersBackend", Kind::OneFile),
];

/// Classes of transformers and of well-known models that exist only as a program in Python: no command writes a
/// `tokenizer.json` for them.
const SLOW_ONLY: [&str; 9] = [
    "KoBertTokenizer",
    "BertJapaneseTokenizer",
    "BertGenerationTokenizer",
    "BertweetTokenizer",
    "PhobertTokenizer",
    "FlaubertTokenizer",
    "XLMTokenizer",
    "CharacterTokenizer",
    "MecabBertTokenizer",
];

/// Finds the kind of a tokeniser; `None` where no file names a class.
///
/// # Errors
/// `tokeniser-class`, `tokeniser-class-slow` or `tokeniser-class-of-file` for a class that is not computed here;
/// `tokeniser-code` for a program beside the model; `tokeniser-needs-json`, `tokeniser-class-files` where the files that
/// the class reads are not there.
pub(super) fn kind(files: &TokeniserFiles<'_>, config: &Config, place: &str) -> Outcome<Option<Kind>> {
    let problem = |id, class: &str| Problem::new(id).with("place", place).with("class", class);
    let named = ["tokenizer_class", "auto_tokenizer"].iter().find_map(|key| config.get(*key)?.as_str());
    let class = named.or(files.class_of_model);
    let found = class.map(|class| {
        let plain = class.strip_suffix("Fast").unwrap_or(class);
        let kind = KNOWN.iter().find(|(name, _)| *name == plain).map(|(_, kind)| *kind);
        kind.ok_or_else(|| match files.tokenizer_json {
            _ if SLOW_ONLY.contains(&plain) => problem("tokeniser-class-slow", class),
            Some(_) => problem("tokeniser-class-of-file", class),
            None => problem("tokeniser-class", class),
        })
    });
    let kind = found.transpose()?;
    if let Some(code) = code(config) {
        return Err(problem("tokeniser-code", &code));
    }
    let Some(kind) = kind.filter(|_| files.tokenizer_json.is_none()) else { return Ok(kind) };
    let class = class.unwrap_or_default();
    let lacks = |names: &str| problem("tokeniser-class-files", class).with("files", names);
    match kind {
        Kind::WordPieces if files.vocab_txt.is_none() => Err(lacks("vocab.txt")),
        Kind::BytePairs if files.byte_pairs.is_none() => Err(lacks("vocab.json, merges.txt")),
        Kind::SentencePieces | Kind::OneFile => Err(problem("tokeniser-needs-json", class)),
        found => Ok(Some(found)),
    }
}

/// The program that `auto_map` names for the tokeniser, such as `tokenization_kobert.KoBertTokenizer`.
fn code(config: &Config) -> Option<String> {
    let map = config.get("auto_map")?;
    let entry = map.get("AutoTokenizer").or(map.is_array().then_some(map))?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    text(entry).or_else(|| entry.as_array()?.iter().find_map(text))
}

/// Refuses what only the slow tokenisers of transformers do, where no `tokenizer.json` says what came of it.
///
/// # Errors
/// `tokeniser-setting`, naming the field.
pub(super) fn check_settings(config: &Config, place: &str) -> Outcome<()> {
    let given = |field: &str| config.get(field).filter(|value| !value.is_null());
    let is_default = |field: &str, value: &Value| match field {
        "do_basic_tokenize" => *value == true,
        // Special tokens are never split anyway.
        "never_split" => value.as_array().is_some_and(|all| all.iter().all(|t| is_special(t.as_str().unwrap_or("")))),
        "wordpieces_prefix" => *value == "##",
        _ => false,
    };
    let fields =
        ["do_basic_tokenize", "never_split", "wordpieces_prefix", "word_tokenizer_type", "subword_tokenizer_type"];
    for field in fields {
        if let Some(value) = given(field).filter(|value| !is_default(field, value)) {
            return Err(Problem::new("tokeniser-setting")
                .with("place", place)
                .with("field", field)
                .with("value", value));
        }
    }
    Ok(())
}

/// Whether a token is written as BERT's special ones are.
fn is_special(token: &str) -> bool {
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].contains(&token)
}
