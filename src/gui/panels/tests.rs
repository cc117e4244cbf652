//! The panels are driven by accessible names. Every action is applied as the window applies it.

mod health;
mod reading;
mod tree;

use std::sync::Arc;

use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Key, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::run::RunPhase;
use crate::app::state::{AppState, Loading, Panel};
use crate::app::train::TrainAction;
use crate::app::update::{startup, update};
use crate::domain::class_weights::ClassWeights;
use crate::domain::config::{DataSource, Guess};
use crate::domain::dataset::DatasetSummary;
use crate::domain::freeze::Freeze;
use crate::domain::labels::{MatchedBy, MatchedLabel};
use crate::domain::params::{HeadStart, ParameterView, Part, ValuesOf};
use crate::domain::problem::Problem;
use crate::gui::theme;
use crate::words::{Catalogue, Language};

use super::samples::{bert_tree, pair_summary, state, summary, token_lengths};
use super::{Scene, panels_ui};

#[derive(Default)]
pub(super) struct Window {
    pub state: AppState,
    pub actions: Vec<Action>,
}

pub(super) fn open_in(state: AppState, language: Language, theme: Theme) -> Harness<'static, Window> {
    let words = Catalogue::new(language);
    Harness::builder()
        .with_size(vec2(380.0, 652.0))
        .with_theme(theme)
        .with_max_steps(8)
        .with_context_setup(theme::install)
        .build_ui_state(
            move |ui, window: &mut Window| {
                let mut actions = Vec::new();
                panels_ui(ui, &mut Scene { state: &window.state, words: &words, actions: &mut actions });
                for action in actions {
                    window.actions.push(action.clone());
                    update(&mut window.state, action);
                }
            },
            Window { state, actions: Vec::new() },
        )
}

/// The state with this panel open.
pub(super) fn with_panel(panel: Panel, mut state: AppState) -> AppState {
    state.shell.panel = panel;
    state
}

pub(super) fn open(state: AppState) -> Harness<'static, Window> {
    open_in(state, Language::English, Theme::Light)
}

fn checkbox<'a>(harness: &'a Harness<'_, Window>, name: &'a str) -> egui_kittest::Node<'a> {
    harness.get_by_role_and_label(Role::CheckBox, name)
}

fn click_box(harness: &mut Harness<'_, Window>, name: &str) {
    checkbox(harness, name).click();
    harness.run();
}

pub(super) fn click(harness: &mut Harness<'_, Window>, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run();
}

fn names(state: &AppState, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let tree = state.train.model.latest().unwrap();
    tree.parameters.iter().map(|p| p.name.clone()).filter(|name| wanted(name)).collect()
}

fn on(state: &AppState) -> usize {
    state.train.totals().unwrap().0
}

#[test]
fn a_head_of_the_model_is_said_to_be_kept_or_replaced() {
    for (head, said) in [(HeadStart::Kept, "kept: a, b"), (HeadStart::Replaced, "replaced; it was for a, b")] {
        let mut tree = bert_tree(6, 384, 2);
        tree.facts.head_labels = Some(vec!["a".into(), "b".into()]);
        tree.facts.head = head;
        tree.facts.notes.push(Problem::new("model-from-pickle").with("file", "pytorch_model.bin"));
        let mut state = state();
        state.train.model = Loading::Ready(Arc::new(tree));
        state.shell.panel = Panel::Model;
        let harness = open(state);
        harness.get_by_label(said);
        harness.get_by_label_contains("pytorch_model.bin");
    }
}

#[test]
fn while_a_run_is_under_way_nothing_that_decides_it_can_be_changed() {
    let mut running = state();
    running.run.shown.phase = RunPhase::Running;
    let mut harness = open(running);
    let row = checkbox(&harness, "Layer 4");
    assert!(row.accesskit_node().is_disabled());
    row.click();
    harness.get_by_role_and_label(Role::Button, "Preset 1").click();
    harness.run();
    assert_eq!(harness.state().actions, []);
    // The user may still look around.
    harness.get_by_label("Unfold Layer 4").click();
    harness.run();
    assert!(harness.state().state.train.tree.unfolded.contains("encoder.layer.4"));
    click(&mut harness, "4 Training");
    assert!(harness.get_by_role_and_label(Role::SpinButton, "Epochs").accesskit_node().is_disabled());
}

#[test]
fn headers_open_their_section() {
    let mut harness = open(state());
    for (header, panel) in [
        ("1 Data", Panel::Data),
        ("2 Model", Panel::Model),
        ("4 Training", Panel::Training),
        ("3 Freeze", Panel::Freeze),
    ] {
        click(&mut harness, header);
        assert_eq!(harness.state().state.shell.panel, panel);
    }
}

