//! Turning data files into usable rows: texts with a label, and their places in the file.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use super::ahead::Ahead;
use super::columns::{self, Names};
use super::copies::Copies;
use super::labels::{in_order, key, merge};
use super::loaded::{Loaded, SHOWN_CHARS, after_skipped, check_skipped};
use super::reader::shorten;
use super::source::{Content, File};
use super::split::{Splits, class_sizes};
use super::strata::Strata;
use super::texts::Texts;
use super::usable::{Judge, Usable};
use crate::domain::config::DataConfig;
use crate::domain::dataset::{LabelCount, MergedLabel};
use crate::domain::names::{bare, composed};
use crate::domain::problem::{Outcome, Problem};

/// Progress is reported after each so many records.
const REPORT_RECORDS: usize = 2000;
/// What people write in the row that sums up a table.
const TOTALS: [&str; 13] =
    ["total", "totals", "grand total", "sum", "average", "mean", "count", "합계", "총계", "총합", "소계", "계", "평균"];

/// The names of the text and label columns and whether the first row names them, where an earlier file has settled it.
#[derive(Clone, Copy)]
pub(super) struct Settled<'a> {
    pub text: &'a str,
    pub second: Option<&'a str>,
    pub label: &'a str,
    pub header: bool,
}

/// The usable rows of all files read so far.
#[derive(Default)]
pub(super) struct Rows {
    pub texts: Texts,
    /// The id of each row's label.
    pub labels: Vec<u32>,
    /// The row number of each row in its file, where the header is row 1.
    pub row_numbers: Vec<u32>,
    /// The labels in the order of their ids.
    pub names: Vec<String>,
    /// The labels' ids.
    pub ids: HashMap<String, u32>,
    /// The labels that are written in several ways.
    pub merged: Vec<MergedLabel>,
    /// The rows whose label is written in another way than it goes by.
    pub spelt: Vec<Spelt>,
    /// The ids of the labels by what all ways to write them have in common; `None` where several labels have it.
    keys: HashMap<String, Option<u32>>,
    /// The rows that were given another label on purpose, in ascending order.
    pub flipped: Vec<u32>,
    /// The values by which the rows of the first file are split, where those are not their labels.
    pub strata: Option<Strata>,
    /// Tokenises the texts meanwhile.
    pub ahead: Option<Ahead>,
    /// The problem to report for a label without an id. When it is `None`, new labels get an id.
    foreign: Option<&'static str>,
}

/// A row whose label is written in another way than it goes by.
pub(super) struct Spelt {
    pub row: u32,
    pub written: Rc<str>,
}

impl Rows {
    /// No rows yet; `ahead` will tokenise them.
    pub fn read_with(ahead: Option<Ahead>) -> Self {
        Self { ahead, ..Self::default() }
    }

    /// Lets no other labels come; they are reported as `problem`.
    fn close(&mut self, problem: &'static str) {
        self.ids = self.names.iter().enumerate().map(|(id, name)| (name.clone(), id as u32)).collect();
        for (id, name) in self.names.iter().enumerate() {
            self.keys.entry(key(name)).and_modify(|id| *id = None).or_insert(Some(id as u32));
        }
        self.foreign = Some(problem);
    }

