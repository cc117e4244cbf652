//! Folders that the `Trainer` of Hugging Face's transformers wrote. Its log, `trainer_state.json`, has the curves of a run,
//! and nothing of its rows, its seed or what was frozen. `training_args.bin`, a program for Python to run, is left alone.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};

use crate::domain::config::{ClassifierSource, EPOCHS, ModelSource, RunConfig};
use crate::domain::engine::{Engine, TrainerFacts};
use crate::domain::message::{LiveValidation, RunEnded, RunEvent, RunOutcome, Step};
use crate::domain::metrics::Confusion;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::stored::{RunEntry, RunState, StoredRun};

use super::list::{LABEL, file_name, take};
use super::reader::read;
use super::settings::RunLabel;
use super::survey::damaged;

/// The log that `Trainer` writes into its folder when it is asked to, and always into that of each checkpoint.
const LOG: &str = "trainer_state.json";
const CHECKPOINT: &str = "checkpoint-";
/// A log over this size is not read; one with a line for each of a million steps is smaller.
const MOST_BYTES: u64 = 256 << 20;
/// No run has more steps or epochs.
const MOST: usize = 1 << 40;
/// Files with the weights of a model, whole or in parts.
const WEIGHTS: [&str; 4] =
    ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

/// What is read of the log. All other fields are left out.
#[derive(Debug, Deserialize)]
struct State {
    global_step: usize,
    #[serde(default)]
    max_steps: Option<usize>,
    #[serde(default)]
    num_train_epochs: Option<f64>,
    log_history: Vec<Entry>,
}

/// One line of the log. A field that is there and is no number, as Python's NaN, is `Some(NaN)`.
#[derive(Debug, Deserialize)]
struct Entry {
    step: usize,
    #[serde(default, deserialize_with = "number")]
    epoch: Option<f64>,
    /// Mean cross-entropy of the steps since the last line.
    #[serde(default, deserialize_with = "number")]
    loss: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    learning_rate: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    grad_norm: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    eval_loss: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    eval_accuracy: Option<f64>,
    #[serde(default, deserialize_with = "number")]
    test_accuracy: Option<f64>,
    /// Seconds, in the last line of a training that ended.
    #[serde(default, deserialize_with = "number")]
    train_runtime: Option<f64>,
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    crate::domain::finite::or_nan(deserializer).map(Some)
}

/// The log of the folder, or that of its newest checkpoint.
fn log_of(dir: &Path) -> Option<PathBuf> {
    let own = dir.join(LOG);
    if own.is_file() { Some(own) } else { checkpoints(dir).map(|path| path.join(LOG)).find(|path| path.is_file()) }
}

/// The folders of the checkpoints, the newest first.
fn checkpoints(dir: &Path) -> impl Iterator<Item = PathBuf> {
    let numbered = |path: PathBuf| {
        let step: u64 = path.file_name()?.to_str()?.strip_prefix(CHECKPOINT)?.parse().ok()?;
        Some((step, path))
    };
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<(u64, PathBuf)> = entries.filter_map(|entry| numbered(entry.path())).collect();
    found.sort_unstable();
    found.into_iter().rev().map(|(_, path)| path)
}

/// Whether the folder holds a log of `Trainer`. Thaw's own runs hold none.
pub fn is_of_trainer(dir: &Path) -> bool {
    log_of(dir).is_some()
}

/// The folder with the model: the run's own, or that of its newest checkpoint that has one.
fn model_folder(dir: &Path) -> Option<PathBuf> {
    let has_model =
        |dir: &PathBuf| dir.join("config.json").is_file() && WEIGHTS.iter().any(|name| dir.join(name).is_file());
    std::iter::once(dir.to_owned()).chain(checkpoints(dir)).find(has_model)
}

/// The same model, from the newest checkpoint where `Trainer` left it only there.
pub fn with_checkpoint(source: &ClassifierSource) -> ClassifierSource {
    let mut source = source.clone();
    if let ModelSource::Folder(dir) = &mut source.model
        && !dir.join("config.json").exists()
        && is_of_trainer(dir)
        && let Some(found) = model_folder(dir)
    {
        *dir = found;
    }
    source
}

/// The problem of asking for what the log of `Trainer` does not tell.
pub fn unknown_of(dir: &Path) -> Problem {
    Problem::new("run-of-trainer").with("folder", dir.display())
}

