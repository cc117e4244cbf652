//! What Train would start: data, model, freezing and training, with what they will cost.

pub mod budget;
mod earlier;
pub mod forecast;
mod freezing;
pub mod rate;
pub mod timeline;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::{
    DataConfig, DataSource, Guess, HeadConfig, ModelSource, RunConfig, SplitConfig, TrainingConfig,
};
use crate::domain::dataset::{DatasetSummary, TableHead, TokenLengths};
use crate::domain::estimate::Calibration;
use crate::domain::freeze::{Freeze, check_trainable};
use crate::domain::legibility::Legibility;
use crate::domain::message::{
    Answer, AskId, CachedPrefix, Event, Notice, PrefixStatus, Progress, Question, RunCommand, RunNotice,
};
use crate::domain::params::{ParamTree, ValuesOf};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::reference::Reference;

use super::effect::Intent;
use super::loading::Loading;
use super::settings::{Settings, remember};
use super::shell::{Panel, Shell, View};
use forecast::calibrated_part;
use rate::{RateAction, RateState};
use timeline::{TimelineAction, TimelineState};
pub use tree::TreeState;

/// Minutes that "make it fit" aims at unless chosen otherwise.
const DEFAULT_BUDGET_MINUTES: u32 = 5;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct TrainState {
    pub config: RunConfig,
    /// When it `Failed`, the data panel opens and shows why.
    pub dataset: Loading<Arc<DatasetSummary>>,
    /// The columns of the file that was refused, so that others can be chosen.
    pub refused_table: Option<TableHead>,
    pub token_lengths: Option<Arc<TokenLengths>>,
    /// How well the model reads the language of the data, as soon as that is known.
    pub legibility: Option<Arc<Legibility>>,
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
    calibrating: Option<(AskId, RunConfig)>,
    /// What simpler methods reach on the data at hand, as soon as that is known.
    pub reference: Option<(DataConfig, Reference)>,
    /// What the program keeps of frozen layers' outputs, as the last run told.
    pub cached: Option<CachedPrefix>,
    /// The chosen time budget for "make it fit", minutes.
    pub budget_minutes: u32,
    pub rate: RateState,
    /// The settings from before "Start from this run".
    former: Option<Box<RunConfig>>,
    /// Plan files being read or written.
    plans: BTreeSet<AskId>,
    /// Files being read that are plans or else data.
    plans_or_data: BTreeMap<AskId, PathBuf>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TrainAction {
    /// A file was picked, dropped or chosen among the recent ones: columns, encoding and delimiter are guessed anew.
    PickData(PathBuf),
    /// A JSON file was dropped, which is a plan or else data.
    PickJson(PathBuf),
    /// Go back to the data that come with the program.
    UseBundledData,
    /// Columns, encoding, delimiter, row limit or the files of the other parts changed.
    ChangeData(Box<DataConfig>),
    /// The shares or the seed of the split changed.
    ChangeSplit(SplitConfig),
    /// A model was picked, dropped or chosen among the recent ones.
    PickModel(ModelSource),
    /// A preset or another freezing was chosen.
    SetFreeze(Freeze),
    /// The unfreezing timeline.
    Timeline(TimelineAction),
    /// Freeze or thaw these parameters by name; the freezing becomes custom (or a preset again when it equals one).
    /// A box of a group sends all names of the group.
    SetTrainable { names: Vec<String>, on: bool },
    /// Show only the parameters whose name holds this text.
    SetFilter(String),
    /// Unfold a group of the tree, or fold it.
    SetUnfolded { path: String, open: bool },
    /// Read the values of a parameter, or show none any more.
    OpenParameter(Option<String>),
    /// Epochs, rates and the like changed.
    ChangeTraining(TrainingConfig),
    /// Guess the run's end before it begins, or no longer.
    SetGuess(Option<Guess>),
    /// Minutes that `FitBudget` aims at.
    SetBudget(u32),
    /// Choose the row limit and length that fit the time budget.
    FitBudget,
    /// The learning-rate finder.
    Rate(RateAction),
    /// Look at the values of the pretrained model, or at those of the last run.
    ShowValuesOf(ValuesOf),
    /// Go back to the settings from before "Start from this run".
    TakeBack,
    /// Start the run.
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
        let waits = match (&self.dataset, &self.model) {
            (Loading::Failed(_), _) => Some("train-blocked-data-failed"),
            (Loading::Nothing | Loading::Waiting(..), _) => Some("train-blocked-data-loading"),
            (_, Loading::Failed(_)) => Some("train-blocked-model-failed"),
            (_, Loading::Nothing | Loading::Waiting(..)) => Some("train-blocked-model-loading"),
            (Loading::Ready(_), Loading::Ready(_)) => None,
        };
        let trains = || self.timeline.plan.as_ref().map_or_else(|| check_trainable(&self.trainable), |p| p.check());
        waits.map(Problem::new).or_else(|| trains().and_then(|()| self.config.check()).err())
    }

    /// What the next session should find. Data or a model that could not be read is not chosen again.
    pub(super) fn config_to_save(&self) -> RunConfig {
        let mut config = self.config.clone();
        if self.dataset.failed().is_some() {
            config.data = config.data.for_source(DataSource::Bundled);
        }
        if self.model.failed().is_some() {
            config.model = ModelSource::default();
            config.data.forget_head();
        }
        config
    }

    /// Asks for the machine to be timed once data and model are there, and again when they or the length change. Nothing
    /// is timed beside a run.
    pub(super) fn calibrate(&mut self, shell: &mut Shell) {
        let wanted = calibrated_part(&self.config);
        if self.calibrating.as_ref().is_some_and(|(_, asked)| *asked != wanted) {
            (self.calibrating, self.calibration) = (None, None);
        }
        let is_ready = self.dataset.ready().is_some() && self.model.ready().is_some() && !shell.is_running;
        if is_ready && self.calibrating.is_none() && self.config.check().is_ok() {
            self.calibrating = Some((shell.ask(Question::Calibration(Box::new(self.config.clone()))), wanted));
        }
    }

    pub(super) fn read_data(&mut self, shell: &mut Shell) {
        (self.token_lengths, self.legibility) = (None, None);
        let (config, max_length) = (Box::new(self.config.data.clone()), self.config.training.max_length);
        self.dataset.wait(shell.ask(Question::Dataset { config, max_length }));
    }

    pub(super) fn read_model(&mut self, shell: &mut Shell) {
        // What was trained before says nothing of this model.
        (self.tree.opened, self.tree.values_of, self.legibility) = (None, ValuesOf::Model, None);
        self.model.wait(shell.ask(Question::Model(self.config.model.clone())));
    }

    pub(super) fn pick_model(&mut self, source: ModelSource, shell: &mut Shell) {
        if let ModelSource::Folder(folder) = &source {
            remember(&mut shell.settings.recent_models, folder);
        }
        self.config.model = source;
        // The user stated labels and head of the former model, which say nothing of another.
        if self.config.data.head() != HeadConfig::default() {
            self.config.data.forget_head();
            self.read_data(shell);
        }
        self.read_model(shell);
    }

    /// Takes other settings, and reads their data and model. A plan file on its way was meant for the former ones.
    pub(super) fn configure(&mut self, config: RunConfig, shell: &mut Shell) {
        self.config = config;
        self.plans.clear();
        self.plans_or_data.clear();
        self.read_data(shell);
        self.read_model(shell);
    }

    /// Takes other settings for the data and the model at hand.
    pub(super) fn adopt_config(&mut self, config: RunConfig, shell: &mut Shell) {
        let freeze = config.freeze.clone();
        self.config = config;
        freezing::set(self, freeze, shell);
    }

    fn use_data(&mut self, source: DataSource, shell: &mut Shell) {
        self.config.data = self.config.data.for_source(source);
        shell.panel = Panel::Data;
        self.read_data(shell);
    }

    fn change_data(&mut self, data: DataConfig, shell: &mut Shell) {
        if data != self.config.data {
            self.config.data = data;
            self.read_data(shell);
        }
    }

    fn start(&mut self, shell: &mut Shell) {
        // The reason that kept an earlier press of Train from starting is gone.
        shell.notices.retain(|notice| !notice.problem.id.starts_with("train-blocked"));
        let mut config = Box::new(self.config.clone());
        config.guess = config.guess.and_then(Guess::made);
        // A guess is of one run; the next one is guessed anew.
        self.config.guess = self.config.guess.map(|_| Guess::default());
        config.estimated_secs = config.guess.and(self.estimate()).map(|estimate| estimate.total_secs);
        let id = shell.next_run();
        shell.want(Intent::BeginRun(id, config.clone()));
        shell.view = View::Live;
        shell.tell_run(RunCommand::Start(id, config));
    }

    /// Takes in a model: the freezing is resolved on it, and a length it cannot read is shortened.
    fn take_model(&mut self, mut tree: Arc<ParamTree>, shell: &mut Shell) {
        if let Some(data) = self.dataset.latest() {
            fit_head(&mut tree, data.labels.len());
        }
        let positions = tree.facts.positions;
        self.model = Loading::Ready(tree);
        self.progress = None;
        if let Err(problem) = freezing::adopt(self, self.config.freeze.clone()) {
            // A choice that was made on another model does not fit this one.
            shell.notify(problem, false);
            freezing::set(self, Freeze::default(), shell);
        }
        if positions > 0 && self.config.training.max_length > positions {
            self.config.training.max_length = positions;
            self.read_data(shell);
        }
    }

    fn refuse_data(&mut self, problem: &Problem, table: Option<TableHead>, shell: &mut Shell) {
        (self.dataset, self.progress) = (Loading::Failed(problem.clone()), None);
        self.refused_table = table;
        shell.panel = Panel::Data;
    }

    fn take_dataset(&mut self, summary: &Arc<DatasetSummary>, settings: &mut Settings) {
        if let Some(path) = &summary.path {
            remember(&mut settings.recent_files, path);
        }
        self.dataset = Loading::Ready(Arc::clone(summary));
        self.refused_table = None;
        self.progress = None;
        if let Loading::Ready(tree) = &mut self.model {
            fit_head(tree, summary.labels.len());
        }
    }
}

