//! The page of a race shows its settings before it starts, and its progress and controls while it runs.

use std::path::PathBuf;

use eframe::egui::{DragValue, Id, Label, Rect, ScrollArea, Ui, vec2};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::race::{Race, RaceAction, named};
use crate::app::run::{RunAction, RunPhase};
use crate::domain::config::{EPOCHS, LEARNING_RATE};
use crate::domain::freeze::Freeze;
use crate::domain::race::{ALL_ROWS, MINUTES, Strategy};
use crate::words::{Number, numbers, shared};

use super::super::super::theme::{self, space};
use super::Scene;
use super::race_outcome::outcome_ui;

/// One click chooses a ladder with these numbers of rows of each class.
const LADDER: [usize; 5] = [8, 16, 32, 64, ALL_ROWS];
/// The settings of a race have about this height, where they have not been drawn yet.
const SETUP: f32 = 270.0;
/// A card's margins and strokes above and below its contents.
const CARD_EDGES: f32 = 26.0;
/// A race in a lecture begins with this many minutes.
const LECTURE_MINUTES: f64 = 3.0;

pub fn race_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    theme::inside(ui, rect, |ui| {
        ScrollArea::vertical().id_salt("race").auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(rect.width() - space::M);
            let id = Id::unique("height of a race's settings");
            match &scene.state.race.race {
                Some(race) if race.is_running() => {
                    let height = ui.data(|data| data.get_temp(id)).unwrap_or(SETUP);
                    running_ui(ui, scene, race, height);
                }
                _ => {
                    let height = theme::card(ui).show(ui, |ui| setup_ui(ui, scene)).response.rect.height();
                    ui.data_mut(|data| data.insert_temp(id, height));
                }
            }
            if let Some(race) = &scene.state.race.race {
                outcome_ui(ui, scene, race);
            }
        });
    });
}

pub fn name_of(freeze: &str, scene: &Scene<'_>) -> String {
    Freeze::parse_name(freeze).map_or_else(|| freeze.to_owned(), |freeze| shared::freezing(scene.words, &freeze))
}

