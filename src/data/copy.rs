//! A copy of the data with other labels. The file that was read stays as it is.

use std::collections::BTreeMap;

use csv::Writer;

use super::dataset::Dataset;
use crate::domain::problem::{Outcome, Problem};

/// The rows of the data as a CSV file in UTF-8 with the names of its columns: texts and labels. Rows that had to be left out,
/// and other columns, are not in it. Where another file is a part of the data, its rows come last. Columns that go by their
/// numbers get names.
///
/// # Errors
/// `internal-error` where the file cannot be put together.
pub fn plain_copy(dataset: &Dataset) -> Outcome<Vec<u8>> {
    written(dataset, dataset.summary.copy_columns(), |_, label| vec![label])
}

/// The same, with other labels for some rows, by their places among all rows, and with the labels from before in a last column
/// of this name, by which the copy is split as the data were.
///
/// # Errors
/// `internal-error` where the file cannot be put together.
pub fn relabelled(dataset: &Dataset, labels: &BTreeMap<u32, String>, before: &str) -> Outcome<Vec<u8>> {
    let mut columns = dataset.summary.copy_columns();
    columns.push(before.to_owned());
    written(dataset, columns, |row, own| vec![labels.get(&row).map_or(own, String::as_str), own])
}

/// A name for the column of the labels from before that no other column of a copy has.
pub fn before_column(columns: &[String]) -> String {
    let mut name = "label_before".to_owned();
    while columns.contains(&name) {
        name.push('_');
    }
    name
}

/// The table with these columns: texts, and what `last` makes of a row's place and label.
fn written<'d>(
    dataset: &'d Dataset,
    columns: Vec<String>,
    last: impl Fn(u32, &'d str) -> Vec<&'d str>,
) -> Outcome<Vec<u8>> {
    let names = &dataset.summary.labels;
    let mut file = Writer::from_writer(Vec::new());
    file.write_record(&columns).map_err(Problem::internal)?;
    for (i, label) in dataset.labels.iter().enumerate() {
        let own = names.get(*label as usize).map_or("", |label| label.label.as_str());
        let texts = std::iter::once(dataset.texts.get(i)).chain(dataset.texts.second(i));
        file.write_record(texts.chain(last(i as u32, own))).map_err(Problem::internal)?;
    }
    file.into_inner().map_err(|e| Problem::internal(e.error()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::config::{DataConfig, DataSource};

    #[test]
    fn the_copy_is_read_as_the_data_were_but_for_what_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("films.csv");
        let row = |i: usize| format!("{i},\"text {i}, \"\"quoted\"\"\",{}\n", ["bad", "good"][i % 2]);
        std::fs::write(&file, "id,review,label\n".to_owned() + &(0..40).map(row).collect::<String>()).unwrap();
        let open = |file| DataConfig { source: DataSource::File(file), ..DataConfig::default() };
        let data = Dataset::open(&open(file), &|_, _| {}).unwrap();
        let columns = data.summary.copy_columns();
        let before = before_column(&columns);
        let copy = relabelled(&data, &BTreeMap::from([(3, "bad".to_owned())]), &before).unwrap();
        let file = folder.path().join("copy.csv");
        std::fs::write(&file, &copy).unwrap();
        let config = DataConfig { split_column: Some(before.clone()), ..open(file) };
        let read = Dataset::open(&config, &|_, _| {}).unwrap();
        assert_eq!((&read.texts, &read.row_numbers, &read.splits), (&data.texts, &data.row_numbers, &data.splits));
        assert_eq!((&read.summary.columns[..2], &read.summary.columns[2]), (&columns[..], &before));
        let label = |data: &Dataset, i: usize| data.label_names()[data.labels[i] as usize].clone();
        let differ: Vec<usize> = (0..40).filter(|i| label(&read, *i) != label(&data, *i)).collect();
        assert_eq!((differ, label(&read, 3).as_str()), (vec![3], "bad"));
    }

    /// Fixing labels must not send rows into other parts, or a comparison would measure that.
    #[test]
    fn a_copy_is_split_as_its_data_were_also_within_limits() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("films.csv");
        let row = |i: usize| format!("text {},{}\n", i % 180, ["bad", "good", "so so"][i * i % 3]);
        std::fs::write(&file, "review,label\n".to_owned() + &(0..200).map(row).collect::<String>()).unwrap();
        let config = DataConfig {
            source: DataSource::File(file),
            max_rows: Some(150),
            rows_per_class: Some(20),
            flip_labels: Some(0.1),
            ..DataConfig::default()
        };
        let data = Dataset::open(&config, &|_, _| {}).unwrap();
        let before = before_column(&data.summary.copy_columns());
        let fixed: BTreeMap<u32, String> = (0..150).step_by(9).map(|row| (row, "good".to_owned())).collect();
        let copy = folder.path().join("copy.csv");
        std::fs::write(&copy, relabelled(&data, &fixed, &before).unwrap()).unwrap();
        let config =
            DataConfig { source: DataSource::File(copy), split_column: Some(before), flip_labels: None, ..config };
        let read = Dataset::open(&config, &|_, _| {}).unwrap();
        assert_eq!((&read.texts, &read.splits), (&data.texts, &data.splits));
        let again = Dataset::open(&DataConfig { split_column: None, ..config.clone() }, &|_, _| {}).unwrap();
        assert_ne!(again.splits, data.splits, "by the fixed labels it is another split");
        let unknown = DataConfig { split_column: Some("nothing".into()), ..config };
        assert_eq!(Dataset::open(&unknown, &|_, _| {}).unwrap_err().id, "data-unknown-column");
    }
}
