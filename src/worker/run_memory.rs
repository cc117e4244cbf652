//! What a run needs of memory. The process holds much that is no run's: the window, what is kept for later runs, the model of
//! the run before. So a run is measured by what the process's memory rises by while it trains, and what the run shares
//! with others is counted.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::domain::memory::PROGRAM_BYTES;

use super::lane::lock;
use super::system::{own_memory_bytes, own_peak_bytes, release_freed_memory, reset_peak_memory};

/// The peak is looked at this often, because what is kept for other runs grows meanwhile and does not count.
const INTERVAL: Duration = Duration::from_millis(100);

/// The memory of a run under way. `RunEnded::peak_memory_bytes` says what is measured.
pub struct RunMemory {
    weights_bytes: u64,
    /// Tells how many bytes are kept for other runs as well, and so are no need of this one.
    kept_bytes: Box<dyn Fn() -> u64 + Send + Sync>,
    /// What the process held at the first batch, without what is kept; `None` where the system does not tell.
    before_bytes: Option<u64>,
    peak: Mutex<Peak>,
}

struct Peak {
    /// The largest so far, without what is kept.
    bytes: u64,
    looked: Instant,
}

impl RunMemory {
    /// Begins to measure a run whose classifier is made already.
    pub fn begin(weights_bytes: u64, kept_bytes: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        release_freed_memory();
        let is_told = reset_peak_memory() && own_memory_bytes() > 0;
        let before_bytes = is_told.then(|| own_memory_bytes().saturating_sub(kept_bytes()));
        let peak = Mutex::new(Peak { bytes: 0, looked: Instant::now() });
        Self { weights_bytes, kept_bytes: Box::new(kept_bytes), before_bytes, peak }
    }

    /// Takes the peak since the last time, where that is long enough ago.
    pub fn look(&self) {
        if self.before_bytes.is_some() && lock(&self.peak).looked.elapsed() >= INTERVAL {
            self.take();
        }
    }

    fn take(&self) -> u64 {
        let bytes = own_peak_bytes().saturating_sub((self.kept_bytes)());
        reset_peak_memory();
        let mut peak = lock(&self.peak);
        *peak = Peak { bytes: peak.bytes.max(bytes), looked: Instant::now() };
        peak.bytes
    }

    /// What the run has needed until now, in bytes; 0 where the system does not tell.
    pub fn bytes(&self) -> u64 {
        let Some(before) = self.before_bytes else { return 0 };
        PROGRAM_BYTES + self.weights_bytes + self.take().saturating_sub(before)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::hint::black_box;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::super::system::tests::in_own_process;
    use super::*;

    const LARGE: usize = 64 << 20;

    fn filled(bytes: usize) -> Vec<u8> {
        let filled = vec![1_u8; bytes];
        assert!(black_box(&filled).iter().step_by(4096).all(|byte| *byte == 1));
        filled
    }

    /// The first run finds nothing and keeps much, the second finds that, and a large model beside it.
    #[test]
    fn a_run_needs_the_same_whatever_is_there() {
        if !in_own_process("worker::run_memory::tests::a_run_needs_the_same_whatever_is_there") {
            return;
        }
        let kept_bytes = Arc::new(AtomicU64::new(0));
        let begin = || {
            let kept_bytes = Arc::clone(&kept_bytes);
            RunMemory::begin(1000, move || kept_bytes.load(Ordering::Relaxed))
        };
        let is_need = |memory: &RunMemory| {
            let risen = memory.bytes() - PROGRAM_BYTES - 1000;
            assert!(risen.abs_diff(2 * LARGE as u64) < LARGE as u64 / 4, "{risen}");
        };
        let first = begin();
        let kept = filled(LARGE);
        kept_bytes.store(LARGE as u64, Ordering::Relaxed);
        drop(filled(2 * LARGE));
        is_need(&first);

        let model = filled(3 * LARGE);
        let second = begin();
        drop(filled(2 * LARGE));
        second.look();
        is_need(&second);
        drop((kept, model));
    }
}
