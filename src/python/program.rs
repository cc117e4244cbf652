//! What the templates in `assets/python` are filled with. Each field is a piece of Python, or says whether a piece is needed.

use askama::Template;

use crate::domain::class_weights::ClassWeights;
use crate::domain::config::{DeviceKind, FinalWeights, RunConfig, Schedule, TrainingConfig};
use crate::domain::dataset::{DatasetSummary, TableFormat};
use crate::domain::freeze::Freeze;
use crate::domain::params::ParamTree;
use crate::domain::precision::Precision;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::program::{ProgramForm, ProgramStyle, companion};
use crate::domain::timeline::Unfreezing;

use super::facts::{Companions, Facts, ModelPlace, reads_the_file};
use super::freezing::{Rates, StageView, Trained, prefix_tuple, stages, trained};
use super::literal::{in_comment, number, string};
use super::notebook::notebook;
use super::table::{SplitView, TableView, split, table};

struct ModelView {
    from: String,
    told: String,
    /// Further arguments of `from_pretrained`, each with a comma before it.
    revision: String,
    arguments: Vec<String>,
    embeddings: &'static str,
    layers: &'static str,
}

/// A program in any style.
struct Program<'a> {
    title: String,
    packages: String,
    notes: Vec<String>,
    files: String,
    table: TableView,
    split: SplitView,
    model: ModelView,
    t: &'a TrainingConfig,
    learning_rate: String,
    weight_decay: String,
    clip: Option<String>,
    schedule: &'static str,
    schedule_arguments: String,
    trainer_schedule: &'static str,
    warmup_steps: usize,
    seed: u64,
    stages: Vec<StageView>,
    /// All that any stage trains.
    ever: String,
    trained: Trained,
    /// The presets 1 to 3, with what each trains, for a lecture's function that takes their number.
    strategies: Vec<String>,
    strategy: Option<usize>,
    freezing: String,
    rates: Rates,
    /// The weights of the classes, or whether they are balanced.
    weights: Option<String>,
    balanced: bool,
    keeps_best: bool,
    patience: Option<usize>,
    bf16: bool,
    /// Whether dropout is to be kept out of the frozen layers.
    stills_frozen: bool,
    device: &'static str,
    threads: Option<usize>,
}

#[derive(Template)]
#[template(path = "python/trainer.py", escape = "none")]
struct TrainerProgram<'a> {
    p: Program<'a>,
}

#[derive(Template)]
#[template(path = "python/pytorch.py", escape = "none")]
struct PytorchProgram<'a> {
    p: Program<'a>,
}

#[derive(Template)]
#[template(path = "python/lecture.py", escape = "none")]
struct LectureProgram<'a> {
    p: Program<'a>,
}

/// The program that does what Train does with these settings.
///
/// # Errors
/// Those of [`Facts::plan`].
pub fn program(facts: &Facts<'_>, style: ProgramStyle, form: ProgramForm) -> Outcome<String> {
    let program = Program::of(facts, form)?;
    let text = match style {
        ProgramStyle::Trainer => TrainerProgram { p: program }.render(),
        ProgramStyle::Pytorch => PytorchProgram { p: program }.render(),
        ProgramStyle::Lecture => LectureProgram { p: program }.render(),
    };
    let text = tidy(&text.map_err(Problem::internal)?);
    Ok(match form {
        ProgramForm::Script => text,
        ProgramForm::Notebook => notebook(&text)?,
    })
}

/// Two empty lines at most stand one after another, and none has spaces at its end.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.trim().lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 2 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy
}

