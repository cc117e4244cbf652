//! Labels in a plot stand beside what they name, within the plot, and neither on curves nor on each other.

use eframe::egui::{Color32, FontId, Painter, Pos2, Rect, Stroke, Vec2, pos2, vec2};

use super::marks::covered;

/// The places that are looked at across the plot.
const ACROSS: usize = 24;
/// The places that are looked at down the plot, where none beside the line is free.
const DOWN: usize = 16;
/// Labels keep this distance from what they stand beside.
const GAP: f32 = 2.0;
/// The piece of the line in front of a label that stands elsewhere has this width.
const SWATCH: f32 = 14.0;

/// What is in the way of labels in a plot.
pub struct Crowd {
    frame: Rect,
    lines: Vec<Vec<Option<(f32, f32)>>>,
    taken: Vec<Rect>,
}

/// Where a label stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub rect: Rect,
    /// Whether it stands beside its line.
    pub is_beside: bool,
}

impl Crowd {
    /// `lines` are the curves as they stand on the screen.
    pub fn new(frame: Rect, lines: &[Vec<Pos2>]) -> Self {
        let lines = lines.iter().map(|line| covered(line, frame.left(), frame.width())).collect();
        Self { frame, lines, taken: Vec::new() }
    }

    /// Keeps later labels away from here.
    pub fn take(&mut self, rect: Rect) {
        self.taken.push(rect);
    }

    /// How much of the place is taken: 0 if it is free.
    fn crossings(&self, rect: Rect) -> usize {
        let first = (rect.left() - self.frame.left()).floor().max(0.0) as usize;
        let last = (rect.right() - self.frame.left()).ceil().max(0.0) as usize;
        let is_crossed = |range: &&Option<(f32, f32)>| {
            range.is_some_and(|(low, high)| high >= rect.top() - GAP && low <= rect.bottom() + GAP)
        };
        let crossed =
            |line: &Vec<Option<(f32, f32)>>| line.iter().take(last + 1).skip(first).filter(is_crossed).count();
        let on_others = self.taken.iter().filter(|taken| taken.intersects(rect)).count();
        self.lines.iter().map(crossed).sum::<usize>() + on_others * 1000
    }

    /// Finds a place for a label: beside the horizontal line at `y`, from the right end to the left; else anywhere; else
    /// where it is in the way least. `None` if the label is larger than the plot.
    pub fn place(&mut self, size: Vec2, y: Option<f32>) -> Option<Place> {
        let frame = self.frame.shrink(GAP);
        let beside = y.into_iter().flat_map(|y| [y - GAP - size.y, y + GAP]);
        let tops = beside.filter(|top| *top >= frame.top() && top + size.y <= frame.bottom());
        let swatch = vec2(if y.is_some() { SWATCH } else { 0.0 }, 0.0);
        let rows = |size: Vec2| {
            let room = (frame.height() - size.y).max(0.0);
            (0..DOWN).map(move |row| frame.top() + room * row as f32 / (DOWN - 1) as f32)
        };
        let columns = |size: Vec2| {
            let room = (frame.width() - size.x).max(0.0);
            (0..ACROSS).map(move |column| frame.right() - size.x - room * column as f32 / (ACROSS - 1) as f32)
        };
        let at = |size: Vec2, tops: Vec<f32>, is_beside| {
            columns(size).flat_map(move |left| {
                let rect = move |top| Rect::from_min_size(pos2(left, top), size);
                tops.clone().into_iter().map(move |top| Place { rect: rect(top), is_beside })
            })
        };
        if size.x + swatch.x > frame.width() || size.y > frame.height() {
            return None;
        }
        let elsewhere = size + swatch;
        let candidates = at(size, tops.collect(), true).chain(at(elsewhere, rows(elsewhere).collect(), false));
        let mut best: Option<(usize, Place)> = None;
        for place in candidates {
            let crossings = self.crossings(place.rect);
            if best.is_none_or(|(least, _)| crossings < least) {
                best = Some((crossings, place));
            }
            if crossings == 0 {
                break;
            }
        }
        let place = best?.1;
        self.take(place.rect);
        Some(place)
    }

