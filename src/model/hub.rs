//! Models that this machine's Hugging Face cache already holds, fetched by Python or any other program.

use std::fs;

use hf_hub::cache::{CachedRepoInfo, CachedRevisionInfo};
use hf_hub::{HFClient, HFClientBuilder};
use serde_json::Value;

use super::family::Family;
use crate::domain::message::CachedModel;

/// The BERT models of the cache (`HF_HUB_CACHE`, `HF_HOME`, or the user's own), by id. Uses no network; a cache that cannot
/// be read holds nothing.
pub fn cached_models() -> Vec<CachedModel> {
    scan(HFClient::builder())
}

fn scan(client: HFClientBuilder) -> Vec<CachedModel> {
    let cache = client.build_sync().and_then(|client| client.scan_cache().send());
    let cache = match cache {
        Ok(cache) => cache,
        Err(e) => {
            log::warn!("the Hugging Face cache cannot be read: {e}");
            return Vec::new();
        }
    };
    let mut models: Vec<CachedModel> =
        cache.repos.iter().filter(|repo| repo.repo_type == "model").filter_map(usable).collect();
    models.sort_by(|a, b| a.id.cmp(&b.id));
    models
}

/// The revision to use: the main branch's when it is whole, else the newest whole one.
fn usable(repo: &CachedRepoInfo) -> Option<CachedModel> {
    let is_main = |revision: &CachedRevisionInfo| revision.refs.iter().any(|name| name == "main");
    let mut revisions: Vec<(&CachedRevisionInfo, u64)> =
        repo.revisions.iter().filter_map(|revision| Some((revision, weights_bytes(revision)?))).collect();
    revisions.sort_by_key(|(revision, _)| (is_main(revision), revision.last_modified));
    let (revision, bytes) = revisions.pop()?;
    Some(CachedModel { id: repo.repo_id.clone(), folder: revision.snapshot_path.clone(), bytes })
}

/// Size of the weights of a revision that holds a whole model of a family of ours.
fn weights_bytes(revision: &CachedRevisionInfo) -> Option<u64> {
    let file = |name: &str| revision.files.iter().find(|file| file.file_name == name);
    let has_tokeniser = file("tokenizer.json").or_else(|| file("vocab.txt")).is_some();
    let weights = file("model.safetensors").filter(|_| has_tokeniser)?;
    let config = fs::read(&file("config.json")?.file_path).ok()?;
    let config: Value = serde_json::from_slice(&config).ok()?;
    Family::of(config.get("model_type")?.as_str()?)?;
    Some(weights.size_on_disk)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

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
        let bert = ("config.json", r#"{"model_type":"bert"}"#);
        let whole = [bert, ("model.safetensors", "1234567"), ("vocab.txt", "a")];
        write(&snapshot("models--klue--bert-base", 'a'), &whole);
        write(&dir.path().join("models--klue--bert-base/refs"), &[("main", &"a".repeat(40))]);
        write(&snapshot("models--klue--bert-base", 'b'), &[bert, ("model.safetensors", "1"), ("vocab.txt", "a")]);
        write(
            &snapshot("models--bert-base-uncased", 'c'),
            &[bert, ("model.safetensors", "12"), ("tokenizer.json", "{}")],
        );
        write(&snapshot("models--half", 'd'), &[bert, ("pytorch_model.bin", "12"), ("vocab.txt", "a")]);
        write(&snapshot("models--no--words", 'd'), &[bert, ("model.safetensors", "12")]);
        write(&snapshot("models--gpt2", 'e'), &[("config.json", r#"{"model_type":"gpt2"}"#), whole[1], whole[2]]);
        write(&snapshot("models--broken", 'f'), &[("config.json", "{"), whole[1], whole[2]]);
        write(&snapshot("datasets--imdb", 'a'), &whole);
        write(dir.path(), &[("models--file", ""), ("version.txt", "1")]);

        let found = scan(HFClient::builder().cache_dir(dir.path()));
        let short: Vec<(&str, u64)> = found.iter().map(|m| (m.id.as_str(), m.bytes)).collect();
        assert_eq!(short, [("bert-base-uncased", 2), ("klue/bert-base", 7)]);
        assert_eq!(found[1].folder, snapshot("models--klue--bert-base", 'a'));
    }

    #[test]
    fn no_cache_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(scan(HFClient::builder().cache_dir(dir.path().join("none"))), []);
        fs::write(dir.path().join("file"), "").unwrap();
        assert_eq!(scan(HFClient::builder().cache_dir(dir.path().join("file"))), []);
    }
}
