//! The map of the training rows: how sure the model was of each row's label on average, and how much that changed.

use eframe::egui::epaint::TextShape;
use eframe::egui::{
    self, Align, Align2, Color32, FontId, Id, Layout, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::domain::data_map::{DataMap, MappedRow, Region};
use crate::words::{Fill, Number, numbers};

use super::super::super::axis::tick;
use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, Palette, palette, space};
use super::super::Scene;

/// Only a part of more rows than these is drawn, because the points would cover each other.
const MOST_POINTS: usize = 5_000;
/// No standard deviation of numbers from 0 to 1 is larger.
const MOST_VARIABILITY: f64 = 0.5;
/// The names of the axes have this room, and the numbers beside them this much.
const NAME: f32 = 16.0;
const TICKS: egui::Vec2 = vec2(22.0, 14.0);
/// A point is pointed at from so far away.
const REACH: f32 = 7.0;
/// A text in a tooltip is cut at so many characters.
const SHOWN: usize = 300;
/// A region's colour stands before its name in a dot so wide.
const DOT: f32 = 9.0;
const REGIONS: [Region; 3] = [Region::Easy, Region::Ambiguous, Region::Hard];

fn colour(region: Region, p: &Palette) -> Color32 {
    match region {
        Region::Easy => p.train_curve,
        Region::Ambiguous => p.other_curve,
        Region::Hard => p.validation_curve,
    }
}

fn name(region: Region, scene: &Scene<'_>) -> String {
    scene.say(match region {
        Region::Easy => "examine-map-easy",
        Region::Ambiguous => "examine-map-ambiguous",
        Region::Hard => "examine-map-hard",
    })
}

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
    let alone = legend_ui(ui, scene, map.rows.len(), share);
    let size = vec2(ui.available_width(), ui.available_height().max(96.0));
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{title}. {said}")));
    let mut plot = rect;
    plot.min.x += NAME + TICKS.x;
    plot.max.y -= NAME + TICKS.y;
    axes(ui, scene, rect, plot);
    let (p, painter) = (palette(ui), ui.painter_at(rect));
    let place = |row: &MappedRow| {
        let x = plot.left() + (row.variability / MOST_VARIABILITY).min(1.0) as f32 * plot.width();
        pos2(x, plot.bottom() - row.confidence.clamp(0.0, 1.0) as f32 * plot.height())
    };
    let pointer = response.hover_pos();
    let mut pointed: Option<(f32, &MappedRow)> = None;
    for row in map.rows.iter().step_by(map.rows.len().div_ceil(MOST_POINTS).max(1)) {
        let (at, is_shown) = (place(row), alone.is_none_or(|alone| alone == row.region));
        let strength = if is_shown { 0.6 } else { 0.06 };
        painter.circle_filled(at, 1.6, colour(row.region, p).gamma_multiply(strength));
        let distance = pointer.filter(|_| is_shown).map_or(f32::INFINITY, |pointer| pointer.distance(at));
        if distance < pointed.map_or(REACH, |(nearest, _)| nearest) {
            pointed = Some((distance, row));
        }
    }
    if let Some((_, row)) = pointed {
        painter.circle_stroke(place(row), 4.0, Stroke::new(1.5, p.text));
        response.on_hover_text_at_pointer(explained(row, scene));
    }
}

/// Says which colour is which region, and how many rows are in it. A click shows the rows of one region alone; the region is
/// returned.
fn legend_ui(ui: &mut Ui, scene: &Scene<'_>, rows: usize, share: impl Fn(Region) -> Number) -> Option<Region> {
    let id = Id::unique("region of the data map");
    let mut alone: Option<Region> = ui.data(|data| data.get_temp(id)).flatten();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, 2.0);
        ui.label(scene.say_with("examine-map-rows", &[("rows", &rows)]));
        for region in REGIONS {
            let text = format!("{} {}", name(region, scene), scene.words.write(share(region)));
            let padding = ui.spacing().button_padding.x;
            let width = theme::text_width(ui, &text, TextStyle::Button) + 2.0 * padding + DOT + space::XS;
            let size = vec2(width, ui.spacing().interact_size.y);
            ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
                let (dot, _) = ui.allocate_exact_size(vec2(DOT, DOT), Sense::hover());
                ui.painter().circle_filled(dot.center(), DOT / 2.0, colour(region, palette(ui)));
                let is_alone = alone == Some(region);
                let button = ui.selectable_label(is_alone, text).on_hover_text(scene.say("examine-map-only"));
                if button.clicked() {
                    alone = (!is_alone).then_some(region);
                }
            });
        }
    });
    ui.data_mut(|data| data.insert_temp(id, alone));
    alone
}

