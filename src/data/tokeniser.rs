//! Turning texts into token ids with the pretrained model's own tokeniser.

mod added;
mod class;
mod files;
mod pairs;
mod places;

use serde_json::Value;
use tokenizers::{NormalizerWrapper, PreTokenizerWrapper, Tokenizer, TruncationDirection};

use super::library::unpanicked;
use crate::domain::legibility::{Piece, PieceKind};
use crate::domain::problem::{Outcome, Problem};

use added::merge_map;
use class::{Kind, check_settings};
use files::{
    Config, apply_config, complete_specials, describe, from_byte_pairs, from_vocabulary, read_config, read_json,
    special_token,
};
use pairs::{PairEnds, gives_types};
pub use places::{Placed, TokenPlace};

/// About how many bytes a token of an English text takes. Only speed depends on it.
const BYTES_PER_TOKEN: usize = 5;
/// Texts of every kind, by which it shows when a model is opened, and not in the middle of a run, that its tokeniser fails
/// over some of them: none, many spaces, letters in several ways of writing them, and characters that no vocabulary has.
const PROBES: [&str; 4] = [PROBE, "", "  Ab1\t\n", "e\u{301}é 中 한국 \u{fdfa}!"];

/// No vocabulary has these characters.
const PROBE: &str = "a \u{e000} \u{10fffd} \u{16a0}";

/// A pretrained model's tokeniser. It neither pads nor cuts texts by itself, whatever its file says.
#[derive(Debug)]
pub struct Tokeniser {
    inner: Tokenizer,
    /// The special tokens before every text.
    prefix: Vec<u32>,
    /// The special tokens after every text.
    suffix: Vec<u32>,
    /// The special tokens around two texts; `None` where the files do not say how two stand in one row.
    pair: Option<PairEnds>,
    /// Whether the model is told which of two texts a token belongs to.
    gives_types: bool,
    /// One more than the largest token id.
    vocabulary_size: usize,
    cuts: Cuts,
    /// Whether a text that is too long loses its beginning instead of its end.
    cuts_beginning: bool,
    guesses_case: bool,
    /// The contents of `tokenizer_config.json`, completed with what Python's classes need.
    config: Config,
}

/// The contents of a pretrained model's files, as far as it has them.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokeniserFiles<'a> {
    pub tokenizer_json: Option<&'a [u8]>,
    pub vocab_txt: Option<&'a [u8]>,
    /// The contents of `vocab.json` and of `merges.txt`.
    pub byte_pairs: Option<(&'a [u8], &'a [u8])>,
    pub tokenizer_config: Option<&'a [u8]>,
    pub special_tokens_map: Option<&'a [u8]>,
    pub added_tokens: Option<&'a [u8]>,
    /// The `tokenizer_class` of `config.json`, which counts where `tokenizer_config.json` names no class.
    pub class_of_model: Option<&'a str>,
}

/// The tokens of one text, or of two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The token ids, special tokens included.
    pub ids: Vec<u32>,
    /// How many tokens at the end are of type 1, as BERT's second text is; the others are of type 0.
    pub of_type_1: usize,
    /// Whether there were more tokens than these.
    pub cut: bool,
}

/// The characters after which a text may be cut in two without changing the tokens of either part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cuts {
    spaces: bool,
    chinese: bool,
}

impl Cuts {
    fn may_follow(self, c: char) -> bool {
        (self.spaces && matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{a0}' | '\u{3000}'))
            || (self.chinese && is_chinese(c))
    }
}

impl Tokeniser {
    /// Makes a tokeniser from a pretrained model's files: from `tokenizer.json` when there is one, else as the class that
    /// they name, else WordPiece from `vocab.txt`, else byte pairs as in RoBERTa from `vocab.json` and `merges.txt`. As in
    /// Python, what `tokenizer_config.json` says about lower case, accents and Chinese characters overrides the other files,
    /// and the tokens that the smaller files add are added. Without `do_lower_case`, a `vocab.txt` with capital letters is
    /// taken to distinguish case. `place` names the model in messages.
    ///
    /// # Errors
    /// `tokeniser-missing`, `tokeniser-unreadable`, `tokeniser-no-token`, `tokeniser-unusable`; `tokeniser-class*`,
    /// `tokeniser-code`, `tokeniser-needs-json`, `tokeniser-setting`, `tokeniser-sentence-pieces` for a tokeniser that is
    /// not computed here; `tokeniser-added-id`, `tokeniser-special-conflict` for files that contradict each other.
    pub fn from_files(files: TokeniserFiles<'_>, place: &str) -> Outcome<Self> {
        let unusable = |error| Problem::new("tokeniser-unusable").with("place", place).with_original(error);
        // The library panics over some settings, such as an expression that matches nothing, or an id that is not there.
        unpanicked(|| Self::made(files, place)).unwrap_or_else(|error| Err(unusable(error)))
    }

