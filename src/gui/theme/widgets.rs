//! These pieces look the same wherever they stand.

use eframe::egui::scroll_area::ScrollBarVisibility;
use eframe::egui::{
    self, Align, Button, Color32, CornerRadius, Frame, Label, Layout, Margin, Response, RichText, Role, ScrollArea,
    Sense, Stroke, TextStyle, Ui, UiBuilder, Vec2, WidgetInfo, vec2,
};

use egui_extras::{Column, TableBuilder};

use super::{Palette, mix, palette, semibold_family, space, thickness, title_style};

/// Sets words in SemiBold, in the size of the text around them.
pub fn semibold(text: impl Into<String>) -> RichText {
    RichText::new(text).family(semibold_family())
}

/// Sets the heading of a card or panel.
pub fn heading(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(TextStyle::Heading)
}

/// Sets the name of the program or the title of a view.
pub fn title(text: impl Into<String>) -> RichText {
    RichText::new(text).text_style(title_style())
}

/// Sets secondary text.
pub fn muted(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).color(palette(ui).muted)
}

/// Sets small secondary text.
pub fn small_muted(ui: &Ui, text: impl Into<String>) -> RichText {
    muted(ui, text).text_style(TextStyle::Small)
}

/// Returns the surface that groups things that belong together.
pub fn card(ui: &Ui) -> Frame {
    let p = palette(ui);
    Frame::new()
        .fill(p.card)
        .stroke(Stroke::new(1.0, p.line))
        .corner_radius(CornerRadius::same(8))
        .inner_margin(Margin::same(12))
}

/// Returns a rounded ground of this colour behind something that the user should read.
pub fn ground(colour: Color32, margin: Margin) -> Frame {
    Frame::new().fill(colour).corner_radius(CornerRadius::same(6)).inner_margin(margin)
}

/// Draws a row whose right part ends at the right end, and whose left part has the room that is left over. Both are laid
/// out from left to right, because the keyboard goes through controls in the order in which they are drawn. A right part
/// that has no room beside the left one stands in a line below it.
pub fn ends<C>(ui: &mut Ui, context: &mut C, left: impl FnOnce(&mut Ui, &mut C), right: impl FnOnce(&mut Ui, &mut C)) {
    let id = ui.unique_id().with("width of the right part");
    let known: f32 = ui.data(|data| data.get_temp(id)).unwrap_or(0.0);
    let (room, gap) = (ui.available_rect_before_wrap(), ui.spacing().item_spacing.x);
    let between = (room.right() - known).max(room.left());
    let part = |ui: &mut Ui, salt: &str, from: f32, to: f32, down: f32| {
        let rect = egui::Rect::from_x_y_ranges(from..=to.max(from), room.y_range()).translate(vec2(0.0, down));
        ui.new_child(UiBuilder::new().id_salt(salt).max_rect(rect).layout(Layout::left_to_right(Align::Center)))
    };
    let mut at_left = part(ui, "left part", room.left(), between - gap, 0.0);
    left(&mut at_left, context);
    let taken = at_left.min_rect();
    let is_crowded = taken.width() > 0.5 && taken.right() > between - gap + 0.5;
    let down = if is_crowded { taken.height() + ui.spacing().item_spacing.y.min(space::XS) } else { 0.0 };
    let mut at_right = part(ui, "right part", between, room.right(), down);
    right(&mut at_right, context);
    let used = at_right.min_rect().width();
    if (used - known).abs() > 0.5 {
        // The right part is as wide as it turned out to be from the next pass on, which takes the place of this one.
        ui.data_mut(|data| data.insert_temp(id, used));
        ui.ctx().request_discard("the right part of a row has another width");
    }
    let height = at_left.min_rect().union(at_right.min_rect()).y_range();
    ui.advance_cursor_after_rect(egui::Rect::from_x_y_ranges(room.x_range(), height));
}

/// Draws a heading with an explanation on hover, and leaves room for controls at its right end.
pub fn heading_row(ui: &mut Ui, text: &str, hover: Option<&str>, right: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let response = ui.label(heading(text));
        if let Some(hover) = hover {
            response.on_hover_text(hover);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), right);
    });
}

