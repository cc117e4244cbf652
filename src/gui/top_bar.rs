//! The top bar shows the name of the program, what Train would start, and the buttons that train.

use eframe::egui::{
    self, Align, Button, Color32, Key, KeyboardShortcut, Layout, Modifiers, Rect, Response, Role, Sense, Ui,
    WidgetInfo, vec2,
};

use crate::app::action::Action;
use crate::app::lessons::LessonAction;
use crate::app::run::RunAction;
use crate::app::run::RunPhase;
use crate::app::settings::{Language, Settings, Theme};
use crate::app::state::{AppState, Panel};
use crate::app::train::TrainAction;
use crate::words::{Catalogue, numbers, shared};

use super::theme::{self, Tone, space};

const TRAIN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
const TRAIN_TOO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::F5);
const PAUSE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::P);
const PROJECTOR: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::P);
const STOP: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Period);

/// Returns the actions of the keys that were pressed in this frame.
pub fn shortcuts(ctx: &egui::Context, state: &AppState, actions: &mut Vec<Action>) {
    let pressed = |shortcut| ctx.input_mut(|i| i.consume_shortcut(&shortcut));
    if pressed(TRAIN) || pressed(TRAIN_TOO) {
        actions.push(Action::Train(TrainAction::Start));
    }
    // This shortcut is checked first because Ctrl+P would match it, too.
    if pressed(PROJECTOR) {
        actions.push(Action::SetProjector(!state.settings.projector));
    }
    if pressed(PAUSE) {
        actions.push(if state.run.shown.phase == RunPhase::Paused {
            Action::Run(RunAction::Resume)
        } else {
            Action::Run(RunAction::Pause)
        });
    }
    if pressed(STOP) {
        actions.push(Action::Run(RunAction::Stop));
    }
}

pub fn top_bar_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, language: Language, actions: &mut Vec<Action>) {
    ui.horizontal_centered(|ui| {
        ui.label(theme::title("Thaw"));
        ui.add_space(space::S);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            theme_ui(ui, &state.settings, words, actions);
            language_ui(ui, language, words, actions);
            let lessons = egui::RichText::new(words.say("lesson-list")).text_style(egui::TextStyle::Small);
            if ui.add(Button::new(lessons).frame_when_inactive(false)).clicked() {
                actions.push(Action::Lesson(LessonAction::ShowList(!state.lessons.shows_list)));
            }
            ui.add_space(space::S);
            run_buttons_ui(ui, state, words, actions);
            ui.add_space(space::S);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| chips_ui(ui, state, words, actions));
        });
    });
}

/// Draws Stop, Pause or Resume, and Train, laid out from the right.
fn run_buttons_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    let phase = state.run.shown.phase;
    let mut button = |ui: &mut Ui, id: &'static str, enabled: bool, action: Action| {
        let response = ui
            .add_enabled(enabled, Button::new(words.say(id)).min_size(vec2(64.0, space::CONTROL)))
            .on_hover_text(words.hint(id))
            .on_disabled_hover_text(words.say("button-no-run"));
        if response.clicked() {
            actions.push(action);
        }
    };
    button(ui, "button-stop", matches!(phase, RunPhase::Running | RunPhase::Paused), Action::Run(RunAction::Stop));
    if phase == RunPhase::Paused {
        button(ui, "button-resume", true, Action::Run(RunAction::Resume));
    } else {
        button(ui, "button-pause", phase == RunPhase::Running, Action::Run(RunAction::Pause));
    }
    let blocker = state.train_blocker();
    let mut train = theme::primary_button(ui, &words.say("button-train"), blocker.is_none());
    train = train.on_hover_text(words.hint("button-train"));
    if let Some(problem) = blocker {
        train = train.on_disabled_hover_text(words.problem(&problem));
    }
    if train.clicked() {
        actions.push(Action::Train(TrainAction::Start));
    }
}

/// The space on both sides of a chip's words, added up.
const CHIP_PADDING: f32 = 20.0;

/// Draws what Train would start: data, model and freezing. Each chip opens its panel.
fn chips_ui(ui: &mut Ui, state: &AppState, words: &Catalogue, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.x = space::S;
    let freeze = shared::freezing(words, &state.train.config.freeze);
    let freeze_hover = state.train.totals().map_or_else(String::new, |(trainable, frozen)| {
        words.say_with("chip-freeze-hover", &[("trainable", &trainable), ("total", &(trainable + frozen))])
    });
    let data = state.train.dataset.latest().map(|d| {
        let used = state.train.config.data.max_rows.map_or(d.rows, |n| n.min(d.rows));
        format!("{} · {}", d.name, numbers::count(used))
    });
    let data = data.unwrap_or_else(|| {
        words.say(if state.train.dataset.failed().is_some() { "chip-no-data" } else { "chip-reading" })
    });
    let model = state.train.model.latest().map(|m| m.facts.name.clone());
    let model = model.unwrap_or_else(|| {
        words.say(if state.train.model.failed().is_some() { "chip-no-model" } else { "chip-reading" })
    });
    let change = words.say("chip-change");
    let chips = [
        ("chip-data", data, change.clone(), Tone::Neutral, Panel::Data),
        ("chip-model", model, change, Tone::Neutral, Panel::Model),
        ("chip-freeze", freeze, freeze_hover, Tone::Trainable, Panel::Freeze),
    ];
    let font = egui::TextStyle::Small.resolve(ui.style());
    let natural = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::BLACK).size().x;
    let widths: Vec<f32> = chips.iter().map(|chip| natural(&chip.1) + CHIP_PADDING).collect();
    let room = ui.available_width() - space::S * (chips.len() - 1) as f32;
    // If the chips do not all fit, each becomes narrower by the same share.
    let part = (room / widths.iter().sum::<f32>()).min(1.0);
    for ((id, text, hover, tone, panel), width) in chips.into_iter().zip(widths) {
        let name = words.say_with(id, &[("name", &text)]);
        if chip_ui(ui, &text, &name, tone, width * part + 0.5).on_hover_text(format!("{name}\n{hover}")).clicked() {
            actions.push(Action::ShowPanel(panel));
        }
    }
}

