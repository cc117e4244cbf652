//! Standard output and standard error of the program.

use std::cell::Cell;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::domain::problem::Problem;
use crate::words::{Catalogue, Language};

/// The program's exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// The work failed, or the program refused it.
    Failed = 1,
    /// Ctrl-C or a termination signal ended the work.
    Interrupted = 130,
}

/// What the subcommands print with.
pub struct Output {
    pub words: Catalogue,
    pub json: bool,
    /// Whether the work goes on when the reader of standard output has left, as `head` does: what it makes is a folder, and
    /// only its printing is lost.
    pub outlives_reader: Cell<bool>,
}

impl Output {
    /// Prints a line on standard output.
    ///
    /// # Errors
    /// Those of the system when standard output is closed or full.
    pub fn line(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let printed = writeln!(out, "{text}").and_then(|()| out.flush());
        printed.or_else(|e| if is_closed_pipe(&e) && self.outlives_reader.get() { Ok(()) } else { Err(e) })
    }

    /// Prints a value as one line of JSON on standard output.
    ///
    /// # Errors
    /// Those of the system when standard output is closed or full.
    pub fn json_line(&self, value: &impl Serialize) -> io::Result<()> {
        self.line(&serde_json::to_string(value)?)
    }

    /// Prints a result: for programs its value as a line of JSON, for people its text.
    ///
    /// # Errors
    /// Those of the system when standard output is closed or full.
    pub fn result(&self, value: &impl Serialize, text: &str) -> io::Result<()> {
        if self.json { self.json_line(value) } else { self.line(text) }
    }

    /// Prints the end of a run, race or sweep as a line of JSON, in which the error is an English sentence.
    ///
    /// # Errors
    /// Those of the system when standard output is closed or full.
    pub fn json_end(&self, end: &impl Serialize, error: Option<&Problem>) -> io::Result<()> {
        let mut line = serde_json::to_value(end)?;
        line["error"] = error.map(english).into();
        self.json_line(&line)
    }

    /// Prints the sentence of a problem on standard error, and faintly below it what the system or a parser said.
    pub fn error(&self, problem: &Problem) {
        self.problem("cli-error", problem);
    }

    pub fn warning(&self, problem: &Problem) {
        self.problem("cli-warning", problem);
    }

    fn problem(&self, id: &'static str, problem: &Problem) {
        self.note(id, &self.words.sentence(problem));
        if let Some(original) = problem.original() {
            writeln!(io::stderr(), "{}", console::style(format!("  ({original})")).for_stderr().dim()).ok();
        }
    }

    /// Prints on standard error what no other program reads.
    pub fn note(&self, id: &'static str, sentence: &str) {
        let line = self.words.say_with(id, &[("sentence", &sentence)]);
        // Where standard error is closed as well no one reads this.
        writeln!(io::stderr(), "{line}").ok();
    }

    /// Cells in a line of the terminal, or what `COLUMNS` says; a file or another program takes lines of any length.
    pub fn width(&self) -> usize {
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let seen = || io::stdout().is_terminal().then(|| console::Term::stdout().size_checked()).flatten();
        told.or_else(|| seen().map(|(_, columns)| columns.into())).unwrap_or(usize::MAX)
    }

    /// Whether someone sits before the terminal and may see progress bars.
    pub fn is_watched(&self) -> bool {
        !self.json && io::stdout().is_terminal() && io::stderr().is_terminal()
    }
}

/// Whether the reader of standard output has left, as `head` does. That is no failure, only the end of the work.
pub fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

/// Standard output took no more, as a file on a full disk does.
pub fn output_failed(error: &io::Error) -> Problem {
    Problem::new("cli-output-failed").with_original(error)
}

/// The English sentence, for machines and logs.
pub fn english(problem: &Problem) -> String {
    Catalogue::new(Language::English).problem(problem)
}

/// Prints log lines on standard error; `THAW_LOG` chooses the least level shown (`error`, `warn`, `info`, `debug`, `trace`).
pub fn install_log() {
    let log = env_logger::Builder::new()
        .filter_level(log::LevelFilter::Error)
        .parse_env("THAW_LOG")
        .format(|line, record| {
            let level = record.level().as_str().to_lowercase();
            writeln!(line, "{level} [{}] {}", record.target(), record.args())
        })
        .try_init();
    if let Err(e) = log {
        log::debug!("another logger is at work: {e}");
    }
    std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
}