/// Draws a heading that may be long, cut where the controls at its right end begin.
pub fn heading_cut(ui: &mut Ui, text: &str, right: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_height(ui.spacing().interact_size.y);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            right(ui);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(heading(text)).truncate());
            });
        });
    });
}

/// Draws the one prominent button of a screen.
pub fn primary_button(ui: &mut Ui, text: &str, enabled: bool) -> Response {
    let p = palette(ui);
    ui.scope(|ui| {
        let w = &mut ui.visuals_mut().widgets;
        for (state, fill) in
            [(&mut w.inactive, p.primary), (&mut w.hovered, p.primary_hovered), (&mut w.active, p.primary_hovered)]
        {
            state.weak_bg_fill = fill;
            state.bg_stroke = Stroke::NONE;
            state.fg_stroke = Stroke::new(1.0, p.on_primary);
        }
        // A disabled button looks as quiet as the others, and its reason is shown on hover.
        w.noninteractive.weak_bg_fill = p.well;
        ui.add_enabled(enabled, Button::new(semibold(text)).min_size(vec2(72.0, space::CONTROL)))
    })
    .inner
}

/// Draws a button that consists of words only, in the accent colour.
pub fn link_button(ui: &mut Ui, text: &str) -> Response {
    let text = RichText::new(text).color(palette(ui).accent);
    ui.add(Button::new(text).frame(false))
}

/// The colour of a chip repeats what its words say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Neutral,
    Frozen,
    Trainable,
}

impl Tone {
    /// Returns the colours of the words and of the area behind them.
    pub fn colours(self, p: &Palette) -> (Color32, Color32) {
        match self {
            Self::Neutral => (p.text, p.well),
            Self::Frozen => (p.frozen, p.frozen_fill),
            Self::Trainable => (p.trainable, p.trainable_fill),
        }
    }
}

/// Returns a column of this width, which cuts what is wider.
pub fn fixed(width: f32) -> Column {
    Column::exact(width).clip(true)
}

/// Returns a column that takes the width that the others leave.
pub fn wide(least: f32) -> Column {
    Column::remainder().at_least(least).clip(true)
}

/// Begins a table that fills all the available space.
pub fn table<'a>(ui: &'a mut Ui, id: &str, columns: impl IntoIterator<Item = Column>) -> TableBuilder<'a> {
    let table = TableBuilder::new(ui).id_salt(id).striped(true).auto_shrink(false);
    columns.into_iter().fold(table.cell_layout(Layout::left_to_right(Align::Center)), TableBuilder::column)
}

/// Returns how wide a text is on one line.
pub fn text_width(ui: &Ui, text: &str, style: TextStyle) -> f32 {
    let font = style.resolve(ui.style());
    ui.painter().layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER).size().x
}

/// Makes the bars of scroll areas visible without the pointer, where nothing else says that there is more. Then no text
/// needs to fade at the edge.
pub fn show_scroll_bars(ui: &mut Ui) {
    let scroll = &mut ui.spacing_mut().scroll;
    (scroll.floating_allocated_width, scroll.dormant_handle_opacity) = (scroll.bar_width, 0.6);
    scroll.fade.strength = 0.0;
}

/// Lays out a table with columns of these widths. Where not all fit, it can be scrolled, and its right edge is that of the
/// last column that fits whole, with a bar below that is always visible.
pub fn scroll_by_columns(ui: &mut Ui, id: &str, columns: &[f32], gap: f32, add: impl FnOnce(&mut Ui)) {
    let room = ui.available_width();
    let mut ends = columns.iter().scan(-gap, |end, width| {
        *end += width + gap;
        Some(*end)
    });
    let fitting = ends.by_ref().take_while(|end| *end <= room + 0.5).last().unwrap_or(room);
    ui.scope(|ui| {
        let usual = ui.spacing().scroll;
        show_scroll_bars(ui);
        // The bar stays in view, so that it would lie on what is above a table that is still below.
        let is_below = ui.next_widget_position().y > ui.clip_rect().bottom() - 2.0 * space::CONTROL;
        let bar = if is_below { ScrollBarVisibility::AlwaysHidden } else { ScrollBarVisibility::VisibleWhenNeeded };
        let area = ScrollArea::horizontal().id_salt(id).max_width(fitting).scroll_bar_visibility(bar);
        area.show(ui, |ui| {
            ui.spacing_mut().scroll = usual;
            add(ui);
        });
    });
}

