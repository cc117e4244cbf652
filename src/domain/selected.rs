//! The rows of a selection in an order, and what is counted of them.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::metrics::{Confusion, wilson_interval};
use super::predictions::{ExploredRows, PredictedRow};
use super::selection::Selection;
use super::tags::{Tag, Tags};

/// A column by which rows are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowColumn {
    Row,
    TrueLabel,
    PredictedLabel,
    Confidence,
    Loss,
    Length,
    Text,
}

impl RowColumn {
    pub const ALL: [Self; 7] =
        [Self::Row, Self::TrueLabel, Self::PredictedLabel, Self::Confidence, Self::Loss, Self::Length, Self::Text];

    /// Returns whether the largest stand first when rows are first sorted by the column.
    pub const fn falls(self) -> bool {
        matches!(self, Self::Confidence | Self::Loss | Self::Length)
    }
}

/// Rows are ordered by this column, and with `true` the largest stand first. With `None` the most confident mistakes
/// do.
pub type RowOrder = Option<(RowColumn, bool)>;

/// The rows with one tag are answered like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagShare {
    pub tag: Tag,
    pub rows: u64,
    pub right: u64,
}

impl TagShare {
    /// The share of the rows that are answered rightly.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.rows.max(1) as f64
    }

    /// Wilson's 95 % interval of the accuracy.
    pub fn interval(&self) -> (f64, f64) {
        wilson_interval(self.right, self.rows)
    }
}

/// Confidences from 0 to 1 are counted in so many bins of equal width.
pub const CONFIDENCE_BINS: usize = 10;

/// Returns the lowest and the highest confidence of a bin. The lower edge belongs to the bin, the upper one to the next.
pub fn confidence_bin(bin: usize) -> (f64, f64) {
    let edge = |bin: usize| bin as f64 / CONFIDENCE_BINS as f64;
    let is_last = bin + 1 >= CONFIDENCE_BINS;
    (edge(bin), if is_last { 1.0 } else { edge(bin + 1).next_down() })
}

/// The rows of a selection, and what is counted of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectedRows {
    pub selection: Selection,
    pub order: RowOrder,
    /// Their places among all rows that are explored, in the order.
    pub places: Vec<u32>,
    /// The first run answers this on them.
    pub confusion: Confusion,
    /// The numbers of them that the first run answers wrongly and rightly, for each bin of its confidence.
    pub confidences: [[u64; 2]; CONFIDENCE_BINS],
    /// The tags that some of them have, in the order of [`Tag::ALL`].
    pub tags: Vec<TagShare>,
}

impl SelectedRows {
    /// Finds the rows of a selection, orders and counts them. Of many rows this takes a good part of a second.
    pub fn of(rows: &ExploredRows, selection: Selection, order: RowOrder) -> Self {
        let mut places = selection.of(rows);
        let answer = |place: u32| rows.answer(0, place as usize);
        let mut confusion = Confusion::new(rows.labels.len());
        let mut tags = Tag::ALL.map(|tag| TagShare { tag, rows: 0, right: 0 });
        let bins: [(f64, f64); CONFIDENCE_BINS] = std::array::from_fn(confidence_bin);
        let mut confidences = [[0; 2]; CONFIDENCE_BINS];
        for place in &places {
            let answer = answer(*place);
            if (answer.label as usize) < rows.labels.len() {
                confusion.add(answer.label as usize, answer.predicted() as usize);
            }
            let confidence = answer.confidence();
            let is_in = |(from, to): &(f64, f64)| (*from..=*to).contains(&confidence);
            if let Some(bin) = bins.iter().position(is_in) {
                confidences[bin][usize::from(answer.is_correct())] += 1;
            }
            let own = tags_of(rows, *place, answer);
            for share in tags.iter_mut().filter(|share| own.has(share.tag)) {
                share.rows += 1;
                share.right += u64::from(answer.is_correct());
            }
        }
        sort(rows, &mut places, order);
        let tags = tags.into_iter().filter(|share| share.rows > 0).collect();
        Self { selection, order, places, confusion, confidences, tags }
    }
}

/// The tags of a row with those that its answer decides.
pub fn tags_of(rows: &ExploredRows, place: u32, answer: &PredictedRow) -> Tags {
    rows.tags.get(place as usize).copied().unwrap_or_default().of_answer(answer)
}

