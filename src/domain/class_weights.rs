//! How much the rows of each class count in the loss, so that rare classes are learned although they are rare.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::config::Bounds;
use super::names::is_same;
use super::problem::{Outcome, Problem};

/// What a class may count.
pub const CLASS_WEIGHT: Bounds = Bounds::new("class-weights", 0.001, 1000.0);

/// An error names so many of the classes that there are.
const NAMED: usize = 8;

/// The weights of the classes in the loss of training and validation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// All classes count the same together, however many rows each has: the rows divided by the product of the number of
    /// classes and the rows of the class, as in scikit-learn, counted on the training part.
    Balanced,
    /// The weights of these classes; the others have 1.
    Named(BTreeMap<String, f64>),
}

impl ClassWeights {
    /// Reads `balanced` or `negative=2,positive=1`. A name may hold commas and signs of equality, as long as what follows
    /// its last one is the weight. `None` where it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        if text.trim() == "balanced" {
            return Some(Self::Balanced);
        }
        let (mut weights, mut name) = (BTreeMap::new(), String::new());
        for part in text.split(',') {
            name += part;
            let read =
                name.rsplit_once('=').and_then(|(name, weight)| Some((name.trim(), weight.trim().parse().ok()?)));
            match read {
                Some((class, weight)) if !class.is_empty() => {
                    if weights.insert(class.to_owned(), weight).is_some() {
                        return None;
                    }
                    name.clear();
                }
                // The comma belongs to the name.
                _ => name.push(','),
            }
        }
        (name.is_empty() && !weights.is_empty()).then_some(Self::Named(weights))
    }

    /// Checks the weights against their bounds.
    ///
    /// # Errors
    /// `setting-out-of-bounds` for the first that is not within them.
    pub fn check(&self) -> Outcome<()> {
        match self {
            Self::Balanced => Ok(()),
            Self::Named(weights) => weights.values().try_for_each(|weight| CLASS_WEIGHT.check(*weight)),
        }
    }

    /// The weight of each label, where `rows` are its training rows. A label without training rows, as a model's own head
    /// may have, counts 1 when the others are balanced, and is not counted among the classes.
    ///
    /// # Errors
    /// `class-weights-unknown` for a name that is no label.
    pub fn resolve(&self, labels: &[String], rows: &[usize]) -> Outcome<Vec<f64>> {
        match self {
            Self::Balanced => {
                let (all, classes) = (rows.iter().sum::<usize>(), rows.iter().filter(|rows| **rows > 0).count());
                let weight = |rows: &usize| all as f64 / (classes as f64 * *rows as f64);
                Ok(rows.iter().map(|rows| if *rows == 0 { 1.0 } else { weight(rows) }).collect())
            }
            Self::Named(weights) => {
                if let Some(unknown) = weights.keys().find(|name| !labels.iter().any(|label| is_same(label, name))) {
                    let shown = labels.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
                    let more = if labels.len() > NAMED { ", …" } else { "" };
                    return Err(Problem::new("class-weights-unknown")
                        .with("label", unknown)
                        .with("labels", format!("{shown}{more}")));
                }
                let weight =
                    |label: &String| weights.iter().find(|(name, _)| is_same(name, label)).map_or(1.0, |(_, w)| *w);
                Ok(labels.iter().map(weight).collect())
            }
        }
    }
}

/// Writes weights with their labels, such as `negative 2, positive 1`, of which at most `most` are written out.
pub fn in_a_line(labels: &[String], weights: &[f64], most: usize) -> String {
    let one = |(label, weight): (&String, &f64)| format!("{label} {}", short(*weight));
    let shown: Vec<String> = labels.iter().zip(weights).take(most).map(one).collect();
    format!("{}{}", shown.join(", "), if labels.len().min(weights.len()) > most { ", …" } else { "" })
}

/// A weight with three decimals at most, or four where it is small.
pub fn short(weight: f64) -> String {
    let text = if weight < 0.1 { format!("{weight:.4}") } else { format!("{weight:.3}") };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(weights: &[(&str, f64)]) -> ClassWeights {
        ClassWeights::Named(weights.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect())
    }

    #[test]
    fn weights_are_read_as_people_write_them() {
        let read = ClassWeights::parse;
        assert_eq!(read("balanced"), Some(ClassWeights::Balanced));
        assert_eq!(read("negative=2, positive=0.5"), Some(named(&[("negative", 2.0), ("positive", 0.5)])));
        assert_eq!(read("Health, beauty=3,a=b=1"), Some(named(&[("Health, beauty", 3.0), ("a=b", 1.0)])));
        for wrong in ["", "negative", "negative=", "=2", "negative=2,positive", "a=1,a=2", "balance"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn classes_that_are_not_named_count_one() {
        let labels = ["negative", "positive"].map(str::to_owned);
        assert_eq!(named(&[("negative", 2.0)]).resolve(&labels, &[3, 4]).unwrap(), [2.0, 1.0]);
        let problem = named(&[("neutral", 2.0)]).resolve(&labels, &[3, 4]).unwrap_err();
        assert_eq!(problem.id, "class-weights-unknown");
        assert!(named(&[("negative", 0.0)]).check().is_err() && named(&[("negative", f64::NAN)]).check().is_err());
        assert_eq!(ClassWeights::Balanced.resolve(&labels, &[30, 10]).unwrap(), [40.0 / 60.0, 2.0]);
        assert_eq!(ClassWeights::Balanced.resolve(&labels, &[30, 0]).unwrap(), [1.0, 1.0]);
    }

    #[test]
    fn a_line_of_weights_is_short() {
        let labels: Vec<String> = (0..1000).map(|i| format!("c{i}")).collect();
        assert_eq!(in_a_line(&labels, &[2.0 / 3.0; 1000], 2), "c0 0.667, c1 0.667, …");
        assert_eq!(in_a_line(&labels[..1], &[2.0], 2), "c0 2");
    }
}
