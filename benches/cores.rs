//! This bench tells what more cores would give: it counts how much of a step, and of what comes before and after the steps,
//! is the work of one thread alone. `cargo bench --bench cores`; `-- base` for one size (MiniLM, base, large).
//! `docs/cores.md` says how to read it.
//!
//! Everything is timed on one thread and on two. Meanwhile a sampler looks every millisecond how many of the two threads have
//! work, as the kernel sees it: the time in which one alone has some is serial. From one thread's time and the serial time
//! follows what two threads should take, which is checked against what they take, and what eight would.

#[path = "shared/mod.rs"]
mod shared;

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rayon::{ThreadPool, ThreadPoolBuilder};
use thaw::data::batch::Batch;
use thaw::data::tokens::TokenStore;
use thaw::domain::freeze::Freeze;
use thaw::domain::precision::Precision;
use thaw::model::classifier::Classifier;
use thaw::model::device::Engine;
use thaw::model::encoder::{DropoutConfig, Pass};
use thaw::model::hashes;
use thaw::model::pretrained::PretrainedModel;
use thaw::model::save::save_folder;
use thaw::model::tensor_file::Take;
use thaw::train::adamw::AdamW;
use thaw::train::loss::Loss;
use thaw::worker::Worker;

use shared::{BASE, LARGE, MINILM, Size};

/// Cores that the prediction is for.
const MANY: f64 = 8.0;
/// A serial part is marked from this share of a step on so many cores.
const NOTABLE: f64 = 0.02;
const DROPOUT: DropoutConfig = DropoutConfig { hidden: 0.1, attention: 0.1, classifier: 0.1, in_frozen_prefix: false };

fn main() {
    // A worker tells the allocator to keep what is freed, as it does in the program.
    drop(Worker::spawn(std::sync::Arc::new(|| {})).expect("a worker"));
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let is_wanted = |size: &Size| match &wanted[..] {
        [] => size.name != LARGE.name,
        names => names.iter().any(|name| *name == size.name),
    };
    for size in [MINILM, BASE, LARGE].iter().filter(|size| is_wanted(size)) {
        of_size(size);
    }
}

fn of_size(size: &Size) {
    let folder = tempfile::tempdir().expect("a folder");
    let pretrained = size.model(folder.path());
    let [one, two] = [1, 2].map(|n| ThreadPoolBuilder::new().num_threads(n).build().expect("threads"));

    let repeats = if size.words == 0 { 20 } else { 3 };
    let [alone, both] = [&one, &two].map(|pool| steps(size, &pretrained, pool, repeats));
    let tokens = both.1;
    println!("\n## {}: a step of {} rows, {tokens} tokens, everything trains\n", size.name, size.rows);
    report(&alone.0, &both.0);

    let [alone, both] = [&one, &two].map(|pool| around(size, &pretrained, folder.path(), pool));
    println!("\n## {}: before and after the steps, seconds\n", size.name);
    report(&alone, &both);
}

/// The parts of a step stand here in their order, so that each can be timed by itself.
const STEP: [&str; 7] = [
    "tokenising its rows (first epoch)",
    "packing the batch",
    "decay that is due",
    "forward",
    "loss",
    "backward",
    "clipping and AdamW",
];

/// The times of some steps, and the tokens of one.
fn steps(size: &Size, pretrained: &PretrainedModel, pool: &ThreadPool, repeats: usize) -> (Times, usize) {
    let (classifier, texts) = (bed(pretrained), size.texts(size.rows));
    let labels: Vec<u32> = (0..size.rows as u32).map(|row| row % 2).collect();
    let rows: Vec<u32> = (0..size.rows as u32).collect();
    let mut optimiser = AdamW::new(&classifier, 0.01);
    let sampler = Sampler::of(pool, &STEP);
    let mut count = 0;
    pool.install(|| {
        // The first step is not counted: it makes what the others find.
        for step in 0..=repeats {
            sampler.counts.store(step > 0, Ordering::Relaxed);
            let fresh = TokenStore::new(texts.clone(), pretrained.tokeniser.clone(), size.max_length);
            sampler.time(0, || Batch::pack(&fresh, &labels, &rows));
            let batch = sampler.time(1, || Batch::pack(&fresh, &labels, &rows));
            count = batch.ids.len();
            sampler.time(2, || optimiser.settle(&classifier, Some(&batch.ids))).expect("settled");
            let pass = Pass::train(step as u64);
            let logits = sampler.time(3, || classifier.logits(&batch, pass)).expect("forward");
            let loss = sampler.time(4, || Loss::PLAIN.mean(&logits, &batch.labels)).expect("a loss");
            sampler.time(5, || classifier.backward(&loss)).expect("backward");
            sampler.time(6, || optimiser.step(&classifier, 1e-9, 1.0)).expect("an update");
        }
    });
    (sampler.times(repeats), count)
}

