//! Files and folders that are dropped on the window.

use std::path::{Path, PathBuf};

use crate::domain::config::ModelSource;
use crate::domain::lesson::BUNDLE_EXTENSION;
use crate::domain::problem::{Outcome, Problem};

use super::action::Action;
use super::answered::AnsweredAction;
use super::compare::CompareAction;
use super::files::has_extension;
use super::lessons::LessonAction;
use super::runs::{Purpose, RunsAction};
use super::shell::View;
use super::state::AppState;
use super::train::TrainAction;

/// The words for everything that may be dropped.
pub const MAY_BE_DROPPED: [&str; 7] =
    ["drop-table", "drop-classes", "drop-model", "drop-run", "drop-lesson", "drop-plan", "drop-works"];

/// Files that may be data, or are told how to become data, whatever is in them. Others are opened by a dialog.
const MAY_BE_DATA: [&str; 32] = [
    "csv", "tsv", "txt", "tab", "text", "dat", "data", "jsonl", "ndjson", "ft", "xlsx", "xlsm", "ods", "xls", "xlsb",
    "gz", "tgz", "zip", "tar", "bz2", "xz", "zst", "7z", "rar", "parquet", "feather", "arrow", "pkl", "pickle",
    "sqlite", "db", "h5",
];
const SPREADSHEETS: [&str; 1] = ["numbers"];
/// Class folders are known by a look at so many names in all, as the window waits for it.
const LOOKED_AT: usize = 2_000;
/// A class may have thousands of files, so that no more than these are looked at in a single folder.
const LOOKED_AT_IN_ONE: usize = 40;
/// Class folders lie so many levels below the dropped folder at most.
const LEVELS: usize = 4;
/// Files with these names tell that a folder is a run, a race, a model or a cache, and no data.
const OF_OTHERS: [&str; 4] = ["steps.jsonl", "race.json", "config.json", "snapshots"];

/// What dropping these files and folders on the window means: finished lessons and several runs are compared, one run is
/// shown, a lesson or a plan is opened, a folder with a `config.json` is a model, one with class folders is data, another
/// may hold runs, and a table is data. A JSON file is a plan or data, which only its content tells. Nothing dropped means
/// nothing.
///
/// # Errors
/// `drop-unsuitable`, `drop-spreadsheet` where nothing of it can be opened.
pub fn dropped(paths: Vec<PathBuf>) -> Option<Outcome<Action>> {
    let is = |path: &Path, extension: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension));
    let is_bundle = |path: &PathBuf| is(path, BUNDLE_EXTENSION);
    let is_run = |path: &PathBuf| path.join("steps.jsonl").is_file() || is_of_trainer(path);
    let is_of_texts = |path: &PathBuf| has_class_folders(path, LEVELS, &mut LOOKED_AT.clone());
    let may_hold_runs = |path: &PathBuf| path.is_dir() && !path.join("config.json").is_file() && !is_of_texts(path);
    let compared: Vec<PathBuf> =
        paths.iter().filter(|path| is_bundle(path) || is_run(path) || may_hold_runs(path)).cloned().collect();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_one_of = |path: &Path, extensions: &[&str]| has_extension(&name(path), extensions);
    let opens = |path: &PathBuf| {
        path.is_dir()
            || path.extension().is_none()
            || is_one_of(path, &["toml", "json"])
            || is_one_of(path, &MAY_BE_DATA)
    };
    let suitable = paths.iter().find(|path| opens(path)).cloned();
    let first = suitable.or_else(|| paths.into_iter().next())?;
    Some(Ok(match compared.as_slice() {
        [only] if is_run(only) => Action::Runs(RunsAction::Open { dir: only.clone(), purpose: Purpose::Show }),
        [_, ..] => Action::Compare(CompareAction::Open(compared)),
        [] if is_of_texts(&first) => Action::Train(TrainAction::PickData(first)),
        [] if first.is_dir() => Action::Train(TrainAction::PickModel(ModelSource::Folder(first))),
        [] if is(&first, "toml") => Action::Lesson(LessonAction::Open(first)),
        [] if is(&first, "json") => Action::Train(TrainAction::PickJson(first)),
        [] if opens(&first) => Action::Train(TrainAction::PickData(first)),
        [] if is_one_of(&first, &SPREADSHEETS) => {
            return Some(Err(Problem::new("drop-spreadsheet").with("file", name(&first))));
        }
        [] => {
            let extension = first.extension().unwrap_or_default().to_string_lossy().to_lowercase();
            let problem = Problem::new("drop-unsuitable").with("file", name(&first)).with("extension", extension);
            return Some(Err(problem));
        }
    }))
}

/// Returns whether Hugging Face's `Trainer` has left its log in a folder or in one of its checkpoints.
fn is_of_trainer(folder: &Path) -> bool {
    let has_log = |folder: &Path| folder.join("trainer_state.json").is_file();
    let is_checkpoint =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("checkpoint-"));
    has_log(folder) || names_in(folder, LOOKED_AT).iter().any(|path| is_checkpoint(path) && has_log(path))
}

