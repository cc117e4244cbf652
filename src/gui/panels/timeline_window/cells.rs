//! The cells of the timeline: a rung in an epoch, painted with the mouse or toggled with the keyboard.

use std::ops::RangeInclusive;

use eframe::egui::{self, FontId, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::app::train::timeline::TimelineAction;
use crate::domain::params::ParamTree;
use crate::domain::timeline::{Rung, Unfreezing};
use crate::gui::panels::tree::TriState;
use crate::gui::panels::{Scene, parts};
use crate::gui::theme::{self, palette};

use super::{HEAD, ROW, act};

/// The gap between two cells.
const GAP: f32 = 2.0;

/// The cells of the visible epochs.
pub struct Cells<'a> {
    pub rect: Rect,
    pub column: f32,
    pub rungs: &'a [Rung],
    pub epochs: RangeInclusive<usize>,
}

impl Cells<'_> {
    pub fn show(&self, ui: &mut Ui, scene: &mut Scene<'_>, tree: &ParamTree, running: bool) {
        let brush_id = Id::unique("timeline brush");
        let mut brush: Option<bool> = ui.data(|d| d.get_temp(brush_id)).flatten();
        if !ui.input(|i| i.pointer.primary_down()) {
            brush = None;
        }
        let p = palette(ui);
        let left = |epoch: usize| self.rect.left() + (epoch - 1) as f32 * self.column;
        let trainable = |epoch: usize| (epoch, scene.state.train.trainable_in(epoch).to_vec());
        let trainable: Vec<(usize, Vec<bool>)> = self.epochs.clone().map(trainable).collect();
        for epoch in self.epochs.clone() {
            let head = Rect::from_min_size(pos2(left(epoch), self.rect.top()), vec2(self.column, HEAD));
            let font = FontId::proportional(12.0);
            ui.painter().text(head.center(), egui::Align2::CENTER_CENTER, epoch, font, p.muted);
        }
        for (row, rung) in self.rungs.iter().enumerate() {
            let top = self.rect.top() + HEAD + row as f32 * ROW;
            for (epoch, trainable) in &trainable {
                let epoch = *epoch;
                let cell = Rect::from_min_size(pos2(left(epoch), top), vec2(self.column, ROW)).shrink(GAP / 2.0);
                let on = rung.members(tree).filter(|i| trainable[*i]).count();
                let state = match on {
                    0 => TriState::Frozen,
                    n if n == rung.members(tree).count() => TriState::Trainable,
                    _ => TriState::Mixed,
                };
                let response = self.cell(ui, scene, cell, *rung, epoch, state, running);
                if running {
                    continue;
                }
                let wanted = if response.clicked() {
                    Some(state != TriState::Trainable)
                } else if response.drag_started() {
                    brush = Some(state != TriState::Trainable);
                    brush
                } else {
                    brush.filter(|_| response.contains_pointer())
                };
                let is = match state {
                    TriState::Frozen => Some(false),
                    TriState::Trainable => Some(true),
                    TriState::Mixed => None,
                };
                if let Some(on) = wanted.filter(|wanted| Some(*wanted) != is) {
                    act(scene, TimelineAction::Paint { rung: *rung, epoch, on });
                }
            }
        }
        ui.data_mut(|d| d.insert_temp(brush_id, brush));
        self.boundaries(ui, scene.state.train.timeline.plan.as_ref());
    }

    #[expect(clippy::too_many_arguments, reason = "one cell, all that it shows")]
    fn cell(
        &self,
        ui: &Ui,
        scene: &Scene<'_>,
        rect: Rect,
        rung: Rung,
        epoch: usize,
        state: TriState,
        running: bool,
    ) -> Response {
        let sense = if running { Sense::hover() } else { Sense::click_and_drag() };
        let response = ui.interact(rect, Id::unique(("timeline cell", rung, epoch)), sense);
        let p = palette(ui);
        let id = match state {
            TriState::Frozen => "timeline-cell-frozen",
            TriState::Mixed => "timeline-cell-mixed",
            TriState::Trainable => "timeline-cell-trains",
        };
        let name = scene.say_with(id, &[("rung", &parts::rung_name(scene.words, rung)), ("epoch", &epoch)]);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::CheckBox, !running, &name);
            info.selected = match state {
                TriState::Frozen => Some(false),
                TriState::Mixed => None,
                TriState::Trainable => Some(true),
            };
            info
        });
        let painter = ui.painter();
        let (fill, mark) = match state {
            TriState::Frozen => (p.frozen_fill, p.frozen),
            TriState::Mixed => (theme::mix(p.frozen_fill, p.trainable_fill, 0.5), p.trainable),
            TriState::Trainable => (theme::mix(p.trainable_fill, p.trainable, 0.55), p.trainable),
        };
        painter.rect_filled(rect, 3.0, fill);
        match state {
            // A mark repeats what the colour says, for people who cannot tell the colours apart.
            TriState::Frozen => parts::snowflake(painter, rect.center(), 5.0, Stroke::new(1.0, mark)),
            TriState::Mixed => {
                painter.hline(rect.center().x - 5.0..=rect.center().x + 5.0, rect.center().y, Stroke::new(2.0, mark));
            }
            TriState::Trainable => {}
        }
        if response.hovered() {
            painter.rect_stroke(rect, 3.0, Stroke::new(1.0, p.accent), StrokeKind::Inside);
        }
        response.on_hover_text_at_pointer(name)
    }

    /// Draws a line where a stage ends.
    fn boundaries(&self, ui: &Ui, plan: Option<&Unfreezing>) {
        let p = palette(ui);
        for stage in plan.map(|plan| &plan.stages[1..]).unwrap_or_default() {
            if self.epochs.contains(&stage.from_epoch) {
                let x = self.rect.left() + (stage.from_epoch - 1) as f32 * self.column;
                ui.painter().vline(x, self.rect.y_range(), Stroke::new(2.0, p.text));
            }
        }
    }
}
