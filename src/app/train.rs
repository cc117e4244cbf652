//! What Train would start: data, model, freezing and training, with what they will cost.

pub mod budget;
pub mod forecast;
mod freezing;
pub mod rate;
pub mod timeline;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::{DataConfig, DataSource, Guess, ModelSource, RunConfig, SplitConfig, TrainingConfig};
use crate::domain::dataset::{DatasetSummary, TokenLengths};
use crate::domain::estimate::Calibration;
use crate::domain::freeze::{Freeze, check_trainable};
use crate::domain::message::{Answer, AskId, Command, Event, Notice, Progress, Question, RunCommand};
use crate::domain::params::{ParamTree, ParameterView};
use crate::domain::problem::Problem;
use crate::domain::reference::Reference;
use crate::domain::stored::StoredRun;

use super::effect::{Effect, Intent, Panel, View, World};
use super::loading::{Ids, Loading, Pending};
use super::settings::Settings;
use forecast::CalibrationKey;
use rate::{RateAction, RateState};
use timeline::{TimelineAction, TimelineState};

/// Minutes that "make it fit" aims at unless chosen otherwise.
const DEFAULT_BUDGET_MINUTES: u32 = 5;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct TrainState {
    pub config: RunConfig,
    /// When it `Failed`, the data panel opens and shows why.
    pub dataset: Loading<Arc<DatasetSummary>>,
    /// The newest file that could be read, so that a file whose columns were chosen wrongly can be given others.
    pub readable: Option<Arc<DatasetSummary>>,
    pub token_lengths: Option<Arc<TokenLengths>>,
    /// When it `Failed`, the model panel opens and shows why.
    pub model: Loading<Arc<ParamTree>>,
    /// How far reading data, tokenising or reading a model has come outside a run.
    pub progress: Option<Progress>,
    /// `config.freeze` on the loaded model, parallel to the parameters of `model.latest()`; of a timeline, the stage that
    /// is shown.
    pub trainable: Vec<bool>,
    pub timeline: TimelineState,
    pub tree: TreeState,
    pub calibration: Option<Calibration>,
    /// The last calibration that was asked for, and what it is about.
    calibrating: Option<(AskId, CalibrationKey)>,
    /// What simpler methods reach on the data at hand, as soon as that is known.
    pub reference: Option<(DataConfig, Reference)>,
    /// The chosen time budget for "make it fit", minutes.
    pub budget_minutes: u32,
    pub rate: RateState,
    /// Plan files being read or written.
    plans: Pending,
}

/// How the tree of the model's parameters is shown.
#[derive(Clone, Debug, Default)]
pub struct TreeState {
    /// Text in the filter box.
    pub filter: String,
    /// Groups that are unfolded, by their path (`encoder.layer.5`).
    pub unfolded: BTreeSet<String>,
    /// The parameter whose values are open.
    pub opened: Option<(String, Loading<ParameterView>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TrainAction {
    /// A file was picked, dropped or chosen among the recent ones: columns, encoding and delimiter are guessed anew.
    PickData(PathBuf),
    UseBundledData,
    /// Columns, encoding, delimiter, row limit or the files of the other parts changed.
    ChangeData(DataConfig),
    ChangeSplit(SplitConfig),
    PickModel(ModelSource),
    SetFreeze(Freeze),
    /// The unfreezing timeline.
    Timeline(TimelineAction),
    /// Freeze or thaw these parameters by name; the freezing becomes custom (or a preset again when it equals one).
    /// A box of a group sends all names of the group.
    SetTrainable {
        names: Vec<String>,
        on: bool,
    },
    SetFilter(String),
    SetUnfolded {
        path: String,
        open: bool,
    },
    OpenParameter(Option<String>),
    ChangeTraining(TrainingConfig),
    /// Guess the run's end before it begins, or no longer.
    SetGuess(Option<Guess>),
    /// Minutes that `FitBudget` aims at.
    SetBudget(u32),
    /// Choose the row limit and length that fit the time budget.
    FitBudget,
    /// The learning-rate finder.
    Rate(RateAction),
    Start,
}

impl TrainState {
    /// What the last session left; nothing has been read yet.
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            config: settings.config.clone(),
            budget_minutes: settings.budget_minutes.unwrap_or(DEFAULT_BUDGET_MINUTES),
            // Layers frozen and not are what the window is about, so they are seen at once.
            tree: TreeState { unfolded: BTreeSet::from(["encoder".to_owned()]), ..TreeState::default() },
            ..Self::default()
        }
    }

