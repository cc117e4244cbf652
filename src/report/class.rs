//! The report of a class: what students handed in, their guesses against the truth, and their answers.

use crate::domain::config::Guess;
use crate::domain::lesson::sheet::{Fact, choice, total, value};
use crate::domain::lesson::{Bundle, BundledStep, Grades, Question, QuestionKind};
use crate::domain::stored::OpenedBundle;
use crate::words::class_files::{students, versions};
use crate::words::numbers::{count, ratio};
use crate::words::{Catalogue, Number, class_sheet};

use super::document::{Block, Document, Headline, Picture, Table};
use super::markdown;
use super::parts::{heading, left, right};
use super::pictures::{answers, guesses};

/// A file that was handed in, with what its student is called.
type Handed<'a> = (&'a Bundle, String);

pub fn class(words: &Catalogue, files: &[OpenedBundle], grades: &Grades, hides_names: bool) -> Document {
    let students = students(files);
    let versions = versions(files, &students, hides_names);
    let named = |file: &OpenedBundle| {
        let student = files.iter().position(|other| other.file == file.file).and_then(|at| students.get(at));
        student.map(|student| student.name(hides_names, words)).unwrap_or_default()
    };
    let mut blocks = Vec::new();
    for version in &versions {
        if versions.len() > 1 {
            blocks.push(Block::Heading(1, title(words, version.any(), version.letter)));
        }
        let handed: Vec<Handed<'_>> = version.files.iter().map(|file| (&*file.bundle, named(file))).collect();
        blocks.extend(of_version(words, &handed, grades, hides_names));
    }
    let mut titles: Vec<&str> = versions.iter().map(|version| version.any().title.tongue(words.tag())).collect();
    titles.dedup();
    let mut people: Vec<String> = students.iter().map(|student| student.base(hides_names, words)).collect();
    people.sort_unstable();
    people.dedup();
    Document {
        kind: words.say("class-kind"),
        title: titles.join(", "),
        facts: vec![words.say_with("answers-students", &[("count", &people.len())])],
        blocks,
        ..Document::default()
    }
}

