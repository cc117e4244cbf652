//! Section 4 shows how the model is trained and how long that will take.

use eframe::egui::{DragValue, Label, RichText, Ui, vec2};

use crate::app::train::TrainAction;
use crate::app::train::forecast::LONG_RUN_SECS;
use crate::domain::config::{
    ACCUMULATION_STEPS, BATCH_SIZE, Bounds, CACHE_FILE, CACHE_MEMORY, CHECKPOINT_MINUTES, CLIP_NORM, DROPOUT,
    DeviceKind, EPOCHS, FinalWeights, LEARNING_RATE, MAX_LENGTH, PATIENCE, Schedule, THREADS, TrainingConfig,
    WARMUP_SHARE, WEIGHT_DECAY,
};
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::rate_sweep::two_digits;
use crate::gui::code;
use crate::gui::theme::{self, palette, space};
use crate::words::{Number, numbers};

use super::class_weights;
use super::data_panel;
use super::rate_window;
use super::{Scene, parts};

/// The longest time budget that can be chosen, in minutes.
const LONGEST_BUDGET: usize = 24 * 60;

pub fn training_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let mut training = scene.state.train.config.training.clone();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        basic(ui, scene, &mut training);
    });
    estimate(ui, scene);
    super::guess::guess_ui(ui, scene);
    parts::unfolding(ui, "more settings", RichText::new(scene.say("panel-more-settings")), |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        more(ui, scene, &mut training);
    });
    code::opener(ui, scene);
    if training != scene.state.train.config.training {
        scene.act(TrainAction::ChangeTraining(training));
    }
}

fn basic(ui: &mut Ui, scene: &mut Scene<'_>, training: &mut TrainingConfig) {
    let words = scene.words;
    parts::setting(ui, words, "panel-epochs", |ui| parts::whole(ui, &mut training.epochs, EPOCHS));
    parts::setting(ui, words, "panel-batch-size", |ui| parts::whole(ui, &mut training.batch_size, BATCH_SIZE));
    learning_rate(ui, scene, training);
    parts::setting(ui, words, "panel-max-length", |ui| {
        // A model cannot read more tokens than it has positions for.
        let positions = scene.state.train.model.latest().map_or(MAX_LENGTH.max, |tree| tree.facts.positions as f64);
        let bounds = Bounds { max: positions.min(MAX_LENGTH.max), ..MAX_LENGTH };
        let (response, new) = parts::settled(ui, MAX_LENGTH.name, training.max_length as f64, |ui, shown| {
            let drag = parts::number(shown, bounds, ui.available_width()).max_decimals(0).speed(0.5);
            ui.add(drag.clamp_existing_to_range(false))
        });
        training.max_length = new.map_or(training.max_length, |n| n.round() as usize);
        response
    });
    data_panel::row_limit(ui, scene);
    parts::setting(ui, words, "panel-seed", |ui| parts::seed(ui, "seed", &mut training.seed));
}

fn learning_rate(ui: &mut Ui, scene: &mut Scene<'_>, training: &mut TrainingConfig) {
    let freeze = &scene.state.train.config.freeze;
    let suggested = freeze.suggested_learning_rate();
    parts::setting(ui, scene.words, "panel-learning-rate", |ui| {
        let mut rate = training.learning_rate.unwrap_or(suggested);
        let drag = parts::number(&mut rate, LEARNING_RATE, ui.available_width())
            .speed(suggested * 0.01)
            .custom_formatter(|x, _| numbers::learning_rate(x))
            .custom_parser(|text| text.trim().parse().ok());
        let response = ui.add(drag);
        if response.changed() {
            training.learning_rate = Some(two_digits(rate));
        }
        response
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        let text = scene.say_with("panel-suggested", &[("rate", &Number::LearningRate(suggested))]);
        ui.label(theme::small_muted(ui, text)).on_hover_text(scene.hint("panel-suggested"));
        if training.learning_rate.is_some_and(|rate| rate != suggested)
            && theme::link_button(ui, &scene.say("panel-suggested-use")).clicked()
        {
            training.learning_rate = None;
        }
        rate_window::opener(ui, scene);
    });
}

