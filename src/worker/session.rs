//! What the worker keeps between commands: the data, the model and the tokens at hand, and the last trained model.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::data::dataset::Dataset;
use crate::data::tokeniser::Tokeniser;
use crate::data::tokens::TokenStore;
use crate::domain::config::{ClassifierSource, DataConfig, DataSource, HeadConfig, ModelSource};
use crate::domain::message::RowReads;
use crate::domain::metrics::scores::Scores;
use crate::domain::params::ParamTree;
use crate::model::classifier::Classifier;
use crate::model::pretrained::PretrainedModel;

use super::rows::HeldAnswers;
use super::text_map::HeldMap;

/// Size and time of the files that something was read from: changed files are read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Vec<(PathBuf, FileState)>);

/// Bytes and time of the last change; `None` of a file that isn't there.
type FileState = Option<(u64, Option<SystemTime>)>;

impl Stamp {
    fn of<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Self {
        let state = |path: &Path| std::fs::metadata(path).ok().map(|m| (m.len(), m.modified().ok()));
        Self(files.into_iter().map(|path| (path.clone(), state(path))).collect())
    }

    pub fn of_data(config: &DataConfig) -> Self {
        let main = if let DataSource::File(path) = &config.source { Some(path) } else { None };
        Self::of(main.into_iter().chain(&config.validation).chain(&config.test))
    }

    pub fn of_model(source: &ModelSource) -> Self {
        match source {
            ModelSource::Bundled => Self(Vec::new()),
            ModelSource::Folder(dir) => Self::of_folder(dir),
        }
    }

    /// A file of weights, or a folder with such.
    pub fn of_head(place: &Path) -> Self {
        if place.is_dir() {
            Self::of_folder(place)
        } else {
            Self::of([&place.to_owned(), &place.with_file_name("config.json")])
        }
    }

    /// A run's model, and the data and rows that it was tested on.
    pub fn of_run(dir: &Path) -> Self {
        Self::of(&["model.safetensors", "config.json", "settings.json", "splits.json"].map(|name| dir.join(name)))
    }

    /// All that a model may be read from: its settings, its tokeniser, and its weights in one file or in several.
    pub fn of_folder(dir: &Path) -> Self {
        let is_of_model = |path: &PathBuf| match &*path.file_name().unwrap_or_default().to_string_lossy() {
            "config.json" | "tokenizer.json" | "tokenizer_config.json" | "special_tokens_map.json" => true,
            "vocab.txt" | "vocab.json" | "merges.txt" | "added_tokens.json" | "settings.json" => true,
            "adapter_config.json" | "temperature.json" => true,
            name => [".safetensors", ".bin", ".index.json"].iter().any(|ending| name.ends_with(ending)),
        };
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_of_model).collect();
        files.sort();
        Self::of(&files)
    }
}

/// A data file as read with one configuration.
pub struct OpenData {
    pub config: DataConfig,
    pub stamp: Stamp,
    pub dataset: Dataset,
    /// The tokens that were made while the data were read, for the model that was at hand then.
    pub tokens: Option<Arc<TokenStore>>,
}

impl OpenData {
    /// Whether reading with this configuration gives the same rows. What is stated of the model's head changes none.
    pub fn is_of(&self, config: &DataConfig) -> bool {
        let (label_map, new_head) = (config.label_map.clone(), config.new_head);
        DataConfig { label_map, new_head, ..self.config.clone() } == *config
    }
}

/// A pre-trained model.
pub struct OpenModel {
    pub source: ModelSource,
    pub stamp: Stamp,
    pub pretrained: PretrainedModel,
}

/// A model that can classify.
pub struct ReadyModel {
    pub classifier: Classifier,
    /// This is true where the classifier's temperature was fitted.
    pub is_fitted: bool,
    pub tokeniser: Arc<Tokeniser>,
    pub max_length: usize,
    pub reads: RowReads,
}

/// So many models that were read to classify with are kept at hand at most: a run's, the one that it grew from, and another.
const CLASSIFIERS: usize = 3;
/// They are kept as long as all of them take no more memory than this; the one last asked always is.
const CLASSIFIERS_BYTES: usize = 1 << 30;

/// A model that was read to classify with.
pub struct OpenClassifier {
    pub source: ClassifierSource,
    /// The states of its files and of its head's.
    pub stamps: (Stamp, Option<Stamp>),
    pub model: Arc<ReadyModel>,
}

/// The model of a run.
#[derive(Clone)]
pub struct TrainedModel {
    pub ready: Arc<ReadyModel>,
    /// The one that it grew from.
    pub from: Arc<OpenModel>,
    /// The run's folder.
    pub dir: PathBuf,
}

/// A run's model says this of the run's test rows at temperature 1. It is kept so that another temperature takes no
/// time.
#[derive(Clone)]
pub struct ScoredRun {
    pub stamp: Stamp,
    pub labels: Vec<String>,
    pub test: Arc<Scores>,
}

/// See the module. It is locked for moments only: no one reads a file or compares texts with the lock held.
#[derive(Default)]
pub struct Session {
    pub data: Option<Arc<OpenData>>,
    /// The data that the window asked for last. A race may have other data at hand meanwhile.
    pub asked_data: Option<Arc<OpenData>>,
    pub model: Option<Arc<OpenModel>>,
    /// The tokens of the data for the model.
    pub tokens: Option<Arc<TokenStore>>,
    /// What the window would train with decides the token lengths that it is shown.
    pub max_length: usize,
    /// The labels that the model was last shown with, and what was stated of its head.
    shown_labels: (Vec<String>, HeadConfig),
    /// The model of the last run.
    pub trained: Option<TrainedModel>,
    /// The models last asked for a prediction, the last one last.
    classifiers: Vec<OpenClassifier>,
    /// The run whose probabilities were last asked for.
    pub scored: Option<ScoredRun>,
    /// Runs answered these row by row; the last that were read or computed stand last.
    pub answers: Vec<HeldAnswers>,
    /// The map of texts that was asked for last.
    pub map: Option<Arc<HeldMap>>,
}

