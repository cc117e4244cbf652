//! The report of one run: in full, or in short beside others.

use crate::domain::coach::advise;
use crate::domain::command_line::{PLAN_FILE, TrainCommand};
use crate::domain::health::seen_test_rows;
use crate::domain::message::TestEvaluated;
use crate::domain::report::{ReportedMistake, ReportedRun};
use crate::domain::stored::RunState;
use crate::words::numbers::{clock, count, learning_rate, ratio};
use crate::words::{Catalogue, Fill, Number, health, shared};

use super::document::{Align, Block, Headline, Picture, Table};
use super::parts::{heading, interval, labels, left, per_class, range, result, right};
use super::pictures::{curves, drift, matrix, tree};
use super::settings;

/// A text of a mistake shows so many characters at most.
const LONGEST: usize = 420;
/// The pairs of a matrix that is too large to be drawn.
const PAIRS: usize = 12;

/// How many parameters train in some stage of the run, and how many there are.
pub fn parameters(run: &ReportedRun) -> Option<(usize, usize)> {
    let started = run.history.started.as_ref()?;
    Some((started.trainable, started.trainable + started.frozen))
}

/// The seconds of training, with those that were shared.
pub fn seconds(run: &ReportedRun) -> Option<(f64, f64)> {
    run.history.ended.as_ref().map(|ended| (ended.train_secs, ended.shared_secs))
}

/// The report of one run alone.
pub fn whole(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let mut blocks = state(words, run);
    blocks.push(Block::Figures(headlines(words, run)));
    blocks.push(heading(words, 2, "report-done"));
    blocks.extend(done(words, run).into_iter().map(Block::Paragraph));
    blocks.extend(stands_out(words, run));
    if let Some(test) = &run.history.test {
        blocks.push(heading(words, 2, "report-result"));
        blocks.extend(measures(words, run, test));
    }
    blocks.extend(course(words, run));
    blocks.push(heading(words, 2, "report-freezing"));
    blocks.extend(freezing(words, run));
    blocks.push(heading(words, 2, "report-mistakes"));
    blocks.extend(mistakes(words, run));
    blocks.push(heading(words, 2, "report-data"));
    blocks.extend(settings::data(words, run));
    blocks.push(heading(words, 2, "report-model"));
    blocks.push(Block::Facts(settings::model(words, run)));
    blocks.push(heading(words, 2, "report-settings"));
    blocks.push(Block::Facts(settings::settings(words, run)));
    blocks.push(heading(words, 2, "report-repeat"));
    blocks.extend(repeat(words, run));
    blocks
}

/// The report of a run among others: what sets it apart from them.
pub fn short(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let mut blocks = state(words, run);
    blocks.extend(freeze_sentence(words, run).into_iter().chain(training_sentence(words, run)).map(Block::Paragraph));
    blocks.push(Block::Paragraph(match &run.history.test {
        Some(test) => result(words, test),
        None => words.say("report-done-untested"),
    }));
    blocks.extend(stands_out(words, run));
    blocks.extend(curves(words, run).map(|svg| Block::Picture(Picture { svg, caption: String::new() })));
    if let Some(test) = &run.history.test {
        blocks.push(Block::Table(per_class(words, test)));
        blocks.extend(matrix(words, test).map(|svg| Block::Picture(Picture { svg, caption: String::new() })));
    }
    blocks.push(Block::Code(TrainCommand::of(&run.config).line()));
    blocks
}

/// What a reader has to know before anything else.
fn state(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let id = match run.entry.state {
        RunState::Completed => None,
        RunState::Stopped => Some("report-state-stopped"),
        RunState::Failed => Some("report-state-failed"),
        RunState::Unfinished | RunState::Running => Some("report-state-unfinished"),
        RunState::Damaged => Some("runs-damaged"),
    };
    let damage = run.entry.damage.iter().map(|problem| words.sentence(problem));
    let state = id.map(|id| words.say(id));
    let seen = run.history.test.as_ref().and_then(|test| {
        seen_test_rows(&run.data.findings)?;
        health::seen_in_training(words, &run.data.findings, test.confusion.rows() as usize)
    });
    let broken = run.history.proof.as_ref().filter(|proof| !proof.broken.is_empty());
    let broken = broken.map(|proof| words.say_with("freeze-broken", &[("names", &proof.broken.join(", "))]));
    state.into_iter().chain(damage).chain(broken).chain(seen).map(Block::Warning).collect()
}