impl<'a> Program<'a> {
    fn of(facts: &'a Facts<'_>, form: ProgramForm) -> Outcome<Self> {
        let Facts { config, summary, tree, companions } = facts;
        let plan = facts.plan()?;
        let t = &config.training;
        let train_rows: usize = summary.split.train.iter().sum();
        let total_steps = train_rows.div_ceil(t.rows_per_step()) * t.epochs;
        let warmup_steps = (t.warmup_share * total_steps as f64).ceil() as usize;
        let stages = stages(tree, &plan, t.epochs);
        let freeze = first_freeze(&config.freeze);
        let first = &plan.stages[0].trainable;
        let rates = Rates::of(&config.freeze, tree, &plan);
        let reads_file = reads_the_file(config, summary);
        let strategy = match freeze {
            Freeze::Preset1 => Some(1),
            Freeze::Preset2 | Freeze::Top(0) => Some(2),
            Freeze::Preset3 | Freeze::Top(1) => Some(3),
            _ => None,
        };
        let presets = [Freeze::Preset1, Freeze::Preset2, Freeze::Preset3].iter();
        let strategies =
            presets.map(|preset| Ok(prefix_tuple(tree, &preset.resolve(tree)?, 8, 3))).collect::<Outcome<_>>()?;
        let (schedule, schedule_arguments, trainer_schedule) = schedule(t.schedule, warmup_steps);
        Ok(Self {
            title: format!("{} on {}", in_comment(&tree.facts.name), in_comment(&summary.name)),
            packages: packages(summary, reads_file),
            notes: notes(config, &plan, summary),
            files: files(companions, form),
            table: table(config, summary, reads_file),
            split: split(config, reads_file),
            model: model(facts),
            t,
            learning_rate: number(config.learning_rate()),
            weight_decay: number(t.weight_decay),
            clip: (t.clip_norm > 0.0).then(|| number(t.clip_norm)),
            schedule,
            schedule_arguments,
            trainer_schedule,
            warmup_steps,
            // Larger seeds are refused by numpy, which transformers seeds as well.
            seed: t.seed % (1 << 32),
            ever: prefix_tuple(tree, &plan.ever(), 0, 7),
            trained: trained(freeze, tree, first, 4, 48),
            strategies,
            strategy: strategy.filter(|_| stages.is_empty()),
            freezing: freezing(freeze, tree.has_pooler()),
            stages,
            rates,
            weights: weights(config, summary)?,
            balanced: t.class_weights == Some(ClassWeights::Balanced),
            keeps_best: t.keep == FinalWeights::Best && t.epochs > 1,
            patience: t.patience.filter(|epochs| *epochs < t.epochs),
            bf16: t.precision == Precision::Bf16,
            stills_frozen: stills_frozen(facts, &plan),
            device: match t.device {
                DeviceKind::Cpu => "\"cuda\" if torch.cuda.is_available() else \"cpu\"",
                DeviceKind::Cuda => "\"cuda\"",
                DeviceKind::Metal => "\"mps\"",
            },
            threads: t.threads,
        })
    }

    /// Whether parameters are in groups with settings of their own.
    fn has_groups(&self) -> bool {
        self.rates != Rates::Same || self.decays()
    }

    fn decays(&self) -> bool {
        self.t.weight_decay > 0.0
    }

    fn accumulates(&self) -> bool {
        self.t.accumulation_steps > 1
    }

    /// Whether Trainer's own loss, the mean over a batch, is not the run's.
    fn has_own_loss(&self) -> bool {
        self.weights.is_some() || self.accumulates()
    }

    /// Whether Trainer cannot make the optimiser by itself.
    fn has_own_optimiser(&self) -> bool {
        self.rates != Rates::Same || !self.stages.is_empty()
    }

    fn is_pair(&self) -> bool {
        self.table.second.is_some()
    }
}

/// The freezing of the first stage.
fn first_freeze(freeze: &Freeze) -> &Freeze {
    match freeze {
        Freeze::Timeline(timeline) => timeline.stages.first().map_or(freeze, |stage| &stage.freeze),
        freeze => freeze,
    }
}

/// The freezing in words, for a comment.
fn freezing(freeze: &Freeze, has_pooler: bool) -> String {
    let pooler = if has_pooler { ", the pooler" } else { "" };
    match freeze {
        Freeze::Preset1 => "Preset 1: only the head trains.".into(),
        Freeze::Preset2 | Freeze::Top(0) if has_pooler => "Preset 2: the head and the pooler train.".into(),
        Freeze::Preset2 | Freeze::Top(0) => "Preset 2: only the head trains, since this model has no pooler.".into(),
        Freeze::Preset3 | Freeze::Top(1) => format!("Preset 3: the head{pooler} and the last encoder layer train."),
        Freeze::Full => "Full fine-tuning: everything trains.".into(),
        Freeze::Top(k) => format!("The head{pooler} and the last {k} encoder layers train."),
        Freeze::Biases => "BitFit: only the biases and the head train.".into(),
        Freeze::Names(_) | Freeze::Plan(_) | Freeze::Timeline(_) => {
            "These parameters train, and all others stay as they are.".into()
        }
    }
}

fn schedule(schedule: Schedule, warmup: usize) -> (&'static str, String, &'static str) {
    match (schedule, warmup) {
        (Schedule::Linear, _) => ("get_linear_schedule_with_warmup", format!("{warmup}, EPOCHS * STEPS"), "linear"),
        (Schedule::Cosine, _) => ("get_cosine_schedule_with_warmup", format!("{warmup}, EPOCHS * STEPS"), "cosine"),
        (Schedule::Constant, 0) => ("get_constant_schedule", String::new(), "constant"),
        (Schedule::Constant, _) => ("get_constant_schedule_with_warmup", warmup.to_string(), "constant_with_warmup"),
    }
}

fn packages(summary: &DatasetSummary, reads_file: bool) -> String {
    let workbook = if reads_file && summary.format == TableFormat::Workbook { " openpyxl" } else { "" };
    format!("torch transformers accelerate scikit-learn pandas{workbook}")
}

