//! From the words of a call to an [`Invocation`]: normalize, let clap read the flags, add the
//! variables, decide which command it is. Touches neither files nor the real environment.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::FromArgMatches;

use super::args::{Command, CommonFlags, LegacyFlags, Root};
use super::convert::{Call, Variables};
use super::help::{grammar_for, help_text};
use super::invocation::{Invocation, NotBuiltIn, Program, Shell, Typo};
use super::normalize::{Normalized, normalize};
use super::suggest::nearest;
use super::usage::UsageError;

/// Looks up a variable of the environment.
pub type Environment<'a> = &'a (dyn Fn(&str) -> Option<OsString> + Sync);

/// Commands of the reference that a later release has.
const LATER_COMMANDS: [&str; 2] = ["publish", "keyservice"];

/// Parses the words of a call, the name of the program first.
pub fn parse(argv: &[OsString], environment: Environment<'_>) -> Result<Invocation, UsageError> {
    let program = Program::from_first_word(argv.first());
    let mut grammar = grammar_for(program, argv);
    let normalized = normalize(argv, &grammar)?;
    let mut matches = grammar.try_get_matches_from_mut(&normalized.argv)?;
    let root = Root::from_arg_matches_mut(&mut matches)?;
    let call = Call {
        program,
        is_legacy: normalized.command.is_none(),
        unused_flags: normalized.unused_flags.clone(),
        variables: Variables(environment),
    };
    if normalized.asks_version {
        return version(&root, &call);
    }
    if let Some(command) = root.flags.words.first().and_then(|word| later_command(word)) {
        return Ok(not_built_in(program, command));
    }
    if normalized.asks_help {
        return Ok(Invocation::Help(help_text(&grammar, normalized.command.as_deref())));
    }
    chosen(root, call, &normalized, &grammar)
}

/// Turns the flags of the command, or of the older form, into what they ask for.
fn chosen(
    root: Root,
    call: Call<'_>,
    normalized: &Normalized,
    grammar: &clap::Command,
) -> Result<Invocation, UsageError> {
    let program = call.program;
    match root.command {
        Some(Command::Encrypt(flags)) => call.encrypt(flags.into_flags()),
        Some(Command::Decrypt(flags)) => call.decrypt(flags.into_flags()),
        Some(Command::Rotate(flags)) => call.rotate(flags.into_flags()),
        Some(Command::Edit(flags)) => call.edit(flags.into_flags()),
        Some(Command::Set(flags)) => call.set(flags.into_flags()),
        Some(Command::Unset(flags)) => call.unset(flags.into_flags()),
        Some(Command::Updatekeys(flags)) => call.update_keys(flags.into_flags()),
        Some(Command::Groups(flags)) if flags.words.is_empty() => {
            Ok(Invocation::Help(help_text(grammar, normalized.command.as_deref())))
        }
        Some(Command::Groups(flags)) => call.groups(flags.into_flags()),
        Some(Command::ExecEnv(flags)) => call.exec_env(flags.into_flags()),
        Some(Command::ExecFile(flags)) => call.exec_file(flags.into_flags()),
        Some(Command::Filestatus(flags)) => Ok(call.file_status(flags.into_flags())),
        Some(Command::Config(flags)) => Ok(call.config(flags.into_flags())),
        Some(Command::Audit(flags)) => call.audit(flags.into_flags()),
        Some(Command::Init(flags)) => Ok(call.init(flags.into_flags())),
        Some(Command::Doctor(flags)) if flags.words.is_empty() => {
            Ok(Invocation::Help(help_text(grammar, normalized.command.as_deref())))
        }
        Some(Command::Doctor(flags)) => Ok(call.doctor(flags.into_flags())),
        Some(Command::Completion(flags)) => match flags.words.first() {
            Some(word) => Ok(Invocation::Completion { program, shell: shell(word)? }),
            None => Ok(Invocation::Help(help_text(grammar, normalized.command.as_deref()))),
        },
        Some(Command::Man(flags)) => match flags.words.first() {
            Some(word) => Ok(Invocation::Man { program, folder: PathBuf::from(word) }),
            None => Err(UsageError::NoFolder),
        },
        Some(Command::Help(flags)) => help(program, grammar, flags.words.first()),
        None => legacy(root.flags, call),
    }
}