/// Returns the layout of cells in a table of numbers: the first column has names, which begin at the left.
pub fn of_column(index: usize) -> Layout {
    if index == 0 { Layout::left_to_right(Align::Center) } else { Layout::right_to_left(Align::Center) }
}

/// Draws a text that is cut where its place ends. Hovering shows all of it.
pub fn cut(ui: &mut Ui, text: impl Into<RichText>) {
    let text = text.into();
    let whole = text.text().to_owned();
    ui.add(Label::new(text).truncate()).on_hover_text(whole);
}

/// Draws a short fact on a rounded ground.
pub fn chip(ui: &mut Ui, text: &str, tone: Tone) -> Response {
    let (words, fill) = tone.colours(palette(ui));
    Frame::new()
        .fill(fill)
        .corner_radius(CornerRadius::same(10))
        .inner_margin(Margin::symmetric(8, 2))
        .show(ui, |ui| ui.add(Label::new(RichText::new(text).text_style(TextStyle::Small).color(words)).truncate()))
        .inner
}

/// Draws a horizontal bar that is filled to `share` (0 to 1). Screen readers get its name.
pub fn bar(ui: &mut Ui, share: f32, size: Vec2, colour: Color32, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let share = share.clamp(0.0, 1.0);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, name));
    let radius = CornerRadius::same((size.y / 2.0).min(4.0) as u8);
    ui.painter().rect_filled(rect, radius, palette(ui).line);
    if share > 0.0 {
        let mut filled = rect;
        filled.set_width((rect.width() * share).max(2.0));
        ui.painter().rect_filled(filled, radius, colour);
    }
    response
}

/// Makes the track of the next sliders in this `ui`, and the part of it that is passed, visible on this ground.
pub fn slider_look(ui: &mut Ui, ground: Color32) {
    let p = palette(ui);
    let visuals = ui.visuals_mut();
    let (inactive, selection) = (&mut visuals.widgets.inactive, &mut visuals.selection);
    inactive.bg_fill = mix(ground, p.text, 0.55);
    selection.bg_fill = p.accent;
    // The handle has the same fill as the track, so its edge tells it apart.
    inactive.fg_stroke = Stroke::new(1.5, p.text);
}

/// Lays out `add` in exactly this rectangle.
pub fn inside(ui: &mut Ui, rect: egui::Rect, add: impl FnOnce(&mut Ui)) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::top_down(Align::Min)));
    child.shrink_clip_rect(rect);
    add(&mut child);
}

/// Lays out `add` in this rectangle. If that is smaller than `least`, it becomes a scroll area around as much space.
pub fn at_least(ui: &mut Ui, rect: egui::Rect, least: Vec2, id: &str, add: impl FnOnce(&mut Ui, egui::Rect)) {
    if rect.width() >= least.x && rect.height() >= least.y {
        return add(ui, rect);
    }
    inside(ui, rect, |ui| {
        ScrollArea::both().id_salt(id).auto_shrink(false).show(ui, |ui| {
            let (rect, _) = ui.allocate_exact_size(rect.size().max(least), Sense::hover());
            add(ui, rect);
        });
    });
}

/// Draws a card that fills exactly this rectangle.
pub fn card_at(ui: &mut Ui, rect: egui::Rect, add: impl FnOnce(&mut Ui)) {
    let p = palette(ui);
    let radius = CornerRadius::same(8);
    ui.painter().rect(rect, radius, p.card, Stroke::new(1.0, p.line), egui::StrokeKind::Inside);
    // Contents may reach into the margin, as the last number of an axis does, but not over the card's edge.
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(12.0, 8.0))));
    child.shrink_clip_rect(rect.shrink(1.0));
    add(&mut child);
}

