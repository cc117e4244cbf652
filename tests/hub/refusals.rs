//! Models that the Hub or this program refuses.

use super::*;

#[test]
fn refusals_say_what_to_do_and_leave_nothing() {
    type Script = fn(&Request, usize, Reply) -> Reply;
    let gated: Script = |request, _, right| match is_weights(request) {
        true => Reply::status(403).with("X-Error-Code", "GatedRepo"),
        false => right,
    };
    let cases: [(&str, Option<&str>, Script); 12] = [
        ("wants a token before it gives klue/tiny", None, |_, _, _| Reply::status(401)),
        ("refuses your token", Some("hf_x"), |_, _, _| Reply::status(401)),
        ("has no public model klue/tiny", None, |_, _, _| Reply::status(401).with("X-Error-Code", "RepoNotFound")),
        ("has no model klue/tiny that your token", Some("hf_x"), |_, _, _| Reply::status(404)),
        ("no branch, tag or commit", None, |_, _, _| Reply::status(404).with("X-Error-Code", "RevisionNotFound")),
        ("asks everyone to accept terms first. Accept them on http", None, gated),
        ("Your token may not read klue/tiny yet", Some("hf_x"), gated),
        ("Wait 17 seconds", None, |_, _, _| Reply::status(429).with("Retry-After", "17")),
        (
            "has trouble of its own (status 500)",
            None,
            |r, _, right| if is_weights(r) { Reply::status(500) } else { right },
        ),
        ("user name and password", None, |_, _, _| Reply::status(407)),
        ("is not what the Hub would say", None, |_, _, _| Reply::body("<html>Please log in</html>")),
        ("does not give klue/tiny to you", None, |r, _, right| if is_weights(r) { Reply::status(403) } else { right }),
    ];
    for (sentence, token, script) in cases {
        let home = Home::new();
        let hub = FakeHub::serve(REPO, &tiny(), script);
        let mut command = home.command(&hub.endpoint, &["models", "pull", REPO]);
        if let Some(token) = token {
            command.env("HF_TOKEN", token);
        }
        let told = refused(&command.output().unwrap());
        assert!(told.contains(sentence), "{sentence}: {told}");
        home.assert_no_model();
        if sentence.contains("500") {
            assert_eq!(hub.requests(WEIGHTS).len(), 3, "tried again");
        }
    }
}

#[test]
fn models_that_cannot_be_trained_are_refused_before_their_weights_come() {
    let without = |names: &[&str]| {
        let mut files = tiny();
        files.retain(|name, _| !names.contains(&name.as_str()));
        files
    };
    let mut other_family = tiny();
    other_family.insert("config.json".into(), br#"{"model_type":"gpt2"}"#.to_vec());
    let mut only_tensorflow = without(&[WEIGHTS]);
    only_tensorflow.insert("tf_model.h5".into(), b"h5".to_vec());
    let mut no_family = tiny();
    no_family.insert("config.json".into(), b"{}".to_vec());
    for (sentence, files) in [
        ("of a “gpt2” model", other_family),
        ("found: tf_model.h5", only_tensorflow),
        ("has no config.json", without(&["config.json"])),
        ("has no tokenizer.json, no vocab.txt", without(&["vocab.txt"])),
        ("has no “hidden_size”", no_family),
    ] {
        let home = Home::new();
        let hub = FakeHub::serve(REPO, &files, good);
        let told = refused(&home.pull(&hub));
        assert!(told.contains(sentence), "{told}");
        assert!(hub.requests(WEIGHTS).is_empty());
        assert!(!home.repo().exists(), "nothing is left");
    }
}

/// Python may have fetched what cannot be trained here, whole or as far as it had come.
#[test]
fn a_refused_model_leaves_what_other_programs_put_into_the_cache() {
    let config = br#"{"model_type":"gpt2"}"#.to_vec();
    let mut files = tiny();
    files.insert("config.json".into(), config.clone());
    for is_whole in [false, true] {
        let home = Home::new();
        let blob = home.blob(&git_sha1(&config));
        fs::create_dir_all(blob.parent().unwrap()).unwrap();
        fs::write(&blob, &config).unwrap();
        if is_whole {
            let snapshot = home.repo().join("snapshots").join(COMMIT);
            fs::create_dir_all(&snapshot).unwrap();
            fs::hard_link(&blob, snapshot.join("config.json")).unwrap();
        }
        let hub = FakeHub::serve(REPO, &files, good);
        assert!(refused(&home.pull(&hub)).contains("of a “gpt2” model"));
        assert_eq!(fs::read(&blob).unwrap(), config, "is_whole: {is_whole}");
    }
    // A download of Python's that is not over yet.
    let home = Home::new();
    let partial = home.blob("0123.incomplete");
    fs::create_dir_all(partial.parent().unwrap()).unwrap();
    fs::write(&partial, "half").unwrap();
    let hub = FakeHub::serve(REPO, &files, good);
    assert!(refused(&home.pull(&hub)).contains("of a “gpt2” model"));
    let left: Vec<_> = fs::read_dir(partial.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [partial]);
}

#[test]
fn a_model_too_large_for_the_disk_is_refused_first() {
    let home = Home::new();
    let hub = FakeHub::serve(REPO, &tiny(), |request, _, mut right| {
        if request.path.contains("/revision/") {
            let mut info: Value = serde_json::from_slice(&right.body).unwrap();
            for sibling in info["siblings"].as_array_mut().unwrap() {
                if sibling["rfilename"] == WEIGHTS {
                    sibling["lfs"]["size"] = json!(1_u64 << 60);
                }
            }
            right.body = info.to_string().into_bytes();
        }
        right
    });
    let told = refused(&home.pull(&hub));
    assert!(
        told.contains("The model takes 1,152,921,504,607 MB") || told.contains("The model takes 1,152,921,504,608 MB"),
        "{told}"
    );
    assert!(hub.requests(WEIGHTS).is_empty());
    home.assert_no_model();
}
