//! The panels share these small pieces.

use std::ops::RangeInclusive;

use eframe::egui::{
    self, Align, Checkbox, Color32, ComboBox, DragValue, FontId, Label, Layout, Margin, Painter, Pos2, Rect, Response,
    RichText, Role, Sense, Shape, Stroke, TextStyle, TextWrapMode, Ui, Vec2, WidgetInfo, WidgetText, emath::Numeric,
    pos2, vec2,
};

use crate::domain::config::Bounds;
use crate::domain::problem::Problem;
use crate::domain::timeline::Rung;
use crate::gui::problem::problem_ui;
use crate::gui::term;
use crate::gui::theme::{self, palette, space};
use crate::words::{Catalogue, numbers};

/// The column of controls in rows of settings is at most this wide.
const CONTROL_WIDTH: f32 = 164.0;

/// Returns what people call a rung.
pub fn rung_name(words: &Catalogue, rung: Rung) -> String {
    match rung {
        Rung::Embeddings => words.say("panel-embeddings"),
        Rung::Layer(index) => words.say_with("panel-layer", &[("index", &index)]),
        Rung::Pooler => words.say("panel-pooler"),
        Rung::Classifier => words.say("panel-classifier"),
    }
}

/// Draws a row of settings with the name on the left and its control on the right. Both show the explanation
/// on hover.
pub fn setting(ui: &mut Ui, words: &Catalogue, id: &'static str, control: impl FnOnce(&mut Ui) -> Response) {
    let hint = words.hint(id);
    ui.horizontal(|ui| {
        let gap = ui.spacing().item_spacing.x;
        let all = ui.available_width();
        let width = all - gap - (all * 0.46).min(CONTROL_WIDTH);
        let label = ui
            .allocate_ui_with_layout(vec2(width, space::CONTROL), Layout::left_to_right(Align::Center), |ui| {
                ui.set_width(width);
                let label = ui.add(Label::new(words.say(id)).wrap());
                if let Some(term) = term::of_setting(id) {
                    term::term_ui(ui, words, term);
                }
                label
            })
            .inner
            .on_hover_text(&hint);
        ui.label_inputs_by(label.id, control).on_hover_text(&hint);
    });
}

/// Draws a setting that is either on or off.
pub fn switch(ui: &mut Ui, words: &Catalogue, id: &'static str, is_on: &mut bool) {
    let text = words.say(if *is_on { "panel-on" } else { "panel-off" });
    setting(ui, words, id, |ui| ui.checkbox(is_on, text));
}

/// Draws a named value that can only be read.
pub fn fact(ui: &mut Ui, words: &Catalogue, id: &'static str, value: &str) {
    ui.horizontal(|ui| {
        ui.label(theme::muted(ui, words.say(id))).on_hover_text(words.hint(id));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(Label::new(value).truncate()));
    });
}

/// Returns a number field for typing or dragging. A typed number counts when typing ends.
pub fn number(value: &mut f64, bounds: Bounds, width: f32) -> DragValue<'_> {
    field(value, bounds.min..=bounds.max, width)
}

fn field<N: Numeric>(value: &mut N, range: RangeInclusive<N>, width: f32) -> DragValue<'_> {
    DragValue::new(value).range(range).update_while_editing(false).min_size(vec2(width, space::CONTROL))
}

