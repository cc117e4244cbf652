//! The window's state without a window: what actions and events change, and what is asked of the worker.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::{DataConfig, DataSource, ModelSource, RunConfig, TrainingConfig};
use crate::domain::dataset::{DatasetSummary, LabelCount, Skipped, SplitCounts, TokenLengths};
use crate::domain::estimate::{Calibration, LayerSecs};
use crate::domain::freeze::Freeze;
use crate::domain::hub::{HubEvent, ModelId};
use crate::domain::message::{
    Answer, AskId, Command, Event, LiveValidation, Notice, Question, RaceEvent, RunCommand, RunEnded, RunEvent, RunId,
    RunNotice, RunOutcome, RunStarted, Step,
};
use crate::domain::metrics::Confusion;
use crate::domain::params::{Block, HeadStart, ModelFacts, ParamTree, Parameter, ParameterView, Part};
use crate::domain::problem::Problem;
use crate::domain::race::{Hits, RaceEnded, RaceRow, RaceRunStarted, RaceStarted};
use crate::domain::stored::{RunEntry, RunState, StoredRun};

use super::action::Action;
use super::effect::{Effect, Offer, Panel, View};
use super::race::{self, RaceAction};
use super::reduce::reduce;
use super::run::replay::{ReplayAction, Speed};
use super::run::{RunAction, RunPhase};
use super::runs::{Purpose, RunsAction};
use super::settings::Settings;
use super::state::AppState;
use super::train::TrainAction;
use super::train::timeline::TimelineAction;

mod late;
mod lessons;
mod races;
mod stored;

const LAYERS: usize = 4;

fn tree(labels: usize) -> ParamTree {
    let parameter = |name: String, shape: &[usize], part| Parameter { name, shape: shape.to_vec(), part };
    let mut parameters = vec![parameter("embeddings.word_embeddings.weight".into(), &[100, 8], Part::Embeddings)];
    for index in 0..LAYERS {
        let part = Part::Layer { index, block: Block::Attention };
        parameters.push(parameter(format!("encoder.layer.{index}.attention.self.query.weight"), &[8, 8], part));
        parameters.push(parameter(format!("encoder.layer.{index}.attention.self.query.bias"), &[8], part));
    }
    parameters.push(parameter("pooler.dense.weight".into(), &[8, 8], Part::Pooler));
    parameters.push(parameter("classifier.weight".into(), &[labels, 8], Part::Classifier));
    parameters.push(parameter("classifier.bias".into(), &[labels], Part::Classifier));
    let facts = ModelFacts { layers: LAYERS, hidden_size: 8, positions: 512, ..ModelFacts::default() };
    ParamTree { facts, parameters }
}

fn summary(rows: usize, labels: usize) -> DatasetSummary {
    let share = |part: f64| vec![(rows as f64 * part / labels as f64) as usize; labels];
    DatasetSummary {
        name: "reviews.csv".into(),
        path: None,
        bytes: 1000,
        encoding: "UTF-8".into(),
        encoding_guessed: true,
        delimiter: ',',
        delimiter_guessed: true,
        columns: vec!["text".into(), "label".into()],
        text_column: 0,
        label_column: 1,
        head: Vec::new(),
        rows,
        skipped: Skipped::default(),
        labels: (0..labels).map(|i| LabelCount { label: i.to_string(), count: rows / labels }).collect(),
        split: SplitCounts { train: share(0.56), validation: share(0.24), test: share(0.2) },
        content_hash: 1,
    }
}

fn calibration(tokens_per_row: f64) -> Calibration {
    Calibration {
        tokens_per_row,
        max_length: 128,
        layer: LayerSecs {
            forward: 1e-6,
            evaluate: 1e-6,
            backward_input: 1e-6,
            backward_lowest: 1e-6,
            backward_weight: 1e-6,
        },
        last: LayerSecs {
            forward: 2e-7,
            evaluate: 2e-7,
            backward_input: 2e-7,
            backward_lowest: 1e-7,
            backward_weight: 2e-7,
        },
        embed_secs: 1e-8,
        update_secs: 1e-10,
        row_secs: 1e-5,
        step_secs: 1e-4,
        cache_bytes: (4 << 30, 0),
    }
}

