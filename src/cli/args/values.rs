//! The values of options are read from their texts here.

use std::fmt;
use std::path::PathBuf;

use serde::de::DeserializeOwned;

use crate::domain::class_weights::ClassWeights;
use crate::domain::config::{DeviceKind, FinalWeights, ModelSource, Schedule};
use crate::domain::freeze::Freeze;
use crate::domain::half::Half;
use crate::domain::health::PartName;
use crate::domain::hub::ModelId;
use crate::domain::labels::{LabelPair, parse_map};
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::program::ProgramStyle;
use crate::domain::race;
use crate::domain::suspects::SuspectPart;
use crate::domain::text_map::MapMethod;

/// A model at hand, or one of the Hub, which may have to be fetched.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelArg {
    Here(ModelSource),
    Hub(ModelId),
}

/// A named freezing, or a plan file that is still to be read.
#[derive(Clone, Debug, PartialEq)]
pub enum FreezeArg {
    Named(Freeze),
    Plan(PathBuf),
}

/// A map of labels, or a file with one that is still to be read.
#[derive(Clone, Debug, PartialEq)]
pub enum LabelMapArg {
    Pairs(Vec<LabelPair>),
    File(PathBuf),
}

/// A row whose label is fixed, by its number, and by its part where several files have a row of that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedRow {
    pub part: Option<SuspectPart>,
    pub row: u32,
}

impl fmt::Display for FixedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self.part {
            Some(SuspectPart::Train) => "train:",
            Some(SuspectPart::Validation) => "validation:",
            Some(SuspectPart::Test) => "test:",
            Some(SuspectPart::Unused) => "unused:",
            None => "",
        };
        write!(f, "{part}{}", self.row)
    }
}

/// A refusal names the message that says what a value must be, because the arguments are read before anything is said.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct Expected(pub &'static str);

pub fn model(text: &str) -> Result<ModelArg, Expected> {
    if text == "bundled" {
        return Ok(ModelArg::Here(ModelSource::Bundled));
    }
    // A folder of this name comes first. A text that cannot be a name on the Hub must be a folder.
    match ModelId::parse(text) {
        Ok(id) if !PathBuf::from(text).exists() => Ok(ModelArg::Hub(id)),
        _ => Ok(ModelArg::Here(ModelSource::Folder(text.into()))),
    }
}

pub fn model_id(text: &str) -> Result<ModelId, Expected> {
    ModelId::parse(text).map_err(|_bad| Expected("usage-expects-model-id"))
}

pub fn freeze(text: &str) -> Result<FreezeArg, Expected> {
    if let Some(freeze) = Freeze::parse_name(text) {
        return Ok(FreezeArg::Named(freeze));
    }
    let path = PathBuf::from(text);
    let is_plan = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json")) || path.is_file();
    if is_plan { Ok(FreezeArg::Plan(path)) } else { Err(Expected("usage-expects-freeze")) }
}

pub fn label_map(text: &str) -> Result<LabelMapArg, Expected> {
    let path = PathBuf::from(text);
    let is_named =
        ["json", "csv", "tsv"].iter().any(|e| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(e)));
    if path.is_file() || (is_named && !text.contains('=')) {
        return Ok(LabelMapArg::File(path));
    }
    parse_map(text).map(LabelMapArg::Pairs).ok_or(Expected("usage-expects-label-map"))
}

pub fn rows_per_class(text: &str) -> Result<usize, Expected> {
    if text == "all" { Ok(race::ALL_ROWS) } else { text.parse().map_err(|_bad| Expected("usage-expects-rows")) }
}

/// A number of rows of which there is at least one.
pub fn some_rows(text: &str) -> Result<usize, Expected> {
    text.parse().ok().filter(|rows| *rows > 0).ok_or(Expected("usage-expects-some-rows"))
}

pub fn fixed_row(text: &str) -> Result<FixedRow, Expected> {
    let (part, row) = text.split_once(':').map_or((None, text), |(part, row)| (Some(part), row));
    let part = part.map(|part| named(part, "usage-expects-fixed-row")).transpose()?;
    let row = row.parse().map_err(|_bad| Expected("usage-expects-fixed-row"))?;
    Ok(FixedRow { part, row })
}

pub fn schedule(text: &str) -> Result<Schedule, Expected> {
    named(text, "usage-expects-schedule")
}

pub fn keep(text: &str) -> Result<FinalWeights, Expected> {
    named(text, "usage-expects-keep")
}

pub fn device(text: &str) -> Result<DeviceKind, Expected> {
    named(text, "usage-expects-device")
}

/// A part that was not trained on.
pub fn held_out(text: &str) -> Result<PartName, Expected> {
    let found: PartName = named(text, "usage-expects-held-out")?;
    if found == PartName::Train { Err(Expected("usage-expects-held-out")) } else { Ok(found) }
}

pub fn map_method(text: &str) -> Result<MapMethod, Expected> {
    named(text, "usage-expects-map-method")
}

pub fn program_style(text: &str) -> Result<ProgramStyle, Expected> {
    named(text, "usage-expects-program-style")
}

pub fn precision(text: &str) -> Result<Precision, Expected> {
    named(text, "usage-expects-precision")
}

pub fn half(text: &str) -> Result<Half, Expected> {
    Half::ALL.into_iter().find(|half| half.name() == text).ok_or(Expected("usage-expects-half"))
}

pub fn frozen_precision(text: &str) -> Result<FrozenPrecision, Expected> {
    named(text, "usage-expects-frozen-precision")
}

/// The value that has this name in a run's folder.
pub fn named<T: DeserializeOwned>(text: &str, expected: &'static str) -> Result<T, Expected> {
    serde_json::from_value(text.into()).map_err(|_bad| Expected(expected))
}

pub fn class_weights(text: &str) -> Result<ClassWeights, Expected> {
    ClassWeights::parse(text).ok_or(Expected("usage-expects-class-weights"))
}
