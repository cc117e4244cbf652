//! The top bar shows the name of the program, what Train would start, and the buttons that train.

use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{self, Button, Color32, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};

use crate::app::action::Action;
use crate::app::first_steps::FirstStep;
use crate::app::lessons::LessonAction;
use crate::app::palette::PaletteAction;
use crate::app::run::{RunAction, RunPhase};
use crate::app::settings::{Language, Theme};
use crate::app::state::Panel;
use crate::app::train::TrainAction;
use crate::words::{Number, numbers, shared};

use super::first_steps;
use super::scene::Scene;
use super::shortcuts;
use super::theme::{self, Tone, space};
use super::views::status::strategy_of;

/// The height of the line below the controls.
const LINE: f32 = 18.0;
/// Pause, Resume and Stop are at least this wide.
const BUTTON_WIDTH: f32 = 64.0;

/// Draws the bar, and below its controls a line that says what keeps Train from being pressed, or what it would take.
pub fn top_bar_ui(ui: &mut Ui, scene: &mut Scene<'_>, language: Language) {
    let all = ui.max_rect();
    let (above, below) = all.split_top_bottom_at_y(all.bottom() - LINE);
    theme::inside(ui, above, |ui| controls_ui(ui, scene, language));
    theme::inside(ui, below, |ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| readiness_ui(ui, scene));
    });
}

/// Says why Train cannot be pressed. Where it can, it says how long a run would take.
fn readiness_ui(ui: &mut Ui, scene: &Scene<'_>) {
    let text = match (scene.state.train_blocker(), scene.state.train.estimate()) {
        (Some(problem), _) => scene.words.sentence(&problem),
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
        let buttons = |ui: &mut Ui, scene: &mut Scene<'_>| {
            run_buttons_ui(ui, scene);
            ui.add_space(space::S);
            let lessons = egui::RichText::new(scene.say("lesson-list")).text_style(egui::TextStyle::Small);
            if ui.add(Button::new(lessons).frame_when_inactive(false)).clicked() {
                scene.act(LessonAction::ShowList(!scene.state.lessons.shows_list));
            }
            language_ui(ui, scene, language);
            look_ui(ui, scene);
            help_ui(ui, scene);
        };
        theme::ends(ui, scene, chips_ui, buttons);
    });
}

/// Draws Train, Pause or Resume, and Stop.
fn run_buttons_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let blocker = scene.state.train_blocker();
    let mut train = theme::primary_button(ui, &scene.say("button-train"), blocker.is_none());
    train = train.on_hover_text(scene.hint("button-train"));
    if let Some(problem) = blocker {
        train = train.on_disabled_hover_text(scene.words.sentence(&problem));
    }
    first_steps::mark(ui, scene, FirstStep::Train, true, train.rect);
    if train.clicked() {
        scene.act(TrainAction::Start);
    }
    let phase = scene.state.run.shown.phase;
    let second = match phase {
        RunPhase::Paused => ("button-resume", true, RunAction::Resume),
        _ => ("button-pause", phase == RunPhase::Running, RunAction::Pause),
    };
    let can_stop = matches!(phase, RunPhase::Running | RunPhase::Paused);
    // Pause and Resume take turns in one place, which is as wide as the wider of the two, so that nothing beside it moves.
    let padding = 2.0 * ui.spacing().button_padding.x;
    let width = |id: &'static str| theme::text_width(ui, &scene.say(id), egui::TextStyle::Button) + padding;
    let shared_width = width("button-pause").max(width("button-resume")).max(BUTTON_WIDTH).ceil();
    let stop = ("button-stop", can_stop, RunAction::Stop);
    for ((id, enabled, action), width) in [(second, shared_width), (stop, BUTTON_WIDTH)] {
        let response = ui
            .add_enabled(enabled, Button::new(scene.say(id)).min_size(vec2(width, space::CONTROL)))
            .on_hover_text(scene.hint(id))
            .on_disabled_hover_text(scene.say("button-no-run"));
        if response.clicked() {
            scene.act(action);
        }
    }
}

/// The space on both sides of a chip's words, added up.
const CHIP_PADDING: f32 = 20.0;

/// Draws what Train would start: data, model and freezing. Each chip opens its panel.
fn chips_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.spacing_mut().item_spacing.x = space::S;
    // While something trains, it is the freezing of that, which in a race is another than the panel's.
    let now = scene.state.is_running().then(|| strategy_now(scene));
    let freeze = now.unwrap_or_else(|| shared::freezing(scene.words, &scene.state.train.config.freeze));
    let started = scene.state.run.shown.history.started.as_ref().filter(|_| scene.state.is_running());
    let totals = started.map(|run| (run.trainable, run.frozen)).or_else(|| scene.state.train.totals());
    let freeze_hover = totals.map_or_else(String::new, |(trainable, frozen)| {
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
    let widest = widest_that_fit(&widths, room);
    for ((id, text, hover, tone, panel), width) in chips.into_iter().zip(widths) {
        let name = scene.say_with(id, &[("name", &text)]);
        if chip_ui(ui, &text, &name, tone, width.min(widest) + 0.5).on_hover_text(format!("{name}\n{hover}")).clicked()
        {
            scene.act(Action::ShowPanel(panel));
        }
    }
}

/// Returns the name of the strategy that trains. Between the runs of a race none does.
fn strategy_now(scene: &Scene<'_>) -> String {
    match &scene.state.race.race {
        Some(race) if race.is_running() => match race.current() {
            Some(run) => strategy_of(&run.started, race, scene.words),
            None => scene.say("compare-race"),
        },
        _ => shared::freezing(scene.words, &scene.state.run.shown.config.freeze),
    }
}

/// Returns how wide each may be at most so that all fit into the room: the short ones stay whole as long as the long ones
/// can give way.
fn widest_that_fit(widths: &[f32], room: f32) -> f32 {
    let mut sorted = widths.to_vec();
    sorted.sort_by(f32::total_cmp);
    let mut left = room.max(0.0);
    for (i, width) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - i) as f32;
        if share < *width {
            return share;
        }
        left -= width;
    }
    f32::INFINITY
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
    let name = format!("{}: {}", scene.say("switch-language"), language.own_name());
    menu_ui(ui, "language", language.own_name(), &name, |ui| {
        for other in Language::ALL {
            item_ui(ui, scene, other == language, other.own_name(), Action::SetLanguage(other));
        }
    });
}

