//! What a class answered: bars for choices, and guesses against what came out.

use crate::words::numbers::count;
use crate::words::{Catalogue, Number};

use super::super::document::Weight;
use super::super::fonts::fitted;
use super::super::pdf::lines;
use super::super::plot::{Axis, Mark, Marks, Plot, Series};
use super::super::svg::{Anchor, SIZE, SMALL, Svg, WIDTH};

/// How many students chose each answer. The right one is marked.
pub fn answers(words: &Catalogue, rows: &[(String, usize, bool)]) -> Svg {
    let most = rows.iter().map(|(_, students, _)| *students).max().unwrap_or(0).max(1) as f64;
    let all: usize = rows.iter().map(|(_, students, _)| students).sum();
    let (room, line) = (WIDTH - 120.0, 16.0);
    let texts: Vec<Vec<String>> =
        rows.iter().map(|(text, ..)| lines(text, Weight::Regular, SIZE, WIDTH - 90.0)).collect();
    let height: f64 = texts.iter().map(|own| own.len() as f64 * line + 26.0).sum();
    let told: Vec<String> = rows.iter().map(|(text, students, _)| format!("{text}: {students}")).collect();
    let mut svg = Svg::new(WIDTH, height + 4.0, format!("{}. {}", words.say("class-answers"), told.join("; ")));
    let mut y = 0.0;
    for ((_, students, is_right), own) in rows.iter().zip(&texts) {
        for text in own {
            svg.text("text", Anchor::Start, [0.0, y + 12.0], SIZE, text);
            y += line;
        }
        if *is_right {
            let text = fitted(&words.say("lesson-right"), Weight::Bold, SMALL, 80.0);
            svg.bold("right", Anchor::End, [WIDTH, y - 4.0], SMALL, &text);
        }
        let wide = room * *students as f64 / most;
        svg.rect(if *is_right { "right" } else { "outline" }, [0.0, y + 2.0, wide.max(1.0), 11.0], 2.0, 1.0);
        let share = words.write(Number::Percent(*students as f64 / all.max(1) as f64));
        svg.text("muted", Anchor::Start, [wide + 8.0, y + 12.0], SMALL, &format!("{} · {share}", count(*students)));
        y += 26.0;
    }
    svg
}

/// Guessed accuracies against those that came out. Whoever guessed right is on the line.
pub fn guesses(words: &Catalogue, points: &[(f64, f64)]) -> Option<Svg> {
    if points.is_empty() {
        return None;
    }
    let height = 320.0;
    let mut svg = Svg::new(WIDTH, height, words.say("class-guesses"));
    let axis = |id: &'static str| {
        let both = points.iter().flat_map(|(guess, truth)| [*guess, *truth]);
        Axis::around(words.say(id), Marks::Percent, both)
    };
    let (x, y) = (axis("class-guessed-axis"), axis("class-reached-axis"));
    let ends = [[x.from, x.from], [x.to, x.to]];
    let series = |name: String, colour, mark, points| Series { name, colour, mark, points };
    let dots = points.iter().map(|(guess, truth)| [*guess, *truth]).collect();
    Plot {
        title: words.say("class-guesses-title"),
        x,
        y,
        series: vec![
            series(words.say("class-guess-right"), "grid", Mark::Curve, ends.to_vec()),
            series(words.say("class-guess-student"), "validation", Mark::Diamonds, dots),
        ],
        measured: Vec::new(),
        levels: Vec::new(),
        stages: Vec::new(),
    }
    .draw(&mut svg, [0.0, 0.0, WIDTH * 0.75, height]);
    Some(svg)
}
