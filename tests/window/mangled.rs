//! Runs and bundles as damage or a hand leaves them: they are listed, and none takes the window down.

use std::fs;

use thaw::app::compare::{CompareAction, Page};
use thaw::app::state::View;
use thaw::domain::lesson::LessonWork;
use thaw::domain::stored::RunState;
use thaw::runs::{carried_lessons, save_bundle};

use super::mangler::Mangler;
use super::*;

const RUNS: u64 = 24;
const BUNDLES: u64 = 24;

/// A copy of a recorded run.
fn copy(to: &Path) {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/runs/preset3");
    fs::create_dir_all(to).unwrap();
    for name in ["settings.json", "splits.json", "steps.jsonl", "metrics.json"] {
        fs::copy(recorded.join(name), to.join(name)).unwrap();
    }
}

/// Runs with damaged logs, runs with damaged settings and results, and two whose files are no JSON.
fn damaged_runs(folder: &Path) -> Settings {
    let mut settings = few_rows();
    settings.config.runs_dir = Some(folder.to_owned());
    for seed in 0..RUNS {
        let run = folder.join(format!("run-{seed:02}"));
        copy(&run);
        let log = fs::read_to_string(run.join("steps.jsonl")).unwrap();
        fs::write(run.join("steps.jsonl"), Mangler(seed).log(&log)).unwrap();
    }
    // What is in them is put into other values as well.
    for seed in 0..RUNS {
        let run = folder.join(format!("other-{seed:02}"));
        copy(&run);
        let mut mangler = Mangler(seed);
        let name = if seed % 2 == 0 { "settings.json" } else { "metrics.json" };
        let mut value: serde_json::Value = serde_json::from_slice(&fs::read(run.join(name)).unwrap()).unwrap();
        mangler.value(&mut value);
        fs::write(run.join(name), value.to_string()).unwrap();
    }
    for (run, file) in [("no-settings", "settings.json"), ("no-results", "metrics.json")] {
        copy(&folder.join(run));
        fs::write(folder.join(run).join(file), "{\"thaw\": ").unwrap();
    }
    settings
}

impl Studio {
    pub(super) fn act(&mut self, action: impl Into<Action>) {
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().act(&ctx, action.into());
        self.harness.run_ok();
    }

    /// Nothing went wrong that no one foresaw.
    fn has_no_panic(&self) {
        let notices = &self.state().shell.notices;
        assert!(notices.iter().all(|notice| notice.problem.id != "internal-error"), "{notices:?}");
    }

    fn see_comparison(&mut self) {
        self.wait("what can be read", |s| s.state().compare.opening.is_empty());
        for page in [Page::Curves, Page::Table, Page::Matrices, Page::Settings, Page::Desk] {
            self.act(CompareAction::ShowPage(page));
        }
        self.has_no_panic();
    }
}

#[test]
fn damaged_runs_are_listed_and_shown_as_far_as_they_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let settings = damaged_runs(folder.path());
    let mut studio = Studio::open(settings);
    studio.wait_until_ready();
    studio.click(Role::Tab, "Runs");
    let all = 2 * RUNS as usize + 2;
    studio.wait("all runs", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == all));
    let runs = studio.state().runs.entries.ready().unwrap().clone();
    let damaged = runs.iter().filter(|run| run.state == RunState::Damaged).count();
    assert!(damaged > 4, "{damaged}");
    studio.act(RunsAction::Select(folder.path().join("no-settings")));
    assert!(studio.has_part("Damaged: settings.json cannot be read") && studio.is_disabled("Open"));

    studio.click(Role::CheckBox, "Choose all that are listed");
    assert_eq!(studio.state().runs.ticked.len(), all);
    studio.click(Role::Button, "Compare");
    studio.see_comparison();
    let can_open = runs.iter().filter(|run| run.can_open).count();
    assert_eq!(studio.state().compare.runs.len(), can_open, "each that has settings is there");

    for run in runs.iter().filter(|run| run.can_open) {
        studio.act(Action::ShowView(View::Runs));
        studio.act(RunsAction::Open { dir: run.dir.clone(), purpose: Purpose::Show });
        studio.wait("the run", |s| s.state().run.last_dir.as_ref() == Some(&run.dir));
        for view in [View::Results, View::Live] {
            studio.act(Action::ShowView(view));
        }
        studio.act(RunsAction::Open { dir: run.dir.clone(), purpose: Purpose::Replay });
        studio.wait("the replay", |s| s.state().run.replay.is_some());
        studio.act(RunAction::Replay(ReplayAction::Seek(1e9)));
        studio.act(RunAction::Replay(ReplayAction::End));
        studio.has_no_panic();
    }
}

#[test]
fn damaged_bundles_are_refused_and_good_ones_beside_them_shown() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    copy(&run);
    let lesson = &carried_lessons().unwrap()[0];
    let mut work = LessonWork { student: "Kim".into(), ..LessonWork::new(lesson) };
    work.steps[0].run_dirs = vec![run];
    let good = save_bundle(lesson, &work, &folder.path().join("kim")).unwrap();
    let text = fs::read_to_string(&good).unwrap();
    let mut paths = vec![good];
    for seed in 0..BUNDLES {
        let mut bundle: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut mangler = Mangler(seed);
        (0..4).for_each(|_| mangler.value(&mut bundle));
        paths.push(folder.path().join(format!("{seed}.thaw-lesson")));
        fs::write(paths.last().unwrap(), bundle.to_string()).unwrap();
    }
    let mut studio = Studio::open_ready(SIZE);
    studio.act(CompareAction::Open(paths));
    studio.see_comparison();
    assert!(studio.state().compare.desk.bundles.iter().any(|bundle| bundle.bundle.student == "Kim"));
    assert!(studio.state().shell.notices.len() > 3, "those that cannot be read are told");
}
