//! The map of the training rows: how sure the model was of each row's label on average, and how much that changed.

use eframe::egui::epaint::TextShape;
use eframe::egui::{Align2, FontId, Label, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::domain::data_map::{DataMap, MappedRow, Region};
use crate::words::{Fill, Number};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, palette};
use super::super::Scene;

/// Only a part of more rows than these is drawn, because the points would cover each other.
const MOST_POINTS: usize = 5_000;
/// No standard deviation of numbers from 0 to 1 is larger.
const MOST_VARIABILITY: f64 = 0.5;
const AXIS: f32 = 18.0;

pub fn map_ui(ui: &mut Ui, scene: &mut Scene<'_>, map: &DataMap) {
    let (title, card) = (scene.say("examine-map"), theme::card_around(ui));
    theme::heading_row(ui, &title, Some(&scene.hint("examine-map")), |ui| {
        save_plot::button(ui, scene, &title, card, |scene| table(scene, map));
    });
    let share = |region| Number::Percent(map.count(region) as f64 / map.rows.len().max(1) as f64);
    let args: [(&str, &dyn Fill); 4] = [
        ("rows", &map.rows.len()),
        ("easy", &share(Region::Easy)),
        ("ambiguous", &share(Region::Ambiguous)),
        ("hard", &share(Region::Hard)),
    ];
    let said = scene.say_with("examine-map-regions", &args);
    ui.add(Label::new(&said).wrap());
    let size = vec2(ui.available_width(), ui.available_height().max(80.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{title}. {said}")));
    let mut plot = rect;
    plot.min.x += AXIS;
    plot.max.y -= AXIS;
    let p = palette(ui);
    let painter = ui.painter_at(rect);
    painter.rect_stroke(plot, 0.0, Stroke::new(1.0, p.grid), StrokeKind::Inside);
    for row in map.rows.iter().step_by(map.rows.len().div_ceil(MOST_POINTS).max(1)) {
        let x = plot.left() + (row.variability / MOST_VARIABILITY).min(1.0) as f32 * plot.width();
        let y = plot.bottom() - row.confidence.clamp(0.0, 1.0) as f32 * plot.height();
        let colour = match row.region {
            Region::Easy => p.train_curve,
            Region::Ambiguous => p.other_curve,
            Region::Hard => p.validation_curve,
        };
        painter.circle_filled(pos2(x, y), 1.6, colour.gamma_multiply(0.6));
    }
    let font = FontId::proportional(TextStyle::Small.resolve(ui.style()).size);
    let below = pos2(plot.center().x, rect.bottom());
    painter.text(below, Align2::CENTER_BOTTOM, scene.say("examine-map-variability"), font.clone(), p.muted);
    let confidence = painter.layout_no_wrap(scene.say("examine-map-confidence"), font, p.muted);
    let at = pos2(rect.left(), plot.center().y + confidence.size().x / 2.0);
    let turned = TextShape::new(at, confidence, p.muted).with_angle(-std::f32::consts::FRAC_PI_2);
    painter.add(turned);
}

fn table(scene: &Scene<'_>, map: &DataMap) -> Table {
    let heads = ["labels-row", "examine-map-confidence", "examine-map-variability", "examine-map-region"];
    let mut table = Table::new(heads.map(|id| scene.say(id)));
    let region = |region| {
        scene.say(match region {
            Region::Easy => "examine-map-easy",
            Region::Ambiguous => "examine-map-ambiguous",
            Region::Hard => "examine-map-hard",
        })
    };
    let number = save_plot::number;
    let row = |row: &MappedRow| {
        vec![row.row.to_string(), number(row.confidence), number(row.variability), region(row.region)]
    };
    table.rows = map.rows.iter().map(row).collect();
    table
}
