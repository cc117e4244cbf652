//! A file whose rows are answered: the view Try.

use std::fs;

use thaw::app::answered::AnsweredAction;

use super::*;

#[test]
fn a_file_dropped_on_try_is_answered_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    studio.click(Role::Tab, "Try");
    assert!(!studio.has("Answer a file…"), "there is no model yet");
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    studio.click(Role::Tab, "Try");
    assert!(studio.has("Answer a file…"));

    let data = folder.path().join("films.csv");
    fs::write(&data, "id,one,two\n1,a warm film,x\n2,,y\n3,a dull film,z\n").unwrap();
    studio.drop_file(&data);
    assert!(studio.has_part("films.csv will be answered") && studio.has("Save the answers as…"));
    let to = folder.path().join("answers.csv");
    let write = |studio: &mut Studio| {
        act(studio, AnsweredAction::WriteTo(to.clone()));
        studio.wait("the answers", |s| !s.state().answered.is_under_way());
    };
    write(&mut studio);
    assert!(studio.has_part("cannot be known which to classify"));
    assert!(studio.is_disabled("Save the answers as…"), "the column comes first");
    studio.click(Role::ComboBox, "Column of the texts");
    studio.harness.get_by_role_and_label(Role::Button, "one").click();
    studio.harness.run_ok();
    assert!(!studio.is_disabled("Save the answers as…"));
    write(&mut studio);
    assert!(studio.has_part("3 rows of films.csv are in") && studio.has_part("without a prediction: 1"));
    assert!(studio.has_part("Saved: "), "a notice tells where it is");
    let written = fs::read_to_string(&to).unwrap();
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "id,one,two,predicted,p_negative,p_positive"));
    assert!(lines[1].starts_with("1,a warm film,x,") && lines[2] == "2,,y,,,");
    studio.click(Role::Button, "Close");
    assert!(studio.has("Answer a file…") && studio.state().answered.data.is_none());
}

#[test]
fn an_answer_under_way_is_cancelled_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::open(small_run(folder.path(), 100, 1));
    studio.wait_until_ready();
    studio.harness.key_press(Key::F5);
    studio.wait("the end", |s| s.state().run.shown.phase == RunPhase::Ended);
    studio.click(Role::Tab, "Try");
    let data = folder.path().join("long.csv");
    fs::write(&data, "text\n".to_owned() + &"a warm and moving film that goes on\n".repeat(200_000)).unwrap();
    studio.drop_file(&data);
    let to = folder.path().join("answers.csv");
    act(&mut studio, AnsweredAction::WriteTo(to.clone()));
    studio.wait("the first rows", |s| s.state().answered.far.is_some());
    assert!(studio.has_part("long.csv: "));
    studio.click(Role::Button, "Cancel");
    studio.wait("the end", |s| !s.state().answered.is_under_way());
    assert!(!to.exists() && studio.state().answered.refused.is_none() && studio.has("Save the answers as…"));
}

fn act(studio: &mut Studio, action: impl Into<Action>) {
    let ctx = studio.harness.ctx.clone();
    studio.harness.state_mut().act(&ctx, action.into());
    studio.harness.run_ok();
}
