//! Section 3: what trains. Presets, the share that trains, and the tree of all parameters.

use std::sync::Arc;

use eframe::egui::{
    self, Button, DragValue, FontId, Galley, Id, Key, Label, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke,
    StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::app::action::Action;
use crate::app::format;
use crate::app::state::Loading;
use crate::domain::freeze::Freeze;
use crate::domain::params::{Block, ParamTree};
use crate::gui::theme::{self, Palette, Tone, palette, space};

use super::parts::{self, Scene};
use super::tree::{Group, Row, Standing, TriState, shape_text, visible_rows};

const ROW_HEIGHT: f32 = 24.0;
const INDENT: f32 = 12.0;
const BOX: f32 = 15.0;

pub fn freeze_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let Some(tree) = scene.state.model.latest().cloned() else {
        match &scene.state.model {
            Loading::Failed(problem) => {
                let p = palette(ui);
                let text = scene.words.problem(problem);
                parts::notice(ui, p.error_fill, |ui| parts::sentence(ui, text, p.error));
            }
            _ => {
                ui.label(theme::muted(ui, scene.say("panel-model-reading")));
            }
        }
        return;
    };
    presets(ui, scene, &tree);
    totals(ui, scene);
    filter(ui, scene);
    rows(ui, scene, &tree);
}

/// What people call a freezing.
pub fn preset_name(scene: &Scene<'_>, freeze: &Freeze) -> String {
    match freeze {
        Freeze::Preset1 => scene.say("panel-preset-1"),
        Freeze::Preset2 => scene.say("panel-preset-2"),
        Freeze::Preset3 => scene.say("panel-preset-3"),
        Freeze::Full => scene.say("panel-preset-full"),
        Freeze::Top(k) => scene.say_with("panel-preset-top", &[("k", k)]),
        Freeze::Biases => scene.say("panel-preset-biases"),
        Freeze::Names(_) | Freeze::Plan(_) => scene.say("panel-preset-custom"),
    }
}

/// One line about what trains under a freezing.
fn explanation(scene: &Scene<'_>, freeze: &Freeze) -> String {
    match freeze {
        Freeze::Preset1 => scene.say("panel-preset-1-hint"),
        Freeze::Preset2 => scene.say("panel-preset-2-hint"),
        Freeze::Preset3 => scene.say("panel-preset-3-hint"),
        Freeze::Full => scene.say("panel-preset-full-hint"),
        Freeze::Top(k) => scene.say_with("panel-preset-top-hint", &[("k", k)]),
        Freeze::Biases => scene.say("panel-preset-biases-hint"),
        Freeze::Names(_) | Freeze::Plan(_) => scene.say("panel-preset-custom-hint"),
    }
}

fn presets(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree) {
    let chosen = scene.state.config.freeze.clone();
    let locked = scene.state.is_running();
    let memory = Id::unique("last k of the preset top k");
    let k = match chosen {
        Freeze::Top(k) => k,
        _ => ui.data(|d| d.get_temp(memory)).unwrap_or(2).min(tree.facts.layers),
    };
    let mut picked = None;
    ui.add_enabled_ui(!locked, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            ui.spacing_mut().button_padding.x = 9.0;
            for (preset, id) in [
                (Freeze::Preset1, "panel-preset-1-short"),
                (Freeze::Preset2, "panel-preset-2-short"),
                (Freeze::Preset3, "panel-preset-3-short"),
                (Freeze::Full, "panel-preset-full-short"),
                (Freeze::Top(k), "panel-preset-top-short"),
                (Freeze::Biases, "panel-preset-biases-short"),
            ] {
                if preset_button(ui, scene, tree, &preset, id, preset == chosen).clicked() {
                    picked = Some(preset.clone());
                }
                if matches!(preset, Freeze::Top(_)) {
                    picked = top_number(ui, scene, k, tree.facts.layers).or(picked.take());
                }
            }
        });
    });
    if let Some(freeze) = picked {
        if let Freeze::Top(k) = freeze {
            ui.data_mut(|d| d.insert_temp(memory, k));
        }
        scene.actions.push(Action::SetFreeze(freeze));
    }
    ui.spacing_mut().item_spacing.y = 6.0;
    let text = theme::muted(ui, explanation(scene, &chosen)).size(13.0);
    if matches!(chosen, Freeze::Names(_) | Freeze::Plan(_)) {
        ui.horizontal(|ui| {
            theme::chip(ui, &scene.say("panel-preset-custom"), Tone::Neutral);
            ui.add(Label::new(text).wrap());
        });
    } else {
        ui.add(Label::new(text).wrap());
    }
}

