//! The thread that takes commands. It reads no file, sends nothing that could block and never locks the session, so it
//! takes the next command at once, whatever the lanes and the run are busy with.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::Receiver;

use crate::domain::message::{
    Command, Event, RaceEvent, RunCommand, RunEnded, RunEvent, RunId, RunOutcome, SweepEvent,
};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::race::RaceEnded;
use crate::domain::rate_sweep::LearningRateSwept;

use super::ask;
use super::control::Control;
use super::models;
use super::race::{self, RaceBeginning};
use super::rate_sweep;
use super::run::{self, Beginning};
use super::shared::Shared;
use super::work::Work;

pub struct Desk {
    shared: Arc<Shared>,
    /// The thread of the run under way, or of the last one.
    run_thread: Option<JoinHandle<()>>,
}

impl Desk {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, run_thread: None }
    }

    /// Takes commands until `Shutdown` or until no one is left to send any; then stops and saves a run under way.
    pub fn serve(mut self, commands: &Receiver<Command>) {
        for command in commands {
            match command {
                Command::Ask(id, question) => ask::take(&self.shared, id, question),
                Command::Run(command) => self.steer(command),
                Command::Hub(request) => models::take(&self.shared, request),
                Command::Shutdown => break,
            }
        }
        self.shared.stop_filling();
        self.shared.models.cancel_all();
        self.with_run(Control::stop);
        if let Some(thread) = self.run_thread.take()
            && thread.join().is_err()
        {
            log::error!("the run's thread panicked");
        }
    }

    fn steer(&mut self, command: RunCommand) {
        match command {
            RunCommand::Start(id, config) => self.start(id, Beginning::New(config)),
            RunCommand::Resume(id, dir) => self.start(id, Beginning::Resume(dir)),
            RunCommand::Continue(id, continuation) => self.start(id, Beginning::Continue(continuation)),
            RunCommand::StartRace(id, plan) => self.start_race(id, RaceBeginning::New(plan)),
            RunCommand::ResumeRace(id, dir) => self.start_race(id, RaceBeginning::Resume(dir)),
            RunCommand::FindRate(id, config) => {
                let usual = config.freeze.suggested_learning_rate();
                let begun = self.begin(id, move |work| rate_sweep::execute(work, &config));
                self.or_refuse(begun, move |problem| {
                    let swept = LearningRateSwept::of(Err(problem), usual);
                    Event::Sweep(id, SweepEvent::LearningRateSwept(Arc::new(swept)))
                });
            }
            RunCommand::SetPaused(is_paused) => self.with_run(|control| control.set_paused(is_paused)),
            RunCommand::Stop => self.with_run(Control::stop),
            RunCommand::Skip => self.with_run(Control::skip),
        }
    }

    fn start(&mut self, id: RunId, beginning: Beginning) {
        let begun = self.begin(id, move |work| run::execute(work, beginning));
        self.or_refuse(begun, move |problem| {
            let ended = RunEnded { error: Some(problem), ..run::ended(RunOutcome::Failed) };
            Event::Run(id, vec![RunEvent::RunEnded(ended)])
        });
    }

    fn start_race(&mut self, id: RunId, beginning: RaceBeginning) {
        let begun = self.begin(id, move |work| race::execute(work, beginning));
        self.or_refuse(begun, move |problem| {
            let ended = RaceEnded { error: Some(problem), ..race::ended(RunOutcome::Failed) };
            Event::Race(id, RaceEvent::RaceEnded(ended))
        });
    }

    /// Does the work of a run, a race or a sweep on its own thread, when none is under way.
    fn begin(&mut self, id: RunId, work: impl FnOnce(Work<'_>) + Send + 'static) -> Outcome<()> {
        if self.shared.running().is_some() {
            return Err(Problem::new("run-under-way"));
        }
        self.shared.stop_filling();
        let control = Arc::new(Control::default());
        self.shared.set_running(&control);
        let (shared, of_work) = (Arc::clone(&self.shared), Arc::clone(&control));
        let work = move || work(Work { shared: &shared, control: &of_work, id });
        let thread = thread::Builder::new().name("thaw-run".into()).spawn(work);
        // The thread of the run before has saved everything, so that no one has to wait for it.
        self.run_thread = Some(thread.map_err(|e| {
            control.end();
            Problem::internal(e)
        })?);
        Ok(())
    }

    /// Sends the end of work that never began. A lane does it, because a full channel may block.
    fn or_refuse(&self, begun: Outcome<()>, end: impl FnOnce(Problem) -> Event + Send + 'static) {
        if let Err(problem) = begun {
            let shared = Arc::clone(&self.shared);
            self.shared.lanes.quick.push(move || shared.sink.send(end(problem)));
        }
    }

    fn with_run(&self, act: impl Fn(&Control)) {
        if let Some(control) = self.shared.running() {
            act(&control);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crossbeam_channel::{bounded, unbounded};

    use crate::domain::config::{DataConfig, RunConfig};
    use crate::domain::hub::{HubRequest, Token};
    use crate::domain::message::{AskId, Question};

    use super::super::sink::Sink;
    use super::*;

    /// A lane that reads a hung network folder may hold the session, and a slow terminal takes no more events. Commands are
    /// taken all the same.
    #[test]
    fn neither_the_session_nor_a_full_channel_holds_the_desk_up() {
        const HUNG: Duration = Duration::from_secs(60);
        let (sender, events) = bounded(0);
        let shared = Arc::new(Shared::new(Sink::to_terminal(sender)).unwrap());
        let (commands, inbox) = unbounded();
        let (closing, closed) = bounded::<()>(0);
        let desk = Desk::new(Arc::clone(&shared));
        thread::spawn(move || {
            desk.serve(&inbox);
            drop(closing);
        });

        let session = shared.session();
        let (config, id) = (Box::<RunConfig>::default(), RunId(1));
        shared.set_running(&Arc::new(Control::default()));
        let questions = [
            Question::Calibration(config.clone()),
            Question::Dataset { config: DataConfig::default(), max_length: 16 },
            Question::Parameter("classifier.weight".into()),
        ];
        questions.into_iter().for_each(|question| commands.send(Command::Ask(AskId(1), question)).unwrap());
        let token = HubRequest::UseToken { token: Token("hf_none".into()), keep: false };
        commands.send(Command::Hub(token)).unwrap();
        // Refused, since something runs already; no one takes the refusals.
        commands.send(Command::Run(RunCommand::Start(id, config.clone()))).unwrap();
        commands.send(Command::Run(RunCommand::FindRate(id, config))).unwrap();
        commands.send(Command::Shutdown).unwrap();
        assert!(closed.recv_timeout(HUNG).unwrap_err().is_disconnected(), "the desk took every command");
        drop(session);
        let refusal = |event| matches!(event, Event::Run(..) | Event::Sweep(..));
        assert!((0..2).all(|_| loop {
            if refusal(events.recv_timeout(HUNG).unwrap()) {
                break true;
            }
        }));
    }
}
