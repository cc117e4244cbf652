//! The top bar shows the name of the program, what Train would start, and the buttons that train.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{
    self, Align, Button, Color32, Key, KeyboardShortcut, Layout, Modifiers, Rect, Response, Role, Sense, Ui,
    WidgetInfo, vec2,
};

use crate::app::action::Action;
use crate::app::lessons::LessonAction;
use crate::app::run::{RunAction, RunPhase};
use crate::app::settings::{Language, Theme};
use crate::app::state::{AppState, Panel};
use crate::app::train::TrainAction;
use crate::words::{Number, numbers, shared};

use super::scene::Scene;
use super::theme::{self, Tone, space};

/// The height of the line below the controls.
const LINE: f32 = 18.0;

const TRAIN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);
const TRAIN_TOO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::F5);
const PAUSE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::P);
const PROJECTOR: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::P);
const FOLD: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::B);
const FULL_SCREEN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::F11);
const STOP: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Period);

/// Returns the actions of the keys that were pressed in this frame.
pub fn shortcuts(ctx: &egui::Context, state: &AppState, actions: &mut Vec<Action>) {
    let pressed = |shortcut| ctx.input_mut(|i| i.consume_shortcut(&shortcut));
    if pressed(TRAIN) || pressed(TRAIN_TOO) {
        actions.push(Action::Train(TrainAction::Start));
    }
    // This shortcut is checked first because Ctrl+P would match it, too.
    if pressed(PROJECTOR) {
        actions.push(Action::SetProjector(!state.shell.settings.projector));
    }
    if pressed(FOLD) {
        actions.push(Action::FoldLeft(!state.shell.settings.left_folded));
    }
    if pressed(FULL_SCREEN) {
        actions.push(Action::SetFullScreen(!is_full_screen(ctx)));
    }
    if pressed(PAUSE) {
        let is_paused = state.run.shown.phase == RunPhase::Paused;
        actions.push(if is_paused { RunAction::Resume } else { RunAction::Pause }.into());
    }
    if pressed(STOP) {
        actions.push(Action::Run(RunAction::Stop));
    }
}

fn is_full_screen(ctx: &egui::Context) -> bool {
    ctx.input(|i| i.viewport().fullscreen) == Some(true)
}

/// Draws the bar, and below its controls a line that says what keeps Train from being pressed, or what it would take.
pub fn top_bar_ui(ui: &mut Ui, scene: &mut Scene<'_>, language: Language) {
    let all = ui.max_rect();
    let (above, below) = all.split_top_bottom_at_y(all.bottom() - LINE);
    theme::inside(ui, above, |ui| controls_ui(ui, scene, language));
    theme::inside(ui, below, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| readiness_ui(ui, scene));
    });
}

/// Says why Train cannot be pressed. Where it can, it says how long a run would take.
fn readiness_ui(ui: &mut Ui, scene: &Scene<'_>) {
    let text = match (scene.state.train_blocker(), scene.state.train.estimate()) {
        (Some(problem), _) => scene.words.problem(&problem),
        (None, Some(estimate)) => {
            scene.say_with("status-ready-estimate", &[("time", &Number::Clock(estimate.total_secs))])
        }
        (None, None) => scene.say("status-ready"),
    };
    theme::cut(ui, theme::small_muted(ui, text));
}

fn controls_ui(ui: &mut Ui, scene: &mut Scene<'_>, language: Language) {
    ui.horizontal_centered(|ui| {
        ui.label(theme::title("Thaw"));
        ui.add_space(space::S);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            theme_ui(ui, scene);
            language_ui(ui, scene, language);
            let lessons = egui::RichText::new(scene.say("lesson-list")).text_style(egui::TextStyle::Small);
            if ui.add(Button::new(lessons).frame_when_inactive(false)).clicked() {
                scene.act(LessonAction::ShowList(!scene.state.lessons.shows_list));
            }
            ui.add_space(space::S);
            run_buttons_ui(ui, scene);
            ui.add_space(space::S);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| chips_ui(ui, scene));
        });
    });
}

/// Draws Stop, Pause or Resume, and Train, laid out from the right.
fn run_buttons_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let phase = scene.state.run.shown.phase;
    let second = match phase {
        RunPhase::Paused => ("button-resume", true, RunAction::Resume),
        _ => ("button-pause", phase == RunPhase::Running, RunAction::Pause),
    };
    let can_stop = matches!(phase, RunPhase::Running | RunPhase::Paused);
    for (id, enabled, action) in [("button-stop", can_stop, RunAction::Stop), second] {
        let response = ui
            .add_enabled(enabled, Button::new(scene.say(id)).min_size(vec2(64.0, space::CONTROL)))
            .on_hover_text(scene.hint(id))
            .on_disabled_hover_text(scene.say("button-no-run"));
        if response.clicked() {
            scene.act(action);
        }
    }
    let blocker = scene.state.train_blocker();
    let mut train = theme::primary_button(ui, &scene.say("button-train"), blocker.is_none());
    train = train.on_hover_text(scene.hint("button-train"));
    if let Some(problem) = blocker {
        train = train.on_disabled_hover_text(scene.words.problem(&problem));
    }
    if train.clicked() {
        scene.act(TrainAction::Start);
    }
}

/// The space on both sides of a chip's words, added up.
const CHIP_PADDING: f32 = 20.0;

