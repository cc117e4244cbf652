//! A copy of the data with other labels. The file that was read stays as it is.

use std::collections::BTreeMap;

use csv::Writer;

use super::dataset::Dataset;
use crate::domain::problem::{Outcome, Problem};

/// The rows of the data as a CSV file in UTF-8 with the names of its columns: texts and labels, of which the labels of some
/// rows, by their places among all rows, are these. Rows that had to be left out, and other columns, are not in it. Where
/// another file is a part of the data, its rows come last. Columns that go by their numbers get names.
///
/// # Errors
/// `internal-error` where the file cannot be put together.
pub fn relabelled(dataset: &Dataset, labels: &BTreeMap<u32, String>) -> Outcome<(Vec<String>, Vec<u8>)> {
    let (summary, names) = (&dataset.summary, dataset.label_names());
    let mut file = Writer::from_writer(Vec::new());
    let columns = summary.copy_columns();
    file.write_record(&columns).map_err(Problem::internal)?;
    for (i, label) in dataset.labels.iter().enumerate() {
        let own = names.get(*label as usize).map_or("", String::as_str);
        let label = labels.get(&(i as u32)).map_or(own, String::as_str);
        let texts = std::iter::once(dataset.texts.get(i)).chain(dataset.texts.second(i));
        file.write_record(texts.chain([label])).map_err(Problem::internal)?;
    }
    let bytes = file.into_inner().map_err(|e| Problem::internal(e.error()))?;
    Ok((columns, bytes))
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
        let (columns, copy) = relabelled(&data, &BTreeMap::from([(3, "bad".to_owned())])).unwrap();
        let file = folder.path().join("copy.csv");
        std::fs::write(&file, &copy).unwrap();
        let read = Dataset::open(&open(file), &|_, _| {}).unwrap();
        assert_eq!((&read.texts, &read.row_numbers), (&data.texts, &data.row_numbers));
        assert_eq!((&read.summary.columns, &columns), (&columns, &vec!["review".to_owned(), "label".to_owned()]));
        let label = |data: &Dataset, i: usize| data.label_names()[data.labels[i] as usize].clone();
        let differ: Vec<usize> = (0..40).filter(|i| label(&read, *i) != label(&data, *i)).collect();
        assert_eq!((differ, label(&read, 3).as_str()), (vec![3], "bad"));
    }
}
