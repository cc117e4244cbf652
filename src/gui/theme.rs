//! The theme holds every colour, distance and text style of the window, for light and dark. Views use these tokens and
//! define no colours of their own.

use eframe::egui::{
    self, Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, Style, TextStyle, Ui, Vec2, Visuals, vec2,
};

mod focus;
mod names;
#[cfg(test)]
pub mod seen;
mod widgets;

pub use focus::{explain_cell, focused_cell};
pub use names::{cut_among, cut_name, fitted_among, fitted_name, fitted_names, shown_name};
pub use widgets::*;

/// All gaps and margins are one of these distances, in points.
pub mod space {
    pub const XS: f32 = 4.0;
    pub const S: f32 = 8.0;
    pub const M: f32 = 12.0;
    pub const L: f32 = 16.0;
    pub const XL: f32 = 24.0;
    /// The height of buttons, fields and rows of controls.
    pub const CONTROL: f32 = 28.0;
}

/// The font family of headings and emphasised words.
pub fn semibold_family() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// The text style of titles, which egui does not define.
pub fn title_style() -> TextStyle {
    TextStyle::Name("title".into())
}

/// The text style of the largest figures, e.g. the test accuracy.
pub fn figure_style() -> TextStyle {
    TextStyle::Name("figure".into())
}

/// The colours are named by what they mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// This colour lies behind everything else. The cards lie on it.
    pub background: Color32,
    /// The top bar and the left side have this colour.
    pub side: Color32,
    pub card: Color32,
    /// Fields for typing and the empty tracks of bars have this colour.
    pub well: Color32,
    /// Hair lines between and around things have this colour.
    pub line: Color32,
    /// Boxes and buttons have this stronger outline.
    pub outline: Color32,
    pub text: Color32,
    /// Secondary text still has a contrast of at least 4.5:1 on cards.
    pub muted: Color32,
    /// Links, selections and the keyboard's focus have this colour.
    pub accent: Color32,
    pub accent_fill: Color32,
    /// The one prominent button has this colour.
    pub primary: Color32,
    pub primary_hovered: Color32,
    pub on_primary: Color32,
    /// Frozen is cold: the first colour is for words and marks, the second for the area behind them.
    pub frozen: Color32,
    pub frozen_fill: Color32,
    /// Trainable is warm.
    pub trainable: Color32,
    pub trainable_fill: Color32,
    pub error: Color32,
    pub error_fill: Color32,
    pub warning: Color32,
    pub warning_fill: Color32,
    pub good: Color32,
    /// The curves have Okabe and Ito's colours, which colour-blind people can tell apart.
    pub train_curve: Color32,
    pub validation_curve: Color32,
    pub other_curve: Color32,
    /// Runs that stand beside each other have these colours. The first seven are after Okabe and Ito; the others are as far
    /// from all of them as can be, also for colour-blind people.
    pub runs: [Color32; RUN_COLOURS],
    pub grid: Color32,
    /// These are the right and wrong cells of a confusion matrix at full strength. Smaller shares fade into the card.
    pub right_cell: Color32,
    pub wrong_cell: Color32,
}

/// So many runs have a colour of their own.
pub const RUN_COLOURS: usize = 28;

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

impl Palette {
    pub const LIGHT: Self = Self {
        background: rgb(0xF3F5F7),
        side: rgb(0xFAFBFC),
        card: rgb(0xFFFFFF),
        well: rgb(0xEEF1F4),
        line: rgb(0xE1E6EB),
        outline: rgb(0xC3CCD5),
        text: rgb(0x1C2733),
        muted: rgb(0x5A6775),
        accent: rgb(0x1B6CA8),
        accent_fill: rgb(0xDCEBF7),
        primary: rgb(0xC24E1A),
        primary_hovered: rgb(0xA94212),
        on_primary: rgb(0xFFFFFF),
        frozen: rgb(0x1F6F9F),
        frozen_fill: rgb(0xE3F1FA),
        trainable: rgb(0xB04A12),
        trainable_fill: rgb(0xFCEDE0),
        error: rgb(0xB3261E),
        error_fill: rgb(0xFBE9E7),
        warning: rgb(0x8A5A00),
        warning_fill: rgb(0xFDF3DC),
        good: rgb(0x00785A),
        train_curve: rgb(0xD55E00),
        validation_curve: rgb(0x0072B2),
        other_curve: rgb(0x00896A),
        runs: [
            rgb(0x0072B2),
            rgb(0xD55E00),
            rgb(0x00896A),
            rgb(0xB9579B),
            rgb(0x2F9BD8),
            rgb(0xC98A00),
            rgb(0x333B44),
            rgb(0x8000FF),
            rgb(0x0000B3),
            rgb(0x990000),
            rgb(0x800080),
            rgb(0xFF1A66),
            rgb(0xB366FF),
            rgb(0x804D66),
            rgb(0x004D00),
            rgb(0xCC00CC),
            rgb(0x66661A),
            rgb(0x4D1ACC),
            rgb(0xCC1A33),
            rgb(0x4D1A66),
            rgb(0x004D99),
            rgb(0x6666E6),
            rgb(0x809980),
            rgb(0xFF4DB3),
            rgb(0x8033B3),
            rgb(0xB36666),
            rgb(0xB31A80),
            rgb(0xB380B3),
        ],
        grid: rgb(0xDDE3E9),
        right_cell: rgb(0x2A7AB5),
        wrong_cell: rgb(0xD9692B),
    };

