//! The confusion matrix: counts in cells whose colour tells the share of the true label's rows.

use crate::domain::message::TestEvaluated;
use crate::domain::metrics::Confusion;
use crate::words::Catalogue;
use crate::words::numbers::count;

use super::super::document::Weight;
use super::super::fonts::{fitted, width};
use super::super::svg::{Anchor, SIZE, SMALL, Svg, WIDTH};

/// A matrix of more classes is not drawn.
pub const MOST_CLASSES: usize = 16;

/// The matrix of a test; `None` for more classes than can be read.
pub fn matrix(words: &Catalogue, test: &TestEvaluated) -> Option<Svg> {
    let classes = test.labels.len();
    if !(1..=MOST_CLASSES).contains(&classes) {
        return None;
    }
    let widest = test.labels.iter().map(|label| width(label, Weight::Regular, SIZE)).fold(0.0, f64::max).min(170.0);
    let left = widest + 34.0;
    let cell = ((WIDTH - left) / classes as f64).min(if classes <= 3 { 120.0 } else { 84.0 });
    let tall = cell.min(if classes <= 3 { 62.0 } else { 44.0 });
    let (top, whole) = (46.0, cell * classes as f64);
    let is_numbered = cell < 56.0 && test.labels.iter().any(|label| width(label, Weight::Regular, SMALL) > cell - 6.0);
    let mut svg = Svg::new(WIDTH, top + tall * classes as f64 + 6.0, about(words, &test.confusion, &test.labels));
    svg.text("muted", Anchor::Middle, [left + whole / 2.0, 12.0], SMALL, &words.say("report-matrix-predicted"));
    svg.upward("muted", [10.0, top + tall * classes as f64 / 2.0], SMALL, &words.say("report-matrix-true"));
    for (i, label) in test.labels.iter().enumerate() {
        let own = if is_numbered { format!("{} {label}", i + 1) } else { label.clone() };
        let (x, y) = (left + cell * (i as f64 + 0.5), top + tall * (i as f64 + 0.5));
        svg.text("text", Anchor::End, [left - 10.0, y + 4.0], SIZE, &fitted(&own, Weight::Regular, SIZE, left - 28.0));
        let head = if is_numbered { (i + 1).to_string() } else { fitted(label, Weight::Regular, SMALL, cell - 6.0) };
        svg.text(
            "text",
            Anchor::Middle,
            [x, 36.0],
            if is_numbered { SMALL } else { SIZE.min(cell / 4.0).max(SMALL) },
            &head,
        );
    }
    for truth in 0..classes {
        let share_of = test.confusion.row_shares(truth);
        for predicted in 0..classes {
            let share = share_of(predicted);
            let (x, y) = (left + cell * predicted as f64, top + tall * truth as f64);
            let place = [x + 1.0, y + 1.0, cell - 2.0, tall - 2.0];
            svg.rect("well", place, 3.0, 1.0);
            if share > 0.0 {
                let colour = if truth == predicted { "right" } else { "wrong" };
                svg.rect(colour, place, 3.0, 0.12 + 0.88 * share);
            }
            let ink = if share > 0.5 { "on-strong" } else { "text" };
            let number = count(test.confusion.count(truth, predicted) as usize);
            let (centre, middle) = (x + cell / 2.0, y + tall / 2.0);
            let has_share = tall > 40.0 && cell > 50.0;
            let baseline = if has_share { middle - 2.0 } else { middle + 4.0 };
            svg.bold(ink, Anchor::Middle, [centre, baseline], if cell < 40.0 { 9.0 } else { SIZE + 1.0 }, &number);
            if has_share {
                let percent = words.write(crate::words::Number::Percent(share));
                svg.text(ink, Anchor::Middle, [centre, middle + 14.0], SMALL, &percent);
            }
        }
    }
    Some(svg)
}

fn about(words: &Catalogue, confusion: &Confusion, labels: &[String]) -> String {
    let row = |truth: usize| {
        let cells =
            (0..labels.len()).map(|predicted| format!("{} {}", labels[predicted], confusion.count(truth, predicted)));
        format!("{}: {}", labels[truth], cells.collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<String> = (0..labels.len()).map(row).collect();
    format!("{}. {}", words.say("report-matrix"), rows.join("; "))
}
