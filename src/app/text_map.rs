//! The map of texts in Explore: where the first run's model puts its test rows after a layer, what linear probes read there,
//! and the words that tell the selection from the other rows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::message::{Answer, AskId, Command, Event, Notice, Progress, Question, RunEvent, Task};
use crate::domain::selected::SelectedRows;
use crate::domain::telling_words::TellingWord;
use crate::domain::text_map::{LayerPoints, MapMethod, Points, Probes, TextMap};

use super::explore::ExploreState;
use super::loading::Loading;
use super::shell::{Shell, View};

/// What the colours of the points say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapColouring {
    #[default]
    Label,
    Predicted,
    /// Whether the answer is right.
    Error,
    Confidence,
    /// Both sides in one plot: which model put the row there.
    Run,
}

impl MapColouring {
    pub const ALL: [Self; 5] = [Self::Label, Self::Predicted, Self::Error, Self::Confidence, Self::Run];
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct TextMapState {
    /// Whether Explore shows the map in the place of the table.
    pub is_shown: bool,
    /// The run that is mapped or waited for.
    dir: Option<PathBuf>,
    pub map: Loading<Arc<TextMap>>,
    pub probes: Loading<Arc<Probes>>,
    pub tsne: Loading<Arc<Vec<LayerPoints>>>,
    /// The points as t-SNE has moved them so far, by the layer, counted from 0, and whether they are those after fine-tuning.
    moving: BTreeMap<(usize, bool), Points>,
    /// The chosen layer, counted from 0; the last one with `None`.
    layer: Option<usize>,
    pub method: MapMethod,
    pub colouring: MapColouring,
    /// The words that tell the selection from all other rows.
    pub words: Loading<Arc<Vec<TellingWord>>>,
    /// The selection whose words those are.
    words_of: Option<Arc<SelectedRows>>,
    pub progress: Option<Progress>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TextMapAction {
    /// Show the map, or the table again.
    Show(bool),
    /// The layer, counted from 0.
    SetLayer(usize),
    SetMethod(MapMethod),
    Colour(MapColouring),
    /// Ask again after it has failed.
    Retry,
    /// End what is under way: the map, or t-SNE.
    Cancel,
}

impl TextMapState {
    /// The layer whose points are shown, counted from 0.
    pub fn layer(&self) -> usize {
        let last = self.map.latest().map_or(0, |map| map.layers.len().saturating_sub(1));
        self.layer.unwrap_or(last).min(last)
    }

    /// The points that are shown, as far as they are found. Those of t-SNE move.
    pub fn points(&self) -> Option<LayerPoints> {
        let (map, layer) = (self.map.ready()?, self.layer());
        match (self.method, self.tsne.ready()) {
            (MapMethod::Pca, _) => map.layers.get(layer).cloned(),
            (MapMethod::Tsne, Some(layers)) => layers.get(layer).cloned(),
            (MapMethod::Tsne, None) => {
                let side = |is_after| self.moving.get(&(layer, is_after)).cloned();
                let has_before = map.layers.iter().any(|layer| layer.before.is_some());
                let before = side(false);
                // What is not moved yet stands where the side before it does.
                let after = side(true).or_else(|| before.clone())?;
                Some(LayerPoints { before: before.filter(|_| has_before), after })
            }
        }
    }

    /// Asks what is to be shown and was not asked yet. `explore` has the runs and the selection.
    pub(super) fn follow(&mut self, explore: &ExploreState, shell: &mut Shell) {
        if !self.is_shown || shell.view != View::Explore || shell.is_running || explore.rows.ready().is_none() {
            return;
        }
        let Some(dir) = explore.runs.first() else { return };
        if self.dir.as_ref() != Some(dir) {
            self.forget(shell);
            self.dir = Some(dir.clone());
            self.map.wait(shell.ask(Question::TextMap(dir.clone())));
        }
        if self.map.ready().is_some() && self.method == MapMethod::Tsne && matches!(self.tsne, Loading::Nothing) {
            self.tsne.wait(shell.ask(Question::TextMapTsne(dir.clone())));
        }
        self.follow_words(explore, shell);
    }

    /// Has the words of a selection found that is not all rows.
    fn follow_words(&mut self, explore: &ExploreState, shell: &mut Shell) {
        let (Some(rows), Some(selected)) = (explore.rows.ready(), explore.selected.ready()) else { return };
        if self.words_of.as_ref().is_some_and(|own| Arc::ptr_eq(own, selected)) {
            return;
        }
        self.words_of = Some(Arc::clone(selected));
        self.words = Loading::Nothing;
        if selected.places.len() < rows.len() && !selected.places.is_empty() {
            let (rows, selected) = (Arc::clone(rows), Arc::clone(selected));
            self.words.wait(shell.ask(Question::TellingWords { rows, selected }));
        }
    }

    /// Forgets the run's map. How maps are looked at stays.
    fn forget(&mut self, shell: &mut Shell) {
        self.end([waited(&self.map), waited(&self.probes), waited(&self.tsne)], shell);
        let Self { is_shown, method, colouring, .. } = *self;
        *self = Self { is_shown, method, colouring, ..Self::default() };
    }

    fn end(&mut self, ids: impl IntoIterator<Item = Option<AskId>>, shell: &mut Shell) {
        ids.into_iter().flatten().for_each(|id| shell.tell(Command::Cancel(id)));
        self.progress = None;
    }

    fn end_tsne(&mut self, shell: &mut Shell) {
        if self.tsne.is_waiting() {
            self.end([waited(&self.tsne)], shell);
            self.tsne = Loading::Nothing;
            self.moving.clear();
        }
    }
}

/// The question that something is waited for.
fn waited<T>(loading: &Loading<T>) -> Option<AskId> {
    if let Loading::Waiting(id, _) = loading { Some(*id) } else { None }
}

/// Applies what the user does.
pub(super) fn update(state: &mut TextMapState, action: TextMapAction, shell: &mut Shell) {
    match action {
        TextMapAction::Show(is_shown) => {
            state.is_shown = is_shown;
            if !is_shown && state.map.is_waiting() {
                state.forget(shell);
            } else if !is_shown {
                state.end_tsne(shell);
            }
        }
        TextMapAction::SetLayer(layer) => state.layer = Some(layer),
        TextMapAction::SetMethod(method) => {
            state.method = method;
            if method == MapMethod::Pca {
                state.end_tsne(shell);
            }
            // What has failed is tried again when it is chosen again.
            if state.tsne.failed().is_some() {
                state.tsne = Loading::Nothing;
            }
        }
        TextMapAction::Colour(colouring) => state.colouring = colouring,
        TextMapAction::Retry => state.forget(shell),
        TextMapAction::Cancel if state.map.is_waiting() => {
            state.forget(shell);
            state.is_shown = false;
        }
        TextMapAction::Cancel => {
            state.end_tsne(shell);
            state.method = MapMethod::Pca;
        }
    }
}

/// Folds in what the worker tells.
pub(super) fn reduce(state: &mut TextMapState, event: &Event, shell: &mut Shell) {
    match event {
        Event::Answer(id, answer) if state.map.waits_for(id) => {
            state.progress = None;
            match answer {
                Ok(Answer::TextMap(map)) => {
                    state.probes.wait(shell.ask(Question::TextMapProbes(map.dir.clone())));
                    state.map = Loading::Ready(Arc::clone(map));
                }
                Ok(_) => {}
                Err(problem) => state.map = Loading::Failed(problem.clone()),
            }
        }
        Event::Answer(id, answer) if state.probes.waits_for(id) => {
            state.progress = None;
            match answer {
                Ok(Answer::TextMapProbes(probes)) => state.probes = Loading::Ready(Arc::clone(probes)),
                Ok(_) => {}
                Err(problem) => state.probes = Loading::Failed(problem.clone()),
            }
        }
        Event::Answer(id, answer) if state.tsne.waits_for(id) => {
            state.progress = None;
            state.moving.clear();
            match answer {
                Ok(Answer::TextMapTsne(layers)) => state.tsne = Loading::Ready(Arc::clone(layers)),
                Ok(_) => {}
                Err(problem) => state.tsne = Loading::Failed(problem.clone()),
            }
        }
        Event::Answer(id, answer) if state.words.waits_for(id) => {
            if let Some(Answer::TellingWords(words)) = shell.answered(answer) {
                state.words = Loading::Ready(Arc::clone(words));
            }
        }
        Event::Notice(Notice::TextMapMoved(moved)) if state.tsne.is_waiting() && state.is_of(&moved.dir) => {
            state.moving.insert((moved.layer, moved.is_after), Arc::clone(&moved.points));
        }
        Event::Notice(Notice::Progress(progress)) if progress.task == Task::TextMap => state.progress = Some(*progress),
        // The run that ends may have trained on in the folder that is mapped.
        Event::Run(_, events) => {
            let ended =
                events.iter().filter_map(|e| if let RunEvent::RunEnded(ended) = e { Some(ended) } else { None });
            if ended.filter_map(|ended| ended.run_dir.as_ref()).any(|dir| state.is_of(dir)) {
                state.forget(shell);
            }
        }
        _ => {}
    }
}

impl TextMapState {
    fn is_of(&self, dir: &Path) -> bool {
        self.dir.as_deref() == Some(dir)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::predictions::{ExploredRows, PredictedRow, RunAnswers};
    use crate::domain::problem::Problem;
    use crate::domain::selection::{Condition, Selection};
    use crate::domain::text_map::MovedPoints;

    use super::super::effect::Effect;
    use super::super::tests::asked;
    use super::*;

    fn explore(dir: &str, selection: Selection) -> ExploreState {
        let row = |row| PredictedRow { row, probabilities: vec![0.2, 0.8], label: row % 2, split: Default::default() };
        let rows = Arc::new(ExploredRows {
            labels: vec!["bad".into(), "good".into()],
            runs: vec![RunAnswers { rows: vec![row(2), row(3)].into(), ..RunAnswers::default() }],
            texts: vec!["a film".into(), "a good film".into()],
            ..ExploredRows::default()
        });
        let selected = Arc::new(SelectedRows::of(&rows, selection.clone(), None));
        ExploreState {
            runs: vec![dir.into()],
            rows: Loading::Ready(rows),
            selected: Loading::Ready(selected),
            selection,
            ..ExploreState::default()
        }
    }

    fn map(dir: &str) -> Arc<TextMap> {
        let points = |x: f32| Arc::new(vec![[x, 0.0], [0.0, x]]);
        let layer = |x| LayerPoints { before: Some(points(x)), after: points(x + 1.0) };
        Arc::new(TextMap { dir: dir.into(), layers: vec![layer(1.0), layer(2.0)], ..TextMap::default() })
    }

    fn mapped(state: &mut TextMapState, shell: &mut Shell, dir: &str) {
        let (id, question) = asked(shell);
        assert!(matches!(question, Question::TextMap(run) if run == Path::new(dir)));
        reduce(state, &Event::Answer(id, Ok(Answer::TextMap(map(dir)))), shell);
        let (_, question) = asked(shell);
        assert!(matches!(question, Question::TextMapProbes(_)), "the picture comes before the numbers");
    }

    #[test]
    fn points_move_while_they_are_fitted_and_the_fit_can_be_ended() {
        let (mut state, mut shell) = (TextMapState::default(), Shell { view: View::Explore, ..Shell::default() });
        let explored = explore("run", Selection::default());
        state.follow(&explored, &mut shell);
        assert!(shell.effects.is_empty(), "the table is shown");
        update(&mut state, TextMapAction::Show(true), &mut shell);
        state.follow(&explored, &mut shell);
        mapped(&mut state, &mut shell, "run");
        assert_eq!((state.layer(), state.points().unwrap().after[0]), (1, [3.0, 0.0]));
        update(&mut state, TextMapAction::SetLayer(0), &mut shell);
        assert_eq!(state.points().unwrap().before.unwrap()[0], [1.0, 0.0]);

        update(&mut state, TextMapAction::SetMethod(MapMethod::Tsne), &mut shell);
        state.follow(&explored, &mut shell);
        let (id, question) = asked(&mut shell);
        assert!(matches!(question, Question::TextMapTsne(_)) && state.points().is_none());
        let moved = |dir: &str, is_after, x| {
            let points = Arc::new(vec![[x, x]]);
            Event::Notice(Notice::TextMapMoved(MovedPoints { dir: dir.into(), layer: 0, is_after, points }))
        };
        reduce(&mut state, &moved("run", false, 5.0), &mut shell);
        reduce(&mut state, &moved("other", true, 9.0), &mut shell);
        assert_eq!(state.points().unwrap().after[0], [5.0, 5.0], "after begins where before ended");
        reduce(&mut state, &moved("run", true, 7.0), &mut shell);
        assert_eq!(state.points().unwrap().after[0], [7.0, 7.0]);
        update(&mut state, TextMapAction::Cancel, &mut shell);
        assert!(matches!(shell.effects.pop(), Some(Effect::Tell(Command::Cancel(cancelled))) if cancelled == id));
        reduce(&mut state, &Event::Answer(id, Err(Problem::new("cancelled"))), &mut shell);
        assert_eq!(state.points().unwrap().after[0], [2.0, 0.0], "the points of PCA are back");
    }

    #[test]
    fn a_selection_has_words_and_another_run_a_map_of_its_own() {
        let (mut state, mut shell) = (TextMapState::default(), Shell { view: View::Explore, ..Shell::default() });
        update(&mut state, TextMapAction::Show(true), &mut shell);
        state.follow(&explore("run", Selection::default()), &mut shell);
        mapped(&mut state, &mut shell, "run");
        let some = explore("run", Selection::default().narrowed(Condition::TrueLabel { label: 1 }));
        state.follow(&some, &mut shell);
        let (id, question) = asked(&mut shell);
        assert!(matches!(question, Question::TellingWords { .. }));
        state.follow(&some, &mut shell);
        assert!(shell.effects.is_empty(), "the same selection is not asked about twice");
        reduce(&mut state, &Event::Answer(id, Ok(Answer::TellingWords(Arc::default()))), &mut shell);
        assert!(state.words.ready().is_some());

        state.follow(&explore("other", Selection::default()), &mut shell);
        assert!(state.map.is_waiting() && state.words.ready().is_none() && state.is_shown);
        let (id, _) = asked(&mut shell);
        shell.effects.clear();
        reduce(&mut state, &Event::Answer(id, Err(Problem::new("run-without-model"))), &mut shell);
        assert!(state.map.failed().is_some());
        state.follow(&explore("other", Selection::default()), &mut shell);
        assert!(shell.effects.is_empty(), "what failed is not asked again by itself");
        update(&mut state, TextMapAction::Retry, &mut shell);
        state.follow(&explore("other", Selection::default()), &mut shell);
        mapped(&mut state, &mut shell, "other");
    }
}
