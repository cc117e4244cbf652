//! A confusion matrix has a row for each true label and a column for each predicted one. Its cells show counts and
//! their shares of the row, or the shares of the column.

mod cell;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use eframe::egui::{
    self, Align, Align2, Color32, FontFamily, FontId, Galley, Pos2, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind,
    Ui, Vec2, WidgetInfo, pos2, vec2,
};

use crate::app::run::results::Cells;
use crate::domain::metrics::Confusion;
use crate::words::{Catalogue, Fill, Number, numbers};

use self::cell::{cell_fill, change_fill, of_column, paint_cell, points};
use super::theme;

/// A cell of this size has room for a count with its share below it.
const ROOMY: Vec2 = vec2(44.0, 34.0);
/// A cell of this size has room for a count.
const LEGIBLE: Vec2 = vec2(30.0, 18.0);
/// Cells do not grow beyond this size, so that the numbers stay close together.
const LARGEST: Vec2 = vec2(200.0, 104.0);
/// Above cells that are too narrow for their names stands a name for every so many points.
const THINNED: f32 = 64.0;
/// Cells of matrices with very many classes are drawn at least this large, and are pointed at from so far away.
const SEEN: f32 = 1.5;
const REACH: f32 = 3.0;
/// Matrices with more classes than this are only summarised for screen readers.
const READ_OUT: usize = 10;

/// Returns whether every count is legible when all cells fit into `space`.
pub fn is_legible(space: Vec2, classes: usize) -> bool {
    let cell = fitted_cell(space, classes, MARGIN);
    cell.x >= LEGIBLE.x && cell.y >= LEGIBLE.y
}

/// The least margin with room for the names of the rows and columns and for the axis names.
const MARGIN: Vec2 = vec2(84.0, 36.0);
/// Long names of rows get up to this share of the width.
const NAMES_SHARE: f32 = 0.3;
/// Names of rows stand as far apart as this. Where the cells are lower, not every row has its name.
const NAME_HEIGHT: f32 = 13.0;
/// So many of the longest names decide how wide their column is.
const MEASURED: usize = 64;

fn fitted_cell(space: Vec2, classes: usize, margin: Vec2) -> Vec2 {
    ((space - margin) / classes.max(1) as f32).min(LARGEST)
}

/// A matrix with everything that is needed to draw it.
pub struct Matrix<'a> {
    pub id: &'a str,
    pub labels: &'a [String],
    pub confusion: &'a Confusion,
    /// The classes that are shown, in the order of the rows and of the columns.
    pub shown: &'a [usize],
    /// A cell that is marked, by its true and its predicted class. It is scrolled to when it changes.
    pub marked: Option<(usize, usize)>,
    /// If another run's matrix of the same labels is given, the cells show by how many percentage points the shares of
    /// their rows differ from that run's.
    pub less: Option<&'a Confusion>,
    /// The cells say this, unless they show a difference.
    pub cells: Cells,
    /// If this is true, every cell is legible and the matrix scrolls where it must. Otherwise all cells are in view.
    pub zoomed: bool,
    /// If this is true, a cell can be clicked, and the one that was is returned.
    pub is_clickable: bool,
    /// Tells screen readers what the matrix shows, e.g. "Validation at step 212".
    pub title: &'a str,
}

impl<'a> Matrix<'a> {
    /// A matrix that is fitted in, with no cell marked.
    pub fn of(id: &'a str, labels: &'a [String], confusion: &'a Confusion, shown: &'a [usize], title: &'a str) -> Self {
        let cells = Cells::default();
        Self {
            id,
            labels,
            confusion,
            shown,
            marked: None,
            less: None,
            cells,
            zoomed: false,
            is_clickable: false,
            title,
        }
    }

