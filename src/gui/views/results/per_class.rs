//! The table of the classes and, among many of them, what finds one: an order, a search, and the most frequent mistakes.

use eframe::egui::{self, Label, Response, Role, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo};

use crate::app::run::RunAction;
use crate::app::run::classes::{ClassesAction, FEW_CLASSES};
use crate::domain::message::TestEvaluated;
use crate::domain::metrics::Mistake;
use crate::domain::selection::Condition;
use crate::words::{Catalogue, Number, numbers};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::super::live::empty_note;
use super::open_rows;

/// At most so many mistakes are listed.
const PAIRS: usize = 200;
const HEADER: f32 = 24.0;
const ROW: f32 = 26.0;
/// The place of precision among the numbers of a class.
const PRECISION: usize = 0;
const COLUMNS: [&str; 5] = ["results-label", "results-precision", "results-recall", "results-f1", "results-support"];

pub fn table_ui(ui: &mut Ui, test: &TestEvaluated, scene: &mut Scene<'_>) {
    let names = COLUMNS.map(|id| scene.say(id));
    let (card, title) = (theme::card_around(ui), scene.say("results-per-class"));
    theme::heading_row(ui, &title, Some(&scene.hint("results-per-class")), |ui| {
        save_plot::table_buttons(ui, scene, &title, card, |scene| as_table(test, &names, scene.words));
    });
    let has_many = test.labels.len() > FEW_CLASSES;
    if has_many {
        controls_ui(ui, scene);
    }
    if has_many && scene.state.run.classes.lists_pairs {
        return pairs_ui(ui, test, scene);
    }
    let listed = scene.state.run.classes.listed(test);
    if listed.is_empty() {
        return empty_note(ui, &scene.say("results-none-found"));
    }
    classes_ui(ui, test, &listed, &names, scene);
}

/// Draws the search, and below it what is listed in which order.
fn controls_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let classes = scene.state.run.classes.clone();
    let mut search = classes.search.clone();
    let field = TextEdit::singleline(&mut search).hint_text(scene.say("results-search")).desired_width(f32::INFINITY);
    let response = ui.add(field).on_hover_text(scene.hint("results-search"));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, scene.say("results-search")));
    if search != classes.search {
        scene.act(RunAction::Classes(ClassesAction::Search(search)));
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(space::M, space::XS);
        let mut choice = |ui: &mut Ui, id: &'static str, is_chosen: bool, actions: [ClassesAction; 2]| {
            let text = if is_chosen { theme::semibold(scene.say(id)) } else { theme::muted(ui, scene.say(id)) };
            let button = egui::Button::new(text).frame(false).selected(is_chosen);
            if ui.add(button).on_hover_text(scene.hint(id)).clicked() && !is_chosen {
                actions.into_iter().for_each(|action| scene.act(RunAction::Classes(action)));
            }
        };
        let list =
            |lists_pairs, worst_first| [ClassesAction::ListPairs(lists_pairs), ClassesAction::WorstFirst(worst_first)];
        let is_by_class = !classes.lists_pairs;
        choice(ui, "results-order-data", is_by_class && !classes.worst_first, list(false, false));
        choice(ui, "results-order-worst", is_by_class && classes.worst_first, list(false, true));
        choice(ui, "results-pairs", classes.lists_pairs, list(true, classes.worst_first));
    });
}

