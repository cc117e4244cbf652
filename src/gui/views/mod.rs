//! The right side of the window has one view in each file.

mod answered;
pub mod coach;
pub mod compare;
mod examine;
pub mod explore;
mod layers;
pub mod live;
mod live_charts;
mod other_tests;
mod proof;
pub mod results;
pub mod run_list;
mod sentences;
mod sorter;
pub mod status;
pub mod try_it;
pub mod verdict;
pub mod why;

#[cfg(test)]
mod plot_tests;
#[cfg(test)]
mod tests;

use super::scene::Scene;
