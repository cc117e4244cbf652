//! Which thread answers a question, and with what.

use std::path::PathBuf;
use std::sync::Arc;

use crate::data::dataset::Dataset;
use crate::data::text_column::read_texts;
use crate::domain::config::DataConfig;
use crate::domain::dataset::RefusedData;
use crate::domain::message::{Answer, AskId, Notice, Progress, Question, Task};
use crate::domain::problem::{Outcome, Problem};
use crate::domain::selected::SelectedRows;
use crate::domain::telling_words::telling_words;
use crate::model::disk::write_whole;
use crate::runs;

use super::answered;
use super::behaviour;
use super::calibration;
use super::cluster;
use super::code;
use super::comparison;
use super::doctor;
use super::evaluation;
use super::explanations;
use super::export;
use super::folders;
use super::lane::{Lane, Lanes, guarded};
use super::lived_words;
use super::paused;
use super::plans;
use super::questions;
use super::report;
use super::rows;
use super::session::{OpenData, OpenModel};
use super::shared::Shared;
use super::suspects;
use super::text_map;

/// Hands a question to its lane. Its work is answered whatever happens: a panic is answered as a problem.
pub fn take(shared: &Arc<Shared>, id: AskId, question: Question) {
    let Lanes {
        data, model, quick, predictions, explanations: explaining, folders, runs, long, cache, selections, ..
    } = &shared.lanes;
    let on = Ask { shared, id };
    match question {
        Question::Dataset { config, max_length } => on.newest(
            data,
            move |shared| read_data(shared, &config),
            move |shared, read| show_data(shared, read, max_length),
        ),
        Question::Model(source) => {
            on.newest(model, move |shared| shared.open_model(&source), |shared, (model, _)| show_model(shared, &model))
        }
        Question::Calibration(config) => calibration::take(shared, id, config),

        Question::Parameter { name, of } => {
            on.lane(quick, move |shared| questions::parameter(shared, &name, of).map(Box::new).map(Answer::Parameter))
        }
        Question::Folder(folder) => on.lane(folders, move |_| folders::list(&folder).map(Answer::Folder)),
        Question::Plan(path) => {
            on.lane(quick, move |_| plans::read_plan(&path).map(Box::new).map(Answer::Plan));
        }
        Question::SavePlan { path, freeze } => {
            on.lane(quick, move |_| plans::save(&path, &freeze).map(|()| Answer::PlanSaved(path)));
        }
        Question::Lessons => on.lane(quick, |_| runs::carried_lessons().map(Answer::Lessons)),
        Question::Lesson(source) => on.lane(quick, move |_| runs::read_lesson(&source).map(Answer::Lesson)),

        Question::Texts(config) => on.lane(predictions, move |shared| {
            let progress =
                |done, total| shared.notify(Notice::Progress(Progress { task: Task::ReadData, done, total }));
            read_texts(&config, &progress).map(Arc::new).map(Answer::Texts)
        }),
        Question::Classifier(source) => {
            on.lane(predictions, move |shared| questions::reads_of(shared, &source).map(Answer::Classifier));
        }
        Question::Predictions { texts, model } => on.lane(predictions, move |shared| {
            questions::predict(shared, &texts, model.as_ref()).map(Answer::Predictions)
        }),
        Question::AnsweredFile(asked) => {
            on.lane(long, move |shared| {
                answered::answer_file(shared, id, &asked).map(Box::new).map(Answer::AnsweredFile)
            });
        }
        Question::PausedPredictions(texts) => {
            on.lane(predictions, move |shared| paused::predict(shared, &texts).map(Answer::Predictions));
        }

        Question::Explanation { texts, model, depth } => {
            let is_wanted = shared.explanations.look_at(&texts);
            let shared = Arc::clone(shared);
            explaining.push(move || {
                let found =
                    guarded(|| explanations::explain(&shared, &texts, model.as_ref(), depth, is_wanted)).transpose();
                if let Some(found) = found {
                    shared.answer(id, found.map(Box::new).map(Answer::Explanation));
                }
            });
        }
        Question::Attention { texts, model, layer } => on.lane(explaining, move |shared| {
            explanations::attention(shared, &texts, model.as_ref(), layer).map(Box::new).map(Answer::Attention)
        }),

        Question::Runs { folder, others } => {
            on.lane(runs, move |_| runs::list(&folder.map_or_else(runs::runs_folder, Ok)?, &others).map(Answer::Runs))
        }
        Question::Run(dir) => on.lane(runs, move |_| runs::read_run(&dir).map(Arc::new).map(Answer::Run)),
        Question::Race(dir) => on.lane(runs, move |_| runs::read_race(&dir).map(Arc::new).map(Answer::Race)),
        Question::LabelRun { dir, name, note } => {
            on.lane(runs, move |_| runs::label(&dir, &name, &note).map(|()| Answer::RunLabelled(dir)));
        }
        Question::DeleteRuns(dirs) => on.lane(runs, move |shared| {
            let dirs = runs::delete(&dirs, |problem| shared.notify(Notice::Warning(problem)))?;
            Ok(Answer::RunsDeleted { dirs, can_restore: runs::CAN_RESTORE })
        }),
        Question::RestoreRuns(dirs) => {
            on.lane(runs, move |_| runs::restore(&dirs).map(|()| Answer::RunsRestored(dirs)));
        }

        Question::Evaluation { model, data } => {
            on.lane(long, move |shared| evaluation::evaluate_folder(shared, id, &model, data.map(|data| *data)));
        }
        Question::OtherTests(dirs) => on.lane(quick, move |_| {
            let tests_of = |dir: PathBuf| runs::other_tests(&dir).map(|tests| (dir, tests));
            dirs.into_iter().map(tests_of).collect::<Outcome<_>>().map(Answer::OtherTests)
        }),
        Question::Scores(dir) => {
            on.lane(long, move |shared| evaluation::scores(shared, &dir).map(Arc::new).map(Answer::Scores));
        }
        Question::Temperature { dir, fit } => {
            on.lane(long, move |shared| evaluation::set_temperature(shared, &dir, fit).map(Answer::Temperature));
        }
        Question::Rows { dirs, with_tags } => {
            on.lane(long, move |shared| rows::explore(shared, id, &dirs, with_tags).map(Arc::new).map(Answer::Rows));
        }
        Question::SelectedRows { rows, selection, order } => {
            let turn = selections.next_turn();
            on.lane(selections, move |_| match turn.is_newest() {
                true => Ok(Answer::SelectedRows(Arc::new(SelectedRows::of(&rows, selection, order)))),
                false => Err(Problem::new("cancelled")),
            });
        }
        Question::Behaviour { run, templates } => on.lane(long, move |shared| {
            behaviour::check(shared, id, &run, templates.as_deref()).map(Arc::new).map(Answer::Behaviour)
        }),
        Question::DataMap(run) => {
            on.lane(runs, move |_| runs::data_map(&run).map(|map| Answer::DataMap(map.map(Arc::new))));
        }
        Question::Relabelled { run, labels, to } => {
            on.lane(long, move |shared| suspects::relabel(shared, &run, &labels, to).map(Answer::Relabelled));
        }
        Question::LivedWords { run, rows } => {
            on.lane(long, move |shared| {
                lived_words::find(shared, id, &run, rows).map(Arc::new).map(Answer::LivedWords)
            });
        }
        Question::Suspects(run) => {
            on.lane(long, move |shared| suspects::find(shared, id, &run).map(Arc::new).map(Answer::Suspects));
        }
        Question::TextMap(run) => {
            on.lane(long, move |shared| text_map::map(shared, id, &run).map(Answer::TextMap));
        }
        Question::TextMapProbes(run) => {
            on.lane(long, move |shared| text_map::probes(shared, id, &run).map(Answer::TextMapProbes));
        }
        Question::TextMapTsne(run) => {
            on.lane(long, move |shared| text_map::tsne(shared, id, &run).map(Answer::TextMapTsne));
        }
        Question::TellingWords { rows, selected } => on.lane(selections, move |_| {
            Ok(Answer::TellingWords(Arc::new(telling_words(&rows.texts, &selected.places))))
        }),
        Question::Comparison(sources) => on.lane(long, move |shared| {
            comparison::open(&sources, |problem| shared.notify(Notice::Warning(problem))).map(Answer::Comparison)
        }),
        Question::Proof(dir) => on.lane(long, move |_| runs::prove(&dir).map(Arc::new).map(Answer::Proof)),
        Question::ExportRun { dir, to, half } => on.lane(long, move |shared| {
            let (folder, rounded) = export::export(shared, id, &dir, &to, half)?;
            Ok(Answer::RunExported { folder, rounded: rounded.map(Box::new) })
        }),
        Question::ExportBoard { dir, to } => {
            on.lane(long, move |_| runs::export_board(&dir, &to).map(Answer::BoardExported));
        }
        Question::ExportTables { dir, to } => {
            on.lane(long, move |_| runs::export_tables(&dir, &to).map(Answer::TablesExported));
        }
        Question::Report(request) => {
            on.lane(long, move |shared| report::write(shared, id, &request).map(Answer::ReportWritten));
        }
        Question::ExportCluster { source, to } => {
            on.lane(long, move |shared| cluster::export(shared, id, source, &to).map(Answer::ClusterExported));
        }
        Question::Machine => on.lane(cache, |shared| Ok(Answer::Machine(Box::new(doctor::machine(shared))))),
        Question::SelfTest => doctor::test(shared, id),
        Question::SaveLessonWork { lesson, work, to } => {
            on.lane(long, move |_| runs::save_bundle(&lesson, &work, &to).map(Answer::LessonWorkSaved));
        }
        Question::Program { source, style, form, file } => on.lane(long, move |shared| {
            let wanted = code::Wanted { source, style, form, file };
            code::write(shared, id, wanted).map(Box::new).map(Answer::Program)
        }),
        Question::SaveFile { path, bytes } => on.lane(long, move |_| {
            // A file that was there before stays as it was where the disk has no room.
            write_whole(&path, &bytes)?;
            Ok(Answer::FileSaved(path))
        }),
    }
}