/// Reads the log of a folder; `None` where it holds none.
///
/// # Errors
/// `trainer-log-damaged` for a log that is damaged; `trainer-log-large`; `file-error`.
fn state_of(dir: &Path) -> Outcome<Option<State>> {
    let Some(path) = log_of(dir) else { return Ok(None) };
    let failed = |e: std::io::Error| Problem::file(&path, &e);
    let unreadable =
        |e: &dyn std::fmt::Display| Problem::new("trainer-log-damaged").with("file", path.display()).with_original(e);
    let file = match File::open(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        file => file.map_err(failed)?,
    };
    if file.metadata().map_err(failed)?.len() > MOST_BYTES {
        return Err(Problem::new("trainer-log-large").with("file", path.display()));
    }
    let mut text = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut text).map_err(failed)?;
    let state: State = serde_json::from_slice(&strict(&text)).map_err(|e| unreadable(&e))?;
    let numbers = state.log_history.iter().map(|entry| entry.step).chain([state.global_step]).chain(state.max_steps);
    match numbers.max().is_some_and(|n| n > MOST) {
        true => Err(unreadable(&"a step's number is too large")),
        false => Ok(Some(state)),
    }
}

/// Python writes NaN and infinities as words that JSON does not have. Outside of strings each becomes `null`.
fn strict(text: &[u8]) -> Vec<u8> {
    const WORDS: [&[u8]; 3] = [b"NaN", b"Infinity", b"-Infinity"];
    let mut plain = Vec::with_capacity(text.len());
    let (mut at, mut in_string) = (0, false);
    while let Some(byte) = text.get(at) {
        let word = WORDS.iter().find(|word| !in_string && text[at..].starts_with(word));
        match (byte, word) {
            (_, Some(word)) => {
                plain.extend_from_slice(b"null");
                at += word.len();
                continue;
            }
            (b'\\', None) if in_string => {
                // The next byte is a part of the string, also where it is a quotation mark.
                plain.push(*byte);
                at += 1;
                plain.extend(text.get(at));
                at += 1;
                continue;
            }
            (b'"', None) => in_string = !in_string,
            _ => {}
        }
        plain.push(*byte);
        at += 1;
    }
    plain
}

fn is_share(x: &f64) -> bool {
    (0.0..=1.0).contains(x)
}

impl State {
    fn facts(&self) -> TrainerFacts {
        // The number of steps in an epoch is certain only where the log has a line at an epoch's end.
        let is_whole = |epoch: f64| epoch >= 1.0 && epoch.fract() == 0.0;
        let at_end = |entry: &Entry| {
            let epoch = entry.epoch.filter(|epoch| is_whole(*epoch))? as usize;
            (entry.step > 0 && entry.step.is_multiple_of(epoch)).then(|| entry.step / epoch)
        };
        TrainerFacts {
            total_steps: self.max_steps.unwrap_or_default().max(self.global_step),
            steps_per_epoch: self.log_history.iter().find_map(at_end).unwrap_or_default(),
            knows_epochs: self.epochs().is_some(),
            test_accuracy: self.log_history.iter().rev().find_map(|entry| entry.test_accuracy.filter(is_share)),
        }
    }

    fn epochs(&self) -> Option<usize> {
        let possible = |epochs: &f64| epochs.fract() == 0.0 && (EPOCHS.min..=EPOCHS.max).contains(epochs);
        self.num_train_epochs.filter(possible).map(|epochs| epochs as usize)
    }

    /// Seconds that the training took, where the log has its end.
    fn train_secs(&self) -> Option<f64> {
        let secs = self.log_history.iter().rev().find_map(|entry| entry.train_runtime);
        secs.filter(|secs| secs.is_finite() && *secs >= 0.0)
    }

    fn is_complete(&self) -> bool {
        let is_through = self.max_steps.is_some_and(|most| most > 0 && self.global_step >= most);
        is_through || self.log_history.iter().any(|entry| entry.train_runtime.is_some())
    }

    /// The last step that was done or logged.
    fn last_step(&self) -> usize {
        self.log_history.iter().map(|entry| entry.step).chain([self.global_step]).max().unwrap_or_default()
    }

