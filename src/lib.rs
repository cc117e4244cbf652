//! Thaw: fine-tune BERT-family text classifiers and see what freezing layers does.
//!
//! This file is the map. Rooms stack, and a room uses only rooms below it (`X <- Y`: Y may use X); a test reads the
//! `use` lines and fails on an arrow that runs the wrong way.
//!
//! ```text
//! domain <- words
//! domain <- data <- model <- train <- {explain, runs} <- worker <- {gui, cli}
//! domain <- app <- gui          words <- {report, app, gui, cli}          report <- worker
//! domain <- python <- {runs, report, worker, app, gui, cli}
//! ```
//!
//! A run, from a click to a curve: `gui` turns the click into an [`app::action::Action`]; the feature of `app` that the
//! action belongs to changes its own state and asks for [`app::effect::Effect`]s, of which one tells the worker a
//! [`domain::message::Command`]; `worker` takes it from a channel on its own thread and calls `train`, which sees only
//! a [`domain::message::RunObserver`]. What `train` emits is logged in the run's folder and comes back in bundles of
//! [`domain::message::Event`]s, and each feature of `app` folds what concerns it into its state. `cli` sends the same
//! commands and prints the same events.

/// Plain data: settings, parameter tree, freezing, metrics, messages, problems. No files, threads, tensors or windows.
pub mod domain {
    pub mod answered;
    pub mod behaviour;
    pub mod class_weights;
    pub mod cluster;
    pub mod coach;
    pub mod command_line;
    pub mod config;
    pub mod curve;
    pub mod data_facts;
    pub mod data_map;
    pub mod dataset;
    pub mod disk_need;
    pub mod doctor;
    pub mod engine;
    pub mod estimate;
    pub mod explanation;
    pub mod finite;
    pub mod folder;
    pub mod freeze;
    pub mod half;
    pub mod health;
    pub mod history;
    pub mod hub;
    pub mod interrupt;
    pub mod labels;
    pub mod layers;
    pub mod legibility;
    pub mod lesson;
    pub mod lived_words;
    pub mod looks;
    pub mod memory;
    pub mod message;
    pub mod meter;
    pub mod metrics;
    pub mod names;
    pub mod other_test;
    pub mod params;
    pub mod precision;
    pub mod predictions;
    pub mod problem;
    pub mod program;
    pub mod proof;
    pub mod race;
    pub mod race_statistics;
    pub mod race_time;
    pub mod rate_sweep;
    pub mod reading;
    pub mod recommended;
    pub mod reference;
    pub mod report;
    pub mod selected;
    pub mod selection;
    pub mod smoothing;
    pub mod spreadsheet;
    pub mod steps;
    pub mod stored;
    pub mod suspects;
    pub mod tags;
    pub mod telling_words;
    pub mod text_map;
    pub mod text_words;
    pub mod timeline;
    pub mod work;
}

/// Every sentence a user can read, in every language of the program.
pub mod words {
    pub mod answered;
    pub mod behaviour;
    mod catalogue;
    pub mod class_files;
    pub mod class_sheet;
    pub mod doctor;
    mod fill;
    pub mod guide;
    pub mod health;
    pub mod lived_words;
    pub mod numbers;
    mod particle;
    pub mod rounded;
    pub mod shared;
    pub mod typeface;
    pub use catalogue::{Catalogue, Language};
    pub use fill::Fill;
    pub use numbers::Number;
}

/// A run as a Python program that a student can read, run and go on with.
pub mod python {
    mod changes;
    mod cluster;
    mod facts;
    mod freezing;
    mod literal;
    #[cfg(test)]
    pub mod made;
    mod names;
    mod notebook;
    mod program;
    mod table;
    #[cfg(test)]
    mod tests;
    pub use changes::changed_lines;
    pub use cluster::{cluster_files, cluster_plan};
    pub use facts::{Companions, Facts, ModelPlace, folder_name, reads_the_file};
    pub use freezing::full_name;
    pub use program::program;
}

