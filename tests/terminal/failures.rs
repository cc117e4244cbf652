//! Runs that go wrong: a loss that is no number, a disk that is full.

use super::*;

/// A model for which one word is so large that its text gives no number.
pub fn model_with_a_word_too_large(place: &Place, word: &str) -> String {
    let base = place.path("base");
    fs::create_dir(&base).unwrap();
    for name in ["config.json", "tokenizer.json", "vocab.txt"] {
        fs::copy(Path::new(&run().dir).join(name), base.join(name)).unwrap();
    }
    let mut weights = fs::read(Path::new(&run().dir).join("model.safetensors")).unwrap();
    let header_bytes = u64::from_le_bytes(weights[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&weights[8..8 + header_bytes]).unwrap();
    let table = &header["bert.embeddings.word_embeddings.weight"];
    let width = table["shape"][1].as_u64().unwrap() as usize;
    let vocabulary = fs::read_to_string(base.join("vocab.txt")).unwrap();
    let id = vocabulary.lines().position(|line| line == word).unwrap();
    let start = 8 + header_bytes + table["data_offsets"][0].as_u64().unwrap() as usize + id * width * 4;
    weights[start..start + width * 4].as_chunks_mut::<4>().0.iter_mut().for_each(|x| *x = 1e38f32.to_le_bytes());
    fs::write(base.join("model.safetensors"), weights).unwrap();
    base.to_str().unwrap().to_owned()
}

#[test]
fn a_loss_that_is_no_number_ends_the_run_and_keeps_what_was_good() {
    let place = Place::new();
    let base = model_with_a_word_too_large(&place, "zebra");
    let data = place.file("films.csv", reviews(60).replace("number 6\"", "zebra 6\""));
    let args = ["train", "--data", &data, "--model", &base, "--batch-size", "4", "--json", "--no-prefix-cache"];
    for (extra, freeze) in [(&[][..], "1"), (&["--checkpoint-minutes", "1e-9"], "3"), (&["--batch-size", "40"], "2")] {
        let out = place.at(freeze);
        let mut args: Vec<&str> = args.iter().copied().chain(["--freeze", freeze, "--out", &out]).collect();
        if extra.first() == Some(&"--batch-size") {
            args.retain(|arg| !["--batch-size", "4"].contains(arg));
        }
        let output = place.thaw(&[&args[..], extra].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        let told = printed(&output);
        let ended = told.last().unwrap();
        assert_eq!((&ended["event"], &ended["outcome"]), (&"run_ended".into(), &"failed".into()));
        let step = of_kind(&told, "step").len() + 1;
        assert!(
            said.contains(&format!("at step {step} (learning rate")) && said.contains("Try a learning rate"),
            "{said}"
        );
        if freeze == "2" {
            assert!(step == 1 && said.contains("Nothing learned") && !Path::new(&out).exists(), "{said}");
            continue;
        }
        assert!(step > 1 && said.contains(&format!("after step {} is kept", step - 1)), "{said}");
        let kept = lines(&place.thaw(&["predict", &out, "--json", "a warm film"]));
        assert!(kept[0]["probabilities"]["good"].as_f64().is_some(), "the kept model answers with numbers");
        assert!(!Path::new(&out).join("checkpoint").exists(), "gone on with, it would fail again");
        assert_eq!(json(&out, "metrics.json")["outcome"], "failed");
        assert_eq!(place.thaw(&["train", "--resume", &out]).status.code(), Some(1));
    }
}

/// A limit on the size of files stands for a full disk: the checkpoint does not fit, the small files do.
#[cfg(unix)]
#[test]
fn training_goes_on_when_a_checkpoint_does_not_fit_the_disk() {
    let place = Place::new();
    let out = place.at("run");
    let thaw = assert_cmd::cargo::cargo_bin!("thaw").to_str().unwrap();
    // In blocks of 512 or 1024 bytes, by the shell; preset 3 keeps 23 MB.
    let script =
        format!("trap '' XFSZ; ulimit -f 10000; exec \"{thaw}\" train --freeze 3 --max-rows 60 --out \"{out}\" --json");
    let output = std::process::Command::new("sh").args(["-c", &script]).env("THAW_LANGUAGE", "en").output().unwrap();
    let said = text(&output.stderr);
    assert!(said.contains("A checkpoint could not be written") && said.contains("Training goes on"), "{said}");
    let told = printed(&output);
    assert_eq!(of_kind(&told, "epoch_ended").len(), 3, "every epoch came");
    let parts = |dir: &Path| {
        fs::read_dir(dir)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().starts_with('.'))
            .count()
    };
    assert_eq!(parts(Path::new(&out)) + parts(&Path::new(&out).join("checkpoint")), 0, "no part file is left");
}
