//! What the rows of each class count in the loss: all the same, balanced, or a number for each class.

use std::collections::BTreeMap;

use eframe::egui::{Align, Layout, ScrollArea, Ui, vec2};

use crate::domain::class_weights::{CLASS_WEIGHT, ClassWeights, in_a_line, short};
use crate::domain::dataset::DatasetSummary;
use crate::gui::theme::{self, space};

use super::{Scene, parts};

/// This many classes are visible before their list scrolls.
const CLASSES_SHOWN: usize = 6;
/// So many balanced weights are written out.
const WRITTEN_OUT: usize = 6;

pub fn class_weights_ui(ui: &mut Ui, scene: &Scene<'_>, weights: &mut Option<ClassWeights>) {
    parts::setting(ui, scene.words, "panel-class-weights", |ui| {
        let named = match weights {
            Some(ClassWeights::Named(named)) => named.clone(),
            _ => BTreeMap::new(),
        };
        let options = [
            (None, "panel-class-weights-none"),
            (Some(ClassWeights::Balanced), "panel-class-weights-balanced"),
            (Some(ClassWeights::Named(named)), "panel-class-weights-named"),
        ]
        .map(|(weights, id)| (weights, scene.say(id)));
        parts::pick(ui, "class weights", ui.available_width(), weights, &options)
    });
    let (Some(weights), Some(data)) = (weights.as_mut(), scene.state.train.dataset.latest()) else { return };
    let labels: Vec<String> = data.labels.iter().map(|label| label.label.clone()).collect();
    match (weights.resolve(&labels, &data.split.train), weights) {
        (Ok(found), ClassWeights::Balanced) => {
            let line = in_a_line(&labels, &found, WRITTEN_OUT);
            theme::cut(ui, theme::small_muted(ui, line));
        }
        (found, ClassWeights::Named(named)) => {
            // The names may be those of other data.
            if let Err(problem) = found {
                parts::problem(ui, scene.words, &problem);
            }
            named_ui(ui, data, named);
        }
        (Err(_), ClassWeights::Balanced) => {}
    }
}

/// Draws a number for each class. Of very many classes only those in view cost time.
fn named_ui(ui: &mut Ui, data: &DatasetSummary, named: &mut BTreeMap<String, f64>) {
    let mut changed = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let height = CLASSES_SHOWN as f32 * (space::CONTROL + 2.0);
        let area = ScrollArea::vertical().id_salt("weight of each class").max_height(height).auto_shrink([false, true]);
        area.show_rows(ui, space::CONTROL, data.labels.len(), |ui, in_view| {
            for label in &data.labels[in_view] {
                let mut weight = named.get(&label.label).copied().unwrap_or(1.0);
                ui.horizontal(|ui| {
                    let field = 72.0;
                    let width = (ui.available_width() - field - 2.0 * space::S).max(40.0);
                    let name = ui
                        .allocate_ui_with_layout(
                            vec2(width, space::CONTROL),
                            Layout::left_to_right(Align::Center),
                            |ui| {
                                ui.set_width(width);
                                let others = data.labels.iter().map(|label| label.label.as_str());
                                theme::cut_among(ui, &label.label, others, false)
                            },
                        )
                        .inner;
                    let drag = parts::number(&mut weight, CLASS_WEIGHT, field).max_decimals(3).speed(0.01);
                    let response = ui.add(drag.custom_formatter(|x, _| short(x))).labelled_by(name.id);
                    if response.changed() {
                        changed = Some((label.label.clone(), weight));
                    }
                });
            }
        });
    });
    if let Some((label, weight)) = changed {
        named.insert(label, weight);
        // A weight of 1 need not be said, and names of other data are no longer of use.
        named.retain(|name, weight| *weight != 1.0 && data.labels.iter().any(|label| label.label == *name));
    }
}
