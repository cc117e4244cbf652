//! The choices of how the data file is read: its columns, its encoding and its delimiter.

use eframe::egui::{self, Align, Layout, Ui, vec2};

use crate::app::train::TrainAction;
use crate::domain::config::{DataConfig, Quoting};
use crate::domain::dataset::{DatasetSummary, TableFormat, TableHead};
use crate::domain::problem::Problem;
use crate::gui::theme::{self, space};

use super::{Scene, parts};

/// These encodings can be chosen. Each has its WHATWG label and the name that people know.
const ENCODINGS: [(&str, &str); 12] = [
    ("utf-8", "UTF-8"),
    ("utf-16le", "UTF-16LE"),
    ("utf-16be", "UTF-16BE"),
    ("euc-kr", "EUC-KR (CP949)"),
    ("windows-1252", "Windows-1252 (Latin-1)"),
    ("windows-1250", "Windows-1250"),
    ("windows-1251", "Windows-1251"),
    ("shift_jis", "Shift_JIS"),
    ("euc-jp", "EUC-JP"),
    ("gb18030", "GB18030"),
    ("big5", "Big5"),
    ("koi8-r", "KOI8-R"),
];

/// A column is offered with so many of its cells, each cut to so many characters.
const EXAMPLES: usize = 2;
const EXAMPLE_CHARS: usize = 24;

const DELIMITERS: [(char, &str); 4] = [
    (',', "panel-delimiter-comma"),
    (';', "panel-delimiter-semicolon"),
    ('\t', "panel-delimiter-tab"),
    ('|', "panel-delimiter-bar"),
];

const QUOTINGS: [(Quoting, &str); 4] = [
    (Quoting::Double, "panel-quoting-double"),
    (Quoting::Backslash, "panel-quoting-backslash"),
    (Quoting::None, "panel-quoting-none"),
    (Quoting::Single, "panel-quoting-single"),
];

/// Whether the first row names the columns.
const HEADERS: [(bool, &str); 2] = [(true, "panel-header-yes"), (false, "panel-header-no")];

/// The columns that can be chosen, and the choices that are made.
pub struct Columns {
    /// The name of each column, with a few of its cells.
    columns: Vec<(String, String)>,
    text: Option<String>,
    second: Option<String>,
    label: Option<String>,
    encoding: String,
    delimiter: char,
    quoting: Quoting,
    header: bool,
    format: TableFormat,
    sheet: Option<String>,
    sheets: Vec<String>,
}

impl Columns {
    pub fn of(data: &DatasetSummary) -> Self {
        let name = |i: usize| data.columns.get(i).cloned();
        Self {
            columns: with_examples(&data.columns, &data.head),
            text: name(data.text_column),
            second: data.second_text_column.and_then(name),
            label: name(data.label_column),
            encoding: data.encoding.clone(),
            delimiter: data.delimiter,
            quoting: data.quoting,
            header: !data.headless,
            format: data.format,
            sheet: data.sheet.clone(),
            sheets: data.sheets.clone(),
        }
    }

    /// The columns of a file that was refused, so that others can be chosen.
    pub fn of_refused(table: &TableHead, config: &DataConfig) -> Self {
        Self {
            columns: with_examples(&table.columns, &table.rows),
            text: config.reading.text_column.clone(),
            second: config.reading.second_text_column.clone(),
            label: config.reading.label_column.clone(),
            encoding: table.encoding.clone(),
            delimiter: table.delimiter,
            quoting: table.quoting,
            header: !table.headless,
            format: table.format,
            sheet: config.reading.sheet.clone(),
            sheets: table.sheets.clone(),
        }
    }
}

/// Returns the columns' names, each with its first cells that differ.
fn with_examples(columns: &[String], rows: &[Vec<String>]) -> Vec<(String, String)> {
    let examples = |column: usize| {
        let mut cells: Vec<String> = Vec::new();
        for cell in
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
        {
            let mut short: String = cell.chars().take(EXAMPLE_CHARS).collect();
            if short.len() < cell.len() {
                short = format!("{}…", short.trim_end());
            }
            if !cells.contains(&short) {
                cells.push(short);
            }
            if cells.len() == EXAMPLES {
                break;
            }
        }
        cells.join(", ")
    };
    columns.iter().enumerate().map(|(i, name)| (name.clone(), examples(i))).collect()
}

