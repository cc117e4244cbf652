//! The bundles that students hand in: their finished work on a lesson in one file.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::config::{DataSource, ModelSource};
use crate::domain::lesson::{BUNDLE_EXTENSION, Bundle, BundledRun, BundledStep, Lesson, LessonWork};
use crate::domain::message::{RunEnded, RunEvent};
use crate::domain::problem::{Arg, Outcome, Problem};
use crate::domain::stored::StoredRun;
use crate::model::disk::write_with;

use super::folder::now;
use super::lesson_file::read_bytes;
use super::reader::read_run;
use super::sound::Soundness;

const FORMAT: u32 = 2;
/// A bundle holds the logs of a few short runs.
const MOST_BUNDLE_BYTES: u64 = 256 << 20;

/// Writes a student's work into one file, which replaces an older one only when it is whole.
///
/// # Errors
/// `lesson-no-name` when the student has given none; those of [`read_run`]; `file-error`.
pub fn save_bundle(lesson: &Lesson, work: &LessonWork, to: &Path) -> Outcome<PathBuf> {
    if work.student.trim().is_empty() {
        return Err(Problem::new("lesson-no-name"));
    }
    let steps = lesson.steps.iter().enumerate().map(|(i, step)| {
        let mut work = work.steps.get(i).cloned().unwrap_or_default();
        let dirs = std::mem::take(&mut work.run_dirs);
        let runs = dirs.iter().map(|dir| read_run(dir).map(portable_run)).collect::<Outcome<_>>()?;
        work.race_rows.iter_mut().for_each(|row| row.run_dir = None);
        work.refused = work.refused.map(portable_problem);
        Ok(BundledStep {
            title: step.title.clone(),
            text: step.text.clone(),
            question: step.question.clone(),
            work,
            runs,
        })
    });
    let bundle = Bundle {
        thaw_lesson: FORMAT,
        thaw: env!("CARGO_PKG_VERSION").into(),
        lesson: lesson.id.clone(),
        lesson_hash: lesson.hash.clone(),
        title: lesson.title.clone(),
        student: work.student.trim().chars().take(80).collect(),
        student_number: work.student_number.trim().chars().take(80).collect(),
        points: work.points(lesson),
        saved: now(),
        steps: steps.collect::<Outcome<_>>()?,
    };
    let mut to = to.to_owned();
    if to.extension().is_none_or(|e| e != BUNDLE_EXTENSION) {
        to.as_mut_os_string().push(format!(".{BUNDLE_EXTENSION}"));
    }
    write_with(&to, |file| serde_json::to_writer(file, &bundle).map_err(|e| Problem::file(&to, &e.into())))?;
    let_others_read(&to);
    Ok(to)
}

