//! Measuring what is not as it should be in data: copies, texts under several labels, rows that two parts share. Texts are
//! compared by their hashes, so that the time grows with the rows and not with the pairs of them.

use std::collections::HashMap;

use super::copies::{Copies, Key};
use super::dataset::Dataset;
use super::reader::shorten;
use super::rows::Rows;
use super::split::Splits;
use crate::domain::dataset::MergedLabel;
use crate::domain::health::{Finding, Found, FoundRow, LISTED_ROWS, PartName};

/// A listed text is cut to so many characters.
const TEXT_CHARS: usize = 300;
/// A listed label is cut to so many characters.
const LABEL_CHARS: usize = 60;

/// A row as it is listed behind a finding.
pub(super) fn listed(file: PartName, row: usize, label: &str, texts: (&str, Option<&str>)) -> FoundRow {
    let row = u32::try_from(row).unwrap_or(u32::MAX);
    let (text, second) = (shorten(texts.0, TEXT_CHARS), texts.1.map(|second| shorten(second, TEXT_CHARS)));
    FoundRow { file, row, label: shorten(label, LABEL_CHARS), text, second }
}

/// All rows that were read, and what became of them.
pub(super) struct Read<'r> {
    pub rows: &'r Rows,
    pub copies: &'r Copies,
    /// How many rows come from the file that is split, and how many from it and the validation file.
    pub ends: (usize, usize),
    pub splits: &'r Splits,
    /// How many parts the first file was divided into; 0 where nothing is split.
    pub cut: usize,
}

impl Read<'_> {
    /// Returns what is found in texts and labels.
    pub fn findings(&self) -> Vec<Finding> {
        let Splits { train, validation, test } = self.splits;
        // What is torn apart within one file is said once, by the test; a part of its own file is compared with both.
        let is_own = |part: &[u32]| part.first().is_some_and(|row| *row as usize >= self.ends.0);
        let of_validation = is_own(validation);
        let of_both = of_validation || is_own(test);
        let overlaps = [
            self.overlap((PartName::Test, test), (PartName::Train, train)),
            self.overlap((PartName::Validation, validation), (PartName::Train, train)).filter(|_| of_validation),
            self.overlap((PartName::Test, test), (PartName::Validation, validation)).filter(|_| of_both),
        ];
        let of_texts = self.conflicts().into_iter().chain(self.repeated());
        let of_parts = self.few_texts().into_iter().chain(overlaps.into_iter().flatten());
        of_parts.chain(of_texts).chain(self.spellings()).collect()
    }

    /// The rows of a part whose text stands in another part as well, each followed by the first such row.
    fn overlap(&self, (part, own): (PartName, &[u32]), (with, others): (PartName, &[u32])) -> Option<Finding> {
        let mut places = vec![None; self.rows.labels.len()];
        for row in others.iter().rev() {
            places[self.copies.first(*row) as usize] = Some(*row);
        }
        let shared: Vec<(u32, u32)> =
            own.iter().filter_map(|row| Some((*row, places[self.copies.first(*row) as usize]?))).collect();
        let found = Found::Overlap { part, with, rows: shared.len(), of: own.len() };
        let rows = shared.iter().take(LISTED_ROWS / 2).flat_map(|(row, other)| [self.row(*row), self.row(*other)]);
        (!shared.is_empty()).then(|| Finding { found, rows: rows.collect() })
    }

    /// The texts that stand under more than one label, in whatever files.
    fn conflicts(&self) -> Option<Finding> {
        let labels = &self.rows.labels;
        let mut is_torn = vec![false; labels.len()];
        for (row, label) in labels.iter().enumerate() {
            let first = self.copies.first(row as u32) as usize;
            is_torn[first] |= labels[first] != *label;
        }
        let texts = is_torn.iter().filter(|torn| **torn).count();
        let rows = self.grouped(labels.len(), |first| is_torn[first]);
        let found = Found::ConflictingLabels { texts, rows: rows.len() };
        (texts > 0).then(|| Finding { found, rows: self.list(&rows) })
    }

    /// The texts that stand in several rows of the file that is split.
    fn repeated(&self) -> Option<Finding> {
        let main = self.ends.0;
        let mut sizes = vec![0_u32; main];
        for row in 0..main as u32 {
            sizes[self.copies.first(row) as usize] += 1;
        }
        let texts = sizes.iter().filter(|size| **size > 1).count();
        let rows = self.grouped(main, |first| sizes[first] > 1);
        let together = (self.cut > 0).then(|| self.are_together());
        let found = Found::Copies { texts, rows: rows.len(), together };
        (texts > 0).then(|| Finding { found, rows: self.list(&rows) })
    }

    /// Whether no text of the file that is split stands in more than one part.
    fn are_together(&self) -> bool {
        let mut part_of = vec![0_u8; self.rows.labels.len()];
        let Splits { train, validation, test } = self.splits;
        [train, validation, test].iter().zip(1..).all(|(rows, part)| {
            rows.iter().filter(|row| (**row as usize) < self.ends.0).all(|row| {
                let known = &mut part_of[self.copies.first(*row) as usize];
                *known = if *known == 0 { part } else { *known };
                *known == part
            })
        })
    }

    /// The labels of fewer texts than the file has parts, so that no part has a text of its own.
    fn few_texts(&self) -> Vec<Finding> {
        let mut texts: Vec<(u32, u32)> =
            (0..self.ends.0 as u32).map(|row| (self.rows.labels[row as usize], self.copies.first(row))).collect();
        texts.sort_unstable();
        let of_label = texts.chunk_by(|a, b| a.0 == b.0);
        let few = of_label.filter_map(|of_label| {
            let rows = of_label.len();
            let texts = of_label.chunk_by(|a, b| a.1 == b.1).count();
            (texts < self.cut && texts < rows).then_some((of_label[0].0, texts, rows))
        });
        let finding = |(label, texts, rows): (u32, usize, usize)| {
            let found = Found::FewTexts { label: self.rows.names[label as usize].clone(), texts, rows };
            let of_label = |row: &u32| self.rows.labels[*row as usize] == label;
            let rows = (0..self.ends.0 as u32).filter(of_label).take(LISTED_ROWS).map(|row| self.row(row));
            Finding { found, rows: rows.collect() }
        };
        few.map(finding).collect()
    }

    /// The labels that are written in several ways, with the rows of the rarer ones.
    fn spellings(&self) -> Vec<Finding> {
        let mut rows_of: HashMap<&str, Vec<FoundRow>> = HashMap::new();
        for spelt in &self.rows.spelt {
            let rows = rows_of.entry(self.rows.name_of(spelt.row)).or_default();
            if rows.len() < LISTED_ROWS {
                rows.push(FoundRow { label: shorten(&spelt.written, LABEL_CHARS), ..self.row(spelt.row) });
            }
        }
        let finding = |merged: &MergedLabel| {
            let rows = rows_of.remove(merged.label.as_str()).unwrap_or_default();
            Finding { found: Found::spellings(merged), rows }
        };
        self.rows.merged.iter().map(finding).collect()
    }

    /// The first `count` rows as far as the first row with their text is wanted, those with one text behind one another.
    fn grouped(&self, count: usize, is_wanted: impl Fn(usize) -> bool) -> Vec<u32> {
        let first = |row: &u32| self.copies.first(*row);
        let mut rows: Vec<u32> = (0..count as u32).filter(|row| is_wanted(first(row) as usize)).collect();
        rows.sort_by_key(first);
        rows
    }

    fn list(&self, rows: &[u32]) -> Vec<FoundRow> {
        rows.iter().take(LISTED_ROWS).map(|row| self.row(*row)).collect()
    }

    fn row(&self, row: u32) -> FoundRow {
        let i = row as usize;
        let file = match self.ends {
            (main, _) if i < main => PartName::Train,
            (_, validation) if i < validation => PartName::Validation,
            _ => PartName::Test,
        };
        let texts = &self.rows.texts;
        listed(file, self.rows.row_numbers[i] as usize, self.rows.name_of(row), (texts.get(i), texts.second(i)))
    }
}

