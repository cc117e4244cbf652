//! Long runs and many classes must stay light to draw.

use std::path::Path;

use eframe::egui::accesskit::Role;
use eframe::egui::epaint::Primitive;
use eframe::egui::{Pos2, Shape, Theme, Ui, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

use crate::app::run::{RunPhase, SideChart};
use crate::app::state::{AppState, Loading};
use crate::app::update::update;
use crate::domain::config::Guess;
use crate::domain::curve::MOST_POINTS;
use crate::domain::layers::{LayerStats, MeasuredParameter};
use crate::domain::message::{LiveValidation, RunEvent, RunStarted, Step, TestEvaluated, WithinStep};
use crate::domain::metrics::Confusion;
use crate::domain::params::{Block, HeadStart, Part};
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::problem::Problem;
use crate::domain::proof::{FreezeProof, ParameterProof};
use crate::domain::reference::{BagOfWords, Majority, Reference};
use crate::gui::chart::Mark;
use crate::gui::theme;
use crate::words::{Catalogue, Language};

use super::Scene;
use super::layers::layers_table;
use super::live::live_ui;
use super::live_charts::{Detail, Metric, metric_series};
use super::proof::{proof_table, proof_ui};
use super::results::results_ui;
use super::run_list::runs_ui;

/// Returns a run of so many steps, with a matrix of so many classes.
pub fn long_run(steps: usize, classes: usize) -> AppState {
    let mut state = AppState::default();
    state.run.shown.phase = RunPhase::Running;
    state.run.shown.config.training.epochs = 4;
    let history = &mut state.run.shown.history;
    history.record(&RunEvent::RunStarted(RunStarted {
        train_rows: steps * 4,
        validation_rows: 100,
        test_rows: 100,
        skipped_rows: 0,
        trainable: 1,
        frozen: 1,
        total_steps: steps,
        device: "cpu".into(),
        precision: Precision::F32,
        frozen_precision: FrozenPrecision::F32,
        seed: 1,
        labels: (0..classes).map(|c| format!("class {c}")).collect(),
        text_columns: Vec::new(),
        head: HeadStart::New,
        class_weights: Vec::new(),
        label_match: Vec::new(),
        findings: Vec::new(),
    }));
    for step in 1..=steps {
        let wave = (step as f64 * 0.7).sin() * 0.2;
        history.record(&RunEvent::Step(Step {
            step,
            epoch: 1 + step * 4 / (steps + 1),
            loss: 1.0 + wave,
            accuracy: 0.5 + wave,
            learning_rate: 1e-4,
            grad_norm: 1.0 + wave,
            elapsed_secs: step as f64 * 0.01,
            ..Step::default()
        }));
    }
    let mut confusion = Confusion::new(classes);
    for i in 0..classes * 10 {
        confusion.add(i % classes, (i * 7) % classes);
    }
    history.record(&RunEvent::LiveValidation(LiveValidation {
        step: steps,
        rows: classes * 10,
        loss: 1.0,
        accuracy: 0.5,
        confusion,
    }));
    state
}

type View = fn(&mut Ui, &mut Scene<'_>);

fn draw(state: AppState) -> Harness<'static, AppState> {
    draw_view(live_ui, state)
}

fn draw_view(view: View, state: AppState) -> Harness<'static, AppState> {
    let words = Catalogue::new(Language::English);
    Harness::builder()
        .with_size(vec2(900.0, 700.0))
        .with_theme(Theme::Light)
        .with_max_steps(8)
        .with_context_setup(theme::install)
        .build_ui_state(
            move |ui, state: &mut AppState| view(ui, &mut Scene { state, words: &words, actions: &mut Vec::new() }),
            state,
        )
}

