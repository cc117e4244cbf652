//! A row for each student, and one fact in a cell: of the whole lesson, or of one of its steps.

use eframe::egui::{ComboBox, RichText, Role, TextStyle, Ui, WidgetInfo};

use crate::app::compare::desk::{DeskAction, Version};
use crate::domain::lesson::sheet::{Cell, Column, Fact, Sheet, Total, total};
use crate::domain::spreadsheet::Table;
use crate::words::{Number, class_sheet};

use super::super::super::super::markdown::plain;
use super::super::super::super::save_plot;
use super::super::super::super::theme;
use super::super::ROW;
use super::Scene;

pub fn table_ui(ui: &mut Ui, scene: &mut Scene<'_>, version: &Version<'_>) {
    let of = scene.state.compare.desk.table_step.filter(|step| version.asked().contains(step));
    let (table, columns) = class_table(scene, version, of);
    let card = theme::card_around(ui);
    ui.horizontal(|ui| {
        step_ui(ui, scene, version, of);
        let title = version.any().title.tongue(scene.words.tag());
        save_plot::table_buttons(ui, scene, title, card, |_| table.clone());
    });
    // Every heading is read in full, and so is what is said of all students.
    let natural = |at: usize| {
        let head = theme::text_width(ui, &table.headers[at], TextStyle::Small);
        head.max(theme::text_width(ui, &table.rows[0][at], TextStyle::Body)) + 12.0
    };
    let widths: Vec<f32> = columns.iter().enumerate().map(|(at, width)| width.max(natural(at))).collect();
    let gap = ui.spacing().item_spacing.x;
    theme::scroll_by_columns(ui, "class across", &widths, gap, |ui| {
        theme::table(ui, "class", widths.iter().copied().map(theme::fixed))
            .header(ROW, |mut header| {
                for name in &table.headers {
                    header.col(|ui| theme::cut(ui, theme::small_muted(ui, name)));
                }
            })
            .body(|body| {
                body.rows(ROW, table.rows.len(), |mut row| {
                    let is_sum = row.index() == 0;
                    for cell in &table.rows[row.index()] {
                        let text = RichText::new(cell.replace('\n', " "));
                        row.col(|ui| theme::cut(ui, if is_sum { text.strong() } else { text }));
                    }
                });
            });
    });
}

/// Draws the choice between the whole lesson and one step.
fn step_ui(ui: &mut Ui, scene: &mut Scene<'_>, version: &Version<'_>, of: Option<usize>) {
    let name = |step: Option<usize>, scene: &Scene<'_>| match step {
        None => scene.say("desk-all-steps"),
        Some(step) => plain(&class_sheet::step_title(scene.words, step, &version.any().steps[step].title)),
    };
    let combo = ComboBox::from_id_salt("table step").width(260.0).truncate().selected_text(name(of, scene));
    let combo = combo.show_ui(ui, |ui| {
        for step in std::iter::once(None).chain(version.asked().into_iter().map(Some)) {
            if ui.selectable_label(step == of, name(step, scene)).clicked() {
                scene.act(DeskAction::ShowTableOf(step));
            }
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, name(of, scene)));
}

/// A column of the table. Its first cell is about the whole class, the others about one student each.
struct Cells {
    head: String,
    width: f32,
    cells: Vec<String>,
}

/// Returns the table and the widths of its columns.
fn class_table(scene: &Scene<'_>, version: &Version<'_>, of: Option<usize>) -> (Table, Vec<f32>) {
    let sheet = Sheet::of(version.bundles(), &scene.state.shell.settings.grades);
    let is_shown = |at: &usize| match of {
        Some(step) => sheet.columns[*at].step == step,
        None => is_main(&sheet, &sheet.columns[*at]),
    };
    let mut columns = about_students(scene, version);
    columns.extend((0..sheet.columns.len()).filter(is_shown).map(|at| {
        let column = &sheet.columns[at];
        let cells: Vec<Cell> = (0..sheet.bundles.len()).map(|row| sheet.cell(row, at)).collect();
        let shown = cells.iter().map(|cell| match cell {
            Cell::Choice(..) => plain(&class_sheet::shown(scene.words, cell)),
            _ => class_sheet::shown(scene.words, cell),
        });
        let head = match of {
            Some(_) => class_sheet::fact(scene.words, &column.fact),
            None => plain(&class_sheet::heading(scene.words, column)),
        };
        let cells = std::iter::once(summary(scene, &cells)).chain(shown).collect();
        Cells { head, width: width(&column.fact, of.is_some()), cells }
    }));
    let mut table = Table::new(columns.iter().map(|column| column.head.clone()));
    table.rows = (0..=version.files.len()).map(|row| columns.iter().map(|c| c.cells[row].clone()).collect()).collect();
    (table, columns.iter().map(|column| column.width).collect())
}

