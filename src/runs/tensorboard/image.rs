//! A confusion matrix as a picture: each cell in a shade of the share of its row, with its count where there is room.

use crate::domain::metrics::Confusion;

/// A cell is so many pixels wide, unless there are so many classes that the picture would be wider than it may.
const CELL: usize = 48;
const MOST_PIXELS: usize = 1024;
/// Between two cells there is a line of so many pixels.
const GAP: usize = 1;
/// The colours of a share of 0 and of 1, and of the lines between cells.
const NONE: [f64; 3] = [250.0, 250.0, 252.0];
const ALL: [f64; 3] = [28.0, 84.0, 168.0];
const LINE: [u8; 3] = [214, 217, 224];
/// On cells above this share counts are light.
const DARK: f64 = 0.5;
/// The digits are drawn with pixels of this size.
const DOT: usize = 2;
const DIGIT_WIDTH: usize = 3;
const DIGIT_HEIGHT: usize = 5;
/// The digits from 0 to 9: five rows from top to bottom, of three bits each.
const DIGITS: [[u8; DIGIT_HEIGHT]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// A picture of three bytes a pixel.
struct Picture {
    size: usize,
    pixels: Vec<u8>,
}

impl Picture {
    fn fill(&mut self, (left, top): (usize, usize), (width, height): (usize, usize), colour: [u8; 3]) {
        for y in top..(top + height).min(self.size) {
            for x in left..(left + width).min(self.size) {
                let at = 3 * (y * self.size + x);
                self.pixels[at..at + 3].copy_from_slice(&colour);
            }
        }
    }

    /// Draws a number around a point, if it is no wider than this.
    fn number(&mut self, number: u64, (x, y): (usize, usize), most_width: usize, colour: [u8; 3]) {
        let digits = number.to_string();
        let width = digits.len() * (DIGIT_WIDTH + 1) * DOT - DOT;
        if width > most_width {
            return;
        }
        let (left, top) = (x - width / 2, y - DIGIT_HEIGHT * DOT / 2);
        for (place, digit) in digits.bytes().enumerate() {
            for (row, bits) in DIGITS[usize::from(digit - b'0')].iter().enumerate() {
                for column in (0..DIGIT_WIDTH).filter(|column| bits >> (DIGIT_WIDTH - 1 - column) & 1 == 1) {
                    let x = left + (place * (DIGIT_WIDTH + 1) + column) * DOT;
                    self.fill((x, top + row * DOT), (DOT, DOT), colour);
                }
            }
        }
    }
}

/// The width of the picture in pixels, and its PNG file: true labels from top to bottom, predicted ones from left to right.
/// `None` for a matrix without classes, or of more classes than the picture has pixels.
pub fn matrix(confusion: &Confusion) -> Option<(u32, Vec<u8>)> {
    let classes = confusion.classes();
    let cell = CELL.min(MOST_PIXELS.checked_div(classes)?);
    if cell == 0 {
        return None;
    }
    let gap = if cell > 2 * GAP { GAP } else { 0 };
    let size = classes * cell + gap;
    let mut picture = Picture { size, pixels: LINE.repeat(size * size) };
    let shade = |share: f64| std::array::from_fn(|i| (NONE[i] + (ALL[i] - NONE[i]) * share).round() as u8);
    for truth in 0..classes {
        let share_of = confusion.row_shares(truth);
        for predicted in 0..classes {
            let (share, corner) = (share_of(predicted), (predicted * cell + gap, truth * cell + gap));
            picture.fill(corner, (cell - gap, cell - gap), shade(share));
            if cell == CELL {
                let middle = (corner.0 + cell / 2, corner.1 + cell / 2);
                let colour = shade(if share > DARK { 0.0 } else { 1.0 });
                picture.number(confusion.count(truth, predicted), middle, cell - 2 * DOT, colour);
            }
        }
    }
    let size = u32::try_from(size).ok()?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&picture.pixels).ok()?;
    writer.finish().ok()?;
    Some((size, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixels(confusion: &Confusion) -> (usize, Vec<u8>) {
        let (size, bytes) = matrix(confusion).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        (size as usize, pixels)
    }

    #[test]
    fn a_cell_is_as_dark_as_the_share_of_its_row() {
        let mut confusion = Confusion::new(2);
        confusion.add_rows(0, 0, 8);
        confusion.add_rows(1, 0, 3);
        confusion.add_rows(1, 1, 1);
        let (size, pixels) = pixels(&confusion);
        assert_eq!(size, 2 * CELL + GAP);
        // A corner of a cell has no digit.
        let at = |truth: usize, predicted: usize| {
            let (x, y) = (predicted * CELL + GAP, truth * CELL + GAP);
            pixels[3 * (y * size + x)]
        };
        assert_eq!([at(0, 0), at(0, 1)], [28, 250]);
        assert!(at(1, 0) < at(1, 1));
        assert_eq!(pixels[..3], LINE);
    }

    #[test]
    fn many_classes_have_small_cells_and_too_many_no_picture() {
        assert!(matrix(&Confusion::new(100)).unwrap().0 <= 1024);
        assert!(matrix(&Confusion::new(0)).is_none() && matrix(&Confusion::new(2000)).is_none());
    }
}