/// Draws the frame, the names of the axes and their numbers.
fn axes(ui: &Ui, scene: &Scene<'_>, rect: Rect, plot: Rect) {
    let (p, painter) = (palette(ui), ui.painter_at(rect));
    painter.rect_stroke(plot, 0.0, Stroke::new(1.0, p.grid), StrokeKind::Inside);
    let font = FontId::proportional(TextStyle::Small.resolve(ui.style()).size);
    for (share, at_x, at_y) in [
        (0.0, Align2::LEFT_TOP, Align2::RIGHT_BOTTOM),
        (0.5, Align2::CENTER_TOP, Align2::RIGHT_CENTER),
        (1.0, Align2::RIGHT_TOP, Align2::RIGHT_TOP),
    ] {
        let x = plot.left() + share * plot.width();
        let variability = tick(f64::from(share) * MOST_VARIABILITY, if share == 0.5 { 0.01 } else { 0.1 });
        painter.text(pos2(x, plot.bottom() + 1.0), at_x, variability, font.clone(), p.muted);
        let y = plot.bottom() - share * plot.height();
        let confidence = tick(f64::from(share), if share == 0.5 { 0.1 } else { 1.0 });
        painter.text(pos2(plot.left() - 3.0, y), at_y, confidence, font.clone(), p.muted);
        if share == 0.5 {
            painter.hline(plot.x_range(), y, Stroke::new(1.0, p.grid));
            painter.vline(x, plot.y_range(), Stroke::new(1.0, p.grid));
        }
    }
    let below = pos2(plot.center().x, rect.bottom());
    painter.text(below, Align2::CENTER_BOTTOM, scene.say("examine-map-variability"), font.clone(), p.muted);
    let confidence = painter.layout_no_wrap(scene.say("examine-map-confidence"), font, p.muted);
    let at = pos2(rect.left(), plot.center().y + confidence.size().x / 2.0);
    let turned = TextShape::new(at, confidence, p.muted).with_angle(-std::f32::consts::FRAC_PI_2);
    painter.add(turned);
}

/// Says what is known of a point: its numbers and, where its label is suspicious, its text.
fn explained(row: &MappedRow, scene: &Scene<'_>) -> String {
    let args: [(&str, &dyn Fill); 4] = [
        ("row", &(row.row as usize)),
        ("region", &name(row.region, scene)),
        ("confidence", &numbers::ratio(row.confidence)),
        ("variability", &numbers::ratio(row.variability)),
    ];
    let told = scene.say_with("examine-map-point", &args);
    // The rows of other files have numbers of their own.
    let data = &scene.state.run.shown.config.data;
    let is_one_file = data.validation.is_none() && data.test.is_none();
    let suspects = scene.state.examine.suspects.ready().filter(|_| is_one_file);
    let suspect = suspects.and_then(|found| found.suspects.iter().find(|suspect| suspect.row == row.row));
    let Some(suspect) = suspect else { return told };
    let text: String = suspect.text.chars().take(SHOWN).collect();
    format!("{told}\n{}: {text}", suspect.given)
}

fn table(scene: &Scene<'_>, map: &DataMap) -> Table {
    let heads = ["labels-row", "examine-map-confidence", "examine-map-variability", "examine-map-region"];
    let mut table = Table::new(heads.map(|id| scene.say(id)));
    let number = save_plot::number;
    let row = |row: &MappedRow| {
        vec![row.row.to_string(), number(row.confidence), number(row.variability), name(row.region, scene)]
    };
    table.rows = map.rows.iter().map(row).collect();
    table
}
