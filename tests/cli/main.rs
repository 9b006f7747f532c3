//! Runs the program as a user does: one module per command, each test in a fresh folder.

mod age;
#[cfg(target_os = "linux")]
mod audit;
mod bad_input;
mod binary;
#[cfg(unix)]
mod clients;
mod completion;
mod config;
mod convert;
mod decrypt;
#[cfg(unix)]
mod drop_in;
#[cfg(unix)]
mod edit;
#[cfg(unix)]
mod edit_keys;
mod encrypt;
#[cfg(unix)]
mod examples;
#[cfg(unix)]
mod exec;
mod explain;
mod filestatus;
mod for_scripts;
#[path = "../support/gnupg.rs"]
#[cfg(unix)]
mod gnupg;
mod grammar;
mod groups;
mod help;
mod init;
mod json;
mod lines;
#[cfg(unix)]
mod other_format;
#[cfg(unix)]
mod pgp;
#[cfg(unix)]
mod pinned;
mod place;
#[cfg(unix)]
mod progress;
mod rotate;
mod set;
mod update_keys;
mod version;

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// What one call of the program gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = self.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        write!(formatter, "exit {code}\n--- stdout\n{}", self.stdout)?;
        write!(formatter, "--- stderr\n{}", self.stderr)
    }
}

/// Calls the program by its own name in an empty environment.
pub(crate) fn leafseal<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(words: I) -> Answer {
    let folder = tempfile::tempdir().expect("a scratch folder can be made");
    call(Path::new(env!("CARGO_BIN_EXE_leafseal")), folder.path(), words)
}

/// Calls a program in a folder, which is its home too.
pub(crate) fn call<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(
    program: &Path,
    folder: &Path,
    words: I,
) -> Answer {
    let output = Command::new(program)
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .output()
        .expect("the program starts");
    Answer {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("stdout is text"),
        stderr: String::from_utf8(output.stderr).expect("stderr is text"),
    }
}

/// Reads a test vector.
pub(crate) fn vector(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors");
    std::fs::read_to_string(folder.join(name)).expect("a vector")
}
