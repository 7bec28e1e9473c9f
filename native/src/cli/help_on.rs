//! Wrong calls that say how to go on.
//!
//! clap names the nearest command or flag. This module helps where nothing is near: with what other programs call a
//! command, with a flag or a data set in the wrong place, and otherwise with the list of commands.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

use crate::fetch;

/// What people type, and what they then look for.
const OTHER_NAMES: [(&str, &str); 9] = [
    ("resume", "to continue a run: slgan train --resume --out RUN"),
    ("continue", "to continue a run: slgan train --resume --out RUN"),
    ("sample", "to draw images with a run: slgan generate RUN --grid FILE"),
    ("infer", "to draw images with a run: slgan generate RUN --grid FILE"),
    ("predict", "to label pictures with a run: slgan label RUN --data SPEC --out FILE.csv"),
    ("classify", "to label pictures with a run: slgan label RUN --data SPEC --out FILE.csv"),
    ("download", "to download a data set: slgan data fetch NAME"),
    ("benchmark", "to measure the speed: slgan bench step"),
    ("version", "to see the version: slgan --version"),
];

/// Adds a tip to the error of a wrong call of `root` with these arguments, and takes passwords out of it.
pub fn help_on(mut error: Error, mut root: Command, arguments: &[String]) -> Error {
    hide_secrets(&mut error);
    let near = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::Suggested];
    let has_near = near.iter().any(|&kind| error.get(kind).is_some());
    root.build();
    // What is meant exactly is better than what is spelt nearly like it.
    let exact = exact(&error, &root);
    let tip = exact.or_else(|| if has_near { None } else { fallback(&error, &root, arguments) });
    if let Some(tip) = tip {
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// A call may hold a mirror's URL in the wrong place.
fn hide_secrets(error: &mut Error) {
    for kind in [ContextKind::InvalidSubcommand, ContextKind::InvalidArg, ContextKind::InvalidValue] {
        if let Some(ContextValue::String(text)) = error.get(kind) {
            let shown = fetch::without_secrets(text);
            error.insert(kind, ContextValue::String(shown));
        }
    }
}

/// What a word means that is no command.
fn exact(error: &Error, root: &Command) -> Option<String> {
    let word = text(error, ContextKind::InvalidSubcommand)?;
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == word).map(|(_, tip)| (*tip).to_owned());
    other.or_else(|| nested(root, word))
}

/// Help where nothing is spelt nearly like a word.
fn fallback(error: &Error, root: &Command, arguments: &[String]) -> Option<String> {
    let command = innermost(root, arguments);
    if error.kind() == ErrorKind::InvalidSubcommand {
        return Some(commands(command));
    }
    let word = text(error, ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument)?;
    match command.get_name() {
        "slgan" => flag_of(root, word),
        "train" if !word.starts_with('-') => Some(format!("to choose the data set: slgan train --data {word}")),
        _ => None,
    }
}

fn text(error: &Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text),
        _ => None,
    }
}

/// The command that the first arguments name.
fn innermost<'a>(root: &'a Command, arguments: &[String]) -> &'a Command {
    let mut command = root;
    for argument in arguments {
        let Some(inner) = command.find_subcommand(argument) else { break };
        command = inner;
    }
    command
}

/// The command of a group that has this name.
fn nested(root: &Command, word: &str) -> Option<String> {
    let group =
        root.get_subcommands().find(|group| group.find_subcommand(word).is_some() && group.get_name() != "help");
    group.map(|group| format!("a command of `slgan {0}` has that name: slgan {0} {word}", group.get_name()))
}

/// The first command that has this flag.
fn flag_of(root: &Command, word: &str) -> Option<String> {
    let has_flag = |command: &&Command| command.get_arguments().any(|flag| flag.get_long() == word.strip_prefix("--"));
    let command = root.get_subcommands().filter(|command| !command.is_hide_set()).find(has_flag)?;
    Some(format!("flags follow a command: slgan {} {word}", command.get_name()))
}

fn commands(command: &Command) -> String {
    let names = command.get_subcommands().filter(|inner| !inner.is_hide_set()).map(Command::get_name);
    format!("the commands are {}", names.collect::<Vec<_>>().join(", "))
}
