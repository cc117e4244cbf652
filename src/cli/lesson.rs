//! `thaw lesson` lists the lessons, takes one in the terminal, and shows what students handed in.

mod given;
mod handed_in;

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use crate::domain::config::{Guess, ModelSource, RunConfig};
use crate::domain::lesson::{Grades, Lesson, LessonStep, LessonWork, Points, Question};
use crate::domain::message::{
    self, Answer, Command, Event, RaceEvent, RunCommand, RunEvent, RunId, RunNotice, RunOutcome,
};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::report::ReportSubject;
use crate::words::{Fill, Number, shared};
use crate::worker::Worker;

use super::args::{LessonTask, ModelArg};
use super::ask::{ask, other_answer, wait};
use super::bars::Bars;
use super::models::obtain;
use super::output::{Exit, Output, english};
use super::report;
use super::run_report;
use super::start::{end_of, is_interrupted, stop_on_interrupt};
use given::{Given, in_words};
use handed_in::show;

pub fn lesson(output: &Output, task: LessonTask) -> Result<Exit> {
    let worker = Worker::spawn_for_terminal()?;
    match task {
        LessonTask::List => list(output, &worker),
        LessonTask::Run { lesson, out, name, number, answers } => {
            let mut given = answers.as_deref().map(Given::read).transpose()?.unwrap_or_default();
            (given.student, given.number) = (name.or(given.student), number.or(given.number));
            let Answer::Lesson(lesson) = ask(&worker, message::Question::Lesson(lesson))? else {
                return Err(other_answer());
            };
            answers.iter().try_for_each(|file| given.check(&lesson, file))?;
            output.outlives_reader.set(true);
            stop_on_interrupt(&worker)?;
            let Some(lesson) = with_model(output, &worker, lesson)? else { return Ok(Exit::Interrupted) };
            let watched = !output.json && answers.is_none() && io::stdin().is_terminal();
            let is_asked =
                |step: &LessonStep| step.question.is_some() || step.run.as_ref().is_some_and(|run| run.guess);
            if !watched && answers.is_none() && lesson.steps.iter().any(is_asked) {
                output.warning(&Problem::new("lesson-not-asked"));
            }
            let work = LessonWork::new(&lesson);
            Taking { output, worker: &worker, lesson, work, given, watched }.take(out)
        }
        LessonTask::Show { bundles, csv } => show(output, &worker, bundles, csv),
        LessonTask::Report { bundles, to, hide_names } => {
            // The points that an instructor gave are in the window's settings.
            let subject = ReportSubject::Class { files: bundles, hides_names: hide_names, grades: Grades::default() };
            run_report::write(output, &worker, subject, to)
        }
        LessonTask::Handout { lesson, to, solutions } => {
            run_report::write(output, &worker, ReportSubject::Handout { lesson, with_solutions: solutions }, to)
        }
    }
}

/// The lesson with its model on this machine; `None` when Ctrl-C came while it was fetched.
fn with_model(output: &Output, worker: &Worker, lesson: Arc<Lesson>) -> Result<Option<Arc<Lesson>>> {
    let Some(id) = lesson.lacks_model() else { return Ok(Some(lesson)) };
    let needed = output.words.say_with("lesson-needs-model", &[("id", &id)]);
    let obtained = obtain(output, worker, Some(ModelArg::Hub(id)));
    let source = obtained.inspect_err(|_printed_by_main| output.note("cli-note", &needed))?;
    Ok(source.map(|source| match source {
        ModelSource::Folder(folder) => Arc::new(Lesson { model_folder: Some(folder), ..Arc::unwrap_or_clone(lesson) }),
        ModelSource::Bundled => lesson,
    }))
}

fn list(output: &Output, worker: &Worker) -> Result<Exit> {
    let Answer::Lessons(lessons) = ask(worker, message::Question::Lessons)? else { return Err(other_answer()) };
    let tag = output.words.tag();
    for lesson in &lessons {
        let Lesson { id, title, about, steps, .. } = &**lesson;
        let text = format!("{id}\n    {}\n    {}", title.tongue(tag), about.tongue(tag));
        output.result(&json!({ "id": id, "title": title, "about": about, "steps": steps.len() }), &text)?;
    }
    Ok(Exit::Done)
}

fn points_line(output: &Output, points: Points) -> String {
    let [earned, most, open] = [points.earned, points.most, points.open].map(u64::from);
    let mut args: Vec<(&str, &dyn Fill)> = vec![("earned", &earned), ("most", &most)];
    if open == 0 {
        return output.words.say_with("lesson-points", &args);
    }
    args.push(("open", &open));
    output.words.say_with("lesson-points-open", &args)
}

