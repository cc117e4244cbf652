//! What people type: answers to questions, names of models and of freezings, weights and maps of classes.

use thaw::domain::class_weights::ClassWeights;
use thaw::domain::freeze::Freeze;
use thaw::domain::hub::ModelId;
use thaw::domain::labels::parse_map;
use thaw::domain::lesson::{Question, QuestionKind, Text};

use super::harness::{Case, Target, file, torture};

const WORDS: [&[u8]; 30] = [
    b"0",
    b"1",
    b"2",
    b"-1",
    b"0,5",
    b"1e400",
    b"nan",
    b"inf",
    b"+",
    b"18446744073709551616",
    b" ",
    b"\0",
    b"/",
    b"@",
    b"..",
    b"--",
    b"=",
    b",",
    b"==",
    b"top:",
    b"full",
    b"balanced",
    b"https://huggingface.co/",
    b"main",
    b"\xea\xb0\x80",
    b"\xe2\x80\x8b",
    b"\xff",
    b"a",
    b"\n",
    b"0x10",
];

#[test]
fn typed_fields() {
    let typed = [
        "2",
        " 0.5 ",
        "Because it was frozen.",
        "klue/bert-base@main",
        "https://huggingface.co/google/electra-small-discriminator/",
        "top:3",
        "biases",
        "balanced",
        "negative=2, positive=0.5",
        "Health, beauty=3,a=b=1",
        "0=NEGATIVE,1=POSITIVE",
        "\"a, b\"=c",
    ];
    let target = Target {
        name: "typed",
        seeds: typed.iter().map(|text| vec![("text", text.as_bytes().to_vec())]).collect(),
        words: WORDS.into(),
    };
    let question = |kind, right| Question {
        kind,
        choices: if kind == QuestionKind::Choice { vec![Text::default(); 3] } else { Vec::new() },
        right,
        tolerance: Some(0.1),
        points: Some(2),
        explanation: None,
    };
    let questions = [
        question(QuestionKind::Choice, Some(2.0)),
        question(QuestionKind::Number, Some(0.5)),
        question(QuestionKind::Text, None),
    ];
    torture!(target, move |case: &Case, choice| {
        let text = String::from_utf8_lossy(file(case, "text").unwrap());
        match choice % 6 {
            0 => {
                let id = ModelId::parse(&text)?;
                assert_eq!(ModelId::parse(&id.to_string()).as_ref(), Ok(&id), "a name is read as it is written");
                assert!(
                    !id.repo.split('/').chain(id.revision().split('/')).any(|part| matches!(part, "" | "." | ".."))
                );
            }
            1 => {
                if let Some(freeze) = Freeze::parse_name(&text) {
                    assert_eq!(Freeze::parse_name(&freeze.name()), Some(freeze));
                }
            }
            2 => {
                if let Some(weights) = ClassWeights::parse(&text)
                    && weights.check().is_ok()
                    && let ClassWeights::Named(named) = &weights
                {
                    assert!(named.values().all(|weight| weight.is_finite()));
                }
            }
            3 => drop(parse_map(&text)),
            _ => {
                for question in &questions {
                    let right = question.is_right(&text);
                    assert_eq!(question.earns(&text), right.map(|right| if right { 2 } else { 0 }));
                    assert!(right != Some(true) || question.takes(&text), "a right answer is one: {text:?}");
                }
            }
        }
        Ok(())
    });
}
