//! The flags of the commands that run another program with the values of a file.

#![expect(clippy::doc_markdown, reason = "the comments are help texts, printed without markup")]

use std::ffi::OsString;

use clap::{ArgAction, Args, ValueHint};

use super::changes::IntegrityFlags;
use super::{AwsFlags, CommonFlags, KeyServiceFlags};

/// How the command runs.
#[derive(Debug, Args)]
#[command(next_help_heading = "The command")]
pub(crate) struct RunFlags {
    /// Run it as this user, with its groups and home
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,
    /// Start it and do not wait for it (deprecated)
    #[arg(long)]
    pub(crate) background: bool,
}

/// The flags of `exec-env`.
#[derive(Debug, Args)]
pub(crate) struct ExecEnvFlags {
    /// Files, then the command as one word
    #[arg(value_name = "FILE... COMMAND", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    /// Start from an empty environment
    #[arg(long, help_heading = "Environment")]
    pub(crate) pristine: bool,
    /// Take values at any depth, their keys joined by this text
    #[arg(long, value_name = "SEPARATOR", help_heading = "Environment")]
    pub(crate) flatten: Option<String>,
    /// Set these variables although programs run other code by them (PATH, LD_PRELOAD, …); a list
    /// separated by commas, repeatable
    #[arg(long, value_name = "NAMES", action = ArgAction::Append, help_heading = "Environment")]
    pub(crate) allow_variable: Vec<String>,
    /// Put the command in the place of this process instead of waiting for it
    #[arg(long, help_heading = "The command")]
    pub(crate) same_process: bool,
    #[command(flatten)]
    pub(crate) run: RunFlags,
    /// Read this format (yaml, json, dotenv, ini, binary) whatever the files are called
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) input_type: Option<String>,
    #[command(flatten)]
    pub(crate) integrity: IntegrityFlags,
    #[command(flatten)]
    pub(crate) services: KeyServiceFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `exec-file`.
#[derive(Debug, Args)]
pub(crate) struct ExecFileFlags {
    /// File, then the command as one word, with {} for the path of the file in clear
    #[arg(value_name = "FILE COMMAND", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    /// Write a file instead of a FIFO, for commands that read it twice or seek
    #[arg(long, help_heading = "The file")]
    pub(crate) no_fifo: bool,
    /// Call the file so, for commands that look at its name
    #[arg(long, value_name = "NAME", help_heading = "The file")]
    pub(crate) filename: Option<OsString>,
    #[command(flatten)]
    pub(crate) run: RunFlags,
    /// Read this format (yaml, json, dotenv, ini, binary) whatever the file is called
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) input_type: Option<String>,
    /// Hand over this format instead of the one of the input
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) output_type: Option<String>,
    #[command(flatten)]
    pub(crate) integrity: IntegrityFlags,
    #[command(flatten)]
    pub(crate) services: KeyServiceFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}
