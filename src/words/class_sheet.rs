//! The sheet of what a class handed in, in words: the same in the window, in its CSV file and in the terminal's.

use super::numbers::{Number, clock, ratio};
use super::{Catalogue, shared};
use crate::domain::freeze::Freeze;
use crate::domain::lesson::sheet::{Cell, Column, Fact, Sheet, Total, total};
use crate::domain::lesson::{Bundle, Grades, Text};
use crate::domain::spreadsheet::{Table, number};

/// What a fact is called.
pub fn fact(words: &Catalogue, fact: &Fact) -> String {
    words.say(match fact {
        Fact::Answer => "lesson-head-answer",
        Fact::Right => "lesson-head-right",
        Fact::FirstAnswer => "sheet-first-answer",
        Fact::Attempts => "sheet-attempts",
        Fact::AnswerSecs => "sheet-answer-secs",
        Fact::Points => "sheet-points",
        Fact::GuessedAccuracy => "sheet-guessed-accuracy",
        Fact::Accuracy => "lesson-head-accuracy",
        Fact::GuessedSecs => "sheet-guessed-secs",
        Fact::TrainSecs => "sheet-train-secs",
        Fact::Refused => "sheet-refused",
        Fact::Race(name) => {
            let strategy = strategy(words, name);
            return words.say_with("sheet-race", &[("strategy", &strategy)]);
        }
    })
}

/// What people call a strategy of a race.
pub fn strategy(words: &Catalogue, name: &str) -> String {
    Freeze::parse_name(name).map_or_else(|| name.to_owned(), |freeze| shared::freezing(words, &freeze))
}

/// The number and the title of a step: "2. Which layer?"
pub fn step_title(words: &Catalogue, step: usize, title: &Text) -> String {
    format!("{}. {}", step + 1, title.tongue(words.tag()))
}

/// "2. Which layer? · answer"
pub fn heading(words: &Catalogue, column: &Column) -> String {
    format!("{} · {}", step_title(words, column.step, &column.title), fact(words, &column.fact))
}

/// A cell as it is shown.
pub fn shown(words: &Catalogue, cell: &Cell) -> String {
    match cell {
        Cell::Ratio(x) => ratio(*x),
        Cell::Secs(secs) if *secs < 60.0 => words.write(Number::Seconds(*secs)),
        Cell::Secs(secs) => clock(*secs),
        other => exact(words, other),
    }
}

/// A cell as a file has it: times to a tenth of a second, other numbers to the last bit, texts in full.
pub fn exact(words: &Catalogue, cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Choice(number, text) => format!("{number}. {}", text.tongue(words.tag())),
        Cell::Count(n) => n.to_string(),
        Cell::Ratio(x) => number(*x),
        Cell::Secs(secs) => number((secs * 10.0).round() / 10.0),
        Cell::IsRight(right) => words.say(if *right { "lesson-right" } else { "lesson-not-right" }),
        Cell::Refused(problem) => words.problem(problem),
    }
}

/// The sheet for grading, whose columns have names. `name` says what a student is called; `None` for one whose name and
/// number are hidden.
pub fn table(
    words: &Catalogue,
    bundles: Vec<&Bundle>,
    grades: &Grades,
    name: &dyn Fn(usize) -> Option<String>,
) -> Table {
    let sheet = Sheet::of(bundles, grades);
    let has_points = sheet.bundles.iter().any(|bundle| total(bundle, grades).is_some());
    let mut heads = ["lesson-head-student", "sheet-number", "sheet-lesson", "sheet-version", "sheet-saved"].to_vec();
    if has_points {
        heads.extend(["sheet-total", "sheet-most", "sheet-ungraded"]);
    }
    let heads = heads.into_iter().map(|id| words.say(id));
    let mut table = Table::new(heads.chain(sheet.columns.iter().map(|column| heading(words, column))));
    for (row, bundle) in sheet.bundles.iter().enumerate() {
        let (name, number) = match name(row) {
            Some(hidden) => (hidden, String::new()),
            None => (bundle.student.clone(), bundle.student_number.clone()),
        };
        let mut cells = vec![name, number, bundle.lesson.clone(), bundle.lesson_hash.clone(), bundle.saved.clone()];
        if has_points {
            let total = total(bundle, grades);
            let written = |of: fn(&Total) -> String| total.as_ref().map(of).unwrap_or_default();
            cells.push(written(|total| total.earned.to_string()));
            cells.push(written(|total| total.most.to_string()));
            cells.push(written(|total| total.ungraded.to_string()));
        }
        cells.extend((0..sheet.columns.len()).map(|column| exact(words, &sheet.cell(row, column))));
        table.rows.push(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_file_for_grading_has_times_to_a_tenth_of_a_second() {
        let words = Catalogue::new(Language::English);
        for (secs, written) in [(12.363_923_21, "12.4"), (0.000_000_711, "0"), (75.0, "75")] {
            assert_eq!(exact(&words, &Cell::Secs(secs)), written);
        }
        assert_eq!(exact(&words, &Cell::Ratio(0.5125)), "0.5125");
    }
}
