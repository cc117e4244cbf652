//! `thaw data`: what a data file holds, how it is read and divided, and what is not as it should be in it.

use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use crate::domain::dataset::{ColumnChoice, DatasetSummary, LabelCount, TableFormat, TokenLengths};
use crate::domain::health::{Finding, FoundRow, LISTED_ROWS};
use crate::domain::legibility::Legibility;
use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::params::ParamTree;
use crate::words::numbers::count;
use crate::words::{Catalogue, Fill, Number, health, shared};
use crate::worker::Worker;

use super::args::DataCard;
use super::ask::{ask_and_hear, other_answer, wait};
use super::bars::Bars;
use super::models::obtain;
use super::output::{Exit, Output};
use super::table::{Table, pad_right, shorten};

/// So many rows are shown behind each finding unless asked otherwise.
const SHOWN_ROWS: usize = 3;
/// A table of labels has so many rows; where there are more labels, it shows the rarest.
const MOST_LABELS: usize = 20;
const LABEL_WIDTH: usize = 24;
const TEXT_WIDTH: usize = 80;

/// What is known of the data once a model has read them.
struct Card {
    data: Arc<DatasetSummary>,
    tree: Arc<ParamTree>,
    legibility: Arc<Legibility>,
    lengths: Arc<TokenLengths>,
}

pub fn card(output: &Output, mut args: DataCard) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    let Some(model) = obtain(output, &worker, args.model.take())? else { return Ok(Exit::Interrupted) };
    let (rows, max_length) = (args.rows, args.max_length());
    let config = args.into_config();
    config.check()?;
    let mut bars = Bars::new(output);
    let question = Question::Dataset { config: Box::new(config.data), max_length };
    let data = match ask_and_hear(&worker, question, |event| bars.follow(event))? {
        Answer::Dataset(data) => data,
        Answer::DataRefused(refused) => return Err(refused.problem.into()),
        _ => return Err(other_answer()),
    };
    let Answer::Model(tree) = ask_and_hear(&worker, Question::Model(model), |event| bars.follow(event))? else {
        return Err(other_answer());
    };
    let (mut legibility, mut lengths) = (None, None);
    let (legibility, lengths) = wait(&worker, |event| {
        bars.follow(&event);
        match event {
            Event::Notice(Notice::Legibility(found)) => legibility = Some(found),
            Event::Notice(Notice::TokenLengths(found)) if found.done >= found.total => lengths = Some(found),
            _ => {}
        }
        Ok(legibility.clone().zip(lengths.clone()))
    })?;
    drop(bars);
    let card = Card { data, tree, legibility, lengths };
    if output.json {
        output.json_line(&card.to_json(rows.unwrap_or(LISTED_ROWS)))?;
    } else {
        output.line(&card.text(&output.words, rows.unwrap_or(SHOWN_ROWS)))?;
    }
    Ok(Exit::Done)
}

impl Card {
    fn findings(&self) -> Vec<Finding> {
        let of_model = self.legibility.findings(&self.tree.facts.name);
        let mut findings: Vec<Finding> = self.data.findings.iter().cloned().chain(of_model).collect();
        findings.sort_by_key(|finding| finding.found.rank());
        findings
    }

    fn to_json(&self, rows: usize) -> Value {
        let Self { data, tree, legibility, lengths } = self;
        let finding = |mut finding: Finding| {
            finding.rows.truncate(rows);
            finding
        };
        let findings: Vec<Finding> = self.findings().into_iter().map(finding).collect();
        let label = |(i, label): (usize, &LabelCount)| {
            let split = &data.split;
            json!({
                "label": label.label,
                "rows": label.count,
                "train": split.train[i],
                "validation": split.validation[i],
                "test": split.test[i],
            })
        };
        let (train, validation, test) = data.split.totals();
        let column = |place: usize| data.columns[place].as_str();
        json!({
            "file": data.name,
            "path": data.path.as_ref().map(|path| path.to_string_lossy().into_owned()),
            "format": data.format.name(),
            "sheet": data.sheet,
            "encoding": data.encoding,
            "encoding_guessed": data.encoding_guessed,
            "delimiter": (data.format == TableFormat::Delimited).then_some(data.delimiter),
            "quoting": (data.format == TableFormat::Delimited).then_some(data.quoting),
            "header": !data.headless,
            "columns": data.columns,
            "text_column": column(data.text_column),
            "text_column_by": data.text_by.name(),
            "second_text_column": data.second_text_column.map(column),
            "label_column": column(data.label_column),
            "label_column_by": data.label_by.name(),
            "rows": data.rows,
            "skipped_rows": data.skipped.count,
            "labels": data.labels.iter().enumerate().map(label).collect::<Vec<_>>(),
            "split": { "train": train, "validation": validation, "test": test },
            "fingerprint": format!("{:016x}", data.content_hash),
            "model": tree.facts.name,
            "tokens": {
                "max_length": lengths.max_length,
                "median": lengths.median(),
                "longest": lengths.longest(),
                "cut": lengths.cut,
            },
            "unknown_words": legibility.unknown_share(),
            "findings": findings,
        })
    }