fn more(ui: &mut Ui, scene: &Scene<'_>, training: &mut TrainingConfig) {
    let words = scene.words;
    let accumulate = &mut training.accumulation_steps;
    parts::setting(ui, words, "panel-accumulate", |ui| parts::whole(ui, accumulate, ACCUMULATION_STEPS));
    parts::setting(ui, words, "panel-schedule", |ui| {
        let options = [
            (Schedule::Linear, "panel-schedule-linear"),
            (Schedule::Constant, "panel-schedule-constant"),
            (Schedule::Cosine, "panel-schedule-cosine"),
        ]
        .map(|(schedule, id)| (schedule, scene.say(id)));
        parts::pick(ui, "schedule", ui.available_width(), &mut training.schedule, &options)
    });
    parts::setting(ui, words, "panel-warmup", |ui| {
        let mut percent = training.warmup_share * 100.0;
        let drag =
            parts::number(&mut percent, Bounds { max: WARMUP_SHARE.max * 100.0, ..WARMUP_SHARE }, ui.available_width());
        let response = ui.add(parts::in_percent(drag, scene.words));
        if response.changed() {
            training.warmup_share = percent / 100.0;
        }
        response
    });
    parts::setting(ui, words, "panel-weight-decay", |ui| {
        let drag =
            parts::number(&mut training.weight_decay, WEIGHT_DECAY, ui.available_width()).max_decimals(4).speed(0.001);
        ui.add(drag.custom_formatter(|x, _| parts::plain(x)))
    });
    parts::setting(ui, words, "panel-clip", |ui| {
        let off = scene.say("panel-off");
        let drag = parts::number(&mut training.clip_norm, CLIP_NORM, ui.available_width()).max_decimals(2).speed(0.01);
        ui.add(drag.custom_formatter(move |x, _| if x == 0.0 { off.clone() } else { parts::plain(x) }))
    });
    dropout(ui, scene, training);
    parts::switch(ui, words, "panel-frozen-dropout", &mut training.frozen_dropout);
    optional(ui, scene, "panel-patience", &mut training.patience, (2, PATIENCE), "panel-off");
    parts::setting(ui, words, "panel-keep", |ui| {
        let options =
            [(FinalWeights::Last, scene.say("panel-keep-last")), (FinalWeights::Best, scene.say("panel-keep-best"))];
        parts::pick(ui, "keep", ui.available_width(), &mut training.keep, &options)
    });
    class_weights::class_weights_ui(ui, scene, &mut training.class_weights);
    optional(ui, scene, "panel-threads", &mut training.threads, (2, THREADS), "panel-threads-automatic");
    parts::setting(ui, words, "panel-checkpoint-minutes", |ui| {
        let only_epochs = scene.say("panel-checkpoint-epochs");
        let drag = parts::number(&mut training.checkpoint_minutes, CHECKPOINT_MINUTES, ui.available_width());
        let text = move |x: f64, _| if x == 0.0 { only_epochs.clone() } else { parts::plain(x) };
        ui.add(drag.max_decimals(1).speed(0.1).custom_formatter(text))
    });
    parts::switch(ui, words, "panel-tensorboard", &mut training.tensorboard);
    device(ui, scene, training);
    precision(ui, scene, training);
    cache(ui, scene, training);
}

fn device(ui: &mut Ui, scene: &Scene<'_>, training: &mut TrainingConfig) {
    parts::setting(ui, scene.words, "panel-device", |ui| {
        let name = |device: DeviceKind| {
            let name = match device {
                DeviceKind::Cpu => scene.say("panel-device-cpu"),
                DeviceKind::Cuda => "CUDA".to_owned(),
                DeviceKind::Metal => "Metal".to_owned(),
            };
            if device.is_built() { name } else { scene.say_with("panel-device-not-built", &[("device", &name)]) }
        };
        let mut device = training.device;
        let options = DeviceKind::ALL.map(|device| (device, name(device)));
        let response = parts::pick(ui, "device", ui.available_width(), &mut device, &options);
        // A device that this build lacks is listed, so that people know of it, but it cannot be chosen.
        if device.is_built() {
            training.device = device;
        }
        response
    });
}

/// Draws how exactly numbers are held, and below it what that changes.
fn precision(ui: &mut Ui, scene: &Scene<'_>, training: &mut TrainingConfig) {
    parts::setting(ui, scene.words, "panel-precision", |ui| {
        let options = Precision::ALL.map(|precision| (precision, precision.name().to_owned()));
        parts::pick(ui, "precision", ui.available_width(), &mut training.precision, &options)
    });
    parts::setting(ui, scene.words, "panel-frozen-precision", |ui| {
        let options = FrozenPrecision::ALL.map(|precision| (precision, precision.name().to_owned()));
        parts::pick(ui, "frozen precision", ui.available_width(), &mut training.frozen_precision, &options)
    });
    ui.add(Label::new(theme::small_muted(ui, scene.say("panel-precision-note"))).wrap());
}

/// Draws the limits of what may be kept of the frozen layers' results.
fn cache(ui: &mut Ui, scene: &Scene<'_>, training: &mut TrainingConfig) {
    let cache = &mut training.prefix_cache;
    parts::switch(ui, scene.words, "panel-cache", &mut cache.enabled);
    if !cache.enabled {
        return;
    }
    let (memory, file) = (&mut cache.memory_mib, &mut cache.file_mib);
    optional(ui, scene, "panel-cache-memory", memory, (1024, CACHE_MEMORY), "panel-threads-automatic");
    optional(ui, scene, "panel-cache-file", file, (1024, CACHE_FILE), "panel-threads-automatic");
    if let Some(cached) = scene.state.train.cached {
        let bytes = scene.words.write(Number::Bytes(cached.memory_bytes + cached.file_bytes));
        parts::fact(ui, scene.words, "panel-cache-kept", &bytes);
    }
}

