//! Copying a model folder from elsewhere, such as a memory stick, into the cache.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::cache::{Repo, is_commit};
use super::pull::SMALL_FILES;
use super::report::Report;
use super::store::{CHUNK_BYTES, Hasher, check_room, disk_problem};
use super::{Cancel, Hub};
use crate::domain::config::ModelSource;
use crate::domain::hub::{ModelId, PullProgress};
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::{mark_as_under_way, remove_abandoned};
use crate::model::pretrained::{PretrainedModel, WEIGHTS, find_weights};

/// The names of copies on their way begin so.
const PART: &str = "import-";

/// Where the model is, and the name under which it goes into the cache.
struct Origin {
    folder: PathBuf,
    id: ModelId,
    /// The model's commit, which a folder of another cache tells.
    commit: Option<String>,
}

impl Hub {
    /// Checks a model folder and copies it into the cache, as `id` or under a name that the folder tells. Returns the
    /// model's id and its folder in the cache, which is `None` when cancelled.
    ///
    /// # Errors
    /// `model-*` and `tokeniser-*` as when a model is opened; `hub-import-exists`, `hub-import-needs-id`,
    /// `hub-disk-too-small`, `hub-disk-full`, `file-error`.
    pub fn import(
        &self,
        folder: &Path,
        id: Option<&ModelId>,
        cancel: &Cancel,
        tell: &dyn Fn(PullProgress),
    ) -> Outcome<(ModelId, Option<PathBuf>)> {
        let origin = origin(folder, id)?;
        let id = ModelId { revision: None, ..origin.id };
        // The model is checked as a whole first, so that everything in the cache can be trained.
        PretrainedModel::open(&ModelSource::Folder(origin.folder.clone()))?;
        let names = file_names(&origin.folder)?;
        let size = |name: &String| fs::metadata(origin.folder.join(name)).map(|found| found.len());
        let sizes =
            names.iter().map(size).collect::<Result<Vec<u64>, _>>().map_err(|e| Problem::file(&origin.folder, &e))?;
        let repo = self.cache.repo(&id.repo);
        let before = self.cache.find(&id);
        check_room(&repo.dir, sizes.iter().sum())?;

        let mut report = Report::new(&id, tell);
        report.begin(names.iter().cloned().zip(sizes.iter().copied()));
        let (mut hashes, mut written) = (Vec::new(), Vec::new());
        for (name, bytes) in names.iter().zip(&sizes) {
            let Some(hash) = copy(&repo, &origin.folder.join(name), name, *bytes, cancel, &mut report, &mut written)?
            else {
                repo.take_back(&written);
                return Ok((id, None));
            };
            hashes.push(hash);
        }
        let commit = origin.commit.unwrap_or_else(|| {
            // The name is made from the contents, so that the same files always get the same name.
            let listing: String = names.iter().zip(&hashes).map(|(name, hash)| format!("{name} {hash}\n")).collect();
            let mut hasher = Hasher::git(listing.len() as u64);
            hasher.update(listing.as_bytes());
            hasher.hex()
        });
        if let Some(other) = before.filter(|before| before.revision != commit) {
            repo.take_back(&written);
            return Err(Problem::new("hub-import-exists").with("id", &id).with("folder", other.folder.display()));
        }
        for (name, hash) in names.iter().zip(&hashes) {
            repo.link(&commit, name, hash)?;
        }
        repo.set_ref("main", &commit)?;
        Ok((id, Some(repo.snapshot(&commit))))
    }
}

