//! From a number to its rows: the view Explore.

use thaw::domain::selection::Condition;

use super::*;

impl Studio {
    /// The rows of the selection, once they are found.
    fn wait_for_rows(&mut self) -> usize {
        self.wait("the rows", |s| s.state().explore.selected.ready().is_some() && !s.state().explore.rows.is_waiting());
        self.state().explore.selected.ready().unwrap().places.len()
    }
}

#[test]
fn a_cell_leads_to_its_rows_and_the_breadcrumb_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    studio.click(Role::Tab, "Explore");
    assert!(studio.has_part("The rows behind a run's numbers appear here"), "there is no run yet");
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    studio.click(Role::Tab, "Results");
    let test = studio.state().run.shown.history.test.clone().unwrap();

    // The middle of the matrix belongs to its last cell.
    let matrix = studio.harness.get_by(|node| {
        node.role() == Role::GraphicsObject && node.label().is_some_and(|label| label.contains("test rows"))
    });
    matrix.click();
    studio.harness.run_ok();
    let rows = studio.wait_for_rows();
    let cell = Condition::Cell { label: 1, predicted: 1 };
    assert_eq!(studio.state().explore.selection.steps.last(), Some(&cell));
    assert_eq!(rows as u64, test.confusion.count(1, 1));
    assert!(studio.has_part("true positive, predicted positive"), "the breadcrumb names it");

    studio.click(Role::Button, "test");
    assert_eq!(studio.wait_for_rows() as u64, test.confusion.rows());
    let first = studio.state().explore.selected.ready().unwrap().places[0];
    studio.press_down();
    assert_eq!(studio.state().explore.marked, Some(first), "the arrow keys mark a row");
    assert!(studio.has("Copy text") && studio.has("Try it"));
    studio.click(Role::Button, "Try it");
    studio.wait("the prediction", |s| s.state().run.prediction.ready().is_some());
    let rows = studio.state().explore.rows.ready().unwrap().clone();
    assert_eq!(studio.state().run.sentence, rows.texts[first as usize].text);
    let asked = &studio.state().run.prediction.ready().unwrap()[0].probabilities;
    let (kept, asked) = (rows.answer(0, first as usize).probability(1), asked[1].1);
    assert!((kept - asked).abs() < 1e-4, "the answer that is kept is the one that is given: {kept} {asked}");

    studio.click(Role::Tab, "Explore");
    studio.harness.get_by_role_and_label(Role::TextInput, "Search the texts").click();
    studio.harness.run_ok();
    studio.harness.event(Event::Text("THE".to_owned()));
    studio.harness.run_ok();
    let found = studio.wait_for_rows();
    let held = |i: &u32| rows.texts[*i as usize].text.to_lowercase().contains("the");
    assert!(studio.state().explore.selected.ready().unwrap().places.iter().all(held) && found > 0);
    let all = rows.len();
    studio.click(Role::Button, &format!("All {all} rows"));
    assert_eq!(studio.wait_for_rows(), all);
}

impl Studio {
    fn press_down(&mut self) {
        self.harness.ctx.memory_mut(|memory| memory.stop_text_input());
        self.harness.ctx.memory_mut(|memory| {
            if let Some(id) = memory.focused() {
                memory.surrender_focus(id);
            }
        });
        self.harness.key_press(Key::ArrowDown);
        self.harness.run_ok();
    }
}
