//! Every screen in four sizes and both languages, with long names of 2, 25, 150 and 1,000 classes: nothing is cut, nothing lies
//! on anything else, and no two names are shortened to the same letters. No picture is drawn, so this is fast.
//!
//! `LAYOUT_PICTURES=folder cargo test --test window layout` draws the screens with faults all the same, with
//! `LAYOUT_ALL=1` all screens.

#[path = "layout/made.rs"]
mod made;
#[path = "layout/texts.rs"]
pub mod texts;
#[path = "layout/walks.rs"]
mod walks;

use std::collections::BTreeSet;

use thaw::domain::config::DataSource;

use self::made::{answer, data, labels};
use self::walks::{see_all_screens, see_screens_of_classes};
use super::raster::Raster;
use super::script::between;
use super::*;

/// The least window, a small laptop's, the usual one, and a display with very many points.
const SIZES: [Vec2; 4] = [vec2(900.0, 600.0), vec2(1024.0, 700.0), vec2(1280.0, 800.0), vec2(3840.0, 2160.0)];

/// The tables here may be wider than the page, and end at a column's edge.
const WITH_TABLES: [&str; 7] = [
    "explore",
    "compared table",
    "compared, other tests",
    "compared settings",
    "race outcome",
    "results, other tests",
    "desk, table",
];

/// What is known to be wrong: the screen's name, part of the fault, and why it is still so.
const KNOWN: &[(&str, &str, &str)] = &[];

/// A window that is walked through, with what was found.
struct Walk {
    studio: Studio,
    classes: usize,
    faults: BTreeSet<String>,
    _folder: tempfile::TempDir,
}

impl Walk {
    fn begin(classes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = english();
        settings.config.data.source = DataSource::File(data(folder.path(), classes));
        let names = labels(classes);
        let builder = Harness::builder().with_size(SIZE).renderer(Raster::default());
        let between = move |worker, waker| between(worker, waker, move |command| answer(command, &names));
        let mut studio = Studio::open_with(settings, builder, between);
        studio.wait_until_ready();
        studio.wait("all tokens", |s| s.state().train.token_lengths.as_ref().is_some_and(|l| l.done == l.total));
        Self { studio, classes, faults: BTreeSet::new(), _folder: folder }
    }

    fn act(&mut self, action: impl Into<Action>) {
        let ctx = self.studio.harness.ctx.clone();
        self.studio.harness.state_mut().act(&ctx, action.into());
        self.studio.harness.run_ok();
    }

    /// Looks at the screen in all languages and sizes.
    fn see(&mut self, screen: &str) {
        for language in Language::ALL {
            self.act(Action::SetLanguage(language));
            for size in SIZES {
                self.studio.harness.set_size(size);
                self.studio.harness.run_ok();
                // What only then fits into its place has it in the next frame.
                self.studio.harness.step();
                self.note(screen, language, size);
            }
        }
        self.act(Action::SetLanguage(Language::English));
        self.studio.harness.set_size(SIZE);
        self.studio.harness.run_ok();
    }

    fn end(self) {
        let faults: Vec<String> = self.faults.into_iter().collect();
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    }

    fn note(&mut self, screen: &str, language: Language, size: Vec2) {
        let found = texts::faults(
            &self.studio,
            &labels(self.classes),
            WITH_TABLES.iter().any(|table| screen.starts_with(table)),
        );
        let mut is_new = false;
        for fault in found {
            if KNOWN.iter().any(|(on, part, _)| *on == screen && fault.contains(part)) {
                continue;
            }
            let (width, height) = (size.x, size.y);
            let place = format!("{screen}, {} classes, {language:?}, {width} x {height}", self.classes);
            is_new |= self.faults.insert(format!("{place}: {fault}"));
        }
        is_new |= std::env::var_os("LAYOUT_ALL").is_some();
        if let Some(folder) = std::env::var_os("LAYOUT_PICTURES").filter(|_| is_new) {
            let name = format!("{screen} {} {language:?} {}.png", self.classes, size.x);
            self.studio.harness.render().unwrap().save(Path::new(&folder).join(name)).unwrap();
        }
    }
}

#[test]
fn two_classes_with_long_names_can_be_read() {
    see_all_screens(2);
}

#[test]
fn twenty_five_classes_can_be_read() {
    see_screens_of_classes(25);
}

#[test]
fn a_hundred_and_fifty_classes_can_be_read() {
    see_screens_of_classes(150);
}

#[test]
fn a_thousand_classes_can_be_read() {
    see_screens_of_classes(1000);
}