/// CSV files in; stratified splits, tokens and packed batches out.
pub mod data {
    mod ahead;
    pub mod answer_file;
    pub mod answers;
    mod apostrophes;
    pub mod batch;
    mod classes;
    mod columns;
    mod copies;
    pub mod copy;
    pub mod dataset;
    pub mod decode;
    mod dialect;
    mod evaluation;
    pub mod every_row;
    mod flip;
    mod health;
    pub mod label_map;
    mod labels;
    mod library;
    mod loaded;
    mod preamble;
    mod reader;
    mod rows;
    mod source;
    pub mod split;
    mod strata;
    pub mod table_file;
    pub mod text_column;
    mod texts;
    pub mod tokeniser;
    pub mod tokens;
    mod usable;
}

/// Pretrained models, the trainable encoder and its operations with backward.
pub mod model {
    pub mod classifier;
    pub mod config;
    pub mod device;
    pub mod disk;
    pub mod encoder;
    pub mod family;
    mod foreign;
    pub mod half;
    pub mod hashes;
    mod head;
    pub mod host;
    pub mod hub;
    pub mod inspect;
    pub mod ops;
    mod pickle;
    pub mod pretrained;
    mod safetensors_header;
    pub mod save;
    pub mod self_test;
    pub mod tensor_file;
    pub mod weights;
}

/// How fine-tuning works: batches, loss, backward, clipping, AdamW, schedule, evaluation.
pub mod train {
    pub mod adamw;
    pub mod calibrate;
    pub mod checkpoint;
    pub mod clock;
    pub mod evaluate;
    pub mod layer_stats;
    pub mod loss;
    mod minimise;
    mod parts;
    pub mod prefix;
    pub mod probe;
    pub mod rate_sweep;
    pub mod reference;
    pub mod schedule;
    mod scratch;
    pub mod self_test;
    pub mod step;
    #[cfg(test)]
    mod tests;
    pub mod trainer;
}

/// Why a model answers as it does.
pub mod explain {
    pub mod attention;
    pub mod attribution;
    mod batches;
    pub mod behaviour;
    pub mod explanation;
    pub mod lived_words;
    pub mod neighbours;
    mod quadrature;
    pub mod suspects;
    pub mod text_map;
}

/// The run folder on disk.
pub mod runs {
    mod card;
    mod card_metadata;
    mod checkpoint;
    mod data_map;
    mod export;
    mod folder;
    mod interrupted;
    mod lesson;
    mod lesson_file;
    mod list;
    mod lived_words;
    mod lock;
    mod log;
    mod other_tests;
    mod predictions;
    mod proof;
    mod race;
    mod reader;
    mod remains;
    mod report;
    mod settings;
    mod sound;
    mod survey;
    mod suspects;
    mod tables;
    mod temperature;
    mod tensorboard;
    #[cfg(test)]
    mod tests;
    mod trainer;
    mod trash;
    mod whole_folder;
    mod writer;
    pub use data_map::data_map;
    pub use export::{Rounding, export, export_board};
    pub use folder::{check_free, now, portable, programs_folder, runs_folder, write_json};
    pub use interrupted::{Interrupted, continued};
    pub use lesson::{bundles_in, is_bundle, read_bundle, save_bundle, take_runs};
    pub use lesson_file::{carried_lessons, read_lesson};
    pub use list::{label, list};
    pub use lived_words::KeptWords;
    pub use other_tests::{keep_other_test, other_tests};
    pub use predictions::{keep_predictions, kept_predictions};
    pub use proof::prove;
    pub use race::{RaceFolder, finished, read_race};
    pub use reader::{RunReader, no_run, read_run};
    pub use remains::tidy_finished;
    pub use report::{reported_race, reported_run};
    pub use settings::{DataFacts, Metrics, RunSettings, SplitFiles, SplitRows};
    pub use suspects::KeptSuspects;
    pub use tables::export_tables;
    pub use temperature::{forget_temperature, keep_temperature, temperature};
    pub use trainer::with_checkpoint;
    pub use trash::{CAN_RESTORE, delete, restore};
    pub use whole_folder::whole_folder;
    pub use writer::{RunWriter, unless_gone};
}

