//! The fonts of reports: which font has a character, how wide it is, and fonts that are cut down to what a report shows.

mod sfnt;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use epaint_default_fonts::HACK_REGULAR;
use subsetter::GlyphRemapper;
use ttf_parser::gsub::{SingleSubstitution, SubstitutionSubtable};
use ttf_parser::{Face, GlyphId, Tag};

use crate::domain::problem::{Outcome, Problem};
use crate::words::typeface;

use super::document::{Document, Weight};

/// What style sheets call the letters.
pub const FAMILY: &str = "Pretendard";
/// What they call the letters of code.
pub const MONO_FAMILY: &str = "Hack";

/// One of the fonts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FontName {
    Regular,
    Bold,
    Mono,
}

struct Font {
    data: &'static [u8],
    face: Face<'static>,
    /// The figures that are all of one width.
    tabular: BTreeMap<char, GlyphId>,
}

static FONTS: LazyLock<[Font; 3]> = LazyLock::new(|| {
    [typeface::REGULAR, typeface::SEMIBOLD, HACK_REGULAR].map(|data| {
        let face = Face::parse(data, 0).expect("a bundled font parses");
        Font { data, tabular: tabular_figures(&face), face }
    })
});

/// The glyphs of figures that are all of one width (the feature `tnum`), so that numbers stand in columns.
fn tabular_figures(face: &Face<'_>) -> BTreeMap<char, GlyphId> {
    let mut figures = BTreeMap::new();
    let Some(gsub) = face.tables().gsub else { return figures };
    let Some(feature) = gsub.features.find(Tag::from_bytes(b"tnum")) else { return figures };
    let lookups = feature.lookup_indices.into_iter().filter_map(|index| gsub.lookups.get(index));
    let subtables = lookups.flat_map(|lookup| lookup.subtables.into_iter::<SubstitutionSubtable<'_>>());
    for subtable in subtables {
        let SubstitutionSubtable::Single(single) = subtable else { continue };
        for figure in "0123456789".chars() {
            let Some(glyph) = face.glyph_index(figure) else { continue };
            let Some(at) = single.coverage().get(glyph) else { continue };
            let other = match single {
                SingleSubstitution::Format1 { delta, .. } => Some(GlyphId(glyph.0.wrapping_add_signed(delta))),
                SingleSubstitution::Format2 { substitutes, .. } => substitutes.get(at),
            };
            figures.extend(other.map(|other| (figure, other)));
        }
    }
    figures
}

impl Font {
    fn of(name: FontName) -> &'static Self {
        &FONTS[name as usize]
    }

    fn glyph(&self, c: char) -> Option<GlyphId> {
        self.tabular.get(&c).copied().or_else(|| self.face.glyph_index(c)).filter(|glyph| glyph.0 > 0)
    }

    /// The width of a glyph in units of the font's size.
    fn advance(&self, glyph: GlyphId) -> f64 {
        f64::from(self.face.glyph_hor_advance(glyph).unwrap_or_default()) / f64::from(self.face.units_per_em())
    }
}

/// The font that shows the character, which is the weight's own unless it lacks the character.
pub fn font_of(c: char, weight: Weight) -> FontName {
    let own = match weight {
        Weight::Regular => FontName::Regular,
        Weight::Bold => FontName::Bold,
        Weight::Mono => FontName::Mono,
    };
    let tried = [own, FontName::Regular, FontName::Mono];
    tried.into_iter().find(|name| Font::of(*name).glyph(c).is_some()).unwrap_or(own)
}

