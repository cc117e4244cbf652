//! The pictures of the README: the window after real runs on the bundled reviews.

use eframe::egui::{MouseWheelSource, MouseWheelUnit, TouchPhase};
use egui_kittest::SnapshotOptions;
use thaw::app::code::CodeAction;
use thaw::app::compare::{CompareAction, Page};
use thaw::app::lessons::LessonAction;
use thaw::app::settings::Theme;
use thaw::app::state::View;
use thaw::words::Catalogue;

use super::raster::Raster;
use super::*;

/// A run of so many rows takes seconds and already tells the strategies apart.
const ROWS: usize = 1200;
/// The same way is gone with so few rows where nobody wants the pictures.
const FEW_ROWS: usize = 60;
/// A README has so many pictures.
const PICTURES: usize = 7;
const ALL: Vec2 = vec2(1280.0, 800.0);
const HALF: Vec2 = vec2(1024.0, 700.0);

/// A window and the folder of its pictures.
struct Tour {
    studio: Studio,
    words: Catalogue,
    folder: PathBuf,
}

impl Tour {
    fn begin(language: Language, theme: Theme, rows: usize, runs: &Path, folder: PathBuf) -> Self {
        let mut settings = Settings { language: Some(language), theme, ..Settings::default() };
        settings.config.runs_dir = Some(runs.to_owned());
        settings.config.data.max_rows = Some(rows);
        let drawn = if theme == Theme::Dark { eframe::egui::Theme::Dark } else { eframe::egui::Theme::Light };
        let options = SnapshotOptions::new().output_path(&folder);
        let builder = Harness::builder().with_size(ALL).with_theme(drawn).with_options(options);
        let mut studio = Studio::open_with(settings, builder.renderer(Raster::default()), |worker, _| worker);
        studio.wait_until_ready();
        studio.wait("simpler methods", |s| s.state().train.reference.is_some());
        Self { studio, words: Catalogue::new(language), folder }
    }

    fn act(&mut self, action: impl Into<Action>) {
        let ctx = self.studio.harness.ctx.clone();
        self.studio.harness.state_mut().act(&ctx, action.into());
        self.studio.harness.run_ok();
    }

    fn press(&mut self, role: Role, id: &'static str) {
        self.studio.click(role, &self.words.say(id));
    }

    fn take(&mut self, name: &str) {
        // Nothing is lit up by the pointer.
        self.studio.harness.event(Event::PointerGone);
        self.studio.harness.run_ok();
        self.studio.harness.render().unwrap().save(self.folder.join(format!("{name}.png"))).unwrap();
    }

    fn resize(&mut self, size: Vec2, left_folded: bool) {
        self.studio.harness.set_size(size);
        self.act(Action::FoldLeft(left_folded));
    }

    fn take_all(&mut self) {
        self.press(Role::Button, "button-train");
        self.studio.wait("the run's end", |s| s.state().run.shown.phase == RunPhase::Ended);
        self.press(Role::Tab, "tab-live");
        self.press(Role::Button, "chart-layers");
        self.take("studio");
        self.resize(HALF, true);
        self.take("layers");
        self.press(Role::Tab, "tab-results");
        self.take("results");

        // A layer at the bottom trains as well, below frozen ones.
        self.resize(ALL, false);
        let layer = self.words.say_with("panel-layer", &[("index", &0_u64)]);
        self.studio.click(Role::CheckBox, &layer);
        self.studio.wait("the meter", |s| s.state().train.meter().is_some());
        self.open_meter();
        self.take("meter");
        self.press(Role::Button, "freeze-preset-3");

        // The program follows the toggle of the last layer.
        self.resize(HALF, false);
        self.act(CodeAction::Show(true));
        self.press(Role::Button, "freeze-preset-2");
        self.press(Role::Button, "freeze-preset-3");
        self.take("code");
        self.act(CodeAction::Show(false));

        self.act(Action::ShowView(View::Compare));
        self.act(CompareAction::ShowPage(Page::Race));
        self.resize(HALF, true);
        self.studio.wait_until_ready();
        self.press(Role::Button, "race-start");
        self.studio.wait("the race", |s| s.state().race.race.is_some());
        for runs in 1..=4 {
            self.studio.wait("the race's next run", |s| {
                let race = s.state().race.race.as_ref();
                race.is_some_and(|race| race.ended.is_some() || race.means.len() >= runs)
            });
        }
        self.studio.wait("the race's end", |s| s.state().race.race.as_ref().is_some_and(|race| race.ended.is_some()));
        self.scroll_to_outcome();
        self.take("race");

        self.resize(HALF, false);
        self.act(Action::ShowView(View::Live));
        self.act(LessonAction::Open("cost-of-freezing".into()));
        self.studio.wait("the lesson", |s| s.state().lesson().is_some() && s.state().train.dataset.ready().is_some());
        self.act(LessonAction::Turn(3));
        self.act(LessonAction::Draft("2".to_owned()));
        self.act(LessonAction::Answer);
        self.take("lesson");
    }

    /// Opens the line of the cost meter, which begins with how far backward goes.
    fn open_meter(&mut self) {
        let meter = self.studio.state().train.meter().unwrap();
        let backward = thaw::words::shared::backward(&self.words, meter.backward);
        let line = self.studio.harness.query_all_by_label_contains(&backward).next().unwrap();
        line.click();
        self.studio.harness.run_ok();
    }

    /// The outcome stands below the curves.
    fn scroll_to_outcome(&mut self) {
        let middle = self.studio.harness.ctx.content_rect().center();
        self.studio.harness.event(Event::PointerMoved(middle));
        for _ in 0..40 {
            let delta = vec2(0.0, -100.0);
            let (unit, phase, source) = (MouseWheelUnit::Point, TouchPhase::Move, MouseWheelSource::Trackpad);
            self.studio.harness.event(Event::MouseWheel { unit, delta, phase, source, modifiers: Modifiers::NONE });
            self.studio.harness.run_ok();
        }
    }
}

/// `scripts/readme_pictures.sh` runs this with the folder of the pictures in THAW_PICTURES. Without it the same way is gone
/// once, with few rows, so that the script is known to work.
#[test]
fn pictures_of_the_readme() {
    let told = std::env::var_os("THAW_PICTURES").map(PathBuf::from);
    let tours = [(Language::English, Theme::Light), (Language::Korean, Theme::Dark)];
    let (rows, tours) = if told.is_some() { (ROWS, &tours[..]) } else { (FEW_ROWS, &tours[..1]) };
    let own = tempfile::tempdir().unwrap();
    let all = told.unwrap_or_else(|| own.path().to_owned());
    for (language, theme) in tours.iter().copied() {
        let folder = all.join(Catalogue::new(language).tag());
        std::fs::create_dir_all(&folder).unwrap();
        let runs = tempfile::Builder::new().prefix("thaw-").tempdir().unwrap();
        Tour::begin(language, theme, rows, runs.path(), folder.clone()).take_all();
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), PICTURES);
    }
}
