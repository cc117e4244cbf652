//! Effects are what an update or an event does beyond its own feature, as data. The shell carries them out.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::{ModelSource, RunConfig};
use crate::domain::hub::ModelId;
use crate::domain::message::{Command, Progress, RunId};
use crate::domain::problem::Problem;
use crate::domain::race::RacePlan;
use crate::domain::stored::StoredRun;

use super::loading::Ids;
use super::settings::Settings;

/// One thing that happens outside a feature's own state.
#[derive(Clone, Debug)]
pub enum Effect {
    Tell(Command),
    OpenDialog(Dialog),
    /// Show a folder in the system's file manager.
    OpenFolder(PathBuf),
    /// Take the picture of a plot in the next frame, which is drawn without buttons and pointer. `rect` is the part of the
    /// window in points: left, top, right, bottom.
    TakePicture {
        name: String,
        rect: [f32; 4],
    },
    /// Something that another feature does. `app` carries it out itself, so that the window never sees one.
    Do(Intent),
}

/// One feature asks another to do this, without knowing it.
#[derive(Clone, Debug)]
pub enum Intent {
    Show(View),
    OpenPanel(Panel),
    Notify(Notice),
    /// An interrupted run is offered no longer.
    WithdrawOffers,
    /// A training begins, and the screen makes room for it.
    BeginRun(RunId, Box<RunConfig>),
    /// Start the race that a lesson's step asks for.
    StartRace(RunId, Box<RacePlan>),
    /// A race begins. Its runs will be shown one after another.
    BeginRace(RunId, Box<RunConfig>),
    /// The race's next run is the one that the screen shows.
    ShowRaceRun {
        id: RunId,
        config: Box<RunConfig>,
        is_stopping: bool,
    },
    /// The run under way was told to stop.
    ShowStopping,
    /// The race is over, and with it whatever the screen still shows as under way.
    ShowEnded,
    ShowProgress(Progress),
    ShowStored(Arc<StoredRun>),
    Replay(Arc<StoredRun>),
    EndReplay,
    /// The run's folder has gone.
    ForgetRun(PathBuf),
    ListRuns,
    /// The run's settings, with its model to begin from, for the next run.
    StartFrom(Arc<StoredRun>),
    /// The settings of the next run, for the data and the model that are read already.
    Adopt(Box<RunConfig>),
    /// The settings of the next run, whose data and model are read anew.
    Configure(Box<RunConfig>),
    /// The values of the opened parameter have changed by training.
    ReadParameterAgain,
    UseModel(ModelSource),
    /// Fetch the model that a lesson waits for.
    Fetch(ModelId),
    ModelFetched(ModelId, PathBuf),
    FetchCancelled,
    ModelRemoved(ModelId),
}

impl Effect {
    pub fn show(view: View) -> Self {
        Self::Do(Intent::Show(view))
    }

    pub fn open(panel: Panel) -> Self {
        Self::Do(Intent::OpenPanel(panel))
    }

    pub fn error(problem: Problem) -> Self {
        Self::notify(problem, true)
    }

    pub fn notify(problem: Problem, is_error: bool) -> Self {
        Self::Do(Intent::Notify(Notice { problem, is_error, offer: None }))
    }
}

/// A feature may use these beside its own state.
pub struct World<'a> {
    pub settings: &'a mut Settings,
    pub ids: &'a mut Ids,
    /// A run or a race is under way.
    pub is_running: bool,
}

/// Every native dialog of the window. One is open at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum Dialog {
    Data,
    Model,
    /// A model's folder, to be copied into the cache.
    Import,
    Run,
    /// The folder into which this run is exported.
    Export(PathBuf),
    /// Runs to compare: their folders, or what students handed in.
    RunFolders,
    LessonWorks,
    SavePlan,
    OpenPlan,
    RacePlan,
    Lesson,
    /// The dialog asks where a student's work on a lesson goes.
    SaveLessonWork,
    /// The dialog asks where a file goes that the window has made. `name` is what its content is called.
    SaveFile {
        name: String,
        extension: &'static str,
        bytes: Arc<[u8]>,
    },
}

/// The panels of the left side; one is open at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Panel {
    Data,
    Model,
    #[default]
    Freeze,
    Training,
}

/// The views of the right side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum View {
    #[default]
    Live,
    Results,
    Try,
    Runs,
    Compare,
}

/// A message in the window until it is dismissed.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub problem: Problem,
    pub is_error: bool,
    /// The notice offers this with one click.
    pub offer: Option<Offer>,
}

/// An interrupted run or race that can be resumed from its folder.
#[derive(Clone, Debug, PartialEq)]
pub enum Offer {
    ResumeRun(PathBuf),
    ResumeRace(PathBuf),
}
