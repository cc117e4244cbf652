//! Runs side by side, of any day and from anywhere: which are chosen, how they are shown, what sets them apart.

mod compared;
pub mod desk;
pub mod differences;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::message::{Answer, AskId, Event, Question};
use crate::domain::problem::Problem;
use crate::domain::smoothing::Smoothing;
use crate::domain::stored::{OpenedBundle, OpenedRuns, RunEntry};
use crate::words::Catalogue;
use crate::words::shared::{run_name, short_name};

pub use self::compared::{Compared, Verdict, verdicts};
use self::desk::{DeskAction, DeskState};
use super::run::curves::{Axis, Curves};
use super::settings::{MOST_PINS, Settings};
use super::shell::{Shell, View};

/// What is shown of the runs that are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    #[default]
    Curves,
    Table,
    Matrices,
    /// The runs on other files than their own data.
    OtherTests,
    Settings,
    /// The instructor's desk. It is listed only while files of students are open.
    Desk,
    Race,
}

/// A column of the table, and what it is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    Name,
    Accuracy,
    /// The share of the behaviour tests' cases in which it fails.
    Behaviour,
    MacroF1,
    Secs,
    Freeze,
    LearningRate,
    Data,
    Model,
    Memory,
    Trainable,
}

impl Column {
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Accuracy,
        Self::Behaviour,
        Self::MacroF1,
        Self::Secs,
        Self::Freeze,
        Self::LearningRate,
        Self::Data,
        Self::Model,
        Self::Memory,
        Self::Trainable,
    ];

    /// Whether the largest stands first unless turned round.
    fn falls(self) -> bool {
        matches!(self, Self::Accuracy | Self::MacroF1)
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct CompareState {
    /// In the order in which they were chosen.
    pub runs: Vec<Compared>,
    /// The state of the instructor's desk.
    pub desk: DeskState,
    /// Folders and bundles that are being read, one question for each.
    pub opening: BTreeMap<AskId, PathBuf>,
    pub page: Page,
    pub axis: Axis,
    /// The column that the table is sorted by, and whether the largest stands first.
    pub sort: Option<(Column, bool)>,
    pub filter: String,
    /// The folders of the two runs whose matrices are set against each other, where they were chosen.
    pub pair: [Option<PathBuf>; 2],
    /// `Clear` keeps here what it takes out, so that Undo can bring it back.
    cleared: Option<Box<Cleared>>,
}

/// All that was compared before it was taken out.
#[derive(Clone, Debug)]
struct Cleared {
    runs: Vec<Compared>,
    desk: DeskState,
    page: Page,
}

/// What can be done about the comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareAction {
    /// Take a run of the list in, or out again.
    Tick { dir: PathBuf, on: bool },
    /// Take in runs from their folders or from bundle files.
    Open(Vec<PathBuf>),
    /// Take all runs and bundles out.
    Clear,
    /// Bring back what `Clear` took out.
    Restore,
    /// Show the curves, the table, or another page.
    ShowPage(Page),
    /// Draw curves against steps or against seconds.
    SetAxis(Axis),
    /// Sort by a column; by the same one again turns the order round.
    Sort(Column),
    /// Show only the runs of the list whose name holds this text.
    SetFilter(String),
    /// The first (0) or second (1) run whose matrix is shown.
    Choose { which: usize, dir: PathBuf },
    /// Give a run another colour, for good.
    Pin { dir: PathBuf, style: usize },
    /// The instructor's desk.
    Desk(DeskAction),
}

impl CompareState {
    /// Draws all curves as smooth as this.
    pub(super) fn smooth(&mut self, smoothing: Smoothing) {
        for run in &mut self.runs {
            if run.history.smooth(smoothing) {
                run.curves = Curves::of(&run.history);
            }
        }
    }

    pub fn holds(&self, dir: &Path) -> bool {
        let is_open = |opened: &OpenedBundle| opened.file == dir;
        self.find(dir).is_some()
            || self.desk.bundles.iter().any(is_open)
            || self.opening.values().any(|source| source == dir)
    }

    /// Returns the run's name. A student's run is named by student, step and freezing. Any other has its name in the list,
    /// with the time of its start where two have the same one, and a run that is in no list has its folder's name.
    pub fn name(&self, run: &Compared, entries: &[RunEntry], words: &Catalogue) -> String {
        let all = self.runs.iter().map(|run| &*run.run);
        if let Some(name) = self.desk.run_name(&run.run, all, words) {
            return name;
        }
        let Some(entry) = run.entry(entries) else { return short_name(&run.run.dir) };
        let others = || self.runs.iter().filter(|other| other.run.dir != run.run.dir);
        let namesakes = || others().filter_map(|other| other.entry(entries)).filter(|other| other.is_called_as(entry));
        let name = run_name(words, entry);
        match namesakes().any(|other| other.started == entry.started) {
            true => format!("{name} · {}", short_name(&entry.dir)),
            false if namesakes().next().is_some() => format!("{name} · {}", entry.started),
            false => name,
        }
    }

