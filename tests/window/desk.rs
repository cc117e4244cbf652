//! The instructor's desk: a whole class's files, its questions, points and guesses, and the room to show them.

use eframe::egui::{Key, ViewportCommand};
use thaw::app::compare::desk::{DeskAction, DeskPage};
use thaw::app::compare::{CompareAction, Page};
use thaw::domain::lesson::BundledRun;

use super::class::{STUDENTS, bundle, essay, hand_in};
use super::*;

#[test]
fn the_left_side_folds_away_and_the_window_takes_the_whole_screen() {
    let mut studio = Studio::open_ready(SIZE);
    assert!(studio.has("1 Data"));
    studio.click(Role::Button, "Fold the left side away");
    assert!(!studio.has("1 Data"));
    let settings = studio.state().settings_to_save();
    assert!(Settings::read(&settings.text().unwrap()).left_folded, "it is remembered");
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::B);
    studio.harness.run_ok();
    assert!(studio.has("1 Data"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::B);
    studio.harness.run_ok();
    studio
        .harness
        .get_all_by_role(Role::Button)
        .find(|node| node.accesskit_node().label().is_some_and(|l| l.starts_with("Model: ")))
        .unwrap()
        .click();
    studio.harness.run_ok();
    assert!(studio.has("1 Data"), "whoever asks for a panel sees it");

    studio.harness.key_down(Key::F11);
    studio.harness.step();
    let commands: Vec<ViewportCommand> =
        studio.harness.output().viewport_output.values().flat_map(|output| output.commands.clone()).collect();
    assert!(commands.contains(&ViewportCommand::Fullscreen(true)), "{commands:?}");
}

/// The run of a student, as a file to hand in holds it.
fn run(name: &str) -> BundledRun {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/runs").join(name);
    let run = thaw::runs::read_run(&folder).unwrap();
    BundledRun { config: run.config, events: run.events.into_iter().map(|(_, event)| event).collect() }
}

impl Studio {
    /// Drops the files of thirty students on the window.
    pub fn drop_class(&mut self, folder: &Path) {
        let (first, second) = (run("preset1"), run("preset2"));
        for n in 1..=STUDENTS {
            // Two students are enough to look at curves.
            let runs = if n <= 2 { [Some(first.clone()), Some(second.clone())] } else { [None, None] };
            let file = hand_in(folder, &bundle(n, runs));
            self.harness.input_mut().dropped_files.push(Arc::new(Dropped(file)));
        }
        self.harness.run_ok();
        self.harness.input_mut().dropped_files.clear();
        let has_all =
            |s: &Self| s.state().compare.desk.bundles.len() == STUDENTS && s.state().compare.opening.is_empty();
        self.wait("the class", has_all);
    }
}

fn with_class(folder: &Path) -> Studio {
    let mut studio = Studio::open_ready(SIZE);
    studio.drop_class(folder);
    studio
}

fn act(studio: &mut Studio, action: impl Into<Action>) {
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, action.into());
    studio.harness.run_ok();
}

