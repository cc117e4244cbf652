//! Labels that are probably wrong, by confident learning (Northcutt, Jiang and Chuang, "Confident Learning: Estimating
//! Uncertainty in Dataset Labels", JAIR 2021), from probabilities of a model that has not seen the rows.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::config::{DataConfig, DataSource};
use super::reading::ReadingConfig;

/// Probabilities that are this much below a class's threshold still count, because sums of fractions round.
const ROUNDING: f64 = 1e-6;
/// A threshold that no probability reaches.
const NEVER: f64 = 2.0;

/// This counts how rows that were labelled one class look like others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConfidentJoint {
    /// Each class has here the mean probability of it over the rows that are labelled so: a row looks like a class
    /// where its probability is as high as that.
    pub thresholds: Vec<f64>,
    /// `counts[given][looks]`: the rows that are labelled `given` and look like `looks`.
    pub counts: Vec<Vec<usize>>,
    /// The number of rows that are labelled each class, those that look like none included.
    pub given: Vec<usize>,
}

impl ConfidentJoint {
    /// Counts rows by their given labels, below `classes`, and their probabilities, one of each class.
    pub fn of(given: &[u32], probabilities: &[Vec<f64>], classes: usize) -> Self {
        let (mut sums, mut rows) = (vec![0.0; classes], vec![0; classes]);
        for (label, row) in given.iter().zip(probabilities) {
            sums[*label as usize] += row[*label as usize];
            rows[*label as usize] += 1;
        }
        // No probability reaches the threshold of a class without rows.
        let threshold = |(sum, rows): (f64, usize)| if rows > 0 { sum / rows as f64 } else { NEVER };
        let thresholds = sums.into_iter().zip(rows.iter().copied()).map(threshold).collect();
        let mut joint = Self { thresholds, counts: vec![vec![0; classes]; classes], given: rows };
        for (label, row) in given.iter().zip(probabilities) {
            if let Some(looks) = joint.looks_like(row) {
                joint.counts[*label as usize][looks] += 1;
            }
        }
        joint
    }

    /// The class that a row looks like: of those whose threshold it reaches, the most probable one.
    pub fn looks_like(&self, probabilities: &[f64]) -> Option<usize> {
        let reached = probabilities.iter().zip(&self.thresholds).map(|(p, threshold)| *p >= threshold - ROUNDING);
        let reached = (0..).zip(probabilities).zip(reached).filter(|(_, reached)| *reached);
        reached.map(|((class, p), _)| (class, *p)).reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(class, _)| class)
    }

    /// The class other than the given one that a row most looks like, and how much it looks wrongly labelled, from 0 to 1:
    /// the margin between both probabilities, each less its class's threshold, so that a class of which the model is never
    /// sure is not suspected as a whole.
    pub fn suspect(&self, given: usize, probabilities: &[f64]) -> Option<(usize, f64)> {
        // Without its mean, a threshold of two equally hard classes changes nothing.
        let reachable = || self.thresholds.iter().filter(|threshold| **threshold < NEVER);
        let mean = reachable().sum::<f64>() / reachable().count().max(1) as f64;
        let less = |class: usize| probabilities[class] - (self.thresholds[class] - mean);
        let others = (0..probabilities.len()).filter(|class| *class != given && self.thresholds[*class] < NEVER);
        let (other, p) = others.map(|class| (class, less(class))).reduce(|a, b| if b.1 > a.1 { b } else { a })?;
        let suggested = self.looks_like(probabilities).filter(|looks| *looks != given).unwrap_or(other);
        Some((suggested, ((1.0 + p - less(given)) / 2.0).clamp(0.0, 1.0)))
    }

    /// The estimated number of wrong labels: of each class, the share of its rows that look like another one among those
    /// that look like any.
    pub fn wrong_rows(&self) -> f64 {
        let of_class = |class: usize| {
            let (counts, given) = (&self.counts[class], self.given[class] as f64);
            let all: usize = counts.iter().sum();
            if all == 0 { 0.0 } else { given * (all - counts[class]) as f64 / all as f64 }
        };
        (0..self.given.len()).map(of_class).sum()
    }
}

/// The part of a run's data that a row is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspectPart {
    Train,
    Validation,
    Test,
    /// The row is in none, because the run takes only some rows of each class.
    Unused,
}

