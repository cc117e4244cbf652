//! Turning texts into token ids with the pretrained model's own tokeniser.

mod files;

use tokenizers::{NormalizerWrapper, PreTokenizerWrapper, Tokenizer};

use crate::domain::legibility::{Piece, PieceKind};
use crate::domain::problem::{Outcome, Problem};

use files::{
    Config, apply_config, complete_specials, describe, from_byte_pairs, from_vocabulary, read_config, read_json,
    special_token,
};

/// About how many bytes a token of an English text takes. Only speed depends on it.
const BYTES_PER_TOKEN: usize = 5;

/// A pretrained model's tokeniser. It neither pads nor cuts texts by itself, whatever its file says.
#[derive(Debug)]
pub struct Tokeniser {
    inner: Tokenizer,
    /// The special tokens before every text.
    prefix: Vec<u32>,
    /// The special tokens after every text.
    suffix: Vec<u32>,
    cuts: Cuts,
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
}

/// The tokens of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The token ids, special tokens included.
    pub ids: Vec<u32>,
    /// Whether the text had more tokens than these.
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
    /// Makes a tokeniser from a pretrained model's files: from `tokenizer.json` when there is one, else WordPiece from
    /// `vocab.txt`, else byte pairs as in RoBERTa from `vocab.json` and `merges.txt`. As in Python, what
    /// `tokenizer_config.json` says about lower case, accents and Chinese characters overrides the other files. Without
    /// it, a `vocab.txt` with capital letters is taken to distinguish case. `place` names the model in messages.
    ///
    /// # Errors
    /// `tokeniser-missing`, `tokeniser-unreadable`, `tokeniser-no-token`, `tokeniser-unusable`.
    pub fn from_files(files: TokeniserFiles<'_>, place: &str) -> Outcome<Self> {
        let mut config = read_config(files.tokenizer_config, place)?;
        let mut inner = match files {
            TokeniserFiles { tokenizer_json: Some(json), .. } => read_json(json, place)?,
            TokeniserFiles { vocab_txt: Some(vocab), .. } => from_vocabulary(vocab, &config, place)?,
            TokeniserFiles { byte_pairs: Some((vocab, merges)), .. } => from_byte_pairs(vocab, merges, &config, place)?,
            _ => return Err(Problem::new("tokeniser-missing").with("place", place)),
        };
        let unusable =
            |error: tokenizers::Error| Problem::new("tokeniser-unusable").with("place", place).with_original(error);
        inner.with_padding(None);
        inner.with_truncation(None).map_err(unusable)?;
        apply_config(&mut inner, &config).map_err(unusable)?;
        complete_specials(&mut inner, &config, place)?;

        // No vocabulary has these characters. A tokeniser without an unknown token fails over them here, instead of in the
        // middle of a run.
        let probe = inner.encode_fast("a \u{e000} \u{10fffd} \u{16a0}", true).map_err(unusable)?;
        let mask = probe.get_special_tokens_mask();
        let before = mask.iter().take_while(|m| **m == 1).count();
        let after = mask.iter().rev().take_while(|m| **m == 1).count();
        let ids = probe.get_ids();
        if before == 0 || before + after > ids.len() {
            let cls = special_token(&inner, &config, "cls");
            return Err(Problem::new("tokeniser-no-token").with("place", place).with("token", cls));
        }
        let (prefix, suffix) = (ids[..before].to_vec(), ids[ids.len() - after..].to_vec());
        let cuts = safe_cuts(&inner);
        describe(&inner, &mut config);
        Ok(Self { inner, prefix, suffix, cuts, config })
    }

    /// The first `max_length` tokens of a text, special tokens included. They are the same as if the whole text had been
    /// tokenised and then cut, but of a long text only as much is read as is needed.
    pub fn encode(&self, text: &str, max_length: usize) -> Encoded {
        let room = max_length.saturating_sub(self.prefix.len() + self.suffix.len());
        let mut own = Vec::new();
        let mut read = 0;
        while own.len() <= room && read < text.len() {
            // The next part should hold the missing tokens. Where words are so long that this makes no progress, it is
            // as long as everything that was read before.
            let wanted = ((room + 1 - own.len()).max(16) * BYTES_PER_TOKEN).max(read);
            let part = self.part(&text[read..], wanted);
            own.extend(self.ids(part));
            read += part.len();
        }
        let kept = &own[..own.len().min(room)];
        Encoded { ids: [&self.prefix, kept, &self.suffix].concat(), cut: own.len() > room }
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
        match self.inner.encode_fast(text, false) {
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
        let Ok(encoding) = self.inner.encode_char_offsets(text, false) else { return Vec::new() };
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
        self.inner.get_vocab(true).values().max().map_or(0, |id| *id as usize + 1)
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
        if !token_types {
            config.insert("model_input_names".to_owned(), serde_json::json!(["input_ids", "attention_mask"]));
        }
        serde_json::to_vec_pretty(&config).map_err(Problem::internal)
    }
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
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ngood\nmovie\n##s\n.\n中\ncaf\n##e\n";

    fn from_files(json: Option<&[u8]>, vocab: Option<&[u8]>, config: Option<&[u8]>, place: &str) -> Outcome<Tokeniser> {
        let files =
            TokeniserFiles { tokenizer_json: json, vocab_txt: vocab, byte_pairs: None, tokenizer_config: config };
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
        assert_eq!(tokeniser.encode("a good movie", 4), Encoded { ids: vec![101, 1037, 2204, 102], cut: true });
        assert_eq!(tokeniser.encode("a good", 4), Encoded { ids: vec![101, 1037, 2204, 102], cut: false });
        assert_eq!(tokeniser.encode(" \u{200b} ", 4), Encoded { ids: vec![101, 102], cut: false });
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
        assert_eq!(
            tokens(&uncased, "Good  Movies.中x"),
            ["[CLS]", "good", "movie", "##s", ".", "中", "[UNK]", "[SEP]"]
        );
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
        let vocabulary =
            br#"{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"<mask>":4,"H":5,"e":6,"l":7,"o":8,"\u0120":9,"He":10,
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
        let id = |json: Option<&[u8]>, vocabulary: Option<&[u8]>| {
            from_files(json, vocabulary, None, "my-model").unwrap_err().id
        };
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
                prop_assert_eq!(tokeniser.encode(&text, max_length), Encoded { ids: expected, cut: whole.len() > room });
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
}
