//! How the labels of a file stand for the classes that a model knows.

mod written;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{composed, is_same, nearest};
use super::problem::{Outcome, Problem};

pub use written::{in_a_list, listed, parse_map, quoted};

use written::option;

/// What the user states: this label of the file stands for that class of the model.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LabelPair {
    pub label: String,
    pub class: String,
}

/// Why a label of the file is taken for a class of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// Both have the same name.
    Name,
    /// The user said so.
    Stated,
    /// A guess: the names differ only in case, in spaces, or in how a number is written.
    Form,
    /// A guess: the label is the class's number, counted from 0.
    Number,
}

impl MatchedBy {
    pub fn is_guess(self) -> bool {
        matches!(self, Self::Form | Self::Number)
    }
}

/// A label of the file with the class that it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchedLabel {
    pub label: String,
    pub class: String,
    pub by: MatchedBy,
}

/// Whether there is something to be shown of a match, which is the case unless all names are the same.
pub fn says_something(matched: &[MatchedLabel]) -> bool {
    matched.iter().any(|pair| pair.by != MatchedBy::Name)
}

/// The class of each label, by its place in `classes`. What is guessed never depends on which labels happen to occur: a
/// guess that other labels would make another one is no guess, but a problem. In this order:
///
/// 1. as `map` states; where it says anything of labels, nothing is guessed from numbers;
/// 2. a class of the same name;
/// 3. the one class whose name differs only in case, in spaces, or in how a number is written;
/// 4. numbers from 0 on, where the classes have no numbers for names. Classes with the generic names `LABEL_0`, `LABEL_1`, ...
///    take them where 0 is among them and none is too large; classes with names only where the labels are all of 0 to n-1.
///    Labels `LABEL_0`, `LABEL_1`, ... are numbers that certainly begin at 0.
///
/// Several labels may stand for one class.
///
/// # Errors
/// `label-map-unknown-class`, `label-map-twice`; `labels-not-of-model`, with the labels that have no class.
pub fn match_labels(labels: &[String], classes: &[String], map: &[LabelPair]) -> Outcome<Vec<(usize, MatchedBy)>> {
    let found = find(labels, classes, map)?;
    let open = without_class(labels, &found);
    if open.is_empty() {
        return Ok(found.into_iter().flatten().collect());
    }
    Err(Problem::new("labels-not-of-model")
        .with_count("count", open.len())
        .with("open", listed(open.iter().copied()))
        .with("labels", listed(labels.iter().map(String::as_str)))
        .with("classes", listed(classes.iter().map(String::as_str)))
        .with("option", option(&open, classes)))
}

/// The places of the labels for which [`match_labels`] finds no class.
///
/// # Errors
/// `label-map-unknown-class`, `label-map-twice`.
pub fn unmatched(labels: &[String], classes: &[String], map: &[LabelPair]) -> Outcome<Vec<usize>> {
    let found = find(labels, classes, map)?;
    Ok((0..labels.len()).filter(|i| found[*i].is_none()).collect())
}

/// What to say of each pair of `map` whose label is none of `labels`: `label-map-misspelt` where one of them is probably meant,
/// else `label-map-unused`.
pub fn unused_pairs(map: &[LabelPair], labels: &[String]) -> Vec<Problem> {
    let by_form = ByForm::of(labels.iter().map(String::as_str));
    let is_there = |label: &str| labels.iter().any(|own| is_same(own, label)) || by_form.find(label).is_some();
    let told = |pair: &LabelPair| {
        let similar = nearest(&pair.label, labels.iter().map(String::as_str));
        let problem = Problem::new(if similar.is_some() { "label-map-misspelt" } else { "label-map-unused" });
        let problem = problem.with("label", &pair.label).with("labels", listed(labels.iter().map(String::as_str)));
        match similar {
            Some(similar) => problem.with("similar", similar),
            None => problem,
        }
    };
    map.iter().filter(|pair| !is_there(&pair.label)).map(told).collect()
}

/// The class of each label that has one.
fn find(labels: &[String], classes: &[String], map: &[LabelPair]) -> Outcome<Vec<Option<(usize, MatchedBy)>>> {
    let stated = resolve(map, classes)?;
    let by_form = ByForm::of(classes.iter().map(String::as_str));
    let own = |label: &String| {
        let of_map = stated.find(label).map(|class| (class, MatchedBy::Stated));
        let by_name = || classes.iter().position(|class| is_same(class, label)).map(|class| (class, MatchedBy::Name));
        let by_form = || by_form.find(label).map(|class| (class, MatchedBy::Form));
        of_map.or_else(by_name).or_else(by_form)
    };
    let mut found: Vec<Option<(usize, MatchedBy)>> = labels.iter().map(own).collect();
    if map.is_empty() && numbers_are_ids(&without_class(labels, &found), labels.len(), classes) {
        for (label, found) in labels.iter().zip(&mut found) {
            *found = found.or_else(|| Some((number(label)?, MatchedBy::Number)));
        }
    }
    Ok(found)
}

