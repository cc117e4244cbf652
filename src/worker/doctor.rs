//! What this machine is to the program, and the program's self-test on it.

mod desktop;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use sysinfo::System;

use crate::domain::doctor::{
    HubFacts, Machine, Memory, Processor, Products, RunsFacts, SelfTest, SelfTestObserver, SelfTestStep, WhyChosen,
};
use crate::domain::message::{Answer, AskId, Notice};
use crate::domain::precision::FrozenPrecision;
use crate::domain::problem::{Outcome, Problem};
use crate::model::disk::free_bytes;
use crate::model::ops::isa;
use crate::model::self_test::{ListedKernel, all_kernels, instruction_sets};
use crate::runs;
use crate::train::self_test::self_test;

use super::lane::{guarded, lock};
use super::shared::Shared;
use super::system::{available_memory_bytes, physical_cores};

/// Ends the self-test under way.
#[derive(Default)]
pub struct SelfTests(Mutex<Arc<AtomicBool>>);

impl SelfTests {
    /// Ends the self-test under way and those that wait, within a check.
    pub fn stop(&self) {
        self.renew();
    }

    fn renew(&self) -> Arc<AtomicBool> {
        let new = Arc::<AtomicBool>::default();
        std::mem::replace(&mut *lock(&self.0), Arc::clone(&new)).store(true, Ordering::Release);
        new
    }
}

/// Looks at the machine. Reads the list of the Hub's cache and that of the runs.
pub fn machine(shared: &Shared) -> Machine {
    let processor = processor();
    Machine {
        thaw_version: env!("CARGO_PKG_VERSION").to_owned(),
        system: System::long_os_version().unwrap_or_else(|_untold| std::env::consts::OS.to_owned()),
        architecture: std::env::consts::ARCH.to_owned(),
        products: products(),
        processor,
        memory: memory(),
        graphics: desktop::graphics(),
        file_dialogs: desktop::file_dialogs(),
        hub: hub(shared),
        runs: runs_folder(),
    }
}

fn processor() -> Processor {
    let system = System::new().map(|mut system| {
        system.refresh_cpu_all();
        system.cpus().first().map(|cpu| cpu.brand().trim().to_owned()).unwrap_or_default()
    });
    let allowed = std::thread::available_parallelism().map_or(1, Into::into);
    Processor {
        name: system.unwrap_or_default(),
        cores: System::physical_core_count().unwrap_or(allowed),
        threads_allowed: allowed,
        threads_used: physical_cores(),
        instruction_sets: instruction_sets().into_iter().map(str::to_owned).collect(),
        thaw_cpu: std::env::var(isa::VARIABLE).ok().filter(|value| !value.is_empty()),
    }
}

/// The kernels by precision, in the order in which the program lists them.
fn products() -> Vec<Products> {
    let kernels = all_kernels();
    let mut of: Vec<Products> = Vec::new();
    for chosen in kernels.iter().filter(|kernel| kernel.chosen) {
        let same = || kernels.iter().filter(|kernel| kernel.precision == chosen.precision);
        let names = |runs: bool| same().filter(move |k| k.runs == runs).map(|k| k.name.to_owned()).collect();
        let runs: Vec<String> = names(true);
        let why = why_chosen(chosen, &runs, isa::limit());
        let (precision, kernel) = (chosen.precision, chosen.name.to_owned());
        of.push(Products { precision, kernel, why, runs, cannot_run: names(false) });
    }
    of
}

/// `runs` are the kernels of this precision that the processor runs, the fastest first.
fn why_chosen(chosen: &ListedKernel, runs: &[String], limit: isa::Limit) -> WhyChosen {
    match limit {
        _ if chosen.is_definition && chosen.precision != FrozenPrecision::F32 => WhyChosen::GainsNothing,
        _ if runs.first().is_some_and(|fastest| fastest != chosen.name) => WhyChosen::FasterFailed,
        // Only AMX lies beyond it, and that has nothing for f32.
        isa::Limit::Avx512 if chosen.precision != FrozenPrecision::F32 => WhyChosen::ThawCpu,
        isa::Limit::Plain | isa::Limit::Avx2 => WhyChosen::ThawCpu,
        _ if runs.len() == 1 => WhyChosen::OnlyOne,
        _ => WhyChosen::Fastest,
    }
}

fn memory() -> Memory {
    let total = System::new().ok().map(|mut system| {
        system.refresh_memory();
        let of_group = system.cgroup_limits().map_or(u64::MAX, |group| group.total_memory);
        system.total_memory().min(of_group)
    });
    let free = available_memory_bytes();
    Memory { total_bytes: total.filter(|bytes| *bytes > 0), free_bytes: Some(free).filter(|bytes| *bytes < u64::MAX) }
}

