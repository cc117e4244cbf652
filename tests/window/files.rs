//! Files are opened and saved in a window on a system that has no file dialog, and dropped on the window.

use std::fs;

use eframe::egui::HoveredFile;
use thaw::app::effect::Dialog;
use thaw::app::files::{FilesAction, Place};
use thaw::app::state::View;
use thaw::domain::config::DataSource;
use thaw::domain::report::ReportSubject;

use super::*;

impl Studio {
    /// The system's dialog for this could not be shown.
    fn without_dialog(&mut self, dialog: Dialog) {
        self.act(FilesAction::Serve(dialog));
        self.wait_for_list();
    }

    fn wait_for_list(&mut self) {
        let is_listed = |s: &Self| s.state().files.browser.as_ref().is_some_and(|b| b.listing.ready().is_some());
        self.wait("the folder's list", is_listed);
    }

    fn type_text(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.run_ok();
    }

    fn strike(&mut self, key: Key) {
        self.harness.key_press(key);
        self.harness.run_ok();
    }

    fn has_option(&self, name: &str) -> bool {
        self.harness.query_by_role_and_label(Role::ListBoxOption, name).is_some()
    }
}

/// A folder with two tables, a text that is none and a folder, in which dialogs for all of it begin.
fn folder(language: Language) -> (tempfile::TempDir, Studio) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["news.csv", "리뷰.csv", "paper.pdf"] {
        fs::write(folder.path().join(name), "text,label\ngood,1\nbad,0\n").unwrap();
    }
    fs::create_dir(folder.path().join("class")).unwrap();
    for student in ["kim", "lee"] {
        fs::write(folder.path().join("class").join(format!("{student}.thaw-lesson")), "").unwrap();
    }
    let mut settings = Settings { language: Some(language), ..few_rows() };
    for place in [Place::Data, Place::Tables, Place::Pictures, Place::LessonWorks] {
        settings.folders.insert(place, folder.path().to_owned());
    }
    let mut studio = Studio::open(settings);
    studio.wait_until_ready();
    (folder, studio)
}

#[test]
fn a_table_is_opened_in_the_windows_own_dialog() {
    for (language, title, field, up, tables, all, sub) in [
        (
            Language::English,
            "Choose a data file",
            "Type a part of a name, or a path",
            "Up one folder",
            "Tables (CSV, JSON, .xlsx, .ods, packed)",
            "All files",
            "Folder class",
        ),
        (
            Language::Korean,
            "데이터 파일 고르기",
            "이름의 일부나 경로를 입력하세요",
            "상위 폴더",
            "표 (CSV, JSON, .xlsx, .ods, 압축 파일)",
            "모든 파일",
            "폴더 class",
        ),
    ] {
        let (folder, mut studio) = folder(language);
        studio.without_dialog(Dialog::Data);
        assert!(studio.has(title) && studio.has(field) && studio.has(up));
        assert!(studio.has_option("news.csv") && studio.has_option("리뷰.csv") && studio.has_option(sub));
        assert!(!studio.has_option("paper.pdf"), "the filter is for tables");
        assert!(studio.harness.get_by_role_and_label(Role::TextInput, field).is_focused());

        // Nothing beneath takes clicks.
        let tab = studio.harness.get_all_by_role(Role::Tab).last().unwrap();
        tab.click();
        studio.harness.run_ok();
        assert_eq!(studio.state().shell.view, View::Live);
        studio.strike(Key::Escape);
        assert!(studio.state().files.browser.is_none() && !studio.state().shell.dialog_open);

        // From then on it opens directly, and a typed path leads through folders.
        studio.act(Action::OpenDialog(Dialog::Data));
        studio.wait_for_list();
        studio.click(Role::ComboBox, tables);
        studio.harness.get_by_label(all).click();
        studio.harness.run_ok();
        assert!(studio.has_option("paper.pdf"));
        studio.type_text("class/");
        studio.wait_for_list();
        assert!(studio.has_option("kim.thaw-lesson") && !studio.has_option("news.csv"));
        studio.click(Role::Button, up);
        studio.wait_for_list();
        studio.type_text("리뷰");
        assert!(studio.has_option("리뷰.csv") && !studio.has_option("news.csv"), "what is typed narrows the list");
        studio.strike(Key::Enter);
        let file = folder.path().canonicalize().unwrap().join("리뷰.csv");
        assert_eq!(studio.state().train.config.data.source, DataSource::File(file));
        assert!(studio.state().files.browser.is_none() && !studio.state().shell.dialog_open);
    }
}

