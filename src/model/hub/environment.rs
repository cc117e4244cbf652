//! What the environment says about the Hub, in the variables and files that Hugging Face's own programs use.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::hub::Token;
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::write_private;

const ENDPOINT: &str = "https://huggingface.co";
/// A connection is given up when nothing has come over it for so long.
const STALL_SECS: f64 = 30.0;

/// Where the Hub and its cache are, and how the Hub is asked.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The folder in `HF_HOME`, else `huggingface` in the user's cache folder.
    pub home: PathBuf,
    /// The folder in `HF_HUB_CACHE`, else `hub` in `home`.
    pub cache: PathBuf,
    /// The address in `HF_ENDPOINT`, else that of huggingface.co, without a slash at its end.
    pub endpoint: String,
    /// The token in `HF_TOKEN`, else the one in `token_file`.
    pub token: Option<Token>,
    /// The file in `HF_TOKEN_PATH`, else `token` in `home`.
    pub token_file: PathBuf,
    /// Whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` is set; then nothing is asked of any network.
    pub offline: bool,
    /// How long a connection may be silent, from `HF_HUB_DOWNLOAD_TIMEOUT`.
    pub stall: Duration,
}

impl Environment {
    /// What the variables of this process say.
    pub fn of_process() -> Self {
        Self::read(&|name| std::env::var(name).ok())
    }

    /// What variables say whose values `variable` tells by their names.
    pub fn read(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        let path = |name| set(name).map(|value| expanded(&value));
        let own_home = || {
            let caches = path("XDG_CACHE_HOME").or_else(|| Some(dirs::home_dir()?.join(".cache")));
            caches.unwrap_or_else(std::env::temp_dir).join("huggingface")
        };
        let home = path("HF_HOME").unwrap_or_else(own_home);
        let cache = path("HF_HUB_CACHE").or_else(|| path("HUGGINGFACE_HUB_CACHE")).unwrap_or_else(|| home.join("hub"));
        let token_file = path("HF_TOKEN_PATH").unwrap_or_else(|| home.join("token"));
        let is_on =
            |name| set(name).is_some_and(|value| matches!(value.to_uppercase().as_str(), "1" | "ON" | "YES" | "TRUE"));
        let token = match set("HF_TOKEN").or_else(|| set("HUGGING_FACE_HUB_TOKEN")) {
            Some(token) => Some(token),
            None if is_on("HF_HUB_DISABLE_IMPLICIT_TOKEN") => None,
            None => fs::read_to_string(&token_file).ok(),
        };
        let token = token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()).map(Token);
        let stall = set("HF_HUB_DOWNLOAD_TIMEOUT").and_then(|value| value.trim().parse::<f64>().ok());
        Self {
            endpoint: set("HF_ENDPOINT").unwrap_or_else(|| ENDPOINT.into()).trim_end_matches('/').to_owned(),
            token,
            offline: is_on("HF_HUB_OFFLINE") || is_on("TRANSFORMERS_OFFLINE"),
            stall: Duration::from_secs_f64(stall.filter(|secs| (0.1..86_400.0).contains(secs)).unwrap_or(STALL_SECS)),
            home,
            cache,
            token_file,
        }
    }

    /// Stores a token in a file that only its owner may read, and returns the file.
    ///
    /// # Errors
    /// `file-error`.
    pub fn keep_token(&self, token: &Token) -> Outcome<PathBuf> {
        let file = &self.token_file;
        let folder = file.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|e| Problem::file(file, &e))?;
        write_private(file, token.0.as_bytes())?;
        Ok(file.clone())
    }
}

/// A path with the user's home folder in place of `~`.
fn expanded(text: &str) -> PathBuf {
    let rest = text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with(['/', '\\']));
    match (rest, dirs::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches(['/', '\\'])),
        _ => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Environment {
        let find = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Environment::read(&find)
    }

    #[test]
    fn places_follow_the_variables() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().to_str().unwrap();
        let own = read(&[("HF_HOME", home)]);
        assert_eq!((own.cache, own.token_file), (dir.path().join("hub"), dir.path().join("token")));
        assert_eq!((own.endpoint.as_str(), own.offline, own.stall.as_secs()), ("https://huggingface.co", false, 30));
        let set = read(&[
            ("HF_HOME", home),
            ("HF_HUB_CACHE", "/elsewhere"),
            ("HF_ENDPOINT", "http://127.0.0.1:1/"),
            ("HF_HUB_OFFLINE", "1"),
            ("HF_HUB_DOWNLOAD_TIMEOUT", "0.5"),
        ]);
        assert_eq!(set.cache, Path::new("/elsewhere"));
        assert_eq!((set.endpoint.as_str(), set.offline, set.stall.as_millis()), ("http://127.0.0.1:1", true, 500));
        assert_eq!(read(&[("XDG_CACHE_HOME", "/x")]).cache, Path::new("/x/huggingface/hub"));
        assert_eq!(read(&[("HF_HOME", "~/hf")]).home, dirs::home_dir().unwrap().join("hf"));
    }

    #[test]
    fn a_token_from_the_environment_or_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let home = ("HF_HOME", dir.path().to_str().unwrap());
        assert_eq!(read(&[home]).token, None);
        let file = read(&[home]).keep_token(&Token("hf_file".into())).unwrap();
        assert_eq!(file, dir.path().join("token"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(read(&[home]).token, Some(Token("hf_file".into())));
        assert_eq!(read(&[home, ("HF_TOKEN", "hf_variable\n")]).token, Some(Token("hf_variable".into())));
        assert_eq!(read(&[home, ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]).token, None);
    }
}