/// Whoever collects the files must be able to read this one, also where the user's mask keeps new files private. A file
/// system without such rights has nothing to give.
fn let_others_read(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let readable = |found: fs::Metadata| fs::Permissions::from_mode(found.permissions().mode() | 0o444);
        if let Err(error) = fs::metadata(file).and_then(|found| fs::set_permissions(file, readable(found))) {
            log::warn!("{}: {error}", file.display());
        }
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// The run as a bundle holds it, without the paths of this machine.
fn portable_run(run: StoredRun) -> BundledRun {
    let name = |path: &Path| PathBuf::from(path.file_name().unwrap_or_default());
    let mut config = run.config;
    if let DataSource::File(file) = &config.data.source {
        config.data.source = DataSource::File(name(file));
    }
    config.data.validation = config.data.validation.as_deref().map(name);
    config.data.test = config.data.test.as_deref().map(name);
    if let ModelSource::Folder(folder) = &config.model {
        config.model = ModelSource::Folder(name(folder));
    }
    (config.out, config.runs_dir) = (None, None);
    let events = run.events.into_iter().map(|(_, event)| match event {
        RunEvent::RunEnded(ended) => {
            let error = ended.error.map(portable_problem);
            RunEvent::RunEnded(RunEnded { run_dir: None, error, ..ended })
        }
        other => other,
    });
    BundledRun { config, events: events.collect() }
}

/// The problem with the names of files and folders, but without the paths to them.
fn portable_problem(mut problem: Problem) -> Problem {
    for (_, value) in &mut problem.args {
        match value {
            Arg::Text(text) if Path::new(text).is_absolute() => {
                *text =
                    Path::new(text).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            }
            Arg::Problem(inner) => **inner = portable_problem(std::mem::replace(inner, Problem::internal(""))),
            _ => {}
        }
    }
    problem
}

/// Whether this may be a student's bundle, because it is not a run's folder.
pub fn is_bundle(path: &Path) -> bool {
    path.is_file()
}

/// The bundles in a folder, sorted by name.
///
/// # Errors
/// `file-error` when the folder cannot be read.
pub fn bundles_in(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let failed = |e: std::io::Error| Problem::file(folder, &e);
    let entries = fs::read_dir(folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| is_bundle(file) && file.extension().is_some_and(|e| e == BUNDLE_EXTENSION));
    files.sort();
    Ok(files)
}

/// What every version of a bundle begins with.
#[derive(Deserialize)]
struct Version {
    thaw_lesson: u32,
    thaw: String,
}

/// Reads a bundle, which someone may have written or changed by hand.
///
/// # Errors
/// `bundle-unreadable` for a file that is damaged or no bundle; `bundle-newer` for one of a later format;
/// `lesson-not-a-file` for one that is too large; `file-error`.
pub fn read_bundle(path: &Path) -> Outcome<Bundle> {
    let bytes = read_bytes(path, MOST_BUNDLE_BYTES)?;
    let unreadable =
        |e: &dyn std::fmt::Display| Problem::new("bundle-unreadable").with("file", path.display()).with_original(e);
    // A later format may have fields that this version does not know, so that its number is read first.
    let version: Version = serde_json::from_slice(&bytes).map_err(|e| unreadable(&e))?;
    if !(1..=FORMAT).contains(&version.thaw_lesson) {
        let problem = Problem::new("bundle-newer").with("file", path.display());
        return Err(problem.with("format", version.thaw_lesson).with("thaw", &version.thaw).with("own", FORMAT));
    }
    let bundle: Bundle = serde_json::from_slice(&bytes).map_err(|e| unreadable(&e))?;
    for run in bundle.steps.iter().flat_map(|step| &step.runs) {
        run.config.check().map_err(|problem| unreadable(&problem))?;
        let mut soundness = Soundness::default();
        if !run.events.iter().all(|event| soundness.takes(event)) {
            return Err(unreadable(&"measures that cannot be true"));
        }
    }
    Ok(bundle)
}

/// Takes the runs out of a bundle. Each gets the name of a folder, made of student and step, by which it is told from the
/// others, and comes with its step, counted from 0.
pub fn take_runs(path: &Path, bundle: &mut Bundle) -> Vec<(usize, StoredRun)> {
    let tame = |text: &str| text.replace(|c: char| c == '/' || c == '\\' || c.is_control(), " ");
    let student = tame(&bundle.student);
    let mut runs = Vec::new();
    for (i, step) in bundle.steps.iter_mut().enumerate() {
        let is_many = step.runs.len() > 1;
        for (n, run) in std::mem::take(&mut step.runs).into_iter().enumerate() {
            let freeze = run.config.freeze.name();
            let number = if is_many { format!("{}.{}", i + 1, n + 1) } else { (i + 1).to_string() };
            let dir = path.join(format!("{student} · {number} · {freeze}"));
            runs.push((i, StoredRun::new(dir, run.config, run.events)));
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use crate::domain::lesson::StepWork;

    use super::super::lesson_file::carried_lessons;
    use super::*;

    #[test]
    fn a_damaged_bundle_is_refused_and_a_good_one_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let lesson = &carried_lessons().unwrap()[5];
        let mut work = LessonWork::new(lesson);
        let to = folder.path().join("kim");
        assert_eq!(save_bundle(lesson, &work, &to).unwrap_err().id, "lesson-no-name");
        work.student = "Kim / 김".into();
        work.steps[0] = StepWork { answer: "layer.5".into(), ..StepWork::default() };
        let gone = std::env::temp_dir().join("private").join("gone.csv");
        work.steps[1].refused = Some(Problem::file(&gone, &std::io::ErrorKind::NotFound.into()));
        let file = save_bundle(lesson, &work, &to).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o444, 0o444, "an instructor can read it");
        }
        let mut bundle = read_bundle(&file).unwrap();
        assert_eq!((bundle.student.as_str(), bundle.steps[0].work.answer.as_str()), ("Kim / 김", "layer.5"));
        let refused = bundle.steps[1].work.refused.clone().unwrap();
        assert_eq!(
            refused.args[0].1.to_string(),
            "gone.csv",
            "where a file lies on the student's machine is no one's business"
        );
        assert!(take_runs(&file, &mut bundle).is_empty());
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, &text[..text.find("\"steps\"").unwrap()]).unwrap();
        assert_eq!(read_bundle(&file).unwrap_err().id, "bundle-unreadable");
        fs::write(&file, text.replace("\"thaw_lesson\":2", "\"later\":1,\"thaw_lesson\":3")).unwrap();
        assert_eq!(read_bundle(&file).unwrap_err().id, "bundle-newer");
    }
}