/// Applies what the user does. Whether it may be done now was checked before.
pub(super) fn update(state: &mut TrainState, action: TrainAction, shell: &mut Shell) {
    match action {
        TrainAction::PickData(path) => state.use_data(DataSource::File(path), shell),
        TrainAction::PickJson(path) => {
            let id = shell.ask(Question::Plan(path.clone()));
            state.plans_or_data.insert(id, path);
        }
        TrainAction::UseBundledData => state.use_data(DataSource::Bundled, shell),
        TrainAction::ChangeData(data) => state.change_data(*data, shell),
        TrainAction::ChangeSplit(split) => {
            state.change_data(DataConfig { split, ..state.config.data.clone() }, shell);
        }
        TrainAction::PickModel(source) => state.pick_model(source, shell),
        TrainAction::SetFreeze(freeze) => freezing::set(state, freeze, shell),
        TrainAction::Timeline(action) => timeline::update(state, action, shell),
        TrainAction::SetTrainable { names, on } => freezing::set_trainable(state, &names, on, shell),
        TrainAction::SetFilter(filter) => state.tree.filter = filter,
        TrainAction::SetUnfolded { path, open } => {
            state.tree.unfolded.remove(&path);
            state.tree.unfolded.extend(open.then_some(path));
        }
        TrainAction::OpenParameter(name) => {
            state.tree.opened = name.map(|name| (name, Loading::Nothing));
            state.read_parameter(shell);
        }
        TrainAction::ChangeTraining(training) => {
            let is_new_length = training.max_length != state.config.training.max_length;
            state.config.training = training;
            if is_new_length {
                state.read_data(shell);
            }
        }
        TrainAction::SetGuess(guess) => state.config.guess = guess,
        TrainAction::SetBudget(minutes) => state.budget_minutes = minutes.max(1),
        TrainAction::FitBudget => {
            if let Some(fit) = budget::fit(state) {
                state.config.training.max_length = fit.max_length;
                state.config.data.max_rows = fit.max_rows;
                state.read_data(shell);
            }
        }
        TrainAction::Rate(action) => rate::update(state, action, shell),
        TrainAction::ShowValuesOf(of) => state.show_values_of(of, shell),
        TrainAction::TakeBack => state.take_back(shell),
        TrainAction::Start => state.start(shell),
    }
}