/// Makes a field show a whole number in groups of three digits.
fn grouped(drag: DragValue<'_>) -> DragValue<'_> {
    drag.custom_formatter(|n, _| numbers::count(n as usize)).custom_parser(parse_grouped)
}

/// Draws a field for a whole number.
pub fn whole(ui: &mut Ui, value: &mut usize, bounds: Bounds) -> Response {
    whole_in(ui, value, bounds.min as usize..=bounds.max as usize, ui.available_width())
}

pub fn whole_in(ui: &mut Ui, value: &mut usize, range: RangeInclusive<usize>, width: f32) -> Response {
    ui.add(grouped(field(value, range, width)))
}

/// Reads `1,234` as well as `1234` and `1_234`.
pub fn parse_grouped(text: &str) -> Option<f64> {
    text.replace([',', '_', ' '], "").parse().ok()
}

/// Writes a number for a field without trailing zeros: `0.2`, `20`.
pub fn plain(x: f64) -> String {
    format!("{x:.4}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Makes a field show percents. A suffix would become the field's name for screen readers, so a formatter does it.
pub fn in_percent<'a>(drag: DragValue<'a>, words: &Catalogue) -> DragValue<'a> {
    let sign = words.percent_sign();
    drag.max_decimals(1)
        .speed(0.2)
        .custom_formatter(move |x, _| plain(x) + sign)
        .custom_parser(|text| text.trim().trim_end_matches('%').trim_end().parse().ok())
}

/// Draws the field of a number that may be guessed. It begins at 0, and 0 is no guess.
pub fn guessed(ui: &mut Ui, value: &mut Option<f64>, add: impl FnOnce(&mut Ui, &mut f64) -> Response) -> Response {
    let mut shown = value.unwrap_or_default();
    let response = add(ui, &mut shown);
    if response.changed() {
        *value = (shown > 0.0).then_some(shown);
    }
    response
}

/// Writes a guessed number, and a dash where none was guessed.
pub fn or_dash(x: f64, write: impl FnOnce(f64) -> String) -> String {
    if x > 0.0 { write(x) } else { "–".to_owned() }
}

/// Draws a number that is returned only when it is let go. This is for settings whose every change costs work.
pub fn settled(
    ui: &mut Ui,
    name: &str,
    value: f64,
    add: impl FnOnce(&mut Ui, &mut f64) -> Response,
) -> (Response, Option<f64>) {
    let id = ui.scope_id().with(name);
    let mut shown = ui.data(|d| d.get_temp::<f64>(id)).unwrap_or(value);
    let response = add(ui, &mut shown);
    if response.dragged() {
        ui.data_mut(|d| d.insert_temp(id, shown));
        return (response, None);
    }
    ui.data_mut(|d| d.remove::<f64>(id));
    (response, (shown != value).then_some(shown))
}

/// Draws a seed, which changes when it is let go, because every typed digit would otherwise start work anew.
pub fn seed(ui: &mut Ui, name: &str, value: &mut u64) -> Response {
    // The window's fields hold an `f64`, which cannot represent every seed beyond 2^53.
    const LARGEST: f64 = 9_007_199_254_740_992.0;
    let width = ui.available_width();
    let (response, new) = settled(ui, name, *value as f64, |ui, shown| {
        ui.add(field(shown, 0.0..=LARGEST, width).max_decimals(0).speed(0.1).clamp_existing_to_range(false))
    });
    *value = new.map_or(*value, |n| n as u64);
    response
}

/// Draws a whole number that may be off: a box and, when it is on, the number, which changes when it is let go.
pub fn optional(ui: &mut Ui, value: &mut Option<usize>, when_on: usize, bounds: Bounds, off: &str) -> Response {
    let mut is_on = value.is_some();
    let mut response = ui
        .scope(|ui| {
            // A box of the usual size would stand in the middle of a square as high as a field.
            ui.spacing_mut().interact_size.y = ui.spacing().icon_width;
            ui.add(Checkbox::without_text(&mut is_on))
        })
        .inner;
    let is_toggled = response.changed();
    if let Some(n) = value {
        let width = ui.available_width();
        let speed = (*n as f64 * 0.01).max(0.1);
        let (field, new) = settled(ui, "optional", *n as f64, |ui, shown| {
            ui.add(grouped(number(shown, bounds, width).max_decimals(0).speed(speed)))
        });
        *n = new.map_or(*n, |new| new.round() as usize);
        response = response.union(field);
    } else {
        response = response.union(ui.label(theme::muted(ui, off)));
    }
    if is_toggled {
        *value = is_on.then_some(when_on);
    }
    response
}

/// Draws a choice of one of several values under the name of the chosen one.
pub fn pick<T: PartialEq + Clone>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    value: &mut T,
    options: &[(T, String)],
) -> Response {
    let shown = options.iter().find(|(option, _)| option == value).map_or_else(String::new, |(_, name)| name.clone());
    choice(ui, name, width, &shown, value, options.iter().cloned())
}

