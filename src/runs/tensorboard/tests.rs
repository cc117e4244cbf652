use std::fs;
use std::path::Path;

use super::messages::{Event, Summary, image, scalar, text};
use super::*;

fn event(wall_time: f64, step: i64, value: Vec<Value>) -> Event {
    Event { wall_time, step, file_version: None, summary: Some(Summary { value }) }
}

/// The bytes are those that PyPI's tensorboard writes (`tests/reference/make_tensorboard.py`).
#[test]
fn records_are_the_same_bytes_that_tensorboard_writes() {
    let version = Event { wall_time: 1_764_000_000.0, step: 0, file_version: Some(FILE_VERSION.into()), summary: None };
    let mut loss = vec![scalar("train/loss", 0.693), scalar("train/accuracy", 0.0)];
    loss[0].simple_value = Some(0.693);
    let events = [
        version,
        event(1_764_000_001.5, 7, loss),
        event(1_764_000_002.25, 300, vec![image("test/matrix", 3, b"\x89PNG bytes".to_vec())]),
        event(1_764_000_003.0, 300, vec![text("settings", "감성 `a`")]),
    ];
    let mut bytes = Vec::new();
    for event in &events {
        record::write(&mut bytes, &prost::Message::encode_to_vec(event)).unwrap();
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/tensorboard.bin");
    assert_eq!(bytes, fs::read(golden).unwrap());
}
