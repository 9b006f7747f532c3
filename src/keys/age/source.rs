use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::age::x25519;
use zeroize::Zeroizing;

use super::Feature;
use crate::io::files::{self, FileError};
use crate::io::process::{self, ProcessError};
use crate::keys::holds_identity;

/// How a source that is encrypted with a passphrase begins.
const ENCRYPTED_STARTS: [&[u8]; 2] = [b"age-encryption", b"-----BEGIN AGE"];

/// A place where identities may be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// The program that links this one gave the identities.
    Given,
    /// A variable that holds the identities, or is not set.
    Variable(&'static str),
    /// A file that a variable names.
    NamedFile(&'static str, PathBuf),
    /// A file at a place that is always looked at.
    File(PathBuf),
    /// The file of identities in the user's configuration, where the system has no place for it.
    NoConfiguration,
}

impl fmt::Display for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => formatter.write_str("the given identities"),
            Self::Variable(name) => formatter.write_str(name),
            Self::NamedFile(name, path) => write!(formatter, "{name} ({})", path.display()),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::NoConfiguration => formatter.write_str("default identity file"),
        }
    }
}

/// What was found at a place.
#[derive(Debug)]
pub enum Finding {
    /// The variable is not set.
    NotSet,
    /// There is no such file.
    NoFile,
    /// The system does not tell where the user's files are.
    NoHome,
    /// So many identities, and what could not be used.
    Identities(usize, Vec<Problem>),
}

/// The reasons why a source, or one of its lines, cannot be used; content is never shown.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The variable is empty.
    #[error("set but empty")]
    Empty,
    /// There is nothing but blanks and comments.
    #[error("holds no age identity")]
    NoIdentity,
    /// The file cannot be read.
    #[error(transparent)]
    File(FileError),
    /// The command gives no output.
    #[error(transparent)]
    Command(ProcessError),
    /// The variable holds an identity where a path belongs.
    #[error("holds an identity, not the path of a file")]
    NotPath,
    /// The source is not text.
    #[error("not valid UTF-8")]
    NotText,
    /// A line is neither empty, nor a comment, nor made of identities.
    #[error("line {0} is not an age identity")]
    Malformed(usize),
    /// A line holds an identity of a type that this program cannot use.
    #[error("line {line}: {feature} are not built in yet")]
    LineNotBuiltIn {
        /// The line, from 1.
        line: usize,
        /// What it would need.
        feature: Feature,
    },
    /// The whole source is of a type that this program cannot use.
    #[error("{0} are not built in yet")]
    NotBuiltIn(Feature),
}

/// One place with what was found there.
#[derive(Debug)]
pub struct Looked {
    /// The place.
    pub location: Location,
    /// What was found there.
    pub finding: Finding,
}

impl fmt::Display for Looked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.location)?;
        match &self.finding {
            Finding::NotSet => formatter.write_str("not set"),
            Finding::NoFile => formatter.write_str("no such file"),
            Finding::NoHome => formatter.write_str("no home folder is set"),
            Finding::Identities(count, problems) => write_found(formatter, *count, problems),
        }
    }
}

fn write_found(
    formatter: &mut fmt::Formatter<'_>,
    count: usize,
    problems: &[Problem],
) -> fmt::Result {
    let mut parts = match (count, problems.is_empty()) {
        (0, true) => vec!["no identities".to_owned()],
        (0, false) => Vec::new(),
        (1, _) => vec!["1 identity, which does not match".to_owned()],
        (count, _) => vec![format!("{count} identities, none matches")],
    };
    parts.extend(problems.iter().map(with_cause));
    formatter.write_str(&parts.join("; "))
}

/// Writes a problem with the words of the system behind it.
fn with_cause(problem: &Problem) -> String {
    match std::error::Error::source(problem) {
        Some(cause) => format!("{problem}: {cause}"),
        None => problem.to_string(),
    }
}

/// A place with the identities that it gave.
pub(super) struct Source {
    pub(super) looked: Arc<Looked>,
    pub(super) identities: Vec<x25519::Identity>,
}

/// What was found at a place, with the identities.
type Content = (Finding, Vec<x25519::Identity>);

fn useless(problem: Problem) -> Content {
    (Finding::Identities(0, vec![problem]), Vec::new())
}

/// Takes the first problem of a source without identities for an error.
fn usable((finding, identities): Content) -> Result<Content, Problem> {
    match finding {
        Finding::Identities(0, problems) => {
            Err(problems.into_iter().next().unwrap_or(Problem::NoIdentity))
        }
        finding => Ok((finding, identities)),
    }
}

impl Source {
    fn new(location: Location, (finding, identities): Content) -> Self {
        Self { looked: Arc::new(Looked { location, finding }), identities }
    }