#[test]
fn an_instructor_goes_through_the_questions_and_grades_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = with_class(folder.path());
    assert!(studio.has("What freezing does · version A · 28 students") || studio.has_part("2 versions of this lesson"));
    assert!(studio.has_part("A: 28 students; B: Kim-29, Kim-30"), "the versions are told apart");

    assert!(studio.has("Which part of BERT trains?") && studio.has("1 of 4") && studio.is_disabled("Previous"));
    assert!(studio.has("1. The embeddings: chosen by 9 of 28") && studio.has("2. The head: chosen by 19 of 28"));
    assert!(studio.has_part("First answer: 1. The embeddings"), "what was answered before the explanation");
    let next = |studio: &Studio| studio.harness.get_by_role_and_label(Role::Button, "Next").rect();
    let place = next(&studio);
    studio.click(Role::Button, "Next");
    assert_eq!(next(&studio), place, "a second click does not leave the page");
    assert!(studio.has_part("Why does") && studio.has("preset 1") && !studio.has_part("`"), "Markdown is set");
    for n in [1, 3, 28] {
        let essay = essay(n);
        let written = studio.harness.get_by_label(&essay);
        let line = 20.0;
        assert!(written.rect().height() > 10.0 * line && written.rect().width() < 800.0, "all of it can be read");
    }
    // The essay above it is longer than the window.
    studio.harness.get_by_role_and_label(Role::RadioButton, "Kim-01: 2 of 3").click_accesskit();
    studio.harness.run_ok();
    assert!(studio.has("2 of 3 points"));
    let kept = Settings::read(&studio.state().settings_to_save().text().unwrap());
    let first = studio.state().compare.desk.bundles[0].bundle.clone();
    assert_eq!(kept.grades.get(&first, 2), Some(2), "grades outlive the session");

    assert!(studio.has("20260001"), "the student's number stands beside the name");
    studio.click(Role::Button, "Students");
    assert!(studio.has("20260001"));
    assert!(studio.has_part("mean 1.4") && studio.has_part("27 in all"), "each cell of the row of all says what it is");
    for cell in ["Kim-01", "4", "2. Which part? · points", "4. Preset 1 · accuracy", "0.5500"] {
        assert!(studio.harness.query_all_by_label(cell).next().is_some(), "{cell} has a cell of its own");
    }
    studio.click(Role::Button, "Guesses");
    assert!(studio.has_part("28 guesses, median 0.645. Reached: 0.550. Guessed too low: 4, too high: 23."));
    studio.click(Role::Button, "Seconds");
    assert!(studio.has_part("Reached: 12.0 s."));

    let desk = &studio.state().compare.desk;
    let words = thaw::words::Catalogue::new(Language::English);
    let sheet = desk.grading_table(&desk.version().unwrap(), &studio.state().shell.settings.grades, &words);
    assert_eq!(sheet.rows.len(), STUDENTS, "also who had the other version");
    let to = folder.path().join("class.csv");
    act(&mut studio, Action::SaveFile { path: to.clone(), bytes: sheet.as_csv().into() });
    studio.wait("the file", |s| s.has_part("class.csv"));
    let mut reader = csv::Reader::from_path(&to).unwrap();
    let head: Vec<String> =
        reader.headers().unwrap().iter().map(|h| h.trim_start_matches('\u{feff}').to_owned()).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, name: &str| rows[row][head.iter().position(|h| h == name).unwrap()].to_owned();
    assert_eq!((cell(0, "student"), cell(0, "student number")), ("Kim-01".into(), "20260001".into()));
    assert_eq!(
        (cell(0, "points"), cell(0, "points possible"), cell(0, "answers to grade")),
        ("4".into(), "5".into(), "0".into())
    );
    assert_eq!((cell(1, "points"), cell(1, "answers to grade")), ("2".into(), "1".into()));
    assert_eq!(cell(2, "2. Which part? · first answer"), "1. The embeddings");
    assert_eq!(cell(2, "3. Why? · answer"), format!("'{}", essay(3)), "no formula, and in full");
    assert_eq!(
        (cell(29, "version of the lesson"), cell(29, "4. Preset 1 · guessed accuracy")),
        ("bbbb".into(), "0.8".into())
    );
}

#[test]
fn hidden_names_are_hidden_everywhere_and_curves_are_named_by_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = with_class(folder.path());
    studio.click(Role::Button, "Curves");
    assert!(studio.has_part("Kim-01 · step 4 · preset 1") && studio.has_part("Kim-02 · step 5 · preset 2"));
    act(&mut studio, DeskAction::ShowRunsOf(Some(4)));
    assert!(!studio.has_part("step 4 · preset 1") && studio.has_part("Kim-02 · step 5 · preset 2"));
    act(&mut studio, DeskAction::ShowRunsOf(None));

    studio.click(Role::Button, "Class");
    studio.click(Role::CheckBox, "Hide names");
    let pages = ["Questions", "Guesses", "Curves", "Matrices", "Settings"];
    for page in pages {
        studio.click(Role::Button, page);
        assert!(!studio.has_part("Kim-"), "{page} tells a name");
        if page == "Curves" {
            assert!(studio.has_part(" · step 4 · preset 1") && studio.has_part("Student "));
            studio.click(Role::Button, "Class");
        }
    }
    act(&mut studio, CompareAction::ShowPage(Page::Table));
    assert!(!studio.has_part("Kim-") && studio.has_part("Student "));
    act(&mut studio, CompareAction::ShowPage(Page::Desk));
    act(&mut studio, DeskAction::ShowPage(DeskPage::Table));
    assert!(!studio.has_part("Kim-") && studio.has_part("Student 1") && !studio.has("20260001"));
    let desk = &studio.state().compare.desk;
    let words = thaw::words::Catalogue::new(Language::English);
    let sheet = desk.grading_table(&desk.version().unwrap(), &studio.state().shell.settings.grades, &words);
    let saved = String::from_utf8(sheet.as_csv()).unwrap();
    let names: Vec<&str> = saved.lines().filter(|line| line.starts_with("Kim-") || line.contains("20260001")).collect();
    assert!(names.is_empty(), "{names:?}");
}
