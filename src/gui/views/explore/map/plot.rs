//! The points themselves, on one pair of axes for both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use eframe::egui::{self, Color32, Id, Label, Pos2, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{MarkerShape, Plot, PlotBounds, PlotPoint, PlotPoints, PlotTransform, Points};

use crate::app::explore::ExploreAction;
use crate::app::text_map::MapColouring;
use crate::domain::health::PartName;
use crate::domain::predictions::ExploredRows;
use crate::domain::selected::SelectedRows;
use crate::domain::selection::Condition;
use crate::domain::text_map::{LayerPoints, MappedText, TextMap, is_inside};
use crate::words::Number;

use super::super::super::super::chart::Mark;
use super::super::super::super::legend::Entry;
use super::super::super::super::theme::{self, space};
use super::super::super::Scene;

/// So many labels have a colour of their own: those of Okabe and Ito, which colour-blind people can tell apart.
const COLOURED: usize = 7;
/// A label's name takes so much of the legend at most.
const NAME: f32 = 130.0;
/// From so much of it, the confidence has another colour.
const SURE: [f64; 3] = [0.6, 0.8, 0.95];
/// A point is meant within this distance from the pointer.
const NEAR: f32 = 10.0;
const RADIUS: f32 = 2.6;
const CAPTION: f32 = 18.0;
/// The plot reaches so far beyond the outermost points, as a share of their range.
const MARGIN: f64 = 0.04;
/// A text is cut after so many characters where the pointer is.
const SHOWN: usize = 240;
const HOVER_WIDTH: f32 = 320.0;

/// A group of points of one colour and shape.
struct Class {
    name: String,
    colour: Color32,
    shape: MarkerShape,
}

/// These classes give the points their colours, and say in the legend what they mean.
pub struct Classes {
    colouring: MapColouring,
    classes: Vec<Class>,
    /// The class of each label, where labels have colours.
    of_label: BTreeMap<u32, usize>,
}

impl Classes {
    pub fn of(ui: &Ui, scene: &Scene<'_>, map: &TextMap) -> Self {
        let (p, colouring) = (theme::palette(ui), scene.state.text_map.colouring);
        let round = |name: String, colour| Class { name, colour, shape: MarkerShape::Circle };
        let mut of_label = BTreeMap::new();
        let classes = match colouring {
            MapColouring::Label | MapColouring::Predicted => {
                let label = |row: &MappedText| if colouring == MapColouring::Label { row.label } else { row.predicted };
                let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
                map.rows.iter().for_each(|row| *counts.entry(label(row)).or_default() += 1);
                let mut frequent: Vec<u32> = counts.keys().copied().collect();
                frequent.sort_by_key(|label| std::cmp::Reverse(counts[label]));
                let has_others = frequent.len() > COLOURED;
                frequent.truncate(COLOURED);
                // A label keeps its colour where its share of the rows changes, as long as all have one.
                frequent.sort_unstable();
                of_label = frequent.iter().copied().zip(0..).collect();
                let names: Vec<String> =
                    frequent.iter().map(|id| map.labels.get(*id as usize).cloned().unwrap_or_default()).collect();
                let font = TextStyle::Small.resolve(ui.style());
                let names = theme::fitted_names(ui, "mapped labels", &names, &font, NAME);
                let mut classes: Vec<Class> =
                    names.iter().zip(p.runs).map(|(name, colour)| round(name.clone(), colour)).collect();
                if has_others {
                    classes.push(round(scene.say("map-other-labels"), p.muted));
                }
                classes
            }
            MapColouring::Error => {
                let wrong =
                    Class { name: scene.say("explore-wrong"), colour: p.validation_curve, shape: MarkerShape::Diamond };
                vec![round(scene.say("explore-right"), p.train_curve), wrong]
            }
            MapColouring::Confidence => {
                let ends = [0.0, SURE[0], SURE[1], SURE[2], 1.0];
                let name = |i: usize| match i {
                    0 => scene.say_with("map-less-sure", &[("to", &Number::Percent(ends[1]))]),
                    _ => scene.say_with(
                        "map-as-sure",
                        &[("from", &Number::Percent(ends[i])), ("to", &Number::Percent(ends[i + 1]))],
                    ),
                };
                // From pale to strong, so that the order is seen without colours as well.
                let strength = [0.35, 0.55, 0.75, 1.0];
                (0..4).map(|i| round(name(i), theme::mix(p.card, p.text, strength[i]))).collect()
            }
            MapColouring::Run => vec![
                Class { name: scene.say("map-side-before"), colour: p.validation_curve, shape: MarkerShape::Diamond },
                round(scene.say("map-side-after"), p.train_curve),
            ],
        };
        Self { colouring, classes, of_label }
    }

