//! The button in a plot's heading that opens how the plot is drawn: smoothing, a logarithmic axis, and outliers.

use eframe::egui::{self, Popup, PopupCloseBehavior, Role, Sense, Slider, Ui, WidgetInfo, vec2};

use crate::app::plots::{PlotAction, Plotted};
use crate::domain::smoothing::Smoothing;

use super::legend::BUTTON;
use super::save_plot;
use super::scene::Scene;
use super::theme::{self, space};

/// Draws the button with its menu. `smooths` says whether the plot has curves that are smoothed.
pub fn button(ui: &mut Ui, scene: &mut Scene<'_>, name: &str, plotted: Plotted, smooths: bool) {
    let (place, response) = ui.allocate_exact_size(BUTTON, Sense::click());
    let title = scene.say_with("plot-menu", &[("name", &name)]);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &title));
    if save_plot::is_taking(ui.ctx()) {
        return;
    }
    let p = theme::palette(ui);
    let is_marked = response.hovered() || response.has_focus();
    if is_marked {
        ui.painter().rect_filled(place, 6.0, theme::mix(p.card, p.accent, 0.12));
    }
    // Two sliders, one above the other.
    let (c, ink) = (place.center(), if is_marked { p.text } else { p.muted });
    for (y, knob) in [(-3.0, 2.5), (3.5, -2.5)] {
        let stroke = egui::Stroke::new(1.4, ink);
        ui.painter().line_segment([c + vec2(-6.5, y), c + vec2(6.5, y)], stroke);
        ui.painter().circle(c + vec2(knob, y), 2.2, p.card, stroke);
    }
    let menu = Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    menu.show(|ui| {
        ui.set_min_width(220.0);
        let plots = &scene.state.shell.settings.plots;
        let (is_log, is_middle) = (plots.is_log(plotted), plots.middle.contains(&plotted));
        if smooths {
            smoothing_ui(ui, scene);
        }
        if plotted.may_be_log() {
            tick(ui, scene, "plot-log", is_log, |on| PlotAction::SetLog(plotted, on));
        }
        tick(ui, scene, "plot-middle", is_middle, |on| PlotAction::FitMiddle(plotted, on));
    });
    response.on_hover_text(title);
}

/// Draws a box that switches something on and off.
pub fn tick(ui: &mut Ui, scene: &mut Scene<'_>, id: &'static str, was: bool, action: impl FnOnce(bool) -> PlotAction) {
    let mut on = was;
    if ui.checkbox(&mut on, scene.say(id)).on_hover_text(scene.hint(id)).changed() {
        scene.act(action(on));
    }
}

/// Draws the slider that smooths the curves of single steps, with its value.
pub fn smoothing_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let label = ui.label(theme::small_muted(ui, scene.say("plot-smoothing")));
        let label = label.on_hover_text(scene.hint("plot-smoothing"));
        let mut weight = scene.state.shell.settings.plots.smoothing.weight();
        theme::slider_look(ui, theme::palette(ui).card);
        ui.spacing_mut().slider_width = (ui.available_width() - 68.0).clamp(60.0, 140.0);
        let slider = Slider::new(&mut weight, 0.0..=Smoothing::MOST).step_by(0.001).fixed_decimals(3);
        if ui.add(slider).labelled_by(label.id).changed() {
            scene.act(PlotAction::Smooth(weight.into()));
        }
    });
}
