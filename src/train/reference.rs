//! The reference lines of a run, which any model should beat: the majority class, and a bag of words with logistic
//! regression, fitted on the same training rows as the model.

mod features;
mod logistic;

use std::collections::HashSet;

use crate::data::dataset::{Dataset, Texts};
use crate::domain::lived_words::WeightedWord;
use crate::domain::metrics::Confusion;
use crate::domain::problem::Outcome;
use crate::domain::reference::{BagOfWords, Majority, Reference};

use features::{Named, Vocabulary};
use logistic::{Model, Rows};

/// The penalties that are tried, as scikit-learn's `C`, the strongest first. Each fit begins where the one before ended.
const PENALTIES: [f64; 6] = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0];
/// The search ends after so many penalties in a row that do not raise the validation accuracy.
const PATIENCE: usize = 2;
/// The most weights over all classes: they and the optimiser's memory of them stay below 100 MB.
const MOST_WEIGHTS: usize = 1 << 19;

/// Fits and measures the references. `is_cancelled` is asked every few milliseconds; the result is `None` once it is true.
///
/// Words are runs of letters and digits in lower case. A text is the set of its words and of the pairs of neighbouring
/// words. In scripts without spaces between words, or with endings grown onto them (Chinese, Japanese, Korean, Thai and
/// their neighbours), the pairs of neighbouring characters of each word count as well. Only what at least two training texts
/// have is a feature. The strength of the penalty is chosen on the validation rows.
///
/// This is scikit-learn's `CountVectorizer(ngram_range=(1, 2), min_df=2, binary=True)` with `LogisticRegression`.
///
/// # Errors
/// `internal-error` when the optimiser finds no step to take.
pub fn fit(dataset: &Dataset, is_cancelled: &dyn Fn() -> bool) -> Outcome<Option<Reference>> {
    let Some(Fitted { vocabulary, test, model, validation_accuracy, c }) = search(dataset, is_cancelled)? else {
        return Ok(None);
    };
    let tested = model.confusion(&test);
    let bag_of_words = BagOfWords {
        validation_accuracy,
        test_accuracy: tested.accuracy(),
        test_macro_f1: tested.macro_f1(),
        features: vocabulary.len(),
        train_rows: vocabulary.train_rows.len(),
        c,
    };
    Ok(Some(Reference { majority: majority(dataset, &dataset.label_names()), bag_of_words }))
}

/// Returns for each label the features of the bag of words that speak most for it, `most` of them at most, by their
/// names: the texts of the training rows are read once more for these. With two labels, what speaks against one speaks
/// for the other.
///
/// # Errors
/// Those of [`fit`].
pub fn lived_words(
    dataset: &Dataset,
    most: usize,
    is_cancelled: &dyn Fn() -> bool,
) -> Outcome<Option<Vec<Vec<WeightedWord>>>> {
    let Some(Fitted { vocabulary, model, .. }) = search(dataset, is_cancelled)? else { return Ok(None) };
    let classes = dataset.label_names().len();
    let of_class = |class: usize| {
        let mut weights = model.weights_of(class, classes, vocabulary.len());
        weights.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        weights.truncate(most);
        weights.retain(|(_, weight)| *weight > 0.0);
        weights
    };
    let weights: Vec<Vec<(u32, f64)>> = (0..classes).map(of_class).collect();
    let wanted: HashSet<u32> = weights.iter().flatten().map(|(feature, _)| *feature).collect();
    let Some(names) = vocabulary.names(&dataset.texts, &wanted, is_cancelled) else { return Ok(None) };
    let named = |(feature, weight): &(u32, f64)| {
        let Named { word, rows, others, is_second } = names.get(feature)?.clone();
        Some(WeightedWord { word, weight: *weight, rows, others, is_second })
    };
    Ok(Some(weights.iter().map(|of_class| of_class.iter().filter_map(named).collect()).collect()))
}

/// The bag of words with the penalty that was best on the validation rows.
struct Fitted {
    vocabulary: Vocabulary,
    test: Rows,
    model: Model,
    validation_accuracy: f64,
    c: f64,
}

