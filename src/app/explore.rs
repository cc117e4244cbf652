//! Explore: the rows behind the numbers of one run or of several, one selection of them, and in which order they stand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::health::PartName;
use crate::domain::message::{Answer, Command, Event, Notice, Progress, Question, RowTexts, RunEvent};
use crate::domain::predictions::ExploredRows;
use crate::domain::selected::{RowColumn, RowOrder, SelectedRows};
use crate::domain::selection::{Condition, Selection};

use super::loading::Loading;
use super::shell::{Shell, View};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct ExploreState {
    /// The folders of the runs whose rows are shown or waited for; the first run's answers are listed.
    pub runs: Vec<PathBuf>,
    /// This is true for runs that were chosen elsewhere than on the screen, so that they stay when another run is shown
    /// there.
    pub are_chosen: bool,
    pub rows: Loading<Arc<ExploredRows>>,
    pub selection: Selection,
    pub order: RowOrder,
    /// The selection's rows in their order, as far as they are found.
    pub selected: Loading<Arc<SelectedRows>>,
    /// The user types this into the search.
    pub search: String,
    /// The row whose whole text is shown, by its place among all rows.
    pub marked: Option<u32>,
    /// The computing of answers that are not kept with the run tells here how far it has come.
    pub progress: Option<Progress>,
}

/// The texts of a row that Try is asked about, with the reasons for the answer or without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowAsked {
    pub texts: RowTexts,
    pub with_reasons: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ExploreAction {
    /// Show the rows of these runs, and of them a selection.
    Open {
        runs: Vec<PathBuf>,
        selection: Selection,
    },
    /// Show the rows of the run on the screen again, whichever were chosen.
    ShowScreen,
    /// Show a selection of the run on the screen.
    OpenScreen(Selection),
    /// Narrow the selection.
    Select(Condition),
    /// Keep only so many of the selection's conditions.
    Widen(usize),
    Search(String),
    Sort(RowColumn),
    /// Show the whole text of a row, by its place among all rows.
    Mark(u32),
    /// Show no row's whole text any more.
    Unmark,
    /// Mark the row that stands so many rows further down in the list.
    MoveMark(isize),
    /// Ask the first of the runs about a row, which becomes the run on the screen if none of them is.
    Ask(RowAsked),
    /// Ask again after it has failed.
    Retry,
    Cancel,
}

impl ExploreState {
    /// The rows of the selection, the newest that are found.
    pub fn shown(&self) -> Option<(&Arc<ExploredRows>, &Arc<SelectedRows>)> {
        self.rows.latest().zip(self.selected.latest())
    }

    /// Shows the run on the screen, unless others were chosen or it is shown already.
    pub(super) fn follow(&mut self, screen: Option<&Path>, shell: &mut Shell) {
        if self.are_chosen && !self.runs.is_empty() && matches!(self.rows, Loading::Nothing) {
            return self.ask(shell);
        }
        let Some(dir) = screen.filter(|_| !self.are_chosen) else { return };
        if self.runs != [dir] || matches!(self.rows, Loading::Nothing) {
            self.open(vec![dir.to_owned()], Selection::default(), shell);
        }
    }

    fn open(&mut self, runs: Vec<PathBuf>, selection: Selection, shell: &mut Shell) {
        let is_shown = self.runs == runs && self.rows.failed().is_none() && !matches!(self.rows, Loading::Nothing);
        self.search = String::new();
        self.marked = None;
        self.selection = selection;
        if is_shown {
            return self.select(shell);
        }
        self.cancel(shell);
        (self.rows, self.selected, self.order) = (Loading::Nothing, Loading::Nothing, None);
        self.runs = runs;
        self.ask(shell);
    }

    fn ask(&mut self, shell: &mut Shell) {
        let id = shell.ask(Question::Rows { dirs: self.runs.clone(), with_tags: true });
        self.rows.wait(id);
    }

    fn cancel(&mut self, shell: &mut Shell) {
        if let Loading::Waiting(id, _) = &self.rows {
            shell.tell(Command::Cancel(*id));
        }
        self.progress = None;
    }

    /// Has the rows of the selection found. What was found before is shown until then.
    fn select(&mut self, shell: &mut Shell) {
        let Some(rows) = self.rows.ready() else { return };
        let (rows, selection, order) = (Arc::clone(rows), self.selection.clone(), self.order);
        self.selected.wait(shell.ask(Question::SelectedRows { rows, selection, order }));
    }

    /// Forgets the runs and their answers, which are out of date.
    fn forget(&mut self, shell: &mut Shell) {
        self.cancel(shell);
        (self.rows, self.selected) = (Loading::Nothing, Loading::Nothing);
        (self.runs, self.marked, self.are_chosen) = (Vec::new(), None, false);
    }
}

/// The test rows that the last of so many runs gets right and all others get wrong.
pub fn only_last_right(runs: usize) -> Selection {
    let (last, others) = (runs.saturating_sub(1), (0..runs.saturating_sub(1)).collect());
    of_test(Condition::Answered { right: vec![last], wrong: others })
}