fn type_into(harness: &mut Harness<'_, Window>, label: &str, text: &str) {
    harness.get_by_role_and_label(Role::SpinButton, label).click();
    harness.run();
    harness.get_by_role_and_label(Role::SpinButton, label).type_text(text);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
}

#[test]
fn training_settings_are_typed_and_kept_within_bounds() {
    let mut harness = open(with_panel(Panel::Training, state()));
    type_into(&mut harness, "Epochs", "5");
    assert_eq!(harness.state().state.train.config.training.epochs, 5);
    type_into(&mut harness, "Learning rate", "3e-5");
    assert_eq!(harness.state().state.train.config.training.learning_rate, Some(3e-5));
    click(&mut harness, "Use it");
    assert_eq!(harness.state().state.train.config.training.learning_rate, None);
    type_into(&mut harness, "Max length", "100000");
    assert_eq!(harness.state().state.train.config.training.max_length, 512, "the model has no more positions");
    type_into(&mut harness, "Batch size", "0");
    assert_eq!(harness.state().state.train.config.training.batch_size, 1);
    assert!(harness.state().state.train.config.check().is_ok());
}

#[test]
fn a_long_run_can_be_made_to_fit() {
    let mut slow = with_panel(Panel::Training, state());
    let calibration = slow.train.calibration.as_mut().unwrap();
    calibration.layer = calibration.layer.scaled(1000.0);
    let mut harness = open(slow);
    type_into(&mut harness, "Time budget", "20");
    assert_eq!(harness.state().state.train.budget_minutes, 20);
    click(&mut harness, "Fit into 20 min");
    assert_eq!(harness.state().actions.last(), Some(&Action::Train(TrainAction::FitBudget)));
    assert!(harness.state().state.train.config.data.max_rows.is_some());
}

#[test]
fn a_file_that_cannot_be_used_says_why_and_leaves_the_way_on() {
    let mut failed = with_panel(Panel::Data, state());
    let problem = Problem::new("file-error").with("file", "a.csv").with("kind", "not-found").with_original("gone");
    failed.train.dataset = Loading::Failed(problem);
    failed.train.config.data.source = DataSource::File("a.csv".into());
    let mut harness = open(failed);
    harness.get_by_label("a.csv does not exist. Check its name and folder.");
    harness.get_by_label("gone");
    click(&mut harness, "Choose file…");
    assert_eq!(harness.state().actions, [Action::OpenDialog(Dialog::Data)]);
    click(&mut harness, "Bundled reviews");
    assert_eq!(harness.state().state.train.config.data.source, DataSource::Bundled);
}

#[test]
fn a_files_name_and_size_stand_side_by_side() {
    for name in ["short.csv", "a file with a name that is much longer than the side of the window is wide.csv"] {
        let mut of_file = with_panel(Panel::Data, state());
        let path = std::path::PathBuf::from(format!("/home/student/{name}"));
        of_file.train.config.data.source = DataSource::File(path.clone());
        let summary = crate::domain::dataset::DatasetSummary { name: name.into(), path: Some(path), ..summary() };
        of_file.train.dataset = Loading::Ready(Arc::new(summary));
        let mut harness = open(of_file);
        harness.run();
        let (name, size) = (harness.get_by_label(name).rect(), harness.get_by_label("1.2 MB").rect());
        assert!(name.right() < size.left() && size.right() < 380.0, "{name:?} {size:?}");
    }
}

