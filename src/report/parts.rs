//! What several kinds of reports say in the same way.

use crate::domain::message::TestEvaluated;
use crate::domain::metrics::{ClassReport, wilson_interval};
use crate::words::numbers::{count, ratio};
use crate::words::{Catalogue, Fill, Number, shared};

use super::document::{Align, Block, Table};

/// An interval of shares.
pub fn range(words: &Catalogue, (low, high): (f64, f64)) -> String {
    words.say_with("report-range", &[("low", &Number::Ratio(low)), ("high", &Number::Ratio(high))])
}

/// The interval of the test accuracy.
pub fn interval(test: &TestEvaluated) -> (f64, f64) {
    wilson_interval(test.confusion.correct(), test.confusion.rows())
}

pub fn heading(words: &Catalogue, level: u8, id: &'static str) -> Block {
    Block::Heading(level, words.say(id))
}

pub fn left(words: &Catalogue, id: &'static str) -> (Align, String) {
    (Align::Left, words.say(id))
}

pub fn right(words: &Catalogue, id: &'static str) -> (Align, String) {
    (Align::Right, words.say(id))
}

/// The labels, of which only the first ones are written out where there are very many.
pub fn labels(words: &Catalogue, labels: &[String]) -> String {
    const MOST: usize = 12;
    let shown = labels.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match labels.len().saturating_sub(MOST) {
        0 => shown,
        more => words.say_with("report-more-labels", &[("shown", &shown), ("more", &more)]),
    }
}

/// The sentence that says how well the model did on the test rows.
pub fn result(words: &Catalogue, test: &TestEvaluated) -> String {
    let (low, high) = interval(test);
    let args: [(&str, &dyn Fill); 6] = [
        ("rows", &test.confusion.rows()),
        ("accuracy", &Number::Ratio(test.accuracy)),
        ("low", &Number::Ratio(low)),
        ("high", &Number::Ratio(high)),
        ("label", &shared::most_frequent(test)),
        ("majority", &Number::Ratio(test.confusion.majority_accuracy())),
    ];
    words.say_with("report-done-result", &args)
}

/// The measures of each label. Those of very many labels would fill sheets, so that the worst are shown.
pub fn per_class(words: &Catalogue, test: &TestEvaluated) -> Table {
    const MOST: usize = 40;
    let mut table = Table::new([
        left(words, "report-label"),
        right(words, "report-precision"),
        right(words, "report-recall"),
        right(words, "report-recall-interval"),
        right(words, "report-class-f1"),
        right(words, "report-support"),
    ]);
    let places: Vec<usize> = match test.per_class.len() {
        few if few <= MOST => (0..few).collect(),
        _ => crate::domain::metrics::worst_first(&test.per_class).into_iter().take(MOST).collect(),
    };
    table.rows = places
        .into_iter()
        .map(|place| {
            let ClassReport { label, precision, recall, f1, support } = &test.per_class[place];
            let interval = wilson_interval(test.confusion.count(place, place), *support);
            let interval = if *support == 0 { String::new() } else { range(words, interval) };
            vec![label.clone(), ratio(*precision), ratio(*recall), interval, ratio(*f1), count(*support as usize)]
        })
        .collect();
    table
}
