//! The table has a row for each run. It can be sorted by any column, filtered by text, and copied to a spreadsheet.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{Align, Label, Layout, Popup, Rect, RichText, Sense, TextEdit, TextStyle, Ui, vec2};

use crate::app::compare::{Column, CompareAction, Compared, Verdict, verdicts};
use crate::app::examine::ExamineAction;
use crate::domain::behaviour::Behaviour;
use crate::domain::config::{DataSource, ModelSource};
use crate::words::{Number, numbers, shared};

use super::super::super::overlay::RunStyle;
use super::super::super::save_plot::{self, Table, number};
use super::super::super::theme::{self, space};
use super::super::examine::behaviour::summary_ui;
use super::super::live::empty_note;
use super::super::sorter::sorter_ui;
use super::{ROW, Scene};

/// The column of the runs' colours and marks.
const SWATCH: f32 = 30.0;

/// What a cell shows, and the value by which it is sorted and exported.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Text(String),
    /// The number is `None` if it is not known. The text is what the cell shows.
    Number(Option<f64>, String),
}

impl Cell {
    fn of(value: Option<f64>, show: impl Fn(f64) -> String) -> Self {
        Self::Number(value, value.map(show).unwrap_or_default())
    }

    fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(_, text) => text,
        }
    }

    fn exact(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(value, _) => value.map(number).unwrap_or_default(),
        }
    }

    /// Compares two cells. An unknown value comes last whichever way the column is sorted.
    fn compare(&self, other: &Self, falls: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Number(Some(a), _), Self::Number(Some(b), _)) => a.total_cmp(b),
            (Self::Number(a, _), Self::Number(b, _)) => return b.is_some().cmp(&a.is_some()),
            _ => self.shown().to_lowercase().cmp(&other.shown().to_lowercase()),
        };
        if falls { order.reverse() } else { order }
    }
}

/// One run in the table.
struct Row {
    style: usize,
    /// The cells are in the order of `Column::ALL`.
    cells: Vec<Cell>,
    interval: Option<(f64, f64)>,
    /// How much of the time was taken over from other runs.
    shared_secs: Option<f64>,
    verdict: Verdict,
    behaviour: Option<Arc<Behaviour>>,
}

fn column_id(column: Column) -> &'static str {
    match column {
        Column::Name => "runs-name",
        Column::Data => "runs-data",
        Column::Model => "runs-model",
        Column::Behaviour => "compare-behaviour",
        Column::Freeze => "runs-freeze",
        Column::LearningRate => "compare-rate",
        Column::Accuracy => "runs-accuracy",
        Column::MacroF1 => "compare-f1",
        Column::Secs => "compare-secs",
        Column::Memory => "compare-memory",
        Column::Trainable => "compare-trainable",
    }
}

fn row_of(run: &Compared, verdict: Verdict, scene: &Scene<'_>) -> Row {
    let config = &run.run.config;
    let entry = scene.entries().iter().find(|entry| entry.dir == run.run.dir);
    let data = entry.map(|entry| entry.data.clone()).unwrap_or_else(|| match &config.data.source {
        _ if !run.run.knows("data.source") => String::new(),
        DataSource::Bundled => scene.say("compare-bundled"),
        DataSource::File(path) => shared::short_name(path),
    });
    let model = entry.map(|entry| entry.model.clone()).unwrap_or_else(|| match &config.model {
        _ if !run.run.knows("model") => String::new(),
        ModelSource::Bundled => scene.say("compare-bundled"),
        ModelSource::Folder(path) => shared::short_name(path),
    });
    let (test, ended) = (run.history.test.as_ref(), run.history.ended.as_ref());
    let trainable = run.history.started.as_ref().map(|started| started.trainable as f64);
    let memory = ended.map(|ended| ended.peak_memory_bytes).filter(|bytes| *bytes > 0);
    let behaviour = scene.state.examine.behaviour_of(&run.run.dir).latest().cloned();
    let failures = behaviour.as_ref().and_then(|behaviour| behaviour.rate());
    // A log of Hugging Face's Trainer may state an accuracy without the answers behind it.
    let stated = run.history.trainer.as_ref().and_then(|trainer| trainer.test_accuracy);
    let rate = run.run.knows("training.learning_rate").then(|| config.learning_rate());
    let secs = ended.map(|ended| ended.train_secs).filter(|secs| secs.is_finite());
    let told = |text: &str| Cell::Text(if text.is_empty() { scene.say("compare-unknown") } else { text.to_owned() });
    let cell = |column| match column {
        Column::Name => Cell::Text(scene.name(run)),
        Column::Data => told(&data),
        Column::Model => told(&model),
        Column::Behaviour => Cell::of(failures, |rate| scene.words.write(Number::Percent(rate))),
        Column::Freeze if !run.run.knows("freeze") => told(""),
        Column::Freeze => Cell::Text(shared::freezing(scene.words, &config.freeze)),
        Column::LearningRate => Cell::of(rate, numbers::learning_rate),
        Column::Accuracy => Cell::of(test.map(|test| test.accuracy).or(stated), numbers::ratio),
        Column::MacroF1 => Cell::of(test.map(|test| test.macro_f1), numbers::ratio),
        Column::Secs => Cell::of(secs, numbers::clock),
        Column::Memory => Cell::of(memory.map(|bytes| bytes as f64), |n| scene.words.write(Number::Bytes(n as u64))),
        Column::Trainable => Cell::of(trainable, |n| scene.words.write(Number::ShortCount(n as usize))),
    };
    let cells = Column::ALL.into_iter().map(cell).collect();
    let shared_secs = ended.map(|ended| ended.shared_secs);
    Row { style: run.style, cells, interval: run.interval(), shared_secs, verdict, behaviour }
}

