//! What a face can ask of the worker, and what it is answered.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::answered::{AnsweredFile, FileToAnswer};
use super::super::behaviour::Behaviour;
use super::super::config::{ClassifierSource, DataConfig, ModelSource, ReadingConfig, RunConfig};
use super::super::data_map::DataMap;
use super::super::dataset::{DatasetSummary, RefusedData, TextColumn};
use super::super::doctor::{Machine, SelfTest};
use super::super::estimate::Calibration;
use super::super::explanation::{AttentionMap, Depth, Explanation};
use super::super::folder::FolderListing;
use super::super::freeze::Freeze;
use super::super::half::{Half, Rounded};
use super::super::legibility::Piece;
use super::super::lesson::{Lesson, LessonWork};
use super::super::lived_words::LivedWords;
use super::super::metrics::calibration::Temperature;
use super::super::metrics::scores::{Measures, RunScores};
use super::super::other_test::OtherTest;
use super::super::params::{ParamTree, ParameterView, ValuesOf};
use super::super::precision::Precision;
use super::super::predictions::ExploredRows;
use super::super::problem::{Outcome, Problem};
use super::super::program::{ProgramForm, ProgramStyle, TrainingSource, WrittenProgram};
use super::super::proof::StoredProof;
use super::super::report::ReportRequest;
use super::super::selected::{RowOrder, SelectedRows};
use super::super::selection::Selection;
use super::super::stored::{OpenedRuns, RunEntry, StoredRace, StoredRun};
use super::super::suspects::{FixedCopy, Suspects};
use super::super::telling_words::TellingWord;
use super::super::text_map::{LayerPoints, Probes, TextMap};
use super::TestEvaluated;

