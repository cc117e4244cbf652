//! This module measures how much processor time the window's own thread spends on a frame.

use std::time::{Duration, Instant};

/// Each bucket is 0.1 ms wide, and the last one also counts everything longer.
const BUCKETS: usize = 2000;

/// A histogram of the frame times counted so far.
#[derive(Clone, Debug)]
pub struct FrameStats {
    counts: Vec<u64>,
    last: Option<Moment>,
}

impl Default for FrameStats {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], last: None }
    }
}

impl FrameStats {
    /// Marks the beginning of a frame. The time of a frame is what this thread has computed since the frame before
    /// began: drawing and handing over to the graphics driver are included, waiting is not. The time is recorded only
    /// if `counts` is true.
    pub fn begin_frame(&mut self, counts: bool) {
        let now = Moment::now();
        if let Some(last) = self.last.replace(now)
            && counts
        {
            self.record(now.since(last));
        }
    }

    fn record(&mut self, time: Duration) {
        let bucket = (time.as_micros() / 100) as usize;
        self.counts[bucket.min(BUCKETS - 1)] += 1;
    }

    pub fn frames(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Returns the time in milliseconds, to 0.1 ms, that `share` of the frames (0 to 1) stayed below. Before the first
    /// frame it is 0.
    pub fn percentile_ms(&self, share: f64) -> f64 {
        let wanted = (self.frames() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (i, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return (i + 1) as f64 / 10.0;
            }
        }
        0.0
    }
}

/// A point in this thread's processor time. Where the system does not report that, the clock stands in for it.
#[derive(Clone, Copy, Debug)]
struct Moment {
    #[cfg(target_os = "linux")]
    processor: Option<Duration>,
    clock: Instant,
}

impl Moment {
    #[cfg(target_os = "linux")]
    fn now() -> Self {
        use nix::sys::resource::{UsageWho, getrusage};
        use nix::sys::time::TimeValLike;
        let micros = |time: nix::sys::time::TimeVal| Duration::from_micros(time.num_microseconds().unsigned_abs());
        let processor =
            getrusage(UsageWho::RUSAGE_THREAD).ok().map(|u| micros(u.user_time()) + micros(u.system_time()));
        Self { processor, clock: Instant::now() }
    }

    #[cfg(not(target_os = "linux"))]
    fn now() -> Self {
        Self { clock: Instant::now() }
    }

    fn since(self, earlier: Self) -> Duration {
        #[cfg(target_os = "linux")]
        if let (Some(now), Some(then)) = (self.processor, earlier.processor) {
            return now.saturating_sub(then);
        }
        self.clock - earlier.clock
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_known_times() {
        let mut stats = FrameStats::default();
        for ms in 1..=100 {
            stats.record(Duration::from_micros(ms * 1000 - 50));
        }
        assert_eq!(stats.frames(), 100);
        assert!((stats.percentile_ms(0.5) - 50.0).abs() < 0.2);
        assert!((stats.percentile_ms(0.99) - 99.0).abs() < 0.2);
        assert_eq!(FrameStats::default().percentile_ms(0.99), 0.0);
    }
}
