//! The table of texts and labels, and its split into three parts, in the words of Python.

use crate::domain::config::RunConfig;
use crate::domain::dataset::{DatasetSummary, TableFormat};
use crate::domain::program::companion;

use super::facts::{data_path, encoding};
use super::literal::{in_comment, number, string};

/// So many labels are written into the program; more of them are read from the data.
const MOST_LABELS: usize = 12;

/// Where the table comes from.
pub struct TableView {
    pub read: String,
    /// Says what the file is, in a comment.
    pub told: String,
    /// What is taken from a row's number to get its place in the table.
    pub offset: usize,
    pub text: String,
    pub second: Option<String>,
    pub label: String,
    /// The column that the program adds for the numbers of the labels.
    pub target: String,
    pub labels: String,
}

/// How rows are drawn where the file that names them is gone.
pub struct SplitView {
    pub test_share: String,
    pub validation_share: String,
    pub seed: u64,
    pub max_rows: Option<usize>,
    pub rows_per_class: Option<usize>,
    /// The parts that have a file of their own, in words.
    pub own_parts: Option<String>,
}

/// The table of a run: the data file, or else the copy of its texts and labels.
pub fn table(config: &RunConfig, summary: &DatasetSummary, reads_file: bool) -> TableView {
    let columns = summary.copy_columns();
    let own = |place: usize| summary.columns.get(place).cloned().unwrap_or_default();
    let [text, second, label] = match (reads_file, &columns[..]) {
        (true, _) => {
            [Some(own(summary.text_column)), summary.second_text_column.map(own), Some(own(summary.label_column))]
        }
        (false, [text, label]) => [Some(text.clone()), None, Some(label.clone())],
        (false, columns) => [0, 1, 2].map(|i| columns.get(i).cloned()),
    };
    let [text, label] = [text, label].map(Option::unwrap_or_default);
    let taken = |name: &&str| !summary.columns.iter().any(|column| column == name);
    let target = ["target", "label_id", "target_id"].into_iter().find(taken).unwrap_or("target_of_thaw").to_owned();
    let as_text = "dtype=str, keep_default_na=False";
    let name = in_comment(&summary.name);
    let (read, told, offset) = match data_path(config).filter(|_| reads_file) {
        None => {
            (format!("pd.read_csv(FILES / \"{}\", {as_text})", companion::DATA), copy_told(config, summary, &name), 2)
        }
        Some(path) => {
            let path = string(&path.display().to_string());
            match summary.format {
                TableFormat::JsonLines => {
                    (format!("pd.read_json({path}, lines=True, dtype=False).astype(str)"), String::new(), 1)
                }
                TableFormat::Workbook => {
                    let sheet = summary.sheet.as_ref().map_or("0".to_owned(), |sheet| string(sheet));
                    (format!("pd.read_excel({path}, sheet_name={sheet}, {as_text})"), String::new(), 2)
                }
                _ => {
                    let separator = match summary.delimiter {
                        ',' => String::new(),
                        c => format!(", sep={}", string(&c.to_string())),
                    };
                    let encoding = match encoding(&summary.encoding) {
                        Some("utf-8") | None => String::new(),
                        Some(encoding) => format!(", encoding=\"{encoding}\""),
                    };
                    (format!("pd.read_csv({path}{separator}{encoding}, {as_text})"), String::new(), 2)
                }
            }
        }
    };
    let [text, label] = [text, label].map(|name| string(&name));
    let names: Vec<&str> = summary.labels.iter().map(|label| label.label.as_str()).collect();
    let labels = match names.len() {
        few if few <= MOST_LABELS => {
            format!("[{}]", names.iter().map(|name| string(name)).collect::<Vec<_>>().join(", "))
        }
        _ if names.iter().all(|name| name.parse::<f64>().is_ok_and(f64::is_finite)) => {
            format!("sorted(table[{label}].unique(), key=float)")
        }
        _ => format!("sorted(table[{label}].unique())"),
    };
    TableView {
        read,
        told,
        offset,
        second: second.map(|name| string(&name)),
        text,
        label,
        target: string(&target),
        labels,
    }
}

/// Says why the program reads a copy of the data.
fn copy_told(config: &RunConfig, summary: &DatasetSummary, name: &str) -> String {
    let data = &config.data;
    let parts = [(&data.validation, "validation"), (&data.test, "test")].into_iter();
    let own: Vec<&str> = parts.filter_map(|(file, part)| file.as_ref().map(|_| part)).collect();
    if !own.is_empty() {
        return format!("# Texts and labels of {name} and of the {} file, as Thaw reads them.", own.join(" and the "));
    }
    if data_path(config).is_none() {
        return format!("# The texts and labels of {name}, which come with Thaw.");
    }
    let why = match summary.format {
        TableFormat::Folder => "a folder with a file for each text",
        TableFormat::FastText => "a fastText file",
        TableFormat::Json => "JSON",
        _ if data.flip_labels.is_some() => "with the labels that Thaw has made wrong",
        _ => "where pandas would read some rows, texts or labels otherwise",
    };
    format!("# Texts and labels of {name} as Thaw reads them ({why}).")
}

/// What the split of a run is made of.
pub fn split(config: &RunConfig, reads_file: bool) -> SplitView {
    let data = &config.data;
    let own: Vec<&str> = [(&data.validation, "validation"), (&data.test, "test")]
        .into_iter()
        .filter_map(|(file, part)| file.as_ref().map(|_| part))
        .collect();
    SplitView {
        test_share: number(data.split.test_share),
        validation_share: number(data.split.validation_share),
        // scikit-learn takes seeds of 32 bits.
        seed: data.split.seed % (1 << 32),
        // A copy of the data has no other rows.
        max_rows: data.max_rows.filter(|_| reads_file),
        rows_per_class: data.rows_per_class,
        own_parts: (!own.is_empty()).then(|| own.join(" and ")),
    }
}
