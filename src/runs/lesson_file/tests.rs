use super::*;
use crate::domain::config::ModelSource;
use crate::domain::precision::{FrozenPrecision, Precision};

const HEAD: &str = "id = \"mine\"\ntitle = { en = \"A\" }\nabout = { en = \"B\" }\n";
const STEP: &str = "[[step]]\ntitle = { en = \"A\" }\ntext = { en = \"B\" }\n";

#[test]
fn the_lessons_of_the_program_are_six_and_speak_korean() {
    let lessons = carried_lessons().unwrap();
    assert_eq!(lessons.len(), 6);
    for lesson in lessons {
        for text in lesson.texts() {
            assert!(text.ko.is_some() && !text.en.is_empty(), "{}: {text:?}", lesson.id);
        }
    }
}

#[test]
fn the_example_of_the_guide_is_a_lesson() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("example.toml");
    for tag in ["en", "ko"] {
        let chapter = format!("{}/assets/guide/{tag}/lesson-files.md", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(chapter).unwrap();
        let example = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        fs::write(&file, example).unwrap();
        let lesson = read_lesson(&file).unwrap();
        assert_eq!(lesson.steps.len(), 3, "{tag}");
        assert!(lesson.texts().iter().all(|text| text.is_there()), "{tag}");
    }
}

/// What is wrong with a lesson file of this text, as its id and its line.
fn refusal(file: &Path, text: &str) -> (String, Option<String>) {
    fs::write(file, text).unwrap();
    let problem = read_lesson(file).unwrap_err();
    assert_eq!(problem.arg("file").is_some(), problem.id != "lesson-unknown");
    (problem.id.to_string(), problem.arg("line"))
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(folder.path().join("films.csv"), "review,label\ngood film,1\nbad film,0\n".repeat(20)).unwrap();
    for (text, id, line) in [
        (format!("{HEAD}colour = 3\n{STEP}"), "lesson-unknown-key", 4),
        (format!("{HEAD}open = [\"colours\"]\n{STEP}"), "lesson-unknown-value", 4),
        (format!("{HEAD}seed = \"four\"\n{STEP}"), "lesson-wrong-type", 4),
        (format!("{HEAD}seed = 4\nheader = \"yes\"\n{STEP}"), "lesson-wrong-type", 5),
        (format!("{HEAD}class_weights = \"balance\"\n{STEP}"), "lesson-unknown-value", 4),
        (format!("{HEAD}class_weights = {{ positve = 2 }}\n{STEP}"), "lesson-refused", 4),
        (format!("{HEAD}precision = \"int8\"\n{STEP}"), "lesson-unknown-value", 4),
        (format!("{HEAD}seed = 4\nclass_weights = {{ positive = 0 }}\n{STEP}"), "lesson-refused", 5),
        (format!("{HEAD}label_map = \"0:1\"\n{STEP}"), "lesson-unknown-value", 4),
        (format!("{HEAD}seed = 4\n[label_map]\npositve = \"a\"\n{STEP}"), "lesson-refused", 5),
        (format!("{HEAD}label_map = {{ negative = \"b\", positive = \"a\" }}\n{STEP}"), "lesson-refused", 4),
        (format!("{HEAD}label_map = \"negative=b\"\nnew_head = true\n{STEP}"), "lesson-bad-field", 5),
        (format!("{HEAD}seed = 4\nquoting = \"round\"\n{STEP}"), "lesson-unknown-value", 5),
        (format!("{HEAD}seed = \n{STEP}"), "lesson-unreadable", 4),
        (format!("{HEAD}[[step]]\ntitle = {{ en = \"A\" }}\n"), "lesson-missing-key", 4),
        (format!("{HEAD}data = \"gone.csv\"\n{STEP}"), "lesson-missing-file", 4),
        (format!("{HEAD}model = \"models/of/mine\"\n{STEP}"), "lesson-missing-file", 4),
        (format!("{HEAD}data = \"films.csv\"\nlabel_column = \"stars\"\n{STEP}"), "lesson-refused", 5),
        (format!("{HEAD}{STEP}run = {{ freeze = \"9\" }}\n"), "lesson-bad-field", 7),
        (format!("{HEAD}{STEP}run = {{ freeze = \"1\", epochs = 0 }}\n"), "lesson-refused", 7),
        (format!("{HEAD}{STEP}race = {{ freeze = [\"1\", \"1\"], epochs = 1 }}\n"), "lesson-refused", 7),
        (format!("{HEAD}{STEP}{STEP}question = {{ kind = \"choice\" }}\n"), "lesson-bad-field", 7),
        (
            format!("{HEAD}{STEP}[step.question]\nkind = \"number\"\nright = 1\ntolerance = -1\n"),
            "lesson-bad-field",
            10,
        ),
        (format!("{HEAD}[[step]]\ntitle = {{}}\ntext = {{ ko = \"나\" }}\n"), "lesson-bad-field", 5),
        (
            format!("{HEAD}[[step]]\ntitle = {{ en = \"A\" }}\ntext = {{ en = \"![a](gone.png)\" }}\n"),
            "lesson-missing-picture",
            6,
        ),
        (
            format!("{HEAD}[[step]]\ntitle = {{ en = \"A\" }}\ntext = {{ en = \"![a](http://x/a.png)\" }}\n"),
            "lesson-no-picture",
            6,
        ),
    ] {
        assert_eq!(refusal(&file, &text), (id.to_owned(), Some(line.to_string())), "{text}");
    }
    let refused = read_lesson(&file).unwrap_err();
    assert_eq!(refused.arg("picture").as_deref(), Some("http://x/a.png"));
    assert_eq!(read_lesson(Path::new("no-such-lesson")).unwrap_err().id, "lesson-unknown");
}

