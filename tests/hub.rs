//! Models of the Hub, as the terminal has them, against a hub that misbehaves.
#![allow(clippy::unwrap_used)]

mod fake_hub;
#[path = "hub/home.rs"]
mod home;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use fake_hub::{COMMIT, Ending, FakeHub, Reply, Request, git_sha1, sha256};
use home::{Home, REPO, WEIGHTS, closed_port, lines, refused, text, tiny};

fn good(_request: &Request, _before: usize, right: Reply) -> Reply {
    right
}

fn is_weights(request: &Request) -> bool {
    request.path.ends_with(WEIGHTS)
}

#[test]
fn a_model_is_pulled_listed_trained_and_removed() {
    let (home, files) = (Home::new(), tiny());
    let hub = FakeHub::serve(REPO, &files, good);
    let told = lines(&home.pull(&hub));
    let snapshot = home.repo().join("snapshots").join(COMMIT);
    assert_eq!(told, [json!({ "id": REPO, "folder": snapshot })]);

    // As Python lays it out.
    assert_eq!(fs::read_to_string(home.repo().join("refs/main")).unwrap(), COMMIT);
    let mut names: Vec<String> =
        fs::read_dir(&snapshot).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["config.json", WEIGHTS, "tokenizer_config.json", "vocab.txt"]);
    for name in names {
        let hash = if name == WEIGHTS { sha256(&files[&name]) } else { git_sha1(&files[&name]) };
        assert_eq!(fs::read(home.blob(&hash)).unwrap(), files[&name]);
        assert_eq!(fs::read(snapshot.join(&name)).unwrap(), files[&name]);
        #[cfg(unix)]
        assert_eq!(fs::read_link(snapshot.join(&name)).unwrap(), Path::new("../../blobs").join(hash));
    }
    assert_eq!(fs::read_dir(home.repo().join("blobs")).unwrap().count(), 4);

    let listed = home.list();
    assert_eq!((&listed[0]["id"], &listed[0]["revision"]), (&json!(REPO), &json!(COMMIT)));
    assert_eq!(listed[0]["bytes"], files[WEIGHTS].len());

    // Without a network from here on.
    let nowhere = closed_port();
    let row = |i: usize| format!("a {} film number {i},{}\n", ["good", "bad"][i % 2], i % 2);
    let data = home.path("data.csv");
    fs::write(&data, "text,label\n".to_owned() + &(0..60).map(row).collect::<String>()).unwrap();
    let run = home.path("run");
    let args = ["train", "--data", data.to_str().unwrap(), "--model", REPO, "--epochs", "1", "--max-length", "16"];
    let args = [&args[..], &["--out", run.to_str().unwrap(), "--json"]].concat();
    let events = lines(&home.thaw(&nowhere, &args));
    assert_eq!(events.last().unwrap()["outcome"], "completed");
    let settings = fs::read_to_string(run.join("settings.json")).unwrap();
    assert!(settings.contains(COMMIT) && settings.contains("\"name\": \"klue/tiny\""), "{settings}");

    // Asked again, the Hub is only asked whether there is something newer.
    let asked = hub.requests("/resolve/").len();
    lines(&home.pull(&hub));
    assert_eq!(hub.requests("/resolve/").len(), asked);

    let removed = lines(&home.thaw(&nowhere, &["models", "remove", REPO, "--json"]));
    assert_eq!(removed[0]["id"], REPO);
    home.assert_no_model();
    let again = refused(&home.thaw(&nowhere, &["models", "remove", REPO]));
    assert!(again.contains("klue/tiny is not in"), "{again}");
}

#[test]
fn a_model_named_for_a_command_is_fetched_first() {
    let home = Home::new();
    let hub = FakeHub::serve(REPO, &tiny(), good);
    let output = home.thaw(&hub.endpoint, &["params", "--model", REPO, "--json"]);
    let told = lines(&output);
    assert_eq!(told[0]["name"], "embeddings.word_embeddings.weight");
    assert!(text(&output.stderr).contains("Downloading klue/tiny"), "{}", text(&output.stderr));

    let by_revision = home.thaw(&hub.endpoint, &["params", "--model", &format!("{REPO}@{COMMIT}"), "--json"]);
    assert_eq!(lines(&by_revision).len(), told.len());
    assert_eq!(hub.requests("/revision/").len(), 1, "that commit is here already");

    let unknown = home.thaw(&hub.endpoint, &["train", "--model", "no/such", "--json"]);
    assert!(refused(&unknown).contains("has no public model no/such"));
    let end: Value = serde_json::from_str(text(&unknown.stdout)).unwrap();
    assert_eq!((&end["event"], &end["outcome"]), (&json!("run_ended"), &json!("failed")));
}

