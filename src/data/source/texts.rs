//! The texts of class folders as a table of text, label and file.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::Reading;
use super::file::{File, Piece};
use super::grid::{Cell, Grid};
use crate::data::decode::{GUESS_BYTES, decode, guess, has_control_bytes, is_damaged_utf8};
use crate::domain::problem::{Outcome, Problem};

/// Reads the texts. A file is UTF-8 where it can be; the encoding of the others is guessed from all of them together, because
/// one alone says little. A file that is no text or has broken characters is left out and named.
///
/// # Errors
/// `data-unknown-encoding`, `data-folder-no-texts`, `data-too-large`.
pub fn read(file: &File<'_>, pieces: &[Piece], label: Option<&str>) -> Outcome<(Grid, Reading)> {
    let of = |piece: &Piece| &file.bytes[piece.range.clone()];
    let mut others = Vec::new();
    for piece in pieces.iter().filter(|_| label.is_none()) {
        let bytes = of(piece);
        let room = GUESS_BYTES.saturating_sub(others.len());
        if std::str::from_utf8(bytes).is_err() && Encoding::for_bom(bytes).is_none() && !is_damaged_utf8(bytes) {
            others.extend_from_slice(&bytes[..bytes.len().min(room)]);
            others.extend_from_slice(b"\n");
        }
    }
    let guessed = if others.is_empty() { UTF_8 } else { guess(&others) };
    let named = match label.map(str::trim).filter(|label| !label.is_empty()) {
        Some(label) => Some(decode(b"", Some(label), &file.name)?.encoding),
        None => None,
    };

    let mut grid = Grid::new(&file.name);
    let (text, class, path) = (grid.column("text")?, grid.column("label")?, grid.column("file")?);
    grid.place_by(path);
    let mut unusable = 0;
    for (index, piece) in pieces.iter().enumerate() {
        match decoded(of(piece), named, guessed) {
            Ok(found) => {
                let cell = |column, text| Cell { column, text, is_nested: false };
                let cells = vec![
                    cell(text, found),
                    cell(class, piece.class.as_str().into()),
                    cell(path, piece.path.as_str().into()),
                ];
                grid.push(index + 1, cells)?;
            }
            Err(fault) => {
                unusable += 1;
                grid.push_fault(index + 1, fault, Some(&piece.path));
            }
        }
    }
    if unusable == pieces.len() {
        return Err(Problem::new("data-folder-no-texts").with("file", &file.name).with_count("count", unusable));
    }
    let encoding = named.unwrap_or(guessed).name().to_owned();
    Ok((grid, Reading { encoding, encoding_guessed: named.is_none(), ..Reading::default() }))
}

fn decoded<'b>(bytes: &'b [u8], named: Option<&'static Encoding>, guessed: &'static Encoding) -> Outcome<Cow<'b, str>> {
    if has_control_bytes(bytes) && Encoding::for_bom(bytes).is_none() && named.is_none() {
        return Err(Problem::new("data-skip-not-text"));
    }
    let of_utf8 = || (std::str::from_utf8(bytes).is_ok() || is_damaged_utf8(bytes)).then_some(UTF_8);
    let marked = || Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding = named.or_else(marked).or_else(of_utf8).unwrap_or(guessed);
    let (text, is_damaged) = encoding.decode_with_bom_removal(bytes);
    if is_damaged { Err(Problem::new("data-skip-undecodable").with("encoding", encoding.name())) } else { Ok(text) }
}
