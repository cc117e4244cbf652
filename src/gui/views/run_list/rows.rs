//! Which runs are listed, and in which order.

use std::cmp::Ordering;

use crate::app::runs::{RunColumn, RunsState};
use crate::domain::stored::RunEntry;
use crate::words::{Catalogue, shared};

/// A run that is listed, and what it is called.
pub struct Row<'a> {
    pub entry: &'a RunEntry,
    pub name: String,
}

/// The runs that pass the filter, in the chosen order.
pub fn rows<'a>(runs: &'a RunsState, words: &Catalogue) -> Vec<Row<'a>> {
    let entries = runs.entries.latest().map(Vec::as_slice).unwrap_or_default();
    let named = |entry: &'a RunEntry| Row { entry, name: shared::run_name(words, entry) };
    let wanted = runs.filter.trim().to_lowercase();
    let mut rows: Vec<Row<'_>> = entries.iter().map(named).filter(|row| row.holds(&wanted)).collect();
    let (column, falls) = runs.sort;
    // The list comes with the newest first, and stays so where the column tells nothing apart.
    rows.sort_by(|a, b| compare(a, b, column, falls));
    rows
}

impl Row<'_> {
    fn holds(&self, wanted: &str) -> bool {
        let entry = self.entry;
        let texts = [&self.name, &entry.data, &entry.model, &entry.note, &entry.started];
        wanted.is_empty() || texts.into_iter().any(|text| text.to_lowercase().contains(wanted))
    }
}

/// What is not known comes last whichever way the column is sorted.
fn compare(a: &Row<'_>, b: &Row<'_>, column: RunColumn, falls: bool) -> Ordering {
    let number = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => turned(a.total_cmp(&b), falls),
        _ => b.is_some().cmp(&a.is_some()),
    };
    let text = |a: &str, b: &str| match (a.is_empty(), b.is_empty()) {
        (false, false) => turned(a.to_lowercase().cmp(&b.to_lowercase()), falls),
        (a, b) => a.cmp(&b),
    };
    match column {
        RunColumn::Name => text(&a.name, &b.name),
        RunColumn::Model => text(&a.entry.model, &b.entry.model),
        RunColumn::Accuracy => number(a.entry.test_accuracy, b.entry.test_accuracy),
        RunColumn::Secs => number(a.entry.train_secs, b.entry.train_secs),
        RunColumn::Started => text(&a.entry.started, &b.entry.started),
    }
}

fn turned(order: Ordering, falls: bool) -> Ordering {
    if falls { order.reverse() } else { order }
}

#[cfg(test)]
mod tests {
    use crate::app::state::Loading;
    use crate::domain::stored::RunState;
    use crate::words::Language;

    use super::*;

    fn entry(freeze: &str, accuracy: Option<f64>, started: &str) -> RunEntry {
        RunEntry {
            dir: format!("runs/{started}").into(),
            name: String::new(),
            note: String::new(),
            race: None,
            started: started.into(),
            data: "movie_reviews.csv".into(),
            rows: Some(600),
            rows_per_class: None,
            seed: Some(42),
            engine: crate::domain::engine::Engine::Thaw,
            model: "m".into(),
            freeze: freeze.into(),
            state: RunState::Completed,
            step: 1,
            total_steps: 1,
            test_accuracy: accuracy,
            train_secs: accuracy,
            has_model: true,
            can_resume: false,
            can_open: true,
            damage: Vec::new(),
        }
    }

    #[test]
    fn runs_are_sorted_by_any_column_and_filtered_by_what_they_are_called() {
        let entries = vec![
            RunEntry { note: "for Tuesday".into(), ..entry("3", Some(0.7), "2026-11-24 15:06") },
            entry("full", None, "2026-11-24 15:05"),
            RunEntry { name: "mine".into(), ..entry("1", Some(0.9), "2026-11-24 15:04") },
            RunEntry { freeze: String::new(), name: "broken".into(), ..entry("", None, "") },
        ];
        let mut runs = RunsState::default();
        runs.entries = Loading::Ready(entries);
        let names = |runs: &RunsState| -> Vec<String> {
            rows(runs, &Catalogue::new(Language::English)).into_iter().map(|row| row.name).collect()
        };
        let (three, full) = ("Preset 3 · 600 rows · movie_reviews", "Full · 600 rows · movie_reviews");
        assert_eq!(names(&runs), [three, full, "mine", "broken"], "the newest first, then those without a time");
        runs.sort = (RunColumn::Started, false);
        assert_eq!(names(&runs), ["mine", full, three, "broken"]);
        runs.sort = (RunColumn::Accuracy, true);
        assert_eq!(names(&runs), ["mine", three, full, "broken"]);
        runs.sort = (RunColumn::Accuracy, false);
        assert_eq!(names(&runs), [three, "mine", full, "broken"], "what is not known stays last");
        runs.sort = (RunColumn::Name, false);
        assert_eq!(names(&runs), ["broken", full, "mine", three]);
        for (filter, left) in [("preset 3", 1), ("REVIEWS", 4), ("tuesday", 1), ("15:05", 1), ("nothing like it", 0)] {
            runs.filter = filter.into();
            assert_eq!(names(&runs).len(), left, "{filter}");
        }
    }
}
