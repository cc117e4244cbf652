//! Archives: their own bytes, and good archives around bad tables, also one in another.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::CompressionMethod;

use super::harness::{Case, Scratch, Target, file, torture};
use super::tables::{comma_table, read};
use super::workbooks::packed;

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// A tar archive with a file for each name.
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in files {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o}\0", bytes.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        out.extend_from_slice(&header);
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

const CLASSES: [(&str, &[u8]); 6] = [
    ("set/train/pos/1.txt", b"a fine film"),
    ("set/train/pos/2.txt", b"well made"),
    ("set/train/neg/1.txt", b"dull"),
    ("set/train/neg/2.txt", b"long and dull"),
    ("set/test/pos/1.txt", b"worth it"),
    ("set/test/neg/1.txt", b"not worth it"),
];

#[test]
fn archives() {
    let table = comma_table();
    let one: [(&str, &[u8]); 2] = [("readme.txt", b"about"), ("data/table.csv", &table)];
    let classes: Vec<(&str, &[u8])> = CLASSES.into();
    let zeros = vec![b'a'; 100_000];
    let seeds = [
        packed(&one, CompressionMethod::Deflated),
        packed(&one, CompressionMethod::Stored),
        packed(&classes, CompressionMethod::Stored),
        packed(&[("a.csv", &zeros)], CompressionMethod::Deflated),
        gzip(&table),
        gzip(&gzip(&table)),
        gzip(&tar(&classes)),
        tar(&classes),
        tar(&one),
        packed(&[("inner.zip", &packed(&one, CompressionMethod::Deflated))], CompressionMethod::Stored),
        table.clone(),
    ];
    const WORDS: [&[u8]; 18] = [
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"PK\x06\x06",
        b"PK\x06\x07",
        b"\x1f\x8b\x08\0",
        b"\x1f\x8b\x08\x04\xff\xff",
        b"ustar",
        b"../",
        b"/",
        b"77777777777\0",
        b"set/train/",
        b"__MACOSX/",
        b".csv",
        b"\x01\0\xff\xff",
        b"L",
        b"x",
        b"30 path=a/b\n",
    ];
    let target = Target {
        name: "archives",
        seeds: seeds.into_iter().map(|bytes| vec![("data", bytes)]).collect(),
        words: WORDS.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| {
        let bytes = file(case, "data").unwrap();
        // A damaged archive within a good one is what the outer one's checks do not see.
        let wrapped = match choice / 512 % 8 {
            0 => gzip(bytes),
            1 => packed(&[("table.csv", bytes)], CompressionMethod::Stored),
            2 => tar(&[("table.csv", bytes)]),
            3 => packed(
                &[("set/pos/1.txt", bytes), ("set/neg/1.txt", b"dull"), ("set/neg/2.txt", bytes)],
                CompressionMethod::Stored,
            ),
            _ => bytes.to_vec(),
        };
        read(&place.write("data", &wrapped), choice)
    });
}