    fn events(&self) -> Vec<RunEvent> {
        let (mut events, mut before) = (Vec::new(), 0);
        for entry in &self.log_history {
            if let Some(loss) = entry.loss.filter(|_| entry.step > before) {
                before = entry.step;
                // Within an epoch, the part of it that is done stands behind the point.
                let epoch =
                    entry.epoch.filter(|epoch| epoch.is_finite()).map_or(1, |epoch| epoch.ceil().max(1.0) as usize);
                events.push(RunEvent::Step(Step {
                    step: entry.step,
                    epoch,
                    loss,
                    accuracy: f64::NAN,
                    learning_rate: entry.learning_rate.unwrap_or(f64::NAN),
                    grad_norm: entry.grad_norm.unwrap_or(f64::NAN),
                    elapsed_secs: f64::NAN,
                    shared_secs: 0.0,
                }));
            }
            if entry.eval_loss.is_some() || entry.eval_accuracy.is_some() {
                events.push(RunEvent::LiveValidation(LiveValidation {
                    step: entry.step,
                    rows: 0,
                    loss: entry.eval_loss.unwrap_or(f64::NAN),
                    accuracy: entry.eval_accuracy.filter(is_share).unwrap_or(f64::NAN),
                    confusion: Confusion::default(),
                }));
            }
        }
        if self.is_complete() {
            events.push(RunEvent::RunEnded(RunEnded {
                outcome: RunOutcome::Completed,
                error: None,
                run_dir: None,
                train_secs: self.train_secs().unwrap_or(f64::NAN),
                shared_secs: 0.0,
                peak_memory_bytes: 0,
            }));
        }
        events
    }
}

/// Reads what the log of `Trainer` tells: its lines as steps and as looks at the whole validation part. Numbers that it does
/// not tell are NaN, and matrices have no rows. `None` for a folder without such a log.
///
/// # Errors
/// `trainer-log-damaged` for a log that is damaged; `trainer-log-large`; `file-error`.
pub fn read_run(dir: &Path) -> Outcome<Option<StoredRun>> {
    let Some(state) = state_of(dir)? else { return Ok(None) };
    let mut config = RunConfig::default();
    config.training.epochs = state.epochs().unwrap_or(config.training.epochs);
    let run = StoredRun::new(dir.to_owned(), config, state.events());
    Ok(Some(StoredRun { engine: Engine::Trainer, trainer: Some(state.facts()), ..run }))
}

/// What a list tells of such a folder. A log that cannot be read is told as its damage.
pub fn describe(dir: &Path) -> RunEntry {
    let mut damage = Vec::new();
    let state = state_of(dir).unwrap_or_else(|problem| {
        log::warn!("{problem}");
        let log = log_of(dir).unwrap_or_else(|| dir.join(LOG));
        damage.push(if problem.id == "trainer-log-damaged" { damaged(&log) } else { problem });
        None
    });
    let label: RunLabel = take(&dir.join(LABEL), &mut damage).unwrap_or_default();
    let model = model_folder(dir);
    let facts = state.as_ref().map(State::facts).unwrap_or_default();
    RunEntry {
        dir: dir.to_owned(),
        name: if label.name.is_empty() { file_name(dir).unwrap_or_default() } else { label.name },
        note: label.note,
        race: None,
        started: String::new(),
        data: String::new(),
        engine: Engine::Trainer,
        rows: None,
        rows_per_class: None,
        seed: None,
        model: model.as_deref().and_then(model_name).unwrap_or_default(),
        freeze: String::new(),
        state: match &state {
            None => RunState::Damaged,
            Some(state) if state.is_complete() => RunState::Completed,
            Some(_) => RunState::Unfinished,
        },
        step: state.as_ref().map_or(0, State::last_step),
        total_steps: facts.total_steps,
        test_accuracy: facts.test_accuracy,
        train_secs: state.as_ref().and_then(State::train_secs),
        has_model: model.is_some(),
        can_resume: false,
        can_open: state.is_some(),
        damage,
    }
}