/// A classifier of which everything trains.
fn bed(pretrained: &PretrainedModel) -> Classifier {
    let labels = ["negative".to_owned(), "positive".to_owned()];
    let trainable = Freeze::Full.resolve(&pretrained.tree(&labels)).expect("a preset");
    let engine = Engine::cpu(Precision::F32);
    Classifier::on(&engine, pretrained, &labels, &trainable, DROPOUT, 42, &|_| ()).expect("a classifier")
}

/// These parts of a run lie before and after its steps, where one thread's work delays the beginning or the end.
const AROUND: [&str; 5] =
    ["making the classifier", "tokenising 2,000 rows", "digests of the proof", "checksum of the run", "saving"];

fn around(size: &Size, pretrained: &PretrainedModel, folder: &std::path::Path, pool: &ThreadPool) -> Times {
    let tokens = TokenStore::new(size.texts(2000), pretrained.tokeniser.clone(), size.max_length);
    let sampler = Sampler::of(pool, &AROUND);
    sampler.counts.store(true, Ordering::Relaxed);
    pool.install(|| {
        let classifier = sampler.time(0, || bed(pretrained));
        sampler.time(1, || tokens.fill(&AtomicBool::new(false), &|_| {}));
        sampler.time(2, || hashes::proof_digests(&classifier, &|_| ())).expect("digests");
        sampler.time(3, || hashes::resume_checksum(&classifier)).expect("a checksum");
        let (values, names) = (|name: &str, take: Take<'_>| classifier.hand_on(name, take), classifier.label_names());
        let to = folder.join("saved");
        sampler.time(4, || save_folder(&to, pretrained, &values, classifier.tree(), names, &[])).expect("saved");
    });
    sampler.times(1)
}

/// Seconds of each part, and those of them in which only one thread had work.
struct Times {
    names: &'static [&'static str],
    secs: Vec<f64>,
    serial: Vec<f64>,
}

/// Looks how many threads of a pool have work while the parts of something are done.
struct Sampler {
    names: &'static [&'static str],
    /// The part under way; beyond the last one, none is.
    part: AtomicUsize,
    counts: AtomicBool,
    ended: AtomicBool,
    /// Each part has its seconds, its samples, and those samples in which fewer than two threads had work.
    sums: Mutex<Vec<(f64, usize, usize)>>,
    /// The kernel's files about the threads; none where there are no such files.
    threads: Mutex<Vec<File>>,
}

