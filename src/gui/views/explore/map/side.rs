//! Beside the map: what a linear probe reads after each layer, and the words that tell the selection from the other rows.

use eframe::egui::{Label, Role, Sense, TextStyle, Ui, WidgetInfo};

use crate::app::explore::ExploreAction;
use crate::app::state::Loading;
use crate::app::text_map::TextMapAction;
use crate::domain::selection::Condition;
use crate::domain::telling_words::TellingWord;
use crate::domain::text_map::{Hits, Probes};
use crate::words::{Fill, Number, numbers};

use super::super::super::super::problem::problem_ui;
use super::super::super::super::save_plot::{self, Table, number};
use super::super::super::super::theme::{self, space};
use super::super::super::Scene;
use super::super::super::live::empty_note;
use super::progress_ui;

const HEADER: f32 = 22.0;
const ROW: f32 = 24.0;

pub fn probes_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let state = &scene.state.text_map;
    let (title, card) = (scene.say("map-probes"), theme::card_around(ui));
    let probes = state.probes.ready().filter(|_| state.map.ready().is_some());
    theme::heading_row(ui, &title, Some(&scene.hint("map-probes")), |ui| {
        if let Some(probes) = probes {
            save_plot::button(ui, scene, &title, card, |scene| probe_table(scene, probes));
        }
    });
    match (&state.probes, probes) {
        (_, Some(probes)) => probe_lines(ui, scene, probes),
        (Loading::Failed(problem), _) => problem_ui(ui, scene.words, problem, theme::palette(ui).error),
        (Loading::Waiting(..), _) => {
            ui.add(Label::new(scene.say("map-probes-waiting")).wrap());
            progress_ui(ui, scene, state);
        }
        _ => empty_note(ui, &scene.say("map-probes-later")),
    }
}

fn probe_lines(ui: &mut Ui, scene: &mut Scene<'_>, probes: &Probes) {
    let args: [(&str, &dyn Fill); 2] = [("rows", &probes.rows), ("part", &probes.part.name())];
    ui.add(Label::new(theme::small_muted(ui, scene.say_with("map-probes-of", &args))).wrap());
    ui.add_space(space::XS);
    let width = |text: &str| theme::text_width(ui, text, TextStyle::Body).ceil() + 6.0;
    let heads = ["map-layer", "map-before", "map-after"].map(|id| scene.say(id));
    let widest = width(&scene.words.write(Number::Percent(1.0)));
    let columns = [width(&heads[0]), widest.max(width(&heads[1])), widest.max(width(&heads[2]))];
    let (shown, mut chosen) = (scene.state.text_map.layer(), None);
    let table = theme::table(ui, "probes", columns.map(theme::fixed)).sense(Sense::click()).min_scrolled_height(0.0);
    table
        .header(HEADER, |mut header| {
            for (i, head) in heads.iter().enumerate() {
                header.col(|ui| {
                    ui.with_layout(theme::of_column(i), |ui| ui.label(theme::small_muted(ui, head)));
                });
            }
        })
        .body(|body| {
            body.rows(ROW, probes.layers.len(), |mut row| {
                let (layer, (before, after)) = (row.index(), probes.layers[row.index()]);
                row.set_selected(layer == shown);
                let percent = |hits: Hits| scene.words.write(Number::Percent(hits.accuracy()));
                let texts = [layer.to_string(), before.map_or_else(String::new, percent), percent(after)];
                for (i, text) in texts.into_iter().enumerate() {
                    row.col(|ui| {
                        ui.with_layout(theme::of_column(i), |ui| ui.label(text));
                    });
                }
                let (response, said) = (row.response(), sentence(scene, layer, before, after));
                response.widget_info(|| WidgetInfo::selected(Role::Button, true, layer == shown, &said));
                if response.on_hover_text(&said).clicked() {
                    chosen = Some(layer);
                }
            });
        });
    if let Some(layer) = chosen {
        scene.act(TextMapAction::SetLayer(layer));
    }
}

