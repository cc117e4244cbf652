//! Choosing the columns of the texts and of the labels: as the user says, by their names, or by their contents.

pub(super) mod pairs;

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::source::{Record, Table};
use crate::domain::config::ReadingConfig;
use crate::domain::dataset::ColumnChoice;
use crate::domain::names::{composed, is_same};
use crate::domain::problem::{Outcome, Problem};

/// Names that people give to columns of texts, the likelier ones first.
const TEXT_NAMES: &str = "text review sentence content document comment tweet message review_text reviewtext review_body \
    review_content comment_text tweet_text full_text clean_text body utterance question headline title \
    리뷰 내용 문장 본문 텍스트 댓글 문서 발화 후기 제목 texts reviews premise sentence1 question1 text_a text1 전제 문장1 \
    질문1";
/// Names that people give to columns of labels, the likelier ones first.
const LABEL_NAMES: &str = "label sentiment class category target labels rating ratings stars star score polarity emotion \
    intent topic airline_sentiment 감성 감정 레이블 라벨 분류 평점 별점 점수 범주 카테고리";
/// The names among [`TEXT_NAMES`] that a short text has as often. Another column with clearly longer texts goes before them.
const SHORT_TEXT_NAMES: &str = "question headline title 제목";
/// Texts are clearly longer from this ratio on.
const CLEARLY_LONGER: f64 = 1.5;
/// A guess by content looks at so many records at most.
const GUESS_RECORDS: usize = 20_000;
/// A choice by names is checked by so many records.
const CHECK_RECORDS: usize = 1_000;
/// Columns with more distinct values than this count as equally unlikely to be labels.
const MAX_DISTINCT: usize = 100;
/// A message names so many columns.
const TOLD_COLUMNS: usize = 12;

/// The chosen columns, as indices into the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub text: usize,
    /// The second texts, where each row has two.
    pub second: Option<usize>,
    pub label: usize,
    /// Whether both columns were guessed by their contents. Then the table may have no header at all.
    pub by_content: bool,
}

/// The names that the user gives to columns, if any. Without a name for second texts each row has one text.
#[derive(Clone, Copy, Default)]
pub(super) struct Names<'a> {
    pub text: Option<&'a str>,
    pub second: Option<&'a str>,
    pub label: Option<&'a str>,
}

/// Chooses the columns. A table whose first row is certainly one like the others loses its header, unless the user has said
/// that it has one.
///
/// # Errors
/// `data-unknown-column`, `data-duplicate-column`, `data-same-column`, `data-same-second`, `data-several-labels`.
pub(super) fn choose(table: &mut dyn Table, names: Names<'_>) -> Outcome<Chosen> {
    let given_second = names.second.map(|name| find(table, name)).transpose()?;
    let given_text = match names.text {
        Some(name) => Some(find(table, name)?),
        // The named column is one of two that look like a pair, so that the other one has the first texts.
        None => given_second.and_then(|second| pairs::partner(table.columns(), second)),
    };
    let given_label = names.label.map(|name| find(table, name)).transpose()?;
    let chosen = match (given_text, given_label) {
        (Some(text), Some(label)) => Chosen { text, second: given_second, label, by_content: false },
        (text, label) => guess(table, text, given_second, label)?,
    };
    if chosen.text == chosen.label {
        let name = &table.columns()[chosen.text];
        return Err(Problem::new("data-same-column").with("file", table.file()).with("column", name));
    }
    refuse_same_second(table, chosen.second, chosen.text, Some(chosen.label))?;
    for index in [Some(chosen.text), chosen.second, Some(chosen.label)].into_iter().flatten() {
        refuse_twin(table, index)?;
    }
    Ok(chosen)
}

/// Refuses second texts from the column of the first ones or of the labels.
fn refuse_same_second(table: &dyn Table, second: Option<usize>, text: usize, label: Option<usize>) -> Outcome<()> {
    let Some(second) = second.filter(|second| *second == text || Some(*second) == label) else { return Ok(()) };
    let with_label = if second == text { 0_u64 } else { 1 };
    let problem = Problem::new("data-same-second").with("file", table.file()).with("column", &table.columns()[second]);
    Err(problem.with_count("labels", with_label).with("columns", table.columns().join(", ")))
}