fn search(dataset: &Dataset, is_cancelled: &dyn Fn() -> bool) -> Outcome<Option<Fitted>> {
    let (labels, splits, names) = (&dataset.labels, &dataset.splits, dataset.label_names());
    let classes = names.len();
    let Some(vocabulary) =
        Vocabulary::of(&dataset.texts, labels, &splits.train, MOST_WEIGHTS / classes.max(1), is_cancelled)
    else {
        return Ok(None);
    };
    let rows = |of: &[u32]| -> Option<Rows> {
        let mut rows = Rows::new(classes, vocabulary.len());
        for row in of {
            if is_cancelled() {
                return None;
            }
            rows.push(&vocabulary.features_of(&dataset.texts, *row), labels[*row as usize]);
        }
        Some(rows)
    };
    let (Some(train), Some(validation), Some(test)) =
        (rows(&vocabulary.train_rows), rows(&splits.validation), rows(&splits.test))
    else {
        return Ok(None);
    };

    let mut best: Option<(f64, f64, Model)> = None;
    let (mut from, mut waited) = (Model::zero(&train), 0);
    for c in PENALTIES {
        let Some(model) = from.fitted(&train, c, is_cancelled)? else { return Ok(None) };
        let accuracy = model.confusion(&validation).accuracy();
        if best.as_ref().is_none_or(|(best, ..)| accuracy > *best) {
            best = Some((accuracy, c, model.clone()));
            waited = 0;
        } else {
            waited += 1;
        }
        from = model;
        if waited >= PATIENCE {
            break;
        }
    }
    let fitted = |(validation_accuracy, c, model)| Fitted { vocabulary, test, model, validation_accuracy, c };
    Ok(best.map(fitted))
}

/// The penalty of [`out_of_sample`], as scikit-learn's `C`: the one that the search of [`fit`] usually ends with.
const OUT_OF_SAMPLE_C: f64 = 0.1;

/// Returns what the bag of words makes of rows that it was not fitted on: the probability of each class for each of
/// `rows`, from a model that was fitted on all rows of other folds. `labels[i]` is the label of row i of the data,
/// below `classes`; `folds` are those of `rows`, parallel to them, below `count`. `None` once `is_cancelled` is true.
///
/// # Errors
/// `internal-error` when the optimiser finds no step to take.
pub fn out_of_sample(
    (texts, labels, classes): (&Texts, &[u32], usize),
    rows: &[u32],
    (folds, count): (&[usize], usize),
    is_cancelled: &dyn Fn() -> bool,
) -> Outcome<Option<Vec<Vec<f64>>>> {
    let most = MOST_WEIGHTS / classes.max(1);
    let Some(vocabulary) = Vocabulary::of(texts, labels, rows, most, is_cancelled) else { return Ok(None) };
    let features: Vec<Vec<u32>> = rows.iter().map(|row| vocabulary.features_of(texts, *row)).collect();
    let part = |is_of: &dyn Fn(usize) -> bool| {
        let mut part = Rows::new(classes, vocabulary.len());
        let places: Vec<usize> = (0..rows.len()).filter(|i| is_of(folds[*i])).collect();
        places.iter().for_each(|i| part.push(&features[*i], labels[rows[*i] as usize]));
        (part, places)
    };
    let mut probabilities = vec![Vec::new(); rows.len()];
    for fold in 0..count {
        let (train, _) = part(&|of| of != fold);
        let (left_out, places) = part(&|of| of == fold);
        let model = Model::zero(&train).fitted(&train, OUT_OF_SAMPLE_C, is_cancelled)?;
        let Some(model) = model else { return Ok(None) };
        for (place, of_row) in places.into_iter().zip(model.probabilities(&left_out)) {
            probabilities[place] = of_row;
        }
    }
    Ok(Some(probabilities))
}

