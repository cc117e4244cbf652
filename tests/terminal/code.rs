//! `thaw code`: a training as a Python program, with the files beside it.

use super::*;

/// A column of `rows.csv`: the part, and the rows' numbers.
fn rows_of(folder: &Path, part: &str) -> Vec<u64> {
    let text = fs::read_to_string(folder.join("rows.csv")).unwrap();
    let lines = text.lines().skip(1).filter_map(|line| line.strip_prefix(&format!("{part},")));
    lines.map(|number| number.parse().unwrap()).collect()
}

#[test]
fn the_program_reads_the_rows_of_the_training_with_the_same_settings() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(80));
    let settings = ["--data", &data, "--epochs", "2", "--batch-size", "8", "--max-rows", "60", "--freeze", "1"];
    let (dir, file) = (place.at("run"), place.at("mine.py"));
    lines(&place.thaw(&[&["train", "--out", &dir, "--json"], &settings[..]].concat()));
    let told = place.thaw(&[&["code", "--style", "pytorch", "--out", &file], &settings[..]].concat());
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    assert!(text(&told.stdout).contains("mine.py"), "{}", text(&told.stdout));

    let program = fs::read_to_string(&file).unwrap();
    assert!(
        program.contains("parent / \"mine_files\"") && program.contains(&format!("pd.read_csv(\"{data}\"")),
        "{program}"
    );
    let folder = place.path("mine_files");
    let splits = json(&dir, "splits.json");
    for part in ["train", "validation", "test"] {
        let own: Vec<u64> = splits[part].as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect();
        assert_eq!(rows_of(&folder, part), own, "{part}");
    }
    let order = fs::read_to_string(folder.join("order.csv")).unwrap();
    assert_eq!(order.lines().next(), Some("1,2"), "a column for each epoch");
    for epoch in 0..2 {
        let cell = |line: &str| line.split(',').nth(epoch).unwrap().parse::<usize>().unwrap();
        let mut places: Vec<usize> = order.lines().skip(1).map(cell).collect();
        places.sort_unstable();
        assert!(places.into_iter().eq(0..rows_of(&folder, "train").len()), "each row once an epoch");
    }
    assert!(!folder.join("data.csv").exists(), "pandas reads the file itself");
    assert!(fs::metadata(folder.join("model/model.safetensors")).unwrap().len() > 40_000_000);
    assert!(folder.join("head.safetensors").exists());

    // The run's own settings make the same program with the same rows, and only on the same data.
    let of_run = place.at("again.py");
    let told = place.thaw(&["code", &dir, "--style", "pytorch", "--out", &of_run]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    assert_eq!(fs::read_to_string(&of_run).unwrap().replace("again_files", "mine_files"), program);
    for name in ["rows.csv", "order.csv", "head.safetensors"] {
        let read = |folder: &str| fs::read(place.path(folder).join(name)).unwrap();
        assert!(read("again_files") == read("mine_files"), "{name}");
    }
    let both = place.thaw(&["code", &dir, "--epochs", "3"]);
    assert!(both.status.code() == Some(2) && text(&both.stderr).contains("--epochs"), "{}", text(&both.stderr));
    let nowhere = place.thaw(&["code", &place.at("nowhere")]);
    assert!(nowhere.status.code() == Some(1) && text(&nowhere.stderr).contains("nowhere"));

    // Nothing that is there is written over.
    let again = place.thaw(&[&["code", "--out", &file], &settings[..]].concat());
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("mine.py is there already"), "{}", text(&again.stderr));
    assert_eq!(fs::read_to_string(&file).unwrap(), program);
    fs::create_dir(place.path("other_files")).unwrap();
    place.file("other_files/thesis.txt", "mine");
    let taken = place.thaw(&[&["code", "--out", &place.at("other.py")], &settings[..]].concat());
    assert_eq!(taken.status.code(), Some(1));
    assert!(text(&taken.stderr).contains("thesis.txt"), "{}", text(&taken.stderr));
    assert!(!place.path("other.py").exists());
    let ending = place.thaw(&[&["code", "--notebook", "--out", &place.at("other.py")], &settings[..]].concat());
    assert!(text(&ending.stderr).contains(".ipynb"), "{}", text(&ending.stderr));
}