/// What an instructor writes, for a model that the students do not have yet.
#[test]
fn a_lesson_fetches_its_model_first() {
    let home = Home::new();
    let hub = FakeHub::serve(REPO, &tiny(), good);
    let lesson = home.path("tiny.toml");
    let written = format!(
        "id = \"tiny\"\ntitle = {{ en = \"T\" }}\nabout = {{ en = \"A\" }}\nmodel = \"{REPO}\"\nmax_rows = 60\n\
         max_length = 16\n[[step]]\ntitle = {{ en = \"Run\" }}\ntext = {{ en = \"It.\" }}\n\
         run = {{ freeze = \"1\", epochs = 1 }}\n"
    );
    fs::write(&lesson, written).unwrap();
    let bundle = home.path("kim.thaw-lesson");
    let (lesson, bundle) = (lesson.to_str().unwrap(), bundle.to_str().unwrap());
    let args = ["lesson", "run", lesson, "--name", "Kim", "--out", bundle, "--json"];

    let nowhere = refused(&home.thaw(&closed_port(), &args));
    assert!(nowhere.contains(REPO) && !Path::new(bundle).exists(), "{nowhere}");
    let output = home.thaw(&hub.endpoint, &args);
    assert!(lines(&output).iter().any(|line| line["event"] == "test_evaluated"));
    assert!(text(&output.stderr).contains("Downloading klue/tiny"), "{}", text(&output.stderr));
    // The second student's machine has it.
    lines(&home.thaw(&closed_port(), &args));
    let handed_in = fs::read_to_string(bundle).unwrap();
    assert!(handed_in.contains(COMMIT) && !handed_in.contains(&*home.0.path().to_string_lossy()), "no paths");
}

#[test]
fn redirects_are_followed_and_the_token_stays_with_its_host() {
    let home = Home::new();
    fs::create_dir_all(home.path("hf")).unwrap();
    fs::write(home.path("hf/token"), "hf_secret\n").unwrap();
    let cdn = FakeHub::serve("cdn/cdn", &tiny(), good);
    // Another host: localhost is not 127.0.0.1.
    let elsewhere = cdn.endpoint.replace("127.0.0.1", "localhost");
    let hub = FakeHub::serve(REPO, &tiny(), move |request, _, right| {
        let name = request.path.rsplit('/').next().unwrap();
        match request.path.as_str() {
            path if path.contains("/old/name/") => {
                Reply::status(307).with("Location", &request.path.replace("old/name", REPO))
            }
            path if path.contains("/klue/tiny/resolve/") => {
                Reply::status(302).with("Location", &format!("{elsewhere}/cdn/{name}"))
            }
            _ => right,
        }
    });
    let output =
        home.command(&hub.endpoint, &["models", "pull", "old/name"]).env("THAW_LOG", "trace").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(home.list()[0]["id"], "old/name");
    let sent = |hub: &FakeHub, part: &str| {
        let requests = hub.requests(part);
        assert!(!requests.is_empty(), "{part}");
        requests.iter().all(|r| r.headers.get("authorization").is_some_and(|value| value == "Bearer hf_secret"))
    };
    assert!(sent(&hub, "/api/models/") && sent(&hub, "/resolve/"));
    assert!(
        cdn.requests("/cdn/").len() >= 4 && cdn.requests("").iter().all(|r| !r.headers.contains_key("authorization"))
    );
    assert!(!text(&output.stderr).contains("hf_secret") && !text(&output.stdout).contains("hf_secret"));
}

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
fn a_broken_download_goes_on_where_it_stopped() {
    let (home, files) = (Home::new(), tiny());
    let half = files[WEIGHTS].len() / 2;
    let hub = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => right.ending(Ending::Cut(half)),
        // Between two halves, a server in trouble.
        (true, 1) => Reply::status(503),
        _ => right,
    });
    lines(&home.pull(&hub));
    let ranges: Vec<Option<String>> =
        hub.requests(WEIGHTS).iter().map(|request| request.headers.get("range").cloned()).collect();
    let rest = Some(format!("bytes={half}-"));
    assert_eq!(ranges, [None, rest.clone(), rest]);
    assert_eq!(home.list().len(), 1);
}

#[test]
fn a_server_that_cannot_go_on_in_the_middle_sends_all() {
    let (home, files) = (Home::new(), tiny());
    let whole = files[WEIGHTS].clone();
    let hub = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => right.ending(Ending::Cut(100)),
        (true, _) => Reply::body(whole.clone()),
        _ => right,
    });
    lines(&home.pull(&hub));
    assert_eq!(home.list().len(), 1);
}

