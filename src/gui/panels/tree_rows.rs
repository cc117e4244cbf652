//! The parameter tree is drawn row by row: a tri-state box, the name, the shape and the count. Frozen rows are cold,
//! trainable ones warm.

use std::sync::Arc;

use eframe::egui::{
    self, Color32, FontId, Galley, Id, Key, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use crate::app::first_steps::FirstStep;
use crate::app::state::Panel;
use crate::app::train::TrainAction;
use crate::domain::params::{Block, ParamTree, Part};
use crate::domain::timeline::Rung;
use crate::gui::first_steps;
use crate::gui::term::term_at;
use crate::gui::theme::{self, Palette, palette, space};
use crate::words::numbers;

use super::tree::{Group, Row, Standing, TriState, shape_text, visible_rows};
use super::{Scene, parts};

const ROW_HEIGHT: f32 = 24.0;
const INDENT: f32 = 12.0;
const BOX: f32 = 15.0;
/// The gap between shape and count.
const FIGURES_GAP: f32 = 9.0;

/// Draws the visible part of the tree into all the height that is left.
pub fn rows(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree) {
    let rows = visible_rows(tree, &scene.state.train.tree.unfolded, &scene.state.train.tree.filter);
    if rows.is_empty() {
        let filter = scene.state.train.tree.filter.trim();
        ui.label(theme::muted(ui, scene.say_with("panel-filter-none", &[("filter", &filter)])));
        return;
    }
    let columns = Columns::of(ui, tree);
    ui.spacing_mut().item_spacing.y = 0.0;
    // The scroll bar lies in the panel's margin.
    let inner = ui.available_rect_before_wrap();
    let wide = Rect::from_min_max(inner.min, pos2(inner.right() + space::M, inner.bottom()));
    let mut outer = ui.new_child(UiBuilder::new().id_salt("scrolled").max_rect(wide));
    let area = ScrollArea::vertical().id_salt("parameters").auto_shrink(false);
    area.show_rows(&mut outer, ROW_HEIGHT, rows.len(), |ui, range| {
        for row in &rows[range] {
            let (rect, _) = ui.allocate_exact_size(vec2(inner.width(), ROW_HEIGHT), Sense::hover());
            row_ui(ui, scene, tree, &columns, row, rect);
        }
    });
}

/// Where the columns of figures end, so that they line up.
struct Columns {
    /// The widest count of an encoder layer's parameters takes this width.
    count: f32,
    font: FontId,
}

impl Columns {
    fn of(ui: &Ui, tree: &ParamTree) -> Self {
        let font = FontId::monospace(10.5);
        let widest = tree.parameters.iter().filter(|p| matches!(p.part, Part::Layer { .. })).map(|p| p.count()).max();
        let text = numbers::count(widest.unwrap_or(1_000_000));
        let count = ui.painter().layout_no_wrap(text, font.clone(), Color32::PLACEHOLDER).size().x;
        Self { count, font }
    }
}

/// What a row of the tree is about.
struct Line<'a> {
    row: &'a Row,
    /// This is also the name of the row's box for tests and screen readers.
    name: String,
    shown: String,
    standing: Standing,
    members: &'a [usize],
}

impl Line<'_> {
    fn font(&self) -> FontId {
        match self.row {
            Row::Group { group, .. } if group.depth() < 2 => FontId::new(13.5, theme::semibold_family()),
            Row::Group { .. } => FontId::proportional(13.5),
            Row::Parameter { .. } => FontId::proportional(12.5),
        }
    }
}

