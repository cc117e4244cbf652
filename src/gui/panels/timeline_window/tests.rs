use eframe::egui::accesskit::{Role, Toggled};
use eframe::egui::{Key, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::run::RunPhase;
use crate::app::state::AppState;
use crate::domain::freeze::Freeze;
use crate::gui::panels::samples::state;
use crate::gui::panels::tests::{Window, click, open, open_in};
use crate::words::Language;

use super::factor_speed;

/// Opens the timeline of a run of so many epochs by its button.
fn opened(epochs: usize) -> Harness<'static, Window> {
    let mut state = state();
    state.train.config.training.epochs = epochs;
    let mut harness = open(state);
    harness.set_size(vec2(1100.0, 800.0));
    harness.run();
    click(&mut harness, "Timeline…");
    assert!(harness.state().state.train.timeline.open);
    harness.run();
    harness
}

fn stages(harness: &Harness<'_, Window>) -> Vec<(usize, String)> {
    match &harness.state().state.train.config.freeze {
        Freeze::Timeline(timeline) => timeline.stages.iter().map(|s| (s.from_epoch, s.freeze.name())).collect(),
        plain => vec![(1, plain.name())],
    }
}

fn cell<'a>(harness: &'a Harness<'_, Window>, name: &'a str) -> egui_kittest::Node<'a> {
    harness.get_by_role_and_label(Role::CheckBox, name)
}

#[test]
fn cells_are_toggled_by_click_and_by_keyboard() {
    let mut harness = opened(3);
    assert_eq!(cell(&harness, "Layer 5, epoch 1: trains").accesskit_node().toggled(), Some(Toggled::True));
    cell(&harness, "Layer 5, epoch 1: trains").click();
    harness.run();
    assert_eq!(stages(&harness), [(1, "2".into()), (2, "3".into())]);
    // The tree shows what was painted.
    assert_eq!(harness.state().state.train.totals().unwrap().0, 148_610);
    cell(&harness, "Layer 4, epoch 3: frozen").focus();
    harness.run();
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(stages(&harness), [(1, "2".into()), (2, "3".into()), (3, "top:2".into())]);
    cell(&harness, "Layer 4, epoch 3: trains");
    assert_eq!(harness.state().state.train.timeline.stage, 2);
}

#[test]
fn nothing_moves_when_stages_are_added() {
    for size in [vec2(900.0, 600.0), vec2(1100.0, 800.0)] {
        let mut harness = opened(3);
        harness.set_size(size);
        harness.run();
        let places = |harness: &Harness<'_, Window>| {
            let named = |name| harness.get_by_role_and_label(Role::Button, name).rect();
            (
                named("From the top"),
                named("From the bottom"),
                named("Save plan…"),
                cell(harness, "Layer 5, epoch 3: trains").rect(),
            )
        };
        let before = places(&harness);
        assert!(before.2.bottom() < size.y, "{size}: {before:?}");
        click(&mut harness, "From the top");
        harness.run();
        assert_eq!(stages(&harness).len(), 3);
        assert_eq!(places(&harness), before, "{size}");
    }
}

#[test]
fn a_drag_paints_what_it_crosses() {
    let mut harness = opened(3);
    let at = |harness: &Harness<'_, Window>, name: &str| cell(harness, name).rect().center();
    let from = at(&harness, "Layer 4, epoch 1: frozen");
    let to = at(&harness, "Layer 4, epoch 3: frozen");
    harness.drag_at(from);
    for i in 1..=6u8 {
        harness.hover_at(from + (to - from) * (f32::from(i) / 6.0));
        harness.run();
    }
    harness.drop_at(to);
    harness.run();
    for epoch in 1..=3 {
        cell(&harness, &format!("Layer 4, epoch {epoch}: trains"));
    }
    assert_eq!(stages(&harness), [(1, "top:2".into())], "the same throughout is no timeline");
}

