//! Reading a labelled file to measure a trained model on. Its labels are the model's, and it is not split.

use std::cmp::Ordering;

use super::dataset::{Dataset, Splits, count_labels};
use super::health::Read;
use super::rows::Rows;
use super::source::File;
use super::split::stratified_sample;
use crate::domain::config::DataConfig;
use crate::domain::dataset::DatasetSummary;
use crate::domain::health::PartName;
use crate::domain::labels::{match_labels, named, unmatched};
use crate::domain::problem::{Outcome, Problem};

impl Dataset {
    /// Reads a file whose labels stand for a model's classes, which keep their order. All its rows form the test part, and
    /// a class may have no rows. How the labels were matched stands in the summary. Only the file, how to read it, the
    /// stated map of labels and the row limit are taken from `config`. `progress` gets the bytes read and the bytes of the
    /// file.
    ///
    /// # Errors
    /// `data-labels-not-of-model`, with the first row of the first such label; those of [`match_labels`]; a `data-*` problem
    /// for a table that gives no rows; `file-error`.
    pub fn open_for_evaluation(
        config: &DataConfig,
        classes: &[String],
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Outcome<Self> {
        let file = File::read(config, progress)?.for_test();
        let total = file.bytes.len();
        let mut rows = Rows::default();
        let mut loaded = rows.load(&file, config, None, &|done| progress(done, total))?;
        // The file's spellings stay apart, because a model may have classes that differ in nothing else.
        let names = sorted(&rows);
        let place = |label: u32| names.binary_search_by(|name| compare(name, &rows.names[label as usize])).unwrap_or(0);
        let places: Vec<usize> = (0..rows.names.len() as u32).map(place).collect();
        let open = unmatched(&names, classes, &config.label_map)?;
        let found = match_labels(&names, classes, &config.label_map)
            .map_err(|problem| in_file(problem, &|label| open.contains(&places[label]), &rows, &file.name))?;
        let matched = named(&names, classes, &found);
        rows.labels.iter_mut().for_each(|label| *label = found[places[*label as usize]].0 as u32);
        rows.names = classes.to_vec();

        let label_counts = count_labels(&rows);
        let all = rows.labels.len();
        let content_hash = rows.content_hash(&[all]);
        let mut findings = loaded.findings(PartName::Train);
        let copies = rows.copies();
        let mut splits = Splits { test: (0..all as u32).collect(), ..Splits::default() };
        let read = Read { rows: &rows, copies: &copies, ends: (all, all), splits: &splits, cut: 0 };
        findings.extend(read.findings());
        findings.sort_by_key(|finding| finding.found.rank());
        if let Some(limit) = config.max_rows.filter(|limit| *limit < all) {
            splits.test = stratified_sample(&splits.test, &rows.labels, limit, config.split.seed);
            rows.keep(&splits.test.clone(), all, &mut splits);
        }
        let counts = splits.counts(&rows.labels, classes.len());
        let summary = DatasetSummary {
            rows: all,
            labels: label_counts,
            split: counts,
            content_hash,
            matched,
            findings,
            ..loaded.summary
        };
        Ok(Self::of(summary, rows, splits))
    }
}

/// The labels of the file, numbers in the order of their values.
fn sorted(rows: &Rows) -> Vec<String> {
    let mut names = rows.names.clone();
    names.sort_by(|a, b| compare(a, b));
    names
}

/// Numbers come before words, each in their order.
fn compare(a: &str, b: &str) -> Ordering {
    let value = |name: &str| name.parse().ok().filter(|value: &f64| value.is_finite());
    match (value(a), value(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (x, y) => y.is_some().cmp(&x.is_some()).then_with(|| a.cmp(b)),
    }
}

/// Says in which file, and in which row first, a label stands that is none of the model's.
fn in_file(problem: Problem, is_open: &dyn Fn(usize) -> bool, rows: &Rows, file: &str) -> Problem {
    let Some(first) = rows.labels.iter().position(|label| is_open(*label as usize)) else { return problem };
    let problem = Problem { id: "data-labels-not-of-model".into(), ..problem };
    problem.with("file", file).with_count("row", rows.row_numbers[first])
}

#[cfg(test)]
mod tests {
    use crate::domain::config::DataSource;
    use crate::domain::labels::{MatchedBy, parse_map};

    use super::*;

    fn open(csv: &str, labels: &[&str]) -> Outcome<Dataset> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("set.csv");
        std::fs::write(&path, csv).unwrap();
        let config = DataConfig { source: DataSource::File(path), ..DataConfig::default() };
        let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
        Dataset::open_for_evaluation(&config, &labels, &|_, _| {})
    }

    #[test]
    fn labels_are_the_models_in_its_order() {
        let set = open("text,label\nfine,b\nbad,a\nso so,b\n", &["b", "c", "a"]).unwrap();
        assert_eq!(set.labels, [0, 2, 0]);
        assert_eq!((set.splits.test, set.row_numbers), (vec![0, 1, 2], vec![2, 3, 4]));
        assert_eq!(set.summary.split.test, [2, 0, 1]);
        let one_class = open("text,label\nfine,b\n", &["b", "c"]).unwrap();
        assert_eq!(one_class.labels, [0]);
        let unknown = open("text,label\nfine,b\nbad,x\n", &["b", "c"]).unwrap_err();
        assert_eq!(unknown.id, "data-labels-not-of-model");
        assert!(unknown.to_string().contains("row=\"3\""), "{unknown}");
    }

    /// Stars without the only 5 were matched by number, and with it by order.
    #[test]
    fn a_guess_does_not_depend_on_the_labels_that_occur() {
        let generic = ["LABEL_0", "LABEL_1", "LABEL_2"];
        for csv in
            ["text,label\nx y,1\nbad,2\nfine,3\n", "text,label\nx y,1\nbad,2\n", "text,label\nx,low\ny,mid\nz,top\n"]
        {
            let refused = open(csv, &generic).unwrap_err();
            assert_eq!(refused.id, "data-labels-not-of-model", "{csv}");
            assert!(refused.to_string().contains("--label-map"), "{refused}");
        }
        let by_number = open("text,label\nfine,2\nbad,0\n", &generic).unwrap();
        assert_eq!((by_number.labels, by_number.summary.matched[1].by), (vec![2, 0], MatchedBy::Number));
        assert_eq!(open("text,label\nfine,LABEL_1\n", &generic).unwrap().labels, [1]);
    }

    /// Spellings are one label where a file is trained on, but a model may tell them apart.
    #[test]
    fn classes_that_differ_in_case_only_stay_apart() {
        let set = open("text,label\nfine,US\nbad,us\nso so,US\n", &["US", "us"]).unwrap();
        assert_eq!(set.labels, [0, 1, 0]);
        let spelt = open("text,label\nfine,0.0\nbad,0\nso so,1\n", &["1", "0"]).unwrap();
        assert_eq!(spelt.labels, [1, 1, 0]);
    }

    #[test]
    fn a_stated_map_goes_before_all_guesses() {
        let classes: Vec<String> = ["NEGATIVE", "POSITIVE"].map(str::to_owned).into();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("set.csv");
        std::fs::write(&path, "text,label\nfine,0\nbad,1\nso so,2\n").unwrap();
        let label_map = parse_map("0=POSITIVE,1=NEGATIVE,2=NEGATIVE").unwrap();
        let config = DataConfig { source: DataSource::File(path), label_map, ..DataConfig::default() };
        let set = Dataset::open_for_evaluation(&config, &classes, &|_, _| {}).unwrap();
        assert_eq!(set.labels, [1, 0, 0]);
        assert_eq!(set.summary.matched.iter().map(|pair| pair.by).collect::<Vec<_>>(), [MatchedBy::Stated; 3]);
    }
}
