//! What Train would start: data, model, freezing, settings of training, and the time that it takes.

use super::*;
use crate::domain::labels::LabelPair;
use crate::domain::message::{CachedPrefix, PrefixStatus, WhyNotCached};

#[test]
fn opening_reads_data_and_model_and_then_times_the_machine() {
    let mut state = Window::new();
    let asked = startup(&mut state);
    let [
        Command::Ask(_, Question::Dataset { .. }),
        Command::Ask(_, Question::Model(_)),
        Command::Hub(_),
        Command::Ask(_, Question::Runs { .. }),
    ] = asked[..]
    else {
        panic!("{asked:?}");
    };
    assert!(!state.can_train());
    assert_eq!(state.train_blocker().unwrap().id, "train-blocked-data-loading");
    assert!(tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2)))).is_empty());
    let then = tell(&mut state, Answer::Model(Arc::new(tree(2))));
    assert!(matches!(then[..], [Command::Ask(_, Question::Calibration(_))]));
    assert!(state.can_train() && state.train.estimate().is_none());
    tell(&mut state, Answer::Calibration(calibration(100.0)));
    assert!(state.train.estimate().unwrap().total_secs > 0.0);
}

#[test]
fn another_length_reads_and_times_anew_and_a_late_timing_counts_for_nothing() {
    let mut state = ready(1000);
    let training = TrainingConfig { max_length: 64, ..state.train.config.training.clone() };
    let asked = update(&mut state, Action::Train(TrainAction::ChangeTraining(training)));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Dataset { max_length: 64, .. })]));
    assert!(state.train.calibration.is_none());
    let then = tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2))));
    assert!(matches!(then[..], [Command::Ask(_, Question::Calibration(_))]));
    // Changed once more before the answer to the former question comes.
    let training = TrainingConfig { max_length: 32, ..state.train.config.training.clone() };
    update(&mut state, Action::Train(TrainAction::ChangeTraining(training)));
    tell(&mut state, Answer::Calibration(calibration(60.0)));
    assert!(state.train.calibration.is_none());
}

/// A map of labels was stated for the classes of one model, and another model has others.
#[test]
fn another_model_forgets_the_map_of_labels() {
    let mut state = ready(1000);
    let pair = LabelPair { label: "0".into(), class: "NEGATIVE".into() };
    let data = DataConfig { label_map: vec![pair], ..state.train.config.data.clone() };
    let asked = update(&mut state, Action::Train(TrainAction::ChangeData(Box::new(data))));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Dataset { .. })]));
    tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2))));
    update(&mut state, Action::Train(TrainAction::PickModel(ModelSource::Folder("other".into()))));
    assert!(state.train.config.data.label_map.is_empty());
}

#[test]
fn settings_of_training_alone_ask_nothing() {
    let mut state = ready(1000);
    let training = TrainingConfig { epochs: 9, batch_size: 4, ..state.train.config.training.clone() };
    assert!(update(&mut state, Action::Train(TrainAction::ChangeTraining(training))).is_empty());
    assert!(update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Full))).is_empty());
    assert!(state.train.calibration.is_some());
}

#[test]
fn what_is_toggled_becomes_custom_and_a_preset_again() {
    let mut state = ready(1000);
    assert_eq!(state.train.totals(), Some((64 + 8 + 64 + 18, 800 + 3 * 72)));
    let pooler = vec!["pooler.dense.weight".to_owned()];
    update(&mut state, Action::Train(TrainAction::SetTrainable { names: pooler.clone(), on: false }));
    assert!(matches!(state.train.config.freeze, Freeze::Names(_)));
    assert_eq!(state.train.totals().unwrap().0, 64 + 8 + 18);
    update(&mut state, Action::Train(TrainAction::SetTrainable { names: pooler, on: true }));
    assert_eq!(state.train.config.freeze, Freeze::Preset3);
    let third = [".weight", ".bias"].map(|s| format!("encoder.layer.2.attention.self.query{s}")).to_vec();
    update(&mut state, Action::Train(TrainAction::SetTrainable { names: third, on: true }));
    assert_eq!(state.train.config.freeze, Freeze::Top(2));
}

#[test]
fn nothing_trainable_blocks_training() {
    let mut state = ready(1000);
    let all = state.train.model.latest().unwrap().parameters.iter().map(|p| p.name.clone()).collect();
    update(&mut state, Action::Train(TrainAction::SetTrainable { names: all, on: false }));
    assert_eq!(state.train_blocker().unwrap().id, "freeze-nothing-trains");
    assert!(update(&mut state, Action::Train(TrainAction::Start)).is_empty());
}

#[test]
fn the_suggested_learning_rate_follows_the_freezing_until_one_is_typed() {
    let mut state = ready(1000);
    update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Preset1)));
    assert_eq!(state.train.config.learning_rate(), 1e-3);
    let typed = TrainingConfig { learning_rate: Some(3e-5), ..state.train.config.training.clone() };
    update(&mut state, Action::Train(TrainAction::ChangeTraining(typed)));
    update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Full)));
    assert_eq!(state.train.config.learning_rate(), 3e-5);
}

