//! A table of answers: the columns of the rows that were asked about, then what was predicted, as a CSV file in UTF-8.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use csv::Writer;

use crate::domain::problem::{Outcome, Problem};

/// Probabilities below this are written with an exponent, so that no digit of theirs is lost.
const LEAST_PLAIN: f32 = 1e-4;

/// Writes rows with their answers.
pub struct AnswerFile<W: Write> {
    rows: Writer<Counting<W>>,
    path: PathBuf,
    classes: usize,
}

/// Counts what is written through it.
struct Counting<W> {
    to: W,
    bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.to.write(bytes)?;
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// What the columns of answers are called: `predicted`, and `p_` with the name of each class.
pub fn usual_names(classes: &[String]) -> impl Iterator<Item = String> {
    std::iter::once("predicted".to_owned()).chain(classes.iter().map(|class| format!("p_{class}")))
}

/// The names of the columns that are added to these. A name that a column has already gets a number, from 2.
pub fn added_columns(columns: &[String], classes: &[String]) -> Vec<String> {
    let mut added: Vec<String> = Vec::with_capacity(classes.len() + 1);
    for name in usual_names(classes) {
        let is_free = |name: &String| !columns.contains(name) && !added.contains(name);
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        added.extend(std::iter::once(name.clone()).chain(numbered).find(is_free));
    }
    added
}

impl<W: Write> AnswerFile<W> {
    /// Writes the header. Problems name the file at `path`.
    ///
    /// # Errors
    /// `file-error`.
    pub fn new(to: W, path: &Path, columns: &[String], classes: &[String]) -> Outcome<Self> {
        let rows = Writer::from_writer(Counting { to, bytes: 0 });
        let mut file = Self { rows, path: path.to_owned(), classes: classes.len() };
        let header: Vec<String> = columns.iter().cloned().chain(added_columns(columns, classes)).collect();
        let written = file.rows.write_record(&header);
        written.map_err(|error| file.failed(error)).map(|()| file)
    }

    /// Writes a row, whose answer is the name of a class and the probability of each. A row without one has empty cells.
    ///
    /// # Errors
    /// `file-error`.
    pub fn write(&mut self, cells: &[String], answer: Option<(&str, &[f64])>) -> Outcome<()> {
        self.push(cells, answer).map_err(|error| self.failed(error))
    }

    fn push(&mut self, cells: &[String], answer: Option<(&str, &[f64])>) -> csv::Result<()> {
        cells.iter().try_for_each(|cell| self.rows.write_field(cell))?;
        match answer {
            Some((label, probabilities)) => {
                self.rows.write_field(label)?;
                probabilities.iter().try_for_each(|p| self.rows.write_field(written(*p)))?;
            }
            None => (0..=self.classes).try_for_each(|_| self.rows.write_field(""))?,
        }
        self.rows.write_record(None::<&[u8]>)
    }

    /// The bytes that were written so far, but for a few that wait.
    pub fn bytes(&self) -> u64 {
        self.rows.get_ref().bytes
    }

    /// Writes what still waits.
    ///
    /// # Errors
    /// `file-error`.
    pub fn finish(mut self) -> Outcome<()> {
        self.rows.flush().map_err(|error| Problem::file(&self.path, &error))
    }

    fn failed(&self, error: csv::Error) -> Problem {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Problem::file(&self.path, &error),
            kind => Problem::internal(format_args!("{kind:?}")),
        }
    }
}

/// A probability in as few digits as tell it from every other number of the model's kind.
fn written(p: f64) -> String {
    let p = p as f32;
    if p < LEAST_PLAIN && p > 0.0 { format!("{p:e}") } else { p.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(of: &[&str]) -> Vec<String> {
        of.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let columns = texts(&["predicted", "text", "p_good", "p_good_2"]);
        let added = added_columns(&columns, &texts(&["good", "good_2", "bad"]));
        assert_eq!(added, ["predicted_2", "p_good_3", "p_good_2_2", "p_bad"]);
        assert_eq!(added_columns(&texts(&["text"]), &texts(&["a"])), ["predicted", "p_a"]);
    }

    #[test]
    fn cells_stay_what_they_are_and_rows_without_an_answer_are_empty() {
        let mut bytes = Vec::new();
        let mut file = AnswerFile::new(&mut bytes, Path::new("a.csv"), &texts(&["text"]), &texts(&["x", "y"])).unwrap();
        file.write(&texts(&["a, \"b\"\nc"]), Some(("x", &[0.999_99, 0.000_01]))).unwrap();
        file.write(&texts(&[""]), None).unwrap();
        file.finish().unwrap();
        let expected = "text,predicted,p_x,p_y\n\"a, \"\"b\"\"\nc\",x,0.99999,1e-5\n,,,\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