#[test]
fn labels_that_were_guessed_are_marked_and_corrected_by_keyboard() {
    let mut tree = bert_tree(6, 384, 2);
    tree.facts.head_labels = Some(vec!["NEGATIVE".into(), "POSITIVE".into()]);
    let pair =
        |label: &str, class: &str| MatchedLabel { label: label.into(), class: class.into(), by: MatchedBy::Form };
    (tree.facts.head, tree.facts.matched) =
        (HeadStart::Kept, vec![pair("negative", "NEGATIVE"), pair("positive", "POSITIVE")]);
    let mut state = state();
    state.train.model = Loading::Ready(Arc::new(tree));
    let shown = open(with_panel(Panel::Data, state.clone()));
    shown.get_by_label_contains("negative → NEGATIVE, positive → POSITIVE (guessed");
    let mut harness = open(with_panel(Panel::Model, state));
    harness.get_by_label("Labels of data and model (guessed)");
    let choice = |harness: &Harness<'_, Window>| {
        harness.get_by_role_and_label(Role::ComboBox, "The model's label for negative").focus();
    };
    choice(&harness);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "POSITIVE").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let map = &harness.state().state.train.config.data.label_map;
    let pairs: Vec<_> = map.iter().map(|pair| (pair.label.as_str(), pair.class.as_str())).collect();
    assert_eq!(pairs, [("negative", "POSITIVE"), ("positive", "NEGATIVE")], "the two are exchanged");
    let click_switch = |harness: &mut Harness<'_, Window>, at: usize| {
        harness.get_all_by_role(Role::CheckBox).nth(at).unwrap().click();
        harness.run();
    };
    click_switch(&mut harness, 0);
    assert!(harness.state().state.train.config.training.keep_head);
    harness.get_by_role_and_label(Role::Button, "Guess again").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.state().state.train.config.data.label_map.is_empty());

    click_switch(&mut harness, 1);
    let config = &harness.state().state.train.config;
    assert!(config.data.new_head && !config.training.keep_head, "one of both");
    assert_eq!(harness.query_all_by_role(Role::ComboBox).count(), 0, "a new head has nothing to map");
    click_switch(&mut harness, 0);
    let config = &harness.state().state.train.config;
    assert!(!config.data.new_head && config.training.keep_head);
}

/// Every panel draws, comes to rest, names all its inputs, and shows no message without words, in every language, theme
/// and state of loading. (The harness itself refuses unnamed inputs and letters without a glyph.)
#[test]
fn every_panel_draws_in_every_language_theme_and_state() {
    let mut many = state();
    let mut wide = summary();
    wide.columns = ["id", "review text", "", "stars", "sentiment"].map(String::from).into();
    (wide.text_column, wide.label_column) = (1, 4);
    wide.likely_pair = Some((1, 2));
    wide.head = vec![vec!["1".into(), "two words".into(), String::new(), "5".into(), "x".into()]; 12];
    wide.labels =
        (0..100).map(|i| crate::domain::dataset::LabelCount { label: format!("label {i}"), count: i }).collect();
    many.train.dataset = Loading::Ready(Arc::new(wide));
    many.train.token_lengths = Some(Arc::new(token_lengths(1234)));
    many.train.config.training.dropout = Some(0.2);
    many.train.config.training.patience = Some(3);
    many.train.config.training.learning_rate = Some(2e-5);
    many.train.config.data.max_rows = Some(500);
    let mut long = state();
    let calibration = long.train.calibration.as_mut().unwrap();
    calibration.layer = calibration.layer.scaled(1000.0);
    let mut failed = state();
    failed.train.dataset = Loading::Failed(Problem::new("freeze-nothing-trains"));
    failed.train.model = Loading::Failed(Problem::new("freeze-nothing-trains"));
    // A window that has just opened waits for data and model.
    let mut waiting = AppState::default();
    startup(&mut waiting);
    assert!(waiting.train.dataset.is_waiting() && waiting.train.model.is_waiting());
    let mut pairs = state();
    pairs.train.dataset = Loading::Ready(Arc::new(pair_summary()));
    let states = [state(), many, pairs, long, failed, waiting, AppState::default()];
    for language in Language::ALL {
        for theme in [Theme::Light, Theme::Dark] {
            for state in &states {
                for panel in [Panel::Data, Panel::Model, Panel::Freeze, Panel::Training] {
                    let mut harness = open_in(with_panel(panel, state.clone()), language, theme);
                    harness.run();
                    let wordless = harness.query_all_by_label_contains("panel-").count();
                    assert_eq!(wordless, 0, "{panel:?} {language:?}");
                    assert_eq!(harness.state().actions, [], "drawing alone asks for nothing");
                }
            }
        }
    }
}

#[test]
fn few_rows_of_each_class_are_chosen_on_a_slider() {
    let mut harness = open(with_panel(Panel::Data, state()));
    let steps = {
        let data = harness.state().state.train.dataset.latest().unwrap().clone();
        data.few_rows_steps(&harness.state().state.train.config.data)
    };
    let press = |harness: &mut Harness<'_, Window>, key| {
        harness.get_by_role_and_label(Role::Slider, "Training rows per class").focus();
        harness.run();
        harness.key_press(key);
        harness.run();
        harness.state().state.train.config.data.rows_per_class
    };
    assert!(steps.len() > 2 && steps[..2] == [8, 16], "{steps:?}");
    assert_eq!(press(&mut harness, Key::ArrowLeft), steps.last().copied());
    assert_eq!(press(&mut harness, Key::ArrowLeft), steps.iter().rev().nth(1).copied());
    assert_eq!(press(&mut harness, Key::ArrowRight), steps.last().copied());
    assert_eq!(press(&mut harness, Key::ArrowRight), None, "all rows");
}