impl Dataset {
    /// What of this data set's test rows a model has met before that was trained on another data set: their texts are among
    /// those that it was trained on, or by which its epoch was chosen.
    pub fn met_in(&self, trained: &Self) -> Vec<Finding> {
        let of = |with: PartName, rows: &[u32]| {
            let mut places: HashMap<Key<'_>, u32> = HashMap::with_capacity(rows.len());
            for row in rows.iter().rev() {
                places.insert(trained.texts.key(*row as usize), *row);
            }
            let test = &self.splits.test;
            let met: Vec<(u32, u32)> =
                test.iter().filter_map(|row| Some((*row, *places.get(&self.texts.key(*row as usize))?))).collect();
            let found = Found::Overlap { part: PartName::Test, with, rows: met.len(), of: test.len() };
            let pair =
                |(row, other): &(u32, u32)| [self.found_row(PartName::Test, *row), trained.found_row(with, *other)];
            let rows = met.iter().take(LISTED_ROWS / 2).flat_map(pair).collect();
            (!met.is_empty()).then_some(Finding { found, rows })
        };
        let Splits { train, validation, .. } = &trained.splits;
        [of(PartName::Train, train), of(PartName::Validation, validation)].into_iter().flatten().collect()
    }

    fn found_row(&self, file: PartName, row: u32) -> FoundRow {
        let i = row as usize;
        let label = &self.summary.labels[self.labels[i] as usize].label;
        listed(file, self.row_numbers[i] as usize, label, (self.texts.get(i), self.texts.second(i)))
    }
}
