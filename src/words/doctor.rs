//! What `thaw doctor` and the window of the same name say of this computer and of the self-test.

use crate::domain::doctor::{Check, CheckKind, FileDialogs, Graphics, Machine, Products, SelfTest, Speeds, WhyChosen};
use crate::domain::precision::FrozenPrecision;
use crate::domain::problem::Problem;

use super::{Catalogue, Number};

/// The name of something, and what is said of it.
pub type Fact = (String, String);

/// The facts about this computer, line by line.
pub fn facts(words: &Catalogue, machine: &Machine) -> Vec<Fact> {
    let say = |id| words.say(id);
    let bytes = |bytes: Option<u64>| bytes.map_or_else(|| say("doctor-unknown"), |n| write(words, Number::Bytes(n)));
    let processor = &machine.processor;
    let name = Some(processor.name.clone()).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| say("doctor-processor-unknown"));
    let instructions = match processor.instruction_sets.join(", ") {
        none if none.is_empty() => say("doctor-instructions-none"),
        some => some,
    };
    let (version, architecture) = (&machine.thaw_version, &machine.architecture);
    let program = words.say_with("doctor-program-value", &[("version", version), ("architecture", architecture)]);
    let cores = words.say_with("doctor-processor-value", &[("name", &name), ("cores", &processor.cores)]);
    let (used, allowed) = (&processor.threads_used, &processor.threads_allowed);
    let mut facts = vec![
        (say("doctor-program"), program),
        (say("doctor-system"), machine.system.clone()),
        (say("doctor-processor"), cores),
        (say("doctor-threads"), words.say_with("doctor-threads-value", &[("used", used), ("allowed", allowed)])),
        (say("doctor-instructions"), instructions),
    ];
    let switch = processor.thaw_cpu.clone().unwrap_or_default();
    facts.extend(machine.products.iter().map(|of| (products_in(words, of.precision), products(words, of, &switch))));
    let memory = &machine.memory;
    let memory = match (memory.free_bytes, memory.total_bytes) {
        (None, None) => say("doctor-unknown"),
        (free, total) => words.say_with("doctor-memory-value", &[("free", &bytes(free)), ("total", &bytes(total))]),
    };
    facts.push((say("doctor-memory"), memory));
    facts.push((say("doctor-graphics"), graphics(words, &machine.graphics)));
    facts.push((
        say("doctor-file-dialogs"),
        say(match machine.file_dialogs {
            FileDialogs::System => "doctor-dialogs-system",
            FileDialogs::Portal => "doctor-dialogs-portal",
            FileDialogs::Zenity => "doctor-dialogs-zenity",
            FileDialogs::BuiltIn => "doctor-dialogs-own",
        }),
    ));
    let hub = &machine.hub;
    let online = || words.say_with("doctor-hub-online", &[("endpoint", &hub.endpoint)]);
    let told = if hub.is_offline { say("doctor-hub-offline") } else { online() };
    let told = if hub.has_token { words.say_with("doctor-hub-token", &[("hub", &told)]) } else { told };
    facts.push((say("doctor-hub"), told));
    let (cache, size) = (hub.cache.display().to_string(), Number::Bytes(hub.models_bytes));
    let free = bytes(hub.free_bytes);
    let cache = words.say_with(
        "doctor-cache-value",
        &[("folder", &cache), ("models", &hub.models), ("size", &size), ("free", &free)],
    );
    facts.push((say("doctor-cache"), cache));
    let free = bytes(machine.runs.free_bytes);
    let runs = match machine.runs.folder.as_ref().map(|folder| folder.display().to_string()) {
        None => say("doctor-runs-none"),
        Some(folder) => {
            let runs = &machine.runs.runs;
            words.say_with("doctor-runs-value", &[("folder", &folder), ("runs", runs), ("free", &free)])
        }
    };
    facts.push((say("doctor-runs"), runs));
    facts
}

fn write(words: &Catalogue, number: Number) -> String {
    number.write(words.language())
}

fn products_in(words: &Catalogue, precision: FrozenPrecision) -> String {
    words.say_with("doctor-products", &[("precision", &precision.name())])
}

fn products(words: &Catalogue, of: &Products, switch: &str) -> String {
    let kernel = &of.kernel;
    match of.why {
        WhyChosen::GainsNothing => words.say("doctor-products-none"),
        WhyChosen::Fastest => words.say_with("doctor-products-fastest", &[("kernel", kernel)]),
        WhyChosen::ThawCpu => words.say_with("doctor-products-switched", &[("kernel", kernel), ("switch", &switch)]),
        WhyChosen::FasterFailed => {
            let failed = of.runs.first().map_or("", String::as_str);
            words.say_with("doctor-products-failed", &[("kernel", kernel), ("failed", &failed)])
        }
        WhyChosen::OnlyOne => words.say_with("doctor-products-only", &[("kernel", kernel)]),
    }
}

