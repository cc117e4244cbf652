//! Lessons: answers, students and departures, and those whose model must come from the Hub first.

use std::path::Path;

use super::*;
use crate::app::hub::HubAction;
use crate::app::lessons::{Departure, LessonAction};
use crate::domain::hub::{HubRequest, PullOutcome};
use crate::domain::lesson::{Lesson, StepWork};

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

/// A lesson that looks, runs with a guess, looks again and races.
const STEPS: &str = r#"
id = "mine"
title = { en = "A" }
about = { en = "B" }
seed = 7
[[step]]
title = { en = "Look" }
text = { en = "B" }
[[step]]
title = { en = "Run" }
text = { en = "B" }
run = { freeze = "1", epochs = 1, guess = true }
[[step]]
title = { en = "Look again" }
text = { en = "B" }
[[step]]
title = { en = "Race" }
text = { en = "B" }
race = { freeze = ["1", "2"] }
"#;

/// The lesson at its first step, with data and model read.
fn in_lesson() -> Window {
    let mut state = ready(1000);
    let run = started(&mut state);
    tell_run(&mut state, run, run_ended(RunOutcome::Completed));
    open(&mut state, Answer::Lesson(Arc::new(toml::from_str::<Lesson>(STEPS).unwrap())));
    tell(&mut state, Answer::Dataset(Arc::new(summary(1000, 2))));
    tell(&mut state, Answer::Model(Arc::new(tree(2))));
    state
}

/// Starts the run of the second step and ends it; returns what was guessed.
fn run_second_step(state: &mut Window) -> Option<Guess> {
    update(state, LessonAction::Turn(1));
    let commands = update(state, LessonAction::Do);
    let [Command::Run(RunCommand::Start(id, config))] = &commands[..] else { panic!("{commands:?}") };
    tell_run(state, id.0, run_ended(RunOutcome::Completed));
    config.guess
}

#[test]
fn before_its_first_run_a_lesson_looks_at_the_models_values() {
    let mut state = in_lesson();
    assert_eq!(state.train.tree.values_of, ValuesOf::Model, "whatever was trained before the lesson");
    update(&mut state, TrainAction::ShowValuesOf(ValuesOf::Run));
    run_second_step(&mut state);
    update(&mut state, LessonAction::Turn(2));
    assert_eq!(state.train.tree.values_of, ValuesOf::Run);
    update(&mut state, LessonAction::Turn(0));
    assert_eq!(state.train.tree.values_of, ValuesOf::Model);
}

#[test]
fn a_lessons_guess_is_what_was_typed_and_nothing_else() {
    let mut state = in_lesson();
    assert_eq!(run_second_step(&mut state), None);
    assert_eq!(state.lesson().unwrap().1.steps[1].guess, None);
    let mut state = in_lesson();
    update(&mut state, LessonAction::Turn(1));
    let guess = Guess { accuracy: None, secs: Some(20.0) };
    update(&mut state, LessonAction::SetGuess(Some(guess)));
    assert_eq!(run_second_step(&mut state), Some(guess));
    assert_eq!(state.lesson().unwrap().1.steps[1].guess, Some(guess));
}

#[test]
fn a_race_in_a_lesson_has_the_lessons_seed() {
    let mut state = in_lesson();
    update(&mut state, LessonAction::Turn(3));
    let commands = update(&mut state, LessonAction::Do);
    let [Command::Run(RunCommand::StartRace(_, plan))] = &commands[..] else { panic!("{commands:?}") };
    assert_eq!((&plan.seeds[..], plan.config.training.seed, plan.config.data.split.seed), (&[7][..], 7, 7));
}

fn asked_lesson() -> Answer {
    let text = "id = \"mine\"\ntitle = { en = \"A\" }\nabout = { en = \"B\" }\n\
                [[step]]\ntitle = { en = \"A\" }\ntext = { en = \"B\" }\n\
                question = { kind = \"number\", right = 4, points = 3 }\n";
    Answer::Lesson(Arc::new(toml::from_str::<Lesson>(text).unwrap()))
}

fn answer(state: &mut Window, answer: &str) {
    update(state, LessonAction::Draft(answer.into()));
    update(state, LessonAction::Answer);
}

fn first_step(state: &Window) -> &StepWork {
    &state.lesson().unwrap().1.steps[0]
}

#[test]
fn an_answer_counts_when_its_button_is_pressed() {
    let mut state = ready(1000);
    open(&mut state, asked_lesson());
    update(&mut state, LessonAction::Draft("5".into()));
    assert_eq!((first_step(&state).attempts, first_step(&state).right), (0, None), "typing is no answer");
    update(&mut state, LessonAction::Answer);
    answer(&mut state, "4");
    let step = first_step(&state);
    assert_eq!((step.first_answer.as_str(), step.answer.as_str(), step.attempts), ("5", "4", 2));
    assert_eq!((step.right, step.points), (Some(true), Some(0)), "the first answer earns the points");
    assert!(step.secs >= 0.0);
}

#[test]
fn leaving_asks_while_work_is_in_no_file() {
    let mut state = ready(1000);
    open(&mut state, asked_lesson());
    answer(&mut state, "4");
    update(&mut state, LessonAction::Leave);
    assert!(state.lesson().is_some() && state.lessons.asks == Some(Departure::Leave));
    update(&mut state, LessonAction::Stay);
    assert!(state.lesson().is_some() && state.lessons.asks.is_none());
    // Another lesson is a way out as well.
    assert!(update(&mut state, LessonAction::Open("other".into())).is_empty());
    assert_eq!(state.lessons.asks, Some(Departure::Open("other".into())));
    update(&mut state, LessonAction::Stay);

    // What is handed in may be left at once, and after a change it is asked about again.
    update(&mut state, LessonAction::SetStudent("Kim".into()));
    update(&mut state, LessonAction::Leave);
    update(&mut state, LessonAction::Save("kim".into()));
    tell(&mut state, Answer::LessonWorkSaved("kim.thaw-lesson".into()));
    assert!(state.lesson().is_none(), "the departure waited for the file");
    open(&mut state, asked_lesson());
    assert!(state.lessons.asks_whose, "someone else may sit here now");
    update(&mut state, LessonAction::Stay);
    answer(&mut state, "5");
    update(&mut state, LessonAction::Leave);
    assert_eq!(state.lessons.asks, Some(Departure::Leave));
    update(&mut state, LessonAction::DepartAnyway);
    assert!(state.lesson().is_none());
}

#[test]
fn a_new_student_sees_nothing_of_the_last_one() {
    let mut state = ready(1000);
    open(&mut state, asked_lesson());
    answer(&mut state, "4");
    update(&mut state, LessonAction::SetStudent("Kim".into()));
    update(&mut state, LessonAction::SetStudentNumber("2023".into()));
    update(&mut state, LessonAction::NewStudent);
    assert_eq!((&state.lessons.asks, first_step(&state).attempts), (&Some(Departure::NewStudent), 1));
    update(&mut state, LessonAction::DepartAnyway);
    let (_, work) = state.lesson().unwrap();
    assert_eq!((work.student.as_str(), work.student_number.as_str(), work.is_begun()), ("", "", false));
    assert!(!state.lessons.asks_whose && state.lessons.saved.is_none());
    assert!(!state.settings_to_save().text().unwrap().contains("Kim"));
}