    /// Why nothing could train with these settings.
    pub(super) fn blocker(&self) -> Option<Problem> {
        let waiting =
            |id, failed: Option<&Problem>, failed_id| Problem::new(if failed.is_some() { failed_id } else { id });
        if self.dataset.ready().is_none() {
            return Some(waiting("train-blocked-data-loading", self.dataset.failed(), "train-blocked-data-failed"));
        }
        if self.model.ready().is_none() {
            return Some(waiting("train-blocked-model-loading", self.model.failed(), "train-blocked-model-failed"));
        }
        let trains = self.timeline.plan.as_ref().map_or_else(|| check_trainable(&self.trainable), |plan| plan.check());
        trains.and_then(|()| self.config.check()).err()
    }

    /// What the next session should find. Data or a model that could not be read is not chosen again.
    pub(super) fn config_to_save(&self) -> RunConfig {
        let mut config = self.config.clone();
        if self.dataset.failed().is_some() {
            config.data = DataConfig { split: config.data.split, ..DataConfig::default() };
        }
        if self.model.failed().is_some() {
            config.model = ModelSource::default();
        }
        config
    }

    /// Asks for the machine to be timed once data and model are there, and again when they or the length change. Nothing
    /// is timed beside a run.
    pub(super) fn calibrate(&mut self, ids: &mut Ids, is_running: bool) -> Option<Effect> {
        let wanted = CalibrationKey::of(&self.config);
        if self.calibrating.as_ref().is_some_and(|(_, asked)| *asked != wanted) {
            (self.calibrating, self.calibration) = (None, None);
        }
        let is_ready = self.dataset.ready().is_some() && self.model.ready().is_some() && !is_running;
        if !is_ready || self.calibrating.is_some() || self.config.check().is_err() {
            return None;
        }
        let (id, effect) = ids.ask(Question::Calibration(Box::new(self.config.clone())));
        self.calibrating = Some((id, wanted));
        Some(effect)
    }

    pub(super) fn read_data(&mut self, ids: &mut Ids) -> Effect {
        self.token_lengths = None;
        let (config, max_length) = (self.config.data.clone(), self.config.training.max_length);
        self.dataset.ask(ids, Question::Dataset { config, max_length })
    }

    pub(super) fn read_model(&mut self, ids: &mut Ids) -> Effect {
        self.tree.opened = None;
        self.model.ask(ids, Question::Model(self.config.model.clone()))
    }

    pub(super) fn pick_model(&mut self, source: ModelSource, world: &mut World<'_>) -> Effect {
        if let ModelSource::Folder(folder) = &source {
            world.settings.remember_model(folder);
        }
        self.config.model = source;
        self.read_model(world.ids)
    }

    /// Takes other settings, and reads their data and model. A plan file on its way was meant for the former ones.
    pub(super) fn configure(&mut self, config: RunConfig, ids: &mut Ids) -> Vec<Effect> {
        self.config = config;
        self.plans = Pending::default();
        vec![self.read_data(ids), self.read_model(ids)]
    }

    /// Takes other settings for the data and the model at hand.
    pub(super) fn adopt_config(&mut self, config: RunConfig) -> Vec<Effect> {
        let freeze = config.freeze.clone();
        self.config = config;
        freezing::set(self, freeze)
    }

    /// Takes a run's data and settings, with its model to begin from; what trains is the user's to choose.
    pub(super) fn start_from(&mut self, run: &StoredRun, ids: &mut Ids) -> Vec<Effect> {
        let (model, runs_dir) = (ModelSource::Folder(run.dir.clone()), self.config.runs_dir.take());
        self.configure(RunConfig { model, out: None, runs_dir, ..run.config.clone() }, ids)
    }

