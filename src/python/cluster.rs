//! The folder for a cluster: a script for accelerate, and what it reads besides the data.

use askama::Template;
use serde_json::{Map, Value, json};

use crate::domain::cluster::{ClusterPlan, ClusterStage, cluster_file};
use crate::domain::config::TrainingConfig;
use crate::domain::freeze::{embeddings_train, lowest_trainable_layer};
use crate::domain::message::{RunEvent, RunStarted};
use crate::domain::params::{ParamTree, Parameter, Part};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::timeline::{Stage, Unfreezing};

use super::freezing::full_name;
use super::program::dropout_names;

/// The files that are the same for every training.
const SCRIPTS: [(&str, &str); 4] = [
    (cluster_file::TRAIN, include_str!("../../assets/python/cluster/train.py")),
    (cluster_file::RUN_FOLDER, include_str!("../../assets/python/cluster/run_folder.py")),
    (cluster_file::REQUIREMENTS, include_str!("../../assets/python/cluster/requirements.txt")),
    (cluster_file::JOB, include_str!("../../assets/python/cluster/job.sbatch")),
];

#[derive(Template)]
#[template(path = "python/cluster/README.md", escape = "none")]
struct Readme<'a> {
    /// The data, the freezing and the model, in a line.
    what: &'a str,
    steps: usize,
    rows_per_step: usize,
    hub_model: Option<&'a str>,
}

/// The files of the folder that are texts, by their names. `what` says in a line what is trained.
///
/// # Errors
/// `internal-error` for a template that is at fault.
pub fn cluster_files(
    plan: &ClusterPlan,
    training: &TrainingConfig,
    what: &str,
) -> Outcome<Vec<(&'static str, String)>> {
    let steps = if let RunEvent::RunStarted(started) = &plan.run_started { started.total_steps } else { 0 };
    let hub_model = plan.hub_model.as_deref();
    let readme = Readme { what, steps, rows_per_step: training.rows_per_step(), hub_model };
    let mut json = serde_json::to_string_pretty(plan).map_err(Problem::internal)?;
    json.push('\n');
    let readme = readme.render().map_err(Problem::internal)? + "\n";
    let made = [(cluster_file::README, readme), (cluster_file::PLAN, json)];
    Ok(SCRIPTS.iter().map(|(name, text)| (*name, (*text).to_owned())).chain(made).collect())
}

/// The plan of a training. `hub` is the model's id and revision on the Hub, where its weights are taken from there.
pub fn cluster_plan(
    tree: &ParamTree,
    plan: &Unfreezing,
    training: &TrainingConfig,
    started: RunStarted,
    hub: Option<(String, String)>,
) -> ClusterPlan {
    let is_ever = plan.ever();
    let ever = || {
        let all = tree.parameters.iter().zip(&plan.factors).zip(&is_ever);
        all.filter(|(_, on)| **on).map(|((parameter, factor), _)| (full_name(tree, parameter), *factor))
    };
    let stage = |stage: &Stage| {
        let (trainable_numbers, frozen_numbers) = tree.totals(&stage.trainable);
        let trains = tree.parameters.iter().zip(&stage.trainable).filter(|(_, on)| **on);
        ClusterStage {
            from_epoch: stage.from_epoch,
            trainable: trains.map(|(parameter, _)| full_name(tree, parameter)).collect(),
            still: if training.frozen_dropout { Vec::new() } else { still(tree, &stage.trainable) },
            trainable_numbers,
            frozen_numbers,
        }
    };
    ClusterPlan {
        names: tree.parameters.iter().map(|p| (full_name(tree, p), json!(p.name))).collect(),
        ever: ever().map(|(name, _)| name).collect(),
        factors: ever().map(|(name, factor)| (name, json!(factor))).collect(),
        decays: tree.parameters.iter().filter(|p| p.decays()).map(|p| full_name(tree, p)).collect(),
        stages: plan.within(training.epochs).map(|(reached, _)| stage(reached)).collect(),
        dropout: dropout(tree, training),
        hub_arguments: hub.as_ref().map(|(_, revision)| of_hub(revision, &started.labels)).unwrap_or_default(),
        hub_model: hub.map(|(id, _)| id),
        run_started: RunEvent::RunStarted(started),
    }
}

