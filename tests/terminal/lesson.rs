//! `thaw lesson`.

use super::class::{STUDENTS, bundle, essay, hand_in};
use super::*;

const LESSON: &str = concat!(
    r#"
id = "short"
data = "films.csv"
batch_size = 8
max_length = 16
title = { en = "A short lesson", ko = "짧은 수업" }
about = { en = "For tests." }
"#,
    include_str!("../shared/lesson_steps.toml"),
    r#"[[step]]
title = { en = "A race" }
text = { en = "Two." }
race = { freeze = ["1", "2"], epochs = 1 }
"#
);

#[test]
fn a_lesson_is_taken_and_handed_in() {
    let place = Place::new();
    place.file("films.csv", reviews(60));
    let lesson = place.file("short.toml", LESSON);
    let answers =
        place.file("a.json", r#"{ "answers": { "1": 2 }, "guesses": { "2": { "accuracy": 0.7, "secs": 3 } } }"#);
    let (bundle, hand_in) = (place.at("in/kim.thaw-lesson"), place.path("in"));
    fs::create_dir(&hand_in).unwrap();
    let args = ["lesson", "run", &lesson, "--answers", &answers, "--out", hand_in.to_str().unwrap()];
    let unnamed = place.thaw(&[&args[..], &["--json"]].concat());
    assert_eq!(unnamed.status.code(), Some(1));
    assert!(text(&unnamed.stderr).contains("--name NAME"), "{}", text(&unnamed.stderr));
    assert!(unnamed.stdout.is_empty(), "told before anything trains");
    assert_eq!(fs::read_dir(&hand_in).unwrap().count(), 0);

    let output = place.thaw(&[&args[..], &["--name", "Kim", "--number", "2023"]].concat());
    let told = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for part in
        ["A short lesson", "right\nThe head trains.", "guessed 0.700, reached 0.", "Points: 2 of 2.", "Saved to"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(text(&output.stderr).contains("encoder.layer.23.*"), "{}", text(&output.stderr));

    let named = hand_in.join("short_2023_Kim.thaw-lesson");
    let written = fs::read_to_string(&named).unwrap();
    fs::rename(&named, &bundle).unwrap();
    for part in ["\"student_number\":\"2023\"", "\"first_answer\":\"2\"", "\"attempts\":1", "\"earned\":2"] {
        assert!(written.contains(part), "{part}");
    }
    assert!(written.contains("epoch_ended") && written.contains("test_evaluated"), "the curves are in it");
    assert!(!written.contains(place.0.path().to_str().unwrap()), "no paths of the machine");
    assert!(!written.contains("wonderful acting"), "no texts of the data");

    place.file("in/broken.thaw-lesson", &written[..written.len() / 2]);
    let (broken, other) = (place.at("in/broken.thaw-lesson"), place.at("in/lee.thaw-lesson"));
    let output = place.thaw(&["lesson", "show", &bundle, &broken, "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("broken.thaw-lesson"), "{}", text(&output.stderr));
    fs::rename(&broken, place.at("broken")).unwrap();
    fs::write(&other, written.replace("\"student\":\"Kim\"", "\"student\":\"Lee\"")).unwrap();
    // A folder of bundles stands for what is in it.
    let rows = lines(&place.thaw(&["lesson", "show", hand_in.to_str().unwrap(), "--json"]));
    let students: Vec<&str> = rows.iter().map(|row| row["student"].as_str().unwrap()).collect();
    assert_eq!(students, ["Kim", "Kim", "Kim", "Kim", "Lee", "Lee", "Lee", "Lee"]);
    assert_eq!((&rows[0]["answer"], &rows[0]["right"]), (&"2".into(), &true.into()));
    assert_eq!(rows[1]["guess"]["accuracy"], 0.7);
    assert!(rows[1]["accuracy"].as_f64().unwrap() > 0.0);
    assert!(rows[2]["refused"].as_str().unwrap().contains("encoder.layer.23.*"));
    assert_eq!(rows[3]["race"].as_array().unwrap().len(), 2);
}

/// Answers on standard input are read where they are asked for, and otherwise the user is told that they are not.
#[test]
fn piped_answers_are_read_or_said_not_to_be() {
    let place = Place::new();
    place.file("films.csv", reviews(60));
    let (head, steps) = LESSON.split_once("[[step]]").unwrap();
    let question = steps.split("[[step]]").next().unwrap();
    let lesson = place.file("short.toml", format!("{head}[[step]]{question}"));
    let answers = br#"{ "answers": { "1": 2 } }"#;
    let ask = |more: &[&str]| place.thaw_with(&[&["lesson", "run", &lesson], more].concat(), answers);
    for more in [&[][..], &["--json"]] {
        let output = ask(more);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("--answers -"), "{}", text(&output.stderr));
        assert!(!text(&output.stdout).contains("Points: 2 of 2."));
    }
    let output = ask(&["--answers", "-"]);
    assert!(text(&output.stdout).contains("Points: 2 of 2."), "{}", text(&output.stderr));
    assert!(!text(&output.stderr).contains("--answers"), "{}", text(&output.stderr));
    // A lesson that asks nothing has nothing to say.
    let silent =
        place.file("silent.toml", format!("{head}[[step]]\ntitle = {{ en = \"A\" }}\ntext = {{ en = \"B\" }}\n"));
    let output = place.thaw_with(&["lesson", "run", &silent], answers);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn the_lessons_of_the_program_are_listed_and_a_wrong_one_is_refused() {
    let place = Place::new();
    let listed = lines(&place.thaw(&["lesson", "list", "--json"]));
    let ids: Vec<&str> = listed.iter().map(|lesson| lesson["id"].as_str().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "cost-of-freezing",
            "does-it-read-not",
            "find-the-three-per-cent",
            "preset-1-fails",
            "thaw-from-the-top",
            "which-layer-is-last"
        ]
    );
    let wrong = place.file("short.toml", LESSON.replace("epochs = 1", "epoch = 1"));
    let answers = place.file("a.json", r#"{ "answer": {} }"#);
    let no_answer = place.file("b.json", r#"{ "answers": { "2": "layer.5" } }"#);
    for (args, told) in [
        (vec!["run", &wrong], "line 15"),
        (vec!["run", "which-layer-was-last"], "which-layer-was-last"),
        (vec!["run", "which-layer-is-last", "--answers", &answers], "a.json"),
        (vec!["run", "which-layer-is-last", "--answers", &no_answer], "b.json"),
        (vec!["show", &wrong], "short.toml"),
    ] {
        let output = place.thaw(&[&["lesson"], &args[..]].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(text(&output.stderr).contains(told), "{}", text(&output.stderr));
    }
}

#[test]
fn a_class_fits_the_terminal_and_its_csv_has_all_in_full() {
    let place = Place::new();
    let file = |n| hand_in(place.0.path(), &bundle(n, [None, None]));
    let files: Vec<PathBuf> = (1..=STUDENTS).map(file).collect();
    let shown = |more: &[&str]| {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("thaw");
        command.env("THAW_LANGUAGE", "en").env("COLUMNS", "72").timeout(DEADLINE);
        text(&command.args(["lesson", "show"]).args(&files).args(more).output().unwrap().stdout).to_owned()
    };
    let table = shown(&[]);
    assert_eq!(table.lines().count(), 1 + 4 * STUDENTS, "each student's answer is one line");
    for line in table.lines() {
        assert!(line.chars().count() <= 72, "{line}");
    }
    assert!(table.contains('…') && table.contains("0.5500"), "words are cut, numbers are not: {table}");

    let csv = shown(&["--csv"]);
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let cell = |row: usize, name: &str| rows[row][head.iter().position(|h| h == name).unwrap()].to_owned();
    assert_eq!(rows.len(), STUDENTS);
    assert_eq!((cell(0, "student"), cell(0, "points")), ("Kim-01".to_owned(), "2".to_owned()));
    assert_eq!(cell(2, "3. Why? · answer"), format!("'{}", essay(3)));
}