    pub fn find(&self, dir: &Path) -> Option<&Compared> {
        self.runs.iter().find(|run| run.run.dir == dir)
    }

    /// The runs that are shown: all of them, or those of a step of the lesson.
    pub fn shown(&self) -> impl Iterator<Item = &Compared> {
        self.runs.iter().filter(|run| self.desk.shows(&run.run))
    }

    /// The folders of the runs that are shown. What students handed in has no models.
    pub fn with_folders(&self) -> Vec<PathBuf> {
        let of_own = self.shown().filter(|run| self.desk.origin(&run.run).is_none());
        of_own.map(|run| run.run.dir.clone()).collect()
    }

    /// The two runs whose matrices are shown: the chosen ones, else the first that were tested.
    pub fn pair(&self) -> [Option<&Compared>; 2] {
        let chosen = |which: usize| self.shown().find(|run| self.pair[which].as_ref() == Some(&run.run.dir));
        let others = |not: Option<&Compared>| {
            let not = not.map(|run| &run.run.dir);
            self.shown().find(move |run| run.history.test.is_some() && Some(&run.run.dir) != not)
        };
        let first = chosen(0).or_else(|| others(chosen(1)));
        [first, chosen(1).or_else(|| others(first))]
    }

    fn clear(&mut self, shell: &mut Shell) {
        let runs = std::mem::take(&mut self.runs);
        if runs.is_empty() && self.desk.bundles.is_empty() {
            return;
        }
        let told = Problem::new("compare-cleared").with_count("runs", runs.len());
        shell.offer_undo(told.with_count("files", self.desk.bundles.len()), CompareAction::Restore);
        self.cleared = Some(Box::new(Cleared { runs, desk: self.desk.clone(), page: self.page }));
        self.desk.clear();
        if self.page == Page::Desk {
            self.page = Page::default();
        }
    }

    /// Brings back what `Clear` took out. Runs that were added meanwhile stay and follow behind.
    fn restore(&mut self) {
        let Some(cleared) = self.cleared.take() else { return };
        let Cleared { mut runs, desk, page } = *cleared;
        let newer = std::mem::take(&mut self.runs);
        runs.retain(|old| newer.iter().all(|new| new.run.dir != old.run.dir));
        runs.extend(newer);
        let newer = std::mem::replace(&mut self.desk, desk);
        self.desk.hides_names = newer.hides_names;
        newer.bundles.into_iter().for_each(|bundle| self.desk.take(bundle));
        (self.runs, self.page) = (runs, page);
    }
}

pub(super) fn update(state: &mut CompareState, action: CompareAction, shell: &mut Shell) {
    match action {
        CompareAction::Tick { dir, on: true } => open(state, vec![dir], shell),
        CompareAction::Tick { dir, on: false } => state.runs.retain(|run| run.run.dir != dir),
        CompareAction::Open(sources) => {
            open(state, sources, shell);
            shell.view = View::Compare;
        }
        CompareAction::Clear => state.clear(shell),
        CompareAction::Restore => state.restore(),
        CompareAction::ShowPage(page) => state.page = page,
        CompareAction::SetAxis(axis) => state.axis = axis,
        CompareAction::Sort(column) => {
            state.sort = Some(match state.sort {
                Some((same, falls)) if same == column => (column, !falls),
                _ => (column, column.falls()),
            });
        }
        CompareAction::SetFilter(filter) => state.filter = filter,
        CompareAction::Choose { which, dir } => state.pair[which.min(1)] = Some(dir),
        CompareAction::Pin { dir, style } => {
            shell.settings.pin(&dir, style);
            if let Some(run) = state.runs.iter_mut().find(|run| run.run.dir == dir) {
                run.style = style;
            }
        }
        CompareAction::Desk(action) => desk::update(&mut state.desk, action, shell),
    }
}

/// Asks for each source on its own, so that one which cannot be read keeps no other away.
fn open(state: &mut CompareState, sources: Vec<PathBuf>, shell: &mut Shell) {
    let new: Vec<PathBuf> = sources.into_iter().filter(|source| !state.holds(source)).collect();
    state.opening.extend(new.into_iter().map(|source| (shell.ask(Question::Comparison(vec![source.clone()])), source)));
}

/// Folds in what the worker answers.
pub(super) fn reduce(state: &mut CompareState, event: &Event, shell: &mut Shell) {
    if let Event::Answer(id, answer) = event
        && state.opening.remove(id).is_some()
        && let Some(Answer::Comparison(opened)) = shell.answered(answer)
    {
        take(state, opened.clone(), &mut shell.settings);
    }
}