/// Returns the runs that pass the filter, in the chosen order.
fn rows(scene: &Scene<'_>) -> Vec<Row> {
    let compare = &scene.state.compare;
    let wanted = compare.filter.trim().to_lowercase();
    let told = compare.runs.iter().zip(verdicts(&compare.runs)).filter(|(run, _)| compare.desk.shows(&run.run));
    let all = told.map(|(run, verdict)| row_of(run, verdict, scene));
    let is_left = |row: &Row| {
        let texts = row.cells.iter().filter_map(|cell| if let Cell::Text(text) = cell { Some(text) } else { None });
        wanted.is_empty() || texts.into_iter().any(|text| text.to_lowercase().contains(&wanted))
    };
    let mut rows: Vec<Row> = all.filter(is_left).collect();
    if let Some((column, falls)) = compare.sort
        && let Some(at) = Column::ALL.iter().position(|c| *c == column)
    {
        rows.sort_by(|a, b| a.cells[at].compare(&b.cells[at], falls));
    }
    rows
}

fn verdict_text(verdict: Verdict, scene: &Scene<'_>) -> String {
    match verdict {
        Verdict::Alone => String::new(),
        Verdict::Best => scene.say("compare-best"),
        Verdict::Undecided => scene.say("compare-undecided"),
        Verdict::Lower(by) => scene.say_with("compare-lower", &[("by", &Number::Ratio(by))]),
    }
}

pub fn table_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let rows = rows(scene);
    head_ui(ui, scene, &rows);
    if rows.is_empty() {
        return empty_note(ui, &scene.say_with("compare-none-left", &[("filter", &scene.state.compare.filter)]));
    }
    let height = ui.available_height() - 24.0;
    ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
        let (columns, gap) = (widths(ui, scene, &rows), ui.spacing().item_spacing.x);
        theme::scroll_by_columns(ui, "compared across", &columns, gap, |ui| body_ui(ui, scene, &rows, &columns));
    });
    let undecided = rows.iter().filter(|row| row.verdict == Verdict::Undecided).count();
    let id = if undecided > 0 { "compare-undecided-note" } else { "compare-decided-note" };
    ui.add(Label::new(theme::small_muted(ui, scene.say(id))).truncate()).on_hover_text(scene.say(id));
}

fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &[Row]) {
    let card = theme::card_around(ui);
    ui.horizontal(|ui| {
        let mut filter = scene.state.compare.filter.clone();
        let hint = scene.say("compare-filter");
        // The hint is read whole where that leaves room for the buttons.
        let width = (theme::text_width(ui, &hint, TextStyle::Body) + 12.0).min(ui.available_width() * 0.45);
        let field = ui.add(TextEdit::singleline(&mut filter).hint_text(&hint).desired_width(width.max(200.0)));
        if field.accessible_name(hint).changed() {
            scene.act(CompareAction::SetFilter(filter));
        }
        check_ui(ui, scene);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let title = scene.say("compare-table");
            save_plot::table_buttons(ui, scene, &title, card, |scene| export(rows, scene));
        });
    });
}

