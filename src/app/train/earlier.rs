//! "Start from this run": the settings of an earlier run for the next one, and the way back to the former ones.

use crate::domain::config::{DataSource, ModelSource, RunConfig};
use crate::domain::freeze::Freeze;
use crate::domain::problem::Problem;
use crate::domain::stored::StoredRun;
use crate::domain::suspects::FixedCopy;
use crate::words::{numbers, shared};

use super::super::shell::Shell;
use super::{TrainAction, TrainState};

impl TrainState {
    /// Takes a run's data and settings, with its model to begin from; what trains is the user's to choose. A notice says
    /// what was taken, and offers the former settings.
    pub(in crate::app) fn start_from(&mut self, run: &StoredRun, name: Option<&str>, shell: &mut Shell) {
        let former = self.config.clone();
        let (model, runs_dir) = (ModelSource::Folder(run.dir.clone()), former.runs_dir.clone());
        // What was expected of that run is not expected of the next one.
        let (guess, estimated_secs) = (former.guess, None);
        let taken = RunConfig { model, out: None, runs_dir, guess, estimated_secs, ..run.config.clone() };
        self.former = Some(Box::new(former));
        shell.offer_undo(taken_from(name, &taken), TrainAction::TakeBack);
        self.configure(taken, shell);
    }

    /// Takes a run's settings with a copy of its data in which labels are fixed. A notice says so, and offers the former
    /// settings.
    pub(in crate::app) fn take_copy(&mut self, run: &StoredRun, copy: &FixedCopy, shell: &mut Shell) {
        let former = self.config.clone();
        let (data, runs_dir, guess) = (copy.data(&run.config.data), former.runs_dir.clone(), former.guess);
        let taken = RunConfig { data, out: None, runs_dir, guess, estimated_secs: None, ..run.config.clone() };
        self.former = Some(Box::new(former));
        let told = Problem::new("labels-copy-taken").with_count("fixed", copy.fixed);
        shell.offer_undo(told.with("file", shared::short_name(&copy.file)), TrainAction::TakeBack);
        self.configure(taken, shell);
    }

    /// Goes back to the settings from before the last run that was started from.
    pub(super) fn take_back(&mut self, shell: &mut Shell) {
        if let Some(former) = self.former.take() {
            let offer = Some(TrainAction::TakeBack.into());
            shell.notices.retain(|notice| notice.offer != offer);
            self.configure(*former, shell);
        }
    }
}

/// Lists the settings that were taken from the run of this name. A run without a name is called by its settings, which are
/// listed anyway.
fn taken_from(name: Option<&str>, config: &RunConfig) -> Problem {
    let data = match &config.data.source {
        DataSource::Bundled => "bundled".to_owned(),
        DataSource::File(path) => shared::short_name(path),
    };
    let (training, freeze) = (&config.training, &config.freeze);
    let top = if let Freeze::Top(layers) = freeze { *layers } else { 0 };
    let unnamed = || Problem::new("start-from-unnamed");
    let run = name.map_or_else(unnamed, |name| Problem::new("start-from-named").with("name", name));
    Problem::new("start-from-taken")
        .with_problem("run", run)
        .with("data", data)
        .with_count("rows", config.data.max_rows.unwrap_or(0))
        .with("freeze", format!("freeze-{}", freeze.name()))
        .with_count("top", top)
        .with_count("epochs", training.epochs)
        .with_count("batch", training.batch_size)
        .with("rate", numbers::learning_rate(config.learning_rate()))
        .with_count("length", training.max_length)
        .with("seed", training.seed)
}
