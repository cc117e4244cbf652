use super::stored::stored_run;
use super::*;
use crate::app::explore::{ExploreAction, RowAsked};
use crate::app::why::WhyAction;
use crate::domain::config::{ClassifierSource, ModelSource};
use crate::domain::explanation::{AttentionMap, Depth, ExplainedWord, Explanation};
use crate::domain::message::Prediction;
use crate::domain::selection::Selection;

/// A run has ended, and "a dull film" was sent to its model.
fn asked() -> Window {
    let mut state = ready(1000);
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    update(&mut state, RunAction::SetSentence("a dull film".into()));
    update(&mut state, RunAction::Predict);
    tell(&mut state, Answer::Predictions(vec![prediction("a dull film", 0.9)]));
    state
}

fn prediction(text: &str, p: f64) -> Prediction {
    let probabilities = vec![("0".into(), p), ("1".into(), 1.0 - p)];
    Prediction { text: text.into(), second: None, label: "0".into(), probabilities, pieces: Vec::new() }
}

fn explanation(depth: Depth) -> Answer {
    let word = |word: &str, start: usize| ExplainedWord {
        word: word.into(),
        is_second: false,
        start,
        end: start + word.len(),
        attribution: Some(0.5),
        gradient_input: Some(0.5),
        without: None,
    };
    Answer::Explanation(Box::new(Explanation {
        prediction: prediction("a dull film", 0.9),
        words: vec![word("a", 0), word("dull", 2), word("film", 7)],
        completeness_error: 0.01,
        steps: 8,
        depth,
        deletions: Vec::new(),
    }))
}

/// The explanations that were asked for, with the models asked.
fn explained(commands: &[Command]) -> Vec<(Depth, Option<ClassifierSource>)> {
    let explained = commands.iter().filter_map(|command| match command {
        Command::Ask(_, Question::Explanation { model, depth, texts }) => {
            assert_eq!(*texts, "a dull film".into());
            Some((*depth, model.clone()))
        }
        _ => None,
    });
    explained.collect()
}

#[test]
fn a_coarse_picture_comes_first_and_is_refined() {
    let mut state = asked();
    let first = update(&mut state, WhyAction::Open(true));
    assert_eq!(explained(&first), [(Depth::Coarse, None)], "the model at hand is asked");
    let more = tell(&mut state, explanation(Depth::Coarse));
    assert_eq!(explained(&more), [(Depth::Words, None)]);
    assert_eq!(state.why.of_run().unwrap().depth, Depth::Coarse, "it is shown meanwhile");
    assert_eq!(explained(&tell(&mut state, explanation(Depth::Words))), [(Depth::Deletions, None)]);
    assert!(tell(&mut state, explanation(Depth::Deletions)).is_empty());
    assert_eq!(state.why.of_run().unwrap().depth, Depth::Deletions);
    assert!(update(&mut state, WhyAction::Open(true)).is_empty(), "it is there already");

    // A text that differs by a blank alone is not explained again. Another one is, and the former explanation is gone.
    update(&mut state, RunAction::SetSentence("a dull film ".into()));
    assert!(explained(&update(&mut state, RunAction::Predict)).is_empty());
    tell(&mut state, Answer::Predictions(vec![prediction("a dull film", 0.9)]));
    update(&mut state, RunAction::SetSentence("fine".into()));
    update(&mut state, RunAction::Predict);
    assert!(state.why.of_run().is_none());
}

#[test]
fn other_models_stand_beside() {
    let mut state = asked();
    update(&mut state, WhyAction::Open(true));
    let asked = update(&mut state, WhyAction::ShowPretrained(true));
    let head = ClassifierSource {
        model: ModelSource::Bundled,
        head: Some("runs/one".into()),
        is_ancestor: true,
        precision: None,
    };
    assert_eq!(explained(&asked), [(Depth::Coarse, Some(head))]);
    let asked = update(&mut state, WhyAction::ShowOther(Some("runs/two".into())));
    assert_eq!(explained(&asked), [(Depth::Coarse, Some(PathBuf::from("runs/two").into()))]);
    refuse(&mut state, |q| matches!(q, Question::Explanation { .. }), Problem::internal("no"));
    assert!(state.why.columns[2].explanation.failed().is_some() && state.shell.notices.is_empty());
    update(&mut state, WhyAction::ShowPretrained(false));
    assert_eq!(state.why.columns.len(), 2);
}

