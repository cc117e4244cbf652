//! What the arguments mean: the settings of a run, a race or a measurement.

use super::*;

impl FreezeArg {
    /// # Errors
    /// Those of reading a plan file.
    pub fn read(&self) -> Outcome<Freeze> {
        match self {
            Self::Named(freeze) => Ok(freeze.clone()),
            Self::Plan(path) => read_plan(path),
        }
    }

    /// As a strategy of a race, a plan under its file's name.
    ///
    /// # Errors
    /// As `read`.
    fn strategy(&self) -> Outcome<Strategy> {
        let freeze = self.read()?;
        let name = match self {
            Self::Named(freeze) => freeze.name(),
            Self::Plan(path) => path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        };
        Ok(Strategy { name, freeze })
    }
}

impl Reading {
    pub(super) fn into_config(self, source: DataSource) -> DataConfig {
        let Self { text_column, label_column, encoding, delimiter } = self;
        DataConfig { source, text_column, label_column, encoding, delimiter, ..DataConfig::default() }
    }
}

/// Arguments of `thaw train` (and of `thaw race`) that may stand beside `--continue`, and those beside `--resume`.
const BESIDE_CONTINUE: [&str; 5] = ["continued", "epochs", "learning_rate", "out", "json"];

const BESIDE_RESUME: [&str; 2] = ["resume", "json"];

/// The arguments that a run's own settings leave no room for: `(--resume or --continue, what stands beside it)`.
pub fn conflict(train: &ArgMatches) -> Option<(String, String)> {
    let has = |id: &str| train.ids().any(|known| known.as_str() == id);
    let is_given = |id: &str| has(id) && train.value_source(id) == Some(ValueSource::CommandLine);
    let beside = |allowed: &[&str]| train.ids().map(Id::as_str).find(|id| is_given(id) && !allowed.contains(id));
    let flag = |id: &str| format!("--{}", if id == "continued" { "continue".to_owned() } else { id.replace('_', "-") });
    let (own, other) = if is_given("resume") {
        ("resume", beside(&BESIDE_RESUME))
    } else if is_given("continued") {
        ("continued", beside(&BESIDE_CONTINUE))
    } else {
        return None;
    };
    other.map(|other| (flag(own), flag(other)))
}

impl Train {
    /// What these arguments ask for; a model of the Hub is yet to be put in.
    ///
    /// # Errors
    /// Those of reading a plan file.
    pub fn into_training(self) -> Outcome<Training> {
        match (self.resume, self.continued) {
            (Some(dir), _) => Ok(Training::Resume(dir)),
            (None, Some(dir)) => {
                let Settings { epochs, learning_rate, out, .. } = self.settings;
                let epochs = epochs.unwrap_or(TrainingConfig::default().epochs);
                Ok(Training::Continue { dir, epochs, learning_rate, out })
            }
            (resume, continued) => Self { resume, continued, ..self }.into_config().map(Box::new).map(Training::New),
        }
    }

    /// What these arguments ask for.
    ///
    /// # Errors
    /// Those of reading a plan file.
    pub(super) fn into_config(self) -> Outcome<RunConfig> {
        let mut config = one_run(self.settings, self.freeze, self.rows_per_class)?;
        config.guess = self.guess_accuracy.zip(self.guess_secs).map(|(accuracy, secs)| Guess { accuracy, secs });
        Ok(config)
    }
}

impl FindRate {
    /// What these arguments ask for; a model of the Hub is yet to be put in.
    ///
    /// # Errors
    /// Those of reading a plan file.
    pub fn into_config(self) -> Outcome<RunConfig> {
        one_run(self.settings, self.freeze, self.rows_per_class)
    }
}

fn one_run(settings: Settings, freeze: Option<FreezeArg>, rows_per_class: Option<usize>) -> Outcome<RunConfig> {
    let freeze = freeze.map_or(Ok(Freeze::default()), |freeze| freeze.read())?;
    let mut config = RunConfig { freeze, ..settings.into_config() };
    config.data.rows_per_class = rows_per_class;
    Ok(config)
}

impl Race {
    /// What these arguments ask for; a model of the Hub is yet to be put in.
    ///
    /// # Errors
    /// Those of reading a plan file; `setting-out-of-bounds` for the number of seeds.
    pub fn into_plan(self) -> Outcome<RacePlan> {
        let mut config = self.settings.into_config();
        let first = config.training.seed;
        let presets = [Freeze::Preset1, Freeze::Preset2, Freeze::Preset3, Freeze::Full].map(FreezeArg::Named);
        let freezes = if self.freeze.is_empty() { &presets[..] } else { &self.freeze };
        let seeds = self.seeds.unwrap_or(3);
        race::SEEDS.check(seeds as f64)?;
        // One number is no ladder.
        let rows_per_class = match self.rows_per_class[..] {
            [one] => {
                config.data.rows_per_class = Some(one).filter(|rows| *rows < race::ALL_ROWS);
                Vec::new()
            }
            _ => self.rows_per_class,
        };
        Ok(RacePlan {
            strategies: freezes.iter().map(FreezeArg::strategy).collect::<Outcome<_>>()?,
            seeds: (0..seeds as u64).map(|n| first.wrapping_add(n)).collect(),
            learning_rate: config.training.learning_rate,
            rows_per_class,
            minutes: self.minutes,
            config,
        })
    }
}

impl Settings {
    /// The settings, with the default freezing.
    pub(super) fn into_config(self) -> RunConfig {
        let (of_data, of_split) = (DataConfig::default(), SplitConfig::default());
        let own = TrainingConfig::default();
        let data = DataConfig {
            validation: self.validation_data,
            test: self.test_data,
            split: SplitConfig {
                test_share: self.test_share.unwrap_or(of_split.test_share),
                validation_share: self.validation_share.unwrap_or(of_split.validation_share),
                seed: self.split_seed.unwrap_or(of_split.seed),
            },
            max_rows: self.max_rows,
            ..self.reading.into_config(self.data.map_or(of_data.source, DataSource::File))
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
            threads: self.threads,
            device: self.device.unwrap_or(own.device),
            prefix_cache: PrefixCacheConfig {
                enabled: !self.no_prefix_cache,
                memory_mib: self.cache_memory,
                file_mib: self.cache_disk,
            },
            checkpoint_minutes: self.checkpoint_minutes.unwrap_or(own.checkpoint_minutes),
        };
        let model = match self.model {
            Some(ModelArg::Here(source)) => source,
            Some(ModelArg::Hub(_)) | None => ModelSource::default(),
        };
        RunConfig { data, model, training, out: self.out, ..RunConfig::default() }
    }
}

impl Evaluate {
    /// The data to measure on; `None` for the run's own test rows.
    pub fn into_data(self) -> Option<DataConfig> {
        let source = DataSource::File(self.data?);
        Some(self.reading.into_config(source))
    }
}
