//! A run as a Python program: which program is wanted, and what was written of it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::config::RunConfig;

/// The training that a program, or a folder for a cluster, does again.
#[derive(Clone, Debug, PartialEq)]
pub enum TrainingSource {
    /// The same as this run, again.
    Run(PathBuf),
    /// What Train would do with these settings.
    Settings(Box<RunConfig>),
}

/// How the program is put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgramStyle {
    /// Hugging Face's `Trainer`.
    #[default]
    Trainer,
    /// A loop in plain PyTorch.
    Pytorch,
    /// Functions as a lecture on BERT has them: `tl_strategy`, `BertDataset`, `train_one_epoch`, `evaluate`.
    Lecture,
}

impl ProgramStyle {
    pub const ALL: [Self; 3] = [Self::Trainer, Self::Pytorch, Self::Lecture];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trainer => "trainer",
            Self::Pytorch => "pytorch",
            Self::Lecture => "lecture",
        }
    }
}

/// The kind of file that the program is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgramForm {
    /// A `.py` file.
    #[default]
    Script,
    /// An `.ipynb` file for Jupyter.
    Notebook,
}

impl ProgramForm {
    /// The extension of its file, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Script => "py",
            Self::Notebook => "ipynb",
        }
    }
}

/// The files beside a program: the same rows, the same order of batches and the same head as in Thaw.
pub mod companion {
    /// The rows with the part that each belongs to.
    pub const ROWS: &str = "rows.csv";
    /// The order of the training rows in each epoch.
    pub const ORDER: &str = "order.csv";
    /// The values of all parameters that the pretrained model does not give.
    pub const HEAD: &str = "head.safetensors";
    /// Texts and labels as Thaw reads them, where pandas would read them in another way.
    pub const DATA: &str = "data.csv";
    /// The folder of the model that comes with the program.
    pub const MODEL: &str = "model";
    /// The folder of a program `x.py` is `x_files`.
    pub const SUFFIX: &str = "_files";
}

/// A program that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenProgram {
    /// The program, or the notebook as JSON.
    pub text: String,
    /// Its file; `None` where it was only asked for as a text.
    pub file: Option<PathBuf>,
    /// The folder of the files beside it.
    pub companions: PathBuf,
}