struct Taking<'a> {
    output: &'a Output,
    worker: &'a Worker,
    lesson: Arc<Lesson>,
    work: LessonWork,
    given: Given,
    /// Whether someone sits before the terminal and can be asked.
    watched: bool,
}

impl Taking<'_> {
    fn take(mut self, out: Option<PathBuf>) -> Result<Exit> {
        let (output, lesson) = (self.output, Arc::clone(&self.lesson));
        self.work.student = self.given.student.take().unwrap_or_default();
        self.work.student_number = self.given.number.take().unwrap_or_default();
        if let Some(to) = &out {
            self.check_hand_in(to)?;
        }
        self.say(&format!("# {}", lesson.title.tongue(output.words.tag())))?;
        for (i, step) in lesson.steps.iter().enumerate() {
            self.step(i, step)?;
            if is_interrupted() {
                return Ok(Exit::Interrupted);
            }
        }
        let points = self.work.points(&lesson);
        if let Some(points) = points {
            self.say(&points_line(output, points))?;
        }
        let Some(mut to) = out else {
            if output.json {
                let steps = &self.work.steps;
                let ended = json!({ "event": "lesson_ended", "lesson": lesson.id, "steps": steps, "points": points });
                output.json_line(&ended)?;
            }
            return Ok(Exit::Done);
        };
        if self.work.student.trim().is_empty() {
            self.work.student = self.read_line("lesson-name")?;
        }
        if self.work.student_number.trim().is_empty() {
            self.work.student_number = self.read_line("lesson-number")?;
        }
        // In a folder the file gets a name that tells students apart.
        if to.is_dir() {
            to.push(self.work.file_name());
        }
        let (id, work) = (lesson.id.clone(), Box::new(self.work));
        let save = message::Question::SaveLessonWork { lesson, work, to };
        let Answer::LessonWorkSaved(file) = ask(self.worker, save)? else { return Err(other_answer()) };
        let text = output.words.say_with("lesson-saved", &[("file", &file.display())]);
        output.result(&json!({ "event": "lesson_ended", "lesson": id, "bundle": file, "points": points }), &text)?;
        Ok(Exit::Done)
    }

    /// Refuses a place where the work can't be saved before minutes of training, not after.
    fn check_hand_in(&self, to: &Path) -> Outcome<()> {
        if self.work.student.trim().is_empty() && !self.watched {
            return Err(Problem::new("lesson-no-name"));
        }
        let beside = to.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = if to.is_dir() { to } else { beside };
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
        let text = format!("\n## {}. {}\n\n{}", i + 1, step.title.tongue(tag), step.text.tongue(tag));
        self.output.result(&json!({ "event": "lesson_step", "step": i + 1, "title": step.title }), &text)?;
        if let Some(question) = &step.question {
            self.question(i, question)?;
        } else if let Some(run) = &step.run {
            if run.guess {
                self.work.steps[i].guess = self.guess(i)?;
            }
            let mut config = self.lesson.run_config(&RunConfig::default(), run);
            config.guess = self.work.steps[i].guess;
            self.follow(i, |id| RunCommand::Start(id, Box::new(config)))?;
        } else if let Some(race) = &step.race {
            let plan = self.lesson.race_plan(&RunConfig::default(), race);
            self.follow(i, |id| RunCommand::StartRace(id, Box::new(plan)))?;
        } else {
            self.read_line("lesson-go-on")?;
        }
        Ok(())
    }

    fn question(&mut self, i: usize, question: &Question) -> Result<()> {
        let tag = self.output.words.tag();
        for (n, choice) in question.choices.iter().enumerate() {
            self.say(&format!("  {}. {}", n + 1, choice.tongue(tag)))?;
        }
        let asked = Instant::now();
        let answer = match self.given.answers.get(&(i + 1)) {
            Some(value) => in_words(value),
            None => self.read_answer(question)?,
        };
        self.work.steps[i].secs = asked.elapsed().as_secs_f64();
        self.work.answer(i, question, &answer);
        let work = &self.work.steps[i];
        if work.attempts > 0 {
            if let Some(right) = work.right {
                self.say(&self.output.words.say(if right { "lesson-right" } else { "lesson-not-right" }))?;
            }
            if let Some(explanation) = &question.explanation {
                self.say(explanation.tongue(tag))?;
            }
        }
        Ok(())
    }

    /// Asks until the answer is one, or Enter alone passes the question by.
    fn read_answer(&self, question: &Question) -> Result<String> {
        loop {
            let answer = self.read_line("lesson-answer")?;
            if answer.is_empty() || question.takes(&answer) {
                return Ok(answer);
            }
            self.say(&self.output.words.say_with("lesson-no-answer", &[("answer", &answer)]))?;
        }
    }

    fn guess(&self, i: usize) -> Result<Option<Guess>> {
        if let Some(guess) = self.given.guesses.get(&(i + 1)) {
            return Ok(guess.made());
        }
        let number = |text: String| text.replace(',', ".").parse::<f64>().ok().filter(|x| x.is_finite() && *x >= 0.0);
        let accuracy = number(self.read_line("lesson-guess-accuracy")?);
        // A student who types 70 means 70 %.
        let accuracy = accuracy.map(|typed| if typed > 1.0 { typed / 100.0 } else { typed }.min(1.0));
        let secs = number(self.read_line("lesson-guess-secs")?);
        Ok(Guess { accuracy, secs }.made())
    }

    /// Follows a run or a race to its end.
    fn follow(&mut self, i: usize, command: impl FnOnce(RunId) -> RunCommand) -> Result<()> {
        self.worker.commands.send(Command::Run(command(RunId(i as u64 + 1))))?;
        let mut bars = Bars::new(self.output);
        let (outcome, error) = wait(self.worker, |event| {
            bars.follow(&event);
            let end = end_of(&event).map(|(outcome, error)| (outcome, error.cloned()));
            match event {
                Event::Run(id, events) => events.into_iter().try_for_each(|e| self.take_event(i, &bars, id, e))?,
                Event::Race(_, event) => self.take_race_event(i, &bars, event)?,
                Event::OfRun(_, RunNotice::DatasetRead(data)) => bars.suspend(|| report::reading(self.output, &data)),
                Event::OfRun(_, RunNotice::Warning(problem)) => bars.suspend(|| self.output.warning(&problem)),
                _ => {}
            }
            Ok(end)
        })?;
        // A refused run is a result as well, so the lesson goes on.
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

    /// Takes an event of the step's run, or of a run of its race.
    fn take_event(&mut self, i: usize, bars: &Bars<'_>, id: RunId, event: RunEvent) -> io::Result<()> {
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
                let mut text = report::test(words, &test, &[]);
                if let Some(guess) = self.work.steps[i].guess.and_then(|guess| guess.accuracy) {
                    let (guess, truth) = (Number::Decimal(guess, 3), Number::Decimal(test.accuracy, 3));
                    text += "\n";
                    text += &words.say_with("lesson-guess-truth", &[("guess", &guess), ("truth", &truth)]);
                }
                bars.suspend(|| self.say(&text))?;
            }
            RunEvent::RunEnded(ended) => {
                self.work.steps[i].run_dirs.extend(ended.run_dir);
                if ended.outcome == RunOutcome::Completed {
                    self.work.steps[i].train_secs = Some(ended.train_secs);
                    self.work.steps[i].shared_secs = ended.shared_secs;
                    let time = shared::training_time(words, ended.train_secs, ended.shared_secs);
                    self.say(&words.say_with("lesson-run-time", &[("time", &time)]))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes an event of the step's race.
    fn take_race_event(&mut self, i: usize, bars: &Bars<'_>, event: RaceEvent) -> io::Result<()> {
        match event {
            RaceEvent::RaceRow(row) => {
                let time = shared::training_time(&self.output.words, row.train_secs, row.shared_secs);
                let text = format!("{:8} {:.4}  {time}", row.freeze, row.accuracy);
                self.work.steps[i].run_dirs.extend(row.run_dir.clone());
                self.work.steps[i].race_rows.push(row.clone());
                bars.suspend(|| self.output.result(&RaceEvent::RaceRow(row), &text))
            }
            RaceEvent::RaceEnded(ended) => {
                for (a, b) in &ended.undecided {
                    let name = |n: &usize| ended.means.get(*n).map_or("", |mean| mean.freeze.as_str());
                    let line = self.output.words.say_with("lesson-undecided", &[("a", &name(a)), ("b", &name(b))]);
                    self.say(&line)?;
                }
                self.work.steps[i].race_means = ended.means;
                Ok(())
            }
            RaceEvent::RaceStarted(_) | RaceEvent::RaceRunStarted(_) => Ok(()),
        }
    }
}