#[test]
fn another_file_forgets_columns_but_keeps_the_split() {
    let mut state = ready(1000);
    let mut data = DataConfig { max_rows: Some(100), ..state.train.config.data.clone() };
    data.reading.text_column = Some("review".into());
    update(&mut state, Action::Train(TrainAction::ChangeData(Box::new(data))));
    let split = crate::domain::config::SplitConfig { test_share: 0.4, ..state.train.config.data.split };
    update(&mut state, Action::Train(TrainAction::ChangeSplit(split)));
    update(&mut state, Action::Train(TrainAction::PickData("other.csv".into())));
    let source = DataSource::File("other.csv".into());
    let expected = DataConfig { source, split, max_rows: Some(100), ..DataConfig::default() };
    assert_eq!(state.train.config.data, expected, "the limit of rows is not lost with the file");
    assert!(!state.can_train() && state.train.dataset.latest().is_some(), "the former data goes on being shown");
}

#[test]
fn data_that_cannot_be_read_opens_its_panel_and_is_not_chosen_again() {
    let mut state = ready(1000);
    update(&mut state, Action::Train(TrainAction::PickData("other.csv".into())));
    update(&mut state, Action::ShowPanel(Panel::Training));
    refuse(&mut state, |q| matches!(q, Question::Dataset { .. }), Problem::new("data-empty-file"));
    assert_eq!(state.shell.panel, Panel::Data);
    assert_eq!(state.train_blocker().unwrap().id, "train-blocked-data-failed");
    assert_eq!(state.settings_to_save().config.data.source, DataSource::Bundled);
}

#[test]
fn refused_data_still_offer_their_columns_and_keep_the_row_limit() {
    let mut state = ready(1000);
    let data = DataConfig { max_rows: Some(100), ..state.train.config.data.clone() };
    update(&mut state, TrainAction::ChangeData(Box::new(data)));
    update(&mut state, TrainAction::PickData("other.csv".into()));
    let table = TableHead { columns: vec!["id".into(), "words".into()], ..TableHead::default() };
    let problem = Problem::new("data-labels-all-differ");
    tell(&mut state, Answer::DataRefused(Box::new(RefusedData { problem: problem.clone(), table: table.clone() })));
    assert_eq!((state.train.dataset.failed(), &state.train.refused_table), (Some(&problem), &Some(table)));
    assert_eq!(state.shell.panel, Panel::Data);
    let kept = state.settings_to_save().config.data;
    assert_eq!((kept.source, kept.max_rows), (DataSource::Bundled, Some(100)));
    tell_dataset(&mut state);
    assert_eq!(state.train.refused_table, None);
}

fn tell_dataset(state: &mut Window) {
    update(state, TrainAction::UseBundledData);
    tell(state, Answer::Dataset(Arc::new(summary(1000, 2))));
}

#[test]
fn the_keys_that_train_say_why_nothing_starts() {
    let mut state = ready(1000);
    update(&mut state, TrainAction::PickData("other.csv".into()));
    for _ in 0..2 {
        assert!(update(&mut state, TrainAction::Start).is_empty());
    }
    let told: Vec<&str> = state.shell.notices.iter().map(|notice| notice.problem.id.as_ref()).collect();
    assert_eq!(told, ["train-blocked-data-loading"]);
    tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2))));
    started(&mut state);
    assert!(state.shell.notices.is_empty(), "it is no longer so");
    assert!(update(&mut state, TrainAction::Start).is_empty());
    assert_eq!(state.shell.notices[0].problem.id, "train-blocked-running");
}

#[test]
fn an_untouched_guess_is_no_guess() {
    let mut state = ready(1000);
    let guess_of_run = |state: &mut Window| {
        let commands = update(state, TrainAction::Start);
        let [Command::Run(RunCommand::Start(id, config))] = &commands[..] else { panic!("{commands:?}") };
        tell_run(state, id.0, run_ended(RunOutcome::Completed));
        config.guess
    };
    let nothing = Guess::default();
    update(&mut state, TrainAction::SetGuess(Some(nothing)));
    assert_eq!(guess_of_run(&mut state), None);
    let half = Guess { accuracy: Some(0.8), secs: None };
    update(&mut state, TrainAction::SetGuess(Some(half)));
    assert_eq!(guess_of_run(&mut state), Some(half));
    assert_eq!(state.train.config.guess, Some(nothing), "the next run is guessed anew");
    assert_eq!(guess_of_run(&mut state), None);
}

#[test]
fn the_head_follows_the_labels() {
    let mut state = ready(1000);
    update(&mut state, Action::Train(TrainAction::PickData("other.csv".into())));
    tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 5))));
    assert_eq!(state.train.model.ready().unwrap().parameters.last().unwrap().shape, [5]);
    tell(&mut state, Answer::Model(Arc::new(tree(2))));
    assert_eq!(state.train.model.ready().unwrap().parameters.last().unwrap().shape, [5]);
}