    /// Adds the usable rows of `file`. `settled` is what an earlier file has settled. `progress` gets the bytes read so far.
    ///
    /// # Errors
    /// `data-*`, naming the file.
    pub fn load(
        &mut self,
        file: &File<'_>,
        config: &DataConfig,
        settled: Option<Settled<'_>>,
        progress: &dyn Fn(usize),
    ) -> Outcome<Loaded> {
        let content = Content::of(file, config)?;
        let header = settled.map(|settled| settled.header).or(config.reading.header);
        let mut table = content.table(config, header)?;
        let told = match settled {
            Some(Settled { text, second, label, .. }) => Names { text: Some(text), second, label: Some(label) },
            None => Names {
                text: config.reading.text_column.as_deref(),
                second: config.reading.second_text_column.as_deref(),
                label: config.reading.label_column.as_deref(),
            },
        };
        let chosen = columns::choose(table.as_mut(), told)?;
        let table = table.as_ref();
        let split_column = config.split_column.as_deref().filter(|_| settled.is_none());
        let split_column = split_column.map(|name| columns::find(table, name)).transpose()?;
        self.strata = self.strata.take().or_else(|| split_column.map(|_| Strata::default()));
        let mut loaded = Loaded::new(file, &content.reading, table, chosen);
        let names = |column: usize| table.columns()[column].as_str();
        let why = columns::why(names(chosen.text), names(chosen.label), (told.text.is_some(), told.label.is_some()));
        (loaded.summary.text_by, loaded.summary.label_by) = why;
        // The reasons of skipped rows name their file where it is not the first one.
        let of_file = settled.map_or_else(String::new, |_| format!(" ({})", file.name));
        let damaged = content.reading.is_damaged.then_some(content.reading.encoding.as_str());
        let judge = Judge::new(table, chosen, damaged, config);
        let visited = table.visit(&mut |record| {
            // A row of empty cells is as good as a blank line.
            if record.fault().is_none() && (0..record.len()).all(|i| record.get(i).trim().is_empty()) {
                return Ok(ControlFlow::Continue(()));
            }
            loaded.count(record);
            if loaded.records.is_multiple_of(REPORT_RECORDS) {
                progress(bytes_read(file.bytes.len(), record.end(), table.len()));
            }
            match judge.usable(record) {
                Ok(row) if self.is_total(&row, table.len().saturating_sub(record.end())) => {
                    let reason = Problem::new("data-skip-total").with("text", row.text);
                    loaded.skip(record, reason.with("place", &of_file));
                }
                Ok(row) => {
                    loaded.take(record, &row);
                    self.add(&row, record.row(), file)?;
                    if let (Some(strata), Some(column)) = (&mut self.strata, split_column) {
                        strata.push(&composed(bare(&record.get(column))));
                    }
                }
                Err(reason) => {
                    let place = record.place().map_or_else(|| of_file.clone(), |place| format!(" ({place})"));
                    loaded.skip(record, reason.with("place", place));
                }
            }
            Ok(ControlFlow::Continue(()))
        });
        loaded.summary.notes.extend(settled.is_none().then(|| loaded.part_column()).flatten());
        let checked = visited.and_then(|()| {
            progress(file.bytes.len());
            loaded.check()?;
            check_skipped(&loaded, config)
        });
        checked.map_err(|problem| after_skipped(problem, &loaded.summary.skipped))?;
        Ok(loaded)
    }

    /// Whether a row is the last one of a table, `left` from its end, and sums up the others: no other row has its label.
    fn is_total(&self, row: &Usable, left: usize) -> bool {
        left <= 1
            && self.names.len() > 1
            && !self.ids.contains_key(&row.label)
            && TOTALS.contains(&row.text.trim_end_matches([':', ' ']).to_lowercase().as_str())
    }

    fn add(&mut self, usable: &Usable, row: usize, file: &File<'_>) -> Outcome<()> {
        let Usable { text, second, label } = usable;
        let label = label.as_str();
        let known = self.ids.get(label).copied();
        let id = match (known.or_else(|| self.same(label)), self.foreign) {
            (Some(id), None) => id,
            (Some(id), Some(_)) => {
                if known.is_none() {
                    self.ids.insert(label.to_owned(), id);
                }
                if (known.is_none() || !self.merged.is_empty()) && self.names[id as usize] != label {
                    self.merge_row(label, id);
                }
                id
            }
            (None, Some(problem)) => {
                return Err(Problem::new(problem)
                    .with("file", &file.name)
                    .with_count("row", row)
                    .with("label", shorten(label, SHOWN_CHARS))
                    .with("labels", some_of(&self.names)));
            }
            (None, None) => {
                let id = self.names.len() as u32;
                self.names.push(label.to_owned());
                self.ids.insert(label.to_owned(), id);
                id
            }
        };
        if let Some(ahead) = &self.ahead {
            ahead.take(text, second.as_deref());
        }
        match second {
            None => self.texts.push(text),
            Some(second) => self.texts.push_pair(text, second),
        }
        self.labels.push(id);
        self.row_numbers.push(u32::try_from(row).unwrap_or(u32::MAX));
        Ok(())
    }

    /// The label that this is another way to write of, once no other labels may come.
    pub fn same(&self, label: &str) -> Option<u32> {
        self.keys.get(&key(label)).copied().flatten().filter(|_| self.foreign.is_some())
    }

    /// Counts a row whose label is written in another way than the label goes by.
    fn merge_row(&mut self, written: &str, id: u32) {
        let row = self.labels.len() as u32;
        self.spelt.push(Spelt { row, written: written.into() });
        let label = &self.names[id as usize];
        let at = self.merged.iter().position(|merged| merged.label == *label).unwrap_or_else(|| {
            self.merged.push(MergedLabel { label: label.clone(), others: Vec::new() });
            self.merged.len() - 1
        });
        let others = &mut self.merged[at].others;
        match others.iter_mut().find(|other| other.label == written) {
            Some(other) => other.count += 1,
            None => others.push(LabelCount { label: written.to_owned(), count: 1 }),
        }
    }