fn row_ui(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree, columns: &Columns, row: &Row, rect: Rect) {
    let (name, shown, members) = match row {
        Row::Group { group, members, .. } => {
            let (name, shown) = group_name(scene, *group);
            (name, shown, members.as_slice())
        }
        Row::Parameter { index, within } => {
            let name = &tree.parameters[*index].name;
            (name.clone(), within.shorten(name).to_owned(), std::slice::from_ref(index))
        }
    };
    let standing = Standing::of(tree, &scene.state.train.trainable, members);
    let line = Line { row, name, shown, standing, members };
    paint_ground(ui, rect, &line.standing);
    if matches!(row, Row::Group { group: Group::Layer(_), .. }) && line.standing.state == TriState::Frozen {
        first_steps::mark(ui, scene, FirstStep::Thaw, true, rect);
    }
    let left = rect.left() + 2.0 + row.depth() as f32 * INDENT;
    fold_ui(ui, scene, &line, Rect::from_center_size(pos2(left + 8.0, rect.center().y), vec2(18.0, ROW_HEIGHT)));
    let box_rect = Rect::from_center_size(pos2(left + 17.0 + BOX / 2.0, rect.center().y), vec2(BOX, BOX));
    box_ui(ui, scene, tree, &line, box_rect);
    let name_left = box_rect.right() + 6.0;
    let name_width = ui.painter().layout_no_wrap(line.shown.clone(), line.font(), Color32::PLACEHOLDER).size().x;
    let figures_left = figures_ui(ui, tree, columns, &line, rect, name_left + name_width + 6.0);
    let name_rect = Rect::from_min_max(pos2(name_left, rect.top()), pos2(figures_left - 6.0, rect.bottom()));
    name_ui(ui, scene, tree, &line, name_rect);
}

/// Returns a group's name and what the tree shows of it, where the layer stands above its blocks.
fn group_name(scene: &Scene<'_>, group: Group) -> (String, String) {
    let layer = |index| parts::rung_name(scene.words, Rung::Layer(index));
    let (name, shown) = match group {
        Group::Layer(index) => (layer(index), None),
        Group::Block(index, _) => {
            let block = scene.say(group_id(group));
            (format!("{} {block}", layer(index)), Some(block))
        }
        other => (scene.say(group_id(other)), None),
    };
    (name.clone(), shown.unwrap_or(name))
}

fn group_id(group: Group) -> &'static str {
    match group {
        Group::Embeddings => "panel-embeddings",
        Group::Encoder => "panel-encoder",
        Group::Layer(_) => "panel-layer",
        Group::Block(_, Block::Attention) => "panel-attention",
        Group::Block(_, Block::FeedForward) => "panel-feed-forward",
        Group::Block(_, Block::Norms) => "panel-norms",
        Group::Pooler => "panel-pooler",
        Group::Classifier => "panel-classifier",
    }
}

/// Paints the ground cold behind the share that is frozen and warm behind the share that trains.
fn paint_ground(ui: &Ui, rect: Rect, standing: &Standing) {
    let p = palette(ui);
    let rect = rect.shrink2(vec2(0.0, 0.5));
    let (cold, warm) = (p.frozen_fill, p.trainable_fill);
    let painter = ui.painter();
    match standing.state {
        TriState::Frozen => painter.rect_filled(rect, 3.0, cold),
        TriState::Trainable => painter.rect_filled(rect, 3.0, warm),
        TriState::Mixed => {
            painter.rect_filled(rect, 3.0, cold);
            let left = rect.right() - (rect.width() * standing.share()).max(6.0);
            painter.rect_filled(Rect::from_min_max(pos2(left, rect.top()), rect.max), 3.0, warm)
        }
    };
}

fn fold_ui(ui: &Ui, scene: &mut Scene<'_>, line: &Line<'_>, rect: Rect) {
    let Row::Group { group, open, .. } = line.row else { return };
    let filtered = !scene.state.train.tree.filter.trim().is_empty();
    let id = row_id(ui, &line.name).with("fold");
    let response = ui.interact(rect, id, if filtered { Sense::hover() } else { Sense::click() });
    if !filtered {
        let word = if *open { "panel-fold" } else { "panel-unfold" };
        let name = scene.say_with(word, &[("group", &line.name)]);
        response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, &name));
    }
    if response.clicked() {
        scene.act(TrainAction::SetUnfolded { path: group.path(), open: !open });
    }
    let p = palette(ui);
    parts::chevron(ui.painter(), rect.center(), *open, if response.hovered() { p.text } else { p.muted });
    keep_in_view(ui, &response, rect);
}

