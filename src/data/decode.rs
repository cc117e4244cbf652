//! Turning a file's bytes into text: which encoding they have, and whether they are text at all.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{
    EUC_KR, Encoding, ISO_8859_2, ISO_8859_4, ISO_8859_13, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252,
    WINDOWS_1254, WINDOWS_1257, WINDOWS_1258,
};

use super::source::refuse_foreign;
use crate::domain::problem::{Outcome, Problem};

/// A file as text.
pub(super) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub encoding: &'static Encoding,
    pub guessed: bool,
    /// Whether some bytes mean nothing in this encoding. Each such place is a U+FFFD in `text`.
    pub damaged: bool,
}

/// A guess is made from so many bytes of lines with characters beyond ASCII.
pub(super) const GUESS_BYTES: usize = 1 << 20;
/// Encodings of Latin letters for languages outside Western Europe.
const OTHER_LATIN: [&Encoding; 7] =
    [WINDOWS_1250, WINDOWS_1254, WINDOWS_1257, WINDOWS_1258, ISO_8859_2, ISO_8859_4, ISO_8859_13];
/// A guess is trusted when it was made from so many bytes beyond ASCII.
const SURE_BYTES: usize = 24;
/// Text is told from pictures and archives by so many bytes.
const LOOK_BYTES: usize = 1 << 16;

/// Decodes a whole file by the encoding that the user gives as `label`, else by its byte order mark, else as UTF-8 if it is
/// valid UTF-8, else by a guess.
///
/// # Errors
/// `data-unknown-encoding`, `data-is-binary` and others for a file that is known to be no text.
pub(super) fn decode<'a>(bytes: &'a [u8], label: Option<&str>, file: &str) -> Outcome<Decoded<'a>> {
    refuse_known_binary(bytes, file)?;
    if let Some(label) = label.map(str::trim).filter(|l| !l.is_empty()) {
        let named = encoding_for(label).ok_or_else(|| Problem::new("data-unknown-encoding").with("encoding", label))?;
        // The label `utf-16` does not tell the byte order, so that a mark decides it.
        let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
        let encoding = match marked {
            Some(marked) if named == UTF_16LE && marked == UTF_16BE => marked,
            _ => named,
        };
        let (text, damaged) = encoding.decode_with_bom_removal(bytes);
        return refuse_control_characters(Decoded { text, encoding, guessed: false, damaged }, file);
    }
    let decoded = if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, damaged) = encoding.decode_without_bom_handling(&bytes[mark..]);
        Decoded { text, encoding, guessed: true, damaged }
    } else if let Some((encoding, text)) = unmarked_utf16(bytes) {
        Decoded { text: Cow::Owned(text), encoding, guessed: true, damaged: false }
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        Decoded { text: Cow::Borrowed(text), encoding: UTF_8, guessed: true, damaged: false }
    } else if is_damaged_utf8(bytes) {
        Decoded { text: String::from_utf8_lossy(bytes), encoding: UTF_8, guessed: true, damaged: true }
    } else {
        refuse_control_bytes(bytes, file)?;
        let encoding = guess(bytes);
        let (text, damaged) = encoding.decode_without_bom_handling(bytes);
        Decoded { text, encoding, guessed: true, damaged }
    };
    refuse_control_characters(decoded, file)
}

/// A whole file as text, without a byte order mark, its encoding guessed; `None` when some of it means nothing.
///
/// # Errors
/// `data-is-binary` and others for a file that is known to be no text.
pub fn text_of(bytes: &[u8], file: &str) -> Outcome<Option<String>> {
    let decoded = decode(bytes, None, file)?;
    Ok((!decoded.damaged).then(|| decoded.text.into_owned()))
}

/// The encoding with a label of the WHATWG, or with one of the other names that Python and Windows use.
fn encoding_for(label: &str) -> Option<&'static Encoding> {
    match label.to_ascii_lowercase().replace('_', "-").as_str() {
        "cp949" | "ms949" | "uhc" | "ks-c-5601-1987" => Some(EUC_KR),
        "utf-8-sig" => Some(UTF_8),
        _ => Encoding::for_label_no_replacement(label.as_bytes()),
    }
}

