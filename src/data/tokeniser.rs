//! Texts to token ids, as the checkpoint's own tokeniser makes them.

use serde_json::Value;
use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{AddedToken, ModelWrapper, NormalizerWrapper, PreTokenizerWrapper, Tokenizer};

use crate::domain::problem::{Outcome, Problem};

/// The first part of a long text that is read, in bytes for each token that is wanted; each next one is so many times
/// longer.
const BYTES_PER_TOKEN: usize = 8;
const GROWTH: usize = 4;

/// A checkpoint's tokeniser. It neither pads nor cuts by itself, whatever its file says.
#[derive(Debug)]
pub struct Tokeniser {
    inner: Tokenizer,
    /// Special tokens before and after every text.
    prefix: Vec<u32>,
    suffix: Vec<u32>,
    cuts: Cuts,
    /// The settings Python's classes read, as found or as they would be.
    config: serde_json::Map<String, Value>,
}

/// The tokens of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// Special tokens included.
    pub ids: Vec<u32>,
    /// The text had more tokens than these.
    pub cut: bool,
}

/// Where a text may be cut in two without changing the tokens of either part.
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
    /// Makes a tokeniser of a checkpoint's files: `tokenizer.json` when there is one, else WordPiece over `vocab.txt`.
    /// What `tokenizer_config.json` says about lower case, accents and Chinese characters goes before either, as in
    /// Python. Without it, a `vocab.txt` with capital letters is one that tells case apart. `place` names the
    /// checkpoint in messages.
    ///
    /// # Errors
    /// `tokeniser-missing`, `tokeniser-unreadable`, `tokeniser-no-token`, `tokeniser-unusable`.
    pub fn from_files(
        tokenizer_json: Option<&[u8]>,
        vocab_txt: Option<&[u8]>,
        tokenizer_config: Option<&[u8]>,
        place: &str,
    ) -> Outcome<Self> {
        let mut config = read_config(tokenizer_config, place)?;
        let mut inner = match (tokenizer_json, vocab_txt) {
            (Some(json), _) => read_json(json, place)?,
            (None, Some(vocab)) => from_vocabulary(vocab, &config, place)?,
            (None, None) => return Err(Problem::new("tokeniser-missing").with("place", place)),
        };
        let unusable = |error: tokenizers::Error| {
            Problem::new("tokeniser-unusable").with("place", place).with("error", error)
        };
        inner.with_padding(None);
        inner.with_truncation(None).map_err(unusable)?;
        apply_config(&mut inner, &config).map_err(unusable)?;
        complete_specials(&mut inner, &config, place)?;

        // Characters no vocabulary has: a tokeniser without an unknown token fails here and not in the middle of a run.
        let probe = inner.encode_fast("a \u{e000} \u{10fffd} \u{16a0}", true).map_err(unusable)?;
        let mask = probe.get_special_tokens_mask();
        let before = mask.iter().take_while(|m| **m == 1).count();
        let after = mask.iter().rev().take_while(|m| **m == 1).count();
        let ids = probe.get_ids();
        if before == 0 || before + after > ids.len() {
            return Err(Problem::new("tokeniser-no-token").with("place", place).with("token", token(&config, "cls")));
        }
        let (prefix, suffix) = (ids[..before].to_vec(), ids[ids.len() - after..].to_vec());
        let cuts = safe_cuts(&inner);
        describe(&inner, &mut config);
        Ok(Self { inner, prefix, suffix, cuts, config })
    }

    /// The first `max_length` tokens of a text, special ones included: the same as cutting the tokens of the whole
    /// text, but of a long text only as much is read as is needed.
    pub fn encode(&self, text: &str, max_length: usize) -> Encoded {
        let room = max_length.saturating_sub(self.prefix.len() + self.suffix.len());
        let mut wanted = room.max(16) * BYTES_PER_TOKEN;
        loop {
            let part = self.part(text, wanted);
            let own = self.ids(part);
            if own.len() > room || part.len() == text.len() {
                let kept = &own[..own.len().min(room)];
                let ids = [&self.prefix, kept, &self.suffix].concat();
                return Encoded { ids, cut: own.len() > room };
            }
            wanted = part.len().max(wanted).saturating_mul(GROWTH);
        }
    }

    /// The beginning of `text` up to the last safe cut within `wanted` bytes, or the first one after.
    fn part<'t>(&self, text: &'t str, wanted: usize) -> &'t str {
        if wanted >= text.len() || !(self.cuts.spaces || self.cuts.chinese) {
            return text;
        }
        let mut middle = wanted;
        while !text.is_char_boundary(middle) {
            middle -= 1;
        }
        let follows = |(at, c): (usize, char)| self.cuts.may_follow(c).then_some(at + c.len_utf8());
        let back = text[..middle].char_indices().rev().take(wanted / 2).find_map(follows);
        let end = back.or_else(|| text[middle..].char_indices().find_map(follows).map(|at| middle + at));
        &text[..end.unwrap_or(text.len())]
    }

    fn ids(&self, text: &str) -> Vec<u32> {
        match self.inner.encode_fast(text, false) {
            Ok(encoding) => encoding.get_ids().to_vec(),
            // Only a tokeniser with a pathological regular expression gets here; the text then counts as empty.
            Err(error) => {
                log::error!("a text of {} bytes could not be tokenised: {error}", text.len());
                Vec::new()
            }
        }
    }

    /// One more than the largest token id: what a model must have embeddings for.
    pub fn vocabulary_size(&self) -> usize {
        self.inner.get_vocab(true).values().max().map_or(0, |id| *id as usize + 1)
    }

    /// The token of an id, e.g. `##ing`.
    pub fn token(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// `tokenizer.json` of this tokeniser.
    ///
    /// # Errors
    /// `internal-error` when it cannot be written down.
    pub fn json(&self) -> Outcome<Vec<u8>> {
        self.inner.to_string(false).map(String::into_bytes).map_err(Problem::internal)
    }

    /// `tokenizer_config.json` for Python's `AutoTokenizer`, with this length as the longest.
    ///
    /// # Errors
    /// `internal-error` when it cannot be written down.
    pub fn config_json(&self, max_length: usize) -> Outcome<Vec<u8>> {
        let mut config = self.config.clone();
        config.insert("model_max_length".to_owned(), max_length.into());
        serde_json::to_vec_pretty(&config).map_err(Problem::internal)
    }
}