fn hub(shared: &Shared) -> HubFacts {
    let hub = shared.models.hub();
    let (environment, models) = (hub.environment(), hub.cached());
    HubFacts {
        home: environment.home.clone(),
        cache: environment.cache.clone(),
        endpoint: environment.endpoint.clone(),
        is_offline: environment.offline,
        has_token: environment.token.is_some(),
        models: models.len(),
        models_bytes: models.iter().map(|model| model.bytes).sum(),
        free_bytes: free_bytes(&environment.cache),
    }
}

fn runs_folder() -> RunsFacts {
    let Ok(folder) = runs::runs_folder() else { return RunsFacts::default() };
    let runs = runs::list(&folder, &[]).map_or(0, |runs| runs.len());
    RunsFacts { runs, free_bytes: free_bytes(&folder), folder: Some(folder) }
}

/// Makes the self-test when no run is under way, on the threads that a run would use, and answers with it. A run that
/// begins meanwhile ends it, because each would disturb the other.
pub fn test(shared: &Arc<Shared>, id: AskId) {
    let stop = shared.self_tests.renew();
    let asked = Arc::clone(shared);
    shared.lanes.self_test.push(move || {
        let tested = if asked.running().is_some() {
            Err(Problem::new("run-under-way"))
        } else {
            asked.undisturbed(|| guarded(|| test_on_all_threads(&asked, &stop)))
        };
        asked.answer(id, tested.map(|test| Answer::SelfTest(Box::new(test))));
    });
}

fn test_on_all_threads(shared: &Shared, stop: &AtomicBool) -> Outcome<SelfTest> {
    let observer = Observer { shared, stop };
    shared.pool()?.install(|| self_test(&observer))
}

struct Observer<'a> {
    shared: &'a Shared,
    stop: &'a AtomicBool,
}

impl SelfTestObserver for Observer<'_> {
    fn told(&self, step: SelfTestStep) {
        self.shared.notify(Notice::SelfTest(Box::new(step)));
    }

    fn stop_requested(&self) -> bool {
        self.stop.load(Ordering::Acquire) || self.shared.sink.is_gone()
    }
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::unbounded;

    use super::super::control::Control;
    use super::super::sink::Sink;
    use super::*;
    use crate::domain::message::Event;

    #[test]
    fn the_machine_is_described() {
        let (sender, _events) = unbounded();
        let machine = machine(&Shared::new(Sink::to_terminal(sender)).unwrap());
        let f32 = machine.products.iter().find(|products| products.precision == FrozenPrecision::F32).unwrap();
        assert!(f32.runs.contains(&f32.kernel) && f32.runs.contains(&"plain Rust".to_owned()), "{f32:?}");
        assert!(machine.processor.threads_used >= 1 && machine.hub.cache.starts_with(&machine.hub.home));
        let json = serde_json::to_value(&machine).unwrap();
        assert!(json["memory"]["total_bytes"].as_u64() > Some(1 << 20), "{json}");
    }

    #[test]
    fn a_kernel_that_was_passed_over_says_why() {
        let kernels = all_kernels();
        let of = |precision| kernels.iter().rfind(|kernel| kernel.precision == precision).unwrap();
        let (f32, int8) = (of(FrozenPrecision::F32), of(FrozenPrecision::Int8));
        let runs = |names: &[&str]| -> Vec<String> { names.iter().map(|name| (*name).to_owned()).collect() };
        let why = |kernel, names: &[&str], limit| why_chosen(kernel, &runs(names), limit);
        assert_eq!(why(f32, &["plain Rust"], isa::Limit::Native), WhyChosen::OnlyOne);
        assert_eq!(why(f32, &["plain Rust", "another"], isa::Limit::Native), WhyChosen::Fastest);
        assert_eq!(why(f32, &["plain Rust", "another"], isa::Limit::Avx512), WhyChosen::Fastest);
        assert_eq!(why(f32, &["plain Rust"], isa::Limit::Plain), WhyChosen::ThawCpu);
        assert_eq!(why(f32, &["AMX", "plain Rust"], isa::Limit::Native), WhyChosen::FasterFailed);
        assert_eq!(why(int8, &["plain Rust"], isa::Limit::Native), WhyChosen::GainsNothing);
    }

    #[test]
    fn a_self_test_is_refused_beside_a_run_and_stopped_when_asked() {
        let (sender, events) = unbounded();
        let shared = Arc::new(Shared::new(Sink::to_terminal(sender)).unwrap());
        let run = Arc::new(Control::default());
        shared.set_running(&run);
        test(&shared, AskId(1));
        let Ok(Event::Answer(AskId(1), Err(problem))) = events.recv() else { panic!("a refusal") };
        assert_eq!(problem.id, "run-under-way");
        run.end();

        // The lane is held up until the stop has come.
        let (release, held) = unbounded::<()>();
        shared.lanes.self_test.push(move || {
            held.recv().ok();
        });
        test(&shared, AskId(2));
        shared.self_tests.stop();
        drop(release);
        let Ok(Event::Answer(AskId(2), Ok(Answer::SelfTest(test)))) = events.recv() else { panic!("an answer") };
        assert!(test.stopped && !test.passed && test.checks.is_empty());
    }
}
