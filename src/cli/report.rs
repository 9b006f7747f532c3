//! The one place that turns errors into text, hints and exit codes.

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use super::context::TextError;
use super::invocation::Program;
use crate::config::ConfigError;
use crate::document::{OpenError, SealError};
use crate::io::files::FileError;
use crate::keys::RecoveryError;
use crate::operations::{DecryptError, EncryptError};
use crate::pattern::PatternError;

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
    #[error("{0} is not built in yet")]
    NotBuiltIn(String),
    #[error("cannot use more than one of {0} and {1}")]
    TwoSelectors(String, String),
    #[error("--{flag} is no regular expression: {source}")]
    BadPattern { flag: String, source: PatternError },
    #[error("the indent must not be negative")]
    NegativeIndent,
    #[error("duplicate decryption key type: {0}")]
    DuplicateOrder(String),
    #[error("the local keys are turned off, and no other key service is named")]
    NoKeyService,
    #[error(transparent)]
    Config(ConfigError),
    #[error("no keys are named: {}", searched(.0.as_ref()))]
    NoKeys(Option<PathBuf>),
    #[error("no keys are named by the creation rule in {}, line {line}", path.display())]
    RuleWithoutKeys { path: PathBuf, line: usize },
    #[error("{0} keys are not built in yet: {1}")]
    KeyType(&'static str, String),
    #[cfg(feature = "age")]
    #[error(transparent)]
    Recipient(crate::keys::age::AgeError),
    #[error(transparent)]
    Read(FileError),
    #[error(transparent)]
    Write(FileError),
    #[error("{file}: {error}")]
    PlainText { file: String, error: TextError },
    #[error("{file}: {error}")]
    EncryptedText { file: String, error: TextError },
    #[error("{file}: {error}")]
    Encrypt { file: String, error: EncryptError },
    #[error("{file}: {error}")]
    Decrypt { file: String, error: DecryptError },
    #[error("cannot check file status: {file}: {error}")]
    Status { file: String, error: DecryptError },
    #[error("cannot check file status: {0}")]
    StatusRead(FileError),
    #[error("there is no home folder to keep an age identity in")]
    NoHome,
    #[error("{}: the file exists, but holds no age identity that can be used", .0.display())]
    UnusableIdentity(PathBuf),
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
    let mut text = format!("error: {}\n", with_causes(error));
    for hint in hints(error, program) {
        text.push_str(&format!("hint: {hint}\n"));
    }
    complain(&text);
    ExitCode::from(exit_code(error))
}

/// Prints a warning.
pub(super) fn warn(message: &str) {
    complain(&format!("warning: {message}\n"));
}

