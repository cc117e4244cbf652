//! What trains and what does not: `thaw params`, plan files, and the proof afterwards.

use super::*;

#[test]
fn params_lists_every_parameter() {
    let place = Place::new();
    for (freeze, trainable) in
        [("1", 770), ("2", 148_610), ("3", 1_923_074), ("full", 22_713_986), ("top:1", 1_923_074)]
    {
        let listed = lines(&place.thaw(&["params", "--freeze", freeze, "--json"]));
        let (totals, parameters) = listed.split_last().unwrap();
        assert_eq!(keys(totals), ["trainable", "frozen", "cost"]);
        let lowest = [("3", 5), ("full", 0), ("top:1", 5)].into_iter().find(|(name, _)| *name == freeze);
        assert_eq!(totals["cost"]["lowest_layer"], serde_json::json!(lowest.map(|(_, layer)| layer)), "{freeze}");
        assert!(totals["cost"]["optimiser_bytes"].as_u64().unwrap() > 0 && totals["cost"]["activation_bytes"].is_u64());
        assert_eq!(totals["trainable"], trainable, "{freeze}");
        assert_eq!(totals["frozen"], 22_713_986 - trainable, "{freeze}");
        assert_eq!(keys(&parameters[0]), ["name", "shape", "count", "trainable"]);
        assert_eq!(parameters[0]["name"], "embeddings.word_embeddings.weight");
        assert_eq!(parameters.last().unwrap()["name"], "classifier.bias");
        let on =
            parameters.iter().filter(|p| p["trainable"] == true).map(|p| p["count"].as_u64().unwrap()).sum::<u64>();
        assert_eq!(on, trainable);
    }
    let readable = place.thaw(&["params"]);
    assert!(text(&readable.stdout).contains("1,923,074 of 22,713,986"), "{}", text(&readable.stdout));
    assert!(text(&readable.stdout).contains("Backward through layer 5"), "{}", text(&readable.stdout));
    let biases = place.thaw(&["params", "--freeze", "biases"]);
    assert!(text(&biases.stdout).contains("must go just as deep"), "{}", text(&biases.stdout));
    let rules = r#"{"rules": [{"parameters": "encoder.layer.3.*", "state": "trainable"}]}"#;
    let above = place.thaw(&["params", "--freeze", &place.file("three.json", rules)]);
    assert!(text(&above.stdout).contains("layers 4–5 stand above one that trains"), "{}", text(&above.stdout));
}

#[test]
fn a_run_proves_what_it_froze_and_tells_when_its_weights_were_altered() {
    let Run { place, lines: told, dir } = run();
    let proven = of_kind(told, "freeze_proven")[0];
    assert_eq!((&proven["unchanged"], &proven["changed"]), (&103.into(), &2.into()));
    assert_eq!(json(dir, "fingerprints.json")["parameters"], proven["parameters"]);

    let listed = lines(&place.thaw(&["params", dir, "--json"]));
    let (totals, parameters) = listed.split_last().unwrap();
    assert_eq!((parameters.len(), &totals["unchanged"], &totals["changed"]), (105, &103.into(), &2.into()));
    for p in parameters {
        let is_head = p["name"].as_str().unwrap().starts_with("classifier.");
        assert_eq!((&p["trainable"], &p["changed"]), (&is_head.into(), &is_head.into()), "{}", p["name"]);
        assert_eq!(p["altered"], false);
    }
    let readable = place.thaw(&["params", dir]);
    assert!(text(&readable.stdout).contains("103 tensors unchanged bit for bit, 2 changed"));

    // One bit of a frozen weight, in a copy.
    let copy = place.path("altered");
    fs::create_dir(&copy).unwrap();
    for file in fs::read_dir(dir).unwrap().map(Result::unwrap).filter(|file| file.path().is_file()) {
        fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    let weights = copy.join("model.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    let header_bytes = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + header_bytes]).unwrap();
    let offset = header["bert.pooler.dense.bias"]["data_offsets"][0].as_u64().unwrap() as usize;
    bytes[8 + header_bytes + offset] ^= 1;
    fs::write(&weights, bytes).unwrap();
    let shouted = place.thaw(&["params", copy.to_str().unwrap(), "--json"]);
    assert_eq!(shouted.status.code(), Some(1));
    assert!(text(&shouted.stderr).contains("pooler.dense.bias"), "{}", text(&shouted.stderr));
    let told = printed(&shouted);
    let totals = told.last().unwrap();
    assert_eq!(totals["altered"], serde_json::json!(["pooler.dense.bias"]));
    assert_eq!(totals["broken"], totals["altered"]);

    fs::remove_file(copy.join("fingerprints.json")).unwrap();
    let lacking = place.thaw(&["params", copy.to_str().unwrap()]);
    assert_eq!(lacking.status.code(), Some(1));
    assert!(text(&lacking.stderr).contains("fingerprints.json"), "{}", text(&lacking.stderr));
}

#[test]
fn a_plan_file_says_what_trains() {
    let place = Place::new();
    let plan = place.file(
        "plan.json",
        r#"{"rules": [{"parameters": "encoder.layer.5.*", "state": "trainable"},
                      {"parameters": "*.bias", "state": "frozen"},
                      {"parameters": "classifier.*", "state": "trainable"}]}"#,
    );
    let listed = lines(&place.thaw(&["params", "--freeze", &plan, "--json"]));
    let state = |name: &str| listed.iter().find(|p| p["name"] == name).unwrap()["trainable"].as_bool().unwrap();
    assert!(state("encoder.layer.5.output.dense.weight") && state("classifier.bias"));
    assert!(!state("encoder.layer.5.output.dense.bias") && !state("pooler.dense.weight"));

    for (content, said) in [
        ("{\"rules\": [", "bad.json"),
        ("{\"rules\": [{\"parameters\": \"*\", \"state\": \"warm\"}]}", "warm"),
        ("{\"rules\": [{\"parameters\": \"decoder.*\", \"state\": \"frozen\"}]}", "decoder.*"),
        ("{\"rules\": [{\"parameters\": \"[\", \"state\": \"frozen\"}]}", "["),
        ("{\"rules\": []}", "frozen"),
    ] {
        let plan = place.file("bad.json", content);
        let refused = place.thaw(&["train", "--freeze", &plan, "--max-rows", "40", "--json"]);
        assert_eq!(refused.status.code(), Some(1), "{content}");
        assert!(text(&refused.stderr).contains(said), "{content}: {}", text(&refused.stderr));
        let told = printed(&refused);
        let ended = told.last().unwrap();
        assert_eq!((&ended["event"], &ended["outcome"]), (&"run_ended".into(), &"failed".into()));
    }
}