    /// The opened parameter's values have changed by training.
    pub(super) fn read_parameter_again(&mut self, ids: &mut Ids) -> Option<Effect> {
        let (name, view) = self.tree.opened.as_mut()?;
        Some(view.ask(ids, Question::Parameter(name.clone())))
    }

    /// Another file: what was chosen for the former one (columns, encoding, limit) does not apply; the split does.
    fn use_data(&mut self, source: DataSource, ids: &mut Ids) -> Vec<Effect> {
        self.config.data = DataConfig { source, split: self.config.data.split, ..DataConfig::default() };
        vec![Effect::open(Panel::Data), self.read_data(ids)]
    }

    fn change_data(&mut self, data: DataConfig, ids: &mut Ids) -> Vec<Effect> {
        if data == self.config.data {
            return Vec::new();
        }
        self.config.data = data;
        vec![self.read_data(ids)]
    }

    fn start(&self, ids: &mut Ids) -> Vec<Effect> {
        let mut config = Box::new(self.config.clone());
        config.estimated_secs = config.guess.and(self.estimate()).map(|estimate| estimate.total_secs);
        let id = ids.next_run();
        vec![
            Effect::Do(Intent::BeginRun(id, config.clone())),
            Effect::show(View::Live),
            Effect::Tell(Command::Run(RunCommand::Start(id, config))),
        ]
    }

    /// Takes in a model: the freezing is resolved on it, and a length it cannot read is shortened.
    fn take_model(&mut self, mut tree: Arc<ParamTree>, ids: &mut Ids) -> Vec<Effect> {
        if let Some(data) = self.dataset.latest() {
            fit_head(&mut tree, data.labels.len());
        }
        let positions = tree.facts.positions;
        self.model = Loading::Ready(tree);
        self.progress = None;
        let mut effects = Vec::new();
        if let Err(problem) = freezing::adopt(self, self.config.freeze.clone()) {
            // A choice that was made on another model does not fit this one.
            effects.push(Effect::notify(problem, false));
            effects.extend(freezing::set(self, Freeze::default()));
        }
        if positions > 0 && self.config.training.max_length > positions {
            self.config.training.max_length = positions;
            effects.push(self.read_data(ids));
        }
        effects
    }