/// The state, with what it has asked of a worker.
struct Window {
    state: AppState,
    asked: Vec<(AskId, Question)>,
}

impl Deref for Window {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.state
    }
}

impl DerefMut for Window {
    fn deref_mut(&mut self) -> &mut AppState {
        &mut self.state
    }
}

impl Window {
    fn new() -> Self {
        Self { state: AppState::new(Settings::default()), asked: Vec::new() }
    }

    /// What the effects tell the worker; here they do nothing else.
    fn told(&mut self, effects: Vec<Effect>) -> Vec<Command> {
        let told: Vec<Command> = effects
            .into_iter()
            .map(|effect| if let Effect::Tell(command) = effect { command } else { panic!("{effect:?}") })
            .collect();
        for command in &told {
            if let Command::Ask(id, question) = command {
                self.asked.push((*id, question.clone()));
            }
        }
        told
    }

    /// The newest question of a kind.
    fn newest(&self, is_kind: impl Fn(&Question) -> bool) -> AskId {
        self.asked.iter().rev().find(|(_, question)| is_kind(question)).expect("it was asked").0
    }
}

fn startup(state: &mut Window) -> Vec<Command> {
    let effects = super::update::startup(state);
    state.told(effects)
}

fn update(state: &mut Window, action: impl Into<Action>) -> Vec<Command> {
    let effects = super::update::update(state, action.into());
    state.told(effects)
}

fn hear(state: &mut Window, event: Event) -> Vec<Command> {
    let effects = reduce(state, &event);
    state.told(effects)
}

/// Answers the newest question of the answer's kind.
fn tell(state: &mut Window, answer: Answer) -> Vec<Command> {
    let is_kind = |question: &Question| match &answer {
        Answer::Dataset(_) => matches!(question, Question::Dataset { .. }),
        Answer::Model(_) => matches!(question, Question::Model(_)),
        Answer::Calibration(_) => matches!(question, Question::Calibration(_)),
        Answer::Parameter(_) => matches!(question, Question::Parameter(_)),
        Answer::Predictions(_) => matches!(question, Question::Predictions { .. }),
        Answer::Evaluation { .. } => matches!(question, Question::Evaluation { .. }),
        Answer::Runs(_) => matches!(question, Question::Runs { .. }),
        Answer::Run(_) => matches!(question, Question::Run(_)),
        Answer::RunDeleted(_) => matches!(question, Question::DeleteRun(_)),
        Answer::Lesson(_) => matches!(question, Question::Lesson(_)),
        Answer::FileSaved(_) => matches!(question, Question::SaveFile { .. }),
        other => panic!("{other:?}"),
    };
    let id = state.newest(is_kind);
    hear(state, Event::Answer(id, Ok(answer)))
}

/// Answers the newest question of a kind with a problem.
fn refuse(state: &mut Window, is_kind: impl Fn(&Question) -> bool, problem: Problem) -> Vec<Command> {
    let id = state.newest(is_kind);
    hear(state, Event::Answer(id, Err(problem)))
}

fn tell_run(state: &mut Window, run: u64, event: RunEvent) -> Vec<Command> {
    hear(state, Event::Run(RunId(run), vec![event]))
}

fn note_run(state: &mut Window, run: u64, notice: RunNotice) -> Vec<Command> {
    hear(state, Event::OfRun(RunId(run), notice))
}

fn tell_race(state: &mut Window, race: u64, event: RaceEvent) -> Vec<Command> {
    hear(state, Event::Race(RunId(race), event))
}

/// Data and model are there, and the machine was timed.
fn ready(rows: usize) -> Window {
    let mut state = Window::new();
    startup(&mut state);
    tell(&mut state, Answer::Dataset(Arc::new(summary(rows, 2))));
    tell(&mut state, Answer::Model(Arc::new(tree(2))));
    tell(&mut state, Answer::Calibration(calibration(100.0)));
    state
}

