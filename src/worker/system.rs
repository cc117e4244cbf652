//! What this machine has: cores, memory used, thread pools.

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::domain::problem::{Outcome, Problem};
use crate::model::ops::isa::{self, Limit};

/// The physical cores that this process may use; more threads than that gain nothing in matrix products.
pub fn physical_cores() -> usize {
    let allowed = std::thread::available_parallelism().map_or(1, Into::into);
    sysinfo::System::physical_core_count().map_or(allowed, |cores| cores.clamp(1, allowed))
}

/// Tells the system's allocator to keep freed memory: each step of a training asks for the same large pieces again,
/// and fetching their pages anew from the kernel costs several percent of the time.
#[allow(unsafe_code)] // glibc offers no safe function for this
pub fn keep_freed_memory() {
    // SAFETY: mallopt only sets options of the allocator; what it does not take, it leaves as it was.
    #[cfg(target_env = "gnu")]
    unsafe {
        // The most that glibc takes on 64 bits; larger pieces still come from the kernel one by one.
        libc::mallopt(libc::M_MMAP_THRESHOLD, 32 << 20);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
        // Heaps of threads hold 64 MB each. An empty one stays when this pad would not fit into the one before it.
        libc::mallopt(libc::M_TOP_PAD, 65 << 20);
    }
}

/// The threads that a run computes with.
///
/// # Errors
/// `internal-error` when the system gives no more threads.
pub fn thread_pool(threads: Option<usize>) -> Outcome<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads.unwrap_or_else(physical_cores))
        .thread_name(|n| format!("thaw-compute-{n}"))
        .build()
        .map_err(Problem::internal)
}

/// Gives freed memory back to the system, so that what a run takes again counts as its own.
#[allow(unsafe_code)] // glibc offers no safe function for this
pub fn release_freed_memory() {
    // SAFETY: malloc_trim only returns pages that hold nothing.
    #[cfg(target_env = "gnu")]
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Begins the measure of `own_peak_bytes` anew. It returns false where the system can't, as only Linux can.
pub fn reset_peak_memory() -> bool {
    if !cfg!(target_os = "linux") {
        return false;
    }
    let reset = std::fs::write("/proc/self/clear_refs", "5");
    reset.inspect_err(|e| log::info!("the memory of runs is not measured: {e}")).is_ok()
}

/// The memory that this process has taken for itself, mapped files apart, in bytes; 0 where the system does not tell.
pub fn own_memory_bytes() -> u64 {
    status_bytes(&own_status(), "RssAnon:")
}

/// The largest `own_memory_bytes` since `reset_peak_memory`. The kernel keeps the peak of all resident memory; what is
/// mapped now is taken from it.
pub fn own_peak_bytes() -> u64 {
    let status = own_status();
    let mapped = status_bytes(&status, "RssFile:") + status_bytes(&status, "RssShmem:");
    status_bytes(&status, "VmHWM:").saturating_sub(mapped)
}

/// Memory that programs can still get, in bytes: of the machine, or of the group of processes (a container) that is
/// allowed less. Where the system does not tell, nothing is taken to be the limit.
pub fn available_memory_bytes() -> u64 {
    let Ok(mut system) = sysinfo::System::new() else { return u64::MAX };
    system.refresh_memory();
    let of_machine = Some(system.available_memory()).filter(|bytes| *bytes > 0).unwrap_or(u64::MAX);
    system.cgroup_limits().map_or(of_machine, |group| of_machine.min(group.total_memory.saturating_sub(group.rss)))
}

/// What this process holds now, in bytes; 0 where the system does not tell.
pub fn resident_memory_bytes() -> u64 {
    // Elsewhere than on Linux the little that a fresh process holds counts as nothing.
    status_bytes(&own_status(), "VmRSS:")
}

/// What Linux tells of this process; nothing on other systems.
fn own_status() -> String {
    std::fs::read_to_string("/proc/self/status").unwrap_or_default()
}

/// A field of `/proc/self/status` in bytes. The kernel gives it in KiB, whatever the size of a page is on this machine.
fn status_bytes(status: &str, field: &str) -> u64 {
    let kib = status.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB")?.parse().ok());
    kib.unwrap_or(0) * 1024_u64
}

/// Refuses a value of `THAW_CPU` that means nothing, so that nobody takes one machine's figures for those of another.
///
/// # Errors
/// `cpu-unknown`.
pub fn check_instruction_sets() -> Outcome<()> {
    Limit::of_environment().map(drop).map_err(|value| {
        let names = Limit::NAMES.map(|(name, _)| name).join(", ");
        Problem::new("cpu-unknown").with("variable", isa::VARIABLE).with("value", value).with("names", names)
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Runs a test again in a process of its own, because other tests would disturb what it measures of the whole process.
    /// It returns true in that process, and false in this one, once the other has passed.
    #[cfg(target_os = "linux")]
    pub fn in_own_process(test: &str) -> bool {
        let own_process = "THAW_TEST_OF_PEAK";
        if std::env::var_os(own_process).is_some() {
            return true;
        }
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let output = alone.args([test, "--exact"]).env(own_process, "1").output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
        false
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peak_is_forgotten() {
        const LARGE: usize = 64 << 20;
        if !in_own_process("worker::system::tests::a_peak_is_forgotten") {
            return;
        }
        let filled = vec![1_u8; LARGE];
        assert!(std::hint::black_box(&filled).iter().step_by(4096).all(|byte| *byte == 1));
        let (now, with) = (own_memory_bytes(), own_peak_bytes());
        drop(filled);
        assert!(reset_peak_memory());
        assert!(now > LARGE as u64 && with >= now && own_peak_bytes() + (LARGE as u64 / 2) < with);
    }

    #[test]
    fn memory_does_not_depend_on_the_size_of_a_page() {
        let status = "Name:\tthaw\nVmHWM:\t   20480 kB\nVmRSS:\t    8192 kB\n";
        assert_eq!((status_bytes(status, "VmRSS:"), status_bytes(status, "VmHWM:")), (8 << 20, 20 << 20));
        assert_eq!(status_bytes("", "VmRSS:"), 0);
        if cfg!(target_os = "linux") {
            assert!(resident_memory_bytes() > 1 << 20);
        }
    }

    #[test]
    fn the_machine_is_described() {
        assert!(physical_cores() >= 1);
        assert_eq!(thread_pool(Some(3)).unwrap().current_num_threads(), 3);
        if cfg!(target_os = "linux") {
            assert!(own_peak_bytes() > 1 << 20, "a test needs more than a megabyte");
        }
    }
}