/// Draws a choice of one of several values, which shows `shown` while it is closed.
pub fn choice<T: PartialEq>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    shown: &str,
    value: &mut T,
    options: impl IntoIterator<Item = (T, String)>,
) -> Response {
    ComboBox::from_id_salt(name)
        .width(width)
        .height(320.0)
        .truncate()
        .icon(|ui, rect, visuals, _| chevron(ui.painter(), rect.center(), true, visuals.fg_stroke.color))
        .selected_text(shown)
        .show_ui(ui, |ui| {
            for (option, text) in options {
                if ui.selectable_label(option == *value, text).clicked() {
                    *value = option;
                }
            }
        })
        .response
}

/// Draws a small heading within a panel.
pub fn caption(ui: &mut Ui, text: &str) -> Response {
    ui.add_space(space::XS);
    ui.label(RichText::new(text).family(theme::semibold_family()).size(13.0))
}

/// Draws a coloured ground behind something that the user should read.
pub fn notice(ui: &mut Ui, ground: Color32, contents: impl FnOnce(&mut Ui)) {
    theme::ground(ground, Margin::symmetric(10, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        contents(ui);
    });
}

/// Draws what went wrong, on the ground of errors.
pub fn problem(ui: &mut Ui, words: &Catalogue, problem: &Problem) {
    let p = palette(ui);
    notice(ui, p.error_fill, |ui| {
        problem_ui(ui, words, problem, p.error);
    });
}

/// Draws a sentence that wraps, in a colour of its own.
pub fn sentence(ui: &mut Ui, text: impl Into<String>, colour: Color32) -> Response {
    ui.add(Label::new(RichText::new(text).color(colour)).wrap().selectable(true))
}

/// Draws bars from left to right on a common floor, the highest as high as the rectangle. `hover` explains one bar.
/// `broken` names a bar that would dwarf the others, which is cut off at their height with a gap that says so.
pub fn histogram(
    ui: &mut Ui,
    height: f32,
    bins: &[u64],
    broken: Option<usize>,
    colour: impl Fn(usize) -> Color32,
    hover: impl Fn(usize) -> String,
    name: &str,
) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let p = palette(ui);
    let heights = bins.iter().enumerate().filter(|(i, _)| Some(*i) != broken).map(|(_, n)| *n);
    let highest = heights.max().unwrap_or(0).max(1) as f32;
    let width = rect.width() / bins.len().max(1) as f32;
    let pointed = response.hover_pos().map(|at| (((at.x - rect.left()) / width) as usize).min(bins.len().max(1) - 1));
    let painter = ui.painter_at(rect);
    painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, p.line));
    for (i, &n) in bins.iter().enumerate() {
        if n == 0 {
            continue;
        }
        let left = rect.left() + i as f32 * width;
        // Every bar is high enough to be seen.
        let top = rect.bottom() - ((n as f32 / highest).min(1.0) * rect.height()).max(1.5);
        let gap = if width > 4.0 { 1.0 } else { 0.0 };
        let bar = Rect::from_min_max(pos2(left, top), pos2(left + width - gap, rect.bottom()));
        let fill = if pointed == Some(i) { theme::mix(colour(i), p.text, 0.25) } else { colour(i) };
        painter.rect_filled(bar, 1.0, fill);
        if Some(i) == broken {
            let y = rect.top() + 0.3 * rect.height();
            painter.line_segment(
                [pos2(bar.left() - 1.0, y + 2.0), pos2(bar.right() + 1.0, y - 2.0)],
                Stroke::new(2.5, p.side),
            );
        }
    }
    if let Some(i) = pointed.filter(|i| *i < bins.len()) {
        response.on_hover_text_at_pointer(hover(i));
    }
}

