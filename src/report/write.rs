//! Which document is made of what was read, and how it becomes a file.

use crate::domain::problem::Outcome;
use crate::domain::report::{ReportFormat, Reported, ReportedRace, ReportedRun};
use crate::words::{Catalogue, shared};

use super::class;
use super::compared;
use super::document::{Block, Document};
use super::handout;
use super::html::html;
use super::parts::heading;
use super::pdf::pdf;
use super::race;
use super::run;

/// The document of what was read, in the language of the words.
pub fn document(words: &Catalogue, reported: &Reported) -> Document {
    let own = match reported {
        Reported::Runs { races, runs } => of_runs(words, races, runs),
        Reported::Class { files, hides_names, grades } => class::class(words, files, grades, *hides_names),
        Reported::Handout { lesson, with_solutions } => handout::handout(words, lesson, *with_solutions),
    };
    let version = env!("CARGO_PKG_VERSION");
    let made_by = words.say_with("report-made-by", &[("version", &version)]);
    Document { language: words.tag(), made_by, ..own }.cleaned()
}

/// The file of a document.
///
/// # Errors
/// `internal-error` where it cannot be put together.
pub fn bytes(document: &Document, format: ReportFormat) -> Outcome<Vec<u8>> {
    match format {
        ReportFormat::Html => html(document).map(String::into_bytes),
        ReportFormat::Pdf => pdf(document),
    }
}

fn of_runs(words: &Catalogue, races: &[ReportedRace], runs: &[ReportedRun]) -> Document {
    match (races, runs) {
        ([], [run]) => of_run(words, run),
        ([race], []) => of_race(words, race),
        _ => of_several(words, races, runs),
    }
}

fn began(words: &Catalogue, started: &str) -> Option<String> {
    (!started.is_empty()).then(|| words.say_with("report-began", &[("started", &started)]))
}

fn of_run(words: &Catalogue, run: &ReportedRun) -> Document {
    let mut facts = vec![run.model.name.clone(), run.data.name.clone()];
    facts.extend(began(words, &run.entry.started));
    let note = (!run.entry.note.is_empty()).then(|| Block::Paragraph(run.entry.note.clone()));
    Document {
        kind: words.say("report-kind-run"),
        title: shared::run_name(words, &run.entry),
        facts,
        blocks: note.into_iter().chain(run::whole(words, run)).collect(),
        ..Document::default()
    }
}

fn of_race(words: &Catalogue, race: &ReportedRace) -> Document {
    let mut blocks = race::race(words, race);
    blocks.push(heading(words, 2, "report-repeat"));
    blocks.extend(race::repeat(words, race));
    blocks.extend(runs_of(words, race));
    let facts = [Some(words.say_with("report-of-runs", &[("runs", &race.rows.len())])), began(words, &race.started)];
    Document {
        kind: words.say("report-kind-race"),
        title: race.name.clone(),
        facts: facts.into_iter().flatten().collect(),
        blocks,
        ..Document::default()
    }
}

/// The runs of a race, each in short.
fn runs_of(words: &Catalogue, race: &ReportedRace) -> Vec<Block> {
    let runs: Vec<&ReportedRun> = race.runs.iter().collect();
    if runs.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![heading(words, 1, "report-each")];
    blocks.extend(compared::comparison(words, &runs, Some(&race.plan)));
    blocks.extend(compared::each(words, 2, &runs));
    blocks
}

fn of_several(words: &Catalogue, races: &[ReportedRace], runs: &[ReportedRun]) -> Document {
    let mut blocks = Vec::new();
    for race in races {
        blocks.push(Block::Heading(1, race.name.clone()));
        blocks.extend(race::race(words, race));
        blocks.extend(race::repeat(words, race));
    }
    let all: Vec<&ReportedRun> = races.iter().flat_map(|race| &race.runs).chain(runs).collect();
    blocks.extend(compared::several(words, &all));
    let count = all.len();
    Document {
        kind: words.say("report-kind-runs"),
        title: words.say("report-compared"),
        facts: vec![words.say_with("report-of-runs", &[("runs", &count)])],
        blocks,
        ..Document::default()
    }
}
