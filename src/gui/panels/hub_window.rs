//! This window searches for models, downloads them, copies them from a stick and deletes them. It is a window of its
//! own, so that it can be used during a run.

#[cfg(test)]
mod tests;

use eframe::egui::{Key, Label, RichText, ScrollArea, Sense, TextEdit, Ui, Vec2, vec2};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::hub::{HubAction, PullView};
use crate::app::state::{Loading, Panel};
use crate::app::train::TrainAction;
use crate::domain::config::ModelSource;
use crate::domain::hub::{HubModel, HubRequest, ModelId, Token};
use crate::domain::recommended::{Recommended, recommended_for};
use crate::gui::floating::floating;
use crate::gui::problem::problem_ui;
use crate::gui::theme::{self, palette, space};
use crate::words::{Number, shared};

use super::{Scene, parts};

const WIDTH: f32 = 440.0;
const HEIGHT: f32 = 680.0;

/// Draws the button that opens the window. It can be pressed during a run, too.
pub fn opener(ui: &mut Ui, scene: &mut Scene<'_>) {
    scene.hinted_button(ui, "panel-hub-open", true, HubAction::Show(true));
    // While the window is closed, a download is shown here.
    if let Some(pull) = scene.state.hub.pull.as_ref().filter(|_| !scene.state.hub.open) {
        pull_ui(ui, scene, pull);
    }
}

pub fn hub_window(ui: &mut Ui, scene: &mut Scene<'_>) {
    if !scene.state.hub.open {
        return;
    }
    let beside = ui.max_rect().right_top() + vec2(space::L, space::M);
    let height = HEIGHT.min(ui.ctx().content_rect().height() - 96.0);
    let title = theme::semibold(scene.say("panel-hub-title"));
    floating(ui, scene, "models of the hub", title, beside, HubAction::Show(false), |ui, scene| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = space::S;
        progress_ui(ui, scene);
        search_ui(ui, scene);
        let list = height - 150.0;
        ScrollArea::vertical()
            .id_salt("hub models")
            .max_height(list)
            .min_scrolled_height(list)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                ui.set_width(WIDTH - space::M);
                lists_ui(ui, scene);
            });
    });
}

/// Shows the download that is under way and what went wrong.
fn progress_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    if let Some(pull) = &scene.state.hub.pull {
        pull_ui(ui, scene, pull);
    }
    let failed = scene.state.hub.failed.as_ref().map(|(_, problem)| (problem, true));
    let other = scene.state.hub.problem.as_ref().map(|problem| (problem, false));
    for (problem, can_retry) in failed.into_iter().chain(other) {
        let p = palette(ui);
        parts::notice(ui, p.error_fill, |ui| {
            problem_ui(ui, scene.words, problem, p.error);
            ui.horizontal(|ui| {
                if can_retry && !scene.state.hub.is_pulling() {
                    scene.button(ui, "panel-hub-retry", true, HubAction::Retry);
                }
                scene.button(ui, "panel-hub-dismiss", true, HubAction::Dismiss);
            });
        });
    }
}

fn pull_ui(ui: &mut Ui, scene: &mut Scene<'_>, pull: &PullView) {
    let id = match &pull.request {
        HubRequest::Import { folder, .. } => shared::short_name(folder),
        HubRequest::Pull { id, .. } => id.to_string(),
        _ => String::new(),
    };
    let p = palette(ui);
    parts::notice(ui, p.accent_fill, |ui| {
        ui.label(theme::semibold(scene.say_with("panel-hub-pulling", &[("id", &id)])));
        match &pull.progress {
            None => {
                ui.label(theme::small_muted(ui, scene.say("panel-hub-asking")));
            }
            Some(progress) => {
                let (done, total) = (progress.done_bytes(), progress.total_bytes());
                let share = done as f64 / total.max(1) as f64;
                let name = scene.say_with("panel-hub-progress", &[("id", &id)]);
                let name = format!("{name}: {}", scene.words.write(Number::Progress(share)));
                theme::bar(ui, share as f32, vec2(ui.available_width(), 8.0), p.accent, &name);
                let (done, total) = (Number::Bytes(done), Number::Bytes(total));
                let mut line = scene.say_with("panel-hub-progress-line", &[("done", &done), ("total", &total)]);
                if let (Some(speed), Some(left)) = (progress.bytes_per_sec, progress.remaining_secs()) {
                    let (speed, left) = (Number::Bytes(speed as u64), Number::Clock(left));
                    let speed = scene.say_with("panel-hub-speed", &[("speed", &speed), ("left", &left)]);
                    line = format!("{line} · {speed}");
                }
                ui.label(line);
                for file in progress.files.iter().filter(|file| file.total_bytes > 0) {
                    let (done, total) = (Number::Bytes(file.done_bytes), Number::Bytes(file.total_bytes));
                    let line =
                        scene.say_with("panel-hub-file", &[("file", &file.name), ("done", &done), ("total", &total)]);
                    ui.label(theme::small_muted(ui, line));
                }
            }
        }
        let cancel = if pull.is_cancelling { "panel-hub-cancelling" } else { "panel-hub-cancel" };
        let button = ui.add_enabled_ui(!pull.is_cancelling, |ui| ui.button(scene.say(cancel))).inner;
        if button.clicked() {
            scene.act(HubAction::CancelPull);
        }
    });
}

