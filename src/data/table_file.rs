//! A table of numbers and names as CSV and as lines of JSON, both with the same columns.

use csv::Writer;
use serde_json::{Map, Value};

use crate::domain::problem::{Outcome, Problem};

/// A table whose cells are numbers, texts or empty (`null`).
#[derive(Clone, Debug, PartialEq)]
pub struct TableFile {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

impl TableFile {
    pub fn new(columns: &[&str]) -> Self {
        Self { columns: columns.iter().map(|name| (*name).to_owned()).collect(), rows: Vec::new() }
    }

    /// The table in UTF-8 with a header. A number has all its digits. One that is none has an empty cell, which is `null` in JSON.
    ///
    /// # Errors
    /// `internal-error` for a row of another width.
    pub fn to_csv(&self) -> Outcome<Vec<u8>> {
        let mut table = Writer::from_writer(Vec::new());
        table.write_record(&self.columns).map_err(Problem::internal)?;
        for row in &self.rows {
            table.write_record(row.iter().map(written)).map_err(Problem::internal)?;
        }
        table.into_inner().map_err(|e| Problem::internal(e.error()))
    }

    /// An object for each row.
    ///
    /// # Errors
    /// `internal-error`.
    pub fn to_json_lines(&self) -> Outcome<Vec<u8>> {
        let mut lines = Vec::new();
        for row in &self.rows {
            let object: Map<String, Value> = self.columns.iter().cloned().zip(row.iter().cloned()).collect();
            serde_json::to_writer(&mut lines, &object).map_err(Problem::internal)?;
            lines.push(b'\n');
        }
        Ok(lines)
    }
}

fn written(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_hold_the_same() {
        let mut table = TableFile::new(&["step", "name", "loss"]);
        table.rows.push(vec![json!(1), json!("a, b"), json!(0.25)]);
        table.rows.push(vec![json!(2), json!("c"), Value::Null]);
        assert_eq!(table.to_csv().unwrap(), b"step,name,loss\n1,\"a, b\",0.25\n2,c,\n");
        let lines = "{\"step\":1,\"name\":\"a, b\",\"loss\":0.25}\n{\"step\":2,\"name\":\"c\",\"loss\":null}\n";
        assert_eq!(table.to_json_lines().unwrap(), lines.as_bytes());
        table.rows.push(vec![json!(3)]);
        assert!(table.to_csv().is_err());
    }
}