/// Orders rows. Those that are equal in the column stand with the most confident mistakes first; numbers that are none
/// come last either way.
fn sort(rows: &ExploredRows, places: &mut [u32], order: RowOrder) {
    let answer = |place: &u32| rows.answer(0, *place as usize);
    // The numbers that the usual order compares are computed once for each row.
    let usual_key = |place: &u32| {
        let answer = answer(place);
        (answer.is_correct(), number_last(-answer.confidence()), *place)
    };
    let mut keyed: Vec<_> = places.iter().map(|place| (usual_key(place), *place)).collect();
    let usual =
        |a: &(bool, f64, u32), b: &(bool, f64, u32)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2));
    keyed.sort_unstable_by(|a, b| usual(&a.0, &b.0));
    for (place, (_, sorted)) in places.iter_mut().zip(keyed) {
        *place = sorted;
    }
    let Some((column, falls)) = order else { return };
    let way = |order: Ordering| if falls { order.reverse() } else { order };
    let by_number = |places: &mut [u32], number: &dyn Fn(&u32) -> f64| {
        let mut keyed: Vec<(f64, u32)> = places.iter().map(|place| (number(place), *place)).collect();
        keyed.sort_by(|a, b| {
            let unknown_last = a.0.is_nan().cmp(&b.0.is_nan());
            unknown_last.then_with(|| way(a.0.total_cmp(&b.0)))
        });
        for (place, (_, sorted)) in places.iter_mut().zip(keyed) {
            *place = sorted;
        }
    };
    match column {
        RowColumn::Row => by_number(places, &|place| f64::from(answer(place).row)),
        RowColumn::TrueLabel => by_number(places, &|place| f64::from(answer(place).label)),
        RowColumn::PredictedLabel => by_number(places, &|place| f64::from(answer(place).predicted())),
        RowColumn::Confidence => by_number(places, &|place| answer(place).confidence()),
        RowColumn::Loss => by_number(places, &|place| answer(place).loss()),
        RowColumn::Length => {
            by_number(places, &|place| rows.lengths.get(*place as usize).map_or(0.0, |n| f64::from(*n)));
        }
        RowColumn::Text => {
            let text = |place: &u32| rows.texts[*place as usize].text.as_str();
            places.sort_by(|a, b| way(text(a).cmp(text(b))));
        }
    }
}

/// A number that sorts behind all others where it is none.
fn number_last(x: f64) -> f64 {
    if x.is_nan() { f64::INFINITY } else { x }
}

#[cfg(test)]
mod tests {
    use crate::domain::health::PartName;
    use crate::domain::predictions::RunAnswers;
    use crate::domain::selection::Condition;

    use super::*;

    fn explored() -> ExploredRows {
        let row =
            |row, label, p: f64| PredictedRow { row, split: PartName::Test, label, probabilities: vec![1.0 - p, p] };
        let rows = vec![row(2, 0, 0.1), row(3, 0, 0.7), row(4, 1, 0.05), row(5, 1, f64::NAN), row(6, 1, 0.8)];
        ExploredRows {
            labels: vec!["bad".into(), "good".into()],
            runs: vec![RunAnswers { rows: rows.into(), ..RunAnswers::default() }],
            texts: ["c", "a 2", "b", "e", "d 1"].map(Into::into).into(),
            lengths: vec![3, 4, 9, 1, 4],
            tags: ["c", "a 2", "b", "e", "d 1"].map(Tags::of_text).into(),
        }
    }

    #[test]
    fn every_confidence_is_in_one_bin() {
        let edges = (0..=CONFIDENCE_BINS).map(|bin| bin as f64 / CONFIDENCE_BINS as f64);
        let near = edges.flat_map(|edge| [edge.next_down(), edge, edge.next_up()]).filter(|x| (0.0..=1.0).contains(x));
        for confidence in near {
            let holds = |bin: &usize| (confidence_bin(*bin).0..=confidence_bin(*bin).1).contains(&confidence);
            assert_eq!((0..CONFIDENCE_BINS).filter(holds).count(), 1, "{confidence}");
        }
    }

    #[test]
    fn rows_in_every_order() {
        let rows = explored();
        let places = |order| SelectedRows::of(&rows, Selection::default(), order).places;
        assert_eq!(places(None), [2, 1, 3, 0, 4], "mistakes, the most confident first; the one without a number last");
        assert_eq!(places(Some((RowColumn::Row, true))), [4, 3, 2, 1, 0]);
        assert_eq!(places(Some((RowColumn::Text, false))), [1, 2, 0, 4, 3]);
        assert_eq!(places(Some((RowColumn::Length, true))), [2, 1, 4, 0, 3]);
        assert_eq!(places(Some((RowColumn::Loss, true))), [2, 1, 4, 0, 3], "no number comes last");
        assert_eq!(places(Some((RowColumn::Loss, false))), [0, 4, 1, 2, 3], "either way");
        assert_eq!(places(Some((RowColumn::PredictedLabel, false))), [2, 3, 0, 1, 4]);
        for column in RowColumn::ALL {
            assert_eq!(places(Some((column, column.falls()))).len(), 5);
        }
    }

    #[test]
    fn what_is_counted_is_of_the_selection() {
        let rows = explored();
        let mistakes = Selection::default().narrowed(Condition::Correct { is: false });
        let found = SelectedRows::of(&rows, mistakes, None);
        assert_eq!((found.confusion.rows(), found.confusion.count(0, 1), found.confusion.count(1, 0)), (3, 1, 2));
        let all = SelectedRows::of(&rows, Selection::default(), None);
        let numbers = all.tags.iter().find(|share| share.tag == Tag::Numbers).unwrap();
        assert_eq!((numbers.rows, numbers.right, numbers.accuracy()), (2, 1, 0.5));
        assert!(all.tags.iter().all(|share| share.tag != Tag::Question));
    }
}
