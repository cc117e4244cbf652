//! A run as a Python program, with the files that make it the same run: the rows of the three parts, the order of batches,
//! the head that it begins with, and the data and the model where Python cannot read them from where they are.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::batch::epoch_order;
use crate::data::copy::plain_copy;
use crate::data::dataset::Dataset;
use crate::domain::config::{ModelSource, RunConfig};
use crate::domain::health::PartName;
use crate::domain::message::{AskId, Notice, Progress, RunObserver as _, Task};
use crate::domain::params::{ParamTree, Part};
use crate::domain::precision::Precision;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::program::{ProgramForm, ProgramStyle, TrainingSource, WrittenProgram, companion};
use crate::model::classifier::Classifier;
use crate::model::disk::write_whole;
use crate::model::pretrained::write_bundled;
use crate::model::save::save_tensors;
use crate::python::{Companions, Facts, folder_name, full_name, program, reads_the_file};
use crate::runs::programs_folder;

use super::prelude::Material;
use super::questions::{Quiet, frozen};
use super::records::numbers;
use super::shared::Shared;
use super::training_source::{check_rows, settings_of};

/// The order of batches is written for so many rows in all, which is some 70 MB. Python draws that of later epochs itself.
const MOST_ORDERED: usize = 10_000_000;

/// What is asked for: a program in a style, as a script or a notebook, in a file of its own or as a text.
pub struct Wanted {
    pub source: TrainingSource,
    pub style: ProgramStyle,
    pub form: ProgramForm,
    pub file: Option<PathBuf>,
}

/// Writes the program of a training and the files beside it. A file that is there already is replaced; the folder beside it only
/// if nothing else is in it than such files.
///
/// # Errors
/// Those of [`settings_of`] and [`check_rows`], of reading data and model, and of the freezing; `code-folder-taken`;
/// `file-error`; `cancelled`.
pub fn write(shared: &Arc<Shared>, id: AskId, wanted: Wanted) -> Outcome<WrittenProgram> {
    let (config, run) = settings_of(wanted.source)?;
    let tell = |progress| shared.notify(Notice::Progress(progress));
    let material = opened(shared, id, &config)?;
    check_rows(&material.data, run.as_ref())?;
    let (dataset, tree) = (&material.data.dataset, &material.tree);
    let reads_file = reads_the_file(&config, &dataset.summary);
    let head = head(&material, &config)?;

    let place = Place::of((wanted.file.as_deref(), wanted.form), &config, dataset)?;
    let facts = Facts { config: &config, summary: &dataset.summary, tree, companions: place.companions() };
    let text = program(&facts, wanted.style, wanted.form)?;
    go_on(shared, id)?;
    tell(Progress { task: Task::Save, done: 0, total: 1 });
    let folder = &place.folder;
    fs::create_dir_all(folder).map_err(|e| Problem::file(folder, &e))?;
    write_whole(&folder.join(companion::ROWS), rows(dataset, reads_file).as_bytes())?;
    write_whole(&folder.join(companion::ORDER), order(dataset, &config).as_bytes())?;
    save_head(&folder.join(companion::HEAD), &head, tree, &material)?;
    if !reads_file {
        write_whole(&folder.join(companion::DATA), &plain_copy(dataset)?)?;
    }
    if config.model == ModelSource::Bundled {
        write_bundled(&place.model)?;
    }
    if let Some(file) = &wanted.file {
        write_whole(file, text.as_bytes())?;
    }
    tell(Progress { task: Task::Save, done: 1, total: 1 });
    Ok(WrittenProgram { text, file: wanted.file, companions: place.folder })
}

/// The program of a run as it would stand in a script called `stem`, without the files beside it.
///
/// # Errors
/// Those of reading data and model, and of the freezing; `cancelled`.
pub fn text(shared: &Arc<Shared>, id: AskId, config: &RunConfig, style: ProgramStyle, stem: &str) -> Outcome<String> {
    let material = opened(shared, id, config)?;
    let companions = Companions::Beside(folder_name(stem, ProgramForm::Script));
    let facts = Facts { config, summary: &material.data.dataset.summary, tree: &material.tree, companions };
    program(&facts, style, ProgramForm::Script)
}

/// Opens the data and the model of a run.
fn opened(shared: &Arc<Shared>, id: AskId, config: &RunConfig) -> Outcome<Material> {
    let tell = |progress| shared.notify(Notice::Progress(progress));
    let (data, _) = shared.open_data(&config.data, &tell)?;
    go_on(shared, id)?;
    tell(Progress { task: Task::LoadModel, done: 0, total: 1 });
    let (model, _) = shared.open_model(&config.model)?;
    go_on(shared, id)?;
    Material::of(shared, data, model, config)
}

/// Ends the work once it is asked to stop.
fn go_on(shared: &Arc<Shared>, id: AskId) -> Outcome<()> {
    let is_asked_to_stop = Quiet { shared, asked: Some(id) }.stop_requested();
    if is_asked_to_stop { Err(Problem::new("cancelled")) } else { Ok(()) }
}

