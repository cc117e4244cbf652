//! Labels that are made wrong on purpose, to be hunted for.

use rand::seq::SliceRandom;
use rand::{RngExt as _, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Gives a share of the rows another label, drawn with `seed`, and returns those rows in ascending order. `labels` are ids
/// below `classes`; each of the other labels is as likely.
pub(super) fn flip(labels: &mut [u32], classes: usize, share: f64, seed: u64) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..labels.len() as u32).collect();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    rows.shuffle(&mut random);
    rows.truncate(if classes > 1 { (share * labels.len() as f64).round() as usize } else { 0 });
    for row in &rows {
        let label = &mut labels[*row as usize];
        *label = (*label + random.random_range(1..classes as u32)) % classes as u32;
    }
    rows.sort_unstable();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_rows_gets_another_label() {
        for classes in [2, 5] {
            let before: Vec<u32> = (0..1000).map(|i| i % classes).collect();
            let mut labels = before.clone();
            let flipped = flip(&mut labels, classes as usize, 0.03, 7);
            let differ: Vec<u32> = (0..1000).filter(|i| labels[*i as usize] != before[*i as usize]).collect();
            assert_eq!((flipped.len(), &flipped), (30, &differ));
            assert!(labels.iter().all(|label| *label < classes));
            let mut again = before.clone();
            assert!(flip(&mut again, classes as usize, 0.03, 7) == flipped && again == labels);
            assert_ne!(flip(&mut before.clone(), classes as usize, 0.03, 8), flipped);
        }
        assert!(flip(&mut [0, 0], 1, 1.0, 0).is_empty(), "there is no other label");
    }
}
