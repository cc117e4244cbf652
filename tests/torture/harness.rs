//! Runs a target: makes inputs of its seeds, hands them over, and judges what comes back.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};

use thaw::domain::problem::{Outcome, Problem};
use thaw::words::{Catalogue, Language};

use super::changes::Recipe;
use super::{memory, watch};

/// In `cargo test` each target runs for so long.
const TIME: Duration = Duration::from_millis(400);
/// The memory that an input may take: so much, and so many times its own size. What is packed may become large, so that an
/// archive has room for 64 MiB and 250 times its size, and for copies of that.
const BASE_BYTES: usize = 64 << 20;
const BYTES_PER_BYTE: usize = 64;
const PACKED_BASE_BYTES: usize = 256 << 20;
const PACKED_BYTES_PER_BYTE: usize = 1024;
/// Names the folder that findings are kept in. Where it is set, a target goes on after a finding, and says at its end how
/// much it has tried.
const FOLDER: &str = "THAW_TORTURE_DIR";

/// The files of one input, with their names.
pub type Case = Vec<(&'static str, Vec<u8>)>;

/// Good inputs of one kind, from which bad ones are made.
pub struct Target {
    pub name: &'static str,
    pub seeds: Vec<Case>,
    /// What means something to the reader of this kind.
    pub words: Vec<&'static [u8]>,
}

/// The setting that bolero reads.
pub struct Run {
    target: &'static Target,
    _turn: MutexGuard<'static, ()>,
    began: Instant,
    tried: u64,
    found: BTreeMap<String, u64>,
    is_long: bool,
}

/// Memory and time are the process's, so that one target runs at a time.
static TURN: Mutex<()> = Mutex::new(());
/// Where the last panic was.
static PANIC: Mutex<String> = Mutex::new(String::new());

impl Target {
    /// The input that a recipe makes.
    pub fn case(&self, recipe: &Recipe) -> Case {
        let mut case = self.seeds[recipe.seed as usize % self.seeds.len()].clone();
        for change in &recipe.changes {
            let files = case.len();
            let (name, bytes) = &mut case[change.file as usize % files];
            let others: Vec<&[u8]> = self
                .seeds
                .iter()
                .filter_map(|seed| seed.iter().find(|(other, _)| other == name).map(|(_, bytes)| bytes.as_slice()))
                .collect();
            change.apply(bytes, &others, &self.words);
        }
        case
    }

    /// Takes the turn to run.
    pub fn begin(self) -> Run {
        let target: &'static Self = Box::leak(Box::new(self));
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        Run {
            target,
            _turn: turn,
            began: Instant::now(),
            tried: 0,
            found: BTreeMap::new(),
            is_long: std::env::var_os(FOLDER).is_some(),
        }
    }
}

/// Runs the target `$target` for a while, `$read` being what it does with a case and a choice.
macro_rules! torture {
    ($target:expr, $read:expr) => {{
        let run = std::panic::AssertUnwindSafe(std::cell::RefCell::new($target.begin()));
        let read = $read;
        run.borrow_mut().try_found(&read);
        let read = std::panic::AssertUnwindSafe(read);
        bolero::check!()
            .with_type::<crate::changes::Recipe>()
            .with_test_time(crate::harness::time())
            .with_shrink_time(std::time::Duration::from_secs(1))
            .for_each(|recipe| run.borrow_mut().try_one(recipe, &*read));
        run.0.into_inner().end();
    }};
}
pub(crate) use torture;

pub fn time() -> Duration {
    TIME
}

impl Run {
    /// Reads the input of a recipe.
    pub fn try_one(&mut self, recipe: &Recipe, read: &impl Fn(&Case, u16) -> Outcome<()>) {
        let case = self.target.case(recipe);
        self.tried += 1;
        watch::begin(self.target, "", recipe);
        let judged = judge(&case, recipe.choice, read);
        watch::end();
        let Err(why) = judged else { return };
        let times = self.found.entry(why.clone()).or_default();
        *times += 1;
        if *times == 1 {
            let kept = keep(self.target.name, &why, &case, recipe.choice);
            eprintln!("{}: {why}\n  {}", self.target.name, kept.display());
        }
        assert!(self.is_long, "{why}");
    }

    /// Reads one input that is made otherwise.
    pub fn try_case(&mut self, name: &str, case: &Case, choice: u16, read: &impl Fn(&Case, u16) -> Outcome<()>) {
        self.tried += 1;
        let began = Instant::now();
        watch::begin(self.target, name, &Recipe::default());
        let judged = judge(case, choice, read);
        watch::end();
        if self.is_long {
            eprintln!("{name} {choice}: {judged:?} in {:?}", began.elapsed());
        }
        if let Err(why) = judged {
            assert!(self.is_long, "{name} {choice}: {why}");
            *self.found.entry(format!("{name} {choice}: {why}")).or_default() += 1;
        }
    }

    /// Reads what was found before; each must give what its name says behind the `=`: `ok`, or the id of a problem.
    pub fn try_found(&mut self, read: &impl Fn(&Case, u16) -> Outcome<()>) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torture/found").join(self.target.name);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let folder = entry.unwrap().path();
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let (choice, expected) = name.rsplit_once('=').unwrap();
            let choice = choice.rsplit_once('-').unwrap().1.parse().unwrap();
            let mut case: Case = Vec::new();
            for name in self.target.seeds.iter().flatten().map(|(name, _)| *name).collect::<BTreeSet<_>>() {
                if let Ok(bytes) = fs::read(folder.join(name)) {
                    case.push((name, bytes));
                }
            }
            assert!(!case.is_empty(), "{} has no file of the target", folder.display());
            watch::begin(self.target, &name, &Recipe::default());
            let judged = judge(&case, choice, read);
            watch::end();
            assert_eq!(judged.as_deref(), Ok(expected), "{}", folder.display());
        }
    }

    /// Says how much was tried.
    pub fn end(self) {
        let Some(folder) = std::env::var_os(FOLDER) else { return };
        fs::create_dir_all(&folder).unwrap();
        let mut file =
            fs::OpenOptions::new().create(true).append(true).open(Path::new(&folder).join("tried.tsv")).unwrap();
        let (name, secs) = (self.target.name, self.began.elapsed().as_secs_f64());
        writeln!(file, "{name}\t{}\t{secs:.0}\t{}", self.tried, self.found.len()).unwrap();
        assert!(self.found.is_empty(), "{:#?}", self.found);
    }
}

