//! Which thread answers a question, and with what.

use std::sync::Arc;

use crate::domain::config::{DataConfig, ModelSource};
use crate::domain::message::{Answer, AskId, Notice, Question};
use crate::domain::problem::{Outcome, Problem};
use crate::runs;

use super::calibration;
use super::comparison;
use super::lane::{Lane, Turn, Turns, guarded};
use super::plans;
use super::questions;
use super::shared::Shared;

/// Hands a question to its lane. Its work is answered whatever happens: a panic is answered as a problem.
pub fn take(shared: &Arc<Shared>, id: AskId, question: Question) {
    let lanes = &shared.lanes;
    let on = Ask { shared, id };
    match question {
        Question::Dataset { config, max_length } => {
            newest(shared, id, (&shared.data_turns, &lanes.data), move |shared, turn| {
                dataset(shared, turn, &config, max_length)
            });
        }
        Question::Model(source) => {
            newest(shared, id, (&shared.model_turns, &lanes.model), move |shared, turn| model(shared, turn, &source));
        }
        Question::Calibration(config) => calibration::take(shared, id, config),

        Question::Parameter(name) => on
            .lane(&lanes.quick, move |shared| questions::parameter(shared, &name).map(Box::new).map(Answer::Parameter)),
        Question::Plan(path) => {
            on.lane(&lanes.quick, move |_| plans::read_plan(&path).map(Box::new).map(Answer::Plan));
        }
        Question::SavePlan { path, freeze } => {
            on.lane(&lanes.quick, move |_| plans::save(&path, &freeze).map(|()| Answer::PlanSaved(path)));
        }
        Question::Lessons => on.lane(&lanes.quick, |_| runs::carried_lessons().map(Answer::Lessons)),
        Question::Lesson(source) => on.lane(&lanes.quick, move |_| runs::read_lesson(&source).map(Answer::Lesson)),

        Question::Predictions { texts, run_dir } => on.lane(&lanes.predictions, move |shared| {
            questions::predict(shared, &texts, run_dir.as_deref()).map(Answer::Predictions)
        }),

        Question::Runs { folder, others } => on.lane(&lanes.runs, move |_| {
            runs::list(&folder.map_or_else(runs::runs_folder, Ok)?, &others).map(Answer::Runs)
        }),
        Question::Run(dir) => on.lane(&lanes.runs, move |_| runs::read_run(&dir).map(Arc::new).map(Answer::Run)),
        Question::LabelRun { dir, name, note } => {
            on.lane(&lanes.runs, move |_| runs::label(&dir, &name, &note).map(|()| Answer::RunLabelled(dir)));
        }
        Question::DeleteRun(dir) => {
            on.lane(&lanes.runs, move |_| runs::delete(&dir).map(|()| Answer::RunDeleted(dir)));
        }

        Question::Evaluation { run_dir, data } => {
            on.lane(&lanes.long, move |shared| questions::evaluate_folder(shared, &run_dir, data));
        }
        Question::Comparison(sources) => on.lane(&lanes.long, move |shared| {
            comparison::open(&sources, |problem| shared.notify(Notice::Warning(problem))).map(Answer::Comparison)
        }),
        Question::Proof(dir) => on.lane(&lanes.long, move |_| runs::prove(&dir).map(Arc::new).map(Answer::Proof)),
        Question::ExportRun { dir, to } => {
            on.lane(&lanes.long, move |_| runs::export(&dir, &to).map(Answer::RunExported));
        }
        Question::SaveLessonWork { lesson, work, to } => {
            on.lane(&lanes.long, move |_| runs::save_bundle(&lesson, &work, &to).map(Answer::LessonWorkSaved));
        }
        Question::SaveFile { path, bytes } => on.lane(&lanes.long, move |_| {
            std::fs::write(&path, bytes).map_err(|e| Problem::file(&path, &e))?;
            Ok(Answer::FileSaved(path))
        }),
    }
}

struct Ask<'a> {
    shared: &'a Arc<Shared>,
    id: AskId,
}

