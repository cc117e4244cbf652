//! The real window on the real worker, driven by accessible names as a screen reader finds them.
#![allow(clippy::unwrap_used)]

#[path = "window/compare.rs"]
mod compare;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::{Duration, Instant};

use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{DroppedFile, Event, Key, Modifiers, Vec2, ViewportId, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, HarnessBuilder};
use thaw::app::action::Action;
use thaw::app::run::RunAction;
use thaw::app::run::RunPhase;
use thaw::app::run::replay::ReplayAction;
use thaw::app::runs::Purpose;
use thaw::app::runs::RunsAction;
use thaw::app::settings::{Language, Settings};
use thaw::app::state::AppState;
use thaw::domain::config::ModelSource;
use thaw::domain::freeze::Freeze;
use thaw::gui::ThawApp;
use thaw::worker::Worker;

#[path = "window/lesson.rs"]
mod lesson;
#[path = "window/raster.rs"]
mod raster;
#[path = "window/rate_sweep.rs"]
mod rate_sweep;
#[path = "window/screens.rs"]
mod screens;
#[path = "window/script.rs"]
mod script;

/// Longer than anything here takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(180);

type Waker = Arc<dyn Fn() + Send + Sync>;

/// Counts how often the worker woke the window.
#[derive(Default)]
struct Woken {
    times: Mutex<u64>,
    changed: Condvar,
}

impl Woken {
    fn times(&self) -> u64 {
        *self.times.lock().unwrap()
    }

    fn wake(&self) {
        *self.times.lock().unwrap() += 1;
        self.changed.notify_all();
    }

    /// Sleeps until the worker has woken the window more than `seen` times.
    fn wait_beyond(&self, seen: u64, deadline: Instant) {
        let times = self.times.lock().unwrap();
        let left = deadline.saturating_duration_since(Instant::now());
        let (_times, result) = self.changed.wait_timeout_while(times, left, |times| *times <= seen).unwrap();
        assert!(!result.timed_out(), "the worker has told nothing for too long");
    }
}

/// A file as the system drops it on the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

struct Studio {
    harness: Harness<'static, ThawApp>,
    woken: Arc<Woken>,
}

impl Studio {
    fn open(settings: Settings) -> Self {
        Self::open_sized(settings, vec2(1280.0, 800.0))
    }

    fn open_sized(settings: Settings, size: Vec2) -> Self {
        Self::open_with(settings, Harness::builder().with_size(size), |worker, _| worker)
    }

    /// `between` may put itself between the window and its worker; what it is given wakes the window.
    fn open_with(
        settings: Settings,
        builder: HarnessBuilder<ThawApp>,
        between: impl FnOnce(Worker, Waker) -> Worker,
    ) -> Self {
        let woken = Arc::new(Woken::default());
        let count = Arc::clone(&woken);
        let harness = builder.with_max_steps(16).build_eframe(|cc| {
            let ctx = cc.egui_ctx.clone();
            let waker: Waker = Arc::new(move || {
                ctx.request_repaint();
                count.wake();
            });
            let worker = Worker::spawn(Arc::clone(&waker)).unwrap();
            ThawApp::new(&cc.egui_ctx, between(worker, waker), settings, None)
        });
        Self { harness, woken }
    }

    fn state(&self) -> &AppState {
        self.harness.state().state()
    }

    /// Draws frames, each when the worker has told something, until `reached`.
    fn wait(&mut self, what: &str, reached: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let seen = self.woken.times();
            self.harness.run_ok();
            if reached(self) {
                return;
            }
            assert!(Instant::now() < deadline, "waited too long for: {what}");
            self.woken.wait_beyond(seen, deadline);
        }
    }

    fn wait_until_ready(&mut self) {
        self.wait("data, model and calibration", |s| s.state().can_train() && s.state().train.calibration.is_some());
    }

    fn click(&mut self, role: Role, name: &str) {
        self.harness.get_by_role_and_label(role, name).click();
        self.harness.run_ok();
    }

    fn drop_file(&mut self, path: &Path) {
        self.harness.input_mut().dropped_files.push(Arc::new(Dropped(path.to_owned())));
        self.harness.run_ok();
        self.harness.input_mut().dropped_files.clear();
    }

    fn has(&self, name: &str) -> bool {
        self.harness.query_by_label(name).is_some()
    }

    fn has_part(&self, part: &str) -> bool {
        self.harness.query_all_by_label_contains(part).next().is_some()
    }

    fn is_disabled(&self, name: &str) -> bool {
        self.harness.get_by_role_and_label(Role::Button, name).accesskit_node().is_disabled()
    }
}