/// Whether the character takes no room, as the marks do that only say how others are shown.
pub fn is_silent(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

/// The width of a character in units of the font's size. What no font has is shown as an empty box.
pub fn advance(c: char, weight: Weight) -> f64 {
    if is_silent(c) {
        return 0.0;
    }
    let font = Font::of(font_of(c, weight));
    font.advance(font.glyph(c).unwrap_or(GlyphId(0)))
}

/// The width of a text that is set in one line.
pub fn width(text: &str, weight: Weight, size: f64) -> f64 {
    text.chars().map(|c| advance(c, weight)).sum::<f64>() * size
}

/// The text, or so much of its beginning that it fits with a mark behind it.
pub fn fitted(text: &str, weight: Weight, size: f64, room: f64) -> String {
    if width(text, weight, size) <= room {
        return text.to_owned();
    }
    let mut left = room - width("…", weight, size);
    let fits = |c: &char| {
        left -= advance(*c, weight) * size;
        left >= 0.0
    };
    let mut short: String = text.chars().take_while(fits).collect();
    short.truncate(short.trim_end().len());
    short + "…"
}

/// A font that holds only the characters of one report.
#[derive(Clone, Debug)]
pub struct Subset {
    pub name: FontName,
    /// A whole font file, which programs of every kind can open.
    pub data: Arc<Vec<u8>>,
    glyphs: BTreeMap<char, u16>,
}

impl Subset {
    /// The character's glyph; that of an empty box where there is none.
    pub fn glyph(&self, c: char) -> u16 {
        self.glyphs.get(&c).copied().unwrap_or(0)
    }
}

/// The fonts of a report, each cut down to what it shows in the report. A font that shows nothing has none.
///
/// # Errors
/// `internal-error` for a font that cannot be cut down.
pub fn subsets(document: &Document) -> Outcome<Vec<Subset>> {
    let mut shown: BTreeMap<FontName, BTreeSet<char>> = BTreeMap::new();
    let mut show = |weight: Weight, text: &str| {
        for c in text.chars().filter(|c| !c.is_control() && !is_silent(*c)) {
            shown.entry(font_of(c, weight)).or_default().insert(c);
        }
    };
    let mut document = document.clone();
    document.for_each_text(&mut |weight, text| show(weight, text));
    document.pictures().flat_map(|picture| &picture.texts).for_each(|(weight, text)| show(*weight, text));
    // Every font has figures, spaces and marks, because some stand in what is written around the texts.
    [Weight::Regular, Weight::Bold].into_iter().for_each(|weight| show(weight, " 0123456789.,:/…•–·"));
    shown.into_iter().map(|(name, characters)| subset(name, &characters)).collect()
}

fn subset(name: FontName, characters: &BTreeSet<char>) -> Outcome<Subset> {
    let font = Font::of(name);
    let mut remapper = GlyphRemapper::new();
    let glyphs: BTreeMap<char, u16> =
        characters.iter().filter_map(|c| Some((*c, remapper.remap(font.glyph(*c)?.0)))).collect();
    let cut = subsetter::subset(font.data, 0, &remapper).map_err(Problem::internal)?;
    let data = sfnt::completed(&cut, font.data, &glyphs).ok_or_else(|| Problem::internal("a font without tables"))?;
    Ok(Subset { name, data: Arc::new(data), glyphs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_one_width_and_nothing_is_wider_than_its_room() {
        let widths: BTreeSet<String> =
            "0123456789".chars().map(|c| format!("{:.6}", advance(c, Weight::Regular))).collect();
        assert_eq!(widths.len(), 1, "{widths:?}");
        assert!(advance('1', Weight::Regular) > 0.3);
        for text in ["positive", "아주 긴 레이블의 이름", "🎬🎬🎬🎬🎬🎬", "שלום עולם", ""]
        {
            for room in [10.0, 30.0, 60.0, 400.0] {
                let fitted = fitted(text, Weight::Bold, 12.0, room);
                assert!(width(&fitted, Weight::Bold, 12.0) <= room || fitted == "…", "{fitted} in {room}");
            }
        }
    }

    #[test]
    fn a_font_that_is_cut_down_is_still_a_font() {
        let characters: BTreeSet<char> = "Fine-tuning 미세 조정 1,923 é".chars().collect();
        for name in [FontName::Regular, FontName::Bold, FontName::Mono] {
            let font = Font::of(name);
            let known: BTreeSet<char> = characters.iter().copied().filter(|c| font.glyph(*c).is_some()).collect();
            let cut = subset(name, &known).unwrap();
            let face = Face::parse(&cut.data, 0).unwrap();
            for c in known {
                let glyph = face.glyph_index(c).unwrap();
                assert_eq!(glyph.0, cut.glyph(c), "{c}");
                let whole = font.glyph(c).unwrap();
                assert_eq!(face.glyph_hor_advance(glyph), font.face.glyph_hor_advance(whole), "{c}");
                assert_eq!(face.glyph_bounding_box(glyph), font.face.glyph_bounding_box(whole), "{c}");
            }
            assert!(face.glyph_index('Ж').is_none() && cut.data.len() < 30_000, "{}", cut.data.len());
            let sum = cut.data.chunks(4).fold(0u32, |sum, four| {
                sum.wrapping_add(u32::from_be_bytes(std::array::from_fn(|i| four.get(i).copied().unwrap_or(0))))
            });
            assert_eq!(sum, 0xB1B0_AFBA, "the checksum of the whole file");
        }
    }
}
