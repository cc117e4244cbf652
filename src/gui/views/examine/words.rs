//! The words that a model lives by as a list with bars, beside those of the bag of words. A click on a word shows its rows.

use std::sync::Arc;

use eframe::egui::{ComboBox, Label, Rect, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::app::examine::{ExamineAction, ExaminePage};
use crate::app::explore::ExploreAction;
use crate::app::state::Loading;
use crate::domain::health::PartName;
use crate::domain::lived_words::{CHOICES, LabelWords, LivedWord, LivedWords, WeightedWord, secs};
use crate::domain::selection::{Condition, Selection};
use crate::words::{Fill, Number, lived_words, numbers};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::super::live::empty_note;
use super::found;

const HEADER: f32 = 24.0;
const ROW: f32 = 24.0;
/// A bar is so wide, where there is room for bars.
const BAR: f32 = 40.0;
/// A word's column is at least so wide.
const WORD: f32 = 70.0;
/// The choice of the label is so wide.
const CHOICE: f32 = 220.0;

/// A line of one of the two lists.
struct Line {
    name: String,
    value: f64,
    rows: u32,
    /// This condition finds its rows.
    condition: Condition,
}

pub fn words_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    let dir = scene.state.run.last_dir.as_deref();
    let known = dir.map(|dir| scene.state.examine.words_of(dir));
    let words = known.and_then(Loading::ready).filter(|_| !scene.state.is_running()).cloned();
    let Some(words) = words else {
        return theme::card_at(ui, rect, |ui| {
            if scene.state.run.last_dir.is_some() && !scene.state.is_running() {
                rows_ui(ui, scene);
            }
            let says = ("examine-words-about", "examine-words-find", "stage-words");
            found(ui, scene, known, says, ExamineAction::FindWords);
        });
    };
    let head_height = 2.0 * ui.spacing().interact_size.y + space::S;
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), head_height));
    theme::inside(ui, head, |ui| head_ui(ui, scene, &words));
    let body = Rect::from_min_max(pos2(rect.left(), head.bottom() + space::XS), rect.max);
    let middle = body.center().x;
    let half = space::S / 2.0;
    let left = Rect::from_min_max(body.min, pos2(middle - half, body.bottom()));
    let right = Rect::from_min_max(pos2(middle + half, body.top()), body.max);
    let label = scene.state.examine.words_label;
    let Some(of_label) = words.labels.get(label) else { return };
    theme::card_at(ui, left, |ui| {
        list_ui(ui, scene, "words-model", &own_lines(of_label), "words-attribution");
    });
    theme::card_at(ui, right, |ui| {
        let lines = bag_lines(scene, of_label);
        list_ui(ui, scene, "words-bag", &lines, "words-weight");
    });
}

fn own_lines(of_label: &LabelWords) -> Vec<Line> {
    let line = |word: &LivedWord| Line {
        name: word.word.clone(),
        value: word.attribution,
        rows: word.rows,
        condition: Condition::Word { word: word.word.clone() },
    };
    of_label.words.iter().map(line).collect()
}

fn bag_lines(scene: &Scene<'_>, of_label: &LabelWords) -> Vec<Line> {
    let line = |word: &WeightedWord| Line {
        name: lived_words::name(scene.words, word),
        value: word.weight,
        rows: word.rows,
        // A pair of words, or a part of one, is found as it is written.
        condition: Condition::Search { text: word.word.clone() },
    };
    of_label.bag_of_words.iter().map(line).collect()
}

/// Chooses how many rows are explained, and says how long that will take on this computer.
fn rows_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal_wrapped(|ui| {
        let rows = scene.state.examine.words_rows();
        let label = ui.label(scene.say("words-of-rows"));
        let combo = ComboBox::from_id_salt("words-rows").width(80.0).selected_text(numbers::count(rows));
        let opened = combo.show_ui(ui, |ui| {
            for choice in CHOICES {
                if ui.selectable_label(choice == rows, numbers::count(choice)).clicked() {
                    scene.act(ExamineAction::SetWordsRows(choice));
                }
            }
        });
        opened.response.labelled_by(label.id);
        let (times, model) = (scene.state.train.calibration.as_ref(), scene.state.train.model.latest());
        if let (Some(times), Some(model)) = (times, model) {
            let test = scene.state.run.shown.history.started.as_ref().map_or(rows, |started| started.test_rows);
            let secs = numbers::clock(secs(rows.min(test), model.facts.layers, times).ceil());
            ui.label(theme::small_muted(ui, scene.say_with("words-takes", &[("time", &secs)])));
        }
    });
    ui.add_space(space::XS);
}

