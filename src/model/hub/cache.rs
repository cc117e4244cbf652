//! The cache on disk, in the layout of Python's: where files are, which models are whole, and how a model is removed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use hf_hub::HFClient;
use hf_hub::cache::{CachedRepoInfo, CachedRevisionInfo};
use serde_json::Value;

use crate::domain::hub::{CachedModel, ModelId};
use crate::domain::problem::{Outcome, Problem};
use crate::model::config::EncoderConfig;
use crate::model::disk::write_whole;
use crate::model::pretrained::{WEIGHTS, parts};

/// A Hugging Face cache.
#[derive(Clone, Debug)]
pub struct Cache {
    dir: PathBuf,
}

/// The folder of one model in the cache.
pub struct Repo {
    pub dir: PathBuf,
    locks: PathBuf,
}

impl Cache {
    /// The cache in this folder, which need not exist.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    /// The folder of a model, which need not exist.
    pub fn repo(&self, repo: &str) -> Repo {
        let name = format!("models--{}", repo.replace('/', "--"));
        Repo { dir: self.dir.join(&name), locks: self.dir.join(".locks").join(name) }
    }

    /// The models that this program can train, sorted by id; of each the revision of its main branch when that is whole,
    /// else the newest whole one.
    pub fn models(&self) -> Vec<CachedModel> {
        let mut models: Vec<CachedModel> = self.repos().iter().filter_map(newest_whole).collect();
        models.sort_by(|a, b| a.id.cmp(&b.id));
        models
    }

    /// A model that is here and whole. When `id` names no revision, it is chosen as in [`Cache::models`].
    pub fn find(&self, id: &ModelId) -> Option<CachedModel> {
        let repos = self.repos();
        let repo = repos.iter().find(|repo| repo.repo_id == id.repo)?;
        let Some(wanted) = &id.revision else { return newest_whole(repo) };
        let named = |r: &&CachedRevisionInfo| r.commit_hash == *wanted || r.refs.iter().any(|name| name == wanted);
        repo.revisions.iter().find(named).and_then(|revision| whole(repo, revision))
    }

    fn repos(&self) -> Vec<CachedRepoInfo> {
        let client = HFClient::builder().endpoint("https://huggingface.co").cache_dir(&self.dir).build_sync();
        match client.and_then(|client| client.scan_cache().send()) {
            Ok(cache) => cache.repos.into_iter().filter(|repo| repo.repo_type == "model").collect(),
            Err(e) => {
                log::warn!("the Hugging Face cache cannot be read: {e}");
                Vec::new()
            }
        }
    }

    /// See [`super::Hub::remove`].
    ///
    /// # Errors
    /// `hub-not-cached`, `hub-remove-revision`, `file-error`.
    pub fn remove(&self, id: &ModelId) -> Outcome<u64> {
        if id.revision.is_some() {
            return Err(Problem::new("hub-remove-revision").with("id", id).with("repo", &id.repo));
        }
        let repo = self.repo(&id.repo);
        let bytes = self.repos().iter().find(|found| found.repo_id == id.repo).map(|found| found.size_on_disk);
        match fs::remove_dir_all(&repo.dir) {
            Ok(()) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => {
                return Err(Problem::new("hub-not-cached").with("id", id).with("folder", self.dir.display()));
            }
            Err(e) => return Err(Problem::file(&repo.dir, &e)),
        }
        fs::remove_dir_all(&repo.locks).ok();
        Ok(bytes.unwrap_or(0))
    }
}

impl Repo {
    /// The file whose content has this hash.
    pub fn blob(&self, hash: &str) -> PathBuf {
        self.dir.join("blobs").join(hash)
    }

    /// The file that is locked while the blob with this hash is downloaded.
    pub fn lock(&self, hash: &str) -> PathBuf {
        self.locks.join(format!("{hash}.lock"))
    }

    /// The folder of a commit's files.
    pub fn snapshot(&self, commit: &str) -> PathBuf {
        self.dir.join("snapshots").join(commit)
    }