    fn take_dataset(&mut self, summary: &Arc<DatasetSummary>, settings: &mut Settings) {
        if let Some(path) = &summary.path {
            settings.remember_file(path);
        }
        self.dataset = Loading::Ready(Arc::clone(summary));
        self.readable = Some(Arc::clone(summary));
        self.progress = None;
        if let Loading::Ready(tree) = &mut self.model {
            fit_head(tree, summary.labels.len());
        }
    }
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(state: &mut TrainState, action: TrainAction, world: &mut World<'_>) -> Vec<Effect> {
    match action {
        TrainAction::PickData(path) => return state.use_data(DataSource::File(path), world.ids),
        TrainAction::UseBundledData => return state.use_data(DataSource::Bundled, world.ids),
        TrainAction::ChangeData(data) => return state.change_data(data, world.ids),
        TrainAction::ChangeSplit(split) => {
            let data = DataConfig { split, ..state.config.data.clone() };
            return state.change_data(data, world.ids);
        }
        TrainAction::PickModel(source) => return vec![state.pick_model(source, world)],
        TrainAction::SetFreeze(freeze) => return freezing::set(state, freeze),
        TrainAction::Timeline(action) => return timeline::update(state, action, world),
        TrainAction::SetTrainable { names, on } => return freezing::set_trainable(state, &names, on),
        TrainAction::SetFilter(filter) => state.tree.filter = filter,
        TrainAction::SetUnfolded { path, open: true } => {
            state.tree.unfolded.insert(path);
        }
        TrainAction::SetUnfolded { path, open: false } => {
            state.tree.unfolded.remove(&path);
        }
        TrainAction::OpenParameter(name) => {
            state.tree.opened = name.map(|name| (name, Loading::Nothing));
            return state.read_parameter_again(world.ids).into_iter().collect();
        }
        TrainAction::ChangeTraining(training) => {
            let is_new_length = training.max_length != state.config.training.max_length;
            state.config.training = training;
            if is_new_length {
                return vec![state.read_data(world.ids)];
            }
        }
        TrainAction::SetGuess(guess) => state.config.guess = guess,
        TrainAction::SetBudget(minutes) => state.budget_minutes = minutes.max(1),
        TrainAction::FitBudget => {
            if let Some(fit) = budget::fit(state) {
                state.config.training.max_length = fit.max_length;
                state.config.data.max_rows = fit.max_rows;
                return vec![state.read_data(world.ids)];
            }
        }
        TrainAction::Rate(action) => return rate::update(state, action, world.ids),
        TrainAction::Start => return state.start(world.ids),
    }
    Vec::new()
}

/// Folds in what the worker tells.
pub(super) fn reduce(state: &mut TrainState, event: &Event, world: &mut World<'_>) -> Vec<Effect> {
    match event {
        Event::Answer(id, Ok(answer)) => return take_answer(state, *id, answer, world),
        Event::Answer(id, Err(problem)) => return take_failure(state, *id, problem),
        Event::Sweep(id, event) => return rate::reduce(&mut state.rate, *id, event),
        Event::Notice(Notice::Progress(progress)) => {
            state.progress = (progress.done < progress.total).then_some(*progress);
        }
        Event::Notice(Notice::TokenLengths(lengths)) => {
            if lengths.done >= lengths.total {
                state.progress = None;
            }
            state.token_lengths = Some(Arc::clone(lengths));
        }
        // While another model is on its way, the former one's head says nothing any more.
        Event::Notice(Notice::HeadChanged { source, tree })
            if *source == state.config.model && state.model.ready().is_some() =>
        {
            return state.take_model(Arc::clone(tree), world.ids);
        }
        Event::Notice(Notice::Reference { data, reference }) => {
            state.reference = Some((data.as_ref().clone(), reference.as_ref().clone()));
        }
        _ => {}
    }
    Vec::new()
}

fn take_answer(state: &mut TrainState, id: AskId, answer: &Answer, world: &mut World<'_>) -> Vec<Effect> {
    match answer {
        Answer::Dataset(summary) if state.dataset.waits_for(&id) => state.take_dataset(summary, world.settings),
        Answer::Model(tree) if state.model.waits_for(&id) => return state.take_model(Arc::clone(tree), world.ids),
        Answer::Calibration(calibration) if state.calibrating.as_ref().is_some_and(|(asked, _)| *asked == id) => {
            state.calibration = Some(*calibration);
        }
        Answer::Parameter(view) => {
            if let Some((_, opened)) = &mut state.tree.opened
                && opened.waits_for(&id)
            {
                *opened = Loading::Ready(view.as_ref().clone());
            }
        }
        Answer::Plan(freeze) if state.plans.take(id).is_some() && !world.is_running => {
            return freezing::set(state, freeze.as_ref().clone());
        }
        Answer::PlanSaved(path) if state.plans.take(id).is_some() => {
            return vec![Effect::notify(Problem::new("plan-saved").with("file", path.display()), false)];
        }
        _ => {}
    }
    Vec::new()
}

fn take_failure(state: &mut TrainState, id: AskId, problem: &Problem) -> Vec<Effect> {
    if state.dataset.waits_for(&id) {
        state.dataset = Loading::Failed(problem.clone());
        state.progress = None;
        return vec![Effect::open(Panel::Data)];
    }
    if state.model.waits_for(&id) {
        state.model = Loading::Failed(problem.clone());
        state.trainable.clear();
        state.progress = None;
        return vec![Effect::open(Panel::Model)];
    }
    if let Some((_, opened)) = &mut state.tree.opened
        && opened.waits_for(&id)
    {
        *opened = Loading::Failed(problem.clone());
        return Vec::new();
    }
    let is_own = state.calibrating.as_ref().is_some_and(|(asked, _)| *asked == id) || state.plans.take(id).is_some();
    if is_own { vec![Effect::error(problem.clone())] } else { Vec::new() }
}

/// The head has one output for each label of the data, whatever the pretrained model had.
fn fit_head(tree: &mut Arc<ParamTree>, labels: usize) {
    if tree.classes().is_some_and(|n| n != labels) {
        Arc::make_mut(tree).set_classes(labels);
    }
}
