//! A picture of every screen, in English on light and in Korean on dark, so that no layout breaks unseen.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --test window screens` makes the pictures anew. What a failed test saw lies beside its
//! picture as `.new.png`, and where they differ as `.diff.png`.

use std::collections::HashMap;

use egui_kittest::SnapshotOptions;
use thaw::app::settings::Theme;
use thaw::words::Catalogue;
use thaw::words::shared::run_name;

use super::raster::Raster;
use super::script::scripted;
use super::*;

/// The least window that everything must fit into.
const SIZE: Vec2 = vec2(1024.0, 700.0);
/// The least window that everything fits into.
const LEAST: Vec2 = vec2(900.0, 600.0);
/// A pixel may differ by so much (the square of a distance, about 6 of 255 shades of grey): pictures are kept with fewer
/// shades, and the last bits of curves and letters are not the same on every machine.
const TOLERANCE: f32 = 20.0;
/// So many pixels may differ by more; a letter has about as many.
const FEW_PIXELS: usize = 24;

/// A window that is walked through, with its pictures' folder.
struct Walk {
    studio: Studio,
    words: Catalogue,
    folder: PathBuf,
    /// Pictures that are only to be looked at are not compared with those of the repository.
    is_compared: bool,
}

impl Walk {
    fn begin(language: Language, theme: Theme) -> Self {
        let snapshots = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/snapshots");
        let folder = snapshots.join(Catalogue::new(language).tag());
        Self { is_compared: true, ..Self::into_folder(language, theme, SIZE, folder) }
    }

    fn into_folder(language: Language, theme: Theme, size: Vec2, folder: PathBuf) -> Self {
        let mut settings = english();
        (settings.language, settings.theme) = (Some(language), theme);
        let drawn = if theme == Theme::Dark { eframe::egui::Theme::Dark } else { eframe::egui::Theme::Light };
        let options = SnapshotOptions::new().threshold(TOLERANCE).max_failed_pixels(FEW_PIXELS).output_path(&folder);
        let builder =
            Harness::builder().with_size(size).with_theme(drawn).with_options(options).renderer(Raster::default());
        let mut studio = Studio::open_with(settings, builder, scripted);
        studio.wait_until_ready();
        studio.wait("all tokens", |s| s.state().train.token_lengths.as_ref().is_some_and(|l| l.done == l.total));
        studio.wait("simpler methods", |s| s.state().train.reference.is_some());
        Self { studio, words: Catalogue::new(language), folder, is_compared: false }
    }

    /// Clicks what is named by a message of the catalogue.
    fn press(&mut self, role: Role, id: &'static str) {
        self.studio.click(role, &self.words.say(id));
    }

    /// Opens a section of the left side.
    fn open_panel(&mut self, number: usize, id: &'static str) {
        self.studio.click(Role::Button, &format!("{number} {}", self.words.say(id)));
    }

    /// What a recorded run is called.
    fn name(&self, folder: &str) -> String {
        let runs = self.studio.state().runs.entries.latest().unwrap();
        run_name(&self.words, runs.iter().find(|run| run.dir.ends_with(folder)).unwrap())
    }

    fn key(&mut self, key: Key) {
        self.studio.harness.key_press(key);
        self.studio.harness.run_ok();
    }

    /// Compares the window with its picture. What differs fails the test at its end, so that all of it is told.
    fn see(&mut self, name: &str) {
        // Nothing is lit up by the pointer.
        self.studio.harness.event(Event::PointerGone);
        self.studio.harness.run_ok();
        if !self.is_compared {
            let picture = self.studio.harness.render().unwrap();
            picture.save(self.folder.join(format!("{name}.png"))).unwrap();
            return;
        }
        self.studio.harness.snapshot(name);
        compress(&self.folder.join(format!("{name}.png")));
    }
}

