//! The words for what rounding a model's weights to 16 bits came to.

use super::{Catalogue, Fill, Number};
use crate::domain::half::{HalfMeasured, Rounded};

/// Says what changed, or why that could not be measured.
pub fn rounded(words: &Catalogue, rounded: &Rounded) -> String {
    let half = rounded.half.name();
    match &rounded.measured {
        Ok(HalfMeasured { rows, accuracy_before, accuracy, loss_before, loss, largest_difference, changed }) => {
            let args: [(&str, &dyn Fill); 8] = [
                ("half", &half),
                ("rows", rows),
                ("accuracy_before", &Number::Ratio(*accuracy_before)),
                ("accuracy", &Number::Ratio(*accuracy)),
                ("loss_before", &Number::Decimal(*loss_before, 6)),
                ("loss", &Number::Decimal(*loss, 6)),
                ("difference", &Number::Figure(*largest_difference)),
                ("changed", changed),
            ];
            words.say_with("rounded-measured", &args)
        }
        Err(problem) => {
            let problem = words.sentence(problem);
            words.say_with("rounded-unmeasured", &[("half", &half), ("problem", &problem)])
        }
    }
}
