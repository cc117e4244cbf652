//! The window's own file dialog, for systems that have none. Nothing beneath it takes clicks or keys.

use eframe::egui::text::{CCursor, CCursorRange, LayoutJob, TextWrapping};
use eframe::egui::text_edit::TextEditState;
use eframe::egui::{
    self, Align2, ComboBox, Context, Id, Key, Modal, Modifiers, Popup, Rect, Role, ScrollArea, Sense, TextEdit,
    TextFormat, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use crate::app::files::{Browser, FilesAction, Pick};
use crate::domain::folder::FolderEntry;

use super::dialogs::{filter_name, title};
use super::floating;
use super::scene::Scene;
use super::theme::{self, space};

const WIDTH: f32 = 600.0;
const ROW: f32 = 28.0;
/// What the dialog needs beside its list.
const REST: f32 = 300.0;

/// Escape takes back the question whether a file is replaced, or closes the dialog. It is taken before anything else sees
/// it, for the windows beneath close by it, too.
pub fn escaped(ctx: &Context, browser: &Browser) -> Option<FilesAction> {
    // It closes an open list first.
    let is_pressed = !Popup::is_any_open(ctx) && ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
    let action = if browser.overwrites.is_some() { FilesAction::Overwrite(false) } else { FilesAction::Cancel };
    is_pressed.then_some(action)
}

pub fn file_dialog_ui(ui: &Ui, scene: &mut Scene<'_>) {
    let id = Id::unique("file dialog");
    let browser = scene.state.files.browser.as_ref();
    floating::keep_focus(ui, id, browser.is_some());
    let known = id.with("is open");
    let Some(browser) = browser else {
        ui.data_mut(|data| data.remove::<bool>(known));
        return;
    };
    if !ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(known), true)) {
        select_stem(ui.ctx(), browser);
    }
    let room = ui.ctx().content_rect().size();
    let size = vec2(WIDTH.min(room.x - 64.0), (12.0 * ROW).min(room.y - REST).max(3.0 * ROW));
    let area = Modal::default_area(id).anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0));
    Modal::new(id).area(area).show(ui.ctx(), |ui| {
        ui.set_width(size.x);
        ui.spacing_mut().item_spacing.y = space::S;
        contents(ui, scene, browser, size.y);
    });
}

/// The field has one id in every dialog, so that it would keep the caret of the dialog before. What is typed takes the place
/// of the suggested name, but not of its extension.
fn select_stem(ctx: &Context, browser: &Browser) {
    let name = &browser.name;
    let stem = name.rfind('.').filter(|end| *end > 0).map_or(name.as_str(), |end| &name[..end]);
    let mut state = TextEditState::default();
    state.cursor.set_char_range(Some(CCursorRange::two(CCursor::default(), CCursor::new(stem.chars().count()))));
    state.store(ctx, field_id());
}

fn field_id() -> Id {
    Id::unique("file dialog name")
}

fn contents(ui: &mut Ui, scene: &mut Scene<'_>, browser: &Browser, height: f32) {
    ui.label(theme::heading(title(&browser.dialog, scene.words)));
    let folder = browser.folder.display().to_string();
    let can_go_up = browser.folder.parent().is_some();
    // A row of its own has the height of its controls; what lies around it has all the height there is.
    ui.horizontal(|ui| {
        let up = |ui: &mut Ui, scene: &mut Scene<'_>| {
            scene.button(ui, "files-up", can_go_up, FilesAction::GoUp);
        };
        theme::ends(ui, scene, |ui, _| theme::cut(ui, folder), up);
    });
    let moved = field_ui(ui, scene, browser);
    list_ui(ui, scene, browser, height, moved);
    status_ui(ui, scene, browser);
    ui.horizontal(|ui| {
        theme::ends(ui, scene, |ui, scene| filter_ui(ui, scene, browser), |ui, scene| buttons_ui(ui, scene, browser));
    });
}