#[test]
fn the_meter_answers_every_toggle_and_tells_why() {
    let mut harness = open(state());
    harness.get_by_label_contains("Backward through layer 5 · about 0:");
    click(&mut harness, "Biases only");
    let line = "Backward through all layers and embeddings · about";
    harness.get_by_label_contains(line).click();
    harness.run();
    for part in ["something in the embeddings trains", "must go just as deep", "Optimiser memory"] {
        harness.get_by_label_contains(part);
    }
    let layer_3 = names(&harness.state().state, |name| name.starts_with("encoder.layer.3."));
    let window = harness.state_mut();
    update(&mut window.state, Action::Train(TrainAction::SetFreeze(Freeze::Names(layer_3.into_iter().collect()))));
    harness.run();
    harness.get_by_label_contains("Backward through layers 3–5 · about");
    harness.get_by_label_contains("layers 4–5 stand above one that trains");
    harness.get_by_label_contains("layers 0–2 are computed once and kept");
}

#[test]
fn a_guess_is_off_until_it_is_switched_on() {
    let mut harness = open(with_panel(Panel::Training, state()));
    assert_eq!(harness.state().state.train.config.guess, None);
    harness.get_by_label("Guess first");
    harness.get_by_role_and_label(Role::CheckBox, "off").click();
    harness.run();
    // Nothing is guessed until something is touched, and then only that.
    assert_eq!(harness.state().state.train.config.guess, Some(Guess::default()));
    type_into(&mut harness, "Seconds you expect", "90");
    assert_eq!(harness.state().state.train.config.guess, Some(Guess { accuracy: None, secs: Some(90.0) }));
    harness.get_by_role_and_label(Role::Slider, "Test accuracy you expect").focus();
    harness.run();
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert!(harness.state().state.train.config.guess.unwrap().accuracy.is_some_and(|accuracy| accuracy > 0.0));
    harness.get_by_role_and_label(Role::CheckBox, "on").click();
    harness.run();
    assert_eq!(harness.state().state.train.config.guess, None);
}

#[test]
fn each_class_may_have_a_weight() {
    let mut state = with_panel(Panel::Training, state());
    let mut data = summary();
    data.split.train = vec![300, 100];
    state.train.dataset = Loading::Ready(Arc::new(data));
    let weights = |harness: &Harness<'_, Window>| harness.state().state.train.config.training.class_weights.clone();
    let named = |weights: &[(&str, f64)]| {
        Some(ClassWeights::Named(weights.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect()))
    };
    state.train.config.training.class_weights = Some(ClassWeights::Balanced);
    let more = |state: AppState| {
        let mut harness = open(state);
        harness.set_size(vec2(380.0, 1600.0));
        harness.run_ok();
        harness.get_by_label("More settings").click();
        harness.run_ok();
        harness
    };
    more(state.clone()).get_by_label("negative 0.667, positive 2");

    // One name is of other data.
    state.train.config.training.class_weights = named(&[("positive", 3.0), ("neutral", 2.0)]);
    let mut harness = more(state);
    harness.get_by_label_contains("“neutral”, which is no label of these data (negative, positive)");
    type_into(&mut harness, "negative", "2.5");
    assert_eq!(weights(&harness), named(&[("negative", 2.5), ("positive", 3.0)]));
}

/// 10,070 rows of two classes, of which 2,014 are set aside for the test and 2,417 of the rest for validation.
#[test]
fn hovering_over_the_split_tells_the_rows_of_each_class_in_each_part() {
    for (language, parts) in [
        (Language::English, ["Train 5,639", "Validation 2,417", "Test 2,014"]),
        (Language::Korean, ["학습 5,639", "검증 2,417", "테스트 2,014"]),
    ] {
        let mut harness = open_in(with_panel(Panel::Data, state()), language, Theme::Light);
        harness.run_ok();
        let bar = parts.join(", ");
        harness.get_by_label(&bar).scroll_to_me();
        harness.run_ok();
        assert_eq!(harness.query_all_by_label("2,820").count(), 0);
        harness.get_by_label(&bar).hover();
        harness.run_steps(8);
        for rows in ["2,820", "2,819", "1,208", "1,209"] {
            assert_eq!(harness.query_all_by_label(rows).count(), 1, "{rows} in {language:?}");
        }
        assert_eq!(harness.query_all_by_label("1,007").count(), 2);
        for part in parts {
            let (name, _) = part.rsplit_once(' ').unwrap();
            assert!(harness.query_all_by_label(name).count() >= 2, "{name} heads a column");
        }
    }
}
