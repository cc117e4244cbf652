//! What Results shows beyond its first page: the curves of a class, the measures at a threshold, and the calibration.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::message::{Answer, AskId, Event, Question};
use crate::domain::metrics::Confusion;
use crate::domain::metrics::ranking::Ranking;
use crate::domain::metrics::scores::RunScores;
use crate::domain::selection::{Condition, Selection};

use super::super::explore::of_test;
use super::super::loading::Loading;
use super::super::shell::Shell;
use super::{RunPhase, ScreenState};

/// The pages of Results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Page {
    #[default]
    Overview,
    Measures,
    Curves,
    Calibration,
    /// The run on other files than its own data, which is another feature's.
    OtherTests,
}

/// The cells of a confusion matrix say one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Cells {
    /// The counts, with their shares of the row where there is room.
    #[default]
    Counts,
    /// The share of the rows of the true label.
    RowShares,
    /// The share of the rows that were predicted so.
    ColumnShares,
}

/// The threshold at which two classes are told apart unless another one is chosen.
pub const EVEN: f64 = 0.5;

/// See the module.
#[derive(Clone, Debug)]
pub struct ResultsState {
    pub page: Page,
    pub cells: Cells,
    /// The probabilities of the run that is shown, once a page needs them.
    pub scores: Loading<Arc<RunScores>>,
    /// The class that is told from all others.
    pub class: usize,
    /// The rows by their probability of that class.
    pub ranking: Option<Arc<Ranking>>,
    /// With two classes, a row is predicted as the second one from this probability on.
    pub threshold: f64,
    /// The matrix at the threshold, with two classes.
    pub at_threshold: Option<Confusion>,
    /// The fitting of the temperature that is under way.
    fitting: Option<AskId>,
}

impl Default for ResultsState {
    fn default() -> Self {
        Self {
            page: Page::default(),
            cells: Cells::default(),
            scores: Loading::Nothing,
            class: 0,
            ranking: None,
            threshold: EVEN,
            at_threshold: None,
            fitting: None,
        }
    }
}

/// The test rows of a cell of the matrix at a threshold, by their true label and what the threshold makes of them.
pub fn rows_at_threshold(threshold: f64, truth: usize, predicted: usize) -> Selection {
    let (from, to) = if predicted == 1 { (threshold, 1.0) } else { (0.0, threshold.next_down()) };
    of_test(Condition::TrueLabel { label: truth as u32 }).narrowed(Condition::Probability { label: 1, from, to })
}

#[derive(Clone, Debug, PartialEq)]
pub enum ResultsAction {
    Show(Page),
    ShowCells(Cells),
    ChooseClass(usize),
    SetThreshold(f64),
    /// Fit the temperature of the run's model on its validation rows, or forget the one that it has.
    FitTemperature(bool),
}

impl ResultsState {
    /// Another run is shown.
    pub(super) fn forget(&mut self) {
        *self = Self { cells: self.cells, ..Self::default() };
    }

    /// Returns whether a temperature is being fitted or forgotten.
    pub fn is_fitting(&self) -> bool {
        self.fitting.is_some()
    }

    fn take(&mut self, scores: &Arc<RunScores>) {
        // The second of two classes is chosen at first, because a threshold is for that one.
        if self.scores.latest().is_none() && scores.labels.len() == 2 {
            self.class = 1;
        }
        self.class = self.class.min(scores.labels.len().saturating_sub(1));
        self.scores = Loading::Ready(Arc::clone(scores));
        self.rank();
        self.cut();
    }

    fn rank(&mut self) {
        let scores = self.scores.latest().filter(|scores| self.class < scores.test.classes);
        self.ranking = scores.and_then(|scores| scores.test.ranking(self.class)).map(Arc::new);
    }

    fn cut(&mut self) {
        let scores = self.scores.latest().filter(|scores| scores.test.classes == 2);
        self.at_threshold = scores.map(|scores| scores.test.confusion_at(self.threshold));
    }
}

pub(super) fn update(state: &mut ScreenState, action: ResultsAction, shell: &mut Shell) {
    let results = &mut state.results;
    match action {
        ResultsAction::Show(page) => {
            results.page = page;
            let lacks_scores = !results.scores.is_waiting() && results.scores.ready().is_none();
            if !matches!(page, Page::Overview | Page::OtherTests) && lacks_scores {
                ask(state, shell);
            }
        }
        ResultsAction::ShowCells(cells) => results.cells = cells,
        ResultsAction::ChooseClass(class) => {
            results.class = class;
            results.rank();
        }
        ResultsAction::SetThreshold(threshold) => {
            results.threshold = threshold.clamp(0.0, 1.0);
            results.cut();
        }
        ResultsAction::FitTemperature(fit) => {
            if let Some(dir) = ended_dir(state, shell).filter(|_| !state.results.is_fitting()) {
                state.results.fitting = Some(shell.ask(Question::Temperature { dir, fit }));
            }
        }
    }
}

/// The folder of the run that is shown, once it has ended. While another run is under way, or one is replayed, there is none.
fn ended_dir(state: &ScreenState, shell: &Shell) -> Option<PathBuf> {
    state.last_dir.clone().filter(|_| !shell.is_running && state.shown.phase == RunPhase::Ended)
}

/// Asks for the probabilities of the run that is shown.
fn ask(state: &mut ScreenState, shell: &mut Shell) {
    if let Some(dir) = ended_dir(state, shell) {
        state.results.scores.wait(shell.ask(Question::Scores(dir)));
    }
}

pub(super) fn reduce(state: &mut ScreenState, event: &Event, shell: &mut Shell) {
    let Event::Answer(id, answer) = event else { return };
    let results = &mut state.results;
    if results.scores.waits_for(id) {
        match answer {
            Ok(Answer::Scores(scores)) => results.take(scores),
            Ok(_) => {}
            Err(problem) => results.scores = Loading::Failed(problem.clone()),
        }
    } else if results.fitting == Some(*id) {
        results.fitting = None;
        if let Some(Answer::Temperature(_)) = shell.answered(answer) {
            // Try shows probabilities of the model as it is now.
            state.prediction = Loading::Nothing;
            ask(state, shell);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::health::PartName;
    use crate::domain::metrics::scores::Scores;
    use crate::domain::predictions::PredictedRow;
    use crate::domain::selection::RowSeen;
    use crate::domain::tags::Tags;

    use super::*;

    #[test]
    fn a_cell_at_any_threshold_leads_to_the_rows_that_it_counts() {
        let (truths, positive) = ([0, 0, 1, 1, 1, 0], [0.1, 0.3, 0.3, 0.5, 0.9, 1.0]);
        let scores = Scores {
            classes: 2,
            truths: truths.into(),
            probabilities: positive.iter().map(|p| vec![1.0 - p, *p]).collect(),
        };
        let rows: Vec<PredictedRow> = (0..)
            .zip(truths)
            .zip(&scores.probabilities)
            .map(|((row, label), probabilities)| PredictedRow {
                row,
                split: PartName::Test,
                label,
                probabilities: probabilities.clone(),
            })
            .collect();
        for threshold in [0.0, 0.3, 0.5, 0.51, 1.0] {
            let matrix = scores.confusion_at(threshold);
            for (truth, predicted) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                let selection = rows_at_threshold(threshold, truth, predicted);
                let is_meant = |row: &&PredictedRow| {
                    selection.matches(&RowSeen { text: "", second: None, tags: Tags::default(), runs: &[*row] })
                };
                let counted = rows.iter().filter(is_meant).count() as u64;
                assert_eq!(counted, matrix.count(truth, predicted), "{truth} as {predicted} at {threshold}");
            }
        }
    }
}
