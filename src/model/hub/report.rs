//! Progress of a download or an import, reported a few times a second.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::domain::hub::{FileProgress, ModelId, PullProgress};

const INTERVAL: Duration = Duration::from_millis(100);
/// The reported speed is that of so many last seconds.
const SPEED_SECS: f64 = 4.0;

/// Keeps count of a model's files and reports.
pub struct Report<'a> {
    id: ModelId,
    tell: &'a dyn Fn(PullProgress),
    files: Vec<FileProgress>,
    last_report: Option<Instant>,
    /// How many bytes had come at some moments of the last seconds. Bytes that were on disk before do not count.
    came: VecDeque<(Instant, u64)>,
    came_bytes: u64,
}

impl<'a> Report<'a> {
    /// A report on a model, which calls `tell`.
    pub fn new(id: &ModelId, tell: &'a dyn Fn(PullProgress)) -> Self {
        let came = VecDeque::from([(Instant::now(), 0)]);
        Self { id: id.clone(), tell, files: Vec::new(), last_report: None, came, came_bytes: 0 }
    }

    /// Begins with these files and their sizes in bytes.
    pub fn begin(&mut self, files: impl Iterator<Item = (String, u64)>) {
        let file = |(name, total_bytes)| FileProgress { name, done_bytes: 0, total_bytes };
        self.files = files.map(file).collect();
        self.tell_now();
    }

    /// Notes that so many bytes of a file are there.
    pub fn set(&mut self, name: &str, done_bytes: u64) {
        if let Some(file) = self.files.iter_mut().find(|file| file.name == name) {
            file.done_bytes = done_bytes.min(file.total_bytes);
        }
        self.tell_now();
    }

    /// Notes that so many more bytes of a file have come.
    pub fn add(&mut self, name: &str, bytes: u64) {
        if let Some(file) = self.files.iter_mut().find(|file| file.name == name) {
            file.done_bytes = (file.done_bytes + bytes).min(file.total_bytes);
        }
        self.came_bytes += bytes;
        if self.last_report.is_none_or(|last| last.elapsed() >= INTERVAL) {
            self.tell_now();
        }
    }

    fn tell_now(&mut self) {
        let now = Instant::now();
        self.last_report = Some(now);
        self.came.push_back((now, self.came_bytes));
        while self.came.len() > 2 && self.came.get(1).is_some_and(|(at, _)| (now - *at).as_secs_f64() > SPEED_SECS) {
            self.came.pop_front();
        }
        let bytes_per_sec = self.came.front().and_then(|(since, before)| {
            let secs = (now - *since).as_secs_f64();
            (secs > 0.2 && self.came_bytes > *before).then(|| (self.came_bytes - before) as f64 / secs)
        });
        (self.tell)(PullProgress { id: self.id.clone(), files: self.files.clone(), bytes_per_sec });
    }
}