    pub fn legend(&self) -> Vec<Entry> {
        let entry = |class: &Class| {
            let mark = if class.shape == MarkerShape::Diamond { Mark::Diamonds } else { Mark::Points };
            Entry { name: class.name.clone(), colour: class.colour, mark }
        };
        self.classes.iter().map(entry).collect()
    }

    fn of_row(&self, row: &MappedText, is_after: bool) -> usize {
        let of_label = |label: u32| self.of_label.get(&label).copied().unwrap_or(self.classes.len() - 1);
        match self.colouring {
            MapColouring::Label => of_label(row.label),
            MapColouring::Predicted => of_label(row.predicted),
            MapColouring::Error => usize::from(!row.is_correct()),
            MapColouring::Confidence => SURE.iter().filter(|from| row.confidence >= **from).count(),
            MapColouring::Run => usize::from(is_after),
        }
    }
}

/// One plot.
struct Side<'a> {
    name: &'static str,
    /// Its points, and whether they are those after fine-tuning. Points of both are drawn where the colours say which.
    layers: Vec<(&'a [[f32; 2]], bool)>,
}

pub fn plots_ui(
    ui: &mut Ui,
    rect: Rect,
    scene: &mut Scene<'_>,
    (map, points, classes): (&TextMap, &LayerPoints, &Classes),
    rows: &ExploredRows,
    selected: &SelectedRows,
) {
    let after = (points.after.as_slice(), true);
    let sides = match &points.before {
        None => vec![Side { name: "map-side-after", layers: vec![after] }],
        Some(before) if classes.colouring == MapColouring::Run => {
            vec![Side { name: "map-side-both", layers: vec![(before.as_slice(), false), after] }]
        }
        Some(before) => vec![
            Side { name: "map-side-before", layers: vec![(before.as_slice(), false)] },
            Side { name: "map-side-after", layers: vec![after] },
        ],
    };
    let all = sides.iter().flat_map(|side| side.layers.iter().flat_map(|(points, _)| points.iter()));
    let bounds = bounds(all);
    let (gap, count) = (space::S, sides.len() as f32);
    let width = (rect.width() - gap * (count - 1.0)) / count;
    let is_chosen = is_chosen(map, rows, selected);
    // The row at the pointer is marked in both plots.
    let id = Id::unique("text map hovered");
    let hovered: Option<usize> = ui.data(|data| data.get_temp(id));
    let mut near = None;
    for (i, side) in sides.into_iter().enumerate() {
        let left = rect.left() + i as f32 * (width + gap);
        let place = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom()));
        theme::inside(ui, place, |ui| {
            let found = side_ui(ui, scene, (map, classes, &side), bounds, (rows, &is_chosen), hovered);
            near = near.or(found);
        });
    }
    if near != hovered {
        ui.data_mut(|data| match near {
            Some(near) => drop(data.insert_temp(id, near)),
            None => data.remove::<usize>(id),
        });
        ui.ctx().request_repaint();
    }
}

/// Returns which of the mapped rows are in the selection; `None` where all rows are.
fn is_chosen(map: &TextMap, rows: &ExploredRows, selected: &SelectedRows) -> Option<Vec<bool>> {
    (selected.places.len() < rows.len()).then(|| {
        let mut chosen = vec![false; rows.len()];
        selected.places.iter().for_each(|place| chosen[*place as usize] = true);
        map.rows.iter().map(|row| chosen.get(row.place as usize).copied().unwrap_or_default()).collect()
    })
}

fn bounds<'a>(points: impl Iterator<Item = &'a [f32; 2]>) -> PlotBounds {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for point in points {
        for axis in 0..2 {
            let x = f64::from(point[axis]);
            (low[axis], high[axis]) = (low[axis].min(x), high[axis].max(x));
        }
    }
    for axis in 0..2 {
        let range = high[axis] - low[axis];
        let margin = if range > 0.0 { MARGIN * range } else { 1.0 };
        (low[axis], high[axis]) =
            if range.is_finite() { (low[axis] - margin, high[axis] + margin) } else { (-1.0, 1.0) };
    }
    PlotBounds::from_min_max(low, high)
}

