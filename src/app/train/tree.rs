//! The tree of the model's parameters, and whose values of an opened one are shown.

use std::collections::BTreeSet;

use crate::domain::message::Question;
use crate::domain::params::{ParameterView, ValuesOf};

use super::super::loading::Loading;
use super::super::shell::Shell;
use super::TrainState;

/// How the tree of the model's parameters is shown.
#[derive(Clone, Debug, Default)]
pub struct TreeState {
    /// Text in the filter box.
    pub filter: String,
    /// Groups that are unfolded, by their path (`encoder.layer.5`).
    pub unfolded: BTreeSet<String>,
    /// Whose values of the opened parameter are asked for.
    pub values_of: ValuesOf,
    /// The parameter whose values are open.
    pub opened: Option<(String, Loading<ParameterView>)>,
}

impl TrainState {
    /// Shows whose values of parameters are meant from now on.
    pub(in crate::app) fn show_values_of(&mut self, of: ValuesOf, shell: &mut Shell) {
        self.tree.values_of = of;
        self.read_parameter(shell);
    }

    pub(super) fn read_parameter(&mut self, shell: &mut Shell) {
        let of = self.tree.values_of;
        if let Some((name, view)) = &mut self.tree.opened {
            view.wait(shell.ask(Question::Parameter { name: name.clone(), of }));
        }
    }
}
