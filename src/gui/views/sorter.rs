//! The head of a table's column, which sorts the table.

use eframe::egui::{Button, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, vec2};

use super::super::theme::{self, space};
use super::Scene;

/// Draws the name of a column. Where the table is sorted by it, an arrow shows the order: whether the largest stands first.
/// Returns whether it was clicked.
pub fn sorter_ui(ui: &mut Ui, scene: &Scene<'_>, name: &str, falls: Option<bool>) -> bool {
    ui.spacing_mut().item_spacing.x = 2.0;
    let text =
        if falls.is_some() { theme::semibold(name).text_style(TextStyle::Small) } else { theme::small_muted(ui, name) };
    let response = ui.add(Button::new(text).frame(false).truncate());
    let hover = match falls {
        None => scene.say_with("compare-sort", &[("name", &name)]),
        Some(true) => scene.say_with("compare-sort-falling", &[("name", &name)]),
        Some(false) => scene.say_with("compare-sort-rising", &[("name", &name)]),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &hover));
    if let Some(falls) = falls {
        let (rect, _) = ui.allocate_exact_size(vec2(8.0, space::M), Sense::hover());
        let (c, way) = (rect.center(), if falls { 1.0 } else { -1.0 });
        let corners = vec![c + vec2(-3.0, -2.0 * way), c + vec2(3.0, -2.0 * way), c + vec2(0.0, 3.0 * way)];
        let colour = theme::palette(ui).text;
        ui.painter().add(Shape::convex_polygon(corners, colour, Stroke::NONE));
    }
    response.on_hover_text(hover).clicked()
}
