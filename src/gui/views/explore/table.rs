//! The rows of the selection as a table. A row has two lines, so that its text has most of the width. Only the rows in view
//! are drawn, so that the table stays as quick with a hundred thousand.

use eframe::egui::text::LayoutJob;
use eframe::egui::{
    Align, Color32, CornerRadius, FontId, Key, Layout, Modifiers, Rect, Role, Sense, TextStyle, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use crate::app::explore::ExploreAction;
use crate::domain::predictions::{ExploredRows, PredictedRow};
use crate::domain::selected::{RowColumn, SelectedRows, tags_of};
use crate::words::{Number, numbers};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::super::live::empty_note;
use super::super::sorter::sorter_ui;
use super::tag_name;

/// A line of a row, and of the head of the table.
const LINE: f32 = 19.0;
const HEADER: f32 = 2.0 * LINE;
const ROW: f32 = 2.0 * LINE + space::S;
/// A row shows so many characters of its text at most.
const SHOWN: usize = 300;
/// A label's column is at most so wide.
const LABEL: f32 = 132.0;
/// The text has at least so much room.
const TEXT: f32 = 160.0;
/// The arrow of a sorted column has so much room beside its heading.
const ARROW: f32 = 12.0;

/// Each column shows these in its two lines.
const COLUMNS: [[Option<RowColumn>; 2]; 4] = [
    [Some(RowColumn::Row), Some(RowColumn::Length)],
    [Some(RowColumn::TrueLabel), Some(RowColumn::PredictedLabel)],
    [Some(RowColumn::Confidence), Some(RowColumn::Loss)],
    [Some(RowColumn::Text), None],
];

fn column_id(column: RowColumn) -> &'static str {
    match column {
        RowColumn::Row => "explore-column-row",
        RowColumn::TrueLabel => "results-true",
        RowColumn::PredictedLabel => "results-predicted",
        RowColumn::Confidence => "explore-column-confidence",
        RowColumn::Loss => "explore-column-loss",
        RowColumn::Length => "explore-column-length",
        RowColumn::Text => "explore-column-text",
    }
}

pub fn table_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &ExploredRows, selected: &SelectedRows) {
    let (title, card) = (scene.say("explore-table"), theme::card_around(ui));
    theme::heading_row(ui, &title, Some(&scene.hint("explore-table")), |ui| {
        save_plot::table_buttons(ui, scene, &title, card, |scene| export(scene, rows, selected));
    });
    if selected.places.is_empty() {
        return empty_note(ui, &scene.say("explore-none"));
    }
    move_mark(ui, scene, selected);
    lines_ui(ui, scene, rows, selected);
}

/// The row whose whole text is shown, where it is one of the selection.
pub fn marked(scene: &Scene<'_>, selected: &SelectedRows) -> Option<u32> {
    scene.state.explore.marked.filter(|marked| selected.places.contains(marked))
}

/// Moves the mark by the arrow keys while nothing has the keyboard.
fn move_mark(ui: &Ui, scene: &mut Scene<'_>, selected: &SelectedRows) {
    if ui.memory(|memory| memory.focused().is_some()) {
        return;
    }
    let page = (ui.available_height() / ROW) as isize;
    let keys = [
        (Key::ArrowDown, 1),
        (Key::ArrowUp, -1),
        (Key::PageDown, page),
        (Key::PageUp, -page),
        (Key::Home, isize::MIN),
        (Key::End, isize::MAX),
    ];
    let pressed = keys.into_iter().find(|(key, _)| ui.input_mut(|input| input.consume_key(Modifiers::NONE, *key)));
    if let Some((_, by)) = pressed.filter(|_| !selected.places.is_empty()) {
        scene.act(ExploreAction::MoveMark(by));
    }
}

fn lines_ui(ui: &mut Ui, scene: &mut Scene<'_>, rows: &ExploredRows, selected: &SelectedRows) {
    let marked = scene.state.explore.marked;
    let widths = widths(ui, scene, rows).map(theme::fixed);
    // Whoever moves the mark wants to see it.
    let id = ui.unique_id().with("explored mark");
    let has_moved = ui.data_mut(|data| data.get_temp::<Option<u32>>(id) != Some(marked));
    ui.data_mut(|data| data.insert_temp(id, marked));
    let place_of = |marked| selected.places.iter().position(|place| *place == marked);
    let at = marked.filter(|_| has_moved).and_then(place_of);
    let columns = widths.into_iter().chain([theme::wide(TEXT)]);
    // The two lines of a row are nearer to each other than to those of the next.
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut table = theme::table(ui, "explored rows", columns).sense(Sense::click());
    if let Some(at) = at {
        table = table.scroll_to_row(at, None);
    }
    let mut clicked = None;
    table
        .min_scrolled_height(0.0)
        .header(HEADER, |mut header| {
            for lines in COLUMNS {
                header.col(|ui| two_lines(ui, |ui, line| head_ui(ui, scene, lines[line], line)));
            }
        })
        .body(|body| {
            body.rows(ROW, selected.places.len(), |mut row| {
                let place = selected.places[row.index()];
                row.set_selected(marked == Some(place));
                for lines in &COLUMNS[..3] {
                    row.col(|ui| two_lines(ui, |ui, line| cell_ui(ui, scene, rows, place, lines[line])));
                }
                row.col(|ui| text_ui(ui, scene, rows, place));
                let response = row.response();
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, line_in_words(scene, rows, place)));
                if response.clicked() {
                    clicked = Some(place);
                }
            });
        });
    if let Some(place) = clicked {
        // A second click on a row closes what the first has opened.
        scene.act(if marked == Some(place) { ExploreAction::Unmark } else { ExploreAction::Mark(place) });
    }
}

