//! What the terminal says of arguments that it cannot use, in the reader's language. Clap finds what is wrong, but knows
//! English only, so that its sentences are replaced kind by kind.

use std::error::Error as _;
use std::ffi::OsString;
use std::io::Write as _;
use std::num::{IntErrorKind, ParseFloatError, ParseIntError};

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::words::Catalogue;

use super::args::Expected;

/// The exit status of a command that was used wrongly.
const WRONG_USAGE: i32 = 2;

/// Ends the program: with the help that was asked for, else with what is wrong.
pub fn exit(error: &Error, words: &Catalogue, command: &Command, args: &[OsString]) -> ! {
    if !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        error.exit();
    }
    refuse(words, &sentence(error, words), usage(error, words).as_deref(), &path(command, args))
}

/// Ends the program with what is wrong, how the command is used and where its help is.
pub fn refuse(words: &Catalogue, sentence: &str, usage: Option<&str>, path: &str) -> ! {
    // Where standard error is closed no one reads this.
    writeln!(std::io::stderr(), "{}", told(words, sentence, usage, path)).ok();
    std::process::exit(WRONG_USAGE)
}

fn told(words: &Catalogue, sentence: &str, usage: Option<&str>, path: &str) -> String {
    let first = words.say_with("cli-error", &[("sentence", &sentence)]);
    let help = words.say_with("usage-help", &[("command", &path)]);
    [Some(first.as_str()), usage, Some(&help)].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

/// The command that the arguments name, such as `thaw lesson run`.
pub fn path(command: &Command, args: &[OsString]) -> String {
    let (mut path, mut inner) = (command.get_name().to_owned(), command);
    for arg in args.iter().skip(1) {
        let Some(found) = inner.find_subcommand(arg) else { break };
        path = format!("{path} {}", found.get_name());
        inner = found;
    }
    path
}

/// How the command is used, where clap says it.
fn usage(error: &Error, words: &Catalogue) -> Option<String> {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else { return None };
    let usage = usage.to_string();
    let usage = usage.trim();
    Some(format!("{}: {}", words.say("cli-usage"), usage.strip_prefix("Usage:").unwrap_or(usage).trim()))
}

/// What is wrong with the arguments.
fn sentence(error: &Error, words: &Catalogue) -> String {
    let argument = first(error, ContextKind::InvalidArg);
    let name = short(&argument);
    let value = first(error, ContextKind::InvalidValue);
    let command = first(error, ContextKind::InvalidSubcommand);
    let found = match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => {
            words.say_with("usage-unknown-option", &[("option", &name)])
        }
        ErrorKind::UnknownArgument => words.say_with("usage-unexpected", &[("value", &argument)]),
        ErrorKind::InvalidSubcommand => words.say_with("usage-unknown-command", &[("command", &command)]),
        ErrorKind::MissingSubcommand => {
            let names = all(error, ContextKind::ValidSubcommand).join(", ");
            words.say_with("usage-missing-command", &[("names", &names)])
        }
        ErrorKind::InvalidValue | ErrorKind::NoEquals if value.is_empty() => missing_value(words, &argument),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => missing_value(words, &argument),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let expected = expected(error, words);
            match expected.is_empty() {
                true => words.say_with("usage-bad-value", &[("value", &value), ("argument", &name)]),
                false => {
                    let args: &[(&str, &dyn crate::words::Fill)] =
                        &[("value", &value), ("argument", &name), ("expected", &expected)];
                    words.say_with("usage-bad-value-of", args)
                }
            }
        }
        ErrorKind::TooManyValues => words.say_with("usage-takes-no-value", &[("argument", &name), ("value", &value)]),
        ErrorKind::ArgumentConflict => {
            let own = if argument.is_empty() { command.as_str() } else { name };
            let others = all(error, ContextKind::PriorArg);
            let others: Vec<&str> = others.iter().map(|other| short(other)).collect();
            match others.iter().all(|other| *other == own) {
                true => words.say_with("usage-twice", &[("argument", &own)]),
                false => words.say_with("usage-conflict", &[("argument", &own), ("others", &others.join(", "))]),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let arguments = all(error, ContextKind::InvalidArg).join(", ");
            words.say_with("usage-missing", &[("arguments", &arguments)])
        }
        ErrorKind::InvalidUtf8 => words.say("usage-not-text"),
        _ => words.say("usage-other"),
    };
    let similar = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let similar: Vec<String> = similar.into_iter().flat_map(|kind| all(error, kind)).collect();
    if similar.is_empty() {
        return found;
    }
    format!("{found} {}", words.say_with("usage-similar", &[("names", &similar.join(", "))]))
}