fn majority(dataset: &Dataset, names: &[String]) -> Majority {
    let of = |rows: &[u32]| {
        let mut counts = vec![0u64; names.len()];
        rows.iter().for_each(|row| counts[dataset.labels[*row as usize] as usize] += 1);
        counts
    };
    let train = of(&dataset.splits.train);
    // The first of several equally frequent classes counts.
    let label = (0..train.len()).rev().max_by_key(|label| train[*label]).unwrap_or(0);
    let accuracy = |rows: &[u32]| {
        let mut confusion = Confusion::new(names.len());
        for (truth, count) in of(rows).into_iter().enumerate() {
            confusion.add_rows(truth, label, count);
        }
        confusion.accuracy()
    };
    Majority {
        label: names.get(label).cloned().unwrap_or_default(),
        validation_accuracy: accuracy(&dataset.splits.validation),
        test_accuracy: accuracy(&dataset.splits.test),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Instant;

    use super::*;
    use crate::domain::config::{DataConfig, DataSource};

    /// scikit-learn's LogisticRegression on CountVectorizer(ngram_range=(1, 2), min_df=2, binary=True) reaches 0.775 to
    /// 0.781 on a split of its own of the same sizes.
    #[test]
    fn it_reaches_what_scikit_learn_does_and_says_the_same_each_time() {
        let dataset = Dataset::open(&DataConfig::default(), &|_, _| {}).unwrap();
        let began = Instant::now();
        let reference = fit(&dataset, &|| false).unwrap().unwrap();
        println!("{reference:?} in {:.2} s", began.elapsed().as_secs_f64());
        let words = &reference.bag_of_words;
        assert!((0.75..0.80).contains(&words.test_accuracy), "{words:?}");
        assert!((0.75..0.81).contains(&words.validation_accuracy), "{words:?}");
        assert!((words.test_accuracy - words.test_macro_f1).abs() < 0.01, "the classes are balanced");
        assert!((15_000..20_000).contains(&words.features) && words.train_rows == dataset.splits.train.len());
        assert!((reference.majority.test_accuracy - 0.504).abs() < 0.001);
        assert_eq!(fit(&dataset, &|| false).unwrap(), Some(reference));
    }

    fn table(rows: impl Iterator<Item = (String, &'static str)>) -> Dataset {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("table.csv");
        let lines: String = rows.map(|(text, label)| format!("\"{text}\",{label}\n")).collect();
        std::fs::write(&file, format!("text,label\n{lines}")).unwrap();
        Dataset::open(&DataConfig { source: DataSource::File(file), ..DataConfig::default() }, &|_, _| {}).unwrap()
    }

    #[test]
    fn korean_endings_and_three_classes_are_no_obstacle() {
        // The stem alone tells the class; each text has another ending.
        let stems = [("재미", "good"), ("지루", "bad"), ("평범", "fair")];
        let endings = ["있었다", "하네요", "한데", "했지만", "하고", "하니까", "해서", "했던", "하면", "하더라"];
        let rows = (0..300).map(|i| {
            let (stem, label) = stems[i % 3];
            let unique = char::from_u32(0xAC00 + i as u32 * 7).unwrap();
            (format!("{unique}{unique} {stem}{}{unique}", endings[i / 3 % 10]), label)
        });
        let reference = fit(&table(rows), &|| false).unwrap().unwrap();
        assert!(reference.bag_of_words.test_accuracy > 0.95, "{reference:?}");
        assert!((reference.majority.test_accuracy - 1.0 / 3.0).abs() < 0.02);
    }

    #[test]
    fn the_words_that_tell_are_named_as_the_texts_write_them() {
        let rows = (0..300).map(|i| match i % 2 {
            0 => (format!("I Don't like it {i}"), "bad"),
            _ => (format!("I like it {i}"), "good"),
        });
        let found = lived_words(&table(rows), 5, &|| false).unwrap().unwrap();
        let mut bad: Vec<&str> = found[0].iter().map(|word| word.word.as_str()).collect();
        bad.sort_unstable();
        assert_eq!(bad, ["don", "don't", "i don", "t", "t like"], "{found:?}");
        assert_eq!(found[1][0].word, "i like", "all else is in both: {found:?}");
        let word = found[0].iter().find(|word| word.word == "don't").unwrap();
        assert!(word.weight > 0.0 && word.rows > 60 && word.others == 0 && !word.is_second, "{word:?}");
    }

    #[test]
    fn several_ways_to_write_a_feature_are_counted() {
        let rows = (0..300).map(|i| match i % 6 {
            0 | 2 => (format!("so well made {i}"), "good"),
            4 => (format!("so well-made {i}"), "good"),
            _ => (format!("so dull {i}"), "bad"),
        });
        let found = lived_words(&table(rows), 9, &|| false).unwrap().unwrap();
        let word = found[1].iter().find(|word| word.word == "well made");
        assert_eq!(word.map(|word| word.others), Some(1), "{found:?}");
    }

    #[test]
    fn it_can_be_cancelled_anywhere() {
        let rows = (0..200).map(|i| (format!("number {} of {}", i % 7, i % 5), if i % 2 == 0 { "a" } else { "b" }));
        let dataset = table(rows);
        let asked = Cell::new(0);
        let count = |limit: usize| {
            asked.set(0);
            let done = fit(&dataset, &|| {
                asked.set(asked.get() + 1);
                asked.get() > limit
            });
            done.unwrap().is_some()
        };
        assert!(count(usize::MAX));
        let all = asked.get();
        for limit in (0..all).step_by((all / 40).max(1)) {
            assert!(!count(limit), "cancelled after {limit} of {all}");
        }
    }
}
