//! Products in bf16, frozen layers in 8 bits, and the variable that limits the instruction sets.

use safetensors::SafeTensors;

use super::small_model::small_model;
use super::*;

const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
const SHORT: [&str; 6] = ["--max-length", "64", "--epochs", "1", "--batch-size", "8"];

/// The program with `THAW_CPU`.
fn limited(place: &Place, cpu: &str, args: &[&str]) -> Output {
    let mut command = assert_cmd::cargo::cargo_bin_cmd!("thaw");
    command.env("THAW_LANGUAGE", "en").env("THAW_RUNS_DIR", place.path("runs")).env("THAW_CPU", cpu);
    command.timeout(DEADLINE).args(args).output().unwrap()
}

/// Trains the tiny BERT, and returns the events with what the program warned of.
fn trained(place: &Place, dir: &str, more: &[&str]) -> (Vec<Value>, String) {
    let model = place.path("bert");
    if !model.exists() {
        small_model(place.0.path(), "bert", SPECIAL);
    }
    let (data, model) = (place.file("films.csv", reviews(60)), model.to_str().unwrap().to_owned());
    let args = ["train", "--data", &data, "--model", &model, "--out", dir, "--json"];
    let output = place.thaw(&[&args[..], &SHORT[..], more].concat());
    (lines(&output), text(&output.stderr).to_owned())
}

#[test]
fn a_run_in_bf16_says_so_and_other_runs_say_nothing() {
    let Run { place: of_run, lines: plain, dir: plain_dir } = run();
    assert!(plain[0].get("precision").is_none() && plain[0].get("frozen_precision").is_none());
    let place = Place::new();
    let (events, warned) = trained(&place, &place.at("run"), &["--freeze", "full", "--precision", "bf16"]);
    // A processor without the instructions stays at f32.
    match events[0].get("precision") {
        Some(precision) => assert!(precision == "bf16" && !warned.contains("bf16"), "{precision} {warned}"),
        None => assert!(warned.contains("bf16"), "{warned}"),
    }
    assert_eq!(json(&place.at("run"), "settings.json")["config"]["training"]["precision"], "bf16");
    // An evaluation computes as the run did, unless it is told otherwise.
    let mut again = lines(&place.thaw(&["evaluate", &place.at("run"), "--json"])).remove(0);
    let told = again.as_object_mut().unwrap().shift_remove("precision");
    assert_eq!(told, events[0].get("precision").cloned());
    assert_eq!(&as_tested(&again), of_kind(&events, "test_evaluated")[0]);
    let measured = |more: &[&str]| {
        lines(&of_run.thaw(&[&["evaluate", plain_dir, "--json"], more].concat()))[0]["loss"].as_f64().unwrap()
    };
    let (own, exact, rounded) = (measured(&[]), measured(&["--precision", "f32"]), measured(&["--precision", "bf16"]));
    assert_eq!(own, exact);
    assert!((rounded - exact).abs() < 0.02, "{rounded} and {exact}");
}

#[test]
fn thaw_cpu_limits_what_a_run_computes_with() {
    let place = Place::new();
    let data = place.file("films.csv", reviews(60));
    let model = small_model(place.0.path(), "bert", SPECIAL).to_str().unwrap().to_owned();
    let args = [&["train", "--data", &data, "--model", &model, "--json", "--freeze", "3"], &SHORT[..]].concat();
    let refused = limited(&place, "nonsense", &args);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("THAW_CPU") && said.contains("nonsense") && said.contains("avx512, avx2"), "{said}");

    let fewer = ["--precision", "bf16", "--frozen-precision", "int8"];
    let plain = limited(&place, "plain", &[&args[..], &fewer].concat());
    let (events, warned) = (lines(&plain), text(&plain.stderr));
    assert!(events[0].get("precision").is_none() && events[0].get("frozen_precision").is_none(), "{}", events[0]);
    assert!(warned.contains("bf16") && warned.contains("int8"), "{warned}");
    let same = lines(&limited(&place, "plain", &args));
    let losses =
        |events: &[Value]| -> Vec<Value> { of_kind(events, "step").iter().map(|step| step["loss"].clone()).collect() };
    assert_eq!(losses(&events), losses(&same), "it computes in f32");
}

#[test]
fn frozen_layers_in_8_bits_are_saved_as_they_were() {
    let place = Place::new();
    let dir = place.at("run");
    let (events, _) = trained(&place, &dir, &["--freeze", "3", "--frozen-precision", "int8"]);
    let Some(held) = events[0].get("frozen_precision") else {
        return eprintln!("this processor gains nothing by 8 bits");
    };
    assert_eq!(held, "int8");
    let [before, after] =
        [place.at("bert"), dir.clone()].map(|folder| fs::read(Path::new(&folder).join("model.safetensors")).unwrap());
    let [before, after] = [&before, &after].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let mut frozen = 0;
    for (name, tensor) in before.tensors() {
        let is_below = name.contains("embeddings") || name.contains("layer.0.") || name.contains("layer.1.");
        if is_below {
            assert_eq!(after.tensor(&name).unwrap().data(), tensor.data(), "{name}");
            frozen += 1;
        }
    }
    assert_eq!(frozen, 5 + 2 * 16);
    let proof = of_kind(&events, "freeze_proven")[0];
    assert_eq!(proof["unchanged"].as_u64(), Some(frozen), "{proof}");
    assert!(place.thaw(&["params", &dir]).status.success());

    // The saved model is what is tested; beside it stands the one that was trained.
    let test = of_kind(&events, "test_evaluated")[0];
    let frozen = &test["frozen"];
    assert_eq!(frozen["precision"], "int8");
    let difference = frozen["accuracy"].as_f64().unwrap() - test["accuracy"].as_f64().unwrap();
    assert!((frozen["difference"].as_f64().unwrap() - difference).abs() < 1e-12, "{test}");
    let mut again = lines(&place.thaw(&["evaluate", &dir, "--json"])).remove(0);
    again["frozen"] = frozen.clone();
    assert_eq!(&as_tested(&again), test);
}

#[test]
fn where_nothing_is_frozen_below_nothing_is_held_in_fewer_bits() {
    let place = Place::new();
    let (plain, silent) = trained(&place, &place.at("plain"), &["--freeze", "full"]);
    let (events, warned) = trained(&place, &place.at("int8"), &["--freeze", "full", "--frozen-precision", "int8"]);
    assert!(!silent.contains("int8") && warned.contains("int8"), "{silent}{warned}");
    let timeless = |events: &[Value]| events.iter().map(timeless).collect::<Vec<_>>();
    assert_eq!(timeless(&events), timeless(&plain));
}
