use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zeroize::Zeroizing;

use super::encrypted::EncryptedFile;
use super::identity::{Identity, Surroundings};
use super::plugin::{PluginError, PluginIdentity};
use super::{post_quantum, ssh};
use crate::io::files::{self, FileError};
use crate::io::process::{self, ProcessError};
use crate::keys::{InteractionError, holds_identity};

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
    /// So many identities, of which one failed when it was tried.
    Failed(usize, Arc<Problem>),
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
    /// The bytes are no SSH private key in a form that age knows.
    #[error("not an SSH private key that age can use")]
    NotSshKey,
    /// The SSH private key is encrypted in the form of old times.
    #[error(
        "the SSH private key has a passphrase in the old PEM form; `ssh-keygen -p -f` renews it"
    )]
    OldSshKey,
    /// The SSH private key is of another type than age uses.
    #[error("age knows SSH keys of the types ssh-ed25519 and ssh-rsa, not {0}")]
    SshKeyType(String),
    /// What a passphrase should open is damaged.
    #[error("encrypted identities that are damaged")]
    BadEncrypted,
    /// What a passphrase should open is encrypted to recipients.
    #[error("encrypted, but not with a passphrase")]
    NotPassphrase,
    /// What a passphrase opens is larger than any file of identities.
    #[error("encrypted identities of more than 16 MiB")]
    TooLong,
    /// What a passphrase opens asks for more work than is done.
    #[error("encrypted with a passphrase, and so that it would take too long to open")]
    ExcessiveWork,
    /// The passphrase is not known.
    #[error("a passphrase is needed")]
    NoPassphrase(#[source] InteractionError),
    /// The passphrase does not open it.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// What a passphrase opens has a problem of its own.
    #[error("decrypted: {0}")]
    Inside(Box<Problem>),
    /// The plugin of an identity does not help.
    #[error(transparent)]
    Plugin(PluginError),
    /// The identities do not tell their recipients.
    #[error("its identities do not tell their recipients")]
    NoRecipient,
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
            Finding::Failed(1, problem) => formatter.write_str(&with_cause(problem)),
            Finding::Failed(count, problem) => {
                write!(formatter, "{count} identities, none matches; {}", with_cause(problem))
            }
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
    looked: Arc<Looked>,
    pub(super) identities: Vec<Identity>,
}

/// What was found at a place, with the identities.
type Content = (Finding, Vec<Identity>);

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

    /// Tells what was found, and what came of it when it was tried.
    pub(super) fn look_again(&self) -> Arc<Looked> {
        let Some(problem) = self.identities.iter().find_map(Identity::trouble) else {
            return Arc::clone(&self.looked);
        };
        let finding = Finding::Failed(self.identities.len(), problem);
        Arc::new(Looked { location: self.looked.location.clone(), finding })
    }

    /// Reads a text of identities, of which one at least must be of use.
    pub(super) fn given(text: &str, around: &Arc<Surroundings>) -> Result<Self, Problem> {
        let location = Location::Given;
        let content = usable(parse(text.as_bytes(), &location, around))?;
        Ok(Self::new(location, content))
    }

    /// Reads a file of identities, of which one at least must be of use.
    pub(super) fn given_file(path: &Path, around: &Arc<Surroundings>) -> Result<Self, Problem> {
        let bytes = Zeroizing::new(files::read(path).map_err(Problem::File)?);
        let location = Location::File(path.to_owned());
        let content = usable(parse(&bytes, &location, around))?;
        Ok(Self::new(location, content))
    }

    /// Reads a variable that holds identities.
    pub(super) fn variable(
        name: &'static str,
        value: Option<OsString>,
        around: &Arc<Surroundings>,
    ) -> Self {
        let location = Location::Variable(name);
        let content = value.map_or((Finding::NotSet, Vec::new()), |value| {
            parse(&Zeroizing::new(value.into_encoded_bytes()), &location, around)
        });
        Self::new(location, content)
    }

    /// Reads the file of identities that a variable names.
    pub(super) fn named_file(
        name: &'static str,
        value: Option<OsString>,
        around: &Arc<Surroundings>,
    ) -> Self {
        match value.map(|value| named(name, value)) {
            None => Self::new(Location::Variable(name), (Finding::NotSet, Vec::new())),
            Some(Err(problem)) => Self::new(Location::Variable(name), useless(problem)),
            Some(Ok((location, path))) => {
                let content = read(&path, |bytes| parse(bytes, &location, around));
                Self::new(location, content)
            }
        }
    }

    /// Reads the SSH private key that a variable names.
    pub(super) fn named_ssh_key(
        name: &'static str,
        value: OsString,
        around: &Arc<Surroundings>,
    ) -> Self {
        match named(name, value) {
            Err(problem) => Self::new(Location::Variable(name), useless(problem)),
            Ok((location, path)) => Self::ssh_key(location, &path, around),
        }
    }

    /// Reads an SSH private key.
    pub(super) fn ssh_key(location: Location, path: &Path, around: &Arc<Surroundings>) -> Self {
        warn_if_open(&location, path, around);
        let content = read(path, |bytes| parse_ssh(bytes, &location, around));
        Self::new(location, content)
    }

    /// Reads the file of identities in the user's configuration.
    pub(super) fn default_file(path: Option<PathBuf>, around: &Arc<Surroundings>) -> Self {
        let Some(path) = path else {
            return Self::new(Location::NoConfiguration, (Finding::NoHome, Vec::new()));
        };
        let location = Location::File(path.clone());
        warn_if_open(&location, &path, around);
        let content = read(&path, |bytes| parse(bytes, &location, around));
        Self::new(location, content)
    }

    /// Runs the command that a variable holds, for identities.
    pub(super) fn command(
        name: &'static str,
        value: Option<OsString>,
        recipient: &str,
        around: &Arc<Surroundings>,
    ) -> Self {
        let location = Location::Variable(name);
        let content = value.map_or((Finding::NotSet, Vec::new()), |value| {
            run(&value, recipient, |bytes| parse(bytes, &location, around))
        });
        Self::new(location, content)
    }

    /// Runs the command that a variable holds, for an SSH private key.
    pub(super) fn ssh_command(
        name: &'static str,
        value: &OsStr,
        recipient: &str,
        around: &Arc<Surroundings>,
    ) -> Self {
        let location = Location::Variable(name);
        let content = run(value, recipient, |bytes| parse_ssh(bytes, &location, around));
        Self::new(location, content)
    }
}

