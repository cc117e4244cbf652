//! The network from its input to its head, twice: what is frozen and what trains, and how far each part has moved.

use crate::domain::history::History;
use crate::domain::params::{Block, Parameter, Part};
use crate::words::numbers::{count, figure};
use crate::words::{Catalogue, Number};

use super::super::document::Weight;
use super::super::fonts::{fitted, width};
use super::super::svg::{Anchor, SIZE, SMALL, Svg, WIDTH};

/// A row of a picture: a part of the network without what it consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Embeddings,
    Layer(usize),
    Pooler,
    Classifier,
}

impl From<Part> for Place {
    fn from(part: Part) -> Self {
        match part {
            Part::Embeddings => Self::Embeddings,
            Part::Layer { index, .. } => Self::Layer(index),
            Part::Pooler => Self::Pooler,
            Part::Classifier => Self::Classifier,
        }
    }
}

fn name(words: &Catalogue, place: Place) -> String {
    match place {
        Place::Embeddings => words.say("report-part-embeddings"),
        Place::Layer(index) => words.say_with("report-part-layer", &[("layer", &Number::Plain(index as u64))]),
        Place::Pooler => words.say("report-part-pooler"),
        Place::Classifier => words.say("report-part-classifier"),
    }
}

/// The places in the order of the network, from the input on.
fn places(parts: impl Iterator<Item = Part>) -> Vec<Place> {
    let mut places: Vec<Place> = parts.map(Place::from).collect();
    places.sort_unstable();
    places.dedup();
    places
}

const NAMES: f64 = 118.0;

/// The parameter tree as a picture: a bar for each part of the network, the head above, with its numbers of parameters. The
/// length of a bar follows the logarithm of the number, as a linear one would leave nothing of a head.
pub fn tree(words: &Catalogue, parameters: &[(Parameter, bool)]) -> Option<Svg> {
    let places = places(parameters.iter().map(|(parameter, _)| parameter.part));
    if places.is_empty() {
        return None;
    }
    let of = |place: Place| parameters.iter().filter(move |(parameter, _)| Place::from(parameter.part) == place);
    let sum =
        |of: &mut dyn Iterator<Item = &(Parameter, bool)>| of.map(|(parameter, _)| parameter.count()).sum::<usize>();
    let totals: Vec<(usize, usize)> =
        places.iter().map(|place| (sum(&mut of(*place)), sum(&mut of(*place).filter(|(_, trains)| *trains)))).collect();
    let tall = if places.len() > 16 { 19.0 } else { 25.0 };
    let (top, room) = (24.0, WIDTH - NAMES - 210.0);
    let mut svg = Svg::new(WIDTH, top + tall * places.len() as f64 + 4.0, about(words, &places, &totals));
    let right = |column: f64| WIDTH - column;
    svg.text("muted", Anchor::End, [right(108.0), 12.0], SMALL, &words.say("report-tree-parameters"));
    svg.text("muted", Anchor::End, [right(0.0), 12.0], SMALL, &words.say("report-tree-trainable"));
    let longest = totals.iter().map(|(all, _)| length(*all)).fold(1.0, f64::max);
    for (row, (place, (all, trains))) in places.iter().zip(&totals).rev().enumerate() {
        let y = top + tall * row as f64;
        let baseline = y + tall / 2.0 + 2.0;
        svg.text("text", Anchor::End, [NAMES - 12.0, baseline], SIZE, &name(words, *place));
        let bar = room * length(*all) / longest;
        let mut x = NAMES;
        for (own, on) in blocks(of(*place)) {
            let wide = bar * own as f64 / (*all).max(1) as f64;
            let (fill, edge) = if on { ("trainable-fill", "trainable") } else { ("frozen-fill", "frozen") };
            let area = [x + 0.5, y + 2.5, (wide - 1.0).max(1.5), tall - 7.0];
            svg.rect(fill, area, 2.0, 1.0);
            svg.frame(edge, area, 2.0);
            x += wide;
        }
        // Colours alone would not tell everyone which is which.
        let (state, colour) = match trains {
            0 => ("report-frozen", "frozen"),
            on if on == all => ("report-trains", "trainable"),
            _ => ("report-trains-partly", "trainable"),
        };
        let text = words.say(state);
        let inside = bar > width(&text, Weight::Regular, SMALL) + 14.0;
        let at = if inside { NAMES + 8.0 } else { NAMES + bar + 8.0 };
        svg.text(colour, Anchor::Start, [at, baseline], SMALL, &text);
        svg.text("text", Anchor::End, [right(108.0), baseline], SIZE, &count(*all));
        let (shown, ink) = if *trains == 0 { ("0".to_owned(), "muted") } else { (count(*trains), "trainable") };
        svg.text(ink, Anchor::End, [right(0.0), baseline], SIZE, &shown);
    }
    Some(svg)
}

