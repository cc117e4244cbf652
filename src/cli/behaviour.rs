//! `thaw check`: behaviour tests of a run.

use anyhow::Result;

use crate::domain::behaviour::{Behaviour, BehaviourTest, Expects};
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::words::{Catalogue, Number, behaviour};
use crate::worker::Worker;

use super::args::Check;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::output::{Exit, Output};
use super::table::Table;

pub fn check(output: &Output, args: Check) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let mut bars = Bars::new(output);
    let question = Question::Behaviour { run: args.run_dir, templates: args.templates };
    let hear = |event: &Event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    };
    let Answer::Behaviour(found) = ask_and_hear(&worker, question, hear)? else { return Err(other_answer()) };
    if output.json {
        found.tests.iter().try_for_each(|test| output.json_line(&test.to_json()))?;
    } else {
        output.line(&text(&output.words, &found))?;
    }
    behaviour::why_without_cases(&output.words, &found).iter().for_each(|why| output.note("cli-note", why));
    Ok(Exit::Done)
}

/// A table of the tests, and below it the failure of each that the model was surest of.
fn text(words: &Catalogue, found: &Behaviour) -> String {
    let table = Table::of(&found.tests)
        .left(words.say("check-test"), |test| behaviour::test(words, test))
        .left(words.say("check-expects"), |test| behaviour::expected(words, &test.expects))
        .right(words.say("check-cases"), |test| test.cases.to_string())
        .right(words.say("check-failures"), |test| test.failures.to_string())
        .right(words.say("check-rate"), |test| {
            test.rate().map_or_else(String::new, |rate| words.write(Number::Percent(rate)))
        });
    let examples = found.tests.iter().filter_map(|test| example(words, test));
    std::iter::once(table.text()).chain(examples).collect::<Vec<_>>().join("\n\n")
}

fn example(words: &Catalogue, test: &BehaviourTest) -> Option<String> {
    let failure = test.examples.first()?;
    let name = behaviour::test(words, test);
    let mut lines = vec![words.say_with("check-example", &[("test", &name)])];
    if !matches!(test.expects, Expects::Label(_)) {
        lines.push(format!("  {}: {}", failure.was, failure.before));
    }
    lines.push(format!("  {}: {}", failure.became, failure.after));
    Some(lines.join("\n"))
}