/// Writes a new picture again in few bytes, because all of them lie in the repository. The rare colours at the edges of
/// letters and curves get 32 shades for each of red, green and blue; those of whole areas stay as they are.
fn compress(file: &Path) {
    const AREA: usize = 500;
    if std::env::var_os("UPDATE_SNAPSHOTS").is_none() {
        return;
    }
    let mut picture = image::open(file).unwrap().to_rgb8();
    let mut pixels = HashMap::new();
    picture.pixels().for_each(|pixel| *pixels.entry(*pixel).or_insert(0) += 1);
    for pixel in picture.pixels_mut().filter(|pixel| pixels[*pixel] < AREA) {
        pixel.0 = pixel.0.map(|shade| ((u32::from(shade) * 31 + 127) / 255 * 255 / 31) as u8);
    }
    let mut encoder = png::Encoder::new(std::fs::File::create(file).unwrap(), picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header().unwrap().write_image_data(&picture).unwrap();
}

/// Walks through all screens.
fn see_all_screens(mut walk: Walk) {
    for (number, panel) in [(1, "panel-data"), (2, "panel-model"), (3, "panel-freeze"), (4, "panel-training")] {
        walk.open_panel(number, panel);
        walk.see(panel);
    }
    see_windows(&mut walk);
    see_a_run(&mut walk);
    see_comparisons(&mut walk);
    see_a_class(&mut walk);
    see_a_race(&mut walk);
    see_a_lesson(&mut walk);
}

/// The windows over the page.
fn see_windows(walk: &mut Walk) {
    walk.press(Role::Button, "rate-open");
    walk.press(Role::Button, "rate-start");
    walk.studio.wait("the finder", |s| s.state().train.rate.suggestion().is_some());
    walk.see("rate-finder");
    walk.key(Key::Escape);

    walk.open_panel(3, "panel-freeze");
    walk.press(Role::Button, "timeline-open");
    walk.press(Role::Button, "timeline-from-top");
    walk.see("timeline");
    walk.key(Key::Escape);
    walk.press(Role::Button, "freeze-preset-3");

    walk.studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    walk.studio.harness.run_ok();
    walk.press(Role::Button, "freeze-preset-1");
    walk.see("code");
    walk.key(Key::Escape);
    walk.press(Role::Button, "freeze-preset-3");

    walk.open_panel(2, "panel-model");
    walk.press(Role::Button, "panel-hub-open");
    walk.press(Role::TextInput, "panel-hub-search");
    walk.studio.harness.event(Event::Text("bert".to_owned()));
    walk.press(Role::Button, "panel-hub-search-button");
    walk.studio.wait("models", |s| s.has_part("bert-base-uncased"));
    walk.see("hub");
    walk.key(Key::Escape);
    walk.key(Key::Escape);
    walk.open_panel(3, "panel-freeze");
    see_help(walk);
}

/// What leads to everything else.
fn see_help(walk: &mut Walk) {
    walk.studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    walk.studio.harness.run_ok();
    walk.see("palette");
    walk.key(Key::Escape);
    walk.key(Key::F1);
    walk.see("help");
    walk.press(Role::Button, "guide-title");
    walk.see("guide");
    walk.key(Key::Escape);
    walk.key(Key::F1);
    walk.press(Role::Button, "first-steps-title");
    walk.key(Key::Escape);
    walk.see("first-steps");
    walk.press(Role::Button, "first-steps-skip");
}

/// A run that is over, in every view that is about it.
fn see_a_run(walk: &mut Walk) {
    walk.press(Role::Tab, "tab-runs");
    walk.studio.wait("the list", |s| s.state().runs.entries.ready().is_some_and(|runs| runs.len() == 4));
    let name = walk.name("preset3");
    walk.studio.click(Role::Button, &name);
    walk.see("runs");
    walk.press(Role::Button, "runs-open");
    walk.studio.wait("the run", |s| !s.state().run.shown.history.steps.is_empty());
    walk.see("results");
    walk.press(Role::Tab, "tab-live");
    walk.see("live");
    walk.press(Role::Button, "chart-layers");
    walk.see("layers");
    walk.press(Role::Tab, "tab-try");
    walk.press(Role::TextInput, "try-sentence");
    walk.studio.harness.event(Event::Text("A warm and funny film.".to_owned()));
    walk.studio.harness.run_ok();
    walk.press(Role::Button, "try-predict");
    walk.studio.wait("the prediction", |s| s.has_part("0.917"));
    walk.see("try");
}

fn see_comparisons(walk: &mut Walk) {
    walk.press(Role::Tab, "tab-runs");
    for name in ["preset1", "preset2", "preset3", "full"] {
        let tick = walk.words.say_with("runs-tick", &[("name", &walk.name(name))]);
        walk.studio.click(Role::CheckBox, &tick);
    }
    walk.press(Role::Button, "runs-compare");
    walk.studio.wait("the runs", |s| s.state().compare.runs.len() == 4);
    for page in ["compare-curves", "compare-table", "compare-matrices", "compare-settings"] {
        walk.press(Role::Button, page);
        walk.see(page);
    }
}

/// What a class handed in.
fn see_a_class(walk: &mut Walk) {
    let folder = tempfile::tempdir().unwrap();
    walk.studio.drop_class(folder.path());
    for page in ["desk-questions", "desk-table", "desk-guesses"] {
        walk.press(Role::Button, page);
        walk.see(page);
    }
}

fn see_a_race(walk: &mut Walk) {
    walk.press(Role::Button, "compare-race");
    walk.see("race");
    walk.press(Role::Button, "race-start");
    walk.studio.wait("the race", |s| s.state().race.race.as_ref().is_some_and(|race| race.ended.is_some()));
    walk.see("race-outcome");
}

fn see_a_lesson(walk: &mut Walk) {
    walk.press(Role::Tab, "tab-live");
    walk.press(Role::Button, "lesson-list");
    let titles = ["Which layer is last?", "마지막 층은 몇 번일까요?"];
    walk.studio.wait("the lessons", |s| titles.iter().any(|title| s.has(title)));
    walk.see("lessons");
    let title = titles.into_iter().find(|title| walk.studio.has(title)).unwrap();
    walk.studio.click(Role::Button, title);
    walk.studio.wait("the lesson", |s| s.state().lesson().is_some() && s.state().train.dataset.ready().is_some());
    walk.key(Key::Escape);
    walk.see("lesson");
}

#[test]
fn english_on_light() {
    see_all_screens(Walk::begin(Language::English, Theme::Light));
}

#[test]
fn korean_on_dark() {
    see_all_screens(Walk::begin(Language::Korean, Theme::Dark));
}

/// `scripts/pictures.sh` runs this with a folder in THAW_PICTURES: every screen in both languages, both themes and four
/// sizes, for somebody to look at. Without it only the least window is gone through, in the language and theme of which
/// there are no snapshots, so that the script is known to work.
#[test]
fn every_size_theme_and_language() {
    let Some(all) = std::env::var_os("THAW_PICTURES").map(PathBuf::from) else {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().to_owned();
        return see_all_screens(Walk::into_folder(Language::Korean, Theme::Light, LEAST, own));
    };
    for language in Language::ALL {
        for (theme, shade) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            for size in [LEAST, SIZE, vec2(1280.0, 800.0), vec2(3840.0, 2160.0)] {
                let tag = Catalogue::new(language).tag();
                let folder = all.join(format!("{tag}-{shade}-{}x{}", size.x, size.y));
                std::fs::create_dir_all(&folder).unwrap();
                see_all_screens(Walk::into_folder(language, theme, size, folder));
            }
        }
    }
}
