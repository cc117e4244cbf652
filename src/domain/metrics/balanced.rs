//! Measures of a whole confusion matrix in which a frequent class does not hide a rare one, and the intervals of its classes.

use super::{Confusion, wilson_interval};

/// Wilson's 95 % intervals of a class's precision and recall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassIntervals {
    /// (0, 1) where no row was predicted as the class.
    pub precision: (f64, f64),
    /// (0, 1) where no row is of the class.
    pub recall: (f64, f64),
}

impl Confusion {
    /// Matthews' correlation coefficient of the true and the predicted labels, from -1 to 1, for any number of classes
    /// (Gorodkin 2004, as scikit-learn computes it). It is 0 where all rows are of one class or predicted as one, and `None`
    /// where there are no rows.
    pub fn matthews(&self) -> Option<f64> {
        let rows = i128::from(self.rows());
        let truths: Vec<i128> = (0..self.classes()).map(|class| i128::from(self.support(class))).collect();
        let predicted: Vec<i128> = self.predicted().into_iter().map(i128::from).collect();
        let products = |a: &[i128], b: &[i128]| -> i128 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let both = i128::from(self.correct()) * rows - products(&truths, &predicted);
        let spread = |sums: &[i128]| (rows * rows - products(sums, sums)) as f64;
        let scale = spread(&truths).sqrt() * spread(&predicted).sqrt();
        (rows > 0).then(|| if scale == 0.0 { 0.0 } else { both as f64 / scale })
    }

    /// The mean recall of the classes that have rows, in which every one of them counts the same; `None` without rows.
    pub fn balanced_accuracy(&self) -> Option<f64> {
        let present: Vec<usize> = (0..self.classes()).filter(|class| self.support(*class) > 0).collect();
        let recalls: f64 = present.iter().map(|class| self.row_share(*class, *class)).sum();
        (!present.is_empty()).then(|| recalls / present.len() as f64)
    }

    /// The intervals of the classes' measures, in label order.
    pub fn class_intervals(&self) -> Vec<ClassIntervals> {
        let predicted = self.predicted();
        let of_class = |class: usize| {
            let hits = self.count(class, class);
            let precision = wilson_interval(hits, predicted[class]);
            ClassIntervals { precision, recall: wilson_interval(hits, self.support(class)) }
        };
        (0..self.classes()).map(of_class).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_measured_has_no_number() {
        let mut matrix = Confusion::new(3);
        assert_eq!((matrix.matthews(), matrix.balanced_accuracy()), (None, None));
        matrix.add(1, 1);
        assert_eq!((matrix.matthews(), matrix.balanced_accuracy()), (Some(0.0), Some(1.0)), "one row");
        let intervals = matrix.class_intervals();
        assert_eq!((intervals[0].precision, intervals[2].recall), ((0.0, 1.0), (0.0, 1.0)));
        assert!(intervals[1].recall.0 > 0.2 && intervals[1].recall.1 > 0.999);
    }
}
