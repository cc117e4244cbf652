//! Which thread answers a question, and with what.

use std::sync::Arc;

use crate::domain::config::{DataConfig, ModelSource};
use crate::domain::message::{Answer, AskId, Notice, Question};
use crate::domain::problem::{Outcome, Problem};
use crate::runs;

use super::calibration;
use super::comparison;
use super::lane::{Lane, guarded};
use super::plans;
use super::questions;
use super::shared::Shared;

/// Hands a question to its lane. Its work is answered whatever happens: a panic is answered as a problem.
pub fn take(shared: &Arc<Shared>, id: AskId, question: Question) {
    let lanes = &shared.lanes;
    let on = Ask { shared, id };
    match question {
        Question::Dataset { config, max_length } => dataset(shared, id, config, max_length),
        Question::Model(source) => model(shared, id, source),
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

/// Reads data, which become the data at hand unless a newer question came meanwhile.
fn dataset(shared: &Arc<Shared>, id: AskId, config: DataConfig, max_length: usize) {
    let turn = shared.data_turns.next();
    let shared = Arc::clone(shared);
    Arc::clone(&shared).lanes.data.push(move || {
        if !turn.is_newest() {
            return;
        }
        let read = guarded(|| {
            let (data, _) = shared.open_data(&config, &|progress| shared.notify(Notice::Progress(progress)))?;
            if !turn.is_newest() {
                return Ok(None);
            }
            let mut session = shared.session();
            (session.data, session.max_length) = (Some(Arc::clone(&data)), max_length);
            // Another number of labels makes another head.
            let head = session
                .model_with_other_head()
                .map(|model| Notice::HeadChanged { source: model.source.clone(), tree: session.show(&model) });
            drop(session);
            Ok(Some((Arc::new(data.dataset.summary.clone()), head)))
        });
        match read {
            Ok(None) => {}
            Ok(Some((summary, head))) => {
                shared.answer(id, Ok(Answer::Dataset(summary)));
                head.into_iter().for_each(|notice| shared.notify(notice));
                shared.fill_tokens();
            }
            Err(problem) if turn.is_newest() => shared.answer(id, Err(problem)),
            Err(_of_an_older_question) => {}
        }
    });
}

/// Reads a model, which becomes the model at hand unless a newer question came meanwhile.
fn model(shared: &Arc<Shared>, id: AskId, source: ModelSource) {
    let turn = shared.model_turns.next();
    let shared = Arc::clone(shared);
    Arc::clone(&shared).lanes.model.push(move || {
        if !turn.is_newest() {
            return;
        }
        let read = guarded(|| {
            let (model, _) = shared.open_model(&source)?;
            if !turn.is_newest() {
                return Ok(None);
            }
            let mut session = shared.session();
            session.model = Some(Arc::clone(&model));
            Ok(Some(session.show(&model)))
        });
        match read {
            Ok(None) => {}
            Ok(Some(tree)) => {
                shared.answer(id, Ok(Answer::Model(tree)));
                shared.fill_tokens();
            }
            Err(problem) if turn.is_newest() => shared.answer(id, Err(problem)),
            Err(_of_an_older_question) => {}
        }
    });
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
        shared.lanes.model.push(move || drop(held.recv()));
        for n in 1..=3 {
            take(&shared, AskId(n), Question::Model(ModelSource::Folder(format!("nowhere-{n}").into())));
        }
        drop(release);
        let Ok(Event::Answer(AskId(3), Err(problem))) = events.recv() else { panic!("the answer to the third") };
        assert!(problem.to_string().contains("nowhere-3"), "{problem}");
        assert!(events.is_empty());
    }
}
