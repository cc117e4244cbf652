//! Whether the cost meter keeps its word: for each freezing the seconds that it predicts before Train, beside those that
//! the run then took. Fails where they are more than a quarter apart. `cargo bench --bench estimate`
//!
//! Everything goes as in the window: the same state, the same commands, a real run into a folder. A machine that does
//! something else meanwhile makes runs slower than they were predicted; `cargo bench --bench estimate -- full biases` repeats
//! some, and `--data=FILE` takes other texts than the bundled ones.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use thaw::app::action::Action;
use thaw::app::effect::Effect;
use thaw::app::reduce::reduce;
use thaw::app::run::RunPhase;
use thaw::app::settings::Settings;
use thaw::app::state::AppState;
use thaw::app::train::TrainAction;
use thaw::app::update::{startup, update};
use thaw::domain::config::DataSource;
use thaw::domain::freeze::Freeze;
use thaw::worker::Worker;

/// Rows of the data: enough that what begins and ends a run does not decide.
const ROWS: usize = 1200;
const EPOCHS: usize = 3;
/// How far the real seconds may be off what was predicted.
const TOLERANCE: f64 = 0.25;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let data = std::env::args().find_map(|arg| arg.strip_prefix("--data=").map(PathBuf::from));
    let mut wrong = 0;
    println!("{:<22} {:>10} {:>10} {:>7}   toggle", "freezing", "predicted", "real", "ratio");
    for (name, freeze) in freezings() {
        if !wanted.is_empty() && !wanted.contains(&name.to_owned()) {
            continue;
        }
        let (predicted, real, toggle_secs) = predict_and_run(freeze, data.as_deref());
        let ratio = real / predicted;
        let is_off = (ratio - 1.0).abs() > TOLERANCE;
        wrong += usize::from(is_off);
        let mark = if is_off { "  off" } else { "" };
        println!("{name:<22} {predicted:>8.2} s {real:>8.2} s {ratio:>7.2}   {:.3} ms{mark}", toggle_secs * 1e3);
    }
    if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Every preset, and a trainable layer below frozen ones.
fn freezings() -> Vec<(&'static str, Freeze)> {
    let layer = ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"];
    let layer = layer.into_iter().chain(["intermediate.dense", "output.dense"]);
    let names = layer.flat_map(|map| ["weight", "bias"].map(|end| format!("encoder.layer.3.{map}.{end}")));
    let names: BTreeSet<String> = names.chain(["classifier.weight", "classifier.bias"].map(String::from)).collect();
    vec![
        ("1", Freeze::Preset1),
        ("2", Freeze::Preset2),
        ("3", Freeze::Preset3),
        ("full", Freeze::Full),
        ("biases", Freeze::Biases),
        ("top:2", Freeze::Top(2)),
        ("frozen-above", Freeze::Names(names)),
    ]
}

/// The window's state with its worker.
struct Studio {
    state: AppState,
    worker: Worker,
}

impl Studio {
    /// Tells the worker what the state wants told; there is no window that could do anything else.
    fn send(&self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Tell(command) = effect {
                self.worker.commands.send(command).expect("the worker listens");
            }
        }
    }

    fn wait(&mut self, reached: impl Fn(&AppState) -> bool) {
        while !reached(&self.state) {
            let event = self.worker.events.recv().expect("the worker answers");
            let effects = reduce(&mut self.state, &event);
            self.send(effects);
        }
    }

    fn act(&mut self, action: Action) {
        let effects = update(&mut self.state, action);
        self.send(effects);
    }
}

/// Seconds of training: predicted, and as they were; and of working the prediction out, as every toggle does.
fn predict_and_run(freeze: Freeze, data: Option<&Path>) -> (f64, f64, f64) {
    let runs = tempfile::tempdir().expect("a folder");
    let mut settings = Settings::default();
    settings.config.runs_dir = Some(runs.path().to_owned());
    settings.config.data.max_rows = Some(ROWS);
    if let Some(data) = data {
        settings.config.data.source = DataSource::File(data.to_owned());
    }
    settings.config.training.epochs = EPOCHS;
    // A worker of its own, so that no earlier run has left anything to begin with.
    let mut studio =
        Studio { state: AppState::new(settings), worker: Worker::spawn(std::sync::Arc::new(|| {})).expect("a worker") };
    let effects = startup(&mut studio.state);
    studio.send(effects);
    let all_read = |state: &AppState| state.train.token_lengths.as_ref().is_some_and(|l| l.done == l.total);
    studio.wait(|state| state.can_train() && state.train.calibration.is_some() && all_read(state));
    let began = Instant::now();
    studio.act(Action::Train(TrainAction::SetFreeze(freeze)));
    let predicted = studio.state.train.estimate().expect("everything is known").total_secs;
    let toggle_secs = began.elapsed().as_secs_f64();
    studio.act(Action::Train(TrainAction::Start));
    studio.wait(|state| state.run.shown.phase == RunPhase::Ended);
    let ended = studio.state.run.shown.history.ended.clone().expect("the run told its end");
    assert!(ended.error.is_none(), "{:?}", ended.error);
    (predicted, ended.train_secs, toggle_secs)
}