fn search_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        let mut query = scene.state.hub.query.clone();
        let label = scene.say("panel-hub-search");
        let edit = TextEdit::singleline(&mut query)
            .hint_text(scene.hint("panel-hub-search"))
            .desired_width(WIDTH - 92.0)
            .margin(vec2(8.0, 6.0));
        let field = ui.add(edit).on_hover_text(&label).accessible_name(label);
        if field.changed() {
            scene.act(HubAction::SetQuery(query));
        }
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if ui.button(scene.say("panel-hub-search-button")).clicked() || enter {
            scene.act(HubAction::Search);
        }
    });
}

fn lists_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let hub = &scene.state.hub;
    let is_found = |id: &str| hub.found.latest().is_some_and(|(_, models)| models.iter().any(|model| model.id == id));
    // Users who know a model's name need no search.
    if let Ok(id) = ModelId::parse(&hub.query)
        && id.repo.contains('/')
        && !is_found(&id.to_string())
    {
        entry(ui, scene, &id.to_string(), &[scene.say("panel-hub-by-name")], true);
    }
    match &hub.found {
        Loading::Failed(problem) => parts::problem(ui, scene.words, problem),
        other => {
            if other.is_waiting() {
                ui.label(theme::muted(ui, scene.say("panel-hub-searching")));
            }
            if let Some((query, models)) = other.latest() {
                let heading = if models.is_empty() { "panel-hub-none-found" } else { "panel-hub-found" };
                parts::caption(ui, &scene.say_with(heading, &[("query", query)]));
                for model in models {
                    found_ui(ui, scene, model);
                }
            }
        }
    }
    if matches!(hub.found, Loading::Nothing) {
        parts::caption(ui, &scene.say("panel-hub-recommended"));
        let can_tell = scene.state.train.calibration.is_some();
        let note = if can_tell { "panel-hub-recommended-note" } else { "panel-hub-cost-waiting" };
        ui.label(theme::small_muted(ui, scene.say(note)));
        for model in recommended_for(scene.words.tag() == "ko") {
            recommended_ui(ui, scene, model);
        }
    }
    here_ui(ui, scene);
    scene.hinted_button(ui, "panel-hub-import", true, Action::OpenDialog(Dialog::Import));
    token_ui(ui, scene);
}

/// Draws a model's name with its button, and lines about the model below.
fn entry(ui: &mut Ui, scene: &mut Scene<'_>, id: &str, lines: &[String], can_fetch: bool) {
    theme::card(ui).inner_margin(8.0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.horizontal(|ui| {
            let width = ui.available_width() - 100.0;
            ui.allocate_ui(vec2(width, space::CONTROL), |ui| {
                ui.set_width(width);
                ui.add(Label::new(theme::semibold(id)).truncate());
            });
            if let Some(folder) = scene.state.hub.cached(id).map(|model| model.folder.clone()) {
                let name = scene.say_with("panel-hub-use-name", &[("id", &id)]);
                let is_free = !scene.state.is_running() && !scene.state.lessons.locks(Panel::Model);
                if named_button(ui, &scene.say("panel-hub-use"), &name, is_free) {
                    scene.act(TrainAction::PickModel(ModelSource::Folder(folder)));
                }
            } else if can_fetch {
                let name = scene.say_with("panel-hub-download-name", &[("id", &id)]);
                let is_free = !scene.state.hub.is_pulling();
                if named_button(ui, &scene.say("panel-hub-download"), &name, is_free)
                    && let Ok(id) = ModelId::parse(id)
                {
                    scene.act(HubAction::Pull(id));
                }
            }
        });
        for line in lines {
            ui.add(Label::new(theme::small_muted(ui, line)).wrap());
        }
    });
}

/// Draws a button whose accessible name also says which model it is for.
fn named_button(ui: &mut Ui, text: &str, name: &str, enabled: bool) -> bool {
    ui.add_enabled_ui(enabled, |ui| ui.button(text)).inner.accessible_name(name).clicked()
}