/// A row whose label is probably wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Suspect {
    /// Its place among all rows of the data.
    #[serde(skip)]
    pub place: u32,
    /// Its number in its file, as in the run's `splits.json`.
    pub row: u32,
    pub text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    /// The label that it has.
    pub given: String,
    /// The label that it looks like.
    pub suggested: String,
    /// The row looks wrongly labelled to this degree, from 0 to 1.
    pub score: f64,
}

/// The suspects of a run, most suspicious first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Suspects {
    pub suspects: Vec<Suspect>,
    /// The part of each suspect, parallel to them.
    pub parts: Vec<SuspectPart>,
    /// All rows that were looked at.
    pub rows: usize,
    pub labels: Vec<String>,
    pub joint: ConfidentJoint,
    /// This says how the hunt went, where some labels were made wrong on purpose.
    pub hunt: Option<Hunt>,
    /// This is true for suspects whose label was made wrong on purpose, parallel to them.
    pub flipped: Vec<bool>,
}

/// A copy of a run's data in which labels are fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedCopy {
    pub file: PathBuf,
    /// So many labels are other ones than in the run.
    pub fixed: usize,
    /// The names of its columns: that of the texts, perhaps that of the second texts, and that of the labels.
    pub columns: Vec<String>,
    /// The column behind those, with the labels of the run.
    pub split_column: String,
}

impl FixedCopy {
    /// The settings of the data `of` a run, for the copy. Labels that were made wrong in the run are so in the copy as well,
    /// unless they are fixed, so that none is made wrong again. Its rows come into the parts that they were in.
    pub fn data(&self, of: &DataConfig) -> DataConfig {
        let (text_column, label_column) = (self.columns.first().cloned(), self.columns.last().cloned());
        let second_text_column = self.second_text_column().map(str::to_owned);
        let keep_missing_words = of.reading.keep_missing_words;
        let reading = ReadingConfig {
            text_column,
            second_text_column,
            label_column,
            header: Some(true),
            keep_missing_words,
            ..ReadingConfig::default()
        };
        let split_column = Some(self.split_column.clone());
        let (split, new_head) = (of.split, of.new_head);
        DataConfig { reading, split, split_column, new_head, ..of.for_source(DataSource::File(self.file.clone())) }
    }

    /// The column of the second texts, where each row has two.
    pub fn second_text_column(&self) -> Option<&str> {
        if let [_, second, _] = &self.columns[..] { Some(second) } else { None }
    }
}

/// A hunt counts the labels that were made wrong on purpose among those that were read: the first suspects, twice as
/// many as were made wrong, or those that someone has marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hunt {
    /// Labels that were made wrong.
    pub flipped: usize,
    /// Suspects that are read.
    pub read: usize,
    /// Those among them that were made wrong.
    pub found: usize,
}

impl Hunt {
    /// Counts by whether each suspect was made wrong, the most suspicious first.
    pub fn of(flipped: usize, suspects: impl Iterator<Item = bool>) -> Self {
        Self::of_marked(flipped, suspects.take(2 * flipped))
    }

    /// Counts those that someone has marked, of which each was made wrong or not.
    pub fn of_marked(flipped: usize, marked: impl Iterator<Item = bool>) -> Self {
        let (mut read, mut found) = (0, 0);
        for is_flipped in marked {
            read += 1;
            found += usize::from(is_flipped);
        }
        Self { flipped, read, found }
    }

    /// The share of the suspects that were rightly suspected.
    pub fn precision(&self) -> f64 {
        self.found as f64 / self.read.max(1) as f64
    }

    /// The share of the wrong labels that was found.
    pub fn recall(&self) -> f64 {
        self.found as f64 / self.flipped.max(1) as f64
    }
}

impl Suspects {
    /// Tells which label is taken for which, with the rows of that: given label, the one that the rows look like, and
    /// how many they are; the most frequent first.
    pub fn pairs(&self) -> Vec<(&str, &str, usize)> {
        let mut pairs = Vec::new();
        for (given, counts) in self.labels.iter().zip(&self.joint.counts) {
            let others = self.labels.iter().zip(counts).filter(|(looks, rows)| *looks != given && **rows > 0);
            pairs.extend(others.map(|(looks, rows)| (given.as_str(), looks.as_str(), *rows)));
        }
        pairs.sort_by_key(|(.., rows)| std::cmp::Reverse(*rows));
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[(u32, [f64; 2])]) -> (Vec<u32>, Vec<Vec<f64>>) {
        of.iter().map(|(given, p)| (*given, p.to_vec())).unzip()
    }

