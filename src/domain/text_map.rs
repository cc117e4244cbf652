//! The map of texts: where a model puts the test rows after each of its layers, before and after fine-tuning, drawn in two
//! dimensions; and what a linear probe reads of the label there, which says what the picture only suggests.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::health::PartName;
use super::metrics::wilson_interval;
use super::precision::Precision;

/// So many test rows are drawn at most. More of them would take longer than anyone waits for a picture, and cover each other.
pub const MOST_MAPPED: usize = 2_000;

/// Vectors become points in one of these ways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapMethod {
    /// Principal component analysis: the two directions in which the vectors vary most.
    #[default]
    Pca,
    /// t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008), which keeps neighbours together.
    Tsne,
}

/// One point for each mapped row.
pub type Points = Arc<Vec<[f32; 2]>>;

/// A test row of the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MappedText {
    /// Its place among all rows that are explored, which are the validation rows and then the test rows.
    pub place: u32,
    /// Its number in its own file.
    pub row: u32,
    /// The id of its true label.
    pub label: u32,
    /// The id of the label that the run's model predicts, and its probability.
    pub predicted: u32,
    pub confidence: f64,
}

impl MappedText {
    pub fn is_correct(&self) -> bool {
        self.label == self.predicted
    }
}

/// The points after one layer. Both sides are on the same axes.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerPoints {
    /// Those of the model that the run grew from, where it is still there.
    pub before: Option<Points>,
    pub after: Points,
}

/// The map of a run's test rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextMap {
    /// The run's folder.
    pub dir: PathBuf,
    pub labels: Vec<String>,
    pub rows: Vec<MappedText>,
    /// The number of test rows, of which the mapped ones may be a part.
    pub test_rows: usize,
    /// The points by PCA, of the lowest layer first.
    pub layers: Vec<LayerPoints>,
    /// The shares of the variance that both axes show, of each layer.
    pub shares: Vec<[f64; 2]>,
    /// So many of the lowest layers are the same before and after.
    pub unchanged: usize,
    /// The vectors were computed in this; what the run answers is in its own precision.
    pub precision: Precision,
}

/// Rows that a probe read rightly, of all that it was tested on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    pub right: u64,
    pub rows: u64,
}

impl Hits {
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.rows.max(1) as f64
    }

    /// Wilson's 95 % interval of the accuracy.
    pub fn interval(&self) -> (f64, f64) {
        wilson_interval(self.right, self.rows)
    }
}

/// Linear probes read this of the label after each layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probes {
    /// They were fitted on so many rows of this part, and tested on the rows of the map.
    pub part: PartName,
    pub rows: usize,
    /// Each layer, the lowest first, has here what is read before fine-tuning, where that is known, and after it.
    pub layers: Vec<(Option<Hits>, Hits)>,
}

/// The points of one side of a layer as t-SNE moves them.
#[derive(Clone, Debug, PartialEq)]
pub struct MovedPoints {
    /// The run's folder.
    pub dir: PathBuf,
    /// The layer, counted from 0.
    pub layer: usize,
    pub is_after: bool,
    pub points: Points,
}

/// Returns whether a point lies within a closed line of straight pieces, by the even-odd rule.
pub fn is_inside(line: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let mut is_inside = false;
    for (i, a) in line.iter().enumerate() {
        let b = line[(i + line.len() - 1) % line.len()];
        if (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] {
            is_inside = !is_inside;
        }
    }
    is_inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lasso_holds_what_it_goes_around() {
        let bay = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [2.0, 1.0], [0.0, 4.0]];
        assert!(is_inside(&bay, [1.0, 1.0]) && is_inside(&bay, [3.5, 2.0]));
        assert!(!is_inside(&bay, [2.0, 2.0]), "the bay is not within");
        assert!(!is_inside(&bay, [5.0, 1.0]) && !is_inside(&[], [0.0, 0.0]) && !is_inside(&bay[..1], [0.0, 0.0]));
    }
}
