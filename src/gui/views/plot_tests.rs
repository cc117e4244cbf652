//! The plots as they are drawn: what lies where, what follows the pointer, and what can be changed.

use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, Id, Pos2, Rect, Shape, Theme, Ui, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use egui_plot::PlotMemory;

use crate::app::compare::CompareAction;
use crate::app::plots::{PlotAction, Plotted};
use crate::app::reduce::reduce;
use crate::app::runs::{Purpose, RunsAction};
use crate::app::state::AppState;
use crate::app::update::update;
use crate::domain::config::RunConfig;
use crate::domain::freeze::Freeze;
use crate::domain::message::{Answer, AskId, EpochEnded, Event, RunEvent, Step};
use crate::domain::metrics::Confusion;
use crate::domain::stored::{OpenedRuns, StoredRun};
use crate::gui::axis::Scale;
use crate::gui::replay_bar::replay_ui;
use crate::gui::theme::seen::contrast;
use crate::gui::theme::{self, Palette};
use crate::words::{Catalogue, Language};

use super::Scene;
use super::compare::compare_ui;
use super::live::live_ui;
use super::tests::long_run;

type View = fn(&mut Ui, &mut Scene<'_>);

const SIZE: Vec2 = vec2(900.0, 700.0);

fn draw(view: View, theme: Theme, state: AppState) -> Harness<'static, AppState> {
    let words = Catalogue::new(Language::English);
    let mut harness = Harness::builder()
        .with_size(SIZE)
        .with_theme(theme)
        .with_max_steps(12)
        .with_context_setup(theme::install)
        .build_ui_state(
            move |ui, state: &mut AppState| {
                let mut actions = Vec::new();
                view(ui, &mut Scene { state, words: &words, actions: &mut actions });
                actions.into_iter().for_each(|action| drop(update(state, action)));
            },
            state,
        );
    harness.run_ok();
    harness
}

fn shapes<'a>(harness: &'a Harness<'_, AppState>) -> impl Iterator<Item = &'a Shape> {
    harness.output().shapes.iter().map(|clipped| &clipped.shape)
}

/// Returns the texts that are drawn within this part of the window.
fn texts(harness: &Harness<'_, AppState>, within: Rect) -> Vec<String> {
    let text = |shape: &Shape| match shape {
        Shape::Text(text) if within.contains(text.pos) => Some(text.galley.text().to_owned()),
        _ => None,
    };
    shapes(harness).filter_map(text).collect()
}

fn loss_card() -> Rect {
    Rect::from_min_max(Pos2::ZERO, pos2(450.0, 320.0))
}

fn accuracy_card() -> Rect {
    Rect::from_min_max(pos2(450.0, 0.0), pos2(900.0, 320.0))
}

/// Returns a run of so many epochs with four steps each.
fn run_of(epochs: usize) -> AppState {
    let mut state = long_run(4 * epochs, 2);
    state.run.shown.config.training.epochs = epochs;
    let steps = &mut state.run.shown.history.steps;
    *steps = steps.iter().map(|step| Step { epoch: 1 + (step.step - 1) / 4, ..*step }).collect();
    for epoch in 1..=epochs {
        state.run.shown.history.record(&RunEvent::EpochEnded(EpochEnded {
            epoch,
            train_loss: 0.9,
            train_accuracy: 0.6,
            validation_loss: 0.8,
            validation_accuracy: 0.7,
            validation_confusion: Confusion::new(2),
            rows_per_sec: 100.0,
            elapsed_secs: epoch as f64,
        }));
    }
    state
}

#[test]
fn the_diamonds_of_a_hundred_epochs_keep_their_distance() {
    for epochs in [3, 100, 400] {
        let harness = draw(live_ui, Theme::Light, run_of(epochs));
        // The diamonds of the legend are smaller.
        let diamond = |shape: &Shape| match shape {
            Shape::Path(path)
                if path.points.len() == 4 && path.closed && path.fill == Palette::LIGHT.validation_curve =>
            {
                let rect = shape.visual_bounding_rect();
                (rect.width() > 11.0).then(|| rect.center())
            }
            _ => None,
        };
        let mut centres: Vec<Pos2> =
            shapes(&harness).filter_map(diamond).filter(|at| loss_card().contains(*at)).collect();
        centres.sort_by(|a, b| a.x.total_cmp(&b.x));
        assert!(centres.len() >= epochs.min(10) && centres.len() <= 34, "{} diamonds", centres.len());
        assert!(centres.windows(2).all(|pair| pair[1].x - pair[0].x > 13.0), "{epochs} epochs: {centres:?}");
    }
}