/// Draws the field, which has the keyboard unless a button has it: its arrows move in the list, and Enter chooses. Returns
/// whether the row was changed by a key.
fn field_ui(ui: &mut Ui, scene: &mut Scene<'_>, browser: &Browser) -> bool {
    let id = field_id();
    let asks = browser.overwrites.is_some();
    // It takes the keyboard before it is drawn, so that no key of this frame is lost.
    if !asks && ui.memory(|memory| memory.focused().is_none()) {
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let mut moved = false;
    if has_focus && !asks {
        let (up, down, enters, goes_up) = ui.input_mut(|i| {
            let goes_up = i.consume_key(Modifiers::ALT, Key::ArrowUp);
            let mut count = |key| i.count_and_consume_key(Modifiers::NONE, key);
            (count(Key::ArrowUp), count(Key::ArrowDown), count(Key::Enter) > 0, goes_up)
        });
        let rows = browser.shown().len();
        moved = rows > 0 && up + down > 0;
        if moved {
            // The first press of a key comes to the first row.
            let from = browser.at.map_or(-1, |at| at as isize);
            let to = (from + down as isize - up as isize).clamp(0, rows as isize - 1);
            scene.act(FilesAction::MoveTo(to as usize));
        }
        if goes_up {
            scene.act(FilesAction::GoUp);
        }
        if enters {
            scene.act(FilesAction::Enter);
        }
    }
    let label = scene.say(if browser.dialog.pick().is_save() { "files-name" } else { "files-find" });
    let mut name = browser.name.clone();
    let edit = TextEdit::singleline(&mut name).id(id).hint_text(&label).desired_width(f32::INFINITY);
    let field = ui.add_enabled(!asks, edit.min_size(vec2(0.0, space::CONTROL))).accessible_name(&label);
    if field.changed() {
        scene.act(FilesAction::Write(name));
    }
    moved
}

fn list_ui(ui: &mut Ui, scene: &mut Scene<'_>, browser: &Browser, height: f32, moved: bool) {
    let shown = browser.shown();
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut area = ScrollArea::vertical()
        .id_salt(("file dialog list", &browser.folder))
        .max_height(height)
        .min_scrolled_height(height)
        .auto_shrink(false);
    if let Some(at) = browser.at.filter(|_| moved) {
        // The row is kept in the middle, as rows out of sight are not laid out.
        area = area.vertical_scroll_offset((at as f32 * ROW - height / 2.0).max(0.0));
    }
    area.show_rows(ui, ROW, shown.len(), |ui, rows| {
        for row in rows {
            row_ui(ui, scene, browser, row, shown[row]);
        }
    });
    ui.spacing_mut().item_spacing.y = space::S;
}

/// Draws a file or folder. A click goes into a folder or comes to a file; a double click chooses the file.
fn row_ui(ui: &mut Ui, scene: &mut Scene<'_>, browser: &Browser, row: usize, entry: &FolderEntry) {
    let pick = browser.dialog.pick();
    let can_mark = pick.is_several() && entry.is_folder == pick.is_folder();
    let is_marked = browser.marked.contains(&entry.name);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let mut left = rect.left() + space::XS;
    if pick.is_several() {
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(ROW, ROW));
        left = place.right();
        if can_mark {
            let mut marked = is_marked;
            let said = scene.say_with("files-mark", &[("name", &entry.name)]);
            if ui.put(place, egui::Checkbox::without_text(&mut marked)).accessible_name(&said).changed() {
                scene.act(FilesAction::Mark(entry.name.clone(), marked));
            }
        }
    }
    let place = Rect::from_min_max(pos2(left, rect.top()), rect.max);
    let response = ui.interact(place, ui.scope_id().with(&entry.name), Sense::CLICK);
    let is_at = browser.at == Some(row);
    let said =
        if entry.is_folder { scene.say_with("files-folder", &[("name", &entry.name)]) } else { entry.name.clone() };
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_at || is_marked, &said));
    if response.double_clicked() && !entry.is_folder {
        scene.act(FilesAction::Choose);
    } else if response.clicked() {
        scene.act(FilesAction::MoveTo(row));
        if entry.is_folder {
            scene.act(FilesAction::Enter);
        } else if can_mark {
            scene.act(FilesAction::Mark(entry.name.clone(), !is_marked));
        }
    }
    let p = theme::palette(ui);
    if is_at || response.hovered() || response.has_focus() {
        let fill = if is_at { p.accent_fill } else { theme::mix(p.card, p.accent, 0.06) };
        ui.painter().rect_filled(place, 4.0, fill);
    }
    let mut text_left = place.left() + space::S;
    if entry.is_folder {
        // A small folder: its tab and its body.
        let corner = pos2(text_left, place.center().y - 5.0);
        ui.painter().rect_filled(Rect::from_min_size(corner, vec2(6.0, 3.0)), 1.0, p.accent);
        ui.painter().rect_filled(Rect::from_min_size(corner + vec2(0.0, 2.0), vec2(14.0, 9.0)), 1.5, p.accent);
    }
    text_left += 14.0 + space::S;
    let format = TextFormat::simple(TextStyle::Body.resolve(ui.style()), p.text);
    let mut job = LayoutJob::single_section(entry.name.clone(), format);
    job.wrap = TextWrapping::truncate_at_width(place.right() - text_left - space::S);
    let galley = ui.painter().layout_job(job);
    let at = pos2(text_left, place.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, p.text);
}