/// Lays out the two lines of a cell, one below the other in its middle.
fn two_lines(ui: &mut Ui, mut add: impl FnMut(&mut Ui, usize)) {
    let cell = ui.max_rect();
    for line in 0..2 {
        let top = cell.center().y - LINE + LINE * line as f32;
        let rect = Rect::from_min_size(pos2(cell.left(), top), vec2(cell.width(), LINE));
        let layout = Layout::left_to_right(Align::Center);
        let mut part = ui.new_child(UiBuilder::new().id_salt(line).max_rect(rect).layout(layout));
        // Links and buttons are as high as the line, and stand in its middle as all else does.
        (part.spacing_mut().interact_size.y, part.spacing_mut().button_padding.y) = (LINE, 0.0);
        add(&mut part, line);
    }
}

/// Draws the name of a column, which sorts by it; below that of the text stands that of the tags.
fn head_ui(ui: &mut Ui, scene: &mut Scene<'_>, column: Option<RowColumn>, line: usize) {
    let Some(column) = column else {
        if line == 1 {
            ui.label(theme::small_muted(ui, scene.say("explore-column-tags")));
        }
        return;
    };
    let order = scene.state.explore.order.filter(|(sorted, _)| *sorted == column);
    let name = scene.say(column_id(column));
    if sorter_ui(ui, scene, &name, order.map(|(_, falls)| falls)) {
        scene.act(ExploreAction::Sort(column));
    }
}

/// Draws one line of a cell.
fn cell_ui(ui: &mut Ui, scene: &Scene<'_>, rows: &ExploredRows, place: u32, column: Option<RowColumn>) {
    let Some(column) = column else { return };
    let text = cell(scene, rows, place, column);
    match column {
        RowColumn::TrueLabel | RowColumn::PredictedLabel => {
            // A mistake stands out without a colour.
            let is_wrong = column == RowColumn::PredictedLabel && !rows.answer(0, place as usize).is_correct();
            if is_wrong {
                ui.visuals_mut().override_text_color = Some(theme::palette(ui).error);
            }
            theme::cut_among(ui, &text, rows.labels.iter().map(String::as_str), is_wrong);
        }
        RowColumn::Length | RowColumn::Loss => drop(ui.label(theme::small_muted(ui, text))),
        _ => drop(ui.label(text)),
    }
}

/// Draws the beginning of the text, in two lines where it has no tags, and its tags as far as there is room.
fn text_ui(ui: &mut Ui, scene: &Scene<'_>, rows: &ExploredRows, place: u32) {
    let p = theme::palette(ui);
    let tags: Vec<String> =
        tags_of(rows, place, rows.answer(0, place as usize)).iter().map(|tag| tag_name(scene, tag)).collect();
    let cell = ui.max_rect();
    let mut job = LayoutJob::simple(
        self::cell(scene, rows, place, RowColumn::Text),
        TextStyle::Body.resolve(ui.style()),
        p.text,
        cell.width(),
    );
    (job.wrap.max_rows, job.wrap.break_anywhere) = if tags.is_empty() { (2, false) } else { (1, true) };
    let galley = ui.painter().layout_job(job);
    let first = cell.center().y - LINE;
    let middle = if tags.is_empty() { cell.center().y } else { first + LINE / 2.0 };
    ui.painter().galley(pos2(cell.left(), middle - galley.size().y / 2.0), galley, p.text);
    let line = Rect::from_min_size(pos2(cell.left(), first + LINE), vec2(cell.width(), LINE));
    chips_ui(ui, line, &tags);
}

/// Draws as many tags as fit into a line, and how many more there are.
fn chips_ui(ui: &Ui, line: Rect, tags: &[String]) {
    let (p, font) = (theme::palette(ui), TextStyle::Small.resolve(ui.style()));
    let written = |text: String| ui.painter().layout_no_wrap(text, font.clone(), p.muted);
    let more = written(format!("+{}", tags.len())).size().x;
    let mut left = line.left();
    for (i, tag) in tags.iter().enumerate() {
        let rest = tags.len() - i;
        let galley = written(tag.clone());
        let (width, is_last) = (galley.size().x + 2.0 * CHIP, rest == 1);
        if left + width > line.right() - if is_last { 0.0 } else { more + space::XS } {
            let galley = written(format!("+{rest}"));
            ui.painter().galley(pos2(left, line.center().y - galley.size().y / 2.0), galley, p.muted);
            return;
        }
        let chip = Rect::from_min_size(pos2(left, line.top() + 1.5), vec2(width, LINE - 2.0));
        ui.painter().rect_filled(chip, CornerRadius::same(8), p.well);
        ui.painter().galley(pos2(left + CHIP, chip.center().y - galley.size().y / 2.0), galley, p.muted);
        left = chip.right() + space::XS;
    }
}