#[test]
fn the_axis_of_an_accuracy_ends_at_0_and_1() {
    let harness = draw(live_ui, Theme::Light, run_of(4));
    let texts = texts(&harness, accuracy_card());
    for end in ["0", "1.0"] {
        assert!(texts.iter().any(|text| text == end), "{texts:?}");
    }
    assert!(!texts.iter().any(|text| text.starts_with('-') || text.parse().is_ok_and(|x: f64| x > 1.0 && x < 2.0)));
    let memory = PlotMemory::load(&harness.ctx, plot_id(harness.state(), "chart-accuracy")).unwrap();
    let y = memory.bounds().range_y();
    assert!(*y.start() > -0.03 && *y.end() < 1.03, "{y:?}");
}

#[test]
fn the_legend_names_thick_faint_and_marked_lines() {
    let harness = draw(live_ui, Theme::Light, run_of(4));
    for name in ["single step", "training", "validation sample", "validation"] {
        assert_eq!(harness.query_all_by_label(name).count(), 2, "{name}, of the loss and of the accuracy");
    }
}

fn plot_id(state: &AppState, name: &str) -> Id {
    Id::unique((name, state.run.shown.id, Scale::Even))
}

#[test]
fn one_zoom_holds_for_all_charts_of_a_run() {
    let mut harness = draw(live_ui, Theme::Light, run_of(4));
    let bounds = |harness: &Harness<'_, AppState>| {
        ["chart-loss", "chart-accuracy", "chart-learning-rate"].map(|name| {
            let memory = PlotMemory::load(&harness.ctx, plot_id(harness.state(), name)).unwrap();
            (memory.bounds().range_x(), memory.bounds().range_y())
        })
    };
    let before = bounds(&harness);
    harness.drag_at(pos2(250.0, 200.0));
    harness.run_ok();
    harness.hover_at(pos2(180.0, 200.0));
    harness.run_ok();
    harness.drop_at(pos2(180.0, 200.0));
    harness.run_ok();
    let after = bounds(&harness);
    assert_ne!(after[0].0, before[0].0, "the pointer has moved the loss");
    for chart in 1..3 {
        assert_eq!(after[chart].0, after[0].0, "chart {chart} shows the same steps");
        assert_eq!(after[chart].1, before[chart].1, "and keeps its values");
    }
}

#[test]
fn one_cursor_goes_through_all_charts_of_a_run() {
    let mut harness = draw(live_ui, Theme::Light, run_of(4));
    let cursors = |harness: &Harness<'_, AppState>| {
        let is_cursor = |shape: &&Shape| match shape {
            Shape::LineSegment { points: [a, b], stroke } => {
                stroke.color == Palette::LIGHT.outline && a.x == b.x && (a.y - b.y).abs() > 60.0
            }
            _ => false,
        };
        shapes(harness).filter(is_cursor).count()
    };
    assert_eq!(cursors(&harness), 0);
    harness.hover_at(pos2(250.0, 200.0));
    harness.run_steps(3);
    assert_eq!(cursors(&harness), 3, "loss, accuracy and learning rate");
}

#[test]
fn a_plot_is_drawn_as_its_menu_says_and_the_settings_keep_it() {
    let mut state = run_of(40);
    state.run.shown.history.record(&RunEvent::Step(Step {
        step: 161,
        epoch: 40,
        loss: 500.0,
        elapsed_secs: 2.0,
        ..Step::default()
    }));
    let mut harness = draw(live_ui, Theme::Light, state);
    harness.get_by_label("How Loss is drawn").click();
    harness.run_ok();
    harness.get_by_label("Cut off outliers").click();
    harness.run_ok();
    let said = texts(&harness, loss_card());
    assert!(said.iter().any(|text| text.contains("values outside")), "{said:?}");
    let high = |harness: &Harness<'_, AppState>| {
        *PlotMemory::load(&harness.ctx, plot_id(harness.state(), "chart-loss")).unwrap().bounds().range_y().end()
    };
    assert!(high(&harness) < 3.0, "the axis fits the other steps: {}", high(&harness));
    harness.get_by_label("Logarithmic axis").click();
    harness.run_ok();
    let plots = &harness.state().shell.settings.plots;
    assert!(plots.is_log(Plotted::Loss) && plots.middle.contains(&Plotted::Loss));
    assert!(!plots.is_log(Plotted::Accuracy), "each kind of plot has its own axis");
    drop(update(harness.state_mut(), PlotAction::FitMiddle(Plotted::Loss, false).into()));
    harness.run_ok();
    let ticks = texts(&harness, loss_card());
    assert!(ticks.iter().any(|text| text == "100"), "powers of ten are marked: {ticks:?}");
}