impl Ask<'_> {
    fn lane(self, lane: &Lane, answer: impl FnOnce(&Shared) -> Outcome<Answer> + Send + 'static) {
        let (shared, id) = (Arc::clone(self.shared), self.id);
        lane.push(move || shared.answer(id, guarded(|| answer(&shared))));
    }
}

/// Answers a question of which only the newest counts. What `read` returns is answered and followed by its notice; it makes
/// nothing the data or the model at hand once the question is not the newest any more, and then returns `None`.
fn newest(
    shared: &Arc<Shared>,
    id: AskId,
    (turns, lane): (&Turns, &Lane),
    read: impl FnOnce(&Shared, &Turn) -> Outcome<Option<(Answer, Option<Notice>)>> + Send + 'static,
) {
    let (shared, turn) = (Arc::clone(shared), turns.next());
    lane.push(move || {
        if !turn.is_newest() {
            return;
        }
        match guarded(|| read(&shared, &turn)) {
            Ok(None) => {}
            Ok(Some((answer, notice))) => {
                shared.answer(id, Ok(answer));
                notice.into_iter().for_each(|notice| shared.notify(notice));
                shared.fill_tokens();
            }
            Err(problem) if turn.is_newest() => shared.answer(id, Err(problem)),
            Err(_of_an_older_question) => {}
        }
    });
}

fn dataset(
    shared: &Shared,
    turn: &Turn,
    config: &DataConfig,
    max_length: usize,
) -> Outcome<Option<(Answer, Option<Notice>)>> {
    let (data, _) = shared.open_data(config, &|progress| shared.notify(Notice::Progress(progress)))?;
    if !turn.is_newest() {
        return Ok(None);
    }
    let mut session = shared.session();
    (session.data, session.asked_data) = (Some(Arc::clone(&data)), Some(Arc::clone(&data)));
    session.max_length = max_length;
    // Another number of labels makes another head.
    let head = session
        .model_with_other_head()
        .map(|model| Notice::HeadChanged { source: model.source.clone(), tree: session.show(&model) });
    drop(session);
    Ok(Some((Answer::Dataset(Arc::new(data.dataset.summary.clone())), head)))
}

fn model(shared: &Shared, turn: &Turn, source: &ModelSource) -> Outcome<Option<(Answer, Option<Notice>)>> {
    let (model, _) = shared.open_model(source)?;
    if !turn.is_newest() {
        return Ok(None);
    }
    let mut session = shared.session();
    session.model = Some(Arc::clone(&model));
    Ok(Some((Answer::Model(session.show(&model)), None)))
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::unbounded;

    use crate::domain::message::Event;

    use super::super::sink::Sink;
    use super::*;

    #[test]
    fn a_question_whose_work_panics_is_answered() {
        let (sender, events) = unbounded();
        let shared = Arc::new(Shared::new(Sink::to_terminal(sender)).unwrap());
        for n in 1..=2 {
            Ask { shared: &shared, id: AskId(n) }.lane(&shared.lanes.quick, |_| panic!("no such row"));
            let Ok(Event::Answer(AskId(of), Err(problem))) = events.recv() else { panic!("an answer") };
            assert_eq!((of, problem.id.as_ref()), (n, "internal-error"));
        }
    }

    #[test]
    fn only_the_newest_question_of_its_kind_is_answered() {
        let (sender, events) = unbounded();
        let shared = Arc::new(Shared::new(Sink::to_terminal(sender)).unwrap());
        let (release, held) = unbounded::<()>();
        shared.lanes.model.push(move || {
            held.recv().ok();
        });
        for n in 1..=3 {
            take(&shared, AskId(n), Question::Model(ModelSource::Folder(format!("nowhere-{n}").into())));
        }
        drop(release);
        let Ok(Event::Answer(AskId(3), Err(problem))) = events.recv() else { panic!("the answer to the third") };
        assert!(problem.to_string().contains("nowhere-3"), "{problem}");
        assert!(events.is_empty());
    }
}
