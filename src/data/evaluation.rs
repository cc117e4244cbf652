//! Reading a labelled file to measure a trained model on. Its labels are the model's, and it is not split.

use super::dataset::{Dataset, Splits, count_labels};
use super::rows::Rows;
use super::source::File;
use super::split::stratified_sample;
use crate::domain::config::DataConfig;
use crate::domain::dataset::DatasetSummary;
use crate::domain::problem::{Outcome, Problem};

impl Dataset {
    /// Reads a file whose labels are among a model's `labels`, which keep their order. All its rows form the test part, and
    /// a label may have no rows. Where the model has the generic labels `LABEL_0`, `LABEL_1`, ..., a file's labels 0, 1, ...
    /// are taken as these numbers, and other labels are matched in their order if there are as many. Only the file, how to
    /// read it and the row limit are taken from `config`. `progress` gets the bytes read and the bytes of the file.
    ///
    /// # Errors
    /// `data-label-not-of-model`, `data-generic-labels`; a `data-*` problem for a table that gives no rows; `file-error`.
    pub fn open_for_evaluation(
        config: &DataConfig,
        labels: &[String],
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Outcome<Self> {
        let file = File::read(&config.source, progress)?.for_test();
        let total = file.bytes.len();
        let read = |mut rows: Rows| -> Outcome<_> {
            let loaded = rows.load(&file, config, None, &|done| progress(done, total))?;
            Ok((rows, loaded))
        };
        let (mut rows, loaded) = match read(Rows::with_labels(labels)) {
            Err(problem) if problem.id == "data-label-not-of-model" && are_generic(labels) => {
                let (rows, loaded) = read(Rows::default())?;
                (by_order(rows, labels, &file.name)?, loaded)
            }
            read => read?,
        };
        let label_counts = count_labels(&rows);
        let all = rows.labels.len();
        let content_hash = rows.content_hash(&[all]);
        let mut splits = Splits { test: (0..all as u32).collect(), ..Splits::default() };
        if let Some(limit) = config.max_rows.filter(|limit| *limit < all) {
            splits.test = stratified_sample(&splits.test, &rows.labels, limit, config.split.seed);
            rows.keep(&splits.test.clone(), all, &mut splits);
        }
        let counts = splits.counts(&rows.labels, labels.len());
        let summary = DatasetSummary { rows: all, labels: label_counts, split: counts, content_hash, ..loaded.summary };
        let summary = DatasetSummary { merged: std::mem::take(&mut rows.merged), ..summary };
        Ok(Self::of(summary, rows, splits))
    }
}

/// Whether these are the labels that transformers gives a model without names for its classes.
fn are_generic(labels: &[String]) -> bool {
    labels.iter().enumerate().all(|(i, label)| *label == format!("LABEL_{i}"))
}

/// Gives the file's labels the ids of a model's generic labels.
fn by_order(mut rows: Rows, labels: &[String], file: &str) -> Outcome<Rows> {
    rows.order_labels();
    let as_number = |name: &String| name.parse().ok().filter(|id| (*id as usize) < labels.len());
    let by_number: Option<Vec<u32>> = rows.names.iter().map(as_number).collect();
    let ids = match by_number {
        Some(ids) => ids,
        None if rows.names.len() == labels.len() => (0..labels.len() as u32).collect(),
        None => {
            return Err(Problem::new("data-generic-labels")
                .with("file", file)
                .with("labels", rows.names.iter().take(20).map(String::as_str).collect::<Vec<_>>().join(", "))
                .with_count("count", rows.names.len())
                .with_count("classes", labels.len()));
        }
    };
    rows.labels.iter_mut().for_each(|label| *label = ids[*label as usize]);
    rows.names = labels.to_vec();
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use crate::domain::config::DataSource;

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
        assert_eq!(unknown.id, "data-label-not-of-model");
    }

    #[test]
    fn generic_labels_go_by_number_or_by_order() {
        let generic = ["LABEL_0", "LABEL_1", "LABEL_2"];
        assert_eq!(open("text,label\nfine,2\nbad,0\n", &generic).unwrap().labels, [2, 0]);
        assert_eq!(open("text,label\nx y,mid\nbad,low\nfine,top\n", &generic).unwrap().labels, [1, 0, 2]);
        assert_eq!(open("text,label\nfine,LABEL_1\n", &generic).unwrap().labels, [1]);
        let unclear = open("text,label\nx y,mid\nbad,low\n", &generic).unwrap_err();
        assert_eq!(unclear.id, "data-generic-labels");
    }
}
