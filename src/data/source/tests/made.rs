//! Files of every kind with the same rows in them, made byte by byte.

use super::*;

/// The rows that all kinds of files of these tests hold.
pub fn rows() -> Vec<(String, &'static str)> {
    (0..30).map(|i| (format!("film {i}, \"good\" & <fine> 좋다"), ["neg", "pos"][i % 2])).collect()
}

pub fn csv() -> Vec<u8> {
    let rows = rows().into_iter().map(|(text, label)| format!("\"{}\",{label}\n", text.replace('"', "\"\"")));
    format!("text,label\n{}", rows.collect::<String>()).into_bytes()
}

pub fn json(text: &str, label: &str) -> String {
    serde_json::json!({"text": text, "label": label}).to_string()
}

pub fn json_lines() -> String {
    rows().iter().map(|(text, label)| json(text, label) + "\n").collect()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in files {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[156] = b'0';
        header[257..262].copy_from_slice(b"ustar");
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// A workbook of Excel with these sheets: the name, the state and the XML of the rows.
pub fn xlsx(sheets: &[(&str, &str, String)]) -> Vec<u8> {
    let of_main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let of_links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let listed: String = (1..)
        .zip(sheets)
        .map(|(i, (name, state, _))| {
            format!("<sheet name=\"{name}\" sheetId=\"{i}\" state=\"{state}\" r:id=\"rId{i}\"/>")
        })
        .collect();
    let links: String = (1..=sheets.len())
        .map(|i| {
            format!("<Relationship Id=\"rId{i}\" Type=\"{of_links}/worksheet\" Target=\"worksheets/sheet{i}.xml\"/>")
        })
        .collect();
    let relations = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
    let styles = format!(
        "<styleSheet {of_main}><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let mut files = vec![
        (
            "[Content_Types].xml".to_owned(),
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
        ),
        (
            "_rels/.rels".to_owned(),
            format!(
                "<Relationships {relations}><Relationship Id=\"rId1\" Type=\"{of_links}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml".to_owned(),
            format!("<workbook {of_main} xmlns:r=\"{of_links}\"><sheets>{listed}</sheets></workbook>"),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<Relationships {relations}>{links}<Relationship Id=\"rId99\" Type=\"{of_links}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        ("xl/styles.xml".to_owned(), styles),
    ];
    for (i, (_, _, rows)) in (1..).zip(sheets) {
        files.push((
            format!("xl/worksheets/sheet{i}.xml"),
            format!("<worksheet {of_main}><sheetData>{rows}</sheetData></worksheet>"),
        ));
    }
    zip(&files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect::<Vec<_>>())
}

pub fn inline(at: &str, text: &str) -> String {
    format!("<c r=\"{at}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>", escaped(text))
}

/// The XML of a sheet with these rows below a header in row `header`, which begins in column B.
pub fn sheet(header: usize) -> String {
    let mut xml = format!(
        "<row r=\"{header}\">{}{}</row>",
        inline(&format!("B{header}"), "text"),
        inline(&format!("C{header}"), "label")
    );
    for (row, (text, label)) in (header + 1..).zip(rows()) {
        xml += &format!(
            "<row r=\"{row}\">{}{}</row>",
            inline(&format!("B{row}"), &text),
            inline(&format!("C{row}"), label)
        );
    }
    xml
}

pub fn ods(sheets: &[(&str, String)]) -> Vec<u8> {
    let tables: String =
        sheets.iter().map(|(name, rows)| format!("<table:table table:name=\"{name}\">{rows}</table:table>")).collect();
    let content = format!(
        "<?xml version=\"1.0\"?><office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    zip(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content.as_bytes())])
}

pub fn ods_cell(text: &str) -> String {
    format!("<table:table-cell office:value-type=\"string\"><text:p>{}</text:p></table:table-cell>", escaped(text))
}

pub fn ods_sheet() -> String {
    let row =
        |text: &str, label: &str| format!("<table:table-row>{}{}</table:table-row>", ods_cell(text), ods_cell(label));
    row("text", "label") + &rows().iter().map(|(text, label)| row(text, label)).collect::<String>()
}