/// English, with runs of the tests' own.
fn english() -> Settings {
    static RUNS: OnceLock<tempfile::TempDir> = OnceLock::new();
    let mut settings = Settings { language: Some(Language::English), ..Settings::default() };
    let runs = RUNS.get_or_init(|| tempfile::tempdir().unwrap());
    settings.config.runs_dir = Some(runs.path().to_owned());
    settings
}

/// A run of few steps into `folder`.
fn small_run(folder: &Path, rows: usize, epochs: usize) -> Settings {
    let mut settings = english();
    settings.config.data.max_rows = Some(rows);
    settings.config.training.epochs = epochs;
    settings.config.training.batch_size = 4;
    settings.config.training.max_length = 32;
    settings.config.freeze = Freeze::Preset1;
    settings.config.out = Some(folder.join("run"));
    settings
}

#[test]
fn it_opens_ready_to_train() {
    let mut studio = Studio::open(english());
    studio.wait_until_ready();
    assert!(!studio.is_disabled("Train") && studio.is_disabled("Pause") && studio.is_disabled("Stop"));
    assert!(studio.has("Data: movie_reviews.csv · 10,070") && studio.has("Model: all-MiniLM-L6-v2"));
    assert!(studio.has("Freezing: Preset 3"));
    assert!(studio.has_part("1,923,074 of 22,713,986"));
    assert!(studio.has("Loss: nothing yet") && studio.has("Accuracy: nothing yet"));
}

#[test]
fn presets_and_boxes_change_what_trains() {
    let mut studio = Studio::open(english());
    studio.wait_until_ready();
    studio.click(Role::Button, "Full");
    assert!(studio.has_part("22,713,986 of 22,713,986"), "totals follow the preset");
    studio.click(Role::CheckBox, "Pooler");
    assert!(studio.has("Freezing: Custom"));
    let pooler = studio.harness.get_by_role_and_label(Role::CheckBox, "Pooler");
    assert_eq!(pooler.accesskit_node().toggled(), Some(Toggled::False));
    assert!(studio.has_part("22,566,146 of 22,713,986"), "148 thousand fewer train");
}

#[test]
fn an_idle_window_repaints_nothing() {
    let mut studio = Studio::open(english());
    studio.wait_until_ready();
    studio.wait("all tokens", |s| s.state().train.token_lengths.as_ref().is_some_and(|l| l.done == l.total));
    studio.harness.run_ok();
    studio.harness.step();
    let delay = studio.harness.output().viewport_output[&ViewportId::ROOT].repaint_delay;
    assert_eq!(delay, Duration::MAX);
}

#[test]
fn languages_switch_at_once() {
    let mut studio = Studio::open(english());
    studio.wait_until_ready();
    studio.click(Role::Button, "Language: English");
    studio.click(Role::Button, "한국어");
    assert!(!studio.is_disabled("학습 시작") && studio.has("손실: 아직 없음"));
    studio.click(Role::Button, "언어: 한국어");
    studio.click(Role::Button, "English");
    assert!(!studio.is_disabled("Train"));
}

#[test]
fn a_run_is_watched_paused_and_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 400, 500));
    studio.wait_until_ready();
    studio.click(Role::Button, "Train");
    assert!(studio.is_disabled("Train"), "one run at a time");
    studio.wait("curves and matrix", |s| {
        s.has_part("Loss at step") && s.has_part("Accuracy at step") && s.has_part("Confusion matrix, sample of")
    });
    assert!(studio.has_part("validation sample 0."), "the chart tells its newest values");

    studio.click(Role::Button, "Pause");
    studio.wait("the pause", |s| s.state().run.shown.phase == RunPhase::Paused);
    studio.click(Role::Button, "Resume");
    let steps = studio.state().run.shown.history.steps.len();
    studio.wait("more steps", |s| s.state().run.shown.history.steps.len() > steps + 2);

    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::Period);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(studio.has("Stopped") && !studio.is_disabled("Train"));
    assert!(folder.path().join("run").join("model.safetensors").exists(), "what was learned is saved");

    studio.click(Role::Tab, "Results");
    assert!(studio.state().run.shown.history.test.is_none(), "a stopped run is tested when that is asked for");
    studio.click(Role::Button, "Test it now");
    studio.wait("the test", |s| s.has("Test accuracy"));
    assert!(studio.has_part("95 % interval") && studio.has_part("Majority class"));
}

#[test]
fn a_whole_run_ends_in_results_and_a_model_to_try() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 2));
    studio.wait_until_ready();
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(studio.state().notices.is_empty(), "{:?}", studio.state().notices);
    studio.click(Role::Button, "See the results");
    assert!(studio.has_part("test rows: ") && studio.has("precision") && studio.has("Copy table"));

    studio.click(Role::Tab, "Try");
    studio.harness.get_by_role_and_label(Role::TextInput, "Sentence").click();
    studio.harness.run_ok();
    studio.harness.event(Event::Text("a warm and funny film".to_owned()));
    studio.harness.run_ok();
    studio.click(Role::Button, "Predict");
    studio.wait("the prediction", |s| s.state().run.prediction.ready().is_some());
    assert!(studio.has("“a warm and funny film”"));
    assert!(studio.has_part("negative 0.") && studio.has_part("positive 0."));
}

