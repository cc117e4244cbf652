//! What else can be asked of the run on the screen: which words its model lives by, which labels are probably wrong, and whether
//! the model answers changed texts as it should.

pub mod behaviour;
mod data_map;
mod suspects;
mod words;

use eframe::egui::{Label, ProgressBar, RichText, Role, Ui, WidgetInfo};

use crate::app::examine::{ExamineAction, ExaminePage};
use crate::app::state::Loading;
use crate::domain::behaviour::Failure;

use super::super::problem::problem_ui;
use super::super::theme::{self, space};
use super::Scene;
use super::live::empty_note;

/// Two texts may begin with so many characters alike before that is cut, and then so many are left.
const MOST_ALIKE: usize = 32;
const CONTEXT: usize = 20;

/// Draws the tabs of Explore's pages.
pub fn tabs_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let pages = [
            (ExaminePage::Rows, "examine-rows"),
            (ExaminePage::Words, "examine-words"),
            (ExaminePage::Labels, "examine-labels"),
            (ExaminePage::Behaviour, "examine-behaviour"),
        ];
        for (page, id) in pages {
            let is_shown = scene.state.examine.page == page;
            scene.choice(ui, id, is_shown, ExamineAction::ShowPage(page)).on_hover_text(scene.hint(id));
        }
    });
}

/// Draws a page that is about the run on the screen; false where the page of the rows is to be drawn.
pub fn page_ui(ui: &mut Ui, scene: &mut Scene<'_>) -> bool {
    let rect = ui.available_rect_before_wrap();
    match scene.state.examine.page {
        ExaminePage::Rows => return false,
        ExaminePage::Words => words::words_ui(ui, rect, scene),
        ExaminePage::Labels => suspects::suspects_ui(ui, rect, scene),
        ExaminePage::Behaviour => behaviour::behaviour_ui(ui, rect, scene),
    }
    true
}

/// Offers to ask where nothing was asked yet, and shows how far the answer is, or why there is none. It returns what was
/// found. Without a `loading` there is no run that could be asked about.
fn found<'s, T>(
    ui: &mut Ui,
    scene: &mut Scene<'s>,
    loading: Option<&'s Loading<T>>,
    (about, button, waiting): (&'static str, &'static str, &'static str),
    ask: ExamineAction,
) -> Option<&'s T> {
    let state = scene.state;
    let Some(loading) = loading.filter(|_| !state.is_running()) else {
        empty_note(ui, &scene.say("examine-no-run"));
        return None;
    };
    match loading {
        Loading::Ready(found) => return Some(found),
        Loading::Waiting(..) => {
            let progress = state.examine.progress.filter(|progress| progress.total > 0);
            ui.add(Label::new(scene.say(waiting)).wrap());
            let share = progress.map_or(0.0, |progress| progress.done as f32 / progress.total as f32);
            let bar = ui.add(ProgressBar::new(share).desired_width(ui.available_width().min(420.0)));
            bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, scene.say(waiting)));
            scene.button(ui, "explore-cancel", true, ExamineAction::Cancel);
        }
        loading => {
            ui.set_max_width(ui.available_width().min(640.0));
            ui.add(Label::new(scene.say(about)).wrap());
            ui.add_space(space::S);
            ui.horizontal(|ui| scene.button(ui, button, true, ask));
            if let Loading::Failed(problem) = loading {
                ui.add_space(space::S);
                let colour = theme::palette(ui).error;
                problem_ui(ui, scene.words, problem, colour);
            }
        }
    }
    None
}

/// Cuts what two texts begin with alike, but for the words before the first difference: it would be out of view behind a long
/// beginning.
fn around_change(before: &str, after: &str) -> (String, String) {
    let alike = before.chars().zip(after.chars()).take_while(|(a, b)| a == b).count();
    // The cut is behind a blank, so that no word is halved.
    let blanks = before.chars().take(alike).enumerate().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at + 1);
    let from = blanks.filter(|at| at + CONTEXT >= alike).min().filter(|_| alike > MOST_ALIKE);
    let cut = |text: &str| match from {
        Some(from) => "… ".chars().chain(text.chars().skip(from)).collect(),
        None => text.to_owned(),
    };
    (cut(before), cut(after))
}

/// Draws a failure: the label and the text before, and below them those after.
pub fn failure_ui(ui: &mut Ui, failure: &Failure) {
    ui.spacing_mut().item_spacing.y = 0.0;
    let muted = theme::palette(ui).muted;
    let (before, after) = around_change(&failure.before, &failure.after);
    for (label, text, is_after) in [(&failure.was, before, false), (&failure.became, after, true)] {
        let text = RichText::new(format!("{label}: {}", text.replace(char::is_control, " ")));
        ui.add(Label::new(if is_after { text } else { text.color(muted) }).truncate());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_texts_are_cut_to_what_differs_with_some_words_before() {
        let start = "This is a long beginning that both of the texts have, and then comes";
        let (before, after) = around_change(&format!("{start} Anna to us."), &format!("{start} Maria to us."));
        assert_eq!(
            (before.as_str(), after.as_str()),
            ("… and then comes Anna to us.", "… and then comes Maria to us.")
        );
        let short = || ("Anna is a fool.".to_owned(), "Maria is a fool.".to_owned());
        assert_eq!(around_change(&short().0, &short().1), short());
        let unbroken = "x".repeat(60);
        assert_eq!(around_change(&unbroken, &format!("{unbroken}y")).0, unbroken, "there is no place to cut");
    }
}
