//! The temperature of a run's model, which is fitted after the run. It is in a small file of its own.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::domain::metrics::calibration::Temperature;
use crate::domain::problem::{Outcome, Problem};

use super::folder::write_json;
use super::lock::RunLock;
use super::reader::read;

pub const TEMPERATURE: &str = "temperature.json";

/// The temperature that was fitted for the model in a run's folder; `None` where none was.
///
/// # Errors
/// `run-unreadable` for a file with something else in it; `file-error`.
pub fn temperature(dir: &Path) -> Outcome<Option<Temperature>> {
    let path = dir.join(TEMPERATURE);
    let found: Option<Temperature> = read(&path)?;
    match found {
        Some(found) if !Temperature::is_sound(found.temperature) => {
            Err(Problem::new("run-unreadable").with("file", path.display()))
        }
        found => Ok(found),
    }
}

/// Keeps the temperature of a run's model with the run.
///
/// # Errors
/// `run-in-use` while a program trains the model; `file-error`.
pub fn keep_temperature(dir: &Path, temperature: &Temperature) -> Outcome<()> {
    let _lock = RunLock::take(dir)?;
    write_json(&dir.join(TEMPERATURE), temperature)
}

/// Forgets the temperature of a run's model, which is at 1 again.
///
/// # Errors
/// `file-error`.
pub fn forget_temperature(dir: &Path) -> Outcome<()> {
    let path = dir.join(TEMPERATURE);
    match fs::remove_file(&path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Problem::file(&path, &e)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temperature_is_kept_until_it_is_forgotten() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(temperature(dir.path()).unwrap(), None);
        let fitted =
            Temperature { temperature: 1.5, rows: 90, loss_before: 0.5, loss: 0.4, ece_before: 0.1, ece: 0.02 };
        keep_temperature(dir.path(), &fitted).unwrap();
        assert_eq!(temperature(dir.path()).unwrap(), Some(fitted));
        for broken in ["{", "{\"temperature\": 0}", &serde_json::to_string(&fitted).unwrap().replace("1.5", "-1.5")] {
            fs::write(dir.path().join(TEMPERATURE), broken).unwrap();
            assert_eq!(temperature(dir.path()).unwrap_err().id, "run-unreadable", "{broken}");
        }
        forget_temperature(dir.path()).unwrap();
        forget_temperature(dir.path()).unwrap();
        assert_eq!(temperature(dir.path()).unwrap(), None);
    }
}