fn started(state: &mut Window) -> u64 {
    let commands = update(state, Action::Train(TrainAction::Start));
    let [Command::Run(RunCommand::Start(run_id, _))] = commands[..] else { panic!("{commands:?}") };
    run_id.0
}

fn step(step: usize) -> RunEvent {
    RunEvent::Step(Step {
        step,
        epoch: 1,
        loss: 0.7,
        accuracy: 0.5,
        learning_rate: 1e-4,
        grad_norm: 1.0,
        elapsed_secs: step as f64 * 0.1,
    })
}

fn run_started(total_steps: usize) -> RunEvent {
    RunEvent::RunStarted(RunStarted {
        train_rows: 560,
        validation_rows: 240,
        test_rows: 200,
        skipped_rows: 0,
        trainable: 1,
        frozen: 1,
        total_steps,
        device: "cpu".into(),
        seed: 42,
        labels: vec!["0".into(), "1".into()],
        head: HeadStart::New,
    })
}

fn run_ended(outcome: RunOutcome) -> RunEvent {
    let run_dir = (outcome != RunOutcome::Failed).then(|| PathBuf::from("runs/one"));
    let error = (outcome == RunOutcome::Failed).then(|| Problem::internal("broken"));
    RunEvent::RunEnded(RunEnded { outcome, error, run_dir, train_secs: 1.0, peak_memory_bytes: 0 })
}

#[test]
fn opening_reads_data_and_model_and_then_times_the_machine() {
    let mut state = Window::new();
    let asked = startup(&mut state);
    let [
        Command::Ask(_, Question::Dataset { .. }),
        Command::Ask(_, Question::Model(_)),
        Command::Hub(_),
        Command::Ask(_, Question::Runs { .. }),
    ] = asked[..]
    else {
        panic!("{asked:?}");
    };
    assert!(!state.can_train());
    assert_eq!(state.train_blocker().unwrap().id, "train-blocked-data-loading");
    assert!(tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2)))).is_empty());
    let then = tell(&mut state, Answer::Model(Arc::new(tree(2))));
    assert!(matches!(then[..], [Command::Ask(_, Question::Calibration(_))]));
    assert!(state.can_train() && state.train.estimate().is_none());
    tell(&mut state, Answer::Calibration(calibration(100.0)));
    assert!(state.train.estimate().unwrap().total_secs > 0.0);
}

#[test]
fn another_length_reads_and_times_anew_and_a_late_timing_counts_for_nothing() {
    let mut state = ready(1000);
    let training = TrainingConfig { max_length: 64, ..state.train.config.training.clone() };
    let asked = update(&mut state, Action::Train(TrainAction::ChangeTraining(training)));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Dataset { max_length: 64, .. })]));
    assert!(state.train.calibration.is_none());
    let then = tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2))));
    assert!(matches!(then[..], [Command::Ask(_, Question::Calibration(_))]));
    // Changed once more before the answer to the former question comes.
    let training = TrainingConfig { max_length: 32, ..state.train.config.training.clone() };
    update(&mut state, Action::Train(TrainAction::ChangeTraining(training)));
    tell(&mut state, Answer::Calibration(calibration(60.0)));
    assert!(state.train.calibration.is_none());
}

#[test]
fn settings_of_training_alone_ask_nothing() {
    let mut state = ready(1000);
    let training = TrainingConfig { epochs: 9, batch_size: 4, ..state.train.config.training.clone() };
    assert!(update(&mut state, Action::Train(TrainAction::ChangeTraining(training))).is_empty());
    assert!(update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Full))).is_empty());
    assert!(state.train.calibration.is_some());
}

