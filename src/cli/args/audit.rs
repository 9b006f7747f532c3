//! The flags of the command that shows the audit log.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueHint};

use super::CommonFlags;

/// The flags of `audit`.
#[derive(Debug, Args)]
pub(crate) struct AuditFlags {
    #[arg(hide = true)]
    pub(crate) words: Vec<OsString>,
    /// Print one JSON array with an object for each event
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Only these actions (encrypt, decrypt, rotate); a list separated by commas, repeatable
    #[arg(long, value_name = "ACTIONS", action = ArgAction::Append, help_heading = "Which events")]
    pub(crate) action: Vec<String>,
    /// Only those of this user
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Username, help_heading = "Which events")]
    pub(crate) user: Option<String>,
    /// Only those of this file, or of the files below this folder
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath, help_heading = "Which events")]
    pub(crate) file: Option<PathBuf>,
    /// Only those from this time on: 2026-11-28, or 2026-11-28T08:00; in UTC
    #[arg(long, value_name = "TIME", help_heading = "Which events")]
    pub(crate) since: Option<String>,
    /// Only those up to this time
    #[arg(long, value_name = "TIME", help_heading = "Which events")]
    pub(crate) until: Option<String>,
    /// Only the last ones of these
    #[arg(long, value_name = "N", help_heading = "Which events")]
    pub(crate) last: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}