impl Session {
    /// The model that was read from this source while its files were in this state.
    pub fn classifier(
        &mut self,
        source: &ClassifierSource,
        stamps: &(Stamp, Option<Stamp>),
    ) -> Option<Arc<ReadyModel>> {
        let place = self.classifiers.iter().position(|open| open.source == *source && open.stamps == *stamps)?;
        let found = self.classifiers.remove(place);
        let model = Arc::clone(&found.model);
        self.classifiers.push(found);
        Some(model)
    }

    /// Keeps a model at hand, and with it those asked before as long as they take little memory: whoever compares several
    /// models asks them in turn.
    pub fn keep_classifier(&mut self, opened: OpenClassifier) {
        self.classifiers.retain(|open| open.source != opened.source);
        self.classifiers.push(opened);
        let mut bytes = 0;
        let is_kept = |open: &OpenClassifier| {
            bytes += open.model.classifier.weights_bytes();
            bytes <= CLASSIFIERS_BYTES
        };
        let kept = self.classifiers.iter().rev().map(is_kept).take(CLASSIFIERS).filter(|kept| *kept).count().max(1);
        self.classifiers.drain(..self.classifiers.len() - kept);
    }

    /// Lets go of the models but the one last asked, because a run needs the memory.
    pub fn free_classifiers(&mut self) {
        let surplus = self.classifiers.len().saturating_sub(1);
        self.classifiers.drain(..surplus);
    }

    /// The parameters of a model as it is shown: its head is for the labels of the data at hand.
    pub fn show(&mut self, model: &OpenModel) -> Arc<ParamTree> {
        self.shown_labels = (self.labels_for(model), self.head());
        Arc::new(model.pretrained.stating(&self.shown_labels.1).tree(&self.shown_labels.0))
    }

    /// The model at hand, when the data at hand give its head other labels than it was shown with.
    pub fn model_with_other_head(&self) -> Option<Arc<OpenModel>> {
        let (labels, head) = &self.shown_labels;
        self.model.clone().filter(|model| self.labels_for(model) != *labels || self.head() != *head)
    }

    /// What is stated of the head for the data at hand.
    pub fn head(&self) -> HeadConfig {
        self.data.as_ref().map(|data| data.config.head()).unwrap_or_default()
    }

    /// The labels to show a model with: the data's, else the model's own, else two.
    pub fn labels_for(&self, model: &OpenModel) -> Vec<String> {
        let own = || model.pretrained.facts.head_labels.clone();
        let of_data = self.data.as_ref().map(|data| data.dataset.label_names());
        of_data.or_else(own).unwrap_or_else(|| vec!["0".into(), "1".into()])
    }

    /// Whether both are at hand, and not replaced meanwhile.
    pub fn has(&self, data: &Arc<OpenData>, model: &Arc<OpenModel>) -> bool {
        self.data.as_ref().is_some_and(|own| Arc::ptr_eq(own, data))
            && self.model.as_ref().is_some_and(|own| Arc::ptr_eq(own, model))
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::precision::Precision;

    use super::super::questions::frozen;
    use super::*;

    #[test]
    fn models_that_are_asked_in_turn_stay_at_hand() {
        let pretrained = PretrainedModel::open(&ModelSource::Bundled).unwrap();
        let labels = ["bad", "good"].map(String::from);
        let classifier = frozen(&pretrained, &labels, 0, Precision::F32).unwrap();
        let opened = |name: &str| OpenClassifier {
            source: PathBuf::from(name).into(),
            stamps: (Stamp(Vec::new()), None),
            model: Arc::new(ReadyModel {
                classifier: classifier.clone(),
                is_fitted: false,
                tokeniser: Arc::clone(&pretrained.tokeniser),
                max_length: 64,
                reads: RowReads::OneText,
            }),
        };
        let mut session = Session::default();
        let find = |session: &mut Session, name: &str| {
            session.classifier(&PathBuf::from(name).into(), &(Stamp(Vec::new()), None)).is_some()
        };
        ["run", "pre-trained", "other"].into_iter().for_each(|name| session.keep_classifier(opened(name)));
        assert!(["pre-trained", "other", "run"].into_iter().all(|name| find(&mut session, name)));
        session.keep_classifier(opened("fourth"));
        assert!(!find(&mut session, "pre-trained"), "the one that was asked least lately made room");
        let other_files = (Stamp(vec![(PathBuf::new(), None)]), None);
        assert!(session.classifier(&PathBuf::from("run").into(), &other_files).is_none());
        session.free_classifiers();
        assert!(find(&mut session, "fourth") && !find(&mut session, "run"));
    }

    #[test]
    fn a_changed_shard_or_merge_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        let files = ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "merges.txt", "vocab.json"];
        files.iter().for_each(|name| write(name, "a"));
        let mut before = Stamp::of_folder(folder.path());
        assert_eq!(before, Stamp::of_folder(folder.path()));
        for name in
            files.into_iter().chain(["model-00002-of-00002.safetensors", "pytorch_model.bin", "added_tokens.json"])
        {
            write(name, "longer");
            let after = Stamp::of_folder(folder.path());
            assert_ne!(before, after, "{name}");
            before = after;
        }
        write("label.json", "{}");
        assert_eq!(before, Stamp::of_folder(folder.path()), "a name that is given to a run is not of its model");
    }
}