/// The k of the preset top k; another k chooses that preset.
fn top_number(ui: &mut Ui, scene: &Scene<'_>, k: usize, layers: usize) -> Option<Freeze> {
    let mut new_k = k;
    let name = scene.say("panel-preset-top-number");
    let drag = DragValue::new(&mut new_k).range(0..=layers).speed(0.05).min_size(vec2(30.0, space::CONTROL));
    ui.name_inputs(&name, |ui| ui.add(drag)).on_hover_text(&name);
    (new_k != k).then_some(Freeze::Top(new_k))
}

fn preset_button(
    ui: &mut Ui,
    scene: &Scene<'_>,
    tree: &ParamTree,
    preset: &Freeze,
    id: &str,
    selected: bool,
) -> Response {
    let p = palette(ui);
    let text = RichText::new(scene.say(id));
    let text = if selected { text.family(theme::semibold_family()).color(p.accent) } else { text };
    let stroke = Stroke::new(1.0, if selected { p.accent } else { p.outline });
    let fill = if selected { p.accent_fill } else { p.card };
    let button = Button::new(text).fill(fill).stroke(stroke).min_size(vec2(30.0, space::CONTROL)).selected(selected);
    let response = ui.add(button);
    let name = preset_name(scene, preset);
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.clone()));
    response.on_hover_ui(|ui| {
        ui.set_max_width(300.0);
        ui.label(theme::semibold(name));
        ui.label(explanation(scene, preset));
        if let Ok(trainable) = preset.resolve(tree) {
            ui.label(theme::muted(ui, share_text(scene, tree.totals(&trainable))));
        }
    })
}

/// "trains 1,923,074 of 22,713,986 (8.5 %)"
fn share_text(scene: &Scene<'_>, (on, off): (usize, usize)) -> String {
    let all = on + off;
    let share = format::percent(on as f64 / all.max(1) as f64);
    scene.say_with("panel-trains", &[("on", &format::count(on)), ("all", &format::count(all)), ("share", &share)])
}

fn totals(ui: &mut Ui, scene: &Scene<'_>) {
    let Some((on, off)) = scene.state.totals() else { return };
    let p = palette(ui);
    let text = share_text(scene, (on, off));
    let response = ui.add(Label::new(theme::semibold(&text).size(13.5)).truncate());
    let (rect, bar) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    let share = on as f32 / (on + off).max(1) as f32;
    let painter = ui.painter();
    painter.rect_filled(rect, 4.0, theme::mix(p.frozen_fill, p.frozen, 0.35));
    if on > 0 {
        // From the right, where the end of the network is.
        let left = (rect.right() - (rect.width() * share).max(4.0)).max(rect.left());
        painter.rect_filled(Rect::from_min_max(pos2(left, rect.top()), rect.max), 4.0, p.trainable);
    }
    let hint = scene.say_with("panel-trains-hint", &[("frozen", &format::count(off))]);
    response.union(bar).on_hover_text(hint);
}

fn filter(ui: &mut Ui, scene: &mut Scene<'_>) {
    let mut text = scene.state.filter.clone();
    let name = scene.say("panel-filter");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let clear = if text.is_empty() { 0.0 } else { 24.0 };
        let edit = TextEdit::singleline(&mut text)
            .id_salt("filter of the tree")
            .hint_text(&name)
            .align(egui::Align2::LEFT_CENTER)
            .min_size(vec2(0.0, space::CONTROL))
            .desired_width(ui.available_width() - clear);
        let response = ui.add(edit).accessible_name(&name);
        if response.changed() {
            scene.actions.push(Action::SetFilter(text.clone()));
        }
        if clear > 0.0 && parts::cross_button(ui, &scene.say("panel-filter-clear")).clicked() {
            scene.actions.push(Action::SetFilter(String::new()));
        }
    });
}

fn rows(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree) {
    let rows = visible_rows(tree, &scene.state.unfolded, &scene.state.filter);
    if rows.is_empty() {
        ui.label(theme::muted(ui, scene.say_with("panel-filter-none", &[("filter", &scene.state.filter.trim())])));
        return;
    }
    let columns = Columns::of(ui, tree);
    ui.spacing_mut().item_spacing.y = 0.0;
    // The bar of the scroll area lies in the panel's margin.
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
    /// Width of the counts of an encoder layer's parameters.
    count: f32,
    font: FontId,
}

