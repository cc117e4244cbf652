//! What the arguments mean: the settings of a run, a race or a measurement.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args as _, Command, Id};

use crate::domain::config::{DataConfig, DataSource, Guess, PrefixCacheConfig, RunConfig, SplitConfig, TrainingConfig};
use crate::domain::freeze::Freeze;
use crate::domain::labels::LabelPair;
use crate::domain::message::{Continuation, RunCommand, RunId};
use crate::domain::problem::Outcome;
use crate::domain::race::{self, RacePlan, Strategy};
use crate::worker::{read_label_map, read_plan};

use super::{
    Code, DataCard, Evaluate, FreezeArg, LabelMapArg, OneRun, Predict, Race, Reading, Settings, Splitting, Train,
};

/// The terminal's one run, race or sweep.
const RUN: RunId = RunId(1);

impl FreezeArg {
    /// # Errors
    /// `file-error`, `plan-unreadable` and `plan-*` for a plan file.
    pub fn read(&self) -> Outcome<Freeze> {
        match self {
            Self::Named(freeze) => Ok(freeze.clone()),
            Self::Plan(path) => read_plan(path),
        }
    }

    /// A strategy of a race. A plan goes by its file's name.
    ///
    /// # Errors
    /// `file-error`, `plan-unreadable` and `plan-*` for a plan file.
    fn strategy(&self) -> Outcome<Strategy> {
        let freeze = self.read()?;
        let name = match self {
            Self::Named(freeze) => freeze.name(),
            Self::Plan(path) => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        };
        Ok(Strategy { name, freeze })
    }
}

impl LabelMapArg {
    /// # Errors
    /// `file-error` and `label-map-unreadable` for a file.
    fn read(self) -> Outcome<Vec<LabelPair>> {
        match self {
            Self::Pairs(pairs) => Ok(pairs),
            Self::File(path) => read_label_map(&path),
        }
    }
}

/// The map that these arguments state; an empty one where they state none.
///
/// # Errors
/// `file-error` and `label-map-unreadable` for a file.
fn label_map(given: Option<LabelMapArg>) -> Outcome<Vec<LabelPair>> {
    given.map_or(Ok(Vec::new()), LabelMapArg::read)
}

/// The arguments that name a run or a race with settings of its own, each with those that may stand beside it.
const GOES_ON: [(&str, &[&str]); 4] = [
    ("resume", &["json"]),
    ("continued", &["epochs", "learning_rate", "out", "json"]),
    ("run_dir", &["to", "half", "tensorboard", "tables", "cluster", "json"]),
    ("of_run", &["style", "notebook", "out"]),
];

/// A run that is resumed, continued, exported or written as a program has settings already. The pair is `--resume`, `--continue`
/// or the run's folder with an argument that would contradict them.
pub fn conflict(matches: &ArgMatches) -> Option<(String, String)> {
    let is_group = |id: &str| id.starts_with(char::is_uppercase);
    let of_user = |id: &&str| !is_group(id) && matches.value_source(id) == Some(ValueSource::CommandLine);
    let given = || matches.ids().map(Id::as_str).filter(of_user);
    let (own, beside) = GOES_ON.iter().find(|(own, _)| given().any(|id| id == *own))?;
    let other = given().find(|id| id != own && !beside.contains(id))?;
    let flag = |id: &str| match id {
        "run_dir" | "of_run" => "RUN_DIR".to_owned(),
        "continued" => "--continue".to_owned(),
        id => format!("--{}", id.replace('_', "-")),
    };
    Some((flag(own), flag(other)))
}

/// Whether `evaluate` or `predict` are told how to read a file, and not which one.
pub fn reads_nothing(matches: &ArgMatches) -> bool {
    let Some((_, given)) = matches.subcommand().filter(|(name, _)| ["evaluate", "predict"].contains(name)) else {
        return false;
    };
    let is_given = |id: &str| given.try_contains_id(id).is_ok_and(|is_there| is_there);
    let of_reading = Reading::augment_args(Command::new(""));
    let tells = |id: &str| given.value_source(id) == Some(ValueSource::CommandLine);
    let mut ids = of_reading.get_arguments().map(|arg| arg.get_id().as_str());
    !is_given("data") && (ids.any(tells) || (is_given("label_map") && tells("label_map")))
}