/// Draws the menu of how the window looks: its theme and the projector.
fn look_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let (theme, projector) = (scene.state.shell.settings.theme, scene.state.shell.settings.projector);
    let title = scene.say("look-menu");
    menu_ui(ui, "look", &title, &title, |ui| {
        ui.label(theme::small_muted(ui, scene.say("switch-theme")));
        for (other, id) in THEMES {
            let name = scene.say(id);
            item_ui(ui, scene, other == theme, &name, Action::SetTheme(other));
        }
        ui.separator();
        let is_full = ui.input(|i| i.viewport().fullscreen) == Some(true);
        for (id, is_on, action) in [
            ("projector", projector, Action::SetProjector(!projector)),
            ("full-screen", is_full, Action::ToggleFullScreen),
        ] {
            let (name, keys) = (scene.say(id), shortcuts::of(ui.ctx(), id));
            let response = ui.add(Button::selectable(is_on, name.as_str()).shortcut_text(keys));
            response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, &name));
            if response.clicked() {
                scene.act(action);
                ui.close();
            }
        }
    });
}

/// Draws the button that opens the list of shortcuts and the first steps.
fn help_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let button = Button::new(egui::RichText::new("?").text_style(egui::TextStyle::Small)).frame_when_inactive(false);
    let name = scene.say("help-button");
    let response = ui.add(button).accessible_name(&name).on_hover_text(name);
    if response.clicked() {
        scene.act(PaletteAction::ShowHelp(!scene.state.palette.shows_help));
    }
}

const THEMES: [(Theme, &str); 3] =
    [(Theme::System, "theme-system"), (Theme::Light, "theme-light"), (Theme::Dark, "theme-dark")];

/// Draws one of a menu's choices.
fn item_ui(ui: &mut Ui, scene: &mut Scene<'_>, chosen: bool, name: &str, action: Action) {
    if ui.add(Button::selectable(chosen, name)).clicked() {
        scene.act(action);
        ui.close();
    }
}

/// Draws a quiet button with the text `shown` that opens a menu. Screen readers read out `name`.
fn menu_ui(ui: &mut Ui, id: &str, shown: &str, name: &str, contents: impl FnOnce(&mut Ui)) {
    let text = egui::RichText::new(shown).text_style(egui::TextStyle::Small);
    ui.push_id(id, |ui| {
        let button = MenuButton::from_button(Button::new(text).frame_when_inactive(false));
        let (response, _) = button.ui(ui, contents);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        response.on_hover_text(name);
    });
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
    if response.on_hover_text(format!("{name} ({})", shortcuts::of(ui.ctx(), "left-fold"))).clicked() {
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
    use crate::app::state::AppState;
    use crate::gui::panels::samples;
    use crate::words::Catalogue;

    #[test]
    fn short_chips_stay_whole_beside_long_ones() {
        assert_eq!(widest_that_fit(&[300.0, 90.0, 60.0], 450.0), f32::INFINITY);
        assert_eq!(widest_that_fit(&[300.0, 90.0, 60.0], 300.0), 150.0);
        assert_eq!(widest_that_fit(&[300.0, 90.0, 60.0], 180.0), 60.0);
        assert_eq!(widest_that_fit(&[300.0, 90.0, 60.0], -5.0), 0.0);
    }

    fn bar(state: AppState) -> Harness<'static> {
        let words = Catalogue::new(Language::English);
        let mut harness =
            Harness::builder().with_size(vec2(900.0, 52.0)).with_context_setup(theme::install).build_ui(move |ui| {
                let mut actions = Vec::new();
                let mut scene = Scene { state: &state, words: &words, actions: &mut actions };
                top_bar_ui(ui, &mut scene, Language::English);
            });
        harness.run();
        harness
    }

    /// The panel has preset 3 all the while.
    #[test]
    fn the_bar_names_the_strategy_that_trains() {
        let chip_of = |state: AppState| {
            let harness = bar(state);
            let chips = ["Preset 1", "Preset 3", "Race"].map(|name| format!("Freezing: {name}"));
            chips.into_iter().filter(|chip| harness.query_by_label(chip).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(chip_of(samples::state()), ["Freezing: Preset 3"]);
        assert_eq!(chip_of(samples::racing(false)), ["Freezing: Race"]);
        assert_eq!(chip_of(samples::racing(true)), ["Freezing: Preset 1"]);
    }

    #[test]
    fn why_nothing_can_train_is_seen_without_hovering() {
        let lines_of = |state: AppState| {
            let harness = bar(state);
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