impl Columns {
    fn of(ui: &Ui, tree: &ParamTree) -> Self {
        let font = FontId::monospace(11.0);
        let widest = tree.parameters.iter().filter(|p| p.name.starts_with("encoder.")).map(|p| p.count()).max();
        let text = format::count(widest.unwrap_or(1_000_000));
        let count = ui.painter().layout_no_wrap(text, font.clone(), egui::Color32::PLACEHOLDER).size().x;
        Self { count, font }
    }
}

/// What a row of the tree is about.
struct Line<'a> {
    row: &'a Row,
    /// Also the name of its box for tests and screen readers.
    name: String,
    shown: &'a str,
    standing: Standing,
    members: &'a [usize],
}

fn row_ui(ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree, columns: &Columns, row: &Row, rect: Rect) {
    let single;
    let own_name;
    let (name, shown, members): (String, &str, &[usize]) = match row {
        Row::Group { group, members, .. } => {
            own_name = group_name(scene, *group);
            let short = match group {
                Group::Block(_, block) => scene.say(block_id(*block)),
                _ => own_name.clone(),
            };
            single = short;
            (own_name, &single, members)
        }
        Row::Parameter { index, within } => {
            let name = &tree.parameters[*index].name;
            (name.clone(), within.shorten(name), std::slice::from_ref(index))
        }
    };
    let standing = Standing::of(tree, &scene.state.trainable, members);
    let line = Line { row, name, shown, standing, members };
    paint_ground(ui, rect, &line.standing);
    let left = rect.left() + 2.0 + row.depth() as f32 * INDENT;
    fold_ui(ui, scene, &line, Rect::from_center_size(pos2(left + 8.0, rect.center().y), vec2(18.0, ROW_HEIGHT)));
    let box_rect = Rect::from_center_size(pos2(left + 17.0 + BOX / 2.0, rect.center().y), vec2(BOX, BOX));
    box_ui(ui, scene, tree, &line, box_rect);
    let figures_left = figures_ui(ui, tree, columns, &line, rect);
    let name_left = box_rect.right() + 6.0;
    let name_rect = Rect::from_min_max(pos2(name_left, rect.top()), pos2(figures_left - 6.0, rect.bottom()));
    name_ui(ui, scene, tree, &line, name_rect);
}

fn group_name(scene: &Scene<'_>, group: Group) -> String {
    match group {
        Group::Embeddings => scene.say("panel-embeddings"),
        Group::Encoder => scene.say("panel-encoder"),
        Group::Layer(index) => scene.say_with("panel-layer", &[("index", &index)]),
        Group::Block(index, block) => {
            let layer = group_name(scene, Group::Layer(index));
            format!("{layer} {}", scene.say(block_id(block)))
        }
        Group::Pooler => scene.say("panel-pooler"),
        Group::Classifier => scene.say("panel-classifier"),
    }
}

fn block_id(block: Block) -> &'static str {
    match block {
        Block::Attention => "panel-attention",
        Block::FeedForward => "panel-feed-forward",
        Block::Norms => "panel-norms",
    }
}

/// Cold behind what is frozen, warm behind what trains, as far as each goes.
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
    let filtered = !scene.state.filter.trim().is_empty();
    let id = row_id(ui, &line.name).with("fold");
    let response = ui.interact(rect, id, if filtered { Sense::hover() } else { Sense::click() });
    if !filtered {
        let word = if *open { "panel-fold" } else { "panel-unfold" };
        let name = scene.say_with(word, &[("group", &line.name)]);
        response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, &name));
    }
    if response.clicked() {
        scene.actions.push(Action::SetUnfolded { path: group.path(), open: !open });
    }
    let p = palette(ui);
    parts::chevron(ui.painter(), rect.center(), *open, if response.hovered() { p.text } else { p.muted });
    focus_ring(ui, &response, rect.shrink(2.0));
    keep_in_view(ui, &response, rect);
}

fn row_id(ui: &Ui, name: &str) -> Id {
    ui.scope_id().with("row").with(name)
}