#[test]
fn a_long_step_has_a_bar_and_a_pale_point_until_it_is_done() {
    let mut state = long_run(3, 2);
    state.run.shown.phase = RunPhase::Running;
    let words = Catalogue::new(Language::English);
    let pale = |state: &AppState, metric| {
        let series = metric_series(&theme::Palette::LIGHT, state, metric, Detail::Thinned, &words);
        series.into_iter().filter(|series| series.mark == Mark::Pale).map(|series| series.points).collect::<Vec<_>>()
    };
    assert!(pale(&state, Metric::Loss).is_empty());
    assert!(draw(state.clone()).query_by_label("45 % of step 4").is_none());
    state.run.shown.within_step = Some(WithinStep { step: 4, share: 0.45, loss: Some(0.9) });
    assert_eq!((pale(&state, Metric::Loss), pale(&state, Metric::Accuracy)), (vec![vec![[4.0, 0.9]]], vec![]));
    let mut harness = draw(state);
    harness.run_ok();
    harness.get_by_label("45 % of step 4");
    harness.get_by_label_contains("Loss at step 3");
}

#[test]
fn a_list_of_runs_that_cannot_be_read_says_why() {
    let mut state = AppState::default();
    state.runs.entries = Loading::Failed(Problem::file(Path::new("runs"), &std::io::ErrorKind::NotFound.into()));
    let mut harness = draw_view(runs_ui, state);
    harness.run();
    harness.get_by_label("entity not found");
}

/// What the graphics card would have to draw for the newest frame.
fn vertices(harness: &Harness<'_, AppState>) -> usize {
    let meshes = harness.ctx.tessellate(harness.output().shapes.clone(), 1.0);
    meshes.iter().map(|p| if let Primitive::Mesh(mesh) = &p.primitive { mesh.vertices.len() } else { 0 }).sum()
}

#[test]
fn a_long_run_is_thinned_before_it_is_drawn() {
    let mut harness = draw(long_run(40_000, 2));
    harness.run_ok();
    harness.get_by_label_contains("Loss at step 40,000");
    assert!(vertices(&harness) < 60_000, "{} vertices", vertices(&harness));
}

#[test]
fn what_a_frame_prepares_does_not_grow_with_the_run() {
    let words = Catalogue::new(Language::English);
    let p = &theme::Palette::LIGHT;
    let points = |steps: usize, detail| -> Vec<usize> {
        let state = long_run(steps, 2);
        let series = [Metric::Loss, Metric::Accuracy].map(|metric| metric_series(p, &state, metric, detail, &words));
        series.iter().flatten().map(|series| series.points.len()).collect()
    };
    for steps in [10_000, 100_000] {
        let thinned = points(steps, Detail::Thinned);
        assert!(thinned.iter().all(|count| *count <= MOST_POINTS + 3), "{thinned:?} points of {steps} steps");
    }
    assert_eq!(points(10_000, Detail::Full)[..2], [10_000, 10_000], "a saved table has every step");
    assert_eq!(points(1_000, Detail::Thinned), points(1_000, Detail::Full), "a short run is drawn whole");
}

#[test]
fn a_hundred_classes_fit_and_zoom() {
    for zoomed in [false, true] {
        let mut state = long_run(10, 100);
        state.run.matrix_zoomed = zoomed;
        let mut harness = draw(state);
        harness.run_ok();
        harness.get_by_label_contains("Confusion matrix, sample of 1,000");
        harness.get_by_label(if zoomed { "Fit" } else { "Zoom in" });
        assert!(vertices(&harness) < 60_000, "zoomed {zoomed}: {} vertices", vertices(&harness));
    }
}

/// A million cells are not drawn one by one.
#[test]
fn a_thousand_classes_cost_what_their_matrix_counts() {
    for zoomed in [false, true] {
        let mut state = long_run(10, 1000);
        state.run.matrix_zoomed = zoomed;
        let mut harness = draw(state);
        harness.run_ok();
        assert!(vertices(&harness) < 60_000, "zoomed {zoomed}: {} vertices", vertices(&harness));
    }
}

fn tested(labels: Vec<String>, confusion: Confusion) -> RunEvent {
    RunEvent::TestEvaluated(TestEvaluated {
        accuracy: confusion.accuracy(),
        macro_f1: confusion.macro_f1(),
        loss: 1.0,
        per_class: confusion.per_class(&labels),
        confusion,
        labels,
        frozen: None,
    })
}

