//! The thread that takes commands. It reads no file, sends nothing that could block and never locks the session, so it
//! takes the next command at once, whatever the lanes and the run are busy with.

use std::sync::Arc;

use crossbeam_channel::Receiver;

use crate::domain::message::{Command, Event, RaceEvent, RunCommand, RunEvent, RunId, SweepEvent};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::rate_sweep::LearningRateSwept;

use super::ask;
use super::calibration;
use super::control::Control;
use super::lane::guarded;
use super::models;
use super::race::{self, RaceBeginning};
use super::rate_sweep;
use super::run::{self, Beginning};
use super::shared::Shared;
use super::work::Work;

/// Takes commands until `Shutdown` or until no one is left to send any; then stops and saves a run under way.
pub fn serve(shared: &Arc<Shared>, commands: &Receiver<Command>) {
    for command in commands {
        match command {
            Command::Ask(id, question) => ask::take(shared, id, question),
            Command::Run(command) => steer(shared, command),
            Command::Hub(request) => models::take(shared, request),
            Command::Cancel(id) => shared.cancel(id),
            Command::StopSelfTest => shared.self_tests.stop(),
            Command::Shutdown => break,
        }
    }
    shared.stop_filling();
    shared.models.cancel_all();
    shared.self_tests.stop();
    with_run(shared, Control::stop);
    shared.lanes.training.finish();
}

/// Whatever is started ends with its one last event, also after a panic, or when it is refused.
fn steer(shared: &Arc<Shared>, command: RunCommand) {
    match command {
        RunCommand::Start(id, config) => start(shared, id, Beginning::New(config)),
        RunCommand::Resume(id, dir) => start(shared, id, Beginning::Resume(dir)),
        RunCommand::Continue(id, continuation) => start(shared, id, Beginning::Continue(continuation)),
        RunCommand::StartRace(id, plan) => start_race(shared, id, RaceBeginning::New(plan)),
        RunCommand::ResumeRace(id, dir) => start_race(shared, id, RaceBeginning::Resume(dir)),
        RunCommand::FindRate(id, config) => begin(shared, id, move |work| {
            let swept = guarded(|| rate_sweep::sweep(work?, &config));
            let swept = LearningRateSwept::of(swept, config.freeze.suggested_learning_rate());
            Event::Sweep(id, SweepEvent::LearningRateSwept(Arc::new(swept)))
        }),
        RunCommand::SetPaused(is_paused) => with_run(shared, |control| control.set_paused(is_paused)),
        RunCommand::Stop => with_run(shared, Control::stop),
        RunCommand::Skip => with_run(shared, Control::skip),
    }
}

fn start(shared: &Arc<Shared>, id: RunId, beginning: Beginning) {
    begin(shared, id, move |work| {
        let ended = work.map_or_else(|refusal| run::ended(Err(refusal)), |work| run::perform(work, beginning).ended);
        Event::Run(id, vec![RunEvent::RunEnded(ended)])
    });
}

fn start_race(shared: &Arc<Shared>, id: RunId, beginning: RaceBeginning) {
    begin(shared, id, move |work| {
        let ended = work.map_or_else(|refusal| race::ended(Err(refusal)), |work| race::perform(work, beginning));
        Event::Race(id, RaceEvent::RaceEnded(ended))
    });
}

/// Does the work of a run, a race or a sweep, and sends its last event. The work is refused while other work is under way.
fn begin(shared: &Arc<Shared>, id: RunId, work: impl FnOnce(Outcome<&Work>) -> Event + Send + 'static) {
    let own = Arc::clone(shared);
    if shared.running().is_some() {
        // A lane sends the refusal, because a full channel may block.
        return shared.lanes.quick.push(move || own.sink.send(work(Err(Problem::new("run-under-way")))));
    }
    shared.stop_filling();
    shared.self_tests.stop();
    let control = Arc::new(Control::default());
    shared.set_running(&control);
    shared.lanes.training.push(move || {
        let begun = Work { shared: own, control, id };
        let last = work(Ok(&begun));
        begun.control.end();
        begun.shared.sink.send(last);
        calibration::after_run(&begun.shared);
    });
}

fn with_run(shared: &Shared, act: impl Fn(&Control)) {
    if let Some(control) = shared.running() {
        act(&control);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::Duration;

    use crossbeam_channel::{bounded, unbounded};

    use crate::domain::config::RunConfig;
    use crate::domain::hub::{HubRequest, Token};
    use crate::domain::message::{AskId, Question};
    use crate::domain::params::ValuesOf;

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
        let of_desk = Arc::clone(&shared);
        thread::spawn(move || {
            serve(&of_desk, &inbox);
            drop(closing);
        });

        let session = shared.session();
        let (config, id) = (Box::<RunConfig>::default(), RunId(1));
        shared.set_running(&Arc::new(Control::default()));
        let questions = [
            Question::Calibration(config.clone()),
            Question::Dataset { config: Box::default(), max_length: 16 },
            Question::Parameter { name: "classifier.weight".into(), of: ValuesOf::Run },
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
