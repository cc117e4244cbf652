//! Saving what a plot shows: its picture as PNG, its numbers as CSV or on the clipboard. One button for every plot.
//!
//! A plot offers all of it in one line, in its heading: `save_plot::button(ui, scene, &title, rect, |scene| table(scene))`.

use eframe::egui::{self, Color32, ColorImage, Context, Id, Popup, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::domain::problem::{Outcome, Problem};

use super::scene::Scene;
use super::theme;

/// Numbers with a heading for each column, units in the heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub headers: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(headers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { headers: headers.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Curves over one axis: a row for each place on it, an empty cell where a curve has no point there.
    pub fn of_curves(axis: &str, curves: &[(&str, &[[f64; 2]])]) -> Self {
        let mut places: Vec<f64> = curves.iter().flat_map(|(_, points)| points.iter().map(|p| p[0])).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let mut next = vec![0; curves.len()];
        let mut table = Self::new(std::iter::once(axis).chain(curves.iter().map(|(name, _)| *name)));
        for place in places {
            let mut row = vec![number(place)];
            for ((_, points), next) in curves.iter().zip(&mut next) {
                let here = points.get(*next).filter(|p| p[0] == place);
                row.push(here.map_or_else(String::new, |p| number(p[1])));
                *next += usize::from(here.is_some());
            }
            table.rows.push(row);
        }
        table
    }

    /// Rows and columns as spreadsheets take them from the clipboard.
    pub fn as_tabbed_text(&self) -> String {
        let line = |cells: &[String]| {
            let clean: Vec<String> = cells.iter().map(|cell| cell.replace(['\t', '\n', '\r'], " ")).collect();
            clean.join("\t") + "\n"
        };
        std::iter::once(&self.headers).chain(&self.rows).map(|cells| line(cells)).collect()
    }

    /// The table as a CSV file (RFC 4180, UTF-8). The mark of UTF-8 is there only where letters beyond ASCII need it: Excel would
    /// not read them without.
    pub fn as_csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for cells in std::iter::once(&self.headers).chain(&self.rows) {
            if let Err(e) = writer.write_record(cells) {
                log::error!("a row of a table was not written: {e}");
            }
        }
        let body = writer.into_inner().unwrap_or_default();
        let mark: &[u8] = if body.is_ascii() { b"" } else { "\u{feff}".as_bytes() };
        [mark, &body].concat()
    }
}

/// A number as it is, to the last bit, in as few characters as that takes.
pub fn number(x: f64) -> String {
    if x.is_finite() { x.to_string() } else { String::new() }
}

/// The two ends of a range, which are empty if there is none.
pub fn range(range: Option<(f64, f64)>) -> [String; 2] {
    range.map_or_else(Default::default, |(low, high)| [low, high].map(number))
}

fn being_taken() -> Id {
    Id::unique("a picture is being taken")
}

/// Says whether the frame that begins is for a picture, which shows no buttons.
pub fn set_taking(ctx: &Context, taking: bool) {
    ctx.data_mut(|d| d.insert_temp(being_taken(), taking));
}

/// The button that opens a plot's menu. `rect` is what the picture shows; `table` gives the plot's numbers.
pub fn button(ui: &mut Ui, scene: &mut Scene<'_>, name: &str, rect: Rect, table: impl FnOnce(&Scene<'_>) -> Table) {
    let (place, response) = ui.allocate_exact_size(vec2(22.0, 20.0), Sense::click());
    let title = scene.say_with("save-plot", &[("name", &name)]);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &title));
    if ui.data(|d| d.get_temp::<bool>(being_taken())) == Some(true) {
        return;
    }
    let p = theme::palette(ui);
    let is_marked = response.hovered() || response.has_focus();
    if is_marked {
        ui.painter().rect_filled(place, 6.0, theme::mix(p.card, p.accent, 0.12));
    }
    // An arrow down onto a line.
    let (c, ink) = (place.center(), egui::Stroke::new(1.4, if is_marked { p.text } else { p.muted }));
    for (from, to) in
        [((0.0, -5.0), (0.0, 2.5)), ((-3.0, -0.5), (0.0, 2.5)), ((3.0, -0.5), (0.0, 2.5)), ((-5.0, 5.5), (5.0, 5.5))]
    {
        ui.painter().line_segment([c + vec2(from.0, from.1), c + vec2(to.0, to.1)], ink);
    }
    Popup::menu(&response).show(|ui| {
        let [pictures, saves, copies] =
            ["save-plot-picture", "save-plot-numbers", "save-plot-copy"].map(|id| ui.button(scene.say(id)).clicked());
        let name = name.to_owned();
        if pictures {
            let rect = [rect.left(), rect.top(), rect.right(), rect.bottom()];
            scene.act(Action::TakePicture { name, rect });
        } else if saves {
            let bytes = table(scene).as_csv().into();
            scene.act(Action::OpenDialog(Dialog::SaveFile { name, extension: "csv", bytes }));
        } else if copies {
            ui.copy_text(table(scene).as_tabbed_text());
        }
        if pictures || saves || copies {
            ui.close();
        }
    });
    response.on_hover_text(title);
}

