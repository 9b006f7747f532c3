//! The one place that turns errors into text, hints and exit codes, and that prints.

mod codes;
mod editing;
mod hints;
pub(super) mod json;
mod recovery;

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::Utf8Error;

pub(super) use codes::exit_code;
pub(super) use editing::EditError;

use super::invocation::{Program, Typo};
use super::pinned::InClear;
use crate::config::{ConfigError, Place};
use crate::format::{Format, PickError};
use crate::io::files::{self, FileError};
use crate::io::user::UserError;
#[cfg(feature = "azure")]
use crate::keys::azure::AzureError;
use crate::keys::{MasterKeyError, RecoveryError};
use crate::operations::{
    ChangeKeysError, DecryptError, EncryptError, RotateError, SaveError, SetError, ValueError,
    VariableError,
};
use crate::pattern::PatternError;
use crate::service::audit::AuditError;
use crate::tree::StepError;

/// The reasons why a command fails.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    #[error("cannot tell the working folder")]
    WorkingFolder(#[source] io::Error),
    #[error("no file specified")]
    NoFile,
    #[error("cannot use --in-place when reading from standard input")]
    InPlaceStdin,
    #[error("cannot operate on both --output and --in-place")]
    OutputAndInPlace,
    #[error("--filename-override is missing, and standard input has no name")]
    NoOverride,
    #[error("cannot operate on non-existent file {0:?}")]
    MissingFile(PathBuf),
    #[error("cannot read {}: it is a folder", .0.display())]
    Folder(PathBuf),
    #[error("{0} is not built in yet")]
    NotBuiltIn(String),
    #[error("--encryption-context takes key:value pairs, separated by commas, not {0:?}")]
    BadContext(String),
    #[error("cannot use more than one of {0} and {1}")]
    TwoSelectors(String, String),
    #[error("--{flag} is no regular expression: {source}")]
    BadPattern { flag: String, source: PatternError },
    #[error("{}: {indent}", indent_rule(*format))]
    BadIndent { format: Format, indent: i64 },
    #[error("duplicate decryption key type: {0}")]
    DuplicateOrder(String),
    #[error("the local keys are turned off, and no other key service is named")]
    NoKeyService,
    #[error(transparent)]
    Config(ConfigError),
    #[error("config file not found: no .sops.yaml in this folder, that of {} or above", .0.display())]
    NoConfig(PathBuf),
    #[error("config file {} has no creation rules", .0.display())]
    NoRules(PathBuf),
    #[error("no keys are named: {}", searched(.0.as_ref()))]
    NoKeys(Option<PathBuf>),
    #[error("no keys are named by the creation rule in {}, {place}", path.display())]
    RuleWithoutKeys { path: PathBuf, place: Place },
    #[error("{place}{error}")]
    MasterKey {
        place: KeySource,
        #[source]
        error: MasterKeyError,
    },
    #[error(transparent)]
    Read(FileError),
    #[error(transparent)]
    Write(FileError),
    #[error("{0}: the content is no text, and would garble the terminal")]
    BinaryToTerminal(String),
    #[error("{file}: {error}")]
    Encrypt {
        file: String,
        #[source]
        error: EncryptError,
    },
    #[error("{file}: {error}")]
    Decrypt {
        file: String,
        #[source]
        error: DecryptError,
    },
    #[error("{file}: {error}")]
    Rotate {
        file: String,
        #[source]
        error: RotateError,
    },
    #[error("{file}: {error}")]
    Set {
        file: String,
        #[source]
        error: SetError,
    },
    #[error("{file}: {error}")]
    Save {
        file: String,
        #[source]
        error: SaveError,
    },
    #[error("Invalid index format: {0}")]
    SetPath(StepError),
    #[error("Invalid index format: the path is empty")]
    EmptySetPath,
    #[error(transparent)]
    SetValue(ValueError),
    #[error(transparent)]
    ValueFile(FileError),
    #[error("{file}: {error}")]
    ChangeKeys {
        file: String,
        #[source]
        error: ChangeKeysError,
    },
    #[error(
        "{file}: the creation rule in {place} of the config file does not name these keys of the file, which would get the new data key: {}",
        names.join(", ")
    )]
    NotInRule { file: String, names: Vec<String>, place: Place },
    #[error(transparent)]
    InClear(#[from] InClear),
    #[error("cannot add or remove keys on non-existent file {0:?}")]
    KeysOfMissingFile(PathBuf),
    #[error("cannot update the keys of {}: it is a folder", .0.display())]
    UpdateFolder(PathBuf),
    #[error("cannot update the keys of non-existent file {0:?}")]
    UpdateMissing(PathBuf),
    #[error("failed updating {0} key(s)")]
    FilesNotUpdated(usize),
    #[error("no answer: standard input ends before y or n")]
    NoAnswer,
    #[error("cannot read the answer")]
    Answer(#[source] io::Error),
    #[error("no file specified: --file is missing")]
    NoGroupsFile,
    #[error("no keys are named for the new group")]
    EmptyGroup,
    #[error("cannot check file status: {file}: {error}")]
    Status {
        file: String,
        #[source]
        error: DecryptError,
    },
    #[error("--extract: {0}")]
    ExtractPath(StepError),
    #[error("{file}: cannot extract: {error}")]
    Extract { file: String, error: PickError },
    #[error("{file}: cannot convert: {error}")]
    Convert { file: String, error: PickError },
    #[error("cannot use both --background and --same-process")]
    BackgroundAndSameProcess,
    #[error("\"{}\" is neither a command nor a file", .0.word)]
    Typo(Typo),
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error("cannot start the command")]
    Start(#[source] io::Error),
    #[error("--filename takes a name without folders, not {0:?}")]
    BadFileName(PathBuf),
    #[error("{}: cannot make the file for the command", folder.display())]
    Scratch {
        folder: PathBuf,
        #[source]
        error: io::Error,
    },
    #[error("{file}: {error}")]
    Variable { file: String, error: VariableError },
    #[error("a variable is not valid UTF-8, which this system needs")]
    NotUnicode(#[source] Utf8Error),
    #[error("{file}: it sets variables by which programs run other code: {}", names.join(", "))]
    DangerousVariables { file: String, names: Vec<String> },
    #[error(transparent)]
    User(#[from] UserError),
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error("--{flag} takes a time in UTC or the beginning of one, not {value:?}")]
    BadTime { flag: &'static str, value: String },
    #[error("--action takes encrypt, decrypt and rotate, not {0:?}")]
    BadAction(String),
    #[error("cannot check file status")]
    StatusRead(#[source] FileError),
    #[cfg(feature = "age")]
    #[error("there is no home folder to keep an age identity in")]
    NoHome,
    #[cfg(feature = "age")]
    #[error("{}: the file exists, but holds no age identity that can be used", .0.display())]
    UnusableIdentity(PathBuf),
    #[cfg(feature = "azure")]
    #[error("doctor examines azure, and needs the address of a key")]
    DoctorTopic,
    #[cfg(feature = "azure")]
    #[error(transparent)]
    Doctor(AzureError),
    #[cfg(feature = "azure")]
    #[error("{key} cannot be used from here as it should")]
    Unhealthy { key: String, failures: Vec<AzureError> },
}

/// Where a master key is named.
#[derive(Clone, Debug)]
pub(super) enum KeySource {
    /// By a flag or its variable.
    Named,
    /// In a configuration, at this place.
    Rule(PathBuf, Place),
}

impl fmt::Display for KeySource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named => Ok(()),
            Self::Rule(path, place) => {
                write!(formatter, "config file {}, {place}: ", path.display())
            }
        }
    }
}

fn indent_rule(format: Format) -> &'static str {
    match format {
        Format::Json | Format::Binary => {
            "the indent of JSON must be -1 for a tab, or 0 to 1000 blanks"
        }
        Format::Yaml | Format::Dotenv | Format::Ini => "the indent of YAML must not be negative",
    }
}

