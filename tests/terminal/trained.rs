//! What a trained model answers: `thaw evaluate` and `thaw predict`.

use super::*;

#[test]
fn evaluate_finds_the_runs_own_test_rows() {
    let Run { place, lines: of_run, dir } = run();
    let measured = lines(&place.thaw(&["evaluate", dir, "--json"]));
    assert_eq!(measured.len(), 1);
    assert_eq!(&as_tested(&measured[0]), of_kind(of_run, "test_evaluated")[0]);

    let readable = place.thaw(&["evaluate", dir]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("95 % interval") && readable.contains("Confusion matrix"), "{readable}");
}

#[test]
fn evaluate_takes_files_and_plain_folders() {
    let Run { place, dir, .. } = run();
    let place_here = Place::new();
    let one_class = place_here.file("good.csv", "text,label\nsplendid and clever,good\nI loved it,good\n");
    let measured = lines(&place.thaw(&["evaluate", dir, "--data", &one_class, "--json"]));
    assert_eq!(measured[0]["labels"], serde_json::json!(["bad", "good"]));
    assert_eq!(measured[0]["per_class"][1]["support"], 2);

    let strange = place_here.file("strange.csv", "text,label\nsplendid,good\nodd,peculiar\n");
    let refused = place.thaw(&["evaluate", dir, "--data", &strange, "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("strange.csv") && said.contains("peculiar"), "{said}");

    // The same folder as another program would have written it.
    let plain = place_here.path("plain");
    fs::create_dir(&plain).unwrap();
    for name in ["config.json", "model.safetensors", "tokenizer.json"] {
        fs::copy(Path::new(dir).join(name), plain.join(name)).unwrap();
    }
    let plain = plain.to_str().unwrap();
    let needs_data = place.thaw(&["evaluate", plain]);
    assert_eq!(needs_data.status.code(), Some(1));
    assert!(text(&needs_data.stderr).contains("--data"));
    let same = lines(&place.thaw(&["evaluate", plain, "--data", &one_class, "--json"]));
    assert_eq!(same, measured);
}

#[test]
fn predict_reads_arguments_and_lines() {
    let Run { place, dir, .. } = run();
    let texts = ["a bright and moving film", "", "dull, empty, awful"];
    let from_args = lines(&place.thaw(&["predict", dir, texts[0], texts[1], texts[2], "--json"]));
    assert_eq!(keys(&from_args[0]), ["text", "label", "probabilities"]);
    assert_eq!(keys(&from_args[0]["probabilities"]), ["bad", "good"]);
    let sum: f64 = from_args[0]["probabilities"].as_object().unwrap().values().map(|p| p.as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-6);

    let input = format!("\u{feff}{}\r\n{}\n{}", texts[0], texts[1], texts[2]);
    let from_lines = lines(&place.thaw_with(&["predict", dir, "--json"], input.as_bytes()));
    assert_eq!(from_args.len(), 3);
    for (a, b) in from_args.iter().zip(&from_lines) {
        assert_eq!((&a["text"], &a["label"]), (&b["text"], &b["label"]));
    }
    let damaged = lines(&place.thaw_with(&["predict", dir, "--json"], b"caf\xe9\n"));
    assert_eq!(damaged[0]["text"], "caf\u{fffd}");
    let missing = place.thaw(&["predict", &place.at("nowhere"), "x"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("nowhere"));
}

#[test]
fn lines_are_answered_as_they_come() {
    let Run { place, dir, .. } = run();
    let mut child = place.start_with(&["predict", dir, "--json"], Stdio::piped());
    let mut input = child.stdin.take().unwrap();
    let answers = BufReader::new(child.stdout.take().unwrap()).lines();
    let (told, heard) = mpsc::channel();
    // An answer that is held back until the input ends never comes here, and reading it would block.
    thread::spawn(move || answers.map_while(Result::ok).try_for_each(|line| told.send(line)));
    for text in ["a warm film", "a dull film"] {
        writeln!(input, "{text}").unwrap();
        let answer: Value = serde_json::from_str(&heard.recv_timeout(DEADLINE).unwrap()).unwrap();
        assert_eq!(answer["text"], text);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn predict_takes_a_column_of_a_table() {
    let Run { place, dir, .. } = run();
    let here = Place::new();
    let table = "id,review,note\n1,a bright and moving film,x\n2,,x\n3,\"dull,\nempty, awful\",a far longer note\n";
    let table = here.file("films.csv", table);
    let output = place.thaw(&["predict", dir, "--data", &table, "--text-column", "review", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("row 3"), "the skipped row is said: {}", text(&output.stderr));
    let told = printed(&output);
    assert_eq!(told.iter().map(|line| line["row"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(keys(&told[0]), ["text", "label", "probabilities", "row"]);
    let alone = lines(&place.thaw(&["predict", dir, "a bright and moving film", "--json"]));
    assert_eq!(told[0]["probabilities"], alone[0]["probabilities"]);

    let readable = place.thaw(&["predict", dir, "--data", &table]);
    assert_eq!(text(&readable.stdout).lines().count(), 2, "a line a row: {}", text(&readable.stdout));
    assert!(text(&readable.stderr).contains("“review”"), "the guess is said: {}", text(&readable.stderr));
    for wrong in [&["--data", &table, "--text-column", "nope"][..], &["--data", &here.at("none.csv")]] {
        assert_eq!(place.thaw(&[&["predict", dir][..], wrong].concat()).status.code(), Some(1));
    }
    for wrong in [&["a text", "--data", &table][..], &["--text-column", "review"], &["--header", "no"]] {
        assert_eq!(place.thaw(&[&["predict", dir][..], wrong].concat()).status.code(), Some(2));
    }

    // How the table is read is stated as for a training.
    let table = here.file("films.txt", "7|a bright film|null\n8|null|a \"far\" longer note of words\n");
    let stated = ["--header", "no", "--text-column", "2", "--quoting", "none", "--keep-missing-words", "--json"];
    let told = lines(&place.thaw(&[&["predict", dir, "--data", &table][..], &stated].concat()));
    assert_eq!(told.iter().map(|line| line["text"].as_str().unwrap()).collect::<Vec<_>>(), ["a bright film", "null"]);
    let alone = here.file("alone.csv", "a bright film\na dull film\n");
    let told = lines(&place.thaw(&["predict", dir, "--data", &alone, "--header", "no", "--json"]));
    assert_eq!(told.len(), 2, "the first row of a column without a name is a text, too");
}

/// A head is the smallest part of a run that another machine needs, where it has the base model.
#[test]
fn a_head_works_on_the_model_that_it_was_trained_on() {
    let Run { place, dir, .. } = run();
    let here = Place::new();
    let data = here.file("films.csv", reviews(30));
    let own = lines(&place.thaw(&["evaluate", dir, "--data", &data, "--json"]));
    let weights = Path::new(dir).join("model.safetensors");
    for head in [dir, weights.to_str().unwrap()] {
        let with_head = lines(&place.thaw(&["evaluate", "bundled", "--head", head, "--data", &data, "--json"]));
        assert_eq!((&with_head[0]["accuracy"], &with_head[0]["labels"]), (&own[0]["accuracy"], &own[0]["labels"]));
    }
    let told = lines(&place.thaw(&["predict", "bundled", "--head", dir, "a warm film", "--json"]));
    let alone = lines(&place.thaw(&["predict", dir, "a warm film", "--json"]));
    assert_eq!(told, alone);
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
    let other = small_model::small_model(here.0.path(), "bert", special).to_str().unwrap().to_owned();
    for args in [
        &["predict", "bundled", "x"][..],
        &["predict", &other, "x", "--head", dir],
        &["evaluate", "bundled", "--head", dir],
    ] {
        let refused = place.thaw(args);
        assert_eq!(refused.status.code(), Some(1), "{args:?}: {}", text(&refused.stderr));
    }
}