#[test]
fn what_is_not_smoothed_is_drawn_once() {
    let mut state = run_of(4);
    drop(update(&mut state, PlotAction::Smooth(0.0.into()).into()));
    let (smooth, single) = {
        let steps = &state.run.shown.history.curves.loss.steps;
        (steps.smooth.points().collect::<Vec<_>>(), steps.single.points().collect::<Vec<_>>())
    };
    assert_eq!(smooth, single);
    let harness = draw(live_ui, Theme::Light, state);
    assert_eq!(harness.query_all_by_label("single step").count(), 0);
}

/// Returns a state in which these runs are compared.
fn compared(configs: Vec<RunConfig>) -> AppState {
    let mut state = AppState::default();
    let dirs = (0..configs.len()).map(|i| format!("run-{i}").into()).collect();
    drop(update(&mut state, CompareAction::Open(dirs).into()));
    for (i, config) in configs.into_iter().enumerate() {
        let events = run_of(100).run.shown.history;
        let steps = events.steps.iter().map(|step| RunEvent::Step(*step));
        let all = steps.chain(events.epochs.iter().cloned().map(RunEvent::EpochEnded)).collect();
        let run = Arc::new(StoredRun::new(format!("run-{i}").into(), config, all));
        let opened = OpenedRuns { runs: vec![run], bundles: Vec::new() };
        drop(reduce(&mut state, &Event::Answer(AskId(i as u64 + 1), Ok(Answer::Comparison(opened)))));
    }
    assert_eq!(state.compare.runs.len(), 2);
    state
}

#[test]
fn a_curve_of_compared_runs_says_what_sets_its_run_apart() {
    let full = RunConfig { freeze: Freeze::Full, ..RunConfig::default() };
    let mut harness = draw(compare_ui, Theme::Light, compared(vec![RunConfig::default(), full]));
    for name in ["single step", "training", "validation"] {
        assert!(harness.query_all_by_label(name).next().is_some(), "{name} is in the legend");
    }
    // Down a column of the loss, some point is near a curve.
    let mut said = Vec::new();
    for y in (150..600).step_by(6) {
        harness.hover_at(pos2(220.0, y as f32));
        harness.run_steps(2);
        said.extend(texts(&harness, Rect::EVERYTHING).into_iter().filter(|text| text.contains("step: ")));
    }
    let words = Catalogue::new(Language::English);
    let differing = ["panel-freeze", "panel-learning-rate"].map(|id| format!("{}: ", words.say(id)));
    assert!(said.iter().any(|text| differing.iter().all(|setting| text.contains(setting))), "{said:?}");
    let markers = |shape: &&Shape| matches!(shape, Shape::Circle(circle) if circle.radius > 3.5 && circle.radius < 6.0);
    assert!(shapes(&harness).filter(markers).count() < 120, "the markers of a hundred epochs are thinned");
}

#[test]
fn steps_of_compared_runs_may_be_logarithmic() {
    let mut harness = draw(compare_ui, Theme::Light, compared(vec![RunConfig::default(), RunConfig::default()]));
    harness.get_by_label("Logarithmic").click();
    harness.run_ok();
    assert!(harness.state().shell.settings.plots.log_along);
    let ticks = texts(&harness, Rect::EVERYTHING);
    for power in ["10", "100"] {
        assert!(ticks.iter().any(|text| text == power), "{power} in {ticks:?}");
    }
    harness.get_by_role_and_label(Role::Slider, "Smoothing");
}

#[test]
fn the_track_of_the_replay_is_visible_in_both_themes() {
    for (theme, p) in [(Theme::Light, &Palette::LIGHT), (Theme::Dark, &Palette::DARK)] {
        let mut state = AppState::default();
        drop(update(&mut state, RunsAction::Open { dir: "run".into(), purpose: Purpose::Replay }.into()));
        let events = run_of(4).run.shown.history.steps.iter().map(|step| RunEvent::Step(*step)).collect();
        let run = Arc::new(StoredRun::new("run".into(), RunConfig::default(), events));
        drop(reduce(&mut state, &Event::Answer(AskId(1), Ok(Answer::Run(run)))));
        let view: View = |ui, scene| {
            let replay = scene.state.run.replay.clone().unwrap();
            replay_ui(ui, scene, &replay);
        };
        let harness = draw(view, theme, state);
        let track = harness.get_by_label("Time of the replay").rect();
        let fills: Vec<Color32> = shapes(&harness)
            .filter_map(|shape| match shape {
                Shape::Rect(rect) if track.contains_rect(rect.rect) && rect.rect.height() < track.height() => {
                    Some(rect.fill)
                }
                _ => None,
            })
            .collect();
        let is_visible = |fill: &Color32| contrast(*fill, p.accent_fill) > 3.0;
        assert!(!fills.is_empty() && fills.iter().all(is_visible), "{fills:?} on {:?}", p.accent_fill);
    }
}
