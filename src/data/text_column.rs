//! The texts of one column of a table, to be classified. Nothing is known of labels here.

use std::ops::ControlFlow;

use super::columns::{Chosen, choose_texts};
use super::decode::decode;
use super::loaded::{Loaded, SHOWN_SKIPPED, after_skipped};
use super::source::{Content, File};
use super::texts::clean_text;
use super::usable::Judge;
use crate::domain::config::DataConfig;
use crate::domain::dataset::{SkippedKind, SkippedRow, TextColumn};
use crate::domain::problem::{Outcome, Problem};

/// Reads the column that `config` names, else the one that is likely to hold texts, and that of the second texts where it
/// names one. A row without a text is skipped.
/// `progress` gets the bytes read and the bytes of the file.
///
/// # Errors
/// A `data-*` problem, naming the file, for a table that gives no texts; `file-error`.
pub fn read_texts(config: &DataConfig, progress: &dyn Fn(usize, usize)) -> Outcome<TextColumn> {
    let file = File::read(config, progress)?;
    let content = Content::of(&file, config)?;
    let table = match content.table(config, config.reading.header) {
        // A column of texts alone is no table to train on, but enough here.
        Err(problem) if problem.id == "data-one-column" && config.reading.second_text_column.is_none() => {
            return one_column(&file, config);
        }
        table => table?,
    };
    let table = table.as_ref();
    let (text, second) = choose_texts(table, &config.reading)?;
    // A text is its own label, so that a row needs nothing but it.
    let chosen = Chosen { text, second, label: text, by_content: false };
    let mut loaded = Loaded::new(&file, &content.reading, table, chosen);
    let damaged = content.reading.is_damaged.then_some(content.reading.encoding.as_str());
    let judge = Judge::new(table, chosen, damaged, config);
    let (mut texts, mut seconds, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    table.visit(&mut |record| {
        loaded.count(record);
        match judge.usable(record) {
            Ok(row) => {
                texts.push(row.text);
                seconds.extend(row.second);
                rows.push(u32::try_from(record.row()).unwrap_or(u32::MAX));
            }
            Err(reason) => {
                let place = record.place().map_or_else(String::new, |place| format!(" ({place})"));
                loaded.skip(record, reason.with("place", place));
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    progress(file.bytes.len(), file.bytes.len());
    loaded.check().map_err(|problem| after_skipped(problem, &loaded.summary.skipped))?;
    let (column, second_column) = (table.columns()[text].clone(), second.map(|second| table.columns()[second].clone()));
    let (file, is_guess) = (file.name.clone(), config.reading.text_column.is_none());
    let skipped = loaded.summary.skipped;
    Ok(TextColumn { file, column, is_guess, texts, second_column, seconds, rows, skipped })
}

/// Reads a file of one column, in which nothing stands between fields, so that a comma is part of its text.
fn one_column(file: &File<'_>, config: &DataConfig) -> Outcome<TextColumn> {
    const NO_DELIMITER: u8 = 0x1f;
    let decoded = decode(&file.bytes, config.reading.encoding.as_deref(), &file.name)?;
    // Quotes that don't come in pairs are no quoting; they would swallow the rows behind them.
    let is_quoted = decoded.text.matches('"').count().is_multiple_of(2);
    let has_header = config.reading.header != Some(false);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(NO_DELIMITER)
        .quoting(is_quoted)
        .flexible(true)
        .has_headers(has_header)
        .from_reader(decoded.text.as_bytes());
    let failed =
        |e: csv::Error| Problem::new("data-one-column").with("file", &file.name).with("column", "").with_original(e);
    let column = match has_header {
        true => reader.headers().map_err(failed)?.get(0).unwrap_or_default().trim_matches(['\u{feff}', ' ']).to_owned(),
        false => "1".to_owned(),
    };
    if let Some(named) =
        config.reading.text_column.as_ref().filter(|named| named.trim().to_lowercase() != column.to_lowercase())
    {
        return Err(Problem::new("data-unknown-column")
            .with("file", &file.name)
            .with("column", named)
            .with("columns", &column));
    }
    let mut found = TextColumn { file: file.name.clone(), column, ..TextColumn::default() };
    // A text of several lines is one row.
    let mut lines_within = 0;
    for record in reader.records() {
        let record = record.map_err(failed)?;
        let field = record.get(0).unwrap_or_default();
        let row = record.position().map_or(0, |place| place.line() as usize) - lines_within;
        lines_within += field.matches('\n').count();
        let text = clean_text(field);
        if text.is_empty() {
            let reason = Problem::new("data-skip-empty-text").with("place", "");
            found.skipped.count += 1;
            if found.skipped.first.len() < SHOWN_SKIPPED {
                found.skipped.first.push(SkippedRow { row, reason: reason.clone() });
            }
            match found.skipped.kinds.first_mut() {
                Some(kind) => kind.count += 1,
                None => found.skipped.kinds.push(SkippedKind { reason, count: 1, row }),
            }
            continue;
        }
        found.texts.push(text.into_owned());
        found.rows.push(u32::try_from(row).unwrap_or(u32::MAX));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use crate::domain::config::{DataSource, ReadingConfig};

    use super::*;

    fn read(csv: &str, column: Option<&str>) -> Outcome<TextColumn> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("set.csv");
        std::fs::write(&path, csv).unwrap();
        let text_column = column.map(str::to_owned);
        let reading = ReadingConfig { text_column, ..ReadingConfig::default() };
        read_texts(&DataConfig { source: DataSource::File(path), reading, ..DataConfig::default() }, &|_, _| {})
    }

    #[test]
    fn a_column_needs_no_labels() {
        let found = read("review\nfine, really\n\"so\nso\"\n  \nbad\n", None).unwrap();
        assert_eq!(found.texts, ["fine, really", "so\nso", "bad"].map(str::to_owned));
        assert_eq!(found.rows, [2, 3, 5]);
        assert_eq!((found.skipped.count, found.column.as_str(), found.is_guess), (1, "review", false));
        let named = read("id,a,b\n1,short,a longer text\n2,tiny,another longer text\n", Some("a")).unwrap();
        assert_eq!((named.texts.len(), named.is_guess), (2, false));
        let guessed = read("id,a,b\n1,short,a longer text\n2,tiny,another longer text\n", None).unwrap();
        assert_eq!(guessed.column, "b");
        assert_eq!(read("review\n\"open\nfine\n", None).unwrap().texts, ["\"open", "fine"].map(str::to_owned));
        assert_eq!(read("review\nfine\n", Some("nope")).unwrap_err().id, "data-unknown-column");
    }
}
