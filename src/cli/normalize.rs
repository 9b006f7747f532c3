//! Turns the words of a call in the grammar of the reference into words that clap understands.
//!
//! The reference reads flags as Go does (`spec` of its command line: one dash or two, values only
//! for flags that take one, switches through `=`), and clap does not. What comes out has each flag
//! by its long name, once unless it accumulates, with its value behind `=`, then `--`, then the
//! words. Knows no flag by name: the grammar is the clap command itself. Does no input or output.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, Command, ValueHint};

use super::args::OWN_COMMANDS;
use super::help::OPERATIONS;
use super::suggest::nearest;
use super::usage::UsageError;

/// A call in the form that clap understands.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Normalized {
    /// The words for clap, the name of the program first.
    pub(super) argv: Vec<OsString>,
    /// The command by its full name; none in the older form.
    pub(super) command: Option<String>,
    /// Whether help is asked for, which is not part of `argv`.
    pub(super) asks_help: bool,
    /// Whether the version is asked for, which is not part of `argv`.
    pub(super) asks_version: bool,
    /// Flags before the command that the command does not have, as `--name`.
    pub(super) unused_flags: Vec<String>,
}

/// Normalizes a call.
///
/// A flag behind the command wins over the same flag before it; among equals the last wins, and
/// only the value that wins must be valid.
pub(super) fn normalize(argv: &[OsString], grammar: &Command) -> Result<Normalized, UsageError> {
    let mut rest = argv.iter().skip(1);
    let mut root = Section::new(grammar, None);
    let Some(first) = root.read_until_word(&mut rest)? else {
        return root.finish(&Section::new(grammar, None), argv.first());
    };
    let command = first.to_str().and_then(|word| grammar.find_subcommand(word));
    let is_meant =
        |command: &&Command| !root.names_operation() || !OWN_COMMANDS.contains(&command.get_name());
    if let Some(command) = command.filter(is_meant) {
        let mut section = Section::new(command, Some(command.get_name()));
        section.read_all(&mut rest)?;
        return section.finish(&root, argv.first());
    }
    root.words.push(first.clone());
    root.read_all(&mut rest)?;
    root.finish(&Section::new(grammar, None), argv.first())
}

type Words<'a> = std::iter::Skip<std::slice::Iter<'a, OsString>>;

/// One occurrence of a flag.
struct Flag<'g> {
    argument: &'g Arg,
    name: &'g str,
    value: Option<OsString>,
}

/// The flags and words before a command, or those behind it.
struct Section<'g> {
    grammar: &'g Command,
    command: Option<&'g str>,
    flags: Vec<Flag<'g>>,
    words: Vec<OsString>,
    has_ended: bool,
}

impl<'g> Section<'g> {
    fn new(grammar: &'g Command, command: Option<&'g str>) -> Self {
        Self { grammar, command, flags: Vec::new(), words: Vec::new(), has_ended: false }
    }

    /// Reads flags up to the first word that is none, and returns that word.
    fn read_until_word<'a>(
        &mut self,
        rest: &mut Words<'a>,
    ) -> Result<Option<&'a OsString>, UsageError> {
        while let Some(word) = rest.next() {
            if self.has_ended || !is_flag(word) {
                return Ok(Some(word));
            }
            self.read_flag(word, rest)?;
        }
        Ok(None)
    }

    fn read_all(&mut self, rest: &mut Words<'_>) -> Result<(), UsageError> {
        while let Some(word) = self.read_until_word(rest)? {
            self.words.push(word.clone());
        }
        Ok(())
    }

    /// Reads a word that looks like a flag; behind the file, an unknown one is an ordinary word.
    fn read_flag(&mut self, word: &OsString, rest: &mut Words<'_>) -> Result<(), UsageError> {
        if word == "--" {
            self.has_ended = true;
            return Ok(());
        }
        match self.known_flag(word) {
            Ok(flag) => {
                let flag = take_value(flag, rest)?;
                self.flags.push(flag);
                Ok(())
            }
            Err(_) if !self.words.is_empty() => {
                self.words.push(word.clone());
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn known_flag(&self, word: &OsString) -> Result<Flag<'g>, UsageError> {
        let Some(text) = word.to_str() else {
            return Err(UsageError::WordNotUnicode { word: word.clone() });
        };
        let bare = text.strip_prefix("--").or_else(|| text.strip_prefix('-')).unwrap_or(text);
        if bare.is_empty() || bare.starts_with(['-', '=']) {
            return Err(UsageError::FlagSyntax { word: text.to_owned() });
        }
        let (name, value) = match bare.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (bare, None),
        };
        match find_argument(self.grammar, name) {
            Some((argument, name)) => Ok(Flag { argument, name, value }),
            None => Err(self.unknown_flag(text.split('=').next().unwrap_or(text), name)),
        }
    }

    fn unknown_flag(&self, flag: &str, name: &str) -> UsageError {
        UsageError::UnknownFlag {
            flag: flag.to_owned(),
            command: self.command.map(str::to_owned),
            suggestion: self.bundle(name).or_else(|| self.near_flag(name)),
        }
    }

    /// Takes a word such as `di` apart where each letter is a flag, which no dash can bundle.
    fn bundle(&self, name: &str) -> Option<String> {
        let is_flag = |letter: char| {
            self.grammar.get_arguments().any(|argument| argument.get_short() == Some(letter))
        };
        let flags: Vec<String> = name.chars().map(|letter| format!("-{letter}")).collect();
        name.chars().all(is_flag).then(|| flags.join(" "))
    }

    fn near_flag(&self, name: &str) -> Option<String> {
        let names = self.grammar.get_arguments().filter_map(Arg::get_long);
        nearest(name, names).map(|flag| format!("--{flag}"))
    }

    /// Merges in the flags before the command and writes all of it down for clap.
    fn finish(self, before: &Self, program: Option<&OsString>) -> Result<Normalized, UsageError> {
        let mut normalized = Normalized {
            argv: vec![program.cloned().unwrap_or_default()],
            command: self.command.map(str::to_owned),
            ..Normalized::default()
        };
        normalized.argv.extend(self.command.map(OsString::from));
        let inherited = before.flags.iter().filter(|flag| !self.has_flag(flag.name));
        let (known, unused): (Vec<_>, Vec<_>) =
            inherited.partition(|flag| find_argument(self.grammar, flag.name).is_some());
        normalized.unused_flags = unused.iter().map(|flag| format!("--{}", flag.name)).collect();
        for flag in last_of_each(known.into_iter().chain(&self.flags).collect()) {
            normalized.push(flag)?;
        }
        normalized.argv.push(OsString::from("--"));
        normalized.argv.extend(self.words);
        Ok(normalized)
    }

    /// Tells whether a flag stands in the place of a command.
    fn names_operation(&self) -> bool {
        self.flags.iter().any(|flag| flag.argument.get_help_heading() == Some(OPERATIONS))
    }

    fn has_flag(&self, name: &str) -> bool {
        self.flags.iter().any(|flag| flag.name == name)
    }
}

