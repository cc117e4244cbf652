//! What is drawn of many points: marks keep their distance, and curves have no more points than the plot has pixels.

use eframe::egui::Pos2;
use egui_plot::{PlotPoint, PlotTransform};

/// Returns the places on the screen of the points that have one.
pub fn on_screen(points: &[[f64; 2]], transform: &PlotTransform) -> Vec<Pos2> {
    let place = |[x, y]: &[f64; 2]| transform.position_from_point(&PlotPoint::new(*x, *y));
    points.iter().map(place).filter(|at| at.x.is_finite() && at.y.is_finite()).collect()
}

/// Returns those of the points that get a mark: each at least `apart` from the one before it, and the newest. Zoomed in,
/// more of them have room.
pub fn spaced(points: &[[f64; 2]], apart: f32, transform: &PlotTransform) -> Vec<[f64; 2]> {
    let across = transform.dpos_dvalue_x().abs();
    let mut kept: Vec<[f64; 2]> = Vec::new();
    let is_far = |a: &[f64; 2], b: &[f64; 2]| (b[0] - a[0]).abs() * across >= f64::from(apart);
    for point in points {
        if kept.last().is_none_or(|last| is_far(last, point)) {
            kept.push(*point);
        }
    }
    if let Some(newest) = points.last().filter(|newest| kept.last() != Some(*newest)) {
        // The newest is too near to the mark before it, which gives way.
        kept.pop();
        kept.push(*newest);
    }
    kept
}

/// Returns the lowest and the highest of the points that share a column of the screen, two points wide, and the first and
/// the last point. A spike stays, however many points there are.
pub fn by_column(points: Vec<[f64; 2]>, transform: &PlotTransform) -> Vec<[f64; 2]> {
    let across = transform.dpos_dvalue_x().abs() / 2.0;
    let column = |point: &[f64; 2]| (point[0] * across).floor();
    let few = transform.frame().width() as usize;
    if points.len() <= few || !across.is_finite() {
        return points;
    }
    let mut kept = Vec::with_capacity(2 * few);
    for same in points.chunk_by(|a, b| column(a) == column(b)) {
        let (mut low, mut high) = (0, 0);
        for (i, point) in same.iter().enumerate() {
            if point[1] < same[low][1] {
                low = i;
            }
            if point[1] >= same[high][1] {
                high = i;
            }
        }
        kept.push(same[low.min(high)]);
        kept.extend((low != high).then(|| same[low.max(high)]));
    }
    let (first, last) = (points[0], points[points.len() - 1]);
    if kept.first() != Some(&first) {
        kept.insert(0, first);
    }
    if kept.last() != Some(&last) {
        kept.push(last);
    }
    kept
}

/// Returns how strong a faint curve is: the more of its points share the plot's width, the fainter.
pub fn faintness(points: usize, width: f32) -> f32 {
    let dense = points as f32 / width.max(1.0);
    (0.30 / dense.max(0.25).sqrt() * 0.5).clamp(0.12, 0.30)
}

/// Returns the vertical ranges that a line covers in columns of the screen, one point wide, from `left` on.
pub fn covered(line: &[Pos2], left: f32, width: f32) -> Vec<Option<(f32, f32)>> {
    let mut columns = vec![None; width.max(0.0).ceil() as usize + 1];
    let mut cover = |column: f32, y: f32| {
        if column >= 0.0
            && let Some(range) = columns.get_mut(column as usize)
        {
            *range = Some(range.map_or((y, y), |(low, high): (f32, f32)| (low.min(y), high.max(y))));
        }
    };
    line.iter().for_each(|at| cover((at.x - left).floor(), at.y));
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (from, to) = (a.x.min(b.x).max(left) - left, a.x.max(b.x).min(left + width) - left);
        let mut edge = from.ceil();
        while edge <= to && b.x != a.x {
            // The line crosses from one column into the next here.
            let y = a.y + (b.y - a.y) * (left + edge - a.x) / (b.x - a.x);
            cover(edge - 1.0, y);
            cover(edge, y);
            edge += 1.0;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{Rect, pos2, vec2};
    use egui_plot::PlotBounds;
    use proptest::prelude::*;

    fn transform(width: f32, most: f64) -> PlotTransform {
        let frame = Rect::from_min_size(pos2(10.0, 20.0), vec2(width, 150.0));
        PlotTransform::new(frame, PlotBounds::from_min_max([0.0, 0.0], [most, 1.0]), false)
    }

    proptest! {
        #[test]
        fn marks_keep_their_distance_and_the_newest_stays(epochs in 1usize..2000, width in 60.0f32..2000.0) {
            let points: Vec<[f64; 2]> = (1..=epochs).map(|epoch| [epoch as f64, 0.5]).collect();
            let transform = transform(width, epochs as f64);
            let kept = spaced(&points, 14.0, &transform);
            prop_assert_eq!(kept.last(), points.last());
            prop_assert_eq!(kept.first(), if kept.len() > 1 { points.first() } else { points.last() });
            let places = on_screen(&kept, &transform);
            prop_assert!(places.windows(2).all(|pair| pair[1].x - pair[0].x > 13.9), "{places:?}");
            prop_assert!(kept.len() * 28 + 28 > epochs.min((width / 14.0) as usize) * 14, "too few are left");
        }

        #[test]
        fn a_curve_has_no_more_points_than_the_plot_has_pixels(
            values in prop::collection::vec(0.0..1.0f64, 1..6000), width in 60.0f32..1500.0,
        ) {
            let points: Vec<[f64; 2]> = values.iter().enumerate().map(|(i, value)| [i as f64, *value]).collect();
            let kept = by_column(points.clone(), &transform(width, points.len() as f64));
            prop_assert!(kept.len() <= width as usize + 6);
            prop_assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
            prop_assert!(kept.windows(2).all(|pair| pair[0][0] < pair[1][0]));
            for extreme in [f64::max, f64::min] {
                let of = |points: &[[f64; 2]]| points.iter().map(|p| p[1]).reduce(extreme);
                prop_assert_eq!(of(&kept), of(&points));
            }
        }
    }

    #[test]
    fn single_steps_grow_fainter_the_denser_they_stand() {
        assert_eq!(faintness(10, 400.0), 0.30);
        assert!(faintness(400, 400.0) < 0.2 && faintness(100_000, 400.0) >= 0.12);
    }

    #[test]
    fn a_steep_line_covers_all_that_it_crosses() {
        let columns = covered(&[pos2(10.0, 0.0), pos2(12.0, 100.0)], 10.0, 4.0);
        assert_eq!(columns[..3], [Some((0.0, 50.0)), Some((50.0, 100.0)), Some((100.0, 100.0))]);
        assert_eq!(columns[3..], [None, None]);
    }
}