/// Guesses the encoding from the lines with characters beyond ASCII, because the other lines say nothing about it.
pub(super) fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut left = GUESS_BYTES;
    let mut evidence = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n' || *b == b'\r').filter(|line| !line.is_ascii()) {
        let line = &line[..line.len().min(left)];
        detector.feed(line, false);
        evidence += line.iter().filter(|b| !b.is_ascii()).count();
        left -= line.len();
        if left == 0 {
            break;
        }
    }
    detector.feed(b"\n", true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if evidence >= SURE_BYTES {
        return guess;
    }
    // So little text could be of many languages: a word of Hangul looks like one of Kanji, and a pound sign like a rare
    // letter of Central Europe. The reading that is likelier among this program's users is chosen.
    if is_all_hangul(bytes) {
        return EUC_KR;
    }
    if OTHER_LATIN.contains(&guess) { WINDOWS_1252 } else { guess }
}

/// Whether everything beyond ASCII is made of byte pairs from the Hangul rows of KS X 1001.
fn is_all_hangul(bytes: &[u8]) -> bool {
    bytes.split(u8::is_ascii).filter(|run| !run.is_empty()).all(|run| {
        run.len().is_multiple_of(2) && run.chunks(2).all(|pair| matches!(pair, [0xb0..=0xc8 | 0xa4, 0xa1..=0xfe]))
    })
}

/// Tells damaged UTF-8 from another encoding by its valid multi-byte characters and its broken places: in another encoding fewer
/// are valid by chance than are broken, about one in ten Korean syllables in EUC-KR and hardly any accented letters.
pub(super) fn tells_utf8(valid: usize, broken: usize) -> bool {
    valid >= 4 * broken
}

/// Returns whether this is UTF-8 with a few broken places.
pub(super) fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    tells_utf8(valid, broken)
}

/// Decodes UTF-16 without a byte order mark. Such text has zeros only on one side of its byte pairs, no broken pair, and
/// lines.
fn unmarked_utf16(bytes: &[u8]) -> Option<(&'static Encoding, String)> {
    let look = &bytes[..bytes.len().min(LOOK_BYTES) & !1];
    let zeros = |side: usize| look.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
    let encoding = match (zeros(0), zeros(1)) {
        (0, odd) if odd * 20 > look.len() => UTF_16LE,
        (even, 0) if even * 20 > look.len() => UTF_16BE,
        _ => return None,
    };
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    (text.contains(['\n', '\r']) && !text.contains('\0')).then(|| (encoding, text.into_owned()))
}

/// Refuses pictures, archives, workbooks and other files that are known by their first bytes.
fn refuse_known_binary(bytes: &[u8], file: &str) -> Outcome<()> {
    if [&b"PK\x03\x04"[..], b"\x1f\x8b"].iter().any(|magic| bytes.starts_with(magic)) {
        return Err(Problem::new("data-is-binary").with("file", file));
    }
    refuse_foreign(bytes, file)
}

/// Refuses bytes of which more than one in a hundred is a stray control character. Text has fewer in every encoding in which
/// single bytes have a meaning.
fn refuse_control_bytes(bytes: &[u8], file: &str) -> Outcome<()> {
    if has_control_bytes(bytes) { Err(Problem::new("data-is-binary").with("file", file)) } else { Ok(()) }
}

/// Whether more than one byte in a hundred is a stray control character.
pub(super) fn has_control_bytes(bytes: &[u8]) -> bool {
    let look = &bytes[..bytes.len().min(LOOK_BYTES)];
    let odd = look.iter().filter(|b| is_odd_control(**b)).count();
    odd * 100 > look.len()
}

/// The name of a file in an archive, in UTF-8 or else in this encoding.
pub(super) fn text_of_name(name: &[u8], encoding: Option<&'static Encoding>) -> String {
    match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding.unwrap_or(WINDOWS_1252).decode_without_bom_handling(name).0.into_owned(),
    }
}

/// Refuses text of which more than one character in a hundred is a stray control character.
fn refuse_control_characters<'a>(decoded: Decoded<'a>, file: &str) -> Outcome<Decoded<'a>> {
    let mut odd = 0_usize;
    let mut seen = 0_usize;
    for c in decoded.text.chars().take(LOOK_BYTES) {
        // The reader judges zero bytes row by row, and can say where they are.
        odd += usize::from(c != '\0' && u8::try_from(c).is_ok_and(is_odd_control));
        seen += 1;
    }
    if odd * 100 > seen { Err(Problem::new("data-is-binary").with("file", file)) } else { Ok(decoded) }
}