    /// Reads a text of identities, of which one at least must be of use.
    pub(super) fn given(text: &str) -> Result<Self, Problem> {
        Ok(Self::new(Location::Given, usable(parse(text.as_bytes()))?))
    }

    /// Reads a file of identities, of which one at least must be of use.
    pub(super) fn given_file(path: &Path) -> Result<Self, Problem> {
        let bytes = Zeroizing::new(files::read(path).map_err(Problem::File)?);
        Ok(Self::new(Location::File(path.to_owned()), usable(parse(&bytes))?))
    }

    /// Reads a variable that holds identities.
    pub(super) fn variable(name: &'static str, value: Option<OsString>) -> Self {
        let content = value.map_or((Finding::NotSet, Vec::new()), |value| {
            parse(&Zeroizing::new(value.into_encoded_bytes()))
        });
        Self::new(Location::Variable(name), content)
    }

    /// Reads the file that a variable names.
    pub(super) fn named_file(name: &'static str, value: Option<OsString>) -> Self {
        match value {
            None => Self::new(Location::Variable(name), (Finding::NotSet, Vec::new())),
            Some(value) if value.is_empty() => {
                Self::new(Location::Variable(name), useless(Problem::Empty))
            }
            // not shown as the path of a missing file
            Some(value) if holds_identity(&value.to_string_lossy()) => {
                Self::new(Location::Variable(name), useless(Problem::NotPath))
            }
            Some(value) => {
                let path = PathBuf::from(value);
                let content = read(&path);
                Self::new(Location::NamedFile(name, path), content)
            }
        }
    }

    /// Reads the file of identities in the user's configuration.
    pub(super) fn default_file(path: Option<PathBuf>) -> Self {
        match path {
            None => Self::new(Location::NoConfiguration, (Finding::NoHome, Vec::new())),
            Some(path) => {
                let content = read(&path);
                Self::new(Location::File(path), content)
            }
        }
    }

    /// Runs the command that a variable holds.
    pub(super) fn command(name: &'static str, value: Option<OsString>, recipient: &str) -> Self {
        let content = match value {
            None => (Finding::NotSet, Vec::new()),
            Some(value) => match process::output(&value, ("SOPS_AGE_RECIPIENT", recipient)) {
                Ok(output) => parse(&Zeroizing::new(output)),
                Err(error) => useless(Problem::Command(error)),
            },
        };
        Self::new(Location::Variable(name), content)
    }

    /// Makes a source of which it is only known that it is there.
    pub(super) fn not_built_in(location: Location, feature: Feature) -> Self {
        Self::new(location, useless(Problem::NotBuiltIn(feature)))
    }
}

/// Returns the recipients of the identities in a file, in its order; none if it has none.
///
/// # Errors
/// The file cannot be read, is no file of identities, or has only such as are not built in yet.
pub fn recipients_of(path: &Path) -> Result<Vec<String>, Problem> {
    let bytes = Zeroizing::new(files::read(path).map_err(Problem::File)?);
    let (finding, identities) = parse(&bytes);
    match finding {
        Finding::Identities(0, mut problems) if !problems.is_empty() => Err(problems.remove(0)),
        _ => Ok(identities.iter().map(|identity| identity.to_public().to_string()).collect()),
    }
}

fn read(path: &Path) -> Content {
    match files::read(path) {
        Ok(bytes) => parse(&Zeroizing::new(bytes)),
        Err(FileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            (Finding::NoFile, Vec::new())
        }
        Err(error) => useless(Problem::File(error)),
    }
}

/// Reads identities, several on a line; one bad line makes the whole source useless.
fn parse(bytes: &[u8]) -> Content {
    if ENCRYPTED_STARTS.iter().any(|start| bytes.starts_with(start)) {
        return useless(Problem::NotBuiltIn(Feature::EncryptedIdentities));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return useless(Problem::NotText);
    };
    let mut identities = Vec::new();
    let mut problems = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with('#') {
            continue;
        }
        for word in line.split_whitespace() {
            match parse_word(word) {
                Word::Identity(identity) => identities.push(identity),
                Word::NotBuiltIn(feature) => {
                    problems.push(Problem::LineNotBuiltIn { line: number, feature });
                }
                Word::Malformed => return useless(Problem::Malformed(number)),
            }
        }
    }
    (Finding::Identities(identities.len(), problems), identities)
}

enum Word {
    Identity(x25519::Identity),
    NotBuiltIn(Feature),
    Malformed,
}

fn parse_word(word: &str) -> Word {
    if word.starts_with("AGE-SECRET-KEY-PQ-1") {
        Word::NotBuiltIn(Feature::PostQuantum)
    } else if word.starts_with("AGE-PLUGIN-") {
        Word::NotBuiltIn(Feature::Plugin)
    } else if word.starts_with("AGE-SECRET-KEY-1") {
        word.parse().map_or(Word::Malformed, Word::Identity)
    } else {
        Word::Malformed
    }
}
