//! The program that trained a run, and what is known of a run that kept a log in a form of its own.

use serde::{Deserialize, Serialize};

/// The program that trained a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    #[default]
    Thaw,
    /// PyTorch with accelerate, by the script of a folder that Thaw wrote for a cluster. Its log is like Thaw's own.
    Accelerate,
    /// The `Trainer` of Hugging Face's transformers, which knows nothing of Thaw.
    Trainer,
}

impl Engine {
    pub const fn is_thaw(&self) -> bool {
        matches!(self, Self::Thaw)
    }

    /// The message with the engine's name; `None` for Thaw itself, which needs no mention.
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::Thaw => None,
            Self::Accelerate => Some("engine-accelerate"),
            Self::Trainer => Some("engine-trainer"),
        }
    }
}

/// The shape of a run that Hugging Face's `Trainer` logged. Its settings, its rows and its seed are not in that log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainerFacts {
    /// Optimiser steps of the whole run.
    pub total_steps: usize,
    /// Optimiser steps in each epoch, where the log tells; 0 where it does not.
    pub steps_per_epoch: usize,
    /// Whether the log tells the number of epochs, and that number is whole.
    pub knows_epochs: bool,
    /// The test accuracy that the log states, without the answers behind it.
    pub test_accuracy: Option<f64>,
}

impl TrainerFacts {
    /// Whether the setting at this place in `settings.json` can be told of the run.
    pub fn knows(&self, path: &str) -> bool {
        self.knows_epochs && path == "training.epochs"
    }
}