/// Guesses the columns that are not given: by their names, and by their contents where names say nothing, or say it of a
/// column that holds nothing.
fn guess(
    table: &mut dyn Table,
    given_text: Option<usize>,
    second: Option<usize>,
    given_label: Option<usize>,
) -> Outcome<Chosen> {
    let is_free = |i: usize| Some(i) != second;
    let named_text = given_text.or_else(|| by_name(table, TEXT_NAMES, given_label, &is_free));
    let named_label = given_label.or_else(|| by_name(table, LABEL_NAMES, named_text, &is_free));
    let is_named = named_text.is_some() && named_label.is_some();
    if let (Some(text), Some(label), 2) = (named_text, named_label, table.columns().len()) {
        // Two columns leave no choice.
        return Ok(Chosen { text, second, label, by_content: false });
    }
    let mut content = Content::of(table, if is_named { CHECK_RECORDS } else { GUESS_RECORDS })?;
    let by_content = named_text.is_none() && named_label.is_none();
    // Who names a column has seen that there are names.
    let may_be_headless = by_content && second.is_none() && table.header() == (true, true);
    if may_be_headless && content.is_headless(table.columns()) {
        table.drop_header()?;
        // The first row may have another number of cells than the others.
        content = Content::of(table, GUESS_RECORDS)?;
    }
    let text = given_text.unwrap_or_else(|| text_column(table, &content, named_text, &[named_label, second]));
    let label = given_label.map_or_else(|| label_column(table, &content, [Some(text), second], named_label), Ok)?;
    Ok(Chosen { text, second, label, by_content })
}

/// The column that texts are guessed in: the one with the likeliest name, unless another has clearly longer texts and the
/// name is one of short texts; or else the one with the longest texts.
fn text_column(table: &dyn Table, content: &Content, named: Option<usize>, taken: &[Option<usize>]) -> usize {
    let longest = content.longest(taken);
    let is_fit = |i: usize| !taken.contains(&Some(i)) && content.varies(table, i);
    let Some(named) = by_name(table, TEXT_NAMES, None, &is_fit) else {
        // A column of the right name tells best what is wrong with it.
        return named.filter(|_| content.values[longest].len() < 2).unwrap_or(longest);
    };
    let is_short_name = SHORT_TEXT_NAMES.split(' ').any(|name| name == plain(&table.columns()[named]));
    let is_longer = content.bytes[longest] as f64 >= CLEARLY_LONGER * content.bytes[named] as f64;
    if is_short_name && is_longer { longest } else { named }
}

/// The column that labels are guessed in: the one with the likeliest name, or else the one with the fewest values.
///
/// # Errors
/// `data-several-labels` when no name tells which of several columns it is.
fn label_column(
    table: &dyn Table,
    content: &Content,
    texts: [Option<usize>; 2],
    named: Option<usize>,
) -> Outcome<usize> {
    let is_fit = |i: usize| !texts.contains(&Some(i)) && content.varies(table, i);
    if let Some(found) = by_name(table, LABEL_NAMES, None, &is_fit) {
        return Ok(found);
    }
    let whole;
    let mut content = content;
    // Rows that are sorted by label may show only one of them at the beginning of a file.
    if !content.is_whole && content.label_like(&texts).is_empty() {
        whole = Content::of(table, usize::MAX)?;
        content = &whole;
    }
    let likely = content.label_like(&texts);
    let fewest = likely.iter().map(|i| content.values[*i].len()).min().unwrap_or(0);
    let alike: Vec<usize> = likely.iter().copied().filter(|i| content.values[*i].len() <= 2 * fewest).collect();
    if alike.len() > 1 {
        let mut names: Vec<&str> = alike.iter().take(TOLD_COLUMNS).map(|i| table.columns()[*i].as_str()).collect();
        names.extend((alike.len() > TOLD_COLUMNS).then_some("…"));
        return Err(Problem::new("data-several-labels")
            .with("file", table.file())
            .with_count("count", alike.len())
            .with("columns", names.join(", ")));
    }
    // A column of the right name tells best what is wrong with it.
    let named = named.filter(|i| likely.is_empty() && !texts.contains(&Some(*i)));
    Ok(named.unwrap_or_else(|| content.fewest_values(&texts)))
}

