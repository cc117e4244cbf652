//! The choices of how the data file is read: its columns, its encoding and its delimiter.

use eframe::egui::{self, Align, Id, Layout, TextEdit, Ui, vec2};

use crate::app::state::AppState;
use crate::app::train::TrainAction;
use crate::domain::config::DataSource;
use crate::domain::dataset::DatasetSummary;
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

const DELIMITERS: [(char, &str); 4] = [
    (',', "panel-delimiter-comma"),
    (';', "panel-delimiter-semicolon"),
    ('\t', "panel-delimiter-tab"),
    ('|', "panel-delimiter-bar"),
];

/// The columns that can be chosen, and the choices that are made.
pub struct Columns {
    names: Vec<String>,
    text: String,
    label: String,
    encoding: Option<String>,
    delimiter: Option<char>,
}

impl Columns {
    pub fn of(data: &DatasetSummary) -> Self {
        let name = |i: usize| data.columns.get(i).cloned().unwrap_or_default();
        Self {
            names: data.columns.clone(),
            text: name(data.text_column),
            label: name(data.label_column),
            encoding: Some(data.encoding.clone()),
            delimiter: Some(data.delimiter),
        }
    }
}

/// Returns the columns of the newest file that could be read if it is still the chosen one, so that others can be chosen
/// where they were chosen wrongly.
pub fn columns_of_source(state: &AppState) -> Option<Columns> {
    let last = state.train.readable.as_ref()?;
    let is_same = match &state.train.config.data.source {
        DataSource::Bundled => last.path.is_none(),
        DataSource::File(path) => last.path.as_ref() == Some(path),
    };
    let config = &state.train.config.data;
    is_same.then(|| Columns {
        text: config.text_column.clone().unwrap_or_default(),
        label: config.label_column.clone().unwrap_or_default(),
        encoding: None,
        delimiter: None,
        names: last.columns.clone(),
    })
}

/// Draws the four choices of how the file is read in two rows. If the columns are unknown, their names are typed.
pub fn reading(ui: &mut Ui, scene: &mut Scene<'_>, columns: Option<Columns>) {
    let config = &scene.state.train.config.data;
    let guess = scene.say("panel-guess");
    let known_as = |label: &str| {
        ENCODINGS.iter().find(|(id, _)| id.eq_ignore_ascii_case(label)).map_or(label, |(_, name)| *name).to_owned()
    };
    let encoding = match (&config.encoding, columns.as_ref().and_then(|c| c.encoding.as_deref())) {
        (Some(chosen), _) => known_as(chosen),
        (None, Some(found)) => known_as(found),
        (None, None) => guess.clone(),
    };
    let delimiter_name =
        |c: char| DELIMITERS.iter().find(|(d, _)| *d == c).map_or_else(|| c.to_string(), |(_, id)| scene.say(id));
    let delimiter = match (config.delimiter, columns.as_ref().and_then(|c| c.delimiter)) {
        (Some(chosen), _) => delimiter_name(chosen),
        (None, Some(found)) => delimiter_name(found),
        (None, None) => guess.clone(),
    };
    let mut new = config.clone();
    let half = (ui.available_width() - space::S) / 2.0;

    ui.horizontal_top(|ui| {
        field(ui, scene, "panel-encoding", config.encoding.is_none(), half, |ui| {
            let options = ENCODINGS.map(|(id, name)| (Some(id.to_owned()), name.to_owned()));
            let options = std::iter::once((None, guess.clone())).chain(options);
            parts::choice(ui, "encoding", half, &encoding, &mut new.encoding, options)
        });
        field(ui, scene, "panel-delimiter", config.delimiter.is_none(), half, |ui| {
            let options = DELIMITERS.map(|(c, id)| (Some(c), scene.say(id)));
            let options = std::iter::once((None, guess.clone())).chain(options);
            parts::choice(ui, "delimiter", half, &delimiter, &mut new.delimiter, options)
        });
    });
    ui.horizontal_top(|ui| {
        for (i, id, chosen) in
            [(0, "panel-text-column", &mut new.text_column), (1, "panel-label-column", &mut new.label_column)]
        {
            field(ui, scene, id, chosen.is_none(), half, |ui| match &columns {
                Some(columns) => {
                    let name = [&columns.text, &columns.label][i];
                    let shown = if name.is_empty() { &guess } else { name };
                    let names = columns.names.iter().map(|name| (Some(name.clone()), name.clone()));
                    let options = std::iter::once((None, guess.clone())).chain(names);
                    parts::choice(ui, id, half, shown, chosen, options)
                }
                None => typed_name(ui, id, half, chosen, &guess),
            });
        }
    });
    if new != *config {
        scene.act(TrainAction::ChangeData(new));
    }
}

/// Draws a field for a column's name, which counts when the field is left.
fn typed_name(ui: &mut Ui, id: &str, width: f32, chosen: &mut Option<String>, guess: &str) -> egui::Response {
    let memory = Id::unique(("typed column", id));
    let before = chosen.clone().unwrap_or_default();
    let mut text = ui.data(|d| d.get_temp::<String>(memory)).unwrap_or_else(|| before.clone());
    let edit = TextEdit::singleline(&mut text).hint_text(guess.to_owned()).desired_width(width - 12.0);
    let response = ui.add(edit);
    if response.has_focus() {
        ui.data_mut(|d| d.insert_temp(memory, text));
    } else {
        ui.data_mut(|d| d.remove::<String>(memory));
        if response.lost_focus() && text != before {
            *chosen = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        }
    }
    response
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