#[test]
fn a_plan_with_stages_is_shown_and_followed() {
    let place = Place::new();
    let plan = place.file(
        "plan.json",
        r#"{"stages": [{"from_epoch": 1, "freeze": "2"}, {"from_epoch": 2, "freeze": "3"}],
            "learning_rates": {"groups": [{"parameters": "bert.encoder.layer.5.*", "factor": 0.25}]}}"#,
    );
    let listed = lines(&place.thaw(&["params", "--freeze", &plan, "--json"]));
    let of = |name: &str| listed.iter().find(|p| p["name"] == name).unwrap();
    let last = of("encoder.layer.5.output.dense.weight");
    assert_eq!((&last["stages"], &last["learning_rate_factor"]), (&serde_json::json!([false, true]), &0.25.into()));
    assert_eq!(of("pooler.dense.weight")["stages"], serde_json::json!([true, true]));
    let stages: Vec<_> = listed.iter().filter(|line| line.get("stage").is_some()).collect();
    assert_eq!(stages.len(), 2);
    assert_eq!((&stages[1]["from_epoch"], &stages[1]["trainable"]), (&2.into(), &1_923_074.into()));
    let told = text(&place.thaw(&["params", "--freeze", &plan]).stdout).to_owned();
    assert!(told.contains("epoch 1") && told.contains("Stage 2 of 2 from epoch 2: 1,923,074"), "{told}");

    let (data, out) = (place.file("films.csv", reviews(60)), place.at("run"));
    let args = ["train", "--data", &data, "--freeze", &plan, "--epochs", "2", "--batch-size", "8", "--out", &out];
    let events = lines(&place.thaw(&[&args[..], &["--json"]].concat()));
    let begun = of_kind(&events, "stage_started");
    let steps = of_kind(&events, "step").len();
    assert_eq!(begun.len(), 2);
    assert_eq!((&begun[0]["step"], &begun[0]["trainable"]), (&1.into(), &148_610.into()));
    assert_eq!((&begun[1]["step"], &begun[1]["epoch"]), (&(steps / 2 + 1).into(), &2.into()));
    assert_eq!(of_kind(&events, "run_started")[0]["trainable"], 1_923_074);
    let log = fs::read_to_string(place.path("run").join("steps.jsonl")).unwrap();
    assert_eq!(log.matches("stage_started").count(), 2);

    // A stage that the run does not reach is told.
    let short = place.thaw(&["train", "--data", &data, "--freeze", &plan, "--epochs", "1"]);
    assert!(
        text(&short.stderr).contains("Stage 2 begins at epoch 2, but the run has 1 epoch"),
        "{}",
        text(&short.stderr)
    );
    for (content, said) in [
        (r#"{"stages": [{"from_epoch": 1, "freeze": "1"}, {"from_epoch": 1, "freeze": "3"}]}"#, "stages[1].from_epoch"),
        (r#"{"stages": [{"from_epoch": 1, "freeze": "1", "rate": 1}]}"#, "rate"),
        (r#"{"freeze": "full", "learning_rates": {"layer_factor": 2.6}}"#, "layer_divisor"),
    ] {
        let plan = place.file("bad.json", content);
        let refused = place.thaw(&["train", "--freeze", &plan, "--data", &data]);
        assert_eq!(refused.status.code(), Some(1), "{content}");
        assert!(text(&refused.stderr).contains(said), "{content}: {}", text(&refused.stderr));
    }
}