/// The columns of the texts alone, and of the second ones where there is a name for them: the one with the given name, else by
/// the usual names, else by contents. It is another than that of the labels where there is a name for that.
///
/// # Errors
/// `data-unknown-column`, `data-duplicate-column`, `data-same-second`.
pub(super) fn choose_texts(table: &dyn Table, told: &ReadingConfig) -> Outcome<(usize, Option<usize>)> {
    let column = |name: &Option<String>| name.as_deref().map(|name| find(table, name)).transpose();
    let (given, second) = (column(&told.text_column)?, column(&told.second_text_column)?);
    let label = column(&told.label_column)?;
    let partner = || second.and_then(|second| pairs::partner(table.columns(), second));
    let chosen = match given.or_else(partner) {
        Some(text) => text,
        None => {
            let content = Content::of(table, GUESS_RECORDS)?;
            text_column(table, &content, None, &[label, second])
        }
    };
    refuse_same_second(table, second, chosen, None)?;
    for index in std::iter::once(chosen).chain(second) {
        refuse_twin(table, index)?;
    }
    Ok((chosen, second))
}

/// The column with this name. Upper and lower case count only where they are needed to tell two columns apart.
///
/// # Errors
/// `data-unknown-column`.
pub(super) fn find(table: &dyn Table, name: &str) -> Outcome<usize> {
    let name = name.trim();
    let exact = table.columns().iter().position(|c| is_same(c, name));
    let loose = || {
        let lower = |name: &str| composed(name).to_lowercase();
        let mut same = table.columns().iter().enumerate().filter(|(_, c)| lower(c) == lower(name));
        same.next().filter(|_| same.next().is_none()).map(|(i, _)| i)
    };
    exact.or_else(loose).ok_or_else(|| {
        Problem::new("data-unknown-column")
            .with("file", table.file())
            .with("column", name)
            .with("columns", table.columns().join(", "))
    })
}

/// A column's name as it is compared with usual names.
fn plain(name: &str) -> String {
    composed(name).to_lowercase().replace([' ', '-'], "_")
}

/// Whether people give this name to columns of texts or of labels.
pub(super) fn is_usual_name(name: &str) -> bool {
    let name = plain(name.trim());
    TEXT_NAMES.split(' ').chain(LABEL_NAMES.split(' ')).any(|known| known == name)
}

/// Whether people give this name to columns of texts.
pub(super) fn is_usual_text_name(name: &str) -> bool {
    let name = plain(name.trim());
    TEXT_NAMES.split(' ').any(|known| known == name)
}

/// Why the columns of texts and labels with these names were taken. `are_given` tells of which the name was given.
pub(super) fn why(text: &str, label: &str, are_given: (bool, bool)) -> (ColumnChoice, ColumnChoice) {
    let why = |name: &str, is_given: bool, usual: &str| match (is_given, usual.split(' ').any(|n| n == plain(name))) {
        (true, _) => ColumnChoice::Given,
        (false, true) => ColumnChoice::Name,
        (false, false) => ColumnChoice::Content,
    };
    (why(text, are_given.0, TEXT_NAMES), why(label, are_given.1, LABEL_NAMES))
}

/// The first column with one of these names that is `fit`, apart from a column that is `taken`.
fn by_name(table: &dyn Table, names: &str, taken: Option<usize>, fit: &dyn Fn(usize) -> bool) -> Option<usize> {
    let lower: Vec<String> = table.columns().iter().map(|c| plain(c)).collect();
    names
        .split(' ')
        .find_map(|name| lower.iter().enumerate().position(|(i, c)| c == name && Some(i) != taken && fit(i)))
}