/// Whether this is a control character that text files do not use.
fn is_odd_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1a | 0x1b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding_of(bytes: &[u8]) -> (&'static str, String) {
        let decoded = decode(bytes, None, "f.csv").unwrap();
        (decoded.encoding.name(), decoded.text.into_owned())
    }

    #[test]
    fn marks_and_utf8() {
        assert_eq!(encoding_of("\u{feff}a,b\n좋다,1\n".as_bytes()), ("UTF-8", "a,b\n좋다,1\n".into()));
        assert_eq!(encoding_of("a,b\n좋다,1\n".as_bytes()), ("UTF-8", "a,b\n좋다,1\n".into()));
        let text = "a,b\n좋다,1\n";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(encoding_of(&[b"\xff\xfe", le.as_slice()].concat()), ("UTF-16LE", text.into()));
        assert_eq!(encoding_of(&[b"\xfe\xff", be.as_slice()].concat()), ("UTF-16BE", text.into()));
        assert_eq!(encoding_of(&le), ("UTF-16LE", text.into()));
        assert_eq!(encoding_of(&be), ("UTF-16BE", text.into()));
    }

    #[test]
    fn korean_and_western_code_pages_are_told_apart() {
        for text in [
            "내용,감성\n정말 재미있는 영화였다,긍정\n지루하고 길다,부정\n",
            "review,label\n배우들의 연기가 훌륭하고 이야기가 탄탄하다,1\n",
            "리뷰,감성\n좋아요,긍정\n별로예요,부정\n",
            "review,label\nnice movie,pos\n꿀잼 ㅋㅋ,pos\n",
            "review,label\n뷁 쀍 믜 이상한 글자도 있다,1\n좋아요,1\n",
        ] {
            assert_eq!(encoding_of(&EUC_KR.encode(text).0), ("EUC-KR", text.into()));
        }
        for text in [
            "review,label\nA clich\u{e9}d caf\u{e9} scene,neg\nIt\u{2019}s great,pos\n",
            "review,label\nIt\u{2019}s a \u{201c}masterpiece\u{201d} \u{2013} really,pos\n",
            "review,label\nDer Film war sch\u{f6}n,gut\nGr\u{fc}\u{df}e aus K\u{f6}ln,gut\n",
            "review,label\nCost me \u{a3}12,bad\n",
            "review,label\nna\u{ef}ve caf\u{e9} \u{a3}5 \u{bd} \u{2013} \u{2026} \u{2122} \u{a9},bad\n\u{201c}Yes\u{201d},good\n",
            "texte,avis\nUn tr\u{e8}s bon film \u{e0} voir\u{2026} c\u{153}ur bris\u{e9},bon\nL\u{2019}\u{e9}t\u{e9},bon\n",
            "texto,valor\n\u{bf}Qu\u{e9} tal? \u{a1}Excelente! El a\u{f1}o pasado,bueno\n",
        ] {
            let (name, decoded) = encoding_of(&encoding_rs::WINDOWS_1252.encode(text).0);
            assert_eq!(decoded, text, "{name}");
        }
    }

    #[test]
    fn a_named_encoding_wins() {
        let bytes = EUC_KR.encode("내용,감성\n좋다,긍정\n").0;
        for label in ["cp949", "CP949", "euc-kr", "korean", "uhc"] {
            let decoded = decode(&bytes, Some(label), "f.csv").unwrap();
            assert_eq!((decoded.encoding.name(), decoded.guessed, decoded.damaged), ("EUC-KR", false, false));
        }
        assert!(decode(&bytes, Some("utf-8"), "f.csv").unwrap().damaged);
        assert_eq!(decode(&bytes, Some("klingon"), "f.csv").err().unwrap().id, "data-unknown-encoding");
    }

    #[test]
    fn broken_utf8_stays_utf8() {
        let mut bytes =
            "text,label\n정말 재미있는 영화였고 다시 보고 싶다 배우들의 연기도 좋았다,1\n".as_bytes().to_vec();
        bytes.extend_from_slice(b"cut \xec\x98 off,0\n");
        let decoded = decode(&bytes, None, "f.csv").unwrap();
        assert_eq!((decoded.encoding.name(), decoded.damaged), ("UTF-8", true));
    }

    #[test]
    fn files_that_are_no_text() {
        for (bytes, id) in [
            (&b"PK\x03\x04\x14\x00\x06\x00"[..], "data-is-binary"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "data-is-old-workbook"),
            (b"PAR1\x15\x04", "data-to-convert"),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "data-is-binary"),
            (b"\x01\x02\x03\x04\x05,\x06\n\x07\x08\xff\xfe\x10", "data-is-binary"),
            (b"\x01\x02\x03\x04\x05,\x06\n\x07\x08", "data-is-binary"),
        ] {
            assert_eq!(decode(bytes, None, "f.csv").err().unwrap().id, id);
        }
    }
}
