//! Tables as spreadsheets take them: as CSV files and from the clipboard. What someone has typed never becomes a formula
//! there.

use std::borrow::Cow;

/// Numbers and texts with a heading for each column, units in the heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub headers: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(headers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { headers: headers.into_iter().map(Into::into).collect(), rows: Vec::new() }
    }

    /// Curves over one axis: a row for each place on it, an empty cell where a curve has no point there. Of several points
    /// of a curve at one place the last counts.
    pub fn of_curves(axis: &str, curves: &[(&str, &[[f64; 2]])]) -> Self {
        let mut places: Vec<f64> = curves.iter().flat_map(|(_, points)| points.iter().map(|p| p[0])).collect();
        places.sort_by(f64::total_cmp);
        places.dedup();
        let mut next = vec![0; curves.len()];
        let mut table = Self::new(std::iter::once(axis).chain(curves.iter().map(|(name, _)| *name)));
        for place in places {
            let mut row = vec![number(place)];
            for ((_, points), next) in curves.iter().zip(&mut next) {
                let passed = points[*next..].iter().take_while(|p| p[0] <= place).count();
                let here = points[*next..*next + passed].iter().rfind(|p| p[0] == place);
                row.push(here.map_or_else(String::new, |p| number(p[1])));
                *next += passed;
            }
            table.rows.push(row);
        }
        table
    }

    /// Rows and columns as spreadsheets take them from the clipboard.
    pub fn as_tabbed_text(&self) -> String {
        let clean = |cell: &String| defused(cell).replace(['\t', '\n', '\r'], " ");
        self.lines().map(|cells| cells.iter().map(clean).collect::<Vec<_>>().join("\t") + "\n").collect()
    }

    /// The table as a CSV file (RFC 4180, UTF-8). The mark of UTF-8 is there only where letters beyond ASCII need it:
    /// Excel would not read them without.
    pub fn as_csv(&self) -> Vec<u8> {
        let text: String = self.lines().map(|cells| csv_line(cells) + "\n").collect();
        let mark = if text.is_ascii() { "" } else { "\u{feff}" };
        [mark, &text].concat().into_bytes()
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.headers).chain(&self.rows)
    }
}

fn csv_line(cells: &[String]) -> String {
    let quoted = |cell: &String| {
        let cell = defused(cell);
        let is_plain = !cell.contains([',', '"', '\n', '\r']);
        if is_plain { cell.into_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",")
}

/// Returns the text as a spreadsheet shows it. One that a spreadsheet would compute as a formula gets an apostrophe before
/// it; numbers stay numbers. The wide signs are formulas to spreadsheets of East Asia.
fn defused(cell: &str) -> Cow<'_, str> {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let is_number = cell.parse::<f64>().is_ok_and(f64::is_finite);
    if is_formula && !is_number { format!("'{cell}").into() } else { cell.into() }
}

/// Writes a number in the fewest characters that keep its last bit.
pub fn number(x: f64) -> String {
    if x.is_finite() { x.to_string() } else { String::new() }
}

/// The two ends of a range, which are empty if there is none.
pub fn range(range: Option<(f64, f64)>) -> [String; 2] {
    range.map_or_else(Default::default, |(low, high)| [low, high].map(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_share_their_axis() {
        let table = Table::of_curves(
            "step",
            &[("loss (nats)", &[[1.0, 0.7], [2.0, 0.65]]), ("validation (nats)", &[[2.0, 0.6], [4.0, 0.5]])],
        );
        let csv = String::from_utf8(table.as_csv()).unwrap();
        assert_eq!(csv, "step,loss (nats),validation (nats)\n1,0.7,\n2,0.65,0.6\n4,,0.5\n");
        assert_eq!(table.as_tabbed_text().lines().nth(2), Some("2\t0.65\t0.6"));
    }

    #[test]
    fn a_second_point_at_a_place_hides_none_of_those_behind_it() {
        let table =
            Table::of_curves("step", &[("loss", &[[1.0, 0.7], [1.0, 0.8], [2.0, 0.6]]), ("other", &[[3.0, 0.5]])]);
        assert_eq!(table.rows, [["1", "0.8", ""], ["2", "0.6", ""], ["3", "", "0.5"]]);
    }

    #[test]
    fn names_with_commas_quotes_and_hangul_survive() {
        let mut table = Table::new(["이름", "a,b"]);
        table.rows.push(vec!["say \"hi\"".into(), "two\nlines".into()]);
        let csv = String::from_utf8(table.as_csv()).unwrap();
        let marked = "Excel reads Hangul only with the mark at the beginning";
        assert_eq!(csv, "\u{feff}이름,\"a,b\"\n\"say \"\"hi\"\"\",\"two\nlines\"\n", "{marked}");
    }

    #[test]
    fn what_would_be_a_formula_is_a_text() {
        let cells = ["=1+1", "+cmd|'/C calc'!A0", "-1+2", "@SUM(A1)", "\tx", "＝1", "a=b", "-0.5", "+3", "-inf"];
        let mut table = Table::new(["answer"]);
        table.rows = cells.iter().map(|cell| vec![(*cell).to_owned()]).collect();
        let csv = String::from_utf8(table.as_csv()).unwrap();
        let safe = ["'=1+1", "'+cmd|'/C calc'!A0", "'-1+2", "'@SUM(A1)", "'\tx", "'＝1", "a=b", "-0.5", "+3", "'-inf"];
        assert_eq!(csv.lines().skip(1).collect::<Vec<_>>(), safe);
        assert!(table.as_tabbed_text().contains("\n'=1+1\n"), "the clipboard leads into a spreadsheet, too");
    }

    #[test]
    fn numbers_come_back_to_the_bit() {
        for x in [0.1 + 0.2, 1e-8, 123_456_789.25, 5e-324] {
            assert_eq!(number(x).parse::<f64>().unwrap().to_bits(), x.to_bits());
        }
        assert_eq!(number(f64::NAN), "");
    }
}
