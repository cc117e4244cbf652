//! Whether the labels of a column can be classes, and what they are when they cannot.

use std::collections::HashMap;

use super::labels::key;
use super::loaded::{Loaded, SHOWN_CHARS};
use super::reader::shorten;
use super::rows::Rows;
use super::split::class_sizes;
use crate::domain::config::DataConfig;
use crate::domain::dataset::MAX_CLASSES;
use crate::domain::problem::{Outcome, Problem};

/// Numbers with a fraction are scores when there are more different ones than this. Half steps from 0 to 5 are 11.
const MOST_FRACTIONS: usize = 11;

/// Gives the labels their ids, and refuses those that cannot be classes.
///
/// # Errors
/// `data-no-header`, `data-label-lists`, `data-scores`, `data-one-class`, `data-labels-all-differ`, `data-too-many-classes`.
pub(super) fn check_classes(loaded: &Loaded, rows: &mut Rows, config: &DataConfig) -> Outcome<()> {
    let file = &loaded.summary.name;
    let column = &loaded.summary.columns[loaded.summary.label_column];
    if config.reading.label_column.is_none()
        && let Some((label, row)) = first_list(rows)
    {
        return Err(Problem::new("data-label-lists")
            .with("file", file)
            .with("column", column)
            .with_count("row", row)
            .with("label", shorten(label, SHOWN_CHARS)));
    }
    rows.order_labels();
    let (classes, usable) = (rows.names.len(), rows.labels.len());
    let is_doubtful = !loaded.summary.headless && loaded.summary.header_guessed && loaded.by_content;
    if is_doubtful && rows.same(column).is_some() {
        return Err(Problem::new("data-no-header").with("file", file).with("label", column));
    }
    let problem = |id| Problem::new(id).with("file", file).with("column", column);
    if classes == 1 {
        return Err(problem("data-one-class").with("label", shorten(&rows.names[0], SHOWN_CHARS)));
    }
    if are_scores(&rows.names) {
        let examples: Vec<&str> = rows.names.iter().take(3).map(String::as_str).collect();
        return Err(problem("data-scores").with_count("values", classes).with("examples", examples.join(", ")));
    }
    if classes == usable {
        return Err(problem("data-labels-all-differ").with_count("rows", usable));
    }
    if classes > MAX_CLASSES {
        return Err(problem("data-too-many-classes").with_count("classes", classes).with_count("most", MAX_CLASSES));
    }
    Ok(())
}

/// Refuses a split in which a part has no row of some class. `cut` are the parts that come out of the main file; `None`
/// stands for a part that has a file of its own.
///
/// # Errors
/// `data-class-too-small`.
pub(super) fn check_parts(file: &str, rows: &Rows, kept: &[u32], cut: &[Option<&Vec<usize>>]) -> Outcome<()> {
    let sizes = class_sizes(kept.iter().map(|row| rows.labels[*row as usize]), rows.names.len());
    let missing = |class: &usize| cut.iter().flatten().any(|part| part[*class] == 0);
    let Some(class) = (0..sizes.len()).filter(missing).min_by_key(|class| sizes[*class]) else { return Ok(()) };
    Err(Problem::new("data-class-too-small")
        .with("file", file)
        .with("label", shorten(&rows.names[class], SHOWN_CHARS))
        .with_count("count", sizes[class])
        .with_count("parts", cut.iter().flatten().count()))
}

/// Whether these are measurements and no names: numbers of which some have a fraction, more of them than a scale has steps.
fn are_scores(names: &[String]) -> bool {
    let numbers: Option<Vec<f64>> = names.iter().map(|name| name.parse().ok()).collect();
    let Some(numbers) = numbers.filter(|numbers| numbers.iter().all(|x| x.is_finite())) else { return false };
    let has_steps = numbers.iter().all(|x| (x * 2.0).fract() == 0.0) && numbers.len() <= MOST_FRACTIONS;
    numbers.iter().any(|x| x.fract() != 0.0) && !has_steps && numbers.len() >= MOST_FRACTIONS
}

/// The first label that is a list of labels, such as "joy,calm", and its row, when most labels with a separator are. The
/// parts of a list are labels by themselves in other rows, or parts of another list.
fn first_list(rows: &Rows) -> Option<(&str, u32)> {
    let parts_of = |name: &str| -> Vec<String> {
        let bare = name.trim_matches(['[', ']', '(', ')', '{', '}']);
        bare.split([',', ';', '|']).map(|part| key(part.trim_matches(['\'', '"', ' ']))).collect()
    };
    let lists: Vec<(usize, Vec<String>)> = rows
        .names
        .iter()
        .enumerate()
        .map(|(id, name)| (id, parts_of(name)))
        .filter(|(_, parts)| parts.len() > 1)
        .collect();
    if lists.is_empty() {
        return None;
    }
    // Labels in brackets stand for themselves where they are alone.
    let single = |name: &String| parts_of(name).into_iter().next().filter(|_| parts_of(name).len() == 1);
    let mut places: HashMap<String, usize> = rows.names.iter().filter_map(single).map(|name| (name, 2)).collect();
    for part in lists.iter().flat_map(|(_, parts)| parts) {
        *places.entry(part.clone()).or_default() += 1;
    }
    let is_list =
        |parts: &[String]| parts.iter().all(|part| !part.is_empty() && places.get(part).is_some_and(|n| *n > 1));
    let found: Vec<usize> = lists.iter().filter(|(_, parts)| is_list(parts)).map(|(id, _)| *id).collect();
    if found.len() * 2 <= lists.len() {
        return None;
    }
    let at = rows.labels.iter().position(|label| found.contains(&(*label as usize)))?;
    Some((&rows.names[rows.labels[at] as usize], rows.row_numbers[at]))
}