/// A table that is dropped on Try is answered row by row, while a model can do that, because data for training go elsewhere.
pub fn on_view(action: Action, state: &AppState) -> Action {
    match action {
        Action::Train(TrainAction::PickData(file) | TrainAction::PickJson(file))
            if state.shell.view == View::Try && state.can_predict() && !state.is_running() =>
        {
            AnsweredAction::Choose(file).into()
        }
        action => action,
    }
}

/// Finds out whether a folder, or one in it, has several folders of texts in it. At most `left` names are looked at, which
/// is counted down.
fn has_class_folders(folder: &Path, levels: usize, left: &mut usize) -> bool {
    if OF_OTHERS.iter().any(|name| folder.join(name).exists()) {
        return false;
    }
    let inner: Vec<PathBuf> = names_in(folder, *left).into_iter().filter(|path| path.is_dir()).collect();
    *left = left.saturating_sub(inner.len() + 1);
    let mut of_texts = 0;
    for path in &inner {
        let found = names_in(path, LOOKED_AT_IN_ONE.min(*left));
        *left = left.saturating_sub(found.len());
        let is_text =
            |path: &&PathBuf| path.extension().is_none_or(|e| e.eq_ignore_ascii_case("txt")) && path.is_file();
        // Newsgroups' files have numbers for names, and no ending.
        let is_class = found.iter().filter(is_text).count() * 2 > found.len();
        of_texts += usize::from(is_class && !OF_OTHERS.iter().any(|name| path.join(name).exists()));
        if of_texts > 1 {
            return true;
        }
    }
    levels > 1 && inner.iter().any(|path| has_class_folders(path, levels - 1, left))
}

/// The first names in a folder, without hidden ones.
fn names_in(folder: &Path, most: usize) -> Vec<PathBuf> {
    let is_shown = |path: &PathBuf| !path.file_name().unwrap_or_default().to_string_lossy().starts_with('.');
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(is_shown).take(most).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_dropped_goes_where_it_belongs() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            path
        };
        let parent = |name: &str| file(name).parent().unwrap().to_owned();
        let (data, lesson, plan) = (file("a.csv"), file("b.toml"), file("c.JSON"));
        let (kim, lee) = (file("class/kim.thaw-lesson"), file("class/lee.thaw-lesson"));
        let (model, run, other) = (parent("bert/config.json"), parent("run/steps.jsonl"), parent("run-2/steps.jsonl"));
        let (race, book) = (parent("race/race.json"), file("class.XLSX"));
        let texts = file("reviews/pos/1.txt").ancestors().nth(2).unwrap().to_owned();
        file("reviews/neg/2.txt");
        // Names that no one knows, without endings, below a wrapper with a file about them.
        let named = file("감정/data/기쁨/49960").ancestors().nth(3).unwrap().to_owned();
        ["감정/data/슬픔/3", "감정/data/README", "감정/README"].iter().for_each(|name| drop(file(name)));
        let runs = file("runs/a/steps.jsonl").ancestors().nth(2).unwrap().to_owned();
        ["runs/a/vocab.txt", "runs/b/steps.jsonl", "runs/b/vocab.txt"].iter().for_each(|name| drop(file(name)));
        let compare = |paths: &[&PathBuf]| {
            let paths: Vec<PathBuf> = paths.iter().copied().cloned().collect();
            (paths.clone(), Action::Compare(CompareAction::Open(paths)))
        };
        for (paths, action) in [
            (vec![data.clone()], Action::Train(TrainAction::PickData(data.clone()))),
            (vec![lesson.clone()], Action::Lesson(LessonAction::Open(lesson))),
            (vec![plan.clone()], Action::Train(TrainAction::PickJson(plan))),
            (vec![book.clone()], Action::Train(TrainAction::PickData(book))),
            (vec![texts.clone()], Action::Train(TrainAction::PickData(texts))),
            (vec![named.clone()], Action::Train(TrainAction::PickData(named))),
            compare(&[&runs]),
            (vec![model.clone()], Action::Train(TrainAction::PickModel(ModelSource::Folder(model)))),
            (vec![run.clone()], Action::Runs(RunsAction::Open { dir: run.clone(), purpose: Purpose::Show })),
            compare(&[&kim]),
            compare(&[&kim, &lee]),
            compare(&[&run, &other]),
            compare(&[&race]),
            compare(&[&kim.parent().unwrap().to_owned()]),
        ] {
            assert_eq!(dropped(paths), Some(Ok(action)));
        }
        let refused = |name: &str| dropped(vec![file(name)]).unwrap().unwrap_err();
        assert_eq!(refused("Paper.PDF").arg("extension").as_deref(), Some("pdf"));
        assert_eq!(refused("class.numbers"), Problem::new("drop-spreadsheet").with("file", "class.numbers"));
        let beside = dropped(vec![file("paper.pdf"), data.clone()]);
        assert_eq!(beside, Some(Ok(Action::Train(TrainAction::PickData(data.clone())))), "data among others");
        let Some(Ok(Action::Compare(CompareAction::Open(taken)))) = dropped(vec![data, kim.clone()]) else { panic!() };
        assert_eq!(taken, [kim], "bundles among others");
        assert_eq!(dropped(Vec::new()), None);
    }
}