/// The test rows that none of so many runs gets right.
pub fn all_wrong(runs: usize) -> Selection {
    of_test(Condition::Answered { right: Vec::new(), wrong: (0..runs).collect() })
}

/// The test rows of which a condition holds.
pub fn of_test(condition: Condition) -> Selection {
    Selection::default().narrowed(Condition::Split { split: PartName::Test }).narrowed(condition)
}

/// Applies what the user does. `screen` is the folder of the run on the screen.
pub(super) fn update(state: &mut ExploreState, action: ExploreAction, screen: Option<&Path>, shell: &mut Shell) {
    match action {
        ExploreAction::Open { runs, selection } => {
            (state.are_chosen, shell.view) = (true, View::Explore);
            state.open(runs, selection, shell);
        }
        // The run on the screen has a part in it; see `update`.
        ExploreAction::Ask(_) => {}
        ExploreAction::ShowScreen => {
            state.are_chosen = false;
            state.follow(screen, shell);
        }
        ExploreAction::OpenScreen(selection) => {
            if let Some(dir) = screen {
                (state.are_chosen, shell.view) = (false, View::Explore);
                state.open(vec![dir.to_owned()], selection, shell);
            }
        }
        ExploreAction::Select(condition) => {
            state.selection = state.selection.narrowed(condition);
            state.select(shell);
        }
        ExploreAction::Widen(steps) => {
            state.selection = state.selection.widened(steps);
            if !state.selection.steps.iter().any(|step| matches!(step, Condition::Search { .. })) {
                state.search = String::new();
            }
            state.select(shell);
        }
        ExploreAction::Search(text) => {
            let place = state.selection.steps.iter().rposition(|step| matches!(step, Condition::Search { .. }));
            let rest = place.map_or_else(|| state.selection.clone(), |place| state.selection.without(place));
            let wanted = text.trim().to_owned();
            let is_empty = wanted.is_empty();
            state.selection = if is_empty { rest } else { rest.narrowed(Condition::Search { text: wanted }) };
            state.search = text;
            state.select(shell);
        }
        ExploreAction::Sort(column) => {
            state.order = match state.order {
                Some((same, falls)) if same == column && falls == column.falls() => Some((column, !falls)),
                // The third click brings the usual order back.
                Some((same, _)) if same == column => None,
                _ => Some((column, column.falls())),
            };
            state.select(shell);
        }
        ExploreAction::Mark(place) => state.marked = Some(place),
        ExploreAction::Unmark => state.marked = None,
        ExploreAction::MoveMark(by) => {
            let Some(selected) = state.selected.latest() else { return };
            let at = state.marked.and_then(|marked| selected.places.iter().position(|place| *place == marked));
            let to = at.map_or(0, |at| at.saturating_add_signed(by));
            state.marked = selected.places.get(to.min(selected.places.len().saturating_sub(1))).copied();
        }
        ExploreAction::Retry => state.ask(shell),
        ExploreAction::Cancel => {
            state.cancel(shell);
            state.rows = Loading::Nothing;
            (state.runs, state.are_chosen) = (Vec::new(), false);
            shell.view = View::Results;
        }
    }
}

