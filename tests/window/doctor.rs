//! Help leads to a window that tells what this computer is to the program, and the self-test runs in it.

use thaw::app::doctor::DoctorAction;
use thaw::domain::doctor::{
    Check, CheckKind, FileDialogs, Graphics, HubFacts, Machine, Memory, Processor, ProductSpeed, Products, RunsFacts,
    SelfTest, SelfTestStep, Speeds, TrainingSpeed, WhyChosen,
};
use thaw::domain::message::{Answer, AskId, Command, Event as Told, Notice, Question};
use thaw::domain::precision::FrozenPrecision;

use super::script::{self, between};
use super::*;

/// A machine about which there is much to say, in long names.
pub fn machine() -> Machine {
    let products = |precision, kernel: &str, more: &[&str]| Products {
        precision,
        kernel: kernel.to_owned(),
        why: WhyChosen::Fastest,
        runs: std::iter::once(kernel).chain(more.iter().copied()).chain(["plain Rust"]).map(str::to_owned).collect(),
        cannot_run: Vec::new(),
    };
    let sets = ["AVX", "FMA", "AVX2", "AVX-VNNI", "AVX-512F", "AVX-512BW", "AVX-512VL", "AVX-512 VNNI", "AVX-512 BF16"];
    let folder = "/home/a student with a long name/내 문서/모델과 실행/huggingface";
    Machine {
        thaw_version: "0.1.0".into(),
        system: "Linux (Ubuntu 24.04)".into(),
        architecture: "x86_64".into(),
        processor: Processor {
            name: "Intel(R) Xeon(R) Platinum 8480+ CPU @ 2.00GHz".into(),
            cores: 56,
            threads_allowed: 112,
            threads_used: 56,
            instruction_sets: sets.map(String::from).to_vec(),
            thaw_cpu: None,
        },
        products: vec![
            products(FrozenPrecision::F32, "AVX-512", &["AVX2 with FMA"]),
            products(FrozenPrecision::Bf16, "AVX-512 BF16", &[]),
            products(FrozenPrecision::Int8, "AVX-512 VNNI", &["AVX-VNNI"]),
        ],
        memory: Memory { total_bytes: Some(540_000_000_000), free_bytes: Some(123_400_000_000) },
        graphics: Graphics { display: Some("X11 (:0)".into()), drivers: vec!["nouveau".into()], renderer: None },
        file_dialogs: FileDialogs::Portal,
        hub: HubFacts {
            home: folder.into(),
            cache: format!("{folder}/hub").into(),
            endpoint: "https://huggingface.co".into(),
            is_offline: true,
            has_token: true,
            models: 12,
            models_bytes: 5_400_000_000,
            free_bytes: Some(70_000_000_000),
        },
        runs: RunsFacts { folder: Some(folder.into()), runs: 123, free_bytes: Some(70_000_000_000) },
    }
}

/// A self-test of which one check has failed.
pub fn self_test() -> SelfTest {
    let kernel = |precision, name| Check::new(CheckKind::Kernel, 1.3e-7, 1e-6).of_kernel(precision, name);
    let slope = |part| Check::new(CheckKind::FiniteDifferences, 2e-4, 1e-2).of(part);
    let checks = vec![
        kernel(FrozenPrecision::F32, "AVX-512"),
        kernel(FrozenPrecision::F32, "AVX2 with FMA"),
        kernel(FrozenPrecision::F32, "plain Rust"),
        kernel(FrozenPrecision::Bf16, "AVX-512 BF16"),
        kernel(FrozenPrecision::Int8, "AVX-512 VNNI"),
        Check::new(CheckKind::Threads, 0.0, 0.0),
        Check::new(CheckKind::CandleTransformers, 0.3, 2e-4),
        Check::new(CheckKind::ComposedLogits, 2e-6, 1e-4),
        Check::new(CheckKind::ComposedGradients, 2e-6, 1e-4),
        slope("embeddings"),
        slope("layers"),
        slope("head"),
    ];
    let product = |precision, kernel: &str, gflop_per_sec: f64| ProductSpeed {
        precision,
        kernel: kernel.into(),
        gflop_per_sec,
        share_of_peak: gflop_per_sec / 4000.0,
    };
    let products =
        vec![product(FrozenPrecision::F32, "AVX-512", 3600.0), product(FrozenPrecision::Bf16, "AVX-512 BF16", 7100.0)];
    let training =
        TrainingSpeed { rows_per_sec: 1234.5, tokens_per_row: 64, gflop_per_sec: 3000.0, share_of_peak: 0.75 };
    let speeds = Speeds { threads: 56, peak_gflop_per_sec: 4000.0, products, training: Some(training) };
    SelfTest { passed: false, stopped: false, secs: 7.4, checks, speeds }
}