/// Folds in what the worker tells.
pub(super) fn reduce(state: &mut TrainState, event: &Event, shell: &mut Shell) {
    match event {
        Event::Answer(id, answer) => take_answer(state, id, answer, shell),
        Event::Sweep(id, event) => rate::reduce(&mut state.rate, *id, event, shell),
        Event::Notice(Notice::Progress(progress)) => {
            state.progress = (progress.done < progress.total).then_some(*progress);
        }
        Event::Notice(Notice::TokenLengths(lengths)) => {
            if lengths.done >= lengths.total {
                state.progress = None;
            }
            state.token_lengths = Some(Arc::clone(lengths));
        }
        Event::Notice(Notice::Legibility(found)) => state.legibility = Some(Arc::clone(found)),
        // While another model is on its way, the former one's head says nothing any more.
        Event::Notice(Notice::HeadChanged { source, tree })
            if *source == state.config.model && state.model.ready().is_some() =>
        {
            state.take_model(Arc::clone(tree), shell);
        }
        Event::Notice(Notice::Reference { data, reference }) => {
            state.reference = Some((data.as_ref().clone(), reference.as_ref().clone()));
        }
        // A run that keeps nothing of its own leaves what others have kept.
        Event::OfRun(_, RunNotice::PrefixCached(PrefixStatus::Cached(cached))) => state.cached = Some(*cached),
        _ => {}
    }
}

