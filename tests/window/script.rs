//! A worker whose answers are the same on every machine: what is measured, fetched or trained comes from recordings, and
//! the rest from the real worker.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Sender, unbounded};
use thaw::domain::estimate::{Calibration, LayerSecs};
use thaw::domain::hub::{CachedModel, HubEvent, HubModel, HubRequest};
use thaw::domain::message::{
    Answer, Command, Event, Prediction, Question, RaceEvent, RowTexts, RunCommand, RunId, RunOutcome, SweepEvent,
};
use thaw::domain::race::{Hits, PlannedRun, RaceEnded, RacePlan, RaceRow, RaceRunStarted, RaceStarted};
use thaw::domain::race_statistics;
use thaw::domain::rate_sweep::{LearningRateSwept, RateSweep};
use thaw::domain::stored::{OpenedRuns, StoredRun};
use thaw::worker::Worker;

use super::Waker;

/// Where the recorded runs seem to lie.
const SHOWN_FOLDER: &str = "/home/kim/thaw/runs";

/// Answers what the whole script answers.
pub fn scripted(worker: Worker, waker: Waker) -> Worker {
    between(worker, waker, answer)
}

/// Answers only how fast the machine is, which takes long to measure.
pub fn timed(worker: Worker, waker: Waker) -> Worker {
    between(worker, waker, |command| match command {
        Command::Ask(_, Question::Calibration(_)) => answer(command),
        _ => None,
    })
}

/// Stands between the window and its worker, to which it leaves the commands without an answer here. `waker` is called
/// after each answer.
pub fn between(
    mut worker: Worker,
    waker: Waker,
    answer: impl Fn(&Command) -> Option<Vec<Event>> + Send + 'static,
) -> Worker {
    let (commands, asked) = unbounded();
    let (answers, told) = unbounded();
    let real_commands = std::mem::replace(&mut worker.commands, commands);
    let real_events = std::mem::replace(&mut worker.events, told);
    let (forward, wake) = (answers.clone(), Arc::clone(&waker));
    thread::spawn(move || {
        for event in real_events {
            pass(&forward, event);
            wake();
        }
    });
    thread::spawn(move || {
        for command in asked {
            match answer(&command) {
                Some(events) => events.into_iter().for_each(|event| pass(&answers, event)),
                None => pass(&real_commands, command),
            }
            waker();
        }
    });
    worker
}

/// With the other side gone there is no one left to tell.
fn pass<T>(to: &Sender<T>, message: T) {
    drop(to.send(message));
}

/// What the script answers; `None` leaves the command to the real worker.
pub fn answer(command: &Command) -> Option<Vec<Event>> {
    match command {
        Command::Ask(id, question) => answer_to(question).map(|answer| vec![Event::Answer(*id, Ok(answer))]),
        Command::Hub(request) => hub(request).map(|event| vec![Event::Hub(event)]),
        Command::Run(RunCommand::FindRate(id, _)) => Some(sweep(*id)),
        Command::Run(RunCommand::StartRace(id, plan)) => Some(race(*id, plan)),
        _ => None,
    }
}

fn answer_to(question: &Question) -> Option<Answer> {
    match question {
        Question::Calibration(_) => Some(Answer::Calibration(calibration())),
        Question::Predictions { texts, .. } => Some(Answer::Predictions(vec![prediction(&texts[0])])),
        Question::Runs { .. } => {
            let mut runs = thaw::runs::list(&recorded(), &[]).unwrap();
            for run in &mut runs {
                // The recordings lack the weights, which are large.
                (run.dir, run.has_model) = (shown(&run.dir), true);
                run.damage.clear();
            }
            Some(Answer::Runs(runs))
        }
        Question::DeleteRuns(dirs) => Some(Answer::RunsDeleted { dirs: dirs.clone(), can_restore: true }),
        Question::RestoreRuns(dirs) => Some(Answer::RunsRestored(dirs.clone())),
        Question::Run(dir) => Some(Answer::Run(stored(dir))),
        // Students' files are read as they are.
        Question::Comparison(sources) if sources.iter().all(|source| source.starts_with(SHOWN_FOLDER)) => {
            let runs = sources.iter().map(|dir| stored(dir)).collect();
            Some(Answer::Comparison(OpenedRuns { runs, bundles: Vec::new() }))
        }
        _ => None,
    }
}

/// The folder of the recorded runs.
pub fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/runs")
}

/// Where a recorded run seems to lie.
pub fn shown(dir: &Path) -> PathBuf {
    format!("{SHOWN_FOLDER}/{}", dir.file_name().unwrap().to_string_lossy()).into()
}

/// A recorded run by the folder that it seems to lie in.
pub fn stored(shown: &Path) -> Arc<StoredRun> {
    let run = thaw::runs::read_run(&recorded().join(shown.file_name().unwrap())).unwrap();
    Arc::new(StoredRun { dir: shown.to_owned(), ..run })
}

/// A laptop of 2026, with the bundled data.
fn calibration() -> Calibration {
    let secs = 4e-6;
    let layer =
        LayerSecs { forward: secs, evaluate: secs, backward_input: secs, backward_lowest: secs, backward_weight: secs };
    Calibration {
        tokens_per_row: 27.3,
        max_length: 128,
        layer,
        last: layer.scaled(0.3),
        embed_secs: 2e-7,
        update_secs: 1.5e-9,
        row_secs: 8e-6,
        step_secs: 4e-4,
        cache_bytes: (2 << 30, 8 << 30),
        frozen_share: None,
    }
}