/// Says what was read after a layer, with the intervals.
fn sentence(scene: &Scene<'_>, layer: usize, before: Option<Hits>, after: Hits) -> String {
    let told = |hits: Hits| {
        let (low, high) = hits.interval();
        let [accuracy, low, high] = [hits.accuracy(), low, high].map(Number::Percent);
        scene.say_with("map-interval", &[("accuracy", &accuracy), ("low", &low), ("high", &high)])
    };
    match before {
        Some(before) => {
            scene.say_with("map-probe-both", &[("layer", &layer), ("before", &told(before)), ("after", &told(after))])
        }
        None => scene.say_with("map-probe-one", &[("layer", &layer), ("after", &told(after))]),
    }
}

fn probe_table(scene: &Scene<'_>, probes: &Probes) -> Table {
    let sides = ["map-before", "map-after"].map(|id| scene.say(id));
    let [low, high] = ["compare-low", "compare-high"].map(|id| scene.say(id));
    let heads = sides.iter().flat_map(|side| [side.clone(), format!("{side}, {low}"), format!("{side}, {high}")]);
    let mut table = Table::new(std::iter::once(scene.say("map-layer")).chain(heads));
    let cells = |hits: Option<Hits>| match hits {
        Some(hits) => [hits.accuracy(), hits.interval().0, hits.interval().1].map(number),
        None => Default::default(),
    };
    let row = |(layer, (before, after)): (usize, &(Option<Hits>, Hits))| {
        std::iter::once(layer.to_string()).chain(cells(*before)).chain(cells(Some(*after))).collect()
    };
    table.rows = (0..).zip(&probes.layers).map(row).collect();
    table
}

pub fn words_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (title, card) = (scene.say("map-words"), theme::card_around(ui));
    let words = scene.state.text_map.words.latest().map(|words| words.as_slice()).unwrap_or_default();
    theme::heading_row(ui, &title, Some(&scene.hint("map-words")), |ui| {
        if !words.is_empty() {
            save_plot::button(ui, scene, &title, card, |scene| word_table(scene, words));
        }
    });
    if words.is_empty() {
        let id = if scene.state.text_map.words.ready().is_some() { "map-words-none" } else { "map-words-later" };
        return empty_note(ui, &scene.say(id));
    }
    let width = |text: &str| theme::text_width(ui, text, TextStyle::Body).ceil() + 6.0;
    let heads = ["map-word", "map-chosen", "map-others"].map(|id| scene.say(id));
    let most = words.iter().map(|word| word.chosen.max(word.others)).max().unwrap_or(0);
    let count = width(&numbers::count(most as usize));
    let columns =
        [theme::wide(60.0), theme::fixed(count.max(width(&heads[1]))), theme::fixed(count.max(width(&heads[2])))];
    let mut chosen = None;
    let table = theme::table(ui, "telling words", columns).sense(Sense::click()).min_scrolled_height(0.0);
    table
        .header(HEADER, |mut header| {
            for (i, head) in heads.iter().enumerate() {
                header.col(|ui| {
                    ui.with_layout(theme::of_column(i), |ui| ui.label(theme::small_muted(ui, head)));
                });
            }
        })
        .body(|body| {
            body.rows(ROW, words.len(), |mut row| {
                let word = &words[row.index()];
                row.col(|ui| theme::cut(ui, word.word.as_str()));
                for text in [word.chosen, word.others].map(|rows| numbers::count(rows as usize)) {
                    row.col(|ui| {
                        ui.with_layout(theme::of_column(1), |ui| ui.label(text));
                    });
                }
                let args: [(&str, &dyn Fill); 3] = [
                    ("word", &word.word.as_str()),
                    ("chosen", &(word.chosen as usize)),
                    ("others", &(word.others as usize)),
                ];
                let (response, said) = (row.response(), scene.say_with("map-word-said", &args));
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
                if response.on_hover_text(&said).clicked() {
                    chosen = Some(word.word.clone());
                }
            });
        });
    if let Some(word) = chosen {
        scene.act(ExploreAction::Select(Condition::Word { word }));
    }
}

fn word_table(scene: &Scene<'_>, words: &[TellingWord]) -> Table {
    let mut table = Table::new(["map-word", "map-chosen", "map-others", "map-score"].map(|id| scene.say(id)));
    let row = |word: &TellingWord| {
        vec![word.word.clone(), word.chosen.to_string(), word.others.to_string(), number(word.score)]
    };
    table.rows = words.iter().map(row).collect();
    table
}