    /// See [`Tokeniser::from_files`].
    fn made(files: TokeniserFiles<'_>, place: &str) -> Outcome<Self> {
        let mut config = read_config(files.tokenizer_config, place)?;
        merge_map(&mut config, files.special_tokens_map, place)?;
        let kind = class::kind(&files, &config, place)?;
        let is_whole = files.tokenizer_json.is_some();
        if !is_whole {
            check_settings(&config, place)?;
        }
        let mut inner = match files {
            TokeniserFiles { tokenizer_json: Some(json), .. } => read_json(json, place)?,
            TokeniserFiles { vocab_txt: Some(vocab), .. } if kind != Some(Kind::BytePairs) => {
                from_vocabulary(vocab, &config, place)?
            }
            TokeniserFiles { byte_pairs: Some((vocab, merges)), .. } => from_byte_pairs(vocab, merges, &config, place)?,
            _ => return Err(Problem::new("tokeniser-missing").with("place", place)),
        };
        let unusable =
            |error: tokenizers::Error| Problem::new("tokeniser-unusable").with("place", place).with_original(error);
        inner.with_padding(None);
        let direction = inner.get_truncation().map(|truncation| truncation.direction);
        let cuts_beginning = match config.get("truncation_side").and_then(Value::as_str) {
            Some(side) => side == "left",
            None => matches!(direction, Some(TruncationDirection::Left)),
        };
        inner.with_truncation(None).map_err(unusable)?;
        apply_config(&mut inner, &config, kind, is_whole).map_err(unusable)?;
        added::add(&mut inner, &config, files.added_tokens, place)?;
        complete_specials(&mut inner, &config, place)?;

        let mut probed = Vec::new();
        for text in PROBES {
            probed.push(inner.encode_fast(text, true).map_err(unusable)?);
            inner.encode_char_offsets(text, false).map_err(unusable)?;
        }
        let probe = &probed[0];
        let mask = probe.get_special_tokens_mask();
        let before = mask.iter().take_while(|m| **m == 1).count();
        let after = mask.iter().rev().take_while(|m| **m == 1).count();
        let ids = probe.get_ids();
        if before == 0 || before + after > ids.len() {
            let cls = special_token(&inner, &config, "cls");
            return Err(Problem::new("tokeniser-no-token").with("place", place).with("token", cls));
        }
        let (prefix, suffix) = (ids[..before].to_vec(), ids[ids.len() - after..].to_vec());
        let gives_types = gives_types(&config, kind);
        let pair = PairEnds::of(&inner, PROBE, gives_types);
        // The ids around texts are written down beside the vocabulary, and need not be in it.
        let vocabulary_size = inner.get_vocab(true).values().max().map_or(0, |id| *id as usize + 1);
        let around = probed.iter().flat_map(|probe| probe.get_ids()).chain(pair.iter().flat_map(PairEnds::ids));
        let largest = around.copied().max();
        if let Some(id) = largest.filter(|id| *id as usize >= vocabulary_size) {
            return Err(unusable(format!("token {id} of {vocabulary_size}").into()));
        }
        // A saved tokeniser keeps only one of two tokens with one id, whichever that is.
        if let Some(id) = shared_id(&inner) {
            return Err(unusable(format!("two tokens of id {id}").into()));
        }
        if is_whole && kind != Some(Kind::OneFile) {
            check_ends(&inner, &config, [&prefix, &suffix], place)?;
        }
        let guesses_case = !is_whole && !config.contains_key("do_lower_case") && distinguishes_case(&inner);
        let cuts = safe_cuts(&inner);
        describe(&inner, &mut config, [&prefix, &suffix]);
        Ok(Self {
            inner,
            prefix,
            suffix,
            pair,
            gives_types,
            vocabulary_size,
            cuts,
            cuts_beginning,
            guesses_case,
            config,
        })
    }

    /// Whether it distinguishes case only because its vocabulary has capital letters. Python would not.
    pub fn guesses_case(&self) -> bool {
        self.guesses_case
    }