    pub const DARK: Self = Self {
        background: rgb(0x11161C),
        side: rgb(0x161C23),
        card: rgb(0x1B222B),
        well: rgb(0x11161C),
        line: rgb(0x2A343F),
        outline: rgb(0x43505D),
        text: rgb(0xE3E9EF),
        muted: rgb(0x9CA9B6),
        accent: rgb(0x6FB7EC),
        accent_fill: rgb(0x1D3A52),
        primary: rgb(0xF0883E),
        primary_hovered: rgb(0xF79B59),
        on_primary: rgb(0x1A1108),
        frozen: rgb(0x82C7F0),
        frozen_fill: rgb(0x18303F),
        trainable: rgb(0xF4A664),
        trainable_fill: rgb(0x3B2716),
        error: rgb(0xFF9B90),
        error_fill: rgb(0x421F1C),
        warning: rgb(0xEBC069),
        warning_fill: rgb(0x382C12),
        good: rgb(0x4FC9A4),
        train_curve: rgb(0xF28E3C),
        validation_curve: rgb(0x56B4E9),
        other_curve: rgb(0x2FC49B),
        runs: [
            rgb(0x56B4E9),
            rgb(0xF28E3C),
            rgb(0x2FC49B),
            rgb(0xE39BC6),
            rgb(0x4C8BE0),
            rgb(0xF0E442),
            rgb(0xE3E9EF),
            rgb(0xCC0099),
            rgb(0x1A8000),
            rgb(0x991AFF),
            rgb(0xE61A00),
            rgb(0x00FF80),
            rgb(0x996666),
            rgb(0xE64DFF),
            rgb(0x4D9999),
            rgb(0xB3CC66),
            rgb(0xE66680),
            rgb(0x994DB3),
            rgb(0x00E6FF),
            rgb(0xFF33B3),
            rgb(0xFF80FF),
            rgb(0xB3FFCC),
            rgb(0xFFB300),
            rgb(0x4D994D),
            rgb(0x4D66CC),
            rgb(0x66B31A),
            rgb(0xCC66CC),
            rgb(0x66E6B3),
        ],
        grid: rgb(0x2A343F),
        right_cell: rgb(0x3B8CC6),
        wrong_cell: rgb(0xD2703A),
    };
}

impl Palette {
    /// A projector washes out pale colours, so secondary text and thin lines are stronger here.
    const LIGHT_PROJECTED: Self = Self {
        background: rgb(0xFFFFFF),
        side: rgb(0xFFFFFF),
        line: rgb(0x9AA5B1),
        outline: rgb(0x66727E),
        text: rgb(0x000000),
        muted: rgb(0x2B3641),
        accent: rgb(0x0B4F80),
        primary: rgb(0xA63B0A),
        frozen: rgb(0x0F4F78),
        trainable: rgb(0x8A3505),
        grid: rgb(0xB4BEC8),
        ..Self::LIGHT
    };

    const DARK_PROJECTED: Self = Self {
        background: rgb(0x000000),
        side: rgb(0x000000),
        card: rgb(0x0B0F14),
        well: rgb(0x000000),
        line: rgb(0x66727E),
        outline: rgb(0x97A3AF),
        text: rgb(0xFFFFFF),
        muted: rgb(0xD3DBE3),
        accent: rgb(0x9AD2FF),
        grid: rgb(0x4A5763),
        ..Self::DARK
    };
}

/// Returns the colours of the theme in which this part of the window is drawn.
pub fn palette(ui: &Ui) -> &'static Palette {
    match (ui.visuals().dark_mode, is_projected(ui)) {
        (false, false) => &Palette::LIGHT,
        (true, false) => &Palette::DARK,
        (false, true) => &Palette::LIGHT_PROJECTED,
        (true, true) => &Palette::DARK_PROJECTED,
    }
}

/// The key under which the context of the window says whether it is for a projector.
fn projected_id() -> egui::Id {
    egui::Id::unique("window is for a projector")
}

fn is_projected(ui: &Ui) -> bool {
    ui.data(|data| data.get_temp(projected_id())) == Some(true)
}

/// Returns how many times wider than usual the lines of plots are.
pub fn thickness(ui: &Ui) -> f32 {
    if is_projected(ui) { 1.8 } else { 1.0 }
}

