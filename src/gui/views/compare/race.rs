//! The page of a race shows its settings before it starts, and its progress and controls while it runs.

use std::path::PathBuf;

use eframe::egui::{Button, DragValue, Label, Rect, ScrollArea, Ui};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::race::{Race, RaceAction, named};
use crate::app::run::RunAction;
use crate::app::run::RunPhase;
use crate::domain::config::{EPOCHS, LEARNING_RATE};
use crate::domain::freeze::Freeze;
use crate::domain::race::{ALL_ROWS, MINUTES, Strategy};
use crate::words::{Number, numbers, shared};

use super::super::super::theme::{self, space};
use super::Scene;
use super::race_outcome::outcome_ui;

/// One click chooses a ladder with these numbers of rows of each class.
const LADDER: [usize; 5] = [8, 16, 32, 64, ALL_ROWS];
/// A race in a lecture begins with this many minutes.
const LECTURE_MINUTES: f64 = 3.0;

pub fn race_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    theme::inside(ui, rect, |ui| {
        ScrollArea::vertical().id_salt("race").auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(rect.width() - space::M);
            match &scene.state.race.race {
                Some(race) if race.is_running() => running_ui(ui, scene, race),
                _ => theme::card(ui).show(ui, |ui| setup_ui(ui, scene)).inner,
            }
            if let Some(race) = &scene.state.race.race {
                outcome_ui(ui, scene, race);
            }
        });
    });
}

fn act(scene: &mut Scene<'_>, action: RaceAction) {
    scene.actions.push(Action::Race(action));
}

/// Returns the strategy's name for people, which is that of its freezing or of its plan.
pub fn strategy_name(strategy: &Strategy, scene: &Scene<'_>) -> String {
    match strategy.freeze {
        Freeze::Names(_) | Freeze::Plan(_) | Freeze::Timeline(_) if strategy.name != strategy.freeze.name() => {
            strategy.name.clone()
        }
        _ => shared::freezing(scene.words, &strategy.freeze),
    }
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
            let name = strategy_name(&strategy, scene);
            let shown = format!("{name} · {}", numbers::learning_rate(rate));
            let hover = scene.words.say_with("race-strategy-hover", &[("name", &name)]);
            if ui.checkbox(&mut on, shown).on_hover_text(hover).changed() {
                act(scene, RaceAction::Toggle(strategy));
            }
        }
        let add = ui.add_enabled(!scene.state.dialog_open, Button::new(scene.say("race-add-plan")));
        if add.on_hover_text(scene.hint("race-add-plan")).clicked() {
            scene.actions.push(Action::OpenDialog(Dialog::RacePlan));
        }
    });
    ui.horizontal_wrapped(|ui| {
        let mut seeds = setup.seeds;
        let label = ui.label(scene.say("race-seeds"));
        if ui.add(DragValue::new(&mut seeds).range(1..=100)).labelled_by(label.id).changed() {
            act(scene, RaceAction::SetSeeds(seeds));
        }
        let mut epochs = setup.epochs.unwrap_or(scene.state.train.config.training.epochs);
        let label = ui.label(scene.say("panel-epochs"));
        let range = EPOCHS.min as usize..=EPOCHS.max as usize;
        if ui.add(DragValue::new(&mut epochs).range(range)).labelled_by(label.id).changed() {
            act(scene, RaceAction::SetEpochs(Some(epochs)));
        }
        let mut common = setup.learning_rate.is_some();
        let hover = scene.hint("race-common");
        if ui.checkbox(&mut common, scene.say("race-common")).on_hover_text(hover).changed() {
            let rate = common.then(|| scene.state.train.config.learning_rate());
            act(scene, RaceAction::SetLearningRate(rate));
        }
        if let Some(mut rate) = setup.learning_rate {
            let speed = rate * 0.02;
            let drag = DragValue::new(&mut rate)
                .range(LEARNING_RATE.min..=LEARNING_RATE.max)
                .speed(speed)
                .update_while_editing(false)
                .custom_formatter(|x, _| numbers::learning_rate(x));
            let response = ui.add(drag);
            let name = scene.say("panel-learning-rate");
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
            if response.changed() {
                act(scene, RaceAction::SetLearningRate(Some(rate)));
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        let mut limited = setup.minutes.is_some();
        if ui.checkbox(&mut limited, scene.say("race-fit")).on_hover_text(scene.hint("race-fit")).changed() {
            act(scene, RaceAction::SetMinutes(limited.then_some(LECTURE_MINUTES)));
        }
        if let Some(mut minutes) = setup.minutes {
            let drag = DragValue::new(&mut minutes).range(MINUTES.min..=MINUTES.max).speed(0.1).max_decimals(1);
            let field = ui.add(drag);
            ui.label(scene.say("panel-minutes")).labelled_by(field.id);
            let name = scene.say("race-fit");
            ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(name));
            if field.changed() {
                act(scene, RaceAction::SetMinutes(Some(minutes)));
            }
        }
        let mut ladder = !setup.rows_per_class.is_empty();
        if ui.checkbox(&mut ladder, scene.say("race-ladder")).on_hover_text(scene.hint("race-ladder")).changed() {
            act(scene, RaceAction::SetLadder(if ladder { LADDER.to_vec() } else { Vec::new() }));
        }
        if ladder {
            for step in LADDER {
                let mut on = setup.rows_per_class.contains(&step);
                let name = if step == ALL_ROWS { scene.say("race-all-rows") } else { step.to_string() };
                if ui.checkbox(&mut on, name).changed() {
                    let mut steps: Vec<usize> = setup.rows_per_class.iter().copied().filter(|s| *s != step).collect();
                    steps.extend(on.then_some(step));
                    act(scene, RaceAction::SetLadder(steps));
                }
            }
        }
    });
    start_ui(ui, scene);
}

