//! `thaw report` writes one file that tells of runs and races, to open anywhere or to print.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::domain::message::{Answer, Event, Notice, Question};
use crate::domain::report::{ReportRequest, ReportSubject};
use crate::worker::Worker;

use super::args::Report;
use super::ask::{ask_and_hear, other_answer};
use super::bars::Bars;
use super::output::{Exit, Output};

pub fn report(output: &Output, args: Report) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    write(output, &worker, ReportSubject::Runs(args.dirs), args.to)
}

/// Asks for a report and says where it is.
pub fn write(output: &Output, worker: &Worker, subject: ReportSubject, to: PathBuf) -> Result<Exit> {
    let mut bars = Bars::new(output);
    let request = ReportRequest { subject, to, language: output.words.tag().to_owned() };
    let answer = ask_and_hear(worker, Question::Report(Box::new(request)), |event| match event {
        Event::Notice(Notice::Warning(problem)) => bars.suspend(|| output.warning(problem)),
        event => bars.follow(event),
    })?;
    drop(bars);
    let Answer::ReportWritten(file) = answer else { return Err(other_answer()) };
    let text = output.words.say_with("cli-reported", &[("file", &file.display())]);
    output.result(&json!({ "file": file }), &text)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::Parser as _;

    use crate::cli::args::{CommandLine, Task};
    use crate::domain::class_weights::ClassWeights;
    use crate::domain::command_line::TrainCommand;
    use crate::domain::config::{
        DataSource, DeviceKind, FinalWeights, PrefixCacheConfig, Quoting, RunConfig, Schedule, SplitConfig,
    };
    use crate::domain::freeze::Freeze;
    use crate::domain::labels::LabelPair;
    use crate::domain::message::RunCommand;
    use crate::domain::precision::{FrozenPrecision, Precision};

    fn trained(args: &[String]) -> RunConfig {
        let line = CommandLine::try_parse_from(std::iter::once("thaw").chain(args.iter().map(String::as_str))).unwrap();
        let Some(Task::Train(train)) = line.command else { panic!("train") };
        let RunCommand::Start(_, config) = train.into_command().unwrap() else { panic!("a start") };
        *config
    }

    /// Whoever types what a report says gets the settings that the report is of.
    #[test]
    fn the_command_of_settings_means_these_settings() {
        let mut config = RunConfig { freeze: Freeze::Top(2), ..RunConfig::default() };
        let data = &mut config.data;
        data.source = DataSource::File("films of '99.csv".into());
        (data.validation, data.test) = (Some("v.csv".into()), Some("-t.csv".into()));
        data.reading.text_column = Some("a text, long".into());
        data.reading.second_text_column = Some("--second".into());
        data.reading.label_column = Some("라벨".into());
        (data.reading.encoding, data.reading.delimiter) = (Some("euc-kr".into()), Some('\t'));
        (data.reading.quoting, data.reading.header) = (Some(Quoting::Backslash), Some(false));
        (data.reading.keep_missing_words, data.reading.accept_skipped) = (true, true);
        data.reading.sheet = Some("1".into());
        data.split = SplitConfig { test_share: 0.1, validation_share: 0.25, seed: u64::MAX, copies_together: true };
        (data.max_rows, data.rows_per_class, data.flip_labels) = (Some(600), Some(32), Some(0.03));
        data.split_column = Some("label before".into());
        let pair = |label: &str, class: &str| LabelPair { label: label.into(), class: class.into() };
        data.label_map = vec![pair("a=b", "x,\"y"), pair("0", "LABEL_1")];
        let t = &mut config.training;
        (t.epochs, t.batch_size, t.accumulation_steps, t.learning_rate) = (5, 8, 4, Some(2.5e-5));
        (t.weight_decay, t.warmup_share, t.schedule, t.clip_norm) = (0.01, 0.1, Schedule::Cosine, 0.0);
        (t.max_length, t.dropout, t.frozen_dropout, t.seed) = (64, Some(0.0), true, 7);
        (t.patience, t.keep, t.keep_head, t.threads) = (Some(2), FinalWeights::Best, true, Some(3));
        (t.device, t.precision, t.frozen_precision) = (DeviceKind::Cuda, Precision::Bf16, FrozenPrecision::Int8);
        t.prefix_cache = PrefixCacheConfig { enabled: false, memory_mib: Some(100), file_mib: Some(0) };
        (t.checkpoint_minutes, t.tensorboard) = (2.5, true);
        t.class_weights = Some(ClassWeights::Named(BTreeMap::from([("a=b".into(), 2.0), ("0".into(), 0.5)])));
        let command = TrainCommand::of(&config);
        assert_eq!(trained(&command.args), config, "{}", command.line());
        assert_eq!(trained(&TrainCommand::of(&RunConfig::default()).args), RunConfig::default());
        assert_eq!(command.plan, None);
    }
}
