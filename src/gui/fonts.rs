//! Text is set in Pretendard, in two weights and with Hangul. The system's fonts supply what Pretendard lacks.

use std::sync::Arc;

use eframe::egui::{FontData, FontDefinitions, FontFamily};

use crate::words::typeface;

use super::theme::semibold_family;

/// Puts Pretendard before egui's own fonts, which supply symbols and the monospaced letters.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let regular = FontData::from_static(typeface::REGULAR);
    let semibold = FontData::from_static(typeface::SEMIBOLD);
    fonts.font_data.insert("pretendard".to_owned(), Arc::new(regular));
    fonts.font_data.insert("pretendard-semibold".to_owned(), Arc::new(semibold));
    let mut fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    fallback.insert(0, "pretendard".to_owned());
    let mut strong = fallback.clone();
    strong.insert(0, "pretendard-semibold".to_owned());
    fonts.families.insert(FontFamily::Proportional, fallback);
    fonts.families.insert(semibold_family(), strong);
    fonts.families.entry(FontFamily::Monospace).or_default().push("pretendard".to_owned());
    fonts
}
