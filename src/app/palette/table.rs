//! Everything that can be done, in the order in which the palette lists it.

use crate::app::action::Action;
use crate::app::code::CodeAction;
use crate::app::compare::desk::DeskAction;
use crate::app::compare::{CompareAction, Page};
use crate::app::doctor::DoctorAction;
use crate::app::effect::Dialog;
use crate::app::first_steps::FirstStepsAction;
use crate::app::guide::GuideAction;
use crate::app::hub::HubAction;
use crate::app::lessons::LessonAction;
use crate::app::race::RaceAction;
use crate::app::run::RunAction;
use crate::app::settings::{Language, Theme};
use crate::app::state::{AppState, Panel, View};
use crate::app::train::TrainAction;
use crate::app::train::rate::RateAction;
use crate::app::train::timeline::TimelineAction;
use crate::domain::freeze::Freeze;
use crate::words::guide::Chapter;

use super::PaletteAction;

/// Keys that are pressed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// Ctrl, or Command on a Mac.
    pub command: bool,
    pub shift: bool,
    pub alt: bool,
    /// The key's name, e.g. `F1` or `K`.
    pub key: &'static str,
}

/// One thing that can be done.
pub struct Entry {
    /// The id of the message that names what it belongs to.
    pub group: &'static str,
    /// The id of the message that names it.
    pub name: &'static str,
    /// Each of these does it without the palette.
    pub keys: &'static [Keys],
    pub actions: fn(&AppState) -> Vec<Action>,
}

impl Entry {
    /// Whether it is about the palette or the list of shortcuts itself.
    pub fn is_help(&self) -> bool {
        self.group == HELP
    }
}

const fn plain(key: &'static str) -> Keys {
    Keys { command: false, shift: false, alt: false, key }
}

const fn command(key: &'static str) -> Keys {
    Keys { command: true, ..plain(key) }
}

const fn alt(key: &'static str) -> Keys {
    Keys { alt: true, ..plain(key) }
}

const fn entry(
    group: &'static str,
    name: &'static str,
    keys: &'static [Keys],
    actions: fn(&AppState) -> Vec<Action>,
) -> Entry {
    Entry { group, name, keys, actions }
}

const RUN: &str = "palette-group-run";
const GO: &str = "palette-group-go";
const FREEZE: &str = "palette-group-freeze";
const OPEN: &str = "palette-group-open";
const COMPARE: &str = "palette-group-compare";
const LESSON: &str = "palette-group-lesson";
const LOOK: &str = "look-menu";
const THEME: &str = "switch-theme";
const LANGUAGE: &str = "switch-language";
const HELP: &str = "palette-group-help";

