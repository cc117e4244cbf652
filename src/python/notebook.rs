//! A program as a Jupyter notebook. The lines `# %% Title` begin its cells, as in the editors that know them.

use serde_json::{Value, json};

use crate::domain::problem::{Outcome, Problem};

/// A comment that begins so begins a cell.
const CELL: &str = "# %% ";

/// The program as a notebook of format 4.5, in JSON.
///
/// # Errors
/// `internal-error`, which JSON never gives for texts.
pub fn notebook(program: &str) -> Outcome<String> {
    let (introduction, rest) = docstring(program);
    let mut cells = vec![markdown(&introduction)];
    let mut lines: Vec<&str> = Vec::new();
    let flush = |lines: &mut Vec<&str>, cells: &mut Vec<Value>| {
        let code = lines.join("\n");
        lines.clear();
        if !code.trim().is_empty() {
            let code = code.trim_matches('\n');
            cells.push(json!({
                "cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": source(code),
            }));
        }
    };
    for line in rest.lines() {
        match line.strip_prefix(CELL) {
            Some(title) => {
                flush(&mut lines, &mut cells);
                cells.push(markdown(&format!("## {title}")));
            }
            None => lines.push(line),
        }
    }
    flush(&mut lines, &mut cells);
    for (i, cell) in cells.iter_mut().enumerate() {
        cell["id"] = format!("cell-{i}").into();
    }
    let notebook = json!({
        "cells": cells,
        "metadata": {
            "kernelspec": { "display_name": "Python 3", "language": "python", "name": "python3" },
            "language_info": { "name": "python" },
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    });
    let text = serde_json::to_string_pretty(&notebook).map_err(Problem::internal)?;
    Ok(text + "\n")
}

/// The text of the docstring at the beginning, and what comes after it.
fn docstring(program: &str) -> (String, &str) {
    let inner = program.strip_prefix("\"\"\"").and_then(|rest| rest.split_once("\"\"\""));
    let (text, rest) = inner.unwrap_or(("", program));
    let title = text.lines().next().unwrap_or_default();
    let others = text.lines().skip(1).map(|line| format!("{line}\n"));
    (format!("# {title}\n{}", others.collect::<String>()).trim_end().to_owned(), rest)
}

fn markdown(text: &str) -> Value {
    json!({ "cell_type": "markdown", "metadata": {}, "source": source(text) })
}

/// A text as the list of lines that notebooks keep.
fn source(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_begin_at_their_titles_and_nothing_is_lost() {
        let program = "\"\"\"A run.\n\n    pip install torch\n\"\"\"\nimport torch\n\n# %% Data\ntable = 1\n\n\n# %% Model\nmodel = 2\n";
        let notebook: Value = serde_json::from_str(&notebook(program).unwrap()).unwrap();
        let cells = notebook["cells"].as_array().unwrap();
        let text =
            |cell: &Value| cell["source"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect::<String>();
        let told: Vec<(&str, String)> = cells.iter().map(|c| (c["cell_type"].as_str().unwrap(), text(c))).collect();
        let expected = [
            ("markdown", "# A run.\n\n    pip install torch"),
            ("code", "import torch"),
            ("markdown", "## Data"),
            ("code", "table = 1"),
            ("markdown", "## Model"),
            ("code", "model = 2"),
        ];
        assert_eq!(told, expected.map(|(kind, text)| (kind, text.to_owned())));
    }
}
