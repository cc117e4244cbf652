//! The window of models is driven by accessible names.

use std::path::PathBuf;

use eframe::egui::Theme;
use eframe::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::hub::HubAction;
use crate::app::reduce::reduce;
use crate::app::run::RunPhase;
use crate::app::state::{AppState, Panel};
use crate::domain::hub::{
    CachedModel, FileProgress, HubEvent, HubModel, HubRequest, ModelId, PullOutcome, PullProgress, Token,
};
use crate::domain::message::{Command, Event, Question};
use crate::domain::problem::Problem;
use crate::gui::panels::samples::state;
use crate::gui::panels::tests::{Window, click, open, open_in, with_panel};
use crate::words::Language;

fn tell(harness: &mut Harness<'_, Window>, event: HubEvent) -> Vec<Effect> {
    let effects = reduce(&mut harness.state_mut().state, &Event::Hub(event));
    harness.run();
    effects
}

fn model_panel() -> AppState {
    with_panel(Panel::Model, state())
}

fn opened(state: AppState) -> Harness<'static, Window> {
    let mut harness = open(state);
    click(&mut harness, "Models from Hugging Face…");
    harness
}

/// Presses, as a screen reader does, a button that may lie further down in the list.
fn reach(harness: &mut Harness<'_, Window>, name: &str) {
    harness.get_by_label(name).click_accesskit();
    harness.run();
}

