//! Which label of the model each label of the file stands for: a table of two columns, in which a guess is marked and can be
//! corrected.

use eframe::egui::{Grid, Label, RichText, ScrollArea, Ui};

use crate::app::train::TrainAction;
use crate::domain::config::{DataConfig, TrainingConfig};
use crate::domain::labels::{LabelPair, MatchedBy};
use crate::domain::params::{HeadStart, ModelFacts};
use crate::gui::theme::{self, palette, space};

use super::{Scene, parts};

/// More rows than this scroll.
const ROWS: f32 = 8.0;
const ROW: f32 = 32.0;
const LABEL_WIDTH: f32 = 130.0;

/// Draws the table where there is something to map: as many labels as the model's own head has, but not of the same names.
pub fn label_map_ui(ui: &mut Ui, scene: &mut Scene<'_>, facts: &ModelFacts) {
    let Some(classes) = &facts.head_labels else { return };
    head_ui(ui, scene);
    let config = &scene.state.train.config.data;
    // A new head has the labels of the data, so that there is nothing to map.
    if config.new_head {
        return;
    }
    let Some(data) = scene.state.train.dataset.latest().cloned() else { return };
    let labels: Vec<&str> = data.labels.iter().map(|label| label.label.as_str()).collect();
    let by_name = facts.matched.iter().all(|pair| pair.by == MatchedBy::Name);
    let is_same = facts.head == HeadStart::Kept && by_name && config.label_map.is_empty();
    if labels.len() != classes.len() || is_same {
        return;
    }
    let is_guess = facts.matched.iter().any(|pair| pair.by.is_guess());
    let title = scene.say("panel-label-map");
    let title = if is_guess { scene.say_with("panel-guessed", &[("name", &title)]) } else { title };
    parts::caption(ui, &title).on_hover_text(scene.hint("panel-label-map"));
    let shown: Vec<Option<String>> = labels.iter().map(|label| class_of(label, config, facts)).collect();
    let mut chosen = shown.clone();
    let unset = scene.say("panel-label-map-unset");
    let width = ui.available_width() - LABEL_WIDTH - space::S;
    // The panel around it scrolls as well, so that the room that is left on the screen does not count.
    let rows = ScrollArea::vertical().id_salt("label map").max_height(ROWS * ROW).min_scrolled_height(ROWS * ROW);
    rows.show(ui, |ui| {
        Grid::new("label map rows").num_columns(2).min_row_height(ROW).show(ui, |ui| {
            for heading in ["panel-label-map-own", "panel-label-map-model"] {
                ui.label(theme::small_muted(ui, scene.say(heading)));
            }
            ui.end_row();
            for (i, label) in labels.iter().enumerate() {
                ui.scope(|ui| {
                    ui.set_width(LABEL_WIDTH);
                    ui.add(Label::new(RichText::new(*label)).truncate()).on_hover_text(*label);
                });
                let options = classes.iter().map(|class| (Some(class.clone()), class.clone()));
                let text = shown[i].as_deref().unwrap_or(&unset).to_owned();
                let choice = parts::choice(ui, &format!("class of {i}"), width, &text, &mut chosen[i], options);
                choice.accessible_name(scene.say_with("panel-label-map-of", &[("label", label)]));
                ui.end_row();
            }
        });
    });
    if facts.head == HeadStart::Replaced {
        parts::sentence(ui, scene.say("panel-label-map-open"), palette(ui).muted);
    }
    let is_stated = !config.label_map.is_empty();
    let mut map = None;
    if let Some(changed) = (0..labels.len()).find(|i| chosen[*i] != shown[*i]) {
        map = Some(stated(&labels, &shown, changed, chosen[changed].clone()));
    }
    if is_stated && ui.button(scene.say("panel-label-map-forget")).clicked() {
        map = Some(Vec::new());
    }
    if let Some(label_map) = map {
        let data = DataConfig { label_map, ..scene.state.train.config.data.clone() };
        scene.act(TrainAction::ChangeData(Box::new(data)));
    }
}

/// Draws the two switches of which one can be on: the model's own head or none, and a new one in any case.
fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (training, data) = (&scene.state.train.config.training, &scene.state.train.config.data);
    let (mut keep_head, mut new_head) = (training.keep_head, data.new_head);
    parts::switch(ui, scene.words, "panel-keep-head", &mut keep_head);
    parts::switch(ui, scene.words, "panel-new-head", &mut new_head);
    // The switch that was turned on last turns the other off.
    let keeps_now = keep_head && !training.keep_head;
    (keep_head, new_head) = (keep_head && (keeps_now || !new_head), new_head && !keeps_now);
    let training_then = TrainingConfig { keep_head, ..training.clone() };
    // What was stated of labels says nothing of a new head.
    let label_map = if new_head { Vec::new() } else { data.label_map.clone() };
    let data_then = DataConfig { new_head, label_map, ..data.clone() };
    let (changes_training, changes_data) = (training_then != *training, data_then != *data);
    if changes_training {
        scene.act(TrainAction::ChangeTraining(training_then));
    }
    if changes_data {
        scene.act(TrainAction::ChangeData(Box::new(data_then)));
    }
}

/// The model's label that a label stands for: as stated, else as guessed.
fn class_of(label: &str, config: &DataConfig, facts: &ModelFacts) -> Option<String> {
    let stated = config.label_map.iter().find(|pair| pair.label == label).map(|pair| pair.class.clone());
    stated.or_else(|| facts.matched.iter().find(|pair| pair.label == label).map(|pair| pair.class.clone()))
}

/// What is stated once the label at `changed` stands for another class: the label that stood for it takes the former one.
fn stated(labels: &[&str], shown: &[Option<String>], changed: usize, class: Option<String>) -> Vec<LabelPair> {
    let former = shown[changed].clone();
    let of = |i: usize| match &shown[i] {
        _ if i == changed => class.clone(),
        own if *own == class => former.clone(),
        own => own.clone(),
    };
    let pair = |i: usize| Some(LabelPair { label: labels[i].to_owned(), class: of(i)? });
    (0..labels.len()).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_is_taken_is_exchanged() {
        let texts = |names: &[&str]| {
            names.iter().map(|name| (!name.is_empty()).then(|| (*name).to_owned())).collect::<Vec<_>>()
        };
        let said = |shown: &[&str], changed, class: &str| {
            let map = stated(&["a", "b", "c"], &texts(shown), changed, Some(class.to_owned()));
            map.into_iter().map(|pair| format!("{}={}", pair.label, pair.class)).collect::<Vec<_>>().join(",")
        };
        assert_eq!(said(&["X", "Y", "Z"], 0, "Z"), "a=Z,b=Y,c=X");
        assert_eq!(said(&["", "", ""], 1, "X"), "b=X");
        assert_eq!(said(&["X", "", ""], 1, "X"), "b=X");
    }
}
