//! `thaw export` as TensorBoard's file, as tables and with weights in 16 bits; `thaw train --tensorboard`.

use super::*;

/// The only file in a folder.
fn only_file(folder: &Path) -> PathBuf {
    let files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.into_iter().next().unwrap()
}

fn export(place: &Place, args: &[&str]) -> Value {
    let done = place.thaw(&[&["export"], args, &["--json"]].concat());
    assert!(done.status.success(), "{}", text(&done.stderr));
    lines(&done).pop().unwrap()
}

/// `scripts/check_tensorboard.py` compares what is in such a file with the run's log.
#[test]
fn tensorboard_s_file_is_the_same_whether_it_grows_with_the_run_or_is_made_afterwards() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let done = lines(&place.thaw(&[&["train", "--data", &data, "--tensorboard", "--json"], &SMALL[..]].concat()));
    let dir = done.last().unwrap()["run_dir"].as_str().unwrap();
    let grown = only_file(&Path::new(dir).join("tensorboard"));
    let to = place.at("board");
    assert_eq!(export(&place, &[dir, "--tensorboard", &to])["folder"], to.as_str());
    let made = only_file(Path::new(&to));
    assert_eq!(made.file_name(), grown.file_name());
    assert!(made.file_name().unwrap().to_str().unwrap().starts_with("events.out.tfevents."));
    let bytes = fs::read(&made).unwrap();
    assert!(bytes == fs::read(grown).unwrap(), "both files hold the same");
    for tag in ["train/loss", "validation/accuracy", "drift/classifier", "test/matrix", "\u{89}PNG", "all-MiniLM-L6-v2"]
    {
        let tag: Vec<u8> = tag.chars().map(|c| c as u8).collect();
        assert!(bytes.windows(tag.len()).any(|window| window == tag), "{tag:?}");
    }
    let again = place.thaw(&["export", dir, "--tensorboard", &to]);
    assert!(again.status.code() == Some(1) && text(&again.stderr).contains("not empty"), "{}", text(&again.stderr));
    // A run without the option has no such folder.
    assert!(!Path::new(&run().dir).join("tensorboard").exists());
}

