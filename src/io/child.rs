//! The command that `exec-env` and `exec-file` run: a line of shell with the standard streams of
//! this process.

#[cfg_attr(not(unix), path = "child/elsewhere.rs")]
#[cfg_attr(unix, path = "child/unix.rs")]
mod system;

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

pub use system::{Relay, Watch};

/// A line of shell and the environment it gets.
pub struct Line {
    command: Command,
}

impl Line {
    /// Makes a line with the environment of this process.
    #[must_use]
    pub fn new(line: &OsStr) -> Self {
        Self { command: system::shell(line) }
    }

    /// Makes a line with a shell around it that removes a folder once the line ends.
    #[must_use]
    pub fn that_removes(line: &OsStr, folder: &Path) -> Self {
        Self { command: system::shell_that_removes(line, folder) }
    }

    /// Leaves out the environment of this process.
    pub fn forget_environment(&mut self) {
        self.command.env_clear();
    }

    /// Sets a variable; the last of two with one name counts. A name is not empty and holds no `=`,
    /// neither holds a NUL.
    pub fn set(&mut self, name: &OsStr, value: &OsStr) {
        self.command.env(name, value);
    }

    /// Runs the line and returns its exit code; 128 + N where the signal N ended it.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn run(self, relay: Relay) -> io::Result<u8> {
        relay.run(self.command)
    }

    /// Starts the line, with nothing to read and nowhere to write, and leaves it alone.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn leave(mut self) -> io::Result<()> {
        self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.command.spawn().map(drop)
    }

    /// Puts the line in the place of this process, and returns only if that fails.
    ///
    /// # Errors
    /// It cannot be started, or the system does not know such a thing.
    pub fn take_over(self) -> io::Result<()> {
        system::take_over(self.command)
    }
}

/// Runs a program with the standard streams and the environment of this process, and returns its
/// exit code; 128 + N where the signal N ended it.
///
/// # Errors
/// It cannot be started.
pub fn run(command: Command, relay: Relay) -> io::Result<u8> {
    relay.run(command)
}

/// Makes a word for a program from bytes.
///
/// # Errors
/// The bytes are none on this system, where words are Unicode.
pub fn word(bytes: &[u8]) -> Result<OsString, std::str::Utf8Error> {
    system::word(bytes)
}

/// Puts a path wherever `{}` stands in a line.
#[must_use]
pub fn filled(line: &OsStr, path: &Path) -> OsString {
    system::replaced(line, "{}", path.as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_filled() {
        let rows =
            [("cat {}", "cat /a/b"), ("{}{}", "/a/b/a/b"), ("{ }", "{ }"), ("{{}}", "{/a/b}")];
        for (line, expected) in rows {
            assert_eq!(filled(line.as_ref(), Path::new("/a/b")), expected, "{line}");
        }
    }
}
