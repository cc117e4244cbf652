//! One run from its settings to its folder: prepare, train, keep what was learned, prove the freezing, test.

#[cfg(test)]
mod tests;

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use crate::domain::config::RunConfig;
use crate::domain::health::PartName;
use crate::domain::history::History;
use crate::domain::message::{
    Continuation, FrozenTest, RowReads, RunEnded, RunEvent, RunNotice, RunObserver as _, RunOutcome, Task,
    TestEvaluated,
};
use crate::domain::predictions::PredictedRow;
use crate::domain::problem::{Outcome, Problem};
use crate::domain::proof::{Fingerprint, FreezeProof, ParameterProof};
use crate::domain::timeline::Unfreezing;
use crate::model::classifier::Classifier;
use crate::model::hashes;
use crate::model::save::save_folder;
use crate::model::tensor_file::Take;
use crate::runs::{Interrupted, RunWriter, check_free, continued, unless_gone};
use crate::train::adamw::resumable::weight_pieces;
use crate::train::checkpoint::{Checkpoint, Position, check_resumable};
use crate::train::evaluate::{Evaluation, Measured, evaluate};
use crate::train::loss::Loss;
use crate::train::prefix::Prefix;
use crate::train::trainer::{Job, Trained, train};

use super::disk::{check_disk, need_of};
use super::lane::{guarded, lock};
use super::paused::{self, Training};
use super::prelude::{Bench, Material};
use super::recorder::Recorder;
use super::records::{check_same_data, facts, settings, splits};
use super::reference;
use super::rows::predicted_rows;
use super::run_memory::RunMemory;
use super::session::{ReadyModel, TrainedModel};
use super::system::release_freed_memory;
use super::work::Work;

/// What a run begins with.
pub enum Beginning {
    New(Box<RunConfig>),
    /// An unfinished run, in its own folder.
    Resume(PathBuf),
    /// A finished run's model and settings, in a new folder.
    Continue(Box<Continuation>),
}

/// What came of a run.
pub struct Performed {
    pub ended: RunEnded,
    /// All its events so far.
    pub history: History,
    /// Whether each test row was predicted right; empty without a test.
    pub hits: Vec<bool>,
}

impl Performed {
    pub fn without_steps(ended: RunEnded) -> Self {
        Self { ended, history: History::default(), hits: Vec::new() }
    }
}

/// What the model does on the test rows, and whether each of them was predicted right.
struct Tested {
    report: TestEvaluated,
    hits: Vec<bool>,
    /// The answers on all validation and test rows; `None` where they are too many to be kept.
    answers: Option<Vec<PredictedRow>>,
}

/// Does the run, whatever happens, and leaves its `RunEnded` to be sent.
pub fn perform(work: &Work, beginning: Beginning) -> Performed {
    let mut recorder = None;
    let result = guarded(|| conduct(work, beginning, &mut recorder));
    let closed = guarded(|| match recorder {
        Some(recorder) => Ok(recorder.close(result)),
        None => Ok(Performed::without_steps(ended(result))),
    });
    closed.unwrap_or_else(|problem| Performed::without_steps(ended(Err(problem))))
}

/// The end that a result makes, before the first step.
pub fn ended(result: Outcome<RunOutcome>) -> RunEnded {
    let (error, outcome) = (result.clone().err(), result.unwrap_or(RunOutcome::Failed));
    RunEnded { outcome, error, run_dir: None, train_secs: 0.0, shared_secs: 0.0, peak_memory_bytes: 0 }
}

