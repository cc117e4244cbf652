//! A training as a folder for a cluster: what it is made of, and what its script reads.

use serde::Serialize;
use serde_json::{Map, Value};

use super::message::RunEvent;

/// The files of such a folder.
pub mod cluster_file {
    pub const TRAIN: &str = "train.py";
    pub const RUN_FOLDER: &str = "run_folder.py";
    pub const REQUIREMENTS: &str = "requirements.txt";
    pub const JOB: &str = "job.sbatch";
    pub const README: &str = "README.md";
    pub const PLAN: &str = "plan.json";
    /// The folder of the model that the training begins with.
    pub const MODEL: &str = "model";
    /// The head in that folder, where the rest of the model comes from the Hub.
    pub const HEAD: &str = "head.safetensors";
}

/// The content of `plan.json`: all that follows from settings, data and model, so that the script need not work it out.
/// Parameters go by their names in Python.
#[derive(Clone, Debug, Serialize)]
pub struct ClusterPlan {
    /// The name that Thaw gives each parameter, in the order of the model's tree.
    pub names: Map<String, Value>,
    /// The parameters that train in some stage.
    pub ever: Vec<String>,
    /// The factors on the learning rate of those.
    pub factors: Map<String, Value>,
    /// The parameters that weight decay applies to.
    pub decays: Vec<String>,
    pub stages: Vec<ClusterStage>,
    /// The arguments of `from_pretrained` that set the dropout; none where it stays the model's own.
    pub dropout: Map<String, Value>,
    /// The model's id on the Hub, where its weights are not in the folder, and the further arguments of its
    /// `from_pretrained`.
    pub hub_model: Option<String>,
    pub hub_arguments: Map<String, Value>,
    /// The first line of the run's log.
    pub run_started: RunEvent,
}

/// What trains from an epoch on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClusterStage {
    /// From 1.
    pub from_epoch: usize,
    pub trainable: Vec<String>,
    /// The modules without dropout, which are the frozen ones below the lowest that trains.
    pub still: Vec<String>,
    pub trainable_numbers: usize,
    pub frozen_numbers: usize,
}
