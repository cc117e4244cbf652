//! A run as TensorBoard's event files: its numbers as scalars, its matrices as images, its settings and card as texts.

mod growing;
mod image;
mod messages;
mod record;

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use chrono::{Local, NaiveDateTime, TimeZone as _};

use crate::domain::layers::{LayerStats, MeasuredParameter};
use crate::domain::message::RunEvent;
use crate::domain::metrics::Confusion;
use crate::domain::params::Part;
use crate::domain::problem::{Outcome, Problem};

use super::settings::RunSettings;
pub use growing::GrowingBoard;
use messages::{Event, Value};

/// Times in settings are written so.
const STARTED: &str = "%Y-%m-%d %H:%M";
/// TensorBoard reads this version of its files.
const FILE_VERSION: &str = "brain.Event:2";

/// An event file that is being written.
#[derive(Debug)]
pub struct Board<W> {
    to: W,
    scribe: Scribe,
}

/// An event file that grows with a run.
pub type BoardFile = Board<BufWriter<File>>;

/// It turns a run's events into those of TensorBoard.
#[derive(Debug)]
struct Scribe {
    /// Seconds from 1970 to the run's first batch.
    began: f64,
    labels: Vec<String>,
    /// The parts that the samples of the layers are about, once those are known.
    groups: Vec<(String, Vec<usize>)>,
    parameters: Vec<MeasuredParameter>,
    /// The last step so far, and the second that it was in.
    step: i64,
    secs: f64,
}

impl Board<BufWriter<File>> {
    /// Makes the event file of a run in `folder`, which may not be there yet, and writes what is known before the first step.
    ///
    /// # Errors
    /// `disk-full`, `file-error`.
    pub fn create(folder: &Path, settings: &RunSettings) -> Outcome<Self> {
        fs::create_dir_all(folder).map_err(|e| Problem::file(folder, &e))?;
        let path = folder.join(file_name(settings));
        let file = File::create(&path).map_err(|e| Problem::file(&path, &e))?;
        Self::begin(BufWriter::new(file), settings).map_err(|e| Problem::file(&path, &e))
    }
}

/// The name of a run's event file. TensorBoard knows such files by the word in its middle, and orders them by the number.
pub fn file_name(settings: &RunSettings) -> String {
    format!("events.out.tfevents.{:010}.thaw", began(settings) as u64)
}

/// Seconds from 1970 to the beginning of a run; 0 where its settings do not tell it.
fn began(settings: &RunSettings) -> f64 {
    let local = NaiveDateTime::parse_from_str(&settings.started, STARTED).ok();
    let time = local.and_then(|local| Local.from_local_datetime(&local).earliest());
    time.map_or(0.0, |time| time.timestamp() as f64)
}

impl<W: io::Write> Board<W> {
    /// # Errors
    /// Those of the file.
    pub fn begin(to: W, settings: &RunSettings) -> io::Result<Self> {
        let scribe = Scribe {
            began: began(settings),
            labels: settings.labels.clone(),
            groups: Vec::new(),
            parameters: Vec::new(),
            step: 0,
            secs: 0.0,
        };
        let mut board = Self { to, scribe };
        board.put(Event {
            wall_time: board.scribe.began,
            step: 0,
            file_version: Some(FILE_VERSION.into()),
            summary: None,
        })?;
        let written = serde_json::to_string_pretty(settings)?;
        board.text("settings", &format!("```json\n{written}\n```"))?;
        Ok(board)
    }

    /// Writes what a run has told.
    ///
    /// # Errors
    /// Those of the file.
    pub fn add(&mut self, event: &RunEvent) -> io::Result<()> {
        let (step, values) = self.scribe.values(event);
        if values.is_empty() { Ok(()) } else { self.put(self.scribe.event(step, values)) }
    }

    /// Writes a text in Markdown.
    ///
    /// # Errors
    /// Those of the file.
    pub fn text(&mut self, tag: &str, text: &str) -> io::Result<()> {
        self.put(self.scribe.event(self.scribe.step, vec![messages::text(tag, text)]))
    }

    fn put(&mut self, event: Event) -> io::Result<()> {
        record::write(&mut self.to, &prost::Message::encode_to_vec(&event))
    }

    /// Hands on what waits to be written.
    ///
    /// # Errors
    /// Those of the file.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Scribe {
    fn event(&self, step: i64, values: Vec<Value>) -> Event {
        let summary = Some(messages::Summary { value: values });
        Event { wall_time: self.began + self.secs, step, file_version: None, summary }
    }

