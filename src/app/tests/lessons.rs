//! Lessons whose model must come from the Hub first.

use std::path::Path;

use super::*;
use crate::app::hub::HubAction;
use crate::app::lessons::LessonAction;
use crate::domain::hub::{HubRequest, PullOutcome};
use crate::domain::lesson::Lesson;

fn lesson(model: &str) -> Answer {
    let text = format!(
        "id = \"mine\"\ntitle = {{ en = \"A\" }}\nabout = {{ en = \"B\" }}\nmodel = \"{model}\"\n\
         [[step]]\ntitle = {{ en = \"A\" }}\ntext = {{ en = \"B\" }}\n"
    );
    Answer::Lesson(Arc::new(toml::from_str::<Lesson>(&text).unwrap()))
}

/// Opens a lesson as the user does, and answers with it.
fn open(state: &mut Window, lesson: Answer) -> Vec<Command> {
    update(state, LessonAction::Open("mine".into()));
    tell(state, lesson)
}

fn pull_ended(model: &str, outcome: PullOutcome) -> Event {
    Event::Hub(HubEvent::PullEnded { id: ModelId::parse(model).unwrap(), outcome })
}

#[track_caller]
fn assert_asks_for(commands: &[Command], model: &str) {
    let [Command::Hub(HubRequest::Pull { id, refresh: false })] = commands else { panic!("{commands:?}") };
    assert_eq!(id.to_string(), model);
}

#[test]
fn a_lesson_begins_when_its_model_has_come() {
    let mut state = ready(1000);
    let own = state.train.config.clone();
    assert_asks_for(&open(&mut state, lesson("klue/bert-base")), "klue/bert-base");
    assert!(state.lessons.current.is_none() && state.shell.panel == Panel::Model, "the download is seen there");

    // What fails is tried again by the button beside it; the lesson still waits.
    let gone = Problem::new("hub-offline");
    hear(&mut state, pull_ended("klue/bert-base", PullOutcome::Failed(gone)));
    assert_asks_for(&update(&mut state, Action::Hub(HubAction::Retry)), "klue/bert-base");
    let folder = Path::new("hub/snapshots/0123");
    let asked = hear(&mut state, pull_ended("klue/bert-base", PullOutcome::Done(folder.into())));
    assert!(
        matches!(&asked[..], [Command::Ask(_, Question::Dataset { .. }), Command::Ask(_, Question::Model(ModelSource::Folder(f)))] if f == folder)
    );
    assert!(state.lessons.current.is_some() && state.lessons.awaited.is_none());

    // A model that was asked for earlier does not creep into a lesson that fixes its own.
    open(&mut state, lesson("bundled"));
    update(&mut state, Action::Hub(HubAction::Pull(ModelId::parse("org/other").unwrap())));
    assert!(hear(&mut state, pull_ended("org/other", PullOutcome::Done("other".into()))).is_empty());
    assert_eq!(state.train.config.model, ModelSource::Bundled);
    // From within a lesson another one can be opened.
    open(&mut state, lesson("klue/bert-base"));
    hear(&mut state, pull_ended("klue/bert-base", PullOutcome::Done(folder.into())));
    assert_eq!(state.train.config.model, ModelSource::Folder(folder.into()));
    update(&mut state, Action::Lesson(LessonAction::Leave));
    assert_eq!(state.train.config, own);
}

#[test]
fn a_lesson_waits_no_longer_once_its_model_is_given_up() {
    let mut state = ready(1000);
    open(&mut state, lesson("klue/bert-base"));
    assert!(
        open(&mut state, lesson("org/other")).is_empty() && state.shell.notices.len() == 1,
        "one download at a time"
    );
    hear(&mut state, pull_ended("klue/bert-base", PullOutcome::Cancelled));
    assert!(state.lessons.awaited.is_none());
    update(&mut state, Action::Hub(HubAction::Pull(ModelId::parse("klue/bert-base").unwrap())));
    hear(&mut state, pull_ended("klue/bert-base", PullOutcome::Done("b".into())));
    assert!(state.lessons.current.is_none(), "it is only a model now");
}
