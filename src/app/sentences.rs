//! Sentences of the user's own that Try keeps, each with the answers of several models side by side.

use std::path::PathBuf;

use crate::domain::message::{Answer, Event, Prediction, Question, RowTexts, RunId};

use super::loading::Loading;
use super::run::{RunAction, ScreenState};
use super::shell::{Shell, View};
use super::why::{Whose, WhyState, model_of};

/// So many sentences are kept.
pub const MOST: usize = 8;

/// One model says this of all sentences.
#[derive(Clone, Debug)]
pub struct Answers {
    pub whose: Whose,
    /// Parallel to the sentences.
    pub answers: Loading<Vec<Prediction>>,
}

/// The answers that are shown were asked for with these.
#[derive(Clone, Debug, Default, PartialEq)]
struct Asked {
    texts: Vec<RowTexts>,
    of: Of,
}

/// The model that answers for the run on the screen.
#[derive(Clone, Debug, Default, PartialEq)]
struct Of {
    /// A run that is resumed has the folder that it had before, but other weights.
    id: RunId,
    run: Option<PathBuf>,
    /// The step at which a run under way is paused.
    step: Option<usize>,
}

impl Of {
    fn screen(run: &ScreenState) -> Self {
        Self { id: run.shown.id, run: run.last_dir.clone(), step: run.paused_step() }
    }
}

/// See the module. The sentences themselves are in the settings, so that they are there the next time.
#[derive(Clone, Debug, Default)]
pub struct SentencesState {
    /// This is true while the sentences stand in the place of the one answer.
    pub is_open: bool,
    /// Begins with that of the run.
    pub(super) columns: Vec<Answers>,
    asked: Asked,
}

impl SentencesState {
    /// The answers that belong to the run on the screen, whose own come first. Those of an earlier run would stand below the
    /// name of this one.
    pub fn columns(&self, run: &ScreenState) -> &[Answers] {
        if self.asked.of == Of::screen(run) { &self.columns } else { &[] }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentencesAction {
    /// Show the sentences, or the one that is being typed.
    Show(bool),
    /// Keep the sentence that is being typed.
    Keep,
    /// Keep the sentence at this place among all that are kept no longer.
    Remove(usize),
    /// Put the sentence at this place among all that are kept into the field and ask for it.
    Use(usize),
}

/// The sentences that the run on the screen can read, with their places among all that are kept.
pub fn kept<'a>(run: &ScreenState, all: &'a [RowTexts]) -> impl Iterator<Item = (usize, &'a RowTexts)> {
    let reads_pairs = run.reads_pairs();
    all.iter().enumerate().filter(move |(_, texts)| texts.second.is_some() == reads_pairs)
}

/// Returns whether the sentence that is being typed can be kept.
pub fn can_keep(run: &ScreenState, all: &[RowTexts]) -> bool {
    run.texts_written().is_some_and(|texts| all.len() < MOST && !all.contains(&texts))
}

pub(super) fn update(
    state: &mut SentencesState,
    action: SentencesAction,
    run: &mut ScreenState,
    why: &WhyState,
    shell: &mut Shell,
) {
    match action {
        SentencesAction::Show(is_open) => state.is_open = is_open,
        SentencesAction::Keep if can_keep(run, &shell.settings.sentences) => {
            shell.settings.sentences.extend(run.texts_written());
            state.is_open = true;
        }
        SentencesAction::Keep => {}
        SentencesAction::Remove(place) if place < shell.settings.sentences.len() => {
            shell.settings.sentences.remove(place);
        }
        SentencesAction::Remove(_) => {}
        SentencesAction::Use(place) => {
            let Some(texts) = shell.settings.sentences.get(place).cloned() else { return };
            (run.sentence, state.is_open) = (texts.text, false);
            run.second_sentence = texts.second.unwrap_or_default();
            super::run::update(run, RunAction::Predict, shell);
        }
    }
    follow(state, run, why, shell);
}

/// Asks what is not asked yet, while the sentences are shown.
pub(super) fn follow(state: &mut SentencesState, run: &ScreenState, why: &WhyState, shell: &mut Shell) {
    let of = Of::screen(run);
    let step = of.step;
    if !state.is_open || (step.is_none() && shell.is_running) {
        return;
    }
    let texts: Vec<RowTexts> = kept(run, &shell.settings.sentences).map(|(_, texts)| texts.clone()).collect();
    let asked = Asked { texts, of };
    if state.asked != asked {
        (state.asked, state.columns) = (asked, Vec::new());
    }
    if state.asked.texts.is_empty() {
        return;
    }
    let wanted = why.wanted(run);
    state.columns.retain(|column| wanted.contains(&column.whose) && column.answers.failed().is_none());
    for (place, whose) in wanted.into_iter().enumerate() {
        if state.columns.get(place).is_some_and(|column| column.whose == whose) {
            continue;
        }
        let texts = state.asked.texts.clone();
        let question = match (&whose, step) {
            (Whose::Run, Some(_)) => Some(Question::PausedPredictions(texts)),
            _ => model_of(&whose, run).map(|model| Question::Predictions { texts, model }),
        };
        let mut answers = Loading::Nothing;
        if let Some(question) = question {
            answers.wait(shell.ask(question));
        }
        state.columns.insert(place, Answers { whose, answers });
    }
}

/// Folds in what was asked here, and asks again once other answers are to be had.
pub(super) fn reduce(state: &mut SentencesState, event: &Event, run: &ScreenState, why: &WhyState, shell: &mut Shell) {
    if let Event::Answer(id, answer) = event {
        if let Ok(Answer::Temperature(_)) = answer {
            state.columns.clear();
            return follow(state, run, why, shell);
        }
        if let Some(column) = state.columns.iter_mut().find(|column| column.answers.waits_for(id)) {
            match answer {
                Ok(Answer::Predictions(found)) => column.answers = Loading::Ready(found.clone()),
                Ok(_) => {}
                Err(problem) => column.answers = Loading::Failed(problem.clone()),
            }
        }
    }
    // Another model is on the screen by now. Where it did not change, a question that failed is not asked again and again.
    if shell.view == View::Try && state.asked.of != Of::screen(run) {
        follow(state, run, why, shell);
    }
}