fn shows(harness: &Harness<'_, Window>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}

fn klue() -> ModelId {
    ModelId::parse("klue/bert-base").unwrap()
}

fn progress(done_bytes: u64) -> HubEvent {
    let file = |name: &str, done_bytes, total_bytes| FileProgress { name: name.into(), done_bytes, total_bytes };
    HubEvent::Progress(PullProgress {
        id: klue(),
        files: vec![file("config.json", 425, 425), file("model.safetensors", done_bytes, 440_000_000)],
        bytes_per_sec: Some(4_000_000.0),
    })
}

#[test]
fn a_recommended_model_is_fetched_with_progress_and_cancelled() {
    let mut harness = opened(model_panel());
    assert!(shows(&harness, "Korean · 111 M parameters · 442 MB · cc-by-sa-4.0"));
    assert!(shows(&harness, "when everything trains; memory up to"));
    reach(&mut harness, "Download klue/bert-base");
    assert_eq!(harness.state().actions.last(), Some(&Action::Hub(HubAction::Pull(klue()))));
    assert!(
        harness.get_by_role_and_label(Role::Button, "Download FacebookAI/roberta-base").accesskit_node().is_disabled()
    );
    tell(&mut harness, progress(110_000_000));
    assert!(shows(&harness, "110 MB of 440 MB · 4.0 MB/s, 1:23 left"));
    assert!(shows(&harness, "model.safetensors: 110 MB of 440 MB"));
    assert!(shows(&harness, "Download of klue/bert-base: 25 %"));
    reach(&mut harness, "Cancel");
    assert_eq!(harness.state().actions.last(), Some(&Action::Hub(HubAction::CancelPull)));
    assert!(shows(&harness, "Cancelling …"));
    let then = tell(&mut harness, HubEvent::PullEnded { id: klue(), outcome: PullOutcome::Cancelled });
    assert!(then.is_empty() && !shows(&harness, "Cancelling …"));
}

#[test]
fn what_failed_says_why_and_can_be_tried_again() {
    let mut harness = opened(model_panel());
    reach(&mut harness, "Download klue/bert-base");
    let problem = Problem::new("hub-broken-off").with("host", "huggingface.co").with_original("reset");
    tell(&mut harness, HubEvent::PullEnded { id: klue(), outcome: PullOutcome::Failed(problem) });
    assert!(shows(&harness, "The connection to huggingface.co broke off"));
    click(&mut harness, "Try again");
    assert!(harness.state().state.hub.is_pulling());
    let folder = PathBuf::from("/cache/klue");
    let then = tell(&mut harness, HubEvent::PullEnded { id: klue(), outcome: PullOutcome::Done(folder) });
    assert!(matches!(&then[..], [Effect::Tell(Command::Ask(_, Question::Model(_)))]), "{then:?}");
}

#[test]
fn during_a_run_a_model_comes_without_taking_the_place_of_its_own() {
    let mut state = model_panel();
    state.run.shown.phase = RunPhase::Running;
    let before = state.train.config.model.clone();
    let mut harness = opened(state);
    reach(&mut harness, "Download klue/bert-base");
    let outcome = PullOutcome::Done(PathBuf::from("/cache/klue"));
    assert!(tell(&mut harness, HubEvent::PullEnded { id: klue(), outcome }).is_empty());
    assert_eq!(harness.state().state.train.config.model, before);
}

#[test]
fn search_shows_what_was_found() {
    let mut harness = opened(model_panel());
    harness.get_by_label("Words to search for").focus();
    harness.run();
    harness.get_by_label("Words to search for").type_text("korean");
    harness.run();
    reach(&mut harness, "Search");
    assert!(shows(&harness, "Searching …"));
    let model = |id: &str, family: &str, trainable| HubModel {
        id: id.into(),
        task: Some("fill-mask".into()),
        downloads: 1_234_567,
        likes: 42,
        license: Some("mit".into()),
        family: Some(family.into()),
        trainable: Some(trainable),
        parameters: Some(110_000_000),
        bytes: Some(440_000_000),
        gated: !trainable,
    };
    let models = vec![model("a/bert", "bert", true), model("b/gpt", "gpt2", false)];
    tell(&mut harness, HubEvent::Found { query: "korean".into(), models });
    assert!(shows(&harness, "Found with “korean”"));
    assert!(shows(&harness, "fill-mask · 1.23 M downloads · 42 likes · 440 MB · mit"));
    assert!(shows(&harness, "gpt2: a family that Thaw does not train") && shows(&harness, "accept terms first"));
    assert!(harness.query_by_label("Download a/bert").is_some() && harness.query_by_label("Download b/gpt").is_none());
    reach(&mut harness, "Search");
    let problem = Problem::new("hub-offline");
    tell(&mut harness, HubEvent::SearchFailed { query: "korean".into(), problem });
    assert!(shows(&harness, "HF_HUB_OFFLINE is set"));
}

#[test]
fn a_model_whose_name_is_known_needs_no_search() {
    let mut state = model_panel();
    state.hub.query = "org/name@v1".into();
    let mut harness = opened(state);
    assert!(shows(&harness, "By the name that you typed"));
    reach(&mut harness, "Download org/name@v1");
    let id = ModelId::parse("org/name@v1").unwrap();
    assert_eq!(harness.state().actions.last(), Some(&Action::Hub(HubAction::Pull(id))));
}

#[test]
fn a_model_is_deleted_after_a_question() {
    let mut harness = opened(model_panel());
    let cached = CachedModel {
        id: "klue/bert-base".into(),
        revision: "0".repeat(40),
        folder: "/cache/klue".into(),
        bytes: 443_000_000,
    };
    tell(&mut harness, HubEvent::Cached(vec![cached]));
    assert!(harness.query_by_label("Use klue/bert-base").is_some());
    reach(&mut harness, "Delete klue/bert-base");
    assert!(shows(&harness, "Delete klue/bert-base (443 MB) from this computer?"));
    reach(&mut harness, "Keep");
    assert!(!shows(&harness, "from this computer?"));
    reach(&mut harness, "Delete klue/bert-base");
    reach(&mut harness, "Delete");
    assert_eq!(harness.state().actions.last(), Some(&Action::Hub(HubAction::Remove)));
}

#[test]
fn a_token_is_taken_and_forgotten_by_the_field() {
    let mut state = model_panel();
    let mut hub = std::mem::take(&mut state.hub);
    hub.token = Token("hf_secret".into());
    state.hub = hub;
    assert!(!format!("{:?}", state.hub).contains("hf_secret"));
    let effects = crate::app::update::update(&mut state, Action::Hub(HubAction::UseToken));
    let request = effects.into_iter().find_map(|effect| match effect {
        Effect::Tell(Command::Hub(HubRequest::UseToken { token, keep })) => Some((token, keep)),
        _ => None,
    });
    assert_eq!(request, Some((Token("hf_secret".into()), false)), "stored only when the user says so");
    assert_eq!(state.hub.token, Token::default());
    let settings = serde_json::to_string(&state.settings_to_save()).unwrap();
    assert!(!settings.contains("hf_secret"));

    let mut harness = opened(state);
    reach(&mut harness, "Access token");
    reach(&mut harness, "Store it on this computer");
    assert!(harness.state().state.hub.keep_token);
    tell(&mut harness, HubEvent::TokenTaken { file: Some("/hf/token".into()) });
    assert!(shows(&harness, "It is stored in /hf/token"));
}

#[test]
fn in_korean() {
    let mut harness = open_in(model_panel(), Language::Korean, Theme::Dark);
    click(&mut harness, "Hugging Face 모델…");
    assert!(shows(&harness, "수업용 추천") && harness.query_by_label("klue/bert-base 내려받기").is_some());
}
