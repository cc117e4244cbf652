//! The Python of what Train would do. It follows every setting at once, and the lines that the last change touched are marked.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::config::RunConfig;
use crate::domain::dataset::DatasetSummary;
use crate::domain::message::{Answer, AskId, Command, Event, Question};
use crate::domain::params::ParamTree;
use crate::domain::problem::Problem;
use crate::domain::program::{ProgramForm, ProgramStyle, TrainingSource};
use crate::python::{Companions, Facts, changed_lines, folder_name, program};

use super::loading::Loading;
use super::shell::Shell;
use super::train::TrainState;

/// A program is called so until its file has a name.
pub const STEM: &str = "train";

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct CodeState {
    pub is_open: bool,
    pub style: ProgramStyle,
    /// The program, or why there is none.
    pub text: Loading<Arc<str>>,
    /// This is true for each line of the program that came with the last change.
    pub changed: Vec<bool>,
    /// The program was made of this, so that it is made anew only when something in it changes.
    made_of: Option<MadeOf>,
    /// The program that is being written, with its files.
    pub writing: Option<Writing>,
    /// The program as it was written to be copied; the window takes it.
    pub copied: Option<Arc<str>>,
}

/// A program that follows from the same things is the same.
#[derive(Clone, Debug)]
struct MadeOf {
    config: RunConfig,
    data: Arc<DatasetSummary>,
    model: Arc<ParamTree>,
    style: ProgramStyle,
}

impl MadeOf {
    fn is(&self, other: &Self) -> bool {
        self.config == other.config
            && self.style == other.style
            && Arc::ptr_eq(&self.data, &other.data)
            && Arc::ptr_eq(&self.model, &other.model)
    }
}

/// The program that the worker is writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writing {
    id: AskId,
    /// This is true where it is only copied, so that no file of the user is written.
    pub is_copy: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum CodeAction {
    /// Open the window, or close it.
    Show(bool),
    SetStyle(ProgramStyle),
    /// Mark no line any more.
    Unmark,
    /// Copy the program. Its files go into the program's data folder.
    Copy,
    /// Write the program with its files.
    Save {
        path: PathBuf,
        form: ProgramForm,
    },
    /// End the writing under way.
    Cancel,
    /// The window has put the copied program where it belongs.
    Taken,
}

impl CodeState {
    /// The line that shows best what the last change did: the first of the longest block of changed lines, and of equal
    /// blocks of the last one, because what follows from a freezing, such as its rate, stands above it.
    pub fn focus(&self) -> Option<usize> {
        let (mut best, mut start) = (None, None);
        for (line, is_changed) in self.changed.iter().chain([&false]).enumerate() {
            match (start, is_changed) {
                (None, true) => start = Some(line),
                (Some(first), false) => {
                    let length = line - first;
                    best = best.filter(|(_, longest)| *longest > length).or(Some((first, length)));
                    start = None;
                }
                _ => {}
            }
        }
        best.map(|(first, _)| first)
    }

    /// Makes the program of the settings as they are now, where it is to be seen and they are others than before.
    pub(super) fn follow(&mut self, train: &TrainState) {
        if !self.is_open {
            return;
        }
        let (Some(data), Some(model)) = (train.dataset.ready(), train.model.ready()) else { return };
        let made_of = MadeOf {
            // A guess changes no program.
            config: RunConfig { guess: None, ..train.config.clone() },
            data: Arc::clone(data),
            model: Arc::clone(model),
            style: self.style,
        };
        if self.made_of.as_ref().is_some_and(|before| before.is(&made_of)) {
            return;
        }
        let facts = Facts {
            config: &made_of.config,
            summary: &made_of.data,
            tree: &made_of.model,
            companions: Companions::Beside(folder_name(STEM, ProgramForm::Script)),
        };
        let same_style = self.made_of.as_ref().is_some_and(|before| before.style == made_of.style);
        match program(&facts, made_of.style, ProgramForm::Script) {
            Ok(text) => {
                let before = self.text.ready().filter(|_| same_style);
                if before.is_none_or(|before| **before != *text) {
                    let lines = text.lines().count();
                    self.changed = before.map_or_else(|| vec![false; lines], |before| changed_lines(before, &text));
                    self.text = Loading::Ready(text.into());
                }
            }
            Err(problem) => self.text = Loading::Failed(problem),
        }
        self.made_of = Some(made_of);
    }

    fn write(&mut self, file: Option<PathBuf>, form: ProgramForm, shell: &mut Shell) {
        let Some(made_of) = self.made_of.as_ref().filter(|_| self.writing.is_none()) else { return };
        let source = TrainingSource::Settings(Box::new(made_of.config.clone()));
        let (style, is_copy) = (self.style, file.is_none());
        let id = shell.ask(Question::Program { source, style, form, file });
        self.writing = Some(Writing { id, is_copy });
    }
}