impl Train {
    /// What these arguments ask for. A model of the Hub is still to be put in.
    ///
    /// # Errors
    /// `file-error`, `plan-unreadable` and `plan-*` for a plan file.
    pub fn into_command(mut self) -> Outcome<RunCommand> {
        if let Some(dir) = self.resume.take() {
            return Ok(RunCommand::Resume(RUN, dir));
        }
        if let Some(dir) = self.continued.take() {
            let Settings { epochs, learning_rate, out, .. } = self.run.settings;
            let epochs = epochs.unwrap_or(TrainingConfig::default().epochs);
            return Ok(RunCommand::Continue(RUN, Box::new(Continuation { dir, epochs, learning_rate, out })));
        }
        Ok(RunCommand::Start(RUN, Box::new(self.into_config()?)))
    }

    fn into_config(self) -> Outcome<RunConfig> {
        let guess = self
            .guess_accuracy
            .zip(self.guess_secs)
            .map(|(accuracy, secs)| Guess { accuracy: Some(accuracy), secs: Some(secs) });
        let mut config = RunConfig { guess, ..self.run.into_config()? };
        config.training.tensorboard = self.tensorboard;
        Ok(config)
    }
}

impl OneRun {
    /// The sweep of learning rates that these arguments ask for. A model of the Hub is still to be put in.
    ///
    /// # Errors
    /// `file-error`, `plan-unreadable` and `plan-*` for a plan file.
    pub fn into_sweep(self) -> Outcome<RunCommand> {
        Ok(RunCommand::FindRate(RUN, Box::new(self.into_config()?)))
    }

    /// The settings. A model of the Hub is still to be put in.
    ///
    /// # Errors
    /// `file-error`, `plan-unreadable` and `plan-*` for a plan file.
    pub fn into_config(self) -> Outcome<RunConfig> {
        let freeze = self.freeze.map_or(Ok(Freeze::default()), |freeze| freeze.read())?;
        let mut config = RunConfig { freeze, ..self.settings.into_config()? };
        config.data.rows_per_class = self.rows_per_class;
        Ok(config)
    }
}

impl Code {
    /// Takes the file of the program out of the arguments, in which it stands where a training has its folder.
    pub fn take_file(&mut self) -> Option<PathBuf> {
        self.run.settings.out.take()
    }
}

impl Race {
    /// What these arguments ask for. A model of the Hub is still to be put in.
    ///
    /// # Errors
    /// `file-error`, `plan-unreadable` and `plan-*` for a plan file; `setting-out-of-bounds` for the number of seeds.
    pub fn into_command(self) -> Outcome<RunCommand> {
        if let Some(dir) = self.resume {
            return Ok(RunCommand::ResumeRace(RUN, dir));
        }
        let mut config = self.settings.into_config()?;
        let first = config.training.seed;
        let presets = [Freeze::Preset1, Freeze::Preset2, Freeze::Preset3, Freeze::Full].map(FreezeArg::Named);
        let freezes = if self.freeze.is_empty() { &presets[..] } else { &self.freeze };
        let seeds = self.seeds.unwrap_or(3);
        race::SEEDS.check(seeds as f64)?;
        // A ladder has several numbers of rows, so one number limits every run of a race.
        let rows_per_class = match self.rows_per_class[..] {
            [one] => {
                config.data.rows_per_class = Some(one).filter(|rows| *rows < race::ALL_ROWS);
                Vec::new()
            }
            _ => self.rows_per_class,
        };
        let plan = RacePlan {
            strategies: freezes.iter().map(FreezeArg::strategy).collect::<Outcome<_>>()?,
            seeds: (0..seeds as u64).map(|n| first.wrapping_add(n)).collect(),
            learning_rate: config.training.learning_rate,
            rows_per_class,
            minutes: self.minutes,
            config,
        };
        Ok(RunCommand::StartRace(RUN, Box::new(plan)))
    }
}

