//! `thaw lesson` lists the lessons, takes one in the terminal, and shows what students handed in.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use serde::Deserialize;
use serde_json::json;

use crate::domain::config::{Guess, ModelSource, RunConfig};
use crate::domain::lesson::{Bundle, Lesson, LessonStep, LessonWork, Question};
use crate::domain::message::{
    self, Answer, Command, Event, Notice, RaceEvent, RunCommand, RunEvent, RunId, RunNotice, RunOutcome,
};
use crate::domain::problem::{Outcome, Problem};
use crate::words::Number;
use crate::words::numbers::{clock, ratio};
use crate::worker::Worker;

use super::args::{LessonArgs, LessonTask, ModelArg};
use super::ask::{ask, ask_and_hear, other_answer, wait};
use super::bars::Bars;
use super::models::{Obtained, obtain};
use super::output::{Exit, Output, english};
use super::report;
use super::table::{Align, Table};
use super::training::stop_on_interrupt;

pub fn lesson(output: &Output, args: LessonArgs) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    match args.task {
        LessonTask::List { .. } => list(output, &worker),
        LessonTask::Run { lesson, out, name, answers, .. } => {
            let given = answers.as_deref().map(Given::read).transpose()?.unwrap_or_default();
            let Answer::Lesson(lesson) = ask(&worker, message::Question::Lesson(lesson))? else {
                return Err(other_answer());
            };
            let interrupts = stop_on_interrupt(&worker)?;
            let Some(lesson) = with_model(output, &worker, lesson)? else { return Ok(Exit::Interrupted) };
            let watched = !output.json && answers.is_none() && io::stdin().is_terminal();
            let work = LessonWork::new(&lesson);
            Taking { output, worker: &worker, lesson, work, given, watched, interrupts, runs: 0 }.take(out, name)
        }
        LessonTask::Show { bundles, .. } => show(output, &worker, bundles),
    }
}

/// The lesson with its model on this machine; `None` when Ctrl-C came while it was fetched.
fn with_model(output: &Output, worker: &Worker, lesson: Arc<Lesson>) -> Result<Option<Arc<Lesson>>> {
    let Some(id) = lesson.lacks_model() else { return Ok(Some(lesson)) };
    let needed = output.words.say_with("lesson-needs-model", &[("id", &id)]);
    let obtained = obtain(output, worker, Some(ModelArg::Hub(id)));
    match obtained.inspect_err(|_printed_by_main| output.note("cli-note", &needed))? {
        Obtained::Source(ModelSource::Folder(folder)) => {
            let lesson = Lesson { model_folder: Some(folder), ..Arc::unwrap_or_clone(lesson) };
            Ok(Some(Arc::new(lesson)))
        }
        Obtained::Source(ModelSource::Bundled) => Ok(Some(lesson)),
        Obtained::Cancelled => Ok(None),
    }
}

fn list(output: &Output, worker: &Worker) -> Result<Exit> {
    let Answer::Lessons(lessons) = ask(worker, message::Question::Lessons)? else { return Err(other_answer()) };
    let tag = output.words.tag();
    for lesson in lessons {
        if output.json {
            let (title, about) = (&lesson.title, &lesson.about);
            output
                .json_line(&json!({ "id": lesson.id, "title": title, "about": about, "steps": lesson.steps.len() }))?;
        } else {
            output.line(&format!(
                "{}\n    {}\n    {}",
                lesson.id,
                lesson.title.tongue(tag),
                lesson.about.tongue(tag)
            ))?;
        }
    }
    Ok(Exit::Done)
}

/// What `--answers` holds. Steps are counted from 1.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    student: Option<String>,
    answers: BTreeMap<usize, serde_json::Value>,
    guesses: BTreeMap<usize, Guess>,
}

impl Given {
    fn read(path: &Path) -> Outcome<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| Problem::file(path, &e))?;
        serde_json::from_str(&text)
            .map_err(|e| Problem::new("lesson-answers-unreadable").with("file", path.display()).with("error", e))
    }
}

/// How a step's run or race ended.
type End = (RunOutcome, Option<Problem>);