/// Where the files beside a program go.
struct Place {
    folder: PathBuf,
    /// The folder of the bundled model.
    model: PathBuf,
    /// The folder's name, where it lies next to the program.
    beside: Option<String>,
}

impl Place {
    /// # Errors
    /// `code-folder-taken`, `file-error`; `run-no-home` when the system has no data folder for the user.
    fn of((file, form): (Option<&Path>, ProgramForm), config: &RunConfig, dataset: &Dataset) -> Outcome<Self> {
        let Some(file) = file else {
            let programs = programs_folder(config)?;
            let folder = programs.join(name_of(config, dataset)?);
            return Ok(Self { folder, model: programs.join("all-MiniLM-L6-v2"), beside: None });
        };
        let name = folder_name(&file.file_stem().unwrap_or_default().to_string_lossy(), form);
        let folder = file.with_file_name(&name);
        check_own(&folder)?;
        Ok(Self { model: folder.join(companion::MODEL), folder, beside: Some(name) })
    }

    fn companions(&self) -> Companions {
        match &self.beside {
            Some(name) => Companions::Beside(name.clone()),
            None => Companions::At { folder: self.folder.clone(), model: self.model.clone() },
        }
    }
}

/// The name of a folder that only the same run has: the files in it are the same, whoever asks for them.
fn name_of(config: &RunConfig, dataset: &Dataset) -> Outcome<String> {
    let settings = serde_json::to_vec(config).map_err(Problem::internal)?;
    let mut hash = dataset.summary.content_hash;
    for byte in settings {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    Ok(format!("{hash:016x}"))
}

/// Refuses a folder in which something else lies than the files of a program.
///
/// # Errors
/// `code-folder-taken`, `file-error`.
pub fn check_own(folder: &Path) -> Outcome<()> {
    let own = [companion::ROWS, companion::ORDER, companion::HEAD, companion::DATA, companion::MODEL];
    let failed = |e| Problem::file(folder, &e);
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        if !own.iter().any(|own| name == *own) && !crate::model::disk::is_part(&name) {
            let taken = Problem::new("code-folder-taken").with("folder", folder.display());
            return Err(taken.with("name", name.to_string_lossy()));
        }
    }
    Ok(())
}

/// The rows of the three parts by the numbers that a reader of the table finds them by.
pub fn rows(dataset: &Dataset, reads_file: bool) -> String {
    let splits = &dataset.splits;
    let mut text = "part,row\n".to_owned();
    for (part, rows) in
        [(PartName::Train, &splits.train), (PartName::Validation, &splits.validation), (PartName::Test, &splits.test)]
    {
        // In a copy of the data the rows stand one after another below the header.
        let numbers = if reads_file { numbers(dataset, rows) } else { rows.iter().map(|row| row + 2).collect() };
        for number in numbers {
            // Writing to a string never fails.
            writeln!(text, "{},{number}", part.name()).ok();
        }
    }
    text
}

/// The order of the training rows in each epoch, by their places among them, from 0; a column for each epoch.
pub fn order(dataset: &Dataset, config: &RunConfig) -> String {
    let (count, t) = (dataset.splits.train.len(), &config.training);
    let places: Vec<u32> = (0..count as u32).collect();
    let epochs = t.epochs.min((MOST_ORDERED / count.max(1)).max(1));
    let orders: Vec<Vec<u32>> = (1..=epochs).map(|epoch| epoch_order(&places, t.seed, epoch)).collect();
    let header: Vec<String> = (1..=epochs).map(|epoch| epoch.to_string()).collect();
    let mut text = header.join(",") + "\n";
    for i in 0..count {
        for (epoch, order) in orders.iter().enumerate() {
            write!(text, "{}{}", if epoch == 0 { "" } else { "," }, order[i]).ok();
        }
        text.push('\n');
    }
    text
}

/// The classifier as the run begins with it.
pub fn head(material: &Material, config: &RunConfig) -> Outcome<Classifier> {
    let pretrained = material.model.pretrained.stating(&config.data.head());
    frozen(&pretrained, &material.data.dataset.label_names(), config.training.seed, Precision::F32)
}

/// Writes the parameters that the pretrained model does not give by itself: those of the head, and those that it lacks.
pub fn save_head(path: &Path, classifier: &Classifier, tree: &ParamTree, material: &Material) -> Outcome<()> {
    let lacking = &material.model.pretrained.lacking;
    let of_head: Vec<_> =
        tree.parameters.iter().filter(|p| p.part == Part::Classifier || lacking.contains(&p.name)).collect();
    let shapes = of_head.iter().map(|p| (full_name(tree, p), p.shape.clone())).collect();
    save_tensors(path, shapes, &|i, take| classifier.hand_on(&of_head[i].name, take))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_files_of_others_is_not_touched() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("run_files");
        assert!(check_own(&folder).is_ok());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(companion::ROWS), "").unwrap();
        fs::create_dir(folder.join(companion::MODEL)).unwrap();
        assert!(check_own(&folder).is_ok(), "an earlier program's own files are replaced");
        fs::write(folder.join("notes.txt"), "mine").unwrap();
        assert_eq!(check_own(&folder).unwrap_err().id, "code-folder-taken");
    }
}
