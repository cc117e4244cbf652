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
    let search = studio.harness.get_by_role_and_label(Role::TextInput, "Search the texts");
    assert!(search.rect().width() > 150.0, "words have room in it");
    search.click();
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

/// The answer on one sentence and its reasons.
fn is_explained(studio: &Studio) -> bool {
    studio.state().why.is_open && studio.state().why.of_run().is_some_and(|why| !why.words.is_empty())
}

#[test]
fn three_clicks_lead_from_a_number_to_the_reasons_and_so_do_three_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    let matrix = |studio: &Studio, click: bool| {
        let matrix = studio.harness.get_by(|node| {
            node.role() == Role::GraphicsObject && node.label().is_some_and(|label| label.contains("test rows"))
        });
        if click { matrix.click() } else { matrix.focus() }
    };
    studio.click(Role::Tab, "Results");
    matrix(&studio, true);
    studio.harness.run_ok();
    assert!(studio.wait_for_rows() > 0);
    let rows = studio.state().explore.rows.ready().unwrap().clone();
    let first = studio.state().explore.selected.ready().unwrap().places[0] as usize;
    let row = format!("Row {}: ", rows.answer(0, first).row);
    studio.harness.get_by(|node| node.label().is_some_and(|label| label.starts_with(&row))).click();
    studio.harness.run_ok();
    studio.click(Role::Button, "Why?");
    studio.wait("the reasons", is_explained);
    assert_eq!(studio.state().why.texts.text, rows.texts[first].text);

    studio.click(Role::Tab, "Results");
    matrix(&studio, false);
    studio.harness.run_ok();
    let confusion = studio.state().run.shown.history.test.as_ref().unwrap().confusion.clone();
    let (truth, predicted) =
        [(1, 0), (1, 1), (0, 1), (0, 0)].into_iter().find(|cell| confusion.count(cell.0, cell.1) > 1).unwrap();
    let arrows = [(Key::ArrowDown, truth), (Key::ArrowRight, predicted)];
    for (key, times) in arrows {
        for _ in 0..times {
            studio.harness.key_press(key);
            studio.harness.run_ok();
        }
    }
    studio.harness.key_press(Key::Enter);
    studio.harness.run_ok();
    assert!(studio.wait_for_rows() > 1);
    let cell = Condition::Cell { label: truth as u32, predicted: predicted as u32 };
    let found = studio.state().explore.selection.steps.last().cloned();
    assert_eq!(found, Some(cell), "the arrows move from cell to cell");
    for key in [Key::ArrowDown, Key::ArrowDown, Key::Enter] {
        studio.harness.key_press(key);
        studio.harness.run_ok();
    }
    let second = studio.state().explore.marked.unwrap() as usize;
    studio.wait("the reasons", |s| is_explained(s) && s.state().why.texts.text == rows.texts[second].text);
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

#[test]
fn a_line_around_points_selects_their_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    studio.click(Role::Tab, "Explore");
    let all = studio.wait_for_rows();
    studio.harness.get_by_label("Map").click();
    studio.harness.run_ok();
    studio.wait("the probes", |s| s.state().text_map.probes.ready().is_some());
    let map = studio.state().text_map.map.ready().unwrap().clone();
    assert!(!map.rows.is_empty() && studio.has_part("Linear probe") && studio.has_part("test rows."));
    assert!(studio.has_part("Drag around points on the map"), "there are no words of all rows");

    // Around all of one plot.
    let plot = studio.harness.get_by(|node| {
        let label = node.label().unwrap_or_default();
        node.role() == Role::GraphicsObject && label.starts_with("After fine-tuning: ")
    });
    let rect = plot.rect().shrink(1.0);
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    studio.harness.event(Event::PointerMoved(corners[0]));
    studio.harness.event(button(corners[0], true));
    studio.harness.run_ok();
    for corner in corners {
        studio.harness.event(Event::PointerMoved(corner));
        studio.harness.run_ok();
    }
    studio.harness.event(button(corners[3], false));
    studio.harness.run_ok();
    let rows = studio.wait_for_rows();
    assert_eq!(rows, map.rows.len());
    assert!(rows < all && studio.has_part("chosen rows"), "the breadcrumb names it");
    studio.wait("the words", |s| s.state().text_map.words.ready().is_some());

    studio.harness.get_by_label("t-SNE").click();
    studio.harness.run_ok();
    studio.wait("t-SNE", |s| s.state().text_map.tsne.ready().is_some());
    assert_eq!(studio.state().text_map.points().unwrap().after.len(), map.rows.len());
    studio.harness.get_by_label("Table").click();
    studio.harness.run_ok();
    assert!(studio.has_part("Confusion matrix"), "the table has the same selection");
    assert_eq!(studio.wait_for_rows(), rows);
}
