//! Models of the Hub, as the terminal has them, against a hub that misbehaves.
#![allow(clippy::unwrap_used)]

#[path = "hub/downloads.rs"]
mod downloads;
mod fake_hub;
#[path = "hub/home.rs"]
mod home;
#[path = "hub/offline.rs"]
mod offline;
#[path = "shared/output.rs"]
mod output;
#[path = "hub/refusals.rs"]
mod refusals;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use fake_hub::{COMMIT, Ending, FakeHub, Reply, Request, git_sha1, sha256};
use home::{Home, REPO, WEIGHTS, closed_port, refused, tiny};
use output::{lines, printed, text};

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
    let told = printed(&unknown);
    assert_eq!((told.len(), &told[0]["event"], &told[0]["outcome"]), (1, &json!("run_ended"), &json!("failed")));
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

#[test]
fn a_classifier_of_the_hub_is_measured_and_asked() {
    let home = Home::new();
    let base = home.write("base", &tiny());
    let row = |i: usize| format!("a {} film number {i},{}\n", ["good", "bad"][i % 2], ["good", "bad"][i % 2]);
    let data = home.path("data.csv");
    fs::write(&data, "text,label\n".to_owned() + &(0..60).map(row).collect::<String>()).unwrap();
    let (data, run, nowhere) = (data.to_str().unwrap(), home.path("run"), closed_port());
    let args = ["train", "--data", data, "--model", &base, "--epochs", "1", "--max-length", "16", "--json"];
    lines(&home.thaw(&nowhere, &[&args[..], &["--out", run.to_str().unwrap()]].concat()));
    let files = ["config.json", "vocab.txt", "tokenizer.json", WEIGHTS]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), fs::read(run.join(name)).ok()?)))
        .collect();
    let hub = FakeHub::serve(REPO, &files, good);
    let measure = |endpoint: &str| lines(&home.thaw(endpoint, &["evaluate", REPO, "--data", data, "--json"]));
    let fetched = measure(&hub.endpoint);
    assert_eq!((&fetched[0]["event"], &fetched[0]["labels"]), (&json!("test_evaluated"), &json!(["bad", "good"])));
    assert_eq!(measure(&nowhere), fetched, "from the cache");
    assert_eq!(lines(&home.thaw(&nowhere, &["predict", REPO, "a good film", "--json"])).len(), 1);
    let said = refused(&home.thaw(&nowhere, &["predict", "my-rum", "a good film"]));
    assert!(said.contains("There is no folder my-rum here"), "{said}");
}