/// Takes the value of a variable for the path of a file.
fn named(name: &'static str, value: OsString) -> Result<(Location, PathBuf), Problem> {
    if value.is_empty() {
        return Err(Problem::Empty);
    }
    // not shown as the path of a missing file
    if holds_identity(&value.to_string_lossy()) {
        return Err(Problem::NotPath);
    }
    let path = PathBuf::from(value);
    Ok((Location::NamedFile(name, path.clone()), path))
}

/// Tells the user of a key file in the home folder that others can read. Files that a variable
/// names are often put there by a container's host, readable for all inside.
fn warn_if_open(location: &Location, path: &Path, around: &Surroundings) {
    if matches!(location, Location::File(_)) && files::is_open_to_others(path) {
        let path = path.display();
        around.interaction.warn(&format!(
            "{path}: other users can read this key file; `chmod 600 {path}` keeps them out"
        ));
    }
}

/// Returns the recipients of the identities in a file, in its order; none if it has none.
///
/// # Errors
/// The file cannot be read, is no file of identities, or has only such as do not tell.
pub fn recipients_of(path: &Path) -> Result<Vec<String>, Problem> {
    let bytes = Zeroizing::new(files::read(path).map_err(Problem::File)?);
    let (finding, identities) = parse(&bytes, &Location::File(path.to_owned()), &Arc::default());
    let recipients: Vec<String> = identities.iter().filter_map(Identity::recipient).collect();
    match finding {
        Finding::Identities(0, mut problems) if !problems.is_empty() => Err(problems.remove(0)),
        _ if recipients.is_empty() && !identities.is_empty() => Err(Problem::NoRecipient),
        _ => Ok(recipients),
    }
}

fn read(path: &Path, parse: impl FnOnce(&[u8]) -> Content) -> Content {
    match files::read(path) {
        Ok(bytes) => parse(&Zeroizing::new(bytes)),
        Err(FileError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            (Finding::NoFile, Vec::new())
        }
        Err(error) => useless(Problem::File(error)),
    }
}

fn run(command: &OsStr, recipient: &str, parse: impl FnOnce(&[u8]) -> Content) -> Content {
    match process::output(command, ("SOPS_AGE_RECIPIENT", recipient)) {
        Ok(output) => parse(&Zeroizing::new(output)),
        Err(error) => useless(Problem::Command(error)),
    }
}

fn parse_ssh(bytes: &[u8], location: &Location, around: &Arc<Surroundings>) -> Content {
    match ssh::parse(bytes, location.to_string(), around) {
        Ok(identity) => (Finding::Identities(1, Vec::new()), vec![identity]),
        Err(problem) => useless(problem),
    }
}

/// Reads a source of identities, which may be encrypted with a passphrase.
fn parse(bytes: &[u8], location: &Location, around: &Arc<Surroundings>) -> Content {
    let place = location.to_string();
    let parsed = if EncryptedFile::is_like(bytes) {
        EncryptedFile::parse(bytes, place, around).map(|file| vec![Identity::EncryptedFile(file)])
    } else {
        parse_lines(bytes, around)
    };
    match parsed {
        Ok(identities) => (Finding::Identities(identities.len(), Vec::new()), identities),
        Err(problem) => useless(problem),
    }
}

/// Reads identities, several on a line; one bad line makes the whole source useless.
pub(super) fn parse_lines(
    bytes: &[u8],
    around: &Arc<Surroundings>,
) -> Result<Vec<Identity>, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::NotText)?;
    let mut identities = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with('#') {
            continue;
        }
        for word in line.split_whitespace() {
            let identity = parse_word(word, around);
            identities.push(identity.ok_or(Problem::Malformed(number))?);
        }
    }
    Ok(identities)
}

fn parse_word(word: &str, around: &Arc<Surroundings>) -> Option<Identity> {
    if word.starts_with("AGE-SECRET-KEY-PQ-1") {
        post_quantum::Identity::parse(word).map(Identity::PostQuantum)
    } else if word.starts_with("AGE-PLUGIN-") {
        let key = word.parse().ok()?;
        Some(Identity::Plugin(PluginIdentity::new(key, around)))
    } else if word.starts_with("AGE-SECRET-KEY-1") {
        word.parse().map(Identity::X25519).ok()
    } else {
        None
    }
}