/// Names that begin alike are of no use where only their beginnings can be read.
#[test]
fn names_of_classes_take_the_room_that_numbers_leave() {
    let mut state = long_run(10, 12);
    let labels: Vec<String> = (0..12).map(|class| format!("bright_engine_breaks_{class}")).collect();
    let mut confusion = Confusion::new(12);
    (0..12).for_each(|class| confusion.add_rows(class, class, 5));
    state.run.shown.history.record(&tested(labels, confusion));
    let mut harness = draw_view(results_ui, state);
    harness.run_ok();
    let name = harness.get_by_role_and_label(Role::Label, "bright_engine_breaks_1");
    assert!(name.rect().width() > 130.0, "{:?}", name.rect());
}

#[test]
fn the_worst_pairs_lead_to_their_cells() {
    let words = Catalogue::new(Language::English);
    let mut state = long_run(10, 12);
    let labels: Vec<String> = (0..12).map(|class| format!("class {class}")).collect();
    let mut confusion = Confusion::new(12);
    (0..12).for_each(|class| confusion.add_rows(class, class, 5));
    confusion.add_rows(3, 7, 4);
    confusion.add_rows(2, 9, 1);
    state.run.shown.history.record(&tested(labels, confusion));
    let mut harness = Harness::builder()
        .with_size(vec2(1000.0, 700.0))
        .with_max_steps(8)
        .with_context_setup(theme::install)
        .build_ui_state(
            move |ui, state: &mut AppState| {
                let mut actions = Vec::new();
                results_ui(ui, &mut Scene { state, words: &words, actions: &mut actions });
                actions.into_iter().for_each(|action| drop(update(state, action)));
            },
            state,
        );
    harness.run_ok();
    harness.get_by_label("Worst pairs").click();
    harness.run_ok();
    harness.get_by_label_contains("true class 2, predicted class 9");
    harness.get_by_label_contains("true class 3, predicted class 7").click();
    harness.run_ok();
    assert_eq!(harness.state().run.classes.marked, Some((3, 7)));
    assert!(harness.state().run.matrix_zoomed);
    harness.get_by_label("Worst first").click();
    harness.run_ok();
    assert!(harness.state().run.classes.worst_first && !harness.state().run.classes.lists_pairs);
}

/// The reference lines are fitted after the test, and the time is known at the end.
#[test]
fn nothing_moves_when_the_verdict_grows() {
    for size in [vec2(551.0, 500.0), vec2(900.0, 560.0)] {
        let mut state = long_run(10, 12);
        state.run.shown.config.guess = Some(Guess { accuracy: Some(0.7), secs: Some(3.0) });
        let labels: Vec<String> = (0..12).map(|class| format!("class {class}")).collect();
        let mut confusion = Confusion::new(12);
        (0..12).for_each(|class| confusion.add_rows(class, class, 50));
        let per_class = confusion.per_class(&labels);
        state.run.shown.history.record(&RunEvent::TestEvaluated(TestEvaluated {
            accuracy: 1.0,
            macro_f1: 1.0,
            loss: 0.1,
            per_class,
            confusion,
            labels,
            frozen: None,
        }));
        let mut harness = draw_view(results_ui, state);
        harness.set_size(size);
        harness.run_ok();
        // All that is painted, with its place.
        let painted = |harness: &Harness<'_, AppState>| -> Vec<(String, Pos2)> {
            let texts = harness.output().shapes.iter().filter_map(|clipped| match &clipped.shape {
                Shape::Text(text) => Some((text.galley.job.text.clone(), text.pos)),
                _ => None,
            });
            texts.collect()
        };
        let before = painted(&harness);
        assert!(before.len() > 10);
        let majority = Majority { label: "class 0".into(), validation_accuracy: 0.1, test_accuracy: 0.1 };
        let bag_of_words = BagOfWords {
            validation_accuracy: 0.5,
            test_accuracy: 0.5,
            test_macro_f1: 0.5,
            features: 10,
            train_rows: 10,
            c: 1.0,
        };
        let history = &mut harness.state_mut().run.shown.history;
        history.record(&RunEvent::ReferenceReady(Box::new(Reference { majority, bag_of_words })));
        harness.run_ok();
        assert!(harness.query_by_label_contains("Better than counting words").is_some());
        let after = painted(&harness);
        let moved: Vec<_> = before.iter().filter(|text| !after.contains(text)).collect();
        assert!(moved.is_empty(), "{size}: {moved:?}");
    }
}

