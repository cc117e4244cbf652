//! A slider sets how many rows of each class are trained on, from 8 to all. Each step is twice the one before.

use eframe::egui::{Id, Slider, Ui};

use crate::app::action::Action;
use crate::app::train::TrainAction;
use crate::domain::config::DataConfig;
use crate::gui::theme;
use crate::words::numbers;

use super::parts::{self, Scene};

/// Draws the slider and says how many rows it leaves. A new value counts when the slider is let go, because each change
/// divides the rows anew.
pub fn rows_per_class(ui: &mut Ui, scene: &mut Scene<'_>) {
    let config = &scene.state.train.config.data;
    let Some(data) = scene.state.train.dataset.latest() else { return };
    let mut steps = data.few_rows_steps(config);
    let most = data.most_train_rows(config);
    // A number that was set elsewhere is a step as well.
    steps.extend(config.rows_per_class.filter(|rows| *rows < most));
    steps.sort_unstable();
    steps.dedup();
    let all = steps.len();
    let chosen = config.rows_per_class.and_then(|rows| steps.iter().position(|step| *step == rows)).unwrap_or(all);
    let text = scene.say("panel-rows-per-class-all");
    let text_of = |at: f64| steps.get(at.round() as usize).map_or_else(|| text.clone(), |rows| numbers::count(*rows));

    let memory = Id::unique("rows per class while dragged");
    let mut at = ui.data(|d| d.get_temp::<usize>(memory)).unwrap_or(chosen);
    let mut changed = None;
    parts::setting(ui, scene.words, "panel-rows-per-class", |ui| {
        ui.spacing_mut().slider_width = (ui.available_width() - 62.0).max(40.0);
        let slider = Slider::new(&mut at, 0..=all).custom_formatter(|at, _| text_of(at)).custom_parser(|typed| {
            let rows = parts::parse_grouped(typed)?;
            Some(steps.iter().position(|step| *step as f64 >= rows).unwrap_or(all) as f64)
        });
        let response = ui.add_enabled(all > 0, slider);
        if response.dragged() {
            ui.data_mut(|d| d.insert_temp(memory, at));
        } else {
            ui.data_mut(|d| d.remove::<usize>(memory));
            changed = (at != chosen).then(|| steps.get(at).copied());
        }
        response
    });
    if config.rows_per_class.is_some() {
        let left = data.split.totals().0;
        ui.label(theme::small_muted(ui, scene.say_with("panel-rows-per-class-left", &[("rows", &left)])));
    }
    if let Some(rows_per_class) = changed {
        scene.actions.push(Action::Train(TrainAction::ChangeData(DataConfig { rows_per_class, ..config.clone() })));
    }
}
