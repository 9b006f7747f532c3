//! What can be wrong with the words of a call, and what to do about it.

use std::ffi::OsString;

/// A call that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// A flag that the command does not have.
    #[error("{} has no flag {flag}", command.as_deref().unwrap_or("the program"))]
    UnknownFlag {
        /// The flag as typed, without its value.
        flag: String,
        /// The command, if one was named.
        command: Option<String>,
        /// What was probably meant, with its dashes.
        suggestion: Option<String>,
    },
    /// A word of dashes that names no flag, such as `---x` or `-=x`.
    #[error("{word} is not a flag: a name must follow the dashes")]
    FlagSyntax {
        /// The word as typed.
        word: String,
    },
    /// A flag at the end of the line without its value.
    #[error("flag --{flag} needs a value")]
    MissingValue {
        /// The long name of the flag.
        flag: String,
    },
    /// A switch with a value that is no boolean literal.
    #[error("flag --{flag} takes true or false, not \"{value}\"")]
    BadBoolean {
        /// The long name of the flag.
        flag: String,
        /// The value as typed.
        value: String,
    },
    /// A variable that stands for a switch, with a value that is no boolean literal.
    #[error("variable {variable} takes true or false, not \"{value}\"")]
    BadBooleanVariable {
        /// The name of the variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// A number that cannot be read.
    #[error("flag --{flag} takes {expected}, not \"{value}\"")]
    BadInteger {
        /// The long name of the flag.
        flag: &'static str,
        /// What kind of number the flag takes.
        expected: &'static str,
        /// The value as typed.
        value: String,
    },
    /// A flag whose value must be text and is not UTF-8.
    #[error("the value of flag --{flag} is not valid UTF-8")]
    FlagNotUnicode {
        /// The long name of the flag.
        flag: String,
    },
    /// A word with a dash, a name and a value in one, which is not UTF-8.
    #[error("{} is not valid UTF-8", .word.to_string_lossy())]
    WordNotUnicode {
        /// The word as typed.
        word: OsString,
    },
    /// A variable that must be text and is not UTF-8.
    #[error("variable {variable} is not valid UTF-8")]
    VariableNotUnicode {
        /// The name of the variable.
        variable: &'static str,
    },
    /// `help`, `completion` with a word that they do not know.
    #[error("no help topic for '{topic}'")]
    NoHelpTopic {
        /// The word as typed.
        topic: String,
    },
    /// `groups add` with further words.
    #[error("groups add takes no words, but flags: no positional arguments allowed")]
    GroupsAddWords,
    /// `groups delete` without its one word.
    #[error("groups delete takes exactly one word, the number of the group")]
    GroupsDeleteWords,
    /// `groups delete` with a word that is no number.
    #[error("\"{word}\" is not the number of a key group")]
    BadGroup {
        /// The word as typed.
        word: String,
    },
    /// `exec-env`, `exec-file` without a file and a command.
    #[error("missing file to decrypt: {command} takes a file and a command, words given: {count}")]
    ExecWords {
        /// Which of the two.
        command: &'static str,
        /// How many words there are.
        count: usize,
    },
    /// `set` with too few words, or too many.
    #[error(
        "no file specified, or index and value are missing: set takes exactly {} words",
        if *.is_stdin { "two" } else { "three" }
    )]
    SetWords {
        /// Whether the value comes from standard input.
        is_stdin: bool,
    },
    /// `unset` with too few words, or too many.
    #[error("no file specified, or index is missing: unset takes exactly two words")]
    UnsetWords,
    /// `set` with two places to read the value from.
    #[error("cannot use both --value-file and --value-stdin")]
    TwoValueSources,
    /// `--set` without its two parts.
    #[error("Invalid --set format: a path and a value with a blank between them are needed")]
    SetText,
    /// `man` without its folder.
    #[error("man needs the folder to write to")]
    NoFolder,
    /// The grammar refused what the rules above let pass.
    #[error(transparent)]
    Grammar(#[from] clap::Error),
}

impl UsageError {
    /// Returns the exit code; 1 for most.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::NoHelpTopic { .. } => 3,
            Self::SetText => 7,
            Self::SetWords { .. } | Self::UnsetWords => 100,
            Self::UnknownFlag { .. }
            | Self::FlagSyntax { .. }
            | Self::MissingValue { .. }
            | Self::BadBoolean { .. }
            | Self::BadBooleanVariable { .. }
            | Self::BadInteger { .. }
            | Self::FlagNotUnicode { .. }
            | Self::WordNotUnicode { .. }
            | Self::VariableNotUnicode { .. }
            | Self::GroupsAddWords
            | Self::GroupsDeleteWords
            | Self::BadGroup { .. }
            | Self::ExecWords { .. }
            | Self::TwoValueSources
            | Self::NoFolder
            | Self::Grammar(_) => 1,
        }
    }

    /// Returns the remedy, for the program of the given name.
    pub fn hint(&self, program: &str) -> String {
        match self {
            Self::UnknownFlag { suggestion: Some(flags), .. } => format!("did you mean {flags}?"),
            Self::UnknownFlag { command: Some(command), .. } => {
                format!("`{program} help {command}` lists its flags")
            }
            Self::UnknownFlag { .. } | Self::Grammar(_) => {
                format!("`{program} help` lists commands and flags")
            }
            Self::FlagSyntax { .. } => "a file of that name goes after `--`".to_owned(),
            Self::MissingValue { flag } => format!("write --{flag}=VALUE or --{flag} VALUE"),
            Self::BadBoolean { flag, .. } => format!("a switch is --{flag} or --{flag}=false"),
            Self::BadBooleanVariable { variable, .. } => {
                format!("unset {variable}, or set it to true or false")
            }
            Self::BadInteger { flag, .. } => format!("for example --{flag}=2"),
            Self::FlagNotUnicode { .. } | Self::VariableNotUnicode { .. } => {
                "only paths may hold other bytes".to_owned()
            }
            Self::WordNotUnicode { .. } => {
                "give a path as a word of its own: --output PATH".to_owned()
            }
            Self::NoHelpTopic { .. } => format!("`{program} help` lists the commands"),
            Self::GroupsAddWords => {
                format!("for example `{program} groups add --file FILE --age RECIPIENT`")
            }
            Self::GroupsDeleteWords | Self::BadGroup { .. } => format!(
                "for example `{program} groups delete --file FILE 1`; groups are numbered from 0"
            ),
            Self::ExecWords { command, .. } => format!(
                "a command with arguments is one word, in quotes: `{program} {command} FILE 'program argument'`"
            ),
            Self::SetWords { is_stdin: true } => {
                format!("for example `{program} set --value-stdin FILE '[\"key\"]' < VALUE`")
            }
            Self::SetWords { is_stdin: false } => {
                format!("for example `{program} set FILE '[\"key\"]' '\"value\"'`")
            }
            Self::UnsetWords => format!("for example `{program} unset FILE '[\"key\"]'`"),
            Self::TwoValueSources => "leave one of them out".to_owned(),
            Self::SetText => {
                format!("for example `{program} --set '[\"key\"] \"value\"' FILE`")
            }
            Self::NoFolder => format!("for example `{program} man man/`"),
        }
    }
}
