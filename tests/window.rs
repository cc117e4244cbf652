//! The real window on the real worker, driven by accessible names as a screen reader finds them.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::{Duration, Instant};

use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{DroppedFile, Event, Key, Modifiers, PointerButton, Vec2, ViewportId, vec2};
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

#[path = "window/answered.rs"]
mod answered;
#[path = "shared/class.rs"]
mod class;
#[path = "window/code.rs"]
mod code;
#[path = "window/compare.rs"]
mod compare;
#[path = "window/desk.rs"]
mod desk;
#[path = "window/doctor.rs"]
mod doctor;
#[path = "window/explore.rs"]
mod explore;
#[path = "window/files.rs"]
mod files;
#[path = "window/first_steps.rs"]
mod first_steps;
// Only there a thread's own processor time is known.
#[cfg(target_os = "linux")]
#[path = "window/frames.rs"]
mod frames;
#[path = "window/guide.rs"]
mod guide;
#[path = "window/in_view.rs"]
mod in_view;
#[path = "window/keyboard.rs"]
mod keyboard;
#[path = "window/layout.rs"]
mod layout;
#[path = "window/lesson.rs"]
mod lesson;
#[path = "window/mangled.rs"]
mod mangled;
#[path = "shared/mangler.rs"]
mod mangler;
#[path = "window/raster.rs"]
mod raster;
#[path = "window/rate_sweep.rs"]
mod rate_sweep;
#[path = "window/readme.rs"]
mod readme;
#[path = "window/results.rs"]
mod results;
#[path = "window/run.rs"]
mod run;
#[path = "window/runs.rs"]
mod runs;
#[path = "window/screens.rs"]
mod screens;
#[path = "window/script.rs"]
mod script;
#[path = "shared/small_model.rs"]
mod small_model;
#[path = "window/start.rs"]
mod start;
#[path = "window/terms.rs"]
mod terms;
#[path = "window/top_bar.rs"]
mod top_bar;

/// Longer than anything here takes, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(180);

/// A window as it is on most screens.
const SIZE: Vec2 = vec2(1280.0, 800.0);

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
        Self::open_sized(settings, SIZE)
    }

    /// A window whose worker does everything but measure the machine, whose times are recorded ones.
    fn open_sized(settings: Settings, size: Vec2) -> Self {
        Self::open_with(settings, Harness::builder().with_size(size), script::timed)
    }

    /// A window to look at, ready to train on few rows.
    fn open_ready(size: Vec2) -> Self {
        let mut studio = Self::open_sized(few_rows(), size);
        studio.wait_until_ready();
        studio
    }

    /// Shows the recorded run of preset "full", in a window whose worker is `script::scripted`.
    fn show_recorded_run(&mut self) {
        self.click(Role::Tab, "Runs");
        let full = "Full · 1,200 rows · movie_reviews";
        self.wait("the list", |s| s.has(full));
        self.click(Role::Button, full);
        self.click(Role::Button, "Open");
        self.wait("the run", |s| !s.state().run.shown.history.steps.is_empty());
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

/// The same with few rows, which are soon read.
fn few_rows() -> Settings {
    let mut settings = english();
    settings.config.data.max_rows = Some(80);
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

/// The same into a folder of runs, `mine`, which the window lists.
fn listed_run(folder: &Path, rows: usize, epochs: usize) -> Settings {
    let mut settings = small_run(folder, rows, epochs);
    settings.config.out = None;
    settings.config.runs_dir = Some(folder.join("mine"));
    settings
}