fn classes_ui(ui: &mut Ui, test: &TestEvaluated, listed: &[usize], names: &[String; 5], scene: &mut Scene<'_>) {
    let is_narrow = ui.available_width() < 300.0;
    if is_narrow {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.style_mut().override_text_style = Some(egui::TextStyle::Small);
    }
    // Every heading and every number is read in full. Where the longest name leaves room, the columns are of one width.
    let longest = test.labels.iter().max_by_key(|label| label.chars().count()).map_or("", String::as_str);
    let label_width = theme::text_width(ui, longest, egui::TextStyle::Body).max(48.0) + space::S;
    let even = ((ui.available_width() - label_width) / 4.0 - ui.spacing().item_spacing.x).floor().clamp(0.0, 76.0);
    let text_width = |text: &str| theme::text_width(ui, text, egui::TextStyle::Small).ceil() + 1.0;
    let number_style = if is_narrow { egui::TextStyle::Small } else { egui::TextStyle::Body };
    let support = test.per_class.iter().map(|class| class.support).max().unwrap_or(0);
    let widest = [numbers::ratio(0.0), numbers::ratio(0.0), numbers::ratio(0.0), numbers::count(support as usize)]
        .map(|text| theme::text_width(ui, &text, number_style.clone()).ceil() + 1.0);
    let widths: Vec<f32> =
        names[1..].iter().zip(widest).map(|(name, widest)| even.max(widest).max(text_width(name))).collect();
    let (mut opened, height) = (None, whole_rows(ui));
    // A run that is replayed or under way has no rows to be seen.
    let leads_on = scene.state.run.last_dir.is_some();
    theme::table(ui, "per-class", [theme::wide(50.0)].into_iter().chain(widths.into_iter().map(theme::fixed)))
        .sense(if leads_on { Sense::CLICK } else { Sense::hover() })
        .min_scrolled_height(0.0)
        .max_scroll_height(height)
        .header(HEADER, |mut header| {
            for (i, (name, column)) in names.iter().zip(COLUMNS).enumerate() {
                header.col(|ui| {
                    ui.with_layout(theme::of_column(i), |ui| {
                        ui.label(theme::small_muted(ui, name)).on_hover_text(scene.hint(column));
                    });
                });
            }
        })
        .body(|body| {
            body.rows(ROW, listed.len(), |mut row| {
                let place = listed[row.index()];
                let (class, label) = (&test.per_class[place], place as u32);
                let others = test.labels.iter().map(String::as_str);
                let is_label = Condition::TrueLabel { label };
                row.col(|ui| {
                    let name = theme::cut_among(ui, &class.label, others, false);
                    if leads_on && name_ui(ui, &name, &class.label, scene).clicked() {
                        opened = Some(is_label.clone());
                    }
                });
                let numbers = [class.precision, class.recall, class.f1].map(numbers::ratio);
                for (i, number) in numbers.into_iter().chain([numbers::count(class.support as usize)]).enumerate() {
                    let (_, cell) = row.col(|ui| {
                        let number = Label::new(number).selectable(!leads_on);
                        ui.with_layout(theme::of_column(1), |ui| ui.add(number));
                    });
                    // Precision is of the rows that were predicted so, all else of those that are so.
                    let (condition, id) = match i {
                        PRECISION => (Condition::PredictedLabel { label }, "results-rows-predicted"),
                        _ => (is_label.clone(), "results-rows-of"),
                    };
                    if leads_on && cell.on_hover_text(scene.say_with(id, &[("label", &class.label)])).clicked() {
                        opened = Some(condition);
                    }
                }
            });
        });
    if let Some(condition) = opened {
        open_rows(scene, condition);
    }
}

/// Draws nothing, but has the name of a class lead to its rows, by the keyboard as well.
fn name_ui(ui: &Ui, name: &Response, label: &str, scene: &Scene<'_>) -> Response {
    let told = scene.say_with("results-rows-of", &[("label", &label)]);
    let link = ui.interact(name.rect, name.id.with("rows"), Sense::click());
    link.widget_info(|| WidgetInfo::labeled(Role::Button, true, &told));
    if link.has_focus() {
        let ring = Stroke::new(2.0, theme::palette(ui).accent);
        ui.painter().rect_stroke(name.rect.intersect(ui.clip_rect()), 2.0, ring, StrokeKind::Inside);
    }
    link.on_hover_text(told)
}

/// Returns the height of as many rows as are seen whole, below the header.
pub fn whole_rows(ui: &Ui) -> f32 {
    let gap = ui.spacing().item_spacing.y;
    let rows = ((ui.available_height() - HEADER - gap) / (ROW + gap)).floor().max(1.0);
    rows * (ROW + gap) - gap
}