/// What is asked; each question has the answer of the same name. Every question is answered once, with a problem even where
/// its work panics. Only the newest `Dataset`, `Model` or `Calibration` question replaces an older one of its kind that has
/// no answer yet, which then gets none.
#[derive(Clone, Debug)]
pub enum Question {
    /// Read a data file. A table that cannot be trained on is answered as `DataRefused`. Otherwise `TokenLengths` notices
    /// follow as texts are counted, cut at `max_length` tokens.
    Dataset { config: Box<DataConfig>, max_length: usize },
    /// Read a model. The token lengths of the current data follow.
    Model(ModelSource),
    /// A parameter's values: those of the model at hand, or of the last run's model when it grew from that one.
    Parameter { name: String, of: ValuesOf },
    /// Time a few real batches, so that `domain::estimate` can tell how long a run will take.
    Calibration(Box<RunConfig>),
    /// Read the texts of a column, to be classified.
    Texts(Box<DataConfig>),
    /// Open a model that classifies, and tell what it reads of a row.
    Classifier(ClassifierSource),
    /// Classify texts with a model, or with that of the last run with `None`.
    Predictions { texts: Vec<RowTexts>, model: Option<ClassifierSource> },
    /// Write a model's answer to every row of a file into a new one. `AnsweringRows` notices follow; `Command::Cancel` ends it
    /// and leaves no file.
    AnsweredFile(Box<FileToAnswer>),
    /// Classify texts with the model of the run under way as it is now, which answers while the run is paused. `Predictions`
    /// is the answer.
    PausedPredictions(Vec<RowTexts>),
    /// Explain what a model, or that of the last run with `None`, predicts for a text. It is answered no more once another
    /// text is to be explained.
    Explanation { texts: RowTexts, model: Option<ClassifierSource>, depth: Depth },
    /// Find where the heads of one layer, counted from 0, look in a text.
    Attention { texts: RowTexts, model: Option<ClassifierSource>, layer: usize },
    /// Measure a model on a file, or a run's on its own test rows with `None`. A run keeps what it answers on a file.
    /// `Command::Cancel` ends it.
    Evaluation { model: ClassifierSource, data: Option<Box<DataConfig>> },
    /// The tests on other files that runs have kept.
    OtherTests(Vec<PathBuf>),
    /// Ask for the probabilities that a run's model gives to the run's own test rows.
    Scores(PathBuf),
    /// Fit the temperature of a run's model on the run's validation rows and keep it with the run, or forget it.
    Temperature { dir: PathBuf, fit: bool },
    /// The rows behind the numbers of one or several runs on the same data and split, with what holds of their texts where
    /// tags are wanted. `Command::Cancel` ends it.
    Rows { dirs: Vec<PathBuf>, with_tags: bool },
    /// Find the rows of a selection, order and count them. Only the newest of several is worked on; those before it are
    /// answered with the problem `cancelled`.
    SelectedRows { rows: Arc<ExploredRows>, selection: Selection, order: RowOrder },
    /// Ask a run's model about texts that are changed in a known way, and about the templates of a file.
    Behaviour { run: PathBuf, templates: Option<PathBuf> },
    /// Write a copy of a run's data into a file, in which the labels of some rows, by their places among all rows, are these.
    /// The data of the run are never written.
    Relabelled { run: PathBuf, labels: BTreeMap<u32, String>, to: PathBuf },
    /// The map of a run's training rows.
    DataMap(PathBuf),
    /// Find the labels of a run's data that are probably wrong.
    Suspects(PathBuf),
    /// Find where a run's model puts its test rows after each layer, before and after fine-tuning. `Command::Cancel`
    /// ends it, and what follows from it as well.
    TextMap(PathBuf),
    /// Find what linear probes read of the label after each layer of a run's model.
    TextMapProbes(PathBuf),
    /// The map's points by t-SNE. `TextMapMoved` notices follow as they move.
    TextMapTsne(PathBuf),
    /// The words that tell a selection of rows from all others.
    TellingWords { rows: Arc<ExploredRows>, selected: Arc<SelectedRows> },
    /// Find the words that a run's model lives by, from so many of its test rows. `Command::Cancel` ends it.
    LivedWords { run: PathBuf, rows: usize },
    /// The runs of a folder (the user's own with `None`), and others that lie elsewhere.
    Runs { folder: Option<PathBuf>, others: Vec<PathBuf> },
    /// All that a run has told.
    Run(PathBuf),
    /// All that a race and its runs have told.
    Race(PathBuf),
    /// All that several runs have told, from their folders or from lesson files that were handed in.
    Comparison(Vec<PathBuf>),
    /// Hash a run's weights as they are on disk now.
    Proof(PathBuf),
    /// Give a run a name and a note.
    LabelRun { dir: PathBuf, name: String, note: String },
    /// Move runs to the system's trash.
    DeleteRuns(Vec<PathBuf>),
    /// Bring runs back from the system's trash.
    RestoreRuns(Vec<PathBuf>),
    /// Write a run's model with a model card into a new folder, with rounded weights where `half` says to what; the difference
    /// is then measured on the run's test rows. `Command::Cancel` ends it.
    ExportRun { dir: PathBuf, to: PathBuf, half: Option<Half> },
    /// Write TensorBoard's event file of a run into a new folder.
    ExportBoard { dir: PathBuf, to: PathBuf },
    /// Write what a run has told as tables into a new folder.
    ExportTables { dir: PathBuf, to: PathBuf },
    /// Write a report into a file. `Command::Cancel` ends it.
    Report(Box<ReportRequest>),
    /// Write a training into a new folder that runs on a cluster. `Command::Cancel` ends it.
    ExportCluster { source: TrainingSource, to: PathBuf },
    /// Look at the machine.
    Machine,
    /// Make the program's self-test. `SelfTest` notices follow; `StopSelfTest` or a run that begins ends it, and what was
    /// found until then is the answer.
    SelfTest,
    /// List a folder for a file dialog.
    Folder(PathBuf),
    /// Read a plan file.
    Plan(PathBuf),
    /// Write a freezing as a plan file.
    SavePlan { path: PathBuf, freeze: Box<Freeze> },
    /// The lessons of the program.
    Lessons,
    /// A lesson of the program by its id, or a lesson file.
    Lesson(PathBuf),
    /// Write a student's work on a lesson into one file to hand in.
    SaveLessonWork { lesson: Arc<Lesson>, work: Box<LessonWork>, to: PathBuf },
    /// Write the Python program of a training into a file, or only as a text, and the files beside it. `Command::Cancel` ends it.
    Program { source: TrainingSource, style: ProgramStyle, form: ProgramForm, file: Option<PathBuf> },
    /// Write a file that a face has made, such as the picture or the numbers of a plot.
    SaveFile { path: PathBuf, bytes: Arc<[u8]> },
}

