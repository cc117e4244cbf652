//! Tables on paper: columns as wide as they need, rows that stay whole, and the head again on every sheet.

use super::super::document::{Align, Table, Weight};
use super::super::fonts::width;
use super::layout::{BOTTOM, LEFT, Layout, Role, Shape, TOP, WIDTH};
use super::lines::lines;

const STYLE: (f64, f64) = (9.0, 13.0);
const HEAD: (f64, f64) = (8.2, 11.6);
const PAD: f64 = 3.4;
const GAP: f64 = 13.0;

/// A cell's lines, and how they are set.
struct Cell {
    lines: Vec<String>,
    align: Align,
    weight: Weight,
    ink: &'static str,
}

/// Names and values beside each other.
pub fn facts(layout: &mut Layout, facts: &[(String, String)]) {
    let widest = facts.iter().map(|(name, _)| width(name, Weight::Regular, STYLE.0)).fold(60.0, f64::max);
    let widths = [widest.min(WIDTH * 0.36), 0.0];
    let widths = [widths[0], WIDTH - GAP - widths[0]];
    let node = layout.node(Role::Table, None);
    for (name, value) in facts {
        let cell = |text: &str, wide, ink| {
            let lines = lines(text, Weight::Regular, STYLE.0, wide);
            Cell { lines, align: Align::Left, weight: Weight::Regular, ink }
        };
        let cells = [cell(name, widths[0], "muted"), cell(value, widths[1], "text")];
        row(layout, node, &cells, &widths, &mut |_| {});
    }
    layout.y += 10.0;
}

pub fn table(layout: &mut Layout, table: &Table) {
    let widths = widths(table);
    let node = layout.node(Role::Table, None);
    head(layout, table, &widths, Some(node));
    for (place, own) in table.rows.iter().enumerate() {
        let weight = if table.strong.contains(&place) { Weight::Bold } else { Weight::Regular };
        let cells = table.columns.iter().zip(&widths).enumerate().map(|(i, ((align, _), wide))| {
            let text = own.get(i).map_or("", String::as_str);
            Cell { lines: lines(text, weight, STYLE.0, *wide), align: *align, weight, ink: "text" }
        });
        let cells: Vec<Cell> = cells.collect();
        row(layout, node, &cells, &widths, &mut |layout| head(layout, table, &widths, None));
    }
    layout.y += 12.0;
}

/// The names of the columns. On a later sheet they only adorn it.
fn head(layout: &mut Layout, table: &Table, widths: &[f64], node: Option<usize>) {
    let all: Vec<Vec<String>> =
        table.columns.iter().zip(widths).map(|((_, name), wide)| lines(name, Weight::Bold, HEAD.0, *wide)).collect();
    let count = all.iter().map(Vec::len).max().unwrap_or(0);
    let tall = count as f64 * HEAD.1 + PAD;
    if node.is_some() {
        layout.keep(tall + 3.0 * (STYLE.1 + 2.0 * PAD));
    }
    let row = node.map(|node| layout.node(Role::Row, Some(node)));
    let mut x = LEFT;
    for (((align, _), wide), own) in table.columns.iter().zip(widths).zip(&all) {
        let cell = row.map(|row| layout.node(Role::HeadCell, Some(row)));
        for (i, line) in own.iter().enumerate() {
            let y = layout.y + (count - own.len() + i) as f64 * HEAD.1;
            let left = aligned(x, *wide, *align, width(line, Weight::Bold, HEAD.0));
            layout.put(cell, [left, y], HEAD, Weight::Bold, "muted", line);
        }
        x += wide + GAP;
    }
    layout.y += tall;
    rule(layout, "outline");
}

fn aligned(x: f64, wide: f64, align: Align, own: f64) -> f64 {
    if align == Align::Right { x + wide - own } else { x }
}

fn rule(layout: &mut Layout, ink: &'static str) {
    let y = layout.y;
    layout.add(None, Shape::Line { from: [LEFT, y], to: [LEFT + WIDTH, y], ink, width: 0.5 });
}