/// Answers the older form, where flags name the operation.
///
/// The reference runs encrypt, decrypt, rotate and set in that order and keeps the last result, so
/// the last of them is the one that counts.
fn legacy(flags: LegacyFlags, call: Call<'_>) -> Result<Invocation, UsageError> {
    let operation = &flags.operation;
    if operation.set.as_ref().is_some_and(|text| !text.is_empty()) {
        call.legacy_set(flags)
    } else if operation.rotate {
        call.legacy_rotate(flags)
    } else if operation.decrypt {
        call.legacy_decrypt(flags)
    } else if operation.encrypt {
        call.legacy_encrypt(flags)
    } else {
        call.legacy_edit(flags)
    }
}

/// Finds the command that a word is close to.
pub(super) fn mistyped(word: &OsStr) -> Option<Typo> {
    let word = word.to_string_lossy();
    let command = nearest(&word, known_commands())?.to_owned();
    Some(Typo { word: word.into_owned(), command })
}

fn known_commands() -> impl Iterator<Item = &'static str> {
    [
        "encrypt",
        "decrypt",
        "rotate",
        "edit",
        "set",
        "unset",
        "updatekeys",
        "groups",
        "exec-env",
        "exec-file",
        "filestatus",
        "config",
        "audit",
        "init",
        "doctor",
        "completion",
    ]
    .into_iter()
    .chain(LATER_COMMANDS)
}

fn help(
    program: Program,
    grammar: &clap::Command,
    topic: Option<&OsString>,
) -> Result<Invocation, UsageError> {
    let Some(topic) = topic else { return Ok(Invocation::Help(help_text(grammar, None))) };
    if let Some(command) = later_command(topic) {
        return Ok(not_built_in(program, command));
    }
    let name = topic.to_string_lossy();
    match grammar.find_subcommand(topic) {
        Some(_) => Ok(Invocation::Help(help_text(grammar, Some(&name)))),
        None => Err(UsageError::NoHelpTopic { topic: name.into_owned() }),
    }
}

/// Answers `--version`; a bad variable counts only where the check it turns off could happen.
fn version(root: &Root, call: &Call<'_>) -> Result<Invocation, UsageError> {
    let common = root.command.as_ref().map_or(&root.flags.common, common_flags);
    if !common.disable_version_check {
        call.variables.boolean("SOPS_DISABLE_VERSION_CHECK")?;
    }
    let check_for_updates = common.check_for_updates;
    Ok(Invocation::Version { program: call.program, check_for_updates })
}

fn common_flags(command: &Command) -> &CommonFlags {
    match command {
        Command::Encrypt(flags) => &flags.common,
        Command::Decrypt(flags) => &flags.common,
        Command::Rotate(flags) => &flags.common,
        Command::Edit(flags) => &flags.common,
        Command::Set(flags) => &flags.place.common,
        Command::Unset(flags) => &flags.place.common,
        Command::Updatekeys(flags) => &flags.common,
        Command::Groups(flags) => &flags.common,
        Command::ExecEnv(flags) => &flags.common,
        Command::ExecFile(flags) => &flags.common,
        Command::Filestatus(flags) => &flags.common,
        Command::Config(flags) => &flags.common,
        Command::Audit(flags) => &flags.common,
        Command::Init(flags) => &flags.common,
        Command::Doctor(flags) => &flags.common,
        Command::Completion(flags) => &flags.common,
        Command::Man(flags) => &flags.common,
        Command::Help(flags) => &flags.common,
    }
}

fn later_command(word: &OsStr) -> Option<&'static str> {
    LATER_COMMANDS.into_iter().find(|command| word == *command)
}

fn not_built_in(program: Program, command: &'static str) -> Invocation {
    Invocation::NotBuiltIn(NotBuiltIn { program, command })
}

fn shell(word: &OsStr) -> Result<Shell, UsageError> {
    match word.to_str() {
        Some("bash") => Ok(Shell::Bash),
        Some("zsh") => Ok(Shell::Zsh),
        Some("fish") => Ok(Shell::Fish),
        _ => Err(UsageError::NoHelpTopic { topic: word.to_string_lossy().into_owned() }),
    }
}

#[cfg(test)]
mod tests;
