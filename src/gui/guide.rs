//! The guide in a window of its own: its chapters on the left, the open one beside them.

use eframe::egui::{ScrollArea, Ui, vec2};

use crate::app::guide::GuideAction;
use crate::words::guide::Chapter;

use super::floating::{floating, most_height};
use super::markdown::markdown_ui;
use super::scene::Scene;
use super::theme::{self, space};

/// A line of text is at most so wide, so that it is read easily, points.
const TEXT_WIDTH: f32 = 600.0;
const LIST_WIDTH: f32 = 190.0;

pub fn guide_ui(ui: &Ui, scene: &mut Scene<'_>) {
    let Some(open) = scene.state.guide.open else { return };
    let window = ui.ctx().content_rect();
    let width = TEXT_WIDTH.min(window.width() - LIST_WIDTH - 120.0);
    let at = window.center_top() + vec2(-(width + LIST_WIDTH) / 2.0, 64.0);
    let title = theme::semibold(scene.say("guide-title"));
    floating(ui, scene, "guide", title, at, GuideAction::Show(None), |ui, scene| {
        let language = scene.words.language();
        let height = most_height(ui) - 48.0;
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(LIST_WIDTH);
                for chapter in Chapter::ALL {
                    if ui.selectable_label(chapter == open, chapter.title(language)).clicked() {
                        scene.act(GuideAction::Show(Some(chapter)));
                    }
                }
            });
            ui.add_space(space::M);
            // Each chapter is scrolled for itself.
            ScrollArea::vertical().id_salt(open).max_height(height).auto_shrink(false).show(ui, |ui| {
                ui.set_width(width);
                markdown_ui(ui, "guide", &without_links(open.text(language)));
            });
        });
    });
}

/// The text with the words of its links alone: what they lead to on the web stands in the list of chapters.
fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let (Some(start), Some(end)) = (before.rfind('['), after.find(')')) else { break };
        plain.push_str(&before[..start]);
        plain.push_str(&before[start + 1..]);
        rest = &after[end + 1..];
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_words() {
        assert_eq!(without_links("See [Lesson files](../x.md) for [more](y), [a]."), "See Lesson files for more, [a].");
        assert_eq!(without_links("{ \"rules\": [ ](no"), "{ \"rules\": [ ](no");
    }
}
