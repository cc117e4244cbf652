//! `thaw check`: behaviour tests of a run.

use super::*;

#[test]
fn check_tells_each_test_on_a_line() {
    let place = Place::new();
    let row = |i: usize| {
        let (word, label) = if i.is_multiple_of(2) { ("great", "positive") } else { ("dull", "negative") };
        format!("\"The film number {i} is {word}, said Mary in Paris\",{label}\n")
    };
    let data = place.file("films.csv", "text,label\n".to_owned() + &(0..60).map(row).collect::<String>());
    let dir = place.at("run");
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &dir, "--json"], &SMALL[..]].concat()));
    let templates = "[[template]]\ntest = \"mine\"\nbefore = \"{good}\"\nlabel = \"positive\"\n";
    let templates = place.file("own.toml", templates);
    let told = lines(&place.thaw(&["check", &dir, "--templates", &templates, "--json"]));
    let tests: Vec<&str> = told.iter().map(|line| line["test"].as_str().unwrap()).collect();
    let own = ["template-negation", "template-opposite", "template-same", "mine"];
    let expected =
        [&["negation", "typos", "punctuation", "case", "names", "places", "neutral-words"][..], &own].concat();
    assert_eq!(tests, expected);
    for line in &told {
        assert_eq!(keys(line), ["test", "cases", "failures", "rate", "example"]);
        let (cases, failures) = (line["cases"].as_u64().unwrap(), line["failures"].as_u64().unwrap());
        assert!(cases > 0 && failures <= cases, "{line}");
        assert_eq!(line["rate"].as_f64(), Some(failures as f64 / cases as f64));
        match failures {
            0 => assert!(line["example"].is_null(), "{line}"),
            _ => assert_eq!(keys(&line["example"]), ["before", "after", "was", "became"]),
        }
    }
    // The bundled tokeniser makes small letters of capitals.
    assert_eq!((&told[3]["cases"], &told[3]["failures"]), (&12.into(), &0.into()));
    assert_eq!(told[10]["cases"], 6);

    let readable = place.thaw(&["check", &dir, "--templates", &templates]);
    let readable = text(&readable.stdout);
    assert!(readable.contains("“not” added") && readable.contains("be positive"), "{readable}");
    let strange = place.file("strange.toml", "[[template]]\ntest = \"mine\"\nbefore = \"x\"\nlabel = \"fine\"\n");
    let refused = place.thaw(&["check", &dir, "--templates", &strange]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("“fine”"), "{}", text(&refused.stderr));

    fs::write(place.path("films.csv"), reviews(60)).unwrap();
    let refused = place.thaw(&["check", &dir, "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("films.csv") && !text(&refused.stderr).contains("--data"));
    assert_eq!(place.thaw(&["check", &place.at("nowhere")]).status.code(), Some(1));
}

/// These labels are no opinions, and other languages have no names that the tests know.
#[test]
fn tests_that_do_not_apply_have_no_cases_and_say_why() {
    let Run { place, dir, .. } = run();
    let output = place.thaw(&["check", dir, "--json"]);
    let told = lines(&output);
    let found = |test: &str| told.iter().find(|line| line["test"] == test).unwrap();
    assert_eq!((&found("names")["cases"], &found("names")["rate"]), (&0.into(), &Value::Null));
    let here = Place::new();
    let row = |i: usize| format!("\"영화 {i}번은 {}\",{}\n", ["재미있다", "지루하다"][i % 2], ["a", "b"][i % 2]);
    let data = here.file("films.csv", "text,label\n".to_owned() + &(0..40).map(row).collect::<String>());
    let dir = here.at("run");
    lines(&here.thaw(&[&["train", "--data", &data, "--out", &dir, "--json"], &SMALL[..]].concat()));
    let output = here.thaw(&["check", &dir, "--json"]);
    let told = lines(&output);
    let applying: Vec<&Value> = told.iter().filter(|line| line["cases"] != 0).map(|line| &line["test"]).collect();
    assert_eq!(applying, ["punctuation", "neutral-words"]);
    let said = text(&output.stderr);
    assert!(said.contains("are Korean") && said.contains("--templates"), "{said}");
}