impl Settings {
    /// The settings, with the default freezing and model.
    ///
    /// # Errors
    /// `file-error` and `label-map-unreadable` for a file with a map of labels.
    fn into_config(self) -> Outcome<RunConfig> {
        let of_data = DataConfig::default();
        let own = TrainingConfig::default();
        let data = DataConfig {
            validation: self.validation_data,
            test: self.test_data,
            split: self.splitting.config(),
            source: self.data.map_or(of_data.source, DataSource::File),
            reading: self.reading.into(),
            label_map: label_map(self.label_map)?,
            new_head: self.new_head,
            max_rows: self.splitting.max_rows,
            flip_labels: self.splitting.flip_labels,
            split_column: self.splitting.split_column.clone(),
            ..DataConfig::default()
        };
        let training = TrainingConfig {
            epochs: self.epochs.unwrap_or(own.epochs),
            batch_size: self.batch_size.unwrap_or(own.batch_size),
            accumulation_steps: self.accumulate.unwrap_or(own.accumulation_steps),
            learning_rate: self.learning_rate,
            weight_decay: self.weight_decay.unwrap_or(own.weight_decay),
            warmup_share: self.warmup_ratio.unwrap_or(own.warmup_share),
            schedule: self.schedule.unwrap_or(own.schedule),
            clip_norm: self.clip.unwrap_or(own.clip_norm),
            max_length: self.max_length.unwrap_or(own.max_length),
            dropout: self.dropout,
            frozen_dropout: self.frozen_dropout,
            seed: self.seed.unwrap_or(own.seed),
            patience: self.patience,
            keep: self.keep.unwrap_or(own.keep),
            keep_head: self.keep_head,
            threads: self.threads,
            device: self.device.unwrap_or(own.device),
            precision: self.precision.unwrap_or(own.precision),
            frozen_precision: self.frozen_precision.unwrap_or(own.frozen_precision),
            prefix_cache: PrefixCacheConfig {
                enabled: !self.no_prefix_cache,
                memory_mib: self.cache_memory,
                file_mib: self.cache_disk,
            },
            checkpoint_minutes: self.checkpoint_minutes.unwrap_or(own.checkpoint_minutes),
            tensorboard: own.tensorboard,
            class_weights: self.class_weights,
        };
        Ok(RunConfig { data, training, out: self.out, ..RunConfig::default() })
    }
}

impl Splitting {
    fn config(&self) -> SplitConfig {
        let own = SplitConfig::default();
        SplitConfig {
            test_share: self.test_share.unwrap_or(own.test_share),
            validation_share: self.validation_share.unwrap_or(own.validation_share),
            seed: self.split_seed.unwrap_or(own.seed),
            ..own
        }
    }
}

impl DataCard {
    /// The tokens of a text that are read.
    pub fn max_length(&self) -> usize {
        self.max_length.unwrap_or(TrainingConfig::default().max_length)
    }

    /// The settings of a run on these data.
    pub fn into_config(self) -> RunConfig {
        let is_bundled = self.file.as_os_str() == "bundled" && !self.file.exists();
        let training = TrainingConfig { max_length: self.max_length(), ..TrainingConfig::default() };
        let data = DataConfig {
            source: if is_bundled { DataSource::Bundled } else { DataSource::File(self.file) },
            validation: self.validation_data,
            test: self.test_data,
            split: self.splitting.config(),
            reading: self.reading.into(),
            max_rows: self.splitting.max_rows,
            flip_labels: self.splitting.flip_labels,
            split_column: self.splitting.split_column.clone(),
            ..DataConfig::default()
        };
        RunConfig { data, training, ..RunConfig::default() }
    }
}

impl Predict {
    /// The table whose texts are to be classified.
    pub fn into_table(self) -> Option<DataConfig> {
        let source = DataSource::File(self.data?);
        Some(DataConfig { source, reading: self.reading.into(), ..DataConfig::default() })
    }
}