fn files(companions: &Companions, form: ProgramForm) -> String {
    match (companions, form) {
        (Companions::Beside(name), ProgramForm::Script) => {
            format!("Path(__file__).resolve().parent / {}", string(name))
        }
        (Companions::Beside(name), ProgramForm::Notebook) => format!("Path({})", string(name)),
        (Companions::At { folder, .. }, _) => format!("Path({})", string(&folder.display().to_string())),
    }
}

/// What holds of the run and not of the program, or the other way round.
fn notes(config: &RunConfig, plan: &Unfreezing, summary: &DatasetSummary) -> Vec<String> {
    let t = &config.training;
    let mut notes = Vec::new();
    if t.dropout != Some(0.0) {
        notes.push(
            "Dropout draws other random numbers here than in Thaw, so the losses differ by chance. With dropout 0 they agree."
                .to_owned(),
        );
    }
    if !t.frozen_precision.is_default() {
        let name = t.frozen_precision.name();
        notes.push(format!(
            "Thaw holds the frozen layers in {name}, which PyTorch cannot do in training. Here they are in 32 bits."
        ));
    }
    if t.precision == Precision::Bf16 {
        notes.push(
            "bfloat16 rounds a little otherwise in PyTorch than in Thaw, so the losses differ a little.".to_owned(),
        );
    }
    if let Some(stage) = plan.stages.iter().find(|stage| stage.from_epoch > t.epochs) {
        notes.push(format!("The plan's stage from epoch {} on is left out: the run ends before.", stage.from_epoch));
    }
    if let Some(share) = config.data.flip_labels {
        let percent = number((f64::from(share) * 1e4).round() / 1e2);
        notes.push(format!("{percent} % of the labels in {} are wrong on purpose, as in Thaw.", companion::DATA));
    }
    if summary.skipped.count > 0 {
        notes.push(format!("Thaw leaves out {} rows that it cannot use.", summary.skipped.count));
    }
    notes
}

fn model(facts: &Facts<'_>) -> ModelView {
    let Facts { config, tree, companions, .. } = facts;
    let (from, told, revision) = match (ModelPlace::of(&config.model), companions) {
        (ModelPlace::Bundled, Companions::Beside(_)) => {
            (format!("FILES / \"{}\"", companion::MODEL), "  # sentence-transformers/all-MiniLM-L6-v2".to_owned(), None)
        }
        (ModelPlace::Bundled, Companions::At { model, .. }) => {
            (string(&model.display().to_string()), "  # sentence-transformers/all-MiniLM-L6-v2".to_owned(), None)
        }
        (ModelPlace::Folder(folder), _) => (string(&folder.display().to_string()), String::new(), None),
        (ModelPlace::Hub { id, revision }, _) => (string(&id), String::new(), Some(revision)),
    };
    let is_distilbert = tree.facts.family == "distilbert";
    let mut arguments = Vec::new();
    if config.model != crate::domain::config::ModelSource::Bundled {
        // A head of the model's own, for other labels or of another kind, makes room for the one from the file.
        arguments.push("ignore_mismatched_sizes=True".to_owned());
        arguments.push("problem_type=\"single_label_classification\"".to_owned());
    }
    if let Some(dropout) = config.training.dropout {
        arguments.push(dropout_names(tree).map(|name| format!("{name}={}", number(dropout))).join(", "));
    }
    ModelView {
        from,
        told,
        revision: revision.map_or_else(String::new, |commit| format!(", revision={}", string(&commit))),
        arguments,
        embeddings: "embeddings",
        layers: if is_distilbert { "transformer.layer" } else { "encoder.layer" },
    }
}

/// The arguments of `from_pretrained` that set the dropout: of hidden states, of attention, and of the head.
pub(super) fn dropout_names(tree: &ParamTree) -> [&'static str; 3] {
    if tree.facts.family == "distilbert" {
        ["dropout", "attention_dropout", "seq_classif_dropout"]
    } else {
        ["hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"]
    }
}

/// The weights of the classes as a list; `None` where all count the same, or as many.
///
/// # Errors
/// `class-weights-unknown`.
fn weights(config: &RunConfig, summary: &DatasetSummary) -> Outcome<Option<String>> {
    let Some(weights) = &config.training.class_weights else { return Ok(None) };
    let labels: Vec<String> = summary.labels.iter().map(|label| label.label.clone()).collect();
    let weights = weights.resolve(&labels, &summary.split.train)?;
    let rounded = |weight: &f64| number((weight * 1e6).round() / 1e6);
    Ok(Some(format!("[{}]", weights.iter().map(rounded).collect::<Vec<_>>().join(", "))))
}

/// Whether dropout must be kept out of frozen layers: Hugging Face applies it in all of them.
fn stills_frozen(facts: &Facts<'_>, plan: &Unfreezing) -> bool {
    let t = &facts.config.training;
    let has_dropout = t.dropout != Some(0.0);
    let has_prefix =
        plan.within(t.epochs).any(|(stage, _)| !crate::domain::freeze::embeddings_train(facts.tree, &stage.trainable));
    has_dropout && has_prefix && !t.frozen_dropout
}
