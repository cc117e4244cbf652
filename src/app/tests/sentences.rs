use super::*;
use crate::app::sentences::{MOST, SentencesAction, can_keep};
use crate::app::why::{Whose, WhyAction};
use crate::domain::config::ClassifierSource;
use crate::domain::message::Prediction;

fn answers(labels: &[&str]) -> Answer {
    let answer = |label: &&str| Prediction {
        text: String::new(),
        second: None,
        label: (*label).into(),
        probabilities: vec![("0".into(), 0.5), ("1".into(), 0.5)],
        pieces: Vec::new(),
    };
    Answer::Predictions(labels.iter().map(answer).collect())
}

/// Returns the model and the texts that each command asks about.
fn asked(commands: &[Command]) -> Vec<(Option<ClassifierSource>, Vec<String>)> {
    let of = |command: &Command| match command {
        Command::Ask(_, Question::Predictions { texts, model }) => {
            (model.clone(), texts.iter().map(|texts| texts.text.clone()).collect())
        }
        other => panic!("{other:?}"),
    };
    commands.iter().map(of).collect()
}

fn run_ended_in(run_dir: Option<PathBuf>) -> RunEvent {
    let RunEvent::RunEnded(ended) = run_ended(RunOutcome::Completed) else { panic!() };
    RunEvent::RunEnded(RunEnded { run_dir, ..ended })
}

fn ended() -> Window {
    let mut state = ready(1000);
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    update(&mut state, Action::ShowView(View::Try));
    state
}

fn keep(state: &mut Window, text: &str) -> Vec<Command> {
    update(state, RunAction::SetSentence(text.into()));
    update(state, SentencesAction::Keep)
}

#[test]
fn kept_sentences_have_the_answers_of_several_models_side_by_side() {
    let mut state = ended();
    assert_eq!(asked(&keep(&mut state, " a dull film ")), [(None, vec!["a dull film".into()])]);
    tell(&mut state, answers(&["0"]));
    assert_eq!(asked(&keep(&mut state, "fine")), [(None, vec!["a dull film".into(), "fine".into()])]);
    tell(&mut state, answers(&["0", "1"]));
    assert!(keep(&mut state, "fine").is_empty() && !can_keep(&state.run, &state.shell.settings.sentences));
    let both = vec!["a dull film".to_owned(), "fine".to_owned()];
    let head = ClassifierSource {
        model: ModelSource::Bundled,
        head: Some("runs/one".into()),
        is_ancestor: true,
        precision: None,
    };
    assert_eq!(asked(&update(&mut state, WhyAction::ShowPretrained(true))), [(Some(head), both.clone())]);
    let other = update(&mut state, WhyAction::ShowOther(Some("runs/two".into())));
    assert_eq!(asked(&other), [(Some(PathBuf::from("runs/two").into()), both)]);
    refuse(&mut state, |q| matches!(q, Question::Predictions { .. }), Problem::new("run-not-found"));
    let whose: Vec<Whose> = state.sentences.columns.iter().map(|column| column.whose.clone()).collect();
    assert_eq!(whose, [Whose::Run, Whose::Pretrained, Whose::Other("runs/two".into())]);
    assert!(state.sentences.columns[2].answers.failed().is_some() && state.shell.notices.is_empty());
    update(&mut state, WhyAction::ShowOther(None));
    assert_eq!(state.sentences.columns.len(), 2);

    assert_eq!(asked(&update(&mut state, SentencesAction::Remove(0))).len(), 2);
    assert_eq!(state.settings_to_save().sentences, ["fine".into()], "the next session has them");
    assert_eq!(asked(&update(&mut state, SentencesAction::Use(0))), [(None, vec!["fine".into()])]);
    assert!(!state.sentences.is_open && state.run.sentence == "fine");
    assert!(keep(&mut state, "unseen").len() == 2, "it is shown at once");
    for n in 0..MOST {
        keep(&mut state, &format!("film {n}"));
    }
    assert_eq!(state.shell.settings.sentences.len(), MOST);
}

