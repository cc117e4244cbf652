//! A machine without a network, and one that is told to ask no one.

use super::*;

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