/// See the module.
pub static ENTRIES: &[Entry] = &[
    entry(RUN, "button-train", &[command("Enter"), plain("F5")], |_| vec![TrainAction::Start.into()]),
    entry(RUN, "button-pause", &[command("P")], |_| vec![RunAction::Pause.into()]),
    entry(RUN, "button-resume", &[command("P")], |_| vec![RunAction::Resume.into()]),
    entry(RUN, "button-stop", &[command("Period")], |_| vec![RunAction::Stop.into()]),
    entry(RUN, "rate-title", &[], |_| {
        vec![Action::ShowPanel(Panel::Training), TrainAction::Rate(RateAction::Show(true)).into()]
    }),
    entry(RUN, "code-title", &[command("J")], |state| vec![CodeAction::Show(!state.code.is_open).into()]),
    entry(RUN, "race-start", &[], |_| [race_page(), vec![RaceAction::Start.into()]].concat()),
    entry(GO, "tab-live", &[command("1")], |_| vec![Action::ShowView(View::Live)]),
    entry(GO, "tab-results", &[command("2")], |_| vec![Action::ShowView(View::Results)]),
    entry(GO, "tab-try", &[command("3")], |_| vec![Action::ShowView(View::Try)]),
    entry(GO, "tab-runs", &[command("4")], |_| vec![Action::ShowView(View::Runs)]),
    entry(GO, "tab-compare", &[command("5")], |_| vec![Action::ShowView(View::Compare)]),
    entry(GO, "tab-explore", &[command("6")], |_| vec![Action::ShowView(View::Explore)]),
    entry(GO, "panel-data", &[alt("1")], |_| vec![Action::ShowPanel(Panel::Data)]),
    entry(GO, "panel-model", &[alt("2")], |_| vec![Action::ShowPanel(Panel::Model)]),
    entry(GO, "panel-freeze", &[alt("3")], |_| vec![Action::ShowPanel(Panel::Freeze)]),
    entry(GO, "panel-training", &[alt("4")], |_| vec![Action::ShowPanel(Panel::Training)]),
    entry(FREEZE, "freeze-preset-1", &[], |_| freezing(Freeze::Preset1)),
    entry(FREEZE, "freeze-preset-2", &[], |_| freezing(Freeze::Preset2)),
    entry(FREEZE, "freeze-preset-3", &[], |_| freezing(Freeze::Preset3)),
    entry(FREEZE, "freeze-full", &[], |_| freezing(Freeze::Full)),
    entry(FREEZE, "freeze-biases", &[], |_| freezing(Freeze::Biases)),
    entry(FREEZE, "timeline-title", &[], |_| {
        vec![Action::ShowPanel(Panel::Freeze), TrainAction::Timeline(TimelineAction::Show(true)).into()]
    }),
    entry(FREEZE, "timeline-open-file", &[], |_| vec![Action::OpenDialog(Dialog::OpenPlan)]),
    entry(FREEZE, "timeline-save-file", &[], |_| vec![Action::OpenDialog(Dialog::SavePlan)]),
    entry(OPEN, "palette-open-data", &[command("O")], |_| vec![Action::OpenDialog(Dialog::Data)]),
    entry(OPEN, "palette-open-data-folder", &[], |_| vec![Action::OpenDialog(Dialog::DataFolder)]),
    entry(OPEN, "panel-bundled-data", &[], |_| {
        vec![Action::ShowPanel(Panel::Data), TrainAction::UseBundledData.into()]
    }),
    entry(OPEN, "palette-open-model", &[], |_| vec![Action::OpenDialog(Dialog::Model)]),
    entry(OPEN, "panel-hub-open", &[], |_| vec![Action::ShowPanel(Panel::Model), HubAction::Show(true).into()]),
    entry(OPEN, "runs-elsewhere", &[], |_| vec![Action::OpenDialog(Dialog::Run)]),
    entry(COMPARE, "palette-compare-runs", &[], |_| vec![Action::OpenDialog(Dialog::RunFolders)]),
    entry(COMPARE, "palette-compare-works", &[], |_| vec![Action::OpenDialog(Dialog::LessonWorks)]),
    entry(COMPARE, "desk-tab", &[], |_| {
        vec![Action::ShowView(View::Compare), CompareAction::ShowPage(Page::Desk).into()]
    }),
    entry(COMPARE, "desk-hide-names", &[], |state| vec![DeskAction::HideNames(!state.compare.desk.hides_names).into()]),
    entry(COMPARE, "compare-race", &[], |_| race_page()),
    entry(LESSON, "lesson-list", &[], |_| vec![LessonAction::ShowList(true).into()]),
    entry(LESSON, "lesson-open-file", &[], |_| vec![Action::OpenDialog(Dialog::Lesson)]),
    entry(LESSON, "lesson-leave", &[], |_| vec![LessonAction::Leave.into()]),
    entry(THEME, "theme-system", &[], |_| vec![Action::SetTheme(Theme::System)]),
    entry(THEME, "theme-light", &[], |_| vec![Action::SetTheme(Theme::Light)]),
    entry(THEME, "theme-dark", &[], |_| vec![Action::SetTheme(Theme::Dark)]),
    entry(LOOK, "projector", &[Keys { shift: true, ..command("P") }], |state| {
        vec![Action::SetProjector(!state.shell.settings.projector)]
    }),
    entry(LOOK, "full-screen", &[plain("F11")], |_| vec![Action::ToggleFullScreen]),
    entry(LOOK, "left-fold", &[command("B")], |state| vec![Action::FoldLeft(!state.shell.settings.left_folded)]),
    entry(LANGUAGE, "language-english", &[], |_| vec![Action::SetLanguage(Language::English)]),
    entry(LANGUAGE, "language-korean", &[], |_| vec![Action::SetLanguage(Language::Korean)]),
    entry(HELP, "help-title", &[plain("F1")], |state| vec![PaletteAction::ShowHelp(!state.palette.shows_help).into()]),
    entry(HELP, "guide-title", &[], |_| vec![GuideAction::Show(Some(Chapter::FirstRun)).into()]),
    entry(HELP, "palette-title", &[command("K")], |state| vec![PaletteAction::Show(!state.palette.open).into()]),
    entry(HELP, "doctor-title", &[], |_| vec![DoctorAction::Show(true).into()]),
    entry(HELP, "first-steps-title", &[], |_| vec![FirstStepsAction::Begin.into()]),
];

fn freezing(freeze: Freeze) -> Vec<Action> {
    vec![Action::ShowPanel(Panel::Freeze), TrainAction::SetFreeze(freeze).into()]
}

fn race_page() -> Vec<Action> {
    vec![Action::ShowView(View::Compare), CompareAction::ShowPage(Page::Race).into()]
}