/// Draws what Train would start: data, model and freezing. Each chip opens its panel.
fn chips_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.spacing_mut().item_spacing.x = space::S;
    let freeze = shared::freezing(scene.words, &scene.state.train.config.freeze);
    let freeze_hover = scene.state.train.totals().map_or_else(String::new, |(trainable, frozen)| {
        scene.say_with("chip-freeze-hover", &[("trainable", &trainable), ("total", &(trainable + frozen))])
    });
    let data = scene.state.train.dataset.latest().map(|d| {
        let used = scene.state.train.config.data.max_rows.map_or(d.rows, |n| n.min(d.rows));
        format!("{} · {}", d.name, numbers::count(used))
    });
    let data = data.unwrap_or_else(|| {
        scene.say(if scene.state.train.dataset.failed().is_some() { "chip-no-data" } else { "chip-reading" })
    });
    let model = scene.state.train.model.latest().map(|m| m.facts.name.clone());
    let model = model.unwrap_or_else(|| {
        scene.say(if scene.state.train.model.failed().is_some() { "chip-no-model" } else { "chip-reading" })
    });
    let change = scene.say("chip-change");
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
        let name = scene.say_with(id, &[("name", &text)]);
        if chip_ui(ui, &text, &name, tone, width * part + 0.5).on_hover_text(format!("{name}\n{hover}")).clicked() {
            scene.act(Action::ShowPanel(panel));
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

fn language_ui(ui: &mut Ui, scene: &mut Scene<'_>, language: Language) {
    let choices = Language::ALL.map(|language| (Action::SetLanguage(language), language.own_name().to_owned()));
    let current = Action::SetLanguage(language);
    scene.actions.extend(menu_ui(ui, "language", &scene.words.say("switch-language"), &current, &choices, &[]));
}

fn theme_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let settings = &scene.state.shell.settings;
    let choices = [(Theme::System, "theme-system"), (Theme::Light, "theme-light"), (Theme::Dark, "theme-dark")]
        .map(|(theme, id)| (Action::SetTheme(theme), scene.say(id)));
    let projector = Action::SetProjector(!settings.projector);
    let is_full = is_full_screen(ui.ctx());
    let more = [
        (settings.projector, projector, scene.say("projector"), ui.ctx().format_shortcut(&PROJECTOR)),
        (is_full, Action::SetFullScreen(!is_full), scene.say("full-screen"), ui.ctx().format_shortcut(&FULL_SCREEN)),
    ];
    let current = Action::SetTheme(settings.theme);
    scene.actions.extend(menu_ui(ui, "theme", &scene.words.say("switch-theme"), &current, &choices, &more));
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
        let button = MenuButton::from_button(Button::new(text).frame_when_inactive(false));
        let (response, _) = button.ui(ui, |ui| {
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

/// Draws the button that folds the left side away and shows it again: a window with its left part marked.
pub fn fold_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let p = theme::palette(ui);
    let is_folded = scene.state.shell.settings.left_folded;
    let name = scene.say(if is_folded { "left-show" } else { "left-fold" });
    let (rect, response) = ui.allocate_exact_size(vec2(30.0, 34.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &name));
    let is_marked = response.hovered() || response.has_focus();
    if is_marked {
        ui.painter().rect_filled(rect.shrink2(vec2(1.0, 4.0)), 6.0, theme::mix(p.background, p.text, 0.06));
    }
    let stroke = egui::Stroke::new(1.4, if is_marked { p.text } else { p.muted });
    let frame = Rect::from_center_size(rect.center(), vec2(17.0, 13.0));
    ui.painter().rect_stroke(frame, 2.5, stroke, egui::StrokeKind::Inside);
    let side = Rect::from_min_size(frame.min, vec2(6.0, frame.height()));
    if is_folded {
        ui.painter().vline(side.right(), frame.y_range(), stroke);
    } else {
        ui.painter().rect_filled(side, 2.5, stroke.color);
    }
    if response.on_hover_text(format!("{name} ({})", ui.ctx().format_shortcut(&FOLD))).clicked() {
        scene.act(Action::FoldLeft(!is_folded));
    }
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
        let line = Rect::from_min_max(rect.left_bottom() + vec2(12.0, -3.0), rect.max - vec2(12.0, 0.0));
        ui.painter().rect_filled(line, 1.5, p.primary);
    }
    response
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    use super::*;
    use crate::gui::panels::samples;
    use crate::words::Catalogue;

    #[test]
    fn why_nothing_can_train_is_seen_without_hovering() {
        let lines_of = |state: AppState| {
            let words = Catalogue::new(Language::English);
            let mut harness = Harness::builder()
                .with_size(vec2(900.0, 52.0))
                .with_context_setup(theme::install)
                .build_ui(move |ui| {
                    let mut actions = Vec::new();
                    let mut scene = Scene { state: &state, words: &words, actions: &mut actions };
                    top_bar_ui(ui, &mut scene, Language::English);
                });
            harness.run();
            let rect = |text: &str| harness.query_by_label_contains(text).map(|node| node.rect());
            (rect("Ready: about 0:"), rect("Every parameter is frozen, so nothing would be learned. Make at least one"))
        };
        let mut state = samples::state();
        assert!(matches!(lines_of(state.clone()), (Some(_), None)));
        state.train.trainable.fill(false);
        let (ready, why) = lines_of(state);
        assert!(ready.is_none());
        let why = why.unwrap();
        assert!(why.left() >= 0.0 && why.right() <= 900.0 && why.bottom() <= 52.0, "{why:?}");
    }
}