struct Ask<'a> {
    shared: &'a Arc<Shared>,
    id: AskId,
}

impl Ask<'_> {
    fn lane(self, lane: &Lane, answer: impl FnOnce(&Arc<Shared>) -> Outcome<Answer> + Send + 'static) {
        let (shared, id) = (Arc::clone(self.shared), self.id);
        lane.push(move || shared.answer(id, guarded(|| answer(&shared))));
    }

    /// Answers a question of which only the newest counts. What `read` returns goes to `show` only while the question is
    /// the newest, so that an older one makes nothing the data or the model at hand. The notice follows the answer.
    fn newest<T>(
        self,
        lane: &Lane,
        read: impl FnOnce(&Shared) -> Outcome<T> + Send + 'static,
        show: impl FnOnce(&Shared, T) -> (Answer, Option<Notice>) + Send + 'static,
    ) {
        let (shared, id, turn) = (Arc::clone(self.shared), self.id, lane.next_turn());
        lane.push(move || {
            if !turn.is_newest() {
                return;
            }
            let read = guarded(|| read(&shared));
            if !turn.is_newest() {
                return;
            }
            match guarded(|| read.map(|read| show(&shared, read))) {
                // The data at hand stay what they are, and so do their tokens.
                Ok((answer @ Answer::DataRefused(_), _)) => shared.answer(id, Ok(answer)),
                Ok((answer, notice)) => {
                    shared.answer(id, Ok(answer));
                    notice.into_iter().for_each(|notice| shared.notify(notice));
                    shared.fill_tokens();
                }
                Err(problem) => shared.answer(id, Err(problem)),
            }
        });
    }
}

