//! Every click, key and menu entry as data, so that buttons, shortcuts and tests share them.

use std::path::PathBuf;
use std::sync::Arc;

use super::answered::AnsweredAction;
use super::code::CodeAction;
use super::compare::CompareAction;
use super::compare::desk::DeskAction;
use super::doctor::DoctorAction;
use super::effect::Dialog;
use super::examine::ExamineAction;
use super::explore::ExploreAction;
use super::files::FilesAction;
use super::first_steps::FirstStepsAction;
use super::guide::GuideAction;
use super::hub::HubAction;
use super::lessons::LessonAction;
use super::other_tests::OtherTestsAction;
use super::palette::PaletteAction;
use super::plots::PlotAction;
use super::race::RaceAction;
use super::reports::ReportsAction;
use super::run::RunAction;
use super::runs::RunsAction;
use super::sentences::SentencesAction;
use super::settings::{Language, Theme};
use super::shell::{Panel, View};
use super::text_map::TextMapAction;
use super::train::TrainAction;
use super::why::WhyAction;

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The next run is set up or started.
    Train(TrainAction),
    /// The run on the screen.
    Run(RunAction),
    /// Runs on disk.
    Runs(RunsAction),
    /// Runs side by side.
    Compare(CompareAction),
    /// The rows behind the numbers of runs.
    Explore(ExploreAction),
    /// Runs on another file than their own data.
    OtherTests(OtherTestsAction),
    /// Several trainings of the same data and model.
    Race(RaceAction),
    /// Reports of runs and races, of a class, and lessons on paper.
    Reports(ReportsAction),
    /// Lessons and the work on them.
    Lesson(LessonAction),
    /// Models of the Hugging Face Hub and of its cache on this machine.
    Hub(HubAction),
    /// The list of everything that can be done, and that of the shortcuts.
    Palette(PaletteAction),
    /// The guide opens, turns to a chapter or closes.
    Guide(GuideAction),
    /// The window about this computer is opened, and its self-test begins or ends.
    Doctor(DoctorAction),
    /// Suspicious labels and behaviour tests of the run on the screen.
    Examine(ExamineAction),
    /// The map of texts in Explore.
    TextMap(TextMapAction),
    /// The four steps that a new user is led through begin or are skipped.
    FirstSteps(FirstStepsAction),
    /// The Python of what Train would do.
    Code(CodeAction),
    /// How plots are drawn.
    Plots(PlotAction),
    /// The reasons of a prediction.
    Why(WhyAction),
    /// The sentences that Try keeps.
    Sentences(SentencesAction),
    /// A file whose rows are answered.
    Answered(AnsweredAction),
    /// Open a panel of the left side.
    ShowPanel(Panel),
    /// Turn to a view of the right side.
    ShowView(View),
    /// Speak this language from now on.
    SetLanguage(Language),
    /// Draw dark on light, light on dark, or as the system does.
    SetTheme(Theme),
    /// Large type, thick lines and strong contrast, for a lecture hall.
    SetProjector(bool),
    /// Fold the left side away, or show it again.
    FoldLeft(bool),
    /// Give the window the whole screen, or take it back.
    ToggleFullScreen,
    /// Take a notice away, by its place.
    DismissNotice(usize),
    /// The window's own file dialog, and what was chosen in one.
    Files(FilesAction),
    /// Show a file dialog: the system's, which is answered with `FilesAction::Chosen` and with `DialogClosed`, or where it
    /// has none the window's own.
    OpenDialog(Dialog),
    /// The system's dialog was closed, with or without a choice.
    DialogClosed,
    /// Take the picture of a plot; `rect` is as in `Effect::TakePicture`.
    TakePicture { name: String, rect: [f32; 4] },
    /// Write a file that the window has made.
    SaveFile { path: PathBuf, bytes: Arc<[u8]> },
    /// Show a folder in the system's file manager.
    OpenFolder(PathBuf),
}

impl Action {
    /// Says whether the action undoes an earlier one. Its notice then offers it as Undo.
    pub const fn takes_back(&self) -> bool {
        matches!(
            self,
            Self::Train(TrainAction::TakeBack)
                | Self::Runs(RunsAction::Restore(_))
                | Self::Compare(CompareAction::Restore)
        )
    }

    /// Says whether the action brings back files of the disk, which can be had in no other way.
    pub const fn brings_back(&self) -> bool {
        matches!(self, Self::Runs(RunsAction::Restore(_)))
    }
}

macro_rules! from_features {
    ($($variant:ident($action:ident)),*) => {
        $(impl From<$action> for Action {
            fn from(action: $action) -> Self {
                Self::$variant(action)
            }
        })*
    };
}

impl From<DeskAction> for Action {
    fn from(action: DeskAction) -> Self {
        Self::Compare(CompareAction::Desk(action))
    }
}

from_features!(
    Train(TrainAction),
    Code(CodeAction),
    Run(RunAction),
    Runs(RunsAction),
    Compare(CompareAction),
    Explore(ExploreAction),
    Race(RaceAction),
    Reports(ReportsAction),
    Lesson(LessonAction),
    Hub(HubAction),
    Palette(PaletteAction),
    Guide(GuideAction),
    Doctor(DoctorAction),
    Examine(ExamineAction),
    TextMap(TextMapAction),
    FirstSteps(FirstStepsAction),
    Files(FilesAction),
    Plots(PlotAction),
    Why(WhyAction),
    Sentences(SentencesAction),
    OtherTests(OtherTestsAction),
    Answered(AnsweredAction)
);
