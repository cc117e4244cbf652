use std::path::PathBuf;

use super::*;

#[derive(Default)]
struct Taken {
    begin: RowsBegin,
    rows: Vec<EveryRow>,
}

impl TakesRows for Taken {
    fn begin(&mut self, begin: &RowsBegin) -> Outcome<()> {
        self.begin = begin.clone();
        Ok(())
    }

    fn take(&mut self, row: EveryRow, done: usize, total: usize) -> Outcome<()> {
        assert!(done <= total);
        self.rows.push(row);
        Ok(())
    }
}

fn read(name: &str, bytes: &str, own: Option<&str>, change: impl Fn(&mut DataConfig)) -> Outcome<(Taken, Skipped)> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut config = DataConfig { source: DataSource::File(path), ..DataConfig::default() };
    change(&mut config);
    let mut taken = Taken::default();
    let skipped = every_row(&config, own, &|_, _| Ok(()), &mut taken)?;
    Ok((taken, skipped))
}

#[test]
fn rows_that_cannot_be_used_stay_in_their_place() {
    let csv = "id,text,label\n1,fine<br />film,a\n2,  ,b\n3\n4,one,two,three,four\n5,nan,c\n\n6,bad,d\n";
    let (taken, skipped) = read("a.csv", csv, None, |_| {}).unwrap();
    let texts: Vec<Option<&str>> =
        taken.rows.iter().map(|row| row.texts.as_ref().map(|texts| texts.text.as_str())).collect();
    assert_eq!(texts, [Some("fine film"), None, None, None, None, Some("bad")]);
    assert_eq!(taken.begin.columns, ["id", "text", "label"]);
    assert_eq!(taken.rows[0].cells, ["1", "fine<br />film", "a"]);
    assert_eq!(taken.rows[2].cells, ["3", "", ""]);
    assert_eq!(taken.rows[3].cells, ["4", "one", "two,three,four"], "nothing of a row is lost");
    assert_eq!(skipped.count, 4);
    assert!(!taken.begin.is_streamed && taken.begin.is_guess);
}

#[test]
fn the_column_of_the_texts_is_stated_or_known_by_its_name() {
    let csv = "id,first,second\n1,a short one,a much longer text\n2,b,another longer text\n";
    let column = |own: Option<&str>, told: Option<&str>| {
        read("a.csv", csv, own, |config| config.reading.text_column = told.map(str::to_owned))
            .map(|(taken, _)| (taken.begin.text_column, taken.begin.is_guess))
            .map_err(|problem| problem.id.to_string())
    };
    assert_eq!(column(None, None), Err("data-which-texts".into()));
    assert_eq!(column(Some("first"), None), Ok(("first".into(), false)));
    assert_eq!(column(Some("first"), Some("second")), Ok(("second".into(), false)));
    assert_eq!(column(Some("elsewhere"), None), Err("data-which-texts".into()));
    assert_eq!(column(None, Some("elsewhere")), Err("data-unknown-column".into()));
    let one = read("a.txt", "anything\nfine, really\nbad\n", Some("text"), |_| {}).unwrap().0;
    assert_eq!((one.begin.text_column.as_str(), one.rows.len()), ("anything", 2));
    let json = read("a.jsonl", "{\"content\": \"a\"}\n{\"content\": \"b\"}\n", None, |_| {}).unwrap().0;
    assert_eq!((json.begin.columns, json.rows.len()), (vec!["content".to_owned()], 2));
}

#[test]
fn a_file_of_which_no_row_can_be_used_is_refused() {
    let refused = |csv: &str| read("a.csv", csv, Some("text"), |_| {}).err().map(|problem| problem.id.to_string());
    assert_eq!(refused("text,label\n").as_deref(), Some("data-header-only"));
    assert_eq!(refused("text,label\n,a\n,b\n").as_deref(), Some("data-all-skipped"));
}
