//! `thaw report`: runs and races in one file.

use super::*;

/// The texts of a page that is well-formed XML.
fn texts_of(page: &str) -> Vec<String> {
    let (mut reader, mut texts, mut text, mut is_style) =
        (quick_xml::Reader::from_str(page), Vec::new(), String::new(), false);
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Start(tag) => {
                is_style = tag.name().as_ref() == "style";
                texts.push(std::mem::take(&mut text));
            }
            quick_xml::events::Event::End(_) => {
                texts.push(std::mem::take(&mut text));
                is_style = false;
            }
            quick_xml::events::Event::Text(part) if !is_style => text += &part,
            quick_xml::events::Event::Eof => return texts.into_iter().filter(|text| !text.trim().is_empty()).collect(),
            _ => {}
        }
    }
}

#[test]
fn a_run_and_a_race_are_told_in_one_file_each() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(100));
    let (dir, race) = (place.at("run"), place.at("race"));
    let small = ["--freeze", "3", "--epochs", "2", "--batch-size", "8", "--learning-rate", "1e-3"];
    lines(&place.thaw(&[&["train", "--data", &data, "--out", &dir, "--json"], &small[..]].concat()));

    let page = place.at("report.html");
    let written = place.thaw(&["report", &dir, "--to", &page]);
    assert!(written.status.success() && text(&written.stdout).contains(&page), "{}", text(&written.stderr));
    let page = fs::read_to_string(page).unwrap();
    let metrics = json(&dir, "metrics.json");
    let texts = texts_of(&page);
    let has = |wanted: &str| texts.iter().any(|text| text.contains(wanted));
    for number in ["accuracy", "macro_f1", "loss"] {
        let value = metrics["test"][number].as_f64().unwrap();
        assert!(has(&format!("{value:.4}")), "{number} {value} in {texts:?}");
    }
    for epoch in metrics["epochs"].as_array().unwrap() {
        assert!(has(&format!("{:.4}", epoch["validation_loss"].as_f64().unwrap())), "{epoch}");
    }
    assert!(has(&format!("thaw train --data {data} --epochs 2 --batch-size 8 --learning-rate 1e-3")), "{texts:?}");
    assert!(has("unchanged bit for bit") && has("good") && has("bad"));
    // The same again is the same file, and the paper tells the same in the reader's language.
    let again = place.at("again.html");
    place.thaw(&["report", &dir, "--to", &again]);
    assert_eq!(fs::read_to_string(again).unwrap(), page);
    let paper = place.at("report.pdf");
    let told = lines(&place.thaw(&["report", &dir, "--to", &paper, "--json"]));
    assert_eq!(told[0]["file"], paper);
    let paper = fs::read(paper).unwrap();
    assert!(paper.starts_with(b"%PDF-") && paper.len() > 20_000);

    let raced = ["race", "--data", &data, "--freeze", "1,3", "--seeds", "1", "--epochs", "1", "--out", &race, "--json"];
    lines(&place.thaw(&raced));
    let both = place.at("both.html");
    assert!(place.thaw(&["report", &race, &dir, "--to", &both]).status.success());
    let texts = texts_of(&fs::read_to_string(both).unwrap());
    let has = |wanted: &str| texts.iter().any(|text| text.contains(wanted));
    let rows = json(&race, "race.json")["rows"].clone();
    for row in rows.as_array().unwrap() {
        assert!(has(&format!("{:.4}", row["accuracy"].as_f64().unwrap())), "{row}");
    }
    assert!(has(&format!("thaw race --data {data} --epochs 1 --freeze 1,3 --seeds 1")), "{texts:?}");
}

#[test]
fn what_no_report_can_be_made_of_is_refused() {
    let place = Place::new();
    let empty = place.at("empty");
    fs::create_dir(&empty).unwrap();
    for (args, told) in [
        (["report", &place.at("nowhere"), "--to", &place.at("a.pdf")], "nowhere"),
        (["report", &empty, "--to", &place.at("a.pdf")], "holds no run and no race"),
        (["report", &empty, "--to", &place.at("a.docx")], ".html or .pdf"),
    ] {
        let refused = place.thaw(&args);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(told), "{}", text(&refused.stderr));
    }
    assert!(!Path::new(&place.at("a.pdf")).exists());
}

#[test]
fn a_class_and_a_lesson_are_put_on_paper() {
    let place = Place::new();
    let folder = place.at("class");
    fs::create_dir(&folder).unwrap();
    for n in [1, 2] {
        class::hand_in(Path::new(&folder), &class::bundle(n, [None, None]));
    }
    let page = place.at("class.html");
    let written = place.thaw(&["lesson", "report", &folder, "--to", &page]);
    assert!(written.status.success(), "{}", text(&written.stderr));
    let shown = fs::read_to_string(&page).unwrap();
    assert!([1, 2].iter().all(|n| shown.contains(&class::student(*n))));
    assert!(place.thaw(&["lesson", "report", &folder, "--to", &page, "--hide-names"]).status.success());
    let hidden = fs::read_to_string(&page).unwrap();
    assert!([1, 2].iter().all(|n| !hidden.contains(&class::student(*n))) && hidden.contains("Student 1"));

    let paper = place.at("handout.pdf");
    assert!(place.thaw(&["lesson", "handout", "which-layer-is-last", "--to", &paper]).status.success());
    assert!(fs::read(paper).unwrap().starts_with(b"%PDF-"));
    let [plain, solved] = [&[][..], &["--solutions"]].map(|more: &[&str]| {
        let page = place.at("handout.html");
        let args = [&["lesson", "handout", "cost-of-freezing", "--to", &page], more].concat();
        assert!(place.thaw(&args).status.success());
        fs::read_to_string(page).unwrap()
    });
    let explanation = "Time follows how deep backward must go";
    assert!(!plain.contains(explanation) && solved.contains(explanation));
    let nothing = place.thaw(&["lesson", "report", &place.file("notes.txt", ""), "--to", &page]);
    assert_eq!(nothing.status.code(), Some(1));
}
