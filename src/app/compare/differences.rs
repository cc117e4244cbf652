//! What differs between the settings of runs, and only that.

use serde_json::Value;

use crate::domain::config::RunConfig;
use crate::domain::engine::Engine;
use crate::domain::freeze::Freeze;
use crate::domain::stored::StoredRun;
use crate::domain::timeline::PlanFile;

/// One setting that is not the same in all runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its place in `settings.json`, e.g. `training.epochs`.
    pub path: String,
    /// One for each run, in their order.
    pub values: Vec<Setting>,
}

/// The value of a run's setting, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// It was left to the program.
    Open,
    /// The run was trained by a program that does not tell it.
    Unknown,
    Text(String),
    Engine(Engine),
}

/// The place of what is no setting: the program that trained the run.
pub const ENGINE: &str = "engine";

/// Settings that say where files went or what was guessed, not what was done.
const ASIDE: [&str; 4] = ["out", "runs_dir", "guess", "estimated_secs"];

/// In the order of `settings.json`, after the program that trained. The learning rate is the one that was used, suggested or
/// chosen. A setting that is not known of a run makes no difference by that.
pub fn differences(runs: &[&StoredRun]) -> Vec<Difference> {
    let flat: Vec<Vec<(String, Option<String>)>> = runs.iter().map(|run| flattened(&run.config)).collect();
    let mut paths: Vec<&String> = Vec::new();
    for (path, _) in flat.iter().flatten() {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let of = |path: &String| {
        let in_run = |(run, settings): (&&StoredRun, &Vec<(String, Option<String>)>)| {
            if !run.knows(path) {
                return Setting::Unknown;
            }
            let value = settings.iter().find(|(own, _)| own == path).and_then(|(_, value)| value.clone());
            value.map_or(Setting::Open, Setting::Text)
        };
        Difference { path: path.clone(), values: runs.iter().zip(&flat).map(in_run).collect() }
    };
    let engines = runs.iter().map(|run| Setting::Engine(run.engine)).collect();
    let engine = Difference { path: ENGINE.to_owned(), values: engines };
    let differ = |d: &Difference| {
        let mut known = d.values.iter().filter(|value| **value != Setting::Unknown);
        known.next().is_some_and(|first| known.any(|other| other != first))
    };
    std::iter::once(engine).chain(paths.into_iter().map(of)).filter(differ).collect()
}

fn flattened(config: &RunConfig) -> Vec<(String, Option<String>)> {
    let mut config = config.clone();
    config.training.learning_rate = Some(config.learning_rate());
    let mut flat = Vec::new();
    let Ok(Value::Object(mut settings)) = serde_json::to_value(&config) else {
        log::error!("settings are no object");
        return flat;
    };
    settings.insert("freeze".to_owned(), freeze_text(&config.freeze).into());
    settings.retain(|name, _| !ASIDE.contains(&name.as_str()));
    settings.iter().for_each(|(name, value)| flatten(name, value, &mut flat));
    flat
}

/// The freezing's name on the command line; of one without a name, what its plan file says.
fn freeze_text(freeze: &Freeze) -> String {
    match freeze {
        Freeze::Names(names) => names.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
        Freeze::Plan(_) | Freeze::Timeline(_) => {
            serde_json::to_string(&PlanFile::of(freeze)).unwrap_or_else(|_| freeze.name())
        }
        _ => freeze.name(),
    }
}

fn flatten(path: &str, value: &Value, into: &mut Vec<(String, Option<String>)>) {
    match value {
        // A choice with a value, such as {"File": "reviews.csv"}, is one setting.
        Value::Object(fields) if fields.len() == 1 && fields.keys().all(|k| k.starts_with(char::is_uppercase)) => {
            into.extend(fields.values().map(|value| (path.to_owned(), text_of(value))));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| flatten(&format!("{path}.{name}"), value, into))
        }
        value => into.push((path.to_owned(), text_of(value))),
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::config::{DataSource, ModelSource};
    use crate::domain::engine::TrainerFacts;
    use std::path::PathBuf;

    fn run(config: RunConfig) -> StoredRun {
        StoredRun::new(PathBuf::from("run"), config, Vec::new())
    }

    fn text(text: &str) -> Setting {
        Setting::Text(text.to_owned())
    }

    #[test]
    fn what_is_not_known_of_a_run_makes_no_difference() {
        let ours = [1, 2].map(|seed| {
            let mut config = RunConfig::default();
            config.training.seed = seed;
            run(config)
        });
        let facts = TrainerFacts { knows_epochs: true, ..TrainerFacts::default() };
        let mut trainers = StoredRun { engine: Engine::Trainer, trainer: Some(facts), ..run(RunConfig::default()) };
        trainers.config.training.epochs = 9;
        let told = differences(&[&ours[0], &trainers]);
        let paths: Vec<&str> = told.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, [ENGINE, "training.epochs"]);
        let told = differences(&[&ours[0], &ours[1], &trainers]);
        let seed = told.iter().find(|d| d.path == "training.seed").unwrap();
        assert_eq!(seed.values, [text("1"), text("2"), Setting::Unknown]);
    }

    #[test]
    fn only_what_differs_is_told() {
        let first = RunConfig::default();
        let mut second = RunConfig { freeze: Freeze::Full, out: Some("elsewhere".into()), ..RunConfig::default() };
        second.training.epochs = 5;
        second.data.max_rows = Some(400);
        let [first, second] = [first, second].map(run);
        let told = differences(&[&first, &second]);
        let paths: Vec<&str> = told.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, ["data.max_rows", "freeze", "training.epochs", "training.learning_rate"]);
        assert_eq!(told[0].values, [Setting::Open, text("400")]);
        assert_eq!(told[1].values, [text("3"), text("full")]);
        assert_eq!(told[3].values, [1e-4, 5e-5].map(|rate| text(&serde_json::json!(rate).to_string())));
        assert!(differences(&[&first, &first]).is_empty() && differences(&[]).is_empty());
    }

    #[test]
    fn files_and_custom_freezings_are_told_apart() {
        let custom = |name: &str| Freeze::Names([name.to_owned()].into());
        let mut first = RunConfig { freeze: custom("pooler.dense.bias"), ..RunConfig::default() };
        first.data.source = DataSource::File(PathBuf::from("reviews.csv"));
        first.model = ModelSource::Folder(PathBuf::from("bert"));
        let second = RunConfig { freeze: custom("classifier.bias"), ..RunConfig::default() };
        let [first, second] = [first, second].map(run);
        let told = differences(&[&first, &second]);
        let paths: Vec<&str> = told.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, ["data.source", "model", "freeze"]);
        assert_eq!(told[0].values, [text("reviews.csv"), text("Bundled")]);
        assert_ne!(told[2].values[0], told[2].values[1]);
    }
}