    /// Writes a label where there is room for it. The faint steps behind it stay visible around it. `y` is where the
    /// dashed line is that it names.
    pub fn write(
        &mut self,
        painter: &Painter,
        text: &str,
        font: FontId,
        colour: Color32,
        ground: Color32,
        y: Option<f32>,
    ) {
        let galley = painter.layout_no_wrap(text.to_owned(), font, colour);
        let Some(place) = self.place(galley.size(), y) else { return };
        painter.rect_filled(place.rect, 2.0, ground.gamma_multiply(0.8));
        let mut at = place.rect.min;
        if y.is_some() && !place.is_beside {
            let (left, middle) = (at.x + 1.0, place.rect.center().y);
            let stroke = Stroke::new(1.0, colour);
            painter.line_segment([pos2(left, middle), pos2(left + 4.0, middle)], stroke);
            painter.line_segment([pos2(left + 7.0, middle), pos2(left + 11.0, middle)], stroke);
            at.x += SWATCH;
        }
        painter.galley(at, galley, colour);
    }

    /// Writes a label beside the vertical line at `x`, as high as no curve is in the way.
    pub fn write_beside(&mut self, painter: &Painter, text: &str, font: FontId, colour: Color32, x: f32) {
        let galley = painter.layout_no_wrap(text.to_owned(), font, colour);
        let place = self.beside(galley.size(), x);
        self.take(place);
        painter.galley(place.min, galley, colour);
    }

    fn beside(&self, size: Vec2, x: f32) -> Rect {
        let frame = self.frame.shrink(GAP);
        let room = (frame.height() - size.y).max(0.0);
        let lefts = [x + 2.0 * GAP, x - 2.0 * GAP - size.x];
        let fits = |left: &f32| *left >= frame.left() && left + size.x <= frame.right();
        let tops = (0..DOWN).map(|row| frame.top() + room * row as f32 / (DOWN - 1) as f32);
        let places = tops.flat_map(|top| lefts.into_iter().filter(fits).map(move |left| pos2(left, top)));
        let rects = places.map(|at| Rect::from_min_size(at, size));
        rects.min_by_key(|rect| self.crossings(*rect)).unwrap_or_else(|| Rect::from_min_size(frame.min, size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn crosses(line: &[Pos2], rect: Rect) -> bool {
        line.windows(2).any(|pair| (0..=200).any(|i| rect.contains(pair[0] + (pair[1] - pair[0]) * (i as f32 / 200.0))))
    }

    proptest! {
        #[test]
        fn labels_lie_within_the_plot_and_on_no_curve(
            heights in prop::collection::vec(0.0f32..120.0, 2..60), levels in prop::collection::vec(0.0f32..160.0, 1..4),
        ) {
            let frame = Rect::from_min_size(pos2(40.0, 30.0), vec2(300.0, 160.0));
            let step = frame.width() / (heights.len() - 1) as f32;
            let line: Vec<Pos2> = heights.iter().enumerate().map(|(i, y)| frame.min + vec2(step * i as f32, *y)).collect();
            let mut crowd = Crowd::new(frame, std::slice::from_ref(&line));
            let mut rects: Vec<Rect> = Vec::new();
            for level in levels {
                let place = crowd.place(vec2(80.0, 12.0), Some(frame.top() + level)).unwrap();
                prop_assert!(frame.contains_rect(place.rect), "{place:?}");
                prop_assert!(!crosses(&line, place.rect), "{place:?}");
                prop_assert!(rects.iter().all(|other| !other.intersects(place.rect)));
                rects.push(place.rect);
            }
        }
    }

    #[test]
    fn a_label_stands_beside_its_line_where_it_can() {
        let frame = Rect::from_min_size(Pos2::ZERO, vec2(200.0, 100.0));
        let curve: Vec<Pos2> = (0..=200).map(|x| pos2(x as f32, 90.0 - 0.4 * x as f32)).collect();
        let mut crowd = Crowd::new(frame, &[curve]);
        // The curve ends at the level, so its label stands where the curve has not come yet.
        let place = crowd.place(vec2(60.0, 12.0), Some(10.0)).unwrap();
        assert!(place.is_beside && place.rect.right() < 180.0 && place.rect.top() >= 11.0, "{place:?}");
        let high = crowd.place(vec2(60.0, 12.0), Some(2.0)).unwrap();
        assert!(frame.contains_rect(high.rect), "a level at the edge has its name within the plot");
        assert_eq!(crowd.place(vec2(300.0, 12.0), None), None);
    }
}
