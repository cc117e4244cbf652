//! The rules of the catalogue: everything that the code says is there, in every language, with exactly its blanks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use thaw::domain::problem::Problem;
use thaw::words::{Catalogue, Fill, Language};

use super::{root, sources};

/// A message of the catalogue as its file has it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Message {
    blanks: BTreeSet<String>,
    /// Further texts of the same thing, such as its `hint`.
    parts: BTreeSet<String>,
}

/// The word at the beginning of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len());
    &text[..end]
}

/// The messages of one language by their ids.
fn messages(language: &str) -> BTreeMap<String, Message> {
    let mut messages: BTreeMap<String, Message> = BTreeMap::new();
    let mut files: Vec<_> =
        fs::read_dir(root().join("assets/words").join(language)).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for file in files {
        let mut id = String::new();
        for line in fs::read_to_string(&file).unwrap().lines().filter(|line| !line.starts_with('#')) {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                id = word(line).to_owned();
                assert!(line[id.len()..].starts_with(" ="), "{}: {line}", file.display());
                let twice = messages.insert(id.clone(), Message::default());
                assert!(twice.is_none(), "{} says {id} twice", file.display());
            }
            let Some(message) = messages.get_mut(&id) else { continue };
            message.parts.extend(line.strip_prefix("    .").map(|part| word(part).to_owned()));
            message.blanks.extend(line.split('$').skip(1).map(|blank| word(blank).to_owned()));
        }
    }
    messages
}

#[test]
fn both_languages_say_the_same_things() {
    let (english, korean) = (messages("en"), messages("ko"));
    assert!(english.len() > 100, "the catalogue was found");
    for (id, message) in &english {
        let other = korean.get(id).unwrap_or_else(|| panic!("{id} is not said in Korean"));
        assert_eq!(message, other, "{id} has other blanks or parts in Korean");
    }
    let more: Vec<_> = korean.keys().filter(|id| !english.contains_key(*id)).collect();
    assert!(more.is_empty(), "only in Korean: {more:?}");
}

#[test]
fn every_message_can_be_said() {
    for language in Language::ALL {
        let words = Catalogue::new(language);
        for (id, message) in messages(words.tag()) {
            let id: &'static str = id.leak();
            for value in [&1_usize as &dyn Fill, &1_234_567_usize, &"긍정"] {
                let args: Vec<_> = message.blanks.iter().map(|name| (name.as_str(), value)).collect();
                let said = words.say_with(id, &args);
                assert!(!said.is_empty() && !said.contains("{$") && !said.contains("PARTICLE"), "{id}: {said}");
            }
            for part in message.parts {
                assert!(!words.part(id, part.leak()).is_empty(), "{id}");
            }
        }
    }
}

#[test]
fn korean_particles_follow_the_word() {
    for file in fs::read_dir(root().join("assets/words/ko")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for both in ["은(는)", "이(가)", "을(를)", "와(과)", "과(와)", "(으)로", "(이)라"] {
            let line = text.lines().find(|line| line.contains(both));
            assert!(line.is_none(), "{both} leaves the choice to the reader: {line:?}");
        }
    }
    let korean = Catalogue::new(Language::Korean);
    for (label, said) in [("긍정", "“긍정”으로"), ("나쁨", "“나쁨”으로"), ("분노", "“분노”로"), ("별 1", "“별 1”로")]
    {
        let sentence = Problem::new("coach-one-class").with("label", label);
        let sentence = korean.problem(&sentence.with_decimal("share", 98.0, 0));
        assert!(sentence.contains(said), "{sentence}");
    }
}

#[test]
fn english_plurals_follow_the_number() {
    let english = Catalogue::new(Language::English);
    let rows = |rows: usize| english.say_with("panel-rows", &[("count", &rows)]);
    assert_eq!([rows(1), rows(2), rows(12_345)], ["1 usable row", "2 usable rows", "12,345 usable rows"]);
}

/// What of the code is no test.
fn without_tests(code: &str) -> &str {
    code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

/// The text between the parenthesis at the beginning and the one that closes it.
fn in_parentheses(code: &str) -> &str {
    let (mut depth, mut in_string) = (0, false);
    let mut chars = code.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '\\' if in_string => {
                chars.next();
            }
            '"' => in_string = !in_string,
            // A character such as '(' or '"'.
            '\'' if !in_string && code[i + 1..].chars().nth(1) == Some('\'') => {
                chars.nth(1);
            }
            '(' if !in_string => depth += 1,
            ')' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return &code[1..i];
                }
            }
            _ => {}
        }
    }
    panic!("parentheses that do not close: {}", code.lines().next().unwrap_or_default());
}

/// The first string literal of a text, when it stands at its beginning.
fn literal(code: &str) -> Option<&str> {
    code.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next())
}

/// Calls of a function in the code: what stands in the parentheses, and what comes after them.
fn calls<'a>(code: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let starts = code.match_indices(name).map(|(i, _)| i + name.len() - 1);
    starts
        .map(|start| {
            let inside = in_parentheses(&code[start..]);
            (inside, &code[start + inside.len() + 2..])
        })
        .collect()
}