    /// Makes the file `name` of a snapshot point at a blob.
    ///
    /// # Errors
    /// `file-error`.
    pub fn link(&self, commit: &str, name: &str, hash: &str) -> Outcome<()> {
        let folder = self.snapshot(commit);
        let pointer = folder.join(name);
        let failed = |e: std::io::Error| Problem::file(&pointer, &e);
        fs::create_dir_all(&folder).map_err(failed)?;
        match fs::remove_file(&pointer) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        let blob = self.blob(hash);
        let relative = Path::new("..").join("..").join("blobs").join(hash);
        // Symbolic links are not allowed on Windows without its developer mode and on some memory sticks.
        symlink(&relative, &pointer)
            .or_else(|_refused| fs::hard_link(&blob, &pointer))
            .or_else(|_refused| copy(&blob, &pointer))
            .map_err(failed)
    }

    /// Records the commit of a branch or tag.
    ///
    /// # Errors
    /// `file-error`.
    pub fn set_ref(&self, name: &str, commit: &str) -> Outcome<()> {
        if name == commit {
            return Ok(());
        }
        let file = self.dir.join("refs").join(name);
        let folder = file.parent().unwrap_or(&self.dir);
        fs::create_dir_all(folder).map_err(|e| Problem::file(folder, &e))?;
        write_whole(&file, commit.as_bytes())
    }

    /// Removes these files, which a pull or import wrote before it was given up, and the model's folders where that
    /// leaves them empty. Other programs use the same cache, so that nothing else may go.
    pub fn take_back(&self, written: &[PathBuf]) {
        for file in written {
            fs::remove_file(file).ok();
        }
        // A folder that still holds something is not removed.
        for folder in [&self.dir.join("blobs"), &self.dir.join("snapshots"), &self.dir.join("refs"), &self.dir] {
            fs::remove_dir(folder).ok();
        }
    }
}

/// Copies a file such that no half of it is ever there under its name.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let making = to.with_added_extension("incomplete");
    fs::copy(from, &making)?;
    fs::rename(&making, to)
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(target, link)
}

/// Whether a text is the hash of a commit.
pub fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// The revision of the main branch when it is whole, else the newest whole one.
fn newest_whole(repo: &CachedRepoInfo) -> Option<CachedModel> {
    let is_main = |revision: &CachedRevisionInfo| revision.refs.iter().any(|name| name == "main");
    let mut revisions: Vec<&CachedRevisionInfo> = repo.revisions.iter().collect();
    revisions.sort_by_key(|revision| (is_main(revision), revision.last_modified));
    revisions.into_iter().rev().find_map(|revision| whole(repo, revision))
}

/// A revision as a model that can be trained, if its files are all here.
fn whole(repo: &CachedRepoInfo, revision: &CachedRevisionInfo) -> Option<CachedModel> {
    let bytes = weights_bytes(revision)?;
    let (id, folder) = (repo.repo_id.clone(), revision.snapshot_path.clone());
    Some(CachedModel { id, revision: revision.commit_hash.clone(), folder, bytes })
}

/// Whether the files for which `is_there` holds make a tokeniser.
pub fn has_tokeniser(is_there: &dyn Fn(&str) -> bool) -> bool {
    is_there("tokenizer.json") || is_there("vocab.txt") || (is_there("vocab.json") && is_there("merges.txt"))
}

