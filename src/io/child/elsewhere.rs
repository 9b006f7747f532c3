use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Does nothing: this system has no signals.
pub struct Relay;

impl Relay {
    /// Begins to hold back signals.
    ///
    /// # Errors
    /// Never.
    pub fn start() -> io::Result<Self> {
        Ok(Self)
    }

    /// Runs a command and returns its exit code.
    pub(super) fn run(self, mut command: Command) -> io::Result<u8> {
        let status = command.status()?;
        Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
    }
}

/// Does nothing: this system has no signals.
pub struct Watch;

impl Watch {
    /// Begins to watch.
    ///
    /// # Errors
    /// Never.
    pub fn start(_folder: PathBuf, _code: i32) -> io::Result<Self> {
        Ok(Self)
    }
}

pub(super) fn shell(line: &OsStr) -> Command {
    let mut command = Command::new("cmd.exe");
    command.arg("/C").arg(line);
    command
}

/// Removes the folder at the end, in the words of this shell.
pub(super) fn shell_that_removes(line: &OsStr, folder: &Path) -> Command {
    let mut whole = line.to_owned();
    whole.push(" & rd /s /q \"");
    whole.push(folder);
    whole.push("\"");
    shell(&whole)
}

pub(super) fn take_over(_command: Command) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(super) fn word(bytes: &[u8]) -> Result<OsString, std::str::Utf8Error> {
    Ok(std::str::from_utf8(bytes)?.into())
}

/// Replaces a mark wherever it stands in a word.
pub(super) fn replaced(word: &OsStr, mark: &str, by: &OsStr) -> OsString {
    word.to_string_lossy().replace(mark, &by.to_string_lossy()).into()
}
