//! Programs of several runs. Three of them are kept whole in `tests/reference/python`, where a change of a template is seen;
//! with `UPDATE_SNAPSHOTS=1` the test writes them anew. `scripts/check_code.sh` runs such programs beside Thaw.

use std::path::{Path, PathBuf};

use crate::domain::class_weights::ClassWeights;
use crate::domain::config::{
    DataConfig, DataSource, DeviceKind, FinalWeights, ModelSource, RunConfig, Schedule, SplitConfig, TrainingConfig,
};
use crate::domain::dataset::{DatasetSummary, LabelCount, SplitCounts, TableFormat};
use crate::domain::freeze::Freeze;
use crate::domain::params::ParamTree;
use crate::domain::precision::{FrozenPrecision, Precision};
use crate::domain::program::{ProgramForm, ProgramStyle};
use crate::domain::timeline::Timeline;

use super::made::tree;
use super::*;

fn summary() -> DatasetSummary {
    let label = |label: &str, count| LabelCount { label: label.into(), count };
    DatasetSummary {
        name: "films.csv".into(),
        delimiter: ',',
        encoding: "UTF-8".into(),
        columns: ["review", "verdict"].map(str::to_owned).to_vec(),
        label_column: 1,
        is_plain: true,
        labels: vec![label("bad", 40), label("good", 80)],
        split: SplitCounts { train: vec![22, 45], validation: vec![10, 19], test: vec![8, 16] },
        ..DatasetSummary::default()
    }
}

fn pairs() -> DatasetSummary {
    let columns = ["premise", "hypothesis", "verdict"].map(str::to_owned).to_vec();
    DatasetSummary { columns, second_text_column: Some(1), label_column: 2, ..summary() }
}

fn config(freeze: Freeze) -> RunConfig {
    let data = DataConfig { source: DataSource::File("/data/films.csv".into()), ..DataConfig::default() };
    let training = TrainingConfig { dropout: Some(0.0), ..TrainingConfig::default() };
    RunConfig { data, freeze, training, ..RunConfig::default() }
}

fn timeline(json: &str) -> Freeze {
    Freeze::Timeline(serde_json::from_str::<Timeline>(json).unwrap())
}

fn write(config: &RunConfig, summary: &DatasetSummary, tree: &ParamTree, style: ProgramStyle) -> String {
    let facts = Facts { config, summary, tree, companions: Companions::Beside("train_files".into()) };
    program(&facts, style, ProgramForm::Script).unwrap()
}

fn every_style(config: &RunConfig, summary: &DatasetSummary) -> [String; 3] {
    ProgramStyle::ALL.map(|style| write(config, summary, &tree("bert", 6), style))
}

#[test]
fn whole_programs_are_as_they_were() {
    let stages = r#"{"stages":[{"from_epoch":1,"freeze":"1"},{"from_epoch":2,"freeze":"top:2"},{"from_epoch":3,"freeze":"full"}],
        "learning_rates":{"layer_divisor":2.6}}"#;
    let mut staged = config(timeline(stages));
    staged.training.weight_decay = 0.01;
    staged.training.keep = FinalWeights::Best;
    let mut weighted = config(Freeze::Preset2);
    weighted.training.class_weights = Some(ClassWeights::Balanced);
    let programs = [
        ("trainer.py", write(&config(Freeze::Preset3), &summary(), &tree("bert", 6), ProgramStyle::Trainer)),
        ("pytorch.py", write(&staged, &summary(), &tree("bert", 6), ProgramStyle::Pytorch)),
        ("lecture.py", write(&weighted, &pairs(), &tree("bert", 6), ProgramStyle::Lecture)),
    ];
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/python");
    for (name, text) in programs {
        let path = folder.join(name);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
        assert_eq!(text, kept, "{name}: see this file's first lines");
    }
}

