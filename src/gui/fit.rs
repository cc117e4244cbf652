//! How the window fits its display: its size comes back in the next session, and its zoom is the user's own, else the
//! display's, else as large as a lecture hall needs it.

use eframe::egui::{Context, Vec2, ViewportCommand, vec2};

use crate::app::settings::{Settings, WindowSize};

use super::theme;

/// The window's size where none is known, in points without zoom.
pub const FIRST_SIZE: Vec2 = vec2(1280.0, 800.0);
/// The least size of the window, which everything fits into.
pub const LEAST_SIZE: Vec2 = vec2(900.0, 600.0);
/// The window's title and the system's bars may take so many points of the display's height.
const BARS: f32 = 100.0;

/// What was seen of the zoom and asked for.
#[derive(Debug)]
pub struct Fit {
    seen: f32,
    asked: f32,
    /// Whether the first window of all is still to be fitted to its display.
    is_first: bool,
    /// In so many frames more, a window that filled the screen before is asked to do so again.
    asks_to_fill: u8,
}

/// A window is shown only after its first frame, and some window managers forget what a hidden one was asked for.
const FRAMES_TO_FILL: u8 = 4;

impl Fit {
    /// The zoom of the last session counts from the first frame on.
    pub fn new(ctx: &Context, settings: &Settings) -> Self {
        let asked = settings.zoom.unwrap_or_else(|| ctx.zoom_factor());
        ctx.set_zoom_factor(asked);
        let fills = settings.window.is_some_and(|window| window.is_maximised);
        let asks_to_fill = if fills { FRAMES_TO_FILL } else { 0 };
        Self { seen: ctx.zoom_factor(), asked, is_first: settings.window.is_none(), asks_to_fill }
    }

    /// Notes size and zoom in the settings, and asks for the zoom that is right now. Returns whether anything was noted.
    pub fn follow(&mut self, ctx: &Context, settings: &mut Settings) -> bool {
        let before = (settings.zoom, settings.window);
        let zoom = ctx.zoom_factor();
        let is_settled = zoom == self.seen;
        self.seen = zoom;
        if is_settled {
            self.settle(ctx, settings, zoom);
        } else if zoom != self.asked && !settings.projector {
            // Someone else has zoomed: the user, with Ctrl and plus or minus.
            self.asked = zoom;
            settings.zoom = Some(zoom);
        }
        (settings.zoom, settings.window) != before
    }

    /// The display's size is told in points of the zoom before, so it counts only where the zoom has not just changed.
    fn settle(&mut self, ctx: &Context, settings: &mut Settings, zoom: f32) {
        let window = ctx.content_rect().size() * zoom;
        let (size, is_whole) = ctx.input(|i| {
            let viewport = i.viewport();
            let is_whole = viewport.maximized == Some(true) || viewport.fullscreen == Some(true);
            (viewport.monitor_size.map(|size| size * zoom), is_whole)
        });
        let display = size.map_or(1.0, display_zoom);
        if settings.zoom == Some(display) {
            settings.zoom = None;
        }
        let own = settings.zoom.unwrap_or(display);
        // A projector never shows less than the user's own zoom.
        let wanted = if settings.projector { theme::projected_zoom(window).max(own) } else { own };
        if let Some(size) = size.filter(|_| std::mem::take(&mut self.is_first))
            && (size.x < FIRST_SIZE.x || size.y < FIRST_SIZE.y + BARS)
        {
            // Only the system knows where its bars are: a window that would lie under them fills what they leave.
            self.asks_to_fill = FRAMES_TO_FILL;
        }
        if (wanted - zoom).abs() > 1e-3 {
            self.asked = wanted;
            ctx.set_zoom_factor(wanted);
            if settings.window.is_none() && !settings.projector {
                // The first window of all has its first size again, now in points of the new zoom.
                ctx.send_viewport_cmd(ViewportCommand::InnerSize(FIRST_SIZE));
            }
        } else if self.asks_to_fill > 0 && !is_whole {
            self.asks_to_fill -= 1;
            ctx.send_viewport_cmd(ViewportCommand::Maximized(true));
            ctx.request_repaint();
        } else {
            self.asks_to_fill = 0;
            note_size(settings, window, is_whole);
        }
    }
}

/// A window that fills the screen keeps the size that it had before, to which it goes back.
fn note_size(settings: &mut Settings, size: Vec2, is_whole: bool) {
    let mut window = settings.window.unwrap_or(WindowSize::of(FIRST_SIZE.x, FIRST_SIZE.y));
    window.is_maximised = is_whole;
    // A minimised window is told to have hardly any size.
    if !is_whole && size.x >= LEAST_SIZE.x / 2.0 && size.y >= LEAST_SIZE.y / 2.0 {
        (window.width, window.height) = (size.x.round(), size.y.round());
    }
    settings.window = Some(window);
}