impl Evaluate {
    /// The data to measure on; `None` for the run's own test rows.
    ///
    /// # Errors
    /// `file-error` and `label-map-unreadable` for a file with a map of labels.
    pub fn into_data(self) -> Outcome<Option<DataConfig>> {
        let Some(data) = self.data else { return Ok(None) };
        let (source, label_map) = (DataSource::File(data), label_map(self.label_map)?);
        Ok(Some(DataConfig { source, label_map, reading: self.reading.into(), ..DataConfig::default() }))
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::help;
    use crate::domain::config::{ModelSource, Quoting, ReadingConfig};
    use crate::words::{Catalogue, Language};

    use super::super::*;
    use super::*;

    fn config(args: &[&str]) -> RunConfig {
        let line = CommandLine::try_parse_from(["thaw", "train"].iter().chain(args)).unwrap();
        let Some(Task::Train(train)) = line.command else { panic!("train") };
        train.into_config().unwrap()
    }

    #[test]
    fn no_flags_are_the_defaults() {
        assert_eq!(config(&[]), RunConfig::default());
    }

    #[test]
    fn flags_reach_their_settings() {
        let c = config(&[
            "--data",
            "a.csv",
            "--test-data",
            "t.csv",
            "--delimiter",
            "tab",
            "--quoting",
            "backslash",
            "--header",
            "no",
            "--keep-missing-words",
            "--accept-skipped",
            "--freeze",
            "top:2",
            "--clip",
            "0",
            "--dropout",
            "0",
            "--keep",
            "best",
            "--schedule",
            "cosine",
            "--seed",
            "7",
            "--split-seed",
            "8",
            "--learning-rate",
            "3e-5",
            "--accumulate",
            "4",
            "--device",
            "cuda",
            "--no-prefix-cache",
            "--cache-memory",
            "100",
        ]);
        assert_eq!(c.data.source, DataSource::File("a.csv".into()));
        assert_eq!(c.data.test, Some("t.csv".into()));
        assert_eq!(c.data.reading.delimiter, Some('\t'));
        assert_eq!((c.data.reading.quoting, c.data.reading.header), (Some(Quoting::Backslash), Some(false)));
        assert!(c.data.reading.keep_missing_words && c.data.reading.accept_skipped);
        assert_eq!(c.freeze, Freeze::Top(2));
        assert_eq!((c.training.clip_norm, c.training.dropout), (0.0, Some(0.0)));
        assert_eq!((c.training.keep, c.training.schedule), (FinalWeights::Best, Schedule::Cosine));
        assert_eq!((c.training.seed, c.data.split.seed, c.training.learning_rate), (7, 8, Some(3e-5)));
        assert_eq!((c.training.accumulation_steps, c.training.device), (4, DeviceKind::Cuda));
        let cache = PrefixCacheConfig { enabled: false, memory_mib: Some(100), file_mib: None };
        assert_eq!(c.training.prefix_cache, cache);
    }

    #[test]
    fn a_model_is_bundled_a_folder_or_a_name_on_the_hub() {
        let folder = |text: &str| Ok(ModelArg::Here(ModelSource::Folder(text.into())));
        assert_eq!(model("bundled"), Ok(ModelArg::Here(ModelSource::Bundled)));
        for text in ["src", "./nowhere", "../klue/bert-base", "/klue/bert-base", "a/b/c", "C:\\models\\bert"] {
            assert_eq!(model(text), folder(text), "{text}");
        }
        for text in ["bert-base-uncased", "klue/bert-base@v1", "https://huggingface.co/klue/bert-base"] {
            assert_eq!(model(text), Ok(ModelArg::Hub(ModelId::parse(text).unwrap())), "{text}");
        }
    }

    #[test]
    fn a_run_that_goes_on_has_its_own_settings() {
        let conflict_of = |args: &[&str]| {
            let command = help::command(&Catalogue::new(Language::English));
            let matches = command.get_matches_from(["thaw", "train"].iter().chain(args));
            conflict(matches.subcommand_matches("train").unwrap())
        };
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(conflict_of(&["--resume", "a", "--json"]), None);
        assert_eq!(conflict_of(&["--resume", "a", "--frozen-dropout"]), pair("--resume", "--frozen-dropout"));
        assert_eq!(conflict_of(&["--continue", "a", "--epochs", "2", "--out", "b"]), None);
        assert_eq!(conflict_of(&["--continue", "a", "--freeze", "1"]), pair("--continue", "--freeze"));
        assert_eq!(conflict_of(&["--freeze", "1"]), None);
    }

    /// Each setting of reading is an option of the same name in every command that opens a file.
    #[test]
    fn every_setting_of_reading_is_an_option() {
        let command = help::command(&Catalogue::new(Language::English));
        for name in ["train", "race", "find-rate", "evaluate", "predict"] {
            let own: Vec<&str> =
                command.find_subcommand(name).unwrap().get_arguments().map(|arg| arg.get_id().as_str()).collect();
            assert!(ReadingConfig::keys().iter().all(|key| own.contains(key)), "{name}: {own:?}");
        }
        assert!(ReadingConfig::keys().contains(&"sheet"));
    }

    #[test]
    fn how_a_file_is_read_needs_a_file() {
        let nothing = |args: &[&str]| {
            let command = help::command(&Catalogue::new(Language::English));
            reads_nothing(&command.get_matches_from(["thaw"].iter().chain(args)))
        };
        assert!(nothing(&["evaluate", "bundled", "--header", "no"]));
        assert!(nothing(&["evaluate", "bundled", "--label-map", "0=a"]));
        assert!(nothing(&["predict", "bundled", "--accept-skipped"]));
        assert!(!nothing(&["predict", "bundled", "--data", "a.csv", "--accept-skipped"]));
        assert!(!nothing(&["predict", "bundled", "a text"]) && !nothing(&["train", "--header", "no"]));
    }
}