/// The size of a revision's weights in bytes; `None` when it is not a whole model of a family that can be trained here.
fn weights_bytes(revision: &CachedRevisionInfo) -> Option<u64> {
    let file = |name: &str| revision.files.iter().find(|file| file.file_name == name);
    if !has_tokeniser(&|name| file(name).is_some()) {
        return None;
    }
    let read = |name: &str| serde_json::from_slice::<Value>(&fs::read(&file(name)?.file_path).ok()?).ok();
    EncoderConfig::from_json(read("config.json")?.as_object()?, "config.json").ok()?;
    WEIGHTS.into_iter().find_map(|name| match (file(name), read(&format!("{name}.index.json"))) {
        (Some(weights), _) => Some(weights.size_on_disk),
        (None, Some(index)) => parts(&index).into_iter().map(|part| Some(file(part)?.size_on_disk)).sum(),
        (None, None) => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn write(folder: &Path, files: &[(&str, &str)]) {
        fs::create_dir_all(folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
    }

    #[test]
    fn whole_bert_models_of_a_cache() {
        let dir = tempfile::tempdir().unwrap();
        let snapshot =
            |repo: &str, commit: char| dir.path().join(repo).join("snapshots").join(commit.to_string().repeat(40));
        let config = json!({
            "model_type": "bert", "vocab_size": 16, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
            "intermediate_size": 12, "max_position_embeddings": 10,
        })
        .to_string();
        let bert = ("config.json", config.as_str());
        let words = ("vocab.txt", "a");
        let whole = [bert, ("model.safetensors", "1234567"), words];
        write(&snapshot("models--klue--bert-base", 'a'), &whole);
        write(&dir.path().join("models--klue--bert-base/refs"), &[("main", &"a".repeat(40))]);
        write(&snapshot("models--klue--bert-base", 'b'), &[bert, ("model.safetensors", "1"), words]);
        write(
            &snapshot("models--bert-base-uncased", 'c'),
            &[bert, ("model.safetensors", "12"), ("tokenizer.json", "{}")],
        );
        let index = (
            "model.safetensors.index.json",
            r#"{"weight_map":{"x":"m-1.safetensors","y":"m-2.safetensors","z":"m-1.safetensors"}}"#,
        );
        let shards = [bert, index, ("m-1.safetensors", "123"), words, ("m-2.safetensors", "4")];
        write(&snapshot("models--sharded", 'c'), &shards);
        write(&snapshot("models--half-sharded", 'c'), &shards[..4]);
        write(&snapshot("models--half", 'd'), &[bert, ("tf_model.h5", "12"), words]);
        write(&snapshot("models--pickled", 'd'), &[bert, ("pytorch_model.bin", "12"), words]);
        write(&snapshot("models--no--words", 'd'), &[bert, ("model.safetensors", "12")]);
        write(&snapshot("models--gpt2", 'e'), &[("config.json", r#"{"model_type":"gpt2"}"#), whole[1], words]);
        write(&snapshot("models--broken", 'f'), &[("config.json", "{"), whole[1], words]);
        write(&snapshot("datasets--imdb", 'a'), &whole);
        write(dir.path(), &[("models--file", ""), ("version.txt", "1")]);

        let cache = Cache::new(dir.path());
        let found = cache.models();
        let short: Vec<(&str, u64)> = found.iter().map(|m| (m.id.as_str(), m.bytes)).collect();
        assert_eq!(short, [("bert-base-uncased", 2), ("klue/bert-base", 7), ("pickled", 2), ("sharded", 4)]);
        assert_eq!(found[1].folder, snapshot("models--klue--bert-base", 'a'));

        let find = |text: &str| cache.find(&ModelId::parse(text).unwrap()).map(|model| model.bytes);
        assert_eq!(find("klue/bert-base"), Some(7));
        assert_eq!(find("klue/bert-base@main"), Some(7));
        assert_eq!(find(&format!("klue/bert-base@{}", "b".repeat(40))), Some(1));
        assert_eq!(find("klue/bert-base@v2"), None);
        assert_eq!(find("bert-base"), None);

        let remove = |text: &str| cache.remove(&ModelId::parse(text).unwrap());
        assert_eq!(remove("nowhere").unwrap_err().id, "hub-not-cached");
        assert_eq!(remove("klue/bert-base@main").unwrap_err().id, "hub-remove-revision");
        assert!(remove("klue/bert-base").unwrap() > 7);
        assert_eq!(find("klue/bert-base"), None);
    }

    #[test]
    fn no_cache_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Cache::new(&dir.path().join("none")).models(), []);
        fs::write(dir.path().join("file"), "").unwrap();
        assert_eq!(Cache::new(&dir.path().join("file")).models(), []);
    }
}
