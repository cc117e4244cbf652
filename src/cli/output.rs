//! Standard output and standard error of the program.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::domain::problem::Problem;
use crate::words::{Catalogue, Language};

/// How the program ended, for whoever started it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// Failed, or refused what was asked.
    Failed = 1,
    /// Ended by Ctrl-C or a termination signal.
    Interrupted = 130,
}

/// What the subcommands print with.
pub struct Output {
    pub words: Catalogue,
    pub json: bool,
}

impl Output {
    pub fn new(words: Catalogue, json: bool) -> Self {
        Self { words, json }
    }

    /// Prints a line on standard output.
    ///
    /// # Errors
    /// When standard output is closed or full.
    pub fn line(&self, text: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes())?;
        out.write_all(b"\n")?;
        out.flush()
    }

    /// Prints a value as one line of JSON on standard output.
    ///
    /// # Errors
    /// When standard output is closed or full.
    pub fn json_line(&self, value: &impl Serialize) -> io::Result<()> {
        self.line(&serde_json::to_string(value)?)
    }

    /// Prints the sentence of a problem on standard error.
    pub fn error(&self, problem: &Problem) {
        self.note("cli-error", &self.words.problem(problem));
    }

    pub fn warning(&self, problem: &Problem) {
        self.note("cli-warning", &self.words.problem(problem));
    }

    /// Prints on standard error what no other program reads.
    pub fn note(&self, id: &'static str, sentence: &str) {
        let line = self.words.say_with(id, &[("sentence", &sentence)]);
        // With standard error closed as well there is no one to tell.
        writeln!(io::stderr(), "{line}").ok();
    }

    /// Whether someone sits before it and may see progress bars.
    pub fn is_watched(&self) -> bool {
        !self.json && io::stdout().is_terminal() && io::stderr().is_terminal()
    }
}

/// Whether the reader of standard output has left, as `head` does: no error, only the end of the work.
pub fn is_closed_pipe(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

/// The sentence for machines and logs: always English.
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