fn read_json(json: &[u8], place: &str) -> Outcome<Tokenizer> {
    Tokenizer::from_bytes(json).map_err(|error| unreadable(place, "tokenizer.json", error))
}

fn read_config(bytes: Option<&[u8]>, place: &str) -> Outcome<serde_json::Map<String, Value>> {
    let Some(bytes) = bytes else { return Ok(serde_json::Map::new()) };
    serde_json::from_slice(bytes).map_err(|error| unreadable(place, "tokenizer_config.json", error))
}

fn unreadable(place: &str, file: &str, error: impl std::fmt::Display) -> Problem {
    Problem::new("tokeniser-unreadable").with("place", place).with("file", file).with("error", error)
}

/// BERT's tokeniser over a list of tokens, one a line, their line numbers being their ids.
fn from_vocabulary(bytes: &[u8], config: &serde_json::Map<String, Value>, place: &str) -> Outcome<Tokenizer> {
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
    let cased = vocabulary.keys().any(|t| !t.starts_with('[') && t.contains(|c: char| c.is_ascii_uppercase()));
    let specials: Vec<AddedToken> = ["pad", "unk", "cls", "sep", "mask"]
        .iter()
        .map(|name| token(config, name))
        .filter(|token| vocabulary.contains_key(token))
        .map(|token| AddedToken::from(token, true))
        .collect();
    let build = || -> tokenizers::Result<Tokenizer> {
        let model = WordPiece::builder().vocab(vocabulary).unk_token(token(config, "unk")).build()?;
        let mut inner = Tokenizer::new(model);
        inner.with_normalizer(Some(BertNormalizer::new(true, true, None, !cased)))?;
        inner.with_pre_tokenizer(Some(BertPreTokenizer));
        inner.with_decoder(Some(WordPieceDecoder::default()));
        inner.add_special_tokens(specials)?;
        Ok(inner)
    };
    build().map_err(|error| unreadable(place, "vocab.txt", error))
}

