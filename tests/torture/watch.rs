//! Ends the process where an input takes longer than it may, and leaves the input in a file.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;

use super::changes::Recipe;
use super::harness::{self, Target};

/// An input may take so long on the processor. Other programs do not count, however busy they are.
const MOST_SECS: f64 = if cfg!(debug_assertions) { 30.0 } else { 2.0 };

/// The guard looks at the clock so often.
const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// Counts beginnings and ends, so that it is odd while an input is read.
static TURN: AtomicU64 = AtomicU64::new(0);
/// The target, the input's name if it has one, and what it is made of otherwise.
static CURRENT: Mutex<Option<(&'static Target, String, Recipe)>> = Mutex::new(None);
static GUARD: Once = Once::new();

pub fn begin(target: &'static Target, name: &str, recipe: &Recipe) {
    GUARD.call_once(|| drop(std::thread::spawn(guard)));
    let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
    match &mut *current {
        Some((known, known_name, kept)) => {
            *known = target;
            name.clone_into(known_name);
            kept.clone_from(recipe);
        }
        none => *none = Some((target, name.to_owned(), recipe.clone())),
    }
    drop(current);
    TURN.fetch_add(1, Relaxed);
}

pub fn end() {
    TURN.fetch_add(1, Relaxed);
}

fn guard() {
    let (mut turn, mut since) = (0, 0.0);
    loop {
        // The guard waits for time itself, and nothing wakes it: an input that hangs tells nothing.
        std::thread::park_timeout(LOOKS_EVERY);
        let (now, secs) = (TURN.load(Relaxed), cpu_secs());
        if now != turn || now.is_multiple_of(2) {
            (turn, since) = (now, secs);
        } else if secs - since > MOST_SECS {
            let current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
            let Some((target, name, recipe)) = &*current else { continue };
            let at = if name.is_empty() {
                harness::keep(target.name, "hang", &target.case(recipe), recipe.choice).display().to_string()
            } else {
                name.clone()
            };
            eprintln!("{}: an input takes longer than {MOST_SECS} s: {at}", target.name);
            std::process::exit(101);
        }
    }
}

/// Seconds that this process has been on a processor; seconds on the clock where the system does not tell.
fn cpu_secs() -> f64 {
    #[cfg(unix)]
    {
        use nix::sys::resource::{UsageWho, getrusage};
        use nix::sys::time::TimeValLike as _;
        let used = |usage: nix::sys::resource::Usage| {
            (usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6
        };
        getrusage(UsageWho::RUSAGE_SELF).map_or(0.0, used)
    }
    #[cfg(not(unix))]
    {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        START.get_or_init(std::time::Instant::now).elapsed().as_secs_f64()
    }
}