struct Taking<'a> {
    output: &'a Output,
    worker: &'a Worker,
    lesson: Arc<Lesson>,
    work: LessonWork,
    given: Given,
    /// Whether someone sits before the terminal and can be asked.
    watched: bool,
    interrupts: Arc<AtomicUsize>,
    runs: u64,
}

impl Taking<'_> {
    fn take(mut self, out: Option<PathBuf>, name: Option<String>) -> Result<Exit> {
        let lesson = Arc::clone(&self.lesson);
        let tag = self.output.words.tag();
        self.work.student = name.or(self.given.student.take()).unwrap_or_default();
        if let Some(to) = &out {
            self.check_hand_in(to)?;
        }
        self.say(&format!("# {}", lesson.title.tongue(tag)))?;
        for (i, step) in lesson.steps.iter().enumerate() {
            self.step(i, step)?;
            if self.interrupts.load(Ordering::Acquire) > 0 {
                return Ok(Exit::Interrupted);
            }
        }
        let Some(to) = out else {
            if self.output.json {
                self.output
                    .json_line(&json!({ "event": "lesson_ended", "lesson": lesson.id, "steps": self.work.steps }))?;
            }
            return Ok(Exit::Done);
        };
        if self.work.student.trim().is_empty() {
            self.work.student = self.read_line("lesson-name")?;
        }
        let work = Box::new(self.work.clone());
        let save = message::Question::SaveLessonWork { lesson: Arc::clone(&lesson), work, to };
        let Answer::LessonWorkSaved(file) = ask(self.worker, save)? else { return Err(other_answer()) };
        if self.output.json {
            self.output.json_line(&json!({ "event": "lesson_ended", "lesson": lesson.id, "bundle": file }))?;
        } else {
            self.output.line(&self.output.words.say_with("lesson-saved", &[("file", &file.display())]))?;
        }
        Ok(Exit::Done)
    }

    /// Refuses a place where the work can't be saved before minutes of training, not after.
    fn check_hand_in(&self, to: &Path) -> Outcome<()> {
        if self.work.student.trim().is_empty() && !self.watched {
            return Err(Problem::new("lesson-no-name"));
        }
        let folder = to.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::read_dir(folder).map(drop).map_err(|e| Problem::file(folder, &e))
    }

    /// Prints what only people read.
    fn say(&self, text: &str) -> io::Result<()> {
        if self.output.json { Ok(()) } else { self.output.line(text) }
    }

    /// What was typed; nothing where no one can be asked.
    fn read_line(&self, id: &'static str) -> Result<String> {
        if !self.watched {
            return Ok(String::new());
        }
        self.output.line(&self.output.words.say(id))?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    fn step(&mut self, i: usize, step: &LessonStep) -> Result<()> {
        let tag = self.output.words.tag();
        if self.output.json {
            self.output.json_line(&json!({ "event": "lesson_step", "step": i + 1, "title": step.title }))?;
        }
        self.say(&format!("\n## {}. {}\n\n{}", i + 1, step.title.tongue(tag), step.text.tongue(tag)))?;
        if let Some(question) = &step.question {
            self.question(i, question)?;
        } else if let Some(run) = &step.run {
            if run.guess {
                self.work.steps[i].guess = self.guess(i)?;
            }
            let mut config = self.lesson.run_config(&RunConfig::default(), run);
            config.guess = self.work.steps[i].guess;
            self.runs += 1;
            self.follow(i, RunCommand::Start(RunId(self.runs), Box::new(config)))?;
        } else if let Some(race) = &step.race {
            let plan = Box::new(self.lesson.race_plan(&RunConfig::default(), race));
            self.runs += 1;
            self.follow(i, RunCommand::StartRace(RunId(self.runs), plan))?;
        } else if self.watched {
            self.read_line("lesson-go-on")?;
        }
        Ok(())
    }

    fn question(&mut self, i: usize, question: &Question) -> Result<()> {
        let tag = self.output.words.tag();
        for (n, choice) in question.choices.iter().enumerate() {
            self.say(&format!("  {}. {}", n + 1, choice.tongue(tag)))?;
        }
        let answer = match self.given.answers.get(&(i + 1)) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => self.read_line("lesson-answer")?,
        };
        self.work.answer(i, question, answer);
        let work = &self.work.steps[i];
        if !work.answer.is_empty() {
            if let Some(right) = work.right {
                self.say(&self.output.words.say(if right { "lesson-right" } else { "lesson-not-right" }))?;
            }
            if let Some(explanation) = &question.explanation {
                self.say(explanation.tongue(tag))?;
            }
        }
        Ok(())
    }

    fn guess(&self, i: usize) -> Result<Option<Guess>> {
        if let Some(guess) = self.given.guesses.get(&(i + 1)) {
            return Ok(Some(*guess));
        }
        let number = |text: String| text.replace(',', ".").parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
        let Some(accuracy) = number(self.read_line("lesson-guess-accuracy")?) else { return Ok(None) };
        // Who types 70 means 70 %.
        let accuracy = if accuracy > 1.0 { accuracy / 100.0 } else { accuracy };
        let secs = number(self.read_line("lesson-guess-secs")?).unwrap_or_default();
        Ok(Some(Guess { accuracy: accuracy.min(1.0), secs }))
    }

    /// Follows a run or a race to its end.
    fn follow(&mut self, i: usize, command: RunCommand) -> Result<()> {
        let worker = self.worker;
        worker.commands.send(Command::Run(command))?;
        let mut bars = Bars::new(self.output);
        let (outcome, error) = wait(worker, |event| {
            bars.follow(&event);
            match event {
                Event::Run(id, events) => {
                    for event in events {
                        let end = self.take_event(i, &bars, id, event)?;
                        if end.is_some() {
                            return Ok(end);
                        }
                    }
                    Ok(None)
                }
                Event::Race(_, event) => self.take_race_event(i, &bars, event),
                Event::OfRun(_, RunNotice::Warning(problem)) => {
                    bars.suspend(|| self.output.warning(&problem));
                    Ok(None)
                }
                _ => Ok(None),
            }
        })?;
        self.refusal(i, outcome, error)
    }

    /// Takes an event of the step's run, or of a run of its race; returns the end of the step's run.
    fn take_event(&mut self, i: usize, bars: &Bars<'_>, id: RunId, event: RunEvent) -> Result<Option<End>> {
        let words = &self.output.words;
        if self.output.json
            && matches!(event, RunEvent::RunStarted(_) | RunEvent::EpochEnded(_) | RunEvent::TestEvaluated(_))
        {
            self.output.json_line(&event)?;
        }
        match event {
            // The rows of a race say what its runs came to.
            _ if id.race().is_some() => {}
            RunEvent::TestEvaluated(test) => {
                self.work.steps[i].accuracy = Some(test.accuracy);
                bars.suspend(|| self.say(&report::test(words, &test)))?;
                if let Some(guess) = self.work.steps[i].guess {
                    let (guess, truth) = (Number::Decimal(guess.accuracy, 3), Number::Decimal(test.accuracy, 3));
                    let line = words.say_with("lesson-guess-truth", &[("guess", &guess), ("truth", &truth)]);
                    bars.suspend(|| self.say(&line))?;
                }
            }
            RunEvent::RunEnded(ended) => {
                let step = &mut self.work.steps[i];
                step.run_dirs.extend(ended.run_dir.clone());
                if ended.outcome == RunOutcome::Completed {
                    step.train_secs = Some(ended.train_secs);
                    let time = Number::Clock(ended.train_secs);
                    self.say(&words.say_with("lesson-run-time", &[("time", &time)]))?;
                }
                return Ok(Some((ended.outcome, ended.error)));
            }
            _ => {}
        }
        Ok(None)
    }

    /// Takes an event of the step's race; returns its end.
    fn take_race_event(&mut self, i: usize, bars: &Bars<'_>, event: RaceEvent) -> Result<Option<End>> {
        if self.output.json && matches!(event, RaceEvent::RaceRow(_)) {
            self.output.json_line(&event)?;
        }
        let step = &mut self.work.steps[i];
        match event {
            RaceEvent::RaceRow(row) => {
                let line = format!("{:8} {:.4}  {}", row.freeze, row.accuracy, clock(row.train_secs));
                step.run_dirs.extend(row.run_dir.clone());
                step.race_rows.push(row);
                bars.suspend(|| self.say(&line))?;
            }
            RaceEvent::RaceEnded(ended) => {
                step.race_means.clone_from(&ended.means);
                for (a, b) in &ended.undecided {
                    let name = |n: &usize| ended.means.get(*n).map_or("", |mean| mean.freeze.as_str());
                    let line = self.output.words.say_with("lesson-undecided", &[("a", &name(a)), ("b", &name(b))]);
                    self.say(&line)?;
                }
                return Ok(Some((ended.outcome, ended.error)));
            }
            RaceEvent::RaceStarted(_) | RaceEvent::RaceRunStarted(_) => {}
        }
        Ok(None)
    }

    /// A refused run is a result as well, so the lesson goes on.
    fn refusal(&mut self, i: usize, outcome: RunOutcome, error: Option<Problem>) -> Result<()> {
        if let Some(problem) = error {
            if self.output.json {
                let line = json!({ "event": "refused", "step": i + 1, "error": english(&problem) });
                self.output.json_line(&line)?;
            } else {
                self.output.warning(&problem);
            }
            self.work.steps[i].refused = (outcome == RunOutcome::Failed).then_some(problem);
        }
        Ok(())
    }
}