#[test]
fn what_is_toggled_becomes_custom_and_a_preset_again() {
    let mut state = ready(1000);
    assert_eq!(state.train.totals(), Some((64 + 8 + 64 + 18, 800 + 3 * 72)));
    let pooler = vec!["pooler.dense.weight".to_owned()];
    update(&mut state, Action::Train(TrainAction::SetTrainable { names: pooler.clone(), on: false }));
    assert!(matches!(state.train.config.freeze, Freeze::Names(_)));
    assert_eq!(state.train.totals().unwrap().0, 64 + 8 + 18);
    update(&mut state, Action::Train(TrainAction::SetTrainable { names: pooler, on: true }));
    assert_eq!(state.train.config.freeze, Freeze::Preset3);
    let third = [".weight", ".bias"].map(|s| format!("encoder.layer.2.attention.self.query{s}")).to_vec();
    update(&mut state, Action::Train(TrainAction::SetTrainable { names: third, on: true }));
    assert_eq!(state.train.config.freeze, Freeze::Top(2));
}

#[test]
fn nothing_trainable_blocks_training() {
    let mut state = ready(1000);
    let all = state.train.model.latest().unwrap().parameters.iter().map(|p| p.name.clone()).collect();
    update(&mut state, Action::Train(TrainAction::SetTrainable { names: all, on: false }));
    assert_eq!(state.train_blocker().unwrap().id, "freeze-nothing-trains");
    assert!(update(&mut state, Action::Train(TrainAction::Start)).is_empty());
}

#[test]
fn the_suggested_learning_rate_follows_the_freezing_until_one_is_typed() {
    let mut state = ready(1000);
    update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Preset1)));
    assert_eq!(state.train.config.learning_rate(), 1e-3);
    let typed = TrainingConfig { learning_rate: Some(3e-5), ..state.train.config.training.clone() };
    update(&mut state, Action::Train(TrainAction::ChangeTraining(typed)));
    update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Full)));
    assert_eq!(state.train.config.learning_rate(), 3e-5);
}

#[test]
fn another_file_forgets_columns_but_keeps_the_split() {
    let mut state = ready(1000);
    let data =
        DataConfig { text_column: Some("review".into()), max_rows: Some(100), ..state.train.config.data.clone() };
    update(&mut state, Action::Train(TrainAction::ChangeData(data)));
    let split = crate::domain::config::SplitConfig { test_share: 0.4, ..state.train.config.data.split };
    update(&mut state, Action::Train(TrainAction::ChangeSplit(split)));
    update(&mut state, Action::Train(TrainAction::PickData("other.csv".into())));
    let expected = DataConfig { source: DataSource::File("other.csv".into()), split, ..DataConfig::default() };
    assert_eq!(state.train.config.data, expected);
    assert!(!state.can_train() && state.train.dataset.latest().is_some(), "the former data goes on being shown");
}

#[test]
fn data_that_cannot_be_read_opens_its_panel_and_is_not_chosen_again() {
    let mut state = ready(1000);
    update(&mut state, Action::Train(TrainAction::PickData("other.csv".into())));
    update(&mut state, Action::ShowPanel(Panel::Training));
    refuse(&mut state, |q| matches!(q, Question::Dataset { .. }), Problem::new("data-empty-file"));
    assert_eq!(state.panel, Panel::Data);
    assert_eq!(state.train_blocker().unwrap().id, "train-blocked-data-failed");
    assert_eq!(state.settings_to_save().config.data.source, DataSource::Bundled);
}

#[test]
fn the_head_follows_the_labels() {
    let mut state = ready(1000);
    update(&mut state, Action::Train(TrainAction::PickData("other.csv".into())));
    tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 5))));
    assert_eq!(state.train.model.ready().unwrap().parameters.last().unwrap().shape, [5]);
    tell(&mut state, Answer::Model(Arc::new(tree(2))));
    assert_eq!(state.train.model.ready().unwrap().parameters.last().unwrap().shape, [5]);
}