fn take(state: &mut CompareState, opened: OpenedRuns, settings: &mut Settings) {
    for bundle in opened.bundles {
        if state.desk.bundles.is_empty() {
            state.page = Page::Desk;
        }
        state.desk.take(bundle);
    }
    for run in opened.runs {
        let shown: Vec<PathBuf> = state.runs.iter().map(|run| run.run.dir.clone()).collect();
        let compared = Compared::new(Arc::clone(&run), style_for(settings, &run.dir, &shown));
        match state.runs.iter_mut().find(|old| old.run.dir == run.dir) {
            Some(old) => *old = compared,
            None => state.runs.push(compared),
        }
    }
}

/// The style pinned to a folder; else the first that no pinned run has, which is pinned from now on. `shown`: the runs
/// whose pins must not go.
fn style_for(settings: &mut Settings, dir: &Path, shown: &[PathBuf]) -> usize {
    if let Some((_, style)) = settings.pins.iter().find(|(pinned, _)| pinned == dir) {
        return *style;
    }
    if settings.pins.len() >= MOST_PINS
        && let Some(oldest) = settings.pins.iter().position(|(pinned, _)| !shown.contains(pinned))
    {
        settings.pins.remove(oldest);
    }
    let is_free = |style: &usize| settings.pins.iter().all(|(_, taken)| taken != style);
    let style = (0..MOST_PINS).find(is_free).unwrap_or(shown.len() % MOST_PINS);
    settings.pin(dir, style);
    style
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::config::RunConfig;
    use crate::domain::message::{RunEvent, TestEvaluated};
    use crate::domain::metrics::Confusion;
    use crate::domain::stored::StoredRun;

    pub(super) fn tested(name: &str, hits: u64, seed: u64) -> Compared {
        let counts = vec![vec![hits / 2, 50 - hits / 2], vec![50 - hits.div_ceil(2), hits.div_ceil(2)]];
        let confusion = Confusion::try_from(counts).unwrap();
        let test = TestEvaluated {
            accuracy: confusion.accuracy(),
            macro_f1: confusion.macro_f1(),
            loss: 0.5,
            confusion,
            labels: vec!["a".into(), "b".into()],
            per_class: Vec::new(),
            frozen: None,
        };
        let mut config = RunConfig::default();
        config.data.split.seed = seed;
        let run = StoredRun::new(PathBuf::from(name), config, vec![RunEvent::TestEvaluated(test)]);
        Compared::new(Arc::new(run), 0)
    }

    #[test]
    fn what_was_taken_out_comes_back() {
        let (mut state, mut shell) = (CompareState::default(), Shell::default());
        let clear = |state: &mut CompareState, shell: &mut Shell| update(state, CompareAction::Clear, shell);
        let names = |state: &CompareState| -> Vec<_> { state.runs.iter().map(|run| run.run.dir.clone()).collect() };
        clear(&mut state, &mut shell);
        assert!(shell.notices.is_empty(), "there was nothing to take out");
        state.runs = vec![tested("a", 80, 1), tested("b", 76, 1)];
        state.page = Page::Table;
        clear(&mut state, &mut shell);
        assert!(state.runs.is_empty());
        assert_eq!(shell.notices[0].offer, Some(CompareAction::Restore.into()));
        shell.withdraw_offers();
        assert_eq!(shell.notices.len(), 1, "a run that begins takes no way back");
        state.runs = vec![tested("b", 76, 1), tested("c", 50, 1)];
        state.page = Page::Curves;
        update(&mut state, CompareAction::Restore, &mut shell);
        assert_eq!(names(&state), ["a", "b", "c"].map(PathBuf::from));
        assert_eq!(state.page, Page::Table);
        // A second one finds nothing to bring back, and takes nothing away.
        update(&mut state, CompareAction::Restore, &mut shell);
        assert_eq!(state.runs.len(), 3);
        clear(&mut state, &mut shell);
        assert_eq!(shell.notices.len(), 1, "only the last can be taken back");
    }

    #[test]
    fn colours_stay_with_their_runs() {
        let mut settings = Settings::default();
        let dir = |i: usize| PathBuf::from(format!("run-{i}"));
        for i in 0..MOST_PINS {
            assert_eq!(style_for(&mut settings, &dir(i), &[]), i);
        }
        assert_eq!(style_for(&mut settings, &dir(3), &[]), 3);
        // The oldest that is not shown gives its style away.
        assert_eq!(style_for(&mut settings, &dir(99), &[dir(0)]), 1);
        assert_eq!(style_for(&mut settings, &dir(0), &[]), 0);
        assert_eq!(settings.pins.len(), MOST_PINS);
    }
}