fn title(words: &Catalogue, bundle: &Bundle, letter: Option<char>) -> String {
    let letter = letter.map(|letter| words.say_with("desk-version", &[("letter", &letter.to_string())]));
    let parts = [Some(bundle.title.tongue(words.tag()).to_owned()), letter];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn of_version(words: &Catalogue, version: &[Handed<'_>], grades: &Grades, hides_names: bool) -> Vec<Block> {
    let mut blocks = vec![Block::Figures(headlines(words, version, grades))];
    blocks.push(heading(words, 2, "class-results"));
    blocks.push(Block::Table(results(words, version, grades, hides_names)));
    let Some((first, _)) = version.first() else { return blocks };
    let asked: Vec<usize> = (0..first.steps.len()).filter(|at| is_asked(version, *at)).collect();
    if let Some(guesses) = guessed(words, version) {
        blocks.push(heading(words, 2, "class-guesses"));
        blocks.extend(guesses);
    }
    if !asked.is_empty() {
        blocks.push(heading(words, 2, "class-answers"));
    }
    for at in asked {
        blocks.extend(step(words, version, at, grades));
    }
    blocks
}

fn of_step<'a>(version: &'a [Handed<'_>], at: usize) -> impl Iterator<Item = (&'a Bundle, &'a str, &'a BundledStep)> {
    version.iter().filter_map(move |(bundle, name)| Some((*bundle, name.as_str(), bundle.steps.get(at)?)))
}

/// Whether some student was asked something in the step.
fn is_asked(version: &[Handed<'_>], at: usize) -> bool {
    of_step(version, at).any(|(.., step)| step.question.is_some())
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn headlines(words: &Catalogue, version: &[Handed<'_>], grades: &Grades) -> Vec<Headline> {
    let figure = |id: &'static str, value: Option<String>, detail: String| Headline {
        name: words.say(id),
        value: value.unwrap_or_else(|| words.say("report-no-figure")),
        detail,
    };
    let totals: Vec<_> = version.iter().filter_map(|(bundle, _)| total(bundle, grades)).collect();
    let earned: Vec<f64> = totals.iter().map(|total| f64::from(total.earned)).collect();
    let most = totals.iter().map(|total| total.most).max();
    let ungraded: usize = totals.iter().map(|total| total.ungraded).sum();
    let judged: Vec<bool> =
        version.iter().flat_map(|(bundle, _)| &bundle.steps).filter_map(|step| step.work.right).collect();
    let right = judged.iter().filter(|right| **right).count();
    let best: Vec<f64> = version
        .iter()
        .filter_map(|(bundle, _)| bundle.steps.iter().filter_map(|step| step.work.best_accuracy()).reduce(f64::max))
        .collect();
    let share = (!judged.is_empty()).then(|| words.write(Number::Percent(right as f64 / judged.len() as f64)));
    let of_right = words.say_with("answers-right", &[("right", &right), ("count", &judged.len())]);
    let mut figures = vec![figure("class-files", Some(count(version.len())), String::new())];
    if let Some(most) = most {
        let detail = words.say_with("class-points-detail", &[("most", &u64::from(most)), ("ungraded", &ungraded)]);
        figures.push(figure("class-points", mean(&earned).map(|mean| words.write(Number::Decimal(mean, 1))), detail));
    }
    figures.push(figure("class-right", share, of_right));
    figures.push(figure("class-best", mean(&best).map(ratio), words.say("class-best-detail")));
    figures
}

/// A row for each file.
fn results(words: &Catalogue, version: &[Handed<'_>], grades: &Grades, hides_names: bool) -> Table {
    let has_points = version.iter().any(|(bundle, _)| total(bundle, grades).is_some());
    let has_numbers = !hides_names && version.iter().any(|(bundle, _)| !bundle.student_number.trim().is_empty());
    let mut columns = vec![left(words, "lesson-head-student")];
    columns.extend(has_numbers.then(|| left(words, "sheet-number")));
    columns.push(left(words, "sheet-saved"));
    if has_points {
        columns.extend([right(words, "sheet-points"), right(words, "sheet-most"), right(words, "sheet-ungraded")]);
    }
    columns.extend([right(words, "class-right"), right(words, "class-best")]);
    let mut table = Table::new(columns);
    for (bundle, name) in version {
        let mut row = vec![name.clone()];
        row.extend(has_numbers.then(|| bundle.student_number.clone()));
        row.push(bundle.saved.clone());
        if has_points {
            let total = total(bundle, grades).unwrap_or_default();
            row.extend([total.earned.to_string(), total.most.to_string(), total.ungraded.to_string()]);
        }
        let judged: Vec<bool> = bundle.steps.iter().filter_map(|step| step.work.right).collect();
        let hits = judged.iter().filter(|right| **right).count();
        let best = bundle.steps.iter().filter_map(|step| step.work.best_accuracy()).reduce(f64::max);
        row.push(if judged.is_empty() { String::new() } else { format!("{hits} / {}", judged.len()) });
        row.push(best.map(ratio).unwrap_or_default());
        table.rows.push(row);
    }
    table
}

/// What students guessed of their runs, beside what came out.
fn guessed(words: &Catalogue, version: &[Handed<'_>]) -> Option<Vec<Block>> {
    let mut table = Table::new([
        left(words, "lesson-head-student"),
        left(words, "lesson-head-step"),
        right(words, "sheet-guessed-accuracy"),
        right(words, "lesson-head-accuracy"),
        right(words, "sheet-guessed-secs"),
        right(words, "sheet-train-secs"),
    ]);
    let mut points = Vec::new();
    for (bundle, name) in version {
        for (at, step) in bundle.steps.iter().enumerate() {
            let work = &step.work;
            let Some(Guess { accuracy, secs }) = work.guess else { continue };
            let reached = work.best_accuracy();
            points.extend(accuracy.zip(reached));
            let seconds = |secs: Option<f64>| secs.map(|secs| words.write(Number::Seconds(secs))).unwrap_or_default();
            table.rows.push(vec![
                name.clone(),
                (at + 1).to_string(),
                accuracy.map(ratio).unwrap_or_default(),
                reached.map(ratio).unwrap_or_default(),
                seconds(secs),
                seconds(work.train_secs),
            ]);
        }
    }
    if table.rows.is_empty() {
        return None;
    }
    let svg =
        guesses(words, &points).map(|svg| Block::Picture(Picture { svg, caption: words.say("class-guesses-caption") }));
    Some(svg.into_iter().chain([Block::Table(table)]).collect())
}

/// The question of a step and what was answered.
fn step(words: &Catalogue, version: &[Handed<'_>], at: usize, grades: &Grades) -> Vec<Block> {
    let Some((_, _, first)) = of_step(version, at).find(|(.., step)| step.question.is_some()) else {
        return Vec::new();
    };
    let Some(question) = &first.question else { return Vec::new() };
    let mut blocks = vec![Block::Heading(3, class_sheet::step_title(words, at, &first.title))];
    let text = first.text.tongue(words.tag());
    if !text.trim().is_empty() {
        blocks.push(Block::Paragraph(markdown::in_a_line(text)));
    }
    let given: Vec<(String, &str)> = of_step(version, at)
        .filter(|(.., step)| !step.work.answer.trim().is_empty())
        .map(|(_, name, step)| (step.work.answer.trim().to_owned(), name))
        .collect();
    if given.is_empty() {
        blocks.push(Block::Aside(words.say("class-no-answer")));
        return blocks;
    }
    match question.kind {
        QuestionKind::Choice => {
            let rows = chosen(words, question, &given);
            blocks.push(Block::Picture(Picture { svg: answers(words, &rows), caption: String::new() }));
        }
        QuestionKind::Number => blocks.extend(numbers(words, question, &given)),
        QuestionKind::Text => {
            let mut table = Table::new([
                left(words, "lesson-head-student"),
                left(words, "lesson-head-answer"),
                right(words, "sheet-points"),
            ]);
            for (bundle, name, step) in of_step(version, at).filter(|(.., step)| !step.work.answer.trim().is_empty()) {
                let points = class_sheet::shown(words, &value(bundle, at, step, &Fact::Points, grades));
                table.rows.push(vec![name.to_owned(), step.work.answer.trim().to_owned(), points]);
            }
            blocks.push(Block::Table(table));
        }
    }
    let explanation = question.explanation.as_ref().filter(|text| text.is_there());
    blocks.extend(explanation.map(|text| Block::Aside(markdown::in_a_line(text.tongue(words.tag())))));
    blocks
}

/// How many chose each answer, and which is right.
fn chosen(words: &Catalogue, question: &Question, given: &[(String, &str)]) -> Vec<(String, usize, bool)> {
    let of = |number: usize| {
        given.iter().filter(|(answer, _)| choice(question, answer).is_some_and(|(own, _)| own == number)).count()
    };
    let row = |(number, text): (usize, &crate::domain::lesson::Text)| {
        let is_right = question.right == Some(number as f64);
        (format!("{number}. {}", markdown::in_a_line(text.tongue(words.tag()))), of(number), is_right)
    };
    (1..).zip(&question.choices).map(row).collect()
}

/// The numbers that were answered, the most frequent first.
fn numbers(words: &Catalogue, question: &Question, given: &[(String, &str)]) -> Vec<Block> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for (answer, _) in given {
        match counts.iter_mut().find(|(own, _)| own == answer) {
            Some((_, count)) => *count += 1,
            None => counts.push((answer, 1)),
        }
    }
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let mut table = Table::new([
        right(words, "lesson-head-answer"),
        right(words, "class-students"),
        left(words, "lesson-head-right"),
    ]);
    table.rows = counts
        .into_iter()
        .map(|(answer, students)| {
            let is_right = question
                .is_right(answer)
                .map(|right| words.say(if right { "lesson-right" } else { "lesson-not-right" }));
            vec![answer.to_owned(), students.to_string(), is_right.unwrap_or_default()]
        })
        .collect();
    let right = question.right.map(|right| words.say_with("handout-right", &[("answer", &right.to_string())]));
    right.map(Block::Paragraph).into_iter().chain([Block::Table(table)]).collect()
}
