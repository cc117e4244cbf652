//! The data panel charts the data: the skipped rows, the classes, the lengths in tokens, and the split.

use eframe::egui::{self, Color32, CornerRadius, FontId, Label, Rect, RichText, ScrollArea, Sense, Ui, pos2, vec2};

use crate::app::train::TrainAction;
use crate::domain::config::{Bounds, TEST_SHARE, VALIDATION_SHARE};
use crate::domain::dataset::{DatasetSummary, LabelCount, TokenLengths};
use crate::gui::save_plot::{self, Table};
use crate::gui::theme::{self, palette, space};
use crate::words::{Number, numbers};

use super::{Scene, parts};

/// This many classes are visible before their list scrolls.
const CLASSES_SHOWN: usize = 8;
const CLASS_ROW: f32 = 20.0;
/// The histogram of the lengths has at most this many bars.
const MOST_BINS: usize = 44;

/// Says how many rows there are.
pub fn rows(ui: &mut Ui, scene: &Scene<'_>, data: &DatasetSummary) {
    ui.label(scene.say_with("panel-rows", &[("count", &data.rows)]));
}

/// Draws a bar for every label with its number of rows.
pub fn classes(ui: &mut Ui, scene: &Scene<'_>, data: &DatasetSummary) {
    let title = scene.say_with("panel-classes", &[("count", &data.labels.len())]);
    parts::caption(ui, &title);
    let most = data.labels.iter().map(|l| l.count).max().unwrap_or(1).max(1);
    // The column of names is as wide as its widest name, but always leaves room for the bars.
    let font = FontId::proportional(13.0);
    let width_of =
        |name: &str| ui.painter().layout_no_wrap(name.to_owned(), font.clone(), Color32::PLACEHOLDER).size().x;
    let widest = data.labels.iter().take(100).map(|l| width_of(&l.label)).fold(0.0, f32::max);
    // In a place that has hardly any width, as in a window's first pass, the least width counts.
    let name_width = widest.ceil().min(ui.available_width() * 0.42).max(40.0);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        let height = CLASSES_SHOWN as f32 * (CLASS_ROW + 2.0);
        ScrollArea::vertical().id_salt("classes").max_height(height).auto_shrink([false, true]).show_rows(
            ui,
            CLASS_ROW,
            data.labels.len(),
            |ui, range| {
                for label in &data.labels[range] {
                    class_bar(ui, scene, label, name_width, most, data);
                }
            },
        );
    });
}

fn class_bar(ui: &mut Ui, scene: &Scene<'_>, label: &LabelCount, name_width: f32, most: usize, data: &DatasetSummary) {
    let p = palette(ui);
    let (name, count) = (label.label.as_str(), label.count);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - space::S, CLASS_ROW), Sense::hover());
    let share = scene.words.write(Number::Percent(count as f64 / data.rows.max(1) as f64));
    let figures = format!("{}  ·  {share}", numbers::count(count));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, format!("{name}: {figures}")));
    let figures_width = 116.0;
    let others = data.labels.iter().map(|l| l.label.as_str());
    let (galley, elided) = theme::fitted_among(ui, name, others, &FontId::proportional(13.0), p.text, name_width);
    let painter = ui.painter();
    painter.galley(pos2(rect.left(), rect.center().y - galley.size().y / 2.0), galley, p.text);
    let font = FontId::proportional(12.5);
    painter.text(rect.right_center(), egui::Align2::RIGHT_CENTER, figures, font, p.muted);
    let track = Rect::from_min_max(
        pos2(rect.left() + name_width + 10.0, rect.center().y - 5.0),
        pos2(rect.right() - figures_width, rect.center().y + 5.0),
    );
    painter.rect_filled(track, 3.0, p.well);
    let mut filled = track;
    filled.set_width((track.width() * count as f32 / most as f32).max(2.0));
    painter.rect_filled(filled, 3.0, p.accent);
    if elided {
        response.on_hover_text(name);
    }
}

/// Groups the lengths in tokens into bins of (first length, last length, rows). Rows that were cut are not among them.
fn length_bins(lengths: &TokenLengths) -> Vec<(usize, usize, u64)> {
    let uncut = &lengths.counts[..lengths.counts.len().min(lengths.max_length + 1)];
    let longest =
        if lengths.cut > 0 { lengths.max_length } else { uncut.iter().rposition(|&rows| rows > 0).unwrap_or(0) };
    let width = (longest + 1).div_ceil(MOST_BINS).max(1);
    (0..=longest)
        .step_by(width)
        .map(|first| {
            let last = (first + width - 1).min(longest);
            let rows = (first..=last).filter_map(|n| uncut.get(n)).sum::<usize>();
            (first, last, rows as u64)
        })
        .collect()
}