#[test]
fn a_freezing_that_does_not_fit_another_model_is_said_and_replaced() {
    let mut state = ready(1000);
    update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Top(4))));
    update(&mut state, Action::Train(TrainAction::PickModel(ModelSource::Folder("small".into()))));
    let mut small = tree(2);
    small.facts.layers = 2;
    tell(&mut state, Answer::Model(Arc::new(small)));
    assert_eq!(state.train.config.freeze, Freeze::Preset3);
    assert_eq!(state.notices[0].problem.id, "freeze-too-many-layers");
    assert!(state.can_train());
}

#[test]
fn a_length_beyond_the_model_is_shortened() {
    let mut state = ready(1000);
    let training = TrainingConfig { max_length: 512, ..state.train.config.training.clone() };
    update(&mut state, Action::Train(TrainAction::ChangeTraining(training)));
    update(&mut state, Action::Train(TrainAction::PickModel(ModelSource::Folder("short".into()))));
    let mut short = tree(2);
    short.facts.positions = 64;
    let asked = tell(&mut state, Answer::Model(Arc::new(short)));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Dataset { max_length: 64, .. })]));
}

#[test]
fn a_run_from_train_to_its_end() {
    let mut state = ready(1000);
    update(&mut state, Action::ShowView(View::Try));
    let run = started(&mut state);
    assert_eq!((state.run.shown.phase, state.view), (RunPhase::Running, View::Live));
    assert_eq!(state.train_blocker().unwrap().id, "train-blocked-running");
    assert!(update(&mut state, Action::Train(TrainAction::Start)).is_empty(), "one run at a time");
    tell_run(&mut state, run, run_started(300));
    assert_eq!(state.run.shown.steps_per_epoch(), 100);
    for n in 1..=10 {
        tell_run(&mut state, run, step(n));
    }
    assert!((state.run.shown.rows_per_sec().unwrap() - 160.0).abs() < 1e-6);
    assert!((state.run.shown.remaining_secs().unwrap() - 29.0).abs() < 1e-6);
    assert!(matches!(
        update(&mut state, Action::Run(RunAction::Pause))[..],
        [Command::Run(RunCommand::SetPaused(true))]
    ));
    note_run(&mut state, run, RunNotice::Paused(true));
    assert_eq!(state.run.shown.phase, RunPhase::Paused);
    assert!(matches!(
        update(&mut state, Action::Run(RunAction::Resume))[..],
        [Command::Run(RunCommand::SetPaused(false))]
    ));
    note_run(&mut state, run, RunNotice::Paused(false));
    assert!(matches!(update(&mut state, Action::Run(RunAction::Stop))[..], [Command::Run(RunCommand::Stop)]));
    assert_eq!(state.run.shown.phase, RunPhase::Stopping);
    assert!(update(&mut state, Action::Run(RunAction::Stop)).is_empty(), "once is enough");
    tell_run(&mut state, run, run_ended(RunOutcome::Stopped));
    assert_eq!(state.run.shown.phase, RunPhase::Ended);
    assert_eq!(state.run.last_dir, Some("runs/one".into()));
    assert!(state.can_train());
}

#[test]
fn events_of_another_run_change_nothing() {
    let mut state = ready(1000);
    let first = started(&mut state);
    tell_run(&mut state, first, run_ended(RunOutcome::Completed));
    let second = started(&mut state);
    tell_run(&mut state, first, step(7));
    tell_run(&mut state, first, run_ended(RunOutcome::Failed));
    assert_ne!(first, second);
    assert!(state.run.shown.history.steps.is_empty() && state.notices.is_empty());
    assert_eq!(state.run.shown.phase, RunPhase::Running);
}

#[test]
fn a_failed_run_says_why_and_keeps_the_former_model() {
    let mut state = ready(1000);
    let first = started(&mut state);
    tell_run(&mut state, first, run_ended(RunOutcome::Completed));
    let second = started(&mut state);
    tell_run(&mut state, second, run_ended(RunOutcome::Failed));
    assert_eq!(state.run.last_dir, Some("runs/one".into()));
    assert!(state.notices[0].is_error && state.notices[0].problem.id == "internal-error");
    update(&mut state, Action::DismissNotice(0));
    assert!(state.notices.is_empty());
}