/// Draws the most frequent mistakes among those that concern a class that is searched for. Each leads to its cell.
fn pairs_ui(ui: &mut Ui, test: &TestEvaluated, scene: &mut Scene<'_>) {
    let classes = &scene.state.run.classes;
    let is_found = |class: usize| classes.is_found(&test.labels[class]);
    let all = if classes.search.trim().is_empty() { PAIRS } else { usize::MAX };
    let mut pairs = test.confusion.worst_pairs(all);
    pairs.retain(|pair| is_found(pair.truth) || is_found(pair.predicted));
    pairs.truncate(PAIRS);
    if pairs.is_empty() {
        return empty_note(ui, &scene.say("results-no-pairs"));
    }
    let is_narrow = ui.available_width() < 300.0;
    if is_narrow {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.style_mut().override_text_style = Some(egui::TextStyle::Small);
    }
    let style = if is_narrow { egui::TextStyle::Small } else { egui::TextStyle::Body };
    let heads = ["results-true", "results-predicted", "results-count", "results-share"].map(|id| scene.say(id));
    let room = |text: &str, head: &str| {
        let head = theme::text_width(ui, head, egui::TextStyle::Small);
        theme::text_width(ui, text, style.clone()).max(head).ceil() + 1.0
    };
    let most = numbers::count(pairs[0].count as usize);
    let numbers = [room(&most, &heads[2]), room(&scene.words.write(Number::Percent(1.0)), &heads[3])];
    let marked = scene.state.run.classes.marked;
    let columns = [theme::wide(40.0), theme::wide(40.0), theme::fixed(numbers[0]), theme::fixed(numbers[1])];
    let (mut opened, height) = (None, whole_rows(ui));
    theme::table(ui, "worst pairs", columns)
        .sense(egui::Sense::click())
        .min_scrolled_height(0.0)
        .max_scroll_height(height)
        .header(HEADER, |mut header| {
            for (i, name) in heads.iter().enumerate() {
                header.col(|ui| {
                    ui.with_layout(theme::of_column(i.saturating_sub(1)), |ui| ui.label(theme::small_muted(ui, name)));
                });
            }
        })
        .body(|body| {
            body.rows(ROW, pairs.len(), |mut row| {
                let Mistake { truth, predicted, count, share } = pairs[row.index()];
                row.set_selected(marked == Some((truth, predicted)));
                for class in [truth, predicted] {
                    let others = test.labels.iter().map(String::as_str);
                    row.col(|ui| drop(theme::cut_among(ui, &test.labels[class], others, false)));
                }
                for number in [numbers::count(count as usize), scene.words.write(Number::Percent(share))] {
                    row.col(|ui| {
                        ui.with_layout(theme::of_column(1), |ui| ui.label(number));
                    });
                }
                let line = [
                    ("true", &test.labels[truth] as &dyn crate::words::Fill),
                    ("predicted", &test.labels[predicted]),
                    ("count", &count),
                    ("share", &Number::Percent(share)),
                ];
                let text = scene.say_with("matrix-cell", &line);
                let response = row.response();
                response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, text.replace('\n', ", ")));
                if response.on_hover_text(format!("{text}\n{}", scene.say("results-open-cell"))).clicked() {
                    opened = Some((truth, predicted));
                }
            });
        });
    if let Some((truth, predicted)) = opened {
        scene.act(RunAction::Classes(ClassesAction::OpenCell { truth, predicted }));
    }
}

/// Returns the measures of the classes and, below them, those of the whole test.
fn as_table(test: &TestEvaluated, names: &[String], words: &Catalogue) -> Table {
    let mut table = Table::new(names.iter().cloned());
    for c in &test.per_class {
        let numbers = [c.precision, c.recall, c.f1].map(save_plot::number);
        table.rows.push([c.label.clone()].into_iter().chain(numbers).chain([c.support.to_string()]).collect());
    }
    table.rows.push(Vec::new());
    for (id, value) in [("results-accuracy", test.accuracy), ("compare-f1", test.macro_f1)] {
        table.rows.push(vec![words.say(id), save_plot::number(value)]);
    }
    table
}