/// Refuses a column whose name another column has, too. Such names do no harm in columns that are not needed.
fn refuse_twin(table: &dyn Table, index: usize) -> Outcome<()> {
    let name = &table.columns()[index];
    let places: Vec<String> =
        table.columns().iter().enumerate().filter(|(_, c)| *c == name).map(|(i, _)| (i + 1).to_string()).collect();
    if places.len() == 1 {
        return Ok(());
    }
    Err(Problem::new("data-duplicate-column")
        .with("file", table.file())
        .with("column", name)
        .with("places", places.join(", ")))
}

/// What the columns hold in the first records.
struct Content {
    records: usize,
    /// Whether these are all records of the table.
    is_whole: bool,
    /// The bytes of all values of each column.
    bytes: Vec<usize>,
    /// The records in which each column has several words.
    wordy: Vec<usize>,
    /// The records in which each column is not empty.
    filled: Vec<usize>,
    /// The distinct values of each column. No more are collected once there are more than `MAX_DISTINCT`.
    values: Vec<HashSet<String>>,
}

impl Content {
    fn of(table: &dyn Table, most: usize) -> Outcome<Self> {
        let columns = table.columns().len();
        let mut content = Self {
            records: 0,
            is_whole: true,
            bytes: vec![0; columns],
            wordy: vec![0; columns],
            filled: vec![0; columns],
            values: vec![HashSet::new(); columns],
        };
        let mut left = most;
        table.visit(&mut |record| {
            if left == 0 {
                content.is_whole = false;
                return Ok(ControlFlow::Break(()));
            }
            left -= 1;
            if record.fault().is_none() && !record.exceeds(columns) {
                content.count(record);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(content)
    }

    fn count(&mut self, record: &dyn Record) {
        self.records += 1;
        // What a short record lacks is empty. In a table of many columns a look at each of them would take longer than all else.
        for i in 0..self.bytes.len().min(record.len()) {
            // Lists and objects are neither texts nor labels.
            if record.is_nested(i) {
                continue;
            }
            let field = record.get(i);
            let field = field.trim();
            self.bytes[i] += field.len();
            self.filled[i] += usize::from(!field.is_empty());
            self.wordy[i] += usize::from(field.contains(char::is_whitespace));
            let values = &mut self.values[i];
            if values.len() <= MAX_DISTINCT && !field.is_empty() && !values.contains(field) {
                values.insert(field.to_owned());
            }
        }
    }

    /// Whether a column has more than one value, be it behind the records that were looked at.
    fn varies(&self, table: &dyn Table, column: usize) -> bool {
        let mut first = self.values[column].iter().next().cloned();
        let mut varies = self.values[column].len() > 1;
        if !varies && !self.is_whole {
            let visited = table.visit(&mut |record| {
                let field = record.get(column);
                let field = field.trim();
                varies = !field.is_empty() && first.get_or_insert_with(|| field.to_owned()) != field;
                Ok(if varies { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            });
            // What is wrong with the table is told by whoever reads it.
            varies |= visited.is_err();
        }
        varies
    }

    /// The column with the longest values, apart from columns that are `taken`. Columns with words go before others, such
    /// as addresses, and columns with several values before empty and constant ones.
    fn longest(&self, taken: &[Option<usize>]) -> usize {
        let free = (0..self.bytes.len()).filter(|i| !taken.contains(&Some(*i)));
        let rank = |i: usize| {
            let has_words = self.wordy[i] * 2 > self.filled[i];
            (self.values[i].len() > 1, has_words, self.bytes[i], std::cmp::Reverse(i))
        };
        free.max_by_key(|i| rank(*i)).unwrap_or(0)
    }

    /// The column with the fewest distinct values, but at least two, because a label that all rows share tells nothing
    /// apart.
    fn fewest_values(&self, taken: &[Option<usize>]) -> usize {
        let free = (0..self.values.len()).filter(|i| !taken.contains(&Some(*i)));
        let fewest = free.min_by_key(|i| (self.values[*i].len() < 2, self.values[*i].len()));
        fewest.or(taken.iter().flatten().next().copied()).unwrap_or(0)
    }

    /// The columns that look like labels, because each of their few values stands in two rows or more on average.
    fn label_like(&self, texts: &[Option<usize>]) -> Vec<usize> {
        let is_like = |i: &usize| {
            let distinct = self.values[*i].len();
            (2..=MAX_DISTINCT).contains(&distinct) && distinct * 2 <= self.filled[*i]
        };
        (0..self.values.len()).filter(|i| !texts.contains(&Some(*i))).filter(is_like).collect()
    }

    /// Whether the first row, whose cells are `header`, is certainly one like the others: it has a sentence where the others
    /// have their texts, and one of the labels where the others have theirs.
    fn is_headless(&self, header: &[String]) -> bool {
        let text = self.longest(&[]);
        let label = self.fewest_values(&[Some(text)]);
        let words = header[text].split_whitespace().count();
        let is_sentence = words >= 4 || (words >= 2 && header[text].chars().count() >= 20);
        is_sentence && self.label_like(&[Some(text)]).contains(&label) && self.values[label].contains(&header[label])
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::{Delimited, Told};
    use super::*;

    fn chosen(csv: &str, text: Option<&str>, label: Option<&str>) -> Outcome<(usize, usize)> {
        let mut table = Delimited::open(csv, Told::default(), "f.csv")?;
        choose(&mut table, Names { text, second: None, label }).map(|c| (c.text, c.label))
    }

    #[test]
    fn by_usual_names_in_any_order() {
        assert_eq!(chosen("id,Review,Sentiment\n1,a,b", None, None), Ok((1, 2)));
        assert_eq!(chosen("LABEL;id;TEXT\n1;a;b", None, None), Ok((2, 0)));
        assert_eq!(chosen("감성,번호,내용\n긍정,1,좋다", None, None), Ok((2, 0)));
        assert_eq!(chosen("id\tdocument\tlabel\n1\t좋다\t1", None, None), Ok((1, 2)));
    }

    #[test]
    fn by_content_when_the_names_say_nothing() {
        let csv = "a,b,c\n1,a long text here,pos\n2,another text,neg\n3,and one more of them,pos\n4,four,neg\n";
        assert_eq!(chosen(csv, None, None), Ok((1, 2)));
        assert_eq!(chosen("x,y\npos,words and words\nneg,more words\n", None, None), Ok((1, 0)));
        assert_eq!(chosen("x,text\npos,a\nneg,b\n", None, None), Ok((1, 0)));
    }

    #[test]
    fn a_first_row_that_is_wider_than_the_others_counts_as_they_do() {
        let narrow = (0..30).map(|i| format!("this is the long sentence number {i},{}\n", i % 2));
        let wide =
            (0..20).map(|i| format!("this is the wide sentence number {i},{},{},{}\n", i % 2, i / 2 % 2, i / 4 % 2));
        let rows: String = narrow.chain(wide).collect();
        assert_eq!(chosen(&format!("this is the first sentence,0,1,1\n{rows}"), None, None), Ok((0, 1)));
    }

    #[test]
    fn told_names_win_and_must_exist() {
        let csv = "text,label,other,note\na,b,c,d\n";
        assert_eq!(chosen(csv, Some("note"), Some("other")), Ok((3, 2)));
        assert_eq!(chosen(csv, Some("NOTE"), None), Ok((3, 1)));
        let problem = chosen(csv, Some("nope"), None).unwrap_err();
        assert_eq!(
            (problem.id.as_ref(), problem.args[2].1.to_string().as_str()),
            ("data-unknown-column", "text, label, other, note")
        );
        assert_eq!(chosen(csv, Some("text"), Some("text")).unwrap_err().id, "data-same-column");
    }

    #[test]
    fn twins_are_refused_only_when_needed() {
        assert_eq!(chosen("text,label,x,x\na,b,c,d\n", None, None), Ok((0, 1)));
        let problem = chosen("text,label,text\na,b,c\n", None, None).unwrap_err();
        assert_eq!((problem.id.as_ref(), problem.args[2].1.to_string().as_str()), ("data-duplicate-column", "1, 3"));
    }
}