#[test]
fn the_tables_hold_what_the_run_has_told() {
    let (run, place) = (run(), Place::new());
    let to = place.at("tables");
    export(&place, &[&run.dir, "--tables", &to]);
    let read = |name: &str| fs::read_to_string(Path::new(&to).join(name)).unwrap();
    let objects =
        |name: &str| -> Vec<Value> { read(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let steps = of_kind(&run.lines, "step");
    let curves = objects("curves.jsonl");
    assert_eq!((curves.len(), read("curves.csv").lines().count()), (steps.len(), steps.len() + 1));
    for (row, step) in curves.iter().zip(&steps) {
        for name in ["step", "epoch", "loss", "accuracy", "learning_rate", "grad_norm"] {
            assert_eq!(row[name], step[name], "{name}");
        }
    }
    let epochs = of_kind(&run.lines, "epoch_ended");
    assert_eq!(objects("epochs.jsonl")[1]["validation_loss"], epochs[1]["validation_loss"]);
    let test = of_kind(&run.lines, "test_evaluated")[0];
    let metrics = objects("metrics.jsonl");
    let metric = |name: &str| &metrics.iter().find(|row| row["metric"] == name).unwrap()["value"];
    assert_eq!((metric("test_accuracy"), metric("test_loss")), (&test["accuracy"], &test["loss"]));
    let matrix: u64 = objects("matrix.jsonl").iter().map(|cell| cell["rows"].as_u64().unwrap()).sum();
    assert_eq!(metric("test_rows").as_u64(), Some(matrix));
    assert_eq!(objects("classes.jsonl").len(), 2);
    let splits = json(&run.dir, "splits.json");
    let count = |part: &str| splits[part].as_array().unwrap().len();
    let predictions = objects("predictions.jsonl");
    assert_eq!(predictions.len(), count("validation") + count("test"));
    assert!(read("predictions.csv").starts_with("row,split,label,predicted,p_bad,p_good\n"));
    let right = |row: &&Value| row["split"] == "test" && row["label"] == row["predicted"];
    let accuracy = predictions.iter().filter(right).count() as f64 / matrix as f64;
    assert!((accuracy - test["accuracy"].as_f64().unwrap()).abs() < 1e-12);
    assert_eq!(objects("data_map.jsonl").len(), count("train"));
    assert!(objects("layers.jsonl").iter().any(|row| row["parameter"] == "classifier.weight"));
}

#[test]
fn weights_are_rounded_to_sixteen_bits_and_the_card_says_what_that_changes() {
    let (run, place) = (run(), Place::new());
    let whole = place.at("whole");
    export(&place, &[&run.dir, "--to", &whole]);
    let size = |dir: &str| fs::metadata(Path::new(dir).join("model.safetensors")).unwrap().len();
    for (half, name, dtype, torch) in [
        ("--half", "f16", safetensors::Dtype::F16, "float16"),
        ("--half=bf16", "bf16", safetensors::Dtype::BF16, "bfloat16"),
    ] {
        let to = place.at(name);
        let told = export(&place, &[half, &run.dir, "--to", &to]);
        assert_eq!(told["weights"], name);
        let measured = &told["measured"];
        let test = of_kind(&run.lines, "test_evaluated")[0];
        assert_eq!(measured["accuracy_before"], test["accuracy"]);
        let (before, after) = (measured["loss_before"].as_f64().unwrap(), measured["loss"].as_f64().unwrap());
        assert!((before - test["loss"].as_f64().unwrap()).abs() < 1e-6 && (before - after).abs() < 1e-2, "{measured}");
        assert!(before != after, "the rounded weights are what is measured");
        let share = size(&to) as f64 / size(&whole) as f64;
        assert!((0.49..0.51).contains(&share), "{share}");
        let bytes = fs::read(Path::new(&to).join("model.safetensors")).unwrap();
        let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        assert!(metadata.tensors().values().all(|tensor| tensor.dtype == dtype));
        assert_eq!(json(&to, "config.json")["torch_dtype"], torch);
        let card = fs::read_to_string(Path::new(&to).join("README.md")).unwrap();
        assert!(
            card.contains(&format!("The weights were rounded to {name}.")) && card.contains(&format!("{after:.6}")),
            "{card}"
        );
        let asked = |dir: &str| lines(&place.thaw(&["predict", dir, "--json", "a warm film"])).remove(0);
        assert_eq!(asked(&to)["predicted"], asked(&whole)["predicted"]);
    }
    let without = place.thaw(&["export", &run.dir, "--half", "--tables", &place.at("x")]);
    assert!(without.status.code() == Some(2) && text(&without.stderr).contains("--half"), "{}", text(&without.stderr));
    let wrong = place.thaw(&["export", &run.dir, "--to", &place.at("x"), "--half=int8"]);
    assert!(wrong.status.code() == Some(2) && text(&wrong.stderr).contains("f16 or bf16"), "{}", text(&wrong.stderr));
    assert!(!place.path("x").exists());
}

#[test]
fn a_model_whose_test_rows_are_gone_is_rounded_and_says_that_nothing_was_measured() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let dir = place.at("run");
    place.thaw(&[&["train", "--data", &data, "--out", &dir], &SMALL[..]].concat());
    fs::remove_file(&data).unwrap();
    let to = place.at("half");
    let told = export(&place, &[&dir, "--to", &to, "--half"]);
    assert!(told["measured"]["error"].as_str().unwrap().contains("films.csv"), "{told}");
    let card = fs::read_to_string(Path::new(&to).join("README.md")).unwrap();
    assert!(card.contains("could not be measured"), "{card}");
}