#[test]
fn every_sentence_that_the_code_says_is_there() {
    let english = messages("en");
    let mut wrong = Vec::new();
    let mut tell = |path: &Path, what: &str| wrong.push(format!("{}: {what}", path.display()));
    for (path, code) in sources() {
        let code = without_tests(&code);
        let controls = [(".button(", None), (".choice(", None), (".hinted_button(", Some("hint"))];
        for (call, part) in [(".say(", None), (".hint(", Some("hint"))].into_iter().chain(controls) {
            let ids = calls(code, call).into_iter().map(|(inside, _)| inside.trim_start());
            for id in ids.filter_map(|inside| literal(inside.strip_prefix("ui,").unwrap_or(inside))) {
                match (english.get(id), part) {
                    (None, _) => tell(&path, &format!("{id} is not in the catalogue")),
                    (Some(message), None) if !message.blanks.is_empty() => tell(&path, &format!("{id} has blanks")),
                    (Some(message), Some(part)) if !message.parts.contains(part) => {
                        tell(&path, &format!("{id} has no {part}"));
                    }
                    _ => {}
                }
            }
        }
        for (inside, _) in calls(code, ".part(") {
            let mut literals = inside.split('"').skip(1).step_by(2);
            if let (Some(id), Some(part)) = (literals.next(), literals.next())
                && english.get(id).is_none_or(|message| !message.parts.contains(part))
            {
                tell(&path, &format!("{id} has no {part}"));
            }
        }
        for (inside, _) in calls(code, ".say_with(") {
            let Some((ids, args)) = inside.split_once("&[") else { continue };
            // A literal that is no name, such as a separator, begins with no letter.
            let names = args.split("(\"").skip(1).map(word).filter(|name| !name.is_empty());
            let given: BTreeSet<String> = names.map(str::to_owned).collect();
            for id in ids.split('"').skip(1).step_by(2) {
                let expected = english.get(id).map(|message| &message.blanks);
                // A message within the arguments has its own.
                if expected.is_none_or(|blanks| *blanks != given) && !args.contains("say_with(") {
                    tell(&path, &format!("{id} has the blanks {expected:?}, and is given {given:?}"));
                }
            }
        }
        // Ids are put together in one place only, whose own test goes through all of them.
        let puts_together = code.contains("words.find(") && !path.ends_with("cli/help.rs");
        if puts_together || code.contains("say(&format!(\"{") || code.contains("say_with(&format!(") {
            tell(&path, "an id is put together");
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_problem_fills_the_blanks_of_its_sentence() {
    let english = messages("en");
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let code = without_tests(&code);
        // What a function adds to the problem that another one began.
        let with = |code: &str| -> BTreeSet<String> {
            let calls = ["with(", "with_count(", "with_decimal(", "with_percent("];
            let inside = calls.iter().flat_map(|call| calls_of(code, call));
            inside.flat_map(|inside| inside.split('"').nth(1).map(str::to_owned)).collect()
        };
        for (inside, mut after) in calls(code, "Problem::new(") {
            let Some(id) = literal(inside) else { continue };
            let Some(message) = english.get(id) else {
                wrong.push(format!("{}: {id} is not in the catalogue", path.display()));
                continue;
            };
            let mut given = BTreeSet::new();
            while let Some(chained) = after.trim_start().strip_prefix(".with") {
                let inside = in_parentheses(&chained[chained.find('(').unwrap()..]);
                given.extend(literal(inside).map(str::to_owned));
                after = &chained[chained.find('(').unwrap() + inside.len() + 2..];
            }
            let later = with(code);
            let lacks: Vec<_> = message.blanks.iter().filter(|b| !given.contains(*b) && !later.contains(*b)).collect();
            let unused: Vec<_> = given.difference(&message.blanks).collect();
            // The reader of a lesson's file names the file, and that of a table the file of a skipped row.
            let is_placed = id.starts_with("data-skip-") && lacks == ["place"];
            if !(lacks.is_empty() || is_placed || ["lesson-bad-field", "lesson-refused"].contains(&id))
                || !unused.is_empty()
            {
                wrong.push(format!("{}: {id} lacks {lacks:?}, has no place for {unused:?}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn calls_of<'a>(code: &'a str, name: &str) -> Vec<&'a str> {
    calls(code, name).into_iter().map(|(inside, _)| inside).collect()
}

#[test]
fn no_message_is_left_over() {
    let code: String = sources().into_iter().map(|(_, code)| code).collect();
    let is_used = |id: &str| code.contains(&format!("\"{id}\""));
    // The command line's help finds its own by the names of commands and arguments.
    let of_help = ["cli-about", "cli-arg-", "cli-train-", "cli-race-", "cli-models-", "cli-lesson-", "cli-params-"];
    let of_help = |id: &str| {
        of_help
            .iter()
            .chain(&[
                "cli-evaluate-",
                "cli-predict-",
                "cli-explain-",
                "cli-rows-",
                "cli-labels-",
                "cli-words-",
                "cli-check-",
                "cli-map-",
                "cli-words-",
                "cli-runs-",
                "cli-export-",
                "cli-report-",
                "cli-data-",
                "cli-code-",
            ])
            .any(|p| id.starts_with(p))
    };
    let unused: Vec<_> = messages("en").into_keys().filter(|id| !is_used(id) && !of_help(id)).collect();
    assert!(unused.is_empty(), "said nowhere: {unused:?}");
}