/// Says in one line what stands in the way, else that the system has no dialog of its own.
fn status_ui(ui: &mut Ui, scene: &mut Scene<'_>, browser: &Browser) {
    let p = theme::palette(ui);
    let name = |path: &std::path::Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (text, colour) = if let Some(file) = &browser.overwrites {
        (scene.say_with("files-exists", &[("file", &name(file))]), p.warning)
    } else if let Some(problem) = &browser.problem {
        (scene.words.problem(problem), p.error)
    } else if !matches!(browser.dialog.pick(), Pick::Save(_))
        && browser.listing.latest().is_some()
        && browser.shown().is_empty()
    {
        (scene.say("files-nothing"), p.muted)
    } else {
        (scene.say("files-own"), p.muted)
    };
    theme::cut(ui, theme::small_muted(ui, text).color(colour));
}

fn filter_ui(ui: &mut Ui, scene: &mut Scene<'_>, browser: &Browser) {
    let filters = browser.dialog.filters();
    if browser.dialog.pick().is_several() {
        scene.button(ui, "files-all", !browser.shown().is_empty(), FilesAction::MarkAll);
    }
    let names: Vec<String> = filters.iter().map(|filter| filter_name(filter, scene.words)).collect();
    let Some(name) = names.get(browser.filter).filter(|_| names.len() > 1) else { return };
    let combo = ComboBox::from_id_salt("file dialog filter").width(170.0).truncate().selected_text(name);
    let combo = combo.show_ui(ui, |ui| {
        for (at, name) in names.iter().enumerate() {
            if ui.selectable_label(at == browser.filter, name).clicked() {
                scene.act(FilesAction::Filter(at));
            }
        }
    });
    combo.response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, name));
}

fn buttons_ui(ui: &mut Ui, scene: &mut Scene<'_>, browser: &Browser) {
    if browser.overwrites.is_some() {
        // With names of their own, these buttons don't leave the keyboard to those that take their places.
        ui.push_id("question", |ui| question_ui(ui, scene));
        return;
    }
    scene.button(ui, "files-cancel", true, FilesAction::Cancel);
    let count = browser.marked.len();
    let text = match browser.dialog.pick() {
        Pick::Save(_) => scene.say("files-save"),
        Pick::Files | Pick::Folders if count > 0 => scene.say_with("files-open-several", &[("count", &count)]),
        Pick::Folder | Pick::Folders => scene.say("files-this-folder"),
        Pick::File | Pick::Files => scene.say("files-open"),
    };
    if theme::primary_button(ui, &text, browser.choice().is_some()).clicked() {
        scene.act(FilesAction::Choose);
    }
}

fn question_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let keep = scene.button(ui, "files-keep", true, FilesAction::Overwrite(false));
    if ui.memory(|memory| memory.focused().is_none()) {
        keep.request_focus();
    }
    scene.button(ui, "files-replace", true, FilesAction::Overwrite(true));
}
