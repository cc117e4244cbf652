//! The Python of what Train would do, in a window beside the settings.

use eframe::egui::OutputCommand;
use thaw::app::code::CodeAction;
use thaw::domain::program::{ProgramForm, ProgramStyle};

use super::*;

/// What is copied next.
fn clipboard(studio: &mut Studio) -> String {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let seen = studio.woken.times();
        studio.harness.step();
        let commands = &studio.harness.output().platform_output.commands;
        let copied =
            commands.iter().find_map(|c| if let OutputCommand::CopyText(text) = c { Some(text) } else { None });
        if let Some(text) = copied {
            return text.clone();
        }
        studio.woken.wait_beyond(seen, deadline);
    }
}

#[test]
fn the_program_follows_every_toggle_and_is_copied_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = listed_run(folder.path(), 100, 2);
    settings.config.freeze = Freeze::Preset3;
    let mut studio = Studio::open_sized(settings, vec2(1024.0, 700.0));
    studio.wait_until_ready();
    assert!(!studio.has("Python code"), "the first screen is as simple as it was");
    studio.click(Role::Button, "4 Training");
    studio.click(Role::Button, "Python code…");
    assert!(studio.has("Python code") && studio.has_part("import torch") && !studio.has_part("changed: "));

    // The tree stays beside the program, and a toggle marks what it changes.
    studio.click(Role::Button, "3 Freeze");
    studio.click(Role::Button, "Preset 1");
    assert!(studio.has("changed: # Preset 1: only the head trains."), "the marked line is told to a screen reader");
    assert!(studio.has_part("lines changed"));
    studio.click(Role::Button, "Unmark");
    assert!(!studio.has_part("changed: ") && !studio.has_part("lines changed"));
    studio.harness.get_by_label("Lecture").click();
    studio.harness.run_ok();
    assert_eq!(studio.state().code.style, ProgramStyle::Lecture);
    assert!(studio.has_part("def tl_strategy(model, strategy):"));

    studio.click(Role::Button, "Copy");
    let copied = clipboard(&mut studio);
    let programs = folder.path().join("programs");
    assert!(copied.contains("def tl_strategy") && copied.contains(programs.to_str().unwrap()), "{copied}");

    let ctx = studio.harness.ctx.clone();
    let path = folder.path().join("mine.ipynb");
    let save = CodeAction::Save { path: path.clone(), form: ProgramForm::Notebook };
    studio.harness.state_mut().act(&ctx, save.into());
    studio.harness.run_ok();
    studio.wait("the notebook", |s| s.state().code.writing.is_none());
    assert!(std::fs::read_to_string(&path).unwrap().contains("\"nbformat\": 4"));
    assert!(folder.path().join("mine_notebook_files/rows.csv").exists());

    // The keyboard opens and closes it, too.
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    studio.harness.run_ok();
    assert!(!studio.has("Python code"));
    studio.harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    studio.harness.run_ok();
    assert!(studio.has("Python code"));
}