#[test]
fn only_what_the_settings_need_is_there() {
    let plain = every_style(&config(Freeze::Preset3), &summary());
    for text in &plain {
        for extra in [
            "WEIGHTS",
            "STAGES",
            "groups = [\n",
            "autocast",
            "copy",
            "still_frozen",
            "BATCHES_PER_STEP",
            "import re\n",
            "Dropout",
            "revision",
        ] {
            assert!(!text.contains(extra), "{extra} in\n{text}");
        }
        assert!(!text.to_lowercase().contains("import thaw") && text.lines().count() < 175, "{}", text.lines().count());
    }
    assert!(plain[0].contains("class OrderedTrainer(Trainer)") && !plain[0].contains("compute_loss"));
    let full = every_style(&config(Freeze::Full), &summary());
    assert!(full.iter().all(|text| !text.contains("startswith")), "nothing is frozen");
}

#[test]
fn every_setting_is_honoured() {
    let with = |change: fn(&mut RunConfig), lines: [&str; 3]| {
        let mut config = config(Freeze::Preset3);
        change(&mut config);
        for (text, line) in every_style(&config, &summary()).iter().zip(lines) {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    };
    with(|c| c.training.seed = 7, ["seed=7,", "torch.manual_seed(7)", "torch.manual_seed(7)"]);
    with(|c| c.training.epochs = 9, ["= 9, 16, 128, 1e-4"; 3]);
    with(|c| c.training.learning_rate = Some(3e-5), ["= 3, 16, 128, 3e-5"; 3]);
    with(
        |c| c.training.schedule = Schedule::Cosine,
        ["lr_scheduler_type=\"cosine\"", "get_cosine_schedule_with_warmup(", "get_cosine_schedule_with_warmup("],
    );
    // 67 rows are 5 batches of 16, and three epochs 15 steps.
    with(|c| c.training.warmup_share = 0.1, ["warmup_steps=2,", "(optimizer, 2, EPOCHS", "(optimizer, 2, EPOCHS"]);
    with(|c| c.training.clip_norm = 0.0, ["max_grad_norm=0.0", "optimizer.step()", "optimizer.step()"]);
    with(
        |c| c.training.clip_norm = 0.5,
        ["max_grad_norm=0.5", "(model.parameters(), 0.5)", "(model.parameters(), 0.5)"],
    );
    with(|c| c.training.weight_decay = 0.1, ["weight_decay=0.1,", "0.1 if decays(name)", "0.1 if decays(name)"]);
    with(|c| c.training.patience = Some(2), ["class Patience", "if waited >= 2:", "if waited >= 2:"]);
    with(
        |c| c.training.keep = FinalWeights::Best,
        ["load_best_model_at_end=True", "load_state_dict(best", "load_state_dict(best"],
    );
    with(|c| c.training.precision = Precision::Bf16, ["bf16=True", "torch.autocast(", "torch.autocast("]);
    with(|c| c.training.threads = Some(3), ["set_num_threads(3)"; 3]);
    with(|c| c.training.device = DeviceKind::Metal, ["", "device = \"mps\"", "device = \"mps\""]);
    with(|c| c.training.dropout = Some(0.2), ["hidden_dropout_prob=0.2"; 3]);
    with(|c| c.training.dropout = None, ["still_frozen_layers()"; 3]);
    with(|c| c.training.frozen_precision = FrozenPrecision::Int8, ["frozen layers in int8, which PyTorch cannot"; 3]);
    with(
        |c| c.training.accumulation_steps = 4,
        ["gradient_accumulation_steps=4", "BATCHES_PER_STEP = 4", "BATCHES_PER_STEP = 4"],
    );
    with(
        |c| c.training.class_weights = ClassWeights::parse("bad=2"),
        ["torch.tensor([2.0, 1.0])", "torch.tensor([2.0, 1.0], device", "torch.tensor([2.0, 1.0], device"],
    );
    with(|c| c.data.max_rows = Some(90), ["train_size=90"; 3]);
    with(|c| c.data.rows_per_class = Some(8), [".head(8)"; 3]);
    with(|c| c.data.flip_labels = Some(0.03), ["3.0 % of the labels in data.csv are wrong on purpose"; 3]);
    with(|c| c.data.validation = Some("v.csv".into()), ["takes the validation rows from a file"; 3]);
    with(
        |c| c.data.split = SplitConfig { test_share: 0.1, seed: 5, ..SplitConfig::default() },
        ["test_size=0.1, stratify=table[\"target\"], random_state=5"; 3],
    );
    with(
        |c| c.model = ModelSource::Folder("/c/models--klue--bert-base/snapshots/abc".into()),
        ["MODEL = \"klue/bert-base\"\n"; 3],
    );
    let mut distil = config(Freeze::Preset2);
    distil.training.dropout = Some(0.3);
    let text = write(&distil, &summary(), &tree("distilbert", 2), ProgramStyle::Pytorch);
    assert!(text.contains("dropout=0.3, attention_dropout=0.3, seq_classif_dropout=0.3"), "{text}");
    for text in every_style(&config(Freeze::Preset1), &pairs()) {
        assert!(text.contains("rows[\"premise\"].tolist(), rows[\"hypothesis\"].tolist()"), "{text}");
    }
    for text in every_style(&config(Freeze::Biases), &summary()) {
        assert!(text.contains("name.endswith(\".bias\") or name.startswith((\"classifier.\",))"), "{text}");
    }
}

#[test]
fn a_file_that_pandas_would_read_otherwise_is_copied() {
    let read = |change: fn(&mut DatasetSummary)| {
        let mut summary = summary();
        change(&mut summary);
        let text = write(&config(Freeze::Preset3), &summary, &tree("bert", 2), ProgramStyle::Pytorch);
        text.lines().find(|line| line.starts_with("table = ")).unwrap().to_owned()
    };
    let plain = "table = pd.read_csv(\"/data/films.csv\", dtype=str, keep_default_na=False)";
    assert_eq!(read(|_| ()), plain);
    let tabs =
        "table = pd.read_csv(\"/data/films.csv\", sep=\"\\t\", encoding=\"cp949\", dtype=str, keep_default_na=False)";
    assert_eq!(read(|s| (s.delimiter, s.encoding) = ('\t', "EUC-KR".into())), tabs);
    let lines = "table = pd.read_json(\"/data/films.csv\", lines=True, dtype=False).astype(str)";
    assert_eq!(read(|s| s.format = TableFormat::JsonLines), lines);
    let copy = "table = pd.read_csv(FILES / \"data.csv\", dtype=str, keep_default_na=False)";
    let changes: [fn(&mut DatasetSummary); 5] = [
        |s| s.is_plain = false,
        |s| s.skipped.count = 1,
        |s| s.format = TableFormat::Folder,
        |s| s.format = TableFormat::Workbook,
        |s| s.encoding = "ISO-2022-JP".into(),
    ];
    for change in changes {
        assert_eq!(read(change), copy);
    }
}

#[test]
fn names_of_columns_and_labels_cannot_break_the_program() {
    let mut odd = summary();
    odd.columns = ["a \"b\\", "target"].map(str::to_owned).to_vec();
    odd.labels[0].label = "no\"\n]".into();
    odd.name = "x\"\"\"\nimport os".into();
    for text in every_style(&config(Freeze::Preset3), &odd) {
        assert!(text.contains("rows[\"a \\\"b\\\\\"]") && text.contains("table[\"label_id\"]"), "{text}");
        assert!(text.contains("LABELS = [\"no\\\"\\n]\", \"good\"]"), "{text}");
        assert!(!text.contains("\nimport os"), "{text}");
        check(&text);
    }
}

#[test]
fn what_cannot_train_is_refused() {
    let (nothing, summary, tree) = (config(Freeze::Names([].into())), summary(), tree("bert", 2));
    let companions = Companions::At { folder: Path::new("/there").into(), model: Path::new("/model").into() };
    let facts = Facts { config: &nothing, summary: &summary, tree: &tree, companions };
    let refused = program(&facts, ProgramStyle::Trainer, ProgramForm::Script).unwrap_err();
    assert_eq!(refused.id, "freeze-nothing-trains");
}

/// The brackets of the program are closed, its texts as well, and nothing of a template is left.
fn check(text: &str) {
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' if rest.starts_with("\"\"\"") => 6 + rest[3..].find("\"\"\"").expect("the docstring ends"),
            '"' | '\'' => {
                let mut escaped = false;
                let inner = rest.char_indices().skip(1).find(|(_, other)| {
                    let ends = *other == c && !escaped;
                    escaped = *other == '\\' && !escaped;
                    ends || *other == '\n'
                });
                let (end, found) = inner.expect("the text ends");
                assert_eq!(found, c, "a text ends in its line: {}", &rest[..end]);
                end + 1
            }
            '(' | '[' | '{' => {
                open.push(c);
                1
            }
            ')' | ']' | '}' => {
                let expected = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                assert_eq!(open.pop(), Some(expected), "in\n{text}");
                1
            }
            c => c.len_utf8(),
        };
        rest = &rest[length..];
    }
    assert!(open.is_empty(), "{open:?} in\n{text}");
    assert!(!text.contains("{%") && !text.contains("%}") && !text.contains("\n\n\n\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().take_while(|c| *c == ' ').count() % 4 == 0 && !line.contains('\t')));
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }
}