/// A tiny DistilBERT of the reference, with a tokeniser of as many words.
fn distilbert(folder: &Path) -> PathBuf {
    let model = folder.join("distilbert");
    std::fs::create_dir(&model).unwrap();
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/families/distilbert");
    for file in ["config.json", "model.safetensors"] {
        std::fs::copy(reference.join(file), model.join(file)).unwrap();
    }
    let letters = ('a'..='z').flat_map(|c| [format!("{c}\n"), format!("##{c}\n")]).collect::<String>();
    let words = (0..63).map(|i| format!("w{i}\n")).collect::<String>();
    std::fs::write(model.join("vocab.txt"), format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{letters}{words}")).unwrap();
    model
}

#[test]
fn a_model_of_another_family_is_shown_by_its_own_names_and_trains() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    let model = distilbert(folder.path());
    studio.drop_file(&model);
    studio.wait("the model", |s| s.state().train.model.latest().is_some_and(|tree| tree.facts.family == "distilbert"));
    studio.wait_until_ready();
    studio.click(Role::Button, "2 Model");
    assert!(studio.has_part("replaced; it was for LABEL_0, LABEL_1, LABEL_2"));
    studio.click(Role::Button, "3 Freeze");
    studio.click(Role::Button, "Preset 2");
    assert!(studio.has_part("This model has no pooler, so this is the same as preset 1"));
    assert_eq!(studio.state().train.totals().unwrap().0, 1_122, "pre_classifier and classifier");
    studio.harness.get_by_role_and_label(Role::TextInput, "Filter by name").click();
    studio.harness.run_ok();
    studio.harness.event(Event::Text("layer.2.sa_layer_norm".to_owned()));
    studio.harness.run_ok();
    let norm = studio.harness.get_by_role_and_label(Role::CheckBox, "transformer.layer.2.sa_layer_norm.weight");
    assert_eq!(norm.accesskit_node().toggled(), Some(Toggled::False));
    assert!(studio.has_part("Norms"), "it stands under its block");

    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(studio.state().notices.is_empty(), "{:?}", studio.state().notices);
}

#[test]
fn runs_are_listed_replayed_named_and_started_from() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = small_run(folder.path(), 100, 2);
    settings.config.out = None;
    settings.config.runs_dir = Some(folder.path().join("mine"));
    let mut studio = Studio::open(settings);
    studio.wait_until_ready();
    studio.click(Role::Tab, "Runs");
    studio.wait("the empty list", |s| s.has_part("Your runs are listed here"));
    studio.click(Role::Button, "Train");
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    let steps = studio.state().run.shown.history.steps.clone();
    let dir = studio.state().run.last_dir.clone().unwrap();
    studio.click(Role::Tab, "Runs");
    studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 1));
    let name = dir.file_name().unwrap().to_string_lossy().into_owned();
    studio.click(Role::Button, &name);
    assert!(studio.has("movie_reviews.csv") && studio.has_part("step 28 of 28"));

    studio.click(Role::Button, "Replay");
    studio.wait("the replay", |s| s.state().run.replay.is_some());
    assert!(studio.is_disabled("Train") && studio.has("End replay"));
    studio.click(Role::Button, "Pause replay");
    studio.harness.get_by_label("Time of the replay");
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, Action::Run(RunAction::Replay(ReplayAction::Seek(1e9))));
    studio.harness.run_ok();
    assert_eq!(studio.state().run.shown.history.steps, steps, "what was stored is what was told, to the bit");
    assert!(studio.has_part("Loss at step") && studio.has_part("Confusion matrix, all"));
    studio.click(Role::Button, "End replay");
    assert!(studio.state().run.replay.is_none() && !studio.is_disabled("Train"));

    studio.click(Role::TextInput, "Name");
    studio.harness.event(Event::Text(" renamed".to_owned()));
    studio.harness.run_ok();
    studio.harness.key_press(Key::Enter);
    studio
        .wait("the new name", |s| s.state().runs.entries.ready().is_some_and(|runs| runs[0].name.contains("renamed")));

    studio.click(Role::Button, "Open");
    studio.wait("the results", |s| s.has("Test accuracy"));
    studio.click(Role::Tab, "Runs");
    studio.click(Role::Button, "Start from this run");
    studio.wait("its model", |s| {
        s.state().train.config.model == ModelSource::Folder(dir.clone()) && s.state().can_train()
    });
    assert_eq!(
        studio.state().train.model.ready().unwrap().facts.head_labels.as_ref().unwrap().len(),
        2,
        "its head is kept"
    );

    studio.click(Role::Tab, "Runs");
    studio.wait("the list again", |s| s.state().runs.entries.ready().is_some());
    studio.click(Role::Button, "Delete");
    assert!(studio.has_part("to the trash?"));
    studio.click(Role::Button, "Keep");
    assert!(dir.join("model.safetensors").exists());

    studio.click(Role::Button, "Train longer");
    studio.wait("one epoch more", |s| {
        s.state().run.shown.phase == RunPhase::Ended
            && s.state().run.last_dir.as_ref().is_some_and(|newer| *newer != dir)
    });
    assert_eq!(
        (studio.state().run.shown.config.training.epochs, studio.state().run.shown.history.steps.len()),
        (1, 14)
    );
    studio.click(Role::Tab, "Runs");
    studio.wait("both", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 2));

    // As the dialog for a run's folder answers.
    let away = folder.path().join("away");
    std::fs::rename(&dir, &away).unwrap();
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, Action::Runs(RunsAction::Open { dir: away.clone(), purpose: Purpose::Show }));
    studio.wait("a run elsewhere", |s| {
        let listed = s.state().runs.entries.ready();
        listed.is_some_and(|runs| runs.len() == 2 && runs.iter().any(|run| run.dir == away))
    });
    assert_eq!(studio.state().settings.runs_elsewhere, [away]);
}