/// Draws the choices of how the file is read. Columns can be chosen once the file is known to be a table.
pub fn reading(ui: &mut Ui, scene: &mut Scene<'_>, columns: Option<Columns>) {
    let config = &scene.state.train.config.data;
    let guess = scene.say("panel-guess");
    let known_as = |label: &str| {
        ENCODINGS.iter().find(|(id, _)| id.eq_ignore_ascii_case(label)).map_or(label, |(_, name)| *name).to_owned()
    };
    let encoding = match (&config.reading.encoding, columns.as_ref().map(|c| c.encoding.as_str())) {
        (Some(chosen), _) => known_as(chosen),
        (None, Some(found)) => known_as(found),
        (None, None) => guess.clone(),
    };
    let delimiter_name =
        |c: char| DELIMITERS.iter().find(|(d, _)| *d == c).map_or_else(|| c.to_string(), |(_, id)| scene.say(id));
    let delimiter = match (config.reading.delimiter, columns.as_ref().map(|c| c.delimiter)) {
        (Some(chosen), _) => delimiter_name(chosen),
        (None, Some(found)) => delimiter_name(found),
        (None, None) => guess.clone(),
    };
    let named = |id: Option<&'static str>| id.map_or_else(|| guess.clone(), |id| scene.say(id));
    let quoting = config.reading.quoting.or(columns.as_ref().map(|c| c.quoting));
    let quoting = named(quoting.and_then(|q| QUOTINGS.iter().find(|(known, _)| *known == q)).map(|(_, id)| *id));
    let header = config.reading.header.or(columns.as_ref().map(|c| c.header));
    let header = named(header.and_then(|h| HEADERS.iter().find(|(known, _)| *known == h)).map(|(_, id)| *id));
    let mut new = config.clone();
    let half = (ui.available_width() - space::S) / 2.0;

    // A workbook has sheets in place of an encoding, and only in an ordinary table something stands between fields.
    let format = columns.as_ref().map_or(TableFormat::Delimited, |c| c.format);
    let sheets = columns.as_ref().map_or(&[][..], |c| c.sheets.as_slice());
    if sheets.len() > 1 || config.reading.sheet.is_some() {
        field(ui, scene, "panel-sheet", config.reading.sheet.is_none(), half, |ui| {
            let found = columns.as_ref().and_then(|c| c.sheet.clone());
            let shown = found.unwrap_or_else(|| scene.say("panel-sheet-choose"));
            let options = sheets.iter().map(|sheet| (Some(sheet.clone()), sheet.clone()));
            parts::choice(ui, "sheet", half, &shown, &mut new.reading.sheet, options)
        });
    }
    ui.horizontal_top(|ui| {
        if format == TableFormat::Workbook {
            return;
        }
        field(ui, scene, "panel-encoding", config.reading.encoding.is_none(), half, |ui| {
            let options = ENCODINGS.map(|(id, name)| (Some(id.to_owned()), name.to_owned()));
            let options = std::iter::once((None, guess.clone())).chain(options);
            parts::choice(ui, "encoding", half, &encoding, &mut new.reading.encoding, options)
        });
        if format != TableFormat::Delimited && config.reading.delimiter.is_none() {
            return;
        }
        field(ui, scene, "panel-delimiter", config.reading.delimiter.is_none(), half, |ui| {
            let options = DELIMITERS.map(|(c, id)| (Some(c), scene.say(id)));
            let options = std::iter::once((None, guess.clone())).chain(options);
            parts::choice(ui, "delimiter", half, &delimiter, &mut new.reading.delimiter, options)
        });
    });
    if format == TableFormat::Delimited {
        ui.horizontal_top(|ui| {
            field(ui, scene, "panel-quoting", config.reading.quoting.is_none(), half, |ui| {
                let options = QUOTINGS.map(|(quoting, id)| (Some(quoting), scene.say(id)));
                let options = std::iter::once((None, guess.clone())).chain(options);
                parts::choice(ui, "quoting", half, &quoting, &mut new.reading.quoting, options)
            });
            field(ui, scene, "panel-header", config.reading.header.is_none(), half, |ui| {
                let options = HEADERS.map(|(header, id)| (Some(header), scene.say(id)));
                let options = std::iter::once((None, guess.clone())).chain(options);
                parts::choice(ui, "header", half, &header, &mut new.reading.header, options)
            });
        });
    }
    if let Some(columns) = columns.filter(|columns| !columns.columns.is_empty()) {
        let name = |name: &str| if name.is_empty() { scene.say("panel-unnamed") } else { name.to_owned() };
        let offered = || {
            columns.columns.iter().map(|(column, cells)| {
                let name = name(column);
                let text = if cells.is_empty() { name } else { format!("{name}: {cells}") };
                (Some(column.clone()), text)
            })
        };
        ui.horizontal_top(|ui| {
            for (id, chosen, found) in [
                ("panel-text-column", &mut new.reading.text_column, &columns.text),
                ("panel-label-column", &mut new.reading.label_column, &columns.label),
            ] {
                field(ui, scene, id, chosen.is_none(), half, |ui| {
                    let shown = found.as_deref().map_or_else(|| guess.clone(), name);
                    let options = std::iter::once((None, guess.clone())).chain(offered());
                    parts::choice(ui, id, half, &shown, chosen, options)
                });
            }
        });
        field(ui, scene, "panel-second-column", false, half, |ui| {
            let none = scene.say("panel-second-none");
            let shown = columns.second.as_deref().map_or_else(|| none.clone(), name);
            let options = std::iter::once((None, none)).chain(offered());
            parts::choice(ui, "panel-second-column", half, &shown, &mut new.reading.second_text_column, options)
        });
    }
    if config.reading.keep_missing_words || has_missing_words(scene) {
        parts::switch(ui, scene.words, "panel-keep-missing-words", &mut new.reading.keep_missing_words);
    }
    if new != *config {
        scene.act(TrainAction::ChangeData(Box::new(new)));
    }
}