/// Draws one plot. It returns the row at the pointer.
fn side_ui(
    ui: &mut Ui,
    scene: &mut Scene<'_>,
    (map, classes, side): (&TextMap, &Classes, &Side<'_>),
    bounds: PlotBounds,
    (rows, is_chosen): (&ExploredRows, &Option<Vec<bool>>),
    hovered: Option<usize>,
) -> Option<usize> {
    let p = theme::palette(ui);
    let caption = scene.say(side.name);
    ui.allocate_ui(vec2(ui.available_width(), CAPTION), |ui| {
        ui.set_height(CAPTION);
        let told = with_probe(scene, side, &caption);
        ui.add(Label::new(theme::small_muted(ui, told)).truncate());
    });
    // A zoom does not outlive what was zoomed.
    let shown = (map.dir.clone(), scene.state.text_map.layer(), scene.state.text_map.method);
    let id = Id::unique(("text map", side.name, &shown));
    let lasso_id = id.with("lasso");
    let lasso: Option<Arc<Vec<[f64; 2]>>> = ui.data(|data| data.get_temp(lasso_id));
    let radius = RADIUS * theme::thickness(ui);
    let groups = groups(map, classes, side, is_chosen.as_deref());
    let marked = scene.state.explore.marked.and_then(|place| map.rows.iter().position(|row| row.place == place));
    let plot = Plot::new("text map")
        .id(id)
        .min_size(vec2(40.0, 40.0))
        .show_axes(false)
        .show_grid(false)
        .show_background(false)
        .show_x(false)
        .show_y(false)
        .show_crosshair(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(true)
        .link_axis(Id::unique(("text map axes", &shown)), [true, true])
        // Both plots fit the points of both until someone zooms.
        .set_margin_fraction(vec2(0.0, 0.0))
        .include_x(bounds.min()[0])
        .include_x(bounds.max()[0])
        .include_y(bounds.min()[1])
        .include_y(bounds.max()[1])
        .label_formatter(|_| None)
        .sense(Sense::click_and_drag());
    let drawn = plot.show(ui, |plot| {
        for (group, is_faint) in [(&groups.1, true), (&groups.0, false)] {
            for (class, points) in group {
                let own = &classes.classes[*class];
                let colour = if is_faint { p.outline.gamma_multiply(0.45) } else { own.colour.gamma_multiply(0.8) };
                let size = if own.shape == MarkerShape::Circle { radius } else { radius * 1.5 };
                let marks = Points::new("", PlotPoints::new(points.clone())).color(colour).radius(size);
                plot.points(marks.shape(own.shape).allow_hover(false));
            }
        }
        let ring = |i: Option<usize>| {
            let i = i.filter(|i| *i < map.rows.len());
            i.into_iter().flat_map(|i| side.layers.iter().filter_map(move |(points, _)| points.get(i).map(as_f64)))
        };
        let rings: Vec<[f64; 2]> = ring(hovered).chain(ring(marked)).collect();
        if !rings.is_empty() {
            let marks = Points::new("", PlotPoints::new(rings)).color(p.text).radius(radius * 2.4).filled(false);
            plot.points(marks.allow_hover(false));
        }
    });
    let (response, transform) = (drawn.response, drawn.transform);
    let frame = *transform.frame();
    ui.painter().rect_stroke(frame, 4.0, Stroke::new(1.0, p.line), egui::StrokeKind::Inside);
    if let Some(lasso) = &lasso {
        let at = |[x, y]: &[f64; 2]| transform.position_from_point(&PlotPoint::new(*x, *y));
        let painter = ui.painter().with_clip_rect(frame);
        painter
            .add(egui::Shape::line(lasso.iter().map(at).collect(), Stroke::new(1.5 * theme::thickness(ui), p.accent)));
    }
    let summary = scene.say_with(
        "map-summary",
        &[("side", &caption), ("rows", &map.rows.len()), ("layer", &scene.state.text_map.layer())],
    );
    response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &summary));

    take_lasso(ui, scene, &response, &transform, (lasso_id, lasso), map, side);
    let near = response.hover_pos().filter(|_| !response.dragged()).and_then(|at| nearest(at, side, &transform));
    if let Some(row) = near.map(|near| map.rows[near]) {
        if response.clicked() {
            scene.act(ExploreAction::Mark(row.place));
        }
        response.on_hover_ui_at_pointer(|ui| hover_ui(ui, scene, map, rows, &row));
    }
    near
}

/// The caption with what a linear probe reads there, where that is one number and known.
fn with_probe(scene: &Scene<'_>, side: &Side<'_>, caption: &str) -> String {
    let state = &scene.state.text_map;
    let layer = state.probes.ready().and_then(|probes| probes.layers.get(state.layer()));
    let hits = match (layer, &side.layers[..]) {
        (Some((before, _)), [(_, false)]) => *before,
        (Some((_, after)), [(_, true)]) => Some(*after),
        _ => None,
    };
    hits.map_or_else(
        || caption.to_owned(),
        |hits| scene.say_with("map-caption", &[("side", &caption), ("accuracy", &Number::Percent(hits.accuracy()))]),
    )
}