/// What the model's own settings call it: the name of the model that it grew from, else its family.
fn model_name(folder: &Path) -> Option<String> {
    let config: serde_json::Map<String, serde_json::Value> = read(&folder.join("config.json")).ok().flatten()?;
    let text = |name: &str| config.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    text("_name_or_path").or_else(|| text("model_type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(log: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(LOG), log).unwrap();
        dir
    }

    #[test]
    fn python_s_words_for_no_numbers_are_read_outside_of_strings() {
        let text = br#"{"a": NaN, "NaN \" Infinity": [-Infinity, Infinity, 1]}"#;
        let plain = r#"{"a": null, "NaN \" Infinity": [null, null, 1]}"#;
        assert_eq!(String::from_utf8(strict(text)).unwrap(), plain);
        assert_eq!(strict(b"\"\\"), b"\"\\", "cut off within a string");
    }

    #[test]
    fn lines_become_steps_and_looks_and_what_is_not_told_stays_unknown() {
        let dir = folder(
            r#"{"global_step": 20, "max_steps": 20, "num_train_epochs": 2, "log_history": [
                {"step": 5, "epoch": 0.5, "loss": 0.75, "learning_rate": 1e-4, "grad_norm": 2.5},
                {"step": 10, "epoch": 1.0, "loss": NaN},
                {"step": 10, "epoch": 1.0, "eval_loss": 0.6, "eval_runtime": 1.0},
                {"step": 20, "epoch": 2.0, "eval_loss": 0.5, "eval_accuracy": 0.75},
                {"step": 20, "epoch": 2.0, "train_runtime": 12.5, "train_loss": 0.7}]}"#,
        );
        let run = read_run(dir.path()).unwrap().unwrap();
        let history = run.history_at(f64::INFINITY);
        let steps: Vec<Step> = history.steps.kept().to_vec();
        assert_eq!((steps[0].step, steps[0].epoch, steps[0].loss), (5, 1, 0.75));
        assert!(steps[0].accuracy.is_nan() && steps[1].loss.is_nan() && steps[1].learning_rate.is_nan());
        assert!(history.live[0].accuracy.is_nan() && history.live[1].accuracy == 0.75);
        assert_eq!(history.curves.accuracy.sample.points().count(), 1, "an unknown accuracy is no point");
        assert!(history.test.is_none() && history.started.is_none() && history.newest_confusion().is_none());
        assert_eq!((history.total_steps(), history.step_at_end_of(2)), (Some(20), 20));
        assert_eq!(history.ended.map(|ended| ended.train_secs), Some(12.5));
        assert!(run.knows("training.epochs") && !run.knows("training.seed") && !run.knows("freeze"));
        let entry = describe(dir.path());
        assert_eq!((entry.state, entry.step, entry.total_steps), (RunState::Completed, 20, 20));
        assert_eq!((entry.seed, entry.test_accuracy, entry.train_secs), (None, None, Some(12.5)));
        assert!(!entry.has_model && entry.can_open && !entry.can_resume && entry.damage.is_empty());
    }

    #[test]
    fn the_newest_checkpoint_speaks_for_a_folder_without_a_log() {
        let dir = tempfile::tempdir().unwrap();
        for step in [9, 10, 100] {
            let checkpoint = dir.path().join(format!("checkpoint-{step}"));
            fs::create_dir(&checkpoint).unwrap();
            let log = format!(r#"{{"global_step": {step}, "max_steps": 300, "log_history": []}}"#);
            fs::write(checkpoint.join(LOG), log).unwrap();
            fs::write(checkpoint.join("config.json"), r#"{"model_type": "bert"}"#).unwrap();
            fs::write(checkpoint.join("model.safetensors"), "").unwrap();
        }
        let entry = describe(dir.path());
        assert_eq!((entry.state, entry.step, entry.total_steps), (RunState::Unfinished, 100, 300));
        assert_eq!((entry.has_model, entry.model.as_str()), (true, "bert"));
        let ModelSource::Folder(found) = with_checkpoint(&dir.path().to_owned().into()).model else { panic!() };
        assert!(found.ends_with("checkpoint-100"));
    }

    #[test]
    fn a_damaged_log_is_told_and_breaks_nothing() {
        let whole = r#"{"global_step": 1, "max_steps": 1, "log_history": [{"step": 1, "loss": 0.5}]}"#;
        let cut = &whole[..whole.len() - 9];
        let texts = ["", "[]", "{}", cut, r#"{"global_step": -1, "log_history": []}"#];
        let wrong = [
            whole.replace("0.5", "\"low\""),
            whole.replace("\"step\": 1", "\"step\": true"),
            whole.replace("\"global_step\": 1", "\"global_step\": 9000000000000000000"),
            whole.replace("[{", "{\"a\": [{").replace("}]", "}]}"),
        ];
        for text in texts.into_iter().map(str::to_owned).chain(wrong) {
            let dir = folder(&text);
            assert_eq!(read_run(dir.path()).unwrap_err().id, "trainer-log-damaged", "{text}");
            let entry = describe(dir.path());
            assert_eq!((entry.state, entry.can_open), (RunState::Damaged, false), "{text}");
            assert_eq!(entry.damage[0].id, "run-file-damaged");
        }
        let dir = folder(whole);
        File::options().write(true).open(dir.path().join(LOG)).unwrap().set_len(MOST_BYTES + 1).unwrap();
        assert_eq!(read_run(dir.path()).unwrap_err().id, "trainer-log-large");
        assert_eq!(describe(dir.path()).damage[0].id, "trainer-log-large");
    }
}