/// The margin beside a tag.
const CHIP: f32 = 7.0;

/// Returns the widths of the columns before the text: numbers whole, labels up to a limit.
fn widths(ui: &Ui, scene: &Scene<'_>, rows: &ExploredRows) -> [f32; 3] {
    let width = |text: &str| theme::text_width(ui, text, TextStyle::Body).ceil() + 2.0;
    let font = FontId { family: theme::semibold_family(), ..TextStyle::Body.resolve(ui.style()) };
    // The last row has the largest number.
    let last = rows.runs[0].rows.last().map_or(0, |row| row.row).max(9_999);
    let of = |column| match column {
        RowColumn::Row => width(&last.to_string()),
        RowColumn::TrueLabel | RowColumn::PredictedLabel => {
            // A wrong one is strong, and then wider.
            let strong =
                |label: &String| ui.painter().layout_no_wrap(label.clone(), font.clone(), Color32::PLACEHOLDER);
            let widest = rows.labels.iter().take(64).map(|label| strong(label).size().x).fold(0.0, f32::max);
            (widest.ceil() + 2.0).min(LABEL)
        }
        RowColumn::Confidence => width(&scene.words.write(Number::Percent(0.999))),
        RowColumn::Loss | RowColumn::Length | RowColumn::Text => 0.0,
    };
    let head = |column| theme::text_width(ui, &scene.say(column_id(column)), TextStyle::Small).ceil() + ARROW;
    let both = |lines: [Option<RowColumn>; 2]| {
        lines.into_iter().flatten().map(|column| of(column).max(head(column))).fold(0.0, f32::max)
    };
    [both(COLUMNS[0]), both(COLUMNS[1]), both(COLUMNS[2])]
}

pub fn name(rows: &ExploredRows, label: u32) -> String {
    rows.labels.get(label as usize).cloned().unwrap_or_default()
}

/// Returns what stands in a cell.
fn cell(scene: &Scene<'_>, rows: &ExploredRows, place: u32, column: RowColumn) -> String {
    let answer = rows.answer(0, place as usize);
    match column {
        RowColumn::Row => answer.row.to_string(),
        RowColumn::TrueLabel => name(rows, answer.label),
        RowColumn::PredictedLabel => name(rows, answer.predicted()),
        RowColumn::Confidence => scene.words.write(Number::Percent(answer.confidence())),
        RowColumn::Loss => numbers::ratio(answer.loss()),
        RowColumn::Length => rows.lengths.get(place as usize).map_or_else(String::new, u32::to_string),
        RowColumn::Text => {
            let texts = &rows.texts[place as usize];
            let both =
                texts.text.chars().chain(texts.second.iter().flat_map(|second| "  |  ".chars().chain(second.chars())));
            both.take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect()
        }
    }
}

fn tags(scene: &Scene<'_>, rows: &ExploredRows, place: u32, answer: &PredictedRow) -> String {
    tags_of(rows, place, answer).iter().map(|tag| tag_name(scene, tag)).collect::<Vec<_>>().join(", ")
}

fn line_in_words(scene: &Scene<'_>, rows: &ExploredRows, place: u32) -> String {
    let [row, label, predicted, confidence, text] =
        [RowColumn::Row, RowColumn::TrueLabel, RowColumn::PredictedLabel, RowColumn::Confidence, RowColumn::Text]
            .map(|column| cell(scene, rows, place, column));
    let filled = [
        ("row", &row as &dyn crate::words::Fill),
        ("label", &label),
        ("predicted", &predicted),
        ("confidence", &confidence),
        ("text", &text),
    ];
    scene.say_with("explore-line", &filled)
}

/// Returns the rows of the selection with exact numbers.
fn export(scene: &Scene<'_>, rows: &ExploredRows, selected: &SelectedRows) -> Table {
    let mut names: Vec<String> = RowColumn::ALL.map(|column| scene.say(column_id(column))).into();
    names.insert(1, scene.say("explore-column-part"));
    names.push(scene.say("explore-tags"));
    if !rows.texts.is_empty() && rows.texts[0].second.is_some() {
        names.push(scene.say("explore-column-second"));
    }
    let mut table = Table::new(names);
    for place in &selected.places {
        let answer = rows.answer(0, *place as usize);
        let texts = &rows.texts[*place as usize];
        let mut cells = vec![
            answer.row.to_string(),
            answer.split.name().to_owned(),
            name(rows, answer.label),
            name(rows, answer.predicted()),
            save_plot::number(answer.confidence()),
            save_plot::number(answer.loss()),
            cell(scene, rows, *place, RowColumn::Length),
            texts.text.clone(),
            tags(scene, rows, *place, answer),
        ];
        cells.extend(texts.second.clone());
        table.rows.push(cells);
    }
    table
}