pub(super) fn update(state: &mut CodeState, action: CodeAction, shell: &mut Shell) {
    match action {
        CodeAction::Show(is_open) => {
            state.is_open = is_open;
            // Whoever opens the window again compares with what is seen from now on.
            state.changed.fill(false);
        }
        CodeAction::SetStyle(style) => state.style = style,
        CodeAction::Unmark => state.changed.fill(false),
        CodeAction::Copy => state.write(None, ProgramForm::Script, shell),
        CodeAction::Save { path, form } => state.write(Some(path), form, shell),
        CodeAction::Cancel => {
            if let Some(writing) = state.writing {
                shell.tell(Command::Cancel(writing.id));
            }
        }
        CodeAction::Taken => state.copied = None,
    }
}

pub(super) fn reduce(state: &mut CodeState, event: &Event, shell: &mut Shell) {
    let Event::Answer(id, answer) = event else { return };
    if state.writing.is_none_or(|writing| writing.id != *id) {
        return;
    }
    state.writing = None;
    if answer.as_ref().is_err_and(|problem| problem.id == "cancelled") {
        return;
    }
    let Some(Answer::Program(written)) = shell.answered(answer) else { return };
    let folder = written.companions.display();
    match &written.file {
        Some(file) => shell.tell_done(Problem::new("code-saved").with("file", file.display()).with("folder", folder)),
        None => {
            state.copied = Some(written.text.as_str().into());
            shell.tell_done(Problem::new("code-copied").with("folder", folder));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::app::tests::asked;
    use crate::domain::freeze::Freeze;
    use crate::domain::program::WrittenProgram;
    use crate::python::made;

    use super::*;

    fn train() -> TrainState {
        let summary = DatasetSummary {
            name: "films.csv".into(),
            columns: ["review", "label"].map(str::to_owned).to_vec(),
            label_column: 1,
            ..DatasetSummary::default()
        };
        let mut train = TrainState::default();
        train.dataset = Loading::Ready(Arc::new(summary));
        train.model = Loading::Ready(Arc::new(made::tree("bert", 4)));
        train
    }

    fn open(train: &TrainState) -> CodeState {
        let (mut code, mut shell) = (CodeState::default(), Shell::default());
        code.follow(train);
        assert!(code.text.ready().is_none(), "no program is made that no one sees");
        update(&mut code, CodeAction::Show(true), &mut shell);
        code.follow(train);
        code
    }

    fn marked(code: &CodeState) -> Vec<String> {
        let lines = code.text.ready().unwrap().lines();
        lines.zip(&code.changed).filter(|(_, on)| **on).map(|(line, _)| line.trim().to_owned()).collect()
    }

    #[test]
    fn a_toggle_marks_the_lines_that_it_changes() {
        let mut train = train();
        let mut code = open(&train);
        assert_eq!(marked(&code), [""; 0], "nothing has changed yet");
        train.config.training.epochs = 5;
        code.follow(&train);
        assert_eq!(marked(&code), ["EPOCHS, BATCH_SIZE, MAX_LENGTH, LEARNING_RATE = 5, 16, 128, 1e-4"]);
        train.config.freeze = Freeze::Full;
        code.follow(&train);
        assert!(marked(&code).contains(&"# Full fine-tuning: everything trains.".to_owned()), "{:?}", marked(&code));
        let marks = code.changed.clone();
        train.config.guess = Some(crate::domain::config::Guess::default());
        code.follow(&train);
        assert_eq!(code.changed, marks, "what changes no line leaves the marks");
        update(&mut code, CodeAction::SetStyle(ProgramStyle::Lecture), &mut Shell::default());
        code.follow(&train);
        assert!(code.text.ready().unwrap().contains("def tl_strategy") && marked(&code).is_empty());
    }

    #[test]
    fn the_longest_block_of_changed_lines_is_looked_at() {
        let focus = |changed: &str| {
            let changed = changed.chars().map(|c| c == 'x').collect();
            CodeState { changed, ..CodeState::default() }.focus()
        };
        assert_eq!(
            [focus("...."), focus(".x.."), focus("xx.x"), focus("x..x"), focus("x.xx")],
            [None, Some(1), Some(0), Some(3), Some(2)]
        );
    }

    #[test]
    fn why_there_is_no_program_is_said_in_its_place() {
        let mut train = train();
        let mut code = open(&train);
        train.config.freeze = Freeze::Names(["no.such.name".to_owned()].into());
        code.follow(&train);
        assert_eq!(code.text.failed().unwrap().id, "freeze-unknown-name");
        train.config.freeze = Freeze::Preset1;
        code.follow(&train);
        assert!(code.text.ready().is_some());
    }

    #[test]
    fn a_copy_is_written_once_and_handed_to_the_window() {
        let (mut code, mut shell) = (open(&train()), Shell::default());
        update(&mut code, CodeAction::Copy, &mut shell);
        let (id, question) = asked(&mut shell);
        assert!(matches!(question, Question::Program { file: None, .. }));
        update(&mut code, CodeAction::Copy, &mut shell);
        assert!(shell.effects.is_empty(), "one program is written at a time");
        let written = WrittenProgram { text: "print()".into(), file: None, companions: "files".into() };
        reduce(&mut code, &Event::Answer(id, Ok(Answer::Program(Box::new(written)))), &mut shell);
        assert_eq!((code.copied.as_deref(), code.writing), (Some("print()"), None));
        assert_eq!(shell.notices[0].problem.id, "code-copied");
        update(&mut code, CodeAction::Taken, &mut shell);
        assert_eq!(code.copied, None);
    }
}
