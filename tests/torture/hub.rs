//! What a Hub answers, or what stands between: the lists of models and files, and their headers.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use thaw::domain::hub::{FileProgress, ModelId, PullProgress};
use thaw::domain::problem::Problem;
use thaw::model::hub::{Cancel, Environment, Hub, Listing, found_in};

use super::harness::{Case, Target, file, torture};

const WORDS: [&[u8]; 22] = [
    b"null",
    b"-1",
    b"18446744073709551615",
    b"1e30",
    b"\"\"",
    b"[]",
    b"{}",
    b"\"F32\"",
    b"\"F8_E4M3\"",
    b"\"F99999999999\"",
    b"\"I18446744073709551615\"",
    b"\"../../etc/passwd\"",
    b"\"a/b\"",
    b"\"C:\\\\a\"",
    b"\".hidden\"",
    b"\"config.json\"",
    b"\"model.safetensors\"",
    b"\"sha\": \"\"",
    b"\"gated\": \"auto\"",
    b"\\u0000",
    b"<html>",
    b"\"license:\"",
];

#[test]
fn answers_to_a_search() {
    let answer = serde_json::json!([
        {"_id": "1", "id": "klue/bert-base", "downloads": 1_234_567, "likes": 42, "pipeline_tag": "fill-mask", "gated": false,
         "tags": ["transformers", "license:cc-by-sa-4.0"], "config": {"model_type": "bert"},
         "safetensors": {"parameters": {"F32": 110_000_000, "I64": 512}, "total": 110_000_512}},
        {"_id": "2", "id": "org/gpt", "gated": "manual", "config": {"model_type": "gpt2"}},
        {"something": "else"},
    ]);
    let target = Target {
        name: "hub-search",
        seeds: vec![vec![("answer.json", answer.to_string().into_bytes())]],
        words: WORDS.into(),
    };
    torture!(target, |case: &Case, _| {
        let Ok(answer) = serde_json::from_slice(file(case, "answer.json").unwrap()) else { return Ok(()) };
        let found = found_in(answer);
        assert!(found.iter().all(|model| model.trainable.is_none() == model.family.is_none()));
        Ok(())
    });
}

#[test]
fn lists_of_files() {
    let hash = "0123456789abcdef".repeat(4);
    let file_of = |name: &str| serde_json::json!({"rfilename": name, "size": 570, "blobId": &hash[..40]});
    let answer = serde_json::json!({
        "_id": "1", "id": "klue/bert-base", "sha": &hash[..40], "gated": false,
        "siblings": [
            file_of("config.json"), file_of("vocab.txt"), file_of("tokenizer_config.json"), file_of("onnx/model.onnx"),
            {"rfilename": "model.safetensors", "size": 442_000_000, "blobId": &hash[..40],
             "lfs": {"sha256": hash, "size": 442_000_000, "pointerSize": 134}},
        ],
    });
    let target = Target {
        name: "hub-files",
        seeds: vec![vec![("answer.json", answer.to_string().into_bytes())]],
        words: WORDS.into(),
    };
    let id = ModelId::parse("klue/bert-base").unwrap();
    torture!(target, move |case: &Case, _| {
        let Ok(answer) = serde_json::from_slice(file(case, "answer.json").unwrap()) else { return Ok(()) };
        let unreadable = |error| Problem::new("hub-unreadable-answer").with("host", "it").with_original(error);
        let listing = Listing::read(answer).map_err(unreadable)?;
        let wanted = listing.wanted(&id)?;
        for (name, _) in &wanted {
            assert!(
                !name.contains(['/', '\\', ':']) && !name.starts_with('.'),
                "it lies in the snapshot's folder: {name}"
            );
        }
        let file = |(name, total_bytes)| FileProgress { name, done_bytes: 0, total_bytes };
        let files = wanted.into_iter().map(file).collect();
        let progress = PullProgress { id: id.clone(), files, bytes_per_sec: Some(1e-300) };
        assert!(progress.remaining_secs().is_some_and(|secs| secs >= 0.0));
        Ok(())
    });
}

/// Whole answers as they come over the wire. A request that may succeed later is made again after a pause, so that these are
/// few.
#[test]
fn answers_over_the_wire() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let environment = Environment {
        home: PathBuf::new(),
        cache: PathBuf::from("none"),
        endpoint: format!("http://{}", listener.local_addr().unwrap()),
        token: None,
        token_file: PathBuf::new(),
        offline: false,
        stall: Duration::from_millis(200),
    };
    let answer = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&answer);
    // Ends with the test's process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // A client that has gone is none of this side's worry.
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            stream.write_all(&told.lock().unwrap().clone()).ok();
        }
    });
    let seeds = [
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n[{\"id\":\"a/b\",\"gated\":true}]",
        "HTTP/1.1 401 Unauthorized\r\nX-Error-Code: GatedRepo\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 429 Slow\r\nRetry-After: 300\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 No\r\nX-Error-Code: RevisionNotFound\r\nConnection: close\r\n\r\n{\"error\":\"no\"}",
        "HTTP/1.1 302 There\r\nLocation: /api/models\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n",
    ];
    const HEADERS: [&[u8]; 12] = [
        b"Content-Length: 18446744073709551615\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Encoding: gzip\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"ffffffffffffffff\r\n",
        b"Retry-After: 99999999999999999999\r\n",
        b"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n",
        b"X-Error-Code: \xff\r\n",
        b"Location: http://[::1\r\n",
        b"HTTP/1.1 999 X\r\n",
        b"\r\n\r\n",
        b"\0",
    ];
    let seeds = seeds.iter().map(|text| vec![("answer", text.as_bytes().to_vec())]).collect();
    let target = Target { name: "hub-wire", seeds, words: HEADERS.into() };
    let hub = Hub::new(environment);
    torture!(target, move |case: &Case, _| {
        file(case, "answer").unwrap().clone_into(&mut answer.lock().unwrap());
        let found = hub.search("bert", &Cancel::default())?;
        assert!(found.is_some(), "no one has cancelled it");
        Ok(())
    });
}