fn found_ui(ui: &mut Ui, scene: &mut Scene<'_>, model: &HubModel) {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| scene.say("panel-hub-unknown"));
    let size = model.bytes.map(|bytes| scene.words.write(Number::Bytes(bytes)));
    let size = size.unwrap_or_else(|| scene.say("panel-hub-unknown"));
    let mut lines = vec![scene.say_with(
        "panel-hub-found-facts",
        &[
            ("task", &known(&model.task)),
            ("downloads", &Number::ShortCount(model.downloads as usize)),
            ("likes", &model.likes),
            ("size", &size),
            ("license", &known(&model.license)),
        ],
    )];
    if model.trainable == Some(false) {
        let family = known(&model.family);
        lines.push(scene.say_with("panel-hub-other-family", &[("family", &family)]));
    }
    if model.gated {
        lines.push(scene.say("panel-hub-gated"));
    }
    entry(ui, scene, &model.id, &lines, model.trainable != Some(false));
}

fn recommended_ui(ui: &mut Ui, scene: &mut Scene<'_>, model: &Recommended) {
    let mut lines = vec![scene.say_with(
        "panel-hub-facts",
        &[
            ("languages", &scene.say(model.languages)),
            ("parameters", &Number::ShortCount(model.parameters())),
            ("size", &Number::Bytes(model.bytes())),
            ("license", &model.license),
        ],
    )];
    let state = scene.state;
    if let (Some(calibration), Some(tree), Some(data), Some(texts)) =
        (&state.train.calibration, state.train.model.ready(), state.train.dataset.ready(), state.train.text_sizes())
    {
        let cost = model.cost(calibration, tree, &data.split, &state.train.config.training, texts);
        lines.push(scene.say_with(
            "panel-hub-cost",
            &[
                ("preset", &Number::Clock(cost.preset_3_epoch_secs)),
                ("full", &Number::Clock(cost.full_epoch_secs)),
                ("memory", &Number::Bytes(cost.full_memory_bytes)),
            ],
        ));
    }
    entry(ui, scene, model.id, &lines, true);
}

/// Lists the models in the cache, which can be used or deleted.
fn here_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let hub = &scene.state.hub;
    if hub.cached.is_empty() {
        return;
    }
    parts::caption(ui, &scene.say("panel-hub-here"));
    for model in &hub.cached {
        let size = scene.words.write(Number::Bytes(model.bytes));
        if hub.removing.as_deref() == Some(&model.id) {
            let question = scene.say_with("panel-hub-remove-question", &[("id", &model.id), ("size", &size)]);
            parts::notice(ui, palette(ui).error_fill, |ui| {
                parts::sentence(ui, question, palette(ui).text);
                ui.horizontal(|ui| {
                    scene.button(ui, "panel-hub-remove-yes", true, HubAction::Remove);
                    scene.button(ui, "panel-hub-remove-no", true, HubAction::AskToRemove(None));
                });
            });
            continue;
        }
        ui.horizontal(|ui| {
            let width = ui.available_width() - 32.0;
            let text = RichText::new(format!("{}  {size}", model.id));
            ui.allocate_ui(vec2(width, space::CONTROL), |ui| {
                ui.set_width(width);
                ui.add(Label::new(text).truncate().sense(Sense::hover()))
            });
            let name = scene.say_with("panel-hub-remove-name", &[("id", &model.id)]);
            if parts::cross_button(ui, &name, Vec2::splat(20.0), 4.0, 1.5).clicked() {
                scene.act(HubAction::AskToRemove(Some(model.id.clone())));
            }
        });
    }
}

fn token_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let title = RichText::new(scene.say("panel-hub-token"));
    parts::unfolding(ui, "hub token", title, |ui| {
        ui.add(Label::new(theme::small_muted(ui, scene.say("panel-hub-token-note"))).wrap());
        let mut token = scene.state.hub.token.clone();
        let edit = TextEdit::singleline(&mut token.0).password(true).hint_text("hf_…").desired_width(WIDTH - 40.0);
        if ui.add(edit).accessible_name(scene.say("panel-hub-token-field")).changed() {
            scene.act(HubAction::SetToken(token.clone()));
        }
        let mut keep = scene.state.hub.keep_token;
        let kept = ui.checkbox(&mut keep, scene.say("panel-hub-token-keep"));
        if kept.on_hover_text(scene.hint("panel-hub-token-keep")).changed() {
            scene.act(HubAction::KeepToken(keep));
        }
        let is_typed = token != Token::default();
        if ui.add_enabled_ui(is_typed, |ui| ui.button(scene.say("panel-hub-token-use"))).inner.clicked() {
            scene.act(HubAction::UseToken);
        }
        let kept_where = match &scene.state.hub.token_taken {
            None => return,
            Some(None) => scene.say("panel-hub-token-session"),
            Some(Some(file)) => scene.say_with("panel-hub-token-stored", &[("file", &file.display())]),
        };
        ui.add(Label::new(theme::muted(ui, kept_where)).wrap());
    });
}