/// Folds in what the worker tells.
pub(super) fn reduce(state: &mut ExploreState, event: &Event, shell: &mut Shell) {
    match event {
        Event::Answer(id, answer) if state.rows.waits_for(id) => {
            state.progress = None;
            match answer {
                Ok(Answer::Rows(rows)) => {
                    state.rows = Loading::Ready(Arc::clone(rows));
                    state.select(shell);
                }
                Ok(_) => {}
                Err(problem) => state.rows = Loading::Failed(problem.clone()),
            }
        }
        Event::Answer(id, answer) if state.selected.waits_for(id) => {
            if let Some(Answer::SelectedRows(selected)) = shell.answered(answer) {
                state.selected = Loading::Ready(Arc::clone(selected));
            }
        }
        // A temperature was fitted or forgotten, so that the confidences are others. They are asked for once someone looks.
        Event::Answer(_, Ok(Answer::Temperature(_))) => {
            state.cancel(shell);
            (state.rows, state.selected) = (Loading::Nothing, Loading::Nothing);
        }
        Event::Notice(Notice::Progress(progress)) if state.rows.is_waiting() => state.progress = Some(*progress),
        // The run that ends may have trained on in the folder whose rows are shown.
        Event::Run(_, events) => {
            let ended =
                events.iter().filter_map(|e| if let RunEvent::RunEnded(ended) = e { Some(ended) } else { None });
            if ended.filter_map(|ended| ended.run_dir.as_ref()).any(|dir| state.runs.contains(dir)) {
                state.forget(shell);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::message::AskId;
    use crate::domain::predictions::{PredictedRow, RunAnswers};
    use crate::domain::problem::Problem;

    use super::super::effect::Effect;
    use super::super::tests::asked;
    use super::*;

    fn explored() -> Arc<ExploredRows> {
        let row =
            |row, label, p: f64| PredictedRow { row, split: PartName::Test, label, probabilities: vec![1.0 - p, p] };
        let rows = vec![row(2, 0, 0.1), row(3, 0, 0.7), row(4, 1, 0.05)];
        Arc::new(ExploredRows {
            labels: vec!["bad".into(), "good".into()],
            runs: vec![RunAnswers { rows: rows.into(), ..RunAnswers::default() }],
            texts: ["a film", "a good film", "good"].map(Into::into).into(),
            ..ExploredRows::default()
        })
    }

    /// Answers what was asked last, as the worker does.
    fn answer(state: &mut ExploreState, shell: &mut Shell) {
        let (id, question) = asked(shell);
        let answer = match question {
            Question::Rows { .. } => Answer::Rows(explored()),
            Question::SelectedRows { rows, selection, order } => {
                Answer::SelectedRows(Arc::new(SelectedRows::of(&rows, selection, order)))
            }
            other => panic!("{other:?}"),
        };
        reduce(state, &Event::Answer(id, Ok(answer)), shell);
    }

    fn places(state: &ExploreState) -> Vec<u32> {
        state.selected.ready().unwrap().places.clone()
    }

    #[test]
    fn a_click_narrows_and_the_breadcrumb_widens() {
        let (mut state, mut shell) = (ExploreState::default(), Shell::default());
        let dir = Path::new("run");
        state.follow(Some(dir), &mut shell);
        answer(&mut state, &mut shell);
        answer(&mut state, &mut shell);
        assert_eq!(places(&state), [2, 1, 0]);
        let act = |state: &mut ExploreState, shell: &mut Shell, action| {
            update(state, action, Some(dir), shell);
            answer(state, shell);
        };
        act(&mut state, &mut shell, ExploreAction::Select(Condition::Correct { is: false }));
        act(&mut state, &mut shell, ExploreAction::Search("GOOD ".into()));
        act(&mut state, &mut shell, ExploreAction::Search("good f".into()));
        assert_eq!((places(&state), state.selection.steps.len()), (vec![1], 2));
        act(&mut state, &mut shell, ExploreAction::Search(String::new()));
        assert_eq!(places(&state), [2, 1]);
        act(&mut state, &mut shell, ExploreAction::Sort(RowColumn::Row));
        assert_eq!(places(&state), [1, 2]);
        act(&mut state, &mut shell, ExploreAction::Sort(RowColumn::Row));
        act(&mut state, &mut shell, ExploreAction::Sort(RowColumn::Row));
        assert_eq!(state.order, None);
        update(&mut state, ExploreAction::MoveMark(1), None, &mut shell);
        update(&mut state, ExploreAction::MoveMark(1), None, &mut shell);
        assert_eq!(state.marked, Some(1));
        update(&mut state, ExploreAction::MoveMark(7), None, &mut shell);
        update(&mut state, ExploreAction::MoveMark(-9), None, &mut shell);
        assert_eq!(state.marked, Some(2));
        update(&mut state, ExploreAction::Unmark, None, &mut shell);
        assert_eq!(state.marked, None);
        act(&mut state, &mut shell, ExploreAction::Widen(0));
        assert_eq!(places(&state), [2, 1, 0]);
        // The program does not read again the rows that it shows.
        update(&mut state, ExploreAction::OpenScreen(Selection::default()), Some(dir), &mut shell);
        assert!(matches!(shell.effects[..], [Effect::Tell(Command::Ask(_, Question::SelectedRows { .. }))]));
    }

    #[test]
    fn another_temperature_has_the_same_rows_asked_for_again() {
        let (mut state, mut shell) = (ExploreState::default(), Shell::default());
        let runs = vec![PathBuf::from("first"), PathBuf::from("second")];
        update(&mut state, ExploreAction::Open { runs: runs.clone(), selection: all_wrong(2) }, None, &mut shell);
        answer(&mut state, &mut shell);
        answer(&mut state, &mut shell);
        reduce(&mut state, &Event::Answer(AskId(9), Ok(Answer::Temperature(None))), &mut shell);
        assert!(state.shown().is_none() && shell.effects.is_empty());
        state.follow(Some(Path::new("third")), &mut shell);
        answer(&mut state, &mut shell);
        answer(&mut state, &mut shell);
        assert!(state.shown().is_some());
        assert_eq!(
            (&state.runs, state.selection.steps.len()),
            (&runs, 2),
            "the runs that were chosen, and what of them"
        );
    }

    #[test]
    fn an_answer_that_no_one_waits_for_changes_nothing() {
        let (mut state, mut shell) = (ExploreState::default(), Shell::default());
        state.follow(Some(Path::new("first")), &mut shell);
        state.follow(Some(Path::new("second")), &mut shell);
        let cancelled = shell.effects.iter().any(|e| matches!(e, Effect::Tell(Command::Cancel(AskId(1)))));
        assert!(cancelled, "the first run's answers are no longer computed");
        reduce(&mut state, &Event::Answer(AskId(1), Ok(Answer::Rows(explored()))), &mut shell);
        assert!(state.rows.is_waiting());
        reduce(&mut state, &Event::Answer(AskId(2), Err(Problem::new("cancelled"))), &mut shell);
        assert!(state.rows.failed().is_some());
        update(&mut state, ExploreAction::Retry, None, &mut shell);
        answer(&mut state, &mut shell);
        assert!(state.rows.ready().is_some());
    }
}