#[test]
fn a_wrong_byte_is_noticed() {
    let spoilt = |mut reply: Reply| {
        let middle = reply.body.len() / 2;
        reply.body[middle] ^= 1;
        reply
    };
    let (home, files) = (Home::new(), tiny());
    let once = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => spoilt(right),
        _ => right,
    });
    lines(&home.pull(&once));
    assert_eq!(once.requests(WEIGHTS).len(), 2);
    assert_eq!(home.list().len(), 1);

    for name in [WEIGHTS, "vocab.txt"] {
        let home = Home::new();
        let always = FakeHub::serve(
            REPO,
            &files,
            move |request, _, right| {
                if request.path.ends_with(name) { spoilt(right) } else { right }
            },
        );
        let told = refused(&home.pull(&always));
        assert!(told.contains(&format!("{name} of klue/tiny came from")) && told.contains("hash is wrong"), "{told}");
        home.assert_no_model();
        let left = fs::read_dir(home.repo().join("blobs")).unwrap().map(|e| e.unwrap().file_name());
        assert!(left.map(|name| name.into_string().unwrap()).all(|name| !name.ends_with(".incomplete")));
    }

    let home = Home::new();
    let longer = FakeHub::serve(REPO, &files, move |request, _, mut right| {
        if is_weights(request) {
            right.body.extend(b"more");
        }
        right
    });
    assert!(refused(&home.pull(&longer)).contains("longer than the Hub says"));
    home.assert_no_model();
}

#[test]
fn a_stalled_connection_is_given_up_and_tried_again() {
    let (home, files) = (Home::new(), tiny());
    let hub = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => right.ending(Ending::Stall(1000)),
        _ => right,
    });
    lines(&home.pull(&hub));
    assert_eq!(hub.requests(WEIGHTS)[1].headers["range"], "bytes=1000-");

    let home = Home::new();
    let hub = FakeHub::serve(REPO, &files, |_, _, right| right.ending(Ending::Stall(0)));
    let told = refused(&home.pull(&hub));
    assert!(told.contains("has sent nothing for 1 seconds"), "{told}");
    home.assert_no_model();
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_download_at_once_and_keeps_what_came() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let (home, files) = (Home::new(), tiny());
    let hub = FakeHub::serve(REPO, &files, move |request, before, right| match (is_weights(request), before) {
        (true, 0) => right.ending(Ending::Stall(1000)),
        _ => right,
    });
    let incomplete = home.blob(&format!("{}.incomplete", sha256(&files[WEIGHTS])));
    // Far longer than the test may take: only the signal can end it.
    let mut command = home.command(&hub.endpoint, &["train", "--model", REPO]);
    let child = command.env("HF_HUB_DOWNLOAD_TIMEOUT", "3600").spawn().unwrap();
    hub.wait_for(WEIGHTS);
    while fs::metadata(&incomplete).map_or(0, |found| found.len()) < 1000 {
        std::thread::yield_now();
    }
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), Signal::SIGINT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    home.assert_no_model();
    lines(&home.pull(&hub));
    assert_eq!(hub.requests(WEIGHTS)[1].headers["range"], "bytes=1000-");
}

#[test]
fn without_a_network() {
    let home = Home::new();
    let nowhere = closed_port();
    let told = refused(&home.thaw(&nowhere, &["models", "pull", REPO]));
    assert!(told.contains("cannot be reached") && told.contains("thaw models import"), "{told}");
    assert!(refused(&home.thaw(&nowhere, &["models", "search", "bert"])).contains("cannot be reached"));
    assert!(refused(&home.thaw("ftp://x", &["models", "pull", REPO])).contains("is no web address"));

    let mut command = home.command("http://hub.invalid", &["models", "pull", REPO]);
    let told = refused(&command.env("HTTP_PROXY", &nowhere).output().unwrap());
    assert!(told.contains("Check HTTPS_PROXY"), "{told}");
}