    /// Draws the matrix into all the available space. Returns the true and the predicted class of the cell that was
    /// clicked.
    pub fn show(&self, ui: &mut Ui, words: &Catalogue) -> Option<(usize, usize)> {
        let space = ui.available_rect_before_wrap();
        let classes = self.shown.len();
        if classes == 0 || self.labels.len() != self.confusion.classes() {
            return None;
        }
        let legible = is_legible(space.size(), classes);
        let scrolls = self.zoomed && !legible;
        let margin = vec2(self.names_width(ui, space.width(), legible.then_some(classes)), MARGIN.y);
        let cell = if scrolls { ROOMY } else { fitted_cell(space.size(), classes, margin) };
        let body_size = cell * classes as f32;
        let body = Rect::from_min_size(space.min + margin, body_size.min(space.size() - margin).max(Vec2::ZERO));
        self.axis_names(ui, space, body, words);
        let (mut offset, mut clicked) = (Vec2::ZERO, None);
        theme::inside(ui, body, |ui| {
            if scrolls {
                let area = ScrollArea::both().id_salt(self.id).auto_shrink(false);
                offset = area
                    .show_viewport(ui, |ui, view| clicked = self.cells(ui, body_size, cell, view, words))
                    .state
                    .clamped_offset();
            } else {
                clicked = self.cells(ui, body_size, cell, Rect::from_min_size(Pos2::ZERO, body_size), words);
            }
        });
        self.names(ui, Rect::from_min_max(body.min - margin, body.max), body, cell, offset);
        if !legible && !scrolls {
            let outline = Stroke::new(1.0, theme::palette(ui).line);
            ui.painter().rect_stroke(body, 0.0, outline, StrokeKind::Outside);
        }
        ui.allocate_rect(space, Sense::hover());
        clicked
    }

