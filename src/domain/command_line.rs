//! A run's settings as they are typed in a terminal.

use std::path::Path;

use serde::Serialize;

use super::class_weights::ClassWeights;
use super::config::{DataConfig, DataSource, FinalWeights, ModelSource, RunConfig, TrainingConfig};
use super::freeze::Freeze;
use super::labels::{LabelPair, quoted};
use super::timeline::PlanFile;

/// The name under which a freezing that has no name of its own is to be saved.
pub const PLAN_FILE: &str = "plan.json";

/// The command that trains the same again, and the plan file that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainCommand {
    /// The arguments after `thaw`, the subcommand first.
    pub args: Vec<String>,
    /// The content of [`PLAN_FILE`], where the freezing has no name.
    pub plan: Option<String>,
}

impl TrainCommand {
    /// The command of a run's settings. What is as usual is left out, and so is the run's folder, since that is there already.
    pub fn of(config: &RunConfig) -> Self {
        let mut args = vec!["train".to_owned()];
        args.extend(data(&config.data));
        if let ModelSource::Folder(folder) = &config.model {
            args.extend(["--model".to_owned(), shown(folder)]);
        }
        let plan = plan(&config.freeze);
        let name = if plan.is_some() { PLAN_FILE.to_owned() } else { config.freeze.name() };
        if config.freeze != Freeze::default() {
            args.extend(["--freeze".to_owned(), name]);
        }
        args.extend(training(&config.training));
        Self { args, plan }
    }

