//! Downloading a model from the Hub into the cache. First comes `config.json`, which tells whether the model can be trained
//! here; then the other files, each of which counts only when its hash is right.

use std::fs;
use std::path::PathBuf;

use reqwest::StatusCode;
use reqwest::header::CONTENT_RANGE;
use serde::Deserialize;
use serde_json::Value;

use super::Cancel;
use super::cache::{Cache, Repo, has_tokeniser, is_commit};
use super::client::{Client, Failure, TRIES, pause};
use super::report::Report;
use super::store::{Hash, Partial, RemoteFile, check_room};
use crate::domain::hub::ModelId;
use crate::domain::problem::{Outcome, Problem};
use crate::model::pretrained::{WEIGHTS, read_config};

/// The files beside the weights that a model may need, here or in Python.
pub const SMALL_FILES: [&str; 10] = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "sentencepiece.bpe.model",
    "spiece.model",
];
/// A download is given up when the connection has broken off so many times, even if it got a little further each time.
const MOST_BREAKS: u32 = 100;

/// The Hub's answer to what a repository holds at a revision.
#[derive(Deserialize)]
struct Info {
    sha: String,
    #[serde(default)]
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<Lfs>,
}

#[derive(Deserialize)]
struct Lfs {
    sha256: Option<String>,
    size: Option<u64>,
}

/// What a repository holds at a commit.
#[derive(Debug)]
pub struct Listing {
    /// The commit, 40 hexadecimal digits.
    pub commit: String,
    files: Vec<RemoteFile>,
}

impl Listing {
    /// Reads the Hub's answer. Files that it does not tell enough of to check them are left out.
    ///
    /// # Errors
    /// What is wrong with the answer, for those who know it.
    pub fn read(answer: Value) -> Result<Self, String> {
        let Info { sha, siblings } = serde_json::from_value(answer).map_err(|error| error.to_string())?;
        if is_commit(&sha) {
            Ok(Self { commit: sha, files: siblings.iter().filter_map(Sibling::file).collect() })
        } else {
            Err("sha".to_owned())
        }
    }

    /// The files to download, with their sizes in bytes.
    ///
    /// # Errors
    /// `hub-no-tokeniser`, `hub-no-weights`.
    pub fn wanted(&self, id: &ModelId) -> Outcome<Vec<(String, u64)>> {
        Ok(choose(id, &self.files)?.into_iter().map(|file| (file.name, file.bytes)).collect())
    }
}

/// Downloads the missing files of a model and returns its snapshot's folder.
///
/// # Errors
/// Those of [`super::Hub::pull`].
pub async fn pull(
    client: &Client,
    cache: &Cache,
    id: &ModelId,
    cancel: &Cancel,
    report: &mut Report<'_>,
) -> Outcome<PathBuf> {
    let owner_and_name = id.repo.split('/');
    let mut url = client.url(["api", "models"].into_iter().chain(owner_and_name).chain(["revision", id.revision()]));
    url.query_pairs_mut().append_pair("blobs", "true");
    let answer = client.json(url, Some(id)).await?;
    let Listing { commit, files } = Listing::read(answer).map_err(|error| client.unreadable(error))?;
    let repo = cache.repo(&id.repo);
    let mut pull = Pull { client, repo: &repo, id, commit: &commit, cancel, report };

    let config = find(&files, "config.json").ok_or_else(|| Problem::new("hub-not-a-model").with("id", id))?;
    pull.report.begin(std::iter::once((config.name.clone(), config.bytes)));
    let config_came = pull.fetch(config).await?;
    // A model of a family that this program does not train is refused.
    let path = repo.blob(config.hash.hex());
    let bytes = fs::read(&path).map_err(|e| Problem::file(&path, &e));
    let is_trainable = bytes.and_then(|bytes| read_config(&bytes, &format!("{id}/config.json")));
    let wanted = match is_trainable.and_then(|_| choose(id, &files)) {
        Ok(wanted) => wanted,
        Err(problem) => {
            // A file that was in the cache before belongs to whoever put it there.
            if config_came {
                repo.take_back(&[path]);
            }
            return Err(problem);
        }
    };
    // The sizes are what the Hub says, which need not be true.
    let missing = wanted.iter().filter(|file| !pull.is_here(file)).map(|file| file.bytes).fold(0, u64::saturating_add);
    check_room(&repo.dir, missing)?;
    pull.report.begin(wanted.iter().map(|file| (file.name.clone(), file.bytes)));
    for file in &wanted {
        pull.fetch(file).await?;
    }
    // The snapshot is made last, so that one that exists is always whole.
    for file in &wanted {
        repo.link(&commit, &file.name, file.hash.hex())?;
    }
    repo.set_ref(id.revision(), &commit)?;
    Ok(repo.snapshot(&commit))
}

impl Sibling {
    /// A file in the top folder of the repository, if the answer holds all that is needed to check it.
    fn file(&self) -> Option<RemoteFile> {
        let name = self.rfilename.clone();
        let is_hex = |text: &&String, digits| text.len() == digits && text.chars().all(|c| c.is_ascii_hexdigit());
        let lower = |text: &String| text.to_ascii_lowercase();
        let hash = match &self.lfs {
            Some(lfs) => Hash::Sha256(lower(lfs.sha256.as_ref().filter(|hash| is_hex(hash, 64))?)),
            None => Hash::Git(lower(self.blob_id.as_ref().filter(|hash| is_hex(hash, 40))?)),
        };
        let bytes = self.lfs.as_ref().and_then(|lfs| lfs.size).or(self.size)?;
        let is_plain = !name.contains(['/', '\\', ':']) && !name.starts_with('.');
        is_plain.then_some(RemoteFile { name, bytes, hash })
    }
}

