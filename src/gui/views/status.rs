//! The line below the curves says where the run is and how it ended.

use eframe::egui::{Label, Rect, Ui, Vec2, vec2};

use crate::app::action::Action;
use crate::app::race::Race;
use crate::app::run::RunPhase;
use crate::app::state::{AppState, View};
use crate::domain::message::{PrefixStatus, Progress, RunOutcome, Task, WhyNotCached};
use crate::domain::race::RaceRunStarted;
use crate::words::{Catalogue, Fill, Number, numbers, shared};

use super::super::theme::{self, space};
use super::Scene;
use super::proof::proof_link;

/// The size of the bar of a step that takes long.
const WITHIN_STEP: Vec2 = vec2(72.0, 4.0);

/// Returns the name of a stage that takes a while.
fn task_name(task: Task, words: &Catalogue) -> String {
    words.say(match task {
        Task::ReadData => "stage-read-data",
        Task::Tokenise => "stage-tokenise",
        Task::LoadModel => "stage-load-model",
        Task::LoadWeights => "stage-load-weights",
        Task::Fingerprint => "stage-fingerprint",
        Task::Validate => "stage-validate",
        Task::Test => "stage-test",
        Task::Reference => "stage-reference",
        Task::Behaviour => "stage-behaviour",
        Task::Suspects => "stage-suspects",
        Task::TextMap => "stage-text-map",
        Task::Words => "stage-words",
        Task::Report => "stage-report",
        Task::Save => "stage-save",
    })
}

/// Says how much of the frozen layers' results is kept, and where.
fn prefix_line(prefix: &PrefixStatus, words: &Catalogue) -> String {
    let prefix = match prefix {
        PrefixStatus::Cached(kept) => kept,
        PrefixStatus::NotCached(why) => {
            return words.say(match why {
                WhyNotCached::EmbeddingsTrain => "prefix-none-embeddings",
                WhyNotCached::FrozenDropout => "prefix-none-dropout",
                WhyNotCached::SwitchedOff => "prefix-none-off",
            });
        }
    };
    let memory = Number::Bytes(prefix.memory_bytes);
    let kept = match prefix.layers.checked_sub(1) {
        None => words.say_with("prefix-embeddings", &[("memory", &memory)]),
        Some(last) => words.say_with("prefix-layers", &[("last", &last), ("memory", &memory)]),
    };
    let file = Number::Bytes(prefix.file_bytes);
    let more = (prefix.file_bytes > 0).then(|| words.say_with("prefix-file", &[("file", &file)]));
    let rest = prefix.is_full.then(|| words.say("prefix-full"));
    [Some(kept), more, rest].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Draws a thin bar and below it a line that says where the run is.
pub fn status_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let (run, p) = (&scene.state.run.shown, theme::palette(ui));
    let total = run.history.total_steps().unwrap_or(0);
    let step = run.history.steps.last().map_or(0, |s| s.step);
    let share = if total == 0 { 0.0 } else { step as f32 / total as f32 };
    let colour = if run.phase == RunPhase::Ended { p.outline } else { p.primary };
    theme::inside(ui, rect, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let name = scene.say_with("status-bar", &[("percent", &Number::Progress(f64::from(share)))]);
        theme::bar(ui, share, vec2(ui.available_width(), 4.0), colour, &name);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::L;
            ui.label(theme::semibold(headline(scene.state, scene.words)));
            if let Some(within) = run.within_step.filter(|_| run.progress.is_none()) {
                let args: [(&str, &dyn Fill); 2] =
                    [("step", &within.step), ("percent", &Number::Progress(within.share))];
                let name = scene.say_with("status-within-step", &args);
                theme::bar(ui, within.share as f32, WITHIN_STEP, p.train_curve, &name).on_hover_text(name);
            }
            let mut fact = |id: &'static str, value: &dyn Fill| {
                if ui.available_width() > 110.0 {
                    ui.label(theme::muted(ui, scene.say_with(id, &[("value", value)])));
                }
            };
            if let Some(last) = run.history.steps.last() {
                fact("status-step", &format!("{} / {}", numbers::count(step), numbers::count(total)));
                if run.history.trainer.as_ref().is_none_or(|trainer| trainer.knows_epochs) {
                    fact("status-epoch", &format!("{} / {}", last.epoch, run.config.training.epochs));
                }
                if scene.state.is_running() {
                    if let Some(remaining) = run.remaining_secs().filter(|_| last.step < total) {
                        fact("status-remaining", &Number::Clock(remaining));
                    }
                    fact("status-elapsed", &Number::Clock(last.spent_secs()));
                    if let Some(rate) = run.rows_per_sec() {
                        fact("status-rate", &(rate.round() as usize));
                    }
                } else if let Some(ended) = run.history.ended.as_ref().filter(|ended| ended.train_secs.is_finite()) {
                    let time = shared::training_time(scene.words, ended.train_secs, ended.shared_secs);
                    fact("status-took", &time);
                }
            }
            if scene.state.is_running()
                && ui.available_width() > 160.0
                && let Some(prefix) = &run.history.prefix
            {
                let line = theme::muted(ui, prefix_line(prefix, scene.words));
                ui.add(Label::new(line).truncate()).on_hover_text(scene.say("prefix-why"));
            }
            if matches!(run.phase, RunPhase::Ended | RunPhase::Replaying) {
                let has_room = ui.available_width() > 420.0;
                let links = |ui: &mut Ui, scene: &mut Scene<'_>| {
                    if let Some(proof) = run.history.proof.as_ref().filter(|_| has_room) {
                        proof_link(ui, proof, scene.words);
                    }
                    if run.history.test.is_some() && theme::link_button(ui, &scene.say("status-see-results")).clicked()
                    {
                        scene.act(Action::ShowView(View::Results));
                    }
                };
                theme::ends(ui, scene, |_, _| {}, links);
            }
        });
    });
}

