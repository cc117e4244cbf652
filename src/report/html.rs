//! A report as one page of the web, with all that it shows in it, so that it opens without a network.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::problem::{Outcome, Problem};

use super::colours;
use super::document::{Align, Block, Document};
use super::fonts::{self, FontName, Subset, subsets};

const STYLE: &str = include_str!("../../assets/report/report.css");

#[derive(Template)]
#[template(path = "report/report.html")]
struct Page<'a> {
    document: &'a Document,
    style: &'a str,
}

/// The page. It is well-formed XML as well, and equal documents give equal pages.
///
/// # Errors
/// `internal-error` where a font or the page cannot be put together.
pub fn html(document: &Document) -> Outcome<String> {
    let faces: String = subsets(document)?.iter().map(face).collect();
    let style = [&faces, &colours::themes(), &colours::picture_style(), STYLE].map(|part| part.trim()).join("\n");
    Page { document, style: &style }.render().map_err(Problem::internal)
}

/// A font within the style sheet.
fn face(font: &Subset) -> String {
    let (family, weight) = match font.name {
        FontName::Regular => (fonts::FAMILY, 400),
        FontName::Bold => (fonts::FAMILY, 600),
        FontName::Mono => (fonts::MONO_FAMILY, 400),
    };
    let data = STANDARD.encode(font.data.as_slice());
    format!(
        "@font-face{{font-family:\"{family}\";font-weight:{weight};font-style:normal;\
         src:url(data:font/ttf;base64,{data}) format(\"truetype\")}}\n"
    )
}
