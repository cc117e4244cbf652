//! The command line's help in the reader's language: every sentence by its id, `cli-SUBCOMMAND-ARGUMENT` or, where several
//! subcommands share it, `cli-arg-ARGUMENT`. The flags that almost every subcommand has are added here as well.

use clap::{Arg, ArgAction, Command, CommandFactory};

use crate::words::Catalogue;

use super::args::CommandLine;

/// The command with its help filled in.
pub fn command(words: &Catalogue) -> Command {
    let version = || Arg::new("version").short('V').long("version").action(ArgAction::Version);
    fill(CommandLine::command().arg(version()), "", words).mut_subcommands(|sub| {
        let name = sub.get_name().to_owned();
        // A folder for a cluster has its own option.
        let sub = if name == "export" {
            sub.mut_arg("out", |out| out.hide(true).conflicts_with_all(["cluster", "to"]))
        } else {
            sub
        };
        fill(sub, &name, words).mut_subcommands(|inner| {
            let name = format!("{name}-{}", inner.get_name());
            fill(inner, &name, words)
        })
    })
}

fn fill(command: Command, name: &str, words: &Catalogue) -> Command {
    let template = format!("{{about}}\n\n{}: {{usage}}\n\n{{all-args}}{{after-help}}", words.say("cli-usage"));
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue);
    let has_result = !command.has_subcommands() && name != "code";
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let command = command.args(has_result.then_some(json)).arg(help).mut_args(|arg| {
        let own = format!("cli-{name}-{}", arg.get_id());
        let shared = format!("cli-arg-{}", arg.get_id());
        let heading = if arg.is_positional() { "cli-heading-arguments" } else { "cli-heading-options" };
        // The arguments that a race shares with a training are explained at the training.
        let of_training = format!("cli-train-{}", arg.get_id());
        let found = [own, shared, of_training].iter().find_map(|id| words.find(id)).unwrap_or_default();
        // "--epochs -1" is a wrong number, and no option that does not exist.
        let takes_values = arg.get_action().takes_values();
        arg.help(found).help_heading(kept(words.say(heading))).allow_negative_numbers(takes_values)
    });
    let about = if name.is_empty() { "cli-about".to_owned() } else { format!("cli-about-{name}") };
    let command = command
        .about(words.find(&about).unwrap_or_default())
        .help_template(template)
        .subcommand_help_heading(kept(words.say("cli-heading-commands")))
        .disable_help_flag(true);
    if name.is_empty() { command.after_help(words.say("cli-after-help")) } else { command }
}

/// Headings live as long as the program, which builds its help once.
fn kept(heading: String) -> &'static str {
    heading.leak()
}

#[cfg(test)]
mod tests {
    use crate::words::Language;

    use super::*;

    #[test]
    fn every_argument_is_explained_in_every_language() {
        for language in Language::ALL {
            let words = Catalogue::new(language);
            let mut command = command(&words);
            command.build();
            let inner = command.get_subcommands().flat_map(clap::Command::get_subcommands);
            for command in std::iter::once(&command).chain(command.get_subcommands()).chain(inner) {
                let about = command.get_about().unwrap().to_string();
                assert!(!about.is_empty(), "{language:?}: {}", command.get_name());
                for arg in command.get_arguments() {
                    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                    assert!(
                        !help.is_empty() && !help.starts_with("cli-"),
                        "{language:?} {}: {help}",
                        command.get_name()
                    );
                }
            }
        }
    }
}
