//! Making a tokeniser from the files of a pretrained model, whichever kind it has.

use std::collections::HashMap;

use serde_json::Value;
use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::models::bpe::{self as byte_pairs, BPE};
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::{ModelWrapper, NormalizerWrapper, PreTokenizerWrapper, Tokenizer};

use super::class::Kind;
use crate::domain::problem::{Outcome, Problem};

/// The contents of `tokenizer_config.json`.
pub(super) type Config = serde_json::Map<String, Value>;

/// Reads `tokenizer.json`.
///
/// # Errors
/// `tokeniser-unreadable`.
pub(super) fn read_json(json: &[u8], place: &str) -> Outcome<Tokenizer> {
    Tokenizer::from_bytes(json).map_err(|error| unreadable(place, "tokenizer.json", error))
}

/// Reads `tokenizer_config.json`; without one, it is empty.
///
/// # Errors
/// `tokeniser-unreadable`.
pub(super) fn read_config(bytes: Option<&[u8]>, place: &str) -> Outcome<Config> {
    let Some(bytes) = bytes else { return Ok(Config::new()) };
    serde_json::from_slice(bytes).map_err(|error| unreadable(place, "tokenizer_config.json", error))
}

pub(super) fn unreadable(place: &str, file: &str, error: impl std::fmt::Display) -> Problem {
    Problem::new("tokeniser-unreadable").with("place", place).with("file", file).with_original(error)
}

/// Makes BERT's tokeniser from `vocab.txt`, which has one token in each line. The line numbers from 0 are the ids.
///
/// # Errors
/// `tokeniser-unreadable`; `tokeniser-no-token` where the vocabulary lacks a special token.
pub(super) fn from_vocabulary(bytes: &[u8], config: &Config, place: &str) -> Outcome<Tokenizer> {
    let text = std::str::from_utf8(bytes).map_err(|error| unreadable(place, "vocab.txt", error))?;
    let text = text.trim_start_matches('\u{feff}');
    let mut vocabulary = WordPiece::read_bytes(b"").map_err(|error| unreadable(place, "vocab.txt", error))?;
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    vocabulary.extend(lines.enumerate().map(|(id, token)| (token.to_owned(), id as u32)));
    for name in ["unk", "cls", "sep"] {
        let token = token(config, name);
        if !vocabulary.contains_key(&token) {
            return Err(Problem::new("tokeniser-no-token").with("place", place).with("token", token));
        }
    }
    let begin = |prefix| vocabulary.keys().filter(|token| token.starts_with(prefix)).count();
    if begin('\u{2581}') > begin('#') && begin('\u{2581}') * 10 > vocabulary.len() {
        return Err(Problem::new("tokeniser-sentence-pieces").with("place", place));
    }
    let cased = vocabulary.keys().any(|t| !t.starts_with('[') && t.contains(|c: char| c.is_ascii_uppercase()));
    let build = || -> tokenizers::Result<Tokenizer> {
        let model = WordPiece::builder().vocab(vocabulary).unk_token(token(config, "unk")).build()?;
        let mut inner = Tokenizer::new(model);
        inner.with_normalizer(Some(BertNormalizer::new(true, true, None, !cased)))?;
        inner.with_pre_tokenizer(Some(BertPreTokenizer));
        inner.with_decoder(Some(WordPieceDecoder::default()));
        Ok(inner)
    };
    build().map_err(|error| unreadable(place, "vocab.txt", error))
}

/// Makes RoBERTa's tokeniser, which merges byte pairs in the order of the lines of `merges.txt`.
///
/// # Errors
/// `tokeniser-unreadable`.
pub(super) fn from_byte_pairs(vocabulary: &[u8], merges: &[u8], config: &Config, place: &str) -> Outcome<Tokenizer> {
    let ids: HashMap<String, u32> =
        serde_json::from_slice(vocabulary).map_err(|error| unreadable(place, "vocab.json", error))?;
    let merges = std::str::from_utf8(merges).map_err(|error| unreadable(place, "merges.txt", error))?;
    let lines = merges.lines().filter(|line| !line.is_empty() && !line.starts_with("#version"));
    let merges = lines
        .map(|line| line.split_once(' ').map(|(left, right)| (left.to_owned(), right.to_owned())).ok_or(line))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|line| unreadable(place, "merges.txt", line))?;
    let mut vocabulary = byte_pairs::Vocab::default();
    vocabulary.extend(ids);
    let build = || -> tokenizers::Result<Tokenizer> {
        let mut inner = Tokenizer::new(BPE::builder().vocab_and_merges(vocabulary, merges).build()?);
        let add_prefix_space = config.get("add_prefix_space").and_then(Value::as_bool).unwrap_or(false);
        inner.with_pre_tokenizer(Some(ByteLevel::default().add_prefix_space(add_prefix_space)));
        inner.with_decoder(Some(ByteLevel::default()));
        Ok(inner)
    };
    build().map_err(|error| unreadable(place, "vocab.json", error))
}

pub(super) const SPECIALS: [&str; 5] = ["pad", "unk", "cls", "sep", "mask"];

/// The special token that `tokenizer_config.json` gives for `name`, else BERT's.
fn token(config: &Config, name: &str) -> String {
    own_token(config, name).unwrap_or_else(|| format!("[{}]", name.to_uppercase()))
}

