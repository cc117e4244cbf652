//! The window's state without a window: what actions and events change, and what is asked of the worker.

use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::{
    DataConfig, DataSource, Guess, ModelSource, Quoting, ReadingConfig, RunConfig, TrainingConfig,
};
use crate::domain::dataset::{DatasetSummary, LabelCount, RefusedData, Skipped, SplitCounts, TableHead, TokenLengths};
use crate::domain::estimate::{Calibration, LayerSecs};
use crate::domain::freeze::Freeze;
use crate::domain::hub::{HubEvent, ModelId};
use crate::domain::message::{
    Answer, AskId, Command, Event, LiveValidation, Notice, Question, RaceEvent, RowTexts, RunCommand, RunEnded,
    RunEvent, RunId, RunNotice, RunOutcome, RunStarted, Step, WithinStep,
};
use crate::domain::metrics::Confusion;
use crate::domain::params::{Block, HeadStart, ModelFacts, ParamTree, Parameter, ParameterView, Part, ValuesOf};
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::problem::Problem;
use crate::domain::race::{Hits, RaceEnded, RaceRow, RaceRunStarted, RaceStarted};
use crate::domain::smoothing::Smoothing;
use crate::domain::stored::{RunEntry, RunState, StoredRun};

use super::action::Action;
use super::effect::Effect;
use super::plots::PlotAction;
use super::race::{self, RaceAction};
use super::reduce::reduce;
use super::run::replay::{ReplayAction, Speed};
use super::run::{RunAction, RunPhase};
use super::runs::{Purpose, RunColumn, RunsAction};
use super::settings::Settings;
use super::shell::{Panel, Shell, View};
use super::state::AppState;
use super::train::TrainAction;
use super::train::timeline::TimelineAction;

mod late;
mod lessons;
mod races;
mod run;
mod sentences;
mod stored;
mod train;
mod why;

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
        quoting: Quoting::Double,
        quoting_guessed: true,
        headless: false,
        header_guessed: true,
        columns: vec!["text".into(), "label".into()],
        text_column: 0,
        label_column: 1,
        head: Vec::new(),
        rows,
        skipped: Skipped::default(),
        labels: (0..labels).map(|i| LabelCount { label: i.to_string(), count: rows / labels }).collect(),
        merged: Vec::new(),
        split: SplitCounts { train: share(0.56), validation: share(0.24), test: share(0.2) },
        content_hash: 1,
        ..DatasetSummary::default()
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
        frozen_share: None,
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
        Answer::Dataset(_) | Answer::DataRefused(_) => matches!(question, Question::Dataset { .. }),
        Answer::Model(_) => matches!(question, Question::Model(_)),
        Answer::Calibration(_) => matches!(question, Question::Calibration(_)),
        Answer::Parameter(_) => matches!(question, Question::Parameter { .. }),
        Answer::Predictions(_) => matches!(question, Question::Predictions { .. }),
        Answer::Explanation(_) => matches!(question, Question::Explanation { .. }),
        Answer::Attention(_) => matches!(question, Question::Attention { .. }),
        Answer::Evaluation { .. } => matches!(question, Question::Evaluation { .. }),
        Answer::Scores(_) => matches!(question, Question::Scores(_)),
        Answer::Temperature(_) => matches!(question, Question::Temperature { .. }),
        Answer::Runs(_) => matches!(question, Question::Runs { .. }),
        Answer::Race(_) => matches!(question, Question::Race(_)),
        Answer::Run(_) => matches!(question, Question::Run(_)),
        Answer::RunsDeleted { .. } => matches!(question, Question::DeleteRuns(_)),
        Answer::RunsRestored(_) => matches!(question, Question::RestoreRuns(_)),
        Answer::Lesson(_) => matches!(question, Question::Lesson(_)),
        Answer::LessonWorkSaved(_) => matches!(question, Question::SaveLessonWork { .. }),
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

/// Takes the effect that a feature asked for last, which is a question.
pub(super) fn asked(shell: &mut Shell) -> (AskId, Question) {
    match shell.effects.pop() {
        Some(Effect::Tell(Command::Ask(id, question))) => (id, question),
        other => panic!("{other:?}"),
    }
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
        elapsed_secs: step as f64 * 0.1,
        ..Step::default()
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
        precision: Precision::F32,
        frozen_precision: FrozenPrecision::F32,
        seed: 42,
        labels: vec!["0".into(), "1".into()],
        text_columns: Vec::new(),
        head: HeadStart::New,
        class_weights: Vec::new(),
        label_match: Vec::new(),
        findings: Vec::new(),
    })
}

fn run_ended(outcome: RunOutcome) -> RunEvent {
    let run_dir = (outcome != RunOutcome::Failed).then(|| PathBuf::from("runs/one"));
    let error = (outcome == RunOutcome::Failed).then(|| Problem::internal("broken"));
    RunEvent::RunEnded(RunEnded { outcome, error, run_dir, train_secs: 1.0, shared_secs: 0.0, peak_memory_bytes: 0 })
}