    /// The first `max_length` tokens of a text, special tokens included; the last ones where the model's files say so. They
    /// are the same as if the whole text had been tokenised and then cut, but of a long text only as much is read as is
    /// needed.
    pub fn encode(&self, text: &str, max_length: usize) -> Encoded {
        let room = max_length.saturating_sub(self.prefix.len() + self.suffix.len());
        if self.cuts_beginning {
            let own = self.ids(text);
            let kept = &own[own.len().saturating_sub(room)..];
            return Encoded { ids: [&self.prefix, kept, &self.suffix].concat(), of_type_1: 0, cut: own.len() > room };
        }
        let (own, _) = self.beginning(text, room.saturating_add(1));
        let kept = &own[..own.len().min(room)];
        Encoded { ids: [&self.prefix, kept, &self.suffix].concat(), of_type_1: 0, cut: own.len() > room }
    }

    /// The tokens of a text without special tokens, at least `wanted` where it has so many, and whether these are all.
    fn beginning(&self, text: &str, wanted: usize) -> (Vec<u32>, bool) {
        let mut own = Vec::new();
        let mut read = 0;
        while own.len() < wanted && read < text.len() {
            // The next part should hold the missing tokens. Where words are so long that this makes no progress, it is
            // as long as everything that was read before.
            let bytes = (wanted - own.len()).max(16).saturating_mul(BYTES_PER_TOKEN).max(read);
            let part = self.part(&text[read..], bytes);
            own.extend(self.ids(part));
            read += part.len();
        }
        (own, read == text.len())
    }

    /// The beginning of `text` up to the last safe cut within `wanted` bytes, or else up to the first one after them.
    fn part<'t>(&self, text: &'t str, wanted: usize) -> &'t str {
        if wanted >= text.len() || !(self.cuts.spaces || self.cuts.chinese) {
            return text;
        }
        let middle = text.floor_char_boundary(wanted);
        let follows = |(at, c): (usize, char)| self.cuts.may_follow(c).then_some(at + c.len_utf8());
        let back = text[..middle].char_indices().rev().take(wanted / 2).find_map(follows);
        let end = back.or_else(|| text[middle..].char_indices().find_map(follows).map(|at| middle + at));
        &text[..end.unwrap_or(text.len())]
    }

    /// The token ids of a text, without special tokens.
    fn ids(&self, text: &str) -> Vec<u32> {
        let encoded = unpanicked(|| self.inner.encode_fast(text, false).map_err(|error| error.to_string()));
        match encoded.flatten() {
            Ok(encoding) => encoding.get_ids().to_vec(),
            // Only a tokeniser with a pathological regular expression fails here. The text then counts as empty.
            Err(error) => {
                log::error!("a text of {} bytes could not be tokenised: {error}", text.len());
                Vec::new()
            }
        }
    }

    /// The pieces of a text, without special tokens.
    pub fn pieces(&self, text: &str) -> Vec<Piece> {
        let Ok(Ok(encoding)) = unpanicked(|| self.inner.encode_char_offsets(text, false)) else { return Vec::new() };
        let unknown = special_token(&self.inner, &self.config, "unk");
        let letters: Vec<char> = text.chars().collect();
        let tokens = encoding.get_tokens().iter().zip(encoding.get_offsets());
        let piece = |(token, (from, to)): (&String, &(usize, usize))| {
            let covered = letters.get(*from..*to).unwrap_or_default();
            let kind = match covered {
                _ if *token == unknown => PieceKind::Unknown,
                // Some models mark the beginning of a word by a space.
                [' ', c] | [c] if c.is_alphabetic() && !is_chinese(*c) => PieceKind::Letter,
                covered if covered.iter().any(|c| c.is_alphabetic()) => PieceKind::Word,
                _ => PieceKind::Other,
            };
            // Byte pairs and sentence pieces write a space in their own ways.
            Piece { text: token.replace(['\u{120}', '\u{2581}'], "\u{2423}"), kind }
        };
        tokens.map(piece).collect()
    }

    /// One more than the largest token id, which is how many word embeddings a model must have.
    pub fn vocabulary_size(&self) -> usize {
        self.vocabulary_size
    }

    /// The id of the token that stands for what the vocabulary lacks, if there is one.
    pub fn unknown_id(&self) -> Option<u32> {
        self.inner.token_to_id(&special_token(&self.inner, &self.config, "unk"))
    }

    /// The token with an id, such as `##ing`.
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// The contents of this tokeniser's `tokenizer.json`.
    ///
    /// # Errors
    /// `internal-error` when it has no form in JSON.
    pub fn json(&self) -> Outcome<Vec<u8>> {
        self.inner.to_string(false).map(String::into_bytes).map_err(Problem::internal)
    }

    /// The length in tokens, special tokens included, at which `tokenizer_config.json` wants texts cut, if it says so.
    pub fn own_max_length(&self) -> Option<usize> {
        // Python writes a number for "no limit" that is too large for a `u64`.
        self.config.get("model_max_length")?.as_u64()?.try_into().ok()
    }

    /// The contents of a `tokenizer_config.json` for Python's `AutoTokenizer` that cuts texts at `max_length` tokens. Without
    /// `token_types` it tells Python not to make any.
    ///
    /// # Errors
    /// `internal-error` when it has no form in JSON.
    pub fn config_json(&self, max_length: usize, token_types: bool) -> Outcome<Vec<u8>> {
        let mut config = self.config.clone();
        config.insert("model_max_length".to_owned(), max_length.into());
        // What a class does that is not BERT's has changed from one version of transformers to the next.
        let names_none = self.gives_types && !config.contains_key("model_input_names");
        let is_bert = config.get("tokenizer_class").and_then(Value::as_str) == Some("BertTokenizer");
        if !token_types {
            config.insert("model_input_names".to_owned(), serde_json::json!(["input_ids", "attention_mask"]));
        } else if names_none && !is_bert {
            let names = ["input_ids", "token_type_ids", "attention_mask"];
            config.insert("model_input_names".to_owned(), serde_json::json!(names));
        }
        serde_json::to_vec_pretty(&config).map_err(Problem::internal)
    }
}

