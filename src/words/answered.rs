//! How far the rows of a file are answered, and what became of them.

use super::{Catalogue, Fill, Number};
use crate::domain::answered::{AnsweredFile, AnsweringRows};
use crate::domain::problem::Problem;

/// From here on whole rows tell a speed well.
const FAST: f64 = 100.0;

/// Says how many rows are done, how fast, and how long the rest will take.
pub fn answering(words: &Catalogue, far: &AnsweringRows) -> String {
    let args: [(&str, &dyn Fill); 2] = [("rows", &far.rows), ("speed", &speed(far.rows_per_sec))];
    let rows = words.say_with("answered-far", &args);
    let Some(left) = far.left_secs else { return rows };
    words.say_with("answered-far-left", &[("far", &rows), ("left", &Number::Clock(left))])
}

/// Says where the answers are.
pub fn answered(words: &Catalogue, answered: &AnsweredFile) -> String {
    let args: [(&str, &dyn Fill); 5] = [
        ("rows", &answered.rows),
        ("data", &answered.data),
        ("file", &answered.file.display()),
        ("time", &Number::Seconds(answered.secs)),
        ("speed", &speed(answered.rows_per_sec())),
    ];
    words.say_with("answered-done", &args)
}

/// Says how many rows have no answer.
pub fn without(answered: &AnsweredFile) -> Problem {
    Problem::new("cli-answers-without").with_count("count", answered.without.count).with("file", &answered.data)
}

fn speed(rows_per_sec: f64) -> Number {
    Number::Decimal(rows_per_sec, if rows_per_sec < FAST { 1 } else { 0 })
}
