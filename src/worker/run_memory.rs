//! What a run needs of memory. The process holds much that is no run's: the window, what is kept for later runs, the model of
//! the run before. So a run is measured by what the process's memory rises by while it trains, and what the run shares
//! with others is counted.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::data::tokens::TokenStore;
use crate::domain::memory::PROGRAM_BYTES;

use super::lane::lock;
use super::prelude::Material;
use super::shared::Shared;
use super::system::{own_memory_bytes, own_peak_bytes, release_freed_memory, reset_peak_memory};

/// The peak is looked at so often, because what is kept grows meanwhile and does not count.
const INTERVAL: Duration = Duration::from_millis(100);

/// The memory of a run under way. `RunEnded::peak_memory_bytes` says what is measured.
pub struct RunMemory {
    shared: Arc<Shared>,
    tokens: Arc<TokenStore>,
    weights_bytes: u64,
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
    pub fn begin(shared: &Arc<Shared>, material: &Material) -> Self {
        release_freed_memory();
        let is_told = reset_peak_memory() && own_memory_bytes() > 0;
        let mut memory = Self {
            shared: Arc::clone(shared),
            tokens: Arc::clone(&material.tokens),
            weights_bytes: (material.tree.count() * size_of::<f32>()) as u64,
            before_bytes: None,
            peak: Mutex::new(Peak { bytes: 0, looked: Instant::now() }),
        };
        memory.before_bytes = is_told.then(|| own_memory_bytes().saturating_sub(memory.kept_bytes()));
        memory
    }

    /// What is kept for other runs as well, and so is no need of this one.
    fn kept_bytes(&self) -> u64 {
        self.shared.prefix_cache.memory_bytes() + self.tokens.memory_bytes()
    }

    /// Takes the peak since the last time, where that is long enough ago.
    pub fn look(&self) {
        if self.before_bytes.is_some() && lock(&self.peak).looked.elapsed() >= INTERVAL {
            self.take();
        }
    }

    fn take(&self) -> u64 {
        let bytes = own_peak_bytes().saturating_sub(self.kept_bytes());
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