fn headlines(words: &Catalogue, run: &ReportedRun) -> Vec<Headline> {
    let none = || words.say("report-no-figure");
    let figure = |id: &'static str, value: Option<String>, detail: Option<String>| Headline {
        name: words.say(id),
        value: value.unwrap_or_else(none),
        detail: detail.unwrap_or_default(),
    };
    let test = run.history.test.as_ref();
    let detail = |test: &TestEvaluated| {
        let (low, high) = interval(test);
        words.say_with("report-accuracy-detail", &[("low", &Number::Ratio(low)), ("high", &Number::Ratio(high))])
    };
    let classes = words.say_with("report-f1-detail", &[("classes", &run.labels.len())]);
    let trained = parameters(run);
    let share = trained.map(|(on, all)| words.write(Number::FinePercent(on as f64 / all.max(1) as f64)));
    let of_all =
        trained.map(|(on, all)| words.say_with("report-trainable-detail", &[("trainable", &on), ("total", &all)]));
    let steps = run.history.steps.last().map_or(0, |step| step.step);
    let course: [(&str, &dyn Fill); 2] = [("epochs", &run.history.epochs.len()), ("steps", &steps)];
    let time = seconds(run).map(|(secs, _)| if secs < 60.0 { words.write(Number::Seconds(secs)) } else { clock(secs) });
    vec![
        figure("report-accuracy", test.map(|test| ratio(test.accuracy)), test.map(detail)),
        figure("report-f1", test.map(|test| ratio(test.macro_f1)), Some(classes)),
        figure("report-trainable", share, of_all),
        figure("report-time", time, Some(words.say_with("report-time-detail", &course))),
    ]
}

/// What was done, in sentences.
fn done(words: &Catalogue, run: &ReportedRun) -> Vec<String> {
    let named = labels(words, &run.labels);
    let model: [(&str, &dyn Fill); 4] =
        [("model", &run.model.name), ("data", &run.data.name), ("classes", &run.labels.len()), ("labels", &named)];
    let mut first = vec![words.say_with("report-done-model", &model)];
    if let Some(started) = &run.history.started {
        let rows: [(&str, &dyn Fill); 3] =
            [("train", &started.train_rows), ("validation", &started.validation_rows), ("test", &started.test_rows)];
        first.push(words.say_with("report-done-rows", &rows));
    }
    let second: Vec<String> = freeze_sentence(words, run).into_iter().chain(training_sentence(words, run)).collect();
    let mut third = Vec::new();
    match &run.history.test {
        Some(test) => {
            third.extend(shared::at_chance(words, test));
            third.push(result(words, test));
            third.extend(run.history.reference.as_ref().and_then(|reference| shared::verdict(words, reference, test)));
        }
        None => third.push(words.say("report-done-untested")),
    }
    let guess = guessed(words, run);
    [first, second, third, guess].iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join(" ")).collect()
}

fn freeze_sentence(words: &Catalogue, run: &ReportedRun) -> Option<String> {
    let (on, all) = parameters(run)?;
    let freeze = shared::freezing(words, &run.config.freeze);
    let share = Number::FinePercent(on as f64 / all.max(1) as f64);
    let args: [(&str, &dyn Fill); 4] = [("freeze", &freeze), ("trainable", &on), ("total", &all), ("share", &share)];
    Some(words.say_with("report-done-freeze", &args))
}

fn training_sentence(words: &Catalogue, run: &ReportedRun) -> Option<String> {
    let steps = run.history.steps.last()?.step;
    let (secs, shared_secs) = seconds(run).or_else(|| Some((run.history.steps.last()?.elapsed_secs, 0.0)))?;
    let time = if secs < 60.0 {
        shared::seconds(words, secs, shared_secs)
    } else {
        shared::training_time(words, secs, shared_secs)
    };
    let args: [(&str, &dyn Fill); 5] = [
        ("epochs", &run.history.epochs.len().max(1)),
        ("steps", &steps),
        ("batch", &run.config.training.batch_text()),
        ("rate", &learning_rate(run.learning_rate)),
        ("time", &time),
    ];
    Some(words.say_with("report-done-training", &args))
}

/// What was guessed before the run, beside what came out.
fn guessed(words: &Catalogue, run: &ReportedRun) -> Vec<String> {
    let Some(guess) = run.config.guess else { return Vec::new() };
    let accuracy = guess.accuracy.zip(run.history.test.as_ref());
    let accuracy = accuracy.map(|(guess, test)| shared::guessed_accuracy(words, guess, test.accuracy));
    let time = guess.secs.zip(seconds(run));
    let time = time.map(|(guess, (secs, shared_secs))| shared::guessed_secs(words, guess, secs, shared_secs));
    accuracy.into_iter().chain(time).collect()
}

