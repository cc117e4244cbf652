//! What a word of the trade means opens where the word stands, by keyboard alone.

use thaw::words::Catalogue;

use super::*;

/// Opens what each of these words means, and closes it again.
fn explain(studio: &mut Studio, terms: &[&'static str]) {
    let words = Catalogue::new(Language::English);
    for id in terms {
        let name = words.say_with("glossary-question", &[("term", &words.say(id))]);
        studio.harness.query_all_by_label(&name).next().unwrap_or_else(|| panic!("{name}")).focus();
        studio.harness.run_ok();
        studio.harness.key_press(Key::Enter);
        studio.harness.run_ok();
        assert!(studio.has(&words.hint(id)), "{id}");
        studio.harness.key_press(Key::Escape);
        studio.harness.run_ok();
        assert!(!studio.has(&words.hint(id)), "{id}");
    }
}

#[test]
fn words_of_the_trade_are_explained_where_they_stand() {
    let mut studio = Studio::open_with(few_rows(), Harness::builder().with_size(SIZE), script::scripted);
    studio.wait_until_ready();
    explain(&mut studio, &["glossary-pooler", "glossary-frozen"]);
    studio.click(Role::Button, "4 Training");
    explain(&mut studio, &["glossary-epoch", "glossary-learning-rate"]);
    studio.harness.get_by_label("More settings").click();
    studio.harness.run_ok();
    explain(&mut studio, &["glossary-checkpoint"]);
    studio.show_recorded_run();
    explain(&mut studio, &["glossary-macro-f1", "glossary-confusion-matrix"]);
    studio.click(Role::Tab, "Live");
    studio.click(Role::Button, "Gradient norm");
    explain(&mut studio, &["glossary-gradient-norm"]);
    studio.click(Role::Button, "Layers");
    explain(&mut studio, &["glossary-drift"]);
}