fn graphics(words: &Catalogue, of: &Graphics) -> String {
    let display = of.display.clone().unwrap_or_else(|| words.say("doctor-graphics-none"));
    let drivers = of.drivers.iter().cloned();
    std::iter::once(display).chain(drivers).chain(of.renderer.clone()).collect::<Vec<_>>().join("; ")
}

/// The subject of a check in words.
pub fn check(words: &Catalogue, of: &Check) -> String {
    let subject = of.subject.as_deref().unwrap_or_default();
    words.say(match of.kind {
        CheckKind::Kernel => {
            let precision = of.precision.map_or("", FrozenPrecision::name);
            return words.say_with("doctor-check-kernel", &[("kernel", &subject), ("precision", &precision)]);
        }
        CheckKind::Threads => "doctor-check-threads",
        CheckKind::CandleTransformers => "doctor-check-candle",
        CheckKind::ComposedLogits => "doctor-check-logits",
        CheckKind::ComposedGradients => "doctor-check-gradients",
        CheckKind::FiniteDifferences => match subject {
            "embeddings" => "doctor-check-slope-embeddings",
            "head" => "doctor-check-slope-head",
            _ => "doctor-check-slope-layers",
        },
    })
}

/// Whether it passed.
pub fn verdict(words: &Catalogue, of: &Check) -> String {
    words.say(if of.passed { "doctor-passed" } else { "doctor-failed" })
}

/// Its error and limit.
pub fn numbers(words: &Catalogue, of: &Check) -> String {
    let [error, limit] = [of.error, of.limit].map(|x| match x {
        0.0 => "0".to_owned(),
        count if of.kind == CheckKind::Threads => count.to_string(),
        x => format!("{x:.1e}"),
    });
    words.say_with("doctor-numbers", &[("error", &error), ("limit", &limit)])
}

/// How fast this computer is, line by line; nothing before it is measured.
pub fn speeds(words: &Catalogue, of: &Speeds) -> Vec<Fact> {
    if of.threads == 0 {
        return Vec::new();
    }
    // Slow ones have a digit more.
    let speed = |gflops: f64| Number::Decimal(gflops, if gflops < 10.0 { 1 } else { 0 });
    let peak =
        words.say_with("doctor-peak-value", &[("speed", &speed(of.peak_gflop_per_sec)), ("threads", &of.threads)]);
    let mut facts = vec![(words.say("doctor-peak"), peak)];
    facts.extend(of.products.iter().map(|product| {
        let (speed, share) = (speed(product.gflop_per_sec), Number::Percent(product.share_of_peak));
        let told =
            words.say_with("doctor-speed-value", &[("kernel", &product.kernel), ("speed", &speed), ("share", &share)]);
        (products_in(words, product.precision), told)
    }));
    facts.extend(of.training.map(|training| {
        let (speed, share) = (speed(training.gflop_per_sec), Number::Percent(training.share_of_peak));
        let (rows, tokens) = (Number::Decimal(training.rows_per_sec, 1), training.tokens_per_row);
        let told = words.say_with(
            "doctor-training-value",
            &[("rows", &rows), ("tokens", &tokens), ("speed", &speed), ("share", &share)],
        );
        (words.say("doctor-training"), told)
    }));
    facts
}

/// The sentence at the self-test's end: that all passed, or that it was stopped. What failed is a [`failure`].
pub fn outcome(words: &Catalogue, test: &SelfTest) -> String {
    if test.stopped {
        return words.say("doctor-stopped");
    }
    let (count, time) = (test.checks.len(), Number::Seconds(test.secs));
    words.say_with("doctor-all-passed", &[("count", &count), ("time", &time)])
}

/// A sentence that says what failed, and what to do.
pub fn failure(words: &Catalogue, test: &SelfTest) -> Option<Problem> {
    let failed: Vec<String> = test.failed().map(|failed| check(words, failed)).collect();
    let problem = Problem::new("doctor-checks-failed").with_count("count", failed.len());
    (!failed.is_empty()).then(|| problem.with("checks", failed.join("; ")))
}

