//! The training rows whose words are most like those of another row, which say whether the model has seen anything like it.

use std::collections::HashMap;

use rayon::prelude::*;

use crate::data::dataset::Texts;
use crate::domain::interrupt::Interrupt;
use crate::domain::selection::words;

/// So many of the nearest rows are looked at.
const NEAREST: usize = 5;
/// Words that stand in more than this share of the training rows say little, and would make up most of the work.
const COMMON: f64 = 0.1;
/// Words of so few rows count, however small the data are.
const RARE: usize = 20;
/// Rows whose words are less alike than this are not similar: the cosine between their vectors.
const SIMILAR: f32 = 0.2;

/// The nearest training rows say this of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Nearest {
    /// The cosine between the row and the most similar training row, from 0 to 1.
    pub similarity: f32,
    /// So many of the nearest rows are similar, and `agreeing` of these have the row's own label.
    pub similar: usize,
    pub agreeing: usize,
}

impl Nearest {
    /// Returns whether no training row is similar.
    pub fn is_alone(&self) -> bool {
        self.similarity < SIMILAR
    }

    /// Returns whether there are at least two similar rows, and most of them have another label.
    pub fn disagrees(&self) -> bool {
        self.similar > 1 && 2 * self.agreeing < self.similar
    }
}

/// Finds the nearest training rows of each of `rows`, in that order. Rows are sets of words, each weighted by the logarithm
/// of how rare it is among the training rows (inverse document frequency, Spärck Jones 1972), and compared by the cosine.
/// `labels[i]` is the label id of row i. `None` once the work should end.
pub fn nearest(
    texts: &Texts,
    labels: &[u32],
    train: &[u32],
    rows: &[u32],
    interrupt: &Interrupt,
) -> Option<Vec<Nearest>> {
    let mut ids: HashMap<String, u32> = HashMap::new();
    let mut postings: Vec<Vec<u32>> = Vec::new();
    let mut own_words: Vec<Vec<u32>> = Vec::with_capacity(train.len());
    for (place, row) in train.iter().enumerate() {
        if place.is_multiple_of(1024) && interrupt.ends() {
            return None;
        }
        let mut own: Vec<u32> = lowered(texts, *row)
            .into_iter()
            .map(|word| {
                let next = ids.len() as u32;
                *ids.entry(word).or_insert(next)
            })
            .collect();
        postings.resize_with(ids.len(), Vec::new);
        own.sort_unstable();
        own.dedup();
        own.iter().for_each(|word| postings[*word as usize].push(place as u32));
        own_words.push(own);
    }
    let most = (COMMON * train.len() as f64).max(RARE as f64) as usize;
    let weight = |rows: usize| if rows > most { 0.0 } else { (train.len() as f32 / rows.max(1) as f32).ln() + 1.0 };
    let weights: Vec<f32> = postings.iter().map(|rows| weight(rows.len())).collect();
    let unknown = weight(1);
    let length = |words: &[u32]| words.iter().map(|word| weights[*word as usize].powi(2)).sum::<f32>();
    let lengths: Vec<f32> = own_words.iter().map(|words| length(words).sqrt()).collect();

    let found = |(sums, touched): &mut (Vec<f32>, Vec<u32>), row: &u32| {
        if interrupt.ends() {
            return None;
        }
        let (mut known, mut squares) = (Vec::new(), 0.0);
        let mut own = lowered(texts, *row);
        own.sort_unstable();
        own.dedup();
        for word in own {
            match ids.get(&word) {
                Some(id) => known.push(*id),
                // A word that no training row has makes the row less like all of them.
                None => squares += unknown * unknown,
            }
        }
        let norm = (squares + length(&known)).sqrt();
        for word in known.into_iter().filter(|word| weights[*word as usize] > 0.0) {
            let squared = weights[word as usize].powi(2);
            for place in &postings[word as usize] {
                if sums[*place as usize] == 0.0 {
                    touched.push(*place);
                }
                sums[*place as usize] += squared;
            }
        }
        let cosine = |place: &u32| sums[*place as usize] / (norm * lengths[*place as usize]).max(f32::MIN_POSITIVE);
        let mut nearest: Vec<(f32, u32)> = touched.iter().map(|place| (cosine(place), *place)).collect();
        let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if nearest.len() > NEAREST {
            nearest.select_nth_unstable_by(NEAREST, order);
            nearest.truncate(NEAREST);
        }
        let similarity = nearest.iter().map(|(cosine, _)| *cosine).fold(0.0, f32::max);
        nearest.retain(|(cosine, _)| *cosine >= SIMILAR);
        let is_own = |place: u32| labels[train[place as usize] as usize] == labels[*row as usize];
        let agreeing = nearest.iter().filter(|(_, place)| is_own(*place)).count();
        touched.drain(..).for_each(|place| sums[place as usize] = 0.0);
        Some(Nearest { similarity, similar: nearest.len(), agreeing })
    };
    rows.par_iter().map_init(|| (vec![0.0; train.len()], Vec::new()), found).collect()
}

/// The words of a row in lower case; those of its second text are others than the same ones in the first.
fn lowered(texts: &Texts, row: u32) -> Vec<String> {
    let first = texts.get(row as usize).to_lowercase();
    let mut all: Vec<String> = words(&first).map(str::to_owned).collect();
    if let Some(second) = texts.second(row as usize) {
        all.extend(words(&second.to_lowercase()).map(|word| format!("2 {word}")));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_rows_share_rare_words() {
        let texts: Texts = [
            "the acting is a splendid surprise",
            "the acting was a splendid waste",
            "the plot is thin",
            "the splendid acting is a surprise",
            "quantum chromodynamics explained",
            "a splendid surprise of acting",
        ]
        .into_iter()
        .collect();
        let labels = [1, 0, 1, 1, 1, 0];
        let found = nearest(&texts, &labels, &[0, 1, 2], &[3, 4, 5], &Interrupt::never()).unwrap();
        assert!(found[0].similarity > 0.9 && !found[0].is_alone() && !found[0].disagrees(), "{:?}", found[0]);
        assert_eq!(found[1], Nearest::default());
        assert!(found[1].is_alone() && !found[1].disagrees());
        assert_eq!((found[2].similar, found[2].agreeing), (2, 1), "{:?}", found[2]);
        let ended = Interrupt::new(|| true);
        assert_eq!(nearest(&texts, &labels, &[0, 1, 2], &[3], &ended), None);
    }

    #[test]
    fn most_of_the_similar_rows_may_disagree() {
        let texts: Texts = ["warm film", "warm film again", "warm film"].into_iter().collect();
        let found = nearest(&texts, &[0, 0, 1], &[0, 1], &[2], &Interrupt::never()).unwrap();
        assert!(found[0].disagrees() && (found[0].similar, found[0].agreeing) == (2, 0));
    }
}