    /// The step that an event belongs to, and what it tells.
    fn values(&mut self, event: &RunEvent) -> (i64, Vec<Value>) {
        let scalars = |named: &[(&str, f64)]| named.iter().map(|(tag, x)| messages::scalar(tag, *x)).collect();
        let values: Vec<Value> = match event {
            RunEvent::Step(step) => {
                (self.step, self.secs) = (step.step as i64, step.elapsed_secs);
                scalars(&[
                    ("train/loss", step.loss),
                    ("train/accuracy", step.accuracy),
                    ("train/learning_rate", step.learning_rate),
                    ("train/grad_norm", step.grad_norm),
                ])
            }
            RunEvent::LiveValidation(look) => {
                let named = [("validation_sample/loss", look.loss), ("validation_sample/accuracy", look.accuracy)];
                return (look.step as i64, scalars(&named));
            }
            RunEvent::LayerStats(sample) => return (sample.step as i64, self.of_layers(sample)),
            RunEvent::EpochEnded(epoch) => {
                self.secs = epoch.elapsed_secs;
                let mut values: Vec<Value> = scalars(&[
                    ("epoch/train_loss", epoch.train_loss),
                    ("epoch/train_accuracy", epoch.train_accuracy),
                    ("validation/loss", epoch.validation_loss),
                    ("validation/accuracy", epoch.validation_accuracy),
                    ("epoch/rows_per_sec", epoch.rows_per_sec),
                ]);
                values.extend(self.matrix("validation/matrix", &epoch.validation_confusion));
                values
            }
            RunEvent::TestEvaluated(test) => {
                let mut values: Vec<Value> = scalars(&[
                    ("test/loss", test.loss),
                    ("test/accuracy", test.accuracy),
                    ("test/macro_f1", test.macro_f1),
                ]);
                values.extend(self.matrix("test/matrix", &test.confusion));
                values
            }
            _ => Vec::new(),
        };
        (self.step, values)
    }

    /// A picture of a matrix, with the names of its classes in order.
    fn matrix(&self, tag: &str, confusion: &Confusion) -> Option<Value> {
        if confusion.classes() != self.labels.len() {
            return None;
        }
        let (size, png) = image::matrix(confusion)?;
        Some(messages::image(tag, size, png))
    }

    /// Drift and gradient of each layer, which is taken as one long vector.
    fn of_layers(&mut self, sample: &LayerStats) -> Vec<Value> {
        if let Some(parameters) = &sample.parameters {
            self.parameters = parameters.to_vec();
            self.groups = groups(parameters);
        }
        if !sample.fits(&self.parameters) {
            return Vec::new();
        }
        let of_group = |(name, members): &(String, Vec<usize>)| {
            let drift = messages::scalar(&format!("drift/{name}"), sample.drift_of(&self.parameters, members));
            let norm = sample.grad_norm_of(members);
            std::iter::once(drift).chain(norm.map(|norm| messages::scalar(&format!("grad_norm/{name}"), norm)))
        };
        self.groups.iter().flat_map(of_group).collect()
    }
}

/// The name of the part of a model that a parameter belongs to; the numbers of layers sort like their names.
pub fn part_name(part: Part) -> String {
    match part {
        Part::Embeddings => "embeddings".to_owned(),
        Part::Layer { index, .. } => format!("layer_{index:02}"),
        Part::Pooler => "pooler".to_owned(),
        Part::Classifier => "classifier".to_owned(),
    }
}

/// The parts of a model in their order, with the places of their parameters.
fn groups(parameters: &[MeasuredParameter]) -> Vec<(String, Vec<usize>)> {
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (i, parameter) in parameters.iter().enumerate() {
        let name = part_name(parameter.part);
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, members)) => members.push(i),
            None => groups.push((name, vec![i])),
        }
    }
    groups
}

/// Writes the events of a finished or interrupted run, and its card if there is one, into a folder.
///
/// # Errors
/// `disk-full`, `file-error`.
pub fn write_board(
    folder: &Path,
    settings: &RunSettings,
    events: &[(f64, RunEvent)],
    card: Option<&str>,
) -> Outcome<PathBuf> {
    let path = folder.join(file_name(settings));
    let failed = |e: io::Error| Problem::file(&path, &e);
    let mut board = BoardFile::create(folder, settings)?;
    events.iter().try_for_each(|(_, event)| board.add(event)).map_err(failed)?;
    card.map_or(Ok(()), |card| board.text("card", card)).map_err(failed)?;
    board.flush().map_err(failed)?;
    board.to.get_ref().sync_all().map_err(failed)?;
    Ok(path)
}

#[cfg(test)]
mod tests;
