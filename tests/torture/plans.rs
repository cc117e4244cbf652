//! Plan files, and freezings by name.

use thaw::domain::freeze::Freeze;
use thaw::domain::timeline::PlanFile;
use thaw::worker::read_plan;

use super::harness::{Case, Scratch, Target, file, torture};

const WORDS: [&[u8]; 26] = [
    b"\"1\"",
    b"\"full\"",
    b"\"top:18446744073709551615\"",
    b"\"top:-1\"",
    b"\"biases\"",
    b"\"\"",
    b"\"*\"",
    b"\"[\"",
    b"\"{a,{b,c}\"",
    b"\"**/**/**\"",
    b"\"state\": \"frozen\"",
    b"\"from_epoch\": 0",
    b"\"stages\": []",
    b"\"rules\": []",
    b"\"learning_rates\": {}",
    b"null",
    b"-1",
    b"0",
    b"1e308",
    b"1e-320",
    b"\\u0000",
    b"[[[[[[[[",
    b"{\"a\":1}\n{\"a\":2}\n",
    b"\xef\xbb\xbf",
    b"\"layer_factor\": 0.5",
    b"\"layer_divisor\": 2.6",
];

#[test]
fn plan_files() {
    let seeds = [
        r#"{"freeze": "top:2", "learning_rates": {"layer_factor": 0.9, "groups": [{"parameters": "classifier.*", "factor": 10}]}}"#,
        r#"{"rules": [{"parameters": "encoder.layer.{4,5}.*", "state": "trainable"}, {"parameters": "*.bias", "state": "frozen"}]}"#,
        r#"{"stages": [{"from_epoch": 1, "freeze": "1"}, {"from_epoch": 2, "rules": [{"parameters": "pooler.*", "state": "trainable"}]}, {"from_epoch": 3, "freeze": "full"}], "learning_rates": {"layer_divisor": 2.6}}"#,
        "[\n {\"text\": \"a\"}\n]",
    ];
    let target = Target {
        name: "plans",
        seeds: seeds.iter().map(|text| vec![("plan.json", text.as_bytes().to_vec())]).collect(),
        words: WORDS.into(),
    };
    let place = Scratch::new();
    torture!(target, move |case: &Case, choice| {
        let bytes = file(case, "plan.json").unwrap();
        // The file costs more than its content, so that most plans are read as the file's reader reads them.
        let freeze = if choice % 4 == 0 {
            read_plan(&place.write("plan.json", bytes))?
        } else {
            let Ok(plan) = serde_json::from_slice::<PlanFile>(bytes) else { return Ok(()) };
            plan.freezing()?
        };
        let written = serde_json::to_vec(&PlanFile::of(&freeze)).unwrap();
        let again: PlanFile = serde_json::from_slice(&written).unwrap();
        assert_eq!(again.freezing().as_ref(), Ok(&freeze), "what is written is read again");
        if let Some(named) = Freeze::parse_name(&freeze.name()) {
            assert_eq!(named.name(), freeze.name());
        }
        Ok(())
    });
}
