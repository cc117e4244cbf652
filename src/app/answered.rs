//! A file whose rows the model of the run on the screen answers: which file, how far it is, and what became of it.

use std::path::{Path, PathBuf};

use crate::domain::answered::{AnsweredFile, AnsweringRows, FileToAnswer};
use crate::domain::config::{DataConfig, DataSource};
use crate::domain::message::{Answer, AskId, Command, Event, Notice, Question};
use crate::domain::problem::Problem;

use super::shell::Shell;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnsweredState {
    /// The file that was chosen.
    pub data: Option<PathBuf>,
    /// The column that the user chose for the texts, where no name tells it.
    pub column: Option<String>,
    asked: Option<AskId>,
    /// How far the work is, once its rows have begun.
    pub far: Option<AnsweringRows>,
    /// The last file that was written.
    pub done: Option<AnsweredFile>,
    pub refused: Option<Problem>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnsweredAction {
    /// Take this file.
    Choose(PathBuf),
    /// The texts are in this column.
    ChooseColumn(String),
    /// Answer its rows into this file.
    WriteTo(PathBuf),
    /// End the work, which leaves no file.
    Cancel,
    /// Let the file go.
    Forget,
}

impl AnsweredState {
    pub fn is_under_way(&self) -> bool {
        self.asked.is_some()
    }

    /// The name that is proposed for the file with the answers.
    pub fn proposed_name(data: &Path) -> String {
        let name = data.file_name().unwrap_or_default().to_string_lossy();
        // The first point ends the name of `films.csv.gz` as well.
        let stem = name.split('.').find(|part| !part.is_empty()).unwrap_or("rows");
        format!("{stem}-predicted.csv")
    }

    /// The columns of which the user is to choose that of the texts.
    pub fn columns(&self) -> Vec<String> {
        let open = self.refused.as_ref().filter(|problem| problem.id == "data-which-texts");
        let columns = open.and_then(|problem| problem.arg("columns"));
        columns.map(|columns| columns.split(", ").map(str::to_owned).collect()).unwrap_or_default()
    }
}

pub(super) fn update(state: &mut AnsweredState, action: AnsweredAction, run: Option<&Path>, shell: &mut Shell) {
    match action {
        AnsweredAction::Choose(data) if !state.is_under_way() => {
            *state = AnsweredState { data: Some(data), ..AnsweredState::default() };
        }
        AnsweredAction::ChooseColumn(column) => state.column = Some(column),
        AnsweredAction::WriteTo(to) if !state.is_under_way() && !shell.is_running => {
            let (Some(data), Some(run)) = (state.data.clone(), run) else { return };
            let mut config = DataConfig { source: DataSource::File(data), ..DataConfig::default() };
            config.reading.text_column.clone_from(&state.column);
            let model = Some(run.to_owned().into());
            // Whoever chose a file that is there was asked whether it may go.
            let asked = FileToAnswer { model, data: Box::new(config), to, replaces: true };
            (state.far, state.done, state.refused) = (None, None, None);
            state.asked = Some(shell.ask(Question::AnsweredFile(Box::new(asked))));
        }
        AnsweredAction::Cancel => {
            if let Some(id) = state.asked {
                shell.tell(Command::Cancel(id));
            }
        }
        AnsweredAction::Forget if !state.is_under_way() => *state = AnsweredState::default(),
        AnsweredAction::Choose(_) | AnsweredAction::WriteTo(_) | AnsweredAction::Forget => {}
    }
}

pub(super) fn reduce(state: &mut AnsweredState, event: &Event, shell: &mut Shell) {
    match event {
        Event::Notice(Notice::AnsweringRows(far)) if state.is_under_way() => state.far = Some(*far),
        Event::Answer(id, answer) if state.asked == Some(*id) => {
            (state.asked, state.far) = (None, None);
            match answer {
                Ok(Answer::AnsweredFile(answered)) => {
                    let saved = Problem::new("answers-saved").with("file", answered.file.display());
                    shell.tell_done(saved);
                    state.done = Some((**answered).clone());
                }
                Ok(_) => {}
                Err(problem) if problem.id == "cancelled" => {}
                Err(problem) => state.refused = Some(problem.clone()),
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::effect::Effect;
    use super::super::tests::asked;
    use super::*;

    #[test]
    fn a_file_is_answered_cancelled_and_asked_about_again() {
        let (mut state, mut shell) = (AnsweredState::default(), Shell::default());
        let run = Path::new("run");
        let act = |state: &mut AnsweredState, action, shell: &mut Shell| update(state, action, Some(run), shell);
        act(&mut state, AnsweredAction::WriteTo("out.csv".into()), &mut shell);
        assert!(shell.effects.is_empty(), "no file is chosen");
        act(&mut state, AnsweredAction::Choose("films.csv".into()), &mut shell);
        act(&mut state, AnsweredAction::WriteTo("out.csv".into()), &mut shell);
        let (id, question) = asked(&mut shell);
        let Question::AnsweredFile(first) = question else { panic!("{question:?}") };
        assert_eq!((first.to.as_path(), first.data.reading.text_column.as_deref()), (Path::new("out.csv"), None));
        act(&mut state, AnsweredAction::Choose("other.csv".into()), &mut shell);
        assert_eq!(state.data.as_deref(), Some(Path::new("films.csv")), "one file at a time");
        let far = AnsweringRows { rows: 10, ..AnsweringRows::default() };
        reduce(&mut state, &Event::Notice(Notice::AnsweringRows(far)), &mut shell);
        assert_eq!(state.far.map(|far| far.rows), Some(10));
        act(&mut state, AnsweredAction::Cancel, &mut shell);
        assert!(matches!(shell.effects.pop(), Some(Effect::Tell(Command::Cancel(of))) if of == id));
        reduce(&mut state, &Event::Answer(id, Err(Problem::new("cancelled"))), &mut shell);
        assert!(!state.is_under_way() && state.refused.is_none() && state.data.is_some());

        act(&mut state, AnsweredAction::WriteTo("out.csv".into()), &mut shell);
        let (id, _) = asked(&mut shell);
        let which = Problem::new("data-which-texts").with("file", "films.csv").with("columns", "a, b");
        reduce(&mut state, &Event::Answer(id, Err(which)), &mut shell);
        assert_eq!(state.columns(), ["a", "b"]);
        act(&mut state, AnsweredAction::ChooseColumn("b".into()), &mut shell);
        act(&mut state, AnsweredAction::WriteTo("out.csv".into()), &mut shell);
        let (id, question) = asked(&mut shell);
        let Question::AnsweredFile(again) = question else { panic!("{question:?}") };
        assert_eq!(again.data.reading.text_column.as_deref(), Some("b"));
        reduce(&mut state, &Event::Answer(id, Ok(Answer::AnsweredFile(Box::default()))), &mut shell);
        assert!(state.done.is_some() && shell.notices[0].problem.id == "answers-saved");
        act(&mut state, AnsweredAction::Forget, &mut shell);
        assert_eq!(state, AnsweredState::default());
    }

    #[test]
    fn the_proposed_name_tells_the_file() {
        assert_eq!(AnsweredState::proposed_name(Path::new("a/films.csv.gz")), "films-predicted.csv");
        assert_eq!(AnsweredState::proposed_name(Path::new(".hidden")), "hidden-predicted.csv");
        assert_eq!(AnsweredState::proposed_name(Path::new("영화.xlsx")), "영화-predicted.csv");
    }
}
