//! What differs between the settings of runs, and only that.

use serde_json::Value;

use crate::domain::config::RunConfig;
use crate::domain::freeze::Freeze;
use crate::domain::timeline::PlanFile;

/// One setting that is not the same in all runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Its place in `settings.json`, e.g. `training.epochs`.
    pub path: String,
    /// One for each run, in their order; `None` where it is left to the program.
    pub values: Vec<Option<String>>,
}

/// Settings that say where files went or what was guessed, not what was done.
const ASIDE: [&str; 4] = ["out", "runs_dir", "guess", "estimated_secs"];

/// In the order of `settings.json`. The learning rate is the one that was used, suggested or chosen.
pub fn differences(configs: &[&RunConfig]) -> Vec<Difference> {
    let flat: Vec<Vec<(String, Option<String>)>> = configs.iter().map(|config| flattened(config)).collect();
    let mut paths: Vec<&String> = Vec::new();
    for (path, _) in flat.iter().flatten() {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let of = |path: &String| {
        let in_run = |settings: &Vec<(String, Option<String>)>| {
            settings.iter().find(|(own, _)| own == path).and_then(|(_, value)| value.clone())
        };
        Difference { path: path.clone(), values: flat.iter().map(in_run).collect() }
    };
    let differ = |d: &Difference| d.values.windows(2).any(|pair| pair[0] != pair[1]);
    paths.into_iter().map(of).filter(differ).collect()
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
    use std::path::PathBuf;

    #[test]
    fn only_what_differs_is_told() {
        let first = RunConfig::default();
        let mut second = RunConfig { freeze: Freeze::Full, out: Some("elsewhere".into()), ..RunConfig::default() };
        second.training.epochs = 5;
        second.data.max_rows = Some(400);
        let told = differences(&[&first, &second]);
        let paths: Vec<&str> = told.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, ["data.max_rows", "freeze", "training.epochs", "training.learning_rate"]);
        assert_eq!(told[0].values, [None, Some("400".into())]);
        assert_eq!(told[1].values, [Some("3".into()), Some("full".into())]);
        assert_eq!(
            told[3].values,
            [Some("0.0001".into()), Some("0.00005".into())].map(|v: Option<String>| v
                .map(|t| { t.parse::<f64>().map_or(t.clone(), |x| serde_json::json!(x).to_string()) }))
        );
        assert!(differences(&[&first, &first]).is_empty() && differences(&[]).is_empty());
    }

    #[test]
    fn files_and_custom_freezings_are_told_apart() {
        let custom = |name: &str| Freeze::Names([name.to_owned()].into());
        let mut first = RunConfig { freeze: custom("pooler.dense.bias"), ..RunConfig::default() };
        first.data.source = DataSource::File(PathBuf::from("reviews.csv"));
        first.model = ModelSource::Folder(PathBuf::from("bert"));
        let second = RunConfig { freeze: custom("classifier.bias"), ..RunConfig::default() };
        let told = differences(&[&first, &second]);
        let paths: Vec<&str> = told.iter().map(|d| d.path.as_str()).collect();
        assert_eq!(paths, ["data.source", "model", "freeze"]);
        assert_eq!(told[0].values, [Some("reviews.csv".into()), Some("Bundled".into())]);
        assert_ne!(told[2].values[0], told[2].values[1]);
    }
}
