//! The report of a race: what it says in sentences, its means with intervals, and what accuracy cost.

use crate::domain::command_line::{PLAN_FILE, TrainCommand, in_shell};
use crate::domain::freeze::Freeze;
use crate::domain::race::{ALL_ROWS, RaceMean, Strategy};
use crate::domain::report::ReportedRace;
use crate::words::numbers::{clock, count, learning_rate, ratio};
use crate::words::{Catalogue, Fill, Number, shared};

use super::document::{Block, Picture, Table};
use super::parts::{heading, left, range, right};
use super::pictures::{race_costs, race_ladder};

/// What people call the strategy of a mean, on a ladder with its rows.
fn name(words: &Catalogue, race: &ReportedRace, mean: &RaceMean) -> String {
    let strategy = race.plan.strategies.iter().find(|strategy| strategy.name == mean.freeze);
    let name = strategy.map_or_else(|| mean.freeze.clone(), |strategy| shared::strategy_name(words, strategy));
    if !race.plan.is_ladder() {
        return name;
    }
    format!("{name} · {}", words.say_with("run-rows", &[("rows", &mean.train_rows)]))
}

/// The whole race, without its single runs.
pub fn race(words: &Catalogue, race: &ReportedRace) -> Vec<Block> {
    let strategies: Vec<String> =
        race.plan.strategies.iter().map(|strategy| shared::strategy_name(words, strategy)).collect();
    let args: [(&str, &dyn Fill); 3] =
        [("strategies", &strategies.len()), ("seeds", &race.plan.seeds.len()), ("names", &strategies.join(", "))];
    let mut sentences = vec![words.say_with("report-race-sentence", &args)];
    let best = race.means.iter().reduce(|a, b| if b.accuracy > a.accuracy { b } else { a });
    if let Some(best) = best {
        let (low, high) = best.accuracy_interval;
        let name = name(words, race, best);
        let args: [(&str, &dyn Fill); 4] = [
            ("name", &name),
            ("accuracy", &Number::Ratio(best.accuracy)),
            ("low", &Number::Ratio(low)),
            ("high", &Number::Ratio(high)),
        ];
        sentences.push(words.say_with("report-race-best", &args));
    }
    let mut blocks = vec![heading(words, 2, "report-done"), Block::Paragraph(sentences.join(" "))];
    blocks.extend(missing(words, race).map(Block::Warning));
    if race.means.is_empty() {
        return blocks;
    }
    blocks.push(heading(words, 2, "report-result"));
    blocks.push(Block::Table(means(words, race)));
    if race.means.iter().any(|mean| mean.shared_secs > 0.0) {
        blocks.push(Block::Aside(words.say("report-shared-note")));
    }
    let names: Vec<String> = race.means.iter().map(|mean| name(words, race, mean)).collect();
    let picture = |svg, caption| Block::Picture(Picture { svg, caption: words.say(caption) });
    if race.plan.is_ladder() {
        blocks.extend(race_ladder(words, race).map(|svg| picture(svg, "report-ladder-caption")));
    } else {
        blocks.extend(race_costs(words, race, &names).map(|svg| picture(svg, "report-race-caption")));
    }
    blocks.extend(differences(words, race, &names));
    blocks
}

/// How many runs have no result, and why.
fn missing(words: &Catalogue, race: &ReportedRace) -> Option<String> {
    let count = race.plan.runs().len().saturating_sub(race.rows.len());
    let open = count.saturating_sub(race.skipped + race.failed);
    let args: [(&str, &dyn Fill); 4] =
        [("count", &count), ("skipped", &race.skipped), ("failed", &race.failed), ("open", &open)];
    (count > 0).then(|| words.say_with("report-race-missing", &args))
}

fn means(words: &Catalogue, race: &ReportedRace) -> Table {
    let mut columns = vec![left(words, "report-strategy")];
    if race.plan.is_ladder() {
        columns.push(right(words, "report-training-rows"));
    }
    columns.extend([
        right(words, "report-accuracy"),
        right(words, "report-interval"),
        right(words, "report-spread"),
        right(words, "report-f1"),
        right(words, "report-trainable"),
        right(words, "panel-learning-rate"),
        right(words, "report-time-short"),
        right(words, "report-seeds"),
    ]);
    let mut table = Table::new(columns);
    for mean in &race.means {
        let strategy = race.plan.strategies.iter().find(|strategy| strategy.name == mean.freeze);
        let name = strategy.map_or_else(|| mean.freeze.clone(), |strategy| shared::strategy_name(words, strategy));
        let rows = race.plan.is_ladder().then(|| count(mean.train_rows));
        let values = [
            ratio(mean.accuracy),
            range(words, mean.accuracy_interval),
            mean.accuracy_spread.map(ratio).unwrap_or_default(),
            ratio(mean.macro_f1),
            count(mean.trainable),
            learning_rate(mean.learning_rate),
            clock(mean.train_secs),
            mean.runs.to_string(),
        ];
        table.rows.push(std::iter::once(name).chain(rows).chain(values).collect());
    }
    table
}

