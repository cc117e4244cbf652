//! A report on paper: A4, with the fonts in it, text that can be selected, and tags that say what is a heading or a table.

mod draw;
mod layout;
mod lines;
mod table;

use crate::domain::problem::Outcome;

use super::document::Document;
use super::fonts::subsets;

pub use lines::lines;

/// The file. Equal documents give equal files.
///
/// # Errors
/// `internal-error` where a font, a picture or the file cannot be put together.
pub fn pdf(document: &Document) -> Outcome<Vec<u8>> {
    let fonts = subsets(document)?;
    draw::drawn(document, &layout::laid_out(document), &fonts)
}

#[cfg(test)]
pub use layout::{BOTTOM as SHEET_BOTTOM, laid_out};
