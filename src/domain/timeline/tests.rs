use super::*;
use crate::domain::params::{Block, ModelFacts, Part};

fn tree(layers: usize) -> ParamTree {
    let parameter = |name: String, part| Parameter { name, shape: vec![2, 2], part };
    let mut parameters = vec![parameter("embeddings.word_embeddings.weight".into(), Part::Embeddings)];
    for index in 0..layers {
        for end in ["weight", "bias"] {
            let part = Part::Layer { index, block: Block::FeedForward };
            parameters.push(parameter(format!("encoder.layer.{index}.output.dense.{end}"), part));
        }
    }
    parameters.push(parameter("pooler.dense.weight".into(), Part::Pooler));
    parameters.push(parameter("classifier.weight".into(), Part::Classifier));
    let facts = ModelFacts { layers, family: "bert".into(), ..ModelFacts::default() };
    ParamTree { facts, parameters }
}

fn read(text: &str) -> Outcome<Freeze> {
    serde_json::from_str::<PlanFile>(text).unwrap().freezing()
}

#[test]
fn every_slip_is_told_by_its_field() {
    let refusal = |text: &str| {
        let problem = match read(text) {
            Err(problem) => problem,
            Ok(freeze) => freeze.unfreezing(&tree(2)).and_then(|plan| plan.check().map(|()| plan)).unwrap_err(),
        };
        problem.to_string()
    };
    let stages = |stages: &str| format!(r#"{{"stages": [{stages}]}}"#);
    let rates = |rates: &str| format!(r#"{{"freeze": "full", "learning_rates": {{{rates}}}}}"#);
    for (text, expected) in [
        ("{}".to_owned(), r#"plan-choice place="""#),
        (stages(""), "plan-no-stage"),
        (stages(r#"{"from_epoch": 2, "freeze": "1"}"#), r#"plan-first-stage epoch="2""#),
        (stages(r#"{"from_epoch": 1}"#), r#"plan-choice place="stages[0].""#),
        (stages(r#"{"from_epoch": 1, "freeze": "4"}"#), r#"plan-unknown-freeze place="stages[0]." name="4""#),
        (
            stages(r#"{"from_epoch": 1, "freeze": "1"}, {"from_epoch": 1, "freeze": "full"}"#),
            r#"plan-stages-out-of-order stage="1" epoch="1" before="1""#,
        ),
        (
            stages(r#"{"from_epoch": 1, "freeze": "1"}, {"from_epoch": 3, "rules": []}"#),
            r#"plan-stage-nothing-trains stage="1" epoch="3""#,
        ),
        (
            stages(
                r#"{"from_epoch": 1, "rules": [{"parameters": "encoder.layer.7.*", "state": "trainable"}]},
                   {"from_epoch": 2, "freeze": "1"}"#,
            ),
            r#"freeze-rule-matches-nothing rule="encoder.layer.7.*""#,
        ),
        (rates(r#""layer_factor": 2.6"#), r#"plan-layer-factor value="2.6""#),
        (rates(r#""layer_factor": 0"#), r#"plan-layer-factor value="0""#),
        (rates(r#""layer_divisor": 0.95"#), r#"plan-layer-divisor value="0.95""#),
        (rates(r#""layer_divisor": 2, "layer_factor": 0.5"#), "plan-layer-both"),
        (
            rates(r#""groups": [{"parameters": "pooler.*", "factor": -1}]"#),
            r#"plan-group-factor group="0" parameters="pooler.*" value="-1" most="1000""#,
        ),
        (
            rates(r#""groups": [{"parameters": "head.*", "factor": 1}]"#),
            r#"plan-group-matches-nothing group="0" parameters="head.*""#,
        ),
    ] {
        assert_eq!(refusal(&text), expected, "{text}");
    }
    let unknown = serde_json::from_str::<PlanFile>(r#"{"stages": [{"from_epoch": 1, "freez": "1"}]}"#).unwrap_err();
    assert!(unknown.to_string().contains("unknown field `freez`"), "{unknown}");
}

#[test]
fn factors_fall_from_the_last_layer_down_and_groups_come_on_top() {
    let freeze = read(
        r#"{"rules": [{"parameters": "*", "state": "trainable"}],
            "learning_rates": {"layer_divisor": 2, "groups": [{"parameters": "bert.embeddings.*", "factor": 0.1}]}}"#,
    );
    let plan = freeze.unwrap().unfreezing(&tree(3)).unwrap();
    assert_eq!(plan.factors, [0.125 * 0.1, 0.25, 0.25, 0.5, 0.5, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
fn plain_plans_are_what_they_were_and_every_freezing_comes_back_from_its_file() {
    let rules = r#"{"rules": [{"parameters": "pooler.*", "state": "trainable"}]}"#;
    assert!(matches!(read(rules), Ok(Freeze::Plan(_))));
    let tree = tree(4);
    let timeline = |template: Template| Timeline {
        stages: template.stages(&tree, 3),
        learning_rates: LearningRates { layer_divisor: Some(ULMFIT_DIVISOR), ..LearningRates::default() },
    };
    let all = Template::ALL.map(|template| Freeze::Timeline(timeline(template)));
    for freeze in all.into_iter().chain([Freeze::Preset2, Freeze::Top(3), read(rules).unwrap()]) {
        let file = serde_json::to_string(&PlanFile::of(&freeze)).unwrap();
        assert_eq!(read(&file), Ok(freeze.clone()), "{file}");
        // It comes back from a run's settings, too.
        let settings = serde_json::to_string(&freeze).unwrap();
        assert_eq!(serde_json::from_str::<Freeze>(&settings).unwrap(), freeze, "{settings}");
    }
}

#[test]
fn templates_thaw_what_they_say() {
    let tree = tree(4);
    let stages = |template: Template, epochs| -> Vec<(usize, String)> {
        let named = |stage: PlannedStage| (stage.from_epoch, stage.freeze.name());
        template.stages(&tree, epochs).into_iter().map(named).collect()
    };
    let named = |stages: &[(usize, &str)]| stages.iter().map(|(e, n)| (*e, (*n).to_owned())).collect::<Vec<_>>();
    assert_eq!(stages(Template::HeadFirst, 5), named(&[(1, "2"), (3, "full")]));
    // There are four layers and the embeddings, of which one more trains with each epoch after the first.
    let one_by_one = named(&[(1, "2"), (2, "3"), (3, "top:2"), (4, "top:3"), (5, "top:4"), (6, "full")]);
    assert_eq!(stages(Template::FromTop, 8), one_by_one);
    assert_eq!(stages(Template::FromTop, 3), named(&[(1, "2"), (2, "top:3"), (3, "full")]));
    assert_eq!(stages(Template::FromBottom, 2).last().unwrap(), &(2, "full".to_owned()));
    let bottom = Template::FromBottom.stages(&tree, 6);
    let first = bottom[0].freeze.resolve(&tree).unwrap();
    assert!(first[0] && !first[1] && first[9] && first[10]);
    assert_eq!(stages(Template::FromTop, 1).len(), 1);
}

#[test]
fn a_run_has_the_stages_that_it_reaches() {
    let freeze = read(
        r#"{"stages": [{"from_epoch": 1, "freeze": "1"}, {"from_epoch": 3, "freeze": "3"},
                       {"from_epoch": 6, "freeze": "full"}]}"#,
    );
    let plan = freeze.unwrap().unfreezing(&tree(2)).unwrap();
    let within = |epochs| plan.within(epochs).map(|(stage, n)| (stage.from_epoch, n)).collect::<Vec<_>>();
    assert_eq!(within(10), [(1, 2), (3, 3), (6, 5)]);
    assert_eq!(within(3), [(1, 2), (3, 1)]);
    assert_eq!((1..=7).map(|e| plan.stage_of(e)).collect::<Vec<_>>(), [0, 0, 1, 1, 1, 2, 2]);
}