fn without_class<'a>(labels: &'a [String], found: &[Option<(usize, MatchedBy)>]) -> Vec<&'a str> {
    labels.iter().zip(found).filter(|(_, found)| found.is_none()).map(|(label, _)| label.as_str()).collect()
}

/// The match in words that a folder, an event or a face can keep.
pub fn named(labels: &[String], classes: &[String], found: &[(usize, MatchedBy)]) -> Vec<MatchedLabel> {
    let pair = |(label, (class, by)): (&String, &(usize, MatchedBy))| MatchedLabel {
        label: label.clone(),
        class: classes[*class].clone(),
        by: *by,
    };
    labels.iter().zip(found).map(pair).collect()
}

/// Whether the labels that have no class by name may be taken as the numbers of classes.
fn numbers_are_ids(open: &[&str], labels: usize, classes: &[String]) -> bool {
    let Some(numbers) = open.iter().map(|label| number(label)).collect::<Option<Vec<usize>>>() else { return false };
    if numbers.iter().any(|number| *number >= classes.len()) {
        return false;
    }
    if open.iter().all(|label| generic_number(label).is_some()) {
        return open.len() == labels || are_generic(classes);
    }
    // A number that is a name is no place.
    if has_numbers(classes) || open.iter().any(|o| generic_number(o).is_some()) {
        return false;
    }
    if are_generic(classes) {
        return numbers.contains(&0);
    }
    // A class LABEL_1 in another place than 1 would contradict the number.
    let contradicts = classes.iter().any(|class| generic_number(class).is_some());
    !contradicts && open.len() == labels && (0..classes.len()).all(|class| numbers.contains(&class))
}

/// Whether these are the names that transformers gives to classes without names.
pub fn are_generic(classes: &[String]) -> bool {
    classes.iter().enumerate().all(|(i, class)| *class == format!("LABEL_{i}"))
}

/// Whether a number is the name of any class.
fn has_numbers(classes: &[String]) -> bool {
    classes.iter().any(|class| value(class).is_some())
}

/// The value of a name that is a number; `nan` and `inf` are words.
fn value(name: &str) -> Option<f64> {
    name.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// The number that a label is, as `1`, `1.0` or `LABEL_1`.
fn number(label: &str) -> Option<usize> {
    let plain = || {
        let value = value(label)?;
        (value.fract() == 0.0 && (0.0..1e9).contains(&value)).then_some(value as usize)
    };
    generic_number(label).or_else(plain)
}

/// The number of a label of the form `LABEL_1`.
fn generic_number(label: &str) -> Option<usize> {
    let digits = form(label).strip_prefix("label ").map(str::to_owned)?;
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// A name without what people write now one way and now another: case, spaces, and how a number is written.
fn form(name: &str) -> String {
    if let Some(value) = value(name) {
        // A zero has no sign.
        return (value + 0.0).to_string();
    }
    let name = composed(name);
    let words = name.split(|c: char| c.is_whitespace() || matches!(c, '_' | '-')).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Names by their form, where that is the form of one name only.
struct ByForm(BTreeMap<String, Option<usize>>);

impl ByForm {
    fn of<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let mut places = BTreeMap::new();
        for (i, name) in names.enumerate() {
            places.entry(form(name)).and_modify(|place| *place = None).or_insert(Some(i));
        }
        Self(places)
    }

    fn find(&self, name: &str) -> Option<usize> {
        let form = form(name);
        self.0.get(&form).copied().flatten().filter(|_| !form.is_empty())
    }
}

/// What is stated of labels, with the places of the classes.
struct Stated<'a> {
    map: &'a [LabelPair],
    by_form: ByForm,
    classes: Vec<usize>,
}

impl Stated<'_> {
    fn find(&self, label: &str) -> Option<usize> {
        let exact = self.map.iter().position(|pair| is_same(&pair.label, label));
        exact.or_else(|| self.by_form.find(label)).map(|i| self.classes[i])
    }
}