/// Draws a chip that can be pressed and is at most `width` wide. Screen readers read out `name`.
fn chip_ui(ui: &mut Ui, text: &str, name: &str, tone: Tone, width: f32) -> Response {
    let p = theme::palette(ui);
    let (ink, fill) = tone.colours(p);
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = super::matrix::elided(ui, text, &font, ink, width - CHIP_PADDING);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + CHIP_PADDING, 24.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
    let outline = if response.hovered() || response.has_focus() { p.accent } else { fill };
    let stroke = egui::Stroke::new(1.0, outline);
    ui.painter().rect(rect, 12.0, fill, stroke, egui::StrokeKind::Inside);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, ink);
    response
}

fn language_ui(ui: &mut Ui, language: Language, words: &Catalogue, actions: &mut Vec<Action>) {
    let choices = Language::ALL.map(|l| (l, l.own_name().to_owned()));
    let choices = choices.map(|(language, name)| (Action::SetLanguage(language), name));
    let current = Action::SetLanguage(language);
    actions.extend(menu_ui(ui, "language", &words.say("switch-language"), &current, &choices, &[]));
}

fn theme_ui(ui: &mut Ui, settings: &Settings, words: &Catalogue, actions: &mut Vec<Action>) {
    let name = |theme| {
        words.say(match theme {
            Theme::System => "theme-system",
            Theme::Light => "theme-light",
            Theme::Dark => "theme-dark",
        })
    };
    let choices = [Theme::System, Theme::Light, Theme::Dark].map(|t| (t, name(t)));
    let projector = Action::SetProjector(!settings.projector);
    let choices = choices.map(|(theme, name)| (Action::SetTheme(theme), name));
    let more = [(settings.projector, projector, words.say("projector"), ui.ctx().format_shortcut(&PROJECTOR))];
    let current = Action::SetTheme(settings.theme);
    actions.extend(menu_ui(ui, "theme", &words.say("switch-theme"), &current, &choices, &more));
}

/// Draws a button with the chosen name, which opens the other choices. Its accessible name is `title: chosen`. `more`
/// lists switches below the choices: whether each is on, its action, its name and its keys.
fn menu_ui(
    ui: &mut Ui,
    id: &str,
    title: &str,
    current: &Action,
    choices: &[(Action, String)],
    more: &[(bool, Action, String, String)],
) -> Option<Action> {
    let shown = choices.iter().find(|(c, _)| c == current).map_or("", |(_, name)| name);
    let text = egui::RichText::new(shown).text_style(egui::TextStyle::Small);
    let mut chosen = None;
    ui.push_id(id, |ui| {
        let (response, _) = egui::containers::menu::MenuButton::from_button(
            Button::new(text).frame_when_inactive(false),
        )
        .ui(ui, |ui| {
            for (choice, name) in choices {
                if ui.add(Button::selectable(choice == current, name.as_str())).clicked() {
                    chosen = Some(choice.clone());
                    ui.close();
                }
            }
            for (is_on, action, name, keys) in more {
                ui.separator();
                let button = Button::selectable(*is_on, name.as_str()).shortcut_text(keys.as_str());
                let response = ui.add(button);
                response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, *is_on, name));
                if response.clicked() {
                    chosen = Some(action.clone());
                    ui.close();
                }
            }
        });
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{title}: {shown}")));
        response.on_hover_text(title);
    });
    chosen
}

/// Draws a tab of the right side.
pub fn tab_ui(ui: &mut Ui, text: &str, selected: bool) -> Response {
    let p = theme::palette(ui);
    let colour = if selected { p.text } else { p.muted };
    let galley =
        ui.painter().layout_no_wrap(text.to_owned(), egui::FontId::new(14.0, theme::semibold_family()), colour);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 24.0, 34.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), selected, text));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect.shrink2(vec2(0.0, 4.0)), 6.0, theme::mix(p.background, p.text, 0.06));
    }
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, colour);
    if selected {
        let line = Rect::from_min_max(
            egui::pos2(rect.left() + 12.0, rect.bottom() - 3.0),
            egui::pos2(rect.right() - 12.0, rect.bottom()),
        );
        ui.painter().rect_filled(line, 1.5, p.primary);
    }
    response
}