    /// Draws the cells that are in view. Returns the one that was clicked, by pointer or keyboard.
    fn cells(&self, ui: &mut Ui, size: Vec2, cell: Vec2, view: Rect, words: &Catalogue) -> Option<(usize, usize)> {
        let (area, _) = ui.allocate_exact_size(size, Sense::hover());
        let id = ui.scope_id().with((self.id, "cells"));
        let sense = if self.is_clickable { Sense::click() } else { Sense::focusable_noninteractive() };
        let response = ui.interact(area, id, sense);
        let is_clicked = self.is_clickable && response.clicked();
        let by_pointer = response.interact_pointer_pos().filter(|_| is_clicked);
        let p = theme::palette(ui);
        let classes = self.shown.len();
        let seen = |from: f32, to: f32, step: f32| {
            let last = ((to / step).ceil().max(0.0) as usize).min(classes);
            ((from / step).floor().max(0.0) as usize).min(last)..last
        };
        let (rows, columns) = (seen(view.top(), view.bottom(), cell.y), seen(view.left(), view.right(), cell.x));
        let at = |row: usize, column: usize| {
            Rect::from_min_size(area.min + vec2(column as f32 * cell.x, row as f32 * cell.y), cell)
        };
        if cell.x < LEGIBLE.x || cell.y < LEGIBLE.y {
            self.paint_tiny(ui, area, rows, cell);
        } else {
            let predicted_rows = self.predicted_rows();
            for row in rows {
                let truth = self.shown[row];
                let shares = self.confusion.row_shares(truth);
                let shares_before = self.less.map(|less| less.row_shares(truth));
                for column in columns.clone() {
                    let predicted = self.shown[column];
                    let (count, share) = (self.confusion.count(truth, predicted), shares(predicted));
                    if let Some(before) = &shares_before {
                        let change = share - before(predicted);
                        paint_cell(ui, at(row, column), points(change), None, change_fill(change, p));
                    } else {
                        let share = predicted_rows.as_ref().map_or(share, |rows| of_column(count, rows[predicted]));
                        let fill = cell_fill(count, share, truth == predicted, p);
                        let (count, share) = (numbers::count(count as usize), words.write(Number::Percent(share)));
                        let (figure, below) = if self.cells == Cells::Counts { (count, share) } else { (share, count) };
                        paint_cell(ui, at(row, column), figure, Some(below), fill);
                    }
                }
            }
        }
        let frame = |row: usize, column: usize, least: f32| {
            let rect = at(row, column);
            let rect = rect.expand2((Vec2::splat(least) - rect.size()).max(Vec2::ZERO) / 2.0);
            ui.painter().rect_stroke(rect, 2.0, Stroke::new(2.0, p.accent), StrokeKind::Inside);
            rect
        };
        let place = |class: usize| self.shown.iter().position(|shown| *shown == class);
        let marked = self.marked.and_then(|(truth, predicted)| Some((place(truth)?, place(predicted)?)));
        if let Some((row, column)) = marked {
            let rect = frame(row, column, 10.0);
            let (id, key) = (id.with("scrolled to"), (self.marked, self.zoomed));
            if ui.data(|data| data.get_temp(id)) != Some(key) {
                ui.data_mut(|data| data.insert_temp(id, key));
                ui.scroll_to_rect(rect, Some(Align::Center));
            }
        }
        response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, self.in_words(words)));
        if let Some((row, column)) = theme::focused_cell(ui, &response, classes, classes) {
            let rect = frame(row, column, 0.0);
            let text = self.cell_in_words(self.shown[row], self.shown[column], words);
            theme::explain_cell(ui, &response, rect, text);
            if by_pointer.is_none() {
                return is_clicked.then(|| (self.shown[row], self.shown[column]));
            }
        }
        let pointer = response.hover_pos().or(by_pointer)?;
        let (row, column) = self.pointed(pointer - area.min, cell)?;
        frame(row, column, 4.0);
        let text = self.cell_in_words(self.shown[row], self.shown[column], words);
        let text = if self.is_clickable { format!("{text}\n{}", words.say("matrix-click")) } else { text };
        response.on_hover_text_at_pointer(text);
        is_clicked.then(|| (self.shown[row], self.shown[column]))
    }

    /// Paints cells that are too small for numbers. Of a thousand classes that are a million cells, so only those that count
    /// something are painted on one common ground.
    fn paint_tiny(&self, ui: &Ui, area: Rect, rows: Range<usize>, cell: Vec2) {
        let p = theme::palette(ui);
        let mut mesh = egui::Mesh::default();
        let empty = if self.less.is_some() { change_fill(0.0, p) } else { cell_fill(0, 0.0, false, p) };
        mesh.add_colored_rect(area, empty);
        let mut places = vec![usize::MAX; self.confusion.classes()];
        self.shown.iter().enumerate().for_each(|(place, class)| places[*class] = place);
        let predicted_rows = self.predicted_rows();
        let mut add = |row: usize, column: usize, fill: Color32| {
            // The soft edges of a rounded cell would wash out cells that are a few pixels wide.
            let rect = Rect::from_min_size(area.min + vec2(column as f32 * cell.x, row as f32 * cell.y), cell);
            let rect = rect.expand2((Vec2::splat(SEEN) - cell).max(Vec2::ZERO) / 2.0);
            mesh.add_colored_rect(rect.intersect(area), fill);
        };
        for row in rows {
            let truth = self.shown[row];
            let shares = self.confusion.row_shares(truth);
            if let Some(less) = self.less {
                let before = less.row_shares(truth);
                let changed: BTreeSet<usize> =
                    self.confusion.row(truth).chain(less.row(truth)).map(|(predicted, _)| predicted).collect();
                for predicted in changed.into_iter().filter(|predicted| places[*predicted] < usize::MAX) {
                    add(row, places[predicted], change_fill(shares(predicted) - before(predicted), p));
                }
                continue;
            }
            let share = |predicted: usize, count: u64| {
                predicted_rows.as_ref().map_or_else(|| shares(predicted), |rows| of_column(count, rows[predicted]))
            };
            let right = self.confusion.count(truth, truth);
            add(row, row, cell_fill(right, share(truth, right), true, p));
            let wrong = self.confusion.row(truth).filter(|(predicted, _)| *predicted != truth);
            for (predicted, count) in wrong.filter(|(predicted, _)| places[*predicted] < usize::MAX) {
                add(row, places[predicted], cell_fill(count, share(predicted, count), false, p));
            }
        }
        ui.painter().add(mesh);
    }

    /// Returns how many rows were predicted as each label, if the cells show shares of that.
    fn predicted_rows(&self) -> Option<Vec<u64>> {
        (self.cells == Cells::ColumnShares).then(|| self.confusion.predicted())
    }

    /// Returns the row and the column that the pointer is on. Among cells of a few pixels it is the nearest one that counts
    /// something, if there is one close by.
    fn pointed(&self, at: Vec2, cell: Vec2) -> Option<(usize, usize)> {
        let classes = self.shown.len();
        let on = (at / cell).floor();
        let on = Some((on.y as usize, on.x as usize))
            .filter(|(row, column)| on.min_elem() >= 0.0 && *row < classes && *column < classes)?;
        if cell.min_elem() >= 2.0 * REACH {
            return Some(on);
        }
        let around = |at: usize, size: f32| {
            let reach = (REACH / size).ceil() as usize;
            at.saturating_sub(reach)..(at + reach + 1).min(classes)
        };
        let counts = |(row, column): &(usize, usize)| {
            let (truth, predicted) = (self.shown[*row], self.shown[*column]);
            let before = self.less.map_or(0, |less| less.count(truth, predicted));
            before + self.confusion.count(truth, predicted) > 0
        };
        let distance = |(row, column): &(usize, usize)| {
            let centre = vec2((*column as f32 + 0.5) * cell.x, (*row as f32 + 0.5) * cell.y);
            (centre - at).length_sq()
        };
        let near = around(on.0, cell.y).flat_map(|row| around(on.1, cell.x).map(move |column| (row, column)));
        let nearest = near.filter(counts).min_by(|a, b| distance(a).total_cmp(&distance(b)));
        Some(nearest.unwrap_or(on))
    }

    /// Returns the width of the names of the rows: that of the longest one if there is room. So many `classes`
    /// keep cells beside them whose counts and shares are legible.
    fn names_width(&self, ui: &Ui, room: f32, classes: Option<usize>) -> f32 {
        let font = names_font();
        let width = |name: &String| ui.painter().layout_no_wrap(name.clone(), font.clone(), Color32::WHITE).size().x;
        // Of very many names only long ones are measured.
        let names = || self.shown.iter().map(|class| &self.labels[*class]);
        let most = names().map(String::len).max().unwrap_or(0);
        let long = names().filter(|name| name.len() * 2 >= most).take(MEASURED);
        let longest = long.map(width).fold(0.0, f32::max) + 16.0 + 6.0;
        let cells = classes.map_or(0.0, |n| ((room - MARGIN.x) / n as f32).min(ROOMY.x) * n as f32);
        longest.min((room * NAMES_SHARE).min(room - cells)).max(MARGIN.x.min(room * 0.5))
    }

    /// Draws the row names at the left and the column names above. They move with the cells when those are scrolled.
    fn names(&self, ui: &Ui, space: Rect, body: Rect, cell: Vec2, offset: Vec2) {
        let p = theme::palette(ui);
        let font = names_font();
        let left = Rect::from_min_max(pos2(space.left() + 16.0, body.top()), body.left_bottom());
        let top = Rect::from_min_max(pos2(body.left(), space.top() + 16.0), body.right_top());
        let painter = ui.painter().with_clip_rect(left.expand2(vec2(0.0, NAME_HEIGHT / 2.0)));
        let every = ((NAME_HEIGHT / cell.y).ceil() as usize).max(1);
        for (i, class) in self.shown.iter().enumerate().step_by(every) {
            let name = &self.labels[*class];
            let y = body.top() + (i as f32 + 0.5) * cell.y - offset.y;
            // A name that would be cut is left out until its row is scrolled into view.
            if y > body.top() && y < body.bottom() {
                let galley = self.fitted(ui, name, &font, left.width() - 6.0);
                let at = pos2(left.right() - 6.0 - galley.size().x, y - galley.size().y / 2.0);
                painter.galley(at, galley, p.text);
            }
        }
        let painter = ui.painter().with_clip_rect(top);
        // Where names are thinned, each stands above the middle of as many columns as it is wide.
        let every = if cell.x < LEGIBLE.x { (THINNED / cell.x).ceil() as usize } else { 1 };
        let room = cell.x * every as f32;
        for (i, class) in self.shown.iter().enumerate().skip(every / 2).step_by(every) {
            let name = &self.labels[*class];
            let x = body.left() + (i as f32 + 0.5) * cell.x - offset.x;
            if x - room / 2.0 >= body.left() - 2.0 && x + room / 2.0 <= body.right() + 2.0 {
                let galley = self.fitted(ui, name, &font, room - 4.0);
                let at = pos2(x - galley.size().x / 2.0, top.bottom() - 3.0 - galley.size().y);
                painter.galley(at, galley, p.text);
            }
        }
    }

    /// Lays out a class's name so that it can be told from the others.
    fn fitted(&self, ui: &Ui, name: &str, font: &FontId, width: f32) -> Arc<Galley> {
        let others = self.labels.iter().map(String::as_str);
        theme::fitted_among(ui, name, others, font, theme::palette(ui).text, width.max(8.0)).0
    }

    fn axis_names(&self, ui: &Ui, space: Rect, body: Rect, words: &Catalogue) {
        let p = theme::palette(ui);
        let font = FontId::new(11.0, FontFamily::Proportional);
        let at = pos2(body.center().x, space.top());
        ui.painter().text(at, Align2::CENTER_TOP, words.say("matrix-predicted"), font.clone(), p.muted);
        let galley = ui.painter().layout_no_wrap(words.say("matrix-true"), font, p.muted);
        let at = pos2(space.left(), body.center().y + galley.size().x / 2.0);
        let upwards = egui::epaint::TextShape::new(at, galley, p.muted).with_angle(-std::f32::consts::FRAC_PI_2);
        ui.painter().add(upwards);
    }

    fn cell_in_words(&self, truth: usize, predicted: usize, words: &Catalogue) -> String {
        let (count, share) = (self.confusion.count(truth, predicted), self.confusion.row_share(truth, predicted));
        if let Some(less) = self.less {
            let before = less.row_share(truth, predicted);
            return words.say_with(
                "compare-cell",
                &[
                    ("true", &self.labels[truth]),
                    ("predicted", &self.labels[predicted]),
                    ("first", &Number::Percent(before)),
                    ("second", &Number::Percent(share)),
                    ("points", &points(share - before)),
                ],
            );
        }
        let mut text = words.say_with(
            "matrix-cell",
            &[
                ("true", &self.labels[truth]),
                ("predicted", &self.labels[predicted]),
                ("count", &count),
                ("share", &Number::Percent(share)),
            ],
        );
        if let Some(rows) = self.predicted_rows() {
            let share = Number::Percent(of_column(count, rows[predicted]));
            let args: [(&str, &dyn Fill); 2] = [("predicted", &self.labels[predicted]), ("share", &share)];
            text += &format!("\n{}", words.say_with("matrix-cell-of-column", &args));
        }
        text
    }

    fn in_words(&self, words: &Catalogue) -> String {
        let mut text = self.title.to_owned();
        if self.less.is_none() {
            let (correct, rows) = (self.confusion.correct(), self.confusion.rows());
            text = words.say_with("matrix-summary", &[("title", &self.title), ("correct", &correct), ("rows", &rows)]);
        }
        if self.shown.len() <= READ_OUT {
            for truth in self.shown {
                for predicted in self.shown {
                    text.push_str(". ");
                    text.push_str(&self.cell_in_words(*truth, *predicted, words).replace('\n', ", "));
                }
            }
        }
        text
    }
}

fn names_font() -> FontId {
    FontId::new(12.0, FontFamily::Proportional)
}

/// Lays out text on a single line, in whose middle an ellipsis stands where it would be wider than `width`.
pub fn elided(ui: &Ui, text: &str, font: &FontId, colour: Color32, width: f32) -> Arc<Galley> {
    theme::fitted_name(ui, text, font, colour, width.max(8.0)).0
}