    #[test]
    fn rows_are_counted_by_what_they_look_like() {
        let (given, p) = rows(&[(0, [0.9, 0.1]), (0, [0.7, 0.3]), (0, [0.2, 0.8]), (1, [0.4, 0.6]), (1, [0.1, 0.9])]);
        let joint = ConfidentJoint::of(&given, &p, 2);
        assert!((joint.thresholds[0] - 0.6).abs() < 1e-12 && (joint.thresholds[1] - 0.75).abs() < 1e-12);
        // The fourth row reaches neither threshold.
        assert_eq!((joint.counts.clone(), joint.given.clone()), (vec![vec![2, 1], vec![0, 1]], vec![3, 2]));
        assert!((joint.wrong_rows() - 1.0).abs() < 1e-12);
        let (suggested, score) = joint.suspect(0, &p[2]).unwrap();
        assert!(suggested == 1 && (score - (1.0 + 0.8 - 0.2 - 0.15) / 2.0).abs() < 1e-12, "{score}");
    }

    #[derive(Deserialize)]
    struct Golden {
        labels: Vec<u32>,
        probabilities: Vec<Vec<f64>>,
        thresholds: Vec<f64>,
        joint: Vec<Vec<usize>>,
        off_diagonal: Vec<usize>,
        wrong: f64,
        worst: Vec<usize>,
    }

    /// `tests/reference/make_suspects.py`.
    #[test]
    fn the_joint_the_rows_off_its_diagonal_and_their_order_are_cleanlabs() {
        let golden: Vec<Golden> = serde_json::from_str(include_str!("../../tests/reference/suspects.json")).unwrap();
        for case in golden {
            let (given, p, classes) = (&case.labels, &case.probabilities, case.joint.len());
            let joint = ConfidentJoint::of(given, p, classes);
            for (own, theirs) in joint.thresholds.iter().zip(&case.thresholds) {
                assert!((own - theirs).abs() < 1e-12, "{:?} {:?}", joint.thresholds, case.thresholds);
            }
            assert_eq!(joint.counts, case.joint);
            let is_off = |i: &usize| joint.looks_like(&p[*i]).is_some_and(|looks| looks != given[*i] as usize);
            assert_eq!((0..given.len()).filter(is_off).collect::<Vec<_>>(), case.off_diagonal);
            // cleanlab rounds each cell to whole rows.
            let cells = (classes * classes) as f64;
            assert!((joint.wrong_rows() - case.wrong).abs() <= cells / 2.0, "{} {}", joint.wrong_rows(), case.wrong);
            let score = |i: usize| joint.suspect(given[i] as usize, &p[i]).unwrap().1;
            let mut worst: Vec<usize> = (0..given.len()).collect();
            worst.sort_by(|a, b| score(*b).total_cmp(&score(*a)));
            assert_eq!(&worst[..case.worst.len()], case.worst);
        }
    }

    /// The rows off the diagonal are those above one score, so that a list by scores begins with them.
    #[test]
    fn with_two_classes_the_score_is_the_joints_own_order() {
        let given: Vec<u32> = (0..200).map(|i| u32::from(i % 3 == 0)).collect();
        // A model that knows most rows, and is surer of one class than of the other.
        let p = |i: u32| {
            1.0 / (1.0 + (-5.0 * (f64::from(i) * 1.7).sin() - if i.is_multiple_of(3) { 3.0 } else { -2.0 }).exp())
        };
        let p: Vec<Vec<f64>> = (0..200).map(p).map(|p| vec![1.0 - p, p]).collect();
        let joint = ConfidentJoint::of(&given, &p, 2);
        let mut all: Vec<(f64, bool)> = given
            .iter()
            .zip(&p)
            .map(|(given, p)| {
                let off = joint.looks_like(p).is_some_and(|looks| looks != *given as usize);
                (joint.suspect(*given as usize, p).unwrap().1, off)
            })
            .collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let off = all.iter().filter(|(_, off)| *off).count();
        assert!(off > 5 && all[..off].iter().all(|(_, off)| *off), "{off}");
    }

    #[test]
    fn a_class_without_rows_is_suggested_to_no_one() {
        let joint = ConfidentJoint::of(&[0, 0], &[vec![0.1, 0.9], vec![0.2, 0.8]], 2);
        assert_eq!(joint.suspect(0, &[0.1, 0.9]), None);
        assert_eq!(joint.wrong_rows(), 0.0);
    }
}
