//! `thaw explain`: the words behind a prediction.

use super::*;

#[test]
fn every_word_has_its_place_its_share_and_what_is_predicted_without_it() {
    let Run { place, dir, .. } = run();
    let sentence = "A *moving*<br />film, 😀 empty";
    let told = lines(&place.thaw(&["explain", dir, sentence, "", "--json"]));
    let line = &told[0];
    assert_eq!(keys(line), ["text", "label", "probabilities", "words", "completeness_error", "steps"]);
    let letters: Vec<char> = sentence.chars().collect();
    let words = line["words"].as_array().unwrap();
    for word in words {
        assert_eq!(keys(word), ["word", "start", "end", "attribution", "without"]);
        let range = word["start"].as_u64().unwrap() as usize..word["end"].as_u64().unwrap() as usize;
        assert_eq!(word["word"], letters[range].iter().collect::<String>());
        assert!(word["attribution"].is_f64() && word["without"].is_f64(), "{word}");
    }
    let named: Vec<&str> = words.iter().map(|word| word["word"].as_str().unwrap()).collect();
    assert_eq!(named, ["A", "*", "moving", "*", "film", ",", "😀", "empty"]);

    // The prediction is that of `thaw predict`, and so is each one without a word.
    let less = "A *moving*<br />film, 😀";
    let asked = lines(&place.thaw(&["predict", dir, sentence, less, "--json"]));
    let label = line["label"].as_str().unwrap();
    assert_eq!((label, &line["probabilities"]), (asked[0]["label"].as_str().unwrap(), &asked[0]["probabilities"]));
    let (found, wanted) = (words[7]["without"].as_f64().unwrap(), asked[1]["probabilities"][label].as_f64().unwrap());
    assert!((found - wanted).abs() < 1e-6, "{found} {wanted}");
    assert!(line["completeness_error"].as_f64().unwrap() >= 0.0 && line["steps"].as_u64().unwrap() >= 8);

    assert_eq!((&told[1]["words"], &told[1]["steps"]), (&serde_json::json!([]), &serde_json::json!(0)));
}

#[test]
fn people_read_bars_and_whether_to_believe_them() {
    let Run { place, dir, .. } = run();
    let readable = place.thaw(&["explain", dir, "awful acting and a dull film"]);
    let readable = text(&readable.stdout);
    for told in ["│", "awful", "completeness error", "words deleted", "do not believe the bars"] {
        assert!(readable.contains(told), "{told}: {readable}");
    }
    assert!(!readable.contains('{'), "{readable}");
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let Run { place, dir, .. } = run();
    for (wrong, status, told) in [
        (&["explain", &place.at("nowhere"), "x"][..], 1, "nowhere"),
        (&["explain", dir, "x", "--second", "y"], 1, "one text a row"),
        (&["explain", dir, "x", "z", "--second", "y"], 1, "2 texts for 1 second text"),
        (&["explain", dir], 2, "TEXT"),
    ] {
        let refused = place.thaw(wrong);
        assert_eq!(refused.status.code(), Some(status), "{wrong:?}");
        assert!(text(&refused.stderr).contains(told), "{wrong:?}: {}", text(&refused.stderr));
    }
}
