//! Every click, key and menu entry as data, so that buttons, shortcuts and tests share them.

use std::path::PathBuf;

use crate::domain::config::{DataConfig, Guess, ModelSource, SplitConfig, TrainingConfig};
use crate::domain::freeze::Freeze;

use super::coach::CoachAction;
use super::compare::CompareAction;
use super::hub::HubAction;
use super::layers::LayersAction;
use super::lesson::LessonAction;
use super::race::RaceAction;
use super::rate_sweep::RateAction;
use super::replay::Speed;
use super::run_list::Purpose;
use super::settings::{Language, Theme};
use super::state::{Panel, SideChart, View};
use super::timeline::TimelineAction;

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    // Data
    /// Show the native dialog for a CSV file; the shell answers with `PickData` and `DialogClosed`.
    AskForData,
    /// A file was picked, dropped or chosen among the recent ones: columns, encoding and delimiter are guessed anew.
    PickData(PathBuf),
    UseBundledData,
    /// Columns, encoding, delimiter, row limit or the files of the other parts changed.
    ChangeData(DataConfig),
    ChangeSplit(SplitConfig),
    // Model
    /// Show the native dialog for a model folder; the shell answers with `PickModel`.
    AskForModel,
    PickModel(ModelSource),
    /// Models of the Hugging Face Hub and of its cache on this machine.
    Hub(HubAction),
    Lesson(LessonAction),
    // Freeze
    SetFreeze(Freeze),
    /// The unfreezing timeline.
    Timeline(TimelineAction),
    /// Freeze or thaw these parameters by name; the freezing becomes custom (or a preset again when it equals one).
    /// A box of a group sends all names of the group.
    SetTrainable {
        names: Vec<String>,
        on: bool,
    },
    SetFilter(String),
    SetUnfolded {
        path: String,
        open: bool,
    },
    OpenParameter(Option<String>),
    // Training
    ChangeTraining(TrainingConfig),
    Coach(CoachAction),
    /// Guess the run's end before it begins, or no longer.
    SetGuess(Option<Guess>),
    /// Minutes that `FitBudget` aims at.
    SetBudget(u32),
    /// Choose the row limit and length that fit the time budget.
    FitBudget,
    Train,
    Pause,
    Resume,
    Stop,
    /// Several trainings beside each other.
    Race(RaceAction),
    /// The learning-rate finder.
    Rate(RateAction),
    // Runs on disk
    SelectRun(PathBuf),
    /// Name and note of the selected run as they are typed; `SaveRunLabel` keeps them.
    EditRunLabel {
        name: String,
        note: String,
    },
    SaveRunLabel,
    OpenRun {
        dir: PathBuf,
        purpose: Purpose,
    },
    ResumeRun(PathBuf),
    /// Train a finished run's model for `RunList::more_epochs`, as a new run.
    TrainOn(PathBuf),
    SetMoreEpochs(usize),
    /// Show the native dialog for a run folder; the shell answers with `OpenRun` and `DialogClosed`.
    AskForRun,
    /// Ask whether the selected run may go, or take that back; `DeleteRun` does it.
    AskToDeleteRun(bool),
    DeleteRun,
    /// Show the native dialog for the folder to export into; the shell answers with `ExportRun` and `DialogClosed`.
    AskForExport(PathBuf),
    ExportRun {
        dir: PathBuf,
        to: PathBuf,
    },
    OpenFolder(PathBuf),
    /// Runs side by side.
    Compare(CompareAction),
    // Replay
    PlayReplay(bool),
    SetReplaySpeed(Speed),
    /// Seconds since the run's first batch.
    SeekReplay(f64),
    /// Seconds that have passed since the last frame.
    AdvanceReplay(f64),
    EndReplay,
    // Results
    /// Measure the last run's model on its test rows, when the run ended without that.
    EvaluateRun,
    // Try
    SetSentence(String),
    Predict,
    // Window
    ShowPanel(Panel),
    ShowView(View),
    ShowSideChart(SideChart),
    /// The heat map of the layers.
    Layers(LayersAction),
    ZoomMatrix(bool),
    SetLanguage(Language),
    SetTheme(Theme),
    /// Large type, thick lines and strong contrast, for a lecture hall.
    SetProjector(bool),
    DismissNotice(usize),
    /// A native dialog was opened for something that only the shell knows of.
    DialogOpened,
    /// The native dialog was closed, with or without a choice.
    DialogClosed,
    /// Open the last run's folder in the system's file manager.
    OpenRunFolder,
}
