//! How runs are told apart: by colour, dashes and marker.

use eframe::egui::{self, Color32, Stroke, Ui, vec2};
use egui_plot::{LineStyle, MarkerShape};

use crate::gui::theme;

/// How one run looks among the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunStyle {
    pub colour: Color32,
    pub dashes: LineStyle,
    pub marker: MarkerShape,
}

impl RunStyle {
    /// Returns style number `index`. No two of the first 28 have the same colour, nor the same dashes and marker, so that
    /// they can be told apart without colours as well.
    pub fn of(ui: &Ui, index: usize) -> Self {
        const MARKERS: [MarkerShape; 7] = [
            MarkerShape::Circle,
            MarkerShape::Square,
            MarkerShape::Up,
            MarkerShape::Diamond,
            MarkerShape::Down,
            MarkerShape::Plus,
            MarkerShape::Cross,
        ];
        let colours = theme::palette(ui).runs;
        let round = index / MARKERS.len();
        Self {
            colour: colours[index % colours.len()],
            dashes: match round % 4 {
                0 => LineStyle::Solid,
                1 => LineStyle::Dashed { length: 9.0 },
                2 => LineStyle::Dotted { spacing: 5.0 },
                _ => LineStyle::Dashed { length: 4.0 },
            },
            marker: MARKERS[(index + round) % MARKERS.len()],
        }
    }

    /// Draws the style as a legend shows it: a piece of the line with the marker in its middle.
    pub fn swatch(self, ui: &Ui, rect: egui::Rect) {
        let (painter, c) = (ui.painter(), rect.center());
        let stroke = Stroke::new(2.0 * theme::thickness(ui), self.colour);
        let ends = [rect.left_center(), rect.right_center()];
        match self.dashes {
            LineStyle::Solid => {
                painter.line_segment(ends, stroke);
            }
            LineStyle::Dotted { spacing } => {
                painter.extend(egui::Shape::dotted_line(&ends, self.colour, spacing, 1.2));
            }
            LineStyle::Dashed { length } => {
                painter.extend(egui::Shape::dashed_line(&ends, stroke, length, length * 0.6));
            }
        }
        let r = 4.0;
        let corners = |points: &[(f32, f32)]| points.iter().map(|(x, y)| c + vec2(*x, *y) * r).collect::<Vec<_>>();
        let filled = |points: &[(f32, f32)]| {
            painter.add(egui::Shape::convex_polygon(corners(points), self.colour, Stroke::NONE));
        };
        let cross = |arms: [(f32, f32); 2]| {
            for (x, y) in arms {
                painter.line_segment([c - vec2(x, y) * r, c + vec2(x, y) * r], stroke);
            }
        };
        match self.marker {
            MarkerShape::Square => filled(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
            MarkerShape::Up => filled(&[(0.0, -1.1), (1.0, 0.8), (-1.0, 0.8)]),
            MarkerShape::Down => filled(&[(0.0, 1.1), (1.0, -0.8), (-1.0, -0.8)]),
            MarkerShape::Diamond => filled(&[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)]),
            MarkerShape::Plus => cross([(1.0, 0.0), (0.0, 1.0)]),
            MarkerShape::Cross => cross([(0.8, 0.8), (0.8, -0.8)]),
            _ => {
                painter.circle_filled(c, r * 0.95, self.colour);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::theme::seen::{COLOUR_BLIND, apart, contrast};
    use crate::gui::theme::{Palette, RUN_COLOURS};
    use egui_kittest::Harness;

    #[test]
    fn the_colours_of_all_runs_are_told_apart() {
        for p in [&Palette::LIGHT, &Palette::DARK] {
            for (i, a) in p.runs.iter().enumerate() {
                assert!(contrast(*a, p.card) > 2.9, "{a:?} on its card");
                for b in &p.runs[..i] {
                    assert!(apart(*a, *b, None) > 0.09, "{a:?} and {b:?}");
                    for sight in COLOUR_BLIND {
                        assert!(apart(*a, *b, Some(sight)) > 0.035, "{a:?} and {b:?} to the colour-blind");
                    }
                }
            }
        }
    }

    #[test]
    fn no_two_runs_have_the_same_dashes_and_marker() {
        let mut harness = Harness::new_ui(|ui| {
            let styles: Vec<RunStyle> = (0..RUN_COLOURS).map(|index| RunStyle::of(ui, index)).collect();
            for (i, a) in styles.iter().enumerate() {
                assert!(styles[..i].iter().all(|b| (b.dashes, b.marker) != (a.dashes, a.marker)), "{a:?}");
            }
        });
        harness.run();
    }
}
