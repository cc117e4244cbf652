//! Why a model predicts what it does: the words that add to it, of this run, of the pre-trained model and of another run side
//! by side; words deleted or replaced; and where the attention lies.

use std::path::{Path, PathBuf};

use crate::domain::config::ClassifierSource;
use crate::domain::explanation::{AttentionMap, Depth, ExplainedWord, Explanation};
use crate::domain::message::{Answer, AskId, Event, Prediction, Question, RowTexts, RunId};
use crate::domain::text_words::{replaced, without};

use super::loading::Loading;
use super::run::ScreenState;
use super::shell::Shell;

/// Whose answer is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The run's on the screen.
    Run,
    /// The pre-trained model's that the run grew from, with the run's head.
    Pretrained,
    /// Another run's.
    Other(PathBuf),
}

/// One explanation beside others.
#[derive(Clone, Debug)]
pub struct Column {
    pub whose: Whose,
    pub explanation: Loading<Box<Explanation>>,
}

/// A word that was clicked, and what the run says without it or with another one in its place.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The word's place among those of the explanation.
    pub word: usize,
    /// The user writes this in its place; an empty text deletes the word.
    pub replacement: String,
    pub prediction: Loading<Vec<Prediction>>,
}

/// The screen shows this of the attention.
#[derive(Clone, Debug, Default)]
pub struct Attention {
    pub is_shown: bool,
    pub layer: usize,
    /// One head, or the mean of all.
    pub head: Option<usize>,
    /// The token from which lines are drawn; the first one is what the classification head reads.
    pub token: usize,
    pub map: Loading<Box<AttentionMap>>,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct WhyState {
    /// This is true where explanations are to stand in the place of the probabilities.
    pub is_open: bool,
    /// The texts that are explained, and the run whose model reads them: a run that is resumed keeps its folder but not its
    /// weights.
    pub texts: RowTexts,
    of: (RunId, Option<PathBuf>),
    /// Begins with that of the run.
    pub columns: Vec<Column>,
    pub shows_pretrained: bool,
    /// The other run whose answer is shown beside.
    pub other: Option<PathBuf>,
    pub change: Option<Change>,
    pub attention: Attention,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyAction {
    /// Show the explanations of the sentence in Try, or the probabilities again.
    Open(bool),
    ShowPretrained(bool),
    ShowOther(Option<PathBuf>),
    /// A word is clicked, by its place; again to let it go.
    ChooseWord(usize),
    SetReplacement(String),
    /// Ask what is predicted with the word replaced, or deleted where nothing is written.
    Change,
    ShowAttention(bool),
    SetLayer(usize),
    SetHead(Option<usize>),
    ChooseToken(usize),
}

impl WhyState {
    /// The explanation of the run on the screen.
    pub fn of_run(&self) -> Option<&Explanation> {
        self.columns.first()?.explanation.latest().map(|explanation| &**explanation)
    }

    /// The word that was clicked.
    pub fn chosen(&self) -> Option<&ExplainedWord> {
        self.of_run()?.words.get(self.change.as_ref()?.word)
    }

    /// Another run, or none, is on the screen.
    fn forget(&mut self) {
        let (is_open, shows_pretrained) = (self.is_open, self.shows_pretrained);
        *self = Self { is_open, shows_pretrained, ..Self::default() };
    }

    /// The other run whose answer is shown beside that of the run on the screen.
    pub fn beside(&self, run: &ScreenState) -> Option<&PathBuf> {
        self.other.as_ref().filter(|other| can_stand_beside(run, other))
    }

    /// Whose answers stand side by side, that of the run first.
    pub(super) fn wanted(&self, run: &ScreenState) -> Vec<Whose> {
        let pretrained = self.shows_pretrained && can_ask_pretrained(run);
        let others = [pretrained.then_some(Whose::Pretrained), self.beside(run).cloned().map(Whose::Other)];
        std::iter::once(Whose::Run).chain(others.into_iter().flatten()).collect()
    }

    /// Explains the texts of Try in all columns, where that is not under way.
    fn explain(&mut self, run: &ScreenState, shell: &mut Shell) {
        let Some(texts) = run.texts_to_ask().filter(|_| !shell.is_running) else { return };
        let of = (run.shown.id, run.last_dir.clone());
        if self.texts != texts || self.of != of {
            (self.texts, self.change, self.of) = (texts, None, of);
            self.columns.clear();
            self.attention.token = 0;
        }
        let wanted = self.wanted(run);
        let is_kept = |column: &Column| wanted.contains(&column.whose) && column.explanation.failed().is_none();
        self.columns.retain(is_kept);
        for (place, whose) in wanted.into_iter().enumerate() {
            if self.columns.get(place).is_none_or(|column| column.whose != whose) {
                let mut column = Column { whose, explanation: Loading::Nothing };
                self.ask(&mut column, Depth::Coarse, run, shell);
                self.columns.insert(place, column);
            }
        }
        self.look(run, shell);
    }

    fn ask(&self, column: &mut Column, depth: Depth, run: &ScreenState, shell: &mut Shell) {
        let Some(model) = model_of(&column.whose, run) else { return };
        let texts = self.texts.clone();
        column.explanation.wait(shell.ask(Question::Explanation { texts, model, depth }));
    }

    /// Asks for the attention, where it is shown.
    fn look(&mut self, run: &ScreenState, shell: &mut Shell) {
        if let Some(model) = model_of(&Whose::Run, run).filter(|_| self.attention.is_shown) {
            let (texts, layer) = (self.texts.clone(), self.attention.layer);
            self.attention.map.wait(shell.ask(Question::Attention { texts, model, layer }));
        }
    }

    /// The texts with the chosen word replaced or deleted.
    pub fn changed_texts(&self) -> Option<RowTexts> {
        let (word, change) = (self.chosen()?, self.change.as_ref()?);
        let (range, new) = (word.start..word.end, change.replacement.trim());
        let changed = |text: &str| {
            if new.is_empty() { without(text, &[range]) } else { replaced(text, &range, new) }
        };
        let RowTexts { text, second } = &self.texts;
        Some(match second {
            Some(second) if word.is_second => RowTexts { text: text.clone(), second: Some(changed(second)) },
            _ => RowTexts { text: changed(text), second: second.clone() },
        })
    }

    fn take(&mut self, id: &AskId, answer: Answer, run: &ScreenState, shell: &mut Shell) {
        match answer {
            Answer::Explanation(explanation) => {
                let Some(place) = self.columns.iter().position(|column| column.explanation.waits_for(id)) else {
                    return;
                };
                let deeper = match explanation.depth {
                    Depth::Coarse => Some(Depth::Words),
                    Depth::Words => Some(Depth::Deletions),
                    Depth::Deletions => None,
                };
                let mut column = self.columns[place].clone();
                column.explanation = Loading::Ready(explanation);
                if let Some(depth) = deeper {
                    self.ask(&mut column, depth, run, shell);
                }
                self.columns[place] = column;
            }
            Answer::Attention(map) if self.attention.map.waits_for(id) => {
                let shown = &mut self.attention;
                shown.token = shown.token.min(map.tokens.len().saturating_sub(1));
                shown.head = shown.head.filter(|head| *head < map.heads);
                shown.map = Loading::Ready(map);
            }
            Answer::Predictions(predictions) => {
                if let Some(change) = self.change.as_mut().filter(|change| change.prediction.waits_for(id)) {
                    change.prediction = Loading::Ready(predictions);
                }
            }
            _ => {}
        }
    }
}

/// Returns whether the pre-trained model can be asked with the run's head. That of a run under way is in no file yet, and a log
/// of another program may not tell which model its training began with.
pub fn can_ask_pretrained(run: &ScreenState) -> bool {
    run.paused_step().is_none() && run.shown.history.trainer.is_none()
}

/// Returns whether a run can stand beside the one on the screen, as another one. A run that is paused has no folder with a
/// model yet, so that the last one that ended is another one.
pub fn can_stand_beside(run: &ScreenState, other: &Path) -> bool {
    run.paused_step().is_some() || run.last_dir.as_deref() != Some(other)
}

/// The model to ask: `None` inside for the one that the worker has at hand, outside where there is none.
pub(super) fn model_of(whose: &Whose, run: &ScreenState) -> Option<Option<ClassifierSource>> {
    let dir = run.last_dir.clone();
    match whose {
        Whose::Run => dir.map(|_| run.model_to_ask()),
        Whose::Pretrained => dir.filter(|_| can_ask_pretrained(run)).map(|dir| {
            let model = run.shown.config.model.clone();
            Some(ClassifierSource { model, head: Some(dir), is_ancestor: true, precision: None })
        }),
        Whose::Other(dir) => Some(Some(dir.clone().into())),
    }
}

pub(super) fn update(state: &mut WhyState, action: WhyAction, run: &ScreenState, shell: &mut Shell) {
    match action {
        WhyAction::Open(is_open) => {
            state.is_open = is_open;
            if is_open {
                state.explain(run, shell);
            }
        }
        WhyAction::ShowPretrained(shown) => {
            state.shows_pretrained = shown;
            follow(state, run, shell);
        }
        WhyAction::ShowOther(other) => {
            state.other = other;
            follow(state, run, shell);
        }
        WhyAction::ChooseWord(word) => {
            let is_same = state.change.as_ref().is_some_and(|change| change.word == word);
            state.change = (!is_same).then(|| Change { word, ..Change::default() });
            if !is_same {
                change(state, run, shell);
            }
        }
        WhyAction::SetReplacement(replacement) => {
            if let Some(change) = &mut state.change {
                change.replacement = replacement;
            }
        }
        WhyAction::Change => change(state, run, shell),
        WhyAction::ShowAttention(shown) => {
            state.attention.is_shown = shown;
            state.look(run, shell);
        }
        WhyAction::SetLayer(layer) => {
            state.attention.layer = layer;
            state.look(run, shell);
        }
        WhyAction::SetHead(head) => state.attention.head = head,
        WhyAction::ChooseToken(token) => state.attention.token = token,
    }
}

/// Asks what the run says of the changed text.
fn change(state: &mut WhyState, run: &ScreenState, shell: &mut Shell) {
    let (Some(texts), Some(model)) = (state.changed_texts(), model_of(&Whose::Run, run)) else { return };
    if let Some(change) = state.change.as_mut().filter(|_| !shell.is_running) {
        change.prediction.wait(shell.ask(Question::Predictions { texts: vec![texts], model }));
    }
}

/// The sentence in Try is sent, and its explanation is open.
pub(super) fn follow(state: &mut WhyState, run: &ScreenState, shell: &mut Shell) {
    if state.is_open {
        state.explain(run, shell);
    }
}

/// Folds in what was asked here. Another run on the screen has other reasons.
pub(super) fn reduce(state: &mut WhyState, event: &Event, run: &ScreenState, shell: &mut Shell) {
    if !state.columns.is_empty() && (state.of.0 != run.shown.id || state.of.1 != run.last_dir) {
        state.forget();
    }
    let Event::Answer(id, answer) = event else { return };
    match answer {
        // The probabilities are told at another temperature from now on.
        Ok(Answer::Temperature(_)) => state.forget(),
        Ok(answer @ (Answer::Explanation(_) | Answer::Attention(_) | Answer::Predictions(_))) => {
            state.take(id, answer.clone(), run, shell);
        }
        Ok(_) => {}
        Err(problem) => {
            let failed = || problem.clone();
            for column in state.columns.iter_mut().filter(|column| column.explanation.waits_for(id)) {
                column.explanation = Loading::Failed(failed());
            }
            if state.attention.map.waits_for(id) {
                state.attention.map = Loading::Failed(failed());
            }
            if let Some(change) = state.change.as_mut().filter(|change| change.prediction.waits_for(id)) {
                change.prediction = Loading::Failed(failed());
            }
        }
    }
}