/// A row with the line below it. One that is taller than a sheet goes on on the next.
fn row(layout: &mut Layout, table: usize, cells: &[Cell], widths: &[f64], turned: &mut dyn FnMut(&mut Layout)) {
    let count = cells.iter().map(|cell| cell.lines.len()).max().unwrap_or(1);
    let node = layout.node(Role::Row, Some(table));
    let nodes: Vec<usize> = cells.iter().map(|_| layout.node(Role::Cell, Some(node))).collect();
    let tall = |lines: usize| lines as f64 * STYLE.1 + 2.0 * PAD;
    let mut turn = |layout: &mut Layout| {
        layout.turn();
        turned(layout);
    };
    if tall(count) > layout.room() && tall(count) < (BOTTOM - TOP) * 0.7 {
        turn(layout);
    }
    let mut done = 0;
    while done < count {
        if tall(1) > layout.room() {
            turn(layout);
        }
        let fitting = (((layout.room() - 2.0 * PAD) / STYLE.1) as usize).clamp(1, count - done);
        let mut x = LEFT;
        for ((cell, wide), node) in cells.iter().zip(widths).zip(&nodes) {
            for (i, line) in cell.lines.iter().skip(done).take(fitting).enumerate() {
                let left = aligned(x, *wide, cell.align, width(line, cell.weight, STYLE.0));
                layout.put(
                    Some(*node),
                    [left, layout.y + PAD + i as f64 * STYLE.1],
                    STYLE,
                    cell.weight,
                    cell.ink,
                    line,
                );
            }
            x += wide + GAP;
        }
        layout.y += tall(fitting);
        done += fitting;
    }
    rule(layout, "line");
}

/// The widths of the columns, which fill the sheet. Where not everything fits, long texts are broken and short ones are not.
fn widths(table: &Table) -> Vec<f64> {
    let count = table.columns.len();
    let room = WIDTH - GAP * count.saturating_sub(1) as f64;
    let cells = |column: usize| {
        table.rows.iter().enumerate().map(move |(place, row)| {
            let weight = if table.strong.contains(&place) { Weight::Bold } else { Weight::Regular };
            (row.get(column).map_or("", String::as_str), weight, STYLE.0)
        })
    };
    let all = |column: usize| cells(column).chain([(table.columns[column].1.as_str(), Weight::Bold, HEAD.0)]);
    let widest = |column: usize, of: &dyn Fn(&str, Weight, f64) -> f64| {
        all(column).map(|(text, weight, size)| of(text, weight, size)).fold(0.0, f64::max)
    };
    let whole: Vec<f64> = (0..count)
        .map(|column| {
            let of_cells = cells(column).map(|(text, weight, size)| width(text, weight, size)).fold(0.0, f64::max);
            let of_words = widest(column, &|text, weight, size| longest_word(text, weight, size));
            of_cells.max(of_words)
        })
        .collect();
    let sum: f64 = whole.iter().sum();
    if sum <= room {
        let more = (room - sum) / sum.max(1.0);
        return whole.iter().map(|own| own * (1.0 + more)).collect();
    }
    let least: Vec<f64> = (0..count)
        .map(|column| {
            widest(column, &|text, weight, size| longest_word(text, weight, size)).min(whole[column]).min(120.0)
        })
        .collect();
    let needed: f64 = least.iter().sum();
    if needed >= room {
        return least.iter().map(|own| own * room / needed).collect();
    }
    let spread: f64 = whole.iter().zip(&least).map(|(whole, least)| whole - least).sum();
    let share = (room - needed) / spread.max(1e-9);
    whole.iter().zip(&least).map(|(whole, least)| least + (whole - least) * share).collect()
}

fn longest_word(text: &str, weight: Weight, size: f64) -> f64 {
    text.split_whitespace().map(|word| width(word, weight, size)).fold(0.0, f64::max) + 0.01
}
