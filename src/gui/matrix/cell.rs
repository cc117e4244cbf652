//! A cell of a matrix has a colour, and figures where there is room.

use eframe::egui::{Color32, FontFamily, FontId, Rect, Ui, pos2};

use super::super::theme::{self, Palette};
use super::ROOMY;

/// The share of the rows that were predicted so; 0 where there are none.
pub fn of_column(count: u64, rows: u64) -> f64 {
    if rows == 0 { 0.0 } else { count as f64 / rows as f64 }
}

/// Draws a figure and, where there is room, another one below it.
pub fn paint_cell(ui: &Ui, rect: Rect, figure: String, below: Option<String>, fill: Color32) {
    ui.painter().rect_filled(rect.shrink(1.0), 3.0, fill);
    let ink = ink_on(fill);
    let number = |text: String, y: f32, size: f32, family: FontFamily| {
        let lay_out = |size: f32| ui.painter().layout_no_wrap(text.clone(), FontId::new(size, family.clone()), ink);
        let (natural, room) = (lay_out(size), rect.width() - 4.0);
        // A large count does not reach into the cells beside it.
        let galley = if natural.size().x > room { lay_out(size * room / natural.size().x) } else { natural };
        let at = pos2(rect.center().x - galley.size().x / 2.0, y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, ink);
    };
    let roomy = rect.width() >= ROOMY.x && rect.height() >= ROOMY.y;
    let size = if rect.height() >= 56.0 { 18.0 } else { 14.0 };
    match below.filter(|_| roomy) {
        Some(below) => {
            let apart = if rect.height() >= 56.0 { 10.0 } else { 7.5 };
            number(figure, rect.center().y - apart + 1.0, size, theme::semibold_family());
            number(below, rect.center().y + apart, 11.0, FontFamily::Proportional);
        }
        None => number(figure, rect.center().y, if roomy { size } else { 12.0 }, theme::semibold_family()),
    }
}

pub fn cell_fill(count: u64, share: f64, is_right: bool, p: &Palette) -> Color32 {
    let full = if is_right { p.right_cell } else { p.wrong_cell };
    // Small shares are spread out, because among many classes almost all are small.
    theme::mix(p.card, full, if count == 0 { 0.04 } else { 0.14 + 0.83 * share.max(0.0).sqrt() as f32 })
}

/// An increase is blue and a decrease orange; no change has the colour of the card. The sign says the same without
/// colour.
pub fn change_fill(change: f64, p: &Palette) -> Color32 {
    let full = if change > 0.0 { p.right_cell } else { p.wrong_cell };
    // Differences are small compared with shares, so a quarter already gets the full strength.
    let strength = (change.abs() as f32 * 4.0).min(1.0);
    theme::mix(p.card, full, if change == 0.0 { 0.04 } else { 0.12 + 0.85 * strength })
}

/// Returns black or white ink, whichever is easier to read on `fill`.
fn ink_on(fill: Color32) -> Color32 {
    let channel = |c: u8| (f32::from(c) / 255.0).powf(2.2);
    let luminance = 0.2126 * channel(fill.r()) + 0.7152 * channel(fill.g()) + 0.0722 * channel(fill.b());
    if luminance > 0.2 { Color32::from_rgb(0x14, 0x1B, 0x22) } else { Color32::WHITE }
}

/// Writes a difference of shares in percentage points: `+3.2`, `−12.0`, `0`.
pub fn points(change: f64) -> String {
    let points = change * 100.0;
    match points {
        p if p.abs() < 0.05 => "0".to_owned(),
        p if p > 0.0 => format!("+{p:.1}"),
        p => format!("−{:.1}", -p),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::theme::seen::{COLOUR_BLIND, apart};

    #[test]
    fn the_shares_of_twenty_five_classes_are_told_apart() {
        for p in [&Palette::LIGHT, &Palette::DARK] {
            for is_right in [true, false] {
                let shares = [0.0, 0.01, 0.04, 0.1, 0.25, 0.5, 1.0];
                let fills = shares.map(|share| cell_fill((share * 1000.0) as u64, share, is_right, p));
                for pair in fills.windows(2) {
                    assert!(apart(pair[0], pair[1], None) > 0.025, "{fills:?}");
                }
            }
            for share in [0.01, 0.04, 0.1, 0.5] {
                let [right, wrong] = [true, false].map(|is_right| cell_fill(1, share, is_right, p));
                for sight in std::iter::once(None).chain(COLOUR_BLIND.map(Some)) {
                    assert!(apart(right, wrong, sight) > 0.035, "a share of {share}");
                }
            }
        }
    }
}