/// Reads a case, and says how that went: `ok`, or the id of a problem. `Err` is what may not happen.
fn judge(case: &Case, choice: u16, read: &impl Fn(&Case, u16) -> Outcome<()>) -> Result<Cow<'static, str>, String> {
    listen();
    let size: usize = case.iter().map(|(_, bytes)| bytes.len()).sum();
    let before = memory::begin();
    IS_JUDGING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(|| read(case, choice)));
    IS_JUDGING.set(false);
    let used = memory::peak().saturating_sub(before);
    let is_packed = case.iter().any(|(_, bytes)| bytes.starts_with(b"PK") || bytes.starts_with(b"\x1f\x8b"));
    let most =
        if is_packed { PACKED_BASE_BYTES + PACKED_BYTES_PER_BYTE * size } else { BASE_BYTES + BYTES_PER_BYTE * size };
    let came = match outcome {
        Err(_) => return Err(std::mem::take(&mut *PANIC.lock().unwrap_or_else(PoisonError::into_inner))),
        Ok(Err(problem)) => {
            check_sentence(&problem)?;
            problem.id
        }
        Ok(Ok(())) => Cow::Borrowed("ok"),
    };
    if used > most { Err(format!("memory: {} MiB for {size} B", used >> 20)) } else { Ok(came) }
}

thread_local! {
    /// Whether this thread reads a case. What a panic would print then counts as memory, and is told by whoever judges.
    static IS_JUDGING: Cell<bool> = const { Cell::new(false) };
}

/// Keeps what a panic says, from whichever thread. Bolero's own hook is called after it, unless a case is read.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let text = info.to_string();
            let mut kept = PANIC.lock().unwrap_or_else(PoisonError::into_inner);
            text.chars().take(400).collect::<String>().clone_into(&mut kept);
            drop(kept);
            if !IS_JUDGING.get() {
                before(info);
            }
        }));
    });
}

/// Whether a problem has a sentence in both languages, and is one that was foreseen.
fn check_sentence(problem: &Problem) -> Result<(), String> {
    static WORDS: LazyLock<[Catalogue; 2]> =
        LazyLock::new(|| [Language::English, Language::Korean].map(Catalogue::new));
    thread_local! {
        static KNOWN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
    }
    if problem.id == "internal-error" {
        return Err(format!("no one foresaw this: {problem}").chars().take(300).collect());
    }
    if KNOWN.with_borrow(|known| known.contains(&*problem.id)) {
        return Ok(());
    }
    for words in &*WORDS {
        let sentence = words.sentence(problem);
        if words.find(&problem.id).is_none() || sentence.contains("{$") {
            return Err(format!("no sentence: {}", problem.id));
        }
    }
    KNOWN.with_borrow_mut(|known| known.insert(problem.id.to_string()));
    Ok(())
}

/// Writes an input into a folder of its own.
pub fn keep(target: &str, why: &str, case: &Case, choice: u16) -> PathBuf {
    let root =
        std::env::var_os(FOLDER).map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("torture"), PathBuf::from);
    let tame: String = why.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ').take(80).collect();
    let folder = root.join(target).join(format!("{}-{choice}", tame.trim().replace(' ', "_")));
    fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in case {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    fs::write(folder.join("why.txt"), why).unwrap();
    folder
}

/// A folder for files that are read at once and written over again. In memory where the system has such a place.
pub struct Scratch {
    folder: tempfile::TempDir,
    written: RefCell<BTreeMap<&'static str, Vec<u8>>>,
}

impl Scratch {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let builder = || tempfile::Builder::new().prefix("thaw-torture").to_owned();
        let folder = if memory.is_dir() { builder().tempdir_in(memory) } else { builder().tempdir() };
        Self { folder: folder.unwrap(), written: RefCell::default() }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, unless it is there as it is to be.
    pub fn write(&self, name: &'static str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        let mut written = self.written.borrow_mut();
        if written.get(name).is_none_or(|before| before != bytes) {
            fs::write(&path, bytes).unwrap();
            written.insert(name, bytes.to_vec());
        }
        path
    }

    /// Writes all files of a case.
    pub fn write_all(&self, case: &Case) {
        for (name, bytes) in case {
            self.write(name, bytes);
        }
    }
}

/// The bytes of a file of a case; none where it lacks it.
pub fn file<'c>(case: &'c Case, name: &str) -> Option<&'c [u8]> {
    case.iter().find(|(known, _)| *known == name).map(|(_, bytes)| bytes.as_slice())
}