/// Refuses files that name other special tokens than those that the tokeniser puts around a text: the versions of
/// transformers disagree about which of them counts.
fn check_ends(inner: &Tokenizer, config: &Config, ends: [&[u32]; 2], place: &str) -> Outcome<()> {
    for (name, found) in [("cls", ends[0].first()), ("sep", ends[1].last())] {
        let Some(named) = files::own_token(config, name) else { continue };
        if inner.token_to_id(&named).as_ref() != found {
            let found = found.and_then(|id| inner.id_to_token(*id)).unwrap_or_default();
            let problem = Problem::new("tokeniser-special-conflict").with("place", place).with("name", name);
            return Err(problem.with("token", named).with("found", found));
        }
    }
    Ok(())
}

/// An id that two tokens of the vocabulary have.
fn shared_id(inner: &Tokenizer) -> Option<u32> {
    let mut ids: Vec<u32> = inner.get_vocab(false).into_values().collect();
    ids.sort_unstable();
    ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Whether capital letters stay as they are.
fn distinguishes_case(inner: &Tokenizer) -> bool {
    matches!(inner.get_normalizer(), Some(NormalizerWrapper::BertNormalizer(normalizer)) if !normalizer.lowercase)
}

/// The safe cuts of a tokeniser. In BERT's, the tokens of a word depend on nothing beyond the spaces around it, unless an
/// added token has a space in it. Other kinds have no safe cuts, because too little is known about them.
fn safe_cuts(inner: &Tokenizer) -> Cuts {
    let none = Cuts { spaces: false, chinese: false };
    let Some(NormalizerWrapper::BertNormalizer(normalizer)) = inner.get_normalizer() else { return none };
    if !matches!(inner.get_pre_tokenizer(), Some(PreTokenizerWrapper::BertPreTokenizer(_))) {
        return none;
    }
    let added = inner.get_added_tokens_decoder();
    let odd = |c: char| c.is_whitespace() || is_chinese(c) || c.is_control();
    if added.values().any(|token| token.content.contains(odd)) {
        return none;
    }
    let chinese = normalizer.handle_chinese_chars && !added.values().any(|token| token.single_word);
    Cuts { spaces: true, chinese }
}

/// Whether BERT's normaliser makes a word of this character alone.
fn is_chinese(c: char) -> bool {
    matches!(c as u32, 0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x2A6DF | 0xF900..=0xFAFF)
}

/// The bundled model's tokeniser.
#[cfg(test)]
pub(crate) fn bundled_for_tests() -> Tokeniser {
    let json = include_bytes!("../../assets/model/tokenizer.json");
    let config = include_bytes!("../../assets/model/tokenizer_config.json");
    let files =
        TokeniserFiles { tokenizer_json: Some(json), tokenizer_config: Some(config), ..TokeniserFiles::default() };
    Tokeniser::from_files(files, "bundled").unwrap()
}

#[cfg(test)]
mod tests;