/// Finds out the model's name. A folder of another cache tells its model's id and commit; any other folder gives its own
/// name.
fn origin(folder: &Path, id: Option<&ModelId>) -> Outcome<Origin> {
    let whole = fs::canonicalize(folder).unwrap_or_else(|_missing| folder.to_owned());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let repo_id = |dir: &Path| ModelId::parse(&name(dir).strip_prefix("models--")?.replace("--", "/")).ok();
    let snapshot = |folder: &Path| {
        let repo = folder.parent().filter(|parent| name(parent) == "snapshots")?.parent()?;
        Some((repo_id(repo)?, Some(name(folder)).filter(|commit| is_commit(commit))))
    };
    let (found, folder, commit) = if let Some(own) = repo_id(&whole) {
        let folder = newest_snapshot(&whole).ok_or_else(|| {
            Problem::new("model-file-missing").with("folder", folder.display()).with("file", "config.json")
        })?;
        let commit = Some(name(&folder)).filter(|commit| is_commit(commit));
        (Some(own), folder, commit)
    } else if let Some((own, commit)) = snapshot(&whole) {
        (Some(own), whole.clone(), commit)
    } else {
        (None, folder.to_owned(), None)
    };
    let id = match id.cloned().or(found) {
        Some(id) => id,
        None => {
            let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
            let plain: String = name(&whole).chars().map(kept).collect();
            ModelId::parse(plain.trim_matches(['-', '.']))
                .map_err(|_bad| Problem::new("hub-import-needs-id").with("folder", whole.display()))?
        }
    };
    Ok(Origin { folder, id, commit })
}

/// The snapshot of the main branch, else any that is whole.
fn newest_snapshot(repo: &Path) -> Option<PathBuf> {
    let snapshots = repo.join("snapshots");
    let main = fs::read_to_string(repo.join("refs").join("main")).ok();
    let is_whole = |folder: &PathBuf| folder.join("config.json").is_file();
    let main = main.map(|commit| snapshots.join(commit.trim())).filter(is_whole);
    let mut all: Vec<PathBuf> = fs::read_dir(&snapshots).ok()?.flatten().map(|entry| entry.path()).collect();
    all.sort();
    main.or_else(|| all.into_iter().rev().find(is_whole))
}

/// The names of the model's files. Other files in its folder are left out.
fn file_names(folder: &Path) -> Outcome<Vec<String>> {
    let mut names: Vec<String> = SMALL_FILES.map(str::to_owned).into();
    let weights = find_weights(folder)?;
    if !WEIGHTS.iter().any(|whole| folder.join(whole) == weights[0]) {
        let mut indices = WEIGHTS.iter().map(|whole| format!("{whole}.index.json"));
        names.extend(indices.find(|index| folder.join(index).is_file()));
    }
    names.extend(weights.iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())));
    names.retain(|name| folder.join(name).is_file());
    Ok(names)
}

/// Copies one file to where its hash names it and returns the hash, or `None` when cancelled. The copy is added to
/// `written` unless such a file was there already.
fn copy(
    repo: &Repo,
    from: &Path,
    name: &str,
    bytes: u64,
    cancel: &Cancel,
    report: &mut Report<'_>,
    written: &mut Vec<PathBuf>,
) -> Outcome<Option<String>> {
    let blobs = repo.blob("");
    fs::create_dir_all(&blobs).map_err(|e| disk_problem(&blobs, &e))?;
    let mut source = File::open(from).map_err(|e| Problem::file(from, &e))?;
    // The Hub, too, names large files by their SHA-256 and small ones by git's hash.
    let is_large = name.ends_with(".safetensors") || name.ends_with(".bin") || name.ends_with(".model");
    let mut hasher = if is_large { Hasher::sha256() } else { Hasher::git(bytes) };
    let mut builder = tempfile::Builder::new();
    builder.prefix(PART).suffix(".incomplete");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    remove_abandoned(&blobs, PART);
    let mut copy = builder.tempfile_in(&blobs).map_err(|e| disk_problem(&blobs, &e))?;
    mark_as_under_way(copy.as_file());
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let n = source.read(&mut chunk).map_err(|e| Problem::file(from, &e))?;
        if n == 0 {
            break;
        }
        hasher.update(&chunk[..n]);
        copy.write_all(&chunk[..n]).map_err(|e| disk_problem(&blobs.join(name), &e))?;
        report.add(name, n as u64);
    }
    let hash = hasher.hex();
    let blob = repo.blob(&hash);
    let is_new = !blob.exists();
    copy.as_file().sync_all().map_err(|e| disk_problem(&blob, &e))?;
    copy.persist(&blob).map_err(|e| Problem::file(&blob, &e.error))?;
    written.extend(is_new.then_some(blob));
    report.set(name, bytes);
    Ok(Some(hash))
}