/// The length of a bar for so many numbers.
fn length(numbers: usize) -> f64 {
    (numbers.max(1) as f64).log10().max(0.5)
}

/// The numbers of a place's blocks, those that train apart from those that do not.
fn blocks<'a>(parameters: impl Iterator<Item = &'a (Parameter, bool)>) -> Vec<(usize, bool)> {
    let mut blocks: Vec<(Option<Block>, bool, usize)> = Vec::new();
    for (parameter, trains) in parameters {
        let block = if let Part::Layer { block, .. } = parameter.part { Some(block) } else { None };
        match blocks.iter_mut().find(|(own, on, _)| *own == block && on == trains) {
            Some((.., numbers)) => *numbers += parameter.count(),
            None => blocks.push((block, *trains, parameter.count())),
        }
    }
    blocks.into_iter().map(|(_, on, numbers)| (numbers, on)).collect()
}

fn about(words: &Catalogue, places: &[Place], totals: &[(usize, usize)]) -> String {
    let one = |(place, (all, trains)): (&Place, &(usize, usize))| {
        format!("{}: {} / {}", name(words, *place), count(*trains), count(*all))
    };
    let rows: Vec<String> = places.iter().zip(totals).map(one).collect();
    format!("{} {}", words.say("report-tree-about"), rows.join("; "))
}

/// How far each part of the network has moved by the end of the run. `None` for a run without samples.
pub fn drift(words: &Catalogue, history: &History) -> Option<Svg> {
    let (measured, last) = (history.measured()?, history.layers.last()?);
    if !last.fits(measured) {
        return None;
    }
    let places = places(measured.iter().map(|parameter| parameter.part));
    let rows: Vec<(Place, f64, bool)> = places
        .iter()
        .map(|place| {
            let own: Vec<usize> = (0..measured.len()).filter(|i| Place::from(measured[*i].part) == *place).collect();
            let trains = own.iter().any(|i| last.grad_norm[*i].is_some() || last.drift[*i] != 0.0);
            (*place, last.drift_of(measured, &own), trains)
        })
        .collect();
    let most = rows.iter().map(|(_, drift, _)| *drift).filter(|drift| drift.is_finite()).fold(1e-12, f64::max);
    let tall = if rows.len() > 16 { 19.0 } else { 25.0 };
    let told: Vec<String> =
        rows.iter().map(|(place, drift, _)| format!("{}: {}", name(words, *place), figure(*drift))).collect();
    let about = format!("{}. {}", words.say("report-drift"), told.join("; "));
    let mut svg = Svg::new(WIDTH, tall * rows.len() as f64 + 6.0, about);
    let room = WIDTH - NAMES - 150.0;
    for (row, (place, drift, trains)) in rows.iter().rev().enumerate() {
        let y = tall * row as f64;
        let baseline = y + tall / 2.0 + 4.0;
        svg.text("text", Anchor::End, [NAMES - 12.0, baseline], SIZE, &name(words, *place));
        svg.line("grid", [NAMES, y + 2.0], [NAMES, y + tall], 1.0);
        let wide = room * (drift / most).clamp(0.0, 1.0);
        let (text, ink) = if *trains {
            svg.rect("trainable", [NAMES, y + 5.0, wide.max(1.0), tall - 10.0], 2.0, 0.85);
            (figure(*drift), "text")
        } else {
            (words.say("report-drift-none"), "frozen")
        };
        let at = if *trains { NAMES + wide + 8.0 } else { NAMES + 8.0 };
        svg.text(ink, Anchor::Start, [at, baseline], SMALL, &fitted(&text, Weight::Regular, SMALL, WIDTH - at));
    }
    Some(svg)
}
