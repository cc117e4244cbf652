//! `thaw doctor` tells what this computer is to the program, and tests the engine on it.

use super::*;

#[test]
fn doctor_tells_the_machine_and_passes_its_own_test() {
    let place = Place::new();
    let printed = place.thaw(&["doctor", "--json"]);
    assert_eq!(printed.status.code(), Some(0), "{}", text(&printed.stderr));
    let told = lines(&printed);
    assert_eq!(told.len(), 1, "one object");
    let told = &told[0];
    for key in [
        "thaw_version",
        "system",
        "architecture",
        "processor",
        "products",
        "memory",
        "graphics",
        "file_dialogs",
        "hub",
        "runs",
    ] {
        assert!(!told[key].is_null(), "{key}");
    }
    assert_eq!(told["runs"]["folder"], place.at("runs"));
    assert!(told["processor"]["threads_used"].as_u64() >= Some(1));
    let of_f32 = &told["products"][0];
    assert_eq!(of_f32["precision"], "f32");
    assert!(of_f32["runs"].as_array().unwrap().contains(&of_f32["kernel"]));

    let test = &told["self_test"];
    assert_eq!((&test["passed"], &test["stopped"]), (&true.into(), &false.into()));
    let checks = test["checks"].as_array().unwrap();
    for kind in
        ["kernel", "threads", "candle_transformers", "composed_logits", "composed_gradients", "finite_differences"]
    {
        assert!(checks.iter().any(|check| check["kind"] == kind), "{kind}");
    }
    // Every kernel that the processor runs is checked, not only the chosen one.
    let runs = told["products"].as_array().unwrap().iter().map(|of| of["runs"].as_array().unwrap().len());
    assert_eq!(checks.iter().filter(|check| check["kind"] == "kernel").count(), runs.sum::<usize>());
    for check in checks {
        assert!(check["passed"] == true && check["error"].as_f64() <= check["limit"].as_f64(), "{check}");
    }
    let speeds = &test["speeds"];
    assert!(speeds["peak_gflop_per_sec"].as_f64() > Some(0.0) && speeds["products"][0]["gflop_per_sec"].is_f64());
    let training = &speeds["training"];
    assert!(training["rows_per_sec"].as_f64() > Some(0.0) && training["share_of_peak"].as_f64() > Some(0.0));
}

/// Whoever reads along knows which check came before one that ends the process.
#[test]
fn each_check_is_told_as_soon_as_it_is_done() {
    let place = Place::new();
    let mut started = place.start(&["doctor"]);
    let mut told = String::new();
    let mut lines = BufReader::new(started.stdout.take().unwrap()).lines();
    while !told.contains("plain Rust in f32, against") {
        told += &(lines.next().expect("a check").unwrap() + "\n");
    }
    for part in ["Products in f32", "Hugging Face Hub", "\nSelf-test\npassed  "] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(started.try_wait().unwrap().is_none(), "the other checks are still to come");
}