/// Shows how long the texts are and how many of them the maximum length cuts.
pub fn lengths(ui: &mut Ui, scene: &mut Scene<'_>) {
    let known = scene.state.train.token_lengths.as_deref().filter(|l| l.done > 0);
    let title = scene.say("panel-lengths");
    let top = ui.cursor().min;
    ui.horizontal(|ui| {
        parts::caption(ui, &title).on_hover_text(scene.hint("panel-lengths"));
        if let Some(lengths) = known {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                // The picture takes in the caption, the bars and the axis below them.
                let picture = Rect::from_min_size(top, vec2(ui.max_rect().right() - top.x, 112.0)).expand(4.0);
                save_plot::button(ui, scene, &title, picture, |scene| lengths_table(lengths, scene));
            });
        }
    });
    let Some(lengths) = known else {
        ui.label(theme::small_muted(ui, scene.say("panel-lengths-waiting")));
        return;
    };
    let p = palette(ui);
    let bins = length_bins(lengths);
    let mut heights: Vec<u64> = bins.iter().map(|b| b.2).collect();
    let highest = heights.iter().copied().max().unwrap_or(0);
    let broken = (highest > 0 && lengths.cut as u64 > 2 * highest).then_some(heights.len());
    heights.extend((lengths.cut > 0).then_some(lengths.cut as u64));
    let hover = |i: usize| match bins.get(i) {
        Some((first, last, rows)) => {
            let tokens = if first == last { first.to_string() } else { format!("{first}–{last}") };
            scene.say_with("panel-lengths-bar", &[("tokens", &tokens), ("rows", rows)])
        }
        None => scene.say_with("panel-lengths-cut-bar", &[("rows", &lengths.cut)]),
    };
    let summary = cut_in_words(scene, lengths);
    let colour = |i: usize| if i < bins.len() { p.accent } else { p.warning };
    parts::histogram(ui, 56.0, &heights, broken, colour, hover, &summary);
    let right = bins.last().map_or(0, |b| b.1);
    let right = if lengths.cut > 0 { format!("{right}+") } else { right.to_string() };
    parts::axis_ends(ui, "0", &scene.say("panel-lengths-axis"), &right);
    ui.add(Label::new(RichText::new(summary).size(13.0)).wrap());
    if lengths.done < lengths.total {
        let text = scene.say_with("panel-tokenised", &[("done", &lengths.done), ("total", &lengths.total)]);
        ui.label(theme::small_muted(ui, &text));
        let share = lengths.done as f32 / lengths.total.max(1) as f32;
        theme::bar(ui, share, vec2(ui.available_width(), 4.0), p.accent, &text);
    }
}

/// Returns the number of texts of every length, and in the last row the number of those that were cut.
fn lengths_table(lengths: &TokenLengths, scene: &Scene<'_>) -> Table {
    let mut table = Table::new([scene.say("panel-lengths-axis"), scene.say("panel-lengths-texts")]);
    let uncut = &lengths.counts[..lengths.counts.len().min(lengths.max_length + 1)];
    let longest = uncut.iter().rposition(|rows| *rows > 0).map_or(0, |last| last + 1);
    table.rows = uncut[..longest].iter().enumerate().map(|(n, rows)| vec![n.to_string(), rows.to_string()]).collect();
    if lengths.cut > 0 {
        table.rows.push(vec![format!(">{}", lengths.max_length), lengths.cut.to_string()]);
    }
    table
}

fn cut_in_words(scene: &Scene<'_>, lengths: &TokenLengths) -> String {
    let limit = lengths.max_length;
    if lengths.cut == 0 {
        return scene.say_with("panel-lengths-none-cut", &[("limit", &limit)]);
    }
    let share = Number::Percent(lengths.cut as f64 / lengths.done.max(1) as f64);
    scene.say_with("panel-lengths-cut", &[("share", &share), ("rows", &lengths.cut), ("limit", &limit)])
}

/// Draws the three parts as one bar with their rows, and the controls for their shares and the seed.
pub fn split(ui: &mut Ui, scene: &mut Scene<'_>, data: &DatasetSummary) {
    parts::caption(ui, &scene.say("panel-split")).on_hover_text(scene.hint("panel-split"));
    let p = palette(ui);
    let (train, validation, test) = data.split.totals();
    let all = (train + validation + test).max(1);
    let pieces = [
        ("panel-train-part", train, p.train_curve),
        ("panel-validation-part", validation, p.validation_curve),
        ("panel-test-part", test, p.other_curve),
    ];
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 14.0), Sense::hover());
    let parts_in_words: Vec<String> =
        pieces.iter().map(|(id, n, _)| format!("{} {}", scene.say(id), numbers::count(*n))).collect();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, parts_in_words.join(", ")));
    paint_split(ui, rect, &pieces.map(|(_, n, colour)| (n as f32 / all as f32, colour)));
    response.on_hover_ui(|ui| split_table(ui, scene, data));
    let legend = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            let third = ui.available_width() / 3.0;
            for (id, n, colour) in pieces {
                ui.allocate_ui(vec2(third - 5.0, 34.0), |ui| {
                    ui.set_width(third - 5.0);
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.y = 0.0;
                        ui.horizontal(|ui| {
                            let (dot, _) = ui.allocate_exact_size(vec2(9.0, 9.0), Sense::hover());
                            ui.painter().rect_filled(dot, 2.0, colour);
                            ui.label(RichText::new(scene.say(id)).size(13.0));
                        });
                        let share = scene.words.write(Number::Percent(n as f64 / all as f64));
                        ui.label(theme::small_muted(ui, format!("{}  ·  {share}", numbers::count(n))));
                    });
                });
            }
        })
        .response;
    legend.on_hover_ui(|ui| split_table(ui, scene, data));
    shares(ui, scene);
}

