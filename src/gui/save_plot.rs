//! Saving what a plot shows: its picture as PNG, its numbers as CSV or on the clipboard. One button for every plot.
//!
//! A plot offers all of it in one line, in its heading: `save_plot::button(ui, scene, &title, rect, |scene| table(scene))`.

use eframe::egui::{self, Color32, ColorImage, Context, Id, Popup, Rect, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::domain::problem::{Outcome, Problem};

use super::legend::BUTTON;
use super::scene::Scene;
use super::theme;

pub use crate::domain::spreadsheet::{Table, number, range};

fn being_taken() -> Id {
    Id::unique("a picture is being taken")
}

/// Says whether the frame that begins is for a picture, which shows no buttons.
pub fn set_taking(ctx: &Context, taking: bool) {
    ctx.data_mut(|d| d.insert_temp(being_taken(), taking));
}

/// Whether this frame is for a picture.
pub fn is_taking(ctx: &Context) -> bool {
    ctx.data(|d| d.get_temp::<bool>(being_taken())) == Some(true)
}

/// The button that opens a plot's menu. `rect` is what the picture shows; `table` gives the plot's numbers.
pub fn button(ui: &mut Ui, scene: &mut Scene<'_>, name: &str, rect: Rect, table: impl FnOnce(&Scene<'_>) -> Table) {
    let (place, response) = ui.allocate_exact_size(BUTTON, Sense::click());
    let title = scene.say_with("save-plot", &[("name", &name)]);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &title));
    if is_taking(ui.ctx()) {
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
    let buttons = |ui: &mut Ui, scene: &mut Scene<'_>| {
        if theme::link_button(ui, &scene.say("results-copy")).on_hover_text(scene.hint("results-copy")).clicked() {
            ui.copy_text(table(scene).as_tabbed_text());
        }
        button(ui, scene, name, rect, &table);
    };
    theme::ends(ui, scene, |_, _| {}, buttons);
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
    fn a_picture_is_the_plots_part_of_the_window() {
        let mut window = ColorImage::filled([40, 30], Color32::WHITE);
        window.pixels[12 * 40 + 22] = Color32::RED;
        // There are two pixels for each point.
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
}
