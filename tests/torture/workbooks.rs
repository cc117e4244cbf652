//! Workbooks whose parts are damaged and whose archive is not: the damage then comes to the reader of the sheets.

use std::io::{Cursor, Write as _};

use thaw::domain::problem::Outcome;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::harness::{Case, Scratch, Target, torture};
use super::tables::read;

/// An archive of these files, in which `name` says where each lies.
pub fn packed(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Packs a case and reads it as data.
fn read_packed(place: &Scratch, case: &Case, choice: u16) -> Outcome<()> {
    let files: Vec<(&str, &[u8])> = case.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    read(&place.write("data", &packed(&files, CompressionMethod::Stored)), choice)
}

const CELLS: [&[u8]; 40] = [
    b"<row r=\"1048577\">",
    b"</row>",
    b"<c r=\"XFE1\" t=\"s\"><v>99999</v></c>",
    b"<c r=\"A0\"><v>1</v></c>",
    b"<c r=\"AAAAAAAA99999999999\"><v>1</v></c>",
    b"<c r=\"1A\"/>",
    b"<c t=\"inlineStr\"><is><t>x</t></is></c>",
    b"<c t=\"d\"><v>2024-01-01</v></c>",
    b"<c t=\"e\"><v>#N/A</v></c>",
    b"<c t=\"b\"><v>2</v></c>",
    b"<f t=\"shared\" si=\"99999999\" ref=\"A1:XFD1048576\">A1</f>",
    b"<f>1/0</f>",
    b"<v/>",
    b"<v>1e999</v>",
    b"<v>-1</v>",
    b"s=\"99999\"",
    b"t=\"s\"",
    b"t=\"str\"",
    b"r=\"A1\"",
    b"ref=\"A1:XFD1048576\"",
    b"<dimension ref=\"Z9:A1\"/>",
    b"<mergeCell ref=\"A1:A1048576\"/>",
    b"uniqueCount=\"4294967295\"",
    b"count=\"-1\"",
    b"<si/>",
    b"<t xml:space=\"preserve\"> </t>",
    b"<rPh><t>x</t></rPh>",
    b"&amp;",
    b"&#x0;",
    b"&#1114112;",
    b"&nope;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"<?xml",
    b"/>",
    b">",
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>",
    b"state=\"hidden\"",
    b"date1904=\"1\"",
];

#[test]
fn workbooks_of_excel() {
    const TYPES: &[u8] = br#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
    const ROOT: &[u8] = br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const BOOK: &[u8] = br#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="0"/><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/><sheet name="Notes" sheetId="2" state="hidden" r:id="rId2"/></sheets><definedNames><definedName name="x">Sheet1!$A$1</definedName></definedNames></workbook>"#;
    const LINKS: &[u8] = br#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="/xl/worksheets/sheet1.xml"/><Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
    const STYLES: &[u8] = br#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd;[h]:mm"/></numFmts><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let strings = |extra: &str| {
        let texts = ["text", "label", "pos", "neg", "a fine film", "dull and long", "글"]
            .map(|t| format!("<si><t>{t}</t></si>"));
        format!(r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="30" uniqueCount="8">{}<si><r><t>in </t></r><r><t>parts</t></r></si>{extra}</sst>"#, texts.concat()).into_bytes()
    };
    let sheet = |row: &dyn Fn(usize) -> String| {
        let rows: String = (2..=11).map(|n| format!(r#"<row r="{n}" spans="1:3">{}</row>"#, row(n))).collect();
        format!(r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:C11"/><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>{rows}</sheetData><mergeCells count="1"><mergeCell ref="D1:E2"/></mergeCells></worksheet>"#).into_bytes()
    };
    let book = |sheet: Vec<u8>, strings: Vec<u8>| -> Case {
        vec![
            ("[Content_Types].xml", TYPES.to_vec()),
            ("_rels/.rels", ROOT.to_vec()),
            ("xl/workbook.xml", BOOK.to_vec()),
            ("xl/_rels/workbook.xml.rels", LINKS.to_vec()),
            ("xl/sharedStrings.xml", strings),
            ("xl/styles.xml", STYLES.to_vec()),
            ("xl/worksheets/sheet1.xml", sheet),
        ]
    };
    let shared = |n: usize| {
        format!(
            r#"<c r="A{n}" t="s"><v>{}</v></c><c r="B{n}" t="s"><v>{}</v></c><c r="C{n}" s="1"><v>4{n}000.5</v></c>"#,
            4 + n % 3,
            2 + n % 2
        )
    };
    let inline = |n: usize| {
        format!(
            r#"<c r="A{n}" t="inlineStr"><is><t>a text of {n}</t></is></c><c r="B{n}"><v>{}</v></c><c r="C{n}" t="str"><f>A{n}&amp;B{n}</f><v>x</v></c>"#,
            n % 2
        )
    };
    let bare = |n: usize| {
        format!(r#"<c t="s"><v>{}</v></c><c t="b"><v>{}</v></c><c t="e"><v>#DIV/0!</v></c>"#, 4 + n % 4, n % 2)
    };
    let target = Target {
        name: "xlsx",
        seeds: vec![
            book(sheet(&shared), strings("")),
            book(sheet(&inline), strings("<si/>")),
            book(sheet(&bare), strings("")),
        ],
        words: CELLS.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| read_packed(&place, case, choice));
}

#[test]
fn workbooks_of_libreoffice() {
    const KIND: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";
    const MANIFEST: &[u8] = br#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>"#;
    let content = |row: &dyn Fn(usize) -> String| {
        let rows: String = (0..10).map(|n| format!("<table:table-row>{}</table:table-row>", row(n))).collect();
        format!(r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:automatic-styles><style:style style:name="ta1"><style:table-properties table:display="true"/></style:style></office:automatic-styles><office:body><office:spreadsheet><table:table table:name="Sheet1" table:style-name="ta1"><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell><text:p>text</text:p></table:table-cell><table:table-cell><text:p>label</text:p></table:table-cell></table:table-row>{rows}<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#).into_bytes()
    };
    let text = |n: usize| {
        format!(
            r#"<table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>text &amp; {n}</text:p><text:p>more</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="{}"><text:p>x</text:p></table:table-cell>"#,
            n % 2
        )
    };
    let repeated = |n: usize| {
        format!(
            r#"<table:table-cell><text:p>text {n}</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2" office:value-type="date" office:date-value="2024-0{}-01T00:00:00"/>"#,
            n % 2 + 1
        )
    };
    let seeds = [content(&text), content(&repeated)];
    const TAGS: [&[u8]; 14] = [
        b"table:number-rows-repeated=\"4294967295\"",
        b"table:number-columns-repeated=\"16384\"",
        b"table:number-rows-repeated=\"1048576\"",
        b"<table:table-row table:number-rows-repeated=\"1048576\">",
        b"<table:table-cell table:number-columns-repeated=\"16384\"><text:p>x</text:p></table:table-cell>",
        b"<text:s text:c=\"4294967295\"/>",
        b"<table:table table:name=\"Sheet1\">",
        b"</table:table>",
        b"<office:annotation>",
        b"<table:covered-table-cell/>",
        b"<text:p>",
        b"</text:p>",
        b"office:value-type=\"float\" office:value=\"1e999\"",
        b"table:display=\"false\"",
    ];
    let target = Target {
        name: "ods",
        seeds: seeds
            .into_iter()
            .map(|content| {
                vec![
                    ("mimetype", KIND.to_vec()),
                    ("META-INF/manifest.xml", MANIFEST.to_vec()),
                    ("content.xml", content),
                ]
            })
            .collect(),
        words: CELLS.into_iter().chain(TAGS).collect(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| read_packed(&place, case, choice));
}