/// What the script answers: a self-test tells its first check, and ends when it is asked to.
fn answer(command: &Command, asked: &Mutex<Option<AskId>>) -> Option<Vec<Told>> {
    match command {
        Command::Ask(id, Question::Machine) => Some(vec![Told::Answer(*id, Ok(Answer::Machine(Box::new(machine()))))]),
        Command::Ask(id, Question::SelfTest) => {
            *asked.lock().unwrap() = Some(*id);
            let check = self_test().checks.first().cloned();
            Some(vec![Told::Notice(Notice::SelfTest(Box::new(SelfTestStep { check, done: 1, total: 15 })))])
        }
        Command::StopSelfTest => {
            let answer = Answer::SelfTest(Box::new(self_test()));
            Some(asked.lock().unwrap().take().map(|id| Told::Answer(id, Ok(answer))).into_iter().collect())
        }
        _ => script::answer(command),
    }
}

impl Studio {
    fn open_at_doctor() -> Self {
        let asked = Mutex::default();
        let between = |worker, waker| between(worker, waker, move |command| answer(command, &asked));
        let mut studio = Self::open_with(few_rows(), Harness::builder().with_size(vec2(1024.0, 700.0)), between);
        studio.wait_until_ready();
        studio.harness.key_press(Key::F1);
        studio.harness.run_ok();
        studio.click(Role::Button, "This computer");
        studio.wait("the machine", |s| s.state().doctor.machine.ready().is_some());
        studio
    }
}

#[test]
fn help_says_what_this_computer_is_and_a_self_test_shows_and_copies_what_it_found() {
    let mut studio = Studio::open_at_doctor();
    assert!(!studio.has("Shortcuts and help"), "it takes the list's place");
    assert!(studio.has("Intel(R) Xeon(R) Platinum 8480+ CPU @ 2.00GHz; 56 cores"));
    studio.click(Role::Button, "Run the self-test");
    studio.wait("its first check", |s| s.state().doctor.progress == (1, 15));
    assert!(studio.has("AVX-512 in f32, against its definition") && studio.has_part("Self-test: 1 of 15"));
    studio.click(Role::Button, "Stop the self-test");
    studio.wait("its end", |s| s.state().doctor.test.ready().is_some());
    assert!(studio.has("FAILED") && studio.has_part("Report this with the output of thaw doctor --json"));
    assert!(studio.has_part("4,000 GFLOP/s on 56 threads"));

    studio.harness.get_by_role_and_label(Role::Button, "Copy as text").click();
    studio.harness.step();
    let copied = studio.harness.output().platform_output.commands.iter().find_map(|command| match command {
        eframe::egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.unwrap();
    assert!(copied.contains("Processor: Intel") && copied.contains("FAILED: the model's states"), "{copied}");
    studio.harness.run_ok();
    studio.harness.key_press(Key::Escape);
    studio.harness.run_ok();
    assert!(!studio.state().doctor.open);
}

#[test]
fn a_window_that_is_closed_ends_its_self_test() {
    let mut studio = Studio::open_at_doctor();
    studio.click(Role::Button, "Run the self-test");
    studio.wait("its first check", |s| s.state().doctor.progress == (1, 15));
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, DoctorAction::Show(false).into());
    studio.wait("its end", |s| s.state().doctor.test.ready().is_some());
}
