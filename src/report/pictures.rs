//! The pictures of a run, drawn from its numbers.

mod class;
mod curves;
mod layers;
mod matrix;
mod race;

pub use class::{answers, guesses};
pub use curves::{curves, overlaid};
pub use layers::{drift, tree};
pub use matrix::matrix;
pub use race::{race_costs, race_ladder};