#[test]
fn a_run_answers_while_it_is_paused() {
    let mut state = ready(1000);
    state.shell.settings.sentences = vec!["fine".into()];
    let run = started(&mut state);
    tell_run(&mut state, run, run_started(300));
    tell_run(&mut state, run, step(1));
    update(&mut state, Action::ShowView(View::Try));
    update(&mut state, RunAction::SetSentence("a dull film".into()));
    assert!(update(&mut state, RunAction::Predict).is_empty() && !state.can_predict());
    update(&mut state, SentencesAction::Show(true));
    update(&mut state, WhyAction::ShowPretrained(true));
    let of_paused = |commands: &[Command]| match commands {
        [Command::Ask(_, Question::PausedPredictions(texts))] => texts[0].text.clone(),
        other => panic!("{other:?}"),
    };
    // The pre-trained model has no head of a run that is under way.
    assert_eq!(of_paused(&note_run(&mut state, run, RunNotice::Paused(true))), "fine");
    assert_eq!(of_paused(&update(&mut state, RunAction::Predict)), "a dull film");
    assert!(!state.sentences.is_open, "whoever asks about one sentence looks at that one");
    assert_eq!((state.run.asked_at, state.can_predict()), (Some(1), true));
    let id = state.newest(|question| matches!(question, Question::PausedPredictions(_)));
    hear(&mut state, Event::Answer(id, Ok(answers(&["1"]))));
    assert!(state.run.prediction.ready().is_some());
    note_run(&mut state, run, RunNotice::Paused(false));
    assert!(state.run.prediction.latest().is_none(), "the model is another one by now");
}

#[test]
fn answers_of_one_run_never_stand_below_the_name_of_another() {
    let mut state = ended();
    keep(&mut state, "fine");
    tell(&mut state, answers(&["0"]));
    update(&mut state, WhyAction::ShowOther(Some("runs/zero".into())));
    tell(&mut state, answers(&["1"]));
    let first = state.run.last_dir.clone();
    assert_eq!(state.sentences.columns(&state.run).len(), 2);

    // Another run is trained, and Try is opened before it ends.
    update(&mut state, Action::ShowView(View::Live));
    let run = started(&mut state);
    tell_run(&mut state, run, run_started(300));
    update(&mut state, Action::ShowView(View::Try));
    assert!(state.sentences.columns(&state.run).is_empty(), "they are those of the run before");
    let dir = Some(PathBuf::from("runs/three"));
    let commands = tell_run(&mut state, run, run_ended_in(dir.clone()));
    assert!(state.run.last_dir == dir && dir != first);
    let of = |command: &Command| match command {
        Command::Ask(_, Question::Predictions { model, .. }) => Some(model.clone()),
        _ => None,
    };
    let models: Vec<_> = commands.iter().filter_map(of).collect();
    assert_eq!(models, [None, Some(PathBuf::from("runs/zero").into())], "both are asked anew at once");
    let columns = state.sentences.columns(&state.run);
    assert!(columns.len() == 2 && columns.iter().all(|column| column.answers.latest().is_none()));

    // A run that is resumed ends in the same folder, with other weights.
    tell(&mut state, answers(&["1"]));
    let again = started(&mut state);
    update(&mut state, Action::ShowView(View::Try));
    let commands = tell_run(&mut state, again, run_ended_in(dir));
    assert_eq!(commands.iter().filter_map(of).count(), 2);
}

#[test]
fn the_last_run_stands_beside_one_that_is_paused_but_not_beside_itself() {
    let mut state = ended();
    keep(&mut state, "fine");
    let last = state.run.last_dir.clone().unwrap();
    let run = started(&mut state);
    tell_run(&mut state, run, run_started(300));
    tell_run(&mut state, run, step(1));
    update(&mut state, Action::ShowView(View::Try));
    note_run(&mut state, run, RunNotice::Paused(true));
    update(&mut state, WhyAction::ShowPretrained(true));
    update(&mut state, WhyAction::ShowOther(Some(last.clone())));
    let whose = |state: &Window| -> Vec<Whose> {
        state.sentences.columns(&state.run).iter().map(|column| column.whose.clone()).collect()
    };
    assert_eq!(whose(&state), [Whose::Run, Whose::Other(last)], "the head of a paused run is in no file yet");
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    assert_eq!(whose(&state), [Whose::Run, Whose::Pretrained], "the run that ended has this folder");
}