fn hub(request: &HubRequest) -> Option<HubEvent> {
    match request {
        HubRequest::FindCached => Some(HubEvent::Cached(vec![CachedModel {
            id: "klue/bert-base".into(),
            revision: "77c8b3d707df785034b4e50f2da5d37be5f0f546".into(),
            folder: "/home/kim/.cache/huggingface/hub/models--klue--bert-base/snapshots/77c8b3d7".into(),
            bytes: 445_000_000,
        }])),
        HubRequest::Search { query } => {
            let found = |id: &str, millions: u64, trainable, license: Option<&str>, gated| HubModel {
                id: id.into(),
                task: Some("fill-mask".into()),
                downloads: millions * 1_234_567,
                likes: millions * 89,
                license: license.map(str::to_owned),
                family: Some(if trainable { "bert" } else { "t5" }.into()),
                trainable: Some(trainable),
                parameters: Some(110_000_000),
                bytes: Some(440_000_000),
                gated,
            };
            let models = vec![
                found("google-bert/bert-base-uncased", 60, true, Some("apache-2.0"), false),
                found("an-organisation-with-a-long-name/a-model-whose-name-is-longer-still", 2, true, None, true),
                found("google-t5/t5-small", 3, false, Some("apache-2.0"), false),
            ];
            Some(HubEvent::Found { query: query.clone(), models })
        }
        _ => None,
    }
}

fn prediction(row: &RowTexts) -> Prediction {
    let probabilities = vec![("negative".to_owned(), 0.0827), ("positive".to_owned(), 0.9173)];
    let RowTexts { text, second } = row.clone();
    Prediction { text, second, label: "positive".to_owned(), probabilities, pieces: Vec::new() }
}

/// A loss that falls, turns and explodes.
fn sweep(id: RunId) -> Vec<Event> {
    let mut sweep = RateSweep::default();
    let loss = |step: usize| {
        let x = step as f64 / 79.0;
        let noise = [0.012, -0.018, 0.004, 0.021, -0.011, -0.007, 0.015][step % 7];
        0.69 - 0.35 * (x - 0.25).max(0.0) + 6.0 * (x - 0.72).max(0.0).powi(2) * 10.0 + noise
    };
    (0..80).take_while(|step| sweep.take(loss(*step))).for_each(drop);
    let points = sweep.points.iter().map(|point| SweepEvent::RatePoint(*point));
    let swept = SweepEvent::LearningRateSwept(Arc::new(LearningRateSwept::of(Ok(Some(sweep.clone())), 1e-4)));
    points.chain([swept]).map(|event| Event::Sweep(id, event)).collect()
}

/// A race whose runs are the recorded ones.
fn race(race: RunId, plan: &RacePlan) -> Vec<Event> {
    let tell = |event| Event::Race(race, event);
    let started = RaceStarted {
        runs: plan.runs().len(),
        estimated_secs: Some(95.0),
        plan: Arc::new(plan.clone()),
        ..RaceStarted::default()
    };
    let mut events = vec![tell(RaceEvent::RaceStarted(started))];
    let mut rows = Vec::new();
    for run in plan.runs() {
        let (id, name) = (RunId::of_race_run(race, run.index), &plan.strategies[run.strategy].name);
        let recording = if name == "full" { name.clone() } else { format!("preset{name}") };
        let stored = stored(Path::new(&format!("{SHOWN_FOLDER}/{recording}")));
        let row = row(plan, &run, &stored);
        events.push(tell(RaceEvent::RaceRunStarted(RaceRunStarted {
            run_id: id,
            index: run.index,
            strategy: run.strategy,
            freeze: name.clone(),
            seed: run.seed,
            rows_per_class: run.rows_per_class,
            learning_rate: row.learning_rate,
        })));
        events.push(Event::Run(id, stored.events.iter().map(|(_, event)| event.clone()).collect()));
        events.push(tell(RaceEvent::RaceRow(row.clone())));
        rows.push(row);
    }
    let means = race_statistics::strategy_means(plan, &rows);
    let undecided = race_statistics::undecided_pairs(&means, &rows);
    events.push(tell(RaceEvent::RaceEnded(RaceEnded {
        outcome: RunOutcome::Completed,
        error: None,
        means,
        undecided,
        skipped: 0,
        failed: 0,
        race_dir: Some(format!("{SHOWN_FOLDER}/race").into()),
    })));
    events
}

/// What came out of a recorded run, a little worse with each further seed.
fn row(plan: &RacePlan, run: &PlannedRun, stored: &StoredRun) -> RaceRow {
    let history = stored.history_at(f64::INFINITY);
    let (started, test) = (history.started.unwrap(), history.test.unwrap());
    let seeds_before = plan.seeds.iter().position(|seed| *seed == run.seed).unwrap();
    let accuracy = test.accuracy - 0.011 * seeds_before as f64;
    let right = (accuracy * started.test_rows as f64).round() as usize;
    RaceRow {
        freeze: plan.strategies[run.strategy].name.clone(),
        seed: run.seed,
        rows_per_class: run.rows_per_class,
        train_rows: started.train_rows,
        trainable: started.trainable,
        learning_rate: history.steps.first().unwrap().learning_rate,
        accuracy,
        macro_f1: test.macro_f1,
        train_secs: history.ended.as_ref().unwrap().train_secs,
        shared_secs: 0.0,
        peak_memory_bytes: history.ended.as_ref().unwrap().peak_memory_bytes,
        test_rows: started.test_rows,
        run_dir: Some(stored.dir.clone()),
        hits: Hits((0..started.test_rows).map(|row| row * 7919 % started.test_rows < right).collect()),
    }
}
