//! `thaw explain`: what each word of a text adds to the prediction, and what the prediction is without it.

use anyhow::Result;

use crate::domain::explanation::{Depth, ExplainedWord, Explanation};
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::words::{Catalogue, Number};
use crate::worker::Worker;

use super::args::Explain;
use super::ask::{ask_and_hear, other_answer};
use super::models::classifier;
use super::output::{Exit, Output};
use super::predict::{line, rows};
use super::table::Table;

/// The cells of a bar on each side of the middle.
const HALF: usize = 12;

pub fn explain(output: &Output, args: Explain) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let texts = rows(args.texts, args.second)?;
    let Some(model) = classifier(output, &worker, args.classifier, args.head, args.precision)? else {
        return Ok(Exit::Interrupted);
    };
    let warn = |event: &Event| {
        if let Event::Notice(Notice::Warning(problem)) = event {
            output.warning(problem);
        }
    };
    // Deletions are for reading.
    let depth = if output.json { Depth::Words } else { Depth::Deletions };
    for (i, texts) in texts.into_iter().enumerate() {
        let question = Question::Explanation { texts, model: Some(model.clone()), depth };
        let Answer::Explanation(explained) = ask_and_hear(&worker, question, warn)? else {
            return Err(other_answer());
        };
        let gap = if i > 0 { "\n" } else { "" };
        output.result(&explained.to_json(), &(gap.to_owned() + &text(output, &explained)))?;
    }
    Ok(Exit::Done)
}

/// An explanation for reading.
fn text(output: &Output, explained: &Explanation) -> String {
    let words = &output.words;
    let mut text = line(output, &explained.prediction);
    if explained.words.is_empty() {
        return format!("{text}\n{}", words.say("cli-explain-nothing"));
    }
    let table = word_table(words, explained).text_within(output.width());
    let error = Number::Percent(explained.completeness_error);
    let told = words.say_with("cli-explain-error", &[("error", &error), ("steps", &explained.steps)]);
    text += &format!("\n\n{table}\n\n{told}");
    if !explained.deletions.is_empty() {
        let table = Table::of(&explained.deletions)
            .right(words.say("cli-explain-deleted"), |deletion| deletion.words.to_string())
            .right(words.say("cli-explain-top"), |deletion| words.write(Number::Percent(deletion.top)))
            .right(words.say("cli-explain-random"), |deletion| words.write(Number::Percent(deletion.random)));
        let title = words.say_with("cli-explain-deletions", &[("label", &explained.prediction.label)]);
        text += &format!("\n\n{title}\n{}", table.text_within(output.width()));
    }
    text
}

/// The words below each other, each with its bar.
fn word_table<'a>(words: &Catalogue, explained: &'a Explanation) -> Table<&'a ExplainedWord> {
    let (largest, label) = (explained.largest(), &explained.prediction.label);
    let unread = || words.say("cli-explain-unread");
    let percent = |p: Option<f64>| p.map(|p| words.write(Number::Percent(p))).unwrap_or_default();
    Table::of(&explained.words)
        .left(words.say("cli-explain-word"), |word| word.word.clone())
        .left(words.say_with("cli-explain-bar", &[("label", label)]), |word| match word.attribution {
            Some(attribution) => bar(attribution / largest),
            None => unread(),
        })
        .right(words.say("cli-explain-attribution"), |word| {
            word.attribution.map(|a| format!("{a:+.3}")).unwrap_or_default()
        })
        .right(words.say("cli-explain-without"), |word| percent(word.without))
}

/// A bar to the right of the middle for what speaks for the label, to its left for what speaks against it.
fn bar(share: f64) -> String {
    let cells = (share.abs().min(1.0) * HALF as f64).round() as usize;
    let (left, right) = if share < 0.0 { (cells, 0) } else { (0, cells) };
    format!("{}{}│{}{}", " ".repeat(HALF - left), "▒".repeat(left), "█".repeat(right), " ".repeat(HALF - right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_of_both_signs_meet_in_the_middle() {
        assert_eq!(bar(0.5), format!("{}│██████{}", " ".repeat(12), " ".repeat(6)));
        assert_eq!(bar(-1.0), format!("{}│{}", "▒".repeat(12), " ".repeat(12)));
        assert_eq!(bar(0.0).trim(), "│");
    }
}