/// The special token that `tokenizer_config.json` gives for `name`, as a string or as an object.
pub(super) fn own_token(config: &Config, name: &str) -> Option<String> {
    let value = config.get(&format!("{name}_token"))?;
    value.as_str().or_else(|| value.get("content").and_then(Value::as_str)).map(str::to_owned)
}

/// The same as [`token`], but RoBERTa's token where the tokeniser does not know BERT's.
pub(super) fn special_token(inner: &Tokenizer, config: &Config, name: &str) -> String {
    let bert = token(config, name);
    let roberta = match name {
        "cls" => "<s>".to_owned(),
        "sep" => "</s>".to_owned(),
        name => format!("<{name}>"),
    };
    let is_roberta = own_token(config, name).is_none() && inner.token_to_id(&bert).is_none();
    if is_roberta && inner.token_to_id(&roberta).is_some() { roberta } else { bert }
}

/// Lets `tokenizer_config.json` decide about lower case, accents, Chinese characters and a space before the text, as the
/// class that it names does. `is_whole` tells that the tokeniser comes from `tokenizer.json`.
pub(super) fn apply_config(
    inner: &mut Tokenizer,
    config: &Config,
    kind: Option<Kind>,
    is_whole: bool,
) -> tokenizers::Result<()> {
    let flag = |name: &str| config.get(name).and_then(Value::as_bool);
    inner.set_encode_special_tokens(flag("split_special_tokens").unwrap_or(false));
    if is_whole && kind == Some(Kind::OneFile) {
        return Ok(());
    }
    if let (Some(Kind::BytePairs), Some(PreTokenizerWrapper::ByteLevel(found))) = (kind, inner.get_pre_tokenizer()) {
        let wanted = found.add_prefix_space(flag("add_prefix_space").unwrap_or(false));
        inner.with_pre_tokenizer(Some(wanted));
    }
    let Some(NormalizerWrapper::BertNormalizer(found)) = inner.get_normalizer() else { return Ok(()) };
    let mut wanted = *found;
    wanted.lowercase = flag("do_lower_case").unwrap_or(wanted.lowercase);
    // Where a class of BERT's is named, what its settings leave out has that class's default, whatever another file says.
    let is_bert = kind == Some(Kind::WordPieces);
    let chinese = if is_bert { true } else { wanted.handle_chinese_chars };
    wanted.handle_chinese_chars = flag("tokenize_chinese_chars").unwrap_or(chinese);
    wanted.strip_accents = flag("strip_accents").or(wanted.strip_accents.filter(|_| !is_bert));
    inner.with_normalizer(Some(wanted))?;
    Ok(())
}

/// Makes a tokeniser put special tokens around every text if its file does not say how.
///
/// # Errors
/// `tokeniser-no-token`.
pub(super) fn complete_specials(inner: &mut Tokenizer, config: &Config, place: &str) -> Outcome<()> {
    if inner.get_post_processor().is_some() {
        return Ok(());
    }
    let find = |name: &str| {
        let token = special_token(inner, config, name);
        let id = inner.token_to_id(&token);
        id.map(|id| (token.clone(), id))
            .ok_or_else(|| Problem::new("tokeniser-no-token").with("place", place).with("token", token))
    };
    let (sep, cls) = (find("sep")?, find("cls")?);
    // The tokenisers of RoBERTa and XLM-RoBERTa, which are known by their models, put two separators between two texts.
    match inner.get_model() {
        ModelWrapper::BPE(_) | ModelWrapper::Unigram(_) => {
            inner.with_post_processor(Some(RobertaProcessing::new(sep, cls)))
        }
        _ => inner.with_post_processor(Some(BertProcessing::new(sep, cls))),
    };
    Ok(())
}

/// Adds what Python needs to make the same tokeniser, and removes what would make it download code. `ends` are the ids around
/// a text.
pub(super) fn describe(inner: &Tokenizer, config: &mut Config, ends: [&[u32]; 2]) {
    config.remove("auto_map");
    config.remove("name_or_path");
    let word_piece = matches!(inner.get_model(), ModelWrapper::WordPiece(_))
        && matches!(inner.get_normalizer(), Some(NormalizerWrapper::BertNormalizer(_)))
        && matches!(inner.get_pre_tokenizer(), Some(PreTokenizerWrapper::BertPreTokenizer(_)));
    let class = if word_piece { "BertTokenizer" } else { "PreTrainedTokenizerFast" };
    config.entry("tokenizer_class").or_insert_with(|| class.into());
    if let (true, Some(NormalizerWrapper::BertNormalizer(n))) = (word_piece, inner.get_normalizer()) {
        config.insert("do_lower_case".to_owned(), n.lowercase.into());
        config.insert("tokenize_chinese_chars".to_owned(), n.handle_chinese_chars.into());
        config.insert("strip_accents".to_owned(), n.strip_accents.into());
    }
    for name in SPECIALS {
        // What stands around texts is what it is, whatever other tokens the vocabulary has.
        let around = match name {
            "cls" => ends[0].first(),
            "sep" => ends[1].last(),
            _ => None,
        };
        let around = around.and_then(|id| inner.id_to_token(*id));
        let token = around.unwrap_or_else(|| special_token(inner, config, name));
        if inner.token_to_id(&token).is_some() && own_token(config, name).is_none() {
            config.insert(format!("{name}_token"), token.into());
        }
    }
}