/// The tri-state box. A click thaws all that it stands for, or freezes it when all of it trains already.
fn box_ui(ui: &Ui, scene: &mut Scene<'_>, tree: &ParamTree, line: &Line<'_>, rect: Rect) {
    let locked = scene.state.is_running();
    let state = line.standing.state;
    let sense = if locked { Sense::hover() } else { Sense::click() };
    let response = ui.interact(rect.expand2(vec2(3.0, 4.0)), row_id(ui, &line.name).with("box"), sense);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, !locked, state == TriState::Trainable, &line.name));
    if state == TriState::Mixed {
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_toggled(egui::accesskit::Toggled::Mixed));
    }
    if response.clicked() {
        let names = line.members.iter().map(|&i| tree.parameters[i].name.clone()).collect();
        scene.actions.push(Action::SetTrainable { names, on: state != TriState::Trainable });
    }
    fold_by_arrows(ui, scene, line, &response);
    paint_box(ui, rect, state, response.hovered() && !locked, locked);
    focus_ring(ui, &response, rect.expand(2.5));
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

/// Left and right fold and unfold the group whose box has the keyboard.
fn fold_by_arrows(ui: &Ui, scene: &mut Scene<'_>, line: &Line<'_>, response: &Response) {
    let Row::Group { group, open, .. } = line.row else { return };
    if !response.has_focus() || !scene.state.filter.trim().is_empty() {
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
        scene.actions.push(Action::SetUnfolded { path: group.path(), open: wanted });
    }
}

fn focus_ring(ui: &Ui, response: &Response, rect: Rect) {
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 5.0, Stroke::new(1.5, palette(ui).accent), StrokeKind::Middle);
    }
}

/// Rows that are not seen are not drawn: the keyboard must always find the next one beyond the edge.
fn keep_in_view(ui: &Ui, response: &Response, rect: Rect) {
    if response.gained_focus() {
        ui.scroll_to_rect(rect.expand2(vec2(0.0, 1.5 * ROW_HEIGHT)), None);
    }
}

/// Shape and count at the right end; gives where they begin.
fn figures_ui(ui: &Ui, tree: &ParamTree, columns: &Columns, line: &Line<'_>, rect: Rect) -> f32 {
    let p = palette(ui);
    let right = rect.right() - 6.0;
    let place = |galley: Arc<Galley>, right: f32, colour| {
        let left = right - galley.size().x;
        ui.painter().galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, colour);
        left
    };
    let colour = ink(p, line.standing.state);
    let text = |text: String, colour| ui.painter().layout_no_wrap(text, columns.font.clone(), colour);
    let count = text(format::count(line.standing.count), colour);
    let count_left = place(count, right, colour);
    let Row::Parameter { index, .. } = line.row else { return count_left };
    let shape = text(shape_text(&tree.parameters[*index].shape), p.muted);
    place(shape, count_left.min(right - columns.count) - 9.0, p.muted)
}

/// The colour of words and figures of a row: cold, warm, or neither.
fn ink(p: &Palette, state: TriState) -> egui::Color32 {
    match state {
        TriState::Frozen => p.frozen,
        TriState::Mixed => p.text,
        TriState::Trainable => p.trainable,
    }
}

fn name_ui(ui: &Ui, scene: &mut Scene<'_>, tree: &ParamTree, line: &Line<'_>, rect: Rect) {
    let p = palette(ui);
    let is_group = matches!(line.row, Row::Group { .. });
    let font = match line.row {
        Row::Group { group, .. } if group.depth() < 2 => FontId::new(13.5, theme::semibold_family()),
        Row::Group { .. } => FontId::proportional(13.5),
        Row::Parameter { .. } => FontId::proportional(13.0),
    };
    let colour = if is_group { p.text } else { ink(p, line.standing.state) };
    let (galley, elided) = parts::fitted(ui, line.shown, font, colour, rect.width());
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
            // The pointer may fold by the whole name; the keyboard has the triangle and the arrows.
            let response = ui.interact(rect, id, Sense::CLICK);
            if response.clicked() && scene.state.filter.trim().is_empty() {
                scene.actions.push(Action::SetUnfolded { path: group.path(), open: !open });
            }
            response.on_hover_text(scene.say(match group {
                Group::Embeddings => "panel-embeddings-hint",
                Group::Encoder => "panel-encoder-hint",
                Group::Layer(_) => "panel-layer-hint",
                Group::Block(_, Block::Attention) => "panel-attention-hint",
                Group::Block(_, Block::FeedForward) => "panel-feed-forward-hint",
                Group::Block(_, Block::Norms) => "panel-norms-hint",
                Group::Pooler => "panel-pooler-hint",
                Group::Classifier => "panel-classifier-hint",
            }));
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
                scene.actions.push(Action::OpenParameter(Some(line.name.clone())));
            }
            let hover = if elided || line.shown != line.name { line.name.clone() } else { name };
            response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text(hover);
        }
    }
}
