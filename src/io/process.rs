//! This process, and running other programs.

use std::ffi::OsStr;
use std::io;
use std::process::{Command, ExitStatus, Stdio};

/// The reasons why a command gives no output; neither its words nor its output are shown.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The command is not UTF-8, or a quote in it is not closed.
    #[error("the command cannot be split into words")]
    Unreadable,
    /// The command has no words.
    #[error("the command is empty")]
    Empty,
    /// The program cannot be started.
    #[error("the command cannot be started")]
    Start(#[source] io::Error),
    /// The program failed.
    #[error("the command failed with {0}")]
    Failed(ExitStatus),
}

/// Keeps the system from writing this process's memory to disk when it crashes: data keys and
/// plaintext are in it. What the system refuses stays as it is.
#[cfg(unix)]
pub fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
}

/// Does nothing: this system writes no such files by default.
#[cfg(not(unix))]
pub fn forbid_core_dumps() {}

/// Runs a command, split into words like a shell does but without a shell, and returns what it
/// prints; `variable` is added to its environment, its input is empty.
pub fn output(command: &OsStr, variable: (&str, &str)) -> Result<Vec<u8>, ProcessError> {
    let words = command.to_str().and_then(shlex::split).ok_or(ProcessError::Unreadable)?;
    let (program, arguments) = words.split_first().ok_or(ProcessError::Empty)?;
    let mut child = Command::new(program);
    child.args(arguments).env(variable.0, variable.1);
    child.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = child.output().map_err(ProcessError::Start)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        drop(zeroize::Zeroizing::new(output.stdout));
        Err(ProcessError::Failed(output.status))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn no_core_is_dumped_once_forbidden() {
        forbid_core_dumps();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }
}