/// Writes the two ends of an axis and its name under a chart.
pub fn axis_ends(ui: &mut Ui, left: &str, middle: &str, right: &str) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 14.0), Sense::hover());
    let (font, colour) = (FontId::proportional(11.5), palette(ui).muted);
    let painter = ui.painter();
    painter.text(rect.left_top(), egui::Align2::LEFT_TOP, left, font.clone(), colour);
    painter.text(rect.center_top(), egui::Align2::CENTER_TOP, middle, font.clone(), colour);
    painter.text(rect.right_top(), egui::Align2::RIGHT_TOP, right, font, colour);
}

/// Draws a heading that unfolds what is below it.
pub fn unfolding(ui: &mut Ui, id: &str, title: RichText, contents: impl FnOnce(&mut Ui)) {
    let icon = |ui: &mut Ui, openness: f32, response: &Response| {
        chevron(ui.painter(), response.rect.center() - vec2(3.0, 0.0), openness > 0.5, palette(ui).muted);
    };
    // A header makes its place as wide as its title, which takes two lines rather than that.
    let room = ui.available_width() - ui.spacing().indent - ui.spacing().button_padding.x;
    let title = WidgetText::from(title).into_galley(ui, Some(TextWrapMode::Wrap), room, TextStyle::Button);
    egui::CollapsingHeader::new(title).id_salt(id).icon(icon).show_unindented(ui, contents);
}

/// Draws a triangle that points right, or down when it is open.
pub fn chevron(painter: &Painter, centre: Pos2, open: bool, colour: Color32) {
    let corners = if open {
        [vec2(-4.0, -2.0), vec2(0.0, 2.5), vec2(4.0, -2.0)]
    } else {
        [vec2(-2.0, -4.0), vec2(2.5, 0.0), vec2(-2.0, 4.0)]
    };
    painter.add(Shape::line(corners.map(|c| centre + c).to_vec(), Stroke::new(1.6, colour)));
}

/// Draws the mark of frozen things.
pub fn snowflake(painter: &Painter, centre: Pos2, radius: f32, stroke: Stroke) {
    for turn in 0..3 {
        let angle = std::f32::consts::FRAC_PI_3 * turn as f32 + std::f32::consts::FRAC_PI_6;
        let arm = vec2(angle.cos(), angle.sin()) * radius;
        painter.line_segment([centre - arm, centre + arm], stroke);
    }
}

/// Draws a button that is only a cross, whose arms have this length and thickness.
pub fn cross_button(ui: &mut Ui, name: &str, size: Vec2, arm: f32, thick: f32) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let p = palette(ui);
    let colour = if response.hovered() || response.has_focus() { p.text } else { p.muted };
    for arm in [vec2(arm, arm), vec2(arm, -arm)] {
        ui.painter().line_segment([rect.center() - arm, rect.center() + arm], Stroke::new(thick, colour));
    }
    response.on_hover_text(name)
}

/// Lays out text on one line that fits into `width`, and returns whether it had to be cut with `…`.
pub fn fitted(ui: &Ui, text: &str, font: FontId, colour: Color32, width: f32) -> (std::sync::Arc<egui::Galley>, bool) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap.max_width = width;
    job.wrap.max_rows = 1;
    job.wrap.break_anywhere = true;
    let galley = ui.painter().layout_job(job);
    let elided = galley.elided;
    (galley, elided)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_show_no_trailing_zeros() {
        assert_eq!(plain(20.0), "20");
        assert_eq!(plain(0.0), "0");
        assert_eq!(plain(12.5), "12.5");
    }

    #[test]
    fn grouped_numbers_are_read_back() {
        assert_eq!(parse_grouped("1,234"), Some(1234.0));
        assert_eq!(parse_grouped("1_000"), Some(1000.0));
        assert_eq!(parse_grouped("x"), None);
    }
}
