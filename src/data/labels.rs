//! Labels that are one and the same, though people and programs write them in several ways.

use std::collections::HashMap;

use crate::domain::dataset::{LabelCount, MergedLabel};
use crate::domain::names::{composed, without_hidden};

/// What labels that are the same have in common: they are compared without regard to case and spaces, and numbers by their
/// values, so that `0`, `0.0` and `+0` are one, and `True` and `TRUE` are.
pub(super) fn key(label: &str) -> String {
    let folded = without_hidden(&composed(label)).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    number(&folded).unwrap_or(folded)
}

/// The shortest way to write a number; `None` for what is no number. Zeros before other digits are kept, because they are
/// part of a code such as `007`, and so are exponents.
fn number(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (if text.starts_with('-') { "-" } else { "" }, digits),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let is_code = whole.len() > 1 && whole.starts_with('0');
    if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) || is_code {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// One label for each group of names that are the same.
pub(super) struct Merged {
    /// The labels: the most frequent name of each group, and the first of those where several are.
    pub names: Vec<String>,
    /// The place among `names` of each name that was given.
    pub places: Vec<usize>,
    /// The groups of more than one name.
    pub merged: Vec<MergedLabel>,
}

/// Makes one label of the names that are the same. `counts` are the rows of each name.
pub(super) fn merge(names: Vec<String>, counts: &[usize]) -> Merged {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut group_of: HashMap<String, usize> = HashMap::new();
    let mut places = Vec::with_capacity(names.len());
    for (i, name) in names.iter().enumerate() {
        let group = *group_of.entry(key(name)).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push(i);
        places.push(group);
    }
    let mut merged = Vec::new();
    let of_group = |group: &Vec<usize>| {
        let first = group.iter().copied().rev().max_by_key(|i| counts[*i]).unwrap_or_default();
        if group.len() > 1 {
            let others = group.iter().filter(|i| **i != first);
            let others = others.map(|i| LabelCount { label: names[*i].clone(), count: counts[*i] }).collect();
            merged.push(MergedLabel { label: names[first].clone(), others });
        }
        names[first].clone()
    };
    let names = groups.iter().map(of_group).collect();
    Merged { names, places, merged }
}

/// The places of names in the order of their values when all are numbers, else in the order of their texts.
pub(super) fn in_order(names: &[String]) -> Vec<usize> {
    let numbers: Option<Vec<f64>> = names.iter().map(|n| n.parse().ok().filter(|x: &f64| x.is_finite())).collect();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|a, b| {
        let by_number = numbers.as_ref().map_or(std::cmp::Ordering::Equal, |n| n[*a].total_cmp(&n[*b]));
        by_number.then_with(|| names[*a].cmp(&names[*b]))
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_label_in_several_ways() {
        for same in [
            &["0", "0.0", "+0", "-0.00", ".0", "0."][..],
            &["1", "1.0", "+1"],
            &["0.5", ".5", "0.50"],
            &["True", "TRUE", " true "],
            &["pos", "pos\u{200b}", "\u{feff}Pos", "po\u{ad}s"],
            &["not good", "Not  Good", "not\u{a0}good"],
            &["부정 적", "부정  적", "\u{1107}\u{116e}\u{110c}\u{1165}\u{11bc} 적"],
        ] {
            assert!(same.iter().all(|label| key(label) == key(same[0])), "{same:?}");
        }
        for (a, b) in
            [("1", "-1"), ("007", "7"), ("1e1", "10"), ("1", "true"), ("1.5", "15"), (".", ""), ("nan", "NaN ")]
        {
            assert!(a == "nan" || key(a) != key(b), "{a} {b}");
        }
    }

    #[test]
    fn the_most_frequent_name_stays() {
        let names = ["pos", "0.0", "Pos", "1", "0", "POS"].map(str::to_owned).to_vec();
        let merged = merge(names, &[2, 1, 5, 3, 1, 1]);
        assert_eq!(merged.names, ["Pos", "0.0", "1"]);
        assert_eq!(merged.places, [0, 1, 0, 2, 1, 0]);
        let others: Vec<(&str, usize)> =
            merged.merged[0].others.iter().map(|other| (other.label.as_str(), other.count)).collect();
        assert_eq!((merged.merged.len(), others), (2, vec![("pos", 2), ("POS", 1)]));
    }
}