/// The known signs of trouble in the run's numbers.
fn stands_out(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let advice = advise(&run.history, &run.config);
    advice.iter().map(|advice| Block::Warning(words.problem(&advice.sentence))).collect()
}

/// The measures of the test with their intervals, those of each label, and the matrix.
fn measures(words: &Catalogue, run: &ReportedRun, test: &TestEvaluated) -> Vec<Block> {
    let mut table =
        Table::new([left(words, "report-measure"), right(words, "report-value"), right(words, "report-interval")]);
    let mut row = |name: String, value: f64, interval: String| table.rows.push(vec![name, ratio(value), interval]);
    row(words.say("report-accuracy"), test.accuracy, range(words, interval(test)));
    row(words.say("report-f1"), test.macro_f1, String::new());
    row(words.say("report-loss"), test.loss, String::new());
    let label = shared::most_frequent(test);
    row(words.say_with("report-majority", &[("label", &label)]), test.confusion.majority_accuracy(), String::new());
    if let Some(reference) = &run.history.reference {
        row(words.say("report-words"), reference.bag_of_words.test_accuracy, String::new());
    }
    table.strong.insert(0);
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(shared::frozen_test(words, test).map(Block::Aside));
    blocks.push(heading(words, 3, "report-per-class"));
    blocks.push(Block::Table(per_class(words, test)));
    blocks.push(Block::Aside(words.say("report-per-class-note")));
    match matrix(words, test) {
        Some(svg) => {
            blocks.push(heading(words, 3, "report-matrix"));
            blocks.push(Block::Picture(Picture { svg, caption: words.say("report-matrix-caption") }));
        }
        None => blocks.extend(pairs(words, test)),
    }
    blocks
}

/// The most frequent mistakes, in the place of a matrix that is too large.
fn pairs(words: &Catalogue, test: &TestEvaluated) -> Vec<Block> {
    let mut table = Table::new([
        left(words, "report-true"),
        left(words, "report-predicted"),
        right(words, "report-count"),
        right(words, "report-share"),
    ]);
    for pair in test.confusion.worst_pairs(PAIRS) {
        let names = [pair.truth, pair.predicted].map(|class| test.labels[class].clone());
        let [truth, predicted] = names;
        table.rows.push(vec![truth, predicted, count(pair.count as usize), words.write(Number::Percent(pair.share))]);
    }
    let note = words.say_with("report-pairs-note", &[("classes", &test.labels.len())]);
    vec![heading(words, 3, "report-pairs"), Block::Paragraph(note), Block::Table(table)]
}

/// The curves, and what each epoch came to.
fn course(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let Some(svg) = curves(words, run) else { return Vec::new() };
    let mut blocks = vec![heading(words, 2, "report-curves")];
    blocks.push(Block::Picture(Picture { svg, caption: words.say("report-curves-caption") }));
    let mut table = Table::new([
        right(words, "report-epoch"),
        right(words, "report-train-loss"),
        right(words, "report-train-accuracy"),
        right(words, "report-validation-loss"),
        right(words, "report-validation-accuracy"),
        right(words, "report-time-short"),
    ]);
    for epoch in &run.history.epochs {
        let values = [epoch.train_loss, epoch.train_accuracy, epoch.validation_loss, epoch.validation_accuracy];
        let time = words.write(Number::Clock(epoch.elapsed_secs));
        table.rows.push(std::iter::once(epoch.epoch.to_string()).chain(values.map(ratio)).chain([time]).collect());
    }
    if !table.rows.is_empty() {
        blocks.push(Block::Table(table));
    }
    blocks
}