/// A special token by its name in `tokenizer_config.json`, where it stands as a string or as an object.
fn token(config: &serde_json::Map<String, Value>, name: &str) -> String {
    let value = config.get(&format!("{name}_token"));
    let text = value.and_then(|v| v.as_str().or_else(|| v.get("content").and_then(Value::as_str)));
    text.map_or_else(|| format!("[{}]", name.to_uppercase()), str::to_owned)
}

fn apply_config(inner: &mut Tokenizer, config: &serde_json::Map<String, Value>) -> tokenizers::Result<()> {
    let Some(NormalizerWrapper::BertNormalizer(found)) = inner.get_normalizer() else { return Ok(()) };
    let mut wanted = *found;
    let flag = |name: &str| config.get(name).and_then(Value::as_bool);
    wanted.lowercase = flag("do_lower_case").unwrap_or(wanted.lowercase);
    wanted.handle_chinese_chars = flag("tokenize_chinese_chars").unwrap_or(wanted.handle_chinese_chars);
    wanted.strip_accents = flag("strip_accents").or(wanted.strip_accents);
    inner.with_normalizer(Some(wanted))?;
    Ok(())
}

/// Sees to it that every text begins and ends with its special tokens.
fn complete_specials(inner: &mut Tokenizer, config: &serde_json::Map<String, Value>, place: &str) -> Outcome<()> {
    if inner.get_post_processor().is_some() {
        return Ok(());
    }
    let find = |name: &str| {
        let token = token(config, name);
        let id = inner.token_to_id(&token);
        id.map(|id| (token.clone(), id))
            .ok_or_else(|| Problem::new("tokeniser-no-token").with("place", place).with("token", token))
    };
    let (sep, cls) = (find("sep")?, find("cls")?);
    inner.with_post_processor(Some(BertProcessing::new(sep, cls)));
    Ok(())
}

/// Words of BERT's tokeniser depend on nothing beyond the spaces around them, unless an added token has a space in it.
/// Other kinds are not known well enough: their texts are read as a whole.
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

/// The blocks whose characters BERT's normaliser sets apart as words.
fn is_chinese(c: char) -> bool {
    matches!(c as u32, 0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x2A6DF | 0xF900..=0xFAFF)
}

/// Fills in what Python needs to make the same tokeniser, and leaves out what would make it fetch code.
fn describe(inner: &Tokenizer, config: &mut serde_json::Map<String, Value>) {
    config.remove("auto_map");
    config.remove("name_or_path");
    let word_piece = matches!(inner.get_model(), ModelWrapper::WordPiece(_));
    let class = if word_piece { "BertTokenizer" } else { "PreTrainedTokenizerFast" };
    config.entry("tokenizer_class").or_insert_with(|| class.into());
    if let (true, Some(NormalizerWrapper::BertNormalizer(n))) = (word_piece, inner.get_normalizer()) {
        config.insert("do_lower_case".to_owned(), n.lowercase.into());
        config.insert("tokenize_chinese_chars".to_owned(), n.handle_chinese_chars.into());
        config.insert("strip_accents".to_owned(), n.strip_accents.into());
        for name in ["unk", "sep", "pad", "cls", "mask"] {
            let token = token(config, name);
            if inner.token_to_id(&token).is_some() {
                config.insert(format!("{name}_token"), token.into());
            }
        }
    }
}

/// The bundled model's tokeniser.
#[cfg(test)]
pub(crate) fn bundled_for_tests() -> Tokeniser {
    let json = include_bytes!("../../assets/model/tokenizer.json");
    let config = include_bytes!("../../assets/model/tokenizer_config.json");
    Tokeniser::from_files(Some(json), None, Some(config), "bundled").unwrap()
}