fn start_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal_wrapped(|ui| {
        let blocker = scene.state.race_blocker();
        let mut start = theme::primary_button(ui, &scene.say("race-start"), blocker.is_none());
        if let Some(problem) = &blocker {
            start = start.on_disabled_hover_text(scene.words.problem(problem));
        }
        if start.clicked() {
            act(scene, RaceAction::Start);
        }
        let unfinished = scene.state.race.race.as_ref().and_then(unfinished_dir);
        if let Some(dir) = unfinished.filter(|_| !scene.state.is_running())
            && ui.button(scene.say("race-resume")).on_hover_text(scene.hint("race-resume")).clicked()
        {
            act(scene, RaceAction::Resume(dir));
        }
        let text = match (blocker, scene.state.race.estimate(&scene.state.train)) {
            (Some(problem), _) | (None, Some(Err(problem))) => scene.words.problem(&problem),
            (None, Some(Ok((secs, fitted)))) => {
                let time = Number::Clock(secs);
                match fitted {
                    Some(rows) => scene.words.say_with("race-expected-rows", &[("time", &time), ("rows", &rows)]),
                    None => scene.words.say_with("race-expected", &[("time", &time)]),
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

/// Draws what is running now and the buttons that control it.
fn running_ui(ui: &mut Ui, scene: &mut Scene<'_>, race: &Race) {
    let phase = scene.state.run.shown.phase;
    theme::card(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal_wrapped(|ui| {
            let text = match race.runs.last() {
                Some(run) => scene.words.say_with(
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
            ui.label(theme::semibold(text));
            let mut button = |ui: &mut Ui, id: &'static str, enabled: bool, action: Action| {
                if ui.add_enabled(enabled, Button::new(scene.words.say(id))).clicked() {
                    scene.actions.push(action);
                }
            };
            let is_free = !race.is_stopping;
            if phase == RunPhase::Paused {
                button(ui, "race-go-on", is_free, Action::Run(RunAction::Resume));
            } else {
                button(ui, "race-pause", is_free && phase == RunPhase::Running, Action::Run(RunAction::Pause));
            }
            button(ui, "race-skip", is_free && race.current().is_some(), Action::Race(RaceAction::Skip));
            button(ui, "race-stop", is_free, Action::Race(RaceAction::Stop));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::{RunId, RunOutcome};
    use crate::domain::race::{RaceEnded, RacePlan};

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