/// The run from its beginning to its test. Its folder is in `recorder` from the moment that there is something to log, so
/// that it is closed whatever happens here.
fn conduct(work: &Work, beginning: Beginning, recorder: &mut Option<Recorder>) -> Outcome<RunOutcome> {
    let Some((config, interrupted)) = settings_of(work, beginning)? else { return Ok(RunOutcome::Stopped) };
    let Some(material) = Material::open(work, &config)? else { return Ok(RunOutcome::Stopped) };
    if let Some(run) = &interrupted {
        check_same_data(run, &material.data)?;
    }
    let plan = material.plan(&config.freeze)?;
    warn_of(work, &material, &plan, config.training.epochs);
    work.shared.seed.store(config.training.seed, Ordering::Release);
    work.shared.session().free_classifiers();
    let bench = Bench::new(work, &config, &material, &plan)?;
    let need = need_of(&config, &material, &bench.trainable);
    check_disk(&config, need, interrupted.as_ref().map(|run| run.dir.as_path()))?;

    // A resumed run begins with these weights as well; those of its checkpoint are put back by the trainer.
    let Some((mut classifier, before)) = bench.classifier_and_digests()? else { return Ok(RunOutcome::Stopped) };
    if work.control.is_stopped() {
        return Ok(RunOutcome::Stopped);
    }
    let (opened, saved) = bench.open_folder(interrupted, &classifier)?;
    let recorder = recorder.insert(opened);
    let trained = bench.train(&mut classifier, saved, recorder)?;
    if let Some(failure) = trained.failure {
        if trained.is_usable {
            bench.keep_and_prove(&classifier, &before, recorder)?;
        }
        // Resuming would only fail again, so the checkpoints are deleted.
        recorder.writer().checkpoints.remove();
        return Err(failure);
    }
    if !trained.is_usable {
        return Ok(trained.outcome);
    }
    // Moments and gradients are gone, and their memory makes room for what is read again to be saved.
    release_freed_memory();
    // The model that is saved has the original weights, so that it is the one that is tested and that answers.
    let compact = classifier.is_compact().then(|| classifier.clone());
    let original = if compact.is_some() { classifier.with_original_weights()? } else { classifier.clone() };
    let ready = bench.share(original, recorder.writer().dir.clone());
    let Some(position) = trained.over else {
        return bench.keep_and_prove(&classifier, &before, recorder).map(|()| trained.outcome);
    };
    // The model is saved while it is tested, so that the end does not wait for the disk.
    let (saved, test) = thread::scope(|scope| {
        let saving = scope.spawn(|| bench.keep_at_end(&classifier, &before, &position, recorder));
        let test = bench.test(&ready, compact.as_ref(), trained.validation, recorder);
        let is_late = !saving.is_finished();
        if is_late {
            recorder.tell_saving(0);
        }
        let saved = saving.join().unwrap_or_else(|panic| resume_unwind(panic));
        if is_late {
            recorder.tell_saving(1);
        }
        (saved, test)
    });
    if let Ok(proof) = &saved {
        recorder.emit(RunEvent::FreezeProven(Arc::clone(proof)));
    }
    let outcome = bench.tell_test(test?, recorder);
    // Someone may have removed the folder meanwhile, and the model with it.
    if saved.is_ok() && !recorder.writer().has_model() {
        bench.keep(&ready.classifier, &before, recorder)?;
    }
    saved.map(|_| outcome)
}

/// The settings of a run, and the interrupted run that is resumed with them. `None` when Stop came first.
fn settings_of(work: &Work, beginning: Beginning) -> Outcome<Option<(RunConfig, Option<Interrupted>)>> {
    let is_found = !matches!(beginning, Beginning::New(_));
    let found = work.unless_stopped(move || match beginning {
        Beginning::New(config) => Ok((*config, None)),
        Beginning::Resume(dir) => Interrupted::open(&dir).map(|run| (run.settings.config.clone(), Some(run))),
        Beginning::Continue(continuation) => continued(*continuation).map(|config| (config, None)),
    })?;
    let Some((config, interrupted)) = found else { return Ok(None) };
    if is_found {
        work.notify(RunNotice::Planned(Box::new(config.clone())));
    }
    config.check()?;
    if let Some(out) = &config.out
        && interrupted.is_none()
    {
        check_free(out)?;
    }
    Ok(Some((config, interrupted)))
}