/// Reports: a document from plain data, as a page of the web and on paper, with the same pictures.
pub mod report {
    mod class;
    mod colours;
    mod compared;
    mod document;
    mod fonts;
    mod handout;
    mod html;
    mod markdown;
    mod parts;
    mod pdf;
    mod pictures;
    mod plot;
    mod race;
    mod run;
    mod settings;
    mod svg;
    #[cfg(test)]
    mod tests;
    mod write;
    pub use colours::{DARK, LIGHT};
    pub use write::{bytes, document};
}

/// The background thread between the engine and the faces.
pub mod worker {
    mod answered;
    mod ask;
    mod behaviour;
    mod calibration;
    mod cluster;
    mod code;
    mod comparison;
    mod control;
    mod desk;
    mod disk;
    mod doctor;
    mod evaluation;
    mod explanations;
    mod export;
    mod folders;
    mod handle;
    mod kept_file;
    mod lane;
    mod lived_words;
    mod memory;
    mod models;
    mod paused;
    mod plans;
    mod prelude;
    mod questions;
    mod race;
    mod rate_sweep;
    mod recorder;
    mod records;
    mod reference;
    mod report;
    mod rows;
    mod run;
    mod run_memory;
    mod session;
    mod shared;
    mod sink;
    mod suspects;
    mod system;
    mod tags;
    mod temperature;
    mod text_map;
    mod training_source;
    mod work;
    pub use crate::data::label_map::read_label_map;
    pub use handle::Worker;
    pub use kept_file::KeptFile;
    pub use plans::read_plan;
    pub use system::check_instruction_sets;
}

/// The window's state and how actions and events change it; no drawing. Each feature has its own state, actions and
/// `update` and `reduce`; the rest puts the features together.
pub mod app {
    // The features.
    pub mod answered;
    pub mod code;
    pub mod compare;
    pub mod doctor;
    pub mod dropped;
    pub mod examine;
    pub mod explore;
    pub mod files;
    pub mod first_steps;
    pub mod guide;
    pub mod hub;
    pub mod lessons;
    pub mod other_tests;
    pub mod palette;
    pub mod plots;
    pub mod race;
    pub mod reports;
    pub mod run;
    pub mod runs;
    pub mod sentences;
    pub mod text_map;
    pub mod train;
    pub mod why;

    // What puts them together.
    pub mod action;
    pub mod effect;
    pub mod loading;
    pub mod reduce;
    pub mod settings;
    pub mod shell;
    pub mod state;
    #[cfg(test)]
    mod tests;
    pub mod update;
}

/// The window.
pub mod gui {
    mod axis;
    mod chart;
    mod code;
    mod dialogs;
    mod doctor;
    mod drop;
    mod file_dialog;
    mod first_steps;
    mod fit;
    mod floating;
    mod fonts;
    mod frame_stats;
    mod guide;
    mod help;
    mod icon;
    mod legend;
    mod legibility;
    mod lesson;
    mod markdown;
    mod marks;
    mod matrix;
    mod notices;
    mod overlay;
    mod palette;
    mod panels;
    mod placing;
    mod plot_menu;
    mod problem;
    mod replay_bar;
    mod report_button;
    mod run;
    mod save_plot;
    mod scene;
    mod shell;
    mod shortcuts;
    mod store;
    mod term;
    pub mod theme;
    mod top_bar;
    mod views;

    pub use run::run;
    pub use shell::ThawApp;
    pub use store::SettingsStore;
}

/// The terminal.
pub mod cli {
    mod answered;
    mod args;
    mod ask;
    mod bars;
    mod behaviour;
    mod code;
    mod doctor;
    mod entry;
    mod evaluate;
    mod explain;
    mod export;
    mod health;
    mod help;
    mod lesson;
    mod lived_words;
    mod map;
    mod meter;
    mod models;
    mod output;
    mod params;
    mod predict;
    mod proof;
    mod race;
    mod rate_sweep;
    mod report;
    mod rows;
    mod run_list;
    mod run_report;
    mod start;
    mod suspects;
    mod table;
    mod training;
    mod usage;
    pub use entry::main;
}
