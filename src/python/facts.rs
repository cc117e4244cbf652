//! What a program needs to know of a run: its settings, the data and the model that they name, and where the files beside it
//! lie.

use std::path::PathBuf;

use crate::domain::config::{DataSource, ModelSource, RunConfig};
use crate::domain::dataset::{DatasetSummary, TableFormat};
use crate::domain::params::ParamTree;
use crate::domain::problem::Outcome;
use crate::domain::program::{ProgramForm, companion};
use crate::domain::timeline::Unfreezing;

/// Everything that decides a program.
pub struct Facts<'a> {
    pub config: &'a RunConfig,
    /// The data as they are read and split with these settings.
    pub summary: &'a DatasetSummary,
    /// The model with a head for the data's labels.
    pub tree: &'a ParamTree,
    pub companions: Companions,
}

/// The folder of the files beside a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Companions {
    /// A folder of this name, next to the program.
    Beside(String),
    /// A folder anywhere, by its absolute path.
    At {
        folder: PathBuf,
        /// The bundled model's folder, which several programs share.
        model: PathBuf,
    },
}

impl Facts<'_> {
    /// What trains in which epochs.
    ///
    /// # Errors
    /// Those of [`Freeze::unfreezing`](crate::domain::freeze::Freeze::unfreezing); `freeze-nothing-trains`,
    /// `plan-stage-nothing-trains`.
    pub fn plan(&self) -> Outcome<Unfreezing> {
        let plan = self.config.freeze.unfreezing(self.tree)?;
        plan.check().map(|()| plan)
    }
}

/// Whether pandas reads the data file itself as Thaw does. Otherwise the program reads a copy of texts and labels.
pub fn reads_the_file(config: &RunConfig, summary: &DatasetSummary) -> bool {
    let data = &config.data;
    let is_known = match summary.format {
        TableFormat::Delimited => encoding(&summary.encoding).is_some(),
        TableFormat::JsonLines => summary.encoding == "UTF-8",
        TableFormat::Workbook => data_path(config).is_some_and(|path| path.extension().is_some_and(|e| e == "xlsx")),
        TableFormat::Json | TableFormat::FastText | TableFormat::Folder => false,
    };
    let is_one = data.validation.is_none() && data.test.is_none();
    let is_whole = summary.is_plain && summary.skipped.count == 0 && summary.merged.is_empty();
    is_known && is_one && is_whole && data.flip_labels.is_none() && data.source != DataSource::Bundled
}

/// The data file, if the data are not the bundled ones.
pub fn data_path(config: &RunConfig) -> Option<PathBuf> {
    match &config.data.source {
        DataSource::Bundled => None,
        DataSource::File(path) => Some(path.clone()),
    }
}

/// What Python calls an encoding; `None` for one that it may not know by the same name.
pub fn encoding(whatwg: &str) -> Option<&'static str> {
    Some(match whatwg {
        "UTF-8" => "utf-8",
        "EUC-KR" => "cp949",
        "UTF-16LE" | "UTF-16BE" => "utf-16",
        "windows-1252" => "cp1252",
        "windows-1251" => "cp1251",
        "Shift_JIS" => "cp932",
        "GBK" => "gbk",
        "gb18030" => "gb18030",
        "Big5" => "big5hkscs",
        _ => return None,
    })
}

/// The name by which `from_pretrained` finds a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelPlace {
    /// It comes with the program and lies beside it.
    Bundled,
    Folder(PathBuf),
    /// A model of the Hub, and the commit of it.
    Hub {
        id: String,
        revision: String,
    },
}

impl ModelPlace {
    /// Tells a folder of the Hub's cache, `models--owner--name/snapshots/commit`, from any other.
    pub fn of(source: &ModelSource) -> Self {
        let ModelSource::Folder(folder) = source else { return Self::Bundled };
        let name =
            |n: usize| folder.ancestors().nth(n).and_then(|path| path.file_name()).and_then(|name| name.to_str());
        let of_hub = name(2).and_then(|repo| repo.strip_prefix("models--")).filter(|_| name(1) == Some("snapshots"));
        match of_hub.zip(name(0)) {
            Some((repo, commit)) => Self::Hub { id: repo.replacen("--", "/", 1), revision: commit.to_owned() },
            None => Self::Folder(folder.clone()),
        }
    }
}

/// The name of the folder beside a program that is called `stem` without its extension. A notebook has another one than a
/// script of the same name, because each belongs to the settings of its own.
pub fn folder_name(stem: &str, form: ProgramForm) -> String {
    let of_form = if form == ProgramForm::Notebook { "_notebook" } else { "" };
    format!("{stem}{of_form}{}", companion::SUFFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_of_the_hub_goes_by_its_id() {
        let place = |path: &str| ModelPlace::of(&ModelSource::Folder(path.into()));
        let hub = ModelPlace::Hub { id: "klue/bert-base".into(), revision: "77c8b3d".into() };
        assert_eq!(place("/cache/hub/models--klue--bert-base/snapshots/77c8b3d"), hub);
        assert_eq!(place("/models/bert"), ModelPlace::Folder("/models/bert".into()));
        let old = ModelPlace::Hub { id: "bert-base-uncased".into(), revision: "a".into() };
        assert_eq!(place("models--bert-base-uncased/snapshots/a"), old);
    }
}