/// Warns of what the model lacks, and of texts whose words it does not know. A stage of the plan that begins after the last
/// epoch is no mistake, but should not surprise.
fn warn_of(work: &Work, material: &Material, plan: &Unfreezing, epochs: usize) {
    for note in &material.model.pretrained.facts.notes {
        work.notify(RunNotice::Warning(note.clone()));
    }
    if let Some(share) = material.tokens.legibility().notable_unknown_share() {
        let problem = Problem::new("run-unknown-words").with("model", &material.model.pretrained.facts.name);
        work.notify(RunNotice::Warning(problem.with_percent("share", share)));
    }
    if let Some((number, stage)) = plan.stages.iter().enumerate().find(|(_, stage)| stage.from_epoch > epochs) {
        let problem = Problem::new("plan-stage-not-reached").with_count("stage", number + 1);
        work.notify(RunNotice::Warning(problem.with_count("epoch", stage.from_epoch).with_count("epochs", epochs)));
    }
}

/// The steps of a run whose preparation is over.
impl Bench<'_> {
    /// The run's folder, new or open again, with the checkpoint that the training is to be resumed from.
    fn open_folder(
        &self,
        mut interrupted: Option<Interrupted>,
        classifier: &Classifier,
    ) -> Outcome<(Recorder, Option<Checkpoint>)> {
        let data = &self.material.data;
        let saved = interrupted.as_mut().and_then(|run| run.saved.take());
        if let Some(saved) = &saved {
            // A checkpoint of other weights is refused before anything in the folder is touched.
            self.pool.install(|| check_resumable(&saved.position, classifier))?;
        }
        let facts = self.pool.install(|| facts(self.material, &self.trainable, classifier));
        let writer = match interrupted {
            Some(run) => RunWriter::reopen(run)?,
            None => RunWriter::create(&settings(self.config, self.material, &self.trainable, facts), &splits(data))?,
        };
        if saved.is_some() {
            self.work.notify(RunNotice::Resumed(Arc::new(writer.history.clone())));
        }
        self.work.notify(RunNotice::FactsFound(facts));
        Ok((Recorder::new(self.work, data, writer), saved))
    }

    fn train(
        &self,
        classifier: &mut Classifier,
        saved: Option<Checkpoint>,
        recorder: &mut Recorder,
    ) -> Outcome<Trained> {
        let prefix_cache = &self.work.shared.prefix_cache;
        // Otherwise the fit would hold up the first run of a race alone, and its time would not compare with the
        // others'.
        if self.work.id.race().is_some() {
            reference::fit_before(self.work, &self.material.data);
        }
        let (shared, tokens) = (Arc::clone(&self.work.shared), Arc::clone(&self.material.tokens));
        let kept = move || shared.prefix_cache.memory_bytes() + tokens.memory_bytes();
        recorder.memory = Some(RunMemory::begin(classifier.weights_bytes() as u64, kept));
        let job = Job {
            classifier: &mut *classifier,
            dataset: &self.material.data.dataset,
            tokens: &self.material.tokens,
            config: self.config,
            prefix_cache,
            observer: &*recorder,
            checkpoints: Some(&*recorder),
            fresh: &|| self.classifier(),
            resume: saved,
            samples_layers: true,
            share: &|classifier| {
                let ready = Arc::new(self.ready(paused::copy_of(classifier)));
                let control = Arc::clone(&self.work.control);
                *lock(&self.work.shared.training) = Some(Training { ready, control });
            },
        };
        let trained = self.pool.install(|| train(job));
        *lock(&self.work.shared.training) = None;
        let trained = trained?;
        recorder.time = trained.time;
        Ok(trained)
    }

    /// Writes the model into the run's folder, and compares the weights that were saved with those that the run began with.
    fn keep_and_prove(&self, classifier: &Classifier, before: &[Fingerprint], recorder: &Recorder) -> Outcome<()> {
        recorder.tell_saving(0);
        let proof = self.keep(classifier, before, recorder)?;
        recorder.tell_saving(1);
        recorder.emit(RunEvent::FreezeProven(Arc::new(proof)));
        Ok(())
    }

    /// Does the same after the last epoch without telling of it, and leaves a checkpoint there: a run that is cut off before
    /// its test is over has only that left to do. Where the model cannot be saved, the checkpoint has the weights.
    fn keep_at_end(
        &self,
        classifier: &Classifier,
        before: &[Fingerprint],
        position: &Position,
        recorder: &Recorder,
    ) -> Outcome<Arc<FreezeProof>> {
        let saved = self.keep(classifier, before, recorder).map(Arc::new);
        let pieces = if saved.is_ok() { Vec::new() } else { weight_pieces(classifier, &self.trainable) };
        // Without it, the run would go on from the checkpoint before.
        if let Err(problem) = recorder.writer().keep_end(position, &pieces) {
            log::warn!("the last checkpoint: {problem}");
        }
        saved
    }

    fn keep(&self, classifier: &Classifier, before: &[Fingerprint], recorder: &Recorder) -> Outcome<FreezeProof> {
        let dir = recorder.writer().dir.clone();
        let (model, tree, values) =
            (&self.material.model.pretrained, classifier.tree(), |name: &str, take: Take<'_>| {
                classifier.hand_on(name, take)
            });
        let text_columns = self.material.data.dataset.summary.text_columns();
        let pool = &self.pool;
        // One thread waits for the disk meanwhile, so that hashing takes no time of its own.
        let (saved, after) = thread::scope(|scope| {
            let digests = scope.spawn(|| pool.install(|| hashes::proof_digests(classifier, &|_| ())));
            let saved = unless_gone(|| {
                recorder.hold()?;
                save_folder(&dir, model, &values, tree, classifier.label_names(), &text_columns)
            });
            (saved, digests.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        saved?;
        let after = after?;
        let parameters = classifier.tree().parameters.iter().zip(classifier.trainable()).zip(before.iter().zip(after));
        let parameters = parameters.map(|((p, trainable), (before, after))| ParameterProof {
            name: p.name.clone(),
            trainable: *trainable,
            before: before.clone(),
            after,
        });
        let proof = FreezeProof::of(parameters.collect());
        unless_gone(|| {
            recorder.hold()?;
            recorder.writer().keep_proof(&proof)
        })?;
        Ok(proof)
    }

    /// Makes the trained model the one that questions are answered from.
    fn share(&self, classifier: Classifier, dir: PathBuf) -> Arc<ReadyModel> {
        let ready = Arc::new(self.ready(classifier));
        let trained = TrainedModel { ready: Arc::clone(&ready), from: Arc::clone(&self.material.model), dir };
        let older = self.work.shared.session().trained.replace(trained);
        drop(older);
        ready
    }

    /// The classifier with all that it takes to ask it.
    fn ready(&self, classifier: Classifier) -> ReadyModel {
        let model = &self.material.model;
        let tokeniser = Arc::clone(&model.pretrained.tokeniser);
        let reads = match &self.material.data.dataset.summary.text_columns()[..] {
            [first, second] => RowReads::TwoTexts { first: first.clone(), second: second.clone() },
            _single => RowReads::OneText,
        };
        let max_length = self.config.training.max_length;
        ReadyModel { classifier, is_fitted: false, tokeniser, max_length, reads }
    }

    /// Measures the model on the test rows. `compact` is the same model with its frozen layers held in fewer bits, where it
    /// was trained so, and `validation` is what the training last answered on the validation rows. `None` when Stop came
    /// first.
    fn test(
        &self,
        ready: &ReadyModel,
        compact: Option<&Classifier>,
        validation: Option<Evaluation>,
        recorder: &Recorder,
    ) -> Outcome<Option<Tested>> {
        let (dataset, classifier) = (&self.material.data.dataset, &ready.classifier);
        let rows = &dataset.splits.test;
        let cache = &self.work.shared.prefix_cache;
        let evaluated = |classifier: &Classifier, prefix: &Prefix<'_>, rows: &[u32], task| {
            let (tokens, labels) = (&self.material.tokens, &dataset.labels);
            evaluate(classifier, prefix, Measured { tokens, labels, rows, loss: &Loss::PLAIN }, recorder, task)
        };
        let measure = |classifier: &Classifier, prefix: &Prefix<'_>| evaluated(classifier, prefix, rows, Task::Test);
        let (as_trained, test) = self.pool.install(|| {
            let kept = |classifier| cache.for_run(classifier, &self.config.training.prefix_cache);
            let Some(compact) = compact else {
                return Ok::<_, Problem>((None, measure(classifier, &kept(classifier))?));
            };
            // The states that the original weights give of the test rows are not kept: the cache holds states of one
            // network at a time, and the next run of a race wants those of this training.
            Ok((Some(measure(compact, &kept(compact))?), measure(classifier, &Prefix::NONE)?))
        })?;
        if test.stopped || as_trained.as_ref().is_some_and(|test| test.stopped) {
            return Ok(None);
        }
        // The weights that are tested are not quite those of a training in fewer bits, so that these are asked again.
        let of_validation = &dataset.splits.validation;
        let validation = match validation.filter(|_| compact.is_none()) {
            Some(validation) => validation,
            None => self.pool.install(|| evaluated(classifier, &Prefix::NONE, of_validation, Task::Validate))?,
        };
        let answers = [(of_validation, PartName::Validation, &validation), (rows, PartName::Test, &test)];
        let answers = answers.map(|(rows, part, found)| predicted_rows(dataset, rows, part, found));
        let answers = answers.into_iter().collect::<Option<Vec<_>>>().filter(|_| !validation.stopped);
        let answers = answers.map(|parts| parts.concat());
        let hits = rows.iter().zip(&test.predictions).map(|(row, label)| dataset.labels[*row as usize] == *label);
        let hits = hits.collect();
        let mut report = test.report(classifier.label_names());
        report.frozen = as_trained.map(|as_trained| {
            let changed =
                as_trained.predictions.iter().zip(&test.predictions).filter(|(then, now)| then != now).count();
            let accuracy = as_trained.confusion.accuracy();
            let precision = self.engine.frozen_precision;
            FrozenTest { precision, accuracy, difference: accuracy - report.accuracy, changed }
        });
        Ok(Some(Tested { report, hits, answers }))
    }

    /// Writes what the model answered row by row into the run's folder. Where that fails the run goes on with a warning,
    /// because the answers can be computed again.
    fn keep_answers(&self, answers: &[PredictedRow], recorder: &Recorder) {
        let kept = unless_gone(|| {
            recorder.hold()?;
            recorder.writer().keep_predictions(answers, &self.material.data.dataset.label_names())
        });
        if let Err(problem) = kept {
            let dir = recorder.writer().dir.clone();
            let unkept =
                Problem::new("predictions-not-kept").with("folder", dir.display()).with_problem("problem", problem);
            recorder.notify(RunNotice::Warning(unkept));
        }
    }

    /// Tells what the test found, beside the reference lines.
    fn tell_test(&self, tested: Option<Tested>, recorder: &mut Recorder) -> RunOutcome {
        let Some(Tested { report, hits, answers }) = tested else { return RunOutcome::Stopped };
        recorder.hits = hits;
        recorder.emit(RunEvent::TestEvaluated(report));
        if let Some(answers) = answers {
            self.keep_answers(&answers, recorder);
        }
        recorder.tell_reference();
        RunOutcome::Completed
    }
}