/// All of it as a text, to be sent to someone.
pub fn report(words: &Catalogue, machine: &Machine, test: Option<&SelfTest>) -> String {
    let line = |(name, told): Fact| format!("{name}: {told}");
    let mut lines: Vec<String> = facts(words, machine).into_iter().map(line).collect();
    if let Some(test) = test {
        lines.push(String::new());
        lines.extend(test.checks.iter().map(|of| {
            let (verdict, check, numbers) = (verdict(words, of), check(words, of), numbers(words, of));
            words.say_with("doctor-check-line", &[("verdict", &verdict), ("check", &check), ("numbers", &numbers)])
        }));
        lines.extend(speeds(words, &test.speeds).into_iter().map(line));
        lines.push(failure(words, test).map_or_else(|| outcome(words, test), |problem| words.problem(&problem)));
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::domain::doctor::{HubFacts, Memory, Processor, ProductSpeed, RunsFacts, TrainingSpeed};
    use crate::words::Language;

    /// A machine with nothing missing.
    pub fn machine() -> Machine {
        let runs = vec!["AVX2 with FMA".to_owned(), "plain Rust".to_owned()];
        Machine {
            thaw_version: "0.1.0".into(),
            system: "Linux 6.1 Debian".into(),
            architecture: "x86_64".into(),
            processor: Processor {
                name: "A processor".into(),
                cores: 4,
                threads_allowed: 8,
                threads_used: 4,
                ..Processor::default()
            },
            products: vec![Products {
                precision: FrozenPrecision::F32,
                kernel: runs[0].clone(),
                why: WhyChosen::Fastest,
                runs,
                cannot_run: vec!["AVX-512".into()],
            }],
            memory: Memory { total_bytes: Some(16_000_000_000), free_bytes: Some(9_000_000_000) },
            graphics: Graphics { display: Some("X11 (:0)".into()), drivers: vec!["i915".into()], renderer: None },
            file_dialogs: FileDialogs::Portal,
            hub: HubFacts { endpoint: "https://huggingface.co".into(), models: 1, ..HubFacts::default() },
            runs: RunsFacts { folder: Some("/home/me/runs".into()), runs: 3, free_bytes: Some(70_000_000_000) },
        }
    }

    /// A self-test of two checks, one of which fails unless `passes`.
    pub fn test(passes: bool) -> SelfTest {
        let kernel = Check::new(CheckKind::Kernel, 1.2e-7, 1e-6).of_kernel(FrozenPrecision::F32, "plain Rust");
        let error = if passes { 3e-6 } else { f64::NAN };
        let (checks, gflop_per_sec) = (vec![kernel, Check::new(CheckKind::CandleTransformers, error, 2e-4)], 150.0);
        let product = ProductSpeed {
            precision: FrozenPrecision::F32,
            kernel: "AVX2 with FMA".into(),
            gflop_per_sec,
            share_of_peak: 0.75,
        };
        let training =
            TrainingSpeed { rows_per_sec: 40.0, tokens_per_row: 64, gflop_per_sec: 100.0, share_of_peak: 0.5 };
        let speeds =
            Speeds { threads: 4, peak_gflop_per_sec: 200.0, products: vec![product], training: Some(training) };
        SelfTest { passed: passes, stopped: false, secs: 4.0, checks, speeds }
    }

    #[test]
    fn a_report_says_all_of_it() {
        let words = Catalogue::new(Language::English);
        let report = report(&words, &machine(), Some(&test(true)));
        for told in [
            "Processor: A processor; 4 cores\n",
            "Threads: 4 of the 8 that the system allows\n",
            "Products in f32: AVX2 with FMA, the fastest that this processor runs\n",
            "Graphics: X11 (:0); i915\n",
            "passed: plain Rust in f32, against its definition (error 1.2e-7, limit 1.0e-6)\n",
            "Products in f32: AVX2 with FMA: 150 GFLOP/s, 75.0 % of the peak\n",
            "All 2 checks passed in 4.0 s.\n",
        ] {
            assert!(report.contains(told), "{told} in {report}");
        }
    }

    #[test]
    fn a_kernel_that_failed_its_trial_is_told() {
        let words = Catalogue::new(Language::English);
        let runs: Vec<String> = ["AMX-BF16", "AVX-512 BF16"].map(String::from).to_vec();
        let (precision, kernel, why) = (FrozenPrecision::Bf16, runs[1].clone(), WhyChosen::FasterFailed);
        let failed = products(&words, &Products { precision, kernel, why, runs, cannot_run: vec![] }, "");
        assert_eq!(failed, "AVX-512 BF16, because AMX-BF16 computes wrong products on this computer");
    }

    #[test]
    fn what_failed_is_named_with_what_to_do() {
        for language in Language::ALL {
            let words = Catalogue::new(language);
            let problem = failure(&words, &test(false)).unwrap();
            let said = words.problem(&problem);
            assert!(said.contains("candle-transformers") && said.contains("thaw doctor --json"), "{said}");
            assert!(report(&words, &machine(), Some(&test(false))).ends_with(&format!("{said}\n")));
            assert_eq!(failure(&words, &test(true)), None);
        }
    }
}