    /// The command as a line for a shell.
    pub fn line(&self) -> String {
        std::iter::once("thaw".to_owned())
            .chain(self.args.iter().map(|arg| in_shell(arg)))
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// An argument as a POSIX shell takes it.
pub fn in_shell(arg: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=,@+".contains(c);
    if !arg.is_empty() && arg.chars().all(is_plain) {
        arg.to_owned()
    } else {
        format!("'{}'", arg.replace('\'', "'\\''"))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// The plan file of a freezing that the command line has no name for.
fn plan(freeze: &Freeze) -> Option<String> {
    let has_name = Freeze::parse_name(&freeze.name()).is_some_and(|named| named == *freeze);
    (!has_name).then(|| serde_json::to_string_pretty(&PlanFile::of(freeze)).unwrap_or_default())
}

/// The name by which a value is written in files and on the command line.
fn named(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Collects the options whose values are not as usual.
struct Options(Vec<String>);

impl Options {
    fn value(&mut self, name: &str, value: Option<String>) {
        // A value that begins with a dash would be taken for an option.
        match value {
            Some(value) if value.starts_with('-') => self.0.push(format!("--{name}={value}")),
            Some(value) => self.0.extend([format!("--{name}"), value]),
            None => {}
        }
    }

    fn other<T: PartialEq + ToString>(&mut self, name: &str, value: T, usual: T) {
        self.value(name, (value != usual).then(|| value.to_string()));
    }

    fn flag(&mut self, name: &str, is_set: bool) {
        self.0.extend(is_set.then(|| format!("--{name}")));
    }
}

fn data(data: &DataConfig) -> Vec<String> {
    let (mut options, usual) = (Options(Vec::new()), DataConfig::default());
    if let DataSource::File(path) = &data.source {
        options.value("data", Some(shown(path)));
    }
    options.value("validation-data", data.validation.as_deref().map(shown));
    options.value("test-data", data.test.as_deref().map(shown));
    let reading = &data.reading;
    options.value("text-column", reading.text_column.clone());
    options.value("second-text-column", reading.second_text_column.clone());
    options.value("label-column", reading.label_column.clone());
    options.value("encoding", reading.encoding.clone());
    let delimiter = |c: char| if c == '\t' { "tab".to_owned() } else { c.to_string() };
    options.value("delimiter", reading.delimiter.map(delimiter));
    options.value("quoting", reading.quoting.map(|quoting| named(&quoting)));
    options.value("header", reading.header.map(|header| if header { "yes" } else { "no" }.to_owned()));
    options.flag("keep-missing-words", reading.keep_missing_words);
    options.flag("accept-skipped", reading.accept_skipped);
    options.value("sheet", reading.sheet.clone());
    let pair = |pair: &LabelPair| format!("{}={}", quoted(&pair.label), quoted(&pair.class));
    let pairs: Vec<String> = data.label_map.iter().map(pair).collect();
    options.value("label-map", (!pairs.is_empty()).then(|| pairs.join(",")));
    options.flag("new-head", data.new_head);
    options.value("max-rows", data.max_rows.map(|rows| rows.to_string()));
    options.value("rows-per-class", data.rows_per_class.map(|rows| rows.to_string()));
    options.value("flip-labels", data.flip_labels.map(|share| share.to_string()));
    options.value("split-column", data.split_column.clone());
    options.other("test-share", data.split.test_share, usual.split.test_share);
    options.other("validation-share", data.split.validation_share, usual.split.validation_share);
    options.other("split-seed", data.split.seed, usual.split.seed);
    options.0
}

fn training(t: &TrainingConfig) -> Vec<String> {
    let (mut options, usual) = (Options(Vec::new()), TrainingConfig::default());
    options.other("epochs", t.epochs, usual.epochs);
    options.other("batch-size", t.batch_size, usual.batch_size);
    options.other("accumulate", t.accumulation_steps, usual.accumulation_steps);
    options.value("learning-rate", t.learning_rate.map(|rate| format!("{rate:e}")));
    options.other("weight-decay", t.weight_decay, usual.weight_decay);
    options.other("warmup-ratio", t.warmup_share, usual.warmup_share);
    options.other("schedule", named(&t.schedule), named(&usual.schedule));
    options.other("clip", t.clip_norm, usual.clip_norm);
    options.other("max-length", t.max_length, usual.max_length);
    options.value("dropout", t.dropout.map(|p| p.to_string()));
    options.flag("frozen-dropout", t.frozen_dropout);
    options.other("seed", t.seed, usual.seed);
    options.value("patience", t.patience.map(|epochs| epochs.to_string()));
    options.value("keep", (t.keep != FinalWeights::Last).then(|| named(&t.keep)));
    options.flag("keep-head", t.keep_head);
    options.value("threads", t.threads.map(|threads| threads.to_string()));
    options.other("device", t.device.name(), usual.device.name());
    options.other("precision", t.precision.name(), usual.precision.name());
    options.other("frozen-precision", t.frozen_precision.name(), usual.frozen_precision.name());
    options.flag("no-prefix-cache", !t.prefix_cache.enabled);
    options.value("cache-memory", t.prefix_cache.memory_mib.map(|mib| mib.to_string()));
    options.value("cache-disk", t.prefix_cache.file_mib.map(|mib| mib.to_string()));
    options.other("checkpoint-minutes", t.checkpoint_minutes, usual.checkpoint_minutes);
    options.flag("tensorboard", t.tensorboard);
    options.value("class-weights", t.class_weights.as_ref().map(weights));
    options.0
}

fn weights(weights: &ClassWeights) -> String {
    match weights {
        ClassWeights::Balanced => "balanced".to_owned(),
        ClassWeights::Named(weights) => {
            weights.iter().map(|(name, weight)| format!("{name}={weight}")).collect::<Vec<_>>().join(",")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_usual_is_not_typed_and_a_shell_takes_every_name() {
        assert_eq!(TrainCommand::of(&RunConfig::default()).line(), "thaw train");
        let mut config = RunConfig { freeze: Freeze::Top(2), ..RunConfig::default() };
        config.data.source = DataSource::File("my data's.csv".into());
        config.training.learning_rate = Some(2.5e-5);
        assert_eq!(
            TrainCommand::of(&config).line(),
            "thaw train --data 'my data'\\''s.csv' --freeze top:2 --learning-rate 2.5e-5"
        );
    }
}