impl Normalized {
    fn push(&mut self, flag: &Flag<'_>) -> Result<(), UsageError> {
        let name = flag.name;
        if !is_switch(flag.argument) {
            let value = flag.value.clone().unwrap_or_default();
            let is_path = flag.argument.get_value_hint() == ValueHint::FilePath;
            if !is_path && value.to_str().is_none() {
                return Err(UsageError::FlagNotUnicode { flag: name.to_owned() });
            }
            self.argv.push(joined(name, &value));
            return Ok(());
        }
        let is_on = switch_value(flag)?;
        match flag.argument.get_action() {
            ArgAction::Help => self.asks_help = is_on,
            ArgAction::Version => self.asks_version = is_on,
            ArgAction::SetTrue if is_on => self.argv.push(OsString::from(format!("--{name}"))),
            ArgAction::SetTrue => {}
            _ => self.argv.push(joined(name, OsStr::new(if is_on { "true" } else { "false" }))),
        }
        Ok(())
    }
}

/// Tells whether a word begins like a flag; a single dash does not.
fn is_flag(word: &OsStr) -> bool {
    let bytes = word.as_encoded_bytes();
    bytes.len() > 1 && bytes[0] == b'-'
}

/// Finds a flag by its long name or its letter; both may stand behind one dash or two.
fn find_argument<'g>(grammar: &'g Command, name: &str) -> Option<(&'g Arg, &'g str)> {
    grammar.get_arguments().find_map(|argument| {
        let long = argument.get_long()?;
        let is_letter =
            argument.get_short().is_some_and(|letter| name.chars().eq(std::iter::once(letter)));
        (long == name || is_letter).then_some((argument, long))
    })
}

/// Takes the next word as the value where the flag needs one, whatever that word looks like.
fn take_value<'g>(mut flag: Flag<'g>, rest: &mut Words<'_>) -> Result<Flag<'g>, UsageError> {
    if flag.value.is_none() && !is_switch(flag.argument) {
        let Some(word) = rest.next() else {
            return Err(UsageError::MissingValue { flag: flag.name.to_owned() });
        };
        flag.value = Some(word.clone());
    }
    Ok(flag)
}

fn is_switch(argument: &Arg) -> bool {
    let takes_none = argument.get_num_args().is_some_and(|range| range.min_values() == 0);
    !argument.get_action().takes_values() || takes_none
}

fn switch_value(flag: &Flag<'_>) -> Result<bool, UsageError> {
    let Some(value) = &flag.value else { return Ok(true) };
    let value = value.to_string_lossy();
    boolean(&value).ok_or_else(|| UsageError::BadBoolean {
        flag: flag.name.to_owned(),
        value: value.into_owned(),
    })
}

/// Reads a boolean literal of Go.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// Drops every flag that a later one of the same name overrules.
fn last_of_each<'f, 'g>(flags: Vec<&'f Flag<'g>>) -> Vec<&'f Flag<'g>> {
    let later = flags.clone();
    let is_last = |(index, flag): &(usize, &Flag<'_>)| {
        matches!(flag.argument.get_action(), ArgAction::Append)
            || later[index + 1..].iter().all(|other| other.name != flag.name)
    };
    flags.into_iter().enumerate().filter(is_last).map(|(_, flag)| flag).collect()
}

fn joined(name: &str, value: &OsStr) -> OsString {
    let mut word = OsString::from(format!("--{name}="));
    word.push(value);
    word
}

#[cfg(test)]
mod tests;
