//! The window as a whole: takes in what the worker tells, draws, and carries out what the user does.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crossbeam_channel::{TryRecvError, TrySendError};
use eframe::egui::{self, CentralPanel, Frame, Margin, Panel, Rect, Ui, pos2, vec2};

use crate::app::action::Action;
use crate::app::dropped::{dropped, on_view};
use crate::app::effect::Effect;
use crate::app::first_steps::FirstStep;
use crate::app::reduce::reduce;
use crate::app::run::RunAction;
use crate::app::run::replay::ReplayAction;
use crate::app::settings::{Language, Settings, Theme};
use crate::app::state::{AppState, View};
use crate::app::update::{startup, update};
use crate::domain::message::Command;
use crate::domain::problem::Problem;
use crate::words::Catalogue;
use crate::worker::Worker;

use super::code::code_ui;
use super::dialogs::{Answer, Dialogs};
use super::doctor::doctor_ui;
use super::drop::drop_ui;
use super::file_dialog::file_dialog_ui;
use super::first_steps::{self, first_steps_ui};
use super::fit::Fit;
use super::frame_stats::FrameStats;
use super::guide::guide_ui;
use super::help::help_ui;
use super::notices::notices_ui;
use super::palette::palette_ui;
use super::replay_bar::replay_ui;
use super::save_plot;
use super::scene::Scene;
use super::shortcuts;
use super::store::SettingsStore;
use super::theme::{self, space};
use super::top_bar::{fold_ui, tab_ui, top_bar_ui};
use super::views::{coach, compare, explore, live, results, run_list, try_it};

/// Events are taken in for at most so long before a frame is drawn; the rest waits for the next.
const DRAIN_BUDGET: Duration = Duration::from_millis(4);
/// From this width on the left side takes its full width.
const WIDE: f32 = 1200.0;

/// The row of tabs has this height.
const TABS: f32 = 42.0;

/// The time between two frames of a replay.
const REPLAY_FRAME: Duration = Duration::from_millis(33);

/// Frames after a change of words or sizes until no plot moves any more.
const SETTLING_FRAMES: u8 = 3;

pub struct ThawApp {
    state: AppState,
    words: Catalogue,
    language: Language,
    worker: Worker,
    /// Commands that the worker's channel had no room for yet.
    outbox: VecDeque<Command>,
    actions: Vec<Action>,
    dialogs: Dialogs,
    store: Option<SettingsStore>,
    shown_theme: Option<Theme>,
    shown_projector: bool,
    fit: Fit,
    /// The plot whose picture the next frame is for.
    picture: Option<(String, Rect)>,
    /// Frames that are still drawn without buttons and pointer: which of them the picture is of, the system decides.
    picture_frames: u8,
    /// Frames that are still drawn after words or sizes changed, because plots place their axes by the widths of the frame
    /// before.
    settling_frames: u8,
    stats: FrameStats,
    prints_stats: bool,
}

impl ThawApp {
    /// `store`: where changes of the settings go; `None` keeps them for this session only.
    pub fn new(ctx: &egui::Context, worker: Worker, settings: Settings, store: Option<SettingsStore>) -> Self {
        theme::install(ctx);
        let language = settings.language();
        let fit = Fit::new(ctx, &settings);
        let mut app = Self {
            fit,
            state: AppState::new(settings),
            words: Catalogue::new(language),
            language,
            worker,
            outbox: VecDeque::new(),
            actions: Vec::new(),
            dialogs: Dialogs::new(ctx.clone()),
            store,
            shown_theme: None,
            shown_projector: false,
            picture: None,
            picture_frames: 0,
            settling_frames: 0,
            stats: FrameStats::default(),
            prints_stats: std::env::var_os("THAW_FRAME_STATS").is_some_and(|v| v == "1"),
        };
        let effects = startup(&mut app.state);
        app.carry_out(ctx, effects);
        app.follow_settings(ctx);
        app.send();
        app
    }

    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Processor time of the frames drawn while training.
    pub fn stats(&self) -> &FrameStats {
        &self.stats
    }

    /// Does what a click would.
    pub fn act(&mut self, ctx: &egui::Context, action: Action) {
        let effects = update(&mut self.state, action);
        self.carry_out(ctx, effects);
        self.follow_settings(ctx);
    }