fn searched(config: Option<&PathBuf>) -> String {
    match config {
        Some(path) => format!("the config file {} has no creation rules", path.display()),
        None => "config file not found, or has no creation rules, and no keys provided through command line options".to_owned(),
    }
}

/// Prints an error and returns the exit code of the call.
pub(super) fn fail(error: &CommandError, program: Program) -> ExitCode {
    if matches!(error, CommandError::Write(FileError::BrokenPipe)) {
        return ExitCode::SUCCESS;
    }
    let code = complain(&with_causes(error), &hints::hints(error, program), exit_code(error));
    say(&recovery_error(error).and_then(recovery::report).unwrap_or_default());
    code
}

fn recovery_error(error: &CommandError) -> Option<&RecoveryError> {
    match error {
        CommandError::Decrypt { error: DecryptError::Recovery(error), .. }
        | CommandError::Rotate {
            error: RotateError::Decrypt(DecryptError::Recovery(error)), ..
        }
        | CommandError::Set { error: SetError::Decrypt(DecryptError::Recovery(error)), .. }
        | CommandError::ChangeKeys { error: ChangeKeysError::Recovery(error), .. } => Some(error),
        _ => None,
    }
}

/// Prints an error with what to do about it, and returns the exit code.
pub(super) fn complain(message: &str, hints: &[String], code: u8) -> ExitCode {
    let mut text = format!("error: {}\n", shortened(message));
    for hint in hints {
        text.push_str("hint: ");
        text.push_str(&shortened(hint));
        text.push('\n');
    }
    say(&text);
    ExitCode::from(code)
}

/// Prints a warning.
pub(super) fn warn(message: &str) {
    say(&format!("warning: {}\n", shortened(message)));
}

/// Prints what becomes of a file, in the words of the reference.
pub(super) fn tell(message: &str) {
    say(&format!("{}\n", shortened(message)));
}

/// Prints what is done, for `--verbose`.
pub(super) fn note(message: &str) {
    say(&format!("note: {}\n", shortened(message)));
}

/// Writes the answer of a command that touches no file; a reader that stops early is no error.
pub(super) fn print(bytes: &[u8], program: Program) -> ExitCode {
    match files::write_stdout(bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&CommandError::Write(error), program),
    }
}

/// How many bytes of a long line are shown at its beginning, and again at its end.
const SHOWN: usize = 400;

/// Leaves out the middle of a line that would fill the screen: a path, key or pattern may be as
/// long as the file that it comes from.
fn shortened(line: &str) -> Cow<'_, str> {
    if line.len() <= 3 * SHOWN {
        return Cow::Borrowed(line);
    }
    let start = &line[..line.floor_char_boundary(SHOWN)];
    let end = &line[line.ceil_char_boundary(line.len() - SHOWN)..];
    Cow::Owned(format!("{start} … {end}"))
}

fn say(text: &str) {
    // where standard error is gone too there is nobody left to tell
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Joins an error and its causes into one line.
pub(super) fn with_causes(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line = format!("{line}: {text}");
        }
        cause = error.source();
    }
    line
}