#[test]
fn a_lesson_of_one_language_in_the_encoding_of_korean_windows_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let text = "id = \"mine\"\ntitle = { ko = \"얼린 층과 녹인 층\" }\nabout = { ko = \"한국어로만 쓴 수업입니다.\" }\n\
                [[step]]\ntitle = { ko = \"읽기\" }\ntext = { ko = \"층을 하나씩 녹여 봅시다.\" }\n";
    let (bytes, ..) = encoding_rs::EUC_KR.encode(text);
    fs::write(&file, &bytes).unwrap();
    let lesson = read_lesson(&file).unwrap();
    assert_eq!(lesson.title.tongue("en"), "얼린 층과 녹인 층");
    // A mistake in it is found as well.
    let wrong = text.replace("[[step]]", "색 = 3\n[[step]]");
    fs::write(&file, &*encoding_rs::EUC_KR.encode(&wrong).0).unwrap();
    assert_eq!(read_lesson(&file).unwrap_err().arg("line").as_deref(), Some("4"));
    fs::write(&file, [b"id = \"".as_slice(), &[0xff, 0xfe, 0xfd, 0x80], b"\"".as_slice()].concat()).unwrap();
    assert!(read_lesson(&file).is_err());
}

#[test]
fn pictures_come_from_beside_the_lesson() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let picture = folder.path().join("layers.png");
    let text =
        format!("{HEAD}[[step]]\ntitle = {{ en = \"A\" }}\ntext = {{ en = \"See\\n\\n![layers](layers.png)\" }}\n");
    fs::write(&picture, b"no picture").unwrap();
    assert_eq!(refusal(&file, &text), ("lesson-no-picture".to_owned(), Some("6".to_owned())));
    image::GrayImage::new(1, MOST_PICTURE_SIDE + 1).save(&picture).unwrap();
    assert_eq!(refusal(&file, &text), ("lesson-large-picture".to_owned(), Some("6".to_owned())));
    image::GrayImage::new(1, MOST_PICTURE_SIDE).save(&picture).unwrap();
    let lesson = read_lesson(&file).unwrap();
    assert_eq!(lesson.pictures["layers.png"].as_ref(), fs::read(&picture).unwrap());
}

#[test]
fn a_lesson_states_how_its_data_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(folder.path().join("films.txt"), "good film|1\nbad film|0\n".repeat(20)).unwrap();
    let told = "data = \"films.txt\"\ndelimiter = \"|\"\nheader = false\ntext_column = \"1\"\nlabel_column = \"2\"\n";
    fs::write(&file, format!("{HEAD}{told}encoding = \"utf-8\"\n{STEP}")).unwrap();
    let data = read_lesson(&file).unwrap().config(&RunConfig::default()).data;
    assert_eq!((data.reading.delimiter, data.reading.header), (Some('|'), Some(false)));
    assert_eq!((data.reading.label_column.as_deref(), data.reading.encoding.as_deref()), (Some("2"), Some("utf-8")));
    for weights in ["\"balanced\"", "{ 1 = 2, 0 = 0.5 }", "\"1=2,0=0.5\""] {
        fs::write(&file, format!("{HEAD}{told}class_weights = {weights}\n{STEP}")).unwrap();
        let weights = read_lesson(&file).unwrap().config(&RunConfig::default()).training.class_weights.unwrap();
        let labels = ["0".to_owned(), "1".to_owned()];
        assert!([vec![1.0, 1.0], vec![0.5, 2.0]].contains(&weights.resolve(&labels, &[10, 10]).unwrap()));
    }
    fs::write(&file, format!("{HEAD}{told}precision = \"bf16\"\nfrozen_precision = \"int8\"\n{STEP}")).unwrap();
    let training = read_lesson(&file).unwrap().config(&RunConfig::default()).training;
    assert_eq!((training.precision, training.frozen_precision), (Precision::Bf16, FrozenPrecision::Int8));
    // Each key that may stand in the head is named, also those of reading.
    fs::write(&file, format!("{HEAD}labelcolumn = \"2\"\n{STEP}")).unwrap();
    let known = read_lesson(&file).unwrap_err().arg("known").unwrap();
    assert!(known.contains("max_rows") && known.contains("label_column"), "{known}");
    fs::write(&file, format!("{HEAD}{STEP}colour = 3\n")).unwrap();
    let known = read_lesson(&file).unwrap_err().arg("known").unwrap();
    assert!(known.contains("race") && !known.contains("label_column"), "{known}");
}

#[test]
fn a_model_is_looked_for_beside_the_lesson_and_else_on_the_hub() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    fs::write(&file, format!("{HEAD}model = \"klue/bert-base@v1\"\n{STEP}")).unwrap();
    let lesson = read_lesson(&file).unwrap();
    assert_eq!(lesson.lacks_model().unwrap().to_string(), "klue/bert-base@v1");
    fs::create_dir_all(folder.path().join("klue/bert-base@v1")).unwrap();
    let lesson = read_lesson(&file).unwrap();
    assert_eq!(lesson.lacks_model(), None);
    let ModelSource::Folder(model) = lesson.config(&RunConfig::default()).model else { panic!("a folder") };
    assert!(model.ends_with("klue/bert-base@v1") && model.is_absolute());
}