fn complain(text: &str) {
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

/// The exit codes of the reference (`spec/cli.md` §2).
fn exit_code(error: &CommandError) -> u8 {
    match error {
        CommandError::WorkingFolder(_)
        | CommandError::NotBuiltIn(_)
        | CommandError::BadPattern { .. }
        | CommandError::Config(_)
        | CommandError::NoKeys(_)
        | CommandError::RuleWithoutKeys { .. }
        | CommandError::KeyType(..)
        | CommandError::EncryptedText { .. }
        | CommandError::Status { .. }
        | CommandError::StatusRead(_)
        | CommandError::NoHome
        | CommandError::UnusableIdentity(_) => 1,
        #[cfg(feature = "age")]
        CommandError::Recipient(_) => 1,
        CommandError::Read(_) | CommandError::PlainText { .. } => 2,
        CommandError::Write(_) => 3,
        CommandError::NegativeIndent => 4,
        CommandError::InPlaceStdin
        | CommandError::OutputAndInPlace
        | CommandError::NoOverride
        | CommandError::TwoSelectors(..) => 8,
        CommandError::NoFile | CommandError::MissingFile(_) => 100,
        CommandError::DuplicateOrder(_) => 112,
        CommandError::NoKeyService => 128,
        CommandError::Encrypt { error, .. } => encrypt_code(error),
        CommandError::Decrypt { error, .. } => decrypt_code(error),
    }
}

fn encrypt_code(error: &EncryptError) -> u8 {
    match error {
        EncryptError::Random(_) | EncryptError::Wrap(_) => 1,
        EncryptError::Seal(error) => match error {
            SealError::Random(_) => 1,
            SealError::Scan(_) | SealError::OnlyComments => 2,
            SealError::KeyNotString(_)
            | SealError::IntegerTooBig(_)
            | SealError::TimeOffset(_)
            | SealError::EncryptedAlias(_)
            | SealError::Cipher(..)
            | SealError::SelectionChanges(_)
            | SealError::Verification(..)
            | SealError::Edit(_) => 23,
            SealError::NoDocument => 92,
            SealError::AlreadyEncrypted { .. } => 203,
        },
    }
}

fn decrypt_code(error: &DecryptError) -> u8 {
    match error {
        DecryptError::Scan(_) | DecryptError::NotEncrypted | DecryptError::Metadata(_) => 1,
        DecryptError::Recovery(_) => 128,
        DecryptError::Open(error) => match error {
            OpenError::Scan(_) | OpenError::DuplicateMetadata { .. } => 1,
            OpenError::Verification(..) | OpenError::Edit(_) => 4,
            OpenError::NotEncrypted(..)
            | OpenError::Envelope(..)
            | OpenError::UnknownType(_)
            | OpenError::Cipher(..)
            | OpenError::Value(..)
            | OpenError::CommentAsValue(_)
            | OpenError::NotCovered(_)
            | OpenError::EncryptedAlias(_) => 25,
            OpenError::MacMissing | OpenError::MacUnreadable | OpenError::MacMismatch => 51,
        },
    }
}

/// Says what to do about an error.
fn hints(error: &CommandError, program: Program) -> Vec<String> {
    let program = program.name();
    let one = |text: &str| vec![text.to_owned()];
    match error {
        CommandError::NoFile => vec![format!("`{program} help` lists the commands")],
        CommandError::InPlaceStdin => {
            one("name the file, or leave --in-place out to write to standard output")
        }
        CommandError::OutputAndInPlace => one("leave one of them out"),
        CommandError::NoOverride => {
            one("add --filename-override NAME: it decides the format and the creation rule")
        }
        CommandError::MissingFile(_) => one("check the name and the working folder"),
        CommandError::NotBuiltIn(_) | CommandError::KeyType(..) => {
            one("this release encrypts YAML files for age recipients")
        }
        CommandError::TwoSelectors(..) => {
            one("one selector at most may be in force, from flags and creation rule together")
        }
        CommandError::NoKeys(_) => vec![
            format!("`{program} init` makes an age identity and a .sops.yaml with a rule for it"),
            "or name recipients with --age or SOPS_AGE_RECIPIENTS".to_owned(),
        ],
        CommandError::RuleWithoutKeys { .. } => one("add `age: RECIPIENT` to the rule"),
        CommandError::Config(ConfigError::NoMatchingRule { .. }) => {
            one("add a rule whose path_regex matches, or name keys with --age")
        }
        CommandError::NoKeyService => {
            one("leave --enable-local-keyservice=false and SOPS_ENABLE_LOCAL_KEYSERVICE out")
        }
        CommandError::Encrypt { error: EncryptError::Seal(error), .. } => {
            seal_hints(error, program)
        }
        CommandError::Decrypt { error, .. } | CommandError::Status { error, .. } => {
            decrypt_hints(error, program)
        }
        CommandError::UnusableIdentity(_) => {
            one("move the file away, or add an identity to it with age-keygen")
        }
        _ => Vec::new(),
    }
}

fn seal_hints(error: &SealError, program: &str) -> Vec<String> {
    let hint = match error {
        SealError::AlreadyEncrypted { .. } => {
            format!(
                "to change an encrypted file, decrypt it first: `{program} decrypt --in-place FILE`"
            )
        }
        SealError::KeyNotString(_) => "put the key in quotes".to_owned(),
        SealError::IntegerTooBig(_) => "put the number in quotes".to_owned(),
        SealError::TimeOffset(_) => "put the time in quotes".to_owned(),
        SealError::EncryptedAlias(_) => {
            "write the value out in place of the alias, or keep both in clear with a selector"
                .to_owned()
        }
        SealError::NoDocument | SealError::OnlyComments => {
            "a YAML file needs at least one key".to_owned()
        }
        SealError::SelectionChanges(_) => {
            "use a comment selector that does not match encrypted comments (ENC[…,type:comment])"
                .to_owned()
        }
        SealError::Verification(..) => {
            "the file was not touched; simplify the YAML at this place, and please report it"
                .to_owned()
        }
        _ => return Vec::new(),
    };
    vec![hint]
}

fn decrypt_hints(error: &DecryptError, program: &str) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match error {
        DecryptError::NotEncrypted => {
            vec![format!(
                "`{program} encrypt FILE` encrypts it; --input-type names the format if the file's name does not"
            )]
        }
        DecryptError::Recovery(error) => recovery_hints(error),
        DecryptError::Open(
            OpenError::MacMissing | OpenError::MacUnreadable | OpenError::MacMismatch,
        ) => one(
            "restore the file from version control; --ignore-mac decrypts it all the same, without protection",
        ),
        DecryptError::Open(OpenError::Envelope(..)) => {
            one("--lenient accepts what other versions of the program accept")
        }
        DecryptError::Open(OpenError::Cipher(..)) => one("restore the value from version control"),
        DecryptError::Open(OpenError::NotEncrypted(..)) => one(
            "the value was written in clear by hand; restore it, or put it into the decrypted file and encrypt that",
        ),
        DecryptError::Metadata(_) => one("restore the sops block from version control"),
        _ => Vec::new(),
    }
}

/// Lists what was tried to get the data key, and where identities were looked for.
fn recovery_hints(error: &RecoveryError) -> Vec<String> {
    let RecoveryError::NoneOpens { attempts, sources } = error else { return Vec::new() };
    let mut hints: Vec<String> = attempts
        .iter()
        .map(|attempt| {
            let reason = attempt.failure.as_deref().unwrap_or("no identity at hand is for it");
            format!("{} {}: {reason}", attempt.key_type.as_str(), attempt.name)
        })
        .collect();
    hints.extend(sources.iter().map(|source| format!("looked at {source}")));
    hints.push("put an identity for one of these keys into SOPS_AGE_KEY_FILE, or ask an owner of the file to add your key".to_owned());
    hints
}
