//! Choosing the columns of the texts and of the labels: as the user says, by their names, or by their contents.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::source::Table;
use crate::domain::problem::{Outcome, Problem};

/// Names that people give to columns of texts, the likelier ones first.
const TEXT_NAMES: &str = "text review sentence content document comment tweet message review_text reviewtext review_body \
    review_content comment_text tweet_text full_text clean_text body utterance question headline title \
    리뷰 내용 문장 본문 텍스트 댓글 문서 발화 후기 제목 texts reviews";
/// Names that people give to columns of labels, the likelier ones first.
const LABEL_NAMES: &str = "label sentiment class category target labels rating ratings stars star score polarity emotion \
    intent topic airline_sentiment 감성 감정 레이블 라벨 분류 평점 별점 점수 범주 카테고리";
/// A guess by content looks at so many records at most.
const GUESS_RECORDS: usize = 20_000;
/// Columns with more distinct values than this count as equally unlikely to be labels.
const MAX_DISTINCT: usize = 100;

/// The chosen columns, as indices into the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub text: usize,
    pub label: usize,
    /// Whether both columns were guessed by their contents. Then the table may have no header at all.
    pub by_content: bool,
}

/// Chooses the columns. `text` and `label` are the names that the user gives, if any.
///
/// # Errors
/// `data-unknown-column`, `data-duplicate-column`, `data-same-column`.
pub(super) fn choose(table: &dyn Table, text: Option<&str>, label: Option<&str>) -> Outcome<Chosen> {
    let given_text = text.map(|name| find(table, name)).transpose()?;
    let given_label = label.map(|name| find(table, name)).transpose()?;
    let named_text = given_text.or_else(|| by_name(table, TEXT_NAMES, given_label));
    let named_label = given_label.or_else(|| by_name(table, LABEL_NAMES, named_text));
    let chosen = match (named_text, named_label) {
        (Some(text), Some(label)) => Chosen { text, label, by_content: false },
        (text, label) => {
            let content = Content::of(table)?;
            let text = text.unwrap_or_else(|| content.longest(label));
            let label = label.unwrap_or_else(|| content.fewest_values(text));
            Chosen { text, label, by_content: named_text.is_none() && named_label.is_none() }
        }
    };
    if chosen.text == chosen.label {
        let name = &table.columns()[chosen.text];
        return Err(Problem::new("data-same-column").with("file", table.file()).with("column", name));
    }
    for index in [chosen.text, chosen.label] {
        refuse_twin(table, index)?;
    }
    Ok(chosen)
}

/// The column with this name. Upper and lower case count only where they are needed to tell two columns apart.
fn find(table: &dyn Table, name: &str) -> Outcome<usize> {
    let name = name.trim();
    let exact = table.columns().iter().position(|c| c == name);
    let loose = || {
        let mut same = table.columns().iter().enumerate().filter(|(_, c)| c.to_lowercase() == name.to_lowercase());
        same.next().filter(|_| same.next().is_none()).map(|(i, _)| i)
    };
    exact.or_else(loose).ok_or_else(|| {
        Problem::new("data-unknown-column")
            .with("file", table.file())
            .with("column", name)
            .with("columns", table.columns().join(", "))
    })
}

/// The first column with one of these names, apart from a column that is `taken`.
fn by_name(table: &dyn Table, names: &str, taken: Option<usize>) -> Option<usize> {
    let lower: Vec<String> = table.columns().iter().map(|c| c.to_lowercase().replace([' ', '-'], "_")).collect();
    names.split(' ').find_map(|name| lower.iter().enumerate().position(|(i, c)| c == name && Some(i) != taken))
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
    /// The bytes of all values of each column.
    bytes: Vec<usize>,
    /// The distinct values of each column. No more are collected once there are more than `MAX_DISTINCT`.
    values: Vec<HashSet<String>>,
}

impl Content {
    fn of(table: &dyn Table) -> Outcome<Self> {
        let columns = table.columns().len();
        let mut content = Self { bytes: vec![0; columns], values: vec![HashSet::new(); columns] };
        let mut left = GUESS_RECORDS;
        table.visit(&mut |record| {
            if record.len() == columns {
                for (i, (bytes, values)) in content.bytes.iter_mut().zip(&mut content.values).enumerate() {
                    let field = record.get(i);
                    let field = field.trim();
                    *bytes += field.len();
                    if values.len() <= MAX_DISTINCT && !field.is_empty() && !values.contains(field) {
                        values.insert(field.to_owned());
                    }
                }
            }
            left -= 1;
            Ok(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(content)
    }

    /// The column with the longest values, apart from a column that is `taken`.
    fn longest(&self, taken: Option<usize>) -> usize {
        let free = (0..self.bytes.len()).filter(|i| Some(*i) != taken);
        free.max_by_key(|i| (self.bytes[*i], std::cmp::Reverse(*i))).unwrap_or(0)
    }

    /// The column with the fewest distinct values, but at least two, because a label that all rows share tells nothing
    /// apart.
    fn fewest_values(&self, taken: usize) -> usize {
        let free = (0..self.values.len()).filter(|i| *i != taken);
        free.min_by_key(|i| (self.values[*i].len() < 2, self.values[*i].len())).unwrap_or(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::super::reader::Delimited;
    use super::*;

    fn chosen(csv: &str, text: Option<&str>, label: Option<&str>) -> Outcome<(usize, usize)> {
        let table = Delimited::open(csv, None, "f.csv")?;
        choose(&table, text, label).map(|c| (c.text, c.label))
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