fn row_id(ui: &Ui, name: &str) -> Id {
    ui.scope_id().with("row").with(name)
}

/// Draws the tri-state box. A click thaws everything that the box stands for, or freezes it if all of it trains
/// already.
fn box_ui(ui: &Ui, scene: &mut Scene<'_>, tree: &ParamTree, line: &Line<'_>, rect: Rect) {
    let locked = scene.state.is_running() || scene.state.lessons.locks(Panel::Freeze);
    let state = line.standing.state;
    let sense = if locked { Sense::hover() } else { Sense::click() };
    let response = ui.interact(rect.expand2(vec2(3.0, 4.0)), row_id(ui, &line.name).with("box"), sense);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, !locked, state == TriState::Trainable, &line.name));
    if state == TriState::Mixed {
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_toggled(egui::accesskit::Toggled::Mixed));
    }
    if response.clicked() {
        let names = line.members.iter().map(|&i| tree.parameters[i].name.clone()).collect();
        scene.act(TrainAction::SetTrainable { names, on: state != TriState::Trainable });
    }
    fold_by_arrows(ui, scene, line, &response);
    paint_box(ui, rect, state, response.hovered() && !locked, locked);
    keep_in_view(ui, &response, rect);
    let state_name = scene.say(match state {
        TriState::Frozen => "panel-frozen",
        TriState::Mixed => "panel-mixed",
        TriState::Trainable => "panel-trainable",
    });
    response.on_hover_text(if locked { format!("{state_name}\n{}", scene.say("panel-locked")) } else { state_name });
}

fn paint_box(ui: &Ui, rect: Rect, state: TriState, hovered: bool, locked: bool) {
    let p = palette(ui);
    let painter = ui.painter();
    let faded = |colour| if locked { theme::mix(colour, p.side, 0.35) } else { colour };
    let (fill, line, mark) = match state {
        TriState::Frozen => (p.card, theme::mix(p.frozen, p.frozen_fill, 0.35), faded(p.frozen)),
        TriState::Mixed => (p.card, faded(p.trainable), faded(p.trainable)),
        TriState::Trainable => (faded(p.trainable), faded(p.trainable), p.card),
    };
    let line = if hovered { p.accent } else { line };
    painter.rect(rect, 4.0, fill, Stroke::new(if hovered { 1.5 } else { 1.0 }, line), StrokeKind::Inside);
    let c = rect.center();
    match state {
        TriState::Frozen => parts::snowflake(painter, c, 4.6, Stroke::new(1.1, mark)),
        TriState::Mixed => {
            painter.hline(c.x - 3.5..=c.x + 3.5, c.y, Stroke::new(2.0, mark));
        }
        TriState::Trainable => {
            let points = [vec2(-3.5, 0.3), vec2(-1.0, 3.0), vec2(3.8, -3.0)].map(|v| c + v);
            painter.add(egui::Shape::line(points.to_vec(), Stroke::new(1.8, mark)));
        }
    }
}

/// The left and right arrows fold and unfold the group whose box has the keyboard.
fn fold_by_arrows(ui: &Ui, scene: &mut Scene<'_>, line: &Line<'_>, response: &Response) {
    let Row::Group { group, open, .. } = line.row else { return };
    if !response.has_focus() || !scene.state.train.tree.filter.trim().is_empty() {
        return;
    }
    let keeps = egui::EventFilter { horizontal_arrows: true, ..Default::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(response.id, keeps));
    let wanted = ui.input(|i| match (i.key_pressed(Key::ArrowLeft), i.key_pressed(Key::ArrowRight)) {
        (true, false) => Some(false),
        (false, true) => Some(true),
        _ => None,
    });
    if let Some(wanted) = wanted.filter(|wanted| wanted != open) {
        scene.act(TrainAction::SetUnfolded { path: group.path(), open: wanted });
    }
}

