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
