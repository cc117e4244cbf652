//! Reports that the window asks for: of runs and races, of a class, and lessons on paper. One is written at a time.

use std::path::{Path, PathBuf};

use crate::domain::message::{Answer, AskId, Command, Event, Notice, Progress, Question, Task};
use crate::domain::problem::Problem;
use crate::domain::report::{ReportRequest, ReportSubject};

use super::action::Action;
use super::shell::{Lasts, Notice as Told, Shell};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct ReportsState {
    /// The report that is being written.
    writing: Option<AskId>,
    pub progress: Option<Progress>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ReportsAction {
    /// Write a report of something into a file, in a language (`en`, `ko`).
    Write { subject: ReportSubject, to: PathBuf, language: &'static str },
    /// End the writing under way; no file is left.
    Cancel,
}

impl ReportsState {
    pub fn is_writing(&self) -> bool {
        self.writing.is_some()
    }
}

/// Applies what the user does.
pub(super) fn update(state: &mut ReportsState, action: ReportsAction, shell: &mut Shell) {
    match action {
        ReportsAction::Write { subject, to, language } => {
            if state.writing.is_none() {
                let request = ReportRequest { subject, to, language: language.to_owned() };
                state.writing = Some(shell.ask(Question::Report(Box::new(request))));
            }
        }
        ReportsAction::Cancel => state.writing.into_iter().for_each(|id| shell.tell(Command::Cancel(id))),
    }
}

/// Folds in what the worker tells.
pub(super) fn reduce(state: &mut ReportsState, event: &Event, shell: &mut Shell) {
    match event {
        Event::Notice(Notice::Progress(progress)) if progress.task == Task::Report => state.progress = Some(*progress),
        Event::Answer(id, answer) if state.writing == Some(*id) => {
            *state = ReportsState::default();
            match answer {
                Ok(Answer::ReportWritten(file)) => tell_written(file, shell),
                Ok(_) => {}
                Err(problem) if problem.id == "cancelled" => {}
                Err(problem) => shell.notify(problem.clone(), true),
            }
        }
        _ => {}
    }
}

/// Says where the report is, and offers to open it.
fn tell_written(file: &Path, shell: &mut Shell) {
    let problem = Problem::new("report-written").with("file", file.display());
    let offer = Some(Action::OpenFolder(file.to_owned()));
    shell.add_notice(Told { problem, is_error: false, offer, lasts: Lasts::AWhile });
}

#[cfg(test)]
mod tests {
    use super::super::effect::Effect;
    use super::super::tests::asked;
    use super::*;

    #[test]
    fn one_report_is_written_at_a_time_and_then_offered() {
        let (mut state, mut shell) = (ReportsState::default(), Shell::default());
        let subject = ReportSubject::Runs(vec!["runs/one".into()]);
        let write = ReportsAction::Write { subject: subject.clone(), to: "one.pdf".into(), language: "ko" };
        update(&mut state, write.clone(), &mut shell);
        let (id, question) = asked(&mut shell);
        let Question::Report(request) = question else { panic!("{question:?}") };
        assert_eq!(*request, ReportRequest { subject, to: "one.pdf".into(), language: "ko".into() });
        update(&mut state, write.clone(), &mut shell);
        assert!(shell.effects.is_empty() && state.is_writing(), "it is under way");
        update(&mut state, ReportsAction::Cancel, &mut shell);
        assert!(matches!(shell.effects.pop(), Some(Effect::Tell(Command::Cancel(of))) if of == id));
        reduce(&mut state, &Event::Answer(id, Err(Problem::new("cancelled"))), &mut shell);
        assert!(!state.is_writing() && shell.notices.is_empty(), "who cancels knows it");

        update(&mut state, write, &mut shell);
        let (id, _) = asked(&mut shell);
        reduce(&mut state, &Event::Answer(id, Ok(Answer::ReportWritten("one.pdf".into()))), &mut shell);
        let notice = &shell.notices[0];
        assert_eq!((&*notice.problem.id, notice.is_error), ("report-written", false));
        assert_eq!(notice.offer, Some(Action::OpenFolder("one.pdf".into())));
    }
}