fn setup_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let setup = &scene.state.race.setup;
    ui.set_width(ui.available_width());
    theme::heading_row(ui, &scene.say("race-title"), Some(&scene.hint("race-title")), |_| {});
    if scene.state.lessons.current.is_some() {
        ui.label(theme::small_muted(ui, scene.say("lesson-locked")));
        ui.disable();
    }
    let mut offered: Vec<Strategy> =
        [Freeze::Preset1, Freeze::Preset2, Freeze::Preset3, Freeze::Top(2), Freeze::Full, Freeze::Biases]
            .map(named)
            .to_vec();
    // The strategy in the freeze panel is offered as well.
    let own = named(scene.state.train.config.freeze.clone());
    for more in setup.strategies.iter().cloned().chain([own]) {
        if offered.iter().all(|strategy| strategy.name != more.name) {
            offered.push(more);
        }
    }
    ui.horizontal_wrapped(|ui| {
        for strategy in offered {
            let mut on = setup.has(&strategy.name);
            // A strategy that is chosen already keeps the settings it was chosen with.
            let chosen = setup.strategies.iter().find(|other| other.name == strategy.name);
            let strategy = chosen.cloned().unwrap_or(strategy);
            let rate = setup.learning_rate.unwrap_or_else(|| strategy.freeze.suggested_learning_rate());
            let name = shared::strategy_name(scene.words, &strategy);
            let shown = format!("{name} · {}", numbers::learning_rate(rate));
            let hover = scene.say_with("race-strategy-hover", &[("name", &name)]);
            if ui.checkbox(&mut on, shown).on_hover_text(hover).changed() {
                scene.act(RaceAction::Toggle(strategy));
            }
        }
        scene.hinted_button(ui, "race-add-plan", !scene.state.shell.dialog_open, Action::OpenDialog(Dialog::RacePlan));
    });
    ui.horizontal_wrapped(|ui| {
        let mut seeds = setup.seeds;
        let label = ui.label(scene.say("race-seeds"));
        if ui.add(DragValue::new(&mut seeds).range(1..=100)).labelled_by(label.id).changed() {
            scene.act(RaceAction::SetSeeds(seeds));
        }
        let mut epochs = setup.epochs.unwrap_or(scene.state.train.config.training.epochs);
        let label = ui.label(scene.say("panel-epochs"));
        let range = EPOCHS.min as usize..=EPOCHS.max as usize;
        if ui.add(DragValue::new(&mut epochs).range(range)).labelled_by(label.id).changed() {
            scene.act(RaceAction::SetEpochs(Some(epochs)));
        }
        if let Some(common) = switched(ui, scene, "race-common", setup.learning_rate.is_some()) {
            let rate = common.then(|| scene.state.train.config.learning_rate());
            scene.act(RaceAction::SetLearningRate(rate));
        }
        if let Some(mut rate) = setup.learning_rate {
            let speed = rate * 0.02;
            let drag = DragValue::new(&mut rate)
                .range(LEARNING_RATE.min..=LEARNING_RATE.max)
                .speed(speed)
                .update_while_editing(false)
                .custom_formatter(|x, _| numbers::learning_rate(x));
            if ui.add(drag).accessible_name(scene.say("panel-learning-rate")).changed() {
                scene.act(RaceAction::SetLearningRate(Some(rate)));
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        if let Some(limited) = switched(ui, scene, "race-fit", setup.minutes.is_some()) {
            scene.act(RaceAction::SetMinutes(limited.then_some(LECTURE_MINUTES)));
        }
        if let Some(mut minutes) = setup.minutes {
            let drag = DragValue::new(&mut minutes).range(MINUTES.min..=MINUTES.max).speed(0.1).max_decimals(1);
            let field = ui.add(drag);
            ui.label(scene.say("panel-minutes")).labelled_by(field.id);
            if field.accessible_name(scene.say("race-fit")).changed() {
                scene.act(RaceAction::SetMinutes(Some(minutes)));
            }
        }
    });
    // What a box brings with it stands at the end of its own line, so that it moves nothing.
    ui.horizontal_wrapped(|ui| {
        let was_ladder = !setup.rows_per_class.is_empty();
        let ladder = switched(ui, scene, "race-ladder", was_ladder);
        if let Some(ladder) = ladder {
            scene.act(RaceAction::SetLadder(if ladder { LADDER.to_vec() } else { Vec::new() }));
        }
        if ladder.unwrap_or(was_ladder) {
            for step in LADDER {
                let mut on = setup.rows_per_class.contains(&step);
                let name = if step == ALL_ROWS { scene.say("race-all-rows") } else { step.to_string() };
                if ui.checkbox(&mut on, name).changed() {
                    let mut steps: Vec<usize> = setup.rows_per_class.iter().copied().filter(|s| *s != step).collect();
                    steps.extend(on.then_some(step));
                    scene.act(RaceAction::SetLadder(steps));
                }
            }
        }
    });
    start_ui(ui, scene);
}

/// Draws a box with its explanation, and returns whether it is ticked if that has changed.
fn switched(ui: &mut Ui, scene: &Scene<'_>, id: &'static str, mut on: bool) -> Option<bool> {
    let tick = ui.checkbox(&mut on, scene.say(id)).on_hover_text(scene.hint(id));
    tick.changed().then_some(on)
}

fn start_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal_wrapped(|ui| {
        let blocker = scene.state.race_blocker();
        let mut start = theme::primary_button(ui, &scene.say("race-start"), blocker.is_none());
        if let Some(problem) = &blocker {
            start = start.on_disabled_hover_text(scene.words.sentence(problem));
        }
        if start.clicked() {
            scene.act(RaceAction::Start);
        }
        let unfinished = scene.state.race.race.as_ref().and_then(unfinished_dir);
        if let Some(dir) = unfinished.filter(|_| !scene.state.is_running()) {
            scene.hinted_button(ui, "race-resume", true, RaceAction::Resume(dir));
        }
        let text = match (blocker, scene.state.race.estimate(&scene.state.train)) {
            (Some(problem), _) | (None, Some(Err(problem))) => scene.words.sentence(&problem),
            (None, Some(Ok((secs, fitted)))) => {
                let time = Number::Clock(secs);
                match fitted {
                    Some(rows) => scene.say_with("race-expected-rows", &[("time", &time), ("rows", &rows)]),
                    None => scene.say_with("race-expected", &[("time", &time)]),
                }
            }
            (None, None) => String::new(),
        };
        ui.add(Label::new(theme::muted(ui, text)).wrap());
    });
}

/// Returns the folder of a race that has ended and still lacks runs. Skipped runs are not lacking, because resuming the
/// race would not run them.
fn unfinished_dir(race: &Race) -> Option<PathBuf> {
    let ended = race.ended.as_ref()?;
    let lacks = race.rows().len() + ended.skipped < race.plan.runs().len();
    ended.race_dir.clone().filter(|_| lacks)
}

