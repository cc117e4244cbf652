//! Which lines of a program are not those of the program before.

/// Whether each line of `after` is new or changed against `before`: it is in no longest common subsequence of their lines.
pub fn changed_lines(before: &str, after: &str) -> Vec<bool> {
    let (before, after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // Lines at both ends that are the same need no table, which keeps it small: a toggle changes few lines.
    let first = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let most = before.len().min(after.len()) - first;
    let last = before.iter().rev().zip(after.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let (old, new) = (&before[first..before.len() - last], &after[first..after.len() - last]);
    // common[i][j] is the length of the longest common subsequence of old[i..] and new[j..].
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = match old[i] == new[j] {
                true => common[(i + 1) * width + j + 1] + 1,
                false => common[(i + 1) * width + j].max(common[i * width + j + 1]),
            };
        }
    }
    let mut changed = vec![false; after.len()];
    let (mut i, mut j) = (0, 0);
    while j < new.len() {
        if i < old.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1] {
            i += 1;
        } else {
            changed[first + j] = true;
            j += 1;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_lines_are_marked() {
        let changed = |before: &str, after: &str| -> Vec<usize> {
            changed_lines(before, after).iter().enumerate().filter(|(_, on)| **on).map(|(i, _)| i).collect()
        };
        assert_eq!(changed("a\nb\nc", "a\nb\nc"), [0; 0]);
        assert_eq!(changed("a\nb\nc", "a\nx\nc"), [1]);
        assert_eq!(changed("a\nc", "a\nb\nc"), [1]);
        assert_eq!(changed("a\nb\nc", "a\nc"), [0; 0], "a line that is gone marks none");
        assert_eq!(changed("a\na", "a\na\na"), [2]);
        assert_eq!(changed("", "a\nb"), [0, 1]);
        assert_eq!(changed("x\na\ny\nb", "a\nz\nb\nw"), [1, 3]);
    }
}