/// The points by class: those of the selection, and the others.
type Groups = (BTreeMap<usize, Vec<[f64; 2]>>, BTreeMap<usize, Vec<[f64; 2]>>);

fn groups(map: &TextMap, classes: &Classes, side: &Side<'_>, is_chosen: Option<&[bool]>) -> Groups {
    let mut groups = Groups::default();
    for (points, is_after) in &side.layers {
        for (i, (row, point)) in map.rows.iter().zip(*points).enumerate() {
            let is_chosen = is_chosen.is_none_or(|chosen| chosen[i]);
            let to = if is_chosen { &mut groups.0 } else { &mut groups.1 };
            to.entry(classes.of_row(row, *is_after)).or_default().push(as_f64(point));
        }
    }
    groups
}

fn as_f64(point: &[f32; 2]) -> [f64; 2] {
    point.map(f64::from)
}

/// The row whose point is nearest to the pointer, if one is near.
fn nearest(at: Pos2, side: &Side<'_>, transform: &PlotTransform) -> Option<usize> {
    let far = |point: &[f32; 2]| {
        let [x, y] = as_f64(point);
        transform.position_from_point(&PlotPoint::new(x, y)).distance(at)
    };
    let all = side.layers.iter().flat_map(|(points, _)| points.iter().map(far).enumerate());
    all.filter(|(_, far)| *far <= NEAR).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
}

/// Follows the pointer that draws around points, and selects them at the end.
fn take_lasso(
    ui: &Ui,
    scene: &mut Scene<'_>,
    response: &egui::Response,
    transform: &PlotTransform,
    (id, lasso): (Id, Option<Arc<Vec<[f64; 2]>>>),
    map: &TextMap,
    side: &Side<'_>,
) {
    let mut line = lasso.map(|lasso| lasso.to_vec()).unwrap_or_default();
    if response.drag_started_by(egui::PointerButton::Primary) {
        line.clear();
        // The pointer has moved a little before a drag is one.
        line.extend(ui.input(|input| input.pointer.press_origin()).map(|at| place_of(transform, at)));
    }
    if response.dragged_by(egui::PointerButton::Primary)
        && let Some(at) = response.interact_pointer_pos()
    {
        let place = place_of(transform, at);
        if line.last() != Some(&place) {
            line.push(place);
        }
        ui.data_mut(|data| data.insert_temp(id, Arc::new(line)));
    } else if response.drag_stopped() {
        ui.data_mut(|data| data.remove::<Arc<Vec<[f64; 2]>>>(id));
        let is_held = |i: usize| side.layers.iter().any(|(points, _)| is_inside(&line, as_f64(&points[i])));
        let held = map.rows.iter().enumerate().filter(|(i, _)| is_held(*i));
        let rows: BTreeSet<_> = held.map(|(_, row)| (PartName::Test.name().to_owned(), row.row)).collect();
        if !rows.is_empty() {
            // Another lasso takes the place of the one before it.
            let steps = &scene.state.explore.selection.steps;
            if matches!(steps.last(), Some(Condition::Rows { .. })) {
                scene.act(ExploreAction::Widen(steps.len() - 1));
            }
            scene.act(ExploreAction::Select(Condition::Rows { rows }));
        }
    }
}

fn place_of(transform: &PlotTransform, at: Pos2) -> [f64; 2] {
    let point = transform.value_from_position(at);
    [point.x, point.y]
}

/// Draws what the row at the pointer is.
fn hover_ui(ui: &mut Ui, scene: &Scene<'_>, map: &TextMap, rows: &ExploredRows, row: &MappedText) {
    ui.set_max_width(HOVER_WIDTH);
    let label = |id: u32| map.labels.get(id as usize).map_or("", String::as_str);
    let args: [(&str, &dyn crate::words::Fill); 4] = [
        ("row", &row.row.to_string()),
        ("label", &label(row.label)),
        ("predicted", &label(row.predicted)),
        ("confidence", &Number::Percent(row.confidence)),
    ];
    ui.label(theme::semibold(scene.say_with("map-row", &args)));
    if let Some(texts) = rows.texts.get(row.place as usize) {
        let text = [Some(texts.text.as_str()), texts.second.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        let text: Vec<char> = text.join("  |  ").chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let cut = if text.len() > SHOWN { "…" } else { "" };
        ui.label(text.iter().take(SHOWN).collect::<String>() + cut);
    }
}