#[test]
fn a_freezing_that_does_not_fit_another_model_is_said_and_replaced() {
    let mut state = ready(1000);
    update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Top(4))));
    update(&mut state, Action::Train(TrainAction::PickModel(ModelSource::Folder("small".into()))));
    let mut small = tree(2);
    small.facts.layers = 2;
    tell(&mut state, Answer::Model(Arc::new(small)));
    assert_eq!(state.train.config.freeze, Freeze::Preset3);
    assert_eq!(state.shell.notices[0].problem.id, "freeze-too-many-layers");
    assert!(state.can_train());
}

#[test]
fn a_length_beyond_the_model_is_shortened() {
    let mut state = ready(1000);
    let training = TrainingConfig { max_length: 512, ..state.train.config.training.clone() };
    update(&mut state, Action::Train(TrainAction::ChangeTraining(training)));
    update(&mut state, Action::Train(TrainAction::PickModel(ModelSource::Folder("short".into()))));
    let mut short = tree(2);
    short.facts.positions = 64;
    let asked = tell(&mut state, Answer::Model(Arc::new(short)));
    assert!(matches!(asked[..], [Command::Ask(_, Question::Dataset { max_length: 64, .. })]));
}

#[test]
fn a_budget_is_met_by_fewer_rows_and_shorter_texts() {
    let mut state = ready(50_000);
    let counts = (0..=128).map(|n| if n == 128 { 50_000 } else { 0 }).collect();
    let lengths = TokenLengths { counts, done: 50_000, total: 50_000, max_length: 128, cut: 40_000 };
    hear(&mut state, Event::Notice(Notice::TokenLengths(Arc::new(lengths))));
    tell(&mut state, Answer::Calibration(calibration(128.0)));
    update(&mut state, Action::Train(TrainAction::SetFreeze(Freeze::Full)));
    let before = state.train.estimate().unwrap().total_secs;
    update(&mut state, Action::Train(TrainAction::SetBudget(1)));
    assert!(before > 60.0, "{before}");
    let asked = update(&mut state, Action::Train(TrainAction::FitBudget));
    assert!(matches!(asked[0], Command::Ask(_, Question::Dataset { .. })));
    let rows = state.train.config.data.max_rows.unwrap();
    assert!((2000..50_000).contains(&rows), "{rows}");
    let fitted = summary(rows, 2);
    tell(&mut state, Answer::Dataset(Arc::new(fitted)));
    let length = state.train.config.training.max_length as f64;
    tell(&mut state, Answer::Calibration(calibration(length)));
    let after = state.train.estimate().unwrap().total_secs;
    assert!(after <= 60.5 && after > 45.0, "{after}");
}

#[test]
fn a_run_that_fits_as_it_is_stays_whole() {
    let mut state = ready(100);
    update(&mut state, Action::Train(TrainAction::FitBudget));
    assert_eq!((state.train.config.data.max_rows, state.train.config.training.max_length), (None, 128));
}

#[test]
fn a_model_deleted_from_the_cache_is_forgotten() {
    let mut state = ready(1000);
    let folder = |repo: &str| PathBuf::from(format!("hub/models--{repo}/snapshots/0123"));
    for repo in ["klue--bert", "klue--bert-base"] {
        update(&mut state, Action::Train(TrainAction::PickModel(ModelSource::Folder(folder(repo)))));
    }
    let removed = |repo: &str| {
        let id = ModelId::parse(repo).unwrap();
        Event::Hub(HubEvent::Removed { id, bytes: 1 })
    };
    assert!(hear(&mut state, removed("klue/bert")).is_empty(), "another one is chosen");
    assert_eq!(state.shell.settings.recent_models, [folder("klue--bert-base")]);
    let asked = hear(&mut state, removed("klue/bert-base"));
    assert!(matches!(&asked[..], [Command::Ask(_, Question::Model(ModelSource::Bundled))]), "{asked:?}");
    assert!(state.shell.settings.recent_models.is_empty());
}

#[test]
fn what_is_kept_of_frozen_layers_is_shown_until_a_run_tells_more() {
    let mut state = ready(1000);
    let mut tell_of = |run, status| {
        reduce(&mut state, &Event::OfRun(RunId(run), RunNotice::PrefixCached(status)));
        state.train.cached.map(|cached| cached.memory_bytes)
    };
    assert_eq!(tell_of(7, PrefixStatus::NotCached(WhyNotCached::EmbeddingsTrain)), None);
    let cached = CachedPrefix { memory_bytes: 57, ..CachedPrefix::default() };
    assert_eq!(tell_of(1 << 32, PrefixStatus::Cached(cached)), Some(57), "a run of a race tells as well");
    assert_eq!(tell_of(8, PrefixStatus::NotCached(WhyNotCached::EmbeddingsTrain)), Some(57));
}