#[test]
fn an_opened_parameter_is_read_again_after_a_run() {
    let mut state = ready(1000);
    let name = "pooler.dense.weight".to_owned();
    let asked = update(&mut state, Action::Train(TrainAction::OpenParameter(Some(name.clone()))));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Parameter(n))] if *n == name));
    let view = ParameterView {
        name,
        shape: vec![8, 8],
        first: vec![0.0],
        min: 0.0,
        max: 0.0,
        mean: 0.0,
        std: 0.0,
        histogram: vec![64],
        trained: false,
    };
    tell(&mut state, Answer::Parameter(Box::new(view)));
    assert!(state.train.tree.opened.as_ref().unwrap().1.ready().is_some());
    let run = started(&mut state);
    let asked = tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Runs { .. }), Command::Ask(_, Question::Parameter(_))]));
}

#[test]
fn a_sentence_goes_to_the_trained_model_only() {
    let mut state = ready(1000);
    update(&mut state, Action::Run(RunAction::SetSentence(" fine ".into())));
    assert!(update(&mut state, Action::Run(RunAction::Predict)).is_empty());
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    let asked = update(&mut state, Action::Run(RunAction::Predict));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Predictions { texts, .. })] if texts[0] == "fine"));
    refuse(&mut state, |q| matches!(q, Question::Predictions { .. }), Problem::internal("no"));
    assert!(state.run.prediction.failed().is_some() && state.notices.is_empty());
}

#[test]
fn a_budget_is_met_by_fewer_rows_and_shorter_texts() {
    let mut state = ready(50_000);
    let counts = (0..=128).map(|n| if n == 128 { 50_000 } else { 0 }).collect();
    let lengths = TokenLengths { counts, done: 50_000, total: 50_000, max_length: 128, cut: 40_000 };
    hear(&mut state, Event::Notice(Notice::TokenLengths(Arc::new(lengths))));
    tell(&mut state, Answer::Calibration(calibration(128.0)));
    update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Full)));
    let before = state.train.estimate().unwrap().total_secs;
    update(&mut state, Action::Train(TrainAction::SetBudget(1)));
    assert!(before > 60.0, "{before}");
    let asked = update(&mut state, Action::Train(TrainAction::FitBudget));
    assert!(matches!(asked[0], Command::Ask(_, Question::Dataset { .. })));
    let rows = state.train.config.data.max_rows.unwrap();
    assert!((2000..50_000).contains(&rows), "{rows}");
    let fitted = summary(rows, 2);
    tell(&mut state, Answer::Dataset(Arc::new(fitted)));
    let length = state.train.config.training.max_length as f64;
    tell(&mut state, Answer::Calibration(calibration(length)));
    let after = state.train.estimate().unwrap().total_secs;
    assert!(after <= 60.5 && after > 45.0, "{after}");
}

#[test]
fn a_run_that_fits_as_it_is_stays_whole() {
    let mut state = ready(100);
    update(&mut state, Action::Train(TrainAction::FitBudget));
    assert_eq!((state.train.config.data.max_rows, state.train.config.training.max_length), (None, 128));
}

#[test]
fn a_model_deleted_from_the_cache_is_forgotten() {
    let mut state = ready(1000);
    let folder = |repo: &str| PathBuf::from(format!("hub/models--{repo}/snapshots/0123"));
    for repo in ["klue--bert", "klue--bert-base"] {
        update(&mut state, Action::Train(TrainAction::PickModel(ModelSource::Folder(folder(repo)))));
    }
    let removed = |repo: &str| {
        let id = ModelId::parse(repo).unwrap();
        Event::Hub(HubEvent::Removed { id, bytes: 1 })
    };
    assert!(hear(&mut state, removed("klue/bert")).is_empty(), "another one is chosen");
    assert_eq!(state.settings.recent_models, [folder("klue--bert-base")]);
    let asked = hear(&mut state, removed("klue/bert-base"));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Model(ModelSource::Bundled))]), "{asked:?}");
    assert!(state.settings.recent_models.is_empty());
}
