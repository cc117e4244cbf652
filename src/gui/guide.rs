//! The guide in a window of its own: its chapters on the left, the open one beside them.

use eframe::egui::{Align, Id, Key, KeyboardShortcut, Modifiers, Rect, ScrollArea, TextEdit, Ui, Vec2, vec2};

use crate::app::guide::GuideAction;
use crate::words::guide::{Chapter, Section};

use super::floating::{floating, most_height};
use super::markdown::linked_markdown_ui;
use super::scene::Scene;
use super::theme::{self, space};

/// A line of text is at most so wide, so that it is read easily, points.
const TEXT_WIDTH: f32 = 600.0;
const LIST_WIDTH: f32 = 200.0;
const SEARCH: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::F);

pub fn guide_ui(ui: &Ui, scene: &mut Scene<'_>) {
    let Some(open) = scene.state.guide.open else { return };
    let window = ui.ctx().content_rect();
    let width = TEXT_WIDTH.min(window.width() - LIST_WIDTH - 120.0);
    let at = window.center_top() + vec2(-(width + LIST_WIDTH) / 2.0, 64.0);
    let title = theme::semibold(scene.say("guide-title"));
    floating(ui, scene, "guide", title, at, GuideAction::Show(None), |ui, scene| {
        let height = most_height(ui) - 48.0;
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(LIST_WIDTH);
                search_ui(ui, scene);
                let list = ScrollArea::vertical().id_salt("chapters").max_height(height - space::CONTROL - space::S);
                list.auto_shrink([false, true]).show(ui, |ui| list_ui(ui, scene, open));
            });
            ui.add_space(space::M);
            // Each chapter is scrolled for itself.
            let text = ScrollArea::vertical().id_salt(open).max_height(height).auto_shrink(false);
            text.min_scrolled_height(height).show(ui, |ui| {
                ui.set_width(width);
                ui.vertical(|ui| text_ui(ui, scene, open, height));
            });
        });
    });
}

fn search_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let mut query = scene.state.guide.query.clone();
    let name = scene.say("guide-search");
    let edit = TextEdit::singleline(&mut query).id_salt("guide query").hint_text(&name).desired_width(LIST_WIDTH);
    let field = ui.add(edit.min_size(vec2(0.0, space::CONTROL))).accessible_name(&name);
    if ui.input_mut(|i| i.consume_shortcut(&SEARCH)) {
        field.request_focus();
    }
    if field.changed() {
        scene.act(GuideAction::Search(query));
    }
}

/// Lists the chapters, with the sections of the open one, or those that have what is looked for.
fn list_ui(ui: &mut Ui, scene: &mut Scene<'_>, open: Chapter) {
    let language = scene.words.language();
    let query = scene.state.guide.query.trim().to_owned();
    let mut is_found = false;
    for chapter in Chapter::ALL {
        let has = |section: &Section| if query.is_empty() { chapter == open } else { section.has(&query) };
        let sections: Vec<(usize, Section)> =
            chapter.sections(language).enumerate().filter(|(_, section)| has(section)).collect();
        if !query.is_empty() && sections.is_empty() {
            continue;
        }
        is_found = true;
        if ui.selectable_label(chapter == open, chapter.title(language)).clicked() {
            go(ui, scene, chapter, sections.first().map_or(0, |(place, _)| *place));
        }
        for (place, section) in sections.into_iter().filter(|(place, _)| *place > 0) {
            ui.horizontal(|ui| {
                ui.add_space(space::L);
                if theme::link_button(ui, section.title).clicked() {
                    go(ui, scene, chapter, place);
                }
            });
        }
    }
    if !is_found {
        ui.label(theme::small_muted(ui, scene.say("guide-none")));
    }
}

fn text_ui(ui: &mut Ui, scene: &mut Scene<'_>, open: Chapter, height: f32) {
    scroll_by_keys(ui, height);
    let links = Chapter::ALL.map(Chapter::file);
    // The chapter that is aimed at opens only in the next frame.
    let aim = ui.data(|data| data.get_temp::<(Chapter, usize)>(aim_id())).filter(|(chapter, _)| *chapter == open);
    if aim.is_some() {
        ui.data_mut(|data| data.remove::<(Chapter, usize)>(aim_id()));
    }
    for (place, section) in open.sections(scene.words.language()).enumerate() {
        if place > 0 {
            ui.add_space(space::M);
        }
        // The cursor's own place has no end, and egui cannot scroll to that.
        let top = Rect::from_min_size(ui.cursor().min, Vec2::ZERO);
        if let Some(link) = linked_markdown_ui(ui, "guide", section.text, &links) {
            go(ui, scene, Chapter::ALL[link], 0);
        }
        if aim == Some((open, place)) {
            ui.scroll_to_rect(top, Some(Align::Min));
        }
    }
}

/// Opens a chapter at one of its sections.
fn go(ui: &Ui, scene: &mut Scene<'_>, chapter: Chapter, section: usize) {
    scene.act(GuideAction::Show(Some(chapter)));
    ui.data_mut(|data| data.insert_temp(aim_id(), (chapter, section)));
}

/// Where the chapter and the section stand that the text is to be scrolled to.
fn aim_id() -> Id {
    Id::unique("guide aim")
}

/// A long text is read page by page also where no mouse is at hand.
fn scroll_by_keys(ui: &Ui, height: f32) {
    const FAR: f32 = 1e6;
    let page = height - 2.0 * space::XL;
    for (key, by) in [(Key::PageUp, page), (Key::PageDown, -page), (Key::Home, FAR), (Key::End, -FAR)] {
        // A field that is typed into keeps Home and End.
        let is_typed = matches!(key, Key::Home | Key::End) && ui.ctx().egui_wants_keyboard_input();
        if !is_typed && ui.input_mut(|i| i.consume_key(Modifiers::NONE, key)) {
            ui.scroll_with_delta(vec2(0.0, by));
        }
    }
}
