//! The tables of a font file. A font that was cut down for PDF lacks those by which other programs find its glyphs; they are
//! put back here.

use std::collections::BTreeMap;

/// The bytes that a whole font file sums up to, so that `head` has to make up for the rest.
const CHECKSUM: u32 = 0xB1B0_AFBA;

/// A font file with the tables that browsers ask for: `cmap` anew, `OS/2` as the whole font has it. `None` for what is no
/// font file.
pub fn completed(cut: &[u8], whole: &[u8], glyphs: &BTreeMap<char, u16>) -> Option<Vec<u8>> {
    let (mut tables, originals) = (tables(cut)?, tables(whole)?);
    tables.insert(*b"OS/2", originals.get(b"OS/2")?.clone());
    tables.insert(*b"cmap", cmap(glyphs));
    // Names of glyphs are of no use, and this version has none.
    let post = originals.get(b"post")?;
    tables.insert(*b"post", [&[0, 3, 0, 0], post.get(4..32)?].concat());
    tables.get_mut(b"head")?.get_mut(8..12)?.fill(0);
    let mut file = assembled(cut.get(..4)?, &tables);
    let missing = CHECKSUM.wrapping_sub(checksum(&file));
    let head = position(&file, b"head")?;
    file.get_mut(head + 8..head + 12)?.copy_from_slice(&missing.to_be_bytes());
    Some(file)
}

type Tables = BTreeMap<[u8; 4], Vec<u8>>;

fn u16_at(data: &[u8], at: usize) -> Option<usize> {
    Some(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?).into())
}

fn u32_at(data: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?)).ok()
}

fn tables(file: &[u8]) -> Option<Tables> {
    let table = |i: usize| {
        let record = 12 + 16 * i;
        let (offset, length) = (u32_at(file, record + 8)?, u32_at(file, record + 12)?);
        Some((file.get(record..record + 4)?.try_into().ok()?, file.get(offset..offset.checked_add(length)?)?.to_vec()))
    };
    (0..u16_at(file, 4)?).map(table).collect()
}

/// Where a table begins.
fn position(file: &[u8], tag: &[u8; 4]) -> Option<usize> {
    let record = (0..u16_at(file, 4)?).map(|i| 12 + 16 * i).find(|at| file.get(*at..at + 4) == Some(tag.as_slice()))?;
    u32_at(file, record + 8)
}

/// The sum of the bytes in fours, as if zeros followed.
fn checksum(data: &[u8]) -> u32 {
    let four = |chunk: &[u8]| u32::from_be_bytes(std::array::from_fn(|i| chunk.get(i).copied().unwrap_or(0)));
    data.chunks(4).fold(0, |sum: u32, chunk| sum.wrapping_add(four(chunk)))
}

fn assembled(version: &[u8], tables: &Tables) -> Vec<u8> {
    let count = tables.len() as u16;
    let (selector, mut offset) = (count.max(1).ilog2() as u16, 12 + 16 * tables.len());
    let range = 16 << selector;
    let mut file = version.to_vec();
    for number in [count, range, selector, 16 * count - range] {
        file.extend(number.to_be_bytes());
    }
    for (tag, data) in tables {
        file.extend(tag);
        for number in [checksum(data), offset as u32, data.len() as u32] {
            file.extend(number.to_be_bytes());
        }
        offset += data.len().next_multiple_of(4);
    }
    for data in tables.values() {
        file.extend(data);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    file
}

/// Which glyph each character has, in the form that holds all of Unicode (format 12).
fn cmap(glyphs: &BTreeMap<char, u16>) -> Vec<u8> {
    let mut groups: Vec<[u32; 3]> = Vec::new();
    for (c, glyph) in glyphs {
        let (code, glyph) = (u32::from(*c), u32::from(*glyph));
        match groups.last_mut() {
            Some([start, end, first]) if *end + 1 == code && *first + (code - *start) == glyph => *end = code,
            _ => groups.push([code, code, glyph]),
        }
    }
    let mut table = Vec::new();
    // One encoding record: Windows, all of Unicode.
    [0u16, 1, 3, 10].iter().for_each(|number| table.extend(number.to_be_bytes()));
    table.extend(12u32.to_be_bytes());
    [12u16, 0].iter().for_each(|number| table.extend(number.to_be_bytes()));
    let count = groups.len() as u32;
    [16 + 12 * count, 0, count].iter().for_each(|number| table.extend(number.to_be_bytes()));
    groups.iter().flatten().for_each(|number| table.extend(number.to_be_bytes()));
    table
}
