//! Korean particles: which of two forms follows a word depends on whether its last sound is a consonant.

/// How a word ends in speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Vowel,
    /// The consonant ㄹ, after which “로” stands as after a vowel.
    Rieul,
    Consonant,
}

/// The form of a pair such as `은/는` that follows the word; `None` for a pair that is none.
pub fn particle(word: &str, pair: &str) -> Option<&'static str> {
    let (after_consonant, after_vowel) = match pair {
        "은/는" => ("은", "는"),
        "이/가" => ("이", "가"),
        "을/를" => ("을", "를"),
        "와/과" => ("과", "와"),
        "으로/로" => ("으로", "로"),
        "이라는/라는" => ("이라는", "라는"),
        _ => return None,
    };
    Some(match end(word) {
        End::Vowel => after_vowel,
        End::Rieul if pair == "으로/로" => after_vowel,
        End::Rieul | End::Consonant => after_consonant,
    })
}

/// The end of what is said aloud. Quotation marks and full stops are silent, and what stands in parentheses at the end
/// explains the word before it.
fn end(word: &str) -> End {
    let mut word = word.trim_end();
    while let Some((before, _)) = word.strip_suffix(')').and_then(|inside| inside.rsplit_once('(')) {
        if before.trim().is_empty() {
            break;
        }
        word = before.trim_end();
    }
    let spoken = word.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '%' && c != '+');
    match spoken.chars().next_back() {
        Some(last @ '가'..='힣') => match (u32::from(last) - u32::from('가')) % 28 {
            0 => End::Vowel,
            8 => End::Rieul,
            _ => End::Consonant,
        },
        // Digits have their Sino-Korean reading: 일, 칠, 팔; 삼, 육; and, with a vowel, 이, 사, 오, 구.
        Some('ㄹ' | '1' | '7' | '8') => End::Rieul,
        Some('ㄱ'..='ㅎ' | '3' | '6' | 'ん' | 'ン') => End::Consonant,
        Some('0') => zeros(spoken),
        Some(last) if last.is_ascii_alphabetic() => latin(spoken),
        // Also the signs % (퍼센트) and + (플러스).
        _ => End::Vowel,
    }
}

/// Zeros at the end of a whole number are read 십, 백, 천, 만, and others 영.
fn zeros(word: &str) -> End {
    let number = word.rsplit(|c: char| !matches!(c, '0'..='9' | ',' | '.')).next().unwrap_or_default();
    let zeros = number.chars().rev().take_while(|c| matches!(c, '0' | ',')).filter(|c| *c == '0').count();
    // 10^12 is 조, the only one of them that ends in a vowel.
    if (12..16).contains(&zeros) && !number.contains('.') { End::Vowel } else { End::Consonant }
}

/// Latin letters as Koreans mostly read them: abbreviations letter by letter, words as the loanwords that they are.
fn latin(word: &str) -> End {
    let letters = word.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let lower = letters.to_ascii_lowercase();
    let is_vowel = |letter: &u8| b"aeiouy".contains(letter);
    let is_spelled =
        letters.len() == 1 || letters.chars().all(|c| c.is_ascii_uppercase()) || !lower.bytes().any(|c| is_vowel(&c));
    match lower.as_bytes() {
        [.., b'l' | b'r'] if is_spelled => End::Rieul,
        [.., b'm' | b'n'] if is_spelled => End::Consonant,
        _ if is_spelled => End::Vowel,
        // model 모델, file 파일, simple 심플
        [.., b'l'] | [.., b'l', b'e'] => End::Rieul,
        // system 시스템, train 트레인, training 트레이닝
        [.., b'm' | b'n'] | [.., b'n', b'g'] => End::Consonant,
        // name 네임, line 라인
        [.., before, b'm' | b'n', b'e'] if is_vowel(before) => End::Consonant,
        // net 넷, map 맵, book 북, music 뮤직, web 웹, black 블랙; but test 테스트, task 태스크
        [.., vowel, b't' | b'p' | b'k' | b'c' | b'b'] | [.., vowel, b'c', b'k'] if is_vowel(vowel) => End::Consonant,
        _ => End::Vowel,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pair: &str, words: &[&str]) -> Vec<String> {
        words.iter().map(|word| format!("{word}{}", particle(word, pair).unwrap())).collect()
    }

    #[test]
    fn hangul_decides_by_its_last_consonant() {
        assert_eq!(all("은/는", &["부정", "분류기", "모델", "층"]), ["부정은", "분류기는", "모델은", "층은"]);
        assert_eq!(all("이/가", &["값", "행렬", "파라미터"]), ["값이", "행렬이", "파라미터가"]);
        assert_eq!(all("을/를", &["시드", "에폭", "파일"]), ["시드를", "에폭을", "파일을"]);
        assert_eq!(all("와/과", &["긍정", "프리셋", "전체"]), ["긍정과", "프리셋과", "전체와"]);
        assert_eq!(
            all("으로/로", &["긍정", "부정", "이름", "파일", "중립", "학습률", "분노"]),
            ["긍정으로", "부정으로", "이름으로", "파일로", "중립으로", "학습률로", "분노로"]
        );
        assert_eq!(all("이라는/라는", &["수업", "강의"]), ["수업이라는", "강의라는"]);
        assert_eq!(all("으로/로", &["ㄱ", "ㄹ", "ㅏ"]), ["ㄱ으로", "ㄹ로", "ㅏ로"]);
    }

    #[test]
    fn digits_decide_by_their_reading() {
        assert_eq!(
            all("으로/로", &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]),
            ["0으로", "1로", "2로", "3으로", "4로", "5로", "6으로", "7로", "8로", "9로"]
        );
        assert_eq!(
            all("을/를", &["10", "1,000", "10,000", "1,000,000,000,000", "0.50", "1e-4", "0.0001"]),
            ["10을", "1,000을", "10,000을", "1,000,000,000,000를", "0.50을", "1e-4를", "0.0001을"]
        );
        assert_eq!(
            all("은/는", &["층 0–4", "층 0–3", "프리셋 3", "2e-5"]),
            ["층 0–4는", "층 0–3은", "프리셋 3은", "2e-5는"]
        );
    }

    #[test]
    fn latin_letters_are_read_as_koreans_read_them() {
        assert_eq!(
            all("을/를", &["model", "file", "simple", "system", "training", "name", "line"]),
            ["model을", "file을", "simple을", "system을", "training을", "name을", "line을"]
        );
        assert_eq!(
            all("으로/로", &["model", "label", "negative", "positive", "sadness", "json", "net", "test"]),
            ["model로", "label로", "negative로", "positive로", "sadness로", "json으로", "net으로", "test로"]
        );
        assert_eq!(
            all("이/가", &["BERT", "URL", "HTML", "csv", "klue/bert-base", "reviews.tsv", "A", "N", "MB"]),
            ["BERT가", "URL이", "HTML이", "csv가", "klue/bert-base가", "reviews.tsv가", "A가", "N이", "MB가"]
        );
    }

    #[test]
    fn marks_at_the_end_are_silent() {
        assert_eq!(
            all("은/는", &["“긍정”", "‘나쁨.’", "좋아요!", "정말?", "모델 (BERT)", "분류기(새 헤드)"]),
            ["“긍정”은", "‘나쁨.’은", "좋아요!는", "정말?은", "모델 (BERT)은", "분류기(새 헤드)는"]
        );
        assert_eq!(
            all("으로/로", &["95%", "8.6초", "C++", "", "(없음)", "…"]),
            ["95%로", "8.6초로", "C++로", "로", "(없음)으로", "…로"]
        );
        assert_eq!(particle("긍정", "을(를)"), None);
    }
}