/// Chooses the label, and says how many rows were explained.
fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>, words: &Arc<LivedWords>) {
    let shown = scene.state.examine.words_label;
    ui.horizontal(|ui| {
        let label = ui.label(scene.say("words-label"));
        let names: Vec<String> = words.labels.iter().map(|words| words.label.clone()).collect();
        let font = TextStyle::Button.resolve(ui.style());
        let fitted = theme::fitted_names(ui, "words label", &names, &font, CHOICE - 40.0);
        let combo = ComboBox::from_id_salt("words-label").width(CHOICE).truncate();
        let combo = combo.selected_text(fitted.get(shown).cloned().unwrap_or_default());
        let opened = combo.show_ui(ui, |ui| {
            for (label, name) in names.iter().enumerate() {
                if ui.selectable_label(label == shown, name).clicked() {
                    scene.act(ExamineAction::ShowWordsOf(label));
                }
            }
        });
        opened.response.labelled_by(label.id);
        let can = words.rows < words.test_rows;
        if can {
            rows_again_ui(ui, scene);
        }
    });
    let trusted = Number::Percent(words.trusted as f64 / words.rows.max(1) as f64);
    let told: [(&str, &dyn Fill); 3] = [("rows", &words.rows), ("all", &words.test_rows), ("trusted", &trusted)];
    ui.add(Label::new(theme::small_muted(ui, scene.say_with("words-explained", &told))).truncate());
}

/// More rows can be explained afterwards.
fn rows_again_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let rows = scene.state.examine.words_rows();
    let combo = ComboBox::from_id_salt("words-rows").width(80.0).selected_text(numbers::count(rows));
    let opened = combo.show_ui(ui, |ui| {
        for choice in CHOICES {
            if ui.selectable_label(choice == rows, numbers::count(choice)).clicked() {
                scene.act(ExamineAction::SetWordsRows(choice));
            }
        }
    });
    let name = scene.say("words-of-rows");
    opened.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &name));
    scene.button(ui, "words-again", true, ExamineAction::FindWords);
}

fn list_ui(ui: &mut Ui, scene: &mut Scene<'_>, title_id: &'static str, lines: &[Line], value_id: &'static str) {
    let (title, card) = (scene.say(title_id), theme::card_around(ui));
    theme::heading_row(ui, &title, Some(&scene.hint(title_id)), |ui| {
        save_plot::table_buttons(ui, scene, &title, card, |scene| export(scene, title_id, value_id, lines));
    });
    if lines.is_empty() {
        return empty_note(ui, &scene.say("words-none"));
    }
    let width = |text: &str| theme::text_width(ui, text, TextStyle::Body).ceil() + 4.0;
    let small = |id| theme::text_width(ui, &scene.say(id), TextStyle::Small).ceil() + 4.0;
    let number = width("+10.000").max(small(value_id));
    let rows = lines.iter().map(|line| width(&numbers::count(line.rows as usize))).fold(small("words-rows"), f32::max);
    let gap = ui.spacing().item_spacing.x;
    let left = ui.available_width() - number - rows - 3.0 * gap;
    let bar = if left >= WORD + BAR { BAR } else { 0.0 };
    let word = (left - bar).max(WORD);
    let columns = [word, bar, number, rows].map(theme::fixed);
    let names: Vec<String> = lines.iter().map(|line| line.name.clone()).collect();
    let shown = theme::fitted_names(ui, title_id, &names, &TextStyle::Body.resolve(ui.style()), word - 1.0);
    let largest = lines.iter().map(|line| line.value).fold(f64::MIN_POSITIVE, f64::max);
    let colour = theme::palette(ui).right_cell;
    let mut chosen = None;
    theme::table(ui, title_id, columns)
        .sense(Sense::click())
        .min_scrolled_height(0.0)
        .header(HEADER, |mut header| {
            for id in ["words-word", "", value_id, "words-rows"] {
                header.col(|ui| {
                    if !id.is_empty() {
                        ui.label(theme::small_muted(ui, scene.say(id)));
                    }
                });
            }
        })
        .body(|body| {
            body.rows(ROW, lines.len(), |mut row| {
                let line = &lines[row.index()];
                let value = format!("{:+.3}", line.value);
                let count = numbers::count(line.rows as usize);
                let said: [(&str, &dyn Fill); 3] =
                    [("word", &line.name), ("value", &value), ("rows", &(line.rows as usize))];
                let said = scene.say_with("words-line", &said);
                let at = row.index();
                row.col(|ui| {
                    theme::shown_name(ui, &shown[at], &names[at]);
                });
                row.col(|ui| {
                    if bar > 0.0 {
                        theme::bar(ui, (line.value / largest) as f32, vec2(bar, 8.0), colour, &said);
                    }
                });
                for text in [value, count] {
                    row.col(|ui| {
                        ui.with_layout(theme::of_column(1), |ui| ui.label(text));
                    });
                }
                let response = row.response();
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
                if response.on_hover_text(scene.say("words-click")).clicked() {
                    chosen = Some(line.condition.clone());
                }
            });
        });
    if let Some(condition) = chosen {
        scene.act(ExamineAction::ShowPage(ExaminePage::Rows));
        let of_test = Selection::default().narrowed(Condition::Split { split: PartName::Test });
        scene.act(ExploreAction::OpenScreen(of_test.narrowed(condition)));
    }
}

fn export(scene: &Scene<'_>, title_id: &'static str, value_id: &'static str, lines: &[Line]) -> Table {
    let mut table = Table::new([title_id, value_id, "words-rows"].map(|id| scene.say(id)));
    for line in lines {
        table.rows.push(vec![line.name.clone(), save_plot::number(line.value), line.rows.to_string()]);
    }
    table
}
