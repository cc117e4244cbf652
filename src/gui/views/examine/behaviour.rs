//! The behaviour tests as a table, each with the failure that the model was surest of.

use std::path::Path;
use std::sync::Arc;

use eframe::egui::{Label, Rect, RichText, TextStyle, Ui};

use crate::app::action::Action;
use crate::app::effect::Dialog;
use crate::app::examine::ExamineAction;
use crate::domain::behaviour::{Behaviour, BehaviourTest};
use crate::words::shared::short_name;
use crate::words::{Fill, Number, behaviour as said};

use super::super::super::save_plot::{self, Table};
use super::super::super::theme::{self, space};
use super::super::Scene;
use super::{failure_ui, found};

const HEADER: f32 = 24.0;
/// A row has the sentence before and below it the one after.
const ROW: f32 = 46.0;
/// A summary is at most so wide.
const SUMMARY: f32 = 460.0;

pub fn behaviour_ui(ui: &mut Ui, rect: Rect, scene: &mut Scene<'_>) {
    theme::card_at(ui, rect, |ui| {
        let says = ("examine-behaviour-about", "examine-behaviour-check", "stage-behaviour");
        let state = scene.state;
        templates_ui(ui, scene);
        let dir = state.run.last_dir.as_deref();
        let loading = dir.map(|dir| state.examine.behaviour_of(dir));
        let ask = ExamineAction::CheckBehaviour(dir.into_iter().map(Path::to_owned).collect());
        let behaviour = found(ui, scene, loading, says, ask);
        let Some(behaviour) = behaviour.map(Arc::clone) else { return };
        let (title, card) = (scene.say("examine-behaviour"), theme::card_around(ui));
        theme::heading_row(ui, &title, Some(&scene.hint("examine-behaviour")), |ui| {
            save_plot::table_buttons(ui, scene, &title, card, |scene| export(scene, &behaviour));
        });
        for why in said::why_without_cases(scene.words, &behaviour) {
            ui.add(Label::new(theme::small_muted(ui, why)).wrap());
        }
        ui.add_space(space::XS);
        lines_ui(ui, scene, &behaviour);
    });
}

/// Draws the choice of templates of one's own.
fn templates_ui(ui: &mut Ui, scene: &mut Scene<'_>) {
    let state = scene.state;
    if state.run.last_dir.is_none() || state.is_running() {
        return;
    }
    ui.horizontal(|ui| {
        let is_free = !state.shell.dialog_open;
        scene.hinted_button(ui, "examine-templates", is_free, Action::OpenDialog(Dialog::Templates));
        if let Some(file) = &state.examine.templates {
            if theme::link_button(ui, &scene.say("examine-no-templates")).clicked() {
                scene.act(ExamineAction::UseTemplates(None));
            }
            theme::cut(ui, RichText::new(short_name(file)));
        }
    });
    ui.add_space(space::XS);
}

fn lines_ui(ui: &mut Ui, scene: &Scene<'_>, behaviour: &Behaviour) {
    let width = |text: &str| theme::text_width(ui, text, TextStyle::Body).ceil() + 6.0;
    let names = behaviour.tests.iter().map(|test| width(&said::test(scene.words, test)));
    let name = names.fold(0.0, f32::max).min(ui.available_width() * 0.3);
    let expects = ["check-same", "check-other", "check-expects"].map(|id| width(&scene.say(id)));
    let expects = expects.into_iter().fold(0.0, f32::max);
    let number = |id| width(&scene.say(id)).max(width("100.0 %"));
    let columns = [name, expects, number("check-cases"), number("check-failures"), number("check-rate")];
    let columns = columns.map(theme::fixed).into_iter().chain([theme::wide(160.0)]);
    let heads = ["check-test", "check-expects", "check-cases", "check-failures", "check-rate", "examine-example"];
    theme::table(ui, "behaviour tests", columns)
        .min_scrolled_height(0.0)
        .header(HEADER, |mut header| {
            for id in heads {
                header.col(|ui| {
                    ui.label(theme::small_muted(ui, scene.say(id)));
                });
            }
        })
        .body(|body| {
            body.rows(ROW, behaviour.tests.len(), |mut row| {
                let test = &behaviour.tests[row.index()];
                row.col(|ui| theme::cut(ui, RichText::new(said::test(scene.words, test))));
                row.col(|ui| theme::cut(ui, RichText::new(said::expected(scene.words, &test.expects))));
                for text in [test.cases.to_string(), test.failures.to_string(), rate(scene, test)] {
                    row.col(|ui| {
                        ui.with_layout(theme::of_column(1), |ui| ui.label(text));
                    });
                }
                row.col(|ui| {
                    if let Some(failure) = test.examples.first() {
                        let shown = ui.vertical(|ui| failure_ui(ui, failure)).response;
                        shown.on_hover_text(format!("{}\n{}", failure.before, failure.after));
                    }
                });
            });
        });
}

fn rate(scene: &Scene<'_>, test: &BehaviourTest) -> String {
    test.rate().map_or_else(String::new, |rate| scene.words.write(Number::Percent(rate)))
}

/// Draws the rates of all tests, each with the failure that the model was surest of, as they are told beside a run's name.
pub fn summary_ui(ui: &mut Ui, scene: &Scene<'_>, behaviour: &Behaviour) {
    ui.set_max_width(SUMMARY);
    for test in &behaviour.tests {
        let name = said::test(scene.words, test);
        let args: [(&str, &dyn Fill); 4] =
            [("test", &name), ("failures", &test.failures), ("cases", &test.cases), ("rate", &rate(scene, test))];
        ui.add(Label::new(scene.say_with("examine-rate-of", &args)).wrap());
        if let Some(failure) = test.examples.first() {
            ui.scope(|ui| {
                ui.style_mut().override_text_style = Some(TextStyle::Small);
                failure_ui(ui, failure);
            });
        }
    }
    for why in said::why_without_cases(scene.words, behaviour) {
        ui.add(Label::new(theme::small_muted(ui, why)).wrap());
    }
}

fn export(scene: &Scene<'_>, behaviour: &Behaviour) -> Table {
    let heads =
        ["check-test", "check-expects", "check-cases", "check-failures", "check-rate", "check-before", "check-after"];
    let mut table = Table::new(heads.map(|id| scene.say(id)));
    for test in &behaviour.tests {
        let head = vec![
            said::test(scene.words, test),
            said::expected(scene.words, &test.expects),
            test.cases.to_string(),
            test.failures.to_string(),
            test.rate().map_or_else(String::new, save_plot::number),
        ];
        let texts = |before: String, after: String| [head.clone(), vec![before, after]].concat();
        if test.examples.is_empty() {
            table.rows.push(texts(String::new(), String::new()));
        }
        let failures = test.examples.iter().map(|failure| {
            let with = |label: &str, text: &str| format!("{label}: {text}");
            texts(with(&failure.was, &failure.before), with(&failure.became, &failure.after))
        });
        table.rows.extend(failures);
    }
    table
}