#[test]
fn any_settings_make_a_whole_program_that_trains_what_they_say() {
    let tree = tree("bert", 12);
    let mut n = Numbers(1);
    for _ in 0..150 {
        let names: std::collections::BTreeSet<String> =
            tree.parameters.iter().filter(|_| n.below(3) == 0).map(|p| p.name.clone()).collect();
        let stages = format!(
            r#"{{"stages":[{{"from_epoch":1,"freeze":"1"}},{{"from_epoch":2,"freeze":"top:{}"}}],
                "learning_rates":{{"layer_factor":0.9,"groups":[{{"parameters":"*.bias","factor":{}.5}}]}}}}"#,
            n.below(13),
            n.below(9)
        );
        let freezes = [
            Freeze::Preset1,
            Freeze::Preset2,
            Freeze::Full,
            Freeze::Biases,
            Freeze::Top(n.below(13) as usize),
            Freeze::Names(names),
            timeline(&stages),
        ];
        let mut config = config(n.one(&freezes));
        let t = &mut config.training;
        t.epochs = 1 + n.below(4) as usize;
        t.accumulation_steps = 1 + n.below(2) as usize;
        t.weight_decay = n.one(&[0.0, 0.01]);
        t.warmup_share = n.one(&[0.0, 0.1]);
        t.clip_norm = n.one(&[0.0, 1.0]);
        t.schedule = n.one(&[Schedule::Linear, Schedule::Constant, Schedule::Cosine]);
        t.dropout = n.one(&[None, Some(0.0)]);
        t.patience = n.one(&[None, Some(1)]);
        t.keep = n.one(&[FinalWeights::Last, FinalWeights::Best]);
        t.precision = n.one(&[Precision::F32, Precision::Bf16]);
        t.class_weights = n.one(&[None, Some(ClassWeights::Balanced)]);
        config.data.max_rows = n.one(&[None, Some(50)]);
        let summary = n.one(&[summary(), pairs()]);
        let plan = config.freeze.unfreezing(&tree).unwrap();
        for style in ProgramStyle::ALL {
            let text = write(&config, &summary, &tree, style);
            check(&text);
            for (stage, _) in plan.within(config.training.epochs) {
                let wanted = freezing::prefixes(&tree, &stage.trainable);
                for (parameter, on) in tree.parameters.iter().zip(&stage.trainable) {
                    let name = full_name(&tree, parameter);
                    assert_eq!(wanted.iter().any(|prefix| name.starts_with(prefix)), *on, "{name}");
                }
                if config.freeze == Freeze::Biases || wanted == [""] {
                    continue;
                }
                for part in names::parts(&wanted) {
                    assert!(text.contains(&part), "{part} is not in\n{text}");
                }
            }
        }
    }
}