fn take_answer(state: &mut TrainState, id: &AskId, answer: &Outcome<Answer>, shell: &mut Shell) {
    if state.dataset.waits_for(id) {
        match answer {
            Ok(Answer::Dataset(summary)) => state.take_dataset(summary, &mut shell.settings),
            Ok(Answer::DataRefused(refused)) => {
                state.refuse_data(&refused.problem, Some(refused.table.clone()), shell);
            }
            Ok(_) => {}
            Err(problem) => state.refuse_data(problem, None, shell),
        }
    } else if state.model.waits_for(id) {
        match answer {
            Ok(Answer::Model(tree)) => state.take_model(Arc::clone(tree), shell),
            Ok(_) => {}
            Err(problem) => {
                (state.model, state.progress) = (Loading::Failed(problem.clone()), None);
                state.trainable.clear();
                shell.panel = Panel::Model;
            }
        }
    } else if let Some((_, opened)) = &mut state.tree.opened
        && opened.waits_for(id)
    {
        match answer {
            Ok(Answer::Parameter(view)) => *opened = Loading::Ready(view.as_ref().clone()),
            Ok(_) => {}
            Err(problem) => *opened = Loading::Failed(problem.clone()),
        }
    } else if state.calibrating.as_ref().is_some_and(|(asked, _)| asked == id) {
        if let Some(Answer::Calibration(calibration)) = shell.answered(answer) {
            state.calibration = Some(*calibration);
        }
    } else if let Some(path) = state.plans_or_data.remove(id) {
        match answer {
            Err(problem) if problem.id == "plan-is-data" => state.use_data(DataSource::File(path), shell),
            answer => take_plan(state, answer, shell),
        }
    } else if state.plans.remove(id) {
        take_plan(state, answer, shell);
    }
}

/// Takes a plan that was read, or the word that one was written.
fn take_plan(state: &mut TrainState, answer: &Outcome<Answer>, shell: &mut Shell) {
    match shell.answered(answer) {
        Some(Answer::Plan(freeze)) if !shell.is_running => freezing::set(state, freeze.as_ref().clone(), shell),
        Some(Answer::PlanSaved(path)) => {
            shell.tell_done(Problem::new("plan-saved").with("file", path.display()));
        }
        _ => {}
    }
}

/// The head has one output for each label of the data, whatever the pretrained model had.
fn fit_head(tree: &mut Arc<ParamTree>, labels: usize) {
    if tree.classes().is_some_and(|n| n != labels) {
        Arc::make_mut(tree).set_classes(labels);
    }
}