impl Sampler {
    fn of(pool: &ThreadPool, names: &'static [&'static str]) -> Self {
        let threads = pool.broadcast(|_| File::open("/proc/thread-self/stat").ok());
        Self {
            names,
            part: AtomicUsize::new(names.len()),
            counts: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            sums: Mutex::new(vec![(0.0, 0, 0); names.len()]),
            threads: Mutex::new(threads.into_iter().flatten().collect()),
        }
    }

    /// Does a part on the pool's thread that calls this, and samples meanwhile.
    fn time<T>(&self, part: usize, work: impl FnOnce() -> T) -> T {
        self.part.store(part, Ordering::Release);
        self.ended.store(false, Ordering::Release);
        std::thread::scope(|scope| {
            scope.spawn(|| self.sample(part));
            let began = Instant::now();
            let done = work();
            let secs = began.elapsed().as_secs_f64();
            self.ended.store(true, Ordering::Release);
            if self.counts.load(Ordering::Relaxed) {
                self.sums.lock().expect("no panic")[part].0 += secs;
            }
            done
        })
    }

    fn sample(&self, part: usize) {
        let mut threads = self.threads.lock().expect("no panic");
        let (mut samples, mut serial) = (0, 0);
        let mut line = String::new();
        loop {
            std::thread::sleep(Duration::from_millis(1));
            if self.ended.load(Ordering::Acquire) || threads.is_empty() {
                break;
            }
            let mut working = 0;
            for stat in threads.iter_mut() {
                line.clear();
                let read = stat.rewind().and_then(|()| stat.read_to_string(&mut line));
                // The state follows the name, which stands in brackets.
                let state = line.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
                working += usize::from(read.is_ok() && state == Some('R'));
            }
            samples += 1;
            serial += usize::from(working < 2);
        }
        if self.counts.load(Ordering::Relaxed) {
            let sums = &mut self.sums.lock().expect("no panic")[part];
            (sums.1, sums.2) = (sums.1 + samples, sums.2 + serial);
        }
    }

    fn times(&self, repeats: usize) -> Times {
        let sums = self.sums.lock().expect("no panic");
        let secs: Vec<f64> = sums.iter().map(|(secs, _, _)| secs / repeats as f64).collect();
        // A part that is over before the first sample is taken to be serial, so that nothing serial is overlooked.
        let share = |(_, samples, serial): &(f64, usize, usize)| {
            if *samples == 0 { 1.0 } else { *serial as f64 / *samples as f64 }
        };
        let serial = sums.iter().zip(&secs).map(|(sums, secs)| share(sums) * secs).collect();
        Times { names: self.names, secs, serial }
    }
}

/// Seconds of a part: on one thread, on two, and in which only one of the two had work.
#[derive(Clone, Copy, Default)]
struct Part {
    alone: f64,
    both: f64,
    serial: f64,
}

impl Part {
    /// Amdahl's law: what is serial takes as long as before, and the rest is divided among the cores.
    fn on(self, cores: f64) -> f64 {
        self.serial + (self.alone - self.serial).max(0.0) / cores
    }

    fn and(self, other: Self) -> Self {
        let (alone, both, serial) = (self.alone + other.alone, self.both + other.both, self.serial + other.serial);
        Self { alone, both, serial }
    }
}

/// The table: both measurements, the prediction for two threads that checks the model, and the one for many cores.
fn report(alone: &Times, both: &Times) {
    let parts = alone.secs.iter().zip(&both.secs).zip(&both.serial);
    let parts: Vec<Part> =
        parts.map(|((alone, both), serial)| Part { alone: *alone, both: *both, serial: *serial }).collect();
    let whole = parts.iter().copied().fold(Part::default(), Part::and);
    println!(
        "| part | 1 thread, ms | 2 threads, ms | predicted | serial, ms | of the whole | on 8 cores, ms | serial of the whole there |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for (name, part) in alone.names.iter().copied().zip(parts).chain([("together", whole)]) {
        let there = part.serial / whole.on(MANY);
        let mark = if there > NOTABLE { " **" } else { "" };
        let ms =
            [part.alone, part.both, part.on(2.0), part.serial, part.on(MANY)].map(|secs| format!("{:.2}", secs * 1e3));
        let [one, two, predicted, serial, many] = ms;
        let of_whole = part.serial / whole.both * 100.0;
        println!(
            "| {name} | {one} | {two} | {predicted} | {serial} | {of_whole:.1} % | {many} | {:.1} %{mark} |",
            there * 100.0
        );
    }
    println!(
        "\nTwo threads: {:.2} times as fast as one, predicted {:.2}. Eight: {:.1} times. Serial: {:.1} % of one thread's time.",
        whole.alone / whole.both,
        whole.alone / whole.on(2.0),
        whole.alone / whole.on(MANY),
        whole.serial / whole.alone * 100.0,
    );
}