/// The button of a table's plot menu and, to its left, the words that copy the table.
pub fn table_buttons(ui: &mut Ui, scene: &mut Scene<'_>, name: &str, rect: Rect, table: impl Fn(&Scene<'_>) -> Table) {
    button(ui, scene, name, rect, &table);
    if theme::link_button(ui, &scene.say("results-copy")).on_hover_text(scene.hint("results-copy")).clicked() {
        ui.copy_text(table(scene).as_tabbed_text());
    }
}

/// The name of a file for a plot: what the plot is called, without what file systems don't take.
pub fn file_name(name: &str, extension: &str) -> String {
    let clean: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let parts: Vec<&str> = clean.split('-').filter(|part| !part.is_empty()).collect();
    format!("{}.{extension}", parts.join("-").to_lowercase())
}

/// Returns a part of a picture of the window as a PNG file.
///
/// # Errors
/// `plot-not-drawn` when the part is not within the picture.
pub fn png_of(window: &ColorImage, rect: Rect, pixels_per_point: f32) -> Outcome<Vec<u8>> {
    let [width, height] = window.size;
    let pixel = |at: f32, most: usize| ((at * pixels_per_point).round().max(0.0) as usize).min(most);
    let (left, right) = (pixel(rect.left(), width), pixel(rect.right(), width));
    let (top, bottom) = (pixel(rect.top(), height), pixel(rect.bottom(), height));
    if left >= right || top >= bottom {
        return Err(Problem::new("plot-not-drawn"));
    }
    let bytes: Vec<u8> = (top..bottom)
        .flat_map(|y| &window.pixels[y * width + left..y * width + right])
        .flat_map(|pixel: &Color32| [pixel.r(), pixel.g(), pixel.b()])
        .collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, (right - left) as u32, (bottom - top) as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&bytes)?;
        writer.finish()
    });
    written.map_err(Problem::internal)?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    #[test]
    fn curves_share_their_axis() {
        let table = Table::of_curves(
            "step",
            &[("loss (nats)", &[[1.0, 0.7], [2.0, 0.65]]), ("validation (nats)", &[[2.0, 0.6], [4.0, 0.5]])],
        );
        let csv = String::from_utf8(table.as_csv()).unwrap();
        assert_eq!(csv, "step,loss (nats),validation (nats)\n1,0.7,\n2,0.65,0.6\n4,,0.5\n");
        assert_eq!(table.as_tabbed_text().lines().nth(2), Some("2\t0.65\t0.6"));
    }

    #[test]
    fn names_with_commas_quotes_and_hangul_survive() {
        let mut table = Table::new(["이름", "a,b"]);
        table.rows.push(vec!["say \"hi\"".into(), "two\nlines".into()]);
        let bytes = table.as_csv();
        assert!(bytes.starts_with(&[0xEF, 0xBB, 0xBF]), "Excel reads Hangul only with the mark");
        let mut reader = csv::Reader::from_reader(&bytes[3..]);
        assert_eq!(reader.headers().unwrap(), vec!["이름", "a,b"]);
        assert_eq!(reader.records().next().unwrap().unwrap(), vec!["say \"hi\"", "two\nlines"]);
    }

    #[test]
    fn numbers_come_back_to_the_bit() {
        for x in [0.1 + 0.2, 1e-8, 123_456_789.25, 5e-324] {
            assert_eq!(number(x).parse::<f64>().unwrap().to_bits(), x.to_bits());
        }
        assert_eq!(number(f64::NAN), "");
    }

    #[test]
    fn a_picture_is_the_plots_part_of_the_window() {
        let mut window = ColorImage::filled([40, 30], Color32::WHITE);
        window.pixels[12 * 40 + 22] = Color32::RED;
        // At two pixels for each point.
        let rect = Rect::from_min_max(pos2(10.0, 5.0), pos2(15.0, 10.0));
        let png = png_of(&window, rect, 2.0).unwrap();
        let decoder = png::Decoder::new(std::io::Cursor::new(png));
        let mut reader = decoder.read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.width, info.height), (10, 10));
        let at = (2 * 10 + 2) * 3;
        assert_eq!(&bytes[at..at + 3], &[255, 0, 0]);
        let outside = rect.translate(vec2(100.0, 0.0));
        assert_eq!(png_of(&window, outside, 2.0).unwrap_err().id, "plot-not-drawn");
    }

    #[test]
    fn file_names_are_plain() {
        assert_eq!(file_name("Loss / step: run 1", "csv"), "loss-step-run-1.csv");
        assert_eq!(file_name("혼동 행렬", "png"), "혼동-행렬.png");
    }
}