fn paint_split(ui: &Ui, rect: Rect, pieces: &[(f32, Color32)]) {
    let mut left = rect.left();
    for (i, (share, colour)) in pieces.iter().enumerate() {
        let is_last = i + 1 == pieces.len();
        let (right, gap) = if is_last { (rect.right(), 0.0) } else { (left + share * rect.width(), 1.5) };
        let ends = (if i == 0 { 4 } else { 0 }, if is_last { 4 } else { 0 });
        let radius = CornerRadius { nw: ends.0, sw: ends.0, ne: ends.1, se: ends.1 };
        let piece = Rect::from_min_max(pos2(left, rect.top()), pos2((right - gap).max(left), rect.bottom()));
        ui.painter().rect_filled(piece, radius, *colour);
        left = right;
    }
}

/// Shows how many rows of every class are in each part.
fn split_table(ui: &mut Ui, scene: &Scene<'_>, data: &DatasetSummary) {
    const MOST: usize = 20;
    const CLASS_NAME: f32 = 180.0;
    let (font, colour) = (egui::TextStyle::Body.resolve(ui.style()), ui.visuals().text_color());
    egui::Grid::new("split by class").num_columns(4).spacing(vec2(16.0, 2.0)).show(ui, |ui| {
        ui.label("");
        for id in ["panel-train-part", "panel-validation-part", "panel-test-part"] {
            ui.label(theme::semibold(scene.say(id)));
        }
        ui.end_row();
        for (i, label) in data.labels.iter().enumerate().take(MOST) {
            let others = data.labels.iter().map(|l| l.label.as_str());
            ui.label(theme::fitted_among(ui, &label.label, others, &font, colour, CLASS_NAME).0);
            for counts in [&data.split.train, &data.split.validation, &data.split.test] {
                ui.monospace(numbers::count(counts.get(i).copied().unwrap_or(0)));
            }
            ui.end_row();
        }
    });
    if let Some(rest) = data.labels.len().checked_sub(MOST).filter(|rest| *rest > 0) {
        ui.label(theme::small_muted(ui, scene.say_with("panel-more", &[("count", &rest)])));
    }
}

fn shares(ui: &mut Ui, scene: &mut Scene<'_>) {
    let mut split = scene.state.train.config.data.split;
    let share = |ui: &mut Ui, value: &mut f64, bounds: Bounds| {
        let percents = Bounds { min: bounds.min * 100.0, max: bounds.max * 100.0, ..bounds };
        let (response, new) = parts::settled(ui, bounds.name, *value * 100.0, |ui, shown| {
            ui.add(parts::in_percent(parts::number(shown, percents, ui.available_width()), scene.words))
        });
        *value = new.map_or(*value, |percent| percent / 100.0);
        response
    };
    let validation = &mut split.validation_share;
    parts::setting(ui, scene.words, "panel-test-share", |ui| share(ui, &mut split.test_share, TEST_SHARE));
    parts::setting(ui, scene.words, "panel-validation-share", |ui| share(ui, validation, VALIDATION_SHARE));
    parts::setting(ui, scene.words, "panel-split-seed", |ui| parts::seed(ui, "split-seed", &mut split.seed));
    if split != scene.state.train.config.data.split {
        scene.act(TrainAction::ChangeSplit(split));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(counts: Vec<usize>, max_length: usize, cut: usize) -> TokenLengths {
        let done = counts.iter().sum();
        TokenLengths { counts, done, total: done, max_length, cut }
    }

    #[test]
    fn bins_hold_every_uncut_row_once() {
        let mut counts: Vec<usize> = (0..=512).collect();
        counts.push(9);
        let of = lengths(counts, 512, 9);
        let bins = length_bins(&of);
        assert!(bins.len() <= MOST_BINS && bins.len() > MOST_BINS / 2);
        assert_eq!(bins.iter().map(|b| b.2).sum::<u64>(), (0..=512).sum::<u64>());
        assert_eq!((bins[0].0, bins.last().unwrap().1), (0, 512));
        assert!(bins.windows(2).all(|pair| pair[0].1 + 1 == pair[1].0));
    }

    #[test]
    fn the_axis_ends_at_the_longest_text_when_none_is_cut() {
        let mut counts = vec![0; 130];
        counts[5] = 3;
        counts[20] = 1;
        let bins = length_bins(&lengths(counts, 128, 0));
        assert_eq!(bins.last(), Some(&(20, 20, 1)));
    }

    #[test]
    fn no_lengths_give_no_bars_to_trip_over() {
        assert_eq!(length_bins(&lengths(Vec::new(), 128, 0)), [(0, 0, 0)]);
    }
}