/// What `from_pretrained` is told of a model of the Hub, which knows nothing of the labels.
fn of_hub(revision: &str, labels: &[String]) -> Map<String, Value> {
    let ids = || labels.iter().enumerate();
    let id2label: Map<String, Value> = ids().map(|(id, label)| (id.to_string(), json!(label))).collect();
    let label2id: Map<String, Value> = ids().map(|(id, label)| (label.clone(), json!(id))).collect();
    let arguments = [
        ("revision", json!(revision)),
        ("id2label", Value::Object(id2label)),
        ("label2id", Value::Object(label2id)),
        ("problem_type", json!("single_label_classification")),
        ("ignore_mismatched_sizes", json!(true)),
    ];
    arguments.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The arguments that set one dropout everywhere, by the names that the model's family has for it.
fn dropout(tree: &ParamTree, training: &TrainingConfig) -> Map<String, Value> {
    let Some(p) = training.dropout else { return Map::new() };
    dropout_names(tree).into_iter().map(|name| (name.to_owned(), json!(p))).collect()
}

/// The modules of the embeddings and of the layers below the lowest one that trains; none where the embeddings train.
fn still(tree: &ParamTree, trainable: &[bool]) -> Vec<String> {
    if embeddings_train(tree, trainable) {
        return Vec::new();
    }
    let lowest = lowest_trainable_layer(tree, trainable);
    let module = |parameter: &Parameter| {
        let name = full_name(tree, parameter);
        let end = match parameter.part {
            Part::Embeddings => name.find("embeddings").map(|at| at + "embeddings".len()),
            Part::Layer { index, .. } if index < lowest => {
                let number = format!(".{index}.");
                name.find(&number).map(|at| at + number.len() - 1)
            }
            _ => None,
        };
        end.map(|end| name[..end].to_owned())
    };
    let mut modules: Vec<String> = tree.parameters.iter().filter_map(module).collect();
    modules.dedup();
    modules
}

#[cfg(test)]
mod tests {
    use crate::domain::freeze::Freeze;
    use crate::domain::params::HeadStart;
    use crate::domain::precision::{FrozenPrecision, Precision};

    use super::super::made::tree;
    use super::*;

    fn planned(freeze: &Freeze, training: &TrainingConfig) -> ClusterPlan {
        let tree = tree("bert", 3);
        let plan = freeze.unfreezing(&tree).unwrap();
        let started = RunStarted {
            train_rows: 10,
            validation_rows: 2,
            test_rows: 2,
            skipped_rows: 0,
            trainable: 1,
            frozen: 1,
            total_steps: 30,
            device: "cpu".into(),
            precision: Precision::F32,
            frozen_precision: FrozenPrecision::F32,
            seed: 1,
            labels: vec!["bad".into(), "good".into()],
            text_columns: Vec::new(),
            head: HeadStart::default(),
            class_weights: Vec::new(),
            label_match: Vec::new(),
            findings: Vec::new(),
        };
        cluster_plan(&tree, &plan, training, started, Some(("klue/bert-base".into(), "77c8b3d".into())))
    }

    #[test]
    fn what_trains_goes_by_the_names_of_python() {
        let plan = planned(&Freeze::Preset1, &TrainingConfig::default());
        assert_eq!(plan.ever, ["classifier.weight", "classifier.bias"]);
        let layers = (0..3).map(|index| format!("bert.encoder.layer.{index}"));
        let still: Vec<String> = std::iter::once("bert.embeddings".to_owned()).chain(layers).collect();
        assert_eq!(plan.stages[0].still, still);
        assert_eq!(plan.names["bert.encoder.layer.0.output.dense.weight"], "encoder.layer.0.output.dense.weight");
        assert!(plan.decays.iter().all(|name| name.ends_with("weight") && !name.contains("LayerNorm")));
        assert_eq!(plan.hub_arguments["id2label"]["1"], "good");
        let top = planned(&Freeze::Top(1), &TrainingConfig { dropout: Some(0.2), ..TrainingConfig::default() });
        assert_eq!(top.stages[0].still.len(), 3, "{:?}", top.stages[0].still);
        assert_eq!(top.dropout["classifier_dropout"], 0.2);
        let full = planned(&Freeze::Full, &TrainingConfig::default());
        assert!(full.stages[0].still.is_empty() && full.dropout.is_empty());
        let wanted = TrainingConfig { frozen_dropout: true, ..TrainingConfig::default() };
        assert!(planned(&Freeze::Preset1, &wanted).stages[0].still.is_empty());
    }

    #[test]
    fn the_folder_has_its_scripts_and_says_how_to_start_them() {
        let training = TrainingConfig::default();
        let files = cluster_files(&planned(&Freeze::Full, &training), &training, "films.csv, full").unwrap();
        let text = |name: &str| files.iter().find(|(own, _)| *own == name).map(|(_, text)| text.as_str()).unwrap();
        for told in ["accelerate launch train.py", "torchrun --nproc_per_node", "sbatch job.sbatch", "films.csv, full"]
        {
            assert!(text("README.md").contains(told), "{told}");
        }
        let plan: Value = serde_json::from_str(text("plan.json")).unwrap();
        assert_eq!(plan["run_started"]["event"], "run_started");
        for name in ["train.py", "run_folder.py", "requirements.txt", "job.sbatch"] {
            assert!(!text(name).is_empty());
        }
    }
}
