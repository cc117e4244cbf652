//! Model folders as people bring them.

use super::small_model::small_model;
use super::*;

const BERT: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// The words that only `added_tokens.json` has are read as transformers reads them, and the probabilities are its own.
#[test]
fn added_tokens_count() {
    let place = Place::new();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/added_tokens");
    let texts = ["the covfefe choir", "a covfefe tent was there"];
    let told = lines(&place.thaw(&["predict", model.to_str().unwrap(), texts[0], texts[1], "--json"]));
    for (line, expected) in told.iter().zip([0.8094, 0.8486]) {
        let found = line["probabilities"]["with"].as_f64().unwrap();
        assert!(line["label"] == "with" && (found - expected).abs() < 1e-4, "{line}");
    }
}

/// What training replaces need not fit; what is evaluated must.
#[test]
fn a_head_of_another_kind_is_replaced_and_never_evaluated() {
    let place = Place::new();
    let folder = small_model(&place.path(""), "bert", BERT);
    let config = fs::read_to_string(folder.join("config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&config).unwrap();
    config["problem_type"] = "multi_label_classification".into();
    fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let (model, data) = (folder.to_str().unwrap(), place.file("films.csv", reviews(40)));
    for args in [vec!["evaluate", model, "--data", &data], vec!["predict", model, "fine"]] {
        let refused = place.thaw(&args);
        assert_eq!(refused.status.code(), Some(1), "{args:?}");
        assert!(text(&refused.stderr).contains("multi-label"), "{}", text(&refused.stderr));
    }
    let shown = place.thaw(&["params", "--model", model]);
    assert!(text(&shown.stderr).contains("multi-label") && shown.status.success());
}

/// A vocabulary of letters and numbered words knows no Korean.
#[test]
fn unknown_words_are_said_before_training() {
    let place = Place::new();
    let folder = small_model(&place.path(""), "bert", BERT);
    let rows: String = (0..30).map(|i| format!("정말 재미 있는 영화 {i},{}\n", ["긍정", "부정"][i % 2])).collect();
    let data = place.file("nsmc.csv", format!("text,label\n{rows}"));
    let args = ["train", "--model", folder.to_str().unwrap(), "--data", &data, "--epochs", "1", "--max-length", "16"];
    let trained = place.thaw(&args);
    let said = text(&trained.stderr);
    assert!(trained.status.success() && said.contains("100 %") && said.contains("unknown"), "{said}");
}

#[test]
fn folders_that_are_no_models_point_to_what_is() {
    let place = Place::new();
    let checkpoint = place.path("trainer/checkpoint-500");
    fs::create_dir_all(&checkpoint).unwrap();
    fs::copy(small_model(&place.path(""), "bert", BERT).join("config.json"), checkpoint.join("config.json")).unwrap();
    for args in [vec!["params", "--model", "trainer"], vec!["predict", "trainer", "fine"]] {
        let args: Vec<String> = args.iter().map(|arg| arg.replace("trainer", &place.at("trainer"))).collect();
        let refused = place.thaw(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let said = text(&refused.stderr);
        assert!(said.contains("checkpoint-500") && said.contains("save_pretrained"), "{said}");
    }
}
