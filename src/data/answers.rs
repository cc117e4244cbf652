//! A run's answers as a table: `predictions.csv`.

use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use crate::domain::health::PartName;
use crate::domain::predictions::PredictedRow;
use crate::domain::problem::{Outcome, Problem};

/// The columns before the probabilities.
const COLUMNS: [&str; 4] = ["row", "split", "label", "predicted"];

/// The answers as a table with a header: row, split, label, predicted, and the probability of each label. Numbers are
/// written with all their digits, and one that is none as `NaN`.
///
/// # Errors
/// `internal-error` for a row without one probability a label.
pub fn to_csv(rows: &[PredictedRow], labels: &[String]) -> Outcome<Vec<u8>> {
    let mut table = WriterBuilder::new().from_writer(Vec::new());
    table.write_record(header(labels)).map_err(Problem::internal)?;
    for row in rows {
        let name = |label: u32| labels.get(label as usize).map_or("", String::as_str).to_owned();
        let known = [row.row.to_string(), row.split.name().to_owned(), name(row.label), name(row.predicted())];
        // The shortest way to write a number from which the same one is read.
        let probabilities = row.probabilities.iter().map(|p| format!("{p:?}"));
        table.write_record(known.into_iter().chain(probabilities)).map_err(Problem::internal)?;
    }
    table.into_inner().map_err(Problem::internal)
}

/// The answers that a table of [`to_csv`] holds. `None` for any other table, for one of other labels, and for one that was
/// cut off or changed so that its columns contradict each other.
pub fn from_csv(bytes: &[u8], labels: &[String]) -> Option<Vec<PredictedRow>> {
    let mut table = ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut records = table.records();
    if !records.next()?.ok()?.iter().eq(header(labels).iter()) || !bytes.ends_with(b"\n") {
        return None;
    }
    records.map(|record| of_record(&record.ok()?, labels)).collect()
}

fn header(labels: &[String]) -> Vec<String> {
    let probabilities = labels.iter().map(|label| format!("p({label})"));
    COLUMNS.into_iter().map(str::to_owned).chain(probabilities).collect()
}

fn of_record(record: &StringRecord, labels: &[String]) -> Option<PredictedRow> {
    let id = |name: &str| labels.iter().position(|label| label == name).map(|id| id as u32);
    let split = [PartName::Validation, PartName::Test].into_iter().find(|part| part.name() == &record[1])?;
    let probabilities: Option<Vec<f64>> = record.iter().skip(COLUMNS.len()).map(|p| p.parse().ok()).collect();
    let probabilities = probabilities?;
    let is_share = |p: &f64| p.is_nan() || (0.0..=1.0 + 1e-9).contains(p);
    let row = PredictedRow { row: record[0].parse().ok()?, split, label: id(&record[2])?, probabilities };
    let is_whole = row.probabilities.iter().all(is_share) && id(&record[3])? == row.predicted();
    is_whole.then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_as_it_was() {
        let labels = ["a, \"b\"".to_owned(), "둘".to_owned()];
        let row = |row, split, label, probabilities: [f64; 2]| PredictedRow {
            row,
            split,
            label,
            probabilities: probabilities.to_vec(),
        };
        let third = 1.0 / 3.0;
        let rows =
            [row(2, PartName::Validation, 0, [third, 1.0 - third]), row(7, PartName::Test, 1, [1.0 - 1e-16, 5e-324])];
        let table = to_csv(&rows, &labels).unwrap();
        let text = String::from_utf8(table.clone()).unwrap();
        assert!(text.starts_with("row,split,label,predicted,\"p(a, \"\"b\"\")\",p(둘)\n2,validation,"), "{text}");
        assert_eq!(from_csv(&table, &labels).unwrap(), rows);
        let none = [row(9, PartName::Test, 1, [f64::NAN; 2])];
        let read = from_csv(&to_csv(&none, &labels).unwrap(), &labels).unwrap();
        assert!(read[0].probabilities.iter().all(|p| p.is_nan()) && read[0].row == 9);
    }

    #[test]
    fn what_is_no_such_table_is_not_read() {
        let labels = ["a".to_owned(), "b".to_owned()];
        let good = "row,split,label,predicted,p(a),p(b)\n2,test,a,b,0.25,0.75\n";
        assert_eq!(from_csv(good.as_bytes(), &labels).unwrap().len(), 1);
        for bad in [
            "",
            "text,label\nfine,a\n",
            "row,split,label,predicted,p(b),p(a)\n2,test,a,b,0.25,0.75\n",
            "row,split,label,predicted,p(a),p(b)\n2,test,a,b,0.25,0.75",
            "row,split,label,predicted,p(a),p(b)\n2,test,a,a,0.25,0.75\n",
            "row,split,label,predicted,p(a),p(b)\n2,train,a,b,0.25,0.75\n",
            "row,split,label,predicted,p(a),p(b)\n2,test,c,b,0.25,0.75\n",
            "row,split,label,predicted,p(a),p(b)\n2,test,a,b,0.25,1.75\n",
            "row,split,label,predicted,p(a),p(b)\n2,test,a,b,0.25\n",
            "row,split,label,predicted,p(a),p(b)\nx,test,a,b,0.25,0.75\n",
        ] {
            assert_eq!(from_csv(bad.as_bytes(), &labels), None, "{bad}");
        }
    }
}