/// What was frozen as a picture, how far everything moved, and the proof that the frozen did not.
fn freezing(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let mut blocks = Vec::new();
    match (tree(words, &run.parameters), parameters(run)) {
        (Some(svg), Some((on, all))) => {
            let sentence = words.say_with("report-tree-sentence", &[("trainable", &on), ("total", &all)]);
            blocks.push(Block::Paragraph(sentence));
            blocks.push(Block::Picture(Picture { svg, caption: words.say("report-tree-caption") }));
        }
        _ => blocks.push(Block::Paragraph(words.say("report-tree-missing"))),
    }
    let stages = &run.history.stages;
    if !stages.is_empty() {
        let mut table = Table::new([
            right(words, "report-stage"),
            right(words, "report-from-epoch"),
            right(words, "report-tree-trainable"),
            right(words, "report-frozen"),
        ]);
        let row = |numbers: [usize; 4]| numbers.map(count).to_vec();
        table.rows =
            stages.iter().map(|stage| row([stage.stage, stage.epoch, stage.trainable, stage.frozen])).collect();
        blocks.extend([heading(words, 3, "report-stages"), Block::Table(table)]);
    }
    if let (Some(svg), Some(last)) = (drift(words, &run.history), run.history.layers.last()) {
        blocks.push(heading(words, 3, "report-drift"));
        blocks.push(Block::Paragraph(words.say_with("report-drift-sentence", &[("step", &last.step)])));
        blocks.push(Block::Picture(Picture { svg, caption: String::new() }));
    }
    blocks.push(heading(words, 3, "report-proof"));
    blocks.push(Block::Paragraph(match &run.history.proof {
        Some(proof) => {
            let totals = shared::proof_totals(words, proof);
            let sentence = words.say_with("report-proof-sentence", &[("totals", &totals)]);
            if proof.broken.is_empty() { format!("{sentence} {}", words.say("report-proof-holds")) } else { sentence }
        }
        None => words.say("report-proof-missing"),
    }));
    blocks
}

/// The most confident mistakes, with their texts where the data are at hand.
fn mistakes(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let Some(test) = &run.history.test else { return vec![Block::Paragraph(words.say("report-done-untested"))] };
    let (own, rows) = (&run.mistakes, test.confusion.rows());
    let wrong = rows - test.confusion.correct();
    if wrong == 0 {
        return vec![Block::Paragraph(words.say("report-mistakes-none"))];
    }
    let mut blocks = Vec::new();
    let why = own.missing.as_ref().map(|problem| words.sentence(problem)).unwrap_or_default();
    if own.rows.is_empty() {
        let sentence = format!("{} {why}", words.say("report-mistakes-untold"));
        return vec![Block::Paragraph(sentence.trim_end().to_owned())];
    }
    let args: [(&str, &dyn Fill); 3] = [("count", &own.count), ("rows", &rows), ("shown", &own.rows.len())];
    blocks.push(Block::Paragraph(words.say_with("report-mistakes-sentence", &args)));
    let has_texts = own.rows.iter().any(|row| row.texts.is_some());
    if !has_texts {
        blocks.push(Block::Paragraph(format!("{} {why}", words.say("report-mistakes-no-texts")).trim_end().to_owned()));
    }
    let texts = has_texts.then(|| left(words, "report-text"));
    let others = [left(words, "report-true"), left(words, "report-predicted"), right(words, "report-confidence")];
    let mut table = Table::new([(Align::Right, words.say("report-row"))].into_iter().chain(texts).chain(others));
    table.rows = own.rows.iter().map(|row| mistake(words, row, has_texts)).collect();
    blocks.push(Block::Table(table));
    blocks
}

fn mistake(words: &Catalogue, mistake: &ReportedMistake, has_texts: bool) -> Vec<String> {
    let mut cells = vec![mistake.row.to_string()];
    if has_texts {
        let texts = mistake.texts.clone().unwrap_or_default();
        let second = texts.second.map(|second| words.say_with("report-second-text", &[("text", &cut(&second))]));
        cells.push(std::iter::once(cut(&texts.text)).chain(second).collect::<Vec<_>>().join("\n"));
    }
    cells.extend([mistake.truth.clone(), mistake.predicted.clone(), ratio(mistake.confidence)]);
    cells
}

/// A text in one line, of which a mark stands for the rest where it is long.
fn cut(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() { short.trim_end().to_owned() + "…" } else { short }
}

/// The command that trains the same again, and what it needs.
fn repeat(words: &Catalogue, run: &ReportedRun) -> Vec<Block> {
    let command = TrainCommand::of(&run.config);
    let mut blocks = Vec::new();
    if let Some(plan) = &command.plan {
        blocks.push(Block::Paragraph(words.say_with("report-repeat-plan", &[("file", &PLAN_FILE)])));
        blocks.push(Block::Code(plan.clone()));
    }
    blocks.push(Block::Paragraph(words.say("report-repeat-sentence")));
    blocks.push(Block::Code(command.line()));
    if let Some(code) = &run.python {
        blocks.push(Block::Paragraph(words.say("report-repeat-python")));
        blocks.push(Block::Code(code.clone()));
    }
    blocks
}