/// Rows out of view are not drawn, so scrolling keeps one more row in view for the keyboard to go to next.
fn keep_in_view(ui: &Ui, response: &Response, rect: Rect) {
    if response.gained_focus() {
        ui.scroll_to_rect(rect.expand2(vec2(0.0, 1.5 * ROW_HEIGHT)), None);
    }
}

/// Draws shape and count at the right end and returns where they begin. The shapes stand in a column unless the name,
/// which ends at `name_end`, needs the room.
fn figures_ui(ui: &Ui, tree: &ParamTree, columns: &Columns, line: &Line<'_>, rect: Rect, name_end: f32) -> f32 {
    let p = palette(ui);
    let right = rect.right() - 6.0;
    let place = |galley: Arc<Galley>, right: f32, colour| {
        let left = right - galley.size().x;
        ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, colour);
        left
    };
    let colour = ink(p, line.standing.state);
    let text = |text: String, colour| ui.painter().layout_no_wrap(text, columns.font.clone(), colour);
    let count = text(numbers::count(line.standing.count), colour);
    let count_left = place(count, right, colour);
    let Row::Parameter { index, .. } = line.row else { return count_left };
    let shape = text(shape_text(&tree.parameters[*index].shape), p.muted);
    let in_column = count_left.min(right - columns.count);
    let fits = name_end <= in_column - FIGURES_GAP - shape.size().x;
    place(shape, if fits { in_column } else { count_left } - FIGURES_GAP, p.muted)
}

/// Returns the colour of a row's words and figures: cold, warm, or neither.
fn ink(p: &Palette, state: TriState) -> Color32 {
    match state {
        TriState::Frozen => p.frozen,
        TriState::Mixed => p.text,
        TriState::Trainable => p.trainable,
    }
}

fn name_ui(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree, line: &Line<'_>, rect: Rect) {
    let p = palette(ui);
    let is_group = matches!(line.row, Row::Group { .. });
    let colour = if is_group { p.text } else { ink(p, line.standing.state) };
    let (galley, elided) = parts::fitted(ui, &line.shown, line.font(), colour, rect.width());
    let at = pos2(rect.left(), rect.center().y - galley.size().y / 2.0);
    let text_rect = Rect::from_min_size(pos2(at.x, rect.top()), vec2(galley.size().x, rect.height()));
    ui.painter().galley(at, galley, colour);
    let id = row_id(ui, &line.name).with("name");
    match line.row {
        Row::Group { group, open, .. } => {
            let after = pos2(text_rect.right() + 6.0, rect.center().y);
            if matches!(group, Group::Layer(index) if index + 1 == tree.facts.layers) && after.x + 30.0 < rect.right() {
                let last = scene.say("panel-last-layer");
                ui.painter().text(after, egui::Align2::LEFT_CENTER, last, FontId::proportional(12.0), p.muted);
            }
            let place = text_rect.translate(vec2(text_rect.width() + 8.0, 0.0));
            // The pointer can fold a group by its whole name. The keyboard has the triangle and the arrows for that.
            let response = ui.interact(rect, id, Sense::CLICK);
            if response.clicked() && scene.state.train.tree.filter.trim().is_empty() {
                scene.act(TrainAction::SetUnfolded { path: group.path(), open: !open });
            }
            response.on_hover_text(scene.hint(group_id(*group)));
            if *group == Group::Pooler {
                term_at(ui, scene.words, "glossary-pooler", place);
            }
        }
        Row::Parameter { .. } => {
            let response = ui.interact(text_rect, id, Sense::click());
            let name = scene.say_with("panel-open-parameter", &[("name", &line.name)]);
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
            if response.hovered() || response.has_focus() {
                let y = rect.center().y + 8.0;
                ui.painter().hline(text_rect.x_range(), y, Stroke::new(1.0, colour));
            }
            keep_in_view(ui, &response, rect);
            if response.clicked() {
                scene.act(TrainAction::OpenParameter(Some(line.name.clone())));
            }
            let hover = if elided || line.shown != line.name { line.name.clone() } else { name };
            response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text(hover);
        }
    }
}