#[test]
fn templates_rates_and_presets() {
    let mut harness = opened(3);
    click(&mut harness, "From the top");
    assert_eq!(stages(&harness), [(1, "2".into()), (2, "top:4".into()), (3, "full".into())]);
    click(&mut harness, "Head, then all");
    assert_eq!(stages(&harness), [(1, "2".into()), (2, "full".into())]);
    click(&mut harness, "÷ 2.6 a layer");
    let plan = harness.state().state.train.timeline.plan.clone().unwrap();
    assert!((plan.factors[0] - 2.6f64.powi(-6)).abs() < 1e-12);
    // A factor for one rung comes on top.
    harness.get_by_role_and_label(Role::SpinButton, "Learning rate factor of Pooler").click();
    harness.run();
    harness.get_by_role_and_label(Role::SpinButton, "Learning rate factor of Pooler").type_text("3");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    let Freeze::Timeline(timeline) = &harness.state().state.train.config.freeze else { panic!() };
    assert_eq!((timeline.learning_rates.groups.len(), timeline.learning_rates.groups[0].factor), (1, 3.0));
    // The tree shows the stage that is chosen.
    let second = "Stage 2, epochs 2 to 3: 22,713,986 train (100 %)";
    harness.get_by_label(second).click();
    harness.run();
    assert_eq!(harness.state().state.train.totals().unwrap().1, 0);
    assert!(harness.state().state.train.estimate().unwrap().total_secs > 0.0);
    // A preset takes everything back.
    click(&mut harness, "Preset 3");
    assert_eq!(stages(&harness), [(1, "3".into())]);
    assert!(harness.state().state.train.timeline.plan.is_none());
}

#[test]
fn a_box_of_the_tree_changes_the_stage_that_is_shown() {
    let mut harness = opened(3);
    click(&mut harness, "Head, then all");
    harness.get_by_role_and_label(Role::CheckBox, "Pooler").click();
    harness.run();
    assert_eq!(stages(&harness), [(1, "1".into()), (2, "full".into())]);
}

#[test]
fn an_epoch_in_which_nothing_trains_is_told_and_blocks_training() {
    let mut harness = opened(2);
    click(&mut harness, "Head, then all");
    for rung in ["Pooler", "Classifier"] {
        cell(&harness, &format!("{rung}, epoch 1: trains")).click();
        harness.run();
    }
    let blocker = harness.state().state.train_blocker().unwrap();
    assert_eq!(blocker.id, "plan-stage-nothing-trains");
    harness.get_by_label_contains("from epoch 1, every parameter is frozen");
}

#[test]
fn plans_are_opened_and_saved_by_dialogs_and_nothing_is_painted_during_a_run() {
    let mut harness = opened(3);
    click(&mut harness, "Save plan…");
    assert_eq!(harness.state().actions.last(), Some(&Action::OpenDialog(Dialog::SavePlan)));
    click(&mut harness, "Open plan…");
    assert_eq!(harness.state().actions.last(), Some(&Action::OpenDialog(Dialog::OpenPlan)));
    harness.state_mut().state.run.shown.phase = RunPhase::Running;
    harness.run();
    let before = stages(&harness);
    cell(&harness, "Layer 0, epoch 1: frozen").click();
    harness.run();
    assert_eq!(stages(&harness), before);
}

#[test]
fn it_draws_in_every_language_and_with_a_thousand_epochs() {
    for language in Language::ALL {
        for epochs in [1, 3, 1000] {
            let mut state: AppState = state();
            state.train.config.training.epochs = epochs;
            state.train.timeline.open = true;
            let mut harness = open_in(state, language, Theme::Dark);
            harness.set_size(vec2(1100.0, 800.0));
            harness.run();
            assert_eq!(harness.query_all_by_label_contains("timeline-").count(), 0);
            let cells = harness.get_all_by_role(Role::CheckBox).count();
            assert!(cells < 400, "{cells} cells of {epochs} epochs");
            assert_eq!(harness.state().actions, [], "drawing alone asks for nothing");
        }
    }
}

#[test]
fn dragging_leaves_the_smallest_factor() {
    for factor in [1e-6, 0.001, 0.385, 1.0] {
        let dragged = format!("{:.6}", factor + factor_speed(factor));
        assert_ne!(dragged, format!("{factor:.6}"));
    }
}