#[test]
fn a_clicked_word_is_deleted_and_replaced() {
    let mut state = asked();
    update(&mut state, WhyAction::Open(true));
    tell(&mut state, explanation(Depth::Coarse));
    let text = |commands: &[Command]| match commands {
        [Command::Ask(_, Question::Predictions { texts, .. })] => texts[0].text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(text(&update(&mut state, WhyAction::ChooseWord(1))), "a film");
    tell(&mut state, Answer::Predictions(vec![prediction("a film", 0.4)]));
    let change = state.why.change.clone().unwrap();
    assert_eq!(change.prediction.ready().map(|found| found[0].probabilities[0].1), Some(0.4));
    assert_eq!(state.run.prediction.ready().unwrap()[0].text, "a dull film", "Try's own answer stays");
    update(&mut state, WhyAction::SetReplacement("fine".into()));
    assert_eq!(text(&update(&mut state, WhyAction::Change)), "a fine film");
    update(&mut state, WhyAction::ChooseWord(1));
    assert!(state.why.change.is_none());
}

#[test]
fn another_run_has_other_reasons() {
    let mut state = asked();
    update(&mut state, WhyAction::Open(true));
    tell(&mut state, explanation(Depth::Coarse));
    update(&mut state, RunsAction::Open { dir: "runs/two".into(), purpose: Purpose::Show });
    let other = StoredRun { dir: "runs/two".into(), ..(*stored_run()).clone() };
    tell(&mut state, Answer::Run(Arc::new(other)));
    tell(&mut state, Answer::Runs(Vec::new()));
    assert!(state.why.columns.is_empty() && state.why.is_open);
}

#[test]
fn attention_is_asked_layer_by_layer() {
    let mut state = asked();
    update(&mut state, WhyAction::Open(true));
    let layer = |commands: &[Command]| match commands {
        [Command::Ask(_, Question::Attention { layer, .. })] => Some(*layer),
        [] => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(layer(&update(&mut state, WhyAction::ShowAttention(true))), Some(0));
    assert_eq!(layer(&update(&mut state, WhyAction::SetLayer(3))), Some(3));
    let map = AttentionMap { tokens: vec!["[CLS]".into()], layer: 3, layers: 4, heads: 2, weights: vec![1.0, 1.0] };
    update(&mut state, WhyAction::SetHead(Some(5)));
    update(&mut state, WhyAction::ChooseToken(9));
    tell(&mut state, Answer::Attention(Box::new(map)));
    let shown = &state.why.attention;
    assert_eq!((shown.head, shown.token), (None, 0), "another model may have fewer heads, another text fewer tokens");
    assert_eq!(layer(&update(&mut state, WhyAction::ShowAttention(false))), None);
}

#[test]
fn a_row_of_other_runs_opens_the_first_of_them_and_asks_it() {
    let mut state = asked();
    let runs: Vec<PathBuf> = ["runs/two", "runs/three"].map(PathBuf::from).to_vec();
    update(&mut state, ExploreAction::Open { runs, selection: Selection::default() });
    let row = RowAsked { texts: "a dull film".into(), with_reasons: true };
    let opens = update(&mut state, ExploreAction::Ask(row.clone()));
    let is_opened = |command: &Command| matches!(command, Command::Ask(_, Question::Run(dir)) if dir.ends_with("two"));
    assert!(opens.iter().any(is_opened), "{opens:?}");
    let other = StoredRun { dir: "runs/two".into(), ..(*stored_run()).clone() };
    let asks = tell(&mut state, Answer::Run(Arc::new(other)));
    let models: Vec<_> = explained(&asks).into_iter().map(|(_, model)| model.map(|source| source.model)).collect();
    let folder = |dir: &str| Some(ModelSource::Folder(dir.into()));
    assert_eq!(models, [folder("runs/two"), folder("runs/three")]);
    assert_eq!((state.shell.view, state.run.sentence.as_str()), (View::Try, "a dull film"));
    // The run that is on the screen now is asked at once.
    let again = update(&mut state, ExploreAction::Ask(row));
    assert!(!again.iter().any(is_opened) && state.shell.view == View::Try);
}
