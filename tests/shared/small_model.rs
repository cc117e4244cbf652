//! A model small enough that its training costs nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// A tiny model of the reference, with a tokeniser of as many words. `special` are its first five words, in the order of
/// the family.
pub fn small_model(folder: &Path, family: &str, special: [&str; 5]) -> PathBuf {
    let model = folder.join(family);
    fs::create_dir(&model).unwrap();
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/families").join(family);
    for file in ["config.json", "model.safetensors"] {
        fs::copy(reference.join(file), model.join(file)).unwrap();
    }
    let letters = ('a'..='z').flat_map(|c| [format!("{c}\n"), format!("##{c}\n")]).collect::<String>();
    let words = (0..63).map(|i| format!("w{i}\n")).collect::<String>();
    fs::write(model.join("vocab.txt"), format!("{}\n{letters}{words}", special.join("\n"))).unwrap();
    model
}