    /// Does what the state wants done outside itself.
    fn carry_out(&mut self, ctx: &egui::Context, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Tell(command) => self.outbox.push_back(command),
                Effect::OpenDialog(dialog) => {
                    let folder = dialog.folder(&self.state.shell.settings);
                    self.dialogs.open(dialog, &folder, &self.words);
                }
                Effect::OpenFolder(folder) => self.dialogs.open_folder(&folder),
                Effect::ToggleFullScreen => {
                    let is_full = ctx.input(|i| i.viewport().fullscreen) == Some(true);
                    ctx.send_viewport_cmd(egui::ViewportCommand::Fullscreen(!is_full));
                }
                Effect::TakePicture { name, rect: [left, top, right, bottom] } => {
                    self.picture = Some((name, Rect::from_min_max(pos2(left, top), pos2(right, bottom))));
                    self.picture_frames = 3;
                }
            }
        }
    }

    /// Language and theme take effect; what should outlive the session is written.
    fn follow_settings(&mut self, ctx: &egui::Context) {
        let settings = &self.state.shell.settings;
        if settings.language() != self.language {
            self.language = settings.language();
            self.words = Catalogue::new(self.language);
            self.settling_frames = SETTLING_FRAMES;
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(self.words.say("window-title")));
        }
        if self.shown_theme != Some(settings.theme) {
            self.shown_theme = Some(settings.theme);
            ctx.set_theme(match settings.theme {
                Theme::System => egui::ThemePreference::System,
                Theme::Light => egui::ThemePreference::Light,
                Theme::Dark => egui::ThemePreference::Dark,
            });
        }
        if self.shown_projector != settings.projector {
            self.shown_projector = settings.projector;
            theme::project(ctx, settings.projector);
            self.settling_frames = SETTLING_FRAMES;
        }
        self.keep_settings();
    }

    fn keep_settings(&mut self) {
        if let Some(store) = &mut self.store {
            store.keep(self.state.settings_to_save());
        }
    }

    /// Hands commands to the worker as far as it takes them.
    fn send(&mut self) {
        while let Some(command) = self.outbox.pop_front() {
            match self.worker.commands.try_send(command) {
                Ok(()) => {}
                Err(TrySendError::Full(command)) => {
                    self.outbox.push_front(command);
                    return;
                }
                Err(TrySendError::Disconnected(_)) => self.state.shell.notify(Problem::new("worker-gone"), true),
            }
        }
    }

    /// Takes in what the worker told, within the budget; asks for another frame when more is waiting.
    fn receive(&mut self, ctx: &egui::Context) {
        let begun = Instant::now();
        let mut any = false;
        loop {
            match self.worker.events.try_recv() {
                Ok(event) => {
                    any = true;
                    let effects = reduce(&mut self.state, &event);
                    self.carry_out(ctx, effects);
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.state.shell.notify(Problem::new("worker-gone"), true);
                    break;
                }
            }
            if begun.elapsed() > DRAIN_BUDGET {
                ctx.request_repaint();
                break;
            }
        }
        if any {
            self.follow_settings(ctx);
        }
    }

    fn drop_ui(&mut self, ui: &Ui) {
        let (hovering, files) = ui.input(|i| (!i.raw.hovered_files.is_empty(), i.raw.dropped_files.clone()));
        match dropped(files.iter().map(|f| f.path().to_owned()).collect()) {
            Some(Ok(action)) => self.actions.push(on_view(action, &self.state)),
            Some(Err(problem)) => {
                self.state.shell.notify(problem, true);
                ui.ctx().request_repaint();
            }
            None => {}
        }
        if hovering {
            drop_ui(ui, &self.words);
        }
    }

    fn panels_ui(&mut self, ui: &mut Ui) {
        let p = theme::palette(ui);
        let side = Frame::new().fill(p.side);
        let (state, language) = (&self.state, self.language);
        let scene = &mut Scene { state, words: &self.words, actions: &mut self.actions };
        Panel::top("top").exact_size(56.0).frame(side.inner_margin(Margin::symmetric(16, 0))).show(ui, |ui| {
            top_bar_ui(ui, scene, language);
        });
        super::lesson::list_ui(ui, scene);
        if state.lesson().is_some() {
            let frame = Frame::new().fill(p.accent_fill).inner_margin(Margin::symmetric(16, 6));
            let panel = if state.lessons.hides_step() {
                Panel::bottom("folded lesson").resizable(false)
            } else {
                let room = ui.available_height();
                let panel = Panel::bottom("lesson").resizable(true).default_size((room * 0.3).clamp(176.0, 300.0));
                panel.size_range(90.0..=(room * 0.6).max(250.0))
            };
            panel.frame(frame).show(ui, |ui| super::lesson::strip_ui(ui, scene));
        }
        if !state.shell.settings.left_folded {
            let width = ui.available_width();
            let left = if width >= WIDE { 380.0 } else { (width * 0.352).clamp(300.0, 380.0) };
            let panel = Panel::left("left").resizable(true).default_size(left);
            panel.size_range(280.0..=(width * 0.36).max(300.0)).frame(side).show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                super::panels::panels_ui(ui, scene);
            });
        }
        let frame = Frame::new().fill(p.background).inner_margin(Margin { left: 16, right: 16, top: 4, bottom: 8 });
        // Without the tabs, which no notice covers.
        let page = ui.available_rect_before_wrap().with_min_y(ui.available_rect_before_wrap().top() + TABS);
        let shows_run = matches!(state.shell.view, View::Live | View::Results);
        CentralPanel::default().frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(space::S, space::S);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                fold_ui(ui, scene);
                for (view, id) in [
                    (View::Live, "tab-live"),
                    (View::Results, "tab-results"),
                    (View::Explore, "tab-explore"),
                    (View::Try, "tab-try"),
                    (View::Runs, "tab-runs"),
                    (View::Compare, "tab-compare"),
                ] {
                    let tab = tab_ui(ui, &scene.say(id), state.shell.view == view);
                    if view == View::Results {
                        first_steps::mark(ui, scene, FirstStep::Results, true, tab.rect);
                    }
                    if tab.clicked() {
                        scene.act(Action::ShowView(view));
                    }
                }
                if shows_run {
                    coach::coach_button_ui(ui, scene);
                }
            });
            if let Some(replay) = &state.run.replay {
                replay_ui(ui, scene, replay);
            }
            if shows_run {
                coach::coach_ui(ui, ui.available_rect_before_wrap(), scene);
            }
            match state.shell.view {
                View::Live => live::live_ui(ui, scene),
                View::Results => results::results_ui(ui, scene),
                View::Explore => explore::explore_ui(ui, scene),
                View::Try => try_it::try_ui(ui, scene),
                View::Runs => run_list::runs_ui(ui, scene),
                View::Compare => compare::compare_ui(ui, scene),
            }
        });
        help_ui(ui, scene);
        guide_ui(ui, scene);
        doctor_ui(ui, scene);
        code_ui(ui, scene);
        first_steps_ui(ui, scene);
        palette_ui(ui, scene);
        file_dialog_ui(ui, scene);
        notices_ui(ui, page, scene);
    }
}

