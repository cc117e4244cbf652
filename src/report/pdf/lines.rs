//! Breaking texts into lines.

use super::super::document::Weight;
use super::super::fonts::{advance, width};

/// Whether a line may be broken before or after the character. Hangul is broken between words, as Korean is set.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{312F}' | '\u{31A0}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The words of a text, each with the spaces behind it.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut before) = (Vec::new(), 0, None::<char>);
    for (at, c) in text.char_indices() {
        let is_end = before.is_some_and(|b| {
            (b.is_whitespace() && !c.is_whitespace())
                || ((stands_alone(b) || stands_alone(c)) && !c.is_whitespace() && !b.is_whitespace())
        });
        if is_end {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    words.push(&text[start..]);
    words
}

/// The lines of a text, none of which is wider than `room`. A word that is wider is broken.
pub fn lines(text: &str, weight: Weight, size: f64, room: f64) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.replace('\t', "    ").split('\n') {
        let mut line = String::new();
        let mut used = 0.0;
        for word in words(paragraph) {
            let wide = width(word.trim_end(), weight, size);
            if used + wide > room && !line.trim().is_empty() {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
                used = 0.0;
            }
            if wide <= room {
                line += word;
                used += width(word, weight, size);
                continue;
            }
            for c in word.chars() {
                let own = advance(c, weight) * size;
                if used + own > room && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(c);
                used += own;
            }
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        let broken = lines("Freezing saves time. 층을 동결하면 빨라집니다.", Weight::Regular, 10.0, 70.0);
        assert_eq!(broken, ["Freezing saves", "time. 층을", "동결하면", "빨라집니다."]);
        assert_eq!(lines("", Weight::Regular, 10.0, 70.0), [""]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_room_and_nothing_is_lost(text in "\\PC{0,120}", room in 30.0..300.0f64) {
            let broken = lines(&text, Weight::Regular, 10.0, room);
            for line in &broken {
                prop_assert!(width(line, Weight::Regular, 10.0) <= room + 1e-6 || line.chars().count() == 1, "{}", line);
            }
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&broken.concat()), letters(&text));
        }
    }
}