    /// Makes one label of those that are the same, and gives the labels their final ids, in the order of their values when
    /// all are numbers, else in the order of their texts. Later files may not bring new labels.
    pub fn order_labels(&mut self) {
        let counts = class_sizes(self.labels.iter().copied(), self.names.len());
        let written: Vec<Rc<str>> = self.names.iter().map(|name| name.as_str().into()).collect();
        let merged = merge(std::mem::take(&mut self.names), &counts);
        let names = merged.names;
        if names.len() < written.len() {
            let rows = self.labels.iter().map(|label| *label as usize).enumerate();
            let others = rows.filter(|(_, label)| *written[*label] != names[merged.places[*label]]);
            let spelt = |(row, label): (usize, usize)| Spelt { row: row as u32, written: Rc::clone(&written[label]) };
            self.spelt = others.map(spelt).collect();
        }
        let order = in_order(&names);
        let mut new_ids = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            new_ids[*old] = new as u32;
        }
        self.labels.iter_mut().for_each(|label| *label = new_ids[merged.places[*label as usize]]);
        self.names = order.iter().map(|old| names[*old].clone()).collect();
        self.merged = merged.merged;
        self.close("data-unknown-label");
    }

    /// What a row's label goes by.
    pub fn name_of(&self, row: u32) -> &str {
        &self.names[self.labels[row as usize] as usize]
    }

    /// Which rows hold the same texts.
    pub fn copies(&self) -> Copies {
        Copies::of(&self.texts)
    }

    /// A hash of the data, by which a run knows its data set again: FNV-1a (64 bit) over the sizes of the files, then over
    /// every text and label, each followed by a byte that UTF-8 never has.
    pub fn content_hash(&self, sizes: &[usize]) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut feed = |bytes: &[u8]| {
            for b in bytes.iter().chain(&[0xff]) {
                hash = (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
            }
        };
        sizes.iter().for_each(|size| feed(&size.to_le_bytes()));
        for (i, label) in self.labels.iter().enumerate() {
            feed(self.texts.get(i).as_bytes());
            self.texts.second(i).into_iter().for_each(|second| feed(second.as_bytes()));
            feed(self.names[*label as usize].as_bytes());
        }
        hash
    }

    /// Drops the rows of the first file that are not among `kept`. Afterwards `splits` has the rows' new indices.
    pub fn keep(&mut self, kept: &[u32], main_rows: usize, splits: &mut Splits) {
        let all: Vec<u32> = kept.iter().copied().chain(main_rows as u32..self.labels.len() as u32).collect();
        let mut places = vec![0; self.labels.len()];
        for (new, old) in all.iter().enumerate() {
            places[*old as usize] = new as u32;
        }
        for part in [&mut splits.train, &mut splits.validation, &mut splits.test] {
            part.iter_mut().for_each(|row| *row = places[*row as usize]);
        }
        self.flipped.retain(|row| all.binary_search(row).is_ok());
        self.flipped.iter_mut().for_each(|row| *row = places[*row as usize]);
        self.texts = self.texts.of_rows(&all);
        self.labels = all.iter().map(|i| self.labels[*i as usize]).collect();
        self.row_numbers = all.iter().map(|i| self.row_numbers[*i as usize]).collect();
    }
}

/// How many of a file's bytes have been read where `end` of the `length` bytes of its decoded text have been. Decoded text
/// can be three times as long as the file, so that the product needs more than 64 bits.
fn bytes_read(file_bytes: usize, end: usize, length: usize) -> usize {
    let share = file_bytes as u128 * end as u128 / length.max(1) as u128;
    file_bytes.min(share as usize)
}

/// Writes names in a line, of which only the first ones are written out where there are very many.
fn some_of(names: &[String]) -> String {
    const MOST: usize = 20;
    let shown = names[..names.len().min(MOST)].join(", ");
    if names.len() > MOST { format!("{shown}, …") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The product of two sizes of 4 GB and more does not fit 64 bits.
    #[test]
    fn the_progress_of_the_largest_file() {
        let four_gb = 4 << 30;
        assert_eq!(bytes_read(four_gb, 3 * four_gb, 3 * four_gb), four_gb);
        assert_eq!(bytes_read(four_gb, 3 * four_gb / 2, 3 * four_gb), four_gb / 2);
        assert_eq!(bytes_read(10, 10, 0), 10);
    }
}