/// One line for each student and step that asks or runs something.
fn show(output: &Output, worker: &Worker, files: Vec<PathBuf>) -> Result<Exit> {
    // The files are read one by one, so that a damaged one among thirty keeps no other away.
    let (mut bundles, mut exit) = (Vec::new(), Exit::Done);
    for file in files {
        let read = ask_and_hear(worker, message::Question::Comparison(vec![file.clone()]), |event| {
            if let Event::Notice(Notice::Warning(problem)) = event {
                exit = Exit::Failed;
                output.warning(problem);
            }
        });
        match read {
            Ok(Answer::Comparison(opened)) if opened.bundles.is_empty() => {
                exit = Exit::Failed;
                output.warning(&Problem::new("bundle-not-found").with("file", file.display()));
            }
            Ok(Answer::Comparison(opened)) => bundles.extend(opened.bundles.into_iter().map(|opened| opened.bundle)),
            Ok(_) => return Err(other_answer()),
            Err(error) => {
                exit = Exit::Failed;
                output.warning(&error.downcast::<Problem>()?);
            }
        }
    }
    let heads = [
        ("lesson-head-student", Align::Left),
        ("lesson-head-step", Align::Left),
        ("lesson-head-answer", Align::Left),
        ("lesson-head-right", Align::Left),
        ("lesson-head-guess", Align::Right),
        ("lesson-head-accuracy", Align::Right),
    ];
    let mut table = Table::new(heads.map(|(id, align)| (output.words.say(id), align)).to_vec());
    for bundle in &bundles {
        rows(output, bundle, &mut table)?;
    }
    if !output.json && !bundles.is_empty() {
        output.line(&table.to_string())?;
    }
    Ok(exit)
}