fn find<'a>(files: &'a [RemoteFile], name: &str) -> Option<&'a RemoteFile> {
    files.iter().find(|file| file.name == name)
}

/// Chooses the files to download. Small ones come first, so that a missing or wrong one shows early.
fn choose(id: &ModelId, files: &[RemoteFile]) -> Outcome<Vec<RemoteFile>> {
    let problem = |problem: &'static str| Problem::new(problem).with("id", id);
    let mut wanted: Vec<RemoteFile> = SMALL_FILES.iter().filter_map(|name| find(files, name)).cloned().collect();
    if !has_tokeniser(&|name| find(files, name).is_some()) {
        return Err(problem("hub-no-tokeniser"));
    }
    for name in WEIGHTS {
        if let Some(whole) = find(files, name) {
            wanted.push(whole.clone());
            return Ok(wanted);
        }
        if let (Some(index), Some((stem, ending))) = (find(files, &format!("{name}.index.json")), name.rsplit_once('.'))
        {
            let is_shard = |file: &&RemoteFile| {
                file.name.starts_with(&format!("{stem}-")) && file.name.ends_with(&format!(".{ending}"))
            };
            wanted.push(index.clone());
            wanted.extend(files.iter().filter(is_shard).cloned());
            return Ok(wanted);
        }
    }
    let others = ["tf_model.h5", "flax_model.msgpack", "model.onnx"];
    let found: Vec<&str> = others.into_iter().filter(|name| find(files, name).is_some()).collect();
    Err(problem("hub-no-weights").with("found", if found.is_empty() { "-".to_owned() } else { found.join(", ") }))
}

/// One download of a model.
struct Pull<'a, 'r> {
    client: &'a Client,
    repo: &'a Repo,
    id: &'a ModelId,
    commit: &'a str,
    cancel: &'a Cancel,
    report: &'a mut Report<'r>,
}

impl Pull<'_, '_> {
    /// Whether the cache has the file already.
    fn is_here(&self, file: &RemoteFile) -> bool {
        fs::metadata(self.repo.blob(file.hash.hex())).is_ok_and(|found| found.len() == file.bytes)
    }

    /// Downloads one file into the cache, continuing where an earlier try stopped. Returns whether anything was downloaded.
    async fn fetch(&mut self, file: &RemoteFile) -> Outcome<bool> {
        if self.is_here(file) {
            self.report.set(&file.name, file.bytes);
            return Ok(false);
        }
        let mut partial = Partial::open(self.repo, file, self.cancel)?;
        let (mut tries, mut breaks, mut was_wrong) = (1, 0, false);
        loop {
            let before = partial.done();
            self.report.set(&file.name, before);
            let is_there = partial.is_full() && file.bytes > 0;
            let ended = if is_there { Ok(()) } else { self.transfer(file, &mut partial).await };
            match ended {
                Ok(()) if partial.finish()? => {
                    self.report.set(&file.name, file.bytes);
                    return Ok(true);
                }
                Ok(()) if was_wrong => {
                    partial.discard();
                    let problem = Problem::new("hub-wrong-hash").with("file", &file.name);
                    return Err(problem.with("id", self.id).with("host", self.client.host()));
                }
                Ok(()) => was_wrong = true,
                Err(failure) if !failure.may_pass => return Err(failure.problem),
                Err(failure) => {
                    breaks += 1;
                    tries = if partial.done() > before { 1 } else { tries + 1 };
                    if tries > TRIES || breaks > MOST_BREAKS {
                        return Err(failure.problem);
                    }
                    log::info!("{} at {} of {}: {}", file.name, partial.done(), file.bytes, failure.problem);
                    pause(tries).await;
                }
            }
        }
    }

    /// Asks once for the rest of a file and writes what comes.
    async fn transfer(&mut self, file: &RemoteFile, partial: &mut Partial) -> Result<(), Failure> {
        let fatal = |problem| Failure { problem, may_pass: false };
        let parts = self.id.repo.split('/').chain(["resolve", self.commit, &file.name]);
        let url = self.client.url(parts);
        let mut response = self.client.get(url, Some(self.id), partial.done()).await?;
        let begins_at = |from: u64| {
            let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
            range.is_some_and(|range| range.starts_with(&format!("bytes {from}-")))
        };
        if partial.done() > 0 && !(response.status() == StatusCode::PARTIAL_CONTENT && begins_at(partial.done())) {
            // A server that cannot go on in the middle sends all of it.
            partial.restart().map_err(fatal)?;
            self.report.set(&file.name, 0);
        }
        while let Some(chunk) = response.chunk().await.map_err(|e| self.client.broken(&e))? {
            if !partial.write(&chunk).map_err(fatal)? {
                let problem = Problem::new("hub-wrong-size").with("file", &file.name).with("id", self.id);
                partial.restart().map_err(fatal)?;
                return Err(Failure { problem: problem.with("host", self.client.host()), may_pass: true });
            }
            self.report.add(&file.name, chunk.len() as u64);
        }
        if partial.is_full() {
            return Ok(());
        }
        let problem = Problem::new("hub-broken-off").with("host", self.client.host());
        Err(Failure {
            problem: problem.with_original(format_args!("{} / {} B", partial.done(), file.bytes)),
            may_pass: true,
        })
    }
}