#[test]
fn offline_mode_asks_no_one() {
    let home = Home::new();
    let hub = FakeHub::serve(REPO, &tiny(), good);
    let offline = |args: &[&str]| home.command(&hub.endpoint, args).env("HF_HUB_OFFLINE", "1").output().unwrap();
    assert!(refused(&offline(&["models", "pull", REPO])).contains("HF_HUB_OFFLINE is set"));
    assert!(refused(&offline(&["params", "--model", REPO])).contains("HF_HUB_OFFLINE is set"));
    assert!(refused(&offline(&["models", "search", "bert"])).contains("HF_HUB_OFFLINE is set"));
    assert!(hub.requests("").is_empty());
    lines(&home.pull(&hub));
    let asked = hub.requests("").len();
    lines(&offline(&["models", "pull", REPO, "--json"]));
    lines(&offline(&["params", "--model", REPO, "--json"]));
    assert_eq!(hub.requests("").len(), asked);
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

#[test]
fn a_folder_from_a_stick_becomes_a_model_of_the_cache() {
    let (home, files, nowhere) = (Home::new(), tiny(), closed_port());
    let folder = home.write("stick/tiny-bert", &files);
    let told = lines(&home.thaw(&nowhere, &["models", "import", &folder, "--json"]));
    assert_eq!(told[0]["id"], "tiny-bert");
    assert_eq!(
        lines(&home.thaw(&nowhere, &["models", "import", &folder, "--json"])),
        told,
        "once more changes nothing"
    );
    assert_eq!(home.list()[0]["id"], "tiny-bert");
    lines(&home.thaw(&nowhere, &["params", "--model", "tiny-bert", "--json"]));
    lines(&home.thaw(&nowhere, &["models", "import", &folder, "--as", REPO, "--json"]));
    assert_eq!(home.list().len(), 2);
    assert!(home.blob(&sha256(&files[WEIGHTS])).is_file());
    assert!(home.blob(&git_sha1(&files["vocab.txt"])).is_file());

    // Another model of the same name does not take its place.
    let mut other = files.clone();
    other.insert("tokenizer_config.json".into(), b"{}".to_vec());
    let other = home.write("other/tiny-bert", &other);
    let blobs = || fs::read_dir(home.path("hf/hub/models--tiny-bert/blobs")).unwrap().count();
    let before = blobs();
    assert!(refused(&home.thaw(&nowhere, &["models", "import", &other])).contains("Another tiny-bert is already"));
    assert_eq!(blobs(), before, "nothing of the other is left");
    assert_eq!(lines(&home.thaw(&nowhere, &["models", "import", &folder, "--json"])), told);

    // The whole folder of another computer's cache keeps name and commit.
    let hub = FakeHub::serve(REPO, &files, good);
    let theirs = Home::new();
    lines(&theirs.pull(&hub));
    let mine = Home::new();
    let from = theirs.repo();
    lines(&mine.thaw(&nowhere, &["models", "import", from.to_str().unwrap(), "--json"]));
    assert_eq!((&mine.list()[0]["id"], &mine.list()[0]["revision"]), (&json!(REPO), &json!(COMMIT)));

    let mut broken = files.clone();
    broken.remove("vocab.txt");
    let broken = home.write("broken", &broken);
    assert!(refused(&home.thaw(&nowhere, &["models", "import", &broken])).contains("has no tokenizer.json"));
    let korean = home.write("내 모델", &files);
    assert!(refused(&home.thaw(&nowhere, &["models", "import", &korean])).contains("--as"));
    assert!(refused(&home.thaw(&nowhere, &["models", "import", "/no/such"])).contains("There is no folder"));
    assert_eq!(home.list().len(), 2);
}

#[test]
fn search_tells_what_the_hub_knows() {
    let home = Home::new();
    let hub = FakeHub::serve(REPO, &tiny(), good);
    let found = lines(&home.thaw(&hub.endpoint, &["models", "search", "korean", "bert", "--json"]));
    assert_eq!(found.len(), 2);
    let first = json!({
        "id": REPO, "task": "fill-mask", "downloads": 1_234_567, "likes": 42, "license": "cc-by-sa-4.0",
        "family": "bert", "trainable": true, "parameters": 110_000_512, "bytes": 440_004_096, "gated": false,
    });
    assert_eq!(found[0], first);
    assert_eq!((&found[1]["gated"], &found[1]["trainable"]), (&json!(true), &json!(false)));
    let asked = hub.requests("/api/models?");
    assert!(asked[0].path.contains("search=korean+bert") && asked[0].path.contains("sort=downloads"), "{asked:?}");

    let output = home.thaw(&hub.endpoint, &["models", "search", "bert"]);
    let table = text(&output.stdout);
    for part in ["klue/tiny", "1,234,567", "441 MB", "cc-by-sa-4.0", "gpt2 (not trained here)"] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let recommended = lines(&home.thaw(&closed_port(), &["models", "search", "--json"]));
    assert!(recommended.iter().any(|model| model["id"] == "klue/bert-base"));
}