fn rows(output: &Output, bundle: &Bundle, table: &mut Table) -> Result<()> {
    let tag = output.words.tag();
    for (i, step) in bundle.steps.iter().enumerate() {
        let (work, accuracy) = (&step.work, step.work.best_accuracy());
        if work.answer.is_empty() && work.refused.is_none() && accuracy.is_none() {
            continue;
        }
        if output.json {
            output.json_line(&json!({
                "student": bundle.student, "lesson": bundle.lesson, "lesson_hash": bundle.lesson_hash, "step": i + 1,
                "title": step.title, "answer": work.answer, "right": work.right, "guess": work.guess,
                "accuracy": accuracy, "refused": work.refused.as_ref().map(english), "race": work.race_means,
            }))?;
            continue;
        }
        let right = work.right.map_or("", |right| if right { "lesson-right" } else { "lesson-not-right" });
        let shown = work.refused.as_ref().map_or(work.answer.clone(), |problem| output.words.problem(problem));
        table.row(vec![
            bundle.student.clone(),
            format!("{}. {}", i + 1, step.title.tongue(tag)),
            shown.replace(['\n', '\r', '\t'], " "),
            if right.is_empty() { String::new() } else { output.words.say(right) },
            work.guess.map_or_else(String::new, |guess| format!("{:.3}", guess.accuracy)),
            accuracy.map_or_else(String::new, ratio),
        ]);
    }
    Ok(())
}