#[test]
fn what_pandas_would_take_otherwise_is_read_from_a_copy_and_a_notebook_has_files_of_its_own() {
    let place = Place::new();
    let rows = |end: &str| reviews(40).lines().skip(1).map(|line| format!("{line}{end}\n")).collect::<String>();
    let header = "review,sentiment\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(reviews(40).as_bytes()).unwrap();
    let gzipped = gzip.finish().unwrap();
    for (name, bytes) in [
        ("surplus.csv", (header.to_owned() + &rows(",")).into_bytes()),
        ("padded.csv", (" review , sentiment\n".to_owned() + &rows("")).into_bytes()),
        ("packed.csv", gzipped),
    ] {
        let data = place.file(name, bytes);
        let file = place.at(&name.replace(".csv", ".py"));
        let told = place.thaw(&["code", "--data", &data, "--freeze", "1", "--epochs", "1", "--out", &file]);
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
        assert!(place.path(&name.replace(".csv", "_files")).join("data.csv").is_file(), "{name}");
    }
    let notebook = place.at("surplus.ipynb");
    let settings = ["code", "--max-rows", "60", "--epochs", "1", "--notebook", "--out", &notebook];
    assert!(place.thaw(&settings).status.success());
    let script = rows_of(&place.path("surplus_files"), "train");
    assert!(place.path("surplus_notebook_files/rows.csv").is_file());
    assert_eq!(script.len(), 22, "the script keeps its rows");
}

#[test]
fn without_a_file_the_program_is_printed_and_says_where_its_files_are() {
    let place = Place::new();
    let settings = ["--max-rows", "100", "--freeze", "full", "--epochs", "1"];
    let printed = |more: &[&str]| {
        let told = place.thaw(&[&["code"], more, &settings[..]].concat());
        assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
        (text(&told.stdout).to_owned(), text(&told.stderr).to_owned())
    };
    let (program, said) = printed(&[]);
    let folder = program.lines().find_map(|line| line.strip_prefix("FILES = Path(\"")?.strip_suffix("\")")).unwrap();
    assert!(
        said.contains(folder) && program.starts_with("\"\"\"") && program.contains("trainer.train()"),
        "{said}\n{program}"
    );
    let rows: usize = ["train", "validation", "test"].iter().map(|part| rows_of(Path::new(folder), part).len()).sum();
    assert_eq!(rows, 100);
    let copy = fs::read_to_string(Path::new(folder).join("data.csv")).unwrap();
    assert_eq!(copy.lines().next(), Some("review,sentiment"));
    assert_eq!(printed(&[]).0, program, "the same settings have the same files");
    let (notebook, _) = printed(&["--notebook", "--style", "lecture"]);
    let notebook: Value = serde_json::from_str(&notebook).unwrap();
    assert_eq!((&notebook["nbformat"], &notebook["cells"][0]["cell_type"]), (&4.into(), &"markdown".into()));
    assert!(notebook.to_string().contains("def tl_strategy"));
}

#[test]
fn what_pandas_would_read_otherwise_comes_as_a_copy_and_what_cannot_train_is_refused() {
    let place = Place::new();
    let table = reviews(60).replace("a dull and empty film", "a dull<br />and empty film ");
    let data = place.file("films.csv", &table);
    let file = place.at("a.py");
    let told = place.thaw(&["code", "--data", &data, "--flip-labels", "0.1", "--out", &file]);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    let copy = fs::read_to_string(place.path("a_files/data.csv")).unwrap();
    assert!(copy.contains("a dull and empty film") && !copy.contains("<br"), "{copy}");
    assert_eq!(copy.lines().count(), 61);
    let program = fs::read_to_string(&file).unwrap();
    assert!(program.contains("pd.read_csv(FILES / \"data.csv\"") && program.contains("wrong on purpose"), "{program}");

    let unknown = place.thaw(&["code", "--freeze", "top:40", "--out", &place.at("b.py")]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(!place.path("b.py").exists() && !place.path("b_files").exists(), "nothing is left of a refusal");
    let style = place.thaw(&["code", "--style", "keras"]);
    assert!(text(&style.stderr).contains("trainer, pytorch or lecture"), "{}", text(&style.stderr));
}