/// Draws the button that has the behaviour of all runs tested whose models are at hand, and the end of that.
fn check_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let state = scene.state;
    let (examine, compare) = (&state.examine, &state.compare);
    if examine.is_checking() {
        scene.button(ui, "explore-cancel", true, ExamineAction::Cancel);
        ui.add(Label::new(theme::small_muted(ui, scene.say("stage-behaviour"))).truncate());
        return;
    }
    // Runs that students handed in have no models.
    let lacks_model = |dir: &Path| scene.entries().iter().any(|entry| entry.dir == dir && !entry.has_model);
    let dirs = compare.shown().map(|run| &run.run.dir);
    let dirs: Vec<PathBuf> =
        dirs.filter(|dir| !lacks_model(dir) && examine.behaviour_of(dir).latest().is_none()).cloned().collect();
    let failed = compare.shown().find_map(|run| examine.behaviour_of(&run.run.dir).failed());
    let can_check = !dirs.is_empty() && !state.is_running();
    let button = scene.button(ui, "compare-check", can_check, ExamineAction::CheckBehaviour(dirs));
    let hint = failed.map_or_else(|| scene.hint("compare-check"), |problem| scene.words.problem(problem));
    button.on_hover_text(&hint).on_disabled_hover_text(hint);
}

/// Returns the table with its exact numbers.
fn export(rows: &[Row], scene: &Scene<'_>) -> Table {
    let names = Column::ALL.map(|column| match column {
        Column::Secs => scene.say("compare-secs-unit"),
        Column::Memory => scene.say("compare-memory-unit"),
        _ => scene.say(column_id(column)),
    });
    let more = ["compare-low", "compare-high", "compare-shared-unit", "compare-verdict"].map(|id| scene.say(id));
    let mut table = Table::new(names.into_iter().chain(more));
    for row in rows {
        let shared_secs = row.shared_secs.map(save_plot::number).unwrap_or_default();
        let more = save_plot::range(row.interval).into_iter().chain([shared_secs, verdict_text(row.verdict, scene)]);
        table.rows.push(row.cells.iter().map(Cell::exact).chain(more).collect());
    }
    table
}

/// A name is at least and at most so wide, and other texts are at most so wide. Numbers are never cut.
const NAMES: std::ops::RangeInclusive<f32> = 180.0..=320.0;
const TEXTS: f32 = 160.0;
/// The arrow of a sorted column has so much room beside its heading.
const ARROW: f32 = 14.0;

/// Returns what a cell of this column shows.
fn text_of(row: &Row, column: Column, cell: &Cell) -> String {
    match (column, row.interval) {
        (Column::Accuracy, Some((low, high))) => format!("{}  {low:.3}–{high:.3}", cell.shown()),
        _ => cell.shown().to_owned(),
    }
}

/// Returns the columns with their places among all. That of the behaviour tests comes once a run is tested.
fn shown_columns(rows: &[Row]) -> impl Iterator<Item = (usize, Column)> {
    let is_tested = rows.iter().any(|row| row.behaviour.is_some());
    Column::ALL.into_iter().enumerate().filter(move |(_, column)| is_tested || *column != Column::Behaviour)
}

