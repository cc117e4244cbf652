//! How the classes of a test are shown: in which order, which of them, and which cell of the matrix is marked.

use crate::domain::message::TestEvaluated;
use crate::domain::metrics::worst_first;

/// Of so many classes all can be seen at a glance, so that they need no order and no search.
pub const FEW_CLASSES: usize = 10;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassesState {
    /// Only classes whose name holds this text are listed; the matrix shows those that they are confused with as well.
    pub search: String,
    /// Whether the classes of the lowest F1 come first. Otherwise they stand as in the data.
    pub worst_first: bool,
    /// Whether the list shows the most frequent mistakes instead of the classes.
    pub lists_pairs: bool,
    /// The marked cell of the matrix, by its true and its predicted class.
    pub marked: Option<(usize, usize)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassesAction {
    Search(String),
    WorstFirst(bool),
    ListPairs(bool),
    /// Marks a cell of the matrix and shows the matrix so large that the cell can be read.
    OpenCell {
        truth: usize,
        predicted: usize,
    },
}

impl ClassesState {
    /// Another test is shown, whose classes are others.
    pub(super) fn forget(&mut self) {
        (self.search, self.marked) = (String::new(), None);
    }

    pub(super) fn update(&mut self, action: ClassesAction) {
        match action {
            ClassesAction::Search(search) => self.search = search,
            ClassesAction::WorstFirst(is_first) => self.worst_first = is_first,
            ClassesAction::ListPairs(lists_pairs) => self.lists_pairs = lists_pairs,
            ClassesAction::OpenCell { truth, predicted } => self.marked = Some((truth, predicted)),
        }
    }

    /// The classes that are listed, in their order.
    pub fn listed(&self, test: &TestEvaluated) -> Vec<usize> {
        if test.labels.len() <= FEW_CLASSES {
            return (0..test.labels.len()).collect();
        }
        let order = if self.worst_first { worst_first(&test.per_class) } else { (0..test.per_class.len()).collect() };
        order.into_iter().filter(|class| self.is_found(&test.labels[*class])).collect()
    }

    /// The classes of the matrix, in their order: those that are listed and, where only some are, those that they are
    /// confused with.
    pub fn of_matrix(&self, test: &TestEvaluated) -> Vec<usize> {
        let listed = self.listed(test);
        if listed.len() == test.labels.len() { listed } else { test.confusion.with_confused(&listed) }
    }

    /// Whether a class is one of those that are searched for.
    pub fn is_found(&self, label: &str) -> bool {
        let search = self.search.trim();
        search.is_empty() || label.to_lowercase().contains(&search.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::metrics::Confusion;

    use super::*;

    #[test]
    fn classes_are_found_with_those_that_they_are_confused_with() {
        let labels: Vec<String> = (0..12).map(|i| format!("Topic {i}")).collect();
        let mut confusion = Confusion::new(12);
        (0..12).for_each(|class| confusion.add_rows(class, class, 5));
        confusion.add_rows(3, 7, 2);
        confusion.add_rows(11, 0, 9);
        let test = TestEvaluated {
            accuracy: confusion.accuracy(),
            macro_f1: confusion.macro_f1(),
            loss: 1.0,
            per_class: confusion.per_class(&labels),
            confusion,
            labels,
            frozen: None,
        };
        let mut state = ClassesState::default();
        assert_eq!(state.of_matrix(&test), (0..12).collect::<Vec<_>>());
        state.update(ClassesAction::Search(" topic 1".into()));
        assert_eq!((state.listed(&test), state.of_matrix(&test)), (vec![1, 10, 11], vec![1, 10, 11, 0]));
        state.update(ClassesAction::Search(String::new()));
        state.update(ClassesAction::WorstFirst(true));
        assert_eq!(state.listed(&test)[..4], [11, 0, 3, 7]);
        state.update(ClassesAction::OpenCell { truth: 3, predicted: 7 });
        assert_eq!(state.marked, Some((3, 7)));
        state.forget();
        assert!(state.marked.is_none() && state.worst_first);
    }
}