/// Which differences the test decides. Those that it does not are named too, because a higher number says nothing then.
fn differences(words: &Catalogue, race: &ReportedRace, names: &[String]) -> Vec<Block> {
    /// A list of more pairs is read by no one.
    const MOST: usize = 20;
    let means = &race.means;
    let pairs = (0..means.len()).flat_map(|a| (a + 1..means.len()).map(move |b| (a, b)));
    let pairs: Vec<(usize, usize)> =
        pairs.filter(|(a, b)| means[*a].rows_per_class == means[*b].rows_per_class).collect();
    if pairs.is_empty() {
        return Vec::new();
    }
    let is_open = |pair: &(usize, usize)| race.undecided.contains(pair);
    let decided = pairs.iter().filter(|pair| !is_open(pair)).count();
    let line = |pair: &(usize, usize)| {
        let (a, b) = if means[pair.0].accuracy < means[pair.1].accuracy { (pair.1, pair.0) } else { *pair };
        let points = Number::Decimal((means[a].accuracy - means[b].accuracy) * 100.0, 1);
        let args: [(&str, &dyn Fill); 3] = [("first", &names[a]), ("second", &names[b]), ("points", &points)];
        words.say_with(if is_open(pair) { "report-race-undecided" } else { "report-race-higher" }, &args)
    };
    let (closed, open): (Vec<_>, Vec<_>) = pairs.iter().partition(|pair| !is_open(pair));
    let lines = closed.into_iter().chain(open).take(MOST).map(line).collect();
    vec![Block::Paragraph(words.say_with("report-race-decided", &[("count", &decided)])), Block::List(lines)]
}

/// The command that runs the same race again.
pub fn repeat(words: &Catalogue, race: &ReportedRace) -> Vec<Block> {
    let plan = &race.plan;
    let mut config = plan.config.clone();
    (config.freeze, config.training.learning_rate) = (Freeze::default(), plan.learning_rate);
    config.training.seed = plan.seeds.first().copied().unwrap_or(config.training.seed);
    let mut args = TrainCommand::of(&config).args;
    if let Some(task) = args.first_mut() {
        "race".clone_into(task);
    }
    let (mut blocks, mut names) = (Vec::new(), Vec::new());
    for strategy in &plan.strategies {
        let (named, file) = strategy_name(strategy);
        if let Some(content) = file {
            blocks.push(Block::Paragraph(words.say_with("report-repeat-plan", &[("file", &named)])));
            blocks.push(Block::Code(content));
        }
        names.push(named);
    }
    args.extend(["--freeze".to_owned(), names.join(",")]);
    args.extend(["--seeds".to_owned(), plan.seeds.len().to_string()]);
    if plan.is_ladder() {
        let rows = |rows: &usize| if *rows >= ALL_ROWS { "all".to_owned() } else { rows.to_string() };
        let steps: Vec<String> = plan.rows_per_class.iter().map(rows).collect();
        args.extend(["--rows-per-class".to_owned(), steps.join(",")]);
    }
    let line = std::iter::once("thaw".to_owned()).chain(args.iter().map(|arg| in_shell(arg)));
    blocks.push(Block::Paragraph(words.say("report-repeat-race")));
    blocks.push(Block::Code(line.collect::<Vec<_>>().join(" ")));
    blocks
}

/// The name of a strategy on the command line, and the content of the plan file that it stands for.
fn strategy_name(strategy: &Strategy) -> (String, Option<String>) {
    let config = crate::domain::config::RunConfig { freeze: strategy.freeze.clone(), ..Default::default() };
    match TrainCommand::of(&config).plan {
        Some(plan) if strategy.name.is_empty() => (PLAN_FILE.to_owned(), Some(plan)),
        Some(plan) => (format!("{}.json", strategy.name), Some(plan)),
        None => (strategy.freeze.name(), None),
    }
}