/// Returns the zoom for a display of so many points (unzoomed). Where the system knows the display's scale, its points
/// are as large as anywhere and this is 1; a display of very many points has small ones.
fn display_zoom(size: Vec2) -> f32 {
    let rows = size.x.min(size.y);
    ((rows / 1440.0 * 4.0).floor() / 4.0).clamp(1.0, 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{RawInput, Rect, ViewportId, ViewportInfo};

    /// A few frames of a window on a display, both of so many pixels: a change of zoom counts in the second. Returns what
    /// was asked of the window.
    fn frames(
        fit: &mut Fit,
        ctx: &Context,
        settings: &mut Settings,
        window: Vec2,
        display: Vec2,
    ) -> Vec<ViewportCommand> {
        let mut asked = Vec::new();
        for _ in 0..6 {
            let zoom = ctx.zoom_factor();
            let mut input = RawInput {
                screen_rect: Some(Rect::from_min_size(Default::default(), window / zoom)),
                ..RawInput::default()
            };
            let info = ViewportInfo { monitor_size: Some(display / zoom), ..ViewportInfo::default() };
            input.viewports.insert(ViewportId::ROOT, info);
            let mut output = ctx.run_ui(input, |ui| {
                fit.follow(ui.ctx(), settings);
            });
            // No one paints here.
            output.textures_delta.clear();
            asked.extend(output.viewport_output.into_values().flat_map(|viewport| viewport.commands));
        }
        // egui asks for its theme by itself.
        asked.retain(|command| !matches!(command, ViewportCommand::SetTheme(_)));
        asked
    }

    #[test]
    fn zoom_and_size_are_kept_and_the_projector_leaves_them() {
        let (ctx, mut settings) = (Context::default(), Settings::default());
        let mut fit = Fit::new(&ctx, &settings);
        let (window, display) = (vec2(1400.0, 900.0), vec2(1920.0, 1080.0));
        frames(&mut fit, &ctx, &mut settings, window, display);
        assert_eq!((ctx.zoom_factor(), settings.zoom), (1.0, None));
        assert_eq!(settings.window, Some(WindowSize::of(1400.0, 900.0)));
        // Ctrl and plus zoom like this.
        ctx.set_zoom_factor(1.3);
        frames(&mut fit, &ctx, &mut settings, window, display);
        assert_eq!(settings.zoom, Some(1.3));
        assert_eq!(settings.window, Some(WindowSize::of(1400.0, 900.0)), "the same pixels as before");
        settings.projector = true;
        frames(&mut fit, &ctx, &mut settings, window, display);
        assert_eq!((ctx.zoom_factor(), settings.zoom), (theme::projected_zoom(window), Some(1.3)));
        settings.projector = false;
        frames(&mut fit, &ctx, &mut settings, window, display);
        assert_eq!((ctx.zoom_factor(), settings.zoom), (1.3, Some(1.3)));

        let next = Context::default();
        let mut fit = Fit::new(&next, &settings);
        frames(&mut fit, &next, &mut settings, window, display);
        assert_eq!((next.zoom_factor(), settings.zoom), (1.3, Some(1.3)));
    }

    #[test]
    fn zoom_follows_the_display() {
        let (ctx, mut settings) = (Context::default(), Settings::default());
        let mut fit = Fit::new(&ctx, &settings);
        let asked = frames(&mut fit, &ctx, &mut settings, vec2(1280.0, 800.0), vec2(3840.0, 2160.0));
        assert_eq!((ctx.zoom_factor(), settings.zoom), (1.5, None));
        assert_eq!(asked, [ViewportCommand::InnerSize(FIRST_SIZE)], "these points are zoomed already");
        frames(&mut fit, &ctx, &mut settings, vec2(1280.0, 800.0), vec2(1920.0, 1080.0));
        assert_eq!((ctx.zoom_factor(), settings.zoom), (1.0, None));
    }

    #[test]
    fn the_first_window_fills_a_small_display() {
        for (display, is_small) in [(vec2(1366.0, 768.0), true), (vec2(1920.0, 1080.0), false)] {
            let (ctx, mut settings) = (Context::default(), Settings::default());
            let mut fit = Fit::new(&ctx, &settings);
            let asked = frames(&mut fit, &ctx, &mut settings, FIRST_SIZE.min(display), display);
            let fills = if is_small { usize::from(FRAMES_TO_FILL) } else { 0 };
            assert_eq!(asked, vec![ViewportCommand::Maximized(true); fills], "{display}");
        }
    }

    #[test]
    fn a_projector_shows_no_less_than_the_users_zoom() {
        let (ctx, mut settings) = (Context::default(), Settings { zoom: Some(1.5), ..Settings::default() });
        settings.projector = true;
        let mut fit = Fit::new(&ctx, &settings);
        frames(&mut fit, &ctx, &mut settings, vec2(1100.0, 720.0), vec2(1920.0, 1080.0));
        assert_eq!((ctx.zoom_factor(), settings.zoom), (1.5, Some(1.5)));
    }

    #[test]
    fn a_window_that_filled_the_screen_asks_for_it_again_and_keeps_the_size_it_goes_back_to() {
        let before = WindowSize { is_maximised: true, ..WindowSize::of(1100.0, 720.0) };
        let mut settings = Settings { window: Some(before), ..Settings::default() };
        let ctx = Context::default();
        let mut fit = Fit::new(&ctx, &settings);
        let display = vec2(1920.0, 1080.0);
        // The window manager does not answer, and the window is a little smaller than asked for.
        let asked = frames(&mut fit, &ctx, &mut settings, vec2(1100.0, 700.0), display);
        assert_eq!(asked, vec![ViewportCommand::Maximized(true); usize::from(FRAMES_TO_FILL)]);
        assert_eq!(settings.window, Some(WindowSize::of(1100.0, 700.0)), "then its true size counts");
    }
}
