//! What a list tells of a run's files without reading all of them: how far the run came, and what is wrong.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::domain::message::{RunEvent, Step};
use crate::domain::problem::Problem;

use super::sound::Soundness;
use super::writer::{SPLITS, STEPS};

/// A log up to this size is read line by line.
const WHOLE_BYTES: u64 = 32 << 20;
/// Of a longer log only the first line and this many bytes of its end are read.
const TAIL_BYTES: u64 = 64 << 10;
/// The beginning of a step's line.
const STEP: &[u8] = br#"{"event":"step","#;

/// How far a log goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The last optimiser step.
    pub step: usize,
    /// The optimiser steps of the whole run, which the first line has.
    pub total_steps: Option<usize>,
    /// Lines that cannot be read, or cannot be true.
    pub bad_lines: usize,
}

/// Reads a log, or the ends of a long one. A last line that was cut off as it was written is no bad one.
///
/// # Errors
/// Those of the file.
pub fn survey(path: &Path) -> io::Result<Survey> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut told = Survey::default();
    if bytes <= WHOLE_BYTES {
        return read_lines(file, &mut told, true).map(|()| told);
    }
    let mut first = Vec::new();
    BufReader::new(&file).take(TAIL_BYTES).read_until(b'\n', &mut first)?;
    read_lines(&first[..], &mut told, true)?;
    file.seek(SeekFrom::End(-(TAIL_BYTES as i64)))?;
    // The first of the last lines has no beginning.
    read_lines(file, &mut told, false)?;
    Ok(told)
}

fn read_lines(from: impl io::Read, told: &mut Survey, is_whole: bool) -> io::Result<()> {
    let (mut lines, mut line) = (BufReader::new(from), Vec::new());
    let mut soundness = Soundness::default();
    for number in 0.. {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if number == 0 && !is_whole {
            continue;
        }
        // There are many steps, and they have few fields, which are read faster by themselves.
        let event = match line.starts_with(STEP) {
            true => serde_json::from_slice::<Step>(&line).map(RunEvent::Step),
            false => serde_json::from_slice::<RunEvent>(&line),
        };
        // The end of a log cannot be checked against the labels, which stand at its beginning.
        match event {
            Ok(event) if soundness.takes(&event) || !is_whole => match event {
                RunEvent::Step(step) => told.step = told.step.max(step.step),
                RunEvent::RunStarted(started) => told.total_steps = Some(started.total_steps),
                _ => {}
            },
            Err(_) if !line.ends_with(b"\n") => {}
            _ => told.bad_lines += 1,
        }
    }
    Ok(())
}

/// What is wrong with the log and the rows of a run's folder, and how far the log goes.
pub fn inspect(dir: &Path) -> (Survey, Vec<Problem>) {
    let log = dir.join(STEPS);
    let mut wrong = Vec::new();
    let told = match survey(&log) {
        Ok(told) => told,
        Err(e) => {
            wrong.push(absent_or_unreadable(&log, &e));
            Survey::default()
        }
    };
    if told.bad_lines > 0 {
        wrong.push(Problem::new("run-bad-lines").with("file", STEPS).with_count("count", told.bad_lines));
    }
    let splits = dir.join(SPLITS);
    match is_whole_object(&splits) {
        Ok(true) => {}
        Ok(false) => wrong.push(damaged(&splits)),
        Err(e) => wrong.push(absent_or_unreadable(&splits, &e)),
    }
    (told, wrong)
}

/// Whether a file begins and ends as JSON does, which costs nothing where its middle is long.
fn is_whole_object(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut first = [0];
    file.read_exact(&mut first).or_else(|e| if e.kind() == io::ErrorKind::UnexpectedEof { Ok(()) } else { Err(e) })?;
    let bytes = file.metadata()?.len();
    file.seek(SeekFrom::Start(bytes.saturating_sub(8)))?;
    let mut end = Vec::new();
    file.take(8).read_to_end(&mut end)?;
    Ok(first == *b"{" && end.trim_ascii_end().ends_with(b"}"))
}

/// The problem of a file whose content is not what Thaw writes there.
pub fn damaged(path: &Path) -> Problem {
    Problem::new("run-file-damaged").with("file", name(path))
}

/// The problem of a file that is not there.
pub fn missing(path: &Path) -> Problem {
    Problem::new("run-file-missing").with("file", name(path))
}

fn absent_or_unreadable(path: &Path, error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::NotFound { missing(path) } else { Problem::file(path, error) }
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
