//! What an update or an event does beyond its own feature, as data: effects are for the window, intents for other features.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::RunConfig;
use crate::domain::half::ExportAs;
use crate::domain::hub::ModelId;
use crate::domain::message::{Command, RunId};
use crate::domain::program::ProgramForm;
use crate::domain::race::RacePlan;
use crate::domain::report::ReportSubject;
use crate::domain::stored::StoredRun;
use crate::domain::suspects::FixedCopy;

use super::explore::RowAsked;

/// One thing that the window carries out.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Send the worker a command.
    Tell(Command),
    /// Show the system's file dialog.
    OpenDialog(Dialog),
    /// Show a folder in the system's file manager.
    OpenFolder(PathBuf),
    /// Give the window the whole screen, or take it back.
    ToggleFullScreen,
    /// Take the picture of a plot in the next frame, which is drawn without buttons and pointer. `rect` is the part of the
    /// window in points: left, top, right, bottom.
    TakePicture { name: String, rect: [f32; 4] },
}

/// One feature asks another to do this, without knowing it.
#[derive(Clone, Debug)]
pub enum Intent {
    /// A training begins, and the screen makes room for it.
    BeginRun(RunId, Box<RunConfig>),
    /// Start the race that a lesson's step asks for.
    StartRace(RunId, Box<RacePlan>),
    EndReplay,
    /// No run or race is on the screen any more, because someone else sits before it.
    ForgetShownRun,
    ListRuns,
    /// A race was read from the disk and is to be seen.
    ShowRace,
    /// The run's settings, with a copy of its data in which labels are fixed, for the next run.
    TrainOnCopy(Arc<StoredRun>, FixedCopy),
    /// Set these runs side by side.
    Compare(Vec<PathBuf>),
    /// Ask the run on the screen about a row that is explored.
    AskRow(RowAsked),
    /// The run's settings, with its model to begin from, for the next run.
    StartFrom(Arc<StoredRun>),
    /// A run has ended with a model, whose values are of interest now.
    ShowTrainedValues,
    ModelFetched(ModelId, PathBuf),
    ModelRemoved(ModelId),
}

/// Every file dialog of the window. One is open at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    /// A data file.
    Data,
    /// A file that these runs are tested on.
    OtherTest(Vec<PathBuf>),
    /// A file whose rows are to be answered.
    FileToAnswer,
    /// The dialog asks where the answers go. `name` is proposed for the file.
    SaveAnswers { name: String },
    /// A folder with a folder for each class.
    DataFolder,
    /// A model's folder, to be trained.
    Model,
    /// A model's folder, to be copied into the cache.
    Import,
    /// A run's folder, to be shown.
    Run,
    /// The folder into which a run is exported.
    Export { dir: PathBuf, what: ExportAs },
    /// Runs to compare: their folders, or what students handed in.
    RunFolders,
    /// The files that students handed in.
    LessonWorks,
    /// The dialog asks where the freezing goes as a plan file.
    SavePlan,
    /// A plan file, for the timeline.
    OpenPlan,
    /// A plan file that takes part in the race.
    RacePlan,
    /// A lesson file.
    Lesson,
    /// The dialog asks where a student's work on a lesson goes. `name` is proposed for the file.
    SaveLessonWork { name: String },
    /// A file of templates for the behaviour tests.
    Templates,
    /// The dialog asks where the copy of the data goes in which labels are fixed.
    FixedCopy,
    /// The dialog asks where a report of this goes, in a language (`en`, `ko`).
    Report { subject: ReportSubject, language: &'static str },
    /// The dialog asks where the program of the next run goes. `name` is proposed for it, without an extension.
    SaveProgram { name: String, form: ProgramForm },
    /// The dialog asks where a file goes that the window has made. `name` is what its content is called.
    SaveFile { name: String, extension: &'static str, bytes: Arc<[u8]> },
}
