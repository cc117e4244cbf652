//! The map of a run's training rows (Swayamdipta et al., "Dataset Cartography", EMNLP 2020): how sure the model was of each
//! row's true label at each epoch, on average and how much that changed.

use serde::{Deserialize, Serialize};

/// The share of all rows that are called ambiguous: those whose confidence changes most, as in the paper.
const AMBIGUOUS_SHARE: f64 = 1.0 / 3.0;
/// The mean confidence from which a row that is not ambiguous is easy.
const EASY: f64 = 0.5;

/// The probabilities of the true label, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Confidences {
    rows: usize,
    /// One after another, those of all rows in one epoch; not a number where none is known.
    values: Vec<f32>,
}

impl Confidences {
    /// Nothing is known yet of so many rows.
    pub fn new(rows: usize) -> Self {
        Self { rows, values: Vec::new() }
    }

    /// Takes the confidence in the row at a place in an epoch, counted from 1. What was known before is replaced.
    pub fn put(&mut self, epoch: usize, place: usize, confidence: f32) {
        if place < self.rows && epoch > 0 {
            let at = (epoch - 1) * self.rows + place;
            if at >= self.values.len() {
                self.values.resize(epoch * self.rows, f32::NAN);
            }
            self.values[at] = confidence;
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The epochs of which something is known.
    pub fn epochs(&self) -> usize {
        self.values.len().checked_div(self.rows).unwrap_or(0)
    }

    /// The confidence in a row in an epoch, counted from 1.
    pub fn get(&self, epoch: usize, place: usize) -> Option<f32> {
        let value = self.values.get((epoch.checked_sub(1)?) * self.rows + place)?;
        (place < self.rows && !value.is_nan()).then_some(*value)
    }

    /// The row's place on the map; `None` where no epoch is known.
    fn mean_and_deviation(&self, place: usize) -> Option<(f64, f64)> {
        let known = (1..=self.epochs()).filter_map(|epoch| self.get(epoch, place)).map(f64::from);
        let n = known.clone().count() as f64;
        let mean = known.clone().sum::<f64>() / n;
        let variance = known.map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        (n > 0.0).then_some((mean, variance.sqrt()))
    }
}

/// A row is in one of these regions of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// The model is sure of the true label throughout.
    Easy,
    /// The model changes its mind: these rows teach most.
    Ambiguous,
    /// The model is never sure of the true label: many a wrong one is among them.
    Hard,
}

/// A training row on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MappedRow {
    /// Its number in its file.
    pub row: u32,
    /// The mean over the epochs of the probability of the true label.
    pub confidence: f64,
    /// Its standard deviation over the epochs.
    pub variability: f64,
    pub region: Region,
}

/// All training rows on the map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataMap {
    pub epochs: usize,
    pub rows: Vec<MappedRow>,
}

impl DataMap {
    /// Puts rows on the map. `numbers` are those of the rows in their file, parallel to the confidences.
    pub fn of(numbers: &[u32], confidences: &Confidences) -> Self {
        let place = |(place, row): (usize, &u32)| Some((*row, confidences.mean_and_deviation(place)?));
        let known: Vec<(u32, (f64, f64))> = numbers.iter().enumerate().filter_map(place).collect();
        let mut order: Vec<usize> = (0..known.len()).collect();
        order.sort_by(|a, b| known[*b].1.1.total_cmp(&known[*a].1.1));
        order.truncate((known.len() as f64 * AMBIGUOUS_SHARE) as usize);
        let mut is_ambiguous = vec![false; known.len()];
        // In one epoch nothing changes.
        order.into_iter().filter(|i| known[*i].1.1 > 0.0).for_each(|i| is_ambiguous[i] = true);
        let rows = known.into_iter().zip(is_ambiguous).map(|((row, (confidence, variability)), is_ambiguous)| {
            let region = match (is_ambiguous, confidence >= EASY) {
                (true, _) => Region::Ambiguous,
                (false, true) => Region::Easy,
                (false, false) => Region::Hard,
            };
            MappedRow { row, confidence, variability, region }
        });
        Self { epochs: confidences.epochs(), rows: rows.collect() }
    }

    /// The number of rows in a region.
    pub fn count(&self, region: Region) -> usize {
        self.rows.iter().filter(|row| row.region == region).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_easy_ambiguous_or_hard() {
        let mut confidences = Confidences::new(6);
        let epochs = [[0.9, 0.2, 0.1, 0.8, 0.95, 0.3], [0.9, 0.9, 0.1, 0.85, 0.95, 0.9]];
        for (epoch, of_epoch) in (1..).zip(epochs) {
            for (place, confidence) in of_epoch.into_iter().enumerate() {
                confidences.put(epoch, place, confidence);
            }
        }
        let map = DataMap::of(&[2, 3, 4, 5, 6, 7], &confidences);
        use Region::{Ambiguous, Easy, Hard};
        let regions: Vec<Region> = map.rows.iter().map(|row| row.region).collect();
        assert_eq!(regions, [Easy, Ambiguous, Hard, Easy, Easy, Ambiguous]);
        let row = map.rows[1];
        assert!(row.row == 3 && (row.confidence - 0.55).abs() < 1e-6 && (row.variability - 0.35).abs() < 1e-6);
        assert_eq!((map.epochs, map.count(Easy), map.count(Hard)), (2, 3, 1));
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let mut confidences = Confidences::new(3);
        assert_eq!((confidences.epochs(), DataMap::of(&[2, 3, 4], &confidences).rows.len()), (0, 0));
        confidences.put(2, 1, 0.5);
        confidences.put(2, 7, 0.5);
        assert_eq!((confidences.get(1, 1), confidences.get(2, 1), confidences.get(2, 7)), (None, Some(0.5), None));
        let map = DataMap::of(&[2, 3, 4], &confidences);
        assert_eq!(map.rows, [MappedRow { row: 3, confidence: 0.5, variability: 0.0, region: Region::Easy }]);
    }
}