/// Returns who the students are, their points and what waits to be graded, as far as there is any of it.
fn about_students(scene: &Scene<'_>, version: &Version<'_>) -> Vec<Cells> {
    let (words, grades) = (scene.words, &scene.state.shell.settings.grades);
    let column = |id: &'static str, width: f32, all: String, cells: Vec<String>| Cells {
        head: words.say(id),
        width,
        cells: std::iter::once(all).chain(cells).collect(),
    };
    let names = version.files.iter().map(|file| scene.student(&file.file)).collect();
    let mut columns = vec![column("lesson-head-student", 130.0, words.say("answers-all"), names)];
    let numbers: Vec<String> = version.files.iter().map(|file| file.bundle.student_number.clone()).collect();
    if !scene.state.compare.desk.hides_names && numbers.iter().any(|number| !number.is_empty()) {
        columns.push(column("sheet-number", 90.0, String::new(), numbers));
    }
    let totals: Vec<Option<Total>> = version.files.iter().map(|file| total(&file.bundle, grades)).collect();
    let of = |value: fn(&Total) -> usize| {
        let cells: Vec<String> =
            totals.iter().map(|t| t.as_ref().map_or_else(String::new, |total| value(total).to_string())).collect();
        (totals.iter().flatten().map(value).collect::<Vec<usize>>(), cells)
    };
    let (points, cells) = of(|total| total.earned as usize);
    if let Some(mean) = mean(&points.iter().map(|points| *points as f64).collect::<Vec<_>>()) {
        let mean = words.say_with("desk-mean", &[("value", &Number::Decimal(mean, 1))]);
        columns.push(column("sheet-total", 64.0, mean, cells));
    }
    let (ungraded, cells) = of(|total| total.ungraded);
    let all: usize = ungraded.iter().sum();
    if all > 0 {
        columns.push(column("sheet-ungraded", 110.0, words.say_with("desk-sum", &[("value", &all)]), cells));
    }
    columns
}

/// Whether this is the fact that tells most of its step, for a table of all steps. For a question it is the points,
/// else whether the answer is right, else the answer; for a run it is the accuracy.
fn is_main(sheet: &Sheet<'_>, column: &Column) -> bool {
    let has = |fact: Fact| {
        sheet.columns.iter().any(|other| other.fact == fact && other.step == column.step && other.title == column.title)
    };
    match column.fact {
        Fact::Points | Fact::Accuracy | Fact::Race(_) => true,
        Fact::Right => !has(Fact::Points),
        Fact::Answer => !has(Fact::Points) && !has(Fact::Right),
        Fact::Refused => !has(Fact::Accuracy),
        _ => false,
    }
}

fn width(fact: &Fact, is_of_one_step: bool) -> f32 {
    match fact {
        Fact::Answer | Fact::FirstAnswer | Fact::Refused if is_of_one_step => 260.0,
        Fact::Race(_) => 130.0,
        _ if is_of_one_step => 96.0,
        _ => 130.0,
    }
}

/// Summarises a column in words that say what was done: how many are right, else the mean of its numbers.
fn summary(scene: &Scene<'_>, cells: &[Cell]) -> String {
    let rights: Vec<bool> =
        cells.iter().filter_map(|c| if let Cell::IsRight(r) = c { Some(*r) } else { None }).collect();
    if !rights.is_empty() {
        let right = rights.iter().filter(|right| **right).count();
        return scene.say_with("answers-right", &[("right", &right), ("count", &rights.len())]);
    }
    let number = |cell: &Cell| match cell {
        Cell::Count(n) => Some(*n as f64),
        Cell::Ratio(x) | Cell::Secs(x) => Some(*x),
        _ => None,
    };
    let Some(mean) = mean(&cells.iter().filter_map(number).collect::<Vec<_>>()) else { return String::new() };
    let mean = match cells.iter().find(|cell| number(cell).is_some()) {
        Some(Cell::Ratio(_)) => class_sheet::shown(scene.words, &Cell::Ratio(mean)),
        Some(Cell::Secs(_)) => class_sheet::shown(scene.words, &Cell::Secs(mean)),
        _ => scene.words.write(Number::Decimal(mean, 1)),
    };
    scene.say_with("desk-mean", &[("value", &mean)])
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