#[test]
fn a_file_is_saved_in_the_windows_own_dialog_and_none_is_replaced_unasked() {
    for (language, save, replace, keep) in [
        (Language::English, "Save", "Replace", "Keep the old file"),
        (Language::Korean, "저장", "바꾸기", "기존 파일 유지"),
    ] {
        let (folder, mut studio) = folder(language);
        let dialog =
            |bytes: &'static [u8]| Dialog::SaveFile { name: "Loss".into(), extension: "csv", bytes: bytes.into() };
        studio.without_dialog(dialog(b"1"));
        // What is typed takes the place of the name and leaves its extension, in every dialog that opens.
        for typed in ["mine", "a longer name"] {
            studio.type_text(typed);
            assert_eq!(studio.state().files.browser.as_ref().unwrap().name, format!("{typed}.csv"));
            studio.strike(Key::Escape);
            studio.act(Action::OpenDialog(dialog(b"1")));
            studio.wait_for_list();
        }
        studio.click(Role::Button, save);
        let file = folder.path().join("loss.csv");
        let is = |s: &Studio, bytes: &[u8]| {
            s.state().shell.notices.iter().any(|n| n.problem.id == "plot-saved") && fs::read(&file).unwrap() == bytes
        };
        studio.wait("the file", |s| s.state().shell.notices.iter().any(|n| n.problem.id == "plot-saved"));
        assert!(is(&studio, b"1"));

        studio.act(Action::OpenDialog(dialog(b"2")));
        studio.wait_for_list();
        studio.strike(Key::Enter);
        assert!(studio.has(replace) && studio.has_part("loss.csv"));
        studio.strike(Key::Escape);
        assert!(studio.state().files.browser.is_some(), "Escape takes the question back first");
        studio.strike(Key::Enter);
        studio.click(Role::Button, keep);
        assert!(fs::read(&file).unwrap() == b"1" && studio.state().files.browser.is_some());
        studio.click(Role::Button, save);
        studio.click(Role::Button, replace);
        studio.wait("the file", |s| is(s, b"2"));
    }
}

#[test]
fn a_class_is_opened_with_one_click_on_all_its_files() {
    let (folder, mut studio) = folder(Language::English);
    studio.without_dialog(Dialog::LessonWorks);
    studio.click(Role::ListBoxOption, "Folder class");
    studio.wait_for_list();
    studio.click(Role::Button, "Choose all");
    let class = folder.path().canonicalize().unwrap().join("class");
    let browser = studio.state().files.browser.as_ref().unwrap();
    assert_eq!(browser.choice(), Some(vec![class.join("kim.thaw-lesson"), class.join("lee.thaw-lesson")]));
    studio.click(Role::Button, "Open 2");
    assert_eq!(studio.state().shell.settings.folders[&Place::LessonWorks], class);
}

#[test]
fn dragging_says_what_may_be_dropped_and_a_drop_of_something_else_says_what_it_is() {
    for (language, words, refused) in [
        (
            Language::English,
            ["Drop one of these here", "A model's folder", "A lesson: .toml"],
            "a file of the kind .pdf",
        ),
        (Language::Korean, ["여기에 놓을 수 있는 것", "모델 폴더", "수업: .toml"], ".pdf 형식이라"),
    ] {
        let (folder, mut studio) = folder(language);
        let paper = folder.path().join("paper.pdf");
        studio
            .harness
            .input_mut()
            .hovered_files
            .push(HoveredFile { path: Some(paper.clone()), ..HoveredFile::default() });
        studio.harness.run_ok();
        for word in words {
            assert!(studio.has(word), "{word}");
        }
        studio.harness.input_mut().hovered_files.clear();
        studio.drop_file(&paper);
        studio.harness.run_ok();
        assert!(!studio.has(words[0]) && studio.has_part(refused), "{refused}");
        assert!(studio.state().shell.notices.iter().any(|notice| notice.is_error));
        let data = &studio.state().train.config.data;
        assert_eq!(data.source, DataSource::Bundled, "the data at hand stay");
    }
}

#[test]
fn a_report_of_a_run_is_saved_and_offered_to_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(listed_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    studio.click(Role::Button, "Train");
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    let dir = studio.state().run.last_dir.clone().unwrap();
    studio.click(Role::Tab, "Results");
    assert!(!studio.is_disabled("Report…"));
    let subject = ReportSubject::Runs(vec![dir]);
    let to = folder.path().join("mine");
    let chosen = FilesAction::Chosen(Dialog::Report { subject, language: "en" }, vec![to.clone()]);
    studio.act(chosen);
    studio.wait("the report", |s| s.has_part("The report is saved as"));
    assert!(studio.has("Open") && !studio.state().reports.is_writing());
    assert!(fs::read(to.with_extension("pdf")).unwrap().starts_with(b"%PDF-"));
}