/// Draws a whole number that may be off. `when_on` is what it begins with, and its bounds; `off` names the other choice.
fn optional(
    ui: &mut Ui,
    scene: &Scene<'_>,
    id: &'static str,
    value: &mut Option<usize>,
    (when_on, bounds): (usize, Bounds),
    off: &'static str,
) {
    parts::setting(ui, scene.words, id, |ui| parts::optional(ui, value, when_on, bounds, &scene.say(off)));
}

fn dropout(ui: &mut Ui, scene: &Scene<'_>, training: &mut TrainingConfig) {
    parts::setting(ui, scene.words, "panel-dropout", |ui| {
        let own = scene.state.train.model.latest().map(|tree| tree.facts.hidden_dropout);
        let own_text = match own {
            Some(p) => scene.say_with("panel-dropout-own", &[("value", &p)]),
            None => scene.say("panel-dropout-own-unknown"),
        };
        let has_value = training.dropout.is_some_and(|p| p > 0.0);
        let field_width = 58.0;
        let width = ui.available_width() - if has_value { field_width + space::S } else { 0.0 };
        // All values above 0 are one choice, "a value", when they are compared with the choices.
        let kind = training.dropout.map(|p| p > 0.0);
        let mut new = kind;
        let options =
            [(None, own_text), (Some(false), scene.say("panel-off")), (Some(true), scene.say("panel-dropout-value"))];
        let mut response = parts::pick(ui, "dropout", width, &mut new, &options);
        if new != kind {
            training.dropout = new.map(|on| if on { own.filter(|p| *p > 0.0).unwrap_or(0.1) } else { 0.0 });
        }
        if has_value && let Some(p) = &mut training.dropout {
            let drag =
                DragValue::new(p).range(0.01..=DROPOUT.max).speed(0.005).max_decimals(2).update_while_editing(false);
            response = response.union(ui.add(drag.min_size(vec2(field_width, space::CONTROL))));
        }
        response
    });
}

/// Shows how long the run will take. Above ten minutes it offers a way to make the run fit.
fn estimate(ui: &mut Ui, scene: &mut Scene<'_>) {
    let p = palette(ui);
    let Some(estimate) = scene.state.train.estimate() else {
        parts::notice(ui, p.well, |ui| {
            let waits = scene.state.train.dataset.ready().is_some() && scene.state.train.model.ready().is_some();
            let id = if waits { "panel-estimate-measuring" } else { "panel-estimate-waiting" };
            ui.label(theme::muted(ui, scene.say(id)));
        });
        return;
    };
    let epochs = scene.state.train.config.training.epochs;
    let is_long = estimate.total_secs > LONG_RUN_SECS;
    let ground = if is_long { p.warning_fill } else { p.well };
    parts::notice(ui, ground, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        let time = Number::Clock(estimate.total_secs);
        let text = scene.say_with("panel-estimate", &[("time", &time), ("epochs", &epochs)]);
        ui.add(Label::new(RichText::new(text).family(theme::semibold_family())).wrap())
            .on_hover_text(scene.hint("panel-estimate"));
        if epochs > 1 {
            let (first, later) = (numbers::clock(estimate.first_epoch_secs), numbers::clock(estimate.later_epoch_secs));
            let text = if first == later {
                scene.say_with("panel-estimate-each", &[("time", &first)])
            } else {
                scene.say_with("panel-estimate-epochs", &[("first", &first), ("later", &later)])
            };
            ui.add(Label::new(theme::muted(ui, text).size(13.0)).wrap());
        }
        if let Some(need) = scene.state.train.memory_need() {
            let memory = Number::Bytes(need.total_bytes());
            let line = match scene.state.train.kept_bytes().map(Number::Bytes) {
                Some(kept) => scene.say_with("panel-estimate-memory-kept", &[("memory", &memory), ("kept", &kept)]),
                None => scene.say_with("panel-estimate-memory", &[("memory", &memory)]),
            };
            ui.add(Label::new(theme::muted(ui, line).size(13.0)).wrap())
                .on_hover_text(scene.hint("panel-estimate-memory"));
        }
        if is_long {
            ui.add(Label::new(RichText::new(scene.say("panel-long-run")).color(p.warning).size(13.0)).wrap());
            fit(ui, scene);
        }
    });
}

fn fit(ui: &mut Ui, scene: &mut Scene<'_>) {
    let mut minutes = scene.state.train.budget_minutes as usize;
    ui.horizontal(|ui| {
        let label = ui.label(scene.say("panel-budget"));
        ui.label_inputs_by(label.id, |ui| parts::whole_in(ui, &mut minutes, 1..=LONGEST_BUDGET, 52.0));
        ui.label(scene.say("panel-minutes"));
    });
    if minutes != scene.state.train.budget_minutes as usize {
        scene.act(TrainAction::SetBudget(minutes as u32));
    }
    let button = ui.button(scene.say_with("panel-fit", &[("minutes", &minutes)]));
    if button.on_hover_text(scene.hint("panel-fit")).clicked() {
        scene.act(TrainAction::FitBudget);
    }
}