    fn text(&self, words: &Catalogue, rows: usize) -> String {
        let Self { data, lengths, .. } = self;
        let mut lines = vec![("cli-data", self.file(words)), ("cli-card-columns", columns(words, data))];
        let (train, validation, test) = data.split.totals();
        let split = [("train", &train as &dyn Fill), ("validation", &validation), ("test", &test)];
        lines.push(("cli-split", words.say_with("cli-split-line", &split)));
        lines.push((
            "cli-card-lengths",
            words.say_with(
                "cli-card-lengths-line",
                &[
                    ("median", &lengths.median()),
                    ("longest", &lengths.longest()),
                    ("cut", &lengths.cut),
                    ("most", &lengths.max_length),
                    ("model", &self.tree.facts.name),
                ],
            ),
        ));
        let unknown = Number::FinePercent(self.legibility.unknown_share());
        lines.push(("cli-card-unknown", words.say_with("cli-card-unknown-line", &[("share", &unknown)])));
        let mut text = super::report::named_lines(words, &lines);
        text += &format!("\n{}\n", self.labels(words));
        for note in &data.notes {
            text += &format!("\n{}", words.problem(note));
        }
        for line in shared::reading(words, data) {
            text += &format!("\n{line}");
        }
        let findings = self.findings();
        if findings.is_empty() {
            return text + &format!("\n{}", words.say("health-well"));
        }
        text += &format!("\n{}", words.say_with("health-title", &[("count", &findings.len())]));
        for finding in &findings {
            text += &finding_lines(words, finding, rows);
        }
        text
    }

    fn file(&self, words: &Catalogue) -> String {
        let data = &self.data;
        let encoding = shared::format(words, data);
        words.say_with(
            "cli-card-file-line",
            &[("name", &data.name), ("rows", &data.rows), ("skipped", &data.skipped.count), ("encoding", &encoding)],
        )
    }

    /// The labels with their rows; of very many the rarest.
    fn labels(&self, words: &Catalogue) -> String {
        let data = &self.data;
        let mut shown: Vec<usize> = (0..data.labels.len()).collect();
        if shown.len() > MOST_LABELS {
            shown.sort_by_key(|label| data.labels[*label].count);
            shown.truncate(MOST_LABELS);
        }
        let parts = &data.split;
        let table = Table::of(shown.iter().copied())
            .left(words.say("cli-card-label"), |label| shorten(&data.labels[*label].label, LABEL_WIDTH))
            .right(words.say("cli-card-rows"), |label| count(data.labels[*label].count))
            .right(words.say("cli-card-train"), |label| count(parts.train[*label]))
            .right(words.say("cli-card-validation"), |label| count(parts.validation[*label]))
            .right(words.say("cli-card-test"), |label| count(parts.test[*label]));
        let rarest = words.say_with("cli-card-rarest", &[("shown", &shown.len()), ("labels", &data.labels.len())]);
        let more = if shown.len() < data.labels.len() { format!("{rarest}\n") } else { String::new() };
        more + &table.text()
    }
}

/// The columns of texts and labels, each with why it was chosen.
fn columns(words: &Catalogue, data: &DatasetSummary) -> String {
    let why = |by: ColumnChoice, of_content: &'static str| match by {
        ColumnChoice::Given => words.say("cli-card-by-given"),
        ColumnChoice::Name => words.say("cli-card-by-name"),
        ColumnChoice::Content => words.say(of_content),
    };
    words.say_with(
        "cli-card-columns-line",
        &[
            ("text", &shared::text_columns(data)),
            ("first", &why(data.text_by, "cli-card-by-longest")),
            ("label", &data.columns[data.label_column]),
            ("second", &why(data.label_by, "cli-card-by-fewest")),
            ("columns", &data.columns.len()),
        ],
    )
}

/// A finding with its first rows, each on a line.
fn finding_lines(words: &Catalogue, finding: &Finding, rows: usize) -> String {
    let mark = if finding.found.is_warning() { "!" } else { "·" };
    let mut text = format!("\n{mark} {}", health::finding(words, finding));
    let shown = &finding.rows[..rows.min(finding.rows.len())];
    let places: Vec<String> = shown.iter().map(|row| health::place(words, row)).collect();
    let widest = places.iter().map(|place| place.width()).max().unwrap_or(0);
    let of_row = |(row, place): (&FoundRow, &String)| {
        let label = pad_right(&shorten(&row.label, LABEL_WIDTH), label_width(shown));
        format!("\n    {}  {label}  {}", pad_right(place, widest), shorten(&row.texts(), TEXT_WIDTH))
    };
    text.extend(shown.iter().zip(&places).map(of_row));
    if finding.rows.len() > shown.len() && !shown.is_empty() {
        text += &format!("\n    {}", words.say("cli-card-more"));
    }
    text
}

fn label_width(rows: &[FoundRow]) -> usize {
    let width = |row: &FoundRow| row.label.width().min(LABEL_WIDTH);
    rows.iter().map(width).max().unwrap_or(0)
}