/// Returns the widths of the columns: as wide as what stands in them, and names that are cut take what is left over.
fn widths(ui: &Ui, scene: &Scene<'_>, rows: &[Row]) -> Vec<f32> {
    let head = |id: &'static str| theme::text_width(ui, &scene.say(id), TextStyle::Small) + ARROW;
    let widest = |texts: &mut dyn Iterator<Item = String>| {
        texts.map(|text| theme::text_width(ui, &text, TextStyle::Body).ceil() + 1.0).fold(0.0, f32::max)
    };
    let (mut columns, mut wanted) = (vec![SWATCH], 0.0);
    for (at, column) in shown_columns(rows) {
        let natural =
            widest(&mut rows.iter().map(|row| text_of(row, column, &row.cells[at]))).max(head(column_id(column)));
        columns.push(match column {
            Column::Name => {
                wanted = natural;
                natural.clamp(*NAMES.start(), *NAMES.end())
            }
            Column::Data | Column::Model | Column::Freeze => natural.min(TEXTS),
            _ => natural,
        });
        if column == Column::Accuracy {
            let verdicts = widest(&mut rows.iter().map(|row| verdict_text(row.verdict, scene)));
            columns.push(verdicts.max(head("compare-verdict")));
        }
    }
    let gaps = (columns.len() - 1) as f32 * ui.spacing().item_spacing.x;
    let left = ui.available_width() - columns.iter().sum::<f32>() - gaps;
    if left > 0.0 {
        // On a very wide display the numbers stay close to their names.
        columns[1] = (columns[1] + left).floor().min(wanted.max(columns[1]) + space::XL);
    } else {
        // Where not all columns fit, the name gives way before the last of them is out of view.
        let least = wanted.min(*NAMES.start());
        columns[1] = (columns[1] + left).floor().max(least);
    }
    columns
}

fn body_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &[Row], columns: &[f32]) {
    let names: Vec<String> = rows.iter().map(|row| row.cells[0].shown().to_owned()).collect();
    let shown =
        theme::fitted_names(ui, "compared table", &names, &TextStyle::Body.resolve(ui.style()), columns[1] - 1.0);
    theme::table(ui, "compared", columns.iter().copied().map(theme::fixed))
        .header(ROW, |mut header| {
            header.col(|_| {});
            for (_, column) in shown_columns(rows) {
                header.col(|ui| {
                    let order =
                        scene.state.compare.sort.filter(|(sorted, _)| *sorted == column).map(|(_, falls)| falls);
                    if sorter_ui(ui, scene, &scene.say(column_id(column)), order) {
                        scene.act(CompareAction::Sort(column));
                    }
                });
                if column == Column::Accuracy {
                    header.col(|ui| {
                        ui.label(theme::small_muted(ui, scene.say("compare-verdict")));
                    });
                }
            }
        })
        .body(|body| {
            body.rows(ROW, rows.len(), |mut row| {
                let run = &rows[row.index()];
                row.col(|ui| {
                    let (rect, _) = ui.allocate_exact_size(vec2(26.0, 20.0), Sense::hover());
                    RunStyle::of(ui, run.style).swatch(ui, Rect::from_center_size(rect.center(), vec2(24.0, 14.0)));
                });
                let at = row.index();
                for (place, column) in shown_columns(rows) {
                    let cell = &run.cells[place];
                    row.col(|ui| match (column, &run.behaviour) {
                        (Column::Name, _) => drop(theme::shown_name(ui, &shown[at], &names[at])),
                        (Column::Behaviour, Some(behaviour)) => failures_ui(ui, scene, cell, behaviour),
                        _ => drop(theme::cut_name(ui, &text_of(run, column, cell), false)),
                    });
                    if column == Column::Accuracy {
                        row.col(|ui| {
                            let p = theme::palette(ui);
                            let colour = if run.verdict == Verdict::Best { p.good } else { p.muted };
                            theme::cut(ui, RichText::new(verdict_text(run.verdict, scene)).color(colour));
                        });
                    }
                }
            });
        });
}

/// Draws a failure rate that shows all rates, with an example of each failure, while the pointer is over it and when it is
/// clicked.
fn failures_ui(ui: &mut Ui, scene: &Scene<'_>, cell: &Cell, behaviour: &Behaviour) {
    let button = theme::link_button(ui, cell.shown());
    Popup::menu(&button).show(|ui| summary_ui(ui, scene, behaviour));
    button.on_hover_ui(|ui| summary_ui(ui, scene, behaviour));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_comes_last_either_way() {
        let number = |x: Option<f64>| Cell::of(x, numbers::ratio);
        for falls in [false, true] {
            let mut cells = [number(None), number(Some(0.5)), number(Some(0.9))];
            cells.sort_by(|a, b| a.compare(b, falls));
            assert_eq!(cells[2], number(None));
            assert_eq!(cells[0], number(Some(if falls { 0.9 } else { 0.5 })));
        }
        let mut names = ["beta", "Alpha"].map(|name| Cell::Text(name.into()));
        names.sort_by(|a, b| a.compare(b, false));
        assert_eq!(names[0].shown(), "Alpha");
    }
}