fn missing_value(words: &Catalogue, argument: &str) -> String {
    words.say_with("usage-value-missing", &[("argument", &short(argument)), ("form", &argument)])
}

/// What the value should have been; empty where no one knows.
fn expected(error: &Error, words: &Catalogue) -> String {
    let Some(source) = error.source() else { return all(error, ContextKind::ValidValue).join(", ") };
    if let Some(&Expected(id)) = source.downcast_ref() {
        return words.say(id);
    }
    if let Some(error) = source.downcast_ref::<ParseIntError>() {
        let is_large = *error.kind() == IntErrorKind::PosOverflow;
        return words.say(if is_large { "usage-expects-smaller" } else { "usage-expects-whole" });
    }
    if source.is::<ParseFloatError>() { words.say("usage-expects-number") } else { String::new() }
}

/// An option without the name of its value: `--epochs` of `--epochs <N>`.
fn short(argument: &str) -> &str {
    if argument.starts_with('-') { argument.split([' ', '=']).next().unwrap_or(argument) } else { argument }
}

fn first(error: &Error, kind: ContextKind) -> String {
    all(error, kind).into_iter().next().unwrap_or_default()
}

/// The texts that clap has of this kind.
fn all(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStrs(texts)) => texts.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::cli::help;
    use crate::words::Language;

    use super::*;

    /// The kind of what is wrong with the arguments, and all that is said of it.
    fn refusal(language: Language, args: &[&str]) -> (ErrorKind, String) {
        let words = Catalogue::new(language);
        let mut command = help::command(&words);
        let args: Vec<OsString> = std::iter::once("thaw").chain(args.iter().copied()).map(Into::into).collect();
        let error = command.try_get_matches_from_mut(&args).unwrap_err();
        let told = told(&words, &sentence(&error, &words), usage(&error, &words).as_deref(), &path(&command, &args));
        (error.kind(), told)
    }

    /// Arguments that the program cannot use, and what it says of them in both languages.
    const REFUSED: &[(&[&str], &str, &str)] = &[
        (&["train", "--nonsense"], "There is no option --nonsense here.", "--nonsense 옵션은 없습니다."),
        (&["train", "--epoch", "3"], "Did you mean --epochs?", "비슷한 이름: --epochs."),
        (&["train", "-x"], "There is no option -x here.", "-x 옵션은 없습니다."),
        (&["train", "stray"], "“stray” is one argument too many.", "“stray” 인자는 받지 않습니다."),
        (&["runs", "a", "b"], "“b” is one argument too many.", "“b” 인자는 받지 않습니다."),
        (&["melt"], "There is no command “melt”.", "“melt” 명령은 없습니다."),
        (&["trian"], "Did you mean train?", "비슷한 이름: train."),
        (&["models", "serch"], "Did you mean search?", "비슷한 이름: search."),
        (&["train", "--epochs"], "--epochs needs a value: --epochs <N>", "--epochs에 값이 필요합니다: --epochs <N>"),
        (&["train", "--data", ""], "--data needs a value: --data <FILE>", "--data에 값이 필요합니다"),
        (
            &["train", "--epochs", "many"],
            "“many” cannot be the value of --epochs. Expected: a whole number, 0 or more.",
            "“many”는 --epochs의 값이 될 수 없습니다. 쓸 수 있는 값: 0 이상의 정수.",
        ),
        (&["train", "--epochs", "-1"], "Expected: a whole number, 0 or more.", "쓸 수 있는 값: 0 이상의 정수."),
        (&["train", "--seed", "99999999999999999999999"], "Expected: a smaller number.", "쓸 수 있는 값: 더 작은 수."),
        (&["train", "--dropout", "half"], "Expected: a number, such as 0.5.", "쓸 수 있는 값: 0.5와 같은 수."),
        (&["train", "--freeze", "4"], "Expected: 1, 2, 3, full, top:K, biases or", "쓸 수 있는 값: 1, 2, 3, full"),
        (&["race", "--freeze", "1,4"], "“4” cannot be the value of --freeze.", "“4”는 --freeze의 값이 될 수 없습니다"),
        (&["race", "--rows-per-class", "few"], "Expected: a number of rows, or all.", "쓸 수 있는 값: 행 수 또는 all."),
        (&["words", "run", "--rows", "0"], "Expected: a number of rows, 1 or more.", "쓸 수 있는 값: 1 이상의 행 수."),
        (
            &["labels", "run", "--copy", "c.csv", "--fix", "dev:7"],
            "Expected: row numbers, such as 47 or test:47.",
            "쓸 수 있는 값: 47 또는 test:47과 같은 행 번호.",
        ),
        (&["train", "--schedule", "square"], "Expected: linear, constant or cosine.", "linear, constant, cosine."),
        (&["train", "--keep", "all"], "Expected: last or best.", "쓸 수 있는 값: last, best."),
        (&["train", "--device", "tpu"], "Expected: cpu, cuda or metal.", "쓸 수 있는 값: cpu, cuda, metal."),
        (&["train", "--delimiter", "ab"], "Expected: one character", "쓸 수 있는 값: 문자 하나"),
        (&["models", "pull", "a/b/c"], "Expected: name, owner/name", "쓸 수 있는 값: 이름, 소유자/이름"),
        (&["train", "--json=yes"], "--json takes no value, but has “yes”.", "--json에는 값이 없는데 “yes”"),
        (&["train", "--seed", "1", "--seed", "2"], "--seed is given twice.", "--seed 인자를 두 번 썼습니다."),
        (
            &["lesson", "show", "a", "--csv", "--json"],
            "--csv cannot be given together with --json.",
            "--csv 인자는 --json 인자와 함께 쓸 수 없습니다.",
        ),
        (&["params", "dir", "--model", "bundled"], "cannot be given together with", "함께 쓸 수 없습니다."),
        (&["evaluate"], "Missing: <RUN_DIR|ID|bundled>.", "빠진 인자: <RUN_DIR|ID|bundled>."),
        (&["export", "run"], "Missing: <--to <FOLDER>|", "빠진 인자: <--to <FOLDER>|"),
        (&["train", "--guess-secs", "3"], "Missing: --guess-accuracy <X>.", "빠진 인자: --guess-accuracy <X>."),
    ];

    #[test]
    fn wrong_usage_is_told_in_the_readers_language() {
        let mut kinds = BTreeSet::new();
        for (args, english, korean) in REFUSED {
            let (kind, said) = refusal(Language::English, args);
            assert!(said.starts_with("error: ") && said.contains(english), "{args:?}: {said}");
            kinds.insert(format!("{kind:?}"));
            let (_, said) = refusal(Language::Korean, args);
            assert!(said.starts_with("오류: ") && said.contains(korean), "{args:?}: {said}");
            for clap in ["error:", "tip:", "Usage:", "For more information", "unexpected", "required", "similar"] {
                assert!(!said.contains(clap), "{args:?}: {said}");
            }
            // Only names and placeholders are English: no two words of it follow each other.
            let is_word = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
            let first: Vec<&str> = said.lines().next().unwrap().split(' ').collect();
            assert!(!first.windows(2).any(|two| two.iter().all(|word| is_word(word))), "{args:?}: {said}");
        }
        let expected = [
            "ArgumentConflict",
            "InvalidSubcommand",
            "InvalidValue",
            "MissingRequiredArgument",
            "TooManyValues",
            "UnknownArgument",
            "ValueValidation",
        ];
        assert_eq!(kinds, expected.map(str::to_owned).into());
    }

    #[test]
    fn usage_and_help_of_the_command_stand_below() {
        let (_, english) = refusal(Language::English, &["lesson", "run"]);
        assert!(english.contains("\n\nUsage: thaw lesson run <NAME|FILE.toml>"), "{english}");
        assert!(english.ends_with("\n\nHelp: thaw lesson run --help"), "{english}");
        let (_, korean) = refusal(Language::Korean, &["lesson", "run"]);
        assert!(korean.contains("\n\n사용법: thaw lesson run <NAME|FILE.toml>"), "{korean}");
        assert!(korean.ends_with("\n\n도움말: thaw lesson run --help"), "{korean}");
    }

    #[cfg(unix)]
    #[test]
    fn an_argument_that_is_no_text_is_told() {
        use std::os::unix::ffi::OsStringExt as _;
        let words = Catalogue::new(Language::Korean);
        let args = ["thaw".into(), "train".into(), "--text-column".into(), OsString::from_vec(vec![0xff])];
        let error = help::command(&words).try_get_matches_from_mut(args).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidUtf8);
        assert_eq!(sentence(&error, &words), words.say("usage-not-text"));
    }
}