/// Whether rows were skipped because a word such as `nan` stands in them.
fn has_missing_words(scene: &Scene<'_>) -> bool {
    let is_of_words = |reason: &Problem| reason.id.starts_with("data-skip-missing");
    let dataset = &scene.state.train.dataset;
    let within = dataset.failed().is_some_and(|problem| problem.inner().any(is_of_words));
    within || dataset.latest().is_some_and(|data| data.skipped.kinds.iter().any(|kind| is_of_words(&kind.reason)))
}

/// Offers to use the other rows of a file of which many have to be skipped.
pub fn accept_skipped(ui: &mut Ui, scene: &mut Scene<'_>, problem: &Problem) {
    let Some(left) = problem.arg("left").filter(|_| problem.id == "data-many-skipped") else { return };
    let left: usize = left.parse().unwrap_or_default();
    let text = scene.say_with("panel-accept-skipped", &[("rows", &left)]);
    if ui.button(text).on_hover_text(scene.hint("panel-accept-skipped")).clicked() {
        let mut config = scene.state.train.config.data.clone();
        config.reading.accept_skipped = true;
        scene.act(TrainAction::ChangeData(Box::new(config)));
    }
}

/// Draws a control under its small name, which says whether the value is a guess.
fn field(
    ui: &mut Ui,
    scene: &Scene<'_>,
    id: &'static str,
    is_guess: bool,
    width: f32,
    control: impl FnOnce(&mut Ui) -> egui::Response,
) {
    ui.allocate_ui_with_layout(vec2(width, 48.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = 2.0;
        let hint = scene.hint(id);
        let mut name = scene.say(id);
        if is_guess {
            name = scene.say_with("panel-guessed", &[("name", &name)]);
        }
        let name = ui.label(theme::small_muted(ui, name)).on_hover_text(&hint);
        let response = ui.label_inputs_by(name.id, control).on_hover_text(hint);
        // Screen readers get the plain name, without the remark that the value is a guess.
        response.accessible_name(scene.say(id));
    });
}
