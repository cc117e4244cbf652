//! A Hugging Face Hub of a few files on 127.0.0.1, which misbehaves as told.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

#[derive(Clone, Debug)]
pub struct Request {
    /// Path and query.
    pub path: String,
    pub headers: BTreeMap<String, String>,
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub ending: Ending,
}

/// What happens to the body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    Whole,
    /// The connection breaks off after so many bytes.
    Cut(usize),
    /// Nothing comes any more after so many bytes, and the connection stays open.
    Stall(usize),
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: b"{\"error\":\"no\"}".to_vec(), ending: Ending::Whole }
    }

    pub fn body(body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::status(200) }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn ending(self, ending: Ending) -> Self {
        Self { ending, ..self }
    }
}

/// Changes a right answer: (request, how many of this path came before, the right answer).
type Script = dyn Fn(&Request, usize, Reply) -> Reply + Send + Sync;

struct Shared {
    repo: String,
    files: BTreeMap<String, Vec<u8>>,
    script: Box<Script>,
    requests: Mutex<Vec<Request>>,
    came: Condvar,
    /// Connections over which nothing comes any more.
    stalled: Mutex<Vec<TcpStream>>,
}

pub struct FakeHub {
    pub endpoint: String,
    shared: Arc<Shared>,
}

impl FakeHub {
    /// Serves one repository.
    pub fn serve(
        repo: &str,
        files: &BTreeMap<String, Vec<u8>>,
        script: impl Fn(&Request, usize, Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            repo: repo.to_owned(),
            files: files.clone(),
            script: Box::new(script),
            requests: Mutex::default(),
            came: Condvar::new(),
            stalled: Mutex::default(),
        });
        let own = Arc::clone(&shared);
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = Arc::clone(&own);
                thread::spawn(move || own.answer(stream));
            }
        });
        Self { endpoint, shared }
    }

    pub fn requests(&self, part: &str) -> Vec<Request> {
        self.shared.requests.lock().unwrap().iter().filter(|request| request.path.contains(part)).cloned().collect()
    }

    /// Waits until such a request has come.
    pub fn wait_for(&self, part: &str) {
        let is_missing = |requests: &mut Vec<Request>| !requests.iter().any(|request| request.path.contains(part));
        let requests = self.shared.requests.lock().unwrap();
        let (_requests, waited) =
            self.shared.came.wait_timeout_while(requests, Duration::from_secs(60), is_missing).unwrap();
        assert!(!waited.timed_out(), "no request for {part}");
    }
}

impl Drop for FakeHub {
    fn drop(&mut self) {
        for stream in self.shared.stalled.lock().unwrap().drain(..) {
            stream.shutdown(Shutdown::Both).ok();
        }
    }
}

impl Shared {
    fn answer(&self, mut stream: TcpStream) {
        let Some(request) = read(&stream) else { return };
        let before = {
            let mut requests = self.requests.lock().unwrap();
            let before = requests.iter().filter(|other| other.path == request.path).count();
            requests.push(request.clone());
            self.came.notify_all();
            before
        };
        let reply = (self.script)(&request, before, self.right(&request));
        let mut head = format!("HTTP/1.1 {} Told\r\nConnection: close\r\n", reply.status);
        head += &format!("Content-Length: {}\r\n", reply.body.len());
        for (name, value) in &reply.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let sent = match reply.ending {
            Ending::Whole => reply.body.len(),
            Ending::Cut(n) | Ending::Stall(n) => n,
        };
        // A client that has gone is none of this side's worry.
        stream.write_all(format!("{head}\r\n").as_bytes()).ok();
        stream.write_all(&reply.body[..sent]).ok();
        stream.flush().ok();
        if matches!(reply.ending, Ending::Stall(_)) {
            self.stalled.lock().unwrap().push(stream);
        }
    }

    /// What the Hub would answer.
    fn right(&self, request: &Request) -> Reply {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        if path == "/api/models" {
            return Reply::body(found(&self.repo).to_string());
        }
        let info = format!("/api/models/{}/revision/", self.repo);
        if path.starts_with(&info) && query == "blobs=true" {
            return Reply::body(self.info().to_string());
        }
        let resolve = format!("/{}/resolve/{COMMIT}/", self.repo);
        let name = path.strip_prefix(&resolve).or_else(|| path.strip_prefix("/cdn/"));
        let Some(bytes) = name.and_then(|name| self.files.get(name)) else {
            return Reply::status(404).with("X-Error-Code", "RepoNotFound");
        };
        let range = request.headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        match range.map(|from| from.parse::<usize>().unwrap()) {
            None => Reply::body(bytes.clone()),
            Some(from) => Reply { status: 206, ..Reply::body(&bytes[from..]) }
                .with("Content-Range", &format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len())),
        }
    }

    fn info(&self) -> Value {
        let sibling = |(name, bytes): (&String, &Vec<u8>)| {
            let mut sibling = json!({ "rfilename": name, "size": bytes.len(), "blobId": git_sha1(bytes) });
            if name.ends_with(".safetensors") || name.ends_with(".bin") {
                sibling["lfs"] = json!({ "sha256": sha256(bytes), "size": bytes.len(), "pointerSize": 134 });
            }
            sibling
        };
        let siblings: Vec<Value> = self.files.iter().map(sibling).collect();
        json!({ "_id": "1", "id": self.repo, "sha": COMMIT, "gated": false, "siblings": siblings })
    }
}

fn found(repo: &str) -> Value {
    json!([
        {
            "_id": "1", "id": repo, "downloads": 1_234_567, "likes": 42, "pipeline_tag": "fill-mask", "gated": false,
            "tags": ["transformers", "license:cc-by-sa-4.0"], "config": { "model_type": "bert" },
            "safetensors": { "parameters": { "F32": 110_000_000, "I64": 512 }, "total": 110_000_512 },
        },
        { "_id": "2", "id": "org/gpt", "gated": "manual", "config": { "model_type": "gpt2" } },
        { "something": "else" },
    ])
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line.ok()?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    Some(Request { path, headers })
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub fn git_sha1(bytes: &[u8]) -> String {
    let mut hasher = Sha1::new();
    hasher.update(format!("blob {}\0", bytes.len()));
    hasher.update(bytes);
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