/// The data, or why a table cannot be trained on. What is no table is answered as a problem.
fn read_data(shared: &Shared, config: &DataConfig) -> Outcome<Result<Arc<OpenData>, Box<RefusedData>>> {
    match shared.open_data(config, &|progress| shared.notify(Notice::Progress(progress))) {
        Ok((data, _)) => Ok(Ok(data)),
        Err(problem) => match Dataset::head_of(config) {
            Ok(table) => Ok(Err(Box::new(RefusedData { problem, table }))),
            Err(_) => Err(problem),
        },
    }
}

fn show_data(
    shared: &Shared,
    read: Result<Arc<OpenData>, Box<RefusedData>>,
    max_length: usize,
) -> (Answer, Option<Notice>) {
    let data = match read {
        Ok(data) => data,
        Err(refused) => return (Answer::DataRefused(refused), None),
    };
    let mut session = shared.session();
    (session.data, session.asked_data) = (Some(Arc::clone(&data)), Some(Arc::clone(&data)));
    session.max_length = max_length;
    // Another number of labels makes another head.
    let head = session
        .model_with_other_head()
        .map(|model| Notice::HeadChanged { source: model.source.clone(), tree: session.show(&model) });
    (Answer::Dataset(Arc::new(data.dataset.summary.clone())), head)
}

fn show_model(shared: &Shared, model: &Arc<OpenModel>) -> (Answer, Option<Notice>) {
    let mut session = shared.session();
    session.model = Some(Arc::clone(model));
    (Answer::Model(session.show(model)), None)
}

#[cfg(test)]
mod tests {
    use crossbeam_channel::unbounded;

    use crate::domain::config::ModelSource;
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
