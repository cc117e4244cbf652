//! The thread that takes commands. It does nothing slow itself, so it always answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};

use crossbeam_channel::Receiver;

use crate::domain::config::{DataConfig, ModelSource, RunConfig};
use crate::domain::message::{Command, Event, EventKind, RunEnded, RunId, RunOutcome};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::RaceEnded;
use crate::domain::rate_sweep::LearningRateSwept;

use super::control::Control;
use super::lane::guarded;
use super::models;
use super::plans;
use super::questions;
use super::race::{self, RaceBeginning};
use super::rate_sweep;
use super::run::{self, Beginning};
use super::shared::Shared;
use super::stored;

pub struct Desk {
    shared: Arc<Shared>,
    run_thread: Option<JoinHandle<()>>,
}

impl Desk {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, run_thread: None }
    }

    /// Takes commands until `Shutdown` or until no one is left to send any; then stops and saves a run under way.
    pub fn serve(mut self, commands: &Receiver<Command>) {
        for command in commands {
            if matches!(command, Command::Shutdown) {
                break;
            }
            self.take(command);
        }
        self.shared.stop_filling();
        self.shared.models.cancel_all();
        if let Some(control) = self.shared.running() {
            control.stop();
        }
        self.join_run();
    }

    fn take(&mut self, command: Command) {
        match command {
            Command::InspectData { config, max_length } => self.inspect_data(config, max_length),
            Command::LoadModel { source } => self.load_model(source),
            Command::Hub(request) => models::take(&self.shared, request),
            Command::InspectParameter { name } => self.ask(move |shared| {
                let view = questions::inspect_parameter(shared, &name)?;
                Ok(EventKind::ParameterReady(Box::new(view)))
            }),
            Command::Predict { texts, run_dir } => self.ask(move |shared| {
                let predictions = questions::predict(shared, &texts, run_dir.as_deref())?;
                Ok(EventKind::Predicted(predictions))
            }),
            Command::Evaluate { run_dir, data } => self.ask(move |shared| {
                let report = questions::evaluate_folder(shared, &run_dir, data)?;
                Ok(EventKind::TestEvaluated(report))
            }),
            Command::Calibrate { config } => questions::calibrate(&self.shared, config),
            Command::FindLearningRate { config } => self.find_learning_rate(config),
            Command::Start { run_id, config } => self.start(run_id, Beginning::New(config)),
            Command::ResumeRun { run_id, dir } => self.start(run_id, Beginning::Resume(dir)),
            Command::ContinueRun { run_id, dir, epochs, learning_rate, out } => {
                self.start(run_id, Beginning::Continue { dir, epochs, learning_rate, out });
            }
            Command::StartRace { run_id, plan } => self.start_race(run_id, RaceBeginning::New(plan)),
            Command::ResumeRace { run_id, dir } => self.start_race(run_id, RaceBeginning::Resume(dir)),
            Command::Skip => self.with_run(Control::skip),
            Command::OpenRuns { sources } => {
                self.ask(move |shared| stored::open_all(&sources, |problem| shared.tell(EventKind::Warning(problem))))
            }
            Command::ListLessons => self.ask(|_| stored::lessons()),
            Command::OpenLesson { source } => self.ask(move |_| stored::lesson(&source)),
            Command::SaveBundle { lesson, work, to } => self.ask(move |_| stored::save_bundle(&lesson, &work, &to)),
            Command::ListRuns { folder, others } => {
                self.ask(move |_| stored::list(folder.as_deref(), &others));
            }
            Command::ProveFreeze { dir } => self.ask(move |_| stored::prove(&dir)),
            Command::OpenRun { dir } => self.ask(move |_| stored::open(&dir)),
            Command::LabelRun { dir, name, note } => self.ask(move |_| stored::label(&dir, &name, &note)),
            Command::SavePlan { path, freeze } => self.ask_of_plan(move || plans::save(&path, &freeze)),
            Command::OpenPlan { path, purpose } => self.ask_of_plan(move || plans::open(path, purpose)),
            Command::DeleteRun { dir } => self.ask(move |_| stored::delete(dir)),
            Command::ExportRun { dir, to } => self.ask(move |_| stored::export(&dir, &to)),
            Command::Pause => self.with_run(|control| control.set_paused(true)),
            Command::Resume => self.with_run(|control| control.set_paused(false)),
            Command::Stop => self.with_run(Control::stop),
            Command::Shutdown => {}
        }
    }

    /// Answers a question on its lane, with what `answer` gives or with what went wrong.
    fn ask(&self, answer: impl FnOnce(&Arc<Shared>) -> Outcome<EventKind> + Send + 'static) {
        let shared = Arc::clone(&self.shared);
        self.shared.question_lane.push(move || {
            let kind = guarded(|| answer(&shared)).unwrap_or_else(EventKind::RequestFailed);
            shared.tell(kind);
        });
    }

    /// What cannot be read or written of a plan has an answer of its own, since the timeline's window shows it.
    fn ask_of_plan(&self, answer: impl FnOnce() -> Outcome<EventKind> + Send + 'static) {
        self.ask(move |_| Ok(answer().unwrap_or_else(EventKind::PlanFailed)));
    }

    fn inspect_data(&self, config: DataConfig, max_length: usize) {
        let turn = self.shared.data_turn.fetch_add(1, Ordering::AcqRel) + 1;
        let shared = Arc::clone(&self.shared);
        self.shared.data_lane.push(move || {
            let is_newest = || shared.data_turn.load(Ordering::Acquire) == turn;
            if !is_newest() {
                return;
            }
            let opened = guarded(|| shared.open_data(&config, None));
            if !is_newest() {
                return;
            }
            match opened {
                Ok((data, _)) => {
                    shared.tell(EventKind::DatasetReady(Arc::new(data.dataset.summary.clone())));
                    let model = {
                        let mut session = shared.session();
                        session.max_length = max_length;
                        let model = session.model.clone();
                        model.filter(|model| session.labels_for(model) != session.shown_labels)
                    };
                    // Another number of labels makes another head.
                    if let Some(model) = model {
                        shared.show_model(&model, None);
                    }
                    shared.fill_tokens();
                }
                Err(problem) => shared.tell(EventKind::DatasetFailed(problem)),
            }
        });
    }

    fn load_model(&self, source: ModelSource) {
        let turn = self.shared.model_turn.fetch_add(1, Ordering::AcqRel) + 1;
        let shared = Arc::clone(&self.shared);
        self.shared.model_lane.push(move || {
            let is_newest = || shared.model_turn.load(Ordering::Acquire) == turn;
            if !is_newest() {
                return;
            }
            let opened = guarded(|| shared.open_model(&source));
            if !is_newest() {
                return;
            }
            match opened {
                Ok((model, _)) => {
                    shared.show_model(&model, None);
                    shared.fill_tokens();
                }
                Err(problem) => shared.tell(EventKind::ModelFailed(problem)),
            }
        });
    }

    fn start(&mut self, run_id: RunId, beginning: Beginning) {
        let begun = self.begin(move |shared, control| run::execute(shared, control, run_id, beginning));
        // The end of a run that never began.
        if let Err(problem) = begun {
            let ended = RunEnded { error: Some(problem), ..run::ended(RunOutcome::Failed) };
            self.shared.sink.send(Event { run_id: Some(run_id), kind: EventKind::RunEnded(ended) });
        }
    }

    fn start_race(&mut self, race_id: RunId, beginning: RaceBeginning) {
        let begun = self.begin(move |shared, control| race::execute(shared, control, race_id, beginning));
        if let Err(problem) = begun {
            let ended = RaceEnded { error: Some(problem), ..race::ended(RunOutcome::Failed) };
            self.shared.sink.send(Event { run_id: Some(race_id), kind: EventKind::RaceEnded(ended) });
        }
    }

    fn find_learning_rate(&mut self, config: Box<RunConfig>) {
        let usual = config.freeze.suggested_learning_rate();
        let begun = self.begin(move |shared, control| rate_sweep::execute(shared, control, &config));
        if let Err(problem) = begun {
            let swept = LearningRateSwept::of(Err(problem), usual);
            self.shared.tell(EventKind::LearningRateSwept(Arc::new(swept)));
        }
    }

    /// Does the work of a run, a race or a sweep on its own thread, when none is under way.
    fn begin(&mut self, work: impl FnOnce(&Arc<Shared>, &Control) + Send + 'static) -> Outcome<()> {
        if self.shared.running().is_some() {
            return Err(Problem::new("run-under-way"));
        }
        self.join_run();
        self.shared.stop_filling();
        let control = Arc::new(Control::default());
        self.shared.set_running(&control);
        let (shared, of_work) = (Arc::clone(&self.shared), Arc::clone(&control));
        let thread = thread::Builder::new().name("thaw-run".into()).spawn(move || work(&shared, &of_work));
        self.run_thread = Some(thread.map_err(|e| {
            control.end();
            Problem::internal(e)
        })?);
        Ok(())
    }

    fn with_run(&self, act: impl Fn(&Control)) {
        if let Some(control) = self.shared.running() {
            act(&control);
        }
    }

    fn join_run(&mut self) {
        if let Some(thread) = self.run_thread.take()
            && thread.join().is_err()
        {
            log::error!("the run's thread panicked");
        }
    }
}