#[test]
fn an_interrupted_run_is_offered_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let runs = folder.path().join("mine");
    let mut settings = small_run(folder.path(), 100, 3);
    settings.config.out = None;
    settings.config.runs_dir = Some(runs.clone());
    let dir = {
        let mut studio = Studio::open(settings.clone());
        studio.wait_until_ready();
        studio.click(Role::Button, "Train");
        studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
        studio.state().run.last_dir.clone().unwrap()
    };
    // As it would lie there after a power cut before its first checkpoint.
    std::fs::remove_file(dir.join("metrics.json")).unwrap();
    let size = vec2(900.0, 600.0);
    let mut studio = Studio::open_sized(settings, size);
    studio.wait("the offer", |s| s.has_part("was interrupted at step"));
    studio.wait_until_ready();
    studio.click(Role::Tab, "Runs");
    studio.click(Role::Button, &dir.file_name().unwrap().to_string_lossy());
    for name in ["Open", "Replay", "Start from this run", "Export", "Open folder", "Delete"] {
        let rect = studio.harness.get_by_role_and_label(Role::Button, name).rect();
        assert!(rect.max.x <= size.x && rect.max.y <= size.y - 8.0, "{name}: {rect:?}");
    }
    studio.click(Role::Button, "Dismiss");
    studio.click(Role::Button, "Resume");
    assert!(studio.is_disabled("Train"));
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    assert!(dir.join("metrics.json").exists() && studio.state().notices.is_empty());
}

#[test]
fn a_file_that_cannot_be_used_is_explained_and_can_be_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("empty.csv");
    std::fs::write(&file, "").unwrap();
    let mut settings = english();
    settings.config.data.source = thaw::domain::config::DataSource::File(file);
    let mut studio = Studio::open(settings);
    studio.wait("the refusal", |s| s.state().train.dataset.failed().is_some());
    assert!(studio.is_disabled("Train") && studio.has_part("empty.csv"));

    let good = folder.path().join("good.csv");
    let rows: String = (0..60).map(|i| format!("sentence number {i} of {0},{0}\n", ["tea", "coffee"][i % 2])).collect();
    std::fs::write(&good, format!("sentence,drink\n{rows}")).unwrap();
    studio.drop_file(&good);
    studio.wait("the good file", |s| s.state().can_train());
    assert!(studio.has("Data: good.csv · 60"));
    assert_eq!(studio.state().settings.recent_files, [good]);
}

#[test]
fn everything_fits_on_small_screens() {
    for size in [vec2(1024.0, 700.0), vec2(900.0, 600.0)] {
        let mut studio = Studio::open_sized(english(), size);
        studio.wait_until_ready();
        let inside = |role, name: &str| {
            let rect = studio.harness.get_by_role_and_label(role, name).rect();
            assert!(rect.min.x >= 0.0 && rect.max.x <= size.x && rect.max.y <= size.y, "{name}: {rect:?} in {size:?}");
        };
        inside(Role::Button, "Train");
        inside(Role::Button, "Stop");
        inside(Role::CheckBox, "Embeddings");
        inside(Role::GraphicsObject, "Loss: nothing yet");
        inside(Role::GraphicsObject, "Accuracy: nothing yet");
    }
}