fn proof(frozen_after: &str) -> FreezeProof {
    let one = |name: &str, trainable, after: &str| ParameterProof {
        name: name.into(),
        trainable,
        before: "aaaa".into(),
        after: after.into(),
    };
    FreezeProof::of(vec![one("pooler.dense.bias", false, frozen_after), one("classifier.bias", true, "bbbb")])
}

#[test]
fn the_proof_of_freeze_opens_and_shouts_what_is_broken() {
    for language in Language::ALL {
        let words = Catalogue::new(language);
        let (said, broken) = (Catalogue::new(language), words.say("proof-broken"));
        let totals = |u: usize, c: usize| words.say_with("proof-totals", &[("unchanged", &u), ("changed", &c)]);
        let mut harness = Harness::builder()
            .with_size(vec2(900.0, 700.0))
            .with_context_setup(theme::install)
            .build_ui_state(move |ui, proof: &mut FreezeProof| proof_ui(ui, proof, &said), proof("aaaa"));
        harness.run_ok();
        assert!(harness.query_by_label("pooler.dense.bias").is_none(), "the list opens on demand");
        harness.get_by_label(&totals(1, 1)).click();
        harness.run_ok();
        harness.get_by_label("pooler.dense.bias");
        assert!(harness.query_by_label(&broken).is_none());

        *harness.state_mut() = proof("cccc");
        harness.run_ok();
        harness.get_by_label(&totals(0, 2));
        harness.get_by_label(&broken);
        harness.get_by_label_contains(": pooler.dense.bias");
        let (headers, rows) = proof_table(harness.state(), &words);
        assert_eq!((headers.len(), rows.len(), &rows[0][3]), (5, 2, &"cccc".to_owned()));
    }
}

/// Returns a run of a frozen layer, a trained one and a head, which was sampled at every fourth step.
fn sampled_run() -> AppState {
    let mut state = long_run(64, 2);
    state.run.side_chart = SideChart::Layers;
    let measured = |name: &str, part, norm| MeasuredParameter { name: name.into(), part, norm };
    let layer = |index| Part::Layer { index, block: Block::Attention };
    let parameters = [
        measured("encoder.layer.0.attention.self.query.weight", layer(0), 0.0),
        measured("encoder.layer.1.attention.self.query.weight", layer(1), 2.0),
        measured("classifier.weight", Part::Classifier, 1.0),
    ];
    for step in std::iter::once(1).chain((4..=64).step_by(4)) {
        state.run.shown.history.record(&RunEvent::LayerStats(LayerStats {
            step,
            drift: vec![0.0, step as f32 * 0.001, step as f32 * 0.01],
            grad_norm: vec![None, Some(0.25), Some(1.5)],
            parameters: (step == 1).then(|| parameters.clone().into()),
        }));
    }
    state
}

#[test]
fn the_heat_map_tells_each_layers_newest_number() {
    let words = Catalogue::new(Language::English);
    let mut harness = Harness::builder()
        .with_size(vec2(900.0, 700.0))
        .with_max_steps(8)
        .with_context_setup(theme::install)
        .build_ui_state(
            move |ui, state: &mut AppState| {
                let mut actions = Vec::new();
                live_ui(ui, &mut Scene { state, words: &words, actions: &mut actions });
                actions.into_iter().for_each(|action| drop(update(state, action)));
            },
            sampled_run(),
        );
    harness.run_ok();
    harness.get_by_label("Classifier: drift 0.6400");
    harness.get_by_label("Layer 0: frozen");
    harness.get_by_label("Layer 1: drift 0.0640").click();
    harness.run_ok();
    harness.get_by_label("encoder.layer.1.attention.self.query.weight: drift 0.0640");
    harness.get_by_label("Gradient").click();
    harness.run_ok();
    harness.get_by_label("Log").click();
    harness.run_ok();
    harness.get_by_label("Classifier: gradient norm 1.5000");
    harness.get_by_label("Layer 0: frozen, gradient not computed");
    let table = layers_table(harness.state(), &Catalogue::new(Language::English));
    assert_eq!(table.headers[2], "Layer 1: gradient norm before clipping");
    assert_eq!(table.rows[16], ["64", "1.5", "0.25", "0.25", ""]);
}