impl eframe::App for ThawApp {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.stats.begin_frame(self.state.is_running());
        self.receive(ctx);
        let answers: Vec<Answer> = self.dialogs.answers().collect();
        for answer in answers {
            match answer {
                Answer::Act(action) => self.act(ctx, *action),
                Answer::Failed(problem) => self.state.shell.notify(problem, true),
            }
        }
        self.send();
        save_plot::set_taking(ctx, self.picture_frames > 0);
        if self.picture_frames > 0 {
            self.picture_frames -= 1;
            ctx.request_repaint();
        }
        if self.settling_frames > 0 {
            self.settling_frames -= 1;
            ctx.request_repaint();
        }
        if self.fit.follow(ctx, &mut self.state.shell.settings) {
            self.keep_settings();
        }
    }

    fn raw_input_hook(&mut self, _ctx: &egui::Context, raw_input: &mut egui::RawInput) {
        // What the pointer lights up does not belong into a picture.
        if self.picture_frames > 0 {
            raw_input.events.push(egui::Event::PointerGone);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        shortcuts::pressed(&ctx, &self.state, &mut self.actions);
        if self.state.run.replay.as_ref().is_some_and(|replay| replay.is_playing) {
            // A long frame must not make the run jump.
            let secs = ui.input(|i| i.stable_dt).min(0.1);
            self.act(&ctx, RunAction::Replay(ReplayAction::Advance(f64::from(secs))).into());
            ctx.request_repaint_after(REPLAY_FRAME);
        }
        self.panels_ui(ui);
        self.drop_ui(ui);
        if let Some((name, rect)) = self.picture.take() {
            self.dialogs.take_picture(name, rect);
        }
        if self.actions.is_empty() {
            return;
        }
        for action in std::mem::take(&mut self.actions) {
            self.act(&ctx, action);
        }
        self.send();
        // What was drawn is from before these actions.
        ctx.request_repaint();
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if self.prints_stats {
            eprintln!(
                "frames while training: {}; processor time a frame: p50 {:.1} ms, p99 {:.1} ms",
                self.stats.frames(),
                self.stats.percentile_ms(0.50),
                self.stats.percentile_ms(0.99)
            );
        }
    }
}
