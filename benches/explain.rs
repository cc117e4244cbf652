//! How long an explanation takes and how far it can be trusted: over test rows of the bundled reviews, the time until the first
//! picture is there, until its error is small enough, and until words were deleted as well; and for how many rows the error
//! became small enough. It asks as the window does, on all of this machine's cores. `cargo bench --bench explain`
//!
//! `-- RUN_DIR` takes a run that is there instead of training preset 3 for three epochs first, and `-- --rows=50` fewer rows.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use thaw::domain::config::{RunConfig, TrainingConfig};
use thaw::domain::explanation::{Depth, ENOUGH, Explanation};
use thaw::domain::freeze::Freeze;
use thaw::domain::health::PartName;
use thaw::domain::message::{Answer, AskId, Command, Event, Question, RowTexts, RunCommand, RunEvent, RunId};
use thaw::worker::Worker;

const ROWS: usize = 200;
/// The error is to be below [`ENOUGH`] for at least this share of the rows.
const SHARE: f64 = 0.95;
/// In half of the rows, the picture whose error is small enough is to be there within so many milliseconds.
const MILLIS: f64 = 200.0;

fn main() -> ExitCode {
    let given = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).map(PathBuf::from);
    let rows = std::env::args().find_map(|arg| arg.strip_prefix("--rows=").and_then(|rows| rows.parse().ok()));
    let desk = Desk { worker: Worker::spawn(Arc::new(|| {})).expect("a worker"), asked: std::cell::Cell::new(0) };
    let place = tempfile::tempdir().expect("a folder");
    let dir = given.unwrap_or_else(|| desk.train(place.path().join("run")));
    let texts = desk.test_texts(&dir, rows.unwrap_or(ROWS));

    let mut times: [Vec<f64>; 3] = Default::default();
    let mut explained: Vec<Explanation> = Vec::new();
    // The first question reads the model.
    desk.explain(&dir, &RowTexts::from("a film"), Depth::Coarse);
    for texts in &texts {
        let began = Instant::now();
        for (depth, times) in [Depth::Coarse, Depth::Words, Depth::Deletions].into_iter().zip(&mut times) {
            let found = desk.explain(&dir, texts, depth);
            times.push(began.elapsed().as_secs_f64() * 1e3);
            if depth == Depth::Deletions {
                explained.push(found);
            }
        }
    }
    let words: usize = explained.iter().map(|explanation| explanation.words.len()).sum();
    println!("{} rows of {:.1} words each", texts.len(), words as f64 / texts.len() as f64);
    for (name, times) in ["a first picture", "a small enough error", "words deleted as well"].iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        println!("{name:<22} after {:>6.0} ms (half of the rows), {:>6.0} ms (95 %)", at(0.5), at(0.95));
    }
    let mut steps: Vec<usize> = explained.iter().map(|explanation| explanation.steps).collect();
    steps.sort_unstable();
    for some in steps.chunk_by(|a, b| a == b) {
        println!("{:>4} steps for {:>5.1} % of the rows", some[0], 100.0 * some.len() as f64 / steps.len() as f64);
    }
    let trusted = explained.iter().filter(|explanation| explanation.completeness_error < ENOUGH).count();
    let share = trusted as f64 / explained.len() as f64;
    println!("error below {:.0} % for {:.1} % of the rows", 100.0 * ENOUGH, 100.0 * share);
    let half = times[1][times[1].len() / 2];
    if share >= SHARE && half < MILLIS { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Desk {
    worker: Worker,
    asked: std::cell::Cell<u64>,
}

impl Desk {
    fn ask(&self, question: Question) -> Answer {
        self.asked.set(self.asked.get() + 1);
        let id = AskId(self.asked.get());
        self.worker.commands.send(Command::Ask(id, question)).expect("the worker is there");
        loop {
            if let Event::Answer(of, answer) = self.worker.events.recv().expect("the worker is there")
                && of == id
            {
                return answer.unwrap_or_else(|problem| panic!("{problem}"));
            }
        }
    }

    fn explain(&self, dir: &std::path::Path, texts: &RowTexts, depth: Depth) -> Explanation {
        let model = Some(dir.to_owned().into());
        match self.ask(Question::Explanation { texts: texts.clone(), model, depth }) {
            Answer::Explanation(explanation) => *explanation,
            _ => unreachable!("an explanation"),
        }
    }

    fn train(&self, out: PathBuf) -> PathBuf {
        println!("training preset 3");
        let training = TrainingConfig { epochs: 3, ..TrainingConfig::default() };
        let config = RunConfig { freeze: Freeze::Preset3, training, out: Some(out), ..RunConfig::default() };
        self.worker.commands.send(Command::Run(RunCommand::Start(RunId(1), Box::new(config)))).expect("a worker");
        loop {
            if let Event::Run(_, events) = self.worker.events.recv().expect("the worker is there")
                && let Some(RunEvent::RunEnded(ended)) =
                    events.into_iter().find(|event| matches!(event, RunEvent::RunEnded(_)))
            {
                return ended.run_dir.expect("a run that has ended well");
            }
        }
    }

    /// Texts of the run's test rows, spread evenly over them.
    fn test_texts(&self, dir: &std::path::Path, count: usize) -> Vec<RowTexts> {
        let Answer::Rows(found) = self.ask(Question::Rows { dirs: vec![dir.to_owned()], with_tags: false }) else {
            unreachable!("rows")
        };
        let test: Vec<usize> = (0..found.len()).filter(|i| found.answer(0, *i).split == PartName::Test).collect();
        let count = count.min(test.len());
        (0..count).map(|k| found.texts[test[k * test.len() / count]].clone()).collect()
    }
}