/// Says in a few words what the window is doing, and in a race which of its strategies trains.
fn headline(state: &AppState, words: &Catalogue) -> String {
    let doing = doing(state, words);
    let race = state.race.race.as_ref();
    let Some((race, run)) = race.and_then(|race| Some((race, race.current()?))) else { return doing };
    let args: [(&str, &dyn Fill); 4] = [
        ("name", &strategy_of(&run.started, race, words)),
        ("run", &(run.started.index + 1)),
        ("runs", &race.plan.runs().len()),
        ("doing", &doing),
    ];
    words.say_with("status-of-race", &args)
}

/// Returns the name of the strategy of a race's run.
pub fn strategy_of(run: &RaceRunStarted, race: &Race, words: &Catalogue) -> String {
    let strategy = race.plan.strategies.get(run.strategy);
    strategy.map_or_else(|| run.freeze.clone(), |strategy| shared::strategy_name(words, strategy))
}

fn doing(state: &AppState, words: &Catalogue) -> String {
    let run = &state.run.shown;
    let progress = run.progress.or(if run.phase == RunPhase::Idle { state.train.progress } else { None });
    if let Some(Progress { task, done, total }) = progress {
        let share = done as f64 / total.max(1) as f64;
        let percent = if total > 1 { words.write(Number::Progress(share)) } else { String::new() };
        return format!("{} {percent}", task_name(task, words)).trim_end().to_owned();
    }
    match run.phase {
        RunPhase::Idle => match (state.train_blocker(), state.train.estimate()) {
            (Some(blocker), _) => words.sentence(&blocker),
            (None, Some(estimate)) => {
                words.say_with("status-ready-estimate", &[("time", &Number::Clock(estimate.total_secs))])
            }
            (None, None) => words.say("status-ready"),
        },
        RunPhase::Running if run.history.steps.is_empty() && run.within_step.is_none() => words.say("status-starting"),
        RunPhase::Running => words.say("status-training"),
        RunPhase::Paused => words.say("status-paused"),
        RunPhase::Stopping => words.say("status-stopping"),
        RunPhase::Ended => words.say(match run.history.ended.as_ref().map(|e| e.outcome) {
            Some(RunOutcome::Stopped) => "status-stopped",
            Some(RunOutcome::Failed) => "status-failed",
            Some(RunOutcome::Completed) => "status-completed",
            None => "status-unfinished",
        }),
        RunPhase::Replaying => words.say("status-replay"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::panels::samples;
    use crate::words::Language;

    #[test]
    fn a_race_names_the_strategy_that_trains() {
        for (language, told) in [(Language::English, "Preset 1, run 1 of 2: "), (Language::Korean, "2개 중 1번째: ")]
        {
            let told_now = headline(&samples::racing(true), &Catalogue::new(language));
            assert!(told_now.contains(told), "{told_now}");
        }
        assert!(!headline(&samples::racing(false), &Catalogue::new(Language::English)).contains("run 1"));
    }

    #[test]
    fn the_window_is_not_called_ready_while_nothing_trains() {
        let words = Catalogue::new(Language::English);
        let mut state = samples::state();
        let ready = headline(&state, &words);
        state.train.trainable.fill(false);
        let blocked = words.sentence(&state.train_blocker().unwrap());
        assert!(state.train.estimate().is_some() && ready != blocked);
        assert_eq!(headline(&state, &words), blocked);
    }
}