/// # Errors
/// `label-map-unknown-class`, `label-map-twice`.
fn resolve<'a>(map: &'a [LabelPair], classes: &[String]) -> Outcome<Stated<'a>> {
    let by_form = ByForm::of(classes.iter().map(String::as_str));
    let has_numbers = has_numbers(classes);
    let place = |pair: &LabelPair| {
        let exact = classes.iter().position(|class| is_same(class, &pair.class));
        let by_number = || number(&pair.class).filter(|n| *n < classes.len() && !has_numbers);
        exact.or_else(|| by_form.find(&pair.class)).or_else(by_number).ok_or_else(|| {
            Problem::new("label-map-unknown-class")
                .with("label", &pair.label)
                .with("class", &pair.class)
                .with("classes", listed(classes.iter().map(String::as_str)))
        })
    };
    let places = map.iter().map(place).collect::<Outcome<Vec<usize>>>()?;
    for (i, pair) in map.iter().enumerate() {
        if let Some(earlier) = map[..i].iter().position(|earlier| is_same(&earlier.label, &pair.label))
            && places[earlier] != places[i]
        {
            return Err(Problem::new("label-map-twice")
                .with("label", &pair.label)
                .with("class", &map[earlier].class)
                .with("other", &pair.class));
        }
    }
    Ok(Stated { map, by_form: ByForm::of(map.iter().map(|pair| pair.label.as_str())), classes: places })
}

#[cfg(test)]
mod tests {
    use unicode_normalization_alignments::UnicodeNormalization as _;

    use super::written::quoted;
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn matched(labels: &[&str], classes: &[&str], map: &str) -> Result<String, String> {
        let map = if map.is_empty() { Vec::new() } else { parse_map(map).unwrap() };
        let (labels, classes) = (texts(labels), texts(classes));
        match match_labels(&labels, &classes, &map) {
            Ok(found) => {
                let pair = |pair: MatchedLabel| format!("{}={} {:?}", pair.label, pair.class, pair.by);
                Ok(named(&labels, &classes, &found).into_iter().map(pair).collect::<Vec<_>>().join(", "))
            }
            Err(problem) => Err(problem.id.into_owned()),
        }
    }

    const GENERIC: [&str; 5] = ["LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3", "LABEL_4"];
    const NAMED: [&str; 2] = ["NEGATIVE", "POSITIVE"];
    const REFUSED: &str = "labels-not-of-model";

    #[test]
    fn a_guess_does_not_depend_on_the_labels_that_occur() {
        let refused = |labels: &[&str], classes: &[&str]| {
            assert_eq!(matched(labels, classes, ""), Err(REFUSED.into()), "{labels:?} {classes:?}");
        };
        refused(&["1", "2", "3", "4", "5"], &GENERIC);
        refused(&["1", "2", "3", "4"], &GENERIC);
        refused(&["3"], &GENERIC);
        refused(&["bad", "fine", "good", "great", "poor"], &GENERIC);
        refused(&["0", "1", "two"], &GENERIC);
        refused(&["-1", "0", "1"], &GENERIC);
        refused(&["0", "0.5"], &GENERIC);
        refused(&["1", "2"], &NAMED);
        refused(&["0"], &NAMED);
        refused(&["0", "1"], &["negative", "neutral", "positive"]);
        refused(&["NEGATIVE", "1"], &NAMED);
        refused(&["0", "1", "2"], &["1", "2", "3"]);
        refused(&["NEGATIVE", "neutral"], &NAMED);
        refused(&["0", "1"], &["LABEL_1", "LABEL_0"]);
    }

    #[test]
    fn what_can_be_known_is_guessed_and_says_how() {
        let is = |labels: &[&str], classes: &[&str], found: &str| {
            assert_eq!(matched(labels, classes, "").as_deref(), Ok(found), "{labels:?} {classes:?}");
        };
        is(&["3", "0"], &GENERIC, "3=LABEL_3 Number, 0=LABEL_0 Number");
        is(&["LABEL_4", "label_1"], &GENERIC, "LABEL_4=LABEL_4 Name, label_1=LABEL_1 Form");
        is(&["0.0", "1.0"], &NAMED, "0.0=NEGATIVE Number, 1.0=POSITIVE Number");
        is(&["LABEL_1"], &NAMED, "LABEL_1=POSITIVE Number");
        is(&["positive"], &NAMED, "positive=POSITIVE Form");
        is(
            &["very positive", "NEUTRAL"],
            &["Neutral", "Very_Positive"],
            "very positive=Very_Positive Form, NEUTRAL=Neutral Form",
        );
        is(&["1.0", "2"], &["1", "2"], "1.0=1 Form, 2=2 Name");
        is(&["1", "0"], &["부정", "긍정"], "1=긍정 Number, 0=부정 Number");
        // Case tells two classes apart, so that only the same name counts.
        assert_eq!(matched(&["Us", "us"], &["US", "us"], ""), Err(REFUSED.into()));
    }