/// Sets up the window for a lecture hall, with strong contrast and thick lines, or for a desk. The size of type is up
/// to `projected_zoom`.
pub fn project(ctx: &egui::Context, on: bool) {
    let (light, dark) =
        if on { (&Palette::LIGHT_PROJECTED, &Palette::DARK_PROJECTED) } else { (&Palette::LIGHT, &Palette::DARK) };
    ctx.data_mut(|data| data.insert_temp(projected_id(), on));
    for (theme, p, visuals) in
        [(egui::Theme::Light, light, Visuals::light()), (egui::Theme::Dark, dark, Visuals::dark())]
    {
        let mut style = style(p, visuals);
        if on {
            style.visuals.selection.stroke.width = 2.0;
            style.visuals.window_stroke.width = 2.0;
        }
        ctx.set_style_of(theme, style);
    }
}

/// Returns the largest zoom with which everything fits into a window of so many points (unzoomed): 1.25 at 1280 x 720.
pub fn projected_zoom(window: Vec2) -> f32 {
    let most = (window.x / 1024.0).min(window.y / 576.0);
    // The zoom changes in steps, so that dragging the window's edge does not change every size in every frame.
    ((most * 16.0).floor() / 16.0).clamp(1.0, 2.5)
}

/// Mixes `amount` (0 to 1) of `over` into `under`.
pub fn mix(under: Color32, over: Color32, amount: f32) -> Color32 {
    under.lerp_to_gamma(over, amount.clamp(0.0, 1.0))
}

/// Gives this look and the bundled fonts to both of egui's themes.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(super::fonts::definitions());
    ctx.add_plugin(focus::FocusRing::default());
    project(ctx, false);
}

fn style(p: &Palette, mut visuals: Visuals) -> Style {
    let radius = CornerRadius::same(6);
    let w = &mut visuals.widgets;
    for (state, fill, outline, text) in [
        (&mut w.noninteractive, p.card, p.line, p.text),
        (&mut w.inactive, p.card, p.outline, p.text),
        (&mut w.hovered, mix(p.card, p.accent, 0.10), p.accent, p.text),
        (&mut w.active, mix(p.card, p.accent, 0.20), p.accent, p.text),
        (&mut w.open, mix(p.card, p.accent, 0.10), p.accent, p.text),
    ] {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, outline);
        state.fg_stroke = Stroke::new(1.0, text);
        state.corner_radius = radius;
        state.expansion = 0.0;
    }
    visuals.weak_text_color = Some(p.muted);
    visuals.hyperlink_color = p.accent;
    visuals.selection.bg_fill = p.accent_fill;
    visuals.selection.stroke = Stroke::new(1.0, p.accent);
    visuals.faint_bg_color = mix(p.card, p.text, 0.03);
    visuals.extreme_bg_color = p.well;
    visuals.code_bg_color = p.well;
    visuals.warn_fg_color = p.warning;
    visuals.error_fg_color = p.error;
    visuals.panel_fill = p.background;
    visuals.window_fill = p.card;
    visuals.window_stroke = Stroke::new(1.0, p.line);
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(8);
    let shadow = Shadow { offset: [0, 4], blur: 16, spread: 0, color: Color32::from_black_alpha(40) };
    visuals.window_shadow = shadow;
    visuals.popup_shadow = shadow;
    visuals.indent_has_left_vline = false;
    visuals.slider_trailing_fill = true;
    visuals.text_cursor.stroke = Stroke::new(2.0, p.accent);
    // A blinking cursor would repaint an idle window twice a second.
    visuals.text_cursor.blink = false;

    let mut style = Style { visuals, ..Style::default() };
    let semibold = semibold_family();
    style.text_styles = [
        (TextStyle::Small, FontId::new(12.0, FontFamily::Proportional)),
        (TextStyle::Body, FontId::new(14.0, FontFamily::Proportional)),
        (TextStyle::Button, FontId::new(14.0, FontFamily::Proportional)),
        (TextStyle::Monospace, FontId::new(12.5, FontFamily::Monospace)),
        (TextStyle::Heading, FontId::new(14.0, semibold.clone())),
        (title_style(), FontId::new(18.0, semibold.clone())),
        (figure_style(), FontId::new(40.0, semibold)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(space::S, space::S);
    spacing.button_padding = vec2(10.0, space::XS);
    spacing.interact_size = vec2(36.0, space::CONTROL);
    spacing.window_margin = Margin::same(12);
    spacing.menu_margin = Margin::same(8);
    spacing.indent = 16.0;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = 6.0;
    spacing.tooltip_width = 360.0;
    spacing.combo_width = 120.0;
    spacing.scroll.bar_width = 8.0;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.35;
    // Animations are off: things appear at once, and nothing moves by itself.
    style.animation_time = 0.0;
    style.scroll_animation = egui::style::ScrollAnimation::none();
    #[cfg(debug_assertions)]
    {
        style.debug.show_unaligned = false;
    }
    style
}
