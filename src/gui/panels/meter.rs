//! The cost meter below the freezing's totals is one quiet line. It opens to show the cost and its reasons.

use eframe::egui::{Grid, Label, RichText, ScrollArea, Ui, vec2};

use crate::domain::message::WhyNotCached;
use crate::domain::meter::{Cache, Meter};
use crate::gui::theme::{self, palette, space};
use crate::words::{Fill, Number, numbers, shared};

use super::{Scene, parts};

/// The opened meter takes at most this share of the panel's height.
const MOST_SHARE: f32 = 0.5;

pub fn meter_ui(ui: &mut Ui, scene: &Scene<'_>) {
    let Some(meter) = scene.state.train.meter() else { return };
    let line = RichText::new(in_a_line(scene, &meter)).size(12.5).color(palette(ui).muted);
    let most = ui.available_height() * MOST_SHARE;
    parts::unfolding(ui, "cost meter", line, |ui| {
        let area = ScrollArea::vertical().id_salt("cost meter's rows").max_height(most).auto_shrink([false, true]);
        area.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::XS;
            Grid::new("cost meter's grid").num_columns(2).spacing(vec2(space::M, 2.0)).show(ui, |ui| {
                for (name, value) in rows(scene, &meter) {
                    ui.label(theme::small_muted(ui, name));
                    ui.add(Label::new(RichText::new(value).size(12.5)).wrap());
                    ui.end_row();
                }
            });
            for surprise in &meter.surprises {
                let text = shared::surprise(scene.words, surprise, scene.state.train.saved_by_small_parts());
                parts::notice(ui, palette(ui).frozen_fill, |ui| {
                    ui.add(Label::new(RichText::new(text).size(12.5)).wrap());
                });
            }
        });
    });
}

/// Returns e.g. "Backward through layer 5 · about 0:04".
fn in_a_line(scene: &Scene<'_>, meter: &Meter) -> String {
    let backward = shared::backward(scene.words, meter.backward);
    let Some(time) = scene.state.train.estimate() else { return backward };
    scene.say_with("meter-line", &[("backward", &backward), ("time", &Number::Clock(time.total_secs))])
}

fn cache_text(scene: &Scene<'_>, cache: Cache) -> String {
    let text = match cache {
        Cache::Kept { layers: 0 } => scene.say("meter-kept-embeddings"),
        Cache::Kept { layers } => scene.say_with("meter-kept", &[("last", &(layers - 1))]),
        Cache::NoRoom { .. } => scene.say("meter-no-room"),
        Cache::Not(why) => scene.say(match why {
            WhyNotCached::EmbeddingsTrain => "meter-none-embeddings",
            WhyNotCached::FrozenDropout => "meter-none-dropout",
            WhyNotCached::SwitchedOff => "meter-none-off",
        }),
    };
    match scene.state.train.kept_bytes() {
        Some(bytes) => format!("{text} ({})", scene.words.write(Number::Bytes(bytes))),
        None => text,
    }
}

/// Returns the meter's names and values.
fn rows(scene: &Scene<'_>, meter: &Meter) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut row = |id: &'static str, value: String| rows.push((scene.say(id), value));
    let share = Number::Percent(meter.trainable as f64 / meter.total.max(1) as f64);
    let trains = [("on", &meter.trainable as &dyn Fill), ("share", &share)];
    row("meter-trainable", scene.say_with("meter-trainable-value", &trains));
    row("meter-backward", shared::backward(scene.words, meter.backward));
    row("meter-cache", cache_text(scene, meter.cache));
    let needs = scene.state.train.needs();
    if let Some(memory) = needs.memory {
        row("meter-optimiser", scene.words.write(Number::Bytes(memory.optimiser_bytes)));
        row("meter-activations", scene.words.write(Number::Bytes(memory.activations_bytes)));
    }
    if let Some(time) = needs.time {
        let [first, later] = numbers::durations([time.first_epoch_secs, time.later_epoch_secs]);
        row("meter-first-epoch", scene.words.write(first));
        row("meter-later-epochs", scene.words.write(later));
    }
    rows
}