/// Draws a strong frame around the place that a link led to.
pub fn mark(ui: &Ui, rect: egui::Rect) {
    let stroke = Stroke::new(2.5 * thickness(ui), palette(ui).accent);
    // At the edge of a scrolled or narrow place the frame moves inwards, so that all of it is visible.
    let rect = rect.intersect(ui.clip_rect());
    ui.painter().rect_stroke(rect, CornerRadius::same(8), stroke, egui::StrokeKind::Inside);
}

/// Frames something in a scroll area, and scrolls to it when a link has just led there.
pub fn mark_in_view(ui: &Ui, response: &egui::Response, is_marked: bool) {
    if !is_marked {
        return;
    }
    mark(ui, response.rect.expand(space::XS));
    let (id, frame) = (response.id.with("marked"), ui.ctx().cumulative_frame_nr());
    let before: Option<u64> = ui.data_mut(|data| {
        let before = data.get_temp(id);
        data.insert_temp(id, frame);
        before
    });
    // The panel may have been closed since, so the frame number decides. Scrolling in every frame would hold the user
    // there.
    if before.is_none_or(|before| before + 1 < frame) {
        response.scroll_to_me(Some(Align::Center));
    }
}

/// Returns the surface of the card (`card_at`) whose contents `ui` lays out, so that a picture can be taken of it.
pub fn card_around(ui: &Ui) -> egui::Rect {
    ui.max_rect().expand2(vec2(12.0, 8.0))
}

/// Draws quiet words in the middle of `rect` where there is nothing to show yet.
pub fn centred_note(ui: &Ui, rect: egui::Rect, text: &str) {
    let p = palette(ui);
    let font = TextStyle::Body.resolve(ui.style());
    let mut job =
        egui::text::LayoutJob::simple(text.to_owned(), font, p.muted, (rect.width() - 48.0).clamp(80.0, 360.0));
    job.halign = Align::Center;
    let galley = ui.painter().layout_job(job);
    let at = rect.center() - vec2(0.0, galley.size().y / 2.0);
    ui.painter().galley(at, galley, p.muted);
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::{Harness, kittest::Queryable};

    #[test]
    fn what_has_no_room_at_the_right_end_stands_below() {
        for (width, is_below) in [(400.0, false), (150.0, true)] {
            let builder = Harness::builder().with_size(vec2(width, 200.0)).with_context_setup(super::super::install);
            let mut harness = builder.build_ui(|ui| {
                ui.horizontal(|ui| {
                    let names = |ui: &mut Ui, _: &mut ()| drop(ui.label("Learning rate, gradient"));
                    ends(ui, &mut (), names, |ui, _| drop(ui.button("Save")));
                });
                ui.label("next");
            });
            harness.run();
            let rect = |name: &str| harness.get_by_label(name).rect();
            let (names, save, next) = (rect("Learning rate, gradient"), rect("Save"), rect("next"));
            assert!(!names.intersects(save) && !save.intersects(next) && save.right() <= width, "{width}");
            assert_eq!(save.top() >= names.bottom(), is_below, "{names:?} {save:?} at {width}");
        }
    }

    #[test]
    fn a_button_shows_that_it_has_the_keyboard() {
        let draw = |ui: &mut Ui| {
            link_button(ui, "link");
            primary_button(ui, "primary", true);
        };
        let builder = Harness::builder().with_theme(egui::Theme::Light).with_context_setup(super::super::install);
        let mut harness = builder.build_ui(draw);
        let ring = Stroke::new(2.0, Palette::LIGHT.accent);
        let rings = |harness: &Harness<'_>| {
            let is_ring = |shape: &egui::Shape| matches!(shape, egui::Shape::Rect(rect) if rect.stroke == ring);
            harness.output().shapes.iter().filter(|clipped| is_ring(&clipped.shape)).count()
        };
        harness.run();
        assert_eq!(rings(&harness), 0);
        for name in ["link", "primary"] {
            harness.get_by_label(name).focus();
            harness.run();
            assert_eq!(rings(&harness), 1, "{name}");
        }
    }
}
