//! What the worker keeps between commands: the data, the model and the tokens at hand, and the last trained model.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::data::dataset::Dataset;
use crate::data::tokeniser::Tokeniser;
use crate::data::tokens::TokenStore;
use crate::domain::config::{DataConfig, DataSource, ModelSource};
use crate::domain::problem::{Outcome, Problem};
use crate::model::classifier::Classifier;
use crate::model::pretrained::PretrainedModel;

/// Size and time of the files that something was read from: changed files are read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Vec<(PathBuf, FileState)>);

/// Bytes and time of the last change; `None` of a file that isn't there.
type FileState = Option<(u64, Option<SystemTime>)>;

impl Stamp {
    fn of<'a>(files: impl IntoIterator<Item = &'a Path>) -> Self {
        let state = |path: &Path| std::fs::metadata(path).ok().map(|m| (m.len(), m.modified().ok()));
        Self(files.into_iter().map(|path| (path.to_owned(), state(path))).collect())
    }

    pub fn of_data(config: &DataConfig) -> Self {
        let main = match &config.source {
            DataSource::Bundled => None,
            DataSource::File(path) => Some(path),
        };
        Self::of([main, config.validation.as_ref(), config.test.as_ref()].into_iter().flatten().map(PathBuf::as_path))
    }

    pub fn of_model(source: &ModelSource) -> Self {
        match source {
            ModelSource::Bundled => Self(Vec::new()),
            ModelSource::Folder(dir) => Self::of_folder(dir),
        }
    }

    pub fn of_folder(dir: &Path) -> Self {
        let files = [
            "config.json",
            "model.safetensors",
            "pytorch_model.bin",
            "tokenizer.json",
            "vocab.txt",
            "vocab.json",
            "settings.json",
        ];
        Self::of(files.map(|name| dir.join(name)).iter().map(PathBuf::as_path))
    }
}

/// A data file as read with one configuration.
pub struct OpenData {
    pub config: DataConfig,
    pub stamp: Stamp,
    pub dataset: Dataset,
}

/// A pre-trained model.
pub struct OpenModel {
    pub source: ModelSource,
    pub stamp: Stamp,
    pub pretrained: PretrainedModel,
}

/// The data's texts as the model's tokens.
struct OpenTokens {
    data: Arc<OpenData>,
    model: Arc<OpenModel>,
    max_length: usize,
    store: Arc<TokenStore>,
}

/// A model that can classify.
pub struct ReadyModel {
    pub classifier: Classifier,
    pub tokeniser: Arc<Tokeniser>,
    pub max_length: usize,
}

/// See the module.
#[derive(Default)]
pub struct Session {
    pub data: Option<Arc<OpenData>>,
    pub model: Option<Arc<OpenModel>>,
    tokens: Option<OpenTokens>,
    /// What the window would train with: decides token lengths and a fresh head's values.
    pub max_length: usize,
    pub seed: u64,
    /// The labels that the model was last shown with.
    pub shown_labels: Vec<String>,
    /// The model of the last run and the one it grew from.
    pub trained: Option<(Arc<ReadyModel>, Arc<OpenModel>)>,
    /// The run folder last asked for a prediction.
    pub folder: Option<(PathBuf, Stamp, Arc<ReadyModel>)>,
}

impl Session {
    /// The data at hand, when it is what `config` describes.
    pub fn data_of(&self, config: &DataConfig) -> Option<Arc<OpenData>> {
        let data = self.data.as_ref()?;
        (data.config == *config && data.stamp == Stamp::of_data(config)).then(|| Arc::clone(data))
    }

    /// The model at hand, when it is the one from `source`.
    pub fn model_of(&self, source: &ModelSource) -> Option<Arc<OpenModel>> {
        let model = self.model.as_ref()?;
        (model.source == *source && model.stamp == Stamp::of_model(source)).then(|| Arc::clone(model))
    }

    /// The tokens of the data for the model; those at hand when they are the same.
    pub fn tokens_of(&mut self, data: &Arc<OpenData>, model: &Arc<OpenModel>, max_length: usize) -> Arc<TokenStore> {
        let fits = |tokens: &OpenTokens| {
            tokens.max_length == max_length
                && Arc::ptr_eq(&tokens.model, model)
                && (Arc::ptr_eq(&tokens.data, data) || same_texts(&tokens.data.dataset, &data.dataset))
        };
        if let Some(tokens) = self.tokens.as_ref().filter(|tokens| fits(tokens)) {
            return Arc::clone(&tokens.store);
        }
        let texts = Arc::clone(&data.dataset.texts);
        let store = Arc::new(TokenStore::new(texts, Arc::clone(&model.pretrained.tokeniser), max_length));
        self.tokens = Some(OpenTokens {
            data: Arc::clone(data),
            model: Arc::clone(model),
            max_length,
            store: Arc::clone(&store),
        });
        store
    }

    /// The labels to show a model with: the data's, else the model's own, else two.
    pub fn labels_for(&self, model: &OpenModel) -> Vec<String> {
        let own = || model.pretrained.facts.head_labels.clone();
        let of_data = self.data.as_ref().map(|data| data.dataset.label_names());
        of_data.or_else(own).unwrap_or_else(|| vec!["0".into(), "1".into()])
    }
}

/// Whether two readings have the same texts in the same order: a new split or a new label column changes no token.
fn same_texts(a: &Dataset, b: &Dataset) -> bool {
    a.texts.len() == b.texts.len() && (0..a.texts.len()).all(|i| a.texts.get(i) == b.texts.get(i))
}

/// # Errors
/// `max-length-above-positions` when the model can't read texts so long.
pub fn check_max_length(model: &OpenModel, max_length: usize) -> Outcome<()> {
    let facts = &model.pretrained.facts;
    if max_length <= facts.positions {
        return Ok(());
    }
    Err(Problem::new("max-length-above-positions")
        .with_count("value", max_length)
        .with_count("positions", facts.positions)
        .with("model", &facts.name))
}