    #[test]
    fn a_stated_map_wins_and_must_be_whole() {
        let found = matched(&["0", "1"], &NAMED, "0=POSITIVE, 1=negative");
        assert_eq!(found.as_deref(), Ok("0=POSITIVE Stated, 1=NEGATIVE Stated"));
        let found = matched(&["1", "2", "4", "5.0"], &NAMED, "1=NEGATIVE,2=0,4=LABEL_1,5=POSITIVE");
        assert_eq!(
            found.as_deref(),
            Ok("1=NEGATIVE Stated, 2=NEGATIVE Stated, 4=POSITIVE Stated, 5.0=POSITIVE Stated")
        );
        assert_eq!(matched(&["0", "1"], &NAMED, "0=NEGATIVE"), Err(REFUSED.into()));
        assert_eq!(matched(&["0", "1"], &NAMED, "0=good,1=bad"), Err("label-map-unknown-class".into()));
        assert_eq!(matched(&["0", "1"], &NAMED, "0=NEGATIVE,0=POSITIVE"), Err("label-map-twice".into()));
        assert_eq!(matched(&["NEGATIVE"], &NAMED, "NEGATIVE=POSITIVE").as_deref(), Ok("NEGATIVE=POSITIVE Stated"));
        assert_eq!(matched(&["부정"], &NAMED, "부정=NEGATIVE,긍정=POSITIVE").as_deref(), Ok("부정=NEGATIVE Stated"));
    }

    #[test]
    fn a_syllable_in_parts_is_the_same_name() {
        let parts = |name: &str| name.nfd().map(|(c, _)| c).collect::<String>();
        let (bad, good) = (parts("부정"), parts("긍정"));
        assert_ne!(good, "긍정");
        assert_eq!(matched(&["부정", "긍정"], &[&good, &bad], ""), Ok(format!("부정={bad} Name, 긍정={good} Name")));
        let found = matched(&["부정", "긍정"], &NAMED, &format!("{bad}=NEGATIVE,{good}=POSITIVE"));
        assert_eq!(found.as_deref(), Ok("부정=NEGATIVE Stated, 긍정=POSITIVE Stated"));
    }

    #[test]
    fn a_pair_of_no_label_is_told() {
        let told = |map: &str, labels: &[&str]| {
            let told = unused_pairs(&parse_map(map).unwrap(), &texts(labels)).into_iter();
            told.map(|p| (p.id.to_string(), p.arg("label").unwrap(), p.arg("similar").unwrap_or_default()))
                .collect::<Vec<_>>()
        };
        assert_eq!(told("1.0=a,NEGATIVE=b", &["1", "negative"]), []);
        let (misspelt, unused) = ("label-map-misspelt".to_owned(), "label-map-unused".to_owned());
        assert_eq!(told("negatve=b", &["1", "negative"]), [(misspelt, "negatve".into(), "negative".into())]);
        assert_eq!(told("1=a,2=b", &["1", "3"]), [(unused, "2".into(), String::new())]);
    }

    #[test]
    fn maps_are_read_with_their_quotes() {
        let read = |text: &str| {
            parse_map(text).map(|map| map.into_iter().map(|pair| (pair.label, pair.class)).collect::<Vec<_>>())
        };
        let pair = |label: &str, class: &str| (label.to_owned(), class.to_owned());
        assert_eq!(read("0=NEGATIVE,1=POSITIVE"), Some(vec![pair("0", "NEGATIVE"), pair("1", "POSITIVE")]));
        assert_eq!(
            read(" very good = top , \"a, b\"=\"x=\"\"1\"\"\""),
            Some(vec![pair("very good", "top"), pair("a, b", "x=\"1\"")])
        );
        for text in ["", "0", "0=", "=1", "0=a,", "a=b=c", "\"a=b", "\"a\"b=c", "0=a;1=b=c"] {
            assert_eq!(read(text), None, "{text}");
        }
        for name in ["a, b", "x=\"1\"", " spaced ", "plain name", "부정"] {
            assert_eq!(read(&format!("{}={}", quoted(name), quoted(name))), Some(vec![pair(name, name)]));
        }
    }

    #[test]
    fn the_option_can_be_pasted() {
        assert_eq!(option(&["1", "2"], &texts(&["LABEL_0", "LABEL_1"])), "--label-map 1=LABEL_0,2=LABEL_1");
        assert_eq!(option(&["so so", "2"], &texts(&["x"])), "--label-map 'so so=…,2=…'");
    }
}
