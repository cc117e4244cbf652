//! Reading of delimited text: delimiters, line ends, quotation marks, and texts that are no table.

use super::*;

fn rows(text: &str, delimiter: Option<char>) -> Outcome<Vec<(usize, Vec<String>)>> {
    let table = Delimited::open(text, Told { delimiter, ..Told::default() }, "f.csv")?;
    let mut rows = vec![(1, table.columns.clone())];
    table.visit(&mut |r| {
        rows.push((r.row(), (0..r.len()).map(|i| r.get(i).into_owned()).collect()));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(rows)
}

fn cells(text: &str) -> Vec<(usize, Vec<String>)> {
    rows(text, None).unwrap()
}

#[test]
fn delimiters_and_line_ends() {
    for delimiter in [",", ";", "\t", "|"] {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("text{delimiter}label{end}\"a, b; c | d\"{delimiter}x{end}e{delimiter}y{end}");
            let found = cells(&text);
            assert_eq!(found[1], (2, vec!["a, b; c | d".to_owned(), "x".to_owned()]), "{text:?}");
            assert_eq!(found[2], (3, vec!["e".to_owned(), "y".to_owned()]), "{text:?}");
            assert_eq!(found.len(), 3, "{text:?}");
        }
    }
    assert_eq!(cells("t,l\r\na,1\nb,2\rc,3").len(), 4);
    assert_eq!(rows("a~b\n1~2", Some('~')).unwrap()[1].1, ["1", "2"]);
    assert_eq!(rows("a~b\n1~2", Some('é')).unwrap_err().id, "data-bad-delimiter");
    assert_eq!(cells("sep=;\r\na,x;b\n1;2\n")[0].1, ["a,x", "b"]);
}

#[test]
fn quoted_newlines_doubled_quotes_and_blank_lines() {
    let found = cells("text,label\r\n\"two\r\nlines, \"\"quoted\"\"\",1\r\n\r\n\r\nlast 5\" one,0\r\n\r\n");
    assert_eq!(found[1], (2, vec!["two\r\nlines, \"quoted\"".to_owned(), "1".to_owned()]));
    assert_eq!(found[2], (5, vec!["last 5\" one".to_owned(), "0".to_owned()]));
    assert_eq!(found.len(), 3);
    assert_eq!(cells("\n\ntext,label\na,1")[1].0, 4);
    assert_eq!(cells("t,l\n\"Great\" movie,1\nb,0\n")[1].1[0], "Great movie");
}

#[test]
fn unclosed_quotes_are_refused_where_they_open() {
    for (text, row) in [
        ("t,l\na,1\n\"b,0\nc,1\nthe end\"\nd,0\n", "3"),
        ("t,l\na,1\n\"b,0\nsome words\nd,0\n", "3"),
        ("t,l\na,1\n\"b,0\nsome words,\"e, f\n", "3"),
    ] {
        let problem = rows(text, None).or_else(|_| rows(text, Some(','))).unwrap_err();
        assert_eq!(
            (problem.id.as_ref(), problem.args[1].1.to_string().as_str()),
            ("data-unclosed-quote", row),
            "{text:?}"
        );
    }
}

/// The rows behind the quote are read when all of them are rows.
#[test]
fn one_unclosed_quote_costs_its_row_alone() {
    for (text, lost, rest) in [
        ("t,l\na,1\n\"b, x,0\nc,1\nd,0\n", 3, "ac d"),
        ("t,l\na,1\n\"b, x,0\r\nc,1\r\n\"d, e\",0\nf,1\n", 3, "ac d, e f"),
        ("t,l\na,1\n\nb,0\nc,\"x, 1", 5, "ab"),
        ("t,l\n\"a, x,1\nb \"\"x\"\",0\n", 2, "b \"\"x\"\""),
        ("t,l\n\"a, x,1\n\"two\n, lines\",0\nc,1\n", 2, "two\n, lines c"),
    ] {
        let table = Delimited::open(text, Told::default(), "f.csv").unwrap();
        let (mut unclosed, mut read) = (Vec::new(), String::new());
        table
            .visit(&mut |r| {
                if r.fault().is_some() {
                    unclosed.push(r.row())
                } else {
                    read = format!("{read} {}", r.get(0))
                }
                Ok(ControlFlow::Continue(()))
            })
            .unwrap();
        let plain = |text: &str| text.replace(' ', "");
        assert_eq!((unclosed, plain(&read)), (vec![lost], plain(rest)), "{text:?}");
    }
}

#[test]
fn backslashes_escape_where_that_is_how_the_file_is_written() {
    let body = "text,label\n\"he said \\\"no\\\" twice\",0\nyes\\, indeed,1\n\"a \\\\ and \\n, \"\"x\"\"\",0\n\\\"Fine\\\",1\n";
    let text = body.to_owned() + &"plain,0\n".repeat(9);
    let table = Delimited::open(&text, Told::default(), "f.csv").unwrap();
    assert_eq!((table.quoting, table.quoting_guessed), (Quoting::Backslash, true));
    let texts: Vec<String> = cells(&text)[1..5].iter().map(|(_, fields)| fields.join("|")).collect();
    assert_eq!(texts, ["he said \"no\" twice|0", "yes, indeed|1", "a \\ and \\n, \"x\"|0", "\"Fine\"|1"]);
    let told = Delimited::open(&text, Told { quoting: Some(Quoting::Double), ..Told::default() }, "f.csv").unwrap();
    assert_eq!((told.quoting, told.quoting_guessed), (Quoting::Double, false));
    // A backslash at the end of a quoted folder is no escape.
    for usual in ["t,l\n\"C:\\\",1\n\"D:\\, E:\\\",0\n", "t,l\nfine :\\,1\n\"a, b\",0\n", "t,l\na\\b,1\n"] {
        assert_eq!(Delimited::open(usual, Told::default(), "f.csv").unwrap().quoting, Quoting::Double, "{usual}");
    }
}

#[test]
fn quotes_without_a_meaning_are_characters() {
    let plain: String = (0..40).map(|i| format!("{i},words of row {i},0\n")).collect();
    for odd in ["90,\"Great film,1\n91,so \"so\",0\n", "90,\"Great film,1\n91,fine\",0\n92,a \"b\" c,1\n"] {
        let text = format!("id,text,label\n{plain}{odd}{plain}");
        let table = Delimited::open(&text, Told::default(), "f.csv").unwrap();
        assert_eq!(table.quoting, Quoting::None, "{odd}");
        assert_eq!(cells(&text)[41].1[1], "\"Great film");
        let ragged = format!("{text}100,one,too many,1\n");
        assert_eq!(cells(&ragged).len(), cells(&text).len() + 1);
    }
    let poems = "text,label\n".to_owned() + &"\"Roses, red\nand blue\",1\n\"One\nand, two\n\nthree\",0\n".repeat(20);
    assert_eq!(Delimited::open(&poems, Told::default(), "f.csv").unwrap().quoting, Quoting::Double);
    assert_eq!(cells(&poems).len(), 41);
}

#[test]
fn columns_without_a_header_go_by_their_numbers() {
    let told = Told { header: Some(false), ..Told::default() };
    let text = "a,b,too,many\n1,x,y\n2,z,w\n";
    let table = Delimited::open(text, told, "f.csv").unwrap();
    assert_eq!((table.columns.join(" "), table.header, table.header_guessed), ("1 2 3".into(), false, false));
    let mut rows = Vec::new();
    table
        .visit(&mut |r| {
            rows.push((r.row(), r.exceeds(3), r.get(5).into_owned()));
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    assert_eq!(rows, [(1, true, String::new()), (2, false, String::new()), (3, false, String::new())]);
}

#[test]
fn tab_separated_text_without_quoting() {
    let found = cells("id\ttext\tlabel\n1\t\"open\t1\n2\t\"whole\"\t0\n3\tlast\"\t1\n");
    let texts: Vec<&str> = found[1..].iter().map(|r| r.1[1].as_str()).collect();
    assert_eq!(texts, ["\"open", "whole", "last\""]);
}

#[test]
fn no_table_at_all() {
    for (text, id) in [
        ("", "data-empty-file"),
        (" \r\n\n", "data-empty-file"),
        ("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "data-empty-file"),
        ("only\na\nb", "data-one-column"),
        ("t\0,l\na,b", "data-nul-in-header"),
    ] {
        assert_eq!(rows(text, None).unwrap_err().id, id, "{text:?}");
    }
    let hole = format!("t,l\na,1\nb{},0\n", "\0".repeat(40));
    assert_eq!(rows(&hole, None).unwrap_err().args[1].1.to_string(), "3");
}