/// What is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    Dataset(Arc<DatasetSummary>),
    /// The file is a table, but cannot be trained on as it was read.
    DataRefused(Box<RefusedData>),
    Model(Arc<ParamTree>),
    Parameter(Box<ParameterView>),
    Calibration(Calibration),
    Texts(Arc<TextColumn>),
    Classifier(RowReads),
    Predictions(Vec<Prediction>),
    AnsweredFile(Box<AnsweredFile>),
    Explanation(Box<Explanation>),
    Attention(Box<AttentionMap>),
    /// The measures, what was read to make them, and the precision that they were computed in. `temperature` is the one that
    /// was fitted for the model.
    Evaluation {
        test: TestEvaluated,
        measures: Measures,
        temperature: Option<f64>,
        data: Arc<DatasetSummary>,
        precision: Precision,
    },
    /// Each run's tests stand under its folder.
    OtherTests(BTreeMap<PathBuf, Vec<OtherTest>>),
    Scores(Arc<RunScores>),
    /// The temperature that the run's model has from now on; `None` for one that was forgotten.
    Temperature(Option<Temperature>),
    Rows(Arc<ExploredRows>),
    SelectedRows(Arc<SelectedRows>),
    Behaviour(Arc<Behaviour>),
    Relabelled(FixedCopy),
    /// `None` for a run that was made before there were maps.
    DataMap(Option<Arc<DataMap>>),
    Suspects(Arc<Suspects>),
    TextMap(Arc<TextMap>),
    TextMapProbes(Arc<Probes>),
    /// The points of each layer are here, those of the lowest layer first.
    TextMapTsne(Arc<Vec<LayerPoints>>),
    TellingWords(Arc<Vec<TellingWord>>),
    LivedWords(Arc<LivedWords>),
    Runs(Vec<RunEntry>),
    Run(Arc<StoredRun>),
    Race(Arc<StoredRace>),
    Comparison(OpenedRuns),
    Proof(Arc<StoredProof>),
    RunLabelled(PathBuf),
    /// The runs that have gone to the trash, and whether they can be brought back from there.
    RunsDeleted {
        dirs: Vec<PathBuf>,
        can_restore: bool,
    },
    RunsRestored(Vec<PathBuf>),
    /// The folder that was written, and what rounding the weights came to where that was asked for.
    RunExported {
        folder: PathBuf,
        rounded: Option<Box<Rounded>>,
    },
    /// The folder with TensorBoard's file, with the tables, or for a cluster.
    BoardExported(PathBuf),
    TablesExported(PathBuf),
    ClusterExported(PathBuf),
    /// The file that was written.
    ReportWritten(PathBuf),
    Machine(Box<Machine>),
    SelfTest(Box<SelfTest>),
    Folder(FolderListing),
    Plan(Box<Freeze>),
    PlanSaved(PathBuf),
    Lessons(Vec<Arc<Lesson>>),
    Lesson(Arc<Lesson>),
    LessonWorkSaved(PathBuf),
    FileSaved(PathBuf),
    Program(Box<WrittenProgram>),
}

/// What is classified: one text, or two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowTexts {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
}

impl<T: Into<String>> From<T> for RowTexts {
    fn from(text: T) -> Self {
        Self { text: text.into(), second: None }
    }
}

/// What a model reads of a row, as far as its folder tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RowReads {
    /// It is no model of this program.
    #[default]
    Unknown,
    OneText,
    /// Two texts, which were in these columns when it was trained.
    TwoTexts {
        first: String,
        second: String,
    },
}

impl RowReads {
    /// # Errors
    /// `predict-needs-second` and `predict-one-text` for a row of another number of texts than the model was trained on.
    pub fn check(&self, row: &RowTexts) -> Outcome<()> {
        match (self, &row.second) {
            (Self::TwoTexts { first, second }, None) => {
                Err(Problem::new("predict-needs-second").with("first", first).with("second", second))
            }
            (Self::OneText, Some(_)) => Err(Problem::new("predict-one-text")),
            _ => Ok(()),
        }
    }

    /// How a table for this model is read: where nothing else is stated, the texts are those of the columns that it was
    /// trained on.
    ///
    /// # Errors
    /// `predict-one-text` where second texts are stated, and it was trained on one text a row.
    pub fn complete(&self, reading: &mut ReadingConfig) -> Outcome<()> {
        match self {
            Self::OneText if reading.second_text_column.is_some() => Err(Problem::new("predict-one-text")),
            Self::TwoTexts { first, second } => {
                // With one of its columns stated, the other one may be under any name.
                let is_stated = reading.text_column.is_some() || reading.second_text_column.is_some();
                if !is_stated || reading.text_column.as_deref() == Some(first) {
                    reading.second_text_column.get_or_insert_with(|| second.clone());
                }
                if !is_stated || reading.second_text_column.as_deref() == Some(second) {
                    reading.text_column.get_or_insert_with(|| first.clone());
                }
                match reading.second_text_column {
                    Some(_) => Ok(()),
                    None => Err(Problem::new("predict-needs-second").with("first", first).with("second", second)),
                }
            }
            _ => Ok(()),
        }
    }
}

/// How one text, or two, were classified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    pub label: String,
    /// By label, in label order; sums to 1.
    pub probabilities: Vec<(String, f64)>,
    /// The pieces in which the model read the text, or both.
    #[serde(default)]
    pub pieces: Vec<Piece>,
}

impl Prediction {
    /// The terminal's JSON line: probabilities as an object by label.
    pub fn to_json(&self) -> serde_json::Value {
        let probabilities: serde_json::Map<_, _> =
            self.probabilities.iter().map(|(label, p)| (label.clone(), (*p).into())).collect();
        let mut line = serde_json::json!({ "text": self.text });
        if let Some(second) = &self.second {
            line["second"] = second.as_str().into();
        }
        line["label"] = self.label.as_str().into();
        line["probabilities"] = probabilities.into();
        line
    }
}