/// Draws what is running now and the buttons that control it, in a card of this height: the settings that take its place
/// when the race ends move nothing.
fn running_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race, height: f32) {
    let phase = scene.state.run.shown.phase;
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.set_min_height(height - CARD_EDGES);
        // The words change with every step, so the buttons stand at the right end, where nothing moves them.
        let text = match race.runs.last() {
            Some(run) => scene.say_with(
                "race-now",
                &[
                    ("run", &(run.started.index + 1)),
                    ("runs", &race.plan.runs().len()),
                    ("name", &name_of(&run.started.freeze, scene)),
                    ("seed", &Number::Plain(run.started.seed)),
                    ("rate", &Number::LearningRate(run.started.learning_rate)),
                    ("step", &run.history.steps.last().map_or(0, |step| step.step)),
                ],
            ),
            None => scene.say("race-preparing"),
        };
        let words = |ui: &mut Ui, _: &mut Scene<'_>| theme::cut(ui, theme::semibold(text));
        let buttons = |ui: &mut Ui, scene: &mut Scene<'_>| {
            let is_free = !race.is_stopping;
            if phase == RunPhase::Paused {
                scene.button(ui, "race-go-on", is_free, RunAction::Resume);
            } else {
                scene.button(ui, "race-pause", is_free && phase == RunPhase::Running, RunAction::Pause);
            }
            scene.button(ui, "race-skip", is_free && race.current().is_some(), RaceAction::Skip);
            scene.button(ui, "race-stop", is_free, RaceAction::Stop);
        };
        ui.horizontal(|ui| theme::ends(ui, scene, words, buttons));
        progress_ui(ui, scene, race);
    });
}

/// Draws how much of the race is over, and says how long it will still take.
fn progress_ui(ui: &mut Ui, scene: &Scene<'_>, race: &Race) {
    let progress = race.progress();
    let percent = Number::Progress(progress.share);
    let left = progress.left_secs.map(|secs| scene.say_with("status-remaining", &[("value", &Number::Clock(secs))]));
    let name = scene.say_with("race-progress", &[("percent", &percent)]);
    ui.horizontal(|ui| {
        let width = (ui.available_width() - 150.0).max(80.0);
        theme::bar(ui, progress.share as f32, vec2(width, 8.0), theme::palette(ui).primary, &name);
        ui.label(theme::muted(ui, left.unwrap_or_default()));
    });
}

#[cfg(test)]
mod tests {
    use eframe::egui::Theme;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;
    use crate::app::state::AppState;
    use crate::domain::message::{RunId, RunOutcome};
    use crate::domain::race::{RaceEnded, RacePlan};
    use crate::gui::panels::samples;
    use crate::words::{Catalogue, Language};

    fn window(state: AppState) -> Harness<'static, AppState> {
        let words = Catalogue::new(Language::English);
        let builder = Harness::builder().with_size(vec2(560.0, 900.0)).with_theme(Theme::Light);
        builder.with_context_setup(theme::install).build_ui_state(
            move |ui, state: &mut AppState| {
                let rect = ui.max_rect();
                race_ui(ui, rect, &mut Scene { state, words: &words, actions: &mut Vec::new() });
            },
            state,
        )
    }

    #[test]
    fn nothing_moves_when_a_race_ends() {
        let mut harness = window(samples::state());
        harness.run_ok();
        let race = samples::racing(true).race.race;
        harness.state_mut().race.race = race;
        harness.run_ok();
        let axis = harness.get_by_label("Steps").rect();
        let ended = RaceEnded {
            outcome: RunOutcome::Completed,
            error: None,
            means: Vec::new(),
            undecided: Vec::new(),
            skipped: 0,
            failed: 0,
            race_dir: None,
        };
        harness.state_mut().race.race.as_mut().unwrap().ended = Some(ended);
        harness.run_ok();
        assert!(harness.query_by_label("Start race").is_some());
        assert_eq!(harness.get_by_label("Steps").rect(), axis);
    }

    #[test]
    fn ticking_a_box_moves_no_other() {
        let mut harness = window(samples::state());
        harness.run_ok();
        let places = |harness: &Harness<'_, AppState>| {
            ["Time limit", "Ladder of rows per class", "Start race"].map(|name| harness.get_by_label(name).rect())
        };
        let before = places(&harness);
        harness.state_mut().race.setup.rows_per_class = LADDER.to_vec();
        harness.run_ok();
        assert_eq!(places(&harness), before);
    }

    #[test]
    fn a_race_whose_missing_runs_were_skipped_cannot_be_resumed() {
        let race = |skipped| Race {
            id: RunId(1),
            plan: RacePlan { strategies: vec![named(Freeze::Full)], seeds: vec![1, 2], ..RacePlan::default() },
            started: None,
            runs: Vec::new(),
            means: Vec::new(),
            undecided: Vec::new(),
            is_stopping: false,
            ended: Some(RaceEnded {
                outcome: RunOutcome::Completed,
                error: None,
                means: Vec::new(),
                undecided: Vec::new(),
                skipped,
                failed: 0,
                race_dir: Some("race".into()),
            }),
        };
        assert_eq!(unfinished_dir(&race(1)), Some("race".into()));
        assert_eq!(unfinished_dir(&race(2)), None);
    }
}
