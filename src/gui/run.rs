//! Opens the window.

use std::sync::Arc;

use eframe::egui::{ViewportBuilder, vec2};

use crate::app::settings::Settings;
use crate::worker::{KeptFile, Worker};

use super::icon::icon;
use super::shell::ThawApp;
use super::store::SettingsStore;

/// Opens the window and comes back when it is closed; a run under way is stopped and saved first.
///
/// # Errors
/// When the system gives no window, no OpenGL or no thread.
pub fn run() -> eframe::Result {
    let viewport = ViewportBuilder::default()
        .with_title("Thaw")
        .with_app_id("thaw")
        .with_icon(icon())
        .with_inner_size(vec2(1280.0, 800.0))
        .with_min_inner_size(vec2(900.0, 600.0))
        .with_drag_and_drop(true);
    let options = eframe::NativeOptions { viewport, renderer: eframe::Renderer::Glow, ..Default::default() };
    eframe::run_native(
        "thaw",
        options,
        Box::new(|cc| {
            let ctx = cc.egui_ctx.clone();
            let worker = Worker::spawn(Arc::new(move || ctx.request_repaint()))?;
            let path = Settings::path();
            let settings =
                path.as_deref().map(|path| Settings::read(&KeptFile::read(path))).unwrap_or_else(|| Settings::read(""));
            let store = path.map(|path| SettingsStore::new(path, settings.clone()));
            Ok(Box::new(ThawApp::new(&cc.egui_ctx, worker, settings, store)))
        }),
    )
}
