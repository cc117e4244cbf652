//! Opens the window.

use std::sync::Arc;

use eframe::egui::{ViewportBuilder, vec2};
use eframe::glow::{self, HasContext as _};

use crate::app::doctor::DoctorAction;
use crate::app::settings::{Settings, WindowSize};
use crate::worker::{KeptFile, Worker};

use super::fit::{FIRST_SIZE, LEAST_SIZE};
use super::icon::icon;
use super::shell::ThawApp;
use super::store::SettingsStore;

/// Opens the window and comes back when it is closed; a run under way is stopped and saved first.
///
/// # Errors
/// When the system gives no window, no OpenGL or no thread.
pub fn run() -> eframe::Result {
    let path = Settings::path();
    let settings = path.as_deref().map_or_else(|| Settings::read(""), |path| Settings::read(&KeptFile::read(path)));
    let window = settings.window.unwrap_or(WindowSize::of(FIRST_SIZE.x, FIRST_SIZE.y));
    let viewport = ViewportBuilder::default()
        .with_title("Thaw")
        .with_app_id("thaw")
        .with_icon(icon())
        .with_inner_size(vec2(window.width, window.height))
        .with_maximized(window.is_maximised)
        .with_min_inner_size(LEAST_SIZE)
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    eframe::run_native(
        "thaw",
        options,
        Box::new(|cc| {
            let ctx = cc.egui_ctx.clone();
            let worker = Worker::spawn(Arc::new(move || ctx.request_repaint()))?;
            let store = path.map(|path| SettingsStore::new(path, settings.clone()));
            let mut app = ThawApp::new(&cc.egui_ctx, worker, settings, store);
            if let Some(gl) = &cc.gl {
                app.act(&cc.egui_ctx, DoctorAction::DrawnBy(renderer(gl)).into());
            }
            Ok(Box::new(app))
        }),
    )
}

/// OpenGL says this of itself: the card, or what draws in its place, and the version.
#[allow(unsafe_code)] // glow offers no safe function for this
fn renderer(gl: &glow::Context) -> String {
    // SAFETY: the context is that of this thread, and both names are those of texts.
    let told = unsafe { [gl.get_parameter_string(glow::RENDERER), gl.get_parameter_string(glow::VERSION)] };
    told.join(", OpenGL ")
}
